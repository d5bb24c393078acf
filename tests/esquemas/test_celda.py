"""Una celda de un campo: obligatoria, limpia, dentro de sus límites y, si es de lista, reconocida por sus nombres."""

import datetime

import pytest
from frictionless import Field
from hypothesis import example, given
from hypothesis import strategies as st

from esquemas.celda import Hallazgo, compilar, indice_de_opciones
from esquemas.errores import Codigo, Gravedad
from esquemas.hoja import FORMULA_SIN_VALOR, Hora
from esquemas.modelo import Opcion, Opciones, Referencia
from esquemas.publicacion import campo_estandar
from esquemas.tipos import TIPOS, como_se_ve
from tests.esquemas.fabrica import CIFRAS, COLORES, RAPIDO, suelto


def revisar(celda, opciones=None, **campo):
    return compilar(suelto(**campo), opciones)(celda)


def falla(leido):
    """La única falla de un hallazgo sin valor."""
    assert isinstance(leido, Hallazgo), leido
    assert leido.valor == ""
    assert len(leido.fallas) == 1
    return leido.fallas[0]


@pytest.mark.parametrize("vacio", ["", "   ", "\n", "\u00a0", "\u200b", "\t\u00a0 "])
def test_vacio(vacio):
    assert revisar(vacio) == ""
    hallada = falla(revisar(vacio, obligatorio=True, ayuda="Escriba algo."))
    assert hallada.codigo is Codigo.OBLIGATORIO
    assert "Escriba algo." in hallada.mensaje


def test_obligatorio_sin_ayuda_tambien_dice_que_hacer():
    assert falla(revisar("", obligatorio=True)).mensaje == "Falta «Equis». Complete la celda."


def test_obligatorio_y_condicional_lo_exige_la_fila_no_la_celda():
    assert revisar("", obligatorio=True, mostrar_si=object()) == ""


def test_espacios_se_quitan_con_aviso():
    leido = revisar("  hola ")
    assert leido.valor == "hola"
    assert [(f.codigo, f.gravedad) for f in leido.fallas] == [(Codigo.ESPACIOS_SOBRANTES, Gravedad.ALERTA)]
    assert revisar("hola\u00a0").valor == "hola"


@pytest.mark.parametrize("sin_aviso", ["ho\u00a0la", "cafe\u0301", "P\u00ad-01"])
def test_lo_que_no_se_ve_se_normaliza_sin_molestar(sin_aviso):
    assert isinstance(revisar(sin_aviso), str)


def test_el_aviso_de_espacios_no_se_pierde_si_hay_error():
    leido = revisar(" abc ", tipo="entero")
    assert [f.codigo for f in leido.fallas] == [Codigo.ESPACIOS_SOBRANTES, Codigo.NUMERO_INVALIDO]
    leido = revisar(" abcd ", largo_maximo=3)
    assert [f.codigo for f in leido.fallas] == [Codigo.ESPACIOS_SOBRANTES, Codigo.MUY_LARGO]


@pytest.mark.parametrize("malo", ["a\0b", "a\x07", "a\u202eb", "\ufeffa"])
def test_caracter_de_control(malo):
    hallada = falla(revisar(malo))
    assert hallada.codigo is Codigo.CARACTER_INVALIDO
    assert "U+" in hallada.mensaje


@pytest.mark.parametrize("error", ["#N/A", "#REF!", "#¡VALOR!", "#DIV/0!", "#¿NOMBRE?"])
@pytest.mark.parametrize("tipo", ["texto", "entero"])
def test_error_de_formula(error, tipo):
    assert falla(revisar(error, tipo=tipo)).codigo is Codigo.FORMULA_CON_ERROR


