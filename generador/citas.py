"""Lo que rodea a una norma publicada: quién la invoca, cómo se cita una parte suya y sus datos para buscadores."""

from typing import Any

from esquemas.coherencia import normas_citadas
from esquemas.modelo import Catalogo
from esquemas.saber import Documento, Nota, Parte
from generador.esquema import url_de

CLASES = ("Formatos y encuestas", "Hitos", "Fichas de instrumento", "Campos", "Reglas", "Listas de códigos")
Citas = dict[str, dict[str, dict[str, str]]]


def citado_por(catalogo: Catalogo) -> Citas:
    """Referencia → clase de lo que la invoca («Formatos y encuestas», «Hitos»…) → {título: dirección}."""
    salida: Citas = {}
    for clave, ruta, referencias in normas_citadas(catalogo):
        clase, titulo, url = _quien(catalogo, *clave.split("/"), ruta)
        for referencia in referencias if clase else ():
            salida.setdefault(referencia, {}).setdefault(clase, {})[titulo] = url
    return {r: {c: grupos[c] for c in CLASES if c in grupos} for r, grupos in salida.items()}


def _quien(catalogo: Catalogo, clase: str, nombre: str, ruta: str) -> tuple[str, str, str]:
    """(clase, título, dirección) de lo que está en esa ruta; clase vacía si no tiene página propia (deberes y notas)."""
    donde, _, cual = ruta.partition(".")
    if esquema := catalogo.esquemas.get(nombre) if clase in ("formato", "encuesta") else None:
        tabla = next((t for t in esquema.tablas if t.nombre == donde), None)
        corto = esquema.sigla or esquema.titulo
        if not tabla or not cual:
            return "Formatos y encuestas", esquema.nombre_completo, url_de(esquema)
        if cual.startswith("reglas("):
            codigo = cual[7:-1]
            mensaje = next(r.mensaje for r in tabla.reglas if r.codigo == codigo)
            return "Reglas", f"{corto}: {mensaje}", f"{url_de(esquema)}#regla-{codigo}"
        ancla = cual if tabla is esquema.principal else f"{tabla.nombre}-{cual}"
        return "Campos", f"{corto}, «{tabla.campo(cual).titulo}»", f"{url_de(esquema)}#{ancla}"
    if clase == "instrumento":
        return "Fichas de instrumento", catalogo.instrumentos[nombre].titulo, f"/instrumentos/{nombre}/"
    if clase == "catalogo":
        return "Listas de códigos", catalogo.opciones[nombre].titulo, f"/catalogos/{nombre}/"
    if donde == "hitos":
        return "Hitos", next(h.titulo for h in catalogo.proceso.hitos if h.nombre == cual), f"/calendario/#{cual}"
    return "", "", ""


def notas_por_norma(catalogo: Catalogo, nombre: str) -> dict[str, list[Nota]]:
    """Referencia → las notas de un archivo de `notas/` que van bajo ella."""
    salida: dict[str, list[Nota]] = {}
    for nota in catalogo.notas[nombre].notas if nombre in catalogo.notas else ():
        for referencia in nota.norma:
            salida.setdefault(referencia, []).append(nota)
    return salida


def como_se_cita(documento: Documento, parte: Parte) -> str:
    """«Resolución N° 10.080, …, numeral 4, letra b (Directores regionales de Sercotec), vi»: la letra, no nuestro código."""
    partes = {p.id: p for p in documento.partes}
    numeral, *resto = parte.id.split(".")
    trozos = [documento.cita, f"numeral {numeral}"]
    for i in range(len(resto)):
        tramo = partes.get(".".join((numeral, *resto[: i + 1])))
        if tramo and tramo.etiqueta != tramo.id:
            letra = f"letra {tramo.etiqueta}" if len(tramo.etiqueta) == 1 and tramo.titulo else tramo.etiqueta
            trozos.append(f"{letra} ({tramo.titulo})" if tramo.titulo else letra)
        elif tramo:
            trozos[-1] += f" ({tramo.titulo})"
    return ", ".join(trozos)


def legislacion(documento: Documento, numeral: Parte | None = None) -> dict[str, Any]:
    """JSON-LD `Legislation` de schema.org. No dice si está vigente: falta confirmarlo. Las direcciones son del sitio."""
    vigencia = documento.vigencia
    norma = {
        "@type": "Legislation",
        "name": documento.titulo,
        "legislationIdentifier": vigencia["identificador"],
        "legislationType": vigencia["tipo"],
        "legislationDate": vigencia["fecha"],
        "legislationPassedBy": {"@type": "Organization", "name": vigencia["emisor"]},
        "legislationJurisdiction": "CL",
        "inLanguage": "es-CL",
        "url": documento.url,
    }
    if numeral:
        propia = {"@type": "Legislation", "name": f"{numeral.etiqueta}. {numeral.titulo}", "url": numeral.url}
        norma = {**propia, "legislationIdentifier": f"{vigencia['identificador']}, numeral {numeral.id}", "isPartOf": norma}
    return {"@context": "https://schema.org", **norma}
