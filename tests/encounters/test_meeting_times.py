"""The time of a meeting survives wrong clocks, late sending and the year 2106."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from eventnet.encounters.times import Said, Window, met_at

STARTS = datetime(2026, 10, 15, 16, 0, tzinfo=UTC)
ENDS = STARTS + timedelta(hours=4)
WINDOW = Window(STARTS, ENDS, STARTS - timedelta(hours=24), ENDS + timedelta(hours=72), ENDS + timedelta(hours=144))
RECEIVED = STARTS + timedelta(hours=2)


def test_met_time_is_received_minus_elapsed_whatever_the_clock_says() -> None:
    said = Said(sent_at=datetime(2031, 1, 1, tzinfo=UTC), scanned_at=datetime(1999, 1, 1, tzinfo=UTC),
                elapsed=timedelta(minutes=7))
    assert met_at(said, RECEIVED, WINDOW) == RECEIVED - timedelta(minutes=7)


@pytest.mark.parametrize("wrong_by", [timedelta(days=d) for d in (1, -1, 0.1, -20000)])
def test_met_time_forgives_a_clock_that_is_wrong_all_along(wrong_by: timedelta) -> None:
    said = Said(sent_at=RECEIVED + wrong_by, scanned_at=RECEIVED + wrong_by - timedelta(minutes=30))
    assert met_at(said, RECEIVED, WINDOW) == RECEIVED - timedelta(minutes=30)


@pytest.mark.parametrize(("scanned_at", "expected"), [
    (datetime(1970, 1, 1, tzinfo=UTC), STARTS),
    (datetime(2106, 2, 7, tzinfo=UTC), RECEIVED),
    (RECEIVED + timedelta(days=1), RECEIVED),
    (RECEIVED - timedelta(days=3), STARTS),
    (RECEIVED - timedelta(minutes=1), RECEIVED - timedelta(minutes=1)),
    (STARTS - timedelta(hours=1), STARTS - timedelta(hours=1)),
])
def test_met_time_of_a_bare_clock_is_held_inside_the_event(scanned_at: datetime, expected: datetime) -> None:
    assert met_at(Said(scanned_at=scanned_at), RECEIVED, WINDOW) == expected


def test_met_time_of_a_clock_set_back_between_scan_and_sending_is_the_arrival() -> None:
    said = Said(sent_at=RECEIVED, scanned_at=RECEIVED + timedelta(seconds=3))
    assert met_at(said, RECEIVED, WINDOW) == RECEIVED


def test_met_time_from_before_the_event_is_never_later_than_its_arrival() -> None:
    early = STARTS - timedelta(hours=5)
    assert met_at(Said(elapsed=timedelta(days=40)), early, WINDOW) == early


def test_met_time_is_the_arrival_when_nothing_was_said() -> None:
    assert met_at(Said(), RECEIVED, WINDOW) == RECEIVED


MOMENTS = st.none() | st.datetimes(datetime(1900, 1, 1), datetime(2200, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS, MOMENTS, st.none() | st.timedeltas(timedelta(0), timedelta(milliseconds=10**12)),
       st.datetimes(datetime(2026, 10, 14, 17), datetime(2026, 10, 21), timezones=st.just(UTC)))  # noqa: DTZ001
def test_met_time_is_inside_the_window_and_not_after_arrival(
    sent_at: datetime | None, scanned_at: datetime | None, elapsed: timedelta | None, received: datetime,
) -> None:
    found = met_at(Said(sent_at, scanned_at, elapsed), received, WINDOW)
    assert WINDOW.opens_at <= found <= min(received, WINDOW.closes_at)
