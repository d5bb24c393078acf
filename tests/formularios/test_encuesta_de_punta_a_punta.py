"""La encuesta entera, como la viven quienes participan: un teléfono de 360 px, correo de verdad, mala señal o solo teclado."""

import re
from contextlib import contextmanager
from types import SimpleNamespace

import pytest
from playwright.sync_api import expect

from esquemas.catalogo import cargar
from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.correo import despachar, leer_servidor
from formularios.demostracion import GORE, abrir_encuestas
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_encuesta import TOPE_DE_PESO, respuestas_de
from tests.formularios.test_web_navegador import COPIAS, NOMBRE, SALIR, SEGUIR, Revisor, espera
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, caerse, disponible, navegador
from tests.servicios.servidor import servir
from tests.servicios.smtp import servidor_smtp

ESQUEMA = cargar().esquemas["actor-clave"]
RESPUESTAS = respuestas_de(ESQUEMA)
ACTORES = ("entero@ejemplo.cl", "a-medias@ejemplo.cl", "sin-red@ejemplo.cl")
CATASTRO = "codigo;institucion;correo;justificacion\r\n" + "".join(
    f"ACT-{i:02};Institución {i};{correo};Reúne a los talleres de la comuna.\r\n" for i, correo in enumerate(ACTORES, 1)
)
REGION = "/regiones/06/2027"
ENCUESTA = "/encuestas/actor-clave"
DE_MAS = 1_200_000  # caracteres; con diez millones, el propio navegador tarda un minuto en dibujarlos
ENVIAR = 'main button:text-is("Enviar")'


