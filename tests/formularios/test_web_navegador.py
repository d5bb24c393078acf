"""Un Chromium de verdad: accesibilidad (axe) de cada pantalla, a 360 y 1280 px, y lo que mejora el script propio."""

import os
from pathlib import Path

import pytest
from playwright.sync_api import Error, expect

from esquemas.catalogo import cargar
from esquemas.publicacion import ejemplo_csv
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import GORE, SERCOTEC, abrir_encuestas, sembrar
from tests.formularios.conftest import AHORA
from tests.servicios.accesibilidad import faltas_de_axe
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, caerse, disponible, entrar_como, navegador
from tests.servicios.servidor import servir

MATRIZ = "potencialidades-problematicas"
LISTA = "catastro-actores"
CABEZA = "codigo;institucion;correo;justificacion\r\n"
FILAS = "ACT-01;Red de talleres;a@ejemplo.cl;Reúne talleres.\r\nACT-02;Municipio de Ejemplo del Río;;Compra a las empresas."
BUENA, MALA = f"{CABEZA}{FILAS}".encode(), f"{CABEZA}{FILAS}\r\nACT-03;;sin-arroba;x".encode()
CAPTURAS = os.environ.get("CAPTURAS")  # una carpeta: cada pantalla con nombre deja ahí su imagen
# Las palabras de una tabla que siguen en otra línea, y lo que no se alcanza a tocar con el dedo.
PARTIDAS = """() => [...document.querySelectorAll('.cambios :is(th, td)')].flatMap(celda => {
  const raya = document.createRange(), partes = document.createTreeWalker(celda, NodeFilter.SHOW_TEXT), malas = [];
  for (let nodo; nodo = partes.nextNode();) for (const m of nodo.data.matchAll(/[\\p{L}]+/gu)) {
    raya.setStart(nodo, m.index); raya.setEnd(nodo, m.index + m[0].length);
    if (new Set([...raya.getClientRects()].map(r => r.top)).size > 1) malas.push(m[0]);
  }
  return malas;
})"""
CHICOS = """selector => [...document.querySelectorAll(selector)].map(e => [e.innerText, e.getBoundingClientRect().height])
  .filter(([, alto]) => alto > 0 && alto < 44)"""
AL_DEDO = "main > p:first-child > a, .matriz tbody th a, .atajos a, .opciones label, summary, .paginas a, main button"
SEGUIR = 'button:text-is("Guardar y seguir"):not(.por-omision)'


@pytest.fixture(scope="module")
def sitio(tmp_path_factory):
    """La dirección de los formularios, con los datos de demostración."""
    exigir(disponible())
    url = f"sqlite:///{tmp_path_factory.mktemp('web')}/focaliza.db"
    migrar(url)
    almacen, catalogo = Almacen(url), cargar()
    sembrar(almacen, catalogo, AHORA)
    abrir_encuestas(almacen, catalogo, AHORA)

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, catalogo, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield f"{direccion}/formularios"
    almacen.cerrar()


class Revisor:
    """Exige a cada pantalla: 0 faltas de axe, sin desborde, sin quejas en la consola y sin peticiones ajenas."""

    def __init__(self, pagina, sitio):
        self.pagina, self.sitio, self.quejas = pagina, sitio, []
        pagina.on("console", self._anotar)
        pagina.on("pageerror", lambda error: self.quejas.append(str(error)))
        pagina.on("request", self._mirar)

    def _anotar(self, mensaje):
        # Un 4xx esperado, o la red cortada a propósito, también salen en la consola; una violación de la CSP dice «Refused».
        esperados = ("the server responded with a status of 4", "ERR_INTERNET_DISCONNECTED")
        if mensaje.type == "error" and not any(e in mensaje.text for e in esperados):
            self.quejas.append(mensaje.text)

    def _mirar(self, peticion):
        if not peticion.url.startswith((self.sitio.removesuffix("/formularios"), "data:", "chrome", "about:")):
            self.quejas.append(f"petición ajena: {peticion.url}")

    def ir(self, ruta):
        self.pagina.goto(self.sitio + ruta)
        self.revisar()

    def revisar(self, foto=""):
        # Con algo sin guardar, el botón espera a que llegue antes de cambiar de página.
        self.pagina.locator("[aria-busy=true]").wait_for(state="detached")
        if foto and CAPTURAS:
            ancho = self.pagina.viewport_size["width"]
            self.pagina.screenshot(path=f"{CAPTURAS}/{foto}-{ancho}.png", full_page=True)
        assert faltas_de_axe(self.pagina) == []
        ancho = self.pagina.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
        assert ancho <= 0, f"{self.pagina.url} se desborda {ancho} px"
        assert self.quejas == [], self.pagina.url


