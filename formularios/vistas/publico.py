"""Lo que puede ver cualquiera: qué se llena hoy, verificar un comprobante y si el sistema puede guardar."""

from flask import Blueprint, jsonify, redirect, render_template, request, url_for

from formularios.expediente import leer_expediente, tramite_de
from formularios.folio import leer, partir
from formularios.recibido import comprobante
from formularios.vigencia import abiertos, ejercicio_en_curso
from formularios.vistas import PUBLICO, nucleo, permitir
from formularios.vistas.constancia import es_propia

publico = Blueprint("publico", __name__)
raiz = Blueprint("raiz", __name__)


@publico.get("/")
@permitir(PUBLICO)
def portada() -> object:
    """Qué se puede llenar hoy y hasta cuándo."""
    n = nucleo()
    ahora = n.reloj()
    return render_template(
        "portada.html",
        ejercicio=ejercicio_en_curso(ahora),
        vigencias=abiertos(n.catalogo, ahora),
        encuestas=n.catalogo.encuestas,
        formatos=n.catalogo.formatos,
    )


@publico.get("/verificar/")
@permitir(PUBLICO)
def pedir_folio() -> object:
    folio = request.args.get("folio", "").strip()
    if folio:
        return redirect(url_for(".verificar", folio=folio.replace("/", "-")[:40]), 303)
    return render_template("verificar.html")


@publico.get("/verificar/<folio>")
@permitir(PUBLICO)
def verificar(folio: str) -> object:
    """Lo que prueba un comprobante, sin datos de personas. Si el folio está mal escrito, dice por qué."""
    partes = leer(folio)
    if partes is None:
        return render_template("verificar.html", folio=folio, error=por_que(folio)), 404
    n = nucleo()
    prueba = comprobante(n.almacen, str(partes))
    if prueba is None:
        error = "El folio está bien escrito, pero no hay ningún envío con ese número. Revise que no falte ni sobre una cifra."
        return render_template("verificar.html", folio=str(partes), error=error), 404
    esquema = n.catalogo.esquemas.get(prueba.esquema)
    expediente = leer_expediente(n.almacen, n.catalogo, prueba.region, prueba.ejercicio)
    return render_template(
        "verificar.html",
        folio=str(partes),
        c=prueba,
        esquema=esquema,
        propia=es_propia(str(partes)),
        tramite=tramite_de(n.catalogo, expediente, prueba.folio),
        actos=n.catalogo.proceso.tramitacion.actos,
    )


def por_que(texto: str) -> str:
    """Qué tiene mal un folio que no se pudo leer, y cómo se arregla."""
    partes = partir(texto)
    if partes is None:
        return (
            "Un folio son cuatro grupos, con o sin guiones: cuatro cifras, dos cifras, seis cifras y un dígito "
            "verificador (una cifra o una K). Ejemplo: 2027-06-000001-0. Cópielo del comprobante."
        )
    if partes[2] == "000000":
        return "El número central no puede ser 000000. Cópielo del comprobante."
    return (
        f"El dígito verificador no calza: con esas cifras no puede ser {partes[3]}. Hay una cifra equivocada o dos "
        f"cambiadas de lugar. Cópielo del comprobante."
    )


@raiz.get("/salud")
@permitir(PUBLICO)
def salud() -> object:
    """200 si ahora mismo se puede guardar; 503 con la causa si no."""
    n = nucleo()
    bien, causa = n.almacen.salud()
    respuesta = jsonify(estado="bien" if bien else "mal", puede_guardar=bien, causa=causa, tzdata=n.tzdata)
    return respuesta, 200 if bien else 503
