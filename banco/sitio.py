"""El sitio: cuánto pesa la primera vista, cuánto cuesta construirlo frente a `mkdocs build` solo, y cómo crece con las páginas.

Lighthouse se usa si está (`npm install --global lighthouse`, o su ruta en LIGHTHOUSE): no es parte del proyecto. Sin él se dice.
"""

import functools
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from banco.medida import cronometrar, intercalar
from esquemas.catalogo import cargar
from formularios.politica import politica_de
from generador.__main__ import _mkdocs, construir_sitio
from generador.navegacion import navegacion

RONDAS = 5
VECES_LIGHTHOUSE = 3
CLASES = ("performance", "accessibility", "best-practices", "seo")
_CARGA = re.compile(r"""<(?:script|img)\b[^>]*\ssrc="([^"]+)"|<link\b[^>]*\srel="(?:stylesheet|icon)"[^>]*>""")
_URL = re.compile(r"""url\(["']?(?!data:)([^)"']+)""")
_COMPRIME = {".html", ".css", ".js", ".svg", ".xml", ".json"}


def medir(carpeta: Path) -> dict[str, Any]:
    """Pesos en bytes ya comprimidos, segundos de cada manera de construir y, si se pudo, los puntajes de Lighthouse."""
    publicado, construccion = carpeta / "publicado", carpeta / "construccion"
    construir_sitio(cargar(), publicado, construccion=construccion)
    ficha = next(a.parent for a in sorted(publicado.glob("instrumentos/*/index.html")))
    paginas = {"portada": "", "ficha": f"{ficha.relative_to(publicado).as_posix()}/"}
    una, doble = construccion / "sitio", carpeta / "doble"
    _duplicar(una, doble)
    menus = {c: navegacion([], {r.relative_to(c).as_posix(): r.read_bytes() for r in c.rglob("*.md")}) for c in (una, doble)}
    segundos = intercalar(
        {
            "todo": lambda: _construir_todo(carpeta / "otra"),
            "mkdocs": lambda: _mkdocs(una, carpeta / "una-vez", menus[una]),
            "doble": lambda: _mkdocs(doble, carpeta / "dos-veces", menus[doble]),
        },
        dict.fromkeys(("todo", "mkdocs", "doble"), RONDAS),
    )
    assert not construir_sitio(cargar(), publicado, construccion=construccion), "sin cambios no se reconstruye"
    return {
        "paginas": len(list(una.rglob("*.md"))),
        "peso": {n: peso(publicado, p) for n, p in paginas.items()},
        "peso_doble": {n: peso(carpeta / "dos-veces", p) for n, p in paginas.items()},
        "segundos": segundos,
        "nada": cronometrar(lambda: construir_sitio(cargar(), publicado, construccion=construccion)),
        "lighthouse": {n: _lighthouse(publicado, p) for n, p in paginas.items()} if _programa() else None,
    }


def peso(sitio: Path, pagina: str) -> int:
    """Bytes comprimidos de la página y de todo lo que pide al abrirse: estilos, programas, imágenes y letras."""
    archivo = sitio / pagina / "index.html"
    pide = {archivo}
    for etiqueta in _CARGA.finditer(archivo.read_text(encoding="utf-8")):
        direccion = etiqueta[1] or re.search(r'href="([^"]+)"', etiqueta[0])[1]
        if not direccion.startswith("data:"):
            pide.add((archivo.parent / direccion).resolve())
    for estilo in [a for a in pide if a.suffix == ".css"]:
        pide |= {(estilo.parent / u).resolve() for u in _URL.findall(estilo.read_text(encoding="utf-8"))}
    return sum(len(_como_viaja(a)) for a in pide)


def _como_viaja(archivo: Path) -> bytes:
    return gzip.compress(archivo.read_bytes(), mtime=0) if archivo.suffix in _COMPRIME else archivo.read_bytes()


def _duplicar(una: Path, doble: Path) -> None:
    """Las mismas páginas y otra vez todas, en una sección aparte."""
    shutil.copytree(una, doble)
    for pagina in una.rglob("*.md"):
        copia = doble / "otra-vez" / pagina.relative_to(una)
        copia.parent.mkdir(parents=True, exist_ok=True)
        copia.write_text(re.sub(r"\]\((?!/|#|\w+:)[^)]*\)", "](/index.md)", pagina.read_text(encoding="utf-8")), encoding="utf-8")


def _construir_todo(carpeta: Path) -> None:
    shutil.rmtree(carpeta, ignore_errors=True)
    construir_sitio(cargar(), carpeta / "publicado", construccion=carpeta / "construccion")


def _programa() -> str | None:
    return os.environ.get("LIGHTHOUSE") or shutil.which("lighthouse")  # noqa: TID251


class _Servidor(SimpleHTTPRequestHandler):
    """Como lo serviría nginx delante: comprimido, con la CSP de cada página y con fecha de vencimiento."""

    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        ruta = Path(self.translate_path(self.path))
        archivo = ruta / "index.html" if ruta.is_dir() else ruta
        if not archivo.is_file():
            return self.send_error(404)
        contenido = _como_viaja(archivo)
        self.send_response(200)
        if archivo.suffix in _COMPRIME:
            self.send_header("Content-Encoding", "gzip")
        if archivo.suffix == ".html":
            self.send_header("Content-Security-Policy", politica_de(archivo.read_text(encoding="utf-8")))
        self.send_header("Content-Type", self.guess_type(str(archivo)))
        self.send_header("Content-Length", str(len(contenido)))
        self.send_header("Cache-Control", "max-age=3600")
        self.end_headers()
        self.wfile.write(contenido)

    def log_message(self, *_: object) -> None:
        """Nada: solo se mide."""


def _lighthouse(sitio: Path, pagina: str) -> dict[str, float]:
    """Clase → puntaje de 0 a 100: la mediana de varias pasadas, como un teléfono con red lenta."""
    servidor = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(_Servidor, directory=str(sitio)))
    hilo = threading.Thread(target=servidor.serve_forever)
    hilo.start()
    orden = [_programa(), f"http://127.0.0.1:{servidor.server_port}/{pagina}", "--quiet", "--output=json"]
    orden += ["--chrome-flags=--headless --no-sandbox --disable-gpu", f"--only-categories={','.join(CLASES)}"]
    try:
        pasadas = [subprocess.run(orden, capture_output=True, check=True, timeout=300).stdout for _ in range(VECES_LIGHTHOUSE)]
    finally:
        servidor.shutdown()
        hilo.join()
        servidor.server_close()
    leidas = [json.loads(p)["categories"] for p in pasadas]
    return {c: round(100 * statistics.median(p[c]["score"] for p in leidas)) for c in CLASES}
