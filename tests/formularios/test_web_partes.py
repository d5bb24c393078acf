"""Las partes de la web que se prueban solas: controles, vigencia, correo, resumen, y los archivos que se sirven."""

import base64
import hashlib
import smtplib
from datetime import UTC, date, datetime

import pytest
from sqlalchemy import event

from esquemas.catalogo import cargar
from esquemas.modelo import Campo
from esquemas.tipos import TIPOS
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.bandeja import INTENTOS, contar_pendientes, encolar, ultimos
from formularios.configuracion import Configuracion
from formularios.controles import CONTROLES, exigencia
from formularios.correo import despachar, leer_servidor, partir_enlaces, redactar_acceso
from formularios.demostracion import abrir_encuestas
from formularios.politica import politica_de
from formularios.vigencia import ABIERTO, CERRADO, PROXIMO, SIN_FECHA, abiertos, ejercicio_en_curso
from formularios.vistas.escritura import celda, mostrar, otro
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

CATALOGO = cargar()


def test_hay_un_control_por_tipo():
    assert CONTROLES.keys() == TIPOS.keys()


def test_ningun_control_valida():
    for fabricar in CONTROLES.values():
        suelto = fabricar(label="x", id="x", obligatorio=True, render_kw={})
        assert not suelto.kwargs.get("validators")


def test_la_etiqueta_no_contradice_al_validador():
    esquema = CATALOGO.esquemas["actor-clave"]

    def de(campo) -> str:
        return exigencia(campo, CATALOGO.opciones, esquema)

    assert de(esquema.principal.campo("nombre_institucion")) == "obligatorio"
    assert de(esquema.principal.campo("tipo_institucion_cual")) == "obligatorio"
    assert de(esquema.principal.campo("comuna")) == "opcional"
    (representantes,) = (g.tabla for g in esquema.grupos if g.nombre == "representantes")
    assert de(representantes.campo("correo")) == "obligatorio si «Teléfono» está vacío"
    assert de(representantes.campo("telefono")) == "obligatorio si «Correo electrónico» está vacío"


def test_ninguna_etiqueta_deja_sin_decir_cuando():
    for esquema in CATALOGO.esquemas.values():
        for campo in (c for t in esquema.tablas for c in t.campos):
            dicho = exigencia(campo, CATALOGO.opciones, esquema)
            assert dicho in ("obligatorio", "opcional") or dicho.startswith("obligatorio si «"), (campo.nombre, dicho)


def test_una_celda_se_muestra_como_en_la_planilla():
    """«123.456» pasaría por miles: la página diría otra cosa que la planilla."""
    vistas = [celda(v) for v in (123.456, True, date(2026, 5, 3), 7, "0.5", "x" * 500)]
    assert vistas[:5] == ["123,456", "VERDADERO", "03/05/2026", "7", "0.5"] and vistas[5].endswith("…")


def test_otro_y_otra():
    singulares = ["representante", "problemática", "potencialidad", "mesa de trabajo", "proyecto conjunto", "problema", "acción"]
    assert [otro(s).split()[0] for s in singulares] == ["otro", "otra", "otra", "otra", "otro", "otro", "otra"]


def en(*partes):
    return datetime(*partes, tzinfo=UTC)


def test_vigencia_en_la_medianoche_de_chile():
    assert ejercicio_en_curso(en(2027, 1, 1, 2, 59)) == 2027
    assert ejercicio_en_curso(en(2027, 1, 1, 3, 0)) == 2028
    estado = {n: v.estado for n, v in abiertos(CATALOGO, en(2026, 11, 10)).items()}
    assert estado["focalizacion"] == ABIERTO
    # El 15 de noviembre de 2026 es domingo: se prorroga al lunes 16, hasta la medianoche de Chile.
    ultimo = abiertos(CATALOGO, en(2026, 11, 17, 2, 59, 59))["potencialidades-problematicas"]
    assert ultimo.estado == ABIERTO and ultimo.plazo.hito.nombre == "focalizacion-preliminar"
    assert abiertos(CATALOGO, en(2026, 11, 17, 3))["potencialidades-problematicas"].estado == CERRADO
    assert abiertos(CATALOGO, en(2026, 2, 1))["potencialidades-problematicas"].estado == PROXIMO


