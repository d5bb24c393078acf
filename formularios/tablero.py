"""Lo que mira el nivel central: cuánto hay por esquema, región y ejercicio, y un envío por dentro. Sin web."""

import io
import json
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.condicion import separar
from esquemas.errores import Problema
from esquemas.hoja import Celda
from esquemas.modelo import Campo, Catalogo, Esquema, Tabla
from esquemas.planilla import Escritor, tipar
from esquemas.plazos import ZONA
from esquemas.privacidad import personales_de
from esquemas.publicacion import COLUMNAS_DE_ENVIO
from esquemas.tabla import escribir_csv_excel
from esquemas.tiempo import cierre
from esquemas.validacion import Contexto, validar_filas
from formularios import almacen_envios, almacen_personas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar, leer_anotaciones
from formularios.almacen_columnas import escribir_instante
from formularios.borradores import huella_de_secreto
from formularios.diferencia import FilaDistinta, comparar
from formularios.envio import TODO, VIGENTE, Envio
from formularios.expediente import leer_expediente, tramite_de
from formularios.exportacion import exportar_csv
from formularios.folio import NIVEL_CENTRAL
from formularios.paquete import exportar_paquete
from formularios.recibido import excepciones_de, referidas_de
from formularios.seleccion import VALIDADO, Seleccion, elegir


@dataclass(frozen=True, slots=True)
class Casilla:
    """Un esquema en una región y un ejercicio: cuántos envíos vigentes y cuándo llegó el último."""

    esquema: str
    region: str
    ejercicio: int
    envios: int
    ultimo: Envio


@dataclass(frozen=True, slots=True)
class Detalle:
    """Un envío con sus filas: tabla → mapas campo → valor canónico. `nombres`: las columnas con que se validó."""

    envio: Envio
    tablas: Mapping[str, list[dict[str, str]]]


def contar(
    almacen: Almacen, *, esquema: str | None = None, region: str | None = None, ejercicio: int | None = None
) -> tuple[list[Casilla], list[Envio]]:
    """Las casillas con envíos vigentes y esos envíos, del más nuevo al más antiguo. None: cualquiera."""
    with almacen.leer() as c:
        envios = almacen_envios.buscar_envios(
            c, esquema, region=region, ejercicio=ejercicio, estado=VIGENTE
        )
    cuenta = Counter((e.esquema, e.region, e.ejercicio) for e in envios)
    envios.sort(key=lambda e: e.recibido_utc, reverse=True)
    ultimos: dict[tuple[str, str, int], Envio] = {}
    for e in envios:
        ultimos.setdefault((e.esquema, e.region, e.ejercicio), e)
    casillas = [Casilla(*lugar, cuantos, ultimos[lugar]) for lugar, cuantos in sorted(cuenta.items())]
    return casillas, envios


def detallar(almacen: Almacen, folio: str) -> Detalle | None:
    """El envío y todas sus filas; None si no existe. De lo bloqueado o suprimido, ninguna fila."""
    with almacen.leer() as c:
        envio = almacen_envios.leer_envio(c, folio)
        if envio is None:
            return None
        reservado = envio.bloqueado_utc or envio.quitado == TODO
        nombres = () if reservado else almacen_envios.contar_filas(c, [folio])
        tablas = {
            nombre: [
                json.loads(datos)
                for lote in almacen_envios.recorrer_filas(c, [folio], nombre, "datos")
                for _, _, datos in lote
            ]
            for nombre in nombres
        }
    return Detalle(envio, tablas)


def comparar_con_anterior(almacen: Almacen, esquema: Esquema, detalle: Detalle) -> tuple[str, list[FilaDistinta]] | None:
    """El folio de la versión anterior y qué cambió desde ella; None si es la primera."""
    with almacen.leer() as c:
        folio = almacen_envios.leer_anterior(c, detalle.envio)
    anterior = detallar(almacen, folio) if folio else None
    return anterior and (anterior.envio.folio, comparar(esquema, anterior.tablas, detalle.tablas))


