"""El folio: se construye, se lee y un error al dictarlo se nota."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from formularios.folio import Folio, comprobar, construir, digito_verificador, leer

FOLIOS = st.builds(
    construir,
    st.integers(2000, 9999),
    st.integers(0, 16).map("{:02d}".format),
    st.integers(1, 999_999),
)


@pytest.mark.parametrize(
    ("cuerpo", "digito"),
    # El algoritmo es el del RUT.
    [("82174900", "K"), ("60803000", "K"), ("61979440", "0"), ("1", "9")],
)
def test_digito_verificador(cuerpo, digito):
    assert digito_verificador(cuerpo) == digito


@given(FOLIOS)
def test_lo_construido_se_lee_igual(folio):
    assert comprobar(folio)
    assert str(leer(folio)) == folio
    assert construir(*leer(folio)) == folio
    for otro in (f"  {folio.lower()}\n", folio.replace("-", ""), folio.replace("-", " – "), folio.replace("-", "—")):
        assert leer(otro) == leer(folio)


@given(FOLIOS, st.integers(0, 13), st.integers(1, 9))
def test_una_cifra_cambiada_se_nota(folio, lugar, suma):
    if folio[lugar].isdigit():
        otra = str((int(folio[lugar]) + suma) % 10)
        assert not comprobar(folio[:lugar] + otra + folio[lugar + 1 :])


@given(FOLIOS, st.integers(0, 12))
def test_dos_vecinas_cambiadas_se_notan(folio, lugar):
    a, b = folio[lugar], folio[lugar + 1]
    if a != b and "-" not in (a, b):
        assert not comprobar(folio[:lugar] + b + a + folio[lugar + 2 :])


@pytest.mark.parametrize(
    "texto",
    [
        "",
        "hola",
        "2027-06-000001",
        "2027-6-000001-1",
        "２０２７-06-000001-1",
        "2027-06-000001-1-1",
        "2027-06-000001\n-1",
        "9" * 100_000,
        str(Folio(2027, "06", 0)),
    ],
)
def test_lo_que_no_es_un_folio(texto):
    assert leer(texto) is None


@given(st.text(max_size=60))
def test_cualquier_texto_se_responde(texto):
    assert leer(texto) is None or comprobar(texto)


@pytest.mark.parametrize(
    "partes", [(2027, "06", 0), (2027, "06", 1_000_000), (2027, "6", 1), (20270, "06", 1)]
)
def test_lo_que_no_cabe_es_un_defecto(partes):
    with pytest.raises(ValueError, match="no se puede formar"):
        construir(*partes)
