"""The command line `eventnet`: one group a noun, each slice brings its own commands."""

from __future__ import annotations

import logging
import re
from dataclasses import asdict
from importlib import import_module
from pathlib import Path
from typing import Any

import click
from sqlalchemy.exc import OperationalError, ProgrammingError, SQLAlchemyError

from eventnet import __version__, config, db, migrations, terminal

PEM = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)
BIND = re.compile(r"unix:/.+|([\w.-]+|\[[0-9a-fA-F:]+\]):[0-9]{1,5}")
# A command is imported when it is called: nobody waits for the ranking to add an organizer.
COMMANDS = {
    "attendees": "eventnet.attendees.commands:group",
    "badges": "eventnet.badges.commands:group",
    "demo": "eventnet.demo.commands:command",
    "encounters": "eventnet.encounters.commands:group",
    "event": "eventnet.events.commands:group",
    "organizer": "eventnet.accounts.commands:group",
    "outbox": "eventnet.outbox.commands:outbox",
    "suggestions": "eventnet.suggestions.commands:group",
    "summaries": "eventnet.summaries.commands:group",
    "worker": "eventnet.jobs:worker",
}


class Commands(click.Group):
    """The root group: its own commands, and those of COMMANDS."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        return sorted([*super().list_commands(ctx), *COMMANDS])

    def invoke(self, ctx: click.Context) -> Any:
        try:
            return super().invoke(ctx)
        except (OperationalError, ProgrammingError):
            # A database that is away, not made yet or of another version has its sentence; all else is a fault.
            _refuse_unless_migrated(terminal.settings())
            raise

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        if cmd_name not in COMMANDS:
            return super().get_command(ctx, cmd_name)
        # Audit entries and mails refer to events, whose table a command of accounts alone would never import.
        import_module("eventnet.tables")
        # Foreign keys point across slices: all tables are known before a row of one is written.
        import_module("eventnet.tables")
        module, _, name = COMMANDS[cmd_name].partition(":")
        found: click.Command = getattr(import_module(module), name)
        return found


@click.group(cls=Commands, context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
    here = terminal.settings()
    here.var.mkdir(parents=True, exist_ok=True)
    made = db.Database(here.database_url)
    try:
        migrations.upgrade(made)
    finally:
        made.dispose()
    click.echo("The database is up to date.")


@main.command("serve")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, metavar="HOST:PORT", help="Where to listen.")
@click.option("--cert", type=PEM, help="Serve https with this certificate (PEM, with its chain).")
@click.option("--key", type=PEM, help="Its private key (PEM).")
@click.option("--no-worker", is_flag=True, help="Web only: a supervisor runs eventnet worker beside it.")
def serve(bind: str, cert: Path | None, key: Path | None, no_worker: bool) -> None:
    """Serve the pages and, beside them, run the worker. Ctrl-C ends both in order."""
    if bool(cert) != bool(key):
        raise click.UsageError("--cert and --key belong together.")
    if not BIND.fullmatch(bind):
        raise click.BadParameter("write it as 127.0.0.1:8000, [::1]:8000 or unix:/run/eventnet.sock.",
                                 param_hint="'--bind'")
    from eventnet import serving

    here = terminal.settings()
    _refuse_unless_migrated(here)
    if no_worker:
        serving.become_web(here, bind, cert=cert, key=key)
    code = serving.serve(here, bind, cert=cert, key=key, ready=lambda: click.echo(
        f"Serving on {bind} as {here.base_url}. Ctrl-C ends it."))
    raise SystemExit(code)


def _refuse_unless_migrated(here: config.Settings) -> None:
    made = db.Database(here.database_url)
    try:
        behind = migrations.difference(made)
    except SQLAlchemyError as error:
        terminal.stop(f"The database cannot be used: {getattr(error, 'orig', None) or error}")
    finally:
        made.dispose()
    if behind:
        terminal.stop(behind)


@main.command("doctor")
@terminal.json_option
def examine(as_json: bool) -> None:
    """Look at settings, database, addresses, fonts and mail server, and say what to fix. Changes nothing."""
    from eventnet import doctor

    findings = doctor.examine()
    broken = sum(finding.state == "broken" for finding in findings)
    lines = [f"{finding.state:<7} {finding.sentence}" + (f"\n        → {finding.todo}" if finding.todo else "")
             for finding in findings]
    closing = f"{broken} of {len(findings)} checks found something broken." if broken else "Nothing is broken."
    terminal.show({"ok": not broken, "checks": [asdict(finding) for finding in findings]}, as_json,
                  "\n".join([*lines, closing]))
    raise SystemExit(1 if broken else 0)


if __name__ == "__main__":
    main()
