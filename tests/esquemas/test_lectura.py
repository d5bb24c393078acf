"""De un diccionario al modelo: cada clave de más, de menos o mal escrita es `EsquemaInvalido`, y dice dónde.

Cada caso toma un descriptor bueno y cambia una sola cosa.
"""

import copy

import pytest

from esquemas.errores import EsquemaInvalido, Gravedad
from esquemas.lectura import huella_de
from esquemas.lectura_esquema import leer_esquema
from esquemas.lectura_saber import VIGENCIA, leer_documento, leer_instrumento, leer_notas, leer_opciones, leer_proceso
from esquemas.modelo import Condicion, Referencia
from tests.esquemas.fabrica import campo, codigo, dato_de_encuesta, formato, regla

QUITAR = object()
REF = {"esquema": "otro", "tipo": ["x"]}
SUMA = {"de": "numero", "por": ["codigo"], "relacion": "no_supera", "tope": {"esquema": "otro", "campo": "monto"}}
COCIENTE = {"de": "numero", "entre": "numero", "tope_de": "codigo"}


def de_formato():
    dato = copy.deepcopy(
        formato(
            "matriz",
            [
                codigo(),
                campo("numero", "entero", constraints={"minimum": 0, "maximum": 9}),
                campo("texto", mostrar_si={"campo": "numero", "es": "1"}),
                campo("activo", "logico"),
                campo("cita", referencia=dict(REF)),
            ],
            [
                regla("uno", "texto", si={"campo": "numero", "es": "1"}, exige={"campo": "texto", "vacio": False}),
                regla("dos", "numero", suma=copy.deepcopy(SUMA)),
                regla("tres", "numero", cociente=dict(COCIENTE)),
                regla("cuatro", "cita", cita={"tipo": ["x"]}),
                regla("cinco", "cita", gravedad="alerta", citados={"campo": "tipo", "es": "x"}),
            ],
            ejemplos=[{"codigo": "M-02"}],
        ).descriptor
    )
    return dato


def de_encuesta():
    grupos = {"personas": {"campos": [campo("cargo")], "minimo": 1, "maximo": 3, "mostrar_si": {"campo": "nombre", "es": "x"}}}
    dato = dato_de_encuesta("consulta", [campo("nombre"), campo("interes", mostrar_si={"campo": "nombre", "es": "x"})], grupos)
    return copy.deepcopy(dato | {"privacidad": {"responsable": "Quien", "base": "Ley"}})


def de_opciones():
    una = {"codigo": "01", "nombre": "Uno", "descripcion": "El uno.", "sinonimos": ["primero"]}
    return {
        "name": "lista",
        "title": "Lista",
        "description": "",
        "version": "1.0.0",
        "norma": [],
        "opciones": [una, {"codigo": "02", "nombre": "Dos"}],
    }


def de_instrumento():
    textos = dict.fromkeys(("title", "nombre_corto", "objetivo", "apoyo", "acceso", "postulacion"), "x")
    monto = {"concepto": "c", "title": "t", "cifras_de": 2021, "norma": ["n"], "maximo": 5}
    tope = {"monto": 7, "cuenta": "3 + 4", "norma": ["n"]}
    return {
        "name": "ficha",
        "version": "1.0.0",
        "traspasado": True,
        "norma": ["n"],
        "montos": [monto],
        "tope_por_beneficiario": tope,
    } | textos


def de_documento():
    partes = [
        {"id": "4", "title": "Cuatro", "url": "/norma/4/"},
        {"id": "4.a.i", "etiqueta": "i"},
        {"id": "9.b"},
        {"id": "z", "url": "/z/"},
    ]
    return {
        "name": "norma",
        "title": "Norma",
        "cita": "N 1",
        "nombre_corto": "Norma",
        "url": "/norma/",
        "literal": True,
        "partes": partes,
    }


def de_notas():
    nota = {"id": "una", "texto": "Algo.", "norma": ["norma:4"]}
    confronta = {"title": "Dos", "dicen": [{"norma": "norma:4", "texto": "Sí."}, {"norma": "norma:9.b", "texto": "No."}]}
    return {"name": "cosas", "title": "Cosas", "notas": [nota, nota | confronta | {"id": "otra-2", "rige": "La primera."}]}


