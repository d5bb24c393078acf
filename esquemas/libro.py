"""De los bytes de una planilla (XLSX u ODS) a sus hojas, con el tipo de cada celda.

calamine reserva memoria para el rectángulo entero de una hoja: un XLSX legal de 5 KB con algo en A1 y en XFD1048576
aborta el proceso. Por eso aquí se mira antes hasta dónde llega cada hoja, y aun así `formularios.lector` llama a
este módulo en un proceso aparte. Se importa en 50 ms: no agregue dependencias.
"""

import datetime
import io
import math
import posixpath
import re
import xml.etree.ElementTree as ET
import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from python_calamine import CalamineError, CalamineWorkbook, PasswordError, SheetTypeEnum, SheetVisibleEnum

from esquemas.errores import ArchivoIlegible, Codigo, Gravedad, Problema
from esquemas.hoja import (
    FORMULA_SIN_VALOR,
    TOPES,
    Celda,
    Hoja,
    Hora,
    Topes,
    armar,
    comprobar_tamano,
    ilegible,
    letra,
    miles,
    tapadas,
)

HOJA_DATOS, HOJA_DICCIONARIO, HOJA_EJEMPLO = "Datos", "Diccionario", "Ejemplo"
HOJA_LISTAS, HOJA_PROBLEMAS = "_listas", "Problemas"
HOJAS_DE_AYUDA = frozenset({HOJA_DICCIONARIO, HOJA_EJEMPLO, HOJA_LISTAS})  # la de problemas se aparta por su encabezado
ENCABEZADO_PROBLEMAS = ("Gravedad", "Hoja", "Celda", "Columna", "Valor", "Qué pasa y cómo se arregla", "Norma", "Código")

_FILAS_POR_TOPE = 4  # cuántas veces el tope de filas puede medir el rectángulo de una hoja, con sus blancos
_CELDA_CON_ALGO = re.compile(rb'<(?:\w+:)?c\s(?:[^>]*?\s)?r="([A-Z]{1,3})([0-9]{1,7})"[^>]*(?<!/)>')
_CELDA_CON_ERROR = re.compile(
    rb'<(?:\w+:)?c\s(?=[^>]*\bt="e")[^>]*\br="([A-Z]{1,3})([0-9]{1,7})"[^>]*>(?:(?!</(?:\w+:)?c>).)*?'
    rb"<(?:\w+:)?v>([^<]*)</",
    re.DOTALL,
)
# Una fórmula: los atributos de su celda y el valor guardado, si lo hay. En la norma <f> va antes que <v>.
_CELDA_CON_FORMULA = re.compile(
    rb"<(?:\w+:)?c\s([^<>]*)>\s*<(?:\w+:)?f(?:\s[^<>]*)?(?:/>|>[^<]*</(?:\w+:)?f>)\s*(?:<(?:\w+:)?v(?:\s[^<>]*)?>([^<]*))?"
)
_COMBINADA = re.compile(rb'<(?:\w+:)?mergeCell\s[^<>]*?\bref="([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})"')
_DIRECCION = re.compile(rb'\br="([A-Z]{1,3})([0-9]{1,7})"')
_LUGAR_IMPOSIBLE = re.compile(rb'<(?:\w+:)?(?:row|c)\s(?:[^<>]*?\s)?r="(?:[A-Z]*([0-9]{8,})|([A-Z]{4,})[0-9]*)"')
_FILAS_DE_EXCEL, _COLUMNAS_DE_EXCEL = 1_048_576, 16_384
_LIBRO_XLSX, _RELACIONES_XLSX = "xl/workbook.xml", "xl/_rels/workbook.xml.rels"
_MANIFIESTO_ODS = "META-INF/manifest.xml"
_TABLA = "{urn:oasis:names:tc:opendocument:xmlns:table:1.0}"
_OFICINA = "{urn:oasis:names:tc:opendocument:xmlns:office:1.0}"
_CALC = "{urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0}"
_DURACION_ODS = re.compile(r"(-?)PT([0-9]+)H([0-9]{1,2})M([0-9]{1,2})(?:\.[0-9]+)?S")
_RELACION = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_ERRORES_DE_ZIP = (zipfile.BadZipFile, zlib.error, EOFError, LookupError, RuntimeError, ValueError, OSError)


