"""Días hábiles e instantes: los feriados de Chile y las horas que sus cuatro zonas saltan o repiten.

Aquí no se mira el reloj: la hora llega como argumento. Días hábiles son los de la Ley 19.880, art. 25: de
lunes a viernes, sin feriados.
"""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from types import MappingProxyType
from zoneinfo import ZoneInfo

from holidays import country_holidays

ZONA = "America/Santiago"  # la medianoche que vale
ZONAS = (ZONA, "America/Punta_Arenas", "America/Coyhaique", "Pacific/Easter")
UN_DIA = timedelta(days=1)
SEMANA = ("lunes", "martes", "miércoles", "jueves", "viernes", "sábado", "domingo")
MESES = (
    "enero", "febrero", "marzo", "abril", "mayo", "junio",
    "julio", "agosto", "septiembre", "octubre", "noviembre", "diciembre",
)  # fmt: skip

_SUBDIVISIONES = {
    "01": "TA", "02": "AN", "03": "AT", "04": "CO", "05": "VS", "06": "LI", "07": "ML", "08": "BI",
    "09": "AR", "10": "LL", "11": "AI", "12": "MA", "13": "RM", "14": "LR", "15": "AP", "16": "NB",
}  # fmt: skip  (código único territorial → ISO 3166-2, como la pide `holidays`)


def en_palabras(fecha: date) -> str:
    """«martes 1 de diciembre de 2026»."""
    return f"{SEMANA[fecha.weekday()]} {fecha.day} de {MESES[fecha.month - 1]} de {fecha.year}"


# --- Días hábiles ---------------------------------------------------------------------------------


@cache
def feriados(anio: int, region: str | None = None) -> Mapping[date, str]:
    """Los feriados de Chile de un año calendario, fecha → nombre; con `region` («15»), también los suyos.

    Los regionales son el 7 de junio de Arica y Parinacota y el 20 de agosto de Ñuble (que la ley da solo a
    Chillán y Chillán Viejo, sede del Gobierno Regional). KeyError si la región no existe; ValueError si la
    biblioteca no sabe del año. Fuente: `holidays`; un feriado dictado después de la versión fijada no está.
    """
    subdivision = _SUBDIVISIONES[region] if region else None
    dias = country_holidays("CL", subdiv=subdivision, years=anio, language="es")
    if not dias:
        raise ValueError(f"No se conocen los feriados de {anio}.")
    return MappingProxyType(dict(sorted(dias.items())))


def feriados_con_alcance(anio: int) -> list[tuple[date, str, tuple[str, ...]]]:
    """(fecha, nombre, regiones) de cada feriado del año, en orden; sin regiones, es de todo el país. ValueError: `feriados`."""
    donde: dict[tuple[date, str], tuple[str, ...]] = dict.fromkeys(feriados(anio).items(), ())
    for region in _SUBDIVISIONES:
        propios = feriados(anio, region).items() - feriados(anio).items()
        donde |= {f: (*donde.get(f, ()), region) for f in propios}
    return sorted((dia, nombre, regiones) for (dia, nombre), regiones in donde.items())


def es_habil(fecha: date, region: str | None = None) -> bool:
    """Si es día hábil administrativo. Fuente: Ley 19.880, art. 25."""
    return fecha.weekday() < 5 and fecha not in feriados(fecha.year, region)


def siguiente_habil(fecha: date, region: str | None = None) -> date:
    """La misma fecha si es hábil; si no, la primera hábil que le sigue."""
    while not es_habil(fecha, region):
        fecha += UN_DIA
    return fecha


def enesimo_habil(anio: int, mes: int, numero: int, region: str | None = None) -> date:
    """El n-ésimo día hábil del mes (1 = el primero). ValueError si el mes no tiene tantos."""
    fecha = sumar_dias(date(anio, mes, 1) - UN_DIA, numero, "habiles", region)
    if (fecha.year, fecha.month) != (anio, mes):
        raise ValueError(f"{MESES[mes - 1]} de {anio} no tiene un día hábil número {numero}.")
    return fecha


def sumar_dias(fecha: date, dias: int, computo: str = "corridos", region: str | None = None) -> date:
    """El último de `dias` días, corridos o hábiles («habiles»), contados desde el siguiente a `fecha`.

    Fuente: Ley 19.880, art. 25.
    """
    if computo == "corridos":
        return fecha + dias * UN_DIA
    for _ in range(dias):
        fecha = siguiente_habil(fecha + UN_DIA, region)
    return fecha


# --- Instantes ------------------------------------------------------------------------------------


def instante(fecha: date, hora: time, zona: str = ZONA, *, cierre: bool = False) -> datetime:
    """El instante UTC en que los relojes de `zona` marcan esa hora.

    Si esa hora no existe (00:00 del 6-9-2026 en Santiago), el primer instante que existe después. Si ocurre
    dos veces (23:30 del 4-4-2026), la primera para una apertura y la segunda para un `cierre`: nadie pierde
    una hora.
    """
    local = datetime.combine(fecha, hora, ZoneInfo(zona))
    primera, segunda = (local.replace(fold=vez).astimezone(UTC) for vez in (0, 1))
    if primera <= segunda:
        return segunda if cierre else primera
    # En un hueco las dos lecturas quedan al revés y encierran el cambio.
    return _salto(segunda.replace(microsecond=0), primera, ZoneInfo(zona))


def _salto(antes: datetime, despues: datetime, zona: ZoneInfo) -> datetime:
    """El segundo, en (`antes`, `despues`], en que la zona cambia de hora."""
    nuevo = despues.astimezone(zona).utcoffset()

    def ya_cambio(segundos: int) -> bool:
        return (antes + timedelta(seconds=segundos)).astimezone(zona).utcoffset() == nuevo

    largo = int((despues - antes).total_seconds())
    return antes + timedelta(seconds=bisect_left(range(largo), True, key=ya_cambio))


def cierre(fecha: date, zona: str = ZONA) -> datetime:
    """El primer instante UTC que ya no es ese día en `zona`: un plazo corre mientras la hora sea menor."""
    return instante(fecha + UN_DIA, time(), zona)


def en_zonas(momento: datetime, zonas: Iterable[str] = ZONAS) -> dict[str, datetime]:
    """La hora local de un instante en cada zona. ValueError si `momento` no trae zona."""
    _exigir_zona(momento)
    return {zona: momento.astimezone(ZoneInfo(zona)) for zona in zonas}


def en_el_reloj(momento: datetime, zona: str) -> str:
    """«22:00 del 16-11-2026»; la medianoche, como el final de su día: «24:00 del 16-11-2026». ValueError sin zona."""
    (local,) = en_zonas(momento, [zona]).values()
    return f"24:00 del {local - UN_DIA:%d-%m-%Y}" if local.time() == time() else f"{local:%H:%M del %d-%m-%Y}"


def presentado_legal(recibido_utc: datetime, region: str | None = None, zona: str = ZONA) -> datetime:
    """Cuándo se entiende presentado, en UTC: al recibirlo o, si el día es inhábil, a primera hora del hábil.

    ValueError si `recibido_utc` no trae zona. Fuente: Ley 19.880, art. 25.
    """
    _exigir_zona(recibido_utc)
    dia = recibido_utc.astimezone(ZoneInfo(zona)).date()
    habil = siguiente_habil(dia, region)
    return recibido_utc.astimezone(UTC) if habil == dia else instante(habil, time(), zona)


def _exigir_zona(momento: datetime) -> None:
    if momento.utcoffset() is None:
        raise ValueError("El instante no trae zona horaria.")
