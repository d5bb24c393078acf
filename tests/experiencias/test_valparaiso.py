"""El piloto de Valparaíso de 2019: nueve objetivos, seis oportunidades y once desafíos, y nada más que eso.

Los números de control están escritos aquí a mano porque son los de la fuente 001; nada los calcula.
"""

from collections import Counter

from tests.experiencias.piloto import CASOS, pagina

MATRIZ = CASOS["valparaiso-2019/desafios-oportunidades-objetivos.csv"]


def test_nueve_objetivos_seis_oportunidades_y_once_desafios():
    codigos = [f"OBJ-{n:02}" for n in range(1, 10)] + [f"OPO-{n:02}" for n in range(1, 7)] + [f"DES-{n:02}" for n in range(1, 12)]
    assert [f["codigo"] for f in MATRIZ.filas] == codigos
    assert Counter(f["tipo"] for f in MATRIZ.filas) == {"objetivo": 9, "oportunidad": 6, "desafio": 11}
    assert len({f["enunciado"] for f in MATRIZ.filas}) == 26


def test_el_primero_y_el_ultimo_de_cada_lista():
    enunciados = {codigo: f["enunciado"] for codigo, f in MATRIZ.por_codigo.items()}
    assert enunciados["OBJ-01"] == "Fortalecer la asociatividad de las empresas de menor tamaño."
    assert enunciados["OBJ-09"].endswith("en especial en ámbitos relacionados con agua, economía circular y energías renovables.")
    assert enunciados["OPO-01"] == "Alto potencial turístico."
    assert enunciados["OPO-06"] == "Potente ecosistema emprendedor."
    assert enunciados["DES-01"] == "Disminuir brechas en competencias empresariales y especializadas."
    assert enunciados["DES-11"] == "Aumentar la formalización de emprendedores y empresas de menor tamaño."


def test_no_se_inventa_lo_que_la_fuente_no_dice():
    assert not any(f[c] for f in MATRIZ.filas for c in ("origen", "origen_a1", "desafios", "prioridad"))


def test_cada_fila_tiene_algo_exceptuado():
    assert {e["fila"] for e in MATRIZ.registradas} == set(MATRIZ.por_codigo)


def test_la_traza_no_une_nada_y_lo_dice():
    _, puesta = pagina("valparaiso-2019")
    dibujo = puesta[puesta.index('<svg class="traza"') : puesta.index("</svg>")]
    assert 'class="flecha' not in dibujo and 'class="unido"' not in dibujo and dibujo.count('class="caja"') == 26
    for dicho in ("Oportunidad: 6", "Desafío: 11", "Objetivo estratégico: 9. Sin enlace hacia atrás: 9"):
        assert f"- {dicho}. Sin enlace hacia adelante: " in puesta
    assert "- Instrumento: no consta." in puesta and ">No consta</text>" in dibujo
    assert '<figure class="grafico"' not in puesta  # ni presupuesto ni cobertura: no hay qué dibujar