def de_proceso():
    hito = {"title": "t", "description": "d", "responsable": "r", "norma": ["n"], "cuando": "c"}
    return {
        "name": "proceso",
        "version": "1.0.0",
        "zona": "America/Santiago",
        "zonas": [{"zona": "America/Punta_Arenas", "nombre": "Magallanes", "regiones": ["12"]}],
        "deberes": [{"quien": "q", "title": "t", "norma": ["n"]}],
        "hitos": [
            hito | {"name": "a", "regla": {"clase": "ventana", "desde": "03-01", "hasta": "03-15"}},
            hito | {"name": "b", "regla": {"clase": "a-mas-tardar", "fecha": "08-30"}},
            hito | {"name": "c", "regla": {"clase": "dia-habil", "mes": 12, "numero": 1}},
            hito
            | {
                "name": "d",
                "regla": {"clase": "dias-desde", "dias": 15, "computo": "corridos", "desde": "a", "hecho": "recepcion"},
            },
            hito | {"name": "e"},
        ],
        "tramitacion": {
            "norma": ["n"],
            "inicial": "x",
            "acuerdo": {
                **{"title": "A", "description": "d", "norma": ["n"], "en_orden": ["dia"]},
                "fields": [campo("dia", "fecha", example="2026-12-10"), campo("numero")],
                "documentos": [campo("acta")],
            },
            "observaciones": "m",
            "estados": [
                {"name": "x", "title": "X", "description": "d", "abre": "todo"},
                {"name": "y", "title": "Y", "description": "d", "abre": "nada"},
            ],
            "actos": [
                {"name": "p", "title": "P", "description": "d", "quien": ["sercotec"], "de": ["x"], "a": "y", "norma": ["n"]},
                {
                    **{"name": "q", "title": "Q", "description": "d", "quien": ["lector"], "de": ["y"], "a": "x", "norma": ["n"]},
                    **{"hito": "a", "entrega": ["m"], "exige": ["motivo", "acuerdo"], "tras": {"y": "b"}},
                },
            ],
        },
    }


CLASES = {
    "formato": (de_formato, lambda d: leer_esquema(d, "formatos/matriz.yaml", "formato"), "formatos/matriz.yaml"),
    "encuesta": (de_encuesta, lambda d: leer_esquema(d, "encuestas/consulta.yaml", "encuesta"), "encuestas/consulta.yaml"),
    "opciones": (de_opciones, lambda d: leer_opciones(d, "catalogos/lista.yaml"), "catalogos/lista.yaml"),
    "instrumento": (de_instrumento, lambda d: leer_instrumento(d, "instrumentos/ficha.yaml"), "instrumentos/ficha.yaml"),
    "documento": (de_documento, lambda d: leer_documento(d, "normativa/norma.yaml"), "normativa/norma.yaml"),
    "notas": (de_notas, lambda d: leer_notas(d, "notas/cosas.yaml"), "notas/cosas.yaml"),
    "proceso": (de_proceso, lambda d: leer_proceso(d, "proceso.yaml"), "proceso.yaml"),
}


def poner(dato, ruta, valor):
    """Cambia (o quita) lo que hay en `ruta`: claves y posiciones separadas por «/»."""
    *camino, ultima = [int(p) if p.isdecimal() else p for p in ruta.split("/")]
    for paso in camino:
        dato = dato[paso]
    if valor is QUITAR:
        del dato[ultima]
    elif isinstance(dato, list) and ultima == len(dato):
        dato.append(valor)
    else:
        dato[ultima] = valor


@pytest.mark.parametrize("clase", CLASES)
def test_el_bueno_se_lee(clase):
    hacer, leer, _ = CLASES[clase]
    assert leer(hacer())


