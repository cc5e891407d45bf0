"""The page behind the small print of every mail: no more mail, not taking part, and both taken back."""

from __future__ import annotations

from flask import Blueprint, g, make_response, redirect, render_template, request
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.attendees import participation
from eventnet.attendees.models import Attendee
from eventnet.errors import NotFound, Refusal
from eventnet.events import calendar
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("mail_links", __name__)
ACTS = {
    "no_mail": participation.stop_mail, "mail": participation.start_mail,
    "leave": participation.leave, "come_back": participation.come_back,
}


@bp.route("/U/<token>", methods=["GET", "POST"])
def unsubscribe(token: str) -> Response:
    """One address for people and for mail programs (RFC 8058), which send no cookie and want no redirect."""
    attendee = participation.find_by_token(cookies.settings().secret_key, token)
    if attendee is None:
        raise NotFound(_("This link does not open anything. Use the one in the newest mail from the event."),
                       reason="unknown_link")
    g.event = calendar.get_event_by_id(attendee.event_id)
    if request.method != "POST":
        return _page(attendee)
    if request.form.get("List-Unsubscribe") == "One-Click":
        with db.transaction():
            participation.stop_mail(g.event.id, attendee.id)
        return _page(attendee)
    act = request.form.get("act", "")
    if act not in ACTS:
        raise Refusal(_("Choose one of the two on this page."), status=422, reason="act")
    if act == "leave" and not request.form.get("sure"):
        # Some mail scanners submit every form they see; none ticks a box.
        return _page(attendee, 422, is_unsure=True)
    with db.transaction():
        ACTS[act](g.event.id, attendee.id)
    return redirect(request.path, 303)


def _page(attendee: Attendee, status: int = 200, *, is_unsure: bool = False) -> Response:
    attendee = participation.find_by_token(
        cookies.settings().secret_key, participation.participation_token(cookies.settings().secret_key, attendee),
    ) or attendee
    return make_response(render_template(
        "attendees/mail_links.html", attendee=attendee, gets_mail=participation.gets_mail(attendee),
        may_come_back=participation.may_come_back(attendee), is_unsure=is_unsure), status)
