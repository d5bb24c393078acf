"""Un Chromium de verdad ante el expediente: sin faltas de axe ni desborde, de la preliminar a un ajuste con el mismo acuerdo."""

from pathlib import Path

import pytest

from esquemas.catalogo import cargar
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import GORE, sembrar
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_expediente import ACUERDO, observar, responder
from tests.formularios.test_web_navegador import SERCOTEC, Revisor
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import disponible, navegador
from tests.servicios.servidor import servir

EXPEDIENTE = "/regiones/06/2027/expediente/"
DOCUMENTOS = ("acta", "certificado")


@pytest.fixture
def sitio(tmp_path):
    """La dirección de los formularios y su almacén: la región de ejemplo, con su expediente sin empezar."""
    exigir(disponible())
    migrar(url := f"sqlite:///{tmp_path}/focaliza.db")
    almacen, catalogo = Almacen(url), cargar()
    sembrar(almacen, catalogo, AHORA)

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, catalogo, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield f"{direccion}/formularios", almacen
    almacen.cerrar()


def entrar(r, correo):
    r.pagina.context.clear_cookies()
    r.ir("/entrar")
    r.pagina.fill("#correo", correo)
    r.pagina.click("main form button")
    r.ir("/bandeja")
    r.pagina.click("pre a >> nth=0")
    r.pagina.click("main form button")


def hacer(r, acto, foto):
    r.pagina.click("main form button >> nth=-1")
    r.revisar(foto)
    assert r.pagina.locator("text=Quedó hecho").count() == 1, acto


@pytest.mark.parametrize(("ancho", "tema"), [(360, "dark"), (1280, "light")])
def test_de_la_preliminar_al_ajuste(sitio, ancho, tema):
    direccion, almacen = sitio
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, direccion)
        entrar(r, GORE)
        r.ir(EXPEDIENTE)
        r.revisar("expediente")
        r.ir(f"{EXPEDIENTE}preliminar/")
        for alertas in p.locator("details > summary").all():
            alertas.click()
        r.revisar("expediente-preliminar")
        hacer(r, "preliminar", "expediente-comprobante")
        r.ir(f"{EXPEDIENTE}final/")
        r.revisar("expediente-final-espera")
        r.ir(f"{EXPEDIENTE}observar/")
        r.revisar("expediente-ajeno")
        entrar(r, SERCOTEC)
        r.ir(f"{EXPEDIENTE}observar/")
        r.revisar("expediente-observar")
        observar(almacen)
        responder(almacen)

        entrar(r, GORE)
        r.ir(f"{EXPEDIENTE}final/")
        p.click("main form button")
        r.revisar("expediente-final-errores")
        assert p.evaluate("document.activeElement.getAttribute('role')") == "alert"
        for nombre, valor in ACUERDO.items():
            p.fill(f"[name='{nombre}']", valor)
        for nombre in DOCUMENTOS:
            archivo = {"name": f"{nombre}.pdf", "mimeType": "application/pdf", "buffer": f"%PDF-1.7 {nombre}".encode()}
            p.set_input_files(f"#{nombre}", archivo)
        hacer(r, "final", "expediente-final-comprobante")
        entrar(r, SERCOTEC)
        r.ir(f"{EXPEDIENTE}pedir-ajuste/")
        p.fill("#motivo", "Falta la ficha E.")
        hacer(r, "pedir-ajuste", "expediente-ajuste-pedido")

        entrar(r, GORE)
        r.ir(f"{EXPEDIENTE}final/")
        p.click("main form button")
        r.revisar("expediente-ajuste")
        p.check("[name=cual][value=mantener]")
        hacer(r, "final", "expediente-ajuste-hecho")
        r.ir(EXPEDIENTE)
        r.revisar("expediente-completo")
        with p.expect_download() as bajada:
            p.click("a:has-text('Acta de la sesión') >> nth=0")
        assert Path(bajada.value.path()).read_bytes() == b"%PDF-1.7 acta"
