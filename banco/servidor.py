"""La aplicación de verdad en gunicorn, y una ruta más: el mismo Flask que recibe y no valida ni guarda.

`python -m banco.servidor PUERTO BASE PROCESOS`. La clave es fija y pública: solo atiende en 127.0.0.1 y solo para medir.
"""

import sys
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

from flask import Flask, redirect, request
from gunicorn.app.base import BaseApplication

from banco.tablas import encuesta
from esquemas import catalogo as disco
from esquemas.modelo import Catalogo
from formularios.almacen import Almacen
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.orden_servir import opciones_de_gunicorn, preparar_registro
from formularios.vistas import PUBLICO, permitir

CLAVE = "clave-publica-del-banco-de-medidas-no-usar"
MARCO = "/formularios/marco/"
AHORA = datetime(2026, 11, 20, 15, tzinfo=UTC)


def catalogo_con_encuesta() -> Catalogo:
    """El del programa, más la encuesta con que se mide."""
    real = disco.cargar()
    return replace(real, esquemas={**real.esquemas, encuesta().nombre: encuesta()})


def app_de_medir(base: str) -> Flask:
    configuracion = Configuracion(clave=CLAVE, base_de_datos=base, sitio=Path("no-hay"))
    app = crear_app(configuracion, catalogo_con_encuesta(), Almacen(configuracion.base_de_datos), lambda: AHORA)

    @app.post(MARCO)
    @permitir(PUBLICO)
    def marco() -> object:
        """El límite: la petición pasa por todo el marco y se responde sin mirarla."""
        dict(request.form.items(multi=True))
        return redirect("/formularios/", 303)

    return app


class _Servidor(BaseApplication):
    def __init__(self, puerto: str, base: str, procesos: str) -> None:
        self.opciones, self.base = opciones_de_gunicorn("127.0.0.1", int(puerto), procesos=int(procesos)), base
        super().__init__()

    def load_config(self) -> None:
        for nombre, valor in self.opciones.items():
            self.cfg.set(nombre, valor)

    def load(self) -> Flask:
        app = app_de_medir(self.base)
        preparar_registro(Configuracion(clave=CLAVE))
        return app


if __name__ == "__main__":
    _Servidor(*sys.argv[1:]).run()
