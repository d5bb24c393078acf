"""Una encuesta anónima lo es de verdad: con toda la base en la mano, nada une una respuesta a un invitado más allá del azar."""

import random
import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import inspect, text

from esquemas.catalogo import cargar
from esquemas.validacion import Contexto, validar_filas
from formularios import bandeja
from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen
from formularios.almacen_columnas import escribir_instante
from formularios.app import crear_app
from formularios.borradores import BorradorCambiado, BorradorInexistente, guardar_borrador, leer_borrador, nuevo_secreto
from formularios.configuracion import Configuracion
from formularios.convocatoria import (
    ENTRE_RECORDATORIOS,
    ENVIADO,
    Convocatoria,
    anotar_apertura,
    cambiar_convocatoria,
    compartir,
    invitar,
    leer_invitados,
    recordar,
)
from formularios.encuesta import enviar
from formularios.envio import ANONIMA
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import ya_recibida
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

CATALOGO = cargar()
ENCUESTA, CATASTRO = CATALOGO.esquemas["evaluacion-expost"], CATALOGO.esquemas["catastro-actores"]
RESPUESTA = {
    "rol": "gobierno-regional",
    **dict.fromkeys(("diagnostico_participo", "vocaciones_participo", "focalizacion_participo", "acompanamiento_recibio"), "no"),
    "general_valoracion": "4",
}
CUANTOS, VECES = 8, 12
LUGARES = {"_orden", "_lugar", "fila _orden", "fila _lugar", "fila orden"}  # dicen algo al ordenar, no al comparar
ROBADAS = {}


def cargar_catastro(almacen, ejercicio, ahora, region="06"):
    filas = [
        {"codigo": f"ACT-{i:02}", "institucion": f"Actor {i}", "correo": f"a{i}@ejemplo.cl", "justificacion": "Reúne talleres."}
        for i in range(CUANTOS + 2)
    ]
    lugar = {"region": region, "ejercicio": ejercicio}
    resultado = validar_filas(CATALOGO, CATASTRO, {CATASTRO.nombre: filas}, Contexto(**lugar))
    recibir(almacen, CATALOGO, resultado, Recepcion(**lugar, recibido_utc=ahora, origen="prueba"))


def responder(almacen, secreto, comentario, ahora, vale=""):
    borrador = leer_borrador(almacen, secreto, ahora_utc=ahora)
    anotar_apertura(almacen, borrador.id, ahora_utc=ahora)
    borrador = guardar_borrador(
        almacen, secreto, revision=borrador.revision, ahora_utc=ahora, principal=RESPUESTA | {"general_mejora": comentario}
    )
    return borrador, enviar(almacen, CATALOGO, ENCUESTA, borrador, revision=borrador.revision, ahora_utc=ahora, vale=vale)


def convocar(almacen, ejercicio):
    """Un ejercicio entero, con todo lo que deja rastro: invitaciones en dos tandas, recordatorio, códigos, cargas entremedio.

    Devuelve código → comentario en el orden en que respondieron: la verdad que solo sabe la prueba.
    """
    lugar, ahora, secretos = ("06", ejercicio), AHORA, {}
    codigos = [f"ACT-{i:02}" for i in range(CUANTOS + 2)]
    mandar = {"redactar": lambda nombre, secreto: (nombre, f"secreto={secreto}"), "autor": "usuario 1"}
    cargar_catastro(almacen, ejercicio, ahora)
    for tanda in (codigos[:3], codigos[3:]):
        invitar(almacen, ENCUESTA, *lugar, tanda, **mandar, ahora_utc=ahora)
        ahora += timedelta(days=1)
    verdad = {}
    for n, codigo in enumerate(random.Random(ejercicio).sample(codigos, CUANTOS)):
        ahora += timedelta(hours=7, microseconds=n)
        if n == CUANTOS // 2:
            recordar(almacen, ENCUESTA, *lugar, **mandar, ahora_utc=ahora)
            cargar_catastro(almacen, ejercicio, ahora)
        _, secretos[codigo], _ = compartir(almacen, ENCUESTA, *lugar, codigo, autor="usuario 1", ahora_utc=ahora)
        verdad[codigo] = f"comentario {n} de {ejercicio}"
        responder(almacen, secretos[codigo], verdad[codigo], ahora)
    return verdad


def volcar(almacen):
    """Tabla → filas con todas sus columnas, también las que la base no muestra si no se le piden, en su orden físico."""
    ocultas = "rowid AS _orden" if almacen.es_sqlite else "xmin::text AS _escrita, ctid::text AS _lugar"
    with almacen.leer() as c:
        tablas = inspect(c).get_table_names()
        return {t: [dict(m) for m in c.execute(text(f"SELECT {ocultas}, * FROM {t}")).mappings()] for t in tablas}


