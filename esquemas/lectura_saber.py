"""Lee lo que no es un esquema: catálogos de códigos, instrumentos, normativa, notas y el proceso anual."""

import re
from collections.abc import Mapping
from typing import Any

from esquemas.lectura import NOMBRE, Lector, leer_nombre, leer_version
from esquemas.lectura_orientador import leer_requisitos
from esquemas.lectura_tramitacion import leer_tramitacion
from esquemas.modelo import Opcion, Opciones
from esquemas.normalizacion import Falla, leer_fecha, plegar
from esquemas.plazos import CLAVES_DE_REGLA, COMPUTOS, HECHOS
from esquemas.saber import Deber, Documento, Hito, Instrumento, Mapa, Monto, Nota, Notas, Parte, Proceso, Tope, Zona

CODIGO = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]*")  # sin espacios: un XLSForm separa con ellos los códigos elegidos
VIGENCIA = ("identificador", "tipo", "fecha", "emisor", "oficial", "falta")  # de un documento que se publica literal
_PROHIBIDOS = (";", " · ")  # separan valores y unen código con nombre en las planillas


def leer_opciones(dato: Any, archivo: str) -> Opciones:
    """Un catálogo de códigos. Códigos únicos, nombres sin separadores."""
    lector = Lector(archivo)
    lector.claves(
        dato,
        "",
        ("name", "title", "description", "version", "norma", "padre", "opciones"),
        ("name", "title", "version", "opciones"),
    )
    opciones = []
    for i, crudo in enumerate(lector.lista(dato, "opciones", "")):
        ruta = f"opciones[{i}]"
        lector.claves(crudo, ruta, ("codigo", "nombre", "descripcion", "padre", "sinonimos"), ("codigo", "nombre"))
        if isinstance(crudo["codigo"], int):
            arreglo = "Póngalo entre comillas: un código es texto y puede empezar con cero."
            raise lector.falla(f"{ruta}.codigo", f"el código {crudo['codigo']} no tiene comillas.", arreglo)
        if not CODIGO.fullmatch(lector.texto(crudo, "codigo", ruta)):
            arreglo = "Use letras ASCII, cifras, punto y guion."
            raise lector.falla(f"{ruta}.codigo", f"«{crudo['codigo']}» no sirve de código.", arreglo)
        opcion = Opcion(
            codigo=lector.texto(crudo, "codigo", ruta),
            nombre=lector.texto(crudo, "nombre", ruta),
            descripcion=lector.texto(crudo, "descripcion", ruta),
            padre=lector.texto(crudo, "padre", ruta),
            sinonimos=lector.textos(crudo, "sinonimos", ruta),
        )
        if any(p in texto for p in _PROHIBIDOS for texto in (opcion.nombre, *opcion.sinonimos)):
            raise lector.falla(ruta, "el nombre o un sinónimo tiene «;» o « · ».", "Esos signos separan valores: use otros.")
        opciones.append(opcion)
    lector.sin_repetir([plegar(o.codigo) for o in opciones], "opciones", "codigo")
    return Opciones(
        nombre=leer_nombre(lector, dato),
        titulo=lector.texto(dato, "title", ""),
        descripcion=lector.texto(dato, "description", ""),
        version=leer_version(lector, dato),
        opciones=tuple(opciones),
        norma=lector.textos(dato, "norma", ""),
        padre=lector.texto(dato, "padre", ""),
    )


