"""Un archivo entero: la plantilla que sirve y la que no, y para quién se hizo."""

from dataclasses import replace

import pytest

from esquemas.catalogo import cargar
from esquemas.entrega import validar_libro
from esquemas.errores import Codigo
from esquemas.libro import Libro
from esquemas.publicacion import ejemplo_csv
from esquemas.revision import Contexto
from esquemas.tabla import leer_csv

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
