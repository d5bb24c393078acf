"""Una matriz de la región, fila por fila: verla, agregar, corregir, quitar, reponer y saber qué fue de cada una."""

import re
import secrets
from collections.abc import Mapping
from dataclasses import replace
from functools import partial

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Campo, Esquema, Seccion
from esquemas.plantilla import escribir_plantilla
from esquemas.referencias import citables
from formularios.accesos import leer_usuarios
from formularios.apertura import FilaCerrada, abrir, leer_apertura, leer_aperturas
from formularios.buscador import campo_buscado, es_de_buscador, escrito_en_cuadros
from formularios.controles import dibujar, id_de_problema
from formularios.expediente import leer_expediente, relojes_de
from formularios.fila_en_curso import Fila, FilaCambiada, FilaInexistente, Matriz, sugerir_codigo
from formularios.filas import (
    agregar_fila,
    contar_filas,
    copiar,
    empezar,
    guardar_fila,
    leer_cambios,
    leer_fila,
    leer_matriz,
    quitar_fila,
    reponer_fila,
)
from formularios.folio import NIVEL_CENTRAL
from formularios.hojear import hojear
from formularios.matrices import Revisada, llenado_de, pantalla_de, referidas_vivas, revisar
from formularios.observaciones import es_de_observaciones, formato_de, leer_observaciones, nombrar, notas_de, observables
from formularios.pantalla import Recibido, leer_pantalla, nombre_de
from formularios.propias import con_propias, heredar
from formularios.vistas import CORRIGEN, ENTREGAN, ESCRIBEN, LEEN, exigir, exigir_su_region, nucleo, permitir, puede, roles_aqui
from formularios.vistas.archivos import descargar_xlsx
from formularios.vistas.regiones import autor

