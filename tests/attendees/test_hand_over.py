"""The hand-over code: from a browser that is signed in to one that is not."""

from __future__ import annotations

import re
from datetime import timedelta

from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import activation, hand_over
from eventnet.attendees.models import HandOver, SignedInBrowser
from tests.clients import Client
from tests.factories import Cast, make_attendee

PAGE, ENTER = "/e/mixer/hand-over", "/e/mixer/hand-over/enter"


def new_browser(app: Flask) -> Client:
    made: Client = app.test_client()  # type: ignore[assignment]
    made.get("/e/mixer/sign-in")
    return made


def make_code(client: Client) -> str:
    assert client.submit(PAGE).headers["Location"] == PAGE
    found = re.search(r'hand-over-code"[^>]*>(\d{3} \d{3})<', client.get(PAGE).get_data(as_text=True))
    assert found
    return found[1]


def enter(client: Client, code: str, **more: object) -> int:
    return client.submit(ENTER, {"hand-over-code": code, **more}).status_code


def who(client: Client) -> str:
    answer = client.get("/e/mixer/badge")
    return "" if answer.status_code == 303 else re.search(r"<h1[^>]*>([^<]*)", answer.get_data(as_text=True))[1]  # type: ignore[index]


def test_hand_over_takes_one_person_to_another_browser(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    other = new_browser(app)
    code = make_code(client)
    answer = other.submit(ENTER, {"hand-over-code": code, "hand-over-next": "/e/mixer/people"})
    assert answer.headers["Location"] == "/e/mixer/people"
    assert (who(other), who(client)) == ("Bob Kahn", "Bob Kahn")
    with db.reading():
        assert [one.way for one in activation.browsers_of(cast.bob)] == ["hand_over", "activation_link"]


def test_hand_over_page_writes_nothing_and_shows_the_same_code(client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    assert "hand-over-code" not in client.get(PAGE).get_data(as_text=True).replace("becoming.css", "")
    code = make_code(client)
    for _time in range(3):
        assert code in client.get(PAGE).get_data(as_text=True)
    with db.reading():
        assert [row.used_at for row in db.session.scalars(select(HandOver))] == [None]


def test_hand_over_code_counts_once(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    code = make_code(client)
    assert enter(new_browser(app), code) == 303
    second = new_browser(app)
    assert enter(second, code) == 422
    assert who(second) == ""
    assert code not in client.get(PAGE).get_data(as_text=True)


def test_hand_over_code_lives_five_minutes(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    code, other = make_code(client), new_browser(app)
    with clock.stopped(clock.now() + timedelta(minutes=5)):
        assert enter(other, code) == 422
        assert code not in client.get(PAGE).get_data(as_text=True)
    with clock.stopped(clock.now() + timedelta(minutes=4, seconds=59)):
        assert enter(other, code) == 303


def test_hand_over_new_code_ends_the_one_before(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    old = make_code(client)
    new = make_code(client)
    assert old != new
    assert enter(new_browser(app), old) == 422
    assert enter(new_browser(app), new) == 303


def test_hand_over_is_refused_after_five_wrong_codes(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    code, other = make_code(client), new_browser(app)
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**6:06}"
    assert [enter(other, wrong) for _try in range(5)] == [422] * 5
    answer = other.submit(ENTER, {"hand-over-code": code})
    assert (answer.status_code, "Wait five minutes" in answer.get_data(as_text=True)) == (429, True)
    assert who(other) == ""
    assert enter(new_browser(app), code) == 303


def test_hand_over_guessing_with_ever_new_browsers_stops(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    code = make_code(client)
    wrong = f"{(int(code.replace(' ', '')) + 1) % 10**6:06}"
    with db.transaction():
        secret = app.extensions["settings"].secret_key
        for number in range(hand_over.WRONG_PER_EVENT):
            assert hand_over.enter(secret, cast.mixer.id, wrong, None, "Bot", f"anchor {number}") is None
    assert enter(new_browser(app), code) == 429


def test_hand_over_code_of_another_event_is_unknown(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    code, other = make_code(client), new_browser(app)
    assert other.submit("/e/elsewhere/hand-over/enter", {"hand-over-code": code}).status_code == 422
    assert enter(other, code) == 303


def test_hand_over_dies_with_the_browser_that_shows_it(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    code = make_code(client)
    with db.transaction():
        db.session.scalars(select(SignedInBrowser)).one().revoked_at = clock.now()
    other = new_browser(app)
    assert enter(other, code) == 422
    assert who(other) == ""


def test_hand_over_codes_of_many_people_are_all_different(app: Flask, cast: Cast) -> None:
    secret = app.extensions["settings"].secret_key
    with db.transaction():
        people = [make_attendee(cast.mixer, f"Person {number}") for number in range(60)]
        browsers = [activation.become(cast.mixer.id, one.id, None, "Firefox", "desk", str(one.id), None)[0]
                    for one in people]
        for one, browser in zip(people, browsers, strict=True):
            hand_over.make(secret, one, browser.id)
    with db.reading():
        hashes = db.session.scalars(select(HandOver.code_hash).where(HandOver.ends_at > clock.now())).all()
        assert len(set(hashes)) == 60
        shown = hand_over.shown(secret, cast.mixer.id, browsers[7].id)
        assert shown is not None
        assert re.fullmatch(r"\d{6}", shown.code)
        assert shown.ends_at == clock.now() + timedelta(minutes=5)


def test_hand_over_into_a_browser_of_somebody_else_asks_first(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.bob)
    code, other = make_code(client), new_browser(app).become(cast.grace)
    assert enter(other, code) == 409
    assert who(other) == "Grace Hopper"
    assert enter(other, code, instead_of=cast.grace.id) == 303
    assert who(other) == "Bob Kahn"


def test_hand_over_needs_a_signed_in_browser(app: Flask, client: Client, cast: Cast) -> None:
    client.get("/e/mixer/sign-in")
    assert client.submit(PAGE).status_code == 401
    assert client.get(PAGE).headers["Location"] == "/e/mixer/sign-in?next=%2Fe%2Fmixer%2Fhand-over"
