"""La bandeja de derechos, para quien responde: el nivel central ve todas; una región, las suyas. Y quién leyó qué."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Esquema
from esquemas.tabla import escribir_csv
from formularios import derechos as casos
from formularios import solicitudes as pedidos
from formularios.accesos import Usuario, leer_usuarios
from formularios.correo import redactar_borrador
from formularios.roles import CENTRAL, TRATAN
from formularios.solicitudes import NoProcede, Solicitud
from formularios.tablero import anotar_lectura, leer_lecturas
from formularios.vistas import anotar_pagina, nucleo, permitir, usuario_en_sesion
from formularios.vistas.derechos import NORMA
from formularios.vistas.escritura import fecha_chile, hora_chile
from formularios.vistas.expedientes import bajar

solicitudes = Blueprint("solicitudes", __name__, url_prefix="/solicitudes")
lecturas = Blueprint("lecturas", __name__, url_prefix="/sercotec/lecturas")

A_LA_VISTA = 200
FORMATOS = {"json": ("application/json", casos.exportar_json), "csv": ("text/csv; charset=utf-8", casos.exportar_csv)}


def _autor() -> str:
    return f"usuario {usuario_en_sesion().id}"


def _regiones() -> frozenset[str]:
    """Las de quien entró («»: todas). Una solicitud no es de un ejercicio: la atiende quien los ve todos."""
    return usuario_en_sesion().regiones_con(TRATAN)


def _solicitud(numero: str) -> Solicitud:
    """La de ese número. A quien no le toca se le dice lo mismo que si no existiera."""
    return pedidos.leer_solicitud(nucleo().almacen, numero, _regiones()) or abort(404)


@solicitudes.get("/")
@permitir(*TRATAN)
def bandeja() -> object:
    n = nucleo()
    todas = pedidos.leer_solicitudes(n.almacen, _regiones())
    return render_template("solicitudes.html", todas=todas, derechos=pedidos.DERECHOS, ahora=n.reloj(), norma_citada=NORMA)


@solicitudes.get("/<numero>/")
@permitir(*TRATAN)
def ver(numero: str) -> object:
    """La solicitud y dónde hay algo de esa persona. Mirarla queda anotado."""
    solicitud = _solicitud(numero)
    anotar_pagina(f"solicitud {numero}")
    return _dibujar(solicitud)


def _dibujar(solicitud: Solicitud, error: str = "") -> str:
    n = nucleo()
    lugares = casos.lugares(n.almacen, n.catalogo, solicitud, _regiones())
    textos = {d["huella"]: casos.texto_aceptado(n.almacen, d) for x in lugares for d in x.consentimientos}
    return render_template(
        "solicitud.html",
        s=solicitud,
        lugares=lugares,
        textos=textos,
        acciones=casos.ACCIONES,
        derechos=pedidos.DERECHOS,
        ahora=n.reloj(),
        norma_citada=NORMA,
        error=error,
    )


@solicitudes.get("/<numero>/<folio>.<formato>")
@permitir(*TRATAN)
def exportar(numero: str, folio: str, formato: str) -> object:
    """Lo de la persona en un folio, para entregárselo."""
    n, solicitud = nucleo(), _solicitud(numero)
    lugares = casos.lugares(n.almacen, n.catalogo, solicitud, _regiones())
    lugar = next((x for x in lugares if x.nombre == folio), None)
    if lugar is None or formato not in FORMATOS:
        abort(404)
    anotar_lectura(n.almacen, actor=_autor(), objeto=f"exportar {folio} por {numero}", ahora_utc=n.reloj())
    tipo, escribir = FORMATOS[formato]
    return bajar(escribir(lugar), tipo, f"{folio}.{formato}")


@solicitudes.post("/<numero>/ejecutar/")
@permitir(*TRATAN)
def ejecutar(numero: str) -> object:
    """Hace lo pedido en un folio: corregir, retirar, bloquear, suprimir o quitar."""
    n, solicitud = nucleo(), _solicitud(numero)
    folio, accion = request.form.get("folio", ""), request.form.get("accion", "")

    def redactar(esquema: Esquema, secreto: str) -> tuple[str, str]:
        enlace = n.configuracion.url_publica + url_for("encuestas.retomar", id=esquema.nombre, secreto=secreto)
        return redactar_borrador(esquema.titulo, enlace, fecha_chile(n.reloj() + casos.PARA_CORREGIR))

    comun = {"regiones": _regiones(), "redactar": redactar, "autor": _autor(), "ahora_utc": n.reloj()}
    try:
        casos.ejecutar(n.almacen, n.catalogo, solicitud, folio, accion, **comun)
    except NoProcede as error:
        return _dibujar(solicitud, str(error)), 409
    return redirect(url_for(".ver", numero=numero, hecho=accion), 303)


@solicitudes.post("/<numero>/responder/")
@permitir(*TRATAN)
def responder(numero: str) -> object:
    """La acoge o la rechaza con su razón, y deja la respuesta en la bandeja de correos."""
    n, solicitud = nucleo(), _solicitud(numero)
    decision = request.form.get("decision", "")
    if decision not in (pedidos.ACOGIDA, pedidos.RECHAZADA):
        return _dibujar(solicitud, "Elija si la acoge o la rechaza."), 400

    def redactar(respondida: Solicitud) -> tuple[str, str]:
        donde = n.configuracion.url_publica + url_for("derechos.pedir_estado")
        cuerpo = render_template("solicitud_respuesta.txt", s=respondida, derechos=pedidos.DERECHOS, donde=donde)
        return f"Respuesta a su solicitud {respondida.numero}", cuerpo

    comun = {"razon": request.form.get("razon", "")[:4000], "redactar": redactar, "autor": _autor(), "ahora_utc": n.reloj()}
    try:
        pedidos.responder(n.almacen, numero, acogida=decision == pedidos.ACOGIDA, **comun)
    except NoProcede as error:
        return _dibujar(solicitud, str(error)), 409
    return redirect(url_for(".ver", numero=numero, hecho="responder"), 303)


# --- Quién leyó datos de personas ---------------------------------------------------------------------


@lecturas.get("/")
@permitir(*CENTRAL)
def ver_lecturas() -> object:
    n = nucleo()
    quienes = {f"usuario {u.id}": u for u in leer_usuarios(n.almacen)}
    leidas = leer_lecturas(n.almacen, A_LA_VISTA)
    return render_template("lecturas.html", leidas=leidas, quienes=quienes, limite=A_LA_VISTA)


@lecturas.get("/lecturas.csv")
@permitir(*CENTRAL)
def descargar_lecturas() -> object:
    n = nucleo()
    quienes = {f"usuario {u.id}": u for u in leer_usuarios(n.almacen)}
    filas = []
    for leida in leer_lecturas(n.almacen):
        quien = quienes.get(leida["actor"])
        persona = (quien.correo, *_que_puede(quien)) if quien else (leida["actor"], "", "")
        cuando = leida["cuando_utc"]
        filas.append((str(leida["n"]), cuando.isoformat(), hora_chile(cuando), *persona, leida["objeto"]))
    encabezado = ("n", "cuando_utc", "cuando_chile", "quien", "rol", "region", "que")
    return bajar(escribir_csv(encabezado, filas), "text/csv; charset=utf-8", "lecturas.csv")


def _que_puede(usuario: Usuario) -> tuple[str, str]:
    """Sus roles y sus regiones, cada uno una vez."""
    return ", ".join(sorted(usuario.roles)), ", ".join(sorted({p.region for p in usuario.permisos} - {""}))
