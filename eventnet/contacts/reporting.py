"""Reports: an attendee tells the organizers about somebody, and what came of it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Select, func, select, update
from sqlalchemy.orm import aliased

from eventnet import clock, db
from eventnet.accounts import budgets
from eventnet.accounts.models import Organizer
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.contacts import notes
from eventnet.contacts.models import Report
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import EventRole
from eventnet.outbox import planning
from eventnet.outbox.planning import Plan
from eventnet.words import gettext as _

KIND = "report"
REASONS = ("harassing", "unwanted", "identity", "selling", "unsafe", "other")
LONGEST = 1000
DAILY, DAY = 10, timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Told:
    """One report with the names of both, as organizers read it; the reporter does not read `outcome`."""

    id: int
    reporter_id: int
    reporter: str
    reported_id: int
    reported: str
    reason: str
    words: str
    made_at: datetime
    settled_at: datetime | None
    settled_by: str
    outcome: str


def reason_words(reason: str) -> str:
    """The reason as a reader says it."""
    return {
        "harassing": _("They insulted or threatened me, or said something sexual"),
        "unwanted": _("They keep coming or writing though I said no"),
        "identity": _("They are not who they say they are"),
        "selling": _("They sell, recruit or collect addresses"),
        "unsafe": _("I or somebody else may be in danger"),
        "other": _("Something else"),
    }.get(reason, reason)


def check(reason: str, words: str) -> str:
    """The words of a report, cleaned; raises Refusal 422 with `field` for a missing reason and for too many words."""
    text = notes.clean(words)
    if reason not in REASONS:
        raise Refusal(_("Choose what it is about."), status=422, reason="invalid", field="reason")
    if reason == "other" and not text:
        raise Refusal(_("Say in a few words what happened."), status=422, reason="invalid", field="words")
    if len(text) > LONGEST:
        raise Refusal(_("A report holds %(most)s characters; this one has %(has)s. Shorten it a little.", most=LONGEST,
                        has=len(text)), status=422, reason="too_long", field="words")
    return text


def report(event_id: int, reporter_id: int, reported_id: int, reason: str, words: str) -> int:
    """Tell the organizers; returns the number of the report. The owners get one mail while something is open.

    Raises Refusal as `check`, and 429 after ten in a day.
    """
    text, now = check(reason, words), clock.now()
    if not budgets.spend(f"reports:attendee:{reporter_id}", DAILY, DAY):
        raise Refusal(_("That were ten reports today. Speak to the organizers, or come back tomorrow."), status=429,
                      reason="budget", retry_after=budgets.seconds_left(DAY))
    is_first = count_open(event_id) == 0
    row = Report(event_id=event_id, reporter_id=reporter_id, reported_id=reported_id, reason=reason, words=text,
                 made_at=now)
    db.session.add(row)
    db.session.flush()
    log.write("report.made", f"attendee:{reporter_id}", event_id, report=row.id)
    if is_first:
        planning.plan_many(
            Plan(KIND, f"report:{row.id}:organizer:{organizer_id}", event_id, subject_id=organizer_id, urgency=2)
            for organizer_id in owners(event_id))
    return row.id


def owners(event_id: int) -> Sequence[int]:
    """The organizers who own an event and can sign in."""
    return db.session.scalars(
        select(EventRole.organizer_id).join(Organizer, Organizer.id == EventRole.organizer_id)
        .where(EventRole.event_id == event_id, EventRole.role == "owner", Organizer.disabled_at.is_(None))
        .order_by(EventRole.organizer_id)).all()


def count_open(event_id: int) -> int:
    """How many reports nobody settled yet."""
    return db.session.scalar(open_number(event_id)) or 0


def open_number(event_id: int) -> Select[Any]:
    """SQL: count_open, for one statement with other numbers."""
    return select(func.count()).select_from(Report).where(Report.event_id == event_id, Report.settled_at.is_(None))


def of_event(event_id: int, *, settled: bool, limit: int = 200) -> list[Told]:
    """The open reports, the oldest first, or the settled ones, the latest first; one statement."""
    chosen = _REPORTS.where(Report.event_id == event_id).limit(limit)
    if settled:
        chosen = chosen.where(Report.settled_at.is_not(None)).order_by(Report.settled_at.desc(), Report.id.desc())
    else:
        chosen = chosen.where(Report.settled_at.is_(None)).order_by(Report.id)
    return [_told(row) for row in db.session.execute(chosen)]


def of_reporter(event_id: int, reporter_id: int) -> list[Told]:
    """What this attendee reported, the latest first; what the organizers noted for themselves is not in it."""
    rows = db.session.execute(_REPORTS.where(
        Report.event_id == event_id, Report.reporter_id == reporter_id).order_by(Report.id.desc()))
    return [replace(_told(row), settled_by="", outcome="") for row in rows]


def settle(event_id: int, report_id: int, outcome: str, organizer_id: int, by: str) -> None:
    """Note what was done. Raises Refusal (422) without a word, NotFound for a report of another event."""
    text = notes.clean(outcome)
    if not text or len(text) > LONGEST:
        raise Refusal(_("Say in a few words what was done, in at most %(most)s characters.", most=LONGEST), status=422,
                      reason="invalid", field="outcome")
    settled = db.session.scalars(
        update(Report).where(Report.event_id == event_id, Report.id == report_id)
        .values(settled_at=func.coalesce(Report.settled_at, clock.now()), settled_by=organizer_id, outcome=text)
        .returning(Report.id)).one_or_none()
    if settled is None:
        raise NotFound
    log.write("report.settled", by, event_id, report=report_id)


def reopen(event_id: int, report_id: int, by: str) -> None:
    """It is not settled after all. Raises NotFound for a report of another event."""
    opened = db.session.scalars(
        update(Report).where(Report.event_id == event_id, Report.id == report_id, Report.settled_at.is_not(None))
        .values(settled_at=None).returning(Report.id)).one_or_none()
    if opened is None:
        raise NotFound
    log.write("report.reopened", by, event_id, report=report_id)


def _told(row: Any) -> Told:
    return Told(*row)


_reporter, _reported = aliased(Attendee), aliased(Attendee)
_REPORTS = (
    select(Report.id, Report.reporter_id, _reporter.badge_name, Report.reported_id, _reported.badge_name, Report.reason,
           Report.words, Report.made_at, Report.settled_at, func.coalesce(Organizer.name, ""), Report.outcome)
    .join(_reporter, (_reporter.event_id == Report.event_id) & (_reporter.id == Report.reporter_id))
    .join(_reported, (_reported.event_id == Report.event_id) & (_reported.id == Report.reported_id))
    .outerjoin(Organizer, Organizer.id == Report.settled_by))