@pytest.mark.parametrize(
    ("campo", "justo", "fuera", "codigo"),
    [
        ({"largo_minimo": 3}, "abc", "ab", Codigo.MUY_CORTO),
        ({"largo_maximo": 3}, "abc", "abcd", Codigo.MUY_LARGO),
        ({"largo_maximo": 1}, "😀", "😀😀", Codigo.MUY_LARGO),
        ({"tipo": "entero", "minimo": 5}, "5", "4", Codigo.MENOR_QUE_MINIMO),
        ({"tipo": "entero", "minimo": 0}, "0", "-1", Codigo.MENOR_QUE_MINIMO),
        ({"tipo": "entero", "maximo": 5}, "5", "6", Codigo.MAYOR_QUE_MAXIMO),
        ({"tipo": "decimal", "maximo": 100}, "100", "100.01", Codigo.MAYOR_QUE_MAXIMO),
        ({"tipo": "decimal", "minimo": 0}, "0", "-0.01", Codigo.MENOR_QUE_MINIMO),
        ({"tipo": "ejercicio", "minimo": 2026}, "2026", "2025", Codigo.MENOR_QUE_MINIMO),
        ({"patron": "[a-z]+"}, "abc", "abc1", Codigo.PATRON),
        ({"patron": "a|b"}, "b", "ab", Codigo.PATRON),
    ],
)
def test_limites_en_el_borde(campo, justo, fuera, codigo):
    assert revisar(justo, **campo) == justo
    assert falla(revisar(fuera, **campo)).codigo is codigo


def test_varios_limites_dicen_el_primero_que_no_se_cumple():
    limites = {"largo_minimo": 2, "largo_maximo": 4, "patron": "[a-z]*"}
    assert falla(revisar("A", **limites)).codigo is Codigo.MUY_CORTO
    assert falla(revisar("ABCDE", **limites)).codigo is Codigo.MUY_LARGO
    assert falla(revisar("ABC", **limites)).codigo is Codigo.PATRON
    assert revisar("abc", **limites) == "abc"


def test_los_limites_miran_lo_canonico():
    assert revisar("$ 1.000", tipo="pesos", maximo=1000) == "1000"
    assert revisar("+56 9 1234 5678", tipo="telefono", largo_maximo=12) == "+56912345678"


def test_los_avisos_del_tipo():
    leido = revisar("46387", tipo="fecha")
    assert (leido.valor, leido.fallas[0].codigo) == ("2026-12-31", Codigo.FECHA_DE_SERIE)
    leido = revisar(46387, tipo="fecha")  # también el número: nunca se adivina en silencio
    assert (leido.valor, leido.fallas[0].codigo) == ("2026-12-31", Codigo.FECHA_DE_SERIE)
    assert "31-12-2026" in leido.fallas[0].mensaje
    leido = revisar(0.45, tipo="porcentaje")
    assert (leido.valor, leido.fallas[0].codigo) == ("0.45", Codigo.NUMERO_AMBIGUO)
    assert revisar(45.0, tipo="porcentaje") == "45"


@pytest.mark.parametrize(
    ("celda", "campo", "canonico"),
    [
        (True, {"tipo": "logico"}, "si"),
        (7, {}, "7"),
        (datetime.date(2026, 1, 2), {"tipo": "fecha"}, "2026-01-02"),
        (1000, {"tipo": "pesos"}, "1000"),
    ],
)
def test_celdas_tipadas(celda, campo, canonico):
    assert revisar(celda, **campo) == canonico


# --- opciones --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "escrito", ["rojo", "Rojo", "ROJO", "colorado", "Colorado", "rojo · Rojo", "rojo · Nombre antiguo", "  rojo  ·  rojo"]
)
def test_una_opcion_por_cualquiera_de_sus_nombres(escrito):
    leido = revisar(escrito, COLORES, catalogo="colores")
    assert (leido.valor if isinstance(leido, Hallazgo) else leido) == "rojo"


@pytest.mark.parametrize("escrito", ["morado", "rojo;verde", "roj", "morado · Rojo", "1"])
def test_opcion_desconocida(escrito):
    assert falla(revisar(escrito, COLORES, catalogo="colores")).codigo is Codigo.OPCION_DESCONOCIDA


