"""El aviso de privacidad: todo dato de persona, en su orden, y los contenidos comunes con lo que agrega cada esquema."""

import dataclasses

from esquemas.catalogo import cargar
from esquemas.privacidad import aviso_de, consentimiento_de

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
