"""El piloto de O'Higgins de 2019: sus controles, y la cadena A.1 → A.2 → B.1 → B.2 por la base hasta el paquete.

Los controles (16 filas, 9 objetivos, 4 oportunidades, 9 desafíos) y lo que cada fila dice están escritos aquí a mano, de la
fuente 001; nada los calcula. A.1 y A.2 son una construcción nuestra con las fuentes 000, 002 y 003.
"""

import re
import zipfile
from collections import Counter

import pytest

from tests.experiencias.piloto import CASOS, CATALOGO, frictionless_validate, pagina

MATRICES = ("matriz-estrategica-integrada", "potencialidades-problematicas", "desafios-oportunidades-objetivos", "focalizacion")
A1, A2, B1, B2 = CADENA = tuple(CASOS[f"ohiggins-2019/{esquema}.csv"] for esquema in MATRICES)
# Objetivo, instrumento, cobertura, su unidad y la fuente del dinero, en el orden de la fuente.
LEIDAS = [
    ("OBJ-01", "iges", "200", "", "por-definir"),
    ("OBJ-02", "cdn-satelite", "5", "satelites", "fndr"),
    ("OBJ-02", "punto-mipe", "25", "comunas", "por-definir"),
    ("OBJ-03", "iges", "200", "", "por-definir"),
    ("OBJ-04", "crece", "100", "empresas", "por-definir"),
    ("OBJ-04", "juntos", "", "proyectos", "por-definir"),
    ("OBJ-04", "mejora-negocios", "20", "empresas", "por-definir"),
    ("OBJ-05", "iges", "60", "", "por-definir"),
    ("OBJ-06", "semilla", "30", "empresas", "fndr"),
    ("OBJ-06", "semilla", "20", "empresas", "por-definir"),
    ("OBJ-06", "digitaliza", "40", "empresas", "por-definir"),
    ("OBJ-07", "redes", "50", "", "por-definir"),
    ("OBJ-07", "promocion", "40", "", "por-definir"),
    ("OBJ-08", "abeja", "30", "empresas", "por-definir"),
    ("OBJ-08", "crece", "30", "empresas", "por-definir"),
    ("OBJ-09", "iges", "300", "", "por-definir"),
]
ORIGENES = {
    **{"OPO-01": "POT-03", "OPO-04": "POT-01;POT-02", "DES-01": "PRO-01"},
    **{"DES-03": "PRO-10", "DES-04": "PRO-03;PRO-10", "DES-05": "PRO-02"},
}


# --- la transcripción -----------------------------------------------------------------------------


def test_nueve_objetivos_cuatro_oportunidades_y_nueve_desafios():
    codigos = [f"OBJ-{n:02}" for n in range(1, 10)] + [f"OPO-{n:02}" for n in range(1, 5)] + [f"DES-{n:02}" for n in range(1, 10)]
    assert [f["codigo"] for f in B1.filas] == codigos
    assert Counter(f["tipo"] for f in B1.filas) == {"objetivo": 9, "oportunidad": 4, "desafio": 9}
    assert all(f["codigo"].startswith(f["tipo"][:3].upper()) for f in B1.filas if f["tipo"] != "objetivo")
    assert len({(f["tipo"], f["enunciado"]) for f in B1.filas}) == 22


def test_la_redaccion_de_la_fuente_no_se_corrige():
    enunciados = {codigo: f["enunciado"] for codigo, f in B1.por_codigo.items()}
    assert "la escalabilidad emprendedores y empresas" in enunciados["OBJ-04"]
    assert "las mediana y grandes" in enunciados["OPO-01"]
    assert enunciados["OPO-02"] == "Existe 3 zonas de alto potencial turístico."


def test_dieciseis_filas_bajo_su_objetivo():
    assert [f["codigo"] for f in B2.filas] == [f"FOC-{n:02}" for n in range(1, 17)]
    campos = ("objetivos", "instrumento", "cobertura", "unidad_cobertura", "fuente")
    assert [tuple(f[c] for c in campos) for f in B2.filas] == LEIDAS


