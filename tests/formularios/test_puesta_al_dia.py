"""La versión del esquema cambia entre el borrador y el envío: migra lo que calza, muestra lo que no, y nada se pierde."""

import copy
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from esquemas.catalogo import cargar
from esquemas.lectura_esquema import leer_esquema
from formularios import puesta_al_dia
from formularios.almacen_envios import leer_envio
from formularios.app import crear_app
from formularios.borradores import APARTADO, BorradorInexistente, crear_borrador, guardar_borrador, leer_borrador
from formularios.configuracion import Configuracion
from formularios.demostracion import abrir_encuestas
from formularios.puesta_al_dia import TOPE, al_dia, llevar, rescatar
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

ANTES = cargar()
NOMBRE = "actor-clave"
RUTA = f"/formularios/encuestas/{NOMBRE}/"
LUGAR = {"region": "06", "ejercicio": 2027}


def tabla(descriptor, nombre):
    return next(r for r in descriptor["resources"] if r["name"] == nombre)


def campo(descriptor, donde, nombre):
    return next(c for c in tabla(descriptor, donde)["schema"]["fields"] if c["name"] == nombre)


def quitar(descriptor, donde, nombre):
    suya = tabla(descriptor, donde)["schema"]
    suya["fields"] = [c for c in suya["fields"] if c["name"] != nombre]
    suya["reglas"] = [r for r in suya.get("reglas", ()) if f"'{nombre}'" not in str(r)]
    for seccion in descriptor["secciones"]:
        seccion["contenido"] = [n for n in seccion["contenido"] if n != nombre]


def con_version_nueva(cambiar):
    """El catálogo con la encuesta en la 9.0.0, después de `cambiar(descriptor)`."""
    descriptor = copy.deepcopy(ANTES.esquemas[NOMBRE].descriptor)
    descriptor["version"] = "9.0.0"
    descriptor["cambios"] = [{"version": "9.0.0", "fecha": "2026-11-21", "description": "Otra."}, *descriptor["cambios"]]
    cambiar(descriptor)
    nueva = leer_esquema(descriptor, f"encuestas/{NOMBRE}.yaml", "encuesta")
    return replace(ANTES, esquemas={**ANTES.esquemas, NOMBRE: nueva})


def sin_opcion(catalogo, lista, codigo):
    opciones = catalogo.opciones[lista]
    menos = replace(opciones, opciones=tuple(o for o in opciones.opciones if o.codigo != codigo))
    return replace(catalogo, opciones={**catalogo.opciones, lista: menos})


def de_otro_modo(descriptor):
    """De todo un poco: un campo menos, uno obligatorio más, un bloque menos y uno que era texto y ahora es «sí» o «no»."""
    quitar(descriptor, NOMBRE, "tipo_institucion_cual")
    nueva = {
        **campo(descriptor, NOMBRE, "nombre_institucion"), "name": "sigla", "title": "Sigla nueva", "example": "CCP",
    }  # fmt: skip
    tabla(descriptor, NOMBRE)["schema"]["fields"].insert(2, nueva)
    descriptor["secciones"][0]["contenido"].insert(1, "sigla")


@pytest.fixture
def mundo(almacen):
    """Una web cuyo catálogo se puede cambiar entre una petición y otra, como al publicar una versión."""
    abrir_encuestas(almacen, ANTES, AHORA)
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    app = crear_app(configuracion, ANTES, almacen, lambda: AHORA)

    def publicar(catalogo):
        app.extensions["focaliza"] = replace(app.extensions["focaliza"], catalogo=catalogo)

    return SimpleNamespace(web=Navegador(app), publicar=publicar, almacen=almacen)


def comenzar(web):
    web.abrir(RUTA)
    web.enviar({"region": "06", "ejercicio": "2027"})


GENERAL = {
    "c.nombre_institucion": "Cámara de Ñuñoa",
    "c.tipo_institucion": "gremio",
    "g.representantes.0.nombre": "Ana Rojas",
    "g.representantes.0.correo": "ana@ejemplo.cl",
}


