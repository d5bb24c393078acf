"""Revisa los datos de un acuerdo: celda por celda, como toda fila, y que sus fechas puedan ser. Puro: el día llega como argumento."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import date

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.modelo import Catalogo
from esquemas.validacion import Contexto, Resultado, validar_filas


def revisar_acuerdo(catalogo: Catalogo, valores: Mapping[str, str], *, ejercicio: int, hoy: date) -> Resultado:
    """Sus datos, de campo a texto. Una fecha es del año en que se prepara el ejercicio o después, no pasa de `hoy` y no es
    anterior a la que va antes en `en_orden`."""
    acuerdo = catalogo.proceso.tramitacion.acuerdo
    esquema = acuerdo.esquema
    resultado = validar_filas(catalogo, esquema, {esquema.nombre: [valores]}, Contexto())
    [fila] = resultado.como_dict(esquema.nombre)
    problemas, desde, que_desde = [], date(ejercicio - 1, 1, 1), f"el ejercicio {ejercicio} se prepara desde enero de {ejercicio - 1}"
    for nombre in acuerdo.en_orden:
        if not fila[nombre]:
            continue  # falta o no es una fecha: ya se dijo
        campo, dia = esquema.principal.campo(nombre), date.fromisoformat(fila[nombre])
        mala = None
        if dia > hoy:
            mala = Codigo.MAYOR_QUE_MAXIMO, f"es posterior a hoy, {hoy:%d-%m-%Y}"
        elif dia < desde:
            mala = Codigo.MENOR_QUE_MINIMO, f"no puede ser: {que_desde}"
        if mala:
            mensaje = f"{campo.titulo}: el {dia:%d-%m-%Y} {mala[1]}. Corrija la fecha."
            propio = {"tabla": esquema.nombre, "fila": 1, "indice": 0, "campo": nombre, "valor": fila[nombre]}
            problemas.append(Problema(Gravedad.ERROR, mala[0], mensaje, **propio, norma=campo.norma))
        else:
            desde, que_desde = dia, f"«{campo.titulo}» es el {dia:%d-%m-%Y}"
    return replace(resultado, problemas=(*resultado.problemas, *problemas))
