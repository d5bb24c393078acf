"""Invitar, recordar, compartir y cerrar: en los dos motores, y por la web."""

import re
from datetime import date, timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
from flask import url_for

from esquemas.catalogo import cargar
from esquemas.tiempo import cierre
from esquemas.validacion import Contexto, validar_filas
from formularios import bandeja
from formularios.accesos import guardar_usuario
from formularios.almacen_bitacora import revisar
from formularios.app import crear_app
from formularios.borradores import BorradorInexistente, crear_borrador, guardar_borrador, leer_borrador
from formularios.configuracion import Configuracion
from formularios.convocatoria import (
    EN_BORRADOR,
    ENTRE_RECORDATORIOS,
    ENVIADO,
    NO_ABIERTO,
    POR_SALIR,
    REBOTADO,
    SIN_CORREO,
    SIN_INVITAR,
    Convocatoria,
    EncuestaCerrada,
    cambiar_convocatoria,
    compartir,
    invitar,
    leer_codigo,
    leer_invitados,
    recordar,
    revocar,
)
from formularios.correo import enlace_de_borrador
from formularios.encuesta import enviar
from formularios.recepcion import Recepcion, recibir
from tests.formularios.cliente import Navegador, en_template
from tests.formularios.conftest import AHORA
from tests.servicios.smtp import servidor_smtp

CATALOGO = cargar()
ENCUESTA, CATASTRO = CATALOGO.esquemas["actor-clave"], CATALOGO.esquemas["catastro-actores"]
LUGAR = {"region": "06", "ejercicio": 2027}
AUTOR = {"autor": "usuario 1", "ahora_utc": AHORA}
DESPUES = AHORA + ENTRE_RECORDATORIOS
ACTORES = {"ACT-01": "uno@ejemplo.cl", "ACT-02": "dos@ejemplo.cl", "ACT-03": ""}


@pytest.fixture
def catastro(almacen):
    filas = [
        {"codigo": c, "institucion": f"Institución {c}", "correo": correo, "justificacion": "Reúne a los talleres de la comuna."}
        for c, correo in ACTORES.items()
    ]
    resultado = validar_filas(CATALOGO, CATASTRO, {CATASTRO.nombre: filas}, Contexto(**LUGAR))
    recibir(almacen, CATALOGO, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="prueba"))
    return almacen


def redactar(nombre, secreto):
    return f"Para {nombre}", f"secreto={secreto}"


def estados(almacen):
    return {i.codigo: i.estado for i in leer_invitados(almacen, ENCUESTA, *LUGAR.values())}


def secreto_de(almacen, para):
    cuerpo = next(c.cuerpo for c in bandeja.ultimos(almacen) if c.para == para)
    return cuerpo.partition("=")[2]


def invitar_a(almacen, *codigos, **cambios):
    return invitar(almacen, ENCUESTA, *LUGAR.values(), codigos, redactar=redactar, **{**AUTOR, **cambios})


def salir(almacen):
    for correo in bandeja.tomar(almacen, ahora_utc=AHORA):
        bandeja.marcar_enviado(almacen, correo, ahora_utc=AHORA)


def test_sin_catastro_no_hay_a_quien(almacen):
    assert leer_invitados(almacen, ENCUESTA, *LUGAR.values()) is None
    assert invitar_a(almacen, "ACT-01") == []


