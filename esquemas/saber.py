"""Lo que se sabe además de los esquemas: normas, instrumentos, notas y el proceso; y el `Catalogo` que lo reúne todo.

Valores inmutables, como los de `modelo`, pero aparte: para validar un archivo no hacen falta.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from esquemas.modelo import Esquema, Opciones


@dataclass(frozen=True, slots=True)
class Monto:
    """Una cifra en pesos, con el año en que rige su fuente."""

    concepto: str
    titulo: str
    cifras_de: int
    norma: tuple[str, ...]
    maximo: int | None = None
    minimo: int | None = None


@dataclass(frozen=True, slots=True)
class Tope:
    monto: int
    cuenta: str
    norma: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Instrumento:
    nombre: str
    titulo: str
    nombre_corto: str
    version: str
    traspasado: bool
    norma: tuple[str, ...]
    objetivo: str
    apoyo: str
    acceso: str
    postulacion: str
    financiamiento: str = ""
    sinonimos: tuple[str, ...] = ()
    agrupa: tuple[str, ...] = ()
    montos: tuple[Monto, ...] = ()
    tope_por_beneficiario: Tope | None = None


@dataclass(frozen=True, slots=True)
class Parte:
    """Un numeral, literal o apartado citable. `url` es la ruta del sitio con su ancla; `ver`, la de lo que describe."""

    id: str
    titulo: str
    texto: str
    etiqueta: str
    url: str
    ver: str = ""


@dataclass(frozen=True, slots=True)
class Documento:
    """Una norma o fuente citable. `literal` dice si `texto` es el texto oficial; `vigencia`, cuál es el oficial y qué falta."""

    nombre: str
    titulo: str
    cita: str
    nombre_corto: str
    literal: bool
    url: str
    fuente: str
    partes: tuple[Parte, ...] = ()
    vigencia: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Nota:
    """Lo que el proyecto dice de una norma, con palabras propias. `norma`: bajo qué partes se muestra.

    `dicen` es (referencia, qué dice) de cada fuente que no calza con las demás; `rige`, cuál vale y por qué.
    """

    nombre: str
    titulo: str
    texto: str
    norma: tuple[str, ...]
    dicen: tuple[tuple[str, str], ...] = ()
    rige: str = ""


@dataclass(frozen=True, slots=True)
class Notas:
    """Un archivo de `notas/`: explicaciones, contradicciones o términos."""

    nombre: str
    titulo: str
    descripcion: str
    notas: tuple[Nota, ...]


@dataclass(frozen=True, slots=True)
class Cita:
    """Una referencia `norma` ya resuelta: cómo se nombra («Reglamento, 4.a.viii») y a dónde lleva."""

    referencia: str
    texto: str
    url: str


@dataclass(frozen=True, slots=True)
class Hito:
    """Algo que ocurre en el ciclo. `regla` es la de `plazos`; None si la fuente no da fecha."""

    nombre: str
    titulo: str
    descripcion: str
    responsable: str
    exigible: bool
    norma: tuple[str, ...]
    regla: Mapping[str, Any] | None = None
    cuando: str = ""  # en palabras, siempre
    etapa: str = ""
    esquemas: tuple[str, ...] = ()  # formatos o encuestas con que se hace
    nota: str = ""


@dataclass(frozen=True, slots=True)
class Zona:
    zona: str  # nombre IANA
    nombre: str
    regiones: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Deber:
    """Un deber del Reglamento 4, para la lista de cotejo del tablero."""

    quien: str
    titulo: str
    norma: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Proceso:
    """El ciclo anual: sus hitos, los deberes de cada institución y las zonas horarias del país."""

    version: str
    zona: str
    zonas: tuple[Zona, ...]
    hitos: tuple[Hito, ...]
    deberes: tuple[Deber, ...]


@dataclass(frozen=True, eq=False)
class Catalogo:
    """Todo lo que se sabe, leído una vez. Los diccionarios conservan el orden en que se muestran."""

    esquemas: Mapping[str, Esquema]
    opciones: Mapping[str, Opciones]
    instrumentos: Mapping[str, Instrumento]
    documentos: Mapping[str, Documento]
    proceso: Proceso
    notas: Mapping[str, Notas] = field(default_factory=dict)

    @property
    def formatos(self) -> tuple[Esquema, ...]:
        return tuple(e for e in self.esquemas.values() if not e.es_encuesta)

    @property
    def encuestas(self) -> tuple[Esquema, ...]:
        return tuple(e for e in self.esquemas.values() if e.es_encuesta)

    def citar(self, referencia: str) -> Cita:
        """`reglamento:4.a.viii` → cómo se nombra y a dónde lleva. KeyError si el documento o la parte no existen."""
        nombre, _, parte_id = referencia.partition(":")
        documento = self.documentos[nombre]
        if not parte_id:
            return Cita(referencia, documento.nombre_corto, documento.url)
        for parte in documento.partes:
            if parte.id == parte_id:
                return Cita(referencia, f"{documento.nombre_corto}, {parte_id}", parte.url)
        raise KeyError(referencia)
