"""El año de una región, de A.1 a la final validada, en Chromium: cada persona en el suyo y con el reloj que la prueba avanza.

La región es la de ejemplo, con las matrices que publica el piloto. Cada pantalla nueva del camino pasa axe, sin desborde, a 360
y a 1280 px. Con CAPTURAS=carpeta deja una imagen de cada una.
"""

import csv
import io
import re
import subprocess
from contextlib import ExitStack, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace

import docx
import openpyxl
import pytest

from esquemas.catalogo import cargar
from formularios import demostracion as demo
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from tests.formularios.test_camino_planilla import ROJO, bajar, celda_de, celdas, editar, subir
from tests.formularios.test_web_navegador import Revisor
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, disponible, entrar_como, navegador
from tests.servicios.servidor import servir

CATALOGO = cargar()
A1, A2, B1, B2 = demo.matrices_en_curso(CATALOGO)
MONTOS, OBSERVACIONES = "presupuesto-instrumentos", "observaciones"
REGION, PAIS = (f"/regiones/{cut}/{demo.EJERCICIO}" for cut in (demo.REGION, "00"))
EXPEDIENTE = f"{REGION}/expediente/"
FOLIO = re.compile(r"\d{4}-\d\d-\d{6}-\d")
ANCHOS = (1280, 360)  # queda abierta en el primero
ACUERDO = {
    "sesion_numero": "Ordinaria 412",
    "sesion_fecha": "17-12-2026",
    "acuerdo_numero": "7.215",
    "acuerdo_fecha": "17-12-2026",
    "certifica": "Secretaría Ejecutiva del Consejo Regional",
}
DOCUMENTOS = {"acta": b"%PDF-1.7 el acta de la 412", "certificado": b"%PDF-1.7 el certificado"}
EDITORA, FIRMANTE, DIRECCION, SERCOTEC, LECTOR = demo.EDITORA, demo.GORE, demo.DIRECCION, demo.SERCOTEC, demo.LECTOR


class Reloj:
    """La hora del servidor, que la prueba avanza."""

    def __call__(self):
        return self.ahora

    def poner(self, mes, dia, hora=15):
        self.ahora = datetime(2026, mes, dia, hora, tzinfo=UTC)


class Persona(Revisor):
    """Alguien en su propio navegador. `nadie` no entra."""

    def __init__(self, pagina, region, correo=""):
        super().__init__(pagina, region.sitio)
        self.region, self.correo = region, correo

    def entrar(self):
        """Cada día: su sesión ya venció."""
        p = self.pagina
        p.context.clear_cookies()
        entrar_como(p, self.sitio, self.correo)
        p.get_by_role("button", name="Salir").wait_for()

    @property
    def dicho(self):
        return self.pagina.locator("main").inner_text()

    def mirar(self, ruta="", foto=""):
        """Abre la dirección, o se queda en la página, y devuelve lo que dice. Con `foto`, es nueva: la exige a cada ancho."""
        if ruta:
            self.pagina.goto(self.sitio + ruta)
        for ancho in reversed(ANCHOS) if foto else ():
            self.pagina.set_viewport_size({"width": ancho, "height": 800})
            self.revisar(foto)
        return self.dicho

    def apretar(self, texto):
        apretar(self.pagina, self.pagina.locator("main").get_by_role("button", name=texto, exact=True))

    def ofrece(self, texto):
        return self.pagina.locator(f'main :is(button, a.boton):has-text("{texto}")').count() > 0

    def bajar(self, enlace):
        """Lo que baja ese enlace de la página: sus bytes."""
        with self.pagina.expect_download() as bajada:
            self.pagina.locator(f'main a:has-text("{enlace}")').first.click()
        return Path(bajada.value.path()).read_bytes()

    def hacer(self, acto, foto="", **escrito):
        """Abre la pantalla del acto, escribe y lo hace. Devuelve lo que dice su comprobante."""
        self.mirar(f"{EXPEDIENTE}{acto}/", foto)
        for campo, valor in escrito.items():
            self.pagina.fill(f"#{campo}", valor)
        return self.confirmar(acto, foto and f"{foto}-hecho")

    def confirmar(self, acto, foto=""):
        self.apretar(CATALOGO.proceso.tramitacion.actos[acto].titulo)
        self.pagina.get_by_text("Quedó hecho").wait_for()
        return self.mirar(foto=foto)

    def folio_de(self, nombre):
        """El folio que la página da a esa matriz."""
        renglon = self.pagina.locator(f'main li:has(a.huella):has-text("{CATALOGO.esquemas[nombre].nombre_completo}")').first
        return FOLIO.search(renglon.inner_text())[0]

    def fila(self, matriz, codigo):
        """Abre la fila desde su tabla."""
        self.pagina.goto(f"{self.sitio}{REGION}/matrices/{matriz}/")
        apretar(self.pagina, f'tbody th a:has-text("{codigo}")')

    def corregir(self, matriz, codigo, **campos):
        self.fila(matriz, codigo)
        for campo, valor in campos.items():
            self.pagina.fill(f"#c-{campo}", valor)
        self.mirar()
        self.apretar("Guardar la fila")
        self.pagina.get_by_text("La fila quedó guardada").wait_for()
        self.pagina.wait_for_load_state()


