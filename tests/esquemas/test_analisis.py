"""El análisis de una encuesta: las cifras están calculadas a mano, y lo público no deja ver a nadie."""

import copy
import csv
import io
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esquemas.analisis import COLUMNAS, COLUMNAS_DE_CITAS, RESTO, analizar, como_citas, como_tabla, publicar, tablas_de
from esquemas.coherencia import comprobar
from esquemas.errores import EsquemaInvalido
from esquemas.lectura_esquema import leer_esquema
from esquemas.reserva import MINIMO
from esquemas.tabla import escribir_csv
from tests.esquemas.fabrica import RAPIDO, campo, catalogo_con, dato_de_encuesta
from tests.esquemas.test_coherencia import Archivos, armar
from tests.esquemas.test_lectura import poner

OBLIGADO = {"required": True}
APARTADOS = [
    {"name": "quienes", "title": "Quiénes", "cobertura": ["color", "comuna"]},
    {"name": "cuanto", "title": "Cuánto", "cuenta": ["activo", "colores"], "cifras": ["socios", "parte"]},
    {"name": "ideas", "title": "Ideas", "palabras": "ideas.idea"},
    {"name": "nota", "title": "Nota", "ayuda": "De prueba.", "palabras": "nota"},
]


def dato(**cambios):
    campos = [
        campo("color", catalogo="colores", example="rojo", constraints=OBLIGADO),
        campo("comuna", catalogo="comunas", example="06101"),
        campo("activo", "logico"),
        campo("colores", catalogo="colores", varios=True, example="rojo"),
        campo("tono", catalogo="colores", example="rojo", constraints=OBLIGADO, mostrar_si={"campo": "activo", "es": "si"}),
        campo("socios", "entero"),
        campo("parte", "porcentaje"),
        campo("nota"),
        campo("nombre_de", dato="personal", finalidad="Probar."),
    ]
    ideas = {"campos": [campo("idea", dato="interno"), campo("causa", dato="interno")], "singular": "idea"}
    base = dato_de_encuesta("consulta", campos, {"ideas": ideas})
    return base | {"analisis": {"ayuda": "Qué dijeron.", "norma": ["guia:C.1"], "apartados": copy.deepcopy(APARTADOS)}} | cambios


def encuesta(*mas):
    d = dato()
    d["analisis"]["apartados"] += mas
    return leer_esquema(d, "encuestas/consulta.yaml", "encuesta")


# folio → (color, comuna, activo, colores, socios, parte)
RESPUESTAS = {
    "f1": ("rojo", "06101", "si", "rojo;verde", "10", "50"),
    "f2": ("rojo", "06101", "si", "rojo", "20", "75.5"),
    "f3": ("rojo", "06201", "no", "verde", "", "80.25"),
    "f4": ("verde", "05101", "", "", "7", ""),
    "f5": ("rojo", "", "si", "rojo;verde", "1", "100"),
}
IDEAS = [("f1", "Falta agua"), ("f1", "Riego y agua"), ("f2", "El agua no alcanza"), ("f3", "Un caso aparte"), ("f5", "")]


def filas(respuestas=RESPUESTAS, ideas=IDEAS):
    nombres = ("color", "comuna", "activo", "colores", "socios", "parte")
    principal = [(f, 1, dict(zip(nombres, v, strict=True)) | {"nota": "agua"}) for f, v in respuestas.items()]
    return {"consulta": principal, "ideas": [(f, i, {"idea": t}) for i, (f, t) in enumerate(ideas, 1)]}


def hecho(respuestas=RESPUESTAS, *mas):
    esquema = encuesta(*mas)
    return analizar(catalogo_con(esquema), esquema, filas(respuestas), "06")


def como_mapa(conteo):
    return {c.codigo: c.respuestas for c in conteo.casillas}


def test_los_conteos_con_su_base_lo_que_falta_y_lo_de_otra_region():
    quienes = hecho().partes[0]
    color, comuna = quienes.cobertura
    assert (color.base, como_mapa(color), color.parcial) == (5, {"rojo": 4, "verde": 1, "azul": 0}, False)
    assert [c.nombre for c in color.faltan] == ["Azul"]
    assert [(c.nombre, c.respuestas) for c in color.presentes] == [("Rojo", 4), ("Verde", 1)]
    assert (comuna.base, comuna.esperadas, len(comuna.faltan), comuna.parcial) == (4, 33, 31, True)
    assert [(c.nombre, c.respuestas, c.ajena) for c in comuna.presentes] == [
        ("Rancagua", 2, False),
        ("Pichilemu", 1, False),
        ("Valparaíso", 1, True),
    ]


