"""frictionless como juez: aprueba lo nuestro, y de lo malo dice la fila, la celda y la norma del campo."""

import pytest

from esquemas.catalogo import cargar
from esquemas.coherencia import contexto_de_ejemplo
from esquemas.juez import juzga_citas_a, juzgar_csv
from esquemas.publicacion import ejemplo_csv
from esquemas.tabla import escribir_csv
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


# --- las citas ----------------------------------------------------------------------------------------------

B1, A2 = "desafios-oportunidades-objetivos", "potencialidades-problematicas"
REAL = cargar()
REFERIDAS = contexto_de_ejemplo(REAL, REAL.esquemas[B1]).referidas


def con_citas(cambios=(), referidas=REFERIDAS, esquema=B1):
    """(código, celda, valor) de lo que dice el juez del ejemplo, con (fila, campo, valor) cambiados."""
    tabla = REAL.esquemas[esquema].principal
    filas = [{n: f.get(n, "") for n in tabla.nombres} for f in REAL.esquemas[esquema].ejemplos]
    for fila, campo_, valor in cambios:
        filas[fila - 2][campo_] = valor
    datos = escribir_csv(tabla.nombres, (f.values() for f in filas))
    return [(str(p.codigo), p.celda, p.valor) for p in juzgar_csv(REAL, REAL.esquemas[esquema], datos, referidas=referidas)[1]]


def test_aprueba_lo_que_cita_cada_ejemplo():
    for esquema in REAL.esquemas.values():
        referidas = contexto_de_ejemplo(REAL, esquema).referidas
        assert juzgar_csv(REAL, esquema, ejemplo_csv(esquema), referidas=referidas) == (len(esquema.ejemplos), ())


def test_dice_cual_cita_no_existe():
    """En otra matriz, en la misma tabla, y la segunda de una celda."""
    assert con_citas([(3, "origen", "PRO-01;PRO-99")]) == [("foreign-key", "D3", "PRO-99")]
    assert con_citas([(2, "desafios", "DES-99")]) == [("foreign-key", "F2", "DES-99")]
    assert con_citas([(2, "desafios", "DES-99")], {}) == [("foreign-key", "F2", "DES-99")], "la propia no hay que darla"
    assert con_citas([(3, "origen", "PRO-99")], {}) == [], "sin la matriz no hay contra qué buscar"
    assert con_citas([(3, "origen", "PRO-99")], None) == []
    _, (problema,) = juzgar_csv(
        REAL, REAL.esquemas[B1], ejemplo_csv(REAL.esquemas[B1]).replace(b",DES-01", b",DES-99"), referidas=REFERIDAS
    )
    assert (problema.campo, problema.fila, problema.tabla) == ("desafios", 2, B1)
    assert problema.es_error and problema.norma == REAL.esquemas[B1].principal.campo("desafios").norma
    assert problema.mensaje.startswith("frictionless: ") and "DES-99" in problema.mensaje


def test_una_cita_o_una_opcion_repetida():
    assert con_citas([(3, "origen", "PRO-01;PRO-01")]) == [("primary-key", "D3", "PRO-01")]
    dicho = con_citas([(2, "criterios", "sectorial;sectorial")], esquema="focalizacion", referidas={})
    assert dicho == [("primary-key", "F2", "sectorial")]


def test_un_dato_malo_da_un_problema_y_no_una_cascada():
    """El código repetido o vacío ya se dijo; las citas de esa fila se miran igual, y las de una celda mala no."""
    assert con_citas([(4, "codigo", "DES-01"), (6, "desafios", "DES-01")]) == [
        ("unique-error", "A4", "DES-01"),
        ("primary-key", "A4", ""),
    ]
    assert con_citas([(4, "codigo", "DES-01"), (6, "desafios", "DES-01"), (4, "origen", "PRO-99")])[2:] == [
        ("foreign-key", "D4", "PRO-99")
    ]
    assert ("foreign-key", "D5", "PRO-99") in con_citas([(5, "codigo", ""), (5, "origen", "PRO-99")])
    assert con_citas([(2, "origen", "PRO 99")]) == [("constraint-error", "D2", "PRO 99")]


def test_un_archivo_que_no_se_lee_entero_no_llega_a_las_citas():
    datos = ejemplo_csv(REAL.esquemas[B1]).replace(b"PRO-01", b"PRO-99")
    sin_encabezado = datos.partition(b"\r\n")[2]
    for malo in (datos + b"\xff", datos[:-2] + b"x" * 200_000 + b"\xff", sin_encabezado, b"codigo,otra\r\nP-01,x\r\n", b""):
        _, problemas = juzgar_csv(REAL, REAL.esquemas[B1], malo, referidas=REFERIDAS)
        assert problemas
        assert "foreign-key" not in {str(p.codigo) for p in problemas}


def test_que_matrices_le_sirven():
    assert juzga_citas_a(REAL.esquemas[B1]) >= {A2, "matriz-estrategica-integrada"}
    assert "presupuesto-instrumentos" not in juzga_citas_a(REAL.esquemas["focalizacion"])


def test_juzga_un_grupo_de_una_encuesta():
    encuesta = REAL.esquemas["actor-clave"]
    tabla = next(g.tabla for g in encuesta.grupos if g.nombre == "representantes")
    datos = ejemplo_csv(encuesta, tabla)
    assert juzgar_csv(REAL, encuesta, datos, tabla=tabla) == (1, ())
    _, (problema,) = juzgar_csv(REAL, encuesta, datos.replace(b"@", b" arroba "), tabla=tabla)
    assert (problema.tabla, problema.campo, problema.codigo) == ("representantes", "correo", "type-error")


def test_no_deja_de_leer_en_el_error_mil():
    """frictionless, si no se le dice otra cosa, calla y se detiene: 1.500 filas malas serían 1.000."""
    texto = "codigo,monto,color\r\n" + "".join(f"P-{i},uno,\r\n" for i in range(1_500))
    leidas, problemas = juzgar(texto)
    assert (leidas, len(problemas)) == (1_500, 1_500)
