"""Lo que ya mordió a otros: cada caso que el proyecto se propuso no repetir, y la prueba que lo cuida.

`CASOS` dice dónde está cada una; si alguien la borra o le cambia el nombre, esto falla. Aquí solo se escriben las que no tenían
casa: las que cruzan varias partes.
"""

import ast
import io
import os
import subprocess
import sys
import zoneinfo
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import version
from pathlib import Path

import pytest

from esquemas.coherencia import ejemplos_de
from esquemas.validacion import Contexto, validar_filas
from formularios.accesos import contar_intento
from formularios.almacen import Almacen
from formularios.cascara import Cascara
from formularios.envio import EnvioRechazado
from formularios.exportacion import exportar_csv
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, leer_matriz
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import vigente_de
from tests.formularios.camino import subir
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_web_expediente import FIRMANTE, app, gore, reloj
from tests.resistencia.corpus import CATALOGO, csv, tabla
from tests.resistencia.test_region_mala import motor

# ruff: noqa: F401, F811

RAIZ = Path(__file__).resolve().parents[2]
ACTORES, A2 = CATALOGO.esquemas["catastro-actores"], CATALOGO.esquemas["potencialidades-problematicas"]
LUGAR = {"region": "06", "ejercicio": 2027}
QUIEN = {"autor": "usuario 1", "ahora_utc": AHORA}
AQUI = "resistencia/test_ya_mordio_a_otros.py"
REGION_MALA = "resistencia/test_region_mala.py"
RECEPCION, ALMACEN = "formularios/test_recepcion.py", "formularios/test_almacen.py"

