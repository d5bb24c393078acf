"""Ninguna dirección ni ancla publicada desaparece: alguien puede haberla citado en un oficio.

`anclas.txt` es la lista, y solo crece. Al agregar páginas:
`ACTUALIZAR_ANCLAS=si .venv/bin/pytest tests/generador/test_anclas.py`.
"""

import os
import re
from pathlib import Path

LISTA = Path(__file__).with_name("anclas.txt")
# Las que Material pone para sí mismo, y los recuadros que numera: nadie las cita.
INTERNA = re.compile(r"__\w+|searchbar|.*-panel")


def publicadas(destino):
    """«/reglamento/4/#a-viii»: cada página y cada ancla de lo construido."""
    salida = set()
    for archivo in destino.rglob("*.html"):
        ruta = f"/{archivo.relative_to(destino).as_posix()}".removesuffix("index.html")
        if ruta.endswith("/"):
            anclas = re.findall(r'<[^>]+\sid="([^"]+)"', archivo.read_text(encoding="utf-8"))
            salida |= {ruta, *(f"{ruta}#{a}" for a in anclas if not INTERNA.fullmatch(a))}
    return salida


def anotadas():
    return set(LISTA.read_text(encoding="utf-8").splitlines())


def perdidas(anotadas, actuales):
    return sorted(anotadas - actuales)


def test_ninguna_ancla_publicada_desaparece(construido):
    actuales = publicadas(construido.destino)
    assert perdidas(anotadas(), actuales) == [], "vuelva a ponerlas: una dirección publicada no se quita"


def test_toda_ancla_nueva_queda_anotada(construido):
    actuales = publicadas(construido.destino)
    if os.environ.get("ACTUALIZAR_ANCLAS") == "si":
        LISTA.write_text("\n".join(sorted(anotadas() | actuales)) + "\n", encoding="utf-8")
    assert sorted(actuales - anotadas()) == [], "anótelas con ACTUALIZAR_ANCLAS=si"


def test_la_lista_puede_fallar(tmp_path):
    (tmp_path / "reglamento/4").mkdir(parents=True)
    pagina = tmp_path / "reglamento/4/index.html"
    pagina.write_text('<h1 id="uno">Uno</h1><input id="__toc"><p id="a-viii">', encoding="utf-8")
    antes = publicadas(tmp_path)
    assert antes == {"/reglamento/4/", "/reglamento/4/#uno", "/reglamento/4/#a-viii"}
    pagina.write_text('<h1 id="uno">Uno</h1>', encoding="utf-8")
    assert perdidas(antes, publicadas(tmp_path)) == ["/reglamento/4/#a-viii"]
    pagina.unlink()
    assert perdidas(antes, publicadas(tmp_path)) == sorted(antes)
