"""Hallar y quitar a una persona de lo que la región llena: filas, historial, archivos por aplicar y columnas propias. Sin web.

Se la reconoce por su correo, y en las columnas propias, que son texto libre, también por lo que sus filas dicen de ella. De las
versiones de fila que traen su correo se vacían los datos de personas; la columna propia que la nombra se cambia por la lápida,
en cualquier fila. Los archivos por aplicar que la nombran se borran.
"""

import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from esquemas.modelo import Esquema
from esquemas.propias import PREFIJO
from formularios import almacen_derechos, almacen_filas
from formularios.fila_en_curso import clave_de

LAPIDA = "Suprimido a pedido de su titular"
CORTO = 4  # una palabra más corta no identifica a nadie y estaría en cualquier texto

Fila = Mapping[str, str]
Lugar = tuple[str, str, int]  # esquema, región y ejercicio
Reconocer = Callable[[str], object]


def lo_que_dice_de(
    c: Any, esquema: Esquema, lugar: Lugar, correo: str, campos: Collection[str], dichos: Collection[str]
) -> dict[str, list[Fila]]:
    """Dónde → lo suyo: las filas con su correo, enteras; de las demás, solo las columnas propias que la nombran."""
    filas, cambios = almacen_derechos.leer_en_curso(c, *lugar)
    hay = [("fila {}, quitada" if f["quitada_utc"] else "fila {}", json.loads(f["datos"])) for f in filas]
    hay += [("historial de la fila {}", json.loads(x["datos"])) for x in cambios]
    for archivo in almacen_derechos.leer_archivos(c, *lugar):
        donde = f"archivo por aplicar «{archivo['nombre']}»"
        hay += [(donde.replace("{", "{{").replace("}", "}}"), d) for d in json.loads(archivo["filas"])]
    for copia in almacen_derechos.leer_copias(c, *lugar):
        hay += [(f"columnas propias de lo entregado con el folio {copia['envio']}", d) for d in json.loads(copia["filas"])]
    es_suya, nombra = _reconocer(correo, campos, dichos, [d for _, d in hay])
    suyo: dict[str, list[Fila]] = {}
    for donde, datos in hay:
        dicho = datos if es_suya(datos) else {n: v for n, v in datos.items() if n.startswith(PREFIJO) and nombra(v)}
        if dicho:
            suyo.setdefault(donde.format(clave_de(esquema, datos).strip() or "sin código"), []).append(dicho)
    return suyo


def quitar_de_lo_que_se_llena(
    c: Any, lugar: Lugar, correo: str, campos: Collection[str], dichos: Collection[str], *, autor: str, ahora_utc: datetime
) -> None:
    """En esa matriz. `campos` son los de personas; `dichos`, lo que se sabe de la persona por lo entregado."""
    if almacen_filas.leer_matriz(c, *lugar) is not None:
        almacen_filas.tomar_matriz(c, *lugar, ahora_utc)  # quien la esté cambiando, termina antes
    filas, cambios = almacen_derechos.leer_en_curso(c, *lugar)
    archivos = [(a["id"], json.loads(a["filas"])) for a in almacen_derechos.leer_archivos(c, *lugar)]
    versiones = [json.loads(x["datos"]) for x in (*filas, *cambios)]
    es_suya, nombra = _reconocer(correo, campos, dichos, versiones + [f for _, leidas in archivos for f in leidas])

    def limpiar(datos: Fila) -> dict[str, str]:
        vacios = {n: "" for n in campos if datos.get(n)} if es_suya(datos) else {}
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
    for id, leidas in archivos:
        if any(nombra(v) for f in leidas for v in f.values()):
            almacen_derechos.borrar_archivo(c, id)
    for copia in almacen_derechos.leer_copias(c, *lugar):
        almacen_derechos.cambiar_copia(c, copia, _texto([sin_nombrar(f, nombra) for f in json.loads(copia["filas"])]))


def sin_nombrar(datos: Fila, nombra: Reconocer) -> dict[str, str]:
    """La lápida en lugar de cada columna propia que nombra a la persona."""
    return {n: LAPIDA if n.startswith(PREFIJO) and nombra(v) else v for n, v in datos.items()}


def _reconocer(
    correo: str, campos: Collection[str], dichos: Collection[str], filas: Iterable[Fila]
) -> tuple[Callable[[Fila], bool], Reconocer]:
    """(si una fila es suya, si un texto la nombra). El correo se busca adentro: lo que se llena puede estar a medio escribir."""
    su_correo = _buscador({correo})

    def es_suya(datos: Fila) -> bool:
        return any(su_correo(datos.get(n, "")) for n in campos)

    return es_suya, _buscador({correo, *dichos, *(f.get(n, "") for f in filas if es_suya(f) for n in campos)})


def _buscador(dichos: Collection[str]) -> Reconocer:
    largos = sorted((d.strip() for d in dichos if len(d.strip()) >= CORTO), key=len, reverse=True)
    return re.compile("|".join(map(_entero, largos)), re.IGNORECASE).search


def _entero(dicho: str) -> str:
    """Ni el pedazo de una palabra ni, si es un correo, el final o el comienzo de otro correo."""
    antes, despues = (r"[\w.%+-]", r"[\w-]|\.\w") if "@" in dicho else (r"\w", r"\w")
    return rf"(?<!{antes}){re.escape(dicho)}(?!{despues})"


def _texto(datos: Any) -> str:
    return json.dumps(datos, ensure_ascii=False)
