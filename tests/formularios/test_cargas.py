"""Cargar un archivo por la web: los problemas en sus celdas, un folio si no los hay, y qué reemplaza. En los dos motores."""

import io
import re
from pathlib import Path

import openpyxl
import pytest

from esquemas.catalogo import cargar
from esquemas.publicacion import ejemplo_csv
from formularios.accesos import guardar_usuario
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.recepcion import vigente_de
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar

CATALOGO = cargar()
CATASTRO = CATALOGO.esquemas["catastro-actores"]
REGIONALES = [e.nombre for e in CATALOGO.formatos if e.ambito != "nacional" and "gore_firmante" in e.entregan]
BASE = "/formularios/regiones/06/2027/cargar"
FOLIO = re.compile(r"2027-06-\d{6}-\d")


@pytest.fixture
def app(almacen):
    personas = {
        "gore06@ejemplo.cl": ("gore_firmante", "06"),
        "editora@ejemplo.cl": ("gore_editor", "06"),
        "direccion@ejemplo.cl": ("direccion_regional", "06"),
        "gore05@ejemplo.cl": ("gore_firmante", "05"),
        "central@ejemplo.cl": ("sercotec", ""),
    }
    for correo, (rol, region) in personas.items():
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"), demo=True)
    return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)


@pytest.fixture
def gore(app):
    return entrar(app)


def catastro(*filas):
    return "\r\n".join(["codigo;institucion;correo;justificacion", *filas]).encode()


UNA = "ACT-01;Red de talleres;uno@ejemplo.cl;Reúne a los talleres."
OTRA = "ACT-02;Municipio;dos@ejemplo.cl;Compra a las empresas."


def cargar_por_web(web, datos, accion="cargar", estado=200, formato=CATASTRO.nombre, nombre="mío.csv"):
    web.abrir(f"{BASE}/{formato}/")
    web.subir({"archivo": (datos, nombre)}, estado, accion=accion)


def test_cargar_da_folio_y_dice_que_reemplaza(gore, almacen):
    gore.abrir("/formularios/regiones/06/2027/")
    assert gore.pagina.todos("a") and f"{BASE}/catastro-actores/" in gore.respuesta.text
    cargar_por_web(gore, catastro(UNA))
    primero = vigente_de(almacen, CATASTRO.nombre, "06", 2027)
    assert FOLIO.findall(gore.pagina.texto) == [primero.folio] and "1 fila" in gore.pagina.texto
    assert "Invitar a responder" in gore.pagina.texto
    assert f"vigente: folio {primero.folio}" in gore.abrir(f"{BASE}/catastro-actores/").texto
    cargar_por_web(gore, catastro(UNA, OTRA))
    segundo = vigente_de(almacen, CATASTRO.nombre, "06", 2027)
    assert segundo.folio != primero.folio and segundo.filas[CATASTRO.nombre] == 2
    assert f"Reemplaza a {primero.folio}: tenía 1 fila." in gore.pagina.texto


def test_lo_mismo_otra_vez_no_gasta_un_folio(gore, almacen):
    for _ in range(2):
        cargar_por_web(gore, catastro(UNA))
    assert "ya estaba cargado" in gore.pagina.texto
    assert vigente_de(almacen, CATASTRO.nombre, "06", 2027).folio.startswith("2027-06-000001")


def test_con_errores_muestra_las_celdas_y_no_guarda(gore, almacen):
    cargar_por_web(gore, catastro(UNA, "ACT-01;;sin-arroba;x"), estado=422)
    malas = {n.get("id") for n in gore.pagina.todos("td") if "mal" in n.get("class")}
    assert {"catastro-actores-B3", "catastro-actores-C3"} <= malas
    assert "No se guardó nada" in gore.pagina.texto
    assert vigente_de(almacen, CATASTRO.nombre, "06", 2027) is None


