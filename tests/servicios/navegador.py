"""Chromium sin cabeza para las pruebas: el del sistema, movido por Playwright, con un perfil nuevo cada vez.

Se usa el navegador de la distribución y no uno descargado: así las pruebas no bajan nada.
"""

import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from functools import cache

from playwright.sync_api import Error, Locator, Page, Playwright, expect, sync_playwright

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

ESPERA = 30_000  # ms; lo que no llega en eso, no llega: con la máquina ocupada todo demora varias veces más
expect.set_options(timeout=ESPERA)

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
            contexto.set_default_timeout(ESPERA)
            yield contexto.pages[0] if contexto.pages else contexto.new_page()
        finally:
            contexto.close()


def entrar_como(pestana: Page, raiz: str, correo: str) -> None:
    """Con el enlace que le llega a la bandeja de la demostración. `raiz`: la dirección de los formularios."""
    pestana.goto(f"{raiz}/entrar")
    pestana.fill("#correo", correo)
    apretar(pestana, "main form button")
    pestana.goto(f"{raiz}/bandeja")
    apretar(pestana, 'pre a[href*="/entrar/"] >> nth=0')
    apretar(pestana, "main form button")


def apretar(pestana: Page, boton: str | Locator) -> None:
    """Aprieta lo que cambia de página y espera la nueva entera.

    Con la máquina ocupada, lo que sigue a un `click` puede correr antes de que la página cambie: mira la anterior o una a
    medio llegar, corta un envío en camino o intercepta la red cuando ya no alcanza.
    """
    with pestana.expect_navigation():
        (pestana.locator(boton) if isinstance(boton, str) else boton).click()


def caerse(pestana: Page) -> Page:
    """La pestaña muere de golpe; devuelve otra, vacía, del mismo perfil.

    Para probar qué queda sin red no basta cerrarla: al soltarla, Playwright le devuelve la red y alcanza a mandar lo suyo.
    """
    with suppress(Error):
        pestana.goto("chrome://crash")
    nueva = pestana.context.new_page()
    pestana.close()
    return nueva


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
