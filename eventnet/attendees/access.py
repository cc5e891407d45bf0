"""Which attendee is this browser at this event, and is the event so large that its owners need a second factor?"""

from __future__ import annotations

from datetime import datetime
from urllib.parse import urlencode

from flask import g, redirect, request
from sqlalchemy import select
from werkzeug.wrappers import Response

from eventnet import db
from eventnet.accounts import access
from eventnet.attendees import size
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.errors import Refusal
from eventnet.events.access import current_event
from eventnet.web.audiences import SAFE_METHODS, Guard
from eventnet.words import gettext as _


def _signed_in_at(event_id: int) -> tuple[Attendee | None, datetime | None]:
    """The attendee this browser is at an event, and since when it is held (see activation.lift); read anew on every
    request."""
    browser = access.current_browser()
    if browser is None:
        return None, None
    found = db.session.execute(
        select(Attendee, SignedInBrowser.held_since)
        .join(SignedInBrowser, (SignedInBrowser.event_id == Attendee.event_id)
              & (SignedInBrowser.attendee_id == Attendee.id))
        .where(SignedInBrowser.browser_id == browser.id, SignedInBrowser.event_id == event_id,
               SignedInBrowser.revoked_at.is_(None), Attendee.removed_at.is_(None),
               Attendee.not_taking_part_at.is_(None))
        .order_by(SignedInBrowser.id.desc()).limit(1)
    ).one_or_none()
    return (found[0], found[1]) if found is not None else (None, None)


def current_attendee() -> Attendee | None:
    """The attendee of this browser at the event of this page, read once."""
    if "attendee" not in g:
        g.attendee, g.attendee_held_since = _signed_in_at(current_event().id)
    found: Attendee | None = g.attendee
    return found


def is_held() -> bool:
    """Whether this browser became the attendee by the mailed link alone, and no person has acted in it yet.

    Such a browser may be a mail scanner's, so it is shown no contact data.
    """
    return current_attendee() is not None and g.attendee_held_since is not None


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


def owner_needs_factor(guard: Guard) -> Guard:
    """Guard: as `guard`, and an owner of an event with many attendees has a second factor, or sets one up now."""

    def check() -> Response | None:
        answer = guard()
        if answer is not None or g.get("role") != "owner":
            return answer
        organizer = access.current_organizer()
        if organizer is None or not size.lacks_factor(g.event.id, organizer.id):
            return None
        if request.method in SAFE_METHODS:
            return redirect("/admin/account/factor?" + urlencode(
                {"because": "large", "next": request.full_path.rstrip("?")}), 303)
        raise Refusal(_("Owners of an event with more than %(most)s attendees need a second factor. Set it up in your "
                        "account, then do this again.", most=size.WITHOUT_FACTOR), status=403, reason="factor_needed")

    return check
