"""En qué va la focalización de una región: el ciclo con sus hitos, qué toca hoy y a quién, y los deberes. Sin web ni reloj.

Aquí solo se juntan valores: lo que dice `proceso.yaml`, lo actuado en el expediente y lo que ya se entregó. Un hito consta si
hay un acto en pie o una entrega que lo pruebe; de lo que el sistema no puede ver, no dice si se hizo.
"""

from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from zoneinfo import ZoneInfo

from esquemas.modelo import Catalogo
from esquemas.plazos import Plazo, en_plazo
from esquemas.saber import COMPARTIDOS, MOTIVO, Acto, Deber, Tramitacion, Zona
from esquemas.tiempo import en_el_reloj
from formularios.expediente import Actuacion, Expediente, en_pie, plazos_de, posibles

HECHO, ABIERTO, VENCIDO, VIENE = "hecho", "abierto", "vencido", "viene"
PASADO, SIN_FECHA, NO_CORRESPONDE = "pasado", "sin-fecha", "no-corresponde"
# De quién es cada rol, como lo escriben los hitos y los deberes.
INSTITUCIONES = {
    "gore_editor": ("Gobierno Regional",),
    "gore_firmante": ("Gobierno Regional",),
    "direccion_regional": ("Dirección Regional",),
    "sercotec": ("Sercotec", "Gerencia de Regiones y Descentralización"),
}


@dataclass(frozen=True, slots=True)
class Prueba:
    """Por qué consta algo: qué se hizo, cuándo y con qué folio («» si no lleva). `numero`: el del acto, si fue uno."""

    que: str
    cuando_utc: datetime
    folio: str = ""
    numero: int = 0


@dataclass(frozen=True, slots=True)
class Paso:
    """Un hito en esta región, hoy. `dias`: los que faltan para que venza, negativos si ya venció; None si no tiene fecha.

    `actos`: con cuáles se cumple, y `proceden`, cuáles de ellos hoy. `desde`: qué lo abrió, si fue un acto de otro.
    """

    plazo: Plazo
    estado: str
    dias: int | None
    actos: tuple[Acto, ...] = ()
    proceden: tuple[Acto, ...] = ()
    pruebas: tuple[Prueba, ...] = ()
    desde: Actuacion | None = None
    turno: bool = False  # se abrió porque otro actuó, o porque venció su plazo
    espera: str = ""  # el hito de otro que tiene que terminar antes

    @property
    def para_abrir(self) -> int | None:
        """Los días que faltan para que abra; None si no tiene un primer día."""
        inicio, vence = self.plazo.inicio, self.plazo.vence
        return self.dias - (vence - inicio).days if inicio and self.dias is not None else None


@dataclass(frozen=True, slots=True)
class Etapa:
    """Una parte del ciclo. `actual`: en la que está el próximo plazo exigible."""

    nombre: str
    pasos: tuple[Paso, ...]
    actual: bool


@dataclass(frozen=True, slots=True)
class Toca:
    """Algo exigible por hacer. Sin `paso`, es una decisión que no tiene plazo propio."""

    titulo: str
    descripcion: str
    norma: tuple[str, ...]
    responsable: str
    actos: tuple[Acto, ...]
    paso: Paso | None = None


@dataclass(frozen=True, slots=True)
class Marca:
    """Lo que alguien anotó de un deber: cuándo se cumplió, una nota y con qué rol lo dice."""

    fecha: date
    nota: str
    rol: str


@dataclass(frozen=True, slots=True)
class Cotejado:
    """Un deber del Reglamento 4. `clave` lo nombra; se prueba solo o lo marca a mano quien lo debe."""

    clave: str
    deber: Deber
    prueba: Prueba | None
    marca: Marca | None

    @property
    def listo(self) -> bool:
        return bool(self.prueba or self.marca)


def instituciones_de(roles: Iterable[str]) -> frozenset[str]:
    """De qué instituciones es quien tiene esos roles."""
    return frozenset(i for r in roles for i in INSTITUCIONES.get(r, ()))


def pasos_de(
    catalogo: Catalogo, expediente: Expediente, entregas: Mapping[str, Prueba], ahora_utc: datetime
) -> list[Paso]:
    """Cada hito del ciclo, en orden. `entregas`: hito → lo que prueba que ocurrió, de los que no se cumplen con un acto."""
    tramitacion, hoy = catalogo.proceso.tramitacion, {a.nombre for a in posibles(catalogo, expediente, ahora_utc)}
    alcanzables = _alcanzables(tramitacion, expediente.estado)
    plazos = plazos_de(catalogo, expediente).values()
    return [_paso(tramitacion, expediente, p, entregas.get(p.hito.nombre), ahora_utc, hoy, alcanzables) for p in plazos]


