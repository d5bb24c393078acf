"""Los datos de un acuerdo: se revisan como toda celda y sus fechas tienen que poder ser."""

from datetime import date

import pytest

from esquemas.acuerdo import revisar_acuerdo
from esquemas.catalogo import cargar
from esquemas.errores import Codigo

CATALOGO = cargar()
ACUERDO = CATALOGO.proceso.tramitacion.acuerdo
HOY = date(2026, 12, 15)
BUENO = {"sesion_numero": "412", "acuerdo_numero": "7.215", "certifica": "Secretaría Ejecutiva"}
BUENO |= {"sesion_fecha": "10-12-2026", "acuerdo_fecha": "10-12-2026"}


def problemas(**cambios):
    resultado = revisar_acuerdo(CATALOGO, BUENO | cambios, ejercicio=2027, hoy=HOY)
    return [(p.campo, p.codigo) for p in resultado.errores]


def test_uno_bueno_queda_en_su_forma_canonica():
    resultado = revisar_acuerdo(CATALOGO, BUENO, ejercicio=2027, hoy=HOY)
    assert resultado.valido
    assert resultado.como_dict("acuerdo") == [BUENO | {"sesion_fecha": "2026-12-10", "acuerdo_fecha": "2026-12-10"}]


@pytest.mark.parametrize("campo", [c.nombre for c in ACUERDO.esquema.campos])
def test_todos_sus_datos_son_obligatorios(campo):
    assert problemas(**{campo: " "}) == [(campo, Codigo.OBLIGATORIO)]


def test_sus_documentos_son_obligatorios_y_no_se_piden_nombres():
    assert [d.nombre for d in ACUERDO.documentos if d.obligatorio] == ["acta", "certificado"]
    assert {c.dato for c in (*ACUERDO.esquema.campos, *ACUERDO.documentos)} == {"publico"}


@pytest.mark.parametrize(
    ("cambios", "dichos"),
    [
        ({"sesion_fecha": "31-02-2026"}, [("sesion_fecha", Codigo.FECHA_INVALIDA)]),
        ({"sesion_fecha": "2026-12-15", "acuerdo_fecha": "15-12-2026"}, []),
        ({"acuerdo_fecha": "16-12-2026"}, [("acuerdo_fecha", Codigo.MAYOR_QUE_MAXIMO)]),
        ({"acuerdo_fecha": "09-12-2026"}, [("acuerdo_fecha", Codigo.MENOR_QUE_MINIMO)]),
        ({"acuerdo_fecha": "11-12-2026"}, []),
        # Las dos de otro año: se dice de ambas, y la segunda no se mide contra una que no puede ser.
        ({"sesion_fecha": "10-12-2025", "acuerdo_fecha": "10-12-2025"}, [(f, Codigo.MENOR_QUE_MINIMO) for f in ACUERDO.en_orden]),
        ({"sesion_fecha": "01-01-2026", "acuerdo_fecha": "01-01-2026"}, []),
    ],
)
def test_las_fechas_tienen_que_poder_ser(cambios, dichos):
    assert problemas(**cambios) == dichos
