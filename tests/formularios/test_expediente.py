"""El expediente de una región: qué acto procede cuándo, qué deja y qué nunca puede pasar (secuencias al azar)."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test
from sqlalchemy import select

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.saber import ACUERDO, RESPUESTAS
from esquemas.validacion import Contexto, validar_filas
from formularios import almacen_bitacora
from formularios.actuar import ActoImposible, ExpedienteCambiado, MatrizCambiada, Pedido, actuar
from formularios.almacen_envios import buscar_envios
from formularios.almacen_tablas import bitacora
from formularios.envio import VIGENTE, EnvioRechazado
from formularios.expediente import Documento, leer_documento, leer_estados, leer_expediente, plazos_de, posibles
from formularios.fila_en_curso import huella_de
from formularios.filas import guardar_fila
from tests.formularios import tramite
from tests.formularios.tramite import ACTA, CERTIFICADO, acuerdo_de

CATALOGO = cargar()
ACTOS = CATALOGO.proceso.tramitacion.actos
REGION, EJERCICIO = "06", 2027
OBSERVACIONES = CATALOGO.proceso.tramitacion.observaciones
NOVIEMBRE = datetime(2026, 11, 3, 15, tzinfo=UTC)


def resultado(nombre: str, cambio: str = ""):
    """Los ejemplos del formato, válidos; `cambio` agrega un texto para que la huella sea otra."""
    esquema = CATALOGO.esquemas[nombre]
    tablas = ejemplos_de(esquema)
    if cambio and nombre == OBSERVACIONES:
        tablas = {nombre: [{**f, "respuesta": cambio, "estado": "respondida"} for f in tablas[nombre]]}
    elif cambio:
        campo = next(c.nombre for c in esquema.campos if c.tipo == "parrafo")
        tablas = {nombre: [{**f, campo: f"{f[campo]} {cambio}"} for f in tablas[nombre] if f.get(campo)]}
    referidas = {n: ejemplos_de(e)[n] for n, e in CATALOGO.esquemas.items() if n != nombre and not e.es_encuesta}
    juzgado = validar_filas(CATALOGO, esquema, tablas, Contexto(REGION, EJERCICIO, referidas))
    assert juzgado.valido, juzgado.errores
    return juzgado


A1 = "matriz-estrategica-integrada"
VACIO = Documento("certificado.pdf", "application/pdf", b"")
BUENOS = {n: resultado(n) for a in ACTOS.values() for n in a.entrega}
RESPONDIDAS = resultado(OBSERVACIONES, "Se corrigió.")


SIN_ELLAS = {n: r for n, r in BUENOS.items() if n != OBSERVACIONES}


def por_entregar(acto: str, observada: bool) -> dict:
    """Lo que lleva el acto: la región entrega respondidas las observaciones que Sercotec envió, si envió alguna."""
    suyos = {n: BUENOS[n] for n in ACTOS[acto].entrega}
    if RESPUESTAS in ACTOS[acto].exige:
        suyos |= {OBSERVACIONES: RESPONDIDAS}
    return suyos if observada or RESPUESTAS not in ACTOS[acto].exige else {n: r for n, r in suyos.items() if n != OBSERVACIONES}


def pedido(acto: str, visto: int, observada: bool = True, **otros) -> Pedido:
    """Uno al que no le falta nada."""
    declarado = ACTOS[acto]
    completo = {"motivo": "Porque sí.", "resultados": por_entregar(acto, observada), "confirmadas": ["OBS-01", "OBS-02"]}
    if ACUERDO in declarado.exige:
        completo |= {"datos": acuerdo_de(EJERCICIO), "documentos": {"acta": ACTA, "certificado": CERTIFICADO}}
    return Pedido(acto, declarado.quien, "usuario 1", visto, **{**completo, **otros})


def hacer(almacen, acto: str, ahora_utc: datetime = NOVIEMBRE, **otros):
    previo = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    quiere = pedido(acto, previo.ultimo, previo.ultima("observar") is not None, **otros)
    return actuar(almacen, CATALOGO, REGION, EJERCICIO, quiere, ahora_utc=ahora_utc)


def estado(almacen) -> str:
    return leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).estado


def test_existe_desde_el_primer_dia(almacen):
    expediente = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    assert (expediente.estado, expediente.ultimo) == ("en_preparacion", 0)
    assert [a.nombre for a in posibles(CATALOGO, expediente, NOVIEMBRE)] == ["preliminar"]
    assert set(leer_estados(almacen, CATALOGO, EJERCICIO).values()) == {"en_preparacion"}


def test_de_la_preliminar_a_la_validada(almacen):
    preliminar = hacer(almacen, "preliminar")
    assert sorted(preliminar.folios) == sorted(ACTOS["preliminar"].entrega)
    hacer(almacen, "observar")
    final = hacer(almacen, "final", NOVIEMBRE + timedelta(days=20))
    assert final.folios["focalizacion"] != preliminar.folios["focalizacion"]  # la final es otra versión, aunque diga lo mismo
    matriz = "potencialidades-problematicas"
    assert final.folios[matriz] == preliminar.folios[matriz]  # lo que no cambió conserva su folio
    hacer(almacen, "validar", NOVIEMBRE + timedelta(days=30))
    expediente = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    assert [a.numero for a in expediente.actuaciones] == [1, 2, 3, 4]
    assert expediente.ultima("final") == final
    assert leer_documento(almacen, expediente, final.datos["acta"]) == ACTA
    assert leer_documento(almacen, expediente, "0" * 64) is None
    ajeno = leer_expediente(almacen, CATALOGO, "05", EJERCICIO)
    assert leer_documento(almacen, ajeno, final.datos["acta"]) is None, "es de otra región"
    assert posibles(CATALOGO, expediente, NOVIEMBRE + timedelta(days=300)) == []
    assert leer_estados(almacen, CATALOGO, EJERCICIO)[REGION] == "validada"


def test_el_plazo_de_sercotec_corre_desde_lo_presentado(almacen):
    domingo = datetime(2026, 11, 8, 15, tzinfo=UTC)
    hacer(almacen, "preliminar", domingo)
    plazo = plazos_de(CATALOGO, leer_expediente(almacen, CATALOGO, REGION, EJERCICIO))["observaciones"]
    assert (plazo.inicio.isoformat(), plazo.fin.isoformat(), plazo.estimado) == ("2026-11-10", "2026-11-24", False)


def test_sin_respuesta_de_sercotec_la_final_espera_su_plazo(almacen):
    hacer(almacen, "preliminar")
    with pytest.raises(ActoImposible, match="cuando venza el plazo de «Observaciones de Sercotec»"):
        hacer(almacen, "final", datetime(2026, 11, 18, 12, tzinfo=UTC))
    hacer(almacen, "final", datetime(2026, 11, 19, 4, tzinfo=UTC))
    assert estado(almacen) == "final_enviada"


@pytest.mark.parametrize(
    ("antes", "acto", "falta", "dice"),
    [
        (["preliminar"], "preliminar", {}, "no procede: la focalización está en «Preliminar enviada»"),
        (["preliminar"], "retirar-preliminar", {"motivo": "  "}, "Falta el motivo"),
        (["preliminar", "observar"], "final", {"datos": {}}, "Falta el acuerdo"),
        (["preliminar", "observar"], "final", {"documentos": {}}, "Falta el acuerdo"),
        (["preliminar", "observar"], "final", {"documentos": {"acta": ACTA}}, "Falta el acuerdo"),
        (["preliminar", "observar"], "final", {"documentos": {"acta": ACTA, "certificado": VACIO}}, "está vacío"),
        (["preliminar", "observar"], "final", {"datos": acuerdo_de(EJERCICIO) | {"acuerdo_numero": ""}}, "no está completo"),
        (["preliminar", "observar"], "final", {"datos": acuerdo_de(EJERCICIO + 1)}, "posterior a hoy"),
        (["preliminar", "observar"], "final", {"resultados": {A1: BUENOS[A1]}}, "Falta: B.2"),
        (["preliminar", "observar"], "final", {"resultados": BUENOS}, "Falta responder lo que observó Sercotec: OBS-02"),
        (["preliminar", "observar"], "final", {"resultados": SIN_ELLAS}, "Falta responder .* OBS-01, OBS-02"),
        (["preliminar", "sin-observaciones"], "final", {}, "no se han enviado a la región: OBS-01, OBS-02"),
        (["preliminar"], "observar", {"resultados": {}}, "no lleva ninguna matriz"),
        (["preliminar"], "observar", {"resultados": {OBSERVACIONES: RESPONDIDAS}}, "al menos una observación pendiente"),
        (["preliminar", "observar", "final"], "pedir-ajuste", {"resultados": {OBSERVACIONES: RESPONDIDAS}}, "una observación"),
        ([], "preliminar", {"roles": ("gore_editor", "sercotec")}, "no está entre lo que usted puede hacer"),
        (["preliminar"], "rige-anterior", {}, "cuando venza el plazo de «Focalización final"),
    ],
)
def test_lo_que_no_procede_dice_por_que_y_no_deja_nada(almacen, antes, acto, falta, dice):
    for previo in antes:
        hacer(almacen, previo)
    visto = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    malo = replace(pedido(acto, visto.ultimo), **falta)
    with pytest.raises(ActoImposible, match=dice):
        actuar(almacen, CATALOGO, REGION, EJERCICIO, malo, ahora_utc=NOVIEMBRE)
    assert leer_expediente(almacen, CATALOGO, REGION, EJERCICIO) == visto


def test_vencida_la_final_rige_la_anterior(almacen):
    hacer(almacen, "rige-anterior", datetime(2027, 1, 4, 12, tzinfo=UTC))
    assert estado(almacen) == "rige_anterior"


def test_doble_clic_un_acto_y_quien_llega_tarde_lo_sabe(almacen):
    uno = actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido("preliminar", 0), ahora_utc=NOVIEMBRE)
    otra_vez = actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido("preliminar", 0), ahora_utc=NOVIEMBRE)
    assert otra_vez == uno
    for otro in ({"autor": "usuario 2"}, {"acto": "retirar-preliminar"}, {"visto": 2}, {"visto": -1}):
        with pytest.raises(ExpedienteCambiado):
            actuar(almacen, CATALOGO, REGION, EJERCICIO, replace(pedido("preliminar", 0), **otro), ahora_utc=NOVIEMBRE)


def test_lo_que_se_reviso_es_lo_que_se_entrega(almacen):
    """Una fila cambiada entre la revisión y el acto lo detiene; la misma, revisada otra vez, no."""
    tramite.llenar(almacen)
    visto = {n: huella_de(tramite.filas(almacen, n)) for n in ACTOS["preliminar"].entrega}
    fila = tramite.fila(almacen, "FOC-01")
    guardar_fila(almacen, CATALOGO, tramite.matriz(), fila.id, {"cobertura": "9"}, version=1, **tramite.QUIEN)
    with pytest.raises(MatrizCambiada):
        hacer(almacen, "preliminar", huellas=visto)
    assert estado(almacen) == "en_preparacion"
    hacer(almacen, "preliminar", huellas={**visto, "focalizacion": huella_de(tramite.filas(almacen))})
    assert estado(almacen) == "preliminar_enviada"


def test_lo_que_el_acto_no_entrega_no_entra(almacen):
    for previo in ("preliminar", "observar", "final"):
        hacer(almacen, previo)
    with pytest.raises(ValueError, match="no entrega"):
        hacer(almacen, "validar", resultados={A1: BUENOS[A1]})
    hacer(almacen, "validar", resultados={})
    with almacen.leer() as c:
        anotado = [(f["accion"], f["actor"], f["objeto"]) for f in c.execute(select(bitacora)).mappings()]
    assert ("actuar", "usuario 1", f"{REGION} {EJERCICIO} n.º 4 validar") in anotado, "queda en la bitácora"


def test_hoy_es_el_dia_de_chile(almacen):
    hacer(almacen, "preliminar", NOVIEMBRE - timedelta(days=2))
    hacer(almacen, "observar", NOVIEMBRE - timedelta(days=2))
    del_tres = acuerdo_de(EJERCICIO) | {"sesion_fecha": "2026-11-03", "acuerdo_fecha": "2026-11-03"}
    with pytest.raises(ActoImposible, match="posterior a hoy"):  # en Chile todavía es el 2
        hacer(almacen, "final", datetime(2026, 11, 3, 1, tzinfo=UTC), datos=del_tres)
    hacer(almacen, "final", datetime(2026, 11, 3, 4, tzinfo=UTC), datos=del_tres)


def test_un_documento_opcional_puede_faltar(almacen):
    tramitacion = CATALOGO.proceso.tramitacion
    acta, certificado = tramitacion.acuerdo.documentos
    acuerdo = replace(tramitacion.acuerdo, documentos=(acta, replace(certificado, obligatorio=False)))
    otro = replace(CATALOGO, proceso=replace(CATALOGO.proceso, tramitacion=replace(tramitacion, acuerdo=acuerdo)))
    hacer(almacen, "preliminar")
    hacer(almacen, "observar")
    sin_el = pedido("final", 2, documentos={"acta": ACTA})
    assert "certificado" not in actuar(almacen, otro, REGION, EJERCICIO, sin_el, ahora_utc=NOVIEMBRE).datos


def test_una_matriz_con_errores_no_deja_entrar_a_ninguna(almacen):
    esquema = CATALOGO.esquemas["focalizacion"]
    malo = validar_filas(CATALOGO, esquema, {"focalizacion": [{"codigo": "FOC-01"}]}, Contexto(REGION, EJERCICIO, {}))
    with pytest.raises(EnvioRechazado):
        hacer(almacen, "preliminar", resultados={n: BUENOS[n] for n in ACTOS["preliminar"].entrega} | {"focalizacion": malo})
    with almacen.leer() as c:
        assert buscar_envios(c) == []
    assert estado(almacen) == "en_preparacion"


# --- Lo que nunca pasa, con secuencias al azar ----------------------------------------------------------

CAMBIADOS = {n: [BUENOS[n], resultado(n, "Corregido.")] for n in BUENOS}


class Tramite(RuleBasedStateMachine):
    """Actos al azar, con o sin lo que exigen, en cualquier orden y con el calendario avanzando."""

    almacen = None  # lo pone cada prueba
    corrida = 0

    def __init__(self) -> None:
        super().__init__()
        Tramite.corrida += 1
        # Cada corrida, un expediente propio: otra región u otro año.
        regiones = CATALOGO.opciones["regiones"].opciones
        self.region = regiones[Tramite.corrida % len(regiones)].codigo
        self.ejercicio = EJERCICIO + Tramite.corrida // len(regiones)
        self.ahora = NOVIEMBRE.replace(year=self.ejercicio - 1)

    def leer(self):
        return leer_expediente(self.almacen, CATALOGO, self.region, self.ejercicio)

    @rule(dias=st.integers(0, 40))
    def pasa_el_tiempo(self, dias):
        self.ahora += timedelta(days=dias)

    @rule(indice=st.integers(0, 8), con_motivo=st.booleans(), con_acuerdo=st.booleans(), cual=st.integers(0, 1))
    def avanza(self, indice, con_motivo, con_acuerdo, cual):
        if procede := posibles(CATALOGO, self.leer(), self.ahora):
            acto = procede[indice % len(procede)]
            self.intenta(acto.nombre, con_motivo, con_acuerdo, 0, cual, acto.quien[0])

    @rule(
        acto=st.sampled_from(sorted(ACTOS)),
        con_motivo=st.booleans(),
        con_acuerdo=st.booleans(),
        atras=st.sampled_from([0, 0, 0, 1]),
        cual=st.integers(0, 1),
        rol=st.sampled_from(["gore_firmante", "gore_editor", "sercotec", "lector"]),
    )
    def intenta(self, acto, con_motivo, con_acuerdo, atras, cual, rol):
        antes = self.leer()
        observada = any(a.acto in ("observar", "pedir-ajuste") for a in antes.actuaciones)
        resultados = {n: CAMBIADOS[n][cual] if n != OBSERVACIONES else r for n, r in por_entregar(acto, observada).items()}
        quiere = replace(pedido(acto, antes.ultimo - atras, resultados=resultados), roles=(rol,))
        if quiere.datos:
            quiere = replace(quiere, datos=acuerdo_de(self.ejercicio))
        if not con_motivo:
            quiere = replace(quiere, motivo="")
        if not con_acuerdo:
            quiere = replace(quiere, datos={}, documentos={})
        try:
            hecha = actuar(self.almacen, CATALOGO, self.region, self.ejercicio, quiere, ahora_utc=self.ahora)
        except (ActoImposible, ExpedienteCambiado):
            assert self.leer() == antes
            return
        assert rol in ACTOS[hecha.acto].quien
        despues = self.leer()
        assert hecha in despues.actuaciones
        assert despues.ultimo - antes.ultimo == (0 if hecha in antes.actuaciones else 1)

    @invariant()
    def los_actos_se_encadenan(self):
        expediente = self.leer()
        llega = CATALOGO.proceso.tramitacion.inicial
        for i, a in enumerate(expediente.actuaciones, 1):
            assert (a.numero, a.de, a.a) == (i, llega, ACTOS[a.acto].a) and a.de in ACTOS[a.acto].de
            llega = a.a
        assert expediente.estado == llega

    @invariant()
    def nunca_una_final_sin_acuerdo(self):
        for a in self.leer().actuaciones:
            if a.acto == "final":
                assert a.datos["acuerdo_numero"] and a.datos["acta"] == ACTA.huella and "focalizacion" in a.folios

    @invariant()
    def nunca_dos_vigentes_y_cada_folio_es_un_envio(self):
        expediente = self.leer()
        with self.almacen.leer() as c:
            envios = buscar_envios(c, region=self.region, ejercicio=self.ejercicio)
        vigentes = [e.esquema for e in envios if e.estado == VIGENTE]
        assert len(vigentes) == len(set(vigentes))
        de_actos = {f for a in expediente.actuaciones for f in a.folios.values()}
        assert de_actos == {e.folio for e in envios}
        for a in reversed(expediente.actuaciones):  # la última entrega de cada formato es la vigente
            for esquema, folio in a.folios.items():
                if esquema in vigentes:
                    vigentes.remove(esquema)
                    assert next(e for e in envios if e.folio == folio).estado == VIGENTE

    @invariant()
    def lo_terminado_no_se_mueve(self):
        expediente = self.leer()
        if expediente.estado in ("validada", "rechazada", "rige_anterior"):
            assert posibles(CATALOGO, expediente, self.ahora + timedelta(days=400)) == []

    def teardown(self):
        with self.almacen.leer() as c:
            assert almacen_bitacora.revisar(c) == []


def test_ninguna_secuencia_rompe_el_expediente(almacen):
    Tramite.almacen = almacen
    sin_reloj = settings(max_examples=40, stateful_step_count=25, deadline=None, suppress_health_check=list(HealthCheck))
    run_state_machine_as_test(Tramite, settings=sin_reloj)
