"""Las columnas que una región agrega a una matriz: de la web a la planilla y de vuelta, y la entrega igual que sin ellas."""

import csv
import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from esquemas.coherencia import ejemplos_de
from esquemas.entrega import validar_libro
from esquemas.libro import leer_libro
from esquemas.propias import TOPE, Columna, ColumnaInvalida, copia_de, proyectar
from esquemas.validacion import Contexto
from formularios import filas as en_curso
from formularios.almacen import Almacen, migrar
from formularios.almacen_bitacora import leer_anotaciones
from formularios.expediente import leer_expediente
from formularios.exportacion import exportar_csv
from formularios.fila_en_curso import Matriz, huella_de
from formularios.filas import agregar_fila, aplicar, guardar_fila, leer_matriz, quitar_fila
from formularios.matrices import revisar
from formularios.propias import con_propias, contar_usos, declarar, heredar, leer_columnas, leer_copias, quitar
from formularios.recepcion import Recepcion, recibir, recibir_en
from formularios.recibido import es_el_vigente, vigente_de
from formularios.subida import apartar
from formularios.tramite import preparar
from tests.formularios import camino
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_filas import entregar
from tests.formularios.test_web_matrices import CATALOGO, app  # noqa: F401
from tests.servicios.exigencia import exigir
from tests.servicios.oficina import convertir, disponible

A1, A2 = "matriz-estrategica-integrada", "potencialidades-problematicas"
ESQUEMA = CATALOGO.esquemas[A2]
MATRIZ = Matriz(ESQUEMA, "06", 2027)
QUIEN = {"autor": "usuario 7", "ahora_utc": AHORA}
LUGAR = f"/formularios/regiones/06/2027/matrices/{A2}"
COLUMNAS = [("Encargado", "texto", "Un cargo."), ("Notas", "parrafo", ""), ("Visitas", "entero", "")]
COLUMNAS += [("Aporte propio", "pesos", ""), ("Próxima reunión", "fecha", ""), ("¿Con convenio?", "logico", "")]
DICEN = {"encargado": "Jefatura", "notas": "Una\ny otra", "visitas": "12", "aporte_propio": "1500000"}
DICEN = {f"propia_{n}": v for n, v in {**DICEN, "proxima_reunion": "2027-03-31", "con_convenio": "si"}.items()}


@pytest.fixture
def gore(app):  # noqa: F811
    return entrar(app)


def test_aplicar_un_archivo_con_una_columna_recien_agregada_cambia_solo_lo_que_dice(almacen):
    for i in (1, 2):
        agregar_fila(almacen, CATALOGO, MATRIZ, {"codigo": f"PRO-0{i}", "tipo": "problematica"}, **QUIEN)
    matriz = agregar_columnas(almacen)
    una, otra = leer_matriz(almacen, matriz)
    archivo = [{**dict.fromkeys(DICEN, ""), **f.datos} for f in (una, otra)]
    archivo[0]["descripcion"] = "Otra descripción."
    aplicar(almacen, CATALOGO, matriz, archivo, base=huella_de([una, otra]), **QUIEN)
    assert [f.version for f in leer_matriz(almacen, matriz)] == [2, 1]


def agregar_columnas(almacen, matriz=MATRIZ, columnas=COLUMNAS):
    for columna in columnas:
        declarar(almacen, matriz, *columna, **QUIEN)
    return con_propias(almacen, matriz.esquema, matriz.region, matriz.ejercicio)


def con_ejemplos(almacen, matriz, propias=DICEN):
    """A.1 entregada, y A.2 con las filas de sus ejemplos; solo la primera dice algo en lo propio."""
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1], matriz.region)
    for i, valores in enumerate(ejemplos_de(ESQUEMA)[A2]):
        agregar_fila(almacen, CATALOGO, matriz, {**valores, **({} if i else propias)}, **QUIEN)


