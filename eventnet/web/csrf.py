"""CSRF: every unsafe request proves that one of our own pages sent it."""

from __future__ import annotations

import hmac

from flask import Flask, request
from markupsafe import Markup

from eventnet import links
from eventnet.errors import Refusal
from eventnet.web import cookies
from eventnet.web.audiences import SAFE_METHODS
from eventnet.words import gettext as _

FIELD, HEADER = "csrf_token", "X-CSRF-Token"

# Routes that prove themselves another way: RFC 8058 one-click unsubscribe carries a signed token and must
# work without a cookie; a Bearer header is never sent by a browser on its own.
EXEMPT = {"mail_links.unsubscribe"}


def token() -> str:
    """The token for forms of this browser; writes nothing, so it is the same on every page."""
    return links.base32(links.mac(cookies.settings().secret_key, "csrf", cookies.csrf_anchor()))


def field() -> Markup:
    return Markup('<input type="hidden" name="{}" value="{}">').format(FIELD, token())


def install(app: Flask) -> None:
    @app.before_request
    def check() -> None:
        if request.method in SAFE_METHODS or request.endpoint in EXEMPT:
            return
        if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
            raise Refusal(_("That came from another site, so nothing was done. Open the page here and try again."),
                          status=403, reason="cross_site")
        if _has_bearer():
            return
        if request.path.startswith("/api/") and cookies.browser_token() is None:
            # Nobody is signed in, so there is nothing to forge: the API answers 401, which a sender understands.
            return
        given = request.headers.get(HEADER) or request.form.get(FIELD) or ""
        if not hmac.compare_digest(given.encode(), token().encode()):
            raise Refusal(_("This page was open too long or cookies are off. Go back, reload and try again."),
                          status=403, reason="csrf")


def _has_bearer() -> bool:
    return request.path.startswith("/api/") and request.headers.get("Authorization", "").lower().startswith("bearer ")
