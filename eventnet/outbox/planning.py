"""Planning: mails are rows, planned with their cause, made ready shortly before they leave, or taken back."""

from __future__ import annotations

import hashlib
import uuid
from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import bindparam, func, or_, select, update

from eventnet import clock, db
from eventnet.outbox.models import STATES, Mail

CHUNK = 500
_mails = Mail.__table__
_MAKE_READY = update(Mail.__table__).where(  # type: ignore[arg-type]
    _mails.c.id == bindparam("mail_id"), _mails.c.state == "planned",
).values(
    state="ready", to_address=bindparam("address"), content=bindparam("frozen"), digest=bindparam("digest_"),
    message_id=bindparam("message"), dated_at=bindparam("dated"), reply=None)


@dataclass(frozen=True)
class Plan:
    """A mail to be planned. `unique_key` names the recipient within `kind`; the rest as in `plan`."""

    kind: str
    unique_key: str
    event_id: int | None = None
    attendee_id: int | None = None
    subject_id: int | None = None
    run_after: datetime | None = None
    urgency: int = 5


@dataclass(frozen=True)
class Frozen:
    """The bytes of a mail, to whom they go and what names them: from here on they do not change."""

    mail_id: str
    to_address: str
    message_id: str
    content: bytes
    dated_at: datetime


def plan(
    kind: str, unique_key: str, *, event_id: int | None = None, attendee_id: int | None = None,
    subject_id: int | None = None, run_after: datetime | None = None, urgency: int = 5,
) -> bool:
    """Plan one mail in the transaction of its cause; False when it was planned before.

    `unique_key` names the recipient within `kind` ("attendee:17"). `run_after` is the earliest time to leave
    (default: now). `urgency`: smaller leaves first (1 sign-in, 3 activation, 5 summary).
    """
    return plan_many([Plan(kind, unique_key, event_id, attendee_id, subject_id, run_after, urgency)]) == 1


def plan_many(plans: Iterable[Plan]) -> int:
    """Plan many mails, one statement per 500; returns how many were new."""
    now = clock.now()
    rows: list[dict[str, Any]] = [
        {"id": uuid.uuid4().hex, "kind": p.kind, "unique_key": p.unique_key, "event_id": p.event_id,
         "attendee_id": p.attendee_id, "subject_id": p.subject_id, "state": "planned", "urgency": p.urgency,
         "planned_at": now, "run_after": p.run_after or now, "attempts": 0, "compose_tries": 0}
        for p in plans
    ]
    rows.sort(key=lambda row: (row["kind"], row["unique_key"]))  # two planners at once lock in the same order
    new = 0
    for start in range(0, len(rows), CHUNK):
        statement = db.insert(Mail).values(rows[start:start + CHUNK]).on_conflict_do_nothing()
        new += len(db.session.scalars(statement.returning(Mail.id)).all())
    return new


def due_planned(kinds: str | Collection[str], limit: int, *, most_urgency: int | None = None) -> list[Mail]:
    """Planned mails of these kinds whose time has come, the most urgent first."""
    wanted = [kinds] if isinstance(kinds, str) else list(kinds)
    query = select(Mail).where(Mail.state == "planned", Mail.run_after <= clock.now(), Mail.kind.in_(wanted))
    if most_urgency is not None:
        query = query.where(Mail.urgency <= most_urgency)
    return list(db.session.scalars(query.order_by(Mail.urgency, Mail.run_after, Mail.id).limit(limit)))


def make_ready(mail_id: str, to_address: str, content: bytes, message_id: str, dated_at: datetime) -> bool:
    """Freeze what will be sent; False when the mail is no longer planned (cancelled, suppressed, composed)."""
    frozen = db.session.execute(_MAKE_READY, _parameters(Frozen(mail_id, to_address, message_id, content, dated_at)))
    return int(frozen.rowcount) == 1  # type: ignore[attr-defined]


def make_ready_many(letters: Collection[Frozen]) -> None:
    """As make_ready for many; those that are no longer planned are left as they are."""
    if letters:
        db.session.connection().execute(_MAKE_READY, [_parameters(letter) for letter in letters])


def _parameters(letter: Frozen) -> dict[str, Any]:
    return {"mail_id": letter.mail_id, "address": letter.to_address, "frozen": letter.content,
            "digest_": hashlib.sha256(letter.content).hexdigest(), "message": letter.message_id,
            "dated": letter.dated_at}


def suppress(mail_id: str, reason: str) -> bool:
    """This mail must not leave, for `reason`, which the organizer reads; False when it is too late."""
    return _move(mail_id, ("planned", "ready"), state="suppressed", reply=reason, content=None, settled_at=clock.now())


