"""Words that travel with scans: added to what is written, once, also after the scan itself arrived."""

from __future__ import annotations

import uuid
from typing import Any

from sqlalchemy import select

from eventnet import db
from eventnet.cards.models import Card
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Encounter, Scan
from tests.clients import Client
from tests.factories import Cast

PATH = "/api/v1/encounters"


def one(badge: str, **values: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "badge": badge, **values}


def send(client: Client, scan: dict[str, Any]) -> str:
    answer, = client.send(PATH, {"scans": [scan]}).json["answers"]
    return str(answer["result"])


def written() -> tuple[str, str, list[str], bool]:
    with db.reading():
        contact = db.session.scalars(select(Contact)).one()
        return contact.note, contact.promise, contact.tags, contact.starred_at is not None


def test_words_come_with_a_scan(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    scan = one(cast.token(cast.grace), note="COBOL", promise="send the wire", tags=["navy", "#Navy"], starred=True)
    assert send(client, scan) == "recorded"
    assert written() == ("COBOL", "send the wire", ["navy"], True)


def test_words_after_a_scan_are_added_and_nothing_is_counted_twice(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    scan = one(cast.token(cast.grace), note="COBOL", promise="send the wire", tags=["navy"])
    assert send(client, scan) == "recorded"
    more = {**scan, "note": "bugs", "promise": "call", "tags": ["moths"], "starred": True}
    for _time in range(2):
        assert send(client, more) == "repeated"
    assert send(client, {**scan, "note": "", "promise": "", "tags": []}) == "repeated"
    assert written() == ("COBOL\nbugs", "send the wire; call", ["navy", "moths"], True)
    with db.reading():
        assert db.session.query(Scan).count() == 1
        assert db.session.scalars(select(Encounter.times)).all() == [1]


def test_promise_without_room_goes_below_the_note(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    scan = one(cast.token(cast.grace), promise="a" * 280)
    assert send(client, scan) == "recorded"
    assert send(client, {**scan, "promise": "b" * 40}) == "repeated"
    assert written() == ("b" * 40, "a" * 280, [], False)


def test_words_may_follow_a_scan_that_waits_for_a_yes(client: Client, cast: Cast) -> None:
    with db.database().writing() as session:
        session.query(Card).filter_by(attendee_id=cast.grace.id).update({"swap_policy": "ask"})
    client.become(cast.ada)
    scan = one(cast.token(cast.grace))
    assert send(client, scan) == "pending"
    assert send(client, {**scan, "note": "ask later"}) == "repeated"
    assert written() == ("ask later", "", [], False)


def test_words_after_a_swap_was_taken_back_are_not_kept(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    scan = one(cast.token(cast.grace))
    assert send(client, scan) == "recorded"
    client.submit(f"/e/mixer/people/{cast.grace.id}/undo")
    assert send(client, {**scan, "note": "too late", "starred": True}) == "repeated"
    with db.reading():
        assert db.session.query(Contact).count() == 0


def test_words_too_long_are_refused_as_a_whole(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    for words in ({"promise": "a" * 301}, {"tags": ["a" * 41]}, {"tags": ["a"] * 13}, {"starred": 1}):
        assert client.send(PATH, {"scans": [one(cast.token(cast.grace), **words)]}).status_code == 422
    with db.reading():
        assert db.session.query(Scan).count() == 0


def test_sheet_keeps_what_was_typed_when_it_is_too_long(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    assert send(client, one(cast.token(cast.grace))) == "recorded"
    answer = client.submit(f"/e/mixer/people/{cast.grace.id}/note", {"promise": "a" * 301},
                           headers={"X-Fragment": "1"})
    assert answer.status_code == 422
    assert 'data-part="words"' in answer.text
    assert "a" * 301 in answer.text
    assert "<html" not in answer.text
    kept = client.submit(f"/e/mixer/people/{cast.grace.id}/note", {"note": "short"}, headers={"X-Fragment": "1"})
    assert kept.location == f"/e/mixer/people/{cast.grace.id}/swapped"
    assert "Kept. Only you see this." not in client.get("/e/mixer/people").text


def test_test_code_page_is_there_for_everybody_and_names_nobody(client: Client, cast: Cast) -> None:
    page = client.get("/e/mixer/scan/test")
    assert page.status_code == 200
    assert "data:image/png;base64," in page.text
    assert "Ada" not in page.text
    assert client.get("/e/nowhere/scan/test").status_code == 404
