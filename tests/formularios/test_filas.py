"""La matriz en curso: versiones por fila, historial, origen, lo que queda por revisar y el archivo que se aplica entero."""

from dataclasses import replace
from datetime import timedelta

import pytest

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.errores import Codigo
from esquemas.validacion import Contexto, validar_filas
from formularios import filas
from formularios.fila_en_curso import FilaCambiada, FilaInexistente, Matriz, huella_de, sugerir_codigo
from formularios.filas import (
    agregar_fila,
    aplicar,
    guardar_fila,
    leer_cambios,
    leer_matriz,
    leer_quitadas,
    quitar_fila,
    reponer_fila,
)
from formularios.matrices import revisar
from formularios.recepcion import Recepcion, recibir
from formularios.subida import DURA, ArchivoPerdido, apartar, confirmar
from tests.formularios.conftest import AHORA

A2, B1 = "potencialidades-problematicas", "desafios-oportunidades-objetivos"
UNA = {"tipo": "problematica", "descripcion": "Los talleres venden solo en el verano."}
QUIEN = {"autor": "usuario 7", "ahora_utc": AHORA}
DESPUES = AHORA + timedelta(minutes=5)


CATALOGO = cargar()


@pytest.fixture(scope="module")
def catalogo():
    return CATALOGO


@pytest.fixture
def a2(catalogo):
    return Matriz(catalogo.esquemas[A2], "06", 2027)


def entregar(almacen, catalogo, esquema, region="06"):
    resultado = validar_filas(catalogo, esquema, ejemplos_de(esquema), Contexto(region, 2027))
    lugar = {"region": region, "ejercicio": 2027, "recibido_utc": AHORA, "origen": "prueba"}
    return recibir(almacen, catalogo, resultado, Recepcion(**lugar))


def codigos(almacen, matriz):
    return [f.datos["codigo"] for f in leer_matriz(almacen, matriz)]


def test_cada_fila_recibe_el_codigo_que_sigue_al_de_su_tipo(almacen, catalogo, a2):
    assert leer_matriz(almacen, a2) == []
    for valores in (UNA, {"tipo": "potencialidad"}, UNA, {"codigo": "PRO-41", **UNA}, UNA, {}):
        agregar_fila(almacen, CATALOGO, a2, valores, **QUIEN)
    assert codigos(almacen, a2) == ["PRO-01", "POT-01", "PRO-02", "PRO-41", "PRO-42", "PRO-43"]
    assert [f.orden for f in leer_matriz(almacen, a2)] == [1, 2, 3, 4, 5, 6]
    assert sugerir_codigo(catalogo.esquemas["excepciones"], [], {}) == {}, "su clave no es un código que se invente"


def test_el_codigo_de_una_fila_quitada_no_se_da_a_otra(almacen, a2):
    primera, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    quitar_fila(almacen, CATALOGO, a2, primera.id, version=primera.version, **QUIEN)
    agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    assert codigos(almacen, a2) == ["PRO-02"] and [f.id for f in leer_quitadas(almacen, a2)] == [primera.id]


def test_el_codigo_sigue_al_tipo_aunque_lo_demas_se_parezca_a_otro(almacen, a2):
    """Ninguna potencialidad de ejemplo dice `atingente: no`, y todas las problemáticas comparten criterio con esta."""
    problematica = next(e for e in a2.esquema.ejemplos if e["tipo"] == "problematica" and e["atingente"] == "no")
    parecida = {**problematica, "codigo": "", "tipo": "potencialidad"}
    assert sugerir_codigo(a2.esquema, [], parecida) == {"codigo": "POT-01"}


def test_lo_que_ya_entro_con_ese_origen_no_entra_dos_veces(almacen, a2):
    primera, nueva = agregar_fila(almacen, CATALOGO, a2, UNA, origen="actor-clave 2027-06-000001-1 2", **QUIEN)
    otra, repetida = agregar_fila(almacen, CATALOGO, a2, UNA, origen="actor-clave 2027-06-000001-1 2", **QUIEN)
    assert (nueva, repetida, otra) == (True, False, primera)
    assert leer_matriz(almacen, a2) == [primera]


