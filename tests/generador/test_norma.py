"""La norma publicada: su texto no cambia, cada parte tiene dirección y quien llega por un enlace viejo llega igual."""

import hashlib
import html
import json
import re

import pytest

from esquemas.catalogo import cargar
from generador.citas import citado_por, como_se_cita

NUMERALES = [str(n) for n in range(1, 11)]

# SHA-256 del texto de cada numeral, cotejado palabra por palabra con la fuente 001 el 21-11-2026. Si una falla, alguien
# cambió el texto oficial: vuelva a cotejarlo antes de anotar la huella nueva.
HUELLAS = {
    "1": "9bbd5472eb470f3f",
    "2": "4fb894bbac173df5",
    "3": "3fc52c3714d889bc",
    "4": "05dc6e4857bb4fe4",
    "5": "558e605244b73127",
    "6": "58f05e9ffecb094a",
    "7": "c7f22d2b04b3cfc9",
    "8": "6766bda67af9d706",
    "9": "3e3aacc46b8e515f",
    "10": "e053bb434d833e2b",
}

# Las anclas que la guía tuvo cuando era una sola página. Están publicadas: no se quitan.
ANCLAS_DE_LA_GUIA = re.findall(
    r"\S+",
    """
    camino contexto criterios actores testeo objetivos principios condiciones etapas requisitos requisitos-a-1 requisitos-a-2
    requisitos-b-1 requisitos-b-2 requisitos-c-1 requisitos-c-2 etapa-a a-1 a-2 reportes preguntas material-1 a-3
    documentos-relevantes documentos-complementarios a-4 a-5 a-6 a-7 a-8 etapa-b b-1 b-2 b-3 etapa-c c-1 c-2 c-3 c-4 c-6
    herramientas herramientas-i herramientas-ii herramientas-iii herramientas-iv herramientas-v herramientas-vi
    herramientas-vii herramientas-viii herramientas-ix herramientas-x herramientas-xi herramientas-xii acompanamiento
    acompanamiento-publicos acompanamiento-ambitos mejora-continua aprendizajes aprendizajes-1 aprendizajes-2 aprendizajes-3
    aprendizajes-4 aprendizajes-5 experiencias experiencias-tarapaca experiencias-valparaiso experiencias-ohiggins
    """,
)
ACTIVIDADES = {
    "diagnostico": [f"A.{n}" for n in range(1, 9)],
    "vocaciones": ["B.1", "B.2", "B.3"],
    "focalizacion": ["C.1", "C.2", "C.3", "C.4", "C.6"],
}


@pytest.fixture(scope="module")
def reglamento(catalogo):
    return catalogo.documentos["reglamento"]


@pytest.fixture(scope="module")
def guia(catalogo):
    return catalogo.documentos["guia"]


def _del_numeral(documento, numeral):
    return [p for p in documento.partes if p.id.split(".")[0] == numeral]


def _leer(construido, ruta):
    return (construido.destino / ruta / "index.html").read_text(encoding="utf-8")


def _ids(pagina):
    return re.findall(r'\sid="([^"]+)"', pagina)


@pytest.mark.parametrize("numeral", NUMERALES)
def test_el_texto_oficial_es_el_cotejado(reglamento, numeral):
    texto = "\n".join(f"{p.etiqueta} {p.texto}" for p in _del_numeral(reglamento, numeral))
    assert hashlib.sha256(texto.encode()).hexdigest()[:16] == HUELLAS[numeral]


def test_lo_nuestro_no_copia_el_texto_oficial(catalogo, reglamento, guia):
    """Ni las cajas «En simple» ni la guía repiten diez palabras seguidas de la norma."""

    def tiras(texto):
        palabras = re.findall(r"\w+", texto.lower())
        return {" ".join(palabras[i : i + 10]) for i in range(len(palabras) - 9)}

    oficial = set().union(*(tiras(p.texto) for p in reglamento.partes))
    nuestros = [n.texto for n in catalogo.notas["simple"].notas] + [p.texto for p in guia.partes]
    assert [t for t in nuestros if tiras(t) & oficial] == []


