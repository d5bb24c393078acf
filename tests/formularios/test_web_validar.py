"""Probar un archivo: los problemas en las propias filas, nada guardado y todo rechazo con su arreglo."""

import base64
import io
from pathlib import Path

import openpyxl
import pytest

from esquemas.catalogo import cargar
from esquemas.errores import Gravedad, Problema
from esquemas.libro import Libro
from esquemas.plantilla import escribir_plantilla
from esquemas.publicacion import ejemplo_csv
from esquemas.validacion import Resultado
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.resumen import resumir
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

CATALOGO = cargar()
MATRIZ = "potencialidades-problematicas"
ENCABEZADO = "codigo;tipo;descripcion;origen;atingente;justificacion;causas;efectos"


class Intocable:
    """Un almacén que no se puede ni abrir: validar no lo necesita."""

    def __getattr__(self, nombre):
        raise AssertionError(f"validar tocó la base: {nombre}")


@pytest.fixture
def web():
    configuracion = Configuracion(clave="c" * 40, sitio=Path("no-existe"))
    return Navegador(crear_app(configuracion, CATALOGO, Intocable(), lambda: AHORA))


def subir(web, formato, datos, estado, nombre="mía.csv", **otros):
    web.abrir(f"/formularios/validar/{formato}/")
    web.subir({"archivo": (datos, nombre), **otros}, estado)


def ejemplo(formato):
    return ejemplo_csv(CATALOGO.esquemas[formato])


@pytest.mark.parametrize("formato", [e.nombre for e in CATALOGO.formatos])
def test_el_ejemplo_de_cada_formato_pasa(web, formato):
    subir(web, formato, ejemplo(formato), 200)
    assert "Sin errores" in web.pagina.texto and "No se guardó nada" in web.pagina.texto


def con_problemas():
    lineas = ejemplo(MATRIZ).decode().splitlines()
    titulos = lineas[0].split(",")
    vacia = [""] * len(titulos)
    mala = list(vacia)
    mala[titulos.index("codigo")] = "Ñandú 1"
    mala[titulos.index("tipo")] = "cualquiera"
    return "\r\n".join([lineas[0], lineas[1], ",".join(vacia), ",".join(mala)]).encode()


def test_los_problemas_van_en_la_celda_con_el_numero_de_la_persona(web):
    subir(web, MATRIZ, con_problemas(), 422)
    principal = web.pagina.todos("main")[0]
    assert "Complete" in principal.texto and "Elija de la lista 1 valor" in principal.texto
    malas = {n.get("id"): n for n in principal.todos("td") if "mal" in n.get("class")}
    assert f"{MATRIZ}-A4" in malas and "Ñandú 1" in malas[f"{MATRIZ}-A4"].texto
    assert "A4:" in malas[f"{MATRIZ}-A4"].texto
    enlaces = {n.get("href") for n in principal.todos("a")}
    assert f"#{MATRIZ}-A4" in enlaces
    filas = [n.texto.split()[0] for n in principal.todos("th") if n.get("scope") == "row"]
    assert filas == ["4"]
    assert "mía.csv" in principal.texto and "Suba su archivo otra vez" in principal.texto


def test_primero_las_columnas(web):
    subir(web, MATRIZ, b"codigo;inventada\r\nP-1;x\r\n", 422)
    texto = web.pagina.todos("main")[0].texto
    assert "Corrija primero las columnas" in texto and "Sobre las columnas" in texto
    assert not [n for n in web.pagina.todos("td") if "mal" in n.get("class")]


def test_las_columnas_que_faltan_se_nombran_en_el_resumen(web):
    subir(web, MATRIZ, "código;causas;efectos\r\nPRO-01;Pocas;Muchos\r\n".encode(), 422)
    faltan = "«Tipo», «Descripción», «Origen en la matriz A.1», «Atingente a Sercotec»"
    assert f"Agregue 4 columnas: {faltan}." in web.pagina.texto and "fila 1" not in web.pagina.texto


