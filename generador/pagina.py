"""Qué es una página por escribir: lo que comparten quienes las listan (fichas, calendario, documentos…) y quien las arma."""

import re
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Pagina:
    """Una página por escribir: su archivo, su título, la clase con que se filtra en la búsqueda y su plantilla."""

    archivo: str
    titulo: str
    clase: str
    plantilla: str
    datos: dict[str, Any] = field(default_factory=dict)


def encabezado(texto: str) -> str:
    """El primer título de una página en Markdown, sin sus atributos; «» si no tiene."""
    hallado = re.search(r"^# +(.+?)(?: *\{[^}]*\})? *$", texto, re.M)
    return hallado[1] if hallado else ""
