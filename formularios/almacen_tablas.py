"""Las tablas del almacén. Las crea la migración; una prueba exige que ambas digan lo mismo.

Los secretos se guardan solo como SHA-256.
"""

from sqlalchemy import Boolean, Column, ForeignKey, ForeignKeyConstraint, Index, LargeBinary, Table, UniqueConstraint, false, text

from formularios.almacen_columnas import METADATOS, clave_entera, entero, instante, logico, texto, textos, uno_de

ESTADOS = ("vigente", "reemplazado", "anulado")
SITUACIONES = ("pendiente", "acogida", "rechazada")

# Con qué se validó cada envío: el descriptor entero, por su huella.
definicion = Table(
    "definicion", METADATOS, texto("huella", primary_key=True), *textos("esquema", "version", "json")
)

_MATRIZ_VIGENTE = text("estado = 'vigente' AND clase = 'formato'")
envio = Table(
    "envio",
    METADATOS,
    texto("folio", primary_key=True),
    *textos("esquema", "clase", "region"),
    entero("ejercicio"),
    *(texto("version_esquema"), texto("definicion", ForeignKey("definicion.huella"))),
    *textos("huella", "estado"),
    *(logico("valido"), instante("recibido_utc"), instante("presentado_legal")),
    *textos("origen", "autor"),
    # Borrador del que salió. Juntas son únicas: el mismo borrador sin cambios es el mismo envío (doble clic).
    *(texto("borrador", nullable=True), entero("revision", nullable=True)),
    # Lo que pidió la persona o mandó el plazo: sin tratarlo desde cuándo, y si se le quitó una «parte» o «todo».
    *(instante("bloqueado_utc", nullable=True), texto("quitado", nullable=True)),
    texto("entrevisto", nullable=True),  # de dónde era quien la respondió en nombre de otro, en una entrevista
    UniqueConstraint("borrador", "revision"),
    *(uno_de("estado", ESTADOS), uno_de("clase", ("formato", "encuesta"))),
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
    texto("envio", ForeignKey("envio.folio"), primary_key=True),
    *(texto("tabla", primary_key=True), clave_entera("orden")),
    *textos("codigo", "datos", "linea"),
    texto("lapida", nullable=True),  # si se le quitaron datos de personas, la huella de la línea original
)

# Que una persona consintió en entregar un dato sensible. El texto exacto está en la definición del envío.
consentimiento = Table(
    "consentimiento",
    METADATOS,
    *(texto("envio", ForeignKey("envio.folio"), primary_key=True), texto("campo", primary_key=True)),
    *textos("version_esquema", "huella"),
    *(instante("dado_utc"), instante("retirado_utc", nullable=True)),
)

# Lo que una persona pide sobre sus datos. `correo` se borra al suprimir; `clave` deja ver el estado sin guardarlo.
solicitud = Table(
    "solicitud",
    METADATOS,
    texto("numero", primary_key=True),
    *textos("derecho", "folio", "region", "correo", "detalle", "clave", "estado", "razon", "quien"),
    *(instante("pedida_utc"), instante("vence_utc"), instante("respondida_utc", nullable=True)),
    uno_de("estado", SITUACIONES),
    Index("ix_solicitud_region", "region", "estado"),
)

correlativo = Table(
    "correlativo",
    METADATOS,
    clave_entera("ejercicio"),
    texto("region", primary_key=True),
    entero("ultimo"),
)

borrador = Table(
    "borrador",
    METADATOS,
    texto("id", primary_key=True),
    *textos("esquema", "version", "region"),
    *(entero("ejercicio"), texto("datos"), entero("revision")),
    *(instante("creado_utc"), instante("actualizado_utc"), instante("vence_utc", index=True)),
    texto("envio", ForeignKey("envio.folio"), nullable=True),
)

# Con qué se abre un borrador: del secreto se guarda solo su SHA-256. Puede haber varias; borrarla es revocarla.
llave = Table(
    "llave",
    METADATOS,
    texto("huella", primary_key=True),
    texto("borrador", ForeignKey("borrador.id", ondelete="CASCADE"), index=True),
    *(instante("creada_utc"), instante("vence_utc", nullable=True)),
)

# Lo que una región decide de una encuesta: si la responde cualquiera con su dirección, y cuándo cierra.
convocatoria = Table(
    "convocatoria",
    METADATOS,
    *(texto("esquema", primary_key=True), texto("region", primary_key=True), clave_entera("ejercicio")),
    *(logico("publica"), instante("cierra_utc", nullable=True)),
)

# A quién del catastro se invitó. El nombre y el correo no se repiten aquí: están en el catastro, por su código.
# `respondida`: de una encuesta anónima, y entonces ya no tiene borrador ni se sabe cuál es su respuesta.
invitacion = Table(
    "invitacion",
    METADATOS,
    *(texto("esquema", primary_key=True), texto("region", primary_key=True), clave_entera("ejercicio")),
    texto("codigo", primary_key=True),
    texto("borrador", ForeignKey("borrador.id", ondelete="CASCADE"), nullable=True, unique=True),
    Column("respondida", Boolean, nullable=False, server_default=false()),
    *(instante("creada_utc"), instante("recordada_utc", nullable=True), instante("abierta_utc", nullable=True)),
    entero("correo", ForeignKey("correo.id"), nullable=True),
)

