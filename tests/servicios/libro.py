"""Un XLSX cualquiera para las pruebas y el banco, escrito con el mismo escritor que las planillas."""

from collections.abc import Iterable, Sequence

from esquemas.hoja import Celda
from esquemas.planilla import Escritor


def escribir_libro(tablas: Iterable[tuple[str, Sequence[str], Iterable[Sequence[Celda]]]]) -> bytes:
    """Un XLSX para leer: por cada (nombre, encabezado, filas), una hoja. Pase las celdas con su tipo (ver `tipar`)."""
    escritor = Escritor()
    for nombre, encabezado, filas in tablas:
        hoja = escritor.hoja(nombre)
        hoja.freeze_panes(1, 0)
        hoja.set_column(0, max(len(encabezado) - 1, 0), 22)
        for j, titulo in enumerate(encabezado):
            hoja.write_string(0, j, titulo, escritor.encabezado)
        for i, fila in enumerate(filas, 1):
            for j, celda in enumerate(fila):
                if celda != "":
                    escritor.escribir(hoja, i, j, celda)
    return escritor.terminar()
