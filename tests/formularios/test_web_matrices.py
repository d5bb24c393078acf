"""La matriz de la región por la web, sin JavaScript: escribirla, corregirla entre varios y saber qué pasó."""

from pathlib import Path

import pytest

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.entrega import validar_libro
from esquemas.libro import leer_libro
from esquemas.publicacion import ejemplo_csv
from esquemas.validacion import Contexto
from formularios.accesos import guardar_usuario
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, guardar_fila, leer_matriz
from formularios.recibido import vigente_de
from tests.formularios.camino import aplicar, de_aplicar, entregar_archivo
from tests.formularios.camino import subir as subir_en
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_filas import entregar

CATALOGO = cargar()
A1, A2, B1 = "matriz-estrategica-integrada", "potencialidades-problematicas", "desafios-oportunidades-objetivos"
LISTA = "catastro-actores"  # se entrega sola: no va con un acto del expediente
LUGAR = "/formularios/regiones/06/2027/matrices"
REGIONALES = [e.nombre for e in CATALOGO.formatos if e.ambito != "nacional"]
# C.1 se escribe solo cuando un acto la enviaría: de eso se encarga `test_observaciones`.
DESDE_EL_PRIMER_DIA = [n for n in REGIONALES if n != CATALOGO.proceso.tramitacion.observaciones]
ESCRITORES = {"sercotec": "central@ejemplo.cl", "direccion_regional": "direccion@ejemplo.cl"}
UNA = {"c.tipo": "problematica", "c.descripcion": "Los talleres venden solo en el verano.", "c.atingente": "si"}


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


def agregar(web: Navegador, formato: str = A2, boton: str = "guardar", **valores):
    web.abrir(f"{LUGAR}/{formato}/nueva/")
    return web.enviar({f"c.{n}": v for n, v in valores.items()} or UNA, boton)


def filas(almacen, formato=A2):
    return leer_matriz(almacen, Matriz(CATALOGO.esquemas[formato], "06", 2027))


@pytest.mark.parametrize("formato", DESDE_EL_PRIMER_DIA)
def test_toda_matriz_de_la_region_se_ve_y_se_llena_desde_el_primer_dia(app, almacen, formato):
    gore = entrar(app, ESCRITORES[CATALOGO.esquemas[formato].escriben[-1]])
    region = "/formularios/regiones/06/2027/"
    assert f"{LUGAR}/{formato}/" in {a.get("href") for a in gore.abrir(region).todos("a")}
    assert "Nadie ha empezado" in gore.abrir(f"{LUGAR}/{formato}/").texto
    gore.abrir(f"{LUGAR}/{formato}/nueva/")
    escritos = gore.formulario().todos("textarea", "input")
    primero = next(n for n in escritos if n.get("name").startswith("c.") and n.get("type", "text") == "text")
    gore.enviar({primero.get("name"): "Algo"}, "guardar")
    assert len(filas(almacen, formato)) == 1 and "1 fila" in gore.pagina.texto
    assert "Historial" in gore.abrir(f"{LUGAR}/{formato}/{filas(almacen, formato)[0].id}/").texto


def test_una_fila_incompleta_se_guarda_y_dice_que_falta(gore, almacen):
    pagina = agregar(gore)
    [fila] = filas(almacen)
    avisos = [a for a in pagina.todos("div") if "quedó guardada" in a.texto]
    assert "PRO-01" in pagina.texto and ", con un error: corregirla" in avisos[-1].texto
    assert f"{LUGAR}/{A2}/{fila.id}/" in {a.get("href") for a in avisos[-1].todos("a")}
    dicho = gore.abrir(f"{LUGAR}/{A2}/{fila.id}/").texto
    assert "Falta corregir" in dicho and "Origen en la matriz A.1" in dicho
    otra = agregar(gore, boton="otra")
    assert "La fila PRO-02 quedó guardada, con un error: corregirla" in otra.texto


