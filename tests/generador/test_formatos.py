"""La página de un formato o una encuesta: sus cuatro partes, sus descargas, y la misma huella que usa el formulario."""

import dataclasses
import hashlib
import html
import io
import re
import shutil
import sqlite3
import zipfile
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import unquote

import pytest

from esquemas import palabras
from esquemas.catalogo import cargar
from esquemas.entrega import validar_libro
from esquemas.errores import Gravedad
from esquemas.modelo import Cambio, Condicion, Regla
from esquemas.revision import Contexto
from esquemas.tabla import leer_csv
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.demostracion import sembrar
from formularios.lector import leer_archivo
from generador.__main__ import construir_sitio
from generador.esquema import url_de
from generador.paginas import paginas
from tests.servicios.accesibilidad import faltas_de_axe

AHORA = datetime(2026, 11, 15, 13, 45, 1, tzinfo=UTC)
ESQUEMAS = list(cargar().esquemas.values())
PARTES = {
    "Información": "que-es",
    "Diccionario": "diccionario-de-campos",
    "Cambios": "historia-de-cambios",
    "Normativa": "norma-que-cita",
}
HUELLA = re.compile(r"<code>([0-9a-f]{64})</code>")
EXCEL = "﻿".encode()


def _nombre(esquema):
    return esquema.nombre


def _pagina(generadas, esquema):
    return html.unescape(generadas[f"{url_de(esquema).strip('/')}.md"])


# --- Las cuatro partes ---------------------------------------------------------------------------------


@pytest.mark.parametrize("esquema", ESQUEMAS, ids=_nombre)
def test_cada_parte_tiene_lo_suyo_y_ninguna_ancla_publicada_se_pierde(construido, esquema):
    entera = (construido.destino / url_de(esquema).strip("/") / "index.html").read_text("utf-8")
    indice, *partes = re.split(r'<section class="parte', entera.split('<nav class="pestanas"')[1])
    assert dict(re.findall(r'<a href="#([^"]+)">([^<]+)</a>', indice)) == {a: t for t, a in PARTES.items()}
    ids = [set(re.findall(r' id="([^"]+)"', p.split("</section>")[0])) for p in partes]
    assert [a in ids[i] for i, a in enumerate(PARTES.values())] == [True] * 4
    assert {"que-no-revisa", "ejemplo-valido"} <= ids[0]
    assert not esquema.privacidad or "datos-personales" in ids[0]
    assert not esquema.secciones or "secciones-de-la-encuesta" in ids[0]
    campos = {c.nombre if t is esquema.principal else f"{t.nombre}-{c.nombre}" for t in esquema.tablas for c in t.campos}
    reglas = {f"regla-{r.codigo}" for t in esquema.tablas for r in t.reglas}
    assert campos | reglas | ({"reglas-entre-columnas"} if reglas else set()) <= ids[1]
    assert not esquema.grupos or {f"tabla-{t.nombre}" for t in esquema.tablas} <= ids[1]


def test_la_normativa_dice_que_cita_cada_parte_de_cada_documento(generadas, catalogo):
    for esquema in ESQUEMAS:
        parte = _pagina(generadas, esquema).split("{#norma-que-cita}")[1]
        citadas = [(n, c) for t in esquema.tablas for c in (*t.campos, *t.reglas) for n in c.norma]
        for norma, quien in citadas:
            documento = parte.split(f"{{#norma-{norma.partition(':')[0]}}}")[1].split("\n###")[0]
            (fila,) = [
                x for x in documento.splitlines() if x.startswith(tuple(f"| [{catalogo.citar(norma).texto}{c}" for c in ":]"))
            ]
            assert (quien.mensaje.rstrip(".") if isinstance(quien, Regla) else quien.titulo) in fila
        assert parte.count("{#norma-") == len(
            {n.partition(":")[0] for n, _ in citadas} | {n.partition(":")[0] for n in esquema.norma}
        )


