"""La bandeja de salida: los correos se dejan en la base y una orden los despacha. Nada corre en segundo
plano."""

from dataclasses import dataclass
from datetime import datetime

from formularios import almacen_personas
from formularios.almacen import Almacen

INTENTOS = 5


@dataclass(frozen=True, slots=True)
class Correo:
    """Un mensaje. `enviado_utc` None: todavía no sale. `error` es el del último intento."""

    id: int
    para: str
    asunto: str
    cuerpo: str
    creado_utc: datetime
    enviado_utc: datetime | None
    intentos: int
    error: str


def encolar(almacen: Almacen, *, para: str, asunto: str, cuerpo: str, ahora_utc: datetime) -> None:
    """Deja un mensaje por enviar."""
    with almacen.escribir() as c:
        almacen_personas.insertar_correo(c, para, asunto, cuerpo, ahora_utc)


def pendientes(almacen: Almacen, limite: int = 100) -> list[Correo]:
    """Los que faltan por salir y no agotaron sus intentos, del más antiguo al más nuevo."""
    with almacen.leer() as c:
        filas = almacen_personas.leer_correos(c, limite, pendientes=True, intentos_maximos=INTENTOS)
    return [Correo(**f) for f in filas]


def ultimos(almacen: Almacen, limite: int = 100) -> list[Correo]:
    """Los últimos, del más nuevo al más antiguo: la bandeja que muestra la demostración."""
    with almacen.leer() as c:
        filas = almacen_personas.leer_correos(c, limite, pendientes=False, intentos_maximos=INTENTOS)
    return [Correo(**f) for f in filas]


def marcar_enviado(almacen: Almacen, id: int, *, ahora_utc: datetime) -> None:
    """Salió. Se borra el cuerpo, que puede llevar un enlace con secreto."""
    with almacen.escribir() as c:
        almacen_personas.cambiar_correo(c, id, enviado_utc=ahora_utc, cuerpo="", error="")


def marcar_fallido(almacen: Almacen, id: int, *, error: str) -> None:
    """No salió: suma un intento y deja por qué."""
    with almacen.escribir() as c:
        almacen_personas.cambiar_correo(c, id, error=error[:500])
