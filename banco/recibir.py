"""Recibir una respuesta de cincuenta campos por HTTP: validada entera, guardada y confirmada en el disco, con su folio.

Se compara con lo que el mismo Flask responde sin validar ni guardar, y con lo que SQLite confirma sin nada encima.
Solo habla con 127.0.0.1 y con una cantidad fija de peticiones.
"""

import cProfile
import pstats
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

import pysqlite3.dbapi2 as sqlite

from banco.cliente import Conexion, galleta, post, servido
from banco.medida import percentiles
from banco.servidor import AHORA, MARCO, app_de_medir, catalogo_con_encuesta
from banco.tablas import encuesta
from formularios.almacen import Almacen, modo_de_bitacora
from formularios.borradores import crear_borrador, guardar_borrador, leer_borrador
from formularios.encuesta import enviar

RONDAS, POR_RONDA = 5, 150
PREFIJO = f"/formularios/encuestas/{encuesta().nombre}"
_PASOS = {  # título → (archivo, función) del perfil
    "validar los cincuenta campos": ("validacion.py", "validar_filas"),
    "sellar": ("sellado.py", "sellar"),
    "órdenes a la base, sin contar armarlas": ("engine/base.py", "execute"),
    "anotar en la bitácora": ("almacen_bitacora.py", "anotar"),
}


def medir(carpeta: Path) -> dict[str, Any]:
    base = f"sqlite:///{carpeta / 'recibir.db'}"
    almacen = Almacen(base)
    almacen.migrar()
    app = app_de_medir(base)

    def peticion(ruta: str, secreto: str, revision: int) -> bytes:
        return post(ruta, galleta(app, encuesta().nombre, secreto), {"revision": revision, **_pantalla()})

    def llenos() -> Iterator[bytes]:
        while True:
            _, secreto = crear_borrador(almacen, encuesta(), region="06", ejercicio=2027, ahora_utc=AHORA)
            guardado = guardar_borrador(almacen, secreto, revision=0, ahora_utc=AHORA, principal=_respuesta())
            yield peticion(f"{PREFIJO}/revisar/", secreto, guardado.revision)

    tiempos: dict[str, list[list[float]]] = {"envio": [], "marco": [], "insercion": []}
    por_enviar, suelto = llenos(), peticion(MARCO, "nadie", 0)
    with servido(base) as puerto, _insercion(carpeta / "insertar.db") as insertar:
        conexion = Conexion(puerto)
        for ronda in range(RONDAS + 1):
            listas = list(islice(por_enviar, POR_RONDA))  # los borradores se llenan antes, y no entre un envío y otro
            propios = {
                "envio": [_cronometrar(conexion.pedir, p, 303) for p in listas],
                "marco": [_cronometrar(conexion.pedir, suelto, 303) for _ in range(POR_RONDA)],
                "insercion": [_cronometrar(insertar) for _ in range(POR_RONDA)],
            }
            if ronda:  # la primera es para entrar en calor
                for nombre, suyos in propios.items():
                    tiempos[nombre].append(suyos)
    with almacen.leer() as c:
        envios = c.exec_driver_sql("SELECT count(*) FROM envio").scalar()
    if envios != (RONDAS + 1) * POR_RONDA:
        raise RuntimeError(f"se pidieron {(RONDAS + 1) * POR_RONDA} envíos y hay {envios}")
    return {"envios": envios, "reparto": _repartir(almacen)} | {nombre: _resumir(rondas) for nombre, rondas in tiempos.items()}


def _repartir(almacen: Almacen) -> dict[str, float]:
    """Qué parte del procesador se lleva cada paso de un envío, según el perfilador. Unos contienen a otros."""
    cuantos, catalogo = 100, catalogo_con_encuesta()
    secretos = [crear_borrador(almacen, encuesta(), region="07", ejercicio=2027, ahora_utc=AHORA)[1] for _ in range(cuantos)]
    for secreto in secretos:
        guardar_borrador(almacen, secreto, revision=0, ahora_utc=AHORA, principal=_respuesta())
    perfil = cProfile.Profile(time.process_time)
    for secreto in secretos:
        perfil.enable()
        borrador = leer_borrador(almacen, secreto, ahora_utc=AHORA)
        enviar(almacen, catalogo, encuesta(), borrador, revision=borrador.revision, ahora_utc=AHORA)
        perfil.disable()
    medidos = pstats.Stats(perfil).stats

    def acumulado(archivo: str, funcion: str) -> float:
        return sum(m[3] for (donde, _, cual), m in medidos.items() if donde.endswith(archivo) and cual == funcion)

    total = acumulado("encuesta.py", "enviar") + acumulado("/borradores.py", "leer_borrador")
    return {titulo: acumulado(*paso) / total for titulo, paso in _PASOS.items()}


def _resumir(rondas: list[list[float]]) -> dict[str, float]:
    """Por segundo (la mediana de las rondas) y los percentiles de todas, en milisegundos."""
    por_segundo = statistics.median(len(ronda) / sum(ronda) for ronda in rondas)
    return {"por_segundo": por_segundo, **percentiles([t for ronda in rondas for t in ronda])}


def _respuesta() -> dict[str, str]:
    return {c.nombre: c.ejemplo for c in encuesta().campos if not c.automatico}


def _pantalla() -> dict[str, str]:
    return {f"c.{nombre}": valor for nombre, valor in _respuesta().items()}


def _cronometrar(hacer: Callable[..., Any], *argumentos: Any) -> float:
    inicio = time.perf_counter()
    hacer(*argumentos)
    return time.perf_counter() - inicio


@contextmanager
def _insercion(base: Path) -> Iterator[Callable[[], None]]:
    """Una fila del mismo peso, confirmada con la misma exigencia: lo que el disco permite."""
    conexion = sqlite.connect(str(base), isolation_level=None)
    conexion.execute("PRAGMA synchronous=FULL")
    conexion.execute(f"PRAGMA journal_mode={modo_de_bitacora(sqlite.sqlite_version_info)}")
    conexion.execute("CREATE TABLE dato (texto TEXT)")
    texto = "x" * len(str(_respuesta()))

    def insertar() -> None:
        conexion.execute("BEGIN IMMEDIATE")
        conexion.execute("INSERT INTO dato VALUES (?)", (texto,))
        conexion.execute("COMMIT")

    yield insertar
    conexion.close()
