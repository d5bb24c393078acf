"""frictionless como juez: el mismo archivo, con la biblioteca del estándar, para comparar veredictos.

No es nuestro validador: no conoce las reglas entre columnas ni las rarezas de Excel, y de una cita solo sabe si existe.
Todo lo que exportamos debe pasarlo. Importa disco y red por dentro: es la excepción declarada de esta carpeta.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

from frictionless import Detector, Package, Resource, Schema, formats

from esquemas.condicion import separar
from esquemas.errores import Gravedad, Problema
from esquemas.hoja import letra
from esquemas.modelo import Catalogo, Esquema, Tabla
from esquemas.publicacion import Enlace, clave_exportada, enlaces, tabla_de_enlace, tabla_estandar

# Un archivo suelto no dice su región ni su ejercicio, y sus citas se buscan solo por código, como en `validar --con`.
_SIN_DECIR = "0"
_SIN_TOPE = 0  # de errores: frictionless deja de leer en el error 1.000 si no se le dice otra cosa


def juzgar_csv(
    catalogo: Catalogo,
    esquema: Esquema,
    datos: bytes,
    *,
    tabla: Tabla | None = None,
    referidas: Mapping[str, Iterable[Mapping[str, str]]] | None = None,
) -> tuple[int, tuple[Problema, ...]]:
    """(filas leídas, problemas) del CSV canónico de una tabla (la principal), según frictionless. Mensajes en inglés.

    Con `referidas` (esquema → filas, como en `Contexto`; puede ir vacío) juzga además que exista lo que cita la tabla
    principal: en esas matrices, en ella misma y en los catálogos, con las tablas de enlace que se publican.
    """
    tabla = tabla or esquema.principal
    informe = _recurso(catalogo, tabla, datos).validate(limit_errors=_SIN_TOPE)
    tarea = informe.tasks[0]
    problemas = [_problema(error, esquema, tabla) for error in tarea.errors]
    if referidas is not None and all(p.fila for p in problemas):  # si no, no se lee o le falta una columna
        vistas = {(p.fila, p.campo) for p in problemas}
        citas = _juzgar_citas(catalogo, esquema, datos, referidas)
        problemas += [p for p in citas if (p.fila, p.campo) not in vistas]
    return tarea.stats.get("rows") or 0, tuple(problemas)


@lru_cache(maxsize=128)
def _schema(catalogo: Catalogo, tabla: Tabla) -> Schema:
    return Schema.from_descriptor(tabla_estandar(catalogo, tabla))


def _recurso(catalogo: Catalogo, tabla: Tabla, datos: bytes) -> Resource:
    return Resource(
        data=datos,
        format="csv",
        encoding="utf-8",
        control=formats.CsvControl(delimiter=","),
        schema=_schema(catalogo, tabla),
        detector=Detector(schema_sync=False),
    )


def _problema(error: Any, esquema: Esquema, tabla: Tabla) -> Problema:
    fila = getattr(error, "row_number", None)
    campo = getattr(error, "field_name", "") or ""
    numero = getattr(error, "field_number", None)
    if error.type == "primary-key":  # frictionless culpa a la fila; nosotros, al último campo de la clave
        campo = tabla.clave[-1]
        numero = tabla.nombres.index(campo) + 1
    return Problema(
        gravedad=Gravedad.ERROR,
        codigo=error.type,
        mensaje=f"frictionless: {error.note or error.message}",
        tabla=tabla.nombre,
        celda=f"{letra(numero - 1)}{fila}" if numero and fila else "",
        fila=fila,
        campo=campo,
        valor=str(getattr(error, "cell", "") or ""),
        norma=tabla.campo(campo).norma if campo in tabla.nombres else esquema.norma,
    )


# --- las citas ----------------------------------------------------------------------------------------------


def juzga_citas_a(esquema: Esquema) -> frozenset[str]:
    """Los otros esquemas cuyas filas le sirven al juez. Los montos de una suma no: el estándar no suma."""
    return frozenset(e.destino for e in enlaces(esquema) if not e.de_catalogo)


def _juzgar_citas(
    catalogo: Catalogo, esquema: Esquema, datos: bytes, referidas: Mapping[str, Iterable[Mapping[str, str]]]
) -> list[Problema]:
    """Arma en memoria el paquete que se publicaría, con los enlaces de destino conocido, y dice qué cita no existe."""
    tabla = esquema.principal
    clave = clave_exportada(tabla)
    with _recurso(catalogo, tabla, datos) as recurso:
        filas = [(fila.row_number, fila.to_dict()) for fila in recurso.row_stream]
    claves = _claves(tabla, clave, filas)
    recursos = {tabla.nombre: _recurso_de(tabla.nombre, _de_textos(clave), claves.values())}
    origenes: dict[str, tuple[Enlace, list[tuple[int, str]]]] = {}
    for enlace in enlaces(esquema):
        destino = f"catalogo-{enlace.destino}" if enlace.de_catalogo else enlace.destino
        if enlace.tabla is not tabla or (not enlace.de_catalogo and destino not in {*referidas, tabla.nombre}):
            continue
        if enlace.de_catalogo:
            codigos = [(o.codigo,) for o in catalogo.opciones[enlace.destino].opciones]
            recursos[destino] = _recurso_de(destino, _de_textos(("codigo",)), codigos)
        elif destino != tabla.nombre:
            citables = [(_SIN_DECIR, _SIN_DECIR, fila["codigo"]) for fila in referidas[destino]]
            recursos[destino] = _recurso_de(destino, _de_textos(("ejercicio", "region", "codigo")), citables)
        citas = [(n, valor) for n, fila in filas for valor in separar(fila[enlace.campo.nombre] or "")]
        origenes[enlace.nombre] = (enlace, citas)
        recursos[enlace.nombre] = _recurso_de(enlace.nombre, tabla_de_enlace(enlace), [(*claves[n], v) for n, v in citas])
    informe = Package(resources=list(recursos.values())).validate(limit_errors=_SIN_TOPE)
    salida = []
    for tarea in informe.tasks:
        if tarea.name in origenes:
            enlace, citas = origenes[tarea.name]
            salida += [_problema_de_cita(error, enlace, *citas[error.row_number - 2]) for error in tarea.errors]
    return salida


def _claves(tabla: Tabla, clave: Sequence[str], filas: Iterable[tuple[int, Mapping[str, Any]]]) -> dict[int, tuple[str, ...]]:
    """Número de fila → su clave en el paquete. La vacía o repetida lleva su número: eso ya se dijo, y sus citas se miran."""
    claves: dict[int, tuple[str, ...]] = {}
    vistas = set()
    for numero, fila in filas:
        valores = [str(fila[c] or "") if c in tabla.clave else _SIN_DECIR for c in clave]
        if not all(valores) or tuple(valores) in vistas:
            valores[-1] += f"#{numero}"
        vistas.add(tuple(valores))
        claves[numero] = tuple(valores)
    return claves


def _de_textos(nombres: Iterable[str]) -> dict[str, Any]:
    return {"fields": [{"name": n, "type": "string"} for n in nombres], "missingValues": [""]}


def _recurso_de(nombre: str, schema: Mapping[str, Any], filas: Iterable[Sequence[str]]) -> Resource:
    encabezado = [c["name"] for c in schema["fields"]]
    return Resource(name=nombre, data=[encabezado, *map(list, filas)], schema=Schema.from_descriptor(dict(schema)))


def _problema_de_cita(error: Any, enlace: Enlace, fila: int, valor: str) -> Problema:
    campo = enlace.campo
    return Problema(
        gravedad=Gravedad.ERROR,
        codigo=error.type,
        mensaje=f"frictionless: {error.note}",
        tabla=enlace.tabla.nombre,
        celda=f"{letra(enlace.tabla.nombres.index(campo.nombre))}{fila}",
        fila=fila,
        campo=campo.nombre,
        valor=valor,
        norma=campo.norma,
    )
