"""Validar un CSV frente a otros: caliente, con 100.000 filas; y en proceso frío, con 10.000."""

import importlib
import subprocess
import sys
from pathlib import Path
from typing import Any

from banco.medida import intercalar
from banco.pares import LUGAR, PARES
from banco.publicar import publicar
from banco.tablas import tabla

FILAS, FILAS_EN_FRIO, MALAS = 100_000, 10_000, 1
RONDAS, RONDAS_EN_FRIO = 5, 7
RAIZ = Path(__file__).resolve().parents[1]
_EN_FRIO = "import sys; from pathlib import Path; from banco.pares import {0} as par; par.malas(Path(sys.argv[1]).read_bytes())"


def medir() -> dict[str, Any]:
    publicar()
    datos, malas = tabla(FILAS, MALAS)
    pares = {nombre: importlib.import_module(f"banco.pares.{nombre}") for nombre in PARES}
    halladas = {nombre: par.malas(datos) for nombre, par in pares.items()}
    caliente = intercalar(
        {nombre: lambda par=par: par.malas(datos) for nombre, par in pares.items()},
        {nombre: 3 if nombre == "con_frictionless" else RONDAS for nombre in pares},
    )
    archivo = LUGAR / "en_frio.csv"
    archivo.write_bytes(tabla(FILAS_EN_FRIO, MALAS)[0])
    frio = intercalar(
        {nombre: lambda nombre=nombre: _correr_en_frio(nombre, archivo) for nombre in PARES},
        {nombre: 3 if nombre == "con_frictionless" else RONDAS_EN_FRIO for nombre in PARES},
    )
    return {"malas": len(malas), "halladas": halladas, "caliente": caliente, "frio": frio, "bytes": len(datos)}


def _correr_en_frio(nombre: str, archivo: Path) -> None:
    subprocess.run([sys.executable, "-c", _EN_FRIO.format(nombre), str(archivo)], check=True, cwd=RAIZ)
