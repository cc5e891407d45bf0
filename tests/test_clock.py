"""The clock: it stands where it is told to, also for threads, and hours that occur twice have one meaning."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from eventnet import clock

NOON = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)


def test_now_is_aware_and_passes() -> None:
    assert clock.now().tzinfo is UTC
    assert timedelta() <= datetime.now(UTC) - clock.now() + timedelta(seconds=1) < timedelta(seconds=2)


def test_stopped_clock_stands_in_every_thread_until_the_block_ends() -> None:
    seen = []
    with clock.stopped(NOON):
        thread = threading.Thread(target=lambda: seen.append(clock.now()))
        thread.start()
        thread.join()
        with clock.stopped(NOON + timedelta(hours=1)):
            seen.append(clock.now())
        seen.append(clock.now())
    assert seen == [NOON, NOON + timedelta(hours=1), NOON]
    assert clock.now() != NOON


@pytest.fixture
def shift(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    monkeypatch.setattr(clock, "_shift", None)
    yield tmp_path / "shift"
    monkeypatch.undo()


def test_followed_clock_runs_ahead_by_what_the_file_says_at_that_moment(shift: Path) -> None:
    clock.set_shift(shift, 3600)
    clock.follow(shift)
    assert abs(clock.now() - datetime.now(UTC) - timedelta(hours=1)) < timedelta(seconds=1)
    clock.set_shift(shift, -86400)
    assert abs(clock.now() - datetime.now(UTC) + timedelta(days=1)) < timedelta(seconds=1)


def test_clock_without_a_file_to_follow_is_right(shift: Path) -> None:
    clock.follow(shift)
    assert abs(clock.now() - datetime.now(UTC)) < timedelta(seconds=1)


def test_zone_that_is_unknown_gets_a_sentence() -> None:
    with pytest.raises(ValueError, match=r"^'Cologne' is not a time zone\. Write for example Europe/Berlin\.$"):
        clock.zone("Cologne")
    with pytest.raises(ValueError, match="is not a time zone"):
        clock.zone("../../etc/passwd")


@pytest.mark.parametrize(("local", "utc"), [
    (datetime(2026, 10, 15, 19, 30), "2026-10-15T17:30:00+00:00"),  # noqa: DTZ001
    (datetime(2026, 10, 25, 2, 30), "2026-10-25T00:30:00+00:00"),  # noqa: DTZ001 - occurs twice: the first
    (datetime(2026, 10, 15, 19, 30, tzinfo=UTC), "2026-10-15T19:30:00+00:00"),
])
def test_local_time_becomes_utc(local: datetime, utc: str) -> None:
    assert clock.local_to_utc(local, "Europe/Berlin").isoformat() == utc
