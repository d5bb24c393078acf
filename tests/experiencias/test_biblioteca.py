"""La biblioteca y las sesiones de los tres pilotos: los datos de las fuentes 000 a 004 contra sus controles.

Los números de control están escritos aquí a mano porque son los de las fuentes; nada los calcula.
"""

import json
import re
from collections import Counter

import pytest

from formularios.lector import leer_archivo
from tests.experiencias.piloto import BIBLIOTECA, CASOS, CATALOGO, frictionless_validate, leer_csv, pagina, validar

CARPETAS = ["000-barrios-comerciales", "001-guia-y-reglamento", "002-asociatividad", "003-plan-cluster", "004-valles-crucenos"]
VITIVINICOLA = CASOS["003-plan-cluster/plan-cluster-vitivinicola.csv"]
FRUTICOLA = CASOS["003-plan-cluster/plan-cluster-fruticola.csv"]
BARRIO = CASOS["000-barrios-comerciales/plan-barrio.csv"]
EXPERIENCIA = CASOS["000-barrios-comerciales/ficha-experiencia.csv"]
ACTIVIDADES = CASOS["004-valles-crucenos/plan-operativo-actividades.csv"]
RESULTADOS = CASOS["004-valles-crucenos/plan-operativo-resultados.csv"]
COMUNAS = BIBLIOTECA / "002-asociatividad/barrios-comunas.csv"
SESIONES = {c.carpeta.name: c for c in CASOS.values() if c.esquema == "registro-sesion"}


def test_estan_todas_las_carpetas_y_nada_necesita_excepciones():
    assert {c.name for c in BIBLIOTECA.iterdir()} == set(CARPETAS)
    propios = [c for c in CASOS.values() if c.carpeta.parent == BIBLIOTECA]
    assert Counter(c.esquema for c in propios) == {
        **{"analisis-estrategico": 5, "plan-cluster": 2, "plan-operativo": 2},
        **{"plan-barrio": 1, "ficha-experiencia": 1},
    }
    assert [c.nombre for c in (*propios, *SESIONES.values()) if c.excepciones] == []


@pytest.mark.parametrize("casos", [(VITIVINICOLA, FRUTICOLA), (ACTIVIDADES, RESULTADOS)], ids=["plan-cluster", "plan-operativo"])
def test_los_dos_archivos_de_un_plan_se_pueden_unir(casos):
    uno, otro = (c.archivo.read_bytes() for c in casos)
    encabezado, *_ = uno.partition(b"\r\n")
    resultado = validar(casos[0].esquema, leer_archivo(uno + otro.removeprefix(encabezado + b"\r\n"), "unidos.csv"))
    assert resultado.valido and resultado.leidas == sum(len(c.filas) for c in casos)


# --- 003: los dos planes de clúster -------------------------------------------------------------------

POR_ETAPA = {"difusion": 2, "institucionalidad": 4, "competitividad": 10, "seguimiento": 1}
POR_AMBITO = {"": 8, "innovacion": 2, "capacidades": 1, "mercado": 2, "entorno": 1, "vinculacion": 2, "informacion": 1}
POR_PLAZO = {"2º semestre 2006": 3, "1º semestre 2007": 4}


@pytest.mark.parametrize(
    ("caso", "prefijo", "por_definir"), [(VITIVINICOLA, "VIT", 9), (FRUTICOLA, "FRU", 10)], ids=["vitivinicola", "fruticola"]
)
def test_diecisiete_actividades_por_plan_en_sus_etapas_y_ambitos(caso, prefijo, por_definir):
    plan = caso.filas
    assert len(plan) == 17 and all(f["codigo"].startswith(f"{prefijo}-") for f in plan)
    assert Counter(f["etapa"] for f in plan) == POR_ETAPA
    assert Counter(f["ambito"] for f in plan) == POR_AMBITO
    plazos = Counter(f["plazo"] for f in plan if f["plazo"])
    assert plazos == POR_PLAZO | {"A definir según decisión CER": por_definir}