@pytest.fixture
def region(tmp_path):
    """La región de ejemplo, servida con un reloj que se mueve."""
    exigir(disponible())
    migrar(url := f"sqlite:///{tmp_path}/focaliza.db")
    reloj = Reloj()
    reloj.poner(11, 10)
    almacen = Almacen(url)
    demo.sembrar(almacen, CATALOGO, reloj())
    region = SimpleNamespace(carpeta=tmp_path, reloj=reloj)

    def armar(direccion):
        region.sitio = f"{direccion}/formularios"
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, CATALOGO, almacen, reloj)

    with servir(armar):
        yield region
    almacen.cerrar()


@contextmanager
def personas(region):
    """Las cinco y quien no tiene cuenta: cada una con su navegador."""
    with ExitStack() as abiertos:

        def abrir(correo=""):
            return Persona(abiertos.enter_context(navegador(ANCHOS[0], 800)), region, correo)

        yield [abrir(c) for c in (EDITORA, FIRMANTE, DIRECCION, SERCOTEC, LECTOR)], abrir()


def test_de_a1_a_la_final_validada(region):
    reloj = region.reloj
    with personas(region) as ((editora, firmante, direccion, sercotec, lector), nadie):

        def amanece(mes, dia, *quienes):
            reloj.poner(mes, dia)
            for quien in quienes:
                quien.entrar()

        amanece(11, 10, editora, firmante)
        llena_a1_en_la_planilla(editora)
        revisa_lo_que_dependia(editora)
        no_firma_quien_no_firma(editora)
        amanece(11, 12, editora, firmante, lector)
        preliminar = entrega_la_preliminar(firmante, nadie)
        queda_cerrada(editora, lector)
        amanece(11, 20, editora, firmante, sercotec, direccion)
        observa(sercotec, editora, preliminar)
        amanece(11, 24, editora, firmante, direccion)
        responde(editora, direccion)
        amanece(12, 1, sercotec, editora, firmante)
        informa_los_montos(sercotec)
        corrige_por_los_montos(editora)
        amanece(12, 20, firmante, sercotec, lector)
        final = entrega_la_final(firmante, nadie, preliminar)
        exporta_la_vigente(sercotec, nadie, final, preliminar)
        amanece(12, 22, sercotec, editora, firmante)
        pide_el_ajuste(sercotec)
        corrige_lo_ajustado(editora)
        otra = manda_la_final_con_el_mismo_acuerdo(firmante, nadie, final)
        amanece(12, 29, sercotec, editora, firmante, lector)
        valida(sercotec)
        exporta_la_vigente(sercotec, nadie, otra, final)
        todo_termino(editora, firmante, lector)


