"""Cómo se lee un YAML ya convertido en diccionario: toda clave que no se conoce se rechaza, y toda falla dice archivo y ruta.

Un esquema malo no arranca: cada falla es `EsquemaInvalido`. Lo que exige mirar varios archivos a la vez (normas,
referencias, ejemplos) está en `coherencia`.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from typing import Any

from esquemas.errores import EsquemaInvalido
from esquemas.roles import ROLES

NOMBRE = re.compile(r"[a-z][a-z0-9]*(-[a-z0-9]+)*")  # archivos, tablas, reglas y catálogos: también son URL
VERSION = re.compile(r"(0|[1-9][0-9]*)(\.(0|[1-9][0-9]*)){2}")


class Lector:
    """Lee un archivo recordando dónde va, para que cada falla diga el lugar exacto."""

    def __init__(self, archivo: str) -> None:
        self.archivo = archivo

    def falla(self, ruta: str, que: str, arreglo: str) -> EsquemaInvalido:
        return EsquemaInvalido(self.archivo, ruta, que, arreglo)

    def claves(self, dato: Any, ruta: str, admitidas: Iterable[str], exigidas: Iterable[str] = ()) -> Mapping[str, Any]:
        """`dato` como mapa, sin claves desconocidas y con las exigidas."""
        if not isinstance(dato, Mapping):
            raise self.falla(ruta, "se esperaba un mapa de claves.", "Escriba «clave: valor».")
        admitidas = set(admitidas)
        for clave in dato:
            if clave not in admitidas:
                raise self.falla(
                    f"{ruta}.{clave}".strip("."),
                    "clave desconocida.",
                    f"Corrija el nombre o quítela. Se admiten: {', '.join(sorted(admitidas))}.",
                )
        for clave in exigidas:
            valor = dato.get(clave)
            if valor is None or (isinstance(valor, str) and not valor.strip()):
                raise self.falla(ruta, f"falta «{clave}».", "Agréguela.")
        return dato

    def texto(self, dato: Mapping[str, Any], clave: str, ruta: str, omision: str = "") -> str:
        valor = dato.get(clave, omision)
        if not isinstance(valor, str):
            raise self.falla(f"{ruta}.{clave}".strip("."), f"se esperaba texto y hay {valor!r}.", "Póngalo entre comillas.")
        return valor.strip()

    def entero(self, dato: Mapping[str, Any], clave: str, ruta: str, omision: int | None = None) -> int | None:
        valor = dato.get(clave, omision)
        if valor is not None and (isinstance(valor, bool) or not isinstance(valor, int)):
            raise self.falla(f"{ruta}.{clave}".strip("."), f"se esperaba un entero y hay {valor!r}.", "Escríbalo sin comillas.")
        return valor

    def logico(self, dato: Mapping[str, Any], clave: str, ruta: str) -> bool:
        valor = dato.get(clave, False)
        if not isinstance(valor, bool):
            raise self.falla(f"{ruta}.{clave}".strip("."), f"se esperaba true o false y hay {valor!r}.", "Use true o false.")
        return valor

    def textos(self, dato: Mapping[str, Any], clave: str, ruta: str) -> tuple[str, ...]:
        valor = dato.get(clave, [])
        if not isinstance(valor, list) or not all(isinstance(v, str) for v in valor):
            raise self.falla(
                f"{ruta}.{clave}".strip("."), "se esperaba una lista de textos.", "Escriba [uno, dos] con comillas si hace falta."
            )
        return tuple(v.strip() for v in valor)

    def roles(self, dato: Mapping[str, Any], clave: str, ruta: str, omision: tuple[str, ...] = ()) -> tuple[str, ...]:
        """Los de «escriben» o «entregan»; si no los dice, `omision`. Vacía no sirve: nadie podría."""
        if clave not in dato:
            return omision
        roles = self.textos(dato, clave, ruta)
        if not roles or set(roles) - set(ROLES):
            que = f"«{', '.join(roles)}» no son roles."
            raise self.falla(f"{ruta}.{clave}".strip("."), que, f"Use uno o más de: {', '.join(ROLES)}.")
        return roles

    def lista(self, dato: Mapping[str, Any], clave: str, ruta: str) -> list[Any]:
        valor = dato.get(clave, [])
        if not isinstance(valor, list):
            raise self.falla(f"{ruta}.{clave}".strip("."), "se esperaba una lista.", "Empiece cada elemento con «- ».")
        return valor

    def sin_repetir(self, valores: Iterable[str], ruta: str, clave: str) -> None:
        vistos = set()
        for valor in valores:
            if valor in vistos:
                raise self.falla(ruta, f"«{valor}» está repetido en «{clave}».", "Déjelo una sola vez.")
            vistos.add(valor)

    def existe(self, nombre: str, nombres: Iterable[str], ruta: str) -> None:
        if nombre not in nombres:
            raise self.falla(ruta, f"el campo «{nombre}» no existe.", f"Use uno de: {', '.join(sorted(nombres))}.")


def huella_de(descriptor: Mapping[str, Any]) -> str:
    """SHA-256 hexadecimal del JSON canónico (claves ordenadas, sin espacios, UTF-8)."""
    canonico = json.dumps(descriptor, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(canonico.encode()).hexdigest()


def leer_nombre(lector: Lector, dato: Mapping[str, Any]) -> str:
    """El `name`, que debe ser el del archivo."""
    nombre = lector.texto(dato, "name", "")
    esperado = lector.archivo.rsplit("/", 1)[-1].removesuffix(".yaml")
    if nombre != esperado or not NOMBRE.fullmatch(nombre):
        raise lector.falla("name", f"«{nombre}» no coincide con el nombre del archivo.", f"Escriba «{esperado}».")
    return nombre


def leer_version(lector: Lector, dato: Mapping[str, Any]) -> str:
    """La `version`, SemVer."""
    version = lector.texto(dato, "version", "")
    if not VERSION.fullmatch(version):
        raise lector.falla("version", f"«{version}» no es SemVer.", 'Escriba tres números entre comillas: "1.0.0".')
    return version
