"""Las tablas del almacén. Las crea la migración; una prueba exige que ambas digan lo mismo.

Los instantes se guardan como texto ISO de largo fijo en UTC: se ordenan como texto y son idénticos en ambos
motores. Los secretos se guardan solo como SHA-256.
"""

from datetime import UTC, datetime

from sqlalchemy import (
    Boolean,
    CheckConstraint,
    Column,
    ForeignKey,
    ForeignKeyConstraint,
    Index,
    Integer,
    LargeBinary,
    MetaData,
    Table,
    Text,
    UniqueConstraint,
    false,
    text,
)
from sqlalchemy.types import TypeDecorator

ESTADOS = ("vigente", "reemplazado", "anulado")
SITUACIONES = ("pendiente", "acogida", "rechazada")


class Instante(TypeDecorator):
    """`datetime` con zona ↔ `2026-11-15T13:45:01.000000Z`. Un instante sin zona es un error del programa."""

    impl = Text
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect) -> str | None:
        return None if value is None else escribir_instante(value)

    def process_result_value(self, value: str | None, dialect) -> datetime | None:
        return None if value is None else datetime.fromisoformat(value)


def escribir_instante(instante: datetime) -> str:
    """Texto ISO UTC de 27 caracteres. ValueError si `instante` no tiene zona."""
    if instante.tzinfo is None:
        raise ValueError(f"instante sin zona: {instante!r}")
    return instante.astimezone(UTC).isoformat(timespec="microseconds").replace("+00:00", "Z")


METADATOS = MetaData(
    naming_convention={
        "ix": "ix_%(table_name)s_%(column_0_N_name)s",
        "uq": "uq_%(table_name)s_%(column_0_N_name)s",
        "ck": "ck_%(table_name)s_%(constraint_name)s",
        "fk": "fk_%(table_name)s_%(column_0_N_name)s",
        "pk": "pk_%(table_name)s",
    }
)


def _texto(nombre: str, *resto, **opciones) -> Column:
    return Column(nombre, Text, *resto, **{"nullable": False, **opciones})


def _textos(*nombres: str) -> list[Column]:
    return [_texto(n) for n in nombres]


def _entero(nombre: str, *resto, **opciones) -> Column:
    return Column(nombre, Integer, *resto, **{"nullable": False, **opciones})


def _clave_entera(nombre: str) -> Column:
    return _entero(nombre, primary_key=True, autoincrement=False)


def _logico(nombre: str) -> Column:
    return Column(nombre, Boolean, nullable=False)


def _instante(nombre: str, **opciones) -> Column:
    return Column(nombre, Instante, **{"nullable": False, **opciones})


def _uno_de(columna: str, valores: tuple[str, ...]) -> CheckConstraint:
    return CheckConstraint(f"{columna} IN ({', '.join(repr(v) for v in valores)})", name=columna)


# Con qué se validó cada envío: el descriptor entero, por su huella.
definicion = Table(
    "definicion", METADATOS, _texto("huella", primary_key=True), *_textos("esquema", "version", "json")
)

_MATRIZ_VIGENTE = text("estado = 'vigente' AND clase = 'formato'")
envio = Table(
    "envio",
    METADATOS,
    _texto("folio", primary_key=True),
    *_textos("esquema", "clase", "region"),
    _entero("ejercicio"),
    *(_texto("version_esquema"), _texto("definicion", ForeignKey("definicion.huella"))),
    *_textos("huella", "estado"),
    *(_logico("valido"), _instante("recibido_utc"), _instante("presentado_legal")),
    *_textos("origen", "autor"),
    # Borrador del que salió. Juntas son únicas: el mismo borrador sin cambios es el mismo envío (doble clic).
    *(_texto("borrador", nullable=True), _entero("revision", nullable=True)),
    # Lo que pidió la persona o mandó el plazo: sin tratarlo desde cuándo, y si se le quitó una «parte» o «todo».
    *(_instante("bloqueado_utc", nullable=True), _texto("quitado", nullable=True)),
    _texto("entrevisto", nullable=True),  # de dónde era quien la respondió en nombre de otro, en una entrevista
    UniqueConstraint("borrador", "revision"),
    *(_uno_de("estado", ESTADOS), _uno_de("clase", ("formato", "encuesta"))),
    Index("ix_envio_esquema", "esquema", "ejercicio", "region", "estado"),
    # Nunca dos matrices vigentes del mismo esquema, región y ejercicio.
    Index(
        *("uq_envio_vigente", "esquema", "region", "ejercicio"),
        unique=True,
        sqlite_where=_MATRIZ_VIGENTE,
        postgresql_where=_MATRIZ_VIGENTE,
    ),
)

