"""Errores que se agregan a lo ya validado: lo que no se sabe por el formato, con su lugar en el archivo. Sin web."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import replace

from esquemas.columnas import elegir_hojas, ubicar
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.libro import Libro
from esquemas.modelo import Catalogo
from esquemas.tipos import como_texto
from esquemas.validacion import Resultado


def agregar_faltas(resultado: Resultado, hallar: Callable[[Mapping[str, str]], Iterable[tuple[str, str]]]) -> Resultado:
    """El mismo resultado, con un error por cada (campo, mensaje) de una fila que no tuviera ya otro en ese campo."""
    esquema, problemas = resultado.esquema, list(resultado.problemas)
    malas = {(p.indice, p.campo) for p in resultado.errores}
    for i, datos in zip(resultado.indices, resultado.como_dict(esquema.nombre), strict=False):  # sin filas si no sirve
        for nombre, mensaje in hallar(datos):
            if (i, nombre) not in malas:
                codigo = Codigo.REFERENCIA_INEXISTENTE if datos[nombre] else Codigo.OBLIGATORIO
                lugar = {"tabla": esquema.nombre, "fila": i + 1, "indice": i, "campo": nombre, "valor": datos[nombre]}
                norma = esquema.principal.campo(nombre).norma
                problemas.append(Problema(Gravedad.ERROR, codigo, mensaje, norma=norma, **lugar))
    return replace(resultado, problemas=tuple(problemas))


def situar(catalogo: Catalogo, libro: Libro, resultado: Resultado) -> Resultado:
    """El mismo resultado, con la hoja, la fila y la celda de lo que se le agregó."""
    if not any(resultado.tablas.values()):
        return resultado
    tabla, hoja = resultado.esquema.principal, elegir_hojas(resultado.esquema, libro.hojas)[0][resultado.esquema.nombre]
    lugares = dict(zip(tabla.nombres, ubicar(tabla, hoja, catalogo, resultado.esquema)[0], strict=True))

    def en_su_celda(p: Problema) -> Problema:
        if p.celda or p.indice is None or p.campo not in lugares:
            return p
        columna = lugares[p.campo]
        celda = "" if columna is None else hoja.celda(p.indice, columna)
        return replace(p, hoja=hoja.nombre, fila=hoja.numeros[p.indice], celda=celda)

    return replace(resultado, problemas=tuple(map(en_su_celda, resultado.problemas)))


def leer_filas(catalogo: Catalogo, libro: Libro, resultado: Resultado) -> list[dict[str, str]]:
    """Las filas de la hoja principal, campo → texto: canónicas o, si no se pudieron leer, como venían."""
    esquema = resultado.esquema
    hoja = elegir_hojas(esquema, libro.hojas)[0].get(esquema.nombre)
    if hoja is None:
        return []
    lugares = zip(esquema.principal.nombres, ubicar(esquema.principal, hoja, catalogo, esquema)[0], strict=True)
    presentes = [(n, j) for n, j in lugares if j is not None]
    filas = [{n: como_texto(fila[j]).strip() for n, j in presentes} for fila in hoja.filas]
    for i, canonica in zip(resultado.indices, resultado.como_dict(esquema.nombre), strict=False):
        filas[i] |= {n: v for n, v in canonica.items() if v}
    return filas
