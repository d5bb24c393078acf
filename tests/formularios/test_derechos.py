"""Los derechos sobre los datos: consentir, pedir, responder y cumplir; y que suprimir a una persona no deje rastro."""

import csv
import hashlib
import io
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.validacion import Contexto, validar_filas
from formularios import almacen_derechos, bandeja, derechos, solicitudes
from formularios.accesos import guardar_usuario
from formularios.almacen_bitacora import revisar
from formularios.almacen_tablas import METADATOS
from formularios.app import crear_app
from formularios.borradores import BorradorInexistente, crear_borrador, guardar_borrador, leer_borrador, reabrir_borrador
from formularios.configuracion import Configuracion
from formularios.encuesta import enviar, guardar_pantalla, huella_de_pantalla
from formularios.envio import PARTE, TODO
from formularios.exportacion import exportar_csv
from formularios.fila_en_curso import FilaCambiada, Matriz
from formularios.filas import agregar_fila, guardar_fila, leer_fila, leer_matriz, quitar_fila
from formularios.lapida_en_curso import LAPIDA
from formularios.matrices import revisar as revisar_matriz
from formularios.pantalla import Recibido
from formularios.propias import con_propias, declarar
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import comprobante
from formularios.solicitudes import ACOGIDA, DERECHOS, DIAS, RECHAZADA, NoProcede, consultar, pedir, responder
from formularios.subida import ArchivoPerdido, apartar, confirmar
from formularios.tablero import anotar_lectura, avisos_de, detallar, leer_lecturas
from tests.formularios.cliente import Navegador
from tests.formularios.conftest import AHORA

CATALOGO = cargar()
ACTOR, CATASTRO = CATALOGO.esquemas["actor-clave"], CATALOGO.esquemas["catastro-actores"]
LUGAR = {"region": "06", "ejercicio": 2027}
AUTOR = {"autor": "usuario 1", "ahora_utc": AHORA}
JUSTIFICACION = "Reúne a los talleres de la comuna."
CORREO, OTRO = "Persona.Titular@ejemplo.cl", "equipo.prestado@ejemplo.cl"
SUYOS = ("Nombre Rarísimo de Titular", CORREO, "+56955512345", "Gremio Inconfundible", OTRO)
_, _, TELEFONO, GREMIO, _ = SUYOS


def datos(consiente="si", nombre=SUYOS[0]):
    filas = {t: [{k: v for k, v in f.items() if k != "respuesta"} for f in ff] for t, ff in ejemplos_de(ACTOR).items()}
    filas[ACTOR.nombre][0] |= {"consentimiento": consiente, "afiliacion_gremial": GREMIO if consiente == "si" else ""}
    filas["representantes"] = [{"nombre": nombre, "cargo": "Presidencia", "correo": CORREO, "telefono": TELEFONO}]
    return filas


def entregar(almacen, secreto, filas, ahora=AHORA):
    borrador = leer_borrador(almacen, secreto, ahora_utc=ahora)
    grupos = {t: f for t, f in filas.items() if t != ACTOR.nombre}
    principal = filas[ACTOR.nombre][0]
    borrador = guardar_borrador(
        almacen, secreto, revision=borrador.revision, ahora_utc=ahora, principal=principal, grupos=grupos
    )
    return enviar(almacen, CATALOGO, ACTOR, borrador, revision=borrador.revision, ahora_utc=ahora)


@pytest.fixture
def secreto(almacen):
    return crear_borrador(almacen, ACTOR, **LUGAR, ahora_utc=AHORA)[1]


@pytest.fixture
def folio(almacen, secreto):
    """Una respuesta enviada dos veces: la primera quedó reemplazada."""
    entregar(almacen, secreto, datos(nombre="Otro Nombre de Titular"))
    reabrir_borrador(almacen, secreto, ahora_utc=AHORA)
    return entregar(almacen, secreto, datos()).folio


def solicitar(almacen, derecho="supresion", **dicho):
    return pedir(almacen, **{"derecho": derecho, "correo": CORREO, "ahora_utc": AHORA, **dicho})


def hacer(almacen, solicitud, folio, accion, **resto):
    resto = {"redactar": lambda e, s: ("Corrija", f"secreto={s}"), **AUTOR, **resto}
    derechos.ejecutar(almacen, CATALOGO, solicitud, folio, accion, **resto)


def contestar(almacen, solicitud, acogida=True, razon="", **resto):
    comun = {"redactar": lambda s: ("Respuesta", f"{s.numero} {s.estado}"), **AUTOR, **resto}
    return responder(almacen, solicitud.numero, acogida=acogida, razon=razon, **comun)


def todo(almacen):
    """Cada tabla de la base, como texto."""
    with almacen.leer() as c:
        # Como tupla: el `repr` de una fila de SQLAlchemy corta los textos largos, y ahí se escondería el rastro.
        return {t.name: repr([tuple(f) for f in c.execute(t.select())]) for t in METADATOS.sorted_tables}


def tabla(almacen, nombre):
    with almacen.leer() as c:
        suya = METADATOS.tables[nombre]
        return [dict(f) for f in c.execute(select(suya).order_by(*suya.primary_key)).mappings()]