# `datos` es JSON, para consultar; `linea`, CSV canónico, lo que prueba la huella.
fila = Table(
    "fila",
    METADATOS,
    _texto("envio", ForeignKey("envio.folio"), primary_key=True),
    *(_texto("tabla", primary_key=True), _clave_entera("orden")),
    *_textos("codigo", "datos", "linea"),
    _texto("lapida", nullable=True),  # si se le quitaron datos de personas, la huella de la línea original
)

# Que una persona consintió en entregar un dato sensible. El texto exacto está en la definición del envío.
consentimiento = Table(
    "consentimiento",
    METADATOS,
    *(_texto("envio", ForeignKey("envio.folio"), primary_key=True), _texto("campo", primary_key=True)),
    *_textos("version_esquema", "huella"),
    *(_instante("dado_utc"), _instante("retirado_utc", nullable=True)),
)

# Lo que una persona pide sobre sus datos. `correo` se borra al suprimir; `clave` deja ver el estado sin guardarlo.
solicitud = Table(
    "solicitud",
    METADATOS,
    _texto("numero", primary_key=True),
    *_textos("derecho", "folio", "region", "correo", "detalle", "clave", "estado", "razon", "quien"),
    *(_instante("pedida_utc"), _instante("vence_utc"), _instante("respondida_utc", nullable=True)),
    _uno_de("estado", SITUACIONES),
    Index("ix_solicitud_region", "region", "estado"),
)

correlativo = Table(
    "correlativo",
    METADATOS,
    _clave_entera("ejercicio"),
    _texto("region", primary_key=True),
    _entero("ultimo"),
)

borrador = Table(
    "borrador",
    METADATOS,
    _texto("id", primary_key=True),
    *_textos("esquema", "version", "region"),
    *(_entero("ejercicio"), _texto("datos"), _entero("revision")),
    *(_instante("creado_utc"), _instante("actualizado_utc"), _instante("vence_utc", index=True)),
    _texto("envio", ForeignKey("envio.folio"), nullable=True),
)

# Con qué se abre un borrador: del secreto se guarda solo su SHA-256. Puede haber varias; borrarla es revocarla.
llave = Table(
    "llave",
    METADATOS,
    _texto("huella", primary_key=True),
    _texto("borrador", ForeignKey("borrador.id", ondelete="CASCADE"), index=True),
    *(_instante("creada_utc"), _instante("vence_utc", nullable=True)),
)

# Lo que una región decide de una encuesta: si la responde cualquiera con su dirección, y cuándo cierra.
convocatoria = Table(
    "convocatoria",
    METADATOS,
    *(_texto("esquema", primary_key=True), _texto("region", primary_key=True), _clave_entera("ejercicio")),
    *(_logico("publica"), _instante("cierra_utc", nullable=True)),
)

# A quién del catastro se invitó. El nombre y el correo no se repiten aquí: están en el catastro, por su código.
# `respondida`: de una encuesta anónima, y entonces ya no tiene borrador ni se sabe cuál es su respuesta.
invitacion = Table(
    "invitacion",
    METADATOS,
    *(_texto("esquema", primary_key=True), _texto("region", primary_key=True), _clave_entera("ejercicio")),
    _texto("codigo", primary_key=True),
    _texto("borrador", ForeignKey("borrador.id", ondelete="CASCADE"), nullable=True, unique=True),
    Column("respondida", Boolean, nullable=False, server_default=false()),
    *(_instante("creada_utc"), _instante("recordada_utc", nullable=True), _instante("abierta_utc", nullable=True)),
    _entero("correo", ForeignKey("correo.id"), nullable=True),
)

# Que una región empezó a llenar una matriz. Quien la cambia la reserva: así dos personas no se pisan.
matriz_en_curso = Table(
    "matriz_en_curso",
    METADATOS,
    *(_texto("esquema", primary_key=True), _texto("region", primary_key=True), _clave_entera("ejercicio")),
    _instante("empezada_utc"),
)

# Lo que una región está llenando de una matriz, fila por fila. `datos` es JSON, como se escribió; `version` sube con cada cambio.
fila_en_curso = Table(
    "fila_en_curso",
    METADATOS,
    *(_texto("id", primary_key=True), *_textos("esquema", "region"), _entero("ejercicio"), _entero("orden")),
    *(_texto("datos"), _entero("version"), *_textos("origen", "por_revisar")),
    *(_instante("cambiada_utc"), _texto("autor"), _instante("quitada_utc", nullable=True)),
    Index("ix_fila_en_curso_esquema", "esquema", "region", "ejercicio", "orden"),
)