def test_a_cada_plan_le_falta_una_sola_celda_y_la_pagina_lo_dice():
    planes = (VITIVINICOLA, FRUTICOLA)
    vacias = [(f["codigo"], c) for plan in planes for f in plan.filas for c, v in f.items() if not v and c != "ambito"]
    assert vacias == [("VIT-3.6-01", "plazo"), ("FRU-3.4-01", "apoyo")]
    _, puesta = pagina("003-plan-cluster")
    assert re.findall(r"^\| ((?:VIT|FRU)-[\d.]+-\d+) .*\| No consta \|$", puesta, re.M) == ["VIT-3.6-01"]
    fichas = re.findall(r"<summary>(\S+) .*?</details>", puesta)
    assert fichas == [f["codigo"] for plan in planes for f in plan.filas]
    faltan = re.findall(r"<summary>(\S+) [^\n]*?<dt>([^<]+)</dt><dd>No consta</dd>", puesta)
    assert [f for f in faltan if f[1] != "Ámbito"] == [
        ("VIT-3.6-01", "Plazo"),
        ("FRU-3.4-01", "Instituciones e instrumentos de apoyo"),
    ]


def test_los_restos_del_otro_plan_quedan_y_la_pagina_los_declara():
    fruticola = FRUTICOLA.por_codigo
    assert "(empresas vitivinícolas y de turismo enológico, y empresas" in fruticola["FRU-2-01"]["antecedentes"]
    assert fruticola["FRU-2-01"]["resultados"].startswith("Mesa de Trabajo del CER Vitivinícola conformada")
    assert fruticola["FRU-3.1-02"]["resultados"] == "Generación de línea de innovación vitivinícola."
    assert len(re.findall("vitivinícola|enológic", str([*fruticola.values()]), re.I)) == 4  # el primero trae las dos palabras
    texto, _ = pagina("003-plan-cluster")
    for resto in ("empresas vitivinícolas y de turismo enológico", "Vitivinícola conformada", "línea de innovación vitivinícola"):
        assert f"«{resto}»" in texto


# --- 000 y 002: los barrios -----------------------------------------------------------------------------


def test_seis_ambitos_y_veintiocho_acciones():
    plan = BARRIO.filas
    por_ambito = Counter(f["ambito"] for f in plan)
    assert list(por_ambito) == [o.codigo for o in CATALOGO.opciones["ambitos-barrio"].opciones]
    assert list(por_ambito.values()) == [3, 4, 4, 4, 5, 8] and len(plan) == 28
    assert len({(f["ambito"], f["articulacion"], f["instrumentos"]) for f in plan}) == 6
    assert not any(f["barrio"] or f["comuna"] for f in plan)


def test_la_ficha_de_experiencia_da_las_cifras_de_2015():
    (ficha,) = EXPERIENCIA.filas
    assert "más de 60" in ficha["descripcion"] and "los 60 barrios" in ficha["beneficiarios"]
    assert "100 %" in ficha["logros"] and "75 %" in ficha["logros"]
    assert ficha["cooperacion"] == "correo;teleconferencia;videoconferencia"


def test_los_barrios_de_ohiggins_por_comuna():
    barrios = leer_csv(COMUNAS.read_bytes())
    assert Counter(f["financiamiento"] for f in barrios) == {"gobierno-regional": 9, "programa-regular": 3}
    assert [f["nombre"] for f in barrios] == [CATALOGO.opciones["comunas"].nombre_de(f["comuna"]) for f in barrios]
    dicho = {"gobierno-regional": "Gobierno Regional", "programa-regular": "Programa regular de Sercotec"}
    texto, puesta = pagina("002-asociatividad")
    assert "| Rancagua |" not in texto  # la tabla sale del CSV
    en_la_pagina = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", puesta, re.M)[2:]
    assert en_la_pagina == [(f["nombre"], dicho[f["financiamiento"]]) for f in barrios]


