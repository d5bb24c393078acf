"""Cumplir lo que una persona pide sobre sus datos: dónde están, entregárselos, corregirlos, bloquearlos o quitarlos. Sin web."""

import hashlib
import json
from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from esquemas.modelo import Catalogo, Esquema
from esquemas.privacidad import personales_de
from esquemas.tabla import escribir_csv, neutralizar
from esquemas.tiempo import UN_DIA
from formularios import almacen_borradores, almacen_derechos, almacen_envios, almacen_personas, lapida
from formularios.almacen import Almacen
from formularios.almacen_bitacora import anotar
from formularios.borradores import DIAS, huella_de_secreto, nuevo_secreto
from formularios.envio import TODO, VIGENTE, Envio
from formularios.exportacion import en_json
from formularios.lapida_en_curso import lo_que_dice_de, quitar_de_lo_que_se_llena
from formularios.solicitudes import TODAS, NoProcede, Solicitud, exigir_pendiente

PARA_CORREGIR = DIAS * UN_DIA
Redactar = Callable[..., tuple[str, str]]
# Si es de una encuesta → lo que se puede hacer, y cómo lo dice el botón.
ACCIONES: Mapping[bool, Mapping[str, str]] = {
    True: {
        "corregir": "Mandarle el enlace para corregir",
        "retirar": "Quitar el dato sensible",
        "bloquear": "Bloquear",
        "desbloquear": "Desbloquear",
        "suprimir": "Suprimir toda la respuesta",
    },
    False: {"quitar": "Quitar sus datos de estas filas"},
}


@dataclass(frozen=True, slots=True)
class Lugar:
    """Dónde hay algo de la persona: una respuesta con todas sus versiones, unas filas entregadas o lo que la región llena.

    `filas`: folio, o dónde en lo que se llena → (tabla, datos). `es_suyo`: el correo de la solicitud está entre los datos de
    personas. `dichos`: lo que lo entregado dice de ella. Lo que se llena no tiene `cadena`.
    """

    esquema: Esquema
    region: str
    ejercicio: int
    filas: Mapping[str, list[tuple[str, Mapping[str, str]]]]
    es_suyo: bool
    dichos: frozenset[str]
    cadena: tuple[Envio, ...] = ()
    consentimientos: tuple[Mapping[str, Any], ...] = ()

    @property
    def envio(self) -> Envio | None:
        """La última versión."""
        return self.cadena[-1] if self.cadena else None

    @property
    def matriz(self) -> tuple[str, str, int]:
        return self.esquema.nombre, self.region, self.ejercicio

    @property
    def nombre(self) -> str:
        """El folio de la última versión o, de lo que se llena, la matriz."""
        return self.envio.folio if self.envio else "-".join(map(str, self.matriz))

    @property
    def suprimido(self) -> bool:
        return self.envio is not None and self.envio.quitado == TODO


# --- Dónde está --------------------------------------------------------------------------------------


def lugares(almacen: Almacen, catalogo: Catalogo, solicitud: Solicitud, regiones: Collection[str] = TODAS) -> list[Lugar]:
    """Lo que hay con ese folio o con ese correo, en esas regiones («»: en todas)."""
    with almacen.leer() as c:
        return list(_lugares(c, catalogo, solicitud, regiones))


def _lugares(c: Any, catalogo: Catalogo, solicitud: Solicitud, regiones: Collection[str]) -> Iterator[Lugar]:
    return (x for x in _en_todas(c, catalogo, solicitud) if {"", x.region} & set(regiones))


def _en_todas(c: Any, catalogo: Catalogo, solicitud: Solicitud) -> Iterator[Lugar]:
    hallados: dict[str, set[str]] = {}  # folio que da nombre → folios donde está el correo
    cadenas: dict[str, list[Envio]] = {}

    def agregar(folio: str) -> str:
        cadena = almacen_derechos.leer_cadena(c, folio)
        if not cadena or cadena[-1].esquema not in catalogo.esquemas:
            return ""
        cadenas[cadena[-1].folio] = cadena
        hallados.setdefault(cadena[-1].folio, set())
        return cadena[-1].folio

    if solicitud.folio:
        agregar(solicitud.folio)
    for envio, tabla, datos in almacen_derechos.buscar_texto(c, solicitud.correo) if solicitud.correo else ():
        esquema = catalogo.esquemas.get(envio.esquema)
        if esquema and _esta(solicitud.correo, datos, lapida.campos_con_datos(c, esquema, envio).get(tabla, ())):
            hallados[agregar(envio.folio)].add(envio.folio)
    matrices = {m: set() for m in (almacen_derechos.buscar_en_curso(c, solicitud.correo) if solicitud.correo else ())}
    for folio, con_correo in hallados.items():
        yield (lugar := _lugar(c, catalogo, cadenas[folio], solicitud.correo, bool(con_correo)))
        if con_correo and not lugar.esquema.es_encuesta:
            matrices.setdefault(lugar.matriz, set()).update(lugar.dichos)
    for (nombre, *de), dichos in matrices.items():
        if esquema := catalogo.esquemas.get(nombre):
            campos = personales_de(esquema).get(nombre, ())
            if hay := lo_que_dice_de(c, esquema, (nombre, *de), solicitud.correo, campos, dichos):
                filas = {donde: [(nombre, f) for f in suyas] for donde, suyas in hay.items()}
                yield Lugar(esquema, *de, filas, True, frozenset(dichos))


