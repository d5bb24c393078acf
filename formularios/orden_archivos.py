"""Las órdenes que miran un archivo sin guardar nada: validar, juzgar y plantilla."""

import json
from collections.abc import Iterable, Mapping
from pathlib import Path

import click

from esquemas.entrega import validar_libro
from esquemas.errores import ArchivoIlegible, Problema
from esquemas.libro import Libro
from esquemas.marcado import marcar
from esquemas.modelo import Catalogo, Esquema
from esquemas.plantilla import escribir_plantilla
from esquemas.referencias import referidos
from esquemas.validacion import Contexto, Resultado, como_dict, problema_como_dict
from formularios.cascara import Cascara
from formularios.archivo import leer_ruta

ILEGIBLE = 2  # código de salida: no se pudo leer
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
        raise click.UsageError(f"No existe el esquema «{nombre}». Use uno de: {', '.join(catalogo.esquemas)}.")
    return encontrado


class NoSePudo(Exception):
    """Un archivo de la orden no se pudo leer o no sirve: lleva su esquema y sus problemas, nunca vacíos."""

    def __init__(self, esquema: Esquema, archivo: str, problemas: Iterable[Problema]) -> None:
        self.esquema, self.archivo, self.problemas = esquema, archivo, tuple(problemas)
        super().__init__(archivo)


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
    """Las matrices de `--con` y las excepciones, ya validadas cada una con su esquema."""
    referidas = {}
    for pedido in otras:
        nombre, signo, ruta = pedido.partition("=")
        if not signo or not ruta:
            raise click.UsageError(f"«{pedido}» no tiene la forma ESQUEMA=ARCHIVO.")
        otro = esquema_pedido(catalogo, nombre)
        if otro.nombre not in referidos(esquema):
            posibles = ", ".join(referidos(esquema)) or "ninguna otra"
            raise click.UsageError(f"«{esquema.nombre}» no se refiere a «{otro.nombre}». Se refiere a: {posibles}.")
        referidas[otro.nombre] = _filas(catalogo, otro, Path(ruta))
    exceptuadas = _filas(catalogo, catalogo.esquemas["excepciones"], excepciones) if excepciones else []
    return Contexto(region=region, ejercicio=ejercicio, referidas=referidas, excepciones=exceptuadas)


def _filas(catalogo: Catalogo, esquema: Esquema, archivo: Path) -> list[dict[str, str]]:
    resultado = validar_libro(catalogo, esquema, leer(esquema, archivo), Contexto())
    if not resultado.tablas:
        raise NoSePudo(esquema, str(archivo), resultado.errores)
    return resultado.como_dict(esquema.nombre)


def mostrar(catalogo: Catalogo, resultado: Resultado, archivo: str) -> None:
    """El resultado en palabras: un resumen y un problema por línea, con lugar y norma."""
    estado = "sin errores" if resultado.valido else f"{len(resultado.errores)} con error"
    alertas = f", {len(resultado.alertas)} alertas" if resultado.alertas else ""
    click.echo(f"{archivo}: {resultado.leidas} filas de «{resultado.esquema.nombre_completo}», {estado}{alertas}.")
    mostrar_problemas(catalogo, resultado.problemas)


def mostrar_problemas(catalogo: Catalogo, problemas: Iterable[Problema]) -> None:
    for p in problemas:
        lugar = " ".join(t for t in (f"{p.hoja}!{p.celda}" if p.hoja and p.celda else p.celda or p.hoja, p.campo) if t)
        normas = "; ".join(catalogo.citar(n).texto for n in p.norma)
        click.echo(f"  {'ERROR ' if p.es_error else 'alerta'} {lugar or 'archivo'}: {p.mensaje} [{p.codigo}; {normas}]")


def _salir(ctx: click.Context, catalogo: Catalogo, fallo: NoSePudo, como_json: bool) -> None:
    problemas = [p if p.norma else _con_norma(p, fallo.esquema) for p in fallo.problemas]
    if como_json:
        salida = {"esquema": fallo.esquema.nombre, "version": fallo.esquema.version, "filas": 0, "valido": False}
        _escribir_json(salida | {"problemas": [problema_como_dict(p) for p in problemas]})
    else:
        click.echo(f"{fallo.archivo}: no se pudo leer.", err=True)
        mostrar_problemas(catalogo, problemas)
    ctx.exit(ILEGIBLE)


def _con_norma(problema: Problema, esquema: Esquema) -> Problema:
    from dataclasses import replace

    return replace(problema, tabla=problema.tabla or esquema.nombre, norma=esquema.norma)


def _escribir_json(dato: Mapping[str, object]) -> None:
    click.echo(json.dumps(dato, ensure_ascii=False, indent=2))


