"""Los archivos que trae la gente, también los hostiles: rechazo claro, en menos de 2 segundos y con el proceso vivo."""

import datetime
import io
import subprocess
import sys
import time
from pathlib import Path

import pytest

from esquemas.errores import ArchivoIlegible, Codigo, Problema
from esquemas.hoja import Hora, Topes
from esquemas.libro import leer_libro
from esquemas.plantilla import escribir_plantilla
from formularios import lector
from formularios.lector import leer_archivo
from tests.esquemas import paquete
from tests.esquemas.muestra import FILA, FORMATO, OPCIONES
from tests.servicios.libro import escribir_libro

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600
RAIZ = Path(lector.__file__).resolve().parent.parent


def problema_de(datos: bytes, nombre: str = "archivo.xlsx", **mas) -> Problema:
    inicio = time.monotonic()
    with pytest.raises(ArchivoIlegible) as error:
        leer_archivo(datos, nombre, **mas)
    assert time.monotonic() - inicio < 5  # 2 s en `make medir`; aquí, holgado
    problema = error.value.problema
    assert problema.es_error and problema.mensaje.endswith(".") and len(problema.mensaje) > 40
    return problema


# --- lo que se lee ------------------------------------------------------------------------------------------


def test_planilla_en_otro_proceso_conserva_tipos_y_problemas() -> None:
    filas = [["06", 5, 2.5, True, datetime.date(2026, 12, 31), "Ñuñoa\n2"], [], ["x" * 2001]]
    datos = escribir_libro([("Datos", ["a", "b", "c", "d", "e", "f"], filas), ("Otra", ["z"], [])])
    libro = leer_archivo(datos, "x.xlsx")
    assert libro == leer_libro(datos)
    assert [type(c) for c in libro.hojas[0].filas[0]] == [str, int, float, bool, datetime.date, str]
    assert [p.codigo for p in libro.hojas[0].problemas] == [Codigo.FILA_EN_BLANCO]


def test_una_hora_viaja_como_hora() -> None:
    hora = '<table:table-cell office:value-type="time" office:time-value="PT10H30M00S"/>'
    filas = (f"<table:table-row>{c}</table:table-row>" for c in (paquete.CELDA_ODS.format(1), hora))
    assert leer_archivo(paquete.ods("".join(filas)), "x.ods").hojas[0].filas == [[Hora("10:30")]]


def test_plantilla() -> None:
    datos = escribir_plantilla(FORMATO, OPCIONES, filas=[FILA], region="06", ejercicio=2027)
    libro = leer_archivo(datos, "x.xlsx")
    assert libro == leer_libro(datos)
    assert (libro.plantilla, libro.region, libro.ejercicio) == (("focal", "1.2.0", "ab" * 32), "06", "2027")


def test_ods() -> None:
    assert leer_archivo(paquete.ods(f"<table:table-row>{paquete.CELDA_ODS.format(2)}</table:table-row>"), "x.ods").hojas[
        0
    ].encabezado == (
        "a",
        "a",
    )


@pytest.mark.parametrize("nombre", ["x.csv", "x.xlsx", "x", ""])
def test_csv_se_conoce_por_su_contenido(nombre: str) -> None:
    (hoja,) = leer_archivo("año;b\nñ;2\n".encode("cp1252"), nombre).hojas
    assert (hoja.nombre, hoja.encabezado, hoja.filas) == ("", ("año", "b"), [["ñ", "2"]])


def test_xlsx_con_nombre_de_csv() -> None:
    assert leer_archivo(escribir_libro([("D", ["a"], [["1"]])]), "x.csv").hojas[0].filas == [["1"]]


def test_zip_de_csv() -> None:
    datos = paquete.zipear(
        {
            "carpeta/actor-clave.csv": "respuesta\nR-1\n",
            "representantes.CSV": "respuesta;nombre\nR-1;Ñ\n".encode("cp1252"),
            "datapackage.json": "{}",
            "vacia/": "",
            "__MACOSX/._representantes.csv": "\0",
            ".oculto.csv": "\0",
        }
    )
    hojas = leer_archivo(datos, "x.zip").hojas
    assert [(h.nombre, h.filas) for h in hojas] == [("actor-clave", [["R-1"]]), ("representantes", [["R-1", "Ñ"]])]