def archivo_malo(carpeta):
    lineas = ejemplo_csv(cargar().esquemas[MATRIZ]).decode().splitlines()
    ruta = carpeta / "mala.csv"
    comas = "," * (lineas[0].count(",") - 1)
    ruta.write_text("\r\n".join([lineas[0], lineas[1], f"Ñandú 1,cualquiera{comas}"]), encoding="utf-8")
    return str(ruta)


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (360, "dark"), (1280, "dark")])
def test_cada_pantalla_vacia_con_errores_y_terminada(sitio, tmp_path, ancho, tema):
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, sitio)
        r.ir("/")
        r.ir("/encuestas/actor-clave/")
        apretar(p, "main form button")
        r.revisar()
        p.select_option("#region", "06")
        apretar(p, "main form button")
        r.revisar()
        apretar(p, SEGUIR)
        r.revisar()
        assert p.evaluate("document.activeElement.getAttribute('role')") == "alert"
        p.fill("#c-nombre_institucion", "Cámara de Ñuñoa")
        p.select_option("#c-tipo_institucion", "gremio")
        p.fill("#g-representantes-0-nombre", "Persona de ejemplo")
        p.fill("#g-representantes-0-correo", "a@ejemplo.cl")
        apretar(p, 'button:has-text("Agregar otro representante")')
        r.revisar()
        for seccion in cargar().esquemas["actor-clave"].secciones[1:]:
            r.ir(f"/encuestas/actor-clave/llenar/{seccion.nombre}/")
        r.ir("/encuestas/actor-clave/revisar/")
        apretar(p, 'button:text-is("Enviar")')
        r.revisar()
        r.ir("/encuestas/actor-clave/llenar/interes-conjunto/")
        p.check("#c-interes_alianza")
        apretar(p, 'button:text-is("Guardar y salir")')
        r.revisar()
        p.goto(f"{sitio}/encuestas/actor-clave/revisar/")
        apretar(p, 'button:text-is("Enviar")')
        r.revisar()
        apretar(p, 'button:text-is("Corregir lo enviado")')
        p.goto(f"{sitio}/encuestas/actor-clave/llenar/informacion-general/")
        p.fill("#c-nombre_institucion", "Cámara de Comercio de Ñuñoa")
        apretar(p, SEGUIR)  # con algo sin guardar, el botón espera
        p.goto(f"{sitio}/encuestas/actor-clave/revisar/")
        apretar(p, 'button:text-is("Enviar")')
        p.get_by_text("Qué cambió con este envío").wait_for()
        r.revisar()
        apretar(p, 'button:text-is("Mandar el comprobante")')
        p.get_by_text("Escriba un correo completo").wait_for()
        r.revisar()
        p.fill("#correo", "actor@ejemplo.cl")
        apretar(p, 'button:text-is("Mandar el comprobante")')
        p.get_by_text("va en camino").wait_for()
        r.revisar()
        folio = p.locator(".folio").inner_text()
        r.ir(f"/verificar/{folio}")
        r.ir("/verificar/2027-06-000001-9")
        r.ir(f"/validar/{MATRIZ}/")
        p.set_input_files("#archivo", archivo_malo(tmp_path))
        apretar(p, 'button:text-is("Revisar el archivo")')
        r.revisar()
        with p.expect_download() as bajada:
            p.click("text=Descargar mi archivo")
        assert bajada.value.suggested_filename == f"{MATRIZ}-marcado.xlsx"
        r.ir("/nada")


