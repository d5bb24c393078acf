"""Una región entrega un archivo: se revisa como al probarlo y, si no tiene errores, se guarda y recibe folio."""

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.hoja import TOPES
from esquemas.modelo import Esquema
from esquemas.plazos import presentado_legal
from esquemas.propias import como_se_escribio
from esquemas.validacion import Contexto, Resultado
from formularios.envio import Comprobante, Envio, EnvioRechazado
from formularios.fila_en_curso import Matriz
from formularios.filas import alinear
from formularios.propias import con_propias, conservar_de
from formularios.recepcion import comprobante, es_el_vigente, excepciones_de, recibir, referidas_de, vigente_de
from formularios.vistas import nucleo, permitir
from formularios.vistas.archivos import revisar_subido
from formularios.vistas.regiones import ROLES, autor, exigir_su_region

cargas = Blueprint("cargas", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/cargar")
cargas.before_request(exigir_su_region)


def formato_de_region(nombre: str) -> Esquema:
    """Solo lo que entrega una región: ni lo nacional ni las encuestas."""
    esquema = nucleo().catalogo.esquemas.get(nombre)
    if esquema is None or esquema.es_encuesta or esquema.ambito == "nacional":
        abort(404)
    return esquema


@cargas.get("/<formato>/")
@permitir(*ROLES)
def subir(cut: str, ejercicio: int, formato: str) -> object:
    esquema = formato_de_region(formato)
    hecho = {n: _suyo(esquema, cut, ejercicio, request.args.get(n, "")) for n in ("cargado", "anterior")}
    return _dibujar(esquema, cut, ejercicio, **hecho, repetido=bool(request.args.get("repetido")))


def _suyo(esquema: Esquema, cut: str, ejercicio: int, folio: str) -> Comprobante | None:
    """El comprobante de ese folio, si es de esta región y de este formato."""
    prueba = comprobante(nucleo().almacen, folio) if folio else None
    lugar = (esquema.nombre, cut, ejercicio)
    return prueba if prueba and (prueba.esquema, prueba.region, prueba.ejercicio) == lugar else None


def _dibujar(esquema: Esquema, cut: str, ejercicio: int, **resto: object) -> str:
    n = nucleo()
    return render_template(
        "cargar.html",
        esquema=esquema,
        cut=cut,
        ejercicio=ejercicio,
        vigente=vigente_de(n.almacen, esquema.nombre, cut, ejercicio),
        encuestas=[e for e in n.catalogo.encuestas if e.invitados.get("esquema") == esquema.nombre],
        referidas=(),  # se revisa contra lo que la región ya entregó
        topes=TOPES,
        **{"cargado": None, "anterior": None, "repetido": False, **resto},
    )


@cargas.post("/<formato>/")
@permitir(*ROLES)
def cargar(cut: str, ejercicio: int, formato: str) -> object:
    """Valida lo subido; sin errores y con «Cargar», lo guarda. Lo idéntico a lo vigente no se guarda otra vez."""
    n = nucleo()
    matriz = con_propias(n.almacen, formato_de_region(formato), cut, ejercicio)
    esquema = matriz.esquema

    def contexto() -> Contexto:
        excepciones = excepciones_de(n.almacen, esquema.nombre, cut, ejercicio)
        return Contexto(cut, ejercicio, referidas_de(n.almacen, n.catalogo, esquema, cut, ejercicio), excepciones)

    def dibujar(_: Esquema, **resto: object) -> str:
        return _dibujar(esquema, cut, ejercicio, **resto)

    def guardar(leido: Resultado) -> object:
        resultado = conservar_de(n.almacen, matriz, leido)
        anterior = vigente_de(n.almacen, esquema.nombre, cut, ejercicio)
        if es_el_vigente(anterior, resultado):
            return _ir(cut, ejercicio, formato, cargado=anterior.folio, repetido="1")
        try:
            envio = recibir_de_region(matriz, resultado)
        except EnvioRechazado as rechazo:
            return dibujar(esquema, fallo={"campo": "archivo", "problemas": rechazo.problemas}), 422
        alinear(n.almacen, n.catalogo, matriz, como_se_escribio(resultado), autor=autor(), ahora_utc=n.reloj())
        return _ir(cut, ejercicio, formato, cargado=envio.folio, anterior=anterior.folio if anterior else None)

    return revisar_subido(esquema, contexto, dibujar, guardar)


def recibir_de_region(matriz: Matriz, resultado: Resultado) -> Envio:
    """Sella lo que entrega el equipo con sesión y devuelve el envío con su folio. Lanza lo que `recibir`."""
    n, ahora = nucleo(), nucleo().reloj()
    return recibir(
        n.almacen,
        n.catalogo,
        matriz.esquema,
        resultado,
        region=matriz.region,
        ejercicio=matriz.ejercicio,
        ahora_utc=ahora,
        presentado_legal=presentado_legal(ahora, matriz.region),
        origen="web",
        autor=autor(),
    )


def _ir(cut: str, ejercicio: int, formato: str, **hecho: str | None) -> object:
    return redirect(url_for("cargas.subir", cut=cut, ejercicio=ejercicio, formato=formato, **hecho), 303)
