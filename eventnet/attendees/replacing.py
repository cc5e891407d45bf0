"""Somebody else comes instead: a new person with a new badge, and nothing of the old one's goes with it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.attendees import folding, participation, roster
from eventnet.attendees.models import (
    ActivationCode,
    AddressChange,
    Attendee,
    HandOver,
    Recovery,
    Replacement,
    SignInRequest,
)
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

UNDO_SPAN = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Replaced:
    """Who came instead of whom, and until when that can be taken back (None: no longer)."""

    old: Attendee
    new: Attendee
    made_at: datetime
    undo_until: datetime | None


def replace(event_id: int, old_id: int, values: Mapping[str, Any], who: str, *, is_here: bool) -> Attendee:
    """Put somebody on the list in the place of another one, who goes off it; `is_here` checks the new one in.

    New badge, new links, no card, no contacts, no time of arrival. The old one's sign-ins, keys, codes and links end.
    A second tap returns the person the first one made. Raises NotFound, and Refusal (422) for no name or the same one.
    """
    old = db.session.scalar(
        select(Attendee).where(Attendee.event_id == event_id, Attendee.id == old_id).with_for_update())
    done = _of(event_id, Replacement.old_id == old_id)
    if done is not None:
        return roster.get(event_id, done.new_id)
    if old is None or old.removed_at is not None:
        raise NotFound
    if folding.fold(values.get("registered_name", "")) == folding.fold(old.registered_name):
        raise Refusal(_("That is the same name. To put a spelling right, go back: it stays the same person."),
                      status=422, reason="same_name", field="registered_name")
    roster.remove(event_id, old_id)
    _end_links(event_id, old_id)
    new = roster.add(event_id, by="desk", **values)
    db.session.add(Replacement(event_id=event_id, old_id=old_id, new_id=new.id, made_at=clock.now()))
    log.write("attendee.replaced", who, event_id, attendee=old_id, by=new.id)
    if is_here:
        roster.check_in(event_id, new.id, who)
    db.session.flush()
    return new


def undo(event_id: int, new_id: int, who: str) -> Attendee:
    """It was a mistake: the old one is back with their badge and sign-ins, the new one is off the list.

    Raises NotFound for somebody who came instead of nobody, and Refusal after 24 hours or once the new one is active.
    """
    done = _of(event_id, Replacement.new_id == new_id)
    if done is None:
        raise NotFound
    new = roster.get(event_id, new_id)
    if _undo_until(done, new) is None:
        raise Refusal(_("%(name)s is active, or it was more than a day ago, so this stays. Add the other one as a "
                        "walk-in if both come.", name=new.registered_name), reason="too_late")
    roster.remove(event_id, new_id)
    participation.end_access(event_id, [new_id])
    done.undone_at = clock.now()
    db.session.flush()
    old = roster.restore(event_id, done.old_id)
    log.write("attendee.replacement_undone", who, event_id, attendee=done.old_id, by=new_id)
    return old


def find(event_id: int, new_id: int) -> Replaced | None:
    """Instead of whom somebody came; None for almost everybody."""
    done = _of(event_id, Replacement.new_id == new_id)
    if done is None:
        return None
    old, new = (roster.get(event_id, one, removed=True) for one in (done.old_id, new_id))
    return Replaced(old, new, done.made_at, _undo_until(done, new))


def check_may_return(event_id: int, old_id: int) -> None:
    """Raise a Refusal if somebody came instead of them: two people on one place would be a slip."""
    done = _of(event_id, Replacement.old_id == old_id)
    if done is not None:
        name = roster.get(event_id, done.new_id, removed=True).registered_name
        raise Refusal(_("%(name)s came instead of them. Take that back at the desk, or add them anew if both come.",
                        name=name), reason="replaced")


def names_instead(event_id: int) -> dict[int, str]:
    """Who came instead, by the number of the one who did not; for imports."""
    rows = db.session.execute(
        select(Replacement.old_id, Attendee.registered_name)
        .join(Attendee, (Attendee.event_id == Replacement.event_id) & (Attendee.id == Replacement.new_id))
        .where(Replacement.event_id == event_id, Replacement.undone_at.is_(None)))
    return {row[0]: row[1] for row in rows}


def _of(event_id: int, which: Any) -> Replacement | None:
    found: Replacement | None = db.session.scalar(
        select(Replacement).where(Replacement.event_id == event_id, which, Replacement.undone_at.is_(None))
        .order_by(Replacement.id.desc()).limit(1))
    return found


def _undo_until(done: Replacement, new: Attendee) -> datetime | None:
    until = done.made_at + UNDO_SPAN
    return until if new.activated_at is None and new.removed_at is None and clock.now() < until else None


def _end_links(event_id: int, attendee_id: int) -> None:
    """Everything that could still make a browser this person; being off the list ends it too, this also on undo."""
    participation.end_access(event_id, [attendee_id])
    now = clock.now()
    for table, end in (
        (HandOver, {"ends_at": now}), (SignInRequest, {"ends_at": now}), (AddressChange, {"ends_at": now}),
        (ActivationCode, {"used_at": now}), (Recovery, {"revoked_at": now}),
    ):
        column = getattr(table, next(iter(end)))
        is_alive = column > now if "ends_at" in end else column.is_(None)
        db.session.execute(
            update(table).where(table.event_id == event_id, table.attendee_id == attendee_id, is_alive).values(end)
            .execution_options(synchronize_session=False))
