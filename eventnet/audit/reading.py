"""The audit log read page by page: by person, kind of act and day, the newest first."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import and_, or_, select

from eventnet import db
from eventnet.audit.models import AuditEntry
from eventnet.audit.sentences import SENTENCES

PAGE_SIZE = 50
KINDS = ("exports", "mail", "attendees", "badges", "desk", "team", "event", "sign_ins")
ATTENDEES = "attendee"
_MOMENT = "%Y%m%dT%H%M%S%f"
# By the first word of the act; exports of all kinds stand together.
_KIND_OF = {
    "activations": "mail", "summaries": "mail", "mail": "mail", "outbox": "mail", "attendee": "attendees",
    "attendees": "attendees", "report": "attendees", "encounters": "attendees", "badge": "badges", "badges": "badges",
    "activation_codes": "badges", "desk_pass": "desk", "team": "team", "event": "event", "programme": "event",
    "organizer": "sign_ins",
}


@dataclass(frozen=True)
class Asked:
    """Which entries: of one actor (or "attendee" for all of them), one kind, between two moments."""

    actor: str = ""
    kind: str = ""
    since: datetime | None = None
    until: datetime | None = None


@dataclass(frozen=True)
class Page:
    """Entries, the newest first, and the key of the page after them; empty on the last one."""

    entries: Sequence[AuditEntry]
    older: str


def kind_of(act: str) -> str:
    """Which of KINDS an act belongs to; an unknown one to the event."""
    return "exports" if act.endswith("exported") else _KIND_OF.get(act.partition(".")[0], "event")


def page(event_id: int, asked: Asked, older: str = "", size: int = PAGE_SIZE) -> Page:
    """`size` entries from the key `older` on, found along the index whatever the number of the page.

    A key that is none begins with the newest.
    """
    which = _which(event_id, asked)
    key = _key(older)
    if key is not None:
        at, number = key
        which.append(or_(AuditEntry.at < at, and_(AuditEntry.at == at, AuditEntry.id < number)))
    found = db.session.scalars(
        select(AuditEntry).where(*which).order_by(AuditEntry.at.desc(), AuditEntry.id.desc()).limit(size + 1)).all()
    last = found[size - 1] if len(found) > size else None
    return Page(found[:size], f"{last.at.strftime(_MOMENT)}-{last.id}" if last else "")


def everything(event_id: int, asked: Asked) -> Iterator[AuditEntry]:
    """All entries of the question, the newest first, without holding them all at once."""
    yield from db.session.scalars(
        select(AuditEntry).where(*_which(event_id, asked)).order_by(AuditEntry.at.desc(), AuditEntry.id.desc())
        .execution_options(yield_per=1000))


def actors(event_id: int) -> list[str]:
    """Who acted at an event, besides attendees: "organizer:3", "desk_pass:4", "worker"."""
    return sorted(db.session.scalars(
        select(AuditEntry.actor).where(AuditEntry.event_id == event_id, AuditEntry.actor.not_like("attendee:%"))
        .distinct()))


def _which(event_id: int, asked: Asked) -> list[Any]:
    which: list[Any] = [AuditEntry.event_id == event_id]
    if asked.actor == ATTENDEES:
        which.append(AuditEntry.actor.like("attendee:%"))
    elif asked.actor:
        which.append(AuditEntry.actor == asked.actor)
    if asked.kind:
        which.append(AuditEntry.act.in_([act for act in SENTENCES if kind_of(act) == asked.kind]))
    if asked.since is not None:
        which.append(AuditEntry.at >= asked.since)
    if asked.until is not None:
        which.append(AuditEntry.at < asked.until)
    return which


def _key(text: str) -> tuple[datetime, int] | None:
    moment, _dash, number = text.partition("-")
    if not (number.isascii() and number.isdecimal() and len(number) < 18):
        return None
    try:
        return datetime.strptime(moment, _MOMENT).replace(tzinfo=UTC), int(number)
    except ValueError:
        return None
