"""Organizer pages of the overview: the dashboard, and its numbers as a fragment."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Blueprint, Response, render_template, request

from eventnet import clock, db
from eventnet.accounts.access import actor
from eventnet.attendees import exporting, roster
from eventnet.audit import log, reading
from eventnet.cards import names
from eventnet.encounters import counting, naming
from eventnet.events import calendar
from eventnet.events.access import current_event
from eventnet.lifecycle import forgetting
from eventnet.overview import attention, journal, numbers, plot, steps

bp = Blueprint("overview_admin", __name__)
log_bp = Blueprint("overview_log", __name__)
meetings_bp = Blueprint("overview_meetings", __name__)
NEWS = 8
# Hundreds of these make an evening; the numbers tell them better than a list.
ROUTINE = ("attendee.checked_in", "attendee.activated")


@bp.get("/")
def dashboard(slug: str) -> str:
    event, now = current_event(), clock.now()
    news = [(line.at, line.said) for line in journal.lines(log.recent(event.id, NEWS, but=ROUTINE))]
    if not event.is_kept(now):
        record = forgetting.find(event.id)
        return render_template("overview/admin/forgotten.html", news=news, record=record,
                               rows=record.rows if record else {})
    shown = _numbers()
    todo = steps.work(event, now)
    coming = steps.next_step(event, shown["n"], todo, now)
    return render_template(
        "overview/admin/dashboard.html", news=news, coming=coming, attention=attention.look(event.id),
        steps=steps.steps(event, shown["n"], todo, now, coming.step), **shown)


@bp.get("/numbers")
def live_numbers(slug: str) -> str:
    """The part of the dashboard that changes; the page fetches it every ten seconds while it is seen."""
    calendar.check_is_kept(current_event())
    return render_template("overview/admin/numbers.html", **_numbers())


def _numbers() -> dict[str, Any]:
    found = numbers.live(current_event().id, clock.now())
    withheld = [bin_.count is None and not bin_.is_ahead for bin_ in found.swaps]
    drawing = plot.draw([bin_.count for bin_ in found.swaps], withheld, numbers.SMALLEST_CELL // 2)
    edges = [*(bin_.start for bin_ in found.swaps), *(bin_.start + found.step for bin_ in found.swaps[-1:])]
    event = current_event()
    return {"n": found, "drawing": drawing, "axis": [edges[at] for at in plot.marks(len(found.swaps))],
            "has_begun": event.starts_at <= found.at, "is_over": event.is_over(found.at)}


@log_bp.get("/log")
def show_log(slug: str) -> str:
    """Who changed, exported, mailed what."""
    event, question = current_event(), _question(request.args)
    page = reading.page(event.id, question, request.args.get("older", ""))
    return render_template(
        "overview/admin/log.html", days=journal.by_day(journal.lines(page.entries), event), older=page.older,
        is_first="older" not in request.args, people=journal.people(event.id), question=question,
        kinds=[(kind, journal.kind_label(kind)) for kind in reading.KINDS], day=_day(request.args))


@log_bp.post("/log/export")
def export_log(slug: str) -> Response:
    event, by = current_event(), actor()
    file = journal.as_csv(event, _question(request.form))
    with db.transaction():
        log.write("log.exported", by, event.id)
    return _file(file, f"{event.slug}-log.csv")


@meetings_bp.get("/meetings")
def meetings(slug: str) -> str:
    """Who met whom: in numbers, and by name only as far as the policy and each attendee's own yes go."""
    event = current_event()
    alone, total = naming.met_nobody(event)
    return render_template("overview/admin/meetings.html", n=numbers.live(event.id, clock.now()), alone=alone,
                           alone_total=total, said=names.said(event.names_policy), answers=names.tally(event))


@meetings_bp.get("/meetings/<int:attendee_id>")
def met_by(slug: str, attendee_id: int) -> str:
    event = current_event()
    attendee = roster.get(event.id, attendee_id)
    return render_template("overview/admin/met_by.html", attendee=attendee, pairs=naming.met_by(event, attendee_id))


@meetings_bp.post("/meetings/export")
def export_meetings(slug: str) -> Response:
    """Numbers, or the pairs of whom both agreed: `what` says which."""
    event, by, is_named = current_event(), actor(), request.form.get("what") == "names"
    text = naming.as_csv(naming.pairs(event), event) if is_named else counting.as_csv(counting.aggregate(event))
    with db.transaction():
        log.write("encounters.exported", by, event.id, names=is_named)
    kind = "who-met-whom" if is_named else "meetings"
    return _file((exporting.BOM + text).encode(), f"{event.slug}-{kind}.csv")


def _question(given: Mapping[str, str]) -> reading.Asked:
    return journal.asked(current_event(), given.get("who", ""), given.get("kind", ""), _day(given))


def _day(given: Mapping[str, str]) -> str:
    return given.get("day", "")[:10]


def _file(content: bytes, name: str) -> Response:
    answer = Response(content, mimetype="text/csv")
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer
