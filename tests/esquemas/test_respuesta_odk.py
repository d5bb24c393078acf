"""Lo que exportan ODK Central y KoboToolbox entra como lo nuestro: mismas filas, mismas huellas, celdas del archivo original."""

import csv
import io
import re
import zipfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.entrega import validar_libro
from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.hoja import Celda, Hoja, Topes
from esquemas.libro import Libro
from esquemas.modelo import Condicion, Esquema, Grupo, Opcion, Opciones, Seccion, Tabla
from esquemas.planilla import tipar
from esquemas.publicacion import ejemplo_csv
from esquemas.respuesta_odk import leer_exportacion
from esquemas.validacion import Contexto, Resultado, validar_filas
from esquemas.xlsform import hojas_de_xlsform
from formularios.lector import leer_archivo
from formularios.ordenes import focaliza
from tests.esquemas.muestra import campo
from tests.servicios.libro import escribir_libro

CATALOGO = cargar()
ENCUESTAS = CATALOGO.encuestas
ACTOR = CATALOGO.esquemas["actor-clave"]
FOLIO = re.compile(r"Folio (2027-06-\d{6}-\d)  huella ([0-9a-f]{64})")
DE_CENTRAL = (
    "SubmitterID", "SubmitterName", "AttachmentsPresent", "AttachmentsExpected", "Status", "ReviewState", "DeviceID", "Edits",
    "FormVersion",
)  # fmt: skip
DE_KOBO = (
    "_id", "_uuid", "_submission_time", "_validation_status", "_notes", "_status", "_submitted_by", "__version__", "_tags",
)  # fmt: skip

Filas = Mapping[str, Sequence[Mapping[str, str]]]


# --- las herramientas, de mentira ---------------------------------------------------------------------------


def columnas_de(esquema: Esquema) -> dict[str, list[tuple[str, ...]]]:
    """Tabla → rutas de sus columnas en el formulario, con sus grupos; también notas y filtros, como exportan ellas."""
    rutas: dict[str, list[tuple[str, ...]]] = {esquema.nombre: []}
    abiertos: list[str] = []
    tabla = esquema.nombre
    for fila in hojas_de_xlsform(CATALOGO, esquema)["survey"]:
        match fila["type"]:
            case "begin_group":
                abiertos.append(fila["name"])
            case "end_group":
                abiertos.pop()
            case "begin_repeat":
                tabla = fila["name"]
                rutas[tabla] = []
            case "end_repeat":
                tabla = esquema.nombre
            case _:
                grupos = abiertos if tabla == esquema.nombre else []
                rutas[tabla].append((*grupos, fila["name"]))
    return rutas


def valor_de(tabla: Tabla, fila: Mapping[str, str], nombre: str) -> str:
    nombre = nombre.removesuffix("_")
    valor = fila.get(nombre, "")
    return valor.replace(";", " ") if nombre in tabla.nombres and tabla.campo(nombre).catalogo else valor


def opciones_de(tabla: Tabla, nombre: str) -> tuple[Opcion, ...]:
    if nombre not in tabla.nombres or not (tabla.campo(nombre).varios and tabla.campo(nombre).catalogo):
        return ()
    return CATALOGO.opciones[tabla.campo(nombre).catalogo].opciones


def como_csv(filas: Sequence[Sequence[Any]]) -> bytes:
    salida = io.StringIO()
    csv.writer(salida).writerows(filas)
    return salida.getvalue().encode()


