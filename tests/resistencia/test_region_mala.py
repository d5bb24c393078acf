"""Lo que nadie debería mandar al espacio de la región: archivos, actas, textos, direcciones y dobles clics.

Nunca un 500, nunca se pierde lo que había, y la página siempre dice qué hacer. Un archivo mal hecho de buena fe y uno
hostil se tratan igual: se rechazan con su razón y la matriz queda como estaba.
"""
# ruff: noqa: F401, F811

import re
from datetime import timedelta

import pyotp
import pytest

from esquemas.coherencia import ejemplos_de
from esquemas.plantilla import escribir_plantilla
from formularios import segundo_factor
from formularios.accesos import leer_usuarios
from formularios.almacen_tablas import METADATOS
from formularios.expediente import TOPE_DE_DOCUMENTO, leer_expediente
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, leer_matriz
from formularios.propias import leer_columnas
from formularios.recibido import vigente_de
from tests.conftest import MOTORES
from tests.formularios.camino import de_aplicar, subir
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_web_expediente import (
    ACTA,
    ACUERDO,
    CERTIFICADO,
    FIRMANTE,
    LUGAR,
    app,
    final,
    gore,
    hacer,
    llenar,
    observar,
    reloj,
    responder,
)
from tests.resistencia.corpus import CASOS, CATALOGO, Caso, csv, empaquetar, tabla
from tests.resistencia.hostiles import PROPIOS

B2, ACTORES, A2 = (CATALOGO.esquemas[n] for n in ("focalizacion", "catastro-actores", "potencialidades-problematicas"))
REGION = "/formularios/regiones/06/2027"
QUIEN = {"autor": "usuario 1", "ahora_utc": AHORA}
SUBIDOS = (
    "bomba.xlsx", "bomba.zip", "cadenas-compartidas.xlsx", "rectangulo.xlsx", "ultima-columna.xlsx", "entidades.xlsx",
    "vacio.csv", "binario-que-dice-zip.xlsx", "con-clave.xlsx", "utf-16-sin-bom.csv", "5001-filas.xlsx", "101-columnas.xlsx",
    "101-columnas.csv", "celda-larga.csv", "celda-larga.xlsx", "otro-formato.csv", "plantilla-ajena.xlsx", "entidad-externa.xlsx",
    "hoja-equivocada.xlsx", "codigo-repetido.csv", "codigo-con-ruta.csv", "codigo-con-script.csv", "texto-al-reves.csv",
)  # fmt: skip
MALOS = [next(c for c in (*CASOS, *PROPIOS) if c.nombre == n) for n in SUBIDOS]
VENENO = "<script>alert(1)</script><img src=x onerror=alert(1)> ' OR 1=1 -- {{ 7*7 }} =cmd|' /C calc'!A0"
INGLES = re.compile(r"\b(Bad Request|Not Found|error occurred|Too Large|Forbidden|Traceback|Internal Server)\b")


@pytest.fixture
def motor():
    """El que basta; lo que ocurre a la vez se prueba en ambos."""
    return "sqlite"


en_ambos = pytest.mark.parametrize("motor", MOTORES)


def ayuda(web, *dichos):
    """La página dice qué pasó, en castellano, y ofrece por dónde seguir."""
    (principal,) = web.pagina.todos("main")
    assert not INGLES.search(principal.texto) and [n for n in principal.todos("a", "button") if n.texto]
    for dicho in dichos:
        assert dicho in principal.texto, principal.texto[:600]


def suyas(almacen, esquema):
    return [f.datos for f in leer_matriz(almacen, Matriz(esquema, "06", 2027))]


def cuantas(almacen, nombre):
    with almacen.leer() as c:
        return len(c.execute(METADATOS.tables[nombre].select()).all())


def tocar(web, ruta, pares=(), metodo="post"):
    """Lo manda sin pasar por la página; exige que no sea un 500 y que, si no anduvo, ayude."""
    pares = [("csrf_token", web.ficha()), *pares] if metodo == "post" else []
    respuesta = web._publicar(ruta, pares) if metodo == "post" else web.http.get(ruta)
    assert respuesta.status_code < 500, ruta
    if respuesta.status_code >= 400:
        web._recibir(respuesta, ruta, respuesta.status_code)
        ayuda(web)
    return respuesta.status_code


# --- Archivos subidos a la matriz -----------------------------------------------------------------------


