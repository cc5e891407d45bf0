"""Who gets a summary of an event, and who does not and why."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from sqlalchemy import ColumnElement, or_, select, union

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Card
from eventnet.encounters.models import Encounter, Scan
from eventnet.events.models import Event
from eventnet.words import gettext as _

# People open their card in the queue outside.
EARLY = timedelta(hours=2)
SkipReason = Literal["not_taking_part", "no_address", "not_here"]
SKIPS: tuple[SkipReason, ...] = ("not_taking_part", "no_address", "not_here")


@dataclass(frozen=True)
class Standing:
    """One attendee and their summary. `skipped` says why there is none; empty: they get one.

    `was_seen`: checked in or active on site, which organizers see by name; who was not came only as somebody's match.
    """

    attendee_id: int
    skipped: SkipReason | Literal[""] = ""
    met: bool = False
    activated: bool = False
    was_seen: bool = False

    @property
    def is_eligible(self) -> bool:
        return not self.skipped


def standings(event: Event) -> list[Standing]:
    """Everybody on the list of an event, in order; removed people are not on it. Two statements."""
    met = _met(event.id)
    rows = db.session.execute(
        select(Attendee.id, Attendee.email, Attendee.not_taking_part_at, Attendee.checked_in_at, Attendee.activated_at,
               Card.summary_email)
        .outerjoin(Card, (Card.event_id == Attendee.event_id) & (Card.attendee_id == Attendee.id))
        .where(Attendee.event_id == event.id, Attendee.removed_at.is_(None)).order_by(Attendee.id))
    found = []
    for row in rows:
        skipped: SkipReason | Literal[""] = ""
        was_seen = row.checked_in_at is not None or was_on_site(event, row.activated_at)
        if row.not_taking_part_at is not None:
            skipped = "not_taking_part"
        elif not (was_seen or row.id in met):
            skipped = "not_here"
        elif not address(row.summary_email, row.email):
            skipped = "no_address"
        found.append(Standing(row.id, skipped, row.id in met, row.activated_at is not None, was_seen))
    return found


def address(summary_email: str | None, email: str) -> str:
    """Where a summary goes: the address chosen on the card, else the registered one."""
    return (summary_email or "").strip() or email.strip()


def was_on_site(event: Event, activated_at: datetime | None) -> bool:
    """Whether somebody opened their card while the event was on (from two hours before its start)."""
    return activated_at is not None and event.starts_at - EARLY <= activated_at <= event.ends_at


def seen(event: Event) -> ColumnElement[bool]:
    """SQL: whether an attendee was checked in or active on site."""
    return or_(Attendee.checked_in_at.is_not(None),
               Attendee.activated_at.between(event.starts_at - EARLY, event.ends_at))


def sentence_of_unseen() -> str:
    """As `sentence` of who was not here, when 1 to 4 of them get a summary and the number must not tell."""
    return _("They were not checked in and did not open their card at the event. Fewer than five of them met somebody "
             "and get a summary all the same; how many is not shown, so that nobody can be told apart.")


def sentence(reason: str) -> str:
    """Why somebody gets no summary, for the organizer."""
    return {
        "not_taking_part": _("They do not want to take part."),
        "no_address": _("There is no e-mail address for them."),
        "not_here": _("They were not checked in, did not open their card at the event and met nobody: not there."),
    }[reason]


def _met(event_id: int) -> set[int]:
    """Everybody who met somebody, and everybody whom somebody scanned, answered or not."""
    return set(db.session.scalars(union(
        select(Encounter.low_id).where(Encounter.event_id == event_id),
        select(Encounter.high_id).where(Encounter.event_id == event_id),
        select(Scan.scanned_id).where(
            Scan.event_id == event_id, Scan.settled_at.is_(None), Scan.undone_at.is_(None)))))
