"""Lo que escribe una persona en Chile, caso por caso: qué se lee, cómo queda y qué se rechaza sin adivinar."""

import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from esquemas.errores import Codigo
from esquemas.normalizacion import (
    Falla,
    caracter_invalido,
    es_serie,
    leer_decimal,
    leer_entero,
    leer_fecha,
    leer_logico,
    leer_numero_de_planilla,
    leer_pesos,
    leer_porcentaje,
    leer_rut,
    leer_serie_de_excel,
    limpiar,
    plegar,
)
from tests.esquemas.fabrica import RAPIDO

NO_ASCII = ["٣", "１２", "१२", "१", "²", "Ⅳ", "１２３４５"]


@pytest.mark.parametrize(
    ("escrito", "canonico"),
    [
        ("1252784000", "1252784000"),
        ("1.252.784.000", "1252784000"),
        ("12,5", "12.5"),
        ("12.5", "12.5"),
        ("12,50", "12.5"),
        ("12.50", "12.5"),
        ("1.234,5", "1234.5"),
        ("1.234,50", "1234.5"),
        ("1234,500", "1234.5"),
        ("1.234,000", "1234"),
        ("1.000", "1000"),
        ("100.000", "100000"),
        ("-1.234", "-1234"),
        ("-1.234,5", "-1234.5"),
        ("0", "0"),
        ("0,5", "0.5"),
        ("0,500", "0.5"),
        ("-0,500", "-0.5"),
        ("0.50", "0.5"),
        ("-0", "0"),
        ("-0,0", "0"),
        ("-0,00", "0"),
        ("0,05", "0.05"),
        ("12,0", "12"),
        ("1,0000", "1"),
        ("1.2000", "1.2"),
        ("999999999999999", "999999999999999"),
    ],
)
def test_decimal_se_lee(escrito, canonico):
    assert leer_decimal(escrito) == canonico


@pytest.mark.parametrize(
    ("escrito", "codigo"),
    [
        ("1,234", Codigo.NUMERO_AMBIGUO),
        ("12,345", Codigo.NUMERO_AMBIGUO),
        ("123,456", Codigo.NUMERO_AMBIGUO),
        ("-1,234", Codigo.NUMERO_AMBIGUO),
        ("0.500", Codigo.NUMERO_AMBIGUO),
        ("1234.567", Codigo.NUMERO_AMBIGUO),
        ("0.000", Codigo.NUMERO_AMBIGUO),
        ("1.000000", Codigo.NUMERO_AMBIGUO),
        ("1.252784000", Codigo.NUMERO_AMBIGUO),
        ("1,234,567", Codigo.NUMERO_INVALIDO),
        ("1,234.5", Codigo.NUMERO_INVALIDO),
        ("1.23.456", Codigo.NUMERO_INVALIDO),
        ("1.2345.678", Codigo.NUMERO_INVALIDO),
        ("0.123.456", Codigo.NUMERO_INVALIDO),
        ("1 234", Codigo.NUMERO_INVALIDO),
        ("007", Codigo.NUMERO_INVALIDO),
        ("00", Codigo.NUMERO_INVALIDO),
        ("012,5", Codigo.NUMERO_INVALIDO),
        ("nan", Codigo.NUMERO_INVALIDO),
        ("NaN", Codigo.NUMERO_INVALIDO),
        ("inf", Codigo.NUMERO_INVALIDO),
        ("-inf", Codigo.NUMERO_INVALIDO),
        ("Infinity", Codigo.NUMERO_INVALIDO),
        ("1_0", Codigo.NUMERO_INVALIDO),
        ("+202", Codigo.NUMERO_INVALIDO),
        ("1e5", Codigo.NUMERO_INVALIDO),
        ("1E+5", Codigo.NUMERO_INVALIDO),
        ("0x1F", Codigo.NUMERO_INVALIDO),
        ("--5", Codigo.NUMERO_INVALIDO),
        ("5-", Codigo.NUMERO_INVALIDO),
        ("−5", Codigo.NUMERO_INVALIDO),
        ("-", Codigo.NUMERO_INVALIDO),
        ("", Codigo.NUMERO_INVALIDO),
        (".", Codigo.NUMERO_INVALIDO),
        (",5", Codigo.NUMERO_INVALIDO),
        ("5,", Codigo.NUMERO_INVALIDO),
        ("5.", Codigo.NUMERO_INVALIDO),
        ("5\n", Codigo.NUMERO_INVALIDO),
        ("$", Codigo.NUMERO_INVALIDO),
        ("%", Codigo.NUMERO_INVALIDO),
        ("$5", Codigo.NUMERO_INVALIDO),
        ("12 %", Codigo.NUMERO_INVALIDO),
        ("1000000000000000", Codigo.NUMERO_INVALIDO),
        ("1.000.000.000.000.000", Codigo.NUMERO_INVALIDO),
        ("9" * 5000, Codigo.NUMERO_INVALIDO),
        ("12,345678", Codigo.DEMASIADOS_DECIMALES),
        ("12.3456", Codigo.DEMASIADOS_DECIMALES),
        ("1.234,567", Codigo.DEMASIADOS_DECIMALES),
        ("0,125", Codigo.DEMASIADOS_DECIMALES),
        *((texto, Codigo.NUMERO_INVALIDO) for texto in NO_ASCII),
    ],
)
def test_decimal_se_rechaza(escrito, codigo):
    leido = leer_decimal(escrito)
    assert isinstance(leido, Falla), leido
    assert leido.codigo is codigo
    assert len(leido.mensaje.split(". ")) >= 2  # dice cómo se arregla


