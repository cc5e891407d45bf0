"""Which browser is this, and is it a signed-in organizer?"""

from __future__ import annotations

from urllib.parse import urlencode

from flask import g, redirect, request
from werkzeug.wrappers import Response

from eventnet import clock, db
from eventnet.accounts import browsers
from eventnet.accounts.models import Browser, Organizer
from eventnet.errors import Refusal
from eventnet.web import cookies
from eventnet.web.audiences import SAFE_METHODS
from eventnet.words import gettext as _


def current_browser() -> Browser | None:
    """The browser of this request, read once."""
    if "browser" not in g:
        g.browser = browsers.find(cookies.browser_token())
    found: Browser | None = g.browser
    return found


def browser_label() -> str:
    return browsers.label_of(request.headers.get("User-Agent", ""))


def current_organizer() -> Organizer | None:
    """The organizer this browser is signed in as; role and state are read anew on every request."""
    if "organizer" not in g:
        browser = current_browser()
        g.organizer = None
        if browser is not None and browser.organizer_id and browser.organizer_until > clock.now():  # type: ignore[operator]
            organizer = db.session.get(Organizer, browser.organizer_id)
            if organizer is not None and organizer.disabled_at is None:
                g.organizer = organizer
    found: Organizer | None = g.organizer
    return found


def signed_in_organizer() -> Organizer:
    """The organizer behind a guarded page."""
    organizer = current_organizer()
    if organizer is None:
        raise Refusal(_("You are signed out. Sign in and do it again."), status=401, reason="signed_out")
    return organizer


def actor() -> str:
    """The organizer behind a guarded page, as the audit log names them."""
    return f"organizer:{signed_in_organizer().id}"


def require_organizer() -> Response | None:
    """Guard: a signed-in organizer; others are sent to sign in (GET) or told so (everything else)."""
    if current_organizer() is not None:
        return None
    if request.method in SAFE_METHODS:
        return redirect("/admin/sign-in?" + urlencode({"next": request.full_path.rstrip("?")}), 303)
    raise Refusal(_("You are signed out. Sign in and do it again."), status=401, reason="signed_out")
