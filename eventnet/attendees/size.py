"""How large an event is, and what that asks of its owners."""

from __future__ import annotations

from sqlalchemy import exists, func, select

from eventnet import db
from eventnet.accounts.models import SecondFactor
from eventnet.attendees.models import Attendee

WITHOUT_FACTOR = 500
"""An owner without a second factor may answer for the data of so many people, and no more."""


def lacks_factor(event_id: int, organizer_id: int) -> bool:
    """Whether more than 500 people take part in the event and the organizer has no second factor."""
    some = select(Attendee.id).where(
        Attendee.event_id == event_id, Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None),
        ~exists().where(SecondFactor.organizer_id == organizer_id, SecondFactor.sealed.is_not(None)),
    ).limit(WITHOUT_FACTOR + 1).subquery()
    return (db.session.scalar(select(func.count()).select_from(some)) or 0) > WITHOUT_FACTOR
