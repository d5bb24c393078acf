"""Las sesiones viven en la base y se pueden cerrar; el código del teléfono, si se activó, no se salta."""

from datetime import timedelta
from pathlib import Path

import pyotp
import pytest
from sqlalchemy import select

from formularios import segundo_factor, sesiones
from formularios.accesos import borrar_vencidos, guardar_usuario
from formularios.almacen import AlmacenNoDisponible
from formularios.almacen_tablas import bitacora, respaldo, sesion
from formularios.almacen_tablas import segundo_factor as tabla_del_factor
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.fila_en_curso import Matriz
from formularios.filas import leer_matriz
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_permisos import CATALOGO
from tests.formularios.test_web_acceso import Reloj, entrar, pedir_enlace

CORREO, CLAVE, CUENTA = "ana@ejemplo.cl", "c" * 40, "/formularios/cuenta/"


@pytest.fixture
def reloj():
    return Reloj()


@pytest.fixture
def ana(almacen):
    return guardar_usuario(almacen, correo=CORREO, rol="gore_editor", region="06", ahora_utc=AHORA, autor="prueba")


@pytest.fixture
def app(almacen, reloj, ana):
    return crear_app(Configuracion(clave=CLAVE, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, reloj)


@pytest.fixture
def web(app):
    return Navegador(app)


def adentro(web: Navegador) -> bool:
    web.abrir(CUENTA)
    return web.url.endswith(CUENTA)


def ficha_de(web: Navegador) -> str:
    with web.http.session_transaction() as cookie:
        return cookie.get("ficha", "")


# --- Sesiones -----------------------------------------------------------------------------------------


def test_la_cookie_guarda_solo_una_ficha_y_la_base_su_huella(web, almacen):
    entrar(web, CORREO)
    with web.http.session_transaction() as cookie:
        assert set(cookie) <= {"ficha", "csrf_token"}
    with almacen.leer() as c:
        [guardada] = c.execute(select(sesion)).mappings()
    assert guardada["con"] == "enlace" and ficha_de(web) not in str(dict(guardada))


def test_la_sesion_vence_a_las_ocho_horas_y_a_las_dos_sin_uso(web, reloj, almacen):
    entrar(web, CORREO)
    for _ in range(7):
        reloj.ahora += timedelta(minutes=65)
        assert adentro(web)
    reloj.ahora = AHORA + timedelta(hours=8)
    assert not adentro(web)
    assert borrar_vencidos(almacen, ahora_utc=reloj.ahora) >= 1
    entrar(web, CORREO)
    reloj.ahora += timedelta(hours=2)
    assert not adentro(web)


def test_si_no_se_puede_escribir_la_sesion_sigue_sirviendo(almacen, ana, monkeypatch):
    ficha = sesiones.abrir(almacen, ana.id, con="enlace", ahora_utc=AHORA)

    def fallar():
        raise AlmacenNoDisponible("no queda espacio")

    monkeypatch.setattr(almacen, "escribir", fallar)
    assert sesiones.leer(almacen, ficha, ahora_utc=AHORA + timedelta(minutes=6)).usuario == ana.id
    assert sesiones.leer(almacen, "otra", ahora_utc=AHORA) is sesiones.leer(almacen, "", ahora_utc=AHORA) is None


def test_salir_la_cierra_aunque_alguien_haya_copiado_la_cookie(app, web):
    entrar(web, CORREO)
    copia = Navegador(app)
    with copia.http.session_transaction() as cookie:
        cookie["ficha"] = ficha_de(web)
    assert adentro(copia)
    web.abrir(CUENTA)
    web.mandar("/formularios/salir", [("csrf_token", web.ficha())])
    assert not adentro(copia)


def test_desactivar_a_la_persona_borra_sus_sesiones(web, almacen):
    entrar(web, CORREO)
    suya = {"correo": CORREO, "rol": "gore_editor", "region": "06", "ahora_utc": AHORA, "autor": "prueba"}
    guardar_usuario(almacen, **suya, activo=False)
    assert not adentro(web)
    guardar_usuario(almacen, **suya)
    assert not adentro(web), "activarla otra vez no revive lo cerrado"


def test_cerrar_mis_otras_sesiones_deja_solo_esta(app, web):
    otro = Navegador(app)
    entrar(otro, CORREO)
    entrar(web, CORREO)
    assert "otra sesión abierta" in web.abrir(CUENTA).texto
    web.enviar(boton="cerrar", numero=0)
    assert "quedaron cerradas" in web.pagina.texto and "la única abierta" in web.pagina.texto
    assert adentro(web) and not adentro(otro)


def test_la_ficha_cambia_al_entrar_y_la_de_antes_no_sirve(app, web):
    entrar(web, CORREO)
    primera = ficha_de(web)
    entrar(web, CORREO)
    assert ficha_de(web) != primera
    vieja = Navegador(app)
    with vieja.http.session_transaction() as cookie:
        cookie["ficha"] = primera
    assert not adentro(vieja)


# --- Lo escrito cuando la sesión vence ----------------------------------------------------------------

FILA = "/formularios/regiones/06/2027/matrices/catastro-actores/"


def escribir(web):
    """Abre una fila nueva del catastro y la deja escrita, sin guardar: (dirección, pares)."""
    web.http.environ_base["HTTP_ORIGIN"] = "http://localhost"  # como todo navegador
    web.abrir(f"{FILA}nueva/")
    return web.llenar({"c.institucion": "Cámara de Comercio de Pichilemu"}, "guardar")


def guardadas(almacen):
    return [f.datos["institucion"] for f in leer_matriz(almacen, Matriz(CATALOGO.esquemas["catastro-actores"], "06", 2027))]


def salir(web):
    web.abrir(CUENTA)
    web.mandar("/formularios/salir", [("csrf_token", web.ficha())])


@pytest.mark.parametrize("como", ["vence", "sale"])
def test_al_vencer_la_sesion_lo_escrito_se_guarda_despues_de_entrar(app, web, reloj, almacen, como):
    entrar(web, CORREO)
    pedido = escribir(web)
    otra = Navegador(app)
    otra.http = web.http  # otra pestaña del mismo navegador
    if como == "vence":
        reloj.ahora += timedelta(hours=2, minutes=10)
    else:
        salir(otra)
    vencida = web.mandar(*pedido, 403 if como == "vence" else 400)  # al salir, la ficha tampoco sirve
    assert vencida.todos("h1")[0].texto == "Su sesión venció" and "Cámara de Comercio de Pichilemu" in vencida.texto
    [enlace] = [a for a in vencida.todos("a") if a.get("target") == "_blank"]
    assert enlace.get("href") == "/formularios/entrar"
    assert web.enviar(estado=403).todos("h1")[0].texto == "Su sesión venció", "sin entrar, sigue en la página"
    assert guardadas(almacen) == []
    entrar(otra, CORREO)
    assert "venció antes de guardar" in web.enviar(estado=400).texto, "sin JavaScript, la ficha nueva llega aquí"
    web.enviar()
    assert guardadas(almacen) == ["Cámara de Comercio de Pichilemu"]


def test_quien_entra_despues_y_no_puede_no_guarda(app, web, reloj, almacen):
    guardar_usuario(almacen, correo="ajena@ejemplo.cl", rol="gore_editor", region="05", ahora_utc=AHORA, autor="prueba")
    entrar(web, CORREO)
    pedido = escribir(web)
    reloj.ahora += timedelta(hours=3)
    web.mandar(*pedido, 403)
    otra = Navegador(app)
    otra.http = web.http
    entrar(otra, "ajena@ejemplo.cl")
    web.enviar(estado=400)
    assert "Aquí hace falta este rol" in web.enviar(estado=403).texto
    assert guardadas(almacen) == []


def test_sin_sesion_no_vuelven_ni_el_codigo_del_telefono_ni_lo_de_otro_sitio(web, reloj):
    entrar(web, CORREO)
    web.abrir(CUENTA)
    pedido = [("csrf_token", web.ficha()), ("accion", "activar"), ("codigo", "123456")]
    reloj.ahora += timedelta(hours=3)
    assert "Su sesión venció" in web.mandar(CUENTA, pedido, 403).texto and "123456" not in web.respuesta.text
    ajeno = web.http.post(f"{FILA}nueva/", data={"c.tipo": "Puesto"}, headers={"Origin": "https://otro.cl"})
    assert ajeno.status_code == 400 and "Su sesión venció" in ajeno.text and "Puesto" not in ajeno.text


def test_si_habia_un_archivo_se_pide_otra_vez_y_no_queda_en_ninguna_parte(web, reloj, almacen):
    entrar(web, CORREO)
    web.abrir(f"{FILA}subir/")
    reloj.ahora += timedelta(hours=3)
    vencida = web.subir({"archivo": (b"codigo\r\nACT-01", "catastro.csv")}, 403, motivo="Porque sí")
    [archivo] = [n for n in vencida.todos("input") if n.get("type") == "file"]
    assert "Elija otra vez su archivo catastro.csv" in vencida.texto and archivo.get("name") == "archivo"
    assert "required" in archivo.atributos and web.formulario().get("enctype") == "multipart/form-data"
    assert "ACT-01" not in web.respuesta.text and "Porque sí" in vencida.texto


# --- El código del teléfono ---------------------------------------------------------------------------


def activar(web: Navegador, reloj) -> tuple[pyotp.TOTP, list[str]]:
    entrar(web, CORREO)
    web.abrir(CUENTA)
    web.enviar(boton="preparar")
    figura = web.pagina.todos("figure")[0]
    assert figura.todos("svg")
    codigos = pyotp.TOTP(figura.todos("code")[0].texto)
    web.enviar({"codigo": "000000"}, "activar", 400)
    assert "no calza" in web.pagina.texto
    web.enviar({"codigo": codigos.at(reloj.ahora)}, "activar")
    nuevos = [c.texto for c in web.pagina.todos("code")]
    assert len(nuevos) == 10 and "Está activado" in web.pagina.texto
    reloj.ahora += timedelta(seconds=30)
    return codigos, nuevos


def hasta_el_codigo(web: Navegador) -> None:
    entrar(web, CORREO)
    assert web.url.endswith("/cuenta/codigo/")


def test_quien_lo_activo_no_entra_sin_el(app, web, reloj):
    codigos, _ = activar(web, reloj)
    otro = Navegador(app)
    hasta_el_codigo(otro)
    antes = ficha_de(otro)
    otro.abrir("/formularios/regiones/06/2027/")
    assert otro.url.endswith("/entrar"), "con solo el enlace todavía no está adentro"
    otro.abrir(f"{CUENTA}codigo/")
    otro.enviar({"codigo": "123456"}, estado=400)
    assert "no calza" in otro.pagina.texto
    escrito = codigos.at(reloj.ahora)
    otro.enviar({"codigo": f"{escrito[:3]} {escrito[3:]}"})
    assert otro.url.endswith("/regiones/06/2027/") and ficha_de(otro) != antes
    # El mismo código no sirve dos veces, ni en otro navegador.
    tercero = Navegador(app)
    hasta_el_codigo(tercero)
    tercero.enviar({"codigo": escrito}, estado=400)
    reloj.ahora += timedelta(seconds=30)
    tercero.enviar({"codigo": codigos.at(reloj.ahora)})
    assert adentro(tercero)


def test_un_codigo_de_respaldo_sirve_una_vez(app, web, reloj, almacen):
    _, nuevos = activar(web, reloj)
    with almacen.leer() as c:
        guardados = str(c.execute(select(respaldo)).all())
    assert not any(n in guardados for n in nuevos)
    otro = Navegador(app)
    hasta_el_codigo(otro)
    otro.enviar({"codigo": f" {nuevos[3].upper()} "})
    assert "Le quedan 9" in otro.abrir(CUENTA).texto
    hasta_el_codigo(otro)
    otro.enviar({"codigo": nuevos[3]}, estado=400)


def test_los_intentos_se_cuentan_por_persona_en_todos_los_navegadores(app, web, reloj):
    codigos, _ = activar(web, reloj)
    for _ in range(2):  # al activarlo ya usó dos de los diez
        otro = Navegador(app)
        hasta_el_codigo(otro)
        for _ in range(4):
            otro.enviar({"codigo": "123456"}, estado=400)
    hasta_el_codigo(otro)
    otro.enviar({"codigo": codigos.at(reloj.ahora)}, estado=429)


def test_quitarlo_pide_un_codigo(web, reloj, almacen, ana):
    codigos, _ = activar(web, reloj)
    web.abrir(CUENTA)
    web.enviar({"codigo": "123456"}, "quitar", 400)
    assert segundo_factor.activo(almacen, ana.id)
    web.enviar({"codigo": codigos.at(reloj.ahora)}, "quitar")
    assert "no se le pide" in web.pagina.texto and not segundo_factor.activo(almacen, ana.id)


def test_el_secreto_no_esta_en_la_base_y_depende_de_la_clave(web, reloj, almacen, ana):
    codigos, _ = activar(web, reloj)
    with almacen.leer() as c:
        assert codigos.secret not in str(c.execute(select(tabla_del_factor)).all())
    comun = {"ahora_utc": reloj.ahora}
    assert not segundo_factor.comprobar(almacen, ana.id, "otra clave", codigos.at(reloj.ahora), **comun)
    assert segundo_factor.comprobar(almacen, ana.id, CLAVE, codigos.at(reloj.ahora), **comun)


def test_activado_no_se_puede_volver_a_preparar_ni_activar_con_otro(web, reloj, almacen, ana):
    codigos, _ = activar(web, reloj)
    segundo_factor.preparar(almacen, ana.id)
    assert segundo_factor.para_el_telefono(almacen, ana.id, CORREO, CLAVE) is None
    assert segundo_factor.activar(almacen, ana.id, CLAVE, codigos.at(reloj.ahora), ahora_utc=reloj.ahora) is None
    assert not segundo_factor.comprobar(almacen, ana.id + 1, CLAVE, "123456", ahora_utc=reloj.ahora)


def test_la_pantalla_del_codigo_sin_haber_entrado_lleva_a_entrar(web, app):
    web.abrir(f"{CUENTA}codigo/")
    assert web.url.endswith("/entrar")
    web.mandar(f"{CUENTA}codigo/", [("csrf_token", web.ficha()), ("codigo", "1")])
    assert web.url.endswith("/entrar")
    entrar(web, CORREO)
    web.abrir(f"{CUENTA}codigo/")
    assert web.url.endswith("/entrar")
    assert adentro(web), "pasar por ahí no la cierra"
    web.mandar(CUENTA, [("csrf_token", web.ficha()), ("accion", "otra")], 400)


def test_a_quien_perdio_el_telefono_se_le_quita_y_queda_anotado(web, reloj, almacen, ana):
    activar(web, reloj)
    assert segundo_factor.quitar(almacen, ana.id, autor="orden", ahora_utc=AHORA)
    assert not segundo_factor.quitar(almacen, ana.id, autor="orden", ahora_utc=AHORA)
    with almacen.leer() as c:
        anotado = [(f["actor"], f["objeto"]) for f in c.execute(select(bitacora)).mappings() if f["accion"] == "segundo factor"]
    assert anotado == [(f"usuario {ana.id}", "activado"), ("orden", f"quitado a usuario {ana.id}")]


def test_va_donde_iba_despues_del_codigo(app, web, reloj):
    codigos, _ = activar(web, reloj)
    otro = Navegador(app)
    otro.abrir("/formularios/regiones/06/2027/mapa/")
    otro.abrir(pedir_enlace(otro, CORREO))
    otro.enviar()
    otro.enviar({"codigo": codigos.at(reloj.ahora)})
    assert otro.url.endswith("/mapa/")
