"""Organizer pages of the overview: the dashboard, and its numbers as a fragment."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from eventnet import clock
from eventnet.accounts import organizers
from eventnet.audit import log
from eventnet.events import calendar
from eventnet.events.access import current_event
from eventnet.lifecycle import forgetting
from eventnet.overview import numbers, plot, steps

bp = Blueprint("overview_admin", __name__)
NEWS = 8
# Hundreds of these make an evening; the numbers tell them better than a list.
ROUTINE = ("attendee.checked_in", "attendee.activated")


@bp.get("/")
def dashboard(slug: str) -> str:
    event, now = current_event(), clock.now()
    entries = log.recent(event.id, NEWS, but=ROUTINE)
    ids = {int(entry.actor.partition(":")[2]) for entry in entries if entry.actor.startswith("organizer:")}
    names = {f"organizer:{number}": name for number, name in organizers.names(ids).items()} if ids else {}
    news = [(entry.at, log.sentence(entry, names.get(entry.actor, ""))) for entry in entries]
    if not event.is_kept(now):
        record = forgetting.find(event.id)
        return render_template("overview/admin/forgotten.html", news=news, rows=record.rows if record else {})
    shown = _numbers()
    todo = steps.work(event, now)
    coming = steps.next_step(event, shown["n"], todo, now)
    return render_template(
        "overview/admin/dashboard.html", news=news, coming=coming,
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
