"""Exportar un millón de filas selladas, frente a quien las tiene en columnas y a quien las rearma desde JSON.

Como programa (`python -m banco.exportar nuestro BASE SALIDA`) hace una sola exportación y dice cuánta memoria ocupó.
"""

import csv
import json
import shutil
import sqlite3
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from banco.medida import intercalar
from banco.tablas import catalogo, esquema, filas
from banco.validar import RAIZ
from esquemas.validacion import Resultado
from formularios.almacen import Almacen
from formularios.exportacion import exportar_csv
from formularios.recepcion import Recepcion, recibir

ENVIOS, FILAS_POR_ENVIO, RONDAS = 200, 5_000, 3
FILAS = ENVIOS * FILAS_POR_ENVIO


def medir(carpeta: Path) -> dict[str, Any]:
    base, columnas, salida = carpeta / "envios.db", carpeta / "columnas.db", carpeta / "salida.csv"
    _sellar(base)
    exportado = _exportar_aparte("nuestro", base, salida)
    memoria = {n: _exportar_aparte(n, base, salida)["mb"] for n in ("nuestro", "json y csv")}
    participantes = {
        "nuestro": lambda: _exportar_aparte("nuestro", base, salida)["segundos"],
        "json y csv": lambda: _exportar_aparte("json y csv", base, salida)["segundos"],
    }
    if shutil.which("sqlite3"):
        orden = [f".import --csv {carpeta / 'todo.csv'} filas"]
        _exportar_aparte("nuestro", base, carpeta / "todo.csv")
        subprocess.run(["sqlite3", str(columnas), *orden], check=True)
        participantes["sqlite3 -csv"] = lambda: _con_sqlite3(columnas, salida)
    with _postgres(carpeta / "todo.csv") as copiar:
        if copiar:
            participantes["COPY de PostgreSQL"] = lambda: copiar(salida)
        segundos = intercalar(participantes, dict.fromkeys(participantes, RONDAS) | {"json y csv": 1})
    return {"filas": exportado["filas"], "bytes": exportado["bytes"], "memoria": memoria, "segundos": segundos}


def _sellar(base: Path) -> None:
    """Doscientos envíos de cinco mil filas, cada uno de otra región o ejercicio: todos quedan vigentes."""
    almacen = Almacen(f"sqlite:///{base}")
    almacen.migrar()
    tabla = [tuple(f.values()) for f in filas(FILAS_POR_ENVIO)]
    resultado = Resultado(esquema(), {esquema().nombre: tabla}, (), len(tabla))
    ahora = datetime(2026, 11, 20, 12, tzinfo=UTC)
    for n in range(ENVIOS):
        cuando = ahora + timedelta(seconds=n)
        recepcion = Recepcion(region=f"{n % 16 + 1:02}", ejercicio=2027 + n // 16, recibido_utc=cuando, origen="orden")
        recibir(almacen, catalogo(), resultado, recepcion)
    almacen.cerrar()


def _exportar_aparte(como: str, base: Path, salida: Path) -> dict[str, Any]:
    orden = [sys.executable, "-m", "banco.exportar", como, str(base), str(salida)]
    return json.loads(subprocess.run(orden, check=True, cwd=RAIZ, stdout=subprocess.PIPE).stdout)


def _con_nosotros(base: Path, salida: Path) -> int:
    almacen = Almacen(f"sqlite:///{base}")
    with salida.open("wb") as destino:
        informe = exportar_csv(almacen, catalogo(), esquema(), destino)
    return informe.filas[esquema().nombre]


def _con_json_y_csv(base: Path, salida: Path) -> int:
    """Lo que haría quien guardó solo el JSON: leerlo, ordenarlo en columnas y escribirlo con `csv`."""
    consulta = (
        "SELECT f.datos, e.folio, e.region, e.ejercicio, e.version_esquema, e.estado, e.presentado_legal "
        "FROM fila f JOIN envio e ON e.folio = f.envio WHERE e.estado = 'vigente' ORDER BY f.envio, f.orden"
    )
    nombres, hechas = esquema().principal.nombres, 0
    with salida.open("w", encoding="utf-8", newline="") as destino, sqlite3.connect(base) as conexion:
        escritor = csv.writer(destino)
        for datos, *de_envio in conexion.execute(consulta):
            dato = json.loads(datos)
            escritor.writerow([*(dato[n] for n in nombres), *de_envio])
            hechas += 1
    return hechas


def _con_sqlite3(columnas: Path, salida: Path) -> None:
    with salida.open("wb") as destino:
        subprocess.run(["sqlite3", "-csv", "-header", str(columnas), "SELECT * FROM filas"], stdout=destino, check=True)


@contextmanager
def _postgres(origen: Path) -> Iterator[Any]:
    """Una función que copia a un archivo, o None si aquí no hay PostgreSQL."""
    from tests.servicios.postgres import cluster_temporal, disponible

    if disponible():
        yield None
        return
    import psycopg

    with cluster_temporal() as url, psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as conexion:
        nombres = ", ".join(f'"{n}" text' for n in origen.open(encoding="utf-8").readline().strip().split(","))
        conexion.execute(f"CREATE TABLE filas ({nombres})")
        with conexion.cursor() as c, c.copy("COPY filas FROM STDIN (FORMAT csv, HEADER)") as entrada, origen.open("rb") as bytes_:
            while trozo := bytes_.read(1 << 20):
                entrada.write(trozo)

        def copiar(salida: Path) -> None:
            pedido = "COPY filas TO STDOUT (FORMAT csv, HEADER)"
            with conexion.cursor() as c, c.copy(pedido) as flujo, salida.open("wb") as destino:
                for trozo in flujo:
                    destino.write(trozo)

        yield copiar


_COMO = {"nuestro": _con_nosotros, "json y csv": _con_json_y_csv}

if __name__ == "__main__":
    como, base, salida = sys.argv[1], Path(sys.argv[2]), Path(sys.argv[3])
    inicio = time.perf_counter()
    hechas = _COMO[como](base, salida)
    segundos = time.perf_counter() - inicio
    # De /proc y no de getrusage, que arrastra el pico del proceso que lo lanzó.
    pico = next(li for li in Path("/proc/self/status").read_text(encoding="ascii").splitlines() if li.startswith("VmHWM"))
    megas = int(pico.split()[1]) / 1024
    print(json.dumps({"filas": hechas, "bytes": salida.stat().st_size, "mb": megas, "segundos": segundos}))
