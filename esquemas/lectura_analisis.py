"""Lee qué se analiza de una encuesta: qué campos se cuentan, cuáles se suman, qué textos se agrupan y a qué matriz pasa una fila.

Un campo con datos de personas no se analiza: quien lo nombre aquí no arranca.
"""

from collections.abc import Callable, Mapping
from typing import Any

from esquemas.lectura import NOMBRE, Lector
from esquemas.modelo import Analisis, Apartado, Campo, Grupo, Pase, Tabla
from esquemas.tipos import TIPOS

_LISTAS: Mapping[str, tuple[Callable[[Campo], bool], str]] = {  # clave → qué campos admite, y cómo se dicen
    "cobertura": (lambda c: bool(c.catalogo), "de catálogo"),
    "cuenta": (lambda c: bool(c.catalogo) or c.tipo == "logico", "de catálogo o lógico"),
    "cifras": (lambda c: TIPOS[c.tipo].base in ("integer", "number"), "un número"),
}
_APARTADO = ("name", "title", "ayuda", *_LISTAS, "palabras", "pasa_a")


def leer_analisis(lector: Lector, dato: Mapping[str, Any], principal: Tabla, grupos: tuple[Grupo, ...]) -> Analisis | None:
    """None si la encuesta no declara `analisis`. Que el formato de `pasa_a` exista lo mira `coherencia`."""
    if "analisis" not in dato:
        return None
    crudo = lector.claves(dato["analisis"], "analisis", ("ayuda", "norma", "omite", "apartados"), ("ayuda", "norma", "apartados"))
    tablas = {"": principal, **{g.nombre: g.tabla for g in grupos}}
    apartados = tuple(
        _leer_apartado(lector, a, f"analisis.apartados[{i}]", tablas)
        for i, a in enumerate(lector.lista(crudo, "apartados", "analisis"))
    )
    lector.sin_repetir([a.nombre for a in apartados], "analisis.apartados", "name")
    textos = {clave: lector.textos(crudo, clave, "analisis") for clave in ("norma", "omite")}
    return Analisis(ayuda=lector.texto(crudo, "ayuda", "analisis"), apartados=apartados, **textos)


def _leer_apartado(lector: Lector, dato: Any, ruta: str, tablas: Mapping[str, Tabla]) -> Apartado:
    lector.claves(dato, ruta, _APARTADO, ("name", "title"))
    nombre = lector.texto(dato, "name", ruta)
    if not NOMBRE.fullmatch(nombre):
        raise lector.falla(f"{ruta}.name", f"«{nombre}» no sirve de ancla.", "Use minúsculas ASCII, cifras y guiones.")
    listas = {clave: lector.textos(dato, clave, ruta) for clave in _LISTAS}
    palabras = lector.texto(dato, "palabras", ruta)
    if not palabras and ("pasa_a" in dato or not any(listas.values())):
        arreglo = "Agregue cobertura, cuenta, cifras o palabras; «pasa_a» solo va con «palabras»."
        raise lector.falla(ruta, "no dice qué mirar.", arreglo)
    for clave, campos in listas.items():
        lector.sin_repetir(campos, f"{ruta}.{clave}", clave)
        for campo in campos:
            _exigir(lector, tablas[""], campo, f"{ruta}.{clave}", *_LISTAS[clave])
    tabla, _, campo = palabras.rpartition(".")
    if palabras:
        lector.existe(tabla, tablas, f"{ruta}.palabras")
        _exigir(lector, tablas[tabla], campo, f"{ruta}.palabras", _es_texto, "un texto")
    return Apartado(
        nombre=nombre,
        titulo=lector.texto(dato, "title", ruta),
        ayuda=lector.texto(dato, "ayuda", ruta),
        palabras=palabras,
        pasa_a=_leer_pase(lector, dato["pasa_a"], f"{ruta}.pasa_a", tablas[tabla]) if "pasa_a" in dato else None,
        **listas,
    )


def _es_texto(campo: Campo) -> bool:
    return campo.tipo in ("texto", "parrafo") and not campo.catalogo and campo.referencia is None


def _leer_pase(lector: Lector, dato: Any, ruta: str, tabla: Tabla) -> Pase:
    lector.claves(dato, ruta, ("esquema", "valores", "campos"), ("esquema", "campos"))
    mapas = {}
    for clave in ("valores", "campos"):
        crudo = dato.get(clave, {})
        mapas[clave] = {c: lector.texto(lector.claves(crudo, f"{ruta}.{clave}", crudo), c, f"{ruta}.{clave}") for c in crudo}
    lector.sin_repetir([*mapas["valores"], *mapas["campos"]], ruta, "campos")
    for campo in mapas["campos"].values():
        _exigir(lector, tabla, campo, f"{ruta}.campos", lambda c: True, "")
    return Pase(lector.texto(dato, "esquema", ruta), **mapas)


def _exigir(lector: Lector, tabla: Tabla, nombre: str, ruta: str, sirve: Callable[[Campo], bool], que: str) -> None:
    """Que el campo exista, sea de esa clase y no traiga datos de personas."""
    lector.existe(nombre, tabla.nombres, ruta)
    campo = tabla.campo(nombre)
    if campo.dato not in ("publico", "interno"):
        raise lector.falla(ruta, f"«{nombre}» es un dato {campo.dato}.", "Los datos de personas no se analizan: quítelo.")
    if not sirve(campo):
        raise lector.falla(ruta, f"«{nombre}» no es {que}.", "Póngalo en otra clave o quítelo.")
