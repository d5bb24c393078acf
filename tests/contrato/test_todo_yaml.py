"""Lo que se exige a TODO YAML, archivo por archivo: un YAML nuevo trae aquí sus pruebas sin escribir ninguna.

Si cambia un esquema a propósito: suba su `version`, anótela en `cambios` y corra
`ACTUALIZAR_HUELLAS=si .venv/bin/pytest tests/contrato`.
"""

import json
import os
import re
from pathlib import Path

import pytest
import yaml
from frictionless import Package, Schema, system

from esquemas.catalogo import CARPETA, cargar, leer_yaml
from esquemas.coherencia import contexto_de_ejemplo, ejemplos_de
from esquemas.juez import juzgar_csv
from esquemas.normalizacion import Falla, leer_rut, plegar
from esquemas.publicacion import ejemplo_csv, esquema_json, tabla_estandar, tabla_exportada
from esquemas.validacion import validar_filas

CATALOGO = cargar()
ARCHIVOS = sorted(CARPETA.rglob("*.yaml"))
ESQUEMAS = sorted(CATALOGO.esquemas)
TABLAS = [(e.nombre, t.nombre) for e in CATALOGO.esquemas.values() for t in e.tablas]
CAMPOS = [(e.nombre, t.nombre, c.nombre) for e in CATALOGO.esquemas.values() for t in e.tablas for c in t.campos]
HUELLAS = Path(__file__).parent / "huellas.json"
ORDEN = "ACTUALIZAR_HUELLAS=si .venv/bin/pytest tests/contrato"
ASCII = re.compile(r"[a-z0-9]+([-_][a-z0-9]+)*")
CORREO = re.compile(r"[\w.+-]+@([\w-]+\.)+[\w-]+")
RUT = re.compile(r"\b\d{1,2}\.?\d{3}\.?\d{3}-[\dkK]\b")
TELEFONO = re.compile(r"\+?56 ?9 ?\d{4} ?\d{4}")


def ruta(archivo):
    return archivo.relative_to(CARPETA).as_posix()


def tabla_de(esquema, tabla):
    return next(t for t in CATALOGO.esquemas[esquema].tablas if t.nombre == tabla)


def descriptores(esquema):
    """Los Table Schema de un esquema tal como están en su YAML."""
    descriptor = CATALOGO.esquemas[esquema].descriptor
    return [r["schema"] for r in descriptor["resources"]] if "resources" in descriptor else [descriptor]


def sin_ajenas(descriptor):
    return {c: v for c, v in descriptor.items() if c != "foreignKeys"}


# --- todo archivo ----------------------------------------------------------------------------------


@pytest.mark.parametrize("archivo", ARCHIVOS, ids=ruta)
def test_el_nombre_es_ascii_y_el_de_adentro(archivo):
    dato = leer_yaml(archivo.read_text(encoding="utf-8"), ruta(archivo))
    assert dato["name"] == archivo.stem
    assert ASCII.fullmatch(archivo.stem), "minúsculas ASCII y guiones"
    assert len(archivo.relative_to(CARPETA).parts) <= 2


@pytest.mark.parametrize("archivo", ARCHIVOS, ids=ruta)
def test_cualquier_lector_de_yaml_lee_lo_mismo(archivo):
    """El cargador estricto y PyYAML llano coinciden: nada depende de nuestras rarezas."""
    texto = archivo.read_text(encoding="utf-8")
    assert yaml.safe_load(texto) == leer_yaml(texto, ruta(archivo))
    assert "\t" not in texto
    assert "\r" not in texto
    assert texto.endswith("\n")


@pytest.mark.parametrize("archivo", ARCHIVOS, ids=ruta)
def test_no_hay_correos_rut_ni_telefonos_de_personas(archivo):
    texto = archivo.read_text(encoding="utf-8")
    reales = [c.group() for c in CORREO.finditer(texto) if not c.group().endswith(("@ejemplo.cl", "@institucion.cl"))]
    assert reales == []
    assert [r for r in RUT.findall(texto) if not isinstance(leer_rut(r), Falla)] == []
    assert [t for t in TELEFONO.findall(texto) if not re.sub(r"\D", "", t).endswith("00000000")] == []


