"""Llenar una sección: una pantalla que se guarda siempre, con o sin errores. Funciona sin JavaScript."""

from dataclasses import replace

from flask import Blueprint, redirect, render_template, request, url_for

from esquemas.modelo import Esquema, Seccion
from esquemas.privacidad import consentimiento_de
from formularios.borradores import Borrador, BorradorCambiado, BorradorEnviado, BorradorInexistente
from formularios.controles import Pregunta, Repetible, dibujar, id_de, id_de_problema
from formularios.encuesta import Llenado, guardar_pantalla, hay_algo, huella_de_pantalla, mirar, vecinas
from formularios.pantalla import Recibido, con_fila_nueva, leer_pantalla, sin_fila
from formularios.puesta_al_dia import rescatar
from formularios.vistas import PUBLICO, nucleo, permitir
from formularios.vistas.autoguardado import OTRA_VERSION, PISADO, YA_ENVIADO, anotado, no_anotado
from formularios.vistas.en_curso import (
    borrador_en_curso,
    convocatoria_de,
    en_nombre_de,
    ir_a_comprobante,
    ir_a_seccion,
    leer_encuesta,
    leer_seccion,
    quitadas_de,
    secreto_de,
    titulos_de,
)
from formularios.vistas.escritura import mostrar

llenado = Blueprint("llenado", __name__, url_prefix="/encuestas")


@llenado.get("/<id>/llenar/<seccion>/")
@permitir(PUBLICO)
def llenar(id: str, seccion: str) -> object:
    esquema = leer_encuesta(id)
    actual, borrador = leer_seccion(esquema, seccion), borrador_en_curso(esquema)
    if borrador.envio:
        return ir_a_comprobante(esquema, borrador.envio)
    llenado = mirar(nucleo().catalogo, esquema, borrador)
    return _dibujar_seccion(llenado, actual, con_errores="errores" in request.args)


def _dibujar_seccion(
    llenado: Llenado,
    seccion: Seccion,
    *,
    con_errores: bool,
    sobre: Borrador | None = None,
    ajenos: tuple[str, ...] = (),
) -> str:
    """`sobre`: lo guardado en otra pestaña, si lo que se dibuja es otra cosa que todavía no se guarda."""
    esquema, borrador = llenado.esquema, llenado.borrador
    nuevas = [n for n in request.args.get("nuevas", "").split(",") if n]
    bloques = dibujar(nucleo().catalogo, llenado, seccion, con_errores=con_errores, nuevas=nuevas)
    errores = [p for p in llenado.de_seccion(seccion) if p.es_error] if con_errores else []
    recientes = {id_de(n) for n in nuevas}
    lugares = [(id_de_problema(llenado, p), p) for p in errores]
    anterior, siguiente = vecinas(esquema, seccion)
    return render_template(
        "encuesta_seccion.html",
        esquema=esquema,
        borrador=borrador,
        convocatoria=convocatoria_de(borrador),
        seccion=seccion,
        numero=esquema.secciones.index(seccion) + 1,
        anterior=anterior,
        siguiente=siguiente,
        bloques=bloques,
        errores=[(lugar, p) for lugar, p in lugares if lugar not in recientes],
        titulos=titulos_de(esquema),
        nuevas=[(id, titulo) for nombre, id, titulo in _titulos(bloques) if nombre in nuevas],
        quitadas=quitadas_de(esquema, borrador),
        consentimientos={c.nombre: consentimiento_de(esquema, c) for c in esquema.campos},
        # En un conflicto la base es la de lo guardado: quien vuelve a guardar ya sabe qué reemplaza.
        base=huella_de_pantalla(sobre or borrador, seccion),
        conflicto=sobre is not None,
        de_otro=sobre is not None and not request.form.get("base", "").startswith(sobre.id),
        entrevistado=en_nombre_de(esquema),
        distintas=_distintas(llenado, seccion, sobre) if sobre else [],
        ajenos=ajenos,
    )


def _distintas(llenado: Llenado, seccion: Seccion, guardado: Borrador) -> list[tuple[str, str, str]]:
    """(título, lo guardado, lo de esta pantalla) de cada pregunta de la sección en que no dicen lo mismo."""
    esquema, otro, distintas = llenado.esquema, replace(llenado, borrador=guardado), []
    for campo in (c for c in esquema.campos if c.nombre in seccion.contenido):
        if (alla := otro.valor(campo)) != (aqui := llenado.valor(campo)):
            distintas.append((campo.titulo, mostrar(alla, campo), mostrar(aqui, campo)))
    for grupo in (g for g in esquema.grupos if g.nombre in seccion.contenido):
        alla, aqui = ([f for f in b.datos.get(grupo.nombre, ()) if hay_algo(f)] for b in (guardado, llenado.borrador))
        if alla != aqui:
            distintas.append((grupo.tabla.titulo, _contar(alla), _contar(aqui)))
    return distintas


def _contar(filas: list[dict[str, str]]) -> str:
    return "; ".join(", ".join(filter(None, f.values())) for f in filas)


