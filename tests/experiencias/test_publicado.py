"""Lo que se exige a toda página con datos y a todo archivo publicado: muestra lo suyo, y no nombra a nadie."""

import re
from html import unescape

import pytest

from esquemas.revision import Contexto
from formularios.lector import leer_archivo
from generador.tabla_de_datos import insertar_tablas
from tests.experiencias.piloto import BIBLIOTECA, CARPETAS, CASOS, CATALOGO, EXPERIENCIAS, pagina, validar

RUTAS = sorted(r for raiz in (EXPERIENCIAS, BIBLIOTECA) for r in raiz.rglob("*") if r.is_file())

_CARGO = (
    r"(?:Jef[ea]|Director|Gerente|Ejecutiv[oa]|Profesional|Coordinador|Asesor|Administrador|Secretari[oa]|L[ií]der|Consultor)"
)
_PALABRA = r"[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+"
DE_PERSONA = {
    "correo": r"@",
    "rut": r"\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b",
    "firma": rf"{_PALABRA}(?: {_PALABRA}){{1,3}}\.?,?\s+{_CARGO}",
    "autoría": rf"{_CARGO}[^.\n:]*: *{_PALABRA} {_PALABRA}",
}


@pytest.mark.parametrize("carpeta", CARPETAS)
def test_la_pagina_muestra_sus_tablas_y_enlaza_sus_archivos(carpeta):
    texto, puesta = pagina(carpeta)
    assert "<!--" not in puesta and puesta.count("\n| ") + puesta.count("<dt>") > texto.count("\n| ")
    assert [a.name for a in CARPETAS[carpeta].iterdir() if a.name != "index.md" and f"]({a.name})" not in puesta] == []
    tablas = [c.filas for c in CASOS.values() if c.carpeta.name == carpeta and len(c.filas) > 1]  # una ficha va por partes
    assert [f["codigo"] for filas in tablas for f in filas if f"\n| {f['codigo']} | " not in puesta] == []
    enunciados = [f["enunciado"] for filas in tablas for f in filas if "enunciado" in f]
    assert [e for e in enunciados if f"| {e} |" not in puesta] == []


@pytest.mark.parametrize("carpeta", CARPETAS)
def test_lo_de_una_sola_fila_se_lee_entero_y_sin_tabla(carpeta):
    """Una ficha de veinte columnas no cabe en un teléfono: va como lista de definiciones, con todos sus valores."""
    _, puesta = pagina(carpeta)
    fichas = [(c.esquema, c.filas[0]) for c in CASOS.values() if c.carpeta.name == carpeta and len(c.filas) == 1]
    leible = re.sub(r"<[^>]+>", "", unescape(puesta))
    for esquema, ficha in fichas:
        libres = [c.nombre for c in CATALOGO.esquemas[esquema].campos if c.tipo == "parrafo" and ficha[c.nombre]]
        assert libres
        partes = [re.sub(r"^\d+\. ", "", linea) for c in libres for linea in ficha[c].split("\n")]
        assert [p for p in partes if p not in leible] == []


@pytest.mark.parametrize("caso", CASOS.values(), ids=CASOS)
def test_cada_csv_se_descarga_para_programas_y_para_excel_con_sus_excepciones(caso):
    producidos = {}
    texto = (caso.carpeta / "index.md").read_text(encoding="utf-8")
    puesta = insertar_tablas(texto, lambda ruta: (caso.carpeta / ruta).read_bytes(), CATALOGO, producidos)
    nombre = caso.archivo.name
    (linea,) = (x for x in puesta.split("\n") if x.startswith("- **") and f"]({nombre})" in x)
    excel = nombre.removesuffix(".csv") + "-excel.csv"
    assert f"]({excel})" in linea and f"](/descargas/esquemas/{caso.esquema}.json)" in linea
    registradas = f"[{len(caso.registradas)}, con su razón]({caso.excepciones.name})" if caso.excepciones else "ninguna"
    assert linea.endswith(f"Excepciones registradas: {registradas}.")
    leido = validar(caso.esquema, leer_archivo(producidos[excel], excel), Contexto(excepciones=caso.registradas))
    assert leido.como_dict(caso.esquema) == caso.filas  # el de Excel vuelve a entrar y dice lo mismo


@pytest.mark.parametrize("ruta", RUTAS, ids=lambda r: f"{r.parent.name}/{r.name}")
def test_ninguna_persona(ruta):
    texto = ruta.read_text(encoding="utf-8")
    assert {que: hallado[0] for que, patron in DE_PERSONA.items() if (hallado := re.search(patron, texto))} == {}


@pytest.mark.parametrize(
    ("que", "texto"),
    [
        ("correo", "nombre.apellido@ejemplo.cl"),
        ("rut", "11.111.111-1"),
        ("firma", "Nombre Apellido\nJefe División de Ejemplo"),
        ("firma", "Nombre Segundo Apellido\nProfesional de Ejemplo"),
        ("autoría", "Consultor Principal: Nombre Apellido"),
    ],
)
def test_los_patrones_de_persona_atrapan(que, texto):
    assert re.search(DE_PERSONA[que], texto)
