"""Makes a browser an attendee, shows which browsers are, and makes one stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import select, update

from eventnet import clock, db, links
from eventnet.accounts import browsers
from eventnet.accounts.models import Browser
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import Event
from eventnet.words import gettext as _

PURPOSE = "activation"
MOST_BROWSERS = 5
DOUBLE_TAP = timedelta(minutes=2)
"""A second POST with the cookie from before the first one means the same browser, so long."""


@dataclass(frozen=True)
class OwnBrowser:
    """One browser that is an attendee. `id` names the sign-in, not the browser."""

    id: int
    browser_id: int
    label: str
    way: str
    since: datetime


def activation_token(secret: bytes, attendee: Attendee) -> str:
    """The token of the activation link: it can be made again at any time and dies with the generation."""
    return links.signed_id(secret, PURPOSE, attendee.id, attendee.event_id, attendee.generation)


def find_by_token(secret: bytes, token: str, purpose: str = PURPOSE) -> Attendee | None:
    """Whose activation link this is; None for a made-up one, an older generation, and whoever is not there.

    Other links that die with the generation name their own `purpose`.
    """
    number = links.number_in(token)
    attendee = db.session.get(Attendee, number) if number is not None else None
    if attendee is None or not attendee.takes_part:
        return None
    proven = links.is_signed(secret, token, purpose, attendee.id, attendee.event_id, attendee.generation)
    return attendee if proven else None


def find(event_id: int, attendee_id: int) -> Attendee | None:
    """The attendee, as long as they are on the list and take part."""
    attendee = db.session.scalar(select(Attendee).where(Attendee.event_id == event_id, Attendee.id == attendee_id))
    return attendee if attendee is not None and attendee.takes_part else None


def no_such_link() -> NotFound:
    """One sentence for every activation link that opens nothing."""
    return NotFound(_("This link does not open anything. Open the newest mail from the event, or ask at the desk."),
                    reason="unknown_link")


def is_late(event: Event) -> bool:
    """Activation links work until 24 hours after the event; signing in by e-mail goes on."""
    return clock.now() > event.activation_ends_at


def activate(attendee_id: int, generation: int, browser_id: int | None, label: str, way: str, until: datetime, *,
             anchor: str | None = None, instead_of: int | None = None) -> tuple[Browser, str]:
    """Make a browser this attendee until `until`; returns its row and the new token for its cookie.

    `anchor` is the fingerprint of the cookie the request came with: it makes a double tap one browser.
    `instead_of` is the attendee that this browser was shown to be and now stops being.
    Raises NotFound for whoever is not there or has another generation, and Refusal: `late` (link after the event's
    end plus 24 hours), `too_many` (sixth browser by link), `somebody_else` (the browser is another attendee here).
    """
    attendee = db.session.scalar(select(Attendee).where(Attendee.id == attendee_id).with_for_update())
    if attendee is None or not attendee.takes_part or attendee.generation != generation:
        raise no_such_link()
    event = db.session.get_one(Event, attendee.event_id)
    if way == "activation_link" and is_late(event):
        _refuse_late()
    living = _living(attendee.event_id, attendee.id)
    if browser_id is None or browser_id not in {one.browser_id for one in living}:
        browser_id = _same_tap(attendee, anchor) or browser_id
    if not any(one.browser_id == browser_id for one in living):
        _leave(attendee, browser_id, instead_of)
        if way == "activation_link" and len(living) >= MOST_BROWSERS:
            _refuse_sixth()
    browser, token = browsers.sign_in(browser_id, label, until)
    if not any(one.browser_id == browser.id for one in living):
        db.session.add(SignedInBrowser(event_id=attendee.event_id, attendee_id=attendee.id, browser_id=browser.id,
                                       way=way, anchor_hash=anchor, since=clock.now()))
        log.write("attendee.activated", f"attendee:{attendee.id}", attendee.event_id, way=way, browser=browser.id)
    if attendee.activated_at is None:
        attendee.activated_at = clock.now()
    db.session.flush()
    return browser, token


def become(event_id: int, attendee_id: int, browser_id: int | None, label: str, way: str, anchor: str,
           instead_of: int | None) -> tuple[Browser, str]:
    """As `activate`, for ways that prove the person anew (mailed link or code, hand-over): no generation, and the
    browser stays signed in until the event's data goes. Raises NotFound for whoever is not there."""
    attendee = find(event_id, attendee_id)
    if attendee is None:
        raise no_such_link()
    until = db.session.get_one(Event, event_id).retention_at
    return activate(attendee.id, attendee.generation, browser_id, label, way, until, anchor=anchor,
                    instead_of=instead_of)


