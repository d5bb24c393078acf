"""frictionless como juez: aprueba lo nuestro, y de lo malo dice la fila, la celda y la norma del campo."""

import pytest

from esquemas.catalogo import cargar
from esquemas.juez import juzgar_csv
from esquemas.publicacion import ejemplo_csv
from tests.esquemas.fabrica import campo, catalogo_con, codigo, formato, por_hoja

MATRIZ = formato(
    "matriz",
    [codigo(), campo("monto", "pesos", constraints={"required": True, "minimum": 0}), campo("color", catalogo="colores")],
)
CATALOGO = catalogo_con(MATRIZ)


def juzgar(texto, esquema=MATRIZ):
    return juzgar_csv(CATALOGO, esquema, texto if isinstance(texto, bytes) else texto.encode())


def test_aprueba_lo_bueno():
    assert juzgar("codigo,monto,color\r\nP-01,5,rojo\r\nP-02,0,\r\n") == (2, ())


@pytest.mark.parametrize(
    ("fila", "codigo", "celda", "campo"),
    [
        ("P-01,uno,", "type-error", "B2", "monto"),
        ("P-01,-1,", "constraint-error", "B2", "monto"),
        ("P-01,,", "constraint-error", "B2", "monto"),
        ("P 01,5,", "constraint-error", "A2", "codigo"),
        ("P-01,5,morado", "constraint-error", "C2", "color"),
        ("P-01,$ 5,", "type-error", "B2", "monto"),
    ],
)
def test_dice_donde_y_de_que_norma(fila, codigo, celda, campo):
    leidas, (problema,) = juzgar(f"codigo,monto,color\r\n{fila}\r\n")
    assert leidas == 1
    assert (str(problema.codigo), problema.celda, problema.fila, problema.campo) == (codigo, celda, 2, campo)
    assert problema.es_error
    assert problema.norma == ("decision:15",)
    assert problema.tabla == "matriz"
    assert problema.mensaje.startswith("frictionless: ")


def test_una_clave_repetida_y_una_fila_larga():
    _, problemas = juzgar("codigo,monto,color\r\nP-01,5,\r\nP-01,5,,sobra\r\n")
    assert {str(p.codigo) for p in problemas} >= {"primary-key", "extra-cell"}
    assert all(p.fila == 3 and p.norma for p in problemas)


@pytest.mark.parametrize(
    "malo",
    [
        b"",
        b"\xff\xfe\x00",
        "codigo,monto,color\r\nP-01,5,ca\u00f1a\r\n".encode("cp1252"),
        b"codigo,color\r\nP-01,rojo\r\n",
        b"monto,codigo,color\r\n5,P-01,rojo\r\n",
        b"otra,cosa\r\n1,2\r\n",
        b'codigo,monto,color\r\n"P-01,5,\r\n',
    ],
)
def test_un_rechazo_nunca_trae_la_lista_vacia(malo):
    leidas, problemas = juzgar(malo)
    assert leidas >= 0
    assert problemas
    assert all(p.es_error and p.mensaje.removeprefix("frictionless: ").strip() and p.norma for p in problemas)


def test_aprueba_los_ejemplos_de_todos():
    catalogo = cargar()
    for esquema in catalogo.esquemas.values():
        assert juzgar_csv(catalogo, esquema, ejemplo_csv(esquema)) == (len(esquema.ejemplos), ())


@pytest.mark.parametrize("valor", ["1_0", "+202", "nan", "1e2", "0x1"])
def test_somos_mas_estrictos(valor):
    """Lo que frictionless acepta o no, nosotros no lo adivinamos."""
    assert not por_hoja(MATRIZ, f"codigo,monto,color\nP-01,{valor},\n").valido
