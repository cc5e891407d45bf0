"""The desk's pages on the evening: find a person, check in, put a name right, add a walk-in."""

from __future__ import annotations

from datetime import timedelta
from urllib.parse import urlencode

from flask import Blueprint, Response, flash, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from eventnet import clock, db, words
from eventnet.accounts.access import actor
from eventnet.attendees import participation, replacing, roster
from eventnet.attendees.folding import masked_email
from eventnet.attendees.forms import CorrectionForm, PersonForm, SomeoneElseForm
from eventnet.attendees.models import Attendee
from eventnet.attendees.sentences import said
from eventnet.errors import NotFound, Refusal
from eventnet.events.access import current_desk, current_event
from eventnet.words import gettext as _

bp = Blueprint("attendees_desk", __name__)
SHOWN = 20
BEFORE = timedelta(hours=24)


@bp.get("")
def desk(slug: str) -> str | AnyResponse:
    event_id, query = current_event().id, request.args.get("q", "")
    # A hand scanner types what the badge says, and presses Enter: no name has this in it.
    if "/B/" in query.upper():
        return redirect(f"/admin/e/{slug}/desk/find?{urlencode({'code': query})}", 303)
    found = roster.page(event_id, query, size=SHOWN) if query.strip() else None
    done = _done()
    return render_template("attendees/desk/desk.html", query=query, found=found, done=done, mask=masked_email,
                           counts=roster.counts(event_id), instead=replacing.find(event_id, done.id) if done else None)


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


@bp.post("/<int:attendee_id>/participation")
def participate(slug: str, attendee_id: int) -> AnyResponse:
    """The desk notes that somebody does not take part, or does again; each takes the other back."""
    event_id, act = current_event().id, request.form.get("act", "")
    attendee = roster.get(event_id, attendee_id)
    back = url_for("attendees_admin.attendee" if request.form.get("back") == "list" else ".person", slug=slug,
                   attendee_id=attendee_id, _anchor="participation")
    if act not in ("leave", "return"):
        raise Refusal(_("Choose one of the two on this page."), status=422, reason="act")
    if act == "return" and participation.was_said_by(attendee) == "attendee" and not request.form.get("asked"):
        flash(_("Nothing is changed yet: tick first that they ask for it."), "warn")
        return redirect(back, 303)
    with db.transaction():
        if act == "leave":
            participation.leave(event_id, attendee_id, by="desk", who=actor())
        else:
            participation.bring_back(event_id, attendee_id, actor(), is_asked=bool(request.form.get("asked")))
    flash(_("%(name)s does not take part. Print a badge without QR code if theirs has one.",
            name=attendee.registered_name) if act == "leave"
          else _("%(name)s takes part again.", name=attendee.registered_name), "good")
    return redirect(back, 303)


@bp.get("/<int:attendee_id>/someone-else")
def someone_else(slug: str, attendee_id: int) -> Response:
    event = current_event()
    is_now = event.starts_at - BEFORE <= clock.now() <= event.ends_at
    return _form("someone_else", SomeoneElseForm(data={"is_here": is_now}), roster.get(event.id, attendee_id))


@bp.post("/<int:attendee_id>/someone-else")
def replace(slug: str, attendee_id: int) -> AnyResponse:
    event_id, form = current_event().id, SomeoneElseForm(request.form)
    old = roster.get(event_id, attendee_id, removed=True)
    if not form.validate():
        return _form("someone_else", form, old, 422)
    try:
        with db.transaction():
            new = replacing.replace(event_id, attendee_id, form.values(), actor(), is_here=bool(form.is_here.data))
    except Refusal as refusal:
        if refusal.status != 422:
            raise
        form.refuse(refusal)
        return _form("someone_else", form, old, refusal.status)
    return redirect(url_for(".desk", slug=slug, done=new.id), 303)


@bp.post("/<int:attendee_id>/someone-else/removal")
def undo_replacing(slug: str, attendee_id: int) -> AnyResponse:
    with db.transaction():
        old = replacing.undo(current_event().id, attendee_id, actor())
    flash(_("%(name)s is back on the list, with their badge and phones.", name=old.registered_name), "good")
    return redirect(url_for(".person", slug=slug, attendee_id=old.id), 303)


@bp.get("/<int:attendee_id>")
def person(slug: str, attendee_id: int) -> Response:
    attendee = roster.get(current_event().id, attendee_id)
    form = CorrectionForm(obj=attendee)
    if current_desk() is not None:
        form.email.data = ""
    return _form("person", form, attendee)


@bp.post("/<int:attendee_id>")
def correct(slug: str, attendee_id: int) -> AnyResponse:
    event_id, form = current_event().id, CorrectionForm(request.form)
    attendee = roster.get(event_id, attendee_id)
    if not form.validate():
        return _form("person", form, attendee, 422)
    if current_desk() is not None and form.email.data and attendee.activated_at is not None:
        # Whoever lends the device must not be able to have somebody's sign-in mailed to themself.
        form.email.errors = [_("They are active already and sign in with their address. An organizer changes it.")]
        return _form("person", form, attendee, 422)
    try:
        with db.transaction():
            done = roster.change(event_id, attendee_id, _entered(form), "desk", actor())
    except Refusal as refusal:
        form.refuse(refusal)
        return _form("person", form, attendee, refusal.status)
    for sentence, kind in said(done):
        flash(sentence, kind)
    return redirect(url_for(".person", slug=slug, attendee_id=attendee_id), 303)


def _entered(form: CorrectionForm) -> dict[str, str]:
    """A borrowed device is not shown the address, so that an empty field there means: as it is."""
    values = form.values()
    return {name: value for name, value in values.items() if name != "email" or value or current_desk() is None}


def _form(view: str, form: PersonForm, attendee: Attendee | None = None, status: int = 200) -> Response:
    page = render_template(f"attendees/desk/{view}.html", form=form, attendee=attendee, mask=masked_email,
                           said_by=participation.was_said_by(attendee) if attendee else "",
                           instead=replacing.find(attendee.event_id, attendee.id) if attendee else None)
    return make_response(page, status)
