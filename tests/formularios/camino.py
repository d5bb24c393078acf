"""El camino de un archivo, como lo recorre una persona: subir, comparar, aplicar, revisar y entregar."""

from tests.formularios.cliente import Navegador, Nodo


def subir(web: Navegador, matriz: str, datos: bytes, estado: int = 200, nombre: str = "mío.csv") -> Nodo:
    """Lo sube en la matriz de esa dirección («/formularios/…/matrices/catastro-actores/») y deja a la vista la comparación."""
    web.abrir(f"{matriz}subir/")
    return web.subir({"archivo": (datos, nombre)}, estado, accion="revisar")


def de_aplicar(web: Navegador) -> Nodo:
    return next(f for f in web.pagina.todos("form") if f.get("action").endswith("/aplicar/"))


def aplicar(web: Navegador, estado: int = 200) -> Nodo:
    formulario = de_aplicar(web)
    return web.mandar(formulario.get("action"), web.campos(formulario), estado)


def entregar_archivo(web: Navegador, matriz: str, datos: bytes, nombre: str = "mío.csv") -> Nodo:
    """El camino entero de un archivo sin errores; queda a la vista el folio."""
    subir(web, matriz, datos, nombre=nombre)
    aplicar(web)
    return web.enviar()
