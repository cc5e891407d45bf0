"""The audit log: add what was done, list it, and say it as a sentence."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from sqlalchemy import select

from eventnet import clock, db
from eventnet.audit import sentences
from eventnet.audit.models import AuditEntry


def write(act: str, actor: str, event_id: int | None = None, **about: Any) -> None:
    """Add one act to the log, in the write transaction of the act itself.

    `act` is a stable name ("attendees.imported", see sentences.py), `actor` one of "organizer:3",
    "attendee:17", "desk_pass:4", "command line", "worker". `about` holds ids, counts and names of fields, never
    personal values.
    """
    db.session.add(AuditEntry(at=clock.now(), event_id=event_id, actor=actor, act=act, about=about))


def recent(event_id: int | None, limit: int = 50, *, but: Collection[str] = ()) -> Sequence[AuditEntry]:
    """The newest acts of one event (or, with None, of the host), newest first, without the acts named in `but`."""
    which = AuditEntry.event_id.is_(None) if event_id is None else AuditEntry.event_id == event_id
    return db.session.scalars(
        select(AuditEntry).where(which, AuditEntry.act.not_in(but))
        .order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(limit)
    ).all()


def sentence(entry: AuditEntry, actor_name: str = "") -> str:
    """What happened, for a reader: "Olga imported 120 attendees." `actor_name` is looked up by the caller."""
    return sentences.sentence(entry.act, entry.actor, entry.about, actor_name)
