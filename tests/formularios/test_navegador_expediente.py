"""Un Chromium de verdad ante el expediente: sin faltas de axe ni desborde, de la preliminar a un ajuste con el mismo acuerdo."""

from pathlib import Path

import pytest
from playwright.sync_api import expect
from sqlalchemy import update

from esquemas.catalogo import cargar
from formularios.almacen import Almacen, migrar
from formularios.almacen_tablas import sesion
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import GORE, sembrar
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_expediente import ACUERDO, observar, responder
from tests.formularios.test_web_navegador import AL_DEDO, CHICOS, SERCOTEC, Revisor
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, disponible, entrar_como, navegador
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
    entrar_como(r.pagina, r.sitio, correo)


def hacer(r, acto, foto):
    apretar(r.pagina, "main form button >> nth=-1")
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
        apretar(p, "main form button")
        r.revisar("expediente-final-errores")
        assert p.evaluate("document.activeElement.getAttribute('role')") == "alert"
        for nombre in DOCUMENTOS:
            archivo = {"name": f"{nombre}.pdf", "mimeType": "application/pdf", "buffer": f"%PDF-1.7 {nombre}".encode()}
            p.set_input_files(f"#{nombre}", archivo)
        apretar(p, "main form button")
        r.revisar("expediente-final-apartados")  # los archivos no se eligen otra vez
        for nombre, valor in ACUERDO.items():
            p.fill(f"[name='{nombre}']", valor)
        hacer(r, "final", "expediente-final-comprobante")
        entrar(r, SERCOTEC)
        r.ir(f"{EXPEDIENTE}pedir-ajuste/")
        r.revisar("expediente-ajuste-sin-pendientes")
        responder(almacen, observacion="Sigue sin explicarse cómo se calculó.")
        r.ir(f"{EXPEDIENTE}pedir-ajuste/")
        p.fill("#motivo", "Falta la ficha E.")
        hacer(r, "pedir-ajuste", "expediente-ajuste-pedido")
        responder(almacen, respuesta="Se explicó.")

        entrar(r, GORE)
        r.ir(f"{EXPEDIENTE}final/")
        apretar(p, "main form button")
        r.revisar("expediente-ajuste")
        p.check("[name=cual][value=mantener]")
        hacer(r, "final", "expediente-ajuste-hecho")
        r.ir(EXPEDIENTE)
        r.revisar("expediente-completo")
        with p.expect_download() as bajada:
            p.click("a:has-text('Acta de la sesión') >> nth=0")
        assert Path(bajada.value.path()).read_bytes() == b"%PDF-1.7 acta"


@pytest.mark.parametrize(("ancho", "tema", "como"), [(360, "dark", "vence"), (1280, "light", "sale")])
def test_al_vencer_la_sesion_lo_escrito_se_guarda_con_un_solo_boton(sitio, ancho, tema, como):
    direccion, almacen = sitio
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, direccion)
        entrar(r, GORE)
        r.ir("/regiones/06/2027/matrices/catastro-actores/nueva/")
        p.fill("#c-institucion", "Cámara de Pichilemu")
        if como == "vence":
            with almacen.escribir() as c:
                c.execute(update(sesion).values(vence_utc=AHORA))
        else:
            otra = p.context.new_page()
            otra.goto(f"{direccion}/cuenta/")
            apretar(otra, 'button:text-is("Salir")')
        apretar(p, 'button:text-is("Guardar la fila")')
        expect(p.get_by_role("heading", name="Su sesión venció")).to_be_visible()
        r.revisar("sesion-vencida")
        assert p.evaluate(CHICOS, AL_DEDO) == []
        with p.context.expect_page() as abierta:
            p.click('a:text-is("Entrar (se abre en otra pestaña)")')
        entrar_como(abierta.value, direccion, GORE)
        apretar(p, 'button:text-is("Intentar de nuevo")')
        r.revisar()
        assert p.locator('tbody tr:has-text("Cámara de Pichilemu")').count() == 1
