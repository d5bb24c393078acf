"""Los textos que pone click, en castellano: quien usa la orden no tiene por qué saber inglés.

click marca sus textos con gettext y no trae traducciones. Aquí van las pocas que una persona puede llegar a ver; lo que
falte sale en su idioma original, y una prueba recorre las fallas comunes.
"""

from importlib import import_module

TEXTOS = {
    "Usage:": "Uso:",
    "Options": "Opciones",
    "Show this message and exit.": "Muestra esta ayuda.",
    "Show the version and exit.": "Muestra la versión.",
    "Error: {message}": "Error: {message}",
    "Try '{command} {option}' for help.": "Para ver la ayuda: {command} {option}",
    "Missing argument": "Falta el argumento",
    "Missing option": "Falta la opción",
    "Missing command.": "Falta decir qué orden.",
    "Invalid value: {message}": "El valor no sirve: {message}",
    "Invalid value for {param_hint}: {message}": "El valor de {param_hint} no sirve: {message}",
    "No such option {name!r}.": "No existe la opción {name}.",
    "No such command {name!r}.": "No existe la orden {name}.",
    "Did you mean {possibility}?": "¿Quiso decir {possibility}?",
    "(Did you mean one of: {possibilities}?)": "¿Quiso decir una de estas: {possibilities}?",
    "Got unexpected extra argument ({args})": "Sobra {args}.",
    "Got unexpected extra arguments ({args})": "Sobran {args}.",
    "Option {name!r} requires an argument.": "La opción {name} pide un valor.",
    "Option {name!r} does not take a value.": "La opción {name} no lleva valor.",
    "{value!r} is not a valid {number_type}.": "«{value}» no es un número entero.",
    "{value} is not in the range {range}.": "{value} no está en el rango {range}.",
    "{value!r} is not {choice}.": "«{value}» no es {choice}.",
    "{value!r} is not one of {choices}.": "«{value}» no es uno de {choices}.",
    "default: {default}": "omisión: {default}",
    "required": "obligatoria",
    "Aborted!": "Se detuvo.",
}


def hablar_en_castellano() -> None:
    """Cambia los textos de click en este proceso."""

    def traducir(texto: str) -> str:
        return TEXTOS.get(texto, texto)

    def traducir_plural(uno: str, varios: str, cuantos: int) -> str:
        return traducir(uno if cuantos == 1 else varios)

    for nombre in ("core", "exceptions", "decorators", "formatting", "parser", "types"):
        modulo = import_module(f"click.{nombre}")
        modulo._ = traducir
        modulo.ngettext = traducir_plural