def test_opcion_desconocida_dice_que_elegir_y_busca_un_parecido():
    cercana = falla(revisar("berde", COLORES, catalogo="colores"))
    assert "Elija una de: Rojo, Verde, Azul." in cercana.mensaje
    assert cercana.pista() == "¿Quiso decir «Verde» (verde)?"
    assert falla(revisar("zzzz", COLORES, catalogo="colores")).pista() == ""
    muchas = Opciones("m", "Muchas", "", "1.0.0", tuple(Opcion(f"c{i:02}", f"Comuna {i:02}") for i in range(13)))
    assert "las 13 opciones de la lista «Muchas»" in falla(revisar("zzzz", muchas, catalogo="m")).mensaje


@pytest.mark.parametrize("varios", [False, True])
def test_un_codigo_con_el_nombre_de_otro_dice_las_dos_lecturas(varios):
    contraria = falla(revisar("rojo · Verde", COLORES, catalogo="colores", varios=varios))
    assert contraria.codigo is Codigo.OPCION_DESCONOCIDA
    assert "«rojo» es «Rojo» y «Verde» es «verde»" in contraria.mensaje
    for acorde in ("rojo · Colorado", "rojo · rojo", "rojo · Bermellón"):
        assert revisar(acorde, COLORES, catalogo="colores", varios=varios) == "rojo"


@pytest.mark.parametrize("celda", ["01", "1", 1, 1.0, "uno", "01 · Uno"])
def test_excel_quita_el_cero_y_se_repone(celda):
    assert revisar(celda, CIFRAS, catalogo="cifras") == "01"


@pytest.mark.parametrize("celda", ["001", "3", "٠١", "１", 1.5, True, "0"])
def test_lo_que_no_es_un_codigo_con_su_cero(celda):
    assert falla(revisar(celda, CIFRAS, catalogo="cifras")).codigo is Codigo.OPCION_DESCONOCIDA


def test_no_se_rellena_si_los_codigos_son_de_distinto_largo():
    mixtas = Opciones("m", "Mixtas", "", "1.0.0", (Opcion("01", "A"), Opcion("001", "B")))
    assert falla(revisar("1", mixtas, catalogo="m")).codigo is Codigo.OPCION_DESCONOCIDA


def test_un_nombre_repetido_no_senala_ninguna_y_el_codigo_manda():
    opciones = Opciones("m", "M", "", "1.0.0", (Opcion("a", "Igual"), Opcion("b", "igual"), Opcion("c", "a")))
    indice = indice_de_opciones(opciones)
    assert "igual" not in indice
    assert indice["a"] == "a"  # el código «a», no el nombre de «c»
    assert indice["b · igual"] == "b"
    assert "a · igual" in indice


# --- varios y referencias --------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("escrito", "canonico"),
    [
        ("rojo;verde", "rojo;verde"),
        ("Rojo ; Verde", "rojo;verde"),
        ("verde\nrojo", "verde;rojo"),
        ("rojo;;verde;", "rojo;verde"),
        (";rojo", "rojo"),
        ("rojo · Rojo;verde · Verde", "rojo;verde"),
        ("rojo", "rojo"),
    ],
)
def test_varios_valores(escrito, canonico):
    assert revisar(escrito, COLORES, catalogo="colores", varios=True) == canonico


@pytest.mark.parametrize(
    ("escrito", "codigo"),
    [
        ("rojo;colorado", Codigo.OPCION_REPETIDA),
        ("rojo;rojo", Codigo.OPCION_REPETIDA),
        ("rojo;morado", Codigo.OPCION_DESCONOCIDA),
        ("rojo,verde", Codigo.OPCION_DESCONOCIDA),
        (";", Codigo.OPCION_DESCONOCIDA),
        ("; ;", Codigo.OPCION_DESCONOCIDA),
    ],
)
def test_varios_valores_mal(escrito, codigo):
    assert falla(revisar(escrito, COLORES, catalogo="colores", varios=True)).codigo is codigo


REFERENCIA = {"referencia": Referencia("otro")}


