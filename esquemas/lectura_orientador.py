"""Lee lo que el orientador pregunta y los requisitos con que cada instrumento responde."""

from collections.abc import Mapping
from typing import Any

from esquemas.lectura import Lector, leer_nombre, leer_version
from esquemas.lectura_campo import leer_condicion
from esquemas.modelo import Requisito
from esquemas.saber import Pregunta


def leer_preguntas(dato: Any, archivo: str) -> tuple[Pregunta, ...]:
    """Las preguntas, en orden. Cada una trae dos opciones o más (código: texto)."""
    lector = Lector(archivo)
    lector.claves(dato, "", ("name", "version", "preguntas"), ("name", "version", "preguntas"))
    leer_nombre(lector, dato)
    leer_version(lector, dato)
    preguntas = []
    for i, crudo in enumerate(lector.lista(dato, "preguntas", "")):
        ruta = f"preguntas[{i}]"
        lector.claves(crudo, ruta, ("name", "title", "ayuda", "norma", "opciones"), ("name", "title", "norma", "opciones"))
        textos = crudo["opciones"]
        if not isinstance(textos, Mapping) or len(textos) < 2:
            raise lector.falla(f"{ruta}.opciones", "no hay entre qué elegir.", "Escriba dos o más: «codigo: Texto que se lee».")
        opciones = {codigo: lector.texto(textos, codigo, f"{ruta}.opciones") for codigo in textos}
        preguntas.append(
            Pregunta(
                nombre=lector.texto(crudo, "name", ruta),
                titulo=lector.texto(crudo, "title", ruta),
                opciones=opciones,
                norma=lector.textos(crudo, "norma", ruta),
                ayuda=lector.texto(crudo, "ayuda", ruta),
            )
        )
    lector.sin_repetir([p.nombre for p in preguntas], "preguntas", "name")
    return tuple(preguntas)


def leer_requisitos(lector: Lector, dato: Mapping[str, Any]) -> tuple[Requisito, ...]:
    """Los de un instrumento. Sin ninguno se dice que la fuente no los da: callar no es admitir a todos."""
    leidos = tuple(_leer_requisito(lector, r, f"requisitos[{i}]") for i, r in enumerate(lector.lista(dato, "requisitos", "")))
    return leidos or (Requisito("Requisitos de acceso.", lector.textos(dato, "norma", ""), no_consta="La fuente no los dice."),)


def _leer_requisito(lector: Lector, dato: Any, ruta: str) -> Requisito:
    lector.claves(dato, ruta, ("texto", "norma", "si", "duda", "no_consta"), ("texto", "norma"))
    exigidas = {"si", "no_consta"} if "duda" in dato else {"no_consta"} if "si" not in dato else set()
    if falta := sorted(exigidas - dato.keys()):
        arreglo = "Agregue «si», la condición que lo cumple; o «no_consta», lo que la fuente no dice. Con «duda» van las dos."
        raise lector.falla(ruta, f"falta «{falta[0]}».", arreglo)
    condiciones = {c: leer_condicion(lector, dato[c], f"{ruta}.{c}") for c in ("si", "duda") if c in dato}
    return Requisito(
        texto=lector.texto(dato, "texto", ruta),
        norma=lector.textos(dato, "norma", ruta),
        no_consta=lector.texto(dato, "no_consta", ruta),
        **condiciones,
    )
