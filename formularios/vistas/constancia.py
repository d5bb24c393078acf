"""Lo que dice un comprobante, una sola vez para la página, el PDF y el correo."""

from dataclasses import dataclass
from datetime import datetime

from flask import abort, session, url_for

from esquemas.modelo import Esquema
from formularios.convocatoria import Convocatoria, leer_convocatoria
from formularios.entrevista import es_de_entrevista
from formularios.envio import VIGENTE, Comprobante
from formularios.impreso import Renglon, imprimir
from formularios.recibido import comprobante
from formularios.vistas import nucleo, usuario_en_sesion
from formularios.vistas.escritura import como_llego, de_catalogo, en_entrevista, hora_chile, hora_utc, recibido

SIN_AUTOR = "Quien respondió. El sistema no identifica a la persona."


@dataclass(frozen=True, slots=True)
class Constancia:
    """Un comprobante listo para mostrar. `direccion` es la de verificación, completa."""

    esquema: Esquema
    c: Comprobante
    convocatoria: Convocatoria
    direccion: str
    renglones: list[Renglon]

    def pdf(self) -> bytes:
        """El mismo comprobante en PDF/A."""
        return imprimir(
            titulo="Comprobante de envío",
            folio=self.c.folio,
            estado="Vigente" if self.c.estado == VIGENTE else f"Este envío está {self.c.estado}",
            renglones=self.renglones,
            direccion=self.direccion,
            recibido_utc=self.c.recibido_utc,
        )


def es_propia(folio: str) -> bool:
    """Si ese folio se envió desde este navegador. El de una entrevista, solo mientras dure la sesión de quien la hizo."""
    secreto = dict(session.get("comprobantes", [])).get(folio)
    return secreto is not None and not (es_de_entrevista(secreto) and usuario_en_sesion() is None)


def leer_constancia(esquema: Esquema, folio: str) -> Constancia:
    """La de ese folio; 404 si no es de esa encuesta."""
    n = nucleo()
    c = comprobante(n.almacen, folio)
    if c is None or c.esquema != esquema.nombre:
        abort(404)
    convocatoria = leer_convocatoria(n.almacen, esquema.nombre, c.region, c.ejercicio)
    direccion = n.configuracion.url_publica + url_for("publico.verificar", folio=folio)
    return Constancia(esquema, c, convocatoria, direccion, _renglones(esquema, c, convocatoria.cierra_utc))


def _renglones(esquema: Esquema, c: Comprobante, cierra_utc: datetime | None) -> list[Renglon]:
    inhabil = "" if c.presentado_legal == c.recibido_utc else ". Llegó en día inhábil (Ley 19.880, art. 25)."
    cuando = [
        Renglon("Recibido, en UTC", hora_utc(c.recibido_utc)),
        Renglon("Se entiende presentado", hora_chile(c.presentado_legal) + inhabil),
    ]
    return [
        Renglon("Encuesta", f"{esquema.titulo}, versión {c.version}"),
        Renglon("Región y ejercicio", f"{de_catalogo(c.region, 'regiones')}, {c.ejercicio}"),
        Renglon("Recibido", recibido(c)),
        *([] if c.anonima else cuando),
        *([Renglon("Cierre de la encuesta", hora_chile(cierra_utc))] if cierra_utc else []),
        Renglon("Cómo llegó", como_llego(c.origen)),
        Renglon("Quién envió", _quien_envio(c)),
        *([Renglon("Reemplaza a", c.reemplaza)] if c.reemplaza else []),
        *(Renglon(g.tabla.titulo, str(c.filas[g.nombre])) for g in esquema.grupos if c.filas.get(g.nombre)),
        Renglon("Huella de lo enviado (SHA-256)", c.huella, fija=True),
        Renglon("Huella de la definición de la encuesta (SHA-256)", c.definicion, fija=True),
    ]


def _quien_envio(c: Comprobante) -> str:
    if c.entrevisto:
        return en_entrevista(c.entrevisto, c.region)
    return c.autor or (SIN_AUTOR if c.origen == "web" else "No consta")
