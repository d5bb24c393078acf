"""Lo llama Alembic con la conexión que abrió `Almacen.migrar`: todo ocurre en esa transacción, o nada."""

from alembic import context

from formularios.almacen_tablas import METADATOS

conexion = context.config.attributes["conexion"]
context.configure(connection=conexion, target_metadata=METADATOS, render_as_batch=True)
with context.begin_transaction():
    context.run_migrations()