def test_cada_invitado_pasa_por_sus_estados(catastro):
    assert set(estados(catastro).values()) == {SIN_INVITAR}
    invitar_a(catastro, *ACTORES)
    assert estados(catastro) == {"ACT-01": POR_SALIR, "ACT-02": POR_SALIR, "ACT-03": SIN_CORREO}
    uno, dos = bandeja.tomar(catastro, ahora_utc=AHORA)
    secreto = uno.cuerpo.partition("=")[2]
    bandeja.marcar_enviado(catastro, uno, ahora_utc=AHORA)
    bandeja.marcar_fallido(catastro, dos, error="SMTPRecipientsRefused 550", definitivo=True, ahora_utc=AHORA)
    assert estados(catastro) == {"ACT-01": NO_ABIERTO, "ACT-02": REBOTADO, "ACT-03": SIN_CORREO}
    ejemplo = {c.nombre: c.ejemplo for c in ENCUESTA.principal.campos if c.nombre != "respuesta"}
    borrador = guardar_borrador(catastro, secreto, revision=0, ahora_utc=AHORA, principal={"nombre_institucion": "X"})
    assert estados(catastro)["ACT-01"] == EN_BORRADOR
    grupos = {g.nombre: [{c.nombre: c.ejemplo for c in g.tabla.campos if c.nombre != "respuesta"}] for g in ENCUESTA.grupos}
    borrador = guardar_borrador(catastro, secreto, revision=1, ahora_utc=AHORA, principal=ejemplo, grupos=grupos)
    envio = enviar(catastro, CATALOGO, ENCUESTA, borrador, revision=2, ahora_utc=AHORA)
    (primero, *_) = leer_invitados(catastro, ENCUESTA, *LUGAR.values())
    assert (primero.estado, primero.folio) == (ENVIADO, envio.folio)


def test_nadie_recibe_dos_invitaciones(catastro, en_paralelo):
    hechas = en_paralelo(lambda _: invitar_a(catastro, *ACTORES), [(i,) for i in range(4)])
    assert sorted(map(len, hechas)) == [0, 0, 0, 3]
    assert len(bandeja.ultimos(catastro)) == 2
    with catastro.leer() as c:
        assert revisar(c) == []


def test_se_recuerda_solo_a_quien_falta_y_no_dos_veces_seguidas(catastro, en_paralelo):
    invitar_a(catastro, *ACTORES)
    salir(catastro)
    comun = {"redactar": redactar, "autor": "usuario 1"}
    assert recordar(catastro, ENCUESTA, *LUGAR.values(), **comun, ahora_utc=AHORA) == []  # recién se les invitó
    a_la_vez = en_paralelo(lambda _: recordar(catastro, ENCUESTA, *LUGAR.values(), **comun, ahora_utc=DESPUES), [(1,), (2,)])
    assert sorted([i.codigo for i in hechos] for hechos in a_la_vez) == [[], ["ACT-01", "ACT-02"]]
    assert recordar(catastro, ENCUESTA, *LUGAR.values(), **comun, ahora_utc=DESPUES + timedelta(hours=1)) == []


def test_el_enlace_de_antes_sigue_sirviendo_hasta_que_se_revoca(catastro):
    invitar_a(catastro, "ACT-01")
    primero = secreto_de(catastro, "uno@ejemplo.cl")
    _, segundo, corto = compartir(catastro, ENCUESTA, *LUGAR.values(), "ACT-01", **AUTOR)
    ids = {leer_borrador(catastro, s, ahora_utc=AHORA).id for s in (primero, segundo, leer_codigo(corto.lower()))}
    assert len(ids) == 1
    with pytest.raises(BorradorInexistente):  # el código corto vence antes que el enlace
        leer_borrador(catastro, leer_codigo(corto), ahora_utc=AHORA + timedelta(days=15))
    assert leer_borrador(catastro, segundo, ahora_utc=AHORA + timedelta(days=15))
    assert revocar(catastro, ids.pop(), **AUTOR) == 3
    for secreto in (primero, segundo, leer_codigo(corto)):
        with pytest.raises(BorradorInexistente):
            leer_borrador(catastro, secreto, ahora_utc=AHORA)


def test_no_se_comparte_a_quien_no_se_invito(catastro):
    assert compartir(catastro, ENCUESTA, *LUGAR.values(), "ACT-01", **AUTOR) is None


@pytest.mark.parametrize(("antes", "abierta"), [(timedelta(seconds=1), True), (timedelta(), False)])
def test_al_cierre_no_se_recibe_mas(almacen, antes, abierta):
    cambiar_convocatoria(almacen, Convocatoria("actor-clave", "06", 2027, cierra_utc=AHORA + antes), **AUTOR)
    borrador, _ = crear_borrador(almacen, ENCUESTA, **LUGAR, ahora_utc=AHORA)
    with pytest.raises(Exception) as rechazo:
        enviar(almacen, CATALOGO, ENCUESTA, borrador, revision=0, ahora_utc=AHORA)
    assert (rechazo.type is not EncuestaCerrada) == abierta


