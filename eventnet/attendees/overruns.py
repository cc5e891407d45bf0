"""Who ran into a budget: noted when it happens, listed for those who run the event."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any

from sqlalchemy import Select, func, select

from eventnet import clock, db
from eventnet.attendees.models import Attendee, Overrun
from eventnet.audit import log
from eventnet.words import gettext as _

MOST_SHOWN = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """One attendee and one budget: when it first and last said "later", and how often."""

    attendee: Attendee
    budget: str
    first_at: datetime
    last_at: datetime
    times: int

    @property
    def what(self) -> str:
        return label(self.budget)


def label(budget: str) -> str:
    """What there was too much of, for a reader."""
    return {
        "swaps_burst": _("many swaps within ten minutes"), "swaps_daily": _("very many swaps in one day"),
        "swaps_late": _("very many swaps sent in afterwards"), "wrong_codes": _("many badge codes that do not exist"),
    }.get(budget, budget.replace("_", " "))


def note(event_id: int, attendee_id: int, budget: str) -> None:
    """Remember in the present write transaction that this budget was used up; the first time goes to the audit log."""
    now = clock.now()
    times = db.connection().scalar(_noting(db.dialect()), {
        "event_id": event_id, "attendee_id": attendee_id, "budget": budget, "first_at": now, "last_at": now,
        "times": 1})
    if times == 1:
        log.write("attendee.over_budget", f"attendee:{attendee_id}", event_id, budget=budget)


def number(event_id: int) -> Select[Any]:
    """SQL: how many attendees ran into one."""
    return select(func.count(Overrun.attendee_id.distinct())).where(Overrun.event_id == event_id)


def listed(event_id: int) -> Sequence[Listed]:
    """Everybody who ran into one, whoever did so last first; at most MOST_SHOWN."""
    rows = db.session.execute(
        select(Attendee, Overrun.budget, Overrun.first_at, Overrun.last_at, Overrun.times)
        .join(Overrun, (Overrun.event_id == Attendee.event_id) & (Overrun.attendee_id == Attendee.id))
        .where(Overrun.event_id == event_id).order_by(Overrun.last_at.desc(), Overrun.id.desc()).limit(MOST_SHOWN))
    return [Listed(*row) for row in rows]


@cache
def _noting(_dialect: str) -> Any:
    overrun = Overrun.__table__
    insert = db.insert(overrun)
    return insert.on_conflict_do_update(
        index_elements=["event_id", "attendee_id", "budget"],
        set_={"last_at": insert.excluded.last_at, "times": overrun.c.times + 1}).returning(overrun.c.times)