def leer_instrumento(dato: Any, archivo: str) -> Instrumento:
    """La ficha de un instrumento. Toda cifra lleva el año de su fuente y su numeral."""
    lector = Lector(archivo)
    textos = ("title", "nombre_corto", "objetivo", "apoyo", "acceso", "postulacion", "financiamiento", "aporte")
    otras = ("sinonimos", "version", "traspasado", "agrupa", "norma", "montos", "tope_por_beneficiario", "requisitos")
    lector.claves(
        dato,
        "",
        ("name", *textos, *otras),
        ("name", "title", "nombre_corto", "version", "norma", "objetivo", "apoyo", "acceso", "postulacion"),
    )
    return Instrumento(
        nombre=leer_nombre(lector, dato),
        titulo=lector.texto(dato, "title", ""),
        nombre_corto=lector.texto(dato, "nombre_corto", ""),
        version=leer_version(lector, dato),
        traspasado=lector.logico(dato, "traspasado", ""),
        norma=lector.textos(dato, "norma", ""),
        objetivo=lector.texto(dato, "objetivo", ""),
        apoyo=lector.texto(dato, "apoyo", ""),
        acceso=lector.texto(dato, "acceso", ""),
        postulacion=lector.texto(dato, "postulacion", ""),
        financiamiento=lector.texto(dato, "financiamiento", ""),
        aporte=lector.texto(dato, "aporte", ""),
        sinonimos=lector.textos(dato, "sinonimos", ""),
        agrupa=lector.textos(dato, "agrupa", ""),
        montos=tuple(_leer_monto(lector, m, f"montos[{i}]") for i, m in enumerate(lector.lista(dato, "montos", ""))),
        tope_por_beneficiario=_leer_tope(lector, dato),
        requisitos=leer_requisitos(lector, dato),
    )


def _leer_monto(lector: Lector, dato: Any, ruta: str) -> Monto:
    claves = ("concepto", "title", "cifras_de", "norma")
    lector.claves(dato, ruta, (*claves, "maximo", "minimo"), claves)
    if ("maximo" in dato) == ("minimo" in dato):
        raise lector.falla(ruta, "un monto es máximo o mínimo.", "Deje una de las dos claves.")
    return Monto(
        concepto=lector.texto(dato, "concepto", ruta),
        titulo=lector.texto(dato, "title", ruta),
        cifras_de=lector.entero(dato, "cifras_de", ruta) or 0,
        norma=lector.textos(dato, "norma", ruta),
        maximo=lector.entero(dato, "maximo", ruta),
        minimo=lector.entero(dato, "minimo", ruta),
    )


def _leer_tope(lector: Lector, dato: Mapping[str, Any]) -> Tope | None:
    ruta = "tope_por_beneficiario"
    if ruta not in dato:
        return None
    crudo = lector.claves(dato[ruta], ruta, ("monto", "cuenta", "norma"), ("monto", "cuenta", "norma"))
    return Tope(
        lector.entero(crudo, "monto", ruta) or 0, lector.texto(crudo, "cuenta", ruta), lector.textos(crudo, "norma", ruta)
    )


def leer_documento(dato: Any, archivo: str) -> Documento:
    """Una norma o fuente citable, con sus partes. La URL de una parte sale de la de su numeral si no trae la suya."""
    lector = Lector(archivo)
    textos = ("name", "title", "cita", "nombre_corto", "url")
    lector.claves(dato, "", (*textos, "union", "literal", "fuente", "vigencia", "partes"), textos)
    vigencia = lector.claves(dato.get("vigencia", {}), "vigencia", VIGENCIA, VIGENCIA if "vigencia" in dato else ())
    url = lector.texto(dato, "url", "")
    partes: dict[str, Parte] = {}
    for i, crudo in enumerate(lector.lista(dato, "partes", "")):
        ruta = f"partes[{i}]"
        lector.claves(crudo, ruta, ("id", "etiqueta", "title", "texto", "url", "ver"), ("id",))
        id_parte = lector.texto(crudo, "id", ruta)
        if id_parte in partes:
            raise lector.falla(ruta, f"«{id_parte}» está repetida.", "Cada parte tiene un id propio.")
        propia = lector.texto(crudo, "url", ruta) or _url_de_parte(id_parte, partes, url)
        partes[id_parte] = Parte(
            id=id_parte,
            titulo=lector.texto(crudo, "title", ruta),
            texto=lector.texto(crudo, "texto", ruta),
            etiqueta=lector.texto(crudo, "etiqueta", ruta) or id_parte,
            url=propia,
            ver=lector.texto(crudo, "ver", ruta),
        )
    return Documento(
        nombre=leer_nombre(lector, dato),
        titulo=lector.texto(dato, "title", ""),
        cita=lector.texto(dato, "cita", ""),
        nombre_corto=lector.texto(dato, "nombre_corto", ""),
        literal=lector.logico(dato, "literal", ""),
        url=url,
        fuente=lector.texto(dato, "fuente", ""),
        partes=tuple(partes.values()),
        vigencia={c: lector.texto(vigencia, c, "vigencia") for c in vigencia},
        union=lector.texto(dato, "union", "", ","),
    )


