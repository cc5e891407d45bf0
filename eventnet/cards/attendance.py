""""I was there": which programme items an attendee says they were at."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, select

from eventnet import clock, db
from eventnet.attendees import roster
from eventnet.cards.models import Attendance
from eventnet.events import programme
from eventnet.events.models import ProgrammeItem


def items_begun(event_id: int) -> list[ProgrammeItem]:
    """The items that one can have been at by now, in the order they took place."""
    now = clock.now()
    return [item for item in programme.items(event_id) if item.starts_at <= now]


def said_by(event_id: int, attendee_id: int) -> set[int]:
    """The items this attendee said they were at."""
    return set(db.session.scalars(select(Attendance.item_id).where(
        Attendance.event_id == event_id, Attendance.attendee_id == attendee_id)))


def say(event_id: int, attendee_id: int, item_ids: Collection[int]) -> int:
    """Set what an attendee says they were at; items of another event or not begun are left out. Returns how many."""
    roster.get(event_id, attendee_id)
    wanted = {item.id for item in items_begun(event_id)} & set(item_ids)
    known = said_by(event_id, attendee_id)
    mine = (Attendance.event_id == event_id, Attendance.attendee_id == attendee_id)
    if known - wanted:
        db.session.execute(delete(Attendance).where(*mine, Attendance.item_id.in_(sorted(known - wanted))))
    rows = [{"event_id": event_id, "attendee_id": attendee_id, "item_id": item_id, "said_at": clock.now()}
            for item_id in sorted(wanted - known)]
    if rows:
        db.session.execute(db.insert(Attendance).values(rows).on_conflict_do_nothing())
    return len(wanted)
