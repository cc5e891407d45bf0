"""Who is waited for gets a mail at the first, and one an evening with news; never at night, and not for imports."""

from __future__ import annotations

import email
import email.policy
import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventnet import clock, config, db, jobs
from eventnet.attendees import participation
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Card
from eventnet.contacts import keeping_away, reminding
from eventnet.encounters import triage
from eventnet.encounters.models import Scan
from eventnet.outbox.composing import compose_due
from eventnet.outbox.models import Mail
from tests.factories import Cast, make_attendee

FIRST = datetime(2026, 10, 15, 12, 0, tzinfo=UTC)  # 14:00 in Cologne
NEXT_EVENING = datetime(2026, 10, 16, 17, 0, tzinfo=UTC)  # 19:00 there


@pytest.fixture
def grace_asks(cast: Cast) -> Iterator[Cast]:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="ask"))
    return cast


def wait_for(cast: Cast, scanner: Attendee, at: datetime, way: str = "page") -> None:
    with db.transaction():
        db.session.add(Scan(event_id=cast.mixer.id, client_id=str(uuid.uuid4()), scanner_id=scanner.id,
                            scanned_id=cast.grace.id, way=way, offered=["name"], received_at=at, met_at=at))


def plan(at: datetime) -> int:
    with clock.stopped(at), db.transaction():
        return reminding.plan_due(at)


def mails() -> list[str]:
    with db.reading():
        return list(db.session.scalars(select(Mail.unique_key).where(Mail.kind == "waiting").order_by(Mail.planned_at)))


def test_one_mail_at_the_first_then_one_an_evening_with_news(grace_asks: Cast) -> None:
    cast, minute = grace_asks, timedelta(minutes=1)
    wait_for(cast, cast.ada, FIRST)
    assert [plan(FIRST + 9 * minute), plan(FIRST + 10 * minute), plan(FIRST + 20 * minute)] == [0, 1, 0]
    assert plan(NEXT_EVENING) == 0  # nothing new
    wait_for(cast, cast.bob, NEXT_EVENING - timedelta(hours=2))
    assert [plan(NEXT_EVENING - minute), plan(NEXT_EVENING), plan(NEXT_EVENING + 30 * minute)] == [0, 1, 0]
    wait_for(cast, cast.bob, NEXT_EVENING + 40 * minute)
    assert plan(NEXT_EVENING + 50 * minute) == 0
    assert plan(NEXT_EVENING + timedelta(days=1)) == 1
    assert mails() == [f"attendee:{cast.grace.id}{day}" for day in ("", ":2026-10-16", ":2026-10-17")]


def test_never_at_night(grace_asks: Cast) -> None:
    wait_for(grace_asks, grace_asks.ada, FIRST)
    hours = {hour: plan(datetime(2026, 10, 15 + hour // 24, hour % 24, tzinfo=UTC)) for hour in (19, 20, 23, 26, 29)}
    assert hours == dict.fromkeys(hours, 0)  # 21:00 to 7:00 in Cologne
    assert plan(datetime(2026, 10, 16, 6, 0, tzinfo=UTC)) == 1


def test_not_for_imported_scans_blocked_people_and_those_not_active(grace_asks: Cast) -> None:
    cast = grace_asks
    wait_for(cast, cast.ada, FIRST, way="import")
    assert plan(FIRST + timedelta(hours=1)) == 0
    wait_for(cast, cast.ada, FIRST)
    with db.transaction():
        keeping_away.block(cast.mixer.id, cast.grace.id, cast.ada.id, takes_back=False)
    assert plan(FIRST + timedelta(hours=1)) == 0
    with db.transaction():
        keeping_away.lift(cast.mixer.id, cast.grace.id, cast.ada.id)
        db.session.execute(update(Attendee).where(Attendee.id == cast.grace.id).values(activated_at=None))
    assert plan(FIRST + timedelta(hours=1)) == 0
    with db.transaction():
        db.session.execute(update(Attendee).where(Attendee.id == cast.grace.id).values(activated_at=FIRST))
    assert plan(FIRST + timedelta(hours=1)) == 1


def test_not_to_those_who_left_and_not_after_the_time_for_answers(grace_asks: Cast) -> None:
    cast = grace_asks
    wait_for(cast, cast.ada, FIRST)
    end = cast.mixer.swaps_close_at + timedelta(hours=72)
    late = (end + timedelta(hours=12)).replace(hour=12)
    assert plan(late) == 0
    with db.transaction():
        participation.leave(cast.mixer.id, cast.grace.id)
    assert plan(FIRST + timedelta(hours=1)) == 0


def test_mail_says_how_many_and_from_where_and_no_more(grace_asks: Cast, app: Flask, settings: config.Settings) -> None:
    cast = grace_asks
    with db.transaction():
        people = [make_attendee(cast.mixer, f"Guest {n}", shared=["email"], organization=name, phone="+49 221 5555")
                  for n, name in enumerate(("Navy", "Navy", "ARPA", "Bell", "CERN", "<b>Dagger", ""))]
    for person in people:
        wait_for(cast, person, FIRST)
    plan(FIRST + timedelta(hours=1))
    with clock.stopped(FIRST + timedelta(hours=1)):
        compose_due(jobs.composers(settings), settings)
    with db.reading():
        mail = db.session.scalars(select(Mail)).one()
    letter = email.message_from_bytes(mail.content or b"", policy=email.policy.default)
    text = "".join(part.get_content() for part in letter.walk() if not part.is_multipart())
    assert (mail.to_address, letter["Subject"]) == (
        "grace@people.example", "Spring mixer: 7 people wait for your yes")
    assert "https://ev.example/e/mixer/waiting" in text
    assert "https://ev.example/U/" in text
    assert "From: Navy, <b>Dagger, ARPA and 2 more organizations." in text
    assert [word for word in ("Guest", "+49", "@people.example") if word in text.replace(
        "grace@people.example", "")] == []


def test_mail_with_link_only_names_no_organization(grace_asks: Cast, settings: config.Settings) -> None:
    cast = grace_asks
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(summary_detail="link"))
    wait_for(cast, cast.ada, FIRST)
    plan(FIRST + timedelta(hours=1))
    with clock.stopped(FIRST + timedelta(hours=1)):
        compose_due(jobs.composers(settings), settings)
    with db.reading():
        content = db.session.scalars(select(Mail.content)).one()
    assert content is not None
    assert b"Analytical" not in content
    assert b"1 person waits" in content


def test_mail_is_not_sent_when_all_are_answered(grace_asks: Cast, settings: config.Settings) -> None:
    cast = grace_asks
    wait_for(cast, cast.ada, FIRST)
    plan(FIRST + timedelta(hours=1))
    with db.transaction():
        triage.answer(cast.mixer.id, cast.grace.id, None, "no")
    with clock.stopped(FIRST + timedelta(hours=1)):
        compose_due(jobs.composers(settings), settings)
    with db.reading():
        assert db.session.execute(select(Mail.state, Mail.reply)).all() == [("suppressed", "Nobody waits any more.")]