def exportar_de_central(
    esquema: Esquema, filas: Filas, *, grupos: bool = True, partidas: bool = False, **mas: Mapping[str, str]
) -> dict[str, bytes]:
    """Archivo → CSV, con las columnas y claves de ODK Central. `mas`: clave → columnas de Central de esa respuesta."""
    archivos = {}
    for tabla in esquema.tablas:
        es_principal = tabla is esquema.principal
        rutas = columnas_de(esquema)[tabla.nombre]
        titulos = ["-".join(r if grupos else r[-1:]) for r in rutas]
        extras = [(t, r[-1], o.codigo) for t, r in zip(titulos, rutas, strict=True) for o in opciones_de(tabla, r[-1])]
        extras = extras if partidas else []
        encabezado = [*titulos, *(f"{t}/{o}" for t, _, o in extras)]
        encabezado = ["SubmissionDate", *encabezado, "KEY", *DE_CENTRAL] if es_principal else [*encabezado, "PARENT_KEY", "KEY"]
        salida: list[Sequence[str]] = [encabezado]
        for i, fila in enumerate(filas.get(tabla.nombre, ()), 1):
            clave = f"uuid:{fila['respuesta']}"
            valores = [valor_de(tabla, fila, r[-1]) for r in rutas]
            valores += [str(int(o in fila.get(n, "").split(";"))) for _, n, o in extras]
            central = mas.get(fila["respuesta"], {})
            if es_principal:
                valores = ["2026-11-21T10:00:00.000Z", *valores, clave, *(central.get(c, "") for c in DE_CENTRAL)]
            else:
                valores += [clave, f"{clave}/grupo/{tabla.nombre}[{i}]"]
            salida.append(valores)
        archivos[esquema.nombre if es_principal else f"{esquema.nombre}-{tabla.nombre}"] = como_csv(salida)
    return archivos


def empaquetar(archivos: Mapping[str, bytes]) -> bytes:
    memoria = io.BytesIO()
    with zipfile.ZipFile(memoria, "w") as paquete:
        for nombre, datos in archivos.items():
            paquete.writestr(f"{nombre}.csv", datos)
        paquete.writestr("media/foto.jpg", b"\xff\xd8\xff")
    return memoria.getvalue()


def exportar_de_kobo(esquema: Esquema, filas: Filas, *, titulos: bool = False, partidas: Sequence[str] = ()) -> bytes:
    """El XLSX de Kobo: nombres («XML values and headers») o títulos; `partidas` son los campos con «campo/opcion»."""
    indice = {f["respuesta"]: i for i, f in enumerate(filas[esquema.nombre], 1)}
    hojas = []
    for tabla in esquema.tablas:
        es_principal = tabla is esquema.principal
        encabezado: list[str] = ["start", "end"] if es_principal else []
        salida: list[list[Celda]] = [["2026-11-21T10:00:00.000-03:00"] * len(encabezado) for _ in filas.get(tabla.nombre, ())]
        for *_, nombre in columnas_de(esquema)[tabla.nombre]:
            propio = nombre.removesuffix("_")
            encabezado.append(tabla.campo(propio).titulo if titulos and propio in tabla.nombres else nombre)
            suyas = [o.codigo for o in opciones_de(tabla, nombre)] if nombre in partidas else []
            encabezado += [f"{encabezado[-1]}/{o}" for o in suyas]
            for destino, fila in zip(salida, filas.get(tabla.nombre, ()), strict=True):
                valor = valor_de(tabla, fila, nombre)
                destino.append(tipar(tabla.campo(propio), valor) if propio in tabla.nombres else valor)
                destino += [int(o in fila[nombre].split(";")) for o in suyas]
        if es_principal:
            encabezado += [*DE_KOBO, "_index"]
        else:
            encabezado += ["_index", "_parent_table_name", "_parent_index", "_submission__id", "_submission__uuid"]
        for i, (destino, fila) in enumerate(zip(salida, filas.get(tabla.nombre, ()), strict=True), 1):
            padre = indice.get(fila["respuesta"], 99)
            destino += [*(["x"] * len(DE_KOBO)), i] if es_principal else [i, esquema.titulo, padre, 1, "x"]
        hojas.append((esquema.titulo if es_principal else tabla.nombre, encabezado, salida))
    return escribir_libro(hojas)


def leer(esquema: Esquema, datos: bytes, **topes: int) -> Resultado:
    return validar_libro(CATALOGO, esquema, leer_archivo(datos, "a", topes=Topes(**topes)), Contexto())


def de_codigo(resultado: Resultado, codigo: Codigo) -> list[Problema]:
    return [p for p in resultado.problemas if p.codigo == codigo]


@pytest.fixture
def importar(tmp_path: Path) -> Callable[..., Any]:
    def correr(esquema: Esquema, nombre: str, datos: bytes, orden: str = "importar") -> Any:
        (tmp_path / nombre).write_bytes(datos)
        destino = ["--region", "06", "--ejercicio", "2027"]
        ambiente = {"FOCALIZA_BASE_DE_DATOS": f"sqlite:///{tmp_path}/{nombre}.db"}
        return CliRunner().invoke(focaliza, [orden, esquema.nombre, str(tmp_path / nombre), *destino], env=ambiente)

    return correr


