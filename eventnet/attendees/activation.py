"""Makes a browser an attendee, shows which browsers are, and makes one stop."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import NoReturn

from sqlalchemy import ColumnElement, exists, or_, select, update

from eventnet import clock, db, links
from eventnet.accounts import browsers
from eventnet.accounts.models import Browser
from eventnet.attendees import erased
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import Event
from eventnet.words import gettext as _

PURPOSE, SWAP_PURPOSE = "activation", "swap instead"
BY_LINK = "activation_link"
MOST_BROWSERS = 5
HELD_COUNTS = timedelta(minutes=10)
"""So long a browser that was made by the link alone takes one of the five places; then a person may have it."""
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
    held_since: datetime | None = None


def activation_token(secret: bytes, attendee: Attendee) -> str:
    """The token of the activation link: it can be made again at any time and dies with the generation."""
    return links.signed_id(secret, PURPOSE, attendee.id, attendee.event_id, attendee.generation)


def find_by_token(secret: bytes, token: str, purpose: str = PURPOSE) -> Attendee | None:
    """Whose activation link this is; None for a made-up one, an older generation, and whoever is not there.

    Other links that die with the generation name their own `purpose`. Raises Refusal (410) for the link of somebody
    who was deleted, or whose event was.
    """
    number = links.number_in(token)
    attendee = db.session.get(Attendee, number) if number is not None else None
    if attendee is None:
        erased.check_link(secret, token, purpose)
    if attendee is None or not attendee.takes_part:
        return None
    proven = links.is_signed(secret, token, purpose, attendee.id, attendee.event_id, attendee.generation)
    return attendee if proven else None


def swap_token(secret: bytes, attendee: Attendee) -> str:
    """Leads whoever holds their link or code, and is somebody else, to their badge: to swap cards, not to be them."""
    return links.signed_id(secret, SWAP_PURPOSE, attendee.id, attendee.event_id, attendee.generation)


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

    A browser that comes by the mailed link alone is held (see `lift`): mail scanners open links, run scripts, keep
    cookies and submit forms, and what they submit looks like a person's tap.
    `anchor` is the fingerprint of the cookie the request came with: it makes a double tap one browser.
    `instead_of` is the attendee that this browser was shown to be and now stops being.
    Raises NotFound for whoever is not there or has another generation, and Refusal: `late` (link after the event's
    end plus 24 hours), `too_many` (sixth browser by link), `somebody_else` (the browser is another attendee here).
    """
    attendee = db.session.scalar(select(Attendee).where(Attendee.id == attendee_id).with_for_update())
    if attendee is None or not attendee.takes_part or attendee.generation != generation:
        raise no_such_link()
    event = db.session.get_one(Event, attendee.event_id)
    if way == BY_LINK and is_late(event):
        _refuse_late()
    living = _living(attendee.event_id, attendee.id)
    if browser_id is None or browser_id not in {one.browser_id for one in living}:
        browser_id = _same_tap(attendee, anchor) or browser_id
    if not any(one.browser_id == browser_id for one in living):
        _leave(attendee, browser_id, instead_of)
        if way == BY_LINK:
            _make_room(living)
    browser, token = browsers.sign_in(browser_id, label, until)
    if any(one.browser_id == browser.id for one in living):
        if way != BY_LINK:
            lift(attendee.event_id, attendee.id, browser.id)
    else:
        db.session.add(SignedInBrowser(
            event_id=attendee.event_id, attendee_id=attendee.id, browser_id=browser.id, way=way, anchor_hash=anchor,
            since=clock.now(), held_since=clock.now() if way == BY_LINK else None))
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


def lift(event_id: int, attendee_id: int, browser_id: int) -> None:
    """A person acted in this browser: it is held no longer.

    A held browser sees no contact data, of this attendee or of others, and ends nobody's sign-in that is older or
    surer than its own. What lifts it is what scanners do not do: ticking a box, scanning a badge, typing a code.
    """
    db.session.execute(
        update(SignedInBrowser)
        .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == attendee_id,
               SignedInBrowser.browser_id == browser_id, SignedInBrowser.held_since.is_not(None))
        .values(held_since=None))


def is_full(attendee: Attendee) -> bool:
    """Whether the link opens no further browser now."""
    return len(_counting(browsers_of(attendee))) >= MOST_BROWSERS


