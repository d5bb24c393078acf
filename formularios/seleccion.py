"""Qué envíos se exportan y sus filas, alineadas a las columnas de la versión actual del esquema.

La lista de envíos se toma una vez; como lo enviado no cambia, las filas se leen después por partes, en
transacciones cortas que no detienen a quien está guardando.
"""

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import groupby
from typing import Any

from esquemas.errores import Codigo
from esquemas.modelo import Campo, Catalogo, Esquema, Tabla
from esquemas.privacidad import personales_de
from esquemas.publicacion import columnas_agregadas, tabla_exportada
from esquemas.tabla import linea_csv
from formularios import almacen_envios
from formularios.almacen import Almacen
from formularios.envio import ANULADO, REEMPLAZADO, VIGENTE, Envio

VALIDADO, TODOS = "validado", "todos"
ESTADOS = (VIGENTE, VALIDADO, REEMPLAZADO, ANULADO, TODOS)
FOLIOS_POR_LECTURA = 200

Avance = Callable[[int, int], None]
Fila = tuple[Envio, int, dict[str, str]]


@dataclass(frozen=True, slots=True)
class Seleccion:
    """Envíos por folio. `nombres`: definición → tabla → columnas con que se validó."""

    almacen: Almacen
    catalogo: Catalogo
    esquema: Esquema
    envios: tuple[Envio, ...]
    estado: str
    publico: bool
    nombres: dict[str, dict[str, tuple[str, ...]]] = field(default_factory=dict)
    exceptuados: frozenset[str] = frozenset()

    @property
    def de_lo_vigente(self) -> bool:
        """Entre los vigentes la clave nacional es única; con los reemplazados, no."""
        return self.estado in (VIGENTE, VALIDADO)

    def campos(self, tabla: Tabla) -> tuple[Campo, ...]:
        """Los que salen: todos, o solo los `dato: publico`."""
        return tuple(c for c in tabla.campos if not self.publico or c.dato == "publico")

    def encabezado(self, tabla: Tabla) -> tuple[str, ...]:
        """Las columnas que salen: las canónicas y las de envío."""
        return (*(c.nombre for c in self.campos(tabla)), *columnas_agregadas(tabla))

    def esquema_ampliado(self, tabla: Tabla) -> dict[str, Any]:
        """El Table Schema de lo que sale."""
        exceptuados = self.exceptuados | self._campos_nuevos(tabla)
        ampliado = tabla_exportada(self.catalogo, tabla, publico=self.publico, exceptuados=exceptuados)
        if not self.de_lo_vigente and "primaryKey" in ampliado:
            # Las versiones de una misma fila conviven: el folio las distingue.
            propias = [c for c in tabla.clave if c != "folio"]
            ampliado["primaryKey"] = ["folio", *propias] if propias else []
        if not ampliado.get("primaryKey"):
            ampliado.pop("primaryKey", None)
        return ampliado

    def contar(self) -> dict[str, int]:
        """Tabla → filas que saldrán."""
        with self.almacen.leer() as c:
            cuenta = almacen_envios.contar_filas(c, [e.folio for e in self.envios])
        return {t.nombre: cuenta.get(t.nombre, 0) for t in self.esquema.tablas}

    def lineas(self, tabla: Tabla) -> Iterator[list[str]]:
        """Lotes de líneas CSV sin su fin. La línea guardada se concatena; solo lo que no calza se rearma."""
        agregadas = columnas_agregadas(tabla)
        salientes = [c.nombre for c in self.campos(tabla)]
        for envios, intacta in self._tramos(tabla):
            agregados = {e.folio: _de_envio(e, agregadas) for e in envios}
            sufijos = {folio: f",{linea_csv(valores)}" for folio, valores in agregados.items()}
            for lote in self._leer(envios, tabla, "linea" if intacta else "datos"):
                if intacta:
                    yield [linea + sufijos[folio] for folio, _, linea in lote]
                    continue
                filas = ((folio, json.loads(datos)) for folio, _, datos in lote)
                yield [linea_csv([*(d.get(n, "") for n in salientes), *agregados[f]]) for f, d in filas]

    def filas(self, tabla: Tabla) -> Iterator[Fila]:
        """Cada fila como mapa, con las columnas de envío: para buscar en ella, no para escribirla."""
        agregadas = columnas_agregadas(tabla)
        por_folio = {e.folio: e for e in self.envios}
        for lote in self._leer(self.envios, tabla, "datos"):
            for folio, orden, datos in lote:
                envio = por_folio[folio]
                propias = dict(zip(agregadas, _de_envio(envio, agregadas), strict=True))
                yield envio, orden, {**json.loads(datos), **propias}

    def avisos(self) -> list[str]:
        """Lo que quien recibe debe saber de las versiones mezcladas, en palabras."""
        dichos = []
        if not self.campos(self.esquema.principal):
            dichos.append("Ningún campo de la tabla principal es público: salen solo las columnas de envío.")
        for huella in sorted(self.nombres.keys() - {self.esquema.huella}):
            version = next(e.version_esquema for e in self.envios if e.definicion == huella)
            for tabla in self.esquema.tablas:
                antes = self.nombres[huella].get(tabla.nombre, ())
                for titulo, faltan in (
                    ("esa versión no tenía", [n for n in tabla.nombres if n not in antes]),
                    ("esta versión ya no tiene", [n for n in antes if n not in tabla.nombres]),
                ):
                    if faltan:
                        dichos.append(
                            f"Envíos con la versión {version}, tabla {tabla.nombre}: {titulo} {', '.join(faltan)}."
                        )
        return dichos

    def _campos_nuevos(self, tabla: Tabla) -> frozenset[str]:
        """Los que alguna versión exportada no tenía: ahí un vacío no es una omisión."""
        antiguas = [n.get(tabla.nombre, ()) for h, n in self.nombres.items() if h != self.esquema.huella]
        return frozenset(n for n in tabla.nombres if any(n not in a for a in antiguas))

    def _tramos(self, tabla: Tabla) -> Iterator[tuple[list[Envio], bool]]:
        """Envíos seguidos cuya línea guardada se puede (o no) usar tal cual."""

        def intacta(envio: Envio) -> bool:
            return not self.publico and self.nombres[envio.definicion].get(tabla.nombre) == tabla.nombres

        for vale, envios in groupby(self.envios, intacta):
            yield list(envios), vale

    def _leer(
        self, envios: Sequence[Envio], tabla: Tabla, columna: str
    ) -> Iterator[list[tuple[str, int, str]]]:
        for desde in range(0, len(envios), FOLIOS_POR_LECTURA):
            folios = [e.folio for e in envios[desde : desde + FOLIOS_POR_LECTURA]]
            with self.almacen.leer() as c:
                yield from almacen_envios.recorrer_filas(c, folios, tabla.nombre, columna)


