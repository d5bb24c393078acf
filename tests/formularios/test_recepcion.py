"""Recibir: un folio, una huella, una sola vez; o nada."""

import hashlib
import threading
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pysqlite3.dbapi2 as sqlite
import pytest
from psycopg.errors import DiskFull
from sqlalchemy import event, select

from esquemas.errores import Codigo, Gravedad, Problema
from formularios import accesos, bandeja, borradores, recepcion
from formularios.almacen import Almacen, AlmacenNoDisponible, migrar
from formularios.almacen_bitacora import revisar
from formularios.almacen_envios import buscar_envios, leer_definicion, leer_envio
from formularios.almacen_tablas import METADATOS, acceso, borrador, correo
from formularios.borradores import BorradorCambiado, BorradorEnviado, BorradorInexistente
from formularios.envio import EnvioRechazado
from formularios.folio import comprobar, leer
from formularios.recepcion import Recepcion, recibir, recibir_respuestas, respuestas_por_separado
from formularios.recibido import comprobante, excepciones_de, referidas_de
from tests.formularios.conftest import AHORA, BASE, ENCUESTA, MATRIZ, armar_catalogo

FILA = {"codigo": "F-1", "texto": "Ñandú, «uno»", "monto": "10", "origen": "", "reservado": "x"}
DATOS = {"region": "06", "ejercicio": 2027, "recibido_utc": AHORA, "origen": "prueba"}


def _vacio(almacen):
    with almacen.leer() as c:
        return all(c.execute(select(t)).first() is None for n, t in METADATOS.tables.items() if n != "latido")


# --- Lo que queda guardado ---------------------------------------------------------------------------


def test_un_envio_queda_entero(almacen, enviar, catalogo):
    envio = enviar("matriz", [FILA, {**FILA, "codigo": "F-2"}], autor="usuario 3")
    assert comprobar(envio.folio)
    assert leer(envio.folio)[:2] == (2027, "06")
    with almacen.leer() as c:
        assert leer_envio(c, envio.folio) == envio
        assert leer_definicion(c, envio.definicion) == MATRIZ
        assert revisar(c) == []
    prueba = comprobante(almacen, envio.folio)
    assert (prueba.folio, prueba.huella, prueba.version) == (envio.folio, envio.huella, "1.0.0")
    assert (prueba.recibido_utc, prueba.presentado_legal) == (AHORA, datetime(2026, 11, 16, 3, tzinfo=UTC)), "llegó un domingo"
    assert prueba.filas == {"matriz": 2}
    assert comprobante(almacen, "2027-06-999999-9") is None


def test_la_huella_es_la_de_sha256sum(enviar):
    envio = enviar("matriz", [FILA])
    texto = 'codigo,texto,monto,origen,reservado\r\nF-1,"Ñandú, «uno»",10,,x\r\n'
    assert envio.huella == hashlib.sha256(texto.encode()).hexdigest()


def test_la_huella_de_una_encuesta_lleva_todas_sus_tablas(enviar):
    personas = [{"cargo": "Gerente", "nombre": "N. N."}]
    envio = enviar("consulta", [{"institucion": "Gremio"}], {"personas": personas})
    texto = "respuesta,institucion\r\n1,Gremio\r\nrespuesta,cargo,nombre\r\n1,Gerente,N. N.\r\n"
    assert envio.huella == hashlib.sha256(texto.encode()).hexdigest()


def test_con_errores_no_se_guarda_y_dice_cuales(almacen, catalogo, validar):
    esquema = catalogo.esquemas["matriz"]
    malo = validar(catalogo, esquema, [{**FILA, "codigo": "", "monto": "mucho"}])
    with pytest.raises(EnvioRechazado) as rechazo:
        recibir(almacen, catalogo, malo, Recepcion(**DATOS))
    assert {p.codigo for p in rechazo.value.problemas} == {Codigo.OBLIGATORIO, Codigo.NUMERO_INVALIDO}
    vacio = validar(catalogo, esquema, [])
    with pytest.raises(EnvioRechazado) as rechazo:
        recibir(almacen, catalogo, vacio, Recepcion(**DATOS))
    assert rechazo.value.problemas
    assert _vacio(almacen)


