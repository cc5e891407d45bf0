"""An organizer's own account: name, password, browsers with "not me", signing out everywhere."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask

from eventnet import clock, db
from eventnet.accounts import passwords
from eventnet.accounts.models import Browser, KnownBrowser, Organizer
from eventnet.audit import log
from eventnet.web import cookies
from tests.clients import Client
from tests.factories import Cast

PASSWORD, NEW, EMAIL = "seven green bottles", "nine blue bottles", "olga@organizers.example"


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).password_hash = passwords.make_hash(PASSWORD, "cheap")
    return sign_in(client)


def sign_in(client: Client, password: str = PASSWORD) -> Client:
    client.submit("/admin/sign-in", {"email": EMAIL, "password": password})
    return client


def another(app: Flask, cast: Cast) -> Client:
    made: Client = app.test_client()  # type: ignore[assignment]
    return sign_in(made)


def is_in(client: Client) -> bool:
    return client.get("/admin/").status_code == 200


def test_account_shows_own_browsers_only(olga: Client, app: Flask, cast: Cast) -> None:
    another(app, cast)
    oscar: Client = app.test_client()  # type: ignore[assignment]
    oscar.become_organizer(cast.oscar.id)
    page = olga.get("/admin/account").get_data(as_text=True)
    assert "2 browsers are signed in as you" in page
    assert page.count("Firefox on Android") == 2 + page.count("sign out Firefox on Android")
    assert "since 15 October 2026, 17:30 UTC" in page
    assert page.count("· this one") == 1


def test_not_me_signs_one_browser_out_and_forgets_it(olga: Client, app: Flask, cast: Cast) -> None:
    other = another(app, cast)
    page = olga.get("/admin/account").get_data(as_text=True)
    [path] = re.findall(r'action="(/admin/account/browsers/\d+/removal)"[^>]*>(?:(?!</form>).)*Not me', page, re.DOTALL)
    assert olga.submit(path).location == "/admin/account"
    assert (is_in(other), is_in(olga)) == (False, True)
    with db.reading():
        assert db.session.query(KnownBrowser).count() == 1
        assert log.sentence(log.recent(None)[0], "Olga") == "Olga ended one of their browsers."


def test_browser_of_somebody_else_cannot_be_ended(olga: Client, app: Flask, cast: Cast) -> None:
    oscar: Client = app.test_client()  # type: ignore[assignment]
    oscar.become_organizer(cast.oscar.id)
    with db.reading():
        theirs = db.session.query(Browser).filter_by(organizer_id=cast.oscar.id).one().id
    answers = [olga.submit(f"/admin/account/browsers/{number}/removal") for number in (theirs, 999)]
    assert [answer.status_code for answer in answers] == [404, 404]
    assert answers[0].data == answers[1].data
    assert is_in(oscar)


def test_sign_out_everywhere_ends_all(olga: Client, app: Flask, cast: Cast) -> None:
    other = another(app, cast)
    assert olga.submit("/admin/account/sign-out-everywhere").location == "/admin/sign-in"
    assert (is_in(other), is_in(olga)) == (False, False)
    with db.reading():
        assert db.session.query(KnownBrowser).filter_by(organizer_id=cast.olga.id).count() == 0


def test_new_password_asks_for_the_old_one_and_ends_the_others(olga: Client, app: Flask, cast: Cast) -> None:
    other = another(app, cast)
    wrong = olga.submit("/admin/account/password", {"old": "wrong", "password": NEW})
    assert (wrong.status_code, "That is not your password" in wrong.get_data(as_text=True)) == (422, True)
    weak = olga.submit("/admin/account/password", {"old": PASSWORD, "password": "short"})
    assert (weak.status_code, "Use at least 10 characters" in weak.get_data(as_text=True)) == (422, True)
    token = olga._cookie(cookies.BROWSER)
    assert olga.submit("/admin/account/password", {"old": PASSWORD, "password": NEW}).location == "/admin/account"
    assert olga._cookie(cookies.BROWSER) != token
    assert (is_in(olga), is_in(other)) == (True, False)
    assert not is_in(sign_in(other))
    assert is_in(sign_in(other, NEW))


def test_guessing_the_old_password_is_budgeted(olga: Client) -> None:
    guesses = [olga.submit("/admin/account/password", {"old": "wrong", "password": NEW}).status_code
               for _try in range(6)]
    assert guesses == [422] * 5 + [429]


def test_name_is_what_the_team_sees(olga: Client) -> None:
    assert olga.submit("/admin/account/name", {"name": "  Ольга   <b> "}).location == "/admin/account"
    page = olga.get("/admin/e/mixer/people").get_data(as_text=True)
    assert "Ольга &lt;b&gt; · you" in page
    assert olga.submit("/admin/account/name", {"name": "x" * 121}).status_code == 422


def test_disabled_organizer_is_out_at_the_next_request(olga: Client, cast: Cast) -> None:
    assert is_in(olga)
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).disabled_at = clock.now()
    assert not is_in(olga)
    assert olga.submit("/admin/account/name", {"name": "x"}).status_code == 401


def test_sign_in_ends_though_the_browser_stays_known(olga: Client) -> None:
    with clock.stopped(clock.now() + timedelta(hours=12)):
        assert not is_in(olga)
        assert is_in(sign_in(olga))
