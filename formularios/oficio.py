"""Un oficio con sus anexos, como bloques: qué dice y en qué orden. Cómo se imprime lo saben `impreso` y `escrito_docx`."""

import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from esquemas.modelo import Campo, Esquema

TITULO, DATO, TEXTO = "titulo", "dato", "texto"
BORRADOR = "Borrador, sin folio"
TABLA_DE_LO_ENTREGADO = "---"
FILAS_DE_ANEXO = 1_000  # con más, la matriz va aparte: no se lee en papel y haría esperar
ANCHO = 130  # letras que caben a lo ancho de una hoja apaisada, con la letra de las tablas
_ENTRA, _DE_MAS = 8, 34  # letras: lo menos y lo más que pide una columna
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f\x7f-\x9f]+")


@dataclass(frozen=True, slots=True)
class Parrafo:
    """`clase`: TITULO, DATO (con su `rotulo`) o TEXTO."""

    clase: str
    texto: str
    rotulo: str = ""


@dataclass(frozen=True, slots=True)
class Tabla:
    """`anchos`: qué parte de la hoja ocupa cada columna; suman 1. `apaisada`: va en hojas acostadas."""

    titulo: str
    columnas: Sequence[str]
    filas: Sequence[Sequence[str]]
    anchos: Sequence[float]
    apaisada: bool = False


@dataclass(frozen=True, slots=True)
class Oficio:
    """`rotulo` va en todas las páginas: de qué es, o que es un borrador. `fecha`: la del documento."""

    titulo: str
    rotulo: str
    bloques: Sequence[Parrafo | Tabla]
    fecha: datetime

    @property
    def es_borrador(self) -> bool:
        return self.rotulo == BORRADOR


@dataclass(frozen=True, slots=True)
class Anexo:
    """Una matriz que va con el oficio. Sin `folio` ni `huella` si es un borrador. `filas`: campo → valor canónico."""

    esquema: Esquema
    filas: Sequence[Mapping[str, str]]
    folio: str = ""
    huella: str = ""


def armar(
    titulo: str, rotulo: str, texto: str, anexos: Sequence[Anexo], *, escribir: Callable[[str, Campo], str], fecha: datetime
) -> Oficio:
    """Del texto de la plantilla y las matrices, los bloques. `escribir(valor, campo)` da un valor como se lee."""
    bloques: list[Parrafo | Tabla] = []
    for trozo in filter(None, (t.strip() for t in texto.split("\n\n"))):
        bloques.append(_lo_entregado(anexos) if trozo == TABLA_DE_LO_ENTREGADO else _parrafo(trozo))
    for anexo in anexos:
        bloques += [_aparte(anexo)] if len(anexo.filas) > FILAS_DE_ANEXO else _tablas(anexo, escribir)
    return Oficio(titulo, rotulo, tuple(bloques), fecha)


def _parrafo(trozo: str) -> Parrafo:
    limpio = limpiar(trozo)
    if limpio.startswith("# "):
        return Parrafo(TITULO, limpio[2:])
    rotulo, es_dato, valor = limpio.partition(":: ")
    return Parrafo(DATO, valor, rotulo) if es_dato else Parrafo(TEXTO, limpio)


def limpiar(texto: str) -> str:
    """Sin los caracteres que un documento no admite."""
    return _CONTROL.sub(" ", texto)


def _lo_entregado(anexos: Sequence[Anexo]) -> Tabla:
    columnas = ("Matriz", "Folio", "Filas", "Huella SHA-256")
    filas = [(a.esquema.nombre_completo, a.folio or BORRADOR, str(len(a.filas)), a.huella or BORRADOR) for a in anexos]
    return Tabla("Lo que se entrega", columnas, filas, (0.34, 0.2, 0.08, 0.38))


def _aparte(anexo: Anexo) -> Parrafo:
    dice = f"{anexo.esquema.nombre_completo} tiene {len(anexo.filas)} filas y va aparte, en su planilla."
    return Parrafo(TEXTO, f"{dice} Su folio y su huella, arriba, dicen cuál es.")


def _tablas(anexo: Anexo, escribir: Callable[[str, Campo], str]) -> Iterator[Tabla]:
    """La matriz entera. Si sus columnas no caben a lo ancho, en partes: cada una repite la clave de la fila."""
    esquema = anexo.esquema
    celdas = {c.nombre: [limpiar(escribir(f.get(c.nombre, ""), c)) for f in anexo.filas] for c in esquema.campos}
    piden = {c.nombre: _pide([c.titulo, *celdas[c.nombre]]) for c in esquema.campos}
    claves = [c for c in esquema.campos if c.nombre in esquema.principal.clave]
    partes = _partir([c for c in esquema.campos if c not in claves], piden, ANCHO - sum(piden[c.nombre] for c in claves))
    for numero, parte in enumerate(partes, 1):
        campos = [*claves, *parte]
        total = sum(piden[c.nombre] for c in campos)
        de = f" ({numero} de {len(partes)})" if len(partes) > 1 else ""
        yield Tabla(
            f"Anexo: {esquema.nombre_completo}{de}",
            tuple(c.titulo for c in campos),
            [tuple(celdas[c.nombre][i] for c in campos) for i in range(len(anexo.filas))],
            tuple(piden[c.nombre] / total for c in campos),
            apaisada=True,
        )


def _pide(textos: Sequence[str]) -> int:
    """Cuántas letras de ancho: que quepa su palabra más larga, y que lo largo no quede en una columna angosta."""
    palabra = max((len(p) for t in textos for p in re.split(r"[\s\-/;]", t)), default=0)
    largo = max(map(len, textos))
    return max(_ENTRA, min(_DE_MAS, max(palabra + 2, min(largo, round(2.5 * largo**0.5)))))


def _partir(campos: Sequence[Campo], piden: Mapping[str, int], cabe: int) -> list[list[Campo]]:
    partes: list[list[Campo]] = [[]]
    for campo in campos:
        if partes[-1] and sum(piden[c.nombre] for c in (*partes[-1], campo)) > cabe:
            partes.append([])
        partes[-1].append(campo)
    return partes
