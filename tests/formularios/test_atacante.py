"""Entrar y descargar, mirados por quien quiere hacer daño: lo que se adivina, lo que se roba y lo que se cuela en un archivo."""

import csv
import io
from contextlib import contextmanager
from pathlib import Path

import pytest
from sqlalchemy import event, select

from formularios import accesos, derechos
from formularios.accesos import guardar_usuario, quitar_permiso
from formularios.almacen_tablas import respaldo
from formularios.app import crear_app
from formularios.bandeja import ultimos
from formularios.borradores import huella_de_secreto
from formularios.configuracion import Configuracion, ConfiguracionInvalida, desde_entorno
from formularios.segundo_factor import comprobar
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_cuenta import CLAVE, CORREO, CUENTA, activar, adentro, ana, app, reloj, web  # noqa: F401
from tests.formularios.test_derechos import ACTOR, CATALOGO, LUGAR, datos, entregar, secreto, solicitar  # noqa: F401
from tests.formularios.test_web_acceso import entrar, pedir_enlace

FORMULA = '=HYPERLINK("http://malo.example";"Vea aquí")'


# --- Lo que se adivina --------------------------------------------------------------------------------


@contextmanager
def contando(almacen):
    """Las órdenes que llegan a la base, por la palabra con que empiezan."""
    hechas = []
    escuchar = lambda c, cursor, orden, *_: hechas.append(orden.split()[0])  # noqa: E731
    event.listen(almacen._motor, "before_cursor_execute", escuchar)
    try:
        yield hechas
    finally:
        event.remove(almacen._motor, "before_cursor_execute", escuchar)


def test_pedir_un_enlace_escribe_lo_mismo_exista_o_no_el_correo(almacen, ana):  # noqa: F811
    """Escribir demora: si solo se escribiera para quien existe, la demora lo diría."""
    cuantas = {}
    guardar_usuario(almacen, correo="ido@ejemplo.cl", rol="lector", activo=False, ahora_utc=AHORA, autor="prueba")
    for correo in (CORREO, "nadie@ejemplo.cl", "ido@ejemplo.cl"):
        with contando(almacen) as hechas:
            accesos.pedir_acceso(almacen, correo, redactar=lambda s: ("Entrar", s), ahora_utc=AHORA)
        cuantas[correo] = sum(o in ("INSERT", "UPDATE", "DELETE") for o in hechas)
    assert cuantas == dict.fromkeys(cuantas, 2)
    assert [m.para for m in ultimos(almacen)] == [CORREO], "a quien no existe no le queda nada"


def test_quien_lea_la_base_no_puede_hallar_los_codigos_de_respaldo(web, reloj, almacen, ana):  # noqa: F811
    """Son cortos: sin la clave del sistema en su huella, se probarían todos en minutos."""
    _, nuevos = activar(web, reloj)
    with almacen.leer() as c:
        guardadas = set(c.execute(select(respaldo.c.huella)).scalars())
    assert len(guardadas) == 10 and not guardadas & {huella_de_secreto(n) for n in nuevos}
    assert not comprobar(almacen, ana.id, "otra clave" * 4, nuevos[0], ahora_utc=reloj.ahora)
    assert comprobar(almacen, ana.id, CLAVE, nuevos[0], ahora_utc=reloj.ahora)


# --- Lo que se roba -----------------------------------------------------------------------------------


def test_activar_el_codigo_cierra_las_sesiones_de_antes(app, web, reloj):  # noqa: F811
    """Quien ya estaba adentro con una sesión ajena no se queda."""
    intruso = Navegador(app)
    entrar(intruso, CORREO)
    assert adentro(intruso)
    activar(web, reloj)
    assert adentro(web) and not adentro(intruso)


def test_quitar_un_permiso_corta_al_instante(web, almacen):  # noqa: F811
    entrar(web, CORREO)
    assert adentro(web)
    assert quitar_permiso(almacen, correo=CORREO, rol="gore_editor", region="06", ahora_utc=AHORA, autor="prueba")
    assert web.http.get("/formularios/regiones/06/2027/").status_code == 403


def test_una_direccion_con_secreto_no_sale_a_otro_sitio_ni_se_guarda(web):  # noqa: F811
    ruta = pedir_enlace(web, CORREO)
    for url in (ruta, "/formularios/encuestas/actor-clave/retomar/no-existe", "/formularios/entrar/no-existe"):
        respuesta = web.http.get(url)
        assert respuesta.headers["Referrer-Policy"] == "no-referrer", url
        assert respuesta.headers["Cache-Control"] == "no-store"
    assert web.http.get("/formularios/").headers["Referrer-Policy"] == "same-origin"


