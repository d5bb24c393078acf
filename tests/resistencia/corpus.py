"""Los archivos malos que traen las personas, y los que traería alguien que quiere hacer daño.

Cada caso se arma en una carpeta temporal y dice qué debe responder la orden. Salen de los ejemplos de los YAML: si un
formato cambia, los casos cambian con él.
"""

import datetime
import io
import os
import zipfile
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import openpyxl

from esquemas.catalogo import cargar
from esquemas.coherencia import ejemplos_de
from esquemas.modelo import Esquema
from esquemas.plantilla import escribir_plantilla
from esquemas.tabla import escribir_csv

CATALOGO = cargar()
FOCALIZACION = CATALOGO.esquemas["focalizacion"]
PRESUPUESTO = CATALOGO.esquemas["presupuesto-instrumentos"]
GIGA = 1 << 30
PLANILLA = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
OFICINA = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"

Filas = list[list[Any]]


@dataclass(frozen=True)
class Caso:
    """Un archivo y lo que se espera de él. `celda` y `fila`, las del archivo de la persona, si el problema tiene lugar."""

    nombre: str
    escribir: Callable[[Path], None]
    salida: int
    codigo: str = ""  # el problema que debe estar; «» si da lo mismo cuál
    celda: str = ""
    fila: int | None = None
    esquema: str = "focalizacion"
    dice: str = ""  # un trozo del mensaje que la persona necesita leer
    grave: bool = False  # además se corre en un proceso propio


# --- filas buenas, de las que sale lo malo ------------------------------------------------------------------


def tabla(esquema: Esquema = FOCALIZACION, *, titulos: bool = True) -> Filas:
    """Encabezado y filas de ejemplo, con los títulos que ve la persona."""
    campos = esquema.principal.campos
    encabezado = [c.titulo if titulos else c.nombre for c in campos]
    return [encabezado, *([f.get(c.nombre, "") for c in campos] for f in ejemplos_de(esquema)[esquema.nombre])]


def columna(nombre: str, esquema: Esquema = FOCALIZACION) -> int:
    """La posición de un campo."""
    return esquema.principal.nombres.index(nombre)


def con(nombre: str, valor: Any, esquema: Esquema = FOCALIZACION, fila: int = 2) -> Filas:
    """Las filas buenas con una celda cambiada (`fila` como la ve la persona)."""
    filas = tabla(esquema)
    filas[fila - 1][columna(nombre, esquema)] = valor
    return filas


def csv(filas: Iterable[Sequence[Any]]) -> bytes:
    return escribir_csv((), ([str(c) for c in f] for f in filas)).removeprefix(b'""\r\n')


def xlsx(*hojas: tuple[str, Filas], oculta: str = "") -> bytes:
    """Un libro escrito por openpyxl: como lo guardaría Excel."""
    libro = openpyxl.Workbook()
    libro.remove(libro.active)
    for nombre, filas in hojas:
        hoja = libro.create_sheet(nombre)
        for fila in filas:
            hoja.append([c if c != "" else None for c in fila])
        if nombre == oculta:
            hoja.sheet_state = "hidden"
    salida = io.BytesIO()
    libro.save(salida)
    return salida.getvalue()


def empaquetar(*entradas: tuple[str, bytes], comprimir: bool = True) -> bytes:
    salida = io.BytesIO()
    with zipfile.ZipFile(salida, "w", zipfile.ZIP_DEFLATED if comprimir else zipfile.ZIP_STORED) as paquete:
        for nombre, datos in entradas:
            paquete.writestr(nombre, datos)
    return salida.getvalue()


def xlsx_a_mano(filas: str, cadenas: str = "", libro: str = "") -> bytes:
    """El XLSX más pequeño que un lector acepta, con el XML que se quiera."""
    tipos = "http://schemas.openxmlformats.org/package/2006"
    partes = [
        (
            "[Content_Types].xml",
            f'<Types xmlns="{tipos}/content-types"><Default Extension="rels" '
            'ContentType="application/vnd.openxmlformats-package.relationships+xml"/>'
            '<Default Extension="xml" ContentType="application/xml"/></Types>',
        ),
        (
            "_rels/.rels",
            f'<Relationships xmlns="{tipos}/relationships"><Relationship Id="r1" Type="{OFICINA}/officeDocument" '
            'Target="xl/workbook.xml"/></Relationships>',
        ),
        (
            "xl/workbook.xml",
            libro
            or f'<workbook {PLANILLA} xmlns:r="{OFICINA}">'
            '<sheets><sheet name="Datos" sheetId="1" r:id="r1"/></sheets></workbook>',
        ),
        (
            "xl/_rels/workbook.xml.rels",
            f'<Relationships xmlns="{tipos}/relationships"><Relationship Id="r1" Type="{OFICINA}/worksheet" '
            f'Target="worksheets/sheet1.xml"/><Relationship Id="r2" Type="{OFICINA}/sharedStrings" '
            'Target="sharedStrings.xml"/></Relationships>',
        ),
        ("xl/worksheets/sheet1.xml", f"<worksheet {PLANILLA}><sheetData>{filas}</sheetData></worksheet>"),
        ("xl/sharedStrings.xml", f"<sst {PLANILLA}>{cadenas}</sst>"),
    ]
    return empaquetar(*((n, x.encode()) for n, x in partes))


