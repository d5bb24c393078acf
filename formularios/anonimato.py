"""Recibir una respuesta anónima: ni con toda la base en la mano se sabe de quién es. Sin web.

Por qué es así, y qué no se puede impedir, está en la decisión 19. Cada parte tapa un camino: el borrador se borra y su
invitación queda solo como respondida; el folio se sortea; de la hora queda el año; no se anota en la bitácora, que ordena y
fecha; y todas las respuestas de la convocatoria se vuelven a escribir: una base recuerda en qué orden escribió sus filas.
"""

import secrets
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.plazos import ZONA
from formularios import almacen_borradores, almacen_convocatoria, almacen_envios
from formularios.borradores import Borrador, BorradorCambiado, huella_de_secreto, nuevo_secreto
from formularios.envio import ANONIMA, Envio
from formularios.folio import CORRELATIVO_MAXIMO, construir

_DESDE = CORRELATIVO_MAXIMO // 2  # los sorteados van en la mitad de arriba; los correlativos empiezan en 1


def desligar(envio: Envio, vale: str) -> Envio:
    """El envío sin lo que lo uniría a alguien. `vale`: un secreto de la página; con el mismo, es el mismo envío (doble clic)."""
    del_anio = datetime(envio.recibido_utc.astimezone(ZoneInfo(ZONA)).year, 1, 1, 12, tzinfo=UTC)
    propio = huella_de_secreto(vale or nuevo_secreto())
    return replace(
        envio, autor="", recibido_utc=del_anio, presentado_legal=del_anio, borrador=propio, revision=ANONIMA
    )


def cortar(c: Any, borrador: Borrador) -> str:
    """Borra el borrador, marca su invitación y devuelve un folio sorteado. BorradorCambiado si siguió cambiando."""
    almacen_convocatoria.tomar_convocatoria(c, borrador.esquema, borrador.region, borrador.ejercicio)  # de a una
    almacen_convocatoria.marcar_respondida(c, borrador.id)
    if not almacen_borradores.borrar_borrador(c, borrador.id, borrador.revision):
        actual = almacen_borradores.tomar_borrador(c, borrador.id)
        raise BorradorCambiado(Borrador.de(actual) if actual else None)
    while True:
        numero = _DESDE + 1 + secrets.randbelow(CORRELATIVO_MAXIMO - _DESDE)
        folio = construir(borrador.ejercicio, borrador.region, numero)
        if almacen_envios.leer_envio(c, folio) is None:
            return folio


def barajar(c: Any, envio: Envio) -> None:
    """Vuelve a escribir, en un orden sorteado, las respuestas anónimas de esa convocatoria."""
    guardado = almacen_envios.sacar_anonimas(c, envio.esquema, envio.region, envio.ejercicio)
    for filas in guardado.values():
        secrets.SystemRandom().shuffle(filas)
    almacen_envios.reponer(c, guardado)
