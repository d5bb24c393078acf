"""Revisar todo, enviar y recibir el comprobante. El mismo envío dos veces es un solo folio."""

from contextlib import suppress

from flask import Blueprint, abort, redirect, render_template, request, session, url_for

from esquemas.modelo import Esquema
from esquemas.tipos import TIPOS
from formularios import correo
from formularios.accesos import contar_intento
from formularios.bandeja import encolar
from formularios.borradores import Borrador, BorradorCambiado, BorradorInexistente, leer_borrador, nuevo_secreto, reabrir_borrador
from formularios.controles import id_de_problema
from formularios.convocatoria import EncuestaCerrada, exigir_abierta
from formularios.encuesta import enviar, mirar, seccion_de
from formularios.envio import EnvioRechazado
from formularios.expediente import PDF
from formularios.impreso import dibujar_qr
from formularios.recibido import ya_recibida
from formularios.tablero import comparar_con_anterior, detallar
from formularios.vistas import PUBLICO, nucleo, permitir
from formularios.vistas.constancia import es_propia, leer_constancia
from formularios.vistas.en_curso import (
    borrador_en_curso,
    convocatoria_de,
    en_nombre_de,
    ir_a_comprobante,
    leer_encuesta,
    olvidar_borrador,
    quien_envia,
    quitadas_de,
    recordar,
    titulos_de,
)
from formularios.vistas.expedientes import bajar

entrega = Blueprint("entrega", __name__, url_prefix="/encuestas")

CORREOS_POR_HORA = 5


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
    convocatoria = convocatoria_de(borrador)
    cerrada = convocatoria.cerrada(nucleo().reloj())
    faltas = () if cerrada else llenado.errores  # ya no hay qué corregir
    errores = [(seccion_de(esquema, p), id_de_problema(llenado, p), p) for p in faltas]
    return render_template(
        "encuesta_revisar.html",
        esquema=esquema,
        borrador=borrador,
        convocatoria=convocatoria,
        cerrada=cerrada,
        quitadas=quitadas_de(esquema, borrador).values(),
        llenado=llenado,
        errores=errores,
        titulos=titulos_de(esquema),
        con_error={(p.tabla, p.campo, p.indice or 0): p.mensaje for _, _, p in errores},
        cambiado=cambiado,
        foco=foco,
        entrevistado=en_nombre_de(esquema),
        vale=nuevo_secreto(),
    )


@entrega.post("/<id>/revisar/")
@permitir(PUBLICO)
def entregar(id: str) -> object:
    """Valida todo y entrega. Un doble clic da el mismo folio; con errores, nada se pierde."""
    n, esquema = nucleo(), leer_encuesta(id)
    vale = request.form.get("vale", "")
    if esquema.anonima and vale and (previo := ya_recibida(n.almacen, vale)):
        return ir_a_comprobante(esquema, previo.folio)
    borrador = borrador_en_curso(esquema)
    if borrador.envio:
        return ir_a_comprobante(esquema, borrador.envio)
    if request.form.get("borrador", borrador.id) != borrador.id:
        return _dibujar_revision(esquema, borrador, cambiado=True), 409
    revisada = request.form.get("revision") == str(borrador.revision)
    try:
        comun = {"revision": borrador.revision if revisada else -1, "ahora_utc": n.reloj(), "vale": vale}
        envio = enviar(n.almacen, n.catalogo, esquema, borrador, **comun, **quien_envia(esquema, borrador))
    except EnvioRechazado:
        return _dibujar_revision(esquema, borrador, foco=True), 422
    except BorradorCambiado:
        return _dibujar_revision(esquema, borrador_en_curso(esquema), cambiado=True), 409
    except EncuestaCerrada:
        return _dibujar_revision(esquema, borrador), 410
    if esquema.anonima:
        olvidar_borrador(esquema, borrador)
    return ir_a_comprobante(esquema, envio.folio)


@entrega.get("/<id>/copia.txt")
@permitir(PUBLICO)
def bajar_copia(id: str) -> object:
    """Lo escrito, para guardarlo o imprimirlo: sirve aunque la encuesta haya cerrado."""
    n, esquema = nucleo(), leer_encuesta(id)
    borrador = borrador_en_curso(esquema)
    llenado, convocatoria = mirar(n.catalogo, esquema, borrador), convocatoria_de(borrador)
    datos = {"esquema": esquema, "borrador": borrador, "llenado": llenado, "convocatoria": convocatoria}
    return bajar(render_template("encuesta_copia.txt", **datos).encode(), "text/plain; charset=utf-8", f"{id}-borrador.txt")