def test_todo_archivo_se_cargo():
    """Un YAML en una carpeta que nadie lee sería letra muerta."""
    leidos = {f"formatos/{e.nombre}.yaml" for e in CATALOGO.formatos} | {f"encuestas/{e.nombre}.yaml" for e in CATALOGO.encuestas}
    leidos |= {f"catalogos/{n}.yaml" for n in CATALOGO.opciones if n != "instrumentos"} | {"proceso.yaml", "orientador.yaml"}
    leidos |= {f"instrumentos/{n}.yaml" for n in CATALOGO.instrumentos} | {f"normativa/{n}.yaml" for n in CATALOGO.documentos}
    leidos |= {f"notas/{n}.yaml" for n in CATALOGO.notas}
    assert {ruta(a) for a in ARCHIVOS} == leidos


# --- todo catálogo ---------------------------------------------------------------------------------


@pytest.mark.parametrize("nombre", sorted(CATALOGO.opciones))
def test_un_catalogo_de_codigos(nombre):
    opciones = CATALOGO.opciones[nombre]
    assert opciones.titulo
    assert opciones.descripcion
    assert len(opciones.opciones) >= 2
    for opcion in opciones.opciones:
        assert re.fullmatch(r"[a-z0-9_-]+", opcion.codigo), opcion.codigo
        assert opcion.nombre
        assert opciones.nombre_de(opcion.codigo) == opcion.nombre


# --- toda nota -------------------------------------------------------------------------------------


@pytest.mark.parametrize("nombre", sorted(CATALOGO.notas))
def test_una_nota_se_entiende_sola(nombre):
    notas = CATALOGO.notas[nombre]
    assert notas.titulo
    assert notas.descripcion.endswith(".")
    for nota in notas.notas:
        assert nota.norma, nota.nombre
        for oracion in (nota.texto, *(d for _, d in nota.dicen), *filter(None, [nota.rige])):
            assert oracion.endswith("."), oracion


def test_estan_las_quince_contradicciones_y_cada_una_dice_que_rige():
    notas = CATALOGO.notas["contradicciones"].notas
    assert len(notas) == 15
    assert all(n.titulo and n.dicen and n.rige for n in notas)


def test_todo_el_reglamento_tiene_su_explicacion():
    """Cada numeral, y cada literal salvo los que solo nombran un instrumento o un formato."""
    explicadas = {r for n in CATALOGO.notas["simple"].notas for r in n.norma}
    partes = {f"reglamento:{p.id}" for p in CATALOGO.documentos["reglamento"].partes}
    assert {p for p in partes - explicadas if not p.startswith(("reglamento:3.", "reglamento:7.", "reglamento:6."))} == set()


# --- todo campo y toda regla -----------------------------------------------------------------------


@pytest.mark.parametrize(("esquema", "tabla", "campo"), CAMPOS, ids="/".join)
def test_un_campo_dice_todo_lo_que_debe(esquema, tabla, campo):
    crudo = next(
        c
        for d, t in zip(descriptores(esquema), CATALOGO.esquemas[esquema].tablas, strict=True)
        if t.nombre == tabla
        for c in d["fields"]
        if c["name"] == campo
    )
    assert re.fullmatch(r"[a-z][a-z0-9_]*", campo)
    for clave in ("title", "example", "description", "dato"):
        assert str(crudo[clave]).strip(), f"falta {clave}"
    assert crudo["norma"]
    assert all(CATALOGO.citar(referencia).url for referencia in crudo["norma"])
    assert crudo["description"].endswith(".")
    assert crudo.get("automatico") or crudo.get("ayuda", "").endswith(".")
    assert "punto y coma" not in crudo.get("ayuda", ""), "cómo se separa lo dice la planilla; en la web no se escribe"
    assert "enum" not in crudo.get("constraints", {}), "las opciones van en un catálogo"
    assert crudo["dato"] not in ("personal", "sensible") or crudo["finalidad"].endswith(".")
    if crudo["dato"] == "sensible":
        assert crudo["mostrar_si"] == {"campo": "consentimiento", "es": "si"}, "un dato sensible pide consentimiento expreso"


