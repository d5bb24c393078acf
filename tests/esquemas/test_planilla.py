"""Los XLSX que entregamos: con tipos, sin fórmulas y siempre iguales."""

import datetime
import io
import zipfile

import openpyxl
import pytest

from esquemas.libro import leer_libro
from esquemas.planilla import LARGO_MAXIMO, Escritor, nombre_de_hoja, tipar
from tests.esquemas.muestra import CARGAS, ENCUESTA, FORMATO, GRUPO, PRINCIPAL, campo
from tests.servicios.libro import escribir_libro

TABLAS = [
    (
        "Datos",
        ["Código", "=Monto"],
        [["06", 5], ["", 2.5], [True, datetime.date(2026, 12, 31)], ["x", datetime.date(1850, 1, 1)]],
    ),
    ("datos", ["a"], []),
]


def test_ida_y_vuelta() -> None:
    datos, otra = leer_libro(escribir_libro(TABLAS)).hojas
    assert datos.encabezado == ("Código", "=Monto")
    assert datos.filas == [["06", 5], ["", 2.5], [True, datetime.date(2026, 12, 31)], ["x", "1850-01-01"]]
    assert otra.nombre == "datos (2)"  # Excel no distingue mayúsculas


def test_los_mismos_datos_dan_los_mismos_bytes() -> None:
    assert escribir_libro(TABLAS) == escribir_libro(TABLAS)


@pytest.mark.parametrize("carga", CARGAS)
def test_nada_es_formula(carga: str) -> None:
    datos = escribir_libro([("Datos", [carga], [[carga]])])
    assert openpyxl.load_workbook(io.BytesIO(datos))["Datos"]["A2"].hyperlink is None
    with zipfile.ZipFile(io.BytesIO(datos)) as paquete:
        assert b"<f>" not in paquete.read("xl/worksheets/sheet1.xml")
    assert leer_libro(datos).hojas[0].filas == [[carga]]


def test_texto_mas_largo_que_una_celda_de_excel() -> None:
    datos = escribir_libro([("Datos", ["a"], [["x" * (LARGO_MAXIMO + 1)]])])
    assert len(openpyxl.load_workbook(io.BytesIO(datos))["Datos"]["A2"].value) == LARGO_MAXIMO


@pytest.mark.parametrize(
    ("pedido", "dado"),
    [("", "Datos"), ("A/B: [1]*?", "A-B- -1---"), ("'x'", "x"), ("x" * 40, "x" * 31), ("History", "History (2)")],
)
def test_nombres_de_hoja_que_excel_no_admite(pedido: str, dado: str) -> None:
    assert Escritor().hoja(pedido).get_name() == dado


def test_nombres_largos_repetidos() -> None:
    escritor = Escritor()
    assert [escritor.hoja("x" * 31).get_name()[-5:] for _ in range(3)] == ["xxxxx", "x (2)", "x (3)"]


@pytest.mark.parametrize(
    ("tipo", "canonico", "celda"),
    [
        ("pesos", "61230000", 61230000),
        ("entero", "-3", -3),
        ("ejercicio", "2027", 2027),
        ("decimal", "12.5", 12.5),
        ("porcentaje", "", ""),
        ("fecha", "2026-12-31", datetime.date(2026, 12, 31)),
        ("fecha", "mañana", "mañana"),
        ("codigo", "06", "06"),
        ("logico", "si", "si"),
    ],
)
def test_tipar(tipo: str, canonico: str, celda: object) -> None:
    tipada = tipar(campo("x", "X", tipo), canonico)
    assert tipada == celda and type(tipada) is type(celda)


def test_nombre_de_hoja() -> None:
    assert nombre_de_hoja(FORMATO, PRINCIPAL) == "Datos"
    assert nombre_de_hoja(ENCUESTA, GRUPO.tabla) == "representantes"
