"""One address for several people: names only for whoever proved it, one tap on the right one, once."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import activation, mails, sign_in
from eventnet.attendees.models import Attendee, SignInRequest
from eventnet.outbox import composing
from tests.clients import Client
from tests.factories import Cast, make_attendee

ASK, CODE, WHO = "/e/mixer/sign-in", "/e/mixer/sign-in/code", "/e/mixer/sign-in/who"


@pytest.fixture
def howard(cast: Cast) -> Attendee:
    """Shares Grace's address; so do Shy, who does not take part, and Gone, who is off the list."""
    with db.transaction():
        made = make_attendee(cast.mixer, "Howard Hopper", email="Grace@people.example")
        make_attendee(cast.mixer, "Gone Hopper", email="grace@people.example", removed_at=clock.now())
        make_attendee(cast.mixer, "Shy Hopper", email="grace@people.example", not_taking_part_at=clock.now())
    return made


def new_browser(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


def ask(app: Flask, client: Client) -> tuple[str, str]:
    """(path of the link, code) of the one mail."""
    client.get(ASK)
    client.submit(ASK, {"email": "grace@people.example", "next": "/e/mixer/people"})
    secret = app.extensions["settings"].secret_key
    with db.reading():
        [request] = db.session.scalars(select(SignInRequest)).all()
        return f"/L/{sign_in.link_token(secret, request)}", sign_in.code(secret, request.id, request.event_id)


def who(client: Client) -> str:
    answer = client.get("/e/mixer/badge")
    found = re.search(r"<h1[^>]*>([^<]*)</h1>", answer.get_data(as_text=True))
    return found[1] if found and answer.status_code == 200 else ""


def living() -> int:
    with db.reading():
        return sum(len(activation.browsers_of(one)) for one in db.session.scalars(select(Attendee)))


@pytest.mark.parametrize("way", ["link", "code"])
def test_who_are_you_comes_after_the_proof_and_takes_one_tap(
        app: Flask, client: Client, cast: Cast, howard: Attendee, way: str) -> None:
    link, code = ask(app, client)
    assert client.get(WHO).headers["Location"] == ASK
    before = client.get(link).get_data(as_text=True) + client.get(CODE).get_data(as_text=True)
    assert "Hopper" not in before
    answer = client.submit(link) if way == "link" else client.submit(CODE, {"code": code, "next": "/e/mixer/people"})
    assert answer.headers["Location"] == f"{WHO}?next=%2Fe%2Fmixer%2Fpeople"
    assert (who(client), living()) == ("", 0)
    page = client.get(answer.headers["Location"]).get_data(as_text=True)
    assert [name in page for name in ("Grace Hopper", "Howard Hopper", "Shy Hopper", "Gone Hopper")] == [
        True, True, False, False]
    answer = client.submit(WHO, {"attendee": howard.id, "next": "/e/mixer/people"})
    assert (answer.headers["Location"], who(client)) == ("/e/mixer/people", "Howard Hopper")
    assert client.submit(WHO, {"attendee": cast.grace.id}).status_code == 410
    assert client.submit(link).status_code == 303
    assert (who(client), living()) == ("Howard Hopper", 1)


def test_who_are_you_is_asked_only_where_it_was_proven(
        app: Flask, client: Client, cast: Cast, howard: Attendee) -> None:
    link, code = ask(app, client)
    client.submit(link)
    other = new_browser(app)
    assert other.get(WHO).headers["Location"] == ASK
    assert other.submit(WHO, {"attendee": cast.grace.id}).status_code == 410
    assert other.submit(CODE, {"code": code, "email": "grace@people.example"}).status_code == 422
    with clock.stopped(clock.now() + sign_in.LASTS):
        assert client.get(WHO).headers["Location"] == ASK
        assert client.submit(WHO, {"attendee": cast.grace.id}).status_code == 410
    assert living() == 0


@pytest.mark.parametrize("wrong", ["other address", "other event", "not there", "not a number"])
def test_who_are_you_takes_nobody_else(
        app: Flask, client: Client, cast: Cast, howard: Attendee, wrong: str) -> None:
    link, _code = ask(app, client)
    client.submit(link)
    named = {"other address": cast.ada.id, "other event": cast.mallory.id, "not there": 999}.get(wrong, "x")
    assert client.submit(WHO, {"attendee": named}).status_code == 410
    assert living() == 0


def test_who_are_you_in_somebody_elses_browser_says_so(
        app: Flask, client: Client, cast: Cast, howard: Attendee) -> None:
    client.become(cast.bob)
    link, _code = ask(app, client)
    client.submit(link)
    assert "signs Bob Kahn out" in client.get(WHO).get_data(as_text=True)
    assert client.submit(WHO, {"attendee": howard.id}).status_code == 409
    assert who(client) == "Bob Kahn"
    client.submit(WHO, {"attendee": howard.id, "instead_of": cast.bob.id})
    assert who(client) == "Howard Hopper"


def test_who_are_you_is_not_asked_when_only_one_is_left(
        app: Flask, client: Client, cast: Cast, howard: Attendee) -> None:
    link, _code = ask(app, client)
    with db.transaction():
        db.session.get_one(Attendee, cast.grace.id).not_taking_part_at = clock.now()
    client.submit(link)
    assert who(client) == "Howard Hopper"


def test_sign_in_does_the_same_work_for_every_address(
        app: Flask, cast: Cast, howard: Attendee, statements: Callable[[], object]) -> None:
    """Same answer, same statements in the same order: unknown, one person, several people, asked too often."""
    said = []
    for address in ("nobody@people.example", "ada@people.example", "grace@people.example", "ada@people.example"):
        client = new_browser(app)
        client.get(ASK)
        if len(said) == 3:
            for _n in range(sign_in.ASKS_PER_HOUR):
                new_browser(app).submit(ASK, {"email": address})
        with statements() as sql:  # type: ignore[attr-defined]
            answer = client.submit(ASK, {"email": address})
        said.append((answer.status_code, answer.headers["Location"],
                     [" ".join(one.split()[:3]) for one in sql if "SAVEPOINT" not in one]))
    assert said[0] == said[1] == said[2] == said[3]


def test_sign_in_of_strangers_does_not_use_up_mine(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    client.submit("/e/mixer/browsers/sign-out")
    for number in range(3 * sign_in.ASKS_PER_HOUR):
        stranger = new_browser(app)
        stranger.get(ASK)
        stranger.submit(ASK, {"email": "ada@people.example"})
        wrong = stranger.submit(CODE, {"code": f"{number:08}", "email": "ada@people.example"})
        assert wrong.status_code in (422, 429)
    settings = app.extensions["settings"]
    composing.compose_due(mails.composers(settings), settings)
    client.submit(ASK, {"email": "ada@people.example"})
    with db.reading():
        newest = db.session.scalars(select(SignInRequest).order_by(SignInRequest.id.desc())).first()
        assert newest is not None
        code = sign_in.code(settings.secret_key, newest.id, newest.event_id)
    # Also typed in a tab that forgot who asked, as long as the browser was Ada before.
    client.delete_cookie("__Host-eventnet-visitor", domain="ev.example", path="/")
    with db.transaction():
        db.session.query(SignInRequest).filter_by(id=newest.id).update({"asker_hash": "another"})
    assert client.submit(CODE, {"code": code, "email": "ada@people.example"}).status_code == 303
    assert who(client) == "Ada Lovelace"


def test_sign_in_mail_of_strangers_runs_out_without_that_purse(app: Flask, client: Client, cast: Cast) -> None:
    """Negative control: a browser that was never Ada gets no mail any more."""
    for _number in range(sign_in.ASKS_PER_HOUR):
        stranger = new_browser(app)
        stranger.get(ASK)
        stranger.submit(ASK, {"email": "ada@people.example"})
    settings = app.extensions["settings"]
    composing.compose_due(mails.composers(settings), settings)
    client.get(ASK)
    client.submit(ASK, {"email": "ada@people.example"})
    assert composing.compose_due(mails.composers(settings), settings) == 0
    client.become(cast.ada)
    client.submit(ASK, {"email": "ada@people.example"})
    assert composing.compose_due(mails.composers(settings), settings) == 1