@pytest.fixture
def robada(almacen, motor):
    """Varias convocatorias respondidas, lo que tiene quien se lleva la base y la verdad. Una vez por motor: no se cambia."""
    if motor not in ROBADAS:
        verdades = {2027 + i: convocar(almacen, 2027 + i) for i in range(VECES)}
        ROBADAS[motor] = volcar(almacen), verdades
    return ROBADAS[motor]


def respuestas(base, ejercicio):
    """Lo que la base tiene de cada respuesta anónima, en su orden físico: el comentario y todo lo demás."""
    filas = {f["envio"]: f for f in base["fila"] if '"general_mejora"' in f["datos"]}
    envios = [e for e in base["envio"] if e["esquema"] == ENCUESTA.nombre and e["ejercicio"] == ejercicio]
    dichos = {folio: re.search(r"comentario \d+ de \d+", f["datos"])[0] for folio, f in filas.items()}
    return [
        {**e, **{f"fila {n}": v for n, v in filas[e["folio"]].items()}, "_dice": dichos[e["folio"]]} for e in envios
    ]


def test_todas_llegaron_y_el_tablero_sabe_a_quien_no_recordar(robada):
    base, verdades = robada
    for ejercicio, verdad in verdades.items():
        assert sorted(r["_dice"] for r in respuestas(base, ejercicio)) == sorted(verdad.values())
        suyas = [i for i in base["invitacion"] if i["ejercicio"] == ejercicio]
        assert {i["codigo"] for i in suyas if i["respondida"]} == verdad.keys()


def test_ninguna_columna_dice_en_que_orden_llegaron(robada):
    """Ordenadas por cualquier columna, o como están en el disco, cada una calza con su lugar de llegada lo que da el azar."""
    base, verdades = robada
    aciertos = {}
    for ejercicio, verdad in verdades.items():
        llegada = list(verdad.values())
        for columna in respuestas(base, ejercicio)[0].keys() - {"_dice", "fila datos", "fila linea", "huella"}:
            puestas = sorted(respuestas(base, ejercicio), key=lambda r: numero(r[columna]))
            aciertos[columna] = aciertos.get(columna, 0) + sum(r["_dice"] == d for r, d in zip(puestas, llegada, strict=True))
    # Al azar se espera uno por convocatoria, VECES en total, con desviación √VECES; uniéndolas, CUANTOS × VECES.
    assert {c: n for c, n in aciertos.items() if n > VECES + 6 * VECES**0.5} == {}


def numero(valor):
    """«(0,12)» y «1500» se ordenan como números; lo demás, como texto."""
    cifras = re.fullmatch(r"\(?(-?\d+)(?:,(\d+)\))?", str(valor))
    return (0, [int(x or 0) for x in cifras.groups()]) if cifras else (1, [str(valor)])


def test_ningun_cruce_separa_a_un_invitado_de_otro(robada):
    """Cada invitado comparte un valor con todas las respuestas de su convocatoria o con ninguna, columna por columna."""
    base, verdades = robada
    for ejercicio in verdades:
        suyas = respuestas(base, ejercicio)
        for invitado in (i for i in base["invitacion"] if i["ejercicio"] == ejercicio):
            for nombre, valor in invitado.items():
                for columna in suyas[0].keys() - LUGARES:
                    iguales = sum(str(r[columna]) == str(valor) for r in suyas)
                    assert iguales in (0, len(suyas)), (nombre, columna, valor)


def test_los_instantes_no_dicen_mas_que_el_anio(robada):
    base, verdades = robada
    instantes = {r[c] for e in verdades for r in respuestas(base, e) for c in ("recibido_utc", "presentado_legal")}
    assert instantes == {"2026-01-01T12:00:00.000000Z"}
    assert {r["autor"] for e in verdades for r in respuestas(base, e)} == {""}


def test_nada_mas_nombra_el_folio_ni_queda_el_borrador(robada):
    """Ni la bitácora, ni los correos, ni las cuentas de intentos; y de quien respondió, ni su borrador ni sus llaves."""
    base, verdades = robada
    folios = {r["folio"] for e in verdades for r in respuestas(base, e)}
    otras = {t: filas for t, filas in base.items() if t not in ("envio", "fila")}
    dicho = repr(otras)
    assert [f for f in folios if f in dicho] == []
    invitados = {i["borrador"] for i in base["invitacion"] if not i["respondida"]}
    assert {b["id"] for b in base["borrador"]} == {ll["borrador"] for ll in base["llave"]} == invitados
    assert [b["envio"] for b in base["borrador"] if b["envio"]] == []
    recibidos = [a for a in base["bitacora"] if a["accion"] == "recibir"]
    assert len(recibidos) == 2 * VECES  # los catastros y nada más


