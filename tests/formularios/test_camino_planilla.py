"""El camino de la planilla, como lo hace una persona: con Chromium baja, sube y confirma; con LibreOffice abre y guarda."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import openpyxl
import pytest

from esquemas.catalogo import cargar
from esquemas.modelo import Cambio
from esquemas.plantilla import FILAS_LIBRES
from formularios import demostracion as demo
from formularios.almacen import Almacen, migrar
from formularios.app import crear_app
from formularios.configuracion import Configuracion
from formularios.filas import leer_matriz
from tests.formularios.conftest import AHORA
from tests.formularios.test_web_navegador import Revisor
from tests.servicios import oficina
from tests.servicios.exigencia import exigir
from tests.servicios.navegador import apretar, disponible, entrar_como, navegador
from tests.servicios.servidor import servir

CATALOGO = cargar()
MATRICES = demo.matrices_en_curso(CATALOGO)
A1, A2, B1, B2 = MATRICES
LUGAR = f"/regiones/{demo.REGION}/{demo.EJERCICIO}"
ROJO, AMBAR = "FFF8CBAD", "FFFFE699"
EDITORA = demo.GORE


@pytest.fixture
def region(tmp_path):
    """La región de ejemplo, servida. `catalogo` se puede cambiar antes de pedir la primera página."""
    exigir(disponible())
    exigir(oficina.disponible())
    migrar(url := f"sqlite:///{tmp_path}/focaliza.db")
    almacen = Almacen(url)
    demo.sembrar(almacen, CATALOGO, AHORA)
    region = SimpleNamespace(almacen=almacen, catalogo=CATALOGO, carpeta=tmp_path)

    def armar(direccion):
        region.sitio = f"{direccion}/formularios"
        configuracion = Configuracion(clave="n" * 40, url_publica=direccion, sitio=Path("no-existe"), demo=True)
        apps = {}

        def atender(ambiente, responder):  # una aplicación por catálogo: la de la versión nueva se arma al pedirla
            app = apps.get(id(region.catalogo)) or crear_app(configuracion, region.catalogo, almacen, lambda: AHORA)
            return apps.setdefault(id(region.catalogo), app)(ambiente, responder)

        return atender

    with servir(armar):
        yield region
    almacen.cerrar()


def filas(region, nombre=A2):
    return {f.datos["codigo"]: f for f in leer_matriz(region.almacen, MATRICES[nombre])}


# --- lo que hace la persona -------------------------------------------------------------------------


def bajar(p, region, nombre=A2):
    p.goto(f"{region.sitio}{LUGAR}/matrices/{nombre}/")
    with p.expect_download() as bajada:
        p.click('main a:has-text("Descargar la planilla con estas filas")')
    bajada.value.save_as(ruta := region.carpeta / bajada.value.suggested_filename)
    return ruta


def guardar_con_libreoffice(ruta, *formatos):
    for i, formato in enumerate(formatos):
        ruta = oficina.convertir(ruta, formato, ruta.parent / f"{ruta.stem}-{i}")
    return ruta


def subir(p, region, ruta, nombre=A2):
    p.goto(f"{region.sitio}{LUGAR}/matrices/{nombre}/subir/")
    p.set_input_files("#archivo", ruta)
    apretar(p, 'button:text-is("Revisar y comparar")')


def editar(ruta, destino, cambios):
    """Cambia celdas de «Datos»: dirección → valor. Un número quita esa fila entera."""
    libro = openpyxl.load_workbook(ruta)
    hoja = libro["Datos"]
    for direccion, valor in cambios.items():
        if isinstance(direccion, str):
            hoja[direccion] = valor
    for fila in sorted((d for d in cambios if isinstance(d, int)), reverse=True):
        hoja.delete_rows(fila)
    libro.save(destino)
    return destino


def csv_de_excel_en_chile(ruta, destino):
    """Lo que «Guardar como CSV» deja en un Excel de Chile: «;», Windows-1252, miles con punto y lo mostrado en cada celda."""

    def mostrada(valor):
        texto = "" if valor is None else f"{valor:,}".replace(",", ".") if isinstance(valor, int | float) else str(valor)
        return f'"{texto.replace(chr(34), chr(34) * 2)}"' if set(texto) & set(';"\n') else texto

    lineas = (";".join(map(mostrada, fila)) for fila in openpyxl.load_workbook(ruta)["Datos"].iter_rows(values_only=True))
    destino.write_bytes("".join(f"{linea}\r\n" for linea in lineas).encode("cp1252"))
    return destino


def celda_de(hoja, codigo, titulo):
    columna = next(c.column_letter for c in hoja[1] if c.value == titulo)
    return f"{columna}{next(f[0].row for f in hoja.iter_rows() if f[0].value == codigo)}"


# --- la planilla aguanta LibreOffice ------------------------------------------------------------------


def comprobar_planilla(ruta, esquema, cuantas):
    """Toda columna con su ayuda y su lista hasta la última fila con datos y 900 más, y los códigos como texto."""
    libro = openpyxl.load_workbook(ruta)
    hoja, ultima = libro["Datos"], 1 + cuantas + FILAS_LIBRES
    reglas = {str(v.sqref): v for v in hoja.data_validations.dataValidation}
    columnas = {c.value: c.column_letter for c in hoja[1]}
    assert set(reglas) == {f"{letra}2:{letra}{ultima}" for letra in columnas.values()}
    for campo in (c for c in esquema.campos if not c.automatico):
        letra = columnas[campo.titulo]
        regla = reglas[f"{letra}2:{letra}{ultima}"]
        assert regla.prompt, campo.nombre
        if campo.catalogo or campo.referencia:
            hoja_lista, rango = regla.formula1.split("!")
            valores = [c.value for f in libro[hoja_lista.strip("'$")][rango.replace("$", "")] for c in f]
            assert all(isinstance(v, str) and " · " in v for v in valores) and len(valores) == len(set(valores)) > 0
            escritos = {v for f in hoja.iter_rows(min_row=2, values_only=False) for v in [f[ord(letra) - 65].value] if v}
            assert campo.varios or escritos <= set(valores), f"{campo.nombre} trae lo que su lista no tiene"
        elif campo.tipo in ("codigo", "texto", "parrafo"):
            celdas = [f[ord(letra) - 65] for f in hoja.iter_rows(min_row=2, max_row=1 + cuantas)]
            assert all(c.value is None or (c.data_type == "s" and c.number_format == "@") for c in celdas), campo.nombre
            assert formato_de_columna(hoja, letra) == "@", "lo que se escriba después también es texto"
    return libro


def formato_de_columna(hoja, letra):
    numero = openpyxl.utils.column_index_from_string(letra)
    return next(d.number_format for d in hoja.column_dimensions.values() if d.min <= numero <= d.max)


@pytest.mark.parametrize("nombre", MATRICES)
def test_bajada_y_guardada_con_libreoffice_no_pierde_nada_y_vuelve_igual(region, nombre):
    antes = filas(region, nombre)
    with navegador(1280, 800) as p:
        r = Revisor(p, region.sitio)
        entrar_como(p, region.sitio, EDITORA)
        original = bajar(p, region, nombre)
        guardada, abierta = guardar_con_libreoffice(original, "xlsx"), guardar_con_libreoffice(original, "ods")
        for ruta in (original, guardada, guardar_con_libreoffice(abierta, "xlsx")):
            comprobar_planilla(ruta, CATALOGO.esquemas[nombre], len(antes))
        de_excel = csv_de_excel_en_chile(guardada, region.carpeta / f"{nombre}.csv")
        for ruta in (original, guardada, abierta, de_excel):
            subir(p, region, ruta, nombre)
            r.revisar()
            assert "Nada: su archivo dice lo mismo que lo que ya hay." in p.locator("main").inner_text(), ruta.suffix
    assert filas(region, nombre) == antes


def test_las_listas_ofrecen_la_matriz_anterior_como_esta_ahora(region):
    with navegador(1280, 800) as p:
        entrar_como(p, region.sitio, EDITORA)
        libro = comprobar_planilla(bajar(p, region), CATALOGO.esquemas[A2], 17)
    ofrecidas = [c.value for columna in libro["_listas"].iter_cols() for c in columna if columna[0].value == "referencia:origen"]
    assert [v.split(" · ")[0] for v in ofrecidas[1:] if v] == list(filas(region, A1))


# --- de los errores a lo aplicado ---------------------------------------------------------------------


def filas_de(hoja):
    """Con su encabezado y sin las que LibreOffice deja en blanco al final."""
    return [f for f in hoja.iter_rows() if any(c.value for c in f)]


def con_errores(ruta, destino):
    """Tres errores, un cambio, una fila nueva, una menos y una columna de la propia persona."""
    hoja = openpyxl.load_workbook(ruta)["Datos"]
    nueva, ajena = len(filas_de(hoja)) + 1, openpyxl.utils.get_column_letter(hoja.max_column + 1)
    malas = {
        celda_de(hoja, "POT-05", "Origen en la matriz A.1"): "DOC-99",
        celda_de(hoja, "PRO-02", "Código"): "PRO-01",
        celda_de(hoja, "POT-01", "Tipo"): "Potensialidad rara",
    }
    cambios = {
        **malas,
        celda_de(hoja, "PRO-03", "Descripción"): CORREGIDA,
        **dict(zip((f"{letra}{nueva}" for letra in "ABCDE"), ("PRO-11", "problematica", *NUEVA), strict=True)),
        f"{ajena}1": "Nota interna",
        f"{ajena}2": "+ ver con el equipo",
        f"{ajena}5": 12.5,
        int(celda_de(hoja, "POT-06", "Código")[1:]): None,
    }
    editar(ruta, destino, cambios)
    hoja = openpyxl.load_workbook(destino)["Datos"]
    return destino, {d: next(c.coordinate for f in hoja.iter_rows() for c in f if c.value == v) for d, v in SENAS.items()}


NUEVA = ("Los talleres de la región no tienen dónde vender en invierno.", "DOC-03", "no")
CORREGIDA = "A los actores de un mismo territorio les cuesta cooperar."
SENAS = {"referencia": "DOC-99", "tipo": "Potensialidad rara"}


AGREGADA = (
    "Se agrega, con 5 campos\nCódigo\nPRO-11\nTipo\nProblemática\nDescripción\n"
    "Los talleres de la región no tienen dónde vender en invierno.\n"
    "Origen en la matriz A.1\nDOC-03\nAtingente a Sercotec\nNo"
)


@pytest.mark.parametrize("ancho", [360, 1280])
def test_del_archivo_con_errores_al_marcado_al_corregido_y_al_borrador(region, ancho):
    antes = filas(region)
    with navegador(ancho, 800) as p:
        r = Revisor(p, region.sitio)
        entrar_como(p, region.sitio, EDITORA)
        guardada = guardar_con_libreoffice(bajar(p, region), "xlsx")
        mala, donde = con_errores(guardada, region.carpeta / "con-errores.xlsx")
        subir(p, region, mala)
        r.revisar("camino-errores")
        hoja = openpyxl.load_workbook(mala)["Datos"]
        donde["repetido"] = [c.coordinate for c in hoja["A"] if c.value == "PRO-01"][1]
        assert "Hay 3 errores" in p.locator("main h2 >> nth=0").inner_text()
        for seña, celda in donde.items():
            mal = p.locator(f"#{A2}-{celda}.mal")
            assert mal.count() == 1 and f"{celda}:" in mal.inner_text(), seña
        assert {f.datos["codigo"]: f.version for f in filas(region).values()} == {c: f.version for c, f in antes.items()}

        with p.expect_download() as bajada:
            p.click('a:has-text("Descargar mi archivo con los problemas marcados")')
        bajada.value.save_as(marcado := region.carpeta / "marcado.xlsx")
        comprobar_marcado(marcado, hoja, set(donde.values()))

        # Corrige en el marcado, después de abrirlo con LibreOffice.
        corregido = editar(
            guardar_con_libreoffice(marcado, "xlsx"),
            region.carpeta / "corregido.xlsx",
            {donde["referencia"]: "DOC-01", donde["repetido"]: "PRO-02", donde["tipo"]: "potencialidad"},
        )
        subir(p, region, corregido)
        r.revisar("camino-corregido")
        dicho = p.locator("main").inner_text()
        assert "Sin errores: 17 filas" in dicho and all(t in dicho for t in ("Agrega: 1", "Cambia: 1", "Quita: 1"))
        assert celdas(p, "table.cambios") == [
            ["PRO-03", "Descripción", antes["PRO-03"].datos["descripcion"], CORREGIDA],
            ["PRO-11", AGREGADA],
            ["POT-06", "Se quita"],
        ]
        assert filas(region) == antes, "nada cambia hasta confirmar"
        apretar(p, 'button:text-is("Aplicar al borrador")')
        r.revisar("camino-aplicado")
        assert "quedó como su archivo" in p.locator("main").inner_text()
        ahora = filas(region)
        assert ahora.keys() == antes.keys() - {"POT-06"} | {"PRO-11"}
        distintas = {c for c in antes.keys() & ahora.keys() if antes[c] != ahora[c]}
        assert distintas == {"PRO-03"} and ahora["PRO-03"].version == antes["PRO-03"].version + 1

        r.ir(f"{LUGAR}/matrices/{B1}/")
        (por_revisar,) = p.locator('tr:has-text("Por revisar")').all_inner_texts()
        assert "DES-04" in por_revisar
        assert f"La fila «PRO-03» de «{CATALOGO.esquemas[A2].nombre_completo}» cambió en «Descripción»." in por_revisar

        r.ir(f"{LUGAR}/mapa/")
        dicho = p.locator("main").inner_text()
        (problematicas,) = (t for t in p.locator("main > ul li").all_inner_texts() if t.startswith("Problemática"))
        sin_respuesta = problematicas.partition("Falta unir con «Desafío u Oportunidad»: ")[2]
        assert sin_respuesta == "POT-05, POT-07." and "POT-06" not in dicho, "PRO-11 no es atingente: no se espera respuesta"
        assert "«Semilla» suma $70.000.000 de $98.000.000 informados en" in dicho and "faltan $28.000.000 por asignar." in dicho
        assert "«Crece»" not in dicho


@pytest.mark.parametrize("extension", ["ods", "csv"])
def test_un_monto_cambiado_en_ods_o_en_el_csv_de_excel_en_chile_llega_como_monto(region, extension):
    with navegador(1280, 800) as p:
        entrar_como(p, region.sitio, EDITORA)
        original = bajar(p, region, B2)
        direccion = celda_de(openpyxl.load_workbook(original)["Datos"], "FOC-05", "Presupuesto estimado")
        cambiada = editar(original, region.carpeta / "cambiada.xlsx", {direccion: 450_000_000})
        de_csv = region.carpeta / "cambiada.csv"
        ruta = csv_de_excel_en_chile(cambiada, de_csv) if extension == "csv" else guardar_con_libreoffice(cambiada, extension)
        subir(p, region, ruta, B2)
        assert celdas(p, "table.cambios") == [["FOC-05", "Presupuesto estimado", "500.000.000", "450.000.000"]]
        dicho = p.locator("main").inner_text()
        assert "«Crece» suma $600.000.000 de $650.000.000 informados en" in dicho and "faltan $50.000.000 por asignar." in dicho
        apretar(p, 'button:text-is("Aplicar al borrador")')
        p.get_by_text("quedó como su archivo").wait_for()
    assert filas(region, B2)["FOC-05"].datos["presupuesto"] == "450000000"


def celdas(p, tabla):
    return [[c.inner_text() for c in fila.locator("th, td").all()] for fila in p.locator(f"{tabla} tbody tr").all()]


def comprobar_marcado(ruta, subida, malas):
    libro = openpyxl.load_workbook(ruta)
    assert libro.sheetnames[0] == "Problemas" and libro["_listas"].sheet_state == "hidden"
    hoja = libro["Datos"]
    assert {c.coordinate for f in hoja.iter_rows() for c in f if c.fill.fgColor.rgb == ROJO} == malas
    assert all(hoja[c].comment and "ERROR" in hoja[c].comment.text for c in malas)
    valores, subidos = ([[c.value for c in f] for f in filas_de(h)] for h in (hoja, subida))
    assert valores == subidos, "lo demás vuelve como llegó, también lo ajeno"
    assert hoja.cell(1, hoja.max_column).value == "Nota interna"
    reglas = {str(v.sqref) for v in hoja.data_validations.dataValidation}
    assert {f"{letra}2:{letra}{hoja.max_row + FILAS_LIBRES}" for letra in "ABCDEFG"} == reglas
    listadas = {f[2] for f in libro["Problemas"].iter_rows(min_row=2, values_only=True) if f[0] == "error"}
    assert listadas == malas


# --- la plantilla de otra versión ----------------------------------------------------------------------


@pytest.mark.parametrize(("version", "sirve"), [("1.1.0", True), ("2.0.0", False)])
def test_una_planilla_de_antes_dice_que_cambio(region, version, sirve):
    with navegador(1280, 800) as p:
        r = Revisor(p, region.sitio)
        entrar_como(p, region.sitio, EDITORA)
        vieja = bajar(p, region)
        esquema = CATALOGO.esquemas[A2]
        cambio = Cambio(version, "2027-01-15", "Las causas pasan a ser obligatorias.")
        nuevo = replace(esquema, version=version, cambios=(*esquema.cambios, cambio))
        region.catalogo = replace(CATALOGO, esquemas={**CATALOGO.esquemas, A2: nuevo})
        subir(p, region, vieja)
        r.revisar(f"camino-version-{version}")
        dicho = p.locator("main").inner_text()
        que = f"La planilla es de la versión 1.0.0 y la vigente es {version}. {version}: Las causas pasan a ser obligatorias."
        assert que in dicho
        assert ("descargue la plantilla nueva y copie en ella sus filas" in dicho) != sirve
        assert ("dice lo mismo" in dicho) == sirve and not p.locator('button:text-is("Aplicar al borrador")').count()
