"""Varios a la vez y en el orden menos pensado, en los dos motores; y los bordes de una matriz que las demás pruebas no pisan."""

from dataclasses import replace

import pytest

from esquemas.coherencia import ejemplos_de
from esquemas.errores import Codigo
from esquemas.propias import LARGOS, Columna, ColumnaInvalida, ampliar, declarar
from formularios.actuar import ExpedienteCambiado, MatrizCambiada, Pedido, actuar
from formularios.apertura import FilaCerrada, abrir
from formularios.expediente import leer_expediente
from formularios.fila_en_curso import FilaCambiada, huella_de
from formularios.filas import (
    agregar_fila,
    aplicar,
    copiar,
    guardar_fila,
    leer_cambios,
    leer_fila,
    leer_matriz,
    quitar_fila,
    reponer_fila,
)
from formularios.matrices import revisar
from formularios.tramite import preparar
from tests.formularios.tramite import (
    ACTOS,
    CATALOGO,
    EJERCICIO,
    FOC,
    NOVIEMBRE,
    OBSERVACIONES,
    QUIEN,
    REGION,
    fila,
    filas,
    hacer,
    llenar,
    matriz,
    observada,
    observar,
)

A1, A2, B1 = "matriz-estrategica-integrada", "potencialidades-problematicas", "desafios-oportunidades-objetivos"


def o_lo_que_pasa(hacer):
    try:
        return hacer()
    except Exception as falla:
        return type(falla)


def guardar(almacen, una, nombre=FOC, **valores):
    return o_lo_que_pasa(
        lambda: guardar_fila(almacen, CATALOGO, matriz(nombre), una.id, valores, version=una.version, **QUIEN)
    )


def quitar(almacen, una, nombre=FOC):
    return quitar_fila(almacen, CATALOGO, matriz(nombre), una.id, version=una.version, **QUIEN)


# --- A la vez --------------------------------------------------------------------------------------------


def test_de_quienes_guardan_la_misma_fila_gana_uno_y_los_demas_lo_saben(almacen, en_paralelo):
    llenar(almacen)
    una = fila(almacen, "FOC-01")
    salen = en_paralelo(lambda n: guardar(almacen, una, accion=f"Acción {n}"), [(n,) for n in range(4)])
    assert sum(s is FilaCambiada for s in salen) == 3
    [gano] = [s for s in salen if s is not FilaCambiada]
    assert fila(almacen, "FOC-01").datos["accion"] == gano.datos["accion"]
    assert [c.version for c in leer_cambios(almacen, matriz(), una.id)] == [1, 2]


def test_quitar_y_corregir_a_la_vez_no_deja_media_fila(almacen, en_paralelo):
    llenar(almacen)
    una = fila(almacen, "FOC-01")
    actos = [lambda: o_lo_que_pasa(lambda: quitar(almacen, una)), lambda: guardar(almacen, una, accion="Otra")]
    salen = en_paralelo(lambda hace: hace(), [(a,) for a in actos])
    assert sum(s is FilaCambiada for s in salen) == 1
    queda = leer_fila(almacen, matriz(), una.id)
    assert queda.version == 2 and bool(queda.quitada_utc) == (queda.datos["accion"] != "Otra")


def test_copiar_dos_veces_a_la_vez_es_copiar_una(almacen, en_paralelo):
    llenar(almacen)
    despues = replace(matriz(), ejercicio=EJERCICIO + 1)
    cuantas = en_paralelo(lambda: copiar(almacen, CATALOGO, despues, EJERCICIO, **QUIEN), [()] * 3)
    assert sorted(cuantas) == [0, 0, 3] and len(leer_matriz(almacen, despues)) == 3


def test_aplicar_un_archivo_mientras_otra_edita_es_uno_o_lo_otro(almacen, en_paralelo):
    llenar(almacen)
    una, base = fila(almacen, "FOC-01"), huella_de(filas(almacen))
    archivo = [{**f.datos, "accion": "Del archivo"} for f in filas(almacen)]
    aplica = lambda: o_lo_que_pasa(lambda: aplicar(almacen, CATALOGO, matriz(), archivo, base=base, **QUIEN))  # noqa: E731
    salen = en_paralelo(lambda hace: hace(), [(aplica,), (lambda: guardar(almacen, una, accion="A mano"),)])
    assert sum(s is FilaCambiada for s in salen) == 1
    assert {f.datos["accion"] for f in filas(almacen)} == {"Del archivo"} or fila(almacen, "FOC-01").datos["accion"] == "A mano"


