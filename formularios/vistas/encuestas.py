"""Comenzar una encuesta, dejarla en pausa y retomarla por su enlace, en este o en otro equipo."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Esquema
from esquemas.privacidad import aviso_de
from esquemas.tipos import TIPOS
from formularios import correo
from formularios.accesos import contar_intento
from formularios.bandeja import encolar
from formularios.borradores import Borrador, BorradorInexistente, crear_borrador, leer_borrador, otra_llave
from formularios.convocatoria import (
    DIAS_DE_CODIGO,
    admite_a_cualquiera,
    anotar_apertura,
    cambiar_llaves,
    exigir_abierta,
    leer_codigo,
    otro_codigo,
    regiones_publicas,
)
from formularios.entrevista import es_de_entrevista
from formularios.vigencia import abiertos, ejercicios_de
from formularios.vistas import PUBLICO, nucleo, permitir
from formularios.vistas.en_curso import (
    borrador_en_curso,
    conocidos,
    convocatoria_de,
    en_nombre_de,
    ir_a_comprobante,
    ir_a_seccion,
    leer_encuesta,
    quitadas_de,
    recordar,
    secreto_de,
)
from formularios.vistas.escritura import fecha_chile

encuestas = Blueprint("encuestas", __name__, url_prefix="/encuestas")

CORREOS_POR_HORA = 5
CODIGOS_POR_HORA = 20
CON_CODIGO = f"Si el otro equipo no tiene este correo, abra ahí {{}} y escriba el código {{}}. Dura {DIAS_DE_CODIGO} días.\n\n"


@encuestas.get("/<id>/")
@permitir(PUBLICO)
def portada(id: str) -> object:
    return _dibujar_portada(leer_encuesta(id))


def _dibujar_portada(esquema: Esquema, errores: dict[str, str] | None = None) -> str:
    n, usados = nucleo(), conocidos(esquema)
    ahora = n.reloj()
    todas = {o.codigo: o for o in n.catalogo.opciones["regiones"].opciones}
    abiertas = regiones_publicas(n.almacen, esquema, ejercicios_de(ahora), todas)
    return render_template(
        "encuesta_portada.html",
        esquema=esquema,
        aviso=aviso_de(n.catalogo, esquema),
        plazo=abiertos(n.catalogo, ahora).get(esquema.nombre),
        regiones=[todas[r] for r in abiertas],
        ejercicios=ejercicios_de(ahora),
        borradores=[(s, b) for s, b in usados if b.revision and not b.envio],
        enviados=[b.envio for _, b in usados if b.envio],
        errores=errores or {},
        elegido=request.form or request.args,
    )


@encuestas.post("/<id>/")
@permitir(PUBLICO)
def comenzar(id: str) -> object:
    """Crea el borrador; su secreto queda en la cookie de sesión y solo su huella en la base."""
    n, esquema = nucleo(), leer_encuesta(id)
    region, ejercicio = request.form.get("region", ""), request.form.get("ejercicio", "")
    errores = {}
    if region not in {o.codigo for o in n.catalogo.opciones["regiones"].opciones}:
        errores["region"] = "Elija la región de la que va a responder."
    if ejercicio not in {str(e) for e in ejercicios_de(n.reloj())}:
        errores["ejercicio"] = "Elija el ejercicio: el año en que se usará el presupuesto."
    if not errores and not admite_a_cualquiera(n.almacen, esquema, region, int(ejercicio)):
        errores["region"] = "Esa región responde solo por invitación para ese ejercicio. Use el enlace o el código que recibió."
    elif not errores:
        exigir_abierta(n.almacen, esquema.nombre, region, int(ejercicio), n.reloj())
    if errores:
        return _dibujar_portada(esquema, errores), 400
    _, secreto = crear_borrador(
        n.almacen, esquema, region=region, ejercicio=int(ejercicio), ahora_utc=n.reloj()
    )
    recordar(esquema, secreto)
    return ir_a_seccion(esquema, esquema.secciones[0])


@encuestas.get("/<id>/retomar/<secreto>")
@permitir(PUBLICO)
def retomar(id: str, secreto: str) -> object:
    """Solo un botón: un lector de correo que abra el enlace no hace nada."""
    esquema = leer_encuesta(id)
    return render_template("encuesta_retomar.html", esquema=esquema, secreto=secreto, aviso=aviso_de(nucleo().catalogo, esquema))


@encuestas.post("/<id>/retomar/<secreto>")
@permitir(PUBLICO)
def canjear(id: str, secreto: str) -> object:
    """Cambia el enlace por la cookie y sigue en una dirección sin secreto."""
    n, esquema = nucleo(), leer_encuesta(id)
    borrador = leer_borrador(n.almacen, secreto, ahora_utc=n.reloj())
    if borrador.esquema != esquema.nombre or es_de_entrevista(secreto):
        raise BorradorInexistente
    return _seguir(esquema, borrador, secreto)


def _seguir(esquema: Esquema, borrador: Borrador, secreto: str) -> object:
    """Deja el borrador en curso y lleva a donde corresponda."""
    n = nucleo()
    anotar_apertura(n.almacen, borrador.id, ahora_utc=n.reloj())
    recordar(esquema, secreto)
    if borrador.envio:
        return ir_a_comprobante(esquema, borrador.envio)
    if borrador.datos:
        return redirect(url_for("entrega.revisar", id=esquema.nombre), 303)
    return ir_a_seccion(esquema, esquema.secciones[0])


@encuestas.get("/codigo/")
@permitir(PUBLICO)
def con_codigo() -> object:
    """Para quien recibió un código corto por otro medio."""
    return render_template("encuesta_codigo.html")


@encuestas.post("/codigo/")
@permitir(PUBLICO)
def canjear_codigo() -> object:
    """Cambia el código por la cookie. Los intentos se cuentan: es más corto que un enlace."""
    n, escrito = nucleo(), request.form.get("codigo", "")
    clave = f"codigo {request.remote_addr}"
    if not contar_intento(n.almacen, clave, limite=CODIGOS_POR_HORA, segundos=3600, ahora_utc=n.reloj()):
        abort(429)
    try:
        borrador = leer_borrador(n.almacen, leer_codigo(escrito), ahora_utc=n.reloj())
    except BorradorInexistente:
        error = "Ese código no existe o venció. Revise cada letra, o pida otro a quien se lo mandó."
        return render_template("encuesta_codigo.html", error=error, escrito=escrito[:30]), 404
    secreto = otra_llave(n.almacen, borrador, ahora_utc=n.reloj())
    return _seguir(leer_encuesta(borrador.esquema), borrador, secreto)


@encuestas.get("/<id>/pausa/")
@permitir(PUBLICO)
def pausa(id: str) -> object:
    """Dice qué quedó guardado y cómo seguir después."""
    return _dibujar_pausa(leer_encuesta(id))


def _dibujar_pausa(esquema: Esquema, *, error: str = "", enviado: bool = False) -> str:
    borrador = borrador_en_curso(esquema)
    return render_template(
        "encuesta_pausa.html",
        esquema=esquema,
        borrador=borrador,
        convocatoria=convocatoria_de(borrador),
        quitadas=quitadas_de(esquema, borrador).values(),
        enlace=_enlace(esquema),
        entrevistado=en_nombre_de(esquema),
        error=error,
        enviado=enviado,
    )


def _enlace(esquema: Esquema) -> str:
    ruta = url_for("encuestas.retomar", id=esquema.nombre, secreto=secreto_de(esquema))
    return nucleo().configuracion.url_publica + ruta


@encuestas.post("/<id>/pausa/")
@permitir(PUBLICO)
def mandar_enlace(id: str) -> object:
    """Deja en la bandeja el enlace del borrador, para seguir en otro equipo. La dirección no se guarda con él."""
    n, esquema = nucleo(), leer_encuesta(id)
    borrador, direccion = borrador_en_curso(esquema), request.form.get("correo", "").strip()
    if en_nombre_de(esquema):
        abort(403, "El enlace de una entrevista no se manda. Si la persona está en la lista, mándele el suyo.")
    if not direccion or not isinstance(TIPOS["correo"].leer(direccion), str):
        return _dibujar_pausa(esquema, error="Escriba un correo completo, como nombre@institucion.cl."), 400
    clave = f"enlace {borrador.id}"
    if not contar_intento(n.almacen, clave, limite=CORREOS_POR_HORA, segundos=3600, ahora_utc=n.reloj()):
        abort(429)
    vence, corto = fecha_chile(borrador.vence_utc), otro_codigo(n.almacen, borrador.id, ahora_utc=n.reloj())
    donde = n.configuracion.url_publica + url_for("encuestas.con_codigo")
    asunto, cuerpo = correo.redactar_borrador(esquema.titulo, _enlace(esquema), vence, CON_CODIGO.format(donde, corto))
    encolar(n.almacen, para=direccion, asunto=asunto, cuerpo=cuerpo, ahora_utc=n.reloj())
    return _dibujar_pausa(esquema, enviado=True)


@encuestas.post("/<id>/pausa/enlace/")
@permitir(PUBLICO)
def cambiar_enlace(id: str) -> object:
    """Los enlaces y códigos de antes dejan de servir, también en otros equipos; este sigue con uno nuevo."""
    n, esquema = nucleo(), leer_encuesta(id)
    borrador = borrador_en_curso(esquema)
    if en_nombre_de(esquema):
        abort(403, "El enlace de una entrevista vale solo mientras dura su sesión. Presione «Salir» para que deje de servir.")
    secreto = cambiar_llaves(n.almacen, borrador.id, ahora_utc=n.reloj())
    recordar(esquema, secreto)
    return redirect(url_for("encuestas.pausa", id=id, cambiado=1), 303)