def test_se_dice_que_hoja_del_libro_se_leyo(web):
    libro = openpyxl.load_workbook(io.BytesIO(escribir_plantilla(CATALOGO.esquemas[MATRIZ], CATALOGO.opciones)))
    libro["Datos"].append(["PRO-01"])
    libro["Datos"].title = "Matriz 2027"
    libro.save(salida := io.BytesIO())
    subir(web, MATRIZ, salida.getvalue(), 422, nombre="mía.xlsx")
    assert "Se leyó la hoja «Matriz 2027» de su archivo." in web.pagina.texto
    subir(web, MATRIZ, ejemplo(MATRIZ), 200)
    assert "Se leyó la hoja" not in web.pagina.texto, "un CSV no tiene hojas"


def test_la_planilla_de_otro_formato_lleva_a_su_validador(web):
    subir(web, MATRIZ, escribir_plantilla(CATALOGO.esquemas["focalizacion"], CATALOGO.opciones), 422, nombre="b2.xlsx")
    principal = web.pagina.todos("main")[0]
    assert "/formularios/validar/focalizacion/" in {n.get("href") for n in principal.todos("a")}
    assert "Corrija primero las columnas" not in principal.texto


def test_el_resumen_dice_que_mirar_y_cada_alerta_lo_suyo():
    esquema = CATALOGO.esquemas["focalizacion"]

    def p(gravedad, codigo, campo, mensaje, valor="x"):
        return Problema(Gravedad(gravedad), codigo, mensaje, esquema.nombre, "Datos", "B2", 2, 0, campo, valor)

    campos = {tipo: next(c.nombre for c in esquema.campos if c.tipo == tipo) for tipo in ("pesos", "parrafo")}
    problemas = (
        p("error", "una-regla", campos["pesos"], "No suma."), p("error", "otra-regla", campos["pesos"], "Pasa el tope."),
        p("error", "exige-x", campos["parrafo"], "Falta.", ""), p("error", "exige-y", campos["parrafo"], "Sobra."),
        p("alerta", "una", campos["pesos"], "Uno."), p("alerta", "una", campos["pesos"], "Dos."),
    )  # fmt: skip
    resumen = resumir(esquema, Libro(), Resultado(esquema, {}, problemas, 1))
    textos = [t.texto for t in resumen.tareas]
    assert textos[:2] == ["Revise 2 números", "Complete 1 celda vacía"] and "Corrija 1 dato en «" in textos[2]
    assert [t.problemas[0].mensaje for t in resumen.alertas] == ["Uno.", "Dos."]


def test_las_alertas_van_aparte(web):
    subir(web, "focalizacion", ejemplo("focalizacion"), 200)
    assert "Alertas: no impiden entregar" in web.pagina.texto


def test_con_la_matriz_referida_se_revisan_las_citas(web):
    citada = ejemplo("matriz-estrategica-integrada")
    subir(web, MATRIZ, ejemplo(MATRIZ), 200, **{"con-matriz-estrategica-integrada": (citada, "a1.csv")})
    assert "No se revisaron" not in web.pagina.texto
    sin_fila = citada.splitlines()[0] + b"\r\n" + citada.splitlines()[1].replace(b"DOC", b"OTRO", 1) + b"\r\n"
    subir(web, MATRIZ, ejemplo(MATRIZ), 422, **{"con-matriz-estrategica-integrada": (sin_fila, "a1.csv")})
    subir(web, MATRIZ, ejemplo(MATRIZ), 422, **{"con-matriz-estrategica-integrada": (b"%PDF-1.4", "a1.pdf")})
    assert "PDF" in web.pagina.texto
    invalidos = [n.get("id") for n in web.pagina.todos("input") if n.get("aria-invalid")]
    assert invalidos == ["con-matriz-estrategica-integrada"]


