"""Knows again, without a name, whoever had everything about them deleted: in a list, in a restored copy, by a link."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime

from sqlalchemy import select

from eventnet import clock, db, links, words
from eventnet.attendees import folding
from eventnet.attendees.mapping import Person
from eventnet.attendees.models import Attendee, Erasure
from eventnet.errors import Refusal
from eventnet.events.models import Event
from eventnet.words import gettext as _

PURPOSE = "erased"
# A link's generation grows with each new one; nobody was given more.
MOST_GENERATIONS = 20


def hashes(secret: bytes, event_id: int, key: str | None, email: str) -> tuple[str | None, str | None]:
    """The keyed hashes of a ticket shop's key and of an address; None for what is empty."""
    address = folding.email_key(email)
    return (links.base32(links.mac(secret, PURPOSE, event_id, "key", key)) if key else None,
            links.base32(links.mac(secret, PURPOSE, event_id, "email", address)) if address else None)


def remember(secret: bytes, attendee: Attendee) -> None:
    """Keep that this attendee was deleted today; in the transaction that deletes them. Once more, after a restore,
    changes nothing of what was kept."""
    key_hash, email_hash = hashes(secret, attendee.event_id, attendee.external_key, attendee.email)
    db.session.execute(db.insert(Erasure).values(
        event_id=attendee.event_id, number=attendee.id, generation=attendee.generation, key_hash=key_hash,
        email_hash=email_hash, erased_at=clock.now()).on_conflict_do_nothing(index_elements=["event_id", "number"]))


def mark(secret: bytes, event_id: int, people: Sequence[Person]) -> list[Person]:
    """These rows of a list, those skipped who asked to be deleted; of them only the name stays, for the preview."""
    days = _days(event_id)
    if not days:
        return list(people)
    found = []
    for person in people:
        day = None
        if not person.state:
            day = next((days[one] for one in hashes(secret, event_id, person.key, person.values.get("email", ""))
                        if one in days), None)
        found.append(person if day is None else replace(
            person, values={"registered_name": person.name}, key="", notes=[], state="skipped",
            reason=_("asked to be deleted on %(day)s", day=words.full_day(day))))
    return found


def matching(secret: bytes, erasures: Sequence[Erasure], event_id: int) -> list[int]:
    """Attendees of an event who are on its list although these erasures say they were deleted: after a restore.

    By number or the list's key. Not by address: several people may share one, and only one of them wished to go.
    """
    known = {erasure.key_hash for erasure in erasures if erasure.event_id == event_id and erasure.key_hash}
    since = {erasure.number: erasure.erased_at for erasure in erasures if erasure.event_id == event_id}
    latest = max(since.values(), default=None)
    if latest is None:
        return []
    rows = db.session.execute(select(Attendee.id, Attendee.external_key, Attendee.made_at).where(
        Attendee.event_id == event_id).order_by(Attendee.id))
    # Who came back after the deletion, of their own will, is on the list since a later time.
    return [row.id for row in rows if row.made_at <= latest and (
        row.id in since or hashes(secret, event_id, row.external_key, "")[0] in known)]


def of_event(event_id: int) -> Sequence[Erasure]:
    """Everybody who was deleted from this event."""
    return db.session.scalars(select(Erasure).where(Erasure.event_id == event_id).order_by(Erasure.id)).all()


def any_since(moment: datetime) -> bool:
    """Whether somebody was deleted since then."""
    return db.session.scalar(select(Erasure.id).where(Erasure.erased_at >= moment).limit(1)) is not None


def check_link(secret: bytes, token: str, purpose: str, *, by_generation: bool = True) -> None:
    """Raise a Refusal (410) that says what happened, for a link that was really given out and whose person is gone.

    Deleted at their wish, or with everything else about the event on its promised day. A made-up link learns nothing.
    """
    number = links.number_in(token)
    if number is None:
        return
    erasure = db.session.scalar(select(Erasure).where(Erasure.number == number))
    if erasure is not None and _is_of(secret, token, purpose, number, erasure.event_id, by_generation,
                                      erasure.generation + 1):
        event = db.session.get_one(Event, erasure.event_id)
        raise Refusal(_("Everything about you at %(event)s was deleted on %(day)s, as you wished.", event=event.name,
                        day=words.full_day(erasure.erased_at.astimezone(event.tz).date())),
                      status=410, reason="erased")
    for event in db.session.scalars(select(Event).where(Event.forgotten_at.is_not(None)).order_by(Event.id.desc())):
        if _is_of(secret, token, purpose, number, event.id, by_generation, MOST_GENERATIONS):
            assert event.forgotten_at is not None
            raise Refusal(_("Everything about %(event)s was deleted on %(day)s, as promised.", event=event.name,
                            day=words.full_day(event.forgotten_at.astimezone(event.tz).date())),
                          status=410, reason="forgotten")


def _is_of(secret: bytes, token: str, purpose: str, number: int, event_id: int, by_generation: bool,
           generations: int) -> bool:
    if not by_generation:
        return links.is_signed(secret, token, purpose, number, event_id)
    return any(links.is_signed(secret, token, purpose, number, event_id, generation)
               for generation in range(1, generations + 1))


def _days(event_id: int) -> dict[str, date]:
    zone = db.session.get_one(Event, event_id).tz
    return {one: erasure.erased_at.astimezone(zone).date() for erasure in of_event(event_id)
            for one in (erasure.key_hash, erasure.email_hash) if one}
