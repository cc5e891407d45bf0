"""Words for people: values never become part of the message, dates are the event's, lists read as sentences."""

from __future__ import annotations

from datetime import UTC, date, datetime
from zoneinfo import ZoneInfo

from eventnet import words

COLOGNE = ZoneInfo("Europe/Berlin")
LATE = datetime(2026, 10, 15, 22, 30, tzinfo=UTC)  # half past midnight of the 16th in Cologne


def test_gettext_puts_values_into_their_places() -> None:
    assert words.gettext("%(name)s got your card.", name="100% Ada %(x)s") == "100% Ada %(x)s got your card."


def test_gettext_leaves_a_percent_sign_alone_without_values() -> None:
    assert words.gettext("100% of it") == "100% of it"


def test_ngettext_chooses_by_number_and_shows_it() -> None:
    forms = "%(num)s person at %(event)s", "%(num)s people at %(event)s"
    said = [words.ngettext(*forms, n, event="X") for n in range(3)]
    assert said == ["0 people at X", "1 person at X", "2 people at X"]


def test_later_is_looked_up_when_it_is_shown() -> None:
    label = words.later("At most %(max)d characters.")
    assert str(label) == "At most %(max)d characters."
    assert label % {"max": 80} == "At most 80 characters."


def test_speaking_an_unknown_language_is_english_and_ends_with_the_block() -> None:
    for name in ("xx", None, "en", "../en"):
        with words.speaking(name):
            assert words.language() == "en"
    assert words.language() == "en"


def test_day_is_that_of_the_zone() -> None:
    assert words.day(LATE, COLOGNE) == "Friday 16 October"
    assert words.day(date(2026, 10, 15)) == "Thursday 15 October"


def test_full_day_has_the_year() -> None:
    assert words.full_day(date(2026, 10, 12)) == "12 October 2026"


def test_time_is_the_clock_of_the_zone() -> None:
    assert words.time(LATE, COLOGNE) == "00:30"


def test_listed_reads_as_a_sentence() -> None:
    lists = [words.listed(parts) for parts in ([], ["name"], ["name", "e-mail"], ["name", "e-mail", "LinkedIn"])]
    assert lists == ["", "name", "name and e-mail", "name, e-mail and LinkedIn"]
