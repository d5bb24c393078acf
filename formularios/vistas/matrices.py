"""Una matriz de la región: verla, empezarla, copiarla del ejercicio anterior, bajarla y abrir lo cerrado."""

from collections.abc import Mapping
from functools import partial

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.modelo import Campo, Esquema
from esquemas.plantilla import escribir_plantilla
from formularios.accesos import leer_usuarios
from formularios.apertura import abrir, leer_apertura
from formularios.expediente import leer_expediente, relojes_de
from formularios.fila_en_curso import Fila, FilaInexistente, Matriz, clave_de
from formularios.filas import (
    contar_filas,
    copiar,
    empezar,
    leer_fila,
    leer_matriz,
    leer_quitadas,
)
from formularios.folio import NIVEL_CENTRAL
from formularios.hojear import hojear
from formularios.matrices import revisar
from formularios.observaciones import es_de_observaciones, formato_de, leer_observaciones, nombrar, notas_de, observables
from formularios.por_revisar import leer_citas
from formularios.propias import con_propias, heredar
from formularios.vistas import ENTREGAN, ESCRIBEN, LEEN, exigir_su_region, nucleo, permitir, puede
from formularios.vistas.archivos import descargar_xlsx
from formularios.vistas.regiones import autor

matrices = Blueprint("matrices", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/matrices/<formato>")
matrices.before_request(exigir_su_region)



def la_matriz(cut: str, ejercicio: int, formato: str) -> Matriz:
    """La de la dirección, con sus columnas propias: lo nacional, solo en «00». 404 si no existe o es una encuesta.

    Quien no observa va a su lista de observaciones: en la matriz hay filas que Sercotec aún no envía.
    """
    esquema = nucleo().catalogo.esquemas.get(formato)
    if esquema is None or esquema.es_encuesta or (esquema.ambito == "nacional") != (cut == NIVEL_CENTRAL):
        abort(404)
    if es_de_observaciones(nucleo().catalogo, esquema) and not puede(ESCRIBEN, esquema) and request.blueprint != "subidas":
        hecho = "aplicada" if "aplicado" in request.args else None
        abort(redirect(url_for("observaciones.lista", cut=cut, ejercicio=ejercicio, hecho=hecho), 303))
    return con_propias(nucleo().almacen, esquema, cut, ejercicio)


def quienes() -> dict[str, str]:
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
        vaciada=formato in contar_filas(n.almacen, cut, ejercicio),  # una que nadie empezó no se cuenta
        nacional=matriz.region == NIVEL_CENTRAL,
        anteriores=contar_filas(n.almacen, cut, ejercicio - 1).get(formato, 0),
        columnas=_columnas(matriz),
        quienes=quienes(),
        quitada=(quitada := nombrada(matriz, "quitada")),
        citan=leer_citas(n.almacen, n.catalogo, matriz, {clave_de(matriz.esquema, quitada.datos)}) if quitada else {},
        quitadas=leer_quitadas(n.almacen, matriz),
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


def nombrada(matriz: Matriz, argumento: str) -> Fila | None:
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
    return redirect(url_en("matrices.tabla", matriz), 303)


@matrices.post("/copiar/")
@permitir(ESCRIBEN)
def copiar_anterior(cut: str, ejercicio: int, formato: str) -> object:
    """Trae las filas del ejercicio anterior que todavía no están, con las columnas que la región les había agregado."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    quien = {"autor": autor(), "ahora_utc": n.reloj()}
    heredar(n.almacen, matriz, ejercicio - 1, **quien)
    cuantas = copiar(n.almacen, n.catalogo, matriz, ejercicio - 1, **quien)
    return redirect(url_en("matrices.tabla", matriz, copiadas=cuantas), 303)


@matrices.get("/planilla.xlsx")
@permitir(LEEN)
def planilla(cut: str, ejercicio: int, formato: str) -> object:
    """La planilla con lo ya guardado y, en sus listas, lo que se puede citar de las otras matrices como están ahora."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    esquema, revisada = matriz.esquema, revisar(n.almacen, n.catalogo, matriz, leer_matriz(n.almacen, matriz))
    filas = revisada.valores
    libro = escribir_plantilla(
        esquema,
        n.catalogo.opciones,
        filas=filas,
        referencias=revisada.citables,
        region=cut,
        ejercicio=ejercicio,
        citas=lambda norma: n.catalogo.citar(norma).texto,
        notas=notas_de(n.catalogo, esquema, filas, de_apertura(matriz)["observadas"]),
    )
    return descargar_xlsx(libro, f"{esquema.nombre}-{cut}-{ejercicio}.xlsx")


def numero(escrito: str, si_no: int) -> int:
    return int(escrito) if escrito.isdecimal() and len(escrito) < 9 else si_no


def url_en(vista: str, matriz: Matriz, **resto: object) -> str:
    return url_for(vista, cut=matriz.region, ejercicio=matriz.ejercicio, formato=matriz.esquema.nombre, **resto)


@matrices.post("/abrir/")
@permitir(ENTREGAN)
def abrir_cerrada(cut: str, ejercicio: int, formato: str) -> object:
    """Quien firma abre una fila, o toda la matriz, y dice por qué."""
    n, matriz, id = nucleo(), la_matriz(cut, ejercicio, formato), request.form.get("fila", "")
    try:
        abrir(n.almacen, n.catalogo, matriz, id, motivo=request.form.get("motivo", ""), autor=autor(), ahora_utc=n.reloj())
    except ValueError as falta:
        abort(422, str(falta))
    return redirect(url_en("filas.una", matriz, id=id) if id else url_en("matrices.tabla", matriz), 303)
