"""Lo que nadie debería mandar a una encuesta: se responde claro, con un 4xx y una página que ayuda, y no se pierde nada."""

import re
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier
from urllib.parse import quote, urlencode

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from esquemas.catalogo import cargar
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import abrir_encuestas
from tests.formularios.cliente import Navegador, revisar_pagina
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_encuesta import GENERAL, RUTA, comenzar, errores, folio_de, hasta_revisar

PANTALLA = f"{RUTA}llenar/informacion-general/"
ORIGEN = {"Origin": "http://localhost"}
NOMBRE = "c.nombre_institucion"
FORMULARIO = "application/x-www-form-urlencoded"
AJENOS = (
    "__proto__", "constructor[prototype]", "c.__proto__", "c.nombre_institucion[]", "c[nombre_institucion]", "c.", "c..", "g.",
    "g.representantes", "g.representantes[0].nombre", "g.representantes.-1.nombre", "g.representantes.99999.nombre",
    "g.representantes.٣.nombre", "g.representantes.0.__class__", "g.__proto__.0.nombre", "g.representantes.0.respuesta",
    "c.respuesta", "c.NOMBRE_INSTITUCION", " c.comuna", "otro\r\nSet-Cookie: a=b",
)  # fmt: skip


def armar(tmp_path, clave="m" * 40):
    almacen = Almacen(f"sqlite:///{tmp_path}/mala.db")
    return crear_app(Configuracion(clave=clave, sitio=Path("no-existe")), cargar(), almacen, lambda: AHORA), almacen


@pytest.fixture
def app(tmp_path):
    migrar(f"sqlite:///{tmp_path}/mala.db")
    app, almacen = armar(tmp_path)
    abrir_encuestas(almacen, cargar(), AHORA)
    yield app
    almacen.cerrar()


@pytest.fixture
def web(app):
    navegador = Navegador(app)
    comenzar(navegador)
    return navegador


def guardado(web, nombre=NOMBRE):
    web.abrir(PANTALLA)
    return dict(web.campos(web.formulario())).get(nombre)


def ayuda(web):
    """La página dice qué pasó en castellano y ofrece por dónde seguir."""
    (principal,) = web.pagina.todos("main")
    assert not re.search(r"\b(Bad Request|Not Found|error occurred|Too Large|Forbidden|Traceback)\b", principal.texto)
    assert [a for a in principal.todos("a", "button") if a.texto]
    return principal.texto


def crudo(web, cuerpo, tipo=FORMULARIO, **cabeceras):
    respuesta = web.http.post(PANTALLA, data=cuerpo, content_type=tipo, headers=cabeceras)
    if respuesta.status_code >= 400:
        web.pagina = revisar_pagina(respuesta)
    return respuesta


# --- Campos que nadie preguntó ------------------------------------------------------------------------


@pytest.mark.parametrize("ajeno", AJENOS)
def test_un_nombre_raro_se_dice_y_lo_demas_se_guarda(web, ajeno):
    url, pares = web.llenar(GENERAL, "seguir")
    web.mandar(url, [*pares, (ajeno, "x")], estado=400)
    assert "no son de esta pantalla" in errores(web) and " ".join(ajeno.split())[:20] in errores(web)
    assert guardado(web) == GENERAL[NOMBRE]


def test_un_campo_repetido_con_otro_valor_no_se_elige_en_silencio(web):
    url, pares = web.llenar(GENERAL, "seguir")
    web.mandar(url, [*pares, (NOMBRE, "Otro nombre")], estado=400)
    assert NOMBRE in errores(web) and guardado(web) == GENERAL[NOMBRE]
    url, pares = web.llenar({}, "seguir")
    web.mandar(url, [*pares, (NOMBRE, GENERAL[NOMBRE])])  # dos veces lo mismo no es un problema
    assert "/marco-estrategico/" in web.url


def test_una_fila_fantasma_no_desordena_ni_estorba(web):
    url, pares = web.llenar(GENERAL, "seguir")
    fantasmas = [("mostrado", "g.representantes.7"), ("mostrado", "g.representantes.3"), ("mostrado", "c.no_existe")]
    web.mandar(url, [*pares, *fantasmas, ("g.representantes.9.cargo", "Presidencia")], estado=200)
    # Lo que trae algo queda de última, a la vista y con lo que le falta; lo vacío no molesta al enviar.
    texto = web.abrir(f"{RUTA}revisar/").texto
    assert "Presidencia" in texto and texto.count("Falta «Nombre del representante»") <= 2
    web.abrir(PANTALLA)
    while [b for b in web.formulario().todos("button") if b.get("value") == "quitar:representantes:1"]:
        web.enviar({}, "quitar:representantes:1")
    assert guardado(web, "g.representantes.0.nombre") == "Persona de ejemplo"


