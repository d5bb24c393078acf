"""Una tabla como está en el archivo de la persona: cada celda recuerda su fila y su columna de origen.

De aquí salen las direcciones «B14» de todos los problemas: la numeración cuenta encabezado y blancos, y una
celda de tres líneas sigue siendo una fila. Sirve igual a un CSV (`tabla`) y a una planilla (`libro`).
"""

import datetime
import gc
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from esquemas.errores import ArchivoIlegible, Codigo, Gravedad, Problema


@dataclass(frozen=True, slots=True)
class Hora:
    """Una celda con hora: sola, con su fecha, o una duración. Ningún campo la pide; en un texto libre queda como se ve."""

    texto: str

    def __str__(self) -> str:
        return self.texto


Celda = str | int | float | bool | datetime.date | Hora  # vacía = ""
FORMULA_SIN_VALOR = "#SIN VALOR"  # lo que se lee en una celda con fórmula cuyo resultado no está en el archivo
_COMBINADAS_A_LA_VISTA = 5
VACIO = "El archivo está vacío (0 bytes). Revise que se haya guardado y súbalo otra vez."


@dataclass(frozen=True, slots=True)
class Topes:
    """Hasta dónde se lee un archivo ajeno. Los tres últimos son de un zip (XLSX, ODS o varios CSV)."""

    bytes: int = 5_000_000
    filas: int = 5_000
    columnas: int = 100
    celda: int = 2_000  # caracteres; más es un problema de esa celda, no del archivo (ver `celda`)
    entradas: int = 200
    inflado: int = 50_000_000  # bytes
    razon: int = 100  # inflado ÷ comprimido


TOPES = Topes()


@dataclass(frozen=True, slots=True)
class Hoja:
    """Una tabla tal como está en el archivo de la persona; recuerda de dónde salió cada celda.

    `numeros[i]` es la fila en el archivo de `filas[i]` (1 = la primera, cuenta encabezado y blancos) y
    `columnas[j]` la posición de la columna j (0 = A). Toda fila tiene el ancho del encabezado; lo que sobra a la
    derecha queda en `sobrantes` como (número de fila, columna, celda), con su problema. `problemas` son los de la
    lectura. `formulas` es cuántas tenía: de cada una se leyó el valor guardado. `ayuda`: la escribió nuestra plantilla
    para explicar, y no lleva datos.
    """

    nombre: str
    encabezado: tuple[str, ...]
    filas: list[list[Celda]]
    numeros: list[int]
    columnas: tuple[int, ...]
    fila_encabezado: int
    visible: bool = True
    problemas: tuple[Problema, ...] = ()
    sobrantes: tuple[tuple[int, int, Celda], ...] = ()
    formulas: int = 0
    ayuda: bool = False

    def celda(self, fila: int, columna: int) -> str:
        """La dirección «B14» de la celda en esas posiciones de `filas` y `encabezado`."""
        return f"{letra(self.columnas[columna])}{self.numeros[fila]}"

    def celda_encabezado(self, columna: int) -> str:
        """La dirección «B1» del encabezado de esa columna."""
        return f"{letra(self.columnas[columna])}{self.fila_encabezado}"


@cache
def letra(columna: int) -> str:
    """0 → «A», 25 → «Z», 26 → «AA»."""
    texto = ""
    columna += 1
    while columna:
        columna, resto = divmod(columna - 1, 26)
        texto = chr(65 + resto) + texto
    return texto


def ilegible(codigo: Codigo, mensaje: str, **lugar: Any) -> ArchivoIlegible:
    """La excepción de un archivo que no se puede leer, con su problema."""
    return ArchivoIlegible(Problema(Gravedad.ERROR, codigo, mensaje, **lugar))


@contextmanager
def sin_recolector() -> Iterator[None]:
    """Pausa la búsqueda de ciclos mientras se lee o se revisa una tabla.

    Nacen millones de objetos, ninguno en ciclo, y Python los recorrería una y otra vez: al leer, casi la mitad del tiempo.
    """
    estaba = gc.isenabled()  # si lo pausó quien llama, u otro hilo, le toca a él reponerlo
    gc.disable()
    try:
        yield
    finally:
        if estaba:
            gc.freeze()
            gc.unfreeze()  # juntos: lo nuevo queda entre lo viejo sin que lo recorran
            gc.enable()