def test_un_rechazo_nunca_trae_la_lista_vacia():
    with pytest.raises(ValueError, match="sin problemas"):
        EnvioRechazado([])


def test_las_alertas_no_impiden(almacen, catalogo, validar):
    esquema = catalogo.esquemas["matriz"]
    bueno = validar(catalogo, esquema, [FILA])
    alerta = Problema(Gravedad.ALERTA, Codigo.REGLA_SIN_DATOS, "Ojo.", "matriz")
    assert recibir(almacen, catalogo, replace(bueno, problemas=(alerta,)), Recepcion(**DATOS)).folio


def test_un_resultado_de_otro_esquema_es_un_defecto(almacen, catalogo, validar):
    otro = armar_catalogo(MATRIZ, BASE)
    resultado = validar(otro, otro.esquemas["matriz"], [FILA])
    with pytest.raises(ValueError, match="no es de"):
        recibir(almacen, catalogo, resultado, Recepcion(**DATOS))


# --- Folios y reemplazos -----------------------------------------------------------------------------


def test_el_correlativo_es_por_ejercicio_y_region(enviar):
    lugares = [(2027, "06"), (2027, "06"), (2027, "07"), (2028, "06"), (2027, "00")]
    folios = [enviar("base", [{"codigo": "P-1"}], ejercicio=e, region=r).folio for e, r in lugares]
    assert [leer(f).correlativo for f in folios] == [1, 2, 1, 1, 1]


def test_correlativos_sin_huecos_ni_dobles_bajo_hilos(almacen, enviar, en_paralelo):
    nombres = ["base", "matriz", "consulta"]

    def mandar(i):
        nombre = nombres[i % 3]
        fila = {"institucion": f"I{i}"} if nombre == "consulta" else {"codigo": f"C-{i}"}
        return enviar(nombre, [fila]).folio

    folios = en_paralelo(mandar, [(i,) for i in range(24)])
    assert sorted(leer(f).correlativo for f in folios) == list(range(1, 25))
    with almacen.leer() as c:
        vigentes = [e.esquema for e in buscar_envios(c, estado="vigente")]
        assert (vigentes.count("base"), vigentes.count("matriz"), vigentes.count("consulta")) == (1, 1, 8)
        assert revisar(c) == []


def test_lo_que_se_deshace_no_gasta_numero(almacen, enviar, catalogo, validar, monkeypatch):
    def fallar(*_, **__):
        raise RuntimeError("a medias")

    with monkeypatch.context() as m:
        m.setattr(recepcion, "anotar", fallar)
        with pytest.raises(RuntimeError):
            enviar("base", [{"codigo": "P-1"}])
    assert _vacio(almacen)
    assert leer(enviar("base", [{"codigo": "P-1"}]).folio).correlativo == 1


def test_un_formato_reemplaza_al_anterior_y_solo_a_ese(almacen, enviar):
    uno = enviar("base", [{"codigo": "P-1"}])
    otra_region = enviar("base", [{"codigo": "P-1"}], region="07")
    otro_esquema = enviar("matriz", [FILA])
    dos = enviar("base", [{"codigo": "P-2"}])
    with almacen.leer() as c:
        estados = {e.folio: e.estado for e in buscar_envios(c)}
    assert estados == {
        uno.folio: "reemplazado",
        otra_region.folio: "vigente",
        otro_esquema.folio: "vigente",
        dos.folio: "vigente",
    }


def test_cada_respuesta_de_encuesta_queda_vigente(almacen, enviar):
    enviar("consulta", [{"institucion": "A"}])
    enviar("consulta", [{"institucion": "B"}])
    with almacen.leer() as c:
        assert len(buscar_envios(c, "consulta", estado="vigente")) == 2


