"""Las tablas con que nace el almacén."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

VIGENTE = "estado = 'vigente' AND clase = 'formato'"


def _texto(nombre: str, nulo: bool = False) -> sa.Column:
    return sa.Column(nombre, sa.Text(), nullable=nulo)


def _entero(nombre: str, nulo: bool = False) -> sa.Column:
    return sa.Column(nombre, sa.Integer(), autoincrement=False, nullable=nulo)


def _logico(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Boolean(), nullable=False)


def _id() -> sa.Column:
    return sa.Column("id", sa.Integer(), nullable=False)


def upgrade() -> None:
    op.create_table(
        "definicion",
        *(_texto("huella"), _texto("esquema"), _texto("version"), _texto("json")),
        sa.PrimaryKeyConstraint("huella", name=op.f("pk_definicion")),
    )
    op.create_table(
        "envio",
        *(_texto("folio"), _texto("esquema"), _texto("clase"), _texto("region"), _entero("ejercicio")),
        *(_texto("version_esquema"), _texto("definicion"), _texto("huella"), _texto("estado")),
        *(_logico("valido"), _texto("recibido_utc"), _texto("presentado_legal")),
        *(_texto("origen"), _texto("autor"), _texto("borrador", nulo=True), _entero("revision", nulo=True)),
        sa.CheckConstraint("clase IN ('formato', 'encuesta')", name=op.f("ck_envio_clase")),
        sa.CheckConstraint("estado IN ('vigente', 'reemplazado', 'anulado')", name=op.f("ck_envio_estado")),
        sa.ForeignKeyConstraint(["definicion"], ["definicion.huella"], name=op.f("fk_envio_definicion")),
        sa.PrimaryKeyConstraint("folio", name=op.f("pk_envio")),
        sa.UniqueConstraint("borrador", "revision", name=op.f("uq_envio_borrador_revision")),
    )
    op.create_index("ix_envio_esquema", "envio", ["esquema", "ejercicio", "region", "estado"])
    op.create_index(
        "uq_envio_vigente",
        "envio",
        ["esquema", "region", "ejercicio"],
        unique=True,
        sqlite_where=sa.text(VIGENTE),
        postgresql_where=sa.text(VIGENTE),
    )
    op.create_table(
        "fila",
        *(_texto("envio"), _texto("tabla"), _entero("orden")),
        *(_texto("codigo"), _texto("datos"), _texto("linea")),
        sa.ForeignKeyConstraint(["envio"], ["envio.folio"], name=op.f("fk_fila_envio")),
        sa.PrimaryKeyConstraint("envio", "tabla", "orden", name=op.f("pk_fila")),
    )
    op.create_table(
        "correlativo",
        *(_entero("ejercicio"), _texto("region"), _entero("ultimo")),
        sa.PrimaryKeyConstraint("ejercicio", "region", name=op.f("pk_correlativo")),
    )
    op.create_table(
        "borrador",
        *(_texto("id"), _texto("huella_secreto"), _texto("esquema"), _texto("version"), _texto("region")),
        *(_entero("ejercicio"), _texto("datos"), _entero("revision"), _texto("creado_utc")),
        *(_texto("actualizado_utc"), _texto("vence_utc"), _texto("envio", nulo=True)),
        sa.ForeignKeyConstraint(["envio"], ["envio.folio"], name=op.f("fk_borrador_envio")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_borrador")),
        sa.UniqueConstraint("huella_secreto", name=op.f("uq_borrador_huella_secreto")),
    )
    op.create_index(op.f("ix_borrador_vence_utc"), "borrador", ["vence_utc"])
    op.create_table(
        "usuario",
        *(_id(), _texto("correo"), _texto("rol"), _texto("region"), _logico("activo")),
        sa.CheckConstraint("rol IN ('sercotec', 'gore', 'direccion')", name=op.f("ck_usuario_rol")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usuario")),
        sa.UniqueConstraint("correo", name=op.f("uq_usuario_correo")),
    )
    op.create_table(
        "acceso",
        *(_texto("huella"), _entero("usuario"), _texto("vence_utc"), _texto("usado_utc", nulo=True)),
        sa.ForeignKeyConstraint(["usuario"], ["usuario.id"], name=op.f("fk_acceso_usuario")),
        sa.PrimaryKeyConstraint("huella", name=op.f("pk_acceso")),
    )
    op.create_index(op.f("ix_acceso_vence_utc"), "acceso", ["vence_utc"])
    op.create_table(
        "correo",
        *(_id(), _texto("para"), _texto("asunto"), _texto("cuerpo"), _texto("creado_utc")),
        *(_texto("enviado_utc", nulo=True), _entero("intentos"), _texto("error")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_correo")),
    )
    op.create_table(
        "excepcion",
        *(_id(), _texto("esquema"), _texto("region"), _entero("ejercicio"), _texto("fila"), _texto("campo")),
        *(_texto("regla"), _texto("razon"), _texto("fuente")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_excepcion")),
        sa.UniqueConstraint(
            *("esquema", "region", "ejercicio", "fila", "campo", "regla"),
            name=op.f("uq_excepcion_esquema_region_ejercicio_fila_campo_regla"),
        ),
    )
    op.create_table(
        "contador",
        *(_texto("clave"), _texto("ventana"), _entero("cuenta")),
        sa.PrimaryKeyConstraint("clave", "ventana", name=op.f("pk_contador")),
    )
    op.create_table(
        "bitacora",
        *(_entero("n"), _texto("cuando_utc"), _texto("actor"), _texto("accion"), _texto("objeto")),
        *(_texto("huella_anterior"), _texto("huella")),
        sa.PrimaryKeyConstraint("n", name=op.f("pk_bitacora")),
        sa.UniqueConstraint("huella", name=op.f("uq_bitacora_huella")),
    )
    op.create_table(
        "sello",
        *(sa.Column("id", sa.Integer(), autoincrement=False, nullable=False), _entero("n"), _texto("huella")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_sello")),
    )
    op.create_table(
        "latido",
        *(sa.Column("id", sa.Integer(), autoincrement=False, nullable=False), _entero("cuenta")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_latido")),
    )
