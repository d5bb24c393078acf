"""Un borrador empezado con otra versión de la encuesta: lo que calza sigue en su lugar y lo demás se aparta a la vista. Sin web.

Calza lo que su control puede mostrar. Lo que no (una pregunta o un bloque que ya no está, una opción que salió de su lista, una
respuesta que ya no es de «sí» o «no») pasa a APARTADO con su título y su valor, para que la persona lo copie. Nada se pierde.
"""

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from esquemas.condicion import SEPARADOR, separar
from esquemas.modelo import Campo, Catalogo, Esquema
from formularios import almacen_borradores, almacen_envios
from formularios.almacen import Almacen
from formularios.borradores import (
    APARTADO,
    Borrador,
    BorradorCambiado,
    BorradorInexistente,
    guardar_borrador,
    leer_borrador,
)
from formularios.pantalla import leer_sin_esquema

TOPE = 200_000  # caracteres apartados; más que eso no lo escribió una persona

Datos = Mapping[str, list[dict[str, str]]]
Titulos = Mapping[str, Mapping[str, str]]  # tabla → campo → título; «» es el de la tabla


def al_dia(almacen: Almacen, catalogo: Catalogo, esquema: Esquema, secreto: str, *, ahora_utc: datetime) -> Borrador:
    """El borrador de ese enlace, llevado a la versión de hoy. Lo ya enviado no se toca. BorradorInexistente si no está."""
    borrador = leer_borrador(almacen, secreto, ahora_utc=ahora_utc)
    while not borrador.envio:
        datos = llevar(catalogo, esquema, borrador.datos, {})
        if borrador.esquema != esquema.nombre or (datos == borrador.datos and borrador.version == esquema.version):
            break
        with almacen.escribir() as c:
            datos = llevar(catalogo, esquema, borrador.datos, titulos_de(c, borrador))
            # Si nada se apartó, lo que la persona revisó sigue siendo lo que se envía.
            revision = borrador.revision + (datos.get(APARTADO, []) != borrador.apartado)
            cambios = {"version": esquema.version, "datos": json.dumps(datos), "revision": revision}
            almacen_borradores.cambiar_borrador(c, borrador.id, borrador.revision, **cambios)
        borrador = leer_borrador(almacen, secreto, ahora_utc=ahora_utc)
    return borrador


def rescatar(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    secreto: str,
    version: str,
    pares: Sequence[tuple[str, str]],
    *,
    ahora_utc: datetime,
) -> None:
    """Guarda lo que mandó una página dibujada con esa otra versión. Lo que tampoco era de ella se ignora.

    BorradorInexistente o BorradorEnviado si no procede.
    """
    actual = al_dia(almacen, catalogo, esquema, secreto, ahora_utc=ahora_utc)
    with almacen.leer() as c:
        titulos = almacen_envios.leer_titulos(c, esquema.nombre, version)
    principal, grupos = leer_sin_esquema(pares)
    escrito = {esquema.nombre: [{**(actual.datos.get(esquema.nombre) or [{}])[0], **principal}], **grupos}
    conocidos = {t: [{n: v for n, v in f.items() if n in titulos[t]} for f in escrito[t]] for t in titulos if t in escrito}
    nuevos = llevar(catalogo, esquema, {**actual.datos, **conocidos}, titulos)
    otros = {t: f for t, f in nuevos.items() if t != esquema.nombre and f != actual.datos.get(t)}
    cambio = {"principal": nuevos.get(esquema.nombre, [{}])[0], "grupos": otros}
    try:
        guardar_borrador(almacen, secreto, revision=actual.revision, ahora_utc=ahora_utc, **cambio)
    except BorradorCambiado as cambiado:  # se guardó en otra pestaña justo ahora: se parte de eso
        if cambiado.actual is None:
            raise BorradorInexistente from None
        rescatar(almacen, catalogo, esquema, secreto, version, pares, ahora_utc=ahora_utc)


def titulos_de(c: Any, borrador: Borrador) -> Titulos:
    return almacen_envios.leer_titulos(c, borrador.esquema, borrador.version)


def llevar(catalogo: Catalogo, esquema: Esquema, datos: Datos, titulos: Titulos) -> dict[str, list[dict[str, str]]]:
    """Los datos como los espera esa versión. `titulos` son los de la versión en que se escribieron."""
    tablas = {t.nombre: {c.nombre: c for c in t.campos} for t in esquema.tablas}
    nuevos: dict[str, list[dict[str, str]]] = {}
    apartadas = [dict(a) for a in datos.get(APARTADO, ())]
    for tabla, filas in datos.items():
        campos, dichos = tablas.get(tabla, {}), titulos.get(tabla, {})
        for i, fila in enumerate(filas if tabla != APARTADO else ()):
            queda: dict[str, str] = {}
            for nombre, valor in fila.items():
                calza, sobra = _partir(catalogo, campos.get(nombre), valor)
                if nombre in campos:
                    queda[nombre] = calza
                if sobra:
                    titulo = campos[nombre].titulo if nombre in campos else dichos.get(nombre, nombre.replace("_", " "))
                    donde = "" if tabla == esquema.nombre else f"{dichos.get('', tabla)}, {i + 1}: "
                    apartadas.append({"pregunta": donde + titulo, "valor": sobra})
            if tabla in tablas:
                nuevos.setdefault(tabla, []).append(queda)
        if tabla in tablas:
            nuevos.setdefault(tabla, [])
    if apartadas:
        nuevos[APARTADO] = _sin_repetir(apartadas)
    return nuevos


def _partir(catalogo: Catalogo, campo: Campo | None, valor: str) -> tuple[str, str]:
    """(lo que el control de ese campo puede mostrar, lo que no)."""
    if campo is None:
        return "", valor
    if campo.tipo == "logico":
        return (valor, "") if valor in ("si", "no", "") else ("", valor)
    if not campo.catalogo:
        return valor, ""
    codigos = {o.codigo for o in catalogo.opciones[campo.catalogo].opciones}
    if not campo.varios:
        return (valor, "") if valor in codigos else ("", valor)
    partes = separar(valor)
    return (valor, "") if codigos.issuperset(partes) else tuple(
        SEPARADOR.join(p for p in partes if (p in codigos) == sirve) for sirve in (True, False)
    )


def _sin_repetir(apartadas: list[dict[str, str]]) -> list[dict[str, str]]:
    unicas, largo = [], 0
    for apartada in apartadas:
        largo += sum(map(len, apartada.values()))
        if apartada not in unicas and largo <= TOPE:
            unicas.append(apartada)
    return unicas