def browsers_of(attendee: Attendee) -> list[OwnBrowser]:
    """The living browsers that are this attendee, the newest first."""
    return _living(attendee.event_id, attendee.id)


def revoke(attendee: Attendee, signed_in_browser_id: int) -> None:
    """Make one browser stop being this attendee; again is fine. Raises NotFound for one of somebody else."""
    sign_in = db.session.get(SignedInBrowser, signed_in_browser_id)
    if sign_in is None or (sign_in.event_id, sign_in.attendee_id) != (attendee.event_id, attendee.id):
        raise NotFound
    if sign_in.revoked_at is None:
        sign_in.revoked_at = clock.now()
        log.write("attendee.browser_revoked", f"attendee:{attendee.id}", attendee.event_id, browser=sign_in.browser_id)


def revoke_all(event_id: int, attendee_id: int) -> int:
    """Sign an attendee out everywhere; returns how many browsers that were."""
    result = db.session.execute(
        update(SignedInBrowser)
        .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == attendee_id,
               SignedInBrowser.revoked_at.is_(None))
        .values(revoked_at=clock.now()))
    return int(getattr(result, "rowcount", 0))


def sign_out(event_id: int, browser_id: int) -> None:
    """This browser is nobody at this event any more."""
    db.session.execute(
        update(SignedInBrowser)
        .where(SignedInBrowser.event_id == event_id, SignedInBrowser.browser_id == browser_id,
               SignedInBrowser.revoked_at.is_(None))
        .values(revoked_at=clock.now()))


def _living(event_id: int, attendee_id: int) -> list[OwnBrowser]:
    rows = db.session.execute(
        select(SignedInBrowser.id, SignedInBrowser.browser_id, Browser.label, SignedInBrowser.way,
               SignedInBrowser.since)
        .join(Browser, Browser.id == SignedInBrowser.browser_id)
        .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == attendee_id,
               SignedInBrowser.revoked_at.is_(None), Browser.ends_at > clock.now())
        .order_by(SignedInBrowser.since.desc(), SignedInBrowser.id.desc()))
    return [OwnBrowser(*row) for row in rows]


def _same_tap(attendee: Attendee, anchor: str | None) -> int | None:
    """The browser that a moment ago became this attendee with the cookie this request still carries."""
    if anchor is None:
        return None
    found: int | None = db.session.scalar(
        select(SignedInBrowser.browser_id)
        .where(SignedInBrowser.event_id == attendee.event_id, SignedInBrowser.attendee_id == attendee.id,
               SignedInBrowser.anchor_hash == anchor, SignedInBrowser.revoked_at.is_(None),
               SignedInBrowser.since > clock.now() - DOUBLE_TAP)
        .order_by(SignedInBrowser.id.desc()).limit(1))
    return found


def _leave(attendee: Attendee, browser_id: int | None, instead_of: int | None) -> None:
    """Stop being somebody else here, if that was asked for by name; a revoked or removed one does not count."""
    if browser_id is None:
        return
    others = set(db.session.scalars(
        select(SignedInBrowser.attendee_id)
        .join(Attendee, (Attendee.event_id == SignedInBrowser.event_id) & (Attendee.id == SignedInBrowser.attendee_id))
        .where(SignedInBrowser.browser_id == browser_id, SignedInBrowser.event_id == attendee.event_id,
               SignedInBrowser.revoked_at.is_(None), SignedInBrowser.attendee_id != attendee.id,
               Attendee.removed_at.is_(None), Attendee.not_taking_part_at.is_(None))))
    if others - {instead_of}:
        raise Refusal(_("This browser is already somebody else at this event. Choose whether to switch."),
                      reason="somebody_else")
    if others:
        sign_out(attendee.event_id, browser_id)


def _refuse_late() -> NoReturn:
    raise Refusal(_("This link worked until 24 hours after the event. Sign in with your e-mail instead."),
                  status=410, reason="late")


def _refuse_sixth() -> NoReturn:
    raise Refusal(
        _("You are signed in with %(num)s browsers, and that is the most this link opens. Sign in with a code by "
          "e-mail, then remove a browser that is not yours; or ask at the desk.", num=MOST_BROWSERS),
        reason="too_many")
