"""Lee el archivo que trae una persona sin confiar en él: por su contenido, con topes, y las planillas en otro proceso.

Una planilla de 5 KB puede abortar a calamine y con él al servidor (ver `esquemas.libro`). El hijo arranca sin nada del
padre salvo los bytes por su entrada, se pone topes de memoria y de procesador, y responde JSON por su salida; si muere,
aquí queda un problema con su mensaje. Los CSV se leen en el propio proceso: el lector de Python no revienta.
"""

import datetime
import json
import resource
import subprocess
import sys
import zipfile
from dataclasses import asdict, replace
from pathlib import Path, PurePosixPath
from typing import Any

from esquemas.errores import ArchivoIlegible, Codigo, Gravedad, Problema
from esquemas.hoja import TOPES, Hoja, Hora, Topes, comprobar_tamano, ilegible
from esquemas.libro import Libro, comprobar_zip, leer_libro
from esquemas.tabla import leer_csv

MEMORIA = 512 * 1024 * 1024  # bytes de direcciones del hijo
PROCESADOR = 10  # segundos de CPU del hijo
ESPERA = 15  # segundos de reloj hasta darlo por perdido

_RAIZ = Path(__file__).resolve().parent.parent
_ARRANQUE = "import sys; sys.path.insert(0, sys.argv[1]); from formularios.lector import atender; atender()"
_GUARDELA = "Ábrala en Excel o LibreOffice, elija «Guardar como», «Libro de Excel (.xlsx)», y suba ese archivo."
_MAGIAS = (
    (b"%PDF", "El archivo es un PDF y de un PDF no se pueden leer columnas. Suba la planilla de la que salió."),
    (b"\x89PNG", "El archivo es una imagen. Suba la planilla con los datos escritos."),
    (b"\xff\xd8\xff", "El archivo es una fotografía. Suba la planilla con los datos escritos."),
    (b"GIF8", "El archivo es una imagen. Suba la planilla con los datos escritos."),
    (b"\x1f\x8b", "El archivo está comprimido con gzip. Descomprímalo y suba la planilla."),
    (b"7z\xbc\xaf", "El archivo está comprimido con 7-Zip. Descomprímalo y suba la planilla."),
    (b"Rar!", "El archivo está comprimido con RAR. Descomprímalo y suba la planilla."),
    (b"{\\rtf", "El archivo es un documento de texto. Copie la tabla a la plantilla y suba esa."),
)
_ETIQUETAS = (b"<!doctype html", b"<html", b"<table", b"<?xml", b"<meta", b"<head", b"<style")
_OTROS_OPENDOCUMENT = (
    (b"opendocument.text", "El archivo es un documento de Writer. Copie la tabla a la plantilla y suba esa."),
    (b"opendocument.presentation", "El archivo es una presentación. Copie la tabla a la plantilla y suba esa."),
)
_OTROS_PAQUETES = (
    ("xl/workbook.bin", f"El archivo es un libro binario de Excel (.xlsb). {_GUARDELA}"),
    ("word/document.xml", "El archivo es un documento de Word. Copie la tabla a la plantilla y suba esa."),
    ("ppt/presentation.xml", "El archivo es una presentación. Copie la tabla a la plantilla y suba esa."),
    ("Index/Document.iwa", "El archivo es de Numbers. Elija «Exportar a», «Excel», y suba ese archivo."),
)


