"""Entregar una matriz: revisarla entera y, si no tiene errores, sellarla con su folio."""

from flask import Blueprint, redirect, render_template, request, url_for

from esquemas.validacion import Resultado
from formularios.envio import Envio
from formularios.fila_en_curso import Matriz, huella_de
from formularios.filas import leer_matriz
from formularios.matrices import revisar
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import es_el_vigente, vigente_de
from formularios.vistas import ENTREGAN, LEEN, exigir_su_region, nucleo, permitir
from formularios.vistas.expedientes import donde_se_entrega
from formularios.vistas.matrices import la_matriz, lo_comun
from formularios.vistas.regiones import autor

entregas = Blueprint("entregas", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/matrices/<formato>/entregar")
entregas.before_request(exigir_su_region)


@entregas.get("/")
@permitir(LEEN)
def revisada(cut: str, ejercicio: int, formato: str) -> object:
    """Todo lo que falta, y el botón si no falta nada. Lo que se entrega con un acto del expediente, se revisa allá."""
    matriz = la_matriz(cut, ejercicio, formato)
    if donde := donde_se_entrega(matriz.esquema, cut, ejercicio):
        return redirect(donde, 303)
    return _dibujar_entrega(matriz)


def _dibujar_entrega(matriz: Matriz, *, cambio: bool = False) -> str:
    n = nucleo()
    filas = leer_matriz(n.almacen, matriz)
    juzgada, vigente = revisar(n.almacen, n.catalogo, matriz, filas), vigente_de(n.almacen, *matriz.lugar)
    return render_template(
        "matriz_entregar.html",
        **lo_comun(matriz),
        filas=filas,
        revisada=juzgada,
        base=huella_de(filas),
        vigente=vigente,
        igual=juzgada.resultado.valido and es_el_vigente(vigente, juzgada.resultado),
        cambio=cambio,
        entregado=vigente is not None and request.args.get("folio") == vigente.folio,
        encuestas=[e for e in n.catalogo.encuestas if e.invitados.get("esquema") == matriz.esquema.nombre],
    )


@entregas.post("/")
@permitir(ENTREGAN)
def entregar(cut: str, ejercicio: int, formato: str) -> object:
    """Entrega lo que se mostró, y da su folio. Si alguien lo cambió mientras tanto, se muestra otra vez."""
    n, matriz = nucleo(), la_matriz(cut, ejercicio, formato)
    if donde := donde_se_entrega(matriz.esquema, cut, ejercicio):
        return redirect(donde, 303)
    filas = leer_matriz(n.almacen, matriz)
    resultado = revisar(n.almacen, n.catalogo, matriz, filas).resultado
    if huella_de(filas) != request.form.get("base"):
        return _dibujar_entrega(matriz, cambio=True), 409
    if not resultado.valido:
        return _dibujar_entrega(matriz), 422
    vigente = vigente_de(n.almacen, *matriz.lugar)
    if es_el_vigente(vigente, resultado):  # el mismo botón dos veces, o nada cambió: no gasta otro folio
        return redirect(_url(matriz, vigente.folio), 303)
    return redirect(_url(matriz, recibir_de_region(matriz, resultado).folio), 303)


def recibir_de_region(matriz: Matriz, resultado: Resultado) -> Envio:
    """Sella lo que entrega el equipo con sesión y devuelve el envío con su folio. Lanza lo que `recibir`."""
    n = nucleo()
    return recibir(n.almacen, n.catalogo, resultado, Recepcion(matriz.region, matriz.ejercicio, n.reloj(), "web", autor()))


def _url(matriz: Matriz, folio: str) -> str:
    lugar = {"cut": matriz.region, "ejercicio": matriz.ejercicio, "formato": matriz.esquema.nombre}
    return url_for("entregas.revisada", **lugar, folio=folio)
