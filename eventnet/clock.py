"""The one place that knows what time it is, so that tests and the demo can stop it."""

from __future__ import annotations

import mmap
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_stopped_at: datetime | None = None
_shift: mmap.mmap | None = None


def now() -> datetime:
    """The present moment as an aware UTC time."""
    if _stopped_at is not None:
        return _stopped_at
    if _shift is not None:
        return datetime.now(UTC) + timedelta(seconds=struct.unpack("d", _shift[:8])[0])
    return datetime.now(UTC)


def follow(path: Path) -> None:
    """Run ahead of or behind the real time by the seconds in `path`, which may change at any moment.

    The demo plays a whole evening in a minute this way, in several processes at once. Without the file
    the clock is right.
    """
    global _shift
    if not path.exists():
        return
    with path.open("rb") as file:
        _shift = mmap.mmap(file.fileno(), 8, access=mmap.ACCESS_READ)


def set_shift(path: Path, seconds: float) -> None:
    """Write the shift that processes following `path` see from now on."""
    if not path.exists():
        path.write_bytes(struct.pack("d", seconds))
        return
    with path.open("r+b") as file:
        file.write(struct.pack("d", seconds))


@contextmanager
def stopped(at: datetime) -> Iterator[None]:
    """Hold the clock at `at` (aware) for this process, threads included."""
    global _stopped_at
    before, _stopped_at = _stopped_at, at.astimezone(UTC)
    try:
        yield
    finally:
        _stopped_at = before


def zone(name: str) -> ZoneInfo:
    """The time zone called `name` (IANA); raises ValueError with a sentence for an unknown one."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise ValueError(f"{name!r} is not a time zone. Write for example Europe/Berlin.") from error


def local_to_utc(local: datetime, zone_name: str) -> datetime:
    """Read a naive wall-clock time in a zone; of an hour that occurs twice the first one is meant."""
    if local.tzinfo is not None:
        return local.astimezone(UTC)
    return local.replace(tzinfo=zone(zone_name)).astimezone(UTC)