def _lugar(c: Any, catalogo: Catalogo, cadena: list[Envio], correo: str, es_suyo: bool) -> Lugar:
    esquema, filas, dichos = catalogo.esquemas[cadena[-1].esquema], {}, set()
    for envio in cadena if cadena[-1].quitado != TODO else ():
        leidas = [(f["tabla"], json.loads(f["datos"])) for f in almacen_derechos.leer_filas(c, envio.folio)]
        campos = lapida.campos_con_datos(c, esquema, envio)
        # De una matriz, solo sus filas: las demás son de otras personas.
        filas[envio.folio] = [(t, d) for t, d in leidas if esquema.es_encuesta or _esta(correo, d, campos.get(t, ()))]
        dichos |= {d.get(n, "") for t, d in filas[envio.folio] for n in campos.get(t, ())}
    dados = almacen_derechos.leer_consentimientos(c, [e.folio for e in cadena])
    de = (cadena[-1].region, cadena[-1].ejercicio)
    return Lugar(esquema, *de, filas, es_suyo, frozenset(dichos), tuple(cadena), tuple(dict(d) for d in dados))


def _esta(correo: str, datos: Mapping[str, str], campos: Any) -> bool:
    return bool(correo) and any(datos.get(n, "").lower() == correo.lower() for n in campos)


def texto_aceptado(almacen: Almacen, consentimiento: Mapping[str, Any]) -> str:
    """El texto exacto que se aceptó, de la definición con que se recibió; «» si no es el de esa huella."""
    with almacen.leer() as c:
        envio = almacen_envios.leer_envio(c, consentimiento["envio"])
        definicion = almacen_envios.leer_definicion(c, envio.definicion) if envio else None
    texto = (definicion or {}).get("privacidad", {}).get("consentimiento", "")
    return texto if hashlib.sha256(texto.encode()).hexdigest() == consentimiento["huella"] else ""


def exportar_json(lugar: Lugar) -> bytes:
    """Lo de la persona en un lugar, con todas sus versiones."""
    versiones = [
        {
            **{k: v for k, v in asdict(e).items() if k in ("folio", "huella", "estado", "version_esquema", "origen")},
            "recibido_utc": e.recibido_utc.isoformat(),
            "filas": [{"tabla": t, "datos": d} for t, d in lugar.filas.get(e.folio, ())],
        }
        for e in lugar.cadena
    ]
    dados = [{k: v.isoformat() if isinstance(v, datetime) else v for k, v in d.items()} for d in lugar.consentimientos]
    en_curso = [{"donde": k, "filas": [d for _, d in filas]} for k, filas in lugar.filas.items() if not lugar.cadena]
    return en_json({"esquema": lugar.esquema.nombre, "envios": versiones, "en_curso": en_curso, "consentimientos": dados})


def exportar_csv(lugar: Lugar) -> bytes:
    """Lo mismo, una línea por valor: folio (o dónde, en lo que se llena), tabla, fila, campo, título y valor, sin fórmulas."""
    titulos = {(t.nombre, c.nombre): c.titulo for t in lugar.esquema.tablas for c in t.campos}
    lineas = [
        (folio, tabla, str(i), campo, titulos.get((tabla, campo), campo), neutralizar(valor))
        for folio, filas in lugar.filas.items()
        for i, (tabla, datos) in enumerate(filas, 1)
        for campo, valor in datos.items()
    ]
    return escribir_csv(("folio", "tabla", "fila", "campo", "titulo", "valor"), lineas)


# --- Cumplir -----------------------------------------------------------------------------------------


def ejecutar(
    almacen: Almacen,
    catalogo: Catalogo,
    solicitud: Solicitud,
    nombre: str,
    accion: str,
    *,
    regiones: Collection[str] = TODAS,
    redactar: Redactar,
    autor: str,
    ahora_utc: datetime,
) -> None:
    """Hace lo pedido en un lugar de la solicitud. NoProcede si ahí no corresponde, o si ya se respondió.

    `redactar(esquema, secreto)` da el asunto y el cuerpo del correo con que la persona corrige.
    """
    with almacen.escribir() as c:
        solicitud = exigir_pendiente(c, solicitud.numero)
        lugar = next((x for x in _lugares(c, catalogo, solicitud, regiones) if x.nombre == nombre), None)
        if lugar is None or lugar.suprimido or accion not in ACCIONES[lugar.esquema.es_encuesta]:
            raise NoProcede("Eso no se puede hacer ahí.")
        comun = {"autor": autor, "ahora_utc": ahora_utc}
        if accion == "suprimir":
            lapida.suprimir(c, lugar.esquema, lugar.cadena, [solicitud.correo], **comun)
            return
        if accion == "quitar":
            _quitar_de_matriz(c, lugar, solicitud.correo, **comun)
        elif accion == "retirar":
            _retirar(c, lugar, ahora_utc)
        elif accion == "corregir":
            _corregir(c, lugar, solicitud, redactar, ahora_utc)
        else:
            desde = ahora_utc if accion == "bloquear" else None
            almacen_derechos.cambiar_envios(c, [e.folio for e in lugar.cadena], bloqueado_utc=desde)
        anotar(c, cuando_utc=ahora_utc, actor=autor, accion=accion, objeto=f"{nombre} por {solicitud.numero}")


