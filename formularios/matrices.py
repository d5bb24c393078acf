"""Lo que se dice de una matriz en curso: qué falta en cada fila, contra las demás matrices de la región como están ahora."""

from collections.abc import Mapping, Sequence, Set
from dataclasses import dataclass, replace

from esquemas.errores import Problema
from esquemas.modelo import Catalogo, Esquema, Seccion
from esquemas.referencias import citables
from esquemas.validacion import Resultado
from formularios import excepciones, observaciones
from formularios.almacen import Almacen
from formularios.borradores import Borrador
from formularios.encuesta import Llenado
from formularios.fila_en_curso import Fila, Matriz, valores_de
from formularios.juicio import contexto_de, juzgar

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
    def valores(self) -> list[dict[str, str]]:
        """Lo que dice cada fila, ya leído («35.000.000» es 35000000); lo que no se pudo leer, como se escribió."""
        canonicas = self.resultado.como_dict(self.matriz.esquema.nombre)
        return [{n: c[n] or f.datos.get(n, "") for n in c} for f, c in zip(self.filas, canonicas, strict=True)]

    def errores_de(self, id: str) -> int:
        """Cuántos errores tiene la fila con ese id; 0 si no está."""
        return sum(p.es_error for i, f in enumerate(self.filas) if f.id == id for p in self.de_fila(i))

    @property
    def generales(self) -> list[Problema]:
        """Los que no son de una fila: lo que falta citar, o lo que no se pudo revisar."""
        return [p for p in self.resultado.problemas if p.indice is None]


def revisar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, filas: Sequence[Fila]) -> Revisada:
    """Juzga esas filas; las de las observaciones y las excepciones, también contra lo que nombran."""
    contexto = contexto_de(almacen, catalogo, matriz)
    resultado = comprobar(almacen, catalogo, matriz, juzgar(catalogo, matriz, filas, contexto))
    suyas = {matriz.esquema.nombre: valores_de(matriz.esquema, filas)}
    return Revisada(matriz, filas, resultado, citables(catalogo, matriz.esquema, {**contexto.referidas, **suyas}))


def comprobar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, resultado: Resultado) -> Resultado:
    """El mismo resultado, con lo que las observaciones y las excepciones nombran y no existe."""
    if observaciones.es_de_observaciones(catalogo, matriz.esquema):
        resultado = observaciones.comprobar(almacen, catalogo, matriz, resultado)
    return excepciones.comprobar(catalogo, resultado)


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
