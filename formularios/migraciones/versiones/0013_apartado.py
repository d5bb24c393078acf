"""Los documentos de un acto que esperan mientras se corrige lo demás."""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"


def _textos(*nombres: str) -> list[sa.Column]:
    return [sa.Column(n, sa.Text(), nullable=False) for n in nombres]


def upgrade() -> None:
    op.create_table(
        "documento_apartado",
        *_textos("region"),
        sa.Column("ejercicio", sa.Integer(), autoincrement=False, nullable=False),
        *_textos("autor", "campo", "huella", "nombre", "tipo"),
        sa.Column("contenido", sa.LargeBinary(), nullable=False),
        *_textos("subido_utc"),
        sa.PrimaryKeyConstraint("region", "ejercicio", "autor", "campo", name=op.f("pk_documento_apartado")),
    )
    op.create_index(op.f("ix_documento_apartado_subido_utc"), "documento_apartado", ["subido_utc"])
