"""Qué pasa cuando llega algo: se sella, recibe folio y ya no cambia. Sin web y sin base: eso lo ponen otros.

Un folio entregado es un folio guardado: todo ocurre en una transacción y el envío se devuelve después de
confirmar.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

from esquemas.errores import Codigo, Gravedad, Problema
from esquemas.modelo import Catalogo, Esquema
from esquemas.privacidad import consentidos
from esquemas.propias import copia_de, proyectar
from esquemas.referencias import referidos
from esquemas.validacion import Resultado
from formularios import almacen_borradores, almacen_derechos, almacen_envios, almacen_propias, anonimato
from formularios.almacen import Almacen, Repetido
from formularios.almacen_bitacora import anotar
from formularios.borradores import Borrador, BorradorCambiado, huella_de_secreto
from formularios.envio import ANONIMA, SUPRIMIDO, TODO, VIGENTE, Comprobante, Envio, EnvioRechazado
from formularios.excepciones import comprobar, es_de_excepciones, exceptuar, registrar
from formularios.folio import NIVEL_CENTRAL, construir
from formularios.sellado import canonico_de, sellar


def recibir(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    resultado: Resultado,
    *,
    region: str,
    ejercicio: int,
    ahora_utc: datetime,
    presentado_legal: datetime,
    origen: str,
    autor: str = "",
    borrador: Borrador | None = None,
    entrevisto: str | None = None,
    vale: str = "",
) -> Envio:
    """Guarda un resultado válido como envío y devuelve el envío con su folio.

    El mismo borrador en la misma revisión, enviado dos veces (también a la vez), da el mismo envío. Un
    formato deja `reemplazado` al vigente de su región y ejercicio; una respuesta de encuesta, solo a la de su
    propio borrador. `presentado_legal` es el de `esquemas.plazos.presentado_legal`; `origen`, por dónde llegó
    («web», «entrevista», «orden»); `autor`, quién, sin datos personales; `entrevisto`, su rol si respondió en nombre de
    otra persona; `region` «00» es el nivel central. `vale` es el de `anonimato`. Las columnas propias de la región no entran en
    el envío: queda una copia al lado.

    EnvioRechazado si hay errores; BorradorCambiado si el borrador siguió cambiando en otra pestaña;
    AlmacenNoDisponible si no se pudo guardar: en los tres casos no queda nada ni se gasta un número.
    """
    copia = copia_de(resultado)
    esquema, resultado = esquema.oficial or esquema, proyectar(resultado)
    _exigir_admisible(catalogo, esquema, resultado)
    envio = _preparar(
        esquema,
        region=region,
        ejercicio=ejercicio,
        recibido_utc=ahora_utc,
        presentado_legal=presentado_legal,
        origen=origen,
        autor=autor,
        borrador=borrador.id if borrador else None,
        revision=borrador.revision if borrador else None,
        entrevisto=entrevisto,
    )
    huella, filas = sellar(esquema, resultado)
    envio = replace(envio, huella=huella)
    if borrador and esquema.anonima:
        envio = anonimato.desligar(envio, vale)
    try:
        with almacen.escribir() as c:
            if borrador and esquema.anonima:
                return _guardar_anonima(c, esquema, envio, filas, borrador)
            guardado = _guardar(c, catalogo, esquema, envio, filas)
            if copia:
                almacen_propias.guardar_copia(c, guardado.folio, *copia)
            return guardado
    except (Repetido, BorradorCambiado):
        if previo := _ya_enviado(almacen, envio):
            return previo
        raise


def recibir_respuestas(
    almacen: Almacen,
    catalogo: Catalogo,
    esquema: Esquema,
    resultado: Resultado,
    *,
    region: str,
    ejercicio: int,
    ahora_utc: datetime,
    presentado_legal: datetime,
    origen: str,
    autor: str = "",
    excepciones: Sequence[Mapping[str, str]] = (),
) -> list[Envio]:
    """Un archivo: en una encuesta, un envío por respuesta; en un formato, uno. Entran todos o ninguno.

    `excepciones` (fila, campo, regla, razon, fuente) se registran en la misma transacción: si el envío no entra, ellas
    tampoco. Los demás argumentos, y lo que lanza, son los de `recibir`.
    """
    _exigir_admisible(catalogo, esquema, resultado)
    envio = _preparar(
        esquema,
        region=region,
        ejercicio=ejercicio,
        recibido_utc=ahora_utc,
        presentado_legal=presentado_legal,
        origen=origen,
        autor=autor,
    )
    envios = []
    with almacen.escribir() as c:
        for excepcion in excepciones:
            exceptuar(c, envio, excepcion)
        for parte in respuestas_por_separado(esquema, resultado):
            huella, filas = sellar(esquema, parte)
            envios.append(_guardar(c, catalogo, esquema, replace(envio, huella=huella), filas))
    return envios


def recibir_en(
    c: Any,
    catalogo: Catalogo,
    resultado: Resultado,
    *,
    region: str,
    ejercicio: int,
    ahora_utc: datetime,
    presentado_legal: datetime,
    origen: str,
    autor: str,
    otra_vez: bool = False,
) -> Envio:
    """Sella un formato dentro de una transacción ajena. Si es letra por letra lo vigente, da ese mismo envío, salvo `otra_vez`.

    Los argumentos, y lo que lanza, son los de `recibir`.
    """
    copia, resultado = copia_de(resultado), proyectar(resultado)
    esquema = resultado.esquema
    _exigir_admisible(catalogo, esquema, resultado)
    envio = _preparar(
        esquema,
        region=region,
        ejercicio=ejercicio,
        recibido_utc=ahora_utc,
        presentado_legal=presentado_legal,
        origen=origen,
        autor=autor,
    )
    huella, filas = sellar(esquema, resultado)
    vigentes = almacen_envios.buscar_envios(c, esquema.nombre, ejercicio=ejercicio, region=region, estado=VIGENTE)
    if vigentes and vigentes[0].huella == huella and not otra_vez:
        return vigentes[0]
    guardado = _guardar(c, catalogo, esquema, replace(envio, huella=huella), filas)
    if copia:
        almacen_propias.guardar_copia(c, guardado.folio, *copia)
    return guardado


def _preparar(esquema: Esquema, **recibido: Any) -> Envio:
    """El envío al que solo le faltan folio y huella."""
    return Envio(
        folio="",
        esquema=esquema.nombre,
        clase=esquema.clase,
        version_esquema=esquema.version,
        definicion=esquema.huella,
        huella="",
        estado=VIGENTE,
        valido=True,
        **recibido,
    )


def _exigir_admisible(catalogo: Catalogo, esquema: Esquema, resultado: Resultado) -> None:
    if catalogo.esquemas.get(esquema.nombre) is not esquema or resultado.esquema is not esquema:
        raise ValueError(f"el resultado no es de «{esquema.nombre}» del catálogo en uso")
    if errores := comprobar(catalogo, resultado).errores:
        raise EnvioRechazado(errores)
    if not resultado.tablas.get(esquema.nombre):
        mensaje = "No llegó ninguna fila. Complete al menos una."
        raise EnvioRechazado([Problema(Gravedad.ERROR, Codigo.SIN_FILAS, mensaje, esquema.nombre)])


def _guardar(c: Any, catalogo: Catalogo, esquema: Esquema, envio: Envio, filas: list[dict[str, Any]]) -> Envio:
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
    quien = {"cuando_utc": envio.recibido_utc, "actor": envio.autor}
    for anterior in anteriores:
        anotar(c, **quien, accion="reemplazar", objeto=f"{anterior} por {envio.folio}")
    en_entrevista = " en entrevista" if envio.entrevisto else ""
    anotar(c, **quien, accion="recibir", objeto=f"{envio.folio} {envio.huella}{en_entrevista}")
    return envio


def _guardar_anonima(c: Any, esquema: Esquema, envio: Envio, filas: list[dict[str, Any]], borrador: Borrador) -> Envio:
    envio = replace(envio, folio=anonimato.cortar(c, borrador))
    almacen_envios.guardar_definicion(c, esquema.huella, esquema.nombre, esquema.version, canonico_de(esquema))
    almacen_envios.insertar_envio(c, envio, filas)
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


def ya_recibida(almacen: Almacen, vale: str) -> Envio | None:
    """La respuesta anónima que se envió con ese vale, o None."""
    with almacen.leer() as c:
        return almacen_envios.leer_envio_de_borrador(c, huella_de_secreto(vale), ANONIMA)


def comprobante(almacen: Almacen, folio: str) -> Comprobante | None:
    """El comprobante de un folio; None si no existe."""
    with almacen.leer() as c:
        envio = almacen_envios.leer_envio(c, folio)
        if envio is None:
            return None
        filas = almacen_envios.contar_filas(c, [folio])
        reemplaza = almacen_envios.leer_anterior(c, envio)
    return Comprobante(
        folio=envio.folio,
        huella=envio.huella,
        recibido_utc=envio.recibido_utc,
        presentado_legal=envio.presentado_legal,
        esquema=envio.esquema,
        version=envio.version_esquema,
        definicion=envio.definicion,
        region=envio.region,
        ejercicio=envio.ejercicio,
        estado=SUPRIMIDO if envio.quitado == TODO else envio.estado,
        origen=envio.origen,
        autor=envio.autor,
        filas=filas,
        reemplaza=reemplaza,
        quitado=envio.quitado,
        entrevisto=envio.entrevisto,
        anonima=envio.anonima,
    )


def vigente_de(almacen: Almacen, esquema: str, region: str, ejercicio: int) -> Comprobante | None:
    """El comprobante del envío vigente de un formato; None si la región aún no lo entrega."""
    with almacen.leer() as c:
        envios = almacen_envios.buscar_envios(c, esquema, ejercicio=ejercicio, region=region, estado=VIGENTE)
    return comprobante(almacen, envios[0].folio) if envios else None


def es_el_vigente(vigente: Comprobante | None, resultado: Resultado) -> bool:
    """Si ese resultado es, letra por letra, lo que ya está vigente."""
    entregable = proyectar(resultado)
    return vigente is not None and vigente.huella == sellar(entregable.esquema, entregable)[0]


def respuestas_por_separado(esquema: Esquema, resultado: Resultado) -> Iterator[Resultado]:
    """En una encuesta importada cada `respuesta` es un envío: un Resultado por respuesta, en el orden del
    archivo.

    Cada uno lleva las filas de sus grupos y sus alertas. Un formato sale entero. Los errores, si los hay, son
    de todo el archivo: se rechaza antes de separar (EnvioRechazado), porque media encuesta importada no se
    entiende.
    """
    if resultado.errores:
        raise EnvioRechazado(resultado.errores)
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


def referidas_de(
    almacen: Almacen, catalogo: Catalogo, esquema: Esquema, region: str, ejercicio: int
) -> dict[str, list[dict[str, str]]]:
    """Para `Contexto.referidas`: las filas vigentes de cada matriz a la que `esquema` se refiere.

    La que aún no se ha entregado no aparece, para que el núcleo avise que no se revisó contra ella. De una
    matriz nacional, que entrega el nivel central, solo las filas de la región.
    """
    with almacen.leer() as c:
        return referidas_en(c, catalogo, esquema, region, ejercicio)


def referidas_en(c: Any, catalogo: Catalogo, esquema: Esquema, region: str, ejercicio: int) -> dict[str, list[dict[str, str]]]:
    """Lo mismo, dentro de una transacción."""
    encontradas: dict[str, list[dict[str, str]]] = {}
    for nombre in referidos(esquema):
        nacional = catalogo.esquemas[nombre].ambito == "nacional"
        donde = NIVEL_CENTRAL if nacional else region
        filas = almacen_envios.leer_filas_vigentes(c, nombre, donde, ejercicio)
        if filas is not None:
            encontradas[nombre] = [f for f in filas if not nacional or f.get("region", region) == region]
    return encontradas


def excepciones_de(almacen: Almacen, esquema: str, region: str, ejercicio: int) -> list[dict[str, str]]:
    """Las registradas, para `Contexto.excepciones`: fila, campo, regla, razon, fuente."""
    with almacen.leer() as c:
        return almacen_envios.leer_excepciones(c, esquema, region, ejercicio)
