"""El nivel central: qué llegó, de dónde y cómo se descarga. Todo aquí es solo para el rol sercotec."""

from collections import Counter
from collections.abc import Mapping, Set

from flask import Blueprint, abort, render_template, request

from esquemas.tabla import escribir_csv, escribir_csv_excel
from formularios.accesos import leer_usuario
from formularios.envio import VIGENTE, Envio
from formularios.expediente import leer_expediente
from formularios.fila_en_curso import clave_de
from formularios.filas import contar_filas
from formularios.folio import NIVEL_CENTRAL, leer
from formularios.observaciones import impide_observar, leer_observaciones, observables
from formularios.roles import CENTRAL
from formularios.tablero import (
    DESCARGAS,
    anotar_lectura,
    avisos_de,
    comparar_con_anterior,
    contar,
    contar_avisos,
    detallar,
    hay_personales,
)
from formularios.tablero_nacional import Renglon, a_csv, contar_sin_cerrar, hitos_de_tramite, leer_renglones
from formularios.vigencia import ejercicio_en_curso, ejercicios_de
from formularios.vistas import anotar_pagina, nombrar_roles, nucleo, permitir, usuario_en_sesion
from formularios.vistas.expedientes import bajar

sercotec = Blueprint("sercotec", __name__, url_prefix="/sercotec")

ENVIOS_A_LA_VISTA = 50
ENVIOS_QUE_SE_REVISAN = 100  # con más, contar sus alertas haría esperar: se ven en cada envío


@sercotec.get("/")
@permitir(*CENTRAL)
def tablero() -> object:
    """Esquema × región × ejercicio, con filtros y descargas."""
    n = nucleo()
    filtros = leer_filtros(request.args)
    casillas, envios = contar(n.almacen, **filtros)
    todas, _ = contar(n.almacen)
    pocos, lugar = len(envios) <= ENVIOS_QUE_SE_REVISAN, list(n.catalogo.esquemas)
    casillas.sort(key=lambda c: (lugar.index(c.esquema) if c.esquema in lugar else len(lugar), c.region, -c.ejercicio))
    ejercicio = filtros["ejercicio"] or ejercicio_en_curso(n.reloj())
    return render_template(
        "sercotec.html",
        esquemas=n.catalogo.esquemas,
        regiones=n.catalogo.opciones["regiones"].opciones,
        ejercicios=sorted({c.ejercicio for c in todas}, reverse=True),
        filtros=filtros,
        pedido={k: v for k, v in filtros.items() if v is not None},
        casillas=casillas,
        alertas=contar_avisos(n.almacen, n.catalogo, envios) if pocos else None,
        envios=envios[:ENVIOS_A_LA_VISTA],
        total=len(envios),
        descargas=DESCARGAS,
        nacionales=[e for e in n.catalogo.formatos if e.ambito == "nacional"],
        en_curso_central=contar_filas(n.almacen, NIVEL_CENTRAL, ejercicio),
        exigibles=[e for e in n.catalogo.formatos if e.exigible and e.ambito != "nacional"],
        entregados={(c.esquema, c.region): c.ultimo for c in todas if c.ejercicio == ejercicio},
        ejercicio=ejercicio,
        **_regiones(ejercicio, filtros["region"], {c.ejercicio for c in todas}),
    )


def _regiones(ejercicio: int, region: str | None, usados: Set[int]) -> dict[str, object]:
    """La tabla de las regiones, con lo pedido en la dirección."""
    n = nucleo()
    tramitacion, todos = n.catalogo.proceso.tramitacion, leer_renglones(n.almacen, n.catalogo, ejercicio, n.reloj())
    pedido = {"estado": request.args.get("estado", ""), "falta": request.args.get("falta", "")}
    if pedido["estado"] and pedido["estado"] not in tramitacion.estados:
        abort(400, "Ese estado no existe. Elíjalo de la lista.")
    por_estado = Counter(r.estado.nombre for r in todos)
    return {
        "renglones": _pedidos(todos, region, **pedido),
        "pedido_de_region": pedido,
        "pedido_de_csv": {"ejercicio": ejercicio, "region": region, **{k: v or None for k, v in pedido.items()}},
        "tramitacion": tramitacion,
        "por_estado": [(e, por_estado[nombre]) for nombre, e in tramitacion.estados.items() if por_estado[nombre]],
        "sin_cerrar": contar_sin_cerrar(n.almacen, n.catalogo, ejercicio - 1),
        "se_espera": sorted({r.falta.responsable for r in todos if r.falta}),
        "hitos_de_tramite": hitos_de_tramite(n.catalogo),
        "anios": sorted(usados | {ejercicio, *ejercicios_de(n.reloj())}, reverse=True),
    }


def _pedidos(renglones: list[Renglon], region: str | None, estado: str, falta: str) -> list[Renglon]:
    return [
        r
        for r in renglones
        if region in (None, r.region.codigo)
        and estado in ("", r.estado.nombre)
        and falta in ("", r.falta.responsable if r.falta else "")
    ]


