"""De las reglas de fecha de `proceso.yaml` a los plazos de un ejercicio, con prórroga y cálculo en palabras.

Aquí no se mira el reloj ni el disco: la hora llega como argumento. Se comparan instantes UTC y el cierre es
exclusivo (el primer instante que ya no es ese día): no hay un «último segundo» que se pueda perder.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime, time
from types import MappingProxyType
from typing import Any

from esquemas.saber import Hito, Zona
from esquemas.tiempo import (
    MESES,
    SEMANA,
    UN_DIA,
    ZONA,
    ZONAS,
    cierre,
    en_el_reloj,
    en_palabras,
    en_zonas,
    enesimo_habil,
    es_habil,
    feriados,
    instante,
    presentado_legal,
    siguiente_habil,
    sumar_dias,
)  # fmt: skip

__all__ = [
    "CLAVES_DE_REGLA", "COMPUTOS", "HECHOS", "REGLAS", "ZONA", "ZONAS", "Plazo", "ampliar", "calendario",
    "cierre", "cierres", "en_palabras", "en_plazo", "en_zonas", "enesimo_habil", "es_habil", "feriados", "instante",
    "plazo_a_dict", "presentado_legal", "siguiente_habil", "sumar_dias",
]  # fmt: skip

NORMA_PRORROGA = "ley-19880:25"
COMPUTOS = MappingProxyType({"corridos": "corridos", "habiles": "hábiles"})
HECHOS = MappingProxyType({"recepcion": "la recepción"})
ORDINALES = MappingProxyType({1: "primer", 2: "segundo", 3: "tercer"})  # los demás, en cifras: «4.º»


@dataclass(frozen=True, slots=True)
class Plazo:
    """Las fechas de un hito en un ejercicio. Sin `fin`, la fuente no da fecha.

    `inicio` y `fin` son nominales e inclusivos, como los escribe la norma. `estimado`: dependen de un hecho
    que aún no ocurre. `dias` es el largo en su `computo` (None si solo hay término); `ampliacion`, lo sumado.
    `calculo` y `limite` dicen en palabras cómo se llega a la fecha y qué pasa en su caso límite.
    """

    hito: Hito
    calculo: str
    inicio: date | None = None
    fin: date | None = None
    estimado: bool = False
    dias: int | None = None
    computo: str = "corridos"
    ampliacion: int = 0
    region: str | None = None
    zona: str = ZONA
    limite: str = ""

    @property
    def prorroga(self) -> date | None:
        """El siguiente día hábil si `fin` es inhábil (Ley 19.880, art. 25); None si no hace falta o si solo es una sugerencia."""
        habil = self.fin and siguiente_habil(self.fin, self.region)
        return habil if self.hito.exigible and habil != self.fin else None

    @property
    def vence(self) -> date | None:
        """El último día en que se puede cumplir: la prórroga o, si no hay, `fin`."""
        return self.prorroga or self.fin

    @property
    def instante_inicio_utc(self) -> datetime | None:
        return self.inicio and instante(self.inicio, time(), self.zona)

    @property
    def instante_fin_utc(self) -> datetime | None:
        """El cierre del día en que vence, exclusivo."""
        return self.vence and cierre(self.vence, self.zona)

    @property
    def salvedad(self) -> str:
        """Por qué la fecha no es firme: «estimada», «sugerida» o nada, que también es lo que se dice si no hay fecha."""
        if self.fin is None:
            return ""
        return "estimada" if self.estimado else "" if self.hito.exigible else "sugerida"

    @property
    def ultimo_dia(self) -> str:
        """Si el último día es hábil y qué pasa si no lo es, con su norma; «» si no hay fecha."""
        if self.fin is None:
            return ""
        if es_habil(self.fin, self.region):
            return "" if self.computo == "habiles" else "El último día es hábil: no se prorroga."
        motivo = feriados(self.fin.year, self.region).get(self.fin, SEMANA[self.fin.weekday()])
        if self.prorroga is None:
            return f"El último día es inhábil ({motivo}), pero la fecha es una sugerencia: no se prorroga."
        return f"El último día es inhábil ({motivo}): se prorroga al {en_palabras(self.prorroga)} (Ley 19.880, art. 25)."

    @property
    def cuenta(self) -> str:
        """El cálculo en palabras, con su caso límite, la prórroga y su norma."""
        return " ".join(filter(None, (self.calculo, self.limite, self.ultimo_dia)))


def en_plazo(ahora_utc: datetime, plazo: Plazo) -> bool:
    """Si ya abrió y todavía no cierra. Un plazo estimado aún no corre; sin fechas, siempre se puede."""
    inicio, fin = plazo.instante_inicio_utc, plazo.instante_fin_utc
    return not plazo.estimado and (inicio is None or inicio <= ahora_utc) and (fin is None or ahora_utc < fin)


def cierres(plazo: Plazo, zonas: Iterable[Zona]) -> list[str]:
    """«24:00 del 16-11-2026, hora de Chile continental» y la misma hora en las demás zonas; nada si no tiene fecha."""
    momento = plazo.instante_fin_utc
    propia_primero = sorted(zonas, key=lambda z: z.zona != plazo.zona)
    return [f"{en_el_reloj(momento, z.zona)}, hora de {z.nombre}" for z in propia_primero] if momento else []


def ampliar(plazo: Plazo, dias: int, ahora_utc: datetime) -> Plazo:
    """El plazo con `dias` más, en su mismo cómputo y contados desde su fin nominal.

    ValueError si su largo no se conoce, si las ampliaciones suman más de la mitad o si ya venció. Si procede,
    lo decide quien la concede. Fuente: Ley 19.880, art. 26.
    """
    fin = plazo.instante_fin_utc
    if plazo.dias is None or plazo.fin is None or fin is None or plazo.estimado:
        raise ValueError("El plazo no tiene un largo conocido: no se puede calcular su mitad.")
    if dias < 1 or 2 * (plazo.ampliacion + dias) > plazo.dias:
        raise ValueError(f"La ampliación no puede pasar de la mitad del plazo ({plazo.dias} días).")
    if ahora_utc >= fin:
        raise ValueError("El plazo ya venció: no se puede ampliar.")
    nuevo = sumar_dias(plazo.fin, dias, plazo.computo, plazo.region)
    calculo = f"{plazo.calculo} Ampliado en {dias} días, hasta el {en_palabras(nuevo)} (Ley 19.880, art. 26)."
    return replace(plazo, fin=nuevo, ampliacion=plazo.ampliacion + dias, calculo=calculo)


def plazo_a_dict(plazo: Plazo) -> dict[str, Any]:
    """El plazo para JSON: fechas e instantes en ISO 8601, ausentes como None. `cierre_utc` es exclusivo."""
    apertura, final = plazo.instante_inicio_utc, plazo.instante_fin_utc
    hito = plazo.hito
    return {
        "hito": hito.nombre,
        "titulo": hito.titulo,
        "responsable": hito.responsable,
        "exigible": hito.exigible,
        "etapa": hito.etapa,
        "cuando": hito.cuando,
        "inicio": plazo.inicio and plazo.inicio.isoformat(),
        "fin": plazo.fin and plazo.fin.isoformat(),
        "prorroga": plazo.prorroga and plazo.prorroga.isoformat(),
        "prorroga_norma": NORMA_PRORROGA if plazo.prorroga else None,
        "vence": plazo.vence and plazo.vence.isoformat(),
        "apertura_utc": apertura and apertura.isoformat(),
        "cierre_utc": final and final.isoformat(),
        "cierre_local": {zona: hora.isoformat() for zona, hora in en_zonas(final).items()} if final else {},
        "zona": plazo.zona,
        "region": plazo.region,
        "estimado": plazo.estimado,
        "cuenta": plazo.cuenta,
        "norma": list(hito.norma),
        "esquemas": list(hito.esquemas),
        "nota": hito.nota,
    }


# --- Reglas ---------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Ciclo:
    """Lo que una regla puede mirar: el año E−1, la región, los hechos y los plazos ya calculados."""

    anio: int
    region: str | None
    hechos: Mapping[str, date]
    plazos: dict[str, Plazo] = field(default_factory=dict)

    def fecha(self, mes_dia: str) -> date:
        return date.fromisoformat(f"{self.anio}-{mes_dia}")


def _ventana(regla: Mapping[str, Any], ciclo: _Ciclo) -> dict[str, Any]:
    inicio, fin = ciclo.fecha(regla["desde"]), ciclo.fecha(regla["hasta"])
    calculo = f"Del {en_palabras(inicio)} al {en_palabras(fin)}."
    return {"inicio": inicio, "fin": fin, "dias": (fin - inicio).days + 1, "calculo": calculo}


def _a_mas_tardar(regla: Mapping[str, Any], ciclo: _Ciclo) -> dict[str, Any]:
    fin = ciclo.fecha(regla["fecha"])
    return {"fin": fin, "calculo": f"A más tardar el {en_palabras(fin)}."}


def _dia_habil(regla: Mapping[str, Any], ciclo: _Ciclo) -> dict[str, Any]:
    mes, numero = regla["mes"], regla["numero"]
    fin = enesimo_habil(ciclo.anio, mes, numero, ciclo.region)
    saltados = [d for n in range(1, fin.day) if not es_habil(d := fin.replace(day=n), ciclo.region)]
    limite = "Si el mes empezara en sábado, domingo o feriado, ese día no contaría."
    if saltados:
        limite = f"No cuentan, por inhábiles: {', '.join(map(en_palabras, saltados))}."
    calculo = f"{ORDINALES.get(numero, f'{numero}.º').capitalize()} día hábil de {MESES[mes - 1]}: {en_palabras(fin)}."
    return {"fin": fin, "computo": "habiles", "calculo": calculo, "limite": limite}


def _dias_desde(regla: Mapping[str, Any], ciclo: _Ciclo) -> dict[str, Any]:
    origen, dias, computo = ciclo.plazos[regla["desde"]], regla["dias"], regla["computo"]
    ocurrido = ciclo.hechos.get(regla["desde"])
    base = ocurrido or origen.fin
    largo = {"estimado": ocurrido is None, "dias": dias, "computo": computo}
    cuenta = f"{dias} días {COMPUTOS[computo]} desde {HECHOS[regla['hecho']]} de «{origen.hito.titulo}»"
    if base is None:
        return {**largo, "calculo": f"{cuenta}, que aún no ocurre."}
    fin = sumar_dias(base, dias, computo, ciclo.region)
    if ocurrido is None:
        casos = {d: sumar_dias(d, dias, computo, ciclo.region) for d in (base, origen.prorroga) if d}
        limite = " ".join(
            f"Si fuera el {en_palabras(d)}: {d:%d-%m} + {dias} {COMPUTOS[computo]} = {hasta:%d-%m}." for d, hasta in casos.items()
        )
        return {**largo, "fin": fin, "calculo": f"{cuenta}, que aún no ocurre; ese día no se cuenta.", "limite": limite}
    calculo = f"{cuenta}, el {en_palabras(base)}, sin contar ese día: hasta el {en_palabras(fin)}."
    return {**largo, "inicio": base + UN_DIA, "fin": fin, "calculo": calculo}


def calendario(
    hitos: Iterable[Hito],
    ejercicio: int,
    hechos: Mapping[str, date] | None = None,
    region: str | None = None,
    zona: str = ZONA,
) -> list[Plazo]:
    """Un `Plazo` por hito, en el mismo orden; las fechas caen en el año `ejercicio` − 1.

    `hechos` dice qué hitos ya ocurrieron y qué día (el de `presentado_legal`); lo que dependa de otro queda
    estimado desde el último día nominal de su plazo. `region` es el código de dos cifras, para sus feriados.
    KeyError si una regla nombra una clase que no existe o un hito que no va antes. Fuente: `proceso.yaml`.
    """
    ciclo = _Ciclo(ejercicio - 1, region, hechos or {})
    for hito in hitos:
        plazo = Plazo(hito, hito.cuando, region=region, zona=zona)
        if hito.regla is not None:
            plazo = replace(plazo, **REGLAS[hito.regla["clase"]](hito.regla, ciclo))
        ciclo.plazos[hito.nombre] = plazo
    return list(ciclo.plazos.values())


REGLAS: Mapping[str, Callable[[Mapping[str, Any], _Ciclo], dict[str, Any]]] = MappingProxyType(
    {"ventana": _ventana, "a-mas-tardar": _a_mas_tardar, "dia-habil": _dia_habil, "dias-desde": _dias_desde}
)
CLAVES_DE_REGLA: Mapping[str, frozenset[str]] = MappingProxyType(
    {
        "ventana": frozenset({"clase", "desde", "hasta"}),
        "a-mas-tardar": frozenset({"clase", "fecha"}),
        "dia-habil": frozenset({"clase", "mes", "numero"}),
        "dias-desde": frozenset({"clase", "dias", "computo", "desde", "hecho"}),
    }
)  # todas exigidas; las comprueba la lectura
