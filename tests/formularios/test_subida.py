"""Subir una planilla sin que nada se pierda ni se rechace callado: filas raras, lo ajeno, lo cerrado y el archivo marcado."""

import io
from dataclasses import replace

import openpyxl
import pytest

from esquemas.entrega import validar_libro
from esquemas.libro import Libro, leer_libro
from esquemas.marcado import ERROR
from esquemas.plantilla import OBSERVADA
from esquemas.validacion import Contexto
from formularios.faltas import leer_filas
from formularios.filas import leer_matriz, quitar_fila
from tests.formularios.camino import aplicar, de_aplicar
from tests.formularios.camino import subir as subir_en
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_filas import entregar
from tests.formularios.test_observaciones import LISTA, LUGAR, abrir_como, bajar, cambiar, escribir, sitio, subir, vistas  # noqa: F401
from tests.formularios.test_web_matrices import A1, A2, B1, agregar, app, archivo, gore  # noqa: F401
from tests.formularios.test_web_matrices import subir as subir_csv
from tests.formularios.tramite import CATALOGO, FOC, OBSERVACIONES, QUIEN, hacer, llenar, matriz, observada, observar
from tests.servicios.accesibilidad import faltas_de_axe
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, navegador
from tests.servicios.oficina import convertir, disponible

COSTA = "POT-01;potencialidad;La costa recibe visitantes todo el año.;DOC-01;no;;"
VERANO = "problematica;Los talleres venden solo en el verano.;DOC-01;si;"


@pytest.fixture
def central(app):  # noqa: F811
    return entrar(app, "central@ejemplo.cl")


def filas(almacen, formato=A2):
    return [dict(f.datos) for f in leer_matriz(almacen, matriz(formato))]


# --- Filas raras en el archivo ----------------------------------------------------------------------------


def test_una_fila_de_totales_no_corre_lo_que_dicen_las_demas(gore, almacen):  # noqa: F811
    texto = subir_csv(
        gore, archivo(COSTA, "TOTAL;;;;;;", f"PRO-01;{VERANO}Pocas;", "PRO-02;rara;Corta;DOC-01;si;;", "TOTAL;;;;;;"), 422
    )
    assert "Borre 2 filas de totales" in texto.texto
    aplicar(gore)
    assert [(f["codigo"], f["tipo"]) for f in filas(almacen)] == [
        ("POT-01", "potencialidad"),
        ("PRO-01", "problematica"),
        ("PRO-02", "rara"),
    ]


def test_con_una_fila_corrida_no_se_ofrece_aplicar_porque_la_quitaria(gore, almacen):  # noqa: F811
    agregar(gore)
    corrida = f"PRO-01;{VERANO}Pocas;;Sobra"
    texto = subir_csv(gore, archivo(COSTA, corrida), 422).texto
    assert "Aplicar al borrador" not in texto and "Corrija esos errores y súbalo otra vez" in texto
    assert [f["codigo"] for f in filas(almacen)] == ["PRO-01"]


def test_lo_repetido_y_lo_sin_codigo_se_comparan_en_su_orden_y_no_se_pierden(gore, almacen):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    datos = archivo(f"PRO-01;{VERANO}Unas;", f"PRO-01;{VERANO}Otras;", f";{VERANO}Tres;", f";{VERANO}Cuatro;")
    subir_csv(gore, datos, 422)
    formulario = de_aplicar(gore)
    for _ in range(2):  # el botón apretado dos veces
        gore.mandar(formulario.get("action"), gore.campos(formulario))
    antes = leer_matriz(almacen, matriz(A2))
    assert [f.datos["causas"] for f in antes] == ["Unas", "Otras", "Tres", "Cuatro"]
    assert "dice lo mismo" in subir_csv(gore, datos, 422).texto
    otra = datos.replace(b"Cuatro", b"Cinco").replace(b"Otras", b"Varias")
    texto = subir_csv(gore, otra, 422).texto
    assert "Agrega: 0" in texto and "Cambia: 2" in texto and "Quita: 0" in texto
    aplicar(gore)
    ahora = leer_matriz(almacen, matriz(A2))
    assert [(f.id, f.datos["causas"]) for f in ahora] == list(
        zip([f.id for f in antes], ["Unas", "Varias", "Tres", "Cinco"], strict=True)
    )


