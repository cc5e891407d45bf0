"""Step-up: grave acts ask who is there, keep what was typed, go on; and every such act is on the list."""

from __future__ import annotations

import html
import io
import re
from datetime import timedelta

import pytest
from flask import Flask, request

from eventnet import clock, config, db, routes
from eventnet.accounts import access, factors, passwords, step_up, totp
from eventnet.accounts.models import Organizer, SecondFactor
from eventnet.events.models import TeamInvitation
from eventnet.web.audiences import SAFE_METHODS
from tests.clients import Client
from tests.factories import Cast

PASSWORD = "seven green bottles"
INVITE = "/admin/e/mixer/people/invitations"
LATER = timedelta(minutes=15)

# POST endpoints whose names sound grave and which need no second word, each for its reason.
EXEMPT = {
    "attendees_admin.upload": "keeps a draft; nothing is on the list until it is committed",
    "attendees_admin.commit": "only adds and changes people, row by row and undone by another import",
    "demo.clear": "the demo's inbox",
}
GRAVE = re.compile(r"export|send|start|import|roles?\b|role$|plan_|lift|factor|member|erase|purge|delete")


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    """Olga's browser, which signed in just now."""
    with db.transaction():
        db.session.get_one(Organizer, cast.olga.id).password_hash = passwords.make_hash(PASSWORD, "cheap")
    client.submit("/admin/sign-in", {"email": "olga@organizers.example", "password": PASSWORD})
    return client


def form_of(page: str) -> tuple[str, dict[str, str]]:
    """Where the form of "Is it you?" goes, and the hidden fields in it."""
    [form] = re.findall(r"<form[^>]*data-step-up.*?</form>", page, re.DOTALL)
    [action] = re.findall(r'action="([^"]*)"', form)
    fields = re.findall(r'<input type="hidden" name="([^"]*)" value="([^"]*)">', form)
    return html.unescape(action), {html.unescape(name): html.unescape(value) for name, value in fields}


def invited() -> list[tuple[str, str]]:
    with db.reading():
        return [(row.email, row.role) for row in db.session.query(TeamInvitation).all()]


def test_sign_in_counts_for_fifteen_minutes(olga: Client) -> None:
    with clock.stopped(clock.now() + LATER - timedelta(seconds=1)):
        assert olga.submit(INVITE, {"email": "nora@people.example", "role": "desk"}).status_code == 303
    with clock.stopped(clock.now() + LATER):
        assert olga.submit(INVITE, {"email": "nils@people.example", "role": "desk"}).status_code == 403
    assert invited() == [("nora@people.example", "desk")]


def test_what_was_typed_goes_on_after_the_answer(olga: Client) -> None:
    typed = {"email": 'n"o>ra@people.example', "role": "owner", "more": "a & b\n“c”", "next": "/admin/"}
    with clock.stopped(clock.now() + LATER):
        asked = olga.submit(f"{INVITE}?a=1&b=%22", typed)
        page = asked.get_data(as_text=True)
        assert (asked.status_code, "Is it you?" in page, 'value="n"o' in page) == (403, True, False)
        address, kept = form_of(page)
        token = kept.pop("csrf_token")
        assert (address, kept) == (f"{INVITE}?a=1&b=%22", {**typed, "more": "a & b\n“c”"})
        kept |= {"email": "nora@people.example", "csrf_token": token, access.ANSWER: PASSWORD}
        assert olga.post(address, data=kept).status_code == 303
        assert invited() == [("nora@people.example", "owner")]
        assert olga.submit(INVITE, {"email": "nils@people.example", "role": "desk"}).status_code == 303, "fresh again"


def test_wrong_answers_do_nothing_and_are_budgeted(olga: Client) -> None:
    with clock.stopped(clock.now() + LATER):
        for _try in range(5):
            wrong = olga.submit(INVITE, {"email": "nora@people.example", "role": "desk", access.ANSWER: "wrong"})
            assert (wrong.status_code, "That is not right" in wrong.get_data(as_text=True)) == (422, True)
            assert form_of(wrong.get_data(as_text=True))[1]["email"] == "nora@people.example"
        full = olga.submit(INVITE, {"email": "nora@people.example", "role": "desk", access.ANSWER: PASSWORD})
        assert (full.status_code, full.headers["Retry-After"]) == (429, "900")
    assert invited() == []
    with clock.stopped(clock.now() + 2 * LATER):
        right = olga.submit(INVITE, {"email": "nora@people.example", "role": "desk", access.ANSWER: PASSWORD})
        assert right.status_code == 303


