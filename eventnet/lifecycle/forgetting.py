"""Forgetting: on the promised day every row of an event goes, in small bites, and the count of them stays as proof."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from sqlalchemy import delete, select, tuple_

from eventnet import db
from eventnet.accounts.models import Browser, Budget, Organizer
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.audit.models import AuditEntry
from eventnet.badges.models import Badge
from eventnet.cards.models import Card
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Encounter
from eventnet.events.models import Event, EventRole
from eventnet.lifecycle import leftovers
from eventnet.lifecycle.models import Forgetting
from eventnet.outbox.models import Mail
from eventnet.summaries.models import Campaign

# One model of every slice: what is forgotten is computed from the tables that are known here.
SLICES = (Organizer, Attendee, AuditEntry, Badge, Card, Contact, Encounter, Event, Mail, Campaign)

# Tables of an event that stay, and why. Every other table with an event_id is emptied.
KEPT = {
    AuditEntry.__tablename__: "ids and counts, never a name; after the event they lead nowhere",
    EventRole.__tablename__: "who organized it still sees that it was forgotten, and when",
    Forgetting.__tablename__: "the proof",
}
# Tables without an event_id, and why nothing of an event is left in them.
BESIDE = {
    Event.__tablename__: "slug, name and dates stay, so that old links can say what happened; the rest is emptied",
    Organizer.__tablename__: "accounts of the host, not of an event",
    "password_resets": "of organizers",
    "second_factors": "of organizers",
    "recovery_codes": "of organizers",
    "half_sign_ins": "of organizers, for ten minutes",
    "known_browsers": "of organizers",
    Browser.__tablename__: "goes with its last sign-in, see leftovers",
    Budget.__tablename__: "those that name the event or one of its people go, see leftovers",
    "timetable": "jobs of the worker",
}
SHORTEST = timedelta(days=5)  # of the 7 days that an event is kept at least; nothing younger can be due


def forget_due(now: datetime, limit: int = 2000) -> int:
    """Delete at most `limit` rows of events whose promised day has come; returns how many, 0 when nothing is left.

    One bite for one short write transaction. Killed anywhere, it goes on where it was: the rows that are left are the
    list of what is to do. An event's last bite strips its own row and writes the counts to the audit log.
    """
    gone = 0
    for event_id in due(now):
        gone += _forget(event_id, now, limit - gone)
        if gone >= limit:
            break
    return gone


def due(now: datetime) -> Sequence[int]:
    """The events that are to be forgotten and are not yet, the oldest first."""
    ended = db.session.scalars(
        select(Event).where(Event.forgotten_at.is_(None), Event.ends_at < now - SHORTEST)
        .order_by(Event.ends_at, Event.id))
    return [event.id for event in ended if not event.is_kept(now)]


def find(event_id: int) -> Forgetting | None:
    """How far forgetting this event has come; None before its day."""
    return db.session.get(Forgetting, event_id)


def has_ended_since(moment: datetime) -> bool:
    """Whether an event was forgotten to its end since then."""
    return db.session.scalar(select(Event.id).where(Event.forgotten_at >= moment).limit(1)) is not None


def tables_of_an_event() -> list[sa.Table]:
    """What is emptied, in an order in which no row is left pointing at one that is gone."""
    return [table for table in reversed(Event.metadata.sorted_tables)
            if "event_id" in table.c and table.name not in KEPT]


def _forget(event_id: int, now: datetime, limit: int) -> int:
    event = db.session.get_one(Event, event_id, with_for_update=True, populate_existing=True)
    record = db.session.get(Forgetting, event_id)
    if record is None:
        record = Forgetting(event_id=event_id, begun_at=now, rows={})
        db.session.add(record)
    counts = Counter(record.rows)
    gone = 0
    for table in tables_of_an_event():
        bite = _delete_some(table, event_id, limit - gone)
        gone += len(bite)
        counts[table.name] += len(bite)
        counts[Browser.__tablename__] += leftovers.forget_browsers(
            {row.browser_id for row in bite if row.browser_id is not None})
        if gone >= limit:
            break
    else:
        counts[Budget.__tablename__] += leftovers.forget_budgets(event_id)
        _strip(event)
        event.forgotten_at = record.ended_at = now
        log.write("event.forgotten", "worker", event_id, rows={name: n for name, n in sorted(counts.items()) if n})
    record.rows = {name: n for name, n in sorted(counts.items()) if n}
    db.session.flush()
    return gone


def _delete_some(table: sa.Table, event_id: int, limit: int) -> Sequence[Any]:
    """Delete up to `limit` rows of an event; a row for each, with the browser it pointed at."""
    key = list(table.primary_key.columns)
    some = select(*key).where(table.c.event_id == event_id).limit(limit)
    which = key[0].in_(some) if len(key) == 1 else tuple_(*key).in_(some)
    browser = table.c.browser_id if "browser_id" in table.c else sa.null()
    return db.session.execute(delete(table).where(which).returning(browser.label("browser_id"))).all()


def _strip(event: Event) -> None:
    """Of the event itself only slug, name and dates stay."""
    event.venue = event.controller = event.controller_email = event.region = ""
    event.protection_officer = event.purpose = event.legal_basis = event.legal_basis_words = event.hosting = ""
