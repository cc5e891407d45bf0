"""Alembic migrations, run by `eventnet db upgrade` on either database."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config

from eventnet import db

HERE = Path(__file__).parent


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
