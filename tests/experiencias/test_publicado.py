"""Lo que se exige a toda página con datos y a todo archivo publicado: muestra lo suyo, y no nombra a nadie."""

import re

import pytest

from tests.experiencias.piloto import BIBLIOTECA, CARPETAS, CASOS, EXPERIENCIAS, pagina

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
    assert "<!--" not in puesta and puesta.count("\n| ") > texto.count("\n| ")
    assert [a.name for a in CARPETAS[carpeta].iterdir() if a.name != "index.md" and f"]({a.name})" not in texto] == []
    tablas = [c.filas for c in CASOS.values() if c.carpeta.name == carpeta and len(c.filas) > 1]  # una ficha va por partes
    assert [f["codigo"] for filas in tablas for f in filas if f"\n| {f['codigo']} | " not in puesta] == []
    enunciados = [f["enunciado"] for filas in tablas for f in filas if "enunciado" in f]
    assert [e for e in enunciados if f"| {e} |" not in puesta] == []


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
