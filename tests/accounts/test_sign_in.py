"""Signing in as an organizer: the right password, wrong ones, throttle, fixation, CSRF, where it leads."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask

from eventnet import clock, db, links
from eventnet.accounts import budgets, organizers, passwords
from eventnet.accounts.models import Browser, Organizer
from eventnet.web import cookies
from tests.clients import Client
from tests.factories import Cast, make_event

PASSWORD = "seven green bottles"
EMAIL = "olga@organizers.example"
WRONG = "This address and this password do not belong together. Try again."


@pytest.fixture(autouse=True)
def known_password(cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).password_hash = passwords.make_hash(PASSWORD, "cheap")


def sign_in(client: Client, password: str = PASSWORD, email: str = EMAIL, **more: str):  # type: ignore[no-untyped-def]
    return client.submit("/admin/sign-in", {"email": email, "password": password, **more})


def test_sign_in_leads_to_my_events(client: Client) -> None:
    answer = sign_in(client, email="  OLGA@organizers.example ")
    assert (answer.status_code, answer.location) == (303, "/admin/")
    page = client.get("/admin/").get_data(as_text=True)
    assert "Spring mixer" in page
    assert "Another event" not in page


def test_sign_in_lasts_twelve_hours_however_busy(client: Client) -> None:
    sign_in(client)
    for hours, status in ((6, 200), (11.9, 200), (12, 303)):
        with clock.stopped(clock.now() + timedelta(hours=hours)):
            assert (hours, client.get("/admin/").status_code) == (hours, status)


def test_sign_in_changes_the_browser_token(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    planted = client._cookie(cookies.BROWSER)
    sign_in(client)
    fresh = client._cookie(cookies.BROWSER)
    assert fresh != planted
    with db.reading():
        [browser] = db.session.query(Browser).all()
        assert (browser.token_hash, browser.organizer_id) == (links.fingerprint(fresh or ""), cast.olga.id)
    thief: Client = client.application.test_client()  # type: ignore[assignment]
    thief._keep(planted or "")
    assert thief.get("/admin/").location == "/admin/sign-in?next=%2Fadmin%2F"
    assert client.get("/e/mixer/badge").status_code != 303, "still Ada at the mixer"


@pytest.mark.parametrize(("email", "password"), [
    (EMAIL, "wrong"), ("nobody@organizers.example", PASSWORD), ("oscar@elsewhere.example", ""),
    ("oscar@elsewhere.example", "anything"), ("", ""), ("\u202e", "x"), (EMAIL, "x" * 900),
])
def test_sign_in_refused_keeps_the_address_and_nothing_else(client: Client, email: str, password: str) -> None:
    answer = sign_in(client, password, email)
    page = answer.get_data(as_text=True)
    assert answer.status_code == 422
    assert 'autocomplete="username"' in page
    assert password == "" or f'value="{password}"' not in page
    assert client.get("/admin/").status_code == 303
    with db.reading():
        assert db.session.query(Browser).count() == 0


def test_sign_in_says_the_same_of_a_wrong_password_and_an_unknown_address(client: Client) -> None:
    first = sign_in(client, "wrong", EMAIL).get_data(as_text=True)
    second = sign_in(client, "wrong", "nobody@organizers.example").get_data(as_text=True)
    assert WRONG in first
    assert first.replace(EMAIL, "X") == second.replace("nobody@organizers.example", "X")


def test_sign_in_of_a_disabled_organizer_is_refused(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).disabled_at = clock.now()
    assert WRONG in sign_in(client).get_data(as_text=True)


def test_sign_in_is_throttled_by_account(client: Client, app: Flask) -> None:
    for _try in range(10):
        assert sign_in(client, "wrong").status_code == 422
    other: Client = app.test_client()  # type: ignore[assignment]
    refused = sign_in(other)
    assert refused.status_code == 429
    assert "Too many tries with this address. Wait 15 minutes" in refused.get_data(as_text=True)
    assert refused.headers["Retry-After"] == "900"
    assert sign_in(other, "x", "oscar@elsewhere.example").status_code == 422, "another account from the same network"
    with clock.stopped(clock.now() + timedelta(minutes=15)):
        assert sign_in(other).status_code == 303


def test_right_password_gives_the_tries_back(client: Client) -> None:
    for _try in range(9):
        sign_in(client, "wrong")
    assert sign_in(client).status_code == 303
    with db.reading():
        assert budgets.left(f"sign-in:{EMAIL}", organizers.TRIES, organizers.TRIES_SPAN) == 10


def test_outdated_hash_is_replaced_at_sign_in(client: Client, cast: Cast) -> None:
    from argon2 import PasswordHasher

    old = PasswordHasher(time_cost=2, memory_cost=16, parallelism=1).hash(PASSWORD)
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).password_hash = old
    assert sign_in(client).status_code == 303
    with db.reading():
        new = db.session.get_one(Organizer, cast.olga.id).password_hash
    assert new is not None
    assert new != old
    assert not passwords.is_outdated(new, "cheap")


@pytest.mark.parametrize(("next_", "location"), [
    ("/admin/e/mixer/", "/admin/e/mixer/"), ("https://evil.example/", "/admin/"), ("//evil.example", "/admin/"),
])
def test_sign_in_leads_only_to_addresses_of_ours(client: Client, next_: str, location: str) -> None:
    assert sign_in(client, next=next_).location == location
    assert client.get("/admin/sign-in", query_string={"next": next_}).location == location


def test_guard_keeps_where_one_wanted_to_go(client: Client) -> None:
    asked = client.get("/admin/e/mixer/?day=1")
    assert asked.location == "/admin/sign-in?next=%2Fadmin%2Fe%2Fmixer%2F%3Fday%3D1"
    assert 'value="/admin/e/mixer/?day=1"' in client.get(asked.location).get_data(as_text=True)


@pytest.mark.parametrize(("data", "headers", "reason"), [
    ({}, {}, "This page was open too long"),
    ({"csrf_token": "0" * 26}, {}, "This page was open too long"),
    ({"csrf_token": "own"}, {"Sec-Fetch-Site": "cross-site"}, "That came from another site"),
    ({"csrf_token": "own"}, {"Sec-Fetch-Site": "same-site"}, "That came from another site"),
])
def test_sign_in_needs_a_form_of_ours(
    client: Client, data: dict[str, str], headers: dict[str, str], reason: str,
) -> None:
    if data.get("csrf_token") == "own":
        data = {"csrf_token": client.csrf()}
    answer = client.post("/admin/sign-in", data={"email": EMAIL, "password": PASSWORD, **data}, headers=headers)
    assert answer.status_code == 403
    assert reason in answer.get_data(as_text=True)
    with db.reading():
        assert db.session.query(Browser).count() == 0


def test_csrf_token_of_another_browser_is_refused(client: Client, app: Flask) -> None:
    other: Client = app.test_client()  # type: ignore[assignment]
    answer = client.post("/admin/sign-in", data={
        "email": EMAIL, "password": PASSWORD, "csrf_token": other.csrf()})
    assert answer.status_code == 403


def test_sign_out_ends_the_sign_in_and_leaves_the_attendee(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    sign_in(client)
    assert client.submit("/admin/sign-out").location == "/admin/sign-in"
    assert client.get("/admin/").status_code == 303
    assert "Spring mixer" in client.get("/").get_data(as_text=True)


def test_my_events_takes_the_same_statements_for_one_and_three(client: Client, cast: Cast, statements) -> None:  # type: ignore[no-untyped-def]
    client.become_organizer(cast.olga.id)
    counted = []
    for more in ((), ("second", "third")):
        with db.transaction():
            for slug in more:
                make_event(slug, owner=cast.olga, name=f"The {slug}")
        with statements() as said:
            page = client.get("/admin/").get_data(as_text=True)
        counted.append(len(said))
    assert page.count('class="row"') == 3
    assert counted == [3, 3]
