"""Las filas que quien firma abre con un motivo, cuando solo se corrige lo observado."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"


def _texto(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Text(), nullable=False)


def _entero(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "apertura",
        *(_texto("region"), _entero("ejercicio"), _entero("numero"), _texto("esquema"), _texto("fila")),
        *(_texto("motivo"), _texto("autor"), _texto("cuando_utc")),
        sa.ForeignKeyConstraint(
            ["region", "ejercicio", "numero"],
            ["actuacion.region", "actuacion.ejercicio", "actuacion.numero"],
            name=op.f("fk_apertura_region_ejercicio_numero"),
        ),
        sa.PrimaryKeyConstraint("region", "ejercicio", "numero", "esquema", "fila", name=op.f("pk_apertura")),
    )
