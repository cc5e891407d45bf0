"""When two people met: the phone's claim, set right by the server's clock and held inside the event."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta


@dataclass(frozen=True, slots=True)
class Window:
    """When an event takes place, and when it takes swaps: at once, and late (the other person must agree)."""

    starts_at: datetime
    ends_at: datetime
    opens_at: datetime
    closes_at: datetime
    late_until: datetime

    def is_open(self, now: datetime) -> bool:
        return self.opens_at <= now <= self.closes_at

    def is_late(self, now: datetime) -> bool:
        return self.closes_at < now <= self.late_until

    def is_over(self, now: datetime) -> bool:
        return now >= self.ends_at


@dataclass(frozen=True, slots=True)
class Said:
    """What a phone says about the time of one scan; nothing in it is believed as it stands.

    `elapsed` counts on the phone from the scan to the sending, whatever its clock shows; `sent_at` and
    `scanned_at` are readings of that clock, wrong by the same amount.
    """

    sent_at: datetime | None = None
    scanned_at: datetime | None = None
    elapsed: timedelta | None = None


def met_at(said: Said, received_at: datetime, window: Window) -> datetime:
    """The time of the meeting: received − elapsed, else received − (sent − scanned).

    Without `sent_at` the clock's reading is taken as it is. Inside the swap window and not after
    `received_at` it is kept; everything else, such as a clock in 1970 or tomorrow, moves to the nearest
    moment of the event itself, never after `received_at`.
    """
    claimed = claimed_at(said, received_at)
    if claimed is not None and window.opens_at <= claimed <= window.closes_at and claimed <= received_at:
        return claimed
    return min(max(claimed or window.starts_at, window.starts_at), window.ends_at, received_at)


def claimed_at(said: Said, received_at: datetime) -> datetime | None:
    """When the phone says the scan was made, set right by its own clock but not checked; None for no possible time."""
    try:
        if said.elapsed is not None:
            return received_at - said.elapsed
        if said.scanned_at is None:
            return received_at
        return received_at - ((said.sent_at or received_at) - said.scanned_at)
    except OverflowError:
        return None