@dataclass(slots=True)
class _Visto:
    """Lo que calamine no dice de una hoja: qué va en las celdas que da por vacías, (fila, columna) desde 0, y cómo son otras."""

    textos: dict[tuple[int, int], str] = field(default_factory=dict)  # «#N/A», o FORMULA_SIN_VALOR
    formulas: int = 0
    primera: tuple[int, int] = (0, 0)
    combinadas: list[tuple[int, int, int, int]] = field(default_factory=list)  # como los de `hoja.tapadas`

    def sumar_formula(self, fila: int, columna: int, sin_valor: bool) -> None:
        self.primera = self.primera if self.formulas else (fila, columna)
        self.formulas += 1
        if sin_valor:
            self.textos[fila, columna] = FORMULA_SIN_VALOR


Vistos = dict[str, _Visto]  # por nombre de hoja


@dataclass(frozen=True, slots=True)
class Libro:
    """Las hojas con contenido, en su orden, también las ocultas; sin la de problemas que agrega `marcado`.

    `plantilla` es (esquema, versión, huella) si el libro salió de una plantilla nuestra; `region` y `ejercicio`
    son los de esa plantilla, «» si no los traía.
    """

    hojas: list[Hoja] = field(default_factory=list)
    plantilla: tuple[str, str, str] | None = None
    region: str = ""
    ejercicio: str = ""


def leer_libro(datos: bytes, topes: Topes = TOPES) -> Libro:
    """Lee un XLSX u ODS en memoria. Lanza ArchivoIlegible si no se puede o si pasa los topes."""
    comprobar_tamano(datos, topes)
    with comprobar_zip(datos, topes) as paquete:
        vistos = _mirar(paquete, topes)
    try:
        libro = CalamineWorkbook.from_filelike(io.BytesIO(datos))
        hojas = list(_leer_hojas(libro, vistos, topes))
    except PasswordError:
        raise _con_clave() from None
    except CalamineError:
        raise _danado() from None
    if not hojas:
        raise ilegible(Codigo.SIN_ENCABEZADO, "El libro no tiene ninguna hoja con contenido. Revise que haya guardado sus datos.")
    return _identificar([h for h in hojas if not _es_de_problemas(h)])


def comprobar_zip(datos: bytes, topes: Topes) -> zipfile.ZipFile:
    """El zip, abierto y sin inflar, si cabe en los topes de entradas, tamaño inflado y razón; si no, ArchivoIlegible.

    Los tamaños son los que declara el zip: quien mienta queda truncado al leer y falla su suma de comprobación.
    """
    try:
        paquete = zipfile.ZipFile(io.BytesIO(datos))
    except _ERRORES_DE_ZIP:
        raise _danado() from None
    entradas = paquete.infolist()
    inflado = sum(e.file_size for e in entradas)
    if len(entradas) > topes.entradas:
        que = f"trae {miles(len(entradas))} archivos adentro y el máximo es {topes.entradas}"
    elif inflado > topes.inflado:
        que = f"ocupa {miles(inflado)} bytes al abrirlo y el máximo es {miles(topes.inflado)}"
    elif inflado > topes.razon * len(datos):
        que = f"está comprimido más de {topes.razon} veces, como no lo hace ninguna planilla"
    else:
        return paquete
    raise ilegible(
        Codigo.ARCHIVO_SOSPECHOSO,
        f"El archivo {que}. Copie sus datos en la plantilla y suba esa, o guárdelos como «CSV UTF-8».",
    )


def _danado() -> ArchivoIlegible:
    return ilegible(
        Codigo.ARCHIVO_ILEGIBLE,
        "La planilla está dañada o no es un Excel. Ábrala en Excel o LibreOffice, guárdela como «.xlsx» y súbala otra vez.",
    )


def _con_clave() -> ArchivoIlegible:
    return ilegible(Codigo.ARCHIVO_ILEGIBLE, "El archivo tiene contraseña. Ábralo, quítela, guárdelo y súbalo otra vez.")


