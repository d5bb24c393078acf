"""La aplicación web: reúne las vistas, las cabeceras de seguridad, los errores y el sitio ya construido."""

import hashlib
import importlib.metadata
import secrets
import time
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from flask import Flask, Response, g, request
from flask_wtf.csrf import CSRFProtect
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix
from whitenoise import WhiteNoise

from esquemas.modelo import Catalogo
from formularios.accesos import Usuario
from formularios.almacen import Almacen, AlmacenNoDisponible
from formularios.borradores import DIAS
from formularios.configuracion import Configuracion
from formularios.politica import politica_de
from formularios.roles import CENTRAL
from formularios.vigencia import ejercicio_en_curso
from formularios.vistas import Nucleo, exigir_permiso, mis_lugares, nucleo, puede, usuario_en_sesion
from formularios.vistas.acceso import acceso
from formularios.vistas.actos import TOPE_DE_PETICION, actos
from formularios.vistas.analisis import analisis, publicado
from formularios.vistas.archivos import archivos, tope_de_subida
from formularios.vistas.compresion import Compresor
from formularios.vistas.cuenta import cuenta
from formularios.vistas.derechos import derechos
from formularios.vistas.encuestas import encuestas
from formularios.vistas.entrega import entrega
from formularios.vistas.entregas import entregas
from formularios.vistas.entrevistas import entrevistas
from formularios.vistas.errores import exigir_texto_sano, registrar_errores
from formularios.vistas.escritura import FILTROS
from formularios.vistas.expedientes import expedientes
from formularios.vistas.filas import filas
from formularios.vistas.imprimible import imprimible
from formularios.vistas.llenado import llenado
from formularios.vistas.mapa import mapa
from formularios.vistas.matrices import matrices
from formularios.vistas.observaciones import observaciones
from formularios.vistas.oficios import oficios
from formularios.vistas.oidc import oidc
from formularios.vistas.propias import propias
from formularios.vistas.publico import publico, raiz
from formularios.vistas.regiones import regiones
from formularios.vistas.sercotec import sercotec
from formularios.vistas.solicitudes import lecturas, solicitudes
from formularios.vistas.subidas import subidas
from formularios.vistas.tablero_regional import cotejos

AQUI = Path(__file__).parent
PREFIJO = "/formularios"
TOPE = 1_000_000  # bytes de un formulario sin archivos
CAMPOS_DE_MAS = 5_000  # pares que ninguna pantalla tiene
_NUNCA = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
_COMUNES = {
    "X-Content-Type-Options": "nosniff",
    "Permissions-Policy": _NUNCA,
    "Cross-Origin-Opener-Policy": "same-origin",
    "X-Frame-Options": "DENY",
}

bitacora = structlog.get_logger("focaliza.web")


def crear_app(
    configuracion: Configuracion, catalogo: Catalogo, almacen: Almacen, reloj: Callable[[], datetime]
) -> Flask:
    """La aplicación lista para atender. `reloj` da la hora UTC; `almacen` ya está migrado."""
    app = Flask("formularios", root_path=str(AQUI), template_folder="plantillas", static_folder=None)
    app.jinja_options = {"trim_blocks": True, "lstrip_blocks": True, "undefined": StrictUndefined}
    tzdata = importlib.metadata.version("tzdata")
    app.extensions["focaliza"] = Nucleo(configuracion, catalogo, almacen, reloj, tzdata)
    _configurar(app, configuracion)
    app.before_request(_antes)
    app.before_request(exigir_texto_sano)
    CSRFProtect(app)
    app.before_request(exigir_permiso)
    app.after_request(_despues)
    app.register_blueprint(raiz)
    de_matriz = (matrices, filas, propias, subidas, entregas)
    de_region = (regiones, cotejos, entrevistas, *de_matriz, expedientes, actos, oficios, observaciones)
    vistas = (publico, encuestas, llenado, entrega, imprimible, publicado, archivos, acceso, cuenta, oidc, sercotec)
    for vista in (*vistas, *de_region, analisis, mapa, derechos, solicitudes, lecturas):
        app.register_blueprint(vista, url_prefix=PREFIJO + (vista.url_prefix or ""))
    registrar_errores(app)
    _preparar_plantillas(app, configuracion)
    comprimida = Compresor(_servir_archivos(app, configuracion), PREFIJO)
    # De los proxies, solo de dónde viene cada quien: la dirección pública la dice la configuración, no una cabecera.
    app.wsgi_app = ProxyFix(comprimida, x_for=configuracion.proxies, x_proto=0, x_host=0)
    return app


