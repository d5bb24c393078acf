"""El calendario publicado: la página, la línea de tiempo y las agendas dicen las mismas fechas y la misma hora de cierre."""

import html
import re
from datetime import date, datetime

import pytest
from icalendar import Calendar

from esquemas.plazos import calendario
from esquemas.saber import Hito
from esquemas.tiempo import SEMANA, feriados, feriados_con_alcance
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from generador.calendario import EJERCICIOS, _mueven_fechas
from tests.servicios.accesibilidad import faltas_de_axe
from tests.servicios.servidor import servir

_MARCAS = re.compile(r"<[^>]+>")


def partes(generadas, ejercicio):
    """Ancla → texto de esa parte de la página, hasta el título siguiente."""
    pagina = html.unescape(generadas[f"calendario/{ejercicio}.md"])
    trozos = re.split(r"^#{2,3} .*\{#([\w-]+)\}$", pagina, flags=re.M)
    return dict(zip(trozos[1::2], trozos[2::2], strict=True))


@pytest.mark.parametrize("ejercicio", EJERCICIOS)
def test_cada_hito_con_fecha_dice_regla_cuenta_computo_y_caso_limite(generadas, catalogo, ejercicio):
    escritas = partes(generadas, ejercicio)
    for p in calendario(catalogo.proceso.hitos, ejercicio):
        parte = escritas[p.hito.nombre]
        assert f"- **Regla:** {p.hito.cuando}" in parte
        assert "- **Norma:** [" in parte and "- **Quién responde:** " in parte
        assert ("- **Hábil o corrido:** " in parte) is ("- **Caso límite:** " in parte) is (p.fin is not None)
        if p.fin:
            assert f"- **Cálculo:** {p.calculo}" in parte
            assert ("**Hábil o corrido:** hábil" in parte) is (p.computo == "habiles")
            assert p.limite in parte and p.ultimo_dia in parte
        else:
            assert "ninguna norma le pone fecha" in parte


@pytest.mark.parametrize("ejercicio", EJERCICIOS)
def test_la_pagina_y_la_agenda_dicen_la_misma_hora_de_cierre(generadas, catalogo, ejercicio):
    agenda = Calendar.from_ical(generadas[f"descargas/calendario-{ejercicio}.ics"])
    dichos = {str(e["uid"]): e["description"] for e in agenda.walk("VEVENT")}
    escritas = partes(generadas, ejercicio)
    for p in calendario(catalogo.proceso.hitos, ejercicio):
        cierra = p.fin is not None and p.hito.exigible
        parte = _MARCAS.sub("", escritas[p.hito.nombre])
        assert ("- **Cierra:** " in parte) is cierra
        if cierra:
            hasta = f"asta las 24:00 del {p.vence:%d-%m-%Y}, hora de Chile continental"
            assert hasta in parte
            for uid in (p.hito.nombre + f"-{ejercicio}@focaliza", p.hito.nombre + f"-{ejercicio}-cierre@focaliza"):
                assert hasta in dichos[uid]


@pytest.mark.parametrize("ejercicio", EJERCICIOS)
def test_los_feriados_van_todos_con_su_alcance(generadas, catalogo, ejercicio):
    filas = re.findall(r"^\| .*\d{4}.* \|$", partes(generadas, ejercicio)["feriados"], re.M)
    celdas = [[_MARCAS.sub("", c).strip() for c in f.strip("| ").split(" | ")] for f in filas]
    esperadas = [
        [f"{dia:%d-%m-%Y}, {SEMANA[dia.weekday()]}", nombre,
         ", ".join(catalogo.opciones["regiones"].nombre_de(r) for r in donde) or "Todo el país"]
        for dia, nombre, donde in feriados_con_alcance(ejercicio - 1)
    ]  # fmt: skip
    assert celdas == esperadas
    assert [f"20-08-{ejercicio - 1}", "Ñuble"] in [[c[0][:10], c[2]] for c in celdas]
    assert [f"07-06-{ejercicio - 1}", "Arica y Parinacota"] in [[c[0][:10], c[2]] for c in celdas]
    assert len(celdas) == len(feriados(ejercicio - 1)) + 2


def test_se_dice_si_un_feriado_regional_mueve_una_fecha(generadas, catalogo):
    for ejercicio in EJERCICIOS:
        assert _mueven_fechas(catalogo, ejercicio) == {}
        assert "Ningún feriado de una sola región las mueve." in generadas[f"calendario/{ejercicio}.md"]


