"""El sitio construido, en un navegador de verdad: nada sale de casa, nada se desborda y la búsqueda encuentra sin tildes."""

import pytest

# Una página de cada tipo.
PAGINAS = (
    "", "formatos/", "formatos/focalizacion/", "encuestas/actor-clave/", "catalogos/comunas/", "reglamento/", "reglamento/4/",
    "reglamento/completo/", "guia/", "guia/diagnostico/", "normativa/", "observaciones/", "glosario/", "biblioteca/",
    "instrumentos/", "instrumentos/crece/", "calendario/",
    "calendario/2027/", "proyecto/decisiones/", "buscar/",
)  # fmt: skip


@pytest.mark.parametrize("ancho", [360, 1280])
def test_nada_sale_de_casa_ni_se_desborda(navegador, direccion, ancho):
    pedidos, errores = [], []
    with navegador(ancho, 900) as pestana:
        pestana.on("request", lambda pedido: pedidos.append(pedido.url))
        pestana.on("response", lambda r: r.status < 400 or errores.append(f"{r.status} {r.url}"))
        pestana.on("pageerror", lambda error: errores.append(str(error)))
        pestana.on("console", lambda m: m.type != "error" or errores.append(m.text))  # lo que la CSP rehúsa se dice aquí
        for pagina in PAGINAS:
            pestana.goto(direccion + pagina)
            assert pestana.evaluate("document.documentElement.scrollWidth") <= ancho, pagina
    assert [u for u in pedidos if not u.startswith((direccion, "data:", "blob:"))] == []
    assert errores == []


PRIMERO = {
    "resolucion": "/reglamento/", "articulo": "/normativa/", "articulos": "/normativa/", "postulacion": "/instrumentos/",
    "estado": ("/catalogos/estados-", "/proyecto/decisiones/14-estados"),
}  # fmt: skip


@pytest.mark.parametrize("ancho", [360, 1280])
def test_la_busqueda_encuentra_sin_tildes_y_lo_mejor_primero(navegador, direccion, ancho):
    quejas = []
    with navegador(ancho, 900) as pestana:
        pestana.on("console", lambda m: m.type != "error" or quejas.append(m.text))
        for pedido, primero in PRIMERO.items():
            pestana.goto(f"{direccion}buscar/?q={pedido}")
            pestana.wait_for_selector(".pagefind-ui__result-link")
            assert pestana.locator(".pagefind-ui__result-link").first.get_attribute("href").startswith(primero), pedido
            assert pestana.evaluate("document.documentElement.scrollWidth") <= ancho
    assert quejas == []


def test_la_busqueda_se_filtra_por_tipo_y_habla_en_espanol(navegador, direccion):
    with navegador(1280, 900) as pestana:
        pestana.goto(f"{direccion}buscar/?q=resolucion")
        pestana.get_by_label("Observaciones a las fuentes").check()
        pestana.get_by_text("1 resultado encontrado para resolucion").wait_for()
        assert pestana.locator(".pagefind-ui__result-link").first.get_attribute("href").startswith("/observaciones/")
        assert pestana.get_by_role("textbox", name="Buscar en el sitio").count() == 1
        assert "palabras" not in pestana.locator("#buscador").inner_text().lower()


def test_en_papel_siempre_es_oscuro_sobre_blanco(navegador, direccion):
    with navegador(1280, 900) as pestana:
        pestana.emulate_media(media="print", color_scheme="dark")
        pestana.goto(f"{direccion}reglamento/4/")
        assert pestana.evaluate("getComputedStyle(document.querySelector('.oficial p')).color") == "rgb(10, 19, 45)"
        assert not pestana.locator(".md-header").is_visible()


def test_la_letra_es_roboto_y_viene_de_casa(navegador, direccion, construido):
    with navegador(1280, 900) as pestana:
        pestana.goto(f"{direccion}glosario/")
        assert pestana.evaluate("document.fonts.ready.then(() => document.fonts.check('700 16px Roboto', 'ñ'))")
    assert (construido.destino / "estilo/roboto/LICENSE.txt").is_file()


def test_sin_javascript_la_busqueda_es_un_indice(navegador, direccion):
    with navegador(360, 900, javascript=False) as pestana:
        pestana.goto(f"{direccion}buscar/")
        assert pestana.get_by_role("link", name="Crece", exact=True).first.is_visible()


def test_se_copia_la_cita_y_el_enlace_de_un_literal(navegador, direccion):
    with navegador(360, 900) as pestana:
        pestana.context.grant_permissions(["clipboard-read", "clipboard-write"])
        pestana.goto(f"{direccion}reglamento/4/")
        pestana.get_by_role("button", name="Copiar enlace (numeral 4, letra a (Gobierno Regional), viii)").click()
        pestana.get_by_role("button", name="Copiado").wait_for()
        assert pestana.evaluate("navigator.clipboard.readText()") == f"{direccion}reglamento/4/#a-viii"
        pestana.locator("#b1-i").get_by_role("button", name="Copiar cita").click()
        pestana.wait_for_function("navigator.clipboard.readText().then((t) => t.includes('descentralización'))")
        cita = pestana.evaluate("navigator.clipboard.readText()")
        assert cita.startswith("«i. Nombrar a un líder de descentralización,")
        assert "¶" not in cita
        assert "numeral 4, letra b (Directores regionales de Sercotec), i. Texto de consulta: " in cita
        assert cita.endswith("/reglamento/4/#b1-i")


def test_sin_javascript_no_hay_botones_de_copiar(navegador, direccion):
    with navegador(360, 900, javascript=False) as pestana:
        pestana.goto(f"{direccion}reglamento/4/")
        assert pestana.get_by_role("button", name="Copiar").count() == 0
        assert pestana.get_by_text("En simple").first.is_visible()