# --- Por la web ---------------------------------------------------------------------------------------


@pytest.fixture
def app(catastro):
    for correo, region in (("gore06@ejemplo.cl", "06"), ("gore05@ejemplo.cl", "05")):
        guardar_usuario(catastro, correo=correo, rol="gore_firmante", region=region, ahora_utc=AHORA, autor="prueba")
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    return crear_app(configuracion, CATALOGO, catastro, lambda: AHORA)


def entrar(app, correo="gore06@ejemplo.cl"):
    return Navegador(app).entrar(correo)


INVITACIONES = "/formularios/regiones/06/2027/invitaciones/actor-clave/"


def test_invitar_y_responder_por_la_web(app):
    gore = entrar(app)
    assert gore.url.endswith("/regiones/06/2027/")
    gore.abrir(INVITACIONES)
    gore.enviar({"codigo": ["ACT-01", "ACT-02"]}, "invitar", numero=1)
    assert "Se invitó a 2 instituciones" in gore.pagina.texto
    assert gore.pagina.texto.count("El correo está por salir") >= 2
    gore.abrir("/formularios/bandeja")
    enlace = re.search(r"/formularios/encuestas/actor-clave/retomar/[\w-]+", gore.pagina.texto)[0]
    actor = Navegador(app)
    actor.abrir(enlace)
    gore.abrir(INVITACIONES)
    assert "En borrador" not in gore.pagina.texto  # el GET no lo abre: pudo ser un lector de correo
    actor.enviar()
    assert actor.url.endswith("/llenar/informacion-general/")
    gore.abrir(INVITACIONES)
    assert "En borrador: 1" in gore.pagina.texto


def test_compartir_un_codigo_y_entrar_con_el(app):
    gore = entrar(app)
    gore.abrir(INVITACIONES)
    gore.enviar({"codigo": ["ACT-03"]}, "invitar", numero=1)
    gore.enviar({}, "compartir:ACT-03", numero=1)
    corto = re.search(r"\b[2-9A-Z]{5}-[2-9A-Z]{5}\b", gore.pagina.texto)[0]
    assert gore.pagina.todos("svg")
    actor = Navegador(app)
    actor.abrir("/formularios/encuestas/codigo/")
    actor.enviar({"codigo": "AAAAA-AAAAA"}, estado=404)
    assert "no existe o venció" in actor.pagina.texto
    actor.enviar({"codigo": f" {corto.lower().replace('-', '')} "})
    assert actor.url.endswith("/llenar/informacion-general/")


def test_los_intentos_de_codigo_se_cuentan(app):
    actor = Navegador(app)
    for i in range(21):
        actor.abrir("/formularios/encuestas/codigo/")
        actor.enviar({"codigo": f"AAAAA-AAA{i:02}"}, estado=404 if i < 20 else 429)


def test_el_cierre_se_fija_y_se_explica(app):
    gore = entrar(app)
    gore.abrir(INVITACIONES)
    gore.enviar({"cierre": "ayer"}, estado=400, numero=0)
    gore.enviar({"cierre": "2026-11-14", "publica": "si"}, numero=0)
    actor = Navegador(app)
    actor.abrir("/formularios/encuestas/actor-clave/?region=06")
    actor.enviar({"region": "06", "ejercicio": "2027"}, estado=410)
    assert "cerró el 15-11-2026, 00:00:00 (hora de Chile continental)" in actor.pagina.texto


def test_la_convocatoria_que_otra_persona_cambio_no_se_pisa(app):
    una, otra = entrar(app), entrar(app)
    for persona in (una, otra):
        persona.abrir(INVITACIONES)
    una.enviar({"cierre": "2026-11-30"}, numero=0)
    pagina = otra.enviar({"publica": "si"}, estado=409, numero=0)
    assert "Otra persona cambió la convocatoria: está como se ve. Usted pidió «sin cierre»." in pagina.texto
    assert dict(otra.campos(otra.formulario(0)))["cierre"] == "2026-11-30"
    otra.enviar({"publica": "si"}, numero=0)
    assert dict(otra.campos(otra.formulario(0)))["publica"] == "si"


