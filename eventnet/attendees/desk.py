"""The desk's pages on the evening: find a person, check in, put a name right, add a walk-in."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import db, words
from eventnet.accounts.access import actor
from eventnet.attendees import roster
from eventnet.attendees.folding import masked_email
from eventnet.attendees.forms import CorrectionForm, PersonForm
from eventnet.attendees.models import Attendee
from eventnet.attendees.sentences import said
from eventnet.errors import NotFound, Refusal
from eventnet.events.access import current_event
from eventnet.words import gettext as _

bp = Blueprint("attendees_desk", __name__)
SHOWN = 20


@bp.get("")
def desk(slug: str) -> str | AnyResponse:
    event_id, query = current_event().id, request.args.get("q", "")
    # A hand scanner types what the badge says, and presses Enter: no name has this in it.
    if "/B/" in query.upper():
        return redirect(f"/admin/e/{slug}/desk/find?{urlencode({'code': query})}", 303)
    found = roster.page(event_id, query, size=SHOWN) if query.strip() else None
    return render_template("attendees/desk/desk.html", query=query, found=found, done=_done(), mask=masked_email,
                           counts=roster.counts(event_id))


def _done() -> Attendee | None:
    """The person this page speaks of at its top: the one just checked in."""
    number = request.args.get("done", "")
    if not number.isdecimal() or len(number) > 15:
        return None
    try:
        return roster.get(current_event().id, int(number))
    except NotFound:
        return None


@bp.post("/<int:attendee_id>/check-in")
def check_in(slug: str, attendee_id: int) -> AnyResponse:
    event = current_event()
    with db.transaction():
        done = roster.check_in(event.id, attendee_id, actor())
    if not done.is_new:
        flash(_("%(name)s was checked in at %(time)s already.", name=done.attendee.registered_name,
                time=words.time(done.at, event.tz)), "warn")
    return redirect(url_for(".desk", slug=slug, done=attendee_id), 303)


@bp.post("/<int:attendee_id>/check-in/removal")
def undo_check_in(slug: str, attendee_id: int) -> AnyResponse:
    with db.transaction():
        attendee = roster.undo_check_in(current_event().id, attendee_id, actor())
    flash(_("%(name)s is no longer checked in.", name=attendee.registered_name), "good")
    return redirect(url_for(".desk", slug=slug, q=attendee.registered_name), 303)


@bp.get("/walk-in")
def walk_in(slug: str) -> Response:
    return _form("walk_in", PersonForm(data={"registered_name": request.args.get("name", "")}))


@bp.post("/walk-in")
def add_walk_in(slug: str) -> AnyResponse:
    event_id, form = current_event().id, PersonForm(request.form)
    if not form.validate():
        return _form("walk_in", form, status=422)
    try:
        with db.transaction():
            attendee = roster.walk_in(event_id, form.values(), actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _form("walk_in", form, status=refusal.status)
    return redirect(url_for(".desk", slug=slug, done=attendee.id), 303)


@bp.get("/<int:attendee_id>")
def person(slug: str, attendee_id: int) -> Response:
    attendee = roster.get(current_event().id, attendee_id)
    return _form("person", CorrectionForm(obj=attendee), attendee)


@bp.post("/<int:attendee_id>")
def correct(slug: str, attendee_id: int) -> AnyResponse:
    event_id, form = current_event().id, CorrectionForm(request.form)
    attendee = roster.get(event_id, attendee_id)
    if not form.validate():
        return _form("person", form, attendee, 422)
    try:
        with db.transaction():
            done = roster.change(event_id, attendee_id, form.values(), "desk", actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _form("person", form, attendee, refusal.status)
    for sentence, kind in said(done):
        flash(sentence, kind)
    return redirect(url_for(".person", slug=slug, attendee_id=attendee_id), 303)


def _form(view: str, form: PersonForm, attendee: Attendee | None = None, status: int = 200) -> Response:
    page = render_template(f"attendees/desk/{view}.html", form=form, attendee=attendee)
    return make_response(page, status)
