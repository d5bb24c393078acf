"""Un CSV que acompaña a una página, leído con su esquema: lo que comparten sus tablas, sus figuras y sus fichas."""

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from decimal import Decimal, InvalidOperation
from typing import Any, NamedTuple

from esquemas import palabras
from esquemas.condicion import separar
from esquemas.modelo import Campo, Catalogo, Esquema, Opcion, Opciones, Tabla
from esquemas.tabla import leer_csv
from generador.molde import escapar

NO_CONSTA = "No consta"
SE_SUMA = frozenset({"pesos", "entero", "decimal"})
NUMERO = SE_SUMA | {"porcentaje"}
_A_CASTELLANO = str.maketrans(",.", ".,")


class Pedido(NamedTuple):
    """Un marcador ya leído. `leer` da los bytes de un archivo por su ruta relativa a la página; ValueError si no existe.

    En `producidos` quedan los archivos que el marcador enlaza y hay que publicar: ruta relativa a la página → bytes.
    """

    archivo: str
    opciones: Mapping[str, str]
    leer: Callable[[str], bytes]
    catalogo: Catalogo
    producidos: dict[str, bytes]

    def lista(self, opcion: str) -> list[str]:
        """«a, b» → [a, b]."""
        return [n.strip() for n in self.opciones.get(opcion, "").split(",") if n.strip()]

    def esquema(self, nombre: str) -> Esquema:
        if nombre not in self.catalogo.esquemas:
            raise ValueError(f"{self.archivo}: no existe el esquema «{nombre}». Dígalo con «; esquema: …».")
        return self.catalogo.esquemas[nombre]

    def datos(self, archivo: str = "", esquema: str = "") -> "Datos":
        """El CSV del marcador, u otro.

        El esquema es el que se llama como el archivo, o el de la opción `esquema`; o no es del catálogo, y lo describe al
        lado un Table Schema, el de la opción `descriptor`.
        """
        archivo = archivo or self.archivo
        nombre = esquema or self.opciones.get("esquema") or archivo.rpartition("/")[2].removesuffix(".csv")
        if al_lado := self.opciones.get("descriptor"):
            catalogo, propio = _con_descriptor(self.catalogo, nombre, json.loads(self.leer(al_lado)))
        else:
            catalogo, propio = self.catalogo, self.esquema(nombre)
        hoja = leer_csv(self.leer(archivo))
        if hoja.encabezado != propio.principal.nombres:
            raise ValueError(f"{archivo}: sus columnas no son las de «{nombre}», en su orden.")
        if graves := [p.mensaje for p in hoja.problemas if p.es_error]:
            raise ValueError(f"{archivo}: {graves[0]}")
        filas = [dict(zip(hoja.encabezado, map(str, fila), strict=True)) for fila in hoja.filas]
        nombra = self.opciones.get("nombra", "")
        return Datos(archivo, propio, catalogo, filas, self.esquema(nombra) if nombra else None)


@dataclass(frozen=True, slots=True)
class Datos:
    """Un CSV leído con su esquema. `filas`: campo → texto canónico, «» si está vacío."""

    archivo: str
    esquema: Esquema
    catalogo: Catalogo
    filas: Sequence[Mapping[str, str]]
    nombra: Esquema | None = None

    def campo(self, nombre: str) -> Campo:
        if nombre not in self.esquema.principal.nombres:
            raise ValueError(f"{self.archivo}: «{nombre}» no es un campo de «{self.esquema.nombre}».")
        return self.esquema.principal.campo(nombre)

    def campos(self, nombres: Sequence[str]) -> list[Campo]:
        """Esos campos, en ese orden; sin nombres, los que traen algún dato."""
        con_dato = (n for n in self.esquema.principal.nombres if any(f[n] for f in self.filas))
        return [self.campo(n) for n in nombres or con_dato]

    def suma(self, campo: Campo) -> Decimal:
        return sum((self._numero(campo, f[campo.nombre]) for f in self.filas if f[campo.nombre]), Decimal())

    def sin_dato(self, campo: Campo) -> list[Mapping[str, str]]:
        return [f for f in self.filas if not f[campo.nombre]]

    def mostrar(self, campo: Campo, texto: str) -> str:
        """Una celda en Markdown, como la lee una persona."""
        if not texto:
            return NO_CONSTA
        if self.nombra and campo.nombre == "campo" and texto in self.nombra.principal.nombres:
            return escapar(self.nombra.principal.campo(texto).titulo)
        if campo.tipo in NUMERO:
            return cifra(campo, self._numero(campo, texto))
        if campo.tipo == "fecha":
            return "-".join(reversed(texto.split("-")))
        partes = separar(texto) if campo.varios else (texto,)
        lineas = ", ".join(palabras.valor(campo, p, self.catalogo.opciones) for p in partes).split("\n")
        return "<br>".join(escapar(linea) for linea in lineas)

    def _numero(self, campo: Campo, texto: str) -> Decimal:
        try:
            return Decimal(texto)
        except InvalidOperation:
            raise ValueError(f"{self.archivo}: «{texto}» no es un número en «{campo.nombre}».") from None


def _con_descriptor(catalogo: Catalogo, nombre: str, descriptor: Mapping[str, Any]) -> tuple[Catalogo, Esquema]:
    """Un Table Schema de texto como esquema, y el catálogo con los nombres de sus `categories`."""
    campos, listas = [], {}
    for campo in descriptor["fields"]:
        lista = f"{nombre}/{campo['name']}" if "categories" in campo else ""
        if lista:
            opciones = tuple(Opcion(c["value"], c["label"]) for c in campo["categories"])
            listas[lista] = Opciones(lista, campo["title"], "", "", opciones)
        campos.append(Campo(campo["name"], campo["title"], "texto", "", "", (), "publico", catalogo=lista))
    principal = Tabla(nombre, descriptor["title"], tuple(campos))
    propio = Esquema(nombre, principal.titulo, "formato", "", "", (), principal, descriptor, "")
    return replace(catalogo, opciones={**catalogo.opciones, **listas}), propio


def cifra(campo: Campo, numero: Decimal) -> str:
    """«$1.252.784.000» si es dinero; si no, «1.421» o «3,5»."""
    signo = "$" if campo.tipo == "pesos" else ""
    return f"{signo}{numero:,}".translate(_A_CASTELLANO)


def cuantas(filas: int) -> str:
    """«1 fila», «2 filas»."""
    return f"{filas} fila" if filas == 1 else f"{filas} filas"
