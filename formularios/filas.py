"""La matriz que una región está llenando: filas que varias personas cambian a la vez. Sin web.

Cada fila tiene su versión: quien guarda dice sobre cuál trabajó, y si otro guardó antes recibe FilaCambiada con lo último.
Nada se borra: una fila quitada se puede reponer y todo cambio queda con su autor. Cambiar una fila deja «por revisar» las
que la citan en otras matrices. La matriz empieza con lo que la región ya entregó, si entregó algo. Todo cambio pasa por
`apertura.exigir`: FilaCerrada si toca lo que el estado de la focalización no deja corregir.
"""

import json
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

from esquemas.condicion import separar
from esquemas.hoja import sin_recolector
from esquemas.modelo import Campo, Catalogo, Esquema
from esquemas.propias import PREFIJO
from formularios import almacen_envios, almacen_filas, almacen_propias
from formularios.almacen import Almacen
from formularios.apertura import exigir
from formularios.fila_en_curso import Cambio, Fila, FilaCambiada, FilaInexistente, Matriz, huella_de, sugerir_codigo

RAZONES = 3  # cuántas se dicen, de por qué hay que mirar otra vez una fila
COPIADA, AGREGADA, CAMBIADA, QUITADA, REPUESTA = "copiada", "agregada", "cambiada", "quitada", "repuesta"


def leer_matriz(almacen: Almacen, matriz: Matriz) -> list[Fila]:
    """Sus filas en orden; si nadie la ha empezado, las que la región ya entregó, todavía sin id."""
    with almacen.leer() as c:
        return _las_de(c, matriz)


def contar_filas(almacen: Almacen, region: str, ejercicio: int) -> dict[str, int]:
    """Esquema → cuántas filas tiene su matriz en la región: las que se están llenando o, si no, las entregadas."""
    with almacen.leer() as c:
        vigentes = almacen_envios.contar_vigentes(c, region, ejercicio)
        return vigentes | almacen_filas.contar_filas(c, region, ejercicio)


def leer_fila(almacen: Almacen, matriz: Matriz, id: str) -> Fila:
    """La fila, también si se quitó. FilaInexistente si no es de esa matriz."""
    with almacen.leer() as c:
        return _leer(c, matriz, id)


def leer_cambios(almacen: Almacen, matriz: Matriz, id: str) -> list[Cambio]:
    """Todo lo que fue una fila, del principio a hoy."""
    with almacen.leer() as c:
        _leer(c, matriz, id)
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
        return _abrir(c, matriz, autor, ahora_utc)


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
    with almacen.escribir() as c:
        actuales = _abrir(c, matriz, autor, ahora_utc)
        repetida = {n: v for n, v in valores.items() if v}.items()
        misma = (f for f in actuales if (origen and f.origen == origen) or (id and f.id == id and repetida <= f.datos.items()))
        previa = next(misma, None)
        if previa:
            return previa, False
        completos = {**valores, **sugerir_codigo(matriz.esquema, actuales, valores)}
        [nueva] = _agregar(c, catalogo, matriz, [completos], AGREGADA, autor, ahora_utc, origen, id)
        return nueva, True


def copiar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, de: int, *, autor: str, ahora_utc: datetime) -> int:
    """Agrega las filas de otro ejercicio de la misma región cuyas claves aún no están; devuelve cuántas."""
    otra, clave = replace(matriz, ejercicio=de), matriz.esquema.principal.clave
    with almacen.escribir() as c:
        estan = {_clave(clave, f.datos) for f in _abrir(c, matriz, autor, ahora_utc)}
        suyas = [f.datos for f in _las_de(c, otra) if _clave(clave, f.datos) not in estan]
        _agregar(c, catalogo, matriz, suyas, COPIADA, autor, ahora_utc, f"{matriz.esquema.nombre} {de}")
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
) -> Fila:
    """Cambia esos campos; guardar lo mismo solo quita el «por revisar». FilaInexistente o FilaCambiada si no procede."""
    with almacen.escribir() as c:
        _abrir(c, matriz, autor, ahora_utc)
        actual = _tomar(c, matriz, id, version)
        datos = {**actual.datos, **valores}
        if datos == dict(actual.datos):
            almacen_filas.marcar_por_revisar(c, {id: ""})
            return replace(actual, por_revisar="")
        return _cambiar(c, catalogo, matriz, [(actual, datos, CAMBIADA)], autor, ahora_utc)[0]


