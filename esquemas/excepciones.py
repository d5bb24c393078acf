"""Excepciones registradas: Sercotec deja constancia de que una fila no cumple una regla, por qué y según qué fuente.

El problema no desaparece: baja a alerta y lleva la razón. Una excepción que no exceptúa nada también se dice. Un valor
que no se pudo leer no se exceptúa: se guardaría vacío, y aceptarlo sería perderlo en silencio.
"""

from collections.abc import Sequence
from dataclasses import replace

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.revision import Contexto, Revision
from esquemas.tipos import como_texto


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
        if fila and problema.es_error and clave in registradas and not _se_perderia(problema, principal):
            usadas.add(clave)
            excepcion = registradas[clave]
            mensaje = f"Excepción registrada: {excepcion['razon']} ({excepcion['fuente']}). {problema.mensaje}"
            problema = replace(problema, gravedad=Gravedad.ALERTA, mensaje=mensaje)
        salida.append(problema)
    for fila, campo, regla in [clave for clave in registradas if clave not in usadas]:
        mensaje = (
            f"La excepción de la fila «{fila}», campo «{campo}», regla «{regla}» no se usó: el dato cumple, o trae un valor "
            "que no se puede guardar. Quítela, o deje la celda vacía."
        )
        salida.append(
            Problema(Gravedad.ALERTA, Codigo.EXCEPCION_SIN_USO, mensaje, principal.tabla.nombre, campo=campo, valor=fila)
        )
    return salida


def _se_perderia(problema: Problema, principal: Revision) -> bool:
    """Si la celda trae algo que no quedó en su forma canónica."""
    j, i = principal.indice.get(problema.campo), problema.indice
    return j is not None and bool(como_texto(principal.cruda(i, problema.campo)).strip()) and not principal.canonicas[j][i]
