"""Solo lo observado queda abierto: en ningún estado se cambia una fila cerrada, por ningún camino."""

from contextlib import contextmanager
from shutil import copyfile

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from formularios.almacen import Almacen, migrar
from formularios.apertura import ENTERA, FilaCerrada, abrir, leer_apertura, leer_aperturas
from formularios.expediente import leer_expediente
from formularios.fila_en_curso import FilaCambiada, FilaInexistente, huella_de
from formularios.filas import agregar_fila, aplicar, copiar, guardar_fila, leer_cambios, quitar_fila, reponer_fila
from formularios.matrices import revisar
from tests.formularios.tramite import (
    CATALOGO,
    EJERCICIO,
    FOC,
    OBSERVACIONES,
    QUIEN,
    REGION,
    cargar_montos,
    fila,
    filas,
    hacer,
    llenar,
    matriz,
    observada,
    observar,
)

A2 = "potencialidades-problematicas"


def guardar(almacen, codigo, nombre=FOC, /, **valores):
    actual = fila(almacen, codigo, nombre)
    return guardar_fila(almacen, CATALOGO, matriz(nombre), actual.id, valores, version=actual.version, **QUIEN)


def abierta(almacen, codigo, nombre=FOC):
    apertura = leer_apertura(almacen, CATALOGO, matriz(nombre))
    return apertura.de(fila(almacen, codigo, nombre).datos)


def test_enviada_la_preliminar_nada_se_corrige_y_se_dice_como_volver_a_corregir(almacen):
    llenar(almacen)
    guardar(almacen, "FOC-01", descripcion="Antes de enviar se corrige todo.")
    hacer(almacen, "preliminar")
    with pytest.raises(FilaCerrada, match=r"«FOC-01» está cerrada\. .*«Preliminar enviada».*Retirar la preliminar") as dicho:
        guardar(almacen, "FOC-01", descripcion="Otra cosa.")
    assert "Enviar las observaciones" in str(dicho.value)
    with pytest.raises(FilaCerrada, match="No se pueden agregar filas"):
        agregar_fila(almacen, CATALOGO, matriz(), {}, **QUIEN)
    guardar(almacen, "FOC-01")  # guardar lo mismo no es cambiarla: solo le quita el «por revisar»
    hacer(almacen, "retirar-preliminar")
    assert guardar(almacen, "FOC-01", descripcion="Ya se puede.").datos["descripcion"] == "Ya se puede."


def test_lo_que_no_se_entrega_por_un_acto_esta_siempre_abierto(almacen):
    llenar(almacen)
    hacer(almacen, "preliminar")
    nueva, _ = agregar_fila(almacen, CATALOGO, matriz("catastro-actores"), {"institucion": "Una"}, **QUIEN)
    assert nueva.version == 1 and leer_apertura(almacen, CATALOGO, matriz("catastro-actores")).toda


def test_de_la_fila_observada_se_corrige_todo_menos_su_codigo(almacen):
    observada(almacen)
    otra = next(f for f in filas(almacen) if f.datos["codigo"] != "FOC-01")
    assert abierta(almacen, "FOC-01") == {ENTERA: "La observó Sercotec (OBS-01)."}
    assert abierta(almacen, otra.datos["codigo"]) == {}
    guardar(almacen, "FOC-01", descripcion="Se corrigió.")
    with pytest.raises(FilaCerrada, match="no se puede cambiar: Código"):
        guardar(almacen, "FOC-01", codigo="FOC-99")
    with pytest.raises(FilaCerrada, match=r"está cerrada.*quien firma por la región puede abrirlo"):
        guardar(almacen, otra.datos["codigo"], descripcion="No.")
    quitada = fila(almacen, "FOC-01")
    quitar_fila(almacen, CATALOGO, matriz(), quitada.id, version=quitada.version, **QUIEN)
    assert reponer_fila(almacen, CATALOGO, matriz(), quitada.id, **QUIEN).quitada_utc is None


