"""The command line `eventnet`: one group a noun, each slice brings its own commands."""

from __future__ import annotations

import logging
from dataclasses import asdict
from pathlib import Path

import click
from sqlalchemy.exc import SQLAlchemyError

from eventnet import __version__, config, db, doctor, jobs, migrations, serving, terminal
from eventnet.accounts import commands as accounts
from eventnet.attendees import commands as attendees
from eventnet.badges import commands as badges
from eventnet.demo import commands as demo
from eventnet.encounters import commands as encounters
from eventnet.events import commands as events
from eventnet.outbox import commands as outbox
from eventnet.suggestions import commands as suggestions
from eventnet.summaries import commands as summaries

PEM = click.Path(exists=True, dir_okay=False, resolve_path=True, path_type=Path)


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
    findings = doctor.examine()
    broken = sum(finding.state == "broken" for finding in findings)
    lines = [f"{finding.state:<7} {finding.sentence}" + (f"\n        → {finding.todo}" if finding.todo else "")
             for finding in findings]
    closing = f"{broken} of {len(findings)} checks found something broken." if broken else "Nothing is broken."
    terminal.show({"ok": not broken, "checks": [asdict(finding) for finding in findings]}, as_json,
                  "\n".join([*lines, closing]))
    raise SystemExit(1 if broken else 0)


for group in (accounts.organizer, events.event, attendees.group, badges.group, encounters.group, outbox.outbox,
              suggestions.group, summaries.group):
    main.add_command(group)
main.add_command(jobs.worker)
main.add_command(demo.command)


if __name__ == "__main__":
    main()
