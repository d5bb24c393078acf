"""De un resultado válido a lo que se guarda y su huella: puro, y lo mismo que calcula quien descarga el
CSV."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from functools import cache
from typing import Any

from esquemas.modelo import Esquema, Tabla
from esquemas.tabla import linea_csv
from esquemas.validacion import Resultado

FIN_DE_LINEA = "\r\n"


@cache
def canonico_de(esquema: Esquema) -> str:
    """El JSON canónico del descriptor, el de su huella. ValueError si no calza: el descriptor cambió en
    memoria."""
    canonico = json.dumps(esquema.descriptor, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    if hashlib.sha256(canonico.encode()).hexdigest() != esquema.huella:
        raise ValueError(f"la huella de «{esquema.nombre}» no es la de su descriptor")
    return canonico


def sellar(esquema: Esquema, resultado: Resultado) -> tuple[str, list[dict[str, Any]]]:
    """La huella del envío y sus filas listas para guardar: tabla, orden, codigo, datos (JSON) y linea
    (CSV)."""
    filas: list[dict[str, Any]] = []
    for tabla in esquema.tablas:
        for orden, valores in enumerate(resultado.tablas.get(tabla.nombre, ())):
            datos = dict(zip(tabla.nombres, valores, strict=True))
            filas.append(
                {
                    "tabla": tabla.nombre,
                    "orden": orden,
                    "codigo": datos.get("codigo") or datos.get("respuesta", ""),
                    "datos": json.dumps(datos, ensure_ascii=False, separators=(",", ":")),
                    "linea": linea_csv(valores),
                }
            )
    lineas: dict[str, list[str]] = {}
    for fila in filas:
        lineas.setdefault(fila["tabla"], []).append(fila["linea"])
    return huella_de_lineas(esquema.tablas, lineas), filas


def huella_de_lineas(tablas: Sequence[Tabla], lineas: Mapping[str, Sequence[str]]) -> str:
    """SHA-256 de, por cada tabla en orden, su encabezado y sus líneas en UTF-8 con CRLF. Lo mismo que
    `sha256sum`."""
    suma = hashlib.sha256()
    for tabla in tablas:
        for linea in (linea_csv(tabla.nombres), *lineas.get(tabla.nombre, ())):
            suma.update(f"{linea}{FIN_DE_LINEA}".encode())
    return suma.hexdigest()