def exportado(almacen, esquema=ACTOR, **pedido):
    destino = io.BytesIO()
    exportar_csv(almacen, CATALOGO, esquema, destino, **pedido)
    return destino.getvalue().decode()


# --- Consentimiento ----------------------------------------------------------------------------------


def test_al_consentir_queda_constancia_y_el_texto_se_recupera(almacen, folio):
    dado = next(d for d in tabla(almacen, "consentimiento") if d["envio"] == folio)
    assert (dado["campo"], dado["version_esquema"], dado["retirado_utc"]) == ("afiliacion_gremial", ACTOR.version, None)
    assert dado["dado_utc"] == AHORA
    texto = derechos.texto_aceptado(almacen, dado)
    assert texto == ACTOR.privacidad["consentimiento"] and hashlib.sha256(texto.encode()).hexdigest() == dado["huella"]
    assert derechos.texto_aceptado(almacen, dado | {"huella": "otra"}) == ""


@pytest.mark.parametrize("dicho", ["no", ""])
def test_sin_consentimiento_ni_constancia_ni_dato(almacen, secreto, dicho):
    """Aunque llegue el dato sensible, si no se aceptó no se guarda con la respuesta ni en el borrador, ni queda constancia."""
    seccion = next(s for s in ACTOR.secciones if "afiliacion_gremial" in s.contenido)
    filas = datos(consiente=dicho)
    suyos = {c: filas[ACTOR.nombre][0].get(c, "") for c in seccion.contenido if c in ACTOR.principal.nombres}
    recibido = Recibido(suyos | {"afiliacion_gremial": GREMIO}, {"representantes": filas["representantes"]}, frozenset(), ())
    base = huella_de_pantalla(leer_borrador(almacen, secreto, ahora_utc=AHORA), seccion)
    guardar_pantalla(almacen, CATALOGO, ACTOR, secreto, seccion, recibido, base=base, ahora_utc=AHORA)
    assert GREMIO not in todo(almacen)["borrador"] and TELEFONO in todo(almacen)["borrador"]
    filas[ACTOR.nombre][0]["afiliacion_gremial"] = GREMIO  # por si llegara al borrador por otro lado
    entregar(almacen, secreto, filas)
    assert tabla(almacen, "consentimiento") == []
    assert GREMIO not in todo(almacen)["fila"] and TELEFONO in todo(almacen)["fila"]


def test_retirar_el_consentimiento_quita_el_dato_y_deja_lo_demas(almacen, folio):
    pedida = solicitar(almacen, "consentimiento", folio=folio)
    hacer(almacen, pedida, folio, "retirar")
    assert all(d["retirado_utc"] == AHORA for d in tabla(almacen, "consentimiento"))
    volcado = todo(almacen)
    assert not any(GREMIO in texto for texto in volcado.values())
    assert TELEFONO in volcado["fila"] and comprobante(almacen, folio).quitado == PARTE
    assert avisos_de(almacen, CATALOGO, detallar(almacen, folio)) == ()
    with pytest.raises(NoProcede, match="no hay un consentimiento"):
        hacer(almacen, pedida, folio, "retirar")


# --- Pedir y responder -------------------------------------------------------------------------------


def test_los_derechos_y_el_plazo_son_los_que_se_informan():
    norma = next(p.texto for p in CATALOGO.documentos["ley-19628"].partes if p.id == "derechos")
    de_la_norma = [titulo.lower() for clave, (titulo, _) in DERECHOS.items() if clave != "consentimiento"]
    assert [t for t in de_la_norma if t not in norma.lower()] == []
    notas = {n.nombre: n.texto for n in CATALOGO.notas["privacidad"].notas}
    assert f"{DIAS} días corridos" in notas["derechos"]


@pytest.mark.parametrize(
    ("pedida", "vence"),
    [
        (datetime(2026, 11, 15, 13, tzinfo=UTC), datetime(2026, 12, 16, 3, tzinfo=UTC)),
        (datetime(2026, 11, 15, 2, 59, tzinfo=UTC), datetime(2026, 12, 15, 3, tzinfo=UTC)),  # en Chile aún es el 14
        (datetime(2027, 3, 20, 13, tzinfo=UTC), datetime(2027, 4, 20, 4, tzinfo=UTC)),  # cruza el cambio de hora
    ],
)
def test_vence_al_final_del_dia_treinta_en_chile(almacen, pedida, vence):
    s = solicitar(almacen, ahora_utc=pedida)
    assert s.vence_utc == vence and s.dias(pedida) == 30
    assert s.dias(vence - timedelta(seconds=1)) == 0 and not s.vencida(vence - timedelta(seconds=1))
    assert s.dias(vence) == -1 and s.vencida(vence)


def test_cada_solicitud_tiene_su_numero_y_va_a_quien_responde(almacen, folio):
    una, otra, tercera = solicitar(almacen, folio=folio), solicitar(almacen, region="05"), solicitar(almacen)
    assert len({una.numero, otra.numero, tercera.numero}) == 3
    assert [s.region for s in (una, otra, tercera)] == ["06", "05", "00"]
    assert [s.numero for s in solicitudes.leer_solicitudes(almacen, {"05"})] == [otra.numero]
    assert len(solicitudes.leer_solicitudes(almacen)) == 3
    assert solicitudes.leer_solicitud(almacen, una.numero, {"05"}) is None
    assert consultar(almacen, una.numero.lower(), CORREO.upper()).numero == una.numero
    assert consultar(almacen, una.numero, OTRO) is None and consultar(almacen, "D-2026-999999-1", CORREO) is None


