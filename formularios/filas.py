"""La matriz que una región está llenando: filas que varias personas cambian a la vez. Sin web.

Cada fila tiene su versión: quien guarda dice sobre cuál trabajó, y si otro guardó antes recibe FilaCambiada con lo último.
Nada se borra: una fila quitada se puede reponer y todo cambio queda con su autor. Cambiar una fila deja «por revisar» las
que la citan en otras matrices. La matriz empieza con lo que la región ya entregó, si entregó algo. Todo cambio pasa por
`apertura.exigir`: FilaCerrada si toca lo que el estado de la focalización no deja corregir.
"""

import json
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from esquemas.modelo import Catalogo, Esquema
from esquemas.propias import PREFIJO
from formularios import almacen_envios, almacen_filas
from formularios.almacen import Almacen
from formularios.apertura import apertura_en
from formularios.fila_en_curso import (
    AGREGADA,
    CAMBIADA,
    COPIADA,
    QUITADA,
    REPUESTA,
    Cambio,
    Fila,
    FilaCambiada,
    FilaInexistente,
    Matriz,
    clave_de,
    encima,
    huella_de,
    sugerir_codigo,
)
from formularios.matriz_en_curso import abrir_en, agregar_en, cambiar_en, fila_en, filas_en, tomar_en
from formularios.observaciones import leer_observados
from formularios.por_revisar import leer_citados


def leer_matriz(almacen: Almacen, matriz: Matriz) -> list[Fila]:
    """Sus filas en orden; si nadie la ha empezado, las que la región ya entregó, todavía sin id."""
    with almacen.leer() as c:
        return filas_en(c, matriz)


def contar_filas(almacen: Almacen, region: str, ejercicio: int) -> dict[str, int]:
    """Esquema → cuántas filas tiene su matriz en la región: las que se están llenando o, si no, las entregadas."""
    with almacen.leer() as c:
        vigentes = almacen_envios.contar_vigentes(c, region, ejercicio)
        return vigentes | almacen_filas.contar_filas(c, region, ejercicio)


def leer_fila(almacen: Almacen, matriz: Matriz, id: str) -> Fila:
    """La fila, también si se quitó. FilaInexistente si no es de esa matriz."""
    with almacen.leer() as c:
        return fila_en(c, matriz, id)


def leer_quitadas(almacen: Almacen, matriz: Matriz) -> list[Fila]:
    """Las que se quitaron y no se volvieron a agregar, de la última a la primera."""
    with almacen.leer() as c:
        return _quitadas(c, matriz)


def leer_cambios(almacen: Almacen, matriz: Matriz, id: str) -> list[Cambio]:
    """Todo lo que fue una fila, del principio a hoy."""
    with almacen.leer() as c:
        fila_en(c, matriz, id)
        guardados = almacen_filas.leer_cambios(c, id)
    return [Cambio(g["version"], g["accion"], json.loads(g["datos"]), g["cuando_utc"], g["autor"]) for g in guardados]


def leer_enviadas(almacen: Almacen, esquema: Esquema, folio: str) -> list[dict[str, str]]:
    """Las filas que se sellaron con ese folio; ninguna si no existe."""
    with almacen.leer() as c:
        lotes = almacen_envios.recorrer_filas(c, [folio], esquema.nombre, "datos")
        return [json.loads(f[2]) for lote in lotes for f in lote]


def empezar(almacen: Almacen, matriz: Matriz, *, autor: str, ahora_utc: datetime) -> list[Fila]:
    """Deja la matriz lista para corregirla, con lo que la región ya entregó; si ya se empezó, no cambia nada."""
    with almacen.escribir() as c:
        return abrir_en(c, matriz, autor, ahora_utc)


