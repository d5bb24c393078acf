"""El expediente por la web, sin JavaScript: revisar todo junto, entregar lo que se revisó, y que nadie pise a nadie."""

import hashlib
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.validacion import Contexto, validar_filas
from formularios.accesos import guardar_usuario
from formularios.almacen_filas import marcar_por_revisar
from formularios.almacen_tablas import documento_apartado
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.expediente import TOPE_DE_DOCUMENTO, leer_expediente
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, empezar, guardar_fila, leer_matriz, quitar_fila
from formularios.recepcion import Recepcion, recibir
from formularios.retencion import limpiar
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


def responder(almacen, **valores):
    """La región contesta cada una, o Sercotec las vuelve a observar."""
    valores = valores or {"respuesta": "Se corrigió."}
    matriz = Matriz(CATALOGO.esquemas["observaciones"], "06", 2027)
    for fila in empezar(almacen, matriz, **QUIEN):
        guardar_fila(almacen, CATALOGO, matriz, fila.id, valores, version=fila.version, **QUIEN)


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


def informar(almacen, oficios):
    """Sercotec informa, de cada instrumento, su monto y en qué oficio consta."""
    montos = CATALOGO.esquemas["presupuesto-instrumentos"]
    base = {**ejemplos_de(montos)[montos.nombre][0], "region": "06", "ejercicio": "2027"}
    filas = [{**base, "codigo": f"2027-06-{i}-P", "instrumento": i, "monto": m, "oficio": o} for i, (m, o) in oficios.items()]
    juzgado = validar_filas(CATALOGO, montos, {montos.nombre: filas}, Contexto("00", 2027))
    assert juzgado.valido, juzgado.errores
    recibir(almacen, CATALOGO, juzgado, Recepcion(region="00", ejercicio=2027, recibido_utc=AHORA, origen="prueba"))


def test_con_todo_lleno_y_un_error_no_se_entrega(gore, almacen):
    llenar(almacen)
    gore.abrir(f"{LUGAR}/preliminar/")
    assert botones(gore)
    matriz = Matriz(CATALOGO.esquemas["focalizacion"], "06", 2027)
    fila = leer_matriz(almacen, matriz)[0]
    guardar_fila(almacen, CATALOGO, matriz, fila.id, {"cobertura": "nada"}, version=fila.version, **QUIEN)
    pagina = gore.abrir(f"{LUGAR}/preliminar/")
    assert "Con errores no se puede entregar" in pagina.texto and not botones(gore)


def test_enviadas_y_sin_empezar_a_responder_la_region_las_ve(gore, almacen):
    hacer(almacen, "preliminar", AHORA)
    observar(almacen)
    assert "OBS-01" in gore.abrir("/formularios/regiones/06/2027/observaciones/").texto


def test_la_final_dice_desde_el_comienzo_lo_que_falta_responder(gore, almacen):
    hacer(almacen, "preliminar", AHORA - timedelta(days=5))
    observar(almacen, cuando=AHORA - timedelta(days=4))
    codigos = {f["codigo"] for f in observaciones(almacen)}
    pagina = gore.abrir(f"{LUGAR}/final/")
    assert f"Falta responder {len(codigos)} observaciones" in pagina.texto and not botones(gore)
    assert codigos <= {a.texto for a in pagina.todos("a") if "/observaciones/" in a.get("href")}, "sin empezar, van a la lista"
    matriz = Matriz(CATALOGO.esquemas["observaciones"], "06", 2027)
    primera, *demas = empezar(almacen, matriz, **QUIEN)
    guardar_fila(almacen, CATALOGO, matriz, primera.id, {"respuesta": "Sí."}, version=primera.version, **QUIEN)
    enlaces = {a.get("href"): a.texto for a in gore.abrir(f"{LUGAR}/final/").todos("a")}
    dichos = {f"/formularios/regiones/06/2027/observaciones/{f.id}/": f.datos["codigo"] for f in demas}
    assert dichos.items() <= enlaces.items() and primera.datos["codigo"] not in enlaces.values()
    assert demas[0].datos["codigo"] in final(gore, 422).texto and leer(almacen).estado == "con_observaciones"
    responder(almacen)
    assert "Falta responder" not in gore.abrir(f"{LUGAR}/final/").texto and botones(gore)