def test_empieza_con_lo_que_la_region_ya_entrego(almacen, catalogo, a2):
    entregar(almacen, catalogo, a2.esquema)
    entregadas = leer_matriz(almacen, a2)
    assert {f.id for f in entregadas} == {""}
    agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    ahora = leer_matriz(almacen, a2)
    assert [f.datos for f in ahora[:-1]] == [f.datos for f in entregadas] and len(entregadas) > 1
    assert [c.accion for c in leer_cambios(almacen, a2, ahora[0].id)] == [filas.COPIADA]
    assert leer_matriz(almacen, replace(a2, region="05")) == []
    otra = entregar(almacen, catalogo, catalogo.esquemas["matriz-estrategica-integrada"])
    assert filas.contar_filas(almacen, "06", 2027) == {A2: len(ahora), otra.esquema: 3}
    quitar_fila(almacen, catalogo, a2, ahora[0].id, version=1, **QUIEN)
    assert filas.contar_filas(almacen, "06", 2027)[A2] == len(ahora) - 1
    assert filas.contar_filas(almacen, "05", 2027) == {}


def test_del_ejercicio_anterior_se_copia_lo_que_no_esta(almacen, catalogo, a2):
    entregar(almacen, catalogo, a2.esquema)
    nueva = replace(a2, ejercicio=2028)
    agregar_fila(almacen, CATALOGO, nueva, {**UNA, "codigo": "PRO-01"}, **QUIEN)
    antes = {f.datos["codigo"]: f.datos for f in leer_matriz(almacen, a2)}
    assert filas.copiar(almacen, catalogo, nueva, 2027, **QUIEN) == len(antes) - 1
    propia, *copiadas = leer_matriz(almacen, nueva)
    assert propia.datos["descripcion"] == UNA["descripcion"], "la que ya estaba no se toca"
    assert {f.datos["codigo"]: f.datos for f in copiadas} == {k: v for k, v in antes.items() if k != "PRO-01"}
    assert {f.origen for f in copiadas} == {f"{A2} 2027"}
    assert filas.copiar(almacen, catalogo, nueva, 2027, **QUIEN) == filas.copiar(almacen, catalogo, nueva, 2026, **QUIEN) == 0


def test_si_dos_guardan_la_misma_fila_el_segundo_ve_lo_del_primero(almacen, catalogo, a2):
    fila, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    primera = guardar_fila(almacen, catalogo, a2, fila.id, {"causas": "Una"}, version=1, **QUIEN)
    with pytest.raises(FilaCambiada) as choque:
        guardar_fila(almacen, catalogo, a2, fila.id, {"causas": "Otra"}, version=1, **QUIEN)
    assert choque.value.actual == primera == filas.leer_fila(almacen, a2, fila.id)
    with pytest.raises(FilaCambiada):
        quitar_fila(almacen, catalogo, a2, fila.id, version=1, **QUIEN)
    assert (primera.version, primera.datos["causas"], primera.datos["tipo"]) == (2, "Una", "problematica")


def test_dos_a_la_vez_sobre_la_misma_fila_una_gana_y_nada_se_pierde(almacen, catalogo, a2, en_paralelo):
    fila, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)

    def guardar(i):
        try:
            guardar_fila(almacen, catalogo, a2, fila.id, {"causas": f"Causa {i}"}, version=1, autor=str(i), ahora_utc=AHORA)
        except FilaCambiada:
            return 0
        return 1

    assert sum(en_paralelo(guardar, [(i,) for i in range(8)])) == 1
    assert [c.version for c in leer_cambios(almacen, a2, fila.id)] == [1, 2]


def test_varias_personas_agregan_a_la_vez_y_ningun_codigo_se_repite(almacen, a2, en_paralelo):
    en_paralelo(lambda i: agregar_fila(almacen, CATALOGO, a2, UNA, autor=str(i), ahora_utc=AHORA), [(i,) for i in range(8)])
    assert codigos(almacen, a2) == [f"PRO-{i:02}" for i in range(1, 9)]


