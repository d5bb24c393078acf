"""La orden `servir`: pone la base al día, construye lo que falte y atiende con gunicorn el sitio y los formularios."""

import logging
import os
import socket
from dataclasses import replace
from pathlib import Path

import click
import structlog
from gunicorn.app.base import BaseApplication
from whitenoise.compress import main as comprimir

from formularios.almacen import Almacen, AlmacenNoDisponible
from formularios.app import crear_app
from formularios.cascara import Cascara
from formularios.configuracion import Configuracion
from formularios.demostracion import ENTRADAS, hay_personas_inventadas, sembrar
from formularios.orden_envios import abrir

PROCESOS, HILOS = 2, 4  # por omisión


class _Servidor(BaseApplication):
    """gunicorn con la aplicación ya armada por el padre y una base abierta por cada hijo."""

    def __init__(self, cascara: Cascara, configuracion: Configuracion, opciones: dict[str, object]) -> None:
        self.cascara, self.configuracion, self.opciones = cascara, configuracion, opciones
        super().__init__()

    def load_config(self) -> None:
        for nombre, valor in self.opciones.items():
            self.cfg.set(nombre, valor)

    def load(self):
        almacen = Almacen(self.configuracion.base_de_datos)
        return crear_app(self.configuracion, self.cascara.catalogo, almacen, self.cascara.ahora)


@click.command()
@click.option("--puerto", default=8000, show_default=True, type=click.IntRange(1, 65535))
@click.option("--direccion", default="127.0.0.1", show_default=True, help="Dónde escucha. 0.0.0.0 para todas las redes.")
@click.option("--demo/--sin-demo", default=None, help="Con datos de demostración y correos en pantalla, o sin ellos.")
@click.option("--procesos", default=PROCESOS, show_default=True, type=click.IntRange(1, 16))
@click.option("--hilos", default=HILOS, show_default=True, type=click.IntRange(1, 64))
@click.pass_context
def servir(ctx: click.Context, puerto: int, direccion: str, demo: bool | None, procesos: int, hilos: int) -> None:
    """Atiende el sitio y los formularios en una sola dirección."""
    cascara: Cascara = ctx.obj
    if not _esta_libre(direccion, puerto):
        raise click.UsageError(f"El puerto {puerto} está ocupado. Use otro: focaliza servir --puerto {puerto + 1}.")
    if demo is not None:
        os.environ["FOCALIZA_DEMO"] = "si" if demo else "no"
    configuracion = cascara.configuracion
    if "FOCALIZA_URL_PUBLICA" not in os.environ:
        configuracion = replace(configuracion, url_publica=f"http://{direccion}:{puerto}")
    _preparar_base(ctx, configuracion)
    if not (configuracion.sitio / "index.html").exists() or "FOCALIZA_SITIO" not in os.environ:
        _construir(ctx, configuracion.sitio)
    _presentar(configuracion)
    preparar_registro(configuracion)
    _Servidor(cascara, configuracion, opciones_de_gunicorn(direccion, puerto, procesos, hilos)).run()


def opciones_de_gunicorn(direccion: str, puerto: int, procesos: int = PROCESOS, hilos: int = HILOS) -> dict[str, object]:
    """Cómo atiende: las mismas opciones con que se mide."""
    return {
        "bind": f"{direccion}:{puerto}",
        "workers": procesos,
        "threads": hilos,
        "worker_class": "gthread",
        "loglevel": "warning",
        "proc_name": "focaliza",
    }


def _esta_libre(direccion: str, puerto: int) -> bool:
    """Si se puede escuchar ahí; gunicorn lo intentaría varias veces después de anunciarse."""
    with socket.socket() as prueba:
        prueba.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            prueba.bind((direccion, puerto))
        except OSError:
            return False
    return True


def _preparar_base(ctx: click.Context, configuracion: Configuracion) -> None:
    """La base al día y, en la demostración, con sus datos. La conexión se cierra: cada proceso abre la suya."""
    cascara: Cascara = ctx.obj
    try:
        almacen = abrir(cascara)
        if configuracion.demo:
            sembrar(almacen, cascara.catalogo, cascara.ahora())
        elif hay_personas_inventadas(almacen):
            raise click.UsageError(
                "Esta base es la de la demostración: tiene personas y entregas inventadas. Diga otra en FOCALIZA_BASE_DE_DATOS."
            )
        almacen.cerrar()
    except AlmacenNoDisponible as error:
        click.echo(f"No se pudo preparar la base: {error.causa}.", err=True)
        ctx.exit(2)


def preparar_registro(configuracion: Configuracion) -> None:
    """Una línea JSON por petición, con hora UTC. En la demostración solo lo que falla: la pantalla es para leer."""
    nivel = logging.WARNING if configuracion.demo else logging.INFO
    structlog.configure(
        processors=[
            structlog.processors.add_log_level,
            structlog.processors.TimeStamper(fmt="iso", utc=True),
            structlog.processors.JSONRenderer(ensure_ascii=False),
        ],
        wrapper_class=structlog.make_filtering_bound_logger(nivel),
        cache_logger_on_first_use=True,
    )


def _construir(ctx: click.Context, destino: Path) -> None:
    """Llama a la orden `construir` por la tabla de órdenes: `formularios` no importa al generador."""
    orden = ctx.parent.command.get_command(ctx.parent, "construir")
    ctx.invoke(orden, destino=destino)
    # WhiteNoise no comprime al vuelo: manda el .gz que halla al lado. Un sitio recién construido no los tiene.
    if not (destino / "index.html.gz").exists():
        comprimir(["--quiet", "--no-brotli", str(destino)])


def _presentar(configuracion: Configuracion) -> None:
    url = configuracion.url_publica
    click.echo(f"\n  Sitio         {url}/\n  Formularios   {url}/formularios/\n")
    if configuracion.demo:
        for quien, ruta, como in ENTRADAS:
            click.echo(f"  {quien:<13} {url}{ruta}\n                {como}")
        click.echo(f"\n  Demostración: los correos se ven en {url}/formularios/bandeja. No use datos reales.")
    click.echo("  Para terminar: Ctrl+C.\n")
