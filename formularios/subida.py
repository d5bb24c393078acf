"""De un archivo a la matriz en curso: se compara con lo que hay, se aparta y se aplica cuando la persona lo confirma. Sin web.

El archivo no vuelve a subirse para confirmar: queda lo leído, un día, y solo lo puede aplicar quien lo subió. Confirmarlo dos
veces es confirmarlo una.
"""

import json
import secrets
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from esquemas.hoja import sin_recolector
from esquemas.modelo import Catalogo
from esquemas.propias import como_se_escribio, conservar
from esquemas.validacion import Resultado
from formularios import almacen_filas
from formularios.almacen import Almacen
from formularios.apertura import leer_apertura, recortar
from formularios.diferencia import FilaDistinta, comparar
from formularios.fila_en_curso import Matriz, huella_de
from formularios.filas import aplicar, leer_matriz
from formularios.matrices import revisar

DURA = timedelta(days=1)


class ArchivoPerdido(Exception):
    """Venció, se subió otro después, o lo subió otra persona."""


@dataclass(frozen=True, slots=True)
class Comparado:
    """Qué haría un archivo. `id` es con lo que se confirma; vacío si no cambiaría nada."""

    id: str
    distintas: Sequence[FilaDistinta]
    fuera: Sequence[str] = ()  # lo que trae el archivo y no se puede aplicar, fila por fila

    def cuantas(self, que: str) -> int:
        return sum(f.que == que for f in self.distintas)


@sin_recolector()
def apartar(
    almacen: Almacen,
    catalogo: Catalogo,
    matriz: Matriz,
    resultado: Resultado,
    *,
    ajenos: Collection[str] = (),
    suyas: Collection[str] | None = None,
    nombre: str,
    autor: str,
    ahora_utc: datetime,
) -> Comparado:
    """Compara lo leído con la matriz, por la clave de cada fila, y lo deja esperando. Una celda mala va como se escribió.

    Los campos `ajenos`, los que quien sube no puede escribir, quedan como están; si solo puede tocar las filas `suyas`, no
    agrega ni quita. Lo que está cerrado no se aplica, y se dice.
    """
    esquema, actuales = matriz.esquema, leer_matriz(almacen, matriz)
    nuevas = como_se_escribio(conservar(resultado, [f.datos for f in actuales]))
    canonicas = revisar(almacen, catalogo, matriz, actuales).resultado.como_dict(esquema.nombre)
    antes = [{n: c[n] or f.datos.get(n, "") for n in c} for f, c in zip(actuales, canonicas, strict=True)]
    apertura, guardables, fuera = leer_apertura(almacen, catalogo, matriz), nuevas, []
    if ajenos or suyas is not None or not apertura.toda:
        nuevas, guardables, fuera = recortar(apertura, actuales, antes, nuevas, ajenos=ajenos, suyas=suyas)
    distintas = comparar(esquema, {esquema.nombre: antes}, {esquema.nombre: nuevas})
    if not distintas:
        return Comparado("", (), fuera)
    lugar = {"esquema": esquema.nombre, "region": matriz.region, "ejercicio": matriz.ejercicio}
    filas = json.dumps([dict(f) for f in guardables], ensure_ascii=False)
    leido = {"nombre": nombre[:200], "filas": filas, "base": huella_de(actuales)}
    id = secrets.token_hex(8)
    with almacen.escribir() as c:
        valores = {"id": id, **lugar, **leido, "autor": autor, "leido_utc": ahora_utc}
        almacen_filas.apartar_archivo(c, valores, ahora_utc - DURA)
    return Comparado(id, distintas, fuera)


@sin_recolector()
def confirmar(almacen: Almacen, catalogo: Catalogo, matriz: Matriz, id: str, *, autor: str, ahora_utc: datetime) -> None:
    """Deja la matriz como el archivo. ArchivoPerdido si ya no espera; FilaCambiada si la matriz cambió desde que se comparó."""
    with almacen.leer() as c:
        leido = almacen_filas.leer_archivo(c, id)
    suyo = leido and (leido["esquema"], leido["region"], leido["ejercicio"], leido["autor"]) == (*matriz.lugar, autor)
    if not suyo or leido["leido_utc"] < ahora_utc - DURA:
        raise ArchivoPerdido
    filas = json.loads(leido["filas"])
    aplicar(almacen, catalogo, matriz, filas, base=leido["base"], autor=autor, ahora_utc=ahora_utc)