@pytest.mark.parametrize("detalle", ["9" * 5000, "-1", "x", "", "²", "٣", "0:0"])
def test_quitar_lo_que_no_existe_no_quita_nada(web, detalle):
    web.enviar(GENERAL, "agregar:representantes")
    url, pares = web.llenar({})
    web.mandar(url, [*pares, ("accion", f"quitar:representantes:{detalle}")])
    assert guardado(web, "g.representantes.0.nombre") == "Persona de ejemplo"


@pytest.mark.parametrize("revision", ["9" * 5000, "-1", "", "x", "٣", "1e3"])
def test_una_revision_inventada_no_envia(app, revision):
    web = Navegador(app)
    hasta_revisar(web)
    url, pares = web.llenar({})
    web.mandar(url, [(n, revision if n == "revision" else v) for n, v in pares], estado=409)
    assert "No se envió nada" in errores(web)
    web.enviar()
    assert folio_de(web)


# --- Demasiado ----------------------------------------------------------------------------------------


def enormes(ficha):
    base = f"csrf_token={ficha}&accion=seguir"
    yield "un millón de filas", base + "&g.representantes.0.nombre=x" * 1_000_000
    yield "diez megas de texto", f"{base}&{NOMBRE}=" + "ñ" * 5_000_000
    yield "diez megas en una casilla", base + "&c.cobertura_territorial=" + "1" * 10_000_000


def test_lo_enorme_se_rechaza_sin_leerlo_entero_y_lo_guardado_sigue(web):
    web.enviar(GENERAL, "salir")
    web.abrir(PANTALLA)
    for que, cuerpo in enormes(web.ficha()):
        assert crudo(web, cuerpo.encode()).status_code == 413, que
        assert "demasiado grande" in ayuda(web) and "sigue guardado" in ayuda(web)
        assert PANTALLA in [a.get("href") for a in web.pagina.todos("a")]  # el botón para volver
        assert guardado(web) == GENERAL[NOMBRE]


def test_muchos_pares_que_caben_no_demoran_ni_caen(web):
    web.enviar(GENERAL, "salir")
    web.abrir(PANTALLA)
    base = dict(web.campos(web.formulario()))
    propios = urlencode({n: base[n] for n in ("csrf_token", "base", NOMBRE)})
    inventados = "".join(f"&x{i}=" for i in range(90_000))
    for de_mas in ("&c.cobertura_territorial=06101" * 30_000, inventados, "&mostrado=g.representantes.0" * 30_000):
        assert crudo(web, (propios + de_mas).encode()).status_code < 500
        assert guardado(web) == GENERAL[NOMBRE]
    partes = b"--r\r\n" + b'Content-Disposition: form-data; name="a"\r\n\r\n\r\n--r\r\n' * 6000
    assert crudo(web, partes, "multipart/form-data; boundary=r").status_code == 413


def test_un_texto_larguisimo_que_cabe_se_guarda_entero_y_se_dice_cuanto_sobra(web):
    largo = "Lo que escribí. " * 40_000
    web.enviar({**GENERAL, NOMBRE: largo}, "seguir")
    assert "639.999" in errores(web)
    assert guardado(web) == largo


# --- Ilegible -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("roto", ["%ff%fe", "%c3", "%ed%a0%80", "%f8%88%80%80%80"])
def test_utf8_roto_se_rechaza_entero_y_lo_guardado_sigue(web, roto):
    web.enviar(GENERAL, "salir")
    web.abrir(PANTALLA)
    assert crudo(web, f"csrf_token={web.ficha()}&accion=seguir&{NOMBRE}={roto}".encode()).status_code == 400
    assert "UTF-8" in ayuda(web) and "No se guardó nada" in ayuda(web)
    assert guardado(web) == GENERAL[NOMBRE]
    ficha = web.ficha().encode()
    partes = b'--r\r\nContent-Disposition: form-data; name="csrf_token"\r\n\r\n' + ficha + b"\r\n"
    partes += b'--r\r\nContent-Disposition: form-data; name="c.nombre_institucion"\r\n\r\n\xff\xfe\r\n--r--\r\n'
    assert crudo(web, partes, "multipart/form-data; boundary=r").status_code == 400
    assert guardado(web) == GENERAL[NOMBRE]


@pytest.mark.parametrize("tipo", ["application/json", "text/plain", "", "multipart/form-data", FORMULARIO])
def test_un_cuerpo_que_no_es_un_formulario_no_cambia_nada(web, tipo):
    web.enviar(GENERAL, "salir")
    assert crudo(web, b'{"c.nombre_institucion": "x"}', tipo).status_code in (400, 413)
    ayuda(web)
    assert guardado(web) == GENERAL[NOMBRE]


