"""Sesiones, segundo factor e identidades de quien entra, en la base. De todo secreto, solo su huella."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_tablas import identidad, respaldo, segundo_factor, sesion


def insertar_sesion(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(sesion).values(**valores))


def leer_sesion(c: Connection, huella: str) -> RowMapping | None:
    return c.execute(select(sesion).where(sesion.c.huella == huella)).mappings().one_or_none()


def usar_sesion(c: Connection, huella: str, ahora_utc: datetime) -> None:
    c.execute(update(sesion).where(sesion.c.huella == huella).values(ultima_utc=ahora_utc))


def borrar_sesion(c: Connection, huella: str) -> None:
    c.execute(delete(sesion).where(sesion.c.huella == huella))


def borrar_sesiones(c: Connection, usuario: int, menos: str = "") -> int:
    """Las de esa persona, salvo la de esa huella; devuelve cuántas."""
    return c.execute(delete(sesion).where(sesion.c.usuario == usuario, sesion.c.huella != menos)).rowcount


def contar_sesiones(c: Connection, usuario: int, ahora_utc: datetime) -> int:
    suyas = (sesion.c.usuario == usuario, sesion.c.vence_utc > ahora_utc)
    return c.execute(select(func.count()).select_from(sesion).where(*suyas)).scalar_one()


def borrar_vencidas(c: Connection, ahora_utc: datetime) -> int:
    return c.execute(delete(sesion).where(sesion.c.vence_utc <= ahora_utc)).rowcount


def poner_factor(c: Connection, valores: dict[str, Any]) -> None:
    """Agrega el de esa persona o lo cambia por este."""
    nuevo = insertar_segun(c)(segundo_factor).values(**valores)
    c.execute(nuevo.on_conflict_do_update(index_elements=["usuario"], set_={k: v for k, v in valores.items() if k != "usuario"}))


def leer_factor(c: Connection, usuario: int) -> RowMapping | None:
    return c.execute(select(segundo_factor).where(segundo_factor.c.usuario == usuario)).mappings().one_or_none()


def gastar_paso(c: Connection, usuario: int, paso: int) -> bool:
    """Deja ese paso como el último usado; False si ya se usó ese u otro posterior. Solo uno puede ganar."""
    nuevo = (segundo_factor.c.usuario == usuario) & (segundo_factor.c.ultimo_paso < paso)
    return c.execute(update(segundo_factor).where(nuevo).values(ultimo_paso=paso)).rowcount > 0


def borrar_factor(c: Connection, usuario: int) -> bool:
    c.execute(delete(respaldo).where(respaldo.c.usuario == usuario))
    return c.execute(delete(segundo_factor).where(segundo_factor.c.usuario == usuario)).rowcount > 0


def insertar_respaldos(c: Connection, usuario: int, huellas: Iterable[str]) -> None:
    c.execute(insert(respaldo), [{"usuario": usuario, "huella": h} for h in huellas])


def gastar_respaldo(c: Connection, usuario: int, huella: str) -> bool:
    suyo = (respaldo.c.usuario == usuario, respaldo.c.huella == huella)
    return c.execute(delete(respaldo).where(*suyo)).rowcount > 0


def contar_respaldos(c: Connection, usuario: int) -> int:
    return c.execute(select(func.count()).select_from(respaldo).where(respaldo.c.usuario == usuario)).scalar_one()


def vincular(c: Connection, huella: str, usuario: int, ahora_utc: datetime) -> None:
    """Lanza Repetido si esa identidad ya es de alguien."""
    c.execute(insert(identidad).values(huella=huella, usuario=usuario, vinculada_utc=ahora_utc))


def leer_identidad(c: Connection, huella: str) -> int | None:
    """De quién es; None si nadie la vinculó."""
    return c.execute(select(identidad.c.usuario).where(identidad.c.huella == huella)).scalar_one_or_none()


def contar_identidades(c: Connection, usuario: int) -> int:
    return c.execute(select(func.count()).select_from(identidad).where(identidad.c.usuario == usuario)).scalar_one()


def desvincular(c: Connection, usuario: int) -> bool:
    return c.execute(delete(identidad).where(identidad.c.usuario == usuario)).rowcount > 0
