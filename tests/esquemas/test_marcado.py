"""El libro devuelto a la persona: el suyo, con cada problema en su celda."""

import datetime
import io
import zipfile
from pathlib import Path

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from esquemas.errores import Gravedad, Problema
from esquemas.hoja import Celda, Hoja
from esquemas.libro import ENCABEZADO_PROBLEMAS, leer_libro
from esquemas.marcado import ALERTA, ERROR, marcar
from esquemas.modelo import Cita
from esquemas.plantilla import OBSERVADA, TITULO, escribir_plantilla
from esquemas.tabla import leer_csv
from tests.esquemas.muestra import CARGAS, ENCUESTA, FILA, FORMATO, OPCIONES
from tests.servicios.exigencia import exigir
from tests.servicios.oficina import convertir, disponible

HOJA = Hoja(
    "Mi hoja",
    ("Código", "Instrumento", "Nota ajena", "", "Presupuesto", "Fecha"),
    [["06", "crece", "=1+1", "", 1500, datetime.date(2026, 12, 31)], ["07", "", 2.5, "suelto", "mil", True]],
    [4, 7],
    (1, 2, 3, 4, 6, 7),
    3,
)
VACIA = Hoja("Notas", ("solo título",), [], [], (0,), 1, visible=False)


def problema(mensaje: str = "Está mal. Arréglelo.", gravedad: Gravedad = Gravedad.ERROR, **lugar) -> Problema:
    return Problema(gravedad, "un-codigo", mensaje, **lugar)


def abrir(datos: bytes) -> openpyxl.Workbook:
    return openpyxl.load_workbook(io.BytesIO(datos))


def contenido(hojas: list[Hoja]) -> list[tuple]:
    return [(h.nombre, h.encabezado, h.filas, h.numeros, h.columnas, h.fila_encabezado, h.visible) for h in hojas]


def color(celda) -> str:
    return "#" + celda.fill.fgColor.rgb[2:]


def test_mismas_hojas_filas_columnas_y_tipos() -> None:
    datos = marcar([HOJA, VACIA], [problema(hoja="Mi hoja", celda="C7", fila=7), problema(hoja="Mi hoja", celda="B5")], FORMATO)
    leido = leer_libro(datos).hojas
    assert contenido(leido) == contenido([HOJA, VACIA])
    assert [type(c) for f in leido[0].filas for c in f] == [type(c) for f in HOJA.filas for c in f]
    assert abrir(datos).sheetnames == ["Problemas", "Mi hoja", "Notas"]
    assert contenido(leer_libro(marcar(leido, [], FORMATO)).hojas) == contenido(leido)  # marcar lo marcado no acumula


def test_color_comentario_y_norma() -> None:
    problemas = [
        problema("Falta el instrumento. Elija uno.", hoja="Mi hoja", celda="C7", norma=("reglamento:3",)),
        problema("Otra cosa.", Gravedad.ALERTA, hoja="Mi hoja", celda="C7"),
        problema("Ojo.", Gravedad.ALERTA, hoja="Mi hoja", celda="G4"),
    ]
    hoja = abrir(marcar([HOJA], problemas, FORMATO, citas=lambda r: Cita(r, "Reglamento, 3", "/")))["Mi hoja"]
    assert color(hoja["C7"]) == ERROR["bg_color"] and color(hoja["G4"]) == ALERTA["bg_color"]
    esperado = "ERROR: Falta el instrumento. Elija uno.\nNorma: Reglamento, 3\n\nALERTA: Otra cosa."
    assert hoja["C7"].comment.text == esperado
    assert hoja["G4"].value == 1500 and hoja["G4"].number_format == "#,##0"
    assert hoja["B4"].comment is None and hoja["B4"].number_format == "@"


