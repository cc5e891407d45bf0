"""Tells attendees by mail that somebody waits for their yes: once at the first, then one each evening with news."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from typing import Any

from sqlalchemy import exists, func, or_, select

from eventnet import db
from eventnet.attendees import invitations
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Block, Card, Grant
from eventnet.encounters.models import Scan
from eventnet.events.models import LATE_SCANS, Event
from eventnet.outbox import planning
from eventnet.outbox.models import Mail
from eventnet.outbox.planning import Plan

KIND = "waiting"
GRACE = timedelta(minutes=10)
"""Who stands before the other answers at once, and needs no mail."""
REST = timedelta(hours=4)
"""Longer than an evening: who was told at a mixer's beginning hears again tomorrow."""
EVENING, NIGHT, MORNING = time(19), time(21), time(8)


@dataclass(frozen=True, slots=True)
class Asked:
    """Somebody for whom people wait: since when, until when the latest came, and when they were last told."""

    attendee_id: int
    first_at: datetime
    last_at: datetime
    told_at: datetime | None


def plan_due(now: datetime) -> int:
    """Plan the mails of this moment, at every event that takes answers; returns how many. For the timetable."""
    events = db.session.scalars(select(Event).where(
        Event.forgotten_at.is_(None), Event.swaps_open_at <= now, Event.swaps_close_at >= now - LATE_SCANS)
        .order_by(Event.id)).all()
    return sum(_plan(event, now) for event in events if event.is_kept(now) and invitations.may_be_mailed(event))


def _plan(event: Event, now: datetime) -> int:
    local = now.astimezone(event.tz)
    if not MORNING <= local.time() < NIGHT:
        return 0
    is_evening = local.time() >= EVENING
    plans = []
    for one in asked(event.id):
        if one.told_at is None and one.first_at <= now - GRACE:
            key = f"attendee:{one.attendee_id}"
        elif one.told_at is not None and is_evening and one.last_at > one.told_at and now - one.told_at >= REST:
            key = f"attendee:{one.attendee_id}:{local.date()}"
        else:
            continue
        plans.append(Plan(KIND, key, event.id, one.attendee_id, urgency=4))
    return planning.plan_many(plans)


def asked(event_id: int) -> list[Asked]:
    """Active attendees with an address for whom somebody waits who scanned them; imported scans do not count."""
    scans = (
        select(Scan.scanned_id.label("me"), Scan.received_at.label("at"))
        .where(Scan.event_id == event_id, Scan.settled_at.is_(None), Scan.undone_at.is_(None),
               Scan.declined_at.is_(None), Scan.blocked_at.is_(None), Scan.way != "import"))
    grants = (
        select(Grant.giver_id, Grant.asked_since)
        .where(Grant.event_id == event_id, Grant.asked_since.is_not(None), Grant.answered_at.is_(None),
               Grant.withdrawn_at.is_(None), ~_apart(Grant.giver_id, Grant.receiver_id, event_id),
               exists().where(Scan.event_id == event_id, Scan.scanner_id == Grant.receiver_id,
                              Scan.scanned_id == Grant.giver_id, Scan.way != "import", Scan.undone_at.is_(None))))
    waits = scans.union_all(grants).subquery("waits")
    told = (select(Mail.attendee_id, func.max(Mail.planned_at, type_=Mail.planned_at.type).label("at"))
            .where(Mail.event_id == event_id, Mail.kind == KIND).group_by(Mail.attendee_id).subquery("told"))
    at: Any = waits.c.at
    rows = db.session.execute(
        select(waits.c.me, func.min(at, type_=at.type), func.max(at, type_=at.type), told.c.at)
        .join(Attendee, (Attendee.event_id == event_id) & (Attendee.id == waits.c.me))
        .outerjoin(Card, Card.attendee_id == Attendee.id)
        .outerjoin(told, told.c.attendee_id == Attendee.id)
        .where(Attendee.activated_at.is_not(None), Attendee.not_taking_part_at.is_(None),
               Attendee.removed_at.is_(None), or_(Attendee.email != "", Card.summary_email != ""))
        .group_by(waits.c.me, told.c.at).order_by(waits.c.me))
    return [Asked(*row) for row in rows]


def organizations(people: Sequence[str], most: int = 3) -> tuple[list[str], int]:
    """The organizations that most of these people come from, and how many more there are."""
    counted: dict[str, int] = {}
    for name in people:
        if name.strip():
            counted[name.strip()] = counted.get(name.strip(), 0) + 1
    names = sorted(counted, key=lambda name: (-counted[name], name.casefold()))
    return names[:most], max(0, len(names) - most)


def is_over(event: Event, now: datetime) -> bool:
    """Whether no answer is asked for any more."""
    return now > event.swaps_close_at + LATE_SCANS


def _apart(one: Any, other: Any, event_id: int) -> Any:
    return exists().where(Block.event_id == event_id, or_(
        (Block.blocker_id == one) & (Block.blocked_id == other),
        (Block.blocker_id == other) & (Block.blocked_id == one)))
