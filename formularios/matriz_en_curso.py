"""Las filas de una matriz en curso, dentro de una transacción: abrirla, leerlas, agregarlas y cambiarlas. Sin web.

Todo cambio pasa por `apertura.exigir`, queda con su autor en el historial y deja «por revisar» las que citan la fila.
"""

import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from esquemas.hoja import sin_recolector
from esquemas.modelo import Catalogo
from esquemas.propias import PREFIJO
from formularios import almacen_envios, almacen_filas, almacen_propias
from formularios.apertura import exigir
from formularios.fila_en_curso import COPIADA, QUITADA, Fila, FilaCambiada, FilaInexistente, Matriz
from formularios.por_revisar import avisar_a_las_que_citan


def abrir_en(c: Any, matriz: Matriz, autor: str, ahora_utc: datetime) -> list[Fila]:
    """La reserva hasta confirmar y devuelve sus filas; la primera vez la empieza con lo que la región ya entregó."""
    if almacen_filas.tomar_matriz(c, *matriz.lugar, ahora_utc):
        _insertar(c, matriz, [f.datos for f in _entregadas(c, matriz)], COPIADA, autor, ahora_utc)
    return _vivas(c, matriz)


def filas_en(c: Any, matriz: Matriz) -> list[Fila]:
    """En orden; si nadie la ha empezado, las que la región ya entregó, todavía sin id."""
    if almacen_filas.leer_matriz(c, *matriz.lugar) is None:
        return _entregadas(c, matriz)
    return _vivas(c, matriz)


def fila_en(c: Any, matriz: Matriz, id: str) -> Fila:
    """La fila, también si se quitó. FilaInexistente si no es de esa matriz."""
    guardada = almacen_filas.leer_fila(c, id)
    if guardada is None or (guardada["esquema"], guardada["region"], guardada["ejercicio"]) != matriz.lugar:
        raise FilaInexistente
    return Fila.de(guardada)


def tomar_en(c: Any, matriz: Matriz, id: str, version: int) -> Fila:
    """La fila, si sigue en esa versión; si no, o si se quitó, FilaCambiada."""
    actual = fila_en(c, matriz, id)
    if actual.version != version or actual.quitada_utc:
        raise FilaCambiada(actual)
    return actual


def agregar_en(c: Any, catalogo: Catalogo, matriz: Matriz, filas: Sequence[Mapping[str, str]], *resto: Any) -> list[Fila]:
    """Al final, como esas; `resto`: qué se hizo, quién, cuándo y, si se sabe, de dónde salieron y con qué id."""
    _, filas = exigir(c, catalogo, matriz, nuevas=filas)
    return _insertar(c, matriz, filas, *resto)


def cambiar_en(
    c: Any,
    catalogo: Catalogo,
    matriz: Matriz,
    cambios: Sequence[tuple[Fila, Mapping[str, str], str]],
    autor: str,
    ahora_utc: datetime,
) -> list[Fila]:
    """Cada cambio es (fila actual, cómo queda, qué se hace); devuelve cómo quedaron. El «por revisar» queda como venga."""
    cambios, _ = exigir(c, catalogo, matriz, cambios)
    nuevas = [
        replace(
            actual,
            datos=datos,
            version=actual.version + 1,
            cambiada_utc=ahora_utc,
            autor=autor,
            quitada_utc=ahora_utc if accion == QUITADA else None,
        )
        for actual, datos, accion in cambios
    ]
    guardables = [_guardable(f) for f in nuevas]
    almacen_filas.cambiar_filas(c, guardables)
    almacen_filas.insertar_cambios(c, [_anotable(g, accion) for g, (_, _, accion) in zip(guardables, cambios, strict=True)])
    avisar_a_las_que_citan(c, catalogo, matriz, cambios)
    return nuevas


def _vivas(c: Any, matriz: Matriz) -> list[Fila]:
    with sin_recolector():  # pueden ser miles
        return [Fila.de(f) for f in almacen_filas.leer_filas(c, *matriz.lugar)]


def _entregadas(c: Any, matriz: Matriz) -> list[Fila]:
    campos = matriz.esquema.principal.nombres
    entregadas = almacen_envios.leer_filas_vigentes(c, *matriz.lugar) or []
    copia = almacen_propias.leer_copia_vigente(c, *matriz.lugar) or [{}] * len(entregadas)
    vacia = {"version": 0, "origen": "", "por_revisar": "", "cambiada_utc": None, "autor": ""}
    return [
        Fila(id="", **_lugar(matriz), orden=i, datos={n: f.get(n, "") for n in campos} | _propias(suyas), **vacia)
        for i, (f, suyas) in enumerate(zip(entregadas, copia, strict=True), 1)
    ]


def _propias(datos: Mapping[str, str]) -> dict[str, str]:
    """Lo que dicen las columnas de la región, aunque hoy no estén declaradas: no se pierde."""
    return {n: v for n, v in datos.items() if n.startswith(PREFIJO)}


def _insertar(
    c: Any,
    matriz: Matriz,
    filas: Sequence[Mapping[str, str]],
    accion: str,
    autor: str,
    ahora_utc: datetime,
    origen: str = "",
    id: str = "",
) -> list[Fila]:
    libre = id if id and almacen_filas.leer_fila(c, id) is None else ""
    ultimo = almacen_filas.ultimo_orden(c, *matriz.lugar)
    nuevas = [
        Fila(
            id=libre or secrets.token_hex(8),
            **_lugar(matriz),
            orden=ultimo + i,
            datos={n: valores.get(n, "") for n in matriz.esquema.principal.nombres} | _propias(valores),
            version=1,
            origen=origen,
            por_revisar="",
            cambiada_utc=ahora_utc,
            autor=autor,
        )
        for i, valores in enumerate(filas, 1)
    ]
    guardables = [_guardable(f) for f in nuevas]
    almacen_filas.insertar_filas(c, guardables)
    almacen_filas.insertar_cambios(c, [_anotable(g, accion) for g in guardables])
    return nuevas


def _guardable(fila: Fila) -> dict[str, Any]:
    return {n: getattr(fila, n) for n in Fila.__slots__} | {"datos": json.dumps(dict(fila.datos), ensure_ascii=False)}


def _anotable(guardable: Mapping[str, Any], accion: str) -> dict[str, Any]:
    suyo = {n: guardable[n] for n in ("version", "datos", "autor")}
    return {**suyo, "fila": guardable["id"], "accion": accion, "cuando_utc": guardable["cambiada_utc"]}


def _lugar(matriz: Matriz) -> dict[str, Any]:
    return dict(zip(("esquema", "region", "ejercicio"), matriz.lugar, strict=True))
