"""Quién entra: permisos por región y ejercicio (antes, un solo rol), sesiones, segundo factor e identidades."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"

NOMBRES = "CASE rol WHEN 'gore' THEN 'gore_firmante' WHEN 'direccion' THEN 'direccion_regional' ELSE rol END"


def upgrade() -> None:
    op.execute("CREATE TEMPORARY TABLE usuario_de_antes AS SELECT * FROM usuario")
    if op.get_bind().dialect.name == "sqlite":
        _rehacer_usuario()
    else:
        op.drop_constraint(op.f("ck_usuario_rol"), "usuario", type_="check")
        op.drop_column("usuario", "rol")
        op.drop_column("usuario", "region")
    op.create_table(
        "permiso",
        sa.Column("usuario", sa.Integer(), nullable=False),
        *(sa.Column(n, sa.Text(), nullable=False) for n in ("rol", "region")),
        sa.Column("ejercicio", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["usuario"], ["usuario.id"], name=op.f("fk_permiso_usuario")),
        sa.PrimaryKeyConstraint("usuario", "rol", "region", "ejercicio", name=op.f("pk_permiso")),
    )
    op.execute(
        "INSERT INTO permiso (usuario, rol, region, ejercicio)"
        f" SELECT id, {NOMBRES}, region, 0 FROM usuario_de_antes"
    )
    op.execute("DROP TABLE usuario_de_antes")
    _crear("sesion", ["huella"], *_textos("huella", "entro_utc", "ultima_utc", "vence_utc", "con"), _logico("pendiente"))
    op.create_index("ix_sesion_usuario", "sesion", ["usuario"])
    op.create_index("ix_sesion_vence_utc", "sesion", ["vence_utc"])
    paso = sa.Column("ultimo_paso", sa.Integer(), nullable=False)
    _crear("segundo_factor", ["usuario"], *_textos("sal"), sa.Column("activado_utc", sa.Text(), nullable=True), paso)
    _crear("respaldo", ["usuario", "huella"], *_textos("huella"))
    _crear("identidad", ["huella"], *_textos("huella", "vinculada_utc"))
    op.create_index("ix_identidad_usuario", "identidad", ["usuario"])


def _crear(tabla: str, clave: list[str], *columnas: sa.Column) -> None:
    """Una tabla de algo que es de un usuario."""
    op.create_table(
        tabla,
        sa.Column("usuario", sa.Integer(), nullable=False, autoincrement=False),
        *columnas,
        sa.ForeignKeyConstraint(["usuario"], ["usuario.id"], name=op.f(f"fk_{tabla}_usuario")),
        sa.PrimaryKeyConstraint(*clave, name=op.f(f"pk_{tabla}")),
    )


def _textos(*nombres: str) -> list[sa.Column]:
    return [sa.Column(n, sa.Text(), nullable=False) for n in nombres]


def _logico(nombre: str) -> sa.Column:
    return sa.Column(nombre, sa.Boolean(), nullable=False)


def _rehacer_usuario() -> None:
    """SQLite no quita una columna que está en un CHECK, y otras tablas citan a esta: se rehace con el mismo nombre."""
    op.execute("PRAGMA defer_foreign_keys=ON")  # hasta confirmar: al reponer las filas, las citas vuelven a calzar
    op.drop_table("usuario")
    op.create_table(
        "usuario",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("correo", sa.Text(), nullable=False),
        sa.Column("activo", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_usuario")),
        sa.UniqueConstraint("correo", name=op.f("uq_usuario_correo")),
    )
    op.execute("INSERT INTO usuario (id, correo, activo) SELECT id, correo, activo FROM usuario_de_antes")
