"""Crashes: a real process is killed at every step; no mail is doubled, none is silently lost."""

from __future__ import annotations

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from eventnet import db
from eventnet.config import Settings
from eventnet.outbox import resolving
from tests.outbox.letters import law_holds, make_ready_mails, rows
from tests.smtp_server import SmtpServer

KILLED, DONE = -9, 0
POINTS = [  # where the process dies, at which passing, how many mails that brings into doubt
    ("claim.before", 1, 0), ("claim.uncommitted", 1, 0), ("claim.committed", 1, 0), ("connect.before", 1, 0),
    ("connect.after", 1, 0), ("mail.after", 1, 0), ("rcpt.after", 1, 0), ("data.after", 1, 0), ("body.middle", 1, 0),
    ("body.after", 1, 0), ("mark.uncommitted", 1, 0), ("mark.committed", 1, 1), ("dot.sent", 1, 1),
    ("dot.answered", 1, 1), ("outcome.uncommitted", 1, 1), ("outcome.committed", 1, 0), ("quit.before", 1, 0),
    ("quit.after", 1, 0),
    # From the second mail on, the answer about the one before is still unwritten until the mark is committed.
    ("mail.after", 2, 1), ("data.after", 3, 1), ("body.middle", 2, 1), ("mark.uncommitted", 2, 1),
    ("mark.committed", 3, 1), ("dot.sent", 2, 1), ("dot.answered", 3, 1),
]


class Driver:
    """Runs jobs in processes of their own, see crash_driver.py."""

    def __init__(self, process: subprocess.Popen[str], about: dict[str, Any]) -> None:
        self._process, self._about = process, about

    def run(self, **job: Any) -> int:
        return self.run_together([job])[0]

    def run_together(self, jobs: list[dict[str, Any]]) -> list[int]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps([self._about | job for job in jobs]) + "\n")
        self._process.stdin.flush()
        endings: list[int] = json.loads(self._process.stdout.readline())
        return endings


@pytest.fixture(scope="module")
def nursery() -> Iterator[subprocess.Popen[str]]:
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(
        [sys.executable, "-m", "tests.outbox.crash_driver"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
        cwd=root, stderr=subprocess.DEVNULL,
    ) as process:
        yield process
        assert process.stdin is not None
        process.stdin.close()


@pytest.fixture
def driver(
    nursery: subprocess.Popen[str], database: db.Database, mail_settings: Settings, tmp_path: Path,
) -> Driver:
    return Driver(nursery, {
        "database": mail_settings.database_url, "smtp": mail_settings.smtp_url, "var": str(tmp_path / "var")})


@pytest.mark.parametrize(("point", "nth", "doubts"), POINTS)
def test_kill_at_a_named_point_neither_doubles_nor_loses(
    point: str, nth: int, doubts: int, driver: Driver, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    make_ready_mails(mail_settings, 4)
    assert driver.run(point=point, nth=nth) == KILLED
    assert law_holds()
    assert driver.run() == DONE
    assert _check_the_promise(smtp, kills=1) == doubts
    _resolve_by_message_id(smtp)
    assert driver.run() == DONE
    _everybody_once(smtp, 4)


@pytest.mark.parametrize(("mails", "kills", "workers"), [
    (40, 8, 1), (40, 8, 2),
    pytest.param(1000, 200, 1, marks=pytest.mark.long), pytest.param(1000, 200, 4, marks=pytest.mark.long),
])
def test_random_kills_neither_double_nor_lose(
    mails: int, kills: int, workers: int, driver: Driver, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    make_ready_mails(mail_settings, mails)
    smtp.slowness = 0.02 if mails < 100 else 0.15
    killed, seed = 0, 0
    while killed < kills and any(row.state in ("ready", "sending", "dot") for row in rows()):
        seed += 1
        endings = driver.run_together([
            {"after_ms": [30, 300], "seed": seed * 100 + n} for n in range(workers)])
        killed += endings.count(KILLED)
        assert law_holds()
    assert killed >= (kills if mails == 1000 else 3)
    smtp.slowness = 0.0
    assert driver.run() == DONE
    assert _check_the_promise(smtp, kills=killed) <= killed
    _resolve_by_message_id(smtp)
    assert driver.run() == DONE
    _everybody_once(smtp, mails)


@pytest.mark.long
@pytest.mark.parametrize(("point", "nth"), [(point, nth) for point, nth, _doubts in POINTS])
def test_many_kills_at_each_point_neither_double_nor_lose(
    point: str, nth: int, driver: Driver, mail_settings: Settings, smtp: SmtpServer,
) -> None:
    for number in range(25):
        make_ready_mails(mail_settings, 4, kind=f"round{number}")
        assert driver.run(point=point, nth=nth) == KILLED
        assert law_holds()
    assert driver.run() == DONE
    _check_the_promise(smtp, kills=25)
    _resolve_by_message_id(smtp)
    assert driver.run() == DONE
    _everybody_once(smtp, 100)


def test_marking_after_sending_doubles(driver: Driver, mail_settings: Settings, smtp: SmtpServer) -> None:
    """The negative control: the same kill and the usual policy give somebody two mails."""
    make_ready_mails(mail_settings, 4)
    assert driver.run(policy="marks after", point="dot.answered", nth=2) == KILLED
    assert driver.run(policy="marks after") == DONE
    assert max(Counter(mail.message_id for mail in smtp.accepted).values()) == 2


def test_settling_before_sending_loses(driver: Driver, mail_settings: Settings, smtp: SmtpServer) -> None:
    """The other negative control: somebody counts as served and got nothing."""
    make_ready_mails(mail_settings, 4)
    assert driver.run(policy="settles before", point="body.after", nth=2) == KILLED
    assert driver.run(policy="settles before") == DONE
    with pytest.raises(AssertionError, match="silently lost"):
        _check_the_promise(smtp, kills=1)


def _check_the_promise(smtp: SmtpServer, *, kills: int) -> int:
    """No mail twice, none missing that counts as sent, at most one doubt a kill; returns the doubts."""
    arrived = Counter(mail.message_id for mail in smtp.accepted)
    assert [name for name, times in arrived.items() if times > 1] == [], "doubled"
    assert [m.id for m in rows() if m.state == "sent" and m.message_id not in arrived] == [], "silently lost"
    assert {m.message_id for m in rows() if m.state in ("sent", "in_doubt")} >= set(arrived), "unaccounted"
    doubts = [m for m in rows() if m.state == "in_doubt"]
    assert len(doubts) <= kills
    assert {m.state for m in rows()} <= {"sent", "in_doubt"}
    assert law_holds()
    return len(doubts)


def _resolve_by_message_id(smtp: SmtpServer) -> None:
    """What an organizer does with the mail server's log."""
    arrived = {mail.message_id for mail in smtp.accepted}
    for mail in rows():
        if mail.state == "in_doubt":
            with db.transaction():
                resolving.resolve(mail.id, "sent" if mail.message_id in arrived else "again")


def _everybody_once(smtp: SmtpServer, number: int) -> None:
    assert {mail.state for mail in rows()} == {"sent"}
    assert len(smtp.accepted) == number
    assert sorted(mail.message_id for mail in smtp.accepted) == sorted(str(mail.message_id) for mail in rows())
    assert {mail.digest for mail in rows()} == {mail.digest for mail in smtp.accepted}
    assert law_holds()
