"""Lo que se admite aunque no cumpla. Se registra con la orden o entregando su formato, el que nombra `proceso.yaml`. Sin web.

Lo que estaba en la entrega anterior y en la nueva ya no está, deja de exceptuar.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any

from esquemas.modelo import Catalogo, Esquema
from esquemas.validacion import Resultado
from formularios import almacen_envios
from formularios.almacen_bitacora import anotar
from formularios.envio import Envio
from formularios.faltas import agregar_faltas

LUGAR = ("fila", "campo", "regla")


def es_de_excepciones(catalogo: Catalogo, esquema: Esquema) -> bool:
    tramite = catalogo.proceso.tramitacion
    return tramite is not None and tramite.excepciones == esquema.nombre


def comprobar(catalogo: Catalogo, resultado: Resultado) -> Resultado:
    """El mismo resultado; si es de este formato, con un error por cada fila que no dice de qué matriz de la región es."""
    esquema = resultado.esquema
    if not es_de_excepciones(catalogo, esquema):
        return resultado
    posibles = [e.nombre for e in catalogo.formatos if e.ambito == "region" and e is not esquema]

    def hallar(fila: Mapping[str, str]) -> list[tuple[str, str]]:
        valor = fila["matriz"]
        que = f"«{valor}» no es un formato de la región." if valor else "Falta decir de qué matriz es la fila."
        return [] if valor in posibles else [("matriz", f"{que} Use uno de: {', '.join(posibles)}.")]

    return agregar_faltas(resultado, hallar)


def registrar(c: Any, envio: Envio, filas: Sequence[Mapping[str, Any]]) -> None:
    """Las de una entrega del formato, antes de que reemplace a la vigente."""
    antes = almacen_envios.leer_filas_vigentes(c, envio.esquema, envio.region, envio.ejercicio) or []
    nuevas = [json.loads(f["datos"]) for f in filas]
    for nueva in nuevas:
        exceptuar(c, replace(envio, esquema=nueva["matriz"]), nueva)
    quedan = {_clave(f) for f in nuevas}
    for lugar in (_lugar(replace(envio, esquema=f["matriz"]), f) for f in antes if f.get("matriz") and _clave(f) not in quedan):
        almacen_envios.borrar_excepcion(c, lugar)
        _anotar(c, envio, "dejar de exceptuar", lugar)


def exceptuar(c: Any, envio: Envio, excepcion: Mapping[str, str]) -> None:
    """Deja constancia de que una fila de ese esquema no cumple una regla y por qué se admite. Repetirla cambia razón y fuente."""
    if not (excepcion["razon"].strip() and excepcion["fuente"].strip()):
        raise ValueError("una excepción sin razón o sin fuente no se registra")
    lugar = _lugar(envio, excepcion)
    almacen_envios.guardar_excepcion(c, {**lugar, "razon": excepcion["razon"], "fuente": excepcion["fuente"]})
    _anotar(c, envio, "exceptuar", lugar)


def _clave(fila: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(fila.get(n, "") for n in ("matriz", *LUGAR))


def _lugar(envio: Envio, fila: Mapping[str, str]) -> dict[str, Any]:
    lugar = {"esquema": envio.esquema, "region": envio.region, "ejercicio": envio.ejercicio}
    return lugar | {n: fila[n] for n in LUGAR}


def _anotar(c: Any, envio: Envio, accion: str, lugar: Mapping[str, Any]) -> None:
    objeto = " ".join(str(v) for v in lugar.values())
    anotar(c, cuando_utc=envio.recibido_utc, actor=envio.autor, accion=accion, objeto=objeto)
