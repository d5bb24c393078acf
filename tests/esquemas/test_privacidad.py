"""El aviso de privacidad: todo dato de persona, en su orden, y los contenidos comunes con lo que agrega cada esquema."""

import dataclasses
from datetime import UTC, datetime

import pytest

from esquemas.catalogo import cargar
from esquemas.privacidad import aviso_de, consentidos, consentimiento_de, personales_de, vence_retencion

CATALOGO = cargar()
ACTOR = CATALOGO.esquemas["actor-clave"]


def test_el_aviso_trae_los_datos_de_personas_y_los_doce_contenidos():
    aviso = aviso_de(CATALOGO, ACTOR)
    assert [(clase, c.nombre) for clase, c in aviso.campos] == [
        ("Sensible", "afiliacion_gremial"), ("Personal", "nombre"), ("Personal", "correo"), ("Personal", "telefono"),
    ]  # fmt: skip
    dicho = {nota.nombre: agregado for nota, agregado in aviso.contenidos}
    assert len(dicho) == 12
    for clave in ("responsable", "retencion", "consentimiento"):
        assert dicho[clave] == ACTOR.privacidad[clave]
    assert dicho["agencia"] == ""
    assert aviso.dicho["base"] == ACTOR.privacidad["base"]


def test_lo_que_declara_un_esquema_tiene_donde_mostrarse():
    ids = {n.nombre for n in CATALOGO.notas["privacidad"].notas} | {"base"}
    assert all(e.privacidad.keys() <= ids for e in CATALOGO.esquemas.values())


def test_sin_notas_de_privacidad_el_aviso_va_sin_contenidos():
    sin = dataclasses.replace(CATALOGO, notas={})
    assert aviso_de(sin, ACTOR).contenidos == ()
    assert aviso_de(sin, CATALOGO.esquemas["focalizacion"]).campos == ()


def test_el_consentimiento_se_pide_solo_donde_de_el_depende_un_dato_sensible():
    campos = {c.nombre: c for c in ACTOR.campos}
    assert consentimiento_de(ACTOR, campos["consentimiento"]) == ACTOR.privacidad["consentimiento"]
    assert consentimiento_de(ACTOR, campos["nombre_institucion"]) == ""
    sin_texto = dataclasses.replace(ACTOR, privacidad={})
    assert consentimiento_de(sin_texto, campos["consentimiento"]) == ""


def test_los_datos_de_personas_por_tabla():
    assert personales_de(ACTOR) == {
        "actor-clave": ("afiliacion_gremial",),
        "representantes": ("nombre", "correo", "telefono"),
    }
    assert personales_de(ACTOR, ["sensible"]) == {"actor-clave": ("afiliacion_gremial",)}
    assert personales_de(CATALOGO.esquemas["evaluacion-expost"]) == {}


@pytest.mark.parametrize(("dicho", "esperado"), [("si", ["afiliacion_gremial"]), ("no", []), ("", [])])
def test_se_consiente_solo_lo_que_se_acepto(dicho, esperado):
    filas = {ACTOR.nombre: [{"consentimiento": dicho}]}
    assert list(consentidos(ACTOR, filas)) == esperado
    assert list(consentidos(dataclasses.replace(ACTOR, privacidad={}), filas)) == []


def test_la_retencion_vence_al_cerrar_el_ejercicio_siguiente():
    assert vence_retencion(ACTOR, 2027) == datetime(2029, 1, 1, 3, tzinfo=UTC)
    assert vence_retencion(dataclasses.replace(ACTOR, retencion_ejercicios=None), 2027) is None


def test_lo_estructurado_no_contradice_lo_que_se_informa():
    """El plazo que cumple el programa es el que se le dijo a la persona, y toda encuesta con datos de personas lo fija."""
    dicho = {0: "cierra el ejercicio de la respuesta", 1: "cierra el ejercicio siguiente al de la respuesta"}
    for esquema in CATALOGO.encuestas:
        if personales_de(esquema):
            assert dicho[esquema.retencion_ejercicios] in esquema.privacidad["retencion"], esquema.nombre
