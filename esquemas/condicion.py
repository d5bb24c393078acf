"""Evalúa las condiciones del YAML sobre una fila. La misma gramática se traduce a XLSForm en `xpath`."""

from collections.abc import Mapping, Set

from esquemas.modelo import Condicion

SEPARADOR = ";"  # entre los valores de un campo `varios`


def separar(valor: str) -> list[str]:
    """«a;b» → [a, b]; «» → []."""
    return valor.split(SEPARADOR) if valor else []


def cumple(condicion: Condicion, fila: Mapping[str, str], varios: Set[str] = frozenset()) -> bool:
    """Si la fila (valores canónicos, «» = vacío) cumple. En un campo `varios`, `es` y `en` significan «contiene»."""
    match condicion.operador:
        case "y":
            return all(cumple(p, fila, varios) for p in condicion.partes)
        case "o":
            return any(cumple(p, fila, varios) for p in condicion.partes)
    valor = fila.get(condicion.campo, "")
    if condicion.operador == "vacio":
        return (valor == "") is condicion.vacio
    presentes = separar(valor) if condicion.campo in varios else [valor]
    hay = any(v in condicion.valores for v in presentes)
    return not hay if condicion.operador == "no_es" else hay


def no_cumplidas(condicion: Condicion, fila: Mapping[str, str], varios: Set[str] = frozenset()) -> list[Condicion]:
    """Las simples por las que la fila no cumple; ninguna si cumple."""
    if cumple(condicion, fila, varios):
        return []
    return [s for p in condicion.partes for s in no_cumplidas(p, fila, varios)] if condicion.partes else [condicion]
