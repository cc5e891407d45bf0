"""The worker: it composes, delivers, runs the timetable once, survives trouble and stops in order."""

from __future__ import annotations

import threading
import time
from datetime import datetime, timedelta

import pytest
from sqlalchemy import select

from eventnet import clock, db
from eventnet.config import Settings
from eventnet.outbox import timetable
from eventnet.outbox.mime import Letter
from eventnet.outbox.models import Appointment, Mail
from eventnet.outbox.timetable import Job
from eventnet.outbox.worker import Worker
from tests.outbox.letters import law_holds, make_letter, make_ready_mails, plan_mail, rows, states
from tests.smtp_server import SmtpServer

HOURLY = timedelta(hours=1)


def _write(mail: Mail) -> Letter:
    if mail.unique_key == "broken":
        raise KeyError(mail.unique_key)
    return make_letter(f"{mail.unique_key}@people.example")


def test_worker_writes_and_sends_what_was_planned(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    with db.transaction():
        for name in ("ada", "broken", "grace"):
            plan_mail(name)
    Worker(mail_settings, composers={"summary": _write}).turn(threading.Event())
    assert sorted(smtp.recipients()) == ["ada@people.example", "grace@people.example"]
    assert sorted(states()) == ["planned", "sent", "sent"]
    assert law_holds()


def test_worker_beats_although_a_part_of_it_fails(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer, evening: datetime,
) -> None:
    make_ready_mails(mail_settings, 1)

    def objections(_mails: object) -> dict[str, str]:
        raise ZeroDivisionError("oh")

    Worker(mail_settings, objections=objections).turn(threading.Event())
    with db.reading():
        beat = db.session.get_one(Appointment, timetable.WORKER)
        assert timetable.find_beat() == evening
    assert beat.last_error == "delivery: ZeroDivisionError: oh"
    assert states() == ["ready"]


def test_worker_lets_a_server_that_is_down_rest(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    make_ready_mails(mail_settings, 5)
    smtp.misbehave("connect", "421 not now")
    worker = Worker(mail_settings)
    for _ in range(4):
        worker.turn(threading.Event())
    assert smtp.connections == 1
    assert sum(row.attempts for row in rows()) == 1


def test_worker_stops_with_nothing_half_sent(
    database: db.Database, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    make_ready_mails(mail_settings, 60)
    smtp.slowness = 0.02
    stop = threading.Event()
    running = threading.Thread(target=Worker(mail_settings).run, args=(stop,))
    running.start()
    while not smtp.accepted:
        time.sleep(0.005)
    stop.set()
    running.join(timeout=10)
    assert not running.is_alive()
    assert set(states()) == {"ready", "sent"}
    assert states().count("sent") == len(smtp.accepted)


def test_job_runs_when_it_is_due_and_then_rests(database: db.Database, evening: datetime) -> None:
    ran: list[datetime] = []
    job = Job("sweep", HOURLY, lambda: ran.append(clock.now()))
    for minutes in (0, 30, 59, 60, 61, 120):
        with clock.stopped(evening + timedelta(minutes=minutes)):
            timetable.run_due([job])
    assert [at - evening for at in ran] == [HOURLY * n for n in range(3)]


def test_job_is_run_by_one_of_many_workers(database: db.Database) -> None:
    ran: list[str] = []
    start = threading.Barrier(6)

    def work() -> None:
        start.wait()
        timetable.run_due([Job("sweep", HOURLY, lambda: ran.append(threading.current_thread().name))])

    workers = [threading.Thread(target=work) for _ in range(6)]
    for one in workers:
        one.start()
    for one in workers:
        one.join()
    assert len(ran) == 1


def test_job_that_raises_is_noted_and_tried_again_in_time(database: db.Database, evening: datetime) -> None:
    def fail() -> None:
        raise ValueError("no disk")

    timetable.run_due([Job("sweep", HOURLY, fail), Job("other", HOURLY, lambda: None)])
    with db.reading():
        noted = {row.name: (row.last_error, row.next_at, row.claimed_by)
                 for row in db.session.scalars(select(Appointment))}
    assert noted == {
        "sweep": ("ValueError: no disk", evening + HOURLY, None), "other": (None, evening + HOURLY, None)}


@pytest.mark.parametrize(("claimed_by", "again"), [("dead process", False), ("", True)])
def test_job_of_a_worker_that_is_gone_is_taken_over(
    claimed_by: str, again: bool, database: db.Database, evening: datetime,
) -> None:
    """A claim of another host is believed for an hour, one of a dead process here not at all."""
    from eventnet.outbox import holders

    gone = claimed_by or f"{holders._host()}/4194305/1/x"
    with db.transaction():
        db.session.add(Appointment(name="sweep", next_at=evening, claimed_by=gone))
    ran: list[int] = []
    timetable.run_due([Job("sweep", HOURLY, lambda: ran.append(1))])
    assert bool(ran) is again
    with clock.stopped(evening + HOURLY):
        timetable.run_due([Job("sweep", HOURLY, lambda: ran.append(1))])
    assert len(ran) == (2 if again else 1)


def test_clock_set_back_does_not_silence_a_job(database: db.Database, evening: datetime) -> None:
    ran: list[int] = []
    job = Job("sweep", HOURLY, lambda: ran.append(1))
    with clock.stopped(evening + timedelta(days=30)):
        timetable.run_due([job])
    timetable.run_due([job])
    assert len(ran) == 2