def leer_archivo(datos: bytes, nombre: str, *, topes: Topes = TOPES) -> Libro:
    """Las hojas de un CSV, XLSX, ODS o zip de CSV; decide por el contenido, no por la extensión de `nombre`.

    La hoja de un CSV suelto no tiene nombre (""); las de un zip se llaman como su archivo. Lanza ArchivoIlegible.
    """
    comprobar_tamano(datos, topes)
    if datos.startswith(b"PK"):
        return _leer_zip(datos, topes)
    if datos.startswith(b"\xd0\xcf\x11\xe0"):
        raise _de_ole(datos)
    for magia, mensaje in _MAGIAS:
        if datos.startswith(magia):
            raise ilegible(Codigo.FORMATO_DESCONOCIDO, mensaje)
    inicio = datos[:512].removeprefix(b"\xef\xbb\xbf").lstrip().lower()
    if inicio.startswith(_ETIQUETAS):
        raise ilegible(
            Codigo.FORMATO_DESCONOCIDO,
            f"«{nombre}» es una página web guardada con nombre de planilla. {_GUARDELA}",
        )
    return Libro([leer_csv(datos, topes=topes)])


def _leer_zip(datos: bytes, topes: Topes) -> Libro:
    for marca, mensaje in _OTROS_OPENDOCUMENT:
        if marca in datos[:100]:  # la primera entrada de un OpenDocument dice qué es, sin comprimir
            raise ilegible(Codigo.FORMATO_DESCONOCIDO, mensaje)
    with comprobar_zip(datos, topes) as paquete:
        nombres = paquete.namelist()
        if "xl/workbook.xml" in nombres or "content.xml" in nombres:
            return _leer_en_otro_proceso(datos, topes)
        for marca, mensaje in _OTROS_PAQUETES:
            if marca in nombres:
                raise ilegible(Codigo.FORMATO_DESCONOCIDO, mensaje)
        return _leer_varios_csv(paquete, topes)


def _leer_varios_csv(paquete: zipfile.ZipFile, topes: Topes) -> Libro:
    rutas = [PurePosixPath(e.filename) for e in paquete.infolist() if not e.is_dir()]
    propias = [r for r in rutas if r.suffix.lower() == ".csv" and not r.name.startswith(".") and r.parts[0] != "__MACOSX"]
    if not propias:
        raise ilegible(
            Codigo.FORMATO_DESCONOCIDO,
            "El zip no trae ninguna planilla ni archivo CSV. Suba la planilla sola, o un zip con un CSV por tabla.",
        )
    hojas: dict[str, Hoja] = {}
    for ruta in propias:
        if ruta.stem in hojas:
            raise ilegible(
                Codigo.ARCHIVO_ILEGIBLE,
                f"El zip trae dos archivos «{ruta.name}». Deje uno solo por tabla.",
                hoja=ruta.stem,
            )
        try:
            hojas[ruta.stem] = leer_csv(paquete.read(str(ruta)), topes=topes, nombre=ruta.stem)
        except ArchivoIlegible as e:
            raise ArchivoIlegible(replace(e.problema, hoja=ruta.stem)) from None
        except Exception:  # contraseña, compresión rara, tamaño mentido: zipfile avisa de cada uno a su manera
            raise ilegible(
                Codigo.ARCHIVO_ILEGIBLE,
                f"«{ruta.name}» no se puede sacar del zip: está dañado o tiene contraseña. Comprímalo otra vez, sin clave.",
                hoja=ruta.stem,
            ) from None
    return Libro(list(hojas.values()))


def _de_ole(datos: bytes) -> ArchivoIlegible:
    """El contenedor antiguo de Microsoft: un .xls, un .doc o un .xlsx con contraseña."""
    if "EncryptedPackage".encode("utf-16-le") in datos:
        return ilegible(
            Codigo.ARCHIVO_ILEGIBLE,
            "El archivo tiene contraseña. Ábralo en Excel, quítela en «Archivo», «Información», «Proteger libro», "
            "guárdelo y súbalo otra vez.",
        )
    if "WordDocument".encode("utf-16-le") in datos:
        mensaje = "El archivo es un documento de Word. Copie la tabla a la plantilla y suba esa."
    else:
        mensaje = f"El archivo es de un Excel antiguo (.xls). {_GUARDELA}"
    return ilegible(Codigo.FORMATO_DESCONOCIDO, mensaje)


# --- el padre -----------------------------------------------------------------------------------------------


