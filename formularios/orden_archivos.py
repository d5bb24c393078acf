"""Las órdenes que miran un archivo sin guardar nada: validar, juzgar y plantilla."""

import difflib
import json
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import click

from esquemas.entrega import validar_libro
from esquemas.errores import ArchivoIlegible, Codigo, Problema
from esquemas.hoja import ilegible, miles
from esquemas.libro import Libro
from esquemas.marcado import marcar
from esquemas.modelo import Catalogo, Esquema
from esquemas.plantilla import escribir_plantilla
from esquemas.referencias import referidos
from esquemas.validacion import Contexto, Resultado, como_dict, problema_como_dict
from formularios.archivo import causa_de, leer_ruta
from formularios.cascara import Cascara

ILEGIBLE = 2  # código de salida: no se pudo leer, o no se pudo escribir lo pedido
FILAS_DE_EXCEL = 1_048_576
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


def exigir_xlsx(salida: Path) -> None:
    """Error de uso si lo que se va a escribir como planilla se llama de otra manera."""
    if salida.suffix.lower() != ".xlsx":
        raise click.UsageError(f"«{salida}» no termina en .xlsx, y lo que se escribe es un libro de Excel.")


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
        suyo = catalogo.esquemas["excepciones"]
        resultado = _validar_otra(catalogo, suyo, excepciones)
        if resultado.errores:
            raise NoSePudo(suyo, str(excepciones), resultado.errores)
        exceptuadas = resultado.como_dict(suyo.nombre)
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


def problemas_de(fallo: NoSePudo) -> list[Problema]:
    """Los problemas de un archivo que no sirvió, con la tabla y la norma de su esquema donde falten."""
    esquema = fallo.esquema
    return [replace(p, tabla=p.tabla or esquema.nombre, norma=p.norma or esquema.norma[:1]) for p in fallo.problemas]


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
        referencias=citables(catalogo, pedido, contexto),
        region=region,
        ejercicio=ejercicio,
        citas=lambda n: catalogo.citar(n).texto,
    )
    with al_escribir(salida):
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
