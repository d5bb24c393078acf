"""La orden `focaliza` desde afuera: salidas, códigos y claves del contrato, como la usaría una persona exigente."""

import csv as csv_estandar
import hashlib
import io
import json
import re
import subprocess
import sys
import zipfile
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import icalendar
import openpyxl
import pytest
from frictionless import Package, Resource, Schema

from esquemas.publicacion import ejemplo_csv
from formularios import almacen_envios
from formularios.almacen import Almacen
from formularios.almacen_sesiones import poner_factor
from formularios.ordenes import ORDENES, ayuda_breve, focaliza
from tests.resistencia.corpus import CATALOGO, FOCALIZACION, PRESUPUESTO, columna, con, csv, empaquetar, plantilla, tabla, xlsx
from tests.servicios import oficina
from tests.servicios.exigencia import exigir
from tests.servicios.orden import CLAVES_DE_PROBLEMA, CLAVES_DE_VALIDAR, Salida, correr, correr_aparte

A1, A2, B1, B2 = (
    CATALOGO.esquemas[n]
    for n in ("matriz-estrategica-integrada", "potencialidades-problematicas", "desafios-oportunidades-objetivos", "focalizacion")
)
ENCUESTA = CATALOGO.esquemas["actor-clave"]
DEL_ENVIO = ["folio", "region", "ejercicio", "version_esquema", "estado", "presentado"]
FOLIO = re.compile(r"Folio (2027-06-\d{6}-\d)  huella ([0-9a-f]{64})")


@pytest.fixture
def base(tmp_path: Path) -> str:
    return f"sqlite:///{tmp_path}/base/focaliza.db"


@pytest.fixture
def archivo(tmp_path: Path) -> Any:
    """(nombre, bytes) → ruta."""

    def guardar(nombre: str, datos: bytes) -> Path:
        ruta = tmp_path / nombre
        ruta.write_bytes(datos)
        return ruta

    return guardar


def importar(base: str, esquema: str, ruta: Path, *mas: object, region: str = "06", ejercicio: int = 2027) -> Salida:
    destino = ("--region", region, "--ejercicio", ejercicio, *mas)
    return correr("importar", esquema, ruta, *destino, FOCALIZA_BASE_DE_DATOS=base)


def exportar(base: str, esquema: str, salida: Path, *mas: object) -> Salida:
    return correr("exportar", esquema, "--salida", salida, *mas, FOCALIZA_BASE_DE_DATOS=base)


def leer(ruta: Path) -> list[dict[str, str]]:
    with ruta.open(encoding="utf-8", newline="") as abierto:
        return list(csv_estandar.DictReader(abierto))


# --- la orden misma -----------------------------------------------------------------------------------------


def test_la_ayuda_nombra_cada_orden_sin_importar_ninguna() -> None:
    programa = (
        "import sys; from click.testing import CliRunner; from formularios.ordenes import focaliza;"
        "salida = CliRunner().invoke(focaliza, ['--help']).output;"
        "cargados = [m for m in sys.modules if m.startswith(('esquemas', 'generador.', 'formularios.orden_'))];"
        "print(cargados); print(salida)"
    )
    hecho = subprocess.run([sys.executable, "-c", programa], capture_output=True, text=True, check=True, timeout=30)
    cargados, _, ayuda = hecho.stdout.partition("\n")
    assert cargados == "[]"
    for nombre in ORDENES:
        assert re.search(rf"^  {nombre} +[A-ZÁÉÍÓÚ]\w+", ayuda, re.MULTILINE), f"«{nombre}» sin ayuda:\n{ayuda}"


@pytest.mark.parametrize("nombre", ORDENES)
def test_la_ayuda_breve_es_la_de_la_orden(nombre: str) -> None:
    """Se lee del texto del módulo, sin importarlo: es la misma que muestra la orden al pedírsela."""
    breve = ayuda_breve(ORDENES[nombre])
    orden = focaliza.get_command(click.Context(focaliza), nombre)
    assert orden is not None and orden.help is not None
    assert breve and orden.help.startswith(breve)
    assert len(breve) <= 90


def test_lo_que_no_existe_sale_con_2() -> None:
    assert ayuda_breve("formularios.no_existe:nada") == ""
    assert correr("inventada").codigo == 2
    assert correr("validar", "focalizacion").codigo == 2
    desconocido = correr("validar", "inventado", "x.csv")
    assert desconocido.codigo == 2
    assert "No existe el esquema «inventado». Use uno de:" in desconocido.error
    assert all(nombre in desconocido.error for nombre in CATALOGO.esquemas)


def test_un_entorno_o_un_esquema_malo_sale_en_una_frase(tmp_path: Path) -> None:
    (tmp_path / "formatos").mkdir()
    (tmp_path / "formatos" / "malo.yaml").write_text("name: malo\nclave_rara: 1\n")
    salida = correr("esquemas", FOCALIZA_ESQUEMAS=str(tmp_path))
    assert salida.codigo == 2
    assert salida.error.startswith("No se pudo: ") and "Traceback" not in salida.error
    ajena = correr("exportar", "B.2", "--salida", tmp_path / "x.csv", FOCALIZA_BASE="x")
    assert (ajena.codigo, "FOCALIZA_BASE" in ajena.error) == (2, True)


def test_la_orden_instalada_responde() -> None:
    salida = correr_aparte("--version")
    assert salida.codigo == 0
    assert re.fullmatch(r"focaliza \d+\.\d+\.\d+\n", salida.texto)


# --- esquemas y plazos --------------------------------------------------------------------------------------


