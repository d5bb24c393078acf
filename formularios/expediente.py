"""El expediente de una región en un ejercicio: en qué estado está, qué se puede hacer ahora y qué pasa al hacerlo. Sin web.

Qué acto lleva de un estado a otro lo dice `proceso.yaml`. Un acto entra entero o no entra: sus envíos, sus documentos, la
actuación y el estado nuevo van en una transacción, y los actos de una región van de a uno.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.acuerdo import revisar_acuerdo
from esquemas.modelo import Catalogo
from esquemas.plazos import ZONA, Plazo, calendario, cierres, presentado_legal
from esquemas.saber import ACUERDO, MOTIVO, RESPUESTAS, Acto
from esquemas.validacion import Resultado
from formularios import almacen_expedientes, almacen_filas
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.fila_en_curso import Fila, huella_de
from formularios.observaciones import sin_enviar, sin_responder
from formularios.recepcion import recibir_en

PDF = "application/pdf"
TOPE_DE_DOCUMENTO = 20_000_000  # bytes: un acta escaneada entera


class ActoImposible(Exception):
    """El acto no procede. El mensaje, para mostrar, dice por qué y qué hacer."""


class ExpedienteCambiado(Exception):
    """Otra persona actuó después de que esta vio el expediente. No se hizo nada."""


class MatrizCambiada(Exception):
    """Alguien cambió una fila de lo que se entrega después de que se revisó. No se hizo nada."""


@dataclass(frozen=True, slots=True)
class Documento:
    """Un archivo que se guarda tal cual. `huella` es su SHA-256."""

    nombre: str
    tipo: str
    contenido: bytes

    @property
    def huella(self) -> str:
        return hashlib.sha256(self.contenido).hexdigest()

    @property
    def defecto(self) -> str:
        """Por qué no sirve de documento, o «»: se guardan PDF, y se mira su contenido y no su nombre."""
        if not self.contenido:
            return "El archivo está vacío. Elija otro."
        if len(self.contenido) > TOPE_DE_DOCUMENTO:
            return f"El archivo pasa de {TOPE_DE_DOCUMENTO // 1_000_000} MB. Redúzcalo o escanéelo con menos detalle."
        return "" if self.contenido.startswith(b"%PDF-") else "El archivo no es un PDF. Guárdelo como PDF y súbalo otra vez."


@dataclass(frozen=True, slots=True)
class Actuacion:
    """Un acto que ya ocurrió. `folios`: formato → folio. `datos`: lo que el acto exige, con la huella de sus documentos."""

    numero: int
    acto: str
    de: str
    a: str
    recibido_utc: datetime
    presentado_legal: datetime
    autor: str
    motivo: str
    datos: Mapping[str, str]
    folios: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Expediente:
    """Todo lo actuado en una región y un ejercicio. Existe desde el primer día: sin actuaciones, en el estado inicial."""

    region: str
    ejercicio: int
    estado: str
    actuaciones: Sequence[Actuacion] = ()

    @property
    def ultimo(self) -> int:
        return len(self.actuaciones)

    def ultima(self, acto: str) -> Actuacion | None:
        """La más reciente de ese acto."""
        return next((a for a in reversed(self.actuaciones) if a.acto == acto), None)


@dataclass(frozen=True, slots=True)
class Pedido:
    """Lo que se quiere hacer: quién, con qué. `visto` es el `ultimo` del expediente que tenía a la vista.

    `resultados`: formato → lo que se entrega, ya validado, y `huellas`, la de sus filas en curso cuando se revisó.
    `documentos`: campo de `datos` → archivo.
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


@dataclass(frozen=True, slots=True)
class Reloj:
    """Un plazo que corre: `dias` que quedan enteros (negativos si venció) y el `cierres` en cada zona."""

    acto: Acto
    plazo: Plazo
    dias: int
    cierres: Sequence[str]


