"""Los documentos citables (normas, guía, fuentes) repartidos en páginas según la dirección de cada parte.

Un documento y sus partes caen en la página que dice su `url`. Lo que vive bajo `/proyecto/` se escribe a mano.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from esquemas.modelo import Catalogo
from esquemas.saber import Documento, Parte

A_MANO = "/proyecto/"
PILOTOS = "/experiencias/"  # también a mano; las normas solo remiten a ellas (`ver`)


@dataclass(frozen=True, slots=True)
class Tramo:
    """Un documento en una página: `cabeza` es la parte que da título a la página, si la página es de un numeral."""

    documento: Documento
    ancla: str
    cabeza: Parte | None
    partes: tuple[Parte, ...]

    @property
    def url(self) -> str:
        return self.cabeza.url if self.cabeza else self.documento.url


def paginas_de_documentos(catalogo: Catalogo) -> dict[str, list[Tramo]]:
    """Ruta de la página («/reglamento/4/») → lo que va en ella, en orden."""
    salida: dict[str, list[Tramo]] = {}
    for documento in catalogo.documentos.values():
        for ruta, tramo in _tramos(documento):
            if not ruta.startswith(A_MANO):
                salida.setdefault(ruta, []).append(tramo)
    return salida


def _tramos(documento: Documento) -> Iterator[tuple[str, Tramo]]:
    propia, _, ancla = documento.url.partition("#")
    aqui = tuple(p for p in documento.partes if _pagina(p) == propia)
    yield propia, Tramo(documento, ancla, None, aqui)
    otras: dict[str, list[Parte]] = {}
    for parte in documento.partes:
        if _pagina(parte) != propia:
            otras.setdefault(_pagina(parte), []).append(parte)
    for ruta, (cabeza, *resto) in otras.items():
        yield ruta, Tramo(documento, "", cabeza, tuple(resto))


def _pagina(parte: Parte) -> str:
    return parte.url.partition("#")[0]


def numerales(documento: Documento) -> list[Parte]:
    """Las partes que tienen página propia, en orden."""
    return [p for p in documento.partes if "#" not in p.url]


def ancla(parte: Parte) -> str:
    return parte.url.partition("#")[2]


def a_mano_esperadas(catalogo: Catalogo) -> set[str]:
    """Los archivos de `sitio/` que las normas citan: un documento es `…/index.md` y cada parte suya, `….md`."""
    salida = set()
    for documento in catalogo.documentos.values():
        if documento.url.startswith(A_MANO):
            salida.add(f"{documento.url.strip('/')}/index.md")
            salida |= {f"{_pagina(p).strip('/')}.md" for p in documento.partes}
        salida |= {f"{p.ver.strip('/')}/index.md" for p in documento.partes if p.ver.startswith(PILOTOS)}
    return salida
