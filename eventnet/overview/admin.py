"""Organizer pages of the overview: the dashboard, and its numbers as a fragment."""

from __future__ import annotations

from typing import Any

from flask import Blueprint, render_template

from eventnet import clock
from eventnet.accounts import organizers
from eventnet.audit import log
from eventnet.events.access import current_event
from eventnet.overview import numbers, plot

bp = Blueprint("overview_admin", __name__)
NEWS = 8


@bp.get("/")
def dashboard(slug: str) -> str:
    entries = log.recent(current_event().id, NEWS)
    ids = {int(entry.actor.partition(":")[2]) for entry in entries if entry.actor.startswith("organizer:")}
    names = {f"organizer:{number}": name for number, name in organizers.names(ids).items()} if ids else {}
    news = [(entry.at, log.sentence(entry, names.get(entry.actor, ""))) for entry in entries]
    return render_template("overview/admin/dashboard.html", news=news, **_numbers())


@bp.get("/numbers")
def live_numbers(slug: str) -> str:
    """The part of the dashboard that changes; the page fetches it every ten seconds while it is seen."""
    return render_template("overview/admin/numbers.html", **_numbers())


def _numbers() -> dict[str, Any]:
    found = numbers.live(current_event().id, clock.now())
    withheld = [bin_.count is None and not bin_.is_ahead for bin_ in found.swaps]
    drawing = plot.draw([bin_.count for bin_ in found.swaps], withheld, numbers.SMALLEST_CELL // 2)
    edges = [*(bin_.start for bin_ in found.swaps), *(bin_.start + found.step for bin_ in found.swaps[-1:])]
    return {"n": found, "drawing": drawing, "axis": [edges[at] for at in plot.marks(len(found.swaps))]}
