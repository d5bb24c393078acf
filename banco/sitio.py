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
import sys
import threading
import time
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

from banco.medida import intercalar
from esquemas.catalogo import cargar
from formularios.politica import politica_de
from generador.__main__ import RAIZ, construir_sitio
from generador.navegacion import navegacion

RONDAS = 5
# Cada manera de construir corre en un proceso nuevo, como la orden que alguien escribe: con su arranque y sin nada recordado.
_TODO = """
import sys
from pathlib import Path
from esquemas.catalogo import cargar
from generador.__main__ import construir_sitio
construir_sitio(cargar(), Path(sys.argv[1]), construccion=Path(sys.argv[2]))
"""
_SOLO_MKDOCS = """
import json, sys
from mkdocs.commands.build import build
from mkdocs.config import load_config
build(load_config("mkdocs.yml", docs_dir=sys.argv[1], site_dir=sys.argv[2], nav=json.load(open(sys.argv[3])), strict=True))
"""
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
    una, doble, otra = construccion / "sitio", carpeta / "doble", carpeta / "otra"
    _duplicar(una, doble)
    maneras = {
        "todo": lambda: _construir_todo(otra, construccion),
        "nada": lambda: _ordenar(_TODO, otra, construccion),  # enseguida: nada cambió
        "mkdocs": lambda: _ordenar(_SOLO_MKDOCS, una, carpeta / "una-vez", _menu(una)),
        "doble": lambda: _ordenar(_SOLO_MKDOCS, doble, carpeta / "dos-veces", _menu(doble)),
    }
    segundos = intercalar(maneras, dict.fromkeys(maneras, RONDAS))
    assert not construir_sitio(cargar(), publicado, construccion=construccion), "sin cambios no se reconstruye"
    return {
        "paginas": len(list(una.rglob("*.md"))),
        "peso": {n: peso(publicado, p) for n, p in paginas.items()},
        "peso_doble": {n: peso(carpeta / "dos-veces", p) for n, p in paginas.items()},
        "segundos": segundos,
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


def _construir_todo(destino: Path, construccion: Path) -> float:
    """Sin el sitio, pero con la carpeta de trabajo de la vez anterior: como quien cambió algo y construye de nuevo."""
    shutil.rmtree(destino, ignore_errors=True)
    return _ordenar(_TODO, destino, construccion)


def _ordenar(programa: str, *argumentos: Path) -> float:
    inicio = time.perf_counter()
    subprocess.run([sys.executable, "-c", programa, *map(str, argumentos)], check=True, cwd=RAIZ, stderr=subprocess.DEVNULL)
    return time.perf_counter() - inicio


def _menu(paginas: Path) -> Path:
    """El archivo con el menú de esas páginas: calcularlo no es cosa de mkdocs."""
    archivo = paginas.with_name(f"{paginas.name}.menu.json")
    if not archivo.exists():
        todas = {r.relative_to(paginas).as_posix(): r.read_bytes() for r in paginas.rglob("*.md")}
        archivo.write_text(json.dumps(navegacion([], todas)), encoding="utf-8")
    return archivo


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
