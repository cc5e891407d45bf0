"""Who is kept away sees what they saw, and nothing newer, on every page, in every file, answer and mail."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventnet import clock, config, db, jobs
from eventnet.attendees import roster
from eventnet.attendees.models import Attendee
from eventnet.badges import issuing
from eventnet.cards.models import BlindBlock, Block, Card, Grant
from eventnet.contacts import address_book, exporting, keeping_away, notes
from eventnet.contacts.notes import Words
from eventnet.encounters import answering, blocking, inserting, news
from eventnet.encounters.models import Encounter, Scan
from eventnet.errors import NotFound, Refusal
from eventnet.outbox import planning
from eventnet.outbox.composing import compose_due
from eventnet.outbox.models import Mail
from eventnet.suggestions import ranking
from eventnet.summaries import reading
from tests.clients import Client
from tests.factories import Cast, make_attendee

API = "/api/v1/encounters"


def scan(client: Client, token: str, id: str | None = None) -> dict[str, Any]:
    answer = client.send(API, {"scans": [{"id": id or str(uuid.uuid4()), "badge": token}]})
    found: dict[str, Any] = answer.get_json()["answers"][0]
    return found


def block(blocker: Attendee, blocked: Attendee, *, takes_back: bool = False) -> None:
    with db.transaction():
        keeping_away.block(blocker.event_id, blocker.id, blocked.id, takes_back=takes_back)


def wish(blocker: Attendee, kind: str, typed: str) -> None:
    with db.transaction():
        keeping_away.wish(blocker.event_id, blocker.id, kind, typed, takes_back=False)  # type: ignore[arg-type]


def change(person: Attendee, **values: Any) -> None:
    with db.transaction():
        db.session.execute(update(Attendee).where(Attendee.id == person.id).values(changed_at=clock.now(), **values))


def tick(person: Attendee, shared: list[str]) -> None:
    """A field is ticked, and given to everybody met before."""
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == person.id).values(
            shared=shared, changed_at=clock.now()))
        db.session.execute(update(Grant).where(Grant.giver_id == person.id).values(
            fields=["name", "title", "organization", *shared], changed_at=clock.now()))


@pytest.fixture
def phones(app: Flask, cast: Cast) -> tuple[Client, Client]:
    """Ada's and Grace's."""
    make = app.test_client
    return make().become(cast.ada), make().become(cast.grace)  # type: ignore[attr-defined]


@pytest.fixture
def met(phones: tuple[Client, Client], cast: Cast) -> tuple[Client, Client]:
    """Grace scanned Ada: each has the other's card."""
    assert scan(phones[1], cast.token(cast.ada))["result"] == "recorded"
    return phones


@pytest.fixture
def frozen(met: tuple[Client, Client], cast: Cast, evening: datetime) -> tuple[Client, Client]:
    """Ada blocked Grace silently, and changed everything afterwards."""
    block(cast.ada, cast.grace)
    with clock.stopped(evening + timedelta(minutes=5)):
        change(cast.ada, badge_name="Ada Neu", title="Countess", organization="Newcorp", email="new@people.example",
               given_name="Adanew", family_name="Neu", phone="+44 999")
        tick(cast.ada, ["email", "linkedin", "phone"])
    return met


NEWER = ("Ada Neu", "Countess", "Newcorp", "new@people.example", "+44 999", "Adanew")


def sinks(phone: Client, cast: Cast, settings: config.Settings) -> dict[str, str]:
    """Everything in which Grace could see Ada, as text."""
    ada, here = cast.ada.id, "/e/mixer"
    found = {path: phone.get(f"{here}{path}").text for path in (
        "/people", "/people?q=a", "/people/scanned-me", f"/people/{ada}", f"/people/{ada}/swapped", "/people.vcf",
        "/people.csv", f"/people/{ada}/card.vcf", "/summary", "/waiting", "/blocked")}
    with db.reading():
        read = reading.read(settings, cast.mixer, cast.grace.id, in_mail=True)
        found["mail"] = repr(read.digest)
        found["bundle"] = exporting.bundle(cast.mixer, read.people, "ev.example", with_notes=True)
    return found


