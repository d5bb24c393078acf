"""Los plazos de un ejercicio puestos sobre una línea vertical: a qué altura va cada mes, cada tramo y cada rótulo.

Aquí se calcula y la plantilla dibuja. Es vertical para que se lea en un teléfono: a escala y sin que un rótulo pise a otro.
Un dibujo nunca va solo: quien lo pone, pone también su tabla.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from textwrap import wrap
from typing import ClassVar

from esquemas.plazos import Plazo
from esquemas.tiempo import MESES, UN_DIA

_POR_DIA, _MINIMO = 1.7, 8.0  # unidades que ocupa un día, y lo menos que mide un tramo para que se vea
_LETRAS, _ENTRE_ROTULOS = 32, 12  # las que caben en un renglón, y lo que separa un rótulo de otro


@dataclass(frozen=True, slots=True)
class Marca:
    """Un plazo en la línea: su tramo, de `y` a `y + largo`, y su rótulo, que empieza en `rotulo`. `al_lado`: el tramo
    anterior llega hasta ahí, y este se dibuja a su derecha."""

    plazo: Plazo
    y: float
    largo: float
    al_lado: bool
    rotulo: float
    fechas: list[str]
    nombre: list[str]


@dataclass(frozen=True, slots=True)
class Linea:
    """El dibujo entero. `meses`: (nombre, altura en que empieza); `termina`: dónde acaba el último plazo."""

    alto: float
    termina: float
    meses: list[tuple[str, float]]
    marcas: list[Marca]
    ancho: ClassVar[int] = 350  # lo que mide un teléfono angosto, para que la letra quede de su tamaño
    renglon: ClassVar[int] = 20


def linea_de_tiempo(plazos: Iterable[Plazo]) -> Linea:
    """Los plazos con fecha, del primero al último, del mes en que empiezan al mes en que termina el último.

    ValueError si ninguno tiene fecha.
    """
    fechados = sorted((p for p in plazos if p.fin), key=lambda p: (p.inicio or p.fin, p.fin))
    if not fechados:
        raise ValueError("ningún plazo tiene fecha: no hay línea que dibujar")
    inicio = (fechados[0].inicio or fechados[0].fin).replace(day=1)
    ultimo = max(p.vence for p in fechados)  # el que empieza al final no siempre es el que vence al final

    def altura(dia: date) -> float:
        return round(Linea.renglon + (dia - inicio).days * _POR_DIA, 1)

    marcas: list[Marca] = []
    libre = ocupado = 0.0
    for p in fechados:
        y = altura(p.inicio or p.fin)
        largo = max(round(altura(p.vence + UN_DIA) - y, 1), _MINIMO)
        marca = Marca(p, y, largo, y < ocupado, max(y, libre), wrap(_fechas(p), _LETRAS), wrap(p.hito.titulo, _LETRAS))
        ocupado = 0.0 if marca.al_lado else y + largo
        libre = marca.rotulo + (len(marca.fechas) + len(marca.nombre)) * Linea.renglon + _ENTRE_ROTULOS
        marcas.append(marca)
    termina = max(m.y + m.largo for m in marcas)
    meses = [(MESES[m.month - 1], altura(m)) for m in _meses(inicio, ultimo)]
    return Linea(max(libre, termina + Linea.renglon), termina, meses, marcas)


def _meses(desde: date, hasta: date) -> Iterable[date]:
    while desde <= hasta:
        yield desde
        desde = (desde + timedelta(days=31)).replace(day=1)


def _fechas(plazo: Plazo) -> str:
    """«01-11 al 15-11 (prórroga 16-11)», «hasta el 30-12», «hasta el 30-11 (estimada)»."""
    texto = f"{plazo.inicio:%d-%m} al {plazo.fin:%d-%m}" if plazo.inicio else f"hasta el {plazo.fin:%d-%m}"
    texto += f" (prórroga {plazo.prorroga:%d-%m})" if plazo.prorroga else ""
    return f"{texto} ({plazo.salvedad})" if plazo.salvedad else texto
