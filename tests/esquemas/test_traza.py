"""La traza: qué se une, qué hueco se ve, y que el dibujo y su tabla digan lo mismo."""

from xml.etree import ElementTree

import pytest

from esquemas.traza import SIN_NODOS, Columna, Flecha, Nodo, dibujar, renglones

LARGO = "Reducir la dependencia del verano de los talleres y de los negocios de turismo de toda la costa de la región."
COLUMNAS = (
    Columna("Desafío", (Nodo("d1", "DES-01", LARGO), Nodo("d2", "DES-02", "Corto")), antes=False),
    Columna("Objetivo", (Nodo("o1", "OBJ-01", "Vender"), Nodo("o2", "OBJ-02", "Crecer"))),
    Columna("Instrumento", (Nodo("i1", "Crece", "F-1, F-2", "$5.000"),), despues=False),
)
FLECHAS = (Flecha("d1", "o1"), Flecha("o1", "i1", supuesta=True), Flecha("d1", "i1"))


def leer(*argumentos):
    return ElementTree.fromstring(dibujar("Título", "Descripción", *argumentos))


def test_el_dibujo_es_una_imagen_con_titulo_y_descripcion_y_una_caja_por_nodo():
    dibujo = leer(COLUMNAS, FLECHAS)
    assert dibujo.get("role") == "img" and dibujo.get("viewBox")
    assert [dibujo.find("title").text, dibujo.find("desc").text] == ["Título", "Descripción"]
    assert [t.text for t in dibujo.iter("text") if t.get("class") == "columna"] == ["Desafío", "Objetivo", "Instrumento"]
    assert [t.text for t in dibujo.iter("text") if t.get("class") == "nombre"] == [
        "DES-01",
        "DES-02",
        "OBJ-01",
        "OBJ-02",
        "Crece",
    ]
    assert [t.text for t in dibujo.iter("text") if t.get("class") == "valor"] == ["$5.000"]


def test_cada_flecha_va_de_la_derecha_de_una_caja_a_la_izquierda_de_otra():
    dibujo = leer(COLUMNAS, FLECHAS)
    cajas = {g.find("title").text.split(" ")[0]: g.find("rect") for g in dibujo.iter("g")}
    trazos = [p.get("d") for p in dibujo.iter("path")]
    for (desde, hasta), trazo in zip((("DES-01", "OBJ-01"), ("OBJ-01", "Crece"), ("DES-01", "Crece")), trazos, strict=True):
        derecha, izquierda = cajas[desde], cajas[hasta]
        assert trazo.startswith(f"M{int(derecha.get('x')) + int(derecha.get('width'))} ")
        assert f" {izquierda.get('x')} {int(izquierda.get('y')) + int(izquierda.get('height')) / 2}" in trazo
    assert [p.get("class") for p in dibujo.iter("path")] == ["flecha", "flecha supuesta", "flecha"]


def test_las_cajas_no_se_pisan_y_caben_en_el_dibujo():
    dibujo = leer(COLUMNAS, FLECHAS)
    cajas = [tuple(int(r.get(m)) for m in ("x", "y", "width", "height")) for r in dibujo.iter("rect")]
    for i, (x, y, ancho, alto) in enumerate(cajas):
        assert x + ancho <= int(dibujo.get("width")) and y + alto <= int(dibujo.get("height"))
        assert all(x != otra[0] or y + alto < otra[1] for otra in cajas[i + 1 :])


def test_un_texto_largo_se_acorta_y_entero_queda_al_apuntarlo():
    primera = next(leer(COLUMNAS, FLECHAS).iter("g"))
    lineas = [t.text for t in primera.iter("text")]
    assert len(lineas) == 5 and lineas[-1].endswith("…") and max(map(len, lineas)) <= 19
    assert primera.find("title").text == f"DES-01 · {LARGO}"


def test_un_hueco_se_ve_solo_donde_se_espera_un_enlace():
    puntos = [c.get("class") for c in leer(COLUMNAS, FLECHAS).iter("circle")]
    #          d1 →     d2 →     → o1     o1 →     → o2     o2 →     → i1
    assert puntos == ["unido", "hueco", "unido", "unido", "hueco", "hueco", "unido"]


def test_lo_que_no_se_esperaba_y_esta_unido_tambien_se_ve():
    columnas = (Columna("A", (Nodo("a", "A"),), antes=False, despues=False), Columna("B", (Nodo("b", "B"),), antes=False))
    assert [c.get("class") for c in leer(columnas, (Flecha("a", "b"),)).iter("circle")] == ["unido", "unido", "hueco"]
    assert [(r.viene, r.lleva) for r in renglones(columnas, (Flecha("a", "b"),))] == [(None, ("B",)), (("A",), ())]


def test_la_tabla_dice_lo_mismo_que_el_dibujo():
    assert [(r.columna, r.nodo.rotulo, r.viene, r.lleva) for r in renglones(COLUMNAS, FLECHAS)] == [
        ("Desafío", "DES-01", None, ("OBJ-01", "Crece")),
        ("Desafío", "DES-02", None, ()),
        ("Objetivo", "OBJ-01", ("DES-01",), ("Crece (supuesto)",)),
        ("Objetivo", "OBJ-02", (), ()),
        ("Instrumento", "Crece", ("OBJ-01 (supuesto)", "DES-01"), None),
    ]
    assert renglones(COLUMNAS, FLECHAS, "*")[2].lleva == ("Crece*",)


def test_una_columna_sin_nodos_dice_que_no_consta():
    textos = [t.text for t in leer((*COLUMNAS, Columna("Una columna de título muy largo que no cabe", ())), FLECHAS).iter("text")]
    assert textos[-1] == SIN_NODOS and textos[-2].endswith("…")


def test_los_textos_con_signos_no_rompen_el_dibujo():
    dibujo = leer((Columna("<b>", (Nodo("a", '"<i>&'),)),), ())
    assert [t.text for t in dibujo.iter("text")] == ["<b>", '"<i>&']


@pytest.mark.parametrize(
    ("columnas", "flechas", "dice"),
    [
        (COLUMNAS, (Flecha("d1", "zz"),), "no está: zz"),
        ((Columna("A", (Nodo("a", "A"), Nodo("a", "B"))),), (), "misma clave"),
    ],
)
@pytest.mark.parametrize("hacer", [renglones, lambda c, f: dibujar("t", "d", c, f)])
def test_un_grafo_mal_armado_no_se_dibuja(columnas, flechas, dice, hacer):
    with pytest.raises(ValueError, match=dice):
        hacer(columnas, flechas)