def test_blocked_sees_what_they_saw_frozen_everywhere(frozen: tuple[Client, Client], cast: Cast,
                                                     settings: config.Settings) -> None:
    found = sinks(frozen[1], cast, settings)
    assert {sink: [word for word in NEWER if word in text] for sink, text in found.items()} == {
        sink: [] for sink in found}
    seen = [sink for sink, text in found.items() if "Ada Lovelace" in text]
    assert seen == ["/people", "/people?q=a", f"/people/{cast.ada.id}", f"/people/{cast.ada.id}/swapped", "/people.vcf",
                    "/people.csv", f"/people/{cast.ada.id}/card.vcf", "/summary", "mail", "bundle"]
    assert "ada@people.example" in found["/people.csv"]
    assert "Ada" not in frozen[1].get("/e/mixer/people?q=newcorp").text
    assert "REV:2026-10-15T17:30:00Z" in found[f"/people/{cast.ada.id}/card.vcf"]


def test_without_the_block_all_of_it_would_be_seen(met: tuple[Client, Client], cast: Cast,
                                                   settings: config.Settings) -> None:
    """The negative control of the one above."""
    change(cast.ada, badge_name="Ada Neu", title="Countess", organization="Newcorp")
    found = sinks(met[1], cast, settings)
    assert sum("Ada Neu" in text for text in found.values()) >= 9


def test_blocked_vanishes_from_all_lists_of_the_blocker(frozen: tuple[Client, Client], cast: Cast) -> None:
    ada = frozen[0]
    pages = {path: "Grace" in ada.get(f"/e/mixer{path}").text for path in (
        "/people", "/people?q=grace", "/people/scanned-me", "/people.vcf", "/people.csv", "/summary", "/waiting")}
    assert pages == dict.fromkeys(pages, False)
    assert ada.get(f"/e/mixer/people/{cast.grace.id}").status_code == 404
    assert "Grace Hopper" in ada.get("/e/mixer/blocked").text
    with db.reading():
        assert address_book.counts(cast.mixer.id, cast.ada.id).people == 0


def test_repeated_answer_of_the_api_is_frozen_for_the_blocked(met: tuple[Client, Client], cast: Cast) -> None:
    same = str(uuid.uuid4())
    scan(met[1], cast.token(cast.ada), same)
    block(cast.ada, cast.grace)
    change(cast.ada, badge_name="Ada Neu", organization="Newcorp")
    again = scan(met[1], cast.token(cast.ada), same)
    assert (again["result"], again["person"]["name"], again["person"]["organization"]) == (
        "repeated", "Ada Lovelace", "Analytical Engines")
    block(cast.ada, cast.grace, takes_back=True)
    assert "person" not in scan(met[1], cast.token(cast.ada), same)


def test_untick_reaches_the_frozen_card_too(frozen: tuple[Client, Client], cast: Cast) -> None:
    tick(cast.ada, ["linkedin"])
    with db.reading():
        person = address_book.person(cast.mixer.id, cast.grace.id, cast.ada.id)
    assert (person.got, person.values["organization"]) == (
        ("name", "title", "organization", "linkedin"), "Analytical Engines")


def as_pending(answer: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in answer.items() if key != "id"}


def test_scan_of_a_blocked_person_looks_like_one_of_somebody_who_asks(
        app: Flask, cast: Cast, statements: Callable[[], Any]) -> None:
    with db.transaction():
        asks = make_attendee(cast.mixer, "Hedy Lamarr", shared=["email"], swap_policy="ask")
        token = issuing.badge_of(cast.mixer.id, asks.id).token
    block(cast.ada, cast.grace)
    phone: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    headers = {"X-CSRF-Token": phone.csrf()}
    answers, counts = [], []
    for badge in (token, cast.token(cast.ada)):
        with statements() as said:
            answers.append(phone.post(API, json={"scans": [{"id": str(uuid.uuid4()), "badge": badge}]},
                                      headers=headers).get_json()["answers"][0])
        counts.append(len(said))
    assert as_pending(answers[0]) == as_pending(answers[1])
    assert answers[0]["result"] == "pending"
    assert counts[0] == counts[1] <= 12
    page = phone.get(f"/B/{cast.token(cast.ada)}").text
    assert "You asked Ada Lovelace" in page
    assert page.replace("Ada Lovelace", "Hedy Lamarr").count("They decide whether to swap") == phone.get(
        f"/B/{token}").text.count("They decide whether to swap") == 1
    with db.reading():
        assert answering.count_waiting(cast.mixer.id, cast.ada.id) == 0
        assert answering.waiting(cast.mixer.id, cast.ada.id) == []
        assert news.state(cast.mixer.id, cast.ada.id) == news.state(cast.mixer.id, cast.bob.id)