@pytest.mark.parametrize("destino", ["https://malo.example/formularios/", "//malo.example", "/\\malo.example", "javascript:1"])
def test_al_entrar_no_se_va_fuera(web, destino):  # noqa: F811
    enlace = pedir_enlace(web, CORREO)
    web.http.get(f"/formularios/cuenta/?siguiente={destino}")
    with web.http.session_transaction() as galleta:
        assert galleta["siguiente"] == "/formularios/cuenta/"
        galleta["siguiente"] = destino
    web.abrir(enlace)
    web.enviar()
    assert web.url == "/formularios/regiones/06/2027/"


@pytest.mark.parametrize(
    ("direccion", "demo", "arranca"),
    [
        ("http://focaliza.example", "no", False),
        ("http://localhost.malo.example", "no", False),
        ("http://127.0.0.1:8000", "no", True),
        ("http://localhost", "no", True),
        ("http://focaliza.example", "si", True),
        ("https://focaliza.example", "no", True),
    ],
)
def test_sin_https_las_cookies_no_salen_de_esta_maquina(direccion, demo, arranca):
    entorno = {"FOCALIZA_CLAVE": "c" * 32, "FOCALIZA_URL_PUBLICA": direccion, "FOCALIZA_DEMO": demo}
    if arranca:
        assert desde_entorno(entorno).url_publica == direccion
    else:
        with pytest.raises(ConfiguracionInvalida, match="https"):
            desde_entorno(entorno)


# --- Lo que se cuela en un archivo --------------------------------------------------------------------


def test_una_formula_que_escribio_cualquiera_llega_como_texto(almacen, secreto):  # noqa: F811
    """La respuesta de una encuesta la escribe quien quiera; sus datos y sus citas se abren en una planilla."""
    filas = datos(nombre=FORMULA)
    filas["problematicas"][0]["problematica"] = FORMULA
    folio = entregar(almacen, secreto, filas).folio
    (lugar,) = derechos.lugares(almacen, CATALOGO, solicitar(almacen, folio=folio))
    valores = {f["valor"] for f in csv.DictReader(io.StringIO(derechos.exportar_csv(lugar).decode()))}
    assert f"'{FORMULA}" in valores and FORMULA not in valores and "+56955512345" in valores

    guardar_usuario(almacen, correo="g06@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    aqui = crear_app(Configuracion(clave="d" * 40, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, lambda: AHORA)
    gore = Navegador(aqui)
    entrar(gore, "g06@ejemplo.cl")
    citas = gore.http.get("/formularios/regiones/06/2027/analisis/actor-clave/citas.csv")
    assert citas.status_code == 200 and citas.headers["Content-Disposition"].startswith("attachment")
    celdas = {v for f in csv.reader(io.StringIO(citas.text)) for v in f}
    assert f"'{FORMULA}" in celdas and FORMULA not in celdas


@pytest.mark.parametrize(
    "ruta",
    [
        "sercotec/regiones.csv",
        "sercotec/descargar/focalizacion.csv",
        "sercotec/lecturas/lecturas.csv",
        "regiones/06/2027/matrices/focalizacion/planilla.xlsx",
        "regiones/06/2027/expediente/preliminar/borrador.docx",
    ],
)
def test_lo_que_se_descarga_se_guarda_y_no_se_muestra(almacen, ruta):
    """Ni se interpreta como otra cosa ni queda en el equipo: lo que alguien subió o escribió no es una página de aquí."""
    guardar_usuario(almacen, correo="central@ejemplo.cl", rol="sercotec", ahora_utc=AHORA, autor="prueba")
    aqui = crear_app(Configuracion(clave="d" * 40, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, lambda: AHORA)
    central = Navegador(aqui)
    entrar(central, "central@ejemplo.cl")
    bajado = central.http.get(f"/formularios/{ruta}")
    assert bajado.status_code == 200 and bajado.headers["Content-Disposition"].startswith("attachment; filename=")
    assert bajado.headers["X-Content-Type-Options"] == "nosniff" and bajado.headers["Cache-Control"] == "no-store"
    assert "html" not in bajado.mimetype and "default-src 'none'" in bajado.headers["Content-Security-Policy"]
