"""The recovery link: one living one, hashed, shown once, opened without effect, ended at once."""

from __future__ import annotations

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import activation, recoveries
from eventnet.attendees.models import Attendee, Recovery
from tests.clients import Client
from tests.factories import Cast


def make(attendee: Attendee) -> str:
    with db.transaction():
        return recoveries.make(attendee)


def new_browser(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


def test_recovery_link_asks_first_and_then_signs_in(app: Flask, client: Client, cast: Cast) -> None:
    path = f"/R/{make(cast.bob)}"
    for _time in range(5):
        assert "Are you Bob Kahn?" in client.get(path).get_data(as_text=True)
    with db.reading():
        assert activation.browsers_of(cast.bob) == []
    assert client.submit(path).headers["Location"] == "/e/mixer/"
    assert client.get("/e/mixer/people").status_code == 200
    with db.reading():
        assert [one.way for one in activation.browsers_of(cast.bob)] == ["recovery"]
        assert db.session.scalars(select(Recovery.last_used_at)).all() == [clock.now()]
    assert "You are Bob Kahn" in client.get(path.lower().replace("/r/", "/R/")).get_data(as_text=True)
    second = new_browser(app)
    second.get(path)
    assert second.submit(path).status_code == 303  # it works until the retention date, as often as needed


def test_recovery_link_is_kept_as_a_fingerprint_and_a_new_one_ends_it(client: Client, cast: Cast) -> None:
    old = make(cast.bob)
    new = make(cast.bob)
    with db.reading():
        rows = repr([tuple(row) for row in db.session.execute(select(Recovery.__table__))])
    assert (old in rows, new in rows, len(old)) == (False, False, 26)
    assert [client.get(f"/R/{token}").status_code for token in (old, new)] == [404, 200]


@pytest.mark.parametrize("end", ["ended", "removed", "not taking part", "forgotten", "made up", "activation link"])
def test_recovery_link_opens_nothing_any_more(app: Flask, client: Client, cast: Cast, end: str) -> None:
    token, at = make(cast.bob), clock.now()
    with db.transaction():
        bob = db.session.get_one(Attendee, cast.bob.id)
        if end == "ended":
            recoveries.end(bob)
        elif end == "removed":
            bob.removed_at = at
        elif end == "not taking part":
            bob.not_taking_part_at = at
    if end == "forgotten":
        at = cast.mixer.retention_at
    elif end == "made up":
        token = token[:-1] + ("0" if token[-1] != "0" else "1")
    elif end == "activation link":
        token = activation.activation_token(app.extensions["settings"].secret_key, cast.bob)
    client.get("/e/mixer/sign-in")
    with clock.stopped(at):
        assert [client.get(f"/R/{token}").status_code, client.submit(f"/R/{token}").status_code] == [404, 404]


def test_recovery_link_in_somebody_elses_browser_offers_a_swap(client: Client, cast: Cast) -> None:
    path = f"/R/{make(cast.bob)}"
    client.become(cast.grace)
    page = client.get(path).get_data(as_text=True)
    assert ("This browser is Grace Hopper here" in page, "Swap cards with Bob Kahn" in page) == (True, True)
    for fields in ({}, {"instead_of": cast.grace.id}):
        assert client.submit(path, fields).headers["Location"] == path
        assert "Grace Hopper" in client.get("/e/mixer/badge").get_data(as_text=True)
    client.submit(path, {"instead_of": cast.grace.id, "sure": "1"})
    assert "Bob Kahn" in client.get("/e/mixer/badge").get_data(as_text=True)
