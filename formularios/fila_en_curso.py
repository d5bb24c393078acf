"""Una matriz en curso y sus filas, como valores: qué son, en qué versión van y qué código le toca a una nueva."""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from esquemas.condicion import separar
from esquemas.modelo import Esquema
from esquemas.normalizacion import limpiar

COPIADA, AGREGADA, CAMBIADA, QUITADA, REPUESTA = "copiada", "agregada", "cambiada", "quitada", "repuesta"


@dataclass(frozen=True, slots=True)
class Matriz:
    """De qué se habla: un formato, en una región y un ejercicio."""

    esquema: Esquema
    region: str
    ejercicio: int

    @property
    def lugar(self) -> tuple[str, str, int]:
        return self.esquema.nombre, self.region, self.ejercicio


@dataclass(frozen=True, slots=True)
class Fila:
    """Una fila en curso. `datos`: campo → texto, como se escribió. `origen`: de dónde salió, si no se escribió a mano.

    `por_revisar`: por qué hay que mirarla otra vez, o «». `autor`: quién la dejó así, sin datos personales.
    """

    id: str
    esquema: str
    region: str
    ejercicio: int
    orden: int
    datos: Mapping[str, str]
    version: int
    origen: str
    por_revisar: str
    cambiada_utc: datetime
    autor: str
    quitada_utc: datetime | None = None

    @classmethod
    def de(cls, guardada: Mapping[str, Any]) -> "Fila":
        return cls(**{**guardada, "datos": json.loads(guardada["datos"])})


@dataclass(frozen=True, slots=True)
class Cambio:
    """Una versión de una fila: qué se hizo, cómo quedó y quién."""

    version: int
    accion: str
    datos: Mapping[str, str]
    cuando_utc: datetime
    autor: str


class FilaInexistente(Exception):
    """La fila no está, o no es de esa matriz."""


class FilaCambiada(Exception):
    """Otra persona la guardó antes. `actual` es como está ahora."""

    def __init__(self, actual: Fila) -> None:
        self.actual = actual
        super().__init__(f"la fila {actual.id} va en la versión {actual.version}")


def huella_de(filas: Iterable[Fila]) -> str:
    """De lo que dicen, en su orden: si algo cambia, cambia; si solo se empezó a corregir lo entregado, no. «» si no hay filas."""
    suma = hashlib.sha256()
    for f in (filas := list(filas)):
        suma.update(json.dumps(sorted(f.datos.items())).encode())
    return suma.hexdigest() if filas else ""


def valores_de(esquema: Esquema, filas: Iterable[Fila]) -> list[dict[str, str]]:
    """Lo que dicen, campo por campo. Lo que el esquema ya no tiene se conserva en la fila, pero no se juzga."""
    return [{n: f.datos.get(n, "") for n in esquema.principal.nombres} for f in filas]


def clave_de(esquema: Esquema, datos: Mapping[str, str]) -> str:
    """Cómo se nombra una fila: su código, o sus claves."""
    return " · ".join(datos[n] for n in esquema.principal.clave if datos.get(n))


def encima(esquema: Esquema, antes: Mapping[str, str], valores: Mapping[str, str]) -> dict[str, str]:
    """Los valores sobre lo que había. Lo mismo como lo manda la página (en otro orden, o con CRLF) no es un cambio.

    La clave va limpia, como se sella: por ella se cita, se compara y se observa.
    """
    clave = esquema.principal.clave
    valores = {n: limpiar(v) if n in clave else v.replace("\r\n", "\n") for n, v in valores.items()}
    iguales = {k.nombre for k in esquema.campos if k.varios and _elegido(k.nombre, antes) == _elegido(k.nombre, valores)}
    return {**antes, **{n: v for n, v in valores.items() if n not in iguales}}


def cambiado(esquema: Esquema, base: Mapping[str, str], valores: Mapping[str, str]) -> dict[str, str]:
    """De esos valores, los que dicen otra cosa que `base`: lo que la persona tocó."""
    return {n: v for n, v in encima(esquema, base, valores).items() if v != base.get(n, "")}


def _elegido(campo: str, datos: Mapping[str, str]) -> list[str]:
    return sorted(separar(datos.get(campo, "")))


def sugerir_codigo(esquema: Esquema, usados: Iterable[str], valores: Mapping[str, str]) -> dict[str, str]:
    """El que sigue a los `usados`, con las letras del ejemplo que más se parece («PRO-01»); vacío si ya trae uno o no se usan."""
    campo = next((c for c in esquema.campos if c.tipo == "codigo" and esquema.principal.clave == (c.nombre,)), None)
    if campo is None or valores.get(campo.nombre):
        return {}
    de_tipo = next((c.nombre for c in esquema.campos if c.catalogo), "")  # lo que la fila es: pesa más que todo lo demás

    def parecido_a(ejemplo: Mapping[str, str]) -> tuple[bool, int]:
        iguales = {n for n, v in valores.items() if v and ejemplo.get(n) == v}
        return de_tipo in iguales, len(iguales)

    parecido = max(esquema.ejemplos, key=parecido_a)
    if not (numerado := re.fullmatch(r"(.*?)\d+", parecido[campo.nombre])):
        return {}  # se arma con lo que dice la fila: no hay uno que siga
    letras = numerado[1]
    numeros = [re.fullmatch(re.escape(letras) + r"(\d+)", usado) for usado in usados]
    return {campo.nombre: f"{letras}{max((int(n[1]) for n in numeros if n), default=0) + 1:02}"}