def test_un_folio_anonimo_no_gasta_un_correlativo(robada):
    """Si lo gastara, el hueco entre dos matrices, que sí llevan hora, diría cuándo llegó."""
    base, verdades = robada
    assert {c["ultimo"] for c in base["correlativo"]} == {2}
    assert min(int(r["folio"][8:14]) for e in verdades for r in respuestas(base, e)) > 499_999


# --- El envío -----------------------------------------------------------------------------------------


@pytest.fixture
def invitado(almacen):
    """El secreto de la única invitada a responder."""
    cargar_catastro(almacen, 2027, AHORA)
    mandar = {"redactar": lambda nombre, secreto: (nombre, f"secreto={secreto}"), "autor": "usuario 1", "ahora_utc": AHORA}
    invitar(almacen, ENCUESTA, "06", 2027, ["ACT-00"], **mandar)
    return bandeja.ultimos(almacen)[0].cuerpo.partition("=")[2]


def test_al_enviar_el_enlace_deja_de_servir_y_no_se_le_recuerda(almacen, invitado):
    _, envio = responder(almacen, invitado, "Nada", AHORA)
    assert (envio.revision, envio.anonima) == (ANONIMA, True)
    with pytest.raises(BorradorInexistente):
        leer_borrador(almacen, invitado, ahora_utc=AHORA)
    (primero, *_) = leer_invitados(almacen, ENCUESTA, "06", 2027)
    assert (primero.estado, primero.folio, primero.borrador) == (ENVIADO, "", "")
    comun = {"redactar": lambda *_: ("", ""), "autor": "usuario 1", "ahora_utc": AHORA + 2 * ENTRE_RECORDATORIOS}
    assert recordar(almacen, ENCUESTA, "06", 2027, **comun) == []
    assert invitar(almacen, ENCUESTA, "06", 2027, ["ACT-00"], **comun) == []
    assert compartir(almacen, ENCUESTA, "06", 2027, "ACT-00", autor="x", ahora_utc=AHORA) is None


def test_el_mismo_vale_es_el_mismo_folio_tambien_a_la_vez(almacen, invitado, en_paralelo):
    borrador = guardar_borrador(almacen, invitado, revision=0, ahora_utc=AHORA, principal=RESPUESTA)
    vale = nuevo_secreto()

    def mandar(_):
        return enviar(almacen, CATALOGO, ENCUESTA, borrador, revision=1, ahora_utc=AHORA, vale=vale).folio

    assert len(set(en_paralelo(mandar, [(i,) for i in range(4)]))) == 1
    assert ya_recibida(almacen, vale).folio == mandar(0)
    assert ya_recibida(almacen, nuevo_secreto()) is None
    with pytest.raises(BorradorCambiado):  # otra página de lo mismo, con otro vale: ya no hay borrador
        enviar(almacen, CATALOGO, ENCUESTA, borrador, revision=1, ahora_utc=AHORA, vale=nuevo_secreto())


def test_si_no_se_puede_guardar_la_invitacion_sigue_pendiente(almacen, invitado, monkeypatch):
    def falla(*_):
        raise RuntimeError

    monkeypatch.setattr("formularios.anonimato.barajar", falla)
    with pytest.raises(RuntimeError):
        responder(almacen, invitado, "Nada", AHORA)
    assert leer_borrador(almacen, invitado, ahora_utc=AHORA).envio is None
    assert leer_invitados(almacen, ENCUESTA, "06", 2027)[0].estado != ENVIADO


def test_la_0005_conserva_las_invitaciones(url_vacia):
    antes = Almacen(url_vacia)
    antes.migrar("0004")
    hora = escribir_instante(AHORA)
    lugar = {"esquema": "x", "region": "06", "ejercicio": 2027}
    tiempos = dict.fromkeys(("creado_utc", "actualizado_utc", "vence_utc"), hora)
    filas = {
        "borrador": {"id": "b", "version": "1", "datos": "{}", "revision": 0, **lugar, **tiempos},
        "invitacion": {"borrador": "b", "codigo": "A", "creada_utc": hora, **lugar},
    }
    with antes.escribir() as c:
        for tabla, f in filas.items():
            c.execute(text(f"INSERT INTO {tabla} ({', '.join(f)}) VALUES ({', '.join(f':{n}' for n in f)})"), f)
    antes.migrar()
    with antes.leer() as c:
        (quedo,) = c.execute(text("SELECT borrador, codigo, respondida, creada_utc FROM invitacion")).all()
        assert inspect(c).get_pk_constraint("invitacion")["constrained_columns"] == ["esquema", "region", "ejercicio", "codigo"]
    assert (quedo[0], quedo[1], bool(quedo[2]), quedo[3]) == ("b", "A", False, hora)
    antes.cerrar()


