"""Quién hizo qué y cuándo, en una cadena: cada anotación lleva la huella SHA-256 de la anterior.

Cambiar, borrar o reordenar una anotación rompe la cadena; cortarle la cola la separa del sello. Quien pueda
rehacer la cadena entera y el sello no se delata aquí: para eso la punta se publica (`punta`) y se compara
después.
"""

import hashlib
import json
from datetime import datetime

from sqlalchemy import Connection, RowMapping, bindparam, insert, select, update

from formularios.almacen import insertar_segun
from formularios.almacen_columnas import escribir_instante
from formularios.almacen_tablas import bitacora, sello

ORIGEN = "0" * 64
LOTE = 2_000


def anotar(c: Connection, *, cuando_utc: datetime, actor: str, accion: str, objeto: str) -> None:
    """Agrega una anotación. Llámela al final de la transacción: desde aquí los demás que anotan esperan."""
    # El UPDATE toma el turno: en PostgreSQL otra transacción espera aquí hasta que esta confirme.
    if (turno := c.execute(_TOMAR_TURNO).one_or_none()) is None:
        primera = insertar_segun(c)(sello).values(id=1, n=0, huella=ORIGEN)
        c.execute(primera.on_conflict_do_nothing(index_elements=["id"]))
        turno = c.execute(_TOMAR_TURNO).one()
    n, anterior = turno
    huella = _huella(n, escribir_instante(cuando_utc), actor, accion, objeto, anterior)
    dicho = {"n": n, "cuando_utc": cuando_utc, "actor": actor, "accion": accion, "objeto": objeto}
    c.execute(_ANOTAR, {**dicho, "huella_anterior": anterior, "huella": huella})
    c.execute(_SELLAR, {"nueva": huella})


# Se arman una vez: armarlas cuesta más que cumplirlas.
_TOMAR_TURNO = update(sello).values(n=sello.c.n + 1).returning(sello.c.n, sello.c.huella)
_ANOTAR, _SELLAR = insert(bitacora), update(sello).values(huella=bindparam("nueva"))


def punta(c: Connection) -> tuple[int, str]:
    """Cuántas anotaciones hay y la huella de la última: lo que conviene publicar."""
    return tuple(c.execute(select(sello.c.n, sello.c.huella)).one_or_none() or (0, ORIGEN))


def leer_anotaciones(c: Connection, accion: str, limite: int | None = None) -> list[RowMapping]:
    """Las de esa acción, de la última a la primera."""
    suyas = select(bitacora).where(bitacora.c.accion == accion).order_by(bitacora.c.n.desc()).limit(limite)
    return list(c.execute(suyas).mappings())


def revisar(c: Connection) -> list[str]:
    """Lo que no calza en la cadena, en palabras; vacía si está íntegra."""
    fallas, anterior, esperado = [], ORIGEN, 0
    consulta = select(bitacora).order_by(bitacora.c.n).execution_options(yield_per=LOTE)
    for a in c.execute(consulta).mappings():
        esperado += 1
        if a["n"] != esperado:
            fallas.append(f"faltan anotaciones entre la {esperado - 1} y la {a['n']}")
            esperado = a["n"]
        cuando = escribir_instante(a["cuando_utc"])
        propia = _huella(a["n"], cuando, a["actor"], a["accion"], a["objeto"], a["huella_anterior"])
        if a["huella"] != propia:
            fallas.append(f"la anotación {a['n']} fue cambiada")
        if a["huella_anterior"] != anterior:
            fallas.append(f"la anotación {a['n']} no sigue a la anterior")
        anterior = a["huella"]
    if punta(c) != (esperado, anterior):
        fallas.append(f"la cadena termina en la {esperado} y el sello dice otra cosa: se cortó o se rehízo")
    return fallas


def _huella(n: int, cuando: str, actor: str, accion: str, objeto: str, anterior: str) -> str:
    dicho = json.dumps(
        [n, cuando, actor, accion, objeto, anterior], ensure_ascii=False, separators=(",", ":")
    )
    return hashlib.sha256(dicho.encode()).hexdigest()
