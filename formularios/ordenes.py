"""La orden `focaliza`. Un grupo perezoso: cada orden se importa solo cuando se pide, así todas arrancan rápido.

Esta tabla es la única costura entre `formularios` y `generador`. La ayuda breve de cada orden es la primera línea de su
docstring y se lee sin importarla.
"""

import ast
import difflib
from importlib import import_module
from importlib.util import find_spec
from pathlib import Path

import click

from formularios.castellano import hablar_en_castellano

ORDENES = {
    "validar": "formularios.orden_archivos:validar",
    "juzgar": "formularios.orden_archivos:juzgar",
    "plantilla": "formularios.orden_archivos:plantilla",
    "esquemas": "formularios.orden_consultas:esquemas",
    "plazos": "formularios.orden_consultas:plazos",
    "importar": "formularios.orden_envios:importar",
    "exportar": "formularios.orden_envios:exportar",
    "usuarios": "formularios.orden_envios:usuarios",
    "invitar": "formularios.orden_invitar:invitar",
    "correo": "formularios.orden_envios:correo",
    "retencion": "formularios.orden_retencion:retencion",
    "construir": "generador.__main__:construir",
    "servir": "formularios.orden_servir:servir",
}


hablar_en_castellano()  # antes de declarar órdenes: click traduce algunos textos al declararlas


class _Perezoso(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(ORDENES)

    def get_command(self, ctx: click.Context, nombre: str) -> click.Command:
        if nombre not in ORDENES:
            parecidas = difflib.get_close_matches(nombre, ORDENES, n=1)
            pista = f"¿Quiso decir «{parecidas[0]}»?" if parecidas else f"Existen: {', '.join(ORDENES)}."
            ctx.fail(f"No existe la orden «{nombre}». {pista}")
        modulo, _, funcion = ORDENES[nombre].partition(":")
        return getattr(import_module(modulo), funcion)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        with formatter.section("Órdenes"):
            formatter.write_dl([(nombre, ayuda_breve(destino)) for nombre, destino in ORDENES.items()])

    def invoke(self, ctx: click.Context) -> object:
        """Las fallas esperables salen en una frase y con código 2; un defecto del programa, con su traza."""
        from esquemas.errores import EsquemaInvalido
        from formularios.configuracion import ConfiguracionInvalida

        try:
            return super().invoke(ctx)
        except (EsquemaInvalido, ConfiguracionInvalida) as error:
            click.echo(f"No se pudo: {error}", err=True)
            ctx.exit(2)


def ayuda_breve(destino: str) -> str:
    """La primera línea de la docstring de «módulo:función», sin importar el módulo; «» si no tiene."""
    modulo, _, funcion = destino.partition(":")
    hallado = find_spec(modulo)
    if hallado is None or not hallado.origin:
        return ""
    arbol = ast.parse(Path(hallado.origin).read_bytes())
    propia = next((n for n in arbol.body if isinstance(n, ast.FunctionDef) and n.name == funcion), None)
    return ((propia and ast.get_docstring(propia)) or "").partition("\n")[0]


@click.group(
    cls=_Perezoso,
    context_settings={"help_option_names": ["-h", "--help", "--ayuda"], "max_content_width": 130},
)
@click.version_option(package_name="focaliza", prog_name="focaliza", message="%(prog)s %(version)s")
@click.pass_context
def focaliza(ctx: click.Context) -> None:
    """La focalización regional: valida, recibe y entrega matrices y encuestas."""
    from formularios.cascara import Cascara

    ctx.obj = Cascara()
