"""Los borradores en la base. Se buscan por la huella de su secreto; el secreto no se guarda."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from formularios.almacen_tablas import borrador


def insertar_borrador(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(borrador), valores)


def leer_borrador(c: Connection, huella_secreto: str, *, tomar: bool = False) -> RowMapping | None:
    """La fila, o None. Con `tomar`, otra transacción que la quiera cambiar espera a esta."""
    return _una(c, borrador.c.huella_secreto == huella_secreto, tomar)


def tomar_borrador(c: Connection, id: str) -> RowMapping | None:
    """La fila, por su id, reservada hasta confirmar."""
    return _una(c, borrador.c.id == id, True)


def _una(c: Connection, cual: Any, tomar: bool) -> RowMapping | None:
    consulta = select(borrador).where(cual)
    return c.execute(consulta.with_for_update() if tomar else consulta).mappings().one_or_none()


def cambiar_borrador(c: Connection, id: str, revision: int, /, **cambios: Any) -> bool:
    """Cambia el borrador solo si sigue en esa revisión; dice si lo hizo."""
    cambio = update(borrador).where(borrador.c.id == id, borrador.c.revision == revision).values(**cambios)
    return c.execute(cambio).rowcount == 1


def borrar_vencidos(c: Connection, ahora_utc: datetime) -> int:
    """Quita los vencidos; devuelve cuántos. Lo enviado no se toca."""
    return c.execute(delete(borrador).where(borrador.c.vence_utc <= ahora_utc)).rowcount