# --- Por la web ---------------------------------------------------------------------------------------

RUTA = "/formularios/encuestas/evaluacion-expost"


@pytest.fixture
def app(almacen):
    cargar_catastro(almacen, 2027, AHORA)
    guardar_usuario(almacen, correo="gore06@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    abierta = Convocatoria(ENCUESTA.nombre, "06", 2027, publica=True)
    cambiar_convocatoria(almacen, abierta, autor="prueba", ahora_utc=AHORA)
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)


def hasta_revisar(app, enlace=""):
    web = Navegador(app)
    web.abrir(enlace or f"{RUTA}/?region=06&ejercicio=2027")
    web.enviar()
    for seccion in ENCUESTA.secciones:
        web.abrir(f"{RUTA}/llenar/{seccion.nombre}/")
        web.enviar({f"c.{n}": v for n, v in RESPUESTA.items() if n in seccion.contenido}, "seguir")
    assert web.url.endswith("/revisar/")
    return web


def entrar(app):
    return Navegador(app).entrar("gore06@ejemplo.cl")


def test_se_dice_antes_de_enviar_y_despues_no_se_corrige(app, almacen):
    web = hasta_revisar(app)
    assert "Es anónima" in web.pagina.texto and "Después de enviar no podrá corregir" in web.pagina.texto
    direccion, pares = web.llenar({})
    web.enviar()
    folio = web.url.rpartition("/")[2]
    dicho = web.pagina.texto
    assert "Es anónima: el día y la hora no se guardan" in dicho and "UTC" not in dicho and "no se puede corregir" in dicho
    assert not [b for b in web.pagina.todos("button") if "correo" in b.texto.lower() or "Corregir" in b.texto]
    assert web.pagina.todos("main")[0].todos("div")[0].get("data-olvidar")  # la copia de este equipo se borra
    web.mandar(direccion, pares)
    assert web.url.endswith(folio)  # el doble clic
    web.abrir(f"{RUTA}/revisar/", 404)
    assert "esta encuesta es anónima" in web.pagina.texto
    assert "2026, 10:45" not in web.abrir(f"/formularios/verificar/{folio}").texto
    with almacen.leer() as c:
        assert c.execute(text("SELECT count(*) FROM correo")).scalar() == 0


def test_el_comprobante_anonimo_no_se_manda_por_correo(app, almacen):
    web = hasta_revisar(app)
    web.enviar()
    pares = [("csrf_token", hasta_revisar(app).ficha()), ("correo", "quien@ejemplo.cl")]
    assert web._publicar(web.url, pares).status_code in (400, 404)
    assert bandeja.ultimos(almacen) == []


def test_el_tablero_no_dice_quien_respondio(app):
    gore = entrar(app)
    invitaciones = "/formularios/regiones/06/2027/invitaciones/evaluacion-expost/"
    gore.abrir(invitaciones)
    assert "Para quienes no están en la lista" in gore.pagina.texto and gore.pagina.todos("svg")
    gore.enviar({"codigo": ["ACT-00", "ACT-01"]}, "invitar", numero=1)
    antes = filas_de(gore)
    gore.enviar({}, "compartir:ACT-01", numero=1)
    actor = hasta_revisar(app, re.search(r"/formularios/\S+/retomar/\S+", gore.pagina.texto)[0])
    gore.abrir(invitaciones)
    assert filas_de(gore) == antes and "Invitado: 2" in gore.pagina.texto
    actor.enviar()
    gore.abrir(invitaciones)
    assert filas_de(gore) == antes and "Ha respondido una institución invitada" in gore.pagina.texto
    gore.enviar({}, "revocar:ACT-01", numero=1)
    assert "ya no sirven" in gore.pagina.texto
    gore.enviar({}, "compartir:ACT-01", numero=1, estado=404)
    assert "o ya respondió" in gore.pagina.texto


def filas_de(web):
    """El tablero sin la ficha, que cambia en cada página."""
    return [[celda.texto for celda in fila.todos("th", "td")] for fila in web.pagina.todos("tr")]
