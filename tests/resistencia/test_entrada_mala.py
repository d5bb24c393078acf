"""Entrada mala: mensaje claro, código de salida del contrato, nada guardado y el proceso termina por sí solo."""

import re
import shutil
from collections.abc import Iterator
from pathlib import Path

import openpyxl
import pytest
from sqlalchemy import event
from sqlalchemy.engine import Engine

from esquemas.errores import Codigo
from formularios.almacen import Almacen, AlmacenNoDisponible, migrar
from formularios.archivo import leer_ruta
from formularios.seleccion import elegir
from tests.resistencia.corpus import CASOS, CATALOGO, Caso, con, csv, empaquetar, plantilla, tabla
from tests.servicios.orden import CLAVES_DE_PROBLEMA, CLAVES_DE_VALIDAR, Salida, correr, correr_aparte

REGION, EJERCICIO = "06", 2027
RAIZ = Path(__file__).resolve().parents[2]
CODIGOS = {str(c) for c in Codigo} | {r.codigo for e in CATALOGO.esquemas.values() for t in e.tablas for r in t.reglas}
# Un mensaje de error dice cómo se arregla: trae al menos un verbo que la persona puede obedecer.
ARREGLO = re.compile(
    r"\b(Abra|Ábra|Acort|Acórt|Agreg|Agrég|Baje|Borr|Bórr|Cambi|Cámbi|Cierr|Ciérr|Comprim|Comprím|Complet|Copi|Cópi|Corrij"
    r"|Dej|Déj|Descarg|Descomprim|Descomprím|Divid|Divíd|Elij|Elíj|Escrib|Escríb|Exporta|Guard|Guárd|Pon|Póng|Quit|Quít"
    r"|Encierr|Enciérr|Quiso|Redonde|Redondé|Revis|Sub|Súb|Us)\w*",
    re.IGNORECASE,
)
INGLES = re.compile(r"\b(No such|invalid|failed|denied|Traceback|not found|expected|unexpected|File|Errno)\b")


