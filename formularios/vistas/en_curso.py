"""Lo que comparten las vistas de una encuesta: cuál es, en qué borrador se está y a dónde se sigue."""

from contextlib import suppress

from flask import abort, redirect, request, session, url_for

from esquemas.modelo import Esquema, Seccion
from formularios.borradores import Borrador, BorradorInexistente, leer_borrador
from formularios.convocatoria import Convocatoria, leer_convocatoria
from formularios.entrevista import ORIGEN, EntrevistaSinSesion, es_de_entrevista, nombre_de
from formularios.puesta_al_dia import al_dia
from formularios.roles import INSTITUCIONES, TRATAN
from formularios.vistas import nucleo, usuario_en_sesion

RECORDADOS = 15  # borradores, y comprobantes, en la cookie


def leer_encuesta(nombre: str) -> Esquema:
    esquema = nucleo().catalogo.esquemas.get(nombre)
    if esquema is None or not esquema.es_encuesta:
        abort(404)
    return esquema


def leer_seccion(esquema: Esquema, nombre: str) -> Seccion:
    return next((s for s in esquema.secciones if s.nombre == nombre), None) or abort(404)


def secreto_de(esquema: Esquema) -> str:
    """El del borrador en curso. El de una entrevista sirve solo con la sesión abierta: si no, EntrevistaSinSesion."""
    secreto = _en_la_cookie(esquema)
    if es_de_entrevista(secreto) and usuario_en_sesion() is None:
        raise EntrevistaSinSesion
    return secreto


def _en_la_cookie(esquema: Esquema) -> str:
    return session.get("borradores", {}).get(esquema.nombre, "")


def en_nombre_de(esquema: Esquema) -> str:
    """A quién se entrevista en este navegador; «» si quien responde es la propia persona."""
    return nombre_de(nucleo().almacen, secreto_de(esquema))


def quien_envia(esquema: Esquema, borrador: Borrador) -> dict[str, str]:
    """Lo que se agrega al envío si lo hace un profesional en nombre de otra persona. 403 si ya no tiene su rol ahí."""
    if not es_de_entrevista(secreto_de(esquema)):
        return {}
    usuario = usuario_en_sesion()
    suyos = usuario.roles_en(borrador.region, borrador.ejercicio)
    entrevisto = next((INSTITUCIONES[r] for r in TRATAN if r in suyos), None) or abort(403)
    return {"origen": ORIGEN, "autor": f"usuario {usuario.id}", "entrevisto": entrevisto}


def sin_entrevistas() -> tuple[dict[str, object], list[str]]:
    """Lo que este navegador recuerda de las encuestas, sin lo de entrevistas, y los secretos de ellas."""
    borradores, secretos = session.get("borradores", {}), session.get("secretos", [])
    comprobantes = session.get("comprobantes", [])
    todos = {*borradores.values(), *secretos, *(s for _, s in comprobantes)}
    propio = {
        "borradores": {n: s for n, s in borradores.items() if not es_de_entrevista(s)},
        "secretos": [s for s in secretos if not es_de_entrevista(s)],
        "comprobantes": [par for par in comprobantes if not es_de_entrevista(par[1])],
    }
    return {n: v for n, v in propio.items() if v}, [s for s in todos if es_de_entrevista(s)]


def recordar(esquema: Esquema, secreto: str) -> None:
    """Pone ese borrador en curso. El que estaba sigue entre los `conocidos`."""
    otros = [s for s in (*session.get("secretos", []), _en_la_cookie(esquema)) if s not in ("", secreto)]
    session["secretos"] = [*dict.fromkeys(otros), secreto][-RECORDADOS:]
    session["borradores"] = {**session.get("borradores", {}), esquema.nombre: secreto}
    session.permanent = True


def olvidar_borrador(esquema: Esquema, borrador: Borrador) -> None:
    """Quita de la cookie el secreto de un borrador que ya no existe; la página que sigue borra sus copias de este equipo."""
    secreto = secreto_de(esquema)
    session["secretos"] = [s for s in session.get("secretos", []) if s != secreto]
    session["borradores"] = {n: s for n, s in session.get("borradores", {}).items() if s != secreto}
    session["olvidar"] = borrador.id


def conocidos(esquema: Esquema) -> list[tuple[str, Borrador]]:
    """Los borradores propios de esta encuesta que usó este navegador, con su secreto, del último al primero."""
    vivos, usados = [], [_en_la_cookie(esquema), *reversed(session.get("secretos", []))]
    for secreto in dict.fromkeys(s for s in usados if not es_de_entrevista(s)):
        with suppress(BorradorInexistente):
            vivos.append((secreto, leer_borrador(nucleo().almacen, secreto, ahora_utc=nucleo().reloj())))
    return [(s, b) for s, b in vivos if b.esquema == esquema.nombre]


def borrador_en_curso(esquema: Esquema) -> Borrador:
    """El de este navegador, en la versión de hoy. BorradorInexistente lo atiende la aplicación con su página."""
    n = nucleo()
    borrador = al_dia(n.almacen, n.catalogo, esquema, secreto_de(esquema), ahora_utc=n.reloj())
    if borrador.esquema != esquema.nombre:
        raise BorradorInexistente
    return borrador


def convocatoria_de(borrador: Borrador) -> Convocatoria:
    """La de su encuesta, región y ejercicio: dice hasta cuándo se recibe."""
    return leer_convocatoria(nucleo().almacen, borrador.esquema, borrador.region, borrador.ejercicio)


def quitadas_de(esquema: Esquema, borrador: Borrador, *ahora: str) -> dict[str, str]:
    """Nombre → título de lo que se quitó por no corresponder: lo de `ahora` y lo que ya venía diciendo la petición.

    Lo que se volvió a responder no se nombra.
    """
    pedidos = {*ahora, *request.values.get("quitadas", "").split(",")}
    titulos = {g.nombre: g.tabla.titulo for g in esquema.grupos}
    titulos |= {c.nombre: c.titulo for t in esquema.tablas for c in t.campos}
    guardados = {n for filas in borrador.datos.values() for f in filas for n, v in f.items() if v}
    guardados |= {n for n, filas in borrador.datos.items() if filas}
    return {n: t for n, t in titulos.items() if n in pedidos and n not in guardados}


def titulos_de(esquema: Esquema) -> dict[tuple[str, str], str]:
    """(tabla, campo) → su título, para nombrarlo en un resumen de errores."""
    return {(t.nombre, c.nombre): c.titulo for t in esquema.tablas for c in t.campos}


def ir_a_seccion(esquema: Esquema, seccion: Seccion, ancla: str = "", **consulta: str) -> object:
    pedido = {k: v for k, v in consulta.items() if v}
    url = url_for("llenado.llenar", id=esquema.nombre, seccion=seccion.nombre, _anchor=ancla or None, **pedido)
    return redirect(url, 303)


def ir_a_comprobante(esquema: Esquema, folio: str) -> object:
    """El del borrador en curso. Se recuerda de qué borrador salió: ese, y no otro, es el que se corrige."""
    otros = [par for par in session.get("comprobantes", []) if par[0] != folio]
    session["comprobantes"] = [*otros, (folio, secreto_de(esquema))][-RECORDADOS:]
    session.permanent = True
    return redirect(url_for("entrega.comprobar", id=esquema.nombre, folio=folio), 303)
