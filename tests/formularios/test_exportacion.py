"""Exportar: lo que la región entregó, con su huella; frictionless lo aprueba y dos veces da los mismos
bytes."""

import csv
import hashlib
import io
import json
import tracemalloc
import zipfile

import pytest
from frictionless import Package, Resource, Schema, formats
from sqlalchemy import text

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.modelo import Opcion, Opciones
from esquemas.tabla import linea_csv
from formularios import paquete as modulo_paquete
from formularios import seleccion
from formularios.exportacion import exportar_csv
from formularios.paquete import exportar_a_archivo, exportar_paquete
from formularios.recepcion import Recepcion, recibir_respuestas
from tests.formularios.conftest import AHORA, BASE, CODIGO, MATRIZ, armar_catalogo, campo, descriptor

FILA = {"codigo": "F-1", "texto": 'Dijo «ñ», "así"', "monto": "10", "origen": "P-1;P-2", "reservado": "x"}
BASES = [{"codigo": "P-1", "tipo": "a"}, {"codigo": "P-2", "tipo": "b"}]
AGREGADAS = ["folio", "region", "ejercicio", "version_esquema", "estado", "presentado"]


def _csv(almacen, catalogo, nombre, **opciones):
    destino = io.BytesIO()
    informe = exportar_csv(almacen, catalogo, catalogo.esquemas[nombre], destino, **opciones)
    return destino.getvalue(), informe


def _filas(datos):
    return list(csv.DictReader(io.StringIO(datos.decode(), newline="")))


def _juzgar(datos, esquema):
    recurso = Resource(
        data=datos,
        format="csv",
        encoding="utf-8",
        control=formats.CsvControl(delimiter=","),
        schema=Schema.from_descriptor(esquema),
    )
    return recurso.validate()


def _paquete(almacen, catalogo, nombre, carpeta, **opciones):
    destino = io.BytesIO()
    informe = exportar_paquete(almacen, catalogo, catalogo.esquemas[nombre], destino, **opciones)
    with zipfile.ZipFile(destino) as z:
        z.extractall(carpeta)
    return destino.getvalue(), informe


def _aprobado(carpeta):
    informe = Package(str(carpeta / "datapackage.json")).validate()
    assert informe.valid, informe.flatten(["type", "note"])
    return {r["name"] for r in json.loads((carpeta / "datapackage.json").read_text())["resources"]}


# --- CSV ---------------------------------------------------------------------------------------------


def test_el_csv_lleva_lo_canonico_y_las_columnas_de_envio(almacen, catalogo, enviar):
    envio = enviar("matriz", [FILA, {**FILA, "codigo": "F-2"}])
    datos, informe = _csv(almacen, catalogo, "matriz")
    assert datos.startswith(b"codigo,texto,monto,origen,reservado,folio,region,")
    uno, dos = _filas(datos)
    assert uno == FILA | dict(
        zip(AGREGADAS, [envio.folio, "06", "2027", "1.0.0", "vigente", "2026-11-16T03:00:00Z"], strict=True)
    )
    assert dos["codigo"] == "F-2"
    assert (informe.filas, informe.envios, informe.avisos) == ({"matriz": 2}, 1, ())
    assert informe.huella == hashlib.sha256(datos).hexdigest()
    veredicto = _juzgar(datos, informe.esquema_ampliado)
    assert veredicto.valid, veredicto.flatten(["type", "note"])


def test_quien_descarga_recalcula_la_huella(almacen, catalogo, enviar):
    envios = [enviar("matriz", [{**FILA, "codigo": c} for c in r], region=r) for r in ("06", "07", "13")]
    filas = _filas(_csv(almacen, catalogo, "matriz")[0])
    propias = [c for c in filas[0] if c not in AGREGADAS]
    for envio in envios:
        lineas = [
            linea_csv(propias),
            *(linea_csv([f[c] for c in propias]) for f in filas if f["folio"] == envio.folio),
        ]
        assert hashlib.sha256("".join(f"{x}\r\n" for x in lineas).encode()).hexdigest() == envio.huella


