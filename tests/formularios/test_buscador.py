"""Buscar la fila que se cita: sin JavaScript vuelve la misma página con lo que calza; con él, además filtra al escribir."""

from dataclasses import replace
from pathlib import Path

import pytest
from playwright.sync_api import expect

from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.buscador import DESDE, LARGO, TOPE, buscar, campo_buscado
from formularios.configuracion import Configuracion
from formularios.fila_en_curso import Matriz
from formularios.filas import aplicar, guardar_fila, leer_matriz
from formularios.propias import declarar
from formularios.vistas import filas as vistas_de_fila
from tests.formularios.cliente import en_template
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_web_matrices import CATALOGO, app  # noqa: F401
from tests.servicios.accesibilidad import faltas_de_axe
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, disponible, entrar_como, navegador
from tests.servicios.servidor import servir

A1, A2 = "matriz-estrategica-integrada", "potencialidades-problematicas"
LUGAR = "/formularios/regiones/06/2027/matrices"
QUIEN = {"autor": "usuario 7", "ahora_utc": AHORA}
FILAS = [(f"DOC-{i:03}", f"Política número {i} de la región") for i in range(1, 5_001)]
NOMBRES = ("Ñuñoa y su RÍO", "Estrategia del río Tinguiririca", "Plan de los viñedos")


def llenar_a1(almacen, cuantas):
    """A.1 con tantos documentos; los tres primeros, con nombre propio."""
    filas = [{"codigo": f"DOC-{i:04}", "documento": f"Informe {i} de la costa"} for i in range(1, cuantas + 1)]
    for fila, nombre in zip(filas, NOMBRES, strict=False):
        fila["documento"] = nombre
    matriz = Matriz(CATALOGO.esquemas[A1], "06", 2027)
    aplicar(almacen, CATALOGO, matriz, filas, base="", **QUIEN)


@pytest.fixture
def gore(app):  # noqa: F811
    return entrar(app)


def ofrecidas(web, campo="origen"):
    return [n.get("value") for n in web.pagina.todos("input") if n.get("name") == f"c.{campo}" and not en_template(n)]


def marcadas(web, campo="origen"):
    return [n.get("value") for n in web.pagina.todos("input") if n.get("name") == f"c.{campo}" and "checked" in n.atributos]


# --- Sin web ------------------------------------------------------------------------------------------------


def test_con_pocas_filas_no_hay_que_buscar():
    assert buscar(FILAS[:DESDE], "", ()) is None
    assert buscar(FILAS[: DESDE + 1], "", ()).filas == FILAS[: DESDE + 1]


@pytest.mark.parametrize("texto", ["politica 77 region", "REGIÓN  77", "doc-077", "77 política"])
def test_ignora_tildes_y_mayusculas_y_busca_en_codigo_y_enunciado(texto):
    assert FILAS[76] in buscar(FILAS[:200], texto, ()).filas


def test_tiene_que_calzar_todo_lo_que_se_busca():
    hecha = buscar(FILAS[:200], "política ausente", ())
    assert (list(hecha.filas), hecha.calzan, hecha.vistas, hecha.total) == ([], 0, 0, 200)


def test_se_muestran_unas_pocas_y_siempre_las_elegidas():
    hecha = buscar(FILAS, "política", ("DOC-4999", "DOC-002", "NO-ESTA"))
    assert [c for c, _ in hecha.filas][:2] == ["DOC-002", "DOC-4999"] and len(hecha.filas) == TOPE + 2
    assert (hecha.calzan, hecha.vistas) == (5_000, TOPE + 2)
    ajena = buscar(FILAS, "DOC-003", ("DOC-002",))
    assert (ajena.filas, ajena.calzan, ajena.vistas) == ([FILAS[1], FILAS[2]], 1, 1), "una elegida que no calza no se cuenta"
    assert len(buscar(FILAS, "x" * 500, ()).texto) == LARGO


def test_en_que_campo_se_pidio_buscar():
    escrito = {"buscar.origen": "río", "buscado.origen": "río", "buscar.causa": "sal", "buscado.causa": ""}
    assert campo_buscado({**escrito, "accion": "buscar:origen"}) == "origen"
    assert campo_buscado({**escrito, "accion": "guardar"}) == campo_buscado(escrito) == ""
    assert campo_buscado({**escrito, "accion": "omision"}) == "causa", "«Enter» después de escribir en un cuadro"
    assert campo_buscado({"accion": "omision", "buscar.origen": "río", "buscado.origen": "río"}) == ""


# --- Sin JavaScript -----------------------------------------------------------------------------------------