# --- ida y vuelta -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("grupos", [True, False], ids=["con grupos", "sin grupos"])
@pytest.mark.parametrize("esquema", ENCUESTAS, ids=lambda e: e.nombre)
def test_el_ejemplo_va_y_vuelve_por_odk_central(esquema: Esquema, grupos: bool) -> None:
    filas = ejemplos_de(esquema)
    resultado = leer(esquema, empaquetar(exportar_de_central(esquema, filas, grupos=grupos)))
    assert resultado.tablas == validar_filas(CATALOGO, esquema, filas, Contexto()).tablas
    assert [p.codigo for p in resultado.problemas] == [Codigo.EXPORTACION_LEIDA, Codigo.COLUMNA_AJENA]
    assert resultado.valido and all(p.norma and p.hoja == esquema.nombre for p in resultado.problemas)
    assert "ODK Central" in resultado.problemas[0].mensaje


@pytest.mark.parametrize("titulos", [False, True], ids=["nombres", "títulos"])
@pytest.mark.parametrize("esquema", ENCUESTAS, ids=lambda e: e.nombre)
def test_el_ejemplo_va_y_vuelve_por_kobo(esquema: Esquema, titulos: bool) -> None:
    filas = ejemplos_de(esquema)
    resultado = leer(esquema, exportar_de_kobo(esquema, filas, titulos=titulos))
    esperado = validar_filas(CATALOGO, esquema, filas, Contexto()).tablas
    assert {t: [f[1:] for f in fs] for t, fs in resultado.tablas.items()} == {
        t: [f[1:] for f in fs] for t, fs in esperado.items()
    }
    assert {f[0] for fs in resultado.tablas.values() for f in fs} == {"1"}
    assert [p.codigo for p in resultado.problemas] == [Codigo.EXPORTACION_LEIDA, Codigo.COLUMNA_AJENA]
    assert "KoboToolbox" in resultado.problemas[0].mensaje


def test_importar_una_exportacion_da_la_huella_de_lo_nuestro(importar: Callable[..., Any]) -> None:
    nuestro = empaquetar({t.nombre: ejemplo_csv(ACTOR, t) for t in ACTOR.tablas})
    suyo = empaquetar(exportar_de_central(ACTOR, ejemplos_de(ACTOR)))
    kobo = exportar_de_kobo(ACTOR, ejemplos_de(ACTOR))
    uno, otro, tercero = (importar(ACTOR, n, d) for n, d in (("a.zip", nuestro), ("b.zip", suyo), ("c.xlsx", kobo)))
    assert (uno.exit_code, otro.exit_code, tercero.exit_code) == (0, 0, 0), otro.output
    assert FOLIO.search(uno.output)[2] == FOLIO.search(otro.output)[2]  # type: ignore[index]
    assert FOLIO.search(tercero.output) and "exportacion-leida" in tercero.output
    assert importar(ACTOR, "b.zip", suyo, orden="validar").exit_code == 0


def test_dos_respuestas_son_dos_folios_y_cada_fila_va_con_la_suya(importar: Callable[..., Any]) -> None:
    filas = ejemplos_de(ACTOR)
    filas = {t: [{**f, "respuesta": r} for r in ("aaaa", "bbbb") for f in fs] for t, fs in filas.items()}
    salida = importar(ACTOR, "dos.zip", empaquetar(exportar_de_central(ACTOR, filas)))
    assert salida.exit_code == 0 and len(FOLIO.findall(salida.output)) == 2


# --- lo que se avisa ----------------------------------------------------------------------------------------


def test_las_columnas_por_opcion_se_ignoran_con_una_sola_alerta() -> None:
    resultado = leer(ACTOR, exportar_de_kobo(ACTOR, ejemplos_de(ACTOR), partidas=("medios", "eslabones", "grupos")))
    assert resultado.valido and len(de_codigo(resultado, Codigo.COLUMNA_AJENA)) == 1
    datos = empaquetar(exportar_de_central(ACTOR, ejemplos_de(ACTOR), partidas=True))
    resultado = leer(ACTOR, datos, columnas=600)  # 346 comunas: con el tope de siempre, el lector la rechaza y dice por qué
    assert resultado.valido and len(de_codigo(resultado, Codigo.COLUMNA_AJENA)) == 1
    alerta = de_codigo(resultado, Codigo.COLUMNA_AJENA)[0].mensaje
    assert re.search(r" y \d{3} más\. ", alerta)