def test_badge_page_asks_the_blocked_before_the_tap(phones: tuple[Client, Client], cast: Cast) -> None:
    block(cast.ada, cast.grace)
    page = phones[1].get(f"/B/{cast.token(cast.ada)}").text
    assert ("Ask Ada Lovelace to swap" in page, "Swap with Ada Lovelace" in page) == (True, False)


def test_scan_by_the_blocker_says_plainly_to_lift_first(phones: tuple[Client, Client], cast: Cast) -> None:
    block(cast.ada, cast.grace)
    answer = scan(phones[0], cast.token(cast.grace))
    assert (answer["result"], answer["reason"], answer["sentence"]) == (
        "refused", "paused",
        "You blocked this person. Lift the block first, under People, then scan them again.")
    assert "You blocked Grace Hopper" in phones[0].get(f"/B/{cast.token(cast.grace)}").text
    with db.reading():
        assert db.session.query(Scan).count() == 0


def test_scan_without_the_look_at_blocks_would_settle(phones: tuple[Client, Client], cast: Cast,
                                                      monkeypatch: pytest.MonkeyPatch) -> None:
    """The negative control: the guard rides on the insert, and nothing else holds the swap back."""
    block(cast.ada, cast.grace)
    monkeypatch.setattr(blocking, "keeps_away", lambda *_: db.session.query(Scan).filter(Scan.id == -1).exists())
    inserting._statement.cache_clear()
    try:
        assert scan(phones[1], cast.token(cast.ada))["result"] == "recorded"
    finally:
        monkeypatch.undo()
        inserting._statement.cache_clear()


def test_later_swap_of_people_who_met_changes_nothing_for_the_blocked(frozen: tuple[Client, Client],
                                                                      cast: Cast) -> None:
    assert scan(frozen[1], cast.token(cast.ada))["result"] == "pending"
    with db.reading():
        assert db.session.scalars(select(Encounter.times)).one() == 1
    page = frozen[1].get(f"/B/{cast.token(cast.ada)}").text
    assert ("You asked again" in page, "Ada Neu" in page) == (True, False)


def test_taking_the_card_back_leaves_name_and_note_only_to_who_wrote(met: tuple[Client, Client], cast: Cast,
                                                                    settings: config.Settings) -> None:
    with db.transaction():
        notes.write(cast.mixer.id, cast.grace.id, cast.ada.id, Words(note="met at the bar"))
    block(cast.ada, cast.grace, takes_back=True)
    change(cast.ada, badge_name="Ada Neu")
    with db.reading():
        person = address_book.person(cast.mixer.id, cast.grace.id, cast.ada.id)
    assert (person.values, person.note) == ({"name": "Ada Lovelace"}, "met at the bar")
    assert not [word for word in ("Ada Neu", "ada@people", "Analytical") for text in sinks(
        met[1], cast, settings).values() if word in text]


def test_taking_the_card_back_removes_it_where_nothing_was_written(met: tuple[Client, Client], cast: Cast) -> None:
    block(cast.ada, cast.grace, takes_back=True)
    assert met[1].get(f"/e/mixer/people/{cast.ada.id}").status_code == 404
    with db.reading():
        assert address_book.counts(cast.mixer.id, cast.grace.id).people == 0
    with db.transaction():
        keeping_away.lift(cast.mixer.id, cast.ada.id, cast.grace.id)
    assert met[1].get(f"/e/mixer/people/{cast.ada.id}").status_code == 404


def test_lifting_shows_the_living_card_and_who_waited(frozen: tuple[Client, Client], cast: Cast) -> None:
    scan(frozen[1], cast.token(cast.ada))
    with db.transaction():
        assert keeping_away.lift(cast.mixer.id, cast.ada.id, cast.grace.id) == "Grace Hopper"
    with db.reading():
        assert address_book.person(cast.mixer.id, cast.grace.id, cast.ada.id).name == "Ada Neu"
        assert [one.name for one in answering.waiting(cast.mixer.id, cast.ada.id)] == ["Grace Hopper"]
        assert db.session.query(Block).count() == 0
    with pytest.raises(NotFound), db.transaction():
        keeping_away.lift(cast.mixer.id, cast.ada.id, cast.grace.id)


