"""Las fichas, el comparador y el orientador: en el navegador se dice lo mismo que sabe `esquemas`, en todas las combinaciones."""

import html
import itertools
import shutil
from dataclasses import replace

import pytest

from esquemas.catalogo import CARPETA, cargar
from esquemas.lectura import Lector
from esquemas.lectura_campo import leer_condicion
from esquemas.orientador import estado_de_instrumento, estado_de_requisito
from esquemas.reglas import pesos
from generador.instrumentos import paginas_de_instrumentos
from generador.paginas import paginas
from tests.servicios.accesibilidad import faltas_de_axe

ROTULOS = ("No cumple.", "Falta dato.", "Cumple.")

# Responde cada combinación como lo haría una persona y anota lo que se lee: grupo, y rótulo de cada razón.
RECORRER = """(combinaciones) => {
  const formulario = document.getElementById("preguntas");
  const uno = (item) => [item.querySelector(".nombre").textContent,
    [...item.querySelectorAll("[class^=estado-]")].map((e) => e.textContent)];
  return combinaciones.map((respuestas) => {
    for (const [campo, valor] of Object.entries(respuestas))
      [...formulario.elements[campo]].find((opcion) => opcion.value === valor).checked = true;
    formulario.dispatchEvent(new Event("change"));
    return [...document.querySelectorAll("#resultado [data-estado]")].flatMap((lista) =>
      [...lista.children].map((item) => [Number(lista.dataset.estado), ...uno(item)]));
  });
}"""


@pytest.fixture(scope="module")
def direccion(construido, navegador):
    return f"{construido.destino.as_uri()}/instrumentos"


def propios(catalogo):
    return [i for i in catalogo.instrumentos.values() if not i.agrupa]


def combinaciones(catalogo):
    """Todas las respuestas posibles, también la de no responder."""
    posibles = {p.nombre: ("", *p.opciones) for p in catalogo.preguntas}
    return [dict(zip(posibles, elegidas, strict=True)) for elegidas in itertools.product(*posibles.values())]


def esperado(catalogo, respuestas):
    return {
        (
            int(estado_de_instrumento(i, respuestas)),
            i.nombre_corto,
            tuple(ROTULOS[estado_de_requisito(r, respuestas)] for r in i.requisitos),
        )
        for i in propios(catalogo)
    }


# Toda la gramática, puesta en instrumentos de verdad: los de hoy no la usan entera.
MICRO, LIDERA, ALMACEN = ({"campo": c, "es": v} for c, v in (("tamano", "micro"), ("lidera", "si"), ("almacen", "si")))
GRAMATICA = {
    "crece": ({"y": [MICRO, LIDERA]}, None),
    "redes": ({"o": [MICRO, LIDERA, {"y": [ALMACEN, {"campo": "barrio", "no_es": "si"}]}]}, None),
    "semilla": ({"y": [{"campo": "negocio", "vacio": False}, {"o": [MICRO, ALMACEN]}]}, None),
    "digitaliza": ({"campo": "almacen", "vacio": True}, LIDERA),
    "juntos": ({"campo": "postula", "no_es": "empresa"}, {"o": [MICRO, {"campo": "tamano", "en": ["pequena", "mayor"]}]}),
}


def con_toda_la_gramatica(catalogo):
    lector = Lector("x.yaml")
    nuevos = {}
    for nombre, (si, duda) in GRAMATICA.items():
        instrumento = catalogo.instrumentos[nombre]
        condiciones = {"si": leer_condicion(lector, si, ""), "duda": duda and leer_condicion(lector, duda, "")}
        nuevos[nombre] = replace(instrumento, requisitos=(replace(instrumento.requisitos[0], **condiciones),))
    return replace(catalogo, instrumentos=catalogo.instrumentos | nuevos)


def condiciones(catalogo):
    return next(p.datos["condiciones"] for p in paginas_de_instrumentos(catalogo) if p.archivo == "instrumentos/orientador.md")


