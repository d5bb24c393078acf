"""Lo que da cuenta del sitio: portada, privacidad, datos abiertos, cambios, definiciones al pasar, reportar y accesibilidad."""

import dataclasses
import html
import json
import posixpath
import re
from xml.etree import ElementTree

import markdown
import pytest

from esquemas.normalizacion import leer_fecha
from generador.cambios import CANAL, cambios_de
from generador.datos_abiertos import CATALOGO, conjuntos
from generador.paginas import paginas
from tests.servicios.accesibilidad import faltas_de_axe

ATOM = "{http://www.w3.org/2005/Atom}"


# --- portada -------------------------------------------------------------------------------------


def test_la_portada_atiende_a_cada_quien_y_dice_norma_fecha_y_formato(generadas, catalogo):
    portada = generadas["index.md"]
    for quien in ("Soy equipo GORE", "Soy actor clave", "Soy empresa", "Soy de Sercotec"):
        assert f"## {quien} " in portada
    final = next(h for h in catalogo.proceso.hitos if h.nombre == "focalizacion-final")
    fila = next(f for f in portada.splitlines() if f"/calendario/index.md#{final.nombre})" in f)
    assert "/reglamento/6.md#c)" in fila
    assert "/formatos/focalizacion.md)" in fila
    assert "30-12-2026" in fila
    con_fecha = [h.nombre for h in catalogo.proceso.hitos if h.exigible and h.regla]
    assert [n for n in con_fecha if f"#{n})" not in portada] == []


# --- privacidad ----------------------------------------------------------------------------------


def test_privacidad_trae_los_doce_contenidos_y_todo_dato_de_persona(generadas, catalogo):
    pagina = html.unescape(generadas["privacidad/index.md"])
    notas = catalogo.notas["privacidad"].notas
    assert len(notas) == 12
    for i, nota in enumerate(notas, 1):
        assert f"### {i}. {nota.titulo} {{#{nota.nombre}}}\n\n{nota.texto}\n" in pagina
    filas = [f for f in pagina.splitlines() if f.startswith("| [")]
    pedidos = [
        (e, c) for e in catalogo.esquemas.values() for t in e.tablas for c in t.campos if c.dato in ("personal", "sensible")
    ]
    assert pedidos
    assert len(filas) == len(pedidos)
    for fila, (e, c) in zip(filas, pedidos, strict=True):
        assert f"/{e.nombre}.md) | {c.titulo} | {c.dato.capitalize()} | {c.finalidad} |" in fila
    for encuesta in catalogo.encuestas:
        assert all(dicho in pagina for dicho in encuesta.privacidad.values())
    for debido in ("No es asesoría legal", "verificado el", "por confirmar"):
        assert debido in pagina


def test_un_dato_personal_nuevo_aparece_solo(catalogo, a_mano):
    esquema = catalogo.esquemas["focalizacion"]
    campo = dataclasses.replace(esquema.campos[0], dato="sensible", finalidad="Solo para esta prueba.")
    tabla = dataclasses.replace(esquema.principal, campos=(campo, *esquema.campos[1:]))
    otros = {**catalogo.esquemas, esquema.nombre: dataclasses.replace(esquema, principal=tabla)}
    pagina = paginas(dataclasses.replace(catalogo, esquemas=otros), a_mano)["privacidad/index.md"]
    assert f"| {campo.titulo} | Sensible | Solo para esta prueba. |" in pagina


# --- datos abiertos ------------------------------------------------------------------------------


def _descargas_del_dcat(generadas):
    datos = json.loads(generadas[CATALOGO])
    archivos = [a for c in datos["conjuntos"] for a in c["archivos"]]
    carpeta = posixpath.dirname(CATALOGO)
    return datos, {posixpath.normpath(posixpath.join(carpeta, a["descarga"])): a for a in archivos}


def test_el_catalogo_trae_todo_lo_descargable_y_nada_mas(generadas, a_mano):
    _, archivos = _descargas_del_dcat(generadas)
    descargables = {r for r in generadas if not r.endswith(".md") and r != CATALOGO}
    assert archivos.keys() == descargables | {r for r in a_mano if r.endswith(".csv")}


def test_cada_conjunto_dice_titulo_pagina_y_condicion_y_cada_archivo_que_es(generadas, a_mano):
    datos, archivos = _descargas_del_dcat(generadas)
    assert datos["@type"] == "dcat:Catalog"
    existen = {*generadas, *a_mano}
    for conjunto in datos["conjuntos"]:
        assert all(conjunto[c] for c in ("titulo", "descripcion", "derechos", "archivos"))
        pagina = posixpath.normpath(posixpath.join("descargas", conjunto["pagina"]))
        assert {f"{pagina}.md", f"{pagina}/index.md"} & existen
    titulos = [c["titulo"] for c in datos["conjuntos"]]
    assert sorted(set(titulos)) == sorted(titulos)
    for ruta, archivo in archivos.items():
        assert archivo["titulo"]
        assert not archivo["tipo"].endswith("octet-stream"), ruta
        if "definicion" in archivo:
            assert posixpath.normpath(posixpath.join("descargas", archivo["definicion"])) in existen
    assert all("definicion" in a for r, a in archivos.items() if r in a_mano)
    assert "No consta" in next(c["derechos"] for c in datos["conjuntos"] if "biblioteca" in c["pagina"])


