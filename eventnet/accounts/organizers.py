"""Organizers: add, find, set a password, sign in, end sign-ins, keep one out for good."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection
from datetime import datetime, timedelta

from email_validator import EmailNotValidError, validate_email
from sqlalchemy import select

from eventnet import clock, db
from eventnet.accounts import browsers, budgets, half_sign_ins
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
    address = checked_address(email)
    if find(address) is not None:
        raise Refusal(_("%(email)s already is an organizer. Use recover to set a new password.", email=address),
                      reason="known", field="email")
    organizer = Organizer(email=address, name=tidy_name(name), password_hash=password_hash,
                          made_at=clock.now())
    db.session.add(organizer)
    db.session.flush()
    log.write("organizer.added", by, organizer_id=organizer.id)
    db.session.flush()
    return organizer


def checked_address(email: str) -> str:
    """The address as it is kept; raises Refusal for what is none."""
    try:
        return folded(validate_email(email.strip(), check_deliverability=False, test_environment=True).normalized)
    except EmailNotValidError:
        raise Refusal(_("%(email)s is not an e-mail address. Check it for a typing mistake.", email=email.strip()),
                      status=422, reason="invalid", field="email") from None


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


def may_try(email: str, known_browser_id: int | None = None) -> bool:
    """Take one of the tries to sign in with this address; False when they are used up.

    Counted before the password is looked at and given back by the right one, in a transaction of its own,
    so that tries at the same moment count as well. By account: a whole hall shares one network address. A browser
    that was this organizer before has tries of its own: whoever knows only the address locks nobody out.
    """
    return budgets.spend(_tries_key(email, known_browser_id), TRIES, TRIES_SPAN)


def known_browser(organizer: Organizer | None, browser: Browser | None) -> int | None:
    """The number of this browser if it was this organizer before."""
    if organizer is None or browser is None or not browsers.is_known(browser.id, organizer.id):
        return None
    return browser.id


def give_tries_back(organizer_id: int, known_browser_id: int | None, new_hash: str | None = None) -> None:
    """After the right password. `new_hash` replaces a hash made with older parameters."""
    organizer = _get(organizer_id)
    if new_hash is not None:
        organizer.password_hash = new_hash
    budgets.clear(_tries_key(organizer.email, known_browser_id), TRIES_SPAN)


def sign_in(organizer_id: int, browser_id: int | None, label: str) -> tuple[str, datetime]:
    """Make a browser this organizer's for 12 hours; returns its new token and how long its cookie is kept."""
    organizer = _get(organizer_id)
    if organizer.disabled_at is not None:
        raise NotFound
    browser, token = browsers.sign_in_organizer(browser_id, label, organizer_id, clock.now() + SIGN_IN_LASTS)
    log.write("organizer.signed_in", f"organizer:{organizer_id}")
    db.session.flush()
    return token, browser.ends_at


def sign_out(organizer_id: int, browser_id: int) -> None:
    """End this browser's organizer sign-in; what it is as an attendee stays."""
    browsers.end_sign_ins(organizer_id, only=browser_id)
    log.write("organizer.signed_out", f"organizer:{organizer_id}")
    db.session.flush()


def sign_out_everywhere(organizer_id: int, by: str) -> int:
    """End every sign-in of an organizer; returns how many browsers that were. None of them is known any more."""
    half_sign_ins.end_all(organizer_id)
    browsers.forget_known(organizer_id)
    ended = browsers.end_sign_ins(organizer_id)
    log.write("organizer.signed_out_everywhere", by, organizer_id=organizer_id, browsers=ended)
    db.session.flush()
    return ended


def disown(organizer_id: int, browser_id: int) -> None:
    """"Not me": this browser is signed out and a stranger again; raises NotFound when it was not theirs."""
    if not browsers.end_sign_ins(organizer_id, only=browser_id):
        raise NotFound
    browsers.forget_known(organizer_id, only=browser_id)
    log.write("organizer.browser_removed", f"organizer:{organizer_id}")
    db.session.flush()


def disable(email: str, by: str) -> int:
    """Keep an organizer out from the next request on: no sign-in, no reset, no invitation of theirs opens anything.

    Their roles stay, so that the log and the teams still name them. Returns how many browsers were signed out;
    raises NotFound, and a Refusal for somebody who is kept out already.
    """
    organizer = get(email)
    if organizer.disabled_at is not None:
        raise Refusal(_("%(email)s is disabled already.", email=organizer.email), reason="disabled")
    organizer.disabled_at = clock.now()
    half_sign_ins.end_all(organizer.id)
    browsers.forget_known(organizer.id)
    ended = browsers.end_sign_ins(organizer.id)
    log.write("organizer.disabled", by, organizer_id=organizer.id, browsers=ended)
    db.session.flush()
    return ended


def enable(email: str, by: str) -> Organizer:
    """Let a disabled organizer in again, with the password they had. Raises NotFound, and a Refusal if nobody was."""
    organizer = get(email)
    if organizer.disabled_at is None:
        raise Refusal(_("%(email)s is not disabled.", email=organizer.email), reason="not_disabled")
    organizer.disabled_at = None
    log.write("organizer.enabled", by, organizer_id=organizer.id)
    db.session.flush()
    return organizer


def set_password(organizer_id: int, password_hash: str, by: str, *, but: int | None = None) -> None:
    """Set a password, end every sign-in of that organizer (`but` one browser) and give them their tries back."""
    organizer = db.session.get(Organizer, organizer_id, with_for_update=True)
    if organizer is None:
        raise NotFound
    organizer.password_hash = password_hash
    half_sign_ins.end_all(organizer_id)
    browsers.end_sign_ins(organizer_id, but=but)
    browsers.forget_known(organizer_id, but=but)
    budgets.clear(_tries_key(organizer.email), TRIES_SPAN)
    log.write("organizer.password_set", by, organizer_id=organizer_id)
    db.session.flush()


def change_password(organizer_id: int, password_hash: str, browser_id: int, label: str) -> tuple[str, datetime]:
    """Set a password from a browser that stays signed in, with a new token; all others are signed out.

    Returns the token and how long its cookie is kept. The sign-in ends when it would have ended.
    """
    set_password(organizer_id, password_hash, f"organizer:{organizer_id}", but=browser_id)
    browser, token = browsers.sign_in(browser_id, label, clock.now())
    db.session.flush()
    return token, browser.ends_at


def rename(organizer_id: int, name: str) -> None:
    """What to call them: in the team's list and in the audit log."""
    _get(organizer_id).name = tidy_name(name)
    db.session.flush()


def tidy_name(name: str) -> str:
    """A name as it is kept: one line of at most 120 characters."""
    return " ".join(name.split())[:120]


def _get(organizer_id: int) -> Organizer:
    organizer = db.session.get(Organizer, organizer_id)
    if organizer is None:
        raise NotFound
    return organizer


def _tries_key(email: str, browser_id: int | None = None) -> str:
    return f"sign-in:{folded(email)}" + (f":browser:{browser_id}" if browser_id else "")
