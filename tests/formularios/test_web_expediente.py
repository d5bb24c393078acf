"""El expediente por la web, sin JavaScript: revisar todo junto, entregar lo que se revisó, y que nadie pise a nadie."""

import hashlib
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.validacion import Contexto, validar_filas
from formularios.accesos import guardar_usuario
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.expediente import leer_expediente
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, empezar, guardar_fila, leer_matriz
from formularios.recepcion import recibir
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_expediente import acuerdo_de, hacer

CATALOGO = cargar()
ACTOS = CATALOGO.proceso.tramitacion.actos
MATRICES = ACTOS["preliminar"].entrega
LUGAR = "/formularios/regiones/06/2027/expediente"
FIRMANTE, EDITORA, CENTRAL = "gore06@ejemplo.cl", "editora@ejemplo.cl", "central@ejemplo.cl"
ACTA, CERTIFICADO = b"%PDF-1.7 acta de la sesion\r\n\x00\xff", b"%PDF-1.4 certificado"
ACUERDO = {f"c.{n}": v for n, v in acuerdo_de(2027).items()}
QUIEN = {"autor": "usuario 1", "ahora_utc": AHORA}


class Reloj:
    """La hora, que cada prueba mueve."""

    ahora: datetime = AHORA

    def __call__(self) -> datetime:
        return self.ahora


@pytest.fixture
def reloj():
    return Reloj()


@pytest.fixture
def app(almacen, reloj):
    personas = {FIRMANTE: ("gore_firmante", "06"), EDITORA: ("gore_editor", "06"), CENTRAL: ("sercotec", "")}
    personas |= {"otra@ejemplo.cl": ("gore_firmante", "06"), "ajena@ejemplo.cl": ("gore_firmante", "05")}
    personas["lector@ejemplo.cl"] = ("lector", "06")
    for correo, (rol, region) in personas.items():
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    return crear_app(Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, reloj)


@pytest.fixture
def gore(app):
    return entrar(app, FIRMANTE)


def llenar(almacen, *formatos):
    """Los ejemplos de cada formato, como filas en curso."""
    for nombre in formatos or MATRICES:
        esquema = CATALOGO.esquemas[nombre]
        for valores in ejemplos_de(esquema)[nombre]:
            agregar_fila(almacen, CATALOGO, Matriz(esquema, "06", 2027), valores, **QUIEN)


def observaciones(almacen):
    """Las de los ejemplos, sobre la focalización que de verdad se entregó y sin responder."""
    esquema = CATALOGO.esquemas["observaciones"]
    folio = leer(almacen).ultima("preliminar").folios["focalizacion"]
    return [{**f, "envio": folio, "respuesta": "", "estado": "pendiente"} for f in ejemplos_de(esquema)[esquema.nombre]]


def observar(almacen, acto="observar", cuando=AHORA):
    """Sercotec las envía."""
    esquema = CATALOGO.esquemas["observaciones"]
    juzgado = validar_filas(CATALOGO, esquema, {esquema.nombre: observaciones(almacen)}, Contexto("06", 2027))
    return hacer(almacen, acto, cuando, resultados={esquema.nombre: juzgado})


def responder(almacen):
    """La región contesta cada una."""
    matriz = Matriz(CATALOGO.esquemas["observaciones"], "06", 2027)
    for fila in empezar(almacen, matriz, **QUIEN):
        guardar_fila(almacen, CATALOGO, matriz, fila.id, {"respuesta": "Se corrigió."}, version=fila.version, **QUIEN)


def leer(almacen):
    return leer_expediente(almacen, CATALOGO, "06", 2027)


def botones(web):
    return [b.texto for b in web.pagina.todos("main")[0].todos("button")]


def de_acto(web, acto, estado=200, **cambios):
    """Abre la pantalla del acto y lo hace."""
    web.abrir(f"{LUGAR}/{acto}/")
    return web.enviar(cambios, estado=estado)


def final(web, estado=200, documentos=None, **campos):
    web.abrir(f"{LUGAR}/final/")
    ocultos = {n: v for n, v in web.campos(web.formulario()) if n in ("visto", "base")}
    subidos = {"acta": (ACTA, "acta.pdf"), "certificado": (CERTIFICADO, "cert.pdf")} if documentos is None else documentos
    return web.subir(subidos, estado, **{**ocultos, **ACUERDO, **campos})


