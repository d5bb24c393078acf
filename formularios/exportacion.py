"""De lo guardado a un CSV con su esquema, o a un Data Package. Sin web: escribe en el flujo que le den.

La misma selección da siempre los mismos bytes. Quitando las columnas de envío y las filas de otros folios, el
CSV completo vuelve a ser lo que la región entregó, con la huella de su comprobante.
"""

import hashlib
import json
from contextlib import closing
from dataclasses import asdict, dataclass
from typing import Any, BinaryIO, Protocol

from esquemas.modelo import Catalogo, Esquema, Tabla
from esquemas.tabla import linea_csv
from formularios.almacen import Almacen
from formularios.envio import VIGENTE
from formularios.seleccion import Avance, Seleccion, elegir


class Escribible(Protocol):
    """Lo único que se le pide al destino."""

    def write(self, datos: bytes, /) -> Any: ...


@dataclass(frozen=True, slots=True)
class Informe:
    """Qué se exportó. `filas`: tabla → cuántas. `huella`: SHA-256 de los bytes (vacía en un paquete).

    `avisos` dice en palabras lo que no salió o salió distinto; `esquema_ampliado` es el Table Schema del CSV.
    """

    esquema: str
    version: str
    envios: int
    filas: dict[str, int]
    avisos: tuple[str, ...]
    huella: str
    esquema_ampliado: dict[str, Any]

    def como_dict(self) -> dict[str, Any]:
        """Para JSON."""
        return asdict(self)


class Cuenta:
    """Lleva el avance de varias tablas como uno solo."""

    def __init__(self, avance: Avance | None, total: int) -> None:
        self.avance, self.total, self.hechas = avance, total, 0

    def sumar(self, filas: int) -> None:
        self.hechas += filas
        if self.avance:
            self.avance(self.hechas, self.total)


class Contado:
    """Un destino que recuerda cuánto se escribió y su SHA-256."""

    def __init__(self, destino: Escribible) -> None:
        self._destino, self._suma, self.largo = destino, hashlib.sha256(), 0

    def write(self, datos: bytes) -> None:
        self._destino.write(datos)
        self._suma.update(datos)
        self.largo += len(datos)

    @property
    def huella(self) -> str:
        return self._suma.hexdigest()


def exportar_csv(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    destino: BinaryIO,
    *,
    ejercicio: int | None = None,
    region: str | None = None,
    estado: str = VIGENTE,
    publico: bool = False,
    avance: Avance | None = None,
) -> Informe:
    """Escribe el CSV de la tabla principal en `destino`, por lotes, con las columnas de envío al final.

    `estado`: vigente, reemplazado, anulado, validado o todos. `avance(hechas, total)` se llama por lote.
    """
    pedido = {"ejercicio": ejercicio, "region": region, "estado": estado, "publico": publico}
    seleccion = elegir(almacen, catalogo, esquema, **pedido)
    tabla = esquema.principal
    filas = seleccion.contar()[tabla.nombre]
    contado = Contado(destino)
    escribir_tabla(seleccion, tabla, contado, Cuenta(avance, filas))
    avisos = seleccion.avisos()
    if esquema.grupos:
        faltan = ", ".join(g.nombre for g in esquema.grupos)
        avisos.append(f"Solo la tabla principal: {faltan} van en el paquete (.zip).")
    return Informe(
        esquema=esquema.nombre,
        version=esquema.version,
        envios=len(seleccion.envios),
        filas={tabla.nombre: filas},
        avisos=tuple(avisos),
        huella=contado.huella,
        esquema_ampliado=seleccion.esquema_ampliado(tabla),
    )


def escribir_tabla(seleccion: Seleccion, tabla: Tabla, destino: Escribible, cuenta: Cuenta) -> None:
    """Encabezado y filas de una tabla, UTF-8 con CRLF."""
    destino.write(f"{linea_csv(seleccion.encabezado(tabla))}\r\n".encode())
    with closing(seleccion.lineas(tabla)) as lotes:  # si el destino falla, la base queda libre en el acto
        for lote in lotes:
            destino.write(("\r\n".join(lote) + "\r\n").encode())
            cuenta.sumar(len(lote))


def en_json(dato: Any) -> bytes:
    """JSON legible y siempre igual."""
    return (json.dumps(dato, ensure_ascii=False, indent=2) + "\n").encode()