def test_lo_observado_se_pinta_y_convive_con_los_problemas() -> None:
    notas = {(0, "presupuesto"): "OBS-01", (0, "instrumento"): "OBS-02", (1, "codigo"): "", (TITULO, "fecha"): "OBS-03"}
    problemas = [problema("Falta.", hoja="Mi hoja", celda="C4")]
    hoja = abrir(marcar([HOJA, VACIA], problemas, FORMATO, notas={**notas, (0, "comuna"): "no está"}))["Mi hoja"]
    assert hoja["C4"].comment.text == "ERROR: Falta.\n\nOBS-02" and color(hoja["C4"]) == ERROR["bg_color"]
    assert [color(hoja[c]) for c in ("G4", "B7", "H3")] == [OBSERVADA["bg_color"]] * 3
    assert [hoja[c].comment and hoja[c].comment.text for c in ("G4", "B7", "H3")] == ["OBS-01", None, "OBS-03"]
    assert hoja["G4"].number_format == "#,##0"
    assert {c.coordinate for f in hoja.iter_rows() for c in f if c.comment} == {"C4", "G4", "H3"}


def test_la_lista_de_problemas() -> None:
    problemas = [
        problema(hoja="Mi hoja", celda="C7", campo="instrumento", valor="=x", norma=("reglamento:3", "guia:C.2")),
        problema("De todo el archivo. Revíselo.", hoja="otra", celda="Z9"),
    ]
    libro = abrir(marcar([HOJA, VACIA], problemas, FORMATO))
    filas = [[c.value for c in fila] for fila in libro["Problemas"].iter_rows()]
    assert tuple(filas[0]) == ENCABEZADO_PROBLEMAS
    norma, codigo = "reglamento:3; guia:C.2", str(problemas[0].codigo)
    assert filas[1] == ["error", "Mi hoja", "C7", "Instrumento", "=x", "Está mal. Arréglelo.", norma, codigo]
    assert libro["Problemas"]["C2"].hyperlink.location == "'Mi hoja'!C7"
    assert libro.active.title == "Problemas"


@pytest.mark.parametrize(
    ("lugar", "celda"),
    [
        ({"celda": "C7"}, "C7"),  # sin hoja: la de la tabla
        ({"tabla": "focal", "campo": "instrumento"}, "C3"),  # de la columna: su encabezado
        ({"campo": "Nota ajena"}, "D3"),
        ({"campo": "instrumento", "fila": 7}, "C7"),
        ({"fila": 7}, "B7"),  # de la fila: su comienzo
        ({"campo": "no-existe", "fila": 4}, "B4"),
        ({"campo": "no-existe"}, None),
        ({}, None),
        ({"tabla": "otra", "celda": "C7"}, None),
    ],
)
def test_donde_va_cada_problema(lugar: dict[str, object], celda: str | None) -> None:
    hoja = abrir(marcar([HOJA], [problema(**lugar)], FORMATO))["Mi hoja"]
    marcadas = [c.coordinate for fila in hoja.iter_rows() for c in fila if c.comment]
    assert marcadas == ([celda] if celda else [])


def test_cada_tabla_de_una_encuesta_en_su_hoja() -> None:
    hojas = [
        Hoja("Datos", ("Respuesta", "Tipo"), [["R-1", "crece"]], [2], (0, 1), 1),
        Hoja("representantes", ("Respuesta", "Nombre"), [], [], (0, 1), 1),
    ]
    libro = abrir(marcar(hojas, [problema(tabla="representantes", campo="nombre")], ENCUESTA))
    assert libro["representantes"]["B1"].comment and not libro["Datos"]["B1"].comment


def test_la_hoja_problemas_de_la_persona_no_se_toca() -> None:
    suya = Hoja("Problemas", ("Código", "Problema"), [["06", "Sequía"]], [2], (0, 1), 1)
    datos = marcar([suya], [problema(hoja="Problemas", celda="A2")], FORMATO)
    assert abrir(datos).sheetnames == ["Problemas (2)", "Problemas"]
    assert contenido(leer_libro(datos).hojas) == contenido([suya])