# --- lo que se rechaza --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("datos", "codigo", "dice"),
    [
        (b"", Codigo.ARCHIVO_VACIO, "vacío"),
        (b"a" * 5_000_001, Codigo.ARCHIVO_GRANDE, "5.000.000"),
        (b"%PDF-1.7 \0", Codigo.FORMATO_DESCONOCIDO, "PDF"),
        (b"\x89PNG\r\n\x1a\n", Codigo.FORMATO_DESCONOCIDO, "imagen"),
        (b"\xff\xd8\xff\xe0", Codigo.FORMATO_DESCONOCIDO, "fotografía"),
        (b"GIF89a", Codigo.FORMATO_DESCONOCIDO, "imagen"),
        (b"\x1f\x8b\x08", Codigo.FORMATO_DESCONOCIDO, "gzip"),
        (b"7z\xbc\xaf\x27", Codigo.FORMATO_DESCONOCIDO, "7-Zip"),
        (b"Rar!\x1a", Codigo.FORMATO_DESCONOCIDO, "RAR"),
        (b"{\\rtf1", Codigo.FORMATO_DESCONOCIDO, "documento"),
        (b"\xef\xbb\xbf  <HTML><table>", Codigo.FORMATO_DESCONOCIDO, "Guardar como"),
        (b"<?xml version='1.0'?><Workbook>", Codigo.FORMATO_DESCONOCIDO, "Guardar como"),
        (OLE + "Workbook".encode("utf-16-le"), Codigo.FORMATO_DESCONOCIDO, ".xls"),
        (OLE + "WordDocument".encode("utf-16-le"), Codigo.FORMATO_DESCONOCIDO, "Word"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), Codigo.ARCHIVO_ILEGIBLE, "contraseña"),
        (paquete.ods_con_clave(), Codigo.ARCHIVO_ILEGIBLE, "contraseña"),
        (b"\x7fELF\0\0", Codigo.ARCHIVO_ILEGIBLE, "bytes nulos"),
        (b"PK\x03\x04", Codigo.ARCHIVO_ILEGIBLE, "dañada"),
        (b"PK\x05\x06" + b"\0" * 18, Codigo.FORMATO_DESCONOCIDO, "zip"),
        (paquete.zipear({"foto.png": "x"}), Codigo.FORMATO_DESCONOCIDO, "zip"),
        (paquete.zipear({"word/document.xml": "x"}), Codigo.FORMATO_DESCONOCIDO, "Word"),
        (paquete.zipear({"ppt/presentation.xml": "x"}), Codigo.FORMATO_DESCONOCIDO, "presentación"),
        (paquete.zipear({"xl/workbook.bin": "x"}), Codigo.FORMATO_DESCONOCIDO, ".xlsb"),
        (paquete.zipear({"Index/Document.iwa": "x"}), Codigo.FORMATO_DESCONOCIDO, "Numbers"),
        (
            paquete.zipear({"mimetype": "application/vnd.oasis.opendocument.text", "content.xml": ""}),
            Codigo.ARCHIVO_ILEGIBLE,
            "dañada",
        ),
        (paquete.zipear({"a/x.csv": "a", "b/x.csv": "a"}), Codigo.ARCHIVO_ILEGIBLE, "dos archivos"),
        (paquete.zipear({"x.csv": "a,b\n1,\0"}), Codigo.ARCHIVO_ILEGIBLE, "bytes nulos"),
        (paquete.LEJOS, Codigo.DEMASIADAS_FILAS, "XFD1048576"),
        (paquete.SIN_DIRECCION, Codigo.DEMASIADAS_FILAS, "A1048576"),
        (paquete.REPETIDO, Codigo.DEMASIADAS_FILAS, "XFD1048576"),
        (paquete.CADENAS_INFLADAS, Codigo.ARCHIVO_SOSPECHOSO, "comprimido"),
        (paquete.CADENA_REPETIDA, Codigo.ARCHIVO_SOSPECHOSO, "memoria"),
        (paquete.zipear({"x.csv": b"\0" * 60_000_000}), Codigo.ARCHIVO_SOSPECHOSO, "al abrirlo"),
        (paquete.zipear({f"{i}.csv": "a" for i in range(201)}), Codigo.ARCHIVO_SOSPECHOSO, "201"),
        (paquete.xlsx("")[:-30], Codigo.ARCHIVO_ILEGIBLE, "dañada"),
    ],
    ids=lambda v: v if isinstance(v, str) else "",
)
def test_rechazos(datos: bytes, codigo: Codigo, dice: str) -> None:
    problema = problema_de(datos)
    assert problema.codigo == codigo and dice in problema.mensaje
    assert leer_archivo(b"a\n1\n", "x.csv").hojas[0].filas == [["1"]]  # el proceso sigue vivo


def test_documento_de_writer_sin_comprimir_al_comienzo() -> None:
    inicio = b"PK\x03\x04" + b"\0" * 26 + b"mimetypeapplication/vnd.oasis.opendocument.text"
    assert "Writer" in problema_de(inicio).mensaje


