"""Command line: bring in who met whom, and take out the numbers."""

from __future__ import annotations

import sys
from dataclasses import asdict
from pathlib import Path

import click

from eventnet import db, terminal
from eventnet.audit import log
from eventnet.encounters import counting, importing, naming
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
@click.option("--aggregate", is_flag=True, help="Numbers by category and time, no cell below five.")
@terminal.with_database
def export(slug: str, kind: str, out: Path, aggregate: bool) -> None:
    """Write who met whom as numbers; by name only pairs of whom both agreed, where the event's policy says so."""
    with db.reading():
        event = calendar.get_event(slug)
        if aggregate:
            counted = counting.aggregate(event)
            text = counting.as_csv(counted) if kind == "csv" else counting.as_graphml(counted)
            closing = f"Cells below {counting.LEAST} are withheld."
        elif event.names_policy != "pairs":
            raise Refusal(f"{naming.refused(event).removesuffix('.')}: add --aggregate.", reason="names")
        else:
            named = naming.pairs(event)
            text = naming.as_csv(named, event) if kind == "csv" else naming.as_graphml(named, event)
            closing = f"{len(named.rows)} pairs by name. {naming.said_of_withheld(named.withheld)}"
    try:
        with out.open("w", encoding="utf-8", newline="") as file:
            file.write(text)
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}.", reason="file") from error
    with db.transaction():
        log.write("encounters.exported", "command line", event.id, names=not aggregate)
    click.echo(f"Written to {out}. {closing}")
