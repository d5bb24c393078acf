"""El tablero por la web, sin JavaScript: lo que ve cada rol, los deberes a mano, y las dieciséis regiones del nivel central."""

import csv
import io
from datetime import UTC, datetime
from pathlib import Path

import pytest

from esquemas.catalogo import cargar
from formularios.accesos import guardar_usuario
from formularios.actuar import Pedido, actuar
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import DIRECCION, GORE, SERCOTEC, sembrar
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_expediente import BUENOS
from tests.formularios.tramite import observada
from tests.servicios.accesibilidad import faltas_de_axe
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, disponible, navegador
from tests.servicios.servidor import servir

CATALOGO = cargar()
REGION = "/formularios/regiones/06/2027/"
A2 = "potencialidades-problematicas"
PERSONAS = {
    "gore06@ejemplo.cl": ("gore_firmante", "06"),
    "editora@ejemplo.cl": ("gore_editor", "06"),
    "direccion@ejemplo.cl": ("direccion_regional", "06"),
    "lector@ejemplo.cl": ("lector", "06"),
    "gore12@ejemplo.cl": ("gore_editor", "12"),
    "central@ejemplo.cl": ("sercotec", ""),
}


@pytest.fixture
def base(almacen):
    for correo, (rol, region) in PERSONAS.items():
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    return almacen


@pytest.fixture
def app_a(base, tmp_path):
    def armar(ahora: datetime = AHORA):
        configuracion = Configuracion(clave="c" * 40, sitio=tmp_path, demo=True)
        return crear_app(configuracion, CATALOGO, base, lambda: ahora)

    return armar


def el_dia(*fecha: int) -> datetime:
    return datetime(2026, *fecha, 15, tzinfo=UTC)


def preliminar(almacen, ahora: datetime):
    resultados = {n: BUENOS[n] for n in CATALOGO.proceso.tramitacion.actos["preliminar"].entrega}
    pedido = Pedido("preliminar", ("gore_firmante",), "usuario 1", 0, resultados=resultados)
    return actuar(almacen, CATALOGO, "06", 2027, pedido, ahora_utc=ahora)


def test_existe_desde_el_primer_dia_con_lo_que_toca_y_cuanto_falta(app_a):
    pagina = entrar(app_a(el_dia(11, 5))).abrir(REGION)
    dichos = ("En preparación", "Focalización preliminar", "11 días quedan", "24:00 del 16-11-2026", "se prorroga", "Sin empezar")
    for dicho in dichos:
        assert dicho in pagina.texto, dicho
    assert "Reglamento, 8" in pagina.texto
    enlaces = {a.get("href") for a in pagina.todos("a")}
    assert {f"{REGION}mapa/", f"{REGION}matrices/{A2}/", *(f"/formularios/regiones/06/{e}/" for e in (2026, 2028))} <= enlaces
    abiertas = [d.todos("summary")[0].texto for d in pagina.todos("details") if "open" in d.atributos]
    assert any(t.startswith("Focalización regional") for t in abiertas)
    assert len([n for n in pagina.todos("ol") if n.get("class") == "ciclo"]) == 4
    rotulos = {n.texto for n in pagina.todos("span") if n.get("class") == "exigible"}
    assert rotulos == {"Exigible", "Recomendado"}


@pytest.mark.parametrize(
    ("ahora", "dice"),
    [
        (el_dia(10, 1), "Abre en 31 días, el 01-11-2026"),
        (datetime(2026, 11, 17, 2, 59, tzinfo=UTC), "Vence hoy 16-11-2026"),
        (datetime(2026, 11, 17, 3, tzinfo=UTC), "Venció ayer, el 16-11-2026"),
        (el_dia(12, 1), "Venció hace 15 días"),
    ],
)
def test_dice_cuanto_falta_en_el_borde_del_plazo(app_a, ahora, dice):
    pagina = entrar(app_a(ahora)).abrir(REGION)
    assert dice in pagina.texto and ("Todavía se puede" in pagina.texto) is dice.startswith("Venció")


