"""Lo que rodea a una norma publicada: quién la invoca, cómo se cita una parte suya y sus datos para buscadores."""

from typing import Any

from esquemas.coherencia import normas_citadas
from esquemas.modelo import Catalogo
from esquemas.saber import Documento, Nota, Parte
from generador.esquema import url_de

Citas = dict[str, dict[tuple[str, str], dict[str, str]]]


def citado_por(catalogo: Catalogo) -> Citas:
    """Referencia → (quién la invoca, su página) → {parte suya que la invoca: dirección}; sin partes, la invoca entero.

    Un formato aparece una vez, con sus campos y reglas dentro: la lista se lee de una mirada aunque sean veinte.
    """
    salida: Citas = {}
    for clave, ruta, referencias in normas_citadas(catalogo):
        quien, pagina, parte, url = _quien(catalogo, *clave.split("/"), ruta)
        for referencia in referencias if quien else ():
            partes = salida.setdefault(referencia, {}).setdefault((quien, pagina), {})
            if parte:
                partes[parte] = url
    return salida


def _quien(catalogo: Catalogo, clase: str, nombre: str, ruta: str) -> tuple[str, str, str, str]:
    """(quién, su página, qué parte suya, dirección de la parte); vacíos si no tiene página propia (deberes y notas)."""
    donde, _, cual = ruta.partition(".")
    if esquema := catalogo.esquemas.get(nombre) if clase in ("formato", "encuesta") else None:
        tabla = next((t for t in esquema.tablas if t.nombre == donde), None)
        quien, pagina = esquema.nombre_completo, url_de(esquema)
        if not tabla or not cual:
            return quien, pagina, "", ""
        if cual.startswith("reglas("):
            codigo = cual[7:-1]
            mensaje = next(r.mensaje for r in tabla.reglas if r.codigo == codigo)
            return quien, pagina, f"regla «{mensaje.rstrip('.')}»", f"{pagina}#regla-{codigo}"
        ancla = cual if tabla is esquema.principal else f"{tabla.nombre}-{cual}"
        return quien, pagina, f"«{tabla.campo(cual).titulo}»", f"{pagina}#{ancla}"
    if clase == "instrumento":
        return f"Ficha de {catalogo.instrumentos[nombre].nombre_corto}", f"/instrumentos/{nombre}/", "", ""
    if clase == "catalogo":
        return f"Lista de códigos: {catalogo.opciones[nombre].titulo}", f"/catalogos/{nombre}/", "", ""
    if donde == "hitos":
        return f"Hito: {next(h.titulo for h in catalogo.proceso.hitos if h.nombre == cual)}", f"/calendario/#{cual}", "", ""
    if ruta.startswith("tramitacion.actos."):
        acto = catalogo.proceso.tramitacion.actos[ruta.split(".")[2]]
        return f"Acto: {acto.titulo}", f"/calendario/#acto-{acto.nombre}", "", ""
    return "", "", "", ""


def notas_por_norma(catalogo: Catalogo, nombre: str) -> dict[str, list[Nota]]:
    """Referencia → las notas de un archivo de `notas/` que van bajo ella."""
    salida: dict[str, list[Nota]] = {}
    for nota in catalogo.notas[nombre].notas if nombre in catalogo.notas else ():
        for referencia in nota.norma:
            salida.setdefault(referencia, []).append(nota)
    return salida


def como_se_cita(documento: Documento, parte: Parte, corta: bool = False) -> str:
    """«Resolución N° 10.080, …, numeral 4, letra b (Directores regionales de Sercotec), vi»: la letra, no nuestro código.

    Solo un documento con numerales se cita por ellos; de los demás se dice el título de la parte. `corta` pone delante
    el nombre corto del documento y no su cita entera.
    """
    partes = {p.id: p for p in documento.partes}
    numeral, *resto = parte.id.split(".")
    trozos = [documento.nombre_corto if corta else documento.cita]
    if not (documento.literal and numeral.isdecimal()):
        return f"{trozos[0]}, {parte.titulo or parte.etiqueta}"
    trozos.append(f"numeral {numeral}")
    for i in range(len(resto)):
        tramo = partes.get(".".join((numeral, *resto[: i + 1])))
        if tramo and tramo.etiqueta != tramo.id:
            letra = f"letra {tramo.etiqueta}" if len(tramo.etiqueta) == 1 and tramo.titulo else tramo.etiqueta
            trozos.append(f"{letra} ({tramo.titulo})" if tramo.titulo else letra)
        elif tramo:
            trozos[-1] += f" ({tramo.titulo})"
    return ", ".join(trozos)


def legislacion(documento: Documento, numeral: Parte | None = None) -> dict[str, Any]:
    """JSON-LD `Legislation` de schema.org, con sus partes y con el valor de lo publicado aquí: no oficial.

    No dice si está vigente, porque falta confirmarlo. Las direcciones son del sitio.
    """
    vigencia = documento.vigencia
    norma: dict[str, Any] = {
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
    dentro = [p for p in documento.partes if (p.id.startswith(f"{numeral.id}.") if numeral else "." not in p.id)]
    if dentro:
        norma["hasPart"] = [{"@type": "Legislation", "name": como_se_cita(documento, p, True), "url": p.url} for p in dentro]
    norma["encoding"] = {"@type": "LegislationObject", "legislationLegalValue": "https://schema.org/UnofficialLegalValue"}
    return {"@context": "https://schema.org", **norma}