def test_responder_cierra_una_vez_y_manda_el_correo(almacen):
    s = solicitar(almacen, "acceso")
    with pytest.raises(NoProcede, match="por qué"):
        contestar(almacen, s, acogida=False, razon="  ")
    hecha = contestar(almacen, s, acogida=False, razon="No pudimos comprobar que sea usted.")
    assert (hecha.estado, hecha.respondida_utc, hecha.quien) == (RECHAZADA, AHORA, "usuario 1")
    assert not hecha.vencida(AHORA + timedelta(days=90))
    (mensaje,) = bandeja.ultimos(almacen)
    assert mensaje.para == CORREO and mensaje.cuerpo == f"{s.numero} rechazada"
    with pytest.raises(NoProcede, match="ya se respondió"):
        contestar(almacen, s)
    assert consultar(almacen, s.numero, CORREO).razon == "No pudimos comprobar que sea usted."
    assert [b["accion"] for b in tabla(almacen, "bitacora")] == ["solicitar", "responder"]


# --- Encontrar y entregar ----------------------------------------------------------------------------


def test_se_encuentra_por_folio_o_por_correo_y_cada_region_lo_suyo(almacen, folio):
    por_correo = solicitar(almacen, correo=CORREO.lower())
    (lugar,) = derechos.lugares(almacen, CATALOGO, por_correo)
    assert lugar.envio.folio == folio and lugar.es_suyo and len(lugar.cadena) == 2
    (ajeno,) = derechos.lugares(almacen, CATALOGO, solicitar(almacen, correo=OTRO, folio=folio))
    assert not ajeno.es_suyo
    assert derechos.lugares(almacen, CATALOGO, por_correo, {"05"}) == []
    assert derechos.lugares(almacen, CATALOGO, solicitar(almacen, correo="otular@ejemplo.cl")) == []
    with pytest.raises(NoProcede):
        hacer(almacen, por_correo, folio, "suprimir", regiones={"05"})


def test_portabilidad_en_json_y_csv_dicen_lo_mismo(almacen, folio):
    (lugar,) = derechos.lugares(almacen, CATALOGO, solicitar(almacen, "portabilidad", folio=folio))
    dicho = json.loads(derechos.exportar_json(lugar))
    assert [e["estado"] for e in dicho["envios"]] == ["reemplazado", "vigente"]
    valores = {(e["folio"], f["tabla"], c, v) for e in dicho["envios"] for f in e["filas"] for c, v in f["datos"].items()}
    filas = list(csv.DictReader(io.StringIO(derechos.exportar_csv(lugar).decode())))
    assert {(f["folio"], f["tabla"], f["campo"], f["valor"]) for f in filas} == valores
    assert (folio, "representantes", "telefono", TELEFONO) in valores
    assert {c["campo"] for c in dicho["consentimientos"]} == {"afiliacion_gremial"}


# --- Cumplir -----------------------------------------------------------------------------------------


def test_suprimir_no_deja_rastro_en_ninguna_tabla(almacen, secreto, folio):
    """Vuelca todas las tablas: antes están los valores; después, ninguno, y la bitácora sigue íntegra."""
    with almacen.escribir() as c:
        excepcion = METADATOS.tables["excepcion"]
        codigo = c.execute(select(METADATOS.tables["fila"].c.codigo).where(METADATOS.tables["fila"].c.envio == folio)).scalars()
        lugar = {"esquema": ACTOR.nombre, "fila": next(iter(codigo)), "campo": "x", "regla": "y", "fuente": "z"}
        c.execute(excepcion.insert().values(id=1, **lugar, **LUGAR, razon=f"Lo dijo {SUYOS[0]}"))
    mandar = {"asunto": "Siga", "ahora_utc": AHORA}
    bandeja.encolar(almacen, para=CORREO.lower(), cuerpo="Hola", **mandar)
    bandeja.encolar(almacen, para=OTRO, cuerpo=f"https://f.example/retomar/{secreto}", **mandar)
    bandeja.encolar(almacen, para="ajeno@ejemplo.cl", cuerpo="No es suyo", **mandar)
    antes, huellas = todo(almacen), {e["folio"]: e["huella"] for e in tabla(almacen, "envio")}
    lineas = {(f["envio"], f["tabla"], f["orden"]): f["linea"] for f in tabla(almacen, "fila")}
    assert all(any(v in texto for texto in antes.values()) for v in SUYOS)

    pedida = solicitar(almacen, folio=folio, detalle=f"Soy {SUYOS[0]}")
    hacer(almacen, pedida, folio, "suprimir")
    contestar(almacen, pedida)
    (respuesta,) = [m for m in bandeja.tomar(almacen, ahora_utc=AHORA) if m.para == CORREO]
    bandeja.marcar_enviado(almacen, respuesta, ahora_utc=AHORA)

    despues = todo(almacen)
    buscados = {v for dicho in (*SUYOS, "Otro Nombre de Titular") for v in (dicho.lower(), json.dumps(dicho)[1:-1].lower())}
    rastros = {(t, v) for t, texto in despues.items() for v in buscados if v in texto.lower().replace("\\\\", "\\")}
    assert rastros == set()
    assert "ajeno@ejemplo.cl" in despues["correo"]
    assert tabla(almacen, "consentimiento") == tabla(almacen, "excepcion") == tabla(almacen, "llave") == []
    assert {e["folio"]: e["huella"] for e in tabla(almacen, "envio")} == huellas
    for f in tabla(almacen, "fila"):
        original = hashlib.sha256(lineas[f["envio"], f["tabla"], f["orden"]].encode()).hexdigest()
        assert f["lapida"] == original and original in f["linea"] and json.loads(f["datos"])["huella"] == original
    with almacen.leer() as c:
        assert revisar(c) == []
    assert [a["objeto"] for a in tabla(almacen, "bitacora") if a["accion"] == "suprimir"] == sorted(huellas)
    with pytest.raises(BorradorInexistente):
        leer_borrador(almacen, secreto, ahora_utc=AHORA)
    assert consultar(almacen, pedida.numero, CORREO).estado == ACOGIDA


