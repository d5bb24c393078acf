"""Qué pasa cuando llega algo: se sella, recibe folio y ya no cambia. Sin web y sin base: eso lo ponen otros.

Un folio entregado es un folio guardado: todo ocurre en una transacción y el envío se devuelve después de
confirmar.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.modelo import Catalogo, Esquema
from esquemas.plazos import presentado_legal
from esquemas.privacidad import consentidos
from esquemas.propias import copia_de, proyectar
from esquemas.validacion import Resultado
from formularios import almacen_borradores, almacen_derechos, almacen_envios, almacen_propias, anonimato
from formularios.almacen import Almacen, Repetido
from formularios.almacen_bitacora import anotar
from formularios.borradores import Borrador, BorradorCambiado
from formularios.envio import VIGENTE, Envio, EnvioRechazado
from formularios.excepciones import comprobar, es_de_excepciones, exceptuar, registrar
from formularios.folio import NIVEL_CENTRAL, construir
from formularios.sellado import canonico_de, sellar


@dataclass(frozen=True, slots=True)
class Recepcion:
    """De dónde, cuándo, por dónde y de quién llegó algo.

    `region` «00» es el nivel central. `origen`: «web», «entrevista», «orden». `autor`: quién, sin datos personales.
    `entrevisto`: su rol, si respondió en nombre de otra persona.
    """

    region: str
    ejercicio: int
    recibido_utc: datetime
    origen: str
    autor: str = ""
    entrevisto: str | None = None

    @property
    def presentado_legal(self) -> datetime:
        """Cuándo se entiende presentado: en día inhábil de su región, el siguiente hábil (Ley 19.880, art. 25)."""
        return presentado_legal(self.recibido_utc, self.region if self.region != NIVEL_CENTRAL else None)


def recibir(
    almacen: Almacen,
    catalogo: Catalogo,
    resultado: Resultado,
    recepcion: Recepcion,
    *,
    borrador: Borrador | None = None,
    vale: str = "",
) -> Envio:
    """Guarda un resultado válido como envío y devuelve el envío con su folio.

    El mismo borrador en la misma revisión, enviado dos veces (también a la vez), da el mismo envío. Un
    formato deja `reemplazado` al vigente de su región y ejercicio; una respuesta de encuesta, solo a la de su
    propio borrador. `vale` es el de `anonimato`. Las columnas propias de la región no entran en el envío: queda una copia
    al lado.

    EnvioRechazado si hay errores; BorradorCambiado si el borrador siguió cambiando en otra pestaña;
    AlmacenNoDisponible si no se pudo guardar: en los tres casos no queda nada ni se gasta un número.
    """
    sobre = _ensobrar(catalogo, resultado, recepcion)
    if borrador:
        sobre = replace(sobre, envio=replace(sobre.envio, borrador=borrador.id, revision=borrador.revision))
        if sobre.esquema.anonima:
            sobre = replace(sobre, envio=anonimato.desligar(sobre.envio, vale))
    try:
        with almacen.escribir() as c:
            if borrador and sobre.esquema.anonima:
                return _guardar_anonima(c, sobre, borrador)
            return _guardar(c, catalogo, sobre)
    except (Repetido, BorradorCambiado):
        if previo := _ya_enviado(almacen, sobre.envio):
            return previo
        raise


def recibir_respuestas(
    almacen: Almacen,
    catalogo: Catalogo,
    resultado: Resultado,
    recepcion: Recepcion,
    *,
    excepciones: Sequence[Mapping[str, str]] = (),
) -> list[Envio]:
    """Un archivo: en una encuesta, un envío por respuesta; en un formato, uno. Entran todos o ninguno.

    `excepciones` (fila, campo, regla, razon, fuente) se registran en la misma transacción: si el envío no entra, ellas
    tampoco. Lo que lanza es lo de `recibir`.
    """
    _exigir_admisible(catalogo, resultado)
    sobres = [_ensobrar(catalogo, parte, recepcion) for parte in respuestas_por_separado(resultado)]
    with almacen.escribir() as c:
        for excepcion in excepciones:
            exceptuar(c, sobres[0].envio, excepcion)
        return [_guardar(c, catalogo, sobre) for sobre in sobres]


def recibir_en(c: Any, catalogo: Catalogo, resultado: Resultado, recepcion: Recepcion, *, otra_vez: bool = False) -> Envio:
    """Sella un formato dentro de una transacción ajena. Si es letra por letra lo vigente, da ese mismo envío, salvo `otra_vez`.

    Lo que lanza es lo de `recibir`.
    """
    sobre = _ensobrar(catalogo, resultado, recepcion)
    lugar = {"ejercicio": recepcion.ejercicio, "region": recepcion.region}
    vigentes = almacen_envios.buscar_envios(c, sobre.esquema.nombre, **lugar, estado=VIGENTE)
    if vigentes and vigentes[0].huella == sobre.envio.huella and not otra_vez:
        return vigentes[0]
    return _guardar(c, catalogo, sobre)


@dataclass(frozen=True, slots=True)
class _Sobre:
    """Lo admisible, sellado y listo para guardarse: al `envio` solo le falta el folio. `copia`: lo propio de la región."""

    esquema: Esquema
    envio: Envio
    filas: list[dict[str, Any]]
    copia: tuple[Any, ...] | None


def _ensobrar(catalogo: Catalogo, resultado: Resultado, recepcion: Recepcion) -> _Sobre:
    copia, resultado = copia_de(resultado), proyectar(resultado)
    esquema = resultado.esquema
    _exigir_admisible(catalogo, resultado)
    huella, filas = sellar(esquema, resultado)
    envio = Envio(
        folio="",
        esquema=esquema.nombre,
        clase=esquema.clase,
        version_esquema=esquema.version,
        definicion=esquema.huella,
        huella=huella,
        estado=VIGENTE,
        valido=True,
        region=recepcion.region,
        ejercicio=recepcion.ejercicio,
        recibido_utc=recepcion.recibido_utc,
        presentado_legal=recepcion.presentado_legal,
        origen=recepcion.origen,
        autor=recepcion.autor,
        entrevisto=recepcion.entrevisto,
    )
    return _Sobre(esquema, envio, filas, copia)


def _exigir_admisible(catalogo: Catalogo, resultado: Resultado) -> None:
    esquema = resultado.esquema
    if catalogo.esquemas.get(esquema.nombre) is not esquema:
        raise ValueError(f"el resultado no es de «{esquema.nombre}» del catálogo en uso")
    if errores := comprobar(catalogo, resultado).errores:
        raise EnvioRechazado(errores)
    if not resultado.tablas.get(esquema.nombre):
        mensaje = "No llegó ninguna fila. Complete al menos una."
        raise EnvioRechazado([Problema(Gravedad.ERROR, Codigo.SIN_FILAS, mensaje, esquema.nombre)])


def _guardar(c: Any, catalogo: Catalogo, sobre: _Sobre) -> Envio:
    esquema, envio, filas = sobre.esquema, sobre.envio, sobre.filas
    # Tomar el correlativo hace esperar a todo otro envío de la región y el ejercicio: desde aquí, de a uno.
    numero = almacen_envios.siguiente_correlativo(c, envio.ejercicio, envio.region)
    envio = replace(envio, folio=construir(envio.ejercicio, envio.region, numero))
    if es_de_excepciones(catalogo, esquema):
        registrar(c, envio, filas)
    if not esquema.es_encuesta:
        anteriores = almacen_envios.reemplazar_vigente(c, envio.esquema, envio.region, envio.ejercicio)
    elif envio.borrador is not None:
        anteriores = almacen_envios.reemplazar_de_borrador(c, envio.borrador)
    else:
        anteriores = []
    almacen_envios.guardar_definicion(c, esquema.huella, esquema.nombre, esquema.version, canonico_de(esquema))
    almacen_envios.insertar_envio(c, envio, filas)  # Repetido, si ese borrador en esa revisión ya se envió
    if envio.borrador and not almacen_borradores.cambiar_borrador(c, envio.borrador, envio.revision, envio=envio.folio):
        actual = almacen_borradores.tomar_borrador(c, envio.borrador)
        raise BorradorCambiado(Borrador.de(actual) if actual else None)
    if esquema.es_encuesta:
        _dejar_constancia(c, esquema, envio, filas)
    if sobre.copia:
        almacen_propias.guardar_copia(c, envio.folio, *sobre.copia)
    quien = {"cuando_utc": envio.recibido_utc, "actor": envio.autor}
    for anterior in anteriores:
        anotar(c, **quien, accion="reemplazar", objeto=f"{anterior} por {envio.folio}")
    en_entrevista = " en entrevista" if envio.entrevisto else ""
    anotar(c, **quien, accion="recibir", objeto=f"{envio.folio} {envio.huella}{en_entrevista}")
    return envio


def _guardar_anonima(c: Any, sobre: _Sobre, borrador: Borrador) -> Envio:
    esquema, envio = sobre.esquema, replace(sobre.envio, folio=anonimato.cortar(c, borrador))
    almacen_envios.guardar_definicion(c, esquema.huella, esquema.nombre, esquema.version, canonico_de(esquema))
    almacen_envios.insertar_envio(c, envio, sobre.filas)
    anonimato.barajar(c, envio)
    return envio


def _dejar_constancia(c: Any, esquema: Esquema, envio: Envio, filas: list[dict[str, Any]]) -> None:
    """Qué dato sensible se consintió entregar, con la huella del texto que se aceptó."""
    tablas: dict[str, list[dict[str, str]]] = {}
    for fila in filas:
        tablas.setdefault(fila["tabla"], []).append(json.loads(fila["datos"]))
    for campo in consentidos(esquema, tablas):
        huella = hashlib.sha256(esquema.privacidad["consentimiento"].encode()).hexdigest()
        dado = {"envio": envio.folio, "campo": campo, "version_esquema": envio.version_esquema, "huella": huella}
        almacen_derechos.insertar_consentimiento(c, {**dado, "dado_utc": envio.recibido_utc})


def _ya_enviado(almacen: Almacen, envio: Envio) -> Envio | None:
    if envio.borrador is None:
        return None
    with almacen.leer() as c:
        return almacen_envios.leer_envio_de_borrador(c, envio.borrador, envio.revision)


def respuestas_por_separado(resultado: Resultado) -> Iterator[Resultado]:
    """En una encuesta importada cada `respuesta` es un envío: un Resultado por respuesta, con las filas de sus grupos y sus
    alertas, en el orden del archivo. Un formato sale entero.
    """
    esquema = resultado.esquema
    if not esquema.es_encuesta:
        yield resultado
        return
    # Por tabla: a qué respuesta pertenece cada fila y qué lugar ocupa dentro de ella.
    partes: dict[str, dict[str, list[tuple[str, ...]]]] = {r[0]: {} for r in resultado.tablas[esquema.nombre]}
    lugar: dict[tuple[str, int], tuple[str, int]] = {}
    for tabla in esquema.tablas:
        for indice, fila in enumerate(resultado.tablas.get(tabla.nombre, ())):
            suyas = partes[fila[0]].setdefault(tabla.nombre, [])
            lugar[tabla.nombre, indice] = (fila[0], len(suyas))
            suyas.append(fila)
    alertas: dict[str, list[Problema]] = {}
    for problema in resultado.problemas:
        if problema.indice is not None and (problema.tabla, problema.indice) in lugar:
            respuesta, indice = lugar[problema.tabla, problema.indice]
            alertas.setdefault(respuesta, []).append(replace(problema, indice=indice))
    for respuesta, tablas in partes.items():
        completas = {t.nombre: tablas.get(t.nombre, []) for t in esquema.tablas}
        yield replace(resultado, tablas=completas, problemas=tuple(alertas.get(respuesta, ())), leidas=1)
