"""Los plazos de un ejercicio como iCalendar (RFC 5545), para que vivan en la agenda de cada equipo.

Cada plazo es un evento de día entero (DATE): la norma da días, y así se lee el mismo día en cualquier zona. Cubre del
primer día al último, con la prórroga si la hay. Lo exigible lleva además su hora de cierre: un evento de la última hora,
en la zona que vale y con su VTIMEZONE, que cada agenda muestra en la hora de quien la lee. Lo que no tiene fecha no se publica.
"""

from collections.abc import Iterable, Iterator
from copy import copy
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo

from icalendar import Calendar, Event, Timezone

from esquemas.modelo import Catalogo
from esquemas.normalizacion import plegar
from esquemas.plazos import Plazo, calendario, cierres
from esquemas.saber import COMPARTIDOS
from esquemas.tiempo import UN_DIA

_DE_LA_AGENDA = (("prodid", "-//focaliza//calendario//ES"), ("version", "2.0"), ("method", "PUBLISH"), ("x-published-ttl", "P1D"))
_UNA_HORA = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Agenda:
    """Una agenda publicada. `responsable`: de quién es, «» si es la de todos; `fechas`: cuántos plazos trae."""

    archivo: str
    responsable: str
    fechas: int
    ics: bytes


@cache
def agendas(catalogo: Catalogo, ejercicio: int) -> tuple[Agenda, ...]:
    """La que lo trae todo y una por responsable con alguna fecha: nadie se suscribe a una agenda vacía."""
    plazos = calendario(catalogo.proceso.hitos, ejercicio, zona=catalogo.proceso.zona)
    propios = sorted({h.responsable for h in catalogo.proceso.hitos} - COMPARTIDOS, key=plegar)
    salida = []
    for responsable in ("", *propios):
        cuantas = len(list(_le_tocan(plazos, responsable)))
        nombre = "-".join(filter(None, ("calendario", str(ejercicio), plegar(responsable).replace(" ", "-"))))
        if cuantas:
            salida.append(Agenda(f"{nombre}.ics", responsable, cuantas, a_ics(catalogo, ejercicio, plazos, responsable)))
    return tuple(salida)


def a_ics(catalogo: Catalogo, ejercicio: int, plazos: Iterable[Plazo], responsable: str = "") -> bytes:
    """El calendario en UTF-8 y con CRLF; los mismos argumentos dan los mismos bytes.

    `responsable` deja solo sus hitos y los compartidos; sin él van todos. El UID `<hito>-<ejercicio>@focaliza` (y el de su
    cierre, `<hito>-<ejercicio>-cierre@focaliza`) no cambia de una agenda a otra ni al publicar de nuevo: los eventos se
    actualizan y no se repiten. El DTSTAMP es fijo y SEQUENCE crece con la versión del proceso, que es lo que los distingue.
    """
    titulo = " · ".join(filter(None, (f"Focalización regional {ejercicio}", responsable)))
    agenda = Calendar()
    # El nombre y cada cuánto releer van dos veces: como los pide el RFC 7986 y como los leen los programas de antes.
    for clave, valor in (*_DE_LA_AGENDA, ("name", titulo), ("x-wr-calname", titulo), ("x-wr-timezone", catalogo.proceso.zona)):
        agenda.add(clave, valor)
    agenda.add("refresh-interval", UN_DIA, parameters={"VALUE": "DURATION"})
    for plazo in _le_tocan(plazos, responsable):
        for evento in _eventos(plazo, catalogo, ejercicio):
            evento.add("dtstamp", datetime(ejercicio - 1, 1, 1, tzinfo=UTC))
            evento.add("sequence", int("".join(f"{int(n):03}" for n in catalogo.proceso.version.split("."))))
            agenda.add_component(evento)
    if agenda.get_missing_tzids():
        agenda.subcomponents.insert(0, _huso(catalogo.proceso.zona, ejercicio))
    return agenda.to_ical()


def _huso(zona: str, ejercicio: int) -> Timezone:
    """Los cambios de hora de tres años a cada lado, uno por componente.

    Hay programas que de RDATE leen solo el primero, y otros que usan con todas las agendas el huso de la primera: por eso los
    años se traslapan. La biblioteca da la hora que marca el reloj después del salto; el RFC 5545 pide la de antes.
    """
    huso = Timezone.from_tzid(zona, first_date=date(ejercicio - 4, 1, 1), last_date=date(ejercicio + 3, 1, 1))
    for cambio in list(huso.subcomponents):
        salto = max(cambio.TZOFFSETTO - cambio.TZOFFSETFROM, timedelta())
        for otra_vez in cambio.pop("RDATE").dts if "RDATE" in cambio else ():
            huso.add_component(copy(cambio))
            huso.subcomponents[-1].DTSTART = otra_vez.dt - salto
        cambio.DTSTART -= salto
    return huso


def _le_tocan(plazos: Iterable[Plazo], responsable: str) -> Iterator[Plazo]:
    return (p for p in plazos if p.fin and (not responsable or p.hito.responsable in COMPARTIDOS | {responsable}))


def _eventos(plazo: Plazo, catalogo: Catalogo, ejercicio: int) -> Iterator[Event]:
    """El del plazo y, si es exigible, el de su última hora."""
    hito, fin = plazo.hito, plazo.instante_fin_utc.astimezone(ZoneInfo(plazo.zona))
    nombre = f"{hito.titulo} · ejercicio {ejercicio}" + (f" (fecha {plazo.salvedad})" if plazo.salvedad else "")
    uid = f"{hito.nombre}-{ejercicio}"
    propia, *otras = cierres(plazo, catalogo.proceso.zonas)
    horas = [f"Hasta las {propia}.", f"En otras zonas: {'; '.join(otras)}."] if hito.exigible else []
    citas = "; ".join(catalogo.citar(referencia).texto for referencia in hito.norma)
    texto = [
        hito.descripcion, f"Responsable: {hito.responsable}. {'Exigible' if hito.exigible else 'Recomendado por la guía'}.",
        plazo.cuenta, *horas, f"Norma: {citas}.", hito.nota,
    ]  # fmt: skip
    yield _evento(plazo, f"{uid}@focaliza", nombre, texto, plazo.inicio or plazo.fin, plazo.vence + UN_DIA)  # exclusivo
    if hito.exigible:
        nombre = f"Cierra a las 24:00: {nombre}"
        yield _evento(plazo, f"{uid}-cierre@focaliza", nombre, [*horas, plazo.cuenta], fin - _UNA_HORA, fin)


def _evento(plazo: Plazo, uid: str, nombre: str, texto: Iterable[str], desde: date, hasta: date) -> Event:
    evento = Event()
    evento.add("uid", uid)
    evento.add("dtstart", desde)
    evento.add("dtend", hasta)
    evento.add("summary", nombre)
    evento.add("description", "\n".join(filter(None, texto)))
    evento.add("categories", ["Exigible" if plazo.hito.exigible else "Recomendado", plazo.hito.responsable])
    evento.add("status", "TENTATIVE" if plazo.estimado else "CONFIRMED")
    evento.add("transp", "TRANSPARENT")
    return evento
