"""`make medir`: mide todo y escribe `sitio/proyecto/medidas.md`. Ninguna cifra de esa página se escribe a mano.

Cada medida corre en su propio proceso, para que la memoria de una no pese en otra: `python -m banco validar` hace una sola.
"""

import json
import subprocess
import sys
import tempfile
from pathlib import Path

from banco import encuesta, exportar, matriz, pagina, planilla, recibir, sitio, validar
from banco.pares import LUGAR

RAIZ = Path(__file__).resolve().parents[1]
DESTINO = RAIZ / "sitio" / "proyecto" / "medidas.md"
MEDIDAS = {
    "validar": lambda _: validar.medir(),
    "planilla": lambda _: planilla.medir(),
    "recibir": recibir.medir,
    "encuesta": encuesta.medir,
    "matriz": matriz.medir,
    "exportar": exportar.medir,
    "sitio": sitio.medir,
}


def medir(nombre: str) -> None:
    # En el disco del proyecto y no en /tmp, que a veces es memoria: ahí confirmar no costaría nada.
    with tempfile.TemporaryDirectory(dir=LUGAR) as carpeta:
        medida = MEDIDAS[nombre](Path(carpeta))
    _archivo(nombre).write_text(json.dumps(medida, indent=2), encoding="utf-8")


def medir_todo() -> None:
    for nombre in MEDIDAS:
        print(f"Midiendo: {nombre}…", flush=True)
        subprocess.run([sys.executable, "-m", "banco", nombre], check=True, cwd=RAIZ)
    medidas = {nombre: json.loads(_archivo(nombre).read_text(encoding="utf-8")) for nombre in MEDIDAS}
    DESTINO.write_text(pagina.escribir(medidas), encoding="utf-8")
    print(f"Escrito: {DESTINO}")


def _archivo(nombre: str) -> Path:
    return LUGAR / f"{nombre}.json"


if __name__ == "__main__":
    LUGAR.mkdir(parents=True, exist_ok=True)
    if len(sys.argv) > 1:
        medir(sys.argv[1])
    else:
        medir_todo()
