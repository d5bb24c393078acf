"""Un CSV que se lee fila por fila y se descarga: lo que una tabla de muchas columnas no deja leer en un teléfono.

`ficha` muestra cada fila como una lista de definiciones: de una sola fila, a la vista; de varias, cada una plegada bajo los
campos de `titulo`. `columnas` elige y ordena, como en `tabla`.
`descarga` pone un ítem de lista con el archivo, cuántas filas trae, su versión para Excel, qué significa cada columna y
cuántas excepciones tiene registradas.
"""

import posixpath
import re

from esquemas.condicion import cumple
from esquemas.modelo import Campo
from esquemas.planilla import tipar
from esquemas.tabla import escribir_csv_excel
from generador.datos import Datos, Pedido, cuantas
from generador.molde import escapar

_NUMERADA = re.compile(r"\d+\. ")


def ficha(pedido: Pedido) -> str:
    datos = pedido.datos()
    titulares = [datos.campo(n) for n in pedido.lista("titulo")]
    if len(datos.filas) > 1 and not titulares:
        raise ValueError(f"{datos.archivo}: una ficha de varias filas pide «titulo», los campos con que se nombra cada una.")
    campos = [c for c in datos.campos(pedido.lista("columnas")) if c not in titulares]
    return "\n".join(_una(datos, fila, titulares, campos) for fila in datos.filas)


def _una(datos: Datos, fila: dict[str, str], titulares: list[Campo], campos: list[Campo]) -> str:
    varios = {c.nombre for c in datos.esquema.campos if c.varios}
    vienen = (c for c in campos if fila[c.nombre] or not c.mostrar_si or cumple(c.mostrar_si, fila, varios))
    lista = "".join(f"<dt>{escapar(c.titulo)}</dt><dd>{_valor(datos, c, fila[c.nombre])}</dd>" for c in vienen)
    lista = f'<dl class="registro" markdown="0">{lista}</dl>'
    if not titulares:
        return lista
    nombre = " · ".join(datos.mostrar(c, fila[c.nombre]) for c in titulares)
    return f'<details class="registro" markdown="0"><summary>{nombre}</summary>{lista}</details>'


def _valor(datos: Datos, campo: Campo, texto: str) -> str:
    """Una lista numerada, si cada línea trae su número; si no, el valor como en una tabla."""
    lineas = texto.split("\n")
    if all(map(_NUMERADA.match, lineas)):
        items = (escapar(_NUMERADA.sub("", linea, count=1)) for linea in lineas)
        return f"<ol>{''.join(f'<li>{item}</li>' for item in items)}</ol>"
    return datos.mostrar(campo, texto)


def descarga(pedido: Pedido) -> str:
    datos, excepciones = pedido.datos(), pedido.opciones.get("excepciones", "")
    excel = f"{datos.archivo.removesuffix('.csv')}-excel.csv"
    filas = ([tipar(c, f[c.nombre]) for c in datos.esquema.campos] for f in datos.filas)
    pedido.producidos[excel] = escribir_csv_excel([c.titulo for c in datos.esquema.campos], filas)
    descriptor = pedido.opciones.get("descriptor", f"/descargas/esquemas/{datos.esquema.nombre}.json")
    dicho = f"**{escapar(datos.esquema.nombre_completo)}**, {cuantas(len(datos.filas))}: "
    dicho += f"[{escapar(posixpath.basename(datos.archivo))}]({datos.archivo}), [CSV para Excel]({excel}) "
    dicho += f"y [qué es cada columna]({descriptor}). Excepciones registradas: "
    if not excepciones:
        return f"{dicho}ninguna."
    return f"{dicho}[{len(pedido.datos(excepciones, 'excepciones').filas)}, con su razón]({excepciones})."
