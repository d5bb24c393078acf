"""El equipo de una región: a quién se invita a responder cada encuesta y en qué va. Su tablero está aparte."""

from collections import Counter
from datetime import date

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Esquema
from esquemas.tiempo import cierre
from formularios import convocatoria as casos
from formularios import correo
from formularios.bandeja import contar_pendientes
from formularios.convocatoria import SIN_INVITAR, Convocatoria
from formularios.entrevista import sin_terminar
from formularios.impreso import dibujar_qr
from formularios.roles import TRATAN, VEN
from formularios.vistas import anotar_pagina, exigir_su_region, nucleo, permitir, usuario_en_sesion
from formularios.vistas.en_curso import leer_encuesta

regiones = Blueprint("regiones", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>")

LOTES_POR_CLIC = 2
ESTADOS = {
    casos.SIN_INVITAR: "Sin invitar",
    casos.SIN_CORREO: "Invitado, sin correo",
    casos.POR_SALIR: "El correo está por salir",
    casos.REBOTADO: "El correo rebotó",
    casos.NO_ABIERTO: "No lo ha abierto",
    casos.EN_BORRADOR: "En borrador",
    casos.EN_ENTREVISTA: "En entrevista",
    casos.ENVIADO: "Enviado",
    casos.INVITADO: "Invitado",
}


regiones.before_request(exigir_su_region)


def autor() -> str:
    return f"usuario {usuario_en_sesion().id}"


@regiones.get("/cargar/<formato>/")
@permitir(*VEN)
def cargar(cut: str, ejercicio: int, formato: str) -> object:
    """Donde antes se cargaba un archivo: quien guardó esta dirección llega a donde se sube hoy."""
    if formato not in nucleo().catalogo.esquemas:
        abort(404)
    return redirect(url_for("subidas.subir", cut=cut, ejercicio=ejercicio, formato=formato), 301)


@regiones.get("/invitaciones/<id>/")
@permitir(*TRATAN)
def invitaciones(cut: str, ejercicio: int, id: str) -> object:
    return _dibujar(leer_encuesta(id), cut, ejercicio)


def _dibujar(esquema: Esquema, cut: str, ejercicio: int, **resto: object) -> str:
    n = nucleo()
    if not esquema.invitados:
        abort(404)
    invitados = casos.leer_invitados(n.almacen, esquema, cut, ejercicio)
    afuera = sin_terminar(n.almacen, esquema, cut, ejercicio)
    if invitados or afuera:
        anotar_pagina(f"invitaciones {esquema.nombre} {cut} {ejercicio}")
    vistos = None if invitados is None else casos.a_la_vista(esquema, invitados)
    publica = n.configuracion.url_publica + url_for("encuestas.portada", id=esquema.nombre, region=cut, ejercicio=ejercicio)
    return render_template(
        "invitaciones.html",
        esquema=esquema,
        cut=cut,
        ejercicio=ejercicio,
        invitados=vistos,
        faltan=any(i.estado in casos.PENDIENTES for i in invitados or ()),
        respondieron=sum(i.estado == casos.ENVIADO for i in invitados or ()),
        afuera=afuera,
        sin_llegar=casos.SIN_LLEGAR,
        matriz=n.catalogo.esquemas[esquema.invitados["esquema"]],
        cuenta=Counter(i.estado for i in vistos or ()),
        estados=ESTADOS,
        sin_invitar=SIN_INVITAR,
        convocatoria=casos.leer_convocatoria(n.almacen, esquema.nombre, cut, ejercicio),
        publica=publica,
        qr=dibujar_qr(publica),
        en_espera=contar_pendientes(n.almacen),
        hay_servidor=bool(n.configuracion.correo),
        **resto,
    )


@regiones.post("/invitaciones/<id>/")
@permitir(*TRATAN)
def actuar(cut: str, ejercicio: int, id: str) -> object:
    """Hace lo que pide el botón: `accion` y, si es sobre uno, su código: «compartir:ACT-01»."""
    accion, _, codigo = request.form.get("accion", "").partition(":")
    if accion not in ACCIONES:
        abort(400)
    return ACCIONES[accion](leer_encuesta(id), cut, ejercicio, codigo)


def _invitar(esquema: Esquema, cut: str, ejercicio: int, _: str) -> object:
    elegidos = request.form.getlist("codigo")
    if not elegidos:
        return _dibujar(esquema, cut, ejercicio, error="Marque a quiénes quiere invitar."), 400
    hechos = casos.invitar(nucleo().almacen, esquema, cut, ejercicio, elegidos, **_con_redactor(esquema, cut, ejercicio))
    return _volver(cut, ejercicio, esquema.nombre, invitados=len(hechos))


def _recordar(esquema: Esquema, cut: str, ejercicio: int, _: str) -> object:
    hechos = casos.recordar(nucleo().almacen, esquema, cut, ejercicio, **_con_redactor(esquema, cut, ejercicio))
    return _volver(cut, ejercicio, esquema.nombre, recordados=len(hechos))


def _reenviar(esquema: Esquema, cut: str, ejercicio: int, codigo: str) -> object:
    """Lo que no llegó se manda a la dirección que hoy dice la matriz, con el mismo borrador."""
    hecho = casos.reenviar(nucleo().almacen, esquema, cut, ejercicio, codigo, **_con_redactor(esquema, cut, ejercicio))
    return _volver(cut, ejercicio, esquema.nombre, reenviados=int(hecho is not None))


def _con_redactor(esquema: Esquema, cut: str, ejercicio: int) -> dict[str, object]:
    n = nucleo()
    convocatoria = casos.leer_convocatoria(n.almacen, esquema.nombre, cut, ejercicio)
    redactar = correo.redactor_de_invitacion(n.catalogo, esquema, convocatoria, n.configuracion.url_publica)
    return {"redactar": redactar, "autor": autor(), "ahora_utc": n.reloj()}


def _despachar(esquema: Esquema, cut: str, ejercicio: int, _: str) -> object:
    """Entrega los correos que esperan, de a pocos para que la página no demore. Sin servidor, la página lo dice."""
    n = nucleo()
    hecho = correo.despachar(n.almacen, correo.leer_servidor(n.configuracion.correo), reloj=n.reloj, lotes=LOTES_POR_CLIC)
    return _dibujar(esquema, cut, ejercicio, despacho=hecho)


def _volver(cut: str, ejercicio: int, id: str, **hecho: int) -> object:
    return redirect(url_for("regiones.invitaciones", cut=cut, ejercicio=ejercicio, id=id, **hecho), 303)


@regiones.post("/invitaciones/<id>/convocatoria/")
@permitir(*TRATAN)
def convocar(cut: str, ejercicio: int, id: str) -> object:
    """Fija el cierre y si responde cualquiera con la dirección de la región."""
    n, esquema = nucleo(), leer_encuesta(id)
    escrito, cierra = request.form.get("cierre", "").strip(), None
    if escrito:
        try:
            cierra = cierre(date.fromisoformat(escrito))
        except ValueError:
            malo = f"«{escrito[:20]}» no es una fecha. Escríbala otra vez."
            return _dibujar(esquema, cut, ejercicio, error_de_cierre=malo), 400
    hay = casos.leer_convocatoria(n.almacen, id, cut, ejercicio)
    if request.form.get("visto", ahora := f"{hay.publica} {hay.ultimo_dia}") != ahora:
        malo = f"Otra persona cambió la convocatoria: está como se ve. Usted pidió «{escrito[:20] or 'sin cierre'}»."
        return _dibujar(esquema, cut, ejercicio, error_de_cierre=malo), 409
    nueva = Convocatoria(esquema.nombre, cut, ejercicio, request.form.get("publica") == "si", cierra)
    casos.cambiar_convocatoria(n.almacen, nueva, autor=autor(), ahora_utc=n.reloj())
    return _volver(cut, ejercicio, id, guardada=1)


def _compartir(esquema: Esquema, cut: str, ejercicio: int, codigo: str) -> object:
    """Un enlace, un código corto y un QR de un invitado, para mandarlos por otro medio o imprimirlos. Se ven una sola vez."""
    n = nucleo()
    hecho = casos.compartir(n.almacen, esquema, cut, ejercicio, codigo, autor=autor(), ahora_utc=n.reloj())
    if hecho is None:
        error = f"A {codigo[:20]} todavía no se le ha invitado{', o ya respondió' if esquema.anonima else ''}."
        return _dibujar(esquema, cut, ejercicio, error=error), 404
    invitado, secreto, corto = hecho
    anotar_pagina(f"invitaciones {esquema.nombre} {cut} {ejercicio}")
    enlace = correo.enlace_de_borrador(n.configuracion.url_publica, esquema.nombre, secreto)
    qr = dibujar_qr(enlace)
    return render_template(
        "invitacion_compartir.html",
        esquema=esquema,
        cut=cut,
        ejercicio=ejercicio,
        invitado=invitado,
        enlace=enlace,
        corto=corto,
        qr=qr,
        dias=casos.DIAS_DE_CODIGO,
        donde=n.configuracion.url_publica + url_for("encuestas.con_codigo"),
    )


def _revocar(esquema: Esquema, cut: str, ejercicio: int, codigo: str) -> object:
    """Los enlaces y códigos de ese invitado dejan de servir. Se le puede mandar otro."""
    n = nucleo()
    invitados = casos.leer_invitados(n.almacen, esquema, cut, ejercicio) or []
    invitado = next((i for i in invitados if i.codigo == codigo and i.estado != SIN_INVITAR), None) or abort(404)
    if invitado.borrador:  # si respondió una anónima, ya no hay qué revocar: y no se dice
        casos.revocar(n.almacen, invitado.borrador, autor=autor(), ahora_utc=n.reloj())
    return _volver(cut, ejercicio, esquema.nombre, revocado=1)


ACCIONES = {
    "invitar": _invitar,
    "recordar": _recordar,
    "reenviar": _reenviar,
    "despachar": _despachar,
    "compartir": _compartir,
    "revocar": _revocar,
}
