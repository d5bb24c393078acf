"""Revisa los datos de un acuerdo: cada uno como toda celda, y que sus fechas puedan ser. El día de hoy llega como argumento."""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import date

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.modelo import Catalogo
from esquemas.validacion import Contexto, Resultado, validar_filas


def revisar_acuerdo(catalogo: Catalogo, valores: Mapping[str, str], *, ejercicio: int, hoy: date) -> Resultado:
    """Sus datos, de campo a texto. Una fecha es del año en que se prepara el ejercicio o después, no pasa de `hoy` y no es
    anterior a la que va antes en `en_orden`."""
    esquema = catalogo.proceso.tramitacion.acuerdo.esquema
    resultado = validar_filas(catalogo, esquema, {esquema.nombre: [valores]}, Contexto())
    [fila] = resultado.como_dict(esquema.nombre)
    return replace(resultado, problemas=(*resultado.problemas, *_de_fechas(catalogo, fila, ejercicio, hoy)))


def _de_fechas(catalogo: Catalogo, fila: Mapping[str, str], ejercicio: int, hoy: date) -> Iterator[Problema]:
    acuerdo = catalogo.proceso.tramitacion.acuerdo
    desde, razon = date(ejercicio - 1, 1, 1), f"el ejercicio {ejercicio} se prepara desde enero de {ejercicio - 1}"
    for nombre in acuerdo.en_orden:
        if not fila[nombre]:
            continue  # falta o no es una fecha: ya se dijo
        campo, dia = acuerdo.esquema.principal.campo(nombre), date.fromisoformat(fila[nombre])
        if desde <= dia <= hoy:
            desde, razon = dia, f"«{campo.titulo}» es el {dia:%d-%m-%Y}"
            continue
        futura = dia > hoy
        que = f"es posterior a hoy, {hoy:%d-%m-%Y}" if futura else f"no puede ser: {razon}"
        mensaje = f"{campo.titulo}: el {dia:%d-%m-%Y} {que}. Corrija la fecha."
        codigo = Codigo.MAYOR_QUE_MAXIMO if futura else Codigo.MENOR_QUE_MINIMO
        lugar = {"tabla": acuerdo.esquema.nombre, "fila": 1, "indice": 0, "campo": nombre, "valor": fila[nombre]}
        yield Problema(Gravedad.ERROR, codigo, mensaje, **lugar, norma=campo.norma)
