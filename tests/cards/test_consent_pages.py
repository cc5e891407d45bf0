"""Consent on screen: the preview, the words that were agreed to, who has what, and taking it back from everybody."""

from __future__ import annotations

import html
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db, words
from eventnet.cards import fields, wordings
from eventnet.cards.models import Card, Grant
from tests.clients import Client
from tests.factories import Cast, make_attendee

CARD = "/e/mixer/card"
FULL = {"share_email": "y", "share_linkedin": "y", "suggest_me": "y", "linkedin": "in/ada"}


def text(page: str) -> str:
    """What a person reads of a page, on one line."""
    main = page.split("<main", 1)[-1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    """Ada, who gave Grace and Bob name, e-mail and LinkedIn."""
    with db.transaction():
        for receiver in (cast.grace, cast.bob):
            db.session.add(Grant(
                event_id=cast.mixer.id, giver_id=cast.ada.id, receiver_id=receiver.id, wording="2026-11",
                fields=["name", "title", "organization", "email", "linkedin"], given_at=clock.now()))
    return client.become(cast.ada)


def given(cast: Cast) -> dict[str, list[str]]:
    """What Grace and Bob have of Ada beyond the badge."""
    with db.reading():
        found = db.session.execute(select(Grant.receiver_id, Grant.fields).where(Grant.giver_id == cast.ada.id))
        names = {cast.grace.id: "Grace", cast.bob.id: "Bob"}
        return {names[row[0]]: [f for f in row[1] if f not in fields.BADGE_FIELDS] for row in found}


def test_words_of_a_version_never_change() -> None:
    said = [*wordings.agreed("phone", "2026-11", "en"), *wordings.agreed("suggest_me", "2026-11", "en")]
    assert (fields.WORDING, said) == ("2026-11", [
        "Phone", "Whoever you swap with gets what you tick. Change it whenever you like.",
        "Taking a tick back hides it at once, on every page and in every later download. What was already mailed or "
        "saved on a phone cannot be called back.",
        "Suggest me to people here",
        "Off until you switch it on. While it is on, people who look for what you offer see your name, title, "
        "organization and the lines below.",
        "Taking a tick back hides it at once, on every page and in every later download. What was already mailed or "
        "saved on a phone cannot be called back."])
    assert wordings.agreed("phone", "2031-01", "en") == ["Words of version 2031-01."]


def test_card_screen_shows_the_very_words_that_are_kept(ada: Client) -> None:
    shown = text(ada.get(CARD).text)
    now = wordings.now()
    assert [str(line) in shown for line in (now.share, now.suggest, now.suggest_detail, now.taking_back)] == [True] * 4


def test_consents_are_shown_with_time_words_and_their_end(client: Client, cast: Cast) -> None:
    client.become(cast.bob).submit(CARD, {"share_email": "y"})
    with clock.stopped(clock.now() + timedelta(hours=20)):
        client.submit(CARD, {"suggest_me": "y"})
    shown = text(client.get(f"{CARD}/consents").text)
    assert "Agreed on Thursday 15 October, 19:30, in these words: E-mail Whoever you swap with gets" in shown
    assert "Ended on Friday 16 October, 15:30." in shown
    assert "Agreed on Friday 16 October, 15:30, in these words: Suggest me to people here" in shown
    assert "Version 2026-11 of the words · en" in shown


def test_consents_before_any_are_an_empty_page(client: Client, cast: Cast) -> None:
    assert "So far you give only what is on your badge" in text(client.become(cast.bob).get(f"{CARD}/consents").text)


def test_preview_on_the_card_shows_what_others_see(ada: Client) -> None:
    page = ada.get(CARD).text
    seen = page.split('id="seen"')[1].split("</section>")[0]
    rows = {name: ("hidden" in row.split(">")[0], text(row.split("</div>")[0]))
            for name, row in ((part.split('"')[0], part.split('"', 1)[1]) for part in seen.split('data-seen="')[1:])}
    assert {name: hidden for name, (hidden, _said) in rows.items()} == {
        "email": False, "phone": True, "linkedin": False, "website": True}
    assert ("ada@people.example" in rows["email"][1], "linkedin.com/in/ada" in rows["linkedin"][1]) == (True, True)


def test_card_asks_whether_to_tell_only_where_something_can_be_taken_back(ada: Client, cast: Cast, app: Flask) -> None:
    page = ada.get(CARD).text
    was = {name for name in ("email", "phone", "linkedin", "website")
           if "data-was" in page.split(f'id="share_{name}"')[0].rsplit("<input", 1)[1] + page.split(
               f'id="share_{name}"')[1].split(">")[0]}
    assert (was, 'name="tells"' in page) == ({"email", "linkedin"}, True)
    bob: Client = app.test_client().become(cast.bob)  # type: ignore[attr-defined]
    # Bob gave only his badge so far, and has agreed to nothing.
    assert ('name="tells"' in bob.get(CARD).text, "data-was" in bob.get(CARD).text) == (False, False)


def test_unticking_is_told_only_if_asked_for(ada: Client, cast: Cast) -> None:
    ada.submit(CARD, {**FULL, "share_linkedin": ""} | {"tells": "y"})
    assert given(cast) == {"Grace": ["email"], "Bob": ["email"]}
    ada.submit(CARD, {"suggest_me": "y"})
    with db.reading():
        history = db.session.scalars(select(Grant.history).where(Grant.receiver_id == cast.grace.id)).one()
    assert [(line["act"], line["fields"], line.get("told", False)) for line in history[1:]] == [
        ("took_back", ["linkedin"], True), ("took_back", ["email"], False)]


def test_later_tick_leads_to_the_question_and_each_answer_back(ada: Client, cast: Cast) -> None:
    ada.submit(CARD, {**FULL, "share_phone": "y", "phone": "+44 20 7946 0958"})
    assert ada.get(f"{CARD}/saved").location == f"{CARD}/later"
    page = ada.get(f"{CARD}/later").text
    assert "You met 2 people before Give them your phone, too? They do not have it until you say so." in text(page)
    assert "You met 2 people before. Give them your phone, too?" in text(ada.get(CARD).text)
    assert given(cast) == {"Grace": ["email", "linkedin"], "Bob": ["email", "linkedin"]}
    answer = ada.submit(f"{CARD}/later", {"answer": "chosen", "person_id": [str(cast.bob.id), "x", "-1"]})
    assert answer.location == f"{CARD}/saved"
    assert given(cast) == {"Grace": ["email", "linkedin"], "Bob": ["email", "phone", "linkedin"]}
    assert (ada.get(f"{CARD}/saved").location, ada.get(f"{CARD}/later").location) == (CARD, CARD)
    assert "1 person got your phone." in text(ada.get(CARD).text)
    ada.submit(f"{CARD}/later", {"answer": "all"})
    assert "That is answered already." in text(ada.get(CARD).text)
    assert given(cast)["Grace"] == ["email", "linkedin"]


def test_answer_that_is_none_of_the_page_is_refused(ada: Client) -> None:
    assert ada.submit(f"{CARD}/later", {"answer": "maybe"}).status_code == 422


def test_question_is_one_page_for_three_hundred_people(
        ada: Client, cast: Cast, statements: Callable[[], AbstractContextManager[list[str]]]) -> None:
    with db.transaction():
        for number in range(300):
            person = make_attendee(cast.mixer, f"Person {number:03}")
            db.session.add(Grant(event_id=cast.mixer.id, giver_id=cast.ada.id, receiver_id=person.id, wording="2026-11",
                                 fields=["name", "title", "organization"], given_at=clock.now()))
    ada.submit(CARD, {**FULL, "share_phone": "y", "phone": "+44 20 7946 0958"})
    with statements() as said:
        page = ada.get(f"{CARD}/later").text
    assert (page.count('name="person_id"'), len(said) <= 6) == (302, True), said


def test_who_has_what_is_listed_and_leads_to_each(ada: Client, cast: Cast, app: Flask) -> None:
    page = ada.get(f"{CARD}/given").text
    assert "2 people. Tap somebody to see since when" in text(page)
    assert text(page).count("name, e-mail and LinkedIn") == 2
    assert f'href="/e/mixer/people/{cast.grace.id}/given"' in page
    grace = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    assert "Whoever you swap with is listed here" in text(grace.get(f"{CARD}/given").text)


@pytest.mark.parametrize(("data", "left"), [
    ({}, {"Grace": [], "Bob": []}), ({"tell": "1", "name": "1"}, {"Grace": [], "Bob": []})])
def test_one_button_takes_everything_back_from_everybody(
        ada: Client, cast: Cast, data: dict[str, str], left: dict[str, list[str]]) -> None:
    assert "2 people have something of you." in text(ada.get(f"{CARD}/take-back").text)
    assert ada.submit(f"{CARD}/take-back", data).location == CARD
    assert "Taken back from 2 people." in text(ada.get(CARD).text)
    assert given(cast) == left
    with db.reading():
        card = db.session.get_one(Card, cast.ada.id)
        assert (card.shared, card.suggest_me_at) == ([], None)
        gone = db.session.scalars(select(Grant.withdrawn_at).where(Grant.giver_id == cast.ada.id)).all()
    assert [at is not None for at in gone] == ["name" in data] * 2


def test_consent_is_kept_in_the_language_it_was_given_in(client: Client, cast: Cast) -> None:
    with words.speaking("en"):
        client.become(cast.bob).submit(CARD, {"share_email": "y"})
    assert '<blockquote class="note" lang="en">' in client.get(f"{CARD}/consents").text