def test_lo_que_se_sella_es_lo_que_se_reviso_aunque_otra_guarde_a_la_vez(almacen, en_paralelo):
    llenar(almacen)
    una, acto = fila(almacen, "FOC-01"), ACTOS["preliminar"]
    listo = preparar(almacen, CATALOGO, leer_expediente(almacen, CATALOGO, REGION, EJERCICIO), acto)
    pedido = Pedido("preliminar", acto.quien, "usuario 1", 0, resultados=listo.resultados, huellas=listo.huellas)
    actua = lambda: o_lo_que_pasa(lambda: actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido, ahora_utc=NOVIEMBRE))  # noqa: E731
    acta, guardo = en_paralelo(lambda hace: hace(), [(actua,), (lambda: guardar(almacen, una, accion="Otra"),)])
    assert (acta is MatrizCambiada) != (guardo is FilaCerrada), "o se guardó y no se selló, o se selló y no se guardó"
    assert (fila(almacen, "FOC-01").datos["accion"] == "Otra") == (acta is MatrizCambiada)


@pytest.mark.parametrize("que", ["corrige", "quita", "agrega"])
def test_una_observacion_que_cambia_mientras_se_envia_no_se_sella_como_era(almacen, que):
    """La que se agrega no alcanza a ir y espera; si una cambia o se quita, se vuelve a revisar."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    una, acto = observar(almacen, "FOC-01"), ACTOS["observar"]
    observar(almacen, "FOC-02")
    listo = preparar(almacen, CATALOGO, leer_expediente(almacen, CATALOGO, REGION, EJERCICIO), acto)
    if que == "corrige":
        guardar(almacen, una, OBSERVACIONES, observacion="Otra cosa.")
    elif que == "quita":
        quitar(almacen, una, OBSERVACIONES)
    else:
        observar(almacen, "FOC-03")
    pedido = Pedido("observar", acto.quien, "usuario 1", 1, resultados=listo.resultados, huellas=listo.huellas)
    hecho = o_lo_que_pasa(lambda: actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido, ahora_utc=NOVIEMBRE))
    assert (hecho is MatrizCambiada) == (que != "agrega")


# --- En otro orden ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("otro", [{}, {"motivo": "Otro motivo."}])
def test_el_mismo_acto_con_otra_cosa_no_se_da_por_hecho(almacen, otro):
    """Atrás, corregir y apretar otra vez: decía «Quedó hecho» y guardaba lo primero."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    pedido = Pedido("retirar-preliminar", ("gore_firmante",), "usuario 1", 1, motivo="Falta una fila.")
    primera = actuar(almacen, CATALOGO, REGION, EJERCICIO, pedido, ahora_utc=NOVIEMBRE)
    segunda = lambda: actuar(almacen, CATALOGO, REGION, EJERCICIO, replace(pedido, **otro), ahora_utc=NOVIEMBRE)  # noqa: E731
    assert o_lo_que_pasa(segunda) == (ExpedienteCambiado if otro else primera)


def test_un_codigo_con_espacios_es_el_mismo_codigo(almacen):
    llenar(almacen)
    guardar(almacen, fila(almacen, "FOC-01"), codigo=" FOC-01\u00a0")
    agregada, _ = agregar_fila(almacen, CATALOGO, matriz(), {"codigo": "FOC-77 ", "accion": "Una  acción "}, **QUIEN)
    assert agregada.datos["codigo"] == "FOC-77" and agregada.datos["accion"] == "Una  acción ", "lo demás, como se escribió"
    assert fila(almacen, "FOC-01").version == 1, "no cambió nada"


def test_un_por_revisar_que_no_se_vio_no_se_borra(almacen):
    llenar(almacen)
    una, cita = fila(almacen, "OBJ-01", B1), fila(almacen, "FOC-01")
    assert "OBJ-01" in cita.datos["objetivos"] and not cita.por_revisar
    guardar(almacen, una, B1, enunciado="Otro enunciado, que nadie ha leído todavía.")
    assert guardar(almacen, cita, accion="Con una coma, más").por_revisar, "se abrió antes de que la marcaran"
    quitar(almacen, fila(almacen, "FOC-02"))
    marcada = fila(almacen, "FOC-01")
    vista = {"version": marcada.version, "visto": marcada.por_revisar, **QUIEN}
    assert not guardar_fila(almacen, CATALOGO, matriz(), marcada.id, {}, **vista).por_revisar
    assert not fila(almacen, "FOC-01").por_revisar


