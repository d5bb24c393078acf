"""Los envíos en la base. Cada función recibe la transacción de quien llama, que decide cuándo se confirma.

Las órdenes de recibir se arman una vez y reciben sus valores al ejecutarse: armarlas cuesta más que cumplirlas.
"""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Connection, Executable, Select, Table, and_, bindparam, delete, func, insert, or_, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_tablas import correlativo, definicion, envio, excepcion, fila
from formularios.envio import ANONIMA, REEMPLAZADO, TODO, VIGENTE, Envio

LOTE = 2_000  # filas que se traen de una vez
FOLIOS_POR_CONSULTA = 200


def siguiente_correlativo(c: Connection, ejercicio: int, region: str) -> int:
    """El próximo número de ese ejercicio y región, desde 1. Si la transacción se deshace, el número no se
    gasta."""
    return c.execute(_siguiente(insertar_segun(c)), {"ejercicio": ejercicio, "region": region, "ultimo": 1}).scalar_one()


@cache
def _siguiente(insertar: Any) -> Executable:
    nuevo = insertar(correlativo).values({n: bindparam(n) for n in ("ejercicio", "region", "ultimo")})
    siguiente = nuevo.on_conflict_do_update(
        index_elements=["ejercicio", "region"], set_={"ultimo": correlativo.c.ultimo + 1}
    )
    return siguiente.returning(correlativo.c.ultimo)


def guardar_definicion(c: Connection, huella: str, esquema: str, version: str, canonico: str) -> None:
    """Deja el descriptor en la base, si no estaba."""
    valores = {"huella": huella, "esquema": esquema, "version": version, "json": canonico}
    c.execute(_definir(insertar_segun(c)), valores)


@cache
def _definir(insertar: Any) -> Executable:
    nueva = insertar(definicion).values({n: bindparam(n) for n in ("huella", "esquema", "version", "json")})
    return nueva.on_conflict_do_nothing(index_elements=["huella"])


def leer_definicion(c: Connection, huella: str) -> dict[str, Any] | None:
    """El descriptor con que se validó un envío, tal como era."""
    canonico = c.execute(select(definicion.c.json).where(definicion.c.huella == huella)).scalar_one_or_none()
    return None if canonico is None else json.loads(canonico)


def leer_titulos(c: Connection, esquema: str, version: str) -> dict[str, dict[str, str]]:
    """Tabla → campo → título, como eran en esa versión («» es el de la tabla); vacío si no quedó guardada."""
    suya = select(definicion.c.json).where(definicion.c.esquema == esquema, definicion.c.version == version).limit(1)
    canonico = c.execute(suya).scalar_one_or_none()
    recursos = json.loads(canonico)["resources"] if canonico else ()
    return {r["name"]: {"": r["title"], **{f["name"]: f["title"] for f in r["schema"]["fields"]}} for r in recursos}


def insertar_envio(c: Connection, nuevo: Envio, filas: Sequence[dict[str, Any]]) -> None:
    """El envío con sus filas (tabla, orden, codigo, datos, linea)."""
    c.execute(_INSERTAR_ENVIO, {campo.name: getattr(nuevo, campo.name) for campo in envio.c})
    for desde in range(0, len(filas), LOTE):
        c.execute(_INSERTAR_FILAS, [{"envio": nuevo.folio, **f} for f in filas[desde : desde + LOTE]])


_INSERTAR_ENVIO, _INSERTAR_FILAS = insert(envio), insert(fila)


def _reemplazar(*propios: str) -> Executable:
    suyos = [envio.c[n] == bindparam(f"de_{n}") for n in propios]
    cambio = update(envio).where(*suyos, envio.c.estado == VIGENTE).values(estado=REEMPLAZADO)
    return cambio.returning(envio.c.folio)


_REEMPLAZAR_VIGENTE = _reemplazar("esquema", "region", "ejercicio")
_REEMPLAZAR_DE_BORRADOR = _reemplazar("borrador")


def reemplazar_vigente(c: Connection, esquema: str, region: str, ejercicio: int) -> list[str]:
    """Deja `reemplazado` el envío vigente del formato; devuelve su folio, si había."""
    cual = {"de_esquema": esquema, "de_region": region, "de_ejercicio": ejercicio}
    return list(c.execute(_REEMPLAZAR_VIGENTE, cual).scalars())