def hasta_revisar(web):
    comenzar(web)
    web.enviar(GENERAL, "seguir")
    for _ in range(3):
        web.enviar({}, "seguir")
    web.enviar({"c.interes_alianza": "alto"}, "seguir")
    web.enviar({}, "seguir")
    assert web.url.endswith("/revisar/")


def seccion_de(nombre, catalogo=ANTES):
    return next(s.nombre for s in catalogo.esquemas[NOMBRE].secciones if nombre in s.contenido)


CAMBIO = "La encuesta cambió desde que usted empezó"


def test_lo_que_calza_sigue_y_el_envio_queda_con_la_version_nueva(mundo):
    hasta_revisar(mundo.web)
    mundo.publicar(con_version_nueva(lambda d: None))
    mundo.web.enviar()
    assert "/comprobante/" in mundo.web.url and CAMBIO not in mundo.web.pagina.texto
    with mundo.almacen.leer() as c:
        assert leer_envio(c, mundo.web.url.rpartition("/")[2]).version_esquema == "9.0.0"


def test_un_campo_quitado_se_muestra_con_su_titulo_y_su_valor(mundo):
    comenzar(mundo.web)
    mundo.web.enviar({**GENERAL, "c.tipo_institucion": "otra"}, "seguir")
    mundo.web.enviar({"c.tipo_institucion_cual": "Cooperativa"}, "seguir")
    titulo = ANTES.esquemas[NOMBRE].principal.campo("tipo_institucion_cual").titulo
    mundo.publicar(con_version_nueva(lambda d: quitar(d, NOMBRE, "tipo_institucion_cual")))
    for ruta in ("llenar/informacion-general/", "revisar/", "pausa/"):
        pagina = mundo.web.abrir(RUTA + ruta).texto
        assert CAMBIO in pagina and f"{titulo} Cooperativa" in pagina, ruta
    assert f"{titulo}: Cooperativa" in mundo.web.http.get(f"{RUTA}copia.txt").text
    mundo.web.abrir(f"{RUTA}llenar/informacion-general/")
    mundo.web.enviar({}, "salir")  # y sigue ahí después de guardar
    assert "Cooperativa" in mundo.web.pagina.texto


def test_un_campo_nuevo_obligatorio_se_pide_antes_de_enviar(mundo):
    hasta_revisar(mundo.web)
    mundo.publicar(con_version_nueva(de_otro_modo))
    mundo.web.enviar(estado=422)
    assert "Sigla nueva" in mundo.web.pagina.texto and "Nada se perdió" in mundo.web.pagina.texto
    mundo.web.abrir(f"{RUTA}llenar/informacion-general/")
    mundo.web.enviar({"c.sigla": "CCP"}, "seguir")
    mundo.web.abrir(f"{RUTA}revisar/")
    assert "Cámara de Ñuñoa" in mundo.web.pagina.texto
    mundo.web.enviar()
    assert "/comprobante/" in mundo.web.url


def test_una_opcion_quitada_no_desaparece_con_su_respuesta(mundo):
    """También sin versión nueva de la encuesta: las listas tienen la suya."""
    hasta_revisar(mundo.web)
    mundo.publicar(sin_opcion(ANTES, "tipos-institucion", "gremio"))
    mundo.web.enviar(estado=409)
    assert CAMBIO in mundo.web.pagina.texto and "gremio" in mundo.web.pagina.texto
    assert "El borrador cambió con la encuesta" in mundo.web.pagina.texto
    mundo.web.enviar(estado=422)
    mundo.web.abrir(f"{RUTA}llenar/informacion-general/")
    mundo.web.enviar({"c.tipo_institucion": "otra"}, "seguir")
    mundo.web.enviar({"c.tipo_institucion_cual": "Gremio"}, "seguir")
    mundo.web.abrir(f"{RUTA}revisar/")
    mundo.web.enviar()
    assert "/comprobante/" in mundo.web.url