def test_si_se_observo_un_campo_solo_ese_campo(almacen):
    observada(almacen, ("FOC-01", "Descripción"), ("", "cobertura"))
    apertura = leer_apertura(almacen, CATALOGO, matriz())
    assert apertura.campos(fila(almacen, "FOC-01").datos) == {"descripcion", "cobertura"}
    otra = next(f for f in filas(almacen) if f.datos["codigo"] != "FOC-01")
    assert apertura.campos(otra.datos) == {"cobertura"}, "un campo sin fila es el de todas"
    guardar(almacen, "FOC-01", descripcion="Se corrigió.")
    with pytest.raises(FilaCerrada, match=r"FOC-01.* no se puede cambiar: Perfil"):
        guardar(almacen, "FOC-01", descripcion="Otra.", perfil="mujeres")
    with pytest.raises(FilaCerrada, match="no se puede quitar"):
        quitar_fila(almacen, CATALOGO, matriz(), otra.id, version=otra.version, **QUIEN)


def test_si_se_observo_la_matriz_todo_esta_abierto(almacen):
    observada(almacen, ("",))
    agregar_fila(almacen, CATALOGO, matriz(), {"descripcion": "Otra"}, **QUIEN)
    assert leer_apertura(almacen, CATALOGO, matriz()).toda and not leer_apertura(almacen, CATALOGO, matriz(A2)).toda


def test_resuelta_la_observacion_la_fila_se_cierra(almacen):
    observada(almacen)
    guardar(almacen, "OBS-01", OBSERVACIONES, respuesta="Se corrigió.")
    guardar(almacen, "OBS-01", OBSERVACIONES, estado="resuelta")
    with pytest.raises(FilaCerrada):
        guardar(almacen, "FOC-01", descripcion="Tarde.")


def test_la_que_hoy_no_cumple_se_abre_y_con_ella_todas_las_que_suman(almacen):
    agregar_fila(almacen, CATALOGO, matriz(), {**matriz().esquema.ejemplos[0], "codigo": "FOC-09"}, **QUIEN)
    observada(almacen, ("", "cobertura"))
    sercotec = [f for f in filas(almacen) if f.datos["fuente"] == "sercotec" and f.datos["presupuesto"]]
    suyas = {f.datos["codigo"] for f in sercotec if f.datos["instrumento"] == sercotec[0].datos["instrumento"]}
    cargar_montos(almacen, sercotec[0].datos["instrumento"])
    abiertas = {f.datos["codigo"] for f in filas(almacen) if ENTERA in abierta(almacen, f.datos["codigo"])}
    assert abiertas == suyas > {"FOC-09"} and "Hoy no cumple" in abierta(almacen, min(suyas))[ENTERA]
    guardar(almacen, min(suyas), presupuesto="1")


def test_quien_firma_abre_una_fila_con_su_motivo_y_dura_hasta_el_proximo_acto(almacen):
    observada(almacen)
    otra = next(f for f in filas(almacen) if f.datos["codigo"] != "FOC-01")
    with pytest.raises(ValueError, match="Falta el motivo"):
        abrir(almacen, CATALOGO, matriz(), otra.id, motivo="  ", **QUIEN)
    with pytest.raises(FilaInexistente):
        abrir(almacen, CATALOGO, matriz(A2), otra.id, motivo="Del CORE", **QUIEN)
    for _ in range(2):  # dos veces es una
        abrir(almacen, CATALOGO, matriz(), otra.id, motivo="El CORE pidió otro monto.", **QUIEN)
    assert abierta(almacen, otra.datos["codigo"]) == {ENTERA: "La abrió quien firma: El CORE pidió otro monto."}
    guardar(almacen, otra.datos["codigo"], descripcion="Lo que pidió el CORE.")
    ultimo = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO).ultimo
    [dicha] = leer_aperturas(almacen, REGION, EJERCICIO, despues_de=ultimo)
    assert (dicha["codigo"], dicha["motivo"], dicha["autor"]) == (otra.datos["codigo"], "El CORE pidió otro monto.", "usuario 1")
    guardar(almacen, "OBS-01", OBSERVACIONES, respuesta="Se corrigió.")
    hacer(almacen, "final")
    with pytest.raises(ValueError, match="la focalización cambió de estado"):
        abrir(almacen, CATALOGO, matriz(), otra.id, motivo="Otra vez", **QUIEN)
    observar(almacen, "FOC-01")
    hacer(almacen, "pedir-ajuste")
    with pytest.raises(FilaCerrada):
        guardar(almacen, otra.datos["codigo"], descripcion="La apertura ya no vale.")
    assert len(leer_aperturas(almacen, REGION, EJERCICIO)) == 1, "queda en el expediente"


