"""Sercotec observa, la región responde y Sercotec resuelve: en la web, en la planilla y en el anexo."""

import io
import re
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from esquemas.libro import leer_libro
from esquemas.plantilla import OBSERVADA
from formularios.accesos import guardar_usuario
from formularios.almacen import Almacen, migrar
from formularios.almacen_expedientes import leer_aperturas
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.expediente import ActoImposible, leer_expediente, relojes_de
from formularios.fila_en_curso import FilaCambiada
from formularios.filas import guardar_fila
from formularios.matrices import revisar
from formularios.observaciones import comprobar, leer_observaciones, sin_enviar
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_web_matrices import app  # noqa: F401
from tests.formularios.tramite import (
    CATALOGO,
    EJERCICIO,
    FOC,
    NOVIEMBRE,
    OBSERVACIONES,
    QUIEN,
    REGION,
    fila,
    filas,
    hacer,
    llenar,
    matriz,
    observada,
    observar,
)
from tests.servicios.accesibilidad import faltas_de_axe
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import disponible as navegador_disponible
from tests.servicios.navegador import navegador
from tests.servicios.oficina import convertir, disponible
from tests.servicios.servidor import servir

LUGAR = f"/formularios/regiones/{REGION}/{EJERCICIO}"
LISTA = f"{LUGAR}/observaciones/"


@pytest.fixture
def gore(app):  # noqa: F811
    return entrar(app)


@pytest.fixture
def central(app):  # noqa: F811
    return entrar(app, "central@ejemplo.cl")


def vistas(almacen, **como):
    return leer_observaciones(almacen, CATALOGO, REGION, EJERCICIO, **como)


def cambiar(almacen, codigo, **valores):
    actual = fila(almacen, codigo, OBSERVACIONES)
    return guardar_fila(
        almacen, CATALOGO, matriz(OBSERVACIONES), actual.id, valores, version=actual.version, **QUIEN
    )


# --- El núcleo -------------------------------------------------------------------------------------------