def test_antes_de_entregar_se_dice_cuantas_filas_estan_por_revisar(gore, almacen):
    llenar(almacen)
    assert "por revisar" not in gore.abrir(f"{LUGAR}/preliminar/").texto
    una = leer_matriz(almacen, Matriz(CATALOGO.esquemas["focalizacion"], "06", 2027))[0]
    with almacen.escribir() as c:
        marcar_por_revisar(c, {una.id: "Cambió lo que cita."})
    pagina = gore.abrir(f"{LUGAR}/preliminar/")
    [enlace] = [a for a in pagina.todos("a") if a.get("href").endswith("/matrices/focalizacion/?solo=por-revisar")]
    assert "1 por revisar" in pagina.texto and botones(gore), "avisa y no impide"
    assert una.datos["codigo"] in gore.abrir(enlace.get("href")).texto


def test_los_montos_de_sercotec_se_comparan_por_instrumento(gore, almacen):
    llenar(almacen)
    informar(almacen, {"semilla": ("35000000", "Oficio 12"), "crece": ("50000000", "Oficio 12")})
    pagina = gore.abrir(f"{LUGAR}/preliminar/")
    filas = {t.texto for t in pagina.todos("tr")}
    assert any("Crece" in f and "Faltan $8.000.000 por asignar" in f for f in filas), filas
    assert any("Semilla" in f and "Calza" in f for f in filas), filas
    [tabla] = pagina.todos("table")
    assert "Informados en «Oficio 12»." in pagina.texto and "Oficio" not in tabla.texto


def test_si_los_montos_vienen_en_dos_oficios_cada_uno_se_dice_una_vez_sobre_los_suyos(gore, almacen):
    llenar(almacen)
    informar(almacen, {"semilla": ("1", "Oficio 12"), "crece": ("2", "Oficio 30"), "almacenes": ("3", "Oficio 12")})
    [tabla] = gore.abrir(f"{LUGAR}/preliminar/").todos("table")
    assert [tabla.texto.count(f"Oficio {n}") for n in (12, 30)] == [1, 1]
    grupos = [[f.todos("th")[0].texto for f in cuerpo.todos("tr")] for cuerpo in tabla.todos("tbody")]
    assert [g[0] for g in grupos[:2]] == ["Informados en «Oficio 12»", "Informados en «Oficio 30»"]
    assert len(grupos[0]) == 3 and len(grupos[1]) == 2


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


@pytest.mark.parametrize("sin", ["acta", "certificado"])
@pytest.mark.usefixtures("por_final")
def test_lo_escrito_del_acuerdo_vuelve_tal_cual_y_cada_falta_dice_de_que_campo_es(gore, almacen, sin):
    subido = {"acta": (ACTA, "a.pdf"), "certificado": (CERTIFICADO, "c.pdf")}
    del subido[sin]
    escrito = {"c.sesion_fecha": "02-11-2026", "c.acuerdo_fecha": "3/11/2026"}
    final(gore, 422, subido, **escrito)
    vuelve = dict(gore.campos(gore.formulario()))
    assert {n: vuelve[n] for n in escrito} == escrito
    malo = {"c.acuerdo_numero": "9" * 80, "c.sesion_fecha": "31-02-2026", "c.acuerdo_fecha": "31-02-2026"}
    pagina = final(gore, 422, **malo)
    [aviso] = [n for n in pagina.recorrer() if n.get("role") == "alert"]
    dichos = {a.get("href"): a.texto for a in aviso.todos("a")}
    assert dichos["#c-acuerdo_numero"].startswith("Número del acuerdo: Tiene 80 caracteres")
    assert dichos["#c-sesion_fecha"].startswith("Fecha de la sesión: «31-02-2026» no existe en el calendario.")
    assert dichos["#c-acuerdo_fecha"].startswith("Fecha del acuerdo: «31-02-2026»")
    falta = final(gore, 422, **{"c.acuerdo_numero": "", "c.acuerdo_fecha": "20-12-2026"}).todos("a")
    textos = {a.get("href"): a.texto for a in falta}
    assert textos["#c-acuerdo_numero"].startswith("Falta «") and textos["#c-acuerdo_fecha"].count("Fecha del acuerdo") == 1
    final(gore, **escrito)
    datos = leer(almacen).ultima("final").datos
    assert (datos["sesion_fecha"], datos["acuerdo_fecha"]) == ("2026-11-02", "2026-11-03"), "se guardan canónicas"