def test_quien_firma_abre_toda_la_matriz_para_agregar_una_fila(almacen):
    observada(almacen)
    abrir(almacen, CATALOGO, matriz(), "", motivo="El CORE agregó un instrumento.", **QUIEN)
    nueva, _ = agregar_fila(almacen, CATALOGO, matriz(), {"descripcion": "Lo que agregó el CORE"}, **QUIEN)
    assert nueva.datos["codigo"] in {f.datos["codigo"] for f in filas(almacen)}


def test_copiar_y_aplicar_un_archivo_tampoco_tocan_lo_cerrado(almacen):
    observada(almacen)
    agregar_fila(almacen, CATALOGO, matriz(ejercicio=EJERCICIO - 1), {"codigo": "FOC-77"}, **QUIEN)
    with pytest.raises(FilaCerrada):
        copiar(almacen, CATALOGO, matriz(), EJERCICIO - 1, **QUIEN)
    actuales = filas(almacen)
    nuevas = [{**f.datos, "descripcion": "Cambiada"} for f in actuales]
    with pytest.raises(FilaCerrada):
        aplicar(almacen, CATALOGO, matriz(), nuevas, base=huella_de(actuales), **QUIEN)
    assert filas(almacen) == actuales, "todo o nada"


# --- En ningún estado, por ningún camino ------------------------------------------------------------------

CAMINOS = {
    "en_preparacion": [],
    "preliminar_enviada": ["preliminar"],
    "con_observaciones": ["preliminar", "observar"],
    "sin_observaciones": ["preliminar", "sin-observaciones"],
    "final_enviada": ["preliminar", "observar", "final"],
    "en_ajuste": ["preliminar", "observar", "final", "pedir-ajuste"],
    "validada": ["preliminar", "observar", "final", "validar"],
    "rechazada": ["preliminar", "observar", "final", "rechazar"],
}
LUGAR = st.sampled_from(
    [("FOC-01", ""), ("FOC-02", ""), ("FOC-01", "descripcion"), ("FOC-02", "cobertura"), ("", "perfil"), ("", "")]
)
VALOR = st.sampled_from(["Otro texto que se entiende.", "", "12"])
CAMPO = st.sampled_from(["codigo", "descripcion", "cobertura", "perfil", "presupuesto", "instrumento"])
PASO = st.tuples(
    st.sampled_from(["guardar", "quitar", "reponer", "agregar", "copiar", "aplicar", "abrir"]), st.integers(0, 9), CAMPO, VALOR
)


def permitidos(almacen, observadas, motivos):
    """Lo abierto, dicho de otra forma que en `apertura`: fila → campos, y si se agrega. Las claves no se tocan."""
    expediente = leer_expediente(almacen, CATALOGO, REGION, EJERCICIO)
    abre = CATALOGO.proceso.tramitacion.estados[expediente.estado].abre
    todos = set(matriz().esquema.principal.nombres)
    if abre == "todo" or (abre == "observado" and (("", "") in observadas or "" in motivos)):
        return None
    vistas, abiertos = filas(almacen), {}
    if abre == "nada":
        return abiertos
    revisada = revisar(almacen, CATALOGO, matriz(), vistas)
    for i, f in enumerate(vistas):
        mala = any(p.es_error for p in revisada.de_fila(i))
        suma = {p.codigo for p in revisada.resultado.errores} & {"presupuesto-sobre-monto"}
        entera = (f.datos["codigo"], "") in observadas or f.id in motivos or mala or suma
        campos = {c for fila, c in observadas if c and fila in ("", f.datos["codigo"])}
        abiertos[f.id] = (todos if entera else campos) - {"codigo"}
    return abiertos


