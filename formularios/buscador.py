"""Buscar entre las filas que un campo puede citar: con miles, una página que las trae todas no se lee ni se descarga. Sin web."""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass

from esquemas.normalizacion import plegar

DESDE = 12  # con más filas que estas se ofrece buscar
TOPE = 30  # las que se muestran a la vez, además de las elegidas
LARGO = 100  # letras de lo que se busca
ACCION, CUADRO, BUSCADO = "buscar", "buscar.", "buscado."  # BUSCADO: lo que ya se buscó, para notar que se escribió otra cosa

Filas = Sequence[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Busqueda:
    """Qué ofrece un campo. `filas` (código, enunciado): las elegidas y las primeras que calzan; `recien`: se pidió ahora."""

    texto: str
    filas: Filas
    vistas: int  # de las que calzan, cuántas están en `filas`
    calzan: int
    total: int
    recien: bool


def buscar(filas: Filas, texto: str, elegidas: Collection[str], *, recien: bool = False) -> Busqueda | None:
    """Las que tienen todas las palabras, sin mirar tildes ni mayúsculas, en su código o su enunciado. None si son pocas."""
    if len(filas) <= DESDE:
        return None
    texto = texto[:LARGO]
    palabras = plegar(texto).split()
    halladas = [f for f in filas if _tiene(f, palabras)] if palabras else filas
    nuevas = [f for f in halladas if f[0] not in elegidas]
    muestra = [f for f in filas if f[0] in elegidas] + nuevas[:TOPE]
    return Busqueda(texto, muestra, len(halladas) - len(nuevas[TOPE:]), len(halladas), len(filas), recien)


def _tiene(fila: tuple[str, str], palabras: Sequence[str]) -> bool:
    dicho = plegar(" ".join(fila))
    return all(p in dicho for p in palabras)


def campo_buscado(formulario: Mapping[str, str]) -> str:
    """En qué campo se pidió buscar: por su botón, o con «Enter» después de escribir en su cuadro; «» si no se pidió."""
    accion, _, campo = formulario.get("accion", "").partition(":")
    if accion == ACCION:
        return campo
    cambiados = (n.removeprefix(CUADRO) for n, v in formulario.items() if n.startswith(CUADRO) and v != _ya(formulario, n))
    return next(cambiados, "") if accion == "omision" else ""


def _ya(formulario: Mapping[str, str], cuadro: str) -> str:
    return formulario.get(BUSCADO + cuadro.removeprefix(CUADRO), "")


def escrito_en_cuadros(formulario: Mapping[str, str]) -> dict[str, str]:
    """Campo → lo que dice su cuadro de búsqueda."""
    return {n.removeprefix(CUADRO): v for n, v in formulario.items() if n.startswith(CUADRO)}


def es_de_buscador(nombre: str) -> bool:
    """Si lo manda un cuadro de búsqueda y no es un dato de la fila."""
    return nombre.startswith((CUADRO, BUSCADO))
