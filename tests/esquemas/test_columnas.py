"""Qué columna es cada campo: por título o por nombre, en cualquier orden, y siempre con la celda correcta."""

from dataclasses import replace

import pytest

from esquemas.columnas import elegir_hojas
from esquemas.errores import Codigo, Gravedad
from esquemas.hoja import Hoja
from tests.esquemas.fabrica import campo, codigo, codigos, encuesta, formato, hoja, por_hoja, unico

ESQUEMA = formato(
    "matriz",
    [
        codigo(),
        campo("monto", "pesos", title="Monto estimado", constraints={"required": True}),
        campo("nota", title="Nota breve"),
        campo("condicional", title="Solo a veces", mostrar_si={"campo": "monto", "es": "1"}, constraints={"required": True}),
    ],
)
TODAS = "Código,Monto estimado,Nota breve,Solo a veces"


def test_por_titulo_por_nombre_y_en_otro_orden():
    for encabezado, fila in (
        (TODAS, "P-01,5,hola,"),
        ("codigo,monto,nota,condicional", "P-01,5,hola,"),
        ("CODIGO,Monto  Estimado,nota,solo a veces", "P-01,5,hola,"),
        ("Solo a veces,Nota breve,codigo,monto", ",hola,P-01,5"),
    ):
        resultado = por_hoja(ESQUEMA, f"{encabezado}\n{fila}\n")
        assert resultado.problemas == ()
        assert resultado.tablas == {"matriz": [("P-01", "5", "hola", "")]}
        assert resultado.leidas == 1


def test_la_celda_es_la_del_archivo_con_columnas_corridas_y_filas_en_blanco():
    lineas = ["", "", ",Ajena,Nota breve,Monto estimado,,Código,Solo a veces", ",z,hola,uno,,P-01,", ",,,,,,", ""]
    texto = "\n".join([*lineas, ",z,hola,5,,P 02,", ",z,,5,,P-03,", ""])
    resultado = por_hoja(ESQUEMA, texto)
    errores = [(p.celda, p.fila, p.indice, p.campo, p.valor, str(p.codigo)) for p in resultado.errores]
    assert errores == [("D4", 4, 0, "monto", "uno", "numero-invalido"), ("F7", 7, 1, "codigo", "P 02", "codigo-invalido")]
    alertas = {(p.celda, p.fila, str(p.codigo)) for p in resultado.alertas}
    assert alertas == {("B3", 3, "columna-ajena"), ("A5", 5, "fila-en-blanco")}
    assert resultado.leidas == 3


def test_una_columna_obligatoria_que_falta_detiene_antes_de_las_filas():
    resultado = por_hoja(ESQUEMA, "Código,Nota breve,Solo a veces\nP 01,hola,\n")
    problema = unico(resultado, Codigo.COLUMNA_FALTANTE)
    assert (problema.campo, problema.fila, problema.hoja) == ("monto", 1, "Datos")
    assert problema.norma == ("decision:15",)
    assert resultado.tablas == {"matriz": []}
    assert resultado.leidas == 1
    assert resultado.como_dict("matriz") == []


def test_una_columna_opcional_que_falta_se_toma_como_vacia():
    resultado = por_hoja(ESQUEMA, "Código,Monto estimado,Solo a veces\nP-01,5,\n")
    assert unico(resultado, Codigo.COLUMNA_OPCIONAL_FALTANTE, Gravedad.ALERTA).campo == "nota"
    assert resultado.tablas == {"matriz": [("P-01", "5", "", "")]}


def test_una_columna_que_solo_a_veces_se_exige_puede_faltar():
    sin = "Código,Monto estimado,Nota breve\nP-01,{},\n"
    resultado = por_hoja(ESQUEMA, sin.format(5))
    assert unico(resultado, Codigo.COLUMNA_OPCIONAL_FALTANTE, Gravedad.ALERTA).campo == "condicional"
    resultado = por_hoja(ESQUEMA, sin.format(1))
    assert [(str(p.codigo), p.campo, p.celda, p.fila) for p in resultado.errores] == [("obligatorio", "condicional", "", 2)]


@pytest.mark.parametrize("repetida", ["Código", "codigo", "CÓDIGO"])
def test_columna_repetida(repetida):
    resultado = por_hoja(ESQUEMA, f"{TODAS},{repetida}\nP-01,5,,,P-02\n")
    problema = unico(resultado, Codigo.COLUMNA_REPETIDA)
    assert (problema.celda, problema.campo) == ("E1", "codigo")