# Cómo quedó esa fila en cada versión, quién la dejó así y qué hizo.
cambio_de_fila = Table(
    "cambio_de_fila",
    METADATOS,
    *(_texto("fila", ForeignKey("fila_en_curso.id"), primary_key=True), _clave_entera("version")),
    *(*_textos("accion", "datos"), _instante("cuando_utc"), _texto("autor")),
)

# La focalización de una región en un ejercicio. Quien actúa en ella reserva su fila: los actos van de a uno.
expediente = Table(
    "expediente",
    METADATOS,
    *(_texto("region", primary_key=True), _clave_entera("ejercicio"), _texto("estado"), _entero("ultimo")),
)

# Cada acto, numerado. `datos` es JSON: lo que el acto exige (acuerdo del CORE). Nada de esto cambia después.
actuacion = Table(
    "actuacion",
    METADATOS,
    *(_texto("region", primary_key=True), _clave_entera("ejercicio"), _clave_entera("numero")),
    *(*_textos("acto", "de", "a"), _instante("recibido_utc"), _instante("presentado_legal")),
    *_textos("autor", "motivo", "datos"),
    ForeignKeyConstraint(["region", "ejercicio"], ["expediente.region", "expediente.ejercicio"]),
)

# Con qué folio quedó cada formato en un acto. El mismo folio puede estar en dos: lo que no cambió no se sella otra vez.
entregado = Table(
    "entregado",
    METADATOS,
    *(_texto("region", primary_key=True), _clave_entera("ejercicio"), _clave_entera("numero")),
    *(_texto("esquema", primary_key=True), _texto("folio", ForeignKey("envio.folio"))),
    ForeignKeyConstraint(
        ["region", "ejercicio", "numero"], ["actuacion.region", "actuacion.ejercicio", "actuacion.numero"]
    ),
)

# Lo que quien firma abrió con un motivo mientras solo se corrige lo observado: una fila («»: toda la matriz). Vale hasta el
# acto que sigue a `numero`.
apertura = Table(
    "apertura",
    METADATOS,
    *(_texto("region", primary_key=True), _clave_entera("ejercicio"), _clave_entera("numero")),
    *(_texto("esquema", primary_key=True), _texto("fila", primary_key=True)),
    *(*_textos("motivo", "autor"), _instante("cuando_utc")),
    ForeignKeyConstraint(
        ["region", "ejercicio", "numero"], ["actuacion.region", "actuacion.ejercicio", "actuacion.numero"]
    ),
)

# Un archivo que se guarda tal cual llegó, por su SHA-256: el acta, el certificado.
documento = Table(
    "documento",
    METADATOS,
    *(_texto("huella", primary_key=True), *_textos("nombre", "tipo")),
    *(Column("contenido", LargeBinary, nullable=False), _instante("guardado_utc")),
)

# Un deber del Reglamento que alguien de la región dice cumplido: cuándo, con qué rol lo dice y una nota.
cotejo = Table(
    "cotejo",
    METADATOS,
    *(_texto("region", primary_key=True), _clave_entera("ejercicio"), _texto("norma", primary_key=True)),
    *(*_textos("fecha", "nota", "rol", "autor"), _instante("anotado_utc")),
)

# Un archivo leído que espera que su autor confirme: lo que dice cada fila, y sobre qué versión de la matriz lo vio.
archivo_por_aplicar = Table(
    "archivo_por_aplicar",
    METADATOS,
    *(_texto("id", primary_key=True), *_textos("esquema", "region"), _entero("ejercicio")),
    *(*_textos("nombre", "filas", "base", "autor"), _instante("leido_utc", index=True)),
)

# Una columna que una región agregó a una matriz. La que se quita no se borra: sus datos siguen en las filas y en su historial.
columna_propia = Table(
    "columna_propia",
    METADATOS,
    *(_texto("esquema", primary_key=True), _texto("region", primary_key=True), _clave_entera("ejercicio")),
    *(_texto("nombre", primary_key=True), *_textos("titulo", "tipo", "ayuda"), _entero("orden")),
    *(_instante("declarada_utc"), _texto("autor"), _instante("quitada_utc", nullable=True)),
)