def test_la_pagina_de_datos_enlaza_cada_archivo(generadas):
    pagina = generadas["datos-abiertos/index.md"]
    _, archivos = _descargas_del_dcat(generadas)
    assert [r for r in archivos if f"](/{r})" not in pagina] == []
    assert f"](/{CATALOGO})" in pagina


def test_lo_de_un_esquema_no_se_confunde_con_el_de_nombre_parecido(catalogo):
    largo = catalogo.esquemas["plan-barrio"]
    corto = dataclasses.replace(largo, nombre="plan", titulo="Plan")
    dos = dataclasses.replace(catalogo, esquemas={"plan": corto, "plan-barrio": largo}, opciones={})
    rutas = ["descargas/esquemas/plan.json", "descargas/esquemas/plan-barrio.json", "descargas/otra-cosa.txt"]
    hechos = conjuntos(dos, rutas, {})
    assert [[a.ruta for a in c.archivos] for c in hechos] == [[r] for r in rutas]


# --- cambios -------------------------------------------------------------------------------------


def test_el_canal_es_atom_y_lo_lee_otra_biblioteca(generadas, catalogo):
    """RFC 4287: id, título y fecha en el canal y en cada entrada; autor; ids únicos; enlaces que llegan."""
    canal = ElementTree.fromstring(generadas[CANAL])
    assert canal.tag == f"{ATOM}feed"
    entradas = canal.findall(f"{ATOM}entry")
    for nodo in (canal, *entradas):
        for pedido in ("id", "title", "updated"):
            assert [n.text.strip() for n in nodo.findall(ATOM + pedido)] != []
        fecha, _, hora = nodo.find(f"{ATOM}updated").text.partition("T")
        assert leer_fecha(fecha) == fecha
        assert hora == "00:00:00Z"
        ruta = posixpath.normpath(posixpath.join(posixpath.dirname(CANAL), nodo.find(f"{ATOM}link").get("href")))
        assert {f"{ruta}.md", f"{ruta}/index.md"} & generadas.keys()
    assert canal.find(f"{ATOM}author/{ATOM}name").text == "Focaliza"
    ids = [n.text for n in canal.iter(f"{ATOM}id")]
    assert len(set(ids)) == len(ids)
    dichos = {(e.find(f"{ATOM}id").text.partition(":")[2], e.find(f"{ATOM}summary").text) for e in entradas}
    assert dichos == {(f"focaliza,2026:{e.nombre}/{c.version}", c.descripcion) for c, e in cambios_de(catalogo)}
    assert canal.find(f"{ATOM}updated").text == max(e.find(f"{ATOM}updated").text for e in entradas)


def test_un_cambio_nuevo_va_primero_y_lo_que_escribe_un_yaml_no_rompe_el_canal(catalogo, a_mano):
    esquema = catalogo.esquemas["focalizacion"]
    nuevo = dataclasses.replace(esquema.cambios[-1], version="2.0.0", fecha="2027-03-01", descripcion="Uno & dos <b> *tres*.")
    otro = dataclasses.replace(esquema, cambios=(*esquema.cambios, nuevo))
    hechas = paginas(dataclasses.replace(catalogo, esquemas={**catalogo.esquemas, esquema.nombre: otro}), a_mano)
    canal = ElementTree.fromstring(hechas[CANAL])
    assert canal.find(f"{ATOM}updated").text == "2027-03-01T00:00:00Z"
    assert canal.find(f"{ATOM}entry/{ATOM}summary").text == nuevo.descripcion
    primera = hechas["cambios/index.md"].split("| --- | --- | --- | --- |\n")[1].splitlines()[0]
    assert "01-03-2027" in primera


def test_cambios_lleva_al_registro_del_proyecto_y_dice_toda_version(generadas, catalogo):
    pagina = generadas["cambios/index.md"]
    assert "](/proyecto/registro-de-cambios.md)" in pagina
    for cosa in (*catalogo.instrumentos.values(), *catalogo.opciones.values()):
        assert f"/{cosa.nombre}.md) | {cosa.version} |" in pagina


# --- definiciones al pasar -----------------------------------------------------------------------

PAGINA = """
# El ejercicio

Un ejercicio y otro ejercicio del **CORE**. El `folio` no, el Folio sí. [Un hito](x) con hito.

> Un plazo citado.

<div class="oficial" markdown>
Del plazo que dice la norma.
</div>

| Plazo |
| --- |
| El plazo |

El campo <code>fecha-plazo</code> y <code>el plazo &#42; CORE del plazo</code> no; este plazo sí.

*[CORE]: Consejo Regional

[Ejercicio]: /glosario/index.md#ejercicio "El año en que se gasta."

[folio]: /glosario/index.md#folio "El número."

[Hito]: /glosario/index.md#hito "Algo que ocurre."

[Plazo]: /glosario/index.md#plazo "Hasta cuándo."
"""


