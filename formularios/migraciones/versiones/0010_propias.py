"""Las columnas que una región agrega a un formato, y lo que decían en cada entrega."""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"


def _texto(nombre: str, nulo: bool = False) -> sa.Column:
    return sa.Column(nombre, sa.Text(), nullable=nulo)


def _entero(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "columna_propia",
        *(_texto("esquema"), _texto("region"), _entero("ejercicio"), _texto("nombre")),
        *(_texto("titulo"), _texto("tipo"), _texto("ayuda"), _entero("orden")),
        *(_texto("declarada_utc"), _texto("autor"), _texto("quitada_utc", nulo=True)),
        sa.PrimaryKeyConstraint("esquema", "region", "ejercicio", "nombre", name=op.f("pk_columna_propia")),
    )
    op.create_table(
        "propia_de_envio",
        *(_texto("envio"), _texto("columnas"), _texto("filas")),
        sa.ForeignKeyConstraint(["envio"], ["envio.folio"], name=op.f("fk_propia_de_envio_envio")),
        sa.PrimaryKeyConstraint("envio", name=op.f("pk_propia_de_envio")),
    )