def test_esquemas_lista_cada_formato_y_encuesta_con_version_y_huella() -> None:
    filas = correr("esquemas", "--json").json
    assert [f["esquema"] for f in filas] == list(CATALOGO.esquemas)
    assert {tuple(f) for f in filas} == {("esquema", "sigla", "clase", "titulo", "version", "huella")}
    assert all(f["huella"] == CATALOGO.esquemas[f["esquema"]].huella and len(f["huella"]) == 64 for f in filas)
    lineas = correr("esquemas").texto.splitlines()
    assert len(lineas) == len(filas)
    assert all(f["esquema"] in linea and f["version"] in linea and f["huella"][:16] in linea
               for f, linea in zip(filas, lineas, strict=True))  # fmt: skip


def test_plazos_en_palabras_json_e_ics_dicen_lo_mismo() -> None:
    dichos = correr("plazos", 2027, "--json").json
    assert dichos and all({"hito", "vence"} <= set(p) or "titulo" in p for p in dichos)
    en_palabras = correr("plazos", 2027)
    assert en_palabras.codigo == 0
    assert en_palabras.texto.count("\n") == 2 * len(dichos)
    primero, segundo = (correr("plazos", 2027, "--ics").crudo for _ in range(2))
    assert primero == segundo, "el mismo calendario da los mismos bytes"
    eventos = list(icalendar.Calendar.from_ical(primero).walk("VEVENT"))
    assert eventos
    assert all(e["DTSTART"].dt.year in (2026, 2027) for e in eventos)
    assert {f"{e['DTSTAMP'].dt:%Y-%m-%d}" for e in eventos} == {"2026-01-01"}, "el sello no es la hora de hoy"


def test_plazos_rechaza_lo_que_no_se_puede() -> None:
    assert correr("plazos", "pronto").codigo == 2
    assert correr("plazos", 2027, "--json", "--ics").codigo == 2
    assert "99" in correr("plazos", 2027, "--region", "99").error


# --- validar ------------------------------------------------------------------------------------------------


def test_validar_json_trae_exactamente_las_claves_del_contrato(archivo: Any) -> None:
    salida = correr("validar", "focalizacion", archivo("a.csv", csv(con("cobertura", "muchas"))), "--json")
    assert salida.codigo == 1
    assert set(salida.json) == CLAVES_DE_VALIDAR
    assert (salida.json["esquema"], salida.json["filas"], salida.json["valido"]) == ("focalizacion", 3, False)
    assert all(set(p) == CLAVES_DE_PROBLEMA for p in salida.problemas())
    (error,) = salida.problemas("error")
    esperado = {"codigo": "numero-invalido", "celda": "O2", "fila": 2, "campo": "cobertura", "valor": "muchas"}
    assert {c: error[c] for c in esperado} == esperado
    assert error["norma"] and salida.error == ""


def test_validar_en_palabras_dice_lugar_codigo_y_norma(archivo: Any) -> None:
    salida = correr("validar", "B.2", archivo("a.xlsx", xlsx(("Mi hoja", con("cobertura", "muchas")))))
    assert salida.codigo == 1
    assert "3 filas de «B.2 · Matriz de Focalización», 1 error, 2 alertas." in salida.texto
    assert re.search(r"ERROR  Mi hoja!O2 cobertura: .*\[numero-invalido; .*Guía", salida.texto)


def test_validar_csv_de_otra_herramienta(archivo: Any) -> None:
    """Lo que escribe Excel en Chile, un Mac viejo y el módulo csv de Python con todo entre comillas."""
    filas = [[str(c) for c in f] for f in tabla()]
    citado = io.StringIO()
    csv_estandar.writer(citado, quoting=csv_estandar.QUOTE_ALL, lineterminator="\n").writerows(filas)
    punto_y_coma = io.StringIO()
    csv_estandar.writer(punto_y_coma, delimiter=";", lineterminator="\r\n").writerows(filas)
    for i, datos in enumerate(
        [
            citado.getvalue().encode(),
            punto_y_coma.getvalue().encode("utf-8-sig"),
            punto_y_coma.getvalue().encode("cp1252"),
            citado.getvalue().replace("\n", "\r").encode(),
            citado.getvalue().replace(",", "\t").encode("utf-16") if not any("," in c for f in filas for c in f)
            else punto_y_coma.getvalue().encode("utf-16"),
        ]
    ):  # fmt: skip
        salida = correr("validar", "focalizacion", archivo(f"{i}.csv", datos), "--json")
        assert (salida.codigo, salida.json["filas"], salida.codigos("error")) == (0, 3, []), i


def test_con_revisa_las_referencias(archivo: Any) -> None:
    b2 = archivo("b2.csv", csv(con("objetivos", "OBJ-99")))
    b1 = archivo("b1.csv", csv(tabla(B1)))
    sin = correr("validar", "B.2", b2, "--json")
    assert sin.codigo == 0
    assert "referencia-sin-revisar" in sin.codigos("alerta")
    con_b1 = correr("validar", "B.2", b2, "--json", "--con", f"B.1={b1}")
    assert con_b1.codigo == 1
    assert "referencia-inexistente" in con_b1.codigos("error")
    buena = archivo("b2-buena.csv", csv(tabla(B2)))
    montos = archivo("montos.csv", csv(tabla(PRESUPUESTO)))
    todo = correr("validar", "B.2", buena, "--json", "--con", f"{B1.nombre}={b1}", "--con", f"{PRESUPUESTO.nombre}={montos}")
    assert (todo.codigo, todo.codigos()) == (0, []), "los ejemplos juntos no tienen nada que decir"


def test_con_mal_escrito_sale_con_2_y_dice_cual(archivo: Any, tmp_path: Path) -> None:
    b2, b1 = archivo("b2.csv", csv(tabla(B2))), archivo("b1.csv", csv(tabla(B1)))
    for pedido, dice in (
        ("sin-igual", "ESQUEMA=ARCHIVO"),
        ("B.1=", "ESQUEMA=ARCHIVO"),
        (f"A.1={b1}", "no se refiere a"),
        (f"nada={b1}", "No existe el esquema"),
        (f"B.1={tmp_path}/no.csv", "no existe"),
    ):
        salida = correr("validar", "B.2", b2, "--con", pedido)
        assert (salida.codigo, dice in salida.error + salida.texto) == (2, True), pedido
    doble = correr("validar", "B.2", b2, "--con", f"B.1={b1}", "--con", f"B.1={b1}")
    assert (doble.codigo, "dos veces" in doble.error) == (2, True)


