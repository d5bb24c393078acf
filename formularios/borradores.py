"""Lo que se está llenando: se guarda por secciones, se retoma por su enlace y vence.

Quien tiene el secreto del enlace tiene el borrador. Cada cambio sube la `revision`; quien guarda dice sobre
cuál trabajó, así dos pestañas no se pisan: la segunda recibe BorradorCambiado con lo último guardado.
"""

import hashlib
import json
import secrets
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from esquemas.modelo import Esquema
from formularios import almacen_borradores, almacen_envios
from formularios.almacen import Almacen
from formularios.sellado import canonico_de

APARTADO = "(apartado)"  # lo que ya no se pregunta; ninguna tabla puede llamarse así
DIAS = 60  # desde la última vez que se guardó

Filas = Sequence[Mapping[str, str]]


@dataclass(frozen=True, slots=True)
class Borrador:
    """`datos`: tabla → filas como las escribió la persona, lo que recibe `validar_filas`. `envio`: folio si
    ya se envió."""

    id: str
    esquema: str
    version: str
    region: str
    ejercicio: int
    datos: Mapping[str, list[dict[str, str]]]
    revision: int
    creado_utc: datetime
    actualizado_utc: datetime
    vence_utc: datetime
    envio: str | None = None

    @property
    def apartado(self) -> list[dict[str, str]]:
        """Lo que se escribió en otra versión y ya no tiene dónde ir: «pregunta» y «valor»."""
        return self.datos.get(APARTADO, [])

    @classmethod
    def de(cls, guardado: Mapping[str, Any]) -> "Borrador":
        """Desde la fila guardada."""
        valores = {k: v for k, v in guardado.items() if k != "datos"}
        return cls(**valores, datos=json.loads(guardado["datos"]))


class BorradorInexistente(Exception):
    """El enlace no lleva a un borrador: se escribió mal o venció."""


class BorradorCambiado(Exception):
    """Se guardó en otra pestaña después de lo que esta mostraba. `actual` es lo último guardado (None si ya
    no está)."""

    def __init__(self, actual: Borrador | None) -> None:
        self.actual = actual
        super().__init__("el borrador cambió en otra pestaña")


class BorradorEnviado(Exception):
    """Ya se envió: para corregirlo hay que reabrirlo, y dará un envío nuevo."""

    def __init__(self, folio: str) -> None:
        self.folio = folio
        super().__init__(f"el borrador ya se envió con el folio {folio}")


def crear_borrador(
    almacen: Almacen, esquema: Esquema, *, region: str, ejercicio: int, ahora_utc: datetime
) -> tuple[Borrador, str]:
    """Un borrador vacío y el secreto de su enlace, que se entrega ahora y no se puede recuperar después."""
    secreto = nuevo_secreto()
    with almacen.escribir() as c:
        dejar_definicion(c, esquema)
        id = nuevo_borrador(c, esquema, region=region, ejercicio=ejercicio, ahora_utc=ahora_utc)
        almacen_borradores.insertar_llave(c, huella_de_secreto(secreto), id, ahora_utc)
        return Borrador.de(almacen_borradores.tomar_borrador(c, id)), secreto


def dejar_definicion(c: Any, esquema: Esquema) -> None:
    """Guarda cómo era la encuesta al empezar: si cambia, de ahí sale el título de lo que ya no se pregunte."""
    almacen_envios.guardar_definicion(c, esquema.huella, esquema.nombre, esquema.version, canonico_de(esquema))


def nuevo_secreto() -> str:
    """256 bits al azar, para un enlace."""
    return secrets.token_urlsafe(32)


def nuevo_borrador(c: Any, esquema: Esquema, *, region: str, ejercicio: int, ahora_utc: datetime) -> str:
    """Agrega un borrador vacío, todavía sin llave; devuelve su id."""
    id = secrets.token_hex(8)
    valores = {
        "id": id,
        "esquema": esquema.nombre,
        "version": esquema.version,
        "region": region,
        "ejercicio": ejercicio,
        "datos": "{}",
        "revision": 0,
        "creado_utc": ahora_utc,
        "actualizado_utc": ahora_utc,
        "vence_utc": ahora_utc + timedelta(days=DIAS),
        "envio": None,
    }
    almacen_borradores.insertar_borrador(c, valores)
    return id