def test_cada_literal_publicado_tiene_ancla_y_una_cita_completa_que_no_se_repite(construido, reglamento):
    citas = []
    for numeral in NUMERALES:
        pagina = _leer(construido, f"reglamento/{numeral}")
        ids = _ids(pagina)
        for parte in _del_numeral(reglamento, numeral):
            assert not (ancla := parte.url.partition("#")[2]) or ids.count(ancla) == 1, parte.id
        citas += [html.unescape(c) for c in re.findall(r'data-cita="([^"]+)"', pagina)]
    assert len(citas) == len(set(citas)) == sum(bool(p.texto) for p in reglamento.partes)
    assert all(c.startswith(f"{reglamento.cita}, numeral ") for c in citas)
    gerencia = "letra b (Gerencia de Regiones y Descentralización Sercotec), v"
    assert f"{reglamento.cita}, numeral 4, {gerencia}" in citas


def test_una_parte_sin_numeral_se_cita_por_su_titulo(catalogo):
    resolucion = catalogo.documentos["resolucion-10080"]
    assert como_se_cita(resolucion, resolucion.partes[1], corta=True) == "Resolución 10.080, Visto y considerando 2"


def test_los_datos_para_buscadores_se_leen_y_llevan_a_donde_dicen(construido):
    for ruta in ("reglamento", "reglamento/completo", *(f"reglamento/{n}" for n in NUMERALES)):
        cruda = re.search(r'<script type="application/ld\+json">(.+?)</script>', _leer(construido, ruta), re.S)[1]
        norma = json.loads(cruda)
        assert (norma["@context"], norma["@type"]) == ("https://schema.org", "Legislation")
        assert norma["encoding"]["legislationLegalValue"].endswith("/UnofficialLegalValue")
        assert "legislationLegalForce" not in norma  # si está vigente, falta confirmarlo
        entera = norma.get("isPartOf", norma)
        assert entera["legislationDate"] == "2021-05-13"
        assert entera["legislationJurisdiction"] == "CL"
        for parte in norma.get("hasPart", ()):
            pagina, _, ancla = parte["url"].partition("#")
            assert not ancla or ancla in _ids(_leer(construido, pagina.strip("/"))), parte
    assert len(json.loads(cruda).get("hasPart", ())) == 0  # el 10 no tiene literales


def test_quien_cita_aparece_una_vez_con_lo_suyo_dentro(catalogo, generadas):
    for referencia, quienes in citado_por(catalogo).items():
        nombres = [nombre for nombre, _ in quienes]
        assert len(nombres) == len(set(nombres)), referencia
    informe = citado_por(catalogo)["reglamento:4.a.viii"][("Informe de hitos y valoración", "/formatos/informe-hitos/")]
    assert "«Actividades realizadas»" in informe
    assert sum(parte.startswith("regla «") for parte in informe) >= 4
    trozo = generadas["reglamento/4.md"].split('id="a-viii"')[1].split('<div class="oficial"')[0]
    assert trozo.count("](/formatos/informe-hitos.md)") == 1


def test_un_enlace_viejo_a_la_guia_llega_a_algo_que_lleva_a_su_lugar(construido, guia):
    portada = _leer(construido, "guia")
    ids = _ids(portada)
    assert {a: ids.count(a) for a in ANCLAS_DE_LA_GUIA} == dict.fromkeys(ANCLAS_DE_LA_GUIA, 1)
    for parte in guia.partes:
        pagina, _, ancla = parte.url.partition("#")
        if pagina != "/guia/" and ancla:
            destino = f"{pagina.removeprefix('/guia/')}#{ancla}"
            assert re.search(rf'<a href="{destino}" id="{ancla}"|<a id="{ancla}" href="{destino}"', portada), parte.id
            assert ancla in _ids(_leer(construido, pagina.strip("/")))