def test_con_una_matriz_con_errores_se_usa_y_se_avisa(archivo: Any) -> None:
    b1 = archivo("b1.csv", csv(con("enunciado", "corto", B1)))
    salida = correr("validar", "B.2", archivo("b2.csv", csv(tabla(B2))), "--json", "--con", f"B.1={b1}")
    assert salida.codigo == 0
    assert re.search(r"b1\.csv: tiene \d+ error", salida.error)


def test_las_excepciones_bajan_a_alerta_solo_lo_suyo(archivo: Any) -> None:
    mala = archivo("b2.csv", csv(con("cobertura", "")))
    assert correr("validar", "B.2", mala).codigo == 1
    registradas = archivo(
        "e.csv",
        b"fila,campo,regla,razon,fuente\r\nFOC-01,cobertura,obligatorio,La fuente no la trae,Oficio 1\r\n"
        b"FOC-02,cobertura,obligatorio,La fuente no la trae,Oficio 1\r\n",
    )
    salida = correr("validar", "B.2", mala, "--excepciones", registradas, "--json")
    assert salida.codigo == 0, salida.texto
    avisos = {p["codigo"]: p["mensaje"] for p in salida.problemas("alerta")}
    assert "La fuente no la trae" in avisos["obligatorio"] and "Oficio 1" in avisos["obligatorio"]
    assert "FOC-02" in avisos["excepcion-sin-uso"]


def test_una_region_que_no_existe_es_un_error_de_uso(archivo: Any, base: str, tmp_path: Path) -> None:
    b2 = archivo("b2.csv", csv(tabla(B2)))
    for orden in (
        ("validar", "B.2", b2, "--region", "99"),
        ("importar", "B.2", b2, "--region", "99", "--ejercicio", 2027),
        ("exportar", "B.2", "--salida", tmp_path / "x.csv", "--region", "99"),
        ("plantilla", "B.2", "--salida", tmp_path / "x.xlsx", "--region", "6"),
        ("usuarios", "agregar", "a@b.cl", "--rol", "lector", "--region", "99"),
    ):
        salida = correr(*orden, FOCALIZA_BASE_DE_DATOS=base)
        assert (salida.codigo, "No existe la región" in salida.error) == (2, True), orden
    assert not (tmp_path / "x.csv").exists() and not (tmp_path / "x.xlsx").exists()


# --- marcado ------------------------------------------------------------------------------------------------


def con_problemas() -> list[list[Any]]:
    """Dos errores y una columna ajena en medio, con una fila en blanco."""
    encabezado, primera, segunda, tercera = con("cobertura", "1,234")
    tercera[columna("instrumento")] = "semila"
    ajena = [["Mi nota", "una", "dos", "tres"][i] for i in range(4)]
    filas = [[*f[:3], ajena[i], *f[3:]] for i, f in enumerate((encabezado, primera, segunda, tercera))]
    return [filas[0], filas[1], [], filas[2], filas[3]]


@pytest.mark.parametrize("clase", ["csv", "xlsx"])
def test_marcado_comenta_las_celdas_y_no_toca_lo_demas(clase: str, archivo: Any, tmp_path: Path) -> None:
    filas = con_problemas()
    datos = csv(filas) if clase == "csv" else xlsx(("Mi hoja", filas), ("Notas", [["lo mío"], ["no lo toquen"]]))
    suyo, marcado = archivo(f"suyo.{clase}", datos), tmp_path / "marcado.xlsx"
    salida = correr("validar", "B.2", suyo, "--json", "--marcado", marcado)
    assert salida.codigo == 1
    assert "Archivo marcado" in salida.error, "lo que no es JSON va por el otro lado"
    errores = {p["celda"]: p for p in salida.problemas("error")}
    assert set(errores) == {"P2", "B5"}
    libro = openpyxl.load_workbook(marcado)
    hoja = libro["Mi hoja" if clase == "xlsx" else "Datos"]
    for i, fila in enumerate(filas, 1):
        for j, valor in enumerate(fila, 1):
            assert str(hoja.cell(i, j).value or "") == str(valor), (i, j)
    for celda, problema in errores.items():
        comentario = hoja[celda].comment
        assert comentario is not None and problema["mensaje"] in comentario.text and "ERROR" in comentario.text
        assert hoja[celda].fill.fgColor.rgb == "FFF8CBAD"
    comentadas = {c.coordinate for f in hoja.iter_rows(min_row=2) for c in f if c.comment}
    assert comentadas == {"P2", "A3", "B5"}, "y la fila en blanco, con su aviso"
    assert hoja["D1"].value == "Mi nota" and hoja["D5"].value == "tres"
    assert "no es de este formato" in hoja["D1"].comment.text
    if clase == "xlsx":
        assert [f[0].value for f in libro["Notas"].iter_rows()] == ["lo mío", "no lo toquen"]
    assert libro["Problemas"].max_row == 1 + len(salida.problemas())
    releido = correr("validar", "B.2", marcado, "--json")
    claves = ("gravedad", "codigo", "celda", "fila", "campo", "valor", "mensaje")
    assert [[p[c] for c in claves] for p in releido.problemas()] == [[p[c] for c in claves] for p in salida.problemas()]


