"""Quién puede entrar y cómo: usuarios, enlaces mágicos de un solo uso y tope de intentos. Sin web.

El GET de un enlace no lo gasta (un lector de correo lo abre antes que la persona): la web llama a
`canjear_acceso` solo en el POST.
"""

import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from formularios import almacen_personas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.almacen_tablas import ROLES, escribir_instante
from formularios.borradores import huella_de_secreto

MINUTOS_DE_ENLACE = 20


@dataclass(frozen=True, slots=True)
class Usuario:
    """Una persona que entra. `region` vacía: el nivel central."""

    id: int
    correo: str
    rol: str
    region: str
    activo: bool


def guardar_usuario(
    almacen: Almacen,
    *,
    correo: str,
    rol: str,
    region: str = "",
    activo: bool = True,
    ahora_utc: datetime,
    autor: str,
) -> Usuario:
    """Agrega el usuario o cambia el que tiene ese correo. ValueError si el rol no existe o no calza con la
    región."""
    if rol not in ROLES or (rol == "sercotec") != (region == ""):
        raise ValueError(
            f"rol «{rol}» con región «{region}»: sercotec va sin región; {', '.join(ROLES[1:])}, con ella"
        )
    valores = {"correo": _correo(correo), "rol": rol, "region": region, "activo": activo}
    with almacen.escribir() as c:
        almacen_personas.guardar_usuario(c, valores)
        usuario = Usuario(**almacen_personas.leer_usuario(c, correo=valores["correo"]))
        objeto = f"usuario {usuario.id} {rol} {region} {'activo' if activo else 'inactivo'}"
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="usuario", objeto=objeto)
    return usuario


def leer_usuario(almacen: Almacen, id: int) -> Usuario | None:
    """El usuario de una sesión; None si ya no existe o no está activo."""
    with almacen.leer() as c:
        fila = almacen_personas.leer_usuario(c, id=id)
    return Usuario(**fila) if fila and fila["activo"] else None


def leer_usuarios(almacen: Almacen) -> list[Usuario]:
    """Todos, por correo."""
    with almacen.leer() as c:
        return [Usuario(**f) for f in almacen_personas.leer_usuarios(c)]


def pedir_acceso(
    almacen: Almacen, correo: str, *, redactar: Callable[[str], tuple[str, str]], ahora_utc: datetime
) -> None:
    """Si el correo es de un usuario activo, deja en la bandeja un mensaje con un enlace de un uso.

    `redactar(secreto)` da asunto y cuerpo. No devuelve ni lanza nada distinto si el correo no es de nadie:
    quien pregunta no aprende quién tiene cuenta.
    """
    secreto = secrets.token_urlsafe(32)
    asunto, cuerpo = redactar(secreto)
    vence = ahora_utc + timedelta(minutes=MINUTOS_DE_ENLACE)
    with almacen.escribir() as c:
        usuario = almacen_personas.leer_usuario(c, correo=_correo(correo))
        if usuario and usuario["activo"]:
            almacen_personas.insertar_acceso(c, huella_de_secreto(secreto), usuario["id"], vence)
            almacen_personas.insertar_correo(c, usuario["correo"], asunto, cuerpo, ahora_utc)


def canjear_acceso(almacen: Almacen, secreto: str, *, ahora_utc: datetime) -> Usuario | None:
    """Gasta el enlace y dice quién entra; None si no existe, venció, ya se usó o el usuario no está
    activo."""
    with almacen.escribir() as c:
        id = almacen_personas.usar_acceso(c, huella_de_secreto(secreto), ahora_utc)
        fila = almacen_personas.leer_usuario(c, id=id) if id is not None else None
        if fila is None or not fila["activo"]:
            return None
        anotar(c, cuando_utc=ahora_utc, actor=f"usuario {id}", accion="entrar", objeto=f"usuario {id}")
    return Usuario(**fila)


def contar_intento(almacen: Almacen, clave: str, *, limite: int, segundos: int, ahora_utc: datetime) -> bool:
    """Cuenta un intento y dice si todavía se permite: hasta `limite` por `clave` cada `segundos`, en todos
    los procesos.

    `clave` nombra qué se limita y a quién («entrar 10.0.0.1»); se guarda solo su SHA-256.
    """
    numero = int(ahora_utc.timestamp()) // segundos
    cierra = datetime.fromtimestamp((numero + 1) * segundos, UTC)
    with almacen.escribir() as c:
        cuenta = almacen_personas.sumar_intento(c, huella_de_secreto(clave), escribir_instante(cierra))
    return cuenta <= limite


def borrar_vencidos(almacen: Almacen, *, ahora_utc: datetime) -> int:
    """Quita enlaces vencidos y cuentas de intentos ya cerradas; devuelve cuántos."""
    with almacen.escribir() as c:
        return almacen_personas.borrar_vencidos(c, ahora_utc, escribir_instante(ahora_utc))


def _correo(correo: str) -> str:
    return correo.strip().lower()