@pytest.mark.parametrize(
    ("datos", "dice"),
    [
        (b"", "vac"),
        (b"%PDF-1.7 ...", "PDF"),
        (b"PK\x03\x04basura", "dañad"),
        (b"\xd0\xcf\x11\xe0antiguo", "xls"),
        (b"<html><table>", "página web"),
        (b"\n\n\n", "contenido"),
    ],
)
def test_un_archivo_ilegible_dice_como_se_arregla(web, datos, dice):
    subir(web, MATRIZ, datos, 422)
    aviso = next(n for n in web.pagina.recorrer() if n.get("role") == "alert").texto
    assert dice in aviso and "No se guardó nada" in aviso
    assert [n.get("id") for n in web.pagina.todos("input") if n.get("aria-invalid")] == ["archivo"]


def test_sin_archivo_lo_pide(web):
    web.abrir(f"/formularios/validar/{MATRIZ}/")
    web.subir({}, 400)
    assert "No eligió ningún archivo" in web.pagina.texto


def test_un_archivo_enorme_es_un_413(web):
    web.abrir(f"/formularios/validar/{MATRIZ}/")
    web.subir({"archivo": (b"x" * 11_000_000, "grande.csv")}, 413)
    assert "5 MB" in web.pagina.texto
    web.abrir(f"/formularios/validar/{MATRIZ}/")
    web.subir({"archivo": (b"x" * 5_500_000, "grande.csv")}, 422)
    assert "máximo" in web.pagina.texto


def test_el_libro_marcado_viene_en_la_respuesta_y_tambien_por_su_boton(web):
    subir(web, MATRIZ, con_problemas(), 422)
    enlace = next(n for n in web.pagina.todos("a") if n.get("href").startswith("data:"))
    assert enlace.get("download").endswith("-marcado.xlsx")
    de_la_pagina = base64.b64decode(enlace.get("href").split("base64,")[1])
    bajado = web.publicar_archivos({"archivo": (con_problemas(), "mía.csv")}, accion="marcado")
    assert bajado.status_code == 200 and "marcado.xlsx" in bajado.headers["Content-Disposition"]
    assert bajado.data == de_la_pagina
    libro = openpyxl.load_workbook(io.BytesIO(bajado.data))
    assert libro.sheetnames[0] == "Problemas"
    assert libro.worksheets[1]["A4"].comment is not None


def test_siempre_se_dice_una_vez_que_el_marcado_es_una_copia(web):
    """Pierde notas, filtros y protección aunque no haya fórmulas: se dice junto a donde se descarga."""
    dicho = "El archivo marcado es una copia: conserve su original."
    assert web.abrir(f"/formularios/validar/{MATRIZ}/").texto.count(dicho) == 1
    subir(web, MATRIZ, con_problemas(), 422)
    enlace = next(n for n in web.pagina.todos("a") if n.get("href").startswith("data:"))
    assert web.pagina.texto.count(dicho) == 1 and f"{enlace.texto} {dicho}" in web.pagina.texto


def test_lo_que_escribe_la_persona_no_se_ejecuta(web):
    titulos = ejemplo(MATRIZ).splitlines()[0]
    fila = b"<img src=x onerror=alert(1)>" + b"," * titulos.count(b",")
    subir(web, MATRIZ, titulos + b"\r\n" + fila + b"\r\n", 422, nombre="<b>.csv")
    assert not web.pagina.todos("main")[0].todos("img", "b")


def test_una_encuesta_se_valida_como_libro(web):
    web.abrir("/formularios/validar/actor-clave/")
    web.abrir("/formularios/validar/no-existe/", 404)


def test_un_formato_nuevo_se_valida_sin_tocar_codigo(web):
    portada = web.abrir("/formularios/")
    enlaces = {n.get("href") for n in portada.todos("a")}
    for formato in CATALOGO.formatos:
        assert f"/formularios/validar/{formato.nombre}/" in enlaces
    for encuesta in CATALOGO.encuestas:
        assert f"/formularios/encuestas/{encuesta.nombre}/" in enlaces
