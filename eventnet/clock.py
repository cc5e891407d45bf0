"""The one place that knows what time it is, so that tests and the demo can stop it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

_stopped_at: datetime | None = None


def now() -> datetime:
    """The present moment as an aware UTC time."""
    return _stopped_at or datetime.now(UTC)


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