def test_un_campo_enlaza_todas_las_reglas_que_lo_miran(generadas):
    trozo = generadas["formatos/focalizacion.md"].split("{#perfil_detalle}")[1].split("\n#")[0]
    assert "(#regla-perfil-otro-sin-detalle)" in trozo
    assert "(#regla-sin-focalizacion-con-perfil)" in trozo  # se muestra en otro campo, pero lo mira
    assert "(#regla-sin-focalizacion-con-rubro)" not in trozo
    assert "(#regla-presupuesto-sobre-tope)" in generadas["formatos/focalizacion.md"].split("{#cobertura}")[1].split("\n#")[0]


def test_las_opciones_van_con_su_significado_y_las_muchas_se_enlazan(generadas, catalogo):
    pagina = _pagina(generadas, catalogo.esquemas["focalizacion"])
    for opcion in catalogo.opciones["instrumentos"].opciones:
        assert f"<code>{opcion.codigo}</code> {opcion.nombre}: {' '.join(opcion.descripcion.split())}" in pagina
    comunas = pagina.split("{#comunas}")[1].split("\n#")[0]
    assert "346, en la lista [Comunas](/catalogos/comunas.md)." in comunas


def test_los_cambios_dicen_que_campos_toca_cada_version(catalogo, a_mano):
    esquema = catalogo.esquemas["focalizacion"]
    assert "Es la primera versión" in paginas(catalogo, a_mano)["formatos/focalizacion.md"]
    nuevo = Cambio("1.1.0", "2027-03-09", "Pide el rubro.", ("rubro", "antiguo"))
    otro = dataclasses.replace(esquema, cambios=(*esquema.cambios, nuevo))
    hechas = paginas(dataclasses.replace(catalogo, esquemas={**catalogo.esquemas, esquema.nombre: otro}), a_mano)
    filas = hechas["formatos/focalizacion.md"].split("{#historia-de-cambios}")[1].split("\n## ")[0]
    assert (
        '| 1.1.0 | <span class="fecha">09-03-2027</span> | Pide el rubro. Campos: [Rubro](#rubro); <code>antiguo</code>' in filas
    )
    assert filas.index("1.1.0") < filas.index("| 1.0.0")
    assert "Es la primera versión" not in filas


# --- La obligatoriedad, en palabras --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("nombre", "tabla", "campo", "dicho"),
    [
        ("focalizacion", 0, "codigo", "Obligatorio"),
        ("focalizacion", 0, "comunas", "Opcional"),
        ("focalizacion", 0, "territorio", "Obligatorio si «Criterios de focalización» incluye «Territorial»"),
        ("desafios-oportunidades-objetivos", 0, "origen", "Obligatorio si «Tipo» es «Oportunidad», o si «Tipo» es «Desafío»"),
        ("potencialidades-problematicas", 0, "causas", "Opcional, y solo si «Tipo» es «Problemática»"),
        ("actor-clave", 0, "tipo_institucion_cual", "Obligatorio si «Tipo de institución» es «Otra»"),
        ("actor-clave", 1, "telefono", "Obligatorio si «Correo electrónico» está vacío"),
        (
            "matriz-estrategica-integrada", 0, "problematicas",
            "Obligatorio si «Aspectos económico-productivos», «Aspectos socioculturales», «Aspectos de infraestructura», "
            "«Aspectos institucionales» y «Potencialidades» están vacíos",
        ),
    ],
)  # fmt: skip
def test_la_obligatoriedad_dice_en_que_casos(catalogo, nombre, tabla, campo, dicho):
    esquema = catalogo.esquemas[nombre]
    assert palabras.obligatoriedad(esquema.tablas[tabla].campo(campo), catalogo.opciones, esquema) == dicho


def _obligatoriedad(catalogo, campo, condicion, si=None, **cambios):
    """La de un campo de focalización con una sola regla, que exige `condicion`."""
    esquema = catalogo.esquemas["focalizacion"]
    campo = dataclasses.replace(esquema.principal.campo(campo), **cambios)
    regla = Regla("una", "exige", Gravedad.ERROR, campo.nombre, "", "", (), si=si, condicion=condicion)
    tabla = dataclasses.replace(
        esquema.principal, campos=tuple(campo if c.nombre == campo.nombre else c for c in esquema.campos), reglas=(regla,)
    )
    return palabras.obligatoriedad(campo, catalogo.opciones, dataclasses.replace(esquema, principal=tabla))


