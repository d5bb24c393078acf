"""Un archivo del disco, para la orden: los CSV se leen en flujo y sin tope de filas; las planillas, con los topes de siempre."""

import errno
from dataclasses import replace
from pathlib import Path
from typing import BinaryIO

from esquemas.errores import ArchivoIlegible, Codigo
from esquemas.hoja import TOPES, ilegible, miles
from esquemas.libro import Libro
from esquemas.tabla import leer_csv_en_flujo
from formularios.lector import leer_archivo

_BINARIOS = (b"PK", b"\xd0\xcf")  # zip y OLE: planillas
_MUESTRA = 4_096  # bytes en que se reconoce lo que no es un CSV
_CAUSAS = {
    errno.ENOENT: "no existe",
    errno.ENOTDIR: "parte de la ruta no es una carpeta",
    errno.EISDIR: "es una carpeta",
    errno.EACCES: "no hay permiso",
    errno.EPERM: "no hay permiso",
    errno.EROFS: "el disco es de solo lectura",
    errno.ENOSPC: "no queda espacio en el disco",
    errno.EDQUOT: "no queda espacio en el disco",
    errno.EFBIG: "el disco no admite un archivo tan grande",
    errno.ENAMETOOLONG: "el nombre es demasiado largo",
    errno.EIO: "el disco falla",
}


def causa_de(error: OSError) -> str:
    """Por qué no se pudo abrir o escribir un archivo, en llano."""
    return _CAUSAS.get(error.errno or 0) or error.strerror or str(error)


def leer_ruta(ruta: Path) -> Libro:
    """Las hojas de un archivo. ArchivoIlegible si no existe, no se puede leer o pasa los topes de una planilla."""
    try:
        with ruta.open("rb") as archivo:
            if not archivo.seekable():  # una tubería: no se puede recorrer dos veces
                return leer_archivo(archivo.read(TOPES.bytes + 1), ruta.name)
            inicio = archivo.read(_MUESTRA)
            archivo.seek(0)
            if inicio and not inicio.startswith(_BINARIOS):
                _exigir_csv(inicio, ruta.name)
                return _juntar(archivo)
            # El tope va en la lectura y no en el tamaño que declara el disco: un dispositivo dice 0 y no termina nunca.
            datos = archivo.read(TOPES.bytes + 1)
    except (OSError, ValueError) as error:  # ValueError: un NUL en la ruta
        causa = causa_de(error) if isinstance(error, OSError) else "la ruta no es válida"
        raise ilegible(Codigo.ARCHIVO_ILEGIBLE, f"«{ruta}» no se pudo abrir: {causa}. Revise la ruta y sus permisos.") from None
    if len(datos) > TOPES.bytes:
        mensaje = f"La planilla pesa más de {miles(TOPES.bytes)} bytes, el máximo. Guárdela como «CSV UTF-8» o divídala."
        raise ilegible(Codigo.ARCHIVO_GRANDE, mensaje)
    return leer_archivo(datos, ruta.name)


def _exigir_csv(inicio: bytes, nombre: str) -> None:
    """Un PDF, una imagen o una página web se reconocen por su comienzo; lo demás se lee entero antes de opinar."""
    try:
        leer_archivo(inicio, nombre)
    except ArchivoIlegible as error:
        if error.problema.codigo == Codigo.FORMATO_DESCONOCIDO:
            raise


def _juntar(archivo: BinaryIO) -> Libro:
    """Un CSV, de a lotes, en una sola hoja."""
    lotes = leer_csv_en_flujo(archivo, nombre="")
    hoja = next(lotes)
    filas, numeros, problemas, sobrantes = list(hoja.filas), list(hoja.numeros), list(hoja.problemas), list(hoja.sobrantes)
    for lote in lotes:
        base = len(filas)
        filas += lote.filas
        numeros += lote.numeros
        problemas += [replace(p, indice=p.indice + base) if p.indice is not None else p for p in lote.problemas]
        sobrantes += lote.sobrantes
    return Libro([replace(hoja, filas=filas, numeros=numeros, problemas=tuple(problemas), sobrantes=tuple(sobrantes))])
