"""axe sobre una página de cada tipo, a 360 y 1280 px, en claro y en oscuro: ninguna falta.

Los tipos salen de lo que se genera y de las carpetas escritas a mano: una página nueva entra sola.
"""

import pytest

from generador.paginas import lista
from tests.servicios.accesibilidad import NORMAS, faltas_de_axe

TEMAS = {"light": NORMAS, "dark": ("color-contrast", "link-in-text-block")}  # lo oscuro solo cambia los colores


def una_de_cada_tipo(catalogo, a_mano):
    """La dirección de la primera página de cada tipo: su carpeta y su plantilla o, si está escrita a mano, su hondura."""
    tipos = {}
    for pagina in lista(catalogo):
        tipos.setdefault((pagina.archivo.partition("/")[0], pagina.plantilla), pagina.archivo)
    for ruta in sorted(r for r in a_mano if r.endswith(".md")):
        tipos.setdefault((ruta.partition("/")[0], ruta.count("/"), ruta.endswith("index.md")), ruta)
    return [f"{a.removesuffix('.md')}/".removesuffix("index/") for a in tipos.values()] + ["buscar/?q=resolucion"]


@pytest.mark.parametrize("ancho", [360, 1280])
@pytest.mark.parametrize("tema", TEMAS)
def test_axe_no_encuentra_nada_en_una_pagina_de_cada_tipo(navegador, direccion, catalogo, a_mano, tema, ancho):
    faltas = []
    with navegador(ancho, 900) as pestana:
        pestana.emulate_media(color_scheme=tema)
        for pagina in una_de_cada_tipo(catalogo, a_mano):
            pestana.goto(direccion + pagina)
            if "?q=" in pagina:
                pestana.wait_for_selector(".pagefind-ui__result-link")
            assert pestana.locator("body").get_attribute("data-md-color-scheme") == ("slate" if tema == "dark" else "default")
            assert pestana.evaluate("document.documentElement.scrollWidth") <= ancho, pagina
            faltas += faltas_de_axe(pestana, TEMAS[tema])
    assert faltas == []


@pytest.mark.parametrize(
    ("roto", "regla"),
    [("document.querySelector('h1').style.color = '#ddd'", "color-contrast"), ("document.title = ''", "document-title")],
)
def test_axe_puede_fallar(navegador, direccion, roto, regla):
    with navegador(360, 900) as pestana:
        pestana.goto(f"{direccion}glosario/")
        pestana.evaluate(roto)
        assert any(regla in f for f in faltas_de_axe(pestana))
