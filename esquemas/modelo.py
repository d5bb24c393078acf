"""Las palabras del dominio, como valores inmutables. Aquí no se lee, no se valida y no se escribe nada."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from esquemas.errores import Gravedad


@dataclass(frozen=True, slots=True)
class Condicion:
    """`{campo, es | no_es | en | vacio}` o una lista unida por `y` / `o`. `operador` es una de esas seis palabras."""

    operador: str
    campo: str = ""
    valores: tuple[str, ...] = ()
    vacio: bool = True
    partes: tuple["Condicion", ...] = ()

    def campos(self) -> frozenset[str]:
        """Nombres de los campos que mira."""
        if self.partes:
            return frozenset().union(*(p.campos() for p in self.partes))
        return frozenset({self.campo})


@dataclass(frozen=True, slots=True)
class Referencia:
    """A qué fila de otra matriz apunta un campo. `tipos` vacío: cualquiera."""

    esquema: str
    tipos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Campo:
    """Una columna de un formato o una pregunta de una encuesta. Los límites ausentes son None."""

    nombre: str
    titulo: str
    tipo: str
    descripcion: str
    ejemplo: str
    norma: tuple[str, ...]
    dato: str
    ayuda: str = ""
    finalidad: str = ""
    unidad: str = ""
    obligatorio: bool = False
    unico: bool = False
    minimo: float | None = None
    maximo: float | None = None
    largo_minimo: int | None = None
    largo_maximo: int | None = None
    patron: str = ""
    catalogo: str = ""
    varios: bool = False
    referencia: Referencia | None = None
    mostrar_si: Condicion | None = None
    automatico: bool = False


@dataclass(frozen=True, slots=True)
class Regla:
    """Una exigencia entre columnas, entre filas o entre matrices. `clase` es la clave del YAML que la define."""

    codigo: str
    clase: str  # exige | suma | cociente | cita | citados
    gravedad: Gravedad
    campo: str
    mensaje: str
    arreglo: str
    norma: tuple[str, ...]
    si: Condicion | None = None
    condicion: Condicion | None = None  # exige, citados
    datos: Mapping[str, Any] = field(default_factory=dict)  # suma, cociente, cita


@dataclass(frozen=True, slots=True, eq=False)
class Tabla:
    """Filas con los mismos campos: la matriz, la tabla principal de una encuesta o un grupo repetible."""

    nombre: str
    titulo: str
    campos: tuple[Campo, ...]
    clave: tuple[str, ...] = ()
    reglas: tuple[Regla, ...] = ()

    @property
    def nombres(self) -> tuple[str, ...]:
        return tuple(c.nombre for c in self.campos)

    def campo(self, nombre: str) -> Campo:
        """El campo con ese nombre; KeyError si no existe."""
        for c in self.campos:
            if c.nombre == nombre:
                return c
        raise KeyError(nombre)


@dataclass(frozen=True, slots=True)
class Grupo:
    """Un grupo repetible de una encuesta: su tabla y cuántas veces se puede repetir."""

    tabla: Tabla
    singular: str
    ayuda: str = ""
    norma: tuple[str, ...] = ()
    minimo: int = 0
    maximo: int = 20
    mostrar_si: Condicion | None = None

    @property
    def nombre(self) -> str:
        return self.tabla.nombre


@dataclass(frozen=True, slots=True)
class Seccion:
    """Una pantalla de la encuesta. `contenido` nombra campos de la tabla principal y grupos, en orden."""

    nombre: str
    titulo: str
    contenido: tuple[str, ...]
    ayuda: str = ""
    norma: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cambio:
    version: str
    fecha: str
    descripcion: str


@dataclass(frozen=True, slots=True, eq=False)
class Esquema:
    """Un YAML interpretado. `clase` es «formato» o «encuesta»; `descriptor` es el YAML tal como se escribió."""

    nombre: str
    titulo: str
    clase: str
    descripcion: str
    version: str
    norma: tuple[str, ...]
    principal: Tabla
    descriptor: Mapping[str, Any]
    huella: str  # SHA-256 en hexadecimal del JSON canónico del descriptor
    sigla: str = ""
    exigible: bool = False
    ambito: str = "region"
    llena: str = ""
    orden: int = 0
    grupos: tuple[Grupo, ...] = ()
    secciones: tuple[Seccion, ...] = ()
    no_revisa: tuple[str, ...] = ()
    cambios: tuple[Cambio, ...] = ()
    privacidad: Mapping[str, str] = field(default_factory=dict)
    ejemplos: tuple[Mapping[str, str], ...] = ()  # filas completas: la de los `example` y las demás

    @property
    def campos(self) -> tuple[Campo, ...]:
        """Los de la tabla principal."""
        return self.principal.campos

    @property
    def tablas(self) -> tuple[Tabla, ...]:
        """La principal y después los grupos, en el orden del YAML."""
        return (self.principal, *(g.tabla for g in self.grupos))

    @property
    def es_encuesta(self) -> bool:
        return self.clase == "encuesta"

    @property
    def nombre_completo(self) -> str:
        """«A.2 · Matriz de …» si tiene sigla."""
        return f"{self.sigla} · {self.titulo}" if self.sigla else self.titulo


@dataclass(frozen=True, slots=True)
class Opcion:
    codigo: str
    nombre: str
    descripcion: str = ""
    padre: str = ""
    sinonimos: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Opciones:
    """Un catálogo de códigos. `padre` es el catálogo del que depende («provincias» depende de «regiones»)."""

    nombre: str
    titulo: str
    descripcion: str
    version: str
    opciones: tuple[Opcion, ...]
    norma: tuple[str, ...] = ()
    padre: str = ""

    def nombre_de(self, codigo: str) -> str:
        """El nombre de un código; el código mismo si no está (una versión anterior pudo tenerlo)."""
        return next((o.nombre for o in self.opciones if o.codigo == codigo), codigo)


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