def test_al_cambiar_de_tipo_se_dice_lo_que_se_borro(gore, almacen):
    agregar(gore)
    [fila] = filas(almacen)
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    assert "se borró" not in gore.enviar({"c.causas": "Falta de bodegas"}, "guardar").texto
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    assert "se borró" not in gore.enviar({"c.causas": ""}, "guardar").texto, "se vació, pero se sigue preguntando"
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    gore.enviar({"c.causas": "Falta de bodegas"}, "guardar")
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    url, pares = gore.llenar({"c.tipo": "potencialidad"}, "guardar")
    dicho = gore.mandar(url, [(n, v) for n, v in pares if n != "c.causas"])  # el navegador no manda lo que dejó de verse
    assert "ya no se pregunta, y se borró: Causas. Lo que decía está en" in dicho.texto
    assert f"{LUGAR}/{A2}/{fila.id}/historial/" in {a.get("href") for a in dicho.todos("a")}


def test_las_referencias_se_eligen_de_la_otra_matriz_como_esta_ahora(gore, almacen):
    agregar(gore, A1, documento="Estrategia de ejemplo")
    [doc] = filas(almacen, A1)
    codigo = doc.datos["codigo"]
    pagina = gore.abrir(f"{LUGAR}/{A2}/nueva/")
    assert codigo in {n.get("value") for n in pagina.todos("input") if n.get("name") == "c.origen"}
    gore.enviar({**UNA, "c.origen": codigo}, "guardar")
    solo_alertas = gore.abrir(f"{LUGAR}/{A2}/{filas(almacen)[0].id}/").texto
    assert "Para mirar otra vez" in solo_alertas and "Son alertas: no impiden entregar la matriz." in solo_alertas
    assert filas(almacen)[0].datos["origen"] == codigo
    # Si esa fila se quita, lo que la cita queda por revisar y el código perdido sigue a la vista para quitarlo.
    gore.abrir(f"{LUGAR}/{A1}/{doc.id}/")
    formulario = gore.formulario()
    dicho = gore.mandar(f"{LUGAR}/{A1}/{doc.id}/quitar/", gore.campos(formulario)).texto
    assert "La cita PRO-01 de A.2: sin ella, hay que corregir esa cita." in dicho
    assert "Por revisar" in gore.abrir(f"{LUGAR}/{A2}/").texto
    dicho = gore.abrir(f"{LUGAR}/{A2}/{filas(almacen)[0].id}/").texto
    assert f"La fila «{codigo}»" in dicho and "fue quitada" in dicho


def test_lo_elegido_en_otro_orden_no_se_muestra_como_distinto(gore, almacen):
    a2, quien = Matriz(CATALOGO.esquemas[A2], "06", 2027), {"autor": "usuario 2", "ahora_utc": AHORA}
    for documento in ("Estrategia de ejemplo", "Otra estrategia de ejemplo"):
        agregar(gore, A1, documento=documento)
    uno, otro = (f.datos["codigo"] for f in filas(almacen, A1))
    fila, _ = agregar_fila(almacen, CATALOGO, a2, {"tipo": "problematica", "origen": f"{otro};{uno}"}, **quien)
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    guardar_fila(almacen, CATALOGO, a2, fila.id, {"causas": "Falta de bodegas"}, version=1, **quien)
    choque = gore.enviar({"c.causas": "Falta de canales"}, "guardar", estado=409)
    assert [r.todos("th")[0].texto for r in choque.todos("tr")[1:]] == ["Causas"] and "se conserva" not in choque.texto


def abierta_por_dos(app, gore, almacen):
    """Una fila nueva que la firmante y la editora tienen a la vista: (la fila, la editora)."""
    agregar(gore)
    [fila] = filas(almacen)
    otro = entrar(app, "editora@ejemplo.cl")
    for web in (gore, otro):
        web.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    return fila, otro


def test_si_dos_guardan_la_misma_fila_el_segundo_ve_ambas_y_elige(app, gore, almacen):
    fila, otro = abierta_por_dos(app, gore, almacen)
    otro.enviar({"c.causas": "Falta de bodegas"}, "guardar")
    choque = gore.enviar({"c.causas": "Falta de canales"}, "guardar", estado=409)
    assert "editora@ejemplo.cl guardó esta fila antes que usted" in choque.texto
    assert "Falta de bodegas" in choque.texto and "Falta de canales" in choque.texto
    assert filas(almacen)[0].datos["causas"] == "Falta de bodegas", "nada se pisa sin decidirlo"
    gore.enviar({}, "guardar")
    assert filas(almacen)[0].datos["causas"] == "Falta de canales"
    historial = gore.abrir(f"{LUGAR}/{A2}/{fila.id}/historial/").texto
    assert historial.index("Versión 3") < historial.index("Versión 2") < historial.index("Versión 1")
    primera = historial.partition("Versión 1")[2]
    assert "Qué se escribió" in primera and "Vacío" not in primera, "al agregar no hay un «antes» que mostrar"