CASOS = [
    # --- formato
    ("formato", "otra", "x", "otra"),
    ("formato", "nombre", "x", "nombre"),
    ("formato", "resources", [], "resources"),
    ("formato", "name", "otro", "name"),
    ("formato", "name", QUITAR, ""),
    ("formato", "title", QUITAR, ""),
    ("formato", "title", "  ", ""),
    ("formato", "title", 5, "title"),
    ("formato", "description", "", ""),
    ("formato", "description", None, ""),
    ("formato", "llena", QUITAR, ""),
    ("formato", "norma", QUITAR, ""),
    ("formato", "norma", "decision:01", "norma"),
    ("formato", "norma", [1], "norma"),
    ("formato", "version", "1.0", "version"),
    ("formato", "version", "v1.0.0", "version"),
    ("formato", "version", "1.0.0-beta", "version"),
    ("formato", "version", "01.0.0", "version"),
    ("formato", "version", "١.0.0", "version"),
    ("formato", "version", "1.0.1", "cambios"),
    ("formato", "version", QUITAR, ""),
    ("formato", "cambios", QUITAR, "cambios"),
    ("formato", "cambios", [], "cambios"),
    ("formato", "cambios", {}, "cambios"),
    ("formato", "cambios/0/fecha", "20-11-2026", "cambios[0].fecha"),
    ("formato", "cambios/0/fecha", "2026-02-30", "cambios[0].fecha"),
    ("formato", "cambios/0/fecha", QUITAR, "cambios[0]"),
    ("formato", "cambios/0/quien", "x", "cambios[0].quien"),
    ("formato", "ambito", "comuna", "ambito"),
    ("formato", "exigible", "true", "exigible"),
    ("formato", "anonima", True, "anonima"),
    ("encuesta", "anonima", "si", "anonima"),
    ("formato", "orden", "1", "orden"),
    ("formato", "orden", True, "orden"),
    ("formato", "no_revisa", "nada", "no_revisa"),
    ("formato", "missingValues", QUITAR, "missingValues"),
    ("formato", "missingValues", ["", "-"], "missingValues"),
    ("formato", "fields", [], "fields"),
    ("formato", "fields", {}, "fields"),
    ("formato", "primaryKey", ["no_esta"], "primaryKey"),
    ("formato", "primaryKey", "codigo", "primaryKey"),
    ("formato", "uniqueKeys", ["codigo"], "uniqueKeys"),
    ("formato", "uniqueKeys", "codigo", "uniqueKeys"),
    ("formato", "uniqueKeys", [["codigo", "no_esta"]], "uniqueKeys"),
    ("formato", "ejemplos/0/otro", "x", "ejemplos[0].otro"),
    ("formato", "ejemplos/0/codigo", 5, "ejemplos[0].codigo"),
    ("formato", "ejemplos", {}, "ejemplos"),
    # --- campo
    ("formato", "fields/1", "numero", "fields[1]"),
    ("formato", "fields/1/otra", "x", "fields[1].otra"),
    ("formato", "fields/1/enum", ["a"], "fields[1].enum"),
    ("formato", "fields/1/format", "email", "fields[1].format"),
    *(
        ("formato", f"fields/1/{c}", QUITAR, "fields[1]")
        for c in ("name", "title", "type", "description", "example", "norma", "dato")
    ),
    ("formato", "fields/1/title", " ", "fields[1]"),
    ("formato", "fields/1/name", "Numero", "fields[1](Numero)"),
    ("formato", "fields/1/name", "número", "fields[1](número)"),
    ("formato", "fields/1/name", "con-guion", "fields[1](con-guion)"),
    ("formato", "fields/1/name", "codigo", "fields"),
    ("formato", "fields/1/title", "CODIGO", "fields"),
    ("formato", "fields/1/title", "Activo", "fields"),
    ("formato", "fields/1/example", 5, "fields[1](numero).example"),
    ("formato", "fields/1/norma", "x", "fields[1](numero).norma"),
    ("formato", "fields/1/type", "entero", "fields[1](numero).tipo"),
    ("formato", "fields/1/type", "array", "fields[1](numero).tipo"),
    ("formato", "fields/1/tipo", "fecha", "fields[1](numero).tipo"),
    ("formato", "fields/1/tipo", "inexistente", "fields[1](numero).tipo"),
    ("formato", "fields/1/dato", "secreto", "fields[1](numero).dato"),
    ("formato", "fields/1/dato", "personal", "fields[1](numero)"),
    ("formato", "fields/1/dato", "sensible", "fields[1](numero)"),
    ("formato", "fields/1/varios", True, "fields[1](numero)"),
    ("formato", "fields/1/varios", "si", "fields[1](numero).varios"),
    ("formato", "fields/1/automatico", 1, "fields[1](numero).automatico"),
    ("formato", "fields/1/catalogo", "regiones", "fields[1](numero)"),
    ("formato", "fields/1/referencia", {"esquema": "x"}, "fields[1](numero)"),
    ("formato", "fields/4/referencia", "otro", "fields[4](cita).referencia"),
    ("formato", "fields/4/referencia/esquema", QUITAR, "fields[4](cita).referencia"),
    ("formato", "fields/4/referencia/campo", "x", "fields[4](cita).referencia.campo"),
    ("formato", "fields/4/referencia/tipo", "x", "fields[4](cita).referencia.tipo"),
    ("formato", "fields/4/catalogo", "regiones", "fields[4](cita)"),
    ("formato", "fields/3/trueValues", ["sí"], "fields[3](activo)"),
    ("formato", "fields/3/falseValues", QUITAR, "fields[3](activo)"),
    ("formato", "fields/1/constraints", [], "fields[1](numero).constraints"),
    ("formato", "fields/1/constraints/enum", ["a"], "fields[1](numero).constraints.enum"),
    ("formato", "fields/1/constraints/required", "si", "fields[1](numero).constraints.required"),
    ("formato", "fields/1/constraints/minimum", "0", "fields[1](numero).constraints.minimum"),
    ("formato", "fields/1/constraints/minimum", True, "fields[1](numero).constraints.minimum"),
    ("formato", "fields/1/constraints/maxLength", 5, "fields[1](numero).constraints.maxLength"),
    ("formato", "fields/1/constraints/pattern", "x", "fields[1](numero).constraints.pattern"),
    ("formato", "fields/3/constraints", {"minimum": 0}, "fields[3](activo).constraints.minimum"),
    ("formato", "fields/2/constraints/minimum", 5, "fields[2](texto).constraints.minimum"),
    ("formato", "fields/2/constraints/maxLength", QUITAR, "fields[2](texto).constraints"),
    ("formato", "fields/2/constraints/maxLength", 2001, "fields[2](texto).constraints"),
    ("formato", "fields/2/constraints/maxLength", "200", "fields[2](texto).constraints.maxLength"),
    ("formato", "fields/2/constraints/pattern", "[", "fields[2](texto).constraints.pattern"),
    ("formato", "fields/2/mostrar_si", {"campo": "texto", "es": "x"}, "fields[2].mostrar_si"),
    ("formato", "fields/2/mostrar_si", {"campo": "no_esta", "es": "x"}, "fields[2].mostrar_si"),
    ("formato", "fields/2/mostrar_si", {"campo": "cita", "es": "x"}, "fields[2].mostrar_si"),
    ("formato", "fields/2/mostrar_si", {"campo": "numero"}, "fields[2](texto).mostrar_si"),
    # --- regla
    ("formato", "reglas", {}, "reglas"),
    ("formato", "reglas/0/otra", "x", "reglas[0].otra"),
    *(("formato", f"reglas/0/{c}", QUITAR, "reglas[0]") for c in ("codigo", "gravedad", "campo", "mensaje", "arreglo", "norma")),
    ("formato", "reglas/0/arreglo", " ", "reglas[0]"),
    ("formato", "reglas/0/codigo", "Con Espacio", "reglas[0](Con Espacio)"),
    ("formato", "reglas/0/codigo", "dos", "reglas"),
    ("formato", "reglas/0/codigo", "obligatorio", "reglas[0](obligatorio)"),
    ("formato", "reglas/0/gravedad", "grave", "reglas[0](uno).gravedad"),
    ("formato", "reglas/0/campo", "no_esta", "reglas[0](uno)"),
    ("formato", "reglas/0/exige", QUITAR, "reglas[0](uno)"),
    ("formato", "reglas/0/cita", {"tipo": ["x"]}, "reglas[0](uno)"),
    ("formato", "reglas/0/exige", {"campo": "no_esta", "vacio": False}, "reglas[0](uno)"),
    ("formato", "reglas/0/si", {"campo": "no_esta", "es": "x"}, "reglas[0](uno)"),
    ("formato", "reglas/0/si", {"campo": "numero", "contiene": "x"}, "reglas[0](uno).si.contiene"),
    ("formato", "reglas/1/suma", [], "reglas[1](dos).suma"),
    ("formato", "reglas/1/suma/otra", 1, "reglas[1](dos).suma.otra"),
    ("formato", "reglas/1/suma/de", "no_esta", "reglas[1](dos)"),
    ("formato", "reglas/1/suma/de", ["numero"], "reglas[1](dos).suma.de"),
    ("formato", "reglas/1/suma/por", "codigo", "reglas[1](dos).suma.por"),
    ("formato", "reglas/1/suma/por", ["no_esta"], "reglas[1](dos)"),
    ("formato", "reglas/1/suma/relacion", "iguala", "reglas[1](dos).suma.relacion"),
    ("formato", "reglas/1/suma/tope", QUITAR, "reglas[1](dos).suma"),
    ("formato", "reglas/1/suma/tope", "otro", "reglas[1](dos).suma.tope"),
    ("formato", "reglas/1/suma/tope/esquema", ["otro"], "reglas[1](dos).suma.tope.esquema"),
    ("formato", "reglas/1/suma/tope/consta", ["x"], "reglas[1](dos).suma.tope.consta"),
    ("formato", "reglas/1/suma/tope/otra", 1, "reglas[1](dos).suma.tope.otra"),
    ("formato", "reglas/1/suma/tope/prefiere", {"campo": "m"}, "reglas[1](dos).suma.tope.prefiere"),
    ("formato", "reglas/1/suma/tope/prefiere", {"campo": "m", "orden": "a"}, "reglas[1](dos).suma.tope.prefiere.orden"),
    ("formato", "reglas/1/suma/tope/prefiere", {"campo": ["m"], "orden": ["a"]}, "reglas[1](dos).suma.tope.prefiere.campo"),
    ("formato", "reglas/2/cociente/entre", QUITAR, "reglas[2](tres).cociente"),
    ("formato", "reglas/2/cociente/entre", "no_esta", "reglas[2](tres)"),
    ("formato", "reglas/3/cita/tipo", "x", "reglas[3](cuatro).cita.tipo"),
    ("formato", "reglas/3/cita", {}, "reglas[3](cuatro).cita"),
    ("formato", "reglas/4/si", {"campo": "numero", "es": "1"}, "reglas[4](cinco).si"),
    # --- encuesta
    ("encuesta", "fields", [], "fields"),
    ("encuesta", "ambito", "region", "ambito"),
    ("encuesta", "resources", [], "resources"),
    ("encuesta", "resources", QUITAR, "resources"),
    ("encuesta", "resources/0/name", "otra", "resources[0]"),
    ("encuesta", "resources/1/otra", "x", "resources[1].otra"),
    ("encuesta", "resources/1/name", "consulta", "resources[1]"),
    ("encuesta", "resources/1/name", "Personas", "resources[1]"),
    ("encuesta", "resources/1/path", "otra.csv", "resources[1]"),
    ("encuesta", "resources/1/schema", QUITAR, "resources[1]"),
    ("encuesta", "resources/1/schema/otra", "x", "resources[1](personas).schema.otra"),
    ("encuesta", "resources/1/schema/missingValues", QUITAR, "resources[1](personas).schema.missingValues"),
    ("encuesta", "resources/1/schema/fields/0", campo("otro"), "resources[1](personas).schema"),
    ("encuesta", "resources/1/schema/fields/0/automatico", False, "resources[1](personas).schema"),
    ("encuesta", "resources/1/schema/fields/1/example", QUITAR, "resources[1](personas).schema.fields[1]"),
    ("encuesta", "resources/1/schema/fields/1/mostrar_si", {"campo": "no_esta", "es": "x"}, "personas.cargo.mostrar_si"),
    (
        "encuesta",
        "resources/1/schema/fields/1/mostrar_si",
        {"campo": "cargo", "es": "x"},
        "resources[1](personas).schema.fields[1].mostrar_si",
    ),
    ("encuesta", "resources/0/schema/fields/2/mostrar_si", {"campo": "no_esta", "es": "x"}, "consulta.interes.mostrar_si"),
    ("encuesta", "resources/1/mostrar_si", {"campo": "cargo", "es": "x"}, "personas.mostrar_si"),
    ("encuesta", "resources/1/mostrar_si", {"campo": "nombre"}, "personas.mostrar_si"),
    ("encuesta", "resources/1/minimo", -1, "personas"),
    ("encuesta", "resources/1/minimo", 4, "personas"),
    ("encuesta", "resources/1/minimo", "1", "personas.minimo"),
    ("encuesta", "resources/1/maximo", 0, "personas"),
    ("encuesta", "secciones", QUITAR, "secciones"),
    ("encuesta", "secciones/0/contenido", ["nombre", "interes"], "secciones"),
    ("encuesta", "secciones/0/contenido", ["nombre", "interes", "personas", "sobra"], "secciones"),
    ("encuesta", "secciones/0/contenido", ["nombre", "nombre", "interes", "personas"], "secciones"),
    ("encuesta", "secciones/0/contenido", QUITAR, "secciones[0]"),
    ("encuesta", "secciones/0/otra", "x", "secciones[0].otra"),
    ("encuesta", "privacidad/plazo", "x", "privacidad.plazo"),
    ("encuesta", "privacidad/base", 5, "privacidad.base"),
    # --- opciones
    ("opciones", "otra", "x", "otra"),
    ("opciones", "name", "otro", "name"),
    ("opciones", "version", "1", "version"),
    ("opciones", "opciones", "x", "opciones"),
    ("opciones", "opciones", QUITAR, ""),
    ("opciones", "opciones/0", "01", "opciones[0]"),
    ("opciones", "opciones/0/otra", "x", "opciones[0].otra"),
    ("opciones", "opciones/0/nombre", QUITAR, "opciones[0]"),
    ("opciones", "opciones/0/codigo", 1, "opciones[0].codigo"),
    ("opciones", "opciones/0/codigo", ["01"], "opciones[0].codigo"),
    ("opciones", "opciones/0/codigo", "a;b", "opciones[0].codigo"),
    ("opciones", "opciones/0/codigo", "con espacio", "opciones[0].codigo"),
    ("opciones", "opciones/0/codigo", "ñ", "opciones[0].codigo"),
    ("opciones", "opciones/0/nombre", "Uno; dos", "opciones[0]"),
    ("opciones", "opciones/0/nombre", "Uno · dos", "opciones[0]"),
    ("opciones", "opciones/0/sinonimos", ["uno;dos"], "opciones[0]"),
    ("opciones", "opciones/0/sinonimos", "uno", "opciones[0].sinonimos"),
    ("opciones", "opciones/1/codigo", "01", "opciones"),
    # --- instrumento
    ("instrumento", "otra", "x", "otra"),
    ("instrumento", "name", "otro", "name"),
    ("instrumento", "acceso", QUITAR, ""),
    ("instrumento", "traspasado", "si", "traspasado"),
    ("instrumento", "version", "1.0", "version"),
    ("instrumento", "montos/0/minimo", 1, "montos[0]"),
    ("instrumento", "montos/0/maximo", QUITAR, "montos[0]"),
    ("instrumento", "montos/0/maximo", "5", "montos[0].maximo"),
    ("instrumento", "montos/0/cifras_de", QUITAR, "montos[0]"),
    ("instrumento", "montos/0/otra", 1, "montos[0].otra"),
    ("instrumento", "tope_por_beneficiario/monto", "7", "tope_por_beneficiario.monto"),
    ("instrumento", "tope_por_beneficiario/otra", "7", "tope_por_beneficiario.otra"),
    ("instrumento", "tope_por_beneficiario/cuenta", QUITAR, "tope_por_beneficiario"),
    # --- documento
    ("documento", "otra", "x", "otra"),
    ("documento", "name", "otro", "name"),
    ("documento", "url", QUITAR, ""),
    ("documento", "literal", "si", "literal"),
    ("documento", "partes", {}, "partes"),
    ("documento", "partes/0/otra", "x", "partes[0].otra"),
    ("documento", "partes/0/id", QUITAR, "partes[0]"),
    ("documento", "partes/0/id", 4, "partes[0].id"),
    ("documento", "partes/1/id", "4", "partes[1]"),
    ("documento", "partes/0/ver", 4, "partes[0].ver"),
    ("documento", "vigencia", "hoy", "vigencia"),
    ("documento", "vigencia", {}, "vigencia"),
    ("documento", "vigencia", dict.fromkeys(VIGENCIA, "x") | {"otra": "x"}, "vigencia.otra"),
    ("documento", "vigencia", dict.fromkeys(VIGENCIA, 5), "vigencia.identificador"),
    # --- notas
    ("notas", "otra", "x", "otra"),
    ("notas", "name", "otro", "name"),
    ("notas", "title", QUITAR, ""),
    ("notas", "notas", {}, "notas"),
    ("notas", "notas/0", "x", "notas[0]"),
    ("notas", "notas/0/otra", "x", "notas[0].otra"),
    ("notas", "notas/0/id", "Una", "notas[0].id"),
    ("notas", "notas/0/id", "otra-2", "notas"),
    ("notas", "notas/0/texto", QUITAR, "notas[0]"),
    ("notas", "notas/0/norma", QUITAR, "notas[0]"),
    ("notas", "notas/0/norma", "norma:4", "notas[0].norma"),
    ("notas", "notas/0/rige", "Esta.", "notas[0]"),
    ("notas", "notas/1/rige", QUITAR, "notas[1]"),
    ("notas", "notas/1/dicen", {}, "notas[1].dicen"),
    ("notas", "notas/1/dicen/0/otra", "x", "notas[1].dicen[0].otra"),
    ("notas", "notas/1/dicen/1/texto", QUITAR, "notas[1].dicen[1]"),
    # --- proceso
    ("proceso", "otra", "x", "otra"),
    ("proceso", "name", "otro", "name"),
    ("proceso", "mapa", {"matrices": ["a"], "columnas": ["b"], "suma": "c"}, "mapa"),
    ("proceso", "mapa", {"matrices": "a", "columnas": ["b"], "suma": "c", "norma": ["d"]}, "mapa.matrices"),
    ("proceso", "tramitacion/otra", "x", "tramitacion.otra"),
    ("proceso", "tramitacion/inicial", "z", "tramitacion.inicial"),
    ("proceso", "tramitacion/acuerdo/otra", "x", "tramitacion.acuerdo.otra"),
    ("proceso", "tramitacion/acuerdo/en_orden", ["numero"], "tramitacion.acuerdo.en_orden"),
    ("proceso", "tramitacion/acuerdo/documentos/0/name", "dia", "tramitacion.acuerdo"),
    ("proceso", "tramitacion/acuerdo/fields/0/norma", "x", "tramitacion.acuerdo.fields[0](dia).norma"),
    ("proceso", "tramitacion/acuerdo", QUITAR, "tramitacion"),
    ("proceso", "tramitacion/estados/0/abre", "algo", "tramitacion.estados[0].abre"),
    ("proceso", "tramitacion/estados/1/name", "x", "tramitacion.estados"),
    ("proceso", "tramitacion/estados/0/title", QUITAR, "tramitacion.estados[0]"),
    ("proceso", "tramitacion/actos/0/otra", "x", "tramitacion.actos[0].otra"),
    ("proceso", "tramitacion/actos/1/name", "p", "tramitacion.actos"),
    ("proceso", "tramitacion/actos/0/de", ["z"], "tramitacion.actos[0].de"),
    ("proceso", "tramitacion/actos/0/quien", ["z"], "tramitacion.actos[0].quien"),
    ("proceso", "tramitacion/actos/0/a", "z", "tramitacion.actos[0].a"),
    ("proceso", "tramitacion/actos/1/hito", "z", "tramitacion.actos[1].hito"),
    ("proceso", "tramitacion/actos/1/exige", ["algo"], "tramitacion.actos[1].exige"),
    ("proceso", "tramitacion/actos/1/tras", {"x": "b"}, "tramitacion.actos[1].tras.x"),
    ("proceso", "tramitacion/actos/1/tras", {"y": "z"}, "tramitacion.actos[1].tras.y"),
    ("proceso", "hitos", QUITAR, ""),
    ("proceso", "hitos", {}, "hitos"),
    ("proceso", "version", "1", "version"),
    ("proceso", "zonas/0/otra", "x", "zonas[0].otra"),
    ("proceso", "zonas/0/nombre", QUITAR, "zonas[0]"),
    ("proceso", "deberes/0/quien", QUITAR, "deberes[0]"),
    ("proceso", "deberes/0/otra", "x", "deberes[0].otra"),
    ("proceso", "hitos/0/otra", "x", "hitos[0].otra"),
    ("proceso", "hitos/0/cuando", QUITAR, "hitos[0]"),
    ("proceso", "hitos/1/name", "a", "hitos[1]"),
    ("proceso", "hitos/0/filas", ["momento"], "hitos[0].filas"),
    ("proceso", "hitos/0/filas", {"momento": 1}, "hitos[0].filas.momento"),
    ("proceso", "hitos/0/regla", "mañana", "hitos[0].regla"),
    ("proceso", "hitos/0/regla/clase", "siempre", "hitos[0].regla"),
    ("proceso", "hitos/0/regla/clase", ["ventana"], "hitos[0].regla"),
    ("proceso", "hitos/0/regla/hasta", QUITAR, "hitos[0].regla"),
    ("proceso", "hitos/0/regla/hasta", "15-03", "hitos[0].regla.hasta"),
    ("proceso", "hitos/0/regla/hasta", 315, "hitos[0].regla.hasta"),
    ("proceso", "hitos/0/regla/otra", "x", "hitos[0].regla.otra"),
    ("proceso", "hitos/1/regla/fecha", "02-30", "hitos[1].regla.fecha"),
    ("proceso", "hitos/2/regla/mes", "12", "hitos[2].regla.mes"),
    ("proceso", "hitos/2/regla/numero", True, "hitos[2].regla.numero"),
    ("proceso", "hitos/3/regla/dias", "15", "hitos[3].regla.dias"),
    ("proceso", "hitos/3/regla/desde", "e", "hitos[3].regla"),
    ("proceso", "hitos/3/regla/desde", ["a"], "hitos[3].regla.desde"),
    ("proceso", "hitos/3/regla/computo", "lunares", "hitos[3].regla"),
    ("proceso", "hitos/3/regla/hecho", "envio", "hitos[3].regla"),
]


