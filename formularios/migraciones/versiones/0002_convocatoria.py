"""La convocatoria a responder una encuesta, sus invitaciones, las llaves de un borrador y cuándo se reintenta un correo."""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def _texto(nombre: str, nulo: bool = False) -> sa.Column:
    return sa.Column(nombre, sa.Text(), nullable=nulo)


def _entero(nombre: str, nulo: bool = False) -> sa.Column:
    return sa.Column(nombre, sa.Integer(), autoincrement=False, nullable=nulo)


def upgrade() -> None:
    # Los secretos se leen antes: SQLite rehace la tabla, y al botar la vieja se llevaría las llaves que la citan.
    secretos = op.get_bind().execute(sa.text("SELECT huella_secreto, id, creado_utc FROM borrador")).all()
    with op.batch_alter_table("borrador") as tabla:
        tabla.drop_constraint(op.f("uq_borrador_huella_secreto"), type_="unique")
        tabla.drop_column("huella_secreto")
    llave = op.create_table(
        "llave",
        *(_texto("huella"), _texto("borrador"), _texto("creada_utc"), _texto("vence_utc", nulo=True)),
        sa.ForeignKeyConstraint(["borrador"], ["borrador.id"], name=op.f("fk_llave_borrador"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("huella", name=op.f("pk_llave")),
    )
    op.create_index(op.f("ix_llave_borrador"), "llave", ["borrador"])
    if secretos:
        op.bulk_insert(llave, [{"huella": h, "borrador": b, "creada_utc": cuando} for h, b, cuando in secretos])
    op.add_column("correo", _texto("proximo_utc", nulo=True))
    op.create_table(
        "convocatoria",
        *(_texto("esquema"), _texto("region"), _entero("ejercicio"), sa.Column("publica", sa.Boolean(), nullable=False)),
        _texto("cierra_utc", nulo=True),
        sa.PrimaryKeyConstraint("esquema", "region", "ejercicio", name=op.f("pk_convocatoria")),
    )
    op.create_table(
        "invitacion",
        *(_texto("borrador"), _texto("esquema"), _texto("region"), _entero("ejercicio"), _texto("codigo")),
        *(_texto("creada_utc"), _texto("recordada_utc", nulo=True), _texto("abierta_utc", nulo=True)),
        _entero("correo", nulo=True),
        sa.ForeignKeyConstraint(["borrador"], ["borrador.id"], name=op.f("fk_invitacion_borrador"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["correo"], ["correo.id"], name=op.f("fk_invitacion_correo")),
        sa.PrimaryKeyConstraint("borrador", name=op.f("pk_invitacion")),
        sa.UniqueConstraint(
            *("esquema", "region", "ejercicio", "codigo"),
            name=op.f("uq_invitacion_esquema_region_ejercicio_codigo"),
        ),
    )
