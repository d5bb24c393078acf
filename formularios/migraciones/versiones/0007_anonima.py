"""Las invitaciones de una encuesta anónima: al responder pierden su borrador y queda solo que respondieron."""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"

LUGAR = ("esquema", "region", "ejercicio", "codigo")


def upgrade() -> None:
    # Nadie cita a `invitacion`: rehacerla no se lleva nada por delante.
    with op.batch_alter_table("invitacion") as tabla:
        tabla.add_column(sa.Column("respondida", sa.Boolean(), nullable=False, server_default=sa.false()))
        tabla.drop_constraint(op.f("pk_invitacion"), type_="primary")
        tabla.drop_constraint(op.f("uq_invitacion_esquema_region_ejercicio_codigo"), type_="unique")
        tabla.alter_column("borrador", existing_type=sa.Text(), nullable=True)
        tabla.create_primary_key(op.f("pk_invitacion"), [*LUGAR])
        tabla.create_unique_constraint(op.f("uq_invitacion_borrador"), ["borrador"])
