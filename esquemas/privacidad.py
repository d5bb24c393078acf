"""Lo que se informa a las personas sobre sus datos, armado de lo que declara cada campo de un esquema.

Lo usan el sitio (`/privacidad/`) y el aviso de cada encuesta: por eso vive aquí. Los textos comunes están en
`notas/privacidad.yaml`; lo propio de un esquema, en su clave `privacidad`.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from esquemas.modelo import Campo, Catalogo, Esquema

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
