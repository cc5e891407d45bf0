"""Browsers: find the one that carries a token, begin a new one, change its token at sign-in."""

from __future__ import annotations

import secrets
from datetime import datetime

from sqlalchemy import bindparam, select

from eventnet import clock, db, links
from eventnet.accounts.models import Browser

_BY_TOKEN = select(Browser).where(Browser.token_hash == bindparam("token_hash"))


def find(token: str | None) -> Browser | None:
    """The living browser that carries `token`."""
    if not token:
        return None
    found: Browser | None = db.session.scalar(_BY_TOKEN, {"token_hash": links.fingerprint(token)})
    return found if found is not None and found.ends_at > clock.now() else None


def sign_in(browser_id: int | None, label: str, until: datetime) -> tuple[Browser, str]:
    """Begin a browser, or give the known one a new token, valid until `until` at least.

    Returns the row and the token for its cookie. A new token at every sign-in leaves nothing behind that
    somebody planted before it (session fixation).
    """
    token = secrets.token_urlsafe(32)
    browser = db.session.get(Browser, browser_id) if browser_id is not None else None
    if browser is None:
        browser = Browser(label=label, made_at=clock.now(), ends_at=until, token_hash="")
        db.session.add(browser)
    browser.token_hash = links.fingerprint(token)
    browser.label = label
    browser.ends_at = max(browser.ends_at, until)
    db.session.flush()
    return browser, token


def sign_in_organizer(browser_id: int | None, label: str, organizer_id: int, until: datetime) -> tuple[Browser, str]:
    """Make a browser the organizer's until `until`, an absolute end."""
    browser, token = sign_in(browser_id, label, until)
    browser.organizer_id, browser.organizer_since, browser.organizer_until = organizer_id, clock.now(), until
    return browser, token


def sign_out_organizer(browser_id: int) -> None:
    browser = db.session.get(Browser, browser_id)
    if browser is not None:
        browser.organizer_id = browser.organizer_since = browser.organizer_until = None


def label_of(user_agent: str) -> str:
    """What a person calls the browser: Firefox on Android."""
    text = user_agent.lower()
    name = next((shown for mark, shown in (
        ("edg", "Edge"), ("samsungbrowser", "Samsung Internet"), ("firefox", "Firefox"), ("fxios", "Firefox"),
        ("crios", "Chrome"), ("chrome", "Chrome"), ("safari", "Safari"),
    ) if mark in text), "Browser")
    system = next((shown for mark, shown in (
        ("iphone", "iPhone"), ("ipad", "iPad"), ("android", "Android"), ("windows", "Windows"),
        ("mac os", "Mac"), ("cros", "ChromeOS"), ("linux", "Linux"),
    ) if mark in text), "")
    return f"{name} on {system}" if system else name
