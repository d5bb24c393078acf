"""Lo que ya no se debe guardar: se cuenta en seco, se quita una vez y lo demás queda como estaba."""

import hashlib
import json
from datetime import UTC, datetime, timedelta

import pytest
from frictionless import Resource, Schema
from sqlalchemy import select

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.privacidad import vence_retencion
from esquemas.validacion import Contexto, validar_filas
from formularios import almacen_derechos, bandeja
from formularios.accesos import contar_intento
from formularios.almacen_bitacora import revisar
from formularios.almacen_borradores import insertar_llave
from formularios.almacen_tablas import METADATOS
from formularios.borradores import crear_borrador
from formularios.convocatoria import Convocatoria, cambiar_convocatoria
from formularios.paquete import exportar_a_archivo
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import comprobante
from formularios.retencion import Limpieza, limpiar
from formularios.tablero import avisos_de, detallar
from tests.formularios.conftest import AHORA
from tests.servicios.orden import correr

CATALOGO = cargar()
ACTOR, EXPOST = CATALOGO.esquemas["actor-clave"], CATALOGO.esquemas["evaluacion-expost"]
VENCE = vence_retencion(ACTOR, 2027)
PERSONALES = ("Nombre de ejemplo", "contacto@ejemplo.cl", "+56900000000", "Asociación Gremial de Ejemplo")


@pytest.fixture
def entregar(almacen):
    def entregar(esquema=ACTOR, ejercicio=2027):
        lugar = {"region": "06", "ejercicio": ejercicio}
        resultado = validar_filas(CATALOGO, esquema, ejemplos_de(esquema), Contexto(**lugar))
        return recibir(almacen, CATALOGO, resultado, Recepcion(**lugar, recibido_utc=AHORA, origen="prueba"))

    return entregar


def limpio(almacen, ahora=VENCE, aplicar=True):
    return limpiar(almacen, CATALOGO, aplicar=aplicar, autor="orden", ahora_utc=ahora)


def volcar(almacen):
    with almacen.leer() as c:
        return {t.name: c.execute(t.select()).all() for t in METADATOS.sorted_tables}


def filas(almacen, folio):
    with almacen.leer() as c:
        fila = METADATOS.tables["fila"]
        return {(f.tabla, f.orden): f for f in c.execute(select(fila).where(fila.c.envio == folio))}


def test_el_plazo_es_el_cierre_del_ejercicio_siguiente_en_chile():
    assert datetime(2029, 1, 1, 3, tzinfo=UTC) == VENCE


def test_un_instante_antes_no_se_toca(almacen, entregar):
    entregar()
    antes = volcar(almacen)
    assert limpio(almacen, VENCE - timedelta(seconds=1)).respuestas == {ACTOR.nombre: 0}
    assert volcar(almacen)["fila"] == antes["fila"]


def test_en_seco_cuenta_y_no_cambia_nada(almacen, entregar):
    entregar(), entregar(), entregar(ejercicio=2028), entregar(EXPOST)
    contar_intento(almacen, "x", limite=1, segundos=60, ahora_utc=AHORA)
    antes = volcar(almacen)
    dicho = limpio(almacen, aplicar=False)
    assert dicho.respuestas == {ACTOR.nombre: 2} and dicho.intentos == 1
    assert volcar(almacen) == antes
    assert limpio(almacen) == dicho


def test_aplicar_quita_lo_de_personas_y_nada_mas_y_repetirlo_no_cambia_nada(almacen, entregar):
    folio, huella = (e := entregar()).folio, e.huella
    reciente = entregar(ejercicio=2028).folio
    antes, reciente_antes = filas(almacen, folio), filas(almacen, reciente)
    assert limpio(almacen).respuestas == {ACTOR.nombre: 1}
    despues = filas(almacen, folio)
    texto = repr([tuple(f) for f in despues.values()])
    assert not any(v in texto for v in PERSONALES) and filas(almacen, reciente) == reciente_antes
    personales = {c.nombre for t in ACTOR.tablas for c in t.campos if c.dato in ("personal", "sensible")}
    for lugar, fila in antes.items():
        nueva, original, queda = despues[lugar], json.loads(fila.datos), json.loads(despues[lugar].datos)
        assert list(queda) == list(original)
        assert all(queda[k] == v for k, v in original.items() if k not in personales)
        cambio = any(original[k] for k in original.keys() & personales)
        assert nueva.lapida == (hashlib.sha256(fila.linea.encode()).hexdigest() if cambio else None)
        assert cambio or nueva == fila
    assert sum(f.lapida is not None for f in despues.values()) == 2
    prueba = comprobante(almacen, folio)
    assert (prueba.huella, prueba.estado, prueba.quitado) == (huella, "vigente", "parte")
    ultima = volcar(almacen)
    assert limpio(almacen) == Limpieza({ACTOR.nombre: 0}, 0, 0, 0, 0, 0, 0)
    assert volcar(almacen) == ultima
    with almacen.leer() as c:
        assert revisar(c) == []
    assert [b.objeto for b in ultima["bitacora"] if b.accion == "anonimizar"] == [folio]


