"""Lo que se oculta en lo público: lo chico, y lo que dejaría deducirlo. El atacante de la prueba conoce el programa entero."""

from collections import defaultdict
from itertools import product

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esquemas.reserva import MINIMO, ocultar
from tests.esquemas.fabrica import RAPIDO


@pytest.mark.parametrize(
    ("celdas", "publicadas"),
    [
        ([9, 8, 7], [9, 8, 7]),
        ([12, 3], [None, None]),  # 15 − 12 = 3: la segunda también
        ([12, 9, 3], [12, None, None]),  # cae la menor de las visibles
        ([12, 1, 1], [None, None, None]),  # juntas son 2: menos de 5 se sabría igual
        ([12, 3, 3], [12, None, None]),
        ([12, 4, 4], [None, None, None]),  # 24 − … : lo máximo de dos chicas es 8, cada una es 4
        ([12, 9, 0], [12, None, None]),  # el cero también se oculta
        ([12, 7, 7, 2], [12, None, None, None]),  # las iguales caen juntas
        ([], []),
    ],
)
def test_a_mano(celdas, publicadas):
    assert ocultar(celdas, suman=True) == publicadas


def test_si_no_suman_un_total_basta_con_ocultar_lo_chico():
    assert ocultar([17, 4, 0, 5], suman=False) == [17, None, None, 5]


@pytest.mark.parametrize(("cuantas", "hasta"), [(1, 20), (2, 18), (3, 15), (4, 11), (5, 8)])
def test_quien_conoce_la_regla_y_el_total_no_deduce_ninguna_celda_oculta(cuantas, hasta):
    """Todas las tablas posibles: con cada cosa que se publica calzan, para cada celda oculta, dos valores o más."""
    mundos = defaultdict(list)
    for celdas in product(range(hasta + 1), repeat=cuantas):
        if sum(celdas) >= MINIMO:  # con menos respuestas no se publica nada
            mundos[sum(celdas), tuple(ocultar(celdas, suman=True))].append(celdas)
    deducidas = [
        (total, publicado, i)
        for (total, publicado), posibles in mundos.items()
        for i, celda in enumerate(publicado)
        if celda is None and len({p[i] for p in posibles}) < 2
    ]
    assert deducidas == []


@RAPIDO
@given(st.lists(st.integers(0, 40), max_size=40), st.booleans())
def test_nada_chico_se_publica_y_lo_publicado_es_cierto(celdas, suman):
    publicadas = ocultar(celdas, suman=suman)
    assert len(publicadas) == len(celdas)
    assert all(p is None or (p == c and c >= MINIMO) for p, c in zip(publicadas, celdas, strict=True))
    ocultas = [c for p, c in zip(publicadas, celdas, strict=True) if p is None]
    if suman and ocultas and sum(celdas) >= MINIMO:
        assert len(ocultas) > 1
        assert sum(ocultas) >= MINIMO
