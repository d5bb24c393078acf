"""Las páginas salen solo del catálogo, siempre iguales, y dicen todo lo que el YAML dice."""

import dataclasses
import hashlib
import html
import json
import re
import subprocess
import sys

import pytest

from esquemas import palabras
from esquemas.catalogo import cargar
from esquemas.modelo import Condicion
from esquemas.reglas import pesos
from generador.__main__ import RAIZ
from generador.calendario import EJERCICIOS
from generador.citas import como_se_cita
from generador.molde import a_archivo, escapar, parrafos
from generador.paginas import lista, paginas

ESQUEMAS = list(cargar().esquemas.values())


def _nombre(esquema):
    return esquema.nombre


def _pagina(generadas, esquema):
    return html.unescape(generadas[f"{'encuestas' if esquema.es_encuesta else 'formatos'}/{esquema.nombre}.md"])


def test_es_determinista(catalogo, a_mano, generadas):
    assert paginas(catalogo, a_mano) == generadas


def test_sin_lo_escrito_a_mano_solo_cambia_lo_que_lo_enlaza(catalogo, generadas):
    solas = paginas(catalogo)
    assert [r for r in generadas if solas.get(r) != generadas[r]] == [
        *("descargas/catalogo.jsonld", "biblioteca/index.md", "datos-abiertos/index.md")
    ]


def test_no_depende_del_proceso_ni_del_orden_de_los_conjuntos(generadas):
    programa = (
        "import pathlib, hashlib; from esquemas.catalogo import cargar; from generador.paginas import paginas\n"
        "s = pathlib.Path('sitio'); m = {r.relative_to(s).as_posix(): r.read_bytes() for r in s.rglob('*') if r.is_file()}\n"
        "for r, c in sorted(paginas(cargar(), m).items()):\n"
        "    print(r, hashlib.sha256(c if isinstance(c, bytes) else c.encode()).hexdigest())"
    )
    salida = subprocess.run(
        [sys.executable, "-c", programa], cwd=RAIZ, env={"PYTHONHASHSEED": "7"},
        capture_output=True, text=True, check=True, timeout=60,
    ).stdout  # fmt: skip
    huellas = {r: hashlib.sha256(c if isinstance(c, bytes) else c.encode()).hexdigest() for r, c in generadas.items()}
    assert dict(linea.split() for linea in salida.splitlines()) == huellas


def test_solo_texto_en_las_paginas_y_bytes_en_las_descargas(generadas):
    assert {type(c) for r, c in generadas.items() if r.endswith(".md")} == {str}
    assert {type(c) for r, c in generadas.items() if not r.endswith(".md")} == {bytes}
    assert all(r.startswith("descargas/") for r in generadas if not r.endswith(".md"))


@pytest.mark.parametrize("esquema", ESQUEMAS, ids=_nombre)
def test_cada_esquema_tiene_su_pagina_su_lugar_en_el_indice_y_sus_descargas(generadas, esquema):
    pagina = _pagina(generadas, esquema)
    assert f"# {esquema.nombre_completo}\n" in pagina
    assert esquema.huella in pagina
    indice = generadas["encuestas/index.md" if esquema.es_encuesta else "formatos/index.md"]
    assert f"/{esquema.nombre}.md)" in indice
    for descarga in ("plantillas/{}.xlsx", "plantillas/{}.csv", "ejemplos/{}.csv", "esquemas/{}.json"):
        ruta = f"descargas/{descarga.format(esquema.nombre)}"
        assert generadas[ruta]
        assert f"](/{ruta})" in pagina
    carpeta = "encuestas" if esquema.es_encuesta else "validar"
    assert f'href="/formularios/{carpeta}/{esquema.nombre}/"' in pagina