# Que una región empezó a llenar una matriz. Quien la cambia la reserva: así dos personas no se pisan.
matriz_en_curso = Table(
    "matriz_en_curso",
    METADATOS,
    *(texto("esquema", primary_key=True), texto("region", primary_key=True), clave_entera("ejercicio")),
    instante("empezada_utc"),
)

# Lo que una región está llenando de una matriz, fila por fila. `datos` es JSON, como se escribió; `version` sube con cada cambio.
fila_en_curso = Table(
    "fila_en_curso",
    METADATOS,
    *(texto("id", primary_key=True), *textos("esquema", "region"), entero("ejercicio"), entero("orden")),
    *(texto("datos"), entero("version"), *textos("origen", "por_revisar")),
    *(instante("cambiada_utc"), texto("autor"), instante("quitada_utc", nullable=True)),
    Index("ix_fila_en_curso_esquema", "esquema", "region", "ejercicio", "orden"),
)

# Cómo quedó esa fila en cada versión, quién la dejó así y qué hizo.
cambio_de_fila = Table(
    "cambio_de_fila",
    METADATOS,
    *(texto("fila", ForeignKey("fila_en_curso.id"), primary_key=True), clave_entera("version")),
    *(*textos("accion", "datos"), instante("cuando_utc"), texto("autor")),
)

# La focalización de una región en un ejercicio. Quien actúa en ella reserva su fila: los actos van de a uno.
expediente = Table(
    "expediente",
    METADATOS,
    *(texto("region", primary_key=True), clave_entera("ejercicio"), texto("estado"), entero("ultimo")),
)

# Cada acto, numerado. `datos` es JSON: lo que el acto exige (acuerdo del CORE). Nada de esto cambia después.
actuacion = Table(
    "actuacion",
    METADATOS,
    *(texto("region", primary_key=True), clave_entera("ejercicio"), clave_entera("numero")),
    *(*textos("acto", "de", "a"), instante("recibido_utc"), instante("presentado_legal")),
    *textos("autor", "motivo", "datos"),
    ForeignKeyConstraint(["region", "ejercicio"], ["expediente.region", "expediente.ejercicio"]),
)

# Con qué folio quedó cada formato en un acto. El mismo folio puede estar en dos: lo que no cambió no se sella otra vez.
entregado = Table(
    "entregado",
    METADATOS,
    *(texto("region", primary_key=True), clave_entera("ejercicio"), clave_entera("numero")),
    *(texto("esquema", primary_key=True), texto("folio", ForeignKey("envio.folio"))),
    ForeignKeyConstraint(
        ["region", "ejercicio", "numero"], ["actuacion.region", "actuacion.ejercicio", "actuacion.numero"]
    ),
)

# Lo que quien firma abrió con un motivo mientras solo se corrige lo observado: una fila («»: toda la matriz). Vale hasta el
# acto que sigue a `numero`.
apertura = Table(
    "apertura",
    METADATOS,
    *(texto("region", primary_key=True), clave_entera("ejercicio"), clave_entera("numero")),
    *(texto("esquema", primary_key=True), texto("fila", primary_key=True)),
    *(*textos("motivo", "autor"), instante("cuando_utc")),
    ForeignKeyConstraint(
        ["region", "ejercicio", "numero"], ["actuacion.region", "actuacion.ejercicio", "actuacion.numero"]
    ),
)

# Un archivo que se guarda tal cual llegó, por su SHA-256: el acta, el certificado.
documento = Table(
    "documento",
    METADATOS,
    *(texto("huella", primary_key=True), *textos("nombre", "tipo")),
    *(Column("contenido", LargeBinary, nullable=False), instante("guardado_utc")),
)

# Un documento de un acto que todavía no se hace: lo subió `autor`, y nadie más lo usa. Se borra al hacerlo o al vencer.
documento_apartado = Table(
    "documento_apartado",
    METADATOS,
    *(texto("region", primary_key=True), clave_entera("ejercicio"), texto("autor", primary_key=True)),
    *(texto("campo", primary_key=True), *textos("huella", "nombre", "tipo")),
    *(Column("contenido", LargeBinary, nullable=False), instante("subido_utc", index=True)),
)

# Un deber del Reglamento que alguien de la región dice cumplido: cuándo, con qué rol lo dice y una nota.
cotejo = Table(
    "cotejo",
    METADATOS,
    *(texto("region", primary_key=True), clave_entera("ejercicio"), texto("norma", primary_key=True)),
    *(*textos("fecha", "nota", "rol", "autor"), instante("anotado_utc")),
)

# Un archivo leído que espera que su autor confirme: lo que dice cada fila, y sobre qué versión de la matriz lo vio.
archivo_por_aplicar = Table(
    "archivo_por_aplicar",
    METADATOS,
    *(texto("id", primary_key=True), *textos("esquema", "region"), entero("ejercicio")),
    *(*textos("nombre", "filas", "base", "autor"), instante("leido_utc", index=True)),
)