def test_de_varios_hitos_se_muestra_el_mas_util():
    def mirar(formato, *dia):
        v = abiertos(CATALOGO, en(*dia))[formato]
        return v.estado, v.plazo.hito.nombre, v.plazo.estimado

    assert mirar("observaciones", 2026, 11, 10) == (PROXIMO, "observaciones", True)
    assert mirar("observaciones", 2026, 12, 15)[0] == SIN_FECHA
    assert mirar("registro-sesion", 2026, 8, 1)[:2] == (ABIERTO, "primera-sesion")
    assert mirar("registro-sesion", 2026, 9, 15)[0] == SIN_FECHA


@pytest.mark.parametrize(
    ("tipo", "valor", "leido"),
    [
        ("pesos", "1252784000", "1.252.784.000"), ("decimal", "1234.5", "1.234,5"), ("ejercicio", "2027", "2027"),
        ("entero", "1.200", "1.200"), ("fecha", "2026-12-31", "31-12-2026"), ("codigo", "1200", "1200"),
    ],
)  # fmt: skip
def test_los_numeros_se_muestran_como_se_leen(tipo, valor, leido):
    web = crear_app(Configuracion(clave="c" * 40), CATALOGO, None, lambda: AHORA)
    with web.app_context():
        assert mostrar(valor, Campo("x", "X", tipo, "", "", (), "publico")) == leido


# --- Correo -------------------------------------------------------------------------------------------


def test_la_direccion_del_servidor_de_correo():
    s = leer_servidor("smtp://usu%40x:cl%3Aave@correo.example:587?de=avisos@x.cl")
    assert (s.equipo, s.puerto, s.usuario, s.clave) == ("correo.example", 587, "usu@x", "cl:ave")
    assert (s.de, s.cifrado) == ("avisos@x.cl", "starttls")
    assert leer_servidor("smtps://correo.example?de=a@b.cl").cifrado == "ssl"
    assert leer_servidor("") is None
    for mala in ("http://x?de=a@b.cl", "smtp://correo.example", "smtp://?de=a@b.cl"):
        with pytest.raises(ValueError, match="FOCALIZA_CORREO"):
            leer_servidor(mala)


class Smtp:
    """Un servidor que anota lo que recibe y falla con quien se le diga."""

    def __init__(self, rechaza=(), corta=False):
        self.recibidos, self.rechaza, self.corta = [], rechaza, corta

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def send_message(self, mensaje):
        if self.corta:
            raise smtplib.SMTPServerDisconnected("se cortó")
        if mensaje["To"] in self.rechaza:
            raise smtplib.SMTPRecipientsRefused({mensaje["To"]: (550, b"no existe juana@x.cl")})
        self.recibidos.append(mensaje)


@pytest.fixture
def bandeja(tmp_path):
    url = f"sqlite:///{tmp_path}/b.db"
    migrar(url)
    almacen = Almacen(url)
    for para in ("a@x.cl", "b@x.cl", "c@x.cl\nBcc: d@x.cl"):
        encolar(almacen, para=para, asunto="Asunto con ñ", cuerpo="Cuerpo", ahora_utc=AHORA)
    yield almacen
    almacen.cerrar()


SERVIDOR = leer_servidor("smtp://correo.example?de=avisos@x.cl")


def test_sin_servidor_quedan_en_la_bandeja(bandeja):
    assert despachar(bandeja, None, reloj=lambda: AHORA).pendientes == 3
    assert contar_pendientes(bandeja) == 3


def test_un_correo_que_falla_no_detiene_a_los_demas(bandeja, monkeypatch):
    smtp = Smtp(rechaza=("a@x.cl",))
    monkeypatch.setattr("formularios.correo._conectar", lambda _: smtp)
    hecho = despachar(bandeja, SERVIDOR, reloj=lambda: AHORA)
    assert (hecho.enviados, hecho.fallidos) == (1, 2)
    assert [m["To"] for m in smtp.recibidos] == ["b@x.cl"]
    rechazados = [c for c in ultimos(bandeja) if c.enviado_utc is None]
    assert [c.intentos for c in rechazados] == [INTENTOS, INTENTOS]  # rebotaron: no se insiste
    assert all("juana" not in c.error for c in rechazados)
    assert contar_pendientes(bandeja) == 0


@pytest.mark.parametrize("falla", ["corta", "no conecta"])
def test_si_se_corta_la_conexion_nada_se_pierde(bandeja, monkeypatch, falla):
    def conectar(_):
        if falla == "no conecta":
            raise ConnectionRefusedError("no hay nadie")
        return Smtp(corta=True)

    monkeypatch.setattr("formularios.correo._conectar", conectar)
    hecho = despachar(bandeja, SERVIDOR, reloj=lambda: AHORA)
    assert (hecho.fallidos, hecho.pendientes) == (0, 3) and hecho.falla
    assert [c.intentos for c in ultimos(bandeja)] == [0, 0, 0]
    monkeypatch.setattr("formularios.correo._conectar", lambda _: Smtp())
    assert despachar(bandeja, SERVIDOR, reloj=lambda: AHORA).enviados == 2  # la dirección con salto de línea, no


