"""Una fila de una matriz: agregarla, corregirla, quitarla, reponerla y saber qué fue de ella."""

import re
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace

from flask import Blueprint, redirect, render_template, request

from esquemas.condicion import cumple
from esquemas.modelo import Campo, Seccion
from formularios.apertura import FilaCerrada, leer_apertura, leer_aperturas
from formularios.buscador import campo_buscado, es_de_buscador, escrito_en_cuadros
from formularios.controles import dibujar, id_de_problema
from formularios.fila_en_curso import Fila, FilaCambiada, Matriz, cambiado, encima, sugerir_codigo
from formularios.filas import (
    agregar_fila,
    guardar_fila,
    leer_cambios,
    leer_fila,
    leer_matriz,
    quitar_fila,
    reponer_fila,
)
from formularios.matrices import Revisada, llenado_de, pantalla_de, revisar
from formularios.pantalla import Recibido, leer_pantalla, nombre_de
from formularios.propias import con_propias
from formularios.vistas import CORRIGEN, ESCRIBEN, LEEN, exigir, exigir_su_region, nucleo, permitir, roles_aqui
from formularios.vistas.matrices import de_apertura, la_matriz, lo_comun, nombrada, numero, quienes, url_en
from formularios.vistas.regiones import autor

filas = Blueprint("filas", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/matrices/<formato>")
filas.before_request(exigir_su_region)

NUEVA = "nueva"
_VACIA = {"origen": "", "por_revisar": "", "autor": ""}


@filas.get("/<id>/")
@permitir(LEEN)
def una(cut: str, ejercicio: int, formato: str, id: str) -> object:
    """Una fila para corregirla, o una en blanco si `id` es «nueva»."""
    matriz = la_matriz(cut, ejercicio, formato)
    if id == NUEVA:
        exigir(ESCRIBEN, matriz.esquema)
    actual = en_blanco(matriz, request.args) if id == NUEVA else leer_fila(nucleo().almacen, matriz, id)
    if actual.quitada_utc:
        return redirect(url_en("filas.historial", matriz, id=id), 303)
    return _dibujar(matriz, actual, con_errores=id != NUEVA)


def en_blanco(matriz: Matriz, valores: object) -> Fila:
    datos = {n: valores[n] for n in matriz.esquema.principal.nombres if n in valores}
    lugar = {"esquema": matriz.esquema.nombre, "region": matriz.region, "ejercicio": matriz.ejercicio}
    return Fila(id="", orden=0, version=0, datos=datos, cambiada_utc=nucleo().reloj(), **lugar, **_VACIA)


def _dibujar(
    matriz: Matriz,
    actual: Fila,
    *,
    con_errores: bool,
    choque: Fila | None = None,
    conservados: Sequence[Campo] = (),
    quitando: bool = False,
    ajenos: tuple = (),
    buscado: str = "",
) -> str:
    """`choque`: lo que guardó otra persona, si lo de `actual` se quería guardar, o quitar, encima; `conservados`: lo que ella
    cambió y queda. `buscado`: el campo en que se busca."""
    revisada, indice = _revisar_con(matriz, actual)
    anterior = nombrada(matriz, "guardada")
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
        fijos=[c for c in matriz.esquema.campos if c.nombre not in seccion.contenido and (choque or actual).datos.get(c.nombre)],
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
        conservados=conservados,
        choque=choque,
        quitando=quitando,
        anterior=anterior,
        errores_de_la_anterior=revisada.errores_de(anterior.id) if anterior else 0,
        quienes=quienes(),
        sugiere=bool(sugerir_codigo(matriz.esquema, (), {})),
        ajenos=ajenos,
        unica=_para_ella(),
    )


def _revisar_con(matriz: Matriz, actual: Fila) -> tuple[Revisada, int]:
    """La matriz como quedaría con esa fila, y el lugar de la fila."""
    n = nucleo()
    todas = leer_matriz(n.almacen, matriz)
    lugar = next((i for i, f in enumerate(todas) if actual.id and f.id == actual.id), len(todas))
    todas[lugar : lugar + 1] = [actual]
    return revisar(n.almacen, n.catalogo, matriz, todas), lugar


