"""Leer un XLSX de 5.000 × 14: con topes y en otro proceso, frente a openpyxl dentro del propio."""

import io
from typing import Any

from openpyxl import load_workbook

from banco.medida import intercalar
from banco.tablas import esquema, filas
from esquemas.planilla import tipar
from formularios.lector import leer_archivo
from tests.servicios.libro import escribir_libro

FILAS, RONDAS = 5_000, 7


def medir() -> dict[str, Any]:
    campos = esquema().campos
    tipadas = ([tipar(c, f[c.nombre]) for c in campos] for f in filas(FILAS))
    datos = escribir_libro([("Datos", [c.nombre for c in campos], tipadas)])
    participantes = {
        "nuestro": lambda: leer_archivo(datos, "datos.xlsx"),
        "openpyxl": lambda: _con_openpyxl(datos, solo_lectura=False),
        "openpyxl, solo lectura": lambda: _con_openpyxl(datos, solo_lectura=True),
    }
    return {"bytes": len(datos), "segundos": intercalar(participantes, dict.fromkeys(participantes, RONDAS))}


def _con_openpyxl(datos: bytes, *, solo_lectura: bool) -> list[list[Any]]:
    libro = load_workbook(io.BytesIO(datos), read_only=solo_lectura, data_only=True)
    return [list(fila) for fila in libro.active.iter_rows(values_only=True)]