@pytest.mark.parametrize("ancho", [360, 1280])
def test_el_nivel_central(sitio, ancho):
    with navegador(ancho, 800) as p:
        r = Revisor(p, sitio)
        r.ir("/entrar")
        p.fill("#correo", SERCOTEC)
        apretar(p, "main form button")
        r.revisar()
        r.ir("/bandeja")
        apretar(p, "pre a >> nth=0")
        r.revisar()
        apretar(p, "main form button")
        r.revisar()
        apretar(p, "main table a >> nth=0")
        r.revisar()


@pytest.mark.parametrize("ancho", [360, 1280])
def test_el_equipo_de_una_region(sitio, tmp_path, ancho):
    ejercicio = 2028 if ancho == 360 else 2029  # propio: parte sin nada, y al cerrarlo no estorba a las demás pruebas
    region = f"/regiones/06/{ejercicio}"
    with navegador(ancho, 800) as p:
        r = Revisor(p, sitio)
        entrar_como(p, r.sitio, GORE)
        r.revisar()
        r.ir(f"{region}/matrices/{LISTA}/subir/")
        comparar, aplicar = (f'button:text-is("{b}")' for b in ("Revisar y comparar", "Aplicar al borrador"))
        apretar(p, comparar)
        r.revisar()
        for datos, foto in ((MALA, "subir-errores"), (BUENA, "subir-bien")):
            p.set_input_files("#archivo", {"name": "lista.csv", "mimeType": "text/csv", "buffer": datos})
            apretar(p, comparar)
            r.revisar(foto)
        apretar(p, aplicar)
        r.revisar("aplicada")
        apretar(p, 'button:text-is("Entregar la matriz")')
        r.revisar("entregada")
        assert p.locator(".folio").is_visible()
        r.ir(f"{region}/")
        r.ir(f"{region}/invitaciones/actor-clave/")
        p.fill("#cierre", f"{ejercicio}-12-31")
        apretar(p, 'button:text-is("Guardar la convocatoria")')
        r.revisar("invitaciones")
        p.uncheck("input[name=codigo] >> nth=1")
        apretar(p, 'button:text-is("Invitar a los marcados"):not(.por-omision)')
        r.revisar("invitados")
        apretar(p, 'button:text-is("Enviar los correos ahora")')
        r.revisar("enviar")
        apretar(p, 'button:has-text("Enlace, código y QR")')
        r.revisar("compartir")
        corto = p.locator(".folio").inner_text()
        r.ir("/encuestas/codigo/")
        p.fill("#codigo", "AAAAA")
        apretar(p, "main form button")
        r.revisar("codigo")
        p.fill("#codigo", corto.lower())
        apretar(p, "main form button")
        r.revisar("franja")
        assert f"cierra el 31-12-{ejercicio} a las 24:00" in p.locator(".franja").inner_text()
        r.ir(f"{region}/invitaciones/actor-clave/")
        p.fill("#cierre", "2026-01-31")
        apretar(p, 'button:text-is("Guardar la convocatoria")')
        p.goto(f"{sitio}/encuestas/actor-clave/revisar/")
        r.revisar("cerrada")
        assert p.get_by_role("heading", name="La encuesta ya cerró").is_visible()
        assert not p.locator('button:text-is("Enviar")').count()


