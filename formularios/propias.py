"""Las columnas que una región agrega a una matriz: declararlas, quitarlas, copiarlas de otro ejercicio y sacarlas. Sin web.

Quitar una columna no borra lo que decía: sigue en cada fila y en su historial, y vuelve si se declara otra vez con su título.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from esquemas import propias as puras
from esquemas.modelo import Campo, Catalogo, Esquema
from esquemas.planilla import Escritor, tipar
from esquemas.propias import Columna, ColumnaInvalida, ampliar
from formularios import almacen_propias
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.fila_en_curso import Fila, Matriz

_CAMPOS = tuple(f.name for f in fields(Columna))


@dataclass(frozen=True, slots=True)
class Copia:
    """Lo propio de una entrega. `esquema` es el formato con las columnas que tenía entonces."""

    folio: str
    recibido_utc: datetime
    esquema: Esquema
    filas: Sequence[Mapping[str, str]]


def leer_columnas(almacen: Almacen, matriz: Matriz, *, quitadas: bool = False) -> tuple[Columna, ...]:
    """Las declaradas; con `quitadas`, también las que ya no están."""
    with almacen.leer() as c:
        return _columnas(almacen_propias.leer_columnas(c, *matriz.lugar), quitadas)


def _columnas(guardadas: Sequence[Mapping[str, Any]], quitadas: bool = False) -> tuple[Columna, ...]:
    return tuple(Columna(**{n: g[n] for n in _CAMPOS}) for g in guardadas if quitadas or g["quitada_utc"] is None)


def con_propias(almacen: Almacen, esquema: Esquema, region: str, ejercicio: int, *, quitadas: bool = False) -> Matriz:
    """La matriz de esa región con sus columnas propias al final."""
    matriz = Matriz(esquema.oficial or esquema, region, ejercicio)
    return replace(matriz, esquema=ampliar(matriz.esquema, leer_columnas(almacen, matriz, quitadas=quitadas)))


def declarar(
    almacen: Almacen, matriz: Matriz, titulo: str, tipo: str, ayuda: str, nombre: str = "", *, autor: str, ahora_utc: datetime
) -> Columna:
    """Agrega la columna o, con `nombre`, cambia esa. ColumnaInvalida si no se puede."""
    with almacen.escribir() as c:
        guardadas = almacen_propias.leer_columnas(c, *matriz.lugar)
        actuales = _columnas(guardadas)
        nombre = nombre if nombre in {a.nombre for a in actuales} else ""
        columna = puras.declarar(matriz.esquema, actuales, titulo, tipo, ayuda, nombre)
        _guardar(c, matriz, columna, len(guardadas), autor, ahora_utc)
    return columna


def _guardar(c: Any, matriz: Matriz, columna: Columna, orden: int, autor: str, ahora_utc: datetime) -> None:
    lugar = dict(zip(("esquema", "region", "ejercicio"), matriz.lugar, strict=True))
    suya = {n: getattr(columna, n) for n in _CAMPOS}
    almacen_propias.guardar_columna(c, {**lugar, **suya, "orden": orden, "declarada_utc": ahora_utc, "autor": autor})
    anotar(c, cuando_utc=ahora_utc, actor=autor, accion="declarar columna", objeto=_objeto(matriz, columna.nombre))


def _objeto(matriz: Matriz, nombre: str) -> str:
    return " ".join(map(str, (*matriz.lugar, nombre)))


def quitar(almacen: Almacen, matriz: Matriz, nombre: str, *, autor: str, ahora_utc: datetime) -> None:
    """La matriz deja de mostrarla. Si no está, no hace nada."""
    with almacen.escribir() as c:
        if nombre in {a.nombre for a in _columnas(almacen_propias.leer_columnas(c, *matriz.lugar))}:
            almacen_propias.quitar_columna(c, *matriz.lugar, nombre, ahora_utc)
            anotar(c, cuando_utc=ahora_utc, actor=autor, accion="quitar columna", objeto=_objeto(matriz, nombre))


def heredar(almacen: Almacen, matriz: Matriz, de: int, *, autor: str, ahora_utc: datetime) -> int:
    """Declara las que había en otro ejercicio y aquí nunca se han declarado ni quitado; devuelve cuántas."""
    cuantas = 0
    with almacen.escribir() as c:
        otras = _columnas(almacen_propias.leer_columnas(c, *replace(matriz, ejercicio=de).lugar))
        guardadas = almacen_propias.leer_columnas(c, *matriz.lugar)
        actuales = list(_columnas(guardadas))
        for otra in (o for o in otras if o.nombre not in {g["nombre"] for g in guardadas}):
            try:
                puras.declarar(matriz.esquema, actuales, otra.titulo, otra.tipo, otra.ayuda)
            except ColumnaInvalida:  # el formato ya trae una columna con ese título, o no caben más
                continue
            actuales.append(otra)
            _guardar(c, matriz, otra, len(guardadas) + cuantas, autor, ahora_utc)
            cuantas += 1
    return cuantas


def contar_usos(filas: Sequence[Fila], columnas: Sequence[Columna]) -> dict[str, int]:
    """Nombre de columna → en cuántas filas dice algo."""
    return {k.nombre: sum(bool(f.datos.get(k.nombre)) for f in filas) for k in columnas}


def leer_copias(almacen: Almacen, catalogo: Catalogo, matriz: Matriz) -> list[Copia]:
    """Lo propio de cada entrega de esa matriz, de la última a la primera."""
    with almacen.leer() as c:
        guardadas = almacen_propias.leer_copias(c, *matriz.lugar)
    oficial = catalogo.esquemas[matriz.esquema.nombre]
    return [
        Copia(g["folio"], g["recibido_utc"], ampliar(oficial, tuple(Columna(**k) for k in g["columnas"])), g["filas"])
        for g in guardadas
    ]


def escribir_libro(esquema: Esquema, filas: Sequence[Mapping[str, str]]) -> bytes:
    """El XLSX de lo propio: lo que identifica cada fila y sus columnas, con tipos y títulos."""
    escritor, campos = Escritor(), columnas_aparte(esquema)
    hoja = escritor.hoja("Columnas propias")
    hoja.freeze_panes(1, 1)
    hoja.set_column(0, len(campos) - 1, 28)
    for j, campo in enumerate(campos):
        hoja.write_string(0, j, campo.titulo, escritor.encabezado)
        for i, fila in enumerate(filas, 1):
            escritor.escribir(hoja, i, j, tipar(campo, fila.get(campo.nombre, "")))
    return escritor.terminar()


def columnas_aparte(esquema: Esquema) -> list[Campo]:
    """Las de lo que sale aparte, en orden."""
    return [*map(esquema.principal.campo, esquema.principal.clave), *esquema.propias]