@pytest.mark.parametrize(("escrito", "canonico"), [("P-01", "P-01"), ("P-01 · Problema", "P-01"), ("P-01 ·", "P-01"), (7.0, "7")])
def test_referencia(escrito, canonico):
    assert revisar(escrito, **REFERENCIA) == canonico


@pytest.mark.parametrize("escrito", ["P 01", "· Problema", "·", "P-01;P-02", "ñ"])
def test_referencia_mal_escrita(escrito):
    assert falla(revisar(escrito, **REFERENCIA)).codigo is Codigo.CODIGO_INVALIDO


def test_referencia_a_varias():
    assert revisar("P-01; P-02 · Dos\nP-03", varios=True, **REFERENCIA) == "P-01;P-02;P-03"
    assert revisar("P-01 · ; P-02 · Dos; P-03 ·", varios=True, **REFERENCIA) == "P-01;P-02;P-03"
    assert falla(revisar("P-01;P-01", varios=True, **REFERENCIA)).codigo is Codigo.OPCION_REPETIDA
    assert falla(revisar("P-01;ñ", varios=True, **REFERENCIA)).codigo is Codigo.CODIGO_INVALIDO


# --- más estrictos, nunca más laxos ---------------------------------------------------------------

CAMPOS = {
    "corto": ({"largo_minimo": 2, "largo_maximo": 5}, None),
    "patron": ({"patron": "[a-z]{2}|[0-9]+"}, None),
    "entero": ({"tipo": "entero", "minimo": -3, "maximo": 50}, None),
    "pesos": ({"tipo": "pesos", "minimo": 0}, None),
    "porcentaje": ({"tipo": "porcentaje", "minimo": 0, "maximo": 100}, None),
    "anio": ({"tipo": "ejercicio", "minimo": 2020, "maximo": 2100}, None),
    "codigo": ({"tipo": "codigo", "largo_maximo": 5}, None),
    "opcion": ({"catalogo": "colores"}, COLORES),
    "opciones": ({"catalogo": "colores", "varios": True, "largo_maximo": 12}, COLORES),
    "cita": (REFERENCIA, None),
    "citas": (REFERENCIA | {"varios": True}, None),
}
TEXTO = st.one_of(
    st.text(max_size=12),
    st.text(alphabet="0123456789.,-$% abc;·\n", max_size=12),
    st.lists(st.sampled_from(["rojo", "Verde", "azul", "P-01", ";", " ", " · ", "7", "2027"]), max_size=6).map("".join),
)


@pytest.mark.parametrize("nombre", CAMPOS)
@RAPIDO
@given(celda=st.one_of(TEXTO, st.integers(-100, 3000), st.floats(-100, 3000), st.booleans(), st.dates()))
def test_lo_que_aceptamos_el_juez_lo_acepta_y_releido_es_identico(nombre, celda):
    campo, opciones = CAMPOS[nombre]
    campo = suelto(**campo)
    revisar = compilar(campo, opciones)
    leido = revisar(celda)
    valor = leido.valor if isinstance(leido, Hallazgo) else leido
    if not valor:
        return
    assert revisar(valor) == valor
    _, notas = Field.from_descriptor(campo_estandar(campo, opciones)).read_cell(valor)
    assert not notas, f"frictionless rechaza {valor!r}"


@pytest.mark.parametrize("nombre", [*TIPOS, *CAMPOS])
@RAPIDO
@given(celda=st.one_of(st.integers(), st.floats(), st.floats(-2000, 2000), st.booleans(), st.dates()))
@example(celda=Hora("10:30"))
@example(celda=123.456)
@example(celda=-123.456)
@example(celda=1.234)
@example(celda=70000.125)
@example(celda=0.1234)
@example(celda=1234567.891)
@example(celda=1234567890123.1235)
@example(celda=1e16)
@example(celda=-56912345678)
@example(celda=46387.5)
@example(celda=datetime.date(2026, 5, 3))
@example(celda=datetime.date(999, 1, 1))
def test_lo_que_dio_error_releido_como_se_guarda_vuelve_a_darlo(nombre, celda):
    """Si pasara por válido, la persona entregaría 123456 donde su planilla decía 123,456."""
    campo, opciones = CAMPOS.get(nombre, ({"tipo": nombre}, None))
    revisar = compilar(suelto(**campo), opciones)
    if _con_error(revisar(celda)):
        assert _con_error(revisar(como_se_ve(celda))), como_se_ve(celda)