@pytest.mark.parametrize("estado", ["vigente", "validado", "reemplazado", "anulado", "todos"])
def test_lo_suprimido_y_lo_bloqueado_no_se_exporta(almacen, folio, estado):
    for accion in ("bloquear", "suprimir"):
        hacer(almacen, solicitar(almacen, folio=folio), folio, accion)
        assert exportado(almacen, estado=estado).count("\r\n") == 1, accion
        assert detallar(almacen, folio).tablas == {}
    assert comprobante(almacen, folio).estado == "suprimido" and comprobante(almacen, folio).quitado == TODO


def test_bloquear_se_deshace_y_conserva_todo(almacen, folio):
    antes = exportado(almacen)
    pedida = solicitar(almacen, "bloqueo", folio=folio)
    hacer(almacen, pedida, folio, "bloquear")
    assert folio not in exportado(almacen) and comprobante(almacen, folio).estado == "vigente"
    hacer(almacen, pedida, folio, "desbloquear")
    assert exportado(almacen) == antes
    assert [a["accion"] for a in tabla(almacen, "bitacora")][-2:] == ["bloquear", "desbloquear"]


def test_lo_suprimido_ya_no_admite_nada_mas(almacen, folio):
    pedida = solicitar(almacen, folio=folio)
    lineas = {(f["envio"], f["tabla"], f["orden"]): f["linea"] for f in tabla(almacen, "fila")}
    originales = {lugar: hashlib.sha256(linea.encode()).hexdigest() for lugar, linea in lineas.items()}
    hacer(almacen, pedida, folio, "retirar")  # ya con una lápida: la huella sigue siendo la de la línea que se recibió
    hacer(almacen, pedida, folio, "suprimir")
    lapidas = {(f["envio"], f["tabla"], f["orden"]): f["lapida"] for f in tabla(almacen, "fila")}
    assert lapidas == originales
    for accion in ("suprimir", "bloquear", "retirar", "corregir", "quitar"):
        with pytest.raises(NoProcede):
            hacer(almacen, pedida, folio, accion)
    (lugar,) = derechos.lugares(almacen, CATALOGO, pedida)
    assert json.loads(derechos.exportar_json(lugar))["envios"][0]["filas"] == []


def test_despues_de_responder_no_se_ejecuta(almacen, folio):
    pedida = solicitar(almacen, folio=folio)
    contestar(almacen, pedida, acogida=False, razon="No")
    with pytest.raises(NoProcede, match="ya se respondió"):
        hacer(almacen, pedida, folio, "suprimir")
    assert GREMIO in exportado(almacen)


@pytest.mark.parametrize("vencido", [False, True])
def test_rectificar_manda_un_enlace_que_lleva_a_corregir(almacen, folio, vencido):
    ahora = AHORA + timedelta(days=90) if vencido else AHORA
    if vencido:
        from formularios.borradores import borrar_vencidos

        assert borrar_vencidos(almacen, ahora_utc=ahora) == 1
    with pytest.raises(NoProcede, match="otra persona"):
        hacer(almacen, solicitar(almacen, "rectificacion", correo=OTRO, folio=folio), folio, "corregir")
    hacer(almacen, solicitar(almacen, "rectificacion", folio=folio), folio, "corregir", ahora_utc=ahora)
    (mensaje,) = bandeja.ultimos(almacen)
    assert mensaje.para == CORREO
    secreto = mensaje.cuerpo.partition("=")[2]
    borrador = leer_borrador(almacen, secreto, ahora_utc=ahora)
    assert borrador.envio == folio and borrador.datos["representantes"][0]["telefono"] == TELEFONO
    reabrir_borrador(almacen, secreto, ahora_utc=ahora)
    nuevo = entregar(almacen, secreto, datos(nombre="Nombre Corregido"), ahora)
    assert comprobante(almacen, folio).estado == "reemplazado" and "Nombre Corregido" in todo(almacen)["fila"]
    assert comprobante(almacen, nuevo.folio).estado == "vigente"


