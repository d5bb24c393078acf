"""Planillas armadas a mano, byte a byte: las que ningún programa de oficina escribiría."""

import io
import zipfile

_X = '<?xml version="1.0"?>'
_PRINCIPAL = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_OFICINA = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PAQUETE = "http://schemas.openxmlformats.org/package/2006"
_ODF = "urn:oasis:names:tc:opendocument:xmlns"
_MANIFIESTO = f'{_X}<m:manifest xmlns:m="{_ODF}:manifest:1.0"><m:file-entry m:full-path="/"/></m:manifest>'


def zipear(archivos: dict[str, str | bytes]) -> bytes:
    salida = io.BytesIO()
    with zipfile.ZipFile(salida, "w", zipfile.ZIP_DEFLATED) as paquete:
        for nombre, contenido in archivos.items():
            paquete.writestr(nombre, contenido)
    return salida.getvalue()


def xlsx(filas: str, cadenas: str = "", **otros: str) -> bytes:
    """Un XLSX mínimo con esas filas (XML) en la hoja «H»; `otros` reemplaza archivos (con «__» por «/»)."""
    tipos = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
    archivos = {
        "[Content_Types].xml": f'{_X}<Types xmlns="{_PAQUETE}/content-types">'
        f'<Override PartName="/xl/workbook.xml" ContentType="{tipos}"/></Types>',
        "_rels/.rels": f'{_X}<Relationships xmlns="{_PAQUETE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFICINA}/officeDocument" Target="xl/workbook.xml"/></Relationships>',
        "xl/workbook.xml": f'{_X}<workbook xmlns="{_PRINCIPAL}" xmlns:r="{_OFICINA}">'
        '<sheets><sheet name="H" sheetId="1" r:id="r1"/></sheets></workbook>',
        "xl/_rels/workbook.xml.rels": f'{_X}<Relationships xmlns="{_PAQUETE}/relationships">'
        f'<Relationship Id="r1" Type="{_OFICINA}/worksheet" Target="worksheets/sheet1.xml"/>'
        f'<Relationship Id="r2" Type="{_OFICINA}/sharedStrings" Target="sharedStrings.xml"/></Relationships>',
        "xl/sharedStrings.xml": f'{_X}<sst xmlns="{_PRINCIPAL}">{cadenas}</sst>',
        "xl/worksheets/sheet1.xml": f'{_X}<worksheet xmlns="{_PRINCIPAL}"><sheetData>{filas}</sheetData></worksheet>',
    }
    return zipear(archivos | {k.replace("__", "/"): v for k, v in otros.items()})


def ods(filas: str, manifiesto: str = _MANIFIESTO) -> bytes:
    """Un ODS mínimo con esas filas (XML) en la hoja «H»."""
    espacios = " ".join(f'xmlns:{p}="{_ODF}:{n}:1.0"' for p, n in (("office", "office"), ("table", "table"), ("text", "text")))
    espacios += ' xmlns:calcext="urn:org:documentfoundation:names:experimental:calc:xmlns:calcext:1.0"'
    return zipear(
        {
            "mimetype": "application/vnd.oasis.opendocument.spreadsheet",
            "META-INF/manifest.xml": manifiesto,
            "content.xml": f"{_X}<office:document-content {espacios}><office:body><office:spreadsheet>"
            f'<table:table table:name="H">{filas}</table:table>'
            "</office:spreadsheet></office:body></office:document-content>",
        }
    )


def ods_con_clave() -> bytes:
    espacio = f'xmlns:m="{_ODF}:manifest:1.0"'
    cifrado = (
        f'{_X}<m:manifest {espacio}><m:file-entry m:full-path="content.xml"><m:encryption-data/></m:file-entry></m:manifest>'
    )
    return ods("", cifrado)


def celda(direccion: str, valor: object = 5) -> str:
    return f'<c r="{direccion}"><v>{valor}</v></c>'


LEJOS = xlsx(f'<row r="1">{celda("A1")}</row><row r="1048576">{celda("XFD1048576")}</row>')
SIN_DIRECCION = xlsx('<row r="1"><c><v>1</v></c></row><row r="1048576"><c><v>1</v></c></row>')
CELDA_ODS = (
    '<table:table-cell table:number-columns-repeated="{}" office:value-type="string"><text:p>a</text:p></table:table-cell>'
)
REPETIDO = ods(f'<table:table-row table:number-rows-repeated="1048576">{CELDA_ODS.format(16384)}</table:table-row>')
CADENA_REPETIDA = xlsx(
    "".join(
        f'<row r="{i}">'
        + "".join(f'<c r="{"ABCDEFGHIJKLMNOPQRSTUVWXYZ"[j]}{i}" t="s"><v>0</v></c>' for j in range(26))
        + "</row>"
        for i in range(1, 4001)
    ),
    f"<si><t>{''.join(f'{i:05}' for i in range(6000))}</t></si>",
)
CADENAS_INFLADAS = xlsx("", "<si><t>" + "a" * 45_000_000 + "</t></si>")