@pytest.mark.parametrize("caso", MALOS, ids=lambda c: c.nombre)
def test_un_archivo_malo_se_rechaza_con_su_razon_y_la_matriz_sigue_igual(gore, almacen, tmp_path, caso: Caso):
    llenar(almacen, B2.nombre)
    antes = suyas(almacen, B2)
    caso.escribir(tmp_path / caso.nombre)
    subir(gore, f"{REGION}/matrices/{B2.nombre}/", (tmp_path / caso.nombre).read_bytes(), 422, caso.nombre)
    ayuda(gore)
    assert not [f for f in gore.pagina.todos("form") if f.get("action").endswith("/aplicar/")] or caso.salida == 1
    assert suyas(almacen, B2) == antes


def _planilla(**lugar):
    filas = ejemplos_de(B2)[B2.nombre]
    return escribir_plantilla(B2, CATALOGO.opciones, filas=filas, **{"region": "06", "ejercicio": 2027, **lugar})


@pytest.mark.parametrize("lugar", [{"region": "05"}, {"ejercicio": 2026}], ids=["otra región", "otro ejercicio"])
def test_la_planilla_de_otra_region_o_de_otro_ejercicio_no_entra_sin_decirlo(gore, almacen, lugar):
    gore.abrir(f"{REGION}/matrices/{B2.nombre}/subir/")
    respuesta = gore.publicar_archivos({"archivo": (_planilla(**lugar), "a.xlsx")}, accion="revisar")
    gore._recibir(respuesta, gore.url, respuesta.status_code)
    ayuda(gore, *(("05",) if "region" in lugar else ("2026",)))
    assert suyas(almacen, B2) == []


@pytest.mark.parametrize(
    ("nombre", "datos"),
    [
        ("utf-16.csv", csv(tabla()).decode().encode("utf-16")),
        ("../../etc/pasa\r\nSet-Cookie: a=b.csv", csv(tabla())),
        ("=cmd|' /C calc'!A0.csv", csv(tabla())),
        ("n" * 5_000 + ".csv", csv(tabla())),
    ],
    ids=["utf-16", "nombre con rutas y saltos", "nombre con fórmula", "nombre de 5.000 letras"],
)
def test_un_csv_raro_pero_legible_entra_igual(gore, almacen, nombre, datos):
    llenar(almacen, "matriz-estrategica-integrada", A2.nombre, "desafios-oportunidades-objetivos")
    gore.abrir(f"{REGION}/matrices/{B2.nombre}/subir/")
    respuesta = gore.publicar_archivos({"archivo": (datos, nombre)}, accion="revisar")
    assert respuesta.status_code in (200, 400, 422), respuesta.text[:500]
    assert "Set-Cookie: a=b" not in str(respuesta.headers)
    gore._recibir(respuesta, gore.url, respuesta.status_code)
    ayuda(gore)


# --- Las actas ------------------------------------------------------------------------------------------

PDF_MALOS = {
    "vacío": (b"", "acta.pdf"),
    "muy grande": (b"%PDF-1.7 " + b"x" * TOPE_DE_DOCUMENTO, "acta.pdf"),
    "un zip": (empaquetar(("a.csv", b"a,b")), "acta.pdf"),
    "una página web": (b"<html><script>alert(1)</script>%PDF-1.7", "acta.pdf"),
}


