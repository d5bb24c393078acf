"""Lo ya recibido: el comprobante de un folio, qué está vigente y con qué se revisa lo que viene. Sin web."""

from typing import Any

from esquemas.modelo import Catalogo, Esquema
from esquemas.propias import proyectar
from esquemas.referencias import referidos
from esquemas.validacion import Resultado
from formularios import almacen_envios
from formularios.almacen import Almacen
from formularios.borradores import huella_de_secreto
from formularios.envio import ANONIMA, SUPRIMIDO, TODO, VIGENTE, Comprobante, Envio
from formularios.folio import NIVEL_CENTRAL
from formularios.sellado import sellar


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
