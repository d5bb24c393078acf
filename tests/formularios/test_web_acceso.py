"""Quién entra y a qué: enlaces de un uso, permisos que deniegan por omisión y lo que se responde cuando no se puede."""

import io
import json
import re
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import openpyxl
import pytest

from esquemas.catalogo import cargar
from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen, AlmacenNoDisponible
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import abrir_encuestas, sembrar
from formularios.vistas import permisos_de
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

CORREO = "central@ejemplo.cl"
CONFIGURACION = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)


class Reloj:
    def __init__(self):
        self.ahora = AHORA

    def __call__(self):
        return self.ahora


@pytest.fixture
def reloj():
    return Reloj()


@pytest.fixture
def app(almacen, reloj):
    guardar_usuario(almacen, correo=CORREO, rol="sercotec", ahora_utc=AHORA, autor="prueba")
    guardar_usuario(almacen, correo="gore@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    abrir_encuestas(almacen, cargar(), AHORA)
    return crear_app(CONFIGURACION, cargar(), almacen, reloj)


@pytest.fixture
def web(app):
    return Navegador(app)


def pedir_enlace(web, correo=CORREO):
    web.abrir("/formularios/entrar")
    web.enviar({"correo": correo})
    web.abrir("/formularios/bandeja")
    enlaces = [n.get("href") for n in web.pagina.todos("a") if "/entrar/" in n.get("href")]
    return "/formularios" + enlaces[0].split("/formularios")[1] if enlaces else ""


def entrar(web, correo=CORREO):
    web.abrir(pedir_enlace(web, correo))
    web.enviar()


def test_entrar_ver_el_tablero_y_salir(web):
    web.abrir("/formularios/sercotec/")
    assert web.url.endswith("/entrar")
    entrar(web)
    assert web.url.endswith("/sercotec/")
    web.mandar("/formularios/salir", [("csrf_token", web.ficha())])
    web.abrir("/formularios/sercotec/")
    assert web.url.endswith("/entrar")


def test_el_enlace_sirve_una_vez_y_el_get_no_lo_gasta(web, app):
    ruta = pedir_enlace(web)
    Navegador(app).abrir(ruta)  # un lector de correo
    web.abrir(ruta)
    web.enviar()
    assert web.url.endswith("/sercotec/")
    otro = Navegador(app)
    otro.abrir(ruta)
    otro.enviar(estado=403)
    assert "ya no sirve" in otro.pagina.texto


def test_el_enlace_vence(web, reloj):
    ruta = pedir_enlace(web)
    reloj.ahora += timedelta(minutes=21)
    web.abrir(ruta)
    web.enviar(estado=403)


def test_la_sesion_vence(web, reloj):
    entrar(web)
    reloj.ahora += timedelta(hours=8)
    web.abrir("/formularios/sercotec/")
    assert web.url.endswith("/entrar")


def test_responde_lo_mismo_exista_o_no_el_correo(web):
    web.abrir("/formularios/entrar")
    web.enviar({"correo": CORREO})
    conocido = web.pagina.todos("main")[0].texto.replace(CORREO, "X")
    web.abrir("/formularios/entrar")
    web.enviar({"correo": "nadie@ejemplo.cl"})
    assert web.pagina.todos("main")[0].texto.replace("nadie@ejemplo.cl", "X") == conocido
    assert pedir_enlace(web, "otro@ejemplo.cl").count("/entrar/") == 1  # solo el del conocido


def test_los_intentos_se_acaban(web):
    for _ in range(5):
        web.abrir("/formularios/entrar")
        web.enviar({"correo": CORREO})
    web.abrir("/formularios/entrar")
    web.enviar({"correo": CORREO}, estado=429)
    assert "Espere" in web.pagina.texto


@pytest.mark.parametrize(
    ("proxies", "vienen", "estado"),
    [
        (0, ["203.0.113.1", "203.0.113.2"], 429),  # sin proxy, esa cabecera la escribe cualquiera
        (1, ["203.0.113.1", "203.0.113.2"], 200),
        (1, ["198.51.100.7, 203.0.113.1", "198.51.100.8, 203.0.113.1"], 429),  # lo que puso el proxy es lo último
        (2, ["203.0.113.1, 10.0.0.1", "203.0.113.2, 10.0.0.1"], 200),
    ],
)
def test_los_intentos_se_cuentan_por_persona_tambien_tras_un_proxy(almacen, reloj, monkeypatch, proxies, vienen, estado):
    monkeypatch.setattr("formularios.vistas.acceso.POR_EQUIPO", 2)
    app = crear_app(replace(CONFIGURACION, proxies=proxies), cargar(), almacen, reloj)
    una, otra = vienen
    for vez, de in enumerate((una, una, otra)):
        web = Navegador(app)
        web.abrir("/formularios/entrar")
        datos = {"csrf_token": web.ficha(), "correo": f"{vez}@ejemplo.cl"}
        hecho = web.http.post("/formularios/entrar", data=datos, headers={"X-Forwarded-For": de})
        assert hecho.status_code == (estado if vez == 2 else 200)


def test_un_correo_mal_escrito_se_explica(web):
    web.abrir("/formularios/entrar")
    web.enviar({"correo": "central"}, estado=400)
    assert "correo completo" in web.pagina.texto


def test_otro_rol_no_entra_al_nivel_central(web):
    entrar(web, "gore@ejemplo.cl")
    web.abrir("/formularios/sercotec/", 403)


def test_quien_se_desactiva_pierde_la_sesion(web, almacen):
    entrar(web)
    guardar_usuario(almacen, correo=CORREO, rol="sercotec", activo=False, ahora_utc=AHORA, autor="prueba")
    web.abrir("/formularios/sercotec/")
    assert web.url.endswith("/entrar")


def test_no_redirige_fuera(web):
    with web.http.session_transaction() as sesion:
        sesion["siguiente"] = "//malo.example/"
    entrar(web)
    assert web.url.endswith("/formularios/sercotec/")


# --- Autorización -------------------------------------------------------------------------------------


def test_toda_ruta_declara_quien_puede_usarla(app):
    sin_declarar = [r.rule for r in app.url_map.iter_rules() if not permisos_de(app.view_functions[r.endpoint])]
    assert sin_declarar == []


def test_lo_que_no_se_declara_no_atiende_a_nadie(app, web):
    app.add_url_rule("/formularios/olvidada", "olvidada", lambda: "secreto")
    entrar(web)
    web.abrir("/formularios/olvidada", 403)


def test_cada_region_ve_solo_la_suya(app):
    gore, central = Navegador(app), Navegador(app)
    entrar(gore, "gore@ejemplo.cl")
    entrar(central)
    estados = {
        (q, r): n.http.get(f"/formularios/regiones/{r}/2027/").status_code
        for q, n in (("gore", gore), ("central", central))
        for r in ("06", "05", "99")
    }
    assert estados == {
        ("gore", "06"): 200,
        ("gore", "05"): 403,
        ("gore", "99"): 404,
        ("central", "06"): 200,
        ("central", "05"): 200,
        ("central", "99"): 404,
    }


# --- CSRF, cabeceras y cookies ------------------------------------------------------------------------


def test_sin_ficha_csrf_todo_post_es_400(app):
    http = app.test_client()
    valores = {"id": "actor-clave", "seccion": "acciones", "secreto": "x", "formato": "focalizacion"}
    valores |= {"cut": "06", "ejercicio": 2027, "numero": "D-2026-000001-0", "acto": "preliminar", "cual": "OBS-01"}
    with app.test_request_context():
        from flask import url_for

        valores["folio"] = "2027-06-000001-0"
        urls = [
            url_for(r.endpoint, **{a: valores[a] for a in r.arguments}) for r in app.url_map.iter_rules() if "POST" in r.methods
        ]
    assert len(urls) >= 8
    for url in urls:
        respuesta = http.post(url)
        assert respuesta.status_code == 400, url
        assert "cookies" in respuesta.text


def test_cabeceras_y_nonce_distinto_cada_vez(web):
    web.abrir("/formularios/")
    primera = web.respuesta.headers["Content-Security-Policy"]
    web.abrir("/formularios/")
    segunda = web.respuesta.headers["Content-Security-Policy"]
    assert primera != segunda
    propias = ("style-src 'self'", "img-src 'self'", "form-action 'self'")
    for parte in (*propias, "default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'"):
        assert parte in segunda
    assert web.respuesta.headers["Cache-Control"] == "no-store"
    assert "Permissions-Policy" in web.respuesta.headers


@pytest.mark.parametrize(
    ("direccion", "nombre", "segura"),
    [("http://localhost", "focaliza", False), ("https://f.example", "__Host-focaliza", True)],
)
def test_las_cookies_son_seguras_con_https(almacen, direccion, nombre, segura):
    app = crear_app(replace(CONFIGURACION, url_publica=direccion), cargar(), almacen, lambda: AHORA)
    galleta = app.test_client().get("/formularios/entrar", base_url=direccion).headers["Set-Cookie"]
    assert galleta.startswith(f"{nombre}=")
    assert "HttpOnly" in galleta and "SameSite=Lax" in galleta and "Path=/" in galleta
    assert ("Secure" in galleta) is segura and "Domain" not in galleta


def test_la_bandeja_solo_existe_en_la_demostracion(almacen):
    app = crear_app(replace(CONFIGURACION, demo=False), cargar(), almacen, lambda: AHORA)
    Navegador(app).abrir("/formularios/bandeja", 404)


def test_la_bitacora_no_registra_secretos(web, capsys):
    ruta = pedir_enlace(web)
    capsys.readouterr()
    web.abrir(ruta)
    web.enviar()
    registrado = capsys.readouterr()
    texto = registrado.out + registrado.err
    assert "/entrar/<secreto>" in texto
    assert ruta.rsplit("/", 1)[1] not in texto and CORREO not in texto


# --- Errores ------------------------------------------------------------------------------------------


def test_las_paginas_de_error_dicen_que_hacer(web):
    web.abrir("/no-existe", 404)
    assert "empiece" in web.pagina.texto
    respuesta = web.http.delete("/formularios/")
    assert respuesta.status_code == 405 and "Allow" in respuesta.headers and "botones" in respuesta.text


def test_un_defecto_es_un_500_con_su_pagina_y_sin_detalles(app, web, capsys, monkeypatch):
    def fallar(*_):
        raise RuntimeError("dato personal: Juana")

    monkeypatch.setattr("formularios.vistas.publico.abiertos", fallar)
    web.abrir("/formularios/", 500)
    assert "Juana" not in web.respuesta.text
    salida = capsys.readouterr()
    assert "RuntimeError" in salida.out + salida.err and "Juana" not in salida.out + salida.err


def test_salud(web):
    respuesta = web.http.get("/salud")
    assert respuesta.status_code == 200 and respuesta.json["puede_guardar"] is True
    assert re.fullmatch(r"20\d\d\.\d+", respuesta.json["tzdata"])


class SinGuardar(Almacen):
    """Una base que se puede leer y no escribir."""

    causa = "la base de datos es de solo lectura"

    def escribir(self):
        raise AlmacenNoDisponible(self.causa)


class Apagada(SinGuardar):
    def leer(self):
        raise AlmacenNoDisponible(self.causa)


@pytest.mark.parametrize("base", [SinGuardar, Apagada])
def test_si_no_se_puede_guardar_lo_escrito_vuelve_y_se_reintenta(app, web, base, monkeypatch):
    web.abrir("/formularios/encuestas/actor-clave/")
    web.enviar({"region": "06", "ejercicio": "2027"})
    nucleo = app.extensions["focaliza"]
    bueno = nucleo.almacen
    malo = base.__new__(base)
    malo.__dict__.update(bueno.__dict__)
    app.extensions["focaliza"] = replace(nucleo, almacen=malo)
    assert web.http.get("/salud").status_code == 503
    assert web.http.get("/salud").json["causa"] == SinGuardar.causa
    web.enviar({"c.nombre_institucion": "Lo que escribí"}, "seguir", estado=503)
    assert SinGuardar.causa in web.pagina.texto and "ningún folio" in web.pagina.texto
    assert web.respuesta.headers["Retry-After"]
    app.extensions["focaliza"] = nucleo
    web.enviar()
    assert ("c.nombre_institucion", "Lo que escribí") in web.campos(web.formulario())


def test_base_de_solo_lectura_de_verdad_no_entrega_folio(web, almacen, motor):
    from sqlalchemy import event

    web.abrir("/formularios/encuestas/actor-clave/")
    orden = "PRAGMA query_only=ON" if motor == "sqlite" else "SET TRANSACTION READ ONLY"

    @event.listens_for(almacen._motor, "begin")
    def solo_lectura(c):
        c.exec_driver_sql(orden)

    web.enviar({"region": "06", "ejercicio": "2027"}, estado=503)
    assert "solo lectura" in web.pagina.texto and "ningún folio" in web.pagina.texto
    assert web.http.get("/salud").status_code == 503


# --- Nivel central y verificación ---------------------------------------------------------------------


@pytest.fixture
def con_envios(almacen, app):
    sembrar_sin_usuarios(almacen)
    return app


def sembrar_sin_usuarios(almacen):
    import formularios.demostracion as demo

    original = demo.leer_usuarios
    demo.leer_usuarios = lambda _: []
    try:
        sembrar(almacen, cargar(), AHORA)
    finally:
        demo.leer_usuarios = original


def test_el_tablero_cuenta_filtra_y_muestra_un_envio(con_envios):
    web = Navegador(con_envios)
    entrar(web)
    assert "Matriz de Focalización" in web.pagina.texto and "O'Higgins" in web.pagina.texto
    web.abrir("/formularios/sercotec/?esquema=actor-clave&region=06&ejercicio=2027")
    tabla = web.pagina.todos("table")[1].texto  # la primera es la de las regiones
    assert "actores clave" in tabla and "Focalización" not in tabla
    folio = next(n.get("href") for n in web.pagina.todos("a") if "/envios/" in n.get("href"))
    web.abrir(folio)
    assert "Nombre de ejemplo" in web.pagina.texto
    web.abrir("/formularios/sercotec/?region=77", 400)
    web.abrir("/formularios/sercotec/?ejercicio=%C2%B2%C2%B2%C2%B2%C2%B2", 400)


def test_las_descargas_de_lo_validado(con_envios, almacen):
    web = Navegador(con_envios)
    entrar(web)
    pedir = web.http.get
    csv = pedir("/formularios/sercotec/descargar/actor-clave.csv?region=06&ejercicio=2027")
    assert csv.status_code == 200 and csv.data.startswith(b"respuesta,") and b",folio," in csv.data
    assert "actor-clave-2027-06.csv" in csv.headers["Content-Disposition"]
    assert pedir("/formularios/sercotec/descargar/actor-clave.csv-excel").data.startswith(b"\xef\xbb\xbfrespuesta;")
    assert pedir("/formularios/sercotec/descargar/actor-clave.xlsx").data[:2] == b"PK"
    excel = pedir("/formularios/sercotec/descargar/actor-clave.csv-excel?region=06")
    assert "actor-clave-06-para-excel.csv" in excel.headers["Content-Disposition"]
    publico = pedir("/formularios/sercotec/descargar/actor-clave.csv?publico=si").text
    assert "nombre_institucion" not in publico and "tipo_institucion" in publico
    import zipfile

    with zipfile.ZipFile(io.BytesIO(pedir("/formularios/sercotec/descargar/focalizacion.paquete").data)) as z:
        assert json.loads(z.read("datapackage.json"))["resources"]
    assert pedir("/formularios/sercotec/descargar/focalizacion.exe").status_code == 404
    from formularios.almacen_tablas import bitacora

    with almacen.leer() as c:
        leidas = [f["objeto"] for f in c.execute(bitacora.select()).mappings() if f["accion"] == "leer"]
    assert "descarga actor-clave 06 2027" in leidas


def test_el_xlsx_es_para_leer(con_envios):
    web = Navegador(con_envios)
    entrar(web)
    datos = web.http.get("/formularios/sercotec/descargar/presupuesto-instrumentos.xlsx").data
    hoja = openpyxl.load_workbook(io.BytesIO(datos)).worksheets[0]
    titulos = [c.value for c in hoja[1]]
    fila = dict(zip(titulos, [c.value for c in hoja[2]], strict=True))
    esquema = cargar().esquemas["presupuesto-instrumentos"]
    assert titulos[: len(esquema.campos)] == [c.titulo for c in esquema.campos]
    presentado = fila["Presentado (hora de Chile continental)"]
    assert isinstance(presentado, datetime) and presentado.year == 2026
    assert fila["Ejercicio"] == 2027
    instrumento = next(c.titulo for c in esquema.campos if c.catalogo == "instrumentos")
    assert fila[instrumento] in {o.nombre for o in cargar().opciones["instrumentos"].opciones}


def test_el_tablero_va_en_el_orden_del_catalogo_y_dice_quien_falta(con_envios):
    web = Navegador(con_envios)
    entrar(web)
    vigentes, por_region = web.pagina.todos("table")[1:3]
    nombres = [n.texto for n in vigentes.todos("th") if n.get("scope") == "row"]
    orden = [e.nombre_completo for e in cargar().esquemas.values()]
    assert nombres == sorted(nombres, key=orden.index) and nombres[0] == "Presupuesto por instrumento"  # lo demás no se envía aún
    filas = {n.todos("th")[0].texto: n.texto for n in por_region.todos("tr")[1:]}
    assert len(filas) == 16 and "Sin entrega" in filas["Ñuble"] and filas["O'Higgins"].count("Sin entrega") == 5
    web.abrir("/formularios/sercotec/?ejercicio=2026")
    assert "Sin entrega" in web.pagina.todos("table")[1].texto


def test_verificar_acepta_el_folio_como_se_dicta(con_envios):
    web = Navegador(con_envios)
    for escrito in ("2027 06 000001 0", "2027–06–000001–0", "202706000001 0"):
        web.abrir(f"/formularios/verificar/?folio={escrito}")
        assert "El envío existe" in web.pagina.texto


def test_verificar_un_folio_mal_escrito_dice_por_que(web):
    web.abrir("/formularios/verificar/2027-06-000001-1", 404)
    assert "dígito verificador no calza" in web.pagina.texto
    web.abrir("/formularios/verificar/cualquiera", 404)
    assert "cuatro grupos" in web.pagina.texto
    web.abrir("/formularios/verificar/2027-06-000001-0", 404)
    assert "no hay ningún envío" in web.pagina.texto
    web.abrir("/formularios/verificar/?folio= 2027-06-000001-k ", 404)
    assert "dígito" in web.pagina.texto