# --- 10 de noviembre: la planilla -----------------------------------------------------------------------


def llena_a1_en_la_planilla(editora):
    p, region = editora.pagina, editora.region
    dicho = editora.mirar(f"{REGION}/", "01-tablero")
    dice(dicho, "En preparación", "Focalización preliminar", "15 de noviembre")
    hoja = openpyxl.load_workbook(ruta := bajar(p, region, A1))["Datos"]
    tipo, documento = celda_de(hoja, "DOC-03", "Tipo de documento"), celda_de(hoja, "DOC-04", "Documento de origen")
    cambiada = celda_de(hoja, "DOC-01", "Segmento objetivo")
    antes = {tipo: hoja[tipo].value, documento: hoja[documento].value}
    subir(p, region, editar(ruta, region.carpeta / "mala.xlsx", {tipo: "cualquiera", documento: None, cambiada: "Viñas."}), A1)
    dicho = editora.mirar(foto="02-subida-con-errores")
    dice(dicho, "Hay 2 errores", f"{tipo}:", f"{documento}:")
    (marcada := region.carpeta / "marcada.xlsx").write_bytes(editora.bajar("Descargar mi archivo con los problemas marcados"))
    hoja = openpyxl.load_workbook(marcada)["Datos"]
    assert {c.coordinate for f in hoja.iter_rows() for c in f if c.fill.fgColor.rgb == ROJO} == {tipo, documento}
    subir(p, region, editar(marcada, region.carpeta / "buena.xlsx", antes), A1)
    dicho = editora.mirar(foto="03-subida-corregida")
    assert "Sin errores: 4 filas" in dicho
    assert ["DOC-01", "Segmento objetivo"] in [c[:2] for c in celdas(p, "table.cambios")]
    editora.apretar("Aplicar al borrador")
    p.get_by_text("quedó como su archivo").wait_for()


def revisa_lo_que_dependia(editora):
    """Cambió una fila de A.1: las de A.2 que la citan quedan por revisar, hasta que alguien las mira."""
    p = editora.pagina
    editora.mirar(f"{REGION}/matrices/{A2}/", "04-por-revisar")
    por_revisar = p.locator('tbody tr:has-text("Por revisar")')
    cuantas = por_revisar.count()
    with (demo.PILOTO / f"{A2}.csv").open(encoding="utf-8", newline="") as archivo:
        assert cuantas == sum("DOC-01" in fila["origen"] for fila in csv.DictReader(archivo)) > 0
    assert "La fila «DOC-01»" in por_revisar.first.inner_text()
    editora.corregir(A2, "POT-01")
    assert por_revisar.count() == cuantas - 1
    dice(editora.mirar(f"{REGION}/mapa/", "05-mapa"), "«Semilla» suma $70.000.000 de $98.000.000")


def no_firma_quien_no_firma(editora):
    dicho = editora.mirar(f"{EXPEDIENTE}preliminar/", "06-preliminar-de-la-editora")
    assert "Usted puede ver qué falta" in dicho and not editora.ofrece("Enviar la focalización preliminar")


# --- 12 de noviembre: la preliminar ---------------------------------------------------------------------


def entrega_la_preliminar(firmante, nadie):
    """Matriz → folio."""
    assert "Enviar la focalización preliminar" in firmante.mirar(f"{REGION}/", "07-tablero-de-la-firmante")
    borrador = firmante.mirar(f"{EXPEDIENTE}preliminar/") and texto_de(firmante.bajar("Borrador para editar (DOCX)"))
    assert "Borrador, sin folio" in borrador
    dicho = firmante.hacer("preliminar", "08-preliminar")
    dice(dicho, "Preliminar enviada", "Se recibió el 12-11-2026, 12:00", "Se entiende presentado en ese momento.")
    folios = {nombre: firmante.folio_de(nombre) for nombre in (A1, A2, B1, B2)}
    assert len(set(folios.values())) == 4
    oficio = el_oficio(firmante, folios)
    assert "FOC-16" in oficio and "Acuerdo del Consejo Regional" not in oficio
    for folio in folios.values():
        assert "existe y está vigente" in nadie.mirar(f"/verificar/{folio}")
    nadie.mirar(foto="09-verificar")
    return folios