@pytest.mark.parametrize("ancho", [360, 1280])
def test_una_matriz_entre_dos(sitio, ancho):
    matriz = f"/regiones/06/2027/matrices/{MATRIZ}"
    with navegador(ancho, 800) as p:
        r = Revisor(p, sitio)
        entrar_como(p, r.sitio, GORE)
        r.ir(f"{matriz}/")
        if p.locator('button:text-is("Empezar a corregir")').count():
            apretar(p, 'button:text-is("Empezar a corregir")')
        r.revisar("matriz")
        r.ir(f"{matriz}/nueva/")
        assert not p.locator("#c-causas").is_visible(), "las causas son de una problemática"
        p.check("input[value=problematica]")
        p.fill("#c-causas", "Falta de bodegas")
        p.fill("#c-descripcion", "Los talleres venden solo en el verano.")
        apretar(p, 'button:text-is("Guardar la fila")')
        r.revisar("matriz-guardada")
        aviso, fila = p.locator(".aviso.acompana").bounding_box(), p.locator("tr:target").bounding_box()
        assert aviso["y"] >= 0 and aviso["y"] + aviso["height"] <= fila["y"] < p.viewport_size["height"]  # se ven los dos
        assert p.evaluate(CHICOS, AL_DEDO) == []
        apretar(p, "tbody tr:last-child th a")
        r.revisar("fila")
        assert p.evaluate(CHICOS, AL_DEDO) == []
        otra = p.context.new_page()
        otra.goto(p.url)
        otra.fill("#c-causas", "Falta de canales")
        apretar(otra, 'button:text-is("Guardar la fila")')  # cerrarla a medio camino deja a Playwright esperando para siempre
        otra.close()
        p.fill("#c-causas", "Falta de todo")
        apretar(p, 'button:text-is("Guardar la fila")')
        r.revisar("fila-choque")
        assert p.locator(".cambios").count() and p.evaluate(PARTIDAS) == []
        apretar(p, 'button:text-is("Guardar la fila")')
        apretar(p, "tbody tr:last-child th a")
        apretar(p, 'button:text-is("Quitar la fila")')
        r.revisar("fila-quitada")
        apretar(p, 'button:text-is("Reponerla")')
        apretar(p, "tbody tr:last-child td a")
        r.revisar("fila-historial")
        assert p.locator(".cambios").count() > 1 and p.evaluate(PARTIDAS) == []
        r.ir("/regiones/06/2027/")
        assert p.evaluate(CHICOS, AL_DEDO) == []


def test_el_script_muestra_y_oculta_al_vuelo(sitio):
    with navegador(800, 800) as p:
        p.goto(f"{sitio}/encuestas/actor-clave/")
        p.select_option("#region", "06")
        apretar(p, "main form button")
        cual = p.locator("#c-tipo_institucion_cual")
        assert not cual.is_visible()
        p.select_option("#c-tipo_institucion", "otra")
        assert cual.is_visible() and cual.is_enabled()
        p.select_option("#c-tipo_institucion", "gremio")
        assert not cual.is_visible() and not cual.is_enabled()
        # La tecla Entrar guarda y sigue: no quita ni agrega filas.
        with p.expect_navigation():
            p.press("#c-nombre_institucion", "Enter")
        assert "errores=1" in p.url


def test_sin_javascript_la_pregunta_aparece_al_guardar(sitio):
    with navegador(360, 800, javascript=False) as p:
        p.goto(f"{sitio}/encuestas/actor-clave/")
        p.select_option("#region", "06")
        apretar(p, "main form button")
        assert p.locator("#c-tipo_institucion_cual").count() == 0
        p.select_option("#c-tipo_institucion", "otra")
        apretar(p, SEGUIR)
        assert p.locator("#c-tipo_institucion_cual").is_visible()
        assert "Guardado el 15-11-2026 a las 10:45." in p.inner_text(".franja")
        p.fill("#c-nombre_institucion", "Cámara sin script")
        apretar(p, 'button:text-is("Guardar y salir")')
        assert "Su borrador quedó guardado" in p.inner_text("main")


# --- Guardar mientras se escribe, y sin red -----------------------------------------------------------

NOMBRE = "#c-nombre_institucion"
SALIR = 'button:text-is("Guardar y salir")'
COPIAS = "Object.keys(localStorage).filter((c) => c.startsWith('focaliza:')).length"