@pytest.mark.parametrize(("accion", "estado"), [("revisar", 200), ("", 200), ("marcado", 200)])
def test_solo_cargar_guarda(gore, almacen, accion, estado):
    gore.abrir(f"{BASE}/catastro-actores/")
    respuesta = gore.publicar_archivos({"archivo": (catastro(UNA), "mío.csv")}, accion=accion)
    assert respuesta.status_code == estado
    assert vigente_de(almacen, CATASTRO.nombre, "06", 2027) is None


def test_sin_archivo_o_ilegible(gore, almacen):
    cargar_por_web(gore, b"", estado=400, nombre="")
    cargar_por_web(gore, b"\x00\x01PK", estado=422)
    cargar_por_web(gore, catastro(), estado=422)
    assert vigente_de(almacen, CATASTRO.nombre, "06", 2027) is None


def test_sirve_un_xlsx(gore, almacen):
    libro, datos = openpyxl.Workbook(), io.BytesIO()
    for linea in catastro(UNA, OTRA).decode().splitlines():
        libro.active.append(linea.split(";"))
    libro.save(datos)
    cargar_por_web(gore, datos.getvalue(), nombre="mío.xlsx")
    assert vigente_de(almacen, CATASTRO.nombre, "06", 2027).filas == {CATASTRO.nombre: 2}


@pytest.mark.parametrize("formato", REGIONALES)
def test_cualquier_formato_regional_tiene_su_pagina(gore, formato):
    assert CATALOGO.esquemas[formato].titulo in gore.abrir(f"{BASE}/{formato}/").texto


def test_se_revisa_contra_lo_ya_entregado(gore):
    cargar_por_web(gore, ejemplo_csv(CATALOGO.esquemas["desafios-oportunidades-objetivos"]), "revisar",
                   formato="desafios-oportunidades-objetivos")  # fmt: skip
    assert "no se revis" in gore.pagina.texto.lower()  # la matriz citada todavía no está: se avisa
    cargar_por_web(gore, ejemplo_csv(CATALOGO.esquemas["potencialidades-problematicas"]),
                   formato="potencialidades-problematicas")  # fmt: skip
    cargar_por_web(gore, ejemplo_csv(CATALOGO.esquemas["desafios-oportunidades-objetivos"]),
                   formato="desafios-oportunidades-objetivos")  # fmt: skip
    assert "Quedó cargado" in gore.pagina.texto


@pytest.mark.parametrize(
    "ruta",
    [
        f"{BASE}/presupuesto-instrumentos/",  # nacional
        f"{BASE}/actor-clave/",  # encuesta
        f"{BASE}/nada/",
        "/formularios/regiones/99/2027/cargar/catastro-actores/",
        f"/formularios/regiones/06/{10**30}/cargar/catastro-actores/",
        "/formularios/regiones/06/1999/",
    ],
)
def test_lo_que_no_existe_es_404(app, ruta):
    entrar(app, "central@ejemplo.cl").abrir(ruta, 404)


def test_ni_otra_region_ni_el_nivel_central_cargan(app, almacen):
    otra = entrar(app, "gore05@ejemplo.cl")
    otra.abrir(f"{BASE}/catastro-actores/", 403)
    central = entrar(app, "central@ejemplo.cl")
    dicho = central.abrir(f"{BASE}/catastro-actores/", 403).texto
    assert "o Dirección Regional de Sercotec" in dicho and "en O'Higgins, ejercicio 2027" in dicho
    assert vigente_de(almacen, CATASTRO.nombre, "06", 2027) is None
    nadie = Navegador(app)
    nadie.abrir(f"{BASE}/catastro-actores/")
    assert nadie.url.endswith("/entrar")


def test_un_folio_ajeno_en_la_direccion_no_se_muestra(gore):
    cargar_por_web(gore, ejemplo_csv(CATALOGO.esquemas["potencialidades-problematicas"]), formato="potencialidades-problematicas")
    folio = FOLIO.search(gore.pagina.texto)[0]
    assert folio not in gore.abrir(f"{BASE}/catastro-actores/?cargado={folio}").texto
