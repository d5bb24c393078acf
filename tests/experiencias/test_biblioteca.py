"""La biblioteca: los datos de las fuentes 000 a 004 y las sesiones de los tres pilotos, contra sus controles y sus formatos.

Los números de control están escritos aquí a mano porque son los de las fuentes; nada los calcula.
"""

import csv
import io
import json
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest
from click.testing import CliRunner

from esquemas.catalogo import cargar
from esquemas.entrega import validar_libro
from esquemas.revision import Contexto
from formularios.lector import leer_archivo
from formularios.ordenes import focaliza
from generador.tabla_de_datos import insertar_tablas

SITIO = Path(__file__).resolve().parents[2] / "sitio"
BIBLIOTECA, EXPERIENCIAS = SITIO / "biblioteca", SITIO / "experiencias"
CARPETAS = ["000-barrios-comerciales", "001-guia-y-reglamento", "002-asociatividad", "003-plan-cluster", "004-valles-crucenos"]
SIN_GRUPOS = ("SES-01", "primera-sesion-sin-grupos")
PILOTOS = {
    "tarapaca-2019": [SIN_GRUPOS],
    "valparaiso-2019": [SIN_GRUPOS, ("INT-01", "sesion-sin-contenido")],
    "ohiggins-2019": [SIN_GRUPOS, ("INT-01", "sesion-sin-contenido"), ("INT-02", "sesion-sin-contenido")],
}
VITIVINICOLA = BIBLIOTECA / "003-plan-cluster/plan-cluster-vitivinicola.csv"
FRUTICOLA = BIBLIOTECA / "003-plan-cluster/plan-cluster-fruticola.csv"
BARRIO = BIBLIOTECA / "000-barrios-comerciales/plan-barrio.csv"
EXPERIENCIA = BIBLIOTECA / "000-barrios-comerciales/ficha-experiencia.csv"
COMUNAS = BIBLIOTECA / "002-asociatividad/barrios-comunas.csv"
ACTIVIDADES = BIBLIOTECA / "004-valles-crucenos/plan-operativo-actividades.csv"
RESULTADOS = BIBLIOTECA / "004-valles-crucenos/plan-operativo-resultados.csv"
DE_ENVIO = ("folio", "region", "ejercicio", "version_esquema", "estado", "presentado")

# esquema, archivo y las alertas que da: lo que a la fuente le falta sin incumplir el formato. Ninguno necesita excepciones.
DATOS = [
    ("plan-cluster", VITIVINICOLA, [("VIT-3.6-01", "actividad-sin-plazo")]),
    ("plan-cluster", FRUTICOLA, [("FRU-3.4-01", "actividad-sin-apoyo")]),
    ("plan-barrio", BARRIO, []),
    ("ficha-experiencia", EXPERIENCIA, []),
    ("plan-operativo", ACTIVIDADES, []),
    ("plan-operativo", RESULTADOS, [("RES-v", "resultado-sin-meta")]),
    *(("analisis-estrategico", BIBLIOTECA / c / "analisis-estrategico.csv", []) for c in CARPETAS),
    *(("registro-sesion", EXPERIENCIAS / p / "registro-sesion.csv", alertas) for p, alertas in PILOTOS.items()),
]
# Uno de cada formato hace el camino completo. Los de un documento que no es de una región usan la 06: el formato pide una.
CAMINO = [
    ("plan-cluster", VITIVINICOLA, "06", "2006"),
    ("plan-barrio", BARRIO, "06", "2015"),
    ("ficha-experiencia", EXPERIENCIA, "06", "2015"),
    ("plan-operativo", RESULTADOS, "06", "2011"),
    ("analisis-estrategico", BIBLIOTECA / "003-plan-cluster/analisis-estrategico.csv", "06", "2006"),
    ("registro-sesion", EXPERIENCIAS / "tarapaca-2019/registro-sesion.csv", "01", "2019"),
]


