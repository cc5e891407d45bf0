"""Budgets of swaps: a round of introductions, a day, queued scans at their own time, guessers, a scraper."""

from __future__ import annotations

import uuid
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from eventnet import clock, db
from eventnet.attendees import overruns
from eventnet.attendees.models import Attendee
from eventnet.audit.models import AuditEntry
from eventnet.badges import codes
from eventnet.badges.codes import BadgeReference
from eventnet.badges.models import Badge
from eventnet.cards.models import Card
from eventnet.encounters.models import Grant
from eventnet.encounters.recording import Answer, Claim, record_batch
from eventnet.encounters.times import Said
from eventnet.events.models import Event, EventRole
from tests.clients import Client
from tests.factories import Cast

Scanning = Callable[..., Answer]
TEN_MINUTES = timedelta(minutes=10)


def send(app: Flask, scanner: Attendee, claims: Sequence[Claim]) -> list[Answer]:
    """As a phone empties its queue: batches of 50."""
    answers: list[Answer] = []
    with app.app_context():
        for start in range(0, len(claims), 50):
            with db.transaction():
                answers += record_batch(claims[start:start + 50], attendee_id=scanner.id, way="bearer")
    return answers


def results(answers: Sequence[Answer]) -> Counter[tuple[str, str | None]]:
    return Counter((answer.result, answer.reason) for answer in answers)


def queued(cast: Cast, whom: Attendee, times: Sequence[datetime]) -> list[Claim]:
    """Scans of one badge that waited on a phone, with their true times."""
    badge = BadgeReference("token", cast.token(whom))
    return [Claim(str(uuid.uuid4()), badge, said=Said(scanned_at=moment)) for moment in times]


def budgets_of(cast: Cast, **values: int) -> None:
    with db.transaction():
        db.session.execute(update(Event).where(Event.id == cast.mixer.id).values(**values))


def noted(cast: Cast) -> list[tuple[str, str, int]]:
    with db.reading():
        return sorted((one.attendee.badge_name, one.budget, one.times) for one in overruns.listed(cast.mixer.id))


def test_queue_of_four_hundred_scans_of_two_days_counts_on_their_own_days(cast: Cast, app: Flask,
                                                                          evening: datetime) -> None:
    wednesday = evening.replace(day=14, hour=16, minute=5)
    thursday = evening.replace(day=15, hour=0, minute=30)
    times = [start + timedelta(minutes=2) * number for start in (wednesday, thursday) for number in range(200)]
    assert results(send(app, cast.ada, queued(cast, cast.grace, times))) == {("recorded", None): 400}
    assert noted(cast) == []


def test_forty_scans_of_one_minute_count_then_and_none_is_lost(cast: Cast, app: Flask) -> None:
    budgets_of(cast, swaps_burst=6, swaps_daily=30)
    waiting, moment, recorded = queued(cast, cast.grace, [clock.now()] * 40), clock.now(), []
    while waiting:
        with clock.stopped(moment):
            answers = send(app, cast.ada, waiting)
        assert set(results(answers)) <= {("recorded", None), ("later", "budget")}
        recorded.append(results(answers)["recorded", None])
        waiting = [claim for claim, answer in zip(waiting, answers, strict=True) if answer.result == "later"]
        moment += timedelta(seconds=max(answer.retry_after or 0 for answer in answers))
    assert recorded == [6, 6, 6, 6, 6, 0, 6, 4]
    assert [budget for _name, budget, _times in noted(cast)] == ["swaps_burst", "swaps_daily"]


