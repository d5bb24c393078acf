"""La política de contenidos (CSP) de cada página del sitio ya construido: huellas de lo que trae en línea, y nada más.

Los formularios no la usan: cada respuesta suya lleva un nonce nuevo (ver `app`).
"""

import base64
import hashlib
import re
from collections.abc import Iterable
from html import unescape

_SCRIPT = re.compile(r"<script\b([^>]*)>(.*?)</script>", re.DOTALL | re.IGNORECASE)
_ESTILO = re.compile(r"<style\b[^>]*>(.*?)</style>", re.DOTALL | re.IGNORECASE)
_EN_ATRIBUTO = re.compile(r"""<[^>]*?\sstyle=("([^"]*)"|'([^']*)')""", re.IGNORECASE)
_ES_DATO = re.compile(r"\bsrc=|type=[\"']?(application|text)/(?!javascript)", re.IGNORECASE)

# Pagefind busca con WebAssembly dentro de la propia página; Material y los íconos usan imágenes `data:`.
_FIJAS = (
    "default-src 'none'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "worker-src 'self'",
    "manifest-src 'self'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    "base-uri 'self'",
)


def politica_de(html: str) -> str:
    """La CSP para esa página: sus scripts y estilos en línea se permiten por su SHA-256."""
    scripts = _huellas(c for atributos, c in _SCRIPT.findall(html) if not _ES_DATO.search(atributos))
    estilos = _huellas(_ESTILO.findall(html))
    atributos = _huellas(unescape(doble or simple) for _, doble, simple in _EN_ATRIBUTO.findall(html))
    con_atributos = f" 'unsafe-hashes' {atributos}" if atributos else ""
    propias = (
        f"script-src 'self' 'wasm-unsafe-eval' {scripts}".strip(),
        f"style-src 'self' {estilos}".strip() + con_atributos,
    )
    return "; ".join((*_FIJAS, *propias))


def _huellas(textos: Iterable[str]) -> str:
    unicas = dict.fromkeys(base64.b64encode(hashlib.sha256(t.encode()).digest()).decode() for t in textos)
    return " ".join(f"'sha256-{h}'" for h in unicas)