def _configurar(app: Flask, configuracion: Configuracion) -> None:
    segura = configuracion.segura
    app.config.update(
        SECRET_KEY=configuracion.clave,
        MAX_CONTENT_LENGTH=TOPE,
        MAX_FORM_MEMORY_SIZE=TOPE,
        MAX_FORM_PARTS=CAMPOS_DE_MAS,
        SESSION_COOKIE_NAME="__Host-focaliza" if segura else "focaliza",
        SESSION_COOKIE_SECURE=segura,
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        PERMANENT_SESSION_LIFETIME=timedelta(days=DIAS),
        # Quien demora una hora en una pantalla no debe perderla; la ficha vence con la sesión.
        WTF_CSRF_TIME_LIMIT=None,
        # Las páginas con un secreto en la dirección no mandan Referer; bastan la ficha y SameSite.
        WTF_CSRF_SSL_STRICT=False,
    )


def _antes() -> None:
    """Antes que nadie lea el cuerpo: la hora de llegada, el nonce y cuánto se acepta."""
    g.inicio, g.nonce = time.perf_counter(), secrets.token_urlsafe(16)
    if request.endpoint in ("archivos.validar", "subidas.comparar"):
        request.max_content_length = tope_de_subida((request.view_args or {}).get("formato", ""))
    elif request.endpoint == "actos.hacer":
        request.max_content_length = TOPE_DE_PETICION


def _despues(respuesta: Response) -> Response:
    con_secreto = "secreto" in (request.view_args or {})
    respuesta.headers.update(_COMUNES)
    respuesta.headers["Referrer-Policy"] = "no-referrer" if con_secreto else "same-origin"
    respuesta.headers["Content-Security-Policy"] = (
        f"default-src 'none'; script-src 'nonce-{g.get('nonce', '')}'; style-src 'self'; img-src 'self'; "
        "connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'"
    )
    respuesta.headers["Cache-Control"] = "no-store"
    regla = request.url_rule.rule if request.url_rule else "(sin ruta)"
    # La regla y no la dirección: ahí pueden ir secretos y folios.
    bitacora.info(
        "peticion",
        metodo=request.method,
        ruta=regla,
        estado=respuesta.status_code,
        ms=round((time.perf_counter() - g.get("inicio", time.perf_counter())) * 1000, 1),
    )
    return respuesta


def _preparar_plantillas(app: Flask, configuracion: Configuracion) -> None:
    app.jinja_env.filters.update(FILTROS)
    archivos_propios = (*sorted((AQUI / "estaticos").iterdir()), *sorted(_estilo_comun().glob("*.css")))
    suma = hashlib.sha256(b"".join(a.read_bytes() for a in archivos_propios if a.is_file())).hexdigest()[:8]

    @app.context_processor
    def comunes() -> dict[str, object]:
        return {
            "nonce": g.get("nonce", ""),
            "quien": _quien,
            "puede": puede,
            "mis_lugares": mis_lugares,
            "central": lambda usuario: bool(usuario.roles & set(CENTRAL)),
            "en_curso": lambda: ejercicio_en_curso(nucleo().reloj()),
            "ahora": lambda: nucleo().reloj(),
            "demo": configuracion.demo,
            "huella_estaticos": suma,
            "hay_sitio": (configuracion.sitio / "index.html").exists(),
        }


def _quien() -> Usuario | None:
    """Quien entró, o nadie si la base no responde: la página de error también lleva encabezado."""
    try:
        return usuario_en_sesion()
    except AlmacenNoDisponible:
        return None


def _estilo_comun() -> Path:
    """Los tonos que comparten el sitio y los formularios."""
    return AQUI.parent / "sitio" / "estilo"


def _servir_archivos(app: Flask, configuracion: Configuracion) -> WhiteNoise:
    """El sitio construido en «/», y lo propio de los formularios bajo su prefijo."""

    def cabeceras(encabezados, ruta: str, _url: str) -> None:
        for nombre, valor in {**_COMUNES, "Referrer-Policy": "same-origin"}.items():
            encabezados[nombre] = valor
        if ruta.endswith(".html"):
            html = Path(ruta).read_text(encoding="utf-8", errors="replace")
            encabezados["Content-Security-Policy"] = politica_de(html)

    tipos = {".ics": "text/calendar"}  # sin él, un calendario llega como bytes y hay agendas que no lo leen
    sirve = WhiteNoise(app.wsgi_app, index_file=True, max_age=3600, add_headers_function=cabeceras, mimetypes=tipos)
    sirve.add_files(str(AQUI / "estaticos"), prefix=f"{PREFIJO}/estaticos/")
    if _estilo_comun().is_dir():
        sirve.add_files(str(_estilo_comun()), prefix=f"{PREFIJO}/estilo/")
    if configuracion.sitio.is_dir():
        sirve.add_files(str(configuracion.sitio), prefix="/")
    return sirve