def _alcanzables(tramitacion: Tramitacion, estado: str) -> frozenset[str]:
    """Los actos que todavía pueden ocurrir desde ese estado."""
    vistos, antes = {estado}, set()
    while vistos != antes:
        antes = set(vistos)
        vistos |= {a.a for a in tramitacion.actos.values() if antes & set(a.de)}
    return frozenset(a.nombre for a in tramitacion.actos.values() if vistos & set(a.de))


def _paso(
    tramitacion: Tramitacion,
    expediente: Expediente,
    plazo: Plazo,
    entrega: Prueba | None,
    ahora_utc: datetime,
    hoy: Container[str],
    alcanzables: Container[str],
) -> Paso:
    hito = plazo.hito
    del_hito = [a for a in tramitacion.actos.values() if a.hito == hito.nombre]
    actos = tuple(a for a in del_hito if hito.responsable in instituciones_de(a.quien))
    proceden = tuple(a for a in actos if a.nombre in hoy)
    suyas = [a for a in expediente.actuaciones if tramitacion.actos[a.acto] in del_hito]
    firmes = [a for a in en_pie(expediente) if a in suyas]
    # Lo que otro pide queda abierto mientras esté en pie; lo que hace el responsable, cumplido.
    abren = [a for a in suyas if tramitacion.actos[a.acto] not in actos]
    hechas = [a for a in suyas if a not in abren and a in firmes]
    pruebas = tuple(_prueba(tramitacion, hito.esquemas, a) for a in hechas or abren) or ((entrega,) if entrega else ())
    desde = next((a for a in reversed(abren) if a in firmes), None)
    turno = desde is not None or any(expediente.estado in a.tras for a in proceden)
    espera = next((a.tras[expediente.estado] for a in actos if expediente.estado in a.tras and a not in proceden), "")
    if hechas or (abren and desde is None) or (entrega and hito.exigible and not del_hito):
        estado = HECHO
    elif desde or (proceden and plazo.vence is None):
        estado = ABIERTO
    elif del_hito and not any(a.nombre in alcanzables for a in del_hito):
        estado = NO_CORRESPONDE
    else:
        visible, ahora = bool(del_hito or hito.filas), bool(proceden or not actos)
        estado = _segun_la_fecha(plazo, expediente.ejercicio, ahora_utc, visible=visible, ahora=ahora)
    de_hoy = ahora_utc.astimezone(ZoneInfo(plazo.zona)).date()
    dias = None if estado == SIN_FECHA or plazo.vence is None else (plazo.vence - de_hoy).days
    return Paso(plazo, estado, dias, actos, proceden, pruebas, desde, turno, espera)


def _segun_la_fecha(plazo: Plazo, ejercicio: int, ahora_utc: datetime, *, visible: bool, ahora: bool) -> str:
    """`visible`: si el sistema sabría que se hizo. `ahora`: si hoy se puede hacer."""
    cierra = plazo.instante_fin_utc
    if cierra is None:
        return SIN_FECHA
    if ahora_utc >= cierra:
        if plazo.estimado:
            return SIN_FECHA
        return VENCIDO if visible and plazo.hito.exigible else PASADO
    empezo = plazo.inicio is not None or ahora_utc.astimezone(ZoneInfo(plazo.zona)).year >= ejercicio - 1
    # Lo que cuenta desde algo que ya ocurrió se puede hacer desde entonces, aunque su primer día sea mañana.
    corre = en_plazo(ahora_utc, plazo) or ("hecho" in plazo.hito.regla and not plazo.estimado)
    return ABIERTO if ahora and empezo and corre else VIENE


def _prueba(tramitacion: Tramitacion, esquemas: Sequence[str], actuacion: Actuacion) -> Prueba:
    """Con el folio de lo último que se llena para ese hito: en la focalización, su matriz."""
    folio = next((actuacion.folios[e] for e in reversed(esquemas) if e in actuacion.folios), "")
    return Prueba(tramitacion.actos[actuacion.acto].titulo, actuacion.recibido_utc, folio, actuacion.numero)


# --- Qué toca hoy ----------------------------------------------------------------------------------------


