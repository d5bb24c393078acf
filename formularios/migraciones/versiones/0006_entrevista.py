"""Las entrevistas: qué borrador llena un profesional en nombre de quién, y qué envíos se respondieron así."""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"


def upgrade() -> None:
    op.add_column("envio", sa.Column("entrevisto", sa.Text(), nullable=True))
    op.create_table(
        "entrevista",
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("borrador", "nombre", "comenzada_utc")),
        sa.Column("usuario", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["borrador"], ["borrador.id"], name=op.f("fk_entrevista_borrador"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["usuario"], ["usuario.id"], name=op.f("fk_entrevista_usuario")),
        sa.PrimaryKeyConstraint("borrador", name=op.f("pk_entrevista")),
    )
