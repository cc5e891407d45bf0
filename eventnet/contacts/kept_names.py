"""People I met who had everything about them deleted: the name they gave me and my own words, as plain text."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import delete, select

from eventnet import db
from eventnet.contacts import address_book
from eventnet.contacts.models import KeptName
from eventnet.errors import NotFound
from eventnet.events.models import Event


def keep(event_id: int, person_id: int) -> int:
    """Write down, for everybody who has this person in their address book, the name as they see it; returns for how
    many. To be called in the transaction that deletes the person, before it does."""
    event = db.session.get_one(Event, event_id)
    holders = address_book.holders(event_id, person_id)
    for owner_id, person in holders.items():
        met = person.first_at
        db.session.add(KeptName(
            event_id=event_id, owner_id=owner_id, name=person.name, note=person.note, promise=person.promise,
            tags=list(person.tags), met_on=met.astimezone(event.tz).date() if met is not None else None))
    db.session.flush()
    return len(holders)


def of(event_id: int, owner_id: int) -> Sequence[KeptName]:
    """The names one attendee keeps, in order of the alphabet."""
    rows = db.session.scalars(select(KeptName).where(KeptName.event_id == event_id, KeptName.owner_id == owner_id))
    return sorted(rows, key=lambda kept: (kept.name.casefold(), kept.id))


def remove(event_id: int, owner_id: int, kept_id: int) -> str:
    """Take a name off one's own list; returns it. Raises NotFound for one of somebody else."""
    name: str | None = db.session.scalar(delete(KeptName).where(
        KeptName.event_id == event_id, KeptName.owner_id == owner_id, KeptName.id == kept_id).returning(KeptName.name))
    if name is None:
        raise NotFound
    return name
