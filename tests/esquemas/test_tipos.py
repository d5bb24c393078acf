"""Los catorce tipos: ninguno lanza, lo canónico releído es idéntico y frictionless lo acepta con el mismo valor."""

import datetime
from decimal import Decimal

import pytest
from frictionless import Field
from hypothesis import example, given
from hypothesis import strategies as st

from esquemas.errores import Codigo, Gravedad
from esquemas.hoja import Hora
from esquemas.normalizacion import Falla, limpiar
from esquemas.tipos import TIPOS, ConPatron, como_se_ve, como_texto, en_vez_de_fecha, tipo_por_omision
from tests.esquemas.fabrica import RAPIDO

NOMBRES = sorted(TIPOS)
# Texto cualquiera, y texto que se parece a lo que cada tipo espera: el que encuentra los bordes.
_PARECIDO = st.text(alphabet="0123456789.,-+$%/ kK@:;ns\u00a0٣１eE_'", max_size=25)
_CON_PATRON = [t.patron for t in TIPOS.values() if isinstance(t, ConPatron)]
TEXTOS = st.one_of(
    st.text(max_size=60),
    _PARECIDO,
    *(st.from_regex(p) for p in _CON_PATRON),
    *(st.from_regex(p, fullmatch=True) for p in _CON_PATRON),
)
CELDAS = st.one_of(
    TEXTOS.map(limpiar).filter(bool),
    st.booleans(),
    st.integers(-(10**20), 10**20),
    st.floats(),
    st.dates(),
    st.datetimes(),
)


def estandar(nombre):
    tipo = TIPOS[nombre]
    descriptor = {"name": "x", "type": tipo.base}
    if tipo.formato:
        descriptor["format"] = tipo.formato
    if tipo.base == "boolean":
        descriptor |= {"trueValues": ["si"], "falseValues": ["no"]}
    return Field.from_descriptor(descriptor)


ESTANDAR = {nombre: estandar(nombre) for nombre in NOMBRES}


def valor_esperado(base, canonico):
    match base:
        case "integer" | "year":
            return int(canonico)
        case "number":
            return Decimal(canonico)
        case "date":
            return datetime.date.fromisoformat(canonico)
        case "boolean":
            return canonico == "si"
    return canonico


@pytest.mark.parametrize("nombre", NOMBRES)
@RAPIDO
@given(celda=CELDAS)
@example(celda="1" * 5000)
@example(celda=1e300)
@example(celda="a" * 65 + "@b.cl")
@example(celda="a@-b.cl")
@example(celda="a@b-.cl")
@example(celda="a@" + ".".join(["b" * 60] * 5) + ".cl")
@example(celda="https://www.ejemplo.cl?x=1")
def test_nunca_lanza_y_el_juez_acepta_lo_que_aceptamos(nombre, celda):
    tipo = TIPOS[nombre]
    leido = tipo.leer(celda)
    if isinstance(leido, Falla):
        assert leido.mensaje
        return
    assert isinstance(leido, str)
    assert leido
    assert tipo.leer(leido) == leido, "lo canónico, releído, es idéntico"
    valor, notas = ESTANDAR[nombre].read_cell(leido)
    assert not notas, f"frictionless rechaza {leido!r}, que aceptamos"
    assert valor == valor_esperado(tipo.base, leido)


@pytest.mark.parametrize("nombre", NOMBRES)
@RAPIDO
@given(texto=TEXTOS)
def test_leer_no_lanza_con_texto_sin_limpiar(nombre, texto):
    assert isinstance(TIPOS[nombre].leer(texto), str | Falla)


@pytest.mark.parametrize(
    ("celda", "texto"),
    [
        ("hola", "hola"),
        (True, "si"),
        (False, "no"),
        (7, "7"),
        (7.0, "7"),
        (7.5, "7.5"),
        (1e22, "10000000000000000000000"),
        (datetime.date(2026, 12, 31), "2026-12-31"),
        (datetime.datetime(2026, 12, 31), "2026-12-31"),
        (datetime.datetime(2026, 12, 31, 9, 30), "2026-12-31T09:30:00"),
    ],
)
def test_una_celda_tipada_como_la_escribiria_una_persona(celda, texto):
    assert como_texto(celda) == texto