@pytest.mark.parametrize("esquema", ESQUEMAS)
def test_las_reglas_dicen_que_pasa_y_como_se_arregla(esquema):
    for tabla in CATALOGO.esquemas[esquema].tablas:
        for regla in tabla.reglas:
            assert regla.mensaje.endswith("."), regla.codigo
            assert regla.arreglo.endswith("."), regla.codigo
            assert all(CATALOGO.citar(r) for r in regla.norma)


@pytest.mark.parametrize("esquema", ESQUEMAS)
def test_un_esquema_dice_que_no_revisa_y_que_cambio(esquema):
    leido = CATALOGO.esquemas[esquema]
    assert leido.no_revisa
    assert all(o.endswith(".") for o in leido.no_revisa)
    assert leido.cambios[0].version == leido.version or leido.cambios[-1].version == leido.version
    assert all(CATALOGO.citar(r) for r in leido.norma)
    rotulos = [plegar(c.titulo) for c in leido.campos]
    assert len(rotulos) == len(set(rotulos))
    if leido.es_encuesta:
        assert {"responsable", "base", "retencion"} <= leido.privacidad.keys()


# --- el estándar -----------------------------------------------------------------------------------


@pytest.mark.parametrize("esquema", ESQUEMAS)
def test_frictionless_acepta_el_yaml_tal_cual(esquema):
    with system.use_context(trusted=True):
        for descriptor in descriptores(esquema):
            leido = Schema.from_descriptor(sin_ajenas(descriptor))
            assert [f.name for f in leido.fields] == [c["name"] for c in descriptor["fields"]]
            assert leido.missing_values == [""]


@pytest.mark.parametrize("esquema", ESQUEMAS)
def test_frictionless_acepta_lo_publicado(esquema):
    leido = CATALOGO.esquemas[esquema]
    publicado = json.loads(json.dumps(esquema_json(CATALOGO, leido)))
    assert publicado["huella"] == leido.huella
    if not leido.es_encuesta:
        assert [f.name for f in Schema.from_descriptor(publicado).fields] == list(leido.principal.nombres)
        return
    paquete = Package.from_descriptor(publicado)
    assert [r.name for r in paquete.resources] == [t.nombre for t in leido.tablas]
    for recurso, grupo in zip(publicado["resources"][1:], leido.grupos, strict=True):
        assert recurso["schema"]["foreignKeys"][0]["reference"] == {"resource": esquema, "fields": ["respuesta"]}, grupo.nombre


@pytest.mark.parametrize(("esquema", "tabla"), TABLAS, ids="/".join)
def test_frictionless_acepta_lo_estandar_y_lo_exportado(esquema, tabla):
    tabla = tabla_de(esquema, tabla)
    for descriptor in (
        tabla_estandar(CATALOGO, tabla),
        tabla_exportada(CATALOGO, tabla),
        tabla_exportada(CATALOGO, tabla, publico=True),
    ):
        assert [f.name for f in Schema.from_descriptor(descriptor).fields] == [c["name"] for c in descriptor["fields"]]


# --- los ejemplos ----------------------------------------------------------------------------------


@pytest.mark.parametrize("esquema", ESQUEMAS)
def test_el_ejemplo_no_tiene_ningun_problema(esquema):
    leido = CATALOGO.esquemas[esquema]
    resultado = validar_filas(CATALOGO, leido, ejemplos_de(leido), contexto_de_ejemplo(CATALOGO, leido))
    assert resultado.problemas == ()
    assert resultado.leidas == len(leido.ejemplos)
    assert resultado.como_dict(esquema) == [dict(f) for f in leido.ejemplos]


@pytest.mark.parametrize("esquema", ESQUEMAS)
def test_frictionless_aprueba_el_ejemplo(esquema):
    leido = CATALOGO.esquemas[esquema]
    assert juzgar_csv(CATALOGO, leido, ejemplo_csv(leido)) == (len(leido.ejemplos), ())


