"""Lo que un acto entregaría ahora mismo: todas sus matrices, revisadas juntas, y en qué versión va cada fila. Sin web."""

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esquemas.modelo import Catalogo, Esquema
from esquemas.montos import Comparado, comparar_montos
from esquemas.saber import RESPUESTAS, Acto
from esquemas.validacion import Resultado
from formularios.almacen import Almacen
from formularios.expediente import Expediente, exigidos
from formularios.fila_en_curso import huella_de
from formularios.filas import leer_matriz
from formularios.juicio import contexto_de
from formularios.matrices import Revisada, revisar
from formularios.observaciones import por_sellar, sin_pendientes, sin_responder
from formularios.propias import con_propias


@dataclass(frozen=True, slots=True)
class Preparado:
    """Un acto listo para mirarse entero. `sin_filas`: los formatos que no pueden faltar y faltan. `sin_pendientes`: exige que la
    región tenga algo que responder y no tiene. `sin_responder`: las observaciones que exige respondidas y no lo están.

    `huellas`: formato → la de sus filas; si alguien cambia una, cambia: lo que se revisó es lo que se entrega.
    """

    acto: Acto
    revisadas: Sequence[Revisada]
    sin_filas: Sequence[Esquema]
    huellas: Mapping[str, str]
    sin_pendientes: bool
    sin_responder: Sequence[str]

    @property
    def base(self) -> str:
        """Una sola huella de todo, para el formulario."""
        return hashlib.sha256(json.dumps(dict(self.huellas)).encode()).hexdigest()

    @property
    def resultados(self) -> dict[str, Resultado]:
        return _resultados(self.revisadas)

    @property
    def errores(self) -> int:
        return sum(len(r.resultado.errores) for r in self.revisadas)

    @property
    def completo(self) -> bool:
        """Si no hay nada que corregir en las matrices ni falta responder."""
        return not (self.errores or self.sin_filas or self.sin_pendientes or self.sin_responder)


def preparar(almacen: Almacen, catalogo: Catalogo, expediente: Expediente, acto: Acto) -> Preparado:
    """Las matrices del acto como están ahora. La que no es exigida y no tiene filas, no va."""
    revisadas, sin_filas, huellas, siempre = [], [], {}, exigidos(catalogo, acto)
    for nombre in acto.entrega:
        matriz = con_propias(almacen, catalogo.esquemas[nombre], expediente.region, expediente.ejercicio)
        filas = por_sellar(almacen, catalogo, acto, matriz, leer_matriz(almacen, matriz))
        huellas[nombre] = huella_de(filas)
        if filas:
            revisadas.append(revisar(almacen, catalogo, matriz, filas))
        elif nombre in siempre:
            sin_filas.append(matriz.esquema)
    resultados, faltan = _resultados(revisadas), []
    if RESPUESTAS in acto.exige:
        suyo = resultados.get(catalogo.proceso.tramitacion.observaciones)
        with almacen.leer() as c:
            faltan = sin_responder(c, catalogo, expediente.region, expediente.ejercicio, suyo)
    pendientes = sin_pendientes(catalogo, acto, resultados)
    return Preparado(acto, tuple(revisadas), tuple(sin_filas), huellas, pendientes, faltan)


def _resultados(revisadas: Sequence[Revisada]) -> dict[str, Resultado]:
    return {r.matriz.esquema.nombre: r.resultado for r in revisadas}


def montos_de(almacen: Almacen, catalogo: Catalogo, revisada: Revisada) -> list[Comparado]:
    """Lo que la matriz asigna de cada monto que Sercotec informó a la región."""
    matriz = revisada.matriz
    contexto = contexto_de(almacen, catalogo, matriz)
    return comparar_montos(catalogo, matriz.esquema, revisada.resultado.como_dict(matriz.esquema.nombre), contexto)
