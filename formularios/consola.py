"""Lo que comparten las órdenes: leer los archivos que se piden, decir qué tienen mal y salir con el código que corresponde."""

import difflib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from esquemas.entrega import validar_libro
from esquemas.errores import ArchivoIlegible, Problema
from esquemas.hoja import miles
from esquemas.libro import Libro
from esquemas.modelo import Catalogo, Esquema
from esquemas.referencias import referidos
from esquemas.validacion import Contexto, Resultado
from formularios.archivo import causa_de, leer_ruta

ILEGIBLE = 2  # código de salida: no se pudo leer, o no se pudo escribir lo pedido
con_otras = click.option(
    "--con", "otras", multiple=True, metavar="ESQUEMA=ARCHIVO", help="Una matriz a la que se refiere. Se puede repetir."
)
con_excepciones = click.option(
    "--excepciones", type=click.Path(path_type=Path), metavar="CSV", help="Excepciones registradas (esquema «excepciones»)."
)
en_json = click.option("--json", "como_json", is_flag=True, help="Salida para máquinas.")


def esquema_pedido(catalogo: Catalogo, nombre: str) -> Esquema:
    """El esquema de ese nombre o sigla («B.2»), o un error de uso que dice cuáles hay."""
    encontrado = catalogo.esquemas.get(nombre) or next((e for e in catalogo.esquemas.values() if e.sigla == nombre), None)
    if encontrado is None:
        parecidos = difflib.get_close_matches(nombre, catalogo.esquemas, n=1)
        pista = f"¿Quiso decir «{parecidos[0]}»?" if parecidos else f"Use uno de: {', '.join(catalogo.esquemas)}."
        raise click.UsageError(f"No existe el esquema «{nombre}». {pista}")
    return encontrado


class NoSePudo(Exception):
    """Un archivo de la orden no se pudo leer o no sirve: lleva su esquema, su nombre y sus problemas, nunca vacíos."""

    def __init__(self, esquema: Esquema, archivo: str, problemas: Iterable[Problema]) -> None:
        self.esquema, self.archivo, self.problemas = esquema, archivo, tuple(problemas)
        super().__init__(archivo)


class NoSeEscribio(click.ClickException):
    """La salida pedida no se pudo escribir."""

    exit_code = ILEGIBLE


@contextmanager
def al_escribir(salida: Path) -> Iterator[None]:
    """Un disco o una ruta que no dejan escribir salen en una frase, no como una traza."""
    try:
        yield
    except OSError as error:
        causa = "su carpeta no existe" if isinstance(error, FileNotFoundError) else causa_de(error)
        raise NoSeEscribio(f"«{salida}» no se pudo escribir: {causa}. Revise la ruta y sus permisos.") from None


def leer(esquema: Esquema, archivo: Path) -> Libro:
    """El libro de un archivo; NoSePudo si no se puede leer."""
    try:
        return leer_ruta(archivo)
    except ArchivoIlegible as error:
        raise NoSePudo(esquema, str(archivo), [error.problema]) from None


def leer_contexto(
    catalogo: Catalogo,
    esquema: Esquema,
    otras: Iterable[str],
    excepciones: Path | None,
    region: str = "",
    ejercicio: int | None = None,
) -> Contexto:
    """Las matrices de `--con` y las excepciones, ya validadas cada una con su esquema.

    Una matriz con errores en sus filas sirve igual para buscar códigos, y se avisa; una excepción con errores no exceptúa.
    """
    exigir_region(catalogo, region)
    referidas: dict[str, list[dict[str, str]]] = {}
    for pedido in otras:
        nombre, signo, ruta = pedido.partition("=")
        if not signo or not ruta:
            raise click.UsageError(f"«{pedido}» no tiene la forma ESQUEMA=ARCHIVO.")
        otro = esquema_pedido(catalogo, nombre)
        if otro.nombre not in referidos(esquema):
            posibles = ", ".join(referidos(esquema)) or "ninguna otra"
            raise click.UsageError(f"«{esquema.nombre}» no se refiere a «{otro.nombre}». Se refiere a: {posibles}.")
        if otro.nombre in referidas:
            raise click.UsageError(f"«{otro.nombre}» está dos veces en --con. Deje un solo archivo.")
        resultado = _validar_otra(catalogo, otro, Path(ruta))
        if resultado.errores:
            cuantos = contar(len(resultado.errores), "error", "errores")
            click.echo(f"{ruta}: tiene {cuantos}; se usó para revisar las referencias. Valídelo aparte.", err=True)
        referidas[otro.nombre] = resultado.como_dict(otro.nombre)
    exceptuadas: list[dict[str, str]] = []
    if excepciones:
        suyo = catalogo.esquemas[catalogo.proceso.tramitacion.excepciones]
        resultado = _validar_otra(catalogo, suyo, excepciones)
        if resultado.errores:
            raise NoSePudo(suyo, str(excepciones), resultado.errores)
        exceptuadas = [e for e in resultado.como_dict(suyo.nombre) if e["matriz"] in ("", esquema.nombre)]
    return Contexto(region=region, ejercicio=ejercicio, referidas=referidas, excepciones=exceptuadas)


def _validar_otra(catalogo: Catalogo, esquema: Esquema, archivo: Path) -> Resultado:
    resultado = validar_libro(catalogo, esquema, leer(esquema, archivo), Contexto())
    if not resultado.tablas:
        raise NoSePudo(esquema, str(archivo), resultado.errores)
    return resultado


def mostrar(catalogo: Catalogo, resultado: Resultado, archivo: str) -> None:
    """El resultado en palabras: un resumen y un problema por línea, con lugar y norma."""
    estado = "sin errores" if resultado.valido else contar(len(resultado.errores), "error", "errores")
    alertas = f", {contar(len(resultado.alertas), 'alerta', 'alertas')}" if resultado.alertas else ""
    filas = contar(resultado.leidas, "fila", "filas")
    click.echo(f"{archivo}: {filas} de «{resultado.esquema.nombre_completo}», {estado}{alertas}.")
    mostrar_problemas(catalogo, resultado.problemas)


def contar(cuantos: int, uno: str, varios: str) -> str:
    """«1 fila», «1.204 filas»."""
    return f"{miles(cuantos)} {uno if cuantos == 1 else varios}"


def mostrar_problemas(catalogo: Catalogo, problemas: Iterable[Problema]) -> None:
    """Un problema por línea: gravedad, lugar, mensaje, código y norma."""
    for p in problemas:
        donde = p.celda or (f"fila {p.fila}" if p.fila else "")
        lugar = " ".join(t for t in ("!".join(t for t in (p.hoja, donde) if t), p.campo) if t)
        origen = "; ".join((p.codigo, *(catalogo.citar(n).texto for n in p.norma)))
        click.echo(f"  {'ERROR ' if p.es_error else 'alerta'} {lugar or 'archivo'}: {p.mensaje} [{origen}]")


def problemas_de(fallo: NoSePudo) -> list[Problema]:
    """Los problemas de un archivo que no sirvió, con la tabla y la norma de su esquema donde falten."""
    esquema = fallo.esquema
    return [replace(p, tabla=p.tabla or esquema.nombre, norma=p.norma or esquema.norma[:1]) for p in fallo.problemas]


def exigir_region(catalogo: Catalogo, region: str) -> None:
    """Error de uso si el código no es de una región."""
    codigos = [o.codigo for o in catalogo.opciones["regiones"].opciones]
    if region and region not in codigos:
        raise click.UsageError(f"No existe la región «{region}». Use su código de dos cifras: {', '.join(codigos)}.")
