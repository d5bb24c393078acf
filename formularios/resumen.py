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
from esquemas.modelo import Esquema
from esquemas.validacion import Resultado

FILAS_A_LA_VISTA = 100

# Qué hay que hacer, según el código: (con una celda, con varias). Lo demás se «corrige».
VERBOS: Mapping[str, tuple[str, str]] = {
    Codigo.OBLIGATORIO: ("Complete {n} celda vacía", "Complete {n} celdas vacías"),
    Codigo.OPCION_DESCONOCIDA: ("Elija de la lista {n} valor", "Elija de la lista {n} valores"),
    Codigo.OPCION_REPETIDA: ("Quite {n} opción repetida", "Quite {n} opciones repetidas"),
    Codigo.NUMERO_INVALIDO: ("Escriba con cifras {n} número", "Escriba con cifras {n} números"),
    Codigo.NUMERO_AMBIGUO: ("Aclare {n} número con dos lecturas", "Aclare {n} números con dos lecturas"),
    Codigo.DEMASIADOS_DECIMALES: ("Redondee {n} número", "Redondee {n} números"),
    Codigo.FECHA_INVALIDA: ("Corrija {n} fecha", "Corrija {n} fechas"),
    Codigo.FECHA_AMBIGUA: ("Aclare {n} fecha", "Aclare {n} fechas"),
    Codigo.RUT_INVALIDO: ("Corrija {n} RUT", "Corrija {n} RUT"),
    Codigo.CORREO_INVALIDO: ("Corrija {n} correo", "Corrija {n} correos"),
    Codigo.MUY_LARGO: ("Acorte {n} texto", "Acorte {n} textos"),
    Codigo.MUY_CORTO: ("Complete {n} texto muy corto", "Complete {n} textos muy cortos"),
    Codigo.CELDA_LARGA: ("Acorte {n} celda", "Acorte {n} celdas"),
    Codigo.REPETIDO: ("Cambie {n} código repetido", "Cambie {n} códigos repetidos"),
    Codigo.REFERENCIA_INEXISTENTE: ("Corrija {n} cita a una fila que no existe", "Corrija {n} citas a filas que no existen"),
    Codigo.REFERENCIA_TIPO: ("Cambie {n} cita de otro tipo", "Cambie {n} citas de otro tipo"),
    Codigo.FORMULA_CON_ERROR: ("Corrija {n} fórmula con error", "Corrija {n} fórmulas con error"),
    Codigo.COLUMNA_FALTANTE: ("Agregue {n} columna", "Agregue {n} columnas"),
    Codigo.COLUMNA_REPETIDA: ("Quite {n} columna repetida", "Quite {n} columnas repetidas"),
    Codigo.FILA_IRREGULAR: ("Revise {n} fila con celdas de más", "Revise {n} filas con celdas de más"),
}
CORRIJA = ("Corrija {n} dato", "Corrija {n} datos")


@dataclass(frozen=True, slots=True)
class Tarea:
    """Un paso del resumen: «Complete 3 celdas vacías», con el primer lugar donde ir."""

    texto: str
    problemas: tuple[Problema, ...]


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
    """Todo lo que se muestra. `de_archivo`: errores de columnas o de la hoja, que van antes que las filas."""

    tareas: tuple[Tarea, ...]
    de_archivo: tuple[Problema, ...]
    vistas: tuple[Vista, ...]
    alertas: tuple[Tarea, ...]


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
    return Resumen(_tareas(resultado.errores, False), de_archivo + perdidos, vistas, _tareas(resultado.alertas, True))


def _tareas(problemas: Sequence[Problema], alertas: bool) -> tuple[Tarea, ...]:
    por_codigo: dict[str, list[Problema]] = defaultdict(list)
    for problema in problemas:
        por_codigo[str(problema.codigo)].append(problema)
    return tuple(Tarea(_decir(codigo, grupo, alertas), tuple(grupo)) for codigo, grupo in por_codigo.items())


def _decir(codigo: str, problemas: Sequence[Problema], alertas: bool) -> str:
    cuantos = len(problemas)
    if alertas:
        return f"{cuantos} {'vez' if cuantos == 1 else 'veces'}"
    uno, varios = VERBOS.get(codigo, CORRIJA)
    return (uno if cuantos == 1 else varios).format(n=cuantos)


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
