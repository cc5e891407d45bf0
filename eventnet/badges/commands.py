"""Command line of badges: print them, list them."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Any

import click

from eventnet import clock, db, links, terminal
from eventnet.attendees.activation import activation_token
from eventnet.badges import codes, issuing, layouts, printing
from eventnet.badges.issuing import Listed
from eventnet.config import Settings
from eventnet.errors import Refusal
from eventnet.events import calendar

group = click.Group("badges", help="Print and list badges.")
ACTOR = "command line"


@group.command("print")
@terminal.event_option
@click.option("--out", required=True, type=click.Path(dir_okay=False, path_type=Path), metavar="FILE.pdf",
              help="Where to write the PDF.")
@click.option("--layout", "layout_name", default="a4-sheet", show_default=True, metavar="NAME",
              help="The paper: " + ", ".join(layouts.LAYOUTS) + ".")
@click.option("--only", type=click.Choice(["new", "all"]), default="all", show_default=True,
              help="Badges that were never printed, or all.")
@click.option("--blank", default=0, metavar="N", type=click.IntRange(0, printing.MOST_BLANKS),
              help="N blank badges at the end, for people who are not on the list.")
@terminal.json_option
@terminal.with_database
def print_badges(slug: str, out: Path, layout_name: str, only: printing.Only, blank: int, as_json: bool) -> None:
    """Write the badges of an event as a PDF, in name order, and remember that they are printed."""
    settings, layout = terminal.settings(), printing.get_layout(layout_name)
    with db.reading():
        event = calendar.get_event(slug)
    with db.transaction():
        batch = printing.prepare(event.id, settings.base_url, only, blank)
    with click.progressbar(length=len(batch.faces), label="Setting badges", file=sys.stderr,
                           hidden=not sys.stderr.isatty()) as bar:
        pdf = printing.print_sheet(settings, event.name, event.language, batch, layout,
                                   lambda done, _all: bar.update(done - bar.pos))
    try:
        out.write_bytes(pdf)
    except OSError as error:
        raise Refusal(f"{out} cannot be written: {error.strerror}. No badge counts as printed.") from error
    with db.transaction():
        printing.mark_printed(event.id, batch.badge_ids, clock.now(), ACTOR)
    result = {"file": str(out), "badges": len(batch.faces), "pages": layout.pages(len(batch.faces)),
              "layout": layout.name}
    terminal.show(result, as_json, "{badges} badges on {pages} pages are in {file}.".format(**result))


@group.command("list")
@terminal.event_option
@terminal.json_option
@terminal.with_database
def list_badges(slug: str, as_json: bool) -> None:
    """List everybody's badge address and code, and the link that makes a phone theirs. Missing badges are made.

    Whoever does not take part has neither of them.
    """
    settings = terminal.settings()
    with db.reading():
        event = calendar.get_event(slug)
    with db.transaction():
        issuing.issue_missing(event.id)
    with db.reading():
        rows = [_row(settings, one) for one in issuing.listed(event.id)]
    lines = [f"{codes.grouped(row['code']) if row['code'] else '-':<9}  {row['badge_url'] or '-'}  {row['name']}"
             for row in rows]
    terminal.show(rows, as_json, "\n".join(lines) or "Nobody is on the list yet.")


def _row(settings: Settings, one: Listed) -> dict[str, Any]:
    row: dict[str, Any] = {"attendee_id": one.attendee_id, "name": one.name, "email": one.email, "badge_url": None,
                           "code": None, "activation_url": None}
    if one.takes_part:
        row["badge_url"] = links.badge_url(settings.base_url, one.token)
        row["code"] = one.code
        row["activation_url"] = links.activation_url(
            settings.base_url, activation_token(settings.secret_key, one.attendee))
    return row
