"""Mi cuenta: lo que puede quien entró, sus sesiones, su segundo factor y su identidad de afuera."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

from formularios import identidades, segundo_factor, sesiones
from formularios.accesos import leer_usuario
from formularios.impreso import dibujar_qr
from formularios.roles import VEN
from formularios.vistas import PUBLICO, nucleo, permitir, sesion_en_curso, usuario_en_sesion
from formularios.vistas.sesion import comenzar, limitar

cuenta = Blueprint("cuenta", __name__, url_prefix="/cuenta")

CODIGOS = 10  # intentos por hora y persona


@cuenta.get("/")
@permitir(*VEN)
def ver() -> str:
    return _dibujar()


def _dibujar(**resto: object) -> str:
    n, usuario = nucleo(), usuario_en_sesion()
    secreto = segundo_factor.para_el_telefono(n.almacen, usuario.id, usuario.correo, n.configuracion.clave)
    return render_template(
        "cuenta.html",
        usuario=usuario,
        otras=sesiones.contar(n.almacen, usuario.id, ahora_utc=n.reloj()) - 1,
        activo=segundo_factor.activo(n.almacen, usuario.id),
        quedan=segundo_factor.respaldos(n.almacen, usuario.id),
        secreto=secreto[0] if secreto else "",
        qr=dibujar_qr(secreto[1]) if secreto else "",
        horas=sesiones.HORAS_DE_SESION,
        sin_uso=sesiones.SIN_USO.seconds // 3600,
        oidc=n.configuracion.oidc,
        vinculada=identidades.tiene(n.almacen, usuario.id),
        **{"error": "", "nuevos": (), "hecho": request.args.get("hecho", ""), **resto},
    )


@cuenta.post("/")
@permitir(*VEN)
def actuar() -> object:
    """Hace lo que pide el botón."""
    accion = request.form.get("accion", "")
    return ACCIONES[accion]() if accion in ACCIONES else abort(400)


def _cerrar_otras() -> object:
    sesiones.cerrar_otras(nucleo().almacen, sesion_en_curso(), ahora_utc=nucleo().reloj())
    return _volver("cerradas")


def _preparar() -> object:
    segundo_factor.preparar(nucleo().almacen, usuario_en_sesion().id)
    return redirect(url_for("cuenta.ver", _anchor="segundo-factor"), 303)


def _activar() -> object:
    nuevos = segundo_factor.activar(*_escrito(), ahora_utc=nucleo().reloj())
    if nuevos is None:
        return _dibujar(error="Ese código no calza. Espere a que su teléfono muestre el siguiente y escríbalo."), 400
    sesiones.cerrar_otras(nucleo().almacen, sesion_en_curso(), ahora_utc=nucleo().reloj())  # se abrieron sin él
    return _dibujar(nuevos=nuevos)


def _quitar() -> object:
    escrito, n = _escrito(), nucleo()
    if not segundo_factor.comprobar(*escrito, ahora_utc=n.reloj()):
        return _dibujar(error="Ese código no calza, o ya se usó. Escriba el siguiente, o uno de respaldo."), 400
    usuario = usuario_en_sesion().id
    segundo_factor.quitar(n.almacen, usuario, autor=f"usuario {usuario}", ahora_utc=n.reloj())
    return _volver("quitado")


def _escrito() -> tuple[object, ...]:
    """Lo que piden `activar` y `comprobar`. 429 con demasiados intentos."""
    n, usuario = nucleo(), usuario_en_sesion().id
    limitar(f"codigo {usuario}", CODIGOS)
    return n.almacen, usuario, n.configuracion.clave, request.form.get("codigo", "")[:40]


def _desvincular() -> object:
    identidades.desvincular(nucleo().almacen, usuario_en_sesion().id, ahora_utc=nucleo().reloj())
    return _volver("desvinculada")


def _volver(hecho: str) -> object:
    return redirect(url_for("cuenta.ver", hecho=hecho), 303)


ACCIONES = {
    "cerrar": _cerrar_otras,
    "preparar": _preparar,
    "activar": _activar,
    "quitar": _quitar,
    "desvincular": _desvincular,
}


# --- El segundo paso al entrar ------------------------------------------------------------------------


@cuenta.get("/codigo/")
@permitir(PUBLICO)
def pedir_codigo(error: str = "") -> object:
    sesion = sesion_en_curso()
    if sesion is None or not sesion.pendiente:
        return redirect(url_for("acceso.entrar"), 303)
    return render_template("cuenta_codigo.html", error=error)


@cuenta.post("/codigo/")
@permitir(PUBLICO)
def dar_codigo() -> object:
    """Con el código bueno comienza la sesión de verdad, con otra ficha."""
    n, sesion = nucleo(), sesion_en_curso()
    usuario = leer_usuario(n.almacen, sesion.usuario) if sesion and sesion.pendiente else None
    if usuario is None:
        return redirect(url_for("acceso.entrar"), 303)
    limitar(f"codigo {usuario.id}", CODIGOS)
    codigo = request.form.get("codigo", "")[:40]
    if not segundo_factor.comprobar(n.almacen, usuario.id, n.configuracion.clave, codigo, ahora_utc=n.reloj()):
        return pedir_codigo("Ese código no calza, o ya se usó. Escriba el siguiente, o uno de respaldo."), 400
    return comenzar(usuario, sesion.con, paso=True)
