"""People who want to be asked: nothing is theirs before the yes, and the time of the meeting stays."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.cards.models import Card
from eventnet.encounters import answering, triage
from eventnet.encounters.models import Encounter, Grant
from eventnet.encounters.recording import Answer
from eventnet.errors import NotFound, Refusal
from tests.factories import Cast

Scanning = Callable[..., Answer]


@pytest.fixture
def grace_asks(cast: Cast) -> Cast:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="ask"))
    return cast


def everything() -> tuple[list[tuple[int, int, int]], set[tuple[int, int]]]:
    with db.reading():
        return ([(e.low_id, e.high_id, e.times) for e in db.session.scalars(select(Encounter))],
                {(g.giver_id, g.receiver_id) for g in db.session.scalars(select(Grant))})


def test_ask_leaves_nothing_before_the_yes(scan: Scanning, grace_asks: Cast) -> None:
    assert (scan(grace_asks.ada, grace_asks.grace).result, everything()) == ("pending", ([], set()))
    with db.reading():
        one = answering.waiting(grace_asks.mixer.id, grace_asks.grace.id)[0]
        assert (one.name, one.kind, one.offers) == (
            "Ada Lovelace", "swap", ("name", "title", "organization", "email", "linkedin"))
        assert answering.count_waiting(grace_asks.mixer.id, grace_asks.grace.id) == 1


def test_yes_settles_with_the_time_of_the_scan(scan: Scanning, grace_asks: Cast, evening: datetime) -> None:
    cast = grace_asks
    scan(cast.ada, cast.grace)
    with clock.stopped(evening + timedelta(hours=20)), db.transaction():
        assert triage.answer(cast.mixer.id, cast.grace.id, [cast.ada.id], "yes")
    with db.reading():
        one = db.session.scalars(select(Encounter)).one()
        assert (one.first_at, one.last_at, one.low_scanned, one.high_scanned) == (evening, evening, True, False)
        assert answering.waiting(cast.mixer.id, cast.grace.id) == []
    assert everything()[1] == {(cast.ada.id, cast.grace.id), (cast.grace.id, cast.ada.id)}


def test_scanning_back_is_a_yes(scan: Scanning, grace_asks: Cast, evening: datetime) -> None:
    cast = grace_asks
    scan(cast.ada, cast.grace)
    with clock.stopped(evening + timedelta(minutes=30)):
        assert scan(cast.grace, cast.ada).result == "recorded"
    with db.reading():
        one = db.session.scalars(select(Encounter)).one()
        assert (one.first_at, one.times, one.low_scanned, one.high_scanned) == (evening, 2, True, True)


def test_scanning_somebody_who_scanned_me_needs_no_further_yes(scan: Scanning, grace_asks: Cast) -> None:
    assert scan(grace_asks.grace, grace_asks.ada).result == "recorded"
    assert scan(grace_asks.ada, grace_asks.grace).result == "recorded"


def test_yes_gives_what_was_offered_at_the_tap(scan: Scanning, grace_asks: Cast) -> None:
    cast = grace_asks
    scan(cast.ada, cast.grace)
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.ada.id).values(shared=["email", "phone"]))
    with db.transaction():
        triage.answer(cast.mixer.id, cast.grace.id, [cast.ada.id], "yes")
    with db.reading():
        given = db.session.scalars(select(Grant.fields).where(Grant.giver_id == cast.ada.id)).one()
    assert given == ["name", "title", "organization", "email", "linkedin"]


def test_no_is_not_told(scan: Scanning, grace_asks: Cast) -> None:
    cast = grace_asks
    scan(cast.ada, cast.grace)
    with db.transaction():
        assert triage.answer(cast.mixer.id, cast.grace.id, [cast.ada.id], "no")
    assert everything() == ([], set())
    with db.reading():
        assert answering.waiting(cast.mixer.id, cast.grace.id) == []
    assert scan(cast.ada, cast.grace).result == "pending"


def test_answer_to_nobody_changes_nothing(cast: Cast) -> None:
    with db.transaction():
        assert not triage.answer(cast.mixer.id, cast.grace.id, [cast.ada.id], "yes")
    with pytest.raises(NotFound), db.transaction():
        triage.answer(cast.mixer.id, cast.grace.id, [cast.mallory.id], "yes")


def test_yes_needs_a_card_first(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.bob)
    with pytest.raises(Refusal) as caught, db.transaction():
        triage.answer(cast.mixer.id, cast.bob.id, [cast.ada.id], "yes")
    assert caught.value.reason == "no_card"


def test_everybody_who_waited_for_a_card_gets_it_with_one_yes(scan: Scanning, cast: Cast, app: Flask) -> None:
    scan(cast.ada, cast.bob)
    scan(cast.grace, cast.bob)
    with db.transaction():
        db.session.add(Card(attendee_id=cast.bob.id, event_id=cast.mixer.id, shared=["phone"], wording="2026-11",
                            agreed_at=clock.now(), changed_at=clock.now()))
    with db.reading():
        assert [(one.name, one.kind) for one in answering.waiting(cast.mixer.id, cast.bob.id)] == [
            ("Ada Lovelace", "card"), ("Grace Hopper", "card")]
    with db.transaction():
        assert triage.answer(cast.mixer.id, cast.bob.id, None, "yes") == 2
    with db.reading():
        assert [g.fields for g in db.session.scalars(select(Grant).where(Grant.giver_id == cast.bob.id))] == [
            ["name", "title", "organization", "phone"]] * 2
        assert answering.count_waiting(cast.mixer.id, cast.bob.id) == 0
