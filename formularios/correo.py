"""Los correos: cómo se redactan y cómo salen. Sin servidor configurado quedan en la bandeja de la base."""

import re
import smtplib
import ssl
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from email.message import EmailMessage
from urllib.parse import parse_qs, unquote, urlsplit

from esquemas.modelo import Catalogo, Esquema
from formularios.accesos import MINUTOS_DE_ENLACE
from formularios.almacen import Almacen
from formularios.bandeja import APARTADO, Correo, contar_pendientes, devolver, marcar_enviado, marcar_fallido, tomar
from formularios.convocatoria import Convocatoria, Redactar

__all__ = [
    "MINUTOS_DE_ENLACE",
    "Despacho",
    "Servidor",
    "despachar",
    "enlace_de_borrador",
    "leer_servidor",
    "partir_enlaces",
    "redactar_acceso",
    "redactar_borrador",
    "redactar_comprobante",
    "redactar_invitacion",
    "redactor_de_invitacion",
]

ESPERA = 15  # segundos
RESERVA = timedelta(minutes=3)  # lo más que puede tardar una entrega: con menos que eso por delante, no se empieza
REBOTE = 500  # desde este código SMTP el rechazo es definitivo
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
    """Cuántos salieron, cuántos rechazó el servidor y cuántos siguen en la bandeja. `falla`: por qué se detuvo, si se detuvo."""

    enviados: int
    fallidos: int
    pendientes: int
    falla: str = ""


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
    # Dentro de la misma máquina nada viaja por la red.
    sin_cifrar = puerto == 25 or partes.hostname in ("localhost", "127.0.0.1", "::1")
    cifrado = "ssl" if seguro else ("" if sin_cifrar else "starttls")
    usuario, clave = unquote(partes.username or ""), unquote(partes.password or "")
    return Servidor(partes.hostname, puerto, usuario, clave, de, cifrado)


def despachar(
    almacen: Almacen, servidor: Servidor | None, *, reloj: Callable[[], datetime], lotes: int | None = None
) -> Despacho:
    """Intenta entregar todo lo que toca, o a lo más esos `lotes`. Varios procesos pueden despachar a la vez.

    Un correo que falla no detiene a los demás; un servidor caído no gasta intentos.
    """
    enviados = fallidos = 0
    while servidor and lotes != 0 and (correos := tomar(almacen, ahora_utc=reloj())):
        lotes = lotes and lotes - 1
        # Vencido el apartado otro proceso puede tomarlos: se sueltan antes, para que nadie los reciba dos veces.
        hasta = reloj() + APARTADO - RESERVA
        try:
            with _conectar(servidor) as smtp:
                while correos and reloj() < hasta:
                    salio = _entregar(smtp, servidor, almacen, correos[0], reloj())
                    enviados, fallidos = enviados + salio, fallidos + (not salio)
                    del correos[0]
            devolver(almacen, correos)  # los que no alcanzaron
        except (OSError, smtplib.SMTPException) as error:
            devolver(almacen, correos)
            return Despacho(enviados, fallidos, contar_pendientes(almacen), _motivo(error))
    return Despacho(enviados, fallidos, contar_pendientes(almacen))


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


def _entregar(smtp: smtplib.SMTP, servidor: Servidor, almacen: Almacen, correo: Correo, ahora_utc: datetime) -> bool:
    try:
        mensaje = EmailMessage()
        mensaje["From"], mensaje["To"], mensaje["Subject"] = servidor.de, correo.para, correo.asunto
        # Siempre el mismo: si el proceso muere entre entregarlo y anotarlo, quien lo reciba dos veces lo reconoce.
        mensaje["Message-ID"] = f"<correo-{correo.id}-{correo.creado_utc:%Y%m%d%H%M%S}@{servidor.de.partition('@')[2]}>"
        mensaje.set_content(correo.cuerpo)
        if correo.adjunto:
            mensaje.add_attachment(correo.adjunto, maintype="application", subtype="pdf", filename="comprobante.pdf")
        smtp.send_message(mensaje)
    except (smtplib.SMTPServerDisconnected, smtplib.SMTPSenderRefused):
        raise  # no es culpa de quien lo recibe: no gasta un intento
    except (ValueError, smtplib.SMTPException) as error:
        definitivo = isinstance(error, ValueError) or _codigo(error) >= REBOTE
        marcar_fallido(almacen, correo, error=_motivo(error), definitivo=definitivo, ahora_utc=ahora_utc)
        return False
    marcar_enviado(almacen, correo, ahora_utc=ahora_utc)
    return True