@pytest.mark.parametrize("metodo", ["put", "delete", "patch"])
def test_un_metodo_que_no_se_usa_es_un_405_claro(web, metodo):
    respuesta = getattr(web.http, metodo)(PANTALLA)
    assert respuesta.status_code == 405
    web.pagina = revisar_pagina(respuesta)
    assert "no se usa así" in ayuda(web)


PARECIDOS = st.from_regex(r"[cg]\.[a-z_-]{0,20}(\.\d{0,5}\.[a-z_]{0,12})?")
RAROS = st.one_of(st.sampled_from(AJENOS), st.text(max_size=30), PARECIDOS)
PARES = st.lists(st.tuples(RAROS, st.text(max_size=60)), max_size=12)


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(PARES, st.sampled_from(["seguir", "salir", "anotar", "agregar:representantes", "x"]))
def test_nada_que_se_mande_es_un_500(web, pares, accion):
    web.abrir(PANTALLA)
    fijos = {n: v for n, v in web.campos(web.formulario()) if n in ("csrf_token", "base")}
    legibles = [(n, v) for n, v in pares if n not in fijos and "\x00" not in n]
    cuerpo = urlencode([*fijos.items(), *legibles, ("accion", accion)], errors="surrogatepass")
    respuesta = web.http.post(PANTALLA, data=cuerpo.encode(), content_type=FORMULARIO)
    assert respuesta.status_code < 500
    assert web.http.get(f"{RUTA}revisar/").status_code in (200, 303)


# --- Lo que es de otro --------------------------------------------------------------------------------


@pytest.mark.parametrize("secreto", ["inventado", "x" * 5000, "a%00b", "%F0%9F%98%80", "..%2F..", "<script>", "' or 1=1 --"])
def test_un_secreto_inventado_no_abre_nada_y_ayuda(app, secreto):
    otro = Navegador(app)
    url = f"{RUTA}retomar/{secreto if '%' in secreto else quote(secreto)}"
    respuesta = otro.http.get(url)
    if respuesta.status_code == 200:  # el GET no mira si existe: solo ofrece el botón
        otro.pagina, otro.url = revisar_pagina(respuesta), url
        otro.enviar(estado=404)
        assert "pídale que le mande el enlace otra vez" in ayuda(otro)
        assert otro.respuesta.headers["Referrer-Policy"] == "no-referrer"
    assert respuesta.status_code in (200, 404)


def test_el_secreto_de_otra_encuesta_o_recortado_no_sirve(app, web):
    with web.http.session_transaction() as sesion:
        secreto = sesion["borradores"]["actor-clave"]
    otra = RUTA.replace("actor-clave", "evaluacion-expost")
    for ruta in (f"{RUTA}retomar/{secreto[:-1]}", f"{RUTA}retomar/{secreto}x", f"{otra}retomar/{secreto}"):
        otro = Navegador(app)
        otro.abrir(ruta)
        otro.enviar(estado=404)
        with otro.http.session_transaction() as sesion:
            assert "borradores" not in sesion


def test_sin_la_sesion_no_se_ve_ni_se_cambia_lo_ajeno(app):
    web = Navegador(app)
    hasta_revisar(web)
    web.enviar()
    folio, otro = folio_de(web), Navegador(app)
    for ruta in (f"{RUTA}comprobante/{folio}", f"{RUTA}comprobante/{folio}.pdf"):
        otro.abrir(ruta)
        assert otro.url.endswith(f"/verificar/{folio}") and "Ñuñoa" not in otro.pagina.texto
    for ruta in (PANTALLA, f"{RUTA}revisar/", f"{RUTA}pausa/"):
        otro.abrir(ruta, estado=404)
        ayuda(otro)
    otro.abrir(RUTA)
    otro.mandar(f"{RUTA}corregir/", [("csrf_token", otro.ficha()), ("folio", folio)], estado=404)
    assert "vigente" in web.abrir(f"/formularios/verificar/{folio}").texto


# --- La página venció ---------------------------------------------------------------------------------


def mandar_con(web, cambios, **cabeceras):
    url, pares = web.llenar(cambios, "seguir")
    respuesta = web.http.post(url, data=dict(pares), headers=cabeceras)
    web.url = url
    return respuesta


def test_con_la_ficha_de_otra_ventana_lo_escrito_vuelve_y_se_guarda(web):
    escrito = "Escrito con cariño,\r\nen dos líneas y con «comillas» <b>"
    web.enviar(GENERAL, "seguir")
    with web.http.session_transaction() as sesion:
        sesion["csrf_token"] = "f" * 40  # lo que deja otra ventana que empezó sin cookies
    respuesta = mandar_con(web, {"c.limitaciones": escrito}, **ORIGEN)
    assert respuesta.status_code == 400
    web.pagina = revisar_pagina(respuesta)
    assert "venció antes de guardar" in ayuda(web) and "Escrito con cariño" in web.pagina.texto
    web.enviar()  # «Intentar de nuevo»
    assert "/grupo-influencia/" in web.url
    web.abrir(f"{RUTA}llenar/marco-estrategico/")
    assert dict(web.campos(web.formulario()))["c.limitaciones"] == escrito


