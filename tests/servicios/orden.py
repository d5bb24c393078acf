"""La orden `focaliza` para las pruebas: en este proceso, que es rápido, o en uno de verdad."""

import functools
import json
import os
import resource
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from esquemas import catalogo as disco
from formularios.ordenes import focaliza

FOCALIZA = Path(sys.executable).with_name("focaliza")
CLAVES_DE_VALIDAR = {"esquema", "version", "filas", "valido", "problemas"}
# Las del contrato y `tabla`, que se agregó: en una encuesta dice de qué tabla es la fila.
CLAVES_DE_PROBLEMA = {
    "gravedad", "codigo", "tabla", "hoja", "celda", "fila", "campo", "valor", "mensaje", "norma",
}  # fmt: skip
_cargar = functools.cache(disco.cargar)


@dataclass(frozen=True)
class Salida:
    """Lo que se ve desde afuera."""

    codigo: int
    texto: str
    error: str
    crudo: bytes = b""

    @property
    def json(self) -> Any:
        return json.loads(self.texto)

    def problemas(self, gravedad: str = "") -> list[dict[str, Any]]:
        return [p for p in self.json["problemas"] if gravedad in ("", p["gravedad"])]

    def codigos(self, gravedad: str = "") -> list[str]:
        return [p["codigo"] for p in self.problemas(gravedad)]


def correr(*argumentos: object, **entorno: str) -> Salida:
    """La orden en este proceso, con el catálogo ya leído. Una excepción que se escape falla la prueba con su traza."""
    with pytest.MonkeyPatch.context() as parche:
        parche.setattr("formularios.cascara.disco.cargar", _cargar)
        for nombre in [n for n in os.environ if n.startswith("FOCALIZA_")]:
            parche.delenv(nombre)
        hecho = CliRunner().invoke(focaliza, [str(a) for a in argumentos], env=entorno)
    if hecho.exception and not isinstance(hecho.exception, SystemExit):
        raise hecho.exception
    return Salida(hecho.exit_code, hecho.stdout, hecho.stderr, hecho.stdout_bytes)


MEMORIA = 900 * 1024 * 1024  # bytes de direcciones: quien lea 1 GB de una vez, no cabe


def correr_aparte(*argumentos: object, segundos: float = 60, **entorno: str) -> Salida:
    """La orden instalada, en un proceso propio con la memoria contada. TimeoutExpired si no termina por sí sola."""
    limpio = {n: v for n, v in os.environ.items() if not n.startswith("FOCALIZA_")}
    hecho = subprocess.run(
        [str(FOCALIZA), *map(str, argumentos)],
        stdin=subprocess.DEVNULL, capture_output=True, timeout=segundos, env={**limpio, **entorno},
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_AS, (MEMORIA, MEMORIA)),
    )  # fmt: skip
    return Salida(hecho.returncode, hecho.stdout.decode(), hecho.stderr.decode(), hecho.stdout)
