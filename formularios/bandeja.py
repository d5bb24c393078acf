"""La bandeja de salida: los correos se dejan en la base y una orden los despacha. Nada corre en segundo
plano."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from formularios import almacen_personas
from formularios.almacen import Almacen

INTENTOS = 5
LOTE = 50
APARTADO = timedelta(minutes=10)  # lo que un proceso tiene para entregar el lote que tomó
DIAS_CON_DIRECCION = 15  # lo que se guarda la de un correo que no se pudo entregar, para corregirla
ESPERAS = tuple(timedelta(minutes=m) for m in (5, 30, 120, 720))  # entre un intento y el siguiente


@dataclass(frozen=True, slots=True)
class Correo:
    """Un mensaje. `enviado_utc` None: todavía no sale. `error` es el del último intento; `adjunto`, un PDF."""

    id: int
    para: str
    asunto: str
    cuerpo: str
    creado_utc: datetime
    enviado_utc: datetime | None
    intentos: int
    error: str
    proximo_utc: datetime | None = None
    adjunto: bytes | None = None


def encolar(
    almacen: Almacen, *, para: str, asunto: str, cuerpo: str, ahora_utc: datetime, adjunto: bytes | None = None
) -> None:
    """Deja un mensaje por enviar, con un PDF adjunto si lo lleva."""
    with almacen.escribir() as c:
        almacen_personas.insertar_correo(c, para, asunto, cuerpo, ahora_utc, adjunto)


def tomar(almacen: Almacen, *, ahora_utc: datetime) -> list[Correo]:
    """Un lote de los que toca enviar, del más antiguo al más nuevo. Mientras los tenga, ningún otro proceso los toma."""
    with almacen.escribir() as c:
        filas = almacen_personas.tomar_correos(c, LOTE, INTENTOS, ahora_utc, ahora_utc + APARTADO)
    return [Correo(**f) for f in filas]


def contar_pendientes(almacen: Almacen) -> int:
    """Cuántos faltan por salir y todavía se intentan."""
    with almacen.leer() as c:
        return almacen_personas.contar_pendientes(c, INTENTOS)


def ultimos(almacen: Almacen, limite: int = 100) -> list[Correo]:
    """Los últimos, del más nuevo al más antiguo: la bandeja que muestra la demostración."""
    with almacen.leer() as c:
        return [Correo(**f) for f in almacen_personas.leer_correos(c, limite)]


def marcar_enviado(almacen: Almacen, correo: Correo, *, ahora_utc: datetime) -> None:
    """Salió. Se borran el cuerpo, que puede llevar un enlace con secreto, el adjunto y la dirección: ya no hacen falta."""
    with almacen.escribir() as c:
        vacio = {"para": "", "cuerpo": "", "adjunto": None, "error": ""}
        cambios = {**vacio, "enviado_utc": ahora_utc, "intentos": correo.intentos + 1}
        almacen_personas.cambiar_correo(c, correo.id, **cambios)


def marcar_fallido(almacen: Almacen, correo: Correo, *, error: str, definitivo: bool, ahora_utc: datetime) -> None:
    """El servidor no lo aceptó: suma un intento y deja por qué. Si es definitivo (rebotó), no se intenta más.

    Lo que no se intenta más pierde el cuerpo y el adjunto; la dirección se borra a los DIAS_CON_DIRECCION días.
    """
    intentos = INTENTOS if definitivo else correo.intentos + 1
    espera = ESPERAS[min(intentos, len(ESPERAS)) - 1]
    vacio = {"cuerpo": "", "adjunto": None} if intentos >= INTENTOS else {}
    cambios = {**vacio, "error": error[:500], "intentos": intentos, "proximo_utc": ahora_utc + espera}
    with almacen.escribir() as c:
        almacen_personas.cambiar_correo(c, correo.id, **cambios)


def devolver(almacen: Almacen, correos: list[Correo]) -> None:
    """No se alcanzó a intentarlos: vuelven a la bandeja como estaban, sin gastar un intento."""
    with almacen.escribir() as c:
        for correo in correos:
            almacen_personas.cambiar_correo(c, correo.id, proximo_utc=None)