@pytest.mark.usefixtures("por_final")
def test_con_un_acta_del_doble_de_lo_que_cabe_no_se_pierde_lo_demas(gore):
    enorme = {"acta": (b"%PDF-" + b"0" * 2 * TOPE_DE_DOCUMENTO, "a.pdf"), "certificado": (CERTIFICADO, "c.pdf")}
    pagina = final(gore, 422, enorme, **{"c.acuerdo_numero": "77"})
    assert "Acta de la sesión: El archivo pasa de 20 MB" in pagina.texto and "c.pdf" in pagina.texto
    vuelve = dict(gore.campos(gore.formulario()))
    assert vuelve["c.acuerdo_numero"] == "77"
    gore.subir({"acta": (ACTA, "a.pdf")}, **vuelve)


@pytest.mark.usefixtures("por_final")
def test_con_un_envio_enorme_se_puede_volver_a_la_pantalla(gore, monkeypatch):
    monkeypatch.setattr("formularios.app.TOPE_DE_PETICION", 10_000)
    ajenas = ("https://otro.cl/x", "javascript://localhost/%0aalert(1)", "http://localhost@otro.cl/", "http:/x/localhost", "http://[")
    for de in (f"http://localhost{LUGAR}/final/", *ajenas):
        gore.http.environ_base["HTTP_REFERER"] = de
        enlaces = [a.get("href") for a in final(gore, 413, {"acta": (b"%PDF-" + b"0" * 10_000, "a.pdf")}).todos("a")]
        assert (de in enlaces) is (de not in ajenas), de


@pytest.fixture
def por_final(almacen):
    """A la región le falta solo la final."""
    hacer(almacen, "preliminar", AHORA - timedelta(days=5))
    observar(almacen, cuando=AHORA - timedelta(days=4))
    responder(almacen)


def apartados(almacen):
    with almacen.leer() as c:
        return [dict(m) for m in c.execute(select(documento_apartado)).mappings()]


def sin_archivos(web, estado=200, **cambios):
    """Envía lo que la página ya tiene, como quien no elige ningún archivo."""
    pares = {n: v for n, v in web.campos(web.formulario()) if n not in ("acta", "certificado", "csrf_token")}
    return web.subir({}, estado, **{**pares, **cambios})


@pytest.mark.usefixtures("por_final")
def test_los_pdf_no_se_eligen_otra_vez_si_lo_que_falta_es_otra_cosa(gore, almacen):
    pagina = final(gore, 422, **{"c.acuerdo_numero": ""})
    assert "Ya subió acta.pdf (1 kB). Elija otro solo si quiere cambiarlo." in " ".join(pagina.texto.split())
    assert {a["campo"] for a in apartados(almacen)} == {"acta", "certificado"}
    assert "Ya subió acta.pdf" in " ".join(gore.abrir(f"{LUGAR}/final/").texto.split()), "también si vuelve después"
    otro = b"%PDF-1.7 el acta firmada"
    ocultos = {n: v for n, v in gore.campos(gore.formulario()) if n not in ("acta", "certificado", "csrf_token")}
    gore.subir({"acta": (otro, "firmada.pdf")}, 422, **ocultos)
    assert len(apartados(almacen)) == 2 and "firmada.pdf" in gore.pagina.texto and "acta.pdf" not in gore.pagina.texto
    assert "Quedó hecho" in sin_archivos(gore, **ACUERDO).texto
    datos = leer(almacen).ultima("final").datos
    assert [datos[d] for d in ("acta", "certificado")] == [hashlib.sha256(c).hexdigest() for c in (otro, CERTIFICADO)]
    assert apartados(almacen) == [], "no queda nada al entregar"


