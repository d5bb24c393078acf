"""Las páginas de los instrumentos: la lista, el comparador, el orientador y una ficha por cada uno."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import asdict

from markupsafe import Markup

from esquemas.modelo import Catalogo
from esquemas.saber import Instrumento
from generador.pagina import Pagina


def paginas_de_instrumentos(catalogo: Catalogo) -> Iterator[Pagina]:
    """La lista primero; los traspasados antes que los demás. Quien agrupa a otros no se compara: se comparan ellos."""
    orden = sorted(catalogo.instrumentos.values(), key=lambda i: (not i.traspasado, i.titulo))
    propios = [i for i in orden if not i.agrupa]
    traspasados = {"traspasados": [i for i in propios if i.traspasado]}
    orientador = {"instrumentos": propios, "preguntas": catalogo.preguntas, "condiciones": _condiciones(catalogo, propios)}
    datos = {"instrumentos": orden, **traspasados}
    yield Pagina("instrumentos/index.md", "Instrumentos", "Instrumentos", "instrumentos.md.j2", datos)
    yield Pagina("instrumentos/comparador.md", "Comparador", "Instrumentos", "comparador.md.j2", traspasados)
    yield Pagina("instrumentos/orientador.md", "Orientador", "Instrumentos", "orientador.md.j2", orientador)
    for instrumento in orden:
        piden = [catalogo.instrumentos[n] for n in instrumento.agrupa] or [instrumento]
        datos = {"instrumento": instrumento, "agrupado_en": _agrupado_en(catalogo, instrumento), "piden": piden}
        archivo = f"instrumentos/{instrumento.nombre}.md"
        yield Pagina(archivo, instrumento.nombre_corto, "Instrumentos", "instrumento.md.j2", datos)


def _agrupado_en(catalogo: Catalogo, instrumento: Instrumento) -> list[Instrumento]:
    return [i for i in catalogo.instrumentos.values() if instrumento.nombre in i.agrupa]


def _condiciones(catalogo: Catalogo, instrumentos: Sequence[Instrumento]) -> Markup:
    """JSON de lo que el guion evalúa: por instrumento, sus requisitos en el orden de las filas de la tabla."""
    requisitos = {
        i.nombre: [{c: asdict(v) for c in ("si", "duda") if (v := getattr(r, c))} for r in i.requisitos] for i in instrumentos
    }
    dato = {"preguntas": {p.nombre: p.titulo for p in catalogo.preguntas}, "requisitos": requisitos}
    return Markup(json.dumps(dato, ensure_ascii=False).replace("<", "\\u003c"))