def test_code_of_the_app_is_an_answer_once(olga: Client, cast: Cast, settings: config.Settings) -> None:
    with db.transaction():
        factors.begin(cast.olga.id, settings.secret_key)
        db.session.flush()
        pending = db.session.get_one(SecondFactor, cast.olga.id).pending or b""
        secret = totp.opened(pending, settings.secret_key, cast.olga.id) or b""
        factors.confirm(cast.olga.id, settings.secret_key, totp.code(secret, totp.step_at(clock.now())))
    with clock.stopped(clock.now() + LATER):
        code = totp.code(secret, totp.step_at(clock.now()))
        typed = {"email": "nora@people.example", "role": "desk", access.ANSWER: code}
        assert olga.submit(INVITE, typed).status_code == 303
    with clock.stopped(clock.now() + LATER + LATER), db.transaction():
        assert factors.take(cast.olga.id, settings.secret_key, code) is None


def test_answer_of_one_browser_is_not_the_others(olga: Client, app: Flask, cast: Cast) -> None:
    other: Client = app.test_client()  # type: ignore[assignment]
    other.become_organizer(cast.olga.id)
    with clock.stopped(clock.now() + LATER):
        assert olga.submit(INVITE, {"email": "a@people.example", "role": "desk", access.ANSWER: PASSWORD}
                           ).status_code == 303
        assert other.submit(INVITE, {"email": "b@people.example", "role": "desk"}).status_code == 403


def test_guard_comes_before_the_question(olga: Client, app: Flask, cast: Cast) -> None:
    """Who may not do it is told so, and learns nothing by the question; who is nobody is sent away."""
    oscar: Client = app.test_client()  # type: ignore[assignment]
    oscar.become_organizer(cast.oscar.id)
    with clock.stopped(clock.now() + LATER):
        assert oscar.submit(INVITE, {"email": "a@people.example", "role": "owner"}).status_code == 404
        assert app.test_client().submit(INVITE).status_code == 401  # type: ignore[attr-defined]


def test_script_gets_a_problem_instead_of_a_page(olga: Client) -> None:
    with clock.stopped(clock.now() + LATER):
        answer = olga.post(INVITE, data={"email": "a@people.example"}, headers={"X-CSRF-Token": olga.csrf()})
    assert (answer.status_code, answer.content_type) == (403, "application/problem+json")
    assert answer.get_json()["reason"] == "step_up"


def test_view_never_sees_the_answer(olga: Client, app: Flask) -> None:
    seen = []
    view = app.view_functions["event_team.invite"]
    app.view_functions["event_team.invite"] = lambda **values: (seen.append(dict(request.form)), view(**values))[1]
    with clock.stopped(clock.now() + LATER):
        olga.submit(INVITE, {"email": "nora@people.example", "role": "desk", access.ANSWER: PASSWORD})
    assert [form.pop("csrf_token") != "" for form in seen] == [True]
    assert seen == [{"email": "nora@people.example", "role": "desk"}]


def test_file_that_cannot_be_kept_is_said(olga: Client) -> None:
    with clock.stopped(clock.now() + LATER):
        page = olga.post(INVITE, data={"csrf_token": olga.csrf(), "file": (io.BytesIO(b"x"), "list.csv")})
    assert "A file cannot be kept" in page.get_data(as_text=True)


def test_every_grave_act_is_on_the_list(app: Flask) -> None:
    posts = {rule.endpoint for rule in app.url_map.iter_rules() if (rule.methods or set()) - SAFE_METHODS}
    grave = {name for name in posts if GRAVE.search(name.rpartition(".")[2])
             and name.partition(".")[0].endswith(("_admin", "_team", "invitations", "passes", "settings", "log"))}
    assert grave - routes.STEP_UP - EXEMPT.keys() - {"accounts_admin.confirm_factor"} == set()
    assert {"attendees_admin.export", "summaries_admin.send", "event_team.change_role"} <= grave, "the pattern finds"
    assert posts >= routes.STEP_UP


def test_unknown_act_on_the_list_stops_the_start(app: Flask) -> None:
    with pytest.raises(RuntimeError, match="no_such"):
        access.demand_step_up(app, {"event_team.invite", "event_team.no_such"})


def test_step_up_negative_control(olga: Client, app: Flask) -> None:
    """With the question off, the old sign-in goes straight through, and the first test would see it."""
    app.before_request_funcs[None] = [f for f in app.before_request_funcs[None] if f.__name__ != "ask"]
    with clock.stopped(clock.now() + LATER):
        assert olga.submit(INVITE, {"email": "nils@people.example", "role": "desk"}).status_code == 303
    assert step_up.FRESH == LATER