def test_se_pide_por_ejercicio_region_y_estado(almacen, catalogo, enviar):
    viejo = enviar("base", BASES[:1])
    nuevo = enviar("base", BASES)
    otra = enviar("base", BASES, region="07")
    futuro = enviar("base", BASES, ejercicio=2028)

    def folios(**opciones):
        return {f["folio"] for f in _filas(_csv(almacen, catalogo, "base", **opciones)[0])}

    assert folios() == folios(estado="validado") == {nuevo.folio, otra.folio, futuro.folio}
    assert folios(region="06", ejercicio=2027) == {nuevo.folio}
    assert folios(estado="reemplazado") == {viejo.folio}
    assert folios(estado="anulado") == set()
    with pytest.raises(ValueError, match="use vigente"):
        folios(estado="Vigente")
    todos, informe = _csv(almacen, catalogo, "base", estado="todos")
    assert {f["folio"] for f in _filas(todos)} == {viejo.folio, nuevo.folio, otra.folio, futuro.folio}
    assert informe.esquema_ampliado["primaryKey"] == ["folio", "codigo"]
    assert _juzgar(todos, informe.esquema_ampliado).valid


def test_sin_nada_sale_el_encabezado(almacen, catalogo):
    datos, informe = _csv(almacen, catalogo, "base")
    assert datos == b"codigo,tipo,folio,region,ejercicio,version_esquema,estado,presentado\r\n"
    assert informe.filas == {"base": 0}


def test_lo_nacional_no_repite_region_ni_ejercicio(almacen, catalogo, enviar):
    fila = {"codigo": "M-1", "region": "06", "ejercicio": "2026", "monto": "5"}
    enviar("montos", [fila], region="00")
    datos, informe = _csv(almacen, catalogo, "montos")
    assert datos.splitlines()[0] == b"codigo,region,ejercicio,monto,folio,version_esquema,estado,presentado"
    assert (_filas(datos)[0]["region"], _filas(datos)[0]["ejercicio"]) == ("06", "2026")
    assert _juzgar(datos, informe.esquema_ampliado).valid


def test_lo_publico_deja_solo_los_campos_publicos(almacen, catalogo, enviar):
    enviar("matriz", [{**FILA, "reservado": "secreto"}])
    datos, informe = _csv(almacen, catalogo, "matriz", publico=True)
    assert b"secreto" not in datos
    assert b"reservado" not in datos
    assert [c["name"] for c in informe.esquema_ampliado["fields"]] == [
        *("codigo", "texto", "monto", "origen"),
        *AGREGADAS,
    ]
    assert _juzgar(datos, informe.esquema_ampliado).valid


def test_de_una_encuesta_sale_la_principal_y_lo_dice(almacen, catalogo, enviar):
    enviar("consulta", [{"institucion": "A"}], {"personas": [{"cargo": "Jefa", "nombre": "N."}]})
    datos, informe = _csv(almacen, catalogo, "consulta")
    assert b"Jefa" not in datos
    assert informe.avisos == ("Solo la tabla principal: personas van en el paquete (.zip).",)
    assert _juzgar(datos, informe.esquema_ampliado).valid


def test_una_version_anterior_se_alinea_a_la_actual(almacen, enviar):
    antes = armar_catalogo(BASE, MATRIZ)
    enviar("matriz", [FILA], catalogo=antes, region="05")
    campos = [c for c in MATRIZ["fields"] if c["name"] != "reservado"]
    nuevo = campo("nuevo", constraints={"required": True})
    despues = armar_catalogo(BASE, descriptor("matriz", [*reversed(campos), nuevo], version="2.0.0"))
    enviar(
        "matriz", [{**{k: v for k, v in FILA.items() if k != "reservado"}, "nuevo": "n"}], catalogo=despues
    )
    datos, informe = _csv(almacen, despues, "matriz")
    viejo, actual = _filas(datos)
    assert list(viejo)[:5] == ["origen", "monto", "texto", "codigo", "nuevo"]
    assert (viejo["texto"], viejo["nuevo"], viejo["version_esquema"]) == (FILA["texto"], "", "1.0.0")
    assert (actual["texto"], actual["nuevo"], actual["version_esquema"]) == (FILA["texto"], "n", "2.0.0")
    assert informe.avisos == (
        "Envíos con la versión 1.0.0, tabla matriz: esa versión no tenía nuevo.",
        "Envíos con la versión 1.0.0, tabla matriz: esta versión ya no tiene reservado.",
    )
    assert _juzgar(datos, informe.esquema_ampliado).valid


