"""Cuánto asigna una matriz de cada monto que se le informó: lo que comparan sus reglas `suma`, como tabla."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from esquemas.condicion import cumple
from esquemas.modelo import Catalogo, Esquema
from esquemas.reglas import informados
from esquemas.revision import Contexto


@dataclass(frozen=True, slots=True)
class Comparado:
    """Un monto. `que`: de qué («Semilla»). `informado` es None si no hay con qué comparar: no hay monto o, si `varios`, hay
    más de uno. `consta`: en qué documento, o «»."""

    que: str
    asignado: int
    informado: int | None
    consta: str
    varios: bool = False

    @property
    def diferencia(self) -> int | None:
        """Lo que falta asignar; negativo, lo que sobra."""
        return None if self.informado is None else self.informado - self.asignado


def comparar_montos(
    catalogo: Catalogo, esquema: Esquema, filas: Sequence[Mapping[str, str]], contexto: Contexto
) -> list[Comparado]:
    """Los de su primera regla `suma`, en el orden en que aparecen; primero los informados. `filas`: canónicas."""
    regla = next((r for r in esquema.principal.reglas if r.clase == "suma"), None)
    if regla is None:
        return []
    por, varios = regla.datos["por"], {c.nombre for c in esquema.campos if c.varios}
    topes = informados(regla, contexto)
    sumas = dict.fromkeys(topes, 0)
    for fila in filas:
        if regla.si is None or cumple(regla.si, fila, varios):
            clave = tuple(fila[n] for n in por)
            sumas[clave] = sumas.get(clave, 0) + int(fila[regla.datos["de"]] or 0)
    dichas = [c for c, suma in sumas.items() if suma or c in topes]
    dudosos = {c for c, (monto, _) in topes.items() if monto is None}
    return [
        Comparado(_nombre(catalogo, esquema, por, c), sumas[c], *topes.get(c, (None, "")), varios=c in dudosos) for c in dichas
    ]


def _nombre(catalogo: Catalogo, esquema: Esquema, por: Sequence[str], clave: Sequence[str]) -> str:
    opciones = [catalogo.opciones.get(esquema.principal.campo(n).catalogo) for n in por]
    return ", ".join(o.nombre_de(v) if o else v for o, v in zip(opciones, clave, strict=True))
