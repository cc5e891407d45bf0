"""The timetable: jobs that are due run once, whichever worker comes first."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import or_, select, update

from eventnet import clock, db
from eventnet.outbox import holders
from eventnet.outbox.models import Appointment
from eventnet.outbox.planning import changed

LONGEST_RUN = timedelta(hours=1)  # a job that is claimed for longer belongs to a worker that is gone
WORKER = "worker"

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Job:
    """`verb()` is called every `every`, outside any transaction; it opens its own."""

    name: str
    every: timedelta
    verb: Callable[[], object]


def run_due(jobs: Iterable[Job]) -> int:
    """Run what is due; a job that raises is logged, noted and tried again at its next time. Returns how many ran."""
    jobs = list(jobs)
    with db.reading():
        rows = {row.name: row for row in db.session.scalars(select(Appointment))}
        now = clock.now()
        due = [
            job for job in jobs if job.name not in rows or rows[job.name].next_at <= now
            or rows[job.name].next_at > _too_far(job, now)]
    ran = 0
    for job in due:
        claimed = _claim(job)
        if claimed is None:
            continue
        ran += 1
        error = None
        try:
            job.verb()
        except Exception as raised:
            log.exception("The job %s failed", job.name)
            error = f"{type(raised).__name__}: {raised}"[:500]
        _finish(job, claimed, error)
    return ran


def beat(error: str | None = None) -> None:
    """The worker's sign of life, to be called inside a write transaction."""
    now = clock.now()
    statement = db.insert(Appointment).values(
        name=WORKER, next_at=now, claimed_by=holders.process(), last_beat_at=now, last_error=error)
    db.session.execute(statement.on_conflict_do_update(
        index_elements=["name"], set_={"claimed_by": holders.process(), "last_beat_at": now, "last_error": error}))


def find_beat() -> datetime | None:
    """When a worker last gave a sign of life; None when none ever ran."""
    found: datetime | None = db.session.scalar(select(Appointment.last_beat_at).where(Appointment.name == WORKER))
    return found


def _claim(job: Job) -> str | None:
    claim = holders.new_attempt()
    with db.transaction():
        now = clock.now()  # after the wait for the lock, so not before the end of a run we waited for
        db.session.execute(
            db.insert(Appointment).values(name=job.name, next_at=now).on_conflict_do_nothing())
        held_by = db.session.scalar(select(Appointment.claimed_by).where(Appointment.name == job.name))
        due = or_(Appointment.next_at <= now, Appointment.next_at > _too_far(job, now))
        free = or_(Appointment.claimed_by.is_(None), Appointment.next_at <= now - LONGEST_RUN)
        if held_by is not None and holders.is_gone(held_by):
            free = or_(free, Appointment.claimed_by == held_by)
        won = changed(update(Appointment).where(
            Appointment.name == job.name, due, free).values(claimed_by=claim))
    return claim if won else None


def _too_far(job: Job, now: datetime) -> datetime:
    """A next time beyond this was written before the clock was set back; hosts may differ by one interval."""
    return now + 2 * job.every


def _finish(job: Job, claim: str, error: str | None) -> None:
    now = clock.now()
    with db.transaction():
        changed(update(Appointment).where(Appointment.name == job.name, Appointment.claimed_by == claim).values(
            claimed_by=None, next_at=now + job.every, last_beat_at=now, last_error=error))