def el_oficio(quien, folios):
    """Baja el oficio en PDF y en DOCX, y devuelve lo que dice este, que trae cada folio."""
    assert quien.bajar("Oficio en PDF").startswith(b"%PDF-")
    assert quien.bajar("Comprobante en PDF").startswith(b"%PDF-")
    dicho = texto_de(quien.bajar("Oficio para editar (DOCX)"))
    assert [f for f in folios.values() if f not in dicho] == []
    return dicho


def dice(dicho, *textos):
    assert [t for t in textos if t not in dicho] == [], dicho


def texto_de(datos):
    documento = docx.Document(io.BytesIO(datos))
    celdas = (c.text for t in documento.tables for f in t.rows for c in f.cells)
    encabezados = (p.text for s in documento.sections for p in s.header.paragraphs)
    return "\n".join([*(p.text for p in documento.paragraphs), *celdas, *encabezados])


def queda_cerrada(editora, lector):
    dicho = editora.mirar(f"{REGION}/matrices/{B2}/", "10-cerrada")
    assert "La focalización está en «Preliminar enviada»" in dicho
    assert not editora.ofrece("Agregar una fila") and not editora.ofrece("Subir una planilla")
    editora.fila(B2, "FOC-01")
    assert "Esta fila está cerrada" in editora.mirar(foto="11-fila-cerrada") and not editora.ofrece("Guardar la fila")
    dicho = lector.mirar(EXPEDIENTE)
    assert "Enviar la focalización preliminar" in dicho and FIRMANTE not in dicho and not lector.ofrece("Revisar")


# --- 20 y 24 de noviembre: las observaciones y las respuestas --------------------------------------------


def observa(sercotec, editora, folios):
    p = sercotec.pagina
    dicho = sercotec.mirar("/sercotec/?ejercicio=2027", "12-tablero-nacional")
    assert "preliminar enviada" in dicho
    dicho = sercotec.mirar(f"{REGION}/observaciones/", "13-observaciones-sin-ninguna")
    dice(dicho, folios[B2], "Quedan 7 días", "27-11-2026")
    observar(sercotec, folios[B2], "FOC-06", "La cobertura no calza con el monto por proyecto.", "Cobertura estimada")
    observar(sercotec, folios[B2], "FOC-11", "Falta decir qué almacenes son extremos.")
    assert "no ha enviado observaciones" in editora.mirar(f"{REGION}/observaciones/"), "todavía no las ve la región"
    dicho = sercotec.hacer("observar", "15-observar")
    assert "Con observaciones" in dicho and FOLIO.search(sercotec.folio_de(OBSERVACIONES))
    assert "FOC-06" in texto_de(sercotec.bajar("Oficio para editar (DOCX)"))
    p.goto(f"{sercotec.sitio}{EXPEDIENTE}")
    assert not sercotec.ofrece("Revisar"), "le toca a la región"


def observar(sercotec, folio, fila, dice, campo="", condicion="ficha-e"):
    p = sercotec.pagina
    sercotec.mirar(f"/sercotec/envios/{folio}")
    apretar(p, f'tbody a:has-text("esta fila: {fila}")')
    p.select_option("#campo", campo)
    p.fill("#c-observacion", dice)
    p.check(f"[name='c.condicion'][value='{condicion}']")
    sercotec.mirar(foto="14-observar-una-fila")
    sercotec.apretar("Guardar la observación")
    p.get_by_text("La observación quedó guardada").wait_for()