def test_quitar_se_puede_deshacer_y_todo_queda_en_el_historial(almacen, catalogo, a2):
    fila, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    guardar_fila(almacen, catalogo, a2, fila.id, {"causas": "Una"}, version=1, autor="usuario 8", ahora_utc=DESPUES)
    quitar_fila(almacen, catalogo, a2, fila.id, version=2, autor="usuario 9", ahora_utc=DESPUES)
    assert leer_matriz(almacen, a2) == []
    with pytest.raises(FilaCambiada):
        guardar_fila(almacen, catalogo, a2, fila.id, {"causas": "Otra"}, version=3, **QUIEN)
    repuesta = reponer_fila(almacen, catalogo, a2, fila.id, **QUIEN)
    assert reponer_fila(almacen, catalogo, a2, fila.id, **QUIEN) == repuesta
    assert leer_matriz(almacen, a2) == [repuesta] and repuesta.datos["causas"] == "Una"
    hechos = [(c.version, c.accion, c.autor, c.datos["causas"]) for c in leer_cambios(almacen, a2, fila.id)]
    assert hechos == [
        (1, "agregada", "usuario 7", ""),
        (2, "cambiada", "usuario 8", "Una"),
        (3, "quitada", "usuario 9", "Una"),
        (4, "repuesta", "usuario 7", "Una"),
    ]


def test_una_fila_no_se_alcanza_desde_otra_region(almacen, catalogo, a2):
    fila, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    for ajena in (replace(a2, region="05"), replace(a2, ejercicio=2028)):
        with pytest.raises(FilaInexistente):
            guardar_fila(almacen, catalogo, ajena, fila.id, {"causas": "x"}, version=1, **QUIEN)
        with pytest.raises(FilaInexistente):
            leer_cambios(almacen, ajena, fila.id)
    with pytest.raises(FilaInexistente):
        filas.leer_fila(almacen, a2, "no-existe")


def test_cambiar_una_fila_deja_por_revisar_las_que_la_citan(almacen, catalogo, a2):
    b1 = Matriz(catalogo.esquemas[B1], "06", 2027)
    citada, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    ajena, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    campo = next(c.nombre for c in b1.esquema.campos if c.referencia and c.referencia.esquema == A2)
    cita, _ = agregar_fila(almacen, CATALOGO, b1, {campo: "POT-09;PRO-01"}, **QUIEN)
    no_cita, _ = agregar_fila(almacen, CATALOGO, b1, {campo: "PRO-02"}, **QUIEN)
    guardar_fila(almacen, catalogo, a2, citada.id, {"causas": "Una", "efectos": "Otro"}, version=1, **QUIEN)
    marcada, intacta = leer_matriz(almacen, b1)
    assert marcada.por_revisar == f"La fila «PRO-01» de «{a2.esquema.nombre_completo}» cambió en «Causas», «Efectos»."
    assert (marcada.version, intacta.por_revisar) == (1, "")
    # Se mira y está bien: guardar lo mismo la da por revisada, sin otra versión.
    vio = {"version": 1, "visto": marcada.por_revisar, **QUIEN}
    vista = guardar_fila(almacen, catalogo, b1, cita.id, {campo: "POT-09;PRO-01"}, **vio)
    assert (vista.por_revisar, vista.version) == ("", 1) and leer_matriz(almacen, b1)[0] == vista
    al_reves = guardar_fila(almacen, catalogo, b1, cita.id, {campo: "PRO-01;POT-09"}, version=1, **QUIEN)
    assert al_reves == vista, "la página muestra lo elegido en el orden de la otra matriz: eso no es un cambio"
    quitar_fila(almacen, catalogo, a2, ajena.id, version=1, **QUIEN)
    assert leer_matriz(almacen, b1)[1].por_revisar.endswith("fue quitada.")
    assert no_cita.id == leer_matriz(almacen, b1)[1].id