def test_columna_ajena_se_avisa_y_no_entra():
    resultado = por_hoja(ESQUEMA, f"{TODAS},Comuna\nP-01,5,,,Pichilemu\n")
    problema = unico(resultado, Codigo.COLUMNA_AJENA, Gravedad.ALERTA)
    assert (problema.celda, problema.valor) == ("E1", "Comuna")
    assert resultado.tablas == {"matriz": [("P-01", "5", "", "")]}


def test_columna_ajena_dice_si_es_un_error_de_tipeo_o_de_otro_formato():
    resultado = por_hoja(ESQUEMA, "Código,Monto estimado,Nota brev,Solo a veces\nP-01,5,,\n")
    mensajes = {str(p.codigo): p.mensaje for p in resultado.problemas}
    assert "¿Quiso escribir «Nota breve»?" in mensajes["columna-ajena"]
    resultado = por_hoja(ESQUEMA, f"{TODAS},Orientación estratégica\nP-01,5,,,\n")
    assert "Ese título es de «B.2 · Matriz de Focalización»." in unico(resultado, Codigo.COLUMNA_AJENA, Gravedad.ALERTA).mensaje


def test_columna_sin_nombre_se_avisa_solo_si_trae_datos():
    resultado = por_hoja(ESQUEMA, f"Código,,{TODAS.partition(',')[2]}\nP-01,dato,5,,\n")
    assert unico(resultado, Codigo.COLUMNA_SIN_NOMBRE, Gravedad.ALERTA).celda == "B1"
    assert por_hoja(ESQUEMA, f"Código,,{TODAS.partition(',')[2]}\nP-01,,5,,\n").problemas == ()


@pytest.mark.parametrize("texto", ["P-01,5,hola,\nP-02,6,,\n", "Otra,Cosa\n1,2\n"])
def test_sin_encabezado(texto):
    resultado = por_hoja(ESQUEMA, texto)
    problema = unico(resultado, Codigo.SIN_ENCABEZADO)  # y nada de lo que es su consecuencia
    assert "«Código»" in problema.mensaje
    assert (problema.celda, problema.fila) == ("A1", 1)


def test_los_titulos_mas_abajo_se_encuentran_y_se_dice_donde():
    resultado = por_hoja(ESQUEMA, f"Matriz de la región,,,\n\n{TODAS}\nP-01,5,,\n")
    (problema,) = resultado.errores
    assert (str(problema.codigo), problema.celda) == ("sin-encabezado", "A1")
    assert "Están en la fila 3" in problema.mensaje
    lejos = "Portada,,,\n" + "x,,,\n" * 20 + f"{TODAS}\n"
    assert "«Código»" in unico(por_hoja(ESQUEMA, lejos), Codigo.SIN_ENCABEZADO).mensaje


def test_el_error_de_columna_va_antes_que_las_alertas():
    resultado = por_hoja(ESQUEMA, "Ajena,,Código,Nota breve\nx,y,P-01,\n")
    assert codigos(resultado) == ["columna-faltante", "columna-sin-nombre", "columna-opcional-faltante", "columna-ajena"]


def test_con_titulos_y_sin_filas():
    assert unico(por_hoja(ESQUEMA, f"{TODAS}\n"), Codigo.SIN_FILAS).tabla == "matriz"


def test_columnas_malas_no_dicen_ademas_que_no_hay_filas():
    assert codigos(por_hoja(ESQUEMA, "Código,Nota breve,Solo a veces\n")) == ["columna-faltante"]


# --- hojas de un libro -----------------------------------------------------------------------------

ENCUESTA = encuesta(
    "consulta",
    [campo("nombre", constraints={"required": True})],
    {
        "personas": {"campos": [campo("cargo")], "minimo": 1, "maximo": 3},
        "ideas": {"campos": [campo("idea")]},
        "mesas": {"campos": [campo("mesa")], "minimo": 1, "mostrar_si": {"campo": "nombre", "es": "si"}},
    },
)


def _hoja(nombre, *titulos, visible=True):
    return Hoja(nombre, titulos, [], [], tuple(range(len(titulos))), 1, visible)


DATOS = ("Código", "Monto estimado")