def test_magallanes_ve_tambien_su_hora(app_a):
    pagina = entrar(app_a(el_dia(6, 20)), "gore12@ejemplo.cl").abrir("/formularios/regiones/12/2027/")
    assert "24:00 del 16-11-2026, hora de Magallanes" in pagina.texto
    assert "01:00 del 01-07-2026, hora de Magallanes" in pagina.texto
    assert "Nadie puede firmar" in pagina.texto and "gore06@ejemplo.cl" not in pagina.texto


@pytest.mark.parametrize("ejercicio", [2021, 2026, 2028, 2040])
def test_tambien_se_ve_un_ejercicio_pasado_y_uno_que_no_llega(app_a, ejercicio):
    pagina = entrar(app_a()).abrir(f"/formularios/regiones/06/{ejercicio}/")
    assert "En preparación" in pagina.texto and f"/formularios/regiones/06/{2027}/" in {a.get("href") for a in pagina.todos("a")}


def test_cada_rol_ve_lo_suyo_y_solo_el_equipo_ve_correos(app_a, base):
    agregar_fila(base, CATALOGO, Matriz(CATALOGO.esquemas[A2], "06", 2027), {}, autor="usuario 2", ahora_utc=AHORA)
    app = app_a(el_dia(11, 5))
    equipo = entrar(app).abrir(REGION).texto
    assert "Último cambio: editora@ejemplo.cl" in equipo and "Quiénes pueden entrar" in equipo and "lector@ejemplo.cl" in equipo
    for correo in ("central@ejemplo.cl", "lector@ejemplo.cl"):
        web = entrar(app, correo)
        pagina = web.abrir(REGION)
        assert "Último cambio: Editor del Gobierno Regional" in pagina.texto and "@" not in pagina.texto.replace(correo, "")
        assert "Quiénes pueden entrar" not in pagina.texto
        assert ("Observar lo que la región envió" in web.abrir(f"{REGION}matrices/{A2}/").texto) == ("central" in correo)
        web.abrir("/formularios/regiones/12/2027/", 403 if "lector" in correo else 200)
    lector = entrar(app, "lector@ejemplo.cl").abrir(REGION)
    assert "Lo que viene en esta región" in lector.texto and "Marcar como cumplido" not in lector.texto
    direccion = entrar(app, "direccion@ejemplo.cl").abrir(REGION).texto
    assert "A su institución no le toca ningún plazo exigible ahora" in direccion
    assert "Gobierno Regional: Focalización preliminar" in direccion
    editora = entrar(app, "editora@ejemplo.cl").abrir(REGION)
    assert "«Enviar la focalización preliminar» lo hace quien tiene el rol «Firmante del Gobierno Regional»" in editora.texto
    assert "Llenar A.1" in editora.texto


def test_tras_la_preliminar_cada_uno_ve_su_plazo_y_la_prueba(app_a, base):
    envio = preliminar(base, el_dia(11, 10))
    folio = envio.folios["focalizacion"]
    app = app_a(el_dia(11, 12))
    gore = entrar(app).abrir(REGION).texto
    assert "Preliminar enviada desde el 10-11-2026" in gore and folio in gore and "1 de 8" in gore
    assert "Mientras tanto, Sercotec: Observaciones de Sercotec 13 días quedan" in gore
    assert "Se puede cuando Sercotec termine «Observaciones de Sercotec» o venza su plazo" in gore
    assert "Ver y llenar : Matriz de Focalización" not in gore, "lo enviado no se toca"
    web = entrar(app, "central@ejemplo.cl")
    central = web.abrir(REGION).texto
    assert "Escribir las observaciones" in central and "Declarar que no hay observaciones" in central
    assert "Qué le toca hoy Observaciones de Sercotec 13 días quedan: vence el 25-11-2026" in central
    tabla = web.abrir("/formularios/sercotec/").todos("table")[0].texto
    assert folio in tabla and "Quedan 13 días" in tabla and "10-11-2026" in tabla