def test_la_region_no_ve_lo_que_no_se_ha_enviado(almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    observar(almacen, "FOC-01")
    assert vistas(almacen) == [] and [o.enviada for o in vistas(almacen, todas=True)] == [False]
    hacer(almacen, "observar")
    observar(almacen, "FOC-02")
    assert [o.codigo for o in vistas(almacen)] == ["OBS-01"]
    assert [o.enviada for o in vistas(almacen, todas=True)] == [True, False]


def test_mientras_le_toca_a_sercotec_la_region_ve_lo_que_se_envio(almacen):
    observada(almacen)
    cambiar(almacen, "OBS-01", respuesta="Se corrigió el cálculo.")
    hacer(almacen, "final")
    cambiar(almacen, "OBS-01", observacion="Sigue sin explicarse cómo se calculó.")
    [vista], [viva] = vistas(almacen), vistas(almacen, todas=True)
    assert (vista.estado, viva.estado, viva.id) == ("respondida", "pendiente", vista.id)
    assert "Sigue sin" not in vista.observacion
    hacer(almacen, "pedir-ajuste")
    assert "Sigue sin" in vistas(almacen)[0].observacion and vistas(almacen)[0].estado == "pendiente"


def test_el_estado_lo_mueve_lo_que_se_hace(almacen):
    observada(almacen)
    assert cambiar(almacen, "OBS-01", respuesta="Se corrigió.").datos["estado"] == "respondida"
    assert cambiar(almacen, "OBS-01", observacion="Otra razón, que se entiende.").datos["estado"] == "pendiente"
    assert cambiar(almacen, "OBS-01", respuesta="Se corrigió otra vez.", estado="resuelta").datos["estado"] == "respondida"
    assert cambiar(almacen, "OBS-01", respuesta="").datos["estado"] == "pendiente"
    assert cambiar(almacen, "OBS-01", estado="resuelta").datos["estado"] == "resuelta"
    assert observar(almacen, "FOC-01", estado="").datos["estado"] == "pendiente"


def test_sin_responder_todo_no_hay_final_y_lo_no_enviado_no_se_sella(almacen):
    observada(almacen, ("FOC-01",), ("FOC-02",))
    cambiar(almacen, "OBS-01", respuesta="Se corrigió.")
    with pytest.raises(ActoImposible, match=r"Falta responder .* OBS-02\."):
        hacer(almacen, "final")
    cambiar(almacen, "OBS-02", estado="resuelta")  # la que Sercotec resolvió no espera respuesta
    observar(almacen, "FOC-01")
    final = hacer(almacen, "final")
    assert OBSERVACIONES in final.folios and [o.codigo for o in vistas(almacen)] == ["OBS-01", "OBS-02"]
    with almacen.leer() as c:
        todas = revisar(almacen, CATALOGO, matriz(OBSERVACIONES), filas(almacen, OBSERVACIONES)).resultado
        assert sin_enviar(c, CATALOGO, REGION, EJERCICIO, todas) == ["OBS-03"]
        assert leer_aperturas(c, REGION, EJERCICIO) == []


@pytest.mark.parametrize(
    ("cambio", "campo", "dice"),
    [
        ({"envio": "2027-06-000099-0"}, "envio", "no es de «focalizacion» en esta región"),
        ({"matriz": "catastro-actores"}, "matriz", "Use una de: matriz-estrategica-integrada"),
        ({"matriz": OBSERVACIONES}, "matriz", "no se puede observar"),
        ({"fila": "FOC-99"}, "fila", "no está en el envío"),
        ({"campo": "colores"}, "campo", "Use una de: «Código»"),
        ({"campo": "Descripción"}, "", ""),
        ({"campo": "descripcion", "fila": ""}, "", ""),
        ({"envio": ""}, "", ""),
    ],
)
def test_lo_observado_tiene_que_existir(almacen, cambio, campo, dice):
    llenar(almacen)
    hacer(almacen, "preliminar")
    observar(almacen, **{"codigo_de_fila": "FOC-01", "condicion": "otra", **cambio})
    revisada = revisar(almacen, CATALOGO, matriz(OBSERVACIONES), filas(almacen, OBSERVACIONES))
    hallados = [(p.campo, p.mensaje) for p in revisada.resultado.errores if p.codigo == "referencia-inexistente"]
    assert [c for c, _ in hallados] == ([campo] if campo else []) and dice in "".join(m for _, m in hallados)
    otra = comprobar(almacen, CATALOGO, matriz(OBSERVACIONES, region="05"), revisada.resultado)
    assert len(otra.errores) >= len(revisada.resultado.errores), "el folio de otra región no sirve"


def test_el_reloj_cuenta_quince_dias_corridos_desde_la_recepcion(almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    expediente = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    quedan = [relojes_de(CATALOGO, expediente, NOVIEMBRE + timedelta(days=d))[0] for d in (0, 14, 15, 16)]
    plazo = quedan[0].plazo
    assert quedan[0].acto.titulo == "Enviar las observaciones" and plazo.fin.isoformat() == "2026-11-18"
    assert "15 días corridos desde la recepción" in plazo.cuenta and any("Magallanes" in z for z in quedan[0].cierres)
    assert [r.dias for r in quedan] == [15, 1, 0, -1]


# --- Por la web ------------------------------------------------------------------------------------------


def enviar_observacion(central, almacen, codigo="FOC-01", **valores):
    folio = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).actuaciones[-1].folios[FOC]
    central.abrir(f"/formularios/sercotec/envios/{folio}")
    enlace = next(a.get("href") for a in central.pagina.todos("a") if a.texto == f"Observar esta fila: {codigo}")
    central.abrir(enlace)
    escrito = {"c.observacion": "Explique cómo se calculó.", "c.condicion": "ficha-e", **valores}
    return central.enviar(escrito)


def test_sercotec_observa_desde_lo_enviado_y_la_region_responde(almacen, gore, central):
    llenar(almacen)
    hacer(almacen, "preliminar")
    assert "Sercotec no ha enviado observaciones" in gore.abrir(LISTA).texto
    pagina = enviar_observacion(central, almacen, campo="Cobertura estimada")
    assert "quedó guardada" in pagina.texto and "solo la ve Sercotec" in pagina.texto
    [o] = vistas(almacen, todas=True)
    assert (o.matriz, o.fila, o.campo, o.condicion, o.estado) == (FOC, "FOC-01", "Cobertura estimada", "ficha-e", "pendiente")
    assert "Sercotec no ha enviado observaciones" in gore.abrir(LISTA).texto
    gore.abrir(f"{LISTA}{o.id}/", 404)
    assert "OBS-01" not in gore.abrir(f"{LUGAR}/").texto
    antes = gore.abrir(f"{LUGAR}/expediente/observar/").texto
    assert "C.1 ·" not in antes and "C.1 ·" in central.abrir(f"{LUGAR}/expediente/observar/").texto
    assert "OBS-01" not in gore.abrir(f"{LUGAR}/matrices/{FOC}/").texto
    gore.abrir(f"{LUGAR}/matrices/{OBSERVACIONES}/")
    assert gore.url.endswith("/observaciones/") and "OBS-01" not in gore.pagina.texto
    assert gore.http.get(f"{LUGAR}/matrices/{OBSERVACIONES}/{o.id}/historial/").status_code == 303
    hacer(almacen, "observar", AHORA)
    assert "Falta responder una" in gore.abrir(f"{LUGAR}/").texto
    pagina = gore.abrir(LISTA)
    assert "Pendiente de respuesta" in pagina.texto and "Enviar la focalización final" in pagina.texto
    assert "Observada : OBS-01 Pendiente de respuesta" in gore.abrir(f"{LUGAR}/matrices/{FOC}/").texto
    gore.abrir(f"{LUGAR}/matrices/{FOC}/{fila(almacen, 'FOC-01').id}/")
    assert "Explique cómo se calculó" in gore.pagina.texto
    assert {n for n, _ in gore.campos(gore.formulario()) if n.startswith("c.")} == {"c.cobertura"}, "solo el campo observado"
    gore.abrir(f"{LISTA}{o.id}/")
    assert "Falta la respuesta" in gore.enviar({"c.respuesta": "  "}, "responder", 422).texto
    assert "1.000 caracteres" not in gore.enviar({"c.respuesta": "x" * 2001}, "responder", 422).texto
    assert "Respondida" in gore.enviar({"c.respuesta": "Se calculó con el tope."}, "responder").texto
    central.abrir(f"{LISTA}{o.id}/")
    assert "Se calculó con el tope." in central.pagina.texto
    repetida = {"c.observacion": "Explique cómo se calculó."}
    assert "dice lo mismo que antes" in central.enviar(repetida, "devolver", 422).texto
    central.enviar({"c.observacion": "El tope es otro: revise la ficha."}, "devolver")
    assert "El tope es otro" in gore.abrir(f"{LISTA}{o.id}/").texto and vistas(almacen)[0].estado == "pendiente"
    gore.enviar({"c.respuesta": "Se bajó la cobertura."}, "responder")
    central.abrir(f"{LISTA}{o.id}/")
    assert "quedó resuelta" in central.enviar({}, "resolver", numero=0).texto
    escribe = {n.get("name") for n in gore.abrir(f"{LISTA}{o.id}/").todos("textarea")}
    assert vistas(almacen)[0].resuelta and "c.respuesta" not in escribe


def test_si_falta_algo_la_observacion_no_se_guarda_y_la_misma_dos_veces_es_una(almacen, central):
    llenar(almacen)
    hacer(almacen, "preliminar")
    central.abrir(f"{LISTA}nueva/?matriz={FOC}&fila=FOC-01")
    assert "Falta corregir" in central.enviar({"c.observacion": "Corta"}, "", 422).texto and not vistas(almacen, todas=True)
    for _ in range(2):
        enviar_observacion(central, almacen, campo="*")
    [o] = vistas(almacen, todas=True)
    assert (o.fila, o.campo) == ("", ""), "se eligió toda la matriz"
    for mala in (f"matriz={FOC}&fila=FOC-99", "matriz=catastro-actores", ""):
        central.abrir(f"{LISTA}nueva/?{mala}", 404)
    central.abrir(f"{LUGAR}/matrices/{OBSERVACIONES}/{o.id}/")
    central.enviar({"c.observacion": "Dicho de otra forma, sin enviar."}, "guardar")
    assert "Dicho de otra forma" in vistas(almacen, todas=True)[0].observacion


def test_si_dos_responden_el_segundo_ve_lo_del_primero_y_lo_suyo(almacen, gore, app):  # noqa: F811
    observada(almacen)
    otra = entrar(app, "editora@ejemplo.cl")
    [o] = vistas(almacen)
    gore.abrir(f"{LISTA}{o.id}/")
    otra.abrir(f"{LISTA}{o.id}/")
    otra.enviar({"c.respuesta": "Lo que respondió la editora."}, "responder")
    choque = gore.enviar({"c.respuesta": "Lo que respondió la firmante."}, "responder", 409)
    assert "Lo que respondió la editora." in choque.texto and "Lo que respondió la firmante." in gore.respuesta.text
    with pytest.raises(FilaCambiada):
        guardar_fila(almacen, CATALOGO, matriz(OBSERVACIONES), o.id, {"respuesta": "x"}, version=1, **QUIEN)


def test_lo_cerrado_no_se_ofrece_y_si_se_intenta_no_se_pierde_lo_escrito(almacen, gore):
    llenar(almacen)
    gore.abrir(f"{LUGAR}/matrices/{FOC}/{fila(almacen, 'FOC-02').id}/")
    url, pares = gore.llenar({"c.descripcion": "Escrito antes de que se enviara."}, "guardar")
    hacer(almacen, "preliminar")
    dicho = gore.mandar(url, pares, 409)
    assert "Eso está cerrado" in dicho.texto and "Retirar la preliminar" in dicho.texto
    assert "Escrito antes de que se enviara." in gore.respuesta.text
    pagina = gore.abrir(f"{LUGAR}/matrices/{FOC}/")
    ofrecido = {n.texto for n in pagina.todos("a", "button")}
    assert not {"Agregar una fila", "Subir una planilla"} & ofrecido and "Cerrada" in pagina.texto
    gore.abrir(f"{LUGAR}/matrices/{FOC}/nueva/", 409)
    assert "Esta fila está cerrada" in gore.abrir(f"{LUGAR}/matrices/{FOC}/{fila(almacen, 'FOC-02').id}/").texto


def test_quien_firma_abre_una_fila_y_se_ve_en_su_historial(almacen, gore, app):  # noqa: F811
    observada(almacen)
    otra = fila(almacen, "FOC-02").id
    editora = entrar(app, "editora@ejemplo.cl")
    assert "Abrir esta fila" not in editora.abrir(f"{LUGAR}/matrices/{FOC}/{otra}/").texto
    editora.mandar(f"{LUGAR}/matrices/{FOC}/abrir/", [("csrf_token", editora.ficha()), ("fila", otra), ("motivo", "x")], 403)
    gore.abrir(f"{LUGAR}/matrices/{FOC}/{otra}/")
    url, pares = gore.llenar({"motivo": ""})
    assert "Falta el motivo" in gore.mandar(url, pares, 422).texto
    gore.abrir(f"{LUGAR}/matrices/{FOC}/{otra}/")
    gore.enviar({"motivo": "El CORE pidió otro monto."})
    assert "La abrió quien firma: El CORE pidió otro monto." in gore.pagina.texto
    assert "Guardar la fila" in {b.texto for b in gore.pagina.todos("button")}
    assert "El CORE pidió otro monto." in gore.abrir(f"{LUGAR}/matrices/{FOC}/{otra}/historial/").texto
    assert "El CORE pidió otro monto." in gore.abrir(f"{LUGAR}/expediente/final/").texto


# --- La planilla -----------------------------------------------------------------------------------------


def bajar(web, url):
    respuesta = web.http.get(url)
    assert respuesta.status_code == 200
    return respuesta.data


def subir(web, formato, datos, aplicar=True):
    web.abrir(f"{LUGAR}/matrices/{formato}/subir/")
    respuesta = web.publicar_archivos({"archivo": (datos, "planilla.xlsx")}, accion="revisar")
    web._recibir(respuesta, web.url, respuesta.status_code)
    pagina = web.pagina
    formularios = [f for f in pagina.todos("form") if "/aplicar/" in f.get("action")]
    if aplicar and formularios:
        web.mandar(formularios[0].get("action"), web.campos(formularios[0]))
    return pagina


def escribir(datos, codigo, titulo, valor):
    """La planilla con esa celda cambiada, como la deja quien la llena."""
    libro = openpyxl.load_workbook(io.BytesIO(datos))
    hoja = libro["Datos"]
    columna = {c.value: c.column for c in hoja[1]}
    numero = next(f[0].row for f in hoja.iter_rows(min_row=2) if f[columna["Código"] - 1].value == codigo)
    hoja.cell(numero, columna[titulo]).value = valor
    salida = io.BytesIO()
    libro.save(salida)
    return salida.getvalue()


def test_en_la_planilla_de_observaciones_solo_se_lee_la_respuesta(almacen, gore, central):
    observada(almacen, ("FOC-01",), ("FOC-02",))
    observar(almacen, "FOC-01")  # Sercotec ya prepara otra, que no se ha enviado
    datos = bajar(gore, f"{LISTA}planilla.xlsx")
    assert "OBS-03" not in {c for f in leer_libro(datos).hojas[0].filas for c in f}
    datos = escribir(datos, "OBS-01", "Observación", "Escrita por la región en lo que no le toca.")
    datos = escribir(datos, "OBS-01", "Respuesta del Gobierno Regional", "Se corrigió en la planilla.")
    pagina = subir(gore, OBSERVACIONES, datos)
    assert "Cambia: 1" in pagina.texto and "Quita: 0" in pagina.texto and "OBS-03" not in pagina.texto
    dichas = {o.codigo: o for o in vistas(almacen, todas=True)}
    assert (dichas["OBS-01"].respuesta, dichas["OBS-01"].estado) == ("Se corrigió en la planilla.", "respondida")
    assert dichas["OBS-01"].observacion == dichas["OBS-03"].observacion == "Explique cómo se calculó."
    assert len(dichas) == 3
    datos = bajar(central, f"{LUGAR}/matrices/{OBSERVACIONES}/planilla.xlsx")
    pagina = subir(central, OBSERVACIONES, escribir(datos, "OBS-02", "Fila observada", "FOC-01"))
    assert "OBS-02: no se cambia Fila observada" in pagina.texto and len(vistas(almacen, todas=True)) == 3


def test_al_subir_lo_cerrado_se_dice_fila_por_fila_y_lo_demas_se_aplica(almacen, gore):
    observada(almacen)
    datos = bajar(gore, f"{LUGAR}/matrices/{FOC}/planilla.xlsx")
    datos = escribir(datos, "FOC-01", "Descripción", "Lo observado, corregido.")
    datos = escribir(datos, "FOC-02", "Descripción", "Lo cerrado, tocado.")
    antes = fila(almacen, "FOC-02")
    pagina = subir(gore, FOC, datos)
    assert "FOC-02: no se cambia Descripción. Queda como estaba." in pagina.texto
    assert fila(almacen, "FOC-01").datos["descripcion"] == "Lo observado, corregido." and fila(almacen, "FOC-02") == antes
    sin_una = openpyxl.load_workbook(io.BytesIO(datos))
    sin_una["Datos"].delete_rows(3)
    sin_una["Datos"].append(["FOC-88"])
    salida = io.BytesIO()
    sin_una.save(salida)
    dicho = subir(gore, FOC, salida.getvalue(), aplicar=False).texto
    assert "FOC-02: no está en su archivo" in dicho and "FOC-88: no se agrega" in dicho


def pintadas(datos):
    hoja = openpyxl.load_workbook(io.BytesIO(datos))["Datos"]
    color = OBSERVADA["bg_color"][1:]
    celdas = [c for f in hoja.iter_rows(max_row=6) for c in f if str(c.fill.fgColor.rgb).endswith(color)]
    return hoja, celdas


@pytest.mark.parametrize("camino", [(), ("xlsx",), ("ods", "xlsx")])
def test_la_planilla_marca_lo_observado_y_vuelve_a_subir_sin_perder_nada(almacen, gore, tmp_path, camino):
    observada(almacen, ("FOC-01", "cobertura"), ("FOC-02",), ("", "perfil"))
    cambiar(almacen, "OBS-01", respuesta="Se calculó con el tope.")
    datos = bajar(gore, f"{LUGAR}/matrices/{FOC}/planilla.xlsx")
    if camino:
        exigir(disponible())
        ruta = tmp_path / "focalizacion.xlsx"
        ruta.write_bytes(datos)
        for i, formato in enumerate(camino):
            ruta = convertir(ruta, formato, tmp_path / str(i))
        datos = ruta.read_bytes()
    hoja, celdas = pintadas(datos)
    titulo = {c.column: c.value for c in hoja[1]}
    assert {(c.row, titulo[c.column]) for c in celdas if c.row < 3} == {(1, "Perfil del cliente"), (2, "Cobertura estimada")}
    assert {titulo[c.column] for c in celdas if c.row == 3} >= {"Código", "Descripción", "Perfil del cliente"}
    dicho = next(c for c in celdas if c.row == 2).comment.text
    assert "OBSERVACIÓN OBS-01 (Ficha E): Explique" in dicho and "RESPUESTA: Se calculó con el tope." in dicho
    assert "ESTADO: Respondida." in dicho
    assert "OBS-02" in hoja.cell(3, 1).comment.text and "Falta responder" in hoja.cell(3, 1).comment.text
    assert "Nada: su archivo dice lo mismo" in subir(gore, FOC, datos).texto


# --- En un navegador, sin JavaScript ----------------------------------------------------------------------


@pytest.fixture(scope="module")
def sitio(tmp_path_factory):
    """Una región observada, con una respondida, otra pendiente y una que Sercotec aún no envía."""
    exigir(navegador_disponible())
    url = f"sqlite:///{tmp_path_factory.mktemp('observaciones')}/focaliza.db"
    migrar(url)
    almacen = Almacen(url)
    for correo, (rol, region) in {"gore06@ejemplo.cl": ("gore_firmante", REGION), "central@ejemplo.cl": ("sercotec", "")}.items():
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    observada(almacen, ("FOC-01", "cobertura"), ("FOC-02",))
    cambiar(almacen, "OBS-01", respuesta="Se calculó con el tope.")
    observar(almacen, "FOC-01")

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield direccion, almacen
    almacen.cerrar()


SESIONES: dict[str, list] = {}


def abrir_como(pestana, sitio, correo, ruta):
    if correo not in SESIONES:  # una vez: los enlaces para entrar se piden de a pocos
        pestana.goto(f"{sitio}/formularios/entrar")
        pestana.fill("#correo", correo)
        pestana.click("main form button")
        pestana.goto(f"{sitio}/formularios/bandeja")
        pestana.goto(re.search(r"http\S+/entrar/[\w-]+", pestana.inner_text("main"))[0])
        pestana.click("main form button")
        SESIONES[correo] = pestana.context.cookies()
    pestana.context.clear_cookies()
    pestana.context.add_cookies(SESIONES[correo])
    pestana.goto(f"{sitio}{ruta}")


def pantallas(almacen):
    folio = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).actuaciones[0].folios[FOC]
    ids = {o.codigo: o.id for o in vistas(almacen, todas=True)}
    foc = {f.datos["codigo"]: f.id for f in filas(almacen)}
    for correo in ("central@ejemplo.cl", "gore06@ejemplo.cl"):
        for ruta in ("", *(f"{ids[c]}/" for c in ("OBS-01", "OBS-02"))):
            yield correo, LISTA + ruta
        for codigo in ("FOC-01", "FOC-02", "FOC-03"):
            yield correo, f"{LUGAR}/matrices/{FOC}/{foc[codigo]}/"
        yield correo, f"{LUGAR}/matrices/{FOC}/"
        yield correo, f"{LUGAR}/"
    yield "central@ejemplo.cl", f"/formularios/sercotec/envios/{folio}"
    yield "central@ejemplo.cl", f"{LISTA}nueva/?matriz={FOC}&fila=FOC-01"
    yield "central@ejemplo.cl", f"{LISTA}nueva/?matriz={FOC}"
    yield "central@ejemplo.cl", f"{LISTA}{ids['OBS-03']}/"
    yield "gore06@ejemplo.cl", f"{LUGAR}/matrices/{FOC}/nueva/"


@pytest.mark.parametrize(("ancho", "tema"), [(360, "light"), (360, "dark"), (1280, "light"), (1280, "dark")])
def test_cada_pantalla_sirve_a_quien_sea_en_lo_que_sea(sitio, ancho, tema):
    direccion, almacen = sitio
    with navegador(ancho, 800, javascript=True) as p:  # axe lo necesita
        p.emulate_media(color_scheme=tema)
        for correo, ruta in pantallas(almacen):
            abrir_como(p, direccion, correo, ruta)
            assert faltas_de_axe(p) == [], ruta
            assert p.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth") <= 0, ruta


def test_con_el_teclado_y_sin_javascript_se_responde(sitio):
    direccion, almacen = sitio
    with navegador(360, 800, javascript=False) as p:
        abrir_como(p, direccion, "gore06@ejemplo.cl", LISTA)
        p.get_by_role("link", name="Responder OBS-02").press("Enter")
        p.locator("textarea").press_sequentially("Se corrigió la fila.")
        p.keyboard.press("Tab")
        p.keyboard.press("Enter")
        p.get_by_text("La respuesta quedó guardada").wait_for()
    assert {o.codigo: o.estado for o in vistas(almacen)}["OBS-02"] == "respondida"
