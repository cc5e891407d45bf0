"""The limited view behind the link in a summary mail: works without a cookie, and says whose list it is."""

from __future__ import annotations

from flask import Blueprint, g, render_template

from eventnet.errors import NotFound
from eventnet.events import calendar
from eventnet.summaries import reading
from eventnet.web import cookies
from eventnet.words import gettext as _

bp = Blueprint("summary_links", __name__)
LINES = 192


@bp.get("/M/<token>")
def summary(token: str) -> str:
    settings = cookies.settings()
    attendee = reading.find_by_token(settings.secret_key, token)
    if attendee is None:
        raise NotFound(_("This link does not open anything. Use the one in your newest summary."),
                       reason="unknown_link")
    event = g.event = calendar.get_event_by_id(attendee.event_id)
    found = reading.read(settings, event, attendee.id, in_mail=True, lines=LINES)
    return render_template("summaries/summary.html", d=found.digest, event=event, is_limited=True, is_over=True,
                           base=f"/e/{event.slug}")
