"""Lo que el tablero mira de la base sin leer las filas: en qué versión va cada matriz, quién la tocó, y los deberes cotejados."""

from typing import Any

from sqlalchemy import Connection, RowMapping, case, delete, func, insert, or_, select

from formularios.almacen_tablas import cotejo, envio, excepcion, fila_en_curso
from formularios.envio import VIGENTE


def leer_versiones(c: Connection, region: str, ejercicio: int) -> dict[str, RowMapping]:
    """Esquema → version, por_revisar y cambiada_utc de su matriz en curso. `version` sube con cada cambio de una fila."""
    viva = fila_en_curso.c.quitada_utc.is_(None)
    por_revisar = case((viva & (fila_en_curso.c.por_revisar != ""), 1), else_=0)
    cuenta = select(
        fila_en_curso.c.esquema,
        func.sum(fila_en_curso.c.version).label("version"),
        func.sum(por_revisar).label("por_revisar"),
        func.max(fila_en_curso.c.cambiada_utc).label("cambiada_utc"),
    )
    suyas = cuenta.where(fila_en_curso.c.region == region, fila_en_curso.c.ejercicio == ejercicio)
    return {m["esquema"]: m for m in c.execute(suyas.group_by(fila_en_curso.c.esquema)).mappings()}


def leer_autores(c: Connection, region: str, ejercicio: int) -> dict[str, str]:
    """Esquema → quién hizo el último cambio en su matriz, también si fue quitar una fila."""
    suyas = (fila_en_curso.c.region == region, fila_en_curso.c.ejercicio == ejercicio)
    ultimas = select(fila_en_curso.c.esquema, func.max(fila_en_curso.c.cambiada_utc).label("cuando")).where(*suyas)
    ultimas = ultimas.group_by(fila_en_curso.c.esquema).subquery()
    de_ellas = (fila_en_curso.c.esquema == ultimas.c.esquema) & (fila_en_curso.c.cambiada_utc == ultimas.c.cuando)
    autores = select(fila_en_curso.c.esquema, fila_en_curso.c.autor).join(ultimas, de_ellas).where(*suyas)
    return dict(map(tuple, c.execute(autores.distinct())))


def leer_vigentes(c: Connection, region: str, ejercicio: int) -> dict[tuple[str, str], RowMapping]:
    """(esquema, región) → folio, recibido_utc, autor y quitado de cada formato vigente de la región y del nivel central «00»."""
    columnas = [envio.c[n] for n in ("esquema", "region", "folio", "recibido_utc", "autor", "quitado", "bloqueado_utc")]
    suyos = [envio.c.ejercicio == ejercicio, envio.c.clase == "formato", envio.c.estado == VIGENTE]
    donde = or_(envio.c.region == region, envio.c.region == "00")
    return {(m["esquema"], m["region"]): m for m in c.execute(select(*columnas).where(*suyos, donde)).mappings()}


def contar_excepciones(c: Connection, region: str, ejercicio: int) -> dict[str, tuple[int, int]]:
    """Esquema → (cuántas, la última)."""
    cuenta = select(excepcion.c.esquema, func.count(), func.max(excepcion.c.id)).group_by(excepcion.c.esquema)
    suyas = cuenta.where(excepcion.c.region == region, excepcion.c.ejercicio == ejercicio)
    return {esquema: (cuantas, ultima) for esquema, cuantas, ultima in c.execute(suyas)}


def leer_cotejo(c: Connection, region: str, ejercicio: int) -> list[RowMapping]:
    """Los deberes marcados a mano: norma, fecha, nota y rol."""
    columnas = [cotejo.c[n] for n in ("norma", "fecha", "nota", "rol")]
    suyos = select(*columnas).where(cotejo.c.region == region, cotejo.c.ejercicio == ejercicio)
    return list(c.execute(suyos).mappings())


def borrar_cotejo(c: Connection, region: str, ejercicio: int, norma: str) -> bool:
    """Quita la marca; dice si estaba."""
    suya = (cotejo.c.region == region, cotejo.c.ejercicio == ejercicio, cotejo.c.norma == norma)
    return c.execute(delete(cotejo).where(*suya)).rowcount > 0


def insertar_cotejo(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(cotejo), valores)
