"""Las páginas y sus archivos viajan comprimidos: quien responde puede tener mala señal y pagar por lo que baja.

El sitio ya construido trae sus `.gz` y lo atiende WhiteNoise; aquí, solo lo que cuelga de un prefijo.
"""

import gzip
import io
import secrets
from collections.abc import Iterable
from typing import Any

from werkzeug.datastructures import Accept
from werkzeug.http import parse_accept_header
from werkzeug.wrappers import Response

TEXTOS = frozenset({"text/html", "text/css", "text/javascript", "application/javascript", "image/svg+xml"})
RELLENO = 50  # bytes al azar, a lo más


class Compresor:
    """Aplicación WSGI que comprime con gzip lo que `aplicacion` responde bajo `prefijo`, si el navegador lo acepta."""

    def __init__(self, aplicacion: Any, prefijo: str) -> None:
        self.aplicacion, self.prefijo = aplicacion, prefijo

    def __call__(self, environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
        acepta = parse_accept_header(environ.get("HTTP_ACCEPT_ENCODING", ""), Accept)
        if "gzip" not in acepta or not environ.get("PATH_INFO", "").startswith(self.prefijo):
            return self.aplicacion(environ, start_response)
        respuesta = Response.from_app(self.aplicacion, environ)
        if respuesta.mimetype in TEXTOS and not respuesta.content_encoding and environ["REQUEST_METHOD"] != "HEAD":
            respuesta.vary.add("Accept-Encoding")
            if respuesta.status_code not in (206, 304):
                respuesta.set_data(_comprimir(respuesta.get_data()))
                respuesta.content_encoding = "gzip"
        return respuesta(environ, start_response)


def _comprimir(datos: bytes) -> bytes:
    """El nombre al azar dentro del gzip cambia el largo: midiéndolo no se adivina lo secreto de la página (BREACH)."""
    salida = io.BytesIO()
    with gzip.GzipFile(secrets.token_hex(secrets.randbelow(RELLENO // 2) + 1), "wb", 6, salida, mtime=0) as comprimido:
        comprimido.write(datos)
    return salida.getvalue()
