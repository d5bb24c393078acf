"""Lee un campo, una condición y una regla. Aquí está, clave por clave, lo que un YAML puede decir de una columna."""

import re
from collections.abc import Mapping
from typing import Any

from esquemas.errores import Codigo, Gravedad
from esquemas.lectura import NOMBRE, Lector
from esquemas.modelo import Campo, Condicion, Referencia, Regla
from esquemas.tipos import TIPOS, tipo_por_omision

DATOS = ("publico", "interno", "personal", "sensible")
CLASES_DE_REGLA = ("exige", "suma", "cociente", "cita", "citados")
OPERADORES = ("es", "no_es", "en", "vacio", "y", "o")
NOMBRE_DE_CAMPO = re.compile(r"[a-z][a-z0-9_]*")
LARGO_MAXIMO = 2000  # caracteres por celda; el tope del lector (confianza)

_CAMPO = {
    "name", "title", "type", "tipo", "unidad", "description", "ayuda", "example", "norma", "dato", "finalidad",
    "constraints", "catalogo", "referencia", "varios", "mostrar_si", "automatico", "trueValues", "falseValues", "escriben",
}  # fmt: skip
_LIMITES = {"required", "unique", "minimum", "maximum", "minLength", "maxLength", "pattern"}
_LIMITES_DE = {  # los que significan algo en cada `type`; los demás harían fallar la lectura de una celda
    "string": {"minLength", "maxLength", "pattern"},
    "integer": {"minimum", "maximum"},
    "number": {"minimum", "maximum"},
    "year": {"minimum", "maximum"},
}
_REGLA = {"codigo", "gravedad", "campo", "si", "mensaje", "arreglo", "norma", *CLASES_DE_REGLA}


def leer_campo(lector: Lector, dato: Any, ruta: str) -> Campo:
    lector.claves(dato, ruta, _CAMPO, ("name", "title", "type", "description", "norma", "dato"))
    if "example" not in dato:
        raise lector.falla(ruta, "falta «example».", "Agregue un valor de ejemplo en forma canónica.")
    nombre = lector.texto(dato, "name", ruta)
    ruta = f"{ruta}({nombre})"
    if not NOMBRE_DE_CAMPO.fullmatch(nombre):
        raise lector.falla(ruta, f"«{nombre}» no sirve de nombre.", "Use minúsculas ASCII, cifras y «_».")
    base = lector.texto(dato, "type", ruta)
    tipo = lector.texto(dato, "tipo", ruta, tipo_por_omision(base))
    if tipo not in TIPOS or TIPOS[tipo].base != base:
        posibles = ", ".join(t for t, clase in TIPOS.items() if clase.base == base) or "ninguno: corrija type"
        raise lector.falla(f"{ruta}.tipo", f"«{tipo}» no es un tipo de «{base}».", f"Con ese type puede usar: {posibles}.")
    if base == "boolean" and (dato.get("trueValues"), dato.get("falseValues")) != (["si"], ["no"]):
        raise lector.falla(ruta, "un lógico declara sus valores.", 'Escriba trueValues: [si] y falseValues: ["no"].')
    clase_de_dato = lector.texto(dato, "dato", ruta)
    if clase_de_dato not in DATOS:
        raise lector.falla(f"{ruta}.dato", f"«{clase_de_dato}» no existe.", f"Use uno de: {', '.join(DATOS)}.")
    finalidad = lector.texto(dato, "finalidad", ruta)
    if clase_de_dato in ("personal", "sensible") and not finalidad:
        raise lector.falla(ruta, "un dato personal sin finalidad.", "Agregue «finalidad»: para qué se usa.")
    limites = lector.claves(dato.get("constraints", {}), f"{ruta}.constraints", _LIMITES)
    lector.claves(limites, f"{ruta}.constraints", {"required", "unique"} | _LIMITES_DE.get(base, set()))
    largo = lector.entero(limites, "maxLength", f"{ruta}.constraints")
    if base == "string" and not (dato.get("catalogo") or dato.get("referencia")) and not (largo and largo <= LARGO_MAXIMO):
        raise lector.falla(f"{ruta}.constraints", "un texto sin largo máximo.", f"Agregue maxLength (hasta {LARGO_MAXIMO}).")
    patron = lector.texto(limites, "pattern", f"{ruta}.constraints")
    try:
        re.compile(patron)
    except re.error as error:
        raise lector.falla(f"{ruta}.constraints.pattern", f"expresión inválida ({error}).", "Corríjala.") from None
    catalogo, referencia = lector.texto(dato, "catalogo", ruta), _leer_referencia(lector, dato, ruta)
    varios = lector.logico(dato, "varios", ruta)
    if catalogo and referencia:
        raise lector.falla(ruta, "tiene catalogo y referencia a la vez.", "Deje uno de los dos.")
    if (catalogo or referencia) and base != "string":
        raise lector.falla(ruta, "las opciones y referencias son texto.", "Escriba type: string.")
    if varios and not (catalogo or referencia):
        raise lector.falla(ruta, "«varios» solo va con catalogo o referencia.", "Quite «varios» o agregue uno de los dos.")
    return Campo(
        nombre=nombre,
        titulo=lector.texto(dato, "title", ruta),
        tipo=tipo,
        descripcion=lector.texto(dato, "description", ruta),
        ejemplo=lector.texto(dato, "example", ruta),
        norma=lector.textos(dato, "norma", ruta),
        dato=clase_de_dato,
        ayuda=lector.texto(dato, "ayuda", ruta),
        finalidad=finalidad,
        unidad=lector.texto(dato, "unidad", ruta),
        obligatorio=lector.logico(limites, "required", f"{ruta}.constraints"),
        unico=lector.logico(limites, "unique", f"{ruta}.constraints"),
        minimo=lector.entero(limites, "minimum", f"{ruta}.constraints"),
        maximo=lector.entero(limites, "maximum", f"{ruta}.constraints"),
        largo_minimo=lector.entero(limites, "minLength", f"{ruta}.constraints"),
        largo_maximo=largo,
        patron=patron,
        catalogo=catalogo,
        varios=varios,
        referencia=referencia,
        mostrar_si=leer_condicion(lector, dato["mostrar_si"], f"{ruta}.mostrar_si") if "mostrar_si" in dato else None,
        automatico=lector.logico(dato, "automatico", ruta),
        escriben=lector.roles(dato, "escriben", ruta),
    )