@sercotec.get("/regiones.csv")
@permitir(*CENTRAL)
def regiones_csv() -> object:
    """La tabla de las regiones, con los mismos filtros. No trae datos de personas."""
    n, filtros = nucleo(), leer_filtros(request.args)
    ejercicio = filtros["ejercicio"] or ejercicio_en_curso(n.reloj())
    todos = leer_renglones(n.almacen, n.catalogo, ejercicio, n.reloj())
    suyos = _pedidos(todos, filtros["region"], request.args.get("estado", ""), request.args.get("falta", ""))
    excel = request.args.get("excel") == "si"
    datos = a_csv(suyos, n.catalogo, ejercicio, escribir_csv_excel if excel else escribir_csv)
    return bajar(datos, "text/csv; charset=utf-8", f"regiones-{ejercicio}{'-para-excel' if excel else ''}.csv")


def leer_filtros(argumentos: Mapping[str, str]) -> dict[str, object]:
    """esquema, region y ejercicio de la dirección; lo vacío es cualquiera. 400 si no existe."""
    n = nucleo()
    esquema, region = argumentos.get("esquema") or None, argumentos.get("region") or None
    ejercicio = argumentos.get("ejercicio") or None
    conocidas = {o.codigo for o in n.catalogo.opciones["regiones"].opciones} | {"00"}
    if esquema is not None and esquema not in n.catalogo.esquemas:
        abort(400, "Ese formato o encuesta no existe. Elíjalo de la lista.")
    if region is not None and region not in conocidas:
        abort(400, "Esa región no existe. Elíjala de la lista.")
    if ejercicio is not None and not (ejercicio.isascii() and ejercicio.isdecimal() and len(ejercicio) == 4):
        abort(400, "El ejercicio es un año de cuatro cifras.")
    return {"esquema": esquema, "region": region, "ejercicio": int(ejercicio) if ejercicio else None}


@sercotec.get("/descargar/<esquema>.<formato>")
@permitir(*CENTRAL)
def descargar(esquema: str, formato: str) -> object:
    """Lo validado de un esquema. Queda en la bitácora si trae datos de personas."""
    n = nucleo()
    pedido, descarga = n.catalogo.esquemas.get(esquema), DESCARGAS.get(formato)
    if pedido is None or descarga is None:
        abort(404)
    filtros = leer_filtros({**request.args, "esquema": esquema})
    region, ejercicio = filtros["region"], filtros["ejercicio"]
    _, extension, tipo, escribir = descarga
    publico = request.args.get("publico") == "si"
    datos = escribir(n.almacen, n.catalogo, pedido, region=region, ejercicio=ejercicio, publico=publico)
    if hay_personales(pedido) and not publico:
        actor, objeto = f"usuario {usuario_en_sesion().id}", f"descarga {esquema} {region or 'todas'} {ejercicio or 'todos'}"
        anotar_lectura(n.almacen, actor=actor, objeto=objeto, ahora_utc=n.reloj())
    partes = [esquema, *(str(v) for v in (ejercicio, region) if v), *(["publico"] if publico else [])]
    partes += ["para-excel"] if formato == "csv-excel" else []
    return bajar(datos, tipo, f"{'-'.join(partes)}.{extension}")


@sercotec.get("/envios/<folio>")
@permitir(*CENTRAL)
def envio(folio: str) -> object:
    """Un envío con todas sus filas."""
    n = nucleo()
    partes = leer(folio)
    detalle = detallar(n.almacen, str(partes)) if partes else None
    if detalle is None:
        abort(404)
    esquema = n.catalogo.esquemas.get(detalle.envio.esquema)
    if esquema is None:
        abort(404)
    if hay_personales(esquema):
        anotar_pagina(f"envio {detalle.envio.folio}")
    avisos = avisos_de(n.almacen, n.catalogo, detalle)
    return render_template(
        "sercotec_envio.html",
        detalle=detalle,
        e=detalle.envio,
        esquema=esquema,
        avisos=avisos,
        rol=_rol_de(detalle.envio),
        cambios=comparar_con_anterior(n.almacen, esquema, detalle),
        **_de_observar(detalle.envio),
    )


def _rol_de(e: Envio) -> str:
    """El rol de quien lo entregó con sesión; «» si no fue una persona con cuenta."""
    quien = leer_usuario(nucleo().almacen, int(e.autor.removeprefix("usuario "))) if e.autor.startswith("usuario ") else None
    return nombrar_roles({p.rol for p in quien.permisos if p.alcanza(e.region, e.ejercicio)}) if quien else ""


def _de_observar(e: Envio) -> dict[str, object]:
    """Con qué se observa ese envío: solo el vigente de un formato que se entrega por un acto."""
    n = nucleo()
    if e.estado != VIGENTE or e.esquema not in observables(n.catalogo):
        return {"observable": {}}
    estado = leer_expediente(n.almacen, n.catalogo, e.region, e.ejercicio).estado
    impide = impide_observar(n.catalogo, n.catalogo.proceso.tramitacion.estados[estado])
    vistas = leer_observaciones(n.almacen, n.catalogo, e.region, e.ejercicio, todas=True)
    suyas = [o for o in vistas if o.matriz == e.esquema]
    lugar = {"cut": e.region, "ejercicio": e.ejercicio}
    return {"observable": lugar, "impide": impide, "observadas": suyas, "clave_de": clave_de}
