"""Un correo rebotado: se corrige el catastro, se manda otra vez con el mismo borrador, y su dirección no se guarda de más."""

import re
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from esquemas.catalogo import cargar
from esquemas.validacion import Contexto, validar_filas
from formularios import bandeja
from formularios.accesos import guardar_usuario
from formularios.almacen_tablas import borrador, correo
from formularios.app import crear_app
from formularios.bandeja import DIAS_CON_DIRECCION
from formularios.borradores import DIAS, leer_borrador
from formularios.configuracion import Configuracion
from formularios.convocatoria import NO_ABIERTO, POR_SALIR, REBOTADO, SIN_CORREO, SIN_INVITAR, invitar, leer_invitados, reenviar
from formularios.correo import despachar, leer_servidor
from formularios.recepcion import Recepcion, recibir
from formularios.retencion import limpiar
from tests.formularios.camino import entregar_archivo
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA
from tests.servicios.smtp import servidor_smtp

CATALOGO = cargar()
ENCUESTA, CATASTRO = CATALOGO.esquemas["actor-clave"], CATALOGO.esquemas["catastro-actores"]
LUGAR = {"region": "06", "ejercicio": 2027}
INVITACIONES = "/formularios/regiones/06/2027/invitaciones/actor-clave/"
MALO, BUENO = "mal.escrito@ejemplo.cl", "bien.escrito@ejemplo.cl"
AUTOR = {"redactar": lambda nombre, secreto: (f"Para {nombre}", f"secreto={secreto}"), "autor": "usuario 1"}


def cargar_catastro(almacen, **correos):
    filas = [
        {"codigo": c.replace("_", "-"), "institucion": f"Institución {c}", "correo": d, "justificacion": "Reúne a los talleres."}
        for c, d in correos.items()
    ]
    resultado = validar_filas(CATALOGO, CATASTRO, {CATASTRO.nombre: filas}, Contexto(**LUGAR))
    recibir(almacen, CATALOGO, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="prueba"))


@pytest.fixture
def rebotado(almacen):
    """ACT-01 invitado a una dirección que no existe; ACT-02, sin ninguna."""
    cargar_catastro(almacen, ACT_01=MALO, ACT_02="")
    invitar(almacen, ENCUESTA, *LUGAR.values(), ["ACT-01", "ACT-02"], **AUTOR, ahora_utc=AHORA)
    (mensaje,) = bandeja.tomar(almacen, ahora_utc=AHORA)
    bandeja.marcar_fallido(almacen, mensaje, error="SMTPRecipientsRefused 550", definitivo=True, ahora_utc=AHORA)
    return almacen


def estados(almacen):
    return {i.codigo: i.estado for i in leer_invitados(almacen, ENCUESTA, *LUGAR.values())}


def reenviar_a(almacen, codigo="ACT-01", ahora=AHORA):
    return reenviar(almacen, ENCUESTA, *LUGAR.values(), codigo, **AUTOR, ahora_utc=ahora)


def borradores(almacen):
    with almacen.leer() as c:
        return list(c.execute(select(borrador.c.id)).scalars())


def test_de_rebotado_a_la_direccion_nueva_sin_otro_borrador(rebotado, en_paralelo):
    assert estados(rebotado) == {"ACT-01": REBOTADO, "ACT-02": SIN_CORREO}
    cargar_catastro(rebotado, ACT_01=BUENO, ACT_02="dos@ejemplo.cl")
    (uno, _), suyos = leer_invitados(rebotado, ENCUESTA, *LUGAR.values()), borradores(rebotado)
    assert (uno.correo, uno.rebotado_en) == (BUENO, MALO)
    a_la_vez = en_paralelo(lambda _: reenviar_a(rebotado), [(1,), (2,), (3,)])
    assert sum(h is not None for h in a_la_vez) == 1
    assert reenviar_a(rebotado, "ACT-02").correo == "dos@ejemplo.cl"  # a quien antes no tenía dirección, también
    assert set(estados(rebotado).values()) == {POR_SALIR} and borradores(rebotado) == suyos
    por_salir = bandeja.tomar(rebotado, ahora_utc=AHORA)
    assert [m.para for m in por_salir] == [BUENO, "dos@ejemplo.cl"]
    secreto = por_salir[0].cuerpo.partition("=")[2]
    assert leer_borrador(rebotado, secreto, ahora_utc=AHORA).id == uno.borrador
    for mensaje in por_salir:
        bandeja.marcar_enviado(rebotado, mensaje, ahora_utc=AHORA)
    assert set(estados(rebotado).values()) == {NO_ABIERTO}
    assert reenviar_a(rebotado) is None  # ya llegó: para eso está recordar


@pytest.mark.parametrize("codigo", ["ACT-02", "ACT-99"])
def test_sin_direccion_o_sin_invitado_no_se_manda_nada(rebotado, codigo):
    antes = len(bandeja.ultimos(rebotado))
    assert reenviar_a(rebotado, codigo) is None and len(bandeja.ultimos(rebotado)) == antes


