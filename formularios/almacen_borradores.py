"""Los borradores y sus llaves en la base. De una llave se guarda solo la huella de su secreto."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, RowMapping, bindparam, delete, insert, or_, select, update

from formularios.almacen_tablas import borrador, llave


def insertar_borrador(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(borrador), valores)


def insertar_llave(c: Connection, huella: str, id: str, creada_utc: datetime, vence_utc: datetime | None = None) -> None:
    """Otra llave del mismo borrador. Sin `vence_utc` dura lo que él."""
    c.execute(insert(llave), {"huella": huella, "borrador": id, "creada_utc": creada_utc, "vence_utc": vence_utc})


def borrar_llaves(c: Connection, id: str) -> int:
    """Revoca todas las llaves de un borrador; devuelve cuántas había."""
    return c.execute(delete(llave).where(llave.c.borrador == id)).rowcount


def borrar_llave(c: Connection, huella: str) -> None:
    """Revoca una sola."""
    c.execute(delete(llave).where(llave.c.huella == huella))


def alargar(c: Connection, id: str, vence_utc: datetime) -> None:
    """Que dure al menos hasta entonces: a quien se le manda un enlace debe servirle."""
    c.execute(update(borrador).where(borrador.c.id == id, borrador.c.vence_utc < vence_utc).values(vence_utc=vence_utc))


def leer_borrador(c: Connection, huella: str, ahora_utc: datetime, *, tomar: bool = False) -> RowMapping | None:
    """La fila que abre esa llave, si no ha vencido, o None. Con `tomar`, otra transacción que la quiera cambiar espera."""
    consulta = _POR_LLAVE_Y_TOMAR if tomar else _POR_LLAVE
    return c.execute(consulta, {"cual": huella, "ahora": ahora_utc}).mappings().one_or_none()


def tomar_borrador(c: Connection, id: str) -> RowMapping | None:
    """La fila, por su id, reservada hasta confirmar."""
    return c.execute(_POR_ID_Y_TOMAR, {"cual": id}).mappings().one_or_none()


# Se arman una vez: armarlas cuesta más que cumplirlas.
_VIGENTE = or_(llave.c.vence_utc.is_(None), llave.c.vence_utc > bindparam("ahora"))
_POR_LLAVE = select(borrador).join(llave).where(llave.c.huella == bindparam("cual"), _VIGENTE)
_POR_LLAVE_Y_TOMAR = _POR_LLAVE.with_for_update(of=borrador)
_POR_ID_Y_TOMAR = select(borrador).where(borrador.c.id == bindparam("cual")).with_for_update()


def cambiar_borrador(c: Connection, id: str, revision: int, /, **cambios: Any) -> bool:
    """Cambia el borrador solo si sigue en esa revisión; dice si lo hizo."""
    cual = {"este": id, "en_revision": revision}
    return c.execute(_cambiar(tuple(cambios)), {**cual, **cambios}).rowcount == 1


@cache
def _cambiar(columnas: tuple[str, ...]) -> Executable:
    sigue = (borrador.c.id == bindparam("este"), borrador.c.revision == bindparam("en_revision"))
    return update(borrador).where(*sigue).values({n: bindparam(n) for n in columnas})


def borrar_borrador(c: Connection, id: str, revision: int) -> bool:
    """Lo borra, con sus llaves, solo si sigue en esa revisión; dice si lo hizo."""
    return c.execute(delete(borrador).where(borrador.c.id == id, borrador.c.revision == revision)).rowcount == 1


def borrar_vencidos(c: Connection, ahora_utc: datetime) -> int:
    """Quita los vencidos; devuelve cuántos. Lo enviado no se toca."""
    return c.execute(delete(borrador).where(borrador.c.vence_utc <= ahora_utc)).rowcount