def test_existe_desde_el_primer_dia_y_dice_que_sigue(gore):
    assert f"{LUGAR}/" in {a.get("href") for a in gore.abrir("/formularios/regiones/06/2027/").todos("a")}
    dicho = gore.abrir(f"{LUGAR}/").texto
    assert "En preparación" in dicho and "Enviar la focalización preliminar" in dicho
    assert "Lo puede hacer: Firmante del Gobierno Regional" in dicho and "Todavía nada" in dicho
    gore.abrir(f"{LUGAR}/no-existe/", 404)
    gore.abrir(f"{LUGAR}/actuaciones/1/", 404)


def test_todo_lo_que_falta_se_ve_junto_con_enlace_a_corregirlo(gore, almacen):
    llenar(almacen, *MATRICES[:2])
    esquema = CATALOGO.esquemas["focalizacion"]
    fila, _ = agregar_fila(almacen, CATALOGO, Matriz(esquema, "06", 2027), {"instrumento": "semilla"}, **QUIEN)
    pagina = gore.abrir(f"{LUGAR}/preliminar/")
    assert "Sin filas" in pagina.texto and CATALOGO.esquemas[MATRICES[2]].nombre_completo in pagina.texto
    enlaces = {a.get("href") for a in pagina.todos("a")}
    assert f"/formularios/regiones/06/2027/matrices/focalizacion/{fila.id}/#c-accion" in enlaces
    assert not botones(gore), "con errores no hay botón"
    pares = [("csrf_token", gore.ficha()), ("visto", "0"), ("base", dict(gore.campos(gore.formulario()))["base"])]
    gore.mandar(f"{LUGAR}/preliminar/", pares, 422)
    assert leer(almacen).ultimo == 0


def test_los_montos_de_sercotec_se_comparan_por_instrumento(gore, almacen):
    llenar(almacen)
    montos = CATALOGO.esquemas["presupuesto-instrumentos"]
    base = {**ejemplos_de(montos)[montos.nombre][0], "region": "06", "ejercicio": "2027"}
    informados = {"semilla": "35000000", "crece": "50000000"}
    filas = [{**base, "codigo": f"2027-06-{i}-P", "instrumento": i, "monto": m} for i, m in informados.items()]
    juzgado = validar_filas(CATALOGO, montos, {montos.nombre: filas}, Contexto("00", 2027))
    cuando = {"ahora_utc": AHORA, "presentado_legal": AHORA, "origen": "prueba"}
    recibir(almacen, CATALOGO, montos, juzgado, region="00", ejercicio=2027, **cuando)
    filas = {t.texto for t in gore.abrir(f"{LUGAR}/preliminar/").todos("tr")}
    assert any("Crece" in f and "Faltan $8.000.000 por asignar" in f for f in filas), filas
    assert any("Semilla" in f and "Calza" in f for f in filas), filas


def test_el_firmante_entrega_y_queda_todo_en_el_expediente(gore, almacen):
    llenar(almacen)
    dicho = de_acto(gore, "preliminar").texto
    assert "Quedó hecho" in dicho and "Preliminar enviada" in dicho and "Se recibió el 15-11-2026, 10:45:01" in dicho
    assert "se entiende presentado el 16-11-2026" in dicho and "Ley 19.880" in dicho  # el 15 es domingo
    assert "Plazo Del 01-11-2026 al 16-11-2026" in " ".join(gore.abrir(f"{LUGAR}/preliminar/").texto.split())
    [hecha] = leer(almacen).actuaciones
    assert sorted(hecha.folios) == sorted(MATRICES)
    pagina = gore.abrir(f"{LUGAR}/")
    verificar = {a.get("href") for a in pagina.todos("a") if "/verificar/2" in a.get("href")}
    assert verificar == {f"/formularios/verificar/{f}" for f in hecha.folios.values()}
    assert FIRMANTE in pagina.texto and "Firmante del Gobierno Regional" in pagina.texto
    assert "Hoy no procede" in gore.abrir(f"{LUGAR}/preliminar/").texto and not botones(gore)


@pytest.mark.parametrize("correo", [EDITORA, CENTRAL, "lector@ejemplo.cl"])
def test_quien_no_firma_ve_que_falta_y_no_puede_hacerlo(app, almacen, correo):
    llenar(almacen)
    web = entrar(app, correo)
    pagina = web.abrir(f"{LUGAR}/preliminar/")
    assert "Usted puede ver qué falta" in pagina.texto and not botones(web)
    firmante = entrar(app, FIRMANTE)
    firmante.abrir(f"{LUGAR}/preliminar/")
    ocultos = [p for p in firmante.campos(firmante.formulario()) if p[0] != "csrf_token"]
    web.mandar(f"{LUGAR}/preliminar/", [("csrf_token", web.ficha()), *ocultos], 403)
    assert leer(almacen).ultimo == 0
    de_acto(firmante, "preliminar")
    dicho = web.abrir(f"{LUGAR}/").texto
    assert (FIRMANTE in dicho) == (correo != "lector@ejemplo.cl")


