"""El enlace de un borrador: no deja rastro, vence, se revoca y se vuelve a mandar sin perder lo escrito."""

import re
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest

from esquemas.catalogo import cargar
from formularios import bandeja
from formularios.accesos import guardar_usuario
from formularios.app import crear_app
from formularios.borradores import DIAS
from formularios.configuracion import Configuracion
from formularios.convocatoria import DIAS_DE_CODIGO
from tests.formularios.camino import entregar_archivo
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

ENCUESTA = "/formularios/encuestas/actor-clave/"
GENERAL = f"{ENCUESTA}llenar/informacion-general/"
INVITACIONES = "/formularios/regiones/06/2027/invitaciones/actor-clave/"
LISTA = "/formularios/regiones/06/2027/matrices/catastro-actores/"
NOMBRE = "c.nombre_institucion"


@pytest.fixture
def motor():
    """Uno solo: lo que depende de la base se prueba en los dos en test_convocatoria.py."""
    return "sqlite"


@pytest.fixture
def reloj():
    return SimpleNamespace(ahora=AHORA)


@pytest.fixture
def app(almacen, reloj):
    guardar_usuario(almacen, correo="gore06@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    return crear_app(configuracion, cargar(), almacen, lambda: reloj.ahora)


def catastro(web, *correos):
    filas = "".join(f"ACT-{i:02};Institución {i};{c};Reúne a los talleres.\r\n" for i, c in enumerate(correos, 1))
    datos = f"codigo;institucion;correo;justificacion\r\n{filas}".encode()
    assert "quedó entregada" in entregar_archivo(web, LISTA, datos).texto


@pytest.fixture
def gore(app):
    return Navegador(app).entrar("gore06@ejemplo.cl")


def invitar(gore, *correos):
    catastro(gore, *correos)
    gore.abrir(INVITACIONES)
    gore.enviar({}, "invitar", numero=1)


def enlace_para(almacen, para):
    cuerpo = next(c.cuerpo for c in bandeja.ultimos(almacen) if c.para == para)
    return re.search(r"/formularios/encuestas/actor-clave/retomar/[\w-]+", cuerpo)[0]


def abierto(app, enlace):
    actor = Navegador(app)
    actor.abrir(enlace)
    actor.enviar()
    return actor


def test_ni_el_enlace_ni_el_codigo_llegan_a_la_bitacora_ni_salen_como_referer(app, gore, almacen, capsys):
    invitar(gore, "uno@ejemplo.cl")
    enlace = enlace_para(almacen, "uno@ejemplo.cl")
    capsys.readouterr()
    actor = Navegador(app)
    actor.abrir(enlace)
    respuesta = actor.http.post(enlace, data={"csrf_token": actor.ficha()})
    for cada in (actor.respuesta, respuesta):
        assert cada.headers["Referrer-Policy"] == "no-referrer"
    assert enlace.rsplit("/", 1)[1] not in respuesta.headers["Location"]
    actor.abrir(GENERAL)
    actor.enviar({NOMBRE: "Cámara de Ñuñoa"}, "salir")
    actor.enviar({"correo": "persona@ejemplo.cl"})
    cuerpo = next(c.cuerpo for c in bandeja.ultimos(almacen) if c.para.startswith("persona"))
    codigo = re.search(r"[2-9A-Z]{5}-[2-9A-Z]{5}", cuerpo)[0]
    otro = Navegador(app)
    otro.abrir("/formularios/encuestas/codigo/")
    otro.enviar({"codigo": codigo})
    assert otro.url.endswith("/revisar/")
    registrado = "".join(capsys.readouterr())
    assert "/retomar/<secreto>" in registrado
    for secreto in (enlace.rsplit("/", 1)[1], codigo, codigo.replace("-", ""), "persona@", "Ñuñoa"):
        assert secreto not in registrado


def test_el_enlace_vence_si_no_se_usa_y_usarlo_lo_renueva(app, gore, almacen, reloj):
    invitar(gore, "uno@ejemplo.cl", "dos@ejemplo.cl")
    usado, olvidado = (enlace_para(almacen, f"{n}@ejemplo.cl") for n in ("uno", "dos"))
    reloj.ahora = AHORA + timedelta(days=DIAS - 1)
    actor = abierto(app, usado)
    actor.enviar({NOMBRE: "A tiempo"}, "salir")
    reloj.ahora = AHORA + timedelta(days=DIAS)
    assert "A tiempo" in abierto(app, usado).pagina.texto
    tarde = Navegador(app)
    tarde.abrir(olvidado)
    tarde.enviar(estado=404)
    assert "que el borrador haya vencido" in tarde.pagina.texto and "pídale que le mande" in tarde.pagina.texto


def test_el_codigo_del_correo_vence_antes(app, gore, almacen, reloj):
    invitar(gore, "uno@ejemplo.cl")
    actor = abierto(app, enlace_para(almacen, "uno@ejemplo.cl"))
    actor.enviar({NOMBRE: "A medias"}, "salir")
    actor.enviar({"correo": "uno@ejemplo.cl"})
    cuerpo = next(c.cuerpo for c in bandeja.ultimos(almacen) if "borrador" in c.asunto)
    assert f"Dura {DIAS_DE_CODIGO} días" in cuerpo and "/formularios/encuestas/codigo/" in cuerpo
    codigo = re.search(r"\b[2-9A-Z]{5}-[2-9A-Z]{5}\b", cuerpo)[0]
    for dias, estado in ((DIAS_DE_CODIGO - 1, 200), (DIAS_DE_CODIGO, 404)):
        reloj.ahora = AHORA + timedelta(days=dias)
        otro = Navegador(app)
        otro.abrir("/formularios/encuestas/codigo/")
        otro.enviar({"codigo": codigo}, estado=estado)


def test_revocado_no_abre_ni_en_el_equipo_que_lo_usaba_y_el_nuevo_trae_todo(app, gore, almacen):
    invitar(gore, "uno@ejemplo.cl")
    enlace = enlace_para(almacen, "uno@ejemplo.cl")
    actor = abierto(app, enlace)
    actor.enviar({NOMBRE: "Escrito antes"}, "salir")
    gore.abrir(INVITACIONES)
    gore.enviar({}, "revocar:ACT-01", numero=1)
    assert "ya no sirven" in gore.pagina.texto
    actor.abrir(GENERAL, estado=404)
    abrir = Navegador(app)
    abrir.abrir(enlace)
    abrir.enviar(estado=404)
    gore.enviar({}, "compartir:ACT-01", numero=1)
    nuevo = re.search(r"/formularios/encuestas/actor-clave/retomar/[\w-]+", gore.pagina.texto)[0]
    assert "Escrito antes" in abierto(app, nuevo).pagina.texto


def test_quien_responde_cambia_su_enlace_y_el_de_antes_deja_de_servir_en_todas_partes(app, gore, almacen):
    invitar(gore, "uno@ejemplo.cl")
    enlace = enlace_para(almacen, "uno@ejemplo.cl")
    perdido, propio = abierto(app, enlace), abierto(app, enlace)
    propio.enviar({NOMBRE: "Escrito antes"}, "salir")
    cambiar = next(f for f in propio.pagina.todos("form") if f.get("action").endswith("/pausa/enlace/"))
    propio.mandar(cambiar.get("action"), propio.campos(cambiar))
    assert "ya no sirven" in propio.pagina.texto
    perdido.abrir(GENERAL, estado=404)
    propio.abrir(GENERAL)
    assert "Escrito antes" in propio.respuesta.text
    nuevo = re.search(r"/formularios/encuestas/actor-clave/retomar/[\w-]+", propio.abrir(f"{ENCUESTA}pausa/").texto)[0]
    assert nuevo not in enlace and "Escrito antes" in abierto(app, nuevo).pagina.texto
