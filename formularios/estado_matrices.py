"""Cada matriz de una región de un vistazo: cuántas filas, errores y alertas, quién la tocó y qué hay entregado. Sin web.

Contar problemas es validar la matriz entera: se hace una vez por versión y se recuerda en el proceso. Una versión es la
de sus filas y la de todo contra lo que se juzga: si algo de eso cambia, se cuenta otra vez.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from weakref import WeakKeyDictionary

from esquemas.modelo import Catalogo, Esquema
from esquemas.referencias import referidos
from esquemas.saber import Hito
from formularios import almacen_envios, almacen_tablero
from formularios.almacen import Almacen
from formularios.fila_en_curso import Matriz
from formularios.filas import contar_filas, leer_matriz
from formularios.folio import NIVEL_CENTRAL
from formularios.matrices import revisar
from formularios.propias import con_propias
from formularios.tablero_regional import Prueba

_RECORDADAS = 4096  # matrices por proceso; cada una son dos números
_CUENTAS: WeakKeyDictionary[Almacen, dict[tuple, tuple[int, int]]] = WeakKeyDictionary()


@dataclass(frozen=True, slots=True)
class EstadoDeMatriz:
    """Una matriz en la región. `cambiada_utc` y `autor`: el último cambio del borrador, si hay; `vigente`: lo entregado."""

    esquema: Esquema
    filas: int
    errores: int
    alertas: int
    por_revisar: int
    cambiada_utc: datetime | None
    autor: str
    vigente: Prueba | None

    @property
    def sin_entregar(self) -> bool:
        """Si cambió después de lo último que se entregó."""
        return bool(self.vigente and self.cambiada_utc and self.cambiada_utc > self.vigente.cuando_utc)


def leer_estado(
    almacen: Almacen, catalogo: Catalogo, esquemas: Sequence[Esquema], region: str, ejercicio: int
) -> list[EstadoDeMatriz]:
    """El de cada uno de esos formatos, en su orden."""
    cuantas = contar_filas(almacen, region, ejercicio)
    with almacen.leer() as c:
        en_curso = almacen_tablero.leer_versiones(c, region, ejercicio)
        autores = almacen_tablero.leer_autores(c, region, ejercicio)
        vigentes = almacen_tablero.leer_vigentes(c, region, ejercicio)
        excepciones = almacen_tablero.contar_excepciones(c, region, ejercicio)
    salida = []
    for esquema in esquemas:
        de_lo_suyo = [_version(n, region, en_curso, vigentes) for n in (esquema.nombre, *referidos(esquema))]
        version = (esquema.nombre, esquema.version, region, ejercicio, *de_lo_suyo, excepciones.get(esquema.nombre))
        filas, curso = cuantas.get(esquema.nombre, 0), en_curso.get(esquema.nombre, {})
        errores, alertas = 0, 0
        if filas:
            errores, alertas = _contar(almacen, catalogo, con_propias(almacen, esquema, region, ejercicio), version)
        vigente = vigentes.get((esquema.nombre, region))
        salida.append(
            EstadoDeMatriz(
                esquema=esquema,
                filas=filas,
                errores=errores,
                alertas=alertas,
                por_revisar=curso.get("por_revisar", 0),
                cambiada_utc=curso.get("cambiada_utc"),
                autor=autores.get(esquema.nombre, ""),
                vigente=vigente and Prueba(esquema.titulo, vigente["recibido_utc"], vigente["folio"]),
            )
        )
    return salida


def _version(nombre: str, region: str, en_curso: Mapping[str, Any], vigentes: Mapping[tuple[str, str], Any]) -> tuple:
    """La suma de las versiones de sus filas, que solo sube, y qué hay entregado."""
    entregado = [vigentes.get((nombre, r)) for r in (region, NIVEL_CENTRAL)]
    sellos = [e and (e["folio"], e["quitado"], e["bloqueado_utc"]) for e in entregado]
    return (nombre, en_curso[nombre]["version"] if nombre in en_curso else 0, *sellos)


def _contar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, version: tuple) -> tuple[int, int]:
    """(errores, alertas) de esa versión, con las columnas propias que hoy tenga."""
    cuentas = _CUENTAS.setdefault(almacen, {})
    version = (*version, *((c.nombre, c.tipo) for c in matriz.esquema.campos))
    if version not in cuentas:
        resultado = revisar(almacen, catalogo, matriz, leer_matriz(almacen, matriz)).resultado
        if len(cuentas) >= _RECORDADAS:
            cuentas.clear()
        cuentas[version] = len(resultado.errores), len(resultado.alertas)
    return cuentas[version]


def entregas_de(almacen: Almacen, catalogo: Catalogo, region: str, ejercicio: int) -> dict[str, Prueba]:
    """Hito → la entrega que prueba que ocurrió: si sus formatos son solo suyos, o si lo dicen sus filas."""
    with almacen.leer() as c:
        vigentes = almacen_tablero.leer_vigentes(c, region, ejercicio)
        salida = {}
        for hito in catalogo.proceso.hitos:
            suyos = [_entregado(c, catalogo, hito, n, region, ejercicio, vigentes) for n in hito.esquemas]
            if suyos and all(suyos) and (hito.filas or _solo_suyos(catalogo, hito)):
                salida[hito.nombre] = max(suyos, key=lambda p: p.cuando_utc)
    return salida


def _solo_suyos(catalogo: Catalogo, hito: Hito) -> bool:
    otros = {n for h in catalogo.proceso.hitos if h is not hito for n in h.esquemas}
    return otros.isdisjoint(hito.esquemas)


def _entregado(
    c: Any, catalogo: Catalogo, hito: Hito, nombre: str, region: str, ejercicio: int, vigentes: Mapping[tuple[str, str], Any]
) -> Prueba | None:
    esquema = catalogo.esquemas[nombre]
    donde = NIVEL_CENTRAL if esquema.ambito == "nacional" else region
    if (vigente := vigentes.get((nombre, donde))) is None:
        return None
    buscado = {**hito.filas, "region": region} if donde != region else hito.filas
    if buscado and not any(
        all(f.get(n) == v for n, v in buscado.items())
        for f in almacen_envios.leer_filas_vigentes(c, nombre, donde, ejercicio) or ()
    ):
        return None
    return Prueba(esquema.titulo, vigente["recibido_utc"], vigente["folio"])