def test_de_una_matriz_se_quita_solo_lo_de_esa_persona(almacen):
    filas = [
        {"codigo": f"ACT-0{i}", "institucion": "Taller", "contacto": f"Contacto {i}", "correo": c, "justificacion": JUSTIFICACION}
        for i, c in enumerate((CORREO.lower(), "vecino@ejemplo.cl"), 1)
    ]
    resultado = validar_filas(CATALOGO, CATASTRO, {CATASTRO.nombre: filas}, Contexto(**LUGAR))
    envio = recibir(almacen, CATALOGO, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="prueba"))
    pedida = solicitar(almacen)
    (lugar,) = derechos.lugares(almacen, CATALOGO, pedida)
    assert "Contacto 1" in derechos.exportar_csv(lugar).decode() and "Contacto 2" not in derechos.exportar_csv(lugar).decode()
    with pytest.raises(NoProcede):
        hacer(almacen, pedida, envio.folio, "suprimir")
    hacer(almacen, pedida, envio.folio, "quitar")
    salida = exportado(almacen, CATASTRO)
    assert CORREO.lower() not in salida and "Contacto 1" not in salida
    assert "vecino@ejemplo.cl" in salida and "ACT-01" in salida and "Contacto 2" in salida
    assert [bool(f["lapida"]) for f in tabla(almacen, "fila")] == [True, False]


def test_quitar_a_una_persona_del_catastro_no_deja_su_nombre_en_lo_que_se_llena(almacen):
    """En las columnas propias de una entrega, las filas en curso, su historial y los archivos por aplicar."""
    nombre, base = "Nombre Rarísimo de Titular", Matriz(CATASTRO, **LUGAR)
    declarar(almacen, base, "Notas", "texto", "", **AUTOR)
    matriz = con_propias(almacen, CATASTRO, **LUGAR)
    comun = {"institucion": "Taller", "justificacion": JUSTIFICACION}
    suya = {**comun, "codigo": "ACT-01", "contacto": nombre, "correo": CORREO.lower()}
    suya["propia_notas"] = f"Llame a {nombre.upper()}"
    otra = {**comun, "codigo": "ACT-02", "contacto": "Vecina Ajena", "correo": "vecina@ejemplo.cl"}
    otra["propia_notas"] = f"La recomendó {nombre}, {CORREO}"
    filas = [agregar_fila(almacen, CATALOGO, matriz, f, **AUTOR)[0] for f in (suya, otra)]
    resultado = revisar_matriz(almacen, CATALOGO, matriz, leer_matriz(almacen, matriz)).resultado
    envio = recibir(almacen, CATALOGO, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="prueba"))
    guardar_fila(almacen, CATALOGO, matriz, filas[0].id, {"contacto": f"{nombre} (hijo)"}, version=1, **AUTOR)
    quitar_fila(almacen, CATALOGO, matriz, filas[1].id, version=1, **AUTOR)
    subido = validar_filas(CATALOGO, matriz.esquema, {CATASTRO.nombre: [suya | {"codigo": "ACT-09"}]}, Contexto(**LUGAR))
    apartado = apartar(almacen, CATALOGO, matriz, subido, nombre="mío.csv", **AUTOR)
    donde = {"fila", "propia_de_envio", "fila_en_curso", "cambio_de_fila", "archivo_por_aplicar"}
    rastros = lambda: {t for t, x in todo(almacen).items() if any(v in x.lower() for v in ("rarísimo", "raríssimo", "rar\\\\u00edsimo", CORREO.lower()))}  # noqa: E731, E501
    assert rastros() == donde

    pedida = solicitar(almacen)
    hacer(almacen, pedida, envio.folio, "quitar")
    assert rastros() == {"solicitud"}, "solo queda el pedido, hasta que se responda"
    primera = leer_fila(almacen, matriz, filas[0].id)
    assert (primera.datos["contacto"], primera.datos["correo"], primera.datos["propia_notas"]) == ("", "", LAPIDA)
    assert (primera.datos["institucion"], primera.version) == ("Taller", 3), "quien la tenía abierta ve que cambió"
    with pytest.raises(FilaCambiada):
        guardar_fila(almacen, CATALOGO, matriz, primera.id, {"contacto": nombre}, version=2, **AUTOR)
    ajena = leer_fila(almacen, matriz, filas[1].id)
    assert (ajena.datos["contacto"], ajena.datos["correo"]) == ("Vecina Ajena", "vecina@ejemplo.cl")
    assert ajena.datos["propia_notas"] == LAPIDA and ajena.quitada_utc
    with pytest.raises(ArchivoPerdido):
        confirmar(almacen, CATALOGO, matriz, apartado.id, **AUTOR)
    assert derechos.lugares(almacen, CATALOGO, pedida) == []


# --- En una matriz que nunca se entregó --------------------------------------------------------------

EN_CURSO = "catastro-actores-06-2027"  # cómo se nombra ese lugar
FILA = {"codigo": "ACT-01", "institucion": "Taller", "justificacion": JUSTIFICACION}
SUYA = FILA | {"contacto": SUYOS[0], "correo": CORREO.lower(), "propia_notas": "Reunirse en marzo"}