@pytest.mark.usefixtures("por_final")
def test_lo_apartado_es_solo_de_quien_lo_subio_en_ese_expediente_y_un_dia(app, gore, almacen, reloj):
    final(gore, 422, **{"c.acuerdo_numero": ""})
    ocultos = {n: v for n, v in gore.campos(gore.formulario()) if n.startswith("apartado.")}
    assert set(ocultos) == {"apartado.acta", "apartado.certificado"}
    otra = entrar(app, "otra@ejemplo.cl")
    assert "Ya subió" not in otra.abrir(f"{LUGAR}/final/").texto
    assert "Falta el archivo" in final(otra, 422, {}, **ocultos).texto, "ni sabiendo su huella"
    assert "Ya subió" not in gore.abrir("/formularios/regiones/06/2028/expediente/final/").texto
    gore.abrir(f"{LUGAR}/final/")
    assert "Falta el archivo" in sin_archivos(gore, 422, **ACUERDO, **{"apartado.acta": "0" * 64}).texto, "no es la que se vio"
    reloj.ahora = AHORA + timedelta(hours=23, minutes=59)
    assert "Ya subió" in entrar(app, FIRMANTE).abrir(f"{LUGAR}/final/").texto
    reloj.ahora = AHORA + timedelta(days=1)
    tarde = entrar(app, FIRMANTE)
    assert "Ya subió" not in tarde.abrir(f"{LUGAR}/final/").texto
    assert "Falta el archivo" in final(tarde, 422, {}, **ocultos).texto
    final(tarde, 422, {"acta": (ACTA, "tardia.pdf")})
    assert [a["nombre"] for a in apartados(almacen)] == ["tardia.pdf"], "al apartar otro se borra lo vencido"
    limpiar(almacen, CATALOGO, aplicar=True, autor="prueba", ahora_utc=reloj.ahora + timedelta(hours=23))
    assert len(apartados(almacen)) == 1
    assert limpiar(almacen, CATALOGO, aplicar=True, autor="prueba", ahora_utc=reloj.ahora + timedelta(days=1)).documentos == 1
    assert apartados(almacen) == []


@pytest.mark.usefixtures("por_final")
def test_lo_que_no_es_pdf_no_se_aparta_ni_lo_que_ya_no_procede(app, gore, almacen):
    final(gore, 422, {"acta": (b"PK un zip", "acta.pdf"), "certificado": (CERTIFICADO, "cert.pdf")})
    assert [a["campo"] for a in apartados(almacen)] == ["certificado"]
    otra = entrar(app, "otra@ejemplo.cl")
    otra.abrir(f"{LUGAR}/final/")
    ocultos = {n: v for n, v in otra.campos(otra.formulario()) if n in ("visto", "base")}
    final(gore)
    tarde = otra.subir({"acta": (ACTA, "acta.pdf"), "certificado": (CERTIFICADO, "cert.pdf")}, 409, **{**ocultos, **ACUERDO})
    assert "Alguien actuó antes que usted" in tarde.texto and apartados(almacen) == []


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


def test_una_fila_cerrada_por_revisar_se_da_por_vista_sin_abrirla(app, gore, almacen):
    llenar(almacen)
    web = f"{LUGAR.removesuffix('expediente')}matrices/{MATRICES[2]}"
    hacer(almacen, "preliminar")
    with almacen.escribir() as c:  # se marcó antes de enviar, o la dejó así una corrección en otra matriz
        una = leer_matriz(almacen, Matriz(CATALOGO.esquemas[MATRICES[2]], "06", 2027))[0]
        marcar_por_revisar(c, {una.id: "Cambió lo que cita."})
    assert "Está bien así" not in entrar(app, "lector@ejemplo.cl").abrir(f"{web}/{una.id}/").texto
    dicho = gore.abrir(f"{web}/{una.id}/").texto
    assert "Esta fila está cerrada" in dicho and "Aunque esté cerrada, puede darla por vista" in dicho
    gore.enviar({}, "guardar", numero=0)
    despues = leer_matriz(almacen, Matriz(CATALOGO.esquemas[MATRICES[2]], "06", 2027))[0]
    assert despues == replace(una, por_revisar="")
    assert "Está bien así" not in gore.abrir(f"{web}/{una.id}/").texto


def test_una_matriz_vaciada_no_se_confunde_con_una_sin_empezar(gore, almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    hacer(almacen, "retirar-preliminar")
    esquema, region = CATALOGO.esquemas[MATRICES[1]], LUGAR.removesuffix("expediente")
    assert "Nadie ha empezado" in gore.abrir(f"{region}matrices/catastro-actores/").texto
    for una in leer_matriz(almacen, Matriz(esquema, "06", 2027)):
        quitar_fila(almacen, CATALOGO, Matriz(esquema, "06", 2027), una.id, version=una.version, **QUIEN)
    dicho = gore.abrir(f"{region}matrices/{esquema.nombre}/").texto
    assert "se quitaron todas" in dicho and "Nadie ha empezado" not in dicho
    assert f"{esquema.nombre_completo} Sin filas" in gore.abrir(region).texto
    assert f"{esquema.nombre_completo} : sin filas" in gore.abrir(f"{region}mapa/").texto
    assert "Sin filas No puede faltar" in gore.abrir(f"{LUGAR}/preliminar/").texto
