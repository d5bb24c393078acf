"""Lo que solo se ve mirando todos los YAML a la vez. Cada caso parte de un conjunto coherente y rompe una sola cosa."""

import copy
from dataclasses import replace

import pytest

from esquemas.catalogo import cargar
from esquemas.coherencia import comprobar, contexto_de_ejemplo, ejemplos_de, normas_citadas
from esquemas.errores import EsquemaInvalido
from esquemas.lectura_esquema import leer_esquema
from esquemas.modelo import Opcion, Opciones
from esquemas.saber import Acto, Deber, Hito, Mapa, Nota, Notas, Tramitacion
from tests.esquemas.fabrica import COLORES, campo, codigo, dato_de_encuesta, formato, regla
from tests.esquemas.test_lectura import poner


class Archivos(dict):
    """«clase/nombre» → «clase/nombre.yaml», sin escribirlos uno por uno."""

    def __missing__(self, clave):
        return f"{clave}.yaml"

    def get(self, clave, omision=None):
        return omision if clave == "catalogo/instrumentos" else self[clave]


def de_montos():
    campos = [codigo() | {"example": "M-1"}, campo("instrumento", catalogo="instrumentos", example="crece")]
    campos += [campo("monto", "pesos", example="100"), campo("momento", catalogo="momentos-presupuesto", example="preliminar")]
    return copy.deepcopy(formato("montos", campos).descriptor)


def de_matriz():
    tope = {"esquema": "montos", "campo": "monto", "prefiere": {"campo": "momento", "orden": ["preliminar", "exploratorio"]}}
    campos = [
        codigo() | {"example": "X-1"},
        campo("tipo", catalogo="tipos-potencialidad-problematica", example="problematica"),
        campo("color", catalogo="colores", example="rojo"),
        campo("activo", "logico", example="si"),
        campo("cual", mostrar_si={"campo": "color", "es": "rojo"}),
        campo("madre", referencia={"esquema": "matriz", "tipo": ["problematica"]}, example="X-1"),
        campo("instrumento", catalogo="instrumentos", example="crece"),
        campo("plata", "pesos", example="100"),
        campo("cuantos", "entero", example="1"),
    ]
    reglas = [
        regla("exigida", "cual", si={"campo": "activo", "es": "si"}, exige={"campo": "cual", "vacio": False}),
        regla("citada", "madre", cita={"tipo": ["problematica"]}),
        regla("citados", "madre", citados={"y": [{"campo": "tipo", "es": "problematica"}, {"campo": "color", "vacio": False}]}),
        regla("sumada", "plata", suma={"de": "plata", "por": ["instrumento"], "relacion": "no_supera", "tope": tope}),
        regla("partida", "plata", cociente={"de": "plata", "entre": "cuantos", "tope_de": "instrumento"}),
    ]
    return copy.deepcopy(formato("matriz", campos, reglas, ejemplos=[{"codigo": "X-2", "madre": "X-1"}]).descriptor)


def de_encuesta():
    """El grupo y la tabla principal tienen un campo con el mismo nombre y distinta lista: el del grupo manda en el grupo."""
    propio = campo("color", catalogo="momentos-presupuesto", example="preliminar")
    grupo = {"campos": [propio, campo("nota", mostrar_si={"campo": "color", "es": "preliminar"})], "minimo": 1}
    campos = [campo("color", catalogo="colores", example="rojo"), campo("si", "logico", example="si")]
    return copy.deepcopy(
        dato_de_encuesta("consulta", campos, {"ideas": grupo | {"mostrar_si": {"campo": "color", "es": "rojo"}}})
    )


BUENOS = {"matriz": de_matriz, "montos": de_montos, "consulta": de_encuesta}


def armar(cambios=(), **otros):
    datos = {nombre: hacer() for nombre, hacer in BUENOS.items()}
    for nombre, ruta, valor in cambios:
        poner(datos[nombre], ruta, valor)
    esquemas = {}
    for nombre, dato in datos.items():
        clase = "encuesta" if nombre == "consulta" else "formato"
        esquemas[nombre] = leer_esquema(dato, f"{clase}/{nombre}.yaml", clase)
    real = cargar()
    hitos = tuple(replace(h, esquemas=()) for h in real.proceso.hitos)
    proceso = replace(real.proceso, hitos=hitos, mapa=None, tramitacion=None)
    base = replace(real, esquemas=esquemas, opciones={**real.opciones, "colores": COLORES}, proceso=proceso)
    return replace(base, **otros)


