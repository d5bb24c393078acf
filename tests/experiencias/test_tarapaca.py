"""El piloto de Tarapacá de 2019, de la fuente al CSV exportado: sus controles, sus excepciones y el camino completo.

Los números de control están escritos aquí a mano porque son los de la fuente 001; nada los calcula.
"""

import csv
import hashlib
import io
import re
import subprocess
import sys
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
FOCALIZACION = CARPETA / "focalizacion.csv"
EXCEPCIONES = CARPETA / "excepciones.csv"
PRESUPUESTO = 1_252_784_000
COBERTURA_DECLARADA, COBERTURA_CON_DATO, COBERTURA_PERDIDA = 1_421, 947, 474
INSTRUMENTOS = [
    *("emprende", "juntos", "redes", "promocion", "digitaliza"),
    *("crece", "mejora-negocios", "formacion", "ferias-libres", "gremios"),
]
DE_ENVIO = ("folio", "region", "ejercicio", "version_esquema", "estado", "presentado")


def leer_csv(datos):
    return list(csv.DictReader(io.StringIO(datos.decode("utf-8"), newline="")))


FILAS = leer_csv(FOCALIZACION.read_bytes())
REGISTRADAS = leer_csv(EXCEPCIONES.read_bytes())


@pytest.fixture(scope="module")
def catalogo():
    return cargar()


def validar(catalogo, excepciones):
    libro = leer_archivo(FOCALIZACION.read_bytes(), FOCALIZACION.name)
    contexto = Contexto(region="01", ejercicio=2019, excepciones=excepciones)
    return validar_libro(catalogo, catalogo.esquemas["focalizacion"], libro, contexto)


def lugares(problemas):
    return {(FILAS[p.indice]["codigo"], p.campo, str(p.codigo)) for p in problemas}


# --- la transcripción -----------------------------------------------------------------------------


def test_diez_filas_en_el_orden_de_la_fuente():
    assert [f["codigo"] for f in FILAS] == [f"T-{n:02}" for n in range(1, 11)]
    assert [f["instrumento"] for f in FILAS] == INSTRUMENTOS


def test_el_presupuesto_suma_lo_que_declara_la_fuente():
    assert sum(int(f["presupuesto"]) for f in FILAS) == PRESUPUESTO


def test_las_coberturas_perdidas_quedan_vacias():
    con_dato = {f["instrumento"]: int(f["cobertura"]) for f in FILAS if f["cobertura"]}
    assert set(INSTRUMENTOS) - con_dato.keys() == {"juntos", "formacion", "gremios"}
    assert sum(con_dato.values()) == COBERTURA_CON_DATO == COBERTURA_DECLARADA - COBERTURA_PERDIDA


def test_el_reparto_deducido_de_almacenes_y_crece():
    por_instrumento = {f["instrumento"]: (f["compromiso"], f["presupuesto"], f["cobertura"]) for f in FILAS}
    assert por_instrumento["digitaliza"] == ("otras", "61230000", "25")
    assert por_instrumento["crece"] == ("pyme-digital", "523429000", "74")


def test_no_se_inventa_lo_que_la_fuente_no_dice():
    callados = ("accion", "descripcion", "perfil", "perfil_detalle", "territorio", "comunas", "rubro", "rubro_detalle", "fuente")
    assert not any(f[c] for f in FILAS for c in (*callados, "objetivos", "desafios_oportunidades"))
    assert FILAS[-1]["orientacion"].endswith(" 7.-")
    unidades = {f["instrumento"] for f in FILAS if f["unidad_cobertura"]}
    assert unidades == {"emprende", "digitaliza", "crece", "mejora-negocios"}


# --- las excepciones ------------------------------------------------------------------------------


def test_con_excepciones_vale_y_ninguna_sobra(catalogo):
    resultado = validar(catalogo, REGISTRADAS)
    assert resultado.valido and resultado.leidas == 10
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


def test_saltan_los_tres_topes_y_son_alertas(catalogo):
    sobre_tope = [p for p in validar(catalogo, REGISTRADAS).problemas if p.codigo == "presupuesto-sobre-tope"]
    assert {FILAS[p.indice]["instrumento"] for p in sobre_tope} == {"emprende", "crece", "digitaliza"}
    assert not any(p.es_error for p in sobre_tope)