def otra_llave(almacen: Almacen, borrador: Borrador, *, ahora_utc: datetime) -> str:
    """Un secreto más para el mismo borrador: el de otro equipo."""
    secreto = nuevo_secreto()
    with almacen.escribir() as c:
        almacen_borradores.insertar_llave(c, huella_de_secreto(secreto), borrador.id, ahora_utc)
    return secreto


def leer_borrador(almacen: Almacen, secreto: str, *, ahora_utc: datetime) -> Borrador:
    """El borrador del enlace. BorradorInexistente si no está o venció."""
    with almacen.leer() as c:
        return _vivo(almacen_borradores.leer_borrador(c, huella_de_secreto(secreto), ahora_utc), ahora_utc)


def guardar_borrador(
    almacen: Almacen,
    secreto: str,
    *,
    revision: int,
    ahora_utc: datetime,
    principal: Mapping[str, str] | None = None,
    grupos: Mapping[str, Filas] | None = None,
) -> Borrador:
    """Guarda una sección: cambia esos campos de la tabla principal y reemplaza enteras las filas de esos
    grupos.

    Lo que no se nombra queda como estaba. BorradorInexistente, BorradorCambiado o BorradorEnviado si no
    procede.
    """

    def mezclar(datos: dict[str, list[dict[str, str]]], tabla: str) -> None:
        if principal is not None:
            datos[tabla] = [{**(datos.get(tabla) or [{}])[0], **principal}]
        for nombre, filas in (grupos or {}).items():
            datos[nombre] = [dict(f) for f in filas]

    with almacen.escribir() as c:
        actual = _vivo(almacen_borradores.leer_borrador(c, huella_de_secreto(secreto), ahora_utc, tomar=True), ahora_utc)
        if actual.envio is not None:
            raise BorradorEnviado(actual.envio)
        if actual.revision != revision:
            raise BorradorCambiado(actual)
        datos = dict(actual.datos)
        mezclar(datos, actual.esquema)
        return _avanzar(c, actual, ahora_utc, datos=json.dumps(datos))


def reabrir_borrador(almacen: Almacen, secreto: str, *, ahora_utc: datetime) -> Borrador:
    """Permite corregir lo enviado. Al enviarlo otra vez da un folio nuevo y el anterior queda reemplazado."""
    with almacen.escribir() as c:
        actual = _vivo(almacen_borradores.leer_borrador(c, huella_de_secreto(secreto), ahora_utc, tomar=True), ahora_utc)
        return actual if actual.envio is None else _avanzar(c, actual, ahora_utc, envio=None)


def borrar_vencidos(almacen: Almacen, *, ahora_utc: datetime) -> int:
    """Quita los borradores vencidos; devuelve cuántos. Lo enviado queda."""
    with almacen.escribir() as c:
        return almacen_borradores.borrar_vencidos(c, ahora_utc)


def huella_de_secreto(secreto: str) -> str:
    """Lo único que se guarda de un secreto: su SHA-256 (es al azar y largo, no necesita sal)."""
    return hashlib.sha256(secreto.encode("utf-8", "replace")).hexdigest()


def _vivo(guardado: Mapping[str, Any] | None, ahora_utc: datetime) -> Borrador:
    if guardado is None or guardado["vence_utc"] <= ahora_utc:
        raise BorradorInexistente
    return Borrador.de(guardado)


def _avanzar(c: Any, actual: Borrador, ahora_utc: datetime, **cambios: Any) -> Borrador:
    tiempos = {"actualizado_utc": ahora_utc, "vence_utc": ahora_utc + timedelta(days=DIAS)}
    nuevos = {**cambios, **tiempos, "revision": actual.revision + 1}
    if not almacen_borradores.cambiar_borrador(c, actual.id, actual.revision, **nuevos):
        raise BorradorCambiado(None)
    return Borrador.de(almacen_borradores.tomar_borrador(c, actual.id))
