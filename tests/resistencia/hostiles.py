"""Archivos hechos para hacer daño: agotar memoria o tiempo, leer lo ajeno, o colar algo que se ve distinto de lo que es.

Complementa a `corpus`, donde además están los malos de buena fe (sin encabezado, con una columna de más, con un PDF
renombrado). `HOSTILES` reúne los dos: lo de aquí y lo hostil de allá, por su nombre.
"""

import io
import zipfile
from pathlib import Path

from tests.resistencia.corpus import CASOS, OFICINA, PLANILLA, Caso, con, csv, empaquetar, tabla, xlsx, xlsx_a_mano

MEGA = 1_000_000
BUENO = csv(tabla())
ENCABEZADO, MODELO = tabla()[0], tabla()[1]


def con_partes(base: bytes, **partes: bytes | None) -> bytes:
    """El paquete con partes cambiadas, agregadas o (None) quitadas; «__» es «/», «_» final es «.xml»."""
    nuevas = {n.replace("__", "/").removesuffix("_") + (".xml" if n.endswith("_") else ""): d for n, d in partes.items()}
    with zipfile.ZipFile(io.BytesIO(base)) as paquete:
        entradas = {n: paquete.read(n) for n in paquete.namelist()} | nuevas
    return empaquetar(*((n, d) for n, d in entradas.items() if d is not None))


def hoja(dentro: str, *, antes: str = "", fuera: str = "") -> bytes:
    """Un XLSX cuya única hoja trae ese XML."""
    xml = f"{antes}<worksheet {PLANILLA}>{fuera}<sheetData>{dentro}</sheetData></worksheet>"
    return con_partes(xlsx_a_mano(""), xl__worksheets__sheet1_=xml.encode())


def celda(atributos: str, dentro: str) -> bytes:
    """Una hoja con una celda buena y otra como se pida."""
    return hoja(f'<row r="1"><c r="A1" t="inlineStr"><is><t>Código</t></is></c><c {atributos}>{dentro}</c></row>')


def libro(dentro: str, relaciones: str = "") -> bytes:
    """Un XLSX con ese libro y esas relaciones."""
    partes = {"xl__workbook_": f'<workbook {PLANILLA} xmlns:r="{OFICINA}">{dentro}</workbook>'.encode()}
    if relaciones:
        tipos = "http://schemas.openxmlformats.org/package/2006/relationships"
        partes["xl___rels__workbook.xml.rels"] = f'<Relationships xmlns="{tipos}">{relaciones}</Relationships>'.encode()
    return con_partes(xlsx_a_mano(""), **partes)


def ods(dentro: str, antes: str = "") -> bytes:
    """Un ODS con esa tabla."""
    espacios = " ".join(
        f'xmlns:{corto}="urn:oasis:names:tc:opendocument:xmlns:{largo}:1.0"'
        for corto, largo in (("office", "office"), ("table", "table"), ("text", "text"))
    )
    xml = (
        f"{antes}<office:document-content {espacios}><office:body><office:spreadsheet>{dentro}</office:spreadsheet></office:body>"
    )
    manifiesto = b'<manifest:manifest xmlns:manifest="urn:oasis:names:tc:opendocument:xmlns:manifest:1.0"/>'
    return empaquetar(
        ("mimetype", b"application/vnd.oasis.opendocument.spreadsheet"),
        ("META-INF/manifest.xml", manifiesto),
        ("content.xml", f"{xml}</office:document-content>".encode()),
        comprimir=False,
    )


def fila_ods(atributos: str, repite: str) -> str:
    texto = f'<table:table-cell office:value-type="string" {repite}><text:p>a</text:p></table:table-cell>'
    return f'<table:table table:name="Datos"><table:table-row {atributos}>{texto}</table:table-row></table:table>'


def tocado(datos: bytes, marca: bytes, desde: int, nuevo: bytes) -> bytes:
    """Los bytes con unos cambiados a `desde` de la última `marca`."""
    lugar = datos.rindex(marca) + desde
    return datos[:lugar] + nuevo + datos[lugar + len(nuevo) :]


