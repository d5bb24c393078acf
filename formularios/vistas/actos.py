"""Un acto del expediente: lo que se entregaría ahora, qué falta, y hacerlo. Sirve a la región y a Sercotec."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from flask import Blueprint, abort, redirect, render_template, request, url_for

from esquemas.acuerdo import revisar_acuerdo
from esquemas.modelo import Esquema, Seccion
from esquemas.montos import Comparado, comparar_montos
from esquemas.plazos import ZONA, Plazo
from esquemas.saber import ACUERDO, ENVIADAS, MOTIVO, RESPUESTAS, RESUELTAS, Acto
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios.actuar import ActoImposible, ExpedienteCambiado, MatrizCambiada, Pedido, actuar
from formularios.apertura import leer_aperturas
from formularios.controles import Pregunta, dibujar
from formularios.envio import EnvioRechazado
from formularios.expediente import (
    DURA_APARTADO,
    PDF,
    TOPE_DE_DOCUMENTO,
    Actuacion,
    Documento,
    Expediente,
    apartar,
    leer_apartados,
    leer_documento,
    posibles,
)
from formularios.fila_en_curso import Fila, Matriz
from formularios.filas import leer_enviadas
from formularios.juicio import contexto_de
from formularios.matrices import Revisada, llenado_de
from formularios.observaciones import Observacion, envian, impide_cerrar, nombrar
from formularios.pantalla import leer_pantalla
from formularios.roles import VEN
from formularios.tramite import Preparado, montos_de, preparar
from formularios.vistas import ACTUAN, exigir_su_region, nucleo, permitir, roles_aqui
from formularios.vistas.expedientes import leer, lo_comun
from formularios.vistas.matrices import rotulo_de
from formularios.vistas.observaciones import las_visibles, vigentes_en
from formularios.vistas.regiones import autor

actos = Blueprint("actos", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/expediente/<acto>")
actos.before_request(exigir_su_region)

# Lo que pasa de aquí se corta sin leerlo. Caben archivos demasiado grandes, para rechazarlos uno por uno sin perder lo demás.
TOPE_DE_PETICION = 5 * TOPE_DE_DOCUMENTO
MOTIVO_MAXIMO = 4_000  # caracteres
MANTENER, NUEVO = "mantener", "nuevo"
CAMBIO, TARDE = "Alguien cambió una fila mientras usted revisaba", "Alguien actuó antes que usted"


@dataclass(slots=True)
class _Escrito:
    """Lo que la persona escribió. `faltas`: (control, qué falta). `acuerdo`: sus datos, revisados, si escribió uno.

    `subidos`: los archivos que eligió esta vez.
    """

    motivo: str = ""
    cual: str = ""
    datos: dict[str, str] = field(default_factory=dict)
    subidos: dict[str, Documento] = field(default_factory=dict)
    documentos: dict[str, Documento] = field(default_factory=dict)
    acuerdo: Resultado | None = None
    faltas: list[tuple[str, str]] = field(default_factory=list)

    @property
    def canonicos(self) -> dict[str, str]:
        """Los datos como se guardan; `datos` sigue como se escribió, para volver así a la página."""
        return self.acuerdo.como_dict(self.acuerdo.esquema.nombre)[0] if self.acuerdo else self.datos


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
    """Hace el acto con lo que se revisó. Si algo cambió mientras tanto, no hace nada y lo muestra como está ahora.

    Los archivos que no se alcanzan a entregar se apartan: el navegador no los conserva.
    """
    n, declarado, expediente = nucleo(), el_acto(acto), leer(cut, ejercicio)
    preparado, escrito = preparar(n.almacen, n.catalogo, expediente, declarado), _leer_escrito(expediente, declarado)
    visto = request.form.get("visto", "")

    def devolver(estado: int, previo: Preparado | None = None, **dicho: str) -> tuple[str, int]:
        ahora = leer(cut, ejercicio)
        if escrito.subidos and ahora.estado in declarado.de:
            apartar(n.almacen, ahora, escrito.subidos, autor=autor(), ahora_utc=n.reloj())
        return _dibujar(ahora, declarado, escrito, previo, **dicho), estado

    if visto == str(expediente.ultimo):  # si no, lo resuelve `actuar`: un doble clic, o alguien se adelantó
        if request.form.get("base") != preparado.base:
            return devolver(409, preparado, aviso=CAMBIO)
        if escrito.faltas or not preparado.completo:
            return devolver(422, preparado)
    pedido = Pedido(
        acto=acto,
        roles=roles_aqui(),
        autor=autor(),
        visto=int(visto) if visto.isdecimal() and len(visto) < 9 else -1,
        motivo=escrito.motivo,
        datos=escrito.canonicos,
        documentos=escrito.documentos,
        resultados=preparado.resultados,
        huellas=preparado.huellas,
        confirmadas=request.form.get("confirmadas", "").split(),
    )
    try:
        hecha = actuar(n.almacen, n.catalogo, cut, ejercicio, pedido, ahora_utc=n.reloj())
    except (ExpedienteCambiado, MatrizCambiada) as falla:
        return devolver(409, aviso=TARDE if isinstance(falla, ExpedienteCambiado) else CAMBIO)
    except (ActoImposible, EnvioRechazado) as falla:
        return devolver(422, imposible=str(falla))
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
    vigentes = () if acto.entrega else vigentes_en(expediente.region, expediente.ejercicio)
    montos = [(r.matriz.esquema, montos_de(n.almacen, n.catalogo, r)) for r in preparado.revisadas]
    montos += [(e, _montos_de(expediente, e, v.folio)) for e, v in vigentes]
    observadas = _por_cerrar(expediente, acto)
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
        responder=[o for o in las_visibles(expediente.region, expediente.ejercicio) if o.codigo in preparado.sin_responder],
        montos=[(e, m) for e, m in montos if m],
        vigentes=vigentes,
        observadas=observadas,
        impide=impide_cerrar(n.catalogo, expediente.estado, acto, observadas),
        decir=lambda o, campo: nombrar(n.catalogo, o, campo),
        rotulo_de=rotulo_de,
        escrito=escrito,
        preguntas=_preguntas(expediente, escrito) if ACUERDO in acto.exige else (),
        anterior=_con_acuerdo(expediente, acto),
        apartados=_apartados(expediente) if ACUERDO in acto.exige else {},
        dura=DURA_APARTADO.days,
        exige={x: x in acto.exige for x in (MOTIVO, ACUERDO, RESPUESTAS, RESUELTAS)},
        aperturas=leer_aperturas(n.almacen, expediente.region, expediente.ejercicio, despues_de=expediente.ultimo),
        tramitados=n.catalogo.esquemas,
        tope=TOPE_DE_DOCUMENTO // 1_000_000,
        aviso=aviso,
        imposible=imposible,
    )


def _montos_de(expediente: Expediente, esquema: Esquema, folio: str) -> list[Comparado]:
    """Los de lo que está entregado."""
    n = nucleo()
    contexto = contexto_de(n.almacen, n.catalogo, Matriz(esquema, expediente.region, expediente.ejercicio))
    return comparar_montos(n.catalogo, esquema, leer_enviadas(n.almacen, esquema, folio), contexto)


def _por_cerrar(expediente: Expediente, acto: Acto) -> list[Observacion]:
    """Las que el acto envía o dejaría sin enviar o sin resolver, de las que puede ver quien mira."""
    suyos = acto in envian(nucleo().catalogo, expediente.estado) or {ENVIADAS, RESUELTAS} & set(acto.exige)
    if expediente.estado not in acto.de or not suyos:
        return []
    return [o for o in las_visibles(expediente.region, expediente.ejercicio) if not o.cerrada]


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
            escrito.subidos[campo.nombre] = Documento(subido.filename[:200], PDF, subido.read(TOPE_DE_DOCUMENTO + 1))
    if anterior and escrito.cual == MANTENER:
        if any(escrito.datos.values()) or escrito.subidos:
            escrito.faltas.append(("cual", "Eligió mantener el acuerdo anterior, pero abajo escribió otro. Deje uno solo."))
            return
        escrito.datos = {c.nombre: anterior.datos.get(c.nombre, "") for c in declarado.esquema.campos}
        for campo in declarado.documentos:
            escrito.documentos[campo.nombre] = leer_documento(n.almacen, expediente, anterior.datos[campo.nombre])
        return
    if anterior and escrito.cual != NUEVO:
        escrito.faltas.append(("cual", "Elija si mantiene el acuerdo anterior o entrega uno nuevo."))
        return
    vistos = {c: d for c, d in _apartados(expediente).items() if request.form.get(f"apartado.{c}") == d.huella}
    escrito.documentos = {**vistos, **escrito.subidos}
    hoy = n.reloj().astimezone(ZoneInfo(ZONA)).date()
    escrito.acuerdo = revisar_acuerdo(n.catalogo, escrito.datos, ejercicio=expediente.ejercicio, hoy=hoy)
    titulos = {c.nombre: c.titulo for c in declarado.esquema.campos}
    for p in escrito.acuerdo.errores:
        titulo = titulos.get(p.campo, "")
        escrito.faltas.append((f"c-{p.campo}", p.mensaje if titulo in p.mensaje else f"{titulo}: {p.mensaje}"))
    for campo in declarado.documentos:
        suyo = escrito.documentos.get(campo.nombre)
        defecto = suyo.defecto if suyo else "Falta el archivo. Elija el PDF." if campo.obligatorio else ""
        if defecto:
            escrito.faltas.append((campo.nombre, f"{campo.titulo}: {defecto}"))


def _apartados(expediente: Expediente) -> dict[str, Documento]:
    """Lo que quien entró subió antes y espera. Se usa solo lo que tenía a la vista, por su huella."""
    return leer_apartados(nucleo().almacen, expediente, autor=autor(), ahora_utc=nucleo().reloj())


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