def reemplazar_de_borrador(c: Connection, borrador: str) -> list[str]:
    """Deja `reemplazado` lo enviado antes desde el mismo borrador; devuelve su folio, si había."""
    return list(c.execute(_REEMPLAZAR_DE_BORRADOR, {"de_borrador": borrador}).scalars())


def leer_envio(c: Connection, folio: str) -> Envio | None:
    """El envío con ese folio, o None."""
    return _uno(c, select(envio).where(envio.c.folio == folio))


def leer_envio_de_borrador(c: Connection, borrador: str, revision: int) -> Envio | None:
    """Lo que se envió desde esa revisión del borrador, o None."""
    return _uno(c, _DE_BORRADOR, borrador=borrador, revision=revision)


_DE_BORRADOR = select(envio).where(
    envio.c.borrador == bindparam("borrador"), envio.c.revision == bindparam("revision")
)


def leer_anterior(c: Connection, de: Envio) -> str | None:
    """El folio de la versión que `de` reemplazó: la última antes que ella. None si es la primera; una anulada no cuenta."""
    if de.clase == "formato":
        propios = ("esquema", "region", "ejercicio")
    elif de.borrador is not None:
        propios = ("borrador",)
    else:
        return None
    mismas = select(func.max(envio.c.folio)).where(*(envio.c[n] == getattr(de, n) for n in propios))
    # El correlativo va con ceros: en una región y ejercicio, el orden de los folios es el de llegada.
    return c.execute(mismas.where(envio.c.folio < de.folio, envio.c.estado == REEMPLAZADO)).scalar_one_or_none()


def sacar_anonimas(c: Connection, esquema: str, region: str, ejercicio: int) -> dict[Table, list[dict[str, Any]]]:
    """Quita de la base las respuestas anónimas de esa convocatoria y las devuelve, para `reponer` en la misma transacción."""
    suyas = (envio.c.esquema == esquema, envio.c.region == region, envio.c.ejercicio == ejercicio, envio.c.revision == ANONIMA)
    folios = select(envio.c.folio).where(*suyas)
    cuales = {fila: fila.c.envio, envio: envio.c.folio}
    guardado = {t: [dict(m) for m in c.execute(select(t).where(k.in_(folios))).mappings()] for t, k in cuales.items()}
    for tabla, clave in cuales.items():
        c.execute(delete(tabla).where(clave.in_(folios)))
    return guardado


def reponer(c: Connection, guardado: Mapping[Table, Sequence[dict[str, Any]]]) -> None:
    """Lo que dio `sacar_anonimas`, en el orden en que venga."""
    for tabla, filas in reversed(guardado.items()):
        for lote in _de_a(filas, LOTE):
            c.execute(insert(tabla), lote)


def _uno(c: Connection, consulta: Select, **valores: Any) -> Envio | None:
    encontrada = c.execute(consulta, valores).mappings().one_or_none()
    return None if encontrada is None else Envio(**encontrada)


def buscar_envios(
    c: Connection,
    esquema: str | None = None,
    *,
    ejercicio: int | None = None,
    region: str | None = None,
    estado: str | None = None,
    solo_validos: bool = False,
) -> list[Envio]:
    """Los envíos que calzan con lo pedido (None: cualquiera), por folio. Lo bloqueado y lo suprimido no se cuenta ni se saca."""
    tratables = envio.c.bloqueado_utc.is_(None) & or_(envio.c.quitado.is_(None), envio.c.quitado != TODO)
    consulta = select(envio).where(tratables).order_by(envio.c.folio)
    pedido = {"esquema": esquema, "ejercicio": ejercicio, "region": region, "estado": estado}
    for columna, valor in pedido.items():
        if valor is not None:
            consulta = consulta.where(envio.c[columna] == valor)
    if solo_validos:
        consulta = consulta.where(envio.c.valido)
    return [Envio(**m) for m in c.execute(consulta).mappings()]