# --- la página ------------------------------------------------------------------------------------


def test_la_pagina_no_lleva_cifras_a_mano_y_las_muestra(catalogo):
    texto = (CARPETA / "index.md").read_text(encoding="utf-8")
    assert not re.search(r"\d\.\d{3}|\b(947|474)\b", texto)
    puesta = insertar_tablas(texto, lambda ruta: (CARPETA / ruta).read_bytes(), catalogo)
    assert "<!--" not in puesta
    assert puesta.count("$1.252.784.000") == 3  # el total de la tabla y las dos veces del control
    assert "Faltan 474. El dato no consta en 3 filas (T-02, T-08, T-10)." in puesta
    assert "| T-02 | Juntos | Sin focalización | $84.389.000 | No consta | Otras |" in puesta


# --- de punta a punta -----------------------------------------------------------------------------


def mandar(base, *orden):
    hecho = CliRunner().invoke(focaliza, [str(o) for o in orden], env={"FOCALIZA_BASE_DE_DATOS": f"sqlite:///{base}"})
    assert hecho.exit_code == 0, hecho.output
    return hecho.output


@pytest.fixture(scope="module")
def exportado(tmp_path_factory):
    """La carpeta con x.csv y x.schema.json, y la huella que dio `importar`."""
    carpeta = tmp_path_factory.mktemp("tarapaca")
    base, de_2019 = carpeta / "base.db", ("--region", "01", "--ejercicio", "2019")
    dicho = mandar(base, "importar", "focalizacion", FOCALIZACION, "--excepciones", EXCEPCIONES, *de_2019)
    mandar(base, "exportar", "focalizacion", "--salida", carpeta / "x.csv", *de_2019)
    return carpeta, re.search(r"\b[0-9a-f]{64}\b", dicho)[0]


def test_lo_exportado_es_lo_importado_celda_por_celda(exportado):
    carpeta, _ = exportado
    salida = leer_csv((carpeta / "x.csv").read_bytes())
    assert [{c: v for c, v in f.items() if c not in DE_ENVIO} for f in salida] == FILAS
    assert sum(int(f["presupuesto"]) for f in salida) == PRESUPUESTO
    assert tuple(salida[0])[-len(DE_ENVIO) :] == DE_ENVIO
    assert {(f["region"], f["ejercicio"], f["estado"]) for f in salida} == {("01", "2019", "vigente")}
    assert len({f["folio"] for f in salida}) == 1 and salida[0]["folio"].startswith("2019-01-")


def test_frictionless_aprueba_lo_exportado(exportado):
    carpeta, _ = exportado
    orden = [Path(sys.executable).with_name("frictionless"), "validate", "x.csv", "--schema", "x.schema.json"]
    hecho = subprocess.run(orden, cwd=carpeta, capture_output=True, text=True, timeout=120)
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    assert "INVALID" not in hecho.stdout


def test_frictionless_reprueba_un_monto_estropeado(exportado, tmp_path):
    """Para saber que la aprobación anterior significa algo."""
    carpeta, _ = exportado
    estropeado = (carpeta / "x.csv").read_text(encoding="utf-8").replace("311345000", "muchos")
    (tmp_path / "x.csv").write_text(estropeado, encoding="utf-8")
    (tmp_path / "x.schema.json").write_bytes((carpeta / "x.schema.json").read_bytes())
    orden = [Path(sys.executable).with_name("frictionless"), "validate", "x.csv", "--schema", "x.schema.json"]
    assert subprocess.run(orden, cwd=tmp_path, capture_output=True, timeout=120).returncode != 0


def test_cualquiera_recalcula_la_huella(exportado):
    carpeta, huella = exportado
    salida = leer_csv((carpeta / "x.csv").read_bytes())
    propias = [c for c in salida[0] if c not in DE_ENVIO]
    texto = io.StringIO(newline="")
    escritor = csv.writer(texto, lineterminator="\r\n")
    escritor.writerows([propias, *([f[c] for c in propias] for f in salida)])
    assert hashlib.sha256(texto.getvalue().encode()).hexdigest() == huella
    assert hashlib.sha256(FOCALIZACION.read_bytes()).hexdigest() == huella  # el CSV publicado ya es canónico
