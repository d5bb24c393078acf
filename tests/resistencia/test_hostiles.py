"""Los archivos hechos para hacer daño se rechazan con su razón, y lo que los contiene son límites, no el reloj de la prueba.

Cuánto tarda cada uno se mide a mano (`hostiles.escribir_en`): aquí se prueba que el proceso que abre planillas tiene topes
de procesador y de memoria, que quien lo espera también, y que al pasarlos la persona recibe un mensaje.
"""

import json
import re
import subprocess
from pathlib import Path

import pytest

from esquemas.errores import ArchivoIlegible, Codigo
from formularios import lector
from formularios.lector import leer_archivo
from tests.resistencia.corpus import CASOS, Caso
from tests.resistencia.hostiles import AJENOS, HOSTILES, MEGA, PROPIOS, escribir_en
from tests.resistencia.test_entrada_mala import comprobar
from tests.servicios.orden import correr

TITULO_DE_UN_MEGA = next(c for c in PROPIOS if c.nombre == "encabezado-de-un-mega.csv")
PLANILLA = next(c for c in PROPIOS if c.nombre == "sin-hojas.xlsx")


def test_hay_mas_de_sesenta_y_todos_se_rechazan(tmp_path: Path) -> None:
    nombres = [c.nombre for c in HOSTILES]
    assert len(HOSTILES) >= 60
    assert len(set(nombres)) == len(nombres)
    assert {c.nombre for c in CASOS} >= AJENOS, "lo que se toma de `corpus` sigue ahí, y allá se prueba"
    assert all(c.salida for c in HOSTILES), "ninguno se acepta"
    escribir_en(tmp_path)
    assert len(list(tmp_path.iterdir())) == len(HOSTILES)
    assert all(r.stat().st_size < 7 * MEGA for r in tmp_path.iterdir() if not r.name.startswith("giga")), "son pequeños"


@pytest.mark.parametrize("caso", PROPIOS, ids=lambda c: c.nombre)
def test_un_archivo_hostil_se_rechaza_claro(caso: Caso, tmp_path: Path) -> None:
    archivo = tmp_path / caso.nombre
    caso.escribir(archivo)
    salida = correr("validar", caso.esquema, archivo, "--json")
    comprobar(caso, salida)
    assert not re.search(r"root:|/bin/|daemon:", salida.texto), "nada ajeno en la respuesta"
    if caso is not TITULO_DE_UN_MEGA:
        assert all(len(p["mensaje"]) < 3_000 for p in salida.problemas()), "un mensaje cabe en una pantalla"
    assert sorted(tmp_path.iterdir()) == [archivo], "leer no deja nada en el disco"


def test_el_mensaje_no_repite_un_titulo_de_un_mega(tmp_path: Path) -> None:
    TITULO_DE_UN_MEGA.escribir(tmp_path / "a.csv")
    salida = correr("validar", TITULO_DE_UN_MEGA.esquema, tmp_path / "a.csv", "--json")
    assert all(len(p["mensaje"]) < 3_000 for p in salida.problemas())


# --- los límites existen ------------------------------------------------------------------------------------


def _en_el_hijo(monkeypatch: pytest.MonkeyPatch, codigo: str) -> None:
    """El hijo de verdad, con sus topes puestos, hace `codigo` en vez de leer."""
    arranque = "import json, resource, sys; sys.path.insert(0, sys.argv[1]); from formularios import lector\n"
    monkeypatch.setattr(lector, "_ARRANQUE", arranque + codigo + "\nlector.atender()")


def _leer(tmp_path: Path) -> lector.Libro:
    PLANILLA.escribir(tmp_path / "a.xlsx")
    return leer_archivo((tmp_path / "a.xlsx").read_bytes(), "a.xlsx")


def test_el_hijo_corre_con_topes(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    cuales = ("RLIMIT_CPU", "RLIMIT_AS", "RLIMIT_FSIZE", "RLIMIT_CORE")
    topes = "{" + ",".join(f"'{c}': resource.getrlimit(resource.{c})" for c in cuales) + "}"
    libro = f"{{'hojas': [], 'plantilla': None, 'region': json.dumps({topes}), 'ejercicio': ''}}"
    _en_el_hijo(monkeypatch, f"lector.responder = lambda d, t: json.dumps({libro})")
    puestos = json.loads(_leer(tmp_path).region)
    for cual, tope in zip(cuales, (lector.PROCESADOR, lector.MEMORIA, 0, 0), strict=True):
        blando, duro = puestos[cual]
        assert 0 <= blando <= tope, f"{cual}: {puestos[cual]}"
        assert duro == blando, "el hijo no lo puede subir"


@pytest.mark.parametrize("codigo", ["while True: pass", "[0] * 10**9", "sys.setrecursionlimit(10**9); f = lambda: f(); f()"])
def test_quien_pasa_un_tope_muere_y_se_dice(codigo: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Con un segundo de procesador en vez de diez, para no gastarlos. Lo corta el núcleo, no un cronómetro."""
    cuerpo = f"lector.PROCESADOR = 1\ndef responder(d, t):\n    {codigo}\nlector.responder = responder"
    _en_el_hijo(monkeypatch, cuerpo)
    with pytest.raises(ArchivoIlegible) as error:
        _leer(tmp_path)
    assert error.value.problema.codigo is Codigo.ARCHIVO_SOSPECHOSO
    assert "CSV UTF-8" in error.value.problema.mensaje


def test_quien_espera_tambien_tiene_un_tope(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    pedidos = {}

    def anotar(orden: list[str], **opciones: object) -> None:
        pedidos.update(opciones)
        raise subprocess.TimeoutExpired(orden, 0)

    monkeypatch.setattr(lector.subprocess, "run", anotar)
    with pytest.raises(ArchivoIlegible):
        _leer(tmp_path)
    assert pedidos["timeout"] == lector.ESPERA
    assert lector.PROCESADOR < lector.ESPERA < 60
    assert (pedidos["start_new_session"], pedidos["env"]) == (True, {})


@pytest.mark.parametrize("caso", [c for c in PROPIOS if c.nombre.endswith((".xlsx", ".ods"))], ids=lambda c: c.nombre)
def test_ninguna_planilla_se_abre_en_este_proceso(caso: Caso, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """O se rechaza mirando el zip, o la abre el hijo con sus topes: aquí no se interpreta ni un XML."""
    abiertas = []
    monkeypatch.setattr(lector, "leer_libro", lambda *_: abiertas.append(1))
    caso.escribir(tmp_path / caso.nombre)
    monkeypatch.setattr(lector, "_ARRANQUE", "raise SystemExit(1)")
    with pytest.raises(ArchivoIlegible):
        leer_archivo((tmp_path / caso.nombre).read_bytes(), caso.nombre)
    assert abiertas == []