def test_los_enlaces_de_un_correo_se_distinguen():
    _, cuerpo = redactar_acceso("http://127.0.0.1:8000/formularios/entrar/abc")
    assert [t for t, es in partir_enlaces(cuerpo) if es] == ["http://127.0.0.1:8000/formularios/entrar/abc"]
    assert "".join(t for t, _ in partir_enlaces(cuerpo)) == cuerpo


# --- Disco lleno --------------------------------------------------------------------------------------


def test_con_el_disco_lleno_no_hay_folio_y_lo_escrito_vuelve(tmp_path):
    url = f"sqlite:///{tmp_path}/lleno.db"
    migrar(url)
    almacen = Almacen(url)
    abrir_encuestas(almacen, CATALOGO, AHORA)
    web = Navegador(crear_app(Configuracion(clave="c" * 40, sitio=tmp_path / "no"), CATALOGO, almacen, lambda: AHORA))
    web.abrir("/formularios/encuestas/actor-clave/")
    web.enviar({"region": "06", "ejercicio": "2027"})

    @event.listens_for(almacen._motor, "begin")
    def sin_espacio(c):
        paginas = c.exec_driver_sql("PRAGMA page_count").scalar()
        c.exec_driver_sql(f"PRAGMA max_page_count={paginas}")

    escrito = "Lo que escribí. " * 20_000
    web.enviar({"c.nombre_institucion": escrito}, "seguir", estado=503)
    assert "no queda espacio" in web.pagina.texto
    assert ("c.nombre_institucion", escrito) in web.campos(web.formulario())
    almacen.cerrar()


# --- Archivos -----------------------------------------------------------------------------------------


def huella(texto):
    return base64.b64encode(hashlib.sha256(texto.encode()).digest()).decode()


def test_la_politica_del_sitio_permite_solo_lo_suyo():
    html = (
        "<style>a{}</style><script>uno()</script><script src='/x.js'></script>"
        '<script type="application/json">{"no": 1}</script><td style="text-align: right;"><td style=\'b: "c"\'>'
    )
    politica = politica_de(html)
    assert "unsafe-inline" not in politica and "unsafe-eval'" not in politica.replace("wasm-unsafe-eval'", "")
    assert f"script-src 'self' 'wasm-unsafe-eval' 'sha256-{huella('uno()')}'" in politica
    assert f"style-src 'self' 'sha256-{huella('a{}')}' 'unsafe-hashes' 'sha256-{huella('text-align: right;')}'" in politica
    assert huella('b: "c"') in politica and huella('{"no": 1}') not in politica
    assert "unsafe-hashes" not in politica_de("<p>Nada en línea</p>")


def test_se_sirven_el_sitio_y_lo_propio_con_sus_cabeceras(tmp_path):
    (tmp_path / "index.html").write_text("<h1>Sitio</h1><script>var a = 1</script>", encoding="utf-8")
    (tmp_path / "reglamento").mkdir()
    (tmp_path / "reglamento" / "index.html").write_text("<h1>Reglamento</h1>", encoding="utf-8")
    app = crear_app(Configuracion(clave="c" * 40, sitio=tmp_path), CATALOGO, None, lambda: AHORA)
    http = app.test_client()

    def pedir(ruta):
        with http.get(ruta) as respuesta:
            return respuesta.status_code, respuesta.text, respuesta.headers

    assert "Sitio" in pedir("/")[1]
    assert f"'sha256-{huella('var a = 1')}'" in pedir("/")[2]["Content-Security-Policy"]
    assert "Reglamento" in pedir("/reglamento/")[1]
    assert pedir("/reglamento")[0] in (301, 302)
    propios = ("estaticos/formularios.css", "estilo/tonos.css", "estaticos/condiciones.js")
    for ruta in propios:
        estado, _, cabeceras = pedir(f"/formularios/{ruta}")
        assert estado == 200 and cabeceras["X-Content-Type-Options"] == "nosniff"
    assert pedir("/../pyproject.toml")[0] == 404
    assert 'href="/"' in pedir("/formularios/")[1]
