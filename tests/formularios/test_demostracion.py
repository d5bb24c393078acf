"""La región de ejemplo: lo que dicen las fuentes, lo sintético encima y a la vista, y a medio camino."""

import csv
import io
import json
from collections import defaultdict

import pytest

from esquemas.catalogo import cargar
from formularios import demostracion as demo
from formularios.accesos import guardar_usuario, leer_usuarios
from formularios.fila_en_curso import AGREGADA, CAMBIADA
from formularios.filas import leer_cambios, leer_matriz
from formularios.matrices import revisar
from formularios.recibido import excepciones_de, referidas_de, vigente_de
from tests.experiencias.piloto import frictionless_validate
from tests.formularios.conftest import AHORA
from tests.servicios.orden import correr
from tests.servicios.postgres import puerto_libre

CATALOGO = cargar()
MATRICES = demo.matrices_en_curso(CATALOGO)
A1, A2, B1, B2 = MATRICES
DE_ACUERDO = {"presupuesto-sin-asignar", "problematica-sin-causas", "problematica-sin-efectos"}


def publicadas(nombre):
    return list(csv.DictReader(io.StringIO((demo.PILOTO / f"{nombre}.csv").read_text("utf-8"), newline="")))


@pytest.fixture
def sembrado(almacen):
    demo.sembrar(almacen, CATALOGO, AHORA)
    return almacen


def filas(almacen, nombre):
    return {f.datos["codigo"]: f for f in leer_matriz(almacen, MATRICES[nombre])}


def revisada(almacen, nombre):
    return revisar(almacen, CATALOGO, MATRICES[nombre], leer_matriz(almacen, MATRICES[nombre]))


def test_las_cuatro_matrices_estan_en_curso_sin_observaciones_y_lo_demas_entregado(sembrado):
    assert [m.esquema.sigla for m in MATRICES.values()] == ["A.1", "A.2", "B.1", "B.2"]
    assert [len(filas(sembrado, n)) for n in MATRICES] == [4, 17, 22, 16]
    tramite = CATALOGO.proceso.tramitacion
    entregados = {e.nombre for e in CATALOGO.formatos if vigente_de(sembrado, e.nombre, demo.REGION, demo.EJERCICIO)}
    regionales = {e.nombre for e in CATALOGO.formatos if e.ambito != "nacional"}
    assert entregados == regionales - MATRICES.keys() - {tramite.observaciones, tramite.excepciones}


def test_cumplen_sin_excepciones_y_solo_avisan_lo_que_se_quiso(sembrado):
    for nombre, matriz in MATRICES.items():
        resultado = revisada(sembrado, nombre).resultado
        assert resultado.errores == () and excepciones_de(sembrado, *matriz.lugar) == []
        assert {str(p.codigo) for p in resultado.alertas} <= DE_ACUERDO, nombre


@pytest.mark.parametrize("nombre", MATRICES)
def test_lo_publicado_esta_tal_cual_salvo_lo_completado(sembrado, nombre):
    completado = {codigo: dict(valores) for (n, codigo), valores in demo.completaciones().items() if n == nombre}
    esperado = [{**f, **dict(demo.completar(f, completado.get(f["codigo"], {})))} for f in publicadas(nombre)]
    assert [dict(f.datos) for f in leer_matriz(sembrado, MATRICES[nombre])] == esperado
    for codigo, fila in filas(sembrado, nombre).items():
        acciones = [c.accion for c in leer_cambios(sembrado, MATRICES[nombre], fila.id)]
        assert acciones == [AGREGADA, CAMBIADA] if codigo in completado else [AGREGADA]


def test_solo_se_llena_lo_vacio_se_rotula_o_se_decide_lo_que_estaba_por_definir():
    de_la_fuente = {(n, f["codigo"]): f for n in MATRICES for f in publicadas(n)}
    pisados = defaultdict(set)
    for lugar, valores in demo.completaciones().items():
        for campo, valor in valores.items():
            if de_la_fuente[lugar][campo] and not valor.startswith(demo.AGREGA):
                pisados[campo].add(de_la_fuente[lugar][campo])
    assert pisados == {"fuente": {"por-definir"}}


def test_toda_fila_completada_lo_dice_a_la_vista(sembrado):
    for nombre, codigo in demo.completaciones():
        datos = filas(sembrado, nombre)[codigo].datos
        dicho = datos.get("descripcion") or datos.get("enunciado")
        assert "para la demostración" in dicho and "sintétic" in dicho, codigo
        assert ("Monto sintético" in dicho) == bool(datos.get("presupuesto"))
    montos = referidas_de(sembrado, CATALOGO, CATALOGO.esquemas[B2], demo.REGION, demo.EJERCICIO)["presupuesto-instrumentos"]
    assert montos and all("Monto sintético, para la demostración" in m["oficio"] for m in montos)
    assert all(m["fecha_oficio"] <= AHORA.date().isoformat() for m in montos), "nada consta antes de su fecha"


