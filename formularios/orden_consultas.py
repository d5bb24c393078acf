"""Las órdenes que solo muestran lo que se sabe: esquemas y plazos."""

import json

import click

from esquemas.agenda import a_ics
from esquemas.plazos import calendario, cierres, en_palabras, plazo_a_dict
from formularios.consola import en_json, exigir_region


@click.command()
@en_json
@click.pass_context
def esquemas(ctx: click.Context, como_json: bool) -> None:
    """Lista formatos y encuestas con su versión y su huella."""
    catalogo = ctx.obj.catalogo
    filas = [
        {"esquema": e.nombre, "sigla": e.sigla, "clase": e.clase, "titulo": e.titulo, "version": e.version, "huella": e.huella}
        for e in catalogo.esquemas.values()
    ]
    if como_json:
        click.echo(json.dumps(filas, ensure_ascii=False, indent=2))
        return
    ancho = max(len(f["esquema"]) for f in filas)
    for f in filas:
        cuales = f"{f['esquema']:<{ancho}}  {f['sigla'] or '—':<4} {f['clase']:<9} {f['version']:<7}"
        click.echo(f"{cuales} {f['huella'][:16]}  {f['titulo']}")


@click.command()
@click.argument("ejercicio", type=click.IntRange(2020, 2100))
@click.option("--region", default="", help="Código de la región, para sus feriados.")
@en_json
@click.option("--ics", is_flag=True, help="Calendario iCalendar, para suscribirse.")
@click.pass_context
def plazos(ctx: click.Context, ejercicio: int, region: str, como_json: bool, ics: bool) -> None:
    """El calendario calculado de un ejercicio: todo ocurre en el año anterior."""
    catalogo = ctx.obj.catalogo
    if como_json and ics:
        raise click.UsageError("--json e --ics son dos salidas distintas. Pida una.")
    exigir_region(catalogo, region)
    calculados = calendario(catalogo.proceso.hitos, ejercicio, region=region or None, zona=catalogo.proceso.zona)
    if ics:
        click.echo(a_ics(catalogo, ejercicio, calculados), nl=False)
    elif como_json:
        click.echo(json.dumps([plazo_a_dict(p) for p in calculados], ensure_ascii=False, indent=2))
    else:
        for p in calculados:
            vence = en_palabras(p.vence) if p.vence else "sin fecha en la norma"
            if p.vence and p.hito.exigible:
                vence = f"hasta las {cierres(p, catalogo.proceso.zonas)[0]}"
            marca = "exigible " if p.hito.exigible else "sugerido "
            click.echo(f"{marca} {p.hito.titulo} ({p.hito.responsable}): {vence}{f' (fecha {p.salvedad})' if p.salvedad else ''}")
            click.echo(f"          {p.cuenta} [{'; '.join(catalogo.citar(n).texto for n in p.hito.norma)}]")
