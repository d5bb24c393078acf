"""Las observaciones por la web: Sercotec observa lo que la región envió, la región responde y Sercotec las resuelve."""

from dataclasses import replace

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Esquema, Seccion
from esquemas.plantilla import escribir_plantilla
from esquemas.saber import OBSERVADO
from formularios.apertura import leer_apertura
from formularios.controles import dibujar, id_de_problema
from formularios.envio import Comprobante
from formularios.expediente import leer_expediente, relojes_de
from formularios.fila_en_curso import FilaCambiada, Matriz, clave_de
from formularios.filas import agregar_fila, guardar_fila, leer_enviadas, leer_matriz
from formularios.matrices import escribibles, llenado_de, revisar
from formularios.observaciones import (
    PENDIENTE,
    RESUELTA,
    Observacion,
    campo_de,
    envian,
    formato_de,
    impide_observar,
    leer_observaciones,
    nombrar,
    observables,
)
from formularios.pantalla import leer_pantalla
from formularios.recibido import vigente_de
from formularios.roles import CENTRAL, TRATAN, VEN
from formularios.vistas import CORRIGEN, ESCRIBEN, exigir, exigir_su_region, nucleo, permitir, puede, roles_aqui
from formularios.vistas.archivos import descargar_xlsx
from formularios.vistas.filas import en_blanco
from formularios.vistas.matrices import numero
from formularios.vistas.regiones import autor

