"""Cómo se mide: rondas intercaladas en la misma corrida y medianas. Lo que se publica son razones, no segundos.

La máquina se comparte: si se pone lenta, se pone lenta para todos los que van en la misma ronda.
"""

import gc
import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from typing import Any


def cronometrar(hacer: Callable[[], Any]) -> float:
    """Segundos de reloj, desde una memoria limpia. Quien corre en otro proceso devuelve los suyos, sin su arranque."""
    gc.collect()
    inicio = time.perf_counter()
    propios = hacer()
    return propios if isinstance(propios, float) else time.perf_counter() - inicio


def intercalar(participantes: Mapping[str, Callable[[], Any]], rondas: Mapping[str, int]) -> dict[str, float]:
    """Nombre → mediana de segundos. En cada ronda corre cada uno; `rondas` dice cuántas le tocan (al lento, menos)."""
    tiempos: dict[str, list[float]] = {nombre: [] for nombre in participantes}
    for ronda in range(max(rondas.values())):
        for nombre, hacer in participantes.items():
            if ronda < rondas[nombre]:
                tiempos[nombre].append(cronometrar(hacer))
    return {nombre: statistics.median(suyos) for nombre, suyos in tiempos.items()}


def percentiles(segundos: Sequence[float]) -> dict[str, float]:
    """En milisegundos."""
    cortes = statistics.quantiles(segundos, n=100)
    return {"p50": cortes[49] * 1e3, "p95": cortes[94] * 1e3, "p99": cortes[98] * 1e3}
