"""El piloto de O'Higgins de 2019: sus controles, sus excepciones, y la cadena A.1 → A.2 → B.1 → B.2 por la base hasta el paquete.

Los controles (16 filas, 9 objetivos, 4 oportunidades, 9 desafíos) y lo que cada fila dice están escritos aquí a mano, de la
fuente 001; nada los calcula. A.1 y A.2 son una construcción nuestra con las fuentes 000, 002 y 003.
"""

import csv
import io
import re
import subprocess
import sys
import zipfile
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

CARPETA = Path(__file__).resolve().parents[2] / "sitio" / "experiencias" / "ohiggins-2019"
A1, A2, B1, B2 = CADENA = (
    "matriz-estrategica-integrada",
    "potencialidades-problematicas",
    "desafios-oportunidades-objetivos",
    "focalizacion",
)
DE_ENVIO = ("folio", "region", "ejercicio", "version_esquema", "estado", "presentado")
# Objetivo, instrumento, cobertura, su unidad y la fuente del dinero, en el orden de la fuente.
LEIDAS = [
    ("OBJ-01", "iges", "200", "", "por-definir"),
    ("OBJ-02", "cdn-satelite", "5", "satelites", "fndr"),
    ("OBJ-02", "punto-mipe", "25", "comunas", "por-definir"),
    ("OBJ-03", "iges", "200", "", "por-definir"),
    ("OBJ-04", "crece", "100", "empresas", "por-definir"),
    ("OBJ-04", "juntos", "", "proyectos", "por-definir"),
    ("OBJ-04", "mejora-negocios", "20", "empresas", "por-definir"),
    ("OBJ-05", "iges", "60", "", "por-definir"),
    ("OBJ-06", "semilla", "30", "empresas", "fndr"),
    ("OBJ-06", "semilla", "20", "empresas", "por-definir"),
    ("OBJ-06", "digitaliza", "40", "empresas", "por-definir"),
    ("OBJ-07", "redes", "50", "", "por-definir"),
    ("OBJ-07", "promocion", "40", "", "por-definir"),
    ("OBJ-08", "abeja", "30", "empresas", "por-definir"),
    ("OBJ-08", "crece", "30", "empresas", "por-definir"),
    ("OBJ-09", "iges", "300", "", "por-definir"),
]
ORIGENES = {"OPO-01": "POT-03", "OPO-04": "POT-01;POT-02", "DES-01": "PRO-01", "DES-04": "PRO-03", "DES-05": "PRO-02"}


def leer_csv(datos):
    return list(csv.DictReader(io.StringIO(datos.decode("utf-8"), newline="")))


FILAS = {e: leer_csv((CARPETA / f"{e}.csv").read_bytes()) for e in CADENA}
EXCEPCIONES = {e: CARPETA / f"excepciones-{e}.csv" for e in (B1, B2)}
REGISTRADAS = {e: leer_csv(ruta.read_bytes()) for e, ruta in EXCEPCIONES.items()}
TODAS = [(e, n) for e in REGISTRADAS for n in range(len(REGISTRADAS[e]))]
CON_EXCEPCIONES = pytest.mark.parametrize("esquema", EXCEPCIONES)


@pytest.fixture(scope="module")
def catalogo():
    return cargar()


def validar(catalogo, esquema, excepciones):
    ruta = CARPETA / f"{esquema}.csv"
    contexto = Contexto(region="06", ejercicio=2019, referidas=FILAS, excepciones=excepciones)
    return validar_libro(catalogo, catalogo.esquemas[esquema], leer_archivo(ruta.read_bytes(), ruta.name), contexto)


def lugares(esquema, problemas):
    return {(FILAS[esquema][p.indice]["codigo"], p.campo, str(p.codigo)) for p in problemas}


# --- la transcripción -----------------------------------------------------------------------------


def test_nueve_objetivos_cuatro_oportunidades_y_nueve_desafios():
    codigos = [f"OBJ-{n:02}" for n in range(1, 10)] + [f"OPO-{n:02}" for n in range(1, 5)] + [f"DES-{n:02}" for n in range(1, 10)]
    assert [f["codigo"] for f in FILAS[B1]] == codigos
    assert Counter(f["tipo"] for f in FILAS[B1]) == {"objetivo": 9, "oportunidad": 4, "desafio": 9}
    assert all(f["codigo"].startswith(f["tipo"][:3].upper()) for f in FILAS[B1] if f["tipo"] != "objetivo")
    assert len({(f["tipo"], f["enunciado"]) for f in FILAS[B1]}) == 22


def test_la_redaccion_de_la_fuente_no_se_corrige():
    enunciados = {f["codigo"]: f["enunciado"] for f in FILAS[B1]}
    assert "la escalabilidad emprendedores y empresas" in enunciados["OBJ-04"]
    assert "las mediana y grandes" in enunciados["OPO-01"]
    assert enunciados["OPO-02"] == "Existe 3 zonas de alto potencial turístico."


