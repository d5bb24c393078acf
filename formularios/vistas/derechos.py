"""Lo público de los derechos sobre los datos: pedir y ver en qué va. Responde lo mismo haya o no algo de esa persona."""

from flask import Blueprint, render_template, request

from esquemas.tipos import TIPOS
from formularios import solicitudes
from formularios.folio import comprobar
from formularios.vistas import PUBLICO, nucleo, permitir
from formularios.vistas.publico import por_que
from formularios.vistas.sesion import limitar

derechos = Blueprint("derechos", __name__, url_prefix="/derechos")

POR_EQUIPO, POR_CORREO, CONSULTAS = 20, 5, 30  # por hora
LARGO_DE_DETALLE = 2000
NORMA = ("ley-19628:derechos",)


def _dibujar(**resto: object) -> str:
    n = nucleo()
    regiones = n.catalogo.opciones["regiones"].opciones
    comun = {"derechos": solicitudes.DERECHOS, "dias": solicitudes.DIAS, "norma_citada": NORMA, "largo": LARGO_DE_DETALLE}
    return render_template("derechos.html", regiones=regiones, elegido=request.form, **comun, **resto)


@derechos.get("/")
@permitir(PUBLICO)
def pedir() -> object:
    return _dibujar(errores={})


@derechos.post("/")
@permitir(PUBLICO)
def recibir() -> object:
    """Recibe la solicitud y muestra su número y hasta cuándo hay para responderla."""
    n = nucleo()
    dicho = {c: request.form.get(c, "").strip() for c in ("derecho", "correo", "folio", "region", "detalle")}
    errores = {}
    if dicho["derecho"] not in solicitudes.DERECHOS:
        errores["derecho"] = "Elija qué pide."
    if not isinstance(TIPOS["correo"].leer(dicho["correo"]), str) or len(dicho["correo"]) > 200:
        errores["correo"] = "Escriba un correo completo, como nombre@institucion.cl. Ahí recibirá la respuesta."
    if dicho["folio"] and not comprobar(dicho["folio"]):
        errores["folio"] = por_que(dicho["folio"])
    if dicho["region"] not in {"", *(o.codigo for o in n.catalogo.opciones["regiones"].opciones)}:
        errores["region"] = "Elija una región de la lista, o déjela sin elegir."
    if len(dicho["detalle"]) > LARGO_DE_DETALLE:
        errores["detalle"] = f"Son {LARGO_DE_DETALLE} caracteres como máximo."
    if errores:
        return _dibujar(errores=errores), 400
    limitar(f"derechos {request.remote_addr}", POR_EQUIPO)
    limitar(f"derechos {dicho['correo'].lower()}", POR_CORREO)
    hecha = solicitudes.pedir(n.almacen, **dicho, ahora_utc=n.reloj())
    return render_template("derechos_estado.html", s=hecha, nueva=True, derechos=solicitudes.DERECHOS, ahora=n.reloj())


@derechos.get("/estado/")
@permitir(PUBLICO)
def pedir_estado() -> object:
    return render_template("derechos_estado.html", s=None)


@derechos.post("/estado/")
@permitir(PUBLICO)
def estado() -> object:
    """En qué va la solicitud de ese número y ese correo; si no calzan, no dice cuál de los dos falla."""
    n = nucleo()
    limitar(f"estado {request.remote_addr}", CONSULTAS)
    numero, correo = request.form.get("numero", "")[:40], request.form.get("correo", "")[:200]
    hallada = solicitudes.consultar(n.almacen, numero, correo)
    if hallada is None:
        error = "No hay una solicitud con ese número y ese correo. Revise ambos."
        return render_template("derechos_estado.html", s=None, error=error, numero=numero, correo=correo), 404
    return render_template("derechos_estado.html", s=hallada, nueva=False, derechos=solicitudes.DERECHOS, ahora=n.reloj())
