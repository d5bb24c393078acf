"""Toda página con datos de personas anota quién la leyó: una vez por persona, página y día de Chile."""

from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from esquemas.catalogo import cargar
from formularios.accesos import borrar_vencidos, guardar_usuario
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import sembrar
from formularios.solicitudes import pedir
from formularios.tablero import anotar_lectura, contar, leer_lecturas
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

CATALOGO = cargar()


@pytest.fixture
def reloj():
    return SimpleNamespace(ahora=AHORA)


@pytest.fixture
def app(almacen, reloj):
    sembrar(almacen, CATALOGO, AHORA)
    for correo, rol, region in (("central@ejemplo.cl", "sercotec", ""), ("uno@ejemplo.cl", "gore_firmante", "06")):
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    guardar_usuario(almacen, correo="dos@ejemplo.cl", rol="direccion_regional", region="06", ahora_utc=AHORA, autor="prueba")
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    return crear_app(configuracion, CATALOGO, almacen, lambda: reloj.ahora)


def entrar(app, correo):
    return Navegador(app).entrar(correo)


def leidas(almacen, trozo=""):
    return [m["objeto"] for m in leer_lecturas(almacen) if trozo in m["objeto"]]


def paginas(almacen):
    """Correo → (dirección, cómo se anota) de cada página con datos de personas que puede ver."""
    folio = contar(almacen, esquema="catastro-actores")[1][0].folio
    respuesta = contar(almacen, esquema="actor-clave")[1][0].folio
    pedida = pedir(almacen, derecho="acceso", correo="a@ejemplo.cl", folio="", region="06", detalle="", ahora_utc=AHORA)
    lugar = contar(almacen, esquema="catastro-actores")[0][0]
    base = f"/formularios/regiones/{lugar.region}/{lugar.ejercicio}"
    return [
        (f"/formularios/sercotec/envios/{folio}", f"envio {folio}"),
        (f"/formularios/sercotec/envios/{respuesta}", f"envio {respuesta}"),
        (f"/formularios/solicitudes/{pedida.numero}/", f"solicitud {pedida.numero}"),
        (f"{base}/invitaciones/actor-clave/", f"invitaciones actor-clave {lugar.region} {lugar.ejercicio}"),
    ]


def test_recargar_no_llena_la_bitacora_y_queda_en_la_bandeja(app, almacen, reloj):
    web = entrar(app, "central@ejemplo.cl")
    for url, objeto in paginas(almacen):
        for _ in range(3):
            web.abrir(url)
        assert leidas(almacen, objeto) == [objeto], url
    texto = web.abrir("/formularios/sercotec/lecturas/").texto
    assert all(objeto in texto for objeto in leidas(almacen)) and "central@ejemplo.cl" in texto


def test_cada_persona_y_cada_dia_de_chile_se_anota(app, almacen, reloj):
    url, objeto = paginas(almacen)[-1]
    region = url.split("/")[3]
    for correo in ("uno@ejemplo.cl", "dos@ejemplo.cl"):
        guardar_usuario(almacen, correo=correo, rol="gore_firmante", region=region, ahora_utc=AHORA, autor="prueba")
    webs = [entrar(app, "uno@ejemplo.cl"), entrar(app, "dos@ejemplo.cl")]
    for web in webs:
        web.abrir(url)
    assert len(leidas(almacen, objeto)) == 2
    reloj.ahora = AHORA.replace(hour=2, minute=59) + timedelta(days=1)  # las 23:59 en Chile
    webs = [entrar(app, "uno@ejemplo.cl")]
    webs[0].abrir(url)
    assert len(leidas(almacen, objeto)) == 2
    reloj.ahora += timedelta(minutes=1)
    webs[0].abrir(url)
    assert len(leidas(almacen, objeto)) == 3
    assert borrar_vencidos(almacen, ahora_utc=reloj.ahora)  # las cuentas del día anterior no se acumulan
    webs[0].abrir(url)
    assert len(leidas(almacen, objeto)) == 3


def test_a_la_vez_se_anota_una(almacen, en_paralelo):
    pedido = {"actor": "usuario 1", "objeto": "página", "ahora_utc": AHORA}
    en_paralelo(lambda _: anotar_lectura(almacen, **pedido, una_al_dia=True), [(i,) for i in range(4)])
    assert leidas(almacen) == ["página"]
    for _ in range(2):  # una descarga se anota siempre
        anotar_lectura(almacen, **pedido)
    assert len(leidas(almacen)) == 3


def test_sin_personas_no_se_anota(app, almacen):
    web = entrar(app, "central@ejemplo.cl")
    web.abrir("/formularios/regiones/13/2027/invitaciones/actor-clave/")  # todavía no carga su lista
    web.abrir("/formularios/sercotec/")
    assert leidas(almacen) == []
