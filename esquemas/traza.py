"""Un grafo por columnas → SVG y las filas de su tabla: qué nace de qué, y dónde se corta. Lo usan el sitio y la aplicación.

Aquí no se sabe qué es un desafío ni un instrumento: llegan columnas de nodos y flechas entre ellos. Lo que se corta se ve:
cada lado por el que un nodo debería unirse lleva un punto, lleno si se une y hueco si no. El dibujo acorta los textos; la
tabla los trae enteros, y quien pone el dibujo pone también la tabla.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from textwrap import wrap

ANCHO_DE_CAJA, ENTRE_COLUMNAS = 142, 46  # cuatro columnas caben sin desplazarse en el ancho de una página
_ALTO_DE_LINEA, _MARGEN, _ENTRE_CAJAS, _CABEZA = 15, 7, 12, 40
_LETRAS, _LINEAS = 19, 4  # lo que cabe en una caja con la letra más ancha
SIN_NODOS = "No consta"


@dataclass(frozen=True, slots=True)
class Nodo:
    """Una caja. `clave` es única en el grafo; `rotulo` va destacado (un código, un nombre); `nota` al pie (un monto).

    `sigue`: si se espera que lleve a otro, cuando su columna lo espera.
    """

    clave: str
    rotulo: str
    texto: str = ""
    nota: str = ""
    sigue: bool = True


@dataclass(frozen=True, slots=True)
class Columna:
    """Los nodos de una misma clase. `antes` y `despues` dicen si se espera que vengan de otro nodo y que lleven a otro."""

    titulo: str
    nodos: Sequence[Nodo]
    antes: bool = True
    despues: bool = True


@dataclass(frozen=True, slots=True)
class Flecha:
    """De un nodo a otro, por sus claves. `supuesta`: no la dice el dato, la deduce quien dibuja."""

    desde: str
    hasta: str
    supuesta: bool = False


@dataclass(frozen=True, slots=True)
class Renglon:
    """Un nodo en la tabla. `viene` y `lleva`: rótulos de los nodos unidos; vacío es un hueco, y None que no se espera nada."""

    columna: str
    nodo: Nodo
    viene: tuple[str, ...] | None
    lleva: tuple[str, ...] | None


def renglones(columnas: Sequence[Columna], flechas: Sequence[Flecha], supuesta: str = " (supuesto)") -> list[Renglon]:
    """La tabla equivalente al dibujo, en el orden de las columnas. `supuesta` se agrega al rótulo de lo que se deduce.

    ValueError si dos nodos llevan la misma clave o una flecha nombra uno que no está.
    """
    nodos = _por_clave(columnas, flechas)

    def rotulo(clave: str, flecha: Flecha) -> str:
        return nodos[clave].rotulo + (supuesta if flecha.supuesta else "")

    hecho = []
    for columna in columnas:
        for nodo in columna.nodos:
            viene = tuple(rotulo(f.desde, f) for f in flechas if f.hasta == nodo.clave)
            lleva = tuple(rotulo(f.hasta, f) for f in flechas if f.desde == nodo.clave)
            esperado = viene if viene or columna.antes else None, lleva if lleva or (columna.despues and nodo.sigue) else None
            hecho.append(Renglon(columna.titulo, nodo, *esperado))
    return hecho


def dibujar(titulo: str, descripcion: str, columnas: Sequence[Columna], flechas: Sequence[Flecha]) -> str:
    """El grafo como SVG de tamaño fijo, legible sin agrandar: quien lo pone le da una caja que se desplaza.

    Los textos llegan sin escapar. Una columna sin nodos dice «No consta». ValueError como en `renglones`.
    """
    lugar, alto = _ubicar(columnas, flechas)
    partes = [f"<title>{escape(titulo)}</title><desc>{escape(descripcion)}</desc>"]
    partes += [_curva(lugar[f.desde], lugar[f.hasta], f.supuesta) for f in flechas]
    salen, llegan = {f.desde for f in flechas}, {f.hasta for f in flechas}
    for x, columna in zip(_izquierdas(columnas), columnas, strict=True):
        titulos = wrap(columna.titulo, _LETRAS, max_lines=2, placeholder="…")
        partes += [_texto(x, 12 + i * _ALTO_DE_LINEA, linea, "columna") for i, linea in enumerate(titulos)]
        if not columna.nodos:
            partes.append(_texto(x, _CABEZA + 16, SIN_NODOS))
        for nodo in columna.nodos:
            caja = lugar[nodo.clave]
            partes.append(_caja(nodo, caja))
            lados = ((columna.antes, caja.x, llegan), (columna.despues and nodo.sigue, caja.x + ANCHO_DE_CAJA, salen))
            partes += [_punto(x_lado, caja.medio, nodo.clave in u) for pide, x_lado, u in lados if pide or nodo.clave in u]
    ancho = len(columnas) * (ANCHO_DE_CAJA + ENTRE_COLUMNAS) - ENTRE_COLUMNAS + 10
    medidas = f'width="{ancho}" height="{alto}" viewBox="-5 0 {ancho} {alto}"'
    return f'<svg class="traza" {medidas} role="img" font-size="12" fill="currentColor">{"".join(partes)}</svg>'


# --- dónde va cada cosa -------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Lugar:
    x: int
    y: int
    alto: int

    @property
    def medio(self) -> float:
        return self.y + self.alto / 2


def _por_clave(columnas: Sequence[Columna], flechas: Sequence[Flecha]) -> dict[str, Nodo]:
    todos = [n for c in columnas for n in c.nodos]
    nodos = {n.clave: n for n in todos}
    if len(nodos) < len(todos):
        raise ValueError("dos nodos de una traza llevan la misma clave")
    if ajenas := {c for f in flechas for c in (f.desde, f.hasta)} - nodos.keys():
        raise ValueError(f"una flecha de la traza nombra un nodo que no está: {', '.join(sorted(ajenas))}")
    return nodos


def _izquierdas(columnas: Sequence[Columna]) -> range:
    paso = ANCHO_DE_CAJA + ENTRE_COLUMNAS
    return range(0, len(columnas) * paso, paso)


def _ubicar(columnas: Sequence[Columna], flechas: Sequence[Flecha]) -> tuple[dict[str, _Lugar], int]:
    _por_clave(columnas, flechas)
    lugar: dict[str, _Lugar] = {}
    fondo = _CABEZA + 2 * _ALTO_DE_LINEA
    for x, columna in zip(_izquierdas(columnas), columnas, strict=True):
        y = _CABEZA
        for nodo in columna.nodos:
            lugar[nodo.clave] = _Lugar(x, y, _ALTO_DE_LINEA * len(_lineas(nodo)) + 2 * _MARGEN)
            y += lugar[nodo.clave].alto + _ENTRE_CAJAS
        fondo = max(fondo, y)
    return lugar, fondo


def _lineas(nodo: Nodo) -> list[tuple[str, str]]:
    """(clase, texto) de cada línea de una caja."""
    partes = (("nombre", nodo.rotulo, 2), ("texto", nodo.texto, _LINEAS), ("valor", nodo.nota, 1))
    return [(clase, linea) for clase, texto, topes in partes for linea in wrap(texto, _LETRAS, max_lines=topes, placeholder="…")]


# --- trazos -------------------------------------------------------------------------------------------


def _caja(nodo: Nodo, lugar: _Lugar) -> str:
    entero = " · ".join(filter(None, (nodo.rotulo, nodo.texto, nodo.nota)))
    lineas = "".join(
        _texto(lugar.x + 8, lugar.y + _MARGEN + 12 + i * _ALTO_DE_LINEA, linea, clase)
        for i, (clase, linea) in enumerate(_lineas(nodo))
    )
    caja = f'<rect x="{lugar.x}" y="{lugar.y}" width="{ANCHO_DE_CAJA}" height="{lugar.alto}" rx="3" class="caja"/>'
    return f"<g><title>{escape(entero)}</title>{caja}{lineas}</g>"


def _texto(x: int, y: int, texto: str, clase: str = "texto") -> str:
    return f'<text x="{x}" y="{y}" class="{clase}">{escape(texto)}</text>'


def _curva(desde: _Lugar, hasta: _Lugar, supuesta: bool) -> str:
    x1, x2 = desde.x + ANCHO_DE_CAJA, hasta.x
    mitad = (x1 + x2) / 2
    trazo = f"M{x1} {desde.medio}C{mitad} {desde.medio} {mitad} {hasta.medio} {x2} {hasta.medio}"
    return f'<path d="{trazo}" fill="none" class="flecha{" supuesta" if supuesta else ""}"/>'


def _punto(x: int, y: float, unido: bool) -> str:
    return f'<circle cx="{x}" cy="{y}" r="4" class="{"unido" if unido else "hueco"}"/>'
