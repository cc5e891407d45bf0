"""A worker that is killed at a named point: reads one job a line on stdin, forks, and reports how it ended.

Each job runs in a child of its own that ends itself with SIGKILL the n-th time it passes the point, or at
a random moment. The parent imports everything once and never opens a database, so that a kill costs
milliseconds.
"""

from __future__ import annotations

import json
import os
import random
import signal
import sys
import threading
import time
from dataclasses import replace
from typing import Any

from eventnet import config, db
from eventnet.outbox import claiming, delivery
from eventnet.outbox.claiming import Claimed
from eventnet.outbox.delivery import Delivery
from eventnet.outbox.dialogue import Outcome
from eventnet.outbox.worker import Worker


class MarksAfterSending(Delivery):
    """What must not be: the mark is written when the answer is there (at least once)."""

    def _try(self, mail: Claimed) -> Outcome | None:
        outcome = self._line.hand_over(self._sender, mail.to_address, mail.content) or self._line.dot()
        with db.transaction():
            claiming.mark_dot(mail)
        return outcome


class SettlesBeforeSending(Delivery):
    """What must not be: the mail counts as sent before it is (at most once, and silently lost)."""

    def _try(self, mail: Claimed) -> Outcome | None:
        with db.transaction():
            claiming.mark_dot(mail)
            claiming.settle(mail, Outcome("delivered", "hopefully"))
        return self._line.hand_over(self._sender, mail.to_address, mail.content) or self._line.dot()


POLICIES: dict[str, type[Delivery]] = {
    "ours": Delivery, "marks after": MarksAfterSending, "settles before": SettlesBeforeSending}


def run(job: dict[str, Any]) -> None:
    """Deliver what is ready, dying on the way if told so."""
    left = [int(job.get("nth", 1))]

    def at(point: str) -> None:
        if point == job.get("point"):
            left[0] -= 1
            if left[0] == 0:
                os.kill(os.getpid(), signal.SIGKILL)

    if "after_ms" in job:
        delay = random.Random(job["seed"]).uniform(*job["after_ms"]) / 1000

        def kill_later() -> None:
            time.sleep(delay)
            os.kill(os.getpid(), signal.SIGKILL)

        threading.Thread(target=kill_later, daemon=True).start()
    settings = replace(
        config.load({
            "EVENTNET_BASE_URL": "https://ev.example", "EVENTNET_DATABASE_URL": job["database"],
            "EVENTNET_SECRET_KEY": "a key for tests only, at least 32 characters", "EVENTNET_VAR": job["var"],
            "EVENTNET_SMTP_URL": job["smtp"], "EVENTNET_MAIL_FROM": "Spring mixer <events@ev.example>"}))
    db.connect(settings.database_url)
    if job.get("worker"):
        stop = threading.Event()
        signal.signal(signal.SIGTERM, lambda *_: stop.set())
        Worker(settings, at=at).run(stop)
        return
    delivery.recover()
    POLICIES[job.get("policy", "ours")](settings, at=at).run(limit=100_000)


def main() -> None:
    for line in sys.stdin:
        jobs = json.loads(line)
        children = []
        for job in jobs:
            child = os.fork()
            if child == 0:
                code = 1
                try:
                    run(job)
                    code = 0
                finally:
                    os._exit(code)
            children.append(child)
        endings = []
        for child in children:
            _pid, status = os.waitpid(child, 0)
            endings.append(os.waitstatus_to_exitcode(status))
        print(json.dumps(endings), flush=True)


if __name__ == "__main__":
    main()
