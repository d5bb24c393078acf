"""Qué dicen, juntas, las respuestas de una encuesta en una región: quiénes, qué se repite y cuánto suma. Cálculo puro.

Qué se mira lo declara `analisis` en el YAML. `analizar` da los números completos, para quienes trabajan con ellos; `publicar`,
lo que puede ver cualquiera.
"""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal
from statistics import median

from esquemas.condicion import separar
from esquemas.modelo import Apartado, Campo, Catalogo, Esquema
from esquemas.plantilla import de_la_region
from esquemas.reserva import MINIMO, ocultar
from esquemas.tipos import TIPOS
from esquemas.vocabulario import Dicho, Palabra, agrupar

Fila = tuple[str, int, Mapping[str, str]]  # folio, orden en su tabla y valores canónicos
COLUMNAS = ("apartado", "grupo", "medida", "valor", "respuestas", "base")
COLUMNAS_DE_CITAS = ("apartado", "folio", "tabla", "fila", "palabras", "cita")
RESTO = "resto"  # el código de lo que, en lo público, no es ninguna de las opciones
_LOGICO = {"si": "Sí", "no": "No"}
_CENTESIMO = Decimal("0.01")


@dataclass(frozen=True, slots=True)
class Casilla:
    """Una opción y en cuántas respuestas está (None: oculta). `ajena`: de otra región, o de un catálogo anterior."""

    codigo: str
    nombre: str
    respuestas: int | None
    ajena: bool = False


@dataclass(frozen=True, slots=True)
class Conteo:
    """Las opciones de un campo, en el orden del catálogo y también las de cero. `base`: respuestas que lo respondieron.

    `parcial`: el catálogo tiene más opciones, que son de otras regiones.
    """

    campo: Campo
    base: int
    casillas: tuple[Casilla, ...]
    parcial: bool = False

    @property
    def presentes(self) -> list[Casilla]:
        """Las que alguien dijo y se pueden mostrar, de la más frecuente a la menos."""
        return sorted((c for c in self.casillas if c.respuestas), key=lambda c: -c.respuestas)

    @property
    def faltan(self) -> list[Casilla]:
        """Las que nadie dijo."""
        return [c for c in self.casillas if c.respuestas == 0]

    @property
    def ocultas(self) -> int:
        return sum(c.respuestas is None for c in self.casillas)

    @property
    def esperadas(self) -> int:
        """Cuántas opciones podían salir."""
        return sum(not c.ajena for c in self.casillas)


@dataclass(frozen=True, slots=True)
class Cifra:
    """Un campo numérico: medida → valor canónico. `base`: respuestas que lo respondieron; None es oculta."""

    campo: Campo
    base: int | None
    medidas: Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Parte:
    """Un apartado ya calculado. `textos`: el campo de `palabras`; `base`: cuántas respuestas lo escribieron."""

    apartado: Apartado
    cobertura: tuple[Conteo, ...] = ()
    cuenta: tuple[Conteo, ...] = ()
    cifras: tuple[Cifra, ...] = ()
    textos: Campo | None = None
    base: int = 0
    palabras: tuple[Palabra, ...] = ()
    sueltos: tuple[Dicho, ...] = ()


@dataclass(frozen=True, slots=True)
class Analizado:
    """Todo el análisis. `total`: respuestas de la región en el ejercicio."""

    total: int
    partes: tuple[Parte, ...]


def tablas_de(esquema: Esquema) -> tuple[str, ...]:
    """Las que hay que leer: la principal y las de los textos."""
    rutas = [a.palabras for a in esquema.analisis.apartados if a.palabras]
    return tuple(dict.fromkeys([esquema.nombre, *(esquema.ubicar(r)[0].nombre for r in rutas)]))


def analizar(catalogo: Catalogo, esquema: Esquema, filas: Mapping[str, Sequence[Fila]], region: str) -> Analizado:
    """`filas`: tabla → sus filas, ya validadas; en la principal, una por respuesta. `region`: qué opciones se esperan."""
    respuestas = [datos for _, _, datos in filas[esquema.nombre]]

    def contar(nombres: Sequence[str]) -> tuple[Conteo, ...]:
        return tuple(_contar(catalogo, esquema.principal.campo(n), respuestas, region) for n in nombres)

    partes = []
    for a in esquema.analisis.apartados:
        cifras = tuple(_medir(esquema.principal.campo(n), respuestas) for n in a.cifras)
        parte = Parte(a, contar(a.cobertura), contar(a.cuenta), cifras)
        if a.palabras:
            tabla, campo = esquema.ubicar(a.palabras)
            dichos = [Dicho(f, tabla.nombre, i, d[campo.nombre]) for f, i, d in filas[tabla.nombre] if d.get(campo.nombre)]
            palabras, sueltos = agrupar(dichos, esquema.analisis.omite)
            base = len({d.folio for d in dichos})
            parte = replace(parte, textos=campo, base=base, palabras=palabras, sueltos=sueltos)
        partes.append(parte)
    return Analizado(len(respuestas), tuple(partes))