def test_en_el_choque_lo_que_el_segundo_no_toco_queda_como_lo_dejo_el_primero(app, gore, almacen):
    fila, otro = abierta_por_dos(app, gore, almacen)
    otro.enviar({"c.causas": "Falta de bodegas"}, "guardar")
    choque = gore.enviar({"c.descripcion": "Venden todo el año."}, "guardar", estado=409)
    assert [r.todos("th")[0].texto for r in choque.todos("tr")[1:]] == ["Descripción"]
    assert "También cambió, y se conserva: Causas." in choque.texto
    gore.enviar({}, "guardar")
    assert [filas(almacen)[0].datos[n] for n in ("causas", "descripcion")] == ["Falta de bodegas", "Venden todo el año."]
    otro.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    otro.enviar({"c.causas": "Falta de frío"}, "guardar")
    assert "quedó guardada" in gore.enviar({}, "guardar").texto, "no tocó nada: no hay qué elegir"
    assert filas(almacen)[0].datos["causas"] == "Falta de frío"


def test_apretar_dos_veces_guardar_no_es_un_choque(gore, almacen):
    agregar(gore)
    [fila] = filas(almacen)
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    envio = gore.llenar({"c.causas": "Falta de bodegas"}, "guardar")
    for _ in range(2):
        assert "quedó guardada" in gore.mandar(*envio).texto
    assert filas(almacen)[0].version == 2


def test_un_parrafo_que_vino_de_un_archivo_no_cambia_por_guardarlo(gore, almacen):
    a2, quien = Matriz(CATALOGO.esquemas[A2], "06", 2027), {"autor": "usuario 2", "ahora_utc": AHORA}
    fila, _ = agregar_fila(almacen, CATALOGO, a2, {"tipo": "problematica", "causas": "Una.\nOtra."}, **quien)
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    gore.enviar({}, "guardar")
    assert filas(almacen)[0].version == 1
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    guardar_fila(almacen, CATALOGO, a2, fila.id, {"causas": "Otra cosa.\nY otra."}, version=1, **quien)
    choque = gore.enviar({"c.descripcion": "Venden todo el año."}, "guardar", estado=409)
    assert [r.todos("th")[0].texto for r in choque.todos("tr")[1:]] == ["Descripción"]
    gore.enviar({}, "guardar")
    assert filas(almacen)[0].datos["causas"] == "Otra cosa.\nY otra."


def test_una_opcion_mal_escrita_se_ve_y_no_se_pierde_sin_querer(gore, almacen):
    a2, quien = Matriz(CATALOGO.esquemas[A2], "06", 2027), {"autor": "usuario 2", "ahora_utc": AHORA}
    fila, _ = agregar_fila(almacen, CATALOGO, a2, {"tipo": "Problema", "atingente": "quizás"}, **quien)
    dicho = gore.abrir(f"{LUGAR}/{A2}/{fila.id}/").texto
    assert "Problema: no está en la lista" in dicho and "quizás: no está en la lista" in dicho
    gore.enviar({}, "guardar")
    assert filas(almacen)[0].version == 1, "no se tocó nada"
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    guardar_fila(almacen, CATALOGO, a2, fila.id, {"tipo": "problematica", "causas": "De otra persona"}, version=1, **quien)
    choque = gore.enviar({"c.descripcion": "Venden todo el año."}, "guardar", estado=409)
    assert "También cambió, y se conserva: Tipo, Causas." in choque.texto
    gore.enviar({}, "guardar")
    quedo = [filas(almacen)[0].datos[n] for n in ("tipo", "causas", "descripcion", "atingente")]
    assert quedo == ["problematica", "De otra persona", "Venden todo el año.", "quizás"]


