"""The list of browsers that are me: since when, last scan, ended one by one or all; state is read on every request."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.accounts.models import Browser
from eventnet.attendees import activation, api_tokens, recoveries
from eventnet.attendees.models import Attendee
from tests.clients import Client
from tests.factories import Cast

PAGE = "/e/mixer/browsers"


def new_browser(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


def test_browsers_say_since_when_and_when_they_last_sent(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    with clock.stopped(clock.now() + timedelta(minutes=13)):
        other = new_browser(app).become(cast.ada)
        client.submit(f"/B/{cast.token(cast.grace)}")
    with clock.stopped(clock.now() + timedelta(minutes=20)):
        page = other.get(PAGE).get_data(as_text=True)
    rows = page.split('<li class="row">')[1:]
    assert [("since 19:43" in row, "last sent 19:43" in row, "this one" in row) for row in rows[:2]] == [
        (True, False, True), (False, True, False)]
    assert "since 19:30" in rows[1]


def test_all_other_browsers_are_signed_out_at_once(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    others = [new_browser(app).become(cast.ada) for _n in range(3)]
    grace = new_browser(app).become(cast.grace)
    assert client.submit(f"{PAGE}/others/revoke").headers["Location"] == PAGE
    assert "3 other browsers are signed out" in client.get(PAGE).get_data(as_text=True)
    assert [one.get("/e/mixer/card").status_code for one in (client, *others, grace)] == [200, 303, 303, 303, 200]


@pytest.mark.parametrize("change", ["removed", "not taking part", "revoked", "browser over", "nothing"])
@pytest.mark.parametrize("way", ["page", "post", "api", "bearer"])
def test_state_is_read_on_every_request(app: Flask, client: Client, cast: Cast, change: str, way: str) -> None:
    client.become(cast.ada)
    with db.transaction():
        key = api_tokens.make(cast.ada, "a program")

    def act() -> int:
        if way == "page":
            return client.get("/e/mixer/people").status_code
        if way == "post":
            return client.submit("/e/mixer/badge/policy", {"swap_policy": "ask"}).status_code
        body = {"scans": [{"id": str(uuid.uuid4()), "badge": cast.token(cast.grace)}]}
        if way == "api":
            answer = client.send("/api/v1/encounters", body)
            # One batch may be for several events, so who may not act at one of them is told scan by scan.
            said = answer.get_json()["answers"][0]["result"] if answer.status_code == 200 else ""
            return 401 if said == "refused" else answer.status_code
        return client.post("/api/v1/encounters", json=body, headers={"Authorization": f"Bearer {key}"}).status_code

    good = {"page": 200, "post": 303}.get(way, 200)
    assert act() == good
    with db.transaction():
        ada = db.session.get_one(Attendee, cast.ada.id)
        if change == "removed":
            ada.removed_at = clock.now()
        elif change == "not taking part":
            ada.not_taking_part_at = clock.now()
        elif change == "revoked":
            activation.revoke_all(ada.event_id, ada.id)
            api_tokens.revoke(ada, api_tokens.tokens_of(ada)[0].id)
        elif change == "browser over":
            db.session.query(Browser).update({"ends_at": clock.now()})
    if change == "nothing":
        assert act() == good
    elif (change, way) == ("browser over", "bearer"):
        assert act() == 200  # a key is no browser
    else:
        assert act() == {"page": 303}.get(way, 401)


@pytest.mark.parametrize(("has_address", "has_picture", "sentence"), [
    (True, False, "with a code mailed to ada@people.example"),
    (False, True, "Your recovery picture signs another one in"),
    (False, False, "Nobody could bring your people and notes back"),
])
def test_browsers_page_says_what_happens_when_the_phone_is_lost(
        client: Client, cast: Cast, has_address: bool, has_picture: bool, sentence: str) -> None:
    with db.transaction():
        ada = db.session.get_one(Attendee, cast.ada.id)
        if not has_address:
            ada.email = ada.email_key = ""
        if has_picture:
            recoveries.make(ada)
    client.become(cast.ada)
    page = client.get(PAGE).get_data(as_text=True)
    assert sentence in page
    assert ("Add your e-mail address" in page) == (not has_address)


def test_browsers_page_costs_the_same_for_one_and_for_three(
        app: Flask, client: Client, cast: Cast, statements: Callable[[], AbstractContextManager[list[str]]]) -> None:
    client.become(cast.ada)
    counts = []
    for _n in range(2):
        with statements() as said:
            client.get(PAGE)
        counts.append(len(said))
        for _other in range(2):
            new_browser(app).become(cast.ada)
    assert counts[0] == counts[1] <= 8
