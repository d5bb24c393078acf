"""Un acto del expediente: lo que se entregaría ahora, qué falta, y hacerlo. Sirve a la región y a Sercotec."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.acuerdo import revisar_acuerdo
from esquemas.modelo import Seccion
from esquemas.plazos import ZONA, Plazo
from esquemas.saber import ACUERDO, MOTIVO, RESPUESTAS, Acto
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios.apertura import leer_aperturas
from formularios.controles import Pregunta, dibujar
from formularios.envio import EnvioRechazado
from formularios.expediente import (
    PDF,
    TOPE_DE_DOCUMENTO,
    ActoImposible,
    Actuacion,
    Documento,
    Expediente,
    ExpedienteCambiado,
    MatrizCambiada,
    Pedido,
    actuar,
    leer_documento,
    posibles,
)
from formularios.fila_en_curso import Fila, Matriz
from formularios.matrices import Revisada, llenado_de
from formularios.pantalla import leer_pantalla
from formularios.roles import VEN
from formularios.tramite import Preparado, montos_de, preparar
from formularios.vistas import ACTUAN, exigir_su_region, nucleo, permitir, roles_aqui
from formularios.vistas.expedientes import leer, lo_comun
from formularios.vistas.matrices import rotulo_de
from formularios.vistas.regiones import autor

actos = Blueprint("actos", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/expediente/<acto>")
actos.before_request(exigir_su_region)

TOPE_DE_PETICION = 2 * TOPE_DE_DOCUMENTO + 200_000
MOTIVO_MAXIMO = 4_000  # caracteres
MANTENER, NUEVO = "mantener", "nuevo"
CAMBIO, TARDE = "Alguien cambió una fila mientras usted revisaba", "Alguien actuó antes que usted"


@dataclass(slots=True)
class _Escrito:
    """Lo que la persona escribió. `faltas`: (control, qué falta). `acuerdo`: sus datos, revisados, si escribió uno."""

    motivo: str = ""
    cual: str = ""
    datos: dict[str, str] = field(default_factory=dict)
    documentos: dict[str, Documento] = field(default_factory=dict)
    acuerdo: Resultado | None = None
    faltas: list[tuple[str, str]] = field(default_factory=list)


def el_acto(nombre: str) -> Acto:
    return nucleo().catalogo.proceso.tramitacion.actos.get(nombre) or abort(404)


@actos.get("/")
@permitir(*VEN)
def revisar(cut: str, ejercicio: int, acto: str) -> object:
    """Qué falta, aunque uno no sea quien firma."""
    return _dibujar(leer(cut, ejercicio), el_acto(acto), _Escrito())


@actos.post("/")
@permitir(ACTUAN)
def hacer(cut: str, ejercicio: int, acto: str) -> object:
    """Hace el acto con lo que se revisó. Si algo cambió mientras tanto, no hace nada y lo muestra como está ahora."""
    n, declarado, expediente = nucleo(), el_acto(acto), leer(cut, ejercicio)
    preparado, escrito = preparar(n.almacen, n.catalogo, expediente, declarado), _leer_escrito(expediente, declarado)
    visto = request.form.get("visto", "")
    if visto == str(expediente.ultimo):  # si no, lo resuelve `actuar`: un doble clic, o alguien se adelantó
        if request.form.get("base") != preparado.base:
            return _dibujar(expediente, declarado, escrito, preparado, aviso=CAMBIO), 409
        if escrito.faltas or not preparado.completo:
            return _dibujar(expediente, declarado, escrito, preparado), 422
    pedido = Pedido(
        acto=acto,
        roles=roles_aqui(),
        autor=autor(),
        visto=int(visto) if visto.isdecimal() and len(visto) < 9 else -1,
        motivo=escrito.motivo,
        datos=escrito.datos,
        documentos=escrito.documentos,
        resultados=preparado.resultados,
        huellas=preparado.huellas,
    )
    try:
        hecha = actuar(n.almacen, n.catalogo, cut, ejercicio, pedido, ahora_utc=n.reloj())
    except (ExpedienteCambiado, MatrizCambiada) as falla:
        aviso = TARDE if isinstance(falla, ExpedienteCambiado) else CAMBIO
        return _dibujar(leer(cut, ejercicio), declarado, escrito, aviso=aviso), 409
    except (ActoImposible, EnvioRechazado) as falla:
        return _dibujar(leer(cut, ejercicio), declarado, escrito, imposible=str(falla)), 422
    return redirect(url_for("oficios.actuacion", cut=cut, ejercicio=ejercicio, numero=hecha.numero, hecho=1), 303)


def _dibujar(
    expediente: Expediente,
    acto: Acto,
    escrito: _Escrito,
    preparado: Preparado | None = None,
    *,
    aviso: str = "",
    imposible: str = "",
) -> str:
    n, comun = nucleo(), lo_comun(expediente)
    preparado = preparado or preparar(n.almacen, n.catalogo, expediente, acto)
    return render_template(
        "expediente_acto.html",
        **comun,
        acto=acto,
        procede=acto in posibles(n.catalogo, expediente, n.reloj()),
        espera=comun["plazos"].get(acto.tras.get(expediente.estado, "")),
        plazo=comun["plazos"].get(acto.hito),
        vencio=_vencio(comun["plazos"].get(acto.hito)),
        puede_hacerlo=bool(roles_aqui() & set(acto.quien)),
        preparado=preparado,
        montos=[(r.matriz.esquema, m) for r in preparado.revisadas if (m := montos_de(n.almacen, n.catalogo, r))],
        rotulo_de=rotulo_de,
        escrito=escrito,
        preguntas=_preguntas(expediente, escrito) if ACUERDO in acto.exige else (),
        anterior=_con_acuerdo(expediente, acto),
        exige={x: x in acto.exige for x in (MOTIVO, ACUERDO, RESPUESTAS)},
        aperturas=leer_aperturas(n.almacen, expediente.region, expediente.ejercicio, despues_de=expediente.ultimo),
        tramitados=n.catalogo.esquemas,
        tope=TOPE_DE_DOCUMENTO // 1_000_000,
        aviso=aviso,
        imposible=imposible,
    )


def _vencio(plazo: Plazo | None) -> bool:
    fin = plazo.instante_fin_utc if plazo and not plazo.estimado else None
    return fin is not None and nucleo().reloj() >= fin


# --- Lo que se escribe: el motivo y el acuerdo ------------------------------------------------------------


def _leer_escrito(expediente: Expediente, acto: Acto) -> _Escrito:
    escrito = _Escrito(motivo=request.form.get("motivo", "").strip()[:MOTIVO_MAXIMO], cual=request.form.get("cual", ""))
    if MOTIVO in acto.exige and not escrito.motivo:
        escrito.faltas.append(("motivo", "Falta el motivo. Escriba por qué lo hace: queda en el expediente."))
    if ACUERDO in acto.exige:
        _leer_acuerdo(escrito, expediente, _con_acuerdo(expediente, acto))
    return escrito


def _con_acuerdo(expediente: Expediente, acto: Acto) -> Actuacion | None:
    """La última vez que se hizo el mismo acto: su acuerdo se puede mantener."""
    return expediente.ultima(acto.nombre) if ACUERDO in acto.exige else None


def _leer_acuerdo(escrito: _Escrito, expediente: Expediente, anterior: Actuacion | None) -> None:
    n = nucleo()
    declarado = n.catalogo.proceso.tramitacion.acuerdo
    pares = [(nombre, v) for nombre, v in request.form.items(multi=True) if nombre.startswith("c.")]
    escrito.datos = leer_pantalla(declarado.esquema, _seccion(), pares).principal
    for campo in declarado.documentos:
        if (subido := request.files.get(campo.nombre)) and subido.filename:
            escrito.documentos[campo.nombre] = Documento(subido.filename[:200], PDF, subido.read(TOPE_DE_DOCUMENTO + 1))
    if anterior and escrito.cual == MANTENER:
        if any(escrito.datos.values()) or escrito.documentos:
            escrito.faltas.append(("cual", "Eligió mantener el acuerdo anterior, pero abajo escribió otro. Deje uno solo."))
            return
        escrito.datos = {c.nombre: anterior.datos.get(c.nombre, "") for c in declarado.esquema.campos}
        for campo in declarado.documentos:
            escrito.documentos[campo.nombre] = leer_documento(n.almacen, expediente, anterior.datos[campo.nombre])
        return
    if anterior and escrito.cual != NUEVO:
        escrito.faltas.append(("cual", "Elija si mantiene el acuerdo anterior o entrega uno nuevo."))
        return
    hoy = n.reloj().astimezone(ZoneInfo(ZONA)).date()
    escrito.acuerdo = revisar_acuerdo(n.catalogo, escrito.datos, ejercicio=expediente.ejercicio, hoy=hoy)
    escrito.faltas += [(f"c-{p.campo}", p.mensaje) for p in escrito.acuerdo.errores]
    if escrito.acuerdo.valido:
        [escrito.datos] = escrito.acuerdo.como_dict(declarado.esquema.nombre)
    for campo in declarado.documentos:
        suyo = escrito.documentos.get(campo.nombre)
        defecto = suyo.defecto if suyo else "Falta el archivo. Elija el PDF." if campo.obligatorio else ""
        if defecto:
            escrito.faltas.append((campo.nombre, f"{campo.titulo}: {defecto}"))


def _seccion() -> Seccion:
    esquema = nucleo().catalogo.proceso.tramitacion.acuerdo.esquema
    return Seccion(esquema.nombre, esquema.titulo, esquema.principal.nombres, norma=esquema.norma)


def _preguntas(expediente: Expediente, escrito: _Escrito) -> Sequence[Pregunta]:
    """Los datos del acuerdo como preguntas; lo que se mantiene del anterior no se vuelve a escribir."""
    n = nucleo()
    esquema = n.catalogo.proceso.tramitacion.acuerdo.esquema
    datos = {} if escrito.cual == MANTENER and escrito.acuerdo is None and not escrito.faltas else escrito.datos
    matriz = Matriz(esquema, expediente.region, expediente.ejercicio)
    unica = Fila("", *matriz.lugar, 0, datos, 0, "", "", n.reloj(), "")
    revisado = escrito.acuerdo or validar_filas(n.catalogo, esquema, {esquema.nombre: [datos]}, Contexto())
    llenado = llenado_de(Revisada(matriz, [unica], revisado, {}), 0)
    return dibujar(n.catalogo, llenado, _seccion(), con_errores=escrito.acuerdo is not None)