# --- Doble clic --------------------------------------------------------------------------------------


@pytest.fixture
def llenado(almacen, catalogo):
    """Un borrador con una sección guardada, y su secreto."""
    esquema = catalogo.esquemas["consulta"]
    _, secreto = borradores.crear_borrador(almacen, esquema, region="06", ejercicio=2027, ahora_utc=AHORA)
    guardado = borradores.guardar_borrador(
        almacen, secreto, revision=0, ahora_utc=AHORA, principal={"institucion": "Gremio"}
    )
    return guardado, secreto


def test_doble_clic_a_la_vez_da_un_folio(almacen, enviar, llenado, en_paralelo):
    guardado, secreto = llenado

    def clic(_):
        return enviar("consulta", [{"institucion": "Gremio"}], borrador=guardado)

    envios = en_paralelo(clic, [(i,) for i in range(8)])
    assert len({e.folio for e in envios}) == 1
    with almacen.leer() as c:
        assert buscar_envios(c) == [envios[0]]
        assert revisar(c) == []
    assert borradores.leer_borrador(almacen, secreto, ahora_utc=AHORA).envio == envios[0].folio


def test_si_otro_gano_la_carrera_se_relee(almacen, enviar, llenado):
    """Quien llega segundo choca con la restricción única, relee y responde lo mismo, sin gastar un número."""
    guardado, _ = llenado
    primero = enviar("consulta", [{"institucion": "Gremio"}], borrador=guardado)
    assert enviar("consulta", [{"institucion": "Gremio"}], borrador=guardado) == primero
    otro = enviar("consulta", [{"institucion": "Otro gremio"}])
    assert leer(otro.folio).correlativo == leer(primero.folio).correlativo + 1


def test_enviar_lo_que_ya_cambio_en_otra_pestana(almacen, enviar, llenado):
    guardado, secreto = llenado
    borradores.guardar_borrador(
        almacen, secreto, revision=1, ahora_utc=AHORA, principal={"institucion": "Otra"}
    )
    with pytest.raises(BorradorCambiado) as choque:
        enviar("consulta", [{"institucion": "Gremio"}], borrador=guardado)
    assert choque.value.actual.datos["consulta"] == [{"institucion": "Otra"}]
    with almacen.leer() as c:
        assert buscar_envios(c) == []


def test_corregir_lo_enviado_da_otro_folio_y_reemplaza(almacen, enviar, llenado):
    guardado, secreto = llenado
    primero = enviar("consulta", [{"institucion": "Gremio"}], borrador=guardado)
    with pytest.raises(BorradorEnviado) as ya:
        borradores.guardar_borrador(almacen, secreto, revision=1, ahora_utc=AHORA, principal={})
    assert ya.value.folio == primero.folio
    reabierto = borradores.reabrir_borrador(almacen, secreto, ahora_utc=AHORA)
    assert reabierto.envio is None
    segundo = enviar("consulta", [{"institucion": "Gremio 2"}], borrador=reabierto)
    with almacen.leer() as c:
        estados = {e.folio: e.estado for e in buscar_envios(c)}
    assert estados == {primero.folio: "reemplazado", segundo.folio: "vigente"}
    # El doble clic tardío sobre la primera versión todavía da su folio.
    assert enviar("consulta", [{"institucion": "Gremio"}], borrador=guardado).folio == primero.folio


# --- Cuando la base no puede -------------------------------------------------------------------------


