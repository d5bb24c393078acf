"""frictionless como juez: el mismo archivo, con la biblioteca del estándar, para comparar veredictos.

No es nuestro validador: no conoce las reglas entre columnas, las referencias ni las rarezas de Excel. Todo lo que
exportamos debe pasarlo. Importa disco y red por dentro: es la excepción declarada de esta carpeta.
"""

from typing import Any

from frictionless import Detector, Resource, Schema, formats

from esquemas.errores import Gravedad, Problema
from esquemas.hoja import letra
from esquemas.modelo import Catalogo, Esquema
from esquemas.publicacion import tabla_estandar


def juzgar_csv(catalogo: Catalogo, esquema: Esquema, datos: bytes) -> tuple[int, tuple[Problema, ...]]:
    """(filas leídas, problemas) del CSV canónico de la tabla principal, según frictionless. Sus mensajes son en inglés."""
    schema = Schema.from_descriptor(tabla_estandar(catalogo, esquema.principal))
    recurso = Resource(
        data=datos,
        format="csv",
        encoding="utf-8",
        control=formats.CsvControl(delimiter=","),
        schema=schema,
        detector=Detector(schema_sync=False),
    )
    informe = recurso.validate()
    normas = {c.nombre: c.norma for c in esquema.campos}
    problemas = []
    for tarea in informe.tasks:
        for error in tarea.errors:
            problemas.append(_problema(error, esquema, normas))
        filas = tarea.stats.get("rows") or 0
    return filas, tuple(problemas)


def _problema(error: Any, esquema: Esquema, normas: dict[str, tuple[str, ...]]) -> Problema:
    fila = getattr(error, "row_number", None)
    numero = getattr(error, "field_number", None)
    campo = getattr(error, "field_name", "") or ""
    return Problema(
        gravedad=Gravedad.ERROR,
        codigo=error.type,
        mensaje=f"frictionless: {error.note or error.message}",
        tabla=esquema.nombre,
        celda=f"{letra(numero - 1)}{fila}" if numero and fila else "",
        fila=fila,
        campo=campo,
        valor=str(getattr(error, "cell", "") or ""),
        norma=normas.get(campo, esquema.norma),
    )