matrices = Blueprint("matrices", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/matrices/<formato>")
matrices.before_request(exigir_su_region)

NUEVA = "nueva"
_VACIA = {"origen": "", "por_revisar": "", "autor": ""}


def la_matriz(cut: str, ejercicio: int, formato: str) -> Matriz:
    """La de la dirección, con sus columnas propias: lo nacional, solo en «00». 404 si no existe o es una encuesta.

    Quien no observa va a su lista de observaciones: en la matriz hay filas que Sercotec aún no envía.
    """
    esquema = nucleo().catalogo.esquemas.get(formato)
    if esquema is None or esquema.es_encuesta or (esquema.ambito == "nacional") != (cut == NIVEL_CENTRAL):
        abort(404)
    if es_de_observaciones(nucleo().catalogo, esquema) and not puede(ESCRIBEN, esquema) and request.blueprint != "subidas":
        abort(redirect(url_for("observaciones.lista", cut=cut, ejercicio=ejercicio), 303))
    return con_propias(nucleo().almacen, esquema, cut, ejercicio)


def _quienes() -> dict[str, str]:
    """Autor, como se anota → correo, para quienes son del equipo que puede ver la matriz."""
    return {f"usuario {u.id}": u.correo for u in leer_usuarios(nucleo().almacen)}


@matrices.get("/")
@permitir(LEEN)
def tabla(cut: str, ejercicio: int, formato: str) -> object:
    """Las filas, de a una página, con lo que falta en cada una."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    filas = leer_matriz(n.almacen, matriz)
    revisada = revisar(n.almacen, n.catalogo, matriz, filas) if filas else None
    pedido = {x: request.args.get(x, "") for x in ("buscado", "solo")}
    pagina = numero(request.args.get("pagina", ""), 0)
    return render_template(
        "matriz.html",
        **lo_comun(matriz),
        revisada=revisada,
        filas=filas,
        hoja=hojear(revisada, **pedido, pagina=pagina, junto_a=request.args.get("guardada", "")) if revisada else None,
        pedido=pedido,
        nacional=matriz.region == NIVEL_CENTRAL,
        anteriores=contar_filas(n.almacen, cut, ejercicio - 1).get(formato, 0),
        columnas=_columnas(matriz),
        quienes=_quienes(),
        quitada=_nombrada(matriz, "quitada"),
        **de_apertura(matriz),
    )


def de_apertura(matriz: Matriz) -> dict[str, object]:
    """Qué está abierto y qué se observó de esa matriz, a la vista de quien entró."""
    n = nucleo()
    formato = formato_de(n.catalogo)
    todas = formato is not None and puede(ESCRIBEN, formato)
    vistas = leer_observaciones(n.almacen, n.catalogo, matriz.region, matriz.ejercicio, todas=todas)
    suyas = [o for o in vistas if o.matriz == matriz.esquema.nombre]
    return {
        "apertura": leer_apertura(n.almacen, n.catalogo, matriz),
        "observadas": suyas,
        "relojes": relojes_de(n.catalogo, leer_expediente(n.almacen, n.catalogo, *matriz.lugar[1:]), n.reloj()) if suyas else (),
        "observable": matriz.esquema.nombre in observables(n.catalogo),
        "decir": lambda o, campo: nombrar(n.catalogo, o, campo),
    }


def _columnas(matriz: Matriz) -> list[Campo]:
    """Lo que dice de qué trata la fila: el primer campo en que se escribe libremente; en una nacional, de qué región y cuánto."""
    esquema = matriz.esquema
    if esquema.ambito == "nacional":
        return [c for c in esquema.campos if c.obligatorio and c.nombre not in esquema.principal.clave and c.tipo != "ejercicio"]
    escritos = [c for c in esquema.campos if c.tipo in ("texto", "parrafo") and not c.catalogo and not c.referencia]
    return escritos[:1] or [esquema.campos[0]]


def lo_comun(matriz: Matriz) -> dict[str, object]:
    """Lo que usan las tres pantallas."""
    rotulo = partial(rotulo_de, matriz.esquema)
    return {"esquema": matriz.esquema, "cut": matriz.region, "ejercicio": matriz.ejercicio, "rotulo": rotulo}


def rotulo_de(esquema: Esquema, datos: Mapping[str, str]) -> str:
    """El código de una fila, o sus claves si no tiene uno."""
    return " · ".join(datos[n] for n in esquema.principal.clave if datos.get(n)) or "sin código"


def _nombrada(matriz: Matriz, argumento: str) -> Fila | None:
    """La fila que nombra la dirección («?quitada=…»), si es de esta matriz: la que se acaba de tocar."""
    try:
        return leer_fila(nucleo().almacen, matriz, request.args.get(argumento, ""))
    except FilaInexistente:
        return None


@matrices.post("/")
@permitir(ESCRIBEN)
def comenzar(cut: str, ejercicio: int, formato: str) -> object:
    """Empieza a corregir lo que la región ya entregó."""
    matriz = la_matriz(cut, ejercicio, formato)
    empezar(nucleo().almacen, matriz, autor=autor(), ahora_utc=nucleo().reloj())
    return redirect(_url("matrices.tabla", matriz), 303)


@matrices.post("/copiar/")
@permitir(ESCRIBEN)
def copiar_anterior(cut: str, ejercicio: int, formato: str) -> object:
    """Trae las filas del ejercicio anterior que todavía no están, con las columnas que la región les había agregado."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    quien = {"autor": autor(), "ahora_utc": n.reloj()}
    heredar(n.almacen, matriz, ejercicio - 1, **quien)
    cuantas = copiar(n.almacen, n.catalogo, matriz, ejercicio - 1, **quien)
    return redirect(_url("matrices.tabla", matriz, copiadas=cuantas), 303)


@matrices.get("/planilla.xlsx")
@permitir(LEEN)
def planilla(cut: str, ejercicio: int, formato: str) -> object:
    """La planilla con lo ya guardado y, en sus listas, lo que se puede citar de las otras matrices como están ahora."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    esquema, filas = matriz.esquema, [dict(f.datos) for f in leer_matriz(n.almacen, matriz)]
    vivas = {**referidas_vivas(n.almacen, n.catalogo, matriz), esquema.nombre: filas}
    libro = escribir_plantilla(
        esquema,
        n.catalogo.opciones,
        filas=filas,
        referencias=citables(n.catalogo, esquema, vivas),
        region=cut,
        ejercicio=ejercicio,
        citas=lambda norma: n.catalogo.citar(norma).texto,
        notas=notas_de(n.catalogo, esquema, filas, de_apertura(matriz)["observadas"]),
    )
    return descargar_xlsx(libro, f"{esquema.nombre}-{cut}-{ejercicio}.xlsx")


@matrices.get("/<id>/")
@permitir(LEEN)
def fila(cut: str, ejercicio: int, formato: str, id: str) -> object:
    """Una fila para corregirla, o una en blanco si `id` es «nueva»."""
    matriz = la_matriz(cut, ejercicio, formato)
    if id == NUEVA:
        exigir(ESCRIBEN, matriz.esquema)
    actual = en_blanco(matriz, request.args) if id == NUEVA else leer_fila(nucleo().almacen, matriz, id)
    if actual.quitada_utc:
        return redirect(_url("matrices.historial", matriz, id=id), 303)
    return _dibujar(matriz, actual, con_errores=id != NUEVA)


def en_blanco(matriz: Matriz, valores: object) -> Fila:
    datos = {n: valores[n] for n in matriz.esquema.principal.nombres if n in valores}
    lugar = {"esquema": matriz.esquema.nombre, "region": matriz.region, "ejercicio": matriz.ejercicio}
    return Fila(id="", orden=0, version=0, datos=datos, cambiada_utc=nucleo().reloj(), **lugar, **_VACIA)


def _dibujar(
    matriz: Matriz, actual: Fila, *, con_errores: bool, choque: Fila | None = None, ajenos: tuple = (), buscado: str = ""
) -> str:
    """`choque`: lo que guardó otra persona, si lo de `actual` se quería guardar encima. `buscado`: el campo en que se busca."""
    revisada, indice = _revisar_con(matriz, actual)
    llenado = llenado_de(revisada, indice)
    seccion, de_ella = pantalla_de(matriz, roles_aqui()), de_apertura(matriz)
    if actual.id and not ajenos:
        guardada = leer_fila(nucleo().almacen, matriz, actual.id).datos
        seccion = replace(seccion, contenido=tuple(x for x in seccion.contenido if de_ella["apertura"].abre(guardada, x)))
    elif not de_ella["apertura"].agrega:
        raise FilaCerrada(f"No se pueden agregar filas. {de_ella['apertura'].cerrada}")
    return render_template(
        "matriz_fila.html",
        **lo_comun(matriz),
        **de_ella,
        fila=actual,
        fijos=[c for c in matriz.esquema.campos if c.nombre not in seccion.contenido and actual.datos.get(c.nombre)],
        bloques=dibujar(
            nucleo().catalogo,
            llenado,
            seccion,
            con_errores=con_errores,
            citables=revisada.citables,
            busquedas=escrito_en_cuadros(request.form),
            buscado=buscado,
        ),
        problemas=[(id_de_problema(llenado, p), p) for p in llenado.problemas] if con_errores else [],
        distintos=[c for c in matriz.esquema.campos if choque and choque.datos.get(c.nombre) != actual.datos.get(c.nombre)],
        choque=choque,
        anterior=_nombrada(matriz, "guardada"),
        quienes=_quienes(),
        sugiere=bool(sugerir_codigo(matriz.esquema, (), {})),
        ajenos=ajenos,
        unica=_para_ella(),
    )


def _revisar_con(matriz: Matriz, actual: Fila) -> tuple[Revisada, int]:
    """La matriz como quedaría con esa fila, y el lugar de la fila."""
    n = nucleo()
    filas = leer_matriz(n.almacen, matriz)
    lugar = next((i for i, f in enumerate(filas) if actual.id and f.id == actual.id), len(filas))
    filas[lugar : lugar + 1] = [actual]
    return revisar(n.almacen, n.catalogo, matriz, filas), lugar


@matrices.post("/<id>/")
@permitir(CORRIGEN)
def guardar(cut: str, ejercicio: int, formato: str, id: str) -> object:
    """Guarda la fila, con o sin errores: es un borrador. Si otra persona la guardó antes, muestra ambas.

    Si lo que se pidió es buscar una fila para citarla, no guarda: dibuja lo mismo con lo que se encontró.
    """
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    if id == NUEVA:
        exigir(ESCRIBEN, matriz.esquema)
    pares = [(nombre, v) for nombre, v in request.form.items(multi=True) if not es_de_buscador(nombre)]
    # Se lee también lo que se cerró mientras se escribía: si cambió, `FilaCerrada` lo dice y no se pierde.
    recibido = leer_pantalla(matriz.esquema, _lo_mostrado(matriz, id), pares)
    quien = {"autor": autor(), "ahora_utc": n.reloj()}
    if recibido.ajenos:
        return _dibujar(matriz, _como_llego(matriz, id, recibido), con_errores=True, ajenos=recibido.ajenos), 400
    if buscado := campo_buscado(request.form):
        return _dibujar(matriz, _como_llego(matriz, id, recibido), con_errores=id != NUEVA, buscado=buscado)
    if id == NUEVA:
        if not any(recibido.principal.values()):
            return redirect(_url("matrices.fila", matriz, id=NUEVA, vacia=1), 303)
        guardada, _ = agregar_fila(n.almacen, n.catalogo, matriz, recibido.principal, **quien, id=_para_ella())
    else:
        try:
            guardada = guardar_fila(n.almacen, n.catalogo, matriz, id, recibido.principal, version=_version(), **quien)
        except FilaCambiada as cambio:
            escrita = replace(cambio.actual, datos={**cambio.actual.datos, **recibido.principal}, quitada_utc=None)
            return _dibujar(matriz, escrita, con_errores=True, choque=cambio.actual), 409
    if request.form.get("accion") == "otra":
        return redirect(_url("matrices.fila", matriz, id=NUEVA, guardada=guardada.id), 303)
    return redirect(_url("matrices.tabla", matriz, guardada=guardada.id, _anchor=f"f-{guardada.id}"), 303)


def _lo_mostrado(matriz: Matriz, id: str) -> Seccion:
    """La pantalla sin los campos cerrados que no llegaron."""
    seccion, n = pantalla_de(matriz, roles_aqui()), nucleo()
    apertura = leer_apertura(n.almacen, n.catalogo, matriz)
    if id == NUEVA or apertura.toda:
        return seccion
    datos = leer_fila(n.almacen, matriz, id).datos
    quedan = (x for x in seccion.contenido if apertura.abre(datos, x) or nombre_de(x) in request.form)
    return replace(seccion, contenido=tuple(quedan))


def _como_llego(matriz: Matriz, id: str, recibido: Recibido) -> Fila:
    """Lo escrito, sobre la versión en que se escribió: si otra persona la guardó mientras, se verá al guardar."""
    if id == NUEVA:
        return replace(en_blanco(matriz, {}), datos=recibido.principal)
    base = leer_fila(nucleo().almacen, matriz, id)
    return replace(base, datos={**base.datos, **recibido.principal}, version=_version())


def _para_ella() -> str:
    """El id que la página reservó para la fila nueva: el mismo formulario mandado dos veces es una fila."""
    pedido = request.form.get("unica", "")
    return pedido if re.fullmatch("[0-9a-f]{16}", pedido) else secrets.token_hex(8)


def _version() -> int:
    return numero(request.form.get("revision", ""), -1)


def numero(escrito: str, si_no: int) -> int:
    return int(escrito) if escrito.isdecimal() and len(escrito) < 9 else si_no


def _url(vista: str, matriz: Matriz, **resto: object) -> str:
    return url_for(vista, cut=matriz.region, ejercicio=matriz.ejercicio, formato=matriz.esquema.nombre, **resto)


@matrices.post("/<id>/quitar/")
@permitir(ESCRIBEN)
def quitar(cut: str, ejercicio: int, formato: str, id: str) -> object:
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    try:
        quitar_fila(n.almacen, n.catalogo, matriz, id, version=_version(), autor=autor(), ahora_utc=n.reloj())
    except FilaCambiada as cambio:
        return _dibujar(matriz, cambio.actual, con_errores=True, choque=cambio.actual), 409
    return redirect(_url("matrices.tabla", matriz, quitada=id), 303)


@matrices.post("/<id>/reponer/")
@permitir(ESCRIBEN)
def reponer(cut: str, ejercicio: int, formato: str, id: str) -> object:
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    reponer_fila(n.almacen, n.catalogo, matriz, id, autor=autor(), ahora_utc=n.reloj())
    return redirect(_url("matrices.tabla", matriz, guardada=id, _anchor=f"f-{id}"), 303)


@matrices.get("/<id>/historial/")
@permitir(LEEN)
def historial(cut: str, ejercicio: int, formato: str, id: str) -> object:
    """Cada versión de la fila con lo que cambió y quién."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    actual = leer_fila(n.almacen, matriz, id)
    cambios = leer_cambios(n.almacen, matriz, id)
    campos, pasos, antes = con_propias(n.almacen, matriz.esquema, cut, ejercicio, quitadas=True).esquema.campos, [], {}
    for cambio in cambios:
        pares = [(c, antes.get(c.nombre, ""), cambio.datos.get(c.nombre, "")) for c in campos]
        pasos.append((cambio, [par for par in pares if par[1] != par[2]]))
        antes = cambio.datos
    aperturas = [a for a in leer_aperturas(n.almacen, cut, ejercicio) if a["esquema"] == formato and a["fila"] in ("", id)]
    return render_template(
        "matriz_historial.html",
        **lo_comun(matriz),
        fila=actual,
        pasos=pasos[::-1],
        quienes=_quienes(),
        repone=leer_apertura(n.almacen, n.catalogo, matriz).entera(actual.datos),
        aperturas=aperturas,
    )


@matrices.post("/abrir/")
@permitir(ENTREGAN)
def abrir_cerrada(cut: str, ejercicio: int, formato: str) -> object:
    """Quien firma abre una fila, o toda la matriz, y dice por qué."""
    n, matriz, id = nucleo(), la_matriz(cut, ejercicio, formato), request.form.get("fila", "")
    try:
        abrir(n.almacen, n.catalogo, matriz, id, motivo=request.form.get("motivo", ""), autor=autor(), ahora_utc=n.reloj())
    except ValueError as falta:
        abort(422, str(falta))
    return redirect(_url("matrices.fila", matriz, id=id) if id else _url("matrices.tabla", matriz), 303)
