"""Los expedientes en la base: su estado, sus actuaciones, los folios de cada una y los documentos."""

import json
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, insert, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_tablas import actuacion, apertura, documento, documento_apartado, entregado, expediente


def tomar(c: Connection, region: str, ejercicio: int, inicial: str) -> RowMapping:
    """El expediente (estado, ultimo), reservado hasta confirmar; la primera vez, en `inicial`."""
    nuevo = insertar_segun(c)(expediente).values(region=region, ejercicio=ejercicio, estado=inicial, ultimo=0)
    # Tocar la fila la reserva también en PostgreSQL: el segundo espera a que el primero confirme.
    tocar = nuevo.on_conflict_do_update(index_elements=["region", "ejercicio"], set_={"ultimo": expediente.c.ultimo})
    return c.execute(tocar.returning(expediente)).mappings().one()


def leer(c: Connection, region: str, ejercicio: int) -> RowMapping | None:
    suyo = (expediente.c.region == region) & (expediente.c.ejercicio == ejercicio)
    return c.execute(select(expediente).where(suyo)).mappings().one_or_none()


def leer_estados(c: Connection, ejercicio: int) -> dict[str, str]:
    """Región → estado, de las que ya tienen algún acto."""
    suyos = select(expediente.c.region, expediente.c.estado).where(expediente.c.ejercicio == ejercicio)
    return dict(map(tuple, c.execute(suyos)))


def agregar(c: Connection, valores: dict[str, Any], folios: dict[str, str]) -> None:
    """Una actuación con sus folios; el expediente queda en el estado al que lleva."""
    lugar = {n: valores[n] for n in ("region", "ejercicio")}
    suyo = [expediente.c[n] == v for n, v in lugar.items()]
    c.execute(update(expediente).where(*suyo).values(estado=valores["a"], ultimo=valores["numero"]))
    datos = {"datos": json.dumps(valores["datos"], ensure_ascii=False, sort_keys=True)}
    c.execute(insert(actuacion), {**valores, **datos})
    lugar["numero"] = valores["numero"]
    if folios:
        c.execute(insert(entregado), [{**lugar, "esquema": e, "folio": f} for e, f in folios.items()])


def leer_actuaciones(c: Connection, region: str, ejercicio: int) -> list[dict[str, Any]]:
    """Todas, en orden, con sus `folios` (esquema → folio)."""
    suyas = select(actuacion).where(actuacion.c.region == region, actuacion.c.ejercicio == ejercicio)
    leidas = [dict(m) for m in c.execute(suyas.order_by(actuacion.c.numero)).mappings()]
    folios: dict[int, dict[str, str]] = {}
    suyos = select(entregado).where(entregado.c.region == region, entregado.c.ejercicio == ejercicio)
    for e in c.execute(suyos).mappings():
        folios.setdefault(e["numero"], {})[e["esquema"]] = e["folio"]
    return [{**a, "datos": json.loads(a["datos"]), "folios": folios.get(a["numero"], {})} for a in leidas]


def abrir(c: Connection, valores: dict[str, Any]) -> None:
    """Deja constancia de que se abrió esa fila (o toda la matriz) después del acto `numero`. Repetirla no cambia nada."""
    c.execute(insertar_segun(c)(apertura).values(**valores).on_conflict_do_nothing())


def leer_aperturas(c: Connection, region: str, ejercicio: int) -> list[RowMapping]:
    """Todas las de esa focalización, en orden."""
    suyas = select(apertura).where(apertura.c.region == region, apertura.c.ejercicio == ejercicio)
    return list(c.execute(suyas.order_by(apertura.c.numero, apertura.c.cuando_utc)).mappings())


def guardar_documento(c: Connection, valores: dict[str, Any]) -> None:
    """Deja el archivo en la base, si no estaba: el mismo contenido es el mismo documento."""
    nuevo = insertar_segun(c)(documento).values(**valores)
    c.execute(nuevo.on_conflict_do_nothing(index_elements=["huella"]))


def leer_documento(c: Connection, huella: str) -> RowMapping | None:
    return c.execute(select(documento).where(documento.c.huella == huella)).mappings().one_or_none()


def apartar_documento(c: Connection, valores: dict[str, Any]) -> None:
    """Lo deja esperando en lugar del que esa persona tenía para ese campo."""
    nuevo = insertar_segun(c)(documento_apartado).values(**valores)
    c.execute(nuevo.on_conflict_do_update(index_elements=list(documento_apartado.primary_key), set_=valores))


def leer_apartados(c: Connection, region: str, ejercicio: int, autor: str, desde_utc: datetime) -> list[RowMapping]:
    """Los de esa persona en ese expediente, subidos después de `desde_utc`."""
    tabla = documento_apartado.c
    suyos = (tabla.region == region, tabla.ejercicio == ejercicio, tabla.autor == autor, tabla.subido_utc > desde_utc)
    return list(c.execute(select(documento_apartado).where(*suyos)).mappings())


def borrar_apartados(c: Connection, region: str, ejercicio: int) -> None:
    """Los de todos en ese expediente: ya se entregó."""
    tabla = documento_apartado.c
    c.execute(delete(documento_apartado).where(tabla.region == region, tabla.ejercicio == ejercicio))


def borrar_apartados_vencidos(c: Connection, hasta_utc: datetime) -> int:
    """Los subidos hasta entonces; devuelve cuántos."""
    return c.execute(delete(documento_apartado).where(documento_apartado.c.subido_utc <= hasta_utc)).rowcount