def intentar(almacen, paso, motivos):
    que, indice, campo, valor = paso
    vivas = filas(almacen)
    una = vivas[indice % len(vivas)] if vivas else None
    if que == "agregar":
        agregar_fila(almacen, CATALOGO, matriz(), {campo: valor}, **QUIEN)
    elif que == "copiar":
        copiar(almacen, CATALOGO, matriz(), EJERCICIO - 1, **QUIEN)
    elif que == "aplicar":
        nuevas = [{**f.datos, campo: valor} if i == indice else f.datos for i, f in enumerate(vivas)][: indice + 2]
        aplicar(almacen, CATALOGO, matriz(), nuevas, base=huella_de(vivas), **QUIEN)
    elif una and que == "abrir":
        abrir(almacen, CATALOGO, matriz(), una.id if indice else "", motivo="Lo pidió el CORE.", **QUIEN)
        motivos.add(una.id if indice else "")
    elif una and que == "guardar":
        guardar_fila(almacen, CATALOGO, matriz(), una.id, {campo: valor}, version=una.version, **QUIEN)
    elif una and que == "quitar":
        quitar_fila(almacen, CATALOGO, matriz(), una.id, version=una.version, **QUIEN)
    elif una:
        reponer_fila(almacen, CATALOGO, matriz(), una.id, **QUIEN)


@pytest.fixture
def almacen_nuevo(tmp_path):
    """Una base nueva por ejemplo: copiar un archivo ya migrado es mucho más rápido que migrar."""
    molde, otra = tmp_path / "molde.db", tmp_path / "otra.db"
    migrar(f"sqlite:///{molde}")

    @contextmanager
    def abrir_otra():
        copyfile(molde, otra)
        almacen = Almacen(f"sqlite:///{otra}")
        yield almacen
        almacen.cerrar()
        for resto in tmp_path.glob("otra.db*"):
            resto.unlink()

    return abrir_otra


@pytest.mark.parametrize("estado", sorted(CAMINOS))
def test_en_ningun_estado_se_cambia_una_fila_cerrada(estado, almacen_nuevo):
    sin_reloj = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))

    @sin_reloj
    @given(observadas=st.sets(LUGAR, min_size=1, max_size=3), pasos=st.lists(PASO, min_size=1, max_size=6))
    def probar(observadas, pasos):
        with almacen_nuevo() as almacen:
            llevar(almacen, CAMINOS[estado], observadas)
            enviadas, motivos = (observadas if "observar" in CAMINOS[estado] else set()), set()
            for paso in pasos:
                antes, libres = {f.id: f for f in filas(almacen)}, permitidos(almacen, enviadas, motivos)
                try:
                    intentar(almacen, paso, motivos)
                except (FilaCerrada, FilaCambiada, ValueError):
                    assert {f.id: f for f in filas(almacen)} == antes
                    continue
                revisar_paso(antes, {f.id: f for f in filas(almacen)}, libres)

    probar()


def llevar(almacen, actos, observadas):
    agregar_fila(almacen, CATALOGO, matriz(ejercicio=EJERCICIO - 1), {"codigo": "FOC-77"}, **QUIEN)
    llenar(almacen)
    for acto in actos:
        if acto == "observar":
            for lugar in sorted(observadas):
                observar(almacen, *lugar)
        if acto == "final":
            for o in filas(almacen, OBSERVACIONES):
                guardar(almacen, o.datos["codigo"], OBSERVACIONES, respuesta="Se corrigió.")
        if acto == "pedir-ajuste":  # lleva al menos una pendiente: se vuelve a observar lo mismo
            for o in filas(almacen, OBSERVACIONES):
                guardar(almacen, o.datos["codigo"], OBSERVACIONES, observacion="Sigue sin explicarse.")
        hacer(almacen, acto)


def revisar_paso(antes, despues, libres):
    if libres is None:
        return
    assert not despues.keys() - antes.keys(), "se agregó o se repuso una fila sin que la matriz estuviera abierta"
    for id, f in antes.items():
        todos = set(f.datos) - {"codigo"}
        if id not in despues:
            assert libres.get(id) == todos, "se quitó una fila cerrada"
        else:
            distintos = {n for n in f.datos if f.datos[n] != despues[id].datos[n]}
            assert distintos <= libres.get(id, set()), "se cambió un campo cerrado"


def test_el_historial_de_una_fila_conserva_cada_cambio(almacen):
    observada(almacen)
    guardar(almacen, "FOC-01", descripcion="Se corrigió.")
    assert [c.accion for c in leer_cambios(almacen, matriz(), fila(almacen, "FOC-01").id)] == ["agregada", "cambiada"]
