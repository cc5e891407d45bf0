"""Delivery: hand ready mails to the mail server so that none is sent twice and none vanishes.

No finite protocol can tell "accepted" from "lost" when the line dies after the final dot (RFC 1047). So
the dot is written down before it is sent: a mail whose answer never came is in_doubt and shown, never
guessed. No database transaction is open while we talk to the server; what became of mail n and the mark
of mail n+1 share a commit, so at most one mail a connection can come into doubt by a crash.
"""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from email.utils import parseaddr

from sqlalchemy.exc import SQLAlchemyError

from eventnet import db
from eventnet.config import Settings
from eventnet.outbox import claiming
from eventnet.outbox.claiming import Claimed, Leaving, Objections
from eventnet.outbox.dialogue import Dialogue, Outcome
from eventnet.outbox.mime import checked_address

BITE = 20  # mails claimed in one transaction
STALE = 60.0  # seconds after which a mark is too old to send the dot that it announced
PATIENT_WRITES = (0.1, 0.5, 1.0, 2.0, 4.0)  # seconds between tries to write down an outcome

log = logging.getLogger(__name__)


@dataclass
class Round:
    """What one round of delivery did, in mails."""

    claimed: int = 0
    sent: int = 0
    delayed: int = 0
    failed: int = 0
    in_doubt: int = 0
    suppressed: int = 0
    lost_hold: int = 0
    hop_is_down: bool = False
    ids: list[str] = field(default_factory=list)


def no_objections(_mails: Sequence[Leaving]) -> Mapping[str, str]:
    return {}


def silent(_point: str) -> None:
    """Does nothing at a named point; tests end the process there."""


class Delivery:
    """One worker's deliverer: one connection at a time, kept for a round."""

    def __init__(
        self, settings: Settings, *, objections: Objections = no_objections,
        at: Callable[[str], None] = silent, line: Dialogue | None = None,
    ) -> None:
        self._settings = settings
        self._objections = objections
        self._at = at
        self._line = line or Dialogue(settings.smtp_url, at=at)
        self._sender = checked_address(parseaddr(settings.mail_from)[1])
        self._heard: list[tuple[Claimed, Outcome]] = []

    def run(self, limit: int = 200, stop: threading.Event | None = None) -> Round:
        """Deliver up to `limit` ready mails, until there are none, the server is down, or `stop` is set.

        Nothing of ours stays in sending when this returns or raises, unless the database is gone.
        """
        stop, done = stop or threading.Event(), Round()
        try:
            while len(done.ids) < limit and not stop.is_set() and not done.hop_is_down:
                self._at("claim.before")
                with db.transaction():
                    claim = claiming.claim(
                        min(BITE, limit - len(done.ids)), per_hour=self._settings.mail_per_hour,
                        objections=self._objections)
                    self._at("claim.uncommitted")
                self._at("claim.committed")
                done.ids += claim.ids
                done.claimed += len(claim.mails)
                done.suppressed += claim.stopped
                if not claim.ids:
                    break
                self._deliver(claim.mails, stop, done)
        finally:
            self._line.close()
        return done

    def _deliver(self, mails: list[Claimed], stop: threading.Event, done: Round) -> None:
        left = list(mails)
        try:
            while left and not stop.is_set() and not done.hop_is_down:
                outcome = self._try(left[0])
                mail = left.pop(0)
                if outcome is None:
                    done.lost_hold += 1
                    continue
                self._heard.append((mail, outcome))
                _count(done, outcome)
                if outcome.result != "delivered":
                    self._write_heard()
        except BaseException:
            self._line.drop()
            raise
        finally:
            self._write_heard()
            if left:
                with db.transaction():
                    claiming.release(left)

    def _try(self, mail: Claimed) -> Outcome | None:
        """Hand one mail over. None: it was no longer ours, and no dot was sent."""
        refused = self._line.hand_over(self._sender, mail.to_address, mail.content)
        if refused is not None:
            return refused
        with db.transaction():
            for heard in self._heard:
                claiming.settle(*heard)
            marked = claiming.mark_dot(mail)
            self._at("mark.uncommitted")
        marked_at = time.monotonic()
        self._heard.clear()
        self._at("mark.committed")
        if not marked:
            self._line.drop()
            return None
        if time.monotonic() - marked_at > STALE:
            # This process was stopped for long: others may have settled the mail meanwhile.
            self._line.drop()
            return Outcome("temporary", "The sending process was interrupted before the mail was complete.")
        return self._line.dot()

    def _write_heard(self) -> None:
        """Commit what was heard, again and again for a while: an answer that is lost here makes a doubt."""
        if not self._heard:
            return
        for wait in (*PATIENT_WRITES, None):
            try:
                with db.transaction():
                    for heard in self._heard:
                        claiming.settle(*heard)
                    self._at("outcome.uncommitted")
                self._heard.clear()
                self._at("outcome.committed")
                return
            except SQLAlchemyError:
                if wait is None:
                    log.exception("What the mail server said about %d mails could not be written", len(self._heard))
                    self._heard.clear()
                    raise
                time.sleep(wait)


def recover() -> int:
    """Take back what ended processes held: sending becomes ready, dot becomes in_doubt. Returns how many."""
    with db.reading():
        abandoned = claiming.find_abandoned()
    if not abandoned:
        return 0
    with db.transaction():
        return claiming.recover(abandoned)


def _count(done: Round, outcome: Outcome) -> None:
    done.hop_is_down = done.hop_is_down or outcome.hop_is_down
    if outcome.result == "delivered":
        done.sent += 1
    elif outcome.result == "temporary":
        done.delayed += 1
    elif outcome.result == "permanent":
        done.failed += 1
    else:
        done.in_doubt += 1