def test_disco_lleno_no_da_folio(tmp_path, catalogo, validar):
    url = f"sqlite:///{tmp_path}/a.db"
    migrar(url)
    lleno = Almacen(url)

    @event.listens_for(lleno._motor, "connect")
    def llenar(conexion, _):
        paginas = conexion.execute("PRAGMA page_count").fetchone()[0]
        conexion.execute(f"PRAGMA max_page_count={paginas}")

    esquema = catalogo.esquemas["matriz"]
    muchas = [{**FILA, "codigo": f"F-{i}", "texto": "x" * 200} for i in range(2_000)]
    resultado = validar(catalogo, esquema, muchas)
    with pytest.raises(AlmacenNoDisponible, match="no queda espacio"):
        recibir(lleno, catalogo, resultado, Recepcion(**DATOS))
    assert _vacio(lleno)
    lleno.cerrar()


def test_solo_lectura_no_da_folio(almacen, url, motor, catalogo, validar):
    archivo = url.removeprefix("sqlite:///")
    cerrado = Almacen(
        f"sqlite:///file:{archivo}?mode=ro&uri=true"
        if motor == "sqlite"
        else f"{url}?options=-c%20default_transaction_read_only%3Don"
    )
    esquema = catalogo.esquemas["matriz"]
    with pytest.raises(AlmacenNoDisponible, match="solo lectura"):
        recibir(cerrado, catalogo, validar(catalogo, esquema, [FILA]), Recepcion(**DATOS))
    assert _vacio(almacen)
    cerrado.cerrar()


def test_si_falla_al_confirmar_no_hay_folio(almacen, motor, enviar, monkeypatch):
    """El fallo más tardío posible: la base acepta todo y falla el COMMIT."""

    def fallar(_):
        if motor == "postgresql":
            raise DiskFull("no space left")
        lleno = sqlite.OperationalError("database or disk is full")
        lleno.sqlite_errorcode = 13
        raise lleno

    with monkeypatch.context() as m:
        m.setattr(almacen._motor.dialect, "do_commit", fallar)
        with pytest.raises(AlmacenNoDisponible, match="no queda espacio"):
            enviar("base", [{"codigo": "P-1"}])
    assert _vacio(almacen)


# --- Encuestas importadas ----------------------------------------------------------------------------


def test_cada_respuesta_por_separado(almacen, catalogo, validar):
    esquema = catalogo.esquemas["consulta"]
    filas = [{"respuesta": "a", "institucion": "A"}, {"respuesta": "b", "institucion": "B"}]
    personas = [{"respuesta": r, "cargo": f"{r}{i}", "nombre": ""} for i in range(2) for r in "ba"]
    junto = validar(catalogo, esquema, filas, personas=personas)
    alerta = Problema(Gravedad.ALERTA, Codigo.ESPACIOS_SOBRANTES, "Sobra.", "personas", indice=3)
    a, b = respuestas_por_separado(replace(junto, problemas=(alerta,)))
    assert a.tablas == {"consulta": [("a", "A")], "personas": [("a", "a0", ""), ("a", "a1", "")]}
    assert b.tablas == {"consulta": [("b", "B")], "personas": [("b", "b0", ""), ("b", "b1", "")]}
    assert [p.indice for p in a.problemas] == [1]
    assert b.problemas == ()
    envios = recibir_respuestas(almacen, catalogo, junto, Recepcion(**DATOS))
    assert [leer(e.folio).correlativo for e in envios] == [1, 2]
    assert comprobante(almacen, envios[0].folio).filas == {"consulta": 1, "personas": 2}


def test_importar_es_todo_o_nada(almacen, catalogo, validar, monkeypatch):
    esquema = catalogo.esquemas["consulta"]
    junto = validar(catalogo, esquema, [{"respuesta": r, "institucion": r} for r in "abc"])
    original, veces = recepcion.anotar, []

    def anotar(*argumentos, **dicho):
        veces.append(1)
        if len(veces) == 3:
            raise RuntimeError
        return original(*argumentos, **dicho)

    monkeypatch.setattr(recepcion, "anotar", anotar)
    with pytest.raises(RuntimeError):
        recibir_respuestas(almacen, catalogo, junto, Recepcion(**DATOS))
    assert _vacio(almacen)


