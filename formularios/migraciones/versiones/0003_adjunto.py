"""Un correo puede llevar un PDF adjunto: el comprobante de un envío."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"


def upgrade() -> None:
    op.add_column("correo", sa.Column("adjunto", sa.LargeBinary(), nullable=True))