def test_si_otra_persona_dejo_la_matriz_vacia_despues_de_comparar_se_dice(gore, almacen):  # noqa: F811
    agregar(gore)
    subir_csv(gore, archivo(COSTA))
    formulario = de_aplicar(gore)
    [unica] = leer_matriz(almacen, matriz(A2))
    quitar_fila(almacen, CATALOGO, matriz(A2), unica.id, version=unica.version, **QUIEN)
    texto = gore.mandar(formulario.get("action"), gore.campos(formulario), 409).texto
    assert "Alguien cambió la matriz" in texto and filas(almacen) == []


def test_lo_que_un_archivo_quita_se_encuentra_y_se_repone(gore, almacen):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    entero, corto = archivo(COSTA, f"PRO-01;{VERANO}Unas;"), archivo(COSTA)
    for datos in (entero, corto):
        subir_csv(gore, datos)
        aplicar(gore)
    pagina = gore.abrir(f"{LUGAR}/matrices/{A2}/")
    [quitadas] = [d for d in pagina.todos("details") if "Filas quitadas: 1" in d.texto]
    [enlace] = quitadas.todos("a")
    assert enlace.texto == "PRO-01"
    gore.abrir(enlace.get("href"))
    gore.enviar()
    assert [f["codigo"] for f in filas(almacen)] == ["POT-01", "PRO-01"] and "Filas quitadas" not in gore.pagina.texto
    for datos in (corto, entero):  # si vuelve en otro archivo, tampoco sigue entre las quitadas
        subir_csv(gore, datos)
        aplicar(gore)
    assert "Filas quitadas" not in gore.abrir(f"{LUGAR}/matrices/{A2}/").texto


def test_lo_observado_que_se_quito_no_vuelve_con_un_archivo_y_se_dice_donde_reponerlo(gore, almacen):  # noqa: F811
    observada(almacen)
    entero = bajar(gore, f"{LUGAR}/matrices/{FOC}/planilla.xlsx")
    libro = openpyxl.load_workbook(io.BytesIO(entero))
    libro["Datos"].delete_rows(2)
    subir(gore, FOC, guardado(libro))
    assert "Filas quitadas: 1" in gore.abrir(f"{LUGAR}/matrices/{FOC}/").texto
    dicho = "FOC-01: no se agrega. Si se había quitado, se repone en «Filas quitadas» de la matriz."
    assert dicho in subir(gore, FOC, entero).texto


# --- Lo que no se aplica se dice --------------------------------------------------------------------------


def test_lo_que_otro_rol_escribe_se_dice_con_quien_lo_escribe(almacen, gore, central):  # noqa: F811
    observada(almacen, ("FOC-01",), ("FOC-02",), ("FOC-03",))
    datos = bajar(gore, f"{LISTA}planilla.xlsx")
    for codigo in ("OBS-01", "OBS-02"):
        datos = escribir(datos, codigo, "Observación", "Escrita por la región en lo que no le toca.")
    pagina = subir(gore, OBSERVACIONES, datos)
    dicho = "OBS-01, OBS-02: no se cambia Observación (lo escribe: Nivel central de Sercotec). Queda como estaba."
    assert dicho in pagina.texto and "Aplicar al borrador" not in pagina.texto
    assert "Lo demás de su archivo dice lo mismo que lo que ya hay" in pagina.texto and "OBS-03" not in pagina.texto
    # Y Sercotec, al revés, cuando le toca: en una que ya está y en una nueva.
    for codigo in ("OBS-01", "OBS-02", "OBS-03"):
        cambiar(almacen, codigo, respuesta="Se corrigió.")
    hacer(almacen, "final")
    datos = escribir(
        bajar(central, f"{LUGAR}/matrices/{OBSERVACIONES}/planilla.xlsx"), "OBS-01", RESPUESTA, "La respondió Sercotec."
    )
    libro = openpyxl.load_workbook(io.BytesIO(datos))
    titulos = [c.value for c in libro["Datos"][1]]
    valores = {t: c.value for t, c in zip(titulos, libro["Datos"][2], strict=True)}
    libro["Datos"].append([{**valores, "Código": "OBS-09"}[t] for t in titulos])
    pagina = subir(central, OBSERVACIONES, guardado(libro))
    quien = "(lo escribe: Editor del Gobierno Regional o Firmante del Gobierno Regional)"
    assert f"OBS-01: no se cambia {RESPUESTA} {quien}. Queda como estaba." in pagina.texto
    assert f"OBS-09: se agrega sin {RESPUESTA} {quien}." in pagina.texto
    respuestas = {o.codigo: o.respuesta for o in vistas(almacen, todas=True)}
    assert respuestas == {**dict.fromkeys(["OBS-01", "OBS-02", "OBS-03"], "Se corrigió."), "OBS-09": ""}


