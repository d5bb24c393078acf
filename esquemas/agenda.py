"""Los plazos de un ejercicio como iCalendar (RFC 5545), para que vivan en la agenda de cada equipo.

Cada plazo es un evento de día entero (DATE, sin VTIMEZONE): la norma da días, y así se lee el mismo día en
cualquier zona. La hora del cierre, que sí depende de la zona, va escrita en la descripción. El evento
cubre del primer día al último, con la prórroga si la hay. Lo que no tiene fecha no se publica.
"""

from collections.abc import Callable, Iterable
from datetime import UTC, date, datetime

from icalendar import Calendar, Event

from esquemas.plazos import Plazo
from esquemas.tiempo import UN_DIA, cierre, en_zonas

COMPARTIDOS = frozenset({"conjunta", "todos"})  # los hitos que son de cualquier responsable


def citar_llano(referencia: str) -> str:
    """«decreto-246» → «Decreto 246», si no se tiene a mano el catálogo de normas."""
    documento, _, parte = referencia.partition(":")
    return f"{documento.replace('-', ' ').capitalize().replace('Guia', 'Guía')} {parte}".strip()


def sello_de(ejercicio: int) -> datetime:
    """El DTSTAMP de un calendario publicado: fijo, para que las mismas reglas den siempre los mismos bytes."""
    return datetime(ejercicio - 1, 1, 1, tzinfo=UTC)


def a_ics(
    plazos: Iterable[Plazo],
    ejercicio: int,
    *,
    titulo: str,
    sello: datetime,
    responsable: str | None = None,
    citar: Callable[[str], str] = citar_llano,
) -> bytes:
    """El calendario en UTF-8 y con CRLF; los mismos argumentos dan los mismos bytes.

    `responsable` deja solo sus hitos y los compartidos; sin él van todos. `sello` es el DTSTAMP, cuándo se
    calculó (ValueError si no trae zona). `citar` vuelve texto una referencia de norma. El UID
    `<hito>-<ejercicio>@focaliza` no cambia: al importar de nuevo, los eventos se actualizan y no se repiten.
    """
    if sello.utcoffset() is None:
        raise ValueError("El sello no trae zona horaria.")
    agenda = Calendar()
    agenda.add("prodid", "-//focaliza//calendario//ES")
    agenda.add("version", "2.0")
    agenda.add("method", "PUBLISH")
    agenda.add("x-wr-calname", titulo)
    for plazo in plazos:
        le_toca = responsable is None or plazo.hito.responsable in COMPARTIDOS | {responsable}
        if le_toca and plazo.vence:
            evento = _evento(plazo, plazo.vence, ejercicio, citar)
            evento.add("dtstamp", sello)  # icalendar lo lleva a UTC
            agenda.add_component(evento)
    return agenda.to_ical()


def _evento(plazo: Plazo, vence: date, ejercicio: int, citar: Callable[[str], str]) -> Event:
    hito = plazo.hito
    evento = Event()
    evento.add("uid", f"{hito.nombre}-{ejercicio}@focaliza")
    evento.add("dtstart", plazo.inicio or plazo.fin)
    evento.add("dtend", vence + UN_DIA)  # exclusivo
    evento.add("summary", f"{hito.titulo} · ejercicio {ejercicio}")
    evento.add("description", "\n".join(_descripcion(plazo, vence, citar)))
    evento.add("categories", ["Exigible" if hito.exigible else "Recomendado", hito.responsable])
    evento.add("status", "TENTATIVE" if plazo.estimado else "CONFIRMED")
    evento.add("transp", "TRANSPARENT")
    return evento


def _descripcion(plazo: Plazo, vence: date, citar: Callable[[str], str]) -> Iterable[str]:
    hito = plazo.hito
    yield hito.descripcion
    yield f"Responsable: {hito.responsable}. {'Exigible' if hito.exigible else 'Recomendado por la guía'}."
    yield plazo.cuenta
    horas = en_zonas(cierre(vence, plazo.zona)).items()
    yield f"Cierra a las {'; '.join(f'{hora:%H:%M del %d-%m-%Y} ({zona})' for zona, hora in horas)}."
    yield f"Norma: {'; '.join(citar(referencia) for referencia in hito.norma)}."
    if hito.nota:
        yield hito.nota
