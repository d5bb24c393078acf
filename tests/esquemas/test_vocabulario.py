"""Agrupar por palabra: raíz en español, tildes indiferentes, y cuenta respuestas y no apariciones."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esquemas.vocabulario import Dicho, agrupar, raiz_de
from tests.esquemas.fabrica import RAPIDO


def dichos(*textos):
    """Cada texto, de una respuesta distinta; «folio|texto» para repetir respuesta."""
    partes = [t.split("|") if "|" in t else [f"f{i}", t] for i, t in enumerate(textos)]
    return [Dicho(folio, "t", i, texto) for i, (folio, texto) in enumerate(partes, 1)]


def cuenta(*textos, omite=()):
    return [(p.nombre, p.respuestas) for p in agrupar(dichos(*textos), omite)[0]]


@pytest.mark.parametrize(
    "juntas",
    [
        ("capacitación", "CAPACITACION", "capacitaciones", "Capacitación"),
        ("economía", "economia", "Economías"),
        ("venta", "ventas"),
        ("región", "regiones", "region"),
        ("agrícola", "agricolas"),
        ("camión", "camiones"),
    ],
)
def test_una_palabra_en_todas_sus_formas(juntas):
    assert len({raiz_de(p) for p in juntas}) == 1


def test_la_ene_no_es_una_ene_con_tilde():
    assert raiz_de("caña") != raiz_de("cana")
    assert raiz_de("campaña") != raiz_de("campana")


def test_cuenta_respuestas_distintas_y_no_apariciones():
    assert cuenta("a|Agua, agua y más agua", "a|Agua otra vez", "b|Sin agua") == [("agua", 2)]


def test_se_muestra_la_forma_mas_usada_y_en_empate_la_primera_del_abecedario():
    assert cuenta("ventas ventas", "la venta") == [("ventas", 2)]
    assert cuenta("comercializacion", "comercialización") == [("comercializacion", 2)]


def test_de_la_mas_frecuente_a_la_menos():
    assert cuenta("riego y turismo", "turismo", "turismo y riego", "ñandú", "agua de riego", "El agua") == [
        ("riego", 3),
        ("turismo", 3),
        ("agua", 2),
    ]


def test_las_palabras_vacias_y_las_omitidas_no_agrupan():
    assert cuenta("Porque también están para", "Porque también están para") == []
    assert cuenta("la región tiene riego", "las regiones y el riego", omite=["Región"]) == [("riego", 2)]


def test_lo_que_no_comparte_nada_queda_suelto_y_nada_se_pierde():
    todos = dichos("Falta agua", "No hay agua", "Un caso único", "2026 y 15%")
    palabras, sueltos = agrupar(todos)
    assert [(p.nombre, p.dichos) for p in palabras] == [("agua", tuple(todos[:2]))]
    assert sueltos == tuple(todos[2:])
    assert agrupar([]) == ((), ())


@RAPIDO
@given(st.lists(st.tuples(st.sampled_from("abc"), st.text(max_size=60)), max_size=12), st.lists(st.text(max_size=8), max_size=3))
def test_con_cualquier_texto_cada_dicho_sale_y_las_cuentas_calzan(pares, omite):
    todos = [Dicho(folio, "t", i, texto) for i, (folio, texto) in enumerate(pares)]
    palabras, sueltos = agrupar(todos, omite)
    assert {d for p in palabras for d in p.dichos} | set(sueltos) == set(todos)
    for p in palabras:
        assert p.respuestas == len({d.folio for d in p.dichos}) >= 2
        assert not set(p.dichos) & set(sueltos)
    assert [p.respuestas for p in palabras] == sorted((p.respuestas for p in palabras), reverse=True)
