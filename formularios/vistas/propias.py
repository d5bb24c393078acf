"""Las columnas que la región agrega a una matriz: verlas, agregarlas, cambiarlas, quitarlas y descargar lo que dicen."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Esquema
from esquemas.propias import LARGOS, NORMA, TIPOS_PROPIOS, TOPE, ColumnaInvalida, aparte
from esquemas.tabla import escribir_csv
from esquemas.tipos import TIPOS
from formularios.fila_en_curso import Matriz
from formularios.filas import leer_matriz
from formularios.matrices import revisar
from formularios.propias import (
    columnas_aparte,
    contar_usos,
    declarar,
    escribir_libro,
    heredar,
    leer_columnas,
    leer_copias,
    quitar,
)
from formularios.vistas import ESCRIBEN, LEEN, exigir_su_region, nucleo, permitir
from formularios.vistas.archivos import descargar_xlsx
from formularios.vistas.expedientes import bajar
from formularios.vistas.matrices import la_matriz, lo_comun
from formularios.vistas.regiones import autor

propias = Blueprint("propias", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/matrices/<formato>/propias")
propias.before_request(exigir_su_region)


@propias.get("/")
@permitir(ESCRIBEN)
def ver(cut: str, ejercicio: int, formato: str) -> object:
    """Las declaradas y en cuántas filas se usan. «?cambiar=…» llena el formulario con esa; «?titulo=…», con ese título."""
    matriz = la_matriz(cut, ejercicio, formato)
    columnas = leer_columnas(nucleo().almacen, matriz)
    elegida = next((k for k in columnas if k.nombre == request.args.get("cambiar")), None)
    escrito = {n: getattr(elegida, n) for n in ("nombre", "titulo", "tipo", "ayuda")} if elegida else request.args
    return _dibujar(matriz, escrito)


def _dibujar(matriz: Matriz, escrito: Mapping[str, str], **resto: object) -> str:
    n, columnas = nucleo(), leer_columnas(nucleo().almacen, matriz)
    del_anterior = leer_columnas(n.almacen, Matriz(matriz.esquema, matriz.region, matriz.ejercicio - 1))
    ya = {k.nombre for k in leer_columnas(n.almacen, matriz, quitadas=True)}
    return render_template(
        "propias.html",
        **lo_comun(matriz),
        columnas=columnas,
        usos=contar_usos(leer_matriz(n.almacen, matriz), columnas),
        heredables=[k for k in del_anterior if k.nombre not in ya],
        copias=leer_copias(n.almacen, n.catalogo, matriz),
        tipos={t: TIPOS[t].titulo for t in TIPOS_PROPIOS},
        escrito=escrito,
        largos=LARGOS,
        tope=TOPE,
        norma_de_propias=(NORMA,),
        **{"falla": None, "por_quitar": None, **resto},
    )


@propias.post("/")
@permitir(ESCRIBEN)
def actuar(cut: str, ejercicio: int, formato: str) -> object:
    """Hace lo que pide el botón: «declarar», «heredar» o «quitar:propia_x». Quitar una con datos se confirma."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    accion, _, nombre = request.form.get("accion", "").partition(":")
    quien = {"autor": autor(), "ahora_utc": n.reloj()}
    if accion == "declarar":
        escrito = {c: request.form.get(c, "") for c in ("titulo", "tipo", "ayuda", "nombre")}
        try:
            hecha = declarar(n.almacen, matriz, **escrito, **quien)
        except ColumnaInvalida as falla:
            return _dibujar(matriz, escrito, falla=falla), 422
        return _volver(matriz, declarada=hecha.nombre)
    if accion == "heredar":
        return _volver(matriz, copiadas=heredar(n.almacen, matriz, ejercicio - 1, **quien))
    columna = next((k for k in leer_columnas(n.almacen, matriz) if accion == "quitar" and k.nombre == nombre), None) or abort(400)
    if contar_usos(leer_matriz(n.almacen, matriz), [columna])[nombre] and not request.form.get("confirmada"):
        return _dibujar(matriz, {}, por_quitar=columna)
    quitar(n.almacen, matriz, nombre, **quien)
    return _volver(matriz, quitada=columna.titulo)


def _volver(matriz: Matriz, **hecho: object) -> object:
    lugar = {"cut": matriz.region, "ejercicio": matriz.ejercicio, "formato": matriz.esquema.nombre}
    return redirect(url_for("propias.ver", **lugar, **hecho), 303)


@propias.get("/columnas.csv")
@permitir(LEEN)
def en_csv(cut: str, ejercicio: int, formato: str) -> object:
    """Para otra máquina: nombres y valores canónicos, como el consolidado."""
    esquema, filas, nombre = _lo_pedido(la_matriz(cut, ejercicio, formato))
    nombres = [c.nombre for c in columnas_aparte(esquema)]
    datos = escribir_csv(nombres, ([f.get(n, "") for n in nombres] for f in filas))
    return bajar(datos, "text/csv; charset=utf-8", f"{nombre}.csv")


@propias.get("/columnas.xlsx")
@permitir(LEEN)
def en_xlsx(cut: str, ejercicio: int, formato: str) -> object:
    """Para una persona: con títulos y tipos."""
    esquema, filas, nombre = _lo_pedido(la_matriz(cut, ejercicio, formato))
    return descargar_xlsx(escribir_libro(esquema, filas), f"{nombre}.xlsx")


def _lo_pedido(matriz: Matriz) -> tuple[Esquema, Sequence[Mapping[str, str]], str]:
    """Esquema con sus columnas propias, filas y nombre del archivo: como están ahora o, con «?folio=…», como se entregaron."""
    n, folio = nucleo(), request.args.get("folio")
    nombre = f"propias-{matriz.esquema.nombre}-{folio or f'{matriz.region}-{matriz.ejercicio}'}"
    if folio:
        copia = next((c for c in leer_copias(n.almacen, n.catalogo, matriz) if c.folio == folio), None) or abort(404)
        return copia.esquema, copia.filas, nombre
    if not matriz.esquema.propias:
        abort(404)
    return matriz.esquema, aparte(revisar(n.almacen, n.catalogo, matriz, leer_matriz(n.almacen, matriz)).resultado), nombre
