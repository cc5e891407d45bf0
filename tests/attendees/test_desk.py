"""The desk: find, one tap, a second tap says when, undo, walk-in, a spelling put right."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import roster
from eventnet.attendees.models import Attendee
from tests.clients import Client
from tests.factories import Cast

DESK = "/admin/e/mixer/desk"


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    return client.become_organizer(cast.olga.id)


def text(page: str) -> str:
    """A page as it reads: without tags, one space between words."""
    return " ".join(re.sub(r"<[^>]+>", " ", page).split())


def checked_in_at(cast: Cast, attendee: Attendee):  # type: ignore[no-untyped-def]
    with db.reading():
        return roster.get(attendee.event_id, attendee.id).checked_in_at


def test_equal_names_are_told_apart_without_showing_addresses(olga: Client, cast: Cast) -> None:
    with db.transaction():
        roster.add(cast.mixer.id, by="import", registered_name="Anna Schmidt", organization="Siemens",
                   email="anna.schmidt@people.example")
        roster.add(cast.mixer.id, by="import", registered_name="Anna Schmidt", organization="Bosch",
                   email="as@people.example")
    page = olga.get(f"{DESK}?q=schmidt").text
    assert re.findall(r'<span class="detail"><bdi>(.*?)</bdi>', page) == [
        "Siemens · a…t@people.example", "Bosch · a…@people.example"]
    assert "anna.schmidt@people.example" not in page


def test_one_tap_checks_in_and_the_second_says_when(olga: Client, cast: Cast) -> None:
    first = olga.submit(f"{DESK}/{cast.ada.id}/check-in")
    assert (first.status_code, first.headers["Location"]) == (303, f"{DESK}?done={cast.ada.id}")
    came_at = checked_in_at(cast, cast.ada)
    assert "Ada Lovelace Checked in at 19:30 · Analytical Engines" in text(olga.get(f"{DESK}?done={cast.ada.id}").text)
    with clock.stopped(clock.now() + timedelta(minutes=5)):
        second = olga.submit(f"{DESK}/{cast.ada.id}/check-in", follow_redirects=True)
    assert "Ada Lovelace was checked in at 19:30 already." in second.text
    assert checked_in_at(cast, cast.ada) == came_at
    assert "1 of 3" in text(olga.get(DESK).text)


def test_undo_takes_the_check_in_back(olga: Client, cast: Cast) -> None:
    olga.submit(f"{DESK}/{cast.ada.id}/check-in")
    page = olga.submit(f"{DESK}/{cast.ada.id}/check-in/removal", follow_redirects=True)
    assert "Ada Lovelace is no longer checked in." in page.text
    assert checked_in_at(cast, cast.ada) is None


def test_somebody_of_another_event_cannot_be_checked_in(olga: Client, cast: Cast) -> None:
    foreign = olga.submit(f"{DESK}/{cast.mallory.id}/check-in")
    absent = olga.submit(f"{DESK}/999999/check-in")
    assert (foreign.status_code, foreign.text) == (404, absent.text)
    assert checked_in_at(cast, cast.mallory) is None
    assert "Mallory" not in olga.get(f"{DESK}?done={cast.mallory.id}").text
    assert "Mallory" not in olga.get(f"{DESK}?q=gray").text.replace('value="gray"', "")


def test_a_walk_in_is_added_and_checked_in_at_once(olga: Client, cast: Cast) -> None:
    page = olga.submit(f"{DESK}/walk-in", {"registered_name": "王 小明", "organization": "北京大学"},
                       follow_redirects=True)
    assert "王 小明 Checked in at 19:30 · 北京大学" in text(page.text)
    with db.reading():
        person = db.session.scalars(select(Attendee).where(Attendee.registered_name == "王 小明")).one()
        assert (person.event_id, person.checked_in_at, person.edits["registered_name"]["by"]) == (
            cast.mixer.id, clock.now(), "desk")


def test_a_walk_in_without_a_name_keeps_the_rest(olga: Client, cast: Cast) -> None:
    answer = olga.submit(f"{DESK}/walk-in", {"registered_name": "\u200b", "organization": "Typed & kept"})
    assert answer.status_code == 422
    assert "Enter the name that should stand on the badge." in answer.text
    assert 'value="Typed &amp; kept"' in answer.text


def test_nobody_found_leads_to_a_walk_in_of_that_name(olga: Client) -> None:
    page = olga.get(f"{DESK}?q=Zoë Ångström")
    assert f'href="{DESK}/walk-in?name=Zo%C3%AB%20%C3%85ngstr%C3%B6m"' in page.text
    assert 'value="Zoë Ångström"' in olga.get(f"{DESK}/walk-in?name=Zo%C3%AB%20%C3%85ngstr%C3%B6m").text


def test_what_a_hand_scanner_types_leads_to_the_badge(olga: Client) -> None:
    answer = olga.get(f"{DESK}?q=https://ev.example/B/ABC%2BD")
    assert (answer.status_code, answer.location) == (
        303, f"{DESK}/find?code=https%3A%2F%2Fev.example%2FB%2FABC%2BD")


def test_a_spelling_is_put_right_for_the_same_person(olga: Client, cast: Cast) -> None:
    olga.submit(f"{DESK}/{cast.bob.id}", {"registered_name": "Robert Kahn", "badge_name": "Bob Kahn",
                                          "organization": "DARPA", "email": "bob@people.example"})
    with db.reading():
        bob = roster.get(cast.mixer.id, cast.bob.id)
        assert (bob.registered_name, bob.badge_name, bob.organization, bob.phone, bob.generation) == (
            "Robert Kahn", "Bob Kahn", "DARPA", "+1 202 555 0100", 1)


def test_the_desk_shows_twenty_and_counts_the_rest(olga: Client, cast: Cast) -> None:
    with db.transaction():
        for number in range(25):
            roster.add(cast.mixer.id, by="import", registered_name=f"Same Name{number:02}")
    page = olga.get(f"{DESK}?q=same").text
    assert (page.count('<li class="row">'), "5 more match; type more of the name." in page) == (20, True)
