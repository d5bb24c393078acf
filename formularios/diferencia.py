"""Qué cambió entre dos versiones de lo mismo: campo, antes y después, y las filas que se agregaron o se quitaron.

Una matriz se compara por su clave primaria. Un grupo de una encuesta no la tiene: se emparejan las filas que más se parecen,
y las que no se parecen en nada son una quitada y otra agregada. Que una fila cambie de lugar no es un cambio.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from esquemas.modelo import Esquema, Tabla

CAMBIADA, AGREGADA, QUITADA = "cambiada", "agregada", "quitada"

Filas = Sequence[Mapping[str, str]]
Par = tuple[int | None, int | None]


@dataclass(frozen=True, slots=True)
class Valor:
    """Un campo distinto, con sus valores canónicos. Vacío: no había, o no quedó."""

    campo: str
    antes: str
    despues: str


@dataclass(frozen=True, slots=True)
class FilaDistinta:
    """Una fila cambiada, agregada o quitada. `numero`, desde 1, es el de la versión nueva; el de la anterior si se quitó.

    `clave`: lo que la identifica en una matriz («P-01»); vacía en una encuesta.
    """

    tabla: Tabla
    que: str
    numero: int
    clave: str
    valores: tuple[Valor, ...]


def comparar(esquema: Esquema, antes: Mapping[str, Filas], despues: Mapping[str, Filas]) -> list[FilaDistinta]:
    """Lo distinto, por tabla y en el orden de la versión nueva; lo quitado, al final de su tabla.

    Cada versión es tabla → filas de valores canónicos. Un campo que el esquema ya no tiene también se compara.
    """
    return [fila for tabla in esquema.tablas for fila in _de_tabla(esquema, tabla, antes, despues)]


def _de_tabla(
    esquema: Esquema, tabla: Tabla, antes: Mapping[str, Filas], despues: Mapping[str, Filas]
) -> Iterator[FilaDistinta]:
    viejas, nuevas = antes.get(tabla.nombre, ()), despues.get(tabla.nombre, ())
    # La clave de una encuesta numera las respuestas de un archivo: no identifica a la misma de una versión a otra.
    clave = () if esquema.es_encuesta else tabla.clave
    ajenos = {c.nombre for c in tabla.campos if c.automatico} - set(clave)
    propios = set(tabla.nombres)
    de_antes = dict.fromkeys(n for f in (*viejas, *nuevas) if not f.keys() <= propios for n in f if n not in propios)
    nombres = [n for n in (*tabla.nombres, *de_antes) if n not in ajenos]
    una = esquema.es_encuesta and tabla is esquema.principal and len(viejas) == len(nuevas) == 1
    pares = [(0, 0)] if una else _por_clave(tabla, viejas, nuevas) if clave else _por_parecido(viejas, nuevas, nombres)
    for i, j in sorted(pares, key=lambda par: (par[1] is None, par[1] or 0, par[0] or 0)):
        vieja, nueva = {} if i is None else viejas[i], {} if j is None else nuevas[j]
        distintos = [n for n in nombres if vieja.get(n, "") != nueva.get(n, "")] if vieja != nueva else []
        if valores := tuple(Valor(n, vieja.get(n, ""), nueva.get(n, "")) for n in distintos):
            que = AGREGADA if i is None else QUITADA if j is None else CAMBIADA
            quien = " · ".join((nueva or vieja).get(n, "") for n in clave)
            yield FilaDistinta(tabla, que, (i if j is None else j) + 1, quien, valores)


def _por_clave(tabla: Tabla, viejas: Filas, nuevas: Filas) -> list[Par]:
    lugares = tabla.emparejar(viejas, nuevas)
    quedan = set(lugares)
    return [*zip(lugares, range(len(nuevas)), strict=True), *((i, None) for i in range(len(viejas)) if i not in quedan)]


def _por_parecido(viejas: Filas, nuevas: Filas, nombres: Sequence[str]) -> list[Par]:
    a, b = ([tuple(f.get(n, "") for n in nombres) for f in filas] for filas in (viejas, nuevas))
    libres, pendientes, pares = list(range(len(b))), [], []
    for i, fila in enumerate(a):  # primero las idénticas: ninguna otra se las queda
        igual = next((j for j in libres if b[j] == fila), None)
        if igual is None:
            pendientes.append(i)
        else:
            libres.remove(igual)
    for i in pendientes:
        parecido = {j: sum(x == y != "" for x, y in zip(a[i], b[j], strict=True)) for j in libres}
        mejor = max(libres, key=lambda j: (parecido[j], -abs(i - j)), default=None)
        if mejor is None or not parecido[mejor]:
            pares.append((i, None))
        else:
            libres.remove(mejor)
            pares.append((i, mejor))
    return [*pares, *((None, j) for j in libres)]