def test_la_de_otra_region_no_se_ve(app):
    entrar(app, "ajena@ejemplo.cl").abrir(f"{LUGAR}/", 403)


def test_lo_que_se_reviso_es_lo_que_se_entrega(gore, almacen):
    llenar(almacen)
    gore.abrir(f"{LUGAR}/preliminar/")
    matriz = Matriz(CATALOGO.esquemas["focalizacion"], "06", 2027)
    fila = leer_matriz(almacen, matriz)[0]
    guardar_fila(almacen, CATALOGO, matriz, fila.id, {"accion": "Otra cosa"}, version=fila.version, **QUIEN)
    assert "Alguien cambió una fila" in gore.enviar(estado=409).texto and leer(almacen).ultimo == 0
    gore.enviar()
    assert leer(almacen).estado == "preliminar_enviada"


def test_el_doble_clic_es_uno_y_quien_llega_tarde_no_pierde_lo_escrito(app, gore, almacen, reloj):
    llenar(almacen)
    gore.abrir(f"{LUGAR}/preliminar/")
    url, pares = gore.llenar({})
    for _ in range(2):
        assert "Quedó hecho" in gore.mandar(url, pares).texto
    assert leer(almacen).ultimo == 1
    central = entrar(app, CENTRAL)
    otra = entrar(app, "otra@ejemplo.cl")
    gore.abrir(f"{LUGAR}/retirar-preliminar/")
    otra.abrir(f"{LUGAR}/retirar-preliminar/")
    gore.enviar({"motivo": "Falta una acción."})
    tarde = otra.enviar({"motivo": "Se equivocó el monto."}, estado=409)
    assert "Alguien actuó antes que usted" in tarde.texto and "Se equivocó el monto." in tarde.texto
    assert FIRMANTE in tarde.texto and "En preparación" in tarde.texto
    assert leer(almacen).ultima("retirar-preliminar").motivo == "Falta una acción."
    assert "Falta una acción." in central.abrir(f"{LUGAR}/").texto


def test_sin_motivo_no_se_retira(gore, almacen):
    hacer(almacen, "preliminar", AHORA)
    pagina = de_acto(gore, "retirar-preliminar", estado=422, motivo="  ")
    assert "Falta el motivo" in pagina.texto and leer(almacen).ultimo == 1
    gore.enviar({"motivo": "Sí."})
    assert leer(almacen).estado == "en_preparacion"


def test_la_final_espera_el_plazo_y_lo_dice(app, gore, almacen, reloj):
    hacer(almacen, "preliminar", AHORA)
    assert "Todavía no procede" in gore.abrir(f"{LUGAR}/final/").texto and not botones(gore)
    assert "cuando venza el plazo de «Observaciones de Sercotec»" in gore.abrir(f"{LUGAR}/").texto
    reloj.ahora = AHORA + timedelta(days=17)
    gore = entrar(app, FIRMANTE)
    assert "Ya venció" not in gore.abrir(f"{LUGAR}/final/").texto
    assert "Enviar la focalización final" in botones(gore)
    reloj.ahora = AHORA + timedelta(days=60)
    assert "Ya venció" in entrar(app, FIRMANTE).abrir(f"{LUGAR}/final/").texto