def test_un_formato_no_se_separa(almacen, catalogo, validar):
    esquema = catalogo.esquemas["base"]
    resultado = validar(catalogo, esquema, [{"codigo": "A"}, {"codigo": "B"}])
    assert list(respuestas_por_separado(resultado)) == [resultado]
    malo = validar(catalogo, esquema, [{"codigo": ""}])
    with pytest.raises(EnvioRechazado):
        recibir_respuestas(almacen, catalogo, malo, Recepcion(**DATOS))
    assert _vacio(almacen)


# --- Lo que el validador pide --------------------------------------------------------------------------


def test_referidas(almacen, enviar, catalogo):
    matriz, con_tope = catalogo.esquemas["matriz"], catalogo.esquemas["con-tope"]
    assert referidas_de(almacen, catalogo, matriz, "06", 2027) == {}
    enviar("base", [{"codigo": "P-1", "tipo": "a"}])
    enviar("base", [{"codigo": "P-2", "tipo": "b"}, {"codigo": "P-3", "tipo": ""}])
    enviar("base", [{"codigo": "P-9", "tipo": "b"}], region="07")
    vigentes = [{"codigo": "P-2", "tipo": "b"}, {"codigo": "P-3", "tipo": ""}]
    assert referidas_de(almacen, catalogo, matriz, "06", 2027) == {"base": vigentes}
    montos = [{"codigo": f"M-{r}", "region": r, "ejercicio": "2027", "monto": "5"} for r in ("06", "07")]
    enviar("montos", montos, region="00")
    assert referidas_de(almacen, catalogo, con_tope, "06", 2027) == {"montos": montos[:1]}


def test_las_excepciones_entran_con_el_envio_o_no_entran(almacen, validar, catalogo):
    una = {"fila": "P-1", "campo": "tipo", "regla": "tope", "razon": "Consta así.", "fuente": "001"}
    esquema = catalogo.esquemas["base"]
    resultado = validar(catalogo, esquema, [{"codigo": "P-1", "tipo": "a"}])
    datos = {"region": "06", "ejercicio": 2027, "recibido_utc": AHORA, "origen": "p"}
    for razon in ("Consta así.", "Otra."):
        recibir_respuestas(almacen, catalogo, resultado, Recepcion(**datos), excepciones=[{**una, "razon": razon}])
    assert excepciones_de(almacen, "base", "06", 2027) == [{**una, "razon": "Otra."}]
    assert excepciones_de(almacen, "base", "07", 2027) == []
    sin_razon = [{**una, "fila": "P-2"}, {**una, "razon": " "}]
    with pytest.raises(ValueError, match="sin razón"):
        recibir_respuestas(almacen, catalogo, resultado, Recepcion(**datos), excepciones=sin_razon)
    assert [e["fila"] for e in excepciones_de(almacen, "base", "06", 2027)] == ["P-1"]


# --- Borradores --------------------------------------------------------------------------------------


def test_un_borrador_se_retoma_por_su_secreto(almacen, catalogo):
    esquema = catalogo.esquemas["consulta"]
    creado, secreto = borradores.crear_borrador(
        almacen, esquema, region="06", ejercicio=2027, ahora_utc=AHORA
    )
    guardar = {"ahora_utc": AHORA}
    uno = borradores.guardar_borrador(
        almacen, secreto, revision=0, principal={"institucion": "\x00A"}, **guardar
    )
    dos = borradores.guardar_borrador(
        almacen,
        secreto,
        revision=1,
        principal={"otro": "x"},
        grupos={"personas": [{"cargo": "Jefa"}]},
        **guardar,
    )
    tres = borradores.guardar_borrador(almacen, secreto, revision=2, grupos={"personas": []}, **guardar)
    assert (creado.revision, uno.revision, dos.revision, tres.revision) == (0, 1, 2, 3)
    assert dos.datos == {"consulta": [{"institucion": "\x00A", "otro": "x"}], "personas": [{"cargo": "Jefa"}]}
    assert tres.datos["personas"] == []
    assert borradores.leer_borrador(almacen, secreto, ahora_utc=AHORA) == tres
    for malo in ("", "x", secreto[:-1], secreto.upper(), "\ud800"):
        with pytest.raises(BorradorInexistente):
            borradores.leer_borrador(almacen, malo, ahora_utc=AHORA)
    with almacen.leer() as c:
        assert secreto not in str(c.execute(select(borrador)).all())


