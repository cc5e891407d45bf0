"""The live numbers of an event, in three statements besides the event; no number that singles a person out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Any

from sqlalchemy import ColumnElement, Integer, and_, column, func, literal, or_, select, values
from sqlalchemy.orm import aliased

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.cards import names
from eventnet.encounters import naming
from eventnet.encounters.models import Encounter
from eventnet.encounters.withholding import LEAST, is_hidden_well, withheld
from eventnet.errors import NotFound
from eventnet.events.models import Event
from eventnet.outbox import planning

SMALLEST_CELL = LEAST
SUMMARY = "summary"
MOST_BINS = 150
TEN_MINUTES = timedelta(minutes=10)
DAWN, DUSK = datetime(1970, 1, 1, tzinfo=UTC), datetime(9999, 12, 31, tzinfo=UTC)
STEPS = (10, 20, 30, 60, 120, 180, 360, 720, 1440)


@dataclass(frozen=True)
class Bin:
    """How many pairs met for the first time from `start` on, for the step of its series.

    `count` is None where it is withheld (1 to 4, or what would give such a number away), and for a time still to
    come, which `is_ahead` tells.
    """

    start: datetime
    count: int | None
    is_ahead: bool = False


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
    step: timedelta = TEN_MINUTES
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
    """Everything the overview shows. Who came: checked in, activated or met somebody. Raises NotFound."""
    event = db.session.get(Event, event_id)
    if event is None:
        raise NotFound
    people = db.session.execute(_people(event)).one()
    met, alone = _cells(people.met, people.came - people.met, people.named_met, people.named_came - people.named_met)
    step = step_of(event.ends_at - event.starts_at)
    edges = edges_of(event.starts_at, event.ends_at, step)
    cells, named = _first_meetings(event, edges)
    swaps, is_told = series(edges, cells, named, now)
    return Numbers(
        at=now, attendees=people.attendees, taking_part=people.taking_part, checked_in=people.checked_in,
        activated=people.activated, came=people.came, encounters=sum(cells) if is_told else None, met=met,
        on_their_own=alone, mails=planning.counts(event_id, SUMMARY), step=step, swaps=swaps, has_met=any(cells))


def step_of(length: timedelta) -> timedelta:
    """Ten minutes for an evening, more for a longer event, so that the plot can be read."""
    minutes = next((step for step in STEPS if length / timedelta(minutes=step) <= MOST_BINS), STEPS[-1])
    return timedelta(minutes=minutes)


def edges_of(starts_at: datetime, ends_at: datetime, step: timedelta) -> list[datetime]:
    """Where the bins that cover an event begin, and the end of the last one; on full ten minutes."""
    start = starts_at.astimezone(UTC)
    start = start.replace(minute=start.minute // 10 * 10, second=0, microsecond=0)
    bins = -((start - ends_at) // step)
    return [start + at * step for at in range(bins + 1)]


def series(edges: Sequence[datetime], cells: Sequence[int], named: Sequence[int], now: datetime
           ) -> tuple[list[Bin], bool]:
    """One bin for each cell but the last, which counts what lies outside all bins, and whether the total may be told.

    `named` are the pairs of each cell that are known by name; what is left must not be below five. What lies ahead is
    left open.
    """
    others = [count - known for count, known in zip(cells, named, strict=True)]
    hidden = withheld(others)
    bins = [Bin(start, None if start > now or place in hidden else count, is_ahead=start > now)
            for place, (start, count) in enumerate(zip(edges, cells[:-1], strict=False))]
    return bins, is_hidden_well(others, hidden)


def _cells(met: int, alone: int, named_met: int, named_alone: int) -> tuple[int | None, int | None]:
    """Both sides of one total: when one is small the other would give it away. The named are taken off both."""
    if (met, alone) == (named_met, named_alone) and met + alone:
        return met, alone
    return (met, alone) if min(met - named_met, alone - named_alone) >= SMALLEST_CELL else (None, None)


def _outside_last(counts: Sequence[int]) -> list[int]:
    before, *during, after = counts
    return [*during, before + after]


def _people(event: Event) -> Any:
    event_id, met = event.id, naming.has_met()
    named = names.may_be_named(event, "alone", Attendee.id)
    takes_part = Attendee.not_taking_part_at.is_(None)
    is_in, is_active = Attendee.checked_in_at.is_not(None), Attendee.activated_at.is_not(None)

    def how_many(*conditions: ColumnElement[bool]) -> ColumnElement[int]:
        return func.count().filter(and_(*conditions))

    # Counting with FILTER is twice as fast as a sum over a subquery, which looks into encounters for every column.
    # Whoever met somebody came, so that look comes last: it is left out for everybody known to be there.
    return select(
        func.count().label("attendees"), how_many(takes_part).label("taking_part"),
        func.count(Attendee.checked_in_at).label("checked_in"), func.count(Attendee.activated_at).label("activated"),
        how_many(takes_part, or_(is_in, is_active, met)).label("came"), how_many(takes_part, met).label("met"),
        how_many(takes_part, named, or_(is_in, is_active, met)).label("named_came"),
        how_many(takes_part, named, met).label("named_met"),
    ).where(Attendee.event_id == event_id, Attendee.removed_at.is_(None))


def _first_meetings(event: Event, edges: Sequence[datetime]) -> tuple[list[int], list[int]]:
    """First meetings between each two edges and, last, outside of them; and how many of these are known by name.

    Each range is counted along the index: seven times as fast as grouping by a computed value.
    """
    bounds = [DAWN, *edges, DUSK]
    rows = [(at, low, high) for at, (low, high) in enumerate(pairwise(bounds))]
    # A common table expression: SQLite cannot name the columns of VALUES in any other place.
    spans = values(column("at", Integer), column("low", db.UtcDateTime()), column("high", db.UtcDateTime()),
                   name="given").data(rows).cte("spans")
    within = select(func.count()).select_from(Encounter).where(
        Encounter.event_id == event.id, Encounter.first_at >= spans.c.low, Encounter.first_at < spans.c.high)
    named: Any = literal(0)
    if event.names_policy == "pairs":
        one, other = aliased(Attendee), aliased(Attendee)
        named = within.where(
            one.event_id == event.id, one.id == Encounter.low_id, naming.is_shown(event, one),
            other.event_id == event.id, other.id == Encounter.high_id, naming.is_shown(event, other),
        ).correlate(spans).scalar_subquery()
    counted = db.session.execute(
        select(within.correlate(spans).scalar_subquery(), named).select_from(spans).order_by(spans.c.at)).all()
    return _outside_last([all_ for all_, _named in counted]), _outside_last([known for _all, known in counted])
