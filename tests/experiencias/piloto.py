"""Los datos publicados con su esquema, descubiertos en sitio/experiencias y sitio/biblioteca, y qué se hace con cada uno.

Un archivo se llama como su esquema, o empieza igual («plan-cluster-fruticola.csv»). Sus excepciones están al lado, en
«excepciones-…csv»; las de la focalización pueden llamarse solo «excepciones.csv».
"""

import csv
import io
import re
from collections.abc import Iterable, Iterator, Mapping
from contextlib import chdir
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

from click.testing import Result

from esquemas.catalogo import cargar
from esquemas.entrega import validar_libro
from esquemas.errores import Problema
from esquemas.libro import Libro
from esquemas.normalizacion import plegar
from esquemas.revision import Contexto
from esquemas.validacion import Resultado
from formularios.lector import leer_archivo
from generador.tabla_de_datos import insertar_tablas
from tests.servicios.orden import Salida, correr

SITIO = Path(__file__).resolve().parents[2] / "sitio"
BIBLIOTECA, EXPERIENCIAS = SITIO / "biblioteca", SITIO / "experiencias"
DE_ENVIO = ("folio", "region", "ejercicio", "version_esquema", "estado", "presentado")
CATALOGO = cargar()

Fila = dict[str, str]
Lugar = tuple[str, str, str]  # fila («» si el problema es de la tabla), campo y regla


def leer_csv(datos: bytes) -> list[Fila]:
    return list(csv.DictReader(io.StringIO(datos.decode("utf-8"), newline="")))


def validar(esquema: str, libro: Libro, contexto: Contexto | None = None) -> Resultado:
    return validar_libro(CATALOGO, CATALOGO.esquemas[esquema], libro, contexto or Contexto())


@dataclass(frozen=True)
class Caso:
    """Un CSV publicado: con qué esquema vale, con qué excepciones, y de qué región y ejercicio entra a la base."""

    carpeta: Path
    esquema: str
    archivo: Path
    excepciones: Path | None
    region: str
    ejercicio: int

    @property
    def nombre(self) -> str:
        return f"{self.carpeta.name}/{self.archivo.name}"

    @property
    def de_cuando(self) -> tuple[str, ...]:
        return ("--region", self.region, "--ejercicio", str(self.ejercicio))

    @cached_property
    def libro(self) -> Libro:
        return leer_archivo(self.archivo.read_bytes(), self.archivo.name)

    @cached_property
    def filas(self) -> list[Fila]:
        return leer_csv(self.archivo.read_bytes())

    @cached_property
    def por_codigo(self) -> dict[str, Fila]:
        return {f["codigo"]: f for f in self.filas}

    @cached_property
    def registradas(self) -> list[Fila]:
        return leer_csv(self.excepciones.read_bytes()) if self.excepciones else []

    @cached_property
    def referidas(self) -> dict[str, list[Fila]]:
        """Todo lo que hay en su carpeta, para lo que cite."""
        return {c.esquema: c.filas for c in CASOS.values() if c.carpeta == self.carpeta}

    def validar(self, excepciones: list[Fila]) -> Resultado:
        return validar(self.esquema, self.libro, Contexto(self.region, self.ejercicio, self.referidas, excepciones))

    def validar_suelto(self) -> Resultado:
        """Como lo valida quien solo bajó el archivo y sus excepciones."""
        return validar(self.esquema, self.libro, Contexto(excepciones=self.registradas))

    def lugares(self, problemas: Iterable[Problema]) -> list[Lugar]:
        return [("" if p.indice is None else self.filas[p.indice]["codigo"], p.campo, str(p.codigo)) for p in problemas]


def exceptuado(excepcion: Mapping[str, str]) -> Lugar:
    return excepcion["fila"], excepcion["campo"], excepcion["regla"]


# --- qué hay ----------------------------------------------------------------------------------------