def test_la_quitada_tambien_se_marca_y_al_reponerla_lo_dice(almacen):
    llenar(almacen)
    quitada = quitar(almacen, fila(almacen, "FOC-01"))
    guardar(almacen, fila(almacen, "OBJ-01", B1), B1, enunciado="Otro enunciado.")
    repuesta = reponer_fila(almacen, CATALOGO, matriz(), quitada.id, **QUIEN)
    assert "OBJ-01" in repuesta.por_revisar


def test_el_codigo_sugerido_no_es_uno_que_ya_se_cita_ni_uno_observado(almacen):
    citada = next(v for v in ejemplos_de(CATALOGO.esquemas[B1])[B1] if v["origen"].startswith("PRO-"))
    agregar_fila(almacen, CATALOGO, matriz(B1), {**citada, "origen": "PRO-07"}, **QUIEN)
    nueva, _ = agregar_fila(almacen, CATALOGO, matriz(A2), {"tipo": "problematica"}, **QUIEN)
    assert nueva.datos["codigo"] == "PRO-08"


def test_el_codigo_sugerido_no_es_el_de_una_fila_observada_que_hoy_se_llama_de_otra_manera(almacen):
    observada(almacen, ("FOC-03",), ("",))
    guardar(almacen, fila(almacen, "FOC-03"), codigo="TUR-03")
    assert [f.datos["codigo"] for f in filas(almacen)] == ["FOC-01", "FOC-02", "TUR-03"]
    otra, _ = agregar_fila(almacen, CATALOGO, matriz(), {"accion": "Otra"}, **QUIEN)
    assert otra.datos["codigo"] == "FOC-04"


def test_lo_abierto_con_un_motivo_se_cierra_con_el_acto_siguiente(almacen):
    observada(almacen)
    otra = fila(almacen, "FOC-02")
    assert guardar(almacen, otra, accion="No se puede.") is FilaCerrada
    abrir(almacen, CATALOGO, matriz(), otra.id, motivo="Lo pidió el CORE.", **QUIEN)
    guardar(almacen, otra, accion="Ahora sí.")
    observacion = filas(almacen, "observaciones")[0]
    guardar(almacen, observacion, "observaciones", respuesta="Se corrigió.")
    hacer(almacen, "final")
    observar(almacen, "FOC-01", observacion="El CORE pidió otra cosa.")
    hacer(almacen, "pedir-ajuste")
    assert guardar(almacen, fila(almacen, "FOC-02"), accion="Otra vez no.") is FilaCerrada


def test_reponer_una_fila_cuyo_codigo_ya_tiene_otra_se_dice_y_ninguna_se_pierde(almacen):
    llenar(almacen)
    una = fila(almacen, "FOC-01")
    quitar(almacen, una)
    agregar_fila(almacen, CATALOGO, matriz(), {**una.datos, "accion": "La nueva"}, **QUIEN)
    reponer_fila(almacen, CATALOGO, matriz(), una.id, **QUIEN)
    assert [f.datos["codigo"] for f in filas(almacen)].count("FOC-01") == 2
    errores = revisar(almacen, CATALOGO, matriz(), filas(almacen)).resultado.errores
    assert any("FOC-01" in p.mensaje and p.campo == "codigo" for p in errores)
    archivo = [f.datos for f in filas(almacen)[1:]]  # uno que trae el código una sola vez: queda la primera, como en `conservar`
    aplicar(almacen, CATALOGO, matriz(), archivo, base=huella_de(filas(almacen)), **QUIEN)
    assert [f.id for f in filas(almacen) if f.datos["codigo"] == "FOC-01"] == [una.id]


def test_apretar_dos_veces_aplicar_no_es_un_choque(almacen):
    llenar(almacen)
    base, archivo = huella_de(filas(almacen)), [{**f.datos, "accion": "Del archivo"} for f in filas(almacen)]
    for _ in range(2):
        aplicar(almacen, CATALOGO, matriz(), archivo, base=base, **QUIEN)
    assert {f.version for f in filas(almacen)} == {2}


def test_una_matriz_vaciada_ya_no_dice_lo_que_se_entrego(almacen):
    """B.1 citaba filas de una A.2 que se entregó y después se quitó entera: no puede seguir bien."""
    llenar(almacen)
    hacer(almacen, "preliminar")
    hacer(almacen, "retirar-preliminar")
    for una in filas(almacen, A2):
        quitar(almacen, una, A2)
    errores = revisar(almacen, CATALOGO, matriz(B1), filas(almacen, B1)).resultado.errores
    assert Codigo.REFERENCIA_INEXISTENTE in {p.codigo for p in errores}
    assert filas(almacen, A2) == []


