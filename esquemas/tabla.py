"""De los bytes de un CSV a filas, y de filas a bytes: lo que produce Excel en Chile y lo que espera una máquina.

Una sola regla de codificación y un separador decidido por el encabezado: el mismo archivo se lee siempre igual.
Aquí no se interpreta ningún valor: eso es de `normalizacion`.
"""

import codecs
import csv
import datetime
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import replace
from functools import partial
from itertools import chain
from typing import BinaryIO

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.hoja import TOPES, VACIO, Celda, Hoja, Topes, armar, comprobar_tamano, ilegible, letra, sin_recolector

__all__ = [
    "Celda",
    "Hoja",
    "Topes",
    "escribir_csv",
    "escribir_csv_excel",
    "leer_csv",
    "leer_csv_en_flujo",
    "letra",
    "linea_csv",
    "neutralizar",
]

# Con el límite de Python (131.072 caracteres) una celda larga detendría la lectura y parecería culpa de las comillas.
csv.field_size_limit(2 * TOPES.bytes)
SEPARADORES = ";\t,"  # en caso de empate gana el primero: la coma aparece dentro de los títulos, los otros no
_MUESTRA = 65_536  # caracteres en que se busca el encabezado
_TROZO = 1 << 20
_UTF8_SUELTO = re.compile(rb"\xc3[\x80-\xbf]")  # «á» en UTF-8; en Windows-1252 sería «Ã¡», que nadie escribe
# Letras de MS-DOS (cp850) y Macintosh que en Windows-1252 son signos dentro de una palabra («regi¢n», «regi—n»), y las suyas.
_DE_OTRA = re.compile(rb"[a-z][\x82\x87\x8e\xa1-\xa4][a-z]|i\x97n\b|[A-Z][\x83\x84\xa5\xb5\xe0\xee][A-Z]")
_DE_WINDOWS = re.compile(rb"[a-z][\xe1\xe9\xed\xf3\xfa\xf1][a-z]")
_DOBLE = re.compile("Ã[\x80-\xbf‘“‰šœ]")  # «Ã³» por «ó»: ningún idioma escribe ese signo después de esa letra
_BLANCOS_INICIALES = re.compile(r'\A(?:[ ,;\t"]*(?:\r\n|\r|\n))+')
_CITADO = re.compile(r'(\A|[,;\t])"(?:[^"]|"")*(?:"|\Z)')
_SE_CITA = re.compile(r'[",\r\n]')
_SE_CITA_EXCEL = re.compile(r'[";,\t\r\n]')
_FORMULA = re.compile(r"[\t\r\n]|\s*[=+\-@＝＋－＠]")
_NUMERO_O_TELEFONO = re.compile(r"-?[0-9]+(?:[.,][0-9]+)*|\+[0-9][0-9 ]*")


# --- leer ---------------------------------------------------------------------------------------------------


def leer_csv(datos: bytes, *, topes: Topes = TOPES, nombre: str = "") -> Hoja:
    """Un CSV entero. Lanza ArchivoIlegible si no se puede leer o pasa los topes de bytes, filas o columnas."""
    comprobar_tamano(datos, topes)
    return next(_leer(io.BytesIO(datos), topes, nombre, topes.filas, 0))


def _avisar_doble(hoja: Hoja) -> Hoja:
    """La hoja, con una alerta si trae «regiÃ³n»: texto UTF-8 que alguien leyó como Windows-1252 y guardó otra vez."""
    que = "en vez de una letra con tilde: parece guardado dos veces con otra codificación. Corríjalo y guárdelo como «CSV UTF-8»."
    if _DOBLE.search(" ".join(hoja.encabezado)):
        raise ilegible(Codigo.ARCHIVO_ILEGIBLE, f"Los títulos traen signos como «Ã³» {que}")
    malas = [(i, j) for i, fila in enumerate(hoja.filas) for j, celda in enumerate(fila) if _DOBLE.search(str(celda))]
    donde = [{"hoja": hoja.nombre, "celda": hoja.celda(i, j), "fila": hoja.numeros[i]} for i, j in malas]
    aviso = Problema(Gravedad.ALERTA, Codigo.CODIFICACION_DOBLE, f"La celda trae signos como «Ã³» {que}")
    return replace(hoja, problemas=(*hoja.problemas, *(replace(aviso, **lugar) for lugar in donde)))


def leer_csv_en_flujo(archivo: BinaryIO, *, topes: Topes = TOPES, nombre: str = "", lote: int = 5_000) -> Iterator[Hoja]:
    """Un CSV sin tope de bytes ni de filas, en hojas de hasta `lote` filas y el mismo encabezado; al menos una.

    `archivo` debe poder rebobinarse: se recorre dos veces (una para decidir la codificación). Queda cerrado al
    terminar. ArchivoIlegible puede llegar en cualquier lote.
    """
    return _leer(archivo, topes, nombre, 0, lote)


def _leer(archivo: BinaryIO, topes: Topes, nombre: str, maximo: int, lote: int) -> Iterator[Hoja]:
    codificacion = _codificacion(archivo)
    archivo.seek(0)
    quizas_doble = any(b"\x83" in trozo for trozo in iter(partial(archivo.read, _TROZO), b""))  # el segundo byte de «Ã»
    archivo.seek(0)
    with sin_recolector(), io.TextIOWrapper(archivo, encoding=codificacion, newline="") as texto:
        separador = _separador(texto.read(_MUESTRA))
        texto.seek(0)
        hojas = armar(_registros(texto, separador), topes, nombre, maximo=maximo, lote=lote)
        yield from map(_avisar_doble, hojas) if quizas_doble else hojas


