"""Lo que se dice cuando algo no se puede: siempre qué pasó, qué hacer y que nada escrito se perdió."""

import traceback
from contextlib import suppress
from dataclasses import dataclass
from urllib.parse import unquote_to_bytes, urlsplit

import structlog
from flask import Flask, abort, render_template, request, session
from flask_wtf.csrf import CSRFError
from werkzeug.exceptions import HTTPException

from formularios.almacen import AlmacenNoDisponible
from formularios.apertura import FilaCerrada
from formularios.borradores import BorradorInexistente
from formularios.convocatoria import EncuestaCerrada
from formularios.entrevista import EntrevistaSinSesion
from formularios.fila_en_curso import FilaInexistente
from formularios.sesiones import HORAS_DE_SESION, SIN_USO
from formularios.vistas import FaltaEntrar, falta_entrar, nucleo

CAMPOS_A_LA_VISTA = 2_000
MARCOS = 6
bitacora = structlog.get_logger("focaliza.web")


@dataclass(frozen=True, slots=True)
class Explicacion:
    """El título y los pasos que se muestran con un código de estado."""

    titulo: str
    que_hacer: str


EXPLICACIONES = {
    400: Explicacion(
        "No se pudo leer lo que envió",
        "Vuelva atrás, recargue la página y envíe otra vez.",
    ),
    403: Explicacion(
        "No tiene permiso para esta página",
        "Si le corresponde, entre con el correo de su institución. Si ya entró, pida el permiso que le falta.",
    ),
    404: Explicacion(
        "Esta página no existe",
        "Revise que la dirección esté completa, o empiece desde la lista de formularios.",
    ),
    405: Explicacion(
        "Esta página no se usa así",
        "Vuelva a la página anterior y use sus botones.",
    ),
    409: Explicacion(
        "Eso ya no corresponde",
        "Algo cambió mientras tanto. Vuelva a la página anterior y recárguela.",
    ),
    413: Explicacion(
        "Lo que envió es demasiado grande",
        "Si es una planilla, el máximo es 5 MB: quite imágenes y hojas que no correspondan. Si es un PDF, la página "
        "dice cuánto cabe: escanéelo con menos detalle. Si es un formulario, "
        "acorte los textos: cada pregunta dice cuánto cabe. Lo que ya había guardado sigue guardado.",
    ),
    429: Explicacion(
        "Demasiados intentos seguidos",
        "Espere una hora y pruebe otra vez. Es una protección contra quienes adivinan correos.",
    ),
    500: Explicacion(
        "Algo falló de nuestro lado",
        "No es culpa suya. Lo que ya había guardado sigue guardado. Pruebe de nuevo en unos minutos.",
    ),
    503: Explicacion(
        "Ahora no se puede guardar",
        "No se entregó ningún folio. Espere unos minutos y use «Intentar de nuevo».",
    ),
}
SIN_FICHA = Explicacion(
    "La página venció antes de guardar",
    "Pasa si acaba de entrar otra vez, si borró las cookies, si su navegador no las acepta o si abrió esta página en dos "
    "ventanas. Acepte las cookies de este sitio y envíe otra vez. Lo que ya había guardado sigue en su borrador.",
)
VENCIDA = Explicacion(
    "Su sesión venció",
    f"Pasa tras {SIN_USO.seconds // 3600} horas sin usarla, a las {HORAS_DE_SESION} horas de entrar, si salió en otra pestaña "
    "o si borró las cookies. No se guardó nada de esto. Entre otra vez.",
)
CERRADA = Explicacion(
    "Eso está cerrado y no se cambió",
    "No se guardó nada de esto. Si escribió algo, está aquí abajo para copiarlo; cuando se abra, puede intentarlo otra vez.",
)
DE_LLENADO = ("c.", "g.")  # cómo empiezan los nombres de lo que escribe la persona
TEXTO_ROTO = (
    "El texto llegó dañado: no está en UTF-8, o trae un carácter que no es texto. "
    "Recargue la página y escríbalo otra vez. No se guardó nada."
)


def registrar_errores(app: Flask) -> None:
    """Cada error, con su página."""
    app.register_error_handler(CSRFError, _sin_ficha)
    app.register_error_handler(BorradorInexistente, _sin_borrador)
    app.register_error_handler(FilaInexistente, lambda _: _explicar(404))
    app.register_error_handler(FilaCerrada, lambda error: (_dibujar(409, CERRADA, str(error), devuelve=True), 409))
    app.register_error_handler(EncuestaCerrada, _cerrada)
    app.register_error_handler(EntrevistaSinSesion, _sin_sesion)
    app.register_error_handler(AlmacenNoDisponible, _sin_almacen)
    app.register_error_handler(FaltaEntrar, lambda _: (_dibujar(403, VENCIDA, devuelve=True), 403))
    app.register_error_handler(HTTPException, _http)
    app.register_error_handler(Exception, _imprevisto)