def test_lo_que_toca_lleva_a_hacerlo_a_quien_puede(app_a, base):
    app = app_a(el_dia(11, 5))
    for correo, puede in (("gore06@ejemplo.cl", True), ("editora@ejemplo.cl", False)):
        pagina = entrar(app, correo).abrir(REGION)
        botones = [a.get("href") for a in pagina.todos("a") if a.get("class").startswith("boton")]
        assert botones[0] == f"{REGION}matrices/matriz-estrategica-integrada/", "falta llenar una: eso va primero"
        assert (f"{REGION}expediente/preliminar/" in botones) is puede
        assert f"{REGION}expediente/" in {a.get("href") for a in pagina.todos("a")}


def test_con_observaciones_lleva_a_responderlas_y_a_enviar_la_final(app_a, base):
    observada(base)
    app = app_a(el_dia(11, 12))
    gore = entrar(app).abrir(REGION)
    assert "Con observaciones desde el 03-11-2026" in gore.texto and "Falta responder una" in gore.texto
    botones = {a.texto for a in gore.todos("a") if a.get("class").startswith("boton")}
    assert {"Responder las observaciones", "Enviar la focalización final"} <= botones
    lector = {a.texto for a in entrar(app, "lector@ejemplo.cl").abrir(REGION).todos("a")}
    assert not lector & {"Responder las observaciones", "Enviar la focalización final"}


def test_un_deber_se_marca_y_se_quita_sin_javascript(app_a):
    web = entrar(app_a(el_dia(11, 5)))
    web.abrir(REGION)
    propios = [f for f in web.pagina.todos("form") if f.get("action").endswith("/deberes/")]
    assert len(propios) == 8, "solo los de su institución"
    pares = [(n, v) for n, v in web.campos(propios[0]) if n not in ("fecha", "nota")]
    url = f"{REGION}deberes/"
    assert "Escriba el día en que se cumplió" in web.mandar(url, [*pares, ("fecha", ""), ("nota", "x")], 400).texto
    assert "todavía no llega" in web.mandar(url, [*pares, ("fecha", "2026-11-06"), ("nota", "x")], 400).texto
    lista = web.mandar(url, [*pares, ("fecha", "2026-05-04"), ("nota", "Oficio 12")])
    assert web.url.endswith("#reglamento-4-a-i") and "04-05-2026, según Firmante del Gobierno Regional. Oficio 12" in lista.texto
    ajeno = [(n, "reglamento:4.b1.i" if n == "norma" else v) for n, v in pares]
    assert web.mandar(url, [*ajeno, ("fecha", "2026-05-04")], 400)
    assert "Oficio 12" not in web.mandar(url, [*pares, ("fecha", "2026-05-04"), ("accion", "quitar")]).texto


def test_un_lector_no_marca_deberes(app_a):
    web = entrar(app_a(), "lector@ejemplo.cl")
    web.abrir(REGION)
    web.mandar(f"{REGION}deberes/", [("csrf_token", web.ficha()), ("norma", "reglamento:4.a.i"), ("fecha", "2026-05-04")], 403)


def test_el_calendario_del_sitio_se_ofrece_si_existe(app_a, tmp_path):
    web = entrar(app_a())
    assert ".ics" not in web.abrir(REGION).texto
    (tmp_path / "descargas").mkdir()
    (tmp_path / "descargas/calendario-2027.ics").write_bytes(b"BEGIN:VCALENDAR")
    assert "/descargas/calendario-2027.ics" in {a.get("href") for a in web.abrir(REGION).todos("a")}


