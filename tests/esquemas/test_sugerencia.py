"""Lo que se le sugiere a quien no se entendió: completo, con «;» donde va, y sin leer nada a medias."""

import pytest

from esquemas.celda import Hallazgo, compilar
from esquemas.errores import Codigo
from esquemas.modelo import Opcion, Opciones, Referencia
from esquemas.sugerencia import codigos_juntos, elegir, repartir
from tests.esquemas.fabrica import COLORES, suelto

RUBROS = Opciones(
    "rubros", "Rubros", "", "1.0.0",
    (Opcion("turismo", "Turismo"), Opcion("pesca", "Pesca y acuicultura"), Opcion("agro", "Agricultura, ganadería y riego")),
)  # fmt: skip
MUCHAS = Opciones("muchas", "Muchas", "", "1.0.0", tuple(Opcion(f"{i:03}", f"Comuna {i}") for i in range(50)))
CITA = Referencia("objetivos")


def decir(celda, opciones=None, **mas) -> str:
    """El mensaje con su pista, como lo lee la persona; exige que no se haya leído nada."""
    leido = compilar(suelto(**mas), opciones)(celda)
    assert isinstance(leido, Hallazgo) and leido.valor == "", leido
    (falla,) = leido.fallas
    return f"{falla.mensaje} {falla.pista() if falla.pista else ''}".strip()


@pytest.mark.parametrize(
    ("escrito", "sugerido"),
    [
        ("Rojo y verde", "Rojo; Verde"),
        ("Rojo, verde", "Rojo; Verde"),
        ("rojo, verde y azul", "Rojo; Verde; Azul"),
        ("rojo, verde, y azul", "Rojo; Verde; Azul"),
        ("Rojo/verde", "Rojo; Verde"),
        ("Rojo + Verde & azul", "Rojo; Verde; Azul"),
        ("Rojo - Verde", "Rojo; Verde"),
        ("Rojo, morado", "Rojo; morado"),  # lo que no está en la lista también queda
        ("Rojo,, verde,", "Rojo; Verde"),
        ("rojo · Rojo, verde · Verde", "Rojo; Verde"),
        ("rojo · Rojo, verde", "Rojo; Verde"),
    ],
)
def test_varios_valores_sin_punto_y_coma_se_sugieren_todos(escrito, sugerido):
    mensaje = decir(escrito, COLORES, varios=True, catalogo="colores")
    assert f"¿Quiso escribir «{sugerido}»?" in mensaje
    assert "separadas con «;»" in mensaje
    leido = compilar(suelto(varios=True, catalogo="colores"), COLORES)(sugerido)
    assert "morado" in sugerido or isinstance(leido, str)  # hacer lo que el mensaje dice funciona


@pytest.mark.parametrize(
    ("escrito", "sugerido"),
    [
        ("Turismo, Pesca y acuicultura", "Turismo; Pesca y acuicultura"),
        ("Agricultura, ganadería y riego y turismo", "Agricultura, ganadería y riego; Turismo"),
        ("Turismo, Agricultura, ganadería y riego, pesca", "Turismo; Agricultura, ganadería y riego; Pesca y acuicultura"),
    ],
)
def test_un_nombre_con_comas_o_con_y_no_se_parte(escrito, sugerido):
    assert f"«{sugerido}»" in decir(escrito, RUBROS, varios=True, catalogo="rubros")


def test_donde_va_una_sola_se_dice_y_se_nombran_todas():
    assert decir("Rojo y verde", COLORES, catalogo="colores").endswith("Aquí va una sola y escribió varias: «Rojo», «Verde».")
    assert "¿Quiso decir «Verde» (verde)?" in decir("berde", COLORES, catalogo="colores")
    assert decir("xyz", COLORES, catalogo="colores").endswith("Elija una de: Rojo, Verde, Azul.")


def test_una_lista_anterior_manda_su_codigo_si_no_viene_otra_opcion_detras():
    revisar = compilar(suelto(catalogo="colores"), COLORES)
    assert revisar("rojo · Colorado y brillante") == "rojo"
    assert revisar("rojo · Rojo") == "rojo"
    assert isinstance(revisar("rojo · Rojo, verde"), Hallazgo)


def test_que_se_elige():
    assert elegir(suelto(), MUCHAS) == "Elija una de las 50 opciones de la lista «Muchas»."
    assert elegir(suelto(varios=True), MUCHAS) == "Elija una o varias de las 50 opciones de la lista «Muchas», separadas con «;»."
    assert elegir(suelto(varios=True), COLORES) == "Elija una o varias, separadas con «;»: Rojo; Verde; Azul."


def test_un_texto_larguisimo_no_se_reparte():
    leidas = []
    assert repartir(", ".join(["x"] * 500), leidas.append) == []
    assert leidas == []


@pytest.mark.parametrize(
    ("escrito", "sugerido"),
    [
        ("OBJ-01, OBJ-02", "OBJ-01; OBJ-02"),
        ("OBJ-01,OBJ-02 y OBJ-03", "OBJ-01; OBJ-02; OBJ-03"),
        ("OBJ-01/OBJ-02", "OBJ-01; OBJ-02"),
        ("OBJ-01 · Vender más, OBJ-02 · Otro", "OBJ-01; OBJ-02"),
    ],
)
def test_varios_codigos_sin_punto_y_coma(escrito, sugerido):
    revisar = compilar(suelto(varios=True, referencia=CITA, titulo="Objetivos"), None)
    (falla,) = revisar(escrito).fallas
    assert falla.codigo is Codigo.CODIGO_INVALIDO
    assert f"En «Objetivos» se separan con «;»: escriba «{sugerido}»." in falla.mensaje
    assert revisar(sugerido) == sugerido.replace("; ", ";")


def test_varios_codigos_donde_va_uno():
    assert decir("OBJ-01, OBJ-02", referencia=CITA).endswith("En «Equis» va uno solo: deje el que corresponde.")


@pytest.mark.parametrize("escrito", ["Mejorar, ampliar", "hola mundo", "OBJ-01, ñandú 2", "x"])
def test_lo_que_no_son_varios_codigos(escrito):
    assert codigos_juntos(escrito, suelto(referencia=CITA)) is None


@pytest.mark.parametrize("escrito", ["OBJ-01 · Vender, exportar y crecer", "OBJ-01 · Pasar de 3 a 4, 5", "OBJ-01 · Uno · dos"])
def test_el_nombre_que_acompana_a_un_codigo_no_se_confunde_con_otro(escrito):
    for varios in (True, False):
        assert compilar(suelto(referencia=CITA, varios=varios), None)(escrito) == "OBJ-01"