def test_el_conjunto_bueno_es_coherente():
    comprobar(armar(), Archivos())


INVITA = {"esquema": "matriz", "nombre": "tipo", "correo": "cual"}


def test_una_encuesta_puede_invitar_desde_una_matriz():
    comprobar(armar([("consulta", "invitados", INVITA)]), Archivos())


DE_LA_ENCUESTA = "encuesta/consulta.yaml"

CASOS = [
    ("invita-sin-matriz", [("consulta", "invitados", INVITA | {"esquema": "nadie"})], DE_LA_ENCUESTA, "invitados.nombre"),
    ("invita-sin-campo", [("consulta", "invitados", INVITA | {"correo": "nadie"})], DE_LA_ENCUESTA, "invitados.correo"),
    ("invita-encuesta", [("consulta", "invitados", INVITA | {"esquema": "consulta"})], DE_LA_ENCUESTA, "invitados.nombre"),
    ("norma", [("matriz", "norma", ["nadie:1"])], "formato/matriz.yaml", ""),
    ("norma-parte", [("matriz", "norma", ["reglamento:99"])], "formato/matriz.yaml", ""),
    ("norma-vacia", [("matriz", "norma", [])], "formato/matriz.yaml", ""),
    ("norma-de-campo", [("matriz", "fields/1/norma", ["nadie"])], "formato/matriz.yaml", "matriz.tipo"),
    ("norma-de-campo-vacia", [("matriz", "fields/1/norma", [])], "formato/matriz.yaml", "matriz.tipo"),
    ("norma-de-regla", [("matriz", "reglas/0/norma", ["nadie"])], "formato/matriz.yaml", "matriz.reglas(exigida)"),
    ("norma-de-seccion", [("consulta", "secciones/0/norma", ["nadie"])], "encuesta/consulta.yaml", "secciones.todo"),
    ("norma-de-grupo", [("consulta", "resources/1/norma", [])], "encuesta/consulta.yaml", "ideas"),
    ("clave-optativa", [("matriz", "fields/0/constraints", {"maxLength": 9})], "formato/matriz.yaml", "matriz.codigo"),
    (
        "clave-condicional",
        [("matriz", "primaryKey", ["cual"]), ("matriz", "fields/4/constraints/required", True)],
        "formato/matriz.yaml",
        "matriz.cual",
    ),
    ("catalogo", [("matriz", "fields/2/catalogo", "nadie")], "formato/matriz.yaml", "matriz.color"),
    ("referencia", [("matriz", "fields/5/referencia/esquema", "nadie")], "formato/matriz.yaml", "matriz.madre"),
    ("referencia-a-encuesta", [("matriz", "fields/5/referencia/esquema", "consulta")], "formato/matriz.yaml", "matriz.madre"),
    ("referencia-tipo", [("matriz", "fields/5/referencia/tipo", ["nadie"])], "formato/matriz.yaml", "matriz.madre"),
    (
        "referencia-sin-tipo",
        [("matriz", "fields/5/referencia", {"esquema": "montos", "tipo": ["a"]})],
        "formato/matriz.yaml",
        "matriz.madre",
    ),
    ("mostrar-si", [("matriz", "fields/4/mostrar_si/es", "morado")], "formato/matriz.yaml", "matriz.cual"),
    (
        "mostrar-si-logico",
        [("matriz", "fields/4/mostrar_si", {"campo": "activo", "es": "quizas"})],
        "formato/matriz.yaml",
        "matriz.cual",
    ),
    (
        "mostrar-si-propio",
        [("consulta", "resources/1/schema/fields/2/mostrar_si/es", "rojo")],
        "encuesta/consulta.yaml",
        "ideas.nota",
    ),
    ("mostrar-grupo", [("consulta", "resources/1/mostrar_si/es", "preliminar")], "encuesta/consulta.yaml", "ideas"),
    ("si", [("matriz", "reglas/0/si/es", "quizas")], "formato/matriz.yaml", "matriz.reglas(exigida)"),
    (
        "exige",
        [("matriz", "reglas/0/exige", {"campo": "color", "en": ["rojo", "morado"]})],
        "formato/matriz.yaml",
        "matriz.reglas(exigida)",
    ),
    (
        "exige-anidada",
        [("matriz", "reglas/0/exige", {"o": [{"campo": "cual", "vacio": False}, {"campo": "color", "no_es": "morado"}]})],
        "formato/matriz.yaml",
        "matriz.reglas(exigida)",
    ),
    ("cita-sin-referencia", [("matriz", "reglas/1/campo", "cual")], "formato/matriz.yaml", "matriz.reglas(citada)"),
    ("cita-tipo", [("matriz", "reglas/1/cita/tipo", ["nadie"])], "formato/matriz.yaml", "matriz.reglas(citada)"),
    ("citados-sin-referencia", [("matriz", "reglas/2/campo", "cual")], "formato/matriz.yaml", "matriz.reglas(citados)"),
    (
        "citados-valor",
        [("matriz", "reglas/2/citados", {"campo": "tipo", "es": "nadie"})],
        "formato/matriz.yaml",
        "matriz.reglas(citados)",
    ),
    (
        "citados-campo",
        [("matriz", "reglas/2/citados", {"campo": "nadie", "es": "x"})],
        "formato/matriz.yaml",
        "matriz.reglas(citados)",
    ),
    (
        "citados-campo-vacio",
        [("matriz", "reglas/2/citados", {"campo": "nadie", "vacio": True})],
        "formato/matriz.yaml",
        "matriz.reglas(citados)",
    ),
    ("suma-esquema", [("matriz", "reglas/3/suma/tope/esquema", "nadie")], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("suma-campo", [("matriz", "reglas/3/suma/tope/campo", "nadie")], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("suma-por", [("matriz", "reglas/3/suma/por", ["color"])], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("suma-prefiere", [("matriz", "reglas/3/suma/tope/prefiere/campo", "nadie")], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("suma-consta", [("matriz", "reglas/3/suma/tope/consta", "nadie")], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("suma-orden", [("matriz", "reglas/3/suma/tope/prefiere/orden", ["nadie"])], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("suma-texto", [("matriz", "reglas/3/suma/de", "cual")], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("suma-tope-texto", [("matriz", "reglas/3/suma/tope/campo", "codigo")], "formato/matriz.yaml", "matriz.reglas(sumada)"),
    ("cociente-texto", [("matriz", "reglas/4/cociente/entre", "cual")], "formato/matriz.yaml", "matriz.reglas(partida)"),
    ("cociente-instrumento", [("matriz", "reglas/4/cociente/tope_de", "color")], "formato/matriz.yaml", "matriz.reglas(partida)"),
    ("ejemplo-malo", [("matriz", "fields/7/example", "mucho")], "formato/matriz.yaml", "ejemplo 1 de matriz.plata"),
    ("ejemplo-sin-opcion", [("matriz", "fields/2/example", "morado")], "formato/matriz.yaml", "ejemplo 1 de matriz.color"),
    ("ejemplo-no-canonico", [("matriz", "fields/7/example", "$ 100")], "formato/matriz.yaml", "ejemplo 1 de matriz.plata"),
    ("ejemplo-por-nombre", [("matriz", "fields/2/example", "Rojo")], "formato/matriz.yaml", "ejemplo 1 de matriz.color"),
    ("ejemplo-regla", [("matriz", "fields/4/example", "")], "formato/matriz.yaml", "ejemplo 1 de matriz.cual"),
    ("ejemplo-cita", [("matriz", "ejemplos/0/madre", "X-9")], "formato/matriz.yaml", "ejemplo 2 de matriz.madre"),
    ("ejemplo-oculto", [("matriz", "ejemplos/0/cual", "x")], "formato/matriz.yaml", "ejemplo 2 de matriz.cual"),
    (
        "ejemplo-repetido",
        [("matriz", "ejemplos/0", {"codigo": "X-1", "tipo": "problematica"})],
        "formato/matriz.yaml",
        "ejemplo 2 de matriz.codigo",
    ),
    ("ejemplo-suma", [("matriz", "fields/7/example", "101")], "formato/matriz.yaml", "ejemplo 1 de matriz.plata"),
    ("ejemplo-obligatorio", [("montos", "fields/0/example", "")], "formato/montos.yaml", "ejemplo 1 de montos.codigo"),
    (
        "ejemplo-de-grupo",
        [("consulta", "resources/1/schema/fields/1/example", "x")],
        "encuesta/consulta.yaml",
        "ejemplo 1 de ideas.color",
    ),
]


@pytest.mark.parametrize(("cambios", "archivo", "ruta"), [c[1:] for c in CASOS], ids=[c[0] for c in CASOS])
def test_lo_incoherente_no_arranca(cambios, archivo, ruta):
    with pytest.raises(EsquemaInvalido) as error:
        comprobar(armar(cambios), Archivos())
    assert (error.value.archivo, error.value.ruta) == (archivo, ruta)
    assert error.value.que.strip()
    assert error.value.arreglo.strip()


def test_el_ejemplo_que_no_cumple_dice_por_que():
    with pytest.raises(EsquemaInvalido) as error:
        comprobar(armar([("matriz", "fields/7/example", "1,234")]), Archivos())
    assert "numero-ambiguo" in error.value.que
    with pytest.raises(EsquemaInvalido) as error:
        comprobar(armar([("matriz", "fields/7/example", "$ 100")]), Archivos())
    assert error.value.arreglo == "Escriba «100»."


def opciones(*lista, **mas):
    base = {
        "nombre": "colores",
        "titulo": "C",
        "descripcion": "",
        "version": "1.0.0",
        "opciones": lista,
        "norma": ("decision:15",),
    }
    return Opciones(**(base | mas))


@pytest.mark.parametrize(
    ("lista", "mas", "ruta"),
    [
        ((Opcion("rojo", "Rojo"), Opcion("b", "ROJO")), {}, "b"),
        ((Opcion("rojo", "Rojo"), Opcion("b", "B", sinonimos=("rojo",))), {}, "b"),
        ((Opcion("rojo", "Rojo", padre="99"),), {"padre": "regiones"}, "rojo"),
        ((Opcion("rojo", "Rojo"),), {"padre": "regiones"}, "rojo"),
        ((Opcion("rojo", "Rojo", padre="01"),), {}, "rojo"),
        ((Opcion("rojo", "Rojo", padre="01"),), {"padre": "nadie"}, ""),
        ((Opcion("rojo", "Rojo"),), {"norma": ("nadie",)}, ""),
        ((Opcion("rojo", "Rojo"),), {"norma": ()}, ""),
    ],
)
def test_un_catalogo_de_codigos_incoherente(lista, mas, ruta):
    catalogo = armar()
    catalogo = replace(catalogo, opciones={**catalogo.opciones, "colores": opciones(*lista, **mas)})
    with pytest.raises(EsquemaInvalido) as error:
        comprobar(catalogo, Archivos())
    assert (error.value.archivo, error.value.ruta) == ("catalogo/colores.yaml", ruta)


def test_un_catalogo_con_padre_bueno():
    catalogo = armar()
    hijo = opciones(Opcion("rojo", "Rojo", padre="01"), padre="regiones")
    comprobar(replace(catalogo, opciones={**catalogo.opciones, "colores": hijo}), Archivos())


def test_instrumentos_hitos_y_deberes():
    catalogo = armar()
    crece = catalogo.instrumentos["crece"]
    hito = Hito("h", "H", "", "", False, ("decision:15",), esquemas=("nadie",))
    mapa = Mapa(("nadie",), ("a",), "b", ("decision:15",))
    acto = Acto("p", "P", "", ("r",), ("x",), "y", ("decision:15",), entrega=("nadie",))
    tramitacion, otro = Tramitacion("x", {}, {"p": acto}, ("decision:15",)), next(iter(catalogo.esquemas))
    real = cargar().proceso.tramitacion.acuerdo
    acuerdo = replace(real, documentos=(replace(real.documentos[0], norma=()),))
    casos = [
        (
            {"instrumentos": {**catalogo.instrumentos, "crece": replace(crece, agrupa=("nadie",))}},
            "instrumento/crece.yaml",
            "agrupa",
        ),
        ({"instrumentos": {**catalogo.instrumentos, "crece": replace(crece, norma=("nadie",))}}, "instrumento/crece.yaml", ""),
        (
            {"instrumentos": {**catalogo.instrumentos, "crece": replace(crece, montos=(replace(crece.montos[0], norma=()),))}},
            "instrumento/crece.yaml",
            f"montos.{crece.montos[0].concepto}",
        ),
        (
            {
                "instrumentos": {
                    **catalogo.instrumentos,
                    "crece": replace(crece, tope_por_beneficiario=replace(crece.tope_por_beneficiario, norma=())),
                }
            },
            "instrumento/crece.yaml",
            "tope_por_beneficiario",
        ),
        ({"proceso": replace(catalogo.proceso, hitos=(hito,))}, "proceso/proceso.yaml", "hitos.h.esquemas"),
        ({"proceso": replace(catalogo.proceso, hitos=(replace(hito, norma=()),))}, "proceso/proceso.yaml", "hitos.h"),
        ({"proceso": replace(catalogo.proceso, deberes=(Deber("q", "D", ("nadie",)),))}, "proceso/proceso.yaml", "deberes.D"),
        ({"proceso": replace(catalogo.proceso, mapa=mapa)}, "proceso/proceso.yaml", "mapa.matrices"),
        ({"proceso": replace(catalogo.proceso, mapa=replace(mapa, norma=()))}, "proceso/proceso.yaml", "mapa"),
        ({"proceso": replace(catalogo.proceso, tramitacion=tramitacion)}, "proceso/proceso.yaml", "tramitacion.actos.p.entrega"),
        (
            {"proceso": replace(catalogo.proceso, tramitacion=replace(tramitacion, actos={}, observaciones="nadie"))},
            "proceso/proceso.yaml",
            "tramitacion.observaciones",
        ),
        (
            {"proceso": replace(catalogo.proceso, tramitacion=replace(tramitacion, actos={}, observaciones=otro))},
            "proceso/proceso.yaml",
            "tramitacion.observaciones",
        ),
        (
            {"proceso": replace(catalogo.proceso, tramitacion=replace(tramitacion, norma=()))},
            "proceso/proceso.yaml",
            "tramitacion",
        ),
        (
            {"proceso": replace(catalogo.proceso, tramitacion=replace(tramitacion, actos={}, acuerdo=acuerdo))},
            "proceso/proceso.yaml",
            "tramitacion.acuerdo.acta",
        ),
        ({"notas": {"n": Notas("n", "N", "", (Nota("una", "", "Algo.", ("nadie",)),))}}, "notas/n.yaml", "una"),
    ]
    for otros, archivo, ruta in casos:
        with pytest.raises(EsquemaInvalido) as error:
            comprobar(armar(**otros), Archivos())
        assert (error.value.archivo, error.value.ruta) == (archivo, ruta)


def test_normas_citadas_recorre_todo():
    claves = {clave.partition("/")[0] for clave, _, _ in normas_citadas(cargar())}
    assert claves == {"formato", "encuesta", "catalogo", "instrumento", "orientador", "proceso", "notas"}
    de_focalizacion = [ruta for clave, ruta, _ in normas_citadas(cargar()) if clave == "formato/focalizacion"]
    assert {"", "focalizacion.territorio", "focalizacion.reglas(territorio-segun-criterio)"} <= set(de_focalizacion)


def test_los_ejemplos_y_lo_que_citan():
    catalogo = armar()
    assert [f["codigo"] for f in ejemplos_de(catalogo.esquemas["matriz"])["matriz"]] == ["X-1", "X-2"]
    assert ejemplos_de(catalogo.esquemas["consulta"])["ideas"] == [{"respuesta": "x", "color": "preliminar", "nota": "x"}]
    assert contexto_de_ejemplo(catalogo, catalogo.esquemas["matriz"]).referidas.keys() == {"montos"}