def test_logicos_y_varios():
    activo, colores = hecho().partes[1].cuenta
    assert (activo.base, [(c.nombre, c.respuestas) for c in activo.casillas]) == (4, [("Sí", 3), ("No", 1)])
    assert (colores.base, como_mapa(colores)) == (4, {"rojo": 3, "verde": 3, "azul": 0})


def test_un_valor_repetido_en_la_celda_cuenta_una_vez_y_uno_que_ya_no_existe_se_muestra():
    raro = {"f1": ("gris", "06101", "si", "rojo;rojo", "", "")}
    a = hecho(raro)
    assert [(c.nombre, c.respuestas, c.ajena) for c in a.partes[0].cobertura[0].presentes] == [("gris", 1, True)]
    assert como_mapa(a.partes[1].cuenta[1])["rojo"] == 1


def test_las_cifras():
    socios, parte = hecho().partes[1].cifras
    assert (socios.base, socios.medidas) == (4, {"suma": "38", "mediana": "8.5", "minimo": "1", "maximo": "20"})
    # 50 + 75,5 + 80,25 + 100: la mediana es 77,875 y se guarda con dos decimales
    assert (parte.base, parte.medidas) == (4, {"mediana": "77.88", "minimo": "50", "maximo": "100"})


def test_las_palabras_con_su_base():
    ideas, nota = hecho().partes[2:]
    assert (ideas.base, [(p.nombre, p.respuestas) for p in ideas.palabras]) == (3, [("agua", 2)])
    assert [d.texto for d in ideas.sueltos] == ["Un caso aparte"]
    assert (nota.base, [(p.nombre, p.respuestas) for p in nota.palabras]) == (5, [("agua", 5)])


def test_sin_respuestas_no_falla():
    a = hecho({})
    assert (a.total, a.partes[1].cifras[0].medidas, len(a.partes[0].cobertura[0].faltan)) == (0, {}, 3)
    assert publicar(a) is None


def test_que_tablas_hay_que_leer():
    assert tablas_de(encuesta()) == ("consulta", "ideas")


def leer(columnas, lineas):
    leidas = list(csv.DictReader(io.StringIO(escribir_csv(columnas, lineas).decode(), newline="")))
    assert all(len(x) == len(columnas) and None not in x for x in leidas)
    return leidas


def test_el_csv_trae_cada_numero():
    lineas = leer(COLUMNAS, como_tabla(hecho()))
    dichas = {(x["apartado"], x["grupo"], x["medida"], x["valor"]): (x["respuestas"], x["base"]) for x in lineas}
    assert len(dichas) == len(lineas)
    assert dichas["quienes", "color", "opcion", "azul"] == ("0", "5")
    assert dichas["cuanto", "activo", "opcion", "si"] == ("3", "4")
    assert dichas["cuanto", "socios", "suma", "38"] == ("4", "5")
    assert dichas["ideas", "idea", "palabra", "agua"] == ("2", "3")


def test_el_csv_de_citas_trae_cada_una_una_vez():
    lineas = leer(COLUMNAS_DE_CITAS, como_citas(hecho()))
    ideas = [tuple(x[c] for c in ("folio", "tabla", "fila", "palabras", "cita")) for x in lineas if x["apartado"] == "ideas"]
    assert ideas == [
        ("f1", "ideas", "1", "agua", "Falta agua"),
        ("f1", "ideas", "2", "agua", "Riego y agua"),
        ("f2", "ideas", "3", "agua", "El agua no alcanza"),
        ("f3", "ideas", "4", "", "Un caso aparte"),
    ]


# --- Lo público --------------------------------------------------------------------------------------


def muchas(rojos=9, verdes=6, azules=0, **resto):
    """Respuestas con esos colores; `resto`: campo → valor de todas."""
    colores = ["rojo"] * rojos + ["verde"] * verdes + ["azul"] * azules
    fijo = {"comuna": "", "activo": "", "colores": "", "socios": "", "parte": ""} | resto
    return {f"f{i:02}": (c, *fijo.values()) for i, c in enumerate(colores)}


def test_con_menos_de_cinco_respuestas_no_se_publica_nada():
    assert publicar(hecho(muchas(4, 0))) is None
    assert publicar(hecho(muchas(5, 0))).total == 5


def test_lo_publico_es_solo_lo_publico_y_sin_citas():
    partes = {p.apartado.nombre: p for p in publicar(hecho(muchas())).partes}
    assert list(partes) == ["quienes", "cuanto", "nota"]  # `idea` es interno
    assert [(p.nombre, p.respuestas, p.dichos) for p in partes["nota"].palabras] == [("agua", 15, ())]
    esquema = encuesta()
    internos = tuple(replace(c, dato="interno") for c in esquema.campos)
    cerrado = replace(esquema, principal=replace(esquema.principal, campos=internos))
    assert publicar(analizar(catalogo_con(cerrado), cerrado, filas(muchas()), "06")).partes == ()


