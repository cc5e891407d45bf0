"""Alembic migrations, run by `eventnet db upgrade` on either database."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory

from eventnet import db

HERE = Path(__file__).parent
UPGRADE = "Run: eventnet db upgrade"


def configuration(database: db.Database) -> Config:
    config = Config()
    config.set_main_option("script_location", str(HERE))
    config.attributes["database"] = database
    return config


def upgrade(database: db.Database, to: str = "head") -> None:
    """Bring the schema to revision `to`; creates it on an empty database. Safe to run twice."""
    command.upgrade(configuration(database), to)


def downgrade(database: db.Database, to: str) -> None:
    command.downgrade(configuration(database), to)


def difference(database: db.Database) -> str:
    """A sentence when this version cannot use the database as it is; empty when its schema fits.

    Only looks: a SQLite file that is not there is not made. Raises sqlalchemy's OperationalError when no
    connection comes about.
    """
    if database.is_sqlite and not Path(str(database.url.database)).is_file():
        return f"There is no database yet. {UPGRADE}"
    scripts = ScriptDirectory.from_config(configuration(database))
    with database.reader.connect() as connection:
        there = set(MigrationContext.configure(connection).get_current_heads())
    if there == set(scripts.get_heads()):
        return ""
    if not there:
        return f"The database is empty. {UPGRADE}"
    known = {revision.revision for revision in scripts.walk_revisions()}
    if not there <= known:
        return "The database belongs to a newer version of this program. Install that version again."
    return f"The database is from an older version of this program. {UPGRADE}"
