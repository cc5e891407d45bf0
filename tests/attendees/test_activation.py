"""Activation: one link, up to five browsers, no harm by openings, nobody else's place taken silently."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from eventnet import clock, db, links
from eventnet.attendees import activation
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import Cast, make_attendee, make_event

UNKNOWN = "This link does not open anything. Open the newest mail from the event, or ask at the desk."


def token_of(app: Flask, attendee: Attendee) -> str:
    return activation.activation_token(app.extensions["settings"].secret_key, attendee)


def link_of(app: Flask, attendee: Attendee) -> str:
    return f"/A/{token_of(app, attendee)}"


def new_browser(app: Flask) -> Client:
    return app.test_client()  # type: ignore[return-value]


def press(client: Client, path: str, **data: object) -> str:
    """Open a page and press its button, as a person does; the headline of what comes then."""
    client.get(path)
    answer = client.submit(path, data)
    assert answer.status_code == 303
    return headline(client, answer.headers["Location"])


def headline(client: Client, path: str) -> str:
    page = client.get(path, follow_redirects=True).get_data(as_text=True)
    return re.split("<h1[^>]*>", page)[1].split("</h1>")[0].strip()


def living(attendee: Attendee) -> int:
    with db.reading():
        return len(activation.browsers_of(attendee))


def rows() -> int:
    with db.reading():
        return db.session.scalar(select(func.count()).select_from(SignedInBrowser)) or 0


def test_activation_asks_first_and_leads_to_the_card(app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.bob)

    assert headline(client, path) == "Are you Bob Kahn?"
    assert rows() == 0
    assert press(client, path) == "This is your card"
    with db.reading():
        bob = db.session.get_one(Attendee, cast.bob.id)
        assert bob.activated_at == clock.now()
        [browser] = activation.browsers_of(bob)
        assert (browser.label, browser.way, browser.since) == ("Firefox on Android", "activation_link", clock.now())
    assert client.get("/e/mixer/").headers["Location"] == "/e/mixer/card"
    assert headline(client, path) == "You are Bob Kahn in this browser"


def test_activation_in_the_same_browser_again_is_the_same_browser(app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.bob)
    press(client, path)
    with clock.stopped(clock.now() + timedelta(hours=1)):
        assert press(client, path) == "This is your card"
    assert rows() == 1


def test_activation_by_a_double_tap_makes_one_browser(app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.bob)
    client.get(path)
    nonce = client.get_cookie("__Host-eventnet-visitor", domain="ev.example")
    assert nonce is not None
    csrf = client.csrf()
    client.post(path, data={"csrf_token": csrf})

    other_half = new_browser(app)
    other_half.set_cookie("__Host-eventnet-visitor", nonce.value, domain="ev.example", secure=True)
    assert other_half.post(path, data={"csrf_token": csrf}).status_code == 303

    assert rows() == 1
    assert headline(other_half, path) == "You are Bob Kahn in this browser"


def test_activation_keeps_the_first_time(app: Flask, client: Client, cast: Cast) -> None:
    press(client, link_of(app, cast.bob))
    first = clock.now()
    with clock.stopped(first + timedelta(minutes=9)):
        press(new_browser(app), link_of(app, cast.bob))
    with db.reading():
        assert db.session.get_one(Attendee, cast.bob.id).activated_at == first
    assert living(cast.bob) == 2


def test_activation_link_opens_five_browsers_and_tells_the_sixth_what_to_do(app: Flask, cast: Cast) -> None:
    path = link_of(app, cast.bob)
    for _number in range(5):
        assert press(new_browser(app), path) == "This is your card"
    sixth = new_browser(app)

    assert press(sixth, path) == "5 browsers are you already"
    assert "/e/mixer/sign-in" in sixth.get(path).get_data(as_text=True)
    assert living(cast.bob) == 5

    with db.reading():
        oldest = activation.browsers_of(cast.bob)[-1]
    with db.transaction():
        activation.revoke(cast.bob, oldest.id)
    assert press(sixth, path) == "This is your card"
    assert living(cast.bob) == 5


def test_activation_by_mail_or_hand_over_is_not_locked_out_by_five_bots(app: Flask, cast: Cast) -> None:
    for _number in range(5):
        press(new_browser(app), link_of(app, cast.bob))
    with db.transaction():
        activation.become(cast.mixer.id, cast.bob.id, None, "Safari on iPhone", "mailed_code", "anchor", None)
    assert living(cast.bob) == 6


def test_activation_link_survives_a_scanner_that_opens_and_submits_it(app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.bob)
    bot = new_browser(app)
    for _time in range(20):
        bot.get(path)
        bot.head(path)
        bot.post(path)
    assert rows() == 0
    for _time in range(20):
        bot.submit(path)
    assert rows() == 1

    assert press(client, path) == "This is your card"
    page = client.get("/e/mixer/browsers").get_data(as_text=True)
    assert page.count("Not me") == 1 + 1 + 1  # its button, the button's name for screen readers, the sentence below
    with db.reading():
        bots = activation.browsers_of(cast.bob)[-1]
    client.submit(f"/e/mixer/browsers/{bots.id}/revoke")
    assert bot.get("/e/mixer/card").headers["Location"] == "/e/mixer/sign-in?next=%2Fe%2Fmixer%2Fcard"
    assert living(cast.bob) == 1


def test_activation_of_somebody_else_offers_a_named_switch(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.grace)
    path = link_of(app, cast.bob)

    assert press(client, path) == "This browser is Grace Hopper here"
    assert living(cast.bob) == 0
    assert press(client, path, instead_of=cast.ada.id, sure="1") == "This browser is Grace Hopper here"
    assert press(client, path, instead_of=cast.grace.id) == "This browser is Grace Hopper here"
    assert living(cast.bob) == 0
    assert press(client, path, instead_of=cast.grace.id, sure="1") == "This is your card"
    assert (living(cast.grace), living(cast.bob)) == (0, 1)


def test_activation_at_two_events_keeps_both(app: Flask, client: Client, cast: Cast) -> None:
    press(client, link_of(app, cast.bob))
    press(client, link_of(app, cast.mallory))
    assert client.get("/e/mixer/").headers["Location"] == "/e/mixer/card"
    assert client.get("/e/elsewhere/").headers["Location"] == "/e/elsewhere/badge"


def test_activation_changes_the_browsers_token(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.mallory)
    planted = client.get_cookie("__Host-eventnet", domain="ev.example")
    assert planted is not None
    press(client, link_of(app, cast.bob))

    thief = new_browser(app)
    thief.set_cookie("__Host-eventnet", planted.value, domain="ev.example", secure=True)
    assert headline(thief, link_of(app, cast.bob)) == "Are you Bob Kahn?"


@pytest.mark.parametrize("change", ["generation", "removed", "not taking part", "made up", "badge token"])
def test_activation_link_that_opens_nothing_has_one_sentence(
        app: Flask, client: Client, cast: Cast, change: str) -> None:
    path = link_of(app, cast.bob)
    if change == "made up":
        path = path[:-1] + ("0" if path[-1] != "0" else "1")
    elif change == "badge token":
        path = f"/A/{cast.token(cast.bob)}"
    else:
        with db.transaction():
            bob = db.session.get_one(Attendee, cast.bob.id)
            if change == "generation":
                bob.generation += 1
            elif change == "removed":
                bob.removed_at = clock.now()
            else:
                bob.not_taking_part_at = clock.now()
    client.get("/e/mixer/sign-in")
    for answer in (client.get(path), client.submit(path)):
        assert (answer.status_code, UNKNOWN in answer.get_data(as_text=True)) == (404, True)
    assert rows() == 0


def test_activation_link_is_one_kind_of_token_only(app: Flask, client: Client, cast: Cast) -> None:
    secret = app.extensions["settings"].secret_key
    token = token_of(app, cast.bob)
    for path in (f"/L/{token}", f"/U/{token}"):
        assert client.get(path).status_code == 404
    for purpose in ("participation", "sign-in"):
        other = links.signed_id(secret, purpose, cast.bob.id, cast.mixer.id)
        assert client.get(f"/A/{other}").status_code == 404


def test_activation_link_can_be_typed_in_lower_case(app: Flask, client: Client, cast: Cast) -> None:
    assert headline(client, f"/A/{token_of(app, cast.bob).lower()}") == "Are you Bob Kahn?"


def test_activation_link_is_over_a_day_after_the_event(app: Flask, client: Client, cast: Cast) -> None:
    path = link_of(app, cast.bob)
    with clock.stopped(cast.mixer.ends_at + timedelta(hours=24)):
        assert headline(client, path) == "Are you Bob Kahn?"
    with clock.stopped(cast.mixer.ends_at + timedelta(hours=24, seconds=1)):
        assert press(client, path) == "This link is over"
        assert rows() == 0
        with db.transaction(), pytest.raises(Refusal, match="24 hours") as refused:
            activation.activate(cast.bob.id, 1, None, "Firefox", "activation_link", cast.mixer.retention_at)
        assert refused.value.reason == "late"


def test_activation_checks_generation_again_when_it_writes(app: Flask, cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Attendee, cast.bob.id).generation += 1
    with db.transaction(), pytest.raises(NotFound):
        activation.activate(cast.bob.id, 1, None, "Firefox", "activation_link", cast.mixer.retention_at)


def test_browsers_of_others_cannot_be_revoked(app: Flask, client: Client, cast: Cast) -> None:
    press(new_browser(app), link_of(app, cast.bob))
    with db.reading():
        [bobs] = activation.browsers_of(cast.bob)
    for other in (cast.grace, cast.mallory):
        stranger = new_browser(app).become(other)
        slug = "mixer" if other is cast.grace else "elsewhere"
        assert stranger.submit(f"/e/{slug}/browsers/{bobs.id}/revoke").status_code == 404
    assert living(cast.bob) == 1


def test_signing_out_leaves_other_events_and_browsers(app: Flask, client: Client, cast: Cast) -> None:
    press(client, link_of(app, cast.bob))
    press(client, link_of(app, cast.mallory))
    press(new_browser(app), link_of(app, cast.bob))

    assert client.submit("/e/mixer/browsers/sign-out").headers["Location"] == "/e/mixer/sign-in"
    assert client.get("/e/mixer/browsers").status_code == 303
    assert client.get("/e/elsewhere/browsers").status_code == 200
    assert living(cast.bob) == 1


def test_not_taking_part_signs_out_at_once(app: Flask, client: Client, cast: Cast) -> None:
    client.become(cast.grace)
    with db.transaction():
        db.session.get_one(Attendee, cast.grace.id).not_taking_part_at = clock.now()
    assert client.get("/e/mixer/card").status_code == 303


def test_cookie_outlives_an_event_that_is_forgotten_sooner(app: Flask, client: Client, cast: Cast) -> None:
    with db.transaction():
        shorter = make_event("short", retention_months=1)
        guest = make_attendee(shorter, "Ada Lovelace")
    press(client, link_of(app, cast.ada))
    client.get(link_of(app, guest))
    kept = client.submit(link_of(app, guest)).headers.getlist("Set-Cookie")
    [seconds] = [int(line.split("Max-Age=")[1].split(";")[0]) for line in kept if line.startswith("__Host-eventnet=")]
    with db.reading():
        longest = db.session.get_one(Event, cast.mixer.id).retention_at
    assert seconds == int((longest - clock.now()).total_seconds())
