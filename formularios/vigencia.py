"""Qué se puede llenar hoy y hasta cuándo, según el calendario del ejercicio en curso. La hora llega como argumento."""

from dataclasses import dataclass
from datetime import datetime
from zoneinfo import ZoneInfo

from esquemas.modelo import Catalogo
from esquemas.plazos import ZONA, Plazo, calendario, en_plazo

ABIERTO, PROXIMO, SIN_FECHA, CERRADO = "abierto", "proximo", "sin-fecha", "cerrado"
# Primero lo que viene con fecha. Un plazo exigible vencido dice más que algo sin fecha; una sugerencia pasada, menos.
_ORDEN = {ABIERTO: 0, PROXIMO: 1, CERRADO: 2, SIN_FECHA: 3}
_SUGERENCIA_PASADA = 4


@dataclass(frozen=True, slots=True)
class Vigencia:
    """El plazo que más importa hoy para un esquema y en qué está: abierto, proximo, sin-fecha o cerrado."""

    plazo: Plazo
    estado: str


def ejercicio_en_curso(ahora_utc: datetime) -> int:
    """El que se prepara este año en Chile: el siguiente."""
    return ahora_utc.astimezone(ZoneInfo(ZONA)).year + 1


def ejercicios_de(ahora_utc: datetime) -> tuple[int, ...]:
    """Los que se pueden elegir: primero el que se prepara y después el que se gasta."""
    en_curso = ejercicio_en_curso(ahora_utc)
    return (en_curso, en_curso - 1)


def abiertos(catalogo: Catalogo, ahora_utc: datetime, region: str | None = None) -> dict[str, Vigencia]:
    """Esquema → su plazo más apremiante. El que no figura en el proceso no aparece."""
    elegidas: dict[str, Vigencia] = {}
    for plazo in calendario(catalogo.proceso.hitos, ejercicio_en_curso(ahora_utc), region=region):
        vigencia = Vigencia(plazo, _estado(plazo, ahora_utc))
        for nombre in plazo.hito.esquemas:
            if nombre not in elegidas or _apremio(vigencia) < _apremio(elegidas[nombre]):
                elegidas[nombre] = vigencia
    return elegidas


def _estado(plazo: Plazo, ahora_utc: datetime) -> str:
    cierra = plazo.instante_fin_utc
    if cierra is None or (plazo.estimado and ahora_utc >= cierra):
        return SIN_FECHA
    if ahora_utc >= cierra:
        return CERRADO
    return ABIERTO if en_plazo(ahora_utc, plazo) else PROXIMO


def _apremio(vigencia: Vigencia) -> tuple[int, bool, float]:
    cierra = vigencia.plazo.instante_fin_utc
    instante = cierra.timestamp() if cierra else 0.0
    # De lo ya cerrado importa lo último; de lo demás, lo primero que vence.
    lejania = -instante if vigencia.estado == CERRADO else instante
    exigible = vigencia.plazo.hito.exigible
    orden = _ORDEN[vigencia.estado] if exigible or vigencia.estado != CERRADO else _SUGERENCIA_PASADA
    return orden, not exigible, lejania