def test_marcado_avisa_que_las_formulas_quedan_como_valores(archivo: Any, tmp_path: Path) -> None:
    """También las de otra hoja, que no se valida y se copia igual."""
    marcado = tmp_path / "marcado.xlsx"
    con_formulas = archivo("formulas.xlsx", xlsx(("Datos", con("cobertura", "=1+1")), ("Cuentas", [["a"], ["=1+2"]])))
    salida = correr("validar", "B.2", con_formulas, "--json", "--marcado", marcado)
    assert "Sus fórmulas (2) quedaron como valores" in salida.error
    assert {"formulas-leidas", "formula-sin-valor"} <= set(salida.codigos())
    comentada = openpyxl.load_workbook(marcado)["Datos"]["O2"]
    assert "guárdelo" in comentada.comment.text
    sin = archivo("sin.xlsx", xlsx(("Datos", tabla())))
    assert "fórmulas" not in correr("validar", "B.2", sin, "--marcado", marcado).texto


def test_marcado_no_pisa_el_original_ni_miente_con_la_extension(archivo: Any, tmp_path: Path) -> None:
    suyo = archivo("suyo.xlsx", xlsx(("Datos", tabla())))
    antes = suyo.read_bytes()
    pisado = correr("validar", "B.2", suyo, "--marcado", suyo)
    assert (pisado.codigo, "taparía" in pisado.error) == (2, True)
    assert suyo.read_bytes() == antes
    assert correr("validar", "B.2", suyo, "--marcado", tmp_path / "x.csv").codigo == 2
    assert not (tmp_path / "x.csv").exists()


@pytest.mark.parametrize(
    "orden",
    [
        ("validar", "B.2", "{bueno}", "--marcado", "{nada}/x.xlsx"),
        ("plantilla", "B.2", "--salida", "{nada}/x.xlsx"),
        ("exportar", "B.2", "--salida", "{nada}/x.csv"),
        ("exportar", "B.2", "--salida", "{nada}/x.zip"),
    ],
    ids=lambda o: f"{o[0]}-{o[-1][-3:]}",
)
def test_si_la_salida_no_se_puede_escribir_sale_con_2(orden: tuple[str, ...], archivo: Any, tmp_path: Path, base: str) -> None:
    lugares = {"bueno": archivo("b.csv", csv(tabla())), "nada": tmp_path / "nada"}
    salida = correr(*(p.format(**lugares) for p in orden), FOCALIZA_BASE_DE_DATOS=base)
    assert salida.codigo == 2
    assert "no se pudo escribir: su carpeta no existe" in salida.error


# --- juzgar -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("nombre", CATALOGO.esquemas)
def test_juzgar_aprueba_cada_ejemplo_canonico(nombre: str, archivo: Any) -> None:
    esquema = CATALOGO.esquemas[nombre]
    salida = correr("juzgar", nombre, archivo("a.csv", csv(tabla(esquema, titulos=False))), "--json")
    assert (salida.codigo, salida.problemas()) == (0, [])
    assert set(salida.json) == CLAVES_DE_VALIDAR
    assert salida.json["filas"] == len(tabla(esquema)) - 1


def test_juzgar_y_validar_coinciden_en_lo_malo(archivo: Any) -> None:
    filas = tabla(titulos=False)
    filas[1][columna("cobertura")] = "muchas"
    malo = archivo("a.csv", csv(filas))
    salida = correr("juzgar", "B.2", malo, "--json")
    assert salida.codigo == correr("validar", "B.2", malo).codigo == 1
    assert [(p["codigo"], p["celda"], p["campo"]) for p in salida.problemas()] == [("type-error", "O2", "cobertura")]
    assert all(set(p) == CLAVES_DE_PROBLEMA for p in salida.problemas())
    assert "type-error" in correr("juzgar", "B.2", malo).texto


def test_juzgar_mira_solo_csv(archivo: Any) -> None:
    libro = archivo("a.xlsx", xlsx(("Datos", tabla(titulos=False))))
    salida = correr("juzgar", "B.2", libro, "--json")
    assert (salida.codigo, salida.codigos()) == (2, ["formato-desconocido"])
    assert correr("juzgar", "B.2", "no-existe.csv").codigo == 2


def test_juzgar_con_otra_matriz_busca_lo_citado_como_validar(archivo: Any) -> None:
    filas = tabla(titulos=False)
    b1 = archivo("b1.csv", csv(tabla(B1)))
    bueno = archivo("bueno.csv", csv(filas))
    salida = correr("juzgar", "B.2", bueno, "--con", f"B.1={b1}")
    assert (salida.codigo, salida.error) == (0, "")
    filas[1][columna("objetivos")] += ";OBJ-99"
    filas[3][columna("desafios_oportunidades")] = "DES-98"
    malo = archivo("malo.csv", csv(filas))
    juzgado, validado = (correr(orden, "B.2", malo, "--con", f"B.1={b1}", "--json") for orden in ("juzgar", "validar"))
    assert juzgado.codigo == validado.codigo == 1
    assert set(juzgado.json) == CLAVES_DE_VALIDAR
    assert all(set(p) == CLAVES_DE_PROBLEMA for p in juzgado.problemas())
    assert juzgado.codigos() == ["foreign-key", "foreign-key"]
    assert validado.codigos("error") == ["referencia-inexistente", "referencia-inexistente"]
    lugares = [sorted((p["celda"], p["campo"], p["valor"]) for p in s.problemas("error")) for s in (juzgado, validado)]
    assert lugares[0] == lugares[1] == [("R2", "objetivos", "OBJ-99"), ("S4", "desafios_oportunidades", "DES-98")]
    assert "OBJ-99" in correr("juzgar", "B.2", malo, "--con", f"B.1={b1}").texto
    assert correr("juzgar", "B.2", malo).codigo == 0, "sin la matriz no hay contra qué buscar"


def test_juzgar_dice_que_matriz_no_le_sirve(archivo: Any) -> None:
    presupuesto = CATALOGO.esquemas["presupuesto-instrumentos"]
    bueno, montos = archivo("a.csv", csv(tabla(titulos=False))), archivo("p.csv", csv(tabla(presupuesto)))
    salida = correr("juzgar", "B.2", bueno, "--con", f"presupuesto-instrumentos={montos}")
    assert salida.codigo == 0
    assert "«presupuesto-instrumentos» se leyó y no se usó: frictionless no suma montos" in salida.error
    assert correr("juzgar", "B.2", bueno, "--con", "B.1=no-existe.csv").codigo == 2