@entrega.get("/<id>/comprobante/<folio>")
@permitir(PUBLICO)
def comprobar(id: str, folio: str) -> object:
    """El comprobante, para quien envió; para cualquier otro, la verificación pública."""
    esquema = leer_encuesta(id)
    return _dibujar_comprobante(esquema, folio) if es_propia(folio) else _a_verificar(folio)


def _a_verificar(folio: str) -> object:
    return redirect(url_for("publico.verificar", folio=folio), 303)


def _dibujar_comprobante(esquema: Esquema, folio: str, *, error: str = "", enviado: bool = False) -> str:
    n, constancia, borrador = nucleo(), leer_constancia(esquema, folio), None
    detalle = detallar(n.almacen, folio)
    with suppress(BorradorInexistente):
        borrador = leer_borrador(n.almacen, dict(session["comprobantes"])[folio], ahora_utc=n.reloj())
    return render_template(
        "encuesta_comprobante.html",
        esquema=esquema,
        c=constancia.c,
        constancia=constancia,
        olvidado=session.pop("olvidar", borrador and borrador.id),
        cerrada=constancia.convocatoria.cerrada(n.reloj()),
        qr=dibujar_qr(constancia.direccion),
        cambios=detalle and comparar_con_anterior(n.almacen, esquema, detalle),
        error=error,
        enviado=enviado,
    )


@entrega.get("/<id>/comprobante/<folio>.pdf")
@permitir(PUBLICO)
def bajar_pdf(id: str, folio: str) -> object:
    """El mismo comprobante en PDF/A, con el mismo permiso."""
    esquema = leer_encuesta(id)
    if not es_propia(folio):
        return _a_verificar(folio)
    return bajar(leer_constancia(esquema, folio).pdf(), PDF, f"comprobante-{folio}.pdf")


@entrega.post("/<id>/comprobante/<folio>")
@permitir(PUBLICO)
def mandar_comprobante(id: str, folio: str) -> object:
    """Deja el comprobante en la bandeja, para esa dirección. No se guarda con el envío ni se usa para otra cosa."""
    n, esquema, direccion = nucleo(), leer_encuesta(id), request.form.get("correo", "").strip()
    if not es_propia(folio):
        return _a_verificar(folio)
    if esquema.anonima:
        abort(404)  # el folio y un correo no van juntos ni en la bandeja
    if not direccion or not isinstance(TIPOS["correo"].leer(direccion), str):
        return _dibujar_comprobante(esquema, folio, error="Escriba un correo completo, como nombre@institucion.cl."), 400
    if not contar_intento(
        n.almacen, f"comprobante {folio}", limite=CORREOS_POR_HORA, segundos=3600, ahora_utc=n.reloj()
    ):
        abort(429)
    k = leer_constancia(esquema, folio)
    datos = [(r.rotulo, r.valor) for r in k.renglones]
    asunto, cuerpo = correo.redactar_comprobante(esquema.titulo, folio, datos, k.direccion)
    encolar(n.almacen, para=direccion, asunto=asunto, cuerpo=cuerpo, ahora_utc=n.reloj(), adjunto=k.pdf())
    return _dibujar_comprobante(esquema, folio, enviado=True)


@entrega.post("/<id>/corregir/")
@permitir(PUBLICO)
def corregir(id: str) -> object:
    """Reabre el envío de ese folio, hasta el cierre: enviarlo otra vez da un folio nuevo y deja el anterior reemplazado."""
    n, esquema, folio = nucleo(), leer_encuesta(id), request.form.get("folio", "")
    if not es_propia(folio):
        raise BorradorInexistente
    secreto = dict(session["comprobantes"])[folio]
    recordar(esquema, secreto)
    # Si ya se corrigió y envió otra vez, no se reabre: la revisión lleva al comprobante nuevo.
    borrador = borrador_en_curso(esquema)
    if borrador.envio == folio:
        # Reabierto después del cierre no se podría volver a enviar, y quedaría como si no hubiera respondido.
        exigir_abierta(n.almacen, esquema.nombre, borrador.region, borrador.ejercicio, n.reloj())
        reabrir_borrador(n.almacen, secreto, ahora_utc=n.reloj())
    return redirect(url_for("entrega.revisar", id=id), 303)
