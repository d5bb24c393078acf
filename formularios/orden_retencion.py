"""La orden `retencion`: quita lo que ya no se debe guardar. En seco mientras no se pida aplicarla."""

import click

from formularios.cascara import Cascara
from formularios.consola import contar
from formularios.orden_envios import ORIGEN, ConBase, abrir
from formularios.retencion import limpiar


@click.command(cls=ConBase)
@click.option("--aplicar", is_flag=True, help="Lo quita de verdad. Sin esto, solo dice cuánto es.")
@click.pass_context
def retencion(ctx: click.Context, aplicar: bool) -> None:
    """Quita los datos de personas vencidos, y los borradores, llaves e intentos viejos.

    El plazo es el de cada encuesta. Repetirla no cambia nada.
    """
    cascara: Cascara = ctx.obj
    hecho = limpiar(abrir(cascara), cascara.catalogo, aplicar=aplicar, autor=ORIGEN, ahora_utc=cascara.ahora())
    verbo = "Se quitó" if aplicar else "Se quitaría"
    for nombre, cuantas in hecho.respuestas.items():
        titulo = cascara.catalogo.esquemas[nombre].titulo
        click.echo(f"{titulo}: {contar(cuantas, 'respuesta vencida', 'respuestas vencidas')} con datos de personas.")
    if hecho.bloqueadas:
        click.echo(f"{contar(hecho.bloqueadas, 'respuesta vencida', 'respuestas vencidas')} sin tocar, por estar bloqueadas.")
    partes = (
        contar(hecho.borradores, "borrador", "borradores"),
        contar(hecho.llaves, "llave", "llaves"),
        contar(hecho.intentos, "acceso o intento", "accesos o intentos"),
        contar(hecho.correos, "correo ya despachado", "correos ya despachados"),
        contar(hecho.documentos, "documento sin entregar", "documentos sin entregar"),
    )
    click.echo(f"{verbo} además: {', '.join(partes)}.")
    if not aplicar:
        click.echo("No se cambió nada. Para quitarlo: focaliza retencion --aplicar.")