def entregar_lo_escrito(almacen, matriz):
    resultado = revisar(almacen, CATALOGO, matriz, leer_matriz(almacen, matriz)).resultado
    lugar = {"region": matriz.region, "ejercicio": matriz.ejercicio, "recibido_utc": AHORA}
    return recibir(almacen, CATALOGO, resultado, Recepcion(**lugar, origen="web", autor="usuario 7")), resultado


# --- Sin web ------------------------------------------------------------------------------------------------


def test_declarar_cambiar_quitar_y_volver(almacen):
    assert leer_columnas(almacen, MATRIZ) == () and con_propias(almacen, ESQUEMA, "06", 2027).esquema is ESQUEMA
    matriz = agregar_columnas(almacen)
    assert [c.titulo for c in matriz.esquema.propias] == [c[0] for c in COLUMNAS]
    declarar(almacen, matriz, "Encargada", "texto", "", "propia_encargado", **QUIEN)
    assert leer_columnas(almacen, matriz)[0] == Columna("propia_encargado", "Encargada", "texto"), "cambia y no se mueve"
    quitar(almacen, matriz, "propia_encargado", **QUIEN)
    quitar(almacen, matriz, "propia_no_existe", **QUIEN)
    assert len(leer_columnas(almacen, matriz)) == 5 and len(leer_columnas(almacen, matriz, quitadas=True)) == 6
    declarar(almacen, matriz, "Encargado", "texto", "", "propia_de_otra", **QUIEN)
    assert leer_columnas(almacen, matriz)[0].titulo == "Encargado"
    with almacen.leer() as c:
        assert leer_anotaciones(c, "quitar columna")[0]["objeto"] == f"{A2} 06 2027 propia_encargado"
        assert len(leer_anotaciones(c, "declarar columna")) == 8
    for otra in (replace(MATRIZ, region="05"), replace(MATRIZ, ejercicio=2028), replace(MATRIZ, esquema=CATALOGO.esquemas[A1])):
        assert leer_columnas(almacen, otra) == (), "cada matriz tiene las suyas"


def test_lo_entregado_es_identico_con_columnas_propias_y_sin_ellas(almacen, tmp_path):
    migrar(f"sqlite:///{tmp_path}/otra.db")
    sin_ellas = Almacen(f"sqlite:///{tmp_path}/otra.db")
    con_ejemplos(sin_ellas, MATRIZ, {})
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    envio, resultado = entregar_lo_escrito(almacen, matriz)
    otro, _ = entregar_lo_escrito(sin_ellas, MATRIZ)
    assert envio == otro, "folio, huella, definición y todo lo demás"
    consolidados = [io.BytesIO(), io.BytesIO()]
    informes = [exportar_csv(a, CATALOGO, ESQUEMA, d) for a, d in zip((almacen, sin_ellas), consolidados, strict=True)]
    assert informes[0] == informes[1] and consolidados[0].getvalue() == consolidados[1].getvalue() != b""
    assert es_el_vigente(vigente_de(almacen, *matriz.lugar), resultado)
    sin_ellas.cerrar()
    [copia] = leer_copias(almacen, CATALOGO, matriz)
    assert copia.folio == envio.folio and copia.esquema.propias == matriz.esquema.propias
    assert copia.filas[0] == {"codigo": leer_matriz(almacen, matriz)[0].datos["codigo"], **DICEN}
    assert len(copia.filas) == len(leer_matriz(almacen, matriz)) > 1


def test_la_version_entregada_conserva_lo_suyo_aunque_despues_cambie(almacen):
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    entregar_lo_escrito(almacen, matriz)
    primera, *_ = leer_matriz(almacen, matriz)
    guardar_fila(almacen, CATALOGO, matriz, primera.id, {"causas": "Otra", "propia_encargado": "Otro"}, version=1, **QUIEN)
    declarar(almacen, matriz, "Responsable", "texto", "", "propia_encargado", **QUIEN)
    matriz = con_propias(almacen, ESQUEMA, "06", 2027)
    entregar_lo_escrito(almacen, matriz)
    nueva, vieja = leer_copias(almacen, CATALOGO, matriz)
    assert [c.filas[0]["propia_encargado"] for c in (nueva, vieja)] == ["Otro", "Jefatura"]
    assert [c.esquema.propias[0].titulo for c in (nueva, vieja)] == ["Responsable", "Encargado"]


