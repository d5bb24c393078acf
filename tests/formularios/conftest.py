"""Dos motores, la misma batería: toda prueba que pide `almacen` corre en SQLite y en un PostgreSQL de
verdad."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from pathlib import Path
from threading import Barrier
from typing import Any

import psycopg
import pytest

from esquemas.lectura_esquema import leer_esquema
from esquemas.modelo import Catalogo, Esquema
from esquemas.saber import Proceso
from esquemas.validacion import Contexto, Resultado, validar_filas
from formularios.almacen import Almacen, migrar
from formularios.envio import Envio
from formularios.recepcion import recibir
from tests.servicios.exigencia import exigir
from tests.servicios.postgres import cluster_temporal, disponible

AHORA = datetime(2026, 11, 15, 13, 45, 1, tzinfo=UTC)
MOTORES = ("sqlite", "postgresql")


@pytest.fixture(scope="session")
def cluster() -> Iterator[str]:
    """Un PostgreSQL con una base `molde` ya migrada."""
    exigir(disponible())
    with cluster_temporal() as url:
        _mandar(url, "CREATE DATABASE molde")
        migrar(_base(url, "molde"))
        yield url


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
        url = f"sqlite:///{carpeta}/focaliza.db"
        if molde == "molde":
            migrar(url)
        yield url
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


# --- Un catálogo pequeño, con todo lo que al almacén y a la exportación les importa -----------------


def campo(nombre: str, tipo: str = "string", dato: str = "publico", **resto: Any) -> dict[str, Any]:
    limites = resto.pop("constraints", {})
    if tipo == "string" and not {"catalogo", "referencia"} & resto.keys():
        limites = {"maxLength": 200, **limites}
    return {
        "name": nombre,
        "title": nombre.replace("_", " ").capitalize(),
        "type": tipo,
        "description": f"El campo {nombre}.",
        "example": "1" if tipo == "integer" else "X-1",
        "norma": ["reglamento"],
        "dato": dato,
        **({"finalidad": "Probar."} if dato in ("personal", "sensible") else {}),
        **({"constraints": limites} if limites else {}),
        **resto,
    }


def descriptor(nombre: str, campos: list[dict[str, Any]], **resto: Any) -> dict[str, Any]:
    version = resto.pop("version", "1.0.0")
    return {
        "name": nombre,
        "title": nombre.capitalize(),
        "description": "De prueba.",
        "version": version,
        "norma": ["reglamento"],
        "llena": "Quien prueba",
        "no_revisa": [],
        "cambios": [{"version": version, "fecha": "2026-11-20", "description": "Cambia."}],
        "primaryKey": ["codigo"],
        "missingValues": [""],
        "fields": campos,
        **resto,
    }


CODIGO = campo("codigo", tipo="string", constraints={"required": True})
BASE = descriptor("base", [CODIGO, campo("tipo")])
MATRIZ = descriptor(
    "matriz",
    [
        CODIGO,
        campo("texto", tipo="string"),
        campo("monto", "integer"),
        campo("origen", referencia={"esquema": "base"}, varios=True),
        campo("reservado", dato="interno"),
    ],
)
MONTOS = descriptor(
    "montos",
    [CODIGO, campo("region"), campo("ejercicio", "integer"), campo("monto", "integer")],
    ambito="nacional",
)
CON_TOPE = descriptor(
    "con-tope",
    [CODIGO, campo("monto", "integer")],
    reglas=[
        {
            "codigo": "tope",
            "gravedad": "alerta",
            "campo": "monto",
            "suma": {
                "de": "monto",
                "por": ["codigo"],
                "relacion": "no_supera",
                "tope": {"esquema": "montos", "campo": "monto"},
            },
            "mensaje": "Pasa.",
            "arreglo": "Baje.",
            "norma": ["reglamento"],
        }
    ],
)
_RESPUESTA = campo("respuesta", automatico=True, constraints={"required": True})
ENCUESTA = {
    k: v
    for k, v in descriptor(
        "consulta",
        [],
        secciones=[{"name": "una", "title": "Una", "contenido": ["institucion", "personas"]}],
        resources=[
            {
                "name": "consulta",
                "path": "consulta.csv",
                "title": "Consulta",
                "schema": {
                    "primaryKey": ["respuesta"],
                    "missingValues": [""],
                    "fields": [_RESPUESTA, campo("institucion", constraints={"required": True})],
                },
            },
            {
                "name": "personas",
                "path": "personas.csv",
                "title": "Personas",
                "singular": "persona",
                "schema": {
                    "missingValues": [""],
                    "foreignKeys": [
                        {
                            "fields": ["respuesta"],
                            "reference": {"resource": "consulta", "fields": ["respuesta"]},
                        }
                    ],
                    "fields": [_RESPUESTA, campo("cargo"), campo("nombre", dato="personal")],
                },
            },
        ],
    ).items()
    if k not in ("primaryKey", "missingValues", "fields")
}


def armar_catalogo(*descriptores: dict[str, Any]) -> Catalogo:
    """Un catálogo con esos esquemas y nada más."""
    esquemas = {}
    for d in descriptores:
        clase = "encuesta" if "resources" in d else "formato"
        esquemas[d["name"]] = leer_esquema(d, f"{d['name']}.yaml", clase)
    return Catalogo(esquemas, {}, {}, {}, Proceso("1.0.0", "America/Santiago", (), (), ()))


@pytest.fixture
def catalogo() -> Catalogo:
    return armar_catalogo(BASE, MATRIZ, MONTOS, CON_TOPE, ENCUESTA)


@pytest.fixture
def validar() -> Callable[..., Resultado]:
    """(catálogo, esquema, filas de la principal, grupo=filas…) → Resultado."""

    def con_filas(
        catalogo: Catalogo, esquema: Esquema, filas: list[dict[str, str]], **grupos: Any
    ) -> Resultado:
        return validar_filas(catalogo, esquema, {esquema.nombre: filas, **grupos}, Contexto())

    return con_filas


@pytest.fixture
def enviar(almacen: Almacen, catalogo: Catalogo, validar: Callable[..., Resultado]) -> Callable[..., Envio]:
    """(nombre del esquema, filas, …) → Envio, recibido en `almacen`."""

    def enviar(nombre: str, filas: list[dict[str, str]], grupos: Any = None, **opciones: Any) -> Envio:
        suyo = opciones.pop("catalogo", catalogo)
        esquema = suyo.esquemas[nombre]
        recibido = {
            "region": "06",
            "ejercicio": 2027,
            "ahora_utc": AHORA,
            "presentado_legal": AHORA,
            "origen": "prueba",
            **opciones,
        }
        resultado = validar(suyo, esquema, filas, **(grupos or {}))
        return recibir(opciones.pop("almacen", almacen), suyo, esquema, resultado, **recibido)

    return enviar


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
