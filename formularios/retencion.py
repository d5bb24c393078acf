"""Lo que ya no se debe guardar: datos de personas de ejercicios cerrados, borradores, llaves, intentos y correos. Sin web.

El plazo de cada encuesta está en su YAML (`retencion_ejercicios`). Repetirlo no cambia nada.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from esquemas.modelo import Catalogo, Esquema
from esquemas.privacidad import vence_retencion
from formularios import (
    almacen_borradores,
    almacen_convocatoria,
    almacen_derechos,
    almacen_expedientes,
    almacen_personas,
    almacen_sesiones,
)
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.almacen_columnas import escribir_instante
from formularios.bandeja import DIAS_CON_DIRECCION, INTENTOS
from formularios.expediente import DURA_APARTADO
from formularios.lapida import campos_con_datos, vaciar


@dataclass(frozen=True, slots=True)
class Limpieza:
    """Cuánto se quitó, o se quitaría. `respuestas`: esquema → cuántas tenían algo; `bloqueadas`: las que no se tocan."""

    respuestas: Mapping[str, int]
    bloqueadas: int
    borradores: int
    llaves: int
    intentos: int
    correos: int
    documentos: int


class _EnSeco(Exception):
    """Deshace la transacción: se contó haciendo el trabajo de verdad."""


def limpiar(almacen: Almacen, catalogo: Catalogo, *, aplicar: bool, autor: str, ahora_utc: datetime) -> Limpieza:
    """Quita lo vencido, todo o nada; sin `aplicar`, solo dice cuánto es."""
    with suppress(_EnSeco), almacen.escribir() as c:
        bloqueadas, respuestas = 0, {}
        for esquema in catalogo.encuestas:
            hechas, saltadas = _anonimizar(c, esquema, autor, ahora_utc)
            bloqueadas += saltadas
            if esquema.retencion_ejercicios is not None:
                respuestas[esquema.nombre] = hechas
        hecho = Limpieza(
            respuestas,
            bloqueadas,
            llaves=almacen_derechos.borrar_llaves_vencidas(c, ahora_utc),
            borradores=almacen_borradores.borrar_vencidos(c, ahora_utc),
            intentos=almacen_personas.borrar_vencidos(c, ahora_utc, escribir_instante(ahora_utc))
            + almacen_sesiones.borrar_vencidas(c, ahora_utc),
            correos=almacen_derechos.callar_correos(c, INTENTOS, ahora_utc - timedelta(days=DIAS_CON_DIRECCION)),
            documentos=almacen_expedientes.borrar_apartados_vencidos(c, ahora_utc - DURA_APARTADO),
        )
        if not aplicar:
            raise _EnSeco
    return hecho


def _anonimizar(c: Any, esquema: Esquema, autor: str, ahora_utc: datetime) -> tuple[int, int]:
    """(respuestas a las que se les quitó algo, respuestas vencidas que no se tocan porque están bloqueadas)."""
    hechas = bloqueadas = 0
    for envio in almacen_derechos.leer_envios(c, esquema.nombre):
        vence = vence_retencion(esquema, envio.ejercicio)
        if vence is None or ahora_utc < vence:
            continue
        if envio.bloqueado_utc:
            bloqueadas += 1
        elif vaciar(c, envio, campos_con_datos(c, esquema, envio)):
            if envio.borrador:
                almacen_derechos.cambiar_datos(c, envio.borrador, "{}")
                almacen_convocatoria.borrar_entrevista(c, envio.borrador)
            anotar(c, cuando_utc=ahora_utc, actor=autor, accion="anonimizar", objeto=envio.folio)
            hechas += 1
    return hechas, bloqueadas
