"""El mapa de la región: de lo que se observa a los pesos, con los huecos a la vista, según las matrices como están ahora."""

from flask import Blueprint, render_template

from esquemas.cadena import armar
from esquemas.errores import Problema
from esquemas.palabras import condicion
from esquemas.traza import Renglon, dibujar, renglones
from formularios.fila_en_curso import Matriz
from formularios.filas import leer_matriz
from formularios.matrices import Revisada, revisar
from formularios.roles import VEN
from formularios.vistas import exigir_su_region, nucleo, permitir

mapa = Blueprint("mapa", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/mapa")
mapa.before_request(exigir_su_region)


@mapa.get("/")
@permitir(*VEN)
def ver(cut: str, ejercicio: int) -> object:
    """El dibujo, su tabla, lo que quedó sin enlace y lo que el núcleo dice de toda la matriz (falta citar, montos)."""
    n = nucleo()
    declarado = n.catalogo.proceso.mapa
    matrices = [Matriz(n.catalogo.esquemas[nombre], cut, ejercicio) for nombre in declarado.matrices]
    filas = {m.esquema.nombre: leer_matriz(n.almacen, m) for m in matrices}
    revisadas = [revisar(n.almacen, n.catalogo, m, f) for m in matrices if (f := filas[m.esquema.nombre])]
    datos = {m.esquema.nombre: [] for m in matrices} | {r.matriz.esquema.nombre: _legibles(r, declarado.suma) for r in revisadas}
    columnas, flechas = armar(n.catalogo, datos, declarado.columnas, suma=declarado.suma)
    tabla = renglones(columnas, flechas)
    titulo = " → ".join(c.titulo for c in columnas)
    return render_template(
        "mapa.html",
        cut=cut,
        ejercicio=ejercicio,
        norma_del_mapa=declarado.norma,
        matrices=[(m.esquema, len(filas[m.esquema.nombre])) for m in matrices],
        titulo=titulo,
        dibujo=dibujar(titulo, "Los mismos datos están en la tabla que sigue.", columnas, flechas) if tabla else "",
        tabla=tabla,
        huecos=[(c.titulo, *_huecos([r for r in tabla if r.columna == c.titulo])) for c in columnas],
        cuentan=_lo_que_cuenta(revisadas),
        dichos=[(r.matriz.esquema, dicho) for r in revisadas if (dicho := _de_toda(r))],
    )


def _lo_que_cuenta(revisadas: list[Revisada]) -> list[str]:
    """En qué filas miran los montos las reglas que los suman: el dibujo los suma todos."""
    reglas = ((r.matriz.esquema, x) for r in revisadas for x in r.matriz.esquema.principal.reglas if x.clase == "suma" and x.si)
    return list(dict.fromkeys(condicion(x.si, nucleo().catalogo.opciones, e.tablas) for e, x in reglas))


def _de_toda(revisada: Revisada) -> list[Problema]:
    """Lo de toda la matriz, y los montos que faltan por asignar o se pasan, aunque se digan en una fila."""
    sumas = {r.codigo for r in revisada.matriz.esquema.principal.reglas if r.clase == "suma"}
    return [p for p in revisada.resultado.problemas if p.indice is None or p.codigo in sumas]


def _legibles(revisada: Revisada, suma: str) -> list[dict[str, str]]:
    """Una fila por código, con su suma en números: lo que aún no se puede leer no se suma."""
    filas = [f if f.get(suma, "0").isdecimal() else {**f, suma: ""} for f in revisada.valores]
    return list({f["codigo"]: f for f in filas if f["codigo"]}.values())


def _huecos(filas: list[Renglon]) -> tuple[int, list[str], list[str]]:
    """Cuántos hay, los que no vienen de nada y los que no llevan a nada, cuando se espera."""
    return len(filas), [r.nodo.rotulo for r in filas if r.viene == ()], [r.nodo.rotulo for r in filas if r.lleva == ()]