def quitar_fila(
    almacen: Almacen, catalogo: Catalogo, matriz: Matriz, id: str, *, version: int, autor: str, ahora_utc: datetime
) -> Fila:
    """La saca de la matriz; se puede reponer. FilaInexistente o FilaCambiada si no procede."""
    with almacen.escribir() as c:
        _abrir(c, matriz, autor, ahora_utc)
        actual = _tomar(c, matriz, id, version)
        return _cambiar(c, catalogo, matriz, [(actual, actual.datos, QUITADA)], autor, ahora_utc)[0]


def reponer_fila(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, id: str, *, autor: str, ahora_utc: datetime) -> Fila:
    """Vuelve a poner una fila quitada, en su lugar y como estaba; si no estaba quitada, la deja igual."""
    with almacen.escribir() as c:
        _abrir(c, matriz, autor, ahora_utc)
        actual = _leer(c, matriz, id)
        if actual.quitada_utc is None:
            return actual
        return _cambiar(c, catalogo, matriz, [(actual, actual.datos, REPUESTA)], autor, ahora_utc)[0]


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
    """Deja la matriz como el archivo: por clave, agrega, cambia y quita. Todo o nada.

    `base` es la `huella_de` lo que se mostró al confirmar. FilaCambiada, con una de ellas, si alguien la cambió después;
    si ya está como el archivo (el botón apretado dos veces), no hay nada que hacer.
    """
    with almacen.escribir() as c:
        actuales = _abrir(c, matriz, autor, ahora_utc)
        cambios, nuevas = _distintas(matriz, actuales, filas)
        if (cambios or nuevas) and huella_de(actuales) != base:
            raise FilaCambiada(max(actuales, key=lambda f: f.cambiada_utc)) if actuales else FilaInexistente
        _cambiar(c, catalogo, matriz, cambios, autor, ahora_utc)
        _agregar(c, catalogo, matriz, nuevas, AGREGADA, autor, ahora_utc)


# --- Dentro de una transacción ---------------------------------------------------------------------------


def _abrir(c: Any, matriz: Matriz, autor: str, ahora_utc: datetime) -> list[Fila]:
    """La reserva hasta confirmar y devuelve sus filas; la primera vez la empieza con lo que la región ya entregó."""
    if almacen_filas.tomar_matriz(c, *matriz.lugar, ahora_utc):
        _insertar(c, matriz, [f.datos for f in _entregadas(c, matriz)], COPIADA, autor, ahora_utc)
    return _vivas(c, matriz)


def _distintas(matriz: Matriz, actuales: Sequence[Fila], filas: Sequence[Mapping[str, str]]) -> tuple[list[Any], list[Any]]:
    """Lo que hay que cambiar o quitar, y lo que hay que agregar, para que quede como esas filas."""
    clave = matriz.esquema.principal.clave
    por_clave = {_clave(clave, f.datos): f for f in reversed(actuales)}  # de las repetidas queda la primera
    quedan, nuevas, cambios = set(), [], []
    for valores in filas:
        actual = por_clave.pop(_clave(clave, valores), None)
        if actual is None:
            nuevas.append(valores)
            continue
        quedan.add(actual.id)
        if (datos := {**actual.datos, **valores}) != dict(actual.datos):
            cambios.append((actual, datos, CAMBIADA))
    return [*cambios, *((f, f.datos, QUITADA) for f in actuales if f.id not in quedan)], nuevas


