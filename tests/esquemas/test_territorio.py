"""El territorio es el del país: nuestros códigos, nombres y padres contra la referencia del encargo.

Lee los YAML con `yaml.safe_load`, sin pasar por el cargador del proyecto: si alguien quita unas comillas,
`"011"` deja de ser texto y esta prueba lo ve. La referencia vive fuera del repositorio; sin ella se omite,
salvo con `EXIGIR=todo`.
"""

import csv
import os
from pathlib import Path

import pytest
import yaml

from tests.servicios.exigencia import exigir

RAIZ = Path(__file__).resolve().parents[2]
CATALOGOS = RAIZ / "esquemas" / "catalogos"
NIVELES = {"regiones": (16, 2), "provincias": (56, 3), "comunas": (346, 5)}  # cuántos hay y cifras del código


def buscar_referencia():
    """La carpeta `datos/territorio`, o None: la dice FOCALIZA_COMPARTIDO o está subiendo desde aquí."""
    candidatas = [Path(os.environ["FOCALIZA_COMPARTIDO"])] if os.environ.get("FOCALIZA_COMPARTIDO") else []
    candidatas += [carpeta / "shared" for carpeta in Path(__file__).resolve().parents]
    rutas = (c / "datos" / "territorio" for c in candidatas)
    return next((r for r in rutas if (r / "comunas.csv").is_file()), None)


def leer_referencia(archivo):
    with archivo.open(encoding="utf-8", newline="") as entrada:
        return list(csv.DictReader(entrada))


def leer_catalogo(nombre):
    return yaml.safe_load((CATALOGOS / f"{nombre}.yaml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def referencia():
    """Nombre de archivo → filas de la referencia."""
    ruta = buscar_referencia()
    if ruta is None:
        exigir("no está la referencia territorial (shared/datos/territorio o FOCALIZA_COMPARTIDO)")
    return {nombre: leer_referencia(ruta / f"{nombre}.csv") for nombre in NIVELES}


@pytest.mark.parametrize("nombre", NIVELES)
def test_codigos_y_nombres_son_texto(nombre):
    cuantos, cifras = NIVELES[nombre]
    opciones = leer_catalogo(nombre)["opciones"]
    assert len(opciones) == cuantos
    for opcion in opciones:
        valores = [opcion["codigo"], opcion["nombre"], opcion.get("padre", ""), *opcion.get("sinonimos", [])]
        assert all(isinstance(v, str) for v in valores), opcion
        assert len(opcion["codigo"]) == cifras and opcion["codigo"].isdecimal(), opcion
    assert len({o["codigo"] for o in opciones}) == cuantos


@pytest.mark.parametrize(("nombre", "padre"), [("provincias", "regiones"), ("comunas", "provincias")])
def test_todo_padre_existe(nombre, padre):
    catalogo, de_arriba = leer_catalogo(nombre), leer_catalogo(padre)["opciones"]
    assert catalogo["padre"] == padre
    assert {o["padre"] for o in catalogo["opciones"]} == {o["codigo"] for o in de_arriba}


@pytest.mark.parametrize(("nombre", "clave_padre"), [("provincias", "region_id"), ("comunas", "province_id")])
def test_provincias_y_comunas_exactas(referencia, nombre, clave_padre):
    nuestras = [(o["codigo"], o["nombre"], o["padre"]) for o in leer_catalogo(nombre)["opciones"]]
    assert sorted(nuestras) == sorted((f["id"], f["name"], f[clave_padre]) for f in referencia[nombre])


def test_regiones_exactas(referencia):
    """El nombre oficial va en `descripcion`; el corto de la referencia, en `nombre` o en `sinonimos`."""
    opciones = leer_catalogo("regiones")["opciones"]
    assert sorted((o["codigo"], o["descripcion"]) for o in opciones) == sorted(
        (f["id"], f["name"]) for f in referencia["regiones"]
    )
    cortos = {f["id"]: f["short_name"] for f in referencia["regiones"]}
    abreviadas = {o["codigo"]: o["nombre"] for o in opciones if o["nombre"] != cortos[o["codigo"]]}
    assert abreviadas == {"06": "O'Higgins", "11": "Aysén", "12": "Magallanes"}
    assert all(cortos[o["codigo"]] in (o["nombre"], *o["sinonimos"]) for o in opciones)
