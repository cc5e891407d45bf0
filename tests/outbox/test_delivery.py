"""Delivery: once each, the identical bytes, stopped by the last look, fenced, limited, recovered."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from sqlalchemy.exc import OperationalError

from eventnet import clock, db
from eventnet.config import Settings
from eventnet.outbox import claiming, delivery, holders, planning, resolving, suppressing
from eventnet.outbox.claiming import Leaving
from eventnet.outbox.delivery import Delivery
from eventnet.outbox.dialogue import Dialogue, Outcome
from tests.factories import make_event, make_organizer
from tests.outbox.letters import get_mail, law_holds, make_ready_mails, plan_mail, rows, states
from tests.smtp_server import SmtpServer


def test_every_mail_arrives_once_over_one_connection(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    make_ready_mails(mail_settings, 45)
    done = Delivery(mail_settings).run()
    assert (done.claimed, done.sent, smtp.connections) == (45, 45, 1)
    assert sorted(smtp.recipients()) == sorted(f"person{n}@people.example" for n in range(1, 46))
    assert {mail.sender for mail in smtp.accepted} == {"events@ev.example"}
    assert {(row.state, row.attempts, row.digest) for row in rows()} == {
        ("sent", 1, mail.digest) for mail in smtp.accepted}
    assert {row.reply for row in rows()} == {f"250 Kept as {n:X}" for n in range(1, 46)}
    assert Delivery(mail_settings).run().claimed == 0
    assert law_holds()


def test_two_deliverers_at_once_send_each_mail_once(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    make_ready_mails(mail_settings, 60)
    both = [threading.Thread(target=Delivery(mail_settings).run) for _ in range(2)]
    for one in both:
        one.start()
    for one in both:
        one.join()
    assert sorted(smtp.recipients()) == sorted(f"person{n}@people.example" for n in range(1, 61))
    assert set(states()) == {"sent"}


def test_urgent_mail_leaves_first(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 3)
    make_ready_mails(mail_settings, 1, kind="sign_in", urgency=1)
    Delivery(mail_settings).run()
    assert smtp.accepted[0].message_id.startswith("<sign_in.")


def test_attempts_are_identical_until_the_server_takes_it(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    before = rows()[0]
    tried: list[tuple[str, bytes]] = []

    class Watched(Dialogue):
        def hand_over(self, sender: str, recipient: str, content: bytes) -> Outcome | None:
            tried.append((recipient, content))
            return super().hand_over(sender, recipient, content)

    smtp.misbehave("dot", "451 try later", times=3)
    waits = []
    for _ in range(4):
        now = rows()[0].run_after
        with clock.stopped(now):
            Delivery(mail_settings, line=Watched(mail_settings.smtp_url)).run()
            waits.append(rows()[0].run_after - now)
    assert waits == [timedelta(minutes=1), timedelta(minutes=5), timedelta(minutes=15), timedelta(0)]
    assert len(set(tried)) == 1
    assert len(tried) == 4
    after = rows()[0]
    assert [mail.digest for mail in smtp.accepted] == [before.digest]
    assert smtp.accepted[0].message_id == before.message_id
    assert smtp.accepted[0].message["Date"] is not None
    assert (after.state, after.attempts, after.dated_at) == ("sent", 4, before.dated_at)


def test_eighth_refusal_for_now_fails_the_mail(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    smtp.misbehave("RCPT", "450 greylisted")
    tries = 0
    while rows()[0].state == "ready":
        with clock.stopped(rows()[0].run_after):
            Delivery(mail_settings).run()
        tries += 1
    assert (tries, rows()[0].state, rows()[0].attempts, rows()[0].reply) == (8, "failed", 8, "450 greylisted")
    assert law_holds()


def test_two_days_of_refusals_fail_the_mail(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    smtp.misbehave("RCPT", "450 greylisted")
    Delivery(mail_settings).run()
    assert rows()[0].state == "ready"
    with clock.stopped(evening + timedelta(hours=48)):
        Delivery(mail_settings).run()
    assert (rows()[0].state, rows()[0].attempts) == ("failed", 2)


def test_suppressed_between_plan_and_claim_is_not_sent(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    with db.transaction():
        event = make_event(owner=make_organizer()).id
        for n, address in enumerate(["ada@people.example", "Bob@People.example"]):
            mail = plan_mail(f"attendee:{n}", event_id=event)
            planning.make_ready(mail.id, address, b"Subject: x\r\n\r\nx\r\n", f"<{n}@x>", evening)
    with db.transaction():
        suppressing.suppress_address(event, "bob@people.example", "unsubscribed")
    done = Delivery(mail_settings).run()
    assert (done.sent, done.suppressed, smtp.recipients()) == (1, 1, ["ada@people.example"])
    with db.reading():
        bob = get_mail("attendee:1")
    assert (bob.state, bob.reply, bob.content) == (
        "suppressed", "This address gets no more mail: unsubscribed.", None)
    assert law_holds()


def test_objection_stops_a_mail_at_the_claim(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    ids = make_ready_mails(mail_settings, 3)

    def objections(mails: Sequence[Leaving]) -> Mapping[str, str]:
        return {mail.id: "They no longer take part." for mail in mails if mail.id == ids[1]}

    Delivery(mail_settings, objections=objections).run()
    assert states() == ["sent", "suppressed", "sent"]
    assert rows()[1].reply == "They no longer take part."
    assert len(smtp.accepted) == 2


def test_hourly_limit_lets_so_many_out_and_no_more(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 12)
    limited = replace(mail_settings, mail_per_hour=5)
    sent = []
    for minutes in (0, 30, 59, 61, 122):
        with clock.stopped(evening + timedelta(minutes=minutes)):
            Delivery(limited).run()
        sent.append(len(smtp.accepted))
    assert sent == [5, 5, 5, 10, 12]


def test_zombie_sends_no_dot_after_another_took_over(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)

    def overtaken(point: str) -> None:
        if point == "body.after":  # stopped here for longer than the lease; another worker does it all
            with clock.stopped(evening + timedelta(minutes=11)):
                assert delivery.recover() == 1
                assert Delivery(mail_settings).run().sent == 1

    done = Delivery(mail_settings, at=overtaken).run()
    assert (done.sent, done.lost_hold, len(smtp.accepted), smtp.dots, states()) == (0, 1, 1, 1, ["sent"])


def test_zombie_sends_no_dot_while_another_is_at_it(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    """The state alone would let both through: the row is in sending again, but under another attempt."""
    make_ready_mails(mail_settings, 1)
    others: list[claiming.Claimed] = []

    def overtaken(point: str) -> None:
        if point == "body.after":
            with clock.stopped(evening + timedelta(minutes=11)):
                delivery.recover()
                with db.transaction():
                    others.extend(claiming.claim(1, per_hour=0, objections=delivery.no_objections).mails)

    done = Delivery(mail_settings, at=overtaken).run()
    assert (done.lost_hold, smtp.dots, states()) == (1, 0, ["sending"])
    with db.transaction():
        assert claiming.mark_dot(others[0]) is True


def test_zombie_sends_no_dot_long_after_its_mark(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    mail_id, = make_ready_mails(mail_settings, 1)
    monkeypatch.setattr(delivery, "STALE", -1.0)

    def overtaken(point: str) -> None:
        if point == "mark.committed":
            monkeypatch.setattr(delivery, "STALE", 60.0)
            with clock.stopped(evening + timedelta(minutes=12)):
                assert delivery.recover() == 1
                with db.transaction():
                    resolving.resolve(mail_id, "again")
                assert Delivery(mail_settings).run().sent == 1
            monkeypatch.setattr(delivery, "STALE", -1.0)

    Delivery(mail_settings, at=overtaken).run()
    assert (len(smtp.accepted), smtp.dots, states()) == (1, 1, ["sent"])


def test_late_answer_settles_the_doubt(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)
    seen = []

    def doubted(point: str) -> None:
        if point == "dot.sent":
            with clock.stopped(evening + timedelta(days=1)):
                delivery.recover()
            seen.extend(states())

    Delivery(mail_settings, at=doubted).run()
    assert (seen, states(), len(smtp.accepted)) == (["in_doubt"], ["sent"], 1)
    assert law_holds()


def test_recovery_takes_back_what_the_lease_no_longer_covers(
    database: db.Database, settings: Settings, evening: datetime,
) -> None:
    ids = make_ready_mails(settings, 2)
    with db.transaction():
        claim = claiming.claim(2, per_hour=0, objections=delivery.no_objections)
        assert claiming.mark_dot(claim.mails[1]) is True
    assert delivery.recover() == 0
    with clock.stopped(evening + timedelta(minutes=10, seconds=1)):
        assert delivery.recover() == 1
    assert states() == ["ready", "dot"]
    with clock.stopped(evening + timedelta(minutes=11, seconds=1)):
        assert delivery.recover() == 1
    assert states() == ["ready", "in_doubt"]
    assert [row.attempts for row in rows()] == [0, 1]
    with db.transaction():
        assert claiming.mark_dot(claim.mails[0]) is False
    assert ids == [mail.id for mail in claim.mails]
    assert law_holds()


def test_recovery_knows_a_process_that_ended(
    database: db.Database, settings: Settings, evening: datetime, monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_ready_mails(settings, 1)
    monkeypatch.setattr(holders, "process", lambda: f"{holders._host()}/4194305/1")
    with db.transaction():
        claiming.claim(1, per_hour=0, objections=delivery.no_objections)
    monkeypatch.undo()
    assert delivery.recover() == 1
    assert states() == ["ready"]


def test_own_process_and_other_hosts_are_not_gone() -> None:
    assert holders.is_gone(holders.new_attempt()) is False
    assert holders.is_gone("elsewhere/boot/1/1/id") is False
    assert holders.is_gone("nonsense") is False


def test_stop_finishes_the_mail_in_hand_and_gives_the_rest_back(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    make_ready_mails(mail_settings, 10)
    stop = threading.Event()

    def halfway(point: str) -> None:
        if point == "body.middle" and len(smtp.accepted) == 3:
            stop.set()

    done = Delivery(mail_settings, at=halfway).run(stop=stop)
    assert (done.sent, len(smtp.accepted)) == (4, 4)
    assert sorted(states()) == ["ready"] * 6 + ["sent"] * 4
    assert {row.attempts for row in rows() if row.state == "ready"} == {0}
    assert law_holds()


def test_answer_is_written_down_although_the_database_was_busy(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_ready_mails(mail_settings, 1)
    monkeypatch.setattr(delivery, "PATIENT_WRITES", (0.01, 0.01))
    monkeypatch.setattr(claiming, "settle", _failing(2, claiming.settle))
    assert Delivery(mail_settings).run().sent == 1
    assert states() == ["sent"]


def test_database_gone_after_the_dot_leaves_a_doubt_not_a_second_mail(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, monkeypatch: pytest.MonkeyPatch,
) -> None:
    make_ready_mails(mail_settings, 3)
    monkeypatch.setattr(delivery, "PATIENT_WRITES", (0.01,))
    monkeypatch.setattr(claiming, "settle", _failing(99, claiming.settle))
    with pytest.raises(OperationalError):
        Delivery(mail_settings).run()
    monkeypatch.undo()
    with clock.stopped(clock.now() + timedelta(hours=1)):
        delivery.recover()
        Delivery(mail_settings).run()
    assert sorted(states()) == ["in_doubt", "sent", "sent"]
    assert len(smtp.accepted) == len(set(smtp.recipients())) == 3
    assert law_holds()


def _failing(times: int, real: Callable[..., bool]) -> Callable[..., bool]:
    """The database as it is when the disk is full for a while: the statement fails, then works."""
    left = [times]

    def settle(*args: object) -> bool:
        left[0] -= 1
        if left[0] >= 0:
            raise OperationalError("UPDATE", {}, Exception("disk full"))
        return real(*args)

    return settle