def test_una_celda_propia_mala_no_impide_entregar_y_queda_como_se_escribio(almacen):
    con_ejemplos(almacen, matriz := agregar_columnas(almacen), {"propia_visitas": "muchas"})
    envio, resultado = entregar_lo_escrito(almacen, matriz)
    assert [p.campo for p in resultado.alertas] == ["propia_visitas"]
    assert leer_copias(almacen, CATALOGO, matriz)[0].filas[0]["propia_visitas"] == "muchas"
    assert envio.valido


def test_quien_solo_entrego_empieza_a_corregir_con_lo_propio(almacen):
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    _, resultado = entregar_lo_escrito(almacen, matriz)
    otra = replace(matriz, region="05")
    agregar_columnas(almacen, replace(MATRIZ, region="05"))
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1], "05")
    recibido = {"region": "05", "ejercicio": 2027, "recibido_utc": AHORA, "origen": "web"}
    recibir(almacen, CATALOGO, resultado, Recepcion(**recibido))  # sin borrador: un archivo
    assert leer_matriz(almacen, otra)[0].id == ""
    assert leer_matriz(almacen, otra)[0].datos["propia_notas"] == "Una\ny otra"
    abiertas = en_curso.empezar(almacen, replace(MATRIZ, region="05"), **QUIEN)
    assert abiertas[0].datos["propia_notas"] == "Una\ny otra", "aunque la abra quien no sabe de columnas propias"


def test_se_copian_del_ejercicio_anterior_con_lo_que_dicen(almacen):
    con_ejemplos(almacen, agregar_columnas(almacen))
    nueva = replace(MATRIZ, ejercicio=2028)
    declarar(almacen, nueva, "Visitas", "texto", "", **QUIEN)
    quitar(almacen, nueva, "propia_visitas", **QUIEN)
    assert heredar(almacen, nueva, 2027, **QUIEN) == 5, "la que aquí se quitó no vuelve sola"
    assert heredar(almacen, nueva, 2027, **QUIEN) == heredar(almacen, nueva, 2026, **QUIEN) == 0
    nueva = con_propias(almacen, ESQUEMA, "06", 2028)
    assert [c.titulo for c in nueva.esquema.propias] == [c[0] for c in COLUMNAS if c[0] != "Visitas"]
    en_curso.copiar(almacen, CATALOGO, nueva, 2027, **QUIEN)
    assert {n: v for n, v in leer_matriz(almacen, nueva)[0].datos.items() if n in DICEN} == DICEN
    otra = replace(MATRIZ, ejercicio=2029)
    declarar(almacen, otra, "ENCARGADO", "texto", "", **QUIEN)
    quitar(almacen, otra, "propia_encargado", **QUIEN)
    declarar(almacen, otra, "Apuntes", "texto", "", **QUIEN)
    declarar(almacen, otra, "Notas", "texto", "", "propia_apuntes", **QUIEN)  # ya hay una con ese título: esa no se copia
    assert heredar(almacen, otra, 2028, **QUIEN) == 3


def test_un_archivo_sin_las_columnas_propias_no_las_vacia(almacen):
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    actuales = leer_matriz(almacen, matriz)
    libro = leer_libro(planilla_de(almacen, MATRIZ, [dict(f.datos) for f in actuales]))
    resultado = validar_libro(CATALOGO, matriz.esquema, libro, Contexto("06", 2027))
    assert apartar(almacen, CATALOGO, matriz, resultado, nombre="x.xlsx", **QUIEN).distintas == ()


def planilla_de(almacen, matriz, filas):
    from esquemas.plantilla import escribir_plantilla

    return escribir_plantilla(matriz.esquema, CATALOGO.opciones, filas=filas, region="06", ejercicio=2027)