def avisos_de(almacen: Almacen, catalogo: Catalogo, detalle: Detalle) -> tuple[Problema, ...]:
    """Lo que el validador dice hoy de ese envío: sus alertas, y errores si el esquema o lo que cita cambió."""
    envio = detalle.envio
    esquema = catalogo.esquemas.get(envio.esquema)
    if esquema is None or not detalle.tablas:
        return ()
    lugar = (esquema.nombre, envio.region, envio.ejercicio)
    contexto = Contexto(
        region=envio.region,
        ejercicio=envio.ejercicio,
        referidas=referidas_de(almacen, catalogo, esquema, envio.region, envio.ejercicio),
        excepciones=excepciones_de(almacen, *lugar),
    )
    quitados = {n for campos in personales_de(esquema).values() for n in campos} if envio.quitado else set()
    problemas = validar_filas(catalogo, esquema, detalle.tablas, contexto).problemas
    return tuple(p for p in problemas if p.campo not in quitados)


def contar_avisos(
    almacen: Almacen, catalogo: Catalogo, envios: Iterable[Envio]
) -> dict[tuple[str, str, int], int]:
    """(esquema, región, ejercicio) → cuántas alertas tienen hoy sus envíos."""
    cuenta: Counter[tuple[str, str, int]] = Counter()
    for envio in envios:
        if detalle := detallar(almacen, envio.folio):
            avisos = len(avisos_de(almacen, catalogo, detalle))
            cuenta[envio.esquema, envio.region, envio.ejercicio] += avisos
    return dict(cuenta)


def hay_personales(esquema: Esquema) -> bool:
    """Si el esquema pide algún dato personal o sensible."""
    return any(c.dato in ("personal", "sensible") for t in esquema.tablas for c in t.campos)


def anotar_lectura(almacen: Almacen, *, actor: str, objeto: str, ahora_utc: datetime, una_al_dia: bool = False) -> None:
    """Deja en la bitácora que alguien leyó o descargó datos personales.

    Con `una_al_dia` (una página, que se recarga), solo la primera vez de esa persona en ese día de Chile.
    """
    manana = cierre(ahora_utc.astimezone(ZoneInfo(ZONA)).date())
    clave = huella_de_secreto(f"leer {actor} {objeto}")
    with almacen.escribir() as c:
        if una_al_dia and almacen_personas.sumar_intento(c, clave, escribir_instante(manana)) > 1:
            return
        anotar(c, cuando_utc=ahora_utc, actor=actor, accion="leer", objeto=objeto)


def leer_lecturas(almacen: Almacen, limite: int | None = None) -> list[Mapping[str, Any]]:
    """Quién leyó datos de personas, cuándo y qué, de lo último a lo primero: n, cuando_utc, actor y objeto."""
    with almacen.leer() as c:
        return list(leer_anotaciones(c, "leer", limite))


# --- Descargas de lo vigente y sin errores ------------------------------------------------------------

Descarga = Callable[..., bytes]
DEL_ACTO = "Acto del expediente"  # solo para personas: el CSV exacto y el paquete llevan las columnas prometidas y ni una más


def _actos_de(almacen: Almacen, seleccion: Seleccion) -> dict[str, str] | None:
    """Folio → el acto que lo llevó o, si lo hubo, el que después lo retiró, validó o rechazó. None si no va con un acto."""
    actos = seleccion.catalogo.proceso.tramitacion.actos
    if not any(seleccion.esquema.nombre in a.entrega for a in actos.values()):
        return None
    lugares = {(e.region, e.ejercicio) for e in seleccion.envios}
    expedientes = {lugar: leer_expediente(almacen, seleccion.catalogo, *lugar) for lugar in lugares}
    suyos = ((e.folio, tramite_de(seleccion.catalogo, expedientes[e.region, e.ejercicio], e.folio)) for e in seleccion.envios)
    return {folio: actos[(t[1] or t[0]).acto].titulo for folio, t in suyos if t}


def _csv(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, **pedido: object) -> bytes:
    destino = io.BytesIO()
    exportar_csv(almacen, catalogo, esquema, destino, estado=VALIDADO, **pedido)
    return destino.getvalue()


