"""Entrar con un proveedor de identidad (ClaveÚnica), si está configurado. El protocolo lo hace Authlib."""

from contextlib import suppress

from authlib.common.errors import AuthlibBaseError
from authlib.integrations.flask_client import FlaskOAuth2App, OAuth
from flask import Blueprint, abort, current_app, redirect, render_template, request, session, url_for
from flask_wtf.csrf import validate_csrf
from joserfc.errors import JoseError
from requests import RequestException
from wtforms.validators import ValidationError

from formularios import identidades
from formularios.configuracion import Oidc
from formularios.vistas import PUBLICO, nucleo, permitir, usuario_en_sesion
from formularios.vistas.sesion import comenzar, limitar

oidc = Blueprint("oidc", __name__, url_prefix="/oidc")

ESPERA = 10  # segundos, cada vez que se le pregunta algo al proveedor
VUELTAS = 60  # por hora y equipo


def _cliente() -> tuple[Oidc, FlaskOAuth2App]:
    """El proveedor y quien habla con él. 404 si no hay uno configurado. Lo que él publica se le pregunta una sola vez."""
    suyo = nucleo().configuracion.oidc or abort(404)
    guardado = current_app.extensions.get("focaliza-oidc")
    if guardado is None:
        guardado = OAuth(current_app).register(
            "oidc",
            client_id=suyo.cliente,
            client_secret=suyo.secreto,
            server_metadata_url=f"{suyo.emisor}/.well-known/openid-configuration",
            client_kwargs={"scope": "openid", "code_challenge_method": "S256", "default_timeout": ESPERA},
        )
        current_app.extensions["focaliza-oidc"] = guardado
    return suyo, guardado


@oidc.get("/")
@permitir(PUBLICO)
def ir() -> object:
    """Lleva al proveedor; con «vincular», para dejar esa identidad como suya. Lleva la ficha: otro sitio no puede pedirlo."""
    suyo, cliente = _cliente()
    session["vincular"] = False
    if "vincular" in request.args and usuario_en_sesion():
        with suppress(ValidationError):
            validate_csrf(request.args["vincular"])
            session["vincular"] = True
    try:
        return cliente.authorize_redirect(nucleo().configuracion.url_publica + url_for("oidc.volver"))
    except (AuthlibBaseError, RequestException, RuntimeError, ValueError):
        return _no_se_pudo(suyo, "no responde"), 502


@oidc.get("/volver")
@permitir(PUBLICO)
def volver() -> object:
    """Quien vuelve del proveedor: entra si su identidad está vinculada, o la vincula si eso pidió con su sesión abierta."""
    n, (suyo, cliente) = nucleo(), _cliente()
    limitar(f"oidc {request.remote_addr}", VUELTAS)
    exige = {"iss": {"essential": True, "values": [suyo.emisor]}, "aud": {"essential": True, "values": [suyo.cliente]}}
    vincular = session.pop("vincular", False)
    try:
        dicho = cliente.authorize_access_token(claims_options=exige).get("userinfo") or {}
    except RequestException:
        return _no_se_pudo(suyo, "no responde"), 502
    except (AuthlibBaseError, JoseError, RuntimeError, ValueError):
        dicho = {}
    if not dicho.get("sub"):
        return _no_se_pudo(suyo, "no confirmó quién es usted"), 403
    huella = identidades.huella_de(n.configuracion.clave, suyo.emisor, str(dicho["sub"]))
    usuario = usuario_en_sesion()
    if vincular and usuario:
        hecho = identidades.vincular(n.almacen, usuario.id, huella, ahora_utc=n.reloj())
        return redirect(url_for("cuenta.ver", hecho="vinculada" if hecho else "ajena"), 303)
    usuario = identidades.quien_es(n.almacen, huella, ahora_utc=n.reloj())
    if usuario is None:
        return render_template("oidc_sin_vincular.html", proveedor=suyo.nombre), 403
    return comenzar(usuario, "oidc")


def _no_se_pudo(suyo: Oidc, que: str) -> str:
    return render_template("oidc_falla.html", proveedor=suyo.nombre, que=que)
