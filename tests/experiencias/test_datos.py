"""Lo que se exige a todos los CSV publicados con su esquema: valen, lo exceptuado es lo justo, y entran y salen iguales."""

import csv
import hashlib
import io
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from formularios.lector import leer_archivo
from tests.experiencias import piloto
from tests.experiencias.piloto import CASOS, DE_ENVIO, exceptuado, frictionless_validate, leer_csv

CADA_CASO = pytest.mark.parametrize("caso", CASOS.values(), ids=CASOS)
EXCEPTUADOS = {nombre: caso for nombre, caso in CASOS.items() if caso.excepciones}
CADA_EXCEPTUADO = pytest.mark.parametrize("caso", EXCEPTUADOS.values(), ids=EXCEPTUADOS)

# Lo que se avisa además de lo exceptuado: lo que a la fuente le falta sin incumplir el formato. Los demás no avisan nada.
SIN_REVISAR = ("", "referencia-sin-revisar")  # la matriz citada, o el presupuesto, no es de ese piloto
SIN_GRUPOS = ("SES-01", "primera-sesion-sin-grupos")
AVISOS = {
    "tarapaca-2019/desafios-oportunidades-objetivos.csv": [SIN_REVISAR],
    "tarapaca-2019/focalizacion.csv": [
        *[("", "objetivo-sin-instrumento")] * 8,  # la focalización del piloto no cita los códigos de su B.1
        SIN_REVISAR,
        *((fila, "presupuesto-sobre-tope") for fila in ("T-01", "T-05", "T-06")),
    ],
    "tarapaca-2019/registro-sesion.csv": [SIN_GRUPOS],
    "valparaiso-2019/desafios-oportunidades-objetivos.csv": [SIN_REVISAR],
    "valparaiso-2019/registro-sesion.csv": [SIN_GRUPOS, ("INT-01", "sesion-sin-contenido")],
    "ohiggins-2019/potencialidades-problematicas.csv": [
        *(("PRO-02", "problematica-sin-causas"), ("PRO-02", "problematica-sin-efectos")),
        *(("PRO-03", "problematica-sin-efectos"), ("PRO-05", "problematica-sin-causas")),
        *((fila, "problematica-sin-efectos") for fila in ("PRO-05", "PRO-06", "PRO-07")),
        *((f"PRO-{n}", f"problematica-sin-{que}") for n in ("08", "09", "10") for que in ("causas", "efectos")),
    ],
    "ohiggins-2019/focalizacion.csv": [SIN_REVISAR],
    "ohiggins-2019/registro-sesion.csv": [SIN_GRUPOS, ("INT-01", "sesion-sin-contenido"), ("INT-02", "sesion-sin-contenido")],
    "003-plan-cluster/plan-cluster-vitivinicola.csv": [("VIT-3.6-01", "actividad-sin-plazo")],
    "003-plan-cluster/plan-cluster-fruticola.csv": [("FRU-3.4-01", "actividad-sin-apoyo")],
    "004-valles-crucenos/plan-operativo-resultados.csv": [("RES-v", "resultado-sin-meta")],
}


def test_ningun_csv_publicado_queda_sin_probar():
    """Es un caso, las excepciones de un caso, o trae al lado su propia descripción (y entonces su prueba)."""
    publicados = {r for raiz in (piloto.EXPERIENCIAS, piloto.BIBLIOTECA) for r in raiz.rglob("*.csv")}
    descritos = {r for r in publicados if r.with_suffix(".schema.json").exists()}
    assert publicados - descritos == {r for c in CASOS.values() for r in (c.archivo, c.excepciones) if r}
    assert [r.name for r in descritos] == ["barrios-comunas.csv"]
    assert AVISOS.keys() <= CASOS.keys()


# --- valen ------------------------------------------------------------------------------------------


def avisos(caso, resultado):
    registradas = {exceptuado(e) for e in caso.registradas}
    return [(fila, regla) for fila, campo, regla in caso.lugares(resultado.problemas) if (fila, campo, regla) not in registradas]