def test_dieciseis_filas_bajo_su_objetivo():
    assert [f["codigo"] for f in FILAS[B2]] == [f"FOC-{n:02}" for n in range(1, 17)]
    campos = ("objetivos", "instrumento", "cobertura", "unidad_cobertura", "fuente")
    assert [tuple(f[c] for c in campos) for f in FILAS[B2]] == LEIDAS


def test_los_criterios_de_la_fuente():
    leidos = {f["codigo"]: (f["criterios"], f["perfil"] or f["territorio"] or f["rubro"]) for f in FILAS[B2]}
    assert leidos == {
        "FOC-01": ("", ""),
        "FOC-02": ("objetivo-estrategico", ""),
        "FOC-03": ("territorial", "Por comunas (donde no exista presencia de CDNs)"),
        "FOC-04": ("perfil", "segun-instrumento"),
        "FOC-05": ("sectorial", "comercio"),
        "FOC-06": ("perfil", "cooperativas"),
        "FOC-07": ("objetivo-estrategico", ""),
        "FOC-08": ("sin-focalizacion", ""),
        "FOC-09": ("perfil", "jovenes"),
        "FOC-10": ("perfil", "adultos-mayores"),
        "FOC-11": ("perfil", "jovenes;adultos-mayores"),
        "FOC-12": ("sectorial", "turismo;agroindustria;comercio;servicios"),
        "FOC-13": ("sin-focalizacion", ""),
        "FOC-14": ("territorial", "Por provincias"),
        "FOC-15": ("territorial", "Por provincias"),
        "FOC-16": ("sin-focalizacion", ""),
    }
    assert {f["codigo"] for f in FILAS[B2] if f["orientacion"]} == {"FOC-02", "FOC-07"}


def test_lo_que_no_calza_con_el_catalogo_conserva_su_nombre():
    accion = {f["codigo"]: f["accion"] for f in FILAS[B2]}
    assert accion["FOC-15"].startswith("CRECE Abeja: ")
    assert accion["FOC-10"] == "Adulto Mejor Semilla"


def test_no_se_inventa_lo_que_la_fuente_no_dice():
    assert not any(
        f[c] for f in FILAS[B2] for c in ("descripcion", "comunas", "presupuesto", "compromiso", "desafios_oportunidades")
    )
    assert not any(f[c] for f in FILAS[B1] for c in ("desafios", "prioridad", "origen_a1"))
    assert "no se pueden leer" in FILAS[B2][4]["rubro_detalle"]


# --- lo que construimos ---------------------------------------------------------------------------


def test_cada_fila_construida_dice_de_donde_sale():
    fuentes = [re.search(r"\(fuente (\d{3})\)$", f["documento"])[1] for f in FILAS[A1]]
    assert fuentes == ["003", "003", "002", "000"]
    citados = {c for f in FILAS[A2] for c in f["origen"].split(";")}
    assert citados == {f["codigo"] for f in FILAS[A1]}


def test_solo_lo_que_se_sostiene_cita_la_matriz_construida():
    assert {f["codigo"]: f["origen"] for f in FILAS[B1] if f["origen"]} == ORIGENES


@pytest.mark.parametrize("esquema", (A1, A2))
def test_lo_construido_vale_sin_excepciones(catalogo, esquema):
    assert validar(catalogo, esquema, []).errores == ()


def test_toda_problematica_atingente_tiene_respuesta(catalogo):
    assert "problematica-sin-respuesta" not in {p.codigo for p in validar(catalogo, B1, REGISTRADAS[B1]).problemas}


# --- las excepciones ------------------------------------------------------------------------------


@CON_EXCEPCIONES
def test_con_excepciones_vale_y_ninguna_sobra(catalogo, esquema):
    resultado = validar(catalogo, esquema, REGISTRADAS[esquema])
    assert resultado.valido and resultado.leidas == len(FILAS[esquema])
    assert {"excepcion-sin-uso", "objetivo-sin-instrumento"}.isdisjoint(p.codigo for p in resultado.problemas)


@CON_EXCEPCIONES
def test_las_excepciones_cumplen_su_propio_formato(catalogo, esquema):
    libro = leer_archivo(EXCEPCIONES[esquema].read_bytes(), EXCEPCIONES[esquema].name)
    assert validar_libro(catalogo, catalogo.esquemas["excepciones"], libro, Contexto()).problemas == ()


@CON_EXCEPCIONES
def test_sin_excepciones_falla_justo_lo_registrado(catalogo, esquema):
    errores = lugares(esquema, validar(catalogo, esquema, []).errores)
    assert errores == {(e["fila"], e["campo"], e["regla"]) for e in REGISTRADAS[esquema]}


@pytest.mark.parametrize(("esquema", "quitada"), TODAS, ids=["-".join(list(REGISTRADAS[e][n].values())[:3]) for e, n in TODAS])
def test_sin_una_excepcion_falla_su_fila_y_solo_ella(catalogo, esquema, quitada):
    resto = [e for n, e in enumerate(REGISTRADAS[esquema]) if n != quitada]
    esta = REGISTRADAS[esquema][quitada]
    assert lugares(esquema, validar(catalogo, esquema, resto).errores) == {(esta["fila"], esta["campo"], esta["regla"])}


