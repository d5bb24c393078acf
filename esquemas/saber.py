"""Lo que se sabe además de los esquemas: normas, instrumentos, notas y el proceso.

Valores inmutables, como los de `modelo`, pero aparte: para validar un archivo no hacen falta.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any

_DE_LA_NORMA = re.compile(r"[0-9]+(-bis|-ter)?|[A-Za-z][0-9]?|[ivxlc]+")  # un tramo que la propia norma usa
TODO, OBSERVADO, NADA = "todo", "observado", "nada"
MOTIVO, ACUERDO, RESPUESTAS, PENDIENTES = "motivo", "acuerdo", "respuestas", "pendientes"
ENVIADAS, RESUELTAS = "enviadas", "resueltas"
EXIGIBLES = (MOTIVO, ACUERDO, RESPUESTAS, PENDIENTES, ENVIADAS, RESUELTAS)
COMPARTIDOS = frozenset({"conjunta", "todos"})  # los responsables de un hito que son cualquiera
OBSERVADAS = ("codigo", "envio", "matriz", "fila", "campo", "observacion", "condicion", "respuesta", "estado")


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
class Pregunta:
    """Una pregunta del orientador. `opciones`: código → lo que se lee."""

    nombre: str
    titulo: str
    opciones: Mapping[str, str]
    norma: tuple[str, ...]
    ayuda: str = ""


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
    aporte: str = ""
    sinonimos: tuple[str, ...] = ()
    agrupa: tuple[str, ...] = ()
    montos: tuple[Monto, ...] = ()
    tope_por_beneficiario: Tope | None = None
    requisitos: tuple[Any, ...] = ()  # de `modelo.Requisito`, que va más arriba y no se puede nombrar aquí


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
    """Una norma o fuente citable. `literal` dice si `texto` es el texto oficial; `vigencia`, cuál es el oficial y qué falta.

    `union` va entre su nombre corto y el código de una parte: «Ley 19.880» + «, artículo» + «25».
    """

    nombre: str
    titulo: str
    cita: str
    nombre_corto: str
    literal: bool
    url: str
    fuente: str
    partes: tuple[Parte, ...] = ()
    vigencia: Mapping[str, str] = field(default_factory=dict)
    union: str = ","

    def nombrar(self, parte: Parte) -> str:
        """«Reglamento, 4.a.viii»; lo que en el código es una palabra nuestra va por su título: «Reglamento, 3 (Juntos)»."""
        tramos = parte.id.split(".")
        codigo = [] if parte.id[0].islower() else list(takewhile(_DE_LA_NORMA.fullmatch, tramos))
        texto = self.nombre_corto + (f"{self.union} {'.'.join(codigo).replace('-', ' ')}" if codigo else "")
        return texto if codigo == tramos else f"{texto} ({parte.titulo})"


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
    filas: Mapping[str, str] = field(default_factory=dict)  # campo → valor de las que prueban que ocurrió


@dataclass(frozen=True, slots=True)
class Zona:
    zona: str  # nombre IANA
    nombre: str
    regiones: tuple[str, ...] = ()
    parte_de: str = ""  # la región a la que pertenece, si no es una región entera


@dataclass(frozen=True, slots=True)
class Deber:
    """Un deber del Reglamento 4, para la lista de cotejo del tablero."""

    quien: str
    titulo: str
    norma: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Mapa:
    """La cadena que forman las matrices al citarse. `columnas` y `suma` son los de `cadena.armar`."""

    matrices: tuple[str, ...]
    columnas: tuple[str, ...]
    suma: str
    norma: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Estado:
    """En qué va la focalización de una región. `abre`: qué puede corregir ahí la región (TODO, OBSERVADO o NADA)."""

    nombre: str
    titulo: str
    descripcion: str
    abre: str


@dataclass(frozen=True, slots=True)
class Acto:
    """Lo que lleva la focalización de un estado a otro. Qué es cada cosa lo dice `proceso.yaml`, en `tramitacion`."""

    nombre: str
    titulo: str
    descripcion: str
    quien: tuple[str, ...]
    de: tuple[str, ...]
    a: str
    norma: tuple[str, ...]
    hito: str = ""
    entrega: tuple[str, ...] = ()
    exige: tuple[str, ...] = ()
    tras: Mapping[str, str] = field(default_factory=dict)
    materia: str = ""  # cómo lo dice su oficio


@dataclass(frozen=True, slots=True)
class Acuerdo:
    """La aprobación que algunos actos exigen: sus datos (un `modelo.Esquema` de una fila) y sus documentos (`modelo.Campo`)."""

    esquema: Any
    documentos: tuple[Any, ...]
    en_orden: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Tramitacion:
    """Los estados y los actos de una focalización, por nombre y en el orden en que ocurren."""

    inicial: str
    estados: Mapping[str, Estado]
    actos: Mapping[str, Acto]
    norma: tuple[str, ...]
    acuerdo: Acuerdo | None = None
    observaciones: str = ""  # el formato con que se observa lo demás; tiene las columnas de OBSERVADAS
    excepciones: str = ""  # el formato con que se registra que una fila no cumple y se admite


@dataclass(frozen=True, slots=True)
class Proceso:
    """El ciclo anual: hitos, deberes de cada institución, zonas horarias, la cadena de las matrices y su tramitación."""

    version: str
    zona: str
    zonas: tuple[Zona, ...]
    hitos: tuple[Hito, ...]
    deberes: tuple[Deber, ...]
    mapa: Mapa | None = None
    tramitacion: Tramitacion | None = None
