"""Quitar datos de personas de lo ya recibido sin borrar que existió. Sin web.

Suprimir deja en cada fila una lápida: un texto fijo y la huella de la línea original. Vaciar quita solo unos campos. En
ambos casos el envío conserva su folio y su huella, y la bitácora sigue íntegra: queda la cadena, no el dato.
"""

import hashlib
import json
import re
from collections.abc import Callable, Collection, Iterable, Mapping
from datetime import datetime
from typing import Any

from esquemas.modelo import Esquema
from esquemas.privacidad import CLASES, personales_de
from esquemas.tabla import linea_csv
from formularios import almacen_borradores, almacen_convocatoria, almacen_derechos, almacen_envios
from formularios.almacen_bitacora import anotar
from formularios.borradores import huella_de_secreto
from formularios.envio import ANULADO, PARTE, TODO, Envio
from formularios.lapida_en_curso import LAPIDA

_SECRETO = re.compile(r"[\w-]{43}")  # como los que da `nuevo_secreto`, dentro de un enlace

Campos = Mapping[str, Collection[str]]
Fila = Mapping[str, str]


def campos_con_datos(c: Any, esquema: Esquema, envio: Envio, clases: Collection[str] = tuple(CLASES)) -> dict[str, set[str]]:
    """Tabla → campos con datos de personas, según el esquema de hoy o la definición con que se recibió."""
    campos = {tabla: set(nombres) for tabla, nombres in personales_de(esquema, clases).items()}
    entonces = almacen_envios.leer_definicion(c, envio.definicion) or {}
    tablas = entonces.get("resources") or [{"name": esquema.nombre, "schema": entonces}]
    for tabla in tablas:
        for campo in tabla["schema"].get("fields", ()):
            if campo.get("dato") in clases:
                campos.setdefault(tabla["name"], set()).add(campo["name"])
    return campos


def vaciar(c: Any, envio: Envio, campos: Campos, solo: Callable[[Fila], bool] = lambda _: True) -> int:
    """Deja vacíos esos campos en las filas que cumplen `solo`; devuelve en cuántas había algo. Repetirlo no cambia nada."""
    if envio.quitado == TODO:
        return 0
    cambiadas = 0
    for fila in almacen_derechos.leer_filas(c, envio.folio):
        datos = json.loads(fila["datos"])
        con_algo = [n for n in campos.get(fila["tabla"], ()) if datos.get(n)]
        if con_algo and solo(datos):
            limpios = datos | dict.fromkeys(con_algo, "")
            texto = json.dumps(limpios, ensure_ascii=False, separators=(",", ":"))
            lapida = fila["lapida"] or _huella(fila["linea"])
            almacen_derechos.cambiar_fila(c, fila, datos=texto, linea=linea_csv(limpios.values()), lapida=lapida)
            cambiadas += 1
    if cambiadas:
        almacen_derechos.cambiar_envios(c, [envio.folio], quitado=PARTE)
    return cambiadas


def suprimir(
    c: Any, esquema: Esquema, cadena: Iterable[Envio], direcciones: Iterable[str], *, autor: str, ahora_utc: datetime
) -> None:
    """Borra todo lo de una respuesta, en todas sus versiones: filas, borrador, llaves, correos y constancias.

    `direcciones` son las que la persona dio fuera de la respuesta; las de adentro se buscan aquí.
    """
    cadena = list(cadena)
    para = {d.lower() for d in direcciones if d}
    for envio in cadena:
        para |= _poner_lapidas(c, esquema, envio)
    folios = [e.folio for e in cadena]
    almacen_derechos.cambiar_envios(c, folios, estado=ANULADO, quitado=TODO, bloqueado_utc=None)
    almacen_derechos.borrar_consentimientos(c, folios)
    llaves: set[str] = set()
    for borrador in {e.borrador for e in cadena if e.borrador}:
        llaves |= almacen_derechos.leer_llaves(c, borrador)
        # Se vacía y no se borra: su invitación debe seguir diciendo que ya respondió, o se le invitaría otra vez.
        almacen_derechos.cambiar_datos(c, borrador, "{}")
        almacen_borradores.borrar_llaves(c, borrador)
        almacen_convocatoria.borrar_entrevista(c, borrador)
    suyos = [m["id"] for m in almacen_derechos.leer_correos(c) if m["para"].lower() in para or _abre(m["cuerpo"], llaves)]
    almacen_derechos.borrar_correos(c, suyos)
    for folio in folios:
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion="suprimir", objeto=folio)


def _poner_lapidas(c: Any, esquema: Esquema, envio: Envio) -> set[str]:
    """Deja las lápidas de un envío y devuelve las direcciones de correo que tenía."""
    campos, direcciones, codigos = campos_con_datos(c, esquema, envio), set(), set()
    for fila in almacen_derechos.leer_filas(c, envio.folio):
        datos = json.loads(fila["datos"])
        direcciones |= {datos[n].lower() for n in campos.get(fila["tabla"], ()) if "@" in datos.get(n, "")}
        codigos |= {fila["codigo"]} - {""}
        huella = fila["lapida"] or _huella(fila["linea"])
        texto = json.dumps({"lapida": LAPIDA, "huella": huella}, ensure_ascii=False)
        almacen_derechos.cambiar_fila(c, fila, codigo="", datos=texto, linea=linea_csv([LAPIDA, huella]), lapida=huella)
    almacen_derechos.borrar_excepciones(c, envio, codigos)
    return direcciones


def _abre(cuerpo: str, llaves: set[str]) -> bool:
    """Si ese mensaje lleva un enlace a un borrador con una de esas llaves."""
    return any(huella_de_secreto(s) in llaves for s in _SECRETO.findall(cuerpo))


def _huella(linea: str) -> str:
    return hashlib.sha256(linea.encode()).hexdigest()
