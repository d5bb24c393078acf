"""Lo que comparten las vistas de una encuesta: cuál es, en qué borrador se está y a dónde se sigue."""

from flask import abort, redirect, session, url_for

from esquemas.modelo import Esquema, Seccion
from formularios.borradores import Borrador, BorradorInexistente, leer_borrador
from formularios.vistas import nucleo

FOLIOS_RECORDADOS = 10


def leer_encuesta(nombre: str) -> Esquema:
    esquema = nucleo().catalogo.esquemas.get(nombre)
    if esquema is None or not esquema.es_encuesta:
        abort(404)
    return esquema


def leer_seccion(esquema: Esquema, nombre: str) -> Seccion:
    return next((s for s in esquema.secciones if s.nombre == nombre), None) or abort(404)


def secreto_de(esquema: Esquema) -> str:
    return session.get("borradores", {}).get(esquema.nombre, "")


def recordar(esquema: Esquema, secreto: str) -> None:
    session["borradores"] = {**session.get("borradores", {}), esquema.nombre: secreto}
    session.permanent = True


def borrador_en_curso(esquema: Esquema) -> Borrador:
    """El de este navegador. BorradorInexistente lo atiende la aplicación con su página."""
    borrador = leer_borrador(nucleo().almacen, secreto_de(esquema), ahora_utc=nucleo().reloj())
    if borrador.esquema != esquema.nombre:
        raise BorradorInexistente
    return borrador


def ir_a_seccion(esquema: Esquema, seccion: Seccion, ancla: str = "", **consulta: str) -> object:
    pedido = {k: v for k, v in consulta.items() if v}
    url = url_for("llenado.llenar", id=esquema.nombre, seccion=seccion.nombre, _anchor=ancla or None, **pedido)
    return redirect(url, 303)


def ir_a_comprobante(esquema: Esquema, folio: str) -> object:
    folios = [f for f in session.get("folios", []) if f != folio]
    session["folios"] = [*folios, folio][-FOLIOS_RECORDADOS:]
    session.permanent = True
    return redirect(url_for("entrega.comprobar", id=esquema.nombre, folio=folio), 303)
