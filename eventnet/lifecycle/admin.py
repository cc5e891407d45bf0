"""Owners' page: delete everything about an attendee who asked for it."""

from __future__ import annotations

from flask import Blueprint, flash, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts.access import actor
from eventnet.attendees import roster
from eventnet.events.access import current_event
from eventnet.lifecycle import erasing
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("erasure_admin", __name__)


@bp.get("/attendees/<int:attendee_id>/erasure")
def ask(slug: str, attendee_id: int) -> Response:
    return _page(attendee_id)


@bp.post("/attendees/<int:attendee_id>/erasure")
def erase(slug: str, attendee_id: int) -> Response:
    event_id = current_event().id
    if not request.form.get("asked"):
        return _page(attendee_id, 422, is_unsure=True)
    name = roster.get(event_id, attendee_id, removed=True).registered_name
    with db.transaction():
        erasing.erase(cookies.settings().secret_key, event_id, attendee_id, actor())
    erasing.scrub()
    flash(_("Everything about %(name)s is deleted. This is the last page that says their name.", name=name), "good")
    return redirect(f"/admin/e/{slug}/attendees", 303)


def _page(attendee_id: int, status: int = 200, *, is_unsure: bool = False) -> Response:
    attendee = roster.get(current_event().id, attendee_id, removed=True)
    return make_response(render_template(
        "lifecycle/admin/erasure.html", attendee=attendee, is_unsure=is_unsure), status)
