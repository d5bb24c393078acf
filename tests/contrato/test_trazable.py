"""Todo lo que el sitio afirma se puede seguir hasta una fuente: recorre los YAML tal como están, sin pasar por el cargador.

Exige `norma` propia a cada campo, regla, hito, deber, monto, tope, requisito, pregunta, sección y nota; a cada archivo que no
sea una norma; y que toda cifra tenga una en lo que la contiene. Y que el cargador rechace un YAML al que se le quite.
"""

import copy
import re

import pytest
import yaml

from esquemas.catalogo import CARPETA, cargar
from esquemas.errores import EsquemaInvalido

CON_NORMA_PROPIA = {
    "fields", "reglas", "secciones", "hitos", "deberes", "montos", "tope_por_beneficiario", "requisitos", "preguntas", "notas",
    "dicen",
}  # fmt: skip
SIN_NORMA_ARRIBA = {"notas", "esquemas"}  # la lleva cada nota, cada hito y cada pregunta
ARCHIVOS = sorted(a for a in CARPETA.rglob("*.yaml") if a.parent.name != "normativa")  # una norma es la fuente


def ruta(archivo):
    return archivo.relative_to(CARPETA).as_posix()


def leer(archivo):
    return yaml.safe_load(archivo.read_text(encoding="utf-8"))


def nodos(nodo, lugar=(), arriba=()):
    """(lugar, nodo, los diccionarios que lo contienen), de todo el YAML."""
    yield lugar, nodo, arriba
    if isinstance(nodo, dict):
        for clave, valor in nodo.items():
            yield from nodos(valor, (*lugar, clave), (*arriba, nodo))
    elif isinstance(nodo, list):
        for i, valor in enumerate(nodo):
            yield from nodos(valor, (*lugar, i), arriba)


def normas(nodo):
    propias = nodo.get("norma") or []
    return [propias] if isinstance(propias, str) else propias


def lo_suyo(lugar):
    """El último nombre del lugar: («fields», 3) → «fields»."""
    return next((p for p in reversed(lugar) if isinstance(p, str)), "")


def sin_fuente(dato, exige_arriba):
    """Los lugares que afirman algo y no dicen de dónde sale."""
    faltan = ["el archivo"] if exige_arriba and not normas(dato) else []
    for lugar, nodo, arriba in nodos(dato):
        afirma = isinstance(nodo, dict) and lo_suyo(lugar) in CON_NORMA_PROPIA
        es_cifra = type(nodo) is int and lo_suyo(lugar) != "orden"
        if (afirma and not normas(nodo)) or (es_cifra and not any(normas(a) for a in arriba)):
            faltan.append(".".join(map(str, lugar)))
    return faltan


@pytest.mark.parametrize("archivo", ARCHIVOS, ids=ruta)
def test_todo_dice_de_donde_sale(archivo):
    assert sin_fuente(leer(archivo), archivo.parent.name not in SIN_NORMA_ARRIBA) == []


def test_toda_norma_citada_existe():
    catalogo = cargar()
    citadas = {r for a in ARCHIVOS for _, nodo, _ in nodos(leer(a)) if isinstance(nodo, dict) for r in normas(nodo)}
    assert len(citadas) > 100
    assert all(catalogo.citar(r).url for r in citadas)


def ejemplares():
    """El primer lugar de cada clase que debe llevar norma: (archivo, lugar)."""
    vistos = {}
    for archivo in ARCHIVOS:
        for lugar, nodo, _ in nodos(leer(archivo)):
            if isinstance(nodo, dict) and (lo_suyo(lugar) in CON_NORMA_PROPIA or (not lugar and "norma" in nodo)):
                vistos.setdefault((archivo.parent.name, lo_suyo(lugar)), (archivo, lugar))
    return vistos


EJEMPLARES = ejemplares()


@pytest.mark.parametrize("clase", EJEMPLARES, ids=lambda c: "-".join(c).strip("-"))
def test_quitar_una_norma_se_nota_aqui(clase):
    archivo, lugar = EJEMPLARES[clase]
    dato = copy.deepcopy(leer(archivo))
    nodo = dato
    for paso in lugar:
        nodo = nodo[paso]
    del nodo["norma"]
    assert sin_fuente(dato, archivo.parent.name not in SIN_NORMA_ARRIBA) != []


def test_el_cargador_tampoco_acepta_un_campo_sin_norma(tmp_path):
    for archivo in CARPETA.rglob("*.yaml"):
        copia = tmp_path / ruta(archivo)
        copia.parent.mkdir(exist_ok=True)
        copia.write_bytes(archivo.read_bytes())
    formato = next((tmp_path / "formatos").glob("*.yaml"))
    antes, campos = formato.read_text(encoding="utf-8").split("\nfields:\n", 1)
    campos = re.sub(r"\n *norma: .*", "", campos, count=1)
    formato.write_text(f"{antes}\nfields:\n{campos}", encoding="utf-8")
    with pytest.raises(EsquemaInvalido, match="norma"):
        cargar(tmp_path)