def test_lo_que_no_esta_en_una_lista_larga_se_ve_con_su_nombre(gore, almacen):
    foc = Matriz(CATALOGO.esquemas["focalizacion"], "06", 2027)
    escrito = {"comunas": "06101;13101", "instrumento": "semilla;crece"}
    fila, _ = agregar_fila(almacen, CATALOGO, foc, escrito, autor="usuario 2", ahora_utc=AHORA)
    pagina = gore.abrir(f"{LUGAR}/focalizacion/{fila.id}/")
    marcadas = [n.get("value") for n in pagina.todos("input") if n.get("name") == "c.comunas" and "checked" in n.atributos]
    assert marcadas == ["06101", "13101"] and "Santiago: no está en la lista" in pagina.texto
    assert "No están en la lista" in pagina.texto and "None" not in pagina.texto
    assert "semilla;crece: no está en la lista" in pagina.texto
    gore.enviar({}, "guardar")
    assert filas(almacen, "focalizacion")[0].version == 1


def test_si_lo_que_escribio_ya_no_se_pregunta_el_choque_lo_dice(gore, almacen):
    agregar(gore)
    [fila] = filas(almacen)
    quien = {"autor": "usuario 2", "ahora_utc": AHORA}
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    a2 = Matriz(CATALOGO.esquemas[A2], "06", 2027)
    guardar_fila(almacen, CATALOGO, a2, fila.id, {"tipo": "potencialidad"}, version=1, **quien)
    choque = gore.enviar({"c.causas": "Lo que escribí"}, "guardar", estado=409)
    assert "Lo que escribí (con lo guardado ya no se pregunta: no se va a guardar)" in choque.texto


def test_no_se_quita_una_fila_que_otra_persona_acaba_de_cambiar(app, gore, almacen):
    fila, otro = abierta_por_dos(app, gore, almacen)
    pares, quitar = gore.campos(gore.formulario()), f"{LUGAR}/{A2}/{fila.id}/quitar/"
    otro.enviar({"c.causas": "Falta de bodegas"}, "guardar")
    choque = gore.mandar(quitar, pares, 409)
    assert "La fila no se quitó" in choque.texto and "cambió en: Causas" in choque.texto
    assert filas(almacen)[0].datos["causas"] == "Falta de bodegas"
    gore.mandar(quitar, gore.campos(gore.formulario()))
    assert filas(almacen) == []


def test_quitar_se_deshace_y_lo_quitado_no_se_pisa(gore, almacen):
    agregar(gore)
    [fila] = filas(almacen)
    gore.abrir(f"{LUGAR}/{A2}/{fila.id}/")
    pares = gore.campos(gore.formulario())
    pagina = gore.mandar(f"{LUGAR}/{A2}/{fila.id}/quitar/", pares)
    assert "Se quitó la fila PRO-01" in pagina.texto and filas(almacen) == []
    tarde = gore.mandar(f"{LUGAR}/{A2}/{fila.id}/", pares, 409)
    assert "quitó esta fila antes que usted" in tarde.texto and "Los talleres venden" in gore.respuesta.text
    assert "Se quitó la fila PRO-01" in gore.mandar(f"{LUGAR}/{A2}/{fila.id}/quitar/", pares).texto, "dos veces es una"
    assert "está quitada" in gore.abrir(f"{LUGAR}/{A2}/{fila.id}/").texto
    gore.enviar()
    assert [f.datos["codigo"] for f in filas(almacen)] == ["PRO-01"]


def test_lo_entregado_se_corrige_desde_un_borrador(gore, almacen):
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    pagina = gore.abrir(f"{LUGAR}/{A1}/")
    assert "Empezar a corregir" in pagina.texto and filas(almacen, A1)[0].id == ""
    gore.enviar()
    assert filas(almacen, A1)[0].id and "Agregar una fila" in gore.pagina.texto
    historial = gore.abrir(f"{LUGAR}/{A1}/{filas(almacen, A1)[0].id}/historial/")
    assert "copiada de lo entregado" in historial.texto


@pytest.mark.parametrize("formato", DESDE_EL_PRIMER_DIA)
def test_la_planilla_trae_lo_guardado_y_vuelve_a_entrar_igual(app, almacen, formato):
    esquema = CATALOGO.esquemas[formato]
    gore = entrar(app, ESCRITORES[esquema.escriben[-1]])
    for valores in ejemplos_de(esquema)[formato]:
        agregar_fila(almacen, CATALOGO, Matriz(esquema, "06", 2027), valores, autor="usuario 1", ahora_utc=AHORA)
    respuesta = gore.http.get(f"{LUGAR}/{formato}/planilla.xlsx")
    assert respuesta.status_code == 200 and f"{formato}-06-2027.xlsx" in respuesta.headers["Content-Disposition"]
    leido = validar_libro(CATALOGO, esquema, leer_libro(respuesta.data), Contexto("06", 2027))
    assert leido.como_dict(formato) == [{n: f.datos[n] for n in esquema.principal.nombres} for f in filas(almacen, formato)]