def test_cambiar_solo_lo_propio_no_deja_por_revisar_a_quien_cita(almacen):
    matriz = con_propias(almacen, CATALOGO.esquemas[A1], "06", 2027)
    declarar(almacen, matriz, "Encargado", "texto", "", **QUIEN)
    matriz = con_propias(almacen, CATALOGO.esquemas[A1], "06", 2027)
    citada, _ = agregar_fila(almacen, CATALOGO, matriz, {"documento": "Estrategia"}, **QUIEN)
    agregar_fila(almacen, CATALOGO, MATRIZ, {"tipo": "problematica", "origen": citada.datos["codigo"]}, **QUIEN)
    cambiada = guardar_fila(almacen, CATALOGO, matriz, citada.id, {"propia_encargado": "Uno"}, version=1, **QUIEN)
    assert leer_matriz(almacen, MATRIZ)[0].por_revisar == "" and cambiada.version == 2
    guardar_fila(almacen, CATALOGO, matriz, citada.id, {"documento": "Otra"}, version=2, **QUIEN)
    assert "cambió" in leer_matriz(almacen, MATRIZ)[0].por_revisar


def test_el_codigo_sugerido_no_se_confunde_con_lo_propio(almacen):
    matriz = agregar_columnas(almacen)
    valores = {"tipo": "potencialidad", "propia_visitas": "12", "propia_aporte_propio": "1500000"}
    fila, _ = agregar_fila(almacen, CATALOGO, matriz, valores, **QUIEN)
    assert fila.datos["codigo"].startswith("POT-")


def test_dos_personas_declaran_a_la_vez_la_misma(almacen, en_paralelo):
    def una(i):
        try:
            return declarar(almacen, MATRIZ, "Encargado", "texto", f"De {i}", autor=str(i), ahora_utc=AHORA)
        except ColumnaInvalida as falla:
            return str(falla)

    hechas = en_paralelo(una, [(i,) for i in range(4)])
    assert any(isinstance(h, Columna) for h in hechas) and len(leer_columnas(almacen, MATRIZ)) == 1


# --- Por la web ---------------------------------------------------------------------------------------------


def declarar_por_web(web: Navegador, titulo="Encargado", tipo="texto", ayuda="", estado=200):
    web.abrir(f"{LUGAR}/propias/")
    numero = next(i for i, f in enumerate(web.pagina.todos("main")[0].todos("form")) if f.todos("fieldset"))
    return web.enviar({"titulo": titulo, "tipo": tipo, "ayuda": ayuda}, "declarar", estado, numero)


def test_se_declara_se_llena_se_ve_y_queda_en_el_historial(gore, almacen):
    assert "no tiene columnas propias" in gore.abrir(f"{LUGAR}/propias/").texto
    for columna in COLUMNAS:
        assert "quedó guardada" in declarar_por_web(gore, *columna).texto
    pagina = gore.abrir(f"{LUGAR}/nueva/")
    assert "Columna propia de la región: no va en la entrega. Un cargo." in pagina.texto
    assert "Encargado (propia): Guía" in pagina.texto, "de dónde sale"
    cambios = {f"c.{n}": v for n, v in DICEN.items()}
    gore.enviar({"c.tipo": "problematica", "c.descripcion": "Los talleres venden poco.", **cambios}, "guardar")
    titulos = [n.texto for n in gore.pagina.todos("th") if n.get("scope") == "col"]
    assert titulos[-6:] == [f"{c[0]} (propia)" for c in COLUMNAS]
    [fila] = leer_matriz(almacen, MATRIZ)
    celdas = [n.texto for n in next(n for n in gore.pagina.todos("tr") if n.get("id") == f"f-{fila.id}").todos("td")]
    assert celdas[-6:] == ["Jefatura", "Una y otra", "12", "1.500.000", "31-03-2027", "Sí"]
    gore.abrir(f"{LUGAR}/{fila.id}/")
    gore.enviar({"c.propia_visitas": "pocas"}, "guardar")
    assert "alerta" in gore.pagina.texto
    aviso = gore.abrir(f"{LUGAR}/{fila.id}/")
    assert "«pocas»" in aviso.texto and "número" in aviso.texto
    assert "pocas" in gore.abrir(f"{LUGAR}/{fila.id}/historial/").texto