@pytest.mark.parametrize(("clase", "ruta", "valor", "donde"), CASOS, ids=[f"{c}-{r}-{i}" for i, (c, r, *_) in enumerate(CASOS)])
def test_lo_malo_se_rechaza_y_dice_donde(clase, ruta, valor, donde):
    hacer, leer, archivo = CLASES[clase]
    dato = hacer()
    poner(dato, ruta, valor)
    with pytest.raises(EsquemaInvalido) as error:
        leer(dato)
    falla = error.value
    assert (falla.archivo, falla.ruta) == (archivo, donde)
    assert falla.que.strip()
    assert falla.arreglo.strip().endswith((".", ".csv.", "».", '".', "]"))


@pytest.mark.parametrize("clase", CLASES)
@pytest.mark.parametrize("dato", [None, [], "texto", 5])
def test_lo_que_no_es_un_mapa(clase, dato):
    with pytest.raises(EsquemaInvalido) as error:
        CLASES[clase][1](dato)
    assert error.value.ruta == ""


# --- lo que queda leído ----------------------------------------------------------------------------


def test_un_formato_leido():
    esquema = leer_esquema(de_formato(), "formatos/matriz.yaml", "formato")
    assert esquema.principal.nombres == ("codigo", "numero", "texto", "activo", "cita")
    numero = esquema.principal.campo("numero")
    assert (numero.minimo, numero.maximo, numero.tipo) == (0, 9, "entero")
    assert esquema.principal.campo("texto").mostrar_si == Condicion("es", "numero", ("1",))
    assert esquema.principal.campo("cita").referencia == Referencia("otro", ("x",))
    assert (esquema.principal.campo("codigo").obligatorio, esquema.principal.campo("codigo").unico) == (True, True)
    assert [r.clase for r in esquema.principal.reglas] == ["exige", "suma", "cociente", "cita", "citados"]
    assert esquema.principal.reglas[4].gravedad is Gravedad.ALERTA
    assert esquema.ejemplos[1] == {"codigo": "M-02", "numero": "", "texto": "", "activo": "", "cita": ""}
    assert (esquema.ambito, esquema.orden, esquema.exigible, esquema.grupos, esquema.secciones) == ("region", 0, False, (), ())
    assert esquema.nombre_completo == "Matriz"
    assert leer_esquema(de_formato() | {"sigla": "Z.9"}, "formatos/matriz.yaml", "formato").nombre_completo == "Z.9 · Matriz"


