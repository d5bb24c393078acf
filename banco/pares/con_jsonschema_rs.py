"""jsonschema-rs: JSON Schema sobre filas convertidas antes en Python, porque JSON Schema no lee números de un CSV.

No sabe de códigos repetidos.
"""

import csv
import io
from contextlib import suppress

import jsonschema_rs

from banco.pares import patrones_y_listas

_PATRON, _LISTA = patrones_y_listas()


def _texto(**mas: object) -> dict[str, object]:
    return {"type": "string", **mas}


_PROPIEDADES = {
    "codigo": _texto(maxLength=20, pattern=_PATRON["codigo"]),
    "nombre": _texto(minLength=3, maxLength=120),
    "region": {"enum": _LISTA["region"]},
    "comuna": _texto(maxLength=5, pattern=_PATRON["comuna"]),
    "rubro": {"enum": _LISTA["rubro"]},
    "etapa": {"enum": _LISTA["etapa"]},
    "beneficiarios": {"type": "integer", "minimum": 0, "maximum": 100_000},
    "monto": {"type": "integer", "minimum": 1, "maximum": 9_999_999_999},
    "aporte": {"type": "number", "minimum": 0, "maximum": 100},
    "inicio": _texto(format="date"),
    "termino": _texto(format="date"),
    "continuidad": {"enum": ["si", "no"]},
    "ejercicio": {"type": "integer", "minimum": 2020, "maximum": 2035},
    "contacto": _texto(maxLength=80, format="email"),
}
_OPTATIVAS = ("etapa", "aporte", "termino")
_NUMEROS = {"beneficiarios": int, "monto": int, "aporte": float, "ejercicio": int}
_VALIDADOR = jsonschema_rs.Draft202012Validator(
    {
        "type": "array",
        "items": {"type": "object", "properties": _PROPIEDADES, "required": [n for n in _PROPIEDADES if n not in _OPTATIVAS]},
    },
    validate_formats=True,
)


def _convertir(fila: dict[str, str]) -> dict[str, object]:
    leida: dict[str, object] = {campo: valor for campo, valor in fila.items() if valor}
    for campo, tipo in _NUMEROS.items():
        with suppress(KeyError, ValueError):  # vacía, o un texto: el validador lo dirá
            leida[campo] = tipo(leida[campo])
    return leida


def malas(datos: bytes) -> int:
    lector = csv.DictReader(io.StringIO(datos.decode(), newline=""))
    filas = [_convertir(fila) for fila in lector]
    malas = set()
    for error in _VALIDADOR.iter_errors(filas):
        fila, *campo = error.instance_path
        malas.add((fila, campo[0] if campo else error.kind.property))
    return len(malas)