# --- mirar antes de leer ------------------------------------------------------------------------------------


def _mirar(paquete: zipfile.ZipFile, topes: Topes) -> Vistos:
    """Comprueba hasta dónde llega cada hoja y devuelve lo que calamine calla: sus errores (#N/A) y sus fórmulas."""
    try:
        presentes = set(paquete.namelist())
        if paquete.testzip():
            raise _danado()
        if _LIBRO_XLSX in presentes and _RELACIONES_XLSX in presentes:
            return {n: _mirar_xlsx(n, paquete.read(ruta), topes) for n, ruta in _rutas(paquete) if ruta in presentes}
        if _MANIFIESTO_ODS in presentes and b"encryption-data" in paquete.read(_MANIFIESTO_ODS):
            raise _con_clave()
        return _mirar_ods(paquete.read("content.xml"), topes) if "content.xml" in presentes else {}
    except (*_ERRORES_DE_ZIP, ET.ParseError):
        raise _danado() from None


def _rutas(paquete: zipfile.ZipFile) -> Iterator[tuple[str, str]]:
    """Nombre de hoja → archivo del zip, según el índice del XLSX."""
    relaciones = {r.get("Id"): r.get("Target", "") for r in ET.fromstring(paquete.read(_RELACIONES_XLSX))}
    for elemento in ET.fromstring(paquete.read(_LIBRO_XLSX)).iter():
        if elemento.tag.endswith("}sheet"):
            destino = relaciones.get(elemento.get(_RELACION), "")
            yield elemento.get("name", ""), posixpath.normpath(posixpath.join("/xl", destino)).lstrip("/")


def _mirar_xlsx(nombre: str, xml: bytes, topes: Topes) -> _Visto:
    if imposible := _LUGAR_IMPOSIBLE.search(xml):
        fila, columna = imposible.groups()
        raise _fuera_de_excel(nombre, f"la fila {miles(int(fila[:15]))}" if fila else f"la columna {columna[:15].decode()}")
    for hallada in _CELDA_CON_ALGO.finditer(xml):
        _comprobar_lugar(nombre, int(hallada[2]) - 1, _columna(hallada[1]), topes)
    visto = _Visto()
    for atributos, valor in _CELDA_CON_FORMULA.findall(xml):
        if direccion := _DIRECCION.search(atributos):
            es_texto = b't="str"' in atributos  # una fórmula que da "" guarda un texto vacío: ese es su valor
            visto.sumar_formula(int(direccion[2]) - 1, _columna(direccion[1]), not valor and not es_texto)
    for columna, fila, ultima, abajo in _COMBINADA.findall(xml) if b"mergeCell" in xml else ():
        visto.combinadas.append((int(fila), _columna(columna), int(abajo), _columna(ultima)))
    if b't="e"' in xml:
        for columna, fila, valor in _CELDA_CON_ERROR.findall(xml):
            visto.textos[int(fila) - 1, _columna(columna)] = valor.decode("utf-8", "replace")
    return visto


def _mirar_ods(xml: bytes, topes: Topes) -> Vistos:
    vistos: Vistos = {}
    nombre, fila, columna, filas = "", 0, 0, 1
    for evento, e in ET.iterparse(io.BytesIO(xml), ("start", "end")):
        if e.tag == f"{_TABLA}table" and evento == "start":
            nombre, fila = e.get(f"{_TABLA}name", ""), 0
            visto = vistos[nombre] = _Visto()
        elif e.tag == f"{_TABLA}table-row" and evento == "start":
            filas, columna = int(e.get(f"{_TABLA}number-rows-repeated", 1)), 0
        elif e.tag == f"{_TABLA}table-row":
            fila += filas
            e.clear()
        elif e.tag in (f"{_TABLA}table-cell", f"{_TABLA}covered-table-cell") and evento == "end":
            veces = int(e.get(f"{_TABLA}number-columns-repeated", 1))
            con_valor, con_formula = e.get(f"{_OFICINA}value-type"), e.get(f"{_TABLA}formula")
            if con_valor or con_formula:
                _comprobar_lugar(nombre, fila + filas - 1, columna + veces - 1, topes)
                alto, ancho = (int(e.get(f"{_TABLA}number-{que}-spanned", 1)) for que in ("rows", "columns"))
                if alto * ancho > 1:
                    visto.combinadas.append((fila + 1, columna, fila + alto, columna + ancho - 1))
            if con_formula:
                visto.sumar_formula(fila, columna, not con_valor)
            if e.get(f"{_CALC}value-type") == "error":
                visto.textos[fila, columna] = "".join(e.itertext())
            columna += veces
    return vistos


