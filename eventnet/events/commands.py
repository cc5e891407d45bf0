"""Command line of events: add one."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import click

from eventnet import db, terminal
from eventnet.accounts import organizers
from eventnet.errors import Refusal
from eventnet.events import calendar, privacy, times


@click.group("event")
def event() -> None:
    """Add events."""


@event.command("add")
@click.argument("slug")
@click.option("--name", required=True, help="What people call it.")
@click.option("--starts", required=True, metavar="T", help="2026-10-15 18:00 in the time zone, or RFC 3339.")
@click.option("--ends", required=True, metavar="T", help="As --starts.")
@click.option("--timezone", "zone", required=True, metavar="Z", help="IANA name, such as Europe/Berlin.")
@click.option("--organizer", "email", default="", metavar="EMAIL", help="Becomes its owner.")
@click.option("--swaps-before", default=24, show_default=True, type=click.IntRange(0, 720), metavar="HOURS",
              help="Swapping opens so long before the start.")
@click.option("--swaps-after", default=72, show_default=True, type=click.IntRange(0, 720), metavar="HOURS",
              help="Swapping closes so long after the end; later scans wait for a yes.")
@click.option("--venue", default="", help="Where it takes place.")
@click.option("--controller", default="", help="Who answers for the data; else the sender of EVENTNET_MAIL_FROM.")
@click.option("--contact", "--controller-email", "contact", default="", metavar="EMAIL",
              help="Where attendees write about their data; else the organizer, else the sender.")
@terminal.json_option
@terminal.with_database
def add(
    slug: str, name: str, starts: str, ends: str, zone: str, email: str, swaps_before: int, swaps_after: int,
    venue: str, controller: str, contact: str, as_json: bool,
) -> None:
    """Add an event with the short name SLUG: 2 to 40 of a to z, 0 to 9 and dashes.

    What its privacy page needs is filled in from the settings, and said; change it on the settings page.
    """
    here = terminal.settings()
    try:
        first, last = times.read(starts, zone), times.read(ends, zone, last=True)
    except ValueError as error:
        raise Refusal(str(error), status=422) from None
    with db.transaction():
        owner = organizers.get(email) if email else None
        sender, address = privacy.known_controller(here.mail_from)
        filled: dict[str, Any] = {} if controller else {"controller": sender}
        filled |= {} if contact else {"controller_email": owner.email if owner else address}
        filled |= {"purpose": privacy.standard_purpose(), "legal_basis": privacy.STANDARD_BASIS,
                   "hosting": privacy.standard_hosting(here.hosting, here.host)}
        made = calendar.create_event(
            slug, name=name, zone=zone, starts_at=first.at, ends_at=last.at, venue=venue,
            swaps_open_at=first.at - timedelta(hours=swaps_before),
            swaps_close_at=last.at + timedelta(hours=swaps_after),
            organizer_id=owner.id if owner else None,
            **{"controller": controller, "controller_email": contact, **filled})
    for note in (first.note, last.note):
        if note:
            click.echo(note, err=True)
    result = {"event_id": made.id, "slug": made.slug, "starts_at": made.starts_at.isoformat(),
              "ends_at": made.ends_at.isoformat(), "filled_in": filled}
    page = f"{here.base_url}/admin/e/{made.slug}"
    terminal.show(result, as_json, "\n".join([
        f"{made.name}: {page}/", f"Filled in for its privacy page; read and change it at {page}/settings#data",
        *(f"  {privacy.entry_label(name)}: {_shown(name, value)}" for name, value in filled.items())]))


def _shown(name: str, value: str) -> str:
    return privacy.basis_label(value) if name == "legal_basis" else value


group = event