def test_la_obligatoriedad_de_lo_que_hoy_ningun_esquema_pide(catalogo):
    lleno = Condicion("vacio", "rubro", vacio=False)
    territorial, sectorial = (Condicion("es", "criterios", (c,)) for c in ("territorial", "sectorial"))
    assert _obligatoriedad(catalogo, "rubro", lleno) == "Obligatorio"
    assert _obligatoriedad(catalogo, "rubro", lleno, territorial, mostrar_si=sectorial) == (
        "Opcional, y solo si «Criterios de focalización» incluye «Sectorial»; "
        "obligatorio si «Criterios de focalización» incluye «Territorial»"
    )
    otra = Condicion("o", partes=(lleno, territorial))
    assert _obligatoriedad(catalogo, "rubro", otra) == "Obligatorio si no se cumple lo demás que pide su regla"
    con_otro = Condicion("o", partes=(lleno, Condicion("vacio", "comunas", vacio=False)))
    assert _obligatoriedad(catalogo, "rubro", con_otro, sectorial) == (
        "Obligatorio si «Criterios de focalización» incluye «Sectorial» y «Comunas» está vacío"
    )


# --- Las descargas -------------------------------------------------------------------------------------


@pytest.mark.parametrize("esquema", ESQUEMAS, ids=_nombre)
def test_hay_una_plantilla_csv_por_tabla_y_otra_para_excel(generadas, esquema):
    pagina = _pagina(generadas, esquema)
    for tabla in esquema.tablas:
        ruta = "descargas/plantillas/" + (esquema.nombre if tabla is esquema.principal else f"{esquema.nombre}-{tabla.nombre}")
        assert generadas[f"{ruta}.csv"].decode() == ",".join(tabla.nombres) + "\r\n"
        para_excel = generadas[f"{ruta}-para-excel.csv"]
        assert para_excel.startswith(EXCEL)
        assert para_excel.count(b";") >= len(tabla.campos) - 1
        assert leer_csv(para_excel).encabezado == tuple(c.titulo for c in tabla.campos)
        for descarga in (f"{ruta}.csv", f"{ruta}-para-excel.csv", ruta.replace("plantillas", "ejemplos") + ".csv"):
            assert f"](/{descarga})" in pagina


def test_lo_que_se_descarga_por_tabla_se_puede_entregar_en_un_zip(construido, catalogo):
    """Con los nombres con que la página los descarga (`download`), y en los dos sabores de CSV."""
    esquema = catalogo.esquemas["actor-clave"]
    pagina = (construido.destino / "encuestas/actor-clave/index.html").read_text("utf-8")
    enlaces = dict(re.findall(r'<a download="([^"]+)" href="[./]*(/descargas/ejemplos/[^"]+)"', pagina))
    assert {n.removesuffix(".csv") for n in enlaces} == {t.nombre for t in esquema.tablas}
    paquete = io.BytesIO()
    with zipfile.ZipFile(paquete, "w") as z:
        for nombre, enlace in enlaces.items():
            z.writestr(nombre, (construido.destino / unquote(enlace).lstrip("/")).read_bytes())
    resultado = validar_libro(catalogo, esquema, leer_archivo(paquete.getvalue(), "todo.zip"), Contexto())
    assert [p for p in resultado.problemas if p.es_error] == []
    assert resultado.leidas


def test_los_botones_van_en_orden_y_dicen_que_archivo_dan(generadas, catalogo):
    botones = _pagina(generadas, catalogo.esquemas["actor-clave"]).split('<div class="botones"')[1].split("</div>")[0]
    rotulos = re.findall(
        r'(?:\[|class="boton principal" href="[^"]+">)([^<\]]+?) *(?:<small>([^<]+)</small>)?(?:\]|</a>)', botones
    )
    assert rotulos == [
        ("Responder en línea", ""), ("Plantilla", "Excel"), ("Plantilla", "CSV"), ("Plantilla", "CSV para Excel"),
        ("Ejemplo válido", "CSV"), ("Esquema", "JSON"), ("XLSForm", "Excel, para ODK y Kobo"),
    ]  # fmt: skip


# --- La misma huella en el sitio y en el formulario ----------------------------------------------------


