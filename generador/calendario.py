"""Las páginas del calendario: las reglas de cada hito y, por ejercicio, sus fechas calculadas."""

from collections.abc import Iterator

from esquemas.modelo import Catalogo
from esquemas.plazos import calendario
from esquemas.saber import Hito
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
        fechados = sorted((p for p in plazos.values() if p.fin), key=lambda p: (p.inicio or p.fin, p.fin))
        de_este = {**datos, "ejercicio": ejercicio, "plazos": plazos, "fechados": fechados}
        yield Pagina(f"calendario/{ejercicio}.md", f"Calendario {ejercicio}", "Calendario", "ejercicio.md.j2", de_este)


def _hitos_por_etapa(hitos: tuple[Hito, ...]) -> dict[str, list[Hito]]:
    """Etapa → hitos, en el orden del proceso."""
    salida: dict[str, list[Hito]] = {}
    for hito in hitos:
        salida.setdefault(hito.etapa or "Otros", []).append(hito)
    return salida
