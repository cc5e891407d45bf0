"""The privacy page of an event, from the event's own entries."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Blueprint, g, render_template

from eventnet.attendees.access import current_attendee
from eventnet.web import cookies

bp = Blueprint("privacy", __name__)


@bp.get("/privacy")
def privacy(slug: str) -> str:
    settings = cookies.settings()
    return render_template(
        "attendees/privacy.html", event=g.event, attendee=current_attendee(), host=settings.host,
        relay=urlsplit(settings.smtp_url).hostname)
