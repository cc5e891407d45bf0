"""Desk passes: make a borrowed device a desk until tonight, lock and unlock it with a PIN, end it."""

from __future__ import annotations

import hmac
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from itertools import pairwise

from sqlalchemy import func, or_, select, update

from eventnet import clock, db, links
from eventnet.accounts import browsers
from eventnet.audit import log
from eventnet.config import Settings
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import DeskPass, Event
from eventnet.words import gettext as _

BINDS_WITHIN = timedelta(minutes=30)
MOST_WRONG_PINS = 5
MOST_LIVING = 200
NIGHT_ENDS = time(6)
"""An event that goes on past midnight and ends before this hour belongs to the evening before."""


@dataclass(frozen=True)
class Tried:
    """What a PIN led to. `left` tries are left; with none the pass waits for an organizer."""

    is_open: bool
    left: int


def may_end(event: Event, now: datetime) -> list[datetime]:
    """The ends to choose from, tonight first: the end of each day of the event that is left, and the event's end.

    Tonight is the end of the present day in the event's zone; raises Refusal once the event is over.
    """
    if event.is_over(now):
        raise Refusal(_("The event is over, and all desk passes ended with it."), reason="over")
    today = now.astimezone(event.tz).date()
    days = [today, *(max(today + timedelta(days=1), event.starts_on) + timedelta(days=n) for n in range(40))]
    ends: list[datetime] = []
    for day in days:
        midnight = datetime.combine(day + timedelta(days=1), time(), event.tz)
        if event.ends_at <= datetime.combine(day + timedelta(days=1), NIGHT_ENDS, event.tz):
            return [*ends, event.ends_at]
        ends.append(midnight)
    return [*ends, event.ends_at]


def make(event_id: int, organizer_id: int, ends_at: datetime, pin: str, secret: bytes) -> DeskPass:
    """Make the next desk of an event, until `ends_at`. An empty `pin` gets one of four digits, see `given_pin`.

    Raises Refusal for an end that cannot be and for a PIN that is not 4 to 6 digits or too easy to guess.
    """
    now = clock.now()
    event = db.session.get_one(Event, event_id, with_for_update=True)
    if not now < ends_at <= event.ends_at or event.is_over(now):
        raise Refusal(_("A desk pass lasts at most until the event's end. Choose an end from the list."),
                      status=422, reason="ends_at", field="ends_at")
    if pin:
        _check_pin(pin)
    here = DeskPass.event_id == event_id
    living = db.session.scalar(select(func.count()).where(here, DeskPass.revoked_at.is_(None), DeskPass.ends_at > now))
    if (living or 0) >= MOST_LIVING:
        raise Refusal(_("There are %(most)s desk passes. End those that are not needed first.", most=MOST_LIVING),
                      reason="too_many")
    number = (db.session.scalar(select(func.max(DeskPass.number)).where(here)) or 0) + 1
    made = DeskPass(event_id=event_id, number=number, made_by=organizer_id, made_at=now, ends_at=ends_at, pin_hash="")
    db.session.add(made)
    db.session.flush()
    made.token_hash = links.fingerprint(token(secret, made))
    made.pin_hash = _pin_hash(secret, made.id, pin or given_pin(secret, made.id))
    log.write("desk_pass.made", f"organizer:{organizer_id}", event_id, desk=number)
    db.session.flush()
    return made


def token(secret: bytes, desk: DeskPass) -> str:
    """The token of a pass's link: derived, so that its maker can see the QR again while it waits for a device."""
    return links.base32(links.mac(secret, "desk-pass", desk.id, desk.made_at.isoformat()))


def address(settings: Settings, desk: DeskPass) -> str:
    """The link that makes a device this desk."""
    return f"{settings.base_url}/D/{token(settings.secret_key, desk)}"


