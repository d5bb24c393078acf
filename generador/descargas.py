"""Los archivos para máquinas y para Excel, con las rutas del contrato. La misma entrada da los mismos bytes."""

import json
from collections.abc import Iterable

from esquemas.agenda import a_ics, sello_de
from esquemas.modelo import Catalogo, Esquema
from esquemas.plantilla import escribir_plantilla
from esquemas.plazos import calendario
from esquemas.publicacion import catalogo_csv, ejemplo_csv, esquema_json
from esquemas.tabla import escribir_csv
from esquemas.xlsform import escribir_xlsform


def descargas(catalogo: Catalogo, ejercicios: Iterable[int]) -> dict[str, bytes]:
    """Ruta → bytes de esquemas, plantillas, ejemplos, catálogos de códigos y calendarios."""
    archivos: dict[str, bytes] = {}
    for esquema in catalogo.esquemas.values():
        archivos |= _de_un_esquema(catalogo, esquema)
    for nombre, opciones in catalogo.opciones.items():
        archivos[f"descargas/catalogos/{nombre}.csv"] = catalogo_csv(opciones)
    for ejercicio in ejercicios:
        archivos[f"descargas/calendario-{ejercicio}.ics"] = a_ics(
            calendario(catalogo.proceso.hitos, ejercicio),
            ejercicio,
            titulo=f"Focalización regional, ejercicio {ejercicio}",
            sello=sello_de(ejercicio),
            citar=lambda referencia: catalogo.citar(referencia).texto,
        )
    return archivos


def _de_un_esquema(catalogo: Catalogo, esquema: Esquema) -> dict[str, bytes]:
    descriptor = json.dumps(esquema_json(catalogo, esquema), ensure_ascii=False, indent=2) + "\n"
    vacia = escribir_csv(esquema.principal.nombres, ())
    archivos = {
        f"descargas/esquemas/{esquema.nombre}.json": descriptor.encode(),
        f"descargas/plantillas/{esquema.nombre}.xlsx": escribir_plantilla(esquema, catalogo.opciones, citas=catalogo.citar),
        f"descargas/plantillas/{esquema.nombre}.csv": vacia,
        f"descargas/ejemplos/{esquema.nombre}.csv": ejemplo_csv(esquema),
    }
    if esquema.es_encuesta:
        archivos[f"descargas/xlsform/{esquema.nombre}.xlsx"] = escribir_xlsform(catalogo, esquema)
    for grupo in esquema.grupos:
        ruta = f"descargas/ejemplos/{esquema.nombre}-{grupo.nombre}.csv"
        archivos[ruta] = ejemplo_csv(esquema, grupo.tabla)
    return archivos
