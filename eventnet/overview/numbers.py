"""The live numbers of an event, in four statements; no number that singles a person out."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, Text, case, exists, func, or_, select

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.encounters.models import Encounter
from eventnet.errors import NotFound
from eventnet.events.models import Event
from eventnet.outbox import planning

SMALLEST_CELL = 5
SUMMARY = "summary"
MOST_BINS = 150
TEN_MINUTES = timedelta(minutes=10)
STEPS = (10, 20, 30, 60, 120, 180, 360, 720, 1440)


@dataclass(frozen=True)
class Bin:
    """How many pairs met for the first time from `start` on, for the step of its series.

    `count` is None for 1 to 4, and for a time still to come, which `is_ahead` tells.
    """

    start: datetime
    count: int | None
    is_ahead: bool = False


@dataclass(frozen=True)
class Numbers:
    """How an event stands at `at`. None: withheld, since fewer than five people are on one side of it."""

    at: datetime
    attendees: int
    taking_part: int
    checked_in: int
    activated: int
    came: int
    encounters: int
    met: int | None
    on_their_own: int | None
    mails: Mapping[str, int] = field(default_factory=dict)
    step: timedelta = TEN_MINUTES
    swaps: Sequence[Bin] = ()

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
    people = db.session.execute(_people(event_id)).one()
    encounters = db.session.scalar(
        select(func.count()).select_from(Encounter).where(Encounter.event_id == event_id)) or 0
    met, alone = _cells(people.met or 0, (people.came or 0) - (people.met or 0))
    step = step_of(event.ends_at - event.starts_at)
    return Numbers(
        at=now, attendees=people.attendees, taking_part=people.taking_part or 0, checked_in=people.checked_in or 0,
        activated=people.activated or 0, came=people.came or 0, encounters=encounters, met=met, on_their_own=alone,
        mails=planning.counts(event_id, SUMMARY), step=step,
        swaps=series(_first_meetings(event), event.starts_at, event.ends_at, step, now))


def step_of(length: timedelta) -> timedelta:
    """Ten minutes for an evening, more for a longer event, so that the plot can be read."""
    minutes = next((step for step in STEPS if length / timedelta(minutes=step) <= MOST_BINS), STEPS[-1])
    return timedelta(minutes=minutes)


def series(
    tens: Mapping[datetime, int], starts_at: datetime, ends_at: datetime, step: timedelta, now: datetime,
) -> list[Bin]:
    """Counts per ten minutes as bins of `step` that cover the event; 1 to 4 are withheld."""
    start, bins = _floor(starts_at), []
    while start < ends_at:
        end = start + step
        count = sum(tens.get(start + i * TEN_MINUTES, 0) for i in range(step // TEN_MINUTES))
        is_ahead = start > now
        bins.append(Bin(start, count if not is_ahead and not 0 < count < SMALLEST_CELL else None, is_ahead))
        start = end
    return bins


def _cells(met: int, alone: int) -> tuple[int | None, int | None]:
    """Both sides of one total: when one is small the other would give it away."""
    return (met, alone) if min(met, alone) >= SMALLEST_CELL else (None, None)


def _people(event_id: int) -> Any:
    met = or_(
        exists().where(Encounter.event_id == event_id, Encounter.low_id == Attendee.id),
        exists().where(Encounter.event_id == event_id, Encounter.high_id == Attendee.id))
    takes_part = Attendee.not_taking_part_at.is_(None)
    inner = select(
        takes_part.label("takes_part"), Attendee.checked_in_at.is_not(None).label("is_in"),
        Attendee.activated_at.is_not(None).label("is_active"), met.label("has_met"),
    ).where(Attendee.event_id == event_id, Attendee.removed_at.is_(None)).subquery()
    there = inner.c

    def how_many(condition: ColumnElement[bool]) -> ColumnElement[int]:
        return func.sum(case((condition, 1), else_=0))

    came = there.takes_part & or_(there.is_in, there.is_active, there.has_met)
    return select(
        func.count().label("attendees"), how_many(there.takes_part).label("taking_part"),
        how_many(there.is_in).label("checked_in"), how_many(there.is_active).label("activated"),
        how_many(came).label("came"), how_many(came & there.has_met).label("met"),
    ).select_from(inner)


def _first_meetings(event: Event) -> dict[datetime, int]:
    """First meetings per ten minutes of UTC, during the event."""
    text = Encounter.first_at if db.dialect() == "sqlite" else func.to_char(
        func.timezone("UTC", Encounter.first_at), "YYYY-MM-DD HH24:MI")
    ten = func.substr(text, 1, 15, type_=Text()).label("ten")
    rows = db.session.execute(
        select(ten, func.count()).where(
            Encounter.event_id == event.id, Encounter.first_at >= _floor(event.starts_at),
            Encounter.first_at < event.ends_at)
        .group_by("ten"))
    return {datetime.fromisoformat(f"{start}0").replace(tzinfo=UTC): number for start, number in rows}


def _floor(at: datetime) -> datetime:
    at = at.astimezone(UTC)
    return at.replace(minute=at.minute // 10 * 10, second=0, microsecond=0)
