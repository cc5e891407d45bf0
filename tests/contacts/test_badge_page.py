"""The page behind the QR code: it tells strangers nothing, and one tap on a name swaps."""

from __future__ import annotations

import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.badges import codes
from eventnet.badges.models import Badge
from eventnet.cards.models import Card
from eventnet.contacts import notes
from eventnet.encounters.models import Encounter, Scan
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import Cast


def text_of(page: str) -> str:
    """What a reader sees of the page's main part."""
    main = re.sub(r"<template.*?</template>", " ", page[page.index("<main"):page.index("</main>")], flags=re.DOTALL)
    return " ".join(re.sub(r"<[^>]+>", " ", main).split())


def test_stranger_learns_nothing_from_a_badge(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Attendee).where(Attendee.id == cast.bob.id).values(not_taking_part_at=clock.now()))
    pages = [client.get(f"/B/{token}") for token in (cast.token(cast.ada), cast.token(cast.bob))]
    unknown = client.get(f"/B/{codes.new_token()}")
    assert [p.status_code for p in (*pages, unknown)] == [200, 200, 200]
    assert text_of(pages[0].text) == text_of(pages[1].text)
    for word in ("Ada", "Lovelace", "Engines", "Analyst"):
        assert word not in pages[0].text
    assert "Spring mixer" not in unknown.text
    assert text_of(unknown.text).split("If you are there")[0].strip() in text_of(pages[0].text)


def test_own_badge_says_that_this_browser_is_you(client: Client, cast: Cast) -> None:
    page = client.become(cast.ada).get(f"/b/{cast.token(cast.ada).lower()}").text
    assert "This is your badge, and this browser is you" in text_of(page)


def test_unknown_rotated_foreign_and_absent_badges_are_one_page(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Attendee).where(Attendee.id == cast.bob.id).values(not_taking_part_at=clock.now()))
        db.session.execute(update(Badge).where(Badge.attendee_id == cast.grace.id).values(retired_at=clock.now()))
    client.become(cast.ada)
    tokens = [codes.new_token(), "nonsense", *(cast.token(p) for p in (cast.bob, cast.grace, cast.mallory))]
    answers = [client.get(f"/B/{token}") for token in tokens]
    posted = [client.submit(f"/B/{token}", {"scan_id": str(uuid.uuid4())}) for token in tokens]
    assert {(a.status_code, text_of(a.text)) for a in (*answers, *posted)} == {(404, text_of(answers[0].text))}


def test_opening_a_badge_names_the_person_and_what_is_given_and_writes_nothing(client: Client, cast: Cast) -> None:
    page = text_of(client.become(cast.ada).get(f"/B/{cast.token(cast.grace)}").text)
    whole = client.get(f"/B/{cast.token(cast.grace)}").text
    assert "You give name, e-mail and LinkedIn" in page
    assert "Swap with Grace Hopper" in whole
    assert "grace@people.example" not in whole
    with db.reading():
        assert db.session.query(Scan).count() == 0


def test_one_tap_swaps_at_the_time_the_page_opened(client: Client, cast: Cast, app: Flask) -> None:
    client.become(cast.ada)
    address, opened = f"/B/{cast.token(cast.grace)}", clock.now()
    form = {"scan_id": str(uuid.uuid4()), "opened_at": opened.isoformat()}
    with clock.stopped(opened + timedelta(minutes=3)):
        answers = [client.submit(address, form) for _ in range(2)]
        page = text_of(client.get(address).text)
    assert [(a.status_code, a.location) for a in answers] == [(303, address)] * 2
    assert "Grace Hopper got your name, e-mail and LinkedIn. You got name and e-mail. Undo" in page
    with db.reading():
        met = db.session.scalars(select(Encounter)).one()
        assert (met.times, met.first_at) == (1, opened)
    theirs = app.test_client().become(cast.grace).get(f"/B/{cast.token(cast.ada)}").text  # type: ignore[attr-defined]
    assert "Ada Lovelace got your name and e-mail. You got name, e-mail and LinkedIn." in text_of(theirs)


