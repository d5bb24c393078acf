"""Entrar con la identidad de otro (ClaveÚnica): se sabe solo que es la misma persona que la vinculó. Sin web.

No se guarda ni el RUN ni el nombre: solo una huella de (emisor, sujeto), con la clave del sistema para que no se pueda adivinar.
"""

import hashlib
import hmac
from datetime import datetime

from formularios import almacen_sesiones
from formularios.accesos import Usuario, leer_usuario
from formularios.almacen import Almacen, Repetido
from formularios.almacen_bitacora import anotar


def huella_de(clave: str, emisor: str, sujeto: str) -> str:
    return hmac.new(clave.encode(), f"identidad {emisor}\n{sujeto}".encode(), hashlib.sha256).hexdigest()


def quien_es(almacen: Almacen, huella: str, *, ahora_utc: datetime) -> Usuario | None:
    """Quien la vinculó, si sigue activo; y anota que entró."""
    with almacen.leer() as c:
        id = almacen_sesiones.leer_identidad(c, huella)
    usuario = leer_usuario(almacen, id) if id is not None else None
    if usuario:
        with almacen.escribir() as c:
            anotar(c, cuando_utc=ahora_utc, actor=f"usuario {id}", accion="entrar", objeto=f"usuario {id} con oidc")
    return usuario


def tiene(almacen: Almacen, usuario: int) -> bool:
    with almacen.leer() as c:
        return almacen_sesiones.contar_identidades(c, usuario) > 0


def vincular(almacen: Almacen, usuario: int, huella: str, *, ahora_utc: datetime) -> bool:
    """La deja como suya; False si es de otra persona."""
    try:
        with almacen.escribir() as c:
            almacen_sesiones.vincular(c, huella, usuario, ahora_utc)
            anotar(c, cuando_utc=ahora_utc, actor=f"usuario {usuario}", accion="identidad", objeto="vinculada")
    except Repetido:
        with almacen.leer() as c:
            return almacen_sesiones.leer_identidad(c, huella) == usuario
    return True


def desvincular(almacen: Almacen, usuario: int, *, ahora_utc: datetime) -> None:
    with almacen.escribir() as c:
        if almacen_sesiones.desvincular(c, usuario):
            anotar(c, cuando_utc=ahora_utc, actor=f"usuario {usuario}", accion="identidad", objeto="desvinculada")
