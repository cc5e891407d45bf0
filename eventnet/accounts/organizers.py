"""Organizers: add, find, set a password, sign in, end sign-ins."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.accounts import browsers, budgets
from eventnet.accounts.models import Browser, Organizer
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

SIGN_IN_LASTS = timedelta(hours=12)
TRIES, TRIES_SPAN = 10, timedelta(minutes=15)


def folded(email: str) -> str:
    """The form in which an address is kept and looked up: NFC, lower case, no space around."""
    return unicodedata.normalize("NFC", email).strip().lower()


def add(email: str, *, name: str = "", password_hash: str | None = None, by: str) -> Organizer:
    """Add an organizer; raises Refusal for an address that is none or already known."""
    try:
        address = folded(validate_email(email, check_deliverability=False, test_environment=True).normalized)
    except EmailNotValidError:
        raise Refusal(_("%(email)s is not an e-mail address. Check it for a typing mistake.", email=email.strip()),
                      status=422, reason="invalid", field="email") from None
    if find(address) is not None:
        raise Refusal(_("%(email)s already is an organizer. Use recover to set a new password.", email=address),
                      reason="known", field="email")
    organizer = Organizer(email=address, name=" ".join(name.split())[:120], password_hash=password_hash,
                          made_at=clock.now())
    db.session.add(organizer)
    db.session.flush()
    log.write("organizer.added", by, organizer_id=organizer.id)
    db.session.flush()
    return organizer


def find(email: str) -> Organizer | None:
    """The organizer of an address, however it is capitalized."""
    found: Organizer | None = db.session.scalar(select(Organizer).where(Organizer.email == folded(email)))
    return found


def get(email: str) -> Organizer:
    """The organizer of an address; raises NotFound."""
    organizer = find(email)
    if organizer is None:
        raise NotFound(_("%(email)s is not an organizer here. Add them with: eventnet organizer add", email=email))
    return organizer


def names(organizer_ids: Collection[int]) -> dict[int, str]:
    """What to call organizers: their name, else their address."""
    rows = db.session.execute(
        select(Organizer.id, Organizer.name, Organizer.email).where(Organizer.id.in_(organizer_ids))).all()
    return {row.id: row.name or row.email for row in rows}


def may_try(email: str) -> bool:
    """Take one of the tries to sign in with this address; False when they are used up.

    Counted before the password is looked at and given back by the right one, in a transaction of its own,
    so that tries at the same moment count as well. By account: a whole hall shares one network address.
    """
    return budgets.spend(_tries_key(email), TRIES, TRIES_SPAN)


def sign_in(organizer_id: int, browser_id: int | None, label: str, new_hash: str | None = None) -> tuple[str, datetime]:
    """Make a browser this organizer's for 12 hours; returns its new token and how long its cookie is kept.

    `new_hash` replaces a hash made with older parameters.
    """
    organizer = db.session.get(Organizer, organizer_id)
    if organizer is None or organizer.disabled_at is not None:
        raise NotFound
    if new_hash is not None:
        organizer.password_hash = new_hash
    budgets.clear(_tries_key(organizer.email), TRIES_SPAN)
    browser, token = browsers.sign_in_organizer(browser_id, label, organizer_id, clock.now() + SIGN_IN_LASTS)
    log.write("organizer.signed_in", f"organizer:{organizer_id}")
    db.session.flush()
    return token, browser.ends_at


def sign_out(organizer_id: int, browser_id: int) -> None:
    """End this browser's organizer sign-in; what it is as an attendee stays."""
    browsers.sign_out_organizer(browser_id)
    log.write("organizer.signed_out", f"organizer:{organizer_id}")
    db.session.flush()


def set_password(organizer_id: int, password_hash: str, by: str) -> None:
    """Set a password, end every sign-in of that organizer and give them their tries back."""
    organizer = db.session.get(Organizer, organizer_id, with_for_update=True)
    if organizer is None:
        raise NotFound
    organizer.password_hash = password_hash
    db.session.execute(
        update(Browser).where(Browser.organizer_id == organizer_id)
        .values(organizer_id=None, organizer_since=None, organizer_until=None))
    budgets.clear(_tries_key(organizer.email), TRIES_SPAN)
    log.write("organizer.password_set", by, organizer_id=organizer_id)
    db.session.flush()


def _tries_key(email: str) -> str:
    return f"sign-in:{folded(email)}"
