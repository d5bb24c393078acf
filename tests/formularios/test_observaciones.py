"""Sercotec observa, la región responde y Sercotec resuelve: en la web, en la planilla y en el anexo."""

import io
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import openpyxl
import pytest

from esquemas.libro import HOJA_LISTAS, leer_libro
from esquemas.marcado import LARGO_COMENTARIO
from esquemas.plantilla import OBSERVADA, TITULO
from esquemas.tabla import escribir_csv
from formularios import almacen_filas
from formularios.accesos import guardar_usuario
from formularios.actuar import ActoImposible, Pedido, actuar
from formularios.almacen import Almacen, migrar
from formularios.almacen_expedientes import leer_aperturas
from formularios.apertura import FilaCerrada
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.expediente import leer_expediente, relojes_de
from formularios.fila_en_curso import FilaCambiada
from formularios.filas import aplicar, guardar_fila, quitar_fila, reponer_fila
from formularios.matrices import revisar
from formularios.observaciones import (
    Observacion,
    comprobar,
    leer_observaciones,
    mover,
    nombrar,
    notas_de,
    observables,
    sin_enviar,
)
from formularios.recibido import comprobante
from formularios.tramite import preparar
from tests.formularios.conftest import AHORA
from tests.formularios.test_convocatoria import entrar
from tests.formularios.test_web_matrices import app  # noqa: F401
from tests.formularios.tramite import (
    ACTA,
    CATALOGO,
    CERTIFICADO,
    EJERCICIO,
    FOC,
    NOVIEMBRE,
    OBSERVACIONES,
    QUIEN,
    REGION,
    acuerdo_de,
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
from tests.servicios.navegador import entrar_como, navegador
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


def con_una_sin_enviar(almacen, *lugares):
    """«Con observaciones», y además la que alguien escribió mientras se enviaban: no alcanzó a ir."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    for lugar in lugares:
        observar(almacen, *lugar)
    expediente = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    listo = preparar(almacen, CATALOGO, expediente, CATALOGO.proceso.tramitacion.actos["observar"])
    observar(almacen, "FOC-01")
    pedido = Pedido("observar", ("sercotec",), "usuario 1", 1, resultados=listo.resultados, huellas=listo.huellas)
    actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido, ahora_utc=NOVIEMBRE)


# --- El núcleo -------------------------------------------------------------------------------------------


def test_una_observacion_sin_enviar_que_se_quito_vuelve_con_su_historial(almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    quitada = observar(almacen, "FOC-01")
    quitar_fila(almacen, CATALOGO, matriz(OBSERVACIONES), quitada.id, version=1, **QUIEN)
    aplicar(almacen, CATALOGO, matriz(OBSERVACIONES), [quitada.datos], base="", **QUIEN)
    [vuelta] = filas(almacen, OBSERVACIONES)
    assert (vuelta.id, vuelta.datos) == (quitada.id, quitada.datos)


def test_una_observacion_quitada_se_repone_desde_su_historial(almacen, central):
    """La pantalla lo prometía y no había botón. Si su código ya se envió en otra, no."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    quitada = observar(almacen, "FOC-01")
    quitar_fila(almacen, CATALOGO, matriz(OBSERVACIONES), quitada.id, version=1, **QUIEN)
    historial = f"{LUGAR}/matrices/{OBSERVACIONES}/{quitada.id}/historial/"
    assert historial in {a.get("href") for a in central.abrir(f"{LUGAR}/matrices/{OBSERVACIONES}/").todos("a")}
    assert "Reponerla como estaba" in central.abrir(historial).texto
    central.enviar({})
    assert [f.id for f in filas(almacen, OBSERVACIONES)] == [quitada.id]
    quitar_fila(almacen, CATALOGO, matriz(OBSERVACIONES), quitada.id, version=3, **QUIEN)
    observar(almacen, "FOC-02", codigo="OBS-01")
    hacer(almacen, "observar")
    assert "La fila está quitada." in central.abrir(historial).texto and "Reponerla" not in central.pagina.texto
    with pytest.raises(FilaCerrada):
        reponer_fila(almacen, CATALOGO, matriz(OBSERVACIONES), quitada.id, **QUIEN)


def test_la_region_no_ve_lo_que_no_se_ha_enviado(almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    observar(almacen, "FOC-01")
    assert vistas(almacen) == [] and [o.enviada for o in vistas(almacen, todas=True)] == [False]
    hacer(almacen, "observar")
    assert [o.codigo for o in vistas(almacen)] == ["OBS-01"]


def test_la_que_se_escribio_mientras_se_enviaban_no_se_ve(almacen):
    con_una_sin_enviar(almacen, ("FOC-02",))
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
    hacer(almacen, "final")
    assert observar(almacen, "FOC-01", estado="").datos["estado"] == "pendiente"


def test_sin_responder_todo_no_hay_final_y_lo_no_enviado_no_se_sella(almacen):
    con_una_sin_enviar(almacen, ("FOC-01",), ("FOC-02",))
    cambiar(almacen, "OBS-01", respuesta="Se corrigió.")
    with pytest.raises(ActoImposible, match=r"Falta responder .* OBS-02\."):
        hacer(almacen, "final")
    cambiar(almacen, "OBS-02", estado="resuelta")  # la que Sercotec resolvió no espera respuesta
    final = hacer(almacen, "final")
    assert OBSERVACIONES in final.folios and [o.codigo for o in vistas(almacen)] == ["OBS-01", "OBS-02"]
    with almacen.leer() as c:
        todas = revisar(almacen, CATALOGO, matriz(OBSERVACIONES), filas(almacen, OBSERVACIONES)).resultado
        assert sin_enviar(c, CATALOGO, REGION, EJERCICIO, todas) == ["OBS-03"]
        assert leer_aperturas(c, REGION, EJERCICIO) == []


def test_un_ajuste_lleva_algo_que_la_region_tenga_que_responder(almacen, gore, central):
    """Las que ya respondió o ya se resolvieron no bastan: hay que observar algo, o volver a observarlo."""
    observada(almacen, ("FOC-01",), ("FOC-02",))
    for codigo in ("OBS-01", "OBS-02"):
        cambiar(almacen, codigo, respuesta="Se corrigió.")
    hacer(almacen, "final")
    for _ in range(2):
        with pytest.raises(ActoImposible, match="al menos una observación pendiente"):
            hacer(almacen, "pedir-ajuste")
        cambiar(almacen, "OBS-01", estado="resuelta")
    ajuste = f"{LUGAR}/expediente/pedir-ajuste/"
    boton = CATALOGO.proceso.tramitacion.actos["pedir-ajuste"].titulo
    assert "Sin pendientes" in central.abrir(ajuste).texto and boton not in {b.texto for b in central.pagina.todos("button")}
    assert LISTA in {a.get("href") for a in central.pagina.todos("a")}
    assert "Sin pendientes" not in gore.abrir(ajuste).texto, "lo que Sercotec prepara no se adelanta"
    cambiar(almacen, "OBS-02", observacion="Sigue sin explicarse cómo se calculó.")
    assert "Sin pendientes" not in central.abrir(ajuste).texto and boton in {b.texto for b in central.pagina.todos("button")}
    hacer(almacen, "pedir-ajuste")


MALOS = ("referencia-inexistente", "opcion-desconocida")
UNA = Observacion("OBS-01", "2027-06-000001-1", FOC, "FOC-01", "Perfil", "Explique.", "ficha-e", "", "pendiente", enviada=True)


@pytest.mark.parametrize(
    ("antes", "cambio", "queda"),
    [
        ("respondida", {"respuesta": "  "}, "pendiente"),
        ("respondida", {"condicion": "otra"}, "pendiente"),
        ("respondida", {"observacion": "Otra razón."}, "pendiente"),
        ("respondida", {"observacion": "Otra razón.", "estado": "resuelta"}, "resuelta"),
        ("resuelta", {"respuesta": "Se corrigió otra vez."}, "respondida"),
        ("respondida", {}, "respondida"),
    ],
)
def test_que_estado_le_toca(antes, cambio, queda):
    datos = {"observacion": "Explique.", "condicion": "ficha-e", "respuesta": "Sí.", "estado": antes}
    assert mover(datos, {**datos, **cambio})["estado"] == queda


@pytest.mark.parametrize(
    ("cambio", "campo", "dice"),
    [
        ({"campo": ""}, "campo", "La fila entera"),
        ({"campo": "", "fila": ""}, "campo", "Toda la matriz"),
        ({"fila": ""}, "fila", "Toda la matriz"),
        ({"campo": "No existe"}, "campo", "No existe"),
        ({"campo": "cobertura"}, "campo", "Cobertura estimada"),
    ],
)
def test_lo_observado_se_nombra_como_lo_lee_una_persona(cambio, campo, dice):
    assert nombrar(CATALOGO, replace(UNA, **cambio), campo) == dice


def test_las_notas_de_la_planilla_van_en_su_celda():
    """Dos sobre la misma celda se juntan; de un código repetido vale su primera fila; lo de otra matriz no va."""
    repetidas = [{"codigo": "FOC-01"}, {"codigo": "FOC-01"}]
    vistas = [
        replace(UNA, campo="cobertura"),
        replace(UNA, campo="cobertura", codigo="OBS-02"),
        replace(UNA, campo="perfil", fila=""),
        replace(UNA, campo="", codigo="OBS-03", matriz="matriz-estrategica-integrada"),
        replace(UNA, campo="", codigo="OBS-04", fila="FOC-99"),
        replace(UNA, campo="descripcion", codigo="OBS-05", observacion="x" * 40_000),
    ]
    notas = notas_de(CATALOGO, CATALOGO.esquemas[FOC], repetidas, vistas)
    assert set(notas) == {(0, "cobertura"), (TITULO, "perfil"), (0, "descripcion")}
    assert "OBS-01" in notas[0, "cobertura"] and "OBS-02" in notas[0, "cobertura"]
    assert len(notas[0, "descripcion"]) == LARGO_COMENTARIO
    de_toda = notas_de(CATALOGO, CATALOGO.esquemas[FOC], repetidas, [replace(UNA, campo="", fila="")])
    assert len(de_toda) == 1, "lo de toda la matriz no pinta cada celda"
    assert len(notas_de(CATALOGO, CATALOGO.esquemas[FOC], repetidas, [replace(UNA, campo="")])) > 5


def test_el_folio_es_de_esa_matriz_region_y_ejercicio(almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    observar(almacen, "FOC-01")
    otra = next(n for n in CATALOGO.proceso.tramitacion.actos["preliminar"].entrega if n != FOC)
    observar(almacen, filas(almacen, otra)[0].datos["codigo"], nombre=otra)

    def malos(**lugar):
        revisada = revisar(almacen, CATALOGO, matriz(OBSERVACIONES), filas(almacen, OBSERVACIONES)).resultado
        limpio = replace(revisada, problemas=())
        return [(p.fila, p.campo) for p in comprobar(almacen, CATALOGO, matriz(OBSERVACIONES, **lugar), limpio).problemas]

    assert malos() == []
    assert malos(region="05") == malos(ejercicio=EJERCICIO + 1) == [(1, "envio"), (2, "envio")]
    folio = fila(almacen, "OBS-02", OBSERVACIONES).datos["envio"]
    cambiar(almacen, "OBS-01", envio=folio)
    assert malos() == [(1, "envio")]


def test_lo_que_sercotec_prepara_no_detiene_la_final(almacen):
    """La huella de las observaciones es solo de las que van: lo que se cambia aparte no la cambia."""
    con_una_sin_enviar(almacen, ("FOC-02",))
    cambiar(almacen, "OBS-01", respuesta="Se corrigió.")
    expediente = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    listo = preparar(almacen, CATALOGO, expediente, CATALOGO.proceso.tramitacion.actos["final"])
    core = {"datos": acuerdo_de(EJERCICIO), "documentos": {"acta": ACTA, "certificado": CERTIFICADO}}
    pedido = Pedido("final", ("gore_firmante",), "usuario 1", 2, resultados=listo.resultados, huellas=listo.huellas, **core)
    assert OBSERVACIONES in actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido, ahora_utc=NOVIEMBRE).folios


@pytest.mark.parametrize(
    ("cambio", "campo", "dice"),
    [
        ({"envio": "2027-06-000099-0"}, "envio", "no es de «B.2 · Matriz de Focalización» en esta región"),
        ({"matriz": "catastro-actores"}, "matriz", "no está en la lista de «Matriz observada»"),
        ({"matriz": OBSERVACIONES}, "matriz", "no está en la lista"),
        ({"fila": "FOC-99"}, "fila", "no está en el envío"),
        ({"campo": "colores"}, "campo", "Use una de: «Código»"),
        ({"matriz": "Matriz de Focalización"}, "", ""),
        ({"matriz": "b.2"}, "", ""),
        ({"matriz": "B.2 · Matriz de Focalización", "estado": ""}, "", ""),
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
    hallados = [(p.campo, p.mensaje) for p in revisada.resultado.errores if p.codigo in MALOS]
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
    assert "(obligatorio)" in gore.abrir(f"{LISTA}{o.id}/").texto and "«Estado» es" not in gore.pagina.texto
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


def test_con_observaciones_sin_enviar_no_se_declara_que_no_hay(almacen, gore, central):
    """Quedaban atrapadas «Sin enviar»: ningún acto las mandaba después."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    sin_observaciones, boton = f"{LUGAR}/expediente/sin-observaciones/", "Declarar que no hay observaciones"
    central.abrir(sin_observaciones)
    ficha = [(n, v) for n, v in central.campos(central.formulario())]
    suelta = observar(almacen, "FOC-01")
    pagina = central.mandar(sin_observaciones, ficha, 422)
    assert "sin enviar: OBS-01. Envíelas con «Enviar las observaciones», o quite cada una." in pagina.texto
    assert boton not in {b.texto for b in pagina.todos("button")} and "1 sin enviar, 0 sin resolver" in pagina.texto
    assert f"{LISTA}{suelta.id}/" in {a.get("href") for a in pagina.todos("a")}
    assert "OBS-01" not in gore.abrir(sin_observaciones).texto, "lo que Sercotec prepara no se adelanta"
    assert "1 sin enviar, 0 sin resolver" in central.abrir(f"{LUGAR}/expediente/observar/").texto
    quitar_fila(almacen, CATALOGO, matriz(OBSERVACIONES), suelta.id, version=1, **QUIEN)
    central.abrir(sin_observaciones)
    central.enviar({})
    assert leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).estado == "sin_observaciones"


def test_no_se_observa_cuando_ningun_acto_lo_enviaria_y_se_dice_desde_cuando(almacen, gore, central):
    """Se guardaba, decía «La región la verá» y ningún acto la mandaba."""
    observada(almacen)
    nueva, tabla, una = f"{LISTA}nueva/?matriz={FOC}&fila=FOC-02", f"{LUGAR}/matrices/{OBSERVACIONES}/", vistas(almacen)[0]
    por_que = "«Con observaciones»: ningún acto le enviaría a la región otra observación. Se podrá después de «Enviar la focali"
    envio = f"/formularios/sercotec/envios/{una.envio}"
    for pantalla in (nueva, LISTA, envio, tabla):
        assert por_que in central.abrir(pantalla).texto, pantalla
        textos = [x.texto for x in central.pagina.todos("a", "button")]
        assert not [x for x in textos if x.startswith(("Observar", "Guardar la obs", "Agregar una"))], pantalla
    assert LISTA in {a.get("href") for a in central.abrir(envio).todos("a")}
    escrito = {"c.observacion": "Otra que se entiende.", "c.condicion": "otra"}
    pares = [("csrf_token", central.ficha()), *escrito.items()]
    assert "Otra que se entiende." in central.mandar(nueva, pares, 409).texto, "lo escrito no se pierde"
    with pytest.raises(FilaCerrada, match=r"No se pueden agregar filas.*Se podrá después de"):
        observar(almacen, "FOC-02")
    cambiar(almacen, "OBS-01", observacion="Otra razón, que la región ve de inmediato.")
    assert "Lo ve de inmediato." in central.abrir(f"{LISTA}{una.id}/").texto
    cambiar(almacen, "OBS-01", respuesta="Se corrigió.")
    hacer(almacen, "final")
    assert "Lo ve con «Pedir un ajuste»." in central.abrir(f"{LISTA}{una.id}/").texto
    assert "La región la verá con «Pedir un ajuste»." in enviar_observacion(central, almacen, "FOC-02").texto
    hacer(almacen, "validar")
    assert "«Validada»: ningún acto le enviaría a la región otra observación. Ya no" in central.abrir(nueva).texto
    central.abrir(f"{LISTA}{una.id}/")
    assert {b.get("value") for b in central.pagina.todos("main")[0].todos("button")} == {"resolver"}
    with pytest.raises(FilaCerrada):
        cambiar(almacen, "OBS-01", observacion="Otra razón después de validada.")
    central.enviar({}, "resolver")
    assert vistas(almacen, todas=True)[0].resuelta


def test_si_la_region_reenvia_se_avisa_que_lo_observado_se_reemplazo(almacen, central):
    llenar(almacen)
    antes = hacer(almacen, "preliminar").folios[FOC]
    sin_enviar = observar(almacen, "FOC-01")
    ajena = observar(almacen, "FOC-01", envio="2027-06-000099-0")
    hacer(almacen, "retirar-preliminar")
    assert [o.reemplazo for o in vistas(almacen, todas=True)] == ["", ""], "lo retirado sigue siendo lo vigente"
    cambiar_foc = fila(almacen, "FOC-01")
    guardar_fila(almacen, CATALOGO, matriz(), cambiar_foc.id, {"descripcion": "Se corrigió."}, version=1, **QUIEN)
    ahora = hacer(almacen, "preliminar").folios[FOC]
    assert [o.reemplazo for o in vistas(almacen, todas=True)] == [ahora, ""] and ahora != antes
    dicho = f"{antes} , fue reemplazado por el {ahora} . Revise si la observación sigue valiendo."
    for pantalla in (LISTA, f"{LISTA}{sin_enviar.id}/", f"{LUGAR}/expediente/observar/"):
        assert dicho in central.abrir(pantalla).texto
    quitar_fila(almacen, CATALOGO, matriz(OBSERVACIONES), ajena.id, version=1, **QUIEN)
    hacer(almacen, "observar")
    assert vistas(almacen, todas=True)[0].reemplazo == "" and "fue reemplazado" not in central.abrir(LISTA).texto


def test_validar_muestra_lo_que_se_valida_y_lo_que_queda_por_cerrar_se_confirma(almacen, gore, central):
    observada(almacen, ("FOC-01",), ("FOC-02",), ("FOC-03",))
    cambiar(almacen, "OBS-02", estado="resuelta")
    for codigo in ("OBS-01", "OBS-03"):
        cambiar(almacen, codigo, respuesta="Se corrigió.")
    final = hacer(almacen, "final")
    validar = f"{LUGAR}/expediente/validar/"
    pagina = gore.abrir(validar)
    assert "0 sin enviar, 2 sin resolver" in pagina.texto and "Confirmo que" not in pagina.texto
    pagina = central.abrir(validar)
    for folio in final.folios.values():
        assert folio in pagina.texto or folio == final.folios[OBSERVACIONES]
    assert comprobante(almacen, final.folios[FOC]).huella in pagina.texto and "lo que asigna B.2" in pagina.texto
    assert "Confirmo que quedan como están: OBS-01, OBS-03." in pagina.texto
    assert "Quedan sin enviar o sin resolver: OBS-01, OBS-03." in central.enviar({}, estado=422).texto
    observar(almacen, "FOC-02")
    otra = central.enviar({"confirmadas": "OBS-01 OBS-03"}, estado=422).texto
    assert "Quedan sin enviar o sin resolver: OBS-04." in otra and "1 sin enviar, 2 sin resolver" in otra
    central.abrir(f"{LUGAR}/expediente/rechazar/")
    central.enviar({"confirmadas": "OBS-01 OBS-03 OBS-04"}, estado=422)
    assert dict(central.campos(central.formulario()))["confirmadas"] == "OBS-01 OBS-03 OBS-04", "sigue marcada: falta el motivo"
    central.abrir(validar)
    central.enviar({"confirmadas": "OBS-01 OBS-03 OBS-04"})
    assert leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).estado == "validada"


@pytest.mark.parametrize(
    ("acto", "antes", "queda"),
    [("rechazar", ["preliminar", "final"], "rechazada"), ("rige-anterior", ["preliminar"], "rige_anterior")],
)
def test_lo_que_no_se_deshace_no_deja_observaciones_sin_que_se_confirme(almacen, acto, antes, queda):
    llenar(almacen)
    for nombre in antes:
        hacer(almacen, nombre, NOVIEMBRE + timedelta(days=20 * antes.index(nombre)))
    observar(almacen, "FOC-01")
    vencida = NOVIEMBRE + timedelta(days=90)
    with pytest.raises(ActoImposible, match=r"Quedan sin enviar o sin resolver: OBS-01\. Ciérrelas, o confirme"):
        hacer(almacen, acto, vencida, confirmadas=())
    hacer(almacen, acto, vencida)
    assert leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).estado == queda


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


@pytest.mark.parametrize("como", ["abren la fila", "se retira"])
def test_lo_que_se_abre_mientras_se_escribe_no_se_vacia(almacen, gore, app, como):  # noqa: F811
    """La página traía un solo campo, o ninguno: los que no traía no se escribieron en blanco."""
    editora = entrar(app, "editora@ejemplo.cl")
    if como == "abren la fila":
        observada(almacen, ("FOC-01", "descripcion"))
    else:
        llenar(almacen)
        hacer(almacen, "preliminar")
    una = fila(almacen, "FOC-01")
    donde = f"{LUGAR}/matrices/{FOC}/"
    if como == "abren la fila":
        editora.abrir(f"{donde}{una.id}/")
        url, pares = editora.llenar({"c.descripcion": "Una descripción corregida."}, "guardar")
        gore.abrir(f"{donde}{una.id}/")
        gore.mandar(f"{donde}abrir/", [("csrf_token", gore.ficha()), ("fila", una.id), ("motivo", "Lo pidió el Consejo.")])
    else:
        with almacen.escribir() as c:
            almacen_filas.marcar_por_revisar(c, {una.id: "La fila «OBJ-01» cambió."})
        editora.abrir(f"{donde}{una.id}/")
        formulario = next(f for f in editora.pagina.todos("form") if "Está bien así" in f.texto)
        url, pares = formulario.get("action"), [*editora.campos(formulario), ("accion", "guardar")]
        hacer(almacen, "retirar-preliminar")
    editora.mandar(url, pares)
    queda = fila(almacen, "FOC-01")
    descripcion = "Una descripción corregida." if como == "abren la fila" else una.datos["descripcion"]
    assert queda.datos == {**una.datos, "descripcion": descripcion} and not queda.por_revisar


def test_se_observa_lo_que_se_estaba_mirando(almacen, central):
    """La región retiró la preliminar, la cambió y la mandó otra vez mientras Sercotec escribía."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    escrito = {"c.observacion": "Explique cómo se calculó.", "c.condicion": "ficha-e"}
    pedidos = {}
    for codigo in ("FOC-01", "FOC-02"):
        central.abrir(f"{LISTA}nueva/?matriz={FOC}&fila={codigo}")
        pedidos[codigo] = central.llenar(escrito)
    hacer(almacen, "retirar-preliminar")
    una, otra = fila(almacen, "FOC-01"), fila(almacen, "FOC-02")
    guardar_fila(almacen, CATALOGO, matriz(), una.id, {"accion": "Otra acción"}, version=una.version, **QUIEN)
    quitar_fila(almacen, CATALOGO, matriz(), otra.id, version=otra.version, **QUIEN)
    hacer(almacen, "preliminar")
    for codigo, dice in (("FOC-01", "Abajo está la fila como quedó"), ("FOC-02", "La fila FOC-02 ya no está")):
        pagina = central.mandar(*pedidos[codigo], 409)
        assert "La región envió otra vez esta matriz" in pagina.texto and dice in pagina.texto
        assert dict(central.campos(central.formulario()))["c.observacion"] == escrito["c.observacion"]
        assert vistas(almacen, todas=True) == []
    central.mandar(*pedidos["FOC-01"], 409)
    central.enviar({})
    assert [o.fila for o in vistas(almacen, todas=True)] == ["FOC-01"]


def test_responder_lo_mismo_a_lo_que_se_observo_otra_vez_no_se_da_por_guardado(almacen, gore):
    observada(almacen, ("FOC-01",))
    cambiar(almacen, "OBS-01", respuesta="Se explicó.")
    cambiar(almacen, "OBS-01", observacion="No basta: diga con qué datos.")
    [o] = vistas(almacen)
    gore.abrir(f"{LISTA}{o.id}/")
    assert "dice lo mismo: escriba qué cambió" in gore.enviar({}, "responder", estado=422).texto
    gore.enviar({"c.respuesta": "Se explicó, con los datos del censo."}, "responder")
    assert [x.estado for x in vistas(almacen)] == ["respondida"]


def test_una_accion_que_no_existe_no_resuelve_la_observacion(almacen, central):
    observada(almacen, ("FOC-01",))
    [o] = vistas(almacen)
    central.abrir(f"{LISTA}{o.id}/")
    central.mandar(f"{LISTA}{o.id}/", [("csrf_token", central.ficha()), ("revision", "1"), ("accion", "otra")], 400)
    assert [x.estado for x in vistas(almacen)] == ["pendiente"]


def test_la_planilla_sin_la_columna_de_la_respuesta_no_la_borra(almacen, gore):
    observada(almacen, ("FOC-01",))
    cambiar(almacen, "OBS-01", respuesta="Se explicó en la descripción.")
    nombres = [n for n in matriz(OBSERVACIONES).esquema.principal.nombres if n != "respuesta"]
    gore.abrir(f"{LUGAR}/matrices/{OBSERVACIONES}/subir/")
    celdas = [fila(almacen, "OBS-01", OBSERVACIONES).datos[n] for n in nombres]
    pagina = gore.subir({"archivo": (escribir_csv(nombres, [celdas]), "respuestas.csv")}, 422, accion="revisar")
    assert "su archivo dice lo mismo que lo que ya hay" in pagina.texto and "Vacío" not in pagina.texto


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


def test_la_planilla_para_responder_se_ofrece_solo_a_quien_le_toca(almacen, gore, central):
    observada(almacen)
    subir_la = "Subir la planilla respondida"
    assert subir_la in gore.abrir(LISTA).texto and subir_la not in central.abrir(LISTA).texto
    cambiar(almacen, "OBS-01", respuesta="Se corrigió.")
    hacer(almacen, "final")
    assert subir_la not in gore.abrir(LISTA).texto, "ya se envió"


def test_la_observacion_lleva_a_su_fila_y_dice_si_ya_no_esta(almacen, central):
    llenar(almacen)
    hacer(almacen, "preliminar")
    for lugar in (("FOC-01", "cobertura"), ("FOC-02",), ("", "perfil")):
        observar(almacen, *lugar)
    en_campo, entera, de_toda = vistas(almacen, todas=True)
    tabla, nombre = f"{LUGAR}/matrices/{FOC}/", CATALOGO.esquemas[FOC].nombre_completo
    uno, dos = (f"{tabla}{fila(almacen, c).id}/" for c in ("FOC-01", "FOC-02"))

    def enlaces(o):
        pagina = central.abrir(f"{LISTA}{o.id}/")
        return {a.texto: a.get("href") for a in pagina.todos("a") if a.get("href").startswith(tabla)}

    def campos():
        return [t.texto for t in central.pagina.todos("th") if t.get("scope") == "row"]

    assert enlaces(en_campo) == {nombre: tabla, "FOC-01, Cobertura estimada": f"{uno}#c-cobertura"}
    assert campos() == ["Cobertura estimada"] and "Igual" in central.pagina.texto
    assert enlaces(entera) == {nombre: tabla, "FOC-02": dos} and len(campos()) == len(CATALOGO.esquemas[FOC].campos)
    assert enlaces(de_toda) == {nombre: tabla} and "ya no está" not in central.pagina.texto and campos() == []
    hacer(almacen, "retirar-preliminar")
    guardar_fila(almacen, CATALOGO, matriz(), fila(almacen, "FOC-02").id, {"codigo": "FOC-20"}, version=1, **QUIEN)
    assert enlaces(entera) == {nombre: tabla}
    assert "La fila FOC-02 ya no está en la matriz" in central.pagina.texto and "Igual" not in central.pagina.texto


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
    con_una_sin_enviar(almacen, ("FOC-01",), ("FOC-02",))
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


def test_quien_responde_con_la_planilla_solo_necesita_el_codigo_y_la_respuesta(almacen, gore):
    """Eran cinco errores por columnas que no escribe, y dos por sus celdas."""
    observada(almacen, ("FOC-01",), ("FOC-02",))
    datos = bajar(gore, f"{LISTA}planilla.xlsx")
    rara = escribir(escribir(datos, "OBS-01", "Estado", "Respondido"), "OBS-02", "Fila observada", "FOC–05")
    pagina = subir(gore, OBSERVACIONES, escribir(rara, "OBS-01", "Respuesta del Gobierno Regional", "Ya se explicó."))
    assert "Cambia: 1" in pagina.texto and "Sin errores: 2 filas" in pagina.texto
    assert "Lo de su planilla quedó guardado" in gore.pagina.texto
    assert "OBS-02: no se cambia Fila observada" in pagina.texto
    assert "OBS-01: no se cambia Estado (lo escribe: Nivel central de Sercotec)" in pagina.texto
    libro = openpyxl.load_workbook(io.BytesIO(datos))
    hoja = libro["Datos"]
    for columna in reversed(range(1, hoja.max_column + 1)):
        if hoja.cell(1, columna).value not in ("Código", "Respuesta del Gobierno Regional"):
            hoja.delete_cols(columna)
    hoja["B2"], hoja["B3"] = "Ya se explicó.", "Se corrigió en la planilla."
    salida = io.BytesIO()
    libro.save(salida)
    pagina = subir(gore, OBSERVACIONES, salida.getvalue())
    assert "Cambia: 1" in pagina.texto and "Sin errores: 2 filas" in pagina.texto and "No está la columna" not in pagina.texto
    assert [(o.respuesta, o.matriz) for o in vistas(almacen)][1] == ("Se corrigió en la planilla.", FOC)


def test_las_matrices_que_se_observan_son_las_que_se_entregan():
    """Con el mismo nombre: el catálogo no puede decir otra cosa que los formatos."""
    opciones = {o.codigo: (o.nombre, o.sinonimos) for o in CATALOGO.opciones["matrices-observables"].opciones}
    esperadas = {n: CATALOGO.esquemas[n] for n in observables(CATALOGO)}
    assert opciones == {n: (e.titulo, (e.sigla,)) for n, e in esperadas.items()}


def test_sercotec_observa_en_la_planilla_como_se_lee_en_la_pantalla(almacen, central):
    """«no es un código. Use letras sin tilde» decía de «B.2»; y pedía el estado, que se pone solo."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    una = observar(almacen, "FOC-01")
    datos = bajar(central, f"{LUGAR}/matrices/{OBSERVACIONES}/planilla.xlsx")
    libro = openpyxl.load_workbook(io.BytesIO(datos))
    hoja, listas = libro["Datos"], [c.value for fila in libro[HOJA_LISTAS].iter_rows() for c in fila]
    assert "focalizacion · Matriz de Focalización" in listas
    titulos = {c.value: c.column for c in hoja[1]}
    for n, escrita in enumerate(("B.2", "Matriz de Focalización", "B.2 · Matriz de Focalización"), 2):
        nueva = {"Código": f"OBS-0{n}", "Folio del envío observado": una.datos["envio"], "Matriz observada": escrita}
        nueva |= {"Observación": "Explique cómo se calculó.", "Condición técnica": "otra"}
        for titulo, valor in nueva.items():
            hoja.cell(n + 1, titulos[titulo], valor)
    hoja.cell(2, titulos["Estado"]).value = None
    salida = io.BytesIO()
    libro.save(salida)
    pagina = subir(central, OBSERVACIONES, salida.getvalue())
    assert "Agrega: 3" in pagina.texto and "Cambia: 0" in pagina.texto, "el estado en blanco queda como estaba"
    quedan = [(f.datos["matriz"], f.datos["estado"]) for f in filas(almacen, OBSERVACIONES)]
    assert quedan == [(FOC, "pendiente")] * 4


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
    con_una_sin_enviar(almacen, ("FOC-01", "cobertura"), ("FOC-02",))
    cambiar(almacen, "OBS-01", respuesta="Se calculó con el tope.")

    def armar(direccion):
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        return crear_app(configuracion, CATALOGO, almacen, lambda: AHORA)

    with servir(armar) as direccion:
        yield direccion, almacen
    almacen.cerrar()


SESIONES: dict[str, list] = {}


def abrir_como(pestana, sitio, correo, ruta):
    if (sitio, correo) not in SESIONES:  # una vez: los enlaces para entrar se piden de a pocos
        entrar_como(pestana, f"{sitio}/formularios", correo)
        SESIONES[sitio, correo] = pestana.context.cookies()
    pestana.context.clear_cookies()
    pestana.context.add_cookies(SESIONES[sitio, correo])
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
        with p.expect_navigation():
            p.get_by_role("link", name="Responder OBS-02").press("Enter")
        p.locator("textarea").press_sequentially("Se corrigió la fila.")
        p.keyboard.press("Tab")
        with p.expect_navigation():
            p.keyboard.press("Enter")
        p.get_by_text("La respuesta quedó guardada").wait_for()
    assert {o.codigo: o.estado for o in vistas(almacen)}["OBS-02"] == "respondida"
