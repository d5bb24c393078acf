"""Los derechos de las personas sobre sus datos: consentimientos, solicitudes, lápidas y bloqueos."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def _texto(nombre: str, nulo: bool = False) -> sa.Column:
    return sa.Column(nombre, sa.Text(), nullable=nulo)


def upgrade() -> None:
    # Columnas nuevas y no otro valor de `estado`: en SQLite habría que rehacer la tabla, y todo la cita.
    op.add_column("envio", _texto("bloqueado_utc", nulo=True))
    op.add_column("envio", _texto("quitado", nulo=True))
    op.add_column("fila", _texto("lapida", nulo=True))
    op.create_table(
        "consentimiento",
        *(_texto("envio"), _texto("campo"), _texto("version_esquema"), _texto("huella")),
        *(_texto("dado_utc"), _texto("retirado_utc", nulo=True)),
        sa.ForeignKeyConstraint(["envio"], ["envio.folio"], name=op.f("fk_consentimiento_envio")),
        sa.PrimaryKeyConstraint("envio", "campo", name=op.f("pk_consentimiento")),
    )
    op.create_table(
        "solicitud",
        *(_texto("numero"), _texto("derecho"), _texto("folio"), _texto("region"), _texto("correo"), _texto("detalle")),
        *(_texto("clave"), _texto("estado"), _texto("razon"), _texto("quien")),
        *(_texto("pedida_utc"), _texto("vence_utc"), _texto("respondida_utc", nulo=True)),
        sa.CheckConstraint("estado IN ('pendiente', 'acogida', 'rechazada')", name=op.f("ck_solicitud_estado")),
        sa.PrimaryKeyConstraint("numero", name=op.f("pk_solicitud")),
    )
    op.create_index("ix_solicitud_region", "solicitud", ["region", "estado"])
