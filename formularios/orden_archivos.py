"""Las órdenes que miran un archivo sin guardar nada: validar, juzgar y plantilla."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import click

from esquemas.entrega import validar_libro
from esquemas.errores import Codigo
from esquemas.hoja import ilegible, miles
from esquemas.libro import Libro
from esquemas.marcado import marcar
from esquemas.modelo import Catalogo, Esquema
from esquemas.plantilla import escribir_plantilla
from esquemas.referencias import citables
from esquemas.validacion import Resultado, como_dict, problema_como_dict
from formularios.cascara import Cascara
from formularios.consola import (
    ILEGIBLE,
    NoSeEscribio,
    NoSePudo,
    al_escribir,
    con_excepciones,
    con_otras,
    en_json,
    esquema_pedido,
    leer,
    leer_contexto,
    mostrar,
    mostrar_problemas,
    problemas_de,
)

FILAS_DE_EXCEL = 1_048_576


def exigir_xlsx(salida: Path) -> None:
    """Error de uso si lo que se va a escribir como planilla se llama de otra manera."""
    if salida.suffix.lower() != ".xlsx":
        raise click.UsageError(f"«{salida}» no termina en .xlsx, y lo que se escribe es un libro de Excel.")


def _salir(ctx: click.Context, catalogo: Catalogo, pedido: Esquema, fallo: NoSePudo, como_json: bool) -> None:
    problemas = problemas_de(fallo)
    if como_json:
        if fallo.esquema is not pedido:
            problemas = [replace(p, mensaje=f"En «{fallo.archivo}»: {p.mensaje}") for p in problemas]
        salida = {"esquema": pedido.nombre, "version": pedido.version, "filas": 0, "valido": False}
        _escribir_json(salida | {"problemas": [problema_como_dict(p) for p in problemas]})
    else:
        click.echo(f"{fallo.archivo}: no se pudo usar.", err=True)
        mostrar_problemas(catalogo, problemas)
    ctx.exit(ILEGIBLE)


def _escribir_json(dato: Mapping[str, object]) -> None:
    click.echo(json.dumps(dato, ensure_ascii=False, indent=2))


@click.command()
@click.argument("esquema")
@click.argument("archivo", type=click.Path(path_type=Path))
@con_otras
@con_excepciones
@click.option("--region", default="", help="Código de la región, si importa para los montos.")
@click.option("--ejercicio", type=int, help="Año presupuestario, si importa para los montos.")
@click.option("--marcado", type=click.Path(path_type=Path), metavar="XLSX", help="El archivo con los problemas en sus celdas.")
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
    """Valida un CSV, XLSX u ODS.

    Sale con 0 sin errores, 1 con errores, 2 si no se pudo leer. El archivo marcado no conserva fórmulas ni adornos.
    """
    cascara: Cascara = ctx.obj
    catalogo = cascara.catalogo
    pedido = esquema_pedido(catalogo, esquema)
    if marcado:
        exigir_xlsx(marcado)
        if marcado.exists() and archivo.exists() and marcado.samefile(archivo):
            raise click.UsageError("--marcado taparía el archivo que se valida. Dele otro nombre.")
    try:
        libro = leer(pedido, archivo)
        contexto = leer_contexto(catalogo, pedido, otras, excepciones, region, ejercicio)
    except NoSePudo as fallo:
        _salir(ctx, catalogo, pedido, fallo, como_json)
    resultado = validar_libro(catalogo, pedido, libro, contexto)
    if como_json:
        _escribir_json(como_dict(resultado))
    else:
        mostrar(catalogo, resultado, str(archivo))
    if marcado:
        _marcar(catalogo, resultado, libro, marcado)
        perdidas = sum(h.formulas for h in libro.hojas)
        aviso = f". Sus fórmulas ({miles(perdidas)}) quedaron como valores: conserve su original." if perdidas else ""
        click.echo(f"Archivo marcado: {marcado}{aviso}", err=como_json)
    ctx.exit(0 if resultado.valido else 1)


def _marcar(catalogo: Catalogo, resultado: Resultado, libro: Libro, salida: Path) -> None:
    ultima = max((hoja.numeros[-1] for hoja in libro.hojas if hoja.numeros), default=0)
    if ultima > FILAS_DE_EXCEL:
        raise NoSeEscribio(
            f"«{salida}» no se escribió: una hoja de Excel llega a {miles(FILAS_DE_EXCEL)} filas y el archivo tiene "
            f"{miles(ultima)}. Divídalo y marque cada parte."
        )
    bytes_marcados = marcar(libro.hojas, resultado.problemas, resultado.esquema, citas=lambda n: catalogo.citar(n).texto)
    with al_escribir(salida):
        salida.write_bytes(bytes_marcados)


@click.command()
@click.argument("esquema")
@click.argument("archivo", type=click.Path(path_type=Path))
@con_otras
@en_json
@click.pass_context
def juzgar(ctx: click.Context, esquema: str, archivo: Path, otras: tuple[str, ...], como_json: bool) -> None:
    """Lo mismo con frictionless, para comparar.

    Mira un CSV en forma canónica: no conoce las reglas entre columnas, los tipos de fila ni las rarezas de Excel.
    Con --con, también que exista lo citado.
    """
    from esquemas.juez import juzga_citas_a, juzgar_csv  # frictionless tarda medio segundo: solo quien juzga lo espera

    catalogo = ctx.obj.catalogo
    pedido = esquema_pedido(catalogo, esquema)
    try:
        datos = _leer_csv_para_juzgar(pedido, archivo)
        referidas = leer_contexto(catalogo, pedido, otras, None).referidas
    except NoSePudo as fallo:
        _salir(ctx, catalogo, pedido, fallo, como_json)
    for nombre in sorted(referidas.keys() - juzga_citas_a(pedido)):
        click.echo(f"«{nombre}» se leyó y no se usó: frictionless no suma montos. Para eso está «validar».", err=True)
    filas, problemas = juzgar_csv(catalogo, pedido, datos, referidas=referidas)
    resultado = Resultado(pedido, {}, problemas, filas)
    if como_json:
        _escribir_json(como_dict(resultado))
    else:
        mostrar(catalogo, resultado, str(archivo))
    ctx.exit(0 if resultado.valido else 1)


def _leer_csv_para_juzgar(esquema: Esquema, archivo: Path) -> bytes:
    """Los bytes del CSV. NoSePudo si ni siquiera nosotros lo podemos leer, o si es otra cosa."""
    libro = leer(esquema, archivo)
    datos = archivo.read_bytes()
    if datos.startswith(b"PK") or len(libro.hojas) != 1:
        mensaje = "frictionless juzga un CSV, y esto es una planilla o un zip. Guárdelo como «CSV UTF-8», o use «validar»."
        raise NoSePudo(esquema, str(archivo), [ilegible(Codigo.FORMATO_DESCONOCIDO, mensaje).problema])
    return datos


@click.command()
@click.argument("esquema")
@click.option("--salida", required=True, type=click.Path(path_type=Path), help="El XLSX que se escribe.")
@click.option("--region", default="", help="Código de la región: acorta las listas de comunas.")
@click.option("--ejercicio", type=int, help="Año presupuestario.")
@con_otras
@click.pass_context
def plantilla(ctx: click.Context, esquema: str, salida: Path, region: str, ejercicio: int | None, otras: tuple[str, ...]) -> None:
    """Escribe la planilla de un formato o encuesta, con listas y ayudas.

    Con --con, también los códigos que se pueden citar.
    """
    catalogo = ctx.obj.catalogo
    pedido = esquema_pedido(catalogo, esquema)
    exigir_xlsx(salida)
    try:
        contexto = leer_contexto(catalogo, pedido, otras, None, region, ejercicio)
    except NoSePudo as fallo:
        _salir(ctx, catalogo, pedido, fallo, False)
    libro = escribir_plantilla(
        pedido,
        catalogo.opciones,
        referencias=citables(catalogo, pedido, contexto.referidas),
        region=region,
        ejercicio=ejercicio,
        citas=lambda n: catalogo.citar(n).texto,
    )
    with al_escribir(salida):
        salida.write_bytes(libro)
    click.echo(f"Planilla de «{pedido.nombre_completo}» (versión {pedido.version}): {salida}")
