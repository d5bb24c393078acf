"""Los cambios con fecha de cada formato y encuesta, del más nuevo al más antiguo: la página y el canal Atom."""

from esquemas.modelo import Cambio, Catalogo, Esquema

CANAL = "descargas/cambios.xml"


def cambios_de(catalogo: Catalogo) -> list[tuple[Cambio, Esquema]]:
    """Cada cambio con su esquema. Las fechas son las que declara el YAML: el canal no mira el reloj."""
    todos = [(c, e) for e in catalogo.esquemas.values() for c in reversed(e.cambios)]
    return sorted(todos, key=lambda par: par[0].fecha, reverse=True)
