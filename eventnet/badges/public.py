"""From somebody's activation link or printed code to their badge: for a browser that is somebody else here."""

from __future__ import annotations

from flask import Blueprint, g, redirect
from werkzeug.wrappers import Response

from eventnet.attendees import activation
from eventnet.badges import issuing
from eventnet.errors import NotFound
from eventnet.events import calendar
from eventnet.web import cookies

bp = Blueprint("badge_instead", __name__)


@bp.get("/A/<token>/badge")
def badge(token: str) -> Response:
    """Lead to the badge page, where a tap on a button with both names swaps cards. Opening it changes nothing."""
    attendee = activation.find_by_token(cookies.settings().secret_key, token, activation.SWAP_PURPOSE)
    found = issuing.badge_of(attendee.event_id, attendee.id) if attendee is not None else None
    if attendee is None or found is None:
        raise NotFound
    g.event = calendar.get_event_by_id(attendee.event_id)
    return redirect(f"/B/{found.token}", 303)
