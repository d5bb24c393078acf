"""Una matriz larga, de a una página: la que se pide, la de la fila recién tocada, o solo las que tienen algo que mirar. Sin web.

Una planilla puede traer miles de filas, y un teléfono no abre una tabla de miles. Lo que hay que corregir se cuenta sobre
todas, aunque esté en otra página.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from esquemas.errores import Problema
from esquemas.normalizacion import plegar
from formularios.fila_en_curso import Fila
from formularios.matrices import Revisada

POR_PAGINA = 200
TODAS, ERRORES, POR_REVISAR = "", "errores", "por-revisar"


@dataclass(frozen=True, slots=True)
class Renglon:
    """Una fila con lo que se dice de ella."""

    fila: Fila
    problemas: Sequence[Problema]

    @property
    def errores(self) -> int:
        return sum(p.es_error for p in self.problemas)


@dataclass(frozen=True, slots=True)
class Hoja:
    """Una página. `malas`: todas las que tienen errores, estén o no en ella. `cuentas`: cuántas se ven con cada filtro."""

    renglones: Sequence[Renglon]
    pagina: int
    paginas: int
    halladas: int
    malas: Sequence[Renglon]
    cuentas: dict[str, int]


def hojear(revisada: Revisada, *, buscado: str = "", solo: str = TODAS, pagina: int = 0, junto_a: str = "") -> Hoja:
    """Esa página, desde 1. Sin página (0), la de la fila `junto_a`; una que no existe es la más cercana."""
    por_fila: dict[int | None, list[Problema]] = {}
    for problema in revisada.resultado.problemas:
        por_fila.setdefault(problema.indice, []).append(problema)
    todas = [Renglon(f, por_fila.get(i, ())) for i, f in enumerate(revisada.filas)]
    malas = [r for r in todas if r.errores]
    marcadas = [r for r in todas if r.fila.por_revisar]
    elegidas = {ERRORES: malas, POR_REVISAR: marcadas}.get(solo, todas)
    if palabras := plegar(buscado).split():
        elegidas = [r for r in elegidas if _dice(r.fila, palabras)]
    paginas = max(1, -(-len(elegidas) // POR_PAGINA))
    lugar = next((i for i, r in enumerate(elegidas) if junto_a and r.fila.id == junto_a), 0)
    pagina = min(max(pagina or lugar // POR_PAGINA + 1, 1), paginas)
    cuentas = {TODAS: len(todas), ERRORES: len(malas), POR_REVISAR: len(marcadas)}
    return Hoja(elegidas[(pagina - 1) * POR_PAGINA : pagina * POR_PAGINA], pagina, paginas, len(elegidas), malas, cuentas)


def _dice(fila: Fila, palabras: Sequence[str]) -> bool:
    texto = plegar(" ".join(fila.datos.values()))
    return all(p in texto for p in palabras)