def test_un_vacio_con_excepcion_no_lo_rechaza_el_juez(almacen, enviar, validar):
    catalogo = armar_catalogo(
        descriptor("matriz", [CODIGO, campo("monto", "integer", constraints={"required": True})])
    )
    esquema = catalogo.esquemas["matriz"]
    resultado = validar(catalogo, esquema, [{"codigo": "F-1", "monto": ""}])
    admitido = type(resultado)(esquema, resultado.tablas, (), 1)
    excepcion = {"fila": "F-1", "campo": "monto", "regla": "obligatorio", "razon": "La fuente no lo trae.", "fuente": "001"}
    recibir_respuestas(almacen, catalogo, admitido, Recepcion("06", 2027, AHORA, "p"), excepciones=[excepcion])
    datos, informe = _csv(almacen, catalogo, "matriz")
    assert _juzgar(datos, informe.esquema_ampliado).valid


def test_el_orden_es_por_folio_y_orden_y_se_repite(almacen, catalogo, enviar, monkeypatch):
    monkeypatch.setattr(seleccion, "FOLIOS_POR_LECTURA", 2)
    for region in ("13", "01", "06", "16", "05"):
        enviar("base", [{"codigo": f"C-{i}"} for i in (3, 1, 2)], region=region)
    datos, _ = _csv(almacen, catalogo, "base")
    lugares = [(f["folio"], f["codigo"]) for f in _filas(datos)]
    assert [c for _, c in lugares] == ["C-3", "C-1", "C-2"] * 5
    assert [f for f, _ in lugares] == sorted(f for f, _ in lugares)
    assert _csv(almacen, catalogo, "base")[0] == datos


def test_el_avance_llega_al_total(almacen, catalogo, enviar):
    enviar("base", [{"codigo": f"C-{i}"} for i in range(5_000)])
    pasos = []
    _csv(almacen, catalogo, "base", avance=lambda hechas, total: pasos.append((hechas, total)))
    assert pasos[-1] == (5_000, 5_000)
    assert len(pasos) > 1
    assert pasos == sorted(pasos)


class _Sumidero:
    def write(self, datos):
        return len(datos)


def test_la_memoria_no_depende_de_las_filas(almacen, catalogo, validar, enviar):
    esquema = catalogo.esquemas["base"]

    def pico():
        tracemalloc.start()
        exportar_csv(almacen, catalogo, esquema, _Sumidero())
        _, mayor = tracemalloc.get_traced_memory()
        tracemalloc.stop()
        return mayor

    enviar("base", [{"codigo": f"C-{i}", "tipo": "x" * 150} for i in range(4_000)])
    pocas = pico()
    enviar("base", [{"codigo": f"C-{i}", "tipo": "x" * 150} for i in range(40_000)])
    assert pico() < pocas * 2


def test_a_archivo_deja_el_esquema_al_lado_y_nada_a_medias(almacen, catalogo, enviar, tmp_path):
    enviar("base", BASES)
    esquema = catalogo.esquemas["base"]
    carpeta = tmp_path / "salida"
    carpeta.mkdir()
    informe = exportar_a_archivo(almacen, catalogo, esquema, carpeta / "base.csv", region="06")
    assert json.loads((carpeta / "base.schema.json").read_text()) == informe.esquema_ampliado
    assert hashlib.sha256((carpeta / "base.csv").read_bytes()).hexdigest() == informe.huella
    exportar_a_archivo(almacen, catalogo, esquema, carpeta / "base.zip")
    assert sorted(p.name for p in carpeta.iterdir()) == ["base.csv", "base.schema.json", "base.zip"]
    with pytest.raises(ValueError, match=r"\.csv"):
        exportar_a_archivo(almacen, catalogo, esquema, carpeta / "base.txt")

    def interrumpir(*_):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        exportar_a_archivo(almacen, catalogo, esquema, carpeta / "otro.csv", avance=interrumpir)
    assert sorted(p.name for p in carpeta.iterdir()) == ["base.csv", "base.schema.json", "base.zip"]


# --- Paquete -----------------------------------------------------------------------------------------


def test_el_paquete_trae_enlaces_y_referidas(almacen, catalogo, enviar, tmp_path):
    for region in ("06", "07"):
        enviar("base", BASES, region=region)
        enviar("matriz", [FILA, {**FILA, "codigo": "F-2", "origen": ""}], region=region)
    _, informe = _paquete(almacen, catalogo, "matriz", tmp_path)
    assert _aprobado(tmp_path) == {"matriz", "base", "enlace-matriz-origen"}
    enlaces = (tmp_path / "enlace-matriz-origen.csv").read_bytes().decode().splitlines()
    assert enlaces == [
        "ejercicio,region,codigo,valor",
        *(f"2027,{r},F-1,{c}" for r in ("06", "07") for c in ("P-1", "P-2")),
    ]
    assert informe.avisos == ()
    assert informe.filas == {"matriz": 4}


