"""Un archivo entero: la plantilla que sirve y la que no, y para quién se hizo."""

import io
from collections.abc import Callable
from dataclasses import replace

import openpyxl
import pytest

from esquemas.catalogo import cargar
from esquemas.entrega import validar_libro
from esquemas.errores import Codigo
from esquemas.libro import Libro, leer_libro
from esquemas.plantilla import escribir_plantilla
from esquemas.publicacion import ejemplo_csv
from esquemas.revision import Contexto
from esquemas.tabla import leer_csv
from esquemas.validacion import Resultado

CATALOGO = cargar()
ESQUEMA = CATALOGO.esquemas["focalizacion"]
HOJA = leer_csv(ejemplo_csv(ESQUEMA))


def codigos(libro: Libro, contexto: Contexto | None = None) -> dict[str, str]:
    resultado = validar_libro(CATALOGO, ESQUEMA, libro, contexto or Contexto())
    return {p.codigo: p.gravedad for p in resultado.problemas if p.codigo != Codigo.REFERENCIA_SIN_REVISAR}


def libro(nombre: str = "focalizacion", version: str = ESQUEMA.version, **mas: str) -> Libro:
    return Libro([HOJA], (nombre, version, ESQUEMA.huella), **mas)


def test_la_plantilla_vigente_y_el_archivo_sin_plantilla_no_dicen_nada():
    assert codigos(libro()) == codigos(Libro([HOJA])) == {}


@pytest.mark.parametrize(
    "suya, gravedad", [("1.9.0", "alerta"), ("1.0.7", "alerta"), ("0.9.0", "error"), ("2.0.0", "error"), ("borrador", "error")]
)
def test_otra_version_de_la_misma_serie_avisa_y_de_otra_serie_no_se_lee(suya, gravedad):
    assert codigos(libro(version=suya)) == {Codigo.PLANTILLA_ANTIGUA: gravedad}


def test_lo_que_cambio_desde_la_version_de_la_plantilla_se_dice():
    resultado = validar_libro(CATALOGO, ESQUEMA, libro(version="0.9.0"), Contexto())
    assert "1.0.0: Primera versión." in resultado.problemas[0].mensaje
    assert resultado.tablas == {}


@pytest.mark.parametrize("nombre", ["catastro-actores", "uno-que-ya-no-existe"])
def test_la_plantilla_de_otro_formato_se_rechaza(nombre):
    assert codigos(libro(nombre)) == {Codigo.PLANTILLA_AJENA: "error"}


@pytest.mark.parametrize(
    "contexto, esperado",
    [
        (Contexto("06", 2027), {}),
        (Contexto(), {}),
        (Contexto("13", 2027), {Codigo.REGION_DISTINTA: "error"}),
        (Contexto("06", 2028), {Codigo.EJERCICIO_DISTINTO: "error"}),
        (Contexto("13", 2028), {Codigo.REGION_DISTINTA: "error", Codigo.EJERCICIO_DISTINTO: "error"}),
    ],
)
def test_la_plantilla_de_una_region_no_entra_por_otra(contexto, esperado):
    assert codigos(libro(region="06", ejercicio="2027"), contexto) == esperado


def test_sin_ninguna_hoja_que_calce_hay_un_error_con_norma():
    ajena = replace(HOJA, nombre="Otra", encabezado=("x", "y"), filas=[["1", "2"]], numeros=[2], columnas=(0, 1))
    resultado = validar_libro(CATALOGO, ESQUEMA, Libro([ajena, replace(ajena, nombre="Otra más")]), Contexto())
    assert [p.codigo for p in resultado.problemas] == [Codigo.HOJA_EQUIVOCADA]
    assert resultado.problemas[0].norma == ESQUEMA.norma[:1]


# --- qué hoja de la plantilla se lee --------------------------------------------------------------------------

MATRIZ = CATALOGO.esquemas["potencialidades-problematicas"]
FILA = {**MATRIZ.ejemplos[0], "codigo": "POT-99"}
PLANTILLA = escribir_plantilla(MATRIZ, CATALOGO.opciones, filas=[FILA], region="06", ejercicio=2027)
Cambio = Callable[[openpyxl.Workbook], object]


def entregar(cambio: Cambio) -> Resultado:
    """La plantilla con una fila propia, después de lo que le hizo la persona."""
    editado = openpyxl.load_workbook(io.BytesIO(PLANTILLA))
    cambio(editado)
    salida = io.BytesIO()
    editado.save(salida)
    return validar_libro(CATALOGO, MATRIZ, leer_libro(salida.getvalue()), Contexto("06", 2027))