def _comprobar_lugar(nombre: str, fila: int, columna: int, topes: Topes) -> None:
    """Que la celda (desde 0) no quede muy lejos: el rectángulo hasta ella se reserva entero."""
    if fila >= _FILAS_DE_EXCEL or columna >= _COLUMNAS_DE_EXCEL:
        raise _fuera_de_excel(nombre, f"la celda {letra(columna)}{fila + 1}")
    muchas_filas = fila >= topes.filas * _FILAS_POR_TOPE
    if muchas_filas or columna >= topes.columnas:
        celda = f"{letra(columna)}{fila + 1}"
        raise ilegible(
            Codigo.DEMASIADAS_FILAS if muchas_filas else Codigo.DEMASIADAS_COLUMNAS,
            f"La hoja «{nombre}» tiene algo en la celda {celda}; caben {miles(topes.filas)} filas y {topes.columnas} "
            "columnas. Borre las filas y columnas que sobran, aunque se vean vacías, y guarde de nuevo.",
            hoja=nombre,
            celda=celda,
            fila=fila + 1,
        )


def _fuera_de_excel(nombre: str, lugar: str) -> ArchivoIlegible:
    return ilegible(
        Codigo.DEMASIADAS_FILAS,
        f"La hoja «{nombre}» dice tener {lugar}, y una planilla llega a {miles(_FILAS_DE_EXCEL)} filas y "
        f"{miles(_COLUMNAS_DE_EXCEL)} columnas: el archivo está mal hecho. Copie sus datos en la plantilla y suba esa.",
        hoja=nombre,
    )


def _columna(letras: bytes) -> int:
    """b"A" → 0, b"AA" → 26."""
    numero = 0
    for una in letras:
        numero = numero * 26 + una - 64
    return numero - 1


# --- leer ---------------------------------------------------------------------------------------------------


def _leer_hojas(libro: CalamineWorkbook, vistos: Vistos, topes: Topes) -> Iterator[Hoja]:
    disponible = topes.inflado  # una cadena compartida puede repetirse en cada celda sin pesar en el zip
    for indice, dato in enumerate(libro.sheets_metadata):
        if dato.typ != SheetTypeEnum.WorkSheet:
            continue
        hoja = libro.get_sheet_by_index(indice)
        if hoja.end is None:
            continue
        _comprobar_lugar(dato.name, *hoja.end, topes)
        fila_0, columna_0 = hoja.start
        try:
            matriz = [[_celda(v) for v in fila] for fila in hoja.to_python()]
        except OverflowError:
            raise ilegible(Codigo.ARCHIVO_ILEGIBLE, f"«{dato.name}» trae una hora que no cabe. Dele formato de número.") from None
        visto = vistos.get(dato.name, _Visto())
        _completar(matriz, visto, fila_0, columna_0)
        disponible -= sum(len(c) for fila in matriz for c in fila if isinstance(c, str))
        if disponible < 0:
            raise ilegible(
                Codigo.ARCHIVO_GRANDE,
                f"El libro tiene más de {miles(topes.inflado)} caracteres. Deje solo los datos del formato.",
            )
        usadas = [j for j in range(hoja.width) if any(str(fila[j]).strip() for fila in matriz)]
        if usadas:
            (leida,) = armar(
                ([fila[j] for j in usadas] for fila in matriz),
                topes,
                dato.name,
                columnas=tuple(j + columna_0 for j in usadas),
                primera=fila_0 + 1,
                visible=dato.visible == SheetVisibleEnum.Visible,
                maximo=topes.filas,
            )
            avisos = tapadas(leida, visto.combinadas) if visto.combinadas else []
            avisos += [_aviso_de_formulas(leida, visto)] if visto.formulas else []
            yield replace(leida, problemas=(*leida.problemas, *avisos), formulas=visto.formulas)