def test_una_encuesta_leida():
    esquema = leer_esquema(de_encuesta(), "encuestas/consulta.yaml", "encuesta")
    assert [t.nombre for t in esquema.tablas] == ["consulta", "personas"]
    (grupo,) = esquema.grupos
    assert (grupo.nombre, grupo.minimo, grupo.maximo) == ("personas", 1, 3)
    assert grupo.mostrar_si.campos() == {"nombre"}
    assert esquema.privacidad == {"responsable": "Quien", "base": "Ley"} and esquema.retencion_ejercicios is None
    assert esquema.secciones[0].contenido == ("nombre", "interes", "personas")
    assert esquema.es_encuesta


def test_el_plazo_de_retencion_va_aparte_de_los_textos():
    dicho = {"retencion": "Un año.", "retencion_ejercicios": 1}
    esquema = leer_esquema(de_encuesta() | {"privacidad": dicho}, "encuestas/consulta.yaml", "encuesta")
    assert esquema.privacidad == {"retencion": "Un año."} and esquema.retencion_ejercicios == 1
    for malo in ({"retencion_ejercicios": 1}, dicho | {"retencion_ejercicios": -1}):
        with pytest.raises(EsquemaInvalido, match="retencion_ejercicios"):
            leer_esquema(de_encuesta() | {"privacidad": malo}, "encuestas/consulta.yaml", "encuesta")


