"""The log page by page: filters, the key of the next page, and that a page costs the same wherever it is."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest

from eventnet import clock, db
from eventnet.audit import log, reading
from eventnet.audit.reading import Asked
from tests.conftest import EVENING
from tests.factories import Cast

Statements = Callable[[], AbstractContextManager[list[str]]]
HOUR = timedelta(hours=1)


@pytest.fixture
def entries(cast: Cast) -> int:
    """Seven of the mixer, one an hour but two at the same moment, and one of the event elsewhere."""
    acts = [("event.changed", "organizer:1"), ("attendees.exported", "organizer:2"),
            ("attendee.changed", "organizer:1"), ("attendee.activated", "attendee:7"),
            ("attendee.activated", "attendee:8"), ("summaries.started", "worker")]
    for hour, (act, actor) in enumerate(acts):
        with clock.stopped(EVENING + hour * HOUR), db.transaction():
            log.write(act, actor, cast.mixer.id)
            if hour == 0:
                log.write("event.created", "command line", cast.mixer.id)
                log.write("event.created", "organizer:9", cast.elsewhere.id)
    return cast.mixer.id


def acts(page: reading.Page) -> list[str]:
    return [entry.act for entry in page.entries]


def test_pages_follow_each_other_without_gap_or_repeat(entries: int) -> None:
    seen, older = [], ""
    with db.reading():
        for _ in range(5):
            page = reading.page(entries, Asked(), older, size=2)
            seen += acts(page)
            older = page.older
            if not older:
                break
        assert seen == acts(reading.page(entries, Asked()))
    assert seen == ["summaries.started", "attendee.activated", "attendee.activated", "attendee.changed",
                    "attendees.exported", "event.created", "event.changed"]


@pytest.mark.parametrize(("asked", "expected"), [
    (Asked(actor="organizer:1"), ["attendee.changed", "event.changed"]),
    (Asked(actor="attendee"), ["attendee.activated", "attendee.activated"]),
    (Asked(actor="organizer:9"), []),
    (Asked(kind="exports"), ["attendees.exported"]),
    (Asked(kind="attendees"), ["attendee.activated", "attendee.activated", "attendee.changed"]),
    (Asked(since=EVENING + HOUR, until=EVENING + 2 * HOUR), ["attendees.exported"]),
    (Asked(actor="organizer:1", kind="event"), ["event.changed"]),
])
def test_filters_narrow_the_list(entries: int, asked: Asked, expected: list[str]) -> None:
    with db.reading():
        assert acts(reading.page(entries, asked)) == expected
        assert [entry.act for entry in reading.everything(entries, asked)] == expected


def test_actors_are_those_of_the_event_without_attendees(entries: int) -> None:
    with db.reading():
        assert reading.actors(entries) == ["command line", "organizer:1", "organizer:2", "worker"]


@pytest.mark.parametrize("key", ["", "x", "20261015T173000000000", "-", "2026-3", "20261015T173000000000-٣", "0" * 99])
def test_key_that_is_none_begins_with_the_newest(entries: int, key: str) -> None:
    with db.reading():
        assert acts(reading.page(entries, Asked(), key, size=1)) == ["summaries.started"]


def test_page_is_one_statement_wherever_it_is(entries: int, statements: Statements) -> None:
    with db.reading():
        first = reading.page(entries, Asked(), size=3)
        with statements() as said:
            reading.page(entries, Asked(), first.older, size=3)
    assert len(said) == 1