def test_dos_pestanas_no_se_pisan(almacen, llenado, en_paralelo):
    _, secreto = llenado

    def guardar(quien):
        try:
            return borradores.guardar_borrador(
                almacen, secreto, revision=1, ahora_utc=AHORA, principal={"institucion": quien}
            )
        except BorradorCambiado as choque:
            return choque

    salidas = en_paralelo(guardar, [(q,) for q in "abcd"])
    buenas = [s for s in salidas if not isinstance(s, BorradorCambiado)]
    assert len(buenas) == 1
    assert all(s.actual == buenas[0] for s in salidas if s is not buenas[0])


def test_los_borradores_vencen(almacen, llenado, enviar):
    guardado, secreto = llenado
    envio = enviar("consulta", [{"institucion": "Gremio"}], borrador=guardado)
    despues = AHORA + timedelta(days=borradores.DIAS)
    with pytest.raises(BorradorInexistente):
        borradores.leer_borrador(almacen, secreto, ahora_utc=despues)
    assert borradores.borrar_vencidos(almacen, ahora_utc=despues - timedelta(seconds=1)) == 0
    assert borradores.borrar_vencidos(almacen, ahora_utc=despues) == 1
    assert comprobante(almacen, envio.folio)


# --- Entrar --------------------------------------------------------------------------------------------


@pytest.fixture
def persona(almacen):
    return accesos.guardar_usuario(
        almacen, correo="Ana@Sercotec.example", rol="sercotec", ahora_utc=AHORA, autor="orden"
    )


def _pedir(almacen, correo):
    secretos = []

    def redactar(secreto):
        secretos.append(secreto)
        return "Su enlace", f"https://x/{secreto}"

    accesos.pedir_acceso(almacen, correo, redactar=redactar, ahora_utc=AHORA)
    return secretos[0]


def test_el_enlace_sirve_una_vez(almacen, persona):
    secreto = _pedir(almacen, " ana@sercotec.EXAMPLE ")
    assert accesos.canjear_acceso(almacen, secreto, ahora_utc=AHORA) == persona
    assert accesos.canjear_acceso(almacen, secreto, ahora_utc=AHORA) is None
    with almacen.leer() as c:
        assert secreto not in str(c.execute(select(acceso)).all())
        assert revisar(c) == []


def test_el_enlace_canjeado_a_la_vez_entra_uno(almacen, persona, en_paralelo):
    secreto = _pedir(almacen, persona.correo)
    salidas = en_paralelo(
        lambda _: accesos.canjear_acceso(almacen, secreto, ahora_utc=AHORA), [(i,) for i in range(6)]
    )
    assert [s for s in salidas if s] == [persona]


def test_el_enlace_vence(almacen, persona):
    secreto = _pedir(almacen, persona.correo)
    vence = AHORA + timedelta(minutes=accesos.MINUTOS_DE_ENLACE)
    assert accesos.canjear_acceso(almacen, secreto, ahora_utc=vence) is None
    assert accesos.borrar_vencidos(almacen, ahora_utc=vence) == 1
    assert accesos.canjear_acceso(almacen, secreto, ahora_utc=AHORA) is None