@filas.post("/<id>/")
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
            return redirect(url_en("filas.una", matriz, id=NUEVA, vacia=1), 303)
        antes: Mapping[str, str] = {}
        guardada, _ = agregar_fila(n.almacen, n.catalogo, matriz, recibido.principal, **quien, id=_para_ella())
    else:
        antes = leer_fila(n.almacen, matriz, id).datos
        try:
            como = {"version": _version(), "visto": request.form.get("por_revisar", ""), **quien}
            guardada = guardar_fila(n.almacen, n.catalogo, matriz, id, recibido.principal, **como)
        except FilaCambiada as cambio:
            return _chocar(matriz, cambio.actual, recibido.principal)
    if request.form.get("accion") == "otra":
        return redirect(url_en("filas.una", matriz, id=NUEVA, guardada=guardada.id), 303)
    condicionales = (c for c in matriz.esquema.campos if c.mostrar_si and not cumple(c.mostrar_si, guardada.datos))
    vaciados = [c.nombre for c in condicionales if antes.get(c.nombre) and not guardada.datos[c.nombre]]
    return redirect(url_en("matrices.tabla", matriz, guardada=guardada.id, vaciado=vaciados, _anchor=f"f-{guardada.id}"), 303)


def _lo_mostrado(matriz: Matriz, id: str) -> Seccion:
    """Lo que tenía a la vista quien escribió: lo que se abrió después no se vacía. De lo que se cerró, solo lo que llegó."""
    seccion, n = pantalla_de(matriz, roles_aqui()), nucleo()
    if id == NUEVA:
        return seccion
    apertura, datos = leer_apertura(n.almacen, n.catalogo, matriz), leer_fila(n.almacen, matriz, id).datos
    vistos = request.form.get("a_la_vista", "").split()
    quedan = (x for x in seccion.contenido if nombre_de(x) in request.form or (x in vistos and apertura.abre(datos, x)))
    return replace(seccion, contenido=tuple(quedan))


def _como_llego(matriz: Matriz, id: str, recibido: Recibido) -> Fila:
    """Lo escrito, sobre la versión en que se escribió: si otra persona la guardó mientras, se verá al guardar."""
    if id == NUEVA:
        return replace(en_blanco(matriz, {}), datos=recibido.principal)
    base = leer_fila(nucleo().almacen, matriz, id)
    return replace(base, datos={**base.datos, **recibido.principal}, version=_version())


def _chocar(matriz: Matriz, actual: Fila, valores: Mapping[str, str], quitando: bool = False) -> object:
    """Otra persona la guardó antes: se muestra lo que esta cambió sobre lo guardado. Si ya dice eso, no hay qué elegir."""
    versiones = {c.version: c.datos for c in leer_cambios(nucleo().almacen, matriz, actual.id)}
    vista = versiones.get(_version(), actual.datos)
    suyo = cambiado(matriz.esquema, vista, valores)
    escrita = replace(actual, datos=encima(matriz.esquema, actual.datos, suyo), quitada_utc=None)
    if actual.quitada_utc and quitando:
        return redirect(url_en("matrices.tabla", matriz, quitada=actual.id), 303)
    if escrita.datos == actual.datos and not (actual.quitada_utc or quitando):
        return redirect(url_en("matrices.tabla", matriz, guardada=actual.id, _anchor=f"f-{actual.id}"), 303)
    del_otro = {n for n, v in actual.datos.items() if v != vista.get(n, "")} - suyo.keys()
    conservados = [c for c in matriz.esquema.campos if c.nombre in del_otro]
    return _dibujar(matriz, escrita, con_errores=True, choque=actual, conservados=conservados, quitando=quitando), 409


def _para_ella() -> str:
    """El id que la página reservó para la fila nueva: el mismo formulario mandado dos veces es una fila."""
    pedido = request.form.get("unica", "")
    return pedido if re.fullmatch("[0-9a-f]{16}", pedido) else secrets.token_hex(8)


def _version() -> int:
    return numero(request.form.get("revision", ""), -1)


@filas.post("/<id>/quitar/")
@permitir(ESCRIBEN)
def quitar(cut: str, ejercicio: int, formato: str, id: str) -> object:
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    try:
        quitar_fila(n.almacen, n.catalogo, matriz, id, version=_version(), autor=autor(), ahora_utc=n.reloj())
    except FilaCambiada as cambio:
        return _chocar(matriz, cambio.actual, {}, quitando=True)
    return redirect(url_en("matrices.tabla", matriz, quitada=id), 303)


@filas.post("/<id>/reponer/")
@permitir(ESCRIBEN)
def reponer(cut: str, ejercicio: int, formato: str, id: str) -> object:
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    reponer_fila(n.almacen, n.catalogo, matriz, id, autor=autor(), ahora_utc=n.reloj())
    return redirect(url_en("matrices.tabla", matriz, guardada=id, _anchor=f"f-{id}"), 303)


@filas.get("/<id>/historial/")
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
        quienes=quienes(),
        repone=leer_apertura(n.almacen, n.catalogo, matriz).entera(actual.datos),
        aperturas=aperturas,
    )