def _texto(celda: str, valor: str) -> str:
    return f'<c r="{celda}" t="inlineStr"><is><t>{valor}</t></is></c>'


def plantilla(esquema: Esquema, filas: Filas = (), **opciones: Any) -> bytes:
    """La planilla que entrega `focaliza plantilla`, con filas escritas por openpyxl como lo haría una persona."""
    libro = openpyxl.load_workbook(io.BytesIO(escribir_plantilla(esquema, CATALOGO.opciones, **opciones)))
    for fila in filas:
        libro["Datos"].append([c if c != "" else None for c in fila])
    salida = io.BytesIO()
    libro.save(salida)
    return salida.getvalue()


# --- lo que se escribe --------------------------------------------------------------------------------------


def _bytes(datos: bytes) -> Callable[[Path], None]:
    return lambda ruta: ruta.write_bytes(datos) and None


def _disperso(inicio: bytes) -> Callable[[Path], None]:
    """Un archivo que dice medir 1 GB y no ocupa disco."""

    def escribir(ruta: Path) -> None:
        ruta.write_bytes(inicio)
        os.truncate(ruta, GIGA)

    return escribir


def _permutada() -> Filas:
    return [fila[::-1] for fila in tabla()]


def _sin(nombre: str) -> Filas:
    j = columna(nombre)
    return [f[:j] + f[j + 1 :] for f in tabla()]


def _con_blancos() -> Filas:
    """Blanco antes del encabezado, dos entre filas y la mala en la 6 de la persona."""
    encabezado, primera, segunda, *_ = con("cobertura", "muchas", fila=3)
    return [[], encabezado, primera, [], [], segunda]


def _de_varias_lineas() -> Filas:
    """Una celda de cuatro líneas sigue siendo una fila."""
    filas = con("descripcion", "uno\ndos\n\ntres")
    filas[2][columna("cobertura")] = "muchas"
    return filas


def _sobre_ole(marca: str) -> bytes:
    return b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(512) + marca.encode("utf-16-le") + bytes(512)


def _mentiroso() -> bytes:
    """Un zip que declara menos de lo que trae."""
    datos = bytearray(empaquetar(("focalizacion.csv", csv(tabla()) * 50)))
    central = datos.index(b"PK\x01\x02")
    datos[central + 24 : central + 28] = (10).to_bytes(4, "little")
    datos[22:26] = (10).to_bytes(4, "little")
    return bytes(datos)


def _cadenas_compartidas() -> bytes:
    larga = "a" * 30_000
    filas = "".join(f'<row r="{i}"><c r="A{i}" t="s"><v>0</v></c></row>' for i in range(1, 3_001))
    return xlsx_a_mano(filas, f"<si><t>{larga}</t></si>")


def _risas() -> str:
    """Entidades que se multiplican por diez en cada nivel."""
    niveles = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 10))
    return f'<!DOCTYPE w [<!ENTITY l0 "ja">{niveles}]><workbook {PLANILLA}>&l9;</workbook>'


def _ods_danado() -> bytes:
    return empaquetar(("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"), ("content.xml", b"<a><b></a>"))


