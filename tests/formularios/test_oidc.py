"""Entrar con un proveedor de identidad de verdad, y todo lo que un proveedor ajeno o una vuelta alterada no puede hacer."""

import time
from pathlib import Path
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest
import requests
from joserfc.jwk import RSAKey
from sqlalchemy import select

from formularios import segundo_factor
from formularios.accesos import guardar_usuario
from formularios.almacen_tablas import identidad, sesion
from formularios.app import crear_app
from formularios.configuracion import Configuracion, Oidc
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_cuenta import CLAVE, CORREO, CUENTA, adentro
from tests.formularios.test_permisos import CATALOGO
from tests.formularios.test_web_acceso import entrar
from tests.servicios.oidc import CLIENTE, SECRETO, atender

OTRA = RSAKey.generate_key(2048, {"kid": "buena"})


@pytest.fixture(scope="module")
def servicio():
    with atender() as proveedor:
        yield proveedor


@pytest.fixture
def proveedor(servicio):
    servicio.sujeto, servicio.firmante, servicio.sin_ficha, servicio.cambios = "sujeto-1", None, False, {}
    servicio.fallas.clear()
    return servicio


@pytest.fixture
def app(almacen, proveedor):
    for correo in (CORREO, "beto@ejemplo.cl"):
        guardar_usuario(almacen, correo=correo, rol="gore_editor", region="06", ahora_utc=AHORA, autor="prueba")
    oidc = Oidc(proveedor.emisor, CLIENTE, SECRETO, "ClaveÚnica")
    configuracion = Configuracion(clave=CLAVE, sitio=Path("no-existe"), demo=True, oidc=oidc)
    return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)


@pytest.fixture
def web(app):
    return Navegador(app)


def ir_al_proveedor(web: Navegador, url: str = "/formularios/oidc/") -> dict[str, str]:
    """Lo que trae la vuelta: el código y el estado, tal como los manda el proveedor."""
    ida = web.http.get(url)
    assert ida.status_code == 302, ida.text
    vuelta = requests.get(ida.headers["Location"], allow_redirects=False, timeout=10)
    assert vuelta.status_code == 302, vuelta.text
    partes = urlsplit(vuelta.headers["Location"])
    assert partes.path == "/formularios/oidc/volver"
    return {n: v[0] for n, v in parse_qs(partes.query).items()}


def volver(web: Navegador, trae: dict[str, str], estado: int = 200):
    return web.abrir(f"/formularios/oidc/volver?{urlencode(trae)}", estado)


def vincular(web: Navegador, correo: str = CORREO) -> None:
    entrar(web, correo)
    web.abrir(CUENTA)
    volver(web, ir_al_proveedor(web, f"/formularios/oidc/?vincular={web.ficha()}"))


@pytest.fixture
def vinculada(app):
    """Ana ya la vinculó, desde otro navegador."""
    vincular(web := Navegador(app))
    assert "quedó vinculada" in web.pagina.texto


def test_se_vincula_desde_mi_cuenta_y_despues_se_entra_con_ella(vinculada, web, almacen, proveedor):
    assert "Entrar con ClaveÚnica" in web.abrir("/formularios/entrar").texto
    volver(web, ir_al_proveedor(web))
    assert web.url.endswith("/regiones/06/2027/") and proveedor.fallas == []
    with almacen.leer() as c:
        assert {f["con"] for f in c.execute(select(sesion)).mappings()} == {"enlace", "oidc"}
        [guardada] = c.execute(select(identidad)).mappings()
    assert proveedor.sujeto not in str(dict(guardada)) and len(guardada["huella"]) == 64
    web.abrir(CUENTA)
    web.enviar(boton="desvincular")
    assert "ya no está vinculada" in web.pagina.texto
    (enlace,) = (a.get("href") for a in web.pagina.todos("a") if "vincular=" in a.get("href"))
    assert "quedó vinculada" in volver(web, ir_al_proveedor(web, enlace)).texto


def test_sin_vincular_no_entra_y_se_dice_como(web):
    pagina = volver(web, ir_al_proveedor(web), 403)
    assert "Entre con el correo de su institución" in pagina.texto and "Vincular ClaveÚnica" in pagina.texto
    assert not adentro(web)


def test_a_quien_se_desactivo_tampoco_lo_deja_entrar(vinculada, web, almacen):
    suya = {"correo": CORREO, "rol": "gore_editor", "region": "06", "ahora_utc": AHORA, "autor": "prueba"}
    guardar_usuario(almacen, **suya, activo=False)
    volver(web, ir_al_proveedor(web), 403)
    assert not adentro(web)


