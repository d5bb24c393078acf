"""focaliza: lo que hace la orden `validar` con un CSV, desde los bytes hasta la lista de problemas con su celda y su arreglo."""

import io
import json

from banco.pares import DEFINICION
from esquemas.lectura_esquema import leer_esquema
from esquemas.modelo import Catalogo, Opcion, Opciones
from esquemas.plazos import ZONA
from esquemas.revision import Contexto
from esquemas.saber import Proceso
from esquemas.tabla import leer_csv_en_flujo
from esquemas.validacion import validar_hojas


def _leer_definicion() -> tuple[Catalogo, str]:
    definicion = json.loads(DEFINICION.read_text(encoding="utf-8"))
    esquema = leer_esquema(definicion["esquema"], f"{definicion['esquema']['name']}.yaml", "formato")
    opciones = {
        n: Opciones(n, n, "", "1.0.0", tuple(Opcion(codigo, nombre) for codigo, nombre in suyas.items()))
        for n, suyas in definicion["opciones"].items()
    }
    return Catalogo({esquema.nombre: esquema}, opciones, {}, {}, Proceso("1.0.0", ZONA, (), (), ())), esquema.nombre


_CATALOGO, _NOMBRE = _leer_definicion()


def malas(datos: bytes) -> int:
    esquema = _CATALOGO.esquemas[_NOMBRE]
    (hoja,) = leer_csv_en_flujo(io.BytesIO(datos), lote=0)
    resultado = validar_hojas(_CATALOGO, esquema, {_NOMBRE: hoja}, Contexto())
    return len({(p.indice, p.campo) for p in resultado.errores})
