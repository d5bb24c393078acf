"""El tablero de una región, sin web: qué toca en cada estado y en el borde de cada plazo, qué consta y qué se cuenta."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.validacion import Contexto, validar_filas
from formularios import estado_matrices, tablero_regional
from formularios.almacen_bitacora import leer_anotaciones
from formularios.almacen_derechos import cambiar_envios
from formularios.cotejo import MarcaImposible, leer_marcas, marcar
from formularios.estado_matrices import entregas_de, leer_estado
from formularios.expediente import Actuacion, Expediente, en_pie, plazos_de
from formularios.fila_en_curso import Matriz
from formularios.filas import agregar_fila, guardar_fila, leer_matriz, quitar_fila
from formularios.propias import con_propias, declarar, quitar
from formularios.recepcion import Recepcion, recibir
from formularios.tablero_nacional import a_csv, hitos_de_tramite, leer_renglones
from formularios.tablero_regional import (
    ABIERTO,
    HECHO,
    INSTITUCIONES,
    NO_CORRESPONDE,
    PASADO,
    SIN_FECHA,
    VENCIDO,
    VIENE,
    Marca,
    Prueba,
    cotejar,
    es_de,
    etapas_de,
    horas_de,
    instituciones_de,
    lo_que_toca,
    pasos_de,
)

CATALOGO = cargar()
PROCESO = CATALOGO.proceso
TRAMITE = PROCESO.tramitacion
GORE, SERCOTEC, DIRECCION = (instituciones_de([r]) for r in ("gore_firmante", "sercotec", "direccion_regional"))
A1, A2, B2 = "matriz-estrategica-integrada", "potencialidades-problematicas", "focalizacion"
QUIEN = {"autor": "usuario 7", "ahora_utc": datetime(2026, 11, 3, 15, tzinfo=UTC)}


def dia(mes: int, numero: int, hora: int = 15, anio: int = 2026, minuto: int = 0) -> datetime:
    return datetime(anio, mes, numero, hora, minuto, tzinfo=UTC)


def tras(*actos: str | tuple[str, datetime], region: str = "06", ejercicio: int = 2027) -> Expediente:
    """El expediente después de esos actos, cada uno con su hora o, si no dice, un día después del anterior."""
    estado, cuando, hechas = TRAMITE.inicial, dia(11, 3), []
    for paso in actos:
        nombre, cuando = paso if isinstance(paso, tuple) else (paso, cuando + timedelta(days=1))
        acto = TRAMITE.actos[nombre]
        assert estado in acto.de, f"{nombre} no sale de {estado}"
        comun = {"autor": "usuario 1", "motivo": "", "datos": {}, "folios": {n: f"folio-{n}" for n in acto.entrega}}
        hechas.append(Actuacion(len(hechas) + 1, nombre, estado, acto.a, cuando, cuando, **comun))
        estado = acto.a
    return Expediente(region, ejercicio, estado, tuple(hechas))


def mirar(expediente: Expediente, ahora: datetime, entregas=None):
    """(hito → su paso, lo que toca)."""
    pasos = pasos_de(CATALOGO, expediente, entregas or {}, ahora)
    return {p.plazo.hito.nombre: p for p in pasos}, lo_que_toca(CATALOGO, expediente, pasos, ahora)


def primero(expediente: Expediente, ahora: datetime, suyas=None) -> tuple[str, str]:
    """Lo primero que toca (a esas instituciones): el hito o el acto, y en qué está."""
    _, toca = mirar(expediente, ahora)
    t = next(t for t in toca if suyas is None or es_de(t.responsable, suyas))
    return (t.paso.plazo.hito.nombre, t.paso.estado) if t.paso else (t.actos[0].nombre, "")


# --- Los datos con que se calcula ------------------------------------------------------------------------


def test_cada_responsable_y_cada_deber_son_de_algun_rol():
    de_roles = {i for suyas in INSTITUCIONES.values() for i in suyas}
    assert {h.responsable for h in PROCESO.hitos} - {"conjunta", "todos"} <= de_roles
    assert {d.quien for d in PROCESO.deberes} <= de_roles
    assert {r for a in TRAMITE.actos.values() for r in a.quien} <= INSTITUCIONES.keys()
    assert len(PROCESO.deberes) == 19 == len({d.norma[0] for d in PROCESO.deberes})


def test_lo_que_prueba_un_hito_se_puede_escribir_en_su_formato():
    con_filas = [h for h in PROCESO.hitos if h.filas]
    assert [h.nombre for h in con_filas] == ["presupuesto-exploratorio", "montos-preliminares"]
    for hito in con_filas:
        campos = {c.nombre: c for n in hito.esquemas for c in CATALOGO.esquemas[n].campos}
        for campo, valor in hito.filas.items():
            assert valor in {o.codigo for o in CATALOGO.opciones[campos[campo].catalogo].opciones}


def test_lo_compartido_es_de_todas_las_instituciones_y_de_nadie_si_no_tiene_una():
    assert es_de("conjunta", GORE) and es_de("todos", DIRECCION) and not es_de("conjunta", frozenset())
    assert instituciones_de(["lector"]) == frozenset()


# --- Qué toca, en el borde de cada plazo -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("ahora", "estado", "dias"),
    [
        (dia(10, 31), VIENE, 16),
        (dia(11, 1, 2, minuto=59), VIENE, 16),  # las 23:59 del 31 de octubre en Santiago
        (dia(11, 1, 3), ABIERTO, 15),  # las 00:00 del 1 de noviembre
        (dia(11, 15), ABIERTO, 1),
        (dia(11, 16, 3), ABIERTO, 0),  # el 15 es domingo: se prorroga al lunes 16
        (dia(11, 17, 2, minuto=59), ABIERTO, 0),  # las 23:59 del 16: el último minuto
        (dia(11, 17, 3), VENCIDO, -1),
        (dia(12, 31), VENCIDO, -45),
    ],
)
def test_la_preliminar_hasta_el_ultimo_minuto_de_su_prorroga(ahora, estado, dias):
    pasos, _ = mirar(tras(), ahora)
    paso = pasos["focalizacion-preliminar"]
    assert (paso.estado, paso.dias) == (estado, dias)
    assert paso.plazo.prorroga == date(2026, 11, 16)
    assert primero(tras(), ahora, GORE) == ("focalizacion-preliminar", estado)


@pytest.mark.parametrize(("ahora", "dias"), [(dia(9, 6, 3, minuto=59), 72), (dia(9, 6, 4), 71), (dia(9, 7, 2, minuto=59), 71)])
def test_el_dia_se_cuenta_en_chile_tambien_al_cambiar_la_hora(ahora, dias):
    # El 6 de septiembre de 2026 no tiene 00:00: empieza a las 04:00 UTC y termina a las 03:00 del 7.
    assert mirar(tras(), ahora)[0]["focalizacion-preliminar"].dias == dias
    assert mirar(tras(), ahora)[0]["focalizacion-preliminar"].para_abrir == dias - 15


@pytest.mark.parametrize(
    ("region", "zonas"),
    [
        ("06", ["Chile continental"]),
        ("12", ["Chile continental", "Magallanes y Antártica Chilena"]),
        ("11", ["Chile continental", "Aysén"]),
        ("05", ["Chile continental", "Rapa Nui (provincia de Isla de Pascua, Región de Valparaíso)"]),
    ],
)
def test_la_hora_de_cierre_va_tambien_en_la_zona_de_la_region(region, zonas):
    pasos, _ = mirar(tras(region=region), dia(11, 5))
    horas = horas_de(pasos["focalizacion-preliminar"].plazo, PROCESO.zonas, region)
    assert [h.split("hora de ")[1] for h in horas] == zonas
    assert horas[0].startswith("24:00 del 16-11-2026")
    assert region != "05" or horas[1].startswith("22:00 del 16-11-2026")
    # En invierno Magallanes va una hora adelante: su reloj ya marca otro día.
    invierno = horas_de(pasos["presupuesto-exploratorio"].plazo, PROCESO.zonas, "12")
    assert invierno[1].startswith("01:00 del 01-07-2026")
    assert horas_de(pasos["ajuste"].plazo, PROCESO.zonas, region) == []


def test_las_observaciones_corren_desde_lo_que_llego_y_hasta_su_ultimo_minuto():
    expediente = tras(("preliminar", dia(11, 10)))
    abiertos = ((dia(11, 10, 20), 15), (dia(11, 11), 14), (dia(11, 26, 2, minuto=59), 0))
    bordes = (*((ahora, ABIERTO, dias) for ahora, dias in abiertos), (dia(11, 26, 3), VENCIDO, -1))
    for ahora, estado, dias in bordes:
        paso = mirar(expediente, ahora)[0]["observaciones"]
        assert (paso.estado, paso.dias, paso.plazo.vence) == (estado, dias, date(2026, 11, 25))


def test_una_preliminar_retirada_no_hace_correr_ningun_plazo():
    expediente = tras(("preliminar", dia(11, 5)), ("retirar-preliminar", dia(11, 6)))
    assert en_pie(expediente) == [expediente.actuaciones[1]]
    assert plazos_de(CATALOGO, expediente)["observaciones"].estimado
    assert mirar(expediente, dia(11, 7))[0]["focalizacion-preliminar"].estado == ABIERTO
    otra = tras(("preliminar", dia(11, 5)), ("retirar-preliminar", dia(11, 6)), ("preliminar", dia(11, 12)))
    assert plazos_de(CATALOGO, otra)["observaciones"].fin == date(2026, 11, 27)
    [prueba] = mirar(otra, dia(11, 13))[0]["focalizacion-preliminar"].pruebas
    assert (prueba.numero, prueba.folio) == (3, f"folio-{B2}")


# --- Qué toca en cada estado -----------------------------------------------------------------------------

AVANCE = ("preliminar", "observar", "final")
CASOS = {
    # estado: (actos, ahora, lo primero del Gobierno Regional, lo primero de Sercotec)
    "en_preparacion": ((), dia(11, 5), ("focalizacion-preliminar", ABIERTO), ("observaciones", VIENE)),
    "preliminar_enviada": (AVANCE[:1], dia(11, 6), ("focalizacion-final", VIENE), ("observaciones", ABIERTO)),
    "con_observaciones": (AVANCE[:2], dia(11, 8), ("focalizacion-final", ABIERTO), ("montos-preliminares", ABIERTO)),
    "sin_observaciones": (
        *(("preliminar", "sin-observaciones"), dia(11, 8)),
        *(("focalizacion-final", ABIERTO), ("montos-preliminares", ABIERTO)),
    ),
    "final_enviada": (AVANCE, dia(11, 9), None, ("validar", "")),
    "en_ajuste": ((*AVANCE, "pedir-ajuste"), dia(11, 10), ("ajuste", ABIERTO), ("montos-preliminares", ABIERTO)),
    "validada": ((*AVANCE, "validar"), dia(11, 10), ("informe-hitos", SIN_FECHA), ("montos-preliminares", ABIERTO)),
    "rechazada": ((*AVANCE, "rechazar"), dia(11, 10), ("informe-hitos", SIN_FECHA), ("montos-preliminares", ABIERTO)),
    "rige_anterior": (
        *((("rige-anterior", dia(1, 4, anio=2027)),), dia(1, 5, anio=2027)),
        *(("informe-hitos", SIN_FECHA), ("presupuesto-exploratorio", VENCIDO)),
    ),
}


@pytest.mark.parametrize("estado", TRAMITE.estados)
def test_cada_estado_dice_lo_primero_que_le_toca_a_cada_cual(estado):
    actos, ahora, del_gore, de_sercotec = CASOS[estado]
    expediente = tras(*actos)
    assert expediente.estado == estado
    _, toca = mirar(expediente, ahora)
    if del_gore is None:
        assert not [t for t in toca if es_de(t.responsable, GORE)]
    else:
        assert primero(expediente, ahora, GORE) == del_gore
    assert primero(expediente, ahora, SERCOTEC) == de_sercotec


def test_vencidas_las_observaciones_le_toca_a_la_region_y_sercotec_todavia_puede():
    expediente, ahora = tras(("preliminar", dia(11, 10))), dia(11, 27)
    assert primero(expediente, ahora) == ("focalizacion-final", ABIERTO)
    pasos, toca = mirar(expediente, ahora)
    assert [a.nombre for a in toca[0].actos] == ["final"] and toca[0].paso.turno
    assert [a.nombre for a in pasos["observaciones"].proceden] == ["observar", "sin-observaciones"]


def test_vencida_la_final_sin_propuesta_decide_sercotec_y_la_region_todavia_puede_enviar():
    ahora = dia(1, 5, anio=2027)
    assert primero(tras(), ahora) == ("sin-propuesta", ABIERTO)
    assert primero(tras(), ahora, GORE) == ("focalizacion-preliminar", VENCIDO)
    pendiente = tras("preliminar", "observar")
    assert primero(pendiente, ahora, GORE) == ("focalizacion-final", VENCIDO)


def test_el_ajuste_esta_abierto_desde_que_se_pide_hasta_que_se_responde():
    pedido = tras(*AVANCE, ("pedir-ajuste", dia(12, 9)))
    paso = mirar(pedido, dia(12, 10))[0]["ajuste"]
    assert (paso.estado, paso.desde.acto) == (ABIERTO, "pedir-ajuste")
    assert mirar(pedido, dia(12, 10))[0]["focalizacion-final"].estado == HECHO
    atendido = tras(*AVANCE, ("pedir-ajuste", dia(12, 9)), ("final", dia(12, 12)))
    assert mirar(atendido, dia(12, 13))[0]["ajuste"].estado == HECHO
    assert primero(atendido, dia(12, 13))[0] == "validar"
    otro = tras(*AVANCE, "pedir-ajuste", "final", "pedir-ajuste")
    assert mirar(otro, dia(12, 20))[0]["ajuste"].estado == ABIERTO


def test_lo_que_ya_no_puede_ocurrir_no_corresponde():
    pasos, _ = mirar(tras(*AVANCE, "validar"), dia(12, 20))
    assert {n for n, p in pasos.items() if p.estado == NO_CORRESPONDE} == {"ajuste", "sin-propuesta"}
    pasos, _ = mirar(tras(("rige-anterior", dia(1, 4, anio=2027))), dia(1, 5, anio=2027))
    sin = {"focalizacion-preliminar", "observaciones", "focalizacion-final", "ajuste"}
    assert {n for n, p in pasos.items() if p.estado == NO_CORRESPONDE} == sin and pasos["sin-propuesta"].estado == HECHO


@pytest.mark.parametrize(("ejercicio", "vencido"), [(2021, True), (2030, False)])
def test_un_ejercicio_pasado_y_uno_futuro_tambien_se_miran(ejercicio, vencido):
    pasos, toca = mirar(tras(ejercicio=ejercicio), dia(11, 5))
    assert (pasos["focalizacion-preliminar"].estado == VENCIDO) is vencido
    vistos = pasos["focalizacion-final"].estado, pasos["oficio-inicio"].estado
    assert vistos == ((VENCIDO, PASADO) if vencido else (VIENE, VIENE))
    assert toca[0].paso.plazo.hito.nombre == ("sin-propuesta" if vencido else "oficio-inicio")


def test_lo_que_no_es_exigible_pasa_pero_no_vence():
    exigible = next(p.plazo for p in mirar(tras(), dia(12, 31))[0].values() if p.estado == VENCIDO)
    for hito, estado in ((exigible.hito, VENCIDO), (replace(exigible.hito, exigible=False), PASADO)):
        plazo = replace(exigible, hito=hito)
        assert tablero_regional._segun_la_fecha(plazo, 2027, dia(12, 31), visible=True, ahora=True) == estado


# --- Qué consta ------------------------------------------------------------------------------------------


def test_lo_que_el_sistema_no_ve_no_se_da_por_incumplido():
    pasos, toca = mirar(tras(), dia(11, 5))
    assert pasos["oficio-inicio"].estado == PASADO and pasos["primera-sesion"].estado == PASADO
    assert pasos["presupuesto-exploratorio"].estado == VENCIDO
    tarde = mirar(tras(), dia(12, 20))[0]["observaciones"]
    assert (tarde.estado, tarde.dias) == (SIN_FECHA, None), "sin preliminar, su fecha era una estimación"
    assert "oficio-inicio" not in {t.paso.plazo.hito.nombre for t in toca}


def test_solo_lo_exigible_se_da_por_hecho_con_una_entrega():
    entregado = Prueba("Entrega", dia(10, 1), "2027-06-000001-1")
    pasos, _ = mirar(tras(), dia(11, 5), {"informe-hitos": entregado, "catastro": entregado})
    assert (pasos["informe-hitos"].estado, pasos["informe-hitos"].pruebas) == (HECHO, (entregado,))
    assert (pasos["catastro"].estado, pasos["catastro"].pruebas) == (SIN_FECHA, (entregado,))


def test_las_etapas_van_en_orden_y_la_actual_es_la_de_lo_que_toca():
    pasos = pasos_de(CATALOGO, tras(), {}, dia(3, 10))
    for ahora, actual in ((dia(3, 10), 0), (dia(11, 5), 2)):
        etapas = etapas_de(pasos, mirar(tras(), ahora)[1])
        assert [e.actual for e in etapas] == [i == actual for i in range(4)]
    assert [p for e in etapas for p in e.pasos] == pasos
    assert [e.actual for e in etapas_de(pasos, [])] == [False, False, False, True]
    assert etapas_de([], []) == []


def test_los_deberes_que_constan_se_marcan_solos_y_los_demas_a_mano():
    pasos = pasos_de(CATALOGO, tras("preliminar", "observar"), {}, dia(11, 8))
    marca = Marca(date(2026, 5, 4), "Oficio 12", "gore_editor")
    deberes = cotejar(CATALOGO, pasos, {"reglamento:4.a.i": marca})
    por_clave = {c.clave: c for suyos in deberes.values() for c in suyos}
    assert len(por_clave) == 19
    assert {n for n, c in por_clave.items() if c.prueba} == {"reglamento:4.a.vi", "reglamento:4.b2.ii"}
    assert por_clave["reglamento:4.a.vi"].prueba.folio == f"folio-{B2}"
    assert por_clave["reglamento:4.a.i"].marca == marca and por_clave["reglamento:4.a.i"].listo
    assert not por_clave["reglamento:4.a.ii"].listo


# --- En la base ------------------------------------------------------------------------------------------


def entregar(almacen, nombre, region="06", filas=None):
    esquema = CATALOGO.esquemas[nombre]
    referidas = {n: ejemplos_de(e)[n] for n, e in CATALOGO.esquemas.items() if n != nombre and not e.es_encuesta}
    contexto = Contexto("06", 2027, referidas)
    resultado = validar_filas(CATALOGO, esquema, {nombre: filas} if filas else ejemplos_de(esquema), contexto)
    lugar = {"region": region, "ejercicio": 2027, "recibido_utc": dia(11, 3), "origen": "prueba"}
    return recibir(almacen, CATALOGO, resultado, Recepcion(**lugar))


def estado_de(almacen, nombre):
    return leer_estado(almacen, CATALOGO, [CATALOGO.esquemas[nombre]], "06", 2027)[0]


def test_una_region_sin_nada_tiene_todas_sus_matrices_en_cero(almacen):
    estados = leer_estado(almacen, CATALOGO, CATALOGO.formatos, "06", 2027)
    assert len(estados) == len(CATALOGO.formatos)
    assert {(e.filas, e.errores, e.alertas, e.por_revisar, e.cambiada_utc, e.autor, e.vigente) for e in estados} == {
        (0, 0, 0, 0, None, "", None)
    }
    assert entregas_de(almacen, CATALOGO, "06", 2027) == {}


def test_de_cada_matriz_se_cuentan_filas_errores_y_quien_la_toco(almacen):
    a2 = Matriz(CATALOGO.esquemas[A2], "06", 2027)
    una, _ = agregar_fila(almacen, CATALOGO, a2, {"tipo": "problematica"}, **QUIEN)
    agregar_fila(almacen, CATALOGO, a2, {"tipo": "problematica"}, autor="usuario 8", ahora_utc=dia(11, 4))
    estado = estado_de(almacen, A2)
    assert (estado.filas, estado.por_revisar, estado.autor, estado.cambiada_utc) == (2, 0, "usuario 8", dia(11, 4))
    assert estado.errores > 0 and not estado.sin_entregar
    quitar_fila(almacen, CATALOGO, a2, una.id, version=1, autor="usuario 9", ahora_utc=dia(11, 5))
    despues = estado_de(almacen, A2)
    assert (despues.filas, despues.autor) == (1, "usuario 9") and despues.errores < estado.errores


def test_lo_entregado_tambien_se_cuenta_y_se_ve_si_cambio_despues(almacen):
    envio = entregar(almacen, A1)
    estado = estado_de(almacen, A1)
    cuantas = len(ejemplos_de(CATALOGO.esquemas[A1])[A1])
    assert (estado.filas, estado.vigente.folio, estado.sin_entregar) == (cuantas, envio.folio, False)
    agregar_fila(almacen, CATALOGO, Matriz(CATALOGO.esquemas[A1], "06", 2027), {}, autor="usuario 7", ahora_utc=dia(11, 6))
    assert estado_de(almacen, A1).sin_entregar


def test_lo_que_cambio_antes_de_entregar_no_esta_sin_entregar(almacen):
    agregar_fila(almacen, CATALOGO, Matriz(CATALOGO.esquemas[A1], "06", 2027), {}, autor="usuario 7", ahora_utc=dia(11, 2))
    entregar(almacen, A1)
    assert not estado_de(almacen, A1).sin_entregar


@pytest.mark.parametrize("cambio", [{"quitado": "parte"}, {"bloqueado_utc": dia(11, 4)}], ids=lambda c: next(iter(c)))
def test_si_lo_entregado_cambia_por_un_derecho_se_cuenta_otra_vez(almacen, monkeypatch, cambio):
    veces, de_verdad = [], estado_matrices.revisar
    monkeypatch.setattr(estado_matrices, "revisar", lambda *a: veces.append(a[2].esquema.nombre) or de_verdad(*a))
    folio = entregar(almacen, A1).folio
    estado_de(almacen, A1)
    with almacen.escribir() as c:
        cambiar_envios(c, [folio], **cambio)
    estado_de(almacen, A1)
    assert veces == [A1, A1]


def test_contar_se_hace_una_vez_por_version_y_se_rehace_si_cambia_lo_que_cita(almacen, monkeypatch):
    veces = []
    de_verdad = estado_matrices.revisar
    monkeypatch.setattr(estado_matrices, "revisar", lambda *a: veces.append(a[2].esquema.nombre) or de_verdad(*a))
    a1, a2 = (Matriz(CATALOGO.esquemas[n], "06", 2027) for n in (A1, A2))
    doc, _ = agregar_fila(almacen, CATALOGO, a1, {"codigo": "DOC-01"}, **QUIEN)
    agregar_fila(almacen, CATALOGO, a2, {"tipo": "problematica", "origen": "DOC-01"}, **QUIEN)
    con_origen = estado_de(almacen, A2)
    assert estado_de(almacen, A2) == con_origen and veces == [A2]
    guardar_fila(almacen, CATALOGO, a1, doc.id, {"codigo": "DOC-02"}, version=1, **QUIEN)
    sin_origen = estado_de(almacen, A2)
    assert veces == [A2, A2] and sin_origen.errores == con_origen.errores + 1 and sin_origen.por_revisar == 1
    # Quitar el «por revisar» no cambia la fila: se cuenta aparte, y no se valida otra vez.
    [fila] = leer_matriz(almacen, a2)
    guardar_fila(almacen, CATALOGO, a2, fila.id, {}, version=1, visto=fila.por_revisar, **QUIEN)
    assert estado_de(almacen, A2).por_revisar == 0 and veces == [A2, A2]


def test_una_columna_propia_que_no_se_cumple_tambien_se_cuenta(almacen):
    a2 = con_propias(almacen, CATALOGO.esquemas[A2], "06", 2027)
    columna = declarar(almacen, a2, "Prioridad comunal", "entero", "", **QUIEN)
    con_columna = con_propias(almacen, CATALOGO.esquemas[A2], "06", 2027)
    agregar_fila(almacen, CATALOGO, con_columna, {"tipo": "problematica", columna.nombre: "no es un número"}, **QUIEN)
    antes = estado_de(almacen, A2)
    quitar(almacen, con_columna, columna.nombre, **QUIEN)
    despues = estado_de(almacen, A2)
    assert (despues.errores, despues.alertas) == (antes.errores, antes.alertas - 1)  # lo propio no impide entregar


def test_lo_recordado_de_una_base_no_vale_en_otra_ni_crece_sin_fin(almacen, monkeypatch):
    monkeypatch.setattr(estado_matrices, "_RECORDADAS", 1)
    for nombre in (A1, A2):
        agregar_fila(almacen, CATALOGO, Matriz(CATALOGO.esquemas[nombre], "06", 2027), {}, **QUIEN)
        estado_de(almacen, nombre)
    assert len(estado_matrices._CUENTAS[almacen]) == 1


def test_una_entrega_prueba_un_hito_si_es_solo_suya_o_lo_dicen_sus_filas(almacen):
    entregar(almacen, "catastro-actores")
    entregar(almacen, "registro-sesion")  # la usan varios hitos: no prueba ninguno
    assert entregas_de(almacen, CATALOGO, "06", 2027).keys() == {"catastro"}
    montos = "presupuesto-instrumentos"
    ejemplo = ejemplos_de(CATALOGO.esquemas[montos])[montos][0]
    envio = entregar(almacen, montos, "00", [{**ejemplo, "region": "06", "momento": "exploratorio"}])
    assert entregas_de(almacen, CATALOGO, "06", 2027)["presupuesto-exploratorio"].folio == envio.folio
    assert "montos-preliminares" not in entregas_de(almacen, CATALOGO, "06", 2027)
    assert entregas_de(almacen, CATALOGO, "05", 2027) == {}, "los montos eran de otra región"


# --- Los deberes a mano ----------------------------------------------------------------------------------

DEBER = "reglamento:4.a.i"


def anotar_deber(almacen, fecha="2026-05-04", nota="Oficio 12", norma=DEBER, roles=("gore_editor",), ahora=None):
    quien = {"roles": roles, "autor": "usuario 1", "ahora_utc": ahora or dia(11, 3)}
    return marcar(almacen, CATALOGO, "06", 2027, norma, fecha=fecha, nota=nota, **quien)


def test_un_deber_se_marca_se_cambia_y_se_quita_y_queda_en_la_bitacora(almacen):
    assert anotar_deber(almacen) == Marca(date(2026, 5, 4), "Oficio 12", "gore_editor")
    anotar_deber(almacen, nota="  Oficio \n 13 ", fecha="2026-05-05")
    assert leer_marcas(almacen, "06", 2027) == {DEBER: Marca(date(2026, 5, 5), "Oficio 13", "gore_editor")}
    assert leer_marcas(almacen, "05", 2027) == leer_marcas(almacen, "06", 2028) == {}
    assert anotar_deber(almacen, fecha="") is None and leer_marcas(almacen, "06", 2027) == {}
    anotar_deber(almacen, fecha="")  # quitar lo que no está no es nada
    with almacen.leer() as c:
        hechos = [a["objeto"] for a in leer_anotaciones(c, "cotejar", None)]
    assert hechos[::-1] == [f"06 2027 {DEBER} {que}" for que in ("2026-05-04", "2026-05-05", "quitada")]


@pytest.mark.parametrize(
    ("cambio", "dice"),
    [
        ({"roles": ("direccion_regional",)}, "lo marca quien lo tiene: Gobierno Regional"),
        ({"roles": ("lector",)}, "lo marca quien lo tiene"),
        ({"norma": "reglamento:9"}, "no existe"),
        ({"fecha": "ayer"}, "«ayer» no es una fecha"),
        ({"fecha": "2026-11-04"}, "todavía no llega"),
        ({"fecha": "2024-12-31"}, "es de otro ejercicio"),
        ({"nota": "x" * 201}, "pasa de 200"),
    ],
)
def test_una_marca_que_no_puede_ser_dice_por_que_y_no_deja_nada(almacen, cambio, dice):
    with pytest.raises(MarcaImposible, match=dice):
        anotar_deber(almacen, **cambio)
    assert leer_marcas(almacen, "06", 2027) == {}


def test_hoy_es_el_dia_de_chile(almacen):
    assert anotar_deber(almacen, fecha="2026-11-03", ahora=dia(11, 4, 2))  # las 23:00 del 3 en Santiago
    with pytest.raises(MarcaImposible):
        anotar_deber(almacen, fecha="2026-11-04", ahora=dia(11, 4, 2))


def test_un_deber_se_pudo_cumplir_desde_el_anio_antes_de_prepararlo(almacen):
    assert anotar_deber(almacen, fecha="2025-01-01")


# --- Las dieciséis regiones ------------------------------------------------------------------------------


def test_todas_las_regiones_estan_desde_el_primer_dia(almacen):
    renglones = leer_renglones(almacen, CATALOGO, 2027, dia(3, 1))
    assert [r.region.codigo for r in renglones] == [o.codigo for o in CATALOGO.opciones["regiones"].opciones]
    assert {(r.estado.nombre, r.ronda, len(r.matrices), r.falta.responsable) for r in renglones} == {
        ("en_preparacion", "", 0, "Gobierno Regional")
    }
    assert [h.nombre for h in hitos_de_tramite(CATALOGO)] == ["focalizacion-preliminar", "observaciones", "focalizacion-final"]


def test_el_csv_dice_lo_mismo_que_la_tabla(almacen):
    agregar_fila(almacen, CATALOGO, Matriz(CATALOGO.esquemas[A2], "06", 2027), {}, **QUIEN)
    renglones = leer_renglones(almacen, CATALOGO, 2027, dia(11, 16))
    lineas = a_csv(renglones, CATALOGO, 2027).decode().splitlines()
    encabezado, filas = lineas[0].split(","), [x.split(",") for x in lineas[1:]]
    assert len(filas) == 16 and {len(f) for f in filas} == {len(encabezado)}
    suya = dict(zip(encabezado, next(f for f in filas if f[1] == "06"), strict=True))
    assert suya["matrices_con_filas"] == A2 and suya["falta"] == "Gobierno Regional"
    assert (suya["focalizacion_preliminar_estado"], suya["focalizacion_preliminar_dias"]) == ("abierto", "0")


def test_la_ronda_cuenta_las_veces_que_la_region_entrego(almacen, monkeypatch):
    from formularios import tablero_nacional

    dos = tras("preliminar", "retirar-preliminar", "preliminar")
    monkeypatch.setattr(tablero_nacional, "leer_expediente", lambda *_: dos)
    [uno, *_] = leer_renglones(almacen, CATALOGO, 2027, dia(11, 9))
    assert uno.ronda == "Focalización preliminar, 2.ª vez" and uno.falta.responsable == "Sercotec"
    monkeypatch.setattr(tablero_nacional, "leer_expediente", lambda *_: replace(tras(*AVANCE)))
    [uno, *_] = leer_renglones(almacen, CATALOGO, 2027, dia(11, 9))
    assert uno.ronda == "Focalización final con aprobación del CORE" and uno.falta.titulo == TRAMITE.actos["validar"].titulo
