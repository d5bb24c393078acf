"""El sitio construido, en un navegador de verdad: nada sale de casa, nada se desborda y la búsqueda encuentra sin tildes."""

import functools
import importlib.util
import os
import threading
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer

import pytest

from generador.__main__ import RAIZ

# Una página de cada tipo.
PAGINAS = (
    "", "formatos/", "formatos/focalizacion/", "encuestas/actor-clave/", "catalogos/comunas/", "reglamento/", "reglamento/4/",
    "reglamento/completo/", "guia/", "normativa/", "observaciones/", "glosario/", "biblioteca/",
    "instrumentos/", "instrumentos/crece/", "calendario/",
    "calendario/2027/", "proyecto/decisiones/", "buscar/",
)  # fmt: skip


@pytest.fixture(scope="module")
def navegador():
    ruta = RAIZ / "tests/servicios/navegador.py"
    especificacion = importlib.util.spec_from_file_location("navegador_de_pruebas", ruta)
    modulo = importlib.util.module_from_spec(especificacion)
    especificacion.loader.exec_module(modulo)
    if razon := modulo.disponible():
        if os.environ.get("EXIGIR") == "todo":
            pytest.fail(razon)
        pytest.skip(razon)
    return modulo.navegador


class Callado(SimpleHTTPRequestHandler):
    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def direccion(construido):
    servidor = ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Callado, directory=str(construido.destino)))
    hilo = threading.Thread(target=servidor.serve_forever)
    hilo.start()
    yield f"http://127.0.0.1:{servidor.server_port}/"
    servidor.shutdown()
    hilo.join()
    servidor.server_close()


@pytest.mark.parametrize("ancho", [360, 1280])
def test_nada_sale_de_casa_ni_se_desborda(navegador, direccion, ancho):
    pedidos, errores = [], []
    with navegador(ancho, 900) as pestana:
        pestana.on("request", lambda pedido: pedidos.append(pedido.url))
        pestana.on("response", lambda r: r.status < 400 or errores.append(f"{r.status} {r.url}"))
        pestana.on("pageerror", lambda error: errores.append(str(error)))
        for pagina in PAGINAS:
            pestana.goto(direccion + pagina)
            assert pestana.evaluate("document.documentElement.scrollWidth") <= ancho, pagina
    assert [u for u in pedidos if not u.startswith((direccion, "data:", "blob:"))] == []
    assert errores == []


def test_la_busqueda_encuentra_sin_tildes(navegador, direccion):
    with navegador(1280, 900) as pestana:
        for pedido in ("resolucion", "articulo", "postulacion", "estado", "articulos"):
            pestana.goto(f"{direccion}buscar/?q={pedido}")
            pestana.wait_for_selector(".pagefind-ui__result-link")


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