def _codigo(error: Exception) -> int:
    """El del servidor; 0 si no lo hay. De varios destinatarios rechazados, el primero."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return next(codigo for codigo, _ in error.recipients.values())
    return getattr(error, "smtp_code", 0)


def _motivo(error: Exception) -> str:
    """La clase y el código del error, sin su texto: puede repetir la dirección de la persona."""
    return f"{type(error).__name__} {_codigo(error) or ''}".strip()


# --- Redacción ---------------------------------------------------------------------------------------


def redactar_acceso(enlace: str) -> tuple[str, str]:
    """Asunto y cuerpo del correo para entrar."""
    cuerpo = (
        "Alguien pidió entrar a Focaliza con este correo. Si fue usted, abra este enlace y presione «Entrar»:\n\n"
        f"{enlace}\n\n"
        f"Sirve una sola vez y vence en {MINUTOS_DE_ENLACE} minutos. Si no lo pidió, no haga nada.\n"
    )
    return "Su enlace para entrar a Focaliza", cuerpo


def redactar_borrador(titulo: str, enlace: str, vence: str, codigo: str = "") -> tuple[str, str]:
    """Asunto y cuerpo del correo para retomar un borrador. `codigo`: la frase con el corto y dónde se escribe, o «»."""
    cuerpo = (
        f"Guardó un borrador de «{titulo}». Todavía NO lo ha enviado. Para seguir, en este o en otro equipo:\n\n"
        f"{enlace}\n\n{codigo}"
        f"Quien tenga este enlace puede ver y cambiar su borrador: no lo comparta. Vence el {vence} si no lo usa.\n"
    )
    return f"Siga su borrador: {titulo}", cuerpo


def enlace_de_borrador(url_publica: str, encuesta: str, secreto: str) -> str:
    """La dirección que abre un borrador. Una prueba exige que sea la de la web."""
    return f"{url_publica}/formularios/encuestas/{encuesta}/retomar/{secreto}"


def redactor_de_invitacion(catalogo: Catalogo, esquema: Esquema, convocatoria: Convocatoria, url_publica: str) -> Redactar:
    """Con qué se redacta cada invitación, y cada recordatorio, de esa convocatoria."""
    region, ultimo = catalogo.opciones["regiones"].nombre_de(convocatoria.region), convocatoria.ultimo_dia
    hasta = f"{ultimo:%d-%m-%Y}" if ultimo else ""

    def redactar(nombre: str, secreto: str) -> tuple[str, str]:
        enlace = enlace_de_borrador(url_publica, esquema.nombre, secreto)
        return redactar_invitacion(esquema.titulo, region, nombre, enlace, hasta, anonima=esquema.anonima)

    return redactar


def redactar_comprobante(titulo: str, folio: str, datos: Iterable[tuple[str, str]], direccion: str) -> tuple[str, str]:
    """Asunto y cuerpo del correo con un comprobante. `datos`: rótulo y valor; `direccion`: dónde se verifica."""
    renglones = "\n".join(f"{rotulo}: {valor}" for rotulo, valor in datos)
    cuerpo = (
        f"Este es el comprobante de «{titulo}». El mismo va adjunto en PDF.\n\nFolio: {folio}\n{renglones}\n\n"
        f"Para comprobar que el envío existe y si sigue vigente, sin ver las respuestas:\n\n{direccion}\n\n"
        "Si no pidió este correo, no haga nada: no da acceso a las respuestas.\n"
    )
    return f"Comprobante {folio}", cuerpo


DE_QUIEN = "El enlace es de su institución: quien lo tenga puede ver y cambiar su respuesta."
ES_ANONIMA = (
    "La respuesta es anónima: al enviarla se corta lo que la une a este enlace, que deja de servir, y ya no se puede corregir. "
    "Antes de enviar, quien tenga el enlace puede ver y cambiar su borrador."
)


def redactar_invitacion(
    titulo: str, region: str, nombre: str, enlace: str, hasta: str, *, anonima: bool = False
) -> tuple[str, str]:
    """Asunto y cuerpo de la invitación (y del recordatorio) a responder. `hasta`: el último día, o «»."""
    cuerpo = (
        f"{nombre}:\n\n"
        f"El Gobierno Regional de {region} y Sercotec le invitan a responder «{titulo}». Para comenzar, o para seguir lo que "
        f"ya tiene, abra este enlace en su teléfono o en su computador y presione «Seguir con mi borrador»:\n\n{enlace}\n\n"
        f"{f'Puede responder hasta el {hasta} a las 24:00, hora de Chile continental. ' if hasta else ''}"
        "Lo que escribe se guarda solo y puede parar cuando quiera. Nada se entrega hasta que presione «Enviar»; entonces "
        f"recibe un folio.\n\n{ES_ANONIMA if anonima else DE_QUIEN} Si ya respondió, no tiene que hacer nada.\n"
    )
    return f"Le invitamos a responder: {titulo}", cuerpo


def partir_enlaces(cuerpo: str) -> list[tuple[str, bool]]:
    """El texto en trozos, con los que son una dirección web marcados."""
    return [(trozo, bool(_ENLACE.fullmatch(trozo))) for trozo in _ENLACE.split(cuerpo) if trozo]
