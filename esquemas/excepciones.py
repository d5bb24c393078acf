"""Excepciones registradas: Sercotec deja constancia de que una fila no cumple una regla, por qué y según qué fuente.

El problema no desaparece: baja a alerta y lleva la razón. Una excepción que no exceptúa nada también se dice.
"""

from collections.abc import Sequence
from dataclasses import replace

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.revision import Contexto, Revision


def aplicar_excepciones(problemas: Sequence[Problema], principal: Revision, contexto: Contexto) -> list[Problema]:
    """Baja a alerta los errores exceptuados. La excepción nombra la fila por su `codigo`, el campo y el código de la regla."""
    if not contexto.excepciones:
        return list(problemas)
    codigos = principal.canonicas[principal.indice["codigo"]] if "codigo" in principal.indice else []
    registradas = {(e["fila"], e["campo"], e["regla"]): e for e in contexto.excepciones}
    usadas = set()
    salida = []
    for problema in problemas:
        de_fila = codigos and problema.indice is not None and problema.tabla == principal.tabla.nombre
        fila = codigos[problema.indice] if de_fila else ""
        clave = (fila, problema.campo, str(problema.codigo))
        if problema.es_error and clave in registradas:
            usadas.add(clave)
            excepcion = registradas[clave]
            mensaje = f"Excepción registrada: {excepcion['razon']} ({excepcion['fuente']}). {problema.mensaje}"
            problema = replace(problema, gravedad=Gravedad.ALERTA, mensaje=mensaje)
        salida.append(problema)
    for fila, campo, regla in [clave for clave in registradas if clave not in usadas]:
        mensaje = f"La excepción de la fila «{fila}», campo «{campo}», regla «{regla}» no se usó: el dato cumple. Quítela."
        salida.append(
            Problema(Gravedad.ALERTA, Codigo.EXCEPCION_SIN_USO, mensaje, principal.tabla.nombre, campo=campo, valor=fila)
        )
    return salida