def responde(editora, direccion):
    p, region = editora.pagina, editora.region
    dicho = editora.mirar(f"{REGION}/", "16-tablero-con-observaciones")
    dice(dicho, "Con observaciones", "Falta responder 2")
    # La planilla trae la observación en su celda.
    hoja = openpyxl.load_workbook(bajar(p, region, B2))["Datos"]
    observada, toda = celda_de(hoja, "FOC-06", "Cobertura estimada"), celda_de(hoja, "FOC-11", "Código")
    assert "La cobertura no calza" in hoja[observada].comment.text and "Falta responder" in hoja[observada].comment.text
    assert "qué almacenes son extremos" in hoja[toda].comment.text
    # De FOC-06 se abre solo lo observado; FOC-01 sigue cerrada.
    editora.fila(B2, "FOC-06")
    dicho = editora.mirar(foto="17-fila-observada")
    assert [p.locator(f"[name='c.{c}']").count() for c in ("cobertura", "presupuesto")] == [1, 0], dicho
    editora.corregir(B2, "FOC-06", cobertura="5")
    editora.corregir(B2, "FOC-11", descripcion="Almacenes a más de 60 minutos de la capital provincial.")
    editora.fila(B2, "FOC-01")
    assert "Esta fila está cerrada" in editora.dicho
    # Una respuesta va en la web y la otra en la planilla de observaciones.
    p.goto(f"{editora.sitio}{REGION}/observaciones/")
    editora.mirar(foto="18-observaciones-por-responder")
    apretar(p, 'main li a.boton:has-text("Responder") >> nth=0')
    editora.apretar("Guardar la respuesta")
    assert "Falta la respuesta" in editora.mirar(foto="19-respuesta-vacia")
    p.fill("#c-respuesta", "Se corrigió: son 5 proyectos.")
    editora.apretar("Guardar la respuesta")
    p.get_by_text("La respuesta quedó guardada").wait_for()
    (ruta := region.carpeta / "respuestas.xlsx").write_bytes(editora.bajar("Descargar para responder en la planilla"))
    hoja = openpyxl.load_workbook(ruta)["Datos"]
    codigo = next(f[0].value for f in hoja.iter_rows(min_row=2) if "FOC-11" in [c.value for c in f])
    suya = celda_de(hoja, codigo, "Respuesta del Gobierno Regional")
    subir(p, region, editar(ruta, ruta, {suya: "Se precisó en la descripción."}), OBSERVACIONES)
    assert "Cambia: 1" in editora.mirar(foto="20-subida-de-respuestas")
    editora.apretar("Aplicar al borrador")
    p.wait_for_url("**/observaciones/**")
    assert "Ninguna pendiente de respuesta" in editora.mirar(f"{REGION}/observaciones/", "21-todo-respondido")
    assert "Se precisó en la descripción." in direccion.mirar(f"{REGION}/observaciones/")
    assert not direccion.ofrece("Responder") and "Con observaciones" in direccion.mirar(f"{REGION}/")


# --- 1 de diciembre: los montos --------------------------------------------------------------------------


def informa_los_montos(sercotec):
    """El nivel central los llena en la web y los entrega: desde ahí se revisa contra ellos."""
    p = sercotec.pagina
    sercotec.mirar(f"{PAIS}/matrices/{MONTOS}/")
    sercotec.apretar("Empezar a corregir")
    apretar(p, 'main a.boton:has-text("Agregar una fila")')
    sercotec.mirar(foto="22-monto-nuevo")
    valores = {"codigo": "2027-06-juntos-P", "ejercicio": "2027", "monto": "130000000", "oficio": "Oficio 900"}
    for campo, valor in {**valores, "fecha_oficio": "01-12-2026"}.items():
        p.fill(f"#c-{campo}", valor)
    for campo, valor in (("region", "06"), ("instrumento", "juntos"), ("momento", "preliminar")):
        elegir(p, f"c.{campo}", valor)
    sercotec.apretar("Guardar la fila")
    p.get_by_text("La fila quedó guardada").wait_for()
    sercotec.mirar(f"{PAIS}/matrices/{MONTOS}/entregar/", "23-montos")
    apretar(p, "main form button >> nth=-1")
    p.get_by_text("quedó entregada").wait_for()
    assert FOLIO.search(sercotec.mirar())[0].startswith("2027-00-")