def test_lo_que_sobraba_en_un_csv_tambien_se_devuelve() -> None:
    hoja = leer_csv(b"C\xc3\xb3digo,Comuna\n06,Rancagua, centro\n\n07,x\n")
    libro = abrir(marcar([hoja], hoja.problemas, FORMATO))
    assert libro["Datos"]["C2"].value == " centro" and color(libro["Datos"]["C2"]) == ERROR["bg_color"]
    assert libro["Datos"]["A3"].comment.text.startswith("ALERTA: La fila 3 está en blanco")


def test_un_comentario_larguisimo_se_corta_y_dice_donde_seguir() -> None:
    hoja = abrir(marcar([HOJA], [problema("x" * 5000, hoja="Mi hoja", celda="B4")], FORMATO))["Mi hoja"]
    assert len(hoja["B4"].comment.text) < 2100 and "Problemas" in hoja["B4"].comment.text


def test_una_plantilla_marcada_conserva_listas_e_identidad() -> None:
    original = leer_libro(escribir_plantilla(FORMATO, OPCIONES, filas=[FILA], region="06", ejercicio=2027))
    datos = marcar(original.hojas, [problema(hoja="Datos", celda="B2")], FORMATO)
    leido = leer_libro(datos)
    assert leido.plantilla == original.plantilla and contenido(leido.hojas) == contenido(original.hojas)
    validaciones = {str(v.sqref): v.formula1 for v in abrir(datos)["Datos"].data_validations.dataValidation if v.type == "list"}
    assert validaciones["B2:B902"] == "_listas!$D$2:$D$3" and validaciones["D2:D902"] == "_listas!$F$2:$F$3"


@pytest.mark.parametrize("carga", CARGAS)
def test_nada_es_formula(carga: str) -> None:
    hoja = Hoja("Datos", (f"{carga}x",), [[carga]], [2], (0,), 1)
    datos = marcar([hoja], [problema(carga, hoja="Datos", celda="A2", valor=carga)], FORMATO)
    assert contenido(leer_libro(datos).hojas) == contenido([hoja])
    with zipfile.ZipFile(io.BytesIO(datos)) as paquete:
        assert not any(b"<f>" in paquete.read(n) for n in paquete.namelist() if n.startswith("xl/worksheets/"))


CELDAS: st.SearchStrategy[Celda] = st.one_of(
    st.just(""),
    st.text(st.characters(exclude_categories=["Cs", "Cc"], exclude_characters="\ufffe\uffff"), min_size=1, max_size=12).filter(
        str.strip
    ),
    st.integers(-(10**14), 10**14),
    st.floats(-1e9, 1e9).map(lambda x: round(x, 2)).filter(lambda x: not x.is_integer()),
    st.booleans(),
    st.dates(datetime.date(1900, 3, 1)),
)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(CELDAS, min_size=3, max_size=3), max_size=6), st.sets(st.sampled_from(["A2", "B3", "C4", "A1", "D9"])))
def test_ida_y_vuelta(filas: list[list[Celda]], celdas: set[str]) -> None:
    filas = [f for f in filas if any(c != "" for c in f)]
    hoja = Hoja("Datos", ("Fecha", "Presupuesto", "Ajena"), filas, list(range(2, 2 + len(filas))), (0, 1, 2), 1)
    (leida,) = leer_libro(marcar([hoja], [problema(hoja="Datos", celda=c) for c in celdas], FORMATO)).hojas
    assert leida.filas == filas and leida.encabezado == hoja.encabezado
    assert [type(c) for f in leida.filas for c in f] == [type(c) for f in filas for c in f]


def test_libreoffice_abre_lo_marcado(tmp_path: Path) -> None:
    exigir(disponible())
    ruta = tmp_path / "m.xlsx"
    ruta.write_bytes(marcar([HOJA], [problema(hoja="Mi hoja", celda="C7")], FORMATO))
    otra = convertir(ruta, "xlsx", tmp_path / "o")
    assert contenido(leer_libro(otra.read_bytes()).hojas) == contenido([HOJA])
    assert "Está mal" in openpyxl.load_workbook(otra)["Mi hoja"]["C7"].comment.text
