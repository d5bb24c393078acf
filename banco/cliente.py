"""Un cliente mínimo de HTTP y el servidor al que le habla, en otro proceso: que lo medido sea el servidor.

Solo habla con 127.0.0.1.
"""

import re
import secrets
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from urllib.parse import urlencode

from flask import Flask
from itsdangerous import URLSafeTimedSerializer

from banco.servidor import CLAVE
from banco.validar import RAIZ

_FICHA = secrets.token_hex(20)
_GALLETA = re.compile(rb"\r\nset-cookie: focaliza=([^;\r]+)", re.IGNORECASE)
_DESTINO = re.compile(rb"\r\nlocation: ([^\r]+)", re.IGNORECASE)
_LARGO = re.compile(rb"\r\ncontent-length: (\d+)", re.IGNORECASE)


def galleta(app: Flask, encuesta: str, secreto: str) -> str:
    """La de quien tiene ese borrador en curso."""
    sesion = {"borradores": {encuesta: secreto}, "csrf_token": _FICHA}
    return app.session_interface.get_signing_serializer(app).dumps(sesion)


def post(ruta: str, galleta: str, datos: Mapping[str, Any]) -> bytes:
    """Un POST entero, con su ficha."""
    ficha = URLSafeTimedSerializer(CLAVE, salt="wtf-csrf-token").dumps(_FICHA)
    cuerpo = urlencode({"csrf_token": ficha, **datos}).encode()
    tipo = f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(cuerpo)}\r\n"
    return f"POST {ruta} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: focaliza={galleta}\r\n{tipo}\r\n".encode() + cuerpo


def publicar_archivo(ruta: str, galleta: str, datos: Mapping[str, str], archivo: bytes) -> bytes:
    """Un POST con un XLSX, como lo manda un formulario."""
    raya = "--focaliza"
    partes = [f'{raya}\r\nContent-Disposition: form-data; name="{n}"\r\n\r\n{v}\r\n' for n, v in datos.items()]
    cabeza = f'{raya}\r\nContent-Disposition: form-data; name="archivo"; filename="banco.xlsx"\r\n\r\n'
    cuerpo = ("".join(partes) + cabeza).encode() + archivo + f"\r\n{raya}--\r\n".encode()
    tipo = f"Content-Type: multipart/form-data; boundary={raya[2:]}\r\nContent-Length: {len(cuerpo)}\r\n"
    return f"POST {ruta} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: focaliza={galleta}\r\n{tipo}\r\n".encode() + cuerpo


def get(ruta: str, galleta: str) -> bytes:
    return f"GET {ruta} HTTP/1.1\r\nHost: 127.0.0.1\r\nCookie: focaliza={galleta}\r\n\r\n".encode()


class Conexion:
    """Una conexión abierta. `galleta`: la última que mandó el servidor."""

    def __init__(self, puerto: int) -> None:
        self._enchufe = socket.create_connection(("127.0.0.1", puerto), timeout=60)
        self._enchufe.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.galleta = ""

    def pedir(self, peticion: bytes, estado: int = 200) -> tuple[str, bytes]:
        """Manda y espera la respuesta entera: a dónde lleva, si lleva, y su cuerpo. RuntimeError si el estado es otro."""
        self._enchufe.sendall(peticion)
        leido = b""
        while b"\r\n\r\n" not in leido:
            if not (trozo := self._enchufe.recv(65_536)):
                raise RuntimeError(f"el servidor cortó: {leido!r}")
            leido += trozo
        cabeza, _, cuerpo = leido.partition(b"\r\n\r\n")
        if not cabeza.startswith(b"HTTP/1.1 %d" % estado):
            raise RuntimeError(cabeza.decode())
        while len(cuerpo) < int(_LARGO.search(cabeza)[1]):
            cuerpo += self._enchufe.recv(65_536)
        if nueva := _GALLETA.search(cabeza):
            self.galleta = nueva[1].decode()
        destino = _DESTINO.search(cabeza)
        return (destino[1].decode() if destino else ""), cuerpo

    def cerrar(self) -> None:
        self._enchufe.close()


@contextmanager
def servido(base: str, procesos: int = 1) -> Iterator[int]:
    """La aplicación con esa base, mientras dure el `with`; entrega su puerto."""
    with socket.socket() as libre:
        libre.bind(("127.0.0.1", 0))
        puerto = libre.getsockname()[1]
    orden = [sys.executable, "-m", "banco.servidor", str(puerto), base, str(procesos)]
    servidor = subprocess.Popen(orden, cwd=RAIZ, stdout=subprocess.DEVNULL)
    try:
        _esperar(puerto)
        yield puerto
    finally:
        servidor.terminate()
        servidor.wait(20)


def _esperar(puerto: int) -> None:
    """Hasta que atienda de verdad: gunicorn escucha antes de que sus procesos tengan la aplicación."""
    for _ in range(300):
        try:
            conexion = Conexion(puerto)
            conexion.pedir(get("/salud", ""))
            return conexion.cerrar()
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("el servidor no arrancó")
