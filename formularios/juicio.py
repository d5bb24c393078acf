"""El juicio de una matriz en curso, contra lo que cita de las demás de la región como están ahora. Sin web."""

from collections.abc import Sequence
from typing import Any

from esquemas.modelo import Catalogo
from esquemas.referencias import referidos
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios import almacen_envios, almacen_filas
from formularios.almacen import Almacen
from formularios.fila_en_curso import Fila, Matriz, valores_de
from formularios.recibido import referidas_en


def contexto_de(almacen: Almacen, catalogo: Catalogo, matriz: Matriz) -> Contexto:
    """Contra qué se juzga: sus excepciones y las filas que puede citar, las que se están llenando o, si no, las entregadas."""
    with almacen.leer() as c:
        return contexto_en(c, catalogo, matriz)


def contexto_en(c: Any, catalogo: Catalogo, matriz: Matriz) -> Contexto:
    """Lo mismo, dentro de una transacción."""
    vivas = referidas_en(c, catalogo, matriz.esquema, matriz.region, matriz.ejercicio)
    for nombre in referidos(matriz.esquema):
        lugar = (nombre, matriz.region, matriz.ejercicio)
        en_curso = almacen_filas.leer_filas(c, *lugar)
        if en_curso or (nombre in vivas and almacen_filas.leer_matriz(c, *lugar)):  # si se vació, ya no dice lo entregado
            vivas[nombre] = valores_de(catalogo.esquemas[nombre], map(Fila.de, en_curso))
    return Contexto(matriz.region, matriz.ejercicio, vivas, almacen_envios.leer_excepciones(c, *matriz.lugar))


def juzgar(catalogo: Catalogo, matriz: Matriz, filas: Sequence[Fila], contexto: Contexto) -> Resultado:
    """Juzga esas filas."""
    return validar_filas(catalogo, matriz.esquema, {matriz.esquema.nombre: valores_de(matriz.esquema, filas)}, contexto)