def agregar_fila(
    almacen: Almacen,
    catalogo: Catalogo,
    matriz: Matriz,
    valores: Mapping[str, str],
    *,
    autor: str,
    ahora_utc: datetime,
    origen: str = "",
    id: str = "",
) -> tuple[Fila, bool]:
    """Agrega una fila al final y dice si es nueva: lo que ya entró con ese `origen` no entra otra vez.

    Con `id`, lo mismo mandado dos veces (el botón apretado dos veces) tampoco; con otros datos, es otra fila. Sin código,
    se le sugiere el que sigue a los del mismo tipo.
    """
    valores = encima(matriz.esquema, {}, valores)
    with almacen.escribir() as c:
        actuales = abrir_en(c, matriz, autor, ahora_utc)
        repetida = {n: v for n, v in valores.items() if v}.items()
        misma = (f for f in actuales if (origen and f.origen == origen) or (id and f.id == id and repetida <= f.datos.items()))
        previa = next(misma, None)
        if previa:
            return previa, False
        # El de una quitada, o uno que se cita o se observó, no se da a otra: la cita pasaría a otra cosa.
        usados = [clave_de(matriz.esquema, f.datos) for f in (*actuales, *_quitadas(c, matriz))]
        usados += [*leer_citados(c, catalogo, matriz), *leer_observados(c, catalogo, matriz)]
        completos = {**valores, **sugerir_codigo(matriz.esquema, usados, valores)}
        [nueva] = agregar_en(c, catalogo, matriz, [completos], AGREGADA, autor, ahora_utc, origen, id)
        return nueva, True


def copiar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, de: int, *, autor: str, ahora_utc: datetime) -> int:
    """Agrega las filas de otro ejercicio de la misma región cuyas claves aún no están; devuelve cuántas."""
    otra, identidad = replace(matriz, ejercicio=de), matriz.esquema.principal.identidad
    with almacen.escribir() as c:
        estan = {identidad(f.datos) for f in abrir_en(c, matriz, autor, ahora_utc)}
        suyas = [f.datos for f in filas_en(c, otra) if identidad(f.datos) not in estan]
        agregar_en(c, catalogo, matriz, suyas, COPIADA, autor, ahora_utc, f"{matriz.esquema.nombre} {de}")
    return len(suyas)


def guardar_fila(
    almacen: Almacen,
    catalogo: Catalogo,
    matriz: Matriz,
    id: str,
    valores: Mapping[str, str],
    *,
    version: int,
    autor: str,
    ahora_utc: datetime,
    visto: str = "",
) -> Fila:
    """Cambia esos campos; guardar lo mismo solo quita el «por revisar». FilaInexistente o FilaCambiada si no procede.

    `visto`: el «por revisar» que la persona tenía a la vista. Si hoy es otro, queda: nadie lo ha leído.
    """
    with almacen.escribir() as c:
        abrir_en(c, matriz, autor, ahora_utc)
        actual = tomar_en(c, matriz, id, version)
        datos = encima(matriz.esquema, actual.datos, valores)
        if actual.por_revisar == visto:
            actual = replace(actual, por_revisar="")
        if datos == dict(actual.datos):
            almacen_filas.marcar_por_revisar(c, {id: actual.por_revisar})
            return actual
        return cambiar_en(c, catalogo, matriz, [(actual, datos, CAMBIADA)], autor, ahora_utc)[0]


def quitar_fila(
    almacen: Almacen, catalogo: Catalogo, matriz: Matriz, id: str, *, version: int, autor: str, ahora_utc: datetime
) -> Fila:
    """La saca de la matriz; se puede reponer. FilaInexistente o FilaCambiada si no procede."""
    with almacen.escribir() as c:
        abrir_en(c, matriz, autor, ahora_utc)
        actual = tomar_en(c, matriz, id, version)
        return cambiar_en(c, catalogo, matriz, [(actual, actual.datos, QUITADA)], autor, ahora_utc)[0]


def reponer_fila(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, id: str, *, autor: str, ahora_utc: datetime) -> Fila:
    """Vuelve a poner una fila quitada, en su lugar y como estaba; si no estaba quitada, la deja igual."""
    with almacen.escribir() as c:
        abrir_en(c, matriz, autor, ahora_utc)
        actual = fila_en(c, matriz, id)
        if actual.quitada_utc is None:
            return actual
        return cambiar_en(c, catalogo, matriz, [(actual, actual.datos, REPUESTA)], autor, ahora_utc)[0]


