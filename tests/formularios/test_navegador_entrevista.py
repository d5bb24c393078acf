"""La entrevista y lo rebotado en un Chromium de verdad: axe, 360 y 1280 px, claro y oscuro, y lo que se borra al salir."""

from pathlib import Path

import pytest
from playwright.sync_api import expect

from esquemas.catalogo import cargar
from formularios import bandeja
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.convocatoria import invitar
from formularios.demostracion import EJERCICIO, GORE, REGION, sembrar
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_navegador import SEGUIR, Revisor
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, disponible, entrar_como, navegador
from tests.servicios.servidor import servir

CATALOGO = cargar()
LUGAR = f"/regiones/{REGION}/{EJERCICIO}"
JUNTA = "Agrupación de Artesanas y Artesanos de la Cordillera y de las Localidades Apartadas del Valle Central"


@pytest.fixture
def sitio(tmp_path):
    """La dirección de los formularios. Del catastro, a ACT-01 se le invitó y el correo rebotó."""
    exigir(disponible())
    url = f"sqlite:///{tmp_path}/focaliza.db"
    migrar(url)
    almacen = Almacen(url)
    sembrar(almacen, CATALOGO, AHORA)
    redactar = {"redactar": lambda *_: ("A", "B"), "autor": "x", "ahora_utc": AHORA}
    invitar(almacen, CATALOGO.esquemas["actor-clave"], REGION, EJERCICIO, ["ACT-01"], **redactar)
    (mensaje,) = bandeja.tomar(almacen, ahora_utc=AHORA)
    bandeja.marcar_fallido(almacen, mensaje, error="SMTPRecipientsRefused 550", definitivo=True, ahora_utc=AHORA)

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield f"{direccion}/formularios"
    almacen.cerrar()


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (360, "dark"), (1280, "dark")])
def test_la_entrevista_por_pantalla(sitio, ancho, tema):
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, sitio)
        entrar_como(p, sitio, GORE)
        p.goto(f"{sitio}{LUGAR}/invitaciones/actor-clave/")
        r.revisar(f"rebotado-{tema}")
        apretar(p, 'button[value="reenviar:ACT-01"]')
        r.revisar()
        apretar(p, 'a:has-text("Entrevistar a otra institución")')
        r.revisar(f"afuera-{tema}")
        apretar(p, 'main button:text-is("Comenzar la entrevista")')
        r.revisar(f"sin-aceptar-{tema}")
        assert p.evaluate("document.activeElement.getAttribute('role')") == "alert"
        p.fill("#nombre", JUNTA)
        p.check("#acepto")
        apretar(p, 'main button:text-is("Comenzar la entrevista")')
        r.revisar(f"seccion-{tema}")
        expect(p.locator(".franja")).to_contain_text("Usted responde en nombre de: Agrupación de Artesanas")
        p.fill("#c-nombre_institucion", "Agrupación de Artesanas")
        p.select_option("#c-tipo_institucion", "gremio")
        p.fill("#g-representantes-0-nombre", "Persona de ejemplo")
        p.fill("#g-representantes-0-correo", "a@ejemplo.cl")
        apretar(p, SEGUIR)
        apretar(p, 'button:text-is("Guardar y salir")')
        r.revisar(f"pausa-{tema}")
        p.goto(f"{sitio}{LUGAR}/invitaciones/actor-clave/")
        r.revisar(f"invitaciones-{tema}")
        apretar(p, 'a:has-text("seguir la entrevista")')
        r.revisar(f"seguir-{tema}")
        p.check("#acepto")
        apretar(p, 'main button:text-is("Seguir la entrevista")')
        r.revisar(f"revisar-{tema}")
        p.goto(f"{sitio}/encuestas/actor-clave/llenar/interes-conjunto/")
        p.check("#c-interes_alianza")
        apretar(p, SEGUIR)
        p.goto(f"{sitio}/encuestas/actor-clave/revisar/")
        apretar(p, 'button:text-is("Enviar")')
        r.revisar(f"comprobante-{tema}")
        dicho = "Respondida en entrevista por un profesional del Gobierno Regional de O'Higgins"
        expect(p.locator("main")).to_contain_text(dicho)


def test_al_salir_no_queda_nada_en_el_equipo(sitio):
    """Lo que no alcanzó a guardarse queda copiado en el equipo: al salir de la sesión, también se borra."""
    with navegador(360, 800) as p:
        r = Revisor(p, sitio)
        entrar_como(p, sitio, GORE)
        p.goto(f"{sitio}{LUGAR}/entrevistas/actor-clave/?codigo=ACT-01")
        p.check("#acepto")
        apretar(p, 'main button:text-is("Comenzar la entrevista")')
        # Solo lo que se guarda no llega; el botón «Salir», sí.
        p.route("**/llenar/**", lambda ruta: ruta.abort("internetdisconnected"))
        p.fill("#c-nombre_institucion", "Lo que dijo la persona")
        expect(p.locator(".franja [role=status]")).to_contain_text("Sin conexión")
        assert "Lo que dijo la persona" in p.evaluate("JSON.stringify(localStorage)")
        apretar(p, 'button:text-is("Salir")')
        assert p.evaluate("localStorage.length") == 0
        p.goto(f"{sitio}/encuestas/actor-clave/revisar/")
        r.revisar("despues-de-salir")
        expect(p.locator("h1")).to_have_text("No está su borrador en este equipo")


def test_sin_javascript_y_por_teclado(sitio):
    with navegador(360, 800, javascript=False) as p:
        entrar_como(p, sitio, GORE)
        p.goto(f"{sitio}{LUGAR}/entrevistas/actor-clave/?codigo=ACT-01")
        p.locator("#acepto").focus()
        p.keyboard.press("Space")
        p.keyboard.press("Tab")
        with p.expect_navigation():
            p.keyboard.press("Enter")
        expect(p.locator(".franja")).to_contain_text("Usted responde en nombre de: Red de Talleres de Ejemplo")
