"""The live numbers of an event, in three statements besides the event; no number that singles a person out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, func, not_, or_, select

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.cards import names
from eventnet.encounters import naming, timeline
from eventnet.encounters.timeline import Bin
from eventnet.encounters.withholding import LEAST
from eventnet.errors import NotFound
from eventnet.events.models import Event
from eventnet.summaries import campaigns

SMALLEST_CELL = LEAST


@dataclass(frozen=True)
class Numbers:
    """How an event stands at `at`. None: withheld, since fewer than five people or pairs could be told from it.

    Who is known by name is left out of that reckoning: a number less the names must not be below five either.
    """

    at: datetime
    attendees: int
    taking_part: int
    checked_in: int
    activated: int
    came: int
    encounters: int | None
    met: int | None
    on_their_own: int | None
    mails: Mapping[str, int] = field(default_factory=dict)
    step: timedelta = timeline.TEN_MINUTES
    swaps: Sequence[Bin] = ()
    has_met: bool = False

    @property
    def share_met(self) -> float | None:
        """Of those who came, the part that met at least one person."""
        return self.met / self.came if self.met is not None and self.came else None

    @property
    def mails_total(self) -> int:
        return sum(self.mails.values())


def live(event_id: int, now: datetime) -> Numbers:
    """Everything the overview shows. Who came: checked in, activated or met somebody. Raises NotFound.

    Organizers see by name who is checked in or active, so who only met somebody is the rest of those who came: 1 to 4
    of these are left out of all numbers.
    """
    event = db.session.get(Event, event_id)
    if event is None:
        raise NotFound
    people = db.session.execute(_people(event)).one()
    is_few = 0 < people.only_met < SMALLEST_CELL
    few, named_few = (people.only_met, people.named_only_met) if is_few else (0, 0)
    came, met, named_met = people.came - few, people.met - few, people.named_met - named_few
    met_shown, alone = _cells(met, came - met, named_met, people.named_came - named_few - named_met)
    swaps = timeline.of(event, now)
    return Numbers(
        at=now, attendees=people.attendees, taking_part=people.taking_part, checked_in=people.checked_in,
        activated=people.activated, came=came, encounters=swaps.total, met=met_shown, on_their_own=alone,
        mails=campaigns.shown_counts(event), step=swaps.step, swaps=swaps.bins, has_met=swaps.has_met)


def _cells(met: int, alone: int, named_met: int, named_alone: int) -> tuple[int | None, int | None]:
    """Both sides of one total: when one is small the other would give it away. The named are taken off both."""
    if (met, alone) == (named_met, named_alone) and met + alone:
        return met, alone
    return (met, alone) if min(met - named_met, alone - named_alone) >= SMALLEST_CELL else (None, None)


def _people(event: Event) -> Any:
    event_id, met = event.id, naming.has_met()
    named = names.may_be_named(event, "alone", Attendee.id)
    takes_part = Attendee.not_taking_part_at.is_(None)
    is_known = or_(Attendee.checked_in_at.is_not(None), Attendee.activated_at.is_not(None))

    def how_many(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(and_(*conditions))

    # Counting with FILTER is twice as fast as a sum over a subquery, which looks into encounters for every column.
    # Whoever met somebody came, so that look comes last: it is left out for everybody known to be there.
    return select(
        func.count().label("attendees"), how_many(takes_part).label("taking_part"),
        func.count(Attendee.checked_in_at).label("checked_in"), func.count(Attendee.activated_at).label("activated"),
        how_many(takes_part, or_(is_known, met)).label("came"), how_many(takes_part, met).label("met"),
        how_many(takes_part, not_(is_known), met).label("only_met"),
        how_many(takes_part, named, or_(is_known, met)).label("named_came"),
        how_many(takes_part, named, met).label("named_met"),
        how_many(takes_part, named, not_(is_known), met).label("named_only_met"),
    ).where(Attendee.event_id == event_id, Attendee.removed_at.is_(None))
