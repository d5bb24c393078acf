"""Consentimientos, solicitudes, bloqueos y lápidas en la base. Cada función recibe la transacción de quien llama."""

import json
from collections.abc import Collection, Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, Table, delete, func, insert, select, union, update

from formularios.almacen_tablas import (
    archivo_por_aplicar,
    borrador,
    cambio_de_fila,
    consentimiento,
    correo,
    envio,
    excepcion,
    fila,
    fila_en_curso,
    invitacion,
    llave,
    propia_de_envio,
    solicitud,
)
from formularios.envio import Envio


def insertar_consentimiento(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(consentimiento), valores)


def leer_consentimientos(c: Connection, folios: Iterable[str]) -> list[RowMapping]:
    """Los de esos envíos, por folio y campo."""
    suyos = select(consentimiento).where(consentimiento.c.envio.in_(list(folios)))
    return list(c.execute(suyos.order_by(consentimiento.c.envio, consentimiento.c.campo)).mappings())


def retirar_consentimientos(c: Connection, folios: Iterable[str], ahora_utc: datetime) -> list[str]:
    """Deja retirados los que seguían dados; devuelve sus campos."""
    dados = (consentimiento.c.envio.in_(list(folios)), consentimiento.c.retirado_utc.is_(None))
    cambio = update(consentimiento).where(*dados).values(retirado_utc=ahora_utc)
    return sorted(set(c.execute(cambio.returning(consentimiento.c.campo)).scalars()))


def borrar_consentimientos(c: Connection, folios: Iterable[str]) -> None:
    c.execute(delete(consentimiento).where(consentimiento.c.envio.in_(list(folios))))


# --- Solicitudes -------------------------------------------------------------------------------------


def insertar_solicitud(c: Connection, valores: dict[str, Any]) -> None:
    c.execute(insert(solicitud), valores)


def leer_solicitud(c: Connection, numero: str, *, tomar: bool = False) -> RowMapping | None:
    """La de ese número, o None. Con `tomar`, otra transacción que la quiera cambiar espera."""
    suya = select(solicitud).where(solicitud.c.numero == numero)
    return c.execute(suya.with_for_update() if tomar else suya).mappings().one_or_none()


def leer_solicitudes(c: Connection, regiones: Collection[str] | None) -> list[RowMapping]:
    """Las de esa región (None: todas), de la que vence antes a la que vence después."""
    todas = select(solicitud).order_by(solicitud.c.vence_utc, solicitud.c.numero)
    return list(c.execute(todas if regiones is None else todas.where(solicitud.c.region.in_(regiones))).mappings())


def cambiar_solicitud(c: Connection, numero: str, **cambios: Any) -> None:
    c.execute(update(solicitud).where(solicitud.c.numero == numero).values(**cambios))


def olvidar_solicitante(c: Connection, direccion: str) -> None:
    """Quita el correo y el detalle de lo ya respondido a esa dirección."""
    suyas = (func.lower(solicitud.c.correo) == direccion.lower(), solicitud.c.respondida_utc.is_not(None))
    c.execute(update(solicitud).where(*suyas).values(correo="", detalle="", folio=""))


# --- Lo entregado ------------------------------------------------------------------------------------


def leer_cadena(c: Connection, folio: str) -> list[Envio]:
    """El envío y los que salieron de su mismo borrador: las versiones de una respuesta. Vacía si no existe."""
    suyo = select(envio.c.borrador).where(envio.c.folio == folio).scalar_subquery()
    todos = select(envio).where((envio.c.folio == folio) | (envio.c.borrador == suyo)).order_by(envio.c.folio)
    return [Envio(**m) for m in c.execute(todos).mappings()]


def leer_envios(c: Connection, esquema: str) -> list[Envio]:
    """Todos los de un esquema, también lo bloqueado y lo suprimido, por folio."""
    suyos = select(envio).where(envio.c.esquema == esquema).order_by(envio.c.folio)
    return [Envio(**m) for m in c.execute(suyos).mappings()]


def cambiar_envios(c: Connection, folios: Iterable[str], **cambios: Any) -> None:
    c.execute(update(envio).where(envio.c.folio.in_(list(folios))).values(**cambios))


def leer_filas(c: Connection, folio: str) -> list[RowMapping]:
    """Las del envío, con su tabla, orden, codigo, datos, linea y lapida."""
    return list(c.execute(select(fila).where(fila.c.envio == folio).order_by(fila.c.tabla, fila.c.orden)).mappings())


def cambiar_fila(c: Connection, cual: RowMapping, **cambios: Any) -> None:
    esta = (fila.c.envio == cual["envio"], fila.c.tabla == cual["tabla"], fila.c.orden == cual["orden"])
    c.execute(update(fila).where(*esta).values(**cambios))


def buscar_texto(c: Connection, texto: str) -> list[tuple[Envio, str, dict[str, str]]]:
    """Las filas que lo contienen, sin mirar mayúsculas: (envío, tabla, datos), por folio."""
    suyas = select(envio, fila.c.tabla, fila.c.datos).join(fila, fila.c.envio == envio.c.folio)
    halladas = []
    for m in c.execute(suyas.where(_dice(fila.c.datos, texto)).order_by(envio.c.folio, fila.c.orden)).mappings():
        propias = {col.name: m[col.name] for col in envio.c}
        halladas.append((Envio(**propias), m["tabla"], json.loads(m["datos"])))
    return halladas


def _dice(columna: Any, texto: str) -> Any:
    return func.lower(columna).contains(texto.lower(), autoescape=True)


