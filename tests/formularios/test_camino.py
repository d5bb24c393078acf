"""El único camino de un archivo: subir, comparar, aplicar y entregar, con un folio por lo que de verdad cambia."""

import io
import re

import openpyxl
import pytest

from esquemas.publicacion import ejemplo_csv
from formularios.fila_en_curso import Matriz
from formularios.filas import leer_matriz
from formularios.recibido import vigente_de
from tests.formularios.camino import aplicar, de_aplicar, entregar_archivo, subir
from tests.formularios.cliente import Navegador
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_filas import entregar
from tests.formularios.test_web_matrices import CATALOGO, REGIONALES, app, gore  # noqa: F401

CATASTRO = CATALOGO.esquemas["catastro-actores"]
REGION = "/formularios/regiones/06/2027"
LISTA = f"{REGION}/matrices/{CATASTRO.nombre}/"
FOLIO = re.compile(r"2027-06-\d{6}-\d")
UNA = "ACT-01;Red de talleres;uno@ejemplo.cl;Reúne a los talleres."
OTRA = "ACT-02;Municipio;dos@ejemplo.cl;Compra a las empresas."


def catastro(*filas):
    return "\r\n".join(["codigo;institucion;correo;justificacion", *filas]).encode()


def vigente(almacen):
    return vigente_de(almacen, CATASTRO.nombre, "06", 2027)


def test_un_archivo_sin_errores_se_entrega_en_un_clic_y_dice_que_reemplaza(gore, almacen):  # noqa: F811
    assert LISTA in {a.get("href") for a in gore.abrir(f"{REGION}/").todos("a")}
    entregar_archivo(gore, LISTA, catastro(UNA))
    primero = vigente(almacen)
    assert set(FOLIO.findall(gore.pagina.texto)) == {primero.folio} and "Invitar a responder" in gore.pagina.texto
    subir(gore, LISTA, catastro(UNA, OTRA))
    aplicar(gore)
    assert gore.url.startswith(f"{LISTA}entregar/") and vigente(almacen) == primero, "aplicar todavía no entrega"
    assert f"Reemplaza a lo entregado con el folio {primero.folio}" in gore.pagina.texto and "2 filas" in gore.pagina.texto
    gore.enviar()
    assert vigente(almacen).folio != primero.folio and vigente(almacen).filas[CATASTRO.nombre] == 2


def test_lo_mismo_otra_vez_no_gasta_un_folio(gore, almacen):  # noqa: F811
    entregar_archivo(gore, LISTA, catastro(UNA))
    assert "dice lo mismo" in subir(gore, LISTA, catastro(UNA)).texto
    assert "igual a lo ya entregado" in gore.abrir(f"{LISTA}entregar/").texto and not gore.pagina.todos("main")[0].todos("form")
    assert vigente(almacen).folio.startswith("2027-06-000001")


def test_el_boton_de_aplicar_dos_veces_es_aplicarlo_una(gore, almacen):  # noqa: F811
    subir(gore, LISTA, catastro(UNA, OTRA))
    formulario = de_aplicar(gore)
    url, pares = formulario.get("action"), gore.campos(formulario)
    for _ in range(2):
        assert "quedó como su archivo" in gore.mandar(url, pares).texto
    filas = leer_matriz(almacen, Matriz(CATASTRO, "06", 2027))
    assert [(f.datos["codigo"], f.version) for f in filas] == [("ACT-01", 1), ("ACT-02", 1)]
    subir(gore, LISTA, catastro(UNA))
    assert "No se aplicó nada" in gore.mandar(url, pares, 409).texto, "subió otro: el primero ya no espera"


def test_con_errores_no_ofrece_entregar(gore, almacen):  # noqa: F811
    subir(gore, LISTA, catastro(UNA, "ACT-01;;sin-arroba;x"), 422)
    malas = {n.get("id") for n in gore.pagina.todos("td") if "mal" in n.get("class")}
    assert {"catastro-actores-B3", "catastro-actores-C3"} <= malas
    aplicar(gore)
    assert gore.url.startswith(f"{LISTA}?aplicado") and "errores" in gore.pagina.texto
    pares = [("csrf_token", gore.ficha()), ("base", "")]
    gore.mandar(f"{LISTA}entregar/", pares, 409)
    assert vigente(almacen) is None