def test_frictionless_aprueba_los_barrios_por_comuna_y_reprueba_una_comuna_de_otra_region(tmp_path):
    descripcion = COMUNAS.with_suffix(".schema.json")
    assert json.loads(descripcion.read_text(encoding="utf-8"))["primaryKey"] == ["comuna"]
    (tmp_path / descripcion.name).write_bytes(descripcion.read_bytes())
    for datos, esperado in ((COMUNAS.read_bytes(), 0), (COMUNAS.read_bytes().replace(b"06101", b"13101"), 1)):
        (tmp_path / COMUNAS.name).write_bytes(datos)
        assert frictionless_validate(tmp_path, COMUNAS.name, "--schema", descripcion.name).exit_code == esperado


# --- 004: los Valles Cruceños ----------------------------------------------------------------------------


def test_las_actividades_por_componente():
    por_componente = Counter(f["componente"] for f in ACTIVIDADES.filas)
    assert por_componente == {
        "integracion-cadenas": 5,
        "innovacion-asociativa": 2,
        "base-institucional": 2,
        "monitoreo-difusion": 4,
    }
    metas = {f["codigo"]: int(f["meta"]) for f in ACTIVIDADES.filas if f["meta"]}
    assert metas == {"ACT-II-01": 40, "ACT-II-02": 4, "ACT-IV-04": 1}


def test_siete_resultados_y_solo_el_quinto_sin_meta():
    resultados = RESULTADOS.filas
    assert [f["codigo"] for f in resultados] == [f"RES-{n}" for n in ("i", "ii", "iii", "iv", "v", "vi", "vii")]
    assert [f["meta"] for f in resultados] == ["500", "350", "100", "100", "", "11", "4"]
    assert {f["componente"] for f in resultados} == {"proyecto-completo"}
    detalles = [re.findall(r"\d+", f["meta_detalle"]) for f in resultados]
    assert detalles == [["35"], [], ["300", "200"], ["16"], [], [], []]


def test_la_pauta_tiene_cuatro_criterios_y_queda_abierta():
    assert [o.codigo for o in CATALOGO.opciones["criterios-seleccion"].opciones][4:] == ["otro"]
    texto, _ = pagina("004-valles-crucenos")
    pauta = texto.partition("## La pauta")[2].partition("\n## ")[0]
    assert "«entre otros»" in pauta and re.findall(r"^(\d)\. ", pauta, re.M) == ["1", "2", "3", "4"]


# --- las fichas y las sesiones ------------------------------------------------------------------------------


@pytest.mark.parametrize("carpeta", CARPETAS)
def test_cada_documento_tiene_su_ficha_llena(carpeta):
    (ficha,) = CASOS[f"{carpeta}/analisis-estrategico.csv"].filas
    assert ficha["codigo"] == f"DOC-{carpeta[:3]}"
    assert [c for c, v in ficha.items() if not v] == ["enlace"]
    cuantas = [len(re.findall(r"^\d+\. ", ficha[c], re.M)) for c in ("problematicas", "causas", "efectos")]
    assert cuantas[0] >= 1 and len(set(cuantas)) == 1  # una causa y un efecto por problemática, aunque digan que no constan
    texto, _ = pagina(carpeta)
    assert f"](../index.md#{carpeta[:3]})" in texto


def test_las_sesiones_de_los_pilotos_sin_participantes():
    assert {piloto: [f["tipo"] for f in caso.filas] for piloto, caso in SESIONES.items()} == {
        "tarapaca-2019": ["primera-sesion", "sesion-interna", "segunda-sesion"],
        "valparaiso-2019": ["primera-sesion", "sesion-interna", "segunda-sesion"],
        "ohiggins-2019": ["primera-sesion", "sesion-interna", "sesion-interna", "segunda-sesion"],
    }
    callados = ("participantes", "fecha", "duracion", "lugar", "grupos_faltantes")
    assert not any(f[c] for caso in SESIONES.values() for f in caso.filas for c in callados)
    assert SESIONES["tarapaca-2019"].filas[0]["acuerdos"].endswith("El acta dice «de Valparaíso».")
