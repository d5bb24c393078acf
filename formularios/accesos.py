"""Quién puede entrar y cómo: usuarios, enlaces mágicos de un solo uso y tope de intentos. Sin web.

El GET de un enlace no lo gasta (un lector de correo lo abre antes que la persona): la web llama a
`canjear_acceso` solo en el POST.
"""

import secrets
from collections.abc import Callable, Container
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from formularios import almacen_personas, almacen_sesiones
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.almacen_columnas import escribir_instante
from formularios.borradores import huella_de_secreto
from formularios.roles import EDITAN, ROLES, SERCOTEC

MINUTOS_DE_ENLACE = 20


@dataclass(frozen=True, slots=True)
class Permiso:
    """Un rol en una región («»: todas) y un ejercicio (0: todos)."""

    rol: str
    region: str = ""
    ejercicio: int = 0

    def alcanza(self, region: str, ejercicio: int) -> bool:
        return self.region in ("", region) and self.ejercicio in (0, ejercicio)


@dataclass(frozen=True, slots=True)
class Usuario:
    """Una persona que entra."""

    id: int
    correo: str
    activo: bool
    permisos: tuple[Permiso, ...] = ()

    @property
    def roles(self) -> frozenset[str]:
        """Los que tiene en alguna parte."""
        return frozenset(p.rol for p in self.permisos)

    def roles_en(self, region: str, ejercicio: int) -> frozenset[str]:
        """Los que tiene en esa región y ese ejercicio."""
        return frozenset(p.rol for p in self.permisos if p.alcanza(region, ejercicio))

    def regiones_con(self, roles: Container[str]) -> frozenset[str]:
        """Dónde tiene alguno de esos roles en todo ejercicio; con «», en todas."""
        return frozenset(p.region for p in self.permisos if p.rol in roles and not p.ejercicio)


def guardar_usuario(
    almacen: Almacen,
    *,
    correo: str,
    rol: str,
    region: str = "",
    ejercicio: int = 0,
    activo: bool = True,
    ahora_utc: datetime,
    autor: str,
) -> Usuario:
    """Da ese permiso a quien tiene ese correo, y lo agrega si no está. ValueError si el permiso no puede ser."""
    if rol not in ROLES:
        raise ValueError(f"«{rol}» no es un rol: {', '.join(ROLES)}.")
    if rol in EDITAN and not region:
        raise ValueError(f"El rol {rol} va con una región.")
    if rol == SERCOTEC and (region or ejercicio):
        raise ValueError(f"El rol {rol} va sin región ni ejercicio: es de todas y de todos.")
    with almacen.escribir() as c:
        almacen_personas.guardar_usuario(c, {"correo": _correo(correo), "activo": activo})
        id = almacen_personas.leer_usuario(c, correo=_correo(correo))["id"]
        almacen_personas.poner_permiso(c, {"usuario": id, "rol": rol, "region": region, "ejercicio": ejercicio})
        if not activo:
            almacen_sesiones.borrar_sesiones(c, id)
        objeto = f"usuario {id} {rol} {region or 'todas'} {ejercicio or 'todos'} {'activo' if activo else 'inactivo'}"
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="usuario", objeto=objeto)
        return _con_permisos(c, almacen_personas.leer_usuario(c, id=id))


def quitar_permiso(
    almacen: Almacen, *, correo: str, rol: str, region: str = "", ejercicio: int = 0, ahora_utc: datetime, autor: str
) -> bool:
    """Se lo quita a quien tiene ese correo; False si no lo tenía."""
    with almacen.escribir() as c:
        fila = almacen_personas.leer_usuario(c, correo=_correo(correo))
        suyo = {"usuario": fila["id"], "rol": rol, "region": region, "ejercicio": ejercicio} if fila else {}
        if not suyo or not almacen_personas.quitar_permiso(c, suyo):
            return False
        objeto = f"usuario {fila['id']} sin {rol} {region or 'todas'} {ejercicio or 'todos'}"
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="usuario", objeto=objeto)
    return True


def leer_usuario(almacen: Almacen, id: int) -> Usuario | None:
    """El usuario de una sesión; None si ya no existe o no está activo."""
    with almacen.leer() as c:
        fila = almacen_personas.leer_usuario(c, id=id)
        return _con_permisos(c, fila) if fila and fila["activo"] else None


def leer_usuarios(almacen: Almacen) -> list[Usuario]:
    """Todos, por correo."""
    with almacen.leer() as c:
        return [_con_permisos(c, f) for f in almacen_personas.leer_usuarios(c)]


def _con_permisos(c: Any, fila: Any) -> Usuario:
    return Usuario(**fila, permisos=tuple(Permiso(**p) for p in almacen_personas.leer_permisos(c, fila["id"])))


def pedir_acceso(
    almacen: Almacen, correo: str, *, redactar: Callable[[str], tuple[str, str]], ahora_utc: datetime
) -> None:
    """Si el correo es de un usuario activo, deja en la bandeja un mensaje con un enlace de un uso.

    `redactar(secreto)` da asunto y cuerpo. No devuelve, lanza ni demora nada distinto si el correo no es de nadie:
    quien pregunta no aprende quién tiene cuenta.
    """
    secreto = secrets.token_urlsafe(32)
    asunto, cuerpo = redactar(secreto)
    vence = ahora_utc + timedelta(minutes=MINUTOS_DE_ENLACE)
    with almacen.escribir() as c:
        usuario = almacen_personas.leer_usuario(c, correo=_correo(correo))
        mensaje = almacen_personas.insertar_correo(c, _correo(correo), asunto, cuerpo, ahora_utc)
        if usuario and usuario["activo"]:
            almacen_personas.insertar_acceso(c, huella_de_secreto(secreto), usuario["id"], vence)
        else:  # se escribe igual, para demorar lo mismo
            almacen_personas.borrar_correo(c, mensaje)


def canjear_acceso(almacen: Almacen, secreto: str, *, ahora_utc: datetime) -> Usuario | None:
    """Gasta el enlace y dice quién entra; None si no existe, venció, ya se usó o el usuario no está
    activo."""
    with almacen.escribir() as c:
        id = almacen_personas.usar_acceso(c, huella_de_secreto(secreto), ahora_utc)
        fila = almacen_personas.leer_usuario(c, id=id) if id is not None else None
        if fila is None or not fila["activo"]:
            return None
        anotar(c, cuando_utc=ahora_utc, actor=f"usuario {id}", accion="entrar", objeto=f"usuario {id}")
        return _con_permisos(c, fila)


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
    """Quita enlaces y sesiones vencidos y cuentas de intentos ya cerradas; devuelve cuántos."""
    with almacen.escribir() as c:
        sesiones = almacen_sesiones.borrar_vencidas(c, ahora_utc)
        return sesiones + almacen_personas.borrar_vencidos(c, ahora_utc, escribir_instante(ahora_utc))


def _correo(correo: str) -> str:
    return correo.strip().lower()