# --- Lo que ninguna prueba miraba ------------------------------------------------------------------------


def test_el_mismo_id_con_otros_datos_es_otra_fila(almacen):
    """Quien vuelve atrás y escribe otra cosa en el mismo formulario no la pierde."""
    ids = [agregar_fila(almacen, CATALOGO, matriz(), {"accion": a}, **QUIEN, id="0" * 16) for a in ("Una", "Una", "Otra")]
    assert [nueva for _, nueva in ids] == [True, False, True]
    assert [f.datos["accion"] for f in filas(almacen)] == ["Una", "Otra"]


def test_corregir_una_fila_por_revisar_le_quita_el_aviso(almacen):
    llenar(almacen)
    guardar(almacen, filas(almacen, A2)[0], A2, causas="Otras causas")
    marcada = next(f for f in filas(almacen, B1) if f.por_revisar)
    vio = {"version": marcada.version, "visto": marcada.por_revisar, **QUIEN}
    guardar_fila(almacen, CATALOGO, matriz(B1), marcada.id, {"enunciado": "Otra descripción, más clara."}, **vio)
    assert leer_fila(almacen, matriz(B1), marcada.id).por_revisar == ""


def test_lo_propio_de_la_region_ni_se_pierde_al_copiar_ni_deja_por_revisar(almacen):
    llenar(almacen)
    una = filas(almacen, A2)[0]
    con_propia = replace(matriz(A2), esquema=CATALOGO.esquemas[A2])
    guardar(almacen, una, A2, propia_meta="12")
    assert not [f for f in filas(almacen, B1) if f.por_revisar], "lo propio no se cita"
    copiar(almacen, CATALOGO, replace(con_propia, ejercicio=EJERCICIO + 1), EJERCICIO, **QUIEN)
    copiada = leer_matriz(almacen, replace(matriz(A2), ejercicio=EJERCICIO + 1))[0]
    assert copiada.datos["propia_meta"] == "12"


def test_se_avisa_por_cualquier_campo_que_cite_y_se_dice_lo_que_cambio_de_verdad(almacen):
    llenar(almacen)
    citan = [c.nombre for c in CATALOGO.esquemas[FOC].campos if c.referencia and c.referencia.esquema == B1]
    codigos = [f.datos["codigo"] for f in filas(almacen, B1)]
    for i, nombre in enumerate(citan):  # cada campo, otra fila
        guardar(almacen, fila(almacen, "FOC-01"), **{nombre: codigos[i]})
    declarada = declarar(CATALOGO.esquemas[B1], (), "Meta", "texto")
    ampliada = replace(matriz(B1), esquema=ampliar(CATALOGO.esquemas[B1], (declarada,)))
    for i in range(len(citan)):
        una = fila(almacen, codigos[i], B1)
        valores = {"enunciado": f"Otra {i}.", declarada.nombre: "12"}
        guardar_fila(almacen, CATALOGO, ampliada, una.id, valores, version=una.version, **QUIEN)
        dicho = fila(almacen, "FOC-01").por_revisar
        assert f"«{codigos[i]}»" in dicho and "«Meta»" not in dicho
    assert len(citan) > 1


@pytest.mark.parametrize(("cuantas", "dichas"), [(4, 4), (5, 3)])
def test_de_las_que_cambian_juntas_se_dicen_las_primeras(almacen, cuantas, dichas):
    codigos = [f"DOC-{i:02}" for i in range(cuantas)]
    for codigo in codigos:
        agregar_fila(almacen, CATALOGO, matriz(A1), {"codigo": codigo}, **QUIEN)
    agregar_fila(almacen, CATALOGO, matriz(A2), {"origen": ";".join(codigos)}, **QUIEN)
    aplicar(almacen, CATALOGO, matriz(A1), [], base=huella_de(filas(almacen, A1)), **QUIEN)
    dicho = filas(almacen, A2)[0].por_revisar
    assert dicho.count("fue quitada") == dichas and (f"otras {cuantas - dichas} " in dicho) == (cuantas > dichas)


@pytest.mark.parametrize("campo", LARGOS)
def test_el_titulo_y_la_ayuda_de_una_columna_propia_caben_hasta_su_tope(campo):
    def con(largo):
        escrito = {"titulo": "T", "ayuda": "", campo: "a" * largo}
        return declarar(CATALOGO.esquemas[A2], (), escrito["titulo"], "texto", escrito["ayuda"])

    assert isinstance(con(LARGOS[campo]), Columna)
    with pytest.raises(ColumnaInvalida, match="caben"):
        con(LARGOS[campo] + 1)