@pytest.mark.parametrize(("clase", "admitida"), [("publico", True), ("interno", True), ("personal", False), ("sensible", False)])
def test_una_encuesta_anonima_no_pide_datos_de_personas(clase, admitida):
    uso = {"finalidad": "Para probar."} if clase in ("personal", "sensible") else {}
    grupos = {"personas": {"campos": [campo("cargo", dato=clase, **uso)]}}
    dato = dato_de_encuesta("consulta", [campo("nombre")], grupos)
    assert leer_esquema(dato, "encuestas/consulta.yaml", "encuesta").anonima is False
    if admitida:
        assert leer_esquema(dato | {"anonima": True}, "encuestas/consulta.yaml", "encuesta").anonima is True
        return
    with pytest.raises(EsquemaInvalido, match="cargo") as error:
        leer_esquema(dato | {"anonima": True}, "encuestas/consulta.yaml", "encuesta")
    assert error.value.ruta == "anonima"


def test_un_campo_y_un_grupo_no_se_llaman_igual():
    dato = dato_de_encuesta("consulta", [campo("ideas")], {"ideas": {"campos": [campo("idea")]}})
    dato["secciones"][0]["contenido"] = ["ideas"]
    with pytest.raises(EsquemaInvalido) as error:
        leer_esquema(dato, "encuestas/consulta.yaml", "encuesta")
    assert error.value.ruta == "resources"