def _contar(catalogo: Catalogo, campo: Campo, respuestas: Sequence[Mapping[str, str]], region: str) -> Conteo:
    dichas = [v for r in respuestas if (v := r.get(campo.nombre, ""))]
    cuenta = Counter(codigo for v in dichas for codigo in (dict.fromkeys(separar(v)) if campo.varios else [v]))
    if opciones := catalogo.opciones.get(campo.catalogo):
        propias = {o.codigo: o.nombre for o in de_la_region(campo.catalogo, catalogo.opciones, region)}
        ajenas = {c: opciones.nombre_de(c) for c in sorted(cuenta.keys() - propias.keys())}
    else:
        propias, ajenas = _LOGICO, {}
    casillas = [Casilla(c, n, cuenta[c], c in ajenas) for c, n in {**propias, **ajenas}.items()]
    return Conteo(campo, len(dichas), tuple(casillas), bool(opciones) and len(propias) < len(opciones.opciones))


def _medir(campo: Campo, respuestas: Sequence[Mapping[str, str]]) -> Cifra:
    valores = [Decimal(v) for r in respuestas if (v := r.get(campo.nombre, ""))]
    medidas: dict[str, Callable] = {"mediana": median, "minimo": min, "maximo": max}
    if TIPOS[campo.tipo].base == "integer":  # sumar porcentajes no dice nada
        medidas = {"suma": sum, **medidas}
    return Cifra(campo, len(valores), {n: _canonico(hacer(valores)) for n, hacer in medidas.items()} if valores else {})


def _canonico(valor: Decimal) -> str:
    return format(Decimal(valor).quantize(_CENTESIMO).normalize(), "f")


# --- Lo que puede ver cualquiera ----------------------------------------------------------------------


def publicar(analizado: Analizado) -> Analizado | None:
    """Solo los campos públicos, sin citas ni celdas de menos de `MINIMO`; None si hay menos respuestas que eso.

    Los extremos de una cifra son lo que dijo una sola institución: tampoco se publican.
    """
    total = analizado.total
    if total < MINIMO:
        return None
    partes = []
    for p in analizado.partes:
        abierta = p.textos is not None and p.textos.dato == "publico"
        palabras = [replace(x, dichos=()) for x in p.palabras if x.respuestas >= MINIMO] if abierta else ()
        parte = Parte(
            p.apartado,
            tuple(_publicar_conteo(c, total) for c in p.cobertura if c.campo.dato == "publico"),
            tuple(_publicar_conteo(c, total) for c in p.cuenta if c.campo.dato == "publico"),
            tuple(_publicar_cifra(c, total) for c in p.cifras if c.campo.dato == "publico"),
            p.textos if palabras else None,
            total,
            tuple(palabras),
        )
        if parte.cobertura or parte.cuenta or parte.cifras or parte.textos:
            partes.append(parte)
    return Analizado(total, tuple(partes))


def _publicar_conteo(conteo: Conteo, total: int) -> Conteo:
    """Las opciones que podían salir y, si es una por respuesta, el resto: con él suman el total, que se publica.

    Un campo condicionado va sin resto: lo que publica el campo que mira puede decir cuánto suman sus opciones.
    """
    campo, propias = conteo.campo, [c for c in conteo.casillas if not c.ajena]
    puede_faltar = conteo.parcial or not campo.obligatorio
    if puede_faltar and not campo.varios and campo.mostrar_si is None:
        propias.append(Casilla(RESTO, "Sin responder u otra", total - sum(c.respuestas for c in propias)))
    vistas = ocultar([c.respuestas for c in propias], suman=not campo.varios)
    return Conteo(campo, total, tuple(replace(c, respuestas=v) for c, v in zip(propias, vistas, strict=True)))


def _publicar_cifra(cifra: Cifra, total: int) -> Cifra:
    """Sin extremos, y con su base solo si de ella no se sabe que respondieron pocos, o que pocos no lo hicieron."""
    medidas = {n: v for n, v in cifra.medidas.items() if n in ("suma", "mediana")} if cifra.base >= MINIMO else {}
    return Cifra(cifra.campo, cifra.base if min(cifra.base, total - cifra.base) >= MINIMO else None, medidas)


# --- Para máquinas ------------------------------------------------------------------------------------


def como_tabla(analizado: Analizado) -> list[tuple[str, ...]]:
    """Una línea por número: `COLUMNAS`. Lo oculto va vacío."""
    lineas: list[tuple[str, str, str, str, int | None, int | None]] = []
    for p in analizado.partes:
        nombre = p.apartado.nombre
        for c in (*p.cobertura, *p.cuenta):
            lineas += [(nombre, c.campo.nombre, "opcion", x.codigo, x.respuestas, c.base) for x in c.casillas]
        for c in p.cifras:
            lineas += [(nombre, c.campo.nombre, medida, valor, c.base, analizado.total) for medida, valor in c.medidas.items()]
        lineas += [(nombre, p.textos.nombre, "palabra", x.nombre, x.respuestas, p.base) for x in p.palabras if p.textos]
    return [(*textos, *("" if n is None else str(n) for n in (respuestas, base))) for *textos, respuestas, base in lineas]


def como_citas(analizado: Analizado) -> list[tuple[str, ...]]:
    """Una línea por cita, con las palabras que comparte: `COLUMNAS_DE_CITAS`."""
    lineas = []
    for p in analizado.partes:
        compartidas: dict[Dicho, list[str]] = {}
        for palabra in p.palabras:
            for dicho in palabra.dichos:
                compartidas.setdefault(dicho, []).append(palabra.nombre)
        todos = sorted([*compartidas, *p.sueltos], key=lambda d: (d.folio, d.orden))
        lineas += [(p.apartado.nombre, d.folio, d.tabla, str(d.orden), ";".join(compartidas.get(d, ())), d.texto) for d in todos]
    return lineas
