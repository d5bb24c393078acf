"""El análisis de una encuesta en una región: completo, para quienes preparan la sesión, y lo que puede ver cualquiera."""

from collections import Counter
from collections.abc import Iterable, Sequence

from flask import Blueprint, abort, redirect, render_template, request, url_for
from markupsafe import Markup

from esquemas.analisis import COLUMNAS, COLUMNAS_DE_CITAS, Analizado, Casilla, como_citas, como_tabla, publicar
from esquemas.graficos import barras
from esquemas.modelo import Esquema
from esquemas.reserva import MINIMO
from esquemas.tabla import escribir_csv, neutralizar
from esquemas.vocabulario import Palabra
from formularios import analisis as casos
from formularios.convocatoria import ENVIADO, Invitado, leer_invitados
from formularios.roles import EDITAN
from formularios.vigencia import ejercicios_de
from formularios.vistas import EJERCICIOS, LEEN, PUBLICO, exigir_su_region, nucleo, permitir, roles_aqui
from formularios.vistas.en_curso import leer_encuesta
from formularios.vistas.expedientes import bajar
from formularios.vistas.regiones import ESTADOS, autor

analisis = Blueprint("analisis", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/analisis")
analisis.before_request(exigir_su_region)
publicado = Blueprint("publicado", __name__, url_prefix="/analisis")

A_LA_VISTA = 12  # barras de un gráfico, y palabras abiertas


def _encuesta(id: str) -> Esquema:
    esquema = leer_encuesta(id)
    if esquema.analisis is None:
        abort(404)
    return esquema


def _leer(id: str, cut: str, ejercicio: int) -> tuple[Esquema, Analizado]:
    n, esquema = nucleo(), _encuesta(id)
    return esquema, casos.leer_analisis(n.almacen, n.catalogo, esquema, cut, ejercicio)


def dibujar(titulo: str, cosas: Sequence[Casilla | Palabra], base: int) -> Markup:
    """Las barras de las mayores, con su base."""
    mayores = [(x.nombre, x.respuestas) for x in cosas[:A_LA_VISTA]]
    descripcion = f"Respuestas por opción, de mayor a menor. La mayor es «{mayores[0][0]}», con {mayores[0][1]} de {base}."
    return Markup(barras(titulo, descripcion, mayores, lambda cuantas: f"{cuantas} de {base}"))


def _dibujar(esquema: Esquema, analizado: Analizado | None, cut: str, ejercicio: int, **resto: object) -> str:
    lugar = {"cut": cut, "ejercicio": ejercicio, "esquema": esquema, "a": analizado}
    return render_template("analisis.html", **lugar, dibujar=dibujar, a_la_vista=A_LA_VISTA, minimo=MINIMO, **resto)


@analisis.get("/<id>/")
@permitir(LEEN)
def ver(cut: str, ejercicio: int, id: str) -> object:
    esquema, analizado = _leer(id, cut, ejercicio)
    n = nucleo()
    invitados = leer_invitados(n.almacen, esquema, cut, ejercicio) if esquema.invitados else None
    pasadas = casos.leer_pasadas(n.almacen, n.catalogo, esquema, cut, ejercicio)
    hecha = pasadas.get(request.args.get("pasada", ""))
    campos = n.catalogo.esquemas[hecha.esquema].campos if hecha else ()
    return _dibujar(
        esquema,
        analizado,
        cut,
        ejercicio,
        publica=False,
        invitados=invitados,
        sin_responder=_sin_responder(esquema, invitados or ()),
        cuenta=Counter(i.estado for i in invitados or ()),
        enviado=ENVIADO,
        matrices=n.catalogo.esquemas,
        pasadas=pasadas,
        hecha=hecha,
        pasa=bool(roles_aqui() & set(EDITAN)),
        falta=[c.titulo for c in campos if c.obligatorio and not hecha.datos.get(c.nombre)],
        origen_de=casos.origen_de,
    )


def _sin_responder(esquema: Esquema, invitados: Iterable[Invitado]) -> list[tuple[str, str]]:
    """(cómo se nombra, en qué va) de los que faltan. Si la matriz los nombra con un dato de personas, va su código."""
    if not esquema.invitados:
        return []
    matriz = nucleo().catalogo.esquemas[esquema.invitados["esquema"]].principal
    con_nombre = matriz.campo(esquema.invitados["nombre"]).dato in ("publico", "interno")
    return [(i.nombre if con_nombre else i.codigo, ESTADOS[i.estado]) for i in invitados if i.estado != ENVIADO]


@analisis.post("/<id>/")
@permitir(*EDITAN)
def pasar(cut: str, ejercicio: int, id: str) -> object:
    """Pasa una cita a su matriz: `accion` es «apartado:folio:fila»."""
    n, esquema = nucleo(), _encuesta(id)
    nombre, folio, fila = [*request.form.get("accion", "").split(":"), "", ""][:3]
    apartado = next((a for a in esquema.analisis.apartados if a.nombre == nombre), None)
    if apartado is None or not (fila.isascii() and fila.isdecimal()):
        abort(400)
    lugar = {"region": cut, "ejercicio": ejercicio, "autor": autor(), "ahora_utc": n.reloj()}
    try:
        pasada, nueva = casos.pasar(n.almacen, n.catalogo, esquema, apartado, folio, int(fila), **lugar)
    except casos.CitaInexistente:
        abort(404)
    hecho = {"pasada": pasada.origen, "apartado": nombre, "nueva": int(nueva)}
    return redirect(url_for(".ver", cut=cut, ejercicio=ejercicio, id=id, **hecho, _anchor=nombre), 303)


@analisis.get("/<id>.csv")
@permitir(LEEN)
def descargar(cut: str, ejercicio: int, id: str) -> object:
    """Todos los números, una línea por cada uno."""
    _, analizado = _leer(id, cut, ejercicio)
    return _descargar(escribir_csv(COLUMNAS, como_tabla(analizado)), f"analisis-{id}-{cut}-{ejercicio}")


@analisis.get("/<id>/citas.csv")
@permitir(LEEN)
def descargar_citas(cut: str, ejercicio: int, id: str) -> object:
    """Todas las citas, con su folio y las palabras que comparten. Lo que parece fórmula va con «'»: lo escribió cualquiera."""
    _, analizado = _leer(id, cut, ejercicio)
    lineas = (map(neutralizar, cita) for cita in como_citas(analizado))
    return _descargar(escribir_csv(COLUMNAS_DE_CITAS, lineas), f"citas-{id}-{cut}-{ejercicio}")


def _descargar(datos: bytes, nombre: str) -> object:
    return bajar(datos, "text/csv; charset=utf-8", f"{nombre}.csv")


# --- Lo que puede ver cualquiera ----------------------------------------------------------------------


def _leer_publico(id: str, cut: str, ejercicio: int) -> tuple[Esquema, Analizado | None]:
    regiones = {o.codigo for o in nucleo().catalogo.opciones["regiones"].opciones}
    if cut not in regiones or ejercicio not in EJERCICIOS:
        abort(404)
    esquema, analizado = _leer(id, cut, ejercicio)
    return esquema, publicar(analizado)


@publicado.get("/<id>/")
@permitir(PUBLICO)
def elegir(id: str) -> object:
    """Las regiones y los ejercicios que se están respondiendo."""
    n, esquema = nucleo(), _encuesta(id)
    lugares = {"regiones": n.catalogo.opciones["regiones"].opciones, "ejercicios": ejercicios_de(n.reloj())}
    return render_template("analisis_regiones.html", esquema=esquema, minimo=MINIMO, **lugares)


@publicado.get("/<id>/<cut>/<int:ejercicio>/")
@permitir(PUBLICO)
def ver_publico(id: str, cut: str, ejercicio: int) -> object:
    esquema, analizado = _leer_publico(id, cut, ejercicio)
    return _dibujar(esquema, analizado, cut, ejercicio, publica=True, pasa=False)


@publicado.get("/<id>/<cut>/<int:ejercicio>.csv")
@permitir(PUBLICO)
def descargar_publico(id: str, cut: str, ejercicio: int) -> object:
    """Los números públicos; lo oculto va vacío."""
    _, analizado = _leer_publico(id, cut, ejercicio)
    lineas = como_tabla(analizado) if analizado else []
    return _descargar(escribir_csv(COLUMNAS, lineas), f"analisis-publico-{id}-{cut}-{ejercicio}")