def test_buscar_no_guarda_ni_pierde_lo_escrito(gore, almacen):
    llenar_a1(almacen, 100)
    pagina = gore.abrir(f"{LUGAR}/{A2}/nueva/")
    assert f"Hay 100 filas y se muestran las primeras {TOPE}" in pagina.texto and len(ofrecidas(gore)) == TOPE
    escrito = {"c.tipo": "problematica", "c.descripcion": "  A medias, con <b> y «tildes».\r\nOtra línea", "c.origen": "DOC-0009"}
    pagina = gore.enviar({**escrito, "buscar.origen": "rio"}, "buscar:origen")
    assert leer_matriz(almacen, Matriz(CATALOGO.esquemas[A2], "06", 2027)) == [], "no guarda"
    assert "De 100 filas calzan 2 con «rio»" in pagina.texto
    assert ofrecidas(gore) == ["DOC-0009", "DOC-0001", "DOC-0002"] and marcadas(gore) == ["DOC-0009"]
    foco = [n.get("id") for n in pagina.recorrer() if "autofocus" in n.atributos]
    assert foco == ["c-origen-buscar"]
    campos = dict(gore.campos(gore.formulario()))
    assert {n: campos[n] for n in ("c.tipo", "c.descripcion", "buscar.origen")} == {
        "c.tipo": "problematica", "c.descripcion": escrito["c.descripcion"], "buscar.origen": "rio",
    }  # fmt: skip
    nada = gore.enviar({"buscar.origen": "no hay tal"}, "buscar:origen")
    assert "De 100 filas, ninguna calza con «no hay tal»" in nada.texto and ofrecidas(gore) == ["DOC-0009"]
    gore.enviar({"buscar.origen": "vinedos PLAN"}, "buscar:origen")
    gore.enviar({"c.origen": ["DOC-0009", "DOC-0003"]}, "guardar")
    [fila] = leer_matriz(almacen, Matriz(CATALOGO.esquemas[A2], "06", 2027))
    assert fila.datos["origen"] == "DOC-0009;DOC-0003" and "con <b>" in fila.datos["descripcion"]


def test_enter_en_el_cuadro_busca_y_en_otro_campo_guarda(gore, almacen):
    llenar_a1(almacen, 20)
    gore.abrir(f"{LUGAR}/{A2}/nueva/")
    primero = next(b for b in gore.formulario().todos("button"))
    assert primero.get("value") == "omision", "el que aprieta «Enter»"
    gore.enviar({"c.descripcion": "Algo", "buscar.origen": "plan"}, "omision")
    assert ofrecidas(gore) == ["DOC-0003"] and leer_matriz(almacen, Matriz(CATALOGO.esquemas[A2], "06", 2027)) == []
    gore.enviar({}, "omision")
    assert len(leer_matriz(almacen, Matriz(CATALOGO.esquemas[A2], "06", 2027))) == 1


def test_buscar_no_pisa_lo_que_otra_persona_guardo_mientras(gore, almacen):
    llenar_a1(almacen, 20)
    matriz = Matriz(CATALOGO.esquemas[A2], "06", 2027)
    gore.abrir(f"{LUGAR}/{A2}/nueva/")
    gore.enviar({"c.descripcion": "Mía"}, "guardar")
    [fila] = leer_matriz(almacen, matriz)
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    guardar_fila(almacen, CATALOGO, matriz, fila.id, {"descripcion": "De otra persona"}, version=1, **QUIEN)
    gore.enviar({"c.descripcion": "Mía otra vez", "buscar.origen": "plan"}, "buscar:origen")
    assert "Mía otra vez" in gore.respuesta.text
    choque = gore.enviar({}, "guardar", estado=409)
    assert "guardó esta fila antes que usted" in choque.texto and "De otra persona" in choque.texto


def test_cada_campo_busca_lo_suyo_y_uno_que_no_existe_no_rompe(gore, almacen):
    llenar_a1(almacen, 20)
    gore.abrir(f"{LUGAR}/{A2}/nueva/")
    url, pares = gore.llenar({"buscar.origen": "plan"})
    gore.mandar(url, [*pares, ("accion", "buscar:no_existe")])
    assert ofrecidas(gore) == ["DOC-0003"]
    assert "c.no_existe" in gore.mandar(url, [*pares, ("c.no_existe", "x"), ("accion", "buscar:origen")], 400).texto


def test_con_5000_filas_citables_la_pagina_sigue_liviana(gore, almacen):
    llenar_a1(almacen, 5_000)
    gore.abrir(f"{LUGAR}/{A2}/nueva/")
    assert "Hay 5.000 filas y se muestran las primeras 30" in gore.pagina.texto
    assert len(gore.respuesta.data) < 60_000
    gore.enviar({"buscar.origen": "costa"}, "buscar:origen")
    assert "calzan 4.997" in gore.pagina.texto and "Escriba algo más para acotar" in gore.pagina.texto
    assert len(gore.respuesta.data) < 60_000 and len(ofrecidas(gore)) == TOPE


def test_un_campo_de_una_sola_cita_tambien_se_busca(almacen, gore, monkeypatch):
    """Ninguna matriz tiene hoy una así con tantas: se toma A.2 y se le deja citar una sola."""
    esquema = CATALOGO.esquemas[A2]
    campos = tuple(replace(c, varios=False) if c.nombre == "origen" else c for c in esquema.campos)
    de_una = Matriz(replace(esquema, principal=replace(esquema.principal, campos=campos)), "06", 2027)
    monkeypatch.setattr(vistas_de_fila, "la_matriz", lambda *_: de_una)
    llenar_a1(almacen, 100)
    gore.abrir(f"{LUGAR}/{A2}/nueva/")
    gore.enviar({"c.origen": "DOC-0009", "buscar.origen": "plan"}, "buscar:origen")
    radios = [n for n in gore.pagina.todos("input") if n.get("name") == "c.origen"]
    assert {n.get("type") for n in radios} == {"radio"} and ofrecidas(gore)[:2] == ["DOC-0009", "DOC-0003"]
    assert marcadas(gore) == ["DOC-0009"]


