"""La planilla que se llena, como la ve openpyxl y como queda después de pasar por LibreOffice."""

import datetime
import io
from dataclasses import replace
from pathlib import Path

import openpyxl
import pytest
from openpyxl.worksheet.worksheet import Worksheet

from esquemas.libro import leer_libro
from esquemas.modelo import Cita
from esquemas.plantilla import OBSERVADA, TITULO, de_la_region, escribir_plantilla
from tests.esquemas.muestra import CAMPOS, ENCUESTA, FILA, FORMATO, OPCIONES
from tests.servicios.exigencia import exigir
from tests.servicios.oficina import convertir, disponible

REFERENCIAS = {"objetivos": [("O-1", "Mejorar el riego;\nsin perder agua"), ("O-2", "x" * 300)]}
TITULOS = [c.titulo for c in CAMPOS if not c.automatico]


def plantilla(**mas) -> bytes:
    return escribir_plantilla(FORMATO, OPCIONES, referencias=REFERENCIAS, region="06", ejercicio=2027, **mas)


def abrir(datos: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(datos))


def listas(hoja: Worksheet) -> dict[str, tuple[str, str, bool]]:
    """Letra de columna → (rango, fuente, bloquea) de las validaciones de lista."""
    return {
        str(v.sqref)[0]: (str(v.sqref), v.formula1, bool(v.showErrorMessage))
        for v in hoja.data_validations.dataValidation
        if v.type == "list"
    }


def comprobar_datos(libro: openpyxl.Workbook, filas: int) -> None:
    hoja, ultima = libro["Datos"], filas + 901
    assert [c.value for c in hoja[1]] == TITULOS
    assert libro["_listas"].sheet_state == "hidden"
    assert listas(hoja) == {
        "B": (f"B2:B{ultima}", "_listas!$D$2:$D$3", True),
        "C": (f"C2:C{ultima}", "_listas!$E$2:$E$3", False),
        "D": (f"D2:D{ultima}", "_listas!$F$2:$F$3", True),
        "E": (f"E2:E{ultima}", '"si,no"', True),
        "J": (f"J2:J{ultima}", "_listas!$G$2:$G$3", False),
    }
    ayudas = {str(v.sqref)[0]: v.prompt for v in hoja.data_validations.dataValidation}
    assert sorted(ayudas) == list("ABCDEFGHIJK") and all(ayudas.values())
    assert ayudas["B"] == "Elija uno." and ayudas["C"].startswith("Separe los valores con «;».")
    assert all(c.comment and "Qué es" in c.comment.text for c in hoja[1])
    assert {c.column_letter for c in hoja[1] if "Separe los valores con «;»." in c.comment.text} == {"C", "J"}
    cuando = {c.value: c.comment.text.rpartition("\n")[2] for c in hoja[1]}
    assert (cuando["Código"], cuando["Presupuesto"]) == ("Obligatorio.", "Opcional.")
    assert cuando["Comuna"] == "Opcional, y solo si «Criterios» incluye «Territorial»."
    assert [c.value for c in libro["_listas"]["F"]][:3] == ["catalogo:comunas", "06101 · Rancagua", "otra · Otra"]
    assert hoja.column_dimensions["A"].number_format == "@"


def test_datos() -> None:
    libro = abrir(plantilla())
    assert libro.sheetnames == ["Datos", "Diccionario", "Ejemplo", "_listas"]
    comprobar_datos(libro, 0)
    hoja = libro["Datos"]
    assert hoja.freeze_panes == "B2" and hoja.max_row == 1
    assert hoja["A1"].fill.fgColor.rgb != hoja["E1"].fill.fgColor.rgb  # los obligatorios se distinguen
    assert hoja["A1"].fill.fgColor.rgb == hoja["B1"].fill.fgColor.rgb
    formatos = {t: hoja.column_dimensions[letra].number_format for t, letra in zip(TITULOS, "ABBBEFGHIJK", strict=True)}
    assert formatos["Presupuesto"] == "#,##0" and formatos["Fecha"] == "dd-mm-yyyy" and formatos["Ejercicio"] == "0"


def test_filas_que_ya_existen() -> None:
    (hoja, *_) = leer_libro(plantilla(filas=[FILA | {"objetivos": "O-1;O-9"}, {"codigo": "07", "presupuesto": "por ver"}])).hojas
    assert hoja.encabezado == tuple(TITULOS)
    assert hoja.filas == [
        ["06", "crece · Crece", "territorial · Territorial; sectorial · Sectorial", "06101 · Rancagua", "si", 61230000, 12.5,
         datetime.date(2026, 12, 31), 2027, "O-1 · Mejorar el riego, sin perder agua; O-9", "Una línea\ny otra"],
        ["07", "", "", "", "", "por ver", "", "", "", "", ""],
    ]  # fmt: skip


def test_diccionario_y_ejemplo() -> None:
    libro = abrir(plantilla(citas=lambda r: Cita(r, "Reglamento, 3", "/reglamento/3/")))
    filas = [[c.value for c in fila] for fila in libro["Diccionario"].iter_rows()]
    assert filas[0] == ["Campo", "Tipo", "Obligatorio", "Qué es", "Cómo se llena", "Ejemplo", "Norma"]
    assert filas[1] == ["Código", "Código", "Obligatorio", "Qué es Código.", None, "06", "Reglamento, 3"]
    assert filas[2][1] == "Una opción de una lista" and filas[3][1] == "Una o varias opciones de una lista"
    assert filas[4][2] == "Opcional, y solo si «Criterios» incluye «Territorial»"
    ejemplo = leer_libro(plantilla()).hojas[2]
    assert ejemplo.nombre == "Ejemplo" and ejemplo.encabezado == tuple(TITULOS)
    assert ejemplo.filas[0][:3] == ["06", "crece · Crece", "territorial · Territorial; sectorial · Sectorial"]


