"""El segundo paso para entrar: un código que cambia cada 30 segundos, o uno de respaldo. Sin web.

El secreto no se guarda: sale de la clave del sistema y de una sal al azar. De los códigos de respaldo, que son cortos, se guarda
una huella hecha con esa clave. Quien lea la base no puede calcular códigos.
"""

import base64
import hashlib
import hmac
import secrets
from datetime import datetime

import pyotp

from formularios import almacen_sesiones
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar

EMISOR = "Focaliza"
SEGUNDOS = 30
RESPALDOS = 10
_ALREDEDOR = (-1, 0, 1)  # pasos: el reloj del teléfono puede andar medio minuto corrido


def _codigos(clave: str, sal: str) -> pyotp.TOTP:
    secreto = hmac.new(clave.encode(), f"segundo factor {sal}".encode(), hashlib.sha256).digest()[:20]
    return pyotp.TOTP(base64.b32encode(secreto).decode(), interval=SEGUNDOS)


def activo(almacen: Almacen, usuario: int) -> bool:
    """Si a esa persona se le pide."""
    with almacen.leer() as c:
        fila = almacen_sesiones.leer_factor(c, usuario)
    return fila is not None and fila["activado_utc"] is not None


def respaldos(almacen: Almacen, usuario: int) -> int:
    """Cuántos códigos de respaldo le quedan."""
    with almacen.leer() as c:
        return almacen_sesiones.contar_respaldos(c, usuario)


def preparar(almacen: Almacen, usuario: int) -> None:
    """Crea su secreto, todavía sin pedirlo. Si ya está activo, no lo cambia."""
    with almacen.escribir() as c:
        fila = almacen_sesiones.leer_factor(c, usuario)
        if fila is None or fila["activado_utc"] is None:
            nuevo = {"usuario": usuario, "sal": secrets.token_hex(16), "activado_utc": None, "ultimo_paso": 0}
            almacen_sesiones.poner_factor(c, nuevo)


def para_el_telefono(almacen: Almacen, usuario: int, correo: str, clave: str) -> tuple[str, str] | None:
    """(el secreto, la dirección que lee la aplicación del teléfono) mientras se activa; None si no se está activando."""
    with almacen.leer() as c:
        fila = almacen_sesiones.leer_factor(c, usuario)
    if fila is None or fila["activado_utc"] is not None:
        return None
    codigos = _codigos(clave, fila["sal"])
    return codigos.secret, codigos.provisioning_uri(name=correo, issuer_name=EMISOR)


def activar(almacen: Almacen, usuario: int, clave: str, codigo: str, *, ahora_utc: datetime) -> list[str] | None:
    """Desde ahora se pide, si el código calza: devuelve los de respaldo, que se ven solo esta vez. None si no calza."""
    nuevos = [f"{n[:5]}-{n[5:]}" for n in (secrets.token_hex(5) for _ in range(RESPALDOS))]
    with almacen.escribir() as c:
        fila = almacen_sesiones.leer_factor(c, usuario)
        if fila is None or fila["activado_utc"] or not _gastar_codigo(c, fila, clave, codigo, ahora_utc):
            return None
        fila = almacen_sesiones.leer_factor(c, usuario)
        almacen_sesiones.poner_factor(c, {**fila, "activado_utc": ahora_utc})
        almacen_sesiones.insertar_respaldos(c, usuario, (_huella(clave, n) for n in nuevos))
        anotar(c, cuando_utc=ahora_utc, actor=f"usuario {usuario}", accion="segundo factor", objeto="activado")
    return nuevos


def comprobar(almacen: Almacen, usuario: int, clave: str, codigo: str, *, ahora_utc: datetime) -> bool:
    """Si el código es bueno y nadie lo usó antes; sirve también uno de respaldo. Al decir que sí, lo gasta."""
    with almacen.escribir() as c:
        fila = almacen_sesiones.leer_factor(c, usuario)
        if fila is None or fila["activado_utc"] is None:
            return False
        if _gastar_codigo(c, fila, clave, codigo, ahora_utc):
            return True
        de_respaldo = almacen_sesiones.gastar_respaldo(c, usuario, _huella(clave, codigo))
        if de_respaldo:
            anotar(c, cuando_utc=ahora_utc, actor=f"usuario {usuario}", accion="segundo factor", objeto="código de respaldo")
    return de_respaldo


def quitar(almacen: Almacen, usuario: int, *, autor: str, ahora_utc: datetime) -> bool:
    """Deja de pedirlo; False si no lo tenía. Queda en la bitácora quién lo quitó."""
    with almacen.escribir() as c:
        tenia = almacen_sesiones.borrar_factor(c, usuario)
        if tenia:
            anotar(c, cuando_utc=ahora_utc, actor=autor, accion="segundo factor", objeto=f"quitado a usuario {usuario}")
    return tenia


def _gastar_codigo(c: object, fila: object, clave: str, codigo: str, ahora_utc: datetime) -> bool:
    codigos, paso = _codigos(clave, fila["sal"]), int(ahora_utc.timestamp()) // SEGUNDOS
    escrito = "".join(codigo.split()).encode()
    for cerca in _ALREDEDOR:
        if hmac.compare_digest(codigos.at((paso + cerca) * SEGUNDOS).encode(), escrito):
            return almacen_sesiones.gastar_paso(c, fila["usuario"], paso + cerca)
    return False


def _huella(clave: str, respaldo: str) -> str:
    escrito = "".join(respaldo.split()).lower()
    return hmac.new(clave.encode(), f"respaldo {escrito}".encode(), hashlib.sha256).hexdigest()