def test_la_planilla_trae_tambien_lo_que_aun_no_se_puede_leer(gore, almacen):
    agregar(gore, "focalizacion", presupuesto="no se sabe", objetivos="OBJ-99")
    respuesta = gore.http.get(f"{LUGAR}/focalizacion/planilla.xlsx")
    dichas = {str(c) for f in leer_libro(respuesta.data).hojas[0].filas for c in f}
    assert {"no se sabe", "OBJ-99"} <= dichas


def test_entregar_un_archivo_deja_igual_el_borrador_que_hubiera(gore, almacen):
    agregar(gore, LISTA, institucion="Se va a quitar")
    entregar_archivo(gore, f"{LUGAR}/{LISTA}/", ejemplo_csv(CATALOGO.esquemas[LISTA]))
    entregado = gore.abrir(f"{LUGAR}/{LISTA}/entregar/")
    assert "igual a lo ya entregado" in entregado.texto
    assert "Se va a quitar" not in {f.datos["institucion"] for f in filas(almacen, LISTA)}


def test_se_parte_de_lo_del_ejercicio_anterior(gore, almacen):
    agregar(gore)
    nueva = f"/formularios/regiones/06/2028/matrices/{A2}/"
    assert "Partir de las filas de 2027" in gore.abrir(nueva).texto
    gore.enviar()
    assert "Se copiaron las filas de 2027" in gore.pagina.texto and "PRO-01" in gore.pagina.texto
    copiar_otra_vez = next(f for f in gore.pagina.todos("form") if f.get("action").endswith("/copiar/"))
    assert "ninguna que no estuviera" in gore.mandar(copiar_otra_vez.get("action"), gore.campos(copiar_otra_vez)).texto


def test_lo_que_no_es_de_la_fila_se_dice_y_no_se_guarda(gore, almacen):
    gore.abrir(f"{LUGAR}/{A2}/nueva/")
    url, pares = gore.llenar(UNA, "guardar")
    dicho = gore.mandar(url, [*pares, ("c.no_existe", "x")], 400)
    assert "c.no_existe" in dicho.texto and filas(almacen) == []
    assert "Los talleres venden" in gore.respuesta.text, "lo escrito sigue ahí"
    gore.abrir(f"{LUGAR}/{A2}/nueva/")
    assert "Fila nueva" in gore.enviar({}, "guardar").texto and filas(almacen) == []


def test_nadie_alcanza_una_fila_de_otra_region_ni_un_formato_que_no_es_suyo(app, gore, almacen):
    agregar(gore)
    [fila] = filas(almacen)
    gore.abrir(f"/formularios/regiones/05/2027/matrices/{A2}/", 403)
    entrar(app, "gore05@ejemplo.cl").abrir(f"/formularios/regiones/05/2027/matrices/{A2}/{fila.id}/", 404)
    entrar(app, "gore05@ejemplo.cl").abrir(f"{LUGAR}/{A2}/{fila.id}/", 403)
    for ajeno, estado in {"actor-clave": 404, "presupuesto-instrumentos": 403, "no-existe": 404}.items():
        gore.abrir(f"{LUGAR}/{ajeno}/", estado)
    for malo in ("no-existe", fila.id[:-1]):
        gore.abrir(f"{LUGAR}/{A2}/{malo}/", 404)
        gore.abrir(f"{LUGAR}/{A2}/{malo}/historial/", 404)
    assert "Nadie ha empezado" in gore.abrir(f"{LUGAR}/{B1}/?quitada={fila.id}").texto


