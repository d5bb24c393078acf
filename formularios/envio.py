"""Lo entregado, inmutable: el envío, su comprobante y por qué uno se rechaza. Valores, sin base ni web."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from esquemas.errores import Problema

VIGENTE, REEMPLAZADO, ANULADO = "vigente", "reemplazado", "anulado"
PARTE, TODO = "parte", "todo"  # lo que se le quitó después de recibirlo
SUPRIMIDO = "suprimido"
ANONIMA = -1  # en una respuesta anónima, la `revision`: no dice cuántas veces se guardó


@dataclass(frozen=True, slots=True)
class Envio:
    """Una versión entregada de un formato, o una respuesta de una encuesta.

    `definicion` es la huella del esquema con que se validó; `huella`, la de lo entregado. `borrador` y
    `revision` dicen de qué borrador salió (None si vino de un archivo; si es anónima, ver `anonimato`). Bloqueado no se
    trata; `quitado` dice si se le quitó PARTE o TODO lo de personas: la huella sigue siendo la de lo que se recibió.
    `entrevisto` es el rol de quien la respondió en nombre de otra persona (None: respondió ella).
    """

    folio: str
    esquema: str
    clase: str
    region: str
    ejercicio: int
    version_esquema: str
    definicion: str
    huella: str
    estado: str
    valido: bool
    recibido_utc: datetime
    presentado_legal: datetime
    origen: str
    autor: str
    borrador: str | None = None
    revision: int | None = None
    bloqueado_utc: datetime | None = None
    quitado: str | None = None
    entrevisto: str | None = None

    @property
    def anonima(self) -> bool:
        return self.revision == ANONIMA


@dataclass(frozen=True, slots=True)
class Comprobante:
    """Lo que se entrega a quien envió. Sin datos personales: se puede publicar.

    `definicion`: la huella del esquema; `filas`: tabla → cuántas filas; `reemplaza`: el folio de la versión anterior.
    """

    folio: str
    huella: str
    recibido_utc: datetime
    presentado_legal: datetime
    esquema: str
    version: str
    definicion: str
    region: str
    ejercicio: int
    estado: str
    origen: str
    autor: str
    filas: Mapping[str, int]
    reemplaza: str | None = None
    quitado: str | None = None
    entrevisto: str | None = None
    anonima: bool = False


class EnvioRechazado(Exception):
    """Lo que llegó tiene errores y no se guardó. `problemas` nunca está vacía."""

    def __init__(self, problemas: Sequence[Problema]) -> None:
        if not problemas:
            raise ValueError("un rechazo sin problemas no dice qué corregir")
        self.problemas = tuple(problemas)
        super().__init__(f"{len(self.problemas)} problemas; el primero: {self.problemas[0].mensaje}")
