"""Entrar y salir: un enlace de un solo uso por correo. El GET del enlace no lo gasta; el POST lo canjea."""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for

from formularios import correo, sesiones
from formularios.accesos import canjear_acceso, pedir_acceso
from formularios.bandeja import ultimos
from formularios.entrevista import cerrar
from formularios.roles import ROLES, VEN
from formularios.vistas import PUBLICO, mis_lugares, nucleo, permitir, usuario_en_sesion
from formularios.vistas.en_curso import sin_entrevistas
from formularios.vistas.sesion import comenzar, limitar

acceso = Blueprint("acceso", __name__)

POR_EQUIPO, POR_CORREO, CANJES = 30, 5, 60  # por hora


@acceso.get("/entrar")
@permitir(PUBLICO)
def entrar() -> object:
    return render_template("entrar.html", oidc=nucleo().configuracion.oidc)


@acceso.post("/entrar")
@permitir(PUBLICO)
def pedir() -> object:
    """Deja el enlace en la bandeja. Responde lo mismo exista o no el correo."""
    n = nucleo()
    direccion = request.form.get("correo", "").strip()
    if "@" not in direccion or len(direccion) > 200:
        error = "Escriba su correo completo, como nombre@institucion.cl."
        return render_template("entrar.html", error=error, correo=direccion[:200], oidc=n.configuracion.oidc), 400
    limitar(f"entrar {request.remote_addr}", POR_EQUIPO)
    limitar(f"entrar {direccion.lower()}", POR_CORREO)

    def redactar(secreto: str) -> tuple[str, str]:
        return correo.redactar_acceso(n.configuracion.url_publica + url_for("acceso.enlace", secreto=secreto))

    pedir_acceso(n.almacen, direccion, redactar=redactar, ahora_utc=n.reloj())
    return render_template("entrar_enviado.html", correo=direccion, minutos=correo.MINUTOS_DE_ENLACE)


@acceso.get("/entrar/<secreto>")
@permitir(PUBLICO)
def enlace(secreto: str) -> object:
    """Muestra un botón y no gasta nada: un lector de correo abre los enlaces antes que la persona."""
    return render_template("entrar_enlace.html", secreto=secreto)


@acceso.post("/entrar/<secreto>")
@permitir(PUBLICO)
def canjear(secreto: str) -> object:
    n = nucleo()
    limitar(f"canjear {request.remote_addr}", CANJES)
    usuario = canjear_acceso(n.almacen, secreto, ahora_utc=n.reloj())
    if usuario is None:
        return render_template("entrar_vencido.html"), 403
    return comenzar(usuario, "enlace")


@acceso.get("/mis-regiones/")
@permitir(*VEN)
def mis_regiones() -> object:
    """Lo que puede quien entró, en cada lugar."""
    usuario = usuario_en_sesion()
    suyas = [(lugar, [r for r in ROLES if r in usuario.roles_en(*lugar)]) for lugar in mis_lugares(usuario)]
    return render_template("mis_regiones.html", suyas=suyas)


@acceso.post("/salir")
@permitir(PUBLICO)
def salir() -> object:
    """Olvida todo lo de este navegador. Lo de una entrevista es de otra persona: se cierra, y se borran sus copias locales."""
    _, entrevistas = sin_entrevistas()
    sesiones.cerrar(nucleo().almacen, session.get("ficha", ""))
    session.clear()
    respuesta = redirect(url_for("publico.portada"), 303)
    if entrevistas:
        cerrar(nucleo().almacen, entrevistas)
        respuesta.headers["Clear-Site-Data"] = '"storage"'
    return respuesta


@acceso.get("/bandeja")
@permitir(PUBLICO)
def bandeja() -> object:
    """Los correos de la demostración. Fuera de ella no existe."""
    n = nucleo()
    if not n.configuracion.demo:
        abort(404)
    correos = [(c, correo.partir_enlaces(c.cuerpo)) for c in ultimos(n.almacen, 30)]
    return render_template("bandeja.html", correos=correos)