_NUMEROS = {
    "ambiguo": ("1,234", "numero-ambiguo"),
    "nan": ("nan", "numero-invalido"),
    "infinito": ("inf", "numero-invalido"),
    "guion-bajo": ("1_0", "numero-invalido"),
    "con-mas": ("+202", "numero-invalido"),
    "arabe": ("١٢٣", "numero-invalido"),
    "ancho": ("１２３", "numero-invalido"),
    "exponente": ("1e5", "numero-invalido"),
    "hexadecimal": ("0x10", "numero-invalido"),
    "con-letras": ("10 mil", "numero-invalido"),
    "con-decimales": ("12,5", "no-es-entero"),
    "negativo": ("-3", "menor-que-minimo"),
    "larguisimo": ("9" * 40, "numero-invalido"),
}
_CON_MAGIA = {
    "pdf": b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n1 0 obj\n",
    "png": b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
    "jpg": b"\xff\xd8\xff\xe0\0\x10JFIF\0",
    "gif": b"GIF89a\x01\0\x01\0",
    "gz": b"\x1f\x8b\x08\0\0\0\0\0",
    "7z": b"7z\xbc\xaf\x27\x1c\0\x04",
    "rar": b"Rar!\x1a\x07\x01\0",
    "rtf": b"{\\rtf1\\ansi hola}",
    "html": b"\xef\xbb\xbf <!DOCTYPE html><html><table><tr><td>C\xc3\xb3digo</td></tr></table></html>",
    "xml": b"<?xml version='1.0'?><Workbook/>",
}
_PAQUETES = {
    "docx": "word/document.xml",
    "pptx": "ppt/presentation.xml",
    "xlsb": "xl/workbook.bin",
    "numbers": "Index/Document.iwa",
}
_BASURA = bytes((i * 7 + i // 251) % 256 for i in range(4_000))


def _del_archivo() -> list[Caso]:
    bueno = csv(tabla())
    return [
        Caso("vacio.csv", _bytes(b""), 2, "archivo-vacio", grave=True),
        Caso("vacio.xlsx", _bytes(b""), 2, "archivo-vacio"),
        Caso("solo-bom.csv", _bytes(b"\xef\xbb\xbf"), 2, "sin-encabezado"),
        Caso("blancos.csv", _bytes(b"  \r\n\r\n;;;\r\n\t\r\n"), 2, "sin-encabezado"),
        Caso("blancos.xlsx", _bytes(xlsx(("Datos", [["  "], [], [" "]]))), 2, "sin-encabezado"),
        Caso("sin-hojas-con-datos.xlsx", _bytes(xlsx(("Datos", []))), 2, "sin-encabezado"),
        Caso("binario.csv", _bytes(_BASURA), 2, "archivo-ilegible", grave=True),
        Caso("binario.xlsx", _bytes(_BASURA), 2, "archivo-ilegible"),
        Caso("binario-que-dice-zip.xlsx", _bytes(b"PK\x03\x04" + _BASURA), 2, "archivo-ilegible", grave=True),
        Caso("cortado.xlsx", _bytes(xlsx(("Datos", tabla()))[:3_000]), 2, "archivo-ilegible"),
        Caso("nul.csv", _bytes(bueno.replace(b"turismo", b"turi\0mo")), 2, "archivo-ilegible"),
        Caso("utf-16-sin-bom.csv", _bytes(bueno.decode().encode("utf-16-le")), 2, "archivo-ilegible"),
        Caso("bytes-de-nadie.csv", _bytes(bueno.replace("ó".encode(), b"\x81")), 2, "archivo-ilegible"),
        Caso("utf-8-roto.csv", _bytes(bueno + b"\xc3"), 2, "archivo-ilegible"),
        Caso("comillas.csv", _bytes(bueno + b'FOC-99,"sin cerrar,a,b\r\nc'), 2, "comillas-rotas", fila=5),
        Caso("giga.csv", _disperso(bueno), 2, "archivo-ilegible", grave=True),
        Caso("giga.xlsx", _disperso(b"PK\x03\x04"), 2, "archivo-grande", grave=True),
        Caso("giga.xls", _disperso(b"\xd0\xcf\x11\xe0"), 2, "archivo-grande"),
        Caso("seis-megas.xlsx", _bytes(empaquetar(("a", bytes(6_000_000)), comprimir=False)), 2, "archivo-grande"),
        *(Caso(f"{n}-disfrazado.csv", _bytes(b), 2, "formato-desconocido") for n, b in _CON_MAGIA.items()),
        *(Caso(f"{n}-disfrazado.xlsx", _bytes(b), 2, "formato-desconocido") for n, b in list(_CON_MAGIA.items())[:2]),
        Caso("pdf-de-seis-megas.csv", _bytes(_CON_MAGIA["pdf"] + b" " * 6_000_000), 2, "formato-desconocido", dice="PDF"),
        *(
            Caso(f"{n}-disfrazado.xlsx", _bytes(empaquetar((ruta, b"<a/>"))), 2, "formato-desconocido")
            for n, ruta in _PAQUETES.items()
        ),
        Caso("odt-disfrazado.ods", _bytes(empaquetar(("mimetype", b"application/vnd.oasis.opendocument.text"),
             comprimir=False)), 2, "formato-desconocido"),
        Caso("xls-disfrazado.xlsx", _bytes(_sobre_ole("Workbook")), 2, "formato-desconocido", dice=".xls"),
        Caso("doc-disfrazado.xlsx", _bytes(_sobre_ole("WordDocument")), 2, "formato-desconocido", dice="Word"),
        Caso("con-clave.xlsx", _bytes(_sobre_ole("EncryptedPackage")), 2, "archivo-ilegible", dice="contraseña"),
    ]  # fmt: skip


def _del_zip() -> list[Caso]:
    bueno = csv(tabla())
    ceros = bytes(60_000_000)
    return [
        Caso("sin-nada.zip", _bytes(empaquetar()), 2, "formato-desconocido"),
        Caso("sin-csv.zip", _bytes(empaquetar(("virus.exe", b"MZ"))), 2, "formato-desconocido"),
        Caso("repetido.zip", _bytes(empaquetar(("a/focalizacion.csv", bueno), ("b/focalizacion.csv", bueno))), 2,
             "archivo-ilegible"),
        Caso("mentiroso.zip", _bytes(_mentiroso()), 2, "archivo-ilegible"),
        Caso("muchas-entradas.zip", _bytes(empaquetar(*((f"{i}.csv", b"a") for i in range(201)))), 2, "archivo-sospechoso"),
        Caso("bomba.xlsx", _bytes(empaquetar(("xl/workbook.xml", ceros))), 2, "archivo-sospechoso", grave=True),
        Caso("bomba.zip", _bytes(empaquetar(("focalizacion.csv", ceros))), 2, "archivo-sospechoso"),
        Caso("bomba-mediana.xlsx", _bytes(empaquetar(("xl/workbook.xml", ceros[:10_000_000]))), 2, "archivo-sospechoso"),
        Caso("cadenas-compartidas.xlsx", _bytes(_cadenas_compartidas()), 2, "archivo-grande", grave=True),
        Caso("entidades.xlsx", _bytes(xlsx_a_mano("", libro=_risas())), 2, "archivo-ilegible", grave=True),
        Caso("hoja-rota.xlsx", _bytes(xlsx_a_mano('<row r="1"><c r="A1" t="inlineStr"><is><t>')), 2, "archivo-ilegible"),
        Caso("ods-roto.ods", _bytes(_ods_danado()), 2, "archivo-ilegible"),
        Caso("rectangulo.xlsx", _bytes(xlsx_a_mano(f'<row r="1">{_texto("A1", "a")}</row><row r="1048576">'
             f'{_texto("XFD1048576", "b")}</row>')), 2, "demasiadas-filas", celda="XFD1048576", grave=True),
        Caso("ultima-columna.xlsx", _bytes(xlsx_a_mano(f'<row r="1">{_texto("A1", "a")}{_texto("XFD1", "b")}</row>')), 2,
             "demasiadas-columnas", celda="XFD1"),
    ]  # fmt: skip


def _de_columnas() -> list[Caso]:
    encabezado, *filas = tabla()
    ajena = [[*encabezado, "Comentario mío"], *([*f, "nota"] for f in filas)]
    repetida = [[*encabezado, "Cobertura estimada"], *([*f, "1"] for f in filas)]
    mal_escrita = [["Codigo", "Instrumnto", *encabezado[2:]], *filas]
    anchas = [[f"c{i}" for i in range(101)]] * 2
    no_son_datos = [["Saludos", "a", "todos"], ["de", "parte", "mía"]]
    return [
        Caso("sin-encabezado.csv", _bytes(csv(filas)), 1, "sin-encabezado"),
        Caso("sin-encabezado.xlsx", _bytes(xlsx(("Datos", filas))), 1, "sin-encabezado"),
        Caso("solo-encabezado.csv", _bytes(csv([encabezado])), 1, "sin-filas"),
        Caso("plantilla-vacia.xlsx", _bytes(plantilla(FOCALIZACION)), 1, "sin-filas"),
        Caso("con-barras.csv", _bytes("\r\n".join("|".join(f) for f in tabla()).encode()), 1, "sin-encabezado"),
        Caso("de-mas.csv", _bytes(csv(ajena)), 0, "columna-ajena", celda="T1"),
        Caso("de-menos.csv", _bytes(csv(_sin("fuente"))), 1, "columna-faltante", dice="Fuente del presupuesto"),
        Caso("de-menos-opcional.csv", _bytes(csv(_sin("comunas"))), 0, "columna-opcional-faltante"),
        Caso("repetida.csv", _bytes(csv(repetida)), 1, "columna-repetida", celda="T1"),
        Caso("otro-orden.csv", _bytes(csv(_permutada())), 0),
        Caso("otro-orden.xlsx", _bytes(xlsx(("Datos", _permutada()))), 0),
        Caso("mal-escrita.csv", _bytes(csv(mal_escrita)), 1, "columna-ajena", celda="B1", dice="¿Quiso escribir «Instrumento»?"),
        Caso("101-columnas.csv", _bytes(csv(anchas)), 2, "demasiadas-columnas"),
        Caso("101-columnas.xlsx", _bytes(xlsx(("Datos", anchas))), 2, "demasiadas-columnas"),
        Caso("otro-formato.csv", _bytes(csv(tabla(PRESUPUESTO))), 1, "columna-faltante"),
        Caso("hoja-equivocada.xlsx", _bytes(xlsx(("Portada", no_son_datos), ("Notas", no_son_datos))), 1, "hoja-equivocada",
             dice="«Portada», «Notas»"),
        Caso("hoja-oculta.xlsx", _bytes(xlsx(("Portada", no_son_datos), ("Notas", no_son_datos), ("Datos", tabla()),
             oculta="Datos")), 1, "hoja-equivocada"),
        Caso("hoja-con-otro-nombre.xlsx", _bytes(xlsx(("Hoja1", tabla()))), 0),
        Caso("varias-hojas.xlsx", _bytes(xlsx(("Portada", no_son_datos), ("Mi matriz", tabla()), ("Notas", no_son_datos))), 0),
        Caso("plantilla-ajena.xlsx", _bytes(plantilla(PRESUPUESTO, tabla(PRESUPUESTO)[1:])), 1, "plantilla-ajena",
             dice="Presupuesto por instrumento"),
        Caso("plantilla-llena.xlsx", _bytes(plantilla(FOCALIZACION, filas)), 0),
    ]  # fmt: skip


def _totales() -> list[str]:
    """Lo que se agrega al pie de una planilla."""
    return ["TOTAL", *("126.230.000" if c.nombre == "presupuesto" else "" for c in FOCALIZACION.principal.campos[1:])]


def _de_filas() -> list[Caso]:
    larga = " ".join(str(i * 7_919) for i in range(100_000))  # casi 1 MB, que no se comprime cien veces
    fecha = datetime.date(2026, 12, 1)
    ancha = [*tabla()[:3], [*tabla()[3], "", "de más"]]
    muchas = [tabla()[0], *([f"F-{i}", *tabla()[1][1:]] for i in range(5_001))]

    def de_fecha(nombre: str, valor: Any, salida: int, codigo: str = "") -> Caso:
        filas = con("fecha_oficio", valor, PRESUPUESTO)
        libro = xlsx(("Datos", [[c if isinstance(c, datetime.date | int) else str(c) for c in f] for f in filas]))
        celda = "H2" if codigo else ""
        return Caso(f"fecha-{nombre}.xlsx", _bytes(libro), salida, codigo, celda, esquema="presupuesto-instrumentos")

    return [
        *(Caso(f"numero-{n}.csv", _bytes(csv(con("cobertura", v))), 1, c, "O2", 2) for n, (v, c) in _NUMEROS.items()),
        Caso("numero-ambiguo.xlsx", _bytes(xlsx(("Datos", con("cobertura", "1,234")))), 1, "numero-ambiguo", "O2", 2,
             dice="1234"),
        Caso("numero-como-texto.xlsx", _bytes(xlsx(("Datos", con("presupuesto", "42000000")))), 0),
        Caso("numero-con-puntos.xlsx", _bytes(xlsx(("Datos", con("presupuesto", "$ 42.000.000")))), 0),
        Caso("numero-con-decimales.xlsx", _bytes(xlsx(("Datos", con("cobertura", 12.5)))), 1, "no-es-entero", "O2"),
        Caso("numero-es-fecha.xlsx", _bytes(xlsx(("Datos", con("cobertura", fecha)))), 1, "numero-invalido", "O2"),
        Caso("numero-es-logico.xlsx", _bytes(xlsx(("Datos", con("cobertura", True)))), 1, "numero-invalido", "O2"),
        Caso("formula-con-error.xlsx", _bytes(xlsx(("Datos", con("cobertura", "#REF!")))), 1, "formula-con-error", "O2"),
        Caso("formula-sin-valor.xlsx", _bytes(xlsx(("Datos", con("cobertura", "=1+1")))), 1, "formula-sin-valor", "O2"),
        Caso("formula-sin-valor-y-mas.xlsx", _bytes(xlsx(("Datos", [*con("cobertura", "=1+1"), *con("codigo", "a b")[1:2]]))), 1,
             "codigo-invalido", "A5", 5),
        Caso("formula-inyectada.csv", _bytes(csv(con("accion", "=cmd|' /C calc'!A0"))), 0),
        Caso("control.csv", _bytes(csv(con("accion", "hola\x07"))), 1, "caracter-invalido", "C2"),
        Caso("celda-larga.csv", _bytes(csv(con("descripcion", larga[:100_000]))), 1, "celda-larga", "D2"),
        # Sobre 131.072 caracteres el lector de Python, si no se le dice otra cosa, culpa a las comillas.
        Caso("celda-de-un-mega.csv", _bytes(csv(con("descripcion", larga))), 1, "celda-larga", "D2"),
        Caso("celda-larga.xlsx", _bytes(xlsx_a_mano("".join(
            f'<row r="{i}">{"".join(_texto(f"{chr(65 + j)}{i}", str(c)) for j, c in enumerate(f))}</row>'
            for i, f in enumerate(con("descripcion", larga), 1)))), 1, "celda-larga", "D2"),
        Caso("celda-larga-y-mas.csv", _bytes(csv([*con("descripcion", larga[:3_000]), *con("cobertura", "mil")[1:2]])), 1,
             "numero-invalido", "O5", 5),
        Caso("totales.csv", _bytes(csv([*tabla(), _totales()])), 1, "fila-de-totales", "A5", 5, dice="Bórrela"),
        Caso("totales.xlsx", _bytes(xlsx(("Datos", [*tabla(), _totales()]))), 1, "fila-de-totales", "A5", 5),
        Caso("titulos-mas-abajo.xlsx", _bytes(xlsx(("Datos", [["Matriz"], [], *tabla()]))), 1, "sin-encabezado", "A1",
             dice="Están en la fila 3"),
        Caso("codigo-es-fecha.xlsx", _bytes(xlsx(("Datos", con("codigo", fecha)))), 1, "convertido-en-fecha", "A2",
             dice="01-12-2026"),
        Caso("criterios-con-y.csv", _bytes(csv(con("criterios", "Territorial y sectorial"))), 1, "opcion-desconocida", "",
             dice="¿Quiso escribir «Territorial; Sectorial»?"),
        Caso("fila-ancha.csv", _bytes(csv(ancha)), 1, "fila-irregular", "U4", 4),
        Caso("fila-ancha.xlsx", _bytes(xlsx(("Datos", ancha))), 0, "columna-sin-nombre", "U1"),
        Caso("blancos-en-medio.csv", _bytes(csv(_con_blancos())), 1, "numero-invalido", "O6", 6),
        Caso("blancos-en-medio.xlsx", _bytes(xlsx(("Datos", _con_blancos()))), 1, "numero-invalido", "O6", 6),
        Caso("varias-lineas.csv", _bytes(csv(_de_varias_lineas())), 1, "numero-invalido", "O3", 3),
        Caso("varias-lineas.xlsx", _bytes(xlsx(("Datos", _de_varias_lineas()))), 1, "numero-invalido", "O3", 3),
        Caso("codigo-repetido.csv", _bytes(csv(con("codigo", "FOC-01", fila=4))), 1, "repetido", "A4", 4, dice="fila 2"),
        Caso("instrumento-inventado.csv", _bytes(csv(con("instrumento", "semila"))), 1, "opcion-desconocida", "B2",
             dice="¿Quiso decir"),
        Caso("5001-filas.xlsx", _bytes(xlsx(("Datos", muchas))), 2, "demasiadas-filas"),
        de_fecha("de-excel", fecha, 0),
        de_fecha("numero-de-serie", 46_357, 0, "fecha-de-serie"),
        de_fecha("numero-de-serie-como-texto", "46357", 0, "fecha-de-serie"),
        de_fecha("imposible", "31-02-2026", 1, "fecha-invalida"),
        de_fecha("sin-siglo", "01-12-26", 1, "fecha-ambigua"),
        de_fecha("en-palabras", "primero de diciembre", 1, "fecha-invalida"),
    ]  # fmt: skip


CASOS = [*_del_archivo(), *_del_zip(), *_de_columnas(), *_de_filas()]
