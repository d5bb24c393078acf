"""La cadena: las flechas salen de los campos que citan, y el esquema dice cuáles se esperan."""

import pytest

from esquemas.cadena import armar
from esquemas.catalogo import cargar
from esquemas.traza import renglones

CATALOGO = cargar()
A2, B1, B2 = "potencialidades-problematicas", "desafios-oportunidades-objetivos", "focalizacion"


def filas(esquema, *algunas):
    return [{n: f.get(n, "") for n in CATALOGO.esquemas[esquema].principal.nombres} for f in algunas]


MATRICES = {
    A2: filas(A2, {"codigo": "PRO-1", "tipo": "problematica", "descripcion": "Poca venta"}),
    B1: filas(
        B1,
        {"codigo": "OPO-1", "tipo": "oportunidad", "enunciado": "Turismo"},
        {"codigo": "DES-1", "tipo": "desafio", "enunciado": "Vender más", "origen": "PRO-1;PRO-99"},
        {"codigo": "OBJ-1", "tipo": "objetivo", "enunciado": "Favorecer la economía circular", "desafios": "DES-1"},
        {"codigo": "OBJ-2", "tipo": "objetivo", "enunciado": "Mejorar canales de promoción"},
    ),
    B2: filas(
        B2,
        {"codigo": "F-1", "instrumento": "crece", "objetivos": "OBJ-1", "presupuesto": "1000", "cobertura": "3"},
        {"codigo": "F-2", "instrumento": "crece", "objetivos": "OBJ-1", "presupuesto": "500"},
        {"codigo": "F-3", "instrumento": "redes", "desafios_oportunidades": "OPO-1;DES-1"},
        {"codigo": "F-4", "objetivos": "OBJ-2"},
    ),
}


def unidas(columnas, **opciones):
    _, flechas = armar(CATALOGO, MATRICES, columnas, **opciones)
    return {(f.desde.partition(":")[2], f.hasta.partition(":")[2]) for f in flechas}


def test_las_filas_son_nodos_y_las_de_un_mismo_valor_uno_solo():
    columnas, _ = armar(CATALOGO, MATRICES, ["problematica", "desafio", "objetivo", "instrumento"], suma="presupuesto")
    assert [c.titulo for c in columnas] == ["Problemática", "Desafío", "Objetivo estratégico", "Instrumento"]
    assert [(n.rotulo, n.texto, n.nota) for c in columnas for n in c.nodos] == [
        ("PRO-1", "Poca venta", ""),
        ("DES-1", "Vender más", ""),
        ("OBJ-1", "Favorecer la economía circular", ""),
        ("OBJ-2", "Mejorar canales de promoción", ""),
        ("Crece", "F-1, F-2", "$1.500"),
        ("Redes de Oportunidades", "F-3", ""),
    ]


def test_la_nota_que_no_es_dinero_va_sin_signo():
    columnas, _ = armar(CATALOGO, MATRICES, ["instrumento"], suma="cobertura")
    assert [n.nota for n in columnas[0].nodos] == ["3", ""]


def test_las_flechas_son_las_citas_entre_nodos_que_estan():
    """PRO-99 no existe y F-4 no tiene instrumento: nada los une, y nada falla."""
    assert unidas(["problematica", "desafio", "objetivo", "instrumento"]) == {
        ("PRO-1", "DES-1"),
        ("DES-1", "OBJ-1"),
        ("OBJ-1", "instrumento=crece"),
        ("DES-1", "instrumento=redes"),
    }
    assert unidas(["oportunidad", "instrumento"]) == {("OPO-1", "instrumento=redes")}


def esperados(matrices, columnas):
    hechas, _ = armar(CATALOGO, matrices, columnas)
    return [(c.antes, c.despues) for c in hechas]


def test_se_espera_un_enlace_solo_donde_el_esquema_lo_permite():
    b1, b1_y_b2 = {B1: MATRICES[B1]}, {B1: MATRICES[B1], B2: ()}
    assert esperados(b1, ["oportunidad", "desafio", "objetivo"]) == [(False, False), (False, True), (True, False)]
    lados = [(False, True), (False, True), (True, True), (True, False)]
    assert esperados(b1_y_b2, ["oportunidad", "desafio", "objetivo", "instrumento"]) == lados  # aunque la B.2 no traiga filas
    assert esperados(MATRICES, ["problematica", "desafio"]) == [(False, True), (True, False)]


@pytest.mark.parametrize(("atingente", "sigue"), [("si", True), ("no", False), ("", True)])
def test_no_se_espera_respuesta_de_la_fila_que_la_regla_no_exige(atingente, sigue):
    problematica = filas(A2, {"codigo": "PRO-2", "tipo": "problematica", "descripcion": "Riego", "atingente": atingente})
    potencialidad = filas(A2, {"codigo": "POT-1", "tipo": "potencialidad", "descripcion": "Cerezas", "atingente": atingente})
    matrices = {**MATRICES, A2: [*problematica, *potencialidad]}
    columnas, flechas = armar(CATALOGO, matrices, ["problematica+potencialidad", "desafio+oportunidad"])
    llevan = {r.nodo.rotulo: r.lleva for r in renglones(columnas, flechas)}
    assert llevan["PRO-2"] == (() if sigue else None)
    assert llevan["POT-1"] == (), "ninguna regla dice qué potencialidades se responden: se espera de todas"


def test_una_columna_puede_reunir_varias_clases():
    (columna,), _ = armar(CATALOGO, MATRICES, ["oportunidad+desafio"])
    assert (columna.titulo, [n.rotulo for n in columna.nodos]) == ("Oportunidad o Desafío", ["OPO-1", "DES-1"])


def con_orientacion(*textos, objetivos=""):
    suyas = filas(
        B2,
        *({"codigo": f"F-{i}", "instrumento": "crece", "orientacion": t, "objetivos": objetivos} for i, t in enumerate(textos)),
    )
    _, flechas = armar(CATALOGO, {B1: MATRICES[B1], B2: suyas}, ["objetivo", "instrumento"], supone="orientacion")
    return [(f.desde.partition(":")[2], f.supuesta) for f in flechas]


def test_lo_supuesto_comparte_mas_de_la_mitad_de_las_palabras():
    lista = "1.- Fomentar la economía circular y, 2.- PROMOCION: mejorar los canales; 3.- Algo muy distinto, 4.-"
    assert con_orientacion(lista) == [("OBJ-2", True)]  # «fomentar» por «favorecer» deja justo la mitad
    assert con_orientacion("1. Favorecer la economía") == [("OBJ-1", True)]
    assert con_orientacion("", "3") == []


def test_lo_citado_pisa_lo_supuesto():
    assert con_orientacion("1.- Mejorar canales de promoción", objetivos="OBJ-2;OBJ-1") == [("OBJ-2", False), ("OBJ-1", False)]


def test_sin_columna_anterior_no_se_supone_nada():
    assert armar(CATALOGO, {B2: MATRICES[B2]}, ["instrumento"], supone="orientacion")[1] == ()
    columnas = ["objetivo", "instrumento"]
    assert armar(CATALOGO, {B1: (), B2: MATRICES[B2]}, columnas, supone="orientacion")[1] == ()


def test_una_clase_que_nadie_tiene_no_se_arma():
    with pytest.raises(ValueError, match="«cosa»"):
        armar(CATALOGO, MATRICES, ["cosa"])
    with pytest.raises(KeyError):
        armar(CATALOGO, {"no-existe": ()}, ["tipo"])