# --- plantilla ----------------------------------------------------------------------------------------------


def llenar(ruta: Path, filas: list[list[Any]], salida: Path) -> Path:
    """Una persona escribe en la planilla con otro programa."""
    libro = openpyxl.load_workbook(ruta)
    for i, fila in enumerate(filas, 2):
        for j, valor in enumerate(fila, 1):
            libro["Datos"].cell(i, j).value = valor if valor != "" else None
    libro.save(salida)
    return salida


@pytest.mark.parametrize("nombre", CATALOGO.formatos and [e.nombre for e in CATALOGO.formatos])
def test_la_plantilla_llena_con_el_ejemplo_valida(nombre: str, tmp_path: Path) -> None:
    esquema = CATALOGO.esquemas[nombre]
    vacia = tmp_path / "vacia.xlsx"
    salida = correr("plantilla", nombre, "--salida", vacia, "--region", "06", "--ejercicio", 2027)
    assert salida.codigo == 0, salida.error
    assert str(vacia) in salida.texto and esquema.version in salida.texto
    titulos = [c.value for c in openpyxl.load_workbook(vacia)["Datos"][1]]
    assert titulos == tabla(esquema)[0]
    llena = llenar(vacia, tabla(esquema)[1:], tmp_path / "llena.xlsx")
    hecho = correr("validar", nombre, llena, "--json")
    assert (hecho.codigo, hecho.json["filas"]) == (0, len(esquema.ejemplos)), hecho.texto
    assert set(hecho.codigos()) <= {"referencia-sin-revisar"}


def test_la_plantilla_con_otra_matriz_trae_sus_codigos(archivo: Any, tmp_path: Path) -> None:
    b1, salida = archivo("b1.csv", csv(tabla(B1))), tmp_path / "p.xlsx"
    assert correr("plantilla", "B.2", "--salida", salida, "--con", f"B.1={b1}").codigo == 0
    listas = openpyxl.load_workbook(salida)["_listas"]
    textos = {str(c.value) for f in listas.iter_rows() for c in f if c.value}
    assert any(t.startswith("OBJ-01 · ") for t in textos)
    por_columna = {c[0].value: [str(x.value) for x in c[1:] if x.value] for c in listas.iter_cols() if c[0].value}
    assert all(t.startswith("OBJ") for t in por_columna["referencia:objetivos"])
    assert correr("plantilla", "B.2", "--salida", tmp_path / "p.csv").codigo == 2


# --- LibreOffice --------------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def reguardadas(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """La plantilla llena y el libro marcado, abiertos y guardados por LibreOffice."""
    exigir(oficina.disponible())
    carpeta = tmp_path_factory.mktemp("oficina")
    llena, malo, marcado = carpeta / "llena.xlsx", carpeta / "malo.xlsx", carpeta / "marcado.xlsx"
    llena.write_bytes(plantilla(FOCALIZACION, tabla()[1:], region="06", ejercicio=2027))
    malo.write_bytes(xlsx(("Datos", con_problemas())))
    assert correr("validar", "B.2", malo, "--marcado", marcado).codigo == 1
    return {
        "xlsx": oficina.convertir(llena, "xlsx", carpeta / "otra"),
        "ods": oficina.convertir(llena, "ods", carpeta / "otra"),
        "csv": oficina.convertir(llena, "csv:Text - txt - csv (StarCalc):59,34,76,1", carpeta / "otra"),
        "marcado": oficina.convertir(marcado, "xlsx", carpeta / "otra"),
        "original": malo,
    }


@pytest.mark.parametrize("clase", ["xlsx", "ods"])
def test_lo_que_reguarda_libreoffice_valida_igual(clase: str, reguardadas: dict[str, Path], base: str) -> None:
    salida = correr("validar", "B.2", reguardadas[clase], "--json")
    assert (salida.codigo, salida.json["filas"]) == (0, 3), salida.texto
    assert set(salida.codigos()) <= {"referencia-sin-revisar"}
    importado = importar(base, "B.2", reguardadas[clase])
    (hallado,) = FOLIO.finditer(importado.texto)
    canonico = csv(tabla(titulos=False))
    assert hallado[2] == hashlib.sha256(canonico).hexdigest(), "la huella es la del CSV canónico: nada cambió en el viaje"


def test_el_libro_marcado_sobrevive_a_libreoffice(reguardadas: dict[str, Path]) -> None:
    antes = correr("validar", "B.2", reguardadas["original"], "--json").problemas("error")
    despues = correr("validar", "B.2", reguardadas["marcado"], "--json").problemas("error")
    assert [(p["codigo"], p["celda"], p["valor"]) for p in despues] == [(p["codigo"], p["celda"], p["valor"]) for p in antes]
    hoja = openpyxl.load_workbook(reguardadas["marcado"])["Datos"]
    assert all(hoja[p["celda"]].comment for p in antes)


def test_el_csv_que_guarda_libreoffice_valida_igual(reguardadas: dict[str, Path], base: str) -> None:
    importado = importar(base, "B.2", reguardadas["csv"])
    (hallado,) = FOLIO.finditer(importado.texto)
    assert hallado[2] == hashlib.sha256(csv(tabla(titulos=False))).hexdigest()


# --- importar y exportar ------------------------------------------------------------------------------------


