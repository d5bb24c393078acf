"""Cumple, no cumple o falta un dato: la cuenta del orientador, cómo se leen sus YAML y qué requisito no arranca."""

from dataclasses import replace

import pytest

from esquemas.catalogo import CARPETA, cargar, leer_yaml
from esquemas.coherencia import comprobar, normas_citadas
from esquemas.errores import EsquemaInvalido
from esquemas.lectura import Lector
from esquemas.lectura_campo import leer_condicion
from esquemas.lectura_orientador import leer_preguntas, leer_requisitos
from esquemas.modelo import Requisito
from esquemas.orientador import Estado, estado_de_condicion, estado_de_instrumento, estado_de_requisito

NO, FALTA, SI = Estado.NO_CUMPLE, Estado.FALTA, Estado.CUMPLE
CATALOGO = cargar()
ES_MICRO = {"campo": "tamano", "es": "micro"}
LIDERA = {"campo": "lidera", "es": "si"}


def condicion(dato):
    return leer_condicion(Lector("x.yaml"), dato, "si")


def estado(nombre, **respuestas):
    return estado_de_instrumento(CATALOGO.instrumentos[nombre], respuestas)


@pytest.mark.parametrize(
    ("dato", "respuestas", "esperado"),
    [
        (ES_MICRO, {}, FALTA),
        (ES_MICRO, {"tamano": ""}, FALTA),
        (ES_MICRO, {"tamano": "micro"}, SI),
        (ES_MICRO, {"tamano": "mayor"}, NO),
        ({"campo": "tamano", "no_es": "micro"}, {}, FALTA),
        ({"campo": "tamano", "no_es": "micro"}, {"tamano": "mayor"}, SI),
        ({"campo": "tamano", "en": ["micro", "pequena"]}, {"tamano": "pequena"}, SI),
        ({"campo": "tamano", "vacio": True}, {}, FALTA),
        ({"campo": "tamano", "vacio": True}, {"tamano": "micro"}, NO),
        ({"campo": "tamano", "vacio": False}, {"tamano": "micro"}, SI),
        ({"y": [ES_MICRO, LIDERA]}, {"tamano": "micro"}, FALTA),
        ({"y": [ES_MICRO, LIDERA]}, {"tamano": "mayor"}, NO),
        ({"o": [ES_MICRO, LIDERA]}, {"tamano": "micro"}, SI),
        ({"o": [ES_MICRO, LIDERA]}, {"tamano": "mayor"}, FALTA),
        ({"o": [ES_MICRO, LIDERA]}, {"tamano": "mayor", "lidera": "no"}, NO),
        ({"o": [{"y": [ES_MICRO, LIDERA]}, {"campo": "almacen", "es": "si"}]}, {"tamano": "mayor", "almacen": "no"}, NO),
    ],
)
def test_una_condicion_vale_tres_cosas(dato, respuestas, esperado):
    assert estado_de_condicion(condicion(dato), respuestas) is esperado


def test_lo_que_la_fuente_no_dice_falta_y_no_es_un_no():
    assert estado_de_requisito(Requisito("x", ("n",)), {"tamano": "micro"}) is FALTA
    dudoso = Requisito("x", ("n",), condicion(ES_MICRO), condicion(LIDERA))
    assert estado_de_requisito(dudoso, {"tamano": "mayor", "lidera": "si"}) is FALTA
    assert estado_de_requisito(dudoso, {"tamano": "mayor", "lidera": "no"}) is NO
    assert estado_de_requisito(dudoso, {"tamano": "micro", "lidera": "si"}) is SI


# Lo que dice cada fila del Reglamento 3 y las fuentes 000 y 002, a mano.
@pytest.mark.parametrize(
    ("nombre", "respuestas", "esperado"),
    [
        *((n, {"tamano": t}, e) for n in ("crece", "mejora-negocios", "redes") for t, e in (("micro", SI), ("pequena", SI))),
        *((n, {"tamano": t}, NO) for n in ("crece", "mejora-negocios", "redes") for t in ("mayor", "ninguna")),
        ("semilla", {"negocio": "nuevo", "lidera": "no"}, SI),
        ("semilla", {"negocio": "marcha"}, NO),
        ("abeja", {"negocio": "nuevo", "lidera": "si"}, SI),
        ("abeja", {"negocio": "nuevo", "lidera": "no"}, NO),
        ("abeja", {"negocio": "nuevo"}, FALTA),
        ("abeja", {"negocio": "marcha"}, NO),
        ("promocion", {"tamano": "pequena"}, SI),
        ("promocion", {"tamano": "micro"}, FALTA),
        ("promocion", {"tamano": "mayor"}, NO),
        ("juntos", {"postula": "grupo"}, SI),
        ("juntos", {"postula": "cooperativa"}, SI),
        ("juntos", {"postula": "empresa"}, NO),
        ("digitaliza", {"almacen": "si"}, SI),
        ("digitaliza", {"almacen": "no"}, NO),
        ("barrios", {"barrio": "si", "postula": "vecino"}, SI),
        ("barrios", {"barrio": "si", "postula": "gremio"}, FALTA),
        ("barrios", {"barrio": "no", "postula": "vecino"}, NO),
        ("gremios", {"postula": "gremio"}, SI),
        ("gremios", {"postula": "empresa"}, NO),
        ("punto-mipe", {"tamano": "micro"}, FALTA),
        ("ferias-libres", {"tamano": "micro", "postula": "empresa"}, FALTA),
    ],
)
def test_cada_instrumento_pide_lo_que_dice_su_fuente(nombre, respuestas, esperado):
    assert estado(nombre, **respuestas) is esperado


def test_sin_respuestas_nada_se_cumple_ni_se_descarta():
    assert {estado(n) for n in CATALOGO.instrumentos} == {FALTA}


