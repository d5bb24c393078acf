"""Responder en nombre de otra persona: quién puede, qué consta y qué se olvida al salir. En los dos motores."""

import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from esquemas.catalogo import cargar
from esquemas.tiempo import cierre
from esquemas.validacion import Contexto, validar_filas
from formularios import entrevista as casos
from formularios.accesos import guardar_usuario
from formularios.almacen_bitacora import revisar
from formularios.almacen_tablas import METADATOS, bitacora, borrador, llave
from formularios.app import crear_app
from formularios.borradores import DIAS, BorradorInexistente, guardar_borrador, leer_borrador
from formularios.configuracion import Configuracion
from formularios.convocatoria import (
    EN_ENTREVISTA,
    ENTRE_RECORDATORIOS,
    SIN_INVITAR,
    Convocatoria,
    cambiar_convocatoria,
    compartir,
    invitar,
    leer_invitados,
    recordar,
)
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import comprobante
from formularios.retencion import limpiar
from formularios.sesiones import HORAS_DE_SESION
from formularios.vistas.constancia import leer_constancia
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

CATALOGO = cargar()
ENCUESTA, CATASTRO = CATALOGO.esquemas["actor-clave"], CATALOGO.esquemas["catastro-actores"]
LUGAR = {"region": "06", "ejercicio": 2027}
REGION = "/formularios/regiones/06/2027/"
INVITACIONES, ENTREVISTAS = f"{REGION}invitaciones/actor-clave/", f"{REGION}entrevistas/actor-clave/"
RUTA = "/formularios/encuestas/actor-clave/"
TALLERES, UNIVERSIDAD = "Red de Talleres", "Universidad de Ejemplo"
FRANJA = f"Usted responde en nombre de: {TALLERES}"
GENERAL = {
    "c.nombre_institucion": "Cámara de Ñuñoa",
    "c.tipo_institucion": "gremio",
    "g.representantes.0.nombre": "Persona de ejemplo",
    "g.representantes.0.correo": "contacto@ejemplo.cl",
}
USUARIOS = {
    "g06@ejemplo.cl": ("gore_firmante", "06"),
    "d06@ejemplo.cl": ("direccion_regional", "06"),
    "g05@ejemplo.cl": ("gore_firmante", "05"),
}


@pytest.fixture
def reloj():
    return SimpleNamespace(ahora=AHORA)


@pytest.fixture
def lista(almacen):
    """Una región con su catastro y su gente."""
    for correo, (rol, region) in {**USUARIOS, "central@ejemplo.cl": ("sercotec", "")}.items():
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    filas = [
        {"codigo": c, "institucion": n, "correo": correo, "justificacion": "Reúne a los talleres de la comuna."}
        for c, n, correo in (("ACT-01", TALLERES, "uno@ejemplo.cl"), ("ACT-02", UNIVERSIDAD, ""))
    ]
    resultado = validar_filas(CATALOGO, CATASTRO, {CATASTRO.nombre: filas}, Contexto(**LUGAR))
    recibir(almacen, CATALOGO, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="prueba"))
    return almacen


@pytest.fixture
def app(lista, reloj):
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    return crear_app(configuracion, CATALOGO, lista, lambda: reloj.ahora)


def entrar(app, correo="g06@ejemplo.cl"):
    return Navegador(app).entrar(correo)


def salir(web):
    return web.http.post("/formularios/salir", data={"csrf_token": web.ficha()})


def entrevistar(app, correo="g06@ejemplo.cl", pedido="?codigo=ACT-01", **campos):
    web = entrar(app, correo)
    web.abrir(ENTREVISTAS + pedido)
    web.enviar({"acepto": "si", **campos})
    return web


def hasta_enviar(web):
    web.abrir(f"{RUTA}llenar/informacion-general/")
    web.enviar(GENERAL, "seguir")
    web.abrir(f"{RUTA}llenar/interes-conjunto/")
    web.enviar({"c.interes_alianza": "alto"}, "seguir")
    web.abrir(f"{RUTA}revisar/")
    web.enviar()
    return re.search(r"\d{4}-\d{2}-\d{6}-[\dK]", web.url)[0]


def anotado(almacen, accion):
    with almacen.leer() as c:
        assert revisar(c) == []
        suyas = select(bitacora.c.actor, bitacora.c.objeto).where(bitacora.c.accion == accion).order_by(bitacora.c.n)
        return [tuple(f) for f in c.execute(suyas)]


