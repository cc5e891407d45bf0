"""Live numbers: who counts as what, what is withheld, and how a long event is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.encounters.models import Encounter
from eventnet.events.models import Event
from eventnet.overview import numbers
from eventnet.overview.numbers import Bin, edges_of, series, step_of
from tests.factories import Cast, make_attendee

SIX = datetime(2026, 10, 15, 16, tzinfo=UTC)
TEN = timedelta(minutes=10)


def live(event: Event) -> numbers.Numbers:
    with db.reading():
        return numbers.live(event.id, clock.now())


def meet(event: Event, one: Attendee, other: Attendee, at: datetime = SIX) -> None:
    low, high = sorted((one.id, other.id))
    db.session.add(Encounter(event_id=event.id, low_id=low, high_id=high, first_at=at, last_at=at, times=1))


def crowd(event: Event, count: int) -> list[Attendee]:
    return [make_attendee(event, f"Guest {number}", email=f"g{number}@people.example", checked_in_at=clock.now())
            for number in range(count)]


def test_numbers_of_the_cast(cast: Cast) -> None:
    with db.transaction():
        bob, grace = db.session.get_one(Attendee, cast.bob.id), db.session.get_one(Attendee, cast.grace.id)
        bob.checked_in_at = clock.now()
        grace.not_taking_part_at = clock.now()
        make_attendee(cast.mixer, "Gone Away", removed_at=clock.now(), checked_in_at=clock.now())
        make_attendee(cast.mixer, "No Show")
        meet(cast.mixer, cast.ada, cast.bob)
    found = live(cast.mixer)
    assert (found.attendees, found.taking_part, found.checked_in, found.activated, found.came, found.encounters) == (
        4, 3, 1, 2, 2, 1)
    assert live(cast.elsewhere).attendees == 1


def test_number_of_an_empty_event(cast: Cast) -> None:
    with db.transaction():
        event = db.session.get_one(Event, cast.elsewhere.id)
        db.session.get_one(Attendee, cast.mallory.id).removed_at = clock.now()
    found = live(event)
    assert (found.attendees, found.taking_part, found.came, found.encounters, found.met, found.on_their_own,
            found.share_met, found.mails_total) == (0, 0, 0, 0, None, None, None, 0)


@pytest.mark.parametrize(("came", "pairs", "met", "alone"), [
    (10, 0, None, None), (10, 2, None, None), (10, 3, None, None), (11, 3, 6, 5), (12, 3, 6, 6), (30, 15, None, None),
])
def test_small_numbers_on_either_side_are_withheld(
    cast: Cast, came: int, pairs: int, met: int | None, alone: int | None,
) -> None:
    with db.transaction():
        for person in db.session.query(Attendee):
            person.removed_at = clock.now()
        guests = crowd(cast.mixer, came)
        for at in range(pairs):
            meet(cast.mixer, guests[2 * at], guests[2 * at + 1])
    found = live(cast.mixer)
    assert (found.came, found.met, found.on_their_own) == (came, met, alone)
    assert (found.share_met is None) == (met is None)


def test_swaps_are_counted_per_ten_minutes_of_the_event(cast: Cast) -> None:
    with db.transaction():
        guests = crowd(cast.mixer, 13)
        for at, (one, minutes) in enumerate([(0, -5), *[(1, m) for m in (0, 3, 9, 9.99, 4)], (2, 10), (3, 19), (4, 239),
                                             (5, 240), (6, 300)]):
            meet(cast.mixer, guests[one], guests[at + 1 if at + 1 != one else 12], SIX + timedelta(minutes=minutes))
    found = live(cast.mixer)
    counted = {bin_.start: bin_.count for bin_ in found.swaps if not bin_.is_ahead and bin_.count != 0}
    assert (found.step, len(found.swaps)) == (TEN, 24)
    assert counted == {SIX: 5, SIX + TEN: None}, "2 of the second ten minutes are withheld"
    assert next(bin_.start for bin_ in found.swaps if bin_.is_ahead) == clock.now() + TEN
    assert found.encounters == 11, "those before and after count as well"


def test_series_withholds_one_to_four_and_leaves_the_future_open() -> None:
    edges = edges_of(SIX, SIX + 6 * TEN, TEN)
    assert edges == [SIX + at * TEN for at in range(7)]
    assert [bin_.count for bin_ in series(edges, [0, 1, 4, 5, 6, 7], SIX + 6 * TEN)] == [0, None, None, 5, 6, 7]
    assert series(edges[:3], [0, 9], SIX + timedelta(minutes=5)) == [
        Bin(SIX, 0), Bin(SIX + TEN, None, is_ahead=True)]


def test_bins_cover_an_event_that_begins_at_an_odd_minute() -> None:
    assert edges_of(SIX + timedelta(minutes=7), SIX + timedelta(minutes=11), TEN) == [SIX, SIX + TEN, SIX + 2 * TEN]
    assert edges_of(SIX, SIX + timedelta(minutes=31), 3 * TEN) == [SIX, SIX + 3 * TEN, SIX + 6 * TEN]


@pytest.mark.parametrize(("length", "minutes"), [
    (timedelta(hours=4), 10), (timedelta(hours=25), 10), (timedelta(days=2), 20), (timedelta(days=4), 60),
    (timedelta(days=31), 360),
])
def test_longer_events_have_wider_bins(length: timedelta, minutes: int) -> None:
    assert step_of(length) == timedelta(minutes=minutes)


def test_numbers_take_at_most_six_statements(cast: Cast, statements) -> None:  # type: ignore[no-untyped-def]
    with db.reading(), statements() as said:
        numbers.live(cast.mixer.id, clock.now())
    assert len(said) == 4
