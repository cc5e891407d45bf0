"""Two people scan each other in the same second, on two threads: one encounter, two directions, nothing lost."""

from __future__ import annotations

import threading
import uuid
from collections.abc import Callable
from typing import Any

from flask import Flask
from sqlalchemy import select, update

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.badges.codes import BadgeReference
from eventnet.cards.models import Card
from eventnet.encounters import settling, undoing
from eventnet.encounters.models import Encounter, Grant, Scan
from eventnet.encounters.recording import Answer, Claim, record_scan
from tests.factories import Cast

ROUNDS = 12


def at_once(app: Flask, acts: list[Callable[[], Any]]) -> list[Any]:
    """Run all acts in threads that start together; returns results, raises the first error."""
    gate, results, errors = threading.Barrier(len(acts)), [None] * len(acts), []

    def run(number: int) -> None:
        gate.wait()
        try:
            with app.app_context(), db.transaction():
                results[number] = acts[number]()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if errors:
        raise errors[0]
    return results


def scanning(cast: Cast, scanner: Attendee, scanned: Attendee, id: str | None = None) -> Callable[[], Answer]:
    claim = Claim(id or str(uuid.uuid4()), BadgeReference("token", cast.token(scanned)))
    return lambda: record_scan(claim, attendee_id=scanner.id, way="bearer")


def test_two_who_scan_each_other_make_one_encounter(app: Flask, cast: Cast) -> None:
    for _ in range(ROUNDS):
        answers = at_once(app, [scanning(cast, cast.ada, cast.grace), scanning(cast, cast.grace, cast.ada)])
        assert [a.result for a in answers] == ["recorded", "recorded"]
    with db.reading():
        one = db.session.scalars(select(Encounter)).one()
        assert (one.times, one.low_scanned, one.high_scanned) == (2 * ROUNDS, True, True)
        assert {(g.giver_id, g.receiver_id) for g in db.session.scalars(select(Grant))} == {
            (cast.ada.id, cast.grace.id), (cast.grace.id, cast.ada.id)}


def test_two_who_both_want_to_be_asked_and_scan_each_other_are_settled(app: Flask, cast: Cast) -> None:
    for _ in range(ROUNDS):
        with db.transaction():
            for table in (Scan, Encounter, Grant):
                db.session.query(table).delete()
            db.session.execute(update(Card).values(swap_policy="ask"))
        answers = at_once(app, [scanning(cast, cast.ada, cast.grace), scanning(cast, cast.grace, cast.ada)])
        assert sorted(a.result for a in answers) == ["pending", "recorded"]
        with db.reading():
            one = db.session.scalars(select(Encounter)).one()
            assert (one.times, one.low_scanned, one.high_scanned) == (2, True, True)
            assert db.session.query(Scan).filter(Scan.settled_at.is_(None)).count() == 0


def test_double_tap_counts_once(app: Flask, cast: Cast) -> None:
    for _ in range(ROUNDS):
        same = str(uuid.uuid4())
        answers = at_once(app, [scanning(cast, cast.ada, cast.grace, same) for _ in range(3)])
        assert sorted(a.result for a in answers) == ["recorded", "repeated", "repeated"]
    with db.reading():
        assert db.session.scalars(select(Encounter)).one().times == ROUNDS


def test_undo_racing_with_a_scan_ends_in_one_of_the_two_orders(app: Flask, cast: Cast) -> None:
    for _ in range(ROUNDS):
        at_once(app, [scanning(cast, cast.ada, cast.grace)])
        at_once(app, [
            scanning(cast, cast.grace, cast.ada),
            lambda: undoing.undo(cast.mixer.id, cast.ada.id, cast.grace.id, other_keeps_name=False)])
        with db.reading():
            living = db.session.query(Scan).filter(Scan.undone_at.is_(None)).count()
            met = [(e.times, e.low_scanned, e.high_scanned) for e in db.session.scalars(select(Encounter))]
            assert (met, db.session.query(Grant).count()) in (
                ([], 0), ([(living, False, True)], 2)), (living, met)
            assert living == sum(times for times, _low, _high in met)


def test_read_and_write_in_two_steps_would_lose_a_direction(app: Flask, cast: Cast, engine_name: str) -> None:
    """The negative control: what a naive verb does is seen to fail by the same means."""
    if engine_name == "sqlite":
        # One writer at a time: there a naive verb is safe, and the guard is the write lock itself.
        with db.transaction():
            assert db.database()._write_lock.locked()
        return
    event_id, both_read = cast.mixer.id, threading.Barrier(2)

    def naive() -> None:
        known = db.session.scalar(select(Encounter.times))
        both_read.wait()
        now = cast.mixer.starts_at
        if known is None:
            settling.settle(event_id, settling.Meeting(now, now, 1, True, False), (
                settling.Giving(cast.ada.id, cast.grace.id, ["name"], acted=False),
                settling.Giving(cast.grace.id, cast.ada.id, ["name"], acted=False)), now)
        db.session.execute(update(Encounter).values(times=(known or 0) + 1))

    at_once(app, [naive, naive])
    with db.reading():
        assert db.session.scalars(select(Encounter.times)).one() == 1
