"""The worker: a plain loop that runs due jobs, composes due mails and delivers ready ones."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

from eventnet import db
from eventnet.config import Settings
from eventnet.outbox import composing, delivery, planning, timetable
from eventnet.outbox.claiming import Objections
from eventnet.outbox.composing import Composer
from eventnet.outbox.timetable import Job

PAUSE = 1.0  # seconds between two looks at empty tables
AHEAD = 200  # mails composed and delivered in one turn
RECOVER_EVERY = 15.0
BEAT_EVERY = 10.0
LAW_EVERY = 30.0
LONGEST_REST = 120.0  # seconds before a mail server that was down is tried again

T = TypeVar("T")
log = logging.getLogger(__name__)


class Worker:
    """One process's loop. Several may run at the same time, also on several hosts with PostgreSQL."""

    def __init__(
        self, settings: Settings, *, jobs: Sequence[Job] = (), composers: Mapping[str, Composer] | None = None,
        objections: Objections = delivery.no_objections, at: Callable[[str], None] = delivery.silent,
    ) -> None:
        self._settings = settings
        self._jobs = jobs
        self._composers = composers or {}
        self._delivery = delivery.Delivery(settings, objections=objections, at=at)
        self._recovered_at = self._beat_at = self._law_at = float("-inf")
        self._rest_until, self._rest = float("-inf"), 0.0
        self._law_is_due = True
        self._error: str | None = None

    def run(self, stop: threading.Event) -> None:
        """Work until `stop` is set; then the mail in hand is finished and nothing is left in sending."""
        log.info("The worker is ready.")
        while not stop.is_set():
            if not self.turn(stop):
                stop.wait(PAUSE)
        log.info("The worker has stopped; no mail is left half-sent.")

    def turn(self, stop: threading.Event) -> int:
        """One turn; returns how many things were done. Trouble in one part does not stop the others."""
        self._error = None
        now = time.monotonic()
        busy = 0
        if now - self._recovered_at >= RECOVER_EVERY:
            self._recovered_at = now
            busy += self._guarded("taking back mails", delivery.recover) or 0
        busy += self._guarded("the timetable", lambda: timetable.run_due(self._jobs)) or 0
        busy += self._guarded(
            "composing", lambda: composing.compose_due(self._composers, self._settings, AHEAD)) or 0
        if now >= self._rest_until and not stop.is_set():
            done = self._guarded("delivery", lambda: self._delivery.run(AHEAD, stop))
            if done is not None:
                self._rest_if_down(done)
                busy += len(done.ids)
                self._law_is_due = self._law_is_due or bool(done.ids)
        if self._law_is_due and (now - self._law_at >= LAW_EVERY or not busy):
            self._law_at, self._law_is_due = now, False
            self._guarded("the conservation law", _check_law)
        if now - self._beat_at >= BEAT_EVERY or self._error:
            self._beat_at = now
            self._guarded("the sign of life", self._beat)
        return 0 if self._error else busy

    def _rest_if_down(self, done: delivery.Round) -> None:
        """A server that is down is left alone for a while: 5 seconds, then twice as long each time."""
        if not done.hop_is_down:
            self._rest = 0.0
            return
        self._rest = min(max(5.0, self._rest * 2), LONGEST_REST)
        self._rest_until = time.monotonic() + self._rest
        log.warning("The mail server refuses or does not answer; next try in %d s.", self._rest)

    def _guarded(self, what: str, part: Callable[[], T]) -> T | None:
        try:
            return part()
        except Exception as error:
            log.exception("Trouble with %s", what)
            self._error = f"{what}: {type(error).__name__}: {error}"[:500]
            return None

    def _beat(self) -> None:
        with db.transaction():
            timetable.beat(self._error)


def _check_law() -> None:
    with db.reading():
        law = planning.conservation()
    if not law.holds:
        raise RuntimeError(f"{law.broken} mails lack what their state demands: {law.by_state}")