def cancel(
    kind: str, *, event_id: int | None = None, unique_key: str | None = None,
    attendee_ids: Collection[int] | None = None, reason: str | None = None,
) -> int:
    """Take back mails of `kind` that nobody began to send; returns how many. Give at least one narrowing."""
    if event_id is None and unique_key is None:
        raise ValueError("cancel needs an event or a unique key")
    statement = update(Mail).where(Mail.kind == kind, Mail.state.in_(("planned", "ready")))
    if event_id is not None:
        statement = statement.where(Mail.event_id == event_id)
    if unique_key is not None:
        statement = statement.where(Mail.unique_key == unique_key)
    return _each(statement.values(state="cancelled", content=None, reply=reason, settled_at=clock.now()), attendee_ids)


def recompose(event_id: int, attendee_ids: Collection[int] | None, kind: str | None = None) -> int:
    """Facts changed: write these mails anew, as long as nobody tried to send them; returns how many.

    `attendee_ids` None means everybody at the event, `kind` None every kind.
    """
    statement = update(Mail).where(Mail.event_id == event_id, Mail.state == "ready", Mail.attempts == 0)
    if kind is not None:
        statement = statement.where(Mail.kind == kind)
    return _each(statement.values(
        state="planned", content=None, digest=None, message_id=None, dated_at=None, to_address=None), attendee_ids)


@dataclass(frozen=True)
class Conservation:
    """The law that no mail vanishes: `total` rows are the sum of the states, and each state has what it needs."""

    total: int
    by_state: dict[str, int]
    broken: int

    @property
    def holds(self) -> bool:
        return self.broken == 0 and self.total == sum(self.by_state.values())


def counts(event_id: int | None, kind: str | None = None) -> dict[str, int]:
    """How many mails are in which state; every state is named. Without an event: of the whole installation."""
    query = select(Mail.state, func.count()).group_by(Mail.state)
    found: dict[str, int] = dict(db.session.execute(_narrowed(query, event_id, kind)).all())
    return {state: found.get(state, 0) for state in STATES}


def conservation(event_id: int | None = None, kind: str | None = None) -> Conservation:
    """Check the law for an event and kind, or for everything.

    `broken` counts rows that lack what their state demands: frozen bytes while a mail may still leave, a
    holder while it is being sent, a time once it is settled.
    """
    frozen = Mail.content.is_not(None) & Mail.digest.is_not(None) & Mail.message_id.is_not(None)
    held = Mail.attempt.is_not(None) & Mail.lease_until.is_not(None)
    lawful = or_(
        (Mail.state == "planned") & Mail.content.is_(None),
        (Mail.state == "ready") & frozen & Mail.attempt.is_(None),
        (Mail.state == "sending") & frozen & held,
        (Mail.state == "dot") & frozen & held & Mail.dot_at.is_not(None),
        (Mail.state == "in_doubt") & frozen & Mail.dot_at.is_not(None),
        (Mail.state == "sent") & Mail.digest.is_not(None) & Mail.settled_at.is_not(None),
        Mail.state.in_(("failed", "suppressed", "cancelled")) & Mail.settled_at.is_not(None),
    )
    by_state = counts(event_id, kind)
    total = db.session.scalar(_narrowed(select(func.count()).select_from(Mail), event_id, kind)) or 0
    broken = db.session.scalar(_narrowed(select(func.count()).select_from(Mail).where(~lawful), event_id, kind)) or 0
    return Conservation(total, by_state, broken)


def _narrowed(query: Any, event_id: int | None, kind: str | None) -> Any:
    if event_id is not None:
        query = query.where(Mail.event_id == event_id)
    return query if kind is None else query.where(Mail.kind == kind)


def _move(mail_id: str, states: Collection[str], **values: Any) -> bool:
    """Compare and set: the row changes only when it still is in one of `states`."""
    return changed(update(Mail).where(Mail.id == mail_id, Mail.state.in_(states)).values(**values)) == 1


def changed(statement: Any) -> int:
    """Run an update or delete and say how many rows it met."""
    return int(db.session.execute(statement).rowcount)  # type: ignore[attr-defined]


def _each(statement: Any, attendee_ids: Collection[int] | None) -> int:
    """Run an update for everybody, or for these attendees in bites a statement can hold."""
    if attendee_ids is None:
        return changed(statement)
    ids = sorted(attendee_ids)
    return sum(changed(statement.where(Mail.attendee_id.in_(ids[at:at + CHUNK]))) for at in range(0, len(ids), CHUNK))
