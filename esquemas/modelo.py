"""Las palabras del dominio, como valores inmutables. Aquí no se lee, no se valida y no se escribe nada."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from esquemas.errores import Gravedad

if TYPE_CHECKING:  # para validar un archivo no hace falta lo demás que se sabe
    from esquemas.saber import Documento, Instrumento, Notas, Pregunta, Proceso


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

    def simples(self) -> tuple["Condicion", ...]:
        """Las que miran un campo, sin «y» ni «o»."""
        return tuple(s for p in self.partes for s in p.simples()) if self.partes else (self,)


@dataclass(frozen=True, slots=True)
class Requisito:
    """Algo que la fuente pide para acceder a un instrumento. `si` mira respuestas del orientador; None: no consta.

    `duda` son las respuestas que la fuente no admite ni descarta; `no_consta`, lo que ella calla de este requisito.
    """

    texto: str
    norma: tuple[str, ...]
    si: Condicion | None = None
    duda: Condicion | None = None
    no_consta: str = ""


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
    escriben: tuple[str, ...] = ()  # roles; vacío: los de su esquema
    propia: bool = False  # la declaró una región: no es del formato, ni va en lo que se entrega

    @property
    def rotulo(self) -> str:
        """Lo que encabeza su columna: el título, y si es propia, que lo es."""
        return f"{self.titulo} (propia)" if self.propia else self.titulo

    @property
    def rotulos(self) -> tuple[str, ...]:
        """Lo que se le acepta como encabezado en una planilla."""
        return self.titulo, self.nombre, self.rotulo


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
    unicos: tuple[tuple[str, ...], ...] = ()  # además de la clave: qué combinaciones de campos no se repiten
    nombres: tuple[str, ...] = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "nombres", tuple(c.nombre for c in self.campos))

    def campo(self, nombre: str) -> Campo:
        """El campo con ese nombre; KeyError si no existe."""
        for c in self.campos:
            if c.nombre == nombre:
                return c
        raise KeyError(nombre)

    def identidad(self, fila: Mapping[str, str]) -> tuple[str, ...]:
        """Los valores de su clave."""
        return tuple(fila.get(n, "") for n in self.clave)

    def emparejar(self, viejas: Sequence[Mapping[str, str]], nuevas: Sequence[Mapping[str, str]]) -> list[int | None]:
        """Para cada fila nueva, el lugar de la vieja con su misma clave, o None. Lo repetido o sin clave, en su orden."""
        libres: dict[tuple[str, ...], list[int]] = {}
        for i in reversed(range(len(viejas))):
            libres.setdefault(self.identidad(viejas[i]), []).append(i)
        return [lugares.pop() if (lugares := libres.get(self.identidad(f))) else None for f in nuevas]


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
class Pase:
    """Cómo una fila de una encuesta pasa a una matriz: por campo de la matriz, un valor fijo o un campo de la fila."""

    esquema: str
    valores: Mapping[str, str]
    campos: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Apartado:
    """Lo que se mira junto en un análisis. Nombra campos de la tabla principal; `palabras` puede decir «grupo.campo»."""

    nombre: str
    titulo: str
    ayuda: str = ""
    cobertura: tuple[str, ...] = ()  # de catálogo: quiénes respondieron y qué opciones faltan
    cuenta: tuple[str, ...] = ()  # de catálogo o lógicos
    cifras: tuple[str, ...] = ()  # numéricos
    palabras: str = ""  # un texto, que se agrupa por palabra
    pasa_a: Pase | None = None


@dataclass(frozen=True, slots=True)
class Analisis:
    """Qué se analiza de una encuesta. `omite`: palabras que ahí no dicen nada."""

    ayuda: str
    norma: tuple[str, ...]
    apartados: tuple[Apartado, ...]
    omite: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Cambio:
    """Lo que cambió en una versión. `campos`: los que toca, por su ancla en la página (`nombre` o `grupo-nombre`)."""

    version: str
    fecha: str
    descripcion: str
    campos: tuple[str, ...] = ()


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
    retencion_ejercicios: int | None = None  # los datos de personas se quitan al cerrar el ejercicio de la respuesta más estos
    invitados: Mapping[str, str] = field(default_factory=dict)  # de qué matriz salen: esquema, nombre y correo
    analisis: Analisis | None = None
    escriben: tuple[str, ...] = ()  # roles que agregan, cambian y quitan filas
    entregan: tuple[str, ...] = ()  # roles que la dan por terminada
    anonima: bool = False  # al enviar se corta todo lo que une la respuesta a quien se invitó
    ejemplos: tuple[Mapping[str, str], ...] = ()  # filas completas: la de los `example` y las demás
    oficial: "Esquema | None" = None  # el del catálogo, si este lleva columnas propias de una región

    @property
    def campos(self) -> tuple[Campo, ...]:
        """Los de la tabla principal."""
        return self.principal.campos

    @property
    def propias(self) -> tuple[Campo, ...]:
        """Las columnas que agregó una región."""
        return tuple(c for c in self.campos if c.propia)

    @property
    def tablas(self) -> tuple[Tabla, ...]:
        """La principal y después los grupos, en el orden del YAML."""
        return (self.principal, *(g.tabla for g in self.grupos))

    def ubicar(self, ruta: str) -> tuple[Tabla, Campo]:
        """«campo», de la principal, o «grupo.campo» → su tabla y el campo. KeyError si no existe."""
        nombre, punto, campo = ruta.rpartition(".")
        tabla = next((t for t in self.tablas if t.nombre == nombre), None) if punto else self.principal
        if tabla is None:
            raise KeyError(ruta)
        return tabla, tabla.campo(campo)

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
class Cita:
    """Una referencia `norma` ya resuelta: cómo se nombra («Reglamento, 4.a.viii») y a dónde lleva."""

    referencia: str
    texto: str
    url: str


@dataclass(frozen=True, eq=False)
class Catalogo:
    """Todo lo que se sabe, leído una vez. Los diccionarios conservan el orden en que se muestran."""

    esquemas: Mapping[str, Esquema]
    opciones: Mapping[str, Opciones]
    instrumentos: "Mapping[str, Instrumento]"
    documentos: "Mapping[str, Documento]"
    proceso: "Proceso"
    notas: "Mapping[str, Notas]" = field(default_factory=dict)
    preguntas: "tuple[Pregunta, ...]" = ()  # las del orientador

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
                return Cita(referencia, documento.nombrar(parte), parte.url)
        raise KeyError(referencia)