def test_si_se_borraron_las_cookies_basta_el_enlace_en_otra_pestana(app, web):
    web.enviar(GENERAL, "salir")
    enlace = next(n.get("href") for n in web.pagina.todos("a") if "/retomar/" in n.get("href"))
    web.abrir(PANTALLA)
    formulario = web.pagina
    web.http = app.test_client()  # las cookies se fueron
    web.pagina = formulario
    respuesta = mandar_con(web, {NOMBRE: "Lo último que escribí"}, **ORIGEN)
    assert respuesta.status_code == 400
    web.pagina = revisar_pagina(respuesta)
    web.enviar(estado=404)  # ya hay ficha, pero no se sabe de quién es el borrador
    assert "ábralo en otra pestaña" in ayuda(web) and "Lo último que escribí" in web.pagina.texto
    perdida, direccion = web.pagina, web.url
    web.abrir("/formularios" + enlace.split("/formularios")[1])
    web.enviar()
    web.pagina, web.url = perdida, direccion
    web.enviar()
    assert guardado(web) == "Lo último que escribí"


@pytest.mark.parametrize("cabeceras", [{}, {"Origin": "https://otro.example"}, {"Origin": "null"}])
def test_lo_que_manda_otro_sitio_no_vuelve_ni_cambia_la_sesion(app, web, cabeceras):
    # Con SameSite=Lax el navegador no manda la cookie; si la respuesta pusiera otra, pisaría la de la persona.
    respuesta = app.test_client().post(PANTALLA, data={NOMBRE: "Elegido por otro sitio"}, headers=cabeceras)
    assert respuesta.status_code == 400 and "Set-Cookie" not in respuesta.headers
    web.pagina = revisar_pagina(respuesta)
    assert "Elegido por otro sitio" not in respuesta.text and not web.pagina.todos("main")[0].todos("form")
    assert guardado(web) == ""


def test_con_https_detras_de_un_proxy_tambien_vuelve(tmp_path, app):
    seguro = Configuracion(clave="m" * 40, sitio=Path("no-existe"), url_publica="https://focaliza.ejemplo.cl")
    almacen = Almacen(f"sqlite:///{tmp_path}/mala.db")
    web = crear_app(seguro, cargar(), almacen, lambda: AHORA).test_client()
    respuesta = web.post(PANTALLA, data={NOMBRE: "Mío"}, headers={"Origin": "https://focaliza.ejemplo.cl"})
    assert respuesta.status_code == 400 and "Mío" in respuesta.text
    galleta = respuesta.headers["Set-Cookie"]
    assert galleta.startswith("__Host-focaliza=") and "Path=/" in galleta and "Domain" not in galleta
    assert all(a in galleta for a in ("Secure", "HttpOnly", "SameSite=Lax"))
    almacen.cerrar()


# --- Dos veces ----------------------------------------------------------------------------------------


def test_dos_clics_de_verdad_a_la_vez_dan_un_folio(app):
    web = Navegador(app)
    hasta_revisar(web)
    url, pares = web.llenar({})
    galleta = web.http.get_cookie("focaliza").value
    salida = Barrier(4)

    def clic(_):
        cliente = app.test_client()
        cliente.set_cookie("focaliza", galleta)
        salida.wait(30)
        return cliente.post(url, data=dict(pares))

    with ThreadPoolExecutor(4) as hilos:
        respuestas = list(hilos.map(clic, range(4)))
    assert {r.status_code for r in respuestas} == {303}
    assert len({r.headers["Location"] for r in respuestas}) == 1


def test_despues_de_enviar_el_boton_atras_no_cambia_lo_enviado(app):
    web = Navegador(app)
    hasta_revisar(web)
    web.abrir(PANTALLA)
    vieja = web.llenar({NOMBRE: "Desde la página de atrás"}, "seguir")
    web.abrir(f"{RUTA}revisar/")
    otra_vez = web.llenar({})
    web.enviar()
    folio = folio_de(web)
    for pedido in (vieja, otra_vez):
        web.mandar(*pedido)
        assert web.url.endswith(folio)
    for ruta in (PANTALLA, f"{RUTA}revisar/"):
        assert web.abrir(ruta) and web.url.endswith(folio)
        assert web.respuesta.headers["Cache-Control"] == "no-store"
    assert "Desde la página de atrás" not in web.pagina.texto