def _quitar_de_matriz(c: Any, lugar: Lugar, correo: str, **comun: Any) -> None:
    """Vacía los datos de personas de las filas con ese correo, también en lo que se llena; lo demás no es suyo."""
    todos = {n for nombres in personales_de(lugar.esquema).values() for n in nombres}
    for envio in lugar.cadena:
        campos = lapida.campos_con_datos(c, lugar.esquema, envio)
        suyos = {n for nombres in campos.values() for n in nombres}
        lapida.vaciar(c, envio, campos, lambda datos, suyos=suyos: _esta(correo, datos, suyos))
        todos |= suyos
    quitar_de_lo_que_se_llena(c, lugar.matriz, correo, todos, lugar.dichos, **comun)


def _retirar(c: Any, lugar: Lugar, ahora_utc: datetime) -> None:
    """Quita los datos sensibles y lo que los dejaba preguntar, de todas las versiones y del borrador."""
    retirados = almacen_derechos.retirar_consentimientos(c, [e.folio for e in lugar.cadena], ahora_utc)
    if not retirados:
        raise NoProcede("Aquí no hay un consentimiento que retirar.")
    quitar: dict[str, set[str]] = {}
    for tabla in lugar.esquema.tablas:
        for campo in (x for x in tabla.campos if x.nombre in retirados):
            quitar.setdefault(tabla.nombre, set()).update({campo.nombre, *campo.mostrar_si.campos()})
    for envio in lugar.cadena:
        lapida.vaciar(c, envio, quitar)
    fila = almacen_borradores.tomar_borrador(c, lugar.envio.borrador or "")
    if fila:
        datos = json.loads(fila["datos"])
        for tabla, campos in quitar.items():
            datos[tabla] = [{k: v for k, v in f.items() if k not in campos} for f in datos.get(tabla, ())]
        almacen_derechos.cambiar_datos(c, fila["id"], json.dumps(datos))


def _corregir(c: Any, lugar: Lugar, solicitud: Solicitud, redactar: Redactar, ahora_utc: datetime) -> None:
    """Manda a la persona un enlace para corregir su respuesta. Si su borrador ya venció, se arma otra vez con lo que envió."""
    envio = lugar.envio
    if not lugar.es_suyo:
        raise NoProcede("El correo de la solicitud no está en esa respuesta: mandarle el enlace se la mostraría a otra persona.")
    if envio.borrador is None or envio.estado != VIGENTE:
        raise NoProcede("Esa respuesta entró por archivo: la corrige quien la cargó.")
    vence = ahora_utc + PARA_CORREGIR
    fila = almacen_borradores.tomar_borrador(c, envio.borrador)
    if fila is None:
        _rearmar(c, lugar, envio, ahora_utc, vence)
    elif fila["vence_utc"] < vence:
        almacen_borradores.cambiar_borrador(c, fila["id"], fila["revision"], vence_utc=vence)
    secreto = nuevo_secreto()
    almacen_borradores.insertar_llave(c, huella_de_secreto(secreto), envio.borrador, ahora_utc)
    almacen_personas.insertar_correo(c, solicitud.correo, *redactar(lugar.esquema, secreto), ahora_utc)


def _rearmar(c: Any, lugar: Lugar, envio: Envio, ahora_utc: datetime, vence_utc: datetime) -> None:
    automaticos = {campo.nombre for t in lugar.esquema.tablas for campo in t.campos if campo.automatico}
    datos: dict[str, list[dict[str, str]]] = {}
    for tabla, fila in lugar.filas[envio.folio]:
        datos.setdefault(tabla, []).append({k: v for k, v in fila.items() if v and k not in automaticos})
    lugar_y_version = {"esquema": envio.esquema, "region": envio.region, "ejercicio": envio.ejercicio}
    tiempos = {"creado_utc": ahora_utc, "actualizado_utc": ahora_utc, "vence_utc": vence_utc}
    valores = {"id": envio.borrador, "version": envio.version_esquema, "revision": envio.revision, "envio": envio.folio}
    almacen_borradores.insertar_borrador(c, {**lugar_y_version, **tiempos, **valores, "datos": json.dumps(datos)})