def test_un_csv_roto_dentro_de_un_zip_dice_cual_es() -> None:
    problema = problema_de(paquete.zipear({"representantes.csv": 'a,b\n1,"x\n'}))
    assert (problema.codigo, problema.hoja, problema.fila) == (Codigo.COMILLAS_ROTAS, "representantes", 2)


def test_un_zip_danado_o_con_clave() -> None:
    datos = bytearray(paquete.zipear({"x.csv": "codigo,monto\n06,1500\n"}))
    datos[6] |= 1  # marca de cifrado, en la entrada y en el índice
    datos[datos.index(b"PK\x01\x02") + 8] |= 1
    assert "contraseña" in problema_de(bytes(datos)).mensaje


# --- el hijo ------------------------------------------------------------------------------------------------


def test_si_el_hijo_muere_se_dice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lector, "_ARRANQUE", "import os; os.abort()")
    assert problema_de(paquete.xlsx("")).codigo == Codigo.ARCHIVO_SOSPECHOSO


def test_si_el_hijo_no_termina_se_dice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lector, "_ARRANQUE", "import time; time.sleep(60)")
    monkeypatch.setattr(lector, "ESPERA", 0.2)
    assert problema_de(paquete.xlsx("")).codigo == Codigo.ARCHIVO_SOSPECHOSO


def test_si_el_hijo_responde_cualquier_cosa_se_dice(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lector, "_ARRANQUE", "print('hola')")
    assert problema_de(paquete.xlsx("")).codigo == Codigo.ARCHIVO_SOSPECHOSO


def test_el_hijo_tiene_tope_de_memoria(monkeypatch: pytest.MonkeyPatch) -> None:
    glotón = "import sys; sys.path.insert(0, sys.argv[1]); from formularios import lector; lector.leer_libro = "
    glotón += "lambda d, t: bytearray(2 * lector.MEMORIA); lector.atender()"
    monkeypatch.setattr(lector, "_ARRANQUE", glotón)
    assert problema_de(paquete.xlsx("")).codigo == Codigo.ARCHIVO_SOSPECHOSO


def test_el_hijo_no_hereda_el_entorno(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FOCALIZA_CLAVE", "secreta")
    monkeypatch.setattr(
        lector, "_ARRANQUE", "import os, sys; sys.exit('FOCALIZA_CLAVE' in os.environ or len(os.listdir('/proc/self/fd')) > 4)"
    )
    monkeypatch.setattr(lector.json, "loads", lambda _: {"hojas": [], "plantilla": None, "region": "", "ejercicio": ""})
    assert leer_archivo(paquete.xlsx(""), "x.xlsx").hojas == []


def test_el_hijo_no_carga_lo_que_no_usa() -> None:
    orden = f"import sys; sys.path.insert(0, {str(RAIZ)!r}); import formularios.lector; print(*sys.modules)"
    salida = subprocess.run([sys.executable, "-I", "-c", orden], capture_output=True, text=True, check=True).stdout.split()
    ajenos = {"flask", "sqlalchemy", "frictionless", "xlsxwriter", "wtforms", "yaml", "click", "jinja2", "stdnum"}
    assert not ajenos & {modulo.split(".")[0] for modulo in salida}


def test_atender(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    """Lo que hace el hijo, aquí mismo y sin topes: el proceso de las pruebas no se limita."""
    puestos = []
    monkeypatch.setattr(lector.resource, "setrlimit", lambda recurso, topes: puestos.append(topes))
    monkeypatch.setattr(lector.resource, "getrlimit", lambda recurso: (lector.resource.RLIM_INFINITY, 1000))
    datos = escribir_libro([("D", ["a"], [[datetime.date(2026, 1, 1)]])])
    for entrada in (datos, b"PK"):
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(entrada)))
        monkeypatch.setattr(sys, "argv", ["-c", str(RAIZ), lector.json.dumps({"filas": 10})])
        lector.atender()
    assert puestos == [(1000, 1000), (10, 10), (0, 0), (0, 0)] * 2
    assert '"problema"' in capsys.readouterr().out


def test_el_tope_del_padre_manda(monkeypatch: pytest.MonkeyPatch) -> None:
    puestos = []
    monkeypatch.setattr(lector.resource, "setrlimit", lambda recurso, topes: puestos.append(topes))
    monkeypatch.setattr(lector.resource, "getrlimit", lambda recurso: (0, lector.resource.RLIM_INFINITY))
    lector._limitar(lector.resource.RLIMIT_CPU, 7)
    assert puestos == [(7, 7)]


def test_topes_propios_llegan_al_hijo() -> None:
    datos = escribir_libro([("D", ["a"], [[1], [2], [3]])])
    assert problema_de(datos, topes=Topes(filas=2)).codigo == Codigo.DEMASIADAS_FILAS