def test_un_bloque_quitado_se_muestra_fila_por_fila(mundo):
    comenzar(mundo.web)
    mundo.web.enviar(GENERAL, "agregar:representantes")
    mundo.web.enviar({"g.representantes.1.nombre": "Luis Soto", "g.representantes.1.correo": "luis@ejemplo.cl"}, "seguir")

    def sin_bloque(descriptor):
        descriptor["resources"] = [r for r in descriptor["resources"] if r["name"] != "representantes"]
        for s in descriptor["secciones"]:
            s["contenido"] = [n for n in s["contenido"] if n != "representantes"]

    mundo.publicar(con_version_nueva(sin_bloque))
    pagina = mundo.web.abrir(f"{RUTA}revisar/").texto
    titulo = next(g.tabla.titulo for g in ANTES.esquemas[NOMBRE].grupos if g.nombre == "representantes")
    for escrito in (f"{titulo}, 1: Nombre", "Ana Rojas", f"{titulo}, 2: Nombre", "luis@ejemplo.cl"):
        assert escrito in pagina, escrito


def test_un_campo_con_otro_tipo(mundo):
    """Lo que el control nuevo puede mostrar se queda en él, con su error; lo que no, se aparta."""
    comenzar(mundo.web)
    mundo.web.enviar(GENERAL, "seguir")

    def a_logico(descriptor):
        suyo = campo(descriptor, NOMBRE, "nombre_institucion")
        suyo |= {"type": "boolean", "trueValues": ["si"], "falseValues": ["no"], "example": "si"}
        suyo["constraints"] = {"required": True}
        suyo.pop("tipo", None)

    def a_entero(descriptor):
        suyo = campo(descriptor, NOMBRE, "nombre_institucion")
        suyo |= {"type": "integer", "example": "5", "constraints": {"required": True}}
        suyo.pop("tipo", None)

    mundo.publicar(con_version_nueva(a_entero))
    mundo.web.abrir(f"{RUTA}llenar/informacion-general/")
    assert dict(mundo.web.campos(mundo.web.formulario()))["c.nombre_institucion"] == "Cámara de Ñuñoa"
    mundo.web.abrir(f"{RUTA}revisar/")
    mundo.web.enviar(estado=422)
    mundo.publicar(con_version_nueva(a_logico))
    pagina = mundo.web.abrir(f"{RUTA}revisar/").texto
    assert CAMBIO in pagina and "Cámara de Ñuñoa" in pagina


def test_guardar_una_pantalla_dibujada_con_la_version_anterior(mundo):
    comenzar(mundo.web)
    mundo.publicar(con_version_nueva(de_otro_modo))
    url, pares = mundo.web.llenar({**GENERAL, "c.tipo_institucion": "otra"}, "seguir")
    respuesta = mundo.web._publicar(url, [*(p for p in pares if p[0] != "accion"), ("accion", "anotar")])
    assert respuesta.status_code == 409 and "La encuesta cambió mientras" in respuesta.get_json()["mensaje"]
    mundo.web.mandar(url, [*pares, ("c.tipo_institucion_cual", "Cooperativa"), ("c.inventado", "x")])
    pagina = mundo.web.pagina
    campos = dict(mundo.web.campos(mundo.web.formulario()))
    assert campos["c.nombre_institucion"] == "Cámara de Ñuñoa" and campos["g.representantes.0.nombre"] == "Ana Rojas"
    assert CAMBIO in pagina.texto and "Cooperativa" in pagina.texto and "inventado" not in pagina.texto


def test_guardar_una_seccion_que_ya_no_existe_lleva_a_la_primera(mundo):
    comenzar(mundo.web)
    mundo.publicar(con_version_nueva(lambda d: d["secciones"][0].update(name="primera")))
    mundo.web.enviar(GENERAL, "seguir")
    assert mundo.web.url.endswith("/llenar/primera/?cambio=1") and CAMBIO in mundo.web.pagina.texto
    assert dict(mundo.web.campos(mundo.web.formulario()))["c.nombre_institucion"] == "Cámara de Ñuñoa"


