"""Who waits for my answer: one, some or all of them at once, and the small address that pages ask for news."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby
from typing import cast

from flask import Blueprint, Response, flash, jsonify, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db, words
from eventnet.attendees import folding
from eventnet.attendees.access import signed_in
from eventnet.encounters import answering, news, triage
from eventnet.encounters.answering import Waiting
from eventnet.encounters.triage import Reply
from eventnet.errors import NotFound, Refusal
from eventnet.events.access import current_event
from eventnet.web.numbers import row_number
from eventnet.words import gettext as _
from eventnet.words import ngettext

bp = Blueprint("waiting", __name__)
REPLIES = ("yes", "badge", "no")
FEW = 5
"""So few are answered one by one; more are ticked."""


@bp.get("/waiting")
def waiting(slug: str) -> str:
    me = signed_in()
    query, by = request.args.get("q", "")[:100], "organization" if request.args.get("by") == "organization" else "time"
    found = answering.waiting(me.event_id, me.id)
    shown = _matching(found, query)
    total = len(found) if len(found) < answering.MOST_SHOWN else answering.count_waiting(me.event_id, me.id)
    return render_template(
        "encounters/waiting.html", total=total, shown=shown,
        groups=_groups(shown, by), query=query, by=by, is_few=len(found) <= FEW,
        last=triage.last_round(me.event_id, me.id), state=news.state(me.event_id, me.id),
        first=request.args.get("first") == "1")


@bp.post("/waiting")
def answer(slug: str) -> AnyResponse:
    me = signed_in()
    reply, is_all = _reply()
    people = _people(me.event_id, me.id, is_all)
    back = redirect(url_for("waiting.waiting", slug=slug, q=request.form.get("q") or None,
                            by=request.form.get("by") or None, first=request.form.get("first") or None), 303)
    if people is not None and not people:
        flash(_("Tick the people you mean first, or answer everybody at once."), "warn")
        return back
    try:
        with db.transaction():
            count = triage.answer(me.event_id, me.id, people, reply)
    except Refusal as refusal:
        if refusal.reason != "no_card":
            raise
        flash(refusal.sentence, "warn")
        return redirect(f"/e/{slug}/card", 303)
    flash(*_said(reply, count))
    if request.form.get("first") and not answering.count_waiting(me.event_id, me.id):
        # They came from their first card, and go on where it leads.
        return redirect(f"/e/{slug}/check", 303)
    return back


@bp.post("/waiting/undo")
def undo(slug: str) -> AnyResponse:
    me = signed_in()
    with db.transaction():
        count = triage.undo_last(me.event_id, me.id)
    flash(ngettext("Taken back: %(num)s person waits again.", "Taken back: %(num)s people wait again.", count), "good")
    return redirect(url_for("waiting.waiting", slug=slug), 303)


@bp.get("/waiting.json")
def state(slug: str) -> Response:
    """For pages that wait: 304 without a body while nothing is new."""
    me = signed_in()
    now = news.now(me.event_id, me.id)
    answer = Response(status=304) if now.state in request.if_none_match else jsonify(now._asdict())
    answer.set_etag(now.state)
    return answer


def _reply() -> tuple[Reply, bool]:
    """The answer, and whether it is for all: "yes", "no-all", or "badge:17" for one person alone."""
    said = request.form.get("answer", "").partition(":")[0]
    reply = said.removesuffix("-all")
    if reply not in REPLIES:
        raise NotFound
    return cast(Reply, reply), said != reply


def _people(event_id: int, attendee_id: int, is_all: bool) -> set[int] | None:
    """Who is meant; None for everybody."""
    one = request.form.get("answer", "").partition(":")[2]
    if is_all:
        query = request.form.get("q", "")[:100]
        if not query.strip():
            return None
        return {person.person_id for person in _matching(answering.waiting(event_id, attendee_id), query)}
    numbers = [row_number(text) for text in ([one] if one else request.form.getlist("person_id"))]
    if None in numbers:
        raise NotFound
    return {number for number in numbers if number is not None}


def _matching(people: Sequence[Waiting], query: str) -> list[Waiting]:
    wanted = folding.words_of(query)
    return [one for one in people
            if all(word in folding.fold(f"{one.name} {one.title} {one.organization}") for word in wanted)]


def _groups(people: Sequence[Waiting], by: str) -> list[tuple[str, list[Waiting]]]:
    """People by the hour they met me, the first first, or by organization, the largest first."""
    zone = current_event().tz
    if by == "organization":
        ordered = sorted(people, key=lambda one: folding.fold(one.organization))
        groups = [(next(iter(found)).organization or _("Without an organization"), found) for found in (
            list(group) for _key, group in groupby(ordered, key=lambda one: folding.fold(one.organization)))]
        return sorted(groups, key=lambda group: -len(group[1]))

    def hour(one: Waiting) -> str:
        local = one.met_at.astimezone(zone).replace(minute=0, second=0, microsecond=0)
        return _("%(day)s, from %(time)s", day=words.day(local, zone), time=words.time(local, zone))

    return [(heading, list(group)) for heading, group in groupby(
        sorted(people, key=lambda one: (one.met_at, one.person_id)), key=hour)]


def _said(reply: Reply, count: int) -> tuple[str, str]:
    if not count:
        return _("Nobody waits any more."), "info"
    if reply == "yes":
        return ngettext("%(num)s swap settled, with the time you met.",
                        "%(num)s swaps settled, with the times you met.", count), "good"
    if reply == "badge":
        return ngettext("%(num)s person has what your badge shows, and no more.",
                        "%(num)s people have what your badge shows, and no more.", count), "good"
    return ngettext("Answered %(num)s person. They are not told.", "Answered %(num)s people. They are not told.",
                    count), "good"