def test_son_pocas_preguntas_y_todas_sirven():
    miradas = {c for i in CATALOGO.instrumentos.values() for r in i.requisitos if r.si for c in r.si.campos()}
    assert {p.nombre for p in CATALOGO.preguntas} == miradas
    assert 4 <= len(CATALOGO.preguntas) <= 6


def test_toda_norma_de_requisitos_y_preguntas_se_cita():
    rutas = {(clave, ruta) for clave, ruta, _ in normas_citadas(CATALOGO)}
    assert ("instrumento/abeja", "requisitos.Negocio nuevo.") in rutas
    assert ("orientador/orientador", "lidera") in rutas


# --- leer ------------------------------------------------------------------------------------------


def de_preguntas():
    return leer_yaml((CARPETA / "orientador.yaml").read_text(encoding="utf-8"), "orientador.yaml")


@pytest.mark.parametrize(
    ("cambiar", "ruta"),
    [
        (lambda d: d.update(otra=1), "otra"),
        (lambda d: d.update(name="otro"), "name"),
        (lambda d: d.update(version="1"), "version"),
        (lambda d: d["preguntas"][0].pop("norma"), "preguntas[0]"),
        (lambda d: d["preguntas"][0].update(opciones={"una": "Una"}), "preguntas[0].opciones"),
        (lambda d: d["preguntas"][0].update(opciones=["una", "dos"]), "preguntas[0].opciones"),
        (lambda d: d["preguntas"][0]["opciones"].update(otra=2), "preguntas[0].opciones.otra"),
        (lambda d: d["preguntas"][1].update(name="postula"), "preguntas"),
    ],
)
def test_una_pregunta_mal_escrita_no_arranca(cambiar, ruta):
    dato = de_preguntas()
    cambiar(dato)
    with pytest.raises(EsquemaInvalido) as error:
        leer_preguntas(dato, "orientador.yaml")
    assert (error.value.archivo, error.value.ruta) == ("orientador.yaml", ruta)


BUENO = {"texto": "Es micro.", "norma": ["n"], "si": ES_MICRO}


@pytest.mark.parametrize(
    ("requisito", "ruta"),
    [
        (BUENO | {"otra": 1}, "requisitos[0].otra"),
        ({"texto": "x", "si": ES_MICRO}, "requisitos[0]"),
        ({"texto": "x", "norma": ["n"]}, "requisitos[0]"),
        (BUENO | {"duda": LIDERA}, "requisitos[0]"),
        ({"texto": "x", "norma": ["n"], "no_consta": "y", "duda": LIDERA}, "requisitos[0]"),
        (BUENO | {"si": {"campo": "x"}}, "requisitos[0].si"),
    ],
)
def test_un_requisito_mal_escrito_no_arranca(requisito, ruta):
    with pytest.raises(EsquemaInvalido) as error:
        leer_requisitos(Lector("i.yaml"), {"requisitos": [requisito], "norma": ["n"]})
    assert (error.value.archivo, error.value.ruta) == ("i.yaml", ruta)


def test_sin_requisitos_se_dice_que_la_fuente_no_los_da():
    (unico,) = leer_requisitos(Lector("i.yaml"), {"norma": ["guia:contexto"]})
    assert (unico.si, unico.norma, bool(unico.no_consta)) == (None, ("guia:contexto",), True)
    (leido,) = leer_requisitos(Lector("i.yaml"), {"requisitos": [BUENO | {"duda": LIDERA, "no_consta": "z"}], "norma": ["n"]})
    assert (leido.duda.campo, leido.no_consta) == ("lidera", "z")


# --- coherencia ------------------------------------------------------------------------------------


class Archivos(dict):
    def __missing__(self, clave):
        return f"{clave}.yaml"


@pytest.mark.parametrize(
    ("cambio", "dicho"),
    [
        ({"si": condicion({"campo": "edad", "es": "1"})}, "no pregunta «edad»"),
        ({"si": condicion({"y": [ES_MICRO, {"campo": "edad", "es": "1"}]})}, "no pregunta «edad»"),
        ({"si": condicion({"campo": "tamano", "es": "enorme"})}, "«enorme» no es una respuesta de «tamano»"),
        ({"si": condicion({"campo": "lidera", "en": ["si", "no"]})}, "cualquier respuesta da lo mismo"),
        ({"si": condicion({"y": [LIDERA, {"campo": "lidera", "es": "no"}]})}, "cualquier respuesta da lo mismo"),
        ({"duda": condicion({"campo": "tamano", "es": "enorme"})}, "«enorme» no es una respuesta de «tamano»"),
        ({"norma": ("nadie:1",)}, "la norma «nadie:1» no existe"),
    ],
)
def test_un_requisito_incoherente_no_arranca(cambio, dicho):
    crece = CATALOGO.instrumentos["crece"]
    malo = replace(crece, requisitos=(replace(crece.requisitos[0], **cambio),))
    with pytest.raises(EsquemaInvalido) as error:
        comprobar(replace(CATALOGO, instrumentos={**CATALOGO.instrumentos, "crece": malo}), Archivos())
    assert dicho in error.value.que
    assert (error.value.archivo, error.value.ruta) == ("instrumento/crece.yaml", f"requisitos.{crece.requisitos[0].texto}")


def test_una_pregunta_sin_norma_no_arranca():
    preguntas = (replace(CATALOGO.preguntas[0], norma=()), *CATALOGO.preguntas[1:])
    with pytest.raises(EsquemaInvalido) as error:
        comprobar(replace(CATALOGO, preguntas=preguntas), Archivos())
    assert (error.value.archivo, error.value.ruta) == ("orientador/orientador.yaml", "postula")