@pytest.mark.parametrize("esquema", ESQUEMAS, ids=_nombre)
def test_cada_campo_tiene_ancla_y_dice_lo_suyo(generadas, catalogo, esquema):
    pagina = _pagina(generadas, esquema)
    for tabla in esquema.tablas:
        prefijo = "" if tabla is esquema.principal else f"{tabla.nombre}-"
        for campo in tabla.campos:
            ancla = f"{{#{prefijo}{campo.nombre}}}"
            assert pagina.count(f" {ancla}\n") == 1, ancla
            trozo = pagina.split(f" {ancla}\n")[1].split("\n#")[0]
            for texto in (campo.descripcion, campo.ayuda, campo.ejemplo, campo.finalidad, campo.patron):
                assert " ".join(texto.split()) in trozo
            for limite in palabras.limites(campo):
                assert limite in trozo
            for norma in campo.norma:
                assert f"[{catalogo.citar(norma).texto}](" in trozo
            if campo.referencia:
                assert f"/{campo.referencia.esquema}.md#codigo)" in trozo
            if campo.catalogo:
                assert f"/catalogos/{campo.catalogo}.md)" in trozo


@pytest.mark.parametrize("esquema", ESQUEMAS, ids=_nombre)
def test_cada_regla_dice_su_gravedad_su_mensaje_y_su_arreglo(generadas, esquema):
    pagina = _pagina(generadas, esquema)
    for tabla in esquema.tablas:
        for regla in tabla.reglas:
            assert f"### {regla.mensaje} {{#regla-{regla.codigo} .regla}}" in pagina
            trozo = pagina.split(f"{{#regla-{regla.codigo} .regla}}")[1].split("\n#")[0]
            assert f'class="etiqueta {regla.gravedad.value}"' in trozo
            assert regla.arreglo in trozo
    for advertencia in esquema.no_revisa:
        assert " ".join(advertencia.split()) in pagina


def test_el_minimo_cero_tambien_se_dice(generadas, catalogo):
    campo = catalogo.esquemas["focalizacion"].principal.campo("presupuesto")
    assert campo.minimo == 0
    assert "Mínimo 0." in palabras.limites(campo)
    trozo = generadas["formatos/focalizacion.md"].split("{#presupuesto}")[1].split("\n#")[0]
    assert "Mínimo 0." in trozo
    assert "Monto en pesos" in trozo


def test_lo_exigible_y_lo_recomendado_se_distinguen(generadas, catalogo):
    for esquema in catalogo.esquemas.values():
        clase = "exigible" if esquema.exigible else "recomendado"
        assert f'class="etiqueta {clase}"' in _pagina(generadas, esquema)


@pytest.mark.parametrize(
    ("condicion", "dicha"),
    [
        (Condicion("es", "criterios", ("territorial",)), "«Criterios de focalización» incluye «Territorial»"),
        (Condicion("no_es", "instrumento", ("semilla",)), "«Instrumento» no es «Semilla»"),
        (Condicion("vacio", "territorio"), "«Territorio» está vacío"),
        (Condicion("vacio", "territorio", vacio=False), "«Territorio» tiene un valor"),
        (
            Condicion("o", partes=(
                Condicion("en", "fuente", ("sercotec", "fndr")),
                Condicion("y", partes=(Condicion("vacio", "rubro"), Condicion("vacio", "perfil"))),
            )),
            "«Fuente del presupuesto» es «Sercotec» o «FNDR» o («Rubro» está vacío y «Perfil del cliente» está vacío)",
        ),
    ],
)  # fmt: skip
def test_las_condiciones_en_palabras(catalogo, condicion, dicha):
    assert palabras.condicion(condicion, catalogo.opciones, catalogo.esquemas["focalizacion"].tablas) == dicha


def test_toda_norma_citada_resuelve_a_una_pagina(catalogo, a_mano, generadas):
    archivos = {*generadas, *a_mano}
    for documento in catalogo.documentos.values():
        assert a_archivo(documento.url, archivos)
        for parte in documento.partes:
            assert a_archivo(catalogo.citar(f"{documento.nombre}:{parte.id}").url, archivos)


