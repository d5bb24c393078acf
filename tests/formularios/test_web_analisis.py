"""El análisis en la web, en los dos motores: quién lo ve, qué cuenta, cómo pasa una cita a su matriz y qué se publica."""

import csv
import io
import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.validacion import Contexto, validar_filas
from formularios import almacen_derechos
from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen, migrar
from formularios.analisis import CitaInexistente, leer_pasadas, pasar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.fila_en_curso import Matriz
from formularios.filas import leer_matriz, quitar_fila
from formularios.recepcion import Recepcion, recibir
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_acceso import entrar
from tests.formularios.test_web_navegador import Revisor
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import disponible, entrar_como, navegador
from tests.servicios.servidor import servir

CATALOGO = cargar()
ENCUESTA, MATRIZ = CATALOGO.esquemas["actor-clave"], CATALOGO.esquemas["potencialidades-problematicas"]
LUGAR = {"region": "06", "ejercicio": 2027}
RECIBIDO = {**LUGAR, "recibido_utc": AHORA, "origen": "prueba"}
BASE = "/formularios/regiones/06/2027"
PAGINA, PUBLICA = f"{BASE}/analisis/actor-clave/", "/formularios/analisis/actor-clave/06/2027"
CONFIGURACION = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
SECRETO = "Institución que nadie debe ver"
PROBLEMAS = ("Las ventas caen en invierno.", "La venta es de temporada.", "No hay agua para riego.", "Faltan caminos.")


def responder(almacen, n, *, tipo="gremio", comuna="06101", problemas=(), region="06"):
    filas = {t: [dict(f, respuesta=f"r{n}") for f in suyas] for t, suyas in ejemplos_de(ENCUESTA).items()}
    filas[ENCUESTA.nombre][0] |= {
        "nombre_institucion": f"{SECRETO} {n}", "tipo_institucion": tipo, "tipo_institucion_cual": "",
        "comuna": comuna, "cobertura_territorial": "", "empresarios_directos": str(n * 10),
    }  # fmt: skip
    filas["problematicas"] = [{"respuesta": f"r{n}", "problematica": p, "causas": f"Causa {n}."} for p in problemas]
    resultado = validar_filas(CATALOGO, ENCUESTA, filas, Contexto(region, 2027))
    assert resultado.valido, [p.mensaje for p in resultado.errores]
    return recibir(almacen, CATALOGO, resultado, Recepcion(**{**RECIBIDO, "region": region}))


def cargar_catastro(almacen):
    catastro = CATALOGO.esquemas["catastro-actores"]
    fila = {"codigo": "ACT-01", "institucion": "Red de talleres", "correo": "a@ejemplo.cl", "justificacion": "Reúne a talleres."}
    resultado = validar_filas(CATALOGO, catastro, {catastro.nombre: [fila]}, Contexto("06", 2027))
    recibir(almacen, CATALOGO, resultado, Recepcion(**RECIBIDO))