@pytest.fixture
def matriz(almacen):
    declarar(almacen, Matriz(CATASTRO, **LUGAR), "Notas", "texto", "", **AUTOR)
    return con_propias(almacen, CATASTRO, **LUGAR)


def agregar(almacen, matriz, **dicho):
    return agregar_fila(almacen, CATALOGO, matriz, SUYA | dicho, **AUTOR)[0]


def subir(almacen, matriz, **dicho):
    leido = validar_filas(CATALOGO, matriz.esquema, {CATASTRO.nombre: [SUYA | dicho]}, Contexto(**LUGAR))
    return apartar(almacen, CATALOGO, matriz, leido, nombre="mío 100%.csv", **AUTOR)


def en_su_fila(almacen, matriz):
    agregar(almacen, matriz, correo=f" {CORREO}; otra@ejemplo.cl")  # a medio escribir: todavía no es un correo


def en_una_fila_sin_codigo(almacen, matriz):
    guardar_fila(almacen, CATALOGO, matriz, agregar(almacen, matriz).id, {"codigo": ""}, version=1, **AUTOR)


def en_una_fila_quitada(almacen, matriz):
    quitar_fila(almacen, CATALOGO, matriz, agregar(almacen, matriz).id, version=1, **AUTOR)


def en_el_historial(almacen, matriz):
    otra = {"contacto": "Vecina Ajena", "correo": "vecina@ejemplo.cl"}
    guardar_fila(almacen, CATALOGO, matriz, agregar(almacen, matriz).id, otra, version=1, **AUTOR)


def en_una_columna_propia(almacen, matriz):
    agregar(almacen, matriz, contacto="Vecina Ajena", correo="vecina@ejemplo.cl", propia_notas=f"La recomendó ({CORREO}).")


def en_un_archivo(almacen, matriz):
    subir(almacen, matriz)


def en_lo_propio_de_una_entrega(almacen, matriz):
    """Lo entregado no dice nada de la persona; lo propio, que va fuera del envío, sí."""
    ajena = {"contacto": "Vecina Ajena", "correo": "vecina@ejemplo.cl", "propia_notas": f"Avisar a {CORREO}"}
    resultado = validar_filas(CATALOGO, matriz.esquema, {CATASTRO.nombre: [FILA | ajena]}, Contexto(**LUGAR))
    recibir(almacen, CATALOGO, resultado, Recepcion(**LUGAR, recibido_utc=AHORA, origen="prueba"))


DONDE = {
    en_su_fila: {"fila ACT-01", "historial de la fila ACT-01"},
    en_una_fila_sin_codigo: {"fila sin código", "historial de la fila sin código", "historial de la fila ACT-01"},
    en_una_fila_quitada: {"fila ACT-01, quitada", "historial de la fila ACT-01"},
    en_el_historial: {"historial de la fila ACT-01"},
    en_una_columna_propia: {"fila ACT-01", "historial de la fila ACT-01"},
    en_un_archivo: {"archivo por aplicar «mío 100%.csv»"},
    en_lo_propio_de_una_entrega: {"columnas propias de lo entregado con el folio 2027-06-000001-0"},
}


def rastros(almacen):
    """Las tablas donde queda el nombre o el correo."""
    return {t for t, x in todo(almacen).items() if SUYOS[0] in x or CORREO.lower() in x.lower()}


@pytest.mark.parametrize("poner", DONDE, ids=lambda p: p.__name__)
def test_quien_esta_solo_en_una_matriz_en_curso_se_halla_y_se_quita(almacen, matriz, poner):
    poner(almacen, matriz)
    pedida = solicitar(almacen)
    (lugar,) = derechos.lugares(almacen, CATALOGO, pedida)
    assert (lugar.nombre, lugar.envio, set(lugar.filas)) == (EN_CURSO, None, DONDE[poner])
    dicho = json.loads(derechos.exportar_json(lugar))
    assert {x["donde"] for x in dicho["en_curso"]} == set(lugar.filas) and dicho["envios"] == []
    en_csv = derechos.exportar_csv(lugar).decode()
    assert CORREO.lower() in en_csv.lower() and "Vecina Ajena" not in en_csv, "lo suyo, y nada de otra persona"
    assert derechos.lugares(almacen, CATALOGO, pedida, {"05"}) == []
    with pytest.raises(NoProcede):
        hacer(almacen, pedida, EN_CURSO, "quitar", regiones={"05"})
    hacer(almacen, pedida, EN_CURSO, "quitar")
    assert rastros(almacen) == {"solicitud"} and derechos.lugares(almacen, CATALOGO, pedida) == []
    assert tabla(almacen, "bitacora")[-1]["objeto"] == f"{EN_CURSO} por {pedida.numero}"