def lo_que_toca(
    catalogo: Catalogo, expediente: Expediente, pasos: Sequence[Paso], ahora_utc: datetime
) -> list[Toca]:
    """Lo exigible que falta, lo primero primero: lo que otro espera, lo vencido que aún se puede, y lo demás según vence."""
    tramitacion = catalogo.proceso.tramitacion
    termino = not _alcanzables(tramitacion, expediente.estado)
    decisiones = [
        (0, date.min, Toca(a.titulo, a.descripcion, a.norma, INSTITUCIONES[a.quien[0]][0], (a,)))
        for a in posibles(catalogo, expediente, ahora_utc)
        if not a.hito and MOTIVO not in a.exige
    ]
    pendientes = [(*orden, _de_paso(p)) for p in pasos if (orden := _orden(p, termino))]
    return [t for *_, t in sorted(decisiones + pendientes, key=lambda t: t[:2])]


def _orden(paso: Paso, termino: bool) -> tuple[int, date] | None:
    """En qué lugar va; None si no es algo por hacer."""
    plazo = paso.plazo
    if not plazo.hito.exigible:
        return None
    if paso.estado == ABIERTO and paso.turno:
        return 0, plazo.vence or date.min
    if paso.estado == VENCIDO:
        return (1, plazo.vence) if paso.proceden else None if paso.actos else (3, plazo.vence)
    if paso.estado in (ABIERTO, VIENE) and plazo.vence:
        return 2, plazo.vence
    # Lo que no tiene fecha se debe al cerrar, y solo se recuerda si el sistema puede ver que se hizo.
    return (4, date.max) if termino and paso.estado == SIN_FECHA and se_entrega(plazo) else None


def se_entrega(plazo: Plazo) -> bool:
    """Si el hito se cumple con una entrega: entonces el sistema puede ver si ocurrió."""
    return bool(plazo.hito.esquemas) and plazo.hito.responsable not in COMPARTIDOS


def _de_paso(p: Paso) -> Toca:
    hito = p.plazo.hito
    return Toca(hito.titulo, hito.descripcion, hito.norma, hito.responsable, p.proceden, p)


def se_puede(toca: Toca) -> bool:
    """Si hoy se puede hacer: está abierto, o venció y todavía procede."""
    return toca.paso is None or toca.paso.estado == ABIERTO or (toca.paso.estado == VENCIDO and bool(toca.actos))


def entregables(catalogo: Catalogo) -> tuple[str, ...]:
    """Los formatos que la región entrega en su expediente, en el orden en que se llenan."""
    de_la_region = (a for a in catalogo.proceso.tramitacion.actos.values() if "Gobierno Regional" in instituciones_de(a.quien))
    return tuple(dict.fromkeys(n for a in de_la_region for n in a.entrega))


def es_de(responsable: str, suyas: Container[str]) -> bool:
    """Si algo con ese responsable le toca a quien es de esas instituciones; lo compartido, a todas."""
    return responsable in suyas or (responsable in COMPARTIDOS and bool(suyas))


def etapas_de(pasos: Sequence[Paso], toca: Sequence[Toca]) -> list[Etapa]:
    """El ciclo por partes. La actual es la de lo primero que toca o, si no toca nada, la última."""
    nombres = [p.plazo.hito.etapa for p in pasos]
    actual = next((t.paso.plazo.hito.etapa for t in toca if t.paso), nombres[-1] if nombres else "")
    partes = groupby(pasos, key=lambda p: p.plazo.hito.etapa)
    return [Etapa(nombre, tuple(suyos), nombre == actual) for nombre, suyos in partes]


def horas_de(plazo: Plazo, zonas: Iterable[Zona], region: str) -> list[str]:
    """A qué hora cierra: en la zona que vale y, si en la región (o en una parte) hay otra hora oficial, también en esa."""
    if (momento := plazo.instante_fin_utc) is None:
        return []
    suyas = [z for z in zonas if z.zona == plazo.zona or region in (*z.regiones, z.parte_de)]
    return [f"{en_el_reloj(momento, z.zona)}, hora de {z.nombre}" for z in sorted(suyas, key=lambda z: z.zona != plazo.zona)]


# --- Los deberes del Reglamento 4 ------------------------------------------------------------------------


def cotejar(catalogo: Catalogo, pasos: Sequence[Paso], marcas: Mapping[str, Marca]) -> dict[str, list[Cotejado]]:
    """Institución → sus deberes. Los que son también un hito que ya consta se marcan solos, con su prueba."""
    pruebas = {n: p.pruebas[-1] for p in pasos if p.estado == HECHO for n in p.plazo.hito.norma}
    salida: dict[str, list[Cotejado]] = {}
    for deber in catalogo.proceso.deberes:
        clave = deber.norma[0]
        salida.setdefault(deber.quien, []).append(Cotejado(clave, deber, pruebas.get(clave), marcas.get(clave)))
    return salida