@pytest.mark.parametrize(
    ("celda", "texto"),
    [
        ("3.14", "3.14"),
        (True, "VERDADERO"),
        (False, "FALSO"),
        (7, "7"),
        (7.0, "7"),
        (1234567.5, "1234567,5"),
        (datetime.date(2026, 5, 3), "03/05/2026"),
        (datetime.datetime(2026, 5, 3), "03/05/2026"),
        (Hora("10:30"), "10:30"),
    ],
)
def test_una_celda_tipada_como_se_ve_en_la_planilla(celda, texto):
    assert como_se_ve(celda) == texto


@pytest.mark.parametrize(
    ("nombre", "celda", "canonico"),
    [
        ("texto", 123, "123"),
        ("parrafo", "a\nb", "a\nb"),
        ("codigo", "P-01", "P-01"),
        ("codigo", 7.0, "7"),
        ("rut", 123456785.0, "12345678-5"),
        ("correo", "contacto@ejemplo.cl", "contacto@ejemplo.cl"),
        ("enlace", "https://www.ejemplo.cl/a?b=c#d", "https://www.ejemplo.cl/a?b=c#d"),
        ("enlace", "https://www.ejemplo.cl?x=1", "https://www.ejemplo.cl?x=1"),
        ("telefono", "+56 (9) 1234-5678", "+56912345678"),
        ("telefono", 56912345678.0, "56912345678"),
        ("entero", 1252784000.0, "1252784000"),
        ("pesos", "$ 1.252.784.000", "1252784000"),
        ("pesos", 35000000, "35000000"),
        ("decimal", "1.234,5", "1234.5"),
        ("decimal", 12.5, "12.5"),
        ("porcentaje", "45 %", "45"),
        ("ejercicio", 2027.0, "2027"),
        ("ejercicio", "2027", "2027"),
        ("fecha", datetime.date(2026, 12, 31), "2026-12-31"),
        ("fecha", datetime.datetime(2026, 12, 31), "2026-12-31"),
        ("fecha", 46387, "2026-12-31"),
        ("fecha", 46387.0, "2026-12-31"),
        ("fecha", "46387", "2026-12-31"),
        ("fecha", "31/12/2026", "2026-12-31"),
        ("logico", True, "si"),
        ("logico", False, "no"),
        ("logico", 1.0, "si"),
        ("logico", 0, "no"),
    ],
)
def test_se_lee(nombre, celda, canonico):
    assert TIPOS[nombre].leer(celda) == canonico


