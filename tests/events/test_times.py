"""Wall-clock times: days on which the clocks change."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eventnet.events import times


def test_time_in_a_zone_and_with_an_offset_are_the_same_moment() -> None:
    at = datetime(2026, 10, 15, 16, tzinfo=UTC)
    assert times.read("2026-10-15 18:00", "Europe/Berlin") == (at, "")
    assert times.read("2026-10-15T18:00", "Europe/Berlin") == (at, "")
    assert times.read("2026-10-15T21:30:00+05:30", "Europe/Berlin") == (at, "")
    assert times.read("2026-10-15T16:00:00Z", "Europe/Berlin") == (at, "")


@pytest.mark.parametrize(("text", "sentence"), [
    ("2026-03-29 02:30",
     "02:30 does not exist on 2026-03-29 in Europe/Berlin: the clocks go forward then. Write 03:30."),
    ("tomorrow", "'tomorrow' is not a time. Write it as 2026-10-15 18:00."),
    ("", "'' is not a time. Write it as 2026-10-15 18:00."),
    ("0026-10-15 18:00", "The year 26 cannot be right. Check the date."),
])
def test_time_that_is_none_gets_a_sentence(text: str, sentence: str) -> None:
    with pytest.raises(ValueError) as refused:
        times.read(text, "Europe/Berlin")
    assert str(refused.value) == sentence


def test_hour_that_comes_twice_says_which_one_is_meant() -> None:
    first = times.read("2026-10-25 02:30", "Europe/Berlin")
    last = times.read("2026-10-25 02:30", "Europe/Berlin", last=True)
    assert (first.at, last.at) == (datetime(2026, 10, 25, 0, 30, tzinfo=UTC), datetime(2026, 10, 25, 1, 30, tzinfo=UTC))
    assert first.note == (
        "The clocks go back on 2026-10-25, so 02:30 comes twice; the first one is meant (UTC+02:00).")
    assert last.note == (
        "The clocks go back on 2026-10-25, so 02:30 comes twice; the second one is meant (UTC+01:00).")
