"""La recepción como máquina de estados: cualquier orden de pasos deja la base coherente, en ambos motores."""

from datetime import timedelta

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)
from sqlalchemy import delete, select

from esquemas.validacion import Contexto, validar_filas
from formularios import recepcion
from formularios.almacen_bitacora import revisar
from formularios.almacen_envios import buscar_envios
from formularios.almacen_tablas import METADATOS, bitacora
from formularios.borradores import (
    BorradorCambiado,
    BorradorEnviado,
    crear_borrador,
    guardar_borrador,
    leer_borrador,
    reabrir_borrador,
)
from formularios.folio import comprobar, leer
from formularios.recepcion import Recepcion, recibir
from tests.formularios.conftest import AHORA

REGIONES = st.sampled_from(["06", "07"])


class Recepciones(RuleBasedStateMachine):
    """Quienes envían, corrigen, hacen doble clic, pisan otra pestaña o caen a mitad de camino."""

    almacen = catalogo = None  # los pone la prueba
    secretos = Bundle("secretos")

    def __init__(self):
        super().__init__()
        self.reloj, self.entregados, self.vistos = AHORA, {}, {}
        with self.almacen.escribir() as c:
            for tabla in reversed(METADATOS.sorted_tables):
                c.execute(delete(tabla))

    def _recibir(self, nombre, fila, region, borrador=None):
        self.reloj += timedelta(seconds=1)
        esquema = self.catalogo.esquemas[nombre]
        resultado = validar_filas(self.catalogo, esquema, {nombre: [fila]}, Contexto())
        recepcion = Recepcion(region, 2027, self.reloj, "prueba")
        envio = recibir(self.almacen, self.catalogo, resultado, recepcion, borrador=borrador)
        self.entregados[envio.folio] = envio.huella
        return envio

    @rule(nombre=st.sampled_from(["base", "matriz"]), region=REGIONES, codigo=st.sampled_from(["A-1", "B-2"]))
    def enviar_formato(self, nombre, region, codigo):
        self._recibir(nombre, {"codigo": codigo}, region)

    @rule(nombre=st.sampled_from(["base", "matriz"]), region=REGIONES)
    def caer_a_medias(self, nombre, region):
        with pytest.MonkeyPatch.context() as m, pytest.raises(ZeroDivisionError):
            m.setattr(recepcion, "anotar", lambda *_, **__: 1 / 0)
            self._recibir(nombre, {"codigo": "A-1"}, region)

    @rule(target=secretos, region=REGIONES)
    def abrir_borrador(self, region):
        esquema = self.catalogo.esquemas["consulta"]
        _, secreto = crear_borrador(
            self.almacen, esquema, region=region, ejercicio=2027, ahora_utc=self.reloj
        )
        return secreto

    @rule(target=secretos, secreto=secretos, texto=st.sampled_from("xy"), atraso=st.integers(0, 1))
    def guardar(self, secreto, texto, atraso):
        antes = leer_borrador(self.almacen, secreto, ahora_utc=self.reloj)
        try:
            despues = guardar_borrador(
                self.almacen, secreto, revision=antes.revision - atraso, ahora_utc=self.reloj,
                principal={"institucion": texto},
            )  # fmt: skip
        except BorradorCambiado:
            assert atraso and antes.envio is None
        except BorradorEnviado as ya:
            assert ya.folio == antes.envio
        else:
            assert not atraso
            assert despues.datos["consulta"] == [{"institucion": texto}]
        return multiple()

    @rule(secreto=secretos, clics=st.integers(1, 3))
    def enviar_borrador(self, secreto, clics):
        borrador = leer_borrador(self.almacen, secreto, ahora_utc=self.reloj)
        fila = (borrador.datos.get("consulta") or [{"institucion": "z"}])[0]
        folios = {self._recibir("consulta", fila, borrador.region, borrador).folio for _ in range(clics)}
        assert len(folios) == 1
        if borrador.envio:
            assert folios == {borrador.envio}

    @rule(secreto=secretos)
    def reabrir(self, secreto):
        assert reabrir_borrador(self.almacen, secreto, ahora_utc=self.reloj).envio is None

    @invariant()
    def todo_calza(self):
        with self.almacen.leer() as c:
            envios = buscar_envios(c)
            recibidos = (
                c.execute(select(bitacora.c.objeto).where(bitacora.c.accion == "recibir")).scalars().all()
            )
            assert revisar(c) == []
        # Folio entregado ⇔ envío guardado ⇔ anotado, con la misma huella.
        assert {e.folio: e.huella for e in envios} == self.entregados
        assert sorted(recibidos) == sorted(f"{e.folio} {e.huella}" for e in envios)
        assert all(comprobar(e.folio) for e in envios)
        for region in ("06", "07"):
            numeros = [leer(e.folio).correlativo for e in envios if e.region == region]
            assert numeros == list(range(1, len(numeros) + 1))
            for nombre in ("base", "matriz"):
                suyos = [e for e in envios if (e.esquema, e.region) == (nombre, region)]
                assert [e.estado for e in suyos] == ["reemplazado"] * (len(suyos) - 1) + ["vigente"] * bool(
                    suyos
                )
        por_borrador = {}
        for e in envios:
            # Lo sellado no cambia: solo su estado, y solo de vigente a reemplazado.
            fijo = (e.huella, e.definicion, e.recibido_utc, e.borrador, e.revision)
            antes, estado = self.vistos.setdefault(e.folio, (fijo, e.estado))
            assert antes == fijo
            assert (estado, e.estado) != ("reemplazado", "vigente")
            self.vistos[e.folio] = (fijo, e.estado)
            if e.borrador:
                por_borrador.setdefault(e.borrador, []).append(e.estado)
        assert all(estados.count("vigente") == 1 for estados in por_borrador.values())


def test_recepcion_como_maquina_de_estados(almacen, catalogo):
    Recepciones.almacen, Recepciones.catalogo = almacen, catalogo
    ajustes = settings(
        max_examples=20, stateful_step_count=15, deadline=None, suppress_health_check=list(HealthCheck)
    )
    run_state_machine_as_test(Recepciones, settings=ajustes)
