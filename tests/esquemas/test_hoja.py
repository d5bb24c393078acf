"""La pausa del recolector: se repone al terminar, también si algo falla, y no pisa la de quien ya lo había pausado."""

import gc

import pytest

from esquemas.hoja import sin_recolector
from esquemas.tabla import leer_csv_en_flujo


def test_se_pausa_y_se_repone() -> None:
    with pytest.raises(ValueError), sin_recolector():
        assert not gc.isenabled()
        raise ValueError
    assert gc.isenabled()


def test_quien_ya_lo_habia_pausado_lo_repone_el() -> None:
    with sin_recolector():
        with sin_recolector():
            pass
        assert not gc.isenabled()
    assert gc.isenabled()


def test_un_flujo_abandonado_lo_repone(tmp_path) -> None:
    ruta = tmp_path / "x.csv"
    ruta.write_bytes(b"a\n1\n2\n3\n")
    hojas = leer_csv_en_flujo(ruta.open("rb"), lote=1)
    next(hojas)
    hojas.close()
    assert gc.isenabled()