RESPUESTA = "Respuesta del Gobierno Regional"


def guardado(libro):
    salida = io.BytesIO()
    libro.save(salida)
    return salida.getvalue()


def test_una_columna_ajena_que_el_archivo_no_trae_no_es_un_rechazo(almacen, central):
    observada(almacen)
    cambiar(almacen, "OBS-01", respuesta="Se corrigió en la planilla.")
    libro = openpyxl.load_workbook(io.BytesIO(bajar(central, f"{LUGAR}/matrices/{OBSERVACIONES}/planilla.xlsx")))
    libro["Datos"].delete_cols([c.value for c in libro["Datos"][1]].index(RESPUESTA) + 1)
    texto = subir(central, OBSERVACIONES, guardado(libro)).texto
    assert "Lo que no se aplica" not in texto and "Nada: su archivo dice lo mismo" in texto
    assert vistas(almacen, todas=True)[0].respuesta == "Se corrigió en la planilla."


def test_muchas_filas_se_dicen_juntas_y_se_pueden_ver_todas(almacen, gore):  # noqa: F811
    observada(almacen, *[("FOC-01",)] * 30)
    libro = openpyxl.load_workbook(io.BytesIO(bajar(gore, f"{LISTA}planilla.xlsx")))
    columna = [c.value for c in libro["Datos"][1]].index("Observación") + 1
    for numero in range(2, 32):
        libro["Datos"].cell(numero, columna).value = "Escrita por la región en lo que no le toca."
    pagina = subir(gore, OBSERVACIONES, guardado(libro))
    [dicho] = [li.texto for li in pagina.todos("li") if "no se cambia Observación" in li.texto]
    assert "OBS-20" in dicho and "10 filas más" in dicho and "OBS-30" in dicho


def test_la_respuesta_que_falta_en_el_archivo_de_la_region_no_quita_la_observacion_y_se_dice(almacen, gore):  # noqa: F811
    observada(almacen, ("FOC-01",), ("FOC-02",))
    libro = openpyxl.load_workbook(io.BytesIO(bajar(gore, f"{LISTA}planilla.xlsx")))
    libro["Datos"].delete_rows(3)
    texto = subir(gore, OBSERVACIONES, guardado(libro)).texto
    assert "OBS-02: no está en su archivo. Queda como estaba" in texto and len(vistas(almacen)) == 2


def test_con_la_matriz_cerrada_se_dice_por_que_antes_y_despues_de_subir(almacen, gore):  # noqa: F811
    llenar(almacen)
    hacer(almacen, "preliminar")
    datos = escribir(bajar(gore, f"{LUGAR}/matrices/{FOC}/planilla.xlsx"), "FOC-01", "Descripción", "Tarde para cambiarla.")
    assert "Retirar la preliminar" in gore.abrir(f"{LUGAR}/matrices/{FOC}/subir/").texto
    texto = subir(gore, FOC, datos).texto
    assert "Retirar la preliminar" in texto and "FOC-01: no se cambia Descripción. Queda como estaba." in texto
    assert "Aplicar al borrador" not in texto


# --- Lo que se sabe recién en la región se marca en su celda ----------------------------------------------


def con_celda(datos, direccion, valor):
    libro = openpyxl.load_workbook(io.BytesIO(datos))
    libro["Datos"][direccion] = valor
    return guardado(libro)


def marcado_de(web, formato, datos):
    """El libro que se devuelve con los problemas marcados."""
    web.abrir(f"{LUGAR}/matrices/{formato}/subir/")
    respuesta = web.publicar_archivos({"archivo": (datos, "planilla.xlsx")}, accion="marcado")
    return openpyxl.load_workbook(io.BytesIO(respuesta.data))