def _las_de(c: Any, matriz: Matriz) -> list[Fila]:
    if almacen_filas.leer_matriz(c, *matriz.lugar) is None:
        return _entregadas(c, matriz)
    return _vivas(c, matriz)


def _vivas(c: Any, matriz: Matriz) -> list[Fila]:
    with sin_recolector():  # pueden ser miles
        return [Fila.de(f) for f in almacen_filas.leer_filas(c, *matriz.lugar)]


def _entregadas(c: Any, matriz: Matriz) -> list[Fila]:
    campos = matriz.esquema.principal.nombres
    entregadas = almacen_envios.leer_filas_vigentes(c, *matriz.lugar) or []
    copia = almacen_propias.leer_copia_vigente(c, *matriz.lugar) or [{}] * len(entregadas)
    vacia = {"version": 0, "origen": "", "por_revisar": "", "cambiada_utc": None, "autor": ""}
    return [
        Fila(id="", **_lugar(matriz), orden=i, datos={n: f.get(n, "") for n in campos} | _propias(suyas), **vacia)
        for i, (f, suyas) in enumerate(zip(entregadas, copia, strict=True), 1)
    ]


def _propias(datos: Mapping[str, str]) -> dict[str, str]:
    """Lo que dicen las columnas de la región, aunque hoy no estén declaradas: no se pierde."""
    return {n: v for n, v in datos.items() if n.startswith(PREFIJO)}


def _leer(c: Any, matriz: Matriz, id: str) -> Fila:
    guardada = almacen_filas.leer_fila(c, id)
    if guardada is None or (guardada["esquema"], guardada["region"], guardada["ejercicio"]) != matriz.lugar:
        raise FilaInexistente
    return Fila.de(guardada)


def _tomar(c: Any, matriz: Matriz, id: str, version: int) -> Fila:
    actual = _leer(c, matriz, id)
    if actual.version != version or actual.quitada_utc:
        raise FilaCambiada(actual)
    return actual


def _agregar(c: Any, catalogo: Catalogo, matriz: Matriz, filas: Sequence[Mapping[str, str]], *resto: Any) -> list[Fila]:
    _, filas = exigir(c, catalogo, matriz, nuevas=filas)
    return _insertar(c, matriz, filas, *resto)


def _insertar(
    c: Any,
    matriz: Matriz,
    filas: Sequence[Mapping[str, str]],
    accion: str,
    autor: str,
    ahora_utc: datetime,
    origen: str = "",
    id: str = "",
) -> list[Fila]:
    libre = id if id and almacen_filas.leer_fila(c, id) is None else ""
    ultimo = almacen_filas.ultimo_orden(c, *matriz.lugar)
    nuevas = [
        Fila(
            id=libre or secrets.token_hex(8),
            **_lugar(matriz),
            orden=ultimo + i,
            datos={n: valores.get(n, "") for n in matriz.esquema.principal.nombres} | _propias(valores),
            version=1,
            origen=origen,
            por_revisar="",
            cambiada_utc=ahora_utc,
            autor=autor,
        )
        for i, valores in enumerate(filas, 1)
    ]
    guardables = [_guardable(f) for f in nuevas]
    almacen_filas.insertar_filas(c, guardables)
    almacen_filas.insertar_cambios(c, [_anotable(g, accion) for g in guardables])
    return nuevas


def _cambiar(
    c: Any,
    catalogo: Catalogo,
    matriz: Matriz,
    cambios: Sequence[tuple[Fila, Mapping[str, str], str]],
    autor: str,
    ahora_utc: datetime,
) -> list[Fila]:
    """Cada cambio es (fila actual, cómo queda, qué se hace); devuelve cómo quedaron."""
    cambios, _ = exigir(c, catalogo, matriz, cambios)
    nuevas = [
        replace(
            actual,
            datos=datos,
            version=actual.version + 1,
            por_revisar="",
            cambiada_utc=ahora_utc,
            autor=autor,
            quitada_utc=ahora_utc if accion == QUITADA else None,
        )
        for actual, datos, accion in cambios
    ]
    guardables = [_guardable(f) for f in nuevas]
    almacen_filas.cambiar_filas(c, guardables)
    almacen_filas.insertar_cambios(c, [_anotable(g, accion) for g, (_, _, accion) in zip(guardables, cambios, strict=True)])
    _avisar_a_las_que_citan(c, catalogo, matriz, cambios)
    return nuevas


