"""El expediente de cada región: su estado, sus actos numerados, con qué folios y con qué documentos."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"


def _texto(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Text(), nullable=False)


def _entero(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "expediente",
        *(_texto("region"), _entero("ejercicio"), _texto("estado"), _entero("ultimo")),
        sa.PrimaryKeyConstraint("region", "ejercicio", name=op.f("pk_expediente")),
    )
    op.create_table(
        "actuacion",
        *(_texto("region"), _entero("ejercicio"), _entero("numero"), _texto("acto"), _texto("de"), _texto("a")),
        *(_texto("recibido_utc"), _texto("presentado_legal"), _texto("autor"), _texto("motivo"), _texto("datos")),
        sa.ForeignKeyConstraint(
            ["region", "ejercicio"],
            ["expediente.region", "expediente.ejercicio"],
            name=op.f("fk_actuacion_region_ejercicio"),
        ),
        sa.PrimaryKeyConstraint("region", "ejercicio", "numero", name=op.f("pk_actuacion")),
    )
    op.create_table(
        "entregado",
        *(_texto("region"), _entero("ejercicio"), _entero("numero"), _texto("esquema"), _texto("folio")),
        sa.ForeignKeyConstraint(["folio"], ["envio.folio"], name=op.f("fk_entregado_folio")),
        sa.ForeignKeyConstraint(
            ["region", "ejercicio", "numero"],
            ["actuacion.region", "actuacion.ejercicio", "actuacion.numero"],
            name=op.f("fk_entregado_region_ejercicio_numero"),
        ),
        sa.PrimaryKeyConstraint("region", "ejercicio", "numero", "esquema", name=op.f("pk_entregado")),
    )
    op.create_table(
        "documento",
        *(_texto("huella"), _texto("nombre"), _texto("tipo")),
        *(sa.Column("contenido", sa.LargeBinary(), nullable=False), _texto("guardado_utc")),
        sa.PrimaryKeyConstraint("huella", name=op.f("pk_documento")),
    )
