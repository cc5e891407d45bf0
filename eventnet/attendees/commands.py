"""Commands about attendees: import and export of the list."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import click

from eventnet import db, terminal
from eventnet.attendees import erased, exporting, importing, mapping, roster, sources, tables
from eventnet.attendees.importing import Plan
from eventnet.audit import log
from eventnet.errors import Refusal
from eventnet.events import calendar

group = click.Group("attendees", help="Import and export the attendee list.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@terminal.event_option
@click.option("--source", type=click.Choice(["auto", *sources.BY_NAME]), default="auto", show_default=True,
              help="Which programme exported the file.")
@click.option("--dry-run", is_flag=True, help="Say what would happen and change nothing.")
@terminal.json_option
@terminal.with_database
def import_list(file: Path, slug: str, source: str, dry_run: bool, as_json: bool) -> None:
    """Import the attendee list in FILE (CSV) as a ticket shop exports it.

    Rows count from 1, the row of headings. Importing the same file again changes nothing.
    """
    try:
        plan, found = _planned(file, slug, source)
    except Refusal as refusal:
        if as_json:
            click.echo(json.dumps({**_result(Plan()), "error": refusal.sentence}, ensure_ascii=False))
        terminal.stop(refusal.sentence or f"There is no event {slug!r}. Check the name and try again.")
    if not dry_run:
        _commit(plan, slug, found.name)
    counts = plan.counts
    sentence = "{verb} {file} ({label}): {new} new, {changed} changed, {same} as before, {skipped} skipped, " \
               "{refused} refused.".format(verb="Would import" if dry_run else "Imported", file=file.name,
                                           label=found.label, **counts)
    reasons = [f"  row {row.row}: {row.outcome}, {row.reason}" for row in plan.outcomes
               if row.outcome in ("skipped", "refused")]
    terminal.show(_result(plan), as_json, "\n".join([sentence, *reasons]))


def _planned(file: Path, slug: str, source: str) -> tuple[Plan, sources.Source]:
    with file.open("rb") as opened:
        data = opened.read(tables.MAX_BYTES + 1)
    with db.reading():
        event = calendar.get_event(slug)
        parsed = mapping.parse(tables.read(data), source)
        return importing.preview(
            event.id, erased.mark(terminal.settings().secret_key, event.id, parsed.people)), parsed.source


def _commit(plan: Plan, slug: str, source: str) -> None:
    with db.reading():
        event_id = calendar.get_event(slug).id
    with click.progressbar(length=len(plan.inserts) + len(plan.updates), label="Importing", file=sys.stderr,
                           hidden=not sys.stderr.isatty()) as bar, db.transaction():
        importing.commit(event_id, plan, "command line", source, on_progress=bar.update)


def _result(plan: Plan) -> dict[str, Any]:
    return {**plan.counts, "rows": [
        {"row": row.row, "outcome": row.outcome, "reason": row.reason} for row in plan.outcomes]}


@group.command("export")
@terminal.event_option
@click.option("--out", required=True, type=click.Path(dir_okay=False, writable=True, path_type=Path),
              help="Where to write the CSV file.")
@terminal.with_database
def export_list(slug: str, out: Path) -> None:
    """Write the attendee list as CSV; an import reads it back unchanged."""
    with db.reading():
        event = calendar.get_event(slug)
        people = roster.everybody(event.id)
        data = exporting.attendee_list(event.id, people)
    with db.transaction():
        log.write("attendees.exported", "command line", event.id)
    try:
        out.write_bytes(data)
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}.", reason="file") from error
    click.echo(f"{len(people)} attendees are in {out}.", err=True)
