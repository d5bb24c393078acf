"""Las tablas con que se mide: siempre las mismas, de una semilla fija, con una parte exacta de celdas malas.

Las buenas vienen en forma canónica y las malas lo son para todos los pares: así el veredicto tiene que ser el mismo.
"""

import random
from collections.abc import Iterator
from datetime import date, timedelta
from functools import cache
from pathlib import Path

from esquemas.catalogo import leer_yaml
from esquemas.lectura_esquema import leer_esquema
from esquemas.modelo import Catalogo, Esquema, Opcion, Opciones
from esquemas.plazos import ZONA
from esquemas.saber import Proceso
from esquemas.tabla import escribir_csv

SEMILLA = 2027
CARPETA = Path(__file__).parent / "esquemas"
_OFICIOS = ("Panadería", "Taller", "Vivero", "Hostería", "Cooperativa", "Ferretería", "Viña", "Caleta", "Feria", "Imprenta")
_NOMBRES = ("La Espiga", "Los Ñirres", "San Martín", "El Quillay", "Río Claro", "Doña Inés", "Las Araucarias", "Tres Álamos")
_MALAS = {
    "codigo": ("P 12", "cód-7", "", "¿?"),
    "nombre": ("", "ab", "x" * 121),
    "region": ("99", "17", "sur"),
    "comuna": ("9999", "99101", "Rancagua", ""),
    "rubro": ("alimnetos", "varios", "", "turimso"),
    "etapa": ("final", "por definir"),
    "beneficiarios": ("-5", "muchos", "100001", ""),
    "monto": ("0", "s/i", "10000000000", ""),
    "aporte": ("101", "-0.5", "alto"),
    "inicio": ("2027-02-30", "marzo", "2027-13-01", ""),
    "termino": ("2027-11-31", "fin de mes"),
    "continuidad": ("quizas", "tal vez", ""),
    "ejercicio": ("1999", "27", "2036"),
    "contacto": ("sin correo", "ana@@ejemplo.cl", "oficina.ejemplo.cl", ""),
}


@cache
def esquema() -> Esquema:
    """El esquema `proyectos`."""
    return _leer("proyectos.yaml", "formato")


@cache
def encuesta() -> Esquema:
    """La encuesta `respuesta`: cincuenta preguntas en una pantalla."""
    return _leer("respuesta.yaml", "encuesta")


@cache
def catalogo() -> Catalogo:
    """Lo mínimo que el validador pide: el esquema y sus opciones."""
    crudos = leer_yaml((CARPETA / "catalogos.yaml").read_text(encoding="utf-8"), "catalogos.yaml")
    opciones = {n: _opciones(n, dato) for n, dato in crudos.items()}
    return Catalogo({esquema().nombre: esquema()}, opciones, {}, {}, Proceso("1.0.0", ZONA, (), (), ()))


def _leer(archivo: str, clase: str) -> Esquema:
    return leer_esquema(leer_yaml((CARPETA / archivo).read_text(encoding="utf-8"), archivo), archivo, clase)


def _opciones(nombre: str, dato: dict[str, str]) -> Opciones:
    return Opciones(nombre, nombre.capitalize(), "De prueba.", "1.0.0", tuple(Opcion(c, n) for c, n in dato.items()))


def filas(cuantas: int, semilla: int = SEMILLA) -> Iterator[dict[str, str]]:
    """Filas válidas, en forma canónica. Código, nombre, monto y correo son distintos en casi todas: es lo más caro."""
    azar = random.Random(semilla)
    opciones = {n: [o.codigo for o in c.opciones] for n, c in catalogo().opciones.items()}
    for i in range(cuantas):
        region = azar.choice(opciones["regiones"])
        inicio = date(2027, 1, 1) + timedelta(days=azar.randrange(365))
        nombre = f"{azar.choice(_OFICIOS)} {azar.choice(_NOMBRES)} n.º {azar.randrange(10**6)}"
        aporte = azar.randrange(10_001) / 100
        yield {
            "codigo": f"P-{i:06}",
            "nombre": nombre,
            "region": region,
            "comuna": f"{region}{azar.randrange(101, 130)}",
            "rubro": azar.choice(opciones["rubros"]),
            "etapa": azar.choice((*opciones["etapas"], "")),
            "beneficiarios": str(azar.randrange(5_000)),
            "monto": str(azar.randrange(1, 10**9)),
            "aporte": f"{aporte:.2f}".rstrip("0").rstrip(".") if azar.random() < 0.8 else "",
            "inicio": inicio.isoformat(),
            "termino": (inicio + timedelta(days=azar.randrange(30, 300))).isoformat() if azar.random() < 0.8 else "",
            "continuidad": azar.choice(("si", "no")),
            "ejercicio": str(azar.randrange(2025, 2031)),
            "contacto": f"oficina{azar.randrange(10**6)}@ejemplo.cl",
        }


def tabla(cuantas: int, malas: float) -> tuple[bytes, set[tuple[int, str]]]:
    """(CSV, celdas malas): con `malas` de cada cien celdas echadas a perder. Una celda es (fila desde 0, campo)."""
    azar = random.Random(SEMILLA)
    hechas = list(filas(cuantas))
    nombres = esquema().principal.nombres
    elegidas = azar.sample(range(cuantas * len(nombres)), round(cuantas * len(nombres) * malas / 100))
    celdas = {(n // len(nombres), nombres[n % len(nombres)]) for n in elegidas}
    for i, campo in sorted(celdas):
        hechas[i][campo] = azar.choice(_MALAS[campo])
    return escribir_csv(nombres, (f.values() for f in hechas)), celdas