def borrar_excepciones(c: Connection, e: Envio, codigos: Collection[str]) -> None:
    """Las registradas para esas filas: su razón es texto libre."""
    lugar = (excepcion.c.esquema == e.esquema, excepcion.c.region == e.region, excepcion.c.ejercicio == e.ejercicio)
    c.execute(delete(excepcion).where(*lugar, excepcion.c.fila.in_(list(codigos))))


# --- Lo que la región está llenando ------------------------------------------------------------------


def buscar_en_curso(c: Connection, texto: str) -> list[tuple[str, str, int]]:
    """Esquema, región y ejercicio donde está: en filas, su historial, archivos por aplicar o columnas propias de lo entregado."""
    donde = (
        (fila_en_curso, fila_en_curso, fila_en_curso.c.datos),
        (fila_en_curso, fila_en_curso.join(cambio_de_fila), cambio_de_fila.c.datos),
        (archivo_por_aplicar, archivo_por_aplicar, archivo_por_aplicar.c.filas),
        (envio, envio.join(propia_de_envio), propia_de_envio.c.filas),
    )
    lugares = [select(t.c.esquema, t.c.region, t.c.ejercicio).select_from(de).where(_dice(col, texto)) for t, de, col in donde]
    return sorted(map(tuple, c.execute(union(*lugares))))


def leer_en_curso(
    c: Connection, esquema: str, region: str, ejercicio: int
) -> tuple[list[dict[str, Any]], list[dict[str, Any]]]:
    """Las filas en curso de esa matriz, también las quitadas, y todas sus versiones."""
    suyas = _de_la_matriz(fila_en_curso, esquema, region, ejercicio)
    filas = [dict(m) for m in c.execute(select(fila_en_curso).where(*suyas)).mappings()]
    versiones = select(cambio_de_fila).join(fila_en_curso, cambio_de_fila.c.fila == fila_en_curso.c.id).where(*suyas)
    return filas, [dict(m) for m in c.execute(versiones).mappings()]


def _de_la_matriz(tabla: Table, esquema: str, region: str, ejercicio: int) -> tuple[Any, ...]:
    return tabla.c.esquema == esquema, tabla.c.region == region, tabla.c.ejercicio == ejercicio


def cambiar_version(c: Connection, cual: dict[str, Any], datos: str) -> None:
    """Lo que decía una versión de una fila."""
    esta = (cambio_de_fila.c.fila == cual["fila"], cambio_de_fila.c.version == cual["version"])
    c.execute(update(cambio_de_fila).where(*esta).values(datos=datos))


def leer_archivos(c: Connection, esquema: str, region: str, ejercicio: int) -> list[RowMapping]:
    """Los que esperan que alguien los aplique."""
    suyos = _de_la_matriz(archivo_por_aplicar, esquema, region, ejercicio)
    return list(c.execute(select(archivo_por_aplicar).where(*suyos)).mappings())


def borrar_archivo(c: Connection, id: str) -> None:
    c.execute(delete(archivo_por_aplicar).where(archivo_por_aplicar.c.id == id))


def leer_copias(c: Connection, esquema: str, region: str, ejercicio: int) -> list[RowMapping]:
    """Lo propio de cada entrega de esa matriz."""
    suyas = _de_la_matriz(envio, esquema, region, ejercicio)
    return list(c.execute(select(propia_de_envio).join(envio).where(*suyas)).mappings())


def cambiar_copia(c: Connection, cual: RowMapping, filas: str) -> None:
    c.execute(update(propia_de_envio).where(propia_de_envio.c.envio == cual["envio"]).values(filas=filas))


# --- Borradores y correos ----------------------------------------------------------------------------


def leer_llaves(c: Connection, id: str) -> set[str]:
    """Las huellas de las llaves de un borrador."""
    return set(c.execute(select(llave.c.huella).where(llave.c.borrador == id)).scalars())


def cambiar_datos(c: Connection, id: str, datos: str) -> None:
    """Lo escrito en un borrador, sin subir su revisión: no es un cambio de la persona."""
    c.execute(update(borrador).where(borrador.c.id == id).values(datos=datos))


def leer_correos(c: Connection) -> list[RowMapping]:
    """Los que aún tienen a quién o qué decir."""
    return list(c.execute(select(correo.c.id, correo.c.para, correo.c.cuerpo).where(correo.c.para != "")).mappings())


def borrar_correos(c: Connection, ids: Collection[int]) -> None:
    """Los quita de la bandeja; la invitación que lo mandó queda sin él."""
    c.execute(update(invitacion).where(invitacion.c.correo.in_(ids)).values(correo=None))
    c.execute(delete(correo).where(correo.c.id.in_(ids)))


def callar_correos(c: Connection, intentos_maximos: int, hasta_utc: datetime) -> int:
    """Quita dirección, cuerpo y adjunto de los que ya salieron, y de los que no se intentan más y son de `hasta_utc` o antes.

    Cuándo salió, o por qué no, queda. Devuelve cuántos.
    """
    rebotados = (correo.c.intentos >= intentos_maximos) & (correo.c.creado_utc <= hasta_utc)
    listos = correo.c.enviado_utc.is_not(None) | rebotados
    return c.execute(update(correo).where(listos, correo.c.para != "").values(para="", cuerpo="", adjunto=None)).rowcount


def borrar_llaves_vencidas(c: Connection, ahora_utc: datetime) -> int:
    return c.execute(delete(llave).where(llave.c.vence_utc <= ahora_utc)).rowcount