def encimado() -> bytes:
    """Cien entradas que apuntan a los mismos bytes: la bomba de Fifield, en chico."""
    uno = empaquetar(("a.csv", b"a,b\r\n" * 100_000))
    inicio, fin = uno.index(b"PK\x01\x02"), uno.index(b"PK\x05\x06")
    central = b"".join(uno[inicio:fin].replace(b"a.csv", f"{n:05}".encode()) for n in range(150))
    cola = uno[fin:]
    cola = cola[:8] + (150).to_bytes(2, "little") * 2 + len(central).to_bytes(4, "little") + cola[16:]
    return uno[:inicio] + central + cola


def _caso(nombre: str, datos: bytes, salida: int, codigo: str = "", **mas) -> Caso:
    return Caso(nombre, lambda ruta: ruta.write_bytes(datos) and None, salida, codigo, **mas)


def _filas_csv(*celdas: str, campo: str) -> bytes:
    """Una fila buena por celda hostil, en ese campo."""
    filas = [ENCABEZADO]
    for i, valor in enumerate(celdas):
        (fila,) = con(campo, valor)[1:2]
        filas.append([f"H-{i:05}", *fila[1:]])
    return csv(filas)


_XXE = '<!DOCTYPE w [<!ENTITY x SYSTEM "file:///etc/passwd">]>'
_RISAS = "<!DOCTYPE w [<!ENTITY a0 'ja'>" + "".join(f"<!ENTITY a{n} '{f'&a{n - 1};' * 10}'>" for n in range(1, 10)) + "]>"
_HONDO = "<a>" * 200_000
_RELACION = '<Relationship Id="r1" Type="{t}/worksheet" Target="{d}" {m}/>'
_HOJA = '<sheets><sheet name="Datos" sheetId="1" r:id="r1"/></sheets>'

