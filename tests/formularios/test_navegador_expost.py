"""En un Chromium de verdad, a 360 y 1280 px: lo anónimo, lo cerrado a mitad y la versión que cambia. axe sin faltas."""

import copy
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace

import pytest

from esquemas.catalogo import cargar
from esquemas.lectura_esquema import leer_esquema
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.convocatoria import Convocatoria, cambiar_convocatoria
from formularios.demostracion import GORE, sembrar
from tests.formularios.conftest import AHORA
from tests.formularios.test_anonima import ENCUESTA, RESPUESTA, cargar_catastro
from tests.formularios.test_web_navegador import SEGUIR, Revisor
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, disponible, entrar_como, navegador
from tests.servicios.servidor import servir

CIERRE = AHORA + timedelta(hours=5)
PANTALLAS = pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (360, "dark")])


@pytest.fixture
def mundo(tmp_path):
    """Una web con la hora y el catálogo en la mano de la prueba."""
    exigir(disponible())
    migrar(url := f"sqlite:///{tmp_path}/focaliza.db")
    almacen, catalogo, reloj = Almacen(url), cargar(), SimpleNamespace(ahora=AHORA)
    sembrar(almacen, catalogo, AHORA)
    for nombre in ("actor-clave", "evaluacion-expost"):
        abierta = Convocatoria(nombre, "06", 2027, publica=True, cierra_utc=CIERRE)
        cambiar_convocatoria(almacen, abierta, autor="prueba", ahora_utc=AHORA)
    mundo = SimpleNamespace(almacen=almacen, catalogo=catalogo, reloj=reloj)

    def armar(direccion):
        mundo.sitio = f"{direccion}/formularios"
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=tmp_path / "no-existe", demo=True)
        mundo.app = crear_app(configuracion, catalogo, almacen, lambda: reloj.ahora)
        return mundo.app

    with servir(armar):
        yield mundo
    almacen.cerrar()


def comenzar(p, sitio, encuesta):
    p.goto(f"{sitio}/encuestas/{encuesta}/?region=06&ejercicio=2027")
    apretar(p, 'main form button:text-is("Comenzar")')


@PANTALLAS
def test_la_anonima_de_la_portada_al_comprobante(mundo, ancho, tema):
    cargar_catastro(mundo.almacen, 2027, AHORA)
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, mundo.sitio)
        p.goto(f"{mundo.sitio}/encuestas/evaluacion-expost/?region=06&ejercicio=2027")
        r.revisar(f"anonima-portada-{tema}")
        apretar(p, 'main form button:text-is("Comenzar")')
        for seccion in ENCUESTA.secciones:
            p.goto(f"{mundo.sitio}/encuestas/evaluacion-expost/llenar/{seccion.nombre}/")
            for nombre in (n for n in seccion.contenido if n in RESPUESTA):
                control = p.locator(f'select[name="c.{nombre}"], [name="c.{nombre}"][value="{RESPUESTA[nombre]}"]')
                es_lista = control.evaluate("c => c.tagName") == "SELECT"
                control.select_option(RESPUESTA[nombre]) if es_lista else control.check()
            apretar(p, SEGUIR)
        r.revisar(f"anonima-revisar-{tema}")
        assert p.get_by_text("Después de enviar no podrá corregir").is_visible()
        apretar(p, 'button:text-is("Enviar")')
        p.locator(".folio").wait_for()
        r.revisar(f"anonima-comprobante-{tema}")
        assert p.evaluate("Object.keys(localStorage).length") == 0
        folio = p.locator(".folio").inner_text()
        r.ir(f"/verificar/{folio}")
        p.goto(f"{mundo.sitio}/encuestas/evaluacion-expost/revisar/")
        r.revisar(f"anonima-sin-borrador-{tema}")
        entrar_como(p, r.sitio, GORE)
        p.goto(f"{mundo.sitio}/regiones/06/2027/invitaciones/evaluacion-expost/")
        apretar(p, 'button:text-is("Invitar a los marcados"):not(.por-omision)')
        p.click("text=Código QR de la dirección abierta")
        r.revisar(f"anonima-tablero-{tema}")


