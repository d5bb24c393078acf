"""Convocatorias e invitaciones en la base."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, bindparam, delete, insert, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_tablas import borrador, convocatoria, correo, entrevista, envio, invitacion, llave


def guardar_convocatoria(c: Connection, valores: dict[str, Any]) -> None:
    """Agrega la de esa encuesta, región y ejercicio, o cambia la que había."""
    nueva = insertar_segun(c)(convocatoria).values(**valores)
    cambia = {k: valores[k] for k in ("publica", "cierra_utc")}
    c.execute(nueva.on_conflict_do_update(index_elements=["esquema", "region", "ejercicio"], set_=cambia))


def leer_convocatoria(c: Connection, esquema: str, region: str, ejercicio: int) -> RowMapping | None:
    cual = {"cual": esquema, "de": region, "en": ejercicio}
    return c.execute(_CONVOCATORIA, cual).mappings().one_or_none()


def tomar_convocatoria(c: Connection, esquema: str, region: str, ejercicio: int) -> None:
    """La reserva hasta confirmar, y la agrega si no estaba: quien invite a la vez, espera."""
    nueva = {"esquema": esquema, "region": region, "ejercicio": ejercicio, "publica": False, "cierra_utc": None}
    c.execute(insertar_segun(c)(convocatoria).values(**nueva).on_conflict_do_nothing())
    c.execute(_CONVOCATORIA.with_for_update(), {"cual": esquema, "de": region, "en": ejercicio})


_CONVOCATORIA = select(convocatoria).where(
    convocatoria.c.esquema == bindparam("cual"),
    convocatoria.c.region == bindparam("de"),
    convocatoria.c.ejercicio == bindparam("en"),
)


def regiones_publicas(c: Connection, esquema: str, ejercicio: int) -> list[str]:
    """Los códigos de las que dejan responder a cualquiera con su dirección."""
    suyas = select(convocatoria.c.region).where(
        convocatoria.c.esquema == esquema, convocatoria.c.ejercicio == ejercicio, convocatoria.c.publica
    )
    return list(c.execute(suyas.order_by(convocatoria.c.region)).scalars())


def insertar_invitacion(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(invitacion), valores)


def cambiar_invitacion(c: Connection, borrador_id: str, **cambios: Any) -> None:
    c.execute(update(invitacion).where(invitacion.c.borrador == borrador_id).values(**cambios))


def anotar_apertura(c: Connection, borrador_id: str, ahora_utc: datetime) -> None:
    """Deja cuándo se abrió por primera vez; si no es de una invitación, no hace nada."""
    nunca = invitacion.c.abierta_utc.is_(None)
    c.execute(update(invitacion).where(invitacion.c.borrador == borrador_id, nunca).values(abierta_utc=ahora_utc))


def marcar_respondida(c: Connection, borrador_id: str) -> None:
    """La de ese borrador queda respondida y sin él; si no es de una invitación, no hace nada."""
    c.execute(update(invitacion).where(invitacion.c.borrador == borrador_id).values(respondida=True, borrador=None))


def leer_invitaciones(c: Connection, esquema: str, region: str, ejercicio: int) -> list[RowMapping]:
    """Cada invitación con en qué va: su borrador, su entrevista si la hubo, y qué pasó con su último correo."""
    columnas = [borrador.c.revision, borrador.c.actualizado_utc, borrador.c.envio]
    columnas += [correo.c.para, correo.c.enviado_utc, correo.c.intentos, correo.c.error]
    suyas = (
        select(invitacion, *columnas, entrevista.c.comenzada_utc, envio.c.entrevisto)
        .outerjoin(borrador, borrador.c.id == invitacion.c.borrador)
        .outerjoin(correo, correo.c.id == invitacion.c.correo)
        .outerjoin(entrevista, entrevista.c.borrador == invitacion.c.borrador)
        .outerjoin(envio, envio.c.folio == borrador.c.envio)
        .where(invitacion.c.esquema == esquema, invitacion.c.region == region, invitacion.c.ejercicio == ejercicio)
    )
    return list(c.execute(suyas.order_by(invitacion.c.codigo)).mappings())


# --- Entrevistas -------------------------------------------------------------------------------------


def guardar_entrevista(c: Connection, valores: dict[str, Any]) -> None:
    """Agrega la de ese borrador, o deja la última vez."""
    nueva = insertar_segun(c)(entrevista).values(**valores)
    cambia = {k: v for k, v in valores.items() if k != "borrador"}
    c.execute(nueva.on_conflict_do_update(index_elements=["borrador"], set_=cambia))


def borrar_entrevista(c: Connection, borrador_id: str) -> None:
    c.execute(delete(entrevista).where(entrevista.c.borrador == borrador_id))


def leer_entrevistado(c: Connection, huella: str) -> str | None:
    """En nombre de quién se llena el borrador que abre esa llave."""
    suya = select(entrevista.c.nombre).join(llave, llave.c.borrador == entrevista.c.borrador)
    return c.execute(suya.where(llave.c.huella == huella)).scalar_one_or_none()


def leer_entrevistas(c: Connection, esquema: str, region: str, ejercicio: int) -> list[RowMapping]:
    """Las que no se han enviado, de quienes no están entre los invitados; la última, primero."""
    suyas = (
        select(entrevista, borrador.c.revision, borrador.c.actualizado_utc)
        .join(borrador, borrador.c.id == entrevista.c.borrador)
        .outerjoin(invitacion, invitacion.c.borrador == entrevista.c.borrador)
        .where(borrador.c.esquema == esquema, borrador.c.region == region, borrador.c.ejercicio == ejercicio)
        .where(invitacion.c.borrador.is_(None), borrador.c.envio.is_(None))
    )
    return list(c.execute(suyas.order_by(entrevista.c.comenzada_utc.desc())).mappings())