def test_los_criterios_de_la_fuente():
    leidos = {f["codigo"]: (f["criterios"], f["perfil"] or f["territorio"] or f["rubro"]) for f in B2.filas}
    assert leidos == {
        "FOC-01": ("", ""),
        "FOC-02": ("objetivo-estrategico", ""),
        "FOC-03": ("territorial", "Por comunas (donde no exista presencia de CDNs)"),
        "FOC-04": ("perfil", "segun-instrumento"),
        "FOC-05": ("sectorial", "comercio"),
        "FOC-06": ("perfil", "cooperativas"),
        "FOC-07": ("objetivo-estrategico", ""),
        "FOC-08": ("sin-focalizacion", ""),
        "FOC-09": ("perfil", "jovenes"),
        "FOC-10": ("perfil", "adultos-mayores"),
        "FOC-11": ("perfil", "jovenes;adultos-mayores"),
        "FOC-12": ("sectorial", "turismo;agroindustria;comercio;servicios"),
        "FOC-13": ("sin-focalizacion", ""),
        "FOC-14": ("territorial", "Por provincias"),
        "FOC-15": ("territorial", "Por provincias"),
        "FOC-16": ("sin-focalizacion", ""),
    }
    assert {f["codigo"] for f in B2.filas if f["orientacion"]} == {"FOC-02", "FOC-07"}


def test_lo_que_no_calza_con_el_catalogo_conserva_su_nombre():
    assert B2.por_codigo["FOC-15"]["accion"].startswith("CRECE Abeja: ")
    assert B2.por_codigo["FOC-10"]["accion"] == "Adulto Mejor Semilla"


def test_no_se_inventa_lo_que_la_fuente_no_dice():
    assert not any(
        f[c] for f in B2.filas for c in ("descripcion", "comunas", "presupuesto", "compromiso", "desafios_oportunidades")
    )
    assert not any(f[c] for f in B1.filas for c in ("desafios", "prioridad", "origen_a1"))
    assert "no se pueden leer" in B2.filas[4]["rubro_detalle"]


# --- lo que construimos ---------------------------------------------------------------------------


def test_cada_fila_construida_dice_de_donde_sale():
    fuentes = [re.search(r"\(fuente (\d{3})\)$", f["documento"])[1] for f in A1.filas]
    assert fuentes == ["003", "003", "002", "000"]
    citados = {c for f in A2.filas for c in f["origen"].split(";")}
    assert citados == set(A1.por_codigo)


def test_solo_lo_que_se_sostiene_cita_la_matriz_construida():
    assert {f["codigo"]: f["origen"] for f in B1.filas if f["origen"]} == ORIGENES


# Que toda problemática tenga respuesta y todo objetivo su instrumento lo dice test_datos: sus avisos no están en la lista.
def test_lo_construido_no_necesita_excepciones():
    assert (A1.excepciones, A2.excepciones) == (None, None)


# --- la página ------------------------------------------------------------------------------------


def test_la_pagina_dice_lo_que_es_del_piloto_y_lo_que_no():
    _, puesta = pagina("ohiggins-2019")
    assert "**Total**" not in puesta
    assert "iniciativas cooperativas | No consta | Proyectos |" in puesta
    assert "| FOC-01 | IGEs | Talleres de Planificación a disposición del GORE | 200 | No consta |" in puesta
    assert "<summary>FOC-02 · CDN satélite</summary>" in puesta and "<dt>Fuente del presupuesto</dt><dd>FNDR</dd>" in puesta
    assert "no son del piloto" in puesta
    for codigo, origen in ORIGENES.items():
        assert re.search(rf"^- {codigo}, .* cita {origen.replace(';', ' y ')}: ", puesta, re.M)


