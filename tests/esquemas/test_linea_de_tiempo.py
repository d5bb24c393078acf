"""La línea de tiempo: todo a escala, en orden y sin que un rótulo pise a otro."""

from dataclasses import replace
from datetime import date
from itertools import pairwise

import pytest

from esquemas.catalogo import cargar
from esquemas.linea_de_tiempo import Linea, linea_de_tiempo
from esquemas.plazos import calendario

HITOS = cargar().proceso.hitos
EJERCICIOS = range(2022, 2031)


def marcas(ejercicio):
    return {m.plazo.hito.nombre: m for m in linea_de_tiempo(calendario(HITOS, ejercicio)).marcas}


def test_estan_todos_los_plazos_con_fecha_y_ninguno_mas():
    esperados = [p for p in calendario(HITOS, 2027) if p.fin]
    puestos = [m.plazo for m in linea_de_tiempo(calendario(HITOS, 2027)).marcas]
    assert puestos and {p.hito.nombre for p in puestos} == {p.hito.nombre for p in esperados}
    assert puestos == sorted(puestos, key=lambda p: p.inicio or p.fin)


@pytest.mark.parametrize("ejercicio", EJERCICIOS)
def test_nada_se_pisa_ni_se_sale(ejercicio):
    linea = linea_de_tiempo(calendario(HITOS, ejercicio))
    libre = 0.0
    for m in linea.marcas:
        assert m.rotulo >= libre
        assert m.rotulo >= m.y
        assert m.largo > 0
        libre = m.rotulo + (len(m.fechas) + len(m.nombre)) * Linea.renglon
    assert libre <= linea.alto
    assert linea.termina < linea.alto
    for en_carril in ([m for m in linea.marcas if m.al_lado is lado] for lado in (False, True)):
        assert all(a.y + a.largo <= b.y for a, b in pairwise(en_carril))


@pytest.mark.parametrize("ejercicio", EJERCICIOS)
def test_esta_a_escala(ejercicio):
    linea = linea_de_tiempo(calendario(HITOS, ejercicio))
    por_dia = {
        round((b.y - a.y) / (((b.plazo.inicio or b.plazo.fin) - (a.plazo.inicio or a.plazo.fin)).days), 1)
        for a, b in pairwise(linea.marcas)
    }
    assert len(por_dia) == 1
    assert [nombre for nombre, _ in linea.meses][:2] == ["marzo", "abril"]
    assert linea.meses[0][1] == linea.marcas[0].y, "el 1 de marzo es donde empieza marzo"


def test_el_primero_de_diciembre_va_al_lado_del_treinta_de_noviembre():
    de_2027 = marcas(2027)
    assert {n for n, m in de_2027.items() if m.al_lado} == {"montos-preliminares"}


def test_el_rotulo_dice_prorroga_y_salvedad():
    dichos = {n: " ".join(m.fechas) for n, m in marcas(2027).items()}
    assert dichos == {
        "oficio-inicio": "01-03 al 15-03 (prórroga 16-03)",
        "presupuesto-exploratorio": "16-06 al 30-06",
        "primera-sesion": "hasta el 30-08 (sugerida)",
        "focalizacion-preliminar": "01-11 al 15-11 (prórroga 16-11)",
        "observaciones": "hasta el 30-11 (estimada)",
        "montos-preliminares": "hasta el 01-12",
        "focalizacion-final": "hasta el 30-12",
    }
    assert " ".join(marcas(2027)["focalizacion-final"].nombre) == "Focalización final con aprobación del CORE"


def test_una_prorroga_al_anio_siguiente_llega_hasta_enero():
    linea = linea_de_tiempo(calendario(HITOS, 2029))
    assert linea.marcas[-1].plazo.prorroga == date(2029, 1, 2)
    assert [nombre for nombre, _ in linea.meses][-1] == "enero"
    assert linea.marcas[-1].y + linea.marcas[-1].largo == linea.termina


def test_sin_fechas_no_hay_linea():
    with pytest.raises(ValueError, match="ningún plazo tiene fecha"):
        linea_de_tiempo(calendario([replace(h, regla=None) for h in HITOS], 2027))
