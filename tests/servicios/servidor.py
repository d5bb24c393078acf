"""Una aplicación atendiendo de verdad en esta máquina, para probarla con un navegador.

Con `RED_LENTA` (segundos) cada página llega en tres pedazos: así cae la prueba que mira antes de que llegue entera, que
con la máquina quieta pasa casi siempre.
"""

import os
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from flask import Flask
from werkzeug.serving import WSGIRequestHandler, make_server
from werkzeug.wsgi import ClosingIterator

RED_LENTA = float(os.environ.get("RED_LENTA", "0"))


class _Callado(WSGIRequestHandler):
    def log(self, *_: object) -> None:
        """Nada: las pruebas no llenan la pantalla."""


def _a_pedazos(aplicacion: Callable) -> Callable:
    def atender(entorno: dict, empezar: Callable) -> Iterable[bytes]:
        respuesta = aplicacion(entorno, empezar)
        if "text/html" not in entorno.get("HTTP_ACCEPT", ""):
            return respuesta

        def pedazos() -> Iterator[bytes]:
            cuerpo = b"".join(respuesta)
            for pedazo in (cuerpo[:1], cuerpo[1 : len(cuerpo) // 2], cuerpo[len(cuerpo) // 2 :]):
                yield pedazo
                time.sleep(RED_LENTA)

        return ClosingIterator(pedazos(), getattr(respuesta, "close", None))

    return atender


@contextmanager
def servir(armar: Callable[[str], Flask]) -> Iterator[str]:
    """Da la dirección, con puerto libre. `armar` la recibe y devuelve la aplicación: así sus enlaces llegan aquí mismo."""
    servidor = make_server("127.0.0.1", 0, lambda *_: [], threaded=True, request_handler=_Callado)
    direccion = f"http://127.0.0.1:{servidor.server_port}"
    servidor.app = _a_pedazos(armar(direccion)) if RED_LENTA else armar(direccion)
    hilo = threading.Thread(target=servidor.serve_forever)
    hilo.start()
    try:
        yield direccion
    finally:
        servidor.shutdown()
        hilo.join()
        servidor.server_close()