def id_de(almacen, correo):
    with almacen.leer() as c:
        usuario = METADATOS.tables["usuario"]
        return f"usuario {c.execute(select(usuario.c.id).where(usuario.c.correo == correo)).scalar_one()}"


def contar(almacen, tabla):
    with almacen.leer() as c:
        return len(c.execute(select(tabla)).all())


# --- De la lista al comprobante -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("correo", "rol", "dice"),
    [
        ("g06@ejemplo.cl", "gore", "del Gobierno Regional de O'Higgins"),
        ("d06@ejemplo.cl", "direccion", "de la Dirección Regional de Sercotec de O'Higgins"),
        ("central@ejemplo.cl", "sercotec", "del nivel central de Sercotec"),
    ],
)
def test_una_entrevista_entera_deja_constancia_sin_nombrar_al_profesional(app, lista, correo, rol, dice):
    web = entrevistar(app, correo)
    assert web.url.endswith("/llenar/informacion-general/") and FRANJA in web.pagina.texto
    assert "Este consentimiento lo da la persona entrevistada, no usted" in web.pagina.texto
    assert FRANJA in web.abrir(f"{RUTA}revisar/").texto
    folio = hasta_enviar(web)
    quien = f"Respondida en entrevista por un profesional {dice}"
    assert quien in web.pagina.texto and "En una entrevista presencial" in web.pagina.texto
    assert correo not in web.pagina.todos("main")[0].texto and "usuario" not in web.pagina.todos("main")[0].texto
    assert web.http.get(f"{RUTA}comprobante/{folio}.pdf").data.startswith(b"%PDF")
    with app.test_request_context():  # lo que imprimen el PDF y el correo
        assert quien in [r.valor for r in leer_constancia(ENCUESTA, folio).renglones]
    publico = Navegador(app).abrir(f"/formularios/verificar/{folio}").texto
    assert quien in publico and correo not in publico
    hecho = comprobante(lista, folio)
    assert (hecho.origen, hecho.autor, hecho.entrevisto) == ("entrevista", id_de(lista, correo), rol)
    web.abrir(INVITACIONES)
    assert "Enviado" in web.pagina.texto and ", en entrevista" in web.pagina.texto
    ((actor, objeto),) = anotado(lista, "entrevistar")
    assert actor == hecho.autor and "actor-clave 06 2027 ACT-01" in objeto and TALLERES not in objeto
    assert re.search(r"acepta [0-9a-f]{64}$", objeto)
    assert any(o.startswith(folio) and o.endswith("en entrevista") for _, o in anotado(lista, "recibir"))


def test_quien_responde_por_su_cuenta_no_queda_como_entrevistado(app, lista):
    web = entrevistar(app)
    salir(web)
    _, secreto, _ = compartir(lista, ENCUESTA, *LUGAR.values(), "ACT-01", autor="x", ahora_utc=AHORA)
    persona = Navegador(app)
    persona.abrir(f"{RUTA}retomar/{secreto}")
    persona.enviar()
    assert "Usted responde en nombre de" not in persona.pagina.texto
    hecho = comprobante(lista, hasta_enviar(persona))
    assert (hecho.origen, hecho.autor, hecho.entrevisto) == ("web", "", None)


def test_sin_la_aceptacion_no_comienza_ni_queda_nada(app, lista):
    web = entrar(app)
    web.abrir(f"{ENTREVISTAS}?codigo=ACT-01")
    assert casos.ACEPTACION in web.pagina.texto and "aviso de privacidad" in web.pagina.texto
    web.enviar(estado=400)
    assert "Sin su aceptación no se puede comenzar" in web.pagina.texto
    assert contar(lista, borrador) == 0 and anotado(lista, "entrevistar") == []


def test_a_quien_no_se_invito_queda_en_entrevista_y_despues_se_le_recuerda(app, lista, reloj):
    entrevistar(app)
    uno, dos = leer_invitados(lista, ENCUESTA, *LUGAR.values())
    assert (uno.estado, dos.estado) == (EN_ENTREVISTA, SIN_INVITAR)
    assert "En entrevista: 1" in entrar(app).abrir(INVITACIONES).texto

    def recordados(cuando):
        comun = {"redactar": lambda *_: ("A", "B"), "autor": "x", "ahora_utc": cuando}
        return [i.codigo for i in recordar(lista, ENCUESTA, *LUGAR.values(), **comun)]

    assert recordados(AHORA) == []  # recién se le entrevistó
    assert recordados(AHORA + ENTRE_RECORDATORIOS) == ["ACT-01"]


