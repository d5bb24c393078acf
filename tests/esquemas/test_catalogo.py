"""La carga de los YAML: lo bueno se lee una vez, un YAML nuevo funciona sin tocar código y cada falla dice dónde.

Cada caso malo estropea una copia de los YAML del proyecto en un solo lugar y la carga.
"""

import shutil

import pytest
import yaml

from esquemas.catalogo import CARPETA, cargar, leer_yaml
from esquemas.errores import EsquemaInvalido
from esquemas.juez import juzgar_csv
from esquemas.publicacion import ejemplo_csv, esquema_json, tabla_estandar
from esquemas.validacion import Contexto, validar_filas


@pytest.fixture
def copia(tmp_path):
    destino = tmp_path / "esquemas"
    shutil.copytree(CARPETA, destino, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    return destino


def falla_al_cargar(copia, archivo):
    """La falla de la copia, que debe nombrar ese archivo y traer un arreglo."""
    with pytest.raises(EsquemaInvalido) as error:
        cargar(copia)
    falla = error.value
    assert falla.archivo == f"esquemas/{archivo}"
    assert falla.que.strip()
    assert falla.arreglo.strip()
    assert str(falla).startswith(falla.archivo)
    assert falla.que in str(falla)
    assert falla.arreglo in str(falla)
    assert not falla.ruta or f"{falla.archivo} → {falla.ruta}: " in str(falla)
    return falla


def cambiar(copia, archivo, viejo, nuevo):
    ruta = copia / archivo
    texto = ruta.read_text(encoding="utf-8")
    assert viejo in texto, f"el caso quedó viejo: «{viejo}» no está en {archivo}"
    ruta.write_text(texto.replace(viejo, nuevo, 1), encoding="utf-8")


def rehacer(copia, archivo, cambio):
    """Lee el YAML, aplica `cambio(dato)` y lo escribe."""
    ruta = copia / archivo
    dato = yaml.safe_load(ruta.read_text(encoding="utf-8"))
    cambio(dato)
    ruta.write_text(yaml.safe_dump(dato, allow_unicode=True, sort_keys=False), encoding="utf-8")


# --- lo bueno --------------------------------------------------------------------------------------


def test_se_lee_una_vez():
    assert cargar() is cargar()


def test_la_copia_es_igual(copia):
    leido = cargar(copia)
    assert [(e.nombre, e.huella) for e in leido.esquemas.values()] == [(e.nombre, e.huella) for e in cargar().esquemas.values()]


def test_el_orden_en_que_se_muestran():
    catalogo = cargar()
    for grupo in (catalogo.formatos, catalogo.encuestas):
        assert [e.orden for e in grupo] == sorted(e.orden for e in grupo)
    assert {e.clase for e in catalogo.formatos} == {"formato"}
    assert {e.clase for e in catalogo.encuestas} == {"encuesta"}


def test_el_catalogo_de_instrumentos_se_calcula_de_las_fichas():
    catalogo = cargar()
    opciones = catalogo.opciones["instrumentos"].opciones
    assert {o.codigo for o in opciones} == catalogo.instrumentos.keys()
    traspasados = [catalogo.instrumentos[o.codigo].traspasado for o in opciones]
    assert traspasados == sorted(traspasados, reverse=True)
    crece = next(o for o in opciones if o.codigo == "crece")
    assert crece.nombre == catalogo.instrumentos["crece"].nombre_corto
    assert catalogo.instrumentos["crece"].titulo in crece.sinonimos


def test_citar():
    catalogo = cargar()
    cita = catalogo.citar("reglamento:4.a.viii")
    assert (cita.texto, cita.url) == ("Reglamento, 4.a.viii", "/reglamento/4/#a-viii")
    assert catalogo.citar("reglamento").url == "/reglamento/"
    for mala in ("nadie", "reglamento:99", "nadie:1"):
        with pytest.raises(KeyError):
            catalogo.citar(mala)


def test_nombre_de_una_opcion_y_campo_que_no_existe():
    catalogo = cargar()
    assert catalogo.opciones["regiones"].nombre_de("99") == "99"
    assert catalogo.opciones["criterios"].nombre_de("territorial") == "Territorial"
    with pytest.raises(KeyError):
        catalogo.esquemas["focalizacion"].principal.campo("no_existe")


NUEVO = """\
name: nuevo
title: Formato nuevo
description: Nada de código lo conoce.
version: "1.0.0"
llena: Quien prueba
orden: 999
norma: [decision:01]
primaryKey: [codigo]
missingValues: [""]
cambios:
  - {version: "1.0.0", fecha: "2026-11-20", description: Primera versión.}
fields:
  - name: codigo
    title: Código
    type: string
    tipo: codigo
    description: El código.
    example: N-01
    norma: [decision:16]
    dato: publico
    constraints: {required: true, unique: true, maxLength: 20}
  - name: origen
    title: Origen
    type: string
    description: De dónde.
    example: FOC-01;FOC-02
    norma: [decision:15]
    dato: publico
    varios: true
    referencia: {esquema: focalizacion}
  - name: monto
    title: Monto
    type: integer
    tipo: pesos
    description: Cuánto.
    example: "5"
    norma: [decision:15]
    dato: publico
reglas:
  - codigo: con-monto
    gravedad: error
    campo: monto
    exige: {campo: monto, vacio: false}
    mensaje: Falta.
    arreglo: Póngalo.
    norma: [decision:15]
"""


def test_un_yaml_nuevo_funciona_sin_tocar_codigo(copia):
    (copia / "formatos" / "nuevo.yaml").write_text(NUEVO, encoding="utf-8")
    catalogo = cargar(copia)
    nuevo = catalogo.esquemas["nuevo"]
    assert catalogo.formatos[-1] is nuevo
    contexto = Contexto(referidas={"focalizacion": [{"codigo": "FOC-01"}]})
    buena = {"codigo": "N-02", "origen": "FOC-01", "monto": "$ 1.000"}
    resultado = validar_filas(catalogo, nuevo, {"nuevo": [buena]}, contexto)
    assert resultado.problemas == ()
    assert resultado.tablas["nuevo"] == [("N-02", "FOC-01", "1000")]
    malo = validar_filas(catalogo, nuevo, {"nuevo": [{"codigo": "N-03", "origen": "NO"}]}, contexto)
    assert {str(p.codigo) for p in malo.errores} == {"con-monto", "referencia-inexistente"}
    assert esquema_json(catalogo, nuevo)["fields"][1]["referencia"] == {"esquema": "focalizacion"}
    assert tabla_estandar(catalogo, nuevo.principal)["primaryKey"] == ["codigo"]
    assert juzgar_csv(catalogo, nuevo, ejemplo_csv(nuevo)) == (1, ())


def test_un_instrumento_nuevo_es_una_opcion_mas(copia):
    texto = (copia / "instrumentos/redes.yaml").read_text(encoding="utf-8")
    for viejo, nuevo in (("name: redes", "name: nuevo"), ("title:", "title: Nuevo"), ("nombre_corto:", "nombre_corto: Nuevo")):
        texto = texto.replace(viejo, nuevo, 1)
    texto = "\n".join(linea for linea in texto.splitlines() if not linea.startswith("sinonimos"))
    (copia / "instrumentos" / "nuevo.yaml").write_text(texto, encoding="utf-8")
    assert "nuevo" in {o.codigo for o in cargar(copia).opciones["instrumentos"].opciones}


# --- YAML estricto ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("escrito", "leido"),
    [
        ("a: true", {"a": True}),
        ("a: false", {"a": False}),
        ("a: 0", {"a": 0}),
        ("a: -12", {"a": -12}),
        ("a: '01101'", {"a": "01101"}),
        ('a: "no"', {"a": "no"}),
        ('a: "2026-12-31"', {"a": "2026-12-31"}),
        ("a: si", {"a": "si"}),
        ("a: 1.0.0", {"a": "1.0.0"}),
        ("a: [x, y]", {"a": ["x", "y"]}),
        ("y: z", {"y": "z"}),
        ("a: |\n  08\n", {"a": "08\n"}),
        ("\ufeffa: b", {"a": "b"}),
        ("a: {b: {c: 1}}", {"a": {"b": {"c": 1}}}),
    ],
)
def test_lo_que_se_admite(escrito, leido):
    assert leer_yaml(escrito, "x.yaml") == leido