def leer_csv(datos):
    return list(csv.DictReader(io.StringIO(datos.decode("utf-8"), newline="")))


def filas(ruta):
    return leer_csv(ruta.read_bytes())


def nombre(ruta):
    return f"{ruta.parent.name}/{ruta.name}" if isinstance(ruta, Path) else None


@pytest.fixture(scope="module")
def catalogo():
    return cargar()


def validar(catalogo, esquema, datos, archivo):
    return validar_libro(catalogo, catalogo.esquemas[esquema], leer_archivo(datos, archivo), Contexto())


# --- todos los archivos -----------------------------------------------------------------------------


@pytest.mark.parametrize(("esquema", "ruta", "alertas"), DATOS, ids=nombre)
def test_vale_sin_excepciones_y_solo_avisa_lo_que_falta_en_la_fuente(catalogo, esquema, ruta, alertas):
    resultado = validar(catalogo, esquema, ruta.read_bytes(), ruta.name)
    assert resultado.errores == ()
    codigos = [f["codigo"] for f in filas(ruta)]
    assert [(codigos[p.indice], str(p.codigo)) for p in resultado.problemas] == alertas


def test_la_lista_de_archivos_esta_completa_y_no_hay_excepciones_ociosas():
    probados = {ruta for _, ruta, _ in DATOS} | {COMUNAS}
    assert set(BIBLIOTECA.rglob("*.csv")) == {r for r in probados if r.is_relative_to(BIBLIOTECA)}
    assert {c.name for c in BIBLIOTECA.iterdir()} == set(CARPETAS)
    assert not list(EXPERIENCIAS.glob("*/excepciones-registro-sesion.csv"))


@pytest.mark.parametrize("esquema", ["plan-cluster", "plan-operativo"])
def test_los_dos_archivos_de_un_plan_se_pueden_unir(catalogo, esquema):
    rutas = [ruta for e, ruta, _ in DATOS if e == esquema]
    encabezado, *_ = rutas[0].read_bytes().partition(b"\r\n")
    unidos = rutas[0].read_bytes() + rutas[1].read_bytes().removeprefix(encabezado + b"\r\n")
    resultado = validar(catalogo, esquema, unidos, "unidos.csv")
    assert resultado.valido and resultado.leidas == sum(len(filas(r)) for r in rutas)


# --- 003: los dos planes de clúster -------------------------------------------------------------------

POR_ETAPA = {"difusion": 2, "institucionalidad": 4, "competitividad": 10, "seguimiento": 1}
POR_AMBITO = {"": 8, "innovacion": 2, "capacidades": 1, "mercado": 2, "entorno": 1, "vinculacion": 2, "informacion": 1}
POR_PLAZO = {"2º semestre 2006": 3, "1º semestre 2007": 4}


@pytest.mark.parametrize(
    ("ruta", "prefijo", "por_definir"), [(VITIVINICOLA, "VIT", 9), (FRUTICOLA, "FRU", 10)], ids=["vitivinicola", "fruticola"]
)
def test_diecisiete_actividades_por_plan_en_sus_etapas_y_ambitos(ruta, prefijo, por_definir):
    plan = filas(ruta)
    assert len(plan) == 17 and all(f["codigo"].startswith(f"{prefijo}-") for f in plan)
    assert Counter(f["etapa"] for f in plan) == POR_ETAPA
    assert Counter(f["ambito"] for f in plan) == POR_AMBITO
    plazos = Counter(f["plazo"] for f in plan if f["plazo"])
    assert plazos == POR_PLAZO | {"A definir según decisión CER": por_definir}


@pytest.mark.parametrize(
    ("ruta", "vacia"), [(VITIVINICOLA, ("VIT-3.6-01", "plazo")), (FRUTICOLA, ("FRU-3.4-01", "apoyo"))], ids=nombre
)
def test_a_cada_plan_le_falta_una_sola_celda(ruta, vacia):
    vacias = [(f["codigo"], c) for f in filas(ruta) for c, v in f.items() if not v and c != "ambito"]
    assert vacias == [vacia]


