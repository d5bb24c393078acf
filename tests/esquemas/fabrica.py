"""Esquemas mínimos para probar el núcleo sin depender de los YAML del proyecto, que cambian por sus propias razones."""

from collections.abc import Mapping
from dataclasses import replace

from hypothesis import settings

from esquemas import catalogo as _catalogo
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.lectura_esquema import leer_esquema
from esquemas.modelo import Campo, Opcion, Opciones
from esquemas.tabla import leer_csv
from esquemas.validacion import Contexto, Resultado, validar_filas, validar_hojas

RAPIDO = settings(deadline=None, max_examples=100)  # sin plazo: las máquinas compartidas son lentas a ratos
COLORES = Opciones(
    "colores",
    "Colores",
    "De prueba.",
    "1.0.0",
    (Opcion("rojo", "Rojo", sinonimos=("colorado",)), Opcion("verde", "Verde"), Opcion("azul", "Azul")),
    ("decision:15",),
)
CIFRAS = Opciones(
    "cifras", "Cifras", "De prueba.", "1.0.0", (Opcion("01", "Uno"), Opcion("02", "Dos")), ("decision:15",)
)  # fmt: skip


def suelto(**mas) -> Campo:
    """Un `Campo` sin pasar por la lectura."""
    base = {"nombre": "x", "titulo": "Equis", "tipo": "texto", "descripcion": "", "ejemplo": "", "norma": ("decision:15",)}
    return Campo(**(base | {"dato": "publico"} | mas))


def campo(nombre: str, tipo: str = "texto", **mas) -> dict:
    """El YAML de un campo. `tipo` es el nuestro; `constraints` se completa con el largo si es texto."""
    bases = {"entero": "integer", "pesos": "integer", "decimal": "number", "porcentaje": "number"}
    bases |= {"fecha": "date", "logico": "boolean", "ejercicio": "year"}
    base = bases.get(tipo, "string")
    ejemplos = {"integer": "1", "number": "1", "date": "2026-12-31", "boolean": "si", "year": "2027", "correo": "a@ejemplo.cl"}
    limites = ({"maxLength": 200} if base == "string" else {}) | mas.pop("constraints", {})
    dato = {
        "name": nombre,
        "title": mas.pop("title", nombre.capitalize()),
        "type": base,
        "tipo": tipo,
        "description": "De prueba.",
        "example": ejemplos.get(tipo) or ejemplos.get(base, "x"),
        "norma": ["decision:15"],
        "dato": "publico",
    }
    if base == "boolean":
        dato |= {"trueValues": ["si"], "falseValues": ["no"]}
    return dato | ({"constraints": limites} if limites else {}) | mas


def codigo() -> dict:
    return campo("codigo", "codigo", title="Código", constraints={"required": True, "unique": True})


def regla(nombre: str, campo: str, **mas) -> dict:
    textos = {"mensaje": f"Mensaje de {nombre}.", "arreglo": f"Arreglo de {nombre}.", "norma": ["decision:15"]}
    return {"codigo": nombre, "gravedad": "error", "campo": campo} | textos | mas


def _cabeza(nombre: str) -> dict:
    return {
        "name": nombre,
        "title": nombre.capitalize(),
        "description": "De prueba.",
        "version": "1.0.0",
        "llena": "Quien prueba",
        "norma": ["decision:01"],
        "cambios": [{"version": "1.0.0", "fecha": "2026-11-20", "description": "Primera."}],
    }


def formato(nombre: str, campos, reglas=(), **mas):
    """Un formato leído de un diccionario, con `codigo` como clave si lo trae."""
    clave = ["codigo"] if any(c["name"] == "codigo" for c in campos) else []
    dato = _cabeza(nombre) | {"primaryKey": clave, "missingValues": [""], "fields": campos, "reglas": list(reglas)} | mas
    return leer_esquema(dato, f"formatos/{nombre}.yaml", "formato")


