"""Pace: how often something may happen in a stretch of time, counted in this process, in bounded memory."""

from __future__ import annotations

import math
import threading
import time
from collections.abc import Callable


class Pace:
    """At most `limit` times in `seconds` for each key; more than `most_keys` keys at once are not all counted.

    A counter that forgets: a restart and every further process begin anew. It is for stopping floods without a
    database statement; what must hold to the last one is a row, see accounts.budgets.
    """

    def __init__(self, limit: int, seconds: float, *, most_keys: int = 50_000,
                 now: Callable[[], float] = time.monotonic) -> None:
        self.limit, self.seconds, self.most_keys, self._now = limit, seconds, most_keys, now
        self._counts: dict[str, int] = {}
        self._begun = now()
        self._lock = threading.Lock()

    def spend(self, key: str, limit: int | None = None) -> int:
        """Count one for `key`: 0 while within the limit, else after how many seconds the next stretch begins.

        `limit` is that of this key, when it is not the same for all.
        """
        most = self.limit if limit is None else limit
        with self._lock:
            now = self._now()
            if now - self._begun >= self.seconds:
                self._counts, self._begun = {}, now
            count = self._counts.get(key, 0) + 1
            if count <= most:
                if count > 1 or len(self._counts) < self.most_keys:
                    self._counts[key] = count
                return 0
            return max(1, math.ceil(self._begun + self.seconds - now))
