"""What happened at an event, in as few words as possible: meetings, notes, sessions."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards.models import FIELDS, Attendance
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Encounter, Grant, Scan
from eventnet.events.models import Event, ProgrammeItem

WORDING = "2026-11"


def meet(one: Attendee, other: Attendee, at: datetime | None = None) -> None:
    """They met: one pair, and what each agreed to for both."""
    at = at or clock.now()
    low, high = sorted((one.id, other.id))
    db.session.add(Encounter(event_id=one.event_id, low_id=low, high_id=high, first_at=at, last_at=at, times=1,
                             low_scanned=True))
    for giver, receiver in ((one, other), (other, one)):
        asked = at if giver.activated_at is None else None
        db.session.add(Grant(event_id=one.event_id, giver_id=giver.id, receiver_id=receiver.id, fields=list(FIELDS),
                             wording=WORDING, given_at=at, asked_since=asked))
    db.session.flush()


def scan_waiting(scanner: Attendee, scanned: Attendee) -> None:
    """Scanned, and the other has not said yes."""
    now = clock.now()
    db.session.add(Scan(event_id=scanner.event_id, client_id=f"c-{scanner.id}-{scanned.id}", scanner_id=scanner.id,
                        scanned_id=scanned.id, way="page", offered=list(FIELDS), received_at=now, met_at=now))
    db.session.flush()


def write(owner: Attendee, person: Attendee, *, note: str = "", promise: str = "", starred: bool = False,
          **more: Any) -> None:
    now = clock.now()
    db.session.add(Contact(event_id=owner.event_id, owner_id=owner.id, person_id=person.id, note=note,
                           promise=promise, tags=[], starred_at=now if starred else None, changed_at=now, **more))
    db.session.flush()


def make_item(event: Event, title: str, starts_at: datetime, minutes: int = 45) -> ProgrammeItem:
    row = ProgrammeItem(event_id=event.id, external_key=title, title=title, starts_at=starts_at,
                        ends_at=starts_at + timedelta(minutes=minutes))
    db.session.add(row)
    db.session.flush()
    return row


def attend(item: ProgrammeItem, *people: Attendee) -> None:
    for person in people:
        db.session.add(Attendance(attendee_id=person.id, item_id=item.id, event_id=item.event_id, said_at=clock.now()))
    db.session.flush()