# Una columna que una región agregó a una matriz. La que se quita no se borra: sus datos siguen en las filas y en su historial.
columna_propia = Table(
    "columna_propia",
    METADATOS,
    *(texto("esquema", primary_key=True), texto("region", primary_key=True), clave_entera("ejercicio")),
    *(texto("nombre", primary_key=True), *textos("titulo", "tipo", "ayuda"), entero("orden")),
    *(instante("declarada_utc"), texto("autor"), instante("quitada_utc", nullable=True)),
)

# Lo que decían las columnas propias al entregar: van fuera del envío, que es igual con ellas y sin ellas. JSON.
propia_de_envio = Table(
    "propia_de_envio",
    METADATOS,
    *(texto("envio", ForeignKey("envio.folio"), primary_key=True), *textos("columnas", "filas")),
)

# Un borrador que un profesional llena en nombre de alguien: cuál fue la última vez. Todas están en la bitácora.
entrevista = Table(
    "entrevista",
    METADATOS,
    texto("borrador", ForeignKey("borrador.id", ondelete="CASCADE"), primary_key=True),
    *(texto("nombre"), entero("usuario", ForeignKey("usuario.id")), instante("comenzada_utc")),
)

usuario = Table(
    "usuario",
    METADATOS,
    *(entero("id", primary_key=True), texto("correo", unique=True)),
    logico("activo"),
)

# Lo que puede cada quien. `region` vacía: todas; `ejercicio` 0: todos.
permiso = Table(
    "permiso",
    METADATOS,
    *(entero("usuario", ForeignKey("usuario.id"), primary_key=True), texto("rol", primary_key=True)),
    *(texto("region", primary_key=True), clave_entera("ejercicio")),
)

# Quien está adentro. El navegador tiene la ficha; aquí, su huella. `pendiente`: le falta el segundo factor.
sesion = Table(
    "sesion",
    METADATOS,
    *(texto("huella", primary_key=True), entero("usuario", ForeignKey("usuario.id"), index=True)),
    *(instante("entro_utc"), instante("ultima_utc"), instante("vence_utc", index=True), texto("con"), logico("pendiente")),
)

# El segundo factor de una persona. El secreto sale de la clave del sistema y de `sal`; `ultimo_paso` no se usa dos veces.
segundo_factor = Table(
    "segundo_factor",
    METADATOS,
    *(entero("usuario", ForeignKey("usuario.id"), primary_key=True, autoincrement=False), texto("sal")),
    *(instante("activado_utc", nullable=True), entero("ultimo_paso")),
)

# Los códigos de respaldo que le quedan.
respaldo = Table(
    "respaldo",
    METADATOS,
    *(entero("usuario", ForeignKey("usuario.id"), primary_key=True), texto("huella", primary_key=True)),
)

# Con qué identidad de afuera entra: solo la huella de (emisor, sujeto).
identidad = Table(
    "identidad",
    METADATOS,
    *(texto("huella", primary_key=True), entero("usuario", ForeignKey("usuario.id"), index=True)),
    instante("vinculada_utc"),
)

acceso = Table(
    "acceso",
    METADATOS,
    *(texto("huella", primary_key=True), entero("usuario", ForeignKey("usuario.id"))),
    *(instante("vence_utc", index=True), instante("usado_utc", nullable=True)),
)

correo = Table(
    "correo",
    METADATOS,
    *(entero("id", primary_key=True), *textos("para", "asunto", "cuerpo")),
    *(instante("creado_utc"), instante("enviado_utc", nullable=True), entero("intentos"), texto("error")),
    Column("adjunto", LargeBinary, nullable=True),  # un PDF; se borra al salir, como el cuerpo
    instante("proximo_utc", nullable=True),  # antes de esto no se intenta: lo tomó otro proceso, o falló hace poco
)

excepcion = Table(
    "excepcion",
    METADATOS,
    *(entero("id", primary_key=True), *textos("esquema", "region"), entero("ejercicio")),
    *textos("fila", "campo", "regla", "razon", "fuente"),
    UniqueConstraint("esquema", "region", "ejercicio", "fila", "campo", "regla"),
)

contador = Table(
    *("contador", METADATOS),
    *(texto("clave", primary_key=True), texto("ventana", primary_key=True), entero("cuenta")),
)

bitacora = Table(
    "bitacora",
    METADATOS,
    *(clave_entera("n"), instante("cuando_utc"), *textos("actor", "accion", "objeto", "huella_anterior")),
    texto("huella", unique=True),
)

# Una sola fila: la punta de la bitácora. Ordena a quienes anotan a la vez y delata si se le corta la cola.
sello = Table("sello", METADATOS, clave_entera("id"), entero("n"), texto("huella"))

# Una sola fila: la prueba de que se puede escribir.
latido = Table("latido", METADATOS, clave_entera("id"), entero("cuenta"))
