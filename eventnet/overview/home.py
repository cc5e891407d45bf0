"""The events at which a browser is an attendee."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from eventnet import db
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.events.models import Event


@dataclass(frozen=True)
class Place:
    """This browser is this person at this event."""

    event: Event
    attendee: Attendee


def places_of(browser_id: int) -> Sequence[Place]:
    """Where a browser is signed in as an attendee, the latest event first; one statement."""
    rows = db.session.execute(
        select(Event, Attendee)
        .join(Attendee, Attendee.event_id == Event.id)
        .join(SignedInBrowser, (SignedInBrowser.event_id == Attendee.event_id)
              & (SignedInBrowser.attendee_id == Attendee.id))
        .where(SignedInBrowser.browser_id == browser_id, SignedInBrowser.revoked_at.is_(None),
               Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None))
        .order_by(Event.starts_at.desc(), SignedInBrowser.id.desc())
    ).all()
    newest: dict[int, Place] = {}
    for event, attendee in rows:
        newest.setdefault(event.id, Place(event, attendee))
    return list(newest.values())