def test_una_region_trae_solo_lo_suyo(almacen, catalogo, enviar, tmp_path):
    for region in ("06", "07"):
        enviar("base", BASES, region=region)
        enviar("matriz", [FILA], region=region)
    _paquete(almacen, catalogo, "matriz", tmp_path, region="06", ejercicio=2027)
    _aprobado(tmp_path)
    for nombre in ("base.csv", "matriz.csv", "enlace-matriz-origen.csv"):
        assert {f["region"] for f in _filas((tmp_path / nombre).read_bytes())} == {"06"}


def test_una_cita_sin_destino_se_cuenta_y_no_rompe_el_paquete(almacen, catalogo, enviar, tmp_path):
    enviar("base", BASES[:1])
    envio = enviar("matriz", [FILA])
    _, informe = _paquete(almacen, catalogo, "matriz", tmp_path)
    _aprobado(tmp_path)
    assert informe.avisos == ("1 citas sin destino no van en las tablas de enlace: ver informe.json.",)
    detalle = json.loads((tmp_path / "informe.json").read_text())
    assert detalle["citas_sin_destino"] == [
        {
            "tabla": "matriz",
            "campo": "origen",
            "folio": envio.folio,
            "fila": "1",
            "valor": "P-2",
            "destino": "base",
        }
    ]
    assert [(e["folio"], e["huella"]) for e in detalle["envios_exportados"]] == [(envio.folio, envio.huella)]
    assert _filas((tmp_path / "matriz.csv").read_bytes())[0]["origen"] == "P-1;P-2"


def test_una_encuesta_va_con_todas_sus_tablas(almacen, catalogo, enviar, validar, tmp_path):
    enviar("consulta", [{"institucion": "A"}], {"personas": [{"cargo": "Jefa", "nombre": "N."}]})
    enviar("consulta", [{"institucion": "B"}], {"personas": [{"cargo": "X", "nombre": ""}] * 2})
    esquema = catalogo.esquemas["consulta"]
    importada = validar(catalogo, esquema, [{"respuesta": r, "institucion": r} for r in ("1", "2")])
    recibir_respuestas(almacen, catalogo, importada, Recepcion("07", 2027, AHORA, "orden"))
    _, informe = _paquete(almacen, catalogo, "consulta", tmp_path)
    assert _aprobado(tmp_path) == {"consulta", "personas"}
    assert informe.filas == {"consulta": 4, "personas": 3}
    _paquete(almacen, catalogo, "consulta", tmp_path, publico=True)
    _aprobado(tmp_path)
    assert list(_filas((tmp_path / "personas.csv").read_bytes())[0])[:2] == ["respuesta", "cargo"]


def test_una_clave_ajena_rota_el_juez_la_ve(almacen, catalogo, enviar, tmp_path):
    """El paquete pasa porque está bien, no porque no se mire."""
    enviar("base", BASES)
    enviar("matriz", [FILA])
    _paquete(almacen, catalogo, "matriz", tmp_path)
    enlace = tmp_path / "enlace-matriz-origen.csv"
    enlace.write_bytes(enlace.read_bytes().replace(b"P-2", b"P-9"))
    assert not Package(str(tmp_path / "datapackage.json")).validate().valid


def test_los_catalogos_van_en_el_paquete(almacen, tmp_path, validar, enviar):
    catalogo = armar_catalogo(descriptor("matriz", [CODIGO, campo("rubros", catalogo="rubros", varios=True)]))
    rubros = Opciones("rubros", "Rubros", "", "1.0.0", (Opcion("01", "Uno"), Opcion("02", "Dos, «y»")))
    catalogo = type(catalogo)(catalogo.esquemas, {"rubros": rubros}, {}, {}, catalogo.proceso)
    enviar("matriz", [{"codigo": "F-1", "rubros": "02;01"}], catalogo=catalogo)
    _paquete(almacen, catalogo, "matriz", tmp_path)
    assert _aprobado(tmp_path) == {"matriz", "catalogo-rubros", "enlace-matriz-rubros"}
    assert (tmp_path / "enlace-matriz-rubros.csv").read_text().split() == [
        *("ejercicio,region,codigo,valor", "2027,06,F-1,02", "2027,06,F-1,01")
    ]


