"""La criba ahorra leer lo que ya viene canónico. Si dejara pasar algo que el revisor cambiaría, el dato malo entraría callado."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esquemas.celda import compilar, compilar_criba
from esquemas.modelo import Referencia
from esquemas.tipos import TIPOS
from tests.esquemas.fabrica import CIFRAS, COLORES, RAPIDO, suelto

_NUMEROS = ("entero", "pesos", "decimal", "porcentaje", "ejercicio")
_PIEZAS = st.sampled_from(list("0123456789-.,$% aÑé#;@K\u00ad\u00a0\u0301\n\t")) | st.sampled_from(
    ["#N/A", "ejemplo.cl", "https://", "2027", "-02-30", "-12-", "31", "si", "no", "No", "rojo", "Rojo", "01", "1.234", "+56"]
)
_TEXTO = st.lists(_PIEZAS, max_size=6).map("".join) | st.text(max_size=12)
_CANONICOS = {
    "texto": "Panadería «La Espiga» de Ñuñoa",
    "parrafo": "Una línea: con signos.",
    "codigo": "P-01.b_2",
    "correo": "oficina@ejemplo.cl",
    "enlace": "https://www.ejemplo.cl/a?b=1",
    "telefono": "+56912345678",
    "entero": "-125",
    "pesos": "1252784000",
    "decimal": "-0.05",
    "porcentaje": "12.5",
    "ejercicio": "2027",
    "fecha": "2027-02-28",
    "logico": "si",
}


@st.composite
def campos(dibujar):
    tipo = dibujar(st.sampled_from(sorted(TIPOS)))
    limites = {}
    if tipo in _NUMEROS:
        limites = {n: dibujar(st.none() | st.integers(-30, 3000)) for n in ("minimo", "maximo")}
    elif TIPOS[tipo].base == "string":
        limites = {n: dibujar(st.none() | st.integers(0, 12)) for n in ("largo_minimo", "largo_maximo")}
        limites["patron"] = dibujar(st.sampled_from(["", "[^x]*", "[0-9]{2}", r".*\d"]))
    return suelto(tipo=tipo, obligatorio=dibujar(st.booleans()), **limites)


@RAPIDO
@given(campos(), st.sets(_TEXTO, max_size=8))
def test_lo_que_pasa_es_lo_que_el_revisor_dejaria_igual(campo, textos) -> None:
    revisar, cribar = compilar(campo, None), compilar_criba(campo, None)
    apartados = cribar(textos)
    assert apartados <= textos
    assert {t: revisar(t) for t in textos - apartados} == {t: t for t in textos - apartados}


@RAPIDO
@given(
    st.sampled_from([({}, COLORES), ({}, CIFRAS), ({"varios": True}, COLORES), ({"largo_maximo": 4}, COLORES)])
    | st.builds(lambda varios: ({"referencia": Referencia("otra"), "varios": varios}, None), st.booleans()),
    st.sets(_TEXTO | st.sampled_from(["rojo", "verde", "02", "P-1", "P-1;P-2"]), max_size=8),
)
def test_tampoco_con_opciones_ni_con_citas(cual, textos) -> None:
    propios, opciones = cual
    campo = suelto(**propios)
    revisar = compilar(campo, opciones)
    pasan = textos - compilar_criba(campo, opciones)(textos)
    assert {t: revisar(t) for t in pasan} == {t: t for t in pasan}


@pytest.mark.parametrize("tipo", sorted(_CANONICOS))
def test_lo_canonico_pasa_sin_leerse(tipo: str) -> None:
    limites = {"minimo": -200, "maximo": 9_999_999_999} if tipo in _NUMEROS else {}
    if TIPOS[tipo].base == "string":
        limites = {"largo_minimo": 2, "largo_maximo": 60}
    cribar = compilar_criba(suelto(tipo=tipo, **limites), None)
    canonico = _CANONICOS[tipo]
    assert cribar({canonico}) == set()
    assert cribar({canonico, " fuera ", "…"}) == {" fuera ", "…"}
    assert cribar({canonico, "dos\nlíneas"}) == {"dos\nlíneas"}  # de a uno, y no una línea cada una


def test_con_patron_pasa_solo_lo_que_calza_entero() -> None:
    cribar = compilar_criba(suelto(patron="[0-9]{2}", largo_maximo=5), None)
    assert cribar({"12", "123", "12\n34"}) == {"123", "12\n34"}


def test_lo_que_no_cabe_en_los_limites_se_lee() -> None:
    cribar = compilar_criba(suelto(tipo="decimal", minimo=0, maximo=100), None)
    assert cribar({"0", "100", "99.99", "100.01", "-0.01", "-1"}) == {"100.01", "-0.01", "-1"}
    assert compilar_criba(suelto(tipo="entero", maximo=5), None)({"-7", "6"}) == {"6"}
    assert compilar_criba(suelto(tipo="entero", minimo=5), None)({"4", "6"}) == {"4"}


def test_el_rut_y_los_varios_se_leen_siempre() -> None:
    assert compilar_criba(suelto(tipo="rut"), None)({"12345678-5"}) == {"12345678-5"}
    assert compilar_criba(suelto(varios=True), COLORES)({"rojo"}) == {"rojo"}