def elegir(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    *,
    ejercicio: int | None = None,
    region: str | None = None,
    estado: str = VIGENTE,
    publico: bool = False,
) -> Seleccion:
    """Los envíos pedidos, por folio. `estado`: uno de `ESTADOS`; validado es vigente y sin errores.

    ValueError si el estado no existe: pedir mal no es lo mismo que no haber nada.
    """
    if estado not in ESTADOS:
        raise ValueError(f"estado «{estado}»: use {', '.join(ESTADOS)}")
    del_envio = {VALIDADO: VIGENTE, TODOS: None}.get(estado, estado)
    with almacen.leer() as c:
        envios = almacen_envios.buscar_envios(
            c,
            esquema.nombre,
            ejercicio=ejercicio,
            region=region,
            estado=del_envio,
            solo_validos=estado == VALIDADO,
        )
        nombres = {
            h: _nombres_de(almacen_envios.leer_definicion(c, h)) for h in {e.definicion for e in envios}
        }
        exceptuados = {
            e["campo"]
            for donde in {(e.region, e.ejercicio) for e in envios}
            for e in almacen_envios.leer_excepciones(c, esquema.nombre, *donde)
            if e["regla"] == Codigo.OBLIGATORIO
        }
        if any(e.quitado for e in envios):  # lo que se quitó por ser de personas no es una omisión
            exceptuados |= {n for campos in personales_de(esquema).values() for n in campos}
    return Seleccion(
        almacen, catalogo, esquema, tuple(envios), estado, publico, nombres, frozenset(exceptuados)
    )


def _nombres_de(descriptor: dict[str, Any]) -> dict[str, tuple[str, ...]]:
    """Tabla → columnas, de una definición guardada."""
    recursos = descriptor.get("resources")
    if recursos is None:
        return {descriptor["name"]: tuple(c["name"] for c in descriptor["fields"])}
    return {r["name"]: tuple(c["name"] for c in r["schema"]["fields"]) for r in recursos}


def _de_envio(envio: Envio, columnas: Sequence[str]) -> list[str]:
    valores = {
        "folio": envio.folio,
        "region": envio.region,
        "ejercicio": str(envio.ejercicio),
        "version_esquema": envio.version_esquema,
        "estado": envio.estado,
        "presentado": _en_segundos(envio.presentado_legal),
    }
    return [valores[c] for c in columnas]


def _en_segundos(instante: datetime) -> str:
    return instante.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