def test_lo_anonimizado_se_sigue_exportando_y_frictionless_lo_aprueba(almacen, entregar, tmp_path):
    folio = entregar().folio
    limpio(almacen)
    assert avisos_de(almacen, CATALOGO, detallar(almacen, folio)) == ()
    exportar_a_archivo(almacen, CATALOGO, ACTOR, tmp_path / "x.csv")
    esquema = Schema.from_descriptor(json.loads((tmp_path / "x.schema.json").read_text()))
    informe = Resource(path="x.csv", basepath=str(tmp_path), schema=esquema).validate()
    assert informe.valid, informe.flatten(["message"])
    assert folio in (tmp_path / "x.csv").read_text() and PERSONALES[3] not in (tmp_path / "x.csv").read_text()
    exportar_a_archivo(almacen, CATALOGO, ACTOR, tmp_path / "x.zip")
    from frictionless import Package

    informe = Package(str(tmp_path / "x.zip")).validate()
    assert informe.valid, informe.flatten(["message"])


def test_lo_bloqueado_no_se_toca_y_se_dice(almacen, entregar):
    folio = entregar().folio
    with almacen.escribir() as c:
        almacen_derechos.cambiar_envios(c, [folio], bloqueado_utc=AHORA)
    antes = filas(almacen, folio)
    dicho = limpio(almacen)
    assert (dicho.respuestas, dicho.bloqueadas) == ({ACTOR.nombre: 0}, 1) and filas(almacen, folio) == antes


def test_borra_borradores_llaves_intentos_y_direcciones_vencidas(almacen):
    viejo, _ = crear_borrador(almacen, ACTOR, region="06", ejercicio=2029, ahora_utc=AHORA)
    nuevo, _ = crear_borrador(almacen, ACTOR, region="06", ejercicio=2029, ahora_utc=VENCE)
    with almacen.escribir() as c:
        insertar_llave(c, "corta", nuevo.id, AHORA, AHORA + timedelta(days=14))
    contar_intento(almacen, "viejo", limite=1, segundos=60, ahora_utc=AHORA)
    contar_intento(almacen, "nuevo", limite=1, segundos=60, ahora_utc=VENCE)
    for para in ("rebota@ejemplo.cl", "espera@ejemplo.cl"):
        bandeja.encolar(almacen, para=para, asunto="A", cuerpo="B", ahora_utc=AHORA)
    rebota = next(m for m in bandeja.tomar(almacen, ahora_utc=AHORA) if m.para == "rebota@ejemplo.cl")
    bandeja.marcar_fallido(almacen, rebota, error="550", definitivo=True, ahora_utc=AHORA)
    dicho = limpio(almacen)
    assert (dicho.borradores, dicho.llaves, dicho.intentos, dicho.correos) == (1, 1, 1, 1)
    queda = volcar(almacen)
    assert [b.id for b in queda["borrador"]] == [nuevo.id] != [viejo.id]
    assert [ll.borrador for ll in queda["llave"]] == [nuevo.id]
    assert sorted(m.para for m in queda["correo"]) == ["", "espera@ejemplo.cl"] and len(queda["contador"]) == 1


def test_la_orden_va_en_seco_si_no_se_le_pide_otra_cosa(tmp_path):
    base = {"FOCALIZA_BASE_DE_DATOS": f"sqlite:///{tmp_path}/f.db"}
    seco = correr("retencion", **base)
    assert seco.codigo == 0 and "No se cambió nada" in seco.texto and f"{ACTOR.titulo}: 0 respuestas vencidas" in seco.texto
    hecho = correr("retencion", "--aplicar", **base)
    assert hecho.codigo == 0 and "Se quitó" in hecho.texto and "No se cambió" not in hecho.texto
    malo = correr("retencion", FOCALIZA_BASE_DE_DATOS="sqlite:////proc/no/f.db")
    assert malo.codigo == 2 and "No se guardó nada" in malo.error


def test_la_convocatoria_no_guarda_personas(almacen):
    """Una tabla que no se limpia: se comprueba que no tiene qué limpiar."""
    cambiar_convocatoria(almacen, Convocatoria(ACTOR.nombre, "06", 2027, publica=True), autor="usuario 1", ahora_utc=AHORA)
    assert {c.name for c in METADATOS.tables["convocatoria"].c} == {"esquema", "region", "ejercicio", "publica", "cierra_utc"}