@pytest.mark.parametrize(
    ("escrito", "miles", "decimales", "sin_punto"),
    [
        ("1,234", "1.234 (miles)", "1 coma 234", "1234"),
        ("-12,345", "-12.345 (miles)", "-12 coma 345", "-12345"),
        ("999,000", "999.000 (miles)", "999 coma 000", "999000"),
    ],
)
def test_lo_ambiguo_explica_sus_dos_lecturas(escrito, miles, decimales, sin_punto):
    mensaje = leer_decimal(escrito).mensaje
    assert miles in mensaje
    assert decimales in mensaje
    assert leer_decimal(sin_punto) == sin_punto  # hacer lo que el mensaje dice funciona
    assert f"si son miles, escriba {sin_punto}" in mensaje
    assert "hasta dos decimales" in mensaje


@pytest.mark.parametrize("escrito", ["1,234", "12,5", "12,3456", "1234.567", "0.500", "abc", "12 %"])
def test_en_un_entero_no_se_habla_de_dos_decimales(escrito):
    for leer in (leer_entero, leer_pesos):
        mensaje = leer(escrito).mensaje
        assert "coma para los decimales" not in mensaje
        assert "dos" not in mensaje
    assert "coma para los decimales" in leer_decimal("abc").mensaje
    assert leer_entero("12,3456").codigo is leer_numero_de_planilla(12.3456, entero=True).codigo is Codigo.NO_ES_ENTERO


def test_una_fecha_con_hora_dice_que_sobra_la_hora():
    for escrito in ("2026-12-31T10:30:00", "2026-12-31 9:05"):
        falla = leer_fecha(escrito)
        assert falla.codigo is Codigo.FECHA_INVALIDA
        assert "hora" in falla.mensaje and "31-12-2026" in falla.mensaje


def test_un_mensaje_no_repite_una_pagina():
    for leer in (leer_decimal, leer_entero, leer_fecha, leer_logico, leer_rut):
        assert len(leer("x" * 3_000).mensaje) < 300


@pytest.mark.parametrize(
    ("escrito", "canonico"),
    [("1.252.784.000", "1252784000"), ("1252784000", "1252784000"), ("7,0", "7"), ("7.00", "7"), ("-3", "-3")],
)
def test_entero_se_lee(escrito, canonico):
    assert leer_entero(escrito) == canonico


