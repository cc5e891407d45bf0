"""Suppressing: addresses that get no mail, of one event or of the whole host."""

from __future__ import annotations

from collections.abc import Collection

from sqlalchemy import delete, or_, select

from eventnet import clock, db
from eventnet.outbox.models import Suppression

CHUNK = 500


def suppress_address(event_id: int | None, address: str, reason: str) -> bool:
    """No more mail of this event (None: of this host) to `address`; False when that was so already.

    `reason` is unsubscribed, bounced or complained. Mails that are planned or ready are stopped when they
    would leave: the claim looks here once more.
    """
    statement = db.insert(Suppression).values(
        event_id=event_id, address=folded(address), reason=reason, made_at=clock.now(),
    ).on_conflict_do_nothing().returning(Suppression.id)
    return db.session.scalar(statement) is not None


def lift(event_id: int | None, address: str) -> bool:
    """Mail to `address` may leave again; False when nothing was in the way."""
    here = Suppression.event_id.is_(None) if event_id is None else Suppression.event_id == event_id
    gone = db.session.execute(delete(Suppression).where(here, Suppression.address == folded(address)))
    return bool(gone.rowcount)  # type: ignore[attr-defined]


def is_suppressed(event_id: int | None, address: str) -> bool:
    """Whether mail of this event to `address` must not leave, by the event or by the host."""
    return bool(find_suppressed([(event_id, address)]))


def find_suppressed(recipients: Collection[tuple[int | None, str]]) -> dict[tuple[int | None, str], str]:
    """Of these (event, address) pairs, those that get no mail, with the reason."""
    addresses = sorted({folded(address) for _event, address in recipients})
    events = {event for event, _address in recipients if event is not None}
    found: dict[tuple[int | None, str], str] = {}
    for start in range(0, len(addresses), CHUNK):
        for row in db.session.execute(
            select(Suppression.event_id, Suppression.address, Suppression.reason).where(
                Suppression.address.in_(addresses[start:start + CHUNK]),
                or_(Suppression.event_id.is_(None), Suppression.event_id.in_(events))).order_by(Suppression.id)):
            found.setdefault((row.event_id, row.address), row.reason)
    answers = {}
    for event, address in recipients:
        reason = found.get((event, folded(address))) or found.get((None, folded(address)))
        if reason is not None:
            answers[(event, address)] = reason
    return answers


def folded(address: str) -> str:
    """How an address is compared: lower case, no spaces around. Providers that tell case apart do not exist."""
    return address.strip().lower()
