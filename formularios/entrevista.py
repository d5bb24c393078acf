"""Responder una encuesta en nombre de otra persona, que está presente y aceptó. Sin web.

Se llena el mismo borrador de siempre, con una llave que dura lo que la sesión del profesional: al salir, o al vencer su
sesión, ese navegador ya no lo abre. Quién entrevistó, cuándo y qué texto se aceptó quedan en la bitácora.
"""

import hashlib
from datetime import datetime, timedelta
from typing import Any

from esquemas.modelo import Esquema
from formularios import almacen_borradores, almacen_convocatoria
from formularios.accesos import Usuario
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.borradores import DIAS, huella_de_secreto, nuevo_borrador, nuevo_secreto
from formularios.convocatoria import EN_ENTREVISTA, SIN_INVITAR, Invitado, buscar_invitado, exigir_abierta

ORIGEN = "entrevista"
LARGO_DE_NOMBRE = 200
ACEPTACION = (
    "La persona entrevistada está presente. Sabe que anoto sus respuestas y que quedan a nombre de su institución. "
    "Conoce el aviso de privacidad y aceptó responder."
)
_MARCA = "entrevista."  # ningún otro secreto lleva punto


class EntrevistaSinSesion(Exception):
    """Se quiso seguir una entrevista y quien la hacía ya no tiene su sesión abierta."""


def es_de_entrevista(secreto: str) -> bool:
    return secreto.startswith(_MARCA)


def buscar(almacen: Almacen, esquema: Esquema, region: str, ejercicio: int, codigo: str, borrador: str) -> Invitado | None:
    """A quién se entrevista: el de ese código de la matriz o, si está fuera de ella, el de ese borrador sin enviar."""
    with almacen.leer() as c:
        return _buscar(c, esquema, region, ejercicio, codigo, borrador)


def _buscar(c: Any, esquema: Esquema, region: str, ejercicio: int, codigo: str, borrador: str) -> Invitado | None:
    if codigo:
        return buscar_invitado(c, esquema, region, ejercicio, codigo)
    return next((i for i in _sin_terminar(c, esquema, region, ejercicio) if i.borrador == borrador), None)


def sin_terminar(almacen: Almacen, esquema: Esquema, region: str, ejercicio: int) -> list[Invitado]:
    """Las entrevistas sin enviar de quienes no están en la matriz, de la última a la primera."""
    with almacen.leer() as c:
        return _sin_terminar(c, esquema, region, ejercicio)


def _sin_terminar(c: Any, esquema: Esquema, region: str, ejercicio: int) -> list[Invitado]:
    return [
        Invitado(
            codigo="",
            nombre=e["nombre"],
            correo="",
            estado=EN_ENTREVISTA,
            borrador=e["borrador"],
            guardado_utc=e["actualizado_utc"] if e["revision"] else None,
            entrevistado_utc=e["comenzada_utc"],
        )
        for e in almacen_convocatoria.leer_entrevistas(c, esquema.nombre, region, ejercicio)
    ]


def comenzar(
    almacen: Almacen,
    esquema: Esquema,
    region: str,
    ejercicio: int,
    *,
    usuario: Usuario,
    codigo: str = "",
    borrador: str = "",
    nombre: str = "",
    hasta_utc: datetime,
    ahora_utc: datetime,
) -> str | None:
    """El secreto que abre el borrador en nombre de esa persona hasta `hasta_utc`. Se llama solo si ella aceptó.

    Con `codigo` es alguien de la matriz: si ya tenía un borrador, es ese mismo, tal como está; si no se le había
    invitado, queda invitado. Con `borrador` se sigue una entrevista de alguien de afuera; con `nombre`, comienza otra.
    None si no existe, si no es de ahí o si ya envió. EncuestaCerrada si pasó el cierre.
    """
    exigir_abierta(almacen, esquema.nombre, region, ejercicio, ahora_utc)
    lugar = {"esquema": esquema.nombre, "region": region, "ejercicio": ejercicio}
    secreto = _MARCA + nuevo_secreto()
    with almacen.escribir() as c:
        almacen_convocatoria.tomar_convocatoria(c, **lugar)
        quien = Invitado("", nombre, "", SIN_INVITAR)
        if codigo or borrador:
            quien = _buscar(c, esquema, region, ejercicio, codigo, borrador)
        if quien is None or quien.folio:
            return None
        id = quien.borrador or nuevo_borrador(c, esquema, region=region, ejercicio=ejercicio, ahora_utc=ahora_utc)
        if codigo and not quien.borrador:
            nueva = {**lugar, "codigo": codigo, "borrador": id, "creada_utc": ahora_utc, "correo": None}
            almacen_convocatoria.insertar_invitacion(c, nueva)
        almacen_borradores.alargar(c, id, ahora_utc + timedelta(days=DIAS))
        almacen_borradores.insertar_llave(c, huella_de_secreto(secreto), id, ahora_utc, hasta_utc)
        hecha = {"borrador": id, "nombre": quien.nombre, "usuario": usuario.id, "comenzada_utc": ahora_utc}
        almacen_convocatoria.guardar_entrevista(c, hecha)
        acepta = hashlib.sha256(ACEPTACION.encode()).hexdigest()
        objeto = f"{esquema.nombre} {region} {ejercicio} {codigo or 'fuera de la lista'}: borrador {id}, acepta {acepta}"
        anotar(c, cuando_utc=ahora_utc, actor=f"usuario {usuario.id}", accion="entrevistar", objeto=objeto)
    return secreto


def nombre_de(almacen: Almacen, secreto: str) -> str:
    """En nombre de quién se responde con ese secreto; «» si no es de una entrevista."""
    if not es_de_entrevista(secreto):
        return ""
    with almacen.leer() as c:
        return almacen_convocatoria.leer_entrevistado(c, huella_de_secreto(secreto)) or ""


def cerrar(almacen: Almacen, secretos: list[str]) -> None:
    """Esas llaves dejan de servir. Lo escrito sigue guardado."""
    with almacen.escribir() as c:
        for secreto in secretos:
            almacen_borradores.borrar_llave(c, huella_de_secreto(secreto))