@click.command()
@click.argument("esquema")
@click.argument("archivo", type=click.Path(path_type=Path))
@con_otras
@con_excepciones
@click.option("--region", default="", help="Código de la región, si importa para los montos.")
@click.option("--ejercicio", type=int, help="Año presupuestario, si importa para los montos.")
@click.option("--marcado", type=click.Path(path_type=Path), metavar="XLSX", help="Devuelve el archivo con los problemas en sus celdas.")
@en_json
@click.pass_context
def validar(
    ctx: click.Context,
    esquema: str,
    archivo: Path,
    otras: tuple[str, ...],
    excepciones: Path | None,
    region: str,
    ejercicio: int | None,
    marcado: Path | None,
    como_json: bool,
) -> None:
    """Valida un CSV, XLSX u ODS. Sale con 0 sin errores, 1 con errores, 2 si no se pudo leer."""
    cascara: Cascara = ctx.obj
    catalogo = cascara.catalogo
    pedido = esquema_pedido(catalogo, esquema)
    try:
        libro = leer(pedido, archivo)
        contexto = leer_contexto(catalogo, pedido, otras, excepciones, region, ejercicio)
    except NoSePudo as fallo:
        _salir(ctx, catalogo, fallo, como_json)
    resultado = validar_libro(catalogo, pedido, libro, contexto)
    if como_json:
        _escribir_json(como_dict(resultado))
    else:
        mostrar(catalogo, resultado, str(archivo))
    if marcado:
        marcado.write_bytes(marcar(libro.hojas, resultado.problemas, pedido, citas=lambda n: catalogo.citar(n).texto))
        click.echo(f"Archivo marcado: {marcado}", err=como_json)
    ctx.exit(0 if resultado.valido else 1)


@click.command()
@click.argument("esquema")
@click.argument("archivo", type=click.Path(path_type=Path))
@con_otras
@en_json
@click.pass_context
def juzgar(ctx: click.Context, esquema: str, archivo: Path, otras: tuple[str, ...], como_json: bool) -> None:
    """Lo mismo con frictionless, para comparar: un CSV en forma canónica, sin reglas entre columnas ni rarezas de Excel."""
    from esquemas.juez import juzgar_csv

    catalogo = ctx.obj.catalogo
    pedido = esquema_pedido(catalogo, esquema)
    try:
        leer(pedido, archivo)
        contexto = leer_contexto(catalogo, pedido, otras, None)
    except NoSePudo as fallo:
        _salir(ctx, catalogo, fallo, como_json)
    filas, problemas = juzgar_csv(catalogo, pedido, archivo.read_bytes(), contexto.referidas)
    resultado = Resultado(pedido, {}, problemas, filas)
    if como_json:
        _escribir_json(como_dict(resultado))
    else:
        mostrar(catalogo, resultado, str(archivo))
    ctx.exit(0 if resultado.valido else 1)


@click.command()
@click.argument("esquema")
@click.option("--salida", required=True, type=click.Path(path_type=Path), help="El XLSX que se escribe.")
@click.option("--region", default="", help="Código de la región: acorta las listas de comunas.")
@click.option("--ejercicio", type=int, help="Año presupuestario.")
@con_otras
@click.pass_context
def plantilla(
    ctx: click.Context, esquema: str, salida: Path, region: str, ejercicio: int | None, otras: tuple[str, ...]
) -> None:
    """Escribe la planilla de un formato o encuesta, con listas, ayudas y, con --con, los códigos que se pueden citar."""
    catalogo = ctx.obj.catalogo
    pedido = esquema_pedido(catalogo, esquema)
    exigir_region(catalogo, region)
    try:
        contexto = leer_contexto(catalogo, pedido, otras, None)
    except NoSePudo as fallo:
        _salir(ctx, catalogo, fallo, False)
    libro = escribir_plantilla(
        pedido,
        catalogo.opciones,
        referencias=citables(catalogo, pedido, contexto),
        region=region,
        ejercicio=ejercicio,
        citas=lambda n: catalogo.citar(n).texto,
    )
    salida.write_bytes(libro)
    click.echo(f"Planilla de «{pedido.nombre_completo}» (versión {pedido.version}): {salida}")


def citables(catalogo: Catalogo, esquema: Esquema, contexto: Contexto) -> dict[str, list[tuple[str, str]]]:
    """Campo → [(código, etiqueta)] de las filas que puede citar, filtradas por el tipo que pide la referencia."""
    salida = {}
    for campo in esquema.campos:
        if campo.referencia is None or (filas := contexto.referidas.get(campo.referencia.esquema)) is None:
            continue
        referido = catalogo.esquemas[campo.referencia.esquema]
        etiqueta = next(c.nombre for c in referido.campos if c.tipo in ("texto", "parrafo") and not c.catalogo)
        tipos = campo.referencia.tipos
        salida[campo.nombre] = [(f["codigo"], f[etiqueta]) for f in filas if not tipos or f.get("tipo") in tipos]
    return salida


def exigir_region(catalogo: Catalogo, region: str) -> None:
    """Error de uso si el código no es de una región."""
    codigos = [o.codigo for o in catalogo.opciones["regiones"].opciones]
    if region and region not in codigos:
        raise click.UsageError(f"No existe la región «{region}». Use su código de dos cifras: {', '.join(codigos)}.")