@pytest.mark.parametrize(
    ("titulo", "valor", "dice"),
    [
        ("Folio del envío observado", "2027-06-00099-X", "no es de «B.2 · Matriz de Focalización»"),
        ("Matriz observada", "catastro-actores", "no está en la lista"),
        ("Fila observada", "FOC-99", "no está en el envío"),
        ("Campo observado", "colores", "no es una columna"),
    ],
)
def test_lo_observado_que_no_existe_se_marca_al_comparar(almacen, central, titulo, valor, dice):
    llenar(almacen)
    hacer(almacen, "preliminar")
    observar(almacen, "FOC-01")
    datos = bajar(central, f"{LUGAR}/matrices/{OBSERVACIONES}/planilla.xlsx")
    hoja = openpyxl.load_workbook(io.BytesIO(datos))["Datos"]
    celda = next(c.column_letter for c in hoja[1] if c.value == titulo) + "4"  # la fila de los datos baja a la 4, tras un total
    libro = openpyxl.load_workbook(io.BytesIO(datos))
    libro["Datos"].insert_rows(2, 2)
    libro["Datos"]["A2"] = "TOTAL"
    datos = con_celda(guardado(libro), celda, valor)
    pagina = subir(central, OBSERVACIONES, datos, aplicar=False)
    [mal] = [n for n in pagina.todos("td") if n.get("id") == f"{OBSERVACIONES}-{celda}"]
    assert dice in mal.texto and "mal" in mal.get("class")
    marcada = marcado_de(central, OBSERVACIONES, datos)["Datos"][celda]
    assert dice in marcada.comment.text and marcada.fill.fgColor.rgb.endswith(ERROR["bg_color"][1:])


def test_una_excepcion_de_una_matriz_que_no_es_se_marca_al_comparar_y_al_probar(central):
    datos = b"matriz;fila;campo;regla;razon;fuente\r\nno-existe;FOC-01;perfil;obligatorio;Porque la norma no lo pide.;Acta 3\r\n"
    central.abrir(f"{LUGAR}/matrices/excepciones/subir/")
    pagina = central.subir({"archivo": (datos, "x.csv")}, 422, accion="revisar")
    assert "no es un formato de la región" in next(n for n in pagina.todos("td") if n.get("id") == "excepciones-A2").texto
    central.abrir("/formularios/validar/excepciones/")
    pagina = central.subir({"archivo": (datos.replace(b"no-existe", b""), "x.csv")}, 422, accion="revisar")
    assert "Falta decir de qué matriz" in next(n for n in pagina.todos("td") if n.get("id") == "excepciones-A2").texto
    pagina = central.subir({"archivo": (datos.replace(b"no-existe", b"no vale"), "x.csv")}, 422, accion="revisar")
    dicho = next(n for n in pagina.todos("td") if n.get("id") == "excepciones-A2").texto
    assert "no es un código" in dicho and "Falta decir" not in dicho, "de una celda mala basta decir una cosa"


# --- El archivo marcado conserva lo observado -------------------------------------------------------------


@pytest.mark.parametrize("camino", [(), ("xlsx",), ("ods", "xlsx")])
def test_el_marcado_repone_lo_observado_junto_a_los_problemas(almacen, gore, tmp_path, camino):  # noqa: F811
    observada(almacen, ("FOC-01", "cobertura"), ("FOC-02",), ("", "perfil"), ("FOC-03", "descripcion"))
    datos = bajar(gore, f"{LUGAR}/matrices/{FOC}/planilla.xlsx")
    letra = {c.value: c.column_letter for c in openpyxl.load_workbook(io.BytesIO(datos))["Datos"][1]}
    mala = f"{letra['Cobertura estimada']}2"
    libro = marcado_de(gore, FOC, con_celda(datos, mala, "no se sabe"))
    if camino:
        exigir(disponible())
        libro.save(ruta := tmp_path / "marcado.xlsx")
        for i, formato in enumerate(camino):
            ruta = convertir(ruta, formato, tmp_path / str(i))
        libro = openpyxl.load_workbook(ruta)
    hoja = libro["Datos"]

    def color(direccion):
        return str(hoja[direccion].fill.fgColor.rgb)[2:]

    violeta, rojo = OBSERVADA["bg_color"][1:], ERROR["bg_color"][1:]
    assert color(mala) == rojo and hoja[mala].comment.text.index("ERROR") < hoja[mala].comment.text.index("OBSERVACIÓN OBS-01")
    assert [color(f"{letra[t]}{n}") for t, n in (("Código", 3), ("Descripción", 3), ("Perfil del cliente", 1))] == [violeta] * 3
    assert "OBS-02" in hoja["A3"].comment.text and "OBS-03" in hoja[f"{letra['Perfil del cliente']}1"].comment.text
    assert color(f"{letra['Descripción']}4") == violeta and "OBS-04" in hoja[f"{letra['Descripción']}4"].comment.text
    assert color("A4") not in (violeta, rojo)
    assert hoja[mala].value == "no se sabe"


