"""Lo que se dice de una matriz en curso: qué falta en cada fila, contra las demás matrices de la región como están ahora."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from esquemas.errores import Problema
from esquemas.modelo import Catalogo, Esquema, Seccion
from esquemas.referencias import citables, referidos
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios import excepciones
from formularios.almacen import Almacen
from formularios.borradores import Borrador
from formularios.encuesta import Llenado
from formularios.fila_en_curso import Fila, Matriz
from formularios.filas import leer_matriz
from formularios.observaciones import comprobar, es_de_observaciones
from formularios.recepcion import excepciones_de, referidas_de

Citables = Mapping[str, Sequence[tuple[str, str]]]


@dataclass(frozen=True, slots=True)
class Revisada:
    """Una matriz ya juzgada. `citables`: campo → (código, enunciado) de lo que puede citar, si esa matriz existe."""

    matriz: Matriz
    filas: Sequence[Fila]
    resultado: Resultado
    citables: Citables

    def de_fila(self, indice: int) -> list[Problema]:
        """Los de esa fila, contando desde 0."""
        return [p for p in self.resultado.problemas if p.indice == indice]

    @property
    def generales(self) -> list[Problema]:
        """Los que no son de una fila: lo que falta citar, o lo que no se pudo revisar."""
        return [p for p in self.resultado.problemas if p.indice is None]


def revisar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, filas: Sequence[Fila]) -> Revisada:
    """Juzga esas filas. Un campo que el esquema ya no tiene se conserva en la fila, pero no se juzga."""
    campos = matriz.esquema.principal.nombres
    propias = [{n: f.datos.get(n, "") for n in campos} for f in filas]
    vivas = referidas_vivas(almacen, catalogo, matriz)
    contexto = Contexto(matriz.region, matriz.ejercicio, vivas, excepciones_de(almacen, *matriz.lugar))
    resultado = validar_filas(catalogo, matriz.esquema, {matriz.esquema.nombre: propias}, contexto)
    if es_de_observaciones(catalogo, matriz.esquema):
        resultado = comprobar(almacen, catalogo, matriz, resultado)
    resultado = excepciones.comprobar(catalogo, resultado)
    return Revisada(matriz, filas, resultado, citables(catalogo, matriz.esquema, {**vivas, matriz.esquema.nombre: propias}))


def referidas_vivas(almacen: Almacen, catalogo: Catalogo, matriz: Matriz) -> dict[str, list[dict[str, str]]]:
    """Las filas de cada matriz que esta cita: las que se están llenando y, si nadie la ha empezado, las entregadas."""
    vivas = referidas_de(almacen, catalogo, matriz.esquema, matriz.region, matriz.ejercicio)
    for nombre in referidos(matriz.esquema):
        if filas := leer_matriz(almacen, replace(matriz, esquema=catalogo.esquemas[nombre])):
            vivas[nombre] = [{n: f.datos.get(n, "") for n in catalogo.esquemas[nombre].principal.nombres} for f in filas]
    return vivas


def escribibles(esquema: Esquema, roles: Set[str]) -> frozenset[str]:
    """Los campos que puede cambiar quien tiene esos roles."""
    return frozenset(c.nombre for c in esquema.campos if roles & set(c.escriben or esquema.escriben))


def pantalla_de(matriz: Matriz, roles: Set[str]) -> Seccion:
    """Los campos de una fila que pueden cambiar esos roles, como una sola pantalla de preguntas."""
    suyos = escribibles(matriz.esquema, roles)
    visibles = tuple(c.nombre for c in matriz.esquema.campos if not c.automatico and c.nombre in suyos)
    return Seccion(matriz.esquema.nombre, matriz.esquema.titulo, contenido=visibles, norma=matriz.esquema.norma)


def llenado_de(revisada: Revisada, indice: int) -> Llenado:
    """Esa fila como se dibuja una pantalla de encuesta: con sus valores, lo que se ve y sus problemas."""
    esquema, fila = revisada.matriz.esquema, revisada.filas[indice]
    borrador = Borrador(
        id=fila.id,
        esquema=esquema.nombre,
        version=esquema.version,
        region=fila.region,
        ejercicio=fila.ejercicio,
        datos={esquema.nombre: [dict(fila.datos)]},
        revision=fila.version,
        creado_utc=fila.cambiada_utc,
        actualizado_utc=fila.cambiada_utc,
        vence_utc=fila.cambiada_utc,
    )
    problemas = tuple(replace(p, indice=0) for p in revisada.de_fila(indice))
    canonicas = revisada.resultado.como_dict(esquema.nombre)
    propias = {0: canonicas[indice]} if len(canonicas) == len(revisada.filas) else {}
    varios = frozenset(c.nombre for c in esquema.campos if c.varios)
    return Llenado(esquema, borrador, revisada.resultado, problemas, {esquema.nombre: propias}, varios)