@pytest.mark.parametrize("cambiar", [lambda c: c, con_toda_la_gramatica], ids=["los-de-hoy", "toda-la-gramatica"])
def test_el_navegador_dice_lo_mismo_en_todas_las_combinaciones(navegador, direccion, construido, catalogo, cambiar):
    pagina = (construido.destino / "instrumentos/orientador/index.html").read_text(encoding="utf-8")
    assert pagina.count(str(condiciones(catalogo))) == 1
    pagina = pagina.replace(condiciones(catalogo), condiciones(catalogo := cambiar(catalogo)))
    todas = combinaciones(catalogo)
    with navegador(1280, 900) as pestana:
        pestana.route("**/orientador/index.html", lambda ruta: ruta.fulfill(body=pagina, content_type="text/html"))
        pestana.goto(f"{direccion}/orientador/index.html")
        leidas = pestana.evaluate(RECORRER, todas)
    assert len(leidas) == len(todas) > 3000
    for respuestas, leida in zip(todas, leidas, strict=True):
        dicho = {(estado, nombre, tuple(razones)) for estado, nombre, razones in leida}
        assert dicho == esperado(catalogo, respuestas), respuestas


@pytest.mark.parametrize("ancho", [360, 1280])
def test_responder_con_el_teclado_dice_la_razon_y_no_pide_nada_a_la_red(navegador, direccion, ancho):
    pedidos, quejas = [], []
    with navegador(ancho, 900) as pestana:
        pestana.on("pageerror", lambda error: quejas.append(str(error)))
        pestana.goto(f"{direccion}/orientador/index.html")
        pestana.on("request", lambda pedido: pedidos.append(pedido.url))
        pestana.focus("input[name=postula]:checked")
        pestana.keyboard.press("ArrowRight")  # da la vuelta: de «No lo sé» a la primera
        assert pestana.is_checked("input[name=postula][value=empresa]")
        pestana.keyboard.press("Enter")
        assert "no cumple lo de 2" in pestana.text_content("[role=status]")
        juntos = pestana.locator("#resultado li", has_text="Grupo de empresas o cooperativa").first
        assert juntos.locator(".estado-0").text_content() == "No cumple."
        assert juntos.get_by_role("link", name="Reglamento, 3 (Juntos)").get_attribute("href").endswith("/reglamento/3/#juntos")
        assert juntos.get_by_role("link", name="Juntos", exact=True).get_attribute("href").endswith("../juntos/")
        crece = pestana.locator("#resultado li", has_text="Micro o pequeña empresa").first
        assert "Responda «¿De qué tamaño es la empresa?»." in crece.text_content()
        pestana.get_by_role("button", name="Borrar las respuestas").click()
        pestana.wait_for_function("document.querySelector('[role=status]').textContent.includes('no cumple lo de 0')")
        assert pestana.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") in (["", 0, 0], ["", 1, 0])
        assert "?" not in pestana.url
    assert [p for p in pedidos if not p.endswith("/favicon.svg")] == []
    assert quejas == []


@pytest.mark.parametrize("ancho", [360, 1280])
@pytest.mark.parametrize("esquema", ["light", "dark"])
def test_sin_faltas_de_accesibilidad_ni_desborde(navegador, direccion, ancho, esquema):
    with navegador(ancho, 900) as pestana:
        pestana.emulate_media(color_scheme=esquema)
        for pagina in ("", "comparador/", "orientador/", "barrios/", "emprende/"):
            pestana.goto(f"{direccion}/{pagina}index.html")
            if pagina == "orientador/":
                pestana.check("input[name=tamano][value=micro]")
                pestana.check("input[name=postula][value=empresa]")
            assert faltas_de_axe(pestana) == []
            assert pestana.evaluate("document.documentElement.scrollWidth") <= ancho, pagina


def test_sin_javascript_queda_la_tabla(navegador, direccion, catalogo):
    with navegador(360, 900, javascript=False) as pestana:
        pestana.goto(f"{direccion}/orientador/index.html")
        assert not pestana.locator("#preguntas").is_visible()
        assert not pestana.locator("#resultado").is_visible()
        assert pestana.get_by_text("Sin JavaScript no se puede responder aquí.").is_visible()
        filas = pestana.locator(".tabla tbody tr")
        assert filas.first.is_visible()
        leidas = [tuple(f.locator("td").all_text_contents()[:3]) for f in filas.all()]
    assert sorted(leidas) == sorted((i.nombre_corto, r.texto, r.no_consta) for i in propios(catalogo) for r in i.requisitos)


# --- lo que se genera ------------------------------------------------------------------------------