def test_una_palabra_de_menos_de_cinco_no_se_nombra():
    esquema = encuesta()
    con = filas(muchas())
    for i, (_, _, fila) in enumerate(con["consulta"]):
        fila["nota"] = "agua" if i < 4 else "riego" if i < 9 else ""
    nota = publicar(analizar(catalogo_con(esquema), esquema, con, "06")).partes[-1]
    assert ([(p.nombre, p.respuestas) for p in nota.palabras], nota.base) == ([("riego", 5)], 15)


def test_la_celda_oculta_no_se_deduce_del_total():
    color, comuna = publicar(hecho(muchas(12, 3))).partes[0].cobertura
    assert como_mapa(color) == {"rojo": None, "verde": None, "azul": None}  # obligatorio: no hay resto, y 15 − 12 = 3
    assert set(como_mapa(comuna).values()) == {None}  # 15 sin responder y 33 ceros: con los 15 a la vista, son ceros
    assert RESTO in como_mapa(comuna)
    assert como_mapa(publicar(hecho(muchas(9, 6, 5))).partes[0].cobertura[0]) == {"rojo": 9, "verde": 6, "azul": 5}


@pytest.mark.parametrize("obligatorio", [True, False])
def test_un_campo_condicionado_no_publica_resto(obligatorio):
    """Cuántos lo vieron lo dice el campo que mira: con el resto a la vista, la celda chica se sabría restando."""
    tono = {"name": "tono", "title": "Tono", "cuenta": ["tono"]}
    esquema = encuesta(tono)
    campos = tuple(replace(c, obligatorio=obligatorio) if c.nombre == "tono" else c for c in esquema.campos)
    esquema = replace(esquema, principal=replace(esquema.principal, campos=campos))
    con = filas(muchas(18, 7))
    for i, (_, _, fila) in enumerate(con["consulta"]):
        fila |= {"activo": "si" if i < 18 else "no", "tono": "rojo" if i < 14 else "verde" if i < 18 else ""}
    partes = {p.apartado.nombre: p for p in publicar(analizar(catalogo_con(esquema), esquema, con, "06")).partes}
    assert como_mapa(partes["cuanto"].cuenta[0]) == {"si": 18, "no": None, RESTO: None}
    assert como_mapa(partes["tono"].cuenta[0]) == {"rojo": None, "verde": None, "azul": None}


def test_los_varios_no_suman_y_su_base_es_el_total():
    colores = publicar(hecho(muchas(colores="rojo;verde"))).partes[1].cuenta[1]
    assert (como_mapa(colores), colores.base, colores.ocultas) == ({"rojo": 15, "verde": 15, "azul": None}, 15, 1)


@pytest.mark.parametrize(
    ("respondieron", "base", "medidas"),
    [
        (4, None, {}),
        (5, 5, {"suma": "50", "mediana": "10"}),
        (10, 10, {"suma": "100", "mediana": "10"}),
        (11, None, {"suma": "110", "mediana": "10"}),  # cuatro sin responder: no se dice
        (15, None, {"suma": "150", "mediana": "10"}),
    ],
)
def test_una_cifra_se_publica_sin_extremos_y_sin_delatar_a_los_que_no_respondieron(respondieron, base, medidas):
    con = muchas()
    for i, (folio, valores) in enumerate(con.items()):
        con[folio] = (*valores[:4], "10" if i < respondieron else "", "")
    socios = publicar(hecho(con)).partes[1].cifras[0]
    assert (socios.base, socios.medidas) == (base, medidas)


def test_en_el_csv_publico_lo_oculto_va_vacio():
    lineas = leer(COLUMNAS, como_tabla(publicar(hecho(muchas(12, 3)))))
    assert {x["respuestas"] for x in lineas if x["grupo"] == "color"} == {""}


@RAPIDO
@given(st.lists(st.tuples(st.sampled_from(["rojo", "verde", "azul"]), st.sampled_from(["si", "no", ""])), max_size=30))
def test_en_lo_publico_ninguna_celda_es_chica_ni_falsa(pares):
    respuestas = {f"f{i:02}": (color, "", activo, color, "", "") for i, (color, activo) in enumerate(pares)}
    a = hecho(respuestas)
    publico = publicar(a)
    assert (publico is None) == (len(pares) < MINIMO)
    for parte in publico.partes if publico else ():
        for conteo in (*parte.cobertura, *parte.cuenta):
            vistas = [c.respuestas for c in conteo.casillas]
            assert all(v is None or v >= MINIMO for v in vistas)
            if not conteo.campo.varios and None in vistas:
                assert vistas.count(None) > 1
                assert len(pares) - sum(v or 0 for v in vistas) >= MINIMO
    ciertas = {(c.campo.nombre, x.codigo): x.respuestas for p in a.partes for c in (*p.cobertura, *p.cuenta) for x in c.casillas}
    for conteo in (c for p in (publico.partes if publico else ()) for c in (*p.cobertura, *p.cuenta)):
        propias = [x for x in conteo.casillas if x.codigo != RESTO]
        assert all(x.respuestas in (None, ciertas[conteo.campo.nombre, x.codigo]) for x in propias)


