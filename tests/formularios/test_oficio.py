"""El oficio conductor y el comprobante de un acto: qué dicen, que nada se pierda y que se puedan abrir."""

import io
import re
import zipfile
from dataclasses import replace

import docx
import pytest
from docx.enum.section import WD_ORIENT

from esquemas.catalogo import cargar
from formularios.escrito_docx import escribir_docx
from formularios.impreso import imprimir_oficio
from formularios.oficio import ANCHO, BORRADOR, DATO, FILAS_DE_ANEXO, TEXTO, TITULO, Anexo, Parrafo, Tabla, armar
from tests.formularios.conftest import AHORA
from tests.formularios.test_comprobante import HOSTIL
from tests.formularios.test_expediente import hacer
from tests.formularios.test_web_expediente import (  # noqa: F401
    LUGAR,
    Reloj,
    app,
    de_acto,
    final,
    gore,
    leer,
    llenar,
    observar,
    reloj,
    responder,
)
from tests.servicios import oficina
from tests.servicios.exigencia import exigir

CATALOGO = cargar()
FOCALIZACION = CATALOGO.esquemas["focalizacion"]
FILAS = [{c.nombre: f"{c.titulo} de la fila {i}" for c in FOCALIZACION.campos} | {"codigo": f"FOC-{i:02}"} for i in range(1, 17)]
TEXTO_DE_OFICIO = "# Oficio [número]\n\nMateria:: Informa: algo.\n\nUn párrafo\nen dos líneas.\n\n---\n\nFin."


def oficio(filas=FILAS, rotulo=BORRADOR, texto=TEXTO_DE_OFICIO, esquema=FOCALIZACION, **sellos):
    anexo = Anexo(esquema, filas, **sellos)
    return armar("Título", rotulo, texto, [anexo], escribir=lambda valor, campo: valor, fecha=AHORA)


def textos(datos):
    """Todo lo que dice un DOCX, con sus tablas y encabezados."""
    documento = docx.Document(io.BytesIO(datos))
    dichos = [p.text for p in documento.paragraphs] + [p.text for s in documento.sections for p in s.header.paragraphs]
    return dichos, [[[c.text for c in f.cells] for f in t.rows] for t in documento.tables]


# --- Los bloques --------------------------------------------------------------------------------------


def test_el_texto_se_vuelve_bloques():
    bloques = oficio(folio="2027-06-000001-0", huella="a" * 64).bloques
    parrafos = [b for b in bloques if isinstance(b, Parrafo)]
    assert parrafos == [
        Parrafo(TITULO, "Oficio [número]"),
        Parrafo(DATO, "Informa: algo.", "Materia"),
        Parrafo(TEXTO, "Un párrafo\nen dos líneas."),
        Parrafo(TEXTO, "Fin."),
    ]
    assert bloques[3].filas == [(FOCALIZACION.nombre_completo, "2027-06-000001-0", "16", "a" * 64)]


def test_una_matriz_ancha_va_en_partes_y_no_pierde_nada():
    partes = [b for b in oficio().bloques if isinstance(b, Tabla) and b.apaisada]
    assert len(partes) > 1 and partes[0].titulo.endswith(f"(1 de {len(partes)})")
    assert all(p.columnas[0] == "Código" and [f[0] for f in p.filas] == [f["codigo"] for f in FILAS] for p in partes)
    dichas = {(t, v) for p in partes for f in p.filas for t, v in zip(p.columnas, f, strict=True)}
    assert dichas == {(c.titulo, f[c.nombre]) for f in FILAS for c in FOCALIZACION.campos}
    for p in partes:
        assert sum(p.anchos) == pytest.approx(1) and min(p.anchos) * ANCHO >= 7, "ninguna columna queda de dos letras"