@CADA_CASO
def test_vale_con_sus_excepciones_y_solo_avisa_lo_que_falta_en_la_fuente(caso):
    """Una excepción ociosa sería un aviso más."""
    resultado = caso.validar(caso.registradas)
    assert resultado.errores == () and resultado.leidas == len(caso.filas) > 0
    assert avisos(caso, resultado) == AVISOS.get(caso.nombre, [])


@CADA_CASO
def test_vale_suelto_y_de_sus_filas_avisa_lo_mismo(caso):
    resultado = caso.validar_suelto()
    assert resultado.errores == ()
    assert [a for a in avisos(caso, resultado) if a[0]] == [a for a in AVISOS.get(caso.nombre, []) if a[0]]


# --- las excepciones --------------------------------------------------------------------------------


@CADA_EXCEPTUADO
def test_las_excepciones_cumplen_su_propio_formato(caso):
    libro = leer_archivo(caso.excepciones.read_bytes(), caso.excepciones.name)
    assert piloto.validar("excepciones", libro).problemas == ()


@CADA_EXCEPTUADO
def test_sin_excepciones_falla_justo_lo_registrado(caso):
    assert sorted(caso.lugares(caso.validar([]).errores)) == sorted(map(exceptuado, caso.registradas))


@CADA_EXCEPTUADO
def test_quitada_una_excepcion_falla_su_fila_y_solo_ella(caso):
    def fallan_sin(quitada):
        return caso.lugares(caso.validar([e for e in caso.registradas if e is not quitada]).errores)

    assert [fallan_sin(e) for e in caso.registradas] == [[exceptuado(e)] for e in caso.registradas]


# --- de punta a punta -------------------------------------------------------------------------------


@CADA_CASO
def test_lo_exportado_es_lo_importado_celda_por_celda_y_cualquiera_recalcula_la_huella(caso, viaje):
    hecho = viaje(caso.carpeta.name)
    importado = hecho.importados[caso.nombre]
    assert importado.codigo == 0 and "sin errores" in importado.texto, importado.texto
    folio, huella = re.search(r"^Folio (\S+)  huella ([0-9a-f]{64})$", importado.texto, re.M).groups()
    assert folio.startswith(f"{caso.ejercicio}-{caso.region}-")

    datos = (hecho.destino / caso.archivo.name).read_bytes()
    salida = leer_csv(datos)
    propias = [c for c in salida[0] if c not in DE_ENVIO]
    assert (*propias, *DE_ENVIO) == tuple(salida[0])
    assert [{c: f[c] for c in propias} for f in salida] == caso.filas
    de_envio = {(f["folio"], f["region"], f["ejercicio"], f["estado"]) for f in salida}
    assert de_envio == {(folio, caso.region, str(caso.ejercicio), "vigente")}
    with zipfile.ZipFile(hecho.destino / f"{caso.archivo.stem}.zip") as paquete:
        assert paquete.read(f"{caso.esquema}.csv") == datos

    texto = io.StringIO(newline="")
    csv.writer(texto, lineterminator="\r\n").writerows([propias, *([f[c] for c in propias] for f in salida)])
    assert hashlib.sha256(texto.getvalue().encode()).hexdigest() == huella
    assert hashlib.sha256(caso.archivo.read_bytes()).hexdigest() == huella  # el CSV publicado ya es canónico


@CADA_CASO
def test_frictionless_aprueba_lo_exportado(caso, viaje):
    destino, nombre = viaje(caso.carpeta.name).destino, caso.archivo.stem
    for argumentos in ((f"{nombre}.csv", "--schema", f"{nombre}.schema.json"), (f"{nombre}.zip",)):
        hecho = frictionless_validate(destino, *argumentos)
        assert hecho.exit_code == 0, hecho.output
        assert "INVALID" not in hecho.output and "VALID" in hecho.output


def test_el_programa_frictionless_dice_lo_mismo_en_un_proceso_propio(viaje):
    orden = [Path(sys.executable).with_name("frictionless"), "validate", "focalizacion.zip"]
    hecho = subprocess.run(orden, cwd=viaje("ohiggins-2019").destino, capture_output=True, text=True, timeout=120)
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    assert "INVALID" not in hecho.stdout and "VALID" in hecho.stdout
