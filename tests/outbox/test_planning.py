"""Planning: one row a recipient and kind, frozen once, taken back only before somebody tried."""

from __future__ import annotations

import hashlib
import threading
from datetime import datetime, timedelta

import pytest

from eventnet import clock, db
from eventnet.config import Settings
from eventnet.errors import NotFound, Refusal
from eventnet.outbox import forgetting, planning, resolving, suppressing
from eventnet.outbox.models import Mail
from eventnet.outbox.planning import Plan
from tests.factories import make_event, make_organizer
from tests.outbox.letters import get_mail, law_holds, make_ready_mails, plan_mail, rows, states


def test_plan_a_second_time_plans_nothing(database: db.Database) -> None:
    with db.transaction():
        assert planning.plan("summary", "attendee:1", urgency=5) is True
        assert planning.plan("summary", "attendee:1", urgency=1) is False
        assert planning.plan("activation", "attendee:1") is True
    assert sorted((row.kind, row.urgency) for row in rows()) == [("activation", 5), ("summary", 5)]


def test_plan_many_counts_only_new_ones(database: db.Database) -> None:
    with db.transaction():
        assert planning.plan_many(Plan("summary", f"attendee:{n}") for n in range(700)) == 700
    with db.transaction():
        assert planning.plan_many(Plan("summary", f"attendee:{n}") for n in range(300, 1203)) == 503
    with db.reading():
        assert planning.counts(None, "summary") == {
            "planned": 1203, "ready": 0, "sending": 0, "dot": 0, "sent": 0, "failed": 0, "suppressed": 0,
            "cancelled": 0, "in_doubt": 0}


def test_two_planners_at_once_plan_each_mail_once(database: db.Database) -> None:
    new: list[int] = []

    def press(order: int) -> None:
        with database.writing():
            new.append(planning.plan_many(Plan("summary", f"attendee:{n}") for n in range(200)[::order]))

    presses = [threading.Thread(target=press, args=((-1) ** n,)) for n in range(6)]
    for one in presses:
        one.start()
    for one in presses:
        one.join()
    assert sorted(new) == [0, 0, 0, 0, 0, 200]
    assert len(rows()) == 200


def test_cause_that_is_rolled_back_leaves_no_mail(database: db.Database) -> None:
    with pytest.raises(Refusal), db.transaction():
        planning.plan("summary", "attendee:1")
        raise Refusal("no")
    assert rows() == []


