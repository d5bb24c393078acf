"""Un deber consta solo si su hito está cumplido: que otro lo haya pedido no basta."""

from dataclasses import replace

import pytest

from formularios.expediente import Expediente
from formularios.tablero_regional import ABIERTO, HECHO, Prueba, cotejar, pasos_de
from tests.formularios.tramite import CATALOGO, EJERCICIO, NOVIEMBRE, REGION


@pytest.mark.parametrize(("estado", "consta"), [(HECHO, True), (ABIERTO, False)])
def test_un_deber_consta_si_su_hito_esta_hecho_y_no_si_solo_tiene_con_que(estado, consta):
    inicial = Expediente(REGION, EJERCICIO, CATALOGO.proceso.tramitacion.inicial)
    prueba = Prueba("Se pidió", NOVIEMBRE)
    pasos = [replace(p, estado=estado, pruebas=(prueba,)) for p in pasos_de(CATALOGO, inicial, {}, NOVIEMBRE)]
    normas = {n for p in pasos for n in p.plazo.hito.norma}
    cotejados = [c for suyos in cotejar(CATALOGO, pasos, {}).values() for c in suyos if c.clave in normas]
    assert cotejados and {c.listo for c in cotejados} == {consta}
