"""El expediente de una región en un ejercicio: en qué estado está, qué ocurrió y qué se puede hacer ahora. Sin web.

Qué acto lleva de un estado a otro lo dice `proceso.yaml`; hacerlo es de `actuar`.
"""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.modelo import Catalogo
from esquemas.plazos import ZONA, Plazo, calendario, cierres
from esquemas.saber import Acto
from formularios import almacen_expedientes
from formularios.almacen import Almacen

PDF = "application/pdf"
TOPE_DE_DOCUMENTO = 20_000_000  # bytes: un acta escaneada entera
DURA_APARTADO = timedelta(days=1)  # lo subido que espera a quien lo subió


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
class Reloj:
    """Un plazo que corre: `dias` que quedan enteros (negativos si venció) y el `cierres` en cada zona."""

    acto: Acto
    plazo: Plazo
    dias: int
    cierres: Sequence[str]


def leer_expediente(almacen: Almacen, catalogo: Catalogo, region: str, ejercicio: int) -> Expediente:
    """El de esa región y ejercicio."""
    with almacen.leer() as c:
        return leer_en(c, catalogo, region, ejercicio)


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


def tramite_de(catalogo: Catalogo, expediente: Expediente, folio: str) -> tuple[Actuacion, Actuacion | None] | None:
    """El último acto que llevó ese folio y, si lo hubo, el que en seguida lo retiró, validó o rechazó. None si no hubo acto."""
    lleva = next((a for a in reversed(expediente.actuaciones) if folio in a.folios.values()), None)
    if lleva is None:
        return None
    sigue, actos = expediente.actuaciones[lleva.numero : lleva.numero + 1], catalogo.proceso.tramitacion.actos
    return lleva, next((s for s in sigue if not actos[s.acto].hito), None)  # el que cumple un hito sigue el trámite


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
    return [a for a in actos if expediente.estado in a.de and ya_espero(a, expediente.estado, plazos, ahora_utc)]


def ya_espero(acto: Acto, estado: str, plazos: Mapping[str, Plazo], ahora_utc: datetime) -> bool:
    """Si desde ese estado se puede hacer ya, o todavía corre el plazo que hay que esperar."""
    fin = plazos[acto.tras[estado]].instante_fin_utc if estado in acto.tras else None
    return fin is None or ahora_utc >= fin


def leer_documento(almacen: Almacen, expediente: Expediente, huella: str) -> Documento | None:
    """El archivo con esa huella, si es de alguna actuación de ese expediente."""
    if not any(huella in a.datos.values() for a in expediente.actuaciones):
        return None
    with almacen.leer() as c:
        guardado = almacen_expedientes.leer_documento(c, huella)
    return guardado and Documento(guardado["nombre"], guardado["tipo"], guardado["contenido"])


def apartar(
    almacen: Almacen, expediente: Expediente, documentos: Mapping[str, Documento], *, autor: str, ahora_utc: datetime
) -> None:
    """Guarda, por un día y solo para quien los subió, los documentos que sirven; los vencidos de cualquiera se borran."""
    with almacen.escribir() as c:
        almacen_expedientes.borrar_apartados_vencidos(c, ahora_utc - DURA_APARTADO)
        for campo, d in documentos.items():
            suyo = {"region": expediente.region, "ejercicio": expediente.ejercicio, "autor": autor, "campo": campo}
            dicho = {"huella": d.huella, "nombre": d.nombre, "tipo": d.tipo, "contenido": d.contenido}
            if not d.defecto:
                almacen_expedientes.apartar_documento(c, {**suyo, **dicho, "subido_utc": ahora_utc})


def leer_apartados(almacen: Almacen, expediente: Expediente, *, autor: str, ahora_utc: datetime) -> dict[str, Documento]:
    """Campo → lo que esa persona subió y todavía espera."""
    lugar = (expediente.region, expediente.ejercicio, autor, ahora_utc - DURA_APARTADO)
    with almacen.leer() as c:
        leidos = almacen_expedientes.leer_apartados(c, *lugar)
    return {a["campo"]: Documento(a["nombre"], a["tipo"], a["contenido"]) for a in leidos}


def leer_en(c: Any, catalogo: Catalogo, region: str, ejercicio: int) -> Expediente:
    """El mismo, dentro de una transacción."""
    guardado = almacen_expedientes.leer(c, region, ejercicio)
    estado = guardado["estado"] if guardado else catalogo.proceso.tramitacion.inicial
    actuaciones = almacen_expedientes.leer_actuaciones(c, region, ejercicio) if guardado else ()
    propios = [Actuacion(**{n: a[n] for n in Actuacion.__slots__}) for a in actuaciones]
    return Expediente(region, ejercicio, estado, tuple(propios))