def test_dos_profesionales_a_la_vez_llenan_un_solo_borrador(lista, en_paralelo):
    with lista.leer() as c:
        usuarios = [SimpleNamespace(id=f.id) for f in c.execute(METADATOS.tables["usuario"].select())]
    comun = {"codigo": "ACT-01", "hasta_utc": AHORA + timedelta(hours=1), "ahora_utc": AHORA}
    hechos = en_paralelo(
        lambda u: casos.comenzar(lista, ENCUESTA, *LUGAR.values(), usuario=u, **comun), [(u,) for u in usuarios]
    )
    assert len({leer_borrador(lista, s, ahora_utc=AHORA).id for s in hechos}) == 1 == contar(lista, borrador)


# --- Lo que la persona ya tenía -----------------------------------------------------------------------


def empezado(lista):
    """ACT-01 ya escribió algo por su cuenta; su secreto."""
    invitar(lista, ENCUESTA, *LUGAR.values(), ["ACT-01"], redactar=lambda *_: ("A", "B"), autor="x", ahora_utc=AHORA)
    _, secreto, _ = compartir(lista, ENCUESTA, *LUGAR.values(), "ACT-01", autor="x", ahora_utc=AHORA)
    guardar_borrador(lista, secreto, revision=0, ahora_utc=AHORA, principal={"nombre_institucion": "Lo que yo escribí"})
    return secreto


def test_un_borrador_empezado_se_avisa_y_se_sigue_sin_pisarlo(app, lista):
    secreto = empezado(lista)
    web = entrar(app)
    web.abrir(f"{ENTREVISTAS}?codigo=ACT-01")
    assert "Esta institución ya empezó su respuesta" in web.pagina.texto and "Lo que yo escribí" not in web.pagina.texto
    web.enviar({"acepto": "si"})
    assert web.url.endswith("/revisar/") and "Lo que yo escribí" in web.pagina.texto
    assert contar(lista, borrador) == 1
    leidas = [o for a, o in anotado(lista, "leer") if a == id_de(lista, "g06@ejemplo.cl")]
    assert any(o.startswith("borrador ") and o.endswith("en entrevista") for o in leidas)
    # Con las reglas de siempre: lo que la persona guarda mientras tanto no se pierde.
    web.abrir(f"{RUTA}llenar/informacion-general/")
    url, pares = web.llenar({"c.nombre_institucion": "Lo del profesional"}, "seguir")
    guardar_borrador(lista, secreto, revision=1, ahora_utc=AHORA, principal={"nombre_institucion": "Lo de la persona"})
    web.mandar(url, pares, estado=409)
    assert "se guardó en otra pestaña" in web.pagina.texto and FRANJA in web.pagina.texto
    guardado = leer_borrador(lista, secreto, ahora_utc=AHORA)
    assert guardado.datos["actor-clave"][0]["nombre_institucion"] == "Lo de la persona"


def test_a_quien_ya_respondio_no_se_le_entrevista(app, lista):
    folio = hasta_enviar(entrevistar(app))
    plazo = {"hasta_utc": AHORA + timedelta(hours=1), "ahora_utc": AHORA}
    usuario = SimpleNamespace(id=1)
    assert casos.comenzar(lista, ENCUESTA, *LUGAR.values(), usuario=usuario, codigo="ACT-01", **plazo) is None
    web = entrar(app, "d06@ejemplo.cl")
    assert "Entrevistar a Red de Talleres" not in web.abrir(INVITACIONES).texto
    assert folio in web.abrir(f"{ENTREVISTAS}?codigo=ACT-01", 409).texto
    web.abrir(f"{ENTREVISTAS}?codigo=ACT-02")
    pares = [("csrf_token", web.ficha()), ("codigo", "ACT-01"), ("acepto", "si")]
    web.mandar(ENTREVISTAS, pares, estado=409)