def test_el_mapa_dice_lo_que_falta_unir_y_lo_que_falta_asignar(app, gore, almacen):
    mapa = "/formularios/regiones/06/2027/mapa/"
    assert "Todavía no hay nada que dibujar" in gore.abrir(mapa).texto
    for nombre in CATALOGO.proceso.mapa.matrices:  # los ejemplos, que se citan unos a otros
        entregar(almacen, CATALOGO, CATALOGO.esquemas[nombre])
    agregar(gore)  # y una problemática nueva, que todavía no lleva a nada
    agregar(gore, "focalizacion", instrumento="crece", presupuesto="no se sabe")  # lo ilegible no se suma
    pagina = gore.abrir(mapa)
    suelta = filas(almacen)[-1].datos["codigo"]
    lineas = [n.texto for n in pagina.todos("li")]
    (problematicas,) = (linea for linea in lineas if linea.startswith("Problemática"))
    assert suelta in problematicas.partition("Falta unir con «Desafío u Oportunidad»: ")[2]
    renglones = [[c.texto for c in r.todos("th", "td")] for r in pagina.todos("tr")]
    assert {r[4] for r in renglones if r[0] == suelta} == {"Sin enlace"}
    clases = {r[1] for r in renglones[1:]}
    assert len(clases) == len(CATALOGO.proceso.mapa.columnas) and any("$" in r[2] for r in renglones)
    (dibujo,) = pagina.todos("svg")
    assert suelta in dibujo.texto and dibujo.todos("title")[0].texto in pagina.texto
    entrar(app, "gore05@ejemplo.cl").abrir(mapa, 403)


def test_un_monto_como_lo_pide_la_ayuda_suma_en_el_mapa_y_es_un_numero_en_la_planilla(gore):
    for escrito in ("$ 35.000.000", "1.500.000", "2,5"):  # el último no es un monto
        agregar(gore, "focalizacion", instrumento="crece", fuente="sercotec", presupuesto=escrito)
    mapa = gore.abrir("/formularios/regiones/06/2027/mapa/")
    assert "Lo que se compara con lo informado son solo las filas en que «Fuente" in mapa.texto
    renglones = [[c.texto for c in r.todos("th", "td")] for r in mapa.todos("tr")]
    assert [r[2].rpartition(" · ")[2] for r in renglones if r[1] == "Instrumento"] == ["$36.500.000"]
    hoja = leer_libro(gore.http.get(f"{LUGAR}/focalizacion/planilla.xlsx").data).hojas[0]
    lugar = hoja.encabezado.index("Presupuesto estimado")
    assert [f[lugar] for f in hoja.filas] == [35_000_000, 1_500_000, "2,5"]


def test_con_errores_no_se_entrega_y_sin_ellos_da_folio_una_sola_vez(gore, almacen):
    agregar(gore, LISTA, institucion="Red de talleres", correo="uno@ejemplo.cl")
    entrega = f"{LUGAR}/{LISTA}/entregar/"
    assert "Hay un error" in gore.abrir(entrega).texto and not gore.pagina.todos("main")[0].todos("form")
    gore.abrir(f"{LUGAR}/{LISTA}/{filas(almacen, LISTA)[0].id}/")
    gore.enviar({"c.justificacion": "Reúne a los talleres."}, "guardar")
    gore.abrir(entrega)
    url, pares = gore.llenar({})
    gore.mandar(url, pares)
    folio = vigente_de(almacen, LISTA, "06", 2027).folio
    assert "quedó entregada" in gore.pagina.texto and folio in gore.pagina.texto
    assert vigente_de(almacen, LISTA, "06", 2027).huella in gore.pagina.texto
    gore.mandar(url, pares)
    assert vigente_de(almacen, LISTA, "06", 2027).folio == folio, "el mismo botón otra vez no gasta un folio"
    assert "igual a lo ya entregado" in gore.abrir(entrega).texto
    gore.abrir(f"{LUGAR}/{LISTA}/{filas(almacen, LISTA)[0].id}/")
    gore.enviar({"c.justificacion": "Otra"}, "guardar")
    assert "mientras usted la revisaba" in gore.mandar(url, pares, 409).texto
    assert vigente_de(almacen, LISTA, "06", 2027).folio == folio
    gore.abrir(entrega)
    assert f"Reemplaza a {folio}" in gore.enviar().texto


def test_no_se_entrega_una_matriz_sin_filas(gore):
    assert "no tiene filas" in gore.abrir(f"{LUGAR}/{LISTA}/entregar/").texto
    pares = [("csrf_token", gore.ficha()), ("base", "")]
    assert "no tiene filas" in gore.mandar(f"{LUGAR}/{LISTA}/entregar/", pares, 422).texto


