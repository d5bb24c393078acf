"""Las páginas del calendario: las reglas de cada hito y, por ejercicio, sus fechas calculadas."""

from collections.abc import Iterator

from esquemas.agenda import agendas
from esquemas.linea_de_tiempo import linea_de_tiempo
from esquemas.modelo import Catalogo
from esquemas.plazos import calendario, cierres
from esquemas.saber import Hito
from esquemas.tiempo import SEMANA, feriados_con_alcance
from generador.pagina import Pagina

EJERCICIOS = (2026, 2027, 2028)  # los que tienen página y agenda; todo ocurre en el año anterior


def paginas_de_calendario(catalogo: Catalogo) -> Iterator[Pagina]:
    """La de todos los ejercicios primero, y una por ejercicio."""
    etapas = _hitos_por_etapa(catalogo.proceso.hitos)
    de_cada_uno = {e: {p.hito.nombre: p for p in calendario(catalogo.proceso.hitos, e)} for e in EJERCICIOS}
    por_hito = [(h, [plazos[h.nombre] for plazos in de_cada_uno.values()]) for h in catalogo.proceso.hitos]
    exigibles = [(h, plazos) for h, plazos in por_hito if h.exigible and all(p.vence for p in plazos)]
    datos = {"etapas": etapas, "ejercicios": EJERCICIOS, "exigibles": exigibles}
    yield Pagina("calendario/index.md", "Calendario", "Calendario", "calendario.md.j2", datos)
    for ejercicio, plazos in de_cada_uno.items():
        linea = linea_de_tiempo(plazos.values())
        horas = {n: cierres(p, catalogo.proceso.zonas) for n, p in plazos.items() if p.fin and p.hito.exigible}
        de_este = {**datos, "ejercicio": ejercicio, "plazos": plazos, "linea": linea, "horas": horas, "semana": SEMANA}
        de_este |= {"feriados": feriados_con_alcance(ejercicio - 1), "mueven": _mueven_fechas(catalogo, ejercicio)}
        de_este |= {"agendas": agendas(catalogo, ejercicio)}
        yield Pagina(f"calendario/{ejercicio}.md", f"Calendario {ejercicio}", "Calendario", "ejercicio.md.j2", de_este)


def _mueven_fechas(catalogo: Catalogo, ejercicio: int) -> dict[str, list[Hito]]:
    """Región → hitos que ahí vencen otro día, por sus feriados propios."""
    hitos = catalogo.proceso.hitos
    vencen = {p.hito.nombre: p.vence for p in calendario(hitos, ejercicio)}
    propias = {r for _, _, regiones in feriados_con_alcance(ejercicio - 1) for r in regiones}
    movidos = {r: [p.hito for p in calendario(hitos, ejercicio, region=r) if p.vence != vencen[p.hito.nombre]] for r in propias}
    return {r: movidos[r] for r in sorted(movidos) if movidos[r]}


def _hitos_por_etapa(hitos: tuple[Hito, ...]) -> dict[str, list[Hito]]:
    """Etapa → hitos, en el orden del proceso."""
    salida: dict[str, list[Hito]] = {}
    for hito in hitos:
        salida.setdefault(hito.etapa or "Otros", []).append(hito)
    return salida
