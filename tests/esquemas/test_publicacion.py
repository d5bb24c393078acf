"""Lo que se publica: descriptores que frictionless acepta y que validan lo mismo que nosotros, con nuestras claves al lado."""

import csv
import io
import re

import pytest
from frictionless import Resource, Schema, formats

from esquemas.catalogo import cargar
from esquemas.modelo import Opcion, Opciones
from esquemas.publicacion import (
    COLUMNAS_DE_ENVIO,
    campo_estandar,
    catalogo_csv,
    catalogos_usados,
    clave_exportada,
    columnas_agregadas,
    ejemplo_csv,
    enlaces,
    esquema_json,
    tabla_de_catalogo,
    tabla_de_enlace,
    tabla_estandar,
    tabla_exportada,
)
from esquemas.tabla import escribir_csv
from tests.esquemas.fabrica import COLORES, campo, catalogo_con, codigo, encuesta, formato, suelto

MATRIZ = formato(
    "matriz",
    [
        codigo(),
        campo("colores", catalogo="colores", varios=True),
        campo("color", catalogo="colores"),
        campo("citas", referencia={"esquema": "focalizacion"}, varios=True),
        campo("nombre", dato="personal", finalidad="Probar.", catalogo="regiones"),
        campo("region", catalogo="regiones"),
        campo("oculto", mostrar_si={"campo": "color", "es": "rojo"}, constraints={"required": True}),
        campo("monto", "pesos", constraints={"required": True, "minimum": 0, "maximum": 9}),
        campo("activo", "logico"),
    ],
)
ENCUESTA = encuesta("consulta", [campo("nombre")], {"ideas": {"campos": [campo("color", catalogo="colores", varios=True)]}})
CATALOGO = catalogo_con(MATRIZ, ENCUESTA)


def por_nombre(descriptor):
    return {c["name"]: c for c in descriptor["fields"]}


def juzgar(descriptor, datos):
    recurso = Resource(
        data=datos,
        format="csv",
        encoding="utf-8",
        control=formats.CsvControl(delimiter=","),
        schema=Schema.from_descriptor(descriptor),
    )
    return [e.type for tarea in recurso.validate().tasks for e in tarea.errors]


# --- un campo --------------------------------------------------------------------------------------


def test_limites_opciones_y_formato_de_un_campo():
    campos = por_nombre(tabla_estandar(CATALOGO, MATRIZ.principal))
    assert campos["codigo"]["constraints"] == {
        "required": True,
        "unique": True,
        "maxLength": 200,
        "pattern": r"[A-Za-z0-9][A-Za-z0-9._-]*",
    }
    assert campos["color"]["constraints"] == {"maxLength": 200, "enum": ["rojo", "verde", "azul"]}
    assert campos["colores"]["constraints"]["pattern"] == "(rojo|verde|azul)(;(rojo|verde|azul))*"
    assert "enum" not in campos["colores"]["constraints"]
    assert campos["oculto"]["constraints"] == {"maxLength": 200}  # lo condicional no existe en el estándar
    assert campos["monto"]["constraints"] == {"required": True, "minimum": 0, "maximum": 9}
    assert campos["monto"]["type"] == "integer"
    assert (campos["activo"]["trueValues"], campos["activo"]["falseValues"]) == (["si"], ["no"])
    assert "constraints" not in campos["activo"]
    assert campo_estandar(suelto(tipo="correo"), None)["format"] == "email"
    assert campo_estandar(suelto(tipo="enlace"), None)["format"] == "uri"
    assert "format" not in campo_estandar(suelto(), None)
    assert campo_estandar(suelto(ejemplo="hola"), None)["example"] == "hola"
    assert "example" not in campo_estandar(suelto(), None)
    assert campo_estandar(suelto(patron="a+", largo_minimo=2), None)["constraints"] == {"minLength": 2, "pattern": "a+"}


def test_los_codigos_con_signos_se_escapan_en_el_patron():
    raros = Opciones("r", "R", "", "1.0.0", (Opcion("a.b", "A"), Opcion("c-d", "C")))
    patron = campo_estandar(suelto(catalogo="r", varios=True), raros)["constraints"]["pattern"]
    assert re.fullmatch(patron, "a.b;c-d")
    assert not re.fullmatch(patron, "axb")


