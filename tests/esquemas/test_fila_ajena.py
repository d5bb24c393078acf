"""Las filas que no son datos: un solo problema, claro, y sin tapar los de las demás."""

import pytest

from esquemas.errores import Codigo
from esquemas.validacion import Contexto
from tests.esquemas.fabrica import campo, codigo, codigos, encuesta, formato, por_filas, por_hoja, regla, unico

ESQUEMA = formato(
    "matriz",
    [
        codigo(),
        campo("que", title="Qué", constraints={"required": True}),
        campo("monto", "pesos", title="Monto", constraints={"required": True}),
        campo("detalle", mostrar_si={"campo": "que", "es": "otro"}, constraints={"required": True}),
    ],
    [regla("sin-detalle", "monto", exige={"campo": "monto", "no_es": "5"})],
)
TITULOS = "Código,Qué,Monto,Detalle"
BUENA = "P-01,algo,100,"


@pytest.mark.parametrize(
    ("fila", "celda", "campo_"),
    [
        ("TOTAL,,100,", "A3", "codigo"),
        ("Total:,,100,", "A3", "codigo"),
        (",Totales,100,", "B3", "que"),
        (",,Suma,100", "C3", "monto"),
        ("Subtotal,,1.000.000 pesos,", "A3", "codigo"),
        ("TOTAL GENERAL,,,100", "A3", "codigo"),
        ("  suma total ,x,y,z", "A3", "codigo"),
    ],
)
def test_una_fila_de_totales_es_un_solo_problema(fila, celda, campo_):
    resultado = por_hoja(ESQUEMA, f"{TITULOS}\n{BUENA}\n{fila}\n")
    problema = unico(resultado, Codigo.FILA_DE_TOTALES)
    assert (problema.celda, problema.fila, problema.indice, problema.campo) == (celda, 3, 1, campo_)
    assert "Bórrela" in problema.mensaje
    assert resultado.tablas["matriz"] == [("P-01", "algo", "100", "")]


def test_en_una_columna_ajena_tambien():
    resultado = por_hoja(ESQUEMA, f"N,{TITULOS}\n1,{BUENA}\nTotal,,,100,\n")
    (problema,) = resultado.errores
    assert (problema.codigo, problema.fila, problema.campo, problema.valor) == (Codigo.FILA_DE_TOTALES, 3, "", "Total")


@pytest.mark.parametrize("fila", ["TOTAL,algo,100,", "P-02,Total,100,", "P-02,Total,mil,", "Totalizador,,mil,", ",Todo,mil,"])
def test_lo_que_no_es_una_fila_de_totales(fila):
    """Una fila sin errores es un dato aunque se llame «TOTAL»; y una con código propio, también."""
    assert "fila-de-totales" not in codigos(por_hoja(ESQUEMA, f"{TITULOS}\n{BUENA}\n{fila}\n"))


def test_no_tapa_los_errores_de_las_demas_ni_suma_los_suyos():
    resultado = por_hoja(ESQUEMA, f"{TITULOS}\nP-01,,mil,\nP-02,algo,5,\nTOTAL,,5,\nP-02,algo,6,\n")
    assert codigos(resultado) == ["obligatorio", "numero-invalido", "sin-detalle", "fila-de-totales", "repetido"]


def test_en_un_formulario_no_hay_filas_de_totales():
    assert codigos(por_filas(ESQUEMA, [{"codigo": "TOTAL"}])) == ["obligatorio", "obligatorio"]


ENCUESTA = encuesta(
    "consulta", [campo("nombre", constraints={"required": True})], {"personas": {"campos": [campo("cargo")], "minimo": 1}}
)


def test_en_una_encuesta_una_fila_corrida_no_arrastra_a_sus_grupos():
    principal = "respuesta,nombre\nR-1,Red,sobra\nR-2,Mesa\n"
    personas = "respuesta,cargo\nR-2,Jefa\nR-9,Jefe,sobra\n"
    resultado = por_hoja(ENCUESTA, {"consulta": principal, "personas": personas}, Contexto())
    assert [(str(p.codigo), p.tabla, p.fila) for p in resultado.problemas] == [
        ("fila-irregular", "consulta", 2),
        ("fila-irregular", "personas", 3),
    ]