observaciones = Blueprint("observaciones", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/observaciones")
observaciones.before_request(exigir_su_region)

TODA = "*"  # en vez de un campo: toda la matriz, y no la fila desde la que se observa
MISMA_RESPUESTA = "Sercotec la observó otra vez y su respuesta dice lo mismo: escriba qué cambió, o por qué la mantiene."
ACCIONES = {"responder": "respuesta", "devolver": "observacion"}  # lo que se escribe con cada una


def _formato() -> Esquema:
    return formato_de(nucleo().catalogo) or abort(404)


def las_visibles(cut: str, ejercicio: int) -> list[Observacion]:
    """Las que puede ver quien entró: Sercotec, todas; los demás, las enviadas."""
    n, formato = nucleo(), formato_de(nucleo().catalogo)
    todas = formato is not None and puede(ESCRIBEN, formato)
    return leer_observaciones(n.almacen, n.catalogo, cut, ejercicio, todas=todas)


def vigentes_en(cut: str, ejercicio: int) -> list[tuple[Esquema, Comprobante]]:
    """Lo que la región tiene entregado de cada formato que se observa."""
    n = nucleo()
    todos = [(n.catalogo.esquemas[m], vigente_de(n.almacen, m, cut, ejercicio)) for m in observables(n.catalogo)]
    return [(e, v) for e, v in todos if v]


def lo_de_observar(cut: str, ejercicio: int) -> dict[str, object]:
    """Lo que usan las pantallas que muestran observaciones."""
    n = nucleo()
    expediente = leer_expediente(n.almacen, n.catalogo, cut, ejercicio)
    estado = n.catalogo.proceso.tramitacion.estados[expediente.estado]
    return {
        "cut": cut,
        "ejercicio": ejercicio,
        "estado": estado,
        "impide": impide_observar(n.catalogo, estado),
        "envian": envian(n.catalogo, estado.nombre),
        "relojes": relojes_de(n.catalogo, expediente, n.reloj()),
        "decir": lambda o, campo: nombrar(n.catalogo, o, campo),
    }


@observaciones.get("/")
@permitir(*VEN)
def lista(cut: str, ejercicio: int) -> object:
    """Todas, con su estado y lo que hay que hacer con cada una."""
    vistas, formato = las_visibles(cut, ejercicio), _formato()
    comun = lo_de_observar(cut, ejercicio)
    return render_template(
        "observaciones.html",
        **comun,
        formato=formato,
        vistas=vistas,
        vigentes=vigentes_en(cut, ejercicio),
        observa=puede(ESCRIBEN, formato),
        responde=puede(CORRIGEN, formato) and not puede(ESCRIBEN, formato) and comun["estado"].abre == OBSERVADO,
        PENDIENTE=PENDIENTE,
    )


@observaciones.get("/planilla.xlsx")
@permitir(*VEN)
def planilla(cut: str, ejercicio: int) -> object:
    """Las enviadas, para responderlas en la planilla: al subirla solo se lee la respuesta."""
    n, formato = nucleo(), _formato()
    filas = [{k: getattr(o, k) for k in formato.principal.nombres} for o in las_visibles(cut, ejercicio)]
    lugar = {"region": cut, "ejercicio": ejercicio, "citas": lambda norma: n.catalogo.citar(norma).texto}
    libro = escribir_plantilla(formato, n.catalogo.opciones, filas=filas, **lugar)
    return descargar_xlsx(libro, f"{formato.nombre}-{cut}-{ejercicio}.xlsx")


# --- Observar --------------------------------------------------------------------------------------------


@observaciones.get("/nueva/")
@permitir(*CENTRAL)
def nueva(cut: str, ejercicio: int) -> object:
    """Observa una fila, uno de sus campos o toda la matriz; el folio, la matriz y la fila vienen puestos."""
    return _dibujar_nueva(cut, ejercicio, {})


@observaciones.post("/nueva/")
@permitir(*CENTRAL)
def agregar(cut: str, ejercicio: int) -> object:
    """La guarda sin enviarla. La misma dos veces es una."""
    n, matriz = nucleo(), Matriz(_formato(), cut, ejercicio)
    exigir(ESCRIBEN, matriz.esquema)
    escrito = leer_pantalla(matriz.esquema, _pantalla(matriz, "observacion", "condicion"), _de_la_pantalla()).principal
    datos = {**_lugar_observado(cut, ejercicio), **escrito, "estado": PENDIENTE}
    if request.form.get("envio", datos["envio"]) != datos["envio"]:
        return _dibujar_nueva(cut, ejercicio, escrito, reemplazado=True), 409
    iguales = [o for o in las_visibles(cut, ejercicio) if all(getattr(o, k) == v for k, v in datos.items())]
    if not iguales:
        # Con un código cualquiera: el suyo se lo da `agregar_fila`.
        probada = en_blanco(matriz, {**datos, "codigo": "nueva"})
        revisada = revisar(n.almacen, n.catalogo, matriz, [probada])
        if any(p.es_error for p in revisada.de_fila(0)):
            return _dibujar_nueva(cut, ejercicio, escrito, con_errores=True), 422
        agregar_fila(n.almacen, n.catalogo, matriz, datos, autor=autor(), ahora_utc=n.reloj())
    return redirect(url_for("observaciones.lista", cut=cut, ejercicio=ejercicio, hecho="agregada"), 303)


def _lugar_observado(cut: str, ejercicio: int) -> dict[str, str]:
    """Lo que se observa, según la dirección y lo elegido. 404 si esa matriz no se ha enviado o no tiene esa fila."""
    n, nombre, fila = nucleo(), request.args.get("matriz", ""), request.args.get("fila", "")
    vigente = vigente_de(n.almacen, nombre, cut, ejercicio) if nombre in observables(n.catalogo) else None
    if vigente is None:
        abort(404)
    campo = request.form.get("campo", request.args.get("campo", ""))
    lugar = {"fila": "", "campo": ""} if campo == TODA else {"fila": fila, "campo": campo}
    return {"envio": vigente.folio, "matriz": nombre, **lugar}


def _dibujar_nueva(
    cut: str, ejercicio: int, escrito: dict[str, str], *, con_errores: bool = False, reemplazado: bool = False
) -> str:
    """`reemplazado`: la región envió otra cosa después de la que se miraba. Lo escrito vuelve, aunque la fila ya no esté."""
    n, matriz = nucleo(), Matriz(_formato(), cut, ejercicio)
    datos, fila = _lugar_observado(cut, ejercicio), request.args.get("fila", "")
    observada = n.catalogo.esquemas[datos["matriz"]]
    enviadas = leer_enviadas(n.almacen, observada, datos["envio"])
    suya = next((f for f in enviadas if clave_de(observada, f) == fila), None)
    if fila and suya is None and not escrito:
        abort(404)
    probada = en_blanco(matriz, {**datos, **escrito, "codigo": "nueva", "estado": PENDIENTE})
    llenado = llenado_de(revisar(n.almacen, n.catalogo, matriz, [probada]), 0)
    return render_template(
        "observacion_nueva.html",
        **lo_de_observar(cut, ejercicio),
        observada=observada,
        datos=datos,
        fila=fila,
        suya=suya,
        reemplazado=reemplazado,
        elegido=request.form.get("campo", request.args.get("campo", "")),
        TODA=TODA,
        bloques=dibujar(n.catalogo, llenado, _pantalla(matriz, "observacion", "condicion"), con_errores=con_errores),
        problemas=[(id_de_problema(llenado, p), p) for p in llenado.problemas] if con_errores else [],
    )


def _pantalla(matriz: Matriz, *campos: str) -> Seccion:
    return Seccion(matriz.esquema.nombre, matriz.esquema.titulo, contenido=campos, norma=matriz.esquema.norma)


def _de_la_pantalla() -> list[tuple[str, str]]:
    return [(k, v) for k, v in request.form.items(multi=True) if k.startswith("c.")]


# --- Responder y resolver --------------------------------------------------------------------------------


@observaciones.get("/<cual>/")
@permitir(*VEN)
def una(cut: str, ejercicio: int, cual: str) -> object:
    """Lo observado, cómo se envió y cómo está ahora, y lo que puede hacer quien la mira."""
    return _dibujar_una(cut, ejercicio, _leer(cut, ejercicio, cual))


def _leer(cut: str, ejercicio: int, cual: str) -> Observacion:
    return next((o for o in las_visibles(cut, ejercicio) if o.id == cual), None) or abort(404)


@observaciones.post("/<cual>/")
@permitir(*TRATAN)
def actuar(cut: str, ejercicio: int, cual: str) -> object:
    """La región responde; Sercotec la da por resuelta o la vuelve a observar con otra razón."""
    n, matriz, o = nucleo(), Matriz(_formato(), cut, ejercicio), _leer(cut, ejercicio, cual)
    accion = request.form.get("accion", "")
    if accion not in (*ACCIONES, "resolver"):
        abort(400, "No se entendió qué hacer con la observación. Use los botones de su página.")
    campo = ACCIONES.get(accion, "estado")
    if campo not in escribibles(matriz.esquema, roles_aqui()):
        exigir(ESCRIBEN if accion != "responder" else CORRIGEN, matriz.esquema)
        abort(403)
    valores = {"estado": RESUELTA}
    if accion in ACCIONES:
        valores = leer_pantalla(matriz.esquema, _pantalla(matriz, campo), _de_la_pantalla()).principal
        valores |= {"estado": PENDIENTE} if accion == "devolver" else {}
        if accion == "devolver" and valores["observacion"].strip() == o.observacion:
            return _dibujar_una(cut, ejercicio, o, escrito=valores, dicho="Escriba la nueva razón: dice lo mismo que antes."), 422
        if accion == "responder" and not valores["respuesta"].strip():
            return _dibujar_una(cut, ejercicio, o, escrito=valores, dicho="Falta la respuesta."), 422
        if accion == "responder" and o.estado == PENDIENTE and valores["respuesta"].strip() == o.respuesta:
            return _dibujar_una(cut, ejercicio, o, escrito=valores, dicho=MISMA_RESPUESTA), 422
        if _errores(matriz, replace(o, **valores), campo):
            return _dibujar_una(cut, ejercicio, o, escrito=valores), 422
    try:
        version = numero(request.form.get("revision", ""), -1)
        guardar_fila(n.almacen, n.catalogo, matriz, cual, valores, version=version, autor=autor(), ahora_utc=n.reloj())
    except FilaCambiada:
        dicho = "Otra persona la cambió mientras usted escribía. Abajo está como quedó; lo suyo sigue en su casilla."
        return _dibujar_una(cut, ejercicio, _leer(cut, ejercicio, cual), escrito=valores, dicho=dicho), 409
    return redirect(url_for("observaciones.lista", cut=cut, ejercicio=ejercicio, hecho=accion, _anchor=f"o-{cual}"), 303)


def _errores(matriz: Matriz, o: Observacion, campo: str) -> list:
    n = nucleo()
    fila = en_blanco(matriz, {k: getattr(o, k) for k in matriz.esquema.principal.nombres})
    return [p for p in revisar(n.almacen, n.catalogo, matriz, [fila]).de_fila(0) if p.es_error and p.campo == campo]


def _dibujar_una(cut: str, ejercicio: int, o: Observacion, *, escrito: dict[str, str] | None = None, dicho: str = "") -> str:
    n, matriz = nucleo(), Matriz(_formato(), cut, ejercicio)
    suyos = escribibles(matriz.esquema, roles_aqui())
    abiertos = leer_apertura(n.almacen, n.catalogo, matriz).campos({"codigo": o.codigo}) & suyos if o.enviada else frozenset()
    accion = next((a for a, campo in ACCIONES.items() if campo in abiertos), "")
    valores = {**{k: getattr(o, k) for k in matriz.esquema.principal.nombres}, **(escrito or {})}
    llenado = llenado_de(revisar(n.almacen, n.catalogo, matriz, [en_blanco(matriz, valores)]), 0)
    seccion = _pantalla(matriz, *filter(None, [ACCIONES.get(accion)]))
    preguntas = dibujar(n.catalogo, llenado, seccion, con_errores=escrito is not None)
    observada, comun = n.catalogo.esquemas[o.matriz], lo_de_observar(cut, ejercicio)
    enviadas = leer_enviadas(n.almacen, observada, o.envio) if o.fila else ()
    en_curso = leer_matriz(n.almacen, Matriz(observada, cut, ejercicio)) if o.fila else ()
    ahora = next((f for f in en_curso if clave_de(observada, f.datos) == o.fila), None)
    return render_template(
        "observacion.html",
        **comun,
        o=o,
        observada=observada,
        formato=matriz.esquema,
        ahora=ahora,
        campo=campo_de(observada, o.campo),
        antes=next((f for f in enviadas if clave_de(observada, f) == o.fila), None),
        accion=accion,
        de_inmediato=comun["estado"].abre == OBSERVADO,
        bloques=[replace(b, exigencia="obligatorio") for b in preguntas],  # sin ese texto no hay qué guardar
        dicho=dicho,
        resuelve="estado" in abiertos and not o.resuelta,
        borrador=not o.enviada and puede(ESCRIBEN, matriz.esquema),
    )