def abrir_seccion(p, sitio):
    p.goto(f"{sitio}/encuestas/actor-clave/")
    p.select_option("#region", "06")
    apretar(p, "main form button")
    assert "Se guarda al avanzar" in p.inner_text(".franja")


def espera(p, dicho):
    p.locator(".franja [role=status]", has_text=dicho).wait_for()


def cortar(p, si=True):
    p.context.set_offline(si)


def en_otra_pestana(p):
    """La misma sección, tal como está guardada."""
    otra = p.context.new_page()
    otra.goto(p.url)
    return otra


def test_se_guarda_al_dejar_de_escribir_y_al_salir_de_un_campo(sitio):
    with navegador(360, 800) as p:
        abrir_seccion(p, sitio)
        p.fill(NOMBRE, "Cámara de Ñuñoa")
        espera(p, "Guardado a las 10:45.")
        assert p.evaluate(COPIAS) == 0
        p.fill("#g-representantes-0-nombre", "Persona\u00a0de ejemplo")
        with p.expect_response(lambda r: r.request.method == "POST") as respuesta:
            p.press("#g-representantes-0-nombre", "Tab")
        assert respuesta.value.status == 200
        otra = en_otra_pestana(p)
        assert otra.input_value(NOMBRE) == "Cámara de Ñuñoa"
        assert otra.input_value("#g-representantes-0-nombre") == "Persona\u00a0de ejemplo"
        assert "/informacion-general/" in p.url


def test_sin_red_no_se_pierde_nada(sitio):
    with navegador(360, 800) as p:
        abrir_seccion(p, sitio)
        cortar(p)
        p.fill(NOMBRE, "Escrito sin red")
        espera(p, "Sin conexión")
        p.select_option("#c-tipo_institucion", "otra")
        p.fill("#c-tipo_institucion_cual", "Red de talleres\u2026 ñandú")
        assert p.evaluate(COPIAS) == 1
        p.click(SEGUIR)
        assert "/informacion-general/" in p.url and p.input_value(NOMBRE) == "Escrito sin red"
        cortar(p, False)
        espera(p, "Guardado a las 10:45.")
        assert p.evaluate(COPIAS) == 0
        otra = en_otra_pestana(p)
        assert otra.input_value(NOMBRE) == "Escrito sin red"
        assert otra.input_value("#c-tipo_institucion_cual") == "Red de talleres\u2026 ñandú"
        apretar(p, SEGUIR)
        assert "errores=1" in p.url  # falta el representante: el botón llegó


def test_el_servidor_caido_es_como_no_tener_red(sitio):
    with navegador(800, 800) as p:
        abrir_seccion(p, sitio)
        p.route("**/llenar/**", lambda r: r.fulfill(status=503, body="x"))
        p.fill(NOMBRE, "Mientras vuelve")
        espera(p, "El servidor no responde")
        p.unroute("**/llenar/**")
        apretar(p, SALIR)
        assert "/pausa/" in p.url and p.evaluate(COPIAS) == 0


@pytest.mark.parametrize("recupera", [True, False])
def test_al_recargar_se_ofrece_lo_que_no_alcanzo_a_guardarse(sitio, recupera):
    with navegador(360, 800) as p:
        abrir_seccion(p, sitio)
        p.fill(NOMBRE, "Lo guardado")
        espera(p, "Guardado a las")
        direccion = p.url
        cortar(p)
        p.fill(NOMBRE, "Lo que no llegó")
        espera(p, "Sin conexión")
        p = caerse(p)
        with pytest.raises(Error):
            p.goto(direccion)
        cortar(p, False)
        p.goto(direccion)
        oferta = p.locator(".aviso", has_text="Hay texto sin guardar de las")
        oferta.wait_for()  # la pone el guion, al terminar de cargar
        assert p.input_value(NOMBRE) == "Lo guardado"
        boton = oferta.get_by_role("button", name="Recuperarlo" if recupera else "Descartarlo")
        boton.focus()
        p.keyboard.press("Enter")
        oferta.wait_for(state="detached")
        final = "Lo que no llegó" if recupera else "Lo guardado"
        expect(p.locator(NOMBRE)).to_have_value(final)
        assert en_otra_pestana(p).input_value(NOMBRE) == final
        assert p.evaluate(COPIAS) == 0


