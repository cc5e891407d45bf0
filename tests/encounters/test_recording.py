"""Every answer a scan can get, and what it leaves behind."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.badges import codes
from eventnet.badges.codes import BadgeReference
from eventnet.badges.models import Badge
from eventnet.cards.models import Card
from eventnet.encounters.models import Encounter, Grant, Scan
from eventnet.encounters.recording import Answer, Claim, record_batch
from eventnet.encounters.times import Said
from eventnet.errors import Refusal
from tests.factories import Cast, make_attendee

Scanning = Callable[..., Answer]
BADGE_FIELDS = ["name", "title", "organization"]
BURST = 60


def encounters() -> list[tuple[int, int, int, bool, bool]]:
    with db.reading():
        return [(e.low_id, e.high_id, e.times, e.low_scanned, e.high_scanned)
                for e in db.session.scalars(select(Encounter).order_by(Encounter.id))]


def grants() -> dict[tuple[int, int], list[str]]:
    with db.reading():
        return {(g.giver_id, g.receiver_id): g.fields for g in db.session.scalars(select(Grant))}


def test_scan_gives_each_the_others_card(scan: Scanning, cast: Cast) -> None:
    answer = scan(cast.ada, cast.grace)
    assert (answer.result, answer.met and answer.met.gave, answer.met and answer.met.got) == (
        "recorded", ("name", "title", "organization", "email", "linkedin"),
        ("name", "title", "organization", "email"))
    assert answer.sentence == "Grace Hopper got your name, e-mail and LinkedIn. You got name and e-mail."
    assert encounters() == [(cast.ada.id, cast.grace.id, 1, True, False)]
    assert grants() == {
        (cast.ada.id, cast.grace.id): [*BADGE_FIELDS, "email", "linkedin"],
        (cast.grace.id, cast.ada.id): [*BADGE_FIELDS, "email"]}


def test_scan_with_the_same_id_counts_once(scan: Scanning, cast: Cast) -> None:
    same = str(uuid.uuid4())
    first, second = scan(cast.ada, cast.grace, id=same), scan(cast.ada, cast.grace, id=same)
    assert (first.result, second.result, second.met) == ("recorded", "repeated", first.met)
    assert encounters() == [(cast.ada.id, cast.grace.id, 1, True, False)]


def test_scan_id_of_another_badge_is_refused(scan: Scanning, cast: Cast) -> None:
    same = str(uuid.uuid4())
    scan(cast.ada, cast.grace, id=same)
    assert (scan(cast.ada, cast.bob, id=same).reason, len(encounters())) == ("id_reused", 1)


def test_scan_id_is_the_scanners_own(scan: Scanning, cast: Cast) -> None:
    same = str(uuid.uuid4())
    scan(cast.ada, cast.bob, id=same)
    assert scan(cast.grace, cast.bob, id=same).result == "recorded"


def test_scan_back_makes_one_encounter_of_two_directions(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    scan(cast.grace, cast.ada)
    assert encounters() == [(cast.ada.id, cast.grace.id, 2, True, True)]


def test_scan_of_somebody_not_activated_gives_the_badge_and_asks_for_the_rest(scan: Scanning, cast: Cast) -> None:
    answer = scan(cast.ada, cast.bob)
    assert (answer.result, answer.met and answer.met.got) == ("recorded", ("name", "organization"))
    assert grants()[cast.bob.id, cast.ada.id] == BADGE_FIELDS
    assert grants()[cast.ada.id, cast.bob.id] == [*BADGE_FIELDS, "email", "linkedin"]
    with db.reading():
        asked = db.session.scalars(select(Grant).where(Grant.giver_id == cast.bob.id)).one()
        assert (asked.asked_since, asked.answered_at) == (clock.now(), None)


def test_scan_of_oneself_is_refused(scan: Scanning, cast: Cast) -> None:
    answer = scan(cast.ada, cast.ada)
    assert (answer.result, answer.reason, encounters()) == ("refused", "own_badge", [])


def test_unknown_rotated_foreign_and_absent_badges_get_one_sentence(scan: Scanning, cast: Cast, app: Flask) -> None:
    with db.transaction():
        db.session.execute(update(Attendee).where(Attendee.id == cast.bob.id).values(not_taking_part_at=clock.now()))
        gone = make_attendee(cast.mixer, "Removed Person", removed_at=clock.now())
        blank = Badge(event_id=cast.mixer.id, token=codes.new_token(), code=codes.new_code(), made_at=clock.now())
        db.session.add(blank)
        db.session.execute(update(Badge).where(Badge.attendee_id == cast.grace.id).values(retired_at=clock.now()))
    with db.reading():
        removed = db.session.scalars(select(Badge.token).where(Badge.attendee_id == gone.id)).one()
    answers = [
        scan(cast.ada, cast.grace, token=codes.new_token()), scan(cast.ada, cast.grace), scan(cast.ada, cast.mallory),
        scan(cast.ada, cast.bob), scan(cast.ada, gone, token=removed), scan(cast.ada, gone, token=blank.token)]
    assert {(a.result, a.reason, a.sentence, a.met) for a in answers} == {
        ("refused", "unknown", answers[0].sentence, None)}
    assert (encounters(), grants()) == ([], {})


def test_scan_that_arrived_before_the_badge_was_rotated_is_repeated(scan: Scanning, cast: Cast) -> None:
    same = str(uuid.uuid4())
    scan(cast.ada, cast.grace, id=same)
    with db.transaction():
        db.session.execute(update(Badge).where(Badge.attendee_id == cast.grace.id).values(retired_at=clock.now()))
    assert scan(cast.ada, cast.grace, id=same).result == "repeated"


@pytest.mark.parametrize(("away", "expected"), [
    (timedelta(hours=-23), ("recorded", None)), (timedelta(hours=-25), ("refused", "outside_window")),
    (timedelta(hours=4 + 71), ("recorded", None)), (timedelta(hours=4 + 73), ("pending", None)),
    (timedelta(hours=4 + 145), ("refused", "outside_window")),
])
def test_scan_window(scan: Scanning, cast: Cast, away: timedelta, expected: tuple[str, str | None]) -> None:
    with clock.stopped(cast.mixer.starts_at + away):
        answer = scan(cast.ada, cast.grace)
    assert (answer.result, answer.reason) == expected


def test_typed_code_works_and_after_the_end_asks(scan: Scanning, cast: Cast) -> None:
    assert scan(cast.ada, cast.bob, typed=True).result == "recorded"
    with clock.stopped(cast.mixer.ends_at + timedelta(minutes=1)):
        assert scan(cast.ada, cast.grace, typed=True).result == "pending"
        assert scan(cast.grace, cast.bob).result == "recorded"


def test_paused_person_gives_nothing(scan: Scanning, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="paused"))
    answer = scan(cast.ada, cast.grace)
    assert (answer.result, answer.reason, grants()) == ("refused", "paused", {})


def test_scan_again_renews_my_grant_but_not_theirs(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id.in_([cast.ada.id, cast.grace.id]))
                           .values(shared=["email", "phone", "linkedin"]))
    with clock.stopped(clock.now() + timedelta(hours=1)):
        answer = scan(cast.ada, cast.grace)
    assert (answer.result, grants()[cast.ada.id, cast.grace.id], grants()[cast.grace.id, cast.ada.id]) == (
        "recorded", [*BADGE_FIELDS, "email", "phone", "linkedin"], [*BADGE_FIELDS, "email"])
    with db.reading():
        one = db.session.scalars(select(Encounter)).one()
        assert (one.times, one.last_at - one.first_at) == (2, timedelta(hours=1))


def test_late_arrival_of_an_earlier_meeting_moves_the_first_time(scan: Scanning, cast: Cast, evening: datetime) -> None:
    scan(cast.ada, cast.grace)
    scan(cast.grace, cast.ada, said=Said(elapsed=timedelta(minutes=20)))
    with db.reading():
        one = db.session.scalars(select(Encounter)).one()
        assert (one.first_at, one.last_at) == (evening - timedelta(minutes=20), evening)


def test_scan_keeps_what_the_phone_said(scan: Scanning, cast: Cast, evening: datetime) -> None:
    scan(cast.ada, cast.grace, said=Said(sent_at=evening + timedelta(days=1),
                                         scanned_at=evening + timedelta(days=1, minutes=-5)))
    with db.reading():
        row = db.session.scalars(select(Scan)).one()
        assert (row.said_at, row.received_at, row.met_at) == (
            evening + timedelta(days=1, minutes=-5), evening, evening - timedelta(minutes=5))


def test_budget_of_a_round_of_introductions(scan: Scanning, cast: Cast, app: Flask) -> None:
    badge = BadgeReference("token", cast.token(cast.grace))
    known = str(uuid.uuid4())
    with app.app_context(), db.transaction():
        further = [Claim(str(uuid.uuid4()), badge) for _ in range(BURST)]
        answers = record_batch([Claim(known, badge), *further], attendee_id=cast.ada.id, way="bearer")
        last = answers[-1]
        again = record_batch([Claim(known, badge)], attendee_id=cast.ada.id, way="bearer")[0]
    assert [a.result for a in answers[:-1]] == ["recorded"] * BURST
    assert (last.result, last.reason, 0 < (last.retry_after or 0) <= 600) == ("later", "budget", True)
    assert again.result == "repeated"
    assert encounters() == [(cast.ada.id, cast.grace.id, BURST, True, False)]
    with clock.stopped(clock.now() + timedelta(minutes=10)):
        assert scan(cast.ada, cast.grace, id=last.client_id).result == "recorded"


def test_batch_answers_in_order_with_every_kind(cast: Cast, app: Flask) -> None:
    claims = [Claim(str(uuid.uuid4()), badge) for badge in (
        BadgeReference("token", cast.token(cast.bob)), None, BadgeReference("token", cast.token(cast.mallory)),
        BadgeReference("token", cast.token(cast.grace)), BadgeReference("token", cast.token(cast.ada)))]
    with app.app_context(), db.transaction():
        answers = record_batch(claims, attendee_id=cast.ada.id, way="bearer")
    assert [(a.client_id, a.result, a.reason) for a in answers] == [
        (claims[0].client_id, "recorded", None), (claims[1].client_id, "refused", "invalid"),
        (claims[2].client_id, "refused", "unknown"), (claims[3].client_id, "recorded", None),
        (claims[4].client_id, "refused", "own_badge")]


def test_scanner_who_left_is_signed_out(scan: Scanning, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Attendee).where(Attendee.id == cast.ada.id).values(removed_at=clock.now()))
    with pytest.raises(Refusal) as caught:
        scan(cast.ada, cast.grace)
    assert caught.value.status == 401