def leer_notas(dato: Any, archivo: str) -> Notas:
    """Notas del proyecto: cada una dice bajo qué normas va. Quien confronta fuentes (`dicen`) dice también qué `rige`."""
    lector = Lector(archivo)
    lector.claves(dato, "", ("name", "title", "description", "notas"), ("name", "title", "notas"))
    notas = []
    for i, crudo in enumerate(lector.lista(dato, "notas", "")):
        ruta = f"notas[{i}]"
        lector.claves(crudo, ruta, ("id", "title", "texto", "norma", "dicen", "rige"), ("id", "texto", "norma"))
        if not NOMBRE.fullmatch(lector.texto(crudo, "id", ruta)):
            raise lector.falla(f"{ruta}.id", f"«{crudo['id']}» no sirve de ancla.", "Use minúsculas ASCII, cifras y guiones.")
        if ("dicen" in crudo) != ("rige" in crudo):
            raise lector.falla(ruta, "«dicen» y «rige» van juntas.", "Diga qué dice cada fuente y cuál vale.")
        dicen = []
        for j, dicho in enumerate(lector.lista(crudo, "dicen", ruta)):
            aqui = f"{ruta}.dicen[{j}]"
            lector.claves(dicho, aqui, ("norma", "texto"), ("norma", "texto"))
            dicen.append((lector.texto(dicho, "norma", aqui), lector.texto(dicho, "texto", aqui)))
        nota = Nota(
            nombre=lector.texto(crudo, "id", ruta),
            titulo=lector.texto(crudo, "title", ruta),
            texto=lector.texto(crudo, "texto", ruta),
            norma=lector.textos(crudo, "norma", ruta),
            dicen=tuple(dicen),
            rige=lector.texto(crudo, "rige", ruta),
        )
        notas.append(nota)
    lector.sin_repetir([n.nombre for n in notas], "notas", "id")
    return Notas(leer_nombre(lector, dato), lector.texto(dato, "title", ""), lector.texto(dato, "description", ""), tuple(notas))


def _url_de_parte(id_parte: str, previas: Mapping[str, Parte], url: str) -> str:
    numeral, _, resto = id_parte.partition(".")
    ancla = (resto or numeral).lower().replace(".", "-")
    madre = previas.get(numeral)
    return f"{madre.url.partition('#')[0]}#{ancla}" if madre and resto else f"{url.partition('#')[0]}#{ancla}"


def leer_proceso(dato: Any, archivo: str) -> Proceso:
    """El ciclo anual. Un hito nombra en `regla.desde` solo hitos anteriores."""
    lector = Lector(archivo)
    claves = ("name", "title", "description", "version", "zona", "zonas", "hitos", "deberes", "mapa", "tramitacion")
    lector.claves(dato, "", claves, ("name", "version", "zona", "zonas", "hitos"))
    leer_nombre(lector, dato)
    hitos: dict[str, Hito] = {}
    for i, crudo in enumerate(lector.lista(dato, "hitos", "")):
        hito = _leer_hito(lector, crudo, f"hitos[{i}]", hitos)
        if hito.nombre in hitos:
            raise lector.falla(f"hitos[{i}]", f"«{hito.nombre}» está repetido.", "Cada hito tiene un nombre propio.")
        hitos[hito.nombre] = hito
    zonas = []
    for i, crudo in enumerate(lector.lista(dato, "zonas", "")):
        ruta = f"zonas[{i}]"
        lector.claves(crudo, ruta, ("zona", "nombre", "regiones", "parte_de"), ("zona", "nombre"))
        zona, nombre, parte_de = (lector.texto(crudo, clave, ruta) for clave in ("zona", "nombre", "parte_de"))
        zonas.append(Zona(zona, nombre, lector.textos(crudo, "regiones", ruta), parte_de))
    deberes = []
    for i, crudo in enumerate(lector.lista(dato, "deberes", "")):
        ruta = f"deberes[{i}]"
        lector.claves(crudo, ruta, ("quien", "title", "norma"), ("quien", "title", "norma"))
        deberes.append(
            Deber(lector.texto(crudo, "quien", ruta), lector.texto(crudo, "title", ruta), lector.textos(crudo, "norma", ruta))
        )
    zona, mapa = lector.texto(dato, "zona", ""), _leer_mapa(lector, dato["mapa"]) if "mapa" in dato else None
    tramitacion = leer_tramitacion(lector, dato["tramitacion"], hitos) if "tramitacion" in dato else None
    return Proceso(leer_version(lector, dato), zona, tuple(zonas), tuple(hitos.values()), tuple(deberes), mapa, tramitacion)


