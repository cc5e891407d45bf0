"""Command line: bring in who met whom, and take out the numbers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from eventnet import db, terminal
from eventnet.encounters import counting, importing
from eventnet.errors import Refusal
from eventnet.events import calendar

group = click.Group("encounters", help="Who met whom: import rows, export numbers.")


@group.command("import")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@terminal.event_option
@terminal.json_option
@terminal.with_database
def import_rows(file: Path, slug: str, as_json: bool) -> None:
    """Replay rows "t i j" as scans; twice is as good as once.

    t: seconds since midnight of the event's first day, in its time zone. i and j: external key of the attendee,
    else e-mail address. FILE may be packed with gzip.
    """
    with db.reading():
        event_id = calendar.get_event(slug).id
    outcome = importing.Outcome()
    with (
        importing.opened(file) as opened,
        click.progressbar(length=file.stat().st_size, label="Rows", file=sys.stderr,
                          hidden=as_json or not sys.stderr.isatty()) as bar,
    ):
        raw = getattr(opened, "fileobj", opened)
        for batch in importing.batches(importing.rows(opened, outcome)):
            with db.transaction():
                importing.import_batch(event_id, batch, outcome)
            bar.update(max(0, raw.tell() - bar.pos))
    with db.transaction():
        importing.note_import(event_id, outcome, "command line")
    outcome.lines.sort(key=lambda refused: refused.line)
    for line in outcome.lines if not as_json else ():
        click.echo(f"line {line.line}: {line.reason}", err=True)
    terminal.show(
        {"recorded": outcome.recorded, "repeated": outcome.repeated, "refused": outcome.refused,
         "lines": [asdict(line) for line in outcome.lines]}, as_json,
        f"{outcome.recorded} scans recorded, {outcome.repeated} known before, {outcome.refused} lines refused.")
    if outcome.refused and not outcome.recorded and not outcome.repeated:
        raise SystemExit(1)


@group.command("export")
@terminal.event_option
@click.option("--format", "kind", type=click.Choice(["csv", "graphml"]), required=True, help="What to write.")
@click.option("--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="The file to write.")
@click.option("--aggregate", is_flag=True, help="Numbers by category and hour, no cell below five.")
@terminal.with_database
def export(slug: str, kind: str, out: Path, aggregate: bool) -> None:
    """Write who met whom as numbers; by name only where attendees were told so before they agreed."""
    if not aggregate:
        raise Refusal("Attendees of this event were not told that organizers see who met whom by name, so only numbers "
                      "leave: add --aggregate.", reason="names")
    with db.reading():
        found = counting.aggregate(calendar.get_event(slug))
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            file.write(counting.as_csv(found) if kind == "csv" else counting.as_graphml(found))
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}.", reason="file") from error
    click.echo(f"Written to {out}. Cells below {counting.LEAST} are withheld.")
