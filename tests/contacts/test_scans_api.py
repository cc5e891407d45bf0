"""POST /api/v1/encounters: the contract that scanner pages and programs rely on."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import event, select, update

from eventnet import clock, db
from eventnet.attendees import api_tokens
from eventnet.attendees.models import SignedInBrowser
from eventnet.cards.models import Card
from eventnet.contacts.models import Contact
from eventnet.contacts.payloads import AnswersOut, PhoneOut
from eventnet.encounters.models import Encounter, Grant, Scan
from tests.clients import Client
from tests.factories import Cast

PATH = "/api/v1/encounters"


def one(badge: str, **values: Any) -> dict[str, Any]:
    return {"id": str(uuid.uuid4()), "badge": badge, **values}


def scans() -> int:
    with db.reading():
        return db.session.query(Scan).count()


@contextmanager
def counted() -> Iterator[list[str]]:
    """Every statement that reaches a cursor meanwhile, the begin of transactions on SQLite included."""
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    engines = {db.database().reader, db.database().writer}
    for engine in engines:
        event.listen(engine, "before_cursor_execute", note)
    yield seen
    for engine in engines:
        event.remove(engine, "before_cursor_execute", note)


def test_scan_is_answered_with_the_person_and_the_receipt(client: Client, cast: Cast) -> None:
    scan = one(cast.token(cast.grace), note="COBOL, nanoseconds")
    answer = client.become(cast.ada).send(PATH, {"scans": [scan]})
    assert (answer.status_code, answer.json) == (200, {"answers": [{
        "id": scan["id"], "result": "recorded",
        "sentence": "Grace Hopper got your name, e-mail and LinkedIn. You got name and e-mail.",
        "person": {"id": cast.grace.id, "name": "Grace Hopper", "title": "Rear Admiral", "organization": "Navy",
                   "gave": ["name", "title", "organization", "email", "linkedin"],
                   "got": ["name", "title", "organization", "email"], "url": f"/e/mixer/people/{cast.grace.id}"}}]})
    with db.reading():
        contact = db.session.scalars(select(Contact)).one()
        assert (contact.owner_id, contact.person_id, contact.note) == (
            cast.ada.id, cast.grace.id, "COBOL, nanoseconds")


def test_whole_address_of_a_badge_and_lower_case_are_understood(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    answer = client.send(PATH, {"scans": [
        one(f"https://EV.EXAMPLE/B/{cast.token(cast.grace)}"),
        one(f"https://ev.example/b/{cast.token(cast.bob).lower()}"),
        one("https://evil.example/B/" + cast.token(cast.bob)), one("hello")]})
    assert [(a["result"], a.get("reason")) for a in answer.json["answers"]] == [
        ("recorded", None), ("recorded", None), ("refused", "invalid"), ("refused", "invalid")]


def test_badge_code_needs_its_event(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    answer = client.send(PATH, {"scans": [
        one(cast.code(cast.grace).lower(), event="mixer"), one(cast.code(cast.bob)),
        one(cast.code(cast.bob), event="elsewhere")]})
    assert [(a["result"], a.get("reason")) for a in answer.json["answers"]] == [
        ("recorded", None), ("refused", "unknown"), ("refused", "unknown")]


def test_badge_decides_which_attendee_of_this_browser_acts(client: Client, cast: Cast) -> None:
    client.become(cast.ada).become(cast.mallory)
    with db.transaction():
        other = db.session.get_one(Card, cast.mallory.id)
        other.shared = ["phone"]
    answer = client.send(PATH, {"scans": [one(cast.token(cast.grace)), one(cast.token(cast.mallory))]})
    assert [(a["result"], a.get("reason")) for a in answer.json["answers"]] == [
        ("recorded", None), ("refused", "own_badge")]


def test_batch_keeps_order_and_a_repeat_is_counted_once(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    first, second = one(cast.token(cast.grace), note="compilers"), one(cast.token(cast.bob))
    client.send(PATH, {"scans": [first]})
    answer = client.send(PATH, {"scans": [second, first, first]})
    assert [(a["id"], a["result"]) for a in answer.json["answers"]] == [
        (second["id"], "recorded"), (first["id"], "repeated"), (first["id"], "repeated")]
    with db.reading():
        assert db.session.scalars(select(Contact.note)).all() == ["compilers"]
        assert scans() == 2


def test_note_of_a_later_scan_goes_below_the_old_one(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    for note in ("COBOL", "nanoseconds", "COBOL", "  "):
        client.send(PATH, {"scans": [one(cast.token(cast.grace), note=note)]})
    with db.reading():
        assert db.session.scalars(select(Contact.note)).all() == ["COBOL\nnanoseconds"]


def test_pending_names_nobody_and_keeps_the_note(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="ask"))
    answer = client.become(cast.ada).send(PATH, {"scans": [one(cast.token(cast.grace), note="keynote")]})
    assert (answer.json["answers"][0]["result"], "Grace" in answer.text) == ("pending", False)
    with db.reading():
        assert db.session.scalars(select(Contact.note)).all() == ["keynote"]


def test_time_of_a_queued_scan_is_the_time_of_the_meeting(client: Client, cast: Cast) -> None:
    wrong = clock.now() + timedelta(days=1)
    client.become(cast.ada).send(PATH, {
        "sent_at": wrong.isoformat(),
        "scans": [one(cast.token(cast.grace), scanned_at=(wrong - timedelta(minutes=40)).isoformat()),
                  one(cast.token(cast.bob), scanned_at="1970-01-01T00:00:00Z", elapsed_ms=600_000)]})
    with db.reading():
        found = {e.high_id: e.first_at for e in db.session.scalars(select(Encounter))}
    assert found == {cast.grace.id: clock.now() - timedelta(minutes=40),
                     cast.bob.id: clock.now() - timedelta(minutes=10)}


def test_signed_out_is_401_and_keeps_nothing(client: Client, cast: Cast) -> None:
    body = {"scans": [one(cast.token(cast.grace))]}
    bare = client.post(PATH, json=body)
    stale = client.become_organizer(cast.olga.id).send(PATH, body)
    with db.transaction():
        db.session.execute(update(SignedInBrowser).values(revoked_at=clock.now()))
    assert [(a.status_code, a.json["reason"], a.mimetype) for a in (bare, stale)] == [
        (401, "signed_out", "application/problem+json")] * 2
    assert scans() == 0


def test_revoked_browser_is_signed_out(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    with db.transaction():
        db.session.execute(update(SignedInBrowser).values(revoked_at=clock.now()))
    answer = client.send(PATH, {"scans": [one(cast.token(cast.grace))]})
    assert (answer.status_code, scans()) == (401, 0)


def test_session_without_csrf_token_is_403(client: Client, cast: Cast) -> None:
    answer = client.become(cast.ada).post(PATH, json={"scans": [one(cast.token(cast.grace))]})
    assert (answer.status_code, answer.json["reason"], scans()) == (403, "csrf", 0)


def test_key_of_a_program_acts_for_its_attendee_alone(client: Client, cast: Cast) -> None:
    with db.transaction():
        key = api_tokens.make(cast.ada, "My script")
    client.become(cast.grace)
    body = {"scans": [one(cast.token(cast.bob))]}
    answers = [client.post(PATH, json=body, headers={"Authorization": text})
               for text in (f"Bearer {key}", f"bearer {key}", f"Bearer {key[:-1]}", "Bearer ", "bearer x")]
    assert [a.status_code for a in answers] == [200, 200, 401, 401, 401]
    with db.reading():
        assert [(s.scanner_id, s.way) for s in db.session.scalars(select(Scan))] == [(cast.ada.id, "bearer")]


@pytest.mark.parametrize("spoil", [
    lambda good: {"scans": []}, lambda good: {"scans": [good] * 51}, lambda good: {}, lambda good: [good],
    lambda good: {"scans": [{**good, "id": "7"}]}, lambda good: {"scans": [{**good, "badge": 7}]},
    lambda good: {"scans": [{**good, "elapsed_ms": -1}]}, lambda good: {"scans": [{**good, "extra": 1}]},
    lambda good: {"scans": [{**good, "scanned_at": "2026-10-15T19:30:00"}]},
    lambda good: {"scans": [{**good, "scanned_at": "yesterday"}]},
    lambda good: {"scans": [{**good, "note": "x" * 4001}]},
])
def test_other_shapes_are_422_and_nothing_is_recorded(client: Client, cast: Cast, spoil: Any) -> None:
    answer = client.become(cast.ada).send(PATH, spoil(one(cast.token(cast.grace))))
    assert (answer.status_code, answer.json["reason"], scans()) == (422, "invalid", 0)


def test_broken_json_wrong_type_and_too_much_are_refused(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    headers = {"X-CSRF-Token": client.csrf()}
    answers = [
        client.post(PATH, data=b'{"scans": [', headers=headers, content_type="application/json"),
        client.post(PATH, data=b'{"scans": [{"note": "\\ud800"}]}', headers=headers, content_type="application/json"),
        client.post(PATH, data=b"a=1", headers=headers, content_type="application/x-www-form-urlencoded"),
        client.post(PATH, data=b" " * 600_000, headers=headers, content_type="application/json")]
    assert [(a.status_code, a.mimetype) for a in answers] == [
        (status, "application/problem+json") for status in (422, 422, 415, 413)]


def test_openapi_document_describes_the_answers_that_are_given(client: Client, cast: Cast) -> None:
    document = client.get("/api/v1/openapi.json").json
    answer = client.become(cast.ada).send(PATH, {"scans": [one(cast.token(cast.grace)), one("nonsense")]})
    AnswersOut.model_validate(answer.json)
    PhoneOut.model_validate(client.get("/api/v1/phone").json)
    assert list(document["paths"]) == [PATH, "/api/v1/phone"]
    assert set(document["components"]["schemas"]["AnswerOut"]["properties"]) == {
        "id", "result", "reason", "retry_after", "sentence", "person"}
    assert document["components"]["schemas"]["BatchIn"]["properties"]["scans"]["maxItems"] == 50


def test_phone_learns_who_it_is_and_nothing_when_signed_out(client: Client, cast: Cast) -> None:
    assert client.get("/api/v1/phone").json["attendees"] == []
    one_is, = client.become(cast.ada).get("/api/v1/phone").json["attendees"]
    assert (one_is["event"], one_is["name"], one_is["badge"], one_is["is_open"]) == (
        "mixer", "Ada Lovelace", cast.token(cast.ada), True)
    two = client.become(cast.mallory).get("/api/v1/phone").json["attendees"]
    assert {one["event"] for one in two} == {"mixer", "elsewhere"}
    assert len({one["scanner"] for one in two}) == 2


def test_scans_are_taken_only_from_those_who_scanned(client: Client, cast: Cast, app: Flask) -> None:
    """Ada's phone kept scans; Grace signs in on it: they are neither hers nor lost."""
    ada, = client.become(cast.ada).get("/api/v1/phone").json["attendees"]
    body = {"scanners": [ada["scanner"]], "scans": [one(cast.token(cast.bob))]}
    graces: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    refused = graces.send(PATH, body)
    assert (refused.status_code, refused.json["reason"]) == (401, "other_attendee")
    assert client.send(PATH, body).json["answers"][0]["result"] == "recorded"


