"""Las invitaciones por un servidor SMTP de verdad, que a veces se cae, con varios procesos despachando a la vez."""

import os
import re
import subprocess
from collections import Counter
from datetime import timedelta

from esquemas.catalogo import cargar
from esquemas.validacion import Contexto, validar_filas
from formularios import bandeja
from formularios.convocatoria import NO_ABIERTO, REBOTADO, Convocatoria, invitar, leer_invitados
from formularios.correo import RESERVA, despachar, leer_servidor, redactor_de_invitacion
from formularios.recepcion import Recepcion, recibir
from tests.formularios.conftest import AHORA
from tests.servicios.orden import FOCALIZA
from tests.servicios.smtp import servidor_smtp

CATALOGO = cargar()
ENCUESTA, CATASTRO = CATALOGO.esquemas["actor-clave"], CATALOGO.esquemas["catastro-actores"]
LUGAR = {"region": "06", "ejercicio": 2027}
MUCHOS = 1_000


def invitar_a(almacen, cuantos):
    filas = [
        {"codigo": f"ACT-{i}", "institucion": f"Institución {i}", "correo": f"a{i}@ejemplo.cl", "justificacion": "Reúne gremios."}
        for i in range(cuantos)
    ]
    resultado = validar_filas(CATALOGO, CATASTRO, {CATASTRO.nombre: filas}, Contexto(**LUGAR))
    recibir(almacen, CATALOGO, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="prueba"))
    redactar = redactor_de_invitacion(CATALOGO, ENCUESTA, Convocatoria(ENCUESTA.nombre, **LUGAR), "https://f.ejemplo.cl")
    codigos = [f["codigo"] for f in filas]
    hechos = invitar(almacen, ENCUESTA, **LUGAR, codigos=codigos, redactar=redactar, autor="prueba", ahora_utc=AHORA)
    assert len(hechos) == cuantos


def enviar(almacen, servidor, ahora=AHORA):
    return despachar(almacen, leer_servidor(servidor.direccion), reloj=lambda: ahora)


def cuenta(servidor):
    return Counter(m["To"] for m in servidor.aceptados)


def test_tres_invitados_reciben_su_propio_enlace(almacen):
    invitar_a(almacen, 3)
    with servidor_smtp(rechaza={"a2@ejemplo.cl"}) as servidor:
        hecho = enviar(almacen, servidor)
    assert (hecho.enviados, hecho.fallidos, hecho.pendientes) == (2, 1, 0)
    patron = r"https://f\.ejemplo\.cl/formularios/encuestas/actor-clave/retomar/[\w-]{40,}"
    enlaces = {re.search(patron, m.get_content())[0] for m in servidor.aceptados}
    assert len(enlaces) == 2 and cuenta(servidor) == {"a0@ejemplo.cl": 1, "a1@ejemplo.cl": 1}
    assert "Institución 0:" in servidor.aceptados[0].get_content()
    estados = [i.estado for i in leer_invitados(almacen, ENCUESTA, **LUGAR)]
    assert estados == [NO_ABIERTO, NO_ABIERTO, REBOTADO]
    assert not any("retomar" in c.cuerpo for c in bandeja.ultimos(almacen) if c.enviado_utc)


def test_mil_con_el_servidor_caido_a_la_mitad_ni_una_perdida_ni_una_doble(almacen, en_paralelo):
    invitar_a(almacen, MUCHOS)
    with servidor_smtp(cae_tras=MUCHOS // 2) as servidor:
        dos = en_paralelo(lambda _: enviar(almacen, servidor), [(1,), (2,)])
        assert sum(h.enviados for h in dos) == MUCHOS // 2 == bandeja_ya_salida(almacen)
        assert any(h.falla for h in dos) and all(h.fallidos == 0 for h in dos)
        servidor.levantar()
        en_paralelo(lambda _: enviar(almacen, servidor), [(1,), (2,)])
    assert cuenta(servidor) == {f"a{i}@ejemplo.cl": 1 for i in range(MUCHOS)}
    assert bandeja.contar_pendientes(almacen) == 0
    assert len({m["Message-ID"] for m in servidor.aceptados}) == MUCHOS


def bandeja_ya_salida(almacen):
    return sum(1 for c in bandeja.ultimos(almacen, MUCHOS) if c.enviado_utc)


def test_dos_ordenes_de_verdad_a_la_vez(almacen, url):
    invitar_a(almacen, 120)
    with servidor_smtp() as servidor:
        limpio = {n: v for n, v in os.environ.items() if not n.startswith("FOCALIZA_")}
        entorno = {**limpio, "FOCALIZA_BASE_DE_DATOS": url, "FOCALIZA_CORREO": servidor.direccion}
        procesos = [subprocess.Popen([FOCALIZA, "correo", "enviar"], env=entorno, stdout=-1, text=True) for _ in range(2)]
        dicho = [p.communicate(timeout=120)[0] for p in procesos]
    assert [p.returncode for p in procesos] == [0, 0]
    assert sum(int(d.split()[0]) for d in dicho) == 120
    assert set(cuenta(servidor).values()) == {1} and len(cuenta(servidor)) == 120


def test_quien_demora_mas_que_su_apartado_los_suelta_antes_de_que_otro_los_tome(almacen):
    """Cada entrega demora un minuto: el lote no se termina, y nadie recibe dos."""
    invitar_a(almacen, 12)
    minutos = iter(range(10_000))
    with servidor_smtp() as servidor:
        reloj = lambda: AHORA + timedelta(minutes=next(minutos))  # noqa: E731
        hecho = despachar(almacen, leer_servidor(servidor.direccion), reloj=reloj, lotes=1)
        assert timedelta(minutes=hecho.enviados) < bandeja.APARTADO - RESERVA
        assert 0 < hecho.enviados < 12 and hecho.pendientes == 12 - hecho.enviados
        libres = bandeja.tomar(almacen, ahora_utc=AHORA)
        assert len(libres) == hecho.pendientes  # ya están libres, sin esperar a que venza el apartado


def test_si_el_servidor_no_quiere_al_remitente_no_rebota_nadie(almacen, monkeypatch):
    import smtplib

    def rehusar(*_, **__):
        raise smtplib.SMTPSenderRefused(550, b"no", "avisos@ejemplo.cl")

    invitar_a(almacen, 2)
    monkeypatch.setattr(smtplib.SMTP, "send_message", rehusar)
    with servidor_smtp() as servidor:
        hecho = enviar(almacen, servidor)
    assert hecho.falla and hecho.pendientes == 2
    assert [c.intentos for c in bandeja.ultimos(almacen)] == [0, 0]
