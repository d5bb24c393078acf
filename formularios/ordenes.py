"""La orden `focaliza`. Un grupo perezoso: cada orden se importa solo cuando se pide, así todas arrancan rápido.

Esta tabla es la única costura entre `formularios` y `generador`.
"""

from importlib import import_module

import click

ORDENES = {
    "validar": "formularios.orden_archivos:validar",
    "juzgar": "formularios.orden_archivos:juzgar",
    "plantilla": "formularios.orden_archivos:plantilla",
    "esquemas": "formularios.orden_consultas:esquemas",
    "plazos": "formularios.orden_consultas:plazos",
    "importar": "formularios.orden_envios:importar",
    "exportar": "formularios.orden_envios:exportar",
    "usuarios": "formularios.orden_envios:usuarios",
    "construir": "generador.__main__:construir",
    "servir": "formularios.orden_servir:servir",
}


class _Perezoso(click.Group):
    def list_commands(self, ctx: click.Context) -> list[str]:
        return list(ORDENES)

    def get_command(self, ctx: click.Context, nombre: str) -> click.Command | None:
        if nombre not in ORDENES:
            return None
        modulo, _, funcion = ORDENES[nombre].partition(":")
        return getattr(import_module(modulo), funcion)

    def invoke(self, ctx: click.Context) -> object:
        """Las fallas esperables salen en una frase y con código 2; un defecto del programa, con su traza."""
        from esquemas.errores import EsquemaInvalido
        from formularios.configuracion import ConfiguracionInvalida

        try:
            return super().invoke(ctx)
        except (EsquemaInvalido, ConfiguracionInvalida) as error:
            click.echo(f"No se pudo: {error}", err=True)
            ctx.exit(2)


@click.group(cls=_Perezoso, context_settings={"help_option_names": ["-h", "--help", "--ayuda"], "max_content_width": 100})
@click.version_option(package_name="focaliza", prog_name="focaliza")
@click.pass_context
def focaliza(ctx: click.Context) -> None:
    """La focalización regional: valida, recibe y entrega matrices y encuestas."""
    from formularios.cascara import Cascara

    ctx.obj = Cascara()
