"""Un archivo del disco, para la orden: los CSV se leen en flujo y sin tope de filas; las planillas, con los topes de siempre."""

from dataclasses import replace
from pathlib import Path

from esquemas.errores import Codigo
from esquemas.hoja import TOPES, ilegible
from esquemas.libro import Libro
from esquemas.tabla import leer_csv_en_flujo
from formularios.lector import leer_archivo

_BINARIOS = (b"PK", b"\xd0\xcf")  # zip y OLE: planillas


def leer_ruta(ruta: Path) -> Libro:
    """Las hojas de un archivo. ArchivoIlegible si no existe, no se puede leer o pasa los topes de una planilla."""
    try:
        tamano = ruta.stat().st_size
        with ruta.open("rb") as archivo:
            inicio = archivo.read(2)
            if inicio not in _BINARIOS and tamano > TOPES.bytes:
                archivo.seek(0)
                return _juntar(archivo, ruta)
            if tamano > TOPES.bytes:
                mensaje = f"La planilla pesa {tamano} bytes y el máximo es {TOPES.bytes}. Guárdela como CSV o divídala."
                raise ilegible(Codigo.ARCHIVO_GRANDE, mensaje)
            return leer_archivo(inicio + archivo.read(), ruta.name)
    except OSError as error:
        causa = error.strerror or str(error)
        raise ilegible(Codigo.ARCHIVO_ILEGIBLE, f"«{ruta}» no se pudo abrir ({causa}). Revise la ruta y sus permisos.") from None


def _juntar(archivo, ruta: Path) -> Libro:
    """Un CSV grande, de a lotes, en una sola hoja."""
    lotes = leer_csv_en_flujo(archivo, nombre="")
    hoja = next(lotes)
    filas, numeros, problemas = list(hoja.filas), list(hoja.numeros), list(hoja.problemas)
    for lote in lotes:
        base = len(filas)
        filas += lote.filas
        numeros += lote.numeros
        problemas += [replace(p, indice=p.indice + base) if p.indice is not None else p for p in lote.problemas]
    return Libro([replace(hoja, filas=filas, numeros=numeros, problemas=tuple(problemas))])
