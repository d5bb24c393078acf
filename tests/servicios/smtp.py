"""Un servidor SMTP de verdad en esta máquina, para las pruebas: guarda lo que acepta y se puede caer cuando se le pida."""

import email
import socketserver
import threading
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from email.message import EmailMessage
from email.policy import default


class Servidor(socketserver.ThreadingTCPServer):
    """`aceptados`: los mensajes a los que respondió 250. Tras `cae_tras` de ellos corta toda conexión hasta `levantar`."""

    daemon_threads = True
    allow_reuse_address = True

    def __init__(self, cae_tras: int | None, rechaza: Collection[str]) -> None:
        super().__init__(("127.0.0.1", 0), _Sesion)
        self.aceptados: list[EmailMessage] = []
        self.cae_tras, self.rechaza, self.cerrojo = cae_tras, rechaza, threading.Lock()

    @property
    def direccion(self) -> str:
        return f"smtp://127.0.0.1:{self.server_address[1]}?de=avisos@ejemplo.cl"

    @property
    def caido(self) -> bool:
        return self.cae_tras is not None and len(self.aceptados) >= self.cae_tras

    def levantar(self) -> None:
        self.cae_tras = None

    def aceptar(self, crudo: bytes) -> bool:
        with self.cerrojo:
            if self.caido:
                return False
            self.aceptados.append(email.message_from_bytes(crudo, policy=default))
            return True


class _Sesion(socketserver.StreamRequestHandler):
    server: Servidor

    def handle(self) -> None:
        if self.server.caido:
            return
        self._decir("220 prueba ESMTP")
        para = ""
        while linea := self.rfile.readline():
            orden = linea.strip().upper()
            if orden == b"DATA":
                self._decir("354 siga")
                if not self.server.aceptar(self._leer_cuerpo()):
                    return  # se cae sin responder
                self._decir("250 recibido")
            elif orden == b"QUIT":
                self._decir("221 adios")
                return
            elif orden.startswith(b"RCPT"):
                para = linea.decode().partition("<")[2].partition(">")[0]
                self._decir("550 no existe" if para in self.server.rechaza else "250 bien")
            else:
                self._decir("250 bien")

    def _leer_cuerpo(self) -> bytes:
        lineas = []
        while (linea := self.rfile.readline()) not in (b".\r\n", b""):
            lineas.append(linea.removeprefix(b"."))
        return b"".join(lineas)

    def _decir(self, texto: str) -> None:
        self.wfile.write(f"{texto}\r\n".encode())


@contextmanager
def servidor_smtp(cae_tras: int | None = None, rechaza: Collection[str] = ()) -> Iterator[Servidor]:
    """Atiende mientras dure el `with`, en un puerto libre de 127.0.0.1 y sin cifrar."""
    with Servidor(cae_tras, rechaza) as servidor:
        hilo = threading.Thread(target=servidor.serve_forever, kwargs={"poll_interval": 0.05})
        hilo.start()
        try:
            yield servidor
        finally:
            servidor.shutdown()
            hilo.join()