def test_el_nivel_central_ve_las_dieciseis_filtra_y_descarga(app_a, base):
    preliminar(base, el_dia(11, 10))
    web = entrar(app_a(el_dia(11, 12)), "central@ejemplo.cl")
    tabla = web.abrir("/formularios/sercotec/").todos("table")[0]
    assert len(tabla.todos("tr")) == 17 and "15 en preparación" in web.pagina.texto
    assert {f"/formularios/regiones/{o.codigo}/2027/" for o in CATALOGO.opciones["regiones"].opciones} <= {
        a.get("href") for a in tabla.todos("a")
    }
    pedidos = {"estado=preliminar_enviada": 1, "falta=Gobierno Regional": 15, "falta=Sercotec": 1, "region=05": 1}
    for pedido, cuantas in pedidos.items():
        pagina = web.abrir(f"/formularios/sercotec/?{pedido}")
        assert len(pagina.todos("table")[0].todos("tr")) == cuantas + 1, pedido
    descarga = next(a.get("href") for a in web.pagina.todos("a") if "regiones.csv" in a.get("href"))
    assert [f["region"] for f in csv.DictReader(io.StringIO(web.http.get(descarga).text))] == ["05"]
    todas = list(csv.DictReader(io.StringIO(web.http.get("/formularios/sercotec/regiones.csv?ejercicio=2027").text)))
    suya = next(f for f in todas if f["region"] == "06")
    assert len(todas) == 16 and suya["estado"] == "preliminar_enviada" and suya["focalizacion_preliminar_folio"]
    assert (suya["observaciones_vence"], suya["observaciones_dias"], suya["falta"]) == ("2026-11-25", "13", "Sercotec")
    excel = web.http.get("/formularios/sercotec/regiones.csv?excel=si")
    assert excel.data.startswith(b"\xef\xbb\xbfejercicio;")
    assert "regiones-2027-para-excel.csv" in excel.headers["Content-Disposition"]
    assert "Ninguna región con eso" in web.abrir("/formularios/sercotec/?estado=validada").texto
    web.abrir("/formularios/sercotec/?estado=nada", 400)
    assert entrar(app_a()).http.get("/formularios/sercotec/regiones.csv").status_code == 403


def test_en_enero_se_avisa_de_lo_que_quedo_sin_cerrar_del_ejercicio_anterior(app_a, base):
    central = entrar(app_a(datetime(2027, 1, 5, 15, tzinfo=UTC)), "central@ejemplo.cl")
    assert "no ha terminado" not in central.abrir("/formularios/sercotec/").texto, "nadie lo empezó"
    preliminar(base, el_dia(11, 10))
    pagina = central.abrir("/formularios/sercotec/")
    assert "Las regiones: ejercicio 2028" in pagina.texto
    assert "El ejercicio 2027 no ha terminado: falta cerrar 16 regiones." in pagina.texto
    central.abrir(next(a.get("href") for a in pagina.todos("a") if a.texto == "Ver el ejercicio 2027"))
    assert "Las regiones: ejercicio 2027" in central.pagina.texto and "no ha terminado" not in central.pagina.texto


@pytest.fixture(scope="module")
def sitio(tmp_path_factory):
    exigir(disponible())
    url = f"sqlite:///{tmp_path_factory.mktemp('tablero')}/focaliza.db"
    migrar(url)
    almacen = Almacen(url)
    sembrar(almacen, CATALOGO, AHORA)

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield f"{direccion}/formularios"
    almacen.cerrar()


VISITAS = {
    GORE: ("/regiones/06/2027/", "/regiones/06/2028/"),
    DIRECCION: ("/regiones/06/2027/",),
    SERCOTEC: ("/sercotec/", "/regiones/12/2027/"),
}


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (360, "dark"), (1280, "dark")])
def test_axe_no_halla_faltas_ni_se_desborda(sitio, ancho, tema):
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        for correo, rutas in VISITAS.items():
            p.context.clear_cookies()
            p.goto(f"{sitio}/entrar")
            p.fill("[name=correo]", correo)
            apretar(p, "main form button")
            p.goto(f"{sitio}/bandeja")
            enlace = p.locator("main").inner_text().split("/formularios/entrar/")[1].split()[0]
            p.goto(f"{sitio}/entrar/{enlace}")
            apretar(p, "main form button")
            for ruta in rutas:
                p.goto(sitio + ruta)
                p.evaluate("document.querySelectorAll('details').forEach((d) => { d.open = true; })")
                assert faltas_de_axe(p) == []
                assert p.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, ruta
