"""Hacer un acto del expediente. Sin web.

Entra entero o no entra: sus envíos, sus documentos, la actuación y el estado nuevo van en una transacción, y los actos de una
región van de a uno.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.acuerdo import revisar_acuerdo
from esquemas.modelo import Catalogo
from esquemas.plazos import ZONA
from esquemas.saber import ACUERDO, MOTIVO, RESPUESTAS, RESUELTAS, Acto
from esquemas.validacion import Resultado
from formularios import almacen_expedientes, almacen_filas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.expediente import Actuacion, Documento, Expediente, exigidos, leer_en, plazos_de, ya_espero
from formularios.fila_en_curso import Fila, huella_de
from formularios.observaciones import impide_cerrar, sin_enviar, sin_pendientes, sin_responder
from formularios.observaciones import leer_en as leer_observaciones_en
from formularios.recepcion import Recepcion, recibir_en


class ActoImposible(Exception):
    """El acto no procede. El mensaje, para mostrar, dice por qué y qué hacer."""


class ExpedienteCambiado(Exception):
    """Alguien actuó después de que esta persona vio el expediente, ella misma con otra cosa incluso. No se hizo nada."""


class MatrizCambiada(Exception):
    """Alguien cambió una fila de lo que se entrega después de que se revisó. No se hizo nada."""


@dataclass(frozen=True, slots=True)
class Pedido:
    """Lo que se quiere hacer: quién, con qué. `visto` es el `ultimo` del expediente que tenía a la vista.

    `resultados`: formato → lo que se entrega, ya validado, y `huellas`, la de sus filas en curso cuando se revisó.
    `documentos`: campo de `datos` → archivo. `confirmadas`: las observaciones que se aceptó dejar como están.
    """

    acto: str
    roles: Iterable[str]
    autor: str
    visto: int
    motivo: str = ""
    datos: Mapping[str, str] = field(default_factory=dict)
    documentos: Mapping[str, Documento] = field(default_factory=dict)
    resultados: Mapping[str, Resultado] = field(default_factory=dict)
    huellas: Mapping[str, str] = field(default_factory=dict)
    confirmadas: Collection[str] = ()


def actuar(
    almacen: Almacen, catalogo: Catalogo, region: str, ejercicio: int, pedido: Pedido, *, ahora_utc: datetime
) -> Actuacion:
    """Hace el acto y devuelve su actuación. El mismo pedido dos veces, también a la vez, es uno solo.

    ActoImposible si no procede, le falta algo o quien lo pide no puede; ExpedienteCambiado si alguien actuó antes;
    MatrizCambiada si lo revisado ya no es lo que hay; EnvioRechazado si algo de lo que se entrega tiene errores;
    AlmacenNoDisponible si no se pudo guardar. En todos, no queda nada.
    """
    acto = catalogo.proceso.tramitacion.actos[pedido.acto]
    if not set(acto.quien) & set(pedido.roles):
        raise ActoImposible(f"«{acto.titulo}» no está entre lo que usted puede hacer.")
    with almacen.escribir() as c:
        almacen_expedientes.tomar(c, region, ejercicio, catalogo.proceso.tramitacion.inicial)
        expediente = leer_en(c, catalogo, region, ejercicio)
        if expediente.ultimo != pedido.visto:
            return _repetida(expediente, pedido)
        _exigir(catalogo, expediente, acto, pedido, ahora_utc)
        _exigir_lo_revisado(c, catalogo, expediente, pedido)
        if RESPUESTAS in acto.exige:
            _exigir_respuestas(c, catalogo, expediente, pedido)
        _exigir_observaciones_cerradas(c, catalogo, expediente, acto, pedido)
        recepcion = Recepcion(region, ejercicio, ahora_utc, "web", pedido.autor)
        folios, siempre = {}, exigidos(catalogo, acto)
        for nombre, resultado in pedido.resultados.items():
            folios[nombre] = recibir_en(c, catalogo, resultado, recepcion, otra_vez=nombre in siempre).folio
        datos = dict(pedido.datos)
        for campo, documento in pedido.documentos.items():
            guardado = {"nombre": documento.nombre, "tipo": documento.tipo, "contenido": documento.contenido}
            almacen_expedientes.guardar_documento(c, {"huella": documento.huella, **guardado, "guardado_utc": ahora_utc})
            datos[campo] = documento.huella
        if ACUERDO in acto.exige:
            almacen_expedientes.borrar_apartados(c, region, ejercicio)
        nueva = Actuacion(
            numero=expediente.ultimo + 1,
            acto=acto.nombre,
            de=expediente.estado,
            a=acto.a,
            recibido_utc=ahora_utc,
            presentado_legal=recepcion.presentado_legal,
            autor=pedido.autor,
            motivo=pedido.motivo,
            datos=datos,
            folios=folios,
        )
        valores = {n: getattr(nueva, n) for n in Actuacion.__slots__ if n != "folios"}
        almacen_expedientes.agregar(c, {"region": region, "ejercicio": ejercicio, **valores}, folios)
        objeto = " ".join([f"{region} {ejercicio} n.º {nueva.numero} {acto.nombre}", *folios.values()])
        anotar(c, cuando_utc=ahora_utc, actor=pedido.autor, accion="actuar", objeto=objeto)
    return nueva


def _repetida(expediente: Expediente, pedido: Pedido) -> Actuacion:
    """La de este mismo pedido, si es lo primero que ocurrió después de lo que se vio: un doble clic, con lo mismo."""
    datos = {**pedido.datos, **{campo: d.huella for campo, d in pedido.documentos.items()}}
    pedida = (pedido.acto, pedido.autor, pedido.motivo, datos)
    for a in expediente.actuaciones[pedido.visto : pedido.visto + 1]:
        if (a.acto, a.autor, a.motivo, dict(a.datos)) == pedida:
            return a
    raise ExpedienteCambiado


def _exigir(catalogo: Catalogo, expediente: Expediente, acto: Acto, pedido: Pedido, ahora_utc: datetime) -> None:
    estado = catalogo.proceso.tramitacion.estados[expediente.estado]
    if expediente.estado not in acto.de:
        raise ActoImposible(f"«{acto.titulo}» no procede: la focalización está en «{estado.titulo}».")
    plazos = plazos_de(catalogo, expediente)
    if not ya_espero(acto, expediente.estado, plazos, ahora_utc):
        plazo = plazos[acto.tras[expediente.estado]]
        raise ActoImposible(f"«{acto.titulo}» procede cuando venza el plazo de «{plazo.hito.titulo}». {plazo.cuenta}")
    if MOTIVO in acto.exige and not pedido.motivo.strip():
        raise ActoImposible("Falta el motivo. Escriba por qué lo hace: queda en el expediente.")
    if ACUERDO in acto.exige:
        _exigir_acuerdo(catalogo, expediente, pedido, ahora_utc)
    if set(pedido.resultados) - set(acto.entrega):
        raise ValueError(f"«{acto.nombre}» no entrega {sorted(set(pedido.resultados) - set(acto.entrega))}")
    if acto.entrega and not pedido.resultados:
        raise ActoImposible(f"«{acto.titulo}» no lleva ninguna matriz. Llene al menos una fila.")
    if faltan := [catalogo.esquemas[n].nombre_completo for n in exigidos(catalogo, acto) if n not in pedido.resultados]:
        raise ActoImposible(f"«{acto.titulo}» va con todas sus matrices. Falta: {', '.join(faltan)}.")
    if sin_pendientes(catalogo, acto, pedido.resultados):
        raise ActoImposible(f"«{acto.titulo}» lleva al menos una observación pendiente. Observe algo, o vuelva a observarlo.")


def _exigir_lo_revisado(c: Any, catalogo: Catalogo, expediente: Expediente, pedido: Pedido) -> None:
    """Quien cambia una fila también reserva el expediente: desde aquí y hasta confirmar, nadie puede."""
    observaciones = catalogo.proceso.tramitacion.observaciones
    for nombre, huella in pedido.huellas.items():
        lugar = (nombre, expediente.region, expediente.ejercicio)
        if almacen_filas.leer_matriz(c, *lugar) is None:
            continue  # lo que no está en curso ya se entregó y no cambia
        filas = [*map(Fila.de, almacen_filas.leer_filas(c, *lugar))]
        if nombre == observaciones:  # otra que se escriba mientras tanto no va, y no detiene a las que van
            van = {f["codigo"] for f in pedido.resultados[nombre].como_dict(nombre)} if nombre in pedido.resultados else ()
            filas = [f for f in filas if f.datos.get("codigo") in van]
        if huella_de(filas) != huella:
            raise MatrizCambiada


def _exigir_acuerdo(catalogo: Catalogo, expediente: Expediente, pedido: Pedido, ahora_utc: datetime) -> None:
    """Sus datos y todos sus documentos, de verdad."""
    acuerdo = catalogo.proceso.tramitacion.acuerdo
    if not pedido.datos or any(d.obligatorio and d.nombre not in pedido.documentos for d in acuerdo.documentos):
        raise ActoImposible("Falta el acuerdo del Consejo Regional. Sin él no hay focalización final (Reglamento, 6.C).")
    hoy = ahora_utc.astimezone(ZoneInfo(ZONA)).date()
    revisado = revisar_acuerdo(catalogo, pedido.datos, ejercicio=expediente.ejercicio, hoy=hoy)
    malos = [*(p.mensaje for p in revisado.errores), *(d.defecto for d in pedido.documentos.values() if d.defecto)]
    if malos:
        raise ActoImposible(f"El acuerdo del Consejo Regional no está completo. {malos[0]}")


def _exigir_respuestas(c: Any, catalogo: Catalogo, expediente: Expediente, pedido: Pedido) -> None:
    """Lo que Sercotec envió va respondido, y lo que no ha enviado no va."""
    lugar = (expediente.region, expediente.ejercicio, pedido.resultados.get(catalogo.proceso.tramitacion.observaciones))
    if faltan := sin_responder(c, catalogo, *lugar):
        raise ActoImposible(f"Falta responder lo que observó Sercotec: {', '.join(faltan)}. Responda cada una antes de enviar.")
    if ajenas := sin_enviar(c, catalogo, *lugar):
        raise ActoImposible(f"Estas observaciones no se han enviado a la región: {', '.join(ajenas)}. Quítelas de la entrega.")


def _exigir_observaciones_cerradas(c: Any, catalogo: Catalogo, expediente: Expediente, acto: Acto, pedido: Pedido) -> None:
    """Nada queda atrapado sin que quien actúa lo sepa."""
    todas = leer_observaciones_en(c, catalogo, expediente.region, expediente.ejercicio)
    if impide := impide_cerrar(catalogo, expediente.estado, acto, todas):
        raise ActoImposible(impide)
    abiertas = [o.codigo for o in todas if not o.cerrada and o.codigo not in pedido.confirmadas]
    if RESUELTAS in acto.exige and abiertas:
        raise ActoImposible(f"Quedan sin enviar o sin resolver: {', '.join(abiertas)}. Ciérrelas, o confirme que quedan así.")