def test_al_revisar_se_avisa_de_lo_que_quedo_en_el_equipo_y_al_salir_se_borra(sitio):
    with navegador(360, 800) as p:
        r = Revisor(p, sitio)
        abrir_seccion(p, sitio)
        p.fill(NOMBRE, "A medias")
        p.goto(f"{sitio}/encuestas/actor-clave/revisar/")
        aviso = p.locator(".aviso", has_text="Hay texto sin guardar en este equipo")
        assert aviso.locator("a").all_inner_texts() == ["Información general"]
        r.revisar()
        p.evaluate("localStorage.setItem('focaliza:otro:seccion:vieja', JSON.stringify({cuando: 0, pares: []}))")
        apretar(p, "text=Dejarlo para después")
        assert p.evaluate(COPIAS) == 0  # las del borrador, al salir; la de otro, porque venció


@pytest.mark.parametrize("ancho", [360, 1280])
def test_dos_pestanas_avisa_y_no_pisa(sitio, ancho):
    with navegador(ancho, 800) as p:
        abrir_seccion(p, sitio)
        otra = en_otra_pestana(p)
        p.fill(NOMBRE, "La primera")
        espera(p, "Guardado a las")
        r = Revisor(otra, sitio)
        otra.fill(NOMBRE, "La segunda")
        espera(otra, "se guardó en otra pestaña")
        r.revisar()
        otra.fill(NOMBRE, "La segunda, otra vez")
        otra.press(NOMBRE, "Tab")  # ya no guarda: si lo hiciera, se vería abajo
        apretar(otra, SEGUIR)
        r.revisar()
        assert otra.input_value(NOMBRE) == "La segunda, otra vez"
        assert "se guardó en otra pestaña" in otra.inner_text("main")
        otra.fill(NOMBRE, "En el aviso tampoco")
        otra.press(NOMBRE, "Tab")
        assert en_otra_pestana(p).input_value(NOMBRE) == "La primera"
        assert r.quejas == []


def test_un_guardado_en_vuelo_no_se_cruza_con_el_boton(sitio):
    with navegador(800, 800) as p:
        abrir_seccion(p, sitio)
        detenidas = []
        p.route("**/llenar/**", lambda r: r.continue_() if detenidas else detenidas.append(r))
        p.fill(NOMBRE, "En vuelo")
        with p.expect_request(lambda r: r.method == "POST"):
            p.press(NOMBRE, "Tab")
        p.fill(NOMBRE, "En vuelo, y algo más")
        p.click(SALIR)
        p.click(SALIR)
        assert p.get_attribute("form[data-copia]", "aria-busy") == "true" and len(detenidas) == 1
        with p.expect_navigation():
            detenidas[0].continue_()
        assert "/pausa/" in p.url
        p.goto(f"{sitio}/encuestas/actor-clave/revisar/")
        assert "En vuelo, y algo más" in p.inner_text("main")


@pytest.mark.parametrize("ancho", [360, 1280])
def test_la_franja_y_sus_avisos_sin_faltas(sitio, ancho):
    with navegador(ancho, 800) as p:
        r = Revisor(p, sitio)
        r.ir("/encuestas/actor-clave/imprimible/")
        p.emulate_media(media="print")
        assert not p.is_visible(".encabezado") and p.is_visible(".casilla >> nth=0")
        p.emulate_media(media="screen")
        abrir_seccion(p, sitio)
        p.fill(NOMBRE, "Cámara")
        espera(p, "Guardado a las")
        r.revisar()
        cortar(p)
        p.fill(NOMBRE, "Cámara y más")
        espera(p, "Sin conexión")
        r.revisar()
        p.keyboard.press("End")
        p.evaluate("scrollTo(0, document.body.scrollHeight)")
        assert p.locator(".franja").bounding_box()["y"] == 0  # sigue a la vista
        p.evaluate("window.dispatchEvent(new PageTransitionEvent('pagehide'))")
        cortar(p, False)
        espera(p, "Guardado a las")
        p.fill(NOMBRE, "Cámara y más aún")
        p.reload()
        p.locator(".aviso", has_text="Hay texto sin guardar").wait_for()
        r.revisar()


