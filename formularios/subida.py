"""De un archivo a la matriz en curso: se compara con lo que hay, se aparta y se aplica cuando la persona lo confirma. Sin web.

El archivo no vuelve a subirse para confirmar: queda lo leído, un día, y solo lo puede aplicar quien lo subió. Confirmarlo dos
veces es confirmarlo una.
"""

import json
import re
import secrets
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from esquemas.errores import Codigo
from esquemas.hoja import sin_recolector
from esquemas.modelo import Catalogo
from esquemas.propias import como_se_escribio, conservar
from esquemas.validacion import Resultado
from formularios import almacen_filas
from formularios.almacen import Almacen
from formularios.apertura import leer_apertura, recortar
from formularios.diferencia import AGREGADA, QUITADA, FilaDistinta, comparar
from formularios.fila_en_curso import Matriz, huella_de
from formularios.filas import aplicar, leer_matriz
from formularios.matrices import revisar
from formularios.por_revisar import leer_citas

DURA = timedelta(days=1)


class ArchivoPerdido(Exception):
    """Venció, se subió otro después, o lo subió otra persona."""


@dataclass(frozen=True, slots=True)
class Comparado:
    """Qué haría un archivo. `id` es con lo que se confirma; vacío si no cambiaría nada."""

    id: str
    distintas: Sequence[FilaDistinta]
    fuera: Mapping[str, Sequence[str]] = field(default_factory=dict)  # qué no se puede aplicar → de qué filas
    citas: Mapping[str, Sequence[str]] = field(default_factory=dict)  # fila que se quita → las de otras matrices que la citan

    def cuantas(self, que: str) -> int:
        return sum(f.que == que for f in self.distintas)

    @property
    def renombradas(self) -> list[tuple[str, str]]:
        """(código de antes, código del archivo) de lo que se quita y se agrega por una mayúscula o un cero a la izquierda."""
        quitadas = {_sin_adornos(f.clave): f.clave for f in self.distintas if f.que == QUITADA}
        pares = ((quitadas.get(_sin_adornos(f.clave)), f.clave) for f in self.distintas if f.que == AGREGADA)
        return [(antes, ahora) for antes, ahora in pares if antes]


def _sin_adornos(clave: str) -> str:
    """«POT-01» y «pot-1» → «pot-1»."""
    return re.sub("(?<![0-9])0+(?=[0-9])", "", clave.casefold())


@sin_recolector()
def apartar(
    almacen: Almacen,
    catalogo: Catalogo,
    matriz: Matriz,
    resultado: Resultado,
    *,
    ajenos: Mapping[str, str] | None = None,
    suyas: Collection[str] | None = None,
    ausentes: Collection[str] = (),
    nombre: str,
    autor: str,
    ahora_utc: datetime,
) -> Comparado:
    """Compara lo leído con la matriz, por la clave de cada fila, y lo deja esperando. Una celda mala va como se escribió.

    Los campos `ajenos`, los que quien sube no puede escribir (cada uno con quiénes sí), quedan como están; si solo puede tocar
    las filas `suyas`, no agrega ni quita. Lo de los campos `ausentes`, que el archivo no trae, tampoco cambia. Lo que está
    cerrado no se aplica. Todo lo que queda fuera se dice.
    """
    esquema, actuales = matriz.esquema, leer_matriz(almacen, matriz)
    nuevas = como_se_escribio(conservar(resultado, [f.datos for f in actuales]))
    antes = revisar(almacen, catalogo, matriz, actuales).valores
    apertura, guardables, fuera = leer_apertura(almacen, catalogo, matriz), nuevas, {}
    if ajenos or suyas is not None or not apertura.toda:
        faltan = {p.campo for p in resultado.problemas if p.codigo == Codigo.COLUMNA_OPCIONAL_FALTANTE}
        quien = {"ajenos": ajenos or {}, "suyas": suyas, "ausentes": faltan | set(ausentes)}
        nuevas, guardables, fuera = recortar(apertura, actuales, antes, nuevas, **quien)
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
    quitadas = {f.clave for f in distintas if f.que == QUITADA}
    return Comparado(id, distintas, fuera, leer_citas(almacen, catalogo, matriz, quitadas))


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