def test_despues_del_cierre_no_se_comienza(app, lista, reloj):
    web = entrar(app)
    web.abrir(f"{ENTREVISTAS}?codigo=ACT-01")
    cerrada = Convocatoria(ENCUESTA.nombre, **LUGAR, cierra_utc=cierre(date(2026, 11, 14)))
    cambiar_convocatoria(lista, cerrada, autor="x", ahora_utc=AHORA)
    web.enviar({"acepto": "si"}, estado=410)
    web.abrir(f"{ENTREVISTAS}?codigo=ACT-01", 410)
    assert contar(lista, borrador) == 0


def test_un_borrador_vencido_vuelve_a_servir(app, lista, reloj):
    salir(entrevistar(app))
    reloj.ahora += timedelta(days=DIAS + 1)
    web = entrevistar(app)
    assert FRANJA in web.pagina.texto


# --- Fuera de la lista --------------------------------------------------------------------------------


def test_a_quien_no_esta_en_la_lista_se_le_nombra_y_se_puede_seguir_otro_dia(app, lista):
    web = entrar(app)
    web.abrir(ENTREVISTAS)
    web.enviar({"acepto": "si"}, estado=400)
    assert "Escriba el nombre de la institución" in web.pagina.texto
    web.enviar({"nombre": "Junta de Vecinos", "acepto": "si"})
    assert "Usted responde en nombre de: Junta de Vecinos" in web.pagina.texto
    web.enviar(GENERAL, "salir")
    assert "invitaciones de la región" in web.pagina.texto and "/retomar/" not in web.respuesta.text
    salir(web)
    otra = entrar(app, "d06@ejemplo.cl")
    seguir = next(n.get("href") for n in otra.abrir(INVITACIONES).todos("a") if "borrador=" in n.get("href"))
    otra.abrir(seguir)
    assert "Hay una entrevista sin enviar" in otra.pagina.texto
    otra.enviar({"acepto": "si"})
    assert "Cámara de Ñuñoa" in otra.pagina.texto
    hasta_enviar(otra)
    assert "Junta de Vecinos" not in otra.abrir(INVITACIONES).texto
    # De otra región, esa dirección no existe.
    entrar(app, "g05@ejemplo.cl").abrir(seguir.replace("/06/", "/05/"), 404)


def test_el_nombre_se_va_con_el_borrador(app, lista):
    entrevistar(app, pedido="", nombre="Junta de Vecinos")
    limpiar(lista, CATALOGO, aplicar=True, autor="x", ahora_utc=AHORA + timedelta(days=DIAS))
    assert contar(lista, METADATOS.tables["entrevista"]) == 0 == contar(lista, borrador)


# --- Quién puede, y qué se olvida ---------------------------------------------------------------------


def test_otra_region_y_quien_no_entro_no_pueden(app, lista):
    otro = entrar(app, "g05@ejemplo.cl")
    otro.abrir(f"{ENTREVISTAS}?codigo=ACT-01", 403)
    pares = [("csrf_token", otro.abrir(REGION.replace("06", "05")) and otro.ficha()), ("codigo", "ACT-01"), ("acepto", "si")]
    otro.mandar(ENTREVISTAS, pares, estado=403)
    nadie = Navegador(app)
    nadie.abrir(f"{ENTREVISTAS}?codigo=ACT-01")
    assert nadie.url.endswith("/entrar")
    nadie.mandar(ENTREVISTAS, [("csrf_token", nadie.ficha()), ("codigo", "ACT-01"), ("acepto", "si")], estado=403)
    entrar(app).abrir(f"{ENTREVISTAS}?codigo=ACT-99", 404)
    assert contar(lista, borrador) == 0


def secreto_en(web):
    with web.http.session_transaction() as sesion:
        return sesion["borradores"]["actor-clave"]


def test_al_salir_ese_navegador_ya_no_abre_el_borrador(app, lista):
    web = entrevistar(app)
    web.enviar(GENERAL, "seguir")
    secreto = secreto_en(web)
    assert salir(web).headers["Clear-Site-Data"] == '"storage"'
    web.abrir(f"{RUTA}revisar/", 404)
    assert "Tiene un borrador" not in web.abrir(RUTA).texto
    with pytest.raises(BorradorInexistente):  # ni con la cookie de antes
        leer_borrador(lista, secreto, ahora_utc=AHORA)
    assert contar(lista, borrador) == 1  # lo escrito sigue


def test_salir_sin_entrevistas_no_borra_lo_de_nadie(app):
    assert "Clear-Site-Data" not in salir(entrar(app)).headers