def comprobar_tamano(datos: bytes, topes: Topes) -> None:
    """Ni vacío ni más grande que el tope; si no, ArchivoIlegible."""
    if not datos:
        raise ilegible(Codigo.ARCHIVO_VACIO, VACIO)
    if len(datos) > topes.bytes:
        raise ilegible(
            Codigo.ARCHIVO_GRANDE,
            f"El archivo pesa {miles(len(datos))} bytes y el máximo es {miles(topes.bytes)}. "
            "Quite imágenes y hojas que no correspondan, o divídalo.",
        )


def armar(
    registros: Iterable[list[Celda]],
    topes: Topes,
    nombre: str,
    *,
    columnas: tuple[int, ...] | None = None,
    primera: int = 1,
    visible: bool = True,
    maximo: int = 0,
    lote: int = 0,
) -> Iterator[Hoja]:
    """Reparte registros en hojas; las listas quedan suyas. El encabezado es la primera fila no vacía; los blancos se avisan.

    `columnas` fija el ancho (planillas); sin ella lo da el encabezado sin sus celdas vacías del final (CSV).
    `primera` es el número del primer registro; `maximo` filas en total y `lote` por hoja (0 = sin tope).
    """
    numerados = enumerate(registros, primera)
    numero, fila = next(((n, f) for n, f in numerados if _texto(f)), (0, ()))
    if not numero:
        raise ilegible(
            Codigo.SIN_ENCABEZADO,
            "No hay ninguna fila con contenido. Ponga primero los nombres de las columnas y debajo los datos.",
            hoja=nombre,
        )
    encabezado = [str(c) for c in fila]
    while columnas is None and not encabezado[-1].strip():
        encabezado.pop()
    if len(encabezado) > topes.columnas:
        raise ilegible(
            Codigo.DEMASIADAS_COLUMNAS,
            f"El encabezado tiene {len(encabezado)} columnas y el máximo es {topes.columnas}. Borre las que no son del formato.",
            hoja=nombre,
            fila=numero,
        )
    columnas = columnas or tuple(range(len(encabezado)))
    molde = _Molde(nombre, tuple(encabezado), columnas, numero, visible)
    acopio, total, anterior = _Acopio(molde), 0, numero
    for numero, fila in numerados:
        if not _texto(fila):
            continue
        if lote and len(acopio.filas) == lote:
            yield acopio.hoja()
            acopio = _Acopio(molde)
        if numero > anterior + 1:
            acopio.problemas.append(_aviso_de_blancos(anterior + 1, numero - 1, nombre))
        anterior, total = numero, total + 1
        if maximo and total > maximo:
            raise ilegible(
                Codigo.DEMASIADAS_FILAS,
                f"Hay más de {miles(maximo)} filas con datos. Divida el archivo, o borre las que sobran.",
                hoja=nombre,
                fila=numero,
            )
        if len(fila) != len(encabezado):
            acopio.ajustar(numero, fila)
        acopio.filas.append(fila)
        acopio.numeros.append(numero)
    yield acopio.hoja()


@dataclass(frozen=True, slots=True)
class _Molde:
    nombre: str
    encabezado: tuple[str, ...]
    columnas: tuple[int, ...]
    fila_encabezado: int
    visible: bool