def test_quitar_una_con_datos_avisa_cuantas_filas_la_usan_y_conserva_todo(gore, almacen):
    matriz = agregar_columnas(almacen)
    fila, _ = agregar_fila(almacen, CATALOGO, matriz, {"tipo": "problematica", **DICEN}, **QUIEN)
    agregar_fila(almacen, CATALOGO, matriz, {"tipo": "problematica", "propia_encargado": "Otra jefatura"}, **QUIEN)
    gore.abrir(f"{LUGAR}/propias/")
    aviso = gore.enviar({}, "quitar:propia_encargado", numero=0)
    assert "«Encargado» tiene datos en 2 filas" in aviso.texto and len(leer_columnas(almacen, MATRIZ)) == 6
    gore.enviar({}, "quitar:propia_encargado", numero=0)
    assert "Se quitó la columna «Encargado»" in gore.pagina.texto and len(leer_columnas(almacen, MATRIZ)) == 5
    assert "Encargado" not in gore.abrir(f"{LUGAR}/{fila.id}/").texto
    gore.enviar({"c.causas": "Una"}, "guardar")
    historial = gore.abrir(f"{LUGAR}/{fila.id}/historial/").texto
    assert "Encargado (propia)" in historial and "Jefatura" in historial
    declarar_por_web(gore, "encargado")
    assert [n.get("value") for n in gore.abrir(f"{LUGAR}/{fila.id}/").todos("input") if n.get("id") == "c-propia_encargado"] == [
        "Jefatura"
    ]
    declarar_por_web(gore, "Sin usar")
    assert "Se quitó" in gore.enviar({}, "quitar:propia_sin_usar", numero=0).texto, "sin datos no hay nada que confirmar"
    gore.mandar(f"{LUGAR}/propias/", [("csrf_token", gore.ficha()), ("accion", "quitar:causas")], 400)
    gore.mandar(f"{LUGAR}/propias/", [("csrf_token", gore.ficha()), ("accion", "otra:propia_notas")], 400)


def test_los_errores_dicen_donde_y_nada_se_pierde(gore, almacen):
    assert "Falta el título" in declarar_por_web(gore, "", estado=422).texto
    assert "ya es una columna de este formato" in declarar_por_web(gore, "descripcion", estado=422).texto
    assert "Elija una opción" in declarar_por_web(gore, "Notas del equipo", tipo="", ayuda="Breve.", estado=422).texto
    escrito = {n.get("name"): n.get("value") for n in gore.pagina.todos("input") if n.get("type") == "text"}
    assert escrito == {"titulo": "Notas del equipo", "ayuda": "Breve."} and leer_columnas(almacen, MATRIZ) == ()
    agregar_columnas(almacen, columnas=[(f"Columna {i}", "texto", "") for i in range(TOPE - 1)])
    declarar_por_web(gore, "La última")
    assert "que es el máximo" in gore.pagina.texto and not gore.pagina.todos("fieldset")
    pares = [("csrf_token", gore.ficha()), ("accion", "declarar"), ("titulo", "Otra"), ("tipo", "texto")]
    assert "Quite una que no use" in gore.mandar(f"{LUGAR}/propias/", pares, 422).texto