@pytest.mark.parametrize("form", [{}, {"scan_id": "x", "opened_at": "x"}, {"opened_at": "0001-01-01T00:00:00+14:00"}])
def test_spoilt_form_still_swaps(client: Client, cast: Cast, form: dict[str, str]) -> None:
    assert client.become(cast.ada).submit(f"/B/{cast.token(cast.grace)}", form).status_code == 303
    with db.reading():
        assert db.session.scalars(select(Encounter.times)).all() == [1]


def test_old_note_stays_folded_when_they_may_look_at_the_screen(client: Client, cast: Cast) -> None:
    client.become(cast.ada).submit(f"/B/{cast.token(cast.grace)}")
    with db.transaction():
        notes.write(cast.mixer.id, cast.ada.id, cast.grace.id, notes.checked("said too much about COBOL"))
    with clock.stopped(clock.now() + timedelta(hours=1)):
        page = client.get(f"/B/{cast.token(cast.grace)}").text
    assert "You have met" in text_of(page)
    folded = page[page.index("<details"):page.index("</details>")]
    assert "said too much about COBOL" in folded
    assert page.count("said too much about COBOL") == 1


def test_person_who_asks_is_asked_and_the_wait_can_be_undone(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="ask"))
    address = f"/B/{cast.token(cast.grace)}"
    client.become(cast.ada)
    assert "Ask Grace Hopper to swap" in client.get(address).text
    client.submit(address)
    assert "They decide whether to swap" in text_of(client.get(address).text)
    undone = client.submit(f"/e/mixer/people/{cast.grace.id}/undo", {"next": address})
    assert (undone.status_code, undone.location) == (303, address)
    assert "Ask Grace Hopper to swap" in client.get(address).text


def test_pause_and_closed_doors_are_told_without_a_name(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    address = f"/B/{cast.token(cast.grace)}"
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="paused"))
    pages = [client.get(address).text]
    for away in (timedelta(hours=-30), timedelta(hours=200)):
        with clock.stopped(cast.mixer.starts_at + away):
            client.submit(address)
            pages.append(client.get(address).text)
    assert [re.search(r"<h1>\s*(.*?)</h1>", page)[1] for page in pages] == [  # type: ignore[index]
        "They do not swap right now", "Swaps are not open yet", "Swaps are closed"]
    assert not any("Grace" in page for page in pages)


def test_typed_code_shows_the_name_before_the_swap(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    address = f"/e/mixer/code?code={cast.code(cast.grace)}"
    assert "Swap with Grace Hopper" in client.get(address.replace("=", "=%20").lower()).text
    assert client.submit(address).location == address
    assert "Grace Hopper got your name" in text_of(client.get(address).text)
    wrong = client.get("/e/mixer/code?code=K7M2")
    assert (wrong.status_code, "This is not a badge code" in wrong.text) == (422, True)


def test_browser_that_opens_badge_after_badge_is_stopped_and_a_person_is_not(
        client: Client, cast: Cast, app: Flask) -> None:
    with db.transaction():
        db.session.execute(update(Event).where(Event.id == cast.mixer.id).values(swaps_daily=1))
    client.become(cast.ada)
    grace, bob = (f"/B/{cast.token(one)}" for one in (cast.grace, cast.bob))
    assert [client.get(grace).status_code for _refresh in range(5)] == [200] * 5
    stopped = client.get(bob)
    assert (stopped.status_code, int(stopped.headers["Retry-After"]) > 0, "Bob" in stopped.text) == (429, True, False)
    client.submit(grace)
    assert "Grace Hopper" in client.get(grace).text, "whom I met I can always open"
    other: Client = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    assert other.get(bob).status_code == 200, "each browser is counted for itself"
    guesses = [other.get(f"/e/mixer/code?code={codes.new_code()}").status_code for _each in range(62)]
    assert guesses == [404] * 60 + [429] * 2
