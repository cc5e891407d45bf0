"""Alembic's entry: runs migrations on the connection of the given database, one process at a time."""

from alembic import context
from sqlalchemy import text

from eventnet import tables

database = context.config.attributes["database"]
UPGRADE_LOCK = 7_305_511  # any constant: processes that upgrade at the same time queue behind it

with database.writer.connect() as connection:
    if not database.is_sqlite:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": UPGRADE_LOCK})
        connection.commit()
    context.configure(connection=connection, target_metadata=tables.metadata, render_as_batch=True, compare_type=False)
    with context.begin_transaction():
        context.run_migrations()
    connection.commit()
