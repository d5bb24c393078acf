"""El menú del sitio, calculado de las páginas que hay. Puro: recibe rutas y devuelve la lista `nav` de mkdocs."""

from collections.abc import Mapping, Sequence
from typing import Any

from generador.pagina import Pagina, encabezado

# Pestaña → carpetas que reúne; la primera da su página de inicio.
PESTANAS = {
    "Formatos": ("formatos", "encuestas", "catalogos"),
    "Calendario": ("calendario",),
    "Reglamento": ("reglamento",),
    "Guía y normas": ("guia", "normativa", "observaciones", "glosario", "biblioteca"),
    "Instrumentos": ("instrumentos",),
    "Experiencias": ("experiencias",),
    "Sobre este sitio": ("proyecto", "datos-abiertos", "cambios", "privacidad", "accesibilidad", "reportar"),
}


def navegacion(generadas: Sequence[Pagina], a_mano: Mapping[str, bytes]) -> list[Any]:
    """Inicio, una pestaña por tarea, los formularios y la búsqueda. Una carpeta nueva de `sitio/` agrega su pestaña.

    `a_mano` son las páginas escritas a mano, con su contenido: su título es el de su `# …`.
    """
    titulos = {p.archivo: p.titulo for p in generadas}
    titulos |= {r: encabezado(c.decode()) or r for r, c in sorted(a_mano.items()) if r.endswith(".md") and r not in titulos}
    carpetas = {ruta.partition("/")[0] for ruta in titulos if "/" in ruta}
    conocidas = {c for reunidas in PESTANAS.values() for c in reunidas}
    nuevas = {c.capitalize().replace("-", " "): (c,) for c in sorted(carpetas - conocidas)}
    menu: list[Any] = [{"Inicio": "index.md"}] if "index.md" in titulos else []
    for pestana, reunidas in {**PESTANAS, **nuevas}.items():
        presentes = [c for c in reunidas if c in carpetas]
        if presentes:
            primera, *otras = (_rama(titulos, c) for c in presentes)
            sueltas = [r[0] if len(r) == 1 else {_titulo(titulos, c): r} for c, r in zip(presentes[1:], otras, strict=True)]
            menu.append({pestana: [*primera, *sueltas]})
    menu.append({"Formularios": "/formularios/"})
    menu += [{titulos[ruta]: ruta} for ruta in titulos if "/" not in ruta and ruta not in ("index.md",)]
    return menu


def _rama(titulos: dict[str, str], carpeta: str) -> list[Any]:
    """Las páginas de una carpeta, con el índice primero, y después sus subcarpetas; la de una sola página es esa página."""
    dentro = [r for r in titulos if r.startswith(f"{carpeta}/")]
    directas = [r for r in dentro if "/" not in r[len(carpeta) + 1 :]]
    directas.sort(key=lambda r: not r.endswith("/index.md"))
    rama: list[Any] = [{titulos[r]: r} for r in directas]
    for sub in dict.fromkeys(r[len(carpeta) + 1 :].partition("/")[0] for r in dentro if r not in directas):
        interior = _rama(titulos, f"{carpeta}/{sub}")
        rama.append(interior[0] if len(interior) == 1 else {_titulo(titulos, f"{carpeta}/{sub}"): interior})
    return rama


def _titulo(titulos: dict[str, str], carpeta: str) -> str:
    return titulos.get(f"{carpeta}/index.md") or carpeta.rpartition("/")[2].capitalize().replace("-", " ")
