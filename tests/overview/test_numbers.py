"""Live numbers: who counts as what, what is withheld, and how a long event is drawn."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards import names
from eventnet.encounters.models import Encounter
from eventnet.encounters.timeline import Bin, edges_of, series, step_of
from eventnet.events.models import Event
from eventnet.overview import numbers
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
        4, 3, 1, 2, 2, None)
    assert found.has_met, "one pair met, and it is not told how many"
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


@pytest.mark.parametrize(("only_met", "came", "met", "alone"), [
    (0, 18, 10, 8), (1, 18, 10, 8), (4, 18, 10, 8), (5, 23, 15, 8),
])
def test_few_who_only_met_somebody_are_left_out(cast: Cast, only_met: int, came: int, met: int, alone: int) -> None:
    """Checked in and active are known by name: the rest of those who came would be a number below five."""
    with db.transaction():
        for person in db.session.query(Attendee):
            person.removed_at = clock.now()
        guests = crowd(cast.mixer, 18)
        for at in range(5):
            meet(cast.mixer, guests[2 * at], guests[2 * at + 1])
        for number in range(only_met):
            meet(cast.mixer, guests[0], make_attendee(cast.mixer, f"Late {number}"))
    found = live(cast.mixer)
    assert (found.came, found.met, found.on_their_own) == (came, met, alone)


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
    bins, is_told = series(edges, [0, 1, 4, 5, 6, 7, 0], [0] * 7, SIX + 6 * TEN)
    assert ([bin_.count for bin_ in bins], is_told) == ([0, None, None, 5, 6, 7], True)
    bins, is_told = series(edges[:3], [0, 9, 0], [0] * 3, SIX + timedelta(minutes=5))
    assert (bins, is_told) == ([Bin(SIX, 0), Bin(SIX + TEN, None, is_ahead=True)], True)


@pytest.mark.parametrize(("cells", "shown", "is_told"), [
    ([3, 9, 7, 0], [None, 9, None], True),  # 19 less 9 and 7 would be 3
    ([3, 0, 0, 0], [None, 0, 0], False),  # the total itself would say it
    ([9, 9, 9, 2], [None, 9, 9], True),  # two met before or after: 29 less three bins would say so
    ([9, 0, 0, 6], [9, 0, 0], True),
])
def test_withheld_bin_cannot_be_computed_from_the_total(
    cells: list[int], shown: list[int | None], is_told: bool,
) -> None:
    bins, told = series(edges_of(SIX, SIX + 3 * TEN, TEN), cells, [0] * 4, SIX + 6 * TEN)
    assert ([bin_.count for bin_ in bins], told) == (shown, is_told)


def test_bins_less_the_pairs_known_by_name_are_not_below_five_either() -> None:
    edges = edges_of(SIX, SIX + 3 * TEN, TEN)
    bins, is_told = series(edges, [9, 9, 20, 0], [9, 7, 6, 0], SIX + 6 * TEN)
    assert [bin_.count for bin_ in bins] == [9, None, None], "2 of the second ten minutes are not known"
    assert is_told
    bins, is_told = series(edges, [9, 9, 20, 0], [9, 7, 20, 0], SIX + 6 * TEN)
    assert ([bin_.count for bin_ in bins], is_told) == ([9, None, 20], False)


@pytest.mark.parametrize(("named_met", "named_alone", "expected"), [
    (0, 0, (20, 10)), (12, 4, (20, 10)), (12, 7, (None, None)), (18, 2, (None, None)), (20, 10, (20, 10)),
    (20, 9, (None, None)),
])
def test_met_and_alone_less_the_named_are_not_below_five(
    named_met: int, named_alone: int, expected: tuple[int | None, int | None],
) -> None:
    assert numbers._cells(20, 10, named_met, named_alone) == expected


def test_numbers_of_an_event_with_names_leave_the_named_out(cast: Cast) -> None:
    with db.transaction():
        event = db.session.get_one(Event, cast.mixer.id)
        event.names_policy = "pairs"
        for person in db.session.query(Attendee):
            person.removed_at = clock.now()
        guests = crowd(event, 20)
        for at in range(5):
            meet(event, guests[2 * at], guests[2 * at + 1])
        for guest in guests[:8]:
            names.agree(event.id, guest.id, "pairs")
    found = live(event)
    assert (found.came, found.met, found.on_their_own, found.encounters) == (20, None, None, None)
    with db.transaction():
        for guest in guests[:8]:
            names.take_back(event.id, guest.id)
    found = live(event)
    assert (found.met, found.on_their_own, found.encounters) == (10, 10, 5)


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
