"""The programme: all rows or none, as often as wanted, and what is in use stays."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventnet import clock, db
from eventnet.audit import log
from eventnet.cards.models import Attendance
from eventnet.errors import NotFound, Refusal
from eventnet.events import programme
from eventnet.events.programme_files import Row
from tests.factories import Cast

SIX = datetime(2026, 10, 15, 16, tzinfo=UTC)


def row(number: int, key: str, title: str, hours: int = 0, problem: str = "") -> Row:
    return Row(number, key, title, "Hall", SIX + timedelta(hours=hours), SIX + timedelta(hours=hours + 1), problem)


def upload(cast: Cast, *rows: Row) -> programme.Outcome:
    with db.transaction():
        return programme.upload(cast.mixer.id, rows, "organizer:1")


def titles(event_id: int) -> list[str]:
    with db.reading():
        return [item.title for item in programme.items(event_id)]


def test_upload_adds_changes_and_keeps(cast: Cast) -> None:
    first = upload(cast, row(2, "b", "Panel", 1), row(3, "a", "Opening"))
    assert ([kind for _row, kind in first.rows], first.is_stored) == (["new", "new"], True)
    assert titles(cast.mixer.id) == ["Opening", "Panel"]
    again = upload(cast, row(2, "b", "Panel", 2), row(3, "a", "Opening"), row(4, "c", "Coffee", 1))
    assert [kind for _row, kind in again.rows] == ["changed", "same", "new"]
    assert titles(cast.mixer.id) == ["Opening", "Coffee", "Panel"]
    with db.reading():
        assert [entry.about for entry in log.recent(cast.mixer.id)] == [
            {"new": 1, "changed": 1, "same": 1}, {"new": 2, "changed": 0, "same": 0}]


def test_upload_with_one_bad_row_stores_nothing(cast: Cast) -> None:
    outcome = upload(cast, row(2, "a", "Opening"), row(3, "b", "", problem="It has no title."))
    assert ([kind for _row, kind in outcome.rows], outcome.is_stored) == (["new", "refused"], False)
    assert titles(cast.mixer.id) == []


def test_programmes_of_two_events_do_not_mix(cast: Cast) -> None:
    upload(cast, row(2, "a", "Opening"))
    with db.transaction():
        programme.upload(cast.elsewhere.id, [row(2, "a", "Their opening")], "organizer:2")
    assert (titles(cast.mixer.id), titles(cast.elsewhere.id)) == (["Opening"], ["Their opening"])
    with db.reading():
        foreign = programme.items(cast.elsewhere.id)[0].id
    with pytest.raises(NotFound), db.transaction():
        programme.remove(cast.mixer.id, foreign, "organizer:1")


def test_item_that_somebody_was_at_stays(cast: Cast) -> None:
    upload(cast, row(2, "a", "Opening"), row(3, "b", "Panel", 1))
    with db.transaction():
        opening, panel = (item.id for item in programme.items(cast.mixer.id))
        db.session.add(Attendance(
            attendee_id=cast.ada.id, item_id=opening, event_id=cast.mixer.id, said_at=clock.now()))
    with pytest.raises(Refusal) as refused, db.transaction():
        programme.remove(cast.mixer.id, opening, "organizer:1")
    assert refused.value.sentence == "Somebody said they were at “Opening”, so it stays."
    with db.transaction():
        assert programme.remove(cast.mixer.id, panel, "organizer:1") == "Panel"
    assert titles(cast.mixer.id) == ["Opening"]


def test_items_at_a_moment(cast: Cast) -> None:
    upload(cast, row(2, "a", "Opening"), row(3, "b", "Panel", 1))
    with db.reading():
        assert [item.title for item in programme.items_at(cast.mixer.id, SIX + timedelta(hours=1))] == ["Panel"]