# --- la página ------------------------------------------------------------------------------------


def test_la_pagina_muestra_las_cuatro_matrices(catalogo):
    texto = (CARPETA / "index.md").read_text(encoding="utf-8")
    puesta = insertar_tablas(texto, lambda ruta: (CARPETA / ruta).read_bytes(), catalogo)
    assert "<!--" not in puesta and "**Total**" not in puesta
    for esquema in CADENA:
        assert all(f"\n| {f['codigo']} | " in puesta for f in FILAS[esquema])
        assert f"]({esquema}.csv)" in puesta
    assert "iniciativas cooperativas | Perfil de clientes | No consta | Proyectos | Por definir |" in puesta
    assert (
        "| FOC-01 | OBJ-01 | IGEs | Talleres de Planificación a disposición del GORE | No consta | 200 | No consta | " in puesta
    )
    assert "no son del piloto" in puesta
    for codigo, origen in ORIGENES.items():
        assert re.search(rf"^- {codigo}, .* cita {origen.replace(';', ' y ')}: ", puesta, re.M)


# --- de punta a punta -----------------------------------------------------------------------------


def mandar(base, *orden, sale=0):
    hecho = CliRunner().invoke(focaliza, [str(o) for o in orden], env={"FOCALIZA_BASE_DE_DATOS": f"sqlite:///{base}"})
    assert hecho.exit_code == sale, hecho.output
    return hecho.output


DE_2019 = ("--region", "06", "--ejercicio", "2019")


@pytest.fixture(scope="module")
def cadena(tmp_path_factory):
    """La base con las cuatro matrices, importadas en orden y sin --con: las referidas salen de la base."""
    carpeta = tmp_path_factory.mktemp("ohiggins")
    base = carpeta / "base.db"
    for esquema in CADENA:
        excepciones = ("--excepciones", EXCEPCIONES[esquema]) if esquema in EXCEPCIONES else ()
        dicho = mandar(base, "importar", esquema, CARPETA / f"{esquema}.csv", *excepciones, *DE_2019)
        assert "sin errores" in dicho and re.search(r"^Folio 2019-06-", dicho, re.M)
        assert "No se revisaron las referencias" not in dicho
        mandar(base, "exportar", esquema, "--salida", carpeta / f"{esquema}.zip", *DE_2019)
    return carpeta


@pytest.mark.parametrize("esquema", CADENA)
def test_el_paquete_lleva_lo_importado_celda_por_celda(cadena, esquema):
    with zipfile.ZipFile(cadena / f"{esquema}.zip") as paquete:
        salida = leer_csv(paquete.read(f"{esquema}.csv"))
    assert [{c: v for c, v in f.items() if c not in DE_ENVIO} for f in salida] == FILAS[esquema]
    assert {(f["region"], f["ejercicio"], f["estado"]) for f in salida} == {("06", "2019", "vigente")}


@pytest.mark.parametrize("esquema", CADENA)
def test_frictionless_aprueba_el_paquete(cadena, esquema):
    hecho = frictionless(cadena, f"{esquema}.zip")
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    assert "INVALID" not in hecho.stdout and "VALID" in hecho.stdout


def test_frictionless_reprueba_un_objetivo_que_no_existe(cadena, tmp_path):
    """Para saber que la aprobación anterior significa algo: el paquete lleva la B.1, y el enlace la cita."""
    with zipfile.ZipFile(cadena / f"{B2}.zip") as bueno, zipfile.ZipFile(tmp_path / "malo.zip", "w") as malo:
        for nombre in bueno.namelist():
            datos = bueno.read(nombre)
            malo.writestr(nombre, datos.replace(b"OBJ-09", b"OBJ-99") if nombre.startswith("enlace-") else datos)
    assert frictionless(tmp_path, "malo.zip").returncode != 0


def frictionless(carpeta, archivo):
    orden = [Path(sys.executable).with_name("frictionless"), "validate", archivo]
    return subprocess.run(orden, cwd=carpeta, capture_output=True, text=True, timeout=120)


@pytest.mark.parametrize(
    ("esquema", "dice", "por", "codigo"),
    [
        (A2, "DOC-03", "DOC-77", "referencia-inexistente"),
        (B1, "PRO-02", "PRO-77", "referencia-inexistente"),
        (B1, "PRO-02", "POT-02", "desafio-cita-problematica"),
        (B2, "OBJ-09", "OBJ-77", "referencia-inexistente"),
        (B2, "OBJ-09", "DES-09", "referencia-de-otro-tipo"),
    ],
)
def test_un_eslabon_roto_no_entra(cadena, tmp_path, esquema, dice, por, codigo):
    texto = (CARPETA / f"{esquema}.csv").read_text(encoding="utf-8")
    assert dice in texto
    (tmp_path / "roto.csv").write_text(texto.replace(dice, por), encoding="utf-8", newline="")
    assert f"[{codigo};" in mandar(cadena / "base.db", "importar", esquema, tmp_path / "roto.csv", *DE_2019, sale=1)
