"""Lo que llega de una pantalla de encuesta: de pares nombre-valor a campos y filas de grupos. Sin web.

Los nombres son `c.<campo>` y `g.<grupo>.<fila>.<campo>`. `mostrado` repite el nombre de cada fila y de cada
pregunta con condición que la persona tuvo a la vista: así una casilla sin marcar no se confunde con una
pregunta que no apareció.
"""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace

from esquemas.condicion import SEPARADOR
from esquemas.modelo import Campo, Esquema, Grupo, Seccion

DE_FILA = {"revision", "unica", "a_la_vista", "por_revisar"}
PROPIOS = frozenset({"csrf_token", "base", "mostrado", "accion", "quitadas", "version"} | DE_FILA)
FILAS_DE_MAS = 50  # sobre el máximo del grupo; más que eso no lo escribió una persona
_DE_GRUPO = re.compile(r"g\.([a-z0-9-]+)\.([0-9]{1,4})(?:\.([a-z0-9_]+))?")

Fila = dict[str, str]


def nombre_de(campo: str, grupo: str = "", fila: int = 0) -> str:
    """El nombre de una pregunta en el formulario."""
    return f"g.{grupo}.{fila}.{campo}" if grupo else f"c.{campo}"



@dataclass(frozen=True, slots=True)
class Recibido:
    """Una pantalla enviada. `ajenos`: nombres que no son de esa pantalla; nunca se ignoran en silencio."""

    principal: Fila
    grupos: dict[str, list[Fila]]
    mostrados: frozenset[str] = frozenset()
    ajenos: tuple[str, ...] = ()


@dataclass(slots=True)
class _Acopio:
    principal: dict[str, list[str]] = field(default_factory=dict)
    grupos: dict[str, dict[int, dict[str, list[str]]]] = field(default_factory=dict)
    ajenos: list[str] = field(default_factory=list)


def leer_pantalla(esquema: Esquema, seccion: Seccion, pares: Iterable[tuple[str, str]]) -> Recibido:
    """Reparte los pares nombre-valor del formulario entre los campos y grupos de la sección."""
    acopio, mostrados = _Acopio(), set()
    campos = {c.nombre: c for c in esquema.campos if c.nombre in seccion.contenido}
    grupos = {g.nombre: g for g in esquema.grupos if g.nombre in seccion.contenido}
    for nombre, valor in pares:
        if nombre == "mostrado":
            mostrados.add(valor)
            nombre = valor if _DE_GRUPO.fullmatch(valor) and valor.count(".") == 2 else "accion"
        if nombre not in PROPIOS and not _anotar(acopio, campos, grupos, nombre, valor):
            acopio.ajenos.append(nombre[:60])
    principal = {}
    for campo in campos.values():
        visto = campo.mostrar_si is None or nombre_de(campo.nombre) in mostrados
        principal[campo.nombre] = SEPARADOR.join(acopio.principal.get(campo.nombre, ())) if visto else ""
    filas = {
        nombre: [
            {c: SEPARADOR.join(v) for c, v in fila.items()}
            for _, fila in sorted(acopio.grupos.get(nombre, {}).items())
        ]
        for nombre in grupos
    }
    return Recibido(principal, filas, frozenset(mostrados), tuple(dict.fromkeys(acopio.ajenos)))


def _anotar(
    acopio: _Acopio, campos: Mapping[str, Campo], grupos: Mapping[str, Grupo], nombre: str, valor: str
) -> bool:
    if nombre.startswith("c."):
        campo = campos.get(nombre[2:])
        if campo is None or campo.automatico:
            return False
        return _poner(acopio.principal, campo, valor)
    partes = _DE_GRUPO.fullmatch(nombre)
    grupo = grupos.get(partes[1]) if partes else None
    if grupo is None:
        return False
    filas = acopio.grupos.setdefault(grupo.nombre, {})
    if int(partes[2]) not in filas and len(filas) >= grupo.maximo + FILAS_DE_MAS:
        return False
    fila = filas.setdefault(int(partes[2]), {})
    if partes[3] is None:
        return True
    campo = next((c for c in grupo.tabla.campos if c.nombre == partes[3] and not c.automatico), None)
    return campo is not None and _poner(fila, campo, valor)


def _poner(donde: dict[str, list[str]], campo: Campo, valor: str) -> bool:
    valores = donde.setdefault(campo.nombre, [])
    if valores and not campo.varios:
        return valores == [valor]
    if valor:
        valores.append(valor)
    return True


def leer_sin_esquema(pares: Iterable[tuple[str, str]]) -> tuple[Fila, dict[str, list[Fila]]]:
    """Lo mismo de una página que dibujó otra versión: todo lo que trae, de cualquier sección y sin saber si todavía existe."""
    principal: dict[str, list[str]] = {}
    grupos: dict[str, dict[int, dict[str, list[str]]]] = {}
    for nombre, valor in pares:
        partes = _DE_GRUPO.fullmatch(nombre)
        if nombre.startswith("c."):
            principal.setdefault(nombre[2:], []).append(valor)
        elif partes and partes[3]:
            grupos.setdefault(partes[1], {}).setdefault(int(partes[2]), {}).setdefault(partes[3], []).append(valor)
    filas = {g: [_unir(f) for _, f in sorted(suyas.items())] for g, suyas in grupos.items()}
    return _unir(principal), filas


def _unir(fila: Mapping[str, list[str]]) -> Fila:
    return {c: SEPARADOR.join(filter(None, v)) for c, v in fila.items()}


def con_fila_nueva(esquema: Esquema, recibido: Recibido, nombre: str) -> tuple[Recibido, int]:
    """Con una fila en blanco al final de ese grupo, si cabe; y cuál quedó de última."""
    grupo = next(g for g in esquema.grupos if g.nombre == nombre)
    filas = recibido.grupos[nombre]
    if len(filas) < grupo.maximo:
        filas = [*filas, {}]
    return replace(recibido, grupos={**recibido.grupos, nombre: filas}), len(filas) - 1


def sin_fila(recibido: Recibido, nombre: str, indice: str) -> Recibido:
    """Sin esa fila; `indice` es lo que dijo el botón."""
    filas = [f for i, f in enumerate(recibido.grupos[nombre]) if str(i) != indice]
    return replace(recibido, grupos={**recibido.grupos, nombre: filas})