@pytest.mark.parametrize(("escrito", "codigo"), [("12,5", Codigo.NO_ES_ENTERO), ("1,234", Codigo.NUMERO_AMBIGUO)])
def test_entero_se_rechaza(escrito, codigo):
    assert leer_entero(escrito).codigo is codigo


@pytest.mark.parametrize(
    "escrito", ["$ 1.252.784.000", "$1.252.784.000", "$1252784000", "1.252.784.000", "1252784000", "$   1.252.784.000"]
)
def test_pesos_se_leen(escrito):
    assert leer_pesos(escrito) == "1252784000"


@pytest.mark.parametrize("escrito", ["", "$", "$$5", "-$5", "5$", "$ 1,5", "US$ 5", "$ -", "$ ٣"])
def test_pesos_se_rechazan(escrito):
    assert isinstance(leer_pesos(escrito), Falla)


@pytest.mark.parametrize(
    ("escrito", "dice"),
    [
        ("M$ 70.000", "«M$ 70.000» está en miles de pesos. Escríbalo en pesos: 70000000."),
        ("m$1,5", "Escríbalo en pesos: 1500."),
        ("MM$70", "está en millones de pesos. Escríbalo en pesos: 70000000."),
        ("MM$ 0,25", "Escríbalo en pesos: 250000."),
        ("M$ 70,000", "«M$ 70,000» no es un número."),
        ("MMM$ 1", "«MMM$ 1» no es un número."),
    ],
)
def test_un_monto_en_miles_o_millones_dice_cuantos_pesos_son(escrito, dice):
    falla = leer_pesos(escrito)
    assert falla.codigo is Codigo.NUMERO_INVALIDO and dice in falla.mensaje


def test_el_rechazo_muestra_lo_escrito():
    assert "«$»" in leer_pesos("$").mensaje
    assert "«%»" in leer_porcentaje("%").mensaje


@pytest.mark.parametrize(
    ("escrito", "canonico"), [("45 %", "45"), ("45%", "45"), ("45,5 %", "45.5"), ("92.5", "92.5"), ("0,5%", "0.5")]
)
def test_porcentaje_se_lee(escrito, canonico):
    assert leer_porcentaje(escrito) == canonico


@pytest.mark.parametrize("escrito", ["", "%", "%5", "45 %%", "45 por ciento", "1,234 %"])
def test_porcentaje_se_rechaza(escrito):
    assert isinstance(leer_porcentaje(escrito), Falla)


@pytest.mark.parametrize(
    ("numero", "entero", "canonico"),
    [
        (7, True, "7"),
        (7.0, True, "7"),
        (1252784000.0, True, "1252784000"),
        (1.234, False, Codigo.DEMASIADOS_DECIMALES),
        (12.5, False, "12.5"),
        (12.5, True, Codigo.NO_ES_ENTERO),
        (0.1 + 0.2, False, "0.3"),
        (1234.5600000000002, False, "1234.56"),
        (-0.0, False, "0"),
        (0.001, False, Codigo.DEMASIADOS_DECIMALES),
        (999_999_999_999_999, True, "999999999999999"),
        (10**15, True, Codigo.NUMERO_INVALIDO),
        (-(10**15), True, Codigo.NUMERO_INVALIDO),
        (1e16, False, Codigo.NUMERO_INVALIDO),
        (1e300, False, Codigo.NUMERO_INVALIDO),
        (10**400, True, Codigo.NUMERO_INVALIDO),
        (float("nan"), False, Codigo.NUMERO_INVALIDO),
        (float("inf"), False, Codigo.NUMERO_INVALIDO),
        (float("-inf"), True, Codigo.NUMERO_INVALIDO),
    ],
)
def test_una_celda_numerica_no_es_ambigua(numero, entero, canonico):
    leido = leer_numero_de_planilla(numero, entero=entero)
    assert (leido.codigo if isinstance(leido, Falla) else leido) == canonico


@pytest.mark.parametrize(
    "escrito", ["31-12-2026", "31/12/2026", "31.12.2026", "2026-12-31", "2026-12-31 00:00:00", "2026-12-31T00:00"]
)
def test_fecha_se_lee(escrito):
    assert leer_fecha(escrito) == "2026-12-31"