@pytest.mark.parametrize(
    ("escrito", "ruta"),
    [
        ("a: 01101", "línea 1, columna 4"),
        ("b: x\na: 08", "línea 2, columna 4"),
        ("a: 0o7", "línea 1, columna 4"),
        ("a: 0x1F", "línea 1, columna 4"),
        ("a: 1_000", "línea 1, columna 4"),
        ("a: +5", "línea 1, columna 4"),
        ("a: 1:30", "línea 1, columna 4"),
        ("a: NO", "línea 1, columna 4"),
        ("a: no", "línea 1, columna 4"),
        ("a: yes", "línea 1, columna 4"),
        ("a: on", "línea 1, columna 4"),
        ("a: True", "línea 1, columna 4"),
        ("a: FALSE", "línea 1, columna 4"),
        ("a: 1.0", "línea 1, columna 4"),
        ("a: 1e5", "línea 1, columna 4"),
        ("a: .inf", "línea 1, columna 4"),
        ("a: .nan", "línea 1, columna 4"),
        ("a: 2026-12-31", "línea 1, columna 4"),
        ("a: 2026-12-31 10:00:00", "línea 1, columna 4"),
        ("a: null", "línea 1, columna 4"),
        ("a: ~", "línea 1, columna 4"),
        ("a:", "línea 1, columna 3"),
        ("a: =", "línea 1, columna 4"),
        ("a: [x, 01]", "línea 1, columna 8"),
        ("a: &x 1\nb: *x", "línea 1, columna 4"),
        ("a: &x {b: c}", "línea 1, columna 4"),
        ("&x a: b", "línea 1, columna 1"),
        ("a: x\nb: *x", "línea 2, columna 4"),
        ("a: x\na: y", "línea 2, columna 1"),
        ("a: {b: 1, b: 2}", "línea 1, columna 11"),
        ("<<: {a: b}", "línea 1, columna 1"),
        ("a: {<<: {b: c}}", "línea 1, columna 5"),
        ("1: x", "línea 1, columna 1"),
        ("no: x", "línea 1, columna 1"),
        ("2026-12-31: x", "línea 1, columna 1"),
        ("? [a]\n: b", "línea 1, columna 3"),
        ("a: !!binary aGk=", "línea 1, columna 4"),
        ("a: !!python/object:os.system x", "línea 1, columna 4"),
        ("a: !propio x", "línea 1, columna 4"),
        ("a: [x", "línea 2, columna 1"),
        ("a: 'x", "línea 1, columna 6"),
        ("a: b: c", "línea 1, columna 5"),
        ("\ta: b", "línea 1, columna 1"),
        ("a: b\n---\na: c", "línea 2, columna 1"),
        ("a: x\x07y", ""),
        ("a: \x00", ""),
    ],
)
def test_lo_que_no_se_admite(escrito, ruta):
    with pytest.raises(EsquemaInvalido) as error:
        leer_yaml(escrito, "formatos/x.yaml")
    assert error.value.archivo == "formatos/x.yaml"
    assert error.value.ruta == ruta
    assert error.value.arreglo


