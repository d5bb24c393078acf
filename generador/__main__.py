"""El único que escribe: reúne lo escrito a mano y lo generado en `construccion/` y lo construye con mkdocs.

El sitio nuevo se arma al lado y reemplaza al anterior solo si todo salió bien: un enlace roto no deja a nadie sin sitio.
"""

import hashlib
import json
import logging
import shutil
import subprocess
import sys
from collections.abc import Collection, Mapping
from importlib.metadata import version
from pathlib import Path

import click
from jinja2 import FileSystemBytecodeCache

from esquemas.catalogo import cargar
from esquemas.modelo import Catalogo
from generador.navegacion import navegacion
from generador.paginas import completar, lista, paginas

RAIZ = Path(__file__).resolve().parent.parent
DESTINO = RAIZ / "publicado"
MOTORES = ("mkdocs", "mkdocs-material", "markdown", "pagefind")  # si uno cambia, se reconstruye


class ConstruccionFallida(Exception):
    """El sitio no se pudo construir; el mensaje dice qué pasa y cómo se arregla. El sitio anterior sigue intacto."""


def construir_sitio(
    catalogo: Catalogo,
    destino: Path = DESTINO,
    *,
    sitio: Path = RAIZ / "sitio",
    construccion: Path = RAIZ / "construccion",
    buscador: bool = True,
) -> bool:
    """Construye el sitio en `destino` y dice si hizo falta: con las mismas entradas no hace nada.

    `sitio` son las páginas escritas a mano; `construccion`, la carpeta de trabajo, que se rehace.
    ConstruccionFallida si dos páginas quieren la misma ruta o si mkdocs avisa de algo, por ejemplo un enlace roto.
    """
    destino, construccion = destino.resolve(), construccion.resolve()
    if destino.exists() and any(destino.iterdir()) and not (destino / "index.html").is_file():
        raise ConstruccionFallida(f"{destino} tiene cosas que no son un sitio, y se reemplazaría entera. Elija otra carpeta.")
    a_mano = {r.relative_to(sitio).as_posix(): r.read_bytes() for r in sorted(sitio.rglob("*")) if r.is_file()}
    generado, a_mano = _generar(catalogo, a_mano, construccion / "plantillas")
    _exigir_sin_colision(a_mano, generado)
    menu = navegacion(list(lista(catalogo)), a_mano)
    todo = a_mano | generado
    huella = _huella({**todo, **_configuracion(), "menu": json.dumps([menu, buscador]).encode()})
    marca = construccion / f"{destino.name}-{hashlib.sha256(str(destino).encode()).hexdigest()[:12]}.huella"
    if (destino / "index.html").is_file() and marca.is_file() and marca.read_text(encoding="ascii") == huella:
        return False
    marca.unlink(missing_ok=True)
    reunido = construccion / "sitio"
    _escribir(reunido, todo)
    nuevo = construccion / "nuevo"
    _mkdocs(reunido, nuevo, menu)
    if buscador:
        _indexar(nuevo)
    _reemplazar(destino, nuevo)
    marca.write_text(huella, encoding="ascii")
    return True


def _generar(catalogo: Catalogo, a_mano: Mapping[str, bytes], compiladas: Path) -> tuple[dict[str, bytes], dict[str, bytes]]:
    """Lo generado, y lo escrito a mano con sus tablas. En `compiladas` quedan las plantillas para la próxima vez."""
    compiladas.mkdir(parents=True, exist_ok=True)
    try:
        generado = paginas(catalogo, a_mano, FileSystemBytecodeCache(str(compiladas)))
        completo = completar(catalogo, a_mano)
    except KeyError as error:
        raise ConstruccionFallida(f"{error.args[0]} Escriba la página o corrija la dirección en esquemas/normativa/.") from error
    except ValueError as error:
        raise ConstruccionFallida(str(error)) from error
    return {r: c.encode() if isinstance(c, str) else c for r, c in generado.items()}, completo


def _exigir_sin_colision(a_mano: Collection[str], generado: Collection[str]) -> None:
    """Ninguna dirección sale de dos archivos, aunque se llamen distinto: `x.md` y `x/index.md` son `/x/`."""
    vistos: dict[str, str] = {}
    for origen, rutas in (("generado", generado), ("sitio/", a_mano)):
        for ruta in rutas:
            este = f"{ruta} ({origen})"
            if otro := vistos.get(_direccion(ruta)):
                que = f"Dos archivos quieren la misma dirección, {_direccion(ruta)}: {otro} y {este}."
                raise ConstruccionFallida(f"{que} Quite de sitio/ el que sobra o cámbiele el nombre.")
            vistos[_direccion(ruta)] = este