def test_el_marcado_repone_lo_observado_aunque_falte_una_columna(almacen, gore):  # noqa: F811
    observada(almacen, ("FOC-02", "descripcion"))
    libro = openpyxl.load_workbook(io.BytesIO(bajar(gore, f"{LUGAR}/matrices/{FOC}/planilla.xlsx")))
    libro["Datos"].delete_cols([c.value for c in libro["Datos"][1]].index("Cobertura estimada") + 1)
    hoja = marcado_de(gore, FOC, guardado(libro))["Datos"]
    comentadas = {c.comment.text for c in hoja[3] if c.comment}
    assert len(comentadas) == 1 and "OBS-01" in comentadas.pop()


def test_las_filas_de_un_archivo_se_leen_canonicas_o_como_venian(almacen, gore):  # noqa: F811
    llenar(almacen)
    datos = bajar(gore, f"{LUGAR}/matrices/{FOC}/planilla.xlsx")
    libro, esquema = leer_libro(con_celda(datos, "A3", " FOC-02 ")), CATALOGO.esquemas[FOC]
    resultado = validar_libro(CATALOGO, esquema, libro, Contexto())
    una, otra, _ = leer_filas(CATALOGO, libro, resultado)
    assert (una["codigo"], una["instrumento"], otra["codigo"]) == ("FOC-01", "semilla", "FOC-02")
    sin_juzgar = leer_filas(CATALOGO, libro, replace(resultado, tablas={}))
    assert (sin_juzgar[0]["instrumento"], sin_juzgar[1]["codigo"]) == ("semilla · Semilla", "FOC-02")
    assert leer_filas(CATALOGO, Libro([]), resultado) == []


# --- Lo que se ve antes de aplicar ------------------------------------------------------------------------


def test_de_lo_agregado_se_ve_cada_campo_con_valor_antes_de_aplicar(gore, almacen):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    subir_csv(gore, archivo(COSTA))
    [cambios] = [t for t in gore.pagina.todos("table") if "cambios" in t.get("class")]
    [plegado] = cambios.todos("details")
    assert plegado.get("open") is not None and plegado.todos("summary")[0].texto == "Se agrega, con 5 campos"
    vistos = [(d.todos("dt")[0].texto, d.todos("dd")[0].texto) for d in plegado.todos("div")]
    assert ("Tipo", "Potencialidad") in vistos and ("Descripción", "La costa recibe visitantes todo el año.") in vistos
    assert "Causas" not in plegado.texto, "lo vacío no se muestra"


def test_si_se_agregan_muchas_cada_una_va_plegada(gore, almacen):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    subir_csv(gore, archivo(*(COSTA.replace("POT-01", f"POT-{n:02}") for n in range(1, 7))))
    plegados = [d for t in gore.pagina.todos("table") for d in t.todos("details")]
    assert len(plegados) == 6 and all("open" not in d.atributos for d in plegados)


@pytest.mark.parametrize(("antes", "ahora"), [("POT-01", "pot-01"), ("POT-01", "POT-1"), ("007", "7"), ("7", "07")])
def test_un_codigo_que_solo_cambio_en_mayusculas_o_ceros_se_avisa_antes_de_aplicar(gore, almacen, antes, ahora):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    otra = f"PRO-10;{VERANO}Unas;Muchos"
    subir_csv(gore, archivo(COSTA.replace("POT-01", antes), otra))
    aplicar(gore)
    subir_csv(gore, archivo(COSTA.replace("POT-01", ahora), otra))
    [aviso] = [n for n in gore.pagina.todos("div") if "Códigos que parecen los mismos" in n.texto and "aviso" in n.get("class")]
    assert f"«{antes}» parece haber pasado a «{ahora}»." in aviso.texto and "PRO-10" not in aviso.texto
    assert "formato de texto" in aviso.texto and "súbalo otra vez" in aviso.texto


