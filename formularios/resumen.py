"""El resultado de revisar un archivo, ordenado para que una persona lo corrija. Sin web.

Primero qué hacer, en verbos y con su cuenta; después sus propias filas, con el mensaje en la celda.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esquemas.columnas import elegir_hojas
from esquemas.errores import Codigo, Problema
from esquemas.hoja import Celda, Hoja, letra
from esquemas.libro import Libro
from esquemas.modelo import Campo, Esquema
from esquemas.validacion import Resultado

FILAS_A_LA_VISTA = 100

# Qué hay que hacer: (con uno, con varios).
Verbo = tuple[str, str]
COMPLETE: Verbo = ("Complete {n} celda vacía", "Complete {n} celdas vacías")
ELIJA: Verbo = ("Elija de la lista {n} valor", "Elija de la lista {n} valores")
NUMERO: Verbo = ("Revise {n} número", "Revise {n} números")
FECHA: Verbo = ("Revise {n} fecha", "Revise {n} fechas")
REFERENCIA: Verbo = ("Revise {n} referencia a otra fila", "Revise {n} referencias a otras filas")
ARCHIVO: Verbo = ("Corrija {n} problema del archivo", "Corrija {n} problemas del archivo")
POR_CODIGO: Mapping[str, Verbo] = {
    Codigo.OPCION_REPETIDA: ("Quite {n} opción repetida", "Quite {n} opciones repetidas"),
    Codigo.MUY_LARGO: ("Acorte {n} texto", "Acorte {n} textos"),
    Codigo.CELDA_LARGA: ("Acorte {n} texto", "Acorte {n} textos"),
    Codigo.MUY_CORTO: ("Complete {n} texto muy corto", "Complete {n} textos muy cortos"),
    Codigo.REPETIDO: ("Cambie {n} código repetido", "Cambie {n} códigos repetidos"),
    Codigo.FORMULA_CON_ERROR: ("Corrija {n} fórmula con error", "Corrija {n} fórmulas con error"),
    Codigo.FORMULA_SIN_VALOR: ("Guarde el resultado de {n} fórmula", "Guarde los resultados de {n} fórmulas"),
    Codigo.FILA_DE_TOTALES: ("Borre {n} fila de totales", "Borre {n} filas de totales"),
    Codigo.CONVERTIDO_EN_FECHA: ("Corrija {n} celda que Excel volvió fecha", "Corrija {n} celdas que Excel volvió fechas"),
    Codigo.COLUMNA_FALTANTE: ("Agregue {n} columna", "Agregue {n} columnas"),
    Codigo.COLUMNA_REPETIDA: ("Quite {n} columna repetida", "Quite {n} columnas repetidas"),
    Codigo.FILA_IRREGULAR: ("Revise {n} fila con celdas de más", "Revise {n} filas con celdas de más"),
}
_NUMEROS = dict.fromkeys(("entero", "pesos", "decimal", "porcentaje", "ejercicio"), NUMERO)
POR_TIPO: Mapping[str, Verbo] = {**_NUMEROS, "fecha": FECHA, "logico": ELIJA}


@dataclass(frozen=True, slots=True)
class Tarea:
    """Un paso del resumen: «Complete 3 celdas vacías», y cómo se nombra el lugar de cada uno («B14», «Tipo», fila 3)."""

    texto: str
    problemas: tuple[Problema, ...]
    lugares: tuple[str, ...] = ()

    @property
    def unica(self) -> bool:
        return len(self.problemas) == 1


@dataclass(frozen=True, slots=True)
class Casilla:
    """Una celda de la persona. `direccion` es la de su planilla («B14»)."""

    direccion: str
    valor: Celda
    problemas: tuple[Problema, ...]


@dataclass(frozen=True, slots=True)
class FilaMarcada:
    """Una fila de la persona con su número. `sueltos`: los problemas que no son de una columna presente."""

    numero: int
    casillas: tuple[Casilla, ...]
    sueltos: tuple[Problema, ...]


@dataclass(frozen=True, slots=True)
class Vista:
    """Una hoja con problemas: sus títulos y las filas que los tienen (hasta FILAS_A_LA_VISTA)."""

    tabla: str
    hoja: str
    titulos: tuple[str, ...]
    filas: tuple[FilaMarcada, ...]
    ocultas: int


@dataclass(frozen=True, slots=True)
class Resumen:
    """Todo lo que se muestra. `de_archivo`: errores de columnas o de la hoja, que van antes que las filas.

    `hoja`: la que se leyó, si el archivo tiene hojas y el esquema una sola tabla.
    """

    tareas: tuple[Tarea, ...]
    de_archivo: tuple[Problema, ...]
    vistas: tuple[Vista, ...]
    alertas: tuple[Tarea, ...]
    hoja: str = ""


def resumir(esquema: Esquema, libro: Libro, resultado: Resultado) -> Resumen:
    """Ordena un resultado. Nunca deja fuera un error: si no es de una celda, va en `de_archivo`."""
    con_filas = {(p.tabla, p.fila) for p in resultado.errores if p.indice is not None and p.fila is not None}
    de_fila = [p for p in resultado.errores if (p.tabla, p.fila) in con_filas]
    de_archivo = tuple(p for p in resultado.errores if (p.tabla, p.fila) not in con_filas)
    hojas, _ = elegir_hojas(esquema, libro.hojas)
    vistas = tuple(
        _ver(nombre, hoja, [p for p in de_fila if p.tabla == nombre])
        for nombre, hoja in hojas.items()
        if any(p.tabla == nombre for p in de_fila)
    )
    mostradas = {v.tabla for v in vistas}
    perdidos = tuple(p for p in de_fila if p.tabla not in mostradas)
    tareas, alertas = _tareas(esquema, resultado.errores), _iguales(resultado.alertas)
    unica = hojas.get(esquema.nombre) if resultado.leidas and not esquema.grupos else None
    return Resumen(tareas, de_archivo + perdidos, vistas, alertas, unica.nombre if unica else "")


def _tareas(esquema: Esquema, problemas: Sequence[Problema]) -> tuple[Tarea, ...]:
    por_verbo: dict[Verbo, list[Problema]] = defaultdict(list)
    for problema in problemas:
        por_verbo[_verbo(esquema, problema)].append(problema)
    return tuple(
        Tarea(v[len(ps) > 1].format(n=len(ps)), tuple(ps), tuple(_nombrar_lugar(esquema, p) for p in ps))
        for v, ps in por_verbo.items()
    )


def _nombrar_lugar(esquema: Esquema, problema: Problema) -> str:
    campo = _campo(esquema, problema) if problema.indice is None else None
    return problema.celda or (f"«{campo.titulo}»" if campo else f"fila {problema.fila}" if problema.fila else "vea abajo")


def _campo(esquema: Esquema, problema: Problema) -> Campo | None:
    tabla = next((t for t in esquema.tablas if t.nombre == problema.tabla), esquema.principal)
    return next((c for c in tabla.campos if c.nombre == problema.campo), None)


def _verbo(esquema: Esquema, problema: Problema) -> Verbo:
    """Por el código; si es de una regla, por lo que hay en la celda. Siempre dice qué mirar."""
    if verbo := POR_CODIGO.get(problema.codigo):
        return verbo
    if (campo := _campo(esquema, problema)) is None:
        return ARCHIVO
    if not problema.valor:
        return COMPLETE
    if campo.referencia:
        return REFERENCIA
    if campo.catalogo:
        return ELIJA
    otro = tuple(f"{v} en «{campo.titulo}»" for v in ("Corrija {n} dato", "Corrija {n} datos"))
    return POR_TIPO.get(campo.tipo, otro)


def _iguales(alertas: Sequence[Problema]) -> tuple[Tarea, ...]:
    """Las alertas con el mismo texto, juntas."""
    por_mensaje: dict[str, list[Problema]] = defaultdict(list)
    for alerta in alertas:
        por_mensaje[alerta.mensaje].append(alerta)
    return tuple(Tarea(f"{len(ps)} veces", tuple(ps)) for ps in por_mensaje.values())


def _ver(tabla: str, hoja: Hoja, problemas: Sequence[Problema]) -> Vista:
    por_fila: dict[int, list[Problema]] = defaultdict(list)
    for p in problemas:
        por_fila[p.fila or 0].append(p)
    lugar = {numero: i for i, numero in enumerate(hoja.numeros)}
    elegidas = [n for n in sorted(por_fila) if n in lugar]
    filas = tuple(_marcar(hoja, lugar[n], n, por_fila[n]) for n in elegidas[:FILAS_A_LA_VISTA])
    return Vista(tabla, hoja.nombre, hoja.encabezado, filas, len(elegidas) - len(filas))


def _marcar(hoja: Hoja, i: int, numero: int, problemas: Sequence[Problema]) -> FilaMarcada:
    por_celda: dict[str, list[Problema]] = defaultdict(list)
    for p in problemas:
        por_celda[p.celda].append(p)
    casillas = tuple(
        Casilla(f"{letra(columna)}{numero}", valor, tuple(por_celda.pop(f"{letra(columna)}{numero}", ())))
        for columna, valor in zip(hoja.columnas, hoja.filas[i], strict=False)
    )
    return FilaMarcada(numero, casillas, tuple(p for resto in por_celda.values() for p in resto))
