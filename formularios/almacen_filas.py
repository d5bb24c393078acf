"""Las filas en curso y sus cambios en la base."""

from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, bindparam, delete, func, insert, or_, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_tablas import archivo_por_aplicar, cambio_de_fila, fila_en_curso, matriz_en_curso


def tomar_matriz(c: Connection, esquema: str, region: str, ejercicio: int, ahora_utc: datetime) -> bool:
    """La reserva hasta confirmar: quien quiera cambiarla a la vez, espera. Dice si recién se empieza."""
    nueva = {"esquema": esquema, "region": region, "ejercicio": ejercicio, "empezada_utc": ahora_utc}
    agregar = insertar_segun(c)(matriz_en_curso).values(**nueva).on_conflict_do_nothing()
    recien = c.execute(agregar.returning(matriz_en_curso.c.esquema)).scalar_one_or_none() is not None
    c.execute(_matriz(esquema, region, ejercicio).with_for_update())
    return recien


def leer_matriz(c: Connection, esquema: str, region: str, ejercicio: int) -> RowMapping | None:
    """Cuándo se empezó; None si nadie la ha empezado."""
    return c.execute(_matriz(esquema, region, ejercicio)).mappings().one_or_none()


def _matriz(esquema: str, region: str, ejercicio: int) -> Any:
    return select(matriz_en_curso).where(
        matriz_en_curso.c.esquema == esquema, matriz_en_curso.c.region == region, matriz_en_curso.c.ejercicio == ejercicio
    )


def leer_filas(c: Connection, esquema: str, region: str, ejercicio: int) -> list[dict[str, Any]]:
    """Las de esa matriz que no se han quitado, en su orden."""
    vivas = _suyas(esquema, region, ejercicio).where(fila_en_curso.c.quitada_utc.is_(None))
    leidas = c.execute(vivas.order_by(fila_en_curso.c.orden, fila_en_curso.c.id))
    columnas = tuple(leidas.keys())  # una sola vez: son miles de filas
    return [dict(zip(columnas, fila, strict=True)) for fila in leidas]


def leer_quitadas(c: Connection, esquema: str, region: str, ejercicio: int) -> list[RowMapping]:
    """Las de esa matriz que se quitaron, de la última a la primera."""
    quitadas = _suyas(esquema, region, ejercicio).where(fila_en_curso.c.quitada_utc.is_not(None))
    return list(c.execute(quitadas.order_by(fila_en_curso.c.quitada_utc.desc(), fila_en_curso.c.orden)).mappings())


def _suyas(esquema: str, region: str, ejercicio: int) -> Any:
    return select(fila_en_curso).where(
        fila_en_curso.c.esquema == esquema, fila_en_curso.c.region == region, fila_en_curso.c.ejercicio == ejercicio
    )


def leer_fila(c: Connection, id: str) -> RowMapping | None:
    """También si se quitó: para decir quién y cuándo."""
    return c.execute(select(fila_en_curso).where(fila_en_curso.c.id == id)).mappings().one_or_none()


def contar_filas(c: Connection, region: str, ejercicio: int) -> dict[str, int]:
    """Esquema → cuántas filas tiene, de cada matriz empezada."""
    vivas = and_(
        fila_en_curso.c.esquema == matriz_en_curso.c.esquema,
        fila_en_curso.c.region == matriz_en_curso.c.region,
        fila_en_curso.c.ejercicio == matriz_en_curso.c.ejercicio,
        fila_en_curso.c.quitada_utc.is_(None),
    )
    cuenta = select(matriz_en_curso.c.esquema, func.count(fila_en_curso.c.id)).outerjoin(fila_en_curso, vivas)
    suyas = cuenta.where(matriz_en_curso.c.region == region, matriz_en_curso.c.ejercicio == ejercicio)
    return dict(map(tuple, c.execute(suyas.group_by(matriz_en_curso.c.esquema))))


def ultimo_orden(c: Connection, esquema: str, region: str, ejercicio: int) -> int:
    """El mayor lugar usado, contando las quitadas; 0 si no hay filas."""
    suyas = _suyas(esquema, region, ejercicio).subquery()
    return c.execute(select(func.coalesce(func.max(suyas.c.orden), 0))).scalar_one()


def insertar_filas(c: Connection, filas: list[dict[str, Any]]) -> None:
    """Cada una con todas sus columnas; ninguna, no hace nada."""
    if filas:
        c.execute(insert(fila_en_curso), filas)


def insertar_cambios(c: Connection, cambios: list[dict[str, Any]]) -> None:
    """fila, version, accion, datos, cuando_utc y autor de cada uno."""
    if cambios:
        c.execute(insert(cambio_de_fila), cambios)


def cambiar_filas(c: Connection, filas: list[dict[str, Any]]) -> None:
    """Deja cada una con esos valores, por su `id`. Quien llama ya tomó la matriz: nadie más las cambia a la vez."""
    if filas:
        c.execute(_CAMBIAR, [{**f, "cual": f["id"]} for f in filas])


_CAMBIAR = update(fila_en_curso).where(fila_en_curso.c.id == bindparam("cual"))
_CAMBIAR = _CAMBIAR.values({columna: bindparam(columna.name) for columna in fila_en_curso.c})


def marcar_por_revisar(c: Connection, razones: dict[str, str]) -> None:
    """id → por qué hay que mirar esa fila otra vez («» si ya no). No cuenta como un cambio de la fila."""
    if razones:
        c.execute(_MARCAR, [{"cual": id, "razon": razon} for id, razon in razones.items()])


_MARCAR = update(fila_en_curso).where(fila_en_curso.c.id == bindparam("cual")).values(por_revisar=bindparam("razon"))


def leer_cambios(c: Connection, id: str) -> list[RowMapping]:
    """Los de una fila, del más antiguo al más nuevo."""
    suyos = select(cambio_de_fila).where(cambio_de_fila.c.fila == id)
    return list(c.execute(suyos.order_by(cambio_de_fila.c.version)).mappings())


def apartar_archivo(c: Connection, valores: dict[str, Any], vencidos_utc: datetime) -> None:
    """Lo deja esperando. Su autor tiene uno por matriz, y los leídos antes de `vencidos_utc` se borran."""
    tabla = archivo_por_aplicar.c
    suyos = [tabla[n] == valores[n] for n in ("esquema", "region", "ejercicio", "autor")]
    c.execute(delete(archivo_por_aplicar).where(or_(and_(*suyos), tabla.leido_utc < vencidos_utc)))
    c.execute(insert(archivo_por_aplicar), valores)


def leer_archivo(c: Connection, id: str) -> RowMapping | None:
    return c.execute(select(archivo_por_aplicar).where(archivo_por_aplicar.c.id == id)).mappings().one_or_none()