def test_en_lo_que_se_llena_tambien_se_la_halla_por_su_nombre(almacen, matriz):
    """El nombre se aprende de una fila suya, en curso o entregada, y sirve para las columnas propias de las demás."""
    agregar(almacen, matriz)
    agregar(almacen, matriz, codigo="ACT-02", contacto="Vecina", correo="v@ejemplo.cl", propia_notas=f"Llamar a {SUYOS[0]}")
    (lugar,) = derechos.lugares(almacen, CATALOGO, solicitar(almacen))
    assert lugar.filas["fila ACT-02"] == [(CATASTRO.nombre, {"propia_notas": f"Llamar a {SUYOS[0]}"})]


def test_un_correo_que_termina_igual_es_de_otra_persona(almacen, matriz):
    agregar(almacen, matriz, propia_notas=f"Copiar a {CORREO} y a {CORREO}.ar")
    for parecido in ("titular@ejemplo.cl", f"{CORREO}.ar"[1:], "persona.titular@ejemplo.c"):
        assert derechos.lugares(almacen, CATALOGO, solicitar(almacen, correo=parecido)) == []


def test_de_una_matriz_en_curso_nada_mas_que_quitar(almacen, matriz):
    agregar(almacen, matriz)
    for accion in ("suprimir", "bloquear", "corregir", "retirar"):
        with pytest.raises(NoProcede):
            hacer(almacen, solicitar(almacen), EN_CURSO, accion)
    fila = leer_matriz(almacen, matriz)[0]
    guardar_fila(almacen, CATALOGO, matriz, fila.id, {"contacto": "Nombre Corregido"}, version=1, **AUTOR)  # así se rectifica
    (lugar,) = derechos.lugares(almacen, CATALOGO, solicitar(almacen))
    assert lugar.filas["fila ACT-01"][0][1]["contacto"] == "Nombre Corregido"


# --- Por la web --------------------------------------------------------------------------------------


@pytest.fixture
def app(almacen):
    gore, direccion = ("g06@ejemplo.cl", "gore_firmante", "06"), ("g05@ejemplo.cl", "direccion_regional", "05")
    personas = (("central@ejemplo.cl", "sercotec", ""), gore, direccion)
    for correo, rol, region in personas:
        guardar_usuario(almacen, correo=correo, rol=rol, region=region, ahora_utc=AHORA, autor="prueba")
    return crear_app(Configuracion(clave="d" * 40, sitio=Path("no-existe"), demo=True), CATALOGO, almacen, lambda: AHORA)


def como(app, correo):
    return Navegador(app).entrar(correo)


def test_pedir_responder_y_ver_el_estado(app, almacen, folio):
    persona = Navegador(app)
    persona.abrir("/formularios/derechos/")
    persona.enviar({"derecho": "supresion", "correo": CORREO, "folio": folio.replace("-", " ")})
    numero = next(n.texto for n in persona.pagina.todos("p") if n.get("class") == "folio")
    assert "15-12-2026 a las 24:00" in persona.pagina.texto

    como(app, "g05@ejemplo.cl").abrir(f"/formularios/solicitudes/{numero}/", 404)
    gore = como(app, "g06@ejemplo.cl")
    assert "quedan 30 días" in gore.abrir("/formularios/solicitudes/").texto
    gore.abrir(f"/formularios/solicitudes/{numero}/")
    assert ACTOR.privacidad["consentimiento"] in gore.pagina.texto
    bajada = gore.http.get(f"/formularios/solicitudes/{numero}/{folio}.json")
    assert bajada.status_code == 200 and TELEFONO in bajada.get_data(as_text=True)
    assert gore.http.get(f"/formularios/solicitudes/{numero}/{folio}.exe").status_code == 404
    gore.enviar(boton="suprimir", numero=0)
    assert "quedó suprimida" in gore.pagina.texto
    gore.enviar(estado=400)
    gore.enviar({"decision": "acogida", "razon": "Se borró."})
    gore.mandar(f"/formularios/solicitudes/{numero}/responder/", [("csrf_token", gore.ficha()), ("decision", "acogida")], 409)

    persona.abrir("/formularios/derechos/estado/")
    persona.enviar({"numero": numero, "correo": OTRO}, estado=404)
    persona.enviar({"numero": numero, "correo": CORREO})
    assert "Acogida" in persona.pagina.texto and "Se borró." in persona.pagina.texto
    respuesta = bandeja.ultimos(almacen)[0]
    assert respuesta.para == CORREO and numero in respuesta.cuerpo and "La acogimos." in respuesta.cuerpo
    assert "fue suprimido a pedido de su titular" in persona.abrir(f"/formularios/verificar/{folio}").texto


def test_pedir_responde_lo_mismo_exista_o_no(app, folio):
    dichos = []
    for dado in (folio, "2027-06-000077-0", ""):
        web = Navegador(app)
        web.abrir("/formularios/derechos/")
        if dado.endswith("77-0"):
            from formularios.folio import construir

            dado = construir(2027, "06", 77)
        web.enviar({"derecho": "acceso", "correo": CORREO, "folio": dado})
        numero = next(n.texto for n in web.pagina.todos("p") if n.get("class") == "folio")
        dichos.append(web.pagina.texto.replace(numero, "N"))
    assert len(set(dichos)) == 1