def test_se_cambia_el_titulo_sin_perder_lo_que_dice(gore, almacen):
    agregar_fila(almacen, CATALOGO, agregar_columnas(almacen), {"tipo": "problematica", **DICEN}, **QUIEN)
    pagina = gore.abrir(f"{LUGAR}/propias/?cambiar=propia_encargado")
    assert "Cambiar «Encargado»" in pagina.texto
    numero = next(i for i, f in enumerate(pagina.todos("main")[0].todos("form")) if f.todos("fieldset"))
    gore.enviar({"titulo": "Cargo responsable"}, "declarar", numero=numero)
    columnas = leer_columnas(almacen, MATRIZ)
    assert (columnas[0].nombre, columnas[0].titulo, len(columnas)) == ("propia_encargado", "Cargo responsable", 6)
    assert "Agregar una columna" in gore.abrir(f"{LUGAR}/propias/?cambiar=no_existe").texto


def test_se_exportan_aparte_en_csv_y_xlsx(gore, almacen):
    for archivo in ("columnas.csv", "columnas.xlsx"):
        gore.abrir(f"{LUGAR}/propias/{archivo}", 404)
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    assert {f"{LUGAR}/propias/columnas.csv", f"{LUGAR}/propias/columnas.xlsx"} <= {
        a.get("href") for a in gore.abrir(f"{LUGAR}/").todos("a")
    }
    respuesta = gore.http.get(f"{LUGAR}/propias/columnas.csv")
    assert f"propias-{A2}-06-2027.csv" in respuesta.headers["Content-Disposition"]
    leidas = list(csv.DictReader(io.StringIO(respuesta.data.decode(), newline="")))
    assert leidas[0] == {"codigo": leer_matriz(almacen, matriz)[0].datos["codigo"], **DICEN}
    assert len(leidas) == len(leer_matriz(almacen, matriz))
    hoja = openpyxl.load_workbook(io.BytesIO(gore.http.get(f"{LUGAR}/propias/columnas.xlsx").data)).active
    assert [c.value for c in hoja[1]] == ["Código", *(c[0] for c in COLUMNAS)]
    assert [c.value for c in hoja[2]][3:5] == [12, 1_500_000] and hoja.cell(2, 6).value.year == 2027


def sellar_como_esta(almacen, matriz):
    resultado = revisar(almacen, CATALOGO, matriz, leer_matriz(almacen, matriz)).resultado
    quien = {"autor": "usuario 1", "origen": "web", "recibido_utc": AHORA}
    with almacen.escribir() as c:
        return recibir_en(c, CATALOGO, resultado, Recepcion(region="06", ejercicio=2027, **quien))


def test_al_entregar_queda_una_copia_que_se_puede_descargar(gore, almacen):
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    folio = sellar_como_esta(almacen, matriz).folio
    assert folio in gore.abrir(f"{LUGAR}/propias/").texto
    fila = leer_matriz(almacen, matriz)[0]
    guardar_fila(almacen, CATALOGO, matriz, fila.id, {"propia_encargado": "Otra"}, version=1, **QUIEN)
    entregado = gore.http.get(f"{LUGAR}/propias/columnas.csv?folio={folio}")
    assert b"Jefatura" in entregado.data and folio in entregado.headers["Content-Disposition"]
    assert b"Otra" in gore.http.get(f"{LUGAR}/propias/columnas.csv").data
    gore.abrir(f"{LUGAR}/propias/columnas.xlsx?folio=2027-05-000001-1", 404)
    resultado = revisar(almacen, CATALOGO, matriz, leer_matriz(almacen, matriz)).resultado
    assert es_el_vigente(vigente_de(almacen, A2, "06", 2027), proyectar(resultado)), "lo propio no cambia lo entregado"


def test_un_acto_prepara_las_matrices_con_lo_propio(almacen):
    con_ejemplos(almacen, agregar_columnas(almacen))
    acto = next(a for a in CATALOGO.proceso.tramitacion.actos.values() if A2 in a.entrega)
    resultado = preparar(almacen, CATALOGO, leer_expediente(almacen, CATALOGO, "06", 2027), acto).resultados[A2]
    assert copia_de(resultado)[1][0]["propia_encargado"] == "Jefatura", "es lo que se guarda al lado de la entrega"


