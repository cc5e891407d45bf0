"""Hundreds who wait are answered in one go, with the time of each, and the last answer can be taken back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.badges.models import Badge
from eventnet.cards.models import Block, Card, Consent, Grant
from eventnet.encounters import answering, triage
from eventnet.encounters.models import AnswerRound, Encounter, Scan
from eventnet.errors import NotFound, Refusal
from tests.clients import Client
from tests.factories import Cast, make_attendee

Statements = Callable[[], AbstractContextManager[list[str]]]
CROWD = 40


@pytest.fixture
def crowd(app: Flask, cast: Cast, scan: Callable[..., Any], evening: datetime) -> list[int]:
    """Forty people scanned Grace, a minute apart, and wait for her yes."""
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="ask"))
        people = [make_attendee(cast.mixer, f"Guest {n}", shared=["email"], organization=("Navy", "ARPA", "")[n % 3])
                  for n in range(CROWD)]
        db.session.flush()
    with db.reading():
        cast.badges.update({one.attendee_id: one for one in db.session.scalars(select(Badge)) if one.attendee_id})
    for number, person in enumerate(people):
        with clock.stopped(evening + timedelta(minutes=number)):
            assert scan(person, cast.grace).result == "pending"
    return [person.id for person in people]


def answer(cast: Cast, people: Any, reply: Any) -> int:
    with db.transaction():
        return triage.answer(cast.mixer.id, cast.grace.id, people, reply)


def undo(cast: Cast) -> int:
    with db.transaction():
        return triage.undo_last(cast.mixer.id, cast.grace.id)


def rows() -> dict[str, list[Any]]:
    """Everything between people, without journals and numbers of rows."""
    with db.reading():
        return {
            "scans": sorted((s.scanner_id, s.scanned_id, s.met_at, s.settled_at, s.declined_at, s.undone_at)
                            for s in db.session.scalars(select(Scan).order_by(Scan.id))),
            "encounters": sorted((e.low_id, e.high_id, e.first_at, e.last_at, e.times, e.low_scanned, e.high_scanned)
                                 for e in db.session.scalars(select(Encounter))),
            "grants": sorted((g.giver_id, g.receiver_id, tuple(g.fields), g.given_at, g.withdrawn_at)
                             for g in db.session.scalars(select(Grant)) if g.withdrawn_at is None)}


def test_yes_to_all_settles_each_with_its_own_time_in_few_statements(
        cast: Cast, crowd: list[int], evening: datetime, statements: Statements) -> None:
    with statements() as said:
        assert answer(cast, None, "yes") == CROWD
    assert len(said) <= 16, "\n".join(said)
    with db.reading():
        met = {e.low_id + e.high_id - cast.grace.id: (e.first_at, e.times)
               for e in db.session.scalars(select(Encounter))}
        assert met == {person: (evening + timedelta(minutes=n), 1) for n, person in enumerate(crowd)}
        given = {g.receiver_id: g.fields for g in db.session.scalars(select(Grant).where(
            Grant.giver_id == cast.grace.id))}
        assert given == {key: ["name", "title", "organization", "email"] for key in crowd}
        assert answering.count_waiting(cast.mixer.id, cast.grace.id) == 0


def test_number_of_statements_does_not_grow_with_the_people(cast: Cast, crowd: list[int],
                                                            statements: Statements) -> None:
    counts = []
    for some, reply in ((crowd[:2], "yes"), (crowd[2:30], "yes"), (crowd[30:31], "badge"), (crowd[31:39], "badge"),
                        (crowd[39:], "no")):
        with statements() as said:
            assert answer(cast, some, reply) == len(some)
        counts.append(len(said))
    assert (counts[0], counts[2]) == (counts[1], counts[3])
    with statements() as said:
        assert undo(cast) == 1
    assert len(said) <= 10


def test_badge_only_gives_what_the_badge_shows_and_gets_their_card(cast: Cast, crowd: list[int]) -> None:
    assert answer(cast, crowd[:3], "badge") == 3
    with db.reading():
        grants = {(g.giver_id, g.receiver_id): g.fields for g in db.session.scalars(select(Grant))}
    badge = ["name", "title", "organization"]
    assert grants == {**{(cast.grace.id, one): badge for one in crowd[:3]},
                      **{(one, cast.grace.id): [*badge, "email"] for one in crowd[:3]}}


@pytest.mark.parametrize("reply", ["yes", "badge", "no"])
def test_undo_of_the_last_answer_puts_everything_back(cast: Cast, crowd: list[int], reply: Any,
                                                      evening: datetime) -> None:
    before = rows()
    assert answer(cast, None, reply) == CROWD
    assert rows() != before
    with clock.stopped(evening + timedelta(hours=1)):
        assert undo(cast) == CROWD
    assert rows() == before
    with db.reading():
        assert answering.count_waiting(cast.mixer.id, cast.grace.id) == CROWD
        assert triage.last_round(cast.mixer.id, cast.grace.id) is None
    with pytest.raises(Refusal):
        undo(cast)


def test_undo_leaves_who_met_before_and_who_scanned_again(cast: Cast, crowd: list[int],
                                                          scan: Callable[..., Any]) -> None:
    first, again = crowd[0], crowd[1]
    with db.transaction():
        assert triage.answer(cast.mixer.id, cast.grace.id, [first, again], "yes") == 2
        them = db.session.get_one(type(cast.grace), again)
    scan(them, cast.grace)
    assert undo(cast) == 2
    with db.reading():
        met = {e.low_id + e.high_id - cast.grace.id: e.times for e in db.session.scalars(select(Encounter))}
        assert met == {again: 1}
        assert {g.receiver_id for g in db.session.scalars(select(Grant).where(
            Grant.giver_id == cast.grace.id, Grant.withdrawn_at.is_(None)))} == {again}


def test_answers_reach_only_those_who_wait(cast: Cast, crowd: list[int]) -> None:
    assert answer(cast, [cast.ada.id], "yes") == 0
    assert answer(cast, crowd[:1], "yes") == 1
    assert answer(cast, crowd[:1], "yes") == 0
    with pytest.raises(NotFound):
        answer(cast, [cast.mallory.id], "no")
    with db.reading():
        assert db.session.query(AnswerRound).count() == 1


def test_blocked_people_are_not_answered_even_when_named(cast: Cast, crowd: list[int]) -> None:
    with db.transaction():
        db.session.add(Block(event_id=cast.mixer.id, blocker_id=cast.grace.id, blocked_id=crowd[0], takes_back=False,
                             seen=None, named_at=clock.now(), made_at=clock.now()))
        db.session.execute(update(Scan).where(Scan.scanner_id == crowd[0]).values(blocked_at=clock.now()))
    assert answer(cast, [crowd[0]], "yes") == 0
    assert answer(cast, None, "yes") == CROWD - 1


def test_what_was_taken_off_a_card_meanwhile_is_not_given_by_a_yes(cast: Cast, crowd: list[int],
                                                                   evening: datetime) -> None:
    with clock.stopped(evening + timedelta(hours=1)):
        with db.transaction():
            db.session.add(Consent(event_id=cast.mixer.id, attendee_id=crowd[0], field="email", wording="2026-11",
                                   language="en", given_at=evening - timedelta(hours=1), withdrawn_at=clock.now()))
        answer(cast, crowd[:2], "yes")
    with db.reading():
        got = {g.giver_id: g.fields[3:] for g in db.session.scalars(select(Grant).where(
            Grant.receiver_id == cast.grace.id))}
    assert got == {crowd[0]: [], crowd[1]: ["email"]}


def test_page_shows_searches_groups_and_answers(app: Flask, cast: Cast, crowd: list[int]) -> None:
    grace: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    page = grace.get("/e/mixer/waiting").text
    assert (page.count('name="person_id"'), "40 people wait for you" in page) == (CROWD, True)
    assert "19:30" in page
    assert "20:05" in page
    assert page.index("Guest 0<") < page.index("Guest 39<")
    by = grace.get("/e/mixer/waiting?by=organization&q=guest").text
    assert [name in by for name in ("Navy", "ARPA", "Without an organization")] == [True] * 3
    assert grace.get("/e/mixer/waiting?q=navy").text.count('name="person_id"') == 14
    assert grace.get("/e/mixer/waiting?q=zzz").text.count('name="person_id"') == 0
    grace.submit("/e/mixer/waiting", {"answer": "yes"})
    assert "Tick the people you mean first" in grace.get("/e/mixer/waiting").text
    grace.submit("/e/mixer/waiting", {"answer": "no-all", "q": "navy"})
    page = grace.get("/e/mixer/waiting").text
    assert ("Answered 14 people" in page, "26 people wait for you" in page, "You said no to 14" in page) == (True,) * 3
    grace.submit("/e/mixer/waiting/undo")
    assert "40 people wait for you" in grace.get("/e/mixer/waiting").text
    grace.submit("/e/mixer/waiting", {"answer": "badge", "person_id": [str(one) for one in crowd[:38]]})
    page = grace.get("/e/mixer/waiting").text
    assert ("2 people wait for you" in page, f'value="yes:{crowd[38]}"' in page) == (True, True)
    grace.submit("/e/mixer/waiting", {"answer": f"yes:{crowd[38]}"})
    assert "One person waits for you" in grace.get("/e/mixer/waiting").text
    for answer in ("", "maybe", "yes:x", "yes:-1"):
        assert grace.submit("/e/mixer/waiting", {"answer": answer}).status_code == 404


def test_first_card_leads_over_who_waits_to_the_check(app: Flask, cast: Cast, scan: Callable[..., Any]) -> None:
    for one in (cast.ada, cast.grace):
        scan(one, cast.bob)
    bob: Client = app.test_client().become(cast.bob)  # type: ignore[attr-defined]
    saved = bob.submit("/e/mixer/card", {"share_email": "y", "swap_policy": "at_once", "summary_detail": "full"})
    asked = bob.get(saved.headers["Location"]).headers["Location"]
    assert (asked, "2 people wait for you" in bob.get(asked).text) == ("/e/mixer/waiting?first=1", True)
    one, other = ({"answer": f"yes:{who.id}", "first": "1"} for who in (cast.ada, cast.grace))
    assert bob.submit("/e/mixer/waiting", one).headers["Location"] == asked
    assert bob.submit("/e/mixer/waiting", other).headers["Location"] == "/e/mixer/check"
    assert "1 swap settled" in bob.get("/e/mixer/check").text


def test_news_have_no_body_while_nothing_is_new(app: Flask, cast: Cast, scan: Callable[..., Any],
                                                statements: Statements) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="ask"))
    ada: Client = app.test_client().become(cast.ada)  # type: ignore[attr-defined]
    grace: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    known = [phone.get("/e/mixer/waiting.json").headers["ETag"] for phone in (ada, grace)]
    assert f'data-state={known[0]}' in ada.get("/e/mixer/people").text

    def asked() -> list[tuple[int, bytes]]:
        return [(answer.status_code, answer.data) for answer in (
            phone.get("/e/mixer/waiting.json", headers={"If-None-Match": tag})
            for phone, tag in zip((ada, grace), known, strict=True))]

    assert asked() == [(304, b""), (304, b"")]
    with statements() as said:
        ada.get("/e/mixer/waiting.json", headers={"If-None-Match": known[0]})
    # Browser, event and attendee of every page; then one.
    assert len(said) == 4, "\n".join(said)
    scan(cast.ada, cast.grace)
    assert [status for status, _body in asked()] == [304, 200]
    assert grace.get("/e/mixer/waiting.json").get_json()["waiting"] == 1
    with db.transaction():
        triage.answer(cast.mixer.id, cast.grace.id, None, "yes")
    assert [status for status, _body in asked()] == [200, 200]