def test_un_grupo_mira_campos_de_la_tabla_principal():
    grupos = {"personas": {"campos": [campo("cargo", mostrar_si={"campo": "nombre", "es": "x"})]}}
    esquema = leer_esquema(dato_de_encuesta("consulta", [campo("nombre")], grupos), "encuestas/consulta.yaml", "encuesta")
    assert (esquema.grupos[0].minimo, esquema.grupos[0].maximo) == (0, 20)


def test_las_direcciones_de_las_partes_de_una_norma():
    documento = leer_documento(de_documento(), "normativa/norma.yaml")
    assert [(p.id, p.etiqueta, p.url) for p in documento.partes] == [
        ("4", "4", "/norma/4/"),
        ("4.a.i", "i", "/norma/4/#a-i"),
        ("9.b", "9.b", "/norma/#b"),
        ("z", "z", "/z/"),
    ]


def test_la_vigencia_y_las_notas_leidas():
    vigencia = dict.fromkeys(VIGENCIA, "x")
    assert leer_documento(de_documento() | {"vigencia": vigencia}, "normativa/norma.yaml").vigencia == vigencia
    assert leer_documento(de_documento(), "normativa/norma.yaml").vigencia == {}
    una, otra = leer_notas(de_notas(), "notas/cosas.yaml").notas
    assert (una.norma, una.dicen, una.rige) == (("norma:4",), (), "")
    assert (otra.dicen, otra.rige) == ((("norma:4", "Sí."), ("norma:9.b", "No.")), "La primera.")


