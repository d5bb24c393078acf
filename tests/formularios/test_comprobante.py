"""El comprobante: dice lo mismo en la página, en el PDF y en el correo, y muestra qué cambió con cada versión."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import update

from esquemas.catalogo import cargar
from formularios.accesos import guardar_usuario
from formularios.almacen_tablas import envio as tabla_envio
from formularios.app import crear_app
from formularios.bandeja import ultimos
from formularios.configuracion import Configuracion
from formularios.convocatoria import Convocatoria, cambiar_convocatoria
from formularios.correo import despachar
from formularios.demostracion import abrir_encuestas
from formularios.diferencia import AGREGADA, CAMBIADA, QUITADA, comparar
from formularios.impreso import Renglon, dibujar_qr, imprimir
from formularios.recibido import comprobante
from formularios.tablero import comparar_con_anterior, detallar
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_acceso import CORREO, pedir_enlace
from tests.formularios.test_web_encuesta import RUTA, enviar_una, folio_de
from tests.formularios.test_web_partes import SERVIDOR, Smtp

CIERRE = AHORA + timedelta(days=10)
HOSTIL = '#evil() "comillas" \\ $x$ *b* @cita <eti> #import "x" 😀 'r"\u{41} «ñ»"


# --- Qué cambió --------------------------------------------------------------------------------------


def resumen(cambios):
    return [(f.tabla.nombre, f.que, f.numero, f.clave, [(v.campo, v.antes, v.despues) for v in f.valores]) for f in cambios]


def matriz(*filas):
    return {"matriz": [{"codigo": c, "texto": t, "monto": m} for c, t, m in filas]}


def test_una_matriz_se_compara_por_su_codigo(catalogo):
    antes = matriz(("A", "uno", "1"), ("B", "dos", "2"), ("C", "tres", "3"))
    despues = matriz(("D", "nuevo", ""), ("C", "tres", "3"), ("A", "uno", "9"))
    assert resumen(comparar(catalogo.esquemas["matriz"], antes, despues)) == [
        ("matriz", AGREGADA, 1, "D", [("codigo", "", "D"), ("texto", "", "nuevo")]),
        ("matriz", CAMBIADA, 3, "A", [("monto", "1", "9")]),
        ("matriz", QUITADA, 2, "B", [("codigo", "B", ""), ("texto", "dos", ""), ("monto", "2", "")]),
    ]


def test_cambiar_de_lugar_o_no_cambiar_no_es_un_cambio(catalogo):
    filas = (("A", "uno", "1"), ("B", "dos", "2"))
    assert comparar(catalogo.esquemas["matriz"], matriz(*filas), matriz(*reversed(filas))) == []
    personas = [{"respuesta": "1", "cargo": c} for c in ("Jefa", "Jefe")]
    otras = [{"respuesta": "7", "cargo": c} for c in ("Jefe", "Jefa")]
    assert comparar(catalogo.esquemas["consulta"], {"personas": personas}, {"personas": otras}) == []


def test_un_campo_que_el_esquema_ya_no_tiene_tambien_se_compara(catalogo):
    viejo = {"base": [{"codigo": "A", "tipo": "x", "retirado": "algo"}]}
    (fila,) = comparar(catalogo.esquemas["base"], viejo, {"base": [{"codigo": "A", "tipo": "x"}]})
    assert [(v.campo, v.antes, v.despues) for v in fila.valores] == [("retirado", "algo", "")]


def consulta(institucion, *personas):
    filas = [{"respuesta": "1", "cargo": c, "nombre": n} for c, n in personas]
    return {"consulta": [{"respuesta": "1", "institucion": institucion}], "personas": filas}


def test_en_una_encuesta_se_emparejan_las_filas_que_se_parecen(catalogo):
    antes = consulta("Gremio", ("Jefa", "Ana"), ("Tesorero", "Luis"), ("Vocal", "Eva"))
    despues = consulta("Otra cosa", ("Vocal", "Eva"), ("Jefa", "Ana María"), ("Director", "Pedro"))
    assert resumen(comparar(catalogo.esquemas["consulta"], antes, despues)) == [
        ("consulta", CAMBIADA, 1, "", [("institucion", "Gremio", "Otra cosa")]),
        ("personas", CAMBIADA, 2, "", [("nombre", "Ana", "Ana María")]),
        ("personas", AGREGADA, 3, "", [("cargo", "", "Director"), ("nombre", "", "Pedro")]),
        ("personas", QUITADA, 2, "", [("cargo", "Tesorero", ""), ("nombre", "Luis", "")]),
    ]


def test_dos_filas_en_blanco_en_lo_mismo_no_se_parecen(catalogo):
    """Lo que ambas dejaron sin responder no las hace la misma."""
    cambios = comparar(catalogo.esquemas["consulta"], consulta("G", ("Jefa", "")), consulta("G", ("Vocal", "")))
    assert [f.que for f in cambios] == [AGREGADA, QUITADA]


# --- Cuál es la versión anterior ---------------------------------------------------------------------


def test_cada_reenvio_de_un_formato_dice_que_cambio(almacen, enviar, catalogo):
    esquema = catalogo.esquemas["base"]
    uno = enviar("base", [{"codigo": "P-1", "tipo": "a"}])
    enviar("base", [{"codigo": "P-9", "tipo": "z"}], region="07")
    enviar("montos", [{"codigo": "M", "region": "06", "ejercicio": "2027", "monto": "5"}])
    dos = enviar("base", [{"codigo": "P-1", "tipo": "b"}, {"codigo": "P-2", "tipo": "c"}])
    tres = enviar("base", [{"codigo": "P-2", "tipo": "c"}])
    assert [comprobante(almacen, e.folio).reemplaza for e in (uno, dos, tres)] == [None, uno.folio, dos.folio]
    assert comparar_con_anterior(almacen, esquema, detallar(almacen, uno.folio)) is None
    folio, cambios = comparar_con_anterior(almacen, esquema, detallar(almacen, dos.folio))
    assert folio == uno.folio and [(f.que, f.clave) for f in cambios] == [(CAMBIADA, "P-1"), (AGREGADA, "P-2")]
    with almacen.escribir() as c:
        c.execute(update(tabla_envio).where(tabla_envio.c.folio == dos.folio).values(estado="anulado"))
    assert comprobante(almacen, tres.folio).reemplaza == uno.folio


def test_dos_respuestas_de_una_encuesta_no_son_versiones(almacen, enviar):
    folios = [enviar("consulta", [{"institucion": i}]).folio for i in "ab"]
    assert [comprobante(almacen, f).reemplaza for f in folios] == [None, None]


# --- El PDF ------------------------------------------------------------------------------------------

DATOS = {
    "titulo": "Comprobante de envío",
    "folio": "2027-06-000001-0",
    "estado": "Vigente",
    "renglones": [Renglon("Encuesta", "Una"), Renglon("Huella", "a" * 64, fija=True)],
    "direccion": "https://focaliza.example/formularios/verificar/2027-06-000001-0",
    "recibido_utc": datetime(2026, 11, 20, 23, 39, 56, tzinfo=UTC),
}


def test_el_pdf_es_para_archivar_y_no_depende_del_momento():
    pdf = imprimir(**DATOS)
    assert pdf.startswith(b"%PDF-") and pdf == imprimir(**DATOS)
    for marca in (b"<pdfaid:part>2<", b"<pdfaid:conformance>A<", b"<pdfuaid:part>1<", b"<xmp:CreateDate>2026-11-20T23:39:56Z<"):
        assert marca in pdf
    assert "Comprobante de envío · 2027-06-000001-0".encode() in pdf
    local = {**DATOS, "recibido_utc": DATOS["recibido_utc"].astimezone()}
    assert imprimir(**local) == pdf
    assert imprimir(**{**DATOS, "folio": "2027-06-000002-9"}) != pdf
    # Las letras van dentro, y no hay nada que se ejecute o se busque fuera.
    assert pdf.count(b"/FontFile") >= 2 and not re.search(rb"/JavaScript|/Launch|/EmbeddedFile", pdf)


def test_los_datos_del_pdf_son_texto_y_no_codigo():
    todo = dict.fromkeys(("titulo", "folio", "estado", "direccion"), HOSTIL)
    pdf = imprimir(**{**DATOS, **todo, "renglones": [Renglon(HOSTIL, HOSTIL), Renglon(HOSTIL, HOSTIL, fija=True)]})
    assert b"#evil() &quot;comillas&quot; \\ $x$ *b* @cita &lt;eti" in pdf


def test_el_qr_se_lee_sobre_cualquier_fondo():
    qr = dibujar_qr(DATOS["direccion"])
    assert '#fff' in qr and "<title" not in qr and "style=" not in qr


# --- La página ---------------------------------------------------------------------------------------


class Reloj:
    ahora = AHORA

    def __call__(self):
        return self.ahora


@pytest.fixture
def reloj():
    return Reloj()


@pytest.fixture
def app(almacen, reloj):
    configuracion = Configuracion(clave="c" * 40, url_publica="http://127.0.0.1:8000", sitio=Path("no-existe"), demo=True)
    abrir_encuestas(almacen, cargar(), AHORA)
    app = crear_app(configuracion, cargar(), almacen, reloj)
    app.testing = True
    return app


@pytest.fixture
def web(app):
    return Navegador(app)


def corregir(web, folio, nombre):
    web.abrir(f"{RUTA}comprobante/{folio}")
    web.enviar()
    web.abrir(f"{RUTA}llenar/informacion-general/")
    web.enviar({"c.nombre_institucion": nombre}, "agregar:representantes")
    web.enviar({"g.representantes.1.nombre": "Segunda", "g.representantes.1.telefono": "+56911111111"}, "seguir")
    web.abrir(f"{RUTA}revisar/")
    web.enviar()
    return folio_de(web)


def test_el_comprobante_dice_lo_que_prueba(web, almacen):
    folio = enviar_una(web, "Cámara de Ñuñoa")
    datos = {d.todos("dt")[0].texto: d.todos("dd")[0].texto for d in web.pagina.todos("div") if d.todos("dt")}
    esquema, prueba = cargar().esquemas["actor-clave"], comprobante(almacen, folio)
    assert datos["Encuesta"] == f"{esquema.titulo}, versión {esquema.version}"
    assert datos["Recibido"].startswith("15-11-2026, 10:45:01") and datos["Recibido, en UTC"] == "2026-11-15 13:45:01 UTC"
    assert datos["Cómo llegó"] == "Respondido en este sitio" and "no identifica" in datos["Quién envió"]
    assert prueba.huella in datos["Huella de lo enviado (SHA-256)"]
    assert esquema.huella in datos["Huella de la definición de la encuesta (SHA-256)"]
    assert datos["Para verificar"] == f"http://127.0.0.1:8000/formularios/verificar/{folio}"
    assert "Cierre de la encuesta" not in datos and "Reemplaza a" not in datos
    assert web.pagina.todos("svg") and "Ñuñoa" not in web.pagina.texto
    propia = web.abrir(f"/formularios/verificar/{folio}")
    assert f"{RUTA}comprobante/{folio}" in [n.get("href") for n in propia.todos("a")]


def test_el_pdf_es_de_quien_envio(web, app, almacen):
    folio = enviar_una(web, "Cámara")
    (ruta,) = [n.get("href") for n in web.pagina.todos("a") if n.get("href").endswith(".pdf")]
    respuesta = web.http.get(ruta)
    assert respuesta.status_code == 200 and respuesta.mimetype == "application/pdf"
    assert f'filename=comprobante-{folio}.pdf' in respuesta.headers["Content-Disposition"]
    assert respuesta.data.startswith(b"%PDF-") and respuesta.data == web.http.get(ruta).data
    otro = Navegador(app)
    otro.abrir(ruta)
    assert otro.url.endswith(f"/verificar/{folio}") and not [a for a in otro.pagina.todos("a") if "comprobante" in a.get("href")]
    assert web.http.get(ruta.replace("actor-clave", "no-existe")).status_code == 404


def test_el_comprobante_se_recibe_por_correo_con_el_pdf(web, app, almacen, monkeypatch):
    folio = enviar_una(web, "Cámara de Ñuñoa")
    ruta = web.url
    for malo in ("", "a@b", "x@y.cl\nBcc: z@y.cl"):
        web.enviar({"correo": malo}, estado=400, numero=0)
        assert "correo completo" in web.pagina.texto
    assert ultimos(almacen) == []
    web.enviar({"correo": " Actor@ejemplo.cl "}, numero=0)
    assert "va en camino" in web.pagina.texto
    pdf = web.http.get(f"{ruta}.pdf").data
    smtp = Smtp()
    monkeypatch.setattr("formularios.correo._conectar", lambda _: smtp)
    assert despachar(almacen, SERVIDOR, reloj=lambda: AHORA).enviados == 1
    (mensaje,) = smtp.recibidos
    cuerpo = mensaje.get_body().get_content()
    assert folio in mensaje["Subject"] and comprobante(almacen, folio).huella in cuerpo
    assert f"http://127.0.0.1:8000/formularios/verificar/{folio}" in cuerpo and "Ñuñoa" not in cuerpo
    (adjunto,) = mensaje.iter_attachments()
    assert (adjunto.get_content_type(), adjunto.get_filename()) == ("application/pdf", "comprobante.pdf")
    assert adjunto.get_content() == pdf
    (guardado,) = ultimos(almacen)
    assert guardado.adjunto is None and guardado.cuerpo == ""
    otro = Navegador(app)
    otro.abrir(RUTA)
    otro.mandar(ruta, [("csrf_token", otro.ficha()), ("correo", "otro@ejemplo.cl")])
    assert "/verificar/" in otro.url and len(ultimos(almacen)) == 1
    for _ in range(4):
        web.enviar({"correo": "a@ejemplo.cl"}, numero=0)
    web.enviar({"correo": "a@ejemplo.cl"}, estado=429, numero=0)


def test_cada_version_muestra_que_cambio(web, app, almacen):
    primero = enviar_una(web, "Cámara de Ñuñoa")
    segundo = corregir(web, primero, "Cámara de Comercio")
    texto = web.pagina.todos("main")[0].texto
    assert f"Reemplaza a {primero}" in texto and f"Respecto de la versión anterior, {primero} :" in texto
    assert "Nombre de la institución Cámara de Ñuñoa Cámara de Comercio" in texto
    assert "Representante 2 (nueva)" in texto and "Tipo de institución" not in texto
    viejo = web.abrir(f"{RUTA}comprobante/{primero}").texto
    assert "está reemplazado" in viejo and "Corregir lo enviado" not in viejo and "Qué cambió" not in viejo
    # Para cualquiera, nada de eso; para el nivel central, lo mismo.
    publico = Navegador(app).abrir(f"/formularios/verificar/{segundo}").texto
    assert "Comercio" not in publico and "cambió" not in publico
    guardar_usuario(almacen, correo=CORREO, rol="sercotec", ahora_utc=AHORA, autor="prueba")
    central = Navegador(app)
    central.abrir(pedir_enlace(central))
    central.enviar()
    pagina = central.abrir(f"/formularios/sercotec/envios/{segundo}")
    assert "Nombre de la institución Cámara de Ñuñoa Cámara de Comercio" in pagina.texto
    assert "Respondido en este sitio" in pagina.texto
    assert f"/formularios/sercotec/envios/{primero}" in [n.get("href") for n in pagina.todos("a")]
    assert "Qué cambió" not in central.abrir(f"/formularios/sercotec/envios/{primero}").texto


def test_enviar_otra_vez_sin_cambios_lo_dice(web):
    primero = enviar_una(web, "Cámara")
    web.enviar()
    web.enviar()
    assert folio_de(web) != primero and "no cambió ninguna respuesta" in web.pagina.texto


def test_se_corrige_hasta_el_cierre(web, almacen, reloj):
    folio = enviar_una(web, "Cámara")
    cambiar_convocatoria(almacen, Convocatoria("actor-clave", "06", 2027, True, CIERRE), autor="prueba", ahora_utc=AHORA)
    reloj.ahora = CIERRE - timedelta(seconds=1)
    pagina = web.abrir(f"{RUTA}comprobante/{folio}").texto
    assert "Cierre de la encuesta 25-11-2026, 10:45:01" in pagina and "Hasta el 2" in pagina
    pedido = web.llenar({})
    reloj.ahora = CIERRE
    web.mandar(*pedido, estado=410)
    assert "cerró el 25-11-2026" in web.pagina.texto and [n for n in web.pagina.todos("a") if "/guia/" in n.get("href")]
    # No quedó reabierto: lo enviado sigue siendo lo enviado.
    pagina = web.abrir(f"{RUTA}revisar/")
    assert web.url.endswith(folio) and "ya no se corrige" in pagina.texto
    assert "Corregir lo enviado" not in pagina.texto and [n for n in pagina.todos("a") if "/guia/" in n.get("href")]
