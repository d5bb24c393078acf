"""El piloto de Tarapacá de 2019: los controles de su focalización (B.2) y de su B.1, cuyas columnas mezcló la lectura.

Los números de control están escritos aquí a mano porque son los de la fuente 001; nada los calcula. De la B.1 la fuente solo
da uno, cinco oportunidades: los otros dos son los de nuestra lectura.
"""

import re
from collections import Counter

from tests.experiencias.piloto import CASOS, frictionless_validate, pagina

FOCALIZACION, MATRIZ = CASOS["tarapaca-2019/focalizacion.csv"], CASOS["tarapaca-2019/desafios-oportunidades-objetivos.csv"]
PRESUPUESTO = 1_252_784_000
COBERTURA_DECLARADA, COBERTURA_CON_DATO, COBERTURA_PERDIDA = 1_421, 947, 474
INSTRUMENTOS = [
    *("emprende", "juntos", "redes", "promocion", "digitaliza"),
    *("crece", "mejora-negocios", "formacion", "ferias-libres", "gremios"),
]
POR_INSTRUMENTO = {f["instrumento"]: f for f in FOCALIZACION.filas}


def test_cada_fila_tiene_algo_exceptuado():
    for caso in (FOCALIZACION, MATRIZ):
        assert {e["fila"] for e in caso.registradas} == set(caso.por_codigo)


# --- B.2, la focalización ---------------------------------------------------------------------------


def test_diez_filas_en_el_orden_de_la_fuente():
    assert [f["codigo"] for f in FOCALIZACION.filas] == [f"T-{n:02}" for n in range(1, 11)]
    assert [f["instrumento"] for f in FOCALIZACION.filas] == INSTRUMENTOS


def test_el_presupuesto_suma_lo_que_declara_la_fuente():
    assert sum(int(f["presupuesto"]) for f in FOCALIZACION.filas) == PRESUPUESTO


def test_las_coberturas_perdidas_quedan_vacias():
    con_dato = {i: int(f["cobertura"]) for i, f in POR_INSTRUMENTO.items() if f["cobertura"]}
    assert set(INSTRUMENTOS) - con_dato.keys() == {"juntos", "formacion", "gremios"}
    assert sum(con_dato.values()) == COBERTURA_CON_DATO == COBERTURA_DECLARADA - COBERTURA_PERDIDA


def test_el_reparto_deducido_de_almacenes_y_crece():
    reparto = {i: (f["compromiso"], f["presupuesto"], f["cobertura"]) for i, f in POR_INSTRUMENTO.items()}
    assert reparto["digitaliza"] == ("otras", "61230000", "25")
    assert reparto["crece"] == ("pyme-digital", "523429000", "74")


def test_no_se_inventa_lo_que_la_focalizacion_no_dice():
    callados = ("accion", "descripcion", "perfil", "perfil_detalle", "territorio", "comunas", "rubro", "rubro_detalle", "fuente")
    assert not any(f[c] for f in FOCALIZACION.filas for c in (*callados, "objetivos", "desafios_oportunidades"))
    assert FOCALIZACION.filas[-1]["orientacion"].endswith(" 7.-")
    unidades = {i for i, f in POR_INSTRUMENTO.items() if f["unidad_cobertura"]}
    assert unidades == {"emprende", "digitaliza", "crece", "mejora-negocios"}


def test_frictionless_reprueba_un_monto_estropeado(viaje, tmp_path):
    """Para saber que aprobar lo exportado significa algo."""
    destino = viaje("tarapaca-2019").destino
    bueno = (destino / "focalizacion.csv").read_bytes()
    assert b"311345000" in bueno
    (tmp_path / "x.csv").write_bytes(bueno.replace(b"311345000", b"muchos"))
    (tmp_path / "x.schema.json").write_bytes((destino / "focalizacion.schema.json").read_bytes())
    hecho = frictionless_validate(tmp_path, "x.csv", "--schema", "x.schema.json")
    assert hecho.exit_code == 1 and "INVALID" in hecho.output


# --- B.1, la matriz de las columnas mezcladas -------------------------------------------------------


def test_cinco_oportunidades_y_lo_que_quedo_de_las_otras_columnas():
    codigos = [f"OPO-{n:02}" for n in range(1, 6)] + [f"DES-{n:02}" for n in range(1, 12)] + [f"OBJ-{n:02}" for n in range(1, 9)]
    assert [f["codigo"] for f in MATRIZ.filas] == codigos
    assert Counter(f["tipo"] for f in MATRIZ.filas) == {"oportunidad": 5, "desafio": 11, "objetivo": 8}


