"""Los correos: cómo se redactan y cómo salen. Sin servidor configurado quedan en la bandeja de la base."""

import re
import smtplib
import ssl
from dataclasses import dataclass
from datetime import datetime
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from formularios.accesos import MINUTOS_DE_ENLACE
from formularios.almacen import Almacen
from formularios.bandeja import Correo, marcar_enviado, marcar_fallido, pendientes

__all__ = [
    "MINUTOS_DE_ENLACE",
    "Despacho",
    "Servidor",
    "despachar",
    "leer_servidor",
    "partir_enlaces",
    "redactar_acceso",
    "redactar_borrador",
]

ESPERA = 15  # segundos
_ENLACE = re.compile(r"(https?://\S+)")


@dataclass(frozen=True, slots=True)
class Servidor:
    """A dónde se entregan los correos. `cifrado`: «ssl», «starttls» o «»."""

    equipo: str
    puerto: int
    usuario: str
    clave: str
    de: str
    cifrado: str


@dataclass(frozen=True, slots=True)
class Despacho:
    """Cuántos salieron, cuántos no y cuántos quedan por no haber servidor."""

    enviados: int
    fallidos: int
    sin_servidor: int


def leer_servidor(direccion: str) -> Servidor | None:
    """`smtp://usuario:clave@servidor:587?de=remitente` o `smtps://…`; None si está vacía. ValueError si está mal."""
    if not direccion:
        return None
    partes = urlsplit(direccion)
    de = parse_qs(partes.query).get("de", [""])[0]
    if partes.scheme not in ("smtp", "smtps") or not partes.hostname or "@" not in de:
        raise ValueError("FOCALIZA_CORREO debe ser smtp://usuario:clave@servidor:587?de=remitente@institucion.cl")
    seguro = partes.scheme == "smtps"
    puerto = partes.port or (465 if seguro else 587)
    cifrado = "ssl" if seguro else ("" if puerto == 25 else "starttls")
    usuario, clave = unquote(partes.username or ""), unquote(partes.password or "")
    return Servidor(partes.hostname, puerto, usuario, clave, de, cifrado)


def despachar(almacen: Almacen, servidor: Servidor | None, *, ahora_utc: datetime) -> Despacho:
    """Intenta entregar todo lo pendiente. Un correo que falla no detiene a los demás."""
    correos = pendientes(almacen)
    if servidor is None or not correos:
        return Despacho(0, 0, len(correos))
    enviados = fallidos = 0
    try:
        with _conectar(servidor) as smtp:
            for correo in correos:
                if _entregar(smtp, servidor, almacen, correo, ahora_utc):
                    enviados += 1
                else:
                    fallidos += 1
    except (OSError, smtplib.SMTPException) as error:
        for correo in correos[enviados + fallidos :]:
            marcar_fallido(almacen, correo.id, error=_motivo(error))
        fallidos = len(correos) - enviados
    return Despacho(enviados, fallidos, 0)


def _conectar(servidor: Servidor) -> smtplib.SMTP:
    contexto = ssl.create_default_context()
    if servidor.cifrado == "ssl":
        smtp = smtplib.SMTP_SSL(servidor.equipo, servidor.puerto, timeout=ESPERA, context=contexto)
    else:
        smtp = smtplib.SMTP(servidor.equipo, servidor.puerto, timeout=ESPERA)
    if servidor.cifrado == "starttls":
        smtp.starttls(context=contexto)
    if servidor.usuario:
        smtp.login(servidor.usuario, servidor.clave)
    return smtp


def _entregar(
    smtp: smtplib.SMTP, servidor: Servidor, almacen: Almacen, correo: Correo, ahora_utc: datetime
) -> bool:
    try:
        mensaje = EmailMessage()
        mensaje["From"], mensaje["To"], mensaje["Subject"] = servidor.de, correo.para, correo.asunto
        mensaje.set_content(correo.cuerpo)
        smtp.send_message(mensaje)
    except smtplib.SMTPServerDisconnected:
        raise
    except (ValueError, smtplib.SMTPException) as error:
        marcar_fallido(almacen, correo.id, error=_motivo(error))
        return False
    marcar_enviado(almacen, correo.id, ahora_utc=ahora_utc)
    return True


def _motivo(error: Exception) -> str:
    """La clase y el código del error, sin su texto: puede repetir la dirección de la persona."""
    codigo = getattr(error, "smtp_code", "")
    return f"{type(error).__name__} {codigo}".strip()


# --- Redacción ---------------------------------------------------------------------------------------


def redactar_acceso(enlace: str) -> tuple[str, str]:
    """Asunto y cuerpo del correo para entrar."""
    cuerpo = (
        "Alguien pidió entrar a Focaliza con este correo. Si fue usted, abra este enlace y presione «Entrar»:\n\n"
        f"{enlace}\n\n"
        f"Sirve una sola vez y vence en {MINUTOS_DE_ENLACE} minutos. Si no lo pidió, no haga nada.\n"
    )
    return "Su enlace para entrar a Focaliza", cuerpo


def redactar_borrador(titulo: str, enlace: str, vence: str) -> tuple[str, str]:
    """Asunto y cuerpo del correo para retomar un borrador."""
    cuerpo = (
        f"Guardó un borrador de «{titulo}». Todavía NO lo ha enviado. Para seguir, en este o en otro equipo:\n\n"
        f"{enlace}\n\n"
        f"Quien tenga este enlace puede ver y cambiar su borrador: no lo comparta. Vence el {vence} si no lo usa.\n"
    )
    return f"Siga su borrador: {titulo}", cuerpo


def partir_enlaces(cuerpo: str) -> list[tuple[str, bool]]:
    """El texto en trozos, con los que son una dirección web marcados."""
    return [(trozo, bool(_ENLACE.fullmatch(trozo))) for trozo in _ENLACE.split(cuerpo) if trozo]