def test_people_who_are_apart_are_suggested_in_neither_direction(cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.ada.id).values(
            looking_for="compilers", offering="engines"))
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(
            looking_for="engines", offering="compilers"))

    def suggested() -> set[tuple[int, int]]:
        with db.reading():
            return {(me, pick.attendee_id) for me, picks in ranking.for_event(cast.mixer.id).items()
                    for pick in picks.should_meet} & {(cast.ada.id, cast.grace.id), (cast.grace.id, cast.ada.id)}

    assert suggested() == {(cast.ada.id, cast.grace.id), (cast.grace.id, cast.ada.id)}
    block(cast.ada, cast.grace)
    assert suggested() == set()


def test_suggestion_that_was_settled_before_the_block_is_not_shown(cast: Cast, settings: config.Settings) -> None:
    from eventnet.suggestions.picks import Pick, Picks
    from eventnet.suggestions.reasons import OPEN, Reason
    from eventnet.summaries.models import Summary

    def shown() -> list[str]:
        with db.reading():
            return [one.name for one in reading.read(
                settings, cast.mixer, cast.grace.id, in_mail=False).digest.should_meet]

    with db.transaction():
        db.session.add(Summary(event_id=cast.mixer.id, attendee_id=cast.grace.id, made_at=clock.now(), picks=Picks(
            should_meet=(Pick(cast.ada.id, 1.0, (Reason(OPEN),)),)).as_json()))
    assert shown() == ["Ada Lovelace"]
    block(cast.ada, cast.grace)
    assert shown() == []


def test_block_has_mails_that_wait_written_anew(met: tuple[Client, Client], cast: Cast,
                                                settings: config.Settings) -> None:
    with clock.stopped(cast.mixer.ends_at + timedelta(hours=1)):
        with db.transaction():
            for person in (cast.ada, cast.grace):
                planning.plan("summary", f"attendee:{person.id}", event_id=cast.mixer.id, attendee_id=person.id)
        compose_due(jobs.composers(settings), settings)

        def states() -> set[str]:
            with db.reading():
                return set(db.session.scalars(select(Mail.state)))

        assert states() == {"ready"}
        block(cast.ada, cast.grace)
        assert states() == {"planned"}
        compose_due(jobs.composers(settings), settings)
        with db.reading():
            letters = {mail.attendee_id: mail.content for mail in db.session.scalars(select(Mail))}
    assert b"Grace" not in (letters[cast.ada.id] or b"")


@pytest.mark.parametrize(("kind", "typed"), [
    ("name", "Zoë Müller"), ("name", "mueller  ZOE"), ("name", "Müller, Zoe"), ("email", " Zoe@People.Example"),
])
def test_wish_in_advance_meets_whoever_comes_later(app: Flask, cast: Cast, kind: str, typed: str) -> None:
    wish(cast.ada, kind, typed)
    with db.transaction():
        zoe = make_attendee(cast.mixer, "Zoë Müller", shared=["email"], email="zoe@people.example")
    phone: Client = app.test_client().become(zoe)  # type: ignore[attr-defined]
    assert scan(phone, cast.token(cast.ada))["result"] == "pending"
    with db.reading():
        assert answering.count_waiting(cast.mixer.id, cast.ada.id) == 0
    with db.transaction():
        assert keeping_away.match_wishes() == 1
    with db.transaction():
        assert keeping_away.match_wishes() == 0
    with db.reading():
        assert [(one.blocked_id, one.named_at) for one in db.session.scalars(select(Block))] == [(zoe.id, None)]
        assert keeping_away.named(cast.mixer.id, cast.ada.id) == []


def test_wish_by_code_holds_for_the_person_when_the_badge_is_rotated(app: Flask, cast: Cast) -> None:
    wish(cast.ada, "code", cast.code(cast.grace))
    with db.transaction():
        issuing.rotate(cast.mixer.id, cast.grace.id, "attendee")
    phone: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    assert scan(phone, cast.token(cast.ada))["result"] == "pending"