def test_al_cambiar_un_codigo_se_dice_cual_es_ahora_a_quien_lo_cita(almacen, catalogo, a2):
    b1 = Matriz(catalogo.esquemas[B1], "06", 2027)
    for codigo in ("PRO-01", "PRO-02"):
        agregar_fila(almacen, CATALOGO, a2, {**UNA, "codigo": codigo}, **QUIEN)
        agregar_fila(almacen, CATALOGO, b1, {"origen": codigo}, **QUIEN)
    for fila, nuevo in zip(leer_matriz(almacen, a2), ("PRO-77", ""), strict=True):
        guardar_fila(almacen, catalogo, a2, fila.id, {"codigo": nuevo}, version=1, **QUIEN)
    una, otra = (f.por_revisar for f in leer_matriz(almacen, b1))
    assert una.startswith("La fila «PRO-01» de") and una.endswith("ahora tiene el código «PRO-77»: cítela con ese.")
    assert otra.endswith("se quedó sin código.")


def test_de_una_fila_que_cita_muchas_se_dicen_las_primeras(almacen, catalogo, a2):
    b1 = Matriz(catalogo.esquemas[B1], "06", 2027)
    campo = next(c.nombre for c in b1.esquema.campos if c.referencia and c.referencia.esquema == A2)
    antes = [{"codigo": f"PRO-{i:02}", **UNA} for i in range(7)]
    aplicar(almacen, catalogo, a2, antes, base="", **QUIEN)
    for cuantas in (7, 4):
        agregar_fila(almacen, CATALOGO, b1, {campo: ";".join(f["codigo"] for f in antes[:cuantas])}, **QUIEN)
    despues = [{**f, "causas": "Otra"} for f in antes]
    aplicar(almacen, catalogo, a2, despues, base=huella_de(leer_matriz(almacen, a2)), **QUIEN)
    muchas, cuatro = (f.por_revisar for f in leer_matriz(almacen, b1))
    assert muchas.count("La fila «") == 3 and muchas.endswith("Y cambiaron otras 4 de las que cita.")
    assert cuatro.count("La fila «") == 4 and "otras" not in cuatro


def test_un_archivo_agrega_cambia_y_quita_por_clave(almacen, catalogo, a2):
    for _ in range(3):
        agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    base = huella_de(leer_matriz(almacen, a2))
    archivo = [{"codigo": "PRO-03", **UNA}, {"codigo": "PRO-01", **UNA, "causas": "Una"}, {"codigo": "POT-01"}]
    aplicar(almacen, catalogo, a2, archivo, base=base, autor="usuario 8", ahora_utc=DESPUES)
    assert codigos(almacen, a2) == ["PRO-01", "PRO-03", "POT-01"]
    primera, igual, _ = leer_matriz(almacen, a2)
    assert (primera.version, primera.datos["causas"], primera.autor) == (2, "Una", "usuario 8")
    assert (igual.version, igual.autor) == (1, "usuario 7"), "lo que no cambió no tiene otra versión"
    with pytest.raises(FilaCambiada):  # lo que se mostró ya no es lo que hay
        aplicar(almacen, catalogo, a2, [], base=base, **QUIEN)
    vacia = replace(a2, region="05")
    with pytest.raises(FilaInexistente):
        aplicar(almacen, catalogo, vacia, archivo, base="otra", **QUIEN)
    aplicar(almacen, catalogo, vacia, archivo, base=huella_de(leer_matriz(almacen, vacia)), **QUIEN)
    assert codigos(almacen, vacia) == ["PRO-03", "PRO-01", "POT-01"]


def test_lo_quitado_que_vuelve_en_un_archivo_trae_su_historial(almacen, catalogo, a2):
    fila, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    sin_codigo, _ = agregar_fila(almacen, CATALOGO, a2, {"codigo": "", "causas": "Sin código"}, **QUIEN)
    guardar_fila(almacen, catalogo, a2, sin_codigo.id, {"codigo": ""}, version=1, **QUIEN)
    for una, version in ((fila, 1), (sin_codigo, 2)):
        quitar_fila(almacen, catalogo, a2, una.id, version=version, **QUIEN)
    archivo = [{"codigo": "PRO-01", **UNA, "causas": "Otra"}, {"codigo": "", "causas": "Otra sin código"}]
    aplicar(almacen, catalogo, a2, archivo, base="", autor="usuario 8", ahora_utc=DESPUES)
    vuelta, nueva = leer_matriz(almacen, a2)
    assert (vuelta.id, vuelta.datos["causas"], vuelta.autor) == (fila.id, "Otra", "usuario 8")
    assert [c.accion for c in leer_cambios(almacen, a2, fila.id)] == ["agregada", "quitada", "repuesta"]
    assert nueva.id != sin_codigo.id, "sin clave no se sabe si es la misma"