def leer_expediente(almacen: Almacen, catalogo: Catalogo, region: str, ejercicio: int) -> Expediente:
    """El de esa región y ejercicio."""
    with almacen.leer() as c:
        return _leer(c, catalogo, region, ejercicio)


def leer_estados(almacen: Almacen, catalogo: Catalogo, ejercicio: int) -> dict[str, str]:
    """Región → estado, de todas las del catálogo."""
    with almacen.leer() as c:
        con_actos = almacen_expedientes.leer_estados(c, ejercicio)
    inicial = catalogo.proceso.tramitacion.inicial
    return {o.codigo: con_actos.get(o.codigo, inicial) for o in catalogo.opciones["regiones"].opciones}


def exigidos(catalogo: Catalogo, acto: Acto) -> tuple[str, ...]:
    """De los formatos que entrega, los de su hito: van siempre, con folio nuevo. Los demás, solo si cambiaron."""
    suyos = next((h.esquemas for h in catalogo.proceso.hitos if h.nombre == acto.hito), ())
    return tuple(n for n in acto.entrega if n in suyos)


def en_pie(expediente: Expediente) -> list[Actuacion]:
    """Las actuaciones que ninguna posterior deshizo: ninguna volvió al estado en que cada una encontró el expediente."""
    actuaciones = expediente.actuaciones
    return [a for i, a in enumerate(actuaciones) if all(otra.a != a.de for otra in actuaciones[i + 1 :])]


def plazos_de(catalogo: Catalogo, expediente: Expediente) -> dict[str, Plazo]:
    """Hito → su plazo, contado desde lo que ya ocurrió en esa región."""
    hechos: dict[str, date] = {}
    for actuacion in en_pie(expediente):
        if hito := catalogo.proceso.tramitacion.actos[actuacion.acto].hito:
            hechos[hito] = actuacion.presentado_legal.astimezone(ZoneInfo(ZONA)).date()
    hitos = catalogo.proceso.hitos
    return {p.hito.nombre: p for p in calendario(hitos, expediente.ejercicio, hechos, expediente.region)}


def relojes_de(catalogo: Catalogo, expediente: Expediente, ahora_utc: datetime) -> list[Reloj]:
    """Los plazos con fecha de los actos que hoy envían observaciones o sus respuestas."""
    tramite, plazos = catalogo.proceso.tramitacion, plazos_de(catalogo, expediente)
    actos = [a for a in tramite.actos.values() if expediente.estado in a.de and tramite.observaciones in a.entrega and a.hito]
    con_fecha = [(a, plazos[a.hito]) for a in actos if plazos[a.hito].instante_fin_utc]
    return [Reloj(a, p, (p.instante_fin_utc - ahora_utc).days, cierres(p, catalogo.proceso.zonas)) for a, p in con_fecha]


def posibles(catalogo: Catalogo, expediente: Expediente, ahora_utc: datetime) -> list[Acto]:
    """Lo que hoy se puede hacer con él, sea quien sea."""
    actos, plazos = catalogo.proceso.tramitacion.actos.values(), plazos_de(catalogo, expediente)
    return [a for a in actos if expediente.estado in a.de and _ya_espero(a, expediente.estado, plazos, ahora_utc)]