@pytest.mark.parametrize(
    ("nombre", "bueno", "malo"),
    [
        ("colores", "rojo;azul", "rojo;morado"),
        ("colores", "rojo", "rojo;"),
        ("citas", "FOC-01;FOC-02", "FOC 01"),
        ("color", "rojo", "Rojo"),
        ("codigo", "P-01", "P 01"),
        ("monto", "9", "10"),
        ("activo", "si", "sí"),
    ],
)
def test_quien_no_nos_conoce_valida_lo_mismo(nombre, bueno, malo):
    descriptor = tabla_estandar(CATALOGO, MATRIZ.principal)
    base = {"codigo": "P-01", "monto": "1"}
    fila = lambda valor: [(base | {nombre: valor}).get(n, "") for n in MATRIZ.principal.nombres]  # noqa: E731
    assert juzgar(descriptor, escribir_csv(MATRIZ.principal.nombres, [fila(bueno)])) == []
    assert juzgar(descriptor, escribir_csv(MATRIZ.principal.nombres, [fila(malo)])) != []


# --- el esquema publicado --------------------------------------------------------------------------


def test_el_json_de_un_formato_lleva_el_estandar_y_lo_nuestro():
    publicado = esquema_json(CATALOGO, MATRIZ)
    assert publicado["huella"] == MATRIZ.huella
    assert (publicado["name"], publicado["version"], publicado["primaryKey"], publicado["missingValues"]) == (
        "matriz",
        "1.0.0",
        ["codigo"],
        [""],
    )
    campos = por_nombre(publicado)
    assert campos["oculto"]["mostrar_si"] == {"campo": "color", "es": "rojo"}
    assert campos["citas"]["referencia"] == {"esquema": "focalizacion"}
    assert campos["nombre"]["finalidad"] == "Probar."
    assert campos["color"]["constraints"]["enum"] == ["rojo", "verde", "azul"]
    assert all(c["norma"] == ["decision:15"] and c["dato"] for c in campos.values())


def test_el_json_de_una_encuesta_es_un_paquete():
    publicado = esquema_json(CATALOGO, ENCUESTA)
    assert [r["name"] for r in publicado["resources"]] == ["consulta", "ideas"]
    principal, grupo = (r["schema"] for r in publicado["resources"])
    assert principal["primaryKey"] == ["respuesta"]
    assert por_nombre(grupo)["color"]["constraints"]["pattern"].startswith("(rojo|")
    assert principal["reglas"] == []
    assert "fields" not in publicado


def test_la_encuesta_real_conserva_sus_claves_ajenas():
    catalogo = cargar()
    publicado = esquema_json(catalogo, catalogo.esquemas["actor-clave"])
    assert publicado["resources"][1]["schema"]["foreignKeys"][0]["reference"] == {
        "resource": "actor-clave",
        "fields": ["respuesta"],
    }


# --- lo exportado ----------------------------------------------------------------------------------


def test_lo_exportado_agrega_las_columnas_de_envio_que_no_tiene():
    assert columnas_agregadas(MATRIZ.principal) == ("folio", "ejercicio", "version_esquema", "estado", "presentado")
    exportada = tabla_exportada(CATALOGO, MATRIZ.principal)
    nombres = [c["name"] for c in exportada["fields"]]
    assert nombres == [*MATRIZ.principal.nombres, "folio", "ejercicio", "version_esquema", "estado", "presentado"]
    assert exportada["primaryKey"] == ["ejercicio", "region", "codigo"]
    assert "unique" not in por_nombre(exportada)["codigo"]["constraints"]  # el código se repite entre regiones
    assert por_nombre(exportada)["folio"]["constraints"] == {"required": True}
    assert list(COLUMNAS_DE_ENVIO) == ["folio", "region", "ejercicio", "version_esquema", "estado", "presentado"]


def test_lo_publico_es_una_lista_de_lo_permitido():
    publica = tabla_exportada(CATALOGO, MATRIZ.principal, publico=True)
    assert "nombre" not in por_nombre(publica)
    assert publica["primaryKey"] == ["ejercicio", "region", "codigo"]
    secreta = formato("secreta", [codigo() | {"dato": "interno"}, campo("a")])
    assert "primaryKey" not in tabla_exportada(CATALOGO, secreta.principal, publico=True)
    assert tabla_exportada(CATALOGO, secreta.principal)["primaryKey"] == ["ejercicio", "region", "codigo"]


def test_un_campo_exceptuado_puede_ir_vacio():
    assert "required" in por_nombre(tabla_exportada(CATALOGO, MATRIZ.principal))["monto"]["constraints"]
    exceptuada = tabla_exportada(CATALOGO, MATRIZ.principal, exceptuados=["monto"])
    assert por_nombre(exceptuada)["monto"]["constraints"] == {"minimum": 0, "maximum": 9}
    assert "required" in por_nombre(exceptuada)["codigo"]["constraints"]


