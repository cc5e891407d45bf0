"""The command line `eventnet`: one group a noun, each slice brings its own commands."""

from __future__ import annotations

import logging

import click

from eventnet import __version__, migrations, terminal
from eventnet.accounts import commands as accounts
from eventnet.attendees import commands as attendees
from eventnet.badges import commands as badges
from eventnet.encounters import commands as encounters
from eventnet.events import commands as events
from eventnet.outbox import commands as outbox
from eventnet.suggestions import commands as suggestions
from eventnet.summaries import commands as summaries


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(__version__, prog_name="eventnet")
def main() -> None:
    """Event networking: badges, swaps, and one follow-up mail for everybody.

    Settings come from the environment; `eventnet doctor` lists them and says what to fix.
    """
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("alembic").setLevel(logging.WARNING)


@main.group("db")
def database() -> None:
    """Create or migrate the database."""


@database.command("upgrade")
def upgrade() -> None:
    """Bring the database to this version; creates it when there is none. Safe to run twice."""
    from eventnet import db

    here = terminal.settings()
    here.var.mkdir(parents=True, exist_ok=True)
    made = db.Database(here.database_url)
    try:
        migrations.upgrade(made)
    finally:
        made.dispose()
    click.echo("The database is up to date.")
