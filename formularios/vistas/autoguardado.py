"""Lo que se responde al script cuando guarda mientras la persona escribe: JSON corto, con la frase que se muestra."""

from collections.abc import Sequence

from flask import session

from esquemas.modelo import Esquema, Seccion
from formularios.encuesta import Guardado, huella_de_pantalla
from formularios.vistas import nucleo
from formularios.vistas.en_curso import convocatoria_de, quitadas_de
from formularios.vistas.escritura import citas, fecha, hora_corta

PISADO = (
    "Esta sección se guardó en otra pestaña. Aquí ya no se guarda mientras escribe: presione «Guardar y seguir» "
    "para ver qué cambió y decidir."
)
OTRA_VERSION = (
    "La encuesta cambió mientras usted la llenaba. Aquí ya no se guarda mientras escribe: presione «Guardar y seguir» para "
    "conservar lo escrito y ver qué cambió."
)
YA_ENVIADO = "Esta respuesta ya se envió, con el folio {folio}. Lo que escriba aquí no se guarda."
AJENO = "Llegaron datos que no son de esta pantalla. Presione «Guardar y seguir» para ver cuáles."
CERRADA = (
    "La encuesta cerró el {dia} a las 24:00 y ya no se puede enviar. La fecha la fijó el equipo de la región (norma: {norma}). "
    "Presione «Guardar y salir» para leer, imprimir o descargar lo que escribió."
)

Respuesta = tuple[dict[str, object], int]


def anotado(esquema: Esquema, seccion: Seccion, guardado: Guardado, ajenos: Sequence[str]) -> Respuesta:
    """200 con la `base` nueva y la hora; 410, también con ellas, si la encuesta cerró: lo escrito se guarda igual."""
    borrador, n = guardado.llenado.borrador, nucleo()
    if ajenos:
        return no_anotado(400, AJENO)
    hora = hora_corta(borrador.actualizado_utc)
    quitadas, convocatoria = quitadas_de(esquema, borrador, *guardado.quitadas), convocatoria_de(borrador)
    dichos = [f"Guardado a las {hora}."]
    if quitadas:
        dichos.append(f"Se quitó lo que ya no corresponde: {', '.join(quitadas.values())}.")
    cerrada = convocatoria.cerrada(n.reloj()) and convocatoria.ultimo_dia
    if cerrada:
        norma = "; ".join(c.texto for c in citas(esquema.norma))
        dichos.append(CERRADA.format(dia=fecha(cerrada), norma=norma))
    dicho = {"base": huella_de_pantalla(borrador, seccion), "guardado": hora, "quitadas": ",".join(quitadas)}
    return _responder({**dicho, "mensaje": " ".join(dichos)}, 410 if cerrada else 200)


def no_anotado(estado: int, mensaje: str) -> Respuesta:
    """No se guardó; `mensaje` dice por qué y qué hacer."""
    return _responder({"mensaje": mensaje}, estado)


def _responder(dicho: dict[str, object], estado: int) -> Respuesta:
    # Sin cookie: si llegara después de que otra pestaña cambió la sesión, la devolvería a como estaba.
    session.permanent = session.modified = False
    return dicho, estado
