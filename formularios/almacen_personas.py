"""Usuarios, enlaces de acceso, bandeja de salida e intentos, en la base."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, insert, or_, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_tablas import acceso, contador, correo, permiso, usuario


def guardar_usuario(c: Connection, valores: dict[str, Any]) -> None:
    """Agrega el usuario o cambia el que tiene ese correo."""
    nuevo = insertar_segun(c)(usuario).values(**valores)
    cambia = {k: v for k, v in valores.items() if k != "correo"}
    c.execute(nuevo.on_conflict_do_update(index_elements=["correo"], set_=cambia))


def leer_usuario(c: Connection, *, id: int | None = None, correo: str | None = None) -> RowMapping | None:
    """Por id o por correo; None si no está."""
    cual = usuario.c.correo == correo if id is None else usuario.c.id == id
    return c.execute(select(usuario).where(cual)).mappings().one_or_none()


def leer_usuarios(c: Connection) -> list[RowMapping]:
    return list(c.execute(select(usuario).order_by(usuario.c.correo)).mappings())


def poner_permiso(c: Connection, valores: dict[str, Any]) -> None:
    """Lo agrega, si no lo tiene: usuario, rol, region y ejercicio."""
    c.execute(insertar_segun(c)(permiso).values(**valores).on_conflict_do_nothing())


def quitar_permiso(c: Connection, valores: dict[str, Any]) -> bool:
    """Si lo tenía, lo quita y es True."""
    suyo = (permiso.c[n] == v for n, v in valores.items())
    return c.execute(delete(permiso).where(*suyo)).rowcount > 0


def leer_permisos(c: Connection, usuario_id: int) -> list[RowMapping]:
    """rol, region y ejercicio de cada permiso de esa persona."""
    orden = (permiso.c.region, permiso.c.ejercicio, permiso.c.rol)
    suyos = select(permiso.c.rol, permiso.c.region, permiso.c.ejercicio).where(permiso.c.usuario == usuario_id)
    return list(c.execute(suyos.order_by(*orden)).mappings())


def insertar_acceso(c: Connection, huella: str, usuario_id: int, vence_utc: datetime) -> None:
    c.execute(insert(acceso).values(huella=huella, usuario=usuario_id, vence_utc=vence_utc))


def usar_acceso(c: Connection, huella: str, ahora_utc: datetime) -> int | None:
    """Gasta el enlace y devuelve el id del usuario; None si no existe, venció o ya se usó. Solo uno puede
    ganar."""
    libre = (acceso.c.huella == huella) & acceso.c.usado_utc.is_(None) & (acceso.c.vence_utc > ahora_utc)
    gasto = update(acceso).where(libre).values(usado_utc=ahora_utc)
    return c.execute(gasto.returning(acceso.c.usuario)).scalar_one_or_none()


def insertar_correo(
    c: Connection, para: str, asunto: str, cuerpo: str, creado_utc: datetime, adjunto: bytes | None = None
) -> int:
    """Deja un mensaje en la bandeja; devuelve su número."""
    nuevo = {"para": para, "asunto": asunto, "cuerpo": cuerpo, "creado_utc": creado_utc, "adjunto": adjunto}
    return c.execute(insert(correo).values(**nuevo, intentos=0, error="").returning(correo.c.id)).scalar_one()


def borrar_correo(c: Connection, id: int) -> None:
    c.execute(delete(correo).where(correo.c.id == id))


def leer_correos(c: Connection, limite: int) -> list[RowMapping]:
    """Los últimos de la bandeja."""
    return list(c.execute(select(correo).limit(limite).order_by(correo.c.id.desc())).mappings())


def contar_pendientes(c: Connection, intentos_maximos: int) -> int:
    """Cuántos faltan por salir y todavía se intentan."""
    return c.execute(select(func.count()).select_from(correo).where(*_falta(intentos_maximos))).scalar_one()


def tomar_correos(
    c: Connection, limite: int, intentos_maximos: int, ahora_utc: datetime, hasta_utc: datetime
) -> list[RowMapping]:
    """Aparta hasta `hasta_utc` los más antiguos que toca intentar: otro proceso no los ve, y si este muere, vuelven."""
    toca = or_(correo.c.proximo_utc.is_(None), correo.c.proximo_utc <= ahora_utc)
    libres = select(correo.c.id).where(*_falta(intentos_maximos), toca).order_by(correo.c.id).limit(limite)
    cuales = libres.with_for_update(skip_locked=True).cte("cuales")  # una CTE se evalúa una sola vez
    tomar = update(correo).where(correo.c.id.in_(select(cuales.c.id))).values(proximo_utc=hasta_utc)
    return sorted(c.execute(tomar.returning(correo)).mappings(), key=lambda m: m["id"])


def _falta(intentos_maximos: int) -> tuple[Any, ...]:
    return correo.c.enviado_utc.is_(None), correo.c.intentos < intentos_maximos


def cambiar_correo(c: Connection, id: int, **cambios: Any) -> None:
    c.execute(update(correo).where(correo.c.id == id).values(**cambios))


def sumar_intento(c: Connection, clave: str, ventana: str) -> int:
    """Cuenta uno más de esa clave en esa ventana y devuelve cuántos van."""
    nuevo = insertar_segun(c)(contador).values(clave=clave, ventana=ventana, cuenta=1)
    suma = nuevo.on_conflict_do_update(
        index_elements=["clave", "ventana"], set_={"cuenta": contador.c.cuenta + 1}
    )
    return c.execute(suma.returning(contador.c.cuenta)).scalar_one()


def borrar_vencidos(c: Connection, ahora_utc: datetime, ventana: str) -> int:
    """Quita accesos vencidos y ventanas cerradas; devuelve cuántos."""
    accesos = c.execute(delete(acceso).where(acceso.c.vence_utc <= ahora_utc)).rowcount
    return accesos + c.execute(delete(contador).where(contador.c.ventana < ventana)).rowcount