def test_la_identidad_de_una_persona_no_se_vincula_a_otra(vinculada, app):
    otro = Navegador(app)
    vincular(otro, "beto@ejemplo.cl")
    assert "ya es de otra cuenta" in otro.pagina.texto
    vincular(otro)  # la suya, otra vez: queda igual
    assert "quedó vinculada" in otro.pagina.texto


AJENOS = {
    "firma ajena": {"firmante": OTRA},
    "nonce cambiado": {"cambios": {"nonce": "otro"}},
    "sin nonce": {"cambios": {"nonce": None}},
    "emisor ajeno": {"cambios": {"iss": "https://malo.example"}},
    "audiencia ajena": {"cambios": {"aud": "otro-cliente"}},
    "audiencia ajena con azp": {"cambios": {"aud": "otro-cliente", "azp": CLIENTE}},
    "vencida": {"cambios": {"exp": int(time.time()) - 3600, "iat": int(time.time()) - 7200}},
    "sin sujeto": {"cambios": {"sub": None}},
    "sin ficha de identidad": {"sin_ficha": True},
}


@pytest.mark.parametrize("caso", AJENOS)
def test_una_ficha_que_no_calza_no_entra(vinculada, web, proveedor, caso):
    for atributo, valor in AJENOS[caso].items():
        setattr(proveedor, atributo, valor)
    assert "no confirmó quién es usted" in volver(web, ir_al_proveedor(web), 403).texto
    assert not adentro(web)


def test_el_estado_cambiado_o_de_otro_navegador_no_entra(vinculada, web, app):
    trae = ir_al_proveedor(web)
    volver(web, {**trae, "state": "otro"}, 403)
    volver(Navegador(app), trae, 403)
    volver(web, {"error": "access_denied", "state": trae["state"]}, 403)
    volver(web, {}, 403)
    assert not adentro(web)


def test_la_misma_vuelta_no_sirve_dos_veces(vinculada, web):
    trae = ir_al_proveedor(web)
    volver(web, trae)
    web.mandar("/formularios/salir", [("csrf_token", web.ficha())])
    volver(web, trae, 403)
    assert not adentro(web)


def test_quien_pide_vincular_sin_haber_entrado_no_vincula_nada(web, almacen):
    volver(web, ir_al_proveedor(web, "/formularios/oidc/?vincular=1"), 403)
    with almacen.leer() as c:
        assert c.execute(select(identidad)).all() == []


@pytest.mark.parametrize("ficha", ["1", "", "ajena"])
def test_otro_sitio_no_puede_hacer_que_se_vincule(web, almacen, app, ficha):
    """Con la identidad de otro abierta en el proveedor, llevar a «vincular» a quien entró le daría su cuenta a ese otro."""
    if ficha == "ajena":
        otro = Navegador(app)
        entrar(otro, "beto@ejemplo.cl")
        ficha = otro.ficha()
    entrar(web, CORREO)
    volver(web, ir_al_proveedor(web, f"/formularios/oidc/?{urlencode({'vincular': ficha})}"), 403)
    with almacen.leer() as c:
        assert c.execute(select(identidad)).all() == []


def test_con_segundo_factor_tambien_se_le_pide(vinculada, web, almacen, monkeypatch):
    monkeypatch.setattr(segundo_factor, "activo", lambda *_: True)
    volver(web, ir_al_proveedor(web))
    assert web.url.endswith("/cuenta/codigo/")
    assert not adentro(web)


def test_si_el_proveedor_no_responde_se_dice(almacen):
    oidc = Oidc("http://127.0.0.1:9", CLIENTE, SECRETO, "ClaveÚnica")
    app = crear_app(Configuracion(clave=CLAVE, sitio=Path("no-existe"), oidc=oidc), CATALOGO, almacen, lambda: AHORA)
    assert "ClaveÚnica no responde" in Navegador(app).abrir("/formularios/oidc/", 502).texto


def test_sin_configurarlo_no_existe(almacen):
    app = crear_app(Configuracion(clave=CLAVE, sitio=Path("no-existe")), CATALOGO, almacen, lambda: AHORA)
    web = Navegador(app)
    web.abrir("/formularios/oidc/", 404)
    web.abrir("/formularios/oidc/volver", 404)
    assert "ClaveÚnica" not in web.abrir("/formularios/entrar").texto