@pytest.mark.parametrize("accion", ["revisar", "", "cargar"])
def test_subir_solo_compara(gore, almacen, accion):  # noqa: F811
    gore.abrir(f"{LISTA}subir/")
    gore.subir({"archivo": (catastro(UNA), "mío.csv")}, accion=accion)
    assert vigente(almacen) is None and leer_matriz(almacen, Matriz(CATASTRO, "06", 2027)) == []
    marcado = gore.publicar_archivos({"archivo": (catastro(UNA), "mío.csv")}, accion="marcado")
    assert marcado.data[:2] == b"PK"


def test_sin_archivo_o_sin_filas(gore):  # noqa: F811
    for datos, nombre, estado in ((b"", "", 400), (b"\x00\x01PK", "mío.csv", 422), (catastro(), "mío.csv", 422)):
        assert "Aplicar al borrador" not in subir(gore, LISTA, datos, estado, nombre).texto


def test_sirve_un_xlsx(gore, almacen):  # noqa: F811
    libro, datos = openpyxl.Workbook(), io.BytesIO()
    for linea in catastro(UNA, OTRA).decode().splitlines():
        libro.active.append(linea.split(";"))
    libro.save(datos)
    entregar_archivo(gore, LISTA, datos.getvalue(), "mío.xlsx")
    assert vigente(almacen).filas == {CATASTRO.nombre: 2}


def test_sobre_lo_entregado_se_sube_sin_empezar_antes_un_borrador(gore, almacen):  # noqa: F811
    entregar(almacen, CATALOGO, CATASTRO)
    subir(gore, LISTA, catastro(UNA))
    assert "quedó como su archivo" in aplicar(gore).texto
    assert [f.datos["codigo"] for f in leer_matriz(almacen, Matriz(CATASTRO, "06", 2027))] == ["ACT-01"]


def test_se_revisa_contra_lo_de_la_region(gore):  # noqa: F811
    citada, que_cita = (f"{REGION}/matrices/{n}/" for n in ("potencialidades-problematicas", "desafios-oportunidades-objetivos"))
    datos = {m: ejemplo_csv(CATALOGO.esquemas[m.split("/")[-2]]) for m in (citada, que_cita)}
    falta = f"falta «{CATALOGO.esquemas['potencialidades-problematicas'].nombre_completo}»"
    assert falta in subir(gore, que_cita, datos[que_cita]).texto, "la citada todavía no está: se avisa"
    subir(gore, citada, datos[citada])
    aplicar(gore)
    assert falta not in subir(gore, que_cita, datos[que_cita]).texto
    aplicar(gore)
    assert "Falta entregarlo" in gore.pagina.texto and gore.url.startswith(f"{REGION}/expediente/preliminar/")


@pytest.mark.parametrize("formato", [n for n in REGIONALES if "gore_firmante" in CATALOGO.esquemas[n].escriben])
def test_quien_guardo_la_direccion_de_antes_llega_al_camino_de_hoy(gore, formato):  # noqa: F811
    assert CATALOGO.esquemas[formato].titulo in gore.abrir(f"{REGION}/cargar/{formato}/").texto
    assert gore.url == f"{REGION}/matrices/{formato}/subir/"


@pytest.mark.parametrize(
    "ruta",
    [
        f"{REGION}/cargar/actor-clave/",  # encuesta
        f"{REGION}/cargar/nada/",
        "/formularios/regiones/99/2027/cargar/catastro-actores/",
        f"/formularios/regiones/06/{10**30}/cargar/catastro-actores/",
        "/formularios/regiones/06/1999/",
    ],
)
def test_lo_que_no_existe_es_404(app, ruta):  # noqa: F811
    entrar(app, "central@ejemplo.cl").abrir(ruta, 404)


def test_otra_region_no_sube_ni_el_nivel_central_por_ella(app, almacen):  # noqa: F811
    otra = entrar(app, "gore05@ejemplo.cl")
    for ruta in (f"{REGION}/cargar/catastro-actores/", f"{LISTA}subir/"):
        otra.abrir(ruta, 403)
    entrar(app, "central@ejemplo.cl").abrir(f"{LISTA}subir/", 403)
    assert not vigente(almacen)
    nadie = Navegador(app)
    nadie.abrir(f"{REGION}/cargar/catastro-actores/")
    assert nadie.url.endswith("/entrar")
