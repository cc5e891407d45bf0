"""A new address for mail and sign-in: asked for, proven by the code that was mailed there, told to the old one."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import ColumnElement, delete, select, update

from eventnet import clock, db, links
from eventnet.accounts import budgets
from eventnet.attendees import folding, roster
from eventnet.attendees.models import AddressChange, Attendee
from eventnet.attendees.sign_in import CODE_DIGITS, digits_of
from eventnet.audit import log
from eventnet.errors import Refusal
from eventnet.outbox import planning
from eventnet.words import gettext as _

KIND, TOLD_KIND = "address", "address_changed"
PURPOSE = "address code"
LASTS = timedelta(minutes=20)
KEPT = timedelta(days=1)
MOST_TRIES = 5
ASKS_PER_HOUR = 5
HOUR = timedelta(hours=1)


def code(secret: bytes, change_id: int, event_id: int) -> str:
    """The eight digits of the mail to the new address."""
    number = int.from_bytes(links.mac(secret, PURPOSE, change_id, event_id), "big")
    return f"{number % 10**CODE_DIGITS:0{CODE_DIGITS}}"


def ask(attendee: Attendee, address: str, browser_id: int) -> None:
    """Plan the mail with the code to `address`, a checked one; until the code is typed nothing changes.

    Raises Refusal for the address they have, and (429) after five in an hour.
    """
    if folding.email_key(address) == attendee.email_key:
        raise Refusal(_("That is your address already."), status=422, reason="same", field="email")
    if not budgets.spend(f"address:attendee:{attendee.id}", ASKS_PER_HOUR, HOUR):
        raise Refusal(_("That were many addresses. Use the newest mail you have, or wait an hour."), status=429,
                      reason="budget", field="email", retry_after=budgets.seconds_left(HOUR))
    now = clock.now()
    change = AddressChange(event_id=attendee.event_id, attendee_id=attendee.id, browser_id=browser_id, address=address,
                           old_address=attendee.email, asked_at=now, ends_at=now + LASTS)
    db.session.add(change)
    db.session.flush()
    planning.plan(KIND, f"change:{change.id}", event_id=attendee.event_id, attendee_id=attendee.id,
                  subject_id=change.id, urgency=1)


def waiting_of(attendee: Attendee, browser_id: int) -> AddressChange | None:
    """The newest address this browser asked for whose code can still be typed."""
    found: AddressChange | None = db.session.scalar(
        select(AddressChange).where(*_open(attendee, browser_id)).order_by(AddressChange.id.desc()).limit(1))
    return found


def confirm(secret: bytes, attendee: Attendee, browser_id: int, typed: str) -> str | None:
    """Make the address theirs whose code was typed, in the browser that asked; returns it. None for a wrong code,
    whose try is counted, so the caller commits.

    The old address is told, and its activation link and printed code open nothing any more.
    """
    tried = db.session.execute(
        update(AddressChange).where(*_open(attendee, browser_id)).values(tries=AddressChange.tries + 1)
        .returning(AddressChange.id, AddressChange.address)).all()
    found = next((row for row in tried if code(secret, row.id, attendee.event_id) == digits_of(typed)), None)
    if found is None:
        return None
    now = clock.now()
    db.session.execute(update(AddressChange).where(AddressChange.id == found.id).values(used_at=now))
    db.session.execute(update(AddressChange).where(
        AddressChange.event_id == attendee.event_id, AddressChange.attendee_id == attendee.id,
        AddressChange.used_at.is_(None), AddressChange.ends_at > now).values(ends_at=now))
    before = roster.get(attendee.event_id, attendee.id).email
    db.session.execute(update(AddressChange).where(AddressChange.id == found.id).values(old_address=before))
    roster.change(attendee.event_id, attendee.id, {"email": found.address}, by="attendee")
    if before:
        planning.plan(TOLD_KIND, f"change:{found.id}", event_id=attendee.event_id, attendee_id=attendee.id,
                      subject_id=found.id, urgency=1)
    log.write("attendee.address_changed", f"attendee:{attendee.id}", attendee.event_id)
    return str(found.address)


def purge() -> int:
    """Forget changes that ended more than a day ago; returns how many. For the timetable."""
    return len(db.session.scalars(
        delete(AddressChange).where(AddressChange.ends_at < clock.now() - KEPT).returning(AddressChange.id)).all())


def _open(attendee: Attendee, browser_id: int) -> tuple[ColumnElement[bool], ...]:
    return (AddressChange.event_id == attendee.event_id, AddressChange.attendee_id == attendee.id,
            AddressChange.browser_id == browser_id, AddressChange.used_at.is_(None),
            AddressChange.ends_at > clock.now(), AddressChange.tries < MOST_TRIES)