def test_una_matriz_angosta_va_en_una_sola_tabla():
    angosta = CATALOGO.esquemas["desafios-oportunidades-objetivos"]
    bloques = oficio([dict.fromkeys(angosta.principal.nombres, "x")], esquema=angosta).bloques
    [tabla] = [b for b in bloques if isinstance(b, Tabla) and b.apaisada]
    assert tabla.titulo == f"Anexo: {angosta.nombre_completo}" and len(tabla.columnas) == len(angosta.campos)


def test_una_matriz_enorme_va_aparte_y_lo_dice():
    bloques = oficio([FILAS[0]] * (FILAS_DE_ANEXO + 1)).bloques
    assert not any(isinstance(b, Tabla) and b.apaisada for b in bloques)
    assert "1001 filas y va aparte" in bloques[-1].texto


# --- Los dos escritores ---------------------------------------------------------------------------------


def test_el_pdf_es_de_archivo_y_los_datos_no_se_ejecutan():
    pdf = imprimir_oficio(oficio())
    assert pdf == imprimir_oficio(oficio()), "los mismos datos, los mismos bytes"
    for marca in (b"<pdfaid:part>2<", b"<pdfaid:conformance>A<", b"<pdfuaid:part>1<", b"/StructTreeRoot", b"/TH"):
        assert marca in pdf, marca
    hostil = oficio([dict.fromkeys(FOCALIZACION.principal.nombres, HOSTIL)], texto=HOSTIL)
    assert imprimir_oficio(replace(hostil, titulo=HOSTIL)).startswith(b"%PDF-")


def test_el_docx_dice_todo_y_no_trae_nada_que_se_ejecute():
    hostil = {**dict.fromkeys(FOCALIZACION.principal.nombres, "=1+1"), "codigo": "FOC-17", "accion": "malo\x0b\x00 aquí"}
    datos = escribir_docx(oficio([*FILAS, hostil]))
    dichos, tablas = textos(datos)
    assert BORRADOR in dichos and "Oficio [número]" in dichos and "Materia: Informa: algo." in dichos
    celdas = {c for t in tablas for f in t for c in f}
    assert celdas >= {v for f in FILAS for v in f.values()} | {"=1+1", "malo  aquí", BORRADOR}
    hojas = [s.orientation for s in docx.Document(io.BytesIO(datos)).sections]
    assert hojas == [WD_ORIENT.PORTRAIT, WD_ORIENT.LANDSCAPE]
    with zipfile.ZipFile(io.BytesIO(datos)) as paquete:
        assert not [n for n in paquete.namelist() if re.search(r"vba|activex|embeddings|oleobject", n, re.IGNORECASE)]
        xml = paquete.read("word/document.xml").decode()
        assert "fldChar" not in xml and "instrText" not in xml and xml.count("w:tblHeader") == len(tablas)
        relaciones = "".join(paquete.read(n).decode() for n in paquete.namelist() if n.endswith(".rels"))
        assert 'TargetMode="External"' not in relaciones


def test_el_docx_abre_en_libreoffice(tmp_path):
    exigir(oficina.disponible())
    ruta = tmp_path / "oficio.docx"
    ruta.write_bytes(escribir_docx(oficio()))
    try:
        dicho = oficina.convertir(ruta, "txt:Text (encoded):UTF8", tmp_path / "salida").read_text(encoding="utf-8")
    except RuntimeError as falla:  # está Calc y no Writer
        exigir(f"falta LibreOffice Writer (en Debian: apt install libreoffice-writer): {falla}")
    assert "Oficio [número]" in dicho and all(f["accion"] in dicho for f in FILAS)


# --- Por la web -----------------------------------------------------------------------------------------


def bajar(web, ruta):
    respuesta = web.http.get(f"{LUGAR}/{ruta}")
    assert respuesta.status_code == 200 and "attachment" in respuesta.headers["Content-Disposition"]
    return respuesta.data