def test_una_planilla_sin_lo_propio_lo_deja_como_estaba(gore, almacen):
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    publica = planilla_de(almacen, MATRIZ, [{**f.datos, "causas": "Otra"} for f in leer_matriz(almacen, matriz)])
    camino.subir(gore, f"{LUGAR}/", publica, nombre="pública.xlsx")
    camino.aplicar(gore)
    fila = leer_matriz(almacen, matriz)[0]
    assert (fila.datos["causas"], fila.datos["propia_encargado"]) == ("Otra", "Jefatura")


def test_subir_un_archivo_compara_y_aplica_tambien_lo_propio(gore, almacen):
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    filas = [dict(f.datos) for f in leer_matriz(almacen, matriz)]
    filas[0] |= {"propia_encargado": "Otro cargo", "propia_visitas": "varias"}
    gore.abrir(f"{LUGAR}/subir/")
    gore.subir({"archivo": (planilla_de(almacen, matriz, filas), "mía.xlsx")}, accion="revisar")
    texto = gore.pagina.texto
    assert "Cambia: 1" in texto and "Encargado (propia)" in texto and "Otro cargo" in texto and "varias" in texto
    formulario = next(f for f in gore.pagina.todos("form") if f.get("action").endswith("/aplicar/"))
    gore.mandar(formulario.get("action"), gore.campos(formulario))
    primera = leer_matriz(almacen, matriz)[0].datos
    assert (primera["propia_encargado"], primera["propia_visitas"]) == ("Otro cargo", "varias")


def test_una_columna_ajena_del_archivo_se_puede_agregar_como_propia(gore, almacen):
    con_ejemplos(almacen, MATRIZ, {})
    datos = "codigo;tipo;descripcion;origen;atingente;Cargo de enlace\r\nPRO-01;problematica;Venden poco.;DOC-01;no;Jefatura"
    gore.abrir(f"{LUGAR}/subir/")
    gore.subir({"archivo": (datos.encode(), "mía.csv")}, accion="revisar")
    enlace = next(a.get("href") for a in gore.pagina.todos("a") if a.texto == "Cargo de enlace")
    pagina = gore.abrir(enlace.partition("#")[0])
    numero = next(i for i, f in enumerate(pagina.todos("main")[0].todos("form")) if f.todos("fieldset"))
    gore.enviar({"tipo": "texto"}, "declarar", numero=numero)
    gore.abrir(f"{LUGAR}/subir/")
    gore.subir({"archivo": (datos.encode(), "mía.csv")}, accion="revisar")
    assert "no es de este formato" not in gore.pagina.texto
    formulario = next(f for f in gore.pagina.todos("form") if f.get("action").endswith("/aplicar/"))
    gore.mandar(formulario.get("action"), gore.campos(formulario))
    assert leer_matriz(almacen, MATRIZ)[0].datos["propia_cargo_de_enlace"] == "Jefatura"


def test_copiar_del_ejercicio_anterior_trae_las_columnas(gore, almacen):
    con_ejemplos(almacen, agregar_columnas(almacen))
    nueva = f"/formularios/regiones/06/2028/matrices/{A2}/"
    pagina = gore.abrir(f"{nueva}propias/")
    assert "En 2027 la región agregó: Encargado, Notas" in pagina.texto
    gore.abrir(nueva)
    gore.enviar()
    assert "Encargado (propia)" in gore.pagina.texto and "Jefatura" in gore.pagina.texto
    assert "2027 la región agregó" not in gore.abrir(f"{nueva}propias/").texto
    otra = f"/formularios/regiones/06/2029/matrices/{A2}/propias/"
    gore.abrir(otra)
    gore.enviar({}, "heredar", numero=0)
    assert "Se copiaron las columnas de 2028" in gore.pagina.texto
    repetido = gore.mandar(otra, [("csrf_token", gore.ficha()), ("accion", "heredar")])
    assert "No había ninguna que copiar" in repetido.texto


