"""Command line of events: add one."""

from __future__ import annotations

from email.utils import parseaddr

import click

from eventnet import db, terminal
from eventnet.accounts import organizers
from eventnet.errors import Refusal
from eventnet.events import calendar, times


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
@click.option("--venue", default="", help="Where it takes place.")
@click.option("--controller", default="", help="Who answers for the data; else the organizer or the mail sender.")
@click.option("--controller-email", default="", metavar="EMAIL", help="Their address.")
@terminal.json_option
@terminal.with_database
def add(
    slug: str, name: str, starts: str, ends: str, zone: str, email: str, venue: str, controller: str,
    controller_email: str, as_json: bool,
) -> None:
    """Add an event with the short name SLUG: 2 to 40 of a to z, 0 to 9 and dashes."""
    try:
        first, last = times.read(starts, zone), times.read(ends, zone, last=True)
    except ValueError as error:
        raise Refusal(str(error), status=422) from None
    with db.transaction():
        owner = organizers.get(email) if email else None
        sender_name, sender = parseaddr(terminal.settings().mail_from)
        made = calendar.create_event(
            slug, name=name, zone=zone, starts_at=first.at, ends_at=last.at, venue=venue,
            controller=controller or (owner.name or owner.email if owner else sender_name or sender),
            controller_email=controller_email or (owner.email if owner else sender),
            organizer_id=owner.id if owner else None)
    for note in (first.note, last.note):
        if note:
            click.echo(note, err=True)
    result = {"event_id": made.id, "slug": made.slug, "starts_at": made.starts_at.isoformat(),
              "ends_at": made.ends_at.isoformat()}
    terminal.show(result, as_json, f"{made.name}: {terminal.settings().base_url}/admin/e/{made.slug}/")


group = event
