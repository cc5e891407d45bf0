"""Pages on which an attendee sets boundaries: whom they keep away, whom they name in advance, what they report."""

from __future__ import annotations

from typing import cast

from flask import Blueprint, flash, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.attendees.access import signed_in
from eventnet.attendees.models import Attendee
from eventnet.contacts import keeping_away, reporting
from eventnet.contacts.keeping_away import Kind
from eventnet.errors import NotFound, Refusal
from eventnet.web.numbers import row_number
from eventnet.words import gettext as _

bp = Blueprint("boundaries", __name__)
KINDS = ("name", "email", "code")


@bp.get("/blocked")
def blocked(slug: str) -> str:
    return _page("", "name", "", False)


@bp.get("/blocked/new")
def ask(slug: str) -> str:
    person = _person(slug)
    return render_template("contacts/block.html", person=person, badge=request.args.get("badge", ""))


@bp.post("/blocked/people")
def block(slug: str) -> Response:
    me, person = signed_in(), _person(slug)
    takes_back = _takes_back()
    with db.transaction():
        keeping_away.block(me.event_id, me.id, person.id, takes_back=takes_back)
    flash(_("%(name)s is blocked. They are not told.", name=person.badge_name), "good")
    return redirect(url_for("boundaries.blocked", slug=slug), 303)


@bp.post("/blocked/people/<int:person_id>/lift")
def lift(slug: str, person_id: int) -> Response:
    me = signed_in()
    with db.transaction():
        name = keeping_away.lift(me.event_id, me.id, person_id)
    flash(_("%(name)s is not blocked any more.", name=name), "good")
    return redirect(url_for("boundaries.blocked", slug=slug), 303)


@bp.post("/blocked")
def wish(slug: str) -> Response | tuple[str, int]:
    me, typed, kind = signed_in(), request.form.get("typed", ""), request.form.get("kind", "")
    if kind not in KINDS:
        raise NotFound
    takes_back = _takes_back()
    try:
        with db.transaction():
            keeping_away.wish(me.event_id, me.id, cast(Kind, kind), typed, takes_back=takes_back)
    except Refusal as refusal:
        if refusal.field is None:
            raise
        return _page(typed, kind, refusal.sentence, takes_back), 422
    flash(_("Noted. If such a person is here or comes later, they get nothing from you, and neither of you is shown to "
            "the other."), "good")
    return redirect(url_for("boundaries.blocked", slug=slug), 303)


@bp.post("/blocked/wishes/<int:wish_id>/lift")
def lift_wish(slug: str, wish_id: int) -> Response:
    me = signed_in()
    with db.transaction():
        typed = keeping_away.lift_wish(me.event_id, me.id, wish_id)
    flash(_("%(typed)s is off your list.", typed=typed), "good")
    return redirect(url_for("boundaries.blocked", slug=slug), 303)


@bp.get("/reports/new")
def write_report(slug: str) -> str:
    return _report_page(_person(slug))


@bp.post("/reports")
def report(slug: str) -> Response | tuple[str, int]:
    me, person = signed_in(), _person(slug)
    reason, words, away = (request.form.get(name, "") for name in ("reason", "words", "block"))
    try:
        reporting.check(reason, words)
    except Refusal as refusal:
        return _report_page(person, refusal), 422
    with db.transaction():
        reporting.report(me.event_id, me.id, person.id, reason, words)
        if away in ("silent", "take_back"):
            keeping_away.block(me.event_id, me.id, person.id, takes_back=away == "take_back")
    flash(_("The organizers have your report about %(name)s. Here you see when they have dealt with it.",
            name=person.badge_name), "good")
    return redirect(url_for("boundaries.blocked", slug=slug) + "#reports", 303)


def _person(slug: str) -> Attendee:
    """Who is meant, by number or by the badge one stands before; nobody whom this attendee cannot know of."""
    me, values = signed_in(), request.values
    if badge := values.get("badge", ""):
        return keeping_away.person_of_badge(me.event_id, slug, me.id, badge[:200])
    number = row_number(values.get("person"))
    if number is None:
        raise NotFound
    return keeping_away.known_person(me.event_id, me.id, number)


def _takes_back() -> bool:
    return request.form.get("way") == "take_back"


def _page(typed: str, kind: str, error: str, takes_back: bool) -> str:
    me = signed_in()
    return render_template(
        "contacts/blocked.html", people=keeping_away.named(me.event_id, me.id), typed=typed, kind=kind, error=error,
        wishes=keeping_away.wishes(me.event_id, me.id), reports=reporting.of_reporter(me.event_id, me.id),
        reason_words=reporting.reason_words, takes_back=takes_back)


def _report_page(person: Attendee, refusal: Refusal | None = None) -> str:
    return render_template(
        "contacts/report.html", person=person, badge=request.values.get("badge", ""), refusal=refusal,
        reasons=[(reason, reporting.reason_words(reason)) for reason in reporting.REASONS], longest=reporting.LONGEST,
        chosen=request.form.get("reason", ""), written=request.form.get("words", ""),
        away=request.form.get("block", ""))