def test_importar_da_folio_y_la_huella_que_calcula_cualquiera(archivo: Any, tmp_path: Path, base: str) -> None:
    suyo = archivo("b2.csv", csv(tabla(titulos=False)))
    salida = importar(base, "B.2", suyo)
    assert salida.codigo == 0
    (hallado,) = FOLIO.finditer(salida.texto)
    assert hallado[1].startswith("2027-06-000001-")
    assert hallado[2] == hashlib.sha256(suyo.read_bytes()).hexdigest()
    assert exportar(base, "B.2", tmp_path / "x.csv").codigo == 0
    filas = leer(tmp_path / "x.csv")
    assert list(filas[0]) == [*FOCALIZACION.principal.nombres, *DEL_ENVIO]
    assert {(f["folio"], f["region"], f["ejercicio"], f["version_esquema"], f["estado"]) for f in filas} == {
        (hallado[1], "06", "2027", FOCALIZACION.version, "vigente")
    }
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\dT\d\d:\d\d:\d\dZ", f["presentado"]) for f in filas)
    propias = [[f[n] for n in FOCALIZACION.principal.nombres] for f in filas]
    assert csv([list(FOCALIZACION.principal.nombres), *propias]) == suyo.read_bytes()


def test_lo_exportado_lo_aprueba_frictionless(archivo: Any, tmp_path: Path, base: str) -> None:
    for esquema in (A1, A2, B1, B2):
        assert importar(base, esquema.nombre, archivo("m.csv", csv(tabla(esquema)))).codigo == 0
    suelto = tmp_path / "b2.csv"
    assert exportar(base, "B.2", suelto).codigo == 0
    ampliado = json.loads((tmp_path / "b2.schema.json").read_text())
    assert "foreignKeys" not in ampliado
    assert [c["name"] for c in ampliado["fields"]][-6:] == DEL_ENVIO
    informe = Resource(data=suelto.read_bytes(), format="csv", schema=Schema.from_descriptor(ampliado)).validate()
    assert informe.valid, informe.flatten(["type", "note"])
    assert exportar(base, "B.2", tmp_path / "b2.zip").codigo == 0
    with zipfile.ZipFile(tmp_path / "b2.zip") as paquete:
        nombres = set(paquete.namelist())
        assert {"datapackage.json", "informe.json", "focalizacion.csv", f"{B1.nombre}.csv"} <= nombres
        assert "enlace-focalizacion-objetivos.csv" in nombres
        paquete.extractall(tmp_path / "suelto")
    informe = Package(str(tmp_path / "suelto" / "datapackage.json")).validate()
    assert informe.valid, informe.flatten(["type", "note"])


def test_el_estado_y_los_filtros_eligen_los_envios(archivo: Any, tmp_path: Path, base: str) -> None:
    primera, segunda = csv(tabla()), csv(con("cobertura", "99"))
    assert importar(base, "B.2", archivo("1.csv", primera)).codigo == 0
    assert importar(base, "B.2", archivo("2.csv", segunda)).codigo == 0
    assert importar(base, "B.2", archivo("3.csv", primera), region="13").codigo == 0
    assert importar(base, "B.2", archivo("4.csv", primera), ejercicio=2028).codigo == 0

    def folios(*mas: object) -> list[str]:
        salida = tmp_path / "x.csv"
        assert exportar(base, "B.2", salida, *mas).codigo == 0
        return sorted({f["folio"][:14] for f in leer(salida)})

    vigentes = ["2027-06-000002", "2027-13-000001", "2028-06-000001"]
    assert folios() == folios("--estado", "vigente") == folios("--estado", "validado") == vigentes
    assert folios("--estado", "reemplazado") == ["2027-06-000001"]
    assert folios("--estado", "anulado") == []
    assert folios("--estado", "todos") == ["2027-06-000001", *vigentes]
    assert folios("--region", "06", "--ejercicio", 2027) == ["2027-06-000002"]
    assert exportar(base, "B.2", tmp_path / "x.csv", "--estado", "otro").codigo == 2
    assert exportar(base, "B.2", tmp_path / "x.txt").codigo == 2


def test_publico_deja_solo_los_campos_publicos(archivo: Any, tmp_path: Path, base: str) -> None:
    for esquema, suyo in ((CATALOGO.esquemas["catastro-actores"], None), (ENCUESTA, como_zip(respuestas("r-1")))):
        nombre = esquema.nombre
        assert importar(base, nombre, archivo("c.zip", suyo or csv(tabla(esquema)))).codigo == 0
        enteros = []
        for mas in ((), ("--publico",)):
            assert exportar(base, nombre, tmp_path / "x.csv", *mas).codigo == 0
            assert exportar(base, nombre, tmp_path / "x.zip", *mas).codigo == 0
            with zipfile.ZipFile(tmp_path / "x.zip") as paquete:
                partes = (paquete.read(n) for n in paquete.namelist() if n.endswith(".csv") and "catalogo" not in n)
                enteros.append((tmp_path / "x.csv").read_text() + b"".join(partes).decode())
        publicos = [c.nombre for c in esquema.campos if c.dato == "publico"]
        encabezado = (tmp_path / "x.csv").read_text().split("\n")[0].strip().split(",")
        assert encabezado == [*publicos, *DEL_ENVIO]
        todo, publico = enteros
        ocultos = [c for t in esquema.tablas for c in t.campos if c.dato in ("personal", "sensible")]
        assert ocultos
        for campo in ocultos:
            valor = next((f[campo.nombre] for f in esquema.ejemplos if f.get(campo.nombre)), campo.ejemplo)
            assert campo.nombre in todo and campo.nombre not in publico
            if len(valor) > 4:  # «si» está en todas partes
                assert valor in todo and valor not in publico, campo.nombre


def test_importar_con_errores_sale_con_1_y_no_guarda(archivo: Any, tmp_path: Path, base: str) -> None:
    salida = importar(base, "B.2", archivo("b2.csv", csv(con("cobertura", "muchas"))))
    assert salida.codigo == 1
    assert "No se guardó nada" in salida.error and "O2 cobertura" in salida.texto and "Folio" not in salida.texto
    assert exportar(base, "B.2", tmp_path / "x.csv", "--estado", "todos").codigo == 0
    assert leer(tmp_path / "x.csv") == []


