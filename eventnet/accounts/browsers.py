"""Browsers: find the one that carries a token, begin a new one, change its token at sign-in."""

from __future__ import annotations

import secrets
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import bindparam, delete, func, select, update

from eventnet import clock, db, links
from eventnet.accounts.models import Browser, KnownBrowser

KNOWN_LASTS = timedelta(days=180)
SIGNED_OUT: dict[Any, None] = dict.fromkeys(
    ("organizer_id", "organizer_since", "organizer_until", "organizer_confirmed_at"))
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
    """Make a browser the organizer's until `until`, an absolute end. It is known as theirs for half a year."""
    browser, token = sign_in(browser_id, label, max(until, clock.now() + KNOWN_LASTS))
    browser.organizer_id, browser.organizer_since, browser.organizer_until = organizer_id, clock.now(), until
    browser.organizer_confirmed_at = None
    _know(browser.id, organizer_id)
    db.session.flush()
    return browser, token


def introduce(browser_id: int | None, label: str, organizer_id: int) -> tuple[Browser, str]:
    """Know a browser as the organizer's without signing it in: it opened a link that was mailed to them."""
    browser, token = sign_in(browser_id, label, clock.now() + KNOWN_LASTS)
    _know(browser.id, organizer_id)
    return browser, token


def is_known(browser_id: int, organizer_id: int) -> bool:
    """Whether this browser was this organizer before, and nobody said "not me" of it."""
    return db.session.get(KnownBrowser, (organizer_id, browser_id)) is not None


def of_organizer(organizer_id: int) -> Sequence[Browser]:
    """The browsers that are signed in as this organizer now, the newest first."""
    return db.session.scalars(
        select(Browser).where(Browser.organizer_id == organizer_id, Browser.organizer_until > clock.now())
        .order_by(Browser.organizer_since.desc(), Browser.id.desc())).all()


def confirm_organizer(browser_id: int, organizer_id: int) -> None:
    """They said again who they are; still only while this browser is signed in as them."""
    db.session.execute(
        update(Browser).where(Browser.id == browser_id, Browser.organizer_id == organizer_id)
        .values(organizer_confirmed_at=clock.now()))


def sign_out_organizer(browser_id: int) -> None:
    """End the organizer's sign-in of a browser, whoever it is."""
    db.session.execute(update(Browser).where(Browser.id == browser_id).values(SIGNED_OUT))


def end_sign_ins(organizer_id: int, *, only: int | None = None, but: int | None = None) -> int:
    """End the sign-ins of an organizer: in one browser, in all, or in all `but` one; returns how many."""
    statement = update(Browser).where(Browser.organizer_id == organizer_id).values(SIGNED_OUT)
    if only is not None:
        statement = statement.where(Browser.id == only)
    if but is not None:
        statement = statement.where(Browser.id != but)
    return len(db.session.scalars(statement.returning(Browser.id)).all())


def forget_known(organizer_id: int, *, only: int | None = None, but: int | None = None) -> None:
    """These browsers are strangers to the organizer again."""
    statement = delete(KnownBrowser).where(KnownBrowser.organizer_id == organizer_id)
    if only is not None:
        statement = statement.where(KnownBrowser.browser_id == only)
    if but is not None:
        statement = statement.where(KnownBrowser.browser_id != but)
    db.session.execute(statement)


def last_sign_ins(organizer_ids: Collection[int]) -> dict[int, datetime]:
    """When each of these organizers signed in last; who never did is left out."""
    rows = db.session.execute(
        select(KnownBrowser.organizer_id, func.max(KnownBrowser.signed_in_at).label("at"))
        .where(KnownBrowser.organizer_id.in_(organizer_ids)).group_by(KnownBrowser.organizer_id)).all()
    return {row.organizer_id: row.at for row in rows}


def _know(browser_id: int, organizer_id: int) -> None:
    now = clock.now()
    db.session.execute(
        db.insert(KnownBrowser).values(organizer_id=organizer_id, browser_id=browser_id, signed_in_at=now)
        .on_conflict_do_update(index_elements=["organizer_id", "browser_id"], set_={"signed_in_at": now}))


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
