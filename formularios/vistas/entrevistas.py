"""Un profesional responde en nombre de alguien que está con él: comenzar la entrevista. El llenado es el de siempre."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Esquema
from formularios import entrevista as casos
from formularios.borradores import leer_borrador
from formularios.convocatoria import Invitado, exigir_abierta
from formularios.roles import TRATAN
from formularios.vistas import anotar_pagina, exigir_su_region, nucleo, permitir, sesion_en_curso, usuario_en_sesion
from formularios.vistas.en_curso import ir_a_seccion, leer_encuesta, recordar

entrevistas = Blueprint("entrevistas", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/entrevistas")
entrevistas.before_request(exigir_su_region)


def _a_quien(esquema: Esquema, cut: str, ejercicio: int) -> Invitado | None:
    """A quién se pide entrevistar; None si es alguien nuevo. 404 si no está en la región, 409 si ya respondió."""
    codigo, borrador = request.values.get("codigo", ""), request.values.get("borrador", "")
    if not codigo and not borrador:
        return None
    quien = casos.buscar(nucleo().almacen, esquema, cut, ejercicio, codigo, borrador) or abort(404)
    if quien.folio:
        abort(409, f"{quien.nombre} ya respondió, con el folio {quien.folio}. Para corregirlo, mándele su enlace.")
    return quien


def _encuesta(id: str) -> Esquema:
    esquema = leer_encuesta(id)
    return esquema if esquema.invitados and not esquema.anonima else abort(404)


@entrevistas.get("/<id>/")
@permitir(*TRATAN)
def preparar(cut: str, ejercicio: int, id: str) -> object:
    """Qué se le dice a la persona antes de empezar, y su aceptación."""
    esquema = _encuesta(id)
    quien = _a_quien(esquema, cut, ejercicio)
    exigir_abierta(nucleo().almacen, id, cut, ejercicio, nucleo().reloj())
    return _dibujar(esquema, cut, ejercicio, quien)


def _dibujar(esquema: Esquema, cut: str, ejercicio: int, quien: Invitado | None, **errores: str) -> str:
    if quien:
        anotar_pagina(f"invitaciones {esquema.nombre} {cut} {ejercicio}")
    return render_template(
        "entrevista.html",
        esquema=esquema,
        cut=cut,
        ejercicio=ejercicio,
        invitado=quien,
        acepta=casos.ACEPTACION,
        largo=casos.LARGO_DE_NOMBRE,
        errores=errores,
        escrito=request.form,
    )


@entrevistas.post("/<id>/")
@permitir(*TRATAN)
def comenzar(cut: str, ejercicio: int, id: str) -> object:
    """Con la aceptación marcada, abre el borrador en este navegador mientras dure la sesión."""
    n, esquema = nucleo(), _encuesta(id)
    quien, nombre = _a_quien(esquema, cut, ejercicio), request.form.get("nombre", "").strip()
    errores = {}
    if not quien and not 0 < len(nombre) <= casos.LARGO_DE_NOMBRE:
        errores["nombre"] = f"Escriba el nombre de la institución, en {casos.LARGO_DE_NOMBRE} caracteres como máximo."
    if request.form.get("acepto") != "si":
        errores["acepto"] = "Sin su aceptación no se puede comenzar. Pregúntele a la persona y, si acepta, marque la casilla."
    if errores:
        return _dibujar(esquema, cut, ejercicio, quien, **errores), 400
    cual = {"codigo": quien.codigo, "borrador": quien.borrador} if quien else {"nombre": nombre}
    plazo = {"hasta_utc": sesion_en_curso().vence_utc, "ahora_utc": n.reloj()}
    secreto = casos.comenzar(n.almacen, esquema, cut, ejercicio, usuario=usuario_en_sesion(), **cual, **plazo) or abort(409)
    recordar(esquema, secreto)
    borrador = leer_borrador(n.almacen, secreto, ahora_utc=n.reloj())
    if borrador.revision == 0:
        return ir_a_seccion(esquema, esquema.secciones[0])
    anotar_pagina(f"borrador {borrador.id} de {id} {cut} {ejercicio} en entrevista")
    return redirect(url_for("entrega.revisar", id=id), 303)