def elegir(p, nombre, valor):
    control = p.locator(f"[name='{nombre}']").first
    if control.evaluate("c => c.tagName") == "SELECT":
        control.select_option(valor)
    else:
        p.check(f"[name='{nombre}'][value='{valor}']")


def corrige_por_los_montos(editora):
    """Juntos pasó a sumar más de lo informado: su fila se abre entera porque hoy no cumple."""
    dicho = editora.mirar(f"{EXPEDIENTE}final/", "24-final-con-montos")
    dice(dicho, "Sobran $10.000.000", "Con errores no se puede entregar")
    editora.fila(B2, "FOC-06")
    assert "Hoy no cumple" in editora.mirar(foto="25-fila-que-no-cumple")
    editora.corregir(B2, "FOC-06", presupuesto="130000000")
    assert "Sobran" not in editora.mirar(f"{EXPEDIENTE}final/")


# --- 20 de diciembre, domingo: la final ------------------------------------------------------------------


def entrega_la_final(firmante, nadie, preliminar):
    p = firmante.pagina
    assert "Enviar la focalización final" in firmante.mirar(f"{REGION}/", "26-tablero-de-la-final")
    firmante.mirar(f"{EXPEDIENTE}final/", "27-final")
    firmante.apretar("Enviar la focalización final")
    dicho = firmante.mirar(foto="28-final-sin-acuerdo")
    dice(dicho, "Falta corregir", "Falta el archivo")
    for campo, valor in ACUERDO.items():
        p.fill(f"[name='c.{campo}']", valor)
    for nombre, datos in DOCUMENTOS.items():
        p.set_input_files(f"#{nombre}", {"name": f"{nombre}.pdf", "mimeType": "application/pdf", "buffer": datos})
    dicho = firmante.confirmar("final", "29-final-hecha")
    dice(dicho, "Se recibió el 20-12-2026", "Llegó en día inhábil: se entiende presentado el 21-12-2026", "Ley 19.880", "7.215")
    assert firmante.bajar("Acta de la sesión") == DOCUMENTOS["acta"]
    folios = {nombre: firmante.folio_de(nombre) for nombre in (B2, OBSERVACIONES)}
    oficio = el_oficio(firmante, folios)
    dice(oficio, "Acuerdo del Consejo Regional", "7.215", "Se precisó en la descripción.")
    cambia_la_vigente(nadie, folios[B2], preliminar[B2])
    return folios


def cambia_la_vigente(nadie, nuevo, viejo):
    assert "existe y está vigente" in nadie.mirar(f"/verificar/{nuevo}")
    assert "un envío posterior lo reemplazó" in nadie.mirar(f"/verificar/{viejo}", "30-reemplazado")


def exporta_la_vigente(sercotec, nadie, folios, anteriores):
    """El CSV trae solo la vigente, y su huella, con `sha256sum`, es la del comprobante."""
    sercotec.mirar(f"/sercotec/?ejercicio=2027&region=06&esquema={B2}")
    datos = sercotec.bajar("CSV de Matriz de Focalización")
    filas = list(csv.DictReader(io.StringIO(datos.decode())))
    assert {f["folio"] for f in filas} == {folios[B2]} and anteriores[B2].encode() not in datos
    propias = CATALOGO.esquemas[B2].principal.nombres
    salida = io.StringIO()
    escritor = csv.DictWriter(salida, propias, extrasaction="ignore", lineterminator="\r\n")
    escritor.writeheader()
    escritor.writerows(filas)
    suma = subprocess.run(["sha256sum"], input=salida.getvalue().encode(), capture_output=True, check=True).stdout.split()[0]
    assert suma.decode() in nadie.mirar(f"/verificar/{folios[B2]}")