def _con_error(leido):
    return isinstance(leido, Hallazgo) and any(f.gravedad is Gravedad.ERROR for f in leido.fallas)


def test_lo_que_no_es_una_fecha_y_excel_convirtio():
    for mas in ({"tipo": "codigo"}, {"referencia": Referencia("x")}, {"catalogo": "colores", "varios": True}):
        leido = revisar(datetime.date(2026, 5, 3), COLORES if "catalogo" in mas else None, **mas)
        assert (leido.valor, leido.fallas[0].codigo) == ("", Codigo.CONVERTIDO_EN_FECHA)
    leido = revisar(datetime.date(2026, 5, 3))
    assert (leido.valor, leido.fallas[0].codigo) == ("03/05/2026", Codigo.CONVERTIDO_EN_FECHA)
    assert revisar("03-may", tipo="codigo").valor == "03-may"


def test_una_hora_solo_cabe_en_un_texto_libre_y_se_avisa():
    for tipo in ("texto", "parrafo"):
        leido = revisar(Hora("10:30"), tipo=tipo)
        assert (leido.valor, [f.codigo for f in leido.fallas]) == ("10:30", [Codigo.NO_ES_TEXTO])
    for tipo in set(TIPOS) - {"texto", "parrafo"}:
        for hora in ("10:30", "21/11/2026 10:30", "30:00:00"):
            assert falla(revisar(Hora(hora), tipo=tipo)).gravedad is Gravedad.ERROR
    assert "Escriba solo la fecha: 21/11/2026." in falla(revisar(Hora("21/11/2026 10:30"), tipo="fecha")).mensaje
    assert falla(revisar(Hora("10:30"), COLORES, catalogo="colores")).codigo is Codigo.OPCION_DESCONOCIDA


def test_en_una_lista_no_importa_que_la_celda_no_sea_texto():
    si_no = Opciones("s", "S", "", "1.0.0", (Opcion("si", "Sí"), Opcion("no", "No")))
    assert revisar(True, si_no, catalogo="s") == "si"


@pytest.mark.parametrize(("celda", "leida"), [(True, "si"), (0.05, "0.05"), (1.1, "1.1")])
def test_un_codigo_que_la_planilla_cambio_por_otra_cosa_se_avisa(celda, leida):
    leido = revisar(celda, tipo="codigo")
    assert (leido.valor, [f.codigo for f in leido.fallas]) == (leida, [Codigo.NO_ES_TEXTO])
    assert f"se leyó como «{leida}»" in leido.fallas[0].mensaje


def test_una_formula_sin_valor_no_es_una_celda_vacia():
    for mas in ({}, {"obligatorio": True}, {"tipo": "pesos"}, {"catalogo": "colores"}, {"tipo": "parrafo", "largo_minimo": 20}):
        leido = revisar(FORMULA_SIN_VALOR, COLORES if "catalogo" in mas else None, **mas)
        assert [f.codigo for f in leido.fallas] == [Codigo.FORMULA_SIN_VALOR]
        assert "guárdelo" in leido.fallas[0].mensaje


@pytest.mark.parametrize("mas", [{}, {"largo_maximo": 500}, {"tipo": "pesos"}, {"catalogo": "colores"}, {"largo_maximo": 9_000}])
def test_una_celda_larga_dice_cuanto_cabe(mas):
    leido = revisar("x" * 2_001, COLORES if "catalogo" in mas else None, **mas)
    assert [f.codigo for f in leido.fallas] == [Codigo.CELDA_LARGA]
    assert f"2.001 caracteres y caben {'500' if mas.get('largo_maximo') == 500 else '2.000'}" in leido.fallas[0].mensaje