# --- archivos --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("archivo", "viejo", "nuevo", "ruta"),
    [
        ("formatos/focalizacion.yaml", "exigible: true", "exigible: yes", "línea 9"),
        ("formatos/focalizacion.yaml", "orden: 40", "orden: 040", "línea 12"),
        ("catalogos/comunas.yaml", 'codigo: "01101"', "codigo: 01101", "línea"),
        ("catalogos/regiones.yaml", 'codigo: "08"', "codigo: 08", "línea"),
        ("catalogos/criterios.yaml", 'version: "1.0.0"', "version: 1.0", "línea"),
        ("encuestas/actor-clave.yaml", 'fecha: "2026-11-20"', "fecha: 2026-11-20", "línea"),
        ("instrumentos/crece.yaml", "traspasado: true", "traspasado:", "línea"),
        ("normativa/reglamento.yaml", "literal: true", "literal: &a true", "línea"),
        ("proceso.yaml", "hitos:", "<<: {a: b}\nhitos:", "línea"),
    ],
)
def test_yaml_laxo_en_cada_carpeta(copia, archivo, viejo, nuevo, ruta):
    cambiar(copia, archivo, viejo, nuevo)
    assert falla_al_cargar(copia, archivo).ruta.startswith(ruta)


def test_no_es_utf8(copia):
    (copia / "formatos/focalizacion.yaml").write_bytes("name: focalización".encode("cp1252"))
    assert "UTF-8" in falla_al_cargar(copia, "formatos/focalizacion.yaml").que


def test_no_se_puede_leer(copia):
    (copia / "proceso.yaml").unlink()
    assert "no se pudo leer" in falla_al_cargar(copia, "proceso.yaml").que


def test_una_carpeta_con_nombre_de_yaml(copia):
    (copia / "formatos" / "carpeta.yaml").mkdir()
    assert "no se pudo leer" in falla_al_cargar(copia, "formatos/carpeta.yaml").que


@pytest.mark.parametrize("vacio", ["", "# nada\n", "- a\n", "solo texto\n"])
def test_un_yaml_que_no_es_un_mapa(copia, vacio):
    (copia / "formatos" / "vacio.yaml").write_text(vacio, encoding="utf-8")
    assert "mapa" in falla_al_cargar(copia, "formatos/vacio.yaml").que


def test_la_otra_extension_no_se_ignora(copia):
    (copia / "formatos" / "nuevo.yml").write_text(NUEVO, encoding="utf-8")
    assert ".yaml" in falla_al_cargar(copia, "formatos/nuevo.yml").arreglo


def test_un_formato_y_una_encuesta_con_el_mismo_nombre(copia):
    (copia / "formatos" / "actor-clave.yaml").write_text(NUEVO.replace("name: nuevo", "name: actor-clave", 1), encoding="utf-8")
    assert "ya hay un formato" in falla_al_cargar(copia, "encuestas/actor-clave.yaml").que


def test_el_catalogo_calculado_no_se_escribe(copia):
    texto = (copia / "catalogos/criterios.yaml").read_text(encoding="utf-8").replace("name: criterios", "name: instrumentos", 1)
    (copia / "catalogos" / "instrumentos.yaml").write_text(texto, encoding="utf-8")
    assert "se calcula" in falla_al_cargar(copia, "catalogos/instrumentos.yaml").que