def test_fuera_de_lo_vigente_no_hay_enlaces(almacen, catalogo, enviar, tmp_path):
    enviar("base", BASES)
    enviar("matriz", [FILA])
    enviar("matriz", [FILA])
    _, informe = _paquete(almacen, catalogo, "matriz", tmp_path, estado="todos")
    assert _aprobado(tmp_path) == {"matriz"}
    assert informe.filas == {"matriz": 2}
    assert "Sin tablas de enlace" in informe.avisos[0]


def test_el_paquete_publico_no_lleva_lo_interno(almacen, catalogo, enviar, tmp_path):
    enviar("base", BASES)
    enviar("matriz", [{**FILA, "reservado": "secreto"}])
    carpeta = tmp_path / "paquete"
    _paquete(almacen, catalogo, "matriz", carpeta, publico=True)
    _aprobado(carpeta)
    assert not [p.name for p in carpeta.iterdir() if b"secreto" in p.read_bytes()]


def test_el_paquete_es_identico_byte_a_byte(almacen, catalogo, enviar, tmp_path, monkeypatch):
    enviar("base", BASES)
    enviar("matriz", [FILA])
    uno, _ = _paquete(almacen, catalogo, "matriz", tmp_path)
    dos, _ = _paquete(almacen, catalogo, "matriz", tmp_path)
    assert uno == dos
    monkeypatch.setattr(modulo_paquete, "FILAS_DE_ZIP64", 0)
    _paquete(almacen, catalogo, "matriz", tmp_path)
    _aprobado(tmp_path)


def test_ambos_motores_exportan_lo_mismo(almacen, catalogo, enviar):
    """La huella está escrita: si un motor ordenara o guardara distinto, no calzaría."""
    enviar("base", BASES)
    enviar("base", [{"codigo": "Ñ-1", "tipo": 'a "b", c'}], region="07")
    datos, _ = _csv(almacen, catalogo, "base", estado="todos")
    esperado = (
        "codigo,tipo,folio,region,ejercicio,version_esquema,estado,presentado\r\n"
        "P-1,a,2027-06-000001-0,06,2027,1.0.0,vigente,2026-11-16T03:00:00Z\r\n"
        "P-2,b,2027-06-000001-0,06,2027,1.0.0,vigente,2026-11-16T03:00:00Z\r\n"
        'Ñ-1,"a ""b"", c",2027-07-000001-9,07,2027,1.0.0,vigente,2026-11-16T03:00:00Z\r\n'
    )
    assert datos.decode() == esperado


def test_exportar_no_detiene_a_quien_guarda(almacen, catalogo, enviar, monkeypatch):
    monkeypatch.setattr(seleccion, "FOLIOS_POR_LECTURA", 1)
    enviar("base", BASES, region="06")
    enviar("base", BASES, region="07")
    llegados = []

    def entretanto(hechas, _):
        llegados.append(enviar("base", BASES, region="08" if hechas == 2 else "06").folio)

    datos, _ = _csv(almacen, catalogo, "base", avance=entretanto)
    assert len(llegados) == 2
    assert {f["region"] for f in _filas(datos)} == {"06", "07"}
    assert {f["estado"] for f in _filas(datos)} == {"vigente"}
    with almacen.leer() as c:
        assert c.execute(text("SELECT count(*) FROM envio")).scalar() == 4


# --- Todo esquema del proyecto -------------------------------------------------------------------------


@pytest.mark.parametrize("publico", [False, True], ids=["entero", "publico"])
def test_el_juez_aprueba_todo_lo_exportado(almacen, validar, tmp_path, publico):
    """Los ejemplos de cada YAML, entregados por dos regiones: su CSV y su paquete."""
    catalogo = cargar()
    for esquema in catalogo.esquemas.values():
        ejemplos = dict(ejemplos_de(esquema))
        resultado = validar(catalogo, esquema, ejemplos.pop(esquema.nombre), **ejemplos)
        for region in ("00",) if esquema.ambito == "nacional" else ("01", "06"):
            recibir_respuestas(almacen, catalogo, resultado, Recepcion(region, 2027, AHORA, "prueba"))
    for nombre in catalogo.esquemas:
        datos, informe = _csv(almacen, catalogo, nombre, publico=publico)
        veredicto = _juzgar(datos, informe.esquema_ampliado)
        assert veredicto.valid, (nombre, veredicto.flatten(["type", "note"]))
        assert informe.filas[nombre] == veredicto.tasks[0].stats["rows"] > 0
        _paquete(almacen, catalogo, nombre, tmp_path / nombre, publico=publico)
        _aprobado(tmp_path / nombre)
