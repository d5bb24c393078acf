"""Filas de la planilla que no son datos: las de totales y las corridas por un separador suelto.

De cada una basta decir una cosa. Sin esto, una fila «TOTAL» da un error por columna y tapa los de verdad.
"""

from esquemas.errores import Codigo, Gravedad
from esquemas.normalizacion import plegar
from esquemas.revision import Revision
from esquemas.tipos import como_texto

_TOTALES = frozenset(
    ("total", "totales", "total general", "gran total", "subtotal", "sub total", "suma", "sumas", "suma total", "sumatoria")
)


def apartar_ajenas(revision: Revision) -> None:
    """Deja un solo problema de cada fila que no es de datos, y la aparta: ni se juzga ni se guarda.

    Una fila es de totales si la primera celda con algo dice «Total» (o lo parecido), no trae un código propio y además tiene
    errores: una que cumple todo es un dato, se llame como se llame.
    """
    if revision.hoja is None:
        return
    corridas = {p.indice for p in revision.hoja.problemas if p.codigo == Codigo.FILA_IRREGULAR}
    totales = {i: j for i in sorted({i for i, _ in revision.malas} - corridas) if (j := _columna_del_total(revision, i)) >= 0}
    apartadas = corridas | totales.keys()
    if not apartadas:
        return
    revision.descartadas |= apartadas
    revision.problemas = [p for p in revision.problemas if p.indice not in apartadas]
    revision.malas = {(i, campo) for i, campo in revision.malas if i not in apartadas}
    for i, j in totales.items():
        dicho = como_texto(revision.crudas[i][j]).strip()
        campo = next((c.nombre for c, p in zip(revision.tabla.campos, revision.posiciones, strict=True) if p == j), "")
        mensaje = (
            f"La fila {revision.hoja.numeros[i]} parece de totales: empieza con «{dicho}». "
            "Bórrela: aquí van solo filas de datos. Si es un dato, cámbiele ese texto."
        )
        revision.agregar(Gravedad.ERROR, Codigo.FILA_DE_TOTALES, mensaje, i, campo, (), dicho)


def _columna_del_total(revision: Revision, i: int) -> int:
    """La posición de la primera celda con algo de la fila, si dice que es un total y la fila no trae código; si no, -1."""
    fila = revision.crudas[i]
    j, dicho = next(((j, t) for j, celda in enumerate(fila) if (t := plegar(como_texto(celda)))), (-1, ""))
    claves = [revision.indice[nombre] for nombre in revision.tabla.clave]
    trae_codigo = any(revision.canonicas[c][i] for c in claves if revision.posiciones[c] != j)
    return -1 if trae_codigo or dicho.rstrip(" :.") not in _TOTALES else j