@pytest.mark.parametrize("note", ["", "compilers"])
def test_swap_takes_at_most_twelve_statements(client: Client, cast: Cast, note: str) -> None:
    client.become(cast.ada).send(PATH, {"scans": [one(cast.token(cast.bob))]})
    headers = {"X-CSRF-Token": client.csrf()}
    with counted() as seen:
        answer = client.post(PATH, json={"scans": [one(cast.token(cast.grace), note=note)]}, headers=headers)
    assert answer.json["answers"][0]["result"] == "recorded"
    assert len(seen) <= 12, "\n".join(seen)


def test_swap_with_somebody_who_asks_takes_at_most_twelve_statements(client: Client, cast: Cast, app: Flask) -> None:
    with db.transaction():
        db.session.execute(update(Card).values(swap_policy="ask"))
    app.test_client().become(cast.ada).send(PATH, {"scans": [one(cast.token(cast.grace))]})  # type: ignore[attr-defined]
    client.become(cast.grace)
    headers = {"X-CSRF-Token": client.csrf()}
    with counted() as seen:
        answer = client.post(PATH, json={"scans": [one(cast.token(cast.ada))]}, headers=headers)
    assert answer.json["answers"][0]["result"] == "recorded"
    assert len(seen) <= 12, "\n".join(seen)
    with db.reading():
        assert db.session.query(Grant).count() == 2


def test_event_that_no_keyboard_types_is_unknown(client: Client, cast: Cast) -> None:
    answer = client.become(cast.ada).send(PATH, {"scans": [
        one(cast.code(cast.grace), event="mi\0xer"), one(cast.token(cast.grace), note="a\0b", event="\0")]})
    assert (answer.status_code, [(a["result"], a.get("reason")) for a in answer.json["answers"]]) == (
        200, [("refused", "unknown"), ("recorded", None)])
