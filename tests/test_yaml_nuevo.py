"""Agregar un formato o una encuesta es agregar un YAML: aparece en todo, sin tocar código.

Una copia de `esquemas/` con dos archivos más recorre la casa entera: carga, página, plantilla, orden, web, envío y CSV.
"""

import csv
import shutil
from pathlib import Path

import pytest
from frictionless import Resource, Schema, system

from esquemas.catalogo import CARPETA, cargar
from esquemas.validacion import Contexto, validar_filas
from formularios import sesiones
from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.recepcion import Recepcion, recibir
from generador.paginas import paginas
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.servicios.orden import correr

FORMATO = """
name: huertos-urbanos
title: Huertos urbanos
description: Un formato que solo existe en esta prueba.
version: "1.0.0"
llena: Equipo del Gobierno Regional
orden: 900
norma: [guia:A.5]
primaryKey: [codigo]
missingValues: [""]
cambios: [{version: "1.0.0", fecha: "2026-11-20", description: Primera versión.}]
fields:
  - name: codigo
    title: Código
    type: string
    tipo: codigo
    description: Identifica el huerto.
    example: H-01
    norma: [decision:16]
    dato: publico
    constraints: {required: true, unique: true, maxLength: 20}
  - name: comuna
    title: Comuna
    type: string
    description: Dónde está.
    example: "06101"
    norma: [decision:15]
    dato: publico
    catalogo: comunas
    constraints: {required: true}
  - name: superficie
    title: Superficie
    type: number
    unidad: metros cuadrados
    description: Cuánto mide.
    example: "12.5"
    norma: [decision:15]
    dato: publico
    constraints: {minimum: 0}
reglas:
  - codigo: grande-con-comuna
    gravedad: alerta
    campo: superficie
    exige: {campo: superficie, vacio: false}
    mensaje: El huerto no dice cuánto mide.
    arreglo: Escriba la superficie, o deje la alerta si no la sabe.
    norma: [decision:15]
"""

ENCUESTA = """
name: huerteros
title: Consulta a huerteros
description: Una encuesta que solo existe en esta prueba.
version: "1.0.0"
llena: Quien cuida un huerto
orden: 900
norma: [guia:A.8]
cambios: [{version: "1.0.0", fecha: "2026-11-20", description: Primera versión.}]
privacidad: {responsable: Nadie, base: Ninguna, retencion: Nada}
secciones:
  - {name: huerto, title: Su huerto, norma: [guia:A.8], contenido: [riega, como]}
analisis:
  ayuda: Cómo se cuidan los huertos.
  norma: [guia:C.1]
  apartados:
    - {name: riego, title: Riego, cuenta: [riega]}
    - name: modos
      title: Modos de regar
      palabras: como
      pasa_a: {esquema: huertos-urbanos, valores: {comuna: "06101"}, campos: {codigo: respuesta}}
resources:
  - name: huerteros
    path: huerteros.csv
    title: Consulta a huerteros
    schema:
      primaryKey: [respuesta]
      missingValues: [""]
      fields:
        - {name: respuesta, title: Respuesta, type: string, tipo: codigo, description: Une las tablas., example: R-1,
           norma: [decision:01], dato: interno, automatico: true, constraints: {required: true, maxLength: 60}}
        - {name: riega, title: Riega el huerto, type: boolean, description: Si lo riega., example: si, norma: [guia:A.8],
           dato: publico, trueValues: [si], falseValues: ["no"], constraints: {required: true}}
        - {name: como, title: Cómo lo riega, type: string, description: Con qué., example: Con manguera, norma: [guia:A.8],
           dato: publico, mostrar_si: {campo: riega, es: si}, constraints: {required: true, maxLength: 200}}
"""