def _guardable(fila: Fila) -> dict[str, Any]:
    return {n: getattr(fila, n) for n in Fila.__slots__} | {"datos": json.dumps(dict(fila.datos), ensure_ascii=False)}


def _anotable(guardable: Mapping[str, Any], accion: str) -> dict[str, Any]:
    suyo = {n: guardable[n] for n in ("version", "datos", "autor")}
    return {**suyo, "fila": guardable["id"], "accion": accion, "cuando_utc": guardable["cambiada_utc"]}


def _razon(matriz: Matriz, antes: Fila, datos: Mapping[str, str], accion: str) -> str:
    """Qué le pasó a la fila, para quien la cita."""
    cambiados = _cambiados(matriz, antes, datos)
    que = f"cambió en {', '.join(f'«{t}»' for t in cambiados)}" if accion == CAMBIADA else f"fue {accion}"
    return f"La fila «{antes.datos['codigo']}» de «{matriz.esquema.nombre_completo}» {que}."


def _cambiados(matriz: Matriz, antes: Fila, datos: Mapping[str, str]) -> list[str]:
    """Los títulos de lo que cambió. Lo propio de la región no se cita: no cuenta."""
    campos = (matriz.esquema.oficial or matriz.esquema).campos
    return [k.titulo for k in campos if antes.datos.get(k.nombre) != datos.get(k.nombre)]


def _avisar_a_las_que_citan(c: Any, catalogo: Catalogo, matriz: Matriz, cambios: Sequence[Any]) -> None:
    """«Por revisar» en toda fila que cite alguno de esos códigos, aunque sea uno que acaba de dejar de existir."""
    importan = (k for k in cambios if k[2] != CAMBIADA or _cambiados(matriz, *k[:2]))
    cambiadas = {codigo: cambio for cambio in importan if (codigo := cambio[0].datos.get("codigo"))}
    razon = cache(lambda codigo: _razon(matriz, *cambiadas[codigo]))
    for esquema in catalogo.esquemas.values():
        campos = [k.nombre for k in esquema.campos if _cita(k, matriz.esquema)]
        if not campos or not cambiadas:
            continue
        marcas = {}
        for fila in map(Fila.de, almacen_filas.leer_filas(c, esquema.nombre, matriz.region, matriz.ejercicio)):
            citados = dict.fromkeys(x for n in campos for x in separar(fila.datos.get(n, "")) if x in cambiadas)
            if citados:
                marcas[fila.id] = _en_pocas(list(citados), razon)
        almacen_filas.marcar_por_revisar(c, marcas)


def _en_pocas(citados: Sequence[str], razon: Callable[[str], str]) -> str:
    """Una fila puede citar decenas y cambiar todas a la vez: se dicen las primeras."""
    dichos = citados if len(citados) <= RAZONES + 1 else citados[:RAZONES]
    resto = len(citados) - len(dichos)
    return " ".join([*map(razon, dichos), *([f"Y cambiaron otras {resto} de las que cita."] if resto else [])])


def _cita(campo: Campo, esquema: Esquema) -> bool:
    return campo.referencia is not None and campo.referencia.esquema == esquema.nombre


def _lugar(matriz: Matriz) -> dict[str, Any]:
    return dict(zip(("esquema", "region", "ejercicio"), matriz.lugar, strict=True))


def _clave(campos: Sequence[str], datos: Mapping[str, str]) -> tuple[str, ...]:
    return tuple(datos.get(n, "") for n in campos)