def is_inactive() -> ColumnElement[bool]:
    """Of a row of attendees: no browser became them, or only by the mailed link and no person acted in it yet.

    A mail scanner that opened the link must not keep the person from being reminded, nor end their printed code.
    """
    mine = (SignedInBrowser.event_id == Attendee.event_id, SignedInBrowser.attendee_id == Attendee.id)
    return or_(Attendee.activated_at.is_(None), exists().where(*mine, SignedInBrowser.held_since.is_not(None))
               & ~exists().where(*mine, SignedInBrowser.held_since.is_(None)))


def revoke(attendee: Attendee, signed_in_browser_id: int, by_browser_id: int | None = None) -> None:
    """Make one browser stop being this attendee; again is fine. Raises NotFound for one of somebody else.

    `by_browser_id` is the browser that asks. A held one ends itself and held ones from before it, so that a person who
    just came can send a scanner away, and a scanner that presses every button no person; else Refusal `held`.
    """
    sign_in = db.session.get(SignedInBrowser, signed_in_browser_id)
    if sign_in is None or (sign_in.event_id, sign_in.attendee_id) != (attendee.event_id, attendee.id):
        raise NotFound
    own = next((one for one in browsers_of(attendee) if one.browser_id == by_browser_id), None)
    if own is not None and own.held_since and sign_in.id != own.id and (
            sign_in.held_since is None or sign_in.id > own.id):
        raise needs_a_person()
    if sign_in.revoked_at is None:
        sign_in.revoked_at = clock.now()
        log.write("attendee.browser_revoked", f"attendee:{attendee.id}", attendee.event_id, browser=sign_in.browser_id)


def revoke_all(event_id: int, attendee_id: int, *, but: int | None = None) -> int:
    """Sign an attendee out everywhere, or everywhere `but` in one browser; returns how many browsers that were."""
    ended = db.session.scalars(
        update(SignedInBrowser)
        .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == attendee_id,
               SignedInBrowser.revoked_at.is_(None), *([SignedInBrowser.browser_id != but] if but is not None else []))
        .values(revoked_at=clock.now()).returning(SignedInBrowser.id)).all()
    return len(ended)


def revoke_others(attendee: Attendee, browser_id: int) -> int:
    """Sign an attendee out in every browser but this one; returns how many that were."""
    ended = revoke_all(attendee.event_id, attendee.id, but=browser_id)
    if ended:
        log.write("attendee.browsers_revoked", f"attendee:{attendee.id}", attendee.event_id, count=ended)
    return ended


def needs_a_person() -> Refusal:
    """What a held browser is told that asks for more."""
    return Refusal(_("First tick that it is you: some mail programs open links and press buttons on their own."),
                   status=403, reason="held")


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
               SignedInBrowser.since, SignedInBrowser.held_since)
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


def _counting(living: list[OwnBrowser]) -> list[OwnBrowser]:
    """Those that take one of the five places: not what a mail scanner seems to have left behind."""
    return [one for one in living if one.held_since is None or one.held_since > clock.now() - HELD_COUNTS]


def _make_room(living: list[OwnBrowser]) -> None:
    """See that a browser fits in: the oldest that nobody acted in gives way; raises Refusal when there is none."""
    counting = _counting(living)
    if len(counting) >= MOST_BROWSERS:
        _refuse_sixth()
    stale = [one for one in living if one not in counting]  # the newest first
    ended = stale[max(0, len(stale) - (len(living) - MOST_BROWSERS + 1)):] if len(living) >= MOST_BROWSERS else []
    db.session.execute(update(SignedInBrowser).where(SignedInBrowser.id.in_([one.id for one in ended]))
                       .values(revoked_at=clock.now()))


def _refuse_late() -> NoReturn:
    raise Refusal(_("This link worked until 24 hours after the event. Sign in with your e-mail instead."),
                  status=410, reason="late")


def _refuse_sixth() -> NoReturn:
    raise Refusal(
        _("You are signed in with %(num)s browsers, and that is the most this link opens. Sign in with a code by "
          "e-mail, then remove a browser that is not yours; or ask at the desk.", num=MOST_BROWSERS),
        reason="too_many")