@pytest.fixture(scope="module")
def base(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Una base migrada que nada de este módulo debe tocar."""
    url = f"sqlite:///{tmp_path_factory.mktemp('base')}/focaliza.db"
    migrar(url)
    yield url


def guardado(url: str) -> tuple[int, int]:
    """Cuántos envíos de cualquier clase y cuántas excepciones hay."""
    almacen = Almacen(url)
    try:
        envios = sum(len(elegir(almacen, CATALOGO, e, estado="todos").envios) for e in CATALOGO.esquemas.values())
        with almacen.leer() as c:
            excepciones = c.exec_driver_sql("SELECT count(*) FROM excepcion").scalar_one()
        return envios, excepciones
    finally:
        almacen.cerrar()


def importar(url: str, esquema: str, archivo: Path, *mas: object, region: str = REGION) -> Salida:
    destino = ("--region", region, "--ejercicio", EJERCICIO)
    return correr("importar", esquema, archivo, *destino, *mas, FOCALIZA_BASE_DE_DATOS=url)


def comprobar(caso: Caso, salida: Salida) -> None:
    """Lo que debe cumplir toda respuesta de `validar --json`."""
    assert salida.codigo == caso.salida, salida.texto
    assert "Traceback" not in salida.error
    assert set(salida.json) == CLAVES_DE_VALIDAR
    assert salida.json["valido"] is (caso.salida == 0)
    assert all(set(p) == CLAVES_DE_PROBLEMA for p in salida.problemas())
    errores = salida.problemas("error")
    assert bool(errores) is (caso.salida != 0), "un rechazo trae al menos un error; lo que se acepta, ninguno"
    for p in errores:
        assert p["codigo"] in CODIGOS, p
        assert ARREGLO.search(p["mensaje"]), f"no dice cómo se arregla: {p['mensaje']}"
        assert p["norma"], p
    for p in salida.problemas():
        assert not INGLES.search(p["mensaje"]), p["mensaje"]
        assert p["mensaje"].endswith((".", "?", "…", "»)?")), p["mensaje"]
    if caso.codigo:
        esperados = [p for p in salida.problemas() if p["codigo"] == caso.codigo]
        assert esperados, f"falta {caso.codigo} en {salida.codigos()}"
        assert any(p["celda"] == caso.celda for p in esperados) or not caso.celda, esperados
        assert any(p["fila"] == caso.fila for p in esperados) or caso.fila is None, esperados
        assert any(caso.dice in p["mensaje"] for p in esperados), esperados


@pytest.mark.parametrize("caso", CASOS, ids=lambda c: c.nombre)
def test_cada_archivo_malo_se_rechaza_con_su_razon(caso: Caso, tmp_path: Path, base: str) -> None:
    archivo = tmp_path / caso.nombre
    caso.escribir(archivo)
    comprobar(caso, correr("validar", caso.esquema, archivo, "--json"))
    if caso.salida:
        en_palabras = correr("validar", caso.esquema, archivo)
        assert en_palabras.codigo == caso.salida
        assert caso.codigo in en_palabras.texto
        importado = importar(base, caso.esquema, archivo, region="00" if caso.esquema == "presupuesto-instrumentos" else REGION)
        assert importado.codigo == caso.salida
        assert caso.codigo in importado.texto
        assert "No se guardó nada" in importado.error
        assert "Folio" not in importado.texto
        assert guardado(base) == (0, 0)
    assert sorted(tmp_path.iterdir()) == [archivo], "leer no deja nada en el disco"


@pytest.mark.parametrize("caso", [c for c in CASOS if c.grave], ids=lambda c: c.nombre)
def test_los_mas_graves_en_un_proceso_propio_que_termina(caso: Caso, tmp_path: Path) -> None:
    archivo = tmp_path / caso.nombre
    caso.escribir(archivo)
    comprobar(caso, correr_aparte("validar", caso.esquema, archivo, "--json"))


def test_el_corpus_cumple_lo_prometido() -> None:
    assert len(CASOS) >= 60
    assert len({c.nombre for c in CASOS}) == len(CASOS)


# --- lo que no es un archivo --------------------------------------------------------------------------------


@pytest.mark.parametrize("ruta", ["no-existe.csv", "", "sub/no-existe.csv", "x" * 300])
def test_una_ruta_que_no_se_puede_abrir(ruta: str, tmp_path: Path) -> None:
    """«» es la carpeta misma."""
    caso = Caso(ruta, lambda _: None, 2, "archivo-ilegible")
    comprobar(caso, correr("validar", "focalizacion", tmp_path / ruta, "--json"))


@pytest.mark.parametrize("dispositivo", ["/dev/zero", "/dev/null", "/dev/urandom"])
def test_un_dispositivo_que_no_termina_nunca_se_rechaza(dispositivo: str) -> None:
    salida = correr_aparte("validar", "focalizacion", dispositivo, "--json")
    assert salida.codigo == 2
    assert salida.codigos("error")


# --- zip con rutas raras ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "ruta", ["../../focalizacion.csv", "/tmp/focalizacion.csv", "C:\\focalizacion.csv", "a/ñ/focalizacion.csv"]
)
def test_un_zip_con_rutas_raras_se_lee_y_no_escribe_nada(ruta: str, tmp_path: Path) -> None:
    archivo = tmp_path / "a" / "b" / "raro.zip"
    archivo.parent.mkdir(parents=True)
    archivo.write_bytes(empaquetar((ruta, csv(tabla()))))
    antes = Path("/tmp/focalizacion.csv").exists()
    salida = correr("validar", "focalizacion", archivo, "--json")
    assert (salida.codigo, salida.json["filas"]) == (0, 3), salida.texto
    assert [p for p in tmp_path.rglob("*") if p.is_file()] == [archivo]
    assert Path("/tmp/focalizacion.csv").exists() == antes


# --- muchas filas -------------------------------------------------------------------------------------------


def test_por_la_orden_un_csv_no_tiene_tope_de_filas(tmp_path: Path) -> None:
    """200.000 filas válidas; y 5.001 que pesan menos de 5 MB, que tampoco topan."""
    encabezado = "fila,campo,regla,razon,fuente,matriz\r\n"
    fila = "F-{},cobertura,obligatorio,La fuente no la trae,Oficio 1,focalizacion\r\n"
    for cuantas in (5_001, 200_000):
        archivo = tmp_path / f"{cuantas}.csv"
        archivo.write_text(encabezado + "".join(fila.format(i) for i in range(cuantas)), newline="")
        salida = correr("validar", "excepciones", archivo, "--json")
        assert (salida.codigo, salida.json["filas"], salida.problemas()) == (0, cuantas, [])


def test_en_un_csv_enorme_cada_problema_conserva_su_fila(tmp_path: Path) -> None:
    """El error, el blanco y la celda sobrante caen en el tercer lote de lectura."""
    lineas = ["fila,campo,regla,razon,fuente,matriz"]
    lineas += [f"F-{i},cobertura,obligatorio,La fuente no la trae,Oficio,focalizacion" for i in range(12_000)]
    lineas[11_000] = ""
    lineas[11_500] = "F-x,cobertura,obligatorio,corta,Oficio,focalizacion"
    archivo = tmp_path / "grande.csv"
    archivo.write_text("\r\n".join(lineas), newline="")
    salida = correr("validar", "excepciones", archivo, "--json")
    assert [(p["codigo"], p["celda"], p["fila"]) for p in salida.problemas()] == [
        ("fila-en-blanco", "A11001", 11_001),
        ("muy-corto", "D11501", 11_501),
    ]
    lineas[11_500] += ",sobra"
    archivo.write_text("\r\n".join(lineas), newline="")
    marcado = tmp_path / "marcado.xlsx"
    salida = correr("validar", "excepciones", archivo, "--json", "--marcado", marcado)
    assert ("fila-irregular", "G11501") in [(p["codigo"], p["celda"]) for p in salida.problemas()]
    assert openpyxl.load_workbook(marcado)["Datos"]["G11501"].value == "sobra"
    hoja = leer_ruta(archivo).hojas[0]
    (sobra,) = [p for p in hoja.problemas if p.codigo == Codigo.FILA_IRREGULAR]
    assert hoja.numeros[sobra.indice] == sobra.fila, "el índice es el de la hoja entera y no el del lote"


# --- plantillas viejas --------------------------------------------------------------------------------------


@pytest.mark.parametrize(("vigente", "salida"), [("1.1.0", 0), ("2.0.0", 1)])
def test_una_plantilla_de_version_vieja(vigente: str, salida: int, tmp_path: Path) -> None:
    """De la misma serie sirve y se avisa qué cambió; de otra, se rechaza y se dice qué hacer."""
    carpeta = tmp_path / "esquemas"
    shutil.copytree(RAIZ / "esquemas", carpeta, ignore=shutil.ignore_patterns("*.py", "__pycache__"))
    yaml = carpeta / "formatos" / "focalizacion.yaml"
    texto = yaml.read_text(encoding="utf-8").replace('version: "1.0.0"\n', f'version: "{vigente}"\n', 1)
    cambio = f'cambios:\n  - {{version: "{vigente}", fecha: "2026-12-20", description: Se agregó una columna.}}'
    yaml.write_text(texto.replace("cambios:", cambio, 1), encoding="utf-8")
    archivo = tmp_path / "vieja.xlsx"
    archivo.write_bytes(plantilla(CATALOGO.esquemas["focalizacion"], tabla()[1:]))
    hecho = correr("validar", "focalizacion", archivo, "--json", FOCALIZA_ESQUEMAS=str(carpeta))
    assert hecho.codigo == salida, hecho.texto
    (aviso,) = [p for p in hecho.problemas() if p["codigo"] == "plantilla-antigua"]
    assert aviso["gravedad"] == ("error" if salida else "alerta")
    assert "1.0.0" in aviso["mensaje"]
    assert f"{vigente}: Se agregó una columna." in aviso["mensaje"]
    assert "descargue la plantilla nueva" in aviso["mensaje"]


# --- la base que no puede -----------------------------------------------------------------------------------


@pytest.fixture
def bueno(tmp_path: Path) -> Path:
    archivo = tmp_path / "bueno.csv"
    archivo.write_bytes(csv(tabla()))
    return archivo


def rechazado_por_la_base(hecho: Salida, causa: str) -> None:
    assert hecho.codigo == 2, (hecho.texto, hecho.error)
    assert "No se guardó nada" in hecho.error
    assert causa in hecho.error
    assert "Folio" not in hecho.texto
    assert "Traceback" not in hecho.error


def test_con_la_base_sana_el_mismo_archivo_si_entra(bueno: Path, tmp_path: Path) -> None:
    """El control: lo que hace fallar a las demás es la base y no el archivo."""
    url = f"sqlite:///{tmp_path}/sana/nueva.db"
    hecho = importar(url, "focalizacion", bueno)
    assert hecho.codigo == 0, hecho.error
    assert re.search(r"Folio 2027-06-000001-\d  huella [0-9a-f]{64}", hecho.texto)
    assert guardado(url) == (1, 0)


def test_base_de_solo_lectura(bueno: Path, tmp_path: Path) -> None:
    migrar(f"sqlite:///{tmp_path}/lectura.db")
    hecho = importar(f"sqlite:///file:{tmp_path}/lectura.db?mode=ro&uri=true", "focalizacion", bueno)
    rechazado_por_la_base(hecho, "solo lectura")
    assert guardado(f"sqlite:///{tmp_path}/lectura.db") == (0, 0)


def test_base_llena(tmp_path: Path) -> None:
    """El tope de páginas hace de disco lleno. Entra lo que cabe; lo que no, ni folio ni fila ni número gastado."""
    url = f"sqlite:///{tmp_path}/llena.db"
    migrar(url)
    grande = tmp_path / "grande.csv"
    encabezado, modelo, *_ = tabla()
    grande.write_bytes(csv([encabezado, *([f"F-{i}", *modelo[1:]] for i in range(500))]))

    def topar(conexion, _registro: object) -> None:
        paginas = conexion.execute("PRAGMA page_count").fetchone()[0]
        conexion.execute(f"PRAGMA max_page_count={paginas + 5}")

    event.listen(Engine, "connect", topar)
    try:
        rechazado_por_la_base(importar(url, "focalizacion", grande), "no queda espacio")
    finally:
        event.remove(Engine, "connect", topar)
    assert guardado(url) == (0, 0)
    hecho = importar(url, "focalizacion", grande)
    assert "Folio 2027-06-000001-" in hecho.texto, "con espacio, el primer número sigue libre"


@pytest.mark.parametrize(
    ("direccion", "causa"),
    [
        ("sqlite:////dev/null/sub/base.db", "no se puede crear la carpeta"),
        ("sqlite:////dev", "no se puede abrir"),
        ("sqlite:///{carpeta}/texto.txt", "no es una base de datos"),
        ("postgresql://nadie:clave@127.0.0.1:1/base", "no hay conexión"),
    ],
)
def test_base_imposible_o_apagada(direccion: str, causa: str, bueno: Path, tmp_path: Path) -> None:
    (tmp_path / "texto.txt").write_text("esto es un texto, no una base de datos\n" * 40)
    hecho = importar(direccion.format(carpeta=tmp_path), "focalizacion", bueno)
    rechazado_por_la_base(hecho, causa)
    assert "clave" not in hecho.error


@pytest.mark.parametrize("direccion", ["hola", "mysql://a/b", "sqlite://"])
def test_base_mal_configurada(direccion: str, bueno: Path) -> None:
    hecho = importar(direccion, "focalizacion", bueno)
    assert hecho.codigo == 2
    assert "FOCALIZA_BASE_DE_DATOS debe ser" in hecho.error


def test_la_base_que_falla_al_final_no_deja_folio(bueno: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """El último paso, confirmar, también puede fallar: el folio solo se muestra después."""
    url = f"sqlite:///{tmp_path}/corta.db"
    migrar(url)

    def fallar(*_: object, **__: object) -> None:
        raise AlmacenNoDisponible("el disco de la base de datos falla al leer o escribir")

    monkeypatch.setattr("formularios.recepcion.anotar", fallar)
    rechazado_por_la_base(importar(url, "focalizacion", bueno), "el disco de la base de datos falla")
    assert guardado(url) == (0, 0)


def test_una_excepcion_mala_no_entra_ni_deja_entrar(bueno: Path, tmp_path: Path, base: str) -> None:
    """Sin razón ni fuente no exceptúa: se dice cuál falta y no se guarda ni la excepción ni la matriz."""
    malas = tmp_path / "excepciones.csv"
    malas.write_text("fila,campo,regla,razon,fuente\r\nFOC-01,cobertura,obligatorio,,\r\n")
    hecho = importar(base, "focalizacion", bueno, "--excepciones", malas)
    assert hecho.codigo == 2
    assert "obligatorio" in hecho.texto and "D2 razon" in hecho.texto
    assert "No se guardó nada" in hecho.error
    assert guardado(base) == (0, 0)


def test_una_matriz_de_con_ilegible_dice_cual(bueno: Path, tmp_path: Path) -> None:
    mala = tmp_path / "b1.xlsx"
    mala.write_bytes(b"%PDF-1.7")
    hecho = correr("validar", "focalizacion", bueno, "--json", "--con", f"desafios-oportunidades-objetivos={mala}")
    assert hecho.codigo == 2
    assert hecho.json["esquema"] == "focalizacion"
    assert str(mala) in hecho.problemas()[0]["mensaje"]
    assert hecho.codigos() == ["formato-desconocido"]


def test_una_celda_con_formula_llega_como_texto_al_marcado(tmp_path: Path) -> None:
    archivo, marcado = tmp_path / "a.csv", tmp_path / "m.xlsx"
    archivo.write_bytes(csv(con("accion", "=cmd|' /C calc'!A0")))
    assert correr("validar", "focalizacion", archivo, "--marcado", marcado).codigo == 0
    celdas = [c for h in openpyxl.load_workbook(marcado) for f in h.iter_rows() for c in f]
    assert [c.coordinate for c in celdas if c.value == "=cmd|' /C calc'!A0"] == ["C2"]
    assert {c.data_type for c in celdas if str(c.value).startswith("=")} == {"s"}
