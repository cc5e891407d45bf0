"""Composing: planned mails become letters and frozen bytes, at most 200 ahead of sending.

A composer belongs to the slice that planned the mail. It is called as `composer(mail)` inside
`db.reading()`, loads what the letter says by `mail.event_id`, `mail.attendee_id` and `mail.subject_id`,
and returns a Letter, or Skip(reason) when the mail has lost its cause (withdrawn, merged, no address).
It changes nothing. An exception counts as a failed try; after eight the mail is failed and shown.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import func, select, update

from eventnet import clock, db
from eventnet.config import Settings
from eventnet.outbox import mime, planning
from eventnet.outbox.mime import Letter, Unsendable
from eventnet.outbox.models import Mail
from eventnet.outbox.planning import Frozen
from eventnet.words import gettext as _

BITE = 20  # mails written to the database in one transaction
URGENT = 3  # mails this urgent are never held back by a long queue
MOST_TRIES = 8

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Skip:
    """This mail must not be sent, for `reason`, a sentence that the organizer reads."""

    reason: str


Composer = Callable[[Mail], Letter | Skip]


@dataclass(frozen=True)
class Together:
    """A composer of mails that share much: `prepare` looks up what these mails say and gives their composer.

    It is called once for up to 20 mails, in the same `db.reading()` in which they are then composed one by one.
    """

    prepare: Callable[[Sequence[Mail]], Composer]

    def __call__(self, mail: Mail) -> Letter | Skip:
        return self.prepare([mail])(mail)


@dataclass(frozen=True)
class _Unwritten:
    mail_id: str
    reason: str
    tries: int
    is_final: bool


def compose_due(composers: Mapping[str, Composer], settings: Settings, limit: int = 200) -> int:
    """Write the mails that are due, most urgent first; returns how many planned mails were dealt with.

    Stops when `limit` mails wait to leave; urgent ones (sign-in, activation) are written all the same.
    """
    if not composers:
        return 0
    with db.reading():
        waiting = db.session.scalar(select(func.count()).select_from(Mail).where(
            Mail.state == "ready", Mail.run_after <= clock.now())) or 0
        due = planning.due_planned(
            composers, limit - waiting if waiting < limit else limit,
            most_urgency=None if waiting < limit else URGENT)
        ids = [mail.id for mail in due]
    for start in range(0, len(ids), BITE):
        _compose(ids[start:start + BITE], composers, settings)
    return len(ids)


def _compose(ids: list[str], composers: Mapping[str, Composer], settings: Settings) -> None:
    results: list[Frozen | Skip | _Unwritten] = []
    about: list[str] = []
    with db.reading():
        mails = db.session.scalars(select(Mail).where(Mail.id.in_(ids), Mail.state == "planned")).all()
        kind_of = {mail.id: (mail.kind, mail.compose_tries) for mail in mails}
        ready = {kind: _prepared(composers[kind], [mail for mail in mails if mail.kind == kind])
                 for kind in sorted({mail.kind for mail in mails})}
        for mail_id, (kind, tries) in kind_of.items():
            about.append(mail_id)
            results.append(_letter(mail_id, tries, ready[kind], settings))
    with db.transaction():
        planning.make_ready_many([result for result in results if isinstance(result, Frozen)])
        for mail_id, result in zip(about, results, strict=True):
            if isinstance(result, Skip):
                planning.suppress(mail_id, result.reason)
            elif isinstance(result, _Unwritten):
                _put_off(result)


def _prepared(composer: Composer, mails: Sequence[Mail]) -> Composer:
    """The composer for these mails. When they cannot be prepared together, each is on its own, so that the one
    that cannot be written stops no other."""
    if not isinstance(composer, Together):
        return composer
    try:
        return composer.prepare(mails)
    except Exception:
        log.exception("%d mails could not be prepared together", len(mails))
        db.session.rollback()
        return composer


def _letter(mail_id: str, tries: int, composer: Composer, settings: Settings) -> Frozen | Skip | _Unwritten:
    """One mail, written or not. What goes wrong with it must not stop the others."""
    now = clock.now()
    try:
        mail: Mail | None = db.session.get(Mail, mail_id)
        if mail is None:
            return Skip(_("The mail is gone."))
        letter = composer(mail)
        if isinstance(letter, Skip):
            return letter
        message_id, content = mime.build(letter, settings=settings, kind=mail.kind, mail_id=mail_id, dated_at=now)
        return Frozen(mail_id, mime.checked_address(letter.to_address), message_id, content, now)
    except Unsendable as error:
        return _Unwritten(mail_id, str(error), tries, is_final=True)
    except Exception as error:
        log.exception("Mail %s could not be written", mail_id)
        db.session.rollback()  # a failed statement would spoil the snapshot for the mails that follow
        return _Unwritten(
            mail_id, _("The mail could not be written (%(error)s).", error=type(error).__name__), tries,
            is_final=tries + 1 >= MOST_TRIES)


def _put_off(result: _Unwritten) -> None:
    now = clock.now()
    values = {"compose_tries": result.tries + 1, "reply": result.reason}
    if result.is_final:
        values |= {"state": "failed", "settled_at": now}
    else:
        values |= {"run_after": now + timedelta(seconds=10 * 3 ** result.tries)}
    planning.changed(update(Mail).where(Mail.id == result.mail_id, Mail.state == "planned").values(**values))
