"""Lo que una prueba necesita de la máquina."""

import os

import pytest


def exigir(falta: str | None) -> None:
    """Omite la prueba si `falta` algo, con su razón; con EXIGIR=todo, la hace fallar."""
    if falta:
        (pytest.fail if os.environ.get("EXIGIR") == "todo" else pytest.skip)(falta)
