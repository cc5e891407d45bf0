"""Whether something came for an attendee since they looked: one small value that pages ask for again and again."""

from __future__ import annotations

import hashlib
from typing import Any, NamedTuple

from sqlalchemy import exists, func, select

from eventnet import db
from eventnet.encounters.answering import number_waiting, waiting_grants, waiting_scans
from eventnet.encounters.models import Block, Grant, Scan


class News(NamedTuple):
    """How many people wait for an attendee's answer, and a short word that is another one when something came."""

    waiting: int
    state: str


def now(event_id: int, attendee_id: int) -> News:
    """`state` changes when somebody begins to wait, is answered, or gives this attendee something; one query.

    What is done by somebody who keeps this attendee away changes nothing in it.
    """
    scans = waiting_scans(event_id, attendee_id)
    waiting, *rest = db.session.execute(select(
        number_waiting(event_id, attendee_id),
        select(func.count()).select_from(Scan).where(*scans).scalar_subquery(),
        select(func.max(Scan.id)).where(*scans).scalar_subquery(),
        select(func.count()).select_from(Grant).where(*waiting_grants(event_id, attendee_id)).scalar_subquery(),
        _given(event_id, attendee_id, func.count()),
        _given(event_id, attendee_id, func.max(func.coalesce(Grant.changed_at, Grant.given_at))),
    )).one()
    return News(waiting, hashlib.sha256(repr(tuple(map(str, rest))).encode()).hexdigest()[:16])


def state(event_id: int, attendee_id: int) -> str:
    """The word of `now` alone."""
    return now(event_id, attendee_id).state


def _given(event_id: int, attendee_id: int, what: Any) -> Any:
    return select(what).select_from(Grant).where(
        Grant.event_id == event_id, Grant.receiver_id == attendee_id, Grant.withdrawn_at.is_(None), ~exists().where(
            Block.event_id == event_id, Block.blocked_id == attendee_id, Block.blocker_id == Grant.giver_id,
        )).scalar_subquery()