def test_importar_revisa_contra_lo_ya_entregado(archivo: Any, base: str) -> None:
    assert importar(base, "B.1", archivo("b1.csv", csv(tabla(B1)))).codigo == 0
    salida = importar(base, "B.2", archivo("b2.csv", csv(con("objetivos", "OBJ-99"))))
    assert salida.codigo == 1
    assert "referencia-inexistente" in salida.texto
    assert importar(base, "B.2", archivo("b2.csv", csv(con("objetivos", "OBJ-99"))), region="13").codigo == 0


def test_importar_con_otra_matriz_la_usa_antes_que_la_guardada(archivo: Any, base: str) -> None:
    b2, b1 = archivo("b2.csv", csv(con("objetivos", "OBJ-99"))), archivo("b1.csv", csv(tabla(B1)))
    salida = importar(base, "B.2", b2, "--con", f"B.1={b1}")
    assert (salida.codigo, "referencia-inexistente" in salida.texto) == (1, True)


def test_importar_con_excepciones_las_deja_registradas(archivo: Any, base: str) -> None:
    registradas = archivo(
        "e.csv", b"fila,campo,regla,razon,fuente\r\nFOC-01,cobertura,obligatorio,La fuente no la trae,Oficio 1\r\n"
    )
    mala = archivo("b2.csv", csv(con("cobertura", "")))
    assert importar(base, "B.2", mala, "--excepciones", registradas).codigo == 0
    almacen = Almacen(base)
    with almacen.leer() as c:
        (una,) = almacen_envios.leer_excepciones(c, "focalizacion", "06", 2027)
    almacen.cerrar()
    assert una["razon"] == "La fuente no la trae"
    assert importar(base, "B.2", mala).codigo == 0, "registrada vale para la próxima entrega"
    assert importar(base, "B.2", mala, region="13").codigo == 1, "y solo para su región"


def test_lo_nacional_entra_por_el_nivel_central(archivo: Any, base: str) -> None:
    montos = archivo("p.csv", csv(tabla(PRESUPUESTO)))
    assert importar(base, PRESUPUESTO.nombre, montos, region="00").error == ""
    assert "--region 00" in importar(base, PRESUPUESTO.nombre, montos).error, "por una región entra, y se avisa que no se usa"
    de_region = importar(base, "B.2", archivo("b2.csv", csv(tabla())), region="00")
    assert (de_region.codigo, "la entrega una región" in de_region.error) == (2, True)


# --- encuestas ----------------------------------------------------------------------------------------------


def respuestas(*codigos: str) -> dict[str, list[list[Any]]]:
    """Tabla → filas con títulos, con las mismas respuestas en cada una."""
    tablas = {}
    for t in ENCUESTA.tablas:
        modelo = ENCUESTA.ejemplos[0] if t is ENCUESTA.principal else {c.nombre: c.ejemplo for c in t.campos}
        filas = [[r if c.nombre == "respuesta" else modelo.get(c.nombre, "") for c in t.campos] for r in codigos]
        tablas[t.nombre] = [[c.titulo for c in t.campos], *filas]
    return tablas


def como_xlsx(tablas: dict[str, list[list[Any]]]) -> bytes:
    return xlsx(*(("Datos" if n == ENCUESTA.nombre else n[:31], filas) for n, filas in tablas.items()))


def como_zip(tablas: dict[str, list[list[Any]]]) -> bytes:
    return empaquetar(*((f"{n}.csv", csv(filas)) for n, filas in tablas.items()))


@pytest.mark.parametrize("clase", ["xlsx", "zip"])
def test_una_encuesta_entra_con_un_folio_por_respuesta(clase: str, archivo: Any, tmp_path: Path, base: str) -> None:
    tablas = respuestas("r-1", "r-2", "r-3")
    suyo = archivo(f"e.{clase}", como_xlsx(tablas) if clase == "xlsx" else como_zip(tablas))
    valido = correr("validar", "actor-clave", suyo, "--json")
    assert (valido.codigo, valido.json["filas"], valido.codigos("error")) == (0, 3, []), valido.texto
    salida = importar(base, "actor-clave", suyo)
    folios = [h[1] for h in FOLIO.finditer(salida.texto)]
    assert (salida.codigo, len(set(folios))) == (0, 3), salida.texto
    hecho = exportar(base, "actor-clave", tmp_path / "x.csv")
    assert hecho.codigo == 0
    assert "Solo la tabla principal" in hecho.texto
    assert [f["folio"] for f in leer(tmp_path / "x.csv")] == folios
    assert exportar(base, "actor-clave", tmp_path / "x.zip").codigo == 0
    with zipfile.ZipFile(tmp_path / "x.zip") as paquete:
        assert {f"{t.nombre}.csv" for t in ENCUESTA.tablas} <= set(paquete.namelist())
        paquete.extractall(tmp_path / "suelto")
    assert {f["folio"] for f in leer(tmp_path / "suelto" / "representantes.csv")} == set(folios)
    informe = Package(str(tmp_path / "suelto" / "datapackage.json")).validate()
    assert informe.valid, informe.flatten(["type", "note"])


@pytest.mark.parametrize("clase", ["xlsx", "zip"])
def test_una_encuesta_con_una_respuesta_mala_no_entra_entera(clase: str, archivo: Any, tmp_path: Path, base: str) -> None:
    tablas = respuestas("r-1", "r-2")
    j = [c.nombre for c in ENCUESTA.grupos[0].tabla.campos].index("correo")
    tablas["representantes"][2][j] = "sin arroba"
    tablas["problematicas"][1][0] = "r-9"
    suyo = archivo(f"e.{clase}", como_xlsx(tablas) if clase == "xlsx" else como_zip(tablas))
    salida = correr("validar", "actor-clave", suyo, "--json")
    assert salida.codigo == 1
    lugares = {(p["codigo"], p["hoja"], p["fila"]) for p in salida.problemas("error")}
    assert lugares == {("correo-invalido", "representantes", 3), ("respuesta-inexistente", "problematicas", 2)}
    assert importar(base, "actor-clave", suyo).codigo == 1
    assert exportar(base, "actor-clave", tmp_path / "x.csv", "--estado", "todos").codigo == 0
    assert leer(tmp_path / "x.csv") == []