def _paquete(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, **pedido: object) -> bytes:
    destino = io.BytesIO()
    exportar_paquete(almacen, catalogo, esquema, destino, estado=VALIDADO, **pedido)
    return destino.getvalue()


def _excel(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, **pedido: object) -> bytes:
    seleccion = elegir(almacen, catalogo, esquema, estado=VALIDADO, **pedido)
    actos = _actos_de(almacen, seleccion)
    columnas = [*seleccion.encabezado(esquema.principal), *([DEL_ACTO] if actos is not None else [])]
    return escribir_csv_excel(columnas, _tipadas(seleccion, esquema.principal, actos))


def _libro(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, **pedido: object) -> bytes:
    """Para leer: títulos y nombres en vez de códigos, y lo presentado como fecha y hora de Chile."""
    seleccion = elegir(almacen, catalogo, esquema, estado=VALIDADO, **pedido)
    escritor, actos = Escritor(), _actos_de(almacen, seleccion)
    for tabla in esquema.tablas:
        nombres, campos = seleccion.encabezado(tabla), {c.nombre: c for c in tabla.campos}
        hoja = escritor.hoja(tabla.titulo)
        hoja.freeze_panes(1, 0)
        hoja.set_column(0, len(nombres) - 1, 22)
        for j, nombre in enumerate(nombres):
            titulo = campos[nombre].titulo if nombre in campos else COLUMNAS_DE_ENVIO[nombre][0]
            titulo += " (hora de Chile continental)" if nombre == "presentado" else ""
            hoja.write_string(0, j, titulo, escritor.encabezado)
        if actos is not None:
            hoja.write_string(0, len(nombres), DEL_ACTO, escritor.encabezado)
        for i, (envio, _, fila) in enumerate(seleccion.filas(tabla), 1):
            if actos is not None:
                hoja.write_string(i, len(nombres), actos.get(envio.folio, ""))
            for j, nombre in enumerate(nombres):
                if nombre == "presentado":
                    local = envio.presentado_legal.astimezone(ZoneInfo(ZONA)).replace(tzinfo=None)
                    hoja.write_datetime(i, j, local, escritor.formato(num_format="dd-mm-yyyy hh:mm"))
                else:
                    escritor.escribir(hoja, i, j, _leible(catalogo, campos.get(nombre), nombre, fila.get(nombre, "")))
    return escritor.terminar()


def _leible(catalogo: Catalogo, campo: Campo | None, nombre: str, valor: str) -> Celda:
    if campo is None and nombre == "ejercicio":
        return int(valor)
    opciones = catalogo.opciones.get(campo.catalogo if campo else {"region": "regiones"}.get(nombre, ""))
    if opciones is None:
        return tipar(campo, valor) if campo else valor
    return "Nivel central" if valor == NIVEL_CENTRAL else "; ".join(opciones.nombre_de(c) for c in separar(valor))


def _tipadas(seleccion: Seleccion, tabla: Tabla, actos: Mapping[str, str] | None) -> Iterator[list[Celda]]:
    """Las filas canónicas con el tipo que entiende Excel; las columnas de envío, como texto."""
    campos = {c.nombre: c for c in tabla.campos}
    for envio, _, fila in seleccion.filas(tabla):
        valores = ((c, fila.get(c, "")) for c in seleccion.encabezado(tabla))
        tipados = [tipar(campos[c], v) if c in campos else v for c, v in valores]
        yield tipados if actos is None else [*tipados, actos.get(envio.folio, "")]


# formato → (título, extensión, tipo MIME, función)
DESCARGAS: Mapping[str, tuple[str, str, str, Descarga]] = {
    "csv": ("CSV", "csv", "text/csv; charset=utf-8", _csv),
    "csv-excel": ("CSV para Excel", "csv", "text/csv; charset=utf-8", _excel),
    "xlsx": ("XLSX", "xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet", _libro),
    "paquete": ("Data Package", "zip", "application/zip", _paquete),
}
