"""Lee la tramitación de `proceso.yaml`: todo acto parte de un estado que existe, llega a otro y espera plazos que existen."""

from collections.abc import Collection, Mapping
from typing import Any

from esquemas.lectura import Lector
from esquemas.lectura_campo import leer_campo
from esquemas.modelo import Esquema, Tabla
from esquemas.saber import ACUERDO, EXIGIBLES, NADA, OBSERVADO, TODO, Acto, Acuerdo, Estado, Tramitacion

RUTA = "tramitacion"


def leer_tramitacion(lector: Lector, dato: Any, hitos: Collection[str]) -> Tramitacion:
    """Los estados y los actos. `hitos`: los nombres de los del ciclo."""
    claves = ("norma", "inicial", "estados", "actos")
    lector.claves(dato, RUTA, (*claves, "acuerdo", "observaciones", "excepciones"), claves)
    acuerdo = _leer_acuerdo(lector, dato["acuerdo"], f"{RUTA}.acuerdo") if "acuerdo" in dato else None
    suyos = [_leer_estado(lector, e, f"{RUTA}.estados[{i}]") for i, e in enumerate(lector.lista(dato, "estados", RUTA))]
    lector.sin_repetir([e.nombre for e in suyos], f"{RUTA}.estados", "name")
    estados = {e.nombre: e for e in suyos}
    inicial = _de(lector, lector.texto(dato, "inicial", RUTA), estados, f"{RUTA}.inicial")
    crudos = enumerate(lector.lista(dato, "actos", RUTA))
    actos = [_leer_acto(lector, a, f"{RUTA}.actos[{i}]", estados, hitos) for i, a in crudos]
    lector.sin_repetir([a.nombre for a in actos], f"{RUTA}.actos", "name")
    if acuerdo is None and any(ACUERDO in a.exige for a in actos):
        raise lector.falla(RUTA, "un acto exige el acuerdo y no se dice qué es.", "Agregue «acuerdo» con sus campos.")
    norma = lector.textos(dato, "norma", RUTA)
    observaciones, excepciones = (lector.texto(dato, n, RUTA) for n in ("observaciones", "excepciones"))
    return Tramitacion(inicial, estados, {a.nombre: a for a in actos}, norma, acuerdo, observaciones, excepciones)


def _leer_acuerdo(lector: Lector, dato: Any, ruta: str) -> Acuerdo:
    claves = ("title", "description", "norma", "fields", "documentos", "en_orden")
    lector.claves(dato, ruta, claves, claves)
    campos, documentos = (
        tuple(leer_campo(lector, c, f"{ruta}.{clave}[{i}]") for i, c in enumerate(lector.lista(dato, clave, ruta)))
        for clave in ("fields", "documentos")
    )
    lector.sin_repetir([c.nombre for c in (*campos, *documentos)], ruta, "name")
    fechas = [c.nombre for c in campos if c.tipo == "fecha"]
    titulo = lector.texto(dato, "title", ruta)
    esquema = Esquema(
        nombre=ACUERDO,
        titulo=titulo,
        clase="formato",
        descripcion=lector.texto(dato, "description", ruta),
        version="",
        norma=lector.textos(dato, "norma", ruta),
        principal=Tabla(ACUERDO, titulo, campos),
        descriptor={},
        huella="",
    )
    en_orden = lector.textos(dato, "en_orden", ruta)
    return Acuerdo(esquema, documentos, tuple(_de(lector, f, fechas, f"{ruta}.en_orden") for f in en_orden))


def _leer_estado(lector: Lector, dato: Any, ruta: str) -> Estado:
    claves = ("name", "title", "description", "abre")
    lector.claves(dato, ruta, claves, claves)
    nombre, titulo, descripcion, abre = (lector.texto(dato, c, ruta) for c in claves)
    return Estado(nombre, titulo, descripcion, _de(lector, abre, (TODO, OBSERVADO, NADA), f"{ruta}.abre"))


def _leer_acto(lector: Lector, dato: Any, ruta: str, estados: Mapping[str, Estado], hitos: Collection[str]) -> Acto:
    exigidas = ("name", "title", "description", "quien", "de", "a", "norma")
    lector.claves(dato, ruta, (*exigidas, "hito", "entrega", "exige", "tras", "materia"), exigidas)
    hito, de = lector.texto(dato, "hito", ruta), lector.textos(dato, "de", ruta)
    tras = lector.claves(dato.get("tras", {}), f"{ruta}.tras", de)
    return Acto(
        nombre=lector.texto(dato, "name", ruta),
        titulo=lector.texto(dato, "title", ruta),
        descripcion=lector.texto(dato, "description", ruta),
        quien=lector.roles(dato, "quien", ruta, ()),
        de=tuple(_de(lector, e, estados, f"{ruta}.de") for e in de),
        a=_de(lector, lector.texto(dato, "a", ruta), estados, f"{ruta}.a"),
        norma=lector.textos(dato, "norma", ruta),
        hito=_de(lector, hito, hitos, f"{ruta}.hito") if hito else "",
        entrega=lector.textos(dato, "entrega", ruta),
        exige=tuple(_de(lector, x, EXIGIBLES, f"{ruta}.exige") for x in lector.textos(dato, "exige", ruta)),
        materia=lector.texto(dato, "materia", ruta),
        tras={e: _de(lector, lector.texto(tras, e, f"{ruta}.tras"), hitos, f"{ruta}.tras.{e}") for e in tras},
    )


def _de(lector: Lector, valor: str, conocidos: Collection[str], ruta: str) -> str:
    if valor not in conocidos:
        raise lector.falla(ruta, f"«{valor}» no existe.", f"Use uno de: {', '.join(conocidos)}.")
    return valor
