"""Is there a person in front of this browser? Asked before contact data is shown and before lasting changes."""

from __future__ import annotations

from urllib.parse import urlencode

from flask import redirect, request
from werkzeug.wrappers import Response

from eventnet.accounts.access import current_browser
from eventnet.attendees import activation
from eventnet.attendees.access import is_held, require_attendee, signed_in
from eventnet.encounters import senders
from eventnet.events.access import current_event
from eventnet.web.audiences import SAFE_METHODS


def require_person() -> Response | None:
    """Guard: an attendee of this event, and not only a program that opened their mailed link.

    Mail scanners open links, run scripts, keep cookies and submit forms. A browser that became the attendee by the
    link alone therefore sees nothing but card screen and badge until a person acted in it: a tick, or a scan.
    """
    answer = require_attendee()
    if answer is not None or not is_held():
        return answer
    attendee, browser = signed_in(), current_browser()
    if browser is not None and senders.has_sent(attendee.event_id, attendee.id, browser.id):
        return None
    if request.method in SAFE_METHODS:
        wanted = urlencode({"next": request.full_path.rstrip("?")})
        return redirect(f"/e/{current_event().slug}/it-is-me?{wanted}", 303)
    raise activation.needs_a_person()
