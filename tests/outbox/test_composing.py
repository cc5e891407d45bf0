"""Composing: at most so many ahead, urgent ones always, and one that cannot be written stops no other."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

import pytest
from sqlalchemy import text

from eventnet import clock, db
from eventnet.config import Settings
from eventnet.outbox import composing, planning
from eventnet.outbox.composing import Composer, Skip, Together
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Mail
from tests.outbox.letters import get_mail, law_holds, make_letter, plan_mail, rows
from tests.smtp_server import Accepted


def _write(mail: Mail) -> Letter:
    return make_letter(f"{mail.unique_key}@people.example")


def test_due_mails_become_frozen_bytes(database: db.Database, settings: Settings, evening: datetime) -> None:
    with db.transaction():
        mail = plan_mail("ada")
        plan_mail("grace", run_after=evening + timedelta(hours=1))
        plan_mail("bob", kind="nobody writes these")
    assert composing.compose_due({"summary": _write}, settings) == 1
    with db.reading():
        ada, grace, bob = get_mail("ada"), get_mail("grace"), get_mail("bob", "nobody writes these")
    assert (ada.state, ada.to_address, ada.dated_at) == ("ready", "ada@people.example", evening)
    assert ada.message_id == f"<summary.{mail.id}@ev.example>"
    assert ada.content is not None
    assert Accepted("", "", ada.content).message_id == ada.message_id
    assert (grace.state, bob.state) == ("planned", "planned")
    assert law_holds()


def test_composing_stays_a_fixed_number_ahead(database: db.Database, settings: Settings) -> None:
    with db.transaction():
        planning.plan_many(planning.Plan("summary", f"person{n}") for n in range(60))
    assert composing.compose_due({"summary": _write}, settings, limit=50) == 50
    assert composing.compose_due({"summary": _write}, settings, limit=50) == 0
    with db.reading():
        assert planning.counts(None)["ready"] == 50


def test_urgent_mail_is_written_however_long_the_queue(database: db.Database, settings: Settings) -> None:
    with db.transaction():
        planning.plan_many(planning.Plan("summary", f"person{n}") for n in range(30))
    composing.compose_due({"summary": _write}, settings, limit=20)
    with db.transaction():
        plan_mail("ada", kind="sign_in", urgency=1)
    assert composing.compose_due({"summary": _write, "sign_in": _write}, settings, limit=20) == 1
    with db.reading():
        assert get_mail("ada", "sign_in").state == "ready"


def test_mail_without_cause_is_skipped_with_its_reason(database: db.Database, settings: Settings) -> None:
    with db.transaction():
        plan_mail("ada")
    composing.compose_due({"summary": lambda _mail: Skip("Ada was removed.")}, settings)
    assert (rows()[0].state, rows()[0].reply) == ("suppressed", "Ada was removed.")
    assert law_holds()


def test_composer_that_breaks_stops_no_other_mail(
    database: db.Database, settings: Settings, evening: datetime,
) -> None:
    with db.transaction():
        for n in range(5):
            plan_mail(f"person{n}")

    def write(mail: Mail) -> Letter:
        if mail.unique_key == "person2":
            db.session.execute(text("SELECT no_such_column FROM mails"))
        return _write(mail)

    composing.compose_due({"summary": write}, settings)
    assert sorted((row.unique_key, row.state) for row in rows()) == [
        ("person0", "ready"), ("person1", "ready"), ("person2", "planned"), ("person3", "ready"), ("person4", "ready")]


def test_mails_are_prepared_together_and_alone_when_that_breaks(
    database: db.Database, settings: Settings, evening: datetime,
) -> None:
    with db.transaction():
        for n in range(5):
            plan_mail(f"person{n}")
    asked: list[int] = []

    def prepare(mails: Sequence[Mail]) -> Composer:
        asked.append(len(mails))
        if any(mail.unique_key == "person2" for mail in mails):
            db.session.execute(text("SELECT no_such_column FROM mails"))
        return _write

    composing.compose_due({"summary": Together(prepare)}, settings)
    assert asked == [5, 1, 1, 1, 1, 1]
    assert sorted((row.unique_key, row.state) for row in rows()) == [
        ("person0", "ready"), ("person1", "ready"), ("person2", "planned"), ("person3", "ready"), ("person4", "ready")]
    assert law_holds()


def test_composer_that_always_breaks_fails_after_eight_tries(
    database: db.Database, settings: Settings, evening: datetime,
) -> None:
    with db.transaction():
        plan_mail("ada")

    def write(_mail: Mail) -> Letter:
        raise KeyError("nothing here")

    tries, at = 0, evening
    while rows()[0].state == "planned":
        at = rows()[0].run_after
        with clock.stopped(at):
            tries += composing.compose_due({"summary": write}, settings)
    assert (tries, rows()[0].state, rows()[0].reply) == (
        8, "failed", "The mail could not be written (KeyError).")
    assert timedelta(minutes=30) < at - evening < timedelta(hours=6)
    assert law_holds()


def test_impossible_address_fails_at_once(database: db.Database, settings: Settings) -> None:
    with db.transaction():
        plan_mail("ada")
    composing.compose_due({"summary": lambda _mail: make_letter("ada@@people")}, settings)
    assert (rows()[0].state, rows()[0].reply) == ("failed", "The address cannot be used: ada@@people")


def test_cancelled_while_being_written_stays_cancelled(database: db.Database, settings: Settings) -> None:
    with db.transaction():
        plan_mail("ada")

    def write(mail: Mail) -> Letter:
        with db.database().writer.connect() as other, other.begin():
            other.execute(text("UPDATE mails SET state = 'cancelled', settled_at = planned_at"))
        return _write(mail)

    composing.compose_due({"summary": write}, settings)
    assert (rows()[0].state, rows()[0].content) == ("cancelled", None)


@pytest.mark.parametrize("limit", [1, 7])
def test_most_urgent_are_written_first(database: db.Database, settings: Settings, limit: int) -> None:
    with db.transaction():
        for n in range(8):
            plan_mail(f"person{n}", urgency=9 - n)
    composing.compose_due({"summary": _write}, settings, limit=limit)
    ready = sorted(row.urgency for row in rows() if row.state == "ready")
    assert ready == list(range(2, 2 + limit))