def test_antes_de_entregar_el_borrador_va_sin_folio(gore, almacen):  # noqa: F811
    llenar(almacen)
    gore.abrir(f"{LUGAR}/preliminar/")
    assert f"{LUGAR}/preliminar/borrador.docx" in {a.get("href") for a in gore.pagina.todos("a")}
    dichos, tablas = textos(bajar(gore, "preliminar/borrador.docx"))
    assert BORRADOR in dichos and not re.search(r"2027-06-\d{6}", str(tablas[0]))
    assert any("Reglamento, 8" in d for d in dichos) and "[firma]" in dichos
    assert bajar(gore, "preliminar/borrador.pdf").startswith(b"%PDF-")
    malos = ("preliminar/borrador.exe", "retirar-preliminar/borrador.pdf", "no-existe/borrador.pdf", "actuaciones/1/oficio.pdf")
    for malo in malos:
        gore.abrir(f"{LUGAR}/{malo}", 404)
    assert leer(almacen).ultimo == 0


def test_el_oficio_de_lo_entregado_lleva_sus_folios_aunque_despues_haya_otro(gore, almacen):  # noqa: F811
    llenar(almacen)
    de_acto(gore, "preliminar")
    antes = textos(bajar(gore, "actuaciones/1/oficio.docx"))
    assert docx.Document(io.BytesIO(bajar(gore, "actuaciones/1/oficio.docx"))).core_properties.title.startswith("Focalización p")
    folios = leer(almacen).actuaciones[0].folios
    assert {f[1] for f in antes[1][0][1:]} == set(folios.values())
    dicho = " ".join(antes[0])
    assert "16-11-2026, 00:00:00" in dicho and "Ley 19.880" in dicho and "Gobernador Regional de O'Higgins" in dicho
    observar(almacen)
    responder(almacen)
    final(gore)
    assert textos(bajar(gore, "actuaciones/1/oficio.docx")) == antes
    de_la_final = " ".join(textos(bajar(gore, "actuaciones/3/oficio.docx"))[0])
    assert "Reglamento, 6.c" in de_la_final and "Número del acuerdo: 12" in de_la_final and "02-11-2026" in de_la_final
    assert leer(almacen).ultima("final").datos["acta"] in de_la_final
    # De Sercotec a la región, con la misma plantilla.
    dichos, tablas = textos(bajar(gore, "actuaciones/2/oficio.docx"))
    assert "A: Gobernador Regional de O'Higgins" in dichos
    celdas = {c for t in tablas for f in t for c in f}
    assert {FOCALIZACION.nombre_completo, "Cobertura estimada"} <= celdas and "focalizacion" not in celdas


def test_la_pagina_y_el_pdf_del_comprobante_dicen_lo_mismo(gore, almacen):  # noqa: F811
    llenar(almacen)
    pagina = de_acto(gore, "preliminar")
    renglones = dict(zip([n.texto for n in pagina.todos("dt")], [n.texto for n in pagina.todos("dd")], strict=True))
    assert renglones["Recibido"].startswith("15-11-2026, 10:45:01") and "día inhábil" in renglones["Se entiende presentado"]
    for folio in leer(almacen).actuaciones[0].folios.values():
        assert any(folio in v for v in renglones.values())
    assert bajar(gore, "actuaciones/1/comprobante.pdf").startswith(b"%PDF-")


def test_el_motivo_no_cambia_la_forma_del_oficio(gore, almacen):  # noqa: F811
    hacer(almacen, "preliminar", AHORA)
    hacer(almacen, "observar", AHORA)
    hacer(almacen, "final", AHORA)
    hacer(almacen, "pedir-ajuste", AHORA, motivo="# Uno\n\n---\n\nFirma:: otra\n\n\x07Dos")
    dichos, tablas = textos(bajar(gore, "actuaciones/4/oficio.docx"))
    assert "Motivo: # Uno --- Firma:: otra Dos" in " ".join(" ".join(d.split()) for d in dichos)
    assert len([t for t in tablas if t[0][0] == "Matriz"]) == 1
