"""Las páginas de los instrumentos: la lista y una ficha por cada uno."""

from collections.abc import Iterator

from esquemas.modelo import Catalogo
from esquemas.saber import Instrumento
from generador.pagina import Pagina


def paginas_de_instrumentos(catalogo: Catalogo) -> Iterator[Pagina]:
    """La lista primero; los traspasados antes que los demás."""
    orden = sorted(catalogo.instrumentos.values(), key=lambda i: (not i.traspasado, i.titulo))
    yield Pagina("instrumentos/index.md", "Instrumentos", "Instrumentos", "instrumentos.md.j2", {"instrumentos": orden})
    for instrumento in orden:
        datos = {"instrumento": instrumento, "agrupado_en": _agrupado_en(catalogo, instrumento)}
        archivo = f"instrumentos/{instrumento.nombre}.md"
        yield Pagina(archivo, instrumento.nombre_corto, "Instrumentos", "instrumento.md.j2", datos)


def _agrupado_en(catalogo: Catalogo, instrumento: Instrumento) -> list[Instrumento]:
    return [i for i in catalogo.instrumentos.values() if instrumento.nombre in i.agrupa]
