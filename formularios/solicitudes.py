"""Las solicitudes de las personas sobre sus datos: se piden, corren 30 días y se responden. Sin web.

Quien pide no aprende si hay algo suyo: la solicitud se recibe igual. Que sea quien dice ser lo juzga quien responde.
"""

import hashlib
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.plazos import ZONA, cierre, sumar_dias
from esquemas.tiempo import UN_DIA
from formularios import almacen_derechos, almacen_envios, almacen_personas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.folio import NIVEL_CENTRAL, digito_verificador, leer

DIAS = 30  # corridos; los dice también `notas/privacidad.yaml`, y una prueba los compara
PENDIENTE, ACOGIDA, RECHAZADA = "pendiente", "acogida", "rechazada"
SUPRESION, CONSENTIMIENTO = "supresion", "consentimiento"
DERECHOS: Mapping[str, tuple[str, str]] = {
    "acceso": ("Acceso", "Ver qué datos suyos hay."),
    "rectificacion": ("Rectificación", "Corregir sus datos."),
    SUPRESION: ("Supresión", "Borrar sus datos."),
    "oposicion": ("Oposición", "Oponerse a que se usen sus datos."),
    "portabilidad": ("Portabilidad", "Llevarse sus datos en un archivo."),
    "bloqueo": ("Bloqueo", "Que sus datos se guarden sin usarlos."),
    CONSENTIMIENTO: ("Retiro del consentimiento", "Que se quite el dato sensible que aceptó entregar."),
}
TODAS = ("",)  # las regiones, cuando no importa cuál
_NUMERADAS = "derechos"  # su lugar en la tabla de correlativos

Redactar = Callable[..., tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Solicitud:
    """Lo que alguien pidió. `region` es quien responde («00»: el nivel central); `quien`, quien respondió."""

    numero: str
    derecho: str
    folio: str
    region: str
    correo: str
    detalle: str
    clave: str
    estado: str
    razon: str
    quien: str
    pedida_utc: datetime
    vence_utc: datetime
    respondida_utc: datetime | None

    def dias(self, ahora_utc: datetime) -> int:
        """Días corridos hasta el último, en Chile: 0 es hoy; negativo, ya venció."""
        return (_dia(self.vence_utc) - UN_DIA - _dia(ahora_utc)).days

    def vencida(self, ahora_utc: datetime) -> bool:
        return self.estado == PENDIENTE and ahora_utc >= self.vence_utc


class NoProcede(Exception):
    """Lo pedido no se puede hacer; el mensaje dice por qué, para mostrarlo."""


# --- Pedir y responder -------------------------------------------------------------------------------


def pedir(
    almacen: Almacen, *, derecho: str, correo: str, folio: str = "", region: str = "", detalle: str = "", ahora_utc: datetime
) -> Solicitud:
    """Recibe una solicitud, exista o no lo que nombra. La región es la del folio o la que se diga; si no, el nivel central."""
    partes, hoy = leer(folio), _dia(ahora_utc)
    valores = {
        "derecho": derecho,
        "folio": str(partes) if partes else "",
        "region": partes.region if partes else region or NIVEL_CENTRAL,
        "correo": correo.strip(),
        "detalle": detalle.strip(),
        "estado": PENDIENTE,
        "razon": "",
        "quien": "",
        "pedida_utc": ahora_utc,
        "vence_utc": cierre(sumar_dias(hoy, DIAS)),
        "respondida_utc": None,
    }
    with almacen.escribir() as c:
        cuerpo = f"{hoy.year}-{almacen_envios.siguiente_correlativo(c, hoy.year, _NUMERADAS):06d}"
        numero = f"D-{cuerpo}-{digito_verificador(cuerpo)}"
        valores |= {"numero": numero, "clave": _clave(numero, correo)}
        almacen_derechos.insertar_solicitud(c, valores)
        anotar(c, cuando_utc=ahora_utc, actor="", accion="solicitar", objeto=f"{numero} {derecho}")
    return Solicitud(**valores)


def consultar(almacen: Almacen, numero: str, correo: str) -> Solicitud | None:
    """La solicitud de ese número y ese correo; None si no calzan, sin decir cuál de los dos falla."""
    with almacen.leer() as c:
        fila = almacen_derechos.leer_solicitud(c, numero.strip().upper())
    calza = _clave(fila["numero"] if fila else "", correo) == (fila and fila["clave"])
    return Solicitud(**fila) if fila and calza else None


def leer_solicitud(almacen: Almacen, numero: str, regiones: Collection[str] = TODAS) -> Solicitud | None:
    """La de ese número, si es de una de esas regiones («»: cualquiera)."""
    with almacen.leer() as c:
        fila = almacen_derechos.leer_solicitud(c, numero)
    return Solicitud(**fila) if fila and {"", fila["region"]} & set(regiones) else None


def leer_solicitudes(almacen: Almacen, regiones: Collection[str] = TODAS) -> list[Solicitud]:
    """Las de esas regiones («»: todas): primero las pendientes, de la que vence antes a la que vence después."""
    with almacen.leer() as c:
        todas = [Solicitud(**f) for f in almacen_derechos.leer_solicitudes(c, None if "" in regiones else regiones)]
    return sorted(todas, key=lambda s: s.estado != PENDIENTE)


def responder(
    almacen: Almacen, numero: str, *, acogida: bool, razon: str, redactar: Redactar, autor: str, ahora_utc: datetime
) -> Solicitud:
    """Cierra la solicitud y deja la respuesta en la bandeja. `redactar(solicitud)` da asunto y cuerpo.

    NoProcede si ya se respondió, o si se rechaza sin razón. Al acoger una supresión se olvida también quién la pidió.
    """
    if not acogida and not razon.strip():
        raise NoProcede("Para rechazar hay que decir por qué.")
    with almacen.escribir() as c:
        exigir_pendiente(c, numero)
        estado = ACOGIDA if acogida else RECHAZADA
        almacen_derechos.cambiar_solicitud(
            c, numero, estado=estado, razon=razon.strip(), quien=autor, respondida_utc=ahora_utc
        )
        respondida = Solicitud(**almacen_derechos.leer_solicitud(c, numero))
        almacen_personas.insertar_correo(c, respondida.correo, *redactar(respondida), ahora_utc)
        if acogida and respondida.derecho == SUPRESION:
            almacen_derechos.olvidar_solicitante(c, respondida.correo)
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="responder", objeto=f"{numero} {estado}")
    return respondida


def exigir_pendiente(c: Any, numero: str) -> Solicitud:
    """La solicitud, tomada hasta confirmar. NoProcede si ya se respondió."""
    solicitud = Solicitud(**almacen_derechos.leer_solicitud(c, numero, tomar=True))
    if solicitud.estado != PENDIENTE:
        raise NoProcede("Esta solicitud ya se respondió.")
    return solicitud


def _dia(instante: datetime) -> date:
    return instante.astimezone(ZoneInfo(ZONA)).date()


def _clave(numero: str, correo: str) -> str:
    """Del correo, algo que se puede comparar y no leer: calcularlo es caro, para que probar muchos no convenga."""
    return hashlib.scrypt(correo.strip().lower().encode(), salt=numero.encode(), n=2**14, r=8, p=1).hex()
