"""Los gráficos: proporción, textos escapados, y lo que no consta no es cero."""

from xml.etree import ElementTree

import pytest

from esquemas.graficos import barras


def leer(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_las_barras_guardan_la_proporcion_y_llevan_titulo_y_descripcion():
    dibujo = leer(barras("Presupuesto", "Por instrumento", [("Crece", 200), ("Redes", 50)], lambda n: f"$ {n}"))
    anchos = [float(r.get("width")) for r in dibujo.iter("rect")]
    assert anchos[0] == pytest.approx(4 * anchos[1], rel=0.01)
    assert [dibujo.find("title").text, dibujo.find("desc").text] == ["Presupuesto", "Por instrumento"]
    assert [t.text for t in dibujo.iter("text")] == ["Crece", "$ 200", "Redes", "$ 50"]


def test_lo_que_no_consta_se_dice_y_no_es_un_cero():
    textos = [t.text for t in leer(barras("t", "d", [("Juntos", None), ("Crece", 0)])).iter("text")]
    assert textos == ["Juntos", "No consta", "Crece", "0"]


def test_un_nombre_con_signos_no_rompe_el_dibujo():
    dibujo = leer(barras("<t>", "&", [('"<script>"', 1)]))
    assert next(dibujo.iter("text")).text == '"<script>"'


@pytest.mark.parametrize("datos", [[], [("a", -1)]])
def test_sin_datos_o_con_negativos_no_hay_grafico(datos):
    with pytest.raises(ValueError):
        barras("t", "d", datos)