def test_los_restos_del_otro_plan_quedan_y_la_pagina_los_declara():
    fruticola = {f["codigo"]: f for f in filas(FRUTICOLA)}
    assert "(empresas vitivinícolas y de turismo enológico, y empresas" in fruticola["FRU-2-01"]["antecedentes"]
    assert fruticola["FRU-2-01"]["resultados"].startswith("Mesa de Trabajo del CER Vitivinícola conformada")
    assert fruticola["FRU-3.1-02"]["resultados"] == "Generación de línea de innovación vitivinícola."
    assert len(re.findall("vitivinícola|enológic", str([*fruticola.values()]), re.I)) == 4  # el primero trae las dos palabras
    pagina = (BIBLIOTECA / "003-plan-cluster/index.md").read_text(encoding="utf-8")
    for resto in ("empresas vitivinícolas y de turismo enológico", "Vitivinícola conformada", "línea de innovación vitivinícola"):
        assert f"«{resto}»" in pagina


# --- 000 y 002: los barrios -----------------------------------------------------------------------------


def test_seis_ambitos_y_veintiocho_acciones(catalogo):
    plan = filas(BARRIO)
    por_ambito = Counter(f["ambito"] for f in plan)
    assert list(por_ambito) == [o.codigo for o in catalogo.opciones["ambitos-barrio"].opciones]
    assert list(por_ambito.values()) == [3, 4, 4, 4, 5, 8] and len(plan) == 28
    assert len({(f["ambito"], f["articulacion"], f["instrumentos"]) for f in plan}) == 6
    assert not any(f["barrio"] or f["comuna"] for f in plan)


def test_la_ficha_de_experiencia_da_las_cifras_de_2015():
    (ficha,) = filas(EXPERIENCIA)
    assert "más de 60" in ficha["descripcion"] and "los 60 barrios" in ficha["beneficiarios"]
    assert "100 %" in ficha["logros"] and "75 %" in ficha["logros"]
    assert ficha["cooperacion"] == "correo;teleconferencia;videoconferencia"


def test_los_barrios_de_ohiggins_por_comuna(catalogo):
    barrios = filas(COMUNAS)
    assert Counter(f["financiamiento"] for f in barrios) == {"gobierno-regional": 9, "programa-regular": 3}
    assert [f["nombre"] for f in barrios] == [catalogo.opciones["comunas"].nombre_de(f["comuna"]) for f in barrios]
    dicho = {"gobierno-regional": "Gobierno Regional", "programa-regular": "Programa regular de Sercotec"}
    pagina = (BIBLIOTECA / "002-asociatividad/index.md").read_text(encoding="utf-8")
    en_la_pagina = re.findall(r"^\| ([^|]+) \| ([^|]+) \|$", pagina, re.M)[2:]
    assert en_la_pagina == [(f["nombre"], dicho[f["financiamiento"]]) for f in barrios]


def test_frictionless_aprueba_los_barrios_por_comuna_y_reprueba_una_comuna_de_otra_region(tmp_path):
    descripcion = COMUNAS.with_suffix(".schema.json")
    assert json.loads(descripcion.read_text(encoding="utf-8"))["primaryKey"] == ["comuna"]
    (tmp_path / descripcion.name).write_bytes(descripcion.read_bytes())
    for datos, esperado in ((COMUNAS.read_bytes(), 0), (COMUNAS.read_bytes().replace(b"06101", b"13101"), 1)):
        (tmp_path / COMUNAS.name).write_bytes(datos)
        assert juzgar(tmp_path, COMUNAS.name, descripcion.name).returncode == esperado


# --- 004: los Valles Cruceños ----------------------------------------------------------------------------