@pytest.mark.parametrize(("esquema", "tabla"), TABLAS, ids="/".join)
def test_frictionless_aprueba_cada_valor_de_ejemplo(esquema, tabla):
    tabla = tabla_de(esquema, tabla)
    campos = Schema.from_descriptor(tabla_estandar(CATALOGO, tabla)).fields
    for fila in ejemplos_de(CATALOGO.esquemas[esquema])[tabla.nombre]:
        for campo in campos:
            _, notas = campo.read_cell(fila.get(campo.name, ""))
            assert not notas, (campo.name, fila)


# --- las huellas -----------------------------------------------------------------------------------


def comparar_huellas(anotadas, actuales):
    """Lo que falta hacer, en palabras; vacío si todo calza. Ambas: nombre → {version, huella}."""
    faltan = []
    for nombre in sorted(anotadas.keys() | actuales.keys()):
        antes, ahora = anotadas.get(nombre), actuales.get(nombre)
        if ahora is None:
            faltan.append(f"«{nombre}» ya no existe. Quítelo de la lista con: {ORDEN}")
        elif antes is None:
            faltan.append(f"«{nombre}» es nuevo. Agréguelo a la lista con: {ORDEN}")
        elif antes["huella"] != ahora["huella"] and antes["version"] == ahora["version"]:
            faltan.append(
                f"«{nombre}» cambió y sigue en la versión {ahora['version']}. Suba su version, anótela en cambios y: {ORDEN}"
            )
        elif antes != ahora:
            faltan.append(f"«{nombre}» pasó de la versión {antes['version']} a la {ahora['version']}. Anótelo con: {ORDEN}")
    return faltan


def actualizar(anotadas, actuales):
    """La lista nueva. Se niega a anotar un cambio sin versión nueva: esa es la promesa que la lista guarda."""
    for nombre in anotadas.keys() & actuales.keys():
        antes, ahora = anotadas[nombre], actuales[nombre]
        if antes["huella"] != ahora["huella"] and antes["version"] == ahora["version"]:
            raise AssertionError(
                f"«{nombre}» cambió y sigue en la versión {ahora['version']}. Suba su version y anótela en cambios."
            )
    return actuales


def test_cambiar_un_esquema_exige_cambiar_su_version():
    actuales = {e.nombre: {"version": e.version, "huella": e.huella} for e in CATALOGO.esquemas.values()}
    anotadas = json.loads(HUELLAS.read_text(encoding="utf-8")) if HUELLAS.exists() else {}
    if os.environ.get("ACTUALIZAR_HUELLAS") == "si":
        anotadas = actualizar(anotadas, actuales)
        HUELLAS.write_text(json.dumps(anotadas, indent=2, sort_keys=True) + "\n", encoding="utf-8")
    assert comparar_huellas(anotadas, actuales) == [], "\n".join(comparar_huellas(anotadas, actuales))


UNA = {"version": "1.0.0", "huella": "a"}


@pytest.mark.parametrize(
    ("anotadas", "actuales", "dicho"),
    [
        ({"x": UNA}, {"x": UNA}, None),
        ({"x": UNA}, {"x": UNA | {"huella": "b"}}, "Suba su version"),
        ({"x": UNA}, {"x": {"version": "1.1.0", "huella": "b"}}, "pasó de la versión 1.0.0 a la 1.1.0"),
        ({}, {"x": UNA}, "es nuevo"),
        ({"x": UNA}, {}, "ya no existe"),
    ],
)
def test_la_lista_de_huellas_dice_que_hacer(anotadas, actuales, dicho):
    faltan = comparar_huellas(anotadas, actuales)
    assert len(faltan) == (dicho is not None)
    assert all(dicho in f and ORDEN in f for f in faltan)


def test_actualizar_no_anota_un_cambio_sin_version():
    with pytest.raises(AssertionError, match="sigue en la versión"):
        actualizar({"x": UNA}, {"x": UNA | {"huella": "b"}})
    assert actualizar({"x": UNA}, {"y": UNA}) == {"y": UNA}