def _ya_espero(acto: Acto, estado: str, plazos: Mapping[str, Plazo], ahora_utc: datetime) -> bool:
    fin = plazos[acto.tras[estado]].instante_fin_utc if estado in acto.tras else None
    return fin is None or ahora_utc >= fin


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
    legal = presentado_legal(ahora_utc, region)
    with almacen.escribir() as c:
        almacen_expedientes.tomar(c, region, ejercicio, catalogo.proceso.tramitacion.inicial)
        expediente = _leer(c, catalogo, region, ejercicio)
        if expediente.ultimo != pedido.visto:
            return _repetida(expediente, pedido)
        _exigir(catalogo, expediente, acto, pedido, ahora_utc)
        _exigir_lo_revisado(c, catalogo, expediente, pedido)
        if RESPUESTAS in acto.exige:
            _exigir_respuestas(c, catalogo, expediente, pedido)
        propio = {"region": region, "ejercicio": ejercicio, "ahora_utc": ahora_utc, "presentado_legal": legal}
        folios, siempre = {}, exigidos(catalogo, acto)
        for nombre, resultado in pedido.resultados.items():
            recibido = {"origen": "web", "autor": pedido.autor, "otra_vez": nombre in siempre}
            folios[nombre] = recibir_en(c, catalogo, resultado, **propio, **recibido).folio
        datos = dict(pedido.datos)
        for campo, documento in pedido.documentos.items():
            guardado = {"nombre": documento.nombre, "tipo": documento.tipo, "contenido": documento.contenido}
            almacen_expedientes.guardar_documento(c, {"huella": documento.huella, **guardado, "guardado_utc": ahora_utc})
            datos[campo] = documento.huella
        nueva = Actuacion(
            numero=expediente.ultimo + 1,
            acto=acto.nombre,
            de=expediente.estado,
            a=acto.a,
            recibido_utc=ahora_utc,
            presentado_legal=legal,
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


def leer_documento(almacen: Almacen, expediente: Expediente, huella: str) -> Documento | None:
    """El archivo con esa huella, si es de alguna actuación de ese expediente."""
    if not any(huella in a.datos.values() for a in expediente.actuaciones):
        return None
    with almacen.leer() as c:
        guardado = almacen_expedientes.leer_documento(c, huella)
    return guardado and Documento(guardado["nombre"], guardado["tipo"], guardado["contenido"])


def _leer(c: Any, catalogo: Catalogo, region: str, ejercicio: int) -> Expediente:
    guardado = almacen_expedientes.leer(c, region, ejercicio)
    estado = guardado["estado"] if guardado else catalogo.proceso.tramitacion.inicial
    actuaciones = almacen_expedientes.leer_actuaciones(c, region, ejercicio) if guardado else ()
    propios = [Actuacion(**{n: a[n] for n in Actuacion.__slots__}) for a in actuaciones]
    return Expediente(region, ejercicio, estado, tuple(propios))


def _repetida(expediente: Expediente, pedido: Pedido) -> Actuacion:
    """La de este mismo pedido, si es lo primero que ocurrió después de lo que se vio: un doble clic."""
    siguiente = expediente.actuaciones[pedido.visto : pedido.visto + 1]
    if siguiente and (siguiente[0].acto, siguiente[0].autor) == (pedido.acto, pedido.autor):
        return siguiente[0]
    raise ExpedienteCambiado


def _exigir(catalogo: Catalogo, expediente: Expediente, acto: Acto, pedido: Pedido, ahora_utc: datetime) -> None:
    estado = catalogo.proceso.tramitacion.estados[expediente.estado]
    if expediente.estado not in acto.de:
        raise ActoImposible(f"«{acto.titulo}» no procede: la focalización está en «{estado.titulo}».")
    plazos = plazos_de(catalogo, expediente)
    if not _ya_espero(acto, expediente.estado, plazos, ahora_utc):
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


def _exigir_lo_revisado(c: Any, catalogo: Catalogo, expediente: Expediente, pedido: Pedido) -> None:
    """Quien cambia una fila también reserva el expediente: desde aquí y hasta confirmar, nadie puede."""
    observaciones = catalogo.proceso.tramitacion.observaciones
    for nombre, huella in pedido.huellas.items():
        lugar = (nombre, expediente.region, expediente.ejercicio)
        # Lo que no está en curso ya se entregó y no cambia; las observaciones tienen su propia exigencia (RESPUESTAS).
        if nombre == observaciones or almacen_filas.leer_matriz(c, *lugar) is None:
            continue
        if huella_de(map(Fila.de, almacen_filas.leer_filas(c, *lugar))) != huella:
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