CASOS = {
    "El defecto WAL-reset de SQLite: se mira la versión enlazada": [
        f"{ALMACEN}::test_modo_de_bitacora",
        f"{ALMACEN}::test_sqlite_queda_en_full_con_el_modo_de_su_version",
    ],
    "kill -9 no distingue FULL de NORMAL: cada confirmación espera al disco": [
        f"{ALMACEN}::test_sqlite_queda_en_full_con_el_modo_de_su_version",
        f"{ALMACEN}::test_postgres_espera_al_disco",
    ],
    "Con el disco lleno hay un 503, y el folio solo existe tras confirmar": [
        f"{ALMACEN}::test_disco_lleno",
        f"{RECEPCION}::test_disco_lleno_no_da_folio",
        "formularios/test_web_partes.py::test_con_el_disco_lleno_no_hay_folio_y_lo_escrito_vuelve",
        f"{AQUI}::test_con_el_disco_lleno_salud_responde_503_y_dice_la_causa",
    ],
    "El XLSX legal de 5 KB que aborta al lector, y la bomba zip": [
        "esquemas/test_libro.py::test_dice_que_celda_esta_lejos",
        "esquemas/test_libro.py::test_cadenas_repetidas",
        "esquemas/test_libro.py::test_comprobar_zip_no_infla",
        "resistencia/test_hostiles.py::test_el_hijo_corre_con_topes",
        "resistencia/test_hostiles.py::test_quien_pasa_un_tope_muere_y_se_dice",
        "resistencia/test_hostiles.py::test_ninguna_planilla_se_abre_en_este_proceso",
        f"{REGION_MALA}::test_un_archivo_malo_se_rechaza_con_su_razon_y_la_matriz_sigue_igual",
    ],
    "Los topes del lector, y el CSV en flujo sin tope por la orden": [
        "esquemas/test_tabla.py::test_topes_propios_y_en_el_borde",
        "formularios/test_lector.py::test_el_tope_del_padre_manda",
        "resistencia/test_entrada_mala.py::test_por_la_orden_un_csv_no_tiene_tope_de_filas",
    ],
    "Adivinar la codificación falla: regla fija": [
        "esquemas/test_tabla.py::test_cp1252_solo_si_no_es_utf8",
        "esquemas/test_tabla.py::test_utf16_de_los_dos_lados",
        "contrato/test_es_cl.py::test_utf16_sin_bom_se_rechaza_y_se_dice",
    ],
    "stdnum se cae con un salto de línea y acepta cifras anchas": ["esquemas/test_normalizacion.py::test_rut_se_rechaza"],
    "Horas que no existen o que ocurren dos veces, cuatro zonas y feriados de región": [
        "esquemas/test_plazos.py::test_huecos_y_dobleces",
        "esquemas/test_plazos.py::test_un_cierre_en_el_hueco_y_otro_en_el_doblez",
        "esquemas/test_plazos.py::test_en_zonas",
        "esquemas/test_plazos.py::test_las_zonas_del_proceso_son_las_del_codigo_y_cubren_las_regiones",
        "esquemas/test_plazos.py::test_solo_dos_regiones_tienen_feriado_propio",
        f"{AQUI}::test_la_hora_sale_de_la_tzdata_fijada_y_salud_dice_cual",
    ],
    "Presentado en día inhábil: dos tiempos por envío": [
        "esquemas/test_plazos.py::test_presentado_legal",
        "esquemas/test_plazos.py::test_lo_presentado_el_ultimo_sabado_llega_a_tiempo",
        f"{AQUI}::test_lo_que_la_region_entrega_un_sabado_se_presenta_el_lunes",
    ],
    "Se exporta lo rechazado": [
        "esquemas/test_respuesta_odk.py::test_lo_rechazado_no_entra_ni_sus_repetidos",
        f"{AQUI}::test_lo_rechazado_no_se_exporta",
    ],
    "Rechazo con la lista de errores vacía": [
        f"{RECEPCION}::test_un_rechazo_nunca_trae_la_lista_vacia",
        "esquemas/test_juez.py::test_un_rechazo_nunca_trae_la_lista_vacia",
        f"{AQUI}::test_un_rechazo_de_la_region_dice_al_menos_una_razon",
    ],
    "Filas tras una en blanco mal numeradas": [
        "esquemas/test_tabla.py::test_las_filas_tras_una_en_blanco_conservan_su_numero",
        "esquemas/test_columnas.py::test_la_celda_es_la_del_archivo_con_columnas_corridas_y_filas_en_blanco",
        f"{AQUI}::test_al_subir_a_la_matriz_la_celda_tras_una_fila_en_blanco_es_la_del_archivo",
    ],
    "«Deje en blanco» que luego se exige": [
        "formularios/test_instrucciones_al_pie_de_la_letra.py::test_cada_instruccion_obedecida_vale",
        "formularios/test_instrucciones_al_pie_de_la_letra.py::test_la_plantilla_llena_con_su_hoja_de_ejemplo_vale",
    ],
    "La CSP que no deja arrancar al buscador": [
        "formularios/test_web_partes.py::test_la_politica_del_sitio_permite_solo_lo_suyo",
    ],
    "WTForms descarta lo que sobra y renumera": [
        "formularios/test_web_encuesta.py::test_al_maximo_ya_no_se_ofrece_otra_y_las_de_mas_son_un_problema",
        "resistencia/test_encuesta_mala.py::test_una_fila_fantasma_no_desordena_ni_estorba",
    ],
    "El lector de correo «abre» el enlace antes que la persona": [
        "formularios/test_web_acceso.py::test_el_enlace_sirve_una_vez_y_el_get_no_lo_gasta",
        f"{RECEPCION}::test_el_enlace_canjeado_a_la_vez_entra_uno",
        "formularios/test_web_encuesta.py::test_se_retoma_en_otro_equipo_y_el_get_no_hace_nada",
    ],
    "__Host- solo con https, y sesiones que se pueden cerrar": [
        "formularios/test_web_acceso.py::test_las_cookies_son_seguras_con_https",
        "formularios/test_cuenta.py::test_salir_la_cierra_aunque_alguien_haya_copiado_la_cookie",
        "formularios/test_cuenta.py::test_la_sesion_vence_a_las_ocho_horas_y_a_las_dos_sin_uso",
    ],
    "CSV con =cmd": [
        "esquemas/test_tabla.py::test_inyeccion_de_formulas",
        "esquemas/test_tabla.py::test_neutralizar_no_toca_numeros_ni_telefonos",
        "esquemas/test_planilla.py::test_nada_es_formula",
        "esquemas/test_marcado.py::test_nada_es_formula",
    ],
    "El contador de intentos que cada proceso lleva por su cuenta": [
        f"{RECEPCION}::test_los_intentos_se_cuentan_entre_todos",
        f"{AQUI}::test_dos_procesos_cuentan_los_mismos_intentos",
    ],
    "Doble clic": [
        f"{RECEPCION}::test_doble_clic_a_la_vez_da_un_folio",
        "formularios/test_expediente.py::test_doble_clic_un_acto_y_quien_llega_tarde_lo_sabe",
        f"{REGION_MALA}::test_la_misma_fila_nueva_dos_veces_a_la_vez_es_una_fila",
    ],
}


@cache
def _pruebas_de(archivo: str) -> frozenset[str]:
    arbol = ast.parse((RAIZ / "tests" / archivo).read_text(encoding="utf-8"))
    return frozenset(n.name for n in arbol.body if isinstance(n, ast.FunctionDef) and n.name.startswith("test_"))


@pytest.mark.parametrize("caso", CASOS)
def test_cada_caso_tiene_quien_lo_cuide(caso):
    assert CASOS[caso]
    for lugar in CASOS[caso]:
        archivo, _, prueba = lugar.partition("::")
        assert prueba in _pruebas_de(archivo), f"«{caso}» se quedó sin {lugar}"


def test_lo_que_se_escribio_aqui_cuida_algun_caso():
    nombrados = {lugar.partition("::")[2] for lugares in CASOS.values() for lugar in lugares if lugar.startswith(AQUI)}
    assert nombrados <= _pruebas_de(AQUI) and len(nombrados) == 7


# --- Los que no tenían casa -----------------------------------------------------------------------------