def dato_de_encuesta(nombre: str, campos, grupos: Mapping[str, dict], reglas=()) -> dict:
    respuesta = campo("respuesta", automatico=True, constraints={"required": True, "unique": True})
    una = respuesta | {"constraints": {"required": True, "maxLength": 40}}
    recursos = [
        {
            "name": nombre,
            "path": f"{nombre}.csv",
            "title": "Respuesta de la institución",
            "schema": {
                "primaryKey": ["respuesta"],
                "missingValues": [""],
                "fields": [respuesta, *campos],
                "reglas": list(reglas),
            },
        }
    ]
    for grupo, cosa in grupos.items():
        cosa = dict(cosa)
        tabla = {"missingValues": [""], "fields": [una, *cosa.pop("campos")], "reglas": cosa.pop("reglas", [])}
        recursos.append(
            {"name": grupo, "path": f"{grupo}.csv", "title": grupo.capitalize(), "norma": ["guia:A.8"], "schema": tabla} | cosa
        )
    contenido = [c["name"] for c in campos] + list(grupos)
    secciones = [{"name": "todo", "title": "Todo", "norma": ["guia:A.8"], "contenido": contenido}]
    return _cabeza(nombre) | {"resources": recursos, "secciones": secciones}


def encuesta(nombre: str, campos, grupos: Mapping[str, dict], reglas=()):
    return leer_esquema(dato_de_encuesta(nombre, campos, grupos, reglas), f"encuestas/{nombre}.yaml", "encuesta")


def catalogo_con(*esquemas):
    """El catálogo real con esos esquemas y los catálogos de prueba."""
    real = _catalogo.cargar()
    opciones = {**real.opciones, "colores": COLORES, "cifras": CIFRAS}
    return replace(real, esquemas={**real.esquemas, **{e.nombre: e for e in esquemas}}, opciones=opciones)


def hoja(texto: str, nombre: str = "Datos"):
    """Una hoja desde un CSV con «,», como la lee el lector de verdad."""
    return leer_csv(texto.encode(), nombre=nombre)


def por_filas(esquema, filas, contexto: Contexto | None = None, otros=()) -> Resultado:
    """Valida `filas` (lista: la tabla principal; mapa: tabla → filas)."""
    tablas = filas if isinstance(filas, Mapping) else {esquema.nombre: filas}
    return sin_huecos(validar_filas(catalogo_con(esquema, *otros), esquema, tablas, contexto or Contexto()))


def por_hoja(esquema, texto, contexto: Contexto | None = None, otros=()) -> Resultado:
    hojas = {t: hoja(c, t) for t, c in texto.items()} if isinstance(texto, Mapping) else {esquema.nombre: hoja(texto)}
    return sin_huecos(validar_hojas(catalogo_con(esquema, *otros), esquema, hojas, contexto or Contexto()))


def sin_huecos(resultado: Resultado) -> Resultado:
    """Lo que se exige a todo resultado: un rechazo dice por qué, y todo problema trae mensaje, arreglo, norma y tabla."""
    assert resultado.valido or resultado.errores
    for problema in resultado.problemas:
        assert problema.norma and problema.tabla, problema
        assert problema.mensaje.rstrip(".?…)") and problema.mensaje.strip() == problema.mensaje, problema
        assert len(_oraciones(problema.mensaje)) >= 2, f"sin arreglo: {problema.mensaje}"
    return resultado


def _oraciones(texto: str) -> list[str]:
    return [t for t in texto.replace("?", ".").replace(": ", ". ").replace("; ", ". ").split(". ") if t.strip(" .")]


def codigos(resultado: Resultado) -> list[str]:
    return [str(p.codigo) for p in resultado.problemas]


def unico(resultado: Resultado, codigo: Codigo | str, gravedad: Gravedad = Gravedad.ERROR) -> Problema:
    """El único problema del resultado, que debe ser ese."""
    assert codigos(resultado) == [str(codigo)], resultado.problemas
    assert resultado.problemas[0].gravedad is gravedad
    return resultado.problemas[0]
