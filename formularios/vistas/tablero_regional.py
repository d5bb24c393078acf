"""El tablero de una región: en qué va, qué toca hoy, sus matrices, el ciclo, los deberes y el equipo."""

from collections import Counter
from collections.abc import Mapping, Sequence

from flask import Blueprint, redirect, render_template, request, url_for

from esquemas.saber import NADA
from formularios import convocatoria as casos
from formularios.accesos import leer_usuarios
from formularios.cotejo import MarcaImposible, leer_marcas, marcar
from formularios.estado_matrices import EstadoDeMatriz, entregas_de, leer_estado
from formularios.expediente import leer_expediente
from formularios.observaciones import PENDIENTE, Observacion, es_de_observaciones, formato_de
from formularios.roles import EDITAN, FIRMAN, LECTOR, ROLES, TRATAN, VEN
from formularios.tablero_regional import (
    Toca,
    cotejar,
    entregables,
    es_de,
    etapas_de,
    horas_de,
    instituciones_de,
    lo_que_toca,
    pasos_de,
    se_puede,
)
from formularios.vigencia import ejercicio_en_curso
from formularios.vistas import EJERCICIOS, ESCRIBEN, LEEN, exigir_su_region, nucleo, permitir, puede, roles_aqui
from formularios.vistas.observaciones import las_visibles
from formularios.vistas.regiones import ESTADOS, autor, regiones

cotejos = Blueprint("cotejos", __name__, url_prefix="/regiones/<cut>/<int:ejercicio>/deberes")
cotejos.before_request(exigir_su_region)

DESPUES = 3  # cuántas cosas que vienen se anuncian
Boton = tuple[str, str]


@regiones.get("/")
@permitir(*VEN)
def inicio(cut: str, ejercicio: int) -> object:
    return _dibujar(cut, ejercicio)


@cotejos.post("/")
@permitir(*TRATAN)
def marcar_deber(cut: str, ejercicio: int) -> object:
    """Deja un deber cumplido con su fecha y su nota, o le quita la marca."""
    n, escrito = nucleo(), {c: request.form.get(c, "") for c in ("norma", "fecha", "nota")}
    quitar = request.form.get("accion") == "quitar"
    quien = {"roles": roles_aqui(), "autor": autor(), "ahora_utc": n.reloj()}
    try:
        if not quitar and not escrito["fecha"].strip():
            raise MarcaImposible("Escriba el día en que se cumplió.")
        marcar(n.almacen, n.catalogo, cut, ejercicio, **{**escrito, "fecha": "" if quitar else escrito["fecha"]}, **quien)
    except MarcaImposible as razon:
        return _dibujar(cut, ejercicio, fallo={**escrito, "mensaje": str(razon)}), 400
    ancla = escrito["norma"].replace(":", "-").replace(".", "-")
    return redirect(url_for("regiones.inicio", cut=cut, ejercicio=ejercicio, _anchor=ancla), 303)


def _dibujar(cut: str, ejercicio: int, fallo: Mapping[str, str] | None = None) -> str:
    n, ahora, roles = nucleo(), nucleo().reloj(), roles_aqui()
    expediente = leer_expediente(n.almacen, n.catalogo, cut, ejercicio)
    pasos = pasos_de(n.catalogo, expediente, entregas_de(n.almacen, n.catalogo, cut, ejercicio), ahora)
    toca, suyas = lo_que_toca(n.catalogo, expediente, pasos, ahora), instituciones_de(roles)
    mias = [t for t in toca if es_de(t.responsable, suyas)]
    primero, ajenas = next(iter(mias), None), [t for t in toca if t not in mias]
    otro = next((t for t in ajenas if primero is None or se_puede(t)), None)
    # Las observaciones tienen su propia lista; las que aún no se envían no se cuentan a la región.
    formatos = (e for e in n.catalogo.formatos if e.ambito != "nacional" and not es_de_observaciones(n.catalogo, e))
    visibles = [e for e in formatos if puede(LEEN, e)]
    matrices = leer_estado(n.almacen, n.catalogo, visibles, cut, ejercicio)
    estado = n.catalogo.proceso.tramitacion.estados[expediente.estado]
    abierta = estado.abre != NADA or not roles & set(EDITAN)  # si quien mira puede cambiar hoy lo que se entrega
    observadas = las_visibles(cut, ejercicio)
    zonas, principales = n.catalogo.proceso.zonas, entregables(n.catalogo)
    return render_template(
        "region.html",
        cut=cut,
        ejercicio=ejercicio,
        ejercicios=sorted({ejercicio - 1, ejercicio, ejercicio + 1, ejercicio_en_curso(ahora)} & set(EJERCICIOS)),
        estado=estado,
        ultima=expediente.actuaciones[-1] if expediente.actuaciones else None,
        primero=primero,
        horas=horas_de(primero.paso.plazo, zonas, cut) if primero and primero.paso and primero.paso.dias is not None else [],
        botones=_botones(primero, matrices, observadas, cut, ejercicio, abierta) if primero else [],
        abierta=abierta,
        hitos={p.plazo.hito.nombre: p.plazo.hito for p in pasos},
        otro=otro,
        despues=[t for t in toca if t not in (primero, otro)][:DESPUES],
        del_equipo=bool(suyas),
        quien_puede=_quien_puede(primero) if primero else "",
        principales=[m for m in matrices if m.esquema.nombre in principales],
        demas=sorted((m for m in matrices if m.esquema.nombre not in principales), key=lambda m: not m.esquema.exigible),
        etapas=etapas_de(pasos, toca),
        zonas=zonas,
        horas_de=horas_de,
        deberes=cotejar(n.catalogo, pasos, leer_marcas(n.almacen, cut, ejercicio)),
        suyas=suyas,
        fallo=fallo,
        url_agenda=_agenda(ejercicio),
        resumen=_encuestas(cut, ejercicio),
        observadas=observadas,
        estados=ESTADOS,
        trata=bool(roles & set(TRATAN)),
        **_equipo(cut, ejercicio, bool(roles & set(EDITAN))),
    )