def test_wish_by_name_follows_a_new_badge_name_and_means_all_of_that_name(cast: Cast) -> None:
    wish(cast.ada, "name", "Bob Kahn")
    with db.transaction():
        other = make_attendee(cast.mixer, "Robert Kahn")
        third = make_attendee(cast.mixer, "Bob Kahn", email="b2@people.example")
        roster.change(cast.mixer.id, other.id, {"badge_name": "Bob Kahn"}, by="attendee")
    with db.transaction():
        keeping_away.match_wishes()
    with db.reading():
        assert set(db.session.scalars(select(Block.blocked_id))) == {cast.bob.id, other.id, third.id}


def test_wish_answers_the_same_whether_anybody_is_meant(phones: tuple[Client, Client], cast: Cast) -> None:
    pages = []
    for typed in ("Grace Hopper", "Nobody Ever Here"):
        answer = phones[0].submit("/e/mixer/blocked", {"kind": "name", "typed": typed})
        pages.append((answer.status_code, answer.location,
                      phones[0].get("/e/mixer/blocked").text.replace(typed, "X").count("Grace Hopper")))
        with db.reading():
            one = db.session.scalars(select(BlindBlock).where(BlindBlock.typed == typed)).one()
        phones[0].submit(f"/e/mixer/blocked/wishes/{one.id}/lift")
        phones[0].get("/e/mixer/blocked")
    assert pages == [(303, "/e/mixer/blocked", 0)] * 2
    with db.reading():
        assert (db.session.query(BlindBlock).count(), db.session.query(Block).count()) == (0, 0)


def test_lifting_a_wish_keeps_who_was_blocked_by_name(cast: Cast) -> None:
    wish(cast.ada, "name", "Grace Hopper")
    block(cast.ada, cast.grace)
    with db.transaction():
        keeping_away.lift_wish(cast.mixer.id, cast.ada.id, db.session.scalars(select(BlindBlock.id)).one())
    with db.reading():
        assert set(db.session.scalars(select(Block.blocked_id))) == {cast.grace.id}


def test_lifting_a_person_whom_a_wish_means_too_keeps_them_away(cast: Cast) -> None:
    wish(cast.ada, "name", "Grace Hopper")
    block(cast.ada, cast.grace)
    with db.transaction():
        keeping_away.lift(cast.mixer.id, cast.ada.id, cast.grace.id)
    with db.reading():
        assert [(one.blocked_id, one.named_at) for one in db.session.scalars(select(Block))] == [(cast.grace.id, None)]


@pytest.mark.parametrize(("kind", "typed"), [("name", " \u200b "), ("email", "nobody"), ("code", "K7M2 9QXX")])
def test_wish_that_names_nobody_is_refused_with_what_was_typed(phones: tuple[Client, Client], kind: str,
                                                               typed: str) -> None:
    answer = phones[0].submit("/e/mixer/blocked", {"kind": kind, "typed": typed})
    assert (answer.status_code, 'aria-invalid="true"' in answer.text) == (422, True)


def test_block_of_strangers_and_oneself_is_not_found(phones: tuple[Client, Client], cast: Cast) -> None:
    for data in ({"person": cast.mallory.id}, {"person": cast.grace.id}, {"person": cast.ada.id}, {"person": "x"}, {},
                 {"badge": cast.token(cast.ada)}, {"badge": cast.token(cast.mallory)}, {"badge": "?"}):
        assert phones[0].submit("/e/mixer/blocked/people", data).status_code == 404
    assert phones[0].submit("/e/mixer/blocked/people", {"badge": cast.token(cast.grace)}).status_code == 303
    for one, other in ((cast.ada.id, cast.ada.id), (cast.ada.id, cast.mallory.id)):
        with pytest.raises(NotFound), db.transaction():
            keeping_away.block(cast.mixer.id, one, other, takes_back=False)


def test_wishes_end_at_fifty(cast: Cast) -> None:
    for number in range(keeping_away.MOST_WISHES):
        wish(cast.ada, "email", f"nobody{number}@people.example")
    with pytest.raises(Refusal) as caught:
        wish(cast.ada, "email", "one-more@people.example")
    assert caught.value.reason == "too_many"