def _completar(matriz: list[list[Celda]], visto: _Visto, fila_0: int, columna_0: int) -> None:
    """Pone en la matriz lo que calamine dejó vacío; si es una fórmula más abajo de lo que leyó, agrega las filas."""
    ancho = len(matriz[0])
    for (fila, columna), texto in visto.textos.items():
        i, j = fila - fila_0, columna - columna_0
        if i < 0 or not 0 <= j < ancho or (i >= len(matriz) and texto != FORMULA_SIN_VALOR):
            continue
        matriz.extend([""] * ancho for _ in range(i + 1 - len(matriz)))
        matriz[i][j] = texto


def _aviso_de_formulas(hoja: Hoja, visto: _Visto) -> Problema:
    cuantas, leyo = f"{miles(visto.formulas)} fórmulas", "leyeron sus valores guardados"
    if visto.formulas == 1:
        cuantas, leyo = "una fórmula", "leyó su valor guardado"
    fila, columna = visto.primera
    celda = f"{letra(columna)}{fila + 1}"
    mensaje = (
        f"La hoja tiene {cuantas} desde la celda {celda}. Se {leyo}, y el archivo marcado no lleva fórmulas: "
        "conserve su original."
    )
    return Problema(Gravedad.ALERTA, Codigo.FORMULAS_LEIDAS, mensaje, hoja=hoja.nombre, celda=celda, fila=fila + 1)


def _celda(valor: Any) -> Celda:
    """Lo que da calamine, en una `Celda`: 5.0 → 5; fecha sin hora → date; con hora, hora o duración → `Hora`."""
    if isinstance(valor, str):
        larga = valor.startswith(("PT", "-PT")) and _DURACION_ODS.fullmatch(valor)  # calamine la da como está escrita
        return Hora("{}{}:{:0>2}:{:0>2}".format(*larga.groups())) if larga else valor
    if isinstance(valor, float):
        if not math.isfinite(valor):
            return str(valor)
        return int(valor) if valor.is_integer() and abs(valor) < 1e15 else valor
    if isinstance(valor, datetime.timedelta):
        segundos = abs(round(valor.total_seconds()))
        return Hora(f"{'-' * (valor.days < 0)}{segundos // 3600}:{segundos // 60 % 60:02}:{segundos % 60:02}")
    if isinstance(valor, datetime.datetime):
        return Hora(f"{valor:%d/%m/%Y %H:%M:%S}".removesuffix(":00")) if valor.time() != datetime.time() else valor.date()
    return Hora(f"{valor:%H:%M:%S}".removesuffix(":00")) if isinstance(valor, datetime.time) else valor


# --- reconocer lo nuestro -----------------------------------------------------------------------------------


def _es_de_problemas(hoja: Hoja) -> bool:
    """La que agregó `marcado`. El nombre no basta: una persona puede llamar «Problemas» a su hoja de datos."""
    largo = len(ENCABEZADO_PROBLEMAS)
    return hoja.nombre.startswith(HOJA_PROBLEMAS) and hoja.encabezado[:largo] == ENCABEZADO_PROBLEMAS


def _identificar(hojas: list[Hoja]) -> Libro:
    """La plantilla se reconoce por A1:B4 de su hoja de listas (ver `plantilla`); sin esa hoja, por tener dos de ayuda."""
    if len(HOJAS_DE_AYUDA & {h.nombre for h in hojas}) > 1:
        hojas = [replace(h, ayuda=h.nombre in HOJAS_DE_AYUDA) for h in hojas]
    for hoja in hojas:
        pares = [hoja.encabezado[:2], *(tuple(map(str, f[:2])) for f in hoja.filas[:3])]
        if hoja.nombre == HOJA_LISTAS and [p[0] for p in pares] == ["esquema", "version", "huella", "proceso"]:
            esquema, version, huella, proceso = (p[1] for p in pares)
            region, _, ejercicio = proceso.partition("/")
            return Libro(hojas, (esquema, version, huella), region, ejercicio)
    return Libro(hojas)
