"""Health: alive, ready, and numbers for whoever has the key."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import text

from eventnet import clock, config, create_app, db
from eventnet.outbox import timetable
from tests.clients import Client
from tests.factories import Cast


@pytest.fixture
def monitored(settings: config.Settings) -> Iterator[Client]:
    app = create_app(replace(settings, metrics_key="a key for the monitor"))
    app.test_client_class = Client
    yield app.test_client()  # type: ignore[misc]
    db.database().dispose()


def test_process_is_alive_without_asking_the_database(client: Client, statements) -> None:  # type: ignore[no-untyped-def]
    with statements() as said:
        assert client.get("/healthz").json == {"status": "alive"}
    assert said == []


def test_ready_tells_when_the_worker_was_last_seen(client: Client, cast: Cast) -> None:
    assert client.get("/readyz").json == {"status": "ready", "worker_beat_seconds_ago": None}
    with db.transaction():
        timetable.beat()
    with clock.stopped(clock.now() + timedelta(seconds=42)):
        assert client.get("/readyz").json == {"status": "ready", "worker_beat_seconds_ago": 42}


def test_not_ready_with_a_database_of_another_version(client: Client) -> None:
    with db.transaction():
        db.session.execute(text("UPDATE alembic_version SET version_num = 'elder'"))
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json) == (
        503, {"status": "not ready", "problem": "The database is of another version. Run: eventnet db upgrade"})


def test_not_ready_with_an_empty_database(client: Client) -> None:
    with db.transaction():
        db.session.execute(text("DROP TABLE alembic_version"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json is not None
    assert answer.json["problem"].startswith("The database cannot be reached, or is empty.")


def test_metrics_do_not_exist_without_a_key(client: Client) -> None:
    absent = client.get("/no-such-page").get_data()
    for headers in ({}, {"Authorization": "Bearer "}, {"Authorization": "Bearer x"}):
        answer = client.get("/metrics", headers=headers)
        assert (answer.status_code, answer.get_data()) == (404, absent)


@pytest.mark.parametrize("header", ["", "Bearer wrong", "Bearer", "a key for the monitor", "Basic x"])
def test_metrics_need_the_key(monitored: Client, header: str) -> None:
    assert monitored.get("/metrics", headers={"Authorization": header}).status_code == 404


def test_metrics_count_rows_and_mails(monitored: Client, cast: Cast) -> None:
    with db.transaction():
        timetable.beat()
    answer = monitored.get("/metrics", headers={"Authorization": "Bearer a key for the monitor"})
    assert answer.content_type.startswith("text/plain; version=")
    lines = answer.get_data(as_text=True).splitlines()
    assert 'eventnet_rows{table="attendees"} 4.0' in lines
    assert 'eventnet_rows{table="events"} 2.0' in lines
    assert "eventnet_worker_beat_seconds 0.0" in lines


def test_character_that_nobody_can_type_is_refused(client: Client) -> None:
    typed = client.submit("/admin/reset", {"email": "\0"})
    for answer in (client.get("/admin/e/a%00b/"), client.get("/?q=%00"), typed):
        assert answer.status_code == 400
        assert "There is a character in it that nobody can type." in answer.get_data(as_text=True)
