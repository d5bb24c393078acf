"""A quién sirve un instrumento según lo que responde: cumple, no cumple o falta un dato.

El orientador del sitio hace esta misma cuenta en el navegador (`sitio/estilo/orientador.js`), para no enviar nada. Esta es
la que manda: con ella se comprueban los requisitos al arrancar, y una prueba compara las dos en todas las combinaciones.
"""

from collections.abc import Mapping
from enum import IntEnum

from esquemas.condicion import cumple
from esquemas.modelo import Condicion, Requisito
from esquemas.saber import Instrumento


class Estado(IntEnum):
    """En este orden, «y» es el mínimo y «o» el máximo."""

    NO_CUMPLE = 0
    FALTA = 1
    CUMPLE = 2


def estado_de_condicion(condicion: Condicion, respuestas: Mapping[str, str]) -> Estado:
    """`respuestas`: pregunta → código elegido. La que no está, o está vacía, es un dato que falta y no un «no»."""
    if condicion.partes:
        partes = [estado_de_condicion(p, respuestas) for p in condicion.partes]
        return min(partes) if condicion.operador == "y" else max(partes)
    if not respuestas.get(condicion.campo):
        return Estado.FALTA
    return Estado.CUMPLE if cumple(condicion, respuestas) else Estado.NO_CUMPLE


def estado_de_requisito(requisito: Requisito, respuestas: Mapping[str, str]) -> Estado:
    """Lo que la fuente no dice también falta: sin `si`, siempre; con `duda`, solo para esas respuestas."""
    if requisito.si is None:
        return Estado.FALTA
    estado = estado_de_condicion(requisito.si, respuestas)
    en_duda = requisito.duda and estado_de_condicion(requisito.duda, respuestas) is Estado.CUMPLE
    return Estado.FALTA if en_duda and estado is Estado.NO_CUMPLE else estado


def estado_de_instrumento(instrumento: Instrumento, respuestas: Mapping[str, str]) -> Estado:
    """El peor de sus requisitos: basta uno que no se cumple."""
    return min(estado_de_requisito(r, respuestas) for r in instrumento.requisitos)