def test_un_instrumento_y_un_proceso_leidos():
    ficha = leer_instrumento(de_instrumento(), "instrumentos/ficha.yaml")
    assert (ficha.tope_por_beneficiario.monto, ficha.montos[0].maximo, ficha.montos[0].minimo) == (7, 5, None)
    sin_tope = de_instrumento()
    del sin_tope["tope_por_beneficiario"]
    assert leer_instrumento(sin_tope, "instrumentos/ficha.yaml").tope_por_beneficiario is None
    proceso = leer_proceso(de_proceso(), "proceso.yaml")
    assert [h.nombre for h in proceso.hitos] == list("abcde")
    assert proceso.hitos[4].regla is None
    assert proceso.zonas[0].regiones == ("12",)
    assert proceso.deberes[0].quien == "q"


def test_la_huella_no_depende_del_orden_de_las_claves_y_si_de_lo_demas():
    dato = de_formato()
    al_reves = dict(reversed(dato.items()))
    assert huella_de(dato) == huella_de(al_reves)
    assert len(huella_de(dato)) == 64
    assert huella_de(dato) != huella_de(dato | {"title": "Otra"})
    assert huella_de(dato) != huella_de(dato | {"fields": dato["fields"][::-1]})
    # sha256 de {"a":"ñ"} en UTF-8, calculada con sha256sum: cualquiera la repite.
    assert huella_de({"a": "ñ"}) == "76e14502279b35541eec926ce039cda8e561b779909cc0cafe4ccbd84f3ddaf7"