def test_la_clave_de_lo_exportado():
    assert clave_exportada(MATRIZ.principal) == ("ejercicio", "region", "codigo")
    assert clave_exportada(ENCUESTA.principal) == ("folio", "respuesta")
    assert clave_exportada(ENCUESTA.grupos[0].tabla) == ()


def test_lo_exportado_lo_aprueba_el_juez_con_codigos_repetidos_entre_regiones():
    descriptor = tabla_exportada(CATALOGO, MATRIZ.principal)
    nombres = [c["name"] for c in descriptor["fields"]]
    fila = {"codigo": "P-01", "monto": "1", "folio": "f", "ejercicio": "2027", "version_esquema": "1.0.0", "estado": "vigente"}
    fila |= {"presentado": "2026-11-20T12:00:00Z"}
    filas = [[(fila | {"region": r}).get(n, "") for n in nombres] for r in ("05", "06")]
    assert juzgar(descriptor, escribir_csv(nombres, filas)) == []
    assert "primary-key" in juzgar(descriptor, escribir_csv(nombres, [filas[0], filas[0]]))


# --- enlaces y catálogos ---------------------------------------------------------------------------


def test_las_tablas_de_enlace():
    de_colores, de_citas = enlaces(MATRIZ)
    assert (de_colores.nombre, de_colores.destino, de_colores.de_catalogo) == ("enlace-matriz-colores", "colores", True)
    assert (de_citas.nombre, de_citas.destino, de_citas.de_catalogo) == ("enlace-matriz-citas", "focalizacion", False)
    assert [e.nombre for e in enlaces(ENCUESTA)] == ["enlace-ideas-color"]
    privada = formato("privada", [codigo(), campo("colores", catalogo="colores", varios=True, dato="interno")])
    assert enlaces(privada, publico=True) == ()
    assert len(enlaces(privada)) == 1


def test_una_tabla_de_enlace_lleva_claves_ajenas_estandar():
    de_colores, de_citas = enlaces(MATRIZ)
    tabla = tabla_de_enlace(de_citas)
    assert [c["name"] for c in tabla["fields"]] == ["ejercicio", "region", "codigo", "valor"]
    assert tabla["primaryKey"] == ["ejercicio", "region", "codigo", "valor"]
    assert tabla["foreignKeys"] == [
        {
            "fields": ["ejercicio", "region", "valor"],
            "reference": {"resource": "focalizacion", "fields": ["ejercicio", "region", "codigo"]},
        },
        {
            "fields": ["ejercicio", "region", "codigo"],
            "reference": {"resource": "matriz", "fields": ["ejercicio", "region", "codigo"]},
        },
    ]
    de_catalogo = tabla_de_enlace(de_colores)["foreignKeys"][0]
    assert de_catalogo == {"fields": ["valor"], "reference": {"resource": "catalogo-colores", "fields": ["codigo"]}}
    assert Schema.from_descriptor(tabla).primary_key == tabla["primaryKey"]
    (de_grupo,) = enlaces(ENCUESTA)
    assert [c["name"] for c in tabla_de_enlace(de_grupo)["fields"]] == ["folio", "respuesta", "orden", "valor"]
    assert len(tabla_de_enlace(de_grupo)["foreignKeys"]) == 1


def test_catalogos_usados():
    assert catalogos_usados(MATRIZ) == ("colores", "regiones")
    privada = formato("privada", [codigo(), campo("color", catalogo="colores", dato="interno")])
    assert catalogos_usados(privada, publico=True) == ()
    assert catalogos_usados(privada) == ("colores",)


def test_un_catalogo_como_csv():
    opciones = Opciones("c", "Con, coma", "", "1.0.0", (Opcion("01", "Uno, dos", "d", "p"),))
    assert catalogo_csv(opciones) == b'codigo,nombre,descripcion,padre\r\n01,"Uno, dos",d,p\r\n'
    assert juzgar(tabla_de_catalogo(COLORES), catalogo_csv(COLORES)) == []
    assert tabla_de_catalogo(COLORES)["title"] == "Colores"


def test_el_ejemplo_como_csv():
    focalizacion = cargar().esquemas["focalizacion"]
    filas = list(csv.DictReader(io.StringIO(ejemplo_csv(focalizacion).decode())))
    assert [f["codigo"] for f in filas] == ["FOC-01", "FOC-02", "FOC-03"]
    actor = cargar().esquemas["actor-clave"]
    assert ejemplo_csv(actor, actor.grupos[0].tabla).startswith(b"respuesta,nombre,")