def _direccion(ruta: str) -> str:
    if not ruta.endswith(".md"):
        return f"/{ruta}"
    pagina = ruta.removesuffix(".md")
    base = pagina.rpartition("/")[0] if pagina.rpartition("/")[2] in ("index", "README") else pagina
    return f"/{base}/" if base else "/"


def _configuracion() -> dict[str, bytes]:
    """Lo demás de que depende el resultado: la configuración, el tema y las versiones de lo que construye."""
    archivos = [RAIZ / "mkdocs.yml", *sorted((RAIZ / "generador/plantillas/tema").rglob("*"))]
    contenido = {f"./{a.relative_to(RAIZ).as_posix()}": a.read_bytes() for a in archivos if a.is_file()}
    return contenido | {f"./{m}": version(m).encode() for m in MOTORES}


def _huella(partes: Mapping[str, bytes]) -> str:
    resumen = hashlib.sha256()
    for nombre, contenido in sorted(partes.items()):
        resumen.update(f"{nombre}\0{hashlib.sha256(contenido).hexdigest()}\n".encode())
    return resumen.hexdigest()


def _escribir(carpeta: Path, archivos: Mapping[str, bytes]) -> None:
    """Deja en `carpeta` esos archivos y ningún otro. Escribe sobre los que hay: crear un archivo cuesta diez veces más."""
    for sobra in [a for a in carpeta.rglob("*") if a.is_file() and a.relative_to(carpeta).as_posix() not in archivos]:
        sobra.unlink()
    for ruta, contenido in archivos.items():
        archivo = carpeta / ruta
        archivo.parent.mkdir(parents=True, exist_ok=True)
        archivo.write_bytes(contenido)


class _Avisos(logging.Handler):
    """Recoge lo que mkdocs avisa, para decirlo en el mensaje de la falla."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self.dichos: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.dichos.append(record.getMessage())


def _mkdocs(origen: Path, salida: Path, menu: list) -> None:
    from mkdocs.commands.build import build  # aquí y no arriba: si nada cambió, no hace falta
    from mkdocs.config import load_config
    from mkdocs.exceptions import MkDocsException

    avisos = _Avisos()
    registro = logging.getLogger("mkdocs")
    antes = registro.propagate
    registro.addHandler(avisos)
    registro.propagate = False
    try:
        configuracion = load_config(str(RAIZ / "mkdocs.yml"), docs_dir=str(origen), site_dir=str(salida), nav=menu, strict=True)
        build(configuracion)
    except (MkDocsException, SystemExit) as error:
        detalle = "\n".join(f"- {d}" for d in avisos.dichos) or str(error)
        raise ConstruccionFallida(f"mkdocs no pudo construir el sitio:\n{detalle}") from error
    finally:
        registro.removeHandler(avisos)
        registro.propagate = antes
    for sobra in ("sitemap.xml", "sitemap.xml.gz"):  # sin dirección pública van vacíos, y uno lleva la hora
        (salida / sobra).unlink(missing_ok=True)


def _indexar(carpeta: Path) -> None:
    """El índice de búsqueda, servido por el mismo sitio."""
    orden = [sys.executable, "-m", "pagefind", "--site", str(carpeta), "--force-language", "es", "--quiet"]
    orden += ["--exclude-selectors", ".headerlink, .marca"]
    hecho = subprocess.run(orden, capture_output=True, text=True, encoding="utf-8", check=False)
    if hecho.returncode:
        raise ConstruccionFallida(f"Pagefind no pudo armar la búsqueda:\n{hecho.stdout}{hecho.stderr}".strip())


def _reemplazar(destino: Path, nuevo: Path) -> None:
    viejo = nuevo.with_name("viejo")
    shutil.rmtree(viejo, ignore_errors=True)
    destino.parent.mkdir(parents=True, exist_ok=True)
    if destino.exists():
        shutil.move(destino, viejo)
    shutil.move(nuevo, destino)
    shutil.rmtree(viejo, ignore_errors=True)


@click.command()
@click.option("--destino", type=click.Path(file_okay=False, path_type=Path), default=DESTINO, help="Por omisión, publicado/.")
@click.pass_context
def construir(ctx: click.Context, destino: Path) -> None:
    """Genera y construye el sitio público."""
    catalogo = ctx.obj.catalogo if ctx.obj else cargar()
    try:
        hecho = construir_sitio(catalogo, destino)
    except ConstruccionFallida as error:
        raise click.ClickException(str(error)) from error
    click.echo(f"Sitio construido en {destino}." if hecho else f"Nada cambió: {destino} está al día.")


if __name__ == "__main__":
    construir()
