"""Las matrices que una región está llenando: sus filas y todo lo que fue cada una."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"


def _texto(nombre: str, nulo: bool = False) -> sa.Column:
    return sa.Column(nombre, sa.Text(), nullable=nulo)


def _entero(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Integer(), autoincrement=False, nullable=False)


def upgrade() -> None:
    op.create_table(
        "matriz_en_curso",
        *(_texto("esquema"), _texto("region"), _entero("ejercicio"), _texto("empezada_utc")),
        sa.PrimaryKeyConstraint("esquema", "region", "ejercicio", name=op.f("pk_matriz_en_curso")),
    )
    op.create_table(
        "fila_en_curso",
        *(_texto("id"), _texto("esquema"), _texto("region"), _entero("ejercicio"), _entero("orden")),
        *(_texto("datos"), _entero("version"), _texto("origen"), _texto("por_revisar")),
        *(_texto("cambiada_utc"), _texto("autor"), _texto("quitada_utc", nulo=True)),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_fila_en_curso")),
    )
    op.create_index("ix_fila_en_curso_esquema", "fila_en_curso", ["esquema", "region", "ejercicio", "orden"])
    op.create_table(
        "cambio_de_fila",
        *(_texto("fila"), _entero("version"), _texto("accion"), _texto("datos"), _texto("cuando_utc"), _texto("autor")),
        sa.ForeignKeyConstraint(["fila"], ["fila_en_curso.id"], name=op.f("fk_cambio_de_fila_fila")),
        sa.PrimaryKeyConstraint("fila", "version", name=op.f("pk_cambio_de_fila")),
    )
    op.create_table(
        "archivo_por_aplicar",
        *(_texto("id"), _texto("esquema"), _texto("region"), _entero("ejercicio")),
        *(_texto("nombre"), _texto("filas"), _texto("base"), _texto("autor"), _texto("leido_utc")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_archivo_por_aplicar")),
    )
    op.create_index(op.f("ix_archivo_por_aplicar_leido_utc"), "archivo_por_aplicar", ["leido_utc"])