def _leer_referencia(lector: Lector, dato: Mapping[str, Any], ruta: str) -> Referencia | None:
    if "referencia" not in dato:
        return None
    ruta = f"{ruta}.referencia"
    crudo = lector.claves(dato["referencia"], ruta, ("esquema", "tipo"), ("esquema",))
    return Referencia(lector.texto(crudo, "esquema", ruta), lector.textos(crudo, "tipo", ruta))


def _como_valor(lector: Lector, valor: Any, ruta: str) -> str:
    if isinstance(valor, bool) or not isinstance(valor, str | int):
        raise lector.falla(ruta, f"{valor!r} no es un valor canónico.", "Escríbalo entre comillas.")
    return str(valor)


def leer_condicion(lector: Lector, dato: Any, ruta: str) -> Condicion:
    """La única gramática de condiciones: `{campo, es | no_es | en | vacio}`, unidas con `y` / `o`."""
    dato = lector.claves(dato, ruta, ("campo", *OPERADORES))
    usados = [o for o in OPERADORES if o in dato]
    if len(usados) != 1 or (usados[0] in "yo") == ("campo" in dato):
        raise lector.falla(ruta, "condición mal formada.", "Use {campo: x, es: v}, no_es, en o vacio; o {y: [...]}, {o: [...]}.")
    operador, valor = usados[0], dato[usados[0]]
    if operador in "yo":
        partes = tuple(
            leer_condicion(lector, p, f"{ruta}.{operador}[{i}]") for i, p in enumerate(lector.lista(dato, operador, ruta))
        )
        if len(partes) < 2:
            raise lector.falla(ruta, "une menos de dos condiciones.", "Agregue otra o quite el «y» / «o».")
        return Condicion(operador, partes=partes)
    campo = lector.texto(dato, "campo", ruta)
    if operador == "vacio":
        return Condicion(operador, campo, vacio=lector.logico(dato, "vacio", ruta))
    if operador == "en":
        if not (valores := lector.lista(dato, "en", ruta)):
            raise lector.falla(f"{ruta}.en", "no tiene valores.", "Escriba al menos uno: en: [uno, dos].")
        return Condicion(operador, campo, tuple(_como_valor(lector, v, f"{ruta}.en") for v in valores))
    return Condicion(operador, campo, (_como_valor(lector, valor, ruta),))