def test_vencida_la_sesion_no_se_sigue_y_lo_escrito_se_muestra(app, lista, reloj):
    web = entrevistar(app)
    secreto = secreto_en(web)
    url, pares = web.llenar(GENERAL, "seguir")
    reloj.ahora += timedelta(hours=HORAS_DE_SESION)
    with pytest.raises(BorradorInexistente):  # la llave venció con la sesión
        leer_borrador(lista, secreto, ahora_utc=reloj.ahora)
    web.mandar(url, pares, estado=403)
    assert "Su sesión terminó" in web.pagina.texto and "Cámara de Ñuñoa" in web.pagina.texto
    web.abrir(f"{RUTA}revisar/", 403)
    web.abrir(RUTA)  # la portada pública sigue abierta a quien use ese navegador
    web.entrar("d06@ejemplo.cl")
    web.abrir(f"{RUTA}revisar/", 404)
    with lista.leer() as c:
        assert not c.execute(select(llave)).all()  # al entrar otra persona se cierra del todo


def test_el_comprobante_de_una_entrevista_se_ve_solo_con_la_sesion(app, lista, reloj):
    web = entrevistar(app)
    folio = hasta_enviar(web)
    corregir = web.llenar({})
    assert "Volver a las invitaciones" in web.pagina.texto
    reloj.ahora += timedelta(hours=HORAS_DE_SESION)
    web.abrir(f"{RUTA}comprobante/{folio}")
    assert web.url.endswith(f"/verificar/{folio}")
    web.mandar(*corregir, estado=404)


def test_corregir_en_la_misma_sesion_sigue_siendo_entrevista(app, lista):
    web = entrevistar(app)
    primero = hasta_enviar(web)
    web.enviar()
    assert web.url.endswith("/revisar/") and FRANJA in web.pagina.texto
    web.enviar()
    segundo = comprobante(lista, re.search(r"[\d-]+-[\dK]$", web.url)[0])
    assert (segundo.reemplaza, segundo.entrevisto) == (primero, "gore")


def test_la_llave_de_entrevista_no_viaja(app, lista):
    """Ni por enlace, ni por correo."""
    web = entrevistar(app)
    persona = Navegador(app)
    persona.abrir(f"{RUTA}retomar/{secreto_en(web)}")
    persona.enviar(estado=404)
    web.abrir(f"{RUTA}pausa/")
    web.mandar(f"{RUTA}pausa/", [("csrf_token", web.ficha()), ("correo", "a@ejemplo.cl")], estado=403)


def test_lo_propio_del_navegador_no_se_mezcla_con_la_entrevista(app, lista):
    cambiar_convocatoria(lista, Convocatoria(ENCUESTA.nombre, **LUGAR, publica=True), autor="x", ahora_utc=AHORA)
    web = Navegador(app)
    web.abrir(RUTA)
    web.enviar({"region": "06", "ejercicio": "2027"})
    web.enviar({"c.nombre_institucion": "Lo mío"}, "salir")
    web.entrar("g06@ejemplo.cl")
    web.abrir(f"{ENTREVISTAS}?codigo=ACT-01")
    web.enviar({"acepto": "si"})
    web.enviar(GENERAL, "seguir")
    assert "Lo mío" not in web.abrir(f"{RUTA}revisar/").texto
    assert web.abrir(RUTA).texto.count("Tiene un borrador sin enviar") == 1
    web.entrar("g06@ejemplo.cl")
    assert web.abrir(RUTA).texto.count("Tiene un borrador sin enviar") == 1  # el propio sigue, la entrevista no


def test_dos_entrevistas_en_dos_pestanas_no_se_mezclan(app, lista):
    web = entrevistar(app)
    seccion = web.llenar(GENERAL, "seguir")
    web.abrir(f"{RUTA}revisar/")
    entrega = web.llenar({})
    web.abrir(f"{ENTREVISTAS}?codigo=ACT-02")
    web.enviar({"acepto": "si"})
    web.mandar(*seccion, estado=409)
    assert "En este navegador se abrió otro borrador" in web.pagina.texto and f"en la de {UNIVERSIDAD}" in web.pagina.texto
    assert "Cámara de Ñuñoa" in web.respuesta.text  # lo escrito sigue a la vista
    web.mandar(*entrega, estado=409)
    assert "o se abrió otro" in web.pagina.texto
    with lista.leer() as c:
        assert set(c.execute(select(borrador.c.datos)).scalars()) == {"{}"}
