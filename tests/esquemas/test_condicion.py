"""La gramática de condiciones: sus seis palabras, sobre uno o varios valores, y cómo se anidan."""

import pytest

from esquemas.condicion import cumple, separar
from esquemas.errores import EsquemaInvalido
from esquemas.lectura import Lector
from esquemas.lectura_campo import leer_condicion
from esquemas.modelo import Condicion

FILA = {"a": "x", "b": "", "v": "x;y", "w": ""}
VARIOS = frozenset({"v", "w"})


@pytest.mark.parametrize(
    ("escrita", "esperado"),
    [
        ({"campo": "a", "es": "x"}, True),
        ({"campo": "a", "es": "y"}, False),
        ({"campo": "b", "es": "x"}, False),
        ({"campo": "no_esta", "es": "x"}, False),
        ({"campo": "a", "no_es": "x"}, False),
        ({"campo": "a", "no_es": "y"}, True),
        ({"campo": "b", "no_es": "x"}, True),
        ({"campo": "a", "en": ["y", "x"]}, True),
        ({"campo": "a", "en": ["y", "z"]}, False),
        ({"campo": "v", "es": "y"}, True),
        ({"campo": "v", "es": "x;y"}, False),
        ({"campo": "v", "es": "z"}, False),
        ({"campo": "v", "no_es": "x"}, False),
        ({"campo": "v", "no_es": "z"}, True),
        ({"campo": "v", "en": ["z", "y"]}, True),
        ({"campo": "v", "en": ["z"]}, False),
        ({"campo": "w", "es": "x"}, False),
        ({"campo": "w", "no_es": "x"}, True),
        ({"campo": "a", "vacio": False}, True),
        ({"campo": "a", "vacio": True}, False),
        ({"campo": "b", "vacio": True}, True),
        ({"campo": "b", "vacio": False}, False),
        ({"campo": "w", "vacio": True}, True),
        ({"campo": "no_esta", "vacio": True}, True),
        ({"y": [{"campo": "a", "es": "x"}, {"campo": "b", "vacio": True}]}, True),
        ({"y": [{"campo": "a", "es": "x"}, {"campo": "b", "vacio": False}]}, False),
        ({"o": [{"campo": "a", "es": "z"}, {"campo": "b", "vacio": True}]}, True),
        ({"o": [{"campo": "a", "es": "z"}, {"campo": "b", "vacio": False}]}, False),
        ({"o": [{"campo": "a", "es": "z"}, {"y": [{"campo": "v", "es": "x"}, {"campo": "v", "es": "y"}]}]}, True),
        ({"campo": "a", "es": 5}, False),
    ],
)
def test_cumple(escrita, esperado):
    assert cumple(leer_condicion(Lector("x.yaml"), escrita, "si"), FILA, VARIOS) is esperado


def test_un_numero_se_compara_como_texto():
    assert leer_condicion(Lector("x.yaml"), {"campo": "a", "es": 5}, "si") == Condicion("es", "a", ("5",))


def test_que_campos_mira():
    condicion = {"o": [{"campo": "a", "es": "z"}, {"y": [{"campo": "v", "es": "x"}, {"campo": "b", "vacio": True}]}]}
    assert leer_condicion(Lector("x.yaml"), condicion, "si").campos() == {"a", "v", "b"}


def test_separar():
    assert separar("") == []
    assert separar("a") == ["a"]
    assert separar("a;b") == ["a", "b"]


@pytest.mark.parametrize(
    "mala",
    [
        {},
        {"campo": "a"},
        {"es": "x"},
        {"campo": "a", "es": "x", "no_es": "y"},
        {"campo": "a", "y": [{"campo": "a", "es": "x"}, {"campo": "b", "es": "x"}]},
        {"y": [{"campo": "a", "es": "x"}]},
        {"o": []},
        {"y": {"campo": "a", "es": "x"}},
        {"campo": "a", "es": True},
        {"campo": "a", "es": None},
        {"campo": "a", "es": ["x"]},
        {"campo": "a", "en": "x"},
        {"campo": "a", "en": []},
        {"campo": "a", "en": [["x"]]},
        {"campo": "a", "vacio": "si"},
        {"campo": ["a"], "es": "x"},
        {"campo": "a", "contiene": "x"},
        ["campo"],
        "campo es x",
        None,
    ],
)
def test_condicion_mal_formada(mala):
    with pytest.raises(EsquemaInvalido) as error:
        leer_condicion(Lector("x.yaml"), mala, "si")
    assert error.value.archivo == "x.yaml"
    assert error.value.ruta.startswith("si")
    assert error.value.arreglo
