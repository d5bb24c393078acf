"""Qué quiso escribir la persona cuando no se le entiende: una opción parecida, o varios valores que no separó con «;».

Nunca se usa para leer: solo para decir cómo se arregla sin botar la mitad de lo escrito.
"""

import difflib
import re
from collections.abc import Callable

from esquemas.condicion import SEPARADOR
from esquemas.errores import Codigo
from esquemas.modelo import Campo, Opciones
from esquemas.normalizacion import Falla, citado, plegar

UNION = " · "  # entre código y nombre en las listas de la planilla
_POCAS = 12  # opciones que caben en un mensaje
_TROZOS = 20  # más valores seguidos que estos no se intentan reconocer
_JUNTAS = re.compile(r"(\s*,\s*[ye]\s+|\s*[,/|+&]\s*|\s+[ye]\s+|\s+-\s+)")
_CODIGO = re.compile(r"(?=[^0-9]*[0-9])[A-Za-z0-9][A-Za-z0-9._-]*")

Lectura = Callable[[str], str | Falla]


def unir(codigo: str, nombre: str) -> str:
    """«06 · O'Higgins», como va en las listas de la planilla; sin nombre, el código solo."""
    return f"{codigo}{UNION}{nombre}" if nombre else codigo


def elegir(campo: Campo, opciones: Opciones) -> str:
    """Qué se puede escribir en el campo: las opciones, si son pocas, y cómo se separan si admite varias."""
    nombres = [o.nombre for o in opciones.opciones]
    if len(nombres) > _POCAS:
        lista = f"las {len(nombres)} opciones de la lista «{opciones.titulo}»"
        return f"Elija una o varias de {lista}, separadas con «{SEPARADOR}»." if campo.varios else f"Elija una de {lista}."
    if campo.varios:
        return f"Elija una o varias, separadas con «{SEPARADOR}»: {f'{SEPARADOR} '.join(nombres)}."
    return f"Elija una de: {', '.join(nombres)}."


def sugerir(texto: str, campo: Campo, opciones: Opciones, leer: Lectura) -> str:
    """La pista de un valor que no está en la lista: todos los que trae juntos, o uno parecido; «» si no hay."""
    trozos = repartir(texto, leer)
    conocidas = [f"«{opciones.nombre_de(codigo)}»" for codigo, _ in trozos if codigo]
    if campo.varios and conocidas:
        return f"¿Quiso escribir «{f'{SEPARADOR} '.join(opciones.nombre_de(c) if c else t for c, t in trozos)}»?"
    if len(conocidas) > 1:
        return f"Aquí va una sola y escribió varias: {', '.join(conocidas)}."
    nombres = {plegar(o.nombre): o for o in opciones.opciones}
    parecidos = difflib.get_close_matches(plegar(texto[:100]), nombres, n=1)
    return f"¿Quiso decir «{nombres[parecidos[0]].nombre}» ({nombres[parecidos[0]].codigo})?" if parecidos else ""


def repartir(texto: str, leer: Lectura) -> list[tuple[str, str]]:
    """Los valores separados con «,», «y» o «/», cada uno con su código o «»; vacía si parece uno solo.

    Un nombre también lleva comas e «y»: en cada lugar se toma el valor más largo que se reconoce.
    """
    partes = _JUNTAS.split(texto)  # los impares son lo que separa
    if not 1 < len(partes) < 2 * _TROZOS:
        return []
    salida, i = [], 0
    while i < len(partes):
        posibles = ((leer("".join(partes[i:j])), j) for j in range(len(partes), i, -2))
        codigo, fin = next(((c, j) for c, j in posibles if isinstance(c, str)), ("", i + 1))
        if trozo := "".join(partes[i:fin]).strip():
            salida.append((codigo, trozo))
        i = fin + 1
    return salida


def codigos_juntos(texto: str, campo: Campo) -> Falla | None:
    """La falla de una referencia con varios códigos separados con otra cosa que «;», o donde va uno solo; None si no es eso."""
    trozos = [t for t in map(str.strip, _JUNTAS.split(texto)[::2]) if t]
    con_nombre = sum(UNION in t for t in trozos)
    codigos = [t.split(UNION, 1)[0].strip() for t in trozos]
    if len(trozos) < 2 or con_nombre not in (0, len(trozos)) or not all(map(_CODIGO.fullmatch, codigos)):
        return None
    arreglo = "va uno solo: deje el que corresponde"
    if campo.varios:
        arreglo = f"se separan con «{SEPARADOR}»: escriba {citado(f'{SEPARADOR} '.join(codigos))}"
    return Falla(Codigo.CODIGO_INVALIDO, f"{citado(texto)} son {len(codigos)} códigos. En «{campo.titulo}» {arreglo}.")
