"""Budgets: how often something may happen for one account in one span of time, across processes."""

from __future__ import annotations

import math
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, delete, select

from eventnet import clock, db
from eventnet.accounts.models import Budget

LONGEST_SPAN = timedelta(days=2)


def spend(key: str, limit: int, span: timedelta, at: datetime | None = None) -> bool:
    """Take one from the budget of `key` for the span of `at` (now); False when `limit` was already used up.

    Spans are cut at multiples of `span` since 1970, so a burst over a cut may use two of them. One upsert,
    inside the caller's write transaction: rolled back with it, so a failed attempt that must count is
    spent in a short transaction of its own after the refusal. `key` names purpose and account
    ("sign-in:olga@example.org"), never an address of the network alone.
    """
    if limit < 1:
        return False
    used = db.connection().scalar(
        _spending(db.dialect()), {"key": key, "span_start": _span_start(span, at), "used": 1, "most": limit})
    return used is not None


def left(key: str, limit: int, span: timedelta) -> int:
    """How many of `limit` are left for `key` in the present span."""
    used = db.session.scalar(select(Budget.used).where(Budget.key == key, Budget.span_start == _span_start(span)))
    return max(0, limit - (used or 0))


def clear(key: str, span: timedelta) -> None:
    """Give the whole budget back, for example after the right password."""
    db.session.execute(delete(Budget).where(Budget.key == key, Budget.span_start == _span_start(span)))


def seconds_left(span: timedelta) -> int:
    """Until the next span begins, rounded up: for Retry-After."""
    return max(1, math.ceil((_span_start(span) + span - clock.now()).total_seconds()))


def purge() -> int:
    """Forget spans that are over for good; returns how many rows went. For the timetable."""
    # DELETE … RETURNING keeps the count the same on both drivers.
    gone = db.session.scalars(
        delete(Budget).where(Budget.span_start < clock.now() - LONGEST_SPAN).returning(Budget.id))
    return len(gone.all())


@cache
def _spending(_dialect: str) -> Any:
    """Built once: a swap spends twice, and building a statement costs more than running it."""
    budget = Budget.__table__
    return (
        db.insert(budget)
        .on_conflict_do_update(index_elements=["key", "span_start"], set_={"used": budget.c.used + 1},
                               where=budget.c.used < bindparam("most"))
        .returning(budget.c.used)
    )


def is_past(span: timedelta, at: datetime) -> bool:
    """Whether `at` lies in a span before the present one."""
    return _span_start(span, at) < _span_start(span)


def _span_start(span: timedelta, at: datetime | None = None) -> datetime:
    seconds = int(span.total_seconds())
    return datetime.fromtimestamp(int((at or clock.now()).timestamp()) // seconds * seconds, UTC)
