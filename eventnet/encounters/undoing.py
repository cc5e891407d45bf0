"""Takes a swap back within a day: scans, grants and the pair's encounter, as if it had not happened."""

from __future__ import annotations

from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, delete, func, or_, select, update

from eventnet import clock, db
from eventnet.cards import granting
from eventnet.cards.models import Grant
from eventnet.encounters import settling
from eventnet.encounters.models import Encounter, Scan
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

UNDO_SPAN = timedelta(hours=24)


def may_undo(last_received_at: datetime | None) -> bool:
    """Whether a swap that arrived then can still be taken back."""
    return last_received_at is not None and clock.now() - last_received_at <= UNDO_SPAN


def last_received_at(event_id: int, owner_id: int, person_id: int) -> datetime | None:
    """When the latest living scan between two people arrived, or the owner's that waits."""
    found: datetime | None = db.session.scalar(
        select(Scan.received_at).where(*_between(event_id, owner_id, person_id), _owns(owner_id))
        .order_by(Scan.received_at.desc()).limit(1))
    return found


def undo(event_id: int, owner_id: int, person_id: int, *, other_keeps_name: bool) -> bool:
    """Take back the scans of the last 24 hours between two people, and with the last one both grants.

    `other_keeps_name`: the other one wrote something about me, so my name stays with their words. An earlier
    meeting stays with its grants as they were before. Returns whether one stayed. Raises NotFound when there is
    nothing between the two, Refusal when it is too late.
    """
    now = clock.now()
    settling.lock_pair(owner_id, person_id)
    low, high = sorted((owner_id, person_id))
    # A scan of this pair in the same moment waits here, or is seen by the counting below.
    db.session.execute(select(Encounter.id).where(
        Encounter.event_id == event_id, Encounter.low_id == low, Encounter.high_id == high).with_for_update())
    between = (*_between(event_id, owner_id, person_id), _owns(owner_id))
    undone = db.session.scalars(
        update(Scan).where(*between, Scan.received_at >= now - UNDO_SPAN).values(undone_at=now)
        .returning(func.coalesce(Scan.settled_at, Scan.received_at, type_=Scan.received_at.type))).all()
    if not undone:
        if db.session.scalar(select(Scan.id).where(*between).limit(1)) is None:
            raise NotFound
        raise Refusal(_("A swap can be taken back for 24 hours; this one is older. You can still change what you "
                        "share on your card."), reason="too_late")
    if settling.recompute(event_id, owner_id, person_id):
        for giver_id, receiver_id in ((low, high), (high, low)):
            granting.undo(event_id, giver_id, receiver_id, min(undone))
        return True
    grants = (Grant.event_id == event_id,)
    db.session.execute(delete(Grant).where(*grants, Grant.giver_id == person_id, Grant.receiver_id == owner_id))
    if other_keeps_name:
        granting.keep_name(event_id, owner_id, person_id)
    else:
        db.session.execute(delete(Grant).where(*grants, Grant.giver_id == owner_id, Grant.receiver_id == person_id))
    return False


def _between(event_id: int, one_id: int, other_id: int) -> tuple[ColumnElement[bool], ...]:
    return (
        Scan.event_id == event_id, Scan.undone_at.is_(None),
        or_((Scan.scanner_id == one_id) & (Scan.scanned_id == other_id),
            (Scan.scanner_id == other_id) & (Scan.scanned_id == one_id)),
    )


def _owns(owner_id: int) -> ColumnElement[bool]:
    """Of scans that wait for a yes only the scanner's own can be taken back by them; the other says no."""
    return or_(Scan.settled_at.is_not(None), Scan.scanner_id == owner_id)