def test_las_actividades_por_componente():
    por_componente = Counter(f["componente"] for f in filas(ACTIVIDADES))
    assert por_componente == {
        "integracion-cadenas": 5,
        "innovacion-asociativa": 2,
        "base-institucional": 2,
        "monitoreo-difusion": 4,
    }
    metas = {f["codigo"]: int(f["meta"]) for f in filas(ACTIVIDADES) if f["meta"]}
    assert metas == {"ACT-II-01": 40, "ACT-II-02": 4, "ACT-IV-04": 1}


def test_siete_resultados_y_solo_el_quinto_sin_meta():
    resultados = filas(RESULTADOS)
    assert [f["codigo"] for f in resultados] == [f"RES-{n}" for n in ("i", "ii", "iii", "iv", "v", "vi", "vii")]
    assert [f["meta"] for f in resultados] == ["500", "350", "100", "100", "", "11", "4"]
    assert {f["componente"] for f in resultados} == {"proyecto-completo"}
    detalles = [re.findall(r"\d+", f["meta_detalle"]) for f in resultados]
    assert detalles == [["35"], [], ["300", "200"], ["16"], [], [], []]


def test_la_pauta_tiene_cuatro_criterios_y_queda_abierta(catalogo):
    assert [o.codigo for o in catalogo.opciones["criterios-seleccion"].opciones][4:] == ["otro"]
    pagina = (BIBLIOTECA / "004-valles-crucenos/index.md").read_text(encoding="utf-8")
    pauta = pagina.partition("## La pauta")[2].partition("\n## ")[0]
    assert "«entre otros»" in pauta and re.findall(r"^(\d)\. ", pauta, re.M) == ["1", "2", "3", "4"]


# --- las fichas y las sesiones ------------------------------------------------------------------------------


@pytest.mark.parametrize("carpeta", CARPETAS)
def test_cada_documento_tiene_su_ficha_llena(carpeta):
    (ficha,) = filas(BIBLIOTECA / carpeta / "analisis-estrategico.csv")
    assert ficha["codigo"] == f"DOC-{carpeta[:3]}"
    assert [c for c, v in ficha.items() if not v] == ["enlace"]
    cuantas = [len(re.findall(r"^\d+\. ", ficha[c], re.M)) for c in ("problematicas", "causas", "efectos")]
    assert cuantas[0] >= 1 and len(set(cuantas)) == 1  # una causa y un efecto por problemática, aunque digan que no constan


def test_las_sesiones_de_los_pilotos_sin_participantes():
    tipos = {}
    for piloto in PILOTOS:
        sesiones = filas(EXPERIENCIAS / piloto / "registro-sesion.csv")
        tipos[piloto] = [f["tipo"] for f in sesiones]
        assert not any(f[c] for f in sesiones for c in ("participantes", "fecha", "duracion", "lugar", "grupos_faltantes"))
    assert tipos == {
        "tarapaca-2019": ["primera-sesion", "sesion-interna", "segunda-sesion"],
        "valparaiso-2019": ["primera-sesion", "sesion-interna", "segunda-sesion"],
        "ohiggins-2019": ["primera-sesion", "sesion-interna", "sesion-interna", "segunda-sesion"],
    }
    tarapaca = filas(EXPERIENCIAS / "tarapaca-2019/registro-sesion.csv")
    assert tarapaca[0]["acuerdos"].endswith("El acta dice «de Valparaíso».")


# --- las páginas ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("carpeta", CARPETAS)
def test_la_pagina_muestra_sus_tablas(catalogo, carpeta):
    texto = (BIBLIOTECA / carpeta / "index.md").read_text(encoding="utf-8")
    puesta = insertar_tablas(texto, lambda ruta: (BIBLIOTECA / carpeta / ruta).read_bytes(), catalogo)
    assert "<!--" not in puesta and puesta.count("\n| ") > texto.count("\n| ")
    assert f"](../index.md#{carpeta[:3]})" in texto
    for archivo in (BIBLIOTECA / carpeta).iterdir():
        assert archivo.name == "index.md" or f"]({archivo.name})" in texto