# --- Subir un archivo -------------------------------------------------------------------------------------

CABEZA = "codigo;tipo;descripcion;origen;atingente;causas;efectos"


def archivo(*lineas):
    return "\r\n".join([CABEZA, *lineas]).encode()


def subir(web, datos, estado=200, nombre="mía.csv"):
    return subir_en(web, f"{LUGAR}/{A2}/", datos, estado, nombre)


def test_subir_compara_por_clave_y_nada_cambia_hasta_confirmar(gore, almacen):
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    for _ in range(2):
        agregar(gore)
    datos = archivo(
        "PRO-02;problematica;Los talleres venden solo en el verano.;DOC-01;si;Pocas;Muchos",
        "POT-01;potencialidad;La costa recibe visitantes todo el año.;DOC-01;no;;",
    )
    texto = subir(gore, datos).texto
    assert all(d in texto for d in ("Agrega: 1", "Cambia: 1", "Quita: 1", "Se quita", "Muchos"))
    assert [f.datos["codigo"] for f in filas(almacen)] == ["PRO-01", "PRO-02"]
    formulario = de_aplicar(gore)
    gore.mandar(formulario.get("action"), gore.campos(formulario))
    assert "quedó como su archivo" in gore.pagina.texto
    assert [(f.datos["codigo"], f.datos["origen"]) for f in filas(almacen)] == [("PRO-02", "DOC-01"), ("POT-01", "DOC-01")]
    assert "dice lo mismo" in subir(gore, datos).texto
    vuelve = subir(gore, datos + b"\r\nPRO-01;problematica;Los talleres venden solo en el verano.;DOC-01;si;;")
    [dicho] = [r.texto for r in vuelve.todos("tr") if r.texto.startswith("PRO-01 ") and "Vuelve" in r.texto]
    assert "Queda como en su archivo, con su historial" in dicho
    aplicar(gore)
    assert [f.version for f in filas(almacen) if f.datos["codigo"] == "PRO-01"] == [3]


def test_un_archivo_con_errores_los_muestra_en_sus_celdas_y_entra_al_borrador_tal_cual(gore, almacen):
    texto = subir(gore, archivo("PRO-01;otra cosa;Corta;DOC-77;quizás;;"), 422).texto
    assert "Aplicar al borrador" in texto and "con sus errores" in texto
    assert {n.get("id") for n in gore.pagina.todos("td") if "mal" in n.get("class")} >= {f"{A2}-B2", f"{A2}-E2"}
    formulario = de_aplicar(gore)
    gore.mandar(formulario.get("action"), gore.campos(formulario))
    [fila] = filas(almacen)
    assert (fila.datos["tipo"], fila.datos["atingente"], fila.datos["descripcion"]) == ("otra cosa", "quizás", "Corta")
    assert "errores" in gore.pagina.texto


def test_si_alguien_cambia_la_matriz_entre_comparar_y_confirmar_no_se_aplica(app, gore, almacen):
    agregar(gore)
    subir(gore, archivo("PRO-09;potencialidad;La costa recibe visitantes todo el año.;DOC-01;no;;"))
    formulario = de_aplicar(gore)
    url, pares = formulario.get("action"), gore.campos(formulario)
    otra = entrar(app, "editora@ejemplo.cl")
    otra.abrir(f"{LUGAR}/{A2}/")
    ajeno = [("csrf_token", otra.ficha()), *[p for p in pares if p[0] != "csrf_token"]]
    assert "No se aplicó nada" in otra.mandar(url, ajeno, 409).texto, "lo aplica solo quien lo subió"
    agregar(otra)
    assert "Alguien cambió la matriz" in gore.mandar(url, pares, 409).texto
    assert [f.datos["codigo"] for f in filas(almacen)] == ["PRO-01", "PRO-02"]


def test_lo_que_no_es_una_planilla_o_no_trae_las_columnas_no_ofrece_aplicar(gore, almacen):
    for datos, nombre in ((b"\x00\x01basura", "x.xlsx"), (b"a;b\r\n1;2", "x.csv"), (b"", "x.csv")):
        assert "Aplicar al borrador" not in subir(gore, datos, 422, nombre).texto
    assert filas(almacen) == []