def test_las_citas_pueden_ser_texto_o_faltar() -> None:
    assert abrir(plantilla(citas=str.upper))["Diccionario"]["G2"].value == "REGLAMENTO:3"
    assert abrir(plantilla())["Diccionario"]["G2"].value == "reglamento:3"


def test_identidad() -> None:
    libro = leer_libro(plantilla())
    assert (libro.plantilla, libro.region, libro.ejercicio) == (("focal", "1.2.0", "ab" * 32), "06", "2027")
    assert [c.value for fila in abrir(plantilla())["_listas"]["A1:B4"] for c in fila] == [
        "esquema", "focal", "version", "1.2.0", "huella", "ab" * 32, "proceso", "06/2027",
    ]  # fmt: skip
    sin_region = leer_libro(escribir_plantilla(FORMATO, OPCIONES))
    assert (sin_region.region, sin_region.ejercicio) == ("", "")


def test_sin_region_van_todas_las_comunas() -> None:
    assert [o.codigo for o in de_la_region("comunas", OPCIONES, "")] == ["05101", "06101", "otra"]
    assert [o.codigo for o in de_la_region("provincias", OPCIONES, "06")] == ["061"]
    assert len(de_la_region("regiones", OPCIONES, "06")) == 2


def test_lo_citado_sin_nombre_va_con_su_codigo_solo() -> None:
    """«O-1 · » no es un código: la planilla ofrecía lo que al subirla se rechazaba."""
    ejemplo = replace(FORMATO, ejemplos=(FILA | {"objetivos": "O-1;O-2"},))
    libro = abrir(escribir_plantilla(ejemplo, OPCIONES, referencias={"objetivos": [("O-1", ""), ("O-2", "Dos")]}))
    assert [c.value for c in libro["_listas"]["G"]][:3] == ["referencia:objetivos", "O-1", "O-2 · Dos"]
    assert [c.value for c in libro["Ejemplo"]["J"]][:2] == ["Objetivos", "O-1; O-2 · Dos"]


def test_una_referencia_que_no_existe_falla() -> None:
    with pytest.raises(ValueError, match="instrumento"):
        escribir_plantilla(FORMATO, OPCIONES, referencias={"instrumento": []})


def test_encuesta() -> None:
    datos = escribir_plantilla(ENCUESTA, OPCIONES)
    libro = abrir(datos)
    assert libro.sheetnames == ["Datos", "representantes", "Diccionario", "Ejemplo", "_listas"]
    assert [c.value for c in libro["representantes"][1]] == ["Respuesta", "Nombre"]
    diccionario = [[c.value for c in fila] for fila in libro["Diccionario"].iter_rows()]
    assert diccionario[0][:2] == ["Hoja", "Campo"]
    assert [f[0] for f in diccionario[1:]] == ["Datos"] * 4 + ["representantes"] * 2
    assert diccionario[3][3] == "Obligatorio si «Tipo» tiene un valor"
    assert diccionario[4][3] == "Opcional, y solo si «Tipo» no es «Crece» o «Medios» está vacío o «Tipo» es «Redes» o «Crece»"
    ejemplo = [[c.value for c in fila] for fila in libro["Ejemplo"].iter_rows()]
    assert ejemplo[0] == ["Respuesta", "Tipo", "Medios", "Otro"] and ejemplo[1][:2] == ["R-1", "crece · Crece"]
    assert ejemplo[3][0] == "Representantes" and ejemplo[4][:2] == ["Respuesta", "Nombre"]
    assert ejemplo[5][:2] == ["R-1", "Una persona"]


@pytest.mark.parametrize("camino", [("xlsx",), ("ods", "xlsx")])
def test_sigue_sirviendo_despues_de_libreoffice(tmp_path: Path, camino: tuple[str, ...]) -> None:
    exigir(disponible())
    original = plantilla(filas=[FILA] * 3)
    ruta = tmp_path / "p.xlsx"
    ruta.write_bytes(original)
    for i, formato in enumerate(camino):
        ruta = convertir(ruta, formato, tmp_path / str(i))
        antes, despues = leer_libro(original), leer_libro(ruta.read_bytes())
        assert despues.plantilla == antes.plantilla
        assert [(h.nombre, h.visible, h.encabezado, h.filas) for h in despues.hojas] == [
            (h.nombre, h.visible, h.encabezado, h.filas) for h in antes.hojas
        ]
    comprobar_datos(openpyxl.load_workbook(ruta), 3)


def test_las_notas_pintan_su_celda_y_no_cambian_lo_que_dice() -> None:
    notas = {(0, "codigo"): "OBS-01: revise esta fila.", (0, "presupuesto"): "", (TITULO, "comuna"): "OBS-02: toda la columna."}
    libro = abrir(plantilla(filas=[FILA], notas=notas))
    hoja = libro["Datos"]
    columna = {c.value: c.column for c in hoja[1]}
    pintadas = {c.coordinate for fila in hoja.iter_rows() for c in fila if c.fill.fgColor.rgb.endswith(OBSERVADA["bg_color"][1:])}
    comuna = hoja.cell(1, columna["Comuna"])
    observada, monto = hoja.cell(2, columna["Código"]), hoja.cell(2, columna["Presupuesto"])
    assert pintadas == {comuna.coordinate, observada.coordinate, monto.coordinate}
    assert observada.comment.text == "OBS-01: revise esta fila." and monto.comment is None
    assert comuna.comment.text.startswith("OBS-02: toda la columna.") and "Qué es" in comuna.comment.text
    sin_notas = abrir(plantilla(filas=[FILA]))["Datos"]
    assert [c.value for c in hoja[2]] == [c.value for c in sin_notas[2]]
