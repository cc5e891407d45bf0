"""What a badge page may say to the browser that opened it: a stranger learns nothing, an attendee who it is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from eventnet import clock
from eventnet.badges.codes import BadgeReference
from eventnet.contacts import address_book
from eventnet.contacts.address_book import PersonMet
from eventnet.encounters import blocking, finding, settling, undoing
from eventnet.encounters.finding import Person
from eventnet.encounters.recording import visible_fields
from eventnet.events.models import Event

JUST_NOW = timedelta(minutes=10)

State = Literal[
    "signed_out", "unknown", "own", "blocked", "met", "pending", "paused", "not_yet", "closed", "not_taking_part",
    "swap"]


@dataclass(frozen=True, slots=True)
class Look:
    """The state of a badge page. `person` is set only where they may be named, `met` only after a swap."""

    state: State
    event: Event | None = None
    me: Person | None = None
    person: Person | None = None
    met: PersonMet | None = None
    undo_until: datetime | None = None
    is_late: bool = False
    asks: bool = False
    asked_me: bool = False

    @property
    def gives(self) -> tuple[str, ...]:
        """What a swap gives of me now, without empty fields."""
        return visible_fields(self.me, self.me.gives) if self.me is not None else ()

    @property
    def is_just_now(self) -> bool:
        return self.met is not None and clock.now() - self.met.given_at <= JUST_NOW


def look(badge: BadgeReference | None, browser_id: int | None, slug: str | None = None) -> Look:
    """What this browser may see of a badge (a typed code needs the event's `slug`).

    Signed out everywhere, every badge of an event looks the same. Signed in, unknown, rotated and foreign badges and
    people not taking part look the same.
    """
    found = finding.badges([(badge, slug)]).get((badge, slug)) if badge is not None else None
    mine = finding.people_of_browser(browser_id) if browser_id is not None else {}
    if not mine:
        return Look("signed_out", finding.event_of(found.event_id) if found is not None else None)
    me = mine.get(found.event_id) if found is not None else None
    if found is None or me is None:
        return Look("unknown", finding.event_of(next(iter(mine))))
    event = finding.event_of(found.event_id)
    person = found.person
    if person is None or not found.is_living:
        return Look("unknown", event)
    if person.id == me.id:
        return Look("own", event, me, person)
    now = clock.now()
    apart = blocking.between(event.id, me.id, person.id)
    if me.id in apart:
        return Look("blocked", event, me, person)
    met = address_book.find_person(event.id, me.id, person.id)
    if met is not None and met.first_at is not None:
        return Look("met", event, me, person, met, undo_until=undo_until(event.id, me.id, person.id),
                    asks=person.id in apart and settling.is_waiting(event.id, me.id, person.id))
    if settling.is_waiting(event.id, me.id, person.id):
        return Look("pending", event, me, person, undo_until=undo_until(event.id, me.id, person.id))
    if now < found.window.opens_at:
        return Look("not_yet", event, me)
    if now > found.window.late_until:
        return Look("closed", event, me)
    if not me.takes_part:
        return Look("not_taking_part", event, me)
    if person.swap_policy == "paused":
        return Look("paused", event, me)
    is_late = found.window.is_late(now) or (badge is not None and badge.kind == "code" and found.window.is_over(now))
    # Who keeps me away looks like somebody who wants to be asked.
    asked_me = settling.has_agreed(event.id, person.id, me.id) and person.id not in apart
    return Look("swap", event, me, person, is_late=is_late, asked_me=asked_me,
                asks=not asked_me and (is_late or person.swap_policy == "ask" or person.id in apart))


def fresh(people: Iterable[PersonMet]) -> set[int]:
    """Whom of these one met for the first time in the last minutes, so that a slip can be taken back in the list."""
    now = clock.now()
    return {one.id for one in people if one.times == 1 and now - one.given_at <= JUST_NOW}


def undo_until(event_id: int, owner_id: int, person_id: int) -> datetime | None:
    """Until when the swap can be taken back; None when it is too late."""
    last = undoing.last_received_at(event_id, owner_id, person_id)
    return last + undoing.UNDO_SPAN if last is not None and undoing.may_undo(last) else None
