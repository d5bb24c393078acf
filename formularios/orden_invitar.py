"""La orden invitar: del catastro a los correos en la bandeja, de una vez."""

from datetime import datetime
from pathlib import Path
from typing import Any

import click

from esquemas.entrega import validar_libro
from esquemas.modelo import Catalogo, Esquema
from esquemas.validacion import Contexto, Resultado
from formularios.almacen import Almacen
from formularios.bandeja import contar_pendientes
from formularios.cascara import Cascara
from formularios.consola import contar, esquema_pedido, exigir_region, leer, mostrar
from formularios.convocatoria import Invitado, leer_convocatoria
from formularios.convocatoria import invitar as invitar_a
from formularios.correo import redactor_de_invitacion
from formularios.orden_envios import ORIGEN, ConBase, abrir
from formularios.recepcion import Recepcion, recibir
from formularios.recibido import es_el_vigente, excepciones_de, referidas_de, vigente_de


def _encuesta_pedida(catalogo: Catalogo, nombre: str) -> Esquema:
    """La de ese nombre; sin nombre, la primera que invita. Error de uso si no invita a nadie."""
    con_invitados = [e for e in catalogo.encuestas if e.invitados]
    pedida = esquema_pedido(catalogo, nombre) if nombre else con_invitados[0]
    if pedida not in con_invitados:
        raise click.UsageError(f"A «{pedida.nombre}» no se invita. Use una de: {', '.join(e.nombre for e in con_invitados)}.")
    return pedida


@click.command(cls=ConBase)
@click.argument("catastro", type=click.Path(path_type=Path))
@click.option("--region", required=True, help="Código de la región que invita.")
@click.option("--ejercicio", required=True, type=click.IntRange(2000, 2100), help="Año presupuestario.")
@click.option("--encuesta", default="", help="A cuál se invita; si no se dice, a la primera que invita.")
@click.option("--a", "elegidos", multiple=True, metavar="CÓDIGO", help="Solo a ese código del catastro. Se puede repetir.")
@click.pass_context
def invitar(
    ctx: click.Context, catastro: Path, region: str, ejercicio: int, encuesta: str, elegidos: tuple[str, ...]
) -> None:
    """Carga el catastro e invita a responder una encuesta.

    Los correos quedan en la bandeja: salen con «focaliza correo enviar». A quien ya se invitó no se le invita otra vez.
    Sale con 1 si el catastro tiene errores o falta un código, y no guarda nada.
    """
    cascara: Cascara = ctx.obj
    catalogo = cascara.catalogo
    pedida = _encuesta_pedida(catalogo, encuesta)
    matriz = catalogo.esquemas[pedida.invitados["esquema"]]
    exigir_region(catalogo, region)
    almacen, lugar = abrir(cascara), {"region": region, "ejercicio": ejercicio}
    resultado = _revisar(almacen, catalogo, matriz, catastro, lugar)
    mostrar(catalogo, resultado, str(catastro))
    codigos = [f["codigo"] for f in resultado.como_dict(matriz.nombre)] if resultado.valido else []
    ajenos = [c for c in elegidos if c not in codigos]
    if not resultado.valido or ajenos:
        causa = "corrija los errores" if not resultado.valido else f"no están en el catastro: {', '.join(ajenos)}. Corríjalos"
        click.echo(f"No se guardó nada ni se invitó a nadie: {causa} y repita la orden.", err=True)
        ctx.exit(1)
    ahora = cascara.ahora()
    _cargar(almacen, catalogo, resultado, lugar, ahora)
    convocatoria = leer_convocatoria(almacen, pedida.nombre, **lugar)
    redactar = redactor_de_invitacion(catalogo, pedida, convocatoria, cascara.configuracion_sin_clave.url_publica)
    nuevos = invitar_a(
        almacen, pedida, **lugar, codigos=elegidos or codigos, redactar=redactar, autor=ORIGEN, ahora_utc=ahora
    )
    _contar_hechos(almacen, pedida, nuevos, len(set(elegidos or codigos)))


def _revisar(almacen: Almacen, catalogo: Catalogo, matriz: Esquema, catastro: Path, lugar: dict[str, Any]) -> Resultado:
    excepciones = excepciones_de(almacen, matriz.nombre, **lugar)
    contexto = Contexto(**lugar, referidas=referidas_de(almacen, catalogo, matriz, **lugar), excepciones=excepciones)
    return validar_libro(catalogo, matriz, leer(matriz, catastro), contexto)


def _cargar(almacen: Almacen, catalogo: Catalogo, resultado: Resultado, lugar: dict[str, Any], ahora: datetime) -> None:
    """Lo guarda con su folio, salvo que sea idéntico al vigente."""
    matriz = resultado.esquema
    anterior = vigente_de(almacen, matriz.nombre, **lugar)
    if anterior and es_el_vigente(anterior, resultado):
        click.echo(f"Ya estaba cargado con el folio {anterior.folio}.")
        return
    envio = recibir(almacen, catalogo, resultado, Recepcion(**lugar, recibido_utc=ahora, origen=ORIGEN))
    click.echo(f"Folio {envio.folio}  huella {envio.huella}")
    if anterior:
        click.echo(f"Reemplaza a {anterior.folio}: tenía {contar(anterior.filas[matriz.nombre], 'fila', 'filas')}.")


def _contar_hechos(almacen: Almacen, encuesta: Esquema, nuevos: list[Invitado], pedidos: int) -> None:
    click.echo(f"Se invitó a {contar(len(nuevos), 'institución', 'instituciones')} a «{encuesta.titulo}».")
    if ya := pedidos - len(nuevos):
        click.echo(f"{contar(ya, 'ya estaba invitada', 'ya estaban invitadas')}.")
    if sin_correo := [i.codigo for i in nuevos if not i.correo]:
        click.echo(f"Sin correo, comparta su enlace desde la web: {', '.join(sin_correo)}.")
    cuantos = contar(contar_pendientes(almacen), "correo", "correos")
    click.echo(f"En la bandeja de salida: {cuantos}. Siga con: focaliza correo enviar")
