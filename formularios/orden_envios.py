"""Las órdenes que tocan la base: importar, exportar y usuarios."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from esquemas.entrega import validar_libro
from esquemas.validacion import Contexto
from formularios import segundo_factor
from formularios.accesos import Permiso, guardar_usuario, leer_usuarios, quitar_permiso
from formularios.almacen import Almacen, AlmacenNoDisponible
from formularios.cascara import Cascara
from formularios.configuracion import ConfiguracionInvalida
from formularios.consola import (
    NoSePudo,
    al_escribir,
    con_excepciones,
    con_otras,
    contar,
    esquema_pedido,
    exigir_region,
    leer,
    leer_contexto,
    mostrar,
    mostrar_problemas,
    problemas_de,
)
from formularios.correo import despachar, leer_servidor
from formularios.excepciones import comprobar
from formularios.folio import NIVEL_CENTRAL
from formularios.paquete import exportar_a_archivo
from formularios.recepcion import Recepcion, recibir_respuestas
from formularios.recibido import excepciones_de, referidas_de, vigente_de
from formularios.roles import ROLES

ORIGEN = "orden"
NO_SE_PUDO = 2  # código de salida: no se pudo leer o guardar


def abrir(cascara: Cascara) -> Almacen:
    """La base configurada, al día. AlmacenNoDisponible si no se puede usar; ConfiguracionInvalida si no es una base."""
    try:
        almacen = Almacen(cascara.configuracion_sin_clave.base_de_datos)
    except ValueError as error:
        raise ConfiguracionInvalida(f"{error}.") from None
    click.get_current_context().call_on_close(almacen.cerrar)
    almacen.migrar()
    return almacen


class ConBase(click.Command):
    """Una orden que usa la base: si no está disponible, dice por qué y no deja nada a medias."""

    al_fallar = "No se guardó nada"

    def invoke(self, ctx: click.Context) -> object:
        try:
            return super().invoke(ctx)
        except AlmacenNoDisponible as error:
            click.echo(f"{self.al_fallar}: {error.causa}. Revise la base y repita la orden.", err=True)
            ctx.exit(NO_SE_PUDO)
        except NoSePudo as fallo:
            click.echo(f"{fallo.archivo}: no se pudo usar. No se guardó nada.", err=True)
            mostrar_problemas(ctx.obj.catalogo, problemas_de(fallo))
            ctx.exit(NO_SE_PUDO)


class _SoloLee(ConBase):
    al_fallar = "No se pudo leer la base"


@click.command(cls=ConBase)
@click.argument("esquema")
@click.argument("archivo", type=click.Path(path_type=Path))
@click.option("--region", required=True, help="Código de la región que entrega; 00 es el nivel central.")
@click.option("--ejercicio", required=True, type=click.IntRange(2000, 2100), help="Año presupuestario.")
@con_otras
@con_excepciones
@click.pass_context
def importar(
    ctx: click.Context,
    esquema: str,
    archivo: Path,
    region: str,
    ejercicio: int,
    otras: tuple[str, ...],
    excepciones: Path | None,
) -> None:
    """Un archivo entra como envío, con folio y huella.

    Una encuesta, con un folio por respuesta. Si hay errores no se guarda nada y sale con 1.
    """
    cascara: Cascara = ctx.obj
    catalogo = cascara.catalogo
    pedido = esquema_pedido(catalogo, esquema)
    if region != NIVEL_CENTRAL:
        exigir_region(catalogo, region)
    elif pedido.ambito != "nacional":
        raise click.UsageError(f"«{pedido.nombre}» la entrega una región. Use su código: --region 06.")
    if pedido.ambito == "nacional" and region != NIVEL_CENTRAL:
        aviso = f"«{pedido.nombre}» es nacional: las matrices se revisan solo contra la que entra con --region {NIVEL_CENTRAL}."
        click.echo(aviso, err=True)
    libro = leer(pedido, archivo)
    dado = leer_contexto(catalogo, pedido, otras, excepciones)
    almacen = abrir(cascara)
    contexto = Contexto(
        region,
        ejercicio,
        {**referidas_de(almacen, catalogo, pedido, region, ejercicio), **dado.referidas},
        [*excepciones_de(almacen, pedido.nombre, region, ejercicio), *dado.excepciones],
    )
    resultado = comprobar(catalogo, validar_libro(catalogo, pedido, libro, contexto))
    anterior = vigente_de(almacen, pedido.nombre, region, ejercicio)
    mostrar(catalogo, resultado, str(archivo))
    if not resultado.valido:
        click.echo("No se guardó nada: corrija los errores y repita la orden.", err=True)
        ctx.exit(1)
    recepcion = Recepcion(region, ejercicio, cascara.ahora(), ORIGEN)
    envios = recibir_respuestas(almacen, catalogo, resultado, recepcion, excepciones=dado.excepciones)
    for envio in envios:
        click.echo(f"Folio {envio.folio}  huella {envio.huella}")
        if anterior and not pedido.es_encuesta:
            click.echo(f"Reemplaza a {anterior.folio}: tenía {contar(anterior.filas[pedido.nombre], 'fila', 'filas')}.")


@click.command(cls=_SoloLee)
@click.argument("esquema")
@click.option("--salida", required=True, type=click.Path(path_type=Path), help="X.csv, o X.zip para un Data Package.")
@click.option("--ejercicio", type=int, help="Solo ese año presupuestario.")
@click.option("--region", help="Solo esa región.")
@click.option(
    "--estado",
    default="vigente",
    show_default=True,
    type=click.Choice(["vigente", "validado", "reemplazado", "anulado", "todos"]),
    help="Estado del envío.",
)
@click.option("--publico", is_flag=True, help="Deja solo los campos públicos.")
@click.pass_context
def exportar(
    ctx: click.Context, esquema: str, salida: Path, ejercicio: int | None, region: str | None, estado: str, publico: bool
) -> None:
    """Escribe el CSV con su esquema al lado, o un Data Package."""
    cascara: Cascara = ctx.obj
    pedido = esquema_pedido(cascara.catalogo, esquema)
    if salida.suffix.lower() not in (".csv", ".zip"):
        raise click.UsageError(f"«{salida}» no termina en .csv ni en .zip.")
    if region and region != NIVEL_CENTRAL:
        exigir_region(cascara.catalogo, region)
    almacen = abrir(cascara)
    with al_escribir(salida), click.progressbar(length=0, label="Exportando", file=sys.stderr) as barra:

        def avanzar(hechas: int, total: int) -> None:
            barra.length = total
            barra.update(hechas - barra.pos)

        informe = exportar_a_archivo(
            almacen,
            cascara.catalogo,
            pedido,
            salida,
            ejercicio=ejercicio,
            region=region,
            estado=estado,
            publico=publico,
            avance=avanzar,
        )
    filas = ", ".join(f"{n} {t}" for t, n in informe.filas.items())
    click.echo(f"{salida}: {contar(informe.envios, 'envío', 'envíos')}; filas: {filas or 'ninguna'}.")
    for aviso in informe.avisos:
        click.echo(f"  {aviso}")


@click.group()
def usuarios() -> None:
    """Quién puede entrar."""


def _con_permiso(orden: Callable[..., None]) -> Callable[..., None]:
    """Las opciones que nombran un permiso."""
    for opcion in (
        click.option("--ejercicio", default=0, type=int, help="Solo ese año presupuestario; si no, todos."),
        click.option("--region", default="", help="Código de la región. El rol sercotec va sin ella; lector puede ir sin ella."),
        click.option("--rol", required=True, type=click.Choice(ROLES)),
    ):
        orden = opcion(orden)
    return orden


@usuarios.command("agregar", cls=ConBase)
@click.argument("correo")
@_con_permiso
@click.option("--inactivo", is_flag=True, help="Le quita la entrada sin borrarlo.")
@click.pass_context
def agregar(ctx: click.Context, correo: str, rol: str, region: str, ejercicio: int, inactivo: bool) -> None:
    """Da un permiso a una persona, y la agrega si no está. Puede tener varios."""
    cascara: Cascara = ctx.obj
    exigir_region(cascara.catalogo, region)
    if "@" not in correo:
        raise click.UsageError(f"«{correo}» no es un correo electrónico.")
    dado = {"correo": correo, "rol": rol, "region": region, "ejercicio": ejercicio}
    try:
        guardar_usuario(abrir(cascara), **dado, activo=not inactivo, ahora_utc=cascara.ahora(), autor=ORIGEN)
    except ValueError as error:
        raise click.UsageError(str(error)) from None
    click.echo(f"{correo}: {_dicho(Permiso(rol, region, ejercicio))}{' (inactivo)' if inactivo else ''}")


@usuarios.command("quitar", cls=ConBase)
@click.argument("correo")
@_con_permiso
@click.pass_context
def quitar(ctx: click.Context, correo: str, **suyo: Any) -> None:
    """Le quita un permiso a una persona. Los demás que tenga quedan."""
    if not quitar_permiso(abrir(ctx.obj), correo=correo, **suyo, ahora_utc=ctx.obj.ahora(), autor=ORIGEN):
        raise click.UsageError(f"{correo} no tiene ese permiso. Véalos con: focaliza usuarios listar.")
    click.echo(f"{correo}: sin {_dicho(Permiso(**suyo))}")


@usuarios.command("quitar-codigo", cls=ConBase)
@click.argument("correo")
@click.pass_context
def quitar_codigo(ctx: click.Context, correo: str) -> None:
    """Deja de pedirle el código del teléfono a quien lo perdió. Queda en la bitácora."""
    almacen = abrir(ctx.obj)
    usuario = next((u for u in leer_usuarios(almacen) if u.correo == correo.strip().lower()), None)
    if usuario is None or not segundo_factor.quitar(almacen, usuario.id, autor=ORIGEN, ahora_utc=ctx.obj.ahora()):
        raise click.UsageError(f"{correo} no tiene activado el código.")
    click.echo(f"{correo}: ya no se le pide el código.")


def _dicho(p: Permiso) -> str:
    return f"{p.rol} · {p.region or 'todas las regiones'} · {p.ejercicio or 'todos los ejercicios'}"


@usuarios.command("listar", cls=_SoloLee)
@click.pass_context
def listar(ctx: click.Context) -> None:
    """Muestra quiénes pueden entrar."""
    for u in leer_usuarios(abrir(ctx.obj)):
        click.echo(f"{u.correo}  {'activo' if u.activo else 'inactivo'}")
        for permiso in u.permisos:
            click.echo(f"  {_dicho(permiso)}")


@click.group()
def correo() -> None:
    """La bandeja de salida."""


@correo.command("enviar", cls=ConBase)
@click.pass_context
def enviar(ctx: click.Context) -> None:
    """Entrega lo pendiente por SMTP. Sin FOCALIZA_CORREO, lo dice y lo deja en la bandeja."""
    cascara: Cascara = ctx.obj
    try:
        servidor = leer_servidor(cascara.configuracion_sin_clave.correo)
    except ValueError as error:
        raise ConfiguracionInvalida(str(error)) from None
    hecho = despachar(abrir(cascara), servidor, reloj=cascara.ahora)
    click.echo(f"{hecho.enviados} enviados, {hecho.fallidos} con falla, {hecho.pendientes} en espera.")
    if servidor is None and hecho.pendientes:
        click.echo("No hay servidor de correo: escriba FOCALIZA_CORREO y repita la orden.", err=True)
    if hecho.falla:
        click.echo(f"El servidor de correo no responde ({hecho.falla}). No se perdió nada: repita la orden más tarde.", err=True)
    ctx.exit(1 if hecho.fallidos or hecho.falla else 0)