def test_el_comparador_trae_los_ocho_con_su_monto_anio_y_norma(generadas, catalogo):
    pagina = html.unescape(generadas["instrumentos/comparador.md"])
    filas = {f.split("](")[0].strip("| ["): f for f in pagina.splitlines() if f.startswith("| [")}
    traspasados = {i.nombre_corto: i for i in propios(catalogo) if i.traspasado}
    assert filas.keys() == traspasados.keys()
    assert len(filas) == 8
    for nombre, i in traspasados.items():
        assert f"/instrumentos/{i.nombre}.md)" in filas[nombre]
        assert i.apoyo in filas[nombre] and i.aporte in filas[nombre]
        assert all(r.texto in filas[nombre] for r in i.requisitos)
        for m in i.montos:
            assert f"{'Mínimo' if m.minimo else 'Hasta'} {pesos(m.minimo or m.maximo)}, " in filas[nombre]
        assert filas[nombre].count("(2021)") == len(i.montos)
        assert all(f"[{catalogo.citar(n).texto}](" in filas[nombre] for n in (*i.norma, *(n for m in i.montos for n in m.norma)))


# Reglamento 3, transcrito a mano de la fuente 001.
DEL_REGLAMENTO = {
    "crece": {1_000_000, 6_000_000},
    "mejora-negocios": {400_000, 1_500_000},
    "semilla": {3_500_000, 200_000, 3_300_000},
    "abeja": {3_500_000, 200_000, 3_300_000},
    "promocion": set(),
    "juntos": {4_000_000, 31_000_000, 25_000_000},
    "digitaliza": {350_000, 1_500_000},
    "redes": set(),
}


@pytest.mark.parametrize("nombre", DEL_REGLAMENTO)
def test_cada_monto_es_el_del_reglamento(catalogo, nombre):
    instrumento = catalogo.instrumentos[nombre]
    assert {m.minimo or m.maximo for m in instrumento.montos} == DEL_REGLAMENTO[nombre]
    assert {m.cifras_de for m in instrumento.montos} <= {2021}
    assert {n for m in instrumento.montos for n in m.norma} <= {f"reglamento:3.{nombre}"}
    minimos = [m.concepto for m in instrumento.montos if m.minimo]
    assert minimos == (["gestion"] if nombre in ("semilla", "abeja") else [])
    oficial = next(p.texto for p in catalogo.documentos["reglamento"].partes if p.id == f"3.{nombre}")
    assert all(pesos(m.minimo or m.maximo) in oficial for m in instrumento.montos)


def test_cada_ficha_responde_las_cuatro_preguntas_y_dice_lo_que_no_consta(generadas, catalogo):
    for instrumento in catalogo.instrumentos.values():
        ficha = html.unescape(generadas[f"instrumentos/{instrumento.nombre}.md"])
        for pregunta in ("¿Qué es?", "¿Qué apoyo entrega?", "¿Quiénes pueden acceder?", "¿Cómo postular?"):
            respuesta = ficha.split(f"## {pregunta} ")[1].split("\n\n")[1]
            assert respuesta.endswith("."), (instrumento.nombre, pregunta)
        assert "Aporte propio: " in ficha
        assert "No consta en la fuente" in ficha
        assert "/instrumentos/orientador.md)" in ficha
    lista = generadas["instrumentos/index.md"]
    assert "(/instrumentos/orientador.md)" in lista and "(/instrumentos/comparador.md)" in lista


NUEVO = """
name: taller-vecinal
title: Taller Vecinal
nombre_corto: Taller
version: "1.0.0"
norma: [guia:contexto]
objetivo: Un instrumento que solo existe en esta prueba.
apoyo: Nada.
acceso: Nadie.
postulacion: No consta en la fuente.
requisitos:
  - {texto: Vecina de negocio nuevo., si: {y: [{campo: negocio, es: nuevo}, {campo: lidera, es: si}]}, norma: [guia:contexto]}
  - {texto: Cerca., no_consta: La fuente no dice de qué., norma: [guia:contexto]}
"""


def test_agregar_un_instrumento_con_sus_requisitos_no_toca_codigo(tmp_path, generadas):
    carpeta = shutil.copytree(CARPETA, tmp_path / "esquemas", ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (carpeta / "instrumentos/taller-vecinal.yaml").write_text(NUEVO, encoding="utf-8")
    nuevas = paginas(cargar(carpeta))
    assert "Vecina de negocio nuevo" in nuevas["instrumentos/taller-vecinal.md"]
    pagina = nuevas["instrumentos/orientador.md"]
    assert pagina.count("](/instrumentos/taller-vecinal.md)") == 2
    assert '"taller-vecinal": [{"si": {"operador": "y"' in pagina
    assert "taller-vecinal" not in nuevas["instrumentos/comparador.md"]  # no es traspasado
    assert "taller-vecinal" not in generadas["instrumentos/orientador.md"]