@pytest.fixture
def app(almacen):
    guardar_usuario(almacen, correo="gore@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    guardar_usuario(almacen, correo="gore05@ejemplo.cl", rol="gore_firmante", region="05", ahora_utc=AHORA, autor="prueba")
    return crear_app(CONFIGURACION, CATALOGO, almacen, lambda: AHORA)


@pytest.fixture
def web(app):
    navegador = Navegador(app)
    entrar(navegador, "gore@ejemplo.cl")
    return navegador


@pytest.fixture
def con_tres(almacen):
    responder(almacen, 1, problemas=PROBLEMAS[:1])
    responder(almacen, 2, tipo="municipio", problemas=PROBLEMAS[1:3])
    responder(almacen, 3, comuna="06201", problemas=PROBLEMAS[3:])
    responder(almacen, 4, region="05", problemas=PROBLEMAS)  # de otra región: no cuenta
    return almacen


def leer_csv(web, ruta):
    respuesta = web.http.get(ruta)
    assert respuesta.status_code == 200 and respuesta.headers["Content-Type"].startswith("text/csv")
    return list(csv.DictReader(io.StringIO(respuesta.get_data(as_text=True), newline="")))


def test_sin_respuestas_dice_que_falta_y_lleva_a_invitar(web, almacen):
    web.abrir(f"{BASE}/")
    assert PAGINA in [n.get("href") for n in web.pagina.todos("a")]
    web.abrir(PAGINA)
    assert "Todavía no hay respuestas" in web.pagina.texto and "Catastro de Actores Clave" in web.pagina.texto
    cargar_catastro(almacen)
    web.abrir(PAGINA)
    assert "Red de talleres" in web.pagina.texto and "sin invitar" in web.pagina.texto
    assert f"{BASE}/invitaciones/actor-clave/" in [n.get("href") for n in web.pagina.todos("a")]
    assert leer_csv(web, f"{BASE}/analisis/actor-clave/citas.csv") == []


def test_cuenta_solo_lo_vigente_de_la_region_y_lo_dice_con_su_base(web, con_tres):
    texto = web.abrir(PAGINA).texto
    for dicho in ("3 respuestas", "2 de 19", "Faltan 17 de 19", "2 de 3", "Respondieron 3 de 3", "ventas", "Faltan caminos."):
        assert dicho in texto, dicho
    assert SECRETO not in texto  # su nombre no es de ningún apartado
    numeros = {(x["grupo"], x["medida"], x["valor"]): (x["respuestas"], x["base"]) for x in leer_csv(web, f"{PAGINA[:-1]}.csv")}
    assert numeros["tipo_institucion", "opcion", "gremio"] == ("2", "3")
    assert numeros["empresarios_directos", "suma", "60"] == ("3", "3")
    assert numeros["problematica", "palabra", "venta"] == ("2", "3")
    citas = [x["cita"] for x in leer_csv(web, f"{PAGINA}citas.csv") if x["apartado"] == "problematicas"]
    assert sorted(citas) == sorted(PROBLEMAS)


def test_lo_bloqueado_no_cuenta(web, con_tres):
    with con_tres.escribir() as c:
        almacen_derechos.cambiar_envios(c, ["2027-06-000001-0"], bloqueado_utc=AHORA)
    assert "2 respuestas" in web.abrir(PAGINA).texto
    assert PROBLEMAS[0] not in web.pagina.texto


def test_no_muestra_datos_de_personas(web, con_tres):
    texto = web.abrir(PAGINA).texto
    for tabla in ENCUESTA.tablas:
        for campo in tabla.campos:
            if campo.dato in ("personal", "sensible"):
                assert campo.ejemplo not in texto, campo.nombre


def boton(web, cita):
    """El valor del botón de esa cita en la página abierta."""
    item = next(n for n in web.pagina.todos("li") if any(b.texto == cita for b in n.todos("blockquote")) and n.todos("button"))
    return item.todos("button")[0].get("value")


def apretar(web, valor, estado=200):
    return web.mandar(PAGINA, [("csrf_token", web.ficha()), ("accion", valor)], estado)


def test_una_cita_pasa_a_su_matriz_con_su_origen_y_una_sola_vez(web, con_tres):
    web.abrir(PAGINA)
    valor = boton(web, PROBLEMAS[2])
    apretar(web, valor)
    assert "Pasó a la matriz A.2 como PRO-01" in web.pagina.texto
    assert "Complétela : falta Origen en la matriz A.1 y Atingente a Sercotec" in web.pagina.texto
    assert "Ya está en A.2 como PRO-01" in web.pagina.texto
    apretar(web, valor)
    assert "Ya estaba en la matriz A.2 como PRO-01" in web.pagina.texto
    [fila] = leer_matriz(con_tres, Matriz(MATRIZ, **LUGAR))
    assert {n: v for n, v in fila.datos.items() if v} == {
        "codigo": "PRO-01", "tipo": "problematica", "descripcion": PROBLEMAS[2], "causas": "Causa 2.",
    }  # fmt: skip
    assert fila.origen == "actor-clave 2027-06-000002-9 problematicas 2" and fila.autor.startswith("usuario ")
    enlace = next(n.get("href") for n in web.pagina.todos("a") if n.texto == "Complétela")
    assert f"Salió de {fila.origen}." in web.abrir(enlace).texto and fila.id in enlace
    assert leer_pasadas(con_tres, CATALOGO, ENCUESTA, **LUGAR) == {fila.origen: fila}


def test_si_la_fila_se_quita_la_cita_puede_volver_a_pasar(web, con_tres):
    web.abrir(PAGINA)
    valor = boton(web, PROBLEMAS[0])
    apretar(web, valor)
    matriz = Matriz(MATRIZ, **LUGAR)
    [fila] = leer_matriz(con_tres, matriz)
    quitar_fila(con_tres, CATALOGO, matriz, fila.id, version=1, autor="usuario 1", ahora_utc=AHORA)
    web.abrir(PAGINA)
    assert "Ya está en A.2" not in web.pagina.texto
    apretar(web, valor)
    assert len(leer_matriz(con_tres, matriz)) == 1


def test_dos_personas_pasan_la_misma_cita_a_la_vez(con_tres, en_paralelo):
    apartado = next(a for a in ENCUESTA.analisis.apartados if a.nombre == "problematicas")

    def hacer(i):
        cual = (ENCUESTA, apartado, "2027-06-000001-0", 1)
        return pasar(con_tres, CATALOGO, *cual, **LUGAR, autor=f"usuario {i}", ahora_utc=AHORA)[1]

    assert sorted(en_paralelo(hacer, [(i,) for i in range(4)])) == [False, False, False, True]
    assert len(leer_matriz(con_tres, Matriz(MATRIZ, **LUGAR))) == 1


def test_solo_pasa_lo_que_la_region_respondio(web, con_tres):
    web.abrir(PAGINA)
    ajena = responder(con_tres, 5, region="05", problemas=PROBLEMAS).folio
    for valor, estado in [
        (f"problematicas:{ajena}:1", 404),
        ("problematicas:2027-06-000001-0:9", 404),
        ("objetivos:2027-06-000001-0:1", 404),  # no pasa a ninguna matriz
        ("instituciones:2027-06-000001-0:1", 404),  # no es de citas
        ("nada:2027-06-000001-0:1", 400),
        ("problematicas:2027-06-000001-0:uno", 400),
        ("problematicas", 400),
    ]:
        web.abrir(PAGINA)
        apretar(web, valor, estado)
    assert leer_matriz(con_tres, Matriz(MATRIZ, **LUGAR)) == []
    with pytest.raises(CitaInexistente):
        cual = (ENCUESTA, ENCUESTA.analisis.apartados[0], "2027-06-000001-0", 1)
        pasar(con_tres, CATALOGO, *cual, **LUGAR, autor="x", ahora_utc=AHORA)


def test_quien_no_es_de_la_region_no_entra(app, con_tres):
    nadie, otra = Navegador(app), Navegador(app)
    entrar(otra, "gore05@ejemplo.cl")
    for ruta in (PAGINA, f"{PAGINA[:-1]}.csv", f"{PAGINA}citas.csv"):
        assert nadie.http.get(ruta).status_code == 303
        assert otra.http.get(ruta).status_code == 403
    otra.mandar(PAGINA, [("csrf_token", otra.ficha()), ("accion", "problematicas:2027-06-000001-0:1")], 403)
    assert leer_matriz(con_tres, Matriz(MATRIZ, **LUGAR)) == []


def test_una_encuesta_sin_analisis_no_tiene_pagina(web):
    web.abrir(f"{BASE}/analisis/evaluacion-expost/", 404)
    web.abrir("/formularios/analisis/evaluacion-expost/", 404)
    web.abrir("/formularios/analisis/evaluacion-expost/06/2027/", 404)
    web.abrir("/formularios/analisis/actor-clave/99/2027/", 404)
    web.abrir("/formularios/analisis/actor-clave/06/1999/", 404)


# --- Lo que ve cualquiera -------------------------------------------------------------------------------


def test_con_menos_de_cinco_no_se_publica_nada(app, con_tres):
    responder(con_tres, 6)
    nadie = Navegador(app)
    nadie.abrir("/formularios/")
    elegir = next(n.get("href") for n in nadie.pagina.todos("a") if n.texto.startswith("Ver qué respondió cada región"))
    assert f"{PUBLICA}/" in [n.get("href") for n in nadie.abrir(elegir).todos("a")]
    texto = nadie.abrir(f"{PUBLICA}/").texto
    assert "Todavía no se publica" in texto and "Gremio" not in texto
    assert leer_csv(nadie, f"{PUBLICA}.csv") == []


def test_lo_publico_no_trae_citas_ni_nombres_ni_celdas_chicas(app, con_tres):
    for n in range(6, 17):  # con las de antes: 9 en Rancagua y 5 en Pichilemu
        responder(con_tres, n, comuna="06101" if n < 13 else "06201", problemas=PROBLEMAS)
    nadie = Navegador(app)
    texto = nadie.abrir(f"{PUBLICA}/").texto
    for visible in ("14 respuestas", "Oculto", "Rancagua 9 de 14", "Cada una de las otras 33 opciones"):
        assert visible in texto, visible
    for oculto in (SECRETO, "riego", "Problemáticas", "Pasar a la matriz", "2027-06-0", "Municipio", "Pichilemu", "Faltan"):
        assert oculto not in texto, oculto
    lineas = leer_csv(nadie, f"{PUBLICA}.csv")
    publicos = {c.nombre for c in ENCUESTA.campos if c.dato == "publico"}
    assert lineas and {x["grupo"] for x in lineas} <= publicos
    assert all(int(x["respuestas"]) >= 5 for x in lineas if x["respuestas"])
    assert {x["medida"] for x in lineas} == {"opcion", "suma", "mediana"}


# --- En un navegador de verdad --------------------------------------------------------------------------


@pytest.fixture(scope="module")
def servido(tmp_path_factory):
    """La dirección de los formularios, con 25 respuestas en O'Higgins y ninguna en Valparaíso."""
    exigir(disponible())
    url = f"sqlite:///{tmp_path_factory.mktemp('analisis')}/focaliza.db"
    migrar(url)
    almacen = Almacen(url)
    cargar_catastro(almacen)
    for n in range(25):
        responder(almacen, n, tipo=("gremio", "municipio", "universidad")[n % 3], problemas=PROBLEMAS[n % 4 :])
    for region in ("05", "06"):
        guardar_usuario(almacen, correo="gore@ejemplo.cl", rol="gore_editor", region=region, ahora_utc=AHORA, autor="prueba")

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield f"{direccion}/formularios"
    almacen.cerrar()


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (1280, "dark")])
def test_se_lee_bien_y_se_pasa_una_cita_con_el_teclado(servido, ancho, tema):
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, servido)
        r.ir("/analisis/actor-clave/")
        r.ir("/analisis/actor-clave/06/2027/")
        r.ir("/analisis/actor-clave/05/2027/")
        entrar_como(p, r.sitio, "gore@ejemplo.cl")
        r.ir("/regiones/05/2027/analisis/actor-clave/")
        r.ir("/regiones/06/2027/analisis/actor-clave/")
        p.locator("#problematicas details > summary").first.focus()
        p.keyboard.press("Enter")
        r.revisar(f"analisis-{tema}" if os.environ.get("CAPTURAS") else "")
        abierto = p.locator("#problematicas details[open] button").first
        abierto.focus()
        with p.expect_navigation():
            p.keyboard.press("Enter")
        expect(p.locator("#problematicas .aviso.bien")).to_contain_text("Pasó a la matriz A.2 como PRO-")
        r.revisar()
