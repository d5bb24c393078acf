"""Condiciones y límites de un campo, dichos en el XPath de XLSForm."""

from collections.abc import Callable, Mapping
from dataclasses import replace

from esquemas.condicion import SEPARADOR
from esquemas.modelo import Campo, Condicion
from esquemas.tipos import TIPOS

ENTERO_MAYOR = 999_999_999  # el `integer` de XForms es de 32 bits: más grande, se escribe como texto de cifras
_RUT = r"[0-9.]{7,10}-?[0-9Kk]"  # el dígito verificador lo comprueba el validador

Mirar = Callable[[str], tuple[Campo, str]]  # nombre de un campo → el campo y la ruta con que se lo nombra


def traducir(condicion: Condicion, mirar: Mirar) -> str:
    """La condición en XPath, dicha con negaciones: un campo oculto es un conjunto vacío, y con él `!=` es siempre falso."""
    if condicion.partes:
        union = " and " if condicion.operador == "y" else " or "
        return union.join(f"({traducir(p, mirar)})" for p in condicion.partes)
    campo, ruta = mirar(condicion.campo)
    if condicion.operador == "vacio":
        return f"not({ruta} != '')" if condicion.vacio else f"{ruta} != ''"
    hay = " or ".join(_contiene(campo, ruta, v) for v in condicion.valores)
    return f"not({hay})" if condicion.operador == "no_es" else hay


def _contiene(campo: Campo, ruta: str, valor: str) -> str:
    if not campo.varios:
        return f"{ruta} = {texto(valor)}"
    if campo.catalogo:
        return f"selected({ruta}, {texto(valor)})"
    return f"contains(concat(';', translate({ruta}, ' ', ''), ';'), {texto(f';{valor};')})"


def con_vacio(condicion: Condicion, campo: str) -> Condicion | bool:
    """Lo que queda de una condición si ese campo está vacío."""
    if condicion.partes:
        partes = [con_vacio(p, campo) for p in condicion.partes]
        decide = condicion.operador == "o"  # una verdadera decide una «o»; una falsa, una «y»
        if any(p is decide for p in partes):
            return decide
        quedan = tuple(p for p in partes if isinstance(p, Condicion))
        return replace(condicion, partes=quedan) if quedan else not decide
    if condicion.campo != campo:
        return condicion
    return condicion.vacio if condicion.operador == "vacio" else condicion.operador == "no_es"


def compara(condicion: Condicion, campo: str) -> bool:
    """Si la condición mira el valor del campo, y no solo si está vacío."""
    if condicion.partes:
        return any(compara(p, campo) for p in condicion.partes)
    return condicion.campo == campo and condicion.operador != "vacio"


def es_largo(campo: Campo) -> bool:
    """Un entero que puede no caber en el de XForms."""
    if campo.tipo not in ("entero", "pesos"):
        return False
    return campo.maximo is None or campo.maximo > ENTERO_MAYOR or (campo.minimo or 0) < -ENTERO_MAYOR


def limites(campo: Campo) -> list[tuple[str, str]]:
    """(XPath, mensaje) de cada límite del campo."""
    if campo.catalogo:
        return []
    salida = [forma] if (forma := _forma(campo)) else []
    if campo.patron:
        salida.append((_calza(".", campo.patron), f"No tiene la forma pedida. Ejemplo: {campo.ejemplo}."))
    for numero, signo, que in ((campo.minimo, ">=", "El mínimo es"), (campo.maximo, "<=", "El máximo es")):
        if numero is not None:
            salida.append((f". {signo} {numero}", f"{que} {numero}."))
    for largo, signo, que in ((campo.largo_minimo, ">=", "Al menos"), (campo.largo_maximo, "<=", "Hasta")):
        if largo:
            salida.append((f"string-length(.) {signo} {largo}", f"{que} {largo} caracteres."))
    return salida


def _forma(campo: Campo) -> tuple[str, str] | None:
    """Lo que pide el tipo y XLSForm no sabe por sí solo."""
    tipo = TIPOS[campo.tipo]
    if campo.referencia:
        uno = TIPOS["codigo"].patron.pattern
        if campo.varios:
            return _calza(".", f"{uno}( *{SEPARADOR} *{uno})*"), f"Escriba los códigos separados por «{SEPARADOR}»."
        return _calza(".", uno), "Escriba un código."
    if es_largo(campo):
        return _calza(".", "-?[0-9]{1,15}"), "Escriba solo cifras."
    if patron := getattr(tipo, "patron", None):
        sobre = "translate(., ' ().-', '')" if campo.tipo == "telefono" else "."
        return _calza(sobre, patron.pattern), tipo.arreglo
    return _FORMAS.get(campo.tipo)


def _calza(sobre: str, patron: str) -> str:
    return f"regex({sobre}, {texto(f'^(?:{patron})$')})"


def texto(valor: str) -> str:
    """Un literal de XPath, que no tiene escapes: si trae las dos comillas, se arma con `concat`."""
    if "'" not in valor:
        return f"'{valor}'"
    if '"' not in valor:
        return f'"{valor}"'
    trozos = valor.split("'")
    return "concat(" + ', "\'", '.join(f"'{t}'" for t in trozos) + ")"


_FORMAS: Mapping[str, tuple[str, str]] = {
    "rut": (_calza(".", _RUT), "Escríbalo como 12.345.678-5."),
    "decimal": (". = round(., 2)", "Use hasta dos decimales."),
    "porcentaje": (". = round(., 2)", "Use hasta dos decimales."),
    "ejercicio": (". >= 1000 and . <= 2999", "Escríbalo con cuatro cifras: 2027."),
}
