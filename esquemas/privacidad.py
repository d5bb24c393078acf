"""Lo que se informa a las personas sobre sus datos, armado de lo que declara cada campo de un esquema.

Lo usan el sitio (`/privacidad/`) y el aviso de cada encuesta: por eso vive aquí. Los textos comunes están en
`notas/privacidad.yaml`; lo propio de un esquema, en su clave `privacidad`.
"""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import TYPE_CHECKING

from esquemas.condicion import cumple
from esquemas.modelo import Campo, Catalogo, Esquema
from esquemas.tiempo import cierre

if TYPE_CHECKING:
    from esquemas.saber import Nota

CLASES = {"personal": "Personal", "sensible": "Sensible"}


@dataclass(frozen=True, slots=True)
class Aviso:
    """Qué datos de personas pide un esquema, y los doce contenidos que la ley manda informar.

    `campos` son (clase, campo) en el orden en que se preguntan; `contenidos`, (nota, lo que el esquema agrega o «»).
    """

    campos: tuple[tuple[str, Campo], ...]
    contenidos: "tuple[tuple[Nota, str], ...]"
    dicho: Mapping[str, str]


def aviso_de(catalogo: Catalogo, esquema: Esquema) -> Aviso:
    """El aviso de un esquema. Si no hay `notas/privacidad.yaml`, va sin contenidos comunes."""
    campos = tuple((CLASES[c.dato], c) for tabla in esquema.tablas for c in tabla.campos if c.dato in CLASES)
    notas = catalogo.notas["privacidad"].notas if "privacidad" in catalogo.notas else ()
    return Aviso(campos, tuple((n, esquema.privacidad.get(n.nombre, "")) for n in notas), esquema.privacidad)


def consentimiento_de(esquema: Esquema, campo: Campo) -> str:
    """El texto que se acepta en ese campo: el del consentimiento expreso si de él depende un dato sensible."""
    pide = {
        nombre
        for tabla in esquema.tablas
        for c in tabla.campos
        if c.dato == "sensible" and c.mostrar_si
        for nombre in c.mostrar_si.campos()
    }
    return esquema.privacidad.get("consentimiento", "") if campo.nombre in pide else ""


def personales_de(esquema: Esquema, clases: Iterable[str] = CLASES) -> dict[str, tuple[str, ...]]:
    """Tabla → sus campos con datos de personas de esas clases; las tablas sin ninguno no aparecen."""
    suyos = {t.nombre: tuple(c.nombre for c in t.campos if c.dato in clases) for t in esquema.tablas}
    return {tabla: campos for tabla, campos in suyos.items() if campos}


def consentidos(esquema: Esquema, tablas: Mapping[str, Iterable[Mapping[str, str]]]) -> Iterator[str]:
    """Los campos sensibles que esas filas (valores canónicos) consienten entregar: los que su condición deja preguntar."""
    if "consentimiento" not in esquema.privacidad:
        return
    principal = next(iter(tablas.get(esquema.nombre, ())), {})
    varios = frozenset(c.nombre for t in esquema.tablas for c in t.campos if c.varios)
    for tabla in esquema.tablas:
        for campo in (c for c in tabla.campos if c.dato == "sensible" and c.mostrar_si):
            if any(cumple(campo.mostrar_si, {**principal, **f}, varios) for f in tablas.get(tabla.nombre, ())):
                yield campo.nombre


def vence_retencion(esquema: Esquema, ejercicio: int) -> datetime | None:
    """Desde cuándo una respuesta de ese ejercicio ya no guarda datos de personas; None si el esquema no fija el plazo.

    Un ejercicio es un año presupuestario: cierra con el 31 de diciembre, hora de Chile continental.
    """
    if esquema.retencion_ejercicios is None:
        return None
    return cierre(date(ejercicio + esquema.retencion_ejercicios, 12, 31))