@PANTALLAS
def test_cerrada_a_mitad_del_llenado(mundo, ancho, tema):
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, mundo.sitio)
        comenzar(p, mundo.sitio, "actor-clave")
        mundo.reloj.ahora = CIERRE
        p.fill("#c-nombre_institucion", "Cámara de Ñuñoa")
        p.locator(".franja [role=status]", has_text="ya no se puede enviar").wait_for()
        r.revisar(f"cerrada-al-escribir-{tema}")
        apretar(p, 'button:text-is("Guardar y salir")')
        p.get_by_text("Nada de lo que escribió se perdió").wait_for()
        r.revisar(f"cerrada-pausa-{tema}")
        apretar(p, "text=leerlo entero e imprimirlo")
        assert p.get_by_text("Cámara de Ñuñoa").is_visible() and not p.locator('button:text-is("Enviar")').count()
        r.revisar(f"cerrada-lo-escrito-{tema}")
        with p.expect_download() as bajada:
            p.click("text=descargarlo como texto")
        assert "Cámara de Ñuñoa" in bajada.value.path().read_text(encoding="utf-8")
        r.ir("/encuestas/actor-clave/llenar/informacion-general/")


@PANTALLAS
def test_la_encuesta_cambia_mientras_se_llena(mundo, ancho, tema):
    esquema = mundo.catalogo.esquemas["actor-clave"]
    descriptor = copy.deepcopy(esquema.descriptor)
    descriptor["version"] = "9.0.0"
    descriptor["cambios"].append({"version": "9.0.0", "fecha": "2026-11-21", "description": "Otra."})
    descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] != "representantes"]
    for s in descriptor["secciones"]:
        s["contenido"] = [n for n in s["contenido"] if n != "representantes"]
    nueva = leer_esquema(descriptor, "encuestas/actor-clave.yaml", "encuesta")
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, mundo.sitio)
        comenzar(p, mundo.sitio, "actor-clave")
        catalogo = replace(mundo.catalogo, esquemas={**mundo.catalogo.esquemas, "actor-clave": nueva})
        mundo.app.extensions["focaliza"] = replace(mundo.app.extensions["focaliza"], catalogo=catalogo)
        p.fill("#c-nombre_institucion", "Cámara de Ñuñoa")
        p.fill("#g-representantes-0-nombre", "Ana Rojas")
        p.locator(".franja [role=status]", has_text="La encuesta cambió").wait_for()
        r.revisar(f"version-al-escribir-{tema}")
        apretar(p, SEGUIR)
        p.get_by_text("La encuesta cambió desde que usted empezó").wait_for()
        assert p.get_by_text("Ana Rojas").is_visible() and p.input_value("#c-nombre_institucion") == "Cámara de Ñuñoa"
        assert not p.get_by_text("Hay texto sin guardar de las").count()  # ya se guardó: la copia de este equipo sobra
        r.revisar(f"version-cambiada-{tema}")


@pytest.mark.parametrize("javascript", [True, False])
@pytest.mark.parametrize("ancho", [360, 1280])
def test_dos_pestanas_dicen_en_que_difieren(mundo, ancho, javascript):
    with navegador(ancho, 800, javascript) as p:
        comenzar(p, mundo.sitio, "actor-clave")
        otra = p.context.new_page()
        otra.goto(p.url)
        for pestana, valor in ((p, "La primera"), (otra, "La segunda")):
            pestana.fill("#c-nombre_institucion", valor)
            apretar(pestana, SEGUIR)
        aviso = otra.locator("[role=alert]").inner_text()
        assert "Guardado: La primera" in aviso and "Aquí: La segunda" in aviso
        assert otra.input_value("#c-nombre_institucion") == "La segunda"
        if javascript:
            Revisor(otra, mundo.sitio).revisar("dos-pestanas")
