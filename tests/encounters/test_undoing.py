"""Undo: both sides forget a swap within a day, and a queued repeat does not bring it back."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import select

from eventnet import clock, db
from eventnet.cards import choosing, granting, receipts
from eventnet.cards.choosing import Choice
from eventnet.encounters import undoing
from eventnet.encounters.models import Encounter, Grant
from eventnet.encounters.recording import Answer
from eventnet.errors import NotFound, Refusal
from tests.factories import Cast

Scanning = Callable[..., Answer]


def undo(cast: Cast, *, other_keeps_name: bool = False) -> bool:
    with db.transaction():
        return undoing.undo(cast.mixer.id, cast.ada.id, cast.grace.id, other_keeps_name=other_keeps_name)


def left() -> tuple[list[int], dict[int, list[str]]]:
    with db.reading():
        return ([e.times for e in db.session.scalars(select(Encounter))],
                {g.giver_id: g.fields for g in db.session.scalars(select(Grant))})


def test_undo_takes_both_cards_and_the_encounter_back(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    scan(cast.grace, cast.ada)
    undo(cast)
    assert left() == ([], {})


def test_undo_leaves_my_name_with_what_they_wrote(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    undo(cast, other_keeps_name=True)
    assert left() == ([], {cast.ada.id: ["name"]})


def test_undone_scan_that_is_sent_again_stays_undone(scan: Scanning, cast: Cast) -> None:
    same = str(uuid.uuid4())
    scan(cast.ada, cast.grace, id=same)
    undo(cast)
    answer = scan(cast.ada, cast.grace, id=same)
    assert (answer.result, answer.met, left()) == ("repeated", None, ([], {}))


def test_new_scan_after_undo_swaps_afresh(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    undo(cast)
    assert (scan(cast.ada, cast.grace).result, left()[0]) == ("recorded", [1])


def test_undo_keeps_an_earlier_meeting_with_its_cards(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    with clock.stopped(clock.now() + timedelta(hours=25)):
        scan(cast.ada, cast.grace)
        assert undo(cast)
    assert (left()[0], set(left()[1])) == ([1], {cast.ada.id, cast.grace.id})


def test_undo_is_too_late_after_a_day(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    with clock.stopped(clock.now() + timedelta(hours=24, seconds=1)), pytest.raises(Refusal) as caught:
        undo(cast)
    assert (caught.value.reason, left()[0]) == ("too_late", [1])


def test_undo_without_a_swap_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound):
        undo(cast)


def test_undo_of_a_second_meeting_puts_the_grants_back(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    with db.transaction():
        choosing.choose(cast.mixer.id, cast.ada.id, Choice(shared=("email", "linkedin", "phone")))
    with clock.stopped(clock.now() + timedelta(hours=25)):
        scan(cast.ada, cast.grace)
        assert left()[1][cast.ada.id][3:] == ["email", "phone", "linkedin"]
        with db.transaction():
            granting.take_back(cast.mixer.id, cast.ada.id, cast.grace.id, ["email"], told=False)
        assert undo(cast)
    assert left()[1][cast.ada.id][3:] == ["linkedin"]


def test_undo_with_a_name_that_stays_is_a_line_of_the_journal(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    undo(cast, other_keeps_name=True)
    with db.reading():
        found = granting.given_to(cast.mixer.id, cast.ada.id, cast.grace.id)
        assert found is not None
        assert [(one.act, one.fields[-1]) for one in found.entries] == [("gave", "linkedin"), ("undone", "linkedin")]
        assert receipts.replayed(found.entries) == ["name"]