# --- 22 y 29 de diciembre: el ajuste y la validación ------------------------------------------------------


def pide_el_ajuste(sercotec):
    p = sercotec.pagina
    sercotec.mirar(f"{REGION}/observaciones/", "31-respondidas")
    for _ in range(2):
        p.goto(f"{sercotec.sitio}{REGION}/observaciones/")
        apretar(p, 'main li:has-text("Respondida") a.boton >> nth=0')
        sercotec.mirar(foto="32-resolver")
        sercotec.apretar("Darla por resuelta")
        p.get_by_text("La observación quedó resuelta").wait_for()
    p.goto(f"{sercotec.sitio}{EXPEDIENTE}")
    p.locator('main a.huella').first.wait_for()
    folio = sercotec.folio_de(B2)
    observar(sercotec, folio, "FOC-05", "El formulario H pide separar las dos convocatorias.", condicion="formulario-h")
    dicho = sercotec.hacer("pedir-ajuste", "33-ajuste", motivo="Falta lo que pide el formulario H.")
    assert "En ajuste" in dicho


def corrige_lo_ajustado(editora):
    p = editora.pagina
    dicho = editora.mirar(f"{REGION}/", "34-tablero-en-ajuste")
    dice(dicho, "En ajuste", "Falta lo que pide el formulario H.")
    editora.corregir(B2, "FOC-05", descripcion="Son dos convocatorias: una de comercio y una de servicios.")
    p.goto(f"{editora.sitio}{REGION}/observaciones/")
    apretar(p, 'main li a.boton:has-text("Responder") >> nth=0')
    p.fill("#c-respuesta", "Se separaron en la descripción.")
    editora.apretar("Guardar la respuesta")
    p.get_by_text("La respuesta quedó guardada").wait_for()


def manda_la_final_con_el_mismo_acuerdo(firmante, nadie, anterior):
    p = firmante.pagina
    firmante.mirar(f"{EXPEDIENTE}final/", "35-final-otra-vez")
    p.check("[name=cual][value=mantener]")
    dicho = firmante.confirmar("final", "36-final-otra-vez-hecha")
    dice(dicho, "7.215", "Final enviada")
    assert firmante.bajar("Certificado del acuerdo") == DOCUMENTOS["certificado"]
    folios = {B2: firmante.folio_de(B2)}
    assert "Son dos convocatorias" in el_oficio(firmante, folios)
    cambia_la_vigente(nadie, folios[B2], anterior[B2])
    return folios


def valida(sercotec):
    assert "sin resolver." in sercotec.mirar(f"{EXPEDIENTE}validar/", "37-validar")
    sercotec.pagina.check("[name=confirmadas]")
    assert "Validada" in sercotec.confirmar("validar", "37-validar-hecho")
    assert "validada" in sercotec.mirar("/sercotec/?ejercicio=2027", "38-tablero-nacional-al-final")


def todo_termino(editora, firmante, lector):
    for quien in (editora, firmante, lector):
        assert "Validada" in quien.mirar(f"{REGION}/")
        assert "este expediente terminó" in quien.mirar(EXPEDIENTE)
        quien.mirar(f"{REGION}/matrices/{B2}/")
        assert not any(quien.ofrece(b) for b in ("Agregar una fila", "Subir una planilla", "Empezar a corregir"))
    firmante.mirar(f"{REGION}/", "39-tablero-al-final")
    hechos = firmante.mirar(EXPEDIENTE, "40-expediente-al-final")
    assert all(f"N.º {n}:" in hechos for n in range(1, 7)) and "N.º 7:" not in hechos
