"""Las columnas que una región agrega a un formato. Se llenan, se validan y se comparan como las demás, y no lo cambian.

Un esquema ampliado pasa por toda la maquinaria sin que ella lo sepa. Lo que se entrega se proyecta al esquema del catálogo: ni
la huella, ni las líneas, ni el consolidado cambian. De una celda propia mal escrita se avisa, y no impide entregar.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any

from esquemas.errores import Codigo
from esquemas.lectura import Lector
from esquemas.lectura_campo import LARGO_MAXIMO, leer_campo
from esquemas.modelo import Campo, Esquema
from esquemas.normalizacion import citado, plegar
from esquemas.tipos import TIPOS
from esquemas.validacion import Resultado

PREFIJO = "propia_"
TOPE = 20  # columnas propias por formato
LARGOS = {"titulo": 80, "ayuda": 300}
NORMA = "guia:aprendizajes.2"
TIPOS_PROPIOS: Mapping[str, Mapping[str, Any]] = {  # tipo → lo que diría un YAML, además de lo común
    "texto": {"constraints": {"maxLength": 200}},
    "parrafo": {"constraints": {"maxLength": LARGO_MAXIMO}},
    "entero": {"example": "12"},
    "pesos": {"example": "1500000"},
    "fecha": {"example": "2026-12-31"},
    "logico": {"trueValues": ["si"], "falseValues": ["no"]},
}


@dataclass(frozen=True, slots=True)
class Columna:
    """Una columna declarada por una región. `tipo` es uno de TIPOS_PROPIOS; `nombre` empieza con PREFIJO."""

    nombre: str
    titulo: str
    tipo: str
    ayuda: str = ""


class ColumnaInvalida(Exception):
    """No se puede declarar. `campo` dice dónde se corrige (titulo, tipo o ayuda); el texto, qué pasa y cómo se arregla."""

    def __init__(self, campo: str, mensaje: str) -> None:
        self.campo = campo
        super().__init__(mensaje)


def declarar(esquema: Esquema, columnas: Sequence[Columna], titulo: str, tipo: str, ayuda: str = "", nombre: str = "") -> Columna:
    """La columna lista para sumarse a `columnas`; con `nombre`, la que va en lugar de esa. ColumnaInvalida si no se puede."""
    titulo, ayuda = " ".join(titulo.split()).removesuffix("(propia)").strip(), " ".join(ayuda.split())
    oficiales, otras = (esquema.oficial or esquema).campos, [c for c in columnas if c.nombre != nombre]
    if not titulo:
        raise ColumnaInvalida("titulo", "Falta el título. Escriba el que tendrá la columna en la tabla y en la planilla.")
    for campo, texto in (("titulo", titulo), ("ayuda", ayuda)):
        if len(texto) > LARGOS[campo]:
            raise ColumnaInvalida(campo, f"Tiene {len(texto)} caracteres y caben {LARGOS[campo]}. Acórtelo.")
    if tipo not in TIPOS_PROPIOS:
        raise ColumnaInvalida("tipo", "Falta qué se escribe. Elija una opción de la lista.")
    if plegar(titulo) in _rotulos(oficiales):
        raise ColumnaInvalida("titulo", f"{citado(titulo)} ya es una columna de este formato. Use esa, o escriba otro título.")
    if plegar(titulo) in _rotulos(_campo(c) for c in otras):
        raise ColumnaInvalida("titulo", f"La región ya agregó una columna {citado(titulo)}. Use esa, o escriba otro título.")
    if len(otras) >= TOPE:
        raise ColumnaInvalida("titulo", f"La región ya agregó {TOPE} columnas, que es el máximo. Quite una que no use.")
    return Columna(nombre or _nombre_libre(titulo, {c.nombre for c in (*oficiales, *otras)}), titulo, tipo, ayuda)


def _rotulos(campos: Iterable[Campo]) -> set[str]:
    return {plegar(rotulo) for c in campos for rotulo in c.rotulos}


def _nombre_libre(titulo: str, usados: set[str]) -> str:
    """Sale del título: declarar otra vez una columna que se quitó devuelve lo que tenía."""
    base = PREFIJO + (re.sub("[^a-z0-9]+", "_", plegar(titulo)).strip("_") or "columna")
    return next(n for n in (base, *(f"{base}_{i}" for i in range(2, len(usados) + 3))) if n not in usados)


def _campo(columna: Columna) -> Campo:
    """Leído como el de un YAML: todo lo que un campo debe cumplir, este también."""
    dato = {
        "name": columna.nombre,
        "title": columna.titulo,
        "type": TIPOS[columna.tipo].base,
        "tipo": columna.tipo,
        "description": "Columna propia de la región: no va en la entrega.",
        "ayuda": columna.ayuda,
        "example": "",
        "norma": [NORMA],
        "dato": "interno",
    }
    return replace(leer_campo(Lector("columnas propias"), {**dato, **TIPOS_PROPIOS[columna.tipo]}, columna.nombre), propia=True)


@lru_cache(maxsize=512)
def ampliar(esquema: Esquema, columnas: tuple[Columna, ...]) -> Esquema:
    """El formato con esas columnas al final; sin ninguna, el mismo. Guarda el del catálogo en `oficial`."""
    if not columnas:
        return esquema
    campos = (*esquema.campos, *map(_campo, columnas))
    return replace(esquema, principal=replace(esquema.principal, campos=campos), oficial=esquema)


def proyectar(resultado: Resultado) -> Resultado:
    """El mismo resultado, como si el formato no tuviera columnas propias: lo único que se sella y se entrega."""
    oficial = resultado.esquema.oficial
    if oficial is None:
        return resultado
    tablas = {nombre: [f[: len(oficial.campos)] for f in filas] for nombre, filas in resultado.tablas.items()}
    problemas = tuple(p for p in resultado.problemas if p.campo not in _nombres(resultado.esquema))
    return replace(resultado, esquema=oficial, tablas=tablas, problemas=problemas)


def _nombres(esquema: Esquema) -> list[str]:
    return [c.nombre for c in esquema.propias]


def como_se_escribio(resultado: Resultado) -> list[dict[str, str]]:
    """Las filas canónicas; una celda que no se pudo leer, como venía.

    Lo de una regla no cuenta: su `valor` puede ser una suma, y la celda vacía sigue vacía.
    """
    filas, propias = resultado.como_dict(resultado.esquema.nombre), _nombres(resultado.esquema)
    por_indice = dict(zip(resultado.indices, filas, strict=False))  # sin filas si el archivo no sirve
    reglas = {r.codigo for r in resultado.esquema.principal.reglas}
    for p in resultado.problemas:
        if p.codigo not in reglas and p.campo in (fila := por_indice.get(p.indice, {})) and (p.es_error or p.campo in propias):
            fila[p.campo] = fila[p.campo] or p.valor
    return filas


def aparte(resultado: Resultado) -> list[dict[str, str]]:
    """Por fila, lo que la identifica y sus columnas propias: lo que se exporta y se conserva fuera de la entrega."""
    nombres = (*resultado.esquema.principal.clave, *_nombres(resultado.esquema))
    return [{n: f[n] for n in nombres} for f in como_se_escribio(resultado)]


def copia_de(resultado: Resultado) -> tuple[list[dict[str, str]], list[dict[str, str]]] | None:
    """Lo que acompaña a una entrega: sus columnas propias, como se declararon, y lo que dicen. None si no tiene."""
    columnas = [{"nombre": c.nombre, "titulo": c.titulo, "tipo": c.tipo, "ayuda": c.ayuda} for c in resultado.esquema.propias]
    return (columnas, aparte(resultado)) if columnas else None


def conservar(resultado: Resultado, actuales: Sequence[Mapping[str, str]]) -> Resultado:
    """Una columna propia que el archivo no trae no se vacía: cada fila queda, según su clave, con lo que tiene en `actuales`."""
    tabla = resultado.esquema.principal
    ausentes = {p.campo for p in resultado.problemas if p.codigo == Codigo.COLUMNA_OPCIONAL_FALTANTE}
    ausentes &= set(_nombres(resultado.esquema))
    leidas, filas = resultado.como_dict(tabla.nombre), []
    for fila, lugar in zip(leidas, tabla.emparejar(actuales, leidas), strict=True):
        actual = {} if lugar is None else actuales[lugar]
        filas.append(tuple(actual.get(n, "") if n in ausentes else v for n, v in fila.items()))
    return replace(resultado, tablas={**resultado.tablas, tabla.nombre: filas})