def test_scan_of_a_day_whose_budget_is_used_up_takes_from_today(cast: Cast, app: Flask, evening: datetime) -> None:
    budgets_of(cast, swaps_burst=50, swaps_daily=50)
    yesterday = [evening.replace(day=14, hour=16 + number // 20, minute=3 * (number % 20)) for number in range(120)]
    assert results(send(app, cast.ada, queued(cast, cast.grace, yesterday))) == {
        ("recorded", None): 100, ("later", "budget"): 20}
    with clock.stopped(evening + timedelta(days=1)):
        last = queued(cast, cast.grace, yesterday[100:])
        assert results(send(app, cast.ada, last)) == {("recorded", None): 20}


def test_phone_that_lies_about_its_time_gets_no_more_than_twice_the_daily_budget(cast: Cast, app: Flask,
                                                                                 evening: datetime) -> None:
    budgets_of(cast, swaps_burst=50, swaps_daily=50)
    with db.transaction():
        db.session.execute(update(Event).where(Event.id == cast.mixer.id).values(
            swaps_open_at=evening - timedelta(days=29)))
    lies = [evening - timedelta(days=day, minutes=11 * number) for day in range(1, 25) for number in range(20)]
    truth = [clock.now()] * 60
    assert results(send(app, cast.ada, queued(cast, cast.grace, [*lies, *truth]))) == {
        ("recorded", None): 100, ("later", "budget"): 440}
    assert ("Ada Lovelace", "swaps_late", 380) in noted(cast)


def test_phone_that_scans_all_day_and_then_lies_gets_no_more_than_twice_the_daily_budget(
    cast: Cast, app: Flask, evening: datetime,
) -> None:
    budgets_of(cast, swaps_burst=50, swaps_daily=50)
    with db.transaction():
        db.session.execute(update(Event).where(Event.id == cast.mixer.id).values(
            swaps_open_at=evening - timedelta(days=29)))
    assert results(send(app, cast.ada, queued(cast, cast.grace, [clock.now()] * 60))) == {
        ("recorded", None): 50, ("later", "budget"): 10}
    lies = [evening - timedelta(days=day, minutes=11 * number) for day in range(1, 25) for number in range(20)]
    assert results(send(app, cast.ada, queued(cast, cast.grace, lies))) == {
        ("recorded", None): 50, ("later", "budget"): 430}


def test_repeats_are_free(scan: Scanning, cast: Cast, app: Flask) -> None:
    budgets_of(cast, swaps_burst=10)
    claims = queued(cast, cast.grace, [clock.now()] * 10)
    send(app, cast.ada, claims)
    assert results(send(app, cast.ada, claims * 3)) == {("repeated", None): 30}
    assert scan(cast.ada, cast.grace).result == "later"
    assert scan(cast.bob, cast.grace).result == "recorded", "everybody has a budget of their own"


def test_budget_is_the_events(cast: Cast, app: Flask) -> None:
    budgets_of(cast, swaps_burst=200)
    assert results(send(app, cast.ada, queued(cast, cast.grace, [clock.now()] * 150))) == {("recorded", None): 150}


def test_wrong_codes_make_a_guesser_wait_and_a_right_guess_as_well(scan: Scanning, cast: Cast, app: Flask) -> None:
    guesses = [Claim(str(uuid.uuid4()), BadgeReference("code", codes.new_code()), "mixer") for _each in range(40)]
    assert results(send(app, cast.ada, guesses)) == {("refused", "unknown"): 30, ("later", "budget"): 10}
    right = scan(cast.ada, cast.grace, typed=True)
    assert (right.result, right.reason, right.retry_after, right.met) == ("later", "budget", 1800, None)
    assert scan(cast.ada, cast.grace).result == "recorded", "a camera cannot guess"
    assert scan(cast.bob, cast.grace, typed=True).result == "recorded", "nobody else waits"
    with clock.stopped(clock.now() + timedelta(hours=1)):
        assert scan(cast.ada, cast.bob, typed=True).result == "recorded"
    assert noted(cast) == [("Ada Lovelace", "wrong_codes", 11)]


def test_organizer_reads_about_the_first_overrun_once(cast: Cast, app: Flask) -> None:
    budgets_of(cast, swaps_burst=10)
    send(app, cast.ada, queued(cast, cast.grace, [clock.now()] * 15))
    assert noted(cast) == [("Ada Lovelace", "swaps_burst", 5)]
    with db.reading():
        assert [(one.actor, one.about) for one in db.session.scalars(
            select(AuditEntry).where(AuditEntry.act == "attendee.over_budget"))] == [
                (f"attendee:{cast.ada.id}", {"budget": "swaps_burst"})]


@pytest.fixture
def crowd(cast: Cast) -> list[str]:
    """2,000 people who share their e-mail, and the tokens of their badges."""
    now, event_id = clock.now(), cast.mixer.id
    with db.transaction():
        ids = list(db.session.scalars(db.insert(Attendee).values([
            {"event_id": event_id, "registered_name": f"Person {n}", "badge_name": f"Person {n}", "made_at": now,
             "email": f"p{n}@crowd.example", "changed_at": now, "edits": {}} for n in range(2000)
        ]).returning(Attendee.id)))
        tokens = [codes.new_token() for _each in ids]
        db.session.execute(db.insert(Badge).values([
            {"event_id": event_id, "attendee_id": id_, "token": token, "code": codes.new_code(), "made_at": now}
            for id_, token in zip(ids, tokens, strict=True)]))
        db.session.execute(db.insert(Card).values([
            {"event_id": event_id, "attendee_id": id_, "shared": ["email"], "wording": "2026-11", "agreed_at": now,
             "changed_at": now} for id_ in ids]))
    return tokens


def test_scraper_gets_the_daily_budget_and_everybody_sees_them(app: Flask, cast: Cast, crowd: list[str]) -> None:
    scraper: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    seen: Counter[str] = Counter()
    begun = clock.now()
    for step in range(12):
        with clock.stopped(begun + step * TEN_MINUTES):
            for start in range(0, 2000, 50):
                answer = scraper.send("/api/v1/encounters", {"scans": [
                    {"id": str(uuid.uuid4()), "badge": token} for token in crowd[start:start + 50]]})
                assert answer.status_code == 200
                seen.update(one["result"] for one in answer.get_json()["answers"])
                if all(one["result"] == "later" for one in answer.get_json()["answers"]):
                    break
    assert (seen["recorded"], seen["refused"]) == (300, 0)
    with db.reading():
        got = select(Grant).where(Grant.receiver_id == cast.ada.id).subquery()
        assert db.session.scalar(select(func.count()).select_from(got)) <= 300
        victim = db.session.get_one(Attendee, db.session.scalars(
            select(Grant.giver_id).where(Grant.receiver_id == cast.ada.id).limit(1)).one())
    phone: Client = app.test_client().become(victim)  # type: ignore[attr-defined]
    assert "Ada Lovelace" in phone.get("/e/mixer/people/scanned-me").text
    with db.transaction():
        db.session.execute(update(EventRole).where(EventRole.organizer_id == cast.olga.id).values(role="manager"))
    olga: Client = app.test_client().become_organizer(cast.olga.id)  # type: ignore[attr-defined]
    page = olga.get("/admin/e/mixer/limits").text
    assert ("Ada Lovelace" in page, "very many swaps in one day" in page) == (True, True)
    assert "One person ran into a limit" in olga.get("/admin/e/mixer/").text
    with db.transaction():
        db.session.execute(update(EventRole).where(EventRole.organizer_id == cast.olga.id).values(role="desk"))
    assert olga.get("/admin/e/mixer/limits").status_code == 403
    assert "ran into a limit" not in olga.get("/admin/e/mixer/").text.partition("What was done")[0]