def tabular_hasta(p, selector):
    for _ in range(60):
        if p.evaluate("(s) => document.activeElement.matches(s)", selector):
            return
        p.keyboard.press("Tab")
    raise AssertionError(f"no se llega a {selector} con el teclado")


def test_todo_por_teclado(sitio):
    with navegador(800, 700) as p:
        p.goto(f"{sitio}/encuestas/actor-clave/")
        tabular_hasta(p, "#region")
        p.keyboard.type("O'Hig")
        tabular_hasta(p, "main form:last-of-type .botones button")
        with p.expect_navigation():
            p.keyboard.press("Enter")
        tabular_hasta(p, NOMBRE)
        p.keyboard.type("Con el teclado")
        with p.expect_navigation():
            p.keyboard.press("Enter")
        assert p.evaluate("document.activeElement.getAttribute('role')") == "alert"
        tabular_hasta(p, ".aviso.mal li a")
        p.keyboard.press("Enter")
        tabular_hasta(p, "#c-tipo_institucion")
        assert p.locator(".franja").bounding_box()["height"] < p.locator("#c-tipo_institucion").bounding_box()["y"]
        p.keyboard.type("Gremio")
        tabular_hasta(p, "#g-representantes-0-nombre")
        p.keyboard.type("Persona de ejemplo")
        tabular_hasta(p, "#g-representantes-0-correo")
        p.keyboard.type("a@ejemplo.cl")
        tabular_hasta(p, ".botones button[value=seguir]")
        with p.expect_navigation():
            p.keyboard.press("Space")
        assert "/marco-estrategico/" in p.url


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (360, "dark")])
def test_los_derechos_por_pantalla(sitio, ancho, tema):
    """Pedir, con y sin errores; ver el estado; y la bandeja de quien responde, antes y después de cumplir."""
    with navegador(ancho, 800) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, sitio)
        r.ir("/derechos/")
        apretar(p, 'button:text-is("Enviar la solicitud")')
        r.revisar()
        assert p.evaluate("document.activeElement.getAttribute('role')") == "alert"
        p.check('input[value="bloqueo"]')
        p.fill("#correo", f"persona{ancho}{tema}@ejemplo.cl")
        p.fill("#folio", "2027-06-000001-0")
        apretar(p, 'button:text-is("Enviar la solicitud")')
        r.revisar()
        numero = p.locator(".folio").inner_text()
        r.ir("/derechos/estado/")
        p.fill("#numero", numero)
        apretar(p, 'button:text-is("Ver en qué va")')
        r.revisar()
        p.fill("#correo", f"persona{ancho}{tema}@ejemplo.cl")
        apretar(p, 'button:text-is("Ver en qué va")')
        r.revisar()
        r.ir("/solicitudes/")  # lleva a entrar
        p.fill("#correo", SERCOTEC)
        apretar(p, "main form button")
        p.goto(f"{sitio}/bandeja")
        apretar(p, 'pre a[href*="/entrar/"] >> nth=0')
        apretar(p, "main form button")
        for ruta in ("/solicitudes/", f"/solicitudes/{numero}/", "/sercotec/lecturas/"):
            r.ir(ruta)
        p.goto(f"{sitio}/solicitudes/{numero}/")
        p.check('input[value="rechazada"]')
        apretar(p, 'button:text-is("Responder")')
        r.revisar()
        p.check('input[value="rechazada"]')
        p.fill("#razon", "Ese folio es de una matriz.")
        apretar(p, 'button:text-is("Responder")')
        r.revisar()
