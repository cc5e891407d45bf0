"""Alembic's entry: runs migrations on the connection of the given database, one process at a time."""

from alembic import context
from sqlalchemy import text

from eventnet import tables

database = context.config.attributes["database"]
UPGRADE_LOCK = 7_305_511  # any constant: processes that upgrade at the same time queue behind it

with database.writer.connect() as connection:
    driver = connection.connection.driver_connection
    assert driver is not None
    if database.is_sqlite:
        # SQLite changes a column by writing the table anew: rows elsewhere point to nothing while that is under way.
        # It is said before the transaction, in which it would have no effect, and checked at its end.
        driver.execute("PRAGMA foreign_keys = OFF")
    else:
        connection.execute(text("SELECT pg_advisory_lock(:key)"), {"key": UPGRADE_LOCK})
        connection.commit()
    context.configure(connection=connection, target_metadata=tables.metadata, render_as_batch=True, compare_type=False)
    try:
        with context.begin_transaction():
            context.run_migrations()
            if database.is_sqlite and (lost := connection.execute(text("PRAGMA foreign_key_check")).all()):
                raise RuntimeError(f"the migration would leave {len(lost)} rows that point to nothing: {lost[:3]}")
        connection.commit()
    finally:
        connection.rollback()
        if database.is_sqlite:
            driver.execute("PRAGMA foreign_keys = ON")