def given_pin(secret: bytes, desk_id: int) -> str:
    """The four digits that a pass gets whose maker chose none."""
    for attempt in range(100):
        pin = f"{int.from_bytes(links.mac(secret, 'desk-pin-given', desk_id, attempt), 'big') % 10_000:04}"
        if not _is_easy(pin):
            return pin
    raise AssertionError("nearly every number of four digits is hard to guess")


def has_given_pin(secret: bytes, desk: DeskPass) -> bool:
    """Whether its PIN is the one it was given, which organizers may look up."""
    return hmac.compare_digest(desk.pin_hash, _pin_hash(secret, desk.id, given_pin(secret, desk.id)))


def waits_until(event: Event, desk: DeskPass, now: datetime) -> datetime | None:
    """Until when its link can make a device this desk; None when it can no longer."""
    until = min(desk.made_at + BINDS_WITHIN, desk.ends_at, event.ends_at)
    return until if desk.token_hash is not None and desk.revoked_at is None and now < until else None


def find_waiting(given: str) -> tuple[Event, DeskPass] | None:
    """The event and the pass whose link has this token and still waits for a device."""
    found = db.session.execute(
        select(Event, DeskPass).join(DeskPass, DeskPass.event_id == Event.id)
        .where(DeskPass.token_hash == links.fingerprint(links.folded(given)))).first()
    if found is None or waits_until(found[0], found[1], clock.now()) is None:
        return None
    return found[0], found[1]


def bind(given: str, browser_id: int | None, label: str) -> tuple[DeskPass, str]:
    """Make this browser the desk of a link, once; returns the pass and the browser's new token for its cookie.

    A desk that this browser was at the event before ends. Raises Refusal (410) for a link that is used or too old.
    """
    found = find_waiting(given)
    now = clock.now()
    taken = db.session.execute(
        update(DeskPass).where(DeskPass.id == found[1].id, DeskPass.token_hash.is_not(None),
                               DeskPass.revoked_at.is_(None))
        .values(token_hash=None, bound_at=now, used_at=now, browser_label=label)).rowcount if found else 0  # type: ignore[attr-defined]
    if not found or not taken:
        raise is_used()
    event, desk = found
    browser, fresh = browsers.sign_in(browser_id, label, min(desk.ends_at, event.ends_at))
    older = db.session.scalars(select(DeskPass).where(
        DeskPass.browser_id == browser.id, DeskPass.event_id == event.id, DeskPass.revoked_at.is_(None))).all()
    for pass_ in older:
        _end(pass_, f"desk_pass:{pass_.id}")
    desk.browser_id = browser.id
    log.write("desk_pass.bound", f"desk_pass:{desk.id}", event.id, desk=desk.number)
    db.session.flush()
    return desk, fresh


def is_used() -> Refusal:
    """What a link is answered that can no longer make a device a desk."""
    return Refusal(_("This link made its device a desk already, or it is older than 30 minutes. An organizer makes a "
                     "new one on their page “Desk passes”."), status=410, reason="desk_link")


def note_use(desk_id: int) -> bool:
    """Note that a desk sent something; False if it was ended or locked since it was looked at."""
    now = clock.now()
    done = db.session.execute(
        update(DeskPass).where(DeskPass.id == desk_id, DeskPass.revoked_at.is_(None), DeskPass.locked_at.is_(None),
                               or_(DeskPass.used_at.is_(None), DeskPass.used_at <= now)).values(used_at=now))
    if done.rowcount:  # type: ignore[attr-defined]
        return True
    # Two taps at once: the one that is a moment older finds the newer one's time, which is as good.
    return db.session.scalar(select(DeskPass.id).where(
        DeskPass.id == desk_id, DeskPass.revoked_at.is_(None), DeskPass.locked_at.is_(None))) is not None


def lock(desk_id: int) -> None:
    """Lock a desk until its PIN is entered. Locking twice is as good as once."""
    db.session.execute(update(DeskPass).where(DeskPass.id == desk_id, DeskPass.locked_at.is_(None))
                       .values(locked_at=clock.now()))