def _leer_en_otro_proceso(datos: bytes, topes: Topes) -> Libro:
    orden = [sys.executable, "-I", "-c", _ARRANQUE, str(_RAIZ), json.dumps(asdict(topes))]
    try:
        hijo = subprocess.run(
            orden,
            input=datos,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},
            cwd="/",
            start_new_session=True,
            timeout=ESPERA,
            check=True,
        )
        respuesta = json.loads(hijo.stdout)
    except (subprocess.SubprocessError, ValueError):
        raise ilegible(
            Codigo.ARCHIVO_SOSPECHOSO,
            "La planilla exige demasiada memoria o tiempo para abrirla; suele pasar cuando hay formato o datos hasta "
            "el final de la hoja. Copie solo sus datos en la plantilla y suba esa, o guárdelos como «CSV UTF-8».",
        ) from None
    if "problema" in respuesta:
        raise ArchivoIlegible(_problema(respuesta["problema"]))
    return Libro(
        [_hoja(h) for h in respuesta["hojas"]],
        tuple(respuesta["plantilla"]) if respuesta["plantilla"] else None,
        respuesta["region"],
        respuesta["ejercicio"],
    )


def _problema(dato: dict[str, Any]) -> Problema:
    return Problema(**dato | {"gravedad": Gravedad(dato["gravedad"]), "norma": tuple(dato["norma"])})


def _hoja(dato: dict[str, Any]) -> Hoja:
    for fila in dato["filas"]:
        for j, celda in enumerate(fila):
            if celda.__class__ is list:
                fila[j] = Hora(celda[0]) if isinstance(celda[0], str) else datetime.date.fromordinal(celda[0])
    return Hoja(
        **dato
        | {
            "encabezado": tuple(dato["encabezado"]),
            "columnas": tuple(dato["columnas"]),
            "problemas": tuple(_problema(p) for p in dato["problemas"]),
            "sobrantes": (),
        }
    )


# --- el hijo ------------------------------------------------------------------------------------------------


def atender() -> None:
    """Lee una planilla de la entrada y escribe su contenido, o su problema, como JSON. Corre en el proceso hijo."""
    _limitar(resource.RLIMIT_AS, MEMORIA)
    _limitar(resource.RLIMIT_CPU, PROCESADOR)
    _limitar(resource.RLIMIT_CORE, 0)
    _limitar(resource.RLIMIT_FSIZE, 0)
    topes = Topes(**json.loads(sys.argv[2]))
    sys.stdout.write(responder(sys.stdin.buffer.read(), topes))


def _limitar(recurso: int, tope: int) -> None:
    duro = resource.getrlimit(recurso)[1]
    if duro != resource.RLIM_INFINITY:  # el del padre puede ser menor, y no se puede subir
        tope = min(tope, duro)
    resource.setrlimit(recurso, (tope, tope))


def responder(datos: bytes, topes: Topes) -> str:
    """La respuesta del hijo: `Libro` o {"problema"}. Las fechas viajan como [ordinal] y las horas como [texto]."""
    try:
        libro = leer_libro(datos, topes)
    except ArchivoIlegible as e:
        return json.dumps({"problema": asdict(e.problema)})
    return json.dumps(
        {
            "hojas": [_como_dato(h) for h in libro.hojas],
            "plantilla": libro.plantilla,
            "region": libro.region,
            "ejercicio": libro.ejercicio,
        },
        default=_viajar,
    )


def _como_dato(hoja: Hoja) -> dict[str, Any]:
    """Los campos de `Hoja`; `sobrantes` no viaja: en una planilla toda columna con contenido está en `columnas`."""
    dato = {c: getattr(hoja, c) for c in Hoja.__slots__}
    return dato | {"problemas": [asdict(p) for p in hoja.problemas]}


def _viajar(celda: datetime.date | Hora) -> list[int | str]:
    return [celda.texto if isinstance(celda, Hora) else celda.toordinal()]