# --- Lo que se declara ---------------------------------------------------------------------------------

PASE = {"esquema": "matriz", "valores": {"tipo": "problematica"}, "campos": {"cual": "idea"}}


def test_sin_analisis_no_hay_analisis():
    d = dato()
    del d["analisis"]
    assert leer_esquema(d, "encuestas/consulta.yaml", "encuesta").analisis is None


@pytest.mark.parametrize(
    ("ruta", "valor", "dicho"),
    [
        ("apartados/0/name", "Con Espacio", "no sirve de ancla"),
        ("apartados/1/name", "quienes", "está repetido"),
        ("apartados/0/rara", "x", "clave desconocida"),
        ("apartados/0/cobertura", ["nada"], "el campo «nada» no existe"),
        ("apartados/0/cobertura", ["color", "color"], "está repetido"),
        ("apartados/0/cobertura", ["activo"], "no es de catálogo"),
        ("apartados/1/cuenta", ["socios"], "no es de catálogo o lógico"),
        ("apartados/1/cifras", ["color"], "no es un número"),
        ("apartados/2/palabras", "otras.idea", "«otras» no existe"),
        ("apartados/2/palabras", "ideas.nada", "«nada» no existe"),
        ("apartados/3/palabras", "color", "no es un texto"),
        ("apartados/3/palabras", "nombre_de", "es un dato personal"),
        ("apartados/0/cobertura", [], "no dice qué mirar"),
        ("apartados/0/pasa_a", PASE, "no dice qué mirar"),
        ("apartados/2/pasa_a", PASE | {"campos": {"cual": "nada"}}, "«nada» no existe"),
        ("apartados/2/pasa_a", PASE | {"campos": {"tipo": "idea"}}, "está repetido"),
        ("apartados/2/pasa_a", PASE | {"campos": {"cual": 3}}, "se esperaba texto"),
        ("apartados/2/pasa_a", {"esquema": "matriz"}, "falta «campos»"),
        ("norma", "guia:C.1", "lista de textos"),
        ("otra", "x", "clave desconocida"),
    ],
)
def test_lo_mal_declarado_no_arranca(ruta, valor, dicho):
    d = dato()
    poner(d["analisis"], ruta, valor)
    with pytest.raises(EsquemaInvalido) as falla:
        leer_esquema(d, "encuestas/consulta.yaml", "encuesta")
    assert dicho in str(falla.value)
    assert "analisis" in falla.value.ruta


def con_pase(pase):
    d = dato()
    d["analisis"]["apartados"][2]["pasa_a"] = pase
    propia = leer_esquema(d, "encuestas/consulta.yaml", "encuesta")
    catalogo = armar()
    return replace(catalogo, esquemas={**catalogo.esquemas, "consulta": propia})


def test_un_pase_bien_declarado_arranca():
    d = con_pase(PASE)
    comprobar(d, Archivos())
    pase = d.esquemas["consulta"].analisis.apartados[2].pasa_a
    assert (pase.esquema, pase.valores, pase.campos) == ("matriz", {"tipo": "problematica"}, {"cual": "idea"})


@pytest.mark.parametrize(
    ("pase", "dicho"),
    [
        (PASE | {"esquema": "nada"}, "no es un formato"),
        (PASE | {"esquema": "consulta"}, "no es un formato"),
        (PASE | {"campos": {"nada": "idea"}}, "«nada» no es un campo de «matriz»"),
        (PASE | {"valores": {"tipo": "cosa"}}, "no es opción de «tipo»"),
    ],
)
def test_un_pase_a_lo_que_no_existe_no_arranca(pase, dicho):
    with pytest.raises(EsquemaInvalido) as falla:
        comprobar(con_pase(pase), Archivos())
    assert dicho in str(falla.value)


def test_ubicar_un_campo():
    esquema = encuesta()
    assert esquema.ubicar("nota")[0] is esquema.principal
    assert esquema.ubicar("ideas.idea")[1].nombre == "idea"
    for mala in ("nada", "nada.idea", "ideas.nada"):
        with pytest.raises(KeyError):
            esquema.ubicar(mala)
