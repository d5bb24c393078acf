"""El expediente de una región: en qué va, qué sigue y todo lo que se ha hecho en él."""

import io

from flask import Blueprint, Response, abort, render_template, request, send_file, url_for

from esquemas.modelo import Esquema
from formularios.accesos import leer_usuarios
from formularios.expediente import Actuacion, Expediente, leer_documento, leer_expediente, plazos_de, posibles
from formularios.roles import TRATAN, VEN
from formularios.vistas import exigir_su_region, nucleo, permitir, roles_aqui

expedientes = Blueprint("expedientes", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/expediente")
expedientes.before_request(exigir_su_region)


def leer(cut: str, ejercicio: int) -> Expediente:
    return leer_expediente(nucleo().almacen, nucleo().catalogo, cut, ejercicio)


def lo_comun(expediente: Expediente) -> dict[str, object]:
    """Lo que usan todas las pantallas de un expediente. `quienes`: autor → correo, si quien mira es del equipo."""
    n = nucleo()
    del_equipo = roles_aqui() & set(TRATAN)
    return {
        "cut": expediente.region,
        "ejercicio": expediente.ejercicio,
        "expediente": expediente,
        "tramitacion": n.catalogo.proceso.tramitacion,
        "esquemas": n.catalogo.esquemas,
        "plazos": plazos_de(n.catalogo, expediente),
        "quienes": {f"usuario {u.id}": u.correo for u in leer_usuarios(n.almacen)} if del_equipo else None,
    }


@expedientes.get("/")
@permitir(*VEN)
def ver(cut: str, ejercicio: int) -> object:
    """En qué va, qué se puede hacer hoy y quién, y lo hecho."""
    n, expediente = nucleo(), leer(cut, ejercicio)
    hoy = posibles(n.catalogo, expediente, n.reloj())
    despues = [a for a in n.catalogo.proceso.tramitacion.actos.values() if expediente.estado in a.de and a not in hoy]
    comun = lo_comun(expediente)
    firmes = {h: p.instante_fin_utc for h, p in comun["plazos"].items() if p.instante_fin_utc and not p.estimado}
    vencidos = {h for h, fin in firmes.items() if n.reloj() >= fin}
    suelto = n.catalogo.esquemas.get(request.args.get("formato", ""))
    segun = {"hoy": hoy, "despues": despues, "vencidos": vencidos}
    return render_template("expediente.html", **comun, **segun, roles=roles_aqui(), suelto=suelto)


def donde_se_entrega(esquema: Esquema, cut: str, ejercicio: int) -> str | None:
    """Dónde se entrega un formato que va con un acto: su pantalla o, si hoy no procede ninguno, el expediente, que dice por
    qué. None si se entrega suelto."""
    n, lugar = nucleo(), {"cut": cut, "ejercicio": ejercicio}
    if not any(esquema.nombre in a.entrega for a in n.catalogo.proceso.tramitacion.actos.values()):
        return None
    suyos = [a for a in posibles(n.catalogo, leer(cut, ejercicio), n.reloj()) if esquema.nombre in a.entrega]
    suyos.sort(key=lambda a: roles_aqui().isdisjoint(a.quien))  # primero lo que quien mira puede hacer
    if not suyos:
        return url_for("expedientes.ver", **lugar, formato=esquema.nombre)
    return url_for("actos.revisar", **lugar, acto=suyos[0].nombre, aplicado=request.args.get("aplicado"))


def la_actuacion(expediente: Expediente, numero: int) -> Actuacion:
    """404 si todavía no hay una con ese número."""
    return expediente.actuaciones[numero - 1] if 0 < numero <= expediente.ultimo else abort(404)


@expedientes.get("/actuaciones/<int:numero>/<documento>.pdf")
@permitir(*VEN)
def documento(cut: str, ejercicio: int, numero: int, documento: str) -> object:
    """Un documento del acto, idéntico a como se subió."""
    expediente = leer(cut, ejercicio)
    huella = la_actuacion(expediente, numero).datos.get(documento, "")
    guardado = leer_documento(nucleo().almacen, expediente, huella) if huella else None
    if guardado is None:
        abort(404)
    return bajar(guardado.contenido, guardado.tipo, f"{documento}-{cut}-{ejercicio}-{numero}.pdf")


def bajar(contenido: bytes, tipo: str, nombre: str) -> Response:
    """Un archivo para guardar."""
    return send_file(io.BytesIO(contenido), mimetype=tipo, as_attachment=True, download_name=nombre)