def _comprobar_tope(lector: Lector, dato: Any, ruta: str) -> None:
    tope = lector.claves(dato, ruta, ("esquema", "campo", "prefiere", "consta"), ("esquema", "campo"))
    for clave in ("esquema", "campo", *(["consta"] if "consta" in tope else [])):
        lector.texto(tope, clave, ruta)
    if "prefiere" in tope:
        ruta = f"{ruta}.prefiere"
        prefiere = lector.claves(tope["prefiere"], ruta, ("campo", "orden"), ("campo", "orden"))
        lector.texto(prefiere, "campo", ruta)
        lector.textos(prefiere, "orden", ruta)


_CLAVES_DE_CLASE = {
    "suma": (("de", "por", "relacion", "tope"), ("de", "por", "relacion", "tope")),
    "cociente": (("de", "entre", "tope_de"), ("de", "entre", "tope_de")),
    "cita": (("tipo",), ("tipo",)),
}


def leer_regla(lector: Lector, dato: Any, ruta: str, nombres: set[str]) -> Regla:
    lector.claves(dato, ruta, _REGLA, ("codigo", "gravedad", "campo", "mensaje", "arreglo", "norma"))
    codigo = lector.texto(dato, "codigo", ruta)
    ruta = f"{ruta}({codigo})"
    if not NOMBRE.fullmatch(codigo):
        raise lector.falla(ruta, f"«{codigo}» no sirve de código.", "Use minúsculas ASCII y guiones.")
    clases = [c for c in CLASES_DE_REGLA if c in dato]
    if len(clases) != 1:
        raise lector.falla(ruta, "una regla es de una sola clase.", f"Deje una de: {', '.join(CLASES_DE_REGLA)}.")
    if codigo in set(Codigo):
        raise lector.falla(ruta, f"«{codigo}» ya es un código del sistema.", "Elija otro: por él se registran las excepciones.")
    if (gravedad := lector.texto(dato, "gravedad", ruta)) not in set(Gravedad):
        raise lector.falla(f"{ruta}.gravedad", f"«{gravedad}» no existe.", "Use error o alerta.")
    clase = clases[0]
    condicion, datos = None, {}
    if clase in ("exige", "citados"):
        condicion = leer_condicion(lector, dato[clase], f"{ruta}.{clase}")
    else:
        admitidas, exigidas = _CLAVES_DE_CLASE[clase]
        datos = dict(lector.claves(dato[clase], f"{ruta}.{clase}", admitidas, exigidas))
    if clase == "citados" and "si" in dato:
        raise lector.falla(f"{ruta}.si", "«citados» no lleva «si».", "Su condición ya dice qué filas se citan.")
    si = leer_condicion(lector, dato["si"], f"{ruta}.si") if "si" in dato else None
    mirados = {lector.texto(dato, "campo", ruta)} | (si.campos() if si else set())
    if clase == "exige":
        mirados |= condicion.campos()
    elif clase == "suma":
        mirados |= {lector.texto(datos, "de", f"{ruta}.suma"), *lector.textos(datos, "por", f"{ruta}.suma")}
        _comprobar_tope(lector, datos["tope"], f"{ruta}.suma.tope")
        if datos["relacion"] not in ("no_supera", "alcanza"):
            raise lector.falla(f"{ruta}.suma.relacion", f"«{datos['relacion']}» no existe.", "Use no_supera o alcanza.")
    elif clase == "cociente":
        mirados |= {lector.texto(datos, c, f"{ruta}.cociente") for c in ("de", "entre", "tope_de")}
    elif clase == "cita":
        lector.textos(datos, "tipo", f"{ruta}.cita")
    for mirado in mirados:
        lector.existe(mirado, nombres, ruta)
    return Regla(
        codigo=codigo,
        clase=clase,
        gravedad=Gravedad(gravedad),
        campo=lector.texto(dato, "campo", ruta),
        mensaje=lector.texto(dato, "mensaje", ruta),
        arreglo=lector.texto(dato, "arreglo", ruta),
        norma=lector.textos(dato, "norma", ruta),
        si=si,
        condicion=condicion,
        datos=datos,
    )
