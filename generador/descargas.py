"""Los archivos para máquinas y para Excel, con las rutas del contrato. La misma entrada da los mismos bytes."""

import json
from collections.abc import Iterable

from esquemas.agenda import agendas
from esquemas.modelo import Catalogo, Esquema
from esquemas.plantilla import escribir_plantilla
from esquemas.publicacion import catalogo_csv, ejemplo_csv, esquema_json
from esquemas.tabla import escribir_csv, escribir_csv_excel
from esquemas.xlsform import escribir_xlsform


def descargas(catalogo: Catalogo, ejercicios: Iterable[int]) -> dict[str, bytes]:
    """Ruta → bytes de esquemas, plantillas, ejemplos, catálogos de códigos y calendarios."""
    archivos: dict[str, bytes] = {}
    for esquema in catalogo.esquemas.values():
        archivos |= _de_un_esquema(catalogo, esquema)
    for nombre, opciones in catalogo.opciones.items():
        archivos[f"descargas/catalogos/{nombre}.csv"] = catalogo_csv(opciones)
    for ejercicio in ejercicios:
        archivos |= {f"descargas/{a.archivo}": a.ics for a in agendas(catalogo, ejercicio)}
    return archivos


def _de_un_esquema(catalogo: Catalogo, esquema: Esquema) -> dict[str, bytes]:
    descriptor = json.dumps(esquema_json(catalogo, esquema), ensure_ascii=False, indent=2) + "\n"
    archivos = {
        f"descargas/esquemas/{esquema.nombre}.json": descriptor.encode(),
        f"descargas/plantillas/{esquema.nombre}.xlsx": escribir_plantilla(esquema, catalogo.opciones, citas=catalogo.citar),
    }
    if esquema.es_encuesta:
        archivos[f"descargas/xlsform/{esquema.nombre}.xlsx"] = escribir_xlsform(catalogo, esquema)
    for tabla in esquema.tablas:
        nombre = esquema.nombre if tabla is esquema.principal else f"{esquema.nombre}-{tabla.nombre}"
        archivos[f"descargas/plantillas/{nombre}.csv"] = escribir_csv(tabla.nombres, ())
        archivos[f"descargas/plantillas/{nombre}-para-excel.csv"] = escribir_csv_excel([c.titulo for c in tabla.campos], ())
        archivos[f"descargas/ejemplos/{nombre}.csv"] = ejemplo_csv(esquema, tabla)
    return archivos
