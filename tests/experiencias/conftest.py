"""El viaje de cada carpeta por la base, una sola vez para todas las pruebas."""

from functools import cache

import pytest


@pytest.fixture(scope="session")
def viaje(tmp_path_factory):
    """Da el `Viaje` de una carpeta por su nombre."""
    from tests.experiencias.piloto import viajar  # aquí: un conftest que no se puede importar detiene todas las pruebas

    return cache(lambda carpeta: viajar(carpeta, tmp_path_factory.mktemp(carpeta)))