# --- En un navegador ----------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def sitio(tmp_path_factory):
    """La dirección de los formularios, con 40 documentos en A.1 y dos columnas propias en A.2."""
    exigir(disponible())
    url = f"sqlite:///{tmp_path_factory.mktemp('buscador')}/focaliza.db"
    migrar(url)
    almacen = Almacen(url)
    guardar_usuario(almacen, correo="gore06@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    llenar_a1(almacen, 40)
    for titulo, tipo in (("Encargado", "texto"), ("Próxima reunión", "fecha")):
        declarar(almacen, Matriz(CATALOGO.esquemas[A2], "06", 2027), titulo, tipo, "Una ayuda.", **QUIEN)

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield direccion
    almacen.cerrar()


SESION = []


def abrir(pestana, sitio, ruta):
    """Entra como el equipo de la región, si no había entrado, y abre esa página."""
    if not SESION:  # una vez: los enlaces para entrar se piden de a pocos
        entrar_como(pestana, f"{sitio}/formularios", "gore06@ejemplo.cl")
        SESION.extend(pestana.context.cookies())
    pestana.context.add_cookies(SESION)
    pestana.goto(f"{sitio}{ruta}")


def revisar(pestana):
    assert faltas_de_axe(pestana) == []
    assert pestana.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "dark")])
def test_con_javascript_filtra_al_escribir_y_enter_busca(sitio, ancho, tema):
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        abrir(p, sitio, f"{LUGAR}/{A2}/nueva/")
        revisar(p)
        opciones = p.locator("input[name='c.origen']:visible")
        expect(opciones).to_have_count(TOPE)
        p.check("input[value='DOC-0009']")
        p.fill("#c-descripcion", "A medio escribir")
        p.focus("#c-origen-buscar")
        p.keyboard.type("RIO")
        expect(opciones).to_have_count(3)
        expect(p.locator("#c-origen-hallado")).to_have_text(
            "Calzan 2 de las que están a la vista. Para buscar en las 40, presione «Buscar»."
        )
        p.keyboard.press("Control+A")
        p.keyboard.type("informe 40")
        expect(opciones).to_have_count(1)
        expect(p.locator("#c-origen-hallado")).to_contain_text("No calza ninguna de las que están a la vista.")
        with p.expect_navigation():
            p.keyboard.press("Enter")
        expect(opciones).to_have_count(2)
        assert p.evaluate("document.activeElement.id") == "c-origen-buscar"
        assert p.input_value("#c-descripcion") == "A medio escribir" and p.is_checked("input[value='DOC-0009']")
        revisar(p)
        for _ in range(3):  # el botón, la ya elegida y la que se buscaba
            p.keyboard.press("Tab")
        p.keyboard.press("Space")
        assert p.is_checked("input[value='DOC-0040']")
        apretar(p, "button:text-is('Guardar la fila'):not(.por-omision)")
        p.get_by_text("La fila quedó guardada").wait_for()
        revisar(p)


def test_sin_javascript_y_con_teclado_es_lo_mismo(sitio):
    with navegador(360, 800, javascript=False) as p:
        abrir(p, sitio, f"{LUGAR}/{A2}/nueva/")
        p.fill("#c-descripcion", "Otra a medias")
        p.fill("#c-origen-buscar", "vinedos")
        p.press("#c-origen-buscar", "Enter")
        p.get_by_text("calza una con «vinedos»").wait_for()
        assert p.locator("input[name='c.origen']").count() == 1 and p.input_value("#c-descripcion") == "Otra a medias"


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (360, "dark")])
def test_las_pantallas_de_columnas_propias_son_accesibles(sitio, ancho, tema):
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        abrir(p, sitio, f"{LUGAR}/{A2}/propias/")
        revisar(p)
        p.press("#titulo", "Enter")  # vacío, y con el teclado: el error queda enlazado a su campo
        p.get_by_text("No se guardó la columna").wait_for()
        revisar(p)
        abrir(p, sitio, f"{LUGAR}/{A2}/propias/?cambiar=propia_encargado")
        revisar(p)
        abrir(p, sitio, f"{LUGAR}/{A2}/nueva/")
        p.fill("#c-propia_encargado", "Jefatura")
        apretar(p, "button:text-is('Guardar la fila'):not(.por-omision)")
        p.get_by_text("La fila quedó guardada").wait_for()
        revisar(p)
        abrir(p, sitio, f"{LUGAR}/{A2}/propias/")
        apretar(p, "button[value='quitar:propia_encargado']")
        p.get_by_text("tiene datos en").wait_for()
        revisar(p)