def renombrar(libro: openpyxl.Workbook) -> openpyxl.worksheet.worksheet.Worksheet:
    datos = libro["Datos"]
    datos.title = "Matriz A2"
    return datos


def sin_las_otras(libro: openpyxl.Workbook, *nombres: str) -> None:
    renombrar(libro).delete_cols(6)
    for nombre in nombres:
        libro.remove(libro[nombre])


@pytest.mark.parametrize(
    "cambio",
    [
        lambda libro: renombrar(libro).delete_cols(6),  # «Causas», que es optativa: «Ejemplo» queda con más títulos
        lambda libro: setattr(renombrar(libro)["F1"], "value", "Otro título"),
        lambda libro: setattr(libro["_listas"], "sheet_state", "visible") or renombrar(libro).delete_cols(6),
        lambda libro: sin_las_otras(libro, "_listas"),  # ya no se reconoce como plantilla
        lambda libro: sin_las_otras(libro, "Diccionario"),
        lambda libro: sin_las_otras(libro, "_listas", "Diccionario"),
    ],
)
def test_las_hojas_de_ayuda_nunca_son_los_datos(cambio: Cambio):
    resultado = entregar(cambio)
    assert [f["codigo"] for f in resultado.como_dict(MATRIZ.nombre)] == ["POT-99"]
    assert resultado.hoja == "Matriz A2"


@pytest.mark.parametrize(
    "cambio, dice",
    [
        (lambda libro: setattr(libro["Datos"], "sheet_state", "hidden"), "«Datos» está oculta: muéstrela"),
        (lambda libro: setattr(renombrar(libro), "sheet_state", "hidden"), "«Matriz A2» está oculta: muéstrela"),
        (lambda libro: libro.remove(libro["Datos"]), "Falta la hoja «Datos», o está vacía"),
        (lambda libro: libro.remove(libro["Datos"]) or libro.remove(libro["_listas"]), "Falta la hoja «Datos», o está vacía"),
        (lambda libro: libro["Datos"].delete_rows(1, 50), "Falta la hoja «Datos», o está vacía"),
    ],
)
def test_sin_la_hoja_de_datos_se_dice_cual_falta(cambio: Cambio, dice: str):
    resultado = entregar(cambio)
    assert [(p.codigo, p.gravedad) for p in resultado.problemas] == [(Codigo.HOJA_EQUIVOCADA, "error")]
    assert dice in resultado.problemas[0].mensaje
    assert (resultado.tablas, resultado.hoja) == ({}, "")


def copiar(libro: openpyxl.Workbook, cambio: Callable = lambda hoja: None) -> None:
    copia = libro.copy_worksheet(libro["Datos"])
    copia.title = "Datos (2)"
    cambio(copia)


def sin_leer(cambio: Cambio) -> list[str]:
    resultado = entregar(cambio)
    assert (resultado.valido, resultado.hoja) == (True, "Datos")
    return [p.hoja for p in resultado.alertas if p.codigo == Codigo.HOJA_SIN_LEER and f"«{p.hoja}» también tiene" in p.mensaje]


def test_otra_hoja_con_las_mismas_columnas_y_filas_se_avisa():
    assert sin_leer(copiar) == ["Datos (2)"]
    assert sin_leer(lambda libro: copiar(libro, lambda hoja: hoja.delete_cols(6))) == ["Datos (2)"]  # sin una optativa


@pytest.mark.parametrize(
    "cambio",
    [
        lambda libro: libro.remove(libro["_listas"]),  # «Ejemplo» y «Diccionario» siguen siendo de ayuda
        lambda libro: [libro.remove(libro[n]) for n in ("_listas", "Diccionario")],
        lambda libro: copiar(libro, lambda hoja: hoja.delete_rows(2, 50)),
        lambda libro: copiar(libro, lambda hoja: hoja.delete_cols(1)),  # sin «Código» no es otra matriz: es un resumen
        lambda libro: copiar(libro, lambda hoja: setattr(hoja, "sheet_state", "hidden")),
    ],
)
def test_lo_que_no_es_otra_matriz_no_se_avisa(cambio: Cambio):
    assert sin_leer(cambio) == []


def test_una_matriz_sin_filas_a_proposito_dice_lo_mismo_de_siempre():
    resultado = entregar(lambda libro: libro["Datos"].delete_rows(2, 50))
    assert [(p.codigo, p.hoja) for p in resultado.problemas] == [(Codigo.SIN_FILAS, "Datos")]
    assert resultado.hoja == "Datos"
