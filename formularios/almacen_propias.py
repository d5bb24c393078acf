"""Las columnas propias de una región y su copia de cada entrega, en la base."""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, insert, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_tablas import columna_propia, envio, propia_de_envio
from formularios.envio import VIGENTE

_CLAVE = ("esquema", "region", "ejercicio", "nombre")


def leer_columnas(c: Connection, esquema: str, region: str, ejercicio: int) -> list[RowMapping]:
    """Las de esa matriz, también las quitadas, en el orden en que se declararon."""
    suyas = select(columna_propia).where(
        columna_propia.c.esquema == esquema, columna_propia.c.region == region, columna_propia.c.ejercicio == ejercicio
    )
    return list(c.execute(suyas.order_by(columna_propia.c.orden, columna_propia.c.nombre)).mappings())


def guardar_columna(c: Connection, valores: Mapping[str, Any]) -> None:
    """La declara o la cambia; si se había quitado, vuelve."""
    nueva = insertar_segun(c)(columna_propia).values(**valores, quitada_utc=None)
    cambia = {n: v for n, v in valores.items() if n not in (*_CLAVE, "orden")}
    c.execute(nueva.on_conflict_do_update(index_elements=_CLAVE, set_={**cambia, "quitada_utc": None}))


def quitar_columna(c: Connection, esquema: str, region: str, ejercicio: int, nombre: str, quitada_utc: datetime) -> None:
    """La deja quitada. Lo que decía en cada fila no se toca."""
    lugar = dict(zip(_CLAVE, (esquema, region, ejercicio, nombre), strict=True))
    suya = [columna_propia.c[n] == v for n, v in lugar.items()]
    c.execute(update(columna_propia).where(*suya).values(quitada_utc=quitada_utc))


def guardar_copia(c: Connection, folio: str, columnas: Sequence[Mapping[str, str]], filas: Sequence[Mapping[str, str]]) -> None:
    """Lo propio de una entrega: qué columnas había y qué decía cada fila, en el orden de la entrega."""
    valores = {"columnas": json.dumps(columnas, ensure_ascii=False), "filas": json.dumps(filas, ensure_ascii=False)}
    c.execute(insert(propia_de_envio), {"envio": folio, **valores})


def leer_copias(c: Connection, esquema: str, region: str, ejercicio: int) -> list[dict[str, Any]]:
    """folio, recibido_utc, columnas y filas de cada entrega que las tiene, de la última a la primera."""
    guardadas = _copias(c, esquema, region, ejercicio)
    return [{**m, "columnas": json.loads(m["columnas"]), "filas": json.loads(m["filas"])} for m in guardadas]


def leer_copia_vigente(c: Connection, esquema: str, region: str, ejercicio: int) -> list[dict[str, str]]:
    """Por fila de la entrega vigente, lo que decían sus columnas propias; nada si no las tenía."""
    vigente = _copias(c, esquema, region, ejercicio, envio.c.estado == VIGENTE)
    return json.loads(vigente[0]["filas"]) if vigente else []


def _copias(c: Connection, esquema: str, region: str, ejercicio: int, *mas: Any) -> list[RowMapping]:
    suyas = (envio.c.esquema == esquema, envio.c.region == region, envio.c.ejercicio == ejercicio, *mas)
    consulta = select(envio.c.folio, envio.c.recibido_utc, propia_de_envio.c.columnas, propia_de_envio.c.filas)
    return list(c.execute(consulta.join(propia_de_envio).where(*suyas).order_by(envio.c.folio.desc())).mappings())