def test_si_lo_moviera_se_sabria_en_que_region_y_cual(catalogo):
    class Otro:
        class proceso:
            hitos = (Hito("morro", "Morro", "", "Sercotec", True, (), {"clase": "a-mas-tardar", "fecha": "06-07"}),)

    assert date(2027, 6, 7).weekday() == 0
    assert {r: [h.nombre for h in hitos] for r, hitos in _mueven_fechas(Otro, 2028).items()} == {"15": ["morro"]}


@pytest.mark.parametrize("ejercicio", EJERCICIOS)
def test_la_linea_de_tiempo_enlaza_cada_hito_y_es_la_de_la_tabla(generadas, catalogo, ejercicio):
    pagina = generadas[f"calendario/{ejercicio}.md"]
    dibujo = pagina[pagina.index("<svg") : pagina.index("</svg>")]
    con_fecha = [p for p in calendario(catalogo.proceso.hitos, ejercicio) if p.fin]
    enlaces = re.findall(r'<a href="#([\w-]+)">', dibujo)
    assert sorted(enlaces) == sorted(p.hito.nombre for p in con_fecha)
    assert all(f" {{#{e}}}\n" in pagina for e in enlaces)
    tabla = partes(generadas, ejercicio)["con-fecha"]
    assert re.findall(r"^\| \[.*\]\(#([\w-]+)\)", tabla, re.M) == enlaces
    assert dibujo.count("<title ") == dibujo.count("<desc ") == 1
    assert 'fill="#' not in dibujo and "style=" not in dibujo, "los colores salen de clases y de currentColor"


@pytest.mark.parametrize("ejercicio", EJERCICIOS)
def test_cada_agenda_publicada_se_enlaza_y_se_importa_entera(generadas, ejercicio):
    pagina = partes(generadas, ejercicio)["suscribirse"]
    publicadas = {r for r in generadas if r.startswith(f"descargas/calendario-{ejercicio}") and r.endswith(".ics")}
    enlazadas = dict(re.findall(r"\]\(/(descargas/[\w-]+\.ics)\): (\d+)", pagina))
    assert set(enlazadas) == publicadas and len(publicadas) == 4
    for ruta, cuantas in enlazadas.items():
        inicios = [e["dtstart"].dt for e in Calendar.from_ical(generadas[ruta]).walk("VEVENT")]
        assert sum(not isinstance(i, datetime) for i in inicios) == int(cuantas) > 0


# --- servido --------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def aplicacion(construido, catalogo):
    return crear_app(Configuracion(clave="k" * 40, sitio=construido.destino), catalogo, None, lambda: None)


def test_una_agenda_se_sirve_como_calendario(aplicacion, generadas):
    """Sin su tipo llega como bytes sueltos, y hay agendas que no la leen."""
    for ruta in (r for r in generadas if r.endswith(".ics")):
        with aplicacion.test_client().get(f"/{ruta}") as respuesta:
            assert respuesta.status_code == 200
            assert re.fullmatch(r'text/calendar; charset="?utf-8"?', respuesta.headers["Content-Type"])
            assert respuesta.data == generadas[ruta]
            assert "Content-Disposition" not in respuesta.headers


@pytest.fixture(scope="module")
def direccion(aplicacion):
    with servir(lambda _: aplicacion) as aqui:
        yield aqui


@pytest.mark.parametrize("modo", ["light", "dark"])
@pytest.mark.parametrize("ancho", [360, 1280])
def test_la_linea_se_lee_en_un_telefono_y_no_tiene_faltas(navegador, direccion, ancho, modo):
    with navegador(ancho, 900) as pestana:
        pestana.emulate_media(color_scheme=modo)
        pestana.goto(f"{direccion}/calendario/2027/")
        assert pestana.evaluate("document.documentElement.scrollWidth") <= ancho
        letra = pestana.evaluate(
            "() => { const s = document.querySelector('.linea-de-tiempo svg');"
            " return parseFloat(getComputedStyle(s).fontSize) * s.getBoundingClientRect().width / s.viewBox.baseVal.width }"
        )
        assert letra >= 13, "la letra del dibujo, en píxeles de pantalla"
        assert faltas_de_axe(pestana, donde="article") == []
        pestana.locator(".linea-de-tiempo a").last.click()
        assert pestana.url.endswith("#focalizacion-final")
