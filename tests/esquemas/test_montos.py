"""Cuánto asigna una matriz de cada monto informado."""

from esquemas.catalogo import cargar
from esquemas.errores import Codigo
from esquemas.montos import Comparado, comparar_montos
from esquemas.validacion import Contexto, validar_filas

CATALOGO = cargar()
FOCALIZACION = CATALOGO.esquemas["focalizacion"]
VACIA = dict.fromkeys(FOCALIZACION.principal.nombres, "")


def fila(instrumento, presupuesto, fuente="sercotec"):
    return VACIA | {"instrumento": instrumento, "presupuesto": presupuesto, "fuente": fuente}


def informado(instrumento, monto, momento="preliminar", region="06"):
    base = dict.fromkeys(CATALOGO.esquemas["presupuesto-instrumentos"].principal.nombres, "")
    return base | {"instrumento": instrumento, "monto": monto, "momento": momento, "region": region, "ejercicio": "2027"}


def comparar(filas, *informados):
    return comparar_montos(CATALOGO, FOCALIZACION, filas, Contexto("06", 2027, {"presupuesto-instrumentos": informados}))


def test_por_instrumento_lo_informado_lo_asignado_y_la_diferencia():
    filas = [fila("semilla", "30"), fila("semilla", "15"), fila("crece", "20"), fila("redes", "7"), fila("abeja", "")]
    montos = comparar(filas, informado("semilla", "40"), informado("crece", "25"), informado("juntos", "9"))
    assert [(m.que, m.asignado, m.informado, m.diferencia) for m in montos] == [
        ("Semilla", 45, 40, -5),
        ("Crece", 20, 25, 5),
        ("Juntos", 0, 9, 9),
        ("Redes de Oportunidades", 7, None, None),
    ]


def test_manda_el_monto_mas_reciente_y_solo_cuentan_los_de_sercotec_y_de_la_region():
    filas = [fila("semilla", "30"), fila("semilla", "100", "fndr")]
    antes, de_otra = informado("semilla", "40", "exploratorio"), informado("semilla", "1", region="05")
    montos = comparar(filas, antes, informado("semilla", "30"), de_otra)
    assert [(m.asignado, m.informado) for m in montos] == [(30, 30)]


def test_sin_montos_o_con_varios_para_lo_mismo_no_se_compara():
    assert comparar([fila("semilla", "30")]) == [Comparado("Semilla", 30, None, "")]
    dos = [informado("semilla", "1"), informado("semilla", "2")]
    crece, semilla = comparar([fila("semilla", "30"), fila("crece", "20")], informado("crece", "25"), *dos)
    assert (crece, semilla) == (Comparado("Crece", 20, 25, ""), Comparado("Semilla", 30, None, "", varios=True))


def test_sercotec_no_puede_anotar_dos_veces_el_mismo_monto():
    juntos = {"ejercicio": "2028", "region": "06", "instrumento": "juntos", "momento": "preliminar", "oficio": "Of."}
    filas = [juntos | {"codigo": c, "monto": m} for c, m in (("2028-06-juntos-P", "130000000"), ("P2", "120000000"))]
    filas.append(filas[0] | {"codigo": "E", "momento": "exploratorio"})
    presupuesto = CATALOGO.esquemas["presupuesto-instrumentos"]
    [problema] = validar_filas(CATALOGO, presupuesto, {presupuesto.nombre: filas}, Contexto("00", 2028)).errores
    assert (problema.codigo, problema.fila) == (Codigo.REPETIDO, 2)
    assert "repiten lo de la fila 1: «2028 / 06 / juntos / preliminar»" in problema.mensaje


def test_una_matriz_sin_montos_no_tiene_que_comparar():
    assert comparar_montos(CATALOGO, CATALOGO.esquemas["observaciones"], [], Contexto()) == []