def _huellas_distintas(app):
    """Nombre → (lo que la página muestra, lo que el JSON publica, con lo que el formulario valida), donde no son una sola."""
    catalogo, http = app.extensions["focaliza"].catalogo, app.test_client()
    distintas = {}
    for esquema in catalogo.esquemas.values():
        with http.get(url_de(esquema)) as pagina, http.get(f"/descargas/esquemas/{esquema.nombre}.json") as publicado:
            vistas = {*HUELLA.findall(pagina.text), publicado.json["huella"], esquema.huella}
            if len(HUELLA.findall(pagina.text)) != 2 or len(vistas) != 1:
                distintas[esquema.nombre] = vistas
    return distintas


def _app(catalogo, sitio, almacen=None):
    return crear_app(Configuracion(clave="c" * 40, sitio=sitio), catalogo, almacen, lambda: AHORA)


def test_el_sitio_muestra_la_huella_del_esquema_con_que_el_formulario_valida(construido, catalogo):
    assert _huellas_distintas(_app(catalogo, construido.destino)) == {}


def test_si_el_esquema_del_formulario_es_otro_se_nota(carpeta_con_formato_nuevo, tmp_path):
    antes = cargar(carpeta_con_formato_nuevo)
    construir_sitio(antes, tmp_path / "publicado", construccion=tmp_path / "construccion", buscador=False)
    otra = shutil.copytree(carpeta_con_formato_nuevo, tmp_path / "otra")  # una misma carpeta se lee una sola vez
    archivo = otra / "formatos/registro-prueba.yaml"
    archivo.write_text(archivo.read_text("utf-8").replace("maxLength: 20", "maxLength: 19"), encoding="utf-8")
    despues = cargar(otra)
    huellas = {c.esquemas["registro-prueba"].huella for c in (antes, despues)}
    assert _huellas_distintas(_app(despues, tmp_path / "publicado")) == {"registro-prueba": huellas}


def test_un_envio_queda_atado_a_la_huella_que_muestra_el_sitio(construido, catalogo, tmp_path):
    migrar(f"sqlite:///{tmp_path}/base.db")
    almacen = Almacen(f"sqlite:///{tmp_path}/base.db")
    sembrar(almacen, catalogo, AHORA)
    almacen.cerrar()
    with closing(sqlite3.connect(tmp_path / "base.db")) as base:
        enviados = base.execute(
            "SELECT DISTINCT e.esquema, d.huella, d.json FROM envio e JOIN definicion d ON d.huella = e.definicion"
        )
        enviados = enviados.fetchall()
    assert {catalogo.esquemas[nombre].es_encuesta for nombre, _, _ in enviados} == {True, False}
    for nombre, huella, definicion in enviados:
        pagina = (construido.destino / url_de(catalogo.esquemas[nombre]).strip("/") / "index.html").read_text("utf-8")
        assert HUELLA.findall(pagina) == [huella, huella]
        assert hashlib.sha256(definicion.encode()).hexdigest() == huella


# --- Las pestañas, en un navegador ---------------------------------------------------------------------


def _abierta(pestana):
    """La pestaña elegida y las partes a la vista, que deben ser esa y ninguna más."""
    elegidas = pestana.locator('.pestanas [aria-selected="true"]').all_inner_texts()
    vistas = [
        p for p in PARTES.values() if pestana.locator(f".parte:has(#{p})").evaluate("n => !n.hidden && n.checkVisibility()")
    ]
    assert [PARTES[e] for e in elegidas] == vistas
    return elegidas[0]


@pytest.fixture(params=[360, 1280])
def pagina(request, navegador, direccion):
    """Una pestaña del navegador, y cómo abrir en ella la página de un formato."""
    with navegador(request.param, 900) as pestana:
        yield pestana, lambda ancla="": pestana.goto(f"{direccion}formatos/focalizacion/{ancla}")


def test_con_javascript_se_ve_una_parte_a_la_vez_y_el_boton_atras_vuelve(pagina):
    pestana, abrir = pagina
    abrir()
    assert _abierta(pestana) == "Información"
    for nombre in ("Normativa", "Diccionario"):
        pestana.get_by_role("tab", name=nombre).click()
        assert _abierta(pestana) == nombre
        assert pestana.url.endswith(f"#{PARTES[nombre]}")
        assert pestana.get_by_role("tabpanel", name=nombre).is_visible()
    pestana.go_back()
    pestana.wait_for_function("document.querySelector('[aria-selected=true]').textContent === 'Normativa'")
    assert _abierta(pestana) == "Normativa"


