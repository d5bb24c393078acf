"""Lo que vale para todas las pruebas. Toda la que pide `almacen` o `url` corre en SQLite y en un PostgreSQL de verdad."""

import shutil
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest
from flask import Flask
from flask.templating import Environment
from jinja2 import FileSystemBytecodeCache

from formularios.almacen import Almacen, migrar
from tests.servicios.exigencia import exigir
from tests.servicios.postgres import cluster_temporal, disponible

MOTORES = ("sqlite", "postgresql")


@pytest.fixture(scope="session", autouse=True)
def plantillas_compiladas(tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    """Las plantillas se compilan una vez y no en cada aplicación: era casi la mitad de lo que demoraban las pruebas web."""
    cache = FileSystemBytecodeCache(str(tmp_path_factory.mktemp("plantillas")))
    with pytest.MonkeyPatch.context() as cambio:
        cambio.setattr(Flask, "jinja_environment", partial(Environment, bytecode_cache=cache))
        yield


# --- Dos motores, la misma batería ------------------------------------------------------------------------


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Un PostgreSQL con una base `molde` ya migrada."""
    exigir(disponible())
    with cluster_temporal() as url:
        _mandar(url, "CREATE DATABASE molde")
        migrar(_base(url, "molde"))
        yield url


@pytest.fixture(scope="session")
def molde_sqlite(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Un archivo ya migrado: copiarlo cuesta mucho menos que migrar otra vez."""
    archivo = tmp_path_factory.mktemp("molde") / "focaliza.db"
    migrar(f"sqlite:///{archivo}")
    return archivo


@pytest.fixture(scope="session")
def numeros() -> Iterator[int]:
    return iter(range(1_000_000))


@pytest.fixture(params=MOTORES)
def motor(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def url_vacia(
    motor: str, request: pytest.FixtureRequest, tmp_path: Path, numeros: Iterator[int]
) -> Iterator[str]:
    """Una base recién creada, sin tablas."""
    yield from _url(motor, request, tmp_path, numeros, "template0")


@pytest.fixture
def url(motor: str, request: pytest.FixtureRequest, tmp_path: Path, numeros: Iterator[int]) -> Iterator[str]:
    """Una base migrada y vacía."""
    yield from _url(motor, request, tmp_path, numeros, "molde")


@pytest.fixture
def almacen(url: str) -> Iterator[Almacen]:
    abierto = Almacen(url)
    yield abierto
    abierto.cerrar()


def _url(
    motor: str, request: pytest.FixtureRequest, carpeta: Path, numeros: Iterator[int], molde: str
) -> Iterator[str]:
    if motor == "sqlite":
        if molde == "molde":
            shutil.copyfile(request.getfixturevalue("molde_sqlite"), carpeta / "focaliza.db")
        yield f"sqlite:///{carpeta}/focaliza.db"
        return
    cluster = request.getfixturevalue("cluster")
    nombre = f"prueba{next(numeros)}"
    _mandar(cluster, f"CREATE DATABASE {nombre} TEMPLATE {molde}")
    yield _base(cluster, nombre)
    _mandar(cluster, f"DROP DATABASE {nombre} WITH (FORCE)")


def _base(url: str, nombre: str) -> str:
    return f"{url.rsplit('/', 1)[0]}/{nombre}"


def _mandar(url: str, orden: str) -> None:
    with psycopg.connect(url.replace("+psycopg", ""), autocommit=True) as c:
        c.execute(orden)


@pytest.fixture
def en_paralelo() -> Callable[..., list[Any]]:
    """Llama la función con cada grupo de argumentos, todos en hilos que parten a la vez; resultados o la
    excepción."""

    def correr(funcion: Callable[..., Any], argumentos: list[tuple[Any, ...]]) -> list[Any]:
        salida = Barrier(len(argumentos))

        def una(*valores: Any) -> Any:
            salida.wait(30)
            return funcion(*valores)

        with ThreadPoolExecutor(len(argumentos)) as hilos:
            return [f.result(60) for f in [hilos.submit(una, *valores) for valores in argumentos]]

    return correr