def test_un_enlace_a_ninguna_parte_es_una_excepcion():
    assert a_archivo("/reglamento/4/#a-viii", {"reglamento/4.md"}) == "/reglamento/4.md#a-viii"
    assert a_archivo("/guia/", {"guia/index.md"}) == "/guia/index.md"
    with pytest.raises(KeyError, match="/nada/"):
        a_archivo("/nada/", {"guia/index.md"})


def test_el_texto_del_reglamento_esta_entero_y_literal(generadas, catalogo):
    documento = catalogo.documentos["reglamento"]
    todo = html.unescape(" ".join(c for r, c in generadas.items() if re.fullmatch(r"reglamento/\d+\.md", r)))
    completo = html.unescape(generadas["reglamento/completo.md"])
    for parte in documento.partes:
        for parrafo in filter(None, parte.texto.split("\n\n")):
            assert parrafo in todo
            assert parrafo in completo
    assert "Texto de consulta" in generadas["reglamento/4.md"]
    assert 'id="a-viii"' in generadas["reglamento/4.md"]


def test_cada_literal_dice_quien_lo_cita_y_lo_explica_aparte(generadas):
    pagina = html.unescape(generadas["reglamento/4.md"])
    literal = pagina.split('id="a-viii"')[1].split('<div class="oficial"')[0]
    oficial, aparte = literal.split("</div>", 1)
    assert "En simple" not in oficial
    assert "**En simple.**" in aparte
    for destino in ("/formatos/informe-hitos.md)", "/calendario/index.md#informe-hitos)", "/formatos/informe-hitos.md#"):
        assert destino in aparte
    assert "/instrumentos/crece.md)" in generadas["reglamento/3.md"]
    assert "Nota editorial" in generadas["reglamento/8.md"]
    assert "En simple.**" not in generadas["reglamento/completo.md"]


def test_una_cita_dice_la_letra_de_la_norma_y_no_nuestro_codigo(catalogo):
    documento = catalogo.documentos["reglamento"]
    citas = {p.id: como_se_cita(documento, p).removeprefix(f"{documento.cita}, ") for p in documento.partes}
    assert citas["9"] == "numeral 9"
    assert citas["4.b2.i"] == "numeral 4, letra b (Gerencia de Regiones y Descentralización Sercotec), i"
    assert citas["5.inicio"] == "numeral 5 (Oficio conductor)"
    assert citas["6.a.2"] == "numeral 6, letra a (Diagnóstico Estratégico), a.2"


def test_los_numerales_llevan_sus_datos_de_legislacion(generadas):
    for ruta in ("reglamento/index.md", "reglamento/completo.md", "reglamento/4.md"):
        cabeza = generadas[ruta].split("---")[1]
        norma = json.loads(re.search(r"^legislacion: (.+)$", cabeza, re.M)[1])
        assert norma["@type"] == "Legislation"
        reglamento = norma.get("isPartOf", norma)
        assert (reglamento["legislationDate"], reglamento["legislationIdentifier"]) == ("2021-05-13", "Resolución N° 10.080")
        assert ("isPartOf" in norma) == (ruta == "reglamento/4.md")


def test_cada_contradiccion_tiene_su_ancla_y_su_nota(generadas, catalogo):
    pagina = html.unescape(generadas["observaciones/index.md"])
    todo = "".join(generadas[r] for r in generadas if r.startswith(("reglamento/", "guia/", "normativa/", "biblioteca/index")))
    for nota in catalogo.notas["contradicciones"].notas:
        assert f" {{#{nota.nombre}}}\n" in pagina
        assert f"/observaciones/index.md#{nota.nombre})" in todo
        assert all(dice in pagina for _, dice in nota.dicen)
        assert nota.rige in pagina