def _codificacion(archivo: BinaryIO) -> str:
    inicio = archivo.read(2)
    if not inicio:
        raise ilegible(Codigo.ARCHIVO_VACIO, VACIO)
    es_utf16 = inicio in (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
    for codificacion in ("utf-16",) if es_utf16 else ("utf-8-sig", "cp1252"):
        if _decodifica(archivo, codificacion):
            return codificacion
    raise ilegible(
        Codigo.ARCHIVO_ILEGIBLE,
        "El archivo no está en UTF-8 ni en Windows-1252: sus tildes se leerían mal. En Excel, abra la planilla de la que salió "
        "y guárdela como «CSV UTF-8» o «Libro de Excel (.xlsx)»; «CSV (MS-DOS)» y «CSV (Macintosh)» no sirven.",
    )


def _decodifica(archivo: BinaryIO, codificacion: str) -> bool:
    archivo.seek(0)
    decodificador = codecs.getincrementaldecoder(codificacion)()
    try:
        while trozo := archivo.read(_TROZO):
            if codificacion == "cp1252" and (mezcla := _UTF8_SUELTO.search(trozo)):
                leido = mezcla.group().decode()
                raise ilegible(
                    Codigo.ARCHIVO_ILEGIBLE,
                    f"El archivo mezcla dos codificaciones: una «{leido}» está en UTF-8 y otra letra no. Se leería mal. "
                    "Ábralo en Excel, revise las tildes y guárdelo como «CSV UTF-8» o «Libro de Excel (.xlsx)».",
                )
            if codificacion == "cp1252" and len(_DE_OTRA.findall(trozo)) > len(_DE_WINDOWS.findall(trozo)):
                return False
            if "\0" in decodificador.decode(trozo):
                raise ilegible(
                    Codigo.ARCHIVO_ILEGIBLE,
                    "El archivo no es un CSV: trae bytes nulos, como una imagen o un programa. "
                    "Si es una planilla, guárdela como «CSV UTF-8» o como «Libro de Excel (.xlsx)».",
                )
        decodificador.decode(b"", True)
    except UnicodeDecodeError:
        return False
    return True


def _separador(muestra: str) -> str:
    """El más frecuente en el encabezado, fuera de comillas; sin ninguno, la coma."""
    encabezado = _CITADO.sub(r"\1", _BLANCOS_INICIALES.sub("", muestra))
    encabezado = re.split(r"[\r\n]", encabezado, maxsplit=1)[0] or muestra
    return max(SEPARADORES, key=encabezado.count) if any(s in encabezado for s in SEPARADORES) else ","


def _registros(lineas: Iterator[str], separador: str) -> Iterator[list[str]]:
    """Las filas. Sin comillas una línea es una fila y basta con cortarla; `csv` lee las demás, aunque sigan en la siguiente."""
    leidos = 0
    try:
        for linea in lineas:
            if '"' in linea:
                fila = next(csv.reader(chain((linea,), lineas), delimiter=separador, strict=True))
            else:
                fila = linea.rstrip("\r\n").split(separador)
            leidos += 1
            yield fila
    except csv.Error:
        raise ilegible(
            Codigo.COMILLAS_ROTAS,
            f'En la fila {leidos + 1} empieza un texto entre comillas (") que no cierra bien. '
            'Cierre la comilla; y si el texto lleva comillas adentro, escríbalas dobles ("").',
            fila=leidos + 1,
        ) from None


# --- escribir -----------------------------------------------------------------------------------------------


def linea_csv(valores: Iterable[str]) -> str:
    """Una línea RFC 4180 sin su CRLF, con comillas solo donde hacen falta. De ellas sale la huella de un envío.

    La regla es propia y no la de `csv`, que ha cambiado entre versiones de Python: una huella de 2027 se recalcula
    en 2031.
    """
    linea = ",".join([_citar(v) if _SE_CITA.search(v) else v for v in valores])
    return linea or '""'  # una sola celda vacía: sin comillas sería una línea en blanco


def escribir_csv(encabezado: Iterable[str], filas: Iterable[Iterable[str]]) -> bytes:
    """El CSV exacto, para máquinas: UTF-8, «,», CRLF. Las celdas llegan en su forma canónica y salen intactas."""
    return "".join(f"{linea_csv(f)}\r\n" for f in (encabezado, *filas)).encode()


def escribir_csv_excel(encabezado: Iterable[str], filas: Iterable[Iterable[Celda]]) -> bytes:
    """El que se abre con doble clic en el Excel de Chile: BOM, «;», coma decimal, fechas 31-12-2026, sin fórmulas.

    Los valores llegan con su tipo. Excel igual convierte «06» en 6 al abrir un CSV: para conservarlo está el XLSX.
    """
    lineas = (";".join(_para_excel(c) for c in f) for f in (encabezado, *filas))
    return codecs.BOM_UTF8 + "".join(f"{linea}\r\n" for linea in lineas).encode()


def _para_excel(celda: Celda) -> str:
    if isinstance(celda, bool):
        return "si" if celda else "no"
    if isinstance(celda, datetime.date):
        return f"{celda.day:02}-{celda.month:02}-{celda.year:04}"
    if isinstance(celda, float):
        return repr(celda).replace(".", ",")
    texto = neutralizar(str(celda))
    return _citar(texto) if _SE_CITA_EXCEL.search(texto) else texto


def neutralizar(texto: str) -> str:
    """Antepone «'» a lo que una planilla tomaría por fórmula (= + - @ TAB CR LF); no a números ni teléfonos (+56…)."""
    return f"'{texto}" if _FORMULA.match(texto) and not _NUMERO_O_TELEFONO.fullmatch(texto) else texto


def _citar(texto: str) -> str:
    return '"' + texto.replace('"', '""') + '"'