def test_solo_columnas_por_opcion_es_un_error_y_no_una_perdida() -> None:
    archivos = exportar_de_central(ACTOR, ejemplos_de(ACTOR), partidas=True)
    archivos["actor-clave"] = archivos["actor-clave"].replace(b"marco-estrategico-medios,", b"otra,")
    resultado = leer(ACTOR, empaquetar(archivos), columnas=600)
    (error,) = resultado.errores
    assert (error.codigo, error.campo, error.hoja) == (Codigo.COLUMNA_FALTANTE, "medios", "actor-clave")
    assert error.celda.endswith("1") and "una sola columna" in error.mensaje


def test_los_problemas_dicen_la_celda_del_archivo_de_la_persona() -> None:
    filas = ejemplos_de(ACTOR)
    filas["actor-clave"] = [{**filas["actor-clave"][0], "porcentaje_menor_tamano": "192.5"}]
    filas["representantes"] = [{**filas["representantes"][0], "correo": "sin arroba"}]
    archivos = exportar_de_central(ACTOR, filas)
    archivos["actor-clave"] = archivos["actor-clave"].replace(b"\r\n", b"\r\n\r\n", 1)
    errores = leer(ACTOR, empaquetar(archivos)).errores
    columna = columnas_de(ACTOR)["actor-clave"].index(("grupo-influencia", "porcentaje_menor_tamano")) + 1
    letras = chr(64 + columna // 26) + chr(65 + columna % 26)
    assert [(p.hoja, p.celda, p.codigo) for p in errores] == [
        ("actor-clave", f"{letras}3", Codigo.MAYOR_QUE_MAXIMO),
        ("actor-clave-representantes", "C2", Codigo.CORREO_INVALIDO),
    ]


def test_lo_rechazado_no_entra_ni_sus_repetidos() -> None:
    filas = ejemplos_de(ACTOR)
    filas = {t: [{**f, "respuesta": r} for r in ("aaaa", "bbbb") for f in fs] for t, fs in filas.items()}
    filas["representantes"].append({**filas["representantes"][0], "correo": "malo"})
    resultado = leer(ACTOR, empaquetar(exportar_de_central(ACTOR, filas, aaaa={"ReviewState": "rejected"})))
    assert resultado.valido, resultado.errores
    assert {f[0] for fs in resultado.tablas.values() for f in fs} == {"bbbb"}
    (alerta,) = de_codigo(resultado, Codigo.RESPUESTA_RECHAZADA)
    assert alerta.fila == 2 and "filas 2." in alerta.mensaje


def test_una_repeticion_en_blanco_se_salta_con_alerta() -> None:
    filas = ejemplos_de(ACTOR)
    filas["mesas"] = [{"respuesta": "ejemplo-0001"}, {**filas["mesas"][0], "mesa": " Mesa "}]
    resultado = leer(ACTOR, empaquetar(exportar_de_central(ACTOR, filas)))
    assert resultado.valido and [f[1] for f in resultado.tablas["mesas"]] == ["Mesa"]
    (alerta,) = de_codigo(resultado, Codigo.FILA_EN_BLANCO)
    assert (alerta.hoja, alerta.celda, alerta.fila) == ("actor-clave-mesas", "A2", 2)


def test_una_tabla_que_no_viene_se_avisa_y_una_hoja_ajena_tambien() -> None:
    archivos = exportar_de_central(ACTOR, ejemplos_de(ACTOR))
    del archivos["actor-clave-mesas"], archivos["actor-clave-representantes"]
    archivos["actor-clave - audit"] = como_csv([["event", "node"], ["form start", ""]])
    archivos["otro-formulario"] = como_csv([["x", "PARENT_KEY", "KEY"], ["1", "a", "b"]])
    resultado = leer(ACTOR, empaquetar(archivos))
    assert [p.tabla for p in de_codigo(resultado, Codigo.TABLA_FALTANTE)] == ["representantes", "mesas"]
    assert [p.codigo for p in resultado.errores] == [Codigo.GRUPO_INSUFICIENTE]
    mensaje = de_codigo(resultado, Codigo.EXPORTACION_LEIDA)[0].mensaje
    assert "No se leen: «actor-clave - audit», «otro-formulario»." in mensaje


def test_un_repetido_sin_su_respuesta_es_un_error() -> None:
    filas = ejemplos_de(ACTOR)
    filas["mesas"] = [*filas["mesas"], {**filas["mesas"][0], "respuesta": "perdida"}]
    for datos in (empaquetar(exportar_de_central(ACTOR, filas)), exportar_de_kobo(ACTOR, filas)):
        assert [(p.codigo, p.fila) for p in leer(ACTOR, datos).errores] == [(Codigo.RESPUESTA_INEXISTENTE, 3)]


def test_los_problemas_de_lectura_siguen_a_su_fila() -> None:
    filas = ejemplos_de(ACTOR)
    filas["mesas"] = [{"respuesta": "ejemplo-0001"}, {**filas["mesas"][0], "convoca": "x" * 2001}]
    resultado = leer(ACTOR, empaquetar(exportar_de_central(ACTOR, filas)))
    largas = de_codigo(resultado, Codigo.CELDA_LARGA)
    assert [(p.celda, p.fila, p.indice) for p in largas] == [("B3", 3, 0)]


# --- a mano: las claves, los nombres y los números -------------------------------------------------------------

CLAVE = campo("respuesta", "Respuesta", automatico=True, obligatorio=True, largo_maximo=10)
PREGUNTAS = (
    CLAVE,
    campo("monto", "Monto", "pesos"),
    campo("razon", "Sí/No", "decimal"),
    campo("meta", "Meta"),
    campo("temas", "Temas", catalogo="temas", varios=True),
    campo("cita", "Cita", "codigo"),
)
MINIMA = Esquema(
    "min", "Mínima", "encuesta", "Para probar.", "1.0.0", ("guia:A.8",), Tabla("min", "Mínima", PREGUNTAS, ("respuesta",)), {},
    "ab" * 32,
    grupos=(
        Grupo(Tabla("mesas", "Mesas", (CLAVE, campo("mesa", "Mesa"))), "mesa"),
        Grupo(Tabla("otras-mesas", "Otras", (CLAVE, campo("mesa", "Mesa"))), "otra", mostrar_si=Condicion("es", "meta", ("x",))),
    ),
    secciones=(Seccion("una", "Una", ("monto", "razon", "meta", "temas", "cita", "mesas", "otras-mesas")),),
)  # fmt: skip
TEMAS = Opciones("temas", "Temas", "", "1.0.0", (Opcion("agua", "Agua dulce"), Opcion("mar", "Mar")))
CON_TEMAS = replace(CATALOGO, opciones={**CATALOGO.opciones, "temas": TEMAS})


def hoja(nombre: str, encabezado: Sequence[str], *filas: Sequence[Celda], visible: bool = True) -> Hoja:
    numeros = list(range(2, len(filas) + 2))
    return Hoja(nombre, tuple(encabezado), [list(f) for f in filas], numeros, tuple(range(len(encabezado))), 1, visible)


def canonica(*hojas: Hoja) -> Resultado:
    return validar_libro(CON_TEMAS, MINIMA, Libro(list(hojas)), Contexto())


@pytest.mark.parametrize(
    ("escrito", "canonico"),
    [
        ("61230000", "61230000"),
        ("6.123E7", "61230000"),
        ("1.000", "1"),
        (" 1250.0 ", "1250"),
        (1250, "1250"),
        ("1252784000", "1252784000"),
    ],
)
def test_un_punto_de_esas_herramientas_es_siempre_decimal(escrito: Celda, canonico: str) -> None:
    resultado = canonica(hoja("min", ("SubmissionDate", "una-monto", "una-razon", "KEY"), ("", escrito, escrito, "uuid:a")))
    assert resultado.tablas["min"][0][1:3] == (canonico, canonico)


def test_tres_decimales_se_rechazan_en_vez_de_leerse_como_miles() -> None:
    resultado = canonica(hoja("min", ("SubmissionDate", "una-razon", "KEY"), ("", "1.234", "uuid:a")))
    assert [p.codigo for p in resultado.errores] == [Codigo.DEMASIADOS_DECIMALES]


def test_la_clave_se_corta_al_largo_del_campo_sin_repetirse() -> None:
    claves = ("uuid:0123456789abc", "uuid:0123456789xyz", "corta", "uuid:0123456789abc")
    principal = hoja("min", ("SubmissionDate", "meta_", "KEY"), *(("", "x", c) for c in claves[:3]))
    mesas = hoja("min-mesas", ("mesa", "PARENT_KEY", "KEY"), ("M", claves[1], "z"), ("N", claves[3], "z"))
    otras = hoja("min-otras-mesas", ("mesa", "PARENT_KEY", "KEY"), ("O", claves[0], "z"))
    resultado = canonica(principal, mesas, otras)
    assert [f[0] for f in resultado.tablas["min"]] == ["0123456789", "01234567-2", "corta"]
    assert resultado.tablas["mesas"] == [("01234567-2", "M"), ("0123456789", "N")]
    assert resultado.tablas["otras-mesas"] == [("0123456789", "O")]
    repetida = canonica(hoja("min", ("SubmissionDate", "meta_", "KEY"), ("", "x", claves[0]), ("", "y", claves[0])))
    assert [p.codigo for p in repetida.errores] == [Codigo.REPETIDO]


def test_sin_largo_maximo_la_clave_va_entera() -> None:
    sin_largo = replace(CLAVE, largo_maximo=None)
    esquema = replace(MINIMA, principal=replace(MINIMA.principal, campos=(sin_largo, *PREGUNTAS[1:])))
    principal = hoja("min", ("SubmissionDate", "meta_", "KEY"), ("", "x", "a" * 60), ("", "x", f"uuid:{'a' * 60}"))
    elegidas, _ = leer_exportacion(CON_TEMAS, esquema, [principal])  # type: ignore[misc]
    assert [f[1] for f in elegidas["min"].filas] == ["a" * 60, f"{'a' * 60}-2"]


def test_varios_valores_y_columnas_partidas_con_nombres_de_opcion() -> None:
    encabezado = ("_index", "Sección/Sí/No", "Temas", "Temas/Agua dulce", "Temas/mar", "Temas/otra cosa", "una/cita", " ")
    filas = (
        (1, "1.5", "mar agua", 1, 1, "", "P-01", ""),
        (2, "", "Agua dulce;Mar", 1, 1, "", "", ""),
        (3, "", "mar oceano", 0, 1, "", "", ""),
        (4, "", 5, 0, 1, "", "", ""),
    )
    resultado = canonica(hoja("Mínima", encabezado, *filas))
    assert [f[4] for f in resultado.tablas["min"]] == ["mar;agua", "agua;mar", "", ""]
    assert resultado.tablas["min"][0] == ("1", "", "1.5", "", "mar;agua", "P-01")
    assert [(p.celda, p.codigo) for p in resultado.errores] == [
        ("C4", Codigo.OPCION_DESCONOCIDA),
        ("C5", Codigo.OPCION_DESCONOCIDA),
    ]


def test_kobo_tambien_rechaza() -> None:
    principal = hoja("Mínima", ("meta_", "_validation_status", "_index"), ("x", "Not Approved", 1), ("x", "Approved", 2))
    resultado = canonica(principal, hoja("mesas", ("mesa", "_index", "_parent_index"), ("M", 1, 1), ("N", 2, 2)))
    assert [f[0] for f in resultado.tablas["min"]] == ["2"] and resultado.tablas["mesas"] == [("2", "N")]


def test_sin_columnas_de_mas_no_se_avisa_de_columnas() -> None:
    assert de_codigo(canonica(hoja("Mínima", ("meta_", "_index"), ("x", 1))), Codigo.COLUMNA_AJENA) == []


def test_lo_que_no_es_una_exportacion_se_lee_como_siempre() -> None:
    nuestra = hoja("Datos", ("respuesta", "meta"), ("R-1", "x"))
    oculta = hoja("vieja", ("SubmissionDate", "KEY"), ("", "a"), visible=False)
    hija = hoja("hija", ("_index", "_parent_index"), (1, 1))
    assert leer_exportacion(CON_TEMAS, MINIMA, [nuestra, oculta, hija]) is None
    formato = CATALOGO.esquemas["focalizacion"]
    assert leer_exportacion(CATALOGO, formato, [hoja("a", ("SubmissionDate", "KEY"), ("", "a"))]) is None
    assert all(p.gravedad is Gravedad.ALERTA for p in canonica(nuestra).problemas)