def test_con_el_disco_lleno_salud_responde_503_y_dice_la_causa(app, almacen, monkeypatch):
    bien = app.test_client().get("/salud")
    assert (bien.status_code, bien.json["puede_guardar"]) == (200, True)
    monkeypatch.setattr(Almacen, "salud", lambda _: (False, "el disco está lleno"))
    mal = app.test_client().get("/salud")
    assert (mal.status_code, mal.json["puede_guardar"], mal.json["causa"]) == (503, False, "el disco está lleno")


def test_la_hora_sale_de_la_tzdata_fijada_y_salud_dice_cual(app):
    antes = zoneinfo.TZPATH
    try:
        Cascara()
        assert zoneinfo.TZPATH == (), "la base del sistema no se mira"
    finally:
        zoneinfo.reset_tzpath(antes)
    assert app.test_client().get("/salud").json["tzdata"] == version("tzdata")


def test_lo_que_la_region_entrega_un_sabado_se_presenta_el_lunes(app, almacen, reloj):
    """Ley 19.880, artículo 25: se recibe siempre; lo del día inhábil se entiende de la primera hora del hábil siguiente."""
    for valores in ejemplos_de(ACTORES)[ACTORES.nombre]:
        agregar_fila(almacen, CATALOGO, Matriz(ACTORES, **LUGAR), valores, **QUIEN)
    sabado = reloj.ahora = datetime(2026, 11, 14, 15, tzinfo=UTC)
    gore = entrar(app, FIRMANTE)
    gore.abrir(f"/formularios/regiones/06/2027/matrices/{ACTORES.nombre}/entregar/")
    gore.enviar()
    entregado = vigente_de(almacen, ACTORES.nombre, "06", 2027)
    assert entregado.recibido_utc == sabado
    assert entregado.presentado_legal == datetime(2026, 11, 16, 3, tzinfo=UTC), "lunes a las 00:00 en Santiago"


def test_lo_rechazado_no_se_exporta(almacen):
    """Ni lo que se rechazó al recibirlo ni lo que todavía se está llenando."""
    mala = {**ejemplos_de(ACTORES)[ACTORES.nombre][0], "correo": "no es un correo"}
    rechazado = validar_filas(CATALOGO, ACTORES, {ACTORES.nombre: [mala]}, Contexto(**LUGAR))
    with pytest.raises(EnvioRechazado):
        recibir(almacen, CATALOGO, rechazado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="web"))
    agregar_fila(almacen, CATALOGO, Matriz(ACTORES, **LUGAR), mala, **QUIEN)
    for estado in ("vigente", "todos"):
        destino = io.BytesIO()
        exportar_csv(almacen, CATALOGO, ACTORES, destino, estado=estado)
        assert len(destino.getvalue().decode().splitlines()) == 1, "solo el encabezado"


def test_un_rechazo_de_la_region_dice_al_menos_una_razon(gore, almacen):
    """Revisar antes de entregar una fila vacía: hay errores, y cada uno se lee."""
    agregar_fila(almacen, CATALOGO, Matriz(ACTORES, **LUGAR), {}, **QUIEN)
    (principal,) = gore.abrir(f"/formularios/regiones/06/2027/matrices/{ACTORES.nombre}/entregar/").todos("main")
    assert [li for li in principal.todos("li") if "Falta «" in li.texto] and not principal.todos("form")


def test_al_subir_a_la_matriz_la_celda_tras_una_fila_en_blanco_es_la_del_archivo(gore, almacen):
    encabezado, *filas = tabla(ACTORES)
    filas[0][ACTORES.principal.nombres.index("correo")] = "no es un correo"
    en_blanco = [""] * len(encabezado)
    datos = csv([encabezado, en_blanco, en_blanco, filas[0]])
    pagina = subir(gore, f"/formularios/regiones/06/2027/matrices/{ACTORES.nombre}/", datos, 422)
    celda = f"{chr(ord('A') + ACTORES.principal.nombres.index('correo'))}4"
    assert celda in pagina.texto, "encabezado en la 1, dos en blanco, y la suya"
    assert leer_matriz(almacen, Matriz(ACTORES, **LUGAR)) == []


def test_dos_procesos_cuentan_los_mismos_intentos(almacen, url):
    """Otro proceso gasta dos de tres; a este le queda uno."""
    orden = (
        "from datetime import datetime, UTC; import sys\n"
        "from formularios.accesos import contar_intento; from formularios.almacen import Almacen\n"
        "a, t = Almacen(sys.argv[1]), datetime.fromisoformat(sys.argv[2])\n"
        "print([contar_intento(a, 'x', limite=3, segundos=3600, ahora_utc=t) for _ in range(2)])"
    )
    entorno = {**os.environ, "PYTHONPATH": str(RAIZ)}
    pedido = [sys.executable, "-c", orden, url, AHORA.isoformat()]
    hecho = subprocess.run(pedido, capture_output=True, text=True, env=entorno, check=True)
    assert hecho.stdout.strip() == "[True, True]"
    quedan = [contar_intento(almacen, "x", limite=3, segundos=3600, ahora_utc=AHORA) for _ in range(2)]
    assert quedan == [True, False]