@pytest.mark.parametrize(
    ("campos", "documentos", "dice"),
    [
        (dict.fromkeys(ACUERDO, ""), {}, "Falta el archivo"),
        ({}, {}, "Falta el archivo"),
        ({"c.acuerdo_numero": ""}, None, "Número del acuerdo"),
        ({"c.sesion_fecha": "31-02-2026"}, None, "no existe"),
        ({"c.acuerdo_fecha": "20-12-2026"}, None, "posterior a hoy"),
        ({"c.sesion_fecha": "05-11-2026"}, None, "«Fecha de la sesión» es el 05-11-2026"),
        ({"c.sesion_fecha": "02-11-2025", "c.acuerdo_fecha": "02-11-2025"}, None, "se prepara desde enero de 2026"),
        ({}, {"acta": (b"PK\x03\x04 un zip", "acta.pdf"), "certificado": (CERTIFICADO, "c.pdf")}, "no es un PDF"),
        ({}, {"acta": (b"", "acta.pdf"), "certificado": (CERTIFICADO, "c.pdf")}, "está vacío"),
        ({}, {"acta": (b"%PDF-" + b"0" * 20_000_000, "acta.pdf"), "certificado": (CERTIFICADO, "c.pdf")}, "pasa de 20 MB"),
    ],
)
def test_sin_acuerdo_de_verdad_no_hay_final(gore, almacen, campos, documentos, dice):
    hacer(almacen, "preliminar", AHORA - timedelta(days=5))
    observar(almacen, cuando=AHORA - timedelta(days=4))
    responder(almacen)
    pagina = final(gore, 422, documentos, **campos)
    assert dice in pagina.texto, pagina.texto
    assert leer(almacen).estado == "con_observaciones"
    escritos = dict(gore.campos(gore.formulario()))
    assert all(escritos[n] == v for n, v in {**ACUERDO, **campos}.items()), "lo escrito sigue en la página"


def test_la_final_guarda_los_documentos_tal_cual_y_el_ajuste_puede_mantener_el_acuerdo(app, gore, almacen, reloj):
    hacer(almacen, "preliminar", AHORA - timedelta(days=5))
    observar(almacen, cuando=AHORA - timedelta(days=4))
    assert "Falta responder lo que observó Sercotec" in final(gore, 422).texto
    responder(almacen)
    dicho = final(gore).texto
    for contenido in (ACTA, CERTIFICADO):
        assert hashlib.sha256(contenido).hexdigest() in dicho
    hecha = leer(almacen).ultima("final")
    assert hecha.datos["sesion_fecha"] == "2026-11-02"
    for nombre, contenido in (("acta", ACTA), ("certificado", CERTIFICADO)):
        bajado = gore.http.get(f"{LUGAR}/actuaciones/3/{nombre}.pdf")
        assert bajado.data == contenido and bajado.mimetype == "application/pdf"
        assert "attachment" in bajado.headers["Content-Disposition"]
    gore.abrir(f"{LUGAR}/actuaciones/3/otro.pdf", 404)
    gore.abrir(f"{LUGAR}/actuaciones/3/acuerdo_numero.pdf", 404)

    observar(almacen, "pedir-ajuste")
    responder(almacen)
    assert "Elija si mantiene" in final(gore, 422).texto, "no se supone"
    assert "Deje uno solo" in final(gore, 422, cual="mantener").texto
    de_nuevo = final(gore, documentos={}, cual="mantener", **dict.fromkeys(ACUERDO, ""))
    assert "Quedó hecho" in de_nuevo.texto
    assert leer(almacen).ultima("final").numero == 5 and leer(almacen).ultima("final").datos == hecha.datos
    observar(almacen, "pedir-ajuste")
    responder(almacen)
    final(gore, cual="nuevo", **{"c.acuerdo_numero": "13"})
    assert leer(almacen).ultima("final").datos["acuerdo_numero"] == "13"


def test_sercotec_actua_en_la_misma_pantalla(app, almacen):
    central = entrar(app, CENTRAL)
    hacer(almacen, "preliminar", AHORA)
    assert "Sin filas" in central.abrir(f"{LUGAR}/observar/").texto and not botones(central)
    esquema = CATALOGO.esquemas["observaciones"]
    for valores in observaciones(almacen):
        agregar_fila(almacen, CATALOGO, Matriz(esquema, "06", 2027), valores, **QUIEN)
    de_acto(central, "observar")
    assert leer(almacen).estado == "con_observaciones" and list(leer(almacen).ultima("observar").folios) == ["observaciones"]


def test_lo_que_va_con_un_acto_no_se_entrega_suelto(app, gore, almacen):
    llenar(almacen)
    suelta = "/formularios/regiones/06/2027/matrices/focalizacion/entregar/"
    gore.abrir(suelta)
    assert gore.url.endswith("/expediente/preliminar/")
    gore.mandar(suelta, [("csrf_token", gore.ficha()), ("base", "")])
    assert leer(almacen).ultimo == 0 and gore.url.endswith("/expediente/preliminar/")
    de_acto(gore, "preliminar")
    assert "Hoy no se entrega: B.2" in gore.abrir(suelta).texto
    observaciones = "/formularios/regiones/06/2027/matrices/observaciones/entregar/"
    central = entrar(app, CENTRAL)
    central.abrir(observaciones)
    assert central.url.endswith("/expediente/observar/")
