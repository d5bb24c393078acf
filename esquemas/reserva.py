"""Qué celdas de una tabla pública se ocultan para que de un número chico no se sepa quién es.

Se oculta toda celda menor que `MINIMO`, también el cero. Si las celdas suman un total que se publica, lo oculto se deduce
restando: entonces se oculta además la menor de las visibles, hasta que ni quien conozca esta regla sepa lo que vale una oculta.
"""

from collections.abc import Sequence

MINIMO = 5


def ocultar(celdas: Sequence[int], *, suman: bool) -> list[int | None]:
    """Las celdas (≥ 0) como se publican; None es oculta. `suman`: su total se conoce.

    Con `suman`, las ocultas juntas llegan a `MINIMO` (así son dos o más) y no valen todas lo más que puede valer una chica:
    si no, restando se sabe. Las iguales a la menor se ocultan con ella, para que el orden no delate.
    """
    visibles: list[int | None] = [c if c >= MINIMO else None for c in celdas]
    while suman and None in visibles and (quedan := [c for c in visibles if c is not None]):
        ocultas = [c for c, v in zip(celdas, visibles, strict=True) if v is None]
        if sum(ocultas) >= MINIMO and any(c != MINIMO - 1 for c in ocultas):
            break
        visibles = [None if v == min(quedan) else v for v in visibles]
    return visibles