@pytest.fixture
def lugar(tmp_path):
    """Los formularios en un puerto de verdad y sin demostración; sus correos salen por un SMTP de verdad."""
    exigir(disponible())
    url = f"sqlite:///{tmp_path}/focaliza.db"
    migrar(url)
    almacen, catalogo = Almacen(url), cargar()
    guardar_usuario(almacen, correo=GORE, rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")

    def armar(raiz):
        configuracion = Configuracion(clave="p" * 40, url_publica=raiz, sitio=tmp_path / "no", correo=correo.direccion)
        return crear_app(configuracion, catalogo, almacen, lambda: AHORA)

    with servidor_smtp() as correo, servir(armar) as raiz:
        yield SimpleNamespace(url=f"{raiz}/formularios", raiz=raiz, almacen=almacen, correo=correo)
    almacen.cerrar()


def recibido(lugar, para, asunto):
    """El último correo que le llegó a esa persona, ya despachado lo que esperaba."""
    despachar(lugar.almacen, leer_servidor(lugar.correo.direccion), reloj=lambda: AHORA)
    return [m for m in lugar.correo.aceptados if m["To"] == para and asunto in m["Subject"]][-1]


def enlace_en(mensaje):
    return re.search(r"http://\S+/(?:retomar|entrar)/\S+", mensaje.get_body().get_content())[0]


@contextmanager
def telefono(lugar):
    """Un perfil nuevo de navegador, y quien revisa cada pantalla."""
    with navegador(360, 740) as p:
        yield p, Revisor(p, lugar.url)


def cargar_e_invitar(lugar):
    with telefono(lugar) as (p, r):
        r.ir("/entrar")
        p.fill("#correo", GORE)
        apretar(p, "main form button")
        p.goto(enlace_en(recibido(lugar, GORE, "entrar")))
        apretar(p, "main form button")
        r.ir(f"{REGION}/matrices/catastro-actores/subir/")
        p.set_input_files("#archivo", {"name": "catastro.csv", "mimeType": "text/csv", "buffer": CATASTRO.encode()})
        for boton in ("Revisar y comparar", "Aplicar al borrador", "Entregar la matriz"):
            apretar(p, f'button:text-is("{boton}")')
        expect(p.locator(".folio")).to_be_visible()
        r.ir(f"{REGION}/invitaciones/actor-clave/")
        apretar(p, 'button:text-is("Invitar a los marcados"):not(.por-omision)')
        expect(p.get_by_text("Se invitó a 3 instituciones")).to_be_visible()
        apretar(p, 'button:text-is("Enviar los correos ahora")')
        expect(p.get_by_text("Salieron 3 correos")).to_be_visible()
        r.revisar()


def en_que_van(lugar):
    with telefono(lugar) as (p, r):
        r.ir("/entrar")
        p.fill("#correo", GORE)
        apretar(p, "main form button")
        p.goto(enlace_en(recibido(lugar, GORE, "entrar")))
        apretar(p, "main form button")
        r.ir(f"{REGION}/invitaciones/actor-clave/")
        return p.locator("main > ul").first.inner_text()


def abrir(p, r, enlace):
    """Del correo a la encuesta: el enlace muestra el aviso y un botón; la dirección que queda ya no lleva secreto."""
    p.goto(enlace)
    r.revisar()
    expect(p.get_by_role("heading", name="Aviso de privacidad")).to_be_visible()
    apretar(p, 'button:text-is("Seguir con mi borrador")')
    assert enlace.rsplit("/", 1)[1] not in p.url


def poner(p, nombre, valor):
    """Contesta una pregunta como esté dibujada."""
    control = p.locator(f'main form [name="{nombre}"]')
    if control.first.get_attribute("type") in ("radio", "checkbox"):
        for elegido in [valor] if isinstance(valor, str) else valor:
            p.check(f'main form [name="{nombre}"][value="{elegido}"]')
    elif control.first.evaluate("c => c.tagName") == "SELECT":
        control.select_option(valor)
    else:
        control.fill(valor)


def responder_entera(p, r):
    """Cada sección con todas sus respuestas; lo que una hace aparecer se contesta en la misma pantalla."""
    contestadas = set()
    for seccion in ESQUEMA.secciones:
        assert p.url.endswith(f"/llenar/{seccion.nombre}/"), p.url
        while faltan := [n for n in visibles(p) if n in RESPUESTAS and n not in contestadas]:
            poner(p, faltan[0], RESPUESTAS[faltan[0]])
            contestadas.add(faltan[0])
        apretar(p, SEGUIR)
    assert p.url.endswith("/revisar/") and contestadas == RESPUESTAS.keys()
    r.revisar()


def visibles(p):
    return list(dict.fromkeys(p.eval_on_selector_all(
        "main form :is(input, select, textarea)",
        "todos => todos.filter((c) => !c.disabled && c.type !== 'hidden' && c.offsetParent).map((c) => c.name)",
    )))  # fmt: skip


def se_abre(p, pdf, titulo, tmp_path):
    """El visor del navegador lo abre, con una página o más y su título."""
    ruta = tmp_path / "comprobante.pdf"
    ruta.write_bytes(pdf)
    p.goto(ruta.as_uri())
    mirar = "(() => { const v = document.querySelector('pdf-viewer'); return v?.docLength_ ? v.title_ : ''; })()"
    visto = ""
    for _ in range(100):
        p.wait_for_timeout(100)
        visto = "".join(f.evaluate(mirar) for f in p.frames if f.url.startswith("chrome-extension:"))
        if titulo in visto:  # mientras lee el documento, el visor dice el nombre del archivo
            return
    raise AssertionError(f"el visor no abre el PDF: dice «{visto}»")


def test_invitar_a_tres_y_que_ninguno_pierda_nada(lugar, tmp_path):
    cargar_e_invitar(lugar)
    entero, a_medias, sin_red = (enlace_en(recibido(lugar, actor, "invitamos")) for actor in ACTORES)
    assert len({entero, a_medias, sin_red}) == 3 and all(e.startswith(lugar.url + ENCUESTA) for e in (entero, a_medias, sin_red))
    assert "No lo ha abierto: 3" in en_que_van(lugar)

    # El primero responde todo, envía y recibe su comprobante por correo.
    with telefono(lugar) as (p, r):
        abrir(p, r, entero)
        responder_entera(p, r)
        apretar(p, ENVIAR)
        r.revisar()
        folio = p.locator(".folio").inner_text()
        p.fill("#correo", ACTORES[0])
        apretar(p, 'button:text-is("Mandar el comprobante")')
        mensaje = recibido(lugar, ACTORES[0], folio)
        (adjunto,) = mensaje.iter_attachments()
        verificacion = re.search(r"http://\S+/verificar/\S+", mensaje.get_body().get_content())[0]
        with navegador(360, 740) as cualquiera:
            cualquiera.goto(verificacion)
            expect(cualquiera.get_by_text("El envío existe y está vigente")).to_be_visible()
            se_abre(cualquiera, adjunto.get_content(), folio, tmp_path)
        # Atrás, después de enviar, no vuelve a enviar ni muestra el formulario.
        p.go_back()
        assert p.locator(".folio").inner_text() == folio

    # El segundo lo deja a medias, pide por correo cómo seguir y lo retoma en otros dos perfiles.
    with telefono(lugar) as (p, r):
        abrir(p, r, a_medias)
        p.fill(NOMBRE, "A medias, en el teléfono")
        apretar(p, SALIR)
        p.fill("#correo", ACTORES[1])
        apretar(p, 'button:text-is("Mandar el enlace")')
        r.revisar()
    mensaje = recibido(lugar, ACTORES[1], "Siga su borrador")
    codigo = re.search(r"\b[2-9A-Z]{5}-[2-9A-Z]{5}\b", mensaje.get_body().get_content())[0]
    with telefono(lugar) as (p, r):
        abrir(p, r, enlace_en(mensaje))
        assert p.url.endswith("/revisar/") and "A medias, en el teléfono" in p.inner_text("main")
    with telefono(lugar) as (p, r):
        r.ir("/encuestas/codigo/")
        p.fill("#codigo", codigo.lower())
        apretar(p, "main form button")
        apretar(p, 'a:has-text("Cambiar Nombre de la institución")')
        assert p.input_value(NOMBRE) == "A medias, en el teléfono"
        poner(p, "c.tipo_institucion", "gremio")
        poner(p, "g.representantes.0.nombre", "Persona de ejemplo")
        poner(p, "g.representantes.0.telefono", "+56900000000")
        apretar(p, SEGUIR)
        assert p.url.endswith("/marco-estrategico/"), p.inner_text("main")

    # Al tercero se le corta la red a mitad, se le cae la página, y al volver está todo.
    with telefono(lugar) as (p, r):
        abrir(p, r, sin_red)
        p.fill(NOMBRE, "Con red")
        espera(p, "Guardado a las")
        p.context.set_offline(True)
        poner(p, "g.representantes.0.nombre", "Escrito sin red")
        poner(p, "g.representantes.0.correo", "sin-red@ejemplo.cl")
        poner(p, "c.tipo_institucion", "gremio")
        espera(p, "Sin conexión")
        p.click(SEGUIR)
        assert p.input_value("#g-representantes-0-nombre") == "Escrito sin red" and p.evaluate(COPIAS) == 1
        p.context.set_offline(False)
        espera(p, "Guardado a las")
        apretar(p, SEGUIR)
        poner(p, "c.limitaciones", "También esto")
        p.context.set_offline(True)
        poner(p, "c.limitaciones", "También esto, sin red")
        espera(p, "Sin conexión")
        direccion, nueva = p.url, caerse(p)
        nueva.context.set_offline(False)
        nueva.goto(direccion)
        nueva.get_by_role("button", name="Recuperarlo").click()
        expect(nueva.locator("#c-limitaciones")).to_have_value("También esto, sin red")
        nueva.goto(f"{lugar.url}{ENCUESTA}/llenar/interes-conjunto/")
        nueva.check('[name="c.interes_alianza"][value="alto"]')
        apretar(nueva, SEGUIR)
        nueva.goto(f"{lugar.url}{ENCUESTA}/revisar/")
        for dicho in ("Con red", "Escrito sin red", "También esto, sin red"):
            assert dicho in nueva.inner_text("main")
        apretar(nueva, ENVIAR)
        assert nueva.locator(".folio").inner_text() != folio

    assert en_que_van(lugar).split("\n") == ["En borrador: 1", "Enviado: 2"]


# --- Sin JavaScript y solo con el teclado -------------------------------------------------------------


class Teclado:
    """Tab, flechas, espacio, Entrar y letras: ni un clic. Falla si a algo no se llega o si no se ve dónde se está."""

    def __init__(self, p):
        self.p, self.tabulaciones = p, 0

    def hasta(self, selector):
        for _ in range(250):
            if self.p.evaluate("s => document.activeElement.matches(s)", selector):
                assert self.p.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", f"no se ve: {selector}"
                return
            self.p.keyboard.press("Tab")
            self.tabulaciones += 1
        raise AssertionError(f"no se llega a {selector} con el teclado")

    def apretar(self, selector):
        self.hasta(selector)
        with self.p.expect_navigation():
            self.p.keyboard.press("Enter")

    def poner(self, nombre, valor):
        tipo = self.p.locator(f'main form [name="{nombre}"]').first.evaluate("c => c.type")
        if tipo == "checkbox":
            for elegido in valor:
                self.hasta(f'[name="{nombre}"][value="{elegido}"]')
                self.p.keyboard.press("Space")
            return
        self.hasta(f'[name="{nombre}"]')
        if tipo == "radio":
            # Se entra al que está marcado o, si ninguno, al primero; con las flechas se llega a cada uno.
            self.p.keyboard.press("Space")
            for _ in range(20):
                if self.p.evaluate("document.activeElement.value") == valor:
                    return
                self.p.keyboard.press("ArrowDown")
            raise AssertionError(f"con las flechas no se llega a {nombre}={valor}")
        if tipo == "select-one":
            texto = self.p.locator(f'[name="{nombre}"] option[value="{valor}"]').inner_text()
            self.p.keyboard.type(texto)
        else:
            self.p.keyboard.press("Control+A")
            self.p.keyboard.type(valor)


def test_entera_por_teclado_y_sin_javascript(lugar):
    abrir_encuestas(lugar.almacen, cargar(), AHORA)
    with navegador(360, 740, javascript=False) as p:
        t, contestadas = Teclado(p), set()
        p.goto(f"{lugar.url}{ENCUESTA}/")
        t.poner("region", "06")
        t.apretar("main form:last-of-type .botones button")
        for seccion in ESQUEMA.secciones:
            while p.url.split("?")[0].split("#")[0].endswith(f"/llenar/{seccion.nombre}/"):
                faltan = [n for n in visibles(p) if n in RESPUESTAS and n not in contestadas]
                for nombre in faltan:
                    t.poner(nombre, RESPUESTAS[nombre])
                contestadas |= set(faltan)
                assert faltan or p.locator(".error").count() == 0, p.inner_text("main")
                repetibles = [n for n in seccion.contenido if n in {g.nombre for g in ESQUEMA.grupos}]
                if repetibles and f"otra {seccion.nombre}" not in contestadas:
                    contestadas.add(f"otra {seccion.nombre}")
                    fila_de_mas(p, t, repetibles[0])
                t.apretar('.botones button[value="seguir"]')
        assert p.url.split("?")[0].endswith("/revisar/"), p.url
        assert contestadas >= RESPUESTAS.keys()
        t.apretar('main form .botones button:not([class])')
        folio = p.locator(".folio").inner_text()
        t.hasta('a[href$=".pdf"]')
        t.poner("correo", ACTORES[0])
        with p.expect_navigation():
            p.keyboard.press("Enter")
        expect(p.get_by_text("va en camino")).to_be_visible()
    assert recibido(lugar, ACTORES[0], folio)


def fila_de_mas(p, t, grupo):
    """Agrega una fila, vuelve a ella con el foco cerca, y la quita: lo escrito en la primera sigue."""
    primero = f"main form [name^='g.{grupo}.0.']"
    antes = p.locator(primero).evaluate_all("todos => todos.map((c) => c.value)")
    t.apretar(f'button[value="agregar:{grupo}"]')
    assert p.locator(f"#g-{grupo}-1").is_visible() and p.url.endswith(f"#g-{grupo}-1")
    p.keyboard.press("Tab")
    assert p.evaluate("document.activeElement.name").startswith(f"g.{grupo}.1."), "el foco no quedó en la fila nueva"
    t.apretar(f'button[value="quitar:{grupo}:1"]')
    assert p.locator(f"#g-{grupo}-1").count() == 0
    assert p.locator(primero).evaluate_all("todos => todos.map((c) => c.value)") == antes


# --- Lo que baja un teléfono --------------------------------------------------------------------------


def bytes_de(p, ir):
    """Lo que viajó de verdad, con cabeceras, hasta que la página quedó quieta y sin nada guardado de antes."""
    red, medidos = p.context.new_cdp_session(p), []
    red.send("Network.enable")
    red.send("Network.setCacheDisabled", {"cacheDisabled": True})
    red.on("Network.loadingFinished", lambda hecho: medidos.append(hecho["encodedDataLength"]))
    ir()
    p.wait_for_load_state("networkidle")
    red.detach()
    return medidos


@pytest.mark.parametrize("nombre", [e.nombre for e in cargar().encuestas])
def test_la_primera_pantalla_pesa_poco_en_el_cable(lugar, nombre):
    abrir_encuestas(lugar.almacen, cargar(), AHORA)
    with navegador(360, 740) as p:
        portada = bytes_de(p, lambda: p.goto(f"{lugar.url}/encuestas/{nombre}/"))
        if p.locator("#region").count():
            p.select_option("#region", "13")  # la de más comunas
        seccion = bytes_de(p, lambda: apretar(p, "main form:last-of-type .botones button"))
        assert "/llenar/" in p.url
        assert len(portada) >= 3 and len(seccion) >= 5  # la página y lo que pide
        assert 3_000 < sum(portada) <= TOPE_DE_PESO and 3_000 < sum(seccion) <= TOPE_DE_PESO, (portada, seccion)
        sin_pedirlo = p.context.request.get(p.url, headers={"Accept-Encoding": "identity"})
        assert "content-encoding" not in sin_pedirlo.headers


# --- Cuando algo sale mal -----------------------------------------------------------------------------


@pytest.mark.parametrize("tema", ["light", "dark"])
@pytest.mark.parametrize("ancho", [360, 1280])
def test_cada_pagina_de_error_sin_faltas_y_con_lo_escrito(lugar, ancho, tema):
    abrir_encuestas(lugar.almacen, cargar(), AHORA)
    with navegador(ancho, 740) as p:
        p.emulate_media(color_scheme=tema)
        r = Revisor(p, lugar.url)
        r.ir(f"{ENCUESTA}/retomar/inventado")
        r.revisar("retomar")
        apretar(p, "main form button")
        r.revisar("enlace-malo")
        r.ir(f"{ENCUESTA}/")
        p.select_option("#region", "06")
        apretar(p, "main form:last-of-type .botones button")
        r.revisar("primera-seccion")
        p.fill(NOMBRE, "Lo que escribí\u00a0con cariño")
        galletas = p.context.cookies()
        p.context.clear_cookies()
        apretar(p, SEGUIR)
        expect(p.get_by_role("heading", name="La página venció antes de guardar")).to_be_visible()
        p.click("summary")
        r.revisar("vencida")
        apretar(p, 'button:text-is("Intentar de nuevo")')
        expect(p.get_by_role("heading", name="No está su borrador en este equipo")).to_be_visible()
        r.revisar("sin-borrador")
        p.context.clear_cookies()
        p.context.add_cookies(galletas)  # como si abriera su enlace en otra pestaña
        apretar(p, 'button:text-is("Intentar de nuevo")')
        apretar(p, 'button:text-is("Intentar de nuevo")')
        assert "errores=1" in p.url and p.input_value(NOMBRE) == "Lo que escribí\u00a0con cariño"
        apretar(p, SALIR)
        r.revisar("pausa")
        apretar(p, 'button:text-is("Olvidar en este equipo")')
        r.ir(f"{ENCUESTA}/revisar/")
        assert "Lo que escribí" not in p.content()


def test_lo_que_no_cabe_no_se_manda_y_se_queda_en_la_pantalla(lugar):
    """Más de lo que se acepta, pegado en un campo: con el script no se pierde; sin él, la página dice qué hacer."""
    abrir_encuestas(lugar.almacen, cargar(), AHORA)
    with navegador(360, 740) as p:
        p.goto(f"{lugar.url}{ENCUESTA}/")
        p.select_option("#region", "06")
        apretar(p, "main form:last-of-type .botones button")
        p.fill(NOMBRE, "x" * DE_MAS)
        espera(p, "Es demasiado texto para guardarlo")
        p.click(SEGUIR)
        espera(p, "Es demasiado texto para guardarlo")
        assert len(p.input_value(NOMBRE)) == DE_MAS and "/llenar/" in p.url
        p.fill(NOMBRE, "Acortado")
        espera(p, "Guardado a las")
        apretar(p, SEGUIR)
        assert "errores=1" in p.url and p.input_value(NOMBRE) == "Acortado"
