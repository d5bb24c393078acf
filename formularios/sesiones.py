"""La sesión de quien entró: vive en la base, y el navegador guarda solo una ficha al azar. Sin web.

Así se puede cerrar de verdad: al salir, al desactivar a la persona o desde otro equipo.
"""

import secrets
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from formularios import almacen_sesiones
from formularios.almacen import Almacen, AlmacenNoDisponible
from formularios.almacen_bitacora import anotar
from formularios.borradores import huella_de_secreto

HORAS_DE_SESION = 8
SIN_USO = timedelta(hours=2)
CADA_CUANTO = timedelta(minutes=5)  # anotar cada petición sería escribir en cada página


@dataclass(frozen=True, slots=True)
class Sesion:
    """`con` es por dónde entró («enlace», «oidc»); `pendiente`: le falta el segundo factor, y todavía no sirve."""

    huella: str
    usuario: int
    entro_utc: datetime
    ultima_utc: datetime
    vence_utc: datetime
    con: str
    pendiente: bool


def abrir(almacen: Almacen, usuario: int, *, con: str, pendiente: bool = False, anterior: str = "", ahora_utc: datetime) -> str:
    """La ficha de una sesión nueva. La de la ficha `anterior` se cierra: nada de antes de entrar sirve después."""
    ficha = secrets.token_urlsafe(32)
    tiempos = {"entro_utc": ahora_utc, "ultima_utc": ahora_utc, "vence_utc": ahora_utc + timedelta(hours=HORAS_DE_SESION)}
    valores = {"huella": huella_de_secreto(ficha), "usuario": usuario, **tiempos, "con": con, "pendiente": pendiente}
    with almacen.escribir() as c:
        almacen_sesiones.borrar_sesion(c, huella_de_secreto(anterior))
        almacen_sesiones.insertar_sesion(c, valores)
    return ficha


def leer(almacen: Almacen, ficha: str, *, ahora_utc: datetime) -> Sesion | None:
    """La de esa ficha, si no ha vencido ni lleva más de `SIN_USO` quieta; y anota que se usó."""
    if not ficha:
        return None
    with almacen.leer() as c:
        fila = almacen_sesiones.leer_sesion(c, huella_de_secreto(ficha))
    if fila is None or ahora_utc >= min(fila["vence_utc"], fila["ultima_utc"] + SIN_USO):
        return None
    if ahora_utc - fila["ultima_utc"] >= CADA_CUANTO:
        with suppress(AlmacenNoDisponible), almacen.escribir() as c:  # sin poder escribir, todavía se puede leer
            almacen_sesiones.usar_sesion(c, fila["huella"], ahora_utc)
    return Sesion(**fila)


def contar(almacen: Almacen, usuario: int, *, ahora_utc: datetime) -> int:
    """Cuántas tiene abiertas."""
    with almacen.leer() as c:
        return almacen_sesiones.contar_sesiones(c, usuario, ahora_utc)


def cerrar(almacen: Almacen, ficha: str) -> None:
    with almacen.escribir() as c:
        almacen_sesiones.borrar_sesion(c, huella_de_secreto(ficha))


def cerrar_otras(almacen: Almacen, sesion: Sesion, *, ahora_utc: datetime) -> int:
    """Deja solo esta; devuelve cuántas cerró."""
    with almacen.escribir() as c:
        cuantas = almacen_sesiones.borrar_sesiones(c, sesion.usuario, menos=sesion.huella)
        anotar(c, cuando_utc=ahora_utc, actor=f"usuario {sesion.usuario}", accion="cerrar", objeto=f"{cuantas} sesiones")
    return cuantas