def test_lo_propio_de_una_region_no_lo_ve_otra(app, gore, almacen):  # noqa: F811
    agregar_columnas(almacen)
    vecina = entrar(app, "gore05@ejemplo.cl")
    for ruta in ("", "columnas.csv", "columnas.xlsx"):
        vecina.abrir(f"{LUGAR}/propias/{ruta}", 403)
    vecina.abrir(f"/formularios/regiones/05/2027/matrices/{A2}/nueva/")
    assert "Encargado" not in vecina.pagina.texto
    publica = gore.abrir(f"/formularios/validar/{A2}/")
    assert "Encargado" not in publica.texto


def test_la_planilla_con_columnas_propias_va_y_vuelve_por_libreoffice(gore, almacen, tmp_path):
    exigir(disponible())
    con_ejemplos(almacen, matriz := agregar_columnas(almacen))
    bajada = tmp_path / "planilla.xlsx"
    bajada.write_bytes(gore.http.get(f"{LUGAR}/planilla.xlsx").data)
    for formato in ("xlsx", "ods"):
        vuelta = convertir(bajada, formato, Path(tmp_path / formato))
        resultado = validar_libro(CATALOGO, matriz.esquema, leer_libro(vuelta.read_bytes()), Contexto("06", 2027))
        assert [dict(f.datos) for f in leer_matriz(almacen, matriz)] == resultado.como_dict(A2), formato
        assert apartar(almacen, CATALOGO, matriz, resultado, nombre="x", **QUIEN).distintas == (), formato
    hoja = openpyxl.load_workbook(tmp_path / "xlsx" / "planilla.xlsx")["Datos"]
    assert [c.value for c in hoja[1]][-6:] == [f"{c[0]} (propia)" for c in COLUMNAS]
    lista = [v for v in hoja.data_validations.dataValidation if v.type == "list" and "si" in v.formula1]
    assert lista, "las listas de sí o no siguen"


def test_contar_usos_no_cuenta_lo_vacio(almacen):
    matriz = agregar_columnas(almacen)
    agregar_fila(almacen, CATALOGO, matriz, {"tipo": "problematica", "propia_visitas": "1"}, **QUIEN)
    usos = contar_usos(leer_matriz(almacen, matriz), leer_columnas(almacen, matriz))
    assert (usos["propia_visitas"], usos["propia_encargado"]) == (1, 0)


def test_aplicar_un_archivo_no_borra_lo_que_decia_una_columna_quitada(almacen):
    matriz = agregar_columnas(almacen)
    agregar_fila(almacen, CATALOGO, matriz, {"tipo": "problematica", **DICEN}, **QUIEN)
    quitar(almacen, matriz, "propia_encargado", **QUIEN)
    matriz = con_propias(almacen, ESQUEMA, "06", 2027)
    actuales = leer_matriz(almacen, matriz)
    nuevas = [{n: f.datos.get(n, "") for n in matriz.esquema.principal.nombres} | {"causas": "Otra"} for f in actuales]
    momento = {"autor": "usuario 7", "ahora_utc": AHORA + timedelta(minutes=1)}
    aplicar(almacen, CATALOGO, matriz, nuevas, base=en_curso.huella_de(actuales), **momento)
    assert leer_matriz(almacen, matriz)[0].datos["propia_encargado"] == "Jefatura"


def test_lo_quitado_que_vuelve_en_un_archivo_sin_esa_columna_no_la_pierde(almacen):
    matriz = agregar_columnas(almacen)
    fila, _ = agregar_fila(almacen, CATALOGO, matriz, {"tipo": "problematica", **DICEN}, **QUIEN)
    quitar_fila(almacen, CATALOGO, matriz, fila.id, version=1, **QUIEN)
    nueva = {n: fila.datos.get(n, "") for n in ESQUEMA.principal.nombres} | {"causas": "Otra", "propia_encargado": ""}
    aplicar(almacen, CATALOGO, matriz, [nueva], base="", **QUIEN)
    [vuelta] = leer_matriz(almacen, matriz)
    assert (vuelta.id, vuelta.datos["causas"], vuelta.datos["propia_encargado"]) == (fila.id, "Otra", "Jefatura")
