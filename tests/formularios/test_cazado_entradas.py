"""Lo que nadie manda de buena fe, a cada ruta de la región: ninguna se cae, ninguna calla y lo ajeno no se toca."""

from pathlib import Path

import pytest
from flask import url_for

from formularios import sesiones
from formularios.accesos import guardar_usuario
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.filas import agregar_fila, leer_matriz
from tests.formularios.conftest import AHORA
from tests.formularios.tramite import CATALOGO, QUIEN, fila, matriz, observada

LUGAR = {"cut": "06", "ejercicio": 2027}
CATASTRO, B1 = "catastro-actores", "desafios-oportunidades-objetivos"
RAROS = ("\0", "\u202e<script>alert(1)</script>%00🏔️" * 3, "=1", "-1", "1" * 25, "A" * 1_000_000)

PEDIDO = ("pagina", "buscado", "solo", "guardada", "quitada", "cambiar", "titulo", "matriz", "fila", "campo")
MANDADO = (*PEDIDO, "motivo", "revision", "unica", "archivo", "accion", "tipo", "ayuda", "nombre", "visto", "base", "norma")
MANDADO += ("fecha", "nota", "cual", "buscar.origen", "correo", "codigo", "c.codigo", "c.descripcion", "c.respuesta", "c.titulo")


@pytest.fixture
def app(almacen):
    armada = crear_app(Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, lambda: AHORA)
    armada.config["WTF_CSRF_ENABLED"] = False  # aquí se prueba qué se manda, no de dónde viene
    return armada


@pytest.fixture
def entran(app, almacen):
    """Uno por rol que escribe, para todos los ejercicios."""
    abiertos = []
    for rol, region in (("gore_firmante", "06"), ("direccion_regional", "06"), ("sercotec", "")):
        suyo = {"correo": f"{rol}@ejemplo.cl", "rol": rol, "region": region, "ahora_utc": AHORA, "autor": "prueba"}
        abiertos.append(app.test_client())
        with abiertos[-1].session_transaction() as cookie:
            cookie["ficha"] = sesiones.abrir(almacen, guardar_usuario(almacen, **suyo).id, con="enlace", ahora_utc=AHORA)
    return abiertos


def de_la_region(app, **valores):
    """(método, dirección) de toda ruta de una región con esos valores en sus marcas."""
    todos = {**LUGAR, "formato": B1, "acto": "final", "documento": "acta", "numero": 1, "clase": "pdf", **valores}
    for regla in app.url_map.iter_rules():
        if "cut" in regla.arguments:
            with app.test_request_context():
                url = url_for(regla.endpoint, **{a: todos.get(a, "x") for a in regla.arguments})
            yield from ((metodo, url) for metodo in sorted(regla.methods & {"GET", "POST"}))


def pedir(entran, metodo, url, **resto):
    """Por qué está mal lo que se respondió a cada uno; nada, si está bien."""
    for web in entran:
        respuesta = web.open(url, method=metodo, **resto)
        mudo = respuesta.status_code >= 400 and b"<h1" not in respuesta.data
        if respuesta.status_code >= 500 or mudo or b"<script>alert" in respuesta.data:
            yield metodo, url[:120], respuesta.status_code, {k: str(v)[:40] for k, v in resto.items()}


def vivo(almacen, region):
    return [(f.id, f.datos, f.version) for n in (B1, CATASTRO) for f in leer_matriz(almacen, matriz(n, region))]


@pytest.mark.parametrize("raro", RAROS, ids=lambda r: ascii(r)[:12])
def test_ningun_valor_raro_tumba_una_ruta_ni_toca_lo_de_otra_region(app, entran, almacen, raro):
    observada(almacen)
    agregar_fila(almacen, CATALOGO, matriz(B1, "05"), {"codigo": "OBJ-99"}, **QUIEN)
    antes, mia = vivo(almacen, "05"), fila(almacen, "FOC-01").id
    corto = raro[:200]
    mandado, pedido = dict.fromkeys(MANDADO, raro), dict.fromkeys(PEDIDO, corto)
    malos = []
    for valores in ({"id": corto, "cual": corto, "acto": corto}, {"id": mia, "formato": "focalizacion"}):
        for metodo, url in de_la_region(app, **valores):
            resto = {"query_string": pedido} if metodo == "GET" else {"data": mandado}
            malos += pedir(entran, metodo, url, **resto)
    assert malos == []
    assert vivo(almacen, "05") == antes


@pytest.mark.parametrize("valores", [{"ejercicio": e} for e in (0, 1, 10**25)] + [{"cut": c} for c in ("99", "\0")], ids=str)
def test_un_ejercicio_o_una_region_imposible_no_tumba_nada(app, entran, valores):
    assert [m for metodo, url in de_la_region(app, **valores) for m in pedir(entran, metodo, url)] == []
