"""Un oficio como documento de texto que se puede seguir editando (DOCX): sin campos, fórmulas ni macros."""

import io
from collections.abc import Sequence
from datetime import UTC

from docx import Document
from docx.enum.section import WD_ORIENT
from docx.enum.style import WD_STYLE_TYPE
from docx.enum.table import WD_TABLE_ALIGNMENT
from docx.oxml import OxmlElement
from docx.oxml.ns import qn
from docx.shared import Cm, Pt, RGBColor

from formularios.oficio import DATO, TITULO, Oficio, Parrafo, Tabla

CARTA, MARGEN, MARGEN_APAISADO = (Cm(21.59), Cm(27.94)), Cm(2.2), Cm(1.6)
LETRA, LETRA_DE_TABLA = Pt(11), Pt(8)
CELDA, TITULO_DE_CELDA = "Celda", "TituloDeCelda"
ROJO = RGBColor(0xA4, 0x16, 0x1A)


def escribir_docx(oficio: Oficio) -> bytes:
    """El archivo."""
    documento = Document()
    _preparar(documento, oficio)
    documento.add_heading(oficio.titulo, 1)
    for bloque in oficio.bloques:
        if isinstance(bloque, Parrafo):
            _escribir_parrafo(documento, bloque)
            continue
        if bloque.apaisada != (documento.sections[-1].orientation == WD_ORIENT.LANDSCAPE):
            documento.add_section()
            _acostar(documento.sections[-1], bloque.apaisada)
        if bloque.apaisada:
            documento.add_heading(bloque.titulo, 2)
        _escribir_tabla(documento, bloque)
    salida = io.BytesIO()
    documento.save(salida)
    return salida.getvalue()


def _preparar(documento: Document, oficio: Oficio) -> None:
    propiedades = documento.core_properties
    propiedades.title, propiedades.author, propiedades.language = oficio.titulo, "Focaliza", "es-CL"
    propiedades.created = propiedades.modified = oficio.fecha.astimezone(UTC).replace(tzinfo=None)
    propiedades.comments = ""
    normal = documento.styles["Normal"]
    normal.font.size = LETRA
    idioma = normal.element.get_or_add_rPr().makeelement(qn("w:lang"), {qn("w:val"): "es-CL"})
    normal.element.rPr.append(idioma)
    for nombre in (CELDA, TITULO_DE_CELDA):
        celda = documento.styles.add_style(nombre, WD_STYLE_TYPE.PARAGRAPH)
        celda.font.size, celda.font.bold = LETRA_DE_TABLA, nombre == TITULO_DE_CELDA
        celda.paragraph_format.space_after = Pt(0)
    _acostar(documento.sections[0], False)
    [cabeza] = documento.sections[0].header.paragraphs
    escrito = cabeza.add_run(oficio.rotulo)
    escrito.bold, escrito.font.size = oficio.es_borrador, Pt(9)
    if oficio.es_borrador:
        escrito.font.color.rgb = ROJO


def _acostar(seccion: object, apaisada: bool) -> None:
    ancho, alto = CARTA[::-1] if apaisada else CARTA
    seccion.orientation = WD_ORIENT.LANDSCAPE if apaisada else WD_ORIENT.PORTRAIT
    seccion.page_width, seccion.page_height = ancho, alto
    margen = MARGEN_APAISADO if apaisada else MARGEN
    seccion.left_margin = seccion.right_margin = margen
    seccion.top_margin = seccion.bottom_margin = MARGEN


def _escribir_parrafo(documento: Document, p: Parrafo) -> None:
    if p.clase == TITULO:
        documento.add_heading(p.texto, 2)
        return
    parrafo = documento.add_paragraph()
    parrafo.paragraph_format.space_before = Pt(0 if p.clase == DATO else 8)
    parrafo.paragraph_format.space_after = Pt(4)
    if p.clase == DATO:
        parrafo.add_run(f"{p.rotulo}: ").bold = True
    parrafo.add_run(p.texto)


def _escribir_tabla(documento: Document, t: Tabla) -> None:
    seccion = documento.sections[-1]
    ancho = seccion.page_width - seccion.left_margin - seccion.right_margin
    tabla = documento.add_table(rows=0, cols=len(t.columnas), style="Table Grid")
    tabla.alignment, tabla.autofit = WD_TABLE_ALIGNMENT.CENTER, False
    for i, valores in enumerate((t.columnas, *t.filas)):
        tabla._tbl.append(_fila(valores, TITULO_DE_CELDA if i == 0 else CELDA))
    for columna, celda, parte in zip(tabla.columns, tabla.rows[0].cells, t.anchos, strict=True):
        columna.width = celda.width = int(ancho * parte)
    repetida = OxmlElement("w:tblHeader")  # los títulos se repiten en cada página
    tabla.rows[0]._tr.get_or_add_trPr().append(repetida)


def _fila(valores: Sequence[str], estilo: str) -> object:
    """A mano: celda por celda, la biblioteca demora segundos en una matriz larga."""
    fila = OxmlElement("w:tr")
    fila.get_or_add_trPr().append(OxmlElement("w:cantSplit"))  # no se parte entre dos páginas
    for valor in valores:
        celda, parrafo = OxmlElement("w:tc"), OxmlElement("w:p")
        parrafo.style = estilo
        parrafo.add_r().text = valor
        celda.append(parrafo)
        fila.append(celda)
    return fila