@pytest.mark.parametrize("ahora", ["POT-10", "POT-011", "PRO-01"])
def test_un_codigo_distinto_no_se_toma_por_el_mismo(gore, almacen, ahora):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    subir_csv(gore, archivo(COSTA))
    aplicar(gore)
    assert "parece haber pasado" not in subir_csv(gore, archivo(COSTA.replace("POT-01", ahora))).texto


def test_junto_a_la_fila_que_se_quita_se_dice_quien_la_cita(gore, almacen):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    subir_csv(gore, archivo(COSTA, f"PRO-01;{VERANO}Unas;Muchos"))
    aplicar(gore)
    objetivo = {"c.codigo": "OPO-01", "c.tipo": "oportunidad", "c.enunciado": "Extender la temporada de visitas."}
    gore.abrir(f"{LUGAR}/matrices/{B1}/nueva/")
    gore.enviar({**objetivo, "c.origen": "POT-01"}, "guardar")
    una_menos = subir_csv(gore, archivo(f"PRO-01;{VERANO}Unas;Muchos")).texto
    assert "Se quita. La cita OPO-01 de B.1: si la quita, queda «por revisar»" in una_menos
    sin_citar = subir_csv(gore, archivo(COSTA)).texto
    assert "Se quita" in sin_citar and "La cita" not in sin_citar


def test_no_avisa_de_las_citas_de_la_misma_matriz_que_se_revisan_en_el_archivo(gore, almacen):  # noqa: F811
    llenar(almacen)
    libro = openpyxl.load_workbook(io.BytesIO(bajar(gore, f"{LUGAR}/matrices/{B1}/planilla.xlsx")))
    libro["Datos"].delete_rows(2, 2)  # OBJ-01 y DES-01, que cita
    texto = subir_en(gore, f"{LUGAR}/matrices/{B1}/", guardado(libro), nombre="mia.xlsx").texto
    assert "OBJ-01 Se quita. La citan FOC-01 de B.2, FOC-03 de B.2: si la quita, quedan" in texto
    assert "DES-01 Se quita" in texto and "OBJ-01 de B.1" not in texto


def test_lo_escrito_que_no_se_guarda_se_dice_y_no_pasa_por_lo_mismo_que_ya_hay(gore, almacen):  # noqa: F811
    entregar(almacen, CATALOGO, CATALOGO.esquemas[A1])
    subir_csv(gore, archivo(COSTA))
    aplicar(gore)
    texto = subir_csv(gore, archivo(COSTA.removesuffix(";;") + ";Poca agua;")).texto
    assert "Lo que no se guarda F2 : «Causas» no va cuando «Tipo» es «Potencialidad»: no se guarda." in texto
    assert "Nada. Lo demás de su archivo dice lo mismo" in texto and "Nada: su archivo" not in texto


# --- En un navegador --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (1280, "dark")])
def test_lo_que_no_se_aplica_se_lee_en_lo_que_sea(sitio, tmp_path, ancho, tema):  # noqa: F811
    direccion, _ = sitio
    with navegador(ancho, 800, javascript=True) as p:  # axe lo necesita
        p.emulate_media(color_scheme=tema)
        abrir_como(p, direccion, "gore06@ejemplo.cl", LISTA)
        datos = p.context.request.get(f"{direccion}{LUGAR}/matrices/{FOC}/planilla.xlsx").body()
        datos = escribir(datos, "FOC-03", "Descripción", "Lo cerrado, tocado.")
        datos = escribir(datos, "FOC-02", "Descripción", "Lo observado, corregido.")
        (tmp_path / "mia.xlsx").write_bytes(con_celda(datos, "A9", "FOC-88"))
        p.goto(f"{direccion}{LUGAR}/matrices/{FOC}/subir/")
        p.set_input_files("#archivo", tmp_path / "mia.xlsx")
        apretar(p, 'button:text-is("Revisar y comparar")')
        p.get_by_text("Lo que no se aplica").wait_for()
        assert faltas_de_axe(p) == []
        assert p.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0
        derecha = p.get_by_text("En su archivo", exact=True).bounding_box()
        assert derecha["x"] + derecha["width"] <= ancho, "lo que dice su archivo se lee sin desplazar la tabla"