@pytest.fixture(scope="module")
def carpeta(tmp_path_factory) -> Path:
    copia = tmp_path_factory.mktemp("nuevo") / "esquemas"
    shutil.copytree(CARPETA, copia, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    (copia / "formatos" / "huertos-urbanos.yaml").write_text(FORMATO, encoding="utf-8")
    (copia / "encuestas" / "huerteros.yaml").write_text(ENCUESTA, encoding="utf-8")
    return copia


@pytest.fixture(scope="module")
def catalogo(carpeta):
    return cargar(carpeta)


@pytest.fixture
def web(catalogo, tmp_path):
    almacen = Almacen(f"sqlite:///{tmp_path}/base.db")
    almacen.migrar()
    yield Navegador(crear_app(Configuracion(clave="c" * 40, sitio=tmp_path / "no-hay"), catalogo, almacen, lambda: AHORA))
    almacen.cerrar()


def test_aparece_en_el_sitio_con_su_diccionario_y_sus_descargas(catalogo):
    hechas = paginas(catalogo)
    assert "Superficie" in hechas["formatos/huertos-urbanos.md"]
    assert "Huertos urbanos" in hechas["formatos/index.md"]
    assert "Cómo lo riega" in hechas["encuestas/huerteros.md"]
    for ruta in ("esquemas/huertos-urbanos.json", "plantillas/huertos-urbanos.xlsx", "ejemplos/huertos-urbanos.csv",
                 "plantillas/huerteros.xlsx", "xlsform/huerteros.xlsx"):  # fmt: skip
        assert hechas[f"descargas/{ruta}"]


def test_la_orden_lo_lista_lo_valida_lo_importa_y_lo_exporta(carpeta, tmp_path):
    entorno = {"FOCALIZA_ESQUEMAS": str(carpeta), "FOCALIZA_BASE_DE_DATOS": f"sqlite:///{tmp_path}/base.db"}
    assert "huertos-urbanos" in correr("esquemas", **entorno).texto
    plantilla = tmp_path / "plantilla.xlsx"
    assert correr("plantilla", "huertos-urbanos", "--salida", plantilla, **entorno).codigo == 0
    malo = tmp_path / "malo.csv"
    malo.write_text("Código;Comuna;Superficie\nH-1;Rancagua;-1\n", encoding="utf-8")
    assert correr("validar", "huertos-urbanos", malo, "--json", **entorno).codigos("error") == ["menor-que-minimo"]
    bueno = tmp_path / "bueno.csv"
    bueno.write_text("Código;Comuna;Superficie\nH-1;Rancagua;12,5\nH-2;6107;\n", encoding="utf-8")
    hecho = correr("importar", "huertos-urbanos", bueno, "--region", "06", "--ejercicio", "2027", **entorno)
    assert hecho.codigo == 0 and "2027-06-000001" in hecho.texto
    salida = tmp_path / "salida.csv"
    assert correr("exportar", "huertos-urbanos", "--salida", salida, **entorno).codigo == 0
    with salida.open(encoding="utf-8", newline="") as archivo:
        filas = [(f["codigo"], f["comuna"], f["superficie"]) for f in csv.DictReader(archivo)]
    assert filas == [("H-1", "06101", "12.5"), ("H-2", "06107", "")]
    with system.use_context(trusted=True):
        esquema = Schema.from_descriptor(str(tmp_path / "salida.schema.json"))
        assert Resource(path=str(salida), schema=esquema).validate().valid


def test_la_web_lo_valida_y_recibe_la_encuesta(web):
    web.abrir("/formularios/")
    assert "Huertos urbanos" in web.pagina.texto and "Consulta a huerteros" in web.pagina.texto
    web.abrir("/formularios/validar/huertos-urbanos/")
    web.subir({"archivo": (b"codigo,comuna,superficie\nH-1,Rancagau,1\n", "mio.csv")}, 422)
    assert "Rancagua" in web.pagina.texto
    web.abrir("/formularios/encuestas/huerteros/")
    web.enviar({"region": "06", "ejercicio": "2027"})
    web.enviar({"c.riega": "si"}, "seguir")
    assert "Cómo lo riega" in web.pagina.texto  # la condición, sin JavaScript
    web.enviar({"c.como": "Con manguera"}, "seguir")
    web.enviar({})
    assert "2027-06-000001" in web.pagina.texto


def test_su_analisis_aparece_y_una_respuesta_pasa_al_formato_nuevo(web, catalogo):
    nucleo = web.http.application.extensions["focaliza"]
    guardar_usuario(nucleo.almacen, correo="gore@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    esquema = catalogo.esquemas["huerteros"]
    for n in range(5):
        fila = {"respuesta": f"R-{n}", "riega": "si", "como": "Con mangueras" if n else "Con una manguera"}
        resultado = validar_filas(catalogo, esquema, {"huerteros": [fila]}, Contexto("06", 2027))
        recibido = {"region": "06", "ejercicio": 2027, "recibido_utc": AHORA, "origen": "prueba"}
        recibir(nucleo.almacen, catalogo, resultado, Recepcion(**recibido))
    web.abrir("/formularios/analisis/huerteros/06/2027/")  # el texto es público: se ve la palabra, sin citas
    assert "mangueras 5 de 5" in web.pagina.texto
    assert "Con una manguera" not in web.pagina.texto
    with web.http.session_transaction() as sesion:
        sesion["ficha"] = sesiones.abrir(nucleo.almacen, 1, con="enlace", ahora_utc=AHORA)
    web.abrir("/formularios/regiones/06/2027/")
    assert "Consulta a huerteros" in web.pagina.texto
    web.abrir("/formularios/regiones/06/2027/analisis/huerteros/")
    assert "Modos de regar" in web.pagina.texto and "5 de 5 respuestas" in web.pagina.texto
    web.enviar(boton="modos:2027-06-000001-0:1")
    assert "Pasó a la matriz Huertos urbanos como R-0" in web.pagina.texto