PROPIOS = [
    # CSV: agotar, y engañar al decodificador.
    _caso("comilla-de-cuatro-megas.csv", BUENO + b'"' + b"a" * 4 * MEGA, 2, "comillas-rotas"),
    _caso("dos-millones-de-comillas.csv", BUENO + b'"' * (2 * MEGA + 1), 2, "comillas-rotas"),
    _caso("un-millon-de-columnas.csv", b",".join([b"a"] * MEGA), 2, "demasiadas-columnas"),
    _caso("fila-de-un-millon-de-comas.csv", BUENO + b"," * MEGA + b"x\r\n", 1, "fila-irregular"),
    _caso("fila-de-un-millon-de-celdas.csv", BUENO + b",".join([b"x"] * MEGA), 1, "fila-irregular"),
    _caso("cien-columnas-iguales.csv", csv([[ENCABEZADO[0]] * 100, ["x"] * 100]), 1),
    _caso("cien-columnas-parecidas.csv", csv([[f"{ENCABEZADO[1][:-1]}{i}" for i in range(100)], ["x"] * 100]), 1,
          "sin-encabezado"),
    _caso("encabezado-de-un-mega.csv", b"a" * MEGA + b"\r\n1\r\n", 1, "sin-encabezado"),
    _caso("dos-millones-de-blancos.csv", b"\n" * 2 * MEGA, 2, "sin-encabezado"),
    _caso("utf-8-largo-de-mas.csv", BUENO + b"H-1,\xc0\xaf\xc0\xae\r\n", 2),
    _caso("utf-8-con-sustitutos.csv", BUENO + b"H-1,\xed\xa0\x80\r\n", 2),
    _caso("utf-16-con-sustituto-suelto.csv", b"\xff\xfe" + "a,b\r\n".encode("utf-16-le") + b"\x00\xd8\x0a\x00", 2,
          "archivo-ilegible"),
    _caso("utf-16-impar.csv", b"\xff\xfe" + BUENO.decode().encode("utf-16-le") + b"\x41", 2, "archivo-ilegible"),
    _caso("utf-32.csv", BUENO.decode().encode("utf-32"), 2, "archivo-ilegible"),
    _caso("utf-7.csv", b"+AGM-digo,+AGE-\r\n1,2\r\n", 1, "sin-encabezado"),
    _caso("ebcdic.csv", BUENO.decode().encode("cp1140", "replace"), 2, "archivo-ilegible"),
    _caso("texto-al-reves.csv", csv(con("accion", "anular \u202eotnemivom\u202c")), 1, "caracter-invalido", celda="C2"),
    _caso("separador-de-linea.csv", csv(con("accion", "uno\u2028dos")), 1, "caracter-invalido", celda="C2"),
    _caso("control-z.csv", csv(con("accion", "a\x1ab")), 1, "caracter-invalido", celda="C2"),
    _caso("bom-en-medio.csv", csv(con("codigo", "\ufeffFOC-01")), 1, "caracter-invalido", celda="A2"),
    _caso("codigo-con-letra-rusa.csv", csv(con("codigo", "F\u041eC-01")), 1, "codigo-invalido", celda="A2"),
    _caso("sin-ancho-en-una-opcion.csv", csv(con("instrumento", "cre\u200dce")), 1, "opcion-desconocida", celda="B2"),
    _caso("codigo-con-ruta.csv", csv(con("codigo", "../../etc/passwd")), 1, "codigo-invalido", celda="A2"),
    _caso("codigo-con-sql.csv", csv(con("codigo", "x'; DROP TABLE envio;--")), 1, "codigo-invalido", celda="A2"),
    _caso("codigo-con-script.csv", csv(con("codigo", "<script>alert(1)</script>")), 1, "codigo-invalido", celda="A2"),
    # CSV: expresiones regulares y parecidos que explotan.
    _caso("numeros-de-2000-cifras.csv", _filas_csv(*["9" * 2_000] * 500, campo="cobertura"), 1, "numero-invalido", fila=501),
    _caso("miles-sin-fin.csv", _filas_csv(*["1" + ".000" * 490 + "x"] * 500, campo="cobertura"), 1, "numero-invalido"),
    _caso("solo-separadores.csv", _filas_csv(*[";" * 2_000] * 500, campo="criterios"), 1),
    _caso("mil-opciones.csv", csv(con("criterios", ";".join(f"o{i}" for i in range(400)))), 1, "opcion-desconocida"),
    _caso("mil-casi-opciones.csv", _filas_csv(*(f"semila{i}" for i in range(1_000)), campo="instrumento"), 1,
          "opcion-desconocida"),
    _caso("tildes-apiladas.csv", csv(con("codigo", "A" + "\u0301" * 1_900)), 1, "codigo-invalido"),
    _caso("correo-que-retrocede.csv", csv([["Código", "Nombre de la institución"], ["A", "a@" + "a." * 900]]), 1,
          esquema="catastro-actores"),
    # ZIP.
    _caso("entradas-encimadas.zip", encimado(), 2),
    _caso("zip-de-zip.zip", empaquetar(("a.csv", empaquetar(("b.csv", bytes(5 * MEGA))))), 2),
    _caso("con-clave.zip", tocado(tocado(empaquetar(("focalizacion.csv", BUENO)), b"PK\x01\x02", 8, b"\x01"),
          b"PK\x03\x04", 6, b"\x01"), 2, "archivo-ilegible"),
    _caso("compresion-99.zip", tocado(tocado(empaquetar(("focalizacion.csv", BUENO)), b"PK\x01\x02", 10, b"\x63"),
          b"PK\x03\x04", 8, b"\x63"), 2),
    _caso("tamano-de-4-gb.zip", tocado(empaquetar(("focalizacion.csv", BUENO)), b"PK\x01\x02", 24, b"\xfe\xff\xff\xff"), 2),
    _caso("central-afuera.zip", tocado(empaquetar(("focalizacion.csv", BUENO)), b"PK\x05\x06", 16, b"\xff\xff\xff\x7f"), 2,
          "archivo-ilegible"),
    _caso("huella-cambiada.zip", tocado(empaquetar(("focalizacion.csv", BUENO)), b"PK\x01\x02", 16, b"\0\0\0\0"), 2,
          "archivo-ilegible"),
    # XLSX.
    _caso("entidad-externa.xlsx", hoja('<row r="1"><c r="A1" t="inlineStr"><is><t>&x;</t></is></c></row>', antes=_XXE), 2),
    _caso("risas-en-la-hoja.xlsx", hoja('<row r="1"><c r="A1" t="inlineStr"><is><t>&a9;</t></is></c></row>', antes=_RISAS), 2),
    _caso("xml-hondo.xlsx", hoja(_HONDO), 2),
    _caso("hoja-de-otra-carpeta.xlsx", libro(_HOJA, _RELACION.format(t=OFICINA, d="../../../../etc/passwd", m="")), 2),
    _caso("hoja-en-la-red.xlsx", libro(_HOJA, _RELACION.format(t=OFICINA, d="http://ejemplo.cl/x",
          m='TargetMode="External"')), 2),
    _caso("hoja-que-es-el-libro.xlsx", libro(_HOJA, _RELACION.format(t=OFICINA, d="workbook.xml", m="")), 2),
    _caso("mil-hojas.xlsx", libro("<sheets>" + "".join(f'<sheet name="h{i}" sheetId="{i}" r:id="r1"/>' for i in range(1, 5_001))
          + "</sheets>"), 2),
    _caso("sin-hojas.xlsx", libro("<sheets/>"), 2),
    _caso("libro-en-blanco.xlsx", con_partes(xlsx_a_mano(""), xl__workbook_=b""), 2),
    _caso("cadena-inexistente.xlsx", celda('r="B1" t="s"', "<v>4294967295</v>"), 2),
    _caso("cadena-negativa.xlsx", celda('r="B1" t="s"', "<v>-1</v>"), 2),
    _caso("fila-imposible.xlsx", hoja('<row r="99999999999"><c r="A99999999999" t="inlineStr"><is><t>a</t></is></c></row>'), 2),
    _caso("columna-imposible.xlsx", celda('r="ZZZZZZ1" t="inlineStr"', "<is><t>b</t></is>"), 2),
    _caso("celda-cero.xlsx", celda('r="A0" t="inlineStr"', "<is><t>b</t></is>"), 2),
    _caso("numero-desbordado.xlsx", xlsx(("Datos", con("cobertura", 1e300))), 1, "numero-invalido", celda="O2"),
    _caso("formula-de-red.xlsx", xlsx(("Datos", con("codigo", '=WEBSERVICE("http://ejemplo.cl")'))), 1, "formula-sin-valor",
          celda="A2"),
    _caso("doscientas-mil-celdas-de-basura.xlsx", xlsx(("Datos", [[f"c{i}" for i in range(100)]] + [["x"] * 100] * 2_000)), 1,
          "sin-encabezado"),
    # ODS.
    _caso("filas-repetidas.ods", ods(fila_ods('table:number-rows-repeated="1000000000"', "")), 2),
    _caso("columnas-repetidas.ods", ods(fila_ods("", 'table:number-columns-repeated="2147483647"')), 2),
    _caso("todo-repetido.ods", ods(fila_ods('table:number-rows-repeated="1048576"', 'table:number-columns-repeated="16384"')), 2),
    _caso("entidades.ods", ods(fila_ods("", "").replace(">a<", ">&a9;<"), antes=_RISAS), 2),
    _caso("xml-hondo.ods", ods(_HONDO), 2),
]  # fmt: skip

