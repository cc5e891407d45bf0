"""A block and a scan in the same moment end as one after the other, in either order."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import db
from eventnet.badges.codes import BadgeReference
from eventnet.cards.models import Block, Card, Grant
from eventnet.contacts import address_book, keeping_away
from eventnet.encounters import answering, finding, triage
from eventnet.encounters.models import AnswerRound, Encounter, Scan
from eventnet.encounters.recording import Claim, record_scan
from tests.encounters.test_racing import at_once
from tests.factories import Cast

ROUNDS = 10


def clean() -> None:
    with db.transaction():
        for table in (AnswerRound, Block, Scan, Encounter, Grant):
            db.session.query(table).delete()


def scanning(cast: Cast, scanner: Any, scanned: Any) -> Callable[[], str]:
    claim = Claim(str(uuid.uuid4()), BadgeReference("token", cast.token(scanned)))
    return lambda: record_scan(claim, attendee_id=scanner.id, way="bearer").result


def blocking(cast: Cast, takes_back: bool) -> Callable[[], None]:
    return lambda: keeping_away.block(cast.mixer.id, cast.ada.id, cast.grace.id, takes_back=takes_back)


def outcome(cast: Cast) -> tuple[bool, int, bool]:
    """Whether they met, how many scans wait, and whether the blocked sees a card of the blocker."""
    with db.reading():
        return (db.session.query(Encounter).count() == 1,
                db.session.query(Scan).filter(Scan.settled_at.is_(None), Scan.blocked_at.is_not(None)).count(),
                address_book.find_person(cast.mixer.id, cast.grace.id, cast.ada.id) is not None)


@pytest.mark.parametrize("takes_back", [False, True])
def test_scan_of_the_blocked_comes_before_the_block_or_after_it(app: Flask, cast: Cast, takes_back: bool) -> None:
    for number in range(ROUNDS):
        clean()
        acts = [scanning(cast, cast.grace, cast.ada), blocking(cast, takes_back)]
        results = at_once(app, acts if number % 2 else acts[::-1])
        result = next(one for one in results if one is not None)
        assert (result, *outcome(cast)) in (
            ("recorded", True, 0, not takes_back), ("pending", False, 1, False)), (result, outcome(cast))


def test_scan_of_the_blocker_comes_before_the_block_or_is_refused(app: Flask, cast: Cast) -> None:
    for number in range(ROUNDS):
        clean()
        acts = [scanning(cast, cast.ada, cast.grace), blocking(cast, False)]
        results = at_once(app, acts if number % 2 else acts[::-1])
        result = next(one for one in results if one is not None)
        assert (result, *outcome(cast)) in (("recorded", True, 0, True), ("refused", False, 0, False))


@pytest.mark.parametrize("order", ["block first", "scan first"])
def test_the_second_waits_for_the_first(app: Flask, cast: Cast, engine_name: str, order: str) -> None:
    """Both orders, forced: the first holds its transaction open while the second begins."""
    clean()
    first, second = blocking(cast, False), scanning(cast, cast.grace, cast.ada)
    if order == "scan first":
        first, second = second, first  # type: ignore[assignment]
    has_begun, may_end, results = threading.Event(), threading.Event(), {}

    def slow() -> None:
        with app.app_context(), db.transaction():
            results["first"] = first()
            has_begun.set()
            may_end.wait(0.4)

    def quick() -> None:
        has_begun.wait(5)
        with app.app_context(), db.transaction():
            results["second"] = second()

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if order == "block first":
        assert (results["second"], outcome(cast)) == ("pending", (False, 1, False))
    else:
        assert (results["first"], outcome(cast)) == ("recorded", (True, 0, True))


def test_without_the_lock_a_scan_could_pass_a_block(app: Flask, cast: Cast, engine_name: str,
                                                    monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: a block that does not lock the blocked person's row freezes less than they then see."""
    if engine_name == "sqlite":
        with db.transaction():
            assert db.database()._write_lock.locked()
        return
    people = finding.people
    monkeypatch.setattr(finding, "people", lambda ids, *, locked=False: people(ids))
    clean()
    has_begun, may_end = threading.Event(), threading.Event()
    results = {}

    def slow() -> None:
        with app.app_context(), db.transaction():
            keeping_away.block(cast.mixer.id, cast.ada.id, cast.grace.id, takes_back=False)
            has_begun.set()
            may_end.wait(0.4)

    def quick() -> None:
        has_begun.wait(5)
        with app.app_context(), db.transaction():
            monkeypatch.setattr(finding, "people", people)
            results["scan"] = scanning(cast, cast.grace, cast.ada)()

    threads = [threading.Thread(target=slow), threading.Thread(target=quick)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert results["scan"] == "recorded"


def test_answer_racing_with_a_block_settles_before_it_or_not_at_all(app: Flask, cast: Cast) -> None:
    with db.transaction():
        db.session.query(Card).filter(Card.attendee_id == cast.ada.id).update({"swap_policy": "ask"})
    for number in range(ROUNDS):
        clean()
        at_once(app, [scanning(cast, cast.grace, cast.ada)])
        acts: list[Callable[[], Any]] = [
            lambda: triage.answer(cast.mixer.id, cast.ada.id, [cast.grace.id], "yes"), blocking(cast, False)]
        results = at_once(app, acts if number % 2 else acts[::-1])
        answered = next(one for one in results if one is not None)
        assert (answered, *outcome(cast)) in ((1, True, 0, True), (0, False, 1, False)), (answered, outcome(cast))
        with db.reading():
            assert answering.count_waiting(cast.mixer.id, cast.ada.id) == 0
            assert db.session.scalar(select(Block.blocked_id)) == cast.grace.id