@dataclass(slots=True)
class _Acopio:
    """Las filas de una hoja mientras se leen."""

    molde: _Molde
    filas: list[list[Celda]] = field(default_factory=list)
    numeros: list[int] = field(default_factory=list)
    problemas: list[Problema] = field(default_factory=list)
    sobrantes: list[tuple[int, int, Celda]] = field(default_factory=list)

    def ajustar(self, numero: int, fila: list[Celda]) -> None:
        """La deja del ancho del encabezado y avisa de lo que sobra."""
        ancho = len(self.molde.encabezado)
        self._apartar(numero, fila[ancho:])
        fila[ancho:] = [""] * (ancho - len(fila))

    def hoja(self) -> Hoja:
        m = self.molde
        return Hoja(
            m.nombre,
            m.encabezado,
            self.filas,
            self.numeros,
            m.columnas,
            m.fila_encabezado,
            m.visible,
            tuple(self.problemas),
            tuple(self.sobrantes),
        )

    def _apartar(self, numero: int, celdas: Sequence[Celda]) -> None:
        ancho = len(self.molde.encabezado)
        extras = [(numero, j, c) for j, c in enumerate(celdas, ancho) if _texto((c,))]
        if extras:
            self.sobrantes.extend(extras)
            mensaje = (
                f"La fila {numero} tiene {extras[-1][1] + 1} celdas y el encabezado {ancho}. "
                "Si un texto lleva el separador adentro, enciérrelo entre comillas; si la celda sobra, bórrela; "
                "si falta el nombre de la columna, escríbalo."
            )
            self._error(Codigo.FILA_IRREGULAR, mensaje, numero, extras[0][1], extras[0][2])

    def _error(self, codigo: Codigo, mensaje: str, numero: int, columna: int, celda: Celda) -> None:
        valor = str(celda)
        self.problemas.append(
            Problema(
                Gravedad.ERROR,
                codigo,
                mensaje,
                hoja=self.molde.nombre,
                celda=f"{letra(columna)}{numero}",
                fila=numero,
                indice=len(self.filas),
                valor=valor if len(valor) <= 80 else f"{valor[:80]}…",
            )
        )


def _texto(fila: Sequence[Celda]) -> str:
    """Todo lo escrito en la fila; «» si está en blanco."""
    try:
        texto = "".join(fila)
    except TypeError:  # una planilla trae números y fechas
        texto = "".join(map(str, fila))
    return "" if texto.isspace() else texto


def _aviso_de_blancos(desde: int, hasta: int, hoja: str) -> Problema:
    que = f"La fila {desde} está en blanco y se saltó"
    if desde != hasta:
        que = f"Las filas {desde} a {hasta} están en blanco y se saltaron"
    mensaje = f"{que}. No tiene que hacer nada; si falta un dato ahí, complételo."
    return Problema(Gravedad.ALERTA, Codigo.FILA_EN_BLANCO, mensaje, hoja=hoja, celda=f"A{desde}", fila=desde)


def tapadas(hoja: Hoja, combinadas: Iterable[tuple[int, int, int, int]]) -> list[Problema]:
    """Una alerta por rango combinado que deja vacía otra celda de los datos; si son muchos, una por todos.

    Un rango es la fila y la columna de su primera celda y las de la última; (1, 0) es A1.
    """
    filas = {hoja.fila_encabezado: hoja.encabezado, **dict(zip(hoja.numeros, hoja.filas, strict=True))}
    numeros, columnas, lugares = list(filas), hoja.columnas, {}
    for fila, columna, abajo, ultima in sorted(combinadas):
        alto = bisect_right(numeros, abajo) - bisect_left(numeros, fila)
        j, fin = bisect_left(columnas, columna), bisect_right(columnas, ultima)
        con_valor = fila in filas and columna in columnas[j : j + 1] and filas[fila][j] != ""
        if abajo > hoja.fila_encabezado and alto * (fin - j) > 1 and con_valor:
            celda = f"{letra(columna)}{fila}"
            lugares[f"{celda}:{letra(ultima)}{abajo}"] = {"celda": celda, "fila": fila}
    dichos = [(f"Las celdas {rango} están combinadas", lugar) for rango, lugar in lugares.items()]
    if len(dichos) > _COMBINADAS_A_LA_VISTA:
        primeros = ", ".join([*lugares][:_COMBINADAS_A_LA_VISTA])
        dichos = [(f"Hay {miles(len(dichos))} grupos de celdas combinadas, {primeros}…", dichos[0][1])]
    resto = ": solo se ve el valor de la primera. Sepárelas y repita el valor en las demás si corresponde."
    return [Problema(Gravedad.ALERTA, Codigo.CELDAS_COMBINADAS, d + resto, hoja=hoja.nombre, **lugar) for d, lugar in dichos]


def miles(numero: int) -> str:
    """5000 → «5.000»."""
    return f"{numero:,}".replace(",", ".")