@pytest.mark.parametrize(
    ("nombre", "celda", "codigo"),
    [
        ("texto", "a\nb", Codigo.VARIAS_LINEAS),
        ("codigo", "P 01", Codigo.CODIGO_INVALIDO),
        ("codigo", "Ñ-01", Codigo.CODIGO_INVALIDO),
        ("codigo", "-01", Codigo.CODIGO_INVALIDO),
        ("codigo", "１", Codigo.CODIGO_INVALIDO),
        ("rut", "777575\n5", Codigo.RUT_INVALIDO),
        ("rut", "１２３４５６７８-5", Codigo.RUT_INVALIDO),
        ("correo", "a@@b.cl", Codigo.CORREO_INVALIDO),
        ("correo", "a..b@c.cl", Codigo.CORREO_INVALIDO),
        ("correo", ".a@c.cl", Codigo.CORREO_INVALIDO),
        ("correo", "a.@c.cl", Codigo.CORREO_INVALIDO),
        ("correo", "a@-b.cl", Codigo.CORREO_INVALIDO),
        ("correo", "a@b-.cl", Codigo.CORREO_INVALIDO),
        ("correo", "a@b..cl", Codigo.CORREO_INVALIDO),
        ("correo", "a@" + ".".join(["b" * 60] * 5) + ".cl", Codigo.CORREO_INVALIDO),
        ("correo", "a" * 65 + "@b.cl", Codigo.CORREO_INVALIDO),
        ("correo", "a@b", Codigo.CORREO_INVALIDO),
        ("correo", "ñandu@b.cl", Codigo.CORREO_INVALIDO),
        ("enlace", "www.ejemplo.cl", Codigo.ENLACE_INVALIDO),
        ("enlace", "javascript:alert(1)", Codigo.ENLACE_INVALIDO),
        ("enlace", "https://a b.cl", Codigo.ENLACE_INVALIDO),
        ("enlace", "ftp://a.cl", Codigo.ENLACE_INVALIDO),
        ("telefono", "1234", Codigo.TELEFONO_INVALIDO),
        ("telefono", "٣٣٣٣٣٣٣٣٣", Codigo.TELEFONO_INVALIDO),
        ("telefono", "+56 9 1234 567a", Codigo.TELEFONO_INVALIDO),
        ("entero", True, Codigo.NUMERO_INVALIDO),
        ("entero", datetime.date(2026, 1, 1), Codigo.NUMERO_INVALIDO),
        ("entero", 12.5, Codigo.NO_ES_ENTERO),
        ("entero", "$ 5", Codigo.NUMERO_INVALIDO),
        ("decimal", "5 %", Codigo.NUMERO_INVALIDO),
        ("decimal", float("nan"), Codigo.NUMERO_INVALIDO),
        ("ejercicio", "27", Codigo.EJERCICIO_INVALIDO),
        ("ejercicio", "2.027", Codigo.EJERCICIO_INVALIDO),
        ("ejercicio", "0999", Codigo.EJERCICIO_INVALIDO),
        ("ejercicio", "3000", Codigo.EJERCICIO_INVALIDO),
        ("ejercicio", "２０２７", Codigo.EJERCICIO_INVALIDO),
        ("ejercicio", 2027.5, Codigo.EJERCICIO_INVALIDO),
        ("fecha", 46387.5, Codigo.FECHA_INVALIDA),
        ("fecha", 1, Codigo.FECHA_INVALIDA),
        ("fecha", float("inf"), Codigo.FECHA_INVALIDA),
        ("fecha", True, Codigo.FECHA_INVALIDA),
        ("fecha", "99999", Codigo.FECHA_INVALIDA),
        ("logico", "quizás", Codigo.LOGICO_INVALIDO),
        ("logico", 2, Codigo.LOGICO_INVALIDO),
    ],
)
def test_se_rechaza(nombre, celda, codigo):
    leido = TIPOS[nombre].leer(celda)
    assert isinstance(leido, Falla), leido
    assert leido.codigo is codigo


def test_una_serie_escrita_como_texto_se_avisa():
    fecha = TIPOS["fecha"]
    aviso = fecha.aviso("46387", "2026-12-31")
    assert (aviso.codigo, aviso.gravedad) == (Codigo.FECHA_DE_SERIE, Gravedad.ALERTA)
    assert "31-12-2026" in aviso.mensaje
    assert fecha.aviso(46387, "2026-12-31").codigo is Codigo.FECHA_DE_SERIE
    assert fecha.aviso(datetime.date(2026, 12, 31), "2026-12-31") is None
    assert fecha.aviso("31-12-2026", "2026-12-31") is None


def test_un_porcentaje_que_excel_guardo_como_fraccion_se_avisa():
    porcentaje = TIPOS["porcentaje"]
    aviso = porcentaje.aviso(0.45, "0.45")
    assert (aviso.codigo, aviso.gravedad) == (Codigo.NUMERO_AMBIGUO, Gravedad.ALERTA)
    assert "0,45 por ciento" in aviso.mensaje
    assert "45 %" in aviso.mensaje
    assert porcentaje.aviso(1, "1") is not None
    assert porcentaje.aviso(1.5, "1.5") is None
    assert porcentaje.aviso(0.0, "0") is None
    assert porcentaje.aviso("0,45 %", "0.45") is None


def test_un_decimal_que_pudo_ser_porcentaje_se_avisa():
    decimal = TIPOS["decimal"]
    aviso = decimal.aviso(0.8, "0.8")
    assert (aviso.codigo, aviso.gravedad) == (Codigo.NUMERO_AMBIGUO, Gravedad.ALERTA)
    assert "Se leyó 0,8. " in aviso.mensaje and "80 %" in aviso.mensaje
    assert decimal.aviso(-0.5, "-0.5") is not None
    for celda, canonico in ((0, "0"), (1, "1"), (-1, "-1"), (1.5, "1.5"), ("0,8", "0.8")):
        assert decimal.aviso(celda, canonico) is None


