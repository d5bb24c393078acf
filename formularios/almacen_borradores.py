"""Los borradores en la base. Se buscan por la huella de su secreto; el secreto no se guarda."""

from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, RowMapping, bindparam, delete, insert, select, update

from formularios.almacen_tablas import borrador


def insertar_borrador(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(borrador), valores)


def leer_borrador(c: Connection, huella_secreto: str, *, tomar: bool = False) -> RowMapping | None:
    """La fila, o None. Con `tomar`, otra transacción que la quiera cambiar espera a esta."""
    consulta = _POR_SECRETO_Y_TOMAR if tomar else _POR_SECRETO
    return c.execute(consulta, {"cual": huella_secreto}).mappings().one_or_none()


def tomar_borrador(c: Connection, id: str) -> RowMapping | None:
    """La fila, por su id, reservada hasta confirmar."""
    return c.execute(_POR_ID_Y_TOMAR, {"cual": id}).mappings().one_or_none()


# Se arman una vez: armarlas cuesta más que cumplirlas.
_POR_SECRETO = select(borrador).where(borrador.c.huella_secreto == bindparam("cual"))
_POR_SECRETO_Y_TOMAR = _POR_SECRETO.with_for_update()
_POR_ID_Y_TOMAR = select(borrador).where(borrador.c.id == bindparam("cual")).with_for_update()


def cambiar_borrador(c: Connection, id: str, revision: int, /, **cambios: Any) -> bool:
    """Cambia el borrador solo si sigue en esa revisión; dice si lo hizo."""
    cual = {"este": id, "en_revision": revision}
    return c.execute(_cambiar(tuple(cambios)), {**cual, **cambios}).rowcount == 1


@cache
def _cambiar(columnas: tuple[str, ...]) -> Executable:
    sigue = (borrador.c.id == bindparam("este"), borrador.c.revision == bindparam("en_revision"))
    return update(borrador).where(*sigue).values({n: bindparam(n) for n in columnas})


def borrar_vencidos(c: Connection, ahora_utc: datetime) -> int:
    """Quita los vencidos; devuelve cuántos. Lo enviado no se toca."""
    return c.execute(delete(borrador).where(borrador.c.vence_utc <= ahora_utc)).rowcount