def test_due_mails_come_by_urgency_then_time(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        planning.plan("summary", "later", run_after=evening + timedelta(minutes=1))
        planning.plan("summary", "second", run_after=evening - timedelta(minutes=1))
        planning.plan("summary", "first", run_after=evening - timedelta(minutes=2))
        planning.plan("sign_in", "urgent", urgency=1)
        planning.plan("digest", "other")
    with db.reading():
        due = [m.unique_key for m in planning.due_planned(["summary", "sign_in"], 10)]
        assert due == ["urgent", "first", "second"]
        assert [m.unique_key for m in planning.due_planned("summary", 1)] == ["first"]


def test_make_ready_freezes_bytes_once(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        mail = plan_mail()
        assert planning.make_ready(mail.id, "ada@people.example", b"first\r\n", "<a@x>", evening) is True
        assert planning.make_ready(mail.id, "eve@people.example", b"second\r\n", "<b@x>", evening) is False
    row = rows()[0]
    assert (row.state, row.to_address, row.content, row.message_id, row.dated_at, row.digest) == (
        "ready", "ada@people.example", b"first\r\n", "<a@x>", evening, hashlib.sha256(b"first\r\n").hexdigest())


def test_suppressed_mail_cannot_become_ready(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        mail = plan_mail()
        assert planning.suppress(mail.id, "Ada does not take part.") is True
        assert planning.make_ready(mail.id, "ada@people.example", b"x", "<a@x>", evening) is False
        assert planning.suppress(mail.id, "again") is False
    assert (rows()[0].state, rows()[0].reply) == ("suppressed", "Ada does not take part.")
    assert law_holds()


def test_cancel_takes_back_what_nobody_began(database: db.Database, settings: Settings) -> None:
    ids = make_ready_mails(settings, 3)
    with db.transaction():
        planning._move(ids[1], ("ready",), state="sent", settled_at=clock.now())
        assert planning.cancel("summary", unique_key="person:9999") == 0
        assert planning.cancel("summary", unique_key=db.session.get_one(Mail, ids[0]).unique_key) == 1
    assert states() == ["cancelled", "sent", "ready"]
    assert law_holds()
    with db.transaction(), pytest.raises(ValueError, match="cancel needs"):
        planning.cancel("summary")


def test_recompose_only_before_the_first_try(database: db.Database, evening: datetime) -> None:
    with db.transaction():
        event = make_event(owner=make_organizer())
        for n in range(3):
            mail = plan_mail(f"attendee:{n}", event_id=event.id)
            planning.make_ready(mail.id, "ada@people.example", b"x", "<a@x>", evening)
        db.session.flush()
        tried = get_mail("attendee:1")
        tried.attempts = 1
        db.session.flush()
        assert planning.recompose(event.id, None, "activation") == 0
        assert planning.recompose(event.id, [17], "summary") == 0
        assert planning.recompose(event.id, None, "summary") == 2
    with db.reading():
        assert [get_mail(f"attendee:{n}").state for n in range(3)] == ["planned", "ready", "planned"]
        assert get_mail("attendee:0").content is None
    assert law_holds()


def test_conservation_notices_a_mail_without_its_bytes(database: db.Database, settings: Settings) -> None:
    ids = make_ready_mails(settings, 2)
    assert law_holds()
    with db.transaction():
        planning._move(ids[0], ("ready",), content=None)
    with db.reading():
        law = planning.conservation()
    assert (law.holds, law.broken, law.total) == (False, 1, 2)


def test_suppression_of_an_event_is_of_that_event(database: db.Database) -> None:
    with db.transaction():
        event = make_event(owner=make_organizer()).id
        assert suppressing.suppress_address(event, " Ada@People.example ", "unsubscribed") is True
        assert suppressing.suppress_address(event, "ada@people.example", "bounced") is False
        assert suppressing.is_suppressed(event, "ADA@people.example") is True
        assert suppressing.is_suppressed(None, "ada@people.example") is False
        assert suppressing.lift(event, "ada@people.example") is True
        assert suppressing.lift(event, "ada@people.example") is False
        assert suppressing.is_suppressed(event, "ada@people.example") is False


def test_suppression_of_the_host_covers_every_event(database: db.Database) -> None:
    with db.transaction():
        event = make_event(owner=make_organizer()).id
        assert suppressing.suppress_address(None, "ada@people.example", "complained") is True
        assert suppressing.suppress_address(None, "ada@people.example", "bounced") is False
        assert suppressing.find_suppressed([(event, "Ada@people.example"), (event, "bob@people.example")]) == {
            (event, "Ada@people.example"): "complained"}
        assert suppressing.lift(event, "ada@people.example") is False
        assert suppressing.lift(None, "ada@people.example") is True


def test_resolve_as_sent_only_what_is_in_doubt(database: db.Database, settings: Settings, evening: datetime) -> None:
    doubtful, ready = make_ready_mails(settings, 2)
    with db.transaction():
        planning._move(doubtful, ("ready",), state="in_doubt", dot_at=evening, attempt="x", attempts=1)
        assert resolving.resolve(doubtful, "sent").state == "sent"
    for mail_id in (doubtful, ready):
        with db.transaction(), pytest.raises(Refusal) as refusal:
            resolving.resolve(mail_id, "sent")
        assert refusal.value.reason == "wrong_state"
    with db.transaction(), pytest.raises(NotFound):
        resolving.resolve("no such mail", "sent")
    assert states() == ["sent", "ready"]
    assert law_holds()


def test_resolve_again_keeps_the_identical_message(
    database: db.Database, settings: Settings, evening: datetime,
) -> None:
    mail_id, = make_ready_mails(settings, 1)
    before = rows()[0]
    with db.transaction():
        planning._move(mail_id, ("ready",), state="in_doubt", dot_at=evening, attempt="x", attempts=1)
    with db.transaction():
        resolving.resolve(mail_id, "again")
    after = rows()[0]
    assert (after.state, after.attempt, after.attempts) == ("ready", None, 0)
    assert (after.content, after.message_id, after.dated_at) == (before.content, before.message_id, before.dated_at)
    assert law_holds()


def test_bytes_go_a_week_after_sent_and_digest_stays(
    database: db.Database, settings: Settings, evening: datetime,
) -> None:
    old, new, doubtful = make_ready_mails(settings, 3)
    digest = rows()[0].digest
    with db.transaction():
        planning._move(old, ("ready",), state="sent", settled_at=evening - timedelta(days=7, seconds=1))
        planning._move(new, ("ready",), state="sent", settled_at=evening - timedelta(days=6))
        planning._move(doubtful, ("ready",), state="in_doubt", dot_at=evening - timedelta(days=30))
        assert forgetting.forget_contents() == 1
    assert [row.content is None for row in rows()] == [True, False, False]
    assert rows()[0].digest == digest
    assert law_holds()
