"""Cambiar una fila deja «por revisar» las que la citan en otras matrices, y dice por qué. Sin web."""

from collections import defaultdict
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from esquemas.condicion import separar
from esquemas.modelo import Campo, Catalogo, Esquema
from formularios import almacen_filas
from formularios.almacen import Almacen
from formularios.fila_en_curso import CAMBIADA, Fila, Matriz, clave_de

RAZONES = 3  # cuántas se dicen, de por qué hay que mirar otra vez una fila


def avisar_a_las_que_citan(c: Any, catalogo: Catalogo, matriz: Matriz, cambios: Sequence[Any]) -> None:
    """«Por revisar» en toda fila que cite alguno de esos códigos, aunque sea uno que acaba de dejar de existir."""
    importan = (k for k in cambios if k[2] != CAMBIADA or _cambiados(matriz, *k[:2]))
    cambiadas = {codigo: cambio for cambio in importan if (codigo := cambio[0].datos.get("codigo"))}
    razon = cache(lambda codigo: _razon(matriz, *cambiadas[codigo]))
    marcas = {}
    for _, fila, citados in _las_que_citan(c, catalogo, matriz, cambiadas):
        ahora = _en_pocas(citados, razon)
        marcas[fila.id] = fila.por_revisar if ahora in fila.por_revisar else f"{fila.por_revisar} {ahora}".strip()
    almacen_filas.marcar_por_revisar(c, marcas)


def leer_citas(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, codigos: Collection[str]) -> dict[str, list[str]]:
    """Código → las filas de otras matrices de la región que hoy lo citan («OPO-04 de B.1»)."""
    salida = defaultdict(list)
    with almacen.leer() as c:
        for esquema, fila, citados in _las_que_citan(c, catalogo, matriz, codigos):
            for codigo in citados if esquema.nombre != matriz.esquema.nombre and not fila.quitada_utc else ():
                salida[codigo].append(f"{clave_de(esquema, fila.datos)} de {esquema.sigla or esquema.titulo}")
    return dict(salida)


def leer_citados(c: Any, catalogo: Catalogo, matriz: Matriz) -> set[str]:
    """Los códigos de esa matriz que hoy citan otras filas de la región, existan o no."""
    citados: set[str] = set()
    for esquema in catalogo.esquemas.values():
        campos = [k.nombre for k in esquema.campos if _cita(k, matriz.esquema)]
        for fila in _en_curso(c, esquema, matriz) if campos else ():
            citados.update(x for n in campos for x in separar(fila.datos.get(n, "")))
    return citados


def _en_curso(c: Any, esquema: Esquema, matriz: Matriz) -> Iterator[Fila]:
    """Las de otra matriz de la misma región, con las quitadas: se pueden reponer."""
    lugar = (esquema.nombre, matriz.region, matriz.ejercicio)
    return map(Fila.de, [*almacen_filas.leer_filas(c, *lugar), *almacen_filas.leer_quitadas(c, *lugar)])


def _las_que_citan(
    c: Any, catalogo: Catalogo, matriz: Matriz, codigos: Collection[str]
) -> Iterator[tuple[Esquema, Fila, list[str]]]:
    """Cada fila en curso de la región que cita alguno de esos códigos, con los que cita."""
    for esquema in catalogo.esquemas.values() if codigos else ():
        if not (campos := [k.nombre for k in esquema.campos if _cita(k, matriz.esquema)]):
            continue
        for fila in _en_curso(c, esquema, matriz):
            if citados := list(dict.fromkeys(x for n in campos for x in separar(fila.datos.get(n, "")) if x in codigos)):
                yield esquema, fila, citados


def _razon(matriz: Matriz, antes: Fila, datos: Mapping[str, str], accion: str) -> str:
    """Qué le pasó a la fila, para quien la cita."""
    cambiados = _cambiados(matriz, antes, datos)
    que = f"cambió en {', '.join(f'«{t}»' for t in cambiados)}" if accion == CAMBIADA else f"fue {accion}"
    if accion == CAMBIADA and (nuevo := datos["codigo"]) != antes.datos["codigo"]:
        que = f"ahora tiene el código «{nuevo}»: cítela con ese" if nuevo else "se quedó sin código"
    return f"La fila «{antes.datos['codigo']}» de «{matriz.esquema.nombre_completo}» {que}."


def _cambiados(matriz: Matriz, antes: Fila, datos: Mapping[str, str]) -> list[str]:
    """Los títulos de lo que cambió. Lo propio de la región no se cita: no cuenta."""
    campos = (matriz.esquema.oficial or matriz.esquema).campos
    return [k.titulo for k in campos if antes.datos.get(k.nombre) != datos.get(k.nombre)]


def _en_pocas(citados: Sequence[str], razon: Callable[[str], str]) -> str:
    """Una fila puede citar decenas y cambiar todas a la vez: se dicen las primeras."""
    dichos = citados if len(citados) <= RAZONES + 1 else citados[:RAZONES]
    resto = len(citados) - len(dichos)
    return " ".join([*map(razon, dichos), *([f"Y cambiaron otras {resto} de las que cita."] if resto else [])])


def _cita(campo: Campo, esquema: Esquema) -> bool:
    return campo.referencia is not None and campo.referencia.esquema == esquema.nombre