def test_la_traza_une_los_objetivos_con_sus_instrumentos_y_deja_ver_lo_demas():
    _, puesta = pagina("ohiggins-2019")
    assert puesta.count('<svg class="traza"') == 2
    primera = puesta.partition("{#traza}")[2].partition("\n## ")[0]
    assert "- Objetivo estratégico: 9. Sin enlace hacia atrás: 9.\n" in primera  # y ninguno hacia adelante
    assert "- Oportunidad: 4. Sin enlace hacia adelante: 4.\n- Desafío: 9. Sin enlace hacia adelante: 9.\n" in primera
    filas = re.findall(r"^\| (OBJ-\d+) \|.*\| ([^|]+) \|$", primera, re.M)
    esperado = {}
    for fila in B2.filas:
        esperado.setdefault(fila["objetivos"], []).append(CATALOGO.opciones["instrumentos"].nombre_de(fila["instrumento"]))
    assert dict(filas) == {o: ", ".join(dict.fromkeys(i)) for o, i in esperado.items()}
    assert "supone" not in primera and 'class="flecha supuesta"' not in primera


def test_la_segunda_traza_va_del_documento_al_objetivo():
    _, puesta = pagina("ohiggins-2019")
    segunda = puesta.partition("{#cadena-dibujada}")[2].partition("\n## ")[0]
    # De PRO-04 a PRO-09 el documento dice que no son atingentes a Sercotec: no se espera respuesta.
    assert "- Potencialidad o Problemática: 17. Sin enlace hacia adelante: 4 (POT-04, POT-05, POT-06, POT-07)." in segunda
    unidos = dict(re.findall(r"^\| ((?:OPO|DES)-\d+) \|.*\| ([^|]+) \| [^|]+ \|$", segunda, re.M))
    assert {c: v for c, v in unidos.items() if v != "Sin enlace"} == {c: o.replace(";", ", ") for c, o in ORIGENES.items()}


def test_el_grafico_no_mezcla_unidades_y_el_presupuesto_no_se_dibuja():
    _, puesta = pagina("ohiggins-2019")
    assert "Presupuesto estimado: no consta en ninguna de las 16 filas" in puesta
    titulos = re.findall(r"<figcaption>(Cobertura[^<]+)</figcaption>", puesta)
    assert [t.rpartition(": ")[2] for t in titulos] == ["no consta)", "empresas)"]
    aparte = "CDN satélite, 5 (satélites); Punto MIPE, 25 (comunas); Juntos, no consta (proyectos)."
    assert aparte in puesta


# --- la cadena por la base --------------------------------------------------------------------------


def test_lo_citado_sale_de_la_base(viaje):
    importados = viaje("ohiggins-2019").importados
    assert [c.nombre for c in CADENA if "No se revisaron las referencias" in importados[c.nombre].texto] == []


def test_frictionless_reprueba_un_objetivo_que_no_existe(viaje, tmp_path):
    """Para saber que aprobar el paquete significa algo: lleva la B.1, y el enlace la cita."""
    bueno, malo = viaje("ohiggins-2019").destino / "focalizacion.zip", tmp_path / "malo.zip"
    with zipfile.ZipFile(bueno) as origen, zipfile.ZipFile(malo, "w") as copia:
        for nombre in origen.namelist():
            datos = origen.read(nombre)
            copia.writestr(nombre, datos.replace(b"OBJ-09", b"OBJ-99") if nombre.startswith("enlace-") else datos)
    hecho = frictionless_validate(tmp_path, malo.name)
    assert hecho.exit_code == 1 and "INVALID" in hecho.output


@pytest.mark.parametrize(
    ("caso", "dice", "por", "codigo"),
    [
        (A2, "DOC-03", "DOC-77", "referencia-inexistente"),
        (B1, "PRO-02", "PRO-77", "referencia-inexistente"),
        (B1, "PRO-02", "POT-02", "desafio-cita-problematica"),
        (B2, "OBJ-09", "OBJ-77", "referencia-inexistente"),
        (B2, "OBJ-09", "DES-09", "referencia-de-otro-tipo"),
    ],
    ids=lambda p: getattr(p, "esquema", None),
)
def test_un_eslabon_roto_no_entra(viaje, tmp_path, caso, dice, por, codigo):
    texto = caso.archivo.read_text(encoding="utf-8")
    assert dice in texto
    (tmp_path / "roto.csv").write_text(texto.replace(dice, por), encoding="utf-8", newline="")
    hecho = viaje("ohiggins-2019").mandar("importar", caso.esquema, tmp_path / "roto.csv", *caso.de_cuando)
    assert hecho.codigo == 1 and f"[{codigo};" in hecho.texto
