"""Which attendee is this browser at this event?"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import g, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts import access
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.errors import Refusal
from eventnet.events.access import current_event
from eventnet.web.audiences import SAFE_METHODS
from eventnet.words import gettext as _


def attendee_at(event_id: int) -> Attendee | None:
    """The attendee this browser is at an event; state is read anew on every request."""
    browser = access.current_browser()
    if browser is None:
        return None
    found: Attendee | None = db.session.scalar(
        select(Attendee)
        .join(SignedInBrowser, (SignedInBrowser.event_id == Attendee.event_id)
              & (SignedInBrowser.attendee_id == Attendee.id))
        .where(SignedInBrowser.browser_id == browser.id, SignedInBrowser.event_id == event_id,
               SignedInBrowser.revoked_at.is_(None), Attendee.removed_at.is_(None),
               Attendee.not_taking_part_at.is_(None))
        .order_by(SignedInBrowser.id.desc()).limit(1)
    )
    return found


def current_attendee() -> Attendee | None:
    """The attendee of this browser at the event of this page, read once."""
    if "attendee" not in g:
        g.attendee = attendee_at(current_event().id)
    found: Attendee | None = g.attendee
    return found


def signed_in() -> Attendee:
    """The attendee behind a guarded page."""
    attendee = current_attendee()
    if attendee is None:
        raise Refusal(_("You are signed out here. Sign in and do it again."), status=401, reason="signed_out")
    return attendee


def require_attendee() -> Response | None:
    """Guard: an attendee of this event; others are sent to sign in (GET) or told so (everything else)."""
    event = current_event()
    if current_attendee() is not None:
        return None
    if request.method in SAFE_METHODS:
        return redirect(f"/e/{event.slug}/sign-in?" + urlencode({"next": request.full_path.rstrip("?")}), 303)
    raise Refusal(_("You are signed out here. Sign in and do it again."), status=401, reason="signed_out")
