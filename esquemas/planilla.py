"""De filas a los bytes de un XLSX que abre una persona: con tipos, y sin que nada sea fórmula.

Lo común a toda planilla que se entrega; la que se llena en blanco es de `plantilla` y la corregida, de `marcado`.
"""

import datetime
import io
import re
from collections.abc import Callable
from functools import cached_property
from typing import Any

from xlsxwriter import Workbook
from xlsxwriter.format import Format
from xlsxwriter.worksheet import Worksheet

from esquemas.hoja import Celda
from esquemas.libro import HOJA_DATOS
from esquemas.modelo import Campo, Esquema, Tabla

FORMATO = {
    "entero": "#,##0",
    "pesos": "#,##0",
    "decimal": "#,##0.00",
    "porcentaje": "0.00",
    "ejercicio": "0",
    "fecha": "dd-mm-yyyy",
}
TEXTO = "@"  # todo lo demás: así «06» no se vuelve 6
LARGO_MAXIMO = 32_767  # caracteres por celda, el tope de Excel
_SIN_FORMULAS = {
    "in_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_PROHIBIDOS = re.compile(r"[\[\]:*?/\\]")
_PRIMERA_FECHA = datetime.date(1900, 3, 1)  # antes, Excel cuenta mal: creyó bisiesto a 1900


class Escritor:
    """Un XLSX en memoria. Los mismos datos dan siempre los mismos bytes: la fecha de creación es fija."""

    def __init__(self) -> None:
        self._salida = io.BytesIO()
        self.libro = Workbook(self._salida, _SIN_FORMULAS)
        self.libro.set_properties({"author": "focaliza", "created": datetime.datetime(2026, 1, 1)})
        self._formatos: dict[tuple[tuple[str, Any], ...], Format] = {}
        self._nombres: set[str] = {"history"}  # reservado por Excel

    def formato(self, **propiedades: Any) -> Format:
        """El mismo objeto para las mismas propiedades: Excel limita cuántos caben en un libro."""
        clave = tuple(sorted(propiedades.items()))
        if clave not in self._formatos:
            self._formatos[clave] = self.libro.add_format(dict(clave))
        return self._formatos[clave]

    def hoja(self, nombre: str) -> Worksheet:
        """Una hoja nueva; el nombre se ajusta a lo que Excel admite (31 caracteres, sin `[]:*?/\\`, sin repetir)."""
        base = _PROHIBIDOS.sub("-", nombre).strip("'")[:31] or HOJA_DATOS
        final, numero = base, 1
        while final.casefold() in self._nombres:
            numero += 1
            final = f"{base[: 31 - len(str(numero)) - 3]} ({numero})"
        self._nombres.add(final.casefold())
        hoja = self.libro.add_worksheet(final)
        hoja.set_landscape()
        hoja.fit_to_pages(1, 0)  # al imprimir, todas las columnas en una página
        return hoja

    @cached_property
    def encabezado(self) -> Format:
        return self.formato(bold=True, bg_color="#DCE6F1", text_wrap=True, valign="top", border=1, num_format=TEXTO)

    def terminar(self) -> bytes:
        self.libro.close()
        return self._salida.getvalue()

    def escribir(self, hoja: Worksheet, fila: int, columna: int, celda: Celda, **propiedades: Any) -> None:
        """Una celda con su tipo; `propiedades` son del formato. Nada se interpreta: «=1+1» queda como texto."""
        if isinstance(celda, bool):
            hoja.write_boolean(fila, columna, celda, self.formato(**propiedades))
        elif isinstance(celda, datetime.date) and celda >= _PRIMERA_FECHA:
            propiedades = {"num_format": FORMATO["fecha"], **propiedades}
            hoja.write_datetime(fila, columna, celda, self.formato(**propiedades))
        elif isinstance(celda, int | float):
            hoja.write_number(fila, columna, celda, self.formato(**propiedades))
        elif celda == "":
            hoja.write_blank(fila, columna, None, self.formato(**propiedades))
        else:
            propiedades = {"num_format": TEXTO, **propiedades}
            hoja.write_string(fila, columna, str(celda)[:LARGO_MAXIMO], self.formato(**propiedades))


def tipar(campo: Campo, canonico: str) -> Celda:
    """El valor canónico de un campo, con el tipo que Excel entiende; «si» y «no», y lo que no es canónico, como texto."""
    leer = _TIPADO.get(campo.tipo)
    try:
        return leer(canonico) if leer and canonico else canonico
    except ValueError:
        return canonico


_TIPADO: dict[str, Callable[[str], Celda]] = {
    "entero": int,
    "pesos": int,
    "ejercicio": int,
    "decimal": float,
    "porcentaje": float,
    "fecha": datetime.date.fromisoformat,
}


def nombre_de_hoja(esquema: Esquema, tabla: Tabla) -> str:
    """«Datos» para la tabla principal; los grupos repetibles, con su nombre."""
    return HOJA_DATOS if tabla.nombre == esquema.principal.nombre else tabla.nombre[:31]
