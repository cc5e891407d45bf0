"""Notices 30 and 7 days before everything goes: once each, to whoever has something to lose."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from email import message_from_bytes, policy

import pytest
import sqlalchemy as sa

from eventnet import clock, config, db, jobs
from eventnet.attendees import participation
from eventnet.attendees.models import Attendee
from eventnet.events import calendar
from eventnet.events.models import Event
from eventnet.lifecycle import farewell
from eventnet.outbox import composing
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast, make_event

MONTH, WEEK = timedelta(days=30), timedelta(days=7)


@pytest.fixture
def met(cast: Cast, client: Client) -> Cast:
    """Ada and Grace swapped; Bob has nobody. The other event is kept for longer."""
    with db.transaction():
        db.session.get_one(Event, cast.elsewhere.id).retention_months = 24
    client.become(cast.ada)
    client.send("/api/v1/encounters", {"sent_at": clock.now().isoformat(), "scans": [
        {"id": "00000000-0000-4000-8000-000000000001", "badge": cast.token(cast.grace),
         "scanned_at": clock.now().isoformat(), "elapsed_ms": 0}]})
    return cast


def ending(cast: Cast) -> datetime:
    return cast.mixer.retention_at.astimezone(UTC)


def plan(at: datetime) -> int:
    with clock.stopped(at), db.transaction():
        return farewell.plan_due(clock.now())


def write(at: datetime, settings: config.Settings) -> dict[str, tuple[str, str]]:
    """By unique key: the state of each notice and its subject, or why there is none."""
    with clock.stopped(at):
        composing.compose_due({farewell.KIND: farewell.composer(settings)}, settings)
    with db.reading():
        return {mail.unique_key: (mail.state, str(message_from_bytes(mail.content, policy=policy.default)["Subject"])
                                  if mail.content else mail.reply or "")
                for mail in db.session.scalars(sa.select(Mail).where(Mail.kind == farewell.KIND))}


def test_two_notices_to_those_with_contacts_and_who_organizes(met: Cast, settings: config.Settings) -> None:
    end = ending(met)
    assert [plan(end - MONTH - timedelta(seconds=1)), plan(end - MONTH), plan(end - MONTH + timedelta(days=9)),
            plan(end - WEEK), plan(end - timedelta(days=1)), plan(end)] == [0, 3, 0, 3, 0, 0]
    subject = "Your contact at Spring mixer is deleted on 15 November 2027"
    assert write(end - timedelta(days=1), settings) == {
        **{f"attendee:{one.id}:{days}:2027-11-15": ("ready", subject) for one in (met.ada, met.grace)
           for days in (30, 7)},
        **{f"organizer:{met.olga.id}:{met.mixer.id}:{days}:2027-11-15": (
            "ready", "Everything about Spring mixer is deleted on 15 November 2027") for days in (30, 7)}}


def test_mail_leads_to_the_data_and_out(met: Cast, settings: config.Settings) -> None:
    at = ending(met) - WEEK
    plan(at)
    write(at, settings)
    with db.reading():
        mail = db.session.scalars(sa.select(Mail).where(Mail.attendee_id == met.ada.id)).one()
        ada = db.session.get_one(Attendee, met.ada.id)
        message = message_from_bytes(mail.content or b"", policy=policy.default)
    text = message.get_body(("plain",))
    assert text is not None
    assert "https://ev.example/e/mixer/my-data" in text.get_content()
    assert participation.unsubscribe_url(settings, ada) in message["List-Unsubscribe"]
    assert "Grace" not in str(message)


def test_nobody_is_told_who_left_or_lost_nothing(met: Cast, settings: config.Settings) -> None:
    at = ending(met) - WEEK
    plan(at)
    with db.transaction():
        participation.leave(met.mixer.id, met.ada.id)
    states = write(at, settings)
    assert states[f"attendee:{met.ada.id}:7:2027-11-15"][0] in ("cancelled", "suppressed")
    assert states[f"attendee:{met.grace.id}:7:2027-11-15"][0] == "ready"
    assert f"attendee:{met.bob.id}:7:2027-11-15" not in states


def test_changed_day_makes_the_old_notice_void_and_a_new_one_due(met: Cast, settings: config.Settings) -> None:
    at = ending(met) - MONTH
    plan(at)
    with db.transaction():
        calendar.change_event(met.mixer.id, {"retention_months": 12}, "organizer:1")
    with db.reading():
        sooner = db.session.get_one(Event, met.mixer.id).retention_at.astimezone(UTC)
    assert sooner < at
    with clock.stopped(sooner - WEEK), db.transaction():
        assert farewell.plan_due(clock.now()) == 3
    states = write(sooner - WEEK, settings)
    assert {key.rpartition(":")[2]: state for key, (state, _said) in states.items() if key.startswith("attendee")} == {
        "2027-11-15": "planned", "2027-10-15": "ready"}


@pytest.mark.parametrize(("days", "left", "span"), [
    (30, 30, None), (30, 15, None), (30, 7, 7), (45, 30, 30), (44, 30, None), (60, 31, None), (60, 30, 30), (60, 7, 7),
    (60, 0, None), (7, 7, 7),
])
def test_short_retention_gets_the_last_notice_only(
    database: db.Database, evening: datetime, days: int, left: int, span: int | None,
) -> None:
    with db.transaction():
        event = make_event(retention_days=days)
    at = max(event.retention_at.astimezone(UTC) - timedelta(days=left), event.ends_at)
    with clock.stopped(at):
        assert farewell.due_span(event, at) == span


def test_banner_is_shown_in_the_last_month_only(met: Cast, client: Client) -> None:
    end, banner = ending(met), "On 15 November 2027 everything here is deleted."
    with clock.stopped(end - timedelta(days=40)):
        client.become(met.ada)
        assert banner not in client.get("/e/mixer/people").text
    with clock.stopped(end - MONTH):
        assert banner in client.get("/e/mixer/people").text


def test_job_is_in_the_timetable() -> None:
    assert [job.every for job in jobs.TIMETABLE if job.name == "tell whose contacts are deleted soon"] == [
        timedelta(hours=1)]