def test_las_celdas_que_faltan_se_dicen(catalogo):
    carpeta = BIBLIOTECA / "003-plan-cluster"
    texto = (carpeta / "index.md").read_text(encoding="utf-8")
    puesta = insertar_tablas(texto, lambda ruta: (carpeta / ruta).read_bytes(), catalogo)
    sin_dato = re.findall(r"^\| (VIT|FRU)(-[\d.]+-\d+) .*\| No consta \|$", puesta, re.M)
    assert sin_dato == [("VIT", "-3.6-01"), ("FRU", "-3.4-01")]


# --- sin personas -------------------------------------------------------------------------------------------------

_CARGO = (
    r"(?:Jef[ea]|Director|Gerente|Ejecutiv[oa]|Profesional|Coordinador|Asesor|Administrador|Secretari[oa]|L[ií]der|Consultor)"
)
_PALABRA = r"[A-ZÁÉÍÓÚÑ][a-záéíóúñü]+"
DE_PERSONA = {
    "correo": r"@",
    "rut": r"\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b",
    "firma": rf"{_PALABRA}(?: {_PALABRA}){{1,3}}\.?,?\s+{_CARGO}",
    "autoría": rf"{_CARGO}[^.\n:]*: *{_PALABRA} {_PALABRA}",
}
PUBLICADOS = [
    *sorted(r for r in BIBLIOTECA.rglob("*") if r.is_file()),
    *(EXPERIENCIAS / p / "registro-sesion.csv" for p in PILOTOS),
]


@pytest.mark.parametrize("ruta", PUBLICADOS, ids=nombre)
def test_ninguna_persona(ruta):
    texto = ruta.read_text(encoding="utf-8")
    assert {que: hallado[0] for que, patron in DE_PERSONA.items() if (hallado := re.search(patron, texto))} == {}


@pytest.mark.parametrize(
    ("que", "texto"),
    [
        ("correo", "nombre.apellido@ejemplo.cl"),
        ("rut", "11.111.111-1"),
        ("firma", "Nombre Apellido\nJefe División de Ejemplo"),
        ("firma", "Nombre Segundo Apellido\nProfesional de Ejemplo"),
        ("autoría", "Consultor Principal: Nombre Apellido"),
    ],
)
def test_los_patrones_de_persona_atrapan(que, texto):
    assert re.search(DE_PERSONA[que], texto)


# --- de punta a punta -----------------------------------------------------------------------------------------------


def mandar(base, *orden):
    hecho = CliRunner().invoke(focaliza, [str(o) for o in orden], env={"FOCALIZA_BASE_DE_DATOS": f"sqlite:///{base}"})
    assert hecho.exit_code == 0, hecho.output


def juzgar(carpeta, datos, esquema):
    orden = [Path(sys.executable).with_name("frictionless"), "validate", datos, "--schema", esquema]
    return subprocess.run(orden, cwd=carpeta, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(("esquema", "ruta", "region", "ejercicio"), CAMINO, ids=[c[0] for c in CAMINO])
def test_ida_y_vuelta_celda_por_celda_y_frictionless_la_aprueba(tmp_path, esquema, ruta, region, ejercicio):
    de_cuando = ("--region", region, "--ejercicio", ejercicio)
    mandar(tmp_path / "base.db", "importar", esquema, ruta, *de_cuando)
    mandar(tmp_path / "base.db", "exportar", esquema, "--salida", tmp_path / "x.csv", *de_cuando)
    salida = filas(tmp_path / "x.csv")
    assert [{c: v for c, v in f.items() if c not in DE_ENVIO} for f in salida] == filas(ruta)
    assert {(f["region"], f["ejercicio"], f["estado"]) for f in salida} == {(region, ejercicio, "vigente")}
    hecho = juzgar(tmp_path, "x.csv", "x.schema.json")
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr


def test_el_camino_pasa_por_todos_los_formatos_con_datos():
    assert {c[0] for c in CAMINO} == {esquema for esquema, _, _ in DATOS}