def test_el_dia_va_primero():
    assert leer_fecha("1-2-2026") == "2026-02-01"


@pytest.mark.parametrize(
    ("escrito", "codigo"),
    [
        ("31-12-26", Codigo.FECHA_AMBIGUA),
        ("1/2/26", Codigo.FECHA_AMBIGUA),
        ("12/31/2026", Codigo.FECHA_INVALIDA),
        ("30-02-2026", Codigo.FECHA_INVALIDA),
        ("29-02-2026", Codigo.FECHA_INVALIDA),
        ("2026-13-01", Codigo.FECHA_INVALIDA),
        ("2026-02-30", Codigo.FECHA_INVALIDA),
        ("31-12-0026", Codigo.FECHA_INVALIDA),
        ("0206-12-31", Codigo.FECHA_INVALIDA),
        ("0000-01-01", Codigo.FECHA_INVALIDA),
        ("2026-12-31 15:30", Codigo.FECHA_INVALIDA),
        ("31 de diciembre", Codigo.FECHA_INVALIDA),
        ("2026-12", Codigo.FECHA_INVALIDA),
        ("20261231", Codigo.FECHA_INVALIDA),
        ("٣١-١٢-٢٠٢٦", Codigo.FECHA_INVALIDA),
        ("３１-12-2026", Codigo.FECHA_INVALIDA),
        ("31-12-2026\n", Codigo.FECHA_INVALIDA),
        ("", Codigo.FECHA_INVALIDA),
    ],
)
def test_fecha_se_rechaza(escrito, codigo):
    assert leer_fecha(escrito).codigo is codigo


def test_una_fecha_que_no_existe_no_propone_otra():
    assert leer_fecha("31-02-2026").mensaje.endswith("Revise el día y el mes. Por ejemplo: 31-12-2026.")


def test_fecha_de_serie_de_excel():
    assert leer_serie_de_excel(46387) == "2026-12-31"
    assert leer_serie_de_excel(20_000) == "1954-10-03"
    assert leer_serie_de_excel(80_000) == "2119-01-11"
    assert leer_serie_de_excel(19_999).codigo is Codigo.FECHA_INVALIDA
    assert leer_serie_de_excel(80_001).codigo is Codigo.FECHA_INVALIDA
    assert leer_serie_de_excel(-1).codigo is Codigo.FECHA_INVALIDA


@pytest.mark.parametrize(
    ("texto", "esperado"), [("46387", True), ("04638", False), ("4638", False), ("463870", False), ("٤٦٣٨٧", False)]
)
def test_que_texto_parece_serie(texto, esperado):
    assert es_serie(texto) is esperado


@pytest.mark.parametrize(
    "escrito", ["Sí", "si", "SI", "sí", "SÍ", "Si", "s", "S", "verdadero", "VERDADERO", "true", "1", "x", "X", "si"]
)
def test_logico_si(escrito):
    assert leer_logico(escrito) == "si"


@pytest.mark.parametrize("escrito", ["no", "No", "NO", "n", "falso", "FALSE", "0", " no "])
def test_logico_no(escrito):
    assert leer_logico(escrito) == "no"


@pytest.mark.parametrize("escrito", ["", "tal vez", "sin", "noo", "2", "-1", "１", "ｓｉ", "si no"])
def test_logico_se_rechaza(escrito):
    assert leer_logico(escrito).codigo is Codigo.LOGICO_INVALIDO


@pytest.mark.parametrize("escrito", ["12.345.678-5", "12345678-5", "123456785", "12.345.6785", "12345.678-5"])
def test_rut_se_lee(escrito):
    assert leer_rut(escrito) == "12345678-5"


@pytest.mark.parametrize(("escrito", "canonico"), [("1.000.005-k", "1000005-K"), ("1000005K", "1000005-K")])
def test_rut_con_k(escrito, canonico):
    assert leer_rut(escrito) == canonico