@pytest.mark.parametrize(("dia", "numero"), [((1900, 1, 25), 25), ((1900, 2, 28), 59), ((1900, 3, 1), 61), ((1905, 7, 19), 2027)])
def test_un_numero_con_formato_de_fecha_dice_cual_es(dia, numero):
    """Los mismos que muestra Excel, con su 29 de febrero de 1900."""
    for nombre in ("entero", "pesos", "decimal", "porcentaje", "ejercicio"):
        assert f"el número {numero}." in TIPOS[nombre].leer(datetime.date(*dia)).mensaje
        assert TIPOS[nombre].leer(datetime.datetime(*dia)).mensaje == TIPOS[nombre].leer(datetime.date(*dia)).mensaje


def test_lo_que_excel_convirtio_en_fecha_se_dice_y_no_se_adivina():
    dia = datetime.date(2026, 5, 3)
    for tipo, de_lista in (("codigo", False), ("telefono", False), ("rut", False), ("logico", False), ("texto", True)):
        falla = en_vez_de_fecha(dia, tipo, de_lista)
        assert (falla.codigo, falla.gravedad) == (Codigo.CONVERTIDO_EN_FECHA, Gravedad.ERROR)
        assert "03-05-2026" in falla.mensaje
    for tipo in ("texto", "parrafo", "fecha", "entero", "ejercicio"):  # la guardan con un aviso, o lo dicen a su manera
        assert en_vez_de_fecha(dia, tipo, False) is None
    for tipo in ("texto", "parrafo"):
        aviso = TIPOS[tipo].aviso(dia, TIPOS[tipo].leer(dia))
        assert (aviso.codigo, aviso.gravedad) == (Codigo.CONVERTIDO_EN_FECHA, Gravedad.ALERTA)
        assert "«03/05/2026»" in aviso.mensaje
        assert TIPOS[tipo].aviso("2026-05-03", "2026-05-03") is None


@pytest.mark.parametrize(
    ("celda", "leido"),
    [(0.45, "0,45"), (1234567.5, "1234567,5"), (True, "VERDADERO"), (Hora("21/11/2026 10:30"), "21/11/2026 10:30")],
)
@pytest.mark.parametrize("tipo", ["texto", "parrafo"])
def test_en_un_texto_libre_lo_que_no_era_texto_se_avisa(tipo, celda, leido):
    assert TIPOS[tipo].leer(celda) == leido
    aviso = TIPOS[tipo].aviso(celda, leido)
    assert (aviso.codigo, aviso.gravedad) == (Codigo.NO_ES_TEXTO, Gravedad.ALERTA)
    assert f"se leyó como «{leido}»" in aviso.mensaje
    assert TIPOS[tipo].aviso(leido, leido) is TIPOS[tipo].aviso(45, "45") is None


@pytest.mark.parametrize("escrito", ["03-may", "3-sept", "may-26", "03-05-2026", "2026-05-03"])
def test_un_codigo_que_parece_fecha_de_excel_se_avisa(escrito):
    aviso = TIPOS["codigo"].aviso(escrito, escrito)
    assert (aviso.codigo, aviso.gravedad) == (Codigo.CONVERTIDO_EN_FECHA, Gravedad.ALERTA)


def test_los_demas_codigos_no_se_avisan():
    for escrito in ("P-01", "MAY-01", "2027-06", "1-2", "mayo-1", "abc-1"):
        assert TIPOS["codigo"].aviso(escrito, escrito) is None
    for nombre in ("correo", "enlace", "telefono"):
        assert TIPOS[nombre].aviso("03-may", "03-may") is None


@pytest.mark.parametrize(
    ("base", "tipo"),
    [
        ("string", "texto"),
        ("integer", "entero"),
        ("number", "decimal"),
        ("date", "fecha"),
        ("boolean", "logico"),
        ("year", "ejercicio"),
        ("duration", ""),
    ],
)
def test_tipo_por_omision(base, tipo):
    assert tipo_por_omision(base) == tipo


@pytest.mark.parametrize("nombre", NOMBRES)
def test_todo_tipo_se_dice_en_castellano(nombre):
    assert TIPOS[nombre].titulo
    assert TIPOS[nombre].base in ("string", "integer", "number", "date", "boolean", "year")
