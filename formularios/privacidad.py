"""El aviso de privacidad de una encuesta, armado de lo que declara cada campo de su esquema."""

from collections.abc import Mapping
from dataclasses import dataclass

from esquemas.modelo import Campo, Esquema

_CLASES = {"personal": "Personal", "sensible": "Sensible"}


@dataclass(frozen=True, slots=True)
class Aviso:
    """Qué datos de personas pide la encuesta, para qué, quién responde por ellos y hasta cuándo."""

    campos: tuple[tuple[str, Campo], ...]  # (clase, campo)
    responsable: str
    base: str
    retencion: str

    @property
    def hay_sensibles(self) -> bool:
        return any(c.dato == "sensible" for _, c in self.campos)


def aviso_de(esquema: Esquema) -> Aviso:
    """Los campos personales y sensibles en el orden en que se preguntan, y lo que declara el esquema."""
    campos = tuple(
        (_CLASES[c.dato], c) for tabla in esquema.tablas for c in tabla.campos if c.dato in _CLASES
    )
    dicho: Mapping[str, str] = esquema.privacidad
    return Aviso(campos, dicho.get("responsable", ""), dicho.get("base", ""), dicho.get("retencion", ""))


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
