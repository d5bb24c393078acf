"""El comprobante y el oficio como PDF/A, para archivar: se leen igual en veinte años y con lector de pantalla (PDF/UA-1).

Función pura: los mismos datos dan los mismos bytes. No mira el reloj, la red ni las letras del equipo. Los datos viajan
como JSON a la plantilla, que los trata como texto: nada de lo que digan se ejecuta.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

import segno
import typst

from formularios.oficio import Oficio, Parrafo

NORMAS = ["a-2a", "ua-1"]  # a-2a es a-2b más las etiquetas que necesita un lector de pantalla
_PLANTILLAS = Path(__file__).parent / "plantillas"


class Renglon(NamedTuple):
    """Un dato del comprobante. `fija`: se escribe con letra de ancho fijo (una huella)."""

    rotulo: str
    valor: str
    fija: bool = False


def dibujar_qr(direccion: str) -> str:
    """El código QR como SVG, negro sobre blanco también donde el fondo es oscuro."""
    qr = segno.make(direccion, error="m")
    return qr.svg_inline(scale=4, border=4, light="#fff", svgclass="qr", lineclass=None, omitsize=False)


def imprimir(
    *,
    titulo: str,
    folio: str,
    estado: str,
    renglones: Sequence[Renglon],
    direccion: str,
    recibido_utc: datetime,
    rotulo: str = "Folio",
) -> bytes:
    """El PDF. `direccion` es la de verificación, que va escrita y en el QR; `recibido_utc`, la fecha del documento;
    `rotulo`, qué es `folio`."""
    datos = {
        "rotulo": rotulo,
        "titulo": titulo,
        "folio": folio,
        "estado": estado,
        "renglones": [r._asdict() for r in renglones],
        "direccion": direccion,
        "qr": dibujar_qr(direccion),
    }
    return _compilar("comprobante.typ", datos, recibido_utc)


def imprimir_oficio(oficio: Oficio) -> bytes:
    """El oficio con sus anexos."""
    bloques = [{"tipo": b.clase if isinstance(b, Parrafo) else "tabla", **asdict(b)} for b in oficio.bloques]
    datos = {"titulo": oficio.titulo, "rotulo": oficio.rotulo, "borrador": oficio.es_borrador, "bloques": bloques}
    return _compilar("oficio.typ", datos, oficio.fecha)


def _compilar(plantilla: str, datos: dict[str, Any], fecha: datetime) -> bytes:
    instante = fecha.astimezone(UTC)
    datos["fecha"] = {n: getattr(instante, n) for n in ("year", "month", "day", "hour", "minute", "second")}
    entradas = {"datos": json.dumps(datos, ensure_ascii=False)}
    impresora = typst.Compiler((_PLANTILLAS / plantilla).read_bytes(), ignore_system_fonts=True, sys_inputs=entradas)
    return impresora.compile(format="pdf", pdf_standards=NORMAS, timestamp=int(instante.timestamp()))
