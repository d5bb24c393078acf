"""Las plantillas de Markdown, con todo valor escapado por omisión: un `*` o un `<` de un YAML se ve y no se interpreta.

Los signos van como entidades HTML y no con barra invertida: valen igual dentro de una tabla, de un bloque HTML y en
cualquier motor de Markdown.
"""

import re
from collections.abc import Callable, Collection
from typing import Any

from jinja2 import BytecodeCache, Environment, PackageLoader, StrictUndefined
from markupsafe import Markup

from esquemas import palabras
from esquemas.hoja import miles
from esquemas.reglas import pesos

_SIGNOS = re.compile(r"[&<>\"`*_\[\]{}|\\]|^(?:[-+#]|\d+(?=[.)]\s))")
_VARIAS_LINEAS = re.compile(r"\s*\n\s*")


def escapar(texto: object) -> Markup:
    """Texto plano → Markdown que se lee tal cual, en una línea."""
    if hasattr(texto, "__html__"):
        return Markup(texto)
    linea = _VARIAS_LINEAS.sub(" ", str(texto))
    return Markup(_SIGNOS.sub(lambda m: f"&#{ord(m[0][0])};{m[0][1:]}", linea))


def parrafos(texto: str) -> Markup:
    """Párrafos separados por una línea en blanco, cada uno escapado; el que empieza con «- » es una lista."""
    return Markup("\n\n").join(_lista(p) if p.startswith("- ") else escapar(p) for p in re.split(r"\n\s*\n", texto.strip()))


def _lista(texto: str) -> Markup:
    return Markup("\n").join(Markup("- {}").format(escapar(i)) for i in re.split(r"(?:^|\n)- ", texto)[1:])


def codigo(texto: object) -> Markup:
    """Un valor tal como se escribe en la celda."""
    return Markup(f"<code>{escapar(texto)}</code>") if str(texto) else Markup("")


def a_archivo(url: str, archivos: Collection[str]) -> str:
    """Una dirección del sitio como la comprueba mkdocs: `/reglamento/4/#a-viii` → `/reglamento/4.md#a-viii`.

    Lo que no es una página (una descarga) queda igual. KeyError si la página no existe: un enlace roto no se publica.
    """
    ruta, _, ancla = url.partition("#")
    pagina = ruta.strip("/")
    candidatas = (f"{pagina}.md", f"{pagina}/index.md") if pagina else ("index.md",)
    destino = next((c for c in (*candidatas, pagina) if c in archivos), None)
    if destino is None:
        raise KeyError(f"Ninguna página ni descarga corresponde a {url}.")
    return f"/{destino}#{ancla}" if ancla else f"/{destino}"


def crear_molde(citar: Callable[[str], Any], archivos: Collection[str], compiladas: BytecodeCache | None = None) -> Environment:
    """El entorno de Jinja. `archivos` son las rutas de todo lo que el sitio tendrá: contra ellas se arma cada enlace.

    `compiladas` guarda cada plantilla ya compilada, como Python sus módulos: mientras no cambie, no se compila otra vez.
    """

    def enlazar(url: str, texto: object) -> Markup:
        return Markup(f"[{escapar(texto)}]({a_archivo(url, archivos)})")

    def cita(referencia: str) -> Markup:
        resuelta = citar(referencia)
        return enlazar(resuelta.url, resuelta.texto)

    molde = Environment(
        loader=PackageLoader("generador", "plantillas"),
        bytecode_cache=compiladas,
        autoescape=True,
        finalize=escapar,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
        comment_start_string="<#",  # «{#ancla}» es Markdown
        comment_end_string="#>",
    )
    molde.globals |= {"cita": cita, "enlazar": enlazar, "palabras": palabras}
    molde.filters |= {
        "parrafos": parrafos,
        "codigo": codigo,
        "pesos": pesos,
        "miles": miles,
        "citas": lambda normas: Markup("; ").join(cita(n) for n in normas),
    }
    return molde
