"""frictionless: el descriptor que publicamos, tal cual."""

import json

from frictionless import Detector, Resource, Schema, formats

from banco.pares import ESTANDAR

_SCHEMA = Schema.from_descriptor(json.loads(ESTANDAR.read_text(encoding="utf-8")))


def malas(datos: bytes) -> int:
    recurso = Resource(
        data=datos,
        format="csv",
        encoding="utf-8",
        control=formats.CsvControl(delimiter=","),
        schema=_SCHEMA,
        detector=Detector(schema_sync=False),
    )
    informe = recurso.validate(limit_errors=10**9)
    return len({(e.row_number, e.field_name) for t in informe.tasks for e in t.errors if hasattr(e, "field_name")})
