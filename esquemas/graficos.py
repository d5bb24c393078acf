"""Datos → SVG con título y descripción, para el sitio y la aplicación. Sin guiones: se lee, se imprime y se agranda.

Los colores salen de `currentColor` y de clases, así el mismo dibujo sirve en claro y en oscuro. Un gráfico nunca va solo:
quien lo pone, pone también su tabla.
"""

from collections.abc import Callable, Sequence
from html import escape

ANCHO = 440  # unidades del dibujo; angosto, para que la letra se lea también en un teléfono
_ALTO_DE_BARRA, _ENTRE_BARRAS, _LETRA = 16, 44, 13
_SIN_DATO = "No consta"


def barras(
    titulo: str,
    descripcion: str,
    datos: Sequence[tuple[str, int | None]],
    escribir: Callable[[int], str] = str,
) -> str:
    """Barras horizontales, una por dato, con su nombre encima y su valor al lado.

    `datos`: (nombre, valor ≥ 0, o None si no consta). `escribir` pone el valor en palabras («$ 1.000»). ValueError si no
    hay datos o alguno es negativo. Los textos llegan sin escapar.
    """
    if not datos or any(valor is not None and valor < 0 for _, valor in datos):
        raise ValueError("un gráfico de barras necesita datos, y ninguno negativo")
    mayor = max((valor or 0 for _, valor in datos), default=0) or 1
    alto = len(datos) * _ENTRE_BARRAS
    maximo = ANCHO - 115  # deja lugar para el valor más largo
    lineas = []
    for i, (nombre, valor) in enumerate(datos):
        y = i * _ENTRE_BARRAS
        largo = round((valor or 0) * maximo / mayor, 1)
        texto = _SIN_DATO if valor is None else escribir(valor)
        lineas.append(f'<text x="0" y="{y + _LETRA}" class="nombre">{escape(nombre)}</text>')
        lineas.append(f'<rect x="0" y="{y + 22}" width="{largo}" height="{_ALTO_DE_BARRA}" rx="2" class="barra"/>')
        lineas.append(f'<text x="{largo + 6}" y="{y + 35}" class="valor">{escape(texto)}</text>')
    return (
        f'<svg class="grafico" viewBox="0 0 {ANCHO} {alto}" role="img" font-size="{_LETRA}" fill="currentColor">'
        f"<title>{escape(titulo)}</title><desc>{escape(descripcion)}</desc>{''.join(lineas)}</svg>"
    )
