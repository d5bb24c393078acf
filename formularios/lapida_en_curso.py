"""Quitar a una persona de lo que la región aún está llenando: filas, historial, archivos por aplicar y columnas propias. Sin web.

De las versiones de fila que traen su correo se vacían los datos de personas. En las columnas propias, que son texto libre, lo
que la nombra se cambia por la lápida, en cualquier fila. Los archivos por aplicar que la nombran se borran.
"""

import json
import re
from collections.abc import Callable, Collection, Mapping
from datetime import datetime
from typing import Any

from esquemas.propias import PREFIJO
from formularios import almacen_derechos, almacen_filas
from formularios.envio import Envio

LAPIDA = "Suprimido a pedido de su titular"
CORTO = 4  # una palabra más corta no identifica a nadie y estaría en cualquier texto

Fila = Mapping[str, str]


def quitar_de_lo_que_se_llena(
    c: Any, envio: Envio, correo: str, campos: Collection[str], dichos: Collection[str], *, autor: str, ahora_utc: datetime
) -> None:
    """En la matriz de ese envío. `campos` son los de personas; `dichos`, lo que el envío decía de la persona."""
    lugar = (envio.esquema, envio.region, envio.ejercicio)
    if almacen_filas.leer_matriz(c, *lugar) is not None:
        almacen_filas.tomar_matriz(c, *lugar, ahora_utc)  # quien la esté cambiando, termina antes
    filas, cambios = almacen_derechos.leer_en_curso(c, *lugar)
    versiones = [json.loads(x["datos"]) for x in (*filas, *cambios)]
    suyas = [d for d in versiones if _trae(d, correo, campos)]
    nombra = _buscador({correo, *dichos, *(d.get(n, "") for d in suyas for n in campos)})

    def limpiar(datos: Fila) -> dict[str, str]:
        vacios = {n: "" for n in campos if datos.get(n)} if _trae(datos, correo, campos) else {}
        return {**sin_nombrar(datos, nombra), **vacios}

    for cambio in cambios:
        if (limpio := limpiar(antes := json.loads(cambio["datos"]))) != antes:
            almacen_derechos.cambiar_version(c, cambio, _texto(limpio))
    for fila in filas:
        if (limpio := limpiar(antes := json.loads(fila["datos"]))) != antes:
            nueva = {**fila, "datos": _texto(limpio), "version": fila["version"] + 1, "cambiada_utc": ahora_utc, "autor": autor}
            almacen_filas.cambiar_filas(c, [nueva])  # con otra versión: quien la tiene abierta no la repone sin verlo
            suyo = {n: nueva[n] for n in ("version", "datos", "autor")}
            almacen_filas.insertar_cambios(c, [{**suyo, "fila": fila["id"], "accion": "cambiada", "cuando_utc": ahora_utc}])
    for archivo in almacen_derechos.leer_archivos(c, *lugar):
        if any(nombra(v) for f in json.loads(archivo["filas"]) for v in f.values()):
            almacen_derechos.borrar_archivo(c, archivo["id"])
    for copia in almacen_derechos.leer_copias(c, *lugar):
        almacen_derechos.cambiar_copia(c, copia, _texto([sin_nombrar(f, nombra) for f in json.loads(copia["filas"])]))


def sin_nombrar(datos: Fila, nombra: Callable[[str], object]) -> dict[str, str]:
    """La lápida en lugar de cada columna propia que nombra a la persona."""
    return {n: LAPIDA if n.startswith(PREFIJO) and nombra(v) else v for n, v in datos.items()}


def _trae(datos: Fila, correo: str, campos: Collection[str]) -> bool:
    return any(datos.get(n, "").lower() == correo.lower() for n in campos)


def _buscador(dichos: Collection[str]) -> Callable[[str], object]:
    enteros = "|".join(re.escape(d.strip()) for d in sorted(dichos, key=len, reverse=True) if len(d.strip()) >= CORTO)
    return re.compile(rf"(?<!\w)(?:{enteros})(?!\w)", re.IGNORECASE).search


def _texto(datos: Any) -> str:
    return json.dumps(datos, ensure_ascii=False)