def test_las_flechas_recorren_las_pestanas_y_solo_una_recibe_el_foco(pagina):
    pestana, abrir = pagina
    abrir()
    pestana.get_by_role("tab", name="Información").focus()
    for tecla, nombre in (
        ("ArrowRight", "Diccionario"),
        ("End", "Normativa"),
        ("ArrowRight", "Información"),
        ("ArrowLeft", "Normativa"),
        ("Home", "Información"),
    ):
        pestana.keyboard.press(tecla)
        assert pestana.evaluate("document.activeElement.textContent") == nombre
        assert _abierta(pestana) == nombre
    assert [t.get_attribute("tabindex") for t in pestana.get_by_role("tab").all()] == ["0", "-1", "-1", "-1"]
    pestana.keyboard.press("Tab")
    assert pestana.evaluate("document.activeElement.closest('.parte')?.id") == "parte-1"


def test_un_ancla_abre_su_parte_y_queda_a_la_vista(pagina):
    pestana, abrir = pagina
    anclas = {"perfil": 1, "regla-rubro-segun-criterio": 1, "historia-de-cambios": 2, "norma-reglamento": 3, "ejemplo-valido": 0}
    for ancla, cual in anclas.items():
        pestana.goto("about:blank")
        abrir(f"#{ancla}")
        assert _abierta(pestana) == list(PARTES)[cual], ancla
        visto = pestana.locator(".pestanas" if ancla in PARTES.values() else f"#{ancla}").element_handle()
        pestana.wait_for_function(
            "(e) => { const y = e.getBoundingClientRect().top; return y > 40 && y < innerHeight }", arg=visto
        )
    for ancla in ("", "#no-existe", "#%E0"):
        pestana.goto("about:blank")
        abrir(ancla)
        assert _abierta(pestana) == "Información", ancla


def test_un_enlace_de_una_parte_abre_la_otra(pagina):
    pestana, abrir = pagina
    abrir("#norma-que-cita")
    pestana.get_by_role("tabpanel").get_by_role("link", name="Territorio", exact=True).first.click()
    pestana.wait_for_function("location.hash === '#territorio'")
    assert _abierta(pestana) == "Diccionario"
    assert pestana.locator("#territorio").is_visible()


def test_buscar_en_la_pagina_encuentra_lo_que_esta_en_otra_parte(pagina):
    pestana, abrir = pagina
    abrir()
    assert pestana.locator("#parte-2").get_attribute("hidden") == "until-found"
    pestana.locator("#parte-2").evaluate("n => n.dispatchEvent(new Event('beforematch', {bubbles: true}))")  # lo manda Ctrl+F
    assert _abierta(pestana) == "Diccionario"


def test_impresas_y_sin_javascript_se_leen_las_cuatro_partes_seguidas(pagina, navegador, direccion):
    pestana, abrir = pagina
    abrir("#perfil")
    pestana.emulate_media(media="print")
    assert [pestana.locator(f"#{a}").is_visible() for a in (*PARTES.values(), "perfil", "ejemplo-valido")] == [True] * 6
    with navegador(360, 900, javascript=False) as otra:
        otra.goto(f"{direccion}formatos/focalizacion/")
        assert [otra.locator(f"#{a}").is_visible() for a in (*PARTES.values(), "perfil", "ejemplo-valido")] == [True] * 6
        assert otra.get_by_role("tab").count() == 0
        otra.locator(".pestanas").get_by_role("link", name="Normativa").click()
        assert otra.url.endswith("#norma-que-cita")


def test_el_diccionario_cabe_en_un_telefono_y_axe_no_encuentra_faltas(pagina):
    pestana, abrir = pagina
    for ancla in PARTES.values():
        abrir(f"#{ancla}")
        assert faltas_de_axe(pestana) == []
        for caja in pestana.locator(f".parte:has(#{ancla}) .tabla").all() if ancla != "que-es" else []:
            assert caja.evaluate("n => n.scrollWidth - n.clientWidth") <= 0, caja.inner_text()[:80]