@pytest.mark.parametrize(("pagina", "codigo"), [(p, c) for p, cs in ACTIVIDADES.items() for c in cs])
def test_cada_actividad_dice_quien_cuando_con_que_y_si_se_exige(generadas, catalogo, pagina, codigo):
    texto = generadas[f"guia/{pagina}.md"]
    trozo = texto.split(f"{{#{codigo.lower().replace('.', '-')}}}\n")[1].split("\n### ")[0]
    for dato in ('class="etiqueta ', "**Quién:**", "**Cuándo:**", "**Herramienta de la guía:**", "**Formato:**", "**Norma:**"):
        assert dato in trozo, dato
    hitos = [h for h in catalogo.proceso.hitos if f"guia:{codigo}" in h.norma]
    assert f'class="etiqueta {"exigible" if hitos[0].exigible else "recomendado"}"' in trozo
    for hito in hitos:
        assert f"/calendario/index.md#{hito.nombre})" in trozo
        assert all(f"/{nombre}.md)" in trozo for nombre in hito.esquemas)


def test_cada_hito_esta_en_el_camino_y_las_doce_herramientas_en_una_actividad(generadas, catalogo, guia):
    portada = generadas["guia/index.md"]
    for hito in catalogo.proceso.hitos:
        actividades = [n.removeprefix("guia:") for n in hito.norma if re.fullmatch(r"guia:[ABC]\.\d", n)]
        for codigo in actividades:
            assert f"{{#{codigo.lower().replace('.', '-')}}} <span" in portada
        assert actividades or f"/calendario/index.md#{hito.nombre})" in portada
    etapas = "".join(generadas[f"guia/{p}.md"] for p in ACTIVIDADES)
    herramientas = [p for p in guia.partes if p.id.startswith("herramientas.")]
    assert len(herramientas) == 12
    assert all(p.ver and f"/guia/herramientas.md#{p.url.partition('#')[2]})" in etapas for p in herramientas)


def _lineas(documento, parte_id):
    texto = next(p.texto for p in documento.partes if p.id == parte_id)
    return [linea for linea in texto.splitlines() if linea.startswith("- ")]


def test_la_guia_trae_lo_que_las_fuentes_enumeran(guia):
    cuantas = {"objetivos": 4, "principios": 3, "actores": 3, "A.3.relevantes": 5, "A.3.complementarios": 7, "A.2.material": 3,
               "B.1": 3, "mejora-continua": 4, "acompanamiento.publicos": 2}  # fmt: skip
    assert {i: len(_lineas(guia, i)) for i in cuantas} == cuantas
    assert [linea[2] for linea in _lineas(guia, "A.2.preguntas")] == list("ABCDEFGHI")
    reportes = " ".join(_lineas(guia, "A.2.reportes")).lower()
    for variable in ("número", "variación", "nuevas", "porcentaje", "ventas", "empleo", "rubro", "capacitaciones", "talleres",
                     "asesorías", "plan de inversión", "adjudicaciones", "educacional", "sexo", "edad"):  # fmt: skip
        assert variable in reportes
    assert len([p for p in guia.partes if re.fullmatch(r"aprendizajes\.\d", p.id)]) == 5
    assert "75 respuestas" in next(p.texto for p in guia.partes if p.id == "testeo")


def test_de_cada_norma_del_marco_se_dice_que_implica(generadas, catalogo):
    pagina = generadas["normativa/index.md"]
    for documento in catalogo.documentos.values():
        if documento.url.startswith("/normativa/") and documento.fuente:
            trozo = pagina.split(f" {{#{documento.nombre}}}\n")[1].split("\n### ")[0]
            assert "**Qué implica.**" in trozo, documento.nombre


if __name__ == "__main__":  # para anotar las huellas después de cotejar el texto con la fuente
    texto = cargar().documentos["reglamento"]
    for n in NUMERALES:
        junto = "\n".join(f"{p.etiqueta} {p.texto}" for p in _del_numeral(texto, n))
        print(f'    "{n}": "{hashlib.sha256(junto.encode()).hexdigest()[:16]}",')