def test_un_termino_se_define_solo_la_primera_vez_y_fuera_de_lo_intocable():
    hecha = markdown.markdown(PAGINA, extensions=["abbr", "md_in_html", "tables", "generador.definiciones"])
    definidos = re.findall(r'<a class="definido" href="/glosario/index.md#(\w+)" title="([^"]+)">(\w+)</a>', hecha)
    assert definidos == [
        ("ejercicio", "El año en que se gasta.", "ejercicio"),
        ("folio", "El número.", "Folio"),
        ("hito", "Algo que ocurre.", "hito"),
        ("plazo", "Hasta cuándo.", "plazo"),
    ]
    assert "<h1>El ejercicio</h1>" in hecha
    assert "</a> y otro ejercicio del <strong><abbr" in hecha
    assert "Un plazo citado." in hecha
    assert "Del plazo que dice la norma." in hecha
    assert "<td>El plazo</td>" in hecha
    assert "del plazo</code> no; este <a" in hecha
    sin_definir = markdown.markdown(PAGINA, extensions=["abbr", "md_in_html", "tables"])
    assert re.sub("<[^>]+>", "", hecha) == re.sub("<[^>]+>", "", sin_definir)


def test_sin_glosario_no_se_toca_nada():
    assert markdown.markdown("Un ejercicio.", extensions=["generador.definiciones"]) == "<p>Un ejercicio.</p>"


def test_el_texto_oficial_y_los_titulos_quedan_intactos_en_el_sitio(construido):
    con_enlace = 0
    for archivo in construido.destino.rglob("*.html"):
        texto = archivo.read_text(encoding="utf-8")
        definidos = re.findall(r'<a class="definido" href="([^"]+)"', texto)
        assert len(set(definidos)) == len(definidos), archivo
        con_enlace += bool(definidos)
        assert not re.search(r"<(h[1-6]|code|table|summary)\b[^>]*>(?:(?!</\1>).)*class=\"definido\"", texto, re.S), archivo
        for oficial in re.findall(r'<div class="oficial".*?</div>', texto, re.S):
            assert 'class="definido"' not in oficial, archivo
    assert con_enlace > 50


# --- en el navegador -----------------------------------------------------------------------------

PAGINAS = (
    "", "privacidad/", "datos-abiertos/", "cambios/", "accesibilidad/", "reportar/", "glosario/", "observaciones/", "buscar/",
    "formatos/focalizacion/", "encuestas/actor-clave/", "reglamento/4/", "guia/", "instrumentos/crece/", "calendario/2027/",
    "experiencias/tarapaca-2019/", "proyecto/medidas/",
)  # fmt: skip


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "light"), (1280, "dark")])
def test_cada_clase_de_pagina_cumple_axe_y_cabe(navegador, direccion, ancho, tema):
    faltas = []
    with navegador(ancho, 900) as pestana:
        pestana.emulate_media(color_scheme=tema)
        for pagina in PAGINAS:
            pestana.goto(direccion + pagina)
            faltas += faltas_de_axe(pestana)
            if pestana.evaluate("document.documentElement.scrollWidth") > ancho:
                faltas.append(f"{pagina} se desborda")
    assert faltas == []


def test_reportar_recuerda_la_pagina_y_copia_el_texto(navegador, direccion):
    with navegador(360, 900) as pestana:
        pestana.context.grant_permissions(["clipboard-read", "clipboard-write"])
        pestana.goto(f"{direccion}reglamento/4/")
        pestana.get_by_role("link", name="Reportar un error en esta página").click()
        pestana.locator("#contenido").wait_for()
        pestana.get_by_role("button", name="Copiar el texto (Texto para avisar que un contenido está mal)").click()
        pestana.get_by_role("button", name="Copiado").wait_for()
        copiado = pestana.evaluate("navigator.clipboard.readText()")
        assert copiado.startswith(f"Error de contenido\nPágina: {direccion}reglamento/4/\n")
        pestana.goto(f"{direccion}reportar/?pagina=//otro.cl/<b>x")
        assert "otro.cl" not in pestana.locator(".para-copiar").first.inner_text()


def test_sin_javascript_reportar_dice_que_mandar_y_que_el_canal_no_consta(navegador, direccion):
    with navegador(360, 900, javascript=False) as pestana:
        pestana.goto(f"{direccion}reportar/?pagina=/guia/")
        assert pestana.get_by_text("pegue aquí su dirección").first.is_visible()
        assert pestana.get_by_text("El canal no consta todavía").count() == 2
        assert pestana.get_by_role("button", name="Copiar").count() == 0


def test_una_definicion_se_lee_con_el_teclado_y_lleva_al_glosario(navegador, direccion):
    with navegador(360, 900, javascript=False) as pestana:
        pestana.goto(f"{direccion}privacidad/")
        termino = pestana.locator("a.definido").first
        termino.focus()
        pestana.keyboard.press("Shift+Tab")
        pestana.keyboard.press("Tab")
        dicho = termino.evaluate("e => getComputedStyle(e, '::after').content")
        assert termino.get_attribute("title") in dicho
        termino.press("Enter")
        pestana.wait_for_url("**/glosario/#*")
