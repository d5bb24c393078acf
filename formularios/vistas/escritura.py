"""Cómo se escriben fechas, horas, números y valores en una página. Son los filtros de las plantillas."""

import re
from collections.abc import Mapping
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from esquemas.condicion import separar
from esquemas.hoja import miles
from esquemas.modelo import Campo
from esquemas.plazos import ZONA
from esquemas.tipos import como_se_ve
from formularios.envio import Comprobante, Envio
from formularios.vistas import nucleo

_FEMENINOS = ("a", "dad", "ción", "sión")
_CORTO = 160
_CON_MILES = ("entero", "pesos", "decimal", "porcentaje")
_CANONICO = re.compile(r"[0-9]{1,15}(\.[0-9]{1,2})?")
_ISO = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


# Por dónde llegó, como se guarda y como se lee. El que no está aquí se muestra como se guardó.
ORIGENES = {
    "web": "Respondido en este sitio",
    "entrevista": "En una entrevista presencial",
    "orden": "Archivo cargado por el equipo",
    "demostracion": "Datos de demostración",
}
# De dónde es quien entrevistó, sin nombrar a la persona.
_PROFESIONALES = {
    "gore": "del Gobierno Regional de {}",
    "direccion": "de la Dirección Regional de Sercotec de {}",
    "sercotec": "del nivel central de Sercotec",
}


def hora_utc(instante: datetime) -> str:
    """«2026-11-20 23:39:56 UTC»."""
    return instante.strftime("%Y-%m-%d %H:%M:%S UTC")


def hora_chile(instante: datetime) -> str:
    """«20-11-2026, 20:39:56 (hora de Chile continental)»."""
    return instante.astimezone(ZoneInfo(ZONA)).strftime("%d-%m-%Y, %H:%M:%S (hora de Chile continental)")


def recibido(envio: Envio | Comprobante, corto: bool = False) -> str:
    """Cuándo se recibió, con o sin la hora. De una respuesta anónima se guarda solo el año."""
    if envio.anonima:
        return f"En {envio.recibido_utc.year}{'' if corto else '. Es anónima: el día y la hora no se guardan'}"
    return fecha_chile(envio.recibido_utc) if corto else hora_chile(envio.recibido_utc)


def hora_corta(instante: datetime) -> str:
    """«20:39», la hora de Chile continental."""
    return instante.astimezone(ZoneInfo(ZONA)).strftime("%H:%M")


def fecha_chile(instante: datetime) -> str:
    """«20-11-2026»."""
    return instante.astimezone(ZoneInfo(ZONA)).strftime("%d-%m-%Y")


def ultimo_dia(cierra: datetime) -> str:
    """El día, en Chile, que termina en ese cierre exclusivo: «20-11-2026»."""
    return fecha_chile(cierra - timedelta(seconds=1))


def fecha_iso(instante: datetime) -> str:
    """«2026-11-20», el día en Chile: lo que pide un control de fecha."""
    return instante.astimezone(ZoneInfo(ZONA)).date().isoformat()


def fecha(dia: date) -> str:
    """«20-11-2026»."""
    return dia.strftime("%d-%m-%Y")


def otro(singular: str) -> str:
    """«otro representante», «otra mesa de trabajo»."""
    primera = singular.split()[0]
    femenino = primera.endswith(_FEMENINOS) and not primera.endswith("ma")
    return f"{'otra' if femenino else 'otro'} {singular}"


def mostrar(valor: str, campo: Campo) -> str:
    """Un valor guardado como se lee: los códigos con su nombre, «si» como «Sí», «1234.5» como «1.234,5»."""
    if not valor:
        return ""
    if campo.tipo == "logico":
        return {"si": "Sí", "no": "No"}.get(valor, valor)
    if campo.tipo in _CON_MILES and _CANONICO.fullmatch(valor):
        entero, _, decimales = valor.partition(".")
        return miles(int(entero)) + (f",{decimales}" if decimales else "")
    if campo.tipo == "fecha" and _ISO.fullmatch(valor):
        return "-".join(reversed(valor.split("-")))
    opciones = nucleo().catalogo.opciones.get(campo.catalogo)
    if opciones is None:
        return ", ".join(separar(valor)) if campo.varios else valor
    return ", ".join(opciones.nombre_de(c) for c in separar(valor))


def de_catalogo(codigo: str, catalogo: str) -> str:
    """El nombre de un código («06» en «regiones» → «O'Higgins»); «00» es el nivel central."""
    if catalogo == "regiones" and codigo == "00":
        return "Nivel central"
    return nucleo().catalogo.opciones[catalogo].nombre_de(codigo)


def citas(normas: tuple[str, ...]) -> list[Any]:
    """Las referencias con su texto y su dirección."""
    return [nucleo().catalogo.citar(n) for n in normas]


def como_llego(origen: str) -> str:
    """Por dónde llegó un envío, en llano."""
    return ORIGENES.get(origen, origen)


def en_entrevista(institucion: str, region: str) -> str:
    """Quién respondió por otra persona, para un comprobante: su institución y nada más."""
    return f"Respondida en entrevista por un profesional {_PROFESIONALES[institucion].format(de_catalogo(region, 'regiones'))}"


def celda(valor: Any) -> str:
    """Una celda de planilla como se ve en ella, corta."""
    texto = como_se_ve(valor)
    return texto if len(texto) <= _CORTO else f"{texto[:_CORTO]}…"


FILTROS: Mapping[str, Any] = {
    "hora_utc": hora_utc,
    "hora_chile": hora_chile,
    "recibido": recibido,
    "hora_corta": hora_corta,
    "fecha_chile": fecha_chile,
    "fecha": fecha,
    "ultimo_dia": ultimo_dia,
    "fecha_iso": fecha_iso,
    "otro": otro,
    "mostrar": mostrar,
    "de_catalogo": de_catalogo,
    "citas": citas,
    "celda": celda,
    "como_llego": como_llego,
    "en_entrevista": en_entrevista,
    "miles": miles,
}