def aplicar(
    almacen: Almacen,
    catalogo: Catalogo,
    matriz: Matriz,
    filas: Sequence[Mapping[str, str]],
    *,
    base: str,
    autor: str,
    ahora_utc: datetime,
) -> None:
    """Deja la matriz como el archivo: por clave, agrega, cambia, quita y repone. Todo o nada.

    `base` es la `huella_de` lo que se mostró al confirmar. FilaCambiada, con una de ellas, si alguien la cambió después;
    si ya está como el archivo (el botón apretado dos veces), no hay nada que hacer.
    """
    with almacen.escribir() as c:
        actuales = abrir_en(c, matriz, autor, ahora_utc)
        cambios, nuevas = _distintas(matriz, actuales, filas)
        if (cambios or nuevas) and huella_de(actuales) != base:
            raise FilaCambiada(max(actuales, key=lambda f: f.cambiada_utc)) if actuales else FilaInexistente
        vuelven, nuevas = _las_que_vuelven(c, catalogo, matriz, filas, nuevas)
        cambiar_en(c, catalogo, matriz, [*cambios, *vuelven], autor, ahora_utc)
        agregar_en(c, catalogo, matriz, nuevas, AGREGADA, autor, ahora_utc)


def _distintas(matriz: Matriz, actuales: Sequence[Fila], filas: Sequence[Mapping[str, str]]) -> tuple[list[Any], list[Any]]:
    """Lo que hay que cambiar o quitar, y lo que hay que agregar, para que quede como esas filas."""
    quedan, nuevas, cambios = set(), [], []
    lugares = matriz.esquema.principal.emparejar([f.datos for f in actuales], filas)
    for valores, lugar in zip(filas, lugares, strict=True):
        if lugar is None:
            nuevas.append(valores)
            continue
        actual = actuales[lugar]
        quedan.add(actual.id)
        if any(v != actual.datos.get(n, "") for n, v in valores.items()):  # una columna propia recién agregada no es un cambio
            cambios.append((actual, {**actual.datos, **valores}, CAMBIADA))
    return [*cambios, *((f, f.datos, QUITADA) for f in actuales if f.id not in quedan)], nuevas


def _las_que_vuelven(
    c: Any, catalogo: Catalogo, matriz: Matriz, filas: Sequence[Mapping[str, str]], nuevas: Sequence[Mapping[str, str]]
) -> tuple[list[Any], list[Mapping[str, str]]]:
    """De las nuevas, las que alguien había quitado, que vuelven con su historial; y las demás.

    Solo si esa fila está abierta, y si por su clave se sabe que son la misma. Una columna propia vacía no borra lo que decía.
    """
    identidad = matriz.esquema.principal.identidad
    quitadas = {identidad(f.datos): f for f in reversed(_quitadas(c, matriz))} if nuevas else {}
    if not quitadas:
        return [], [*nuevas]
    apertura = apertura_en(c, catalogo, matriz)
    quitadas = {clave: f for clave, f in quitadas.items() if apertura.entera(f.datos)}
    veces, vuelven, agregadas = Counter(map(identidad, filas)), [], []
    for datos in nuevas:
        clave = identidad(datos)
        if all(clave) and veces[clave] == 1 and (previa := quitadas.get(clave)):
            dicho = {n: v for n, v in datos.items() if v or not n.startswith(PREFIJO)}
            vuelven.append((previa, {**previa.datos, **dicho}, REPUESTA))
        else:
            agregadas.append(datos)
    return vuelven, agregadas


def _quitadas(c: Any, matriz: Matriz) -> list[Fila]:
    identidad = matriz.esquema.principal.identidad
    vivas = {identidad(f.datos) for f in filas_en(c, matriz)}
    quitadas = (Fila.de(f) for f in almacen_filas.leer_quitadas(c, *matriz.lugar))
    return [f for f in quitadas if identidad(f.datos) not in vivas]