def _titulos(bloques: list[Pregunta | Repetible]) -> list[tuple[str, str, str]]:
    """(nombre, id, título) de todo lo dibujado."""
    salida = []
    for bloque in bloques:
        if isinstance(bloque, Repetible):
            salida.append((f"g.{bloque.grupo.nombre}", bloque.id, bloque.grupo.tabla.titulo))
            salida += [(p.nombre, p.id, p.campo.titulo) for fila in bloque.filas for p in fila]
        else:
            salida.append((bloque.nombre, bloque.id, bloque.campo.titulo))
    return salida


@llenado.post("/<id>/llenar/<seccion>/")
@permitir(PUBLICO)
def guardar(id: str, seccion: str) -> object:
    """Guarda la pantalla, con o sin errores, y hace lo que pide el botón. Con «anotar», que es del script, responde JSON."""
    n, esquema = nucleo(), leer_encuesta(id)
    if request.form.get("version", esquema.version) != esquema.version:
        return _rescatar(esquema, seccion)
    actual = leer_seccion(esquema, seccion)
    accion, _, detalle = request.form.get("accion", "seguir").partition(":")
    recibido = leer_pantalla(esquema, actual, request.form.items(multi=True))
    recibido, ancla = _cambiar_filas(esquema, recibido, accion, detalle)
    base = request.form.get("base", "")
    try:
        guardado = guardar_pantalla(
            n.almacen, n.catalogo, esquema, secreto_de(esquema), actual, recibido, base=base, ahora_utc=n.reloj()
        )
    except BorradorCambiado as cambio:
        if accion == "anotar":
            return no_anotado(409, PISADO)
        return _mostrar_conflicto(esquema, actual, recibido, cambio.actual), 409
    except BorradorEnviado as enviado:
        if accion == "anotar":
            return no_anotado(409, YA_ENVIADO.format(folio=enviado.folio))
        return ir_a_comprobante(esquema, enviado.folio)
    if accion == "anotar":
        return anotado(esquema, actual, guardado, recibido.ajenos)
    if recibido.ajenos:
        return _dibujar_seccion(guardado.llenado, actual, con_errores=True, ajenos=recibido.ajenos), 400
    quitadas = ",".join(quitadas_de(esquema, guardado.llenado.borrador, *guardado.quitadas))
    if ancla:
        return ir_a_seccion(esquema, actual, ancla, quitadas=quitadas)
    anterior, siguiente = vecinas(esquema, actual)
    if accion == "salir":
        return redirect(url_for("encuestas.pausa", id=id, quitadas=quitadas or None), 303)
    if accion == "volver":
        return ir_a_seccion(esquema, anterior or actual, quitadas=quitadas)
    if guardado.nuevas or any(p.es_error for p in guardado.llenado.de_seccion(actual)):
        nuevas = ",".join(guardado.nuevas)
        return ir_a_seccion(esquema, actual, errores="1", nuevas=nuevas, quitadas=quitadas)
    if siguiente is None:
        return redirect(url_for("entrega.revisar", id=id, quitadas=quitadas or None), 303)
    return ir_a_seccion(esquema, siguiente, quitadas=quitadas)


def _rescatar(esquema: Esquema, seccion: str) -> object:
    """La página era de otra versión: se guarda todo lo que trae y se muestra la de hoy."""
    n = nucleo()
    if request.form.get("accion") == "anotar":
        return no_anotado(409, OTRA_VERSION)
    comun = {"version": request.form["version"], "pares": list(request.form.items(multi=True)), "ahora_utc": n.reloj()}
    try:
        rescatar(n.almacen, n.catalogo, esquema, secreto_de(esquema), **comun)
    except BorradorEnviado as enviado:
        return ir_a_comprobante(esquema, enviado.folio)
    destino = next((s for s in esquema.secciones if s.nombre == seccion), esquema.secciones[0])
    return ir_a_seccion(esquema, destino, cambio="1")


def _cambiar_filas(esquema: Esquema, recibido: Recibido, accion: str, detalle: str) -> tuple[Recibido, str]:
    """Agrega o quita la fila que dice el botón; devuelve también el ancla a donde volver."""
    grupo, _, fila = detalle.partition(":")
    if accion not in ("agregar", "quitar") or grupo not in recibido.grupos:
        return recibido, ""
    if accion == "agregar":
        recibido, ultima = con_fila_nueva(esquema, recibido, grupo)
        return recibido, f"g-{grupo}-{ultima}"
    return sin_fila(recibido, grupo, fila), f"g-{grupo}"


def _mostrar_conflicto(esquema: Esquema, seccion: Seccion, recibido: Recibido, actual: Borrador | None) -> str:
    """La misma pantalla con lo que se escribió aquí, sobre lo último guardado, para que la persona decida."""
    if actual is None:
        raise BorradorInexistente
    escrito = {**actual.datos, **recibido.grupos}
    escrito[esquema.nombre] = [{**(actual.datos.get(esquema.nombre) or [{}])[0], **recibido.principal}]
    revisado = mirar(nucleo().catalogo, esquema, replace(actual, datos=escrito))
    return _dibujar_seccion(revisado, seccion, con_errores=False, sobre=actual)
