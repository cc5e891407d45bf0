"""Two cookies: the browser's token, and a visitor's nonce for CSRF before there is a token."""

from __future__ import annotations

import secrets
from datetime import datetime

from flask import current_app, g, request
from werkzeug.wrappers import Response

from eventnet import clock
from eventnet.config import Settings

BROWSER, VISITOR = "eventnet", "eventnet-visitor"
LONGEST_DAYS = 400


def settings() -> Settings:
    found: Settings = current_app.extensions["settings"]
    return found


def browser_token() -> str | None:
    """The token this request came with, or the one it was just given."""
    fresh: str | None = g.get("fresh_browser_token")
    return fresh or request.cookies.get(settings().cookie_name(BROWSER)) or None


def keep_browser(token: str, until: datetime) -> None:
    """Have the answer set the browser cookie until the given time (browsers cap it at 400 days)."""
    g.fresh_browser_token = token
    g.fresh_browser_until = until


def forget_browser() -> None:
    g.forget_browser = True


def csrf_anchor() -> str:
    """What CSRF tokens of this browser hang on: its token, else a visitor nonce (made on first need)."""
    token = browser_token()
    if token:
        return token
    anchor: str | None = g.get("visitor_nonce") or request.cookies.get(settings().cookie_name(VISITOR))
    if not anchor or len(anchor) > 64:
        anchor = g.visitor_nonce = secrets.token_urlsafe(24)
    return anchor


def write(response: Response) -> Response:
    """After each request: send the cookies that were asked for."""
    here = settings()
    common = {"secure": here.is_https, "httponly": True, "samesite": "Lax", "path": "/"}
    if g.get("fresh_browser_token"):
        seconds = int((g.fresh_browser_until - clock.now()).total_seconds())
        seconds = max(60, min(seconds, LONGEST_DAYS * 86400))
        response.set_cookie(here.cookie_name(BROWSER), g.fresh_browser_token, max_age=seconds, **common)  # type: ignore[arg-type]
    elif g.get("forget_browser"):
        response.delete_cookie(here.cookie_name(BROWSER), **common)  # type: ignore[arg-type]
    if g.get("visitor_nonce"):
        response.set_cookie(here.cookie_name(VISITOR), g.visitor_nonce, max_age=86400, **common)  # type: ignore[arg-type]
    return response