_REGIONES = {re.sub("[^a-z ]", "", plegar(o.nombre)).replace(" ", "-"): o.codigo for o in CATALOGO.opciones["regiones"].opciones}
CARPETAS = {c.name: c for raiz in (EXPERIENCIAS, BIBLIOTECA) for c in sorted(raiz.iterdir()) if c.is_dir()}


def _de_donde(carpeta: Path) -> tuple[str, int]:
    """La región y el ejercicio: un piloto los lleva en el nombre. Un documento usa la 06 y su año, o 2021 si no lo dice."""
    if carpeta.parent == EXPERIENCIAS:
        region, _, ejercicio = carpeta.name.rpartition("-")
        return _REGIONES[region], int(ejercicio)
    (ficha,) = leer_csv((carpeta / "analisis-estrategico.csv").read_bytes())
    return "06", int(re.findall(r"\b20\d\d\b|$", ficha["documento"])[0] or 2021)


def _excepciones_de(archivo: Path) -> Path | None:
    nombres = [f"excepciones-{archivo.name}", *(["excepciones.csv"] if archivo.stem == "focalizacion" else [])]
    return next((ruta for n in nombres if (ruta := archivo.with_name(n)).exists()), None)


def _descubrir() -> Iterator[Caso]:
    """En el orden del catálogo: lo citado va antes que quien lo cita."""
    for carpeta in CARPETAS.values():
        for esquema in (e for e in CATALOGO.esquemas if e != "excepciones"):
            for archivo in sorted(carpeta.glob("*.csv")):
                if f"{archivo.stem}-".startswith(f"{esquema}-"):
                    yield Caso(carpeta, esquema, archivo, _excepciones_de(archivo), *_de_donde(carpeta))


CASOS = {caso.nombre: caso for caso in _descubrir()}


def pagina(carpeta: str) -> tuple[str, str]:
    """La página de esa carpeta como está escrita y con sus tablas puestas."""
    texto = (CARPETAS[carpeta] / "index.md").read_text(encoding="utf-8")
    return texto, insertar_tablas(texto, lambda ruta: (CARPETAS[carpeta] / ruta).read_bytes(), CATALOGO)


# --- de punta a punta -------------------------------------------------------------------------------


@dataclass(frozen=True)
class Viaje:
    """Una carpeta entera por la orden: una base, y lo que cada archivo dijo al entrar y dejó al salir (X.csv y X.zip)."""

    destino: Path
    importados: dict[str, Salida] = field(default_factory=dict)

    def mandar(self, *orden: Any) -> Salida:
        return correr(*orden, FOCALIZA_BASE_DE_DATOS=f"sqlite:///{self.destino / 'base.db'}")

    def llevar(self, caso: Caso) -> None:
        excepciones = ("--excepciones", caso.excepciones) if caso.excepciones else ()
        importado = self.mandar("importar", caso.esquema, caso.archivo, *excepciones, *caso.de_cuando)
        self.importados[caso.nombre] = importado
        for extension in ("csv", "zip") if importado.codigo == 0 else ():  # si no entró, no sale ni vacío
            salida = self.destino / f"{caso.archivo.stem}.{extension}"
            self.mandar("exportar", caso.esquema, "--salida", salida, *caso.de_cuando)


def viajar(carpeta: str, destino: Path) -> Viaje:
    """Importa y exporta cada archivo en cuanto entra: el siguiente puede reemplazarlo. Sin --con: lo citado sale de la base."""
    viaje = Viaje(destino)
    for caso in CASOS.values():
        if caso.carpeta.name == carpeta:
            viaje.llevar(caso)
    return viaje


def frictionless_validate(carpeta: Path, *argumentos: str) -> Result:
    """La orden `frictionless validate`, en este proceso: partir uno por archivo es casi todo lo que tardaría."""
    from frictionless.console import console
    from typer.testing import CliRunner

    with chdir(carpeta):
        return CliRunner().invoke(console, ["validate", *argumentos])