def test_dos_filas_con_el_codigo_de_una_quitada_son_nuevas(almacen, catalogo, a2):
    fila, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    quitar_fila(almacen, catalogo, a2, fila.id, version=1, **QUIEN)
    aplicar(almacen, catalogo, a2, [{"codigo": "PRO-01", **UNA}] * 2, base="", **QUIEN)
    assert fila.id not in {f.id for f in leer_matriz(almacen, a2)} and codigos(almacen, a2) == ["PRO-01"] * 2


def test_entre_dos_quitadas_con_el_mismo_codigo_vuelve_la_ultima(almacen, catalogo, a2):
    primera, _ = agregar_fila(almacen, CATALOGO, a2, UNA, **QUIEN)
    quitar_fila(almacen, catalogo, a2, primera.id, version=1, **QUIEN)
    segunda, _ = agregar_fila(almacen, CATALOGO, a2, {"codigo": "PRO-01", **UNA}, autor="usuario 8", ahora_utc=DESPUES)
    assert filas.leer_quitadas(almacen, a2) == [], "se volvió a agregar: no hay qué reponer"
    quitar_fila(almacen, catalogo, a2, segunda.id, version=1, autor="usuario 8", ahora_utc=DESPUES)
    assert [f.id for f in filas.leer_quitadas(almacen, a2)] == [segunda.id, primera.id]
    aplicar(almacen, catalogo, a2, [{"codigo": "PRO-01", **UNA}], base="", **QUIEN)
    assert [f.id for f in leer_matriz(almacen, a2)] == [segunda.id]


def test_revisar_mira_las_otras_matrices_como_estan_ahora(almacen, catalogo, a2):
    a1 = Matriz(catalogo.esquemas["matriz-estrategica-integrada"], "06", 2027)
    fila, _ = agregar_fila(almacen, CATALOGO, a2, {**UNA, "origen": "DOC-01", "atingente": "si"}, **QUIEN)

    def dichos():
        return {p.codigo for p in revisar(almacen, catalogo, a2, [filas.leer_fila(almacen, a2, fila.id)]).resultado.problemas}

    assert Codigo.REFERENCIA_SIN_REVISAR in dichos()
    agregar_fila(almacen, CATALOGO, a1, {"codigo": "DOC-02"}, **QUIEN)
    assert Codigo.REFERENCIA_INEXISTENTE in dichos()
    agregar_fila(almacen, CATALOGO, a1, {"codigo": "DOC-01"}, **QUIEN)
    assert not dichos() & {Codigo.REFERENCIA_SIN_REVISAR, Codigo.REFERENCIA_INEXISTENTE}


def test_un_archivo_apartado_vence_y_no_cambia_nada(almacen, catalogo, a2):
    leido = validar_filas(catalogo, a2.esquema, {A2: [{"codigo": "PRO-01", **UNA}]}, Contexto("06", 2027))
    comparado = apartar(almacen, catalogo, a2, leido, nombre="mía.csv", **QUIEN)
    with pytest.raises(ArchivoPerdido):
        tarde = AHORA + DURA + timedelta(seconds=1)
        confirmar(almacen, catalogo, a2, comparado.id, autor="usuario 7", ahora_utc=tarde)
    assert leer_matriz(almacen, a2) == []
    confirmar(almacen, catalogo, a2, comparado.id, autor="usuario 7", ahora_utc=AHORA + DURA)
    assert codigos(almacen, a2) == ["PRO-01"]