# De `corpus`, lo que nadie manda por error.
AJENOS = {
    "binario.csv", "binario.xlsx", "binario-que-dice-zip.xlsx", "nul.csv", "bytes-de-nadie.csv", "giga.csv", "giga.xlsx",
    "giga.xls", "seis-megas.xlsx", "pdf-de-seis-megas.csv",
    "sin-csv.zip", "mentiroso.zip", "muchas-entradas.zip", "bomba.xlsx", "bomba.zip",
    "bomba-mediana.xlsx", "cadenas-compartidas.xlsx", "entidades.xlsx", "hoja-rota.xlsx", "ods-roto.ods", "rectangulo.xlsx",
    "ultima-columna.xlsx", "celda-de-un-mega.csv", "celda-larga.xlsx", "numero-nan.csv", "numero-infinito.csv",
    "numero-arabe.csv",
    "numero-ancho.csv", "numero-hexadecimal.csv", "numero-larguisimo.csv", "control.csv",
}  # fmt: skip
HOSTILES = [*PROPIOS, *(c for c in CASOS if c.nombre in AJENOS)]


def escribir_en(carpeta: Path) -> None:
    """Todos, a una carpeta: para mirarlos o medirlos a mano."""
    for caso in HOSTILES:
        caso.escribir(carpeta / caso.nombre)
