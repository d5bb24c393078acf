"""Chromium sin cabeza para las pruebas: el del sistema, movido por Playwright, con un perfil nuevo cada vez.

Se usa el navegador de la distribución y no uno descargado: así las pruebas no bajan nada.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

from playwright.sync_api import Page, Playwright, sync_playwright

NOMBRES = ("chromium", "chromium-browser", "google-chrome")
OPCIONES = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)

# Playwright admite un solo conductor por hilo: dos navegadores abiertos a la vez lo comparten.
_abiertos: list[Playwright] = []


def _programa() -> str | None:
    return next((ruta for n in NOMBRES if (ruta := shutil.which(n))), None)


@cache
def disponible() -> str | None:
    """None si hay un Chromium que responde; si no, la razón."""
    programa = _programa()
    if programa is None:
        return "falta Chromium (en Debian: apt install chromium)"
    try:
        subprocess.run([programa, "--version"], check=True, capture_output=True, timeout=30)
    except (OSError, subprocess.SubprocessError) as e:
        return f"Chromium está pero no arranca: {e}"
    return None


@contextmanager
def navegador(ancho: int, alto: int, javascript: bool = True) -> Iterator[Page]:
    """Una pestaña vacía de `ancho` × `alto` píxeles, en español de Chile y con la hora de Santiago.

    `javascript=False` sirve para probar que la página funciona sin él. El perfil se borra al salir.
    """
    razon = disponible()
    if razon:
        raise RuntimeError(razon)
    with _conductor() as playwright, tempfile.TemporaryDirectory(prefix="focaliza-navegador-") as perfil:
        contexto = playwright.chromium.launch_persistent_context(
            perfil,  # Playwright lo pasa como --user-data-dir
            executable_path=_programa(),
            headless=True,
            args=list(OPCIONES),
            chromium_sandbox=False,
            viewport={"width": ancho, "height": alto},
            java_script_enabled=javascript,
            locale="es-CL",
            timezone_id="America/Santiago",
            accept_downloads=True,
        )
        try:
            contexto.set_default_timeout(15_000)
            yield contexto.pages[0] if contexto.pages else contexto.new_page()
        finally:
            contexto.close()


@contextmanager
def _conductor() -> Iterator[Playwright]:
    if _abiertos:
        yield _abiertos[-1]
        return
    with sync_playwright() as playwright:
        _abiertos.append(playwright)
        try:
            yield playwright
        finally:
            _abiertos.clear()