@pytest.mark.parametrize(
    ("hojas", "elegida"),
    [
        ([_hoja("Otra", *DATOS), _hoja("Datos", "x")], 1),
        ([_hoja("Otra", *DATOS), _hoja("matriz", "x")], 1),
        ([_hoja("Otra", *DATOS), _hoja("MATRIZ ", "x")], 1),
        ([_hoja("Portada", "Hola"), _hoja("Hoja2", *DATOS)], 1),
        ([_hoja("Resumen", "Código", "Total"), _hoja("Hoja2", *DATOS)], 1),
        ([_hoja("Hoja1", *DATOS), _hoja("Hoja2", *DATOS)], 0),
        ([_hoja("Oculta", *DATOS, visible=False), _hoja("Hoja2", "Código")], 1),
        ([_hoja("Datos", "Código", visible=False), _hoja("Hoja2", *DATOS)], 1),
        ([_hoja("Ejemplo", *DATOS, "Nota breve"), _hoja("Hoja2", *DATOS)], 1),
        ([_hoja("Ejemplo", *DATOS)], 0),
        ([_hoja("Única", "Nada", "que ver")], 0),
    ],
)
def test_la_hoja_principal(hojas, elegida):
    elegidas, problemas = elegir_hojas(ESQUEMA, hojas)
    assert problemas == ()
    assert elegidas["matriz"] is hojas[elegida]


@pytest.mark.parametrize(
    "hojas",
    [
        [],
        [_hoja("Catálogo", "x", visible=False)],
        [_hoja("Mi matriz", "Una portada"), _hoja("Otra", "x"), _hoja("Listas", DATOS[1], visible=False)],
        [_hoja("Ejemplo", *DATOS), _hoja("Notas", "x")],
        [_hoja("Uno", "a"), _hoja("Dos", "b")],
    ],
)
def test_hoja_equivocada(hojas):
    elegidas, problemas = elegir_hojas(ESQUEMA, hojas)
    assert elegidas == {}
    assert [str(p.codigo) for p in problemas] == ["hoja-equivocada"]
    assert problemas[0].es_error
    assert problemas[0].norma
    assert all(f"«{h.nombre}»" in problemas[0].mensaje for h in hojas if h.visible)
    assert "oculta" not in problemas[0].mensaje


@pytest.mark.parametrize(
    "hojas",
    [
        [_hoja("Mi matriz", *DATOS, visible=False)],
        [_hoja("Mi matriz", *DATOS, visible=False), _hoja("Notas", "x")],
        [_hoja("Datos", *DATOS, visible=False), _hoja("Resumen", "Código")],  # el resumen no son los datos
    ],
)
def test_los_datos_en_una_hoja_oculta(hojas):
    elegidas, problemas = elegir_hojas(ESQUEMA, hojas)
    assert elegidas == {}
    assert [str(p.codigo) for p in problemas] == ["hoja-equivocada"]
    assert f"«{hojas[0].nombre}» está oculta: muéstrela" in problemas[0].mensaje


def test_las_hojas_de_una_encuesta():
    hojas = [_hoja("Datos", "Nombre"), _hoja("Personas", "Cargo"), _hoja("ideas", "Idea")]
    elegidas, problemas = elegir_hojas(ENCUESTA, hojas)
    assert elegidas == {"consulta": hojas[0], "personas": hojas[1], "ideas": hojas[2]}
    assert problemas == ()


def test_la_hoja_de_un_grupo_no_es_otra_de_la_principal():
    unas = encuesta("consulta", [campo("nombre", constraints={"required": True})], {"gente": {"campos": [campo("nombre")]}})
    hojas = [replace(_hoja(n, "Nombre"), filas=[["Ana"]], numeros=[2]) for n in ("Datos", "gente", "Otra")]
    assert [p.hoja for p in elegir_hojas(unas, hojas)[1]] == ["Otra"]
    libre = encuesta("consulta", [campo("nombre")], {})  # sin nada obligatorio, cualquier hoja «serviría»
    assert elegir_hojas(libre, hojas)[1] == ()


def test_falta_la_hoja_de_un_grupo_obligatorio():
    elegidas, problemas = elegir_hojas(ENCUESTA, [_hoja("consulta", "Nombre")])
    assert list(elegidas) == ["consulta"]
    assert [(str(p.codigo), p.tabla) for p in problemas] == [("tabla-faltante", "personas")]
    assert problemas[0].norma


def test_en_un_archivo_la_respuesta_une_las_tablas_y_su_columna_no_puede_faltar():
    texto = {"consulta": "Nombre\nRed\n", "personas": "Respuesta,Cargo\n1,Jefa\n", "ideas": "Respuesta,Idea\n1,x\n"}
    assert unico(por_hoja(ENCUESTA, texto), Codigo.COLUMNA_FALTANTE).campo == "respuesta"


def test_la_hoja_se_lee_como_la_lee_el_lector():
    assert hoja("a,b\n1,2\n").filas == [["1", "2"]]
