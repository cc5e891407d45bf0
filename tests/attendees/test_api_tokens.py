"""Keys for programs: shown once, found by their fingerprint, ended by their owner."""

from __future__ import annotations

import re

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import api_tokens
from eventnet.attendees.models import ApiToken, Attendee
from eventnet.errors import Refusal
from tests.clients import Client
from tests.factories import Cast


def find(key: str) -> tuple[int, int] | None:
    with db.reading():
        return api_tokens.find_bearer(key)


def make(client: Client, label: str = "My script") -> str:
    page = client.submit("/e/mixer/browsers/keys", {"label": label}).get_data(as_text=True)
    found = re.search(r">(eventnet_[\w-]{43})<", page)
    assert found
    return found[1]


def test_key_is_shown_once_and_finds_its_attendee(client: Client, cast: Cast) -> None:
    client.become(cast.grace)
    key = make(client)
    page = client.get("/e/mixer/browsers").get_data(as_text=True)
    assert (key in page, "My script" in page) == (False, True)
    assert find(key) == (cast.mixer.id, cast.grace.id)
    with db.reading():
        assert key not in repr(db.session.execute(select(ApiToken.__table__)).all())


def test_key_is_ended_by_its_owner_only(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.grace)
    key = make(client)
    with db.reading():
        row = db.session.scalars(select(ApiToken)).one()
    stranger: Client = app.test_client()  # type: ignore[assignment]
    stranger.become(cast.ada)
    assert stranger.submit(f"/e/mixer/browsers/keys/{row.id}/revoke").status_code == 404
    assert find(key) == (cast.mixer.id, cast.grace.id)
    for _twice in range(2):
        assert client.submit(f"/e/mixer/browsers/keys/{row.id}/revoke").status_code == 303
    assert find(key) is None


@pytest.mark.parametrize("column", ["removed_at", "not_taking_part_at"])
def test_key_of_somebody_who_left_is_dead(client: Client, cast: Cast, column: str) -> None:
    client.become(cast.grace)
    key = make(client)
    with db.transaction():
        setattr(db.session.get_one(Attendee, cast.grace.id), column, clock.now())
    assert find(key) is None


def test_key_needs_a_name_and_there_are_at_most_ten(client: Client, cast: Cast) -> None:
    client.become(cast.grace)
    answer = client.submit("/e/mixer/browsers/keys", {"label": " \u200b "})
    assert (answer.status_code, "Name the program" in answer.get_data(as_text=True)) == (422, True)
    for number in range(api_tokens.MOST):
        make(client, f"Script {number}")
    answer = client.submit("/e/mixer/browsers/keys", {"label": "One more"})
    assert (answer.status_code, 'value="One more"' in answer.get_data(as_text=True)) == (409, True)


@pytest.mark.parametrize("text", ["", "eventnet_", "x" * 5000, "é", "Bearer"])
def test_key_that_is_none_finds_nobody(app: Flask, cast: Cast, text: str) -> None:
    assert find(text) is None


def test_key_of_another_event_cannot_be_made_from_here(client: Client, cast: Cast) -> None:
    client.become(cast.mallory).get("/e/elsewhere/card")
    assert client.submit("/e/mixer/browsers/keys", {"label": "x"}).status_code == 401
    with db.transaction(), pytest.raises(Refusal):
        api_tokens.make(cast.mallory, "")
