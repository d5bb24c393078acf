"""Una aplicación atendiendo de verdad en esta máquina, para probarla con un navegador."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server


class _Callado(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Nada: las pruebas no llenan la pantalla."""


@contextmanager
def servir(armar: Callable[[str], Flask]) -> Iterator[str]:
    """Da la dirección, con puerto libre. `armar` la recibe y devuelve la aplicación: así sus enlaces llegan aquí mismo."""
    servidor = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Callado)
    direccion = f"http://127.0.0.1:{servidor.server_port}"
    servidor.app = armar(direccion)
    hilo = threading.Thread(target=servidor.serve_forever)
    hilo.start()
    try:
        yield direccion
    finally:
        servidor.shutdown()
        hilo.join()
        servidor.server_close()