def test_a_quien_no_se_ha_invitado_no_se_le_reenvia(almacen):
    cargar_catastro(almacen, ACT_01=BUENO)
    assert reenviar_a(almacen) is None and estados(almacen) == {"ACT-01": SIN_INVITAR}


def test_el_enlace_reenviado_abre_aunque_el_borrador_ya_vencia(rebotado):
    despues = AHORA + timedelta(days=DIAS)
    cargar_catastro(rebotado, ACT_01=BUENO, ACT_02="")
    reenviar_a(rebotado, ahora=despues)
    (mensaje,) = [m for m in bandeja.tomar(rebotado, ahora_utc=despues) if m.para == BUENO]
    assert leer_borrador(rebotado, mensaje.cuerpo.partition("=")[2], ahora_utc=despues)


def test_el_camino_entero_por_la_web_y_un_servidor_de_verdad(almacen):
    cargar_catastro(almacen, ACT_01=MALO)
    guardar_usuario(almacen, correo="g06@ejemplo.cl", rol="gore_firmante", region="06", ahora_utc=AHORA, autor="prueba")
    with servidor_smtp(rechaza={MALO}) as servidor:
        comun = {"clave": "c" * 40, "sitio": Path("no-existe"), "demo": True, "correo": servidor.direccion}
        web = Navegador(crear_app(Configuracion(**comun), CATALOGO, almacen, lambda: AHORA))
        web.entrar("g06@ejemplo.cl")
        web.abrir(INVITACIONES)
        web.enviar({}, "invitar", numero=1)
        web.enviar({}, "despachar", numero=1)
        assert "El correo rebotó: 1" in web.pagina.texto and "Corrija la dirección en la matriz" in web.pagina.texto
        nuevo = f"codigo;institucion;correo;justificacion\r\nACT-01;Institución ACT_01;{BUENO};Reúne a los talleres."
        entregar_archivo(web, "/formularios/regiones/06/2027/matrices/catastro-actores/", nuevo.encode())
        web.abrir(INVITACIONES)
        assert "La dirección ya se corrigió" in web.pagina.texto
        url, pares = web.llenar({}, "reenviar:ACT-01", numero=1)
        web.mandar(url, pares)
        assert "Se le mandó otra vez la invitación." in web.pagina.texto
        web.mandar(url, pares)  # doble clic
        assert "No había a quién" in web.pagina.texto
        web.enviar({}, "despachar", numero=1)
        assert "No lo ha abierto: 1" in web.pagina.texto
        (mensaje,) = [m for m in servidor.aceptados if m["To"] == BUENO]
    persona = Navegador(web.http.application)
    persona.abrir(re.search(r"/formularios/\S+/retomar/\S+", mensaje.get_content())[0])
    persona.enviar()
    assert persona.url.endswith("/llenar/informacion-general/") and len(borradores(almacen)) == 1


# --- Lo que queda de un correo ------------------------------------------------------------------------


def direcciones(almacen):
    with almacen.leer() as c:
        return sorted((m.para, m.enviado_utc is not None, bool(m.error)) for m in c.execute(select(correo)))


def test_lo_enviado_no_guarda_a_quien_y_si_que_se_envio(almacen):
    bandeja.encolar(almacen, para=BUENO, asunto="A", cuerpo="B", ahora_utc=AHORA, adjunto=b"%PDF")
    with servidor_smtp() as servidor:
        assert despachar(almacen, leer_servidor(servidor.direccion), reloj=lambda: AHORA).enviados == 1
    assert direcciones(almacen) == [("", True, False)]
    # Los de antes de que se borrara al salir: la retención los alcanza, sin esperar.
    with almacen.escribir() as c:
        c.execute(correo.update().values(para=BUENO))
    assert limpiar(almacen, CATALOGO, aplicar=True, autor="x", ahora_utc=AHORA).correos == 1
    assert direcciones(almacen) == [("", True, False)]
    assert limpiar(almacen, CATALOGO, aplicar=True, autor="x", ahora_utc=AHORA).correos == 0


@pytest.mark.parametrize(("dias", "queda"), [(DIAS_CON_DIRECCION - 1, True), (DIAS_CON_DIRECCION, False)])
def test_lo_rebotado_guarda_su_direccion_un_plazo_corto(rebotado, dias, queda):
    with rebotado.leer() as c:
        assert c.execute(select(correo.c.cuerpo)).scalars().all() == [""]  # su enlace, ni un día
    cuando = AHORA + timedelta(days=dias)
    assert limpiar(rebotado, CATALOGO, aplicar=True, autor="x", ahora_utc=cuando).correos == (not queda)
    assert direcciones(rebotado) == [(MALO if queda else "", False, True)]
    assert estados(rebotado)["ACT-01"] == REBOTADO
    assert limpiar(rebotado, CATALOGO, aplicar=True, autor="x", ahora_utc=cuando).correos == 0
    cargar_catastro(rebotado, ACT_01=BUENO, ACT_02="")
    assert reenviar_a(rebotado, ahora=cuando)
