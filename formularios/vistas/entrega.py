"""Revisar todo, enviar y recibir el comprobante. El mismo envío dos veces es un solo folio."""

from flask import Blueprint, abort, redirect, render_template, request, session, url_for

from esquemas.modelo import Esquema
from formularios.borradores import Borrador, BorradorCambiado, BorradorInexistente, reabrir_borrador
from formularios.controles import id_de_problema
from formularios.convocatoria import exigir_abierta, leer_convocatoria
from formularios.encuesta import enviar, mirar, seccion_de
from formularios.envio import EnvioRechazado
from formularios.recepcion import comprobante
from formularios.vistas import PUBLICO, nucleo, permitir
from formularios.vistas.en_curso import borrador_en_curso, convocatoria_de, ir_a_comprobante, leer_encuesta, recordar, titulos_de

entrega = Blueprint("entrega", __name__, url_prefix="/encuestas")


@entrega.get("/<id>/revisar/")
@permitir(PUBLICO)
def revisar(id: str) -> object:
    esquema = leer_encuesta(id)
    borrador = borrador_en_curso(esquema)
    if borrador.envio:
        return ir_a_comprobante(esquema, borrador.envio)
    return _dibujar_revision(esquema, borrador)


def _dibujar_revision(esquema: Esquema, borrador: Borrador, *, cambiado: bool = False, foco: bool = False) -> str:
    llenado = mirar(nucleo().catalogo, esquema, borrador)
    errores = [(seccion_de(esquema, p), id_de_problema(llenado, p), p) for p in llenado.errores]
    return render_template(
        "encuesta_revisar.html",
        esquema=esquema,
        borrador=borrador,
        convocatoria=convocatoria_de(borrador),
        llenado=llenado,
        errores=errores,
        titulos=titulos_de(esquema),
        con_error={(p.tabla, p.campo, p.indice or 0): p.mensaje for _, _, p in errores},
        cambiado=cambiado,
        foco=foco,
    )


@entrega.post("/<id>/revisar/")
@permitir(PUBLICO)
def entregar(id: str) -> object:
    """Valida todo y entrega. Un doble clic da el mismo folio; con errores, nada se pierde."""
    n, esquema = nucleo(), leer_encuesta(id)
    borrador = borrador_en_curso(esquema)
    if borrador.envio:
        return ir_a_comprobante(esquema, borrador.envio)
    revision = request.form.get("revision", "")
    numero = int(revision) if revision.isdecimal() else -1
    try:
        envio = enviar(n.almacen, n.catalogo, esquema, borrador, revision=numero, ahora_utc=n.reloj())
    except EnvioRechazado:
        return _dibujar_revision(esquema, borrador, foco=True), 422
    except BorradorCambiado:
        return _dibujar_revision(esquema, borrador_en_curso(esquema), cambiado=True), 409
    return ir_a_comprobante(esquema, envio.folio)


@entrega.get("/<id>/comprobante/<folio>")
@permitir(PUBLICO)
def comprobar(id: str, folio: str) -> object:
    """El comprobante, para quien envió; para cualquier otro, la verificación pública."""
    n, esquema = nucleo(), leer_encuesta(id)
    if folio not in dict(session.get("comprobantes", [])):
        return redirect(url_for("publico.verificar", folio=folio), 303)
    prueba = comprobante(n.almacen, folio)
    if prueba is None or prueba.esquema != esquema.nombre:
        abort(404)
    direccion = n.configuracion.url_publica + url_for("publico.verificar", folio=folio)
    cuando = leer_convocatoria(n.almacen, prueba.esquema, prueba.region, prueba.ejercicio)
    return render_template(
        "encuesta_comprobante.html", esquema=esquema, c=prueba, direccion=direccion, convocatoria=cuando
    )


@entrega.post("/<id>/corregir/")
@permitir(PUBLICO)
def corregir(id: str) -> object:
    """Reabre el envío de ese folio, hasta el cierre: al enviarlo otra vez habrá un folio nuevo que lo reemplaza."""
    n, esquema, folio = nucleo(), leer_encuesta(id), request.form.get("folio", "")
    secreto = dict(session.get("comprobantes", [])).get(folio)
    if secreto is None:
        raise BorradorInexistente
    recordar(esquema, secreto)
    # Si ya se corrigió y envió otra vez, no se reabre: la revisión lleva al comprobante nuevo.
    borrador = borrador_en_curso(esquema)
    if borrador.envio == folio:
        exigir_abierta(n.almacen, esquema.nombre, borrador.region, borrador.ejercicio, n.reloj())
        reabrir_borrador(n.almacen, secreto, ahora_utc=n.reloj())
    return redirect(url_for("entrega.revisar", id=id), 303)