def _agenda(ejercicio: int) -> str:
    """La que publica el sitio, si la hay de ese ejercicio."""
    archivo = f"descargas/calendario-{ejercicio}.ics"
    return f"/{archivo}" if (nucleo().configuracion.sitio / archivo).exists() else ""


def _botones(
    toca: Toca,
    matrices: Sequence[EstadoDeMatriz],
    observadas: Sequence[Observacion],
    cut: str,
    ejercicio: int,
    abierta: bool,
) -> list[Boton]:
    """A dónde ir a hacerlo: la primera matriz que falta o las observaciones, y los actos que quien mira puede hacer hoy."""
    lugar = {"cut": cut, "ejercicio": ejercicio}
    nombres = toca.paso.plazo.hito.esquemas if toca.paso and abierta else ()
    faltan = [m for m in matrices if m.esquema.nombre in nombres and (not m.filas or m.errores) and puede(ESCRIBEN, m.esquema)]
    botones = []
    if faltan:
        que = "Corregir" if faltan[0].filas else "Llenar"
        primera = faltan[0].esquema
        botones = [(f"{que} {primera.nombre_completo}", url_for("matrices.tabla", formato=primera.nombre, **lugar))]
    if not se_puede(toca):
        return botones or [("Ver las matrices", "#matrices")]
    observar = formato_de(nucleo().catalogo)
    if observar and observar.nombre in nombres and puede(ESCRIBEN, observar):
        botones.append(("Escribir las observaciones", url_for("observaciones.lista", **lugar)))
    elif roles_aqui() & set(EDITAN) and any(o.enviada and o.estado == PENDIENTE for o in observadas):
        botones.append(("Responder las observaciones", url_for("observaciones.lista", **lugar)))
    suyos = [a for a in toca.actos if set(a.quien) & roles_aqui()]
    botones += [(a.titulo, url_for("actos.revisar", acto=a.nombre, **lugar)) for a in suyos]
    return botones or [("Ver las matrices", "#matrices")]


def _quien_puede(toca: Toca) -> str:
    """Los roles que pueden hacerlo hoy, si quien mira no tiene ninguno."""
    roles = {r for a in toca.actos for r in a.quien}
    nombres = nucleo().catalogo.opciones["roles"]
    return "" if roles & roles_aqui() else " o ".join(f"«{nombres.nombre_de(r)}»" for r in ROLES if r in roles)


def _encuestas(cut: str, ejercicio: int) -> list[tuple[object, Counter | None]]:
    """Cada encuesta y en qué va su gente; None si falta la lista de a quién invitar."""
    n, salida = nucleo(), []
    for esquema in (e for e in n.catalogo.encuestas if (e.invitados or e.analisis) and puede(LEEN, e)):
        invitados = casos.leer_invitados(n.almacen, esquema, cut, ejercicio) if esquema.invitados else ()
        cuenta = None if invitados is None else Counter(i.estado for i in casos.a_la_vista(esquema, invitados))
        salida.append((esquema, cuenta))
    return salida


def _equipo(cut: str, ejercicio: int, es_del_equipo: bool) -> dict[str, object]:
    """Quién es cada autor: su correo para el equipo y su rol para los demás; y, para el equipo, quiénes pueden qué."""
    n, suyos = nucleo(), {}
    nombres = n.catalogo.opciones["roles"]
    usuarios = [(u, u.roles_en(cut, ejercicio)) for u in leer_usuarios(n.almacen)]
    for usuario, roles in usuarios:
        rol = next((r for r in ROLES if r in roles), "")
        if rol:
            suyos[f"usuario {usuario.id}"] = usuario.correo if es_del_equipo else nombres.nombre_de(rol)
    if not es_del_equipo:
        return {"quienes": suyos, "equipo": None, "firman": True}
    por_rol = [(rol, [u.correo for u, roles in usuarios if u.activo and rol in roles]) for rol in (*EDITAN, LECTOR)]
    return {"quienes": suyos, "equipo": por_rol, "firman": any(correos for rol, correos in por_rol if rol in FIRMAN)}
