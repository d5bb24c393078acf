"""El número de un envío: `EEEE-RR-NNNNNN-D`.

Ejercicio, región en dos cifras (`00` es el nivel central), correlativo y dígito verificador módulo 11 con
`K`, como el del RUT: se dicta por teléfono y una cifra errada o dos vecinas cambiadas se notan sin ir a la
base.
"""

import re
from typing import NamedTuple

NIVEL_CENTRAL = "00"
CORRELATIVO_MAXIMO = 999_999
_FORMA = re.compile(r"([0-9]{4})-?([0-9]{2})-?([0-9]{6})-?([0-9K])")
_SUELTOS = re.compile(r"[\s\u2010-\u2015\u2212_.-]+")  # lo que una persona pone o pega entre los grupos


class Folio(NamedTuple):
    """Las partes de un folio ya comprobado. `str(folio)` lo vuelve a escribir."""

    ejercicio: int
    region: str
    correlativo: int

    def __str__(self) -> str:
        cuerpo = f"{self.ejercicio:04d}-{self.region}-{self.correlativo:06d}"
        return f"{cuerpo}-{digito_verificador(cuerpo)}"


def digito_verificador(texto: str) -> str:
    """Módulo 11 con pesos 2 a 7 desde la derecha sobre las cifras de `texto`; `0` por 11 y `K` por 10."""
    cifras = [int(c) for c in reversed(texto) if c.isascii() and c.isdigit()]
    resto = 11 - sum(c * (2 + i % 6) for i, c in enumerate(cifras)) % 11
    return {11: "0", 10: "K"}.get(resto, str(resto))


def construir(ejercicio: int, region: str, correlativo: int) -> str:
    """El folio escrito. ValueError si una parte no cabe: es un defecto del programa."""
    folio = str(Folio(ejercicio, region, correlativo))
    if not 1 <= correlativo <= CORRELATIVO_MAXIMO or not _FORMA.fullmatch(folio):
        raise ValueError(f"no se puede formar un folio con {ejercicio!r}, {region!r}, {correlativo!r}")
    return folio


def leer(texto: str) -> Folio | None:
    """Las partes de lo que escribió una persona (con otros guiones o espacios, sin ninguno, con `k`); None si no es un folio."""
    partes = partir(texto)
    if partes is None or digito_verificador("".join(partes[:3])) != partes[3] or partes[2] == "000000":
        return None
    return Folio(int(partes[0]), partes[1], int(partes[2]))


def partir(texto: str) -> tuple[str, ...] | None:
    """Los cuatro grupos, sin comprobar; None si no tiene esa forma."""
    forma = _FORMA.fullmatch(_SUELTOS.sub("", texto).upper()) if len(texto) <= 40 else None
    return forma and forma.groups()


def comprobar(texto: str) -> bool:
    """¿Está bien escrito? No dice si existe: eso lo sabe el almacén."""
    return leer(texto) is not None
