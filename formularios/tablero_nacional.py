"""Las dieciséis regiones de un vistazo, desde el primer día: en qué va cada una, qué llegó y a quién se espera. Sin web."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from esquemas.modelo import Catalogo, Esquema, Opcion
from esquemas.saber import Estado, Hito
from esquemas.tabla import escribir_csv
from formularios.almacen import Almacen
from formularios.expediente import Expediente, leer_estados, leer_expediente
from formularios.filas import contar_filas
from formularios.tablero_regional import HECHO, Paso, Toca, entregables, instituciones_de, lo_que_toca, pasos_de


@dataclass(frozen=True, slots=True)
class Renglon:
    """Una región. `matrices`: las que entrega y ya tienen filas; `pasos`: los del trámite; `falta`: a quién se espera."""

    region: Opcion
    estado: Estado
    ronda: str
    matrices: Sequence[tuple[Esquema, int]]
    pasos: Sequence[Paso]
    falta: Toca | None


def hitos_de_tramite(catalogo: Catalogo) -> list[Hito]:
    """Los que tienen fecha y se cumplen con un acto: la preliminar, las observaciones y la final."""
    actos = catalogo.proceso.tramitacion.actos.values()
    return [
        h
        for h in catalogo.proceso.hitos
        if h.regla and any(a.hito == h.nombre and h.responsable in instituciones_de(a.quien) for a in actos)
    ]


def leer_renglones(almacen: Almacen, catalogo: Catalogo, ejercicio: int, ahora_utc: datetime) -> list[Renglon]:
    """Uno por región, en el orden del catálogo."""
    tramite = hitos_de_tramite(catalogo)
    suyos = [catalogo.esquemas[n] for n in entregables(catalogo)]
    salida = []
    for region in catalogo.opciones["regiones"].opciones:
        expediente = leer_expediente(almacen, catalogo, region.codigo, ejercicio)
        cuantas = contar_filas(almacen, region.codigo, ejercicio)
        pasos = pasos_de(catalogo, expediente, {}, ahora_utc)
        toca = lo_que_toca(catalogo, expediente, pasos, ahora_utc)
        renglon = Renglon(
            region=region,
            estado=catalogo.proceso.tramitacion.estados[expediente.estado],
            ronda=_ronda(catalogo, expediente, tramite),
            matrices=[(e, n) for e in suyos if (n := cuantas.get(e.nombre, 0))],
            pasos=[p for p in pasos if p.plazo.hito in tramite],
            falta=next((t for t in toca if t.paso is None or t.paso.actos or t.paso.desde), None),
        )
        salida.append(renglon)
    return salida


def contar_sin_cerrar(almacen: Almacen, catalogo: Catalogo, ejercicio: int) -> int:
    """Las regiones a las que todavía les queda un acto en ese ejercicio; 0 si ninguna lo empezó."""
    tramitacion, estados = catalogo.proceso.tramitacion, leer_estados(almacen, catalogo, ejercicio).values()
    con_salida = {e for a in tramitacion.actos.values() for e in a.de}
    return 0 if set(estados) == {tramitacion.inicial} else sum(e in con_salida for e in estados)


def _ronda(catalogo: Catalogo, expediente: Expediente, tramite: Sequence[Hito]) -> str:
    """Qué entregó la región por última vez y cuántas veces van: «Focalización preliminar, 2.ª vez»; «» si nada."""
    actos = catalogo.proceso.tramitacion.actos
    suyos = [h for h in tramite if h.responsable != "Sercotec"]
    hechos = [h for a in expediente.actuaciones for h in suyos if actos[a.acto].hito == h.nombre]
    if not hechos:
        return ""
    veces = hechos.count(hechos[-1])
    return hechos[-1].titulo + (f", {veces}.ª vez" if veces > 1 else "")


def a_csv(
    renglones: Sequence[Renglon], catalogo: Catalogo, ejercicio: int, escribir: Callable[..., bytes] = escribir_csv
) -> bytes:
    """La misma tabla para una planilla: una fila por región y, de cada hito del trámite, en qué está, cuándo y con qué folio."""
    columnas = ["ejercicio", "region", "nombre", "estado", "ronda", "matrices_con_filas"]
    for hito in hitos_de_tramite(catalogo):
        base = hito.nombre.replace("-", "_")
        columnas += [f"{base}_{que}" for que in ("estado", "vence", "dias", "recibido_utc", "folio")]
    filas = []
    for r in renglones:
        fila = [str(ejercicio), r.region.codigo, r.region.nombre, r.estado.nombre, r.ronda]
        fila.append(";".join(e.nombre for e, _ in r.matrices))
        for p in r.pasos:
            prueba = p.pruebas[-1] if p.estado == HECHO and p.pruebas else None
            vence, dias = p.plazo.vence, p.dias if p.estado != HECHO else None
            fila += [p.estado, vence.isoformat() if vence else "", "" if dias is None else str(dias)]
            fila += [prueba.cuando_utc.isoformat(), prueba.folio] if prueba else ["", ""]
        filas.append([*fila, r.falta.responsable if r.falta else "", r.falta.titulo if r.falta else ""])
    return escribir([*columnas, "falta", "falta_que"], filas)
