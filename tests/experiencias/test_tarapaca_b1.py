"""La matriz B.1 del piloto de Tarapacá de 2019, cuyas columnas mezcló la lectura del documento.

De la fuente 001 solo hay un control, cinco oportunidades. Los otros dos números son los de nuestra lectura.
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

CARPETA = Path(__file__).resolve().parents[2] / "sitio" / "experiencias" / "tarapaca-2019"
B1 = "desafios-oportunidades-objetivos"
MATRIZ = CARPETA / f"{B1}.csv"
EXCEPCIONES = CARPETA / f"excepciones-{B1}.csv"
CALLADOS = ("origen", "origen_a1", "desafios", "prioridad")
DE_ENVIO = ("folio", "region", "ejercicio", "version_esquema", "estado", "presentado")


def leer_csv(datos):
    return list(csv.DictReader(io.StringIO(datos.decode("utf-8"), newline="")))


FILAS = leer_csv(MATRIZ.read_bytes())
REGISTRADAS = leer_csv(EXCEPCIONES.read_bytes())


@pytest.fixture(scope="module")
def catalogo():
    return cargar()


def validar(catalogo, excepciones):
    contexto = Contexto(region="01", ejercicio=2019, excepciones=excepciones)
    return validar_libro(catalogo, catalogo.esquemas[B1], leer_archivo(MATRIZ.read_bytes(), MATRIZ.name), contexto)


def lugares(problemas):
    return {(FILAS[p.indice]["codigo"], p.campo, str(p.codigo)) for p in problemas}


# --- la transcripción -----------------------------------------------------------------------------


def test_cinco_oportunidades_y_lo_que_quedo_de_las_otras_columnas():
    codigos = [f"OPO-{n:02}" for n in range(1, 6)] + [f"DES-{n:02}" for n in range(1, 12)] + [f"OBJ-{n:02}" for n in range(1, 9)]
    assert [f["codigo"] for f in FILAS] == codigos
    assert Counter(f["tipo"] for f in FILAS) == {"oportunidad": 5, "desafio": 11, "objetivo": 8}


def test_las_oportunidades_son_las_unicas_que_no_empiezan_por_un_verbo():
    sin_verbo = {f["codigo"] for f in FILAS if not re.match(r"\w+[aei]r ", f["enunciado"])}
    assert sin_verbo == {f["codigo"] for f in FILAS if f["tipo"] == "oportunidad"}


def test_los_objetivos_sueltos_son_los_que_nombra_la_focalizacion():
    """OBJ-06 a OBJ-08 quedaron fuera de las columnas: su tipo se deduce de la tabla de focalización."""
    objetivos = [f["enunciado"] for f in FILAS if f["tipo"] == "objetivo"][5:]
    orientacion = (CARPETA / "focalizacion.csv").read_text(encoding="utf-8")
    nombrados = (
        "desarrollo empresarial en zonas rurales y borde costero",
        "diversificación de la oferta turística",
        "encadenamiento de",
    )
    assert all(n in orientacion and n in o for n, o in zip(nombrados, objetivos, strict=True))


def test_lo_que_se_repite_y_lo_que_se_completo():
    enunciados = {f["codigo"]: f["enunciado"] for f in FILAS}
    assert enunciados["DES-07"] == enunciados["OBJ-03"] == "Propiciar una cultura de innovación y sustentabilidad."
    assert len(set(enunciados.values())) == 23
    assert enunciados["DES-03"].endswith("de la región.") and enunciados["DES-09"].endswith("y promoción.")
    assert enunciados["DES-02"].endswith("de el Tamarugal.")


def test_no_se_inventa_lo_que_la_fuente_no_dice():
    assert not any(f[c] for f in FILAS for c in CALLADOS)


# --- las excepciones ------------------------------------------------------------------------------


def test_con_excepciones_vale_y_ninguna_sobra(catalogo):
    resultado = validar(catalogo, REGISTRADAS)
    assert resultado.valido and resultado.leidas == 24
    assert "excepcion-sin-uso" not in {p.codigo for p in resultado.problemas}


def test_las_excepciones_cumplen_su_propio_formato(catalogo):
    libro = leer_archivo(EXCEPCIONES.read_bytes(), EXCEPCIONES.name)
    assert validar_libro(catalogo, catalogo.esquemas["excepciones"], libro, Contexto()).problemas == ()


def test_sin_excepciones_fallan_todas_las_filas(catalogo):
    errores = lugares(validar(catalogo, []).errores)
    assert errores == {(e["fila"], e["campo"], e["regla"]) for e in REGISTRADAS}
    assert {fila for fila, _, _ in errores} == {f["codigo"] for f in FILAS}


@pytest.mark.parametrize("quitada", range(len(REGISTRADAS)), ids=lambda n: "-".join(list(REGISTRADAS[n].values())[:3]))
def test_sin_una_excepcion_falla_su_fila_y_solo_ella(catalogo, quitada):
    resto = [e for n, e in enumerate(REGISTRADAS) if n != quitada]
    esta = REGISTRADAS[quitada]
    assert lugares(validar(catalogo, resto).errores) == {(esta["fila"], esta["campo"], esta["regla"])}


# --- la página ------------------------------------------------------------------------------------


def test_la_pagina_muestra_cada_fila(catalogo):
    texto = (CARPETA / "index.md").read_text(encoding="utf-8")
    puesta = insertar_tablas(texto, lambda ruta: (CARPETA / ruta).read_bytes(), catalogo)
    assert "<!--" not in puesta and "{#b-1}" in puesta
    assert all(f"\n| {f['codigo']} | " in puesta and f"| {f['enunciado']} |" in puesta for f in FILAS)
    assert f"]({MATRIZ.name})" in puesta and f"]({EXCEPCIONES.name})" in puesta


# --- de punta a punta -----------------------------------------------------------------------------


def mandar(base, *orden):
    hecho = CliRunner().invoke(focaliza, [str(o) for o in orden], env={"FOCALIZA_BASE_DE_DATOS": f"sqlite:///{base}"})
    assert hecho.exit_code == 0, hecho.output


def test_entra_sale_y_frictionless_aprueba_el_paquete(tmp_path):
    base, de_2019 = tmp_path / "base.db", ("--region", "01", "--ejercicio", "2019")
    mandar(base, "importar", B1, MATRIZ, "--excepciones", EXCEPCIONES, *de_2019)
    mandar(base, "exportar", B1, "--salida", tmp_path / "x.zip", *de_2019)
    with zipfile.ZipFile(tmp_path / "x.zip") as paquete:
        salida = leer_csv(paquete.read(f"{B1}.csv"))
    assert [{c: v for c, v in f.items() if c not in DE_ENVIO} for f in salida] == FILAS
    orden = [Path(sys.executable).with_name("frictionless"), "validate", "x.zip"]
    hecho = subprocess.run(orden, cwd=tmp_path, capture_output=True, text=True, timeout=120)
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    assert "INVALID" not in hecho.stdout