def test_quien_no_esta_activo_no_entra(almacen, persona):
    secreto = _pedir(almacen, persona.correo)
    accesos.guardar_usuario(
        almacen, correo=persona.correo, rol="sercotec", activo=False, ahora_utc=AHORA, autor="orden"
    )
    assert accesos.canjear_acceso(almacen, secreto, ahora_utc=AHORA) is None
    assert accesos.leer_usuario(almacen, persona.id) is None
    assert [u.activo for u in accesos.leer_usuarios(almacen)] == [False]


def test_pedir_para_nadie_no_deja_nada(almacen, persona):
    _pedir(almacen, "nadie@x.example")
    assert bandeja.contar_pendientes(almacen) == 0


@pytest.mark.parametrize(("rol", "region"), [("sercotec", "06"), ("gore_firmante", ""), ("gore", "06")])
def test_un_rol_que_no_calza(almacen, rol, region):
    with pytest.raises(ValueError, match="rol"):
        accesos.guardar_usuario(almacen, correo="a@b.cl", rol=rol, region=region, ahora_utc=AHORA, autor="o")


def test_los_intentos_se_cuentan_entre_todos(almacen, url, en_paralelo):
    otro = Almacen(url)
    contar = {"limite": 5, "segundos": 60, "ahora_utc": AHORA}
    salidas = en_paralelo(
        lambda i: accesos.contar_intento((almacen, otro)[i % 2], "entrar 10.0.0.1", **contar),
        [(i,) for i in range(12)],
    )
    assert salidas.count(True) == 5
    assert accesos.contar_intento(almacen, "entrar 10.0.0.2", **contar)
    despues = AHORA + timedelta(seconds=60)
    assert accesos.contar_intento(almacen, "entrar 10.0.0.1", **{**contar, "ahora_utc": despues})
    assert accesos.borrar_vencidos(almacen, ahora_utc=despues) == 2
    otro.cerrar()


def test_la_bandeja(almacen):
    for n in range(3):
        bandeja.encolar(almacen, para="a@b.cl", asunto=f"n{n}", cuerpo="secreto", ahora_utc=AHORA)
    uno, dos, tres = bandeja.tomar(almacen, ahora_utc=AHORA)
    assert bandeja.tomar(almacen, ahora_utc=AHORA) == []  # otro proceso no los ve
    bandeja.marcar_enviado(almacen, uno, ahora_utc=AHORA)
    bandeja.marcar_fallido(almacen, dos, error="no existe", definitivo=True, ahora_utc=AHORA)
    bandeja.devolver(almacen, [tres])
    assert bandeja.tomar(almacen, ahora_utc=AHORA) == [tres]
    assert [c.asunto for c in bandeja.ultimos(almacen)] == ["n2", "n1", "n0"]
    with almacen.leer() as c:
        cuerpos = dict(c.execute(select(correo.c.asunto, correo.c.cuerpo)).all())
    assert cuerpos == {"n0": "", "n1": "", "n2": "secreto"}  # lo que no se intenta más no guarda su enlace


def test_nada_se_comparte_entre_hilos_a_la_fuerza(almacen, enviar):
    """Un hilo que muere a mitad de una transacción no deja la base tomada."""
    listo = threading.Event()

    def morir():
        with pytest.raises(RuntimeError), almacen.escribir():
            listo.set()
            raise RuntimeError

    hilo = threading.Thread(target=morir)
    hilo.start()
    listo.wait(10)
    assert enviar("base", [{"codigo": "P-1"}]).folio
    hilo.join()


def test_el_descriptor_cambiado_en_memoria_se_nota(almacen, validar):
    alterado = armar_catalogo(ENCUESTA)
    esquema = alterado.esquemas["consulta"]
    suelto = replace(esquema, descriptor={**esquema.descriptor, "title": "Otro"})
    alterado.esquemas["consulta"] = suelto
    resultado = validar(alterado, suelto, [{"institucion": "A"}])
    with pytest.raises(ValueError, match="huella"):
        recibir(almacen, alterado, resultado, Recepcion(**DATOS))
    assert _vacio(almacen)