def test_una_encuesta_sin_una_tabla_obligatoria_dice_cual(archivo: Any) -> None:
    tablas = respuestas("r-1")
    del tablas["representantes"]
    salida = correr("validar", "actor-clave", archivo("e.zip", como_zip(tablas)), "--json")
    assert salida.codigo == 1
    assert [(p["codigo"], p["tabla"]) for p in salida.problemas("error")] == [("tabla-faltante", "representantes")]


# --- usuarios -----------------------------------------------------------------------------------------------


def test_usuarios_agregar_listar_y_quitar(base: str) -> None:
    def usuarios(*orden: object) -> Salida:
        return correr("usuarios", *orden, FOCALIZA_BASE_DE_DATOS=base)

    assert usuarios("listar").texto == ""
    assert usuarios("agregar", "Ana@Ejemplo.cl", "--rol", "sercotec").codigo == 0
    assert usuarios("agregar", "beto@ejemplo.cl", "--rol", "gore_editor", "--region", "06").codigo == 0
    ana = ["ana@ejemplo.cl  activo", "  sercotec · todas las regiones · todos los ejercicios"]
    editor, direccion = "gore_editor · 06 · todos los ejercicios", "direccion_regional · 13 · 2027"
    assert usuarios("listar").texto.splitlines() == [*ana, "beto@ejemplo.cl  activo", f"  {editor}"]
    otro = ("beto@ejemplo.cl", "--rol", "direccion_regional", "--region", "13", "--ejercicio", 2027)
    assert usuarios("agregar", *otro, "--inactivo").codigo == 0
    assert usuarios("listar").texto.splitlines()[2:] == ["beto@ejemplo.cl  inactivo", f"  {editor}", f"  {direccion}"]
    assert usuarios("quitar", *otro).texto == f"beto@ejemplo.cl: sin {direccion}\n"
    assert usuarios("listar").texto.splitlines()[2:] == ["beto@ejemplo.cl  inactivo", f"  {editor}"]
    quedan = usuarios("listar").texto
    for mala in (
        ("agregar", "sin-arroba", "--rol", "sercotec"),
        ("agregar", "c@d.cl", "--rol", "jefe"),
        ("agregar", "c@d.cl", "--rol", "gore_editor"),
        ("quitar", *otro),
        ("quitar", "nadie@ejemplo.cl", "--rol", "lector"),
        ("agregar", "c@d.cl", "--rol", "sercotec", "--region", "06"),
        ("agregar", "c@d.cl"),
    ):
        assert usuarios(*mala).codigo == 2, mala
    assert usuarios("listar").texto == quedan


def test_a_quien_perdio_el_telefono_se_le_quita_el_codigo(base: str) -> None:
    def usuarios(*orden: object) -> Salida:
        return correr("usuarios", *orden, FOCALIZA_BASE_DE_DATOS=base)

    assert usuarios("agregar", "ana@ejemplo.cl", "--rol", "sercotec").codigo == 0
    assert usuarios("quitar-codigo", "ana@ejemplo.cl").codigo == usuarios("quitar-codigo", "nadie@ejemplo.cl").codigo == 2
    almacen = Almacen(base)
    with almacen.escribir() as c:
        poner_factor(c, {"usuario": 1, "sal": "x", "activado_utc": datetime(2026, 11, 15, tzinfo=UTC), "ultimo_paso": 0})
    almacen.cerrar()
    assert "ya no se le pide" in usuarios("quitar-codigo", "Ana@ejemplo.cl").texto
    assert usuarios("quitar-codigo", "ana@ejemplo.cl").codigo == 2


@pytest.mark.parametrize(
    "argumentos, dice",
    [
        (["plazo", "2027"], "¿Quiso decir «plazos»?"),
        (["otra-cosa"], "Existen: validar, juzgar"),
        (["plazos", "dosmil"], "«dosmil» no es un número entero."),
        (["plazos", "3000"], "no está en el rango"),
        (["plazos"], "Falta el argumento"),
        (["exportar", "focalizacion"], "Falta la opción"),
        (["exportar", "focalizacion", "--salida", "x.csv", "--estado", "nada"], "no es uno de"),
        (["plazos", "2027", "--nada"], "No existe la opción --nada."),
        (["plazos", "2027", "2028"], "Sobra 2028."),
        (["validar", "focalizasion", "x.csv"], "¿Quiso decir «focalizacion»?"),
        (["validar", "zzz", "x.csv"], "Use uno de: matriz-estrategica-integrada"),
    ],
)
def test_un_error_de_dedo_se_explica_en_castellano(argumentos, dice):
    salida = correr(*argumentos)
    assert salida.codigo == 2 and dice in salida.error
    assert "Uso:" in salida.error or "Error:" in salida.error
    assert not {"Usage", "Missing", "Invalid", "Try"} & set(salida.error.replace(":", " ").split())


def test_la_ayuda_esta_en_castellano():
    ayuda = correr("validar", "--ayuda").texto
    assert ayuda.startswith("Uso:") and "Opciones:" in ayuda and "Muestra esta ayuda." in ayuda


def test_importar_dice_a_que_envio_reemplaza(tmp_path):
    entorno = {"FOCALIZA_BASE_DE_DATOS": f"sqlite:///{tmp_path}/base.db"}
    archivo = tmp_path / "catastro.csv"
    archivo.write_bytes(ejemplo_csv(CATALOGO.esquemas["catastro-actores"]))
    pedido = ("importar", "catastro-actores", archivo, "--region", "06", "--ejercicio", "2027")
    assert "Reemplaza" not in correr(*pedido, **entorno).texto
    assert "Reemplaza a 2027-06-000001-0: tenía 2 filas." in correr(*pedido, **entorno).texto