def test_lo_ya_enviado_no_se_lleva_y_al_corregirlo_si(mundo):
    hasta_revisar(mundo.web)
    mundo.web.enviar()
    folio = mundo.web.url.rpartition("/")[2]
    mundo.publicar(con_version_nueva(lambda d: quitar(d, "representantes", "correo")))
    mundo.web.abrir(f"{RUTA}comprobante/{folio}")
    assert "versión 9.0.0" not in mundo.web.pagina.texto
    url, pares = mundo.web.llenar({})
    mundo.web.mandar(url, pares)
    assert mundo.web.url.endswith("/revisar/") and CAMBIO in mundo.web.pagina.texto and "ana@ejemplo.cl" in mundo.web.pagina.texto


# --- Sin web ------------------------------------------------------------------------------------------


def test_llevar_dos_veces_es_llevar_una():
    datos = {NOMBRE: [{"tipo_institucion": "no-existe", "viejo": "x"}], "otra": [{"a": "1"}, {"b": ""}]}
    una = llevar(ANTES, ANTES.esquemas[NOMBRE], datos, {})
    assert una[APARTADO] == [
        {"pregunta": ANTES.esquemas[NOMBRE].principal.campo("tipo_institucion").titulo, "valor": "no-existe"},
        {"pregunta": "viejo", "valor": "x"},
        {"pregunta": "otra, 1: a", "valor": "1"},
    ]
    assert llevar(ANTES, ANTES.esquemas[NOMBRE], una, {}) == una
    repetida = llevar(ANTES, ANTES.esquemas[NOMBRE], {**una, NOMBRE: datos[NOMBRE]}, {})
    assert repetida[APARTADO] == una[APARTADO]


def test_de_varias_opciones_se_aparta_solo_la_que_no_esta():
    esquema = ANTES.esquemas["evaluacion-expost"]
    datos = {esquema.nombre: [{"herramientas_usadas": "reportes;no-existe;fichas"}]}
    nuevos = llevar(ANTES, esquema, datos, {})
    assert nuevos[esquema.nombre] == [{"herramientas_usadas": "reportes;fichas"}]
    assert nuevos[APARTADO][0]["valor"] == "no-existe"


def test_lo_apartado_tiene_tope():
    datos = {NOMBRE: [{f"viejo_{i}": "x" * (TOPE // 2) for i in range(5)}]}
    assert len(llevar(ANTES, ANTES.esquemas[NOMBRE], datos, {})[APARTADO]) == 1


def test_rescatar_a_la_vez_no_pierde_lo_de_ninguna(almacen, monkeypatch):
    esquema = ANTES.esquemas[NOMBRE]
    _, secreto = crear_borrador(almacen, esquema, **LUGAR, ahora_utc=AHORA)
    otra, veces = guardar_borrador, []

    def justo_antes(*lugar, **cambios):
        if not veces:
            veces.append(otra(almacen, secreto, revision=0, ahora_utc=AHORA, principal={"tipo_institucion": "gremio"}))
        return otra(*lugar, **cambios)

    monkeypatch.setattr(puesta_al_dia, "guardar_borrador", justo_antes)
    pares = [("c.nombre_institucion", "Cámara"), ("csrf_token", "x")]
    rescatar(almacen, ANTES, esquema, secreto, esquema.version, pares, ahora_utc=AHORA)
    quedo = leer_borrador(almacen, secreto, ahora_utc=AHORA).datos[NOMBRE]
    assert quedo == [{"tipo_institucion": "gremio", "nombre_institucion": "Cámara"}]


def test_sin_borrador_no_hay_que_llevar(almacen):
    with pytest.raises(BorradorInexistente):
        al_dia(almacen, ANTES, ANTES.esquemas[NOMBRE], "nadie", ahora_utc=AHORA)
