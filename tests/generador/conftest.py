"""El sitio se construye una sola vez por sesión de pruebas, de verdad, en una carpeta temporal."""

import functools
import shutil
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import pytest

from esquemas.catalogo import cargar
from formularios.politica import politica_de
from generador.__main__ import RAIZ, construir_sitio
from generador.paginas import paginas
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import disponible
from tests.servicios.navegador import navegador as abrir_navegador


class Construido(NamedTuple):
    destino: Path
    construccion: Path


@pytest.fixture(scope="session")
def catalogo():
    return cargar()


@pytest.fixture(scope="session")
def a_mano():
    """Lo escrito a mano: ruta → contenido."""
    sitio = RAIZ / "sitio"
    return {r.relative_to(sitio).as_posix(): r.read_bytes() for r in sitio.rglob("*") if r.is_file()}


@pytest.fixture(scope="session")
def generadas(catalogo, a_mano):
    return paginas(catalogo, a_mano)


@pytest.fixture(scope="session")
def construido(catalogo, tmp_path_factory):
    carpeta = tmp_path_factory.mktemp("construido")
    lugar = Construido(carpeta / "publicado", carpeta / "construccion")
    assert construir_sitio(catalogo, lugar.destino, construccion=lugar.construccion)
    return lugar


@pytest.fixture(scope="session")
def navegador():
    exigir(disponible())
    return abrir_navegador


class Callado(SimpleHTTPRequestHandler):
    """Sirve lo construido con la misma política de contenidos que la aplicación."""

    def end_headers(self):
        ruta = Path(self.translate_path(self.path))
        pagina = ruta / "index.html" if ruta.is_dir() else ruta
        if pagina.suffix == ".html" and pagina.is_file():
            self.send_header("Content-Security-Policy", politica_de(pagina.read_text(encoding="utf-8")))
        super().end_headers()

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def direccion(construido):
    servidor = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Callado, directory=str(construido.destino)))
    hilo = threading.Thread(target=servidor.serve_forever)
    hilo.start()
    yield f"http://127.0.0.1:{servidor.server_port}/"
    servidor.shutdown()
    hilo.join()
    servidor.server_close()


@pytest.fixture
def carpeta_con_formato_nuevo(tmp_path):
    """Una copia de `esquemas/` con un formato más; el código no se toca."""
    carpeta = shutil.copytree(RAIZ / "esquemas", tmp_path / "esquemas", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (carpeta / "formatos/registro-prueba.yaml").write_text(FORMATO_NUEVO, encoding="utf-8")
    return carpeta


FORMATO_NUEVO = """
name: registro-prueba
title: Registro de prueba
description: Un formato que solo existe en esta prueba.
version: "1.0.0"
exigible: false
ambito: region
llena: Equipo del Gobierno Regional
orden: 900
norma: [guia:A.7]
primaryKey: [codigo]
missingValues: [""]
no_revisa: [Nada de lo que diga.]
cambios: [{version: "1.0.0", fecha: "2026-11-20", description: Primera versión.}]
fields:
  - name: codigo
    title: Código
    type: string
    tipo: codigo
    description: Identifica la fila.
    example: R-01
    norma: [decision:16]
    dato: publico
    constraints: {required: true, unique: true, maxLength: 20}
"""