def test_el_glosario_explica_las_siglas_en_todas_las_paginas(generadas):
    assert "## CORE {#core .termino}" in generadas["glosario/index.md"]
    assert all("\n*[CORE]: Consejo Regional\n" in c for r, c in generadas.items() if r.endswith(".md"))


def test_las_fichas_dicen_el_monto_con_su_anio_y_lo_que_no_consta(generadas, catalogo):
    for instrumento in catalogo.instrumentos.values():
        ficha = html.unescape(generadas[f"instrumentos/{instrumento.nombre}.md"])
        for monto in instrumento.montos:
            cifra = pesos(monto.maximo if monto.minimo is None else monto.minimo)
            assert f"{cifra} | {monto.cifras_de} |" in ficha
        if not instrumento.montos:
            assert "No consta en la fuente." in ficha


def test_el_calendario_trae_cada_hito_de_cada_ejercicio(generadas, catalogo):
    for ejercicio in EJERCICIOS:
        pagina = generadas[f"calendario/{ejercicio}.md"]
        agenda = generadas[f"descargas/calendario-{ejercicio}.ics"]
        assert agenda.startswith(b"BEGIN:VCALENDAR\r\n")
        for hito in catalogo.proceso.hitos:
            assert f" {{#{hito.nombre}}}\n" in pagina
            assert not hito.regla or f"UID:{hito.nombre}-{ejercicio}@focaliza".encode() in agenda
    assert "01-12-2026" in generadas["calendario/2027.md"]  # primer día hábil de diciembre


def test_el_esquema_publicado_lleva_la_huella_con_que_se_valida(generadas, catalogo):
    for esquema in catalogo.esquemas.values():
        publicado = json.loads(generadas[f"descargas/esquemas/{esquema.nombre}.json"])
        assert publicado["huella"] == esquema.huella
        assert publicado["version"] == esquema.version


def test_lo_que_escribe_un_yaml_se_ve_y_no_se_interpreta(catalogo, a_mano):
    malo = "Uno | *dos* <script>alert(1)</script> [tres](x) `cuatro` {#id}"
    esquema = catalogo.esquemas["focalizacion"]
    campo = dataclasses.replace(esquema.campos[0], descripcion=malo, ejemplo=malo)
    tabla = dataclasses.replace(esquema.principal, campos=(campo, *esquema.campos[1:]))
    otro = dataclasses.replace(esquema, principal=tabla, descripcion=malo, llena=malo)
    pagina = paginas(dataclasses.replace(catalogo, esquemas={**catalogo.esquemas, esquema.nombre: otro}), a_mano)[
        "formatos/focalizacion.md"
    ]
    assert "<script" not in pagina
    assert "*dos*" not in pagina
    assert malo in html.unescape(pagina)
    assert escapar("- uno") == "&#45; uno"
    assert escapar("1.0.0") == "1.0.0"
    assert escapar("uno\n  dos") == "uno dos"
    assert parrafos("a\n\n1. b") == "a\n\n&#49;. b"
    assert parrafos("a\n\n- b *c*\n- d\n\ne") == "a\n\n- b &#42;c&#42;\n- d\n\ne"


def test_un_yaml_nuevo_aparece_sin_tocar_codigo(carpeta_con_formato_nuevo, a_mano):
    catalogo = cargar(carpeta_con_formato_nuevo)
    hechas = paginas(catalogo, a_mano)
    assert "# Registro de prueba\n" in hechas["formatos/registro-prueba.md"]
    assert "](/formatos/registro-prueba.md)" in hechas["formatos/index.md"]
    assert b"codigo" in hechas["descargas/plantillas/registro-prueba.csv"]
    assert hechas["descargas/plantillas/registro-prueba.xlsx"].startswith(b"PK")
    assert json.loads(hechas["descargas/esquemas/registro-prueba.json"])["name"] == "registro-prueba"
    assert hechas["descargas/ejemplos/registro-prueba.csv"]
    assert "formatos/registro-prueba.md" in [p.archivo for p in lista(catalogo)]
