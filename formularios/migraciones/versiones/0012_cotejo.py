"""Los deberes del Reglamento que una región marca a mano en su tablero."""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"


def upgrade() -> None:
    op.create_table(
        "cotejo",
        sa.Column("region", sa.Text(), nullable=False),
        sa.Column("ejercicio", sa.Integer(), autoincrement=False, nullable=False),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("norma", "fecha", "nota", "rol", "autor", "anotado_utc")),
        sa.PrimaryKeyConstraint("region", "ejercicio", "norma", name=op.f("pk_cotejo")),
    )