def test_sin_direccion_abierta_se_responde_solo_por_invitacion(app):
    actor = Navegador(app)
    actor.abrir("/formularios/encuestas/actor-clave/")
    assert "solo por invitación" in actor.pagina.texto


def test_otra_region_no_entra(app):
    entrar(app, "gore05@ejemplo.cl").abrir(INVITACIONES, 403)


def test_un_boton_que_no_existe_se_rechaza(app):
    gore = entrar(app)
    gore.abrir(INVITACIONES)
    gore.mandar(INVITACIONES, [("csrf_token", gore.ficha()), ("accion", "borrar:todo")], estado=400)


def test_enviar_ahora_sin_servidor_dice_donde_se_ven(app):
    gore = entrar(app)
    gore.abrir(INVITACIONES)
    gore.enviar({}, "invitar", numero=1)
    gore.enviar({}, "despachar", numero=1)
    assert "Los mensajes no salieron: se ven en la bandeja local" in gore.pagina.texto
    assert "El correo está por salir: 2" in gore.pagina.texto


def test_enviar_ahora_por_un_servidor_de_verdad(catastro):
    guardar_usuario(catastro, correo="gore06@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    with servidor_smtp(rechaza={"dos@ejemplo.cl"}) as servidor:
        comun = {"clave": "c" * 40, "sitio": Path("no-existe"), "demo": True}
        con_correo = crear_app(Configuracion(**comun, correo=servidor.direccion), CATALOGO, catastro, lambda: AHORA)
        gore = entrar(con_correo)
        gore.abrir(INVITACIONES)
        gore.enviar({}, "invitar", numero=1)
        gore.enviar({}, "despachar", numero=1)
    assert {m["To"] for m in servidor.aceptados} == {"gore06@ejemplo.cl", "uno@ejemplo.cl"}
    assert "Salieron 2 correos. Uno no se pudo entregar" in gore.pagina.texto
    assert "No lo ha abierto: 1" in gore.pagina.texto and "El correo rebotó: 1" in gore.pagina.texto
    (enlace,) = (re.search(r"/formularios/\S+/retomar/\S+", m.get_content())[0] for m in servidor.aceptados if "uno@" in m["To"])
    Navegador(con_correo).abrir(enlace)


def test_el_enlace_de_los_correos_es_el_de_la_web(app):
    with app.test_request_context():
        assert enlace_de_borrador("", "x", "s") == url_for("encuestas.retomar", id="x", secreto="s")


# --- El cierre, en el llenado -------------------------------------------------------------------------


@pytest.fixture
def reloj():
    return SimpleNamespace(ahora=AHORA)


@pytest.fixture
def actor(catastro, reloj):
    """Alguien que abrió la encuesta el último día, con el cierre a la medianoche de Chile."""
    abierta = Convocatoria(ENCUESTA.nombre, **LUGAR, publica=True, cierra_utc=cierre(date(2026, 11, 15)))
    cambiar_convocatoria(catastro, abierta, **AUTOR)
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    web = Navegador(crear_app(configuracion, CATALOGO, catastro, lambda: reloj.ahora))
    web.abrir("/formularios/encuestas/actor-clave/")
    web.enviar({"region": "06", "ejercicio": "2027"})
    return web


RUTA = "/formularios/encuestas/actor-clave"
FRANJA = "BORRADOR, NO ENVIADO · cierra el 15-11-2026 a las 24:00"
PASADO = timedelta(hours=24)


def llenar_todo(web):
    for seccion in [*ENCUESTA.secciones, *ENCUESTA.secciones]:  # la segunda vuelta, lo que apareció con la primera
        web.abrir(f"{RUTA}/llenar/{seccion.nombre}/")
        puestos = {n.get("name") for n in web.formulario().todos("input", "select", "textarea") if not en_template(n)}
        cambios = {}
        for tabla, raiz in ((ENCUESTA.principal, "c."), *((g.tabla, f"g.{g.nombre}.0.") for g in ENCUESTA.grupos)):
            cambios |= {raiz + c.nombre: c.ejemplo for c in tabla.campos if raiz + c.nombre in puestos}
        web.enviar(cambios, "seguir")


def test_la_franja_dice_el_cierre_en_cada_pantalla(actor, reloj):
    assert FRANJA in actor.pagina.texto
    for ruta in (*(f"/llenar/{s.nombre}/" for s in ENCUESTA.secciones), "/revisar/", "/pausa/"):
        assert FRANJA in actor.abrir(RUTA + ruta).texto
    reloj.ahora += PASADO
    assert "cerró el 15-11-2026 a las 24:00" in actor.abrir(f"{RUTA}/revisar/").texto


def test_cerrada_a_mitad_del_llenado_guarda_y_no_envia(actor, reloj):
    actor.abrir(f"{RUTA}/llenar/informacion-general/")
    reloj.ahora += PASADO
    actor.enviar({"c.nombre_institucion": "Cámara de Ñuñoa", "g.representantes.0.nombre": "Ana\nMaría"}, "salir")
    assert "quedó guardado" in actor.pagina.texto
    for ruta in ("/pausa/", "/llenar/informacion-general/", "/revisar/"):
        dicho = actor.abrir(RUTA + ruta).texto
        assert "Cerró el 16-11-2026, 00:00:00 (hora de Chile continental) y ya no se puede enviar" in dicho, ruta
        assert "la norma de la encuesta es Guía" in dicho and "Nada de lo que escribió se perdió" in dicho, ruta
    assert "Cámara de Ñuñoa" in dicho and not [b for b in actor.pagina.todos("button") if b.texto == "Enviar"]
    copia = actor.http.get(f"{RUTA}/copia.txt")
    assert "attachment" in copia.headers["Content-Disposition"] and copia.mimetype == "text/plain"
    for escrito in ("BORRADOR, NO ENVIADO", "Cerró el 16-11-2026", ": Cámara de Ñuñoa\n", "Representante 1\n", "Ana\nMaría"):
        assert escrito in copia.text.replace("\r", ""), escrito


def test_enviar_justo_tras_el_cierre_dice_cuando_y_muestra_lo_escrito(actor, reloj):
    llenar_todo(actor)
    actor.abrir(f"{RUTA}/revisar/")
    reloj.ahora += PASADO
    actor.enviar(estado=410)
    assert "Cerró el 16-11-2026" in actor.pagina.texto and "Lo que escribió" in actor.pagina.texto
    assert ENCUESTA.principal.campo("nombre_institucion").ejemplo in actor.pagina.texto


def test_si_la_region_mueve_el_cierre_se_envia_lo_que_ya_estaba(actor, reloj, catastro):
    llenar_todo(actor)
    reloj.ahora += PASADO
    assert "ya no se puede enviar" in actor.abrir(f"{RUTA}/revisar/").texto
    mas = Convocatoria(ENCUESTA.nombre, **LUGAR, publica=True, cierra_utc=cierre(date(2026, 11, 30)))
    cambiar_convocatoria(catastro, mas, **AUTOR)
    actor.abrir(f"{RUTA}/revisar/")
    actor.enviar()
    assert "/comprobante/" in actor.url


def test_se_corrige_hasta_el_cierre_y_despues_se_dice_cuando_cerro(actor, reloj):
    llenar_todo(actor)
    actor.abrir(f"{RUTA}/revisar/")
    actor.enviar()
    comprobante = actor.url
    assert "Hasta el 15-11-2026 a las 24:00 puede corregir" in actor.pagina.texto
    actor.enviar()
    assert actor.url.endswith("/revisar/")  # se reabrió
    actor.enviar()
    assert actor.url != comprobante  # otro folio
    _, pares = actor.llenar({})
    reloj.ahora += PASADO
    assert "La encuesta cerró el 16-11-2026, 00:00:00" in actor.abrir(actor.url).texto
    assert "ya no se corrige" in actor.pagina.texto and "A.8" in actor.pagina.texto
    actor.mandar(f"{RUTA}/corregir/", pares, estado=410)
    actor.abrir(f"{RUTA}/revisar/")
    assert "/comprobante/" in actor.url  # sigue enviada: no quedó reabierta