def test_las_oportunidades_son_las_unicas_que_no_empiezan_por_un_verbo():
    sin_verbo = {f["codigo"] for f in MATRIZ.filas if not re.match(r"\w+[aei]r ", f["enunciado"])}
    assert sin_verbo == {f["codigo"] for f in MATRIZ.filas if f["tipo"] == "oportunidad"}


def test_los_objetivos_sueltos_son_los_que_nombra_la_focalizacion():
    """OBJ-06 a OBJ-08 quedaron fuera de las columnas: su tipo se deduce de la tabla de focalización."""
    objetivos = [f["enunciado"] for f in MATRIZ.filas if f["tipo"] == "objetivo"][5:]
    orientacion = FOCALIZACION.archivo.read_text(encoding="utf-8")
    nombrados = (
        "desarrollo empresarial en zonas rurales y borde costero",
        "diversificación de la oferta turística",
        "encadenamiento de",
    )
    assert all(n in orientacion and n in o for n, o in zip(nombrados, objetivos, strict=True))


def test_lo_que_se_repite_y_lo_que_se_completo():
    enunciados = {codigo: f["enunciado"] for codigo, f in MATRIZ.por_codigo.items()}
    assert enunciados["DES-07"] == enunciados["OBJ-03"] == "Propiciar una cultura de innovación y sustentabilidad."
    assert len(set(enunciados.values())) == 23
    assert enunciados["DES-03"].endswith("de la región.") and enunciados["DES-09"].endswith("y promoción.")
    assert enunciados["DES-02"].endswith("de el Tamarugal.")


def test_no_se_inventa_lo_que_la_matriz_no_dice():
    assert not any(f[c] for f in MATRIZ.filas for c in ("origen", "origen_a1", "desafios", "prioridad"))


# --- la página --------------------------------------------------------------------------------------


def test_la_pagina_no_lleva_cifras_a_mano_y_las_muestra():
    texto, puesta = pagina("tarapaca-2019")
    assert not re.search(r"\d\.\d{3}|\b(947|474)\b", texto)
    assert puesta.count("$1.252.784.000") == 3  # el total de la tabla y las dos veces del control
    assert "Faltan 474. El dato no consta en 3 filas (T-02, T-08, T-10)." in puesta
    assert "| T-02 | Juntos | Sin focalización | $84.389.000 | No consta | Otras |" in puesta
    assert "{#b-1}" in puesta


def test_los_dos_graficos_y_lo_que_no_consta():
    _, puesta = pagina("tarapaca-2019")
    figuras = re.findall(r'<figure class="grafico".*?</figure>', puesta)
    assert [f.count("<rect") for f in figuras] == [10, 10]
    assert [len(re.findall(">No consta<", f)) for f in figuras] == [0, 3]


def test_la_traza_supone_los_objetivos_de_cada_instrumento_y_lo_declara():
    """Leído a mano de la orientación estratégica: qué objetivos nombra cada instrumento."""
    _, puesta = pagina("tarapaca-2019")
    traza = puesta.partition("{#traza}")[2].partition("\n## ")[0]
    viene = dict(re.findall(r"^\| ([^|]+) \| Instrumento \|.*\| ([^|]+) \| — \|$", traza, re.M))
    assert {i: re.findall(r"OBJ-0(\d) \(por sus palabras\)", v) for i, v in viene.items()} == {
        **{"Emprende": ["2", "3", "7", "8"], "Juntos": ["2", "3", "7", "8"]},
        **{"Redes de Oportunidades": ["5"], "Promoción y Canales": ["5"], "Digitaliza tu Almacén": ["3", "4"]},
        **{"Crece": ["2", "3", "8", "7", "5", "6"], "Mejora Negocios": ["7", "8"], "Formación": ["4", "6"]},
        **{"Ferias Libres": ["2", "3", "4", "5"], "Gremios": ["2", "3", "8", "7", "5", "6"]},
    }
    assert "Sin enlace hacia adelante: 1 (OBJ-01)." in traza
    flechas = re.findall(r'class="(flecha[^"]*)"', traza)
    assert set(flechas) == {"flecha supuesta"} and len(flechas) == 32
    assert "T-06 · $523.429.000" in traza