def contar_filas(c: Connection, folios: Iterable[str], tabla: str | None = None) -> dict[str, int]:
    """Tabla → cuántas filas tienen en total esos envíos."""
    cuenta: dict[str, int] = {}
    consulta = select(fila.c.tabla, func.count()).group_by(fila.c.tabla)
    if tabla is not None:
        consulta = consulta.where(fila.c.tabla == tabla)
    for lote in _de_a(list(folios), FOLIOS_POR_CONSULTA):
        for nombre, filas in c.execute(consulta.where(fila.c.envio.in_(lote))):
            cuenta[nombre] = cuenta.get(nombre, 0) + filas
    return cuenta


def recorrer_filas(
    c: Connection, folios: Sequence[str], tabla: str, columna: str
) -> Iterator[list[tuple[str, int, str]]]:
    """Lotes de (folio, orden, `linea` o `datos`), por folio y orden.

    Trae de a `LOTE` filas: la memoria no depende de cuántas haya.
    """
    consulta = select(fila.c.envio, fila.c.orden, fila.c[columna]).order_by(fila.c.envio, fila.c.orden)
    suyas = consulta.where(fila.c.tabla == tabla, fila.c.envio.in_(folios))
    with c.execute(suyas.execution_options(yield_per=LOTE)) as resultado:
        for parte in resultado.partitions():
            yield [tuple(f) for f in parte]


def leer_filas_vigentes(
    c: Connection, esquema: str, region: str, ejercicio: int
) -> list[dict[str, str]] | None:
    """Las filas de la tabla principal del formato vigente; None si no hay un envío vigente."""
    buscado = select(envio.c.folio).where(
        envio.c.esquema == esquema,
        envio.c.region == region,
        envio.c.ejercicio == ejercicio,
        envio.c.estado == VIGENTE,
    )
    folios = list(c.execute(buscado).scalars())
    if not folios:
        return None
    filas = select(fila.c.datos).where(fila.c.envio.in_(folios), fila.c.tabla == esquema)
    return [json.loads(d) for d in c.execute(filas.order_by(fila.c.envio, fila.c.orden)).scalars()]


def contar_vigentes(c: Connection, region: str, ejercicio: int) -> dict[str, int]:
    """Esquema → cuántas filas tiene la tabla principal del formato vigente de la región."""
    principal = and_(fila.c.envio == envio.c.folio, fila.c.tabla == envio.c.esquema)
    cuenta = select(envio.c.esquema, func.count()).join(fila, principal)
    suyos = [envio.c.region == region, envio.c.ejercicio == ejercicio, envio.c.clase == "formato", envio.c.estado == VIGENTE]
    return dict(map(tuple, c.execute(cuenta.where(*suyos).group_by(envio.c.esquema))))


def guardar_excepcion(c: Connection, valores: dict[str, Any]) -> None:
    """Registra una excepción, o cambia la razón y la fuente de la que ya había para el mismo lugar y
    regla."""
    lugar = ["esquema", "region", "ejercicio", "fila", "campo", "regla"]
    cambia = {k: valores[k] for k in ("razon", "fuente")}
    nueva = insertar_segun(c)(excepcion).values(**valores)
    c.execute(nueva.on_conflict_do_update(index_elements=lugar, set_=cambia))


def borrar_excepcion(c: Connection, lugar: Mapping[str, Any]) -> None:
    """La de ese esquema, región, ejercicio, fila, campo y regla; si no está, no hace nada."""
    c.execute(delete(excepcion).where(*(excepcion.c[n] == v for n, v in lugar.items())))


def leer_excepciones(c: Connection, esquema: str, region: str, ejercicio: int) -> list[dict[str, str]]:
    """Las excepciones registradas, como las espera `Contexto.excepciones`."""
    columnas = [excepcion.c[n] for n in ("fila", "campo", "regla", "razon", "fuente")]
    suyas = select(*columnas).where(
        excepcion.c.esquema == esquema, excepcion.c.region == region, excepcion.c.ejercicio == ejercicio
    )
    return [dict(m) for m in c.execute(suyas.order_by(excepcion.c.id)).mappings()]


def _de_a(lista: Sequence[Any], cuantos: int) -> Iterator[Sequence[Any]]:
    return (lista[i : i + cuantos] for i in range(0, len(lista), cuantos))
