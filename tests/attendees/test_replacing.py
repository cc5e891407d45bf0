"""Somebody else comes instead: everything of the old person is dead, nothing is handed on, and a slip is taken back."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventnet import clock, db
from eventnet.attendees import (
    activation,
    api_tokens,
    hand_over,
    importing,
    mapping,
    participation,
    recoveries,
    replacing,
    roster,
    sign_in,
    tables,
)
from eventnet.attendees.models import Attendee, Recovery, SignInRequest
from eventnet.audit import log
from eventnet.badges import issuing
from eventnet.badges.codes import BadgeReference
from eventnet.cards.models import Card
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Encounter, Grant
from eventnet.encounters.recording import Answer, Claim, record_scan
from eventnet.errors import NotFound, Refusal
from tests.clients import Client
from tests.factories import Cast

DESK = "/admin/e/mixer/desk"
VERA = {"registered_name": "Vera Ruiz", "organization": "Navy", "email": "vera@people.example"}


@pytest.fixture
def olga(app: Flask, cast: Cast) -> Client:
    return app.test_client().become_organizer(cast.olga.id)  # type: ignore[attr-defined, no-any-return]


def replaced(cast: Cast, *, is_here: bool = True) -> Attendee:
    with db.transaction():
        return replacing.replace(cast.mixer.id, cast.grace.id, VERA, "organizer:1", is_here=is_here)


def scan(scanner: Attendee, token: str) -> Answer:
    with db.transaction():
        return record_scan(Claim(str(uuid.uuid4()), BadgeReference("token", token)), attendee_id=scanner.id,
                           way="bearer")


def test_three_taps_at_the_desk_change_the_person(olga: Client, cast: Cast) -> None:
    found = olga.get(f"{DESK}?q=grace").text
    assert f'href="{DESK}/{cast.grace.id}"' in found
    assert f'href="{DESK}/{cast.grace.id}/someone-else"' in olga.get(f"{DESK}/{cast.grace.id}").text
    form = olga.get(f"{DESK}/{cast.grace.id}/someone-else").text
    assert (form.count("Grace"), "grace@people.example" in form) == (form.count("Grace Hopper"), False)
    answer = olga.submit(f"{DESK}/{cast.grace.id}/someone-else", {**VERA, "is_here": "y"})
    with db.reading():
        vera = db.session.scalars(select(Attendee).where(Attendee.registered_name == "Vera Ruiz")).one()
        assert (vera.checked_in_at, vera.event_id, vera.generation) == (clock.now(), cast.mixer.id, 1)
    assert (answer.status_code, answer.location) == (303, f"{DESK}?done={vera.id}")
    page = olga.get(f"{DESK}?done={vera.id}").text
    assert "Vera Ruiz comes instead of Grace Hopper." in page
    assert "Grace" not in olga.get(f"{DESK}?q=grace").text.replace('value="grace"', "").replace("“grace”", "")


def test_everything_of_the_old_person_is_dead_at_once(app: Flask, cast: Cast) -> None:
    settings = app.extensions["settings"]
    phone: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    assert phone.get("/e/mixer/badge").status_code == 200
    with db.transaction():
        key = api_tokens.make(cast.grace, "My script")
        browser = activation.browsers_of(cast.grace)[0]
        hand_over.make(settings.secret_key, cast.grace, browser.browser_id)
        sign_in.ask(cast.mixer.id, cast.grace.email, "a browser")
        db.session.add(Recovery(event_id=cast.mixer.id, attendee_id=cast.grace.id, token_hash="x", made_at=clock.now()))
    with db.reading():
        shown = hand_over.shown(settings.secret_key, cast.mixer.id, browser.browser_id)
        request = db.session.scalars(select(SignInRequest)).one()
        assert shown is not None
        links = [f"/A/{activation.activation_token(settings.secret_key, cast.grace)}",
                 participation.unsubscribe_url(settings, cast.grace).removeprefix(settings.base_url)]
    stranger: Client = app.test_client()  # type: ignore[assignment]
    assert [stranger.get(link).status_code for link in links] == [200, 200], "all of it worked before"
    assert scan(cast.ada, cast.token(cast.grace)).result == "recorded"

    replaced(cast)
    assert phone.get("/e/mixer/badge").location.partition("?")[0] == "/e/mixer/sign-in"
    assert [stranger.get(link).status_code for link in links] == [404, 404]
    assert [stranger.submit(link).status_code for link in links] == [404, 404]
    assert scan(cast.ada, cast.token(cast.grace)).reason == "unknown"
    with db.reading():
        assert api_tokens.find_bearer(key) is None
        assert not sign_in.is_open(db.session.get_one(SignInRequest, request.id))
        assert db.session.scalars(select(Recovery.revoked_at)).all() == [clock.now()]
        assert recoveries is not None
    with db.transaction():
        assert hand_over.enter(settings.secret_key, cast.mixer.id, shown.code, None, "Firefox", "an anchor") is None


def test_nothing_is_handed_on(app: Flask, cast: Cast) -> None:
    with db.transaction():
        roster.check_in(cast.mixer.id, cast.grace.id)
        db.session.add(Contact(event_id=cast.mixer.id, owner_id=cast.grace.id, person_id=cast.ada.id, note="A secret",
                               changed_at=clock.now()))
    scan(cast.ada, cast.token(cast.grace))
    scan(cast.grace, cast.token(cast.bob))
    vera = replaced(cast, is_here=False)
    with db.transaction():
        issuing.ensure(cast.mixer.id, [vera.id])
    with db.reading():
        badge = issuing.badge_of(cast.mixer.id, vera.id)
        assert badge is not None
        assert (badge.token == cast.token(cast.grace), badge.code == cast.code(cast.grace)) == (False, False)
        assert (vera.checked_in_at, vera.activated_at, vera.external_key, vera.title) == (None, None, None, "")
        whose = [select(func.count()).select_from(table).where(column == vera.id) for table, column in (
            (Card, Card.attendee_id), (Contact, Contact.owner_id), (Contact, Contact.person_id),
            (Grant, Grant.giver_id), (Grant, Grant.receiver_id), (Encounter, Encounter.low_id),
            (Encounter, Encounter.high_id))]
        assert [db.session.scalar(one) for one in whose] == [0] * 7
    people = app.test_client().become(vera).get("/e/mixer/people").text  # type: ignore[attr-defined]
    assert ("Ada" in people, "Bob" in people, "A secret" in people) == (False, False, False)
    assert scan(cast.ada, badge.token).result == "recorded"


def test_second_tap_makes_nobody_new(olga: Client, cast: Cast) -> None:
    answers = [olga.submit(f"{DESK}/{cast.grace.id}/someone-else", VERA) for _each in range(2)]
    assert answers[0].location == answers[1].location
    # Vera was not checked in with it, so that is the next tap.
    assert re.search(rf'action="{DESK}/\d+/check-in"', olga.get(answers[0].location).text)
    with db.reading():
        assert db.session.scalar(
            select(func.count()).select_from(Attendee).where(Attendee.registered_name == "Vera Ruiz")) == 1


@pytest.mark.parametrize(("name", "sentence"), [
    ("grace  HOPPER", "That is the same name."), ("", "Enter the name that should stand on the badge.")])
def test_same_name_or_none_is_refused_and_keeps_what_was_typed(
        olga: Client, cast: Cast, name: str, sentence: str) -> None:
    answer = olga.submit(f"{DESK}/{cast.grace.id}/someone-else", {
        "registered_name": name, "organization": "Typed & kept"})
    assert (answer.status_code, sentence in answer.text, "Typed &amp; kept" in answer.text) == (422, True, True)
    with db.reading():
        assert roster.get(cast.mixer.id, cast.grace.id).removed_at is None


def test_slip_is_taken_back_within_a_day(app: Flask, olga: Client, cast: Cast) -> None:
    phone: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    vera = replaced(cast)
    answer = olga.submit(f"{DESK}/{vera.id}/someone-else/removal", follow_redirects=True)
    assert "Grace Hopper is back on the list, with their badge and phones." in answer.text
    assert phone.get("/e/mixer/badge").status_code == 200
    assert scan(cast.ada, cast.token(cast.grace)).result == "recorded"
    with db.reading():
        assert roster.get(cast.mixer.id, vera.id, removed=True).removed_at == clock.now()
        said = [re.sub("^Olga", "X", log.sentence(entry, "Olga")) for entry in log.recent(cast.mixer.id)]
    assert said[:2] == ["X took it back that somebody else comes.",
                        "An organizer noted that somebody else comes instead of an attendee."] or (
        "X noted that somebody else comes instead of an attendee." in said)


@pytest.mark.parametrize("late", ["a day later", "the new one is active"])
def test_slip_stays_when_the_new_person_acted_or_after_a_day(app: Flask, cast: Cast, late: str) -> None:
    vera = replaced(cast)
    if late == "the new one is active":
        with db.transaction():
            db.session.get_one(Attendee, vera.id).activated_at = clock.now()
    with clock.stopped(clock.now() + timedelta(hours=24 if late == "a day later" else 1)):
        with pytest.raises(Refusal) as refused, db.transaction():
            replacing.undo(cast.mixer.id, vera.id, "organizer:1")
        assert refused.value.reason == "too_late"
    with db.reading():
        assert roster.get(cast.mixer.id, vera.id).removed_at is None
        assert roster.get(cast.mixer.id, cast.grace.id, removed=True).removed_at is not None


def test_old_person_does_not_return_beside_the_new_one(olga: Client, cast: Cast) -> None:
    replaced(cast)
    answer = olga.submit(f"/admin/e/mixer/attendees/{cast.grace.id}/return")
    assert (answer.status_code, "Vera Ruiz came instead of them." in answer.text) == (409, True)


def test_somebody_of_another_event_is_nobody_here(cast: Cast) -> None:
    for who in (cast.mallory.id, 999_999):
        with pytest.raises(NotFound), db.transaction():
            replacing.replace(cast.mixer.id, who, VERA, "organizer:1", is_here=True)


def outcomes(cast: Cast, text: str) -> list[tuple[str, str]]:
    with db.transaction():
        plan = importing.preview(cast.mixer.id, mapping.parse(tables.read(text.encode())).people)
        importing.commit(cast.mixer.id, plan, "organizer:1")
    return [(one.outcome, one.reason) for one in plan.outcomes]


def test_later_import_merges_nothing_of_the_old_person_into_the_new_one(cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Attendee, cast.grace.id).external_key = "T-7"
    vera = replaced(cast)
    heading = "External key,Name,E-mail,Job title\n"
    assert outcomes(cast, heading + "T-7,Grace Hopper,grace@people.example,Admiral\n") == [
        ("skipped", "Vera Ruiz came instead of them")]
    assert outcomes(cast, heading + "T-7,Max Orr,max@people.example,Admiral\n") == [
        ("skipped", "someone else? This number was Grace Hopper’s, and Vera Ruiz came instead. Add them as a new "
                    "attendee if they come as well")]
    assert outcomes(cast, heading + "T-7,Vera Ruiz,vera@people.example,Captain\n") == [("changed", "title changed")]
    with db.reading():
        assert [(one.registered_name, one.title) for one in (
            roster.get(cast.mixer.id, vera.id), roster.get(cast.mixer.id, cast.grace.id, removed=True))] == [
                ("Vera Ruiz", "Captain"), ("Grace Hopper", "Rear Admiral")]


def test_import_asks_before_it_makes_an_active_person_somebody_else(cast: Cast) -> None:
    with db.transaction():
        for one in (cast.grace, cast.bob):
            db.session.get_one(Attendee, one.id).external_key = f"T-{one.id}"
    text = ("External key,Name,E-mail\n"
            f"T-{cast.grace.id},Max Orr,max@people.example\nT-{cast.bob.id},Ida Lem,ida@people.example\n")
    found = outcomes(cast, text)
    assert (found[0][0], found[0][1].startswith("someone else? Under this number there is Grace Hopper")) == (
        "skipped", True)
    assert found[1][0] == "changed", "nobody was Bob yet, so there is nothing to inherit"
    with db.reading():
        assert roster.get(cast.mixer.id, cast.grace.id).registered_name == "Grace Hopper"
