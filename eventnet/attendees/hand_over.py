"""The hand-over code: six digits that a signed-in browser shows and another one of the same person takes."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, select, update

from eventnet import clock, db, links
from eventnet.accounts import budgets
from eventnet.accounts.models import Browser
from eventnet.attendees import activation
from eventnet.attendees.models import Attendee, HandOver, SignedInBrowser
from eventnet.attendees.sign_in import digits_of
from eventnet.errors import Refusal
from eventnet.words import gettext as _

PURPOSE = "hand-over"
LASTS = timedelta(minutes=5)
KEPT = timedelta(days=1)
DIGITS = 6
MOST_TRIES = 5
WRONG_PER_EVENT = 60
"""With 50 codes alive this many guesses in five minutes find one with a chance of 0.3 %; people mistype less."""


@dataclass(frozen=True)
class ShownCode:
    """A living hand-over code and until when it works."""

    code: str
    ends_at: datetime


def make(secret: bytes, attendee: Attendee, browser_id: int) -> None:
    """A new code for this browser to show; the one it showed before stops working."""
    now = clock.now()
    db.session.execute(update(HandOver).where(HandOver.browser_id == browser_id, HandOver.event_id == attendee.event_id,
                                              HandOver.ends_at > now).values(ends_at=now))
    for _attempt in range(20):
        row = HandOver(event_id=attendee.event_id, attendee_id=attendee.id, browser_id=browser_id, code_hash="",
                       made_at=now, ends_at=now + LASTS)
        db.session.add(row)
        db.session.flush()
        code_hash = _hash(secret, attendee.event_id, _code(secret, row))
        if _living(attendee.event_id, code_hash) is None:
            row.code_hash = code_hash
            return
        row.ends_at = now
    raise Refusal(_("Too many codes are open right now. Try again in a minute."), status=503, reason="busy")


def shown(secret: bytes, event_id: int, browser_id: int) -> ShownCode | None:
    """The living code that this browser shows."""
    row = db.session.scalar(
        select(HandOver).where(HandOver.browser_id == browser_id, HandOver.event_id == event_id,
                               HandOver.used_at.is_(None), HandOver.ends_at > clock.now(), HandOver.code_hash != "")
        .order_by(HandOver.id.desc()).limit(1))
    return ShownCode(_code(secret, row), row.ends_at) if row is not None else None


def enter(secret: bytes, event_id: int, typed: str, browser_id: int | None, label: str, anchor: str, *,
          instead_of: int | None = None) -> tuple[Browser, str] | None:
    """Sign in by a hand-over code, once; None for a wrong one, whose try is counted, so the caller commits.

    Raises Refusal (429) after five tries in five minutes of one browser, or many wrong codes at one event.
    """
    mine, everybody = f"hand-over:{event_id}:{anchor}", f"hand-over:{event_id}"
    if not budgets.spend(mine, MOST_TRIES, LASTS) or not budgets.left(everybody, WRONG_PER_EVENT, LASTS):
        raise Refusal(_("That were too many wrong codes. Wait five minutes, or take a code by e-mail."),
                      status=429, reason="budget", retry_after=budgets.seconds_left(LASTS))
    row = _living(event_id, _hash(secret, event_id, digits_of(typed)))
    if row is None or not _is_still_shown(row):
        budgets.spend(everybody, WRONG_PER_EVENT, LASTS)
        return None
    used = db.session.scalar(update(HandOver).where(HandOver.id == row.id, HandOver.used_at.is_(None))
                             .values(used_at=clock.now()).returning(HandOver.id))
    if used is None:
        return None
    return activation.become(event_id, row.attendee_id, browser_id, label, "hand_over", anchor, instead_of)


def purge() -> int:
    """Forget codes that ended more than a day ago; returns how many. For the timetable."""
    return len(db.session.scalars(
        delete(HandOver).where(HandOver.ends_at < clock.now() - KEPT).returning(HandOver.id)).all())


def _code(secret: bytes, row: HandOver) -> str:
    number = int.from_bytes(links.mac(secret, f"{PURPOSE} code", row.id, row.event_id), "big")
    return f"{number % 10**DIGITS:0{DIGITS}}"


def _hash(secret: bytes, event_id: int, code: str) -> str:
    return links.mac(secret, PURPOSE, event_id, code).hex()


def _living(event_id: int, code_hash: str) -> HandOver | None:
    found: HandOver | None = db.session.scalar(
        select(HandOver).where(HandOver.event_id == event_id, HandOver.code_hash == code_hash,
                               HandOver.used_at.is_(None), HandOver.ends_at > clock.now()).limit(1))
    return found


def _is_still_shown(row: HandOver) -> bool:
    """A browser that was revoked meanwhile hands nothing over."""
    return db.session.scalar(
        select(SignedInBrowser.id).where(
            SignedInBrowser.event_id == row.event_id, SignedInBrowser.attendee_id == row.attendee_id,
            SignedInBrowser.browser_id == row.browser_id, SignedInBrowser.revoked_at.is_(None)).limit(1)) is not None