def test_hay_un_instrumento_justo_en_su_monto_dos_con_saldo_y_ninguno_pasado(sembrado):
    montos = referidas_de(sembrado, CATALOGO, CATALOGO.esquemas[B2], demo.REGION, demo.EJERCICIO)["presupuesto-instrumentos"]
    informado = {}
    for monto in sorted(montos, key=lambda m: m["momento"] == "preliminar"):  # vale el último
        informado[monto["instrumento"]] = int(monto["monto"])
    asignado = defaultdict(int)
    for fila in filas(sembrado, B2).values():
        if fila.datos["fuente"] == "sercotec":
            asignado[fila.datos["instrumento"]] += int(fila.datos["presupuesto"])
    assert informado.keys() == asignado.keys()
    saldo = {i: informado[i] - asignado[i] for i in informado}
    assert saldo["crece"] == 0 and {i for i, s in saldo.items() if s} == {"semilla", "redes"} and min(saldo.values()) == 0


def test_cada_fila_cita_lo_que_hay(sembrado):
    """A.2 siempre cita su A.1 y nada de A.1 queda sin usar; en B.1 lo de las fuentes está sin rótulo."""
    assert {c for f in filas(sembrado, A2).values() for c in f.datos["origen"].split(";")} == filas(sembrado, A1).keys()
    reales = {c for c, f in filas(sembrado, B1).items() if "sintético" not in f.datos["enunciado"]}
    assert reales == {f["codigo"] for f in publicadas(B1) if f["origen"]}


def test_la_hicieron_varias_personas_y_algo_quedo_por_revisar(sembrado):
    autores = {c.autor for n, m in MATRICES.items() for f in filas(sembrado, n).values() for c in leer_cambios(sembrado, m, f.id)}
    assert autores == {f"usuario {u.id}" for u in leer_usuarios(sembrado) if u.correo in demo.EQUIPO} and len(autores) == 3
    por_revisar = {c: f.por_revisar for n in MATRICES for c, f in filas(sembrado, n).items() if f.por_revisar}
    assert por_revisar.keys() == {"FOC-14", "FOC-15"} and all("OBJ-08" in razon for razon in por_revisar.values())


def test_fuera_de_la_demostracion_no_se_atiende_con_su_base(sembrado, url, tmp_path, monkeypatch):
    monkeypatch.setattr("formularios.orden_servir._Servidor.run", lambda _: pytest.fail("atendió"))
    monkeypatch.setattr("formularios.orden_servir._construir", lambda *_: pytest.fail("construyó antes de mirar la base"))
    lugar = {"FOCALIZA_BASE_DE_DATOS": url.replace("+psycopg", ""), "FOCALIZA_SITIO": str(tmp_path), "FOCALIZA_CLAVE": "c" * 40}
    salida = correr("servir", "--puerto", puerto_libre(), **lugar, FOCALIZA_DEMO="no")
    assert salida.codigo == 2 and "FOCALIZA_BASE_DE_DATOS" in salida.error and "la de la demostración" in salida.error


def test_una_base_sin_sembrar_no_tiene_personas_inventadas(almacen):
    guardar_usuario(almacen, correo="ana@gore.cl", rol="lector", region="06", ahora_utc=AHORA, autor="prueba")
    assert not demo.hay_personas_inventadas(almacen)


def test_sembrar_otra_vez_no_toca_nada_y_a_medias_se_retoma(almacen, monkeypatch):
    with monkeypatch.context() as roto:
        roto.setattr(demo, "completaciones", lambda: 1 / 0)
        with pytest.raises(ZeroDivisionError):
            demo.sembrar(almacen, CATALOGO, AHORA)
    demo.sembrar(almacen, CATALOGO, AHORA)
    antes = {n: filas(almacen, n) for n in MATRICES}
    assert antes[B2]["FOC-05"].datos["presupuesto"] and [len(f) for f in antes.values()] == [4, 17, 22, 16]
    demo.sembrar(almacen, CATALOGO, AHORA)
    assert {n: filas(almacen, n) for n in MATRICES} == antes


def test_las_completaciones_cumplen_su_descriptor_y_son_de_una_fila_y_un_campo_que_existen():
    hecho = frictionless_validate(demo.EJEMPLO, "completaciones.csv", "--schema", "completaciones.schema.json")
    assert hecho.exit_code == 0 and "INVALID" not in hecho.output
    descriptor = json.loads((demo.EJEMPLO / "completaciones.schema.json").read_text("utf-8"))
    (rotulos,) = ({c["value"]: c["label"] for c in f["categories"]} for f in descriptor["fields"] if f["name"] == "campo")
    for (nombre, codigo), valores in demo.completaciones().items():
        titulos = {c.nombre: c.titulo for c in CATALOGO.esquemas[nombre].campos}
        assert {n: rotulos[n] for n in valores} == {n: titulos[n] for n in valores}
        assert codigo in {f["codigo"] for f in publicadas(nombre)}
