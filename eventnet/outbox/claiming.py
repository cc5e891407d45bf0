"""Claiming: the compare-and-set steps of a mail's way from ready to settled, one function a transition."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

from sqlalchemy import bindparam, func, or_, select, text, update

from eventnet import clock, db
from eventnet.outbox import holders
from eventnet.outbox.dialogue import Outcome
from eventnet.outbox.models import Mail
from eventnet.outbox.planning import changed
from eventnet.outbox.suppressing import find_suppressed
from eventnet.words import gettext as _

SENDING_LEASE = timedelta(minutes=10)
DOT_LEASE = timedelta(minutes=11)  # longer than the wait for the answer to the dot
WAITS = tuple(timedelta(minutes=m) for m in (1, 5, 15, 60, 180, 480, 960))
MOST_TRIES = len(WAITS) + 1
LONGEST = timedelta(hours=48)
_LIMIT_LOCK = 0x6D61696C  # one claim at a time counts against the hourly limit

_mails = Mail.__table__
_ours = (_mails.c.id == bindparam("mail_id")) & (_mails.c.attempt == bindparam("held_by"))
_MARK = update(Mail.__table__).where(_ours, _mails.c.state == "sending").values(  # type: ignore[arg-type]
    state="dot", dot_at=bindparam("at"), lease_until=bindparam("lease"), attempts=bindparam("tries"),
    first_tried_at=bindparam("first"))
_SETTLE = update(Mail.__table__).where(  # type: ignore[arg-type]
    _ours, _mails.c.state.in_(("sending", "dot", "in_doubt"))).values(
    state=bindparam("became"), settled_at=bindparam("settled"), run_after=bindparam("next_at"), lease_until=None,
    attempts=bindparam("tries"), first_tried_at=bindparam("first"), reply=bindparam("said"))
_RETRY = _SETTLE.values(attempt=None)
_TAKE = update(Mail.__table__).where(  # type: ignore[arg-type]
    _mails.c.id.in_(bindparam("ids", expanding=True)), _mails.c.state == "ready",
).values(state="sending", attempt=bindparam("held_by"), lease_until=bindparam("lease"))
_DUE = (
    select(_mails.c.id, _mails.c.event_id, _mails.c.attendee_id, _mails.c.kind, _mails.c.to_address, _mails.c.content,
           _mails.c.attempts, _mails.c.first_tried_at)
    .where(_mails.c.state == "ready", _mails.c.run_after <= bindparam("now"))
    .order_by(_mails.c.urgency, _mails.c.run_after, _mails.c.id).limit(bindparam("most")))
_DUE_AND_FREE = _DUE.with_for_update(skip_locked=True)
_RELEASE = update(Mail.__table__).where(_ours, _mails.c.state == "sending").values(  # type: ignore[arg-type]
    state="ready", attempt=None, lease_until=None)


class Leaving(Protocol):
    """A mail that is about to leave, as far as somebody may object to it."""

    @property
    def id(self) -> str: ...
    @property
    def kind(self) -> str: ...
    @property
    def event_id(self) -> int | None: ...
    @property
    def attendee_id(self) -> int | None: ...


# Of these mails, which must not leave after all, and why: erased, not taking part, blocked.
Objections = Callable[[Sequence[Leaving]], Mapping[str, str]]


@dataclass(frozen=True)
class Claimed:
    """A mail that this process may hand over, as long as the row still carries `attempt`."""

    id: str
    attempt: str
    to_address: str
    content: bytes
    attempts: int
    first_tried_at: datetime | None


@dataclass(frozen=True)
class Claim:
    mails: list[Claimed]
    stopped: int  # suppressed by the last look
    ids: list[str]


def claim(limit: int, *, per_hour: int, objections: Objections) -> Claim:
    """ready → sending for up to `limit` mails, most urgent first; ready → suppressed for those nobody may get.

    The last look at suppression, erasure and withdrawal is here; afterwards the frozen bytes go out.
    """
    now = clock.now()
    limit = _within_the_hour(limit, per_hour, now)
    if limit <= 0:
        return Claim([], 0, [])
    query = _DUE_AND_FREE if db.dialect() == "postgresql" else _DUE
    rows: Sequence[Any] = db.session.connection().execute(query, {"now": now, "most": limit}).all()
    if not rows:
        return Claim([], 0, [])
    reasons = find_suppressed([(row.event_id, row.to_address or "") for row in rows])
    stopped = {
        row.id: _("This address gets no more mail: %(reason)s.", reason=reasons[row.event_id, row.to_address or ""])
        for row in rows if (row.event_id, row.to_address or "") in reasons}
    stopped.update(objections(rows))
    for mail_id, reason in stopped.items():
        changed(update(Mail).where(Mail.id == mail_id, Mail.state == "ready").values(
            state="suppressed", reply=reason, content=None, settled_at=now))
    attempt = holders.new_attempt()
    going = [row.id for row in rows if row.id not in stopped]
    if going:
        db.session.connection().execute(_TAKE, {"ids": going, "held_by": attempt, "lease": now + SENDING_LEASE})
    mails = [
        Claimed(row.id, attempt, row.to_address or "", row.content or b"", row.attempts, row.first_tried_at)
        for row in rows if row.id not in stopped]
    return Claim(mails, len(stopped), [row.id for row in rows])


def mark_dot(mail: Claimed) -> bool:
    """sending → dot, to be committed before the dot is sent. False: the mail is no longer ours, hang up."""
    now = clock.now()
    return _if_ours(
        _MARK, mail, at=now, lease=now + DOT_LEASE, tries=mail.attempts + 1, first=mail.first_tried_at or now)


def settle(mail: Claimed, outcome: Outcome) -> bool:
    """Write down what became of a try. False: somebody else has taken the mail over.

    Also from in_doubt, as long as it is our attempt: a late answer is the best evidence there is.
    """
    now = clock.now()
    tries, first = mail.attempts + 1, mail.first_tried_at or now
    about = {"tries": tries, "first": first, "said": outcome.reply}
    if outcome.result == "temporary" and tries < MOST_TRIES and now - first < LONGEST:
        return _if_ours(_RETRY, mail, became="ready", settled=None, next_at=now + WAITS[tries - 1], **about)
    if outcome.result == "unsure":
        return _if_ours(_SETTLE, mail, became="in_doubt", settled=None, next_at=now, **about)
    became = "sent" if outcome.result == "delivered" else "failed"
    return _if_ours(_SETTLE, mail, became=became, settled=now, next_at=now, **about)


def release(mails: Collection[Claimed]) -> int:
    """sending → ready, uncounted, for mails that were claimed and not begun."""
    return sum(_if_ours(_RELEASE, mail) for mail in mails)


def find_abandoned() -> list[tuple[str, str, str]]:
    """(id, state, attempt) of mails in sending or dot whose lease ran out or whose process is gone."""
    now = clock.now()
    held = db.session.execute(
        select(Mail.id, Mail.state, Mail.attempt, Mail.lease_until)
        .where(Mail.state.in_(("sending", "dot"))).order_by(Mail.id))
    gone: dict[str, bool] = {}
    found = []
    for row in held:
        attempt = row.attempt or ""
        if attempt not in gone:
            gone[attempt] = holders.is_gone(attempt)
        if gone[attempt] or row.lease_until is None or row.lease_until < now:
            found.append((row.id, row.state, attempt))
    return found


def recover(abandoned: Collection[tuple[str, str, str]]) -> int:
    """sending → ready: provably not handed over. dot → in_doubt: nobody knows, so nobody guesses."""
    recovered = 0
    for mail_id, state, attempt in abandoned:
        held = update(Mail).where(Mail.id == mail_id, Mail.state == state, Mail.attempt == attempt)
        if state == "sending":
            recovered += changed(held.values(state="ready", attempt=None, lease_until=None))
        else:
            recovered += changed(held.values(state="in_doubt", lease_until=None, reply=_(
                "The sending process ended between handing the mail over and hearing the answer.")))
    return recovered


def _within_the_hour(limit: int, per_hour: int, now: datetime) -> int:
    """How many may still be claimed: those handed over in the last hour and those about to be count."""
    if not per_hour:
        return limit
    if db.dialect() == "postgresql":
        db.session.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LIMIT_LOCK})
    used = db.session.scalar(select(func.count()).select_from(Mail).where(
        or_(Mail.dot_at > now - timedelta(hours=1), Mail.state == "sending"))) or 0
    return min(limit, per_hour - used)


def _if_ours(statement: Any, mail: Claimed, **values: Any) -> bool:
    """Compare and set: the row changes only while it carries our attempt."""
    done = db.session.connection().execute(statement, {"mail_id": mail.id, "held_by": mail.attempt, **values})
    return int(done.rowcount) == 1