# Lo que decían las columnas propias al entregar: van fuera del envío, que es igual con ellas y sin ellas. JSON.
propia_de_envio = Table(
    "propia_de_envio",
    METADATOS,
    *(_texto("envio", ForeignKey("envio.folio"), primary_key=True), *_textos("columnas", "filas")),
)

# Un borrador que un profesional llena en nombre de alguien: cuál fue la última vez. Todas están en la bitácora.
entrevista = Table(
    "entrevista",
    METADATOS,
    _texto("borrador", ForeignKey("borrador.id", ondelete="CASCADE"), primary_key=True),
    *(_texto("nombre"), _entero("usuario", ForeignKey("usuario.id")), _instante("comenzada_utc")),
)

usuario = Table(
    "usuario",
    METADATOS,
    *(_entero("id", primary_key=True), _texto("correo", unique=True)),
    _logico("activo"),
)

# Lo que puede cada quien. `region` vacía: todas; `ejercicio` 0: todos.
permiso = Table(
    "permiso",
    METADATOS,
    *(_entero("usuario", ForeignKey("usuario.id"), primary_key=True), _texto("rol", primary_key=True)),
    *(_texto("region", primary_key=True), _clave_entera("ejercicio")),
)

# Quien está adentro. El navegador tiene la ficha; aquí, su huella. `pendiente`: le falta el segundo factor.
sesion = Table(
    "sesion",
    METADATOS,
    *(_texto("huella", primary_key=True), _entero("usuario", ForeignKey("usuario.id"), index=True)),
    *(_instante("entro_utc"), _instante("ultima_utc"), _instante("vence_utc", index=True), _texto("con"), _logico("pendiente")),
)

# El segundo factor de una persona. El secreto sale de la clave del sistema y de `sal`; `ultimo_paso` no se usa dos veces.
segundo_factor = Table(
    "segundo_factor",
    METADATOS,
    *(_entero("usuario", ForeignKey("usuario.id"), primary_key=True, autoincrement=False), _texto("sal")),
    *(_instante("activado_utc", nullable=True), _entero("ultimo_paso")),
)

# Los códigos de respaldo que le quedan.
respaldo = Table(
    "respaldo",
    METADATOS,
    *(_entero("usuario", ForeignKey("usuario.id"), primary_key=True), _texto("huella", primary_key=True)),
)

# Con qué identidad de afuera entra: solo la huella de (emisor, sujeto).
identidad = Table(
    "identidad",
    METADATOS,
    *(_texto("huella", primary_key=True), _entero("usuario", ForeignKey("usuario.id"), index=True)),
    _instante("vinculada_utc"),
)

acceso = Table(
    "acceso",
    METADATOS,
    *(_texto("huella", primary_key=True), _entero("usuario", ForeignKey("usuario.id"))),
    *(_instante("vence_utc", index=True), _instante("usado_utc", nullable=True)),
)

correo = Table(
    "correo",
    METADATOS,
    *(_entero("id", primary_key=True), *_textos("para", "asunto", "cuerpo")),
    *(_instante("creado_utc"), _instante("enviado_utc", nullable=True), _entero("intentos"), _texto("error")),
    Column("adjunto", LargeBinary, nullable=True),  # un PDF; se borra al salir, como el cuerpo
    _instante("proximo_utc", nullable=True),  # antes de esto no se intenta: lo tomó otro proceso, o falló hace poco
)

excepcion = Table(
    "excepcion",
    METADATOS,
    *(_entero("id", primary_key=True), *_textos("esquema", "region"), _entero("ejercicio")),
    *_textos("fila", "campo", "regla", "razon", "fuente"),
    UniqueConstraint("esquema", "region", "ejercicio", "fila", "campo", "regla"),
)

contador = Table(
    *("contador", METADATOS),
    *(_texto("clave", primary_key=True), _texto("ventana", primary_key=True), _entero("cuenta")),
)

bitacora = Table(
    "bitacora",
    METADATOS,
    *(_clave_entera("n"), _instante("cuando_utc"), *_textos("actor", "accion", "objeto", "huella_anterior")),
    _texto("huella", unique=True),
)

# Una sola fila: la punta de la bitácora. Ordena a quienes anotan a la vez y delata si se le corta la cola.
sello = Table("sello", METADATOS, _clave_entera("id"), _entero("n"), _texto("huella"))

# Una sola fila: la prueba de que se puede escribir.
latido = Table("latido", METADATOS, _clave_entera("id"), _entero("cuenta"))