def try_pin(desk_id: int, pin: str, secret: bytes) -> Tried:
    """Open a locked desk with its PIN, or count a wrong one; the fifth in a row makes it wait for an organizer.

    Does not raise for a wrong PIN, so that the count is kept.
    """
    desk = db.session.get_one(DeskPass, desk_id, with_for_update=True)
    now = clock.now()
    if desk.held_at is not None:
        return Tried(False, 0)
    if hmac.compare_digest(desk.pin_hash, _pin_hash(secret, desk.id, _digits(pin))):
        desk.locked_at, desk.wrong_pins, desk.used_at = None, 0, now
        return Tried(True, MOST_WRONG_PINS)
    desk.wrong_pins += 1
    desk.locked_at = desk.locked_at or now
    if desk.wrong_pins >= MOST_WRONG_PINS:
        desk.held_at = now
        log.write("desk_pass.held", f"desk_pass:{desk.id}", desk.event_id, desk=desk.number)
    return Tried(False, MOST_WRONG_PINS - desk.wrong_pins)


def release(event_id: int, desk_id: int, actor: str) -> DeskPass:
    """Let a desk with too many wrong PINs try again; it stays locked. Raises NotFound."""
    desk = _own(event_id, desk_id)
    if desk.held_at is not None:
        desk.held_at, desk.wrong_pins = None, 0
        log.write("desk_pass.released", actor, event_id, desk=desk.number)
    return desk


def revoke(event_id: int, desk_id: int, actor: str) -> DeskPass:
    """End a pass at once: its next tap finds nothing. Raises NotFound."""
    desk = _own(event_id, desk_id)
    if desk.revoked_at is None:
        _end(desk, actor)
    return desk


def get(event_id: int, desk_id: int) -> DeskPass:
    """A pass of this event; raises NotFound."""
    found = db.session.scalar(select(DeskPass).where(DeskPass.event_id == event_id, DeskPass.id == desk_id))
    if found is None:
        raise NotFound
    return found


def listed(event_id: int) -> Sequence[DeskPass]:
    """The passes of an event, the newest first."""
    return db.session.scalars(
        select(DeskPass).where(DeskPass.event_id == event_id).order_by(DeskPass.id.desc())).all()


def names(desk_ids: Collection[int]) -> dict[int, str]:
    """What each of these passes is called: Desk 7."""
    found = db.session.execute(select(DeskPass.id, DeskPass.number).where(DeskPass.id.in_(desk_ids)))
    return {desk_id: label(number) for desk_id, number in found}


def label(number: int) -> str:
    return _("Desk %(number)s", number=number)


def _own(event_id: int, desk_id: int) -> DeskPass:
    found = db.session.scalar(
        select(DeskPass).where(DeskPass.event_id == event_id, DeskPass.id == desk_id).with_for_update())
    if found is None:
        raise NotFound
    return found


def _end(desk: DeskPass, actor: str) -> None:
    desk.revoked_at, desk.token_hash = clock.now(), None
    log.write("desk_pass.revoked", actor, desk.event_id, desk=desk.number)


def _digits(pin: str) -> str:
    return "".join(pin.split())


def _pin_hash(secret: bytes, desk_id: int, pin: str) -> str:
    # Keyed: whoever has the database alone cannot try all the PINs there are.
    return links.base32(links.mac(secret, "desk-pin", desk_id, pin))


def _is_easy(pin: str) -> bool:
    steps = {(int(b) - int(a)) % 10 for a, b in pairwise(pin)}
    return len(steps) == 1 and steps <= {0, 1, 9}


def _check_pin(pin: str) -> None:
    if not (pin.isascii() and pin.isdigit() and 4 <= len(pin) <= 6):
        raise Refusal(_("A PIN has 4 to 6 digits. Leave it empty to get one."), status=422, reason="pin", field="pin")
    if _is_easy(pin):
        raise Refusal(_("That PIN is guessed at once. Choose other digits, or leave it empty to get some."),
                      status=422, reason="pin", field="pin")