@pytest.fixture
def lista(app, gore, almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    observar(almacen)
    responder(almacen)
    return gore


@pytest.mark.parametrize("malo", PDF_MALOS)
def test_un_acta_que_no_es_un_pdf_no_deja_final_y_se_dice(lista, almacen, malo):
    documentos = {"acta": PDF_MALOS[malo], "certificado": (CERTIFICADO, "cert.pdf")}
    final(lista, 422, documentos)
    ayuda(lista, "PDF")
    assert leer_expediente(almacen, CATALOGO, "06", 2027).ultima("final") is None and cuantas(almacen, "documento") == 0
    final(lista)
    assert leer_expediente(almacen, CATALOGO, "06", 2027).ultima("final"), "con el acta buena, entra"


NOMBRES = ("../../../etc/passwd", "a\r\nSet-Cookie: a=b.pdf", "<b>acta</b>.pdf", "ñ" * 400)


@pytest.mark.parametrize("nombre", NOMBRES)
def test_el_nombre_del_acta_no_es_una_ruta_ni_una_cabecera(lista, almacen, nombre):
    lista.abrir(f"{LUGAR}/final/")
    ocultos = {n: v for n, v in lista.campos(lista.formulario()) if n in ("visto", "base")}
    respuesta = lista.publicar_archivos({"acta": (ACTA, nombre), "certificado": (CERTIFICADO, "cert.pdf")}, **ocultos, **ACUERDO)
    assert respuesta.status_code in (303, 400, 422) and "Set-Cookie: a=b" not in str(respuesta.headers)
    lista._recibir(respuesta, lista.url, 200 if respuesta.status_code == 303 else respuesta.status_code)
    for enlace in [a.get("href") for a in lista.pagina.todos("a") if "documento" in a.get("href")]:
        bajado = lista.http.get(enlace)
        assert bajado.status_code == 200 and bajado.data in (ACTA, CERTIFICADO)
        dicho = bajado.headers["Content-Disposition"]
        assert "attachment" in dicho and not re.search(r'[/\\\r\n<>]|Set-Cookie: ', dicho.replace("UTF-8''", ""))


# --- Textos ---------------------------------------------------------------------------------------------


TEXTOS = {"html": VENENO, "largo": "ñ" * 100_000, "al revés": "\u202eal revés", "control": "a\x07b"}


@pytest.mark.parametrize("veneno", TEXTOS.values(), ids=TEXTOS)
def test_un_texto_venenoso_en_una_fila_se_guarda_como_texto_o_se_dice(gore, almacen, veneno):
    gore.abrir(f"{REGION}/matrices/{A2.nombre}/nueva/")
    gore.enviar({"c.tipo": "problematica", "c.descripcion": veneno}, "guardar")
    [fila] = suyas(almacen, A2)
    assert fila["descripcion"].strip() == veneno.strip(), "se guarda entero, aunque no se pueda entregar así"
    assert not gore.pagina.todos("img") and "49" not in gore.pagina.texto
    gore.abrir(f"{REGION}/matrices/{A2.nombre}/")
    ayuda(gore)


@pytest.mark.parametrize("veneno", [VENENO[:80], VENENO, "ñ" * 100_000, "=1+1", "\x00", "​"])
def test_una_columna_propia_con_cualquier_titulo(gore, almacen, veneno):
    ruta = f"{REGION}/matrices/{A2.nombre}/propias/"
    gore.abrir(ruta)
    codigo = tocar(gore, ruta, [("accion", "declarar"), ("titulo", veneno), ("tipo", "texto"), ("ayuda", veneno)])
    declaradas = leer_columnas(almacen, Matriz(A2, "06", 2027))
    assert len(declaradas) == (codigo == 303)
    for descarga in ("propias/columnas.csv", "propias/columnas.xlsx", "planilla.xlsx", ""):
        assert gore.http.get(f"{REGION}/matrices/{A2.nombre}/{descarga}").status_code in (200, 404)


@pytest.mark.parametrize("motivo", [VENENO, "ñ" * 100_000, "   ", "\r\n\r\n"], ids=["html", "largo", "blancos", "saltos"])
def test_un_motivo_cualquiera_no_rompe_el_acto(gore, almacen, motivo):
    """Retirar la preliminar pide uno; vacío, se dice que falta; largo, se guarda lo que cabe."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    gore.abrir(f"{LUGAR}/retirar-preliminar/")
    pares = [p for p in gore.campos(gore.formulario()) if p[0] not in ("csrf_token", "motivo")]
    codigo = tocar(gore, f"{LUGAR}/retirar-preliminar/", [*pares, ("motivo", motivo)])
    assert codigo == (303 if motivo.strip() else 422)
    gore.abrir(f"{LUGAR}/")
    assert not gore.pagina.todos("img") and "49" not in gore.pagina.texto


def test_codigos_repetidos_se_guardan_las_dos_y_se_dice_cual(gore, almacen):
    for _ in range(2):
        gore.abrir(f"{REGION}/matrices/{A2.nombre}/nueva/")
        gore.enviar({"c.codigo": "PRO-01", "c.tipo": "problematica", "c.descripcion": "Los talleres venden poco."}, "guardar")
    assert [f["codigo"] for f in suyas(almacen, A2)] == ["PRO-01", "PRO-01"]
    assert "PRO-01" in gore.pagina.texto and "error" in gore.pagina.texto


# --- Direcciones ----------------------------------------------------------------------------------------

DIRECCIONES = (
    *(f"{REGION}/matrices/{A2.nombre}/?pagina={n}" for n in ("-1", "0", "9999999999999", "x", "६", "1e9", "%00")),
    *(f"{REGION}/matrices/{A2.nombre}/?solo={n}&buscado={n}" for n in ("x", "%25_%25", "' OR 1=1 --", "ñ" * 5_000)),
    *(f"{REGION}/matrices/{n}/" for n in ("..%2f..", "no-existe", "actor-clave", "%00", "६", "A.2")),
    *(f"{REGION}/matrices/{A2.nombre}/{n}/" for n in ("..", "zzzz", "%00", "९")),
    *(f"/formularios/regiones/{cut}/2027/" for cut in ("६", "99", "0", "006", "%00", "00", "-1", "06'")),
    *(f"/formularios/regiones/06/{anio}/" for anio in ("0", "1", "99999999999999999999", "-2027", "२०२७", "2027.0")),
    *(f"{LUGAR}/{acto}/" for acto in ("..", "..%2f..", "no-existe", "%00", "६", "actuaciones")),
    *(f"{LUGAR}/actuaciones/{n}/" for n in ("0", "-1", "9999999999999999999", "x", "६")),
    f"{REGION}/matrices/{A2.nombre}/propias/columnas.csv?folio=..%2f..%2fetc",
)


def test_una_direccion_rara_ayuda_y_no_se_cae(gore, almacen):
    agregar_fila(almacen, CATALOGO, Matriz(A2, "06", 2027), {"tipo": "problematica"}, **QUIEN)
    gore.abrir(f"{REGION}/")
    for direccion in DIRECCIONES:
        assert tocar(gore, direccion, metodo="get") in (200, 303, 308, 400, 403, 404), direccion


DE_LA_MATRIZ = ("nueva/", "zzz/", "copiar/", "subir/", "subir/aplicar/", "propias/", "entregar/", "abrir/")
POSTS = (
    *(f"matrices/{A2.nombre}/{r}" for r in DE_LA_MATRIZ),
    *(f"expediente/{acto}/" for acto in CATALOGO.proceso.tramitacion.actos),
    f"matrices/{ACTORES.nombre}/entregar/",
)
DE_MAS = [("c.__proto__", "x"), ("accion", "../.."), ("revision", "९"), ("visto", "-1"), ("base", "'"), ("archivo", "%00")]


@pytest.mark.parametrize("pares", [[], DE_MAS, DE_MAS * 400], ids=["sin campos", "de más", "miles"])
def test_un_envio_sin_campos_o_con_campos_de_mas_no_cambia_nada(gore, almacen, pares):
    llenar(almacen, A2.nombre)
    antes = suyas(almacen, A2)
    for ruta in POSTS:
        gore.abrir(f"{REGION}/matrices/{A2.nombre}/propias/")
        assert tocar(gore, f"{REGION}/{ruta}", pares) in (200, 303, 400, 403, 404, 409, 413, 422), ruta
        assert suyas(almacen, A2) == antes and cuantas(almacen, "envio") == 0 and cuantas(almacen, "columna_propia") == 0, ruta


# --- Dos a la vez, en ambos motores ---------------------------------------------------------------------


def dos_veces(app, web, ruta, pares, en_paralelo):
    """El mismo formulario mandado por dos hilos que parten juntos, con la sesión de la persona."""
    cookies = [(c.key, c.value) for c in web.http._cookies.values()]
    datos = {}
    for n, v in pares:
        datos.setdefault(n, []).append(v)

    def mandar(_):
        cliente = app.test_client()
        for clave, valor in cookies:
            cliente.set_cookie(clave, valor)
        return cliente.post(ruta, data=datos).status_code

    codigos = en_paralelo(mandar, [(1,), (2,)])
    assert all(c < 500 for c in codigos), codigos
    return sorted(codigos)


@en_ambos
def test_el_mismo_acto_dos_veces_a_la_vez_es_un_acto(app, gore, almacen, en_paralelo):
    llenar(almacen)
    gore.abrir(f"{LUGAR}/preliminar/")
    codigos = dos_veces(app, gore, f"{LUGAR}/preliminar/", gore.campos(gore.formulario()), en_paralelo)
    assert 303 in codigos and set(codigos) <= {303, 409}
    assert len(leer_expediente(almacen, CATALOGO, "06", 2027).actuaciones) == 1
    assert cuantas(almacen, "envio") == 4


@en_ambos
def test_la_misma_fila_nueva_dos_veces_a_la_vez_es_una_fila(app, gore, almacen, en_paralelo):
    ruta = f"{REGION}/matrices/{A2.nombre}/nueva/"
    gore.abrir(ruta)
    url, pares = gore.llenar({"c.tipo": "problematica", "c.descripcion": "Los talleres venden poco."}, "guardar")
    assert dos_veces(app, gore, url, pares, en_paralelo) == [303, 303]
    assert [f["codigo"] for f in suyas(almacen, A2)] == ["PRO-01"]
    otra = [("c.descripcion", "Falta agua.") if p[0] == "c.descripcion" else p for p in pares]
    gore.mandar(url, otra)  # volver atrás y escribir otra cosa no es repetir: no se pierde
    assert [f["descripcion"] for f in suyas(almacen, A2)] == ["Los talleres venden poco.", "Falta agua."]


@en_ambos
def test_la_misma_correccion_dos_veces_a_la_vez_es_una_version(app, gore, almacen, en_paralelo):
    fila, _ = agregar_fila(almacen, CATALOGO, Matriz(A2, "06", 2027), {"tipo": "problematica"}, **QUIEN)
    ruta = f"{REGION}/matrices/{A2.nombre}/{fila.id}/"
    gore.abrir(ruta)
    _, pares = gore.llenar({"c.descripcion": "Los talleres venden poco."}, "guardar")
    assert 303 in dos_veces(app, gore, ruta, pares, en_paralelo)
    assert [f["descripcion"] for f in suyas(almacen, A2)] == ["Los talleres venden poco."]
    assert cuantas(almacen, "cambio_de_fila") == 2, "la que se agregó y un solo cambio"


@en_ambos
def test_confirmar_un_archivo_dos_veces_a_la_vez_lo_aplica_una(app, gore, almacen, en_paralelo):
    subir(gore, f"{REGION}/matrices/{ACTORES.nombre}/", csv(tabla(ACTORES)))
    formulario = de_aplicar(gore)
    codigos = dos_veces(app, gore, formulario.get("action"), gore.campos(formulario), en_paralelo)
    assert codigos == [303, 303]
    assert [f["codigo"] for f in suyas(almacen, ACTORES)] == [f["codigo"] for f in ejemplos_de(ACTORES)[ACTORES.nombre]]
    assert cuantas(almacen, "cambio_de_fila") == len(suyas(almacen, ACTORES))


@en_ambos
def test_entregar_dos_veces_a_la_vez_no_pierde_ninguna_fila(app, gore, almacen, en_paralelo):
    llenar(almacen, ACTORES.nombre)
    gore.abrir(f"{REGION}/matrices/{ACTORES.nombre}/entregar/")
    codigos = dos_veces(app, gore, f"{REGION}/matrices/{ACTORES.nombre}/entregar/", gore.campos(gore.formulario()), en_paralelo)
    assert codigos == [303, 303]
    assert vigente_de(almacen, ACTORES.nombre, "06", 2027).filas[ACTORES.nombre] == len(suyas(almacen, ACTORES))
    with almacen.leer() as c:
        envios = c.execute(METADATOS.tables["envio"].select()).mappings().all()
    assert [e["estado"] for e in envios].count("vigente") == 1


@en_ambos
def test_el_mismo_codigo_del_telefono_dos_veces_a_la_vez_abre_una(app, gore, almacen, reloj, en_paralelo):
    persona = next(u.id for u in leer_usuarios(almacen) if u.correo == FIRMANTE)
    clave = "c" * 40
    segundo_factor.preparar(almacen, persona)
    secreto = segundo_factor.para_el_telefono(almacen, persona, FIRMANTE, clave)[0]
    totp = pyotp.TOTP(secreto)
    segundo_factor.activar(almacen, persona, clave, totp.at(AHORA), ahora_utc=AHORA)
    despues = AHORA + timedelta(minutes=5)
    codigo = totp.at(despues)

    def probar(_):
        return segundo_factor.comprobar(almacen, persona, clave, codigo, ahora_utc=despues)

    assert sorted(en_paralelo(probar, [(1,), (2,)])) == [False, True]
