"""Printed activation codes: only where chosen, once, with a proof, never a badge code, dead once active."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import activation, printed_codes
from eventnet.attendees.models import ActivationCode, Attendee
from eventnet.badges import codes
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import Cast, make_attendee

PAGE = "/e/mixer/activate"


def switch_on(app: Flask, cast: Cast) -> None:
    with db.transaction():
        printed_codes.set_chosen(cast.mixer.id, True, "organizer:1")
        printed_codes.make_missing(app.extensions["settings"].secret_key, cast.mixer.id, "organizer:1")


def code_of(app: Flask, cast: Cast, name: str = "Bob Kahn") -> str:
    with db.reading():
        found = printed_codes.slips(app.extensions["settings"].secret_key, db.session.get_one(Event, cast.mixer.id))
    return next(slip.code for slip in found if slip.name == name)


def enter(client: Client, code: str, proof: str, **more: str) -> int:
    client.get(PAGE)
    return client.submit(PAGE, {"code": code, "proof": proof, **more}).status_code


def who(client: Client) -> str:
    answer = client.get("/e/mixer/badge")
    found = re.search(r"<h1[^>]*>([^<]*)</h1>", answer.get_data(as_text=True))
    return found[1] if found and answer.status_code == 200 else ""


def new_browser(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


def test_printed_codes_are_off_unless_chosen(app: Flask, client: Client, cast: Cast) -> None:
    assert client.get(PAGE).status_code == 404
    assert client.submit(PAGE, {"code": "BCDFG HJKMN", "proof": "x"}).status_code == 404
    assert PAGE not in client.get("/e/mixer/sign-in").get_data(as_text=True)
    switch_on(app, cast)
    assert client.get(PAGE).status_code == 200
    assert PAGE in client.get("/e/mixer/sign-in").get_data(as_text=True)


def test_printed_code_with_its_proof_makes_a_browser_its_owner_once(app: Flask, client: Client, cast: Cast) -> None:
    switch_on(app, cast)
    code = code_of(app, cast)
    assert enter(client, code.lower().replace(" ", "-"), " BOB@people.example") == 303
    assert who(client) == "Bob Kahn"
    with db.reading():
        assert [one.way for one in activation.browsers_of(cast.bob)] == ["printed_code"]
        assert db.session.get_one(Attendee, cast.bob.id).activated_at == clock.now()
    assert client.get("/e/mixer/people").status_code == 200  # typed by a person
    other = new_browser(app)
    assert (enter(other, code, "bob@people.example"), who(other)) == (422, "")


@pytest.mark.parametrize("wrong", ["code", "proof", "empty code", "badge code"])
def test_printed_code_answers_a_wrong_code_and_a_wrong_proof_alike(
        app: Flask, client: Client, cast: Cast, wrong: str) -> None:
    switch_on(app, cast)
    good = code_of(app, cast)
    code = {"code": "BCDFG HJKMN", "badge code": cast.code(cast.bob), "empty code": ""}.get(wrong, good)
    proof = "ada@people.example" if wrong == "proof" else "bob@people.example"
    assert (enter(client, code, proof), who(client)) == (422, "")


def test_printed_code_says_the_same_for_wrong_code_and_wrong_proof(
        app: Flask, cast: Cast, statements: Callable[[], object]) -> None:
    switch_on(app, cast)
    good, seen, said = code_of(app, cast), [], []
    for code, proof in ((good, "ada@people.example"), ("BCDFG HJKMN", "bob@people.example")):
        client = new_browser(app)
        client.get(PAGE)
        with statements() as sql:  # type: ignore[attr-defined]
            answer = client.submit(PAGE, {"code": code, "proof": proof})
        page = answer.get_data(as_text=True).replace(code, "…").replace(proof, "…")
        seen.append((answer.status_code, re.sub(r'csrf_token" value="\w+', "", page)))
        said.append([statement.split("WHERE")[0] for statement in sql])
    assert seen[0] == seen[1]
    assert said[0] == said[1]


def test_printed_code_is_no_badge_code_and_a_badge_code_is_none(app: Flask, client: Client, cast: Cast) -> None:
    switch_on(app, cast)
    code = code_of(app, cast)
    assert codes.normalize_code(code) is None
    assert codes.parse_badge(code, "https://ev.example") is None
    assert printed_codes.normal(cast.code(cast.bob)) == ""
    client.become(cast.grace)
    page = client.get(f"/e/mixer/code?code={code}")
    assert (page.status_code, "Bob Kahn" in page.get_data(as_text=True)) == (422, False)


@pytest.mark.parametrize(("values", "proof", "typed"), [
    ({"email": "x@people.example"}, "email", "X@people.example"),
    ({"email": "", "phone": "+49 221 123-4567"}, "phone", "4567"),
    ({"email": "", "phone": "+49 221 123-4567"}, "phone", "0221 1234567"),
    ({"email": "", "badge_name": "Zoë"}, "family_name", "MÜLLER"),
])
def test_printed_code_asks_for_what_is_not_on_the_badge(
        app: Flask, client: Client, cast: Cast, values: dict[str, str], proof: str, typed: str) -> None:
    with db.transaction():
        zoe = make_attendee(cast.mixer, "Zoë Müller", email=values.get("email", ""), phone=values.get("phone", ""))
        zoe.badge_name = values.get("badge_name", "Zoë Müller")
    switch_on(app, cast)
    with db.reading():
        rows = db.session.scalars(select(ActivationCode).where(ActivationCode.attendee_id == zoe.id)).all()
        assert [row.proof for row in rows] == [proof]
    code = code_of(app, cast, zoe.badge_name)
    assert enter(client, code, "4568") == 422
    assert enter(client, code, typed) == 303


def test_whoever_is_known_by_nothing_but_the_badge_gets_no_code(app: Flask, cast: Cast) -> None:
    with db.transaction():
        make_attendee(cast.mixer, "Cher", email="")
    switch_on(app, cast)
    with db.reading():
        event = db.session.get_one(Event, cast.mixer.id)
        assert [slip.name for slip in printed_codes.slips(b"x", event)] == ["Bob Kahn"]
        assert printed_codes.counts(event) == printed_codes.Counts(codes=1, lacking=0, unprovable=1)


@pytest.mark.parametrize("change", [
    "active", "switched off", "on again", "generation", "removed", "not taking part", "late"])
def test_printed_code_dies(app: Flask, client: Client, cast: Cast, change: str) -> None:
    switch_on(app, cast)
    code = code_of(app, cast)
    with db.transaction():
        bob = db.session.get_one(Attendee, cast.bob.id)
        if change == "active":
            activation.become(cast.mixer.id, cast.bob.id, None, "Firefox", "mailed_code", "anchor", None)
        elif change == "generation":
            bob.generation += 1
        elif change == "removed":
            bob.removed_at = clock.now()
        elif change == "not taking part":
            bob.not_taking_part_at = clock.now()
        elif change in ("switched off", "on again"):
            printed_codes.set_chosen(cast.mixer.id, False, "organizer:1")
    at = cast.mixer.ends_at + timedelta(hours=25) if change == "late" else clock.now() + timedelta(seconds=1)
    with clock.stopped(at):
        if change == "on again":
            with db.transaction():
                printed_codes.set_chosen(cast.mixer.id, True, "organizer:1")
        client.get(PAGE)
        expected = {"switched off": 404, "late": 410}.get(change, 422)
        assert client.submit(PAGE, {"code": code, "proof": "bob@people.example"}).status_code == expected
        assert client.get("/e/mixer/badge").status_code == 303


def test_printed_code_outlives_a_scanner_that_used_the_link(app: Flask, client: Client, cast: Cast) -> None:
    switch_on(app, cast)
    with db.transaction():
        activation.activate(cast.bob.id, 1, None, "Robot", "activation_link", cast.mixer.retention_at)
    assert enter(client, code_of(app, cast), "bob@people.example") == 303
    assert who(client) == "Bob Kahn"


def test_printed_code_is_refused_after_many_tries(app: Flask, cast: Cast) -> None:
    switch_on(app, cast)
    code, client = code_of(app, cast), new_browser(app)
    guesses = [code[:-1] + letter for letter in printed_codes.LETTERS if letter != code[-1]]
    answers = [enter(client, guesses[n], "bob@people.example") for n in range(12)]
    assert answers == [422] * printed_codes.TRIES + [429] * 2
    tries = [enter(new_browser(app), code, f"guess{n}@people.example") for n in range(6)]
    assert tries == [422] * printed_codes.TRIES_PER_CODE + [429]
    assert enter(new_browser(app), code, "bob@people.example") == 429


def test_printed_code_is_kept_as_a_keyed_hash(app: Flask, cast: Cast) -> None:
    switch_on(app, cast)
    code = code_of(app, cast)
    with db.reading():
        kept = repr([tuple(row) for row in db.session.execute(select(ActivationCode.__table__))])
    assert code.replace(" ", "") not in kept
    with db.reading():
        event = db.session.get_one(Event, cast.mixer.id)
        assert printed_codes.find(b"another key", event, code, "bob@people.example") is None
        assert printed_codes.find(
            app.extensions["settings"].secret_key, event, code, "bob@people.example") is not None


def test_printed_code_in_somebody_elses_browser_offers_a_swap(app: Flask, client: Client, cast: Cast) -> None:
    switch_on(app, cast)
    code = code_of(app, cast)
    client.become(cast.grace)
    answer = client.submit(PAGE, {"code": code, "proof": "bob@people.example"})
    page = answer.get_data(as_text=True)
    assert (answer.status_code, "This browser is Grace Hopper here" in page) == (409, True)
    swap = re.search(r'href="(/A/\w+/badge)"', page)
    assert swap
    assert client.get(swap[1]).headers["Location"] == f"/B/{cast.token(cast.bob)}"
    assert client.get(swap[1].removesuffix("/badge")).status_code == 404  # it opens nothing but the badge
    assert enter(client, code, "bob@people.example", instead_of=str(cast.grace.id)) == 409
    assert who(client) == "Grace Hopper"
    assert enter(client, code, "bob@people.example", instead_of=str(cast.grace.id), sure="1") == 303
    assert who(client) == "Bob Kahn"


def test_printed_code_form_keeps_what_was_typed(app: Flask, client: Client, cast: Cast) -> None:
    switch_on(app, cast)
    client.get(PAGE)
    page = client.submit(PAGE, {"code": "K7M2 9QXP", "proof": "bob@people.example"}).get_data(as_text=True)
    assert ("ten letters" in page, 'value="K7M2 9QXP"' in page, 'value="bob@people.example"' in page) == (True,) * 3