def _leer_mapa(lector: Lector, dato: Any) -> Mapa:
    claves = ("matrices", "columnas", "suma", "norma")
    lector.claves(dato, "mapa", claves, claves)
    matrices, columnas, norma = (lector.textos(dato, clave, "mapa") for clave in ("matrices", "columnas", "norma"))
    return Mapa(matrices, columnas, lector.texto(dato, "suma", "mapa"), norma)


def _leer_hito(lector: Lector, dato: Any, ruta: str, previos: Mapping[str, Hito]) -> Hito:
    exigidas = ("name", "title", "description", "responsable", "norma", "cuando")
    lector.claves(dato, ruta, (*exigidas, "exigible", "etapa", "regla", "esquemas", "nota", "filas"), exigidas)
    if not isinstance(filas := dato.get("filas", {}), Mapping):
        raise lector.falla(f"{ruta}.filas", "no es un mapa de campo a valor.", "Escriba, por ejemplo: {momento: preliminar}.")
    regla = dato.get("regla")
    if regla is not None:
        clase = regla.get("clase") if isinstance(regla, Mapping) else None
        if clase not in tuple(CLAVES_DE_REGLA):
            raise lector.falla(f"{ruta}.regla", f"la clase «{clase}» no existe.", f"Use una de: {', '.join(CLAVES_DE_REGLA)}.")
        claves = sorted(CLAVES_DE_REGLA[clase])
        lector.claves(regla, f"{ruta}.regla", claves, claves)
        for clave in ("dias", "mes", "numero"):
            lector.entero(regla, clave, f"{ruta}.regla")
        for clave in ("desde", "hasta", "fecha", "computo", "hecho"):
            lector.texto(regla, clave, f"{ruta}.regla")
        for clave in ("desde", "hasta", "fecha") if clase != "dias-desde" else ():
            # «03-15», y no «02-30»; tampoco «02-29», que no ocurre todos los años.
            if clave in regla and isinstance(leer_fecha(f"2026-{regla[clave]}"), Falla):
                arreglo = 'Escriba mes y día: "03-15".'
                raise lector.falla(f"{ruta}.regla.{clave}", f"«{regla[clave]}» no es un día del año.", arreglo)
        if clase == "dias-desde" and not (
            regla["desde"] in previos and regla["computo"] in COMPUTOS and regla["hecho"] in HECHOS
        ):
            arreglo = f"«desde» es un hito anterior, «computo» {' o '.join(COMPUTOS)} y «hecho» {' o '.join(HECHOS)}."
            raise lector.falla(f"{ruta}.regla", "la cuenta de días no calza.", arreglo)
    return Hito(
        nombre=lector.texto(dato, "name", ruta),
        titulo=lector.texto(dato, "title", ruta),
        descripcion=lector.texto(dato, "description", ruta),
        responsable=lector.texto(dato, "responsable", ruta),
        exigible=lector.logico(dato, "exigible", ruta),
        norma=lector.textos(dato, "norma", ruta),
        regla=regla,
        cuando=lector.texto(dato, "cuando", ruta),
        etapa=lector.texto(dato, "etapa", ruta),
        esquemas=lector.textos(dato, "esquemas", ruta),
        nota=lector.texto(dato, "nota", ruta),
        filas={campo: lector.texto(filas, campo, f"{ruta}.filas") for campo in filas},
    )
