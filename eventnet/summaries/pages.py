"""The summary as a page of the signed-in attendee, before it is mailed already and as long as the data lives."""

from __future__ import annotations

from flask import Blueprint, render_template

from eventnet import clock
from eventnet.attendees.access import signed_in
from eventnet.events.access import current_event
from eventnet.summaries import reading
from eventnet.web import cookies

bp = Blueprint("summary_page", __name__)
# With the eight in full, two hundred on one page; longer lists are what /people pages through.
LINES = 192


@bp.get("/summary")
def summary(slug: str) -> str:
    event, attendee = current_event(), signed_in()
    found = reading.read(cookies.settings(), event, attendee.id, in_mail=False, lines=LINES)
    return render_template("summaries/summary.html", d=found.digest, event=event, is_limited=False,
                           is_over=event.is_over(clock.now()), base=f"/e/{event.slug}")