def exigir_texto_sano() -> None:
    """Un formulario que no llega en UTF-8 se rechaza entero: werkzeug lo aceptaría con el texto cambiado.

    También un NUL fuera de las respuestas, que se guardan como JSON: PostgreSQL no lo admite.
    """
    if request.mimetype == "application/x-www-form-urlencoded":  # antes que `request.form`, que deja sin cuerpo a `get_data`
        try:
            unquote_to_bytes(request.get_data()).decode("utf-8")
        except UnicodeDecodeError:
            abort(400, TEXTO_ROTO)
    elif any("\ufffd" in n or "\ufffd" in v for n, v in request.form.items(multi=True)):
        abort(400, TEXTO_ROTO)
    sueltos = (x for n, v in request.form.items(multi=True) if not n.startswith(DE_LLENADO) for x in (n, v))
    archivos = (a.filename or "" for a in request.files.values())
    if "\0" in request.path:
        abort(404)
    if any("\0" in x for x in (*request.args.values(), *sueltos, *archivos)):
        abort(400, TEXTO_ROTO)


def _explicar(codigo: int, detalle: str = "") -> tuple[str, int]:
    explicacion = EXPLICACIONES.get(codigo) or EXPLICACIONES[500 if codigo >= 500 else 400]
    return _dibujar(codigo, explicacion, detalle), codigo


def _http(error: HTTPException) -> object:
    codigo = error.code or 500
    if codigo < 400:
        return error
    # La descripción de werkzeug es en inglés; la propia llega por `abort(código, texto)`.
    propia = error.description if error.description != type(error).description else ""
    pagina, codigo = _explicar(codigo, propia or "")
    cabeceras = {n: v for n, v in error.get_headers() if n.lower() not in ("content-type", "content-length")}
    return pagina, codigo, cabeceras


def _sin_ficha(_: CSRFError) -> object:
    """Lo escrito vuelve con una ficha nueva, solo si lo mandó una página de aquí: otro sitio no elige qué se reenvía."""
    que = SIN_FICHA
    with suppress(AlmacenNoDisponible):  # sin base no se sabe quién entró
        que = VENCIDA if falta_entrar() else SIN_FICHA
    return _dibujar(400, que, devuelve=_es_de_aqui(request.origin)), 400


def _es_de_aqui(direccion: str | None) -> bool:
    """Si es de este mismo sitio. Se mira sin `urlsplit`, que falla con una rota: la manda quien quiera."""
    esquema, vacio, sitio, *_ = [*(direccion or "").split("/"), "", ""]
    nuestros = {request.host, urlsplit(nucleo().configuracion.url_publica).netloc}
    return esquema in ("http:", "https:") and not vacio and sitio in nuestros


def _sin_borrador(_: BorradorInexistente) -> object:
    id = (request.view_args or {}).get("id", "")
    esquema = nucleo().catalogo.esquemas.get(id)
    anonima = esquema is not None and esquema.anonima
    pagina = render_template("borrador_inexistente.html", id=id, escrito=_escrito(), propio=DE_LLENADO, anonima=anonima)
    return pagina, 404


def _escrito() -> list[tuple[str, str]]:
    """Lo que traía el formulario, para que vuelva en la página y no se pierda. El código del teléfono no vuelve."""
    if request.method != "POST" or request.blueprint == "cuenta":
        return []
    return [(n, v) for n, v in request.form.items(multi=True) if n != "csrf_token"][:CAMPOS_A_LA_VISTA]


def _cerrada(error: EncuestaCerrada) -> object:
    """Cuándo cerró y de qué norma sale. Lo guardado sigue guardado."""
    c = error.convocatoria
    return render_template("encuesta_cerrada.html", esquema=nucleo().catalogo.esquemas[c.esquema], c=c), 410


def _sin_almacen(error: AlmacenNoDisponible) -> object:
    """503 con la causa; lo escrito vuelve en la página para no perderlo."""
    bitacora.error("almacen", causa=error.causa)
    pagina = _dibujar(503, EXPLICACIONES[503], f"La causa: {error.causa}.", devuelve=True)
    return pagina, 503, {"Retry-After": "120"}


def _sin_sesion(_: EntrevistaSinSesion) -> object:
    """Lo que se acaba de escribir se muestra, para copiarlo: la entrevista se sigue con la sesión abierta."""
    escrito = [v for n, v in request.form.items(multi=True) if n.startswith(("c.", "g.")) and v.strip()]
    return render_template("entrevista_sin_sesion.html", escrito=escrito[:CAMPOS_A_LA_VISTA]), 403


def _dibujar(codigo: int, e: Explicacion, detalle: str = "", *, devuelve: bool = False) -> str:
    """`devuelve`: con lo escrito, para intentarlo otra vez. De un archivo vuelve solo el nombre: hay que elegirlo de nuevo."""
    escrito = _escrito() if devuelve else []
    archivos = [(n, a.filename) for n, a in request.files.items(multi=True) if a.filename] if devuelve else []
    volver = request.referrer if codigo == 413 and _es_de_aqui(request.referrer) else ""
    comun = {"propio": (*DE_LLENADO, "motivo"), "entrar": e is VENCIDA, "volver": volver}
    return render_template("error.html", codigo=codigo, e=e, detalle=detalle, escrito=escrito, archivos=archivos, **comun)


def _imprevisto(error: Exception) -> object:
    """Un defecto del programa. A la bitácora va dónde ocurrió, sin el mensaje: puede citar lo que alguien escribió."""
    marcos = traceback.extract_tb(error.__traceback__)[-MARCOS:]
    lugares = [f"{m.filename.rsplit('/', 2)[-1]}:{m.lineno} {m.name}" for m in marcos]
    bitacora.error("imprevisto", clase=type(error).__name__, lugares=lugares)
    session.modified = False
    return _explicar(500)