def test_pedir_mal_se_explica_y_pedir_mucho_se_corta(app, almacen):
    web = Navegador(app)
    web.abrir("/formularios/derechos/")
    web.enviar({"correo": "sin arroba", "folio": "1-2"}, estado=400)
    assert "Elija qué pide." in web.pagina.texto and "cuatro grupos" in web.pagina.texto and "correo completo" in web.pagina.texto
    web.mandar(web.url, [("csrf_token", web.ficha()), ("region", "77"), ("detalle", "x" * 2001)], 400)
    assert tabla(almacen, "solicitud") == []
    for vez in range(6):
        web.abrir("/formularios/derechos/")
        web.enviar({"derecho": "acceso", "correo": CORREO}, estado=200 if vez < 5 else 429)


def test_cada_region_ejecuta_solo_lo_suyo(app, almacen, folio):
    """Con el correo se encuentra lo de todo el país; una región no ve ni toca lo de otra."""
    numero = solicitar(almacen, region="05").numero
    web = como(app, "g05@ejemplo.cl")
    assert folio not in web.abrir(f"/formularios/solicitudes/{numero}/").texto
    pares = [("csrf_token", web.ficha()), ("folio", folio), ("accion", "suprimir")]
    web.mandar(f"/formularios/solicitudes/{numero}/ejecutar/", pares, 409)
    assert web.http.get(f"/formularios/solicitudes/{numero}/{folio}.csv").status_code == 404
    assert GREMIO in exportado(almacen)
    assert folio in como(app, "central@ejemplo.cl").abrir(f"/formularios/solicitudes/{numero}/").texto


def test_rectificar_por_la_web_llega_al_comprobante(app, almacen, folio):
    numero = solicitar(almacen, "rectificacion", folio=folio).numero
    gore = como(app, "g06@ejemplo.cl")
    gore.abrir(f"/formularios/solicitudes/{numero}/")
    gore.enviar(boton="corregir", numero=0)
    cuerpo = bandeja.ultimos(almacen)[0].cuerpo
    persona = Navegador(app)
    persona.abrir("/formularios" + cuerpo.split("/formularios")[1].split()[0])
    persona.enviar()
    assert persona.url.endswith(f"/comprobante/{folio}")
    persona.enviar()
    assert persona.url.endswith("/revisar/")


def test_por_la_web_lo_de_una_matriz_en_curso_se_entrega_se_corrige_y_se_quita(app, almacen, matriz):
    agregar(almacen, matriz)
    numero = solicitar(almacen, region="06").numero
    gore = como(app, "g06@ejemplo.cl")
    texto = gore.abrir(f"/formularios/solicitudes/{numero}/").texto
    assert "Catastro" in texto and "fila ACT-01" in texto and SUYOS[0] not in texto
    enlaces = [a.get("href") for a in gore.pagina.todos("a")]
    assert "/formularios/regiones/06/2027/matrices/catastro-actores/" in enlaces, "para corregir, la matriz"
    bajado = gore.http.get(f"/formularios/solicitudes/{numero}/{EN_CURSO}.json")
    assert bajado.status_code == 200 and SUYOS[0] in bajado.get_data(as_text=True)
    assert leer_lecturas(almacen)[0]["objeto"] == f"exportar {EN_CURSO} por {numero}"
    gore.enviar(boton="quitar", numero=0)
    assert "Se quitaron sus datos" in gore.pagina.texto and "No hay nada con ese folio" in gore.pagina.texto
    assert como(app, "g05@ejemplo.cl").http.get(f"/formularios/solicitudes/{numero}/{EN_CURSO}.json").status_code == 404


def test_quien_leyo_queda_a_la_vista_del_nivel_central(app, almacen, folio):
    numero = solicitar(almacen, folio=folio).numero
    como(app, "g06@ejemplo.cl").abrir(f"/formularios/solicitudes/{numero}/")
    anotar_lectura(almacen, actor="usuario 99", objeto="envio X", ahora_utc=AHORA)
    central = como(app, "central@ejemplo.cl")
    texto = central.abrir("/formularios/sercotec/lecturas/").texto
    assert f"solicitud {numero}" in texto and "g06@ejemplo.cl" in texto and "usuario 99" in texto
    bajado = central.http.get("/formularios/sercotec/lecturas/lecturas.csv").get_data(as_text=True)
    filas = list(csv.DictReader(io.StringIO(bajado)))
    assert [(f["quien"], f["que"]) for f in filas] == [("usuario 99", "envio X"), ("g06@ejemplo.cl", f"solicitud {numero}")]
    como(app, "g06@ejemplo.cl").abrir("/formularios/sercotec/lecturas/", 403)


def test_el_envio_bloqueado_o_suprimido_no_muestra_filas(app, almacen, folio):
    web = como(app, "central@ejemplo.cl")
    for accion, dice in (("bloquear", "Bloqueado a pedido"), ("suprimir", "Suprimido a pedido")):
        hacer(almacen, solicitar(almacen, folio=folio), folio, accion)
        texto = web.abrir(f"/formularios/sercotec/envios/{folio}").texto
        assert dice in texto and TELEFONO not in texto


def test_la_busqueda_no_confunde_comodines(almacen, folio):
    with almacen.leer() as c:
        assert almacen_derechos.buscar_texto(c, "%") == [] and almacen_derechos.buscar_texto(c, "Persona_Titular") == []