@pytest.mark.parametrize(
    "escrito",
    [
        "12.345.678-4",  # dígito verificador que no calza
        "123456780",
        "12345678-",  # falta el dígito: no se toma el último por tal
        "1000005-",
        "777575\n5",
        "12345678-5\n",
        "１２３４５６７８-5",
        "12.345.678-５",
        "٣2345678-5",
        "00000000-0",
        "01000005-K",
        "12.34.5678-5",
        "1.2.345.678-5",
        "12 345 678-5",
        "CL12345678-5",
        "-5",
        "5",
        "",
        "K",
        "12345678--5",
    ],
)
def test_rut_se_rechaza(escrito):
    leido = leer_rut(escrito)
    assert isinstance(leido, Falla), leido
    assert leido.codigo is Codigo.RUT_INVALIDO


@pytest.mark.parametrize(
    ("escrito", "limpio"),
    [
        ("  hola  ", "hola"),
        ("\u00a0hola\u00a0", "hola"),
        ("ho\u00a0la", "ho la"),
        ("a\u202fb\u3000c\u2009d\u205fe\u1680f", "a b c d e f"),
        ("a\tb", "a b"),
        ("a\r\nb\rc", "a\nb\nc"),
        ("a  \n  b \n\n", "a\n  b"),
        ("cafe\u0301", "café"),
        ("cafe\u200b\u0301", "café"),
        ("P\u00ad-01\u200b\u2060", "P-01"),
        ("\u200b", ""),
        ("\u00a0\n\t ", ""),
        ("", ""),
    ],
)
def test_limpiar(escrito, limpio):
    assert limpiar(escrito) == limpio


@pytest.mark.parametrize(
    "malo", ["\0", "\x07", "\x1b", "\x7f", "\x80", "\x9f", "\u200e", "\u202e", "\u2028", "\u2066", "\ufeff", "\ud800"]
)
def test_caracter_invalido(malo):
    assert caracter_invalido(f"a{malo}b") == malo


@pytest.mark.parametrize("bueno", ["ñandú «a» – ½ €", "a\nb", "😀", "\U000e0067", ""])
def test_caracter_valido(bueno):
    assert caracter_invalido(bueno) == ""


def test_plegar_solo_compara():
    assert plegar("  Código   ÚNICO ") == "codigo unico"
    assert plegar("Ñuble") == plegar("nuble")
    assert plegar("a\u00a0b") == "a b"


@RAPIDO
@given(st.text())
def test_limpiar_es_idempotente(texto):
    assert limpiar(limpiar(texto)) == limpiar(texto)


@RAPIDO
@given(st.text())
def test_plegar_es_idempotente_en_lo_que_importa(texto):
    assert plegar(limpiar(texto)) == plegar(texto)


@RAPIDO
@given(st.dates(min_value=datetime.date(1000, 1, 1), max_value=datetime.date(2999, 12, 31)), st.sampled_from(["-", "/", "."]))
def test_toda_fecha_en_sus_formas(fecha, signo):
    assert leer_fecha(fecha.isoformat()) == fecha.isoformat()
    assert leer_fecha(f"{fecha.day}{signo}{fecha.month}{signo}{fecha.year}") == fecha.isoformat()


@RAPIDO
@given(st.integers(-(10**15) + 1, 10**15 - 1))
def test_todo_entero_con_y_sin_puntos(numero):
    con_puntos = f"{numero:,}".replace(",", ".")
    assert leer_entero(str(numero)) == leer_pesos(f"$ {con_puntos}") == leer_entero(con_puntos) == str(numero)
    assert leer_numero_de_planilla(numero, entero=True) == str(numero)


@RAPIDO
@given(st.integers(-(10**12), 10**12))
def test_todo_decimal_con_coma_y_con_punto(centavos):
    signo, (entero, resto) = "-" if centavos < 0 else "", divmod(abs(centavos), 100)
    leido = leer_decimal(f"{signo}{entero},{resto:02}")
    assert leido == leer_decimal(f"{signo}{entero}.{resto:02}") == leer_numero_de_planilla(centavos / 100, entero=False)
    assert round(float(leido) * 100) == centavos
