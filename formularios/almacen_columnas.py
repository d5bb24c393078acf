"""De qué están hechas las tablas del almacén: sus clases de columnas, y cómo se llaman solas sus restricciones.

Los instantes se guardan como texto ISO de largo fijo en UTC: se ordenan como texto y son idénticos en ambos
motores.
"""

from datetime import UTC, datetime

from sqlalchemy import Boolean, CheckConstraint, Column, Integer, MetaData, Text
from sqlalchemy.types import TypeDecorator


class Instante(TypeDecorator):
    """`datetime` con zona ↔ `2026-11-15T13:45:01.000000Z`. Un instante sin zona es un error del programa."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect) -> str | None:
        return None if value is None else escribir_instante(value)

    def process_result_value(self, value: str | None, dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def escribir_instante(instante: datetime) -> str:
    """Texto ISO UTC de 27 caracteres. ValueError si `instante` no tiene zona."""
    if instante.tzinfo is None:
        raise ValueError(f"instante sin zona: {instante!r}")
    return instante.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


METADATOS = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def texto(nombre: str, *resto, **opciones) -> Column:
    return Column(nombre, Text, *resto, **{"nullable": False, **opciones})


def textos(*nombres: str) -> list[Column]:
    return [texto(n) for n in nombres]


def entero(nombre: str, *resto, **opciones) -> Column:
    return Column(nombre, Integer, *resto, **{"nullable": False, **opciones})


def clave_entera(nombre: str) -> Column:
    return entero(nombre, primary_key=True, autoincrement=False)


def logico(nombre: str) -> Column:
    return Column(nombre, Boolean, nullable=False)


def instante(nombre: str, **opciones) -> Column:
    return Column(nombre, Instante, **{"nullable": False, **opciones})


def uno_de(columna: str, valores: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{columna} IN ({', '.join(repr(v) for v in valores)})", name=columna)
