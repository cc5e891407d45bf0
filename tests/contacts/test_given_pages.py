"""Receipts on both sides, and taking back from one person: told or not, by field or all, and given again."""

from __future__ import annotations

import html
import re
import uuid
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Card, Grant
from eventnet.contacts import notes, swapping
from eventnet.encounters.models import Encounter
from eventnet.errors import Refusal
from tests.clients import Client
from tests.factories import Cast

PEOPLE = "/e/mixer/people"


def text(page: str) -> str:
    """What a person reads of a page, on one line."""
    main = page.split("<main", 1)[-1].split("</main>")[0]
    return " ".join(html.unescape(re.sub(r"<[^>]+>", " ", main)).split())


def scan(client: Client, token: str, id: str | None = None) -> dict[str, object]:
    answer = client.send("/api/v1/encounters", {"scans": [{"id": id or str(uuid.uuid4()), "badge": token}]})
    return dict(answer.json["answers"][0])


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    """Ada scanned Grace at 19:30."""
    assert scan(client.become(cast.ada), cast.token(cast.grace))["result"] == "recorded"
    return client


@pytest.fixture
def grace(app: Flask, cast: Cast, ada: Client) -> Client:
    return app.test_client().become(cast.grace)  # type: ignore[attr-defined,no-any-return]


def page_of(client: Client, person: Attendee) -> str:
    return text(client.get(f"{PEOPLE}/{person.id}").text)


def take_back(client: Client, person: Attendee, *fields: str, tell: bool = False) -> str:
    answer = client.submit(f"{PEOPLE}/{person.id}/given", {
        "act": "take", "field": list(fields), **({"tell": "1"} if tell else {})})
    assert answer.location == f"{PEOPLE}/{person.id}/given"
    return text(client.get(answer.location).text)


def test_swap_leaves_a_receipt_on_both_sides(ada: Client, grace: Client, cast: Cast) -> None:
    assert ("Thursday 15 October, 19:30 Grace Hopper gave you name and e-mail Thursday 15 October, 19:30 You gave "
            "Grace Hopper your name, e-mail and LinkedIn") in page_of(ada, cast.grace)
    assert ("Thursday 15 October, 19:30 Ada Lovelace gave you name, e-mail and LinkedIn Thursday 15 October, 19:30 You "
            "gave Ada Lovelace your name and e-mail") in page_of(grace, cast.ada)
    given = text(ada.get(f"{PEOPLE}/{cast.grace.id}/given").text)
    assert "In these words Whoever you swap with gets what you tick." in given
    assert "Version 2026-11 of the words" in given


def test_receipt_of_a_queued_scan_says_when_they_met(client: Client, cast: Cast) -> None:
    client.become(cast.ada).send("/api/v1/encounters", {"scans": [
        {"id": str(uuid.uuid4()), "badge": cast.token(cast.grace), "elapsed_ms": 40 * 60 * 1000}]})
    assert "(you met on Thursday 15 October, 18:50)" in page_of(client, cast.grace)


def test_told_withdrawal_is_read_on_the_page_and_in_the_list(ada: Client, grace: Client, cast: Cast) -> None:
    with clock.stopped(clock.now() + timedelta(hours=20)):
        mine = take_back(ada, cast.grace, "email", tell=True)
        assert "You took back your e-mail, and they were told" in mine
        theirs = page_of(grace, cast.ada)
        assert theirs.count("Ada Lovelace took back their e-mail") == 2
        assert "Ada Lovelace took back their e-mail on Friday 16 October." in theirs
        assert "Took back e-mail on Friday 16 October" in text(grace.get(PEOPLE).text)
        assert "Ada Lovelace gave you name, e-mail and LinkedIn" in theirs


def test_untold_withdrawal_is_simply_gone(ada: Client, grace: Client, cast: Cast) -> None:
    assert "You took back your e-mail, without telling" in take_back(ada, cast.grace, "email")
    theirs = page_of(grace, cast.ada) + text(grace.get(PEOPLE).text)
    assert ("took" in theirs, "Ada Lovelace gave you name and LinkedIn" in theirs) == (False, True)


def test_taken_back_field_is_gone_from_every_way_out(ada: Client, grace: Client, cast: Cast) -> None:
    again = str(uuid.uuid4())
    scan(grace, cast.token(cast.ada), again)
    paths = [f"{PEOPLE}/{cast.ada.id}", f"{PEOPLE}/{cast.ada.id}/card.vcf", f"{PEOPLE}.vcf", f"{PEOPLE}.csv",
             "/e/mixer/summary"]

    def shown() -> list[bool]:
        got = scan(grace, cast.token(cast.ada), again)["person"]["got"]  # type: ignore[index]
        return ["ada@people.example" in grace.get(path).text for path in paths] + ["email" in got]

    assert shown() == [True] * 6
    take_back(ada, cast.grace, "email")
    assert shown() == [False] * 6


def test_name_too_removes_me_from_their_list_but_for_what_they_wrote(ada: Client, grace: Client, cast: Cast) -> None:
    take_back(ada, cast.grace, "name")
    assert (grace.get(f"{PEOPLE}/{cast.ada.id}").status_code, "Ada Lovelace" in grace.get(PEOPLE).text) == (404, False)
    assert ("Ada" in grace.get(f"{PEOPLE}.csv").text, "Ada" in grace.get(f"{PEOPLE}.vcf").text) == (False, False)
    with db.reading():
        assert db.session.scalars(select(Encounter.times)).all() == [1]
    assert "Grace Hopper" in ada.get(PEOPLE).text


def test_name_stays_with_what_they_wrote_and_nothing_else(ada: Client, grace: Client, cast: Cast) -> None:
    grace.submit(f"{PEOPLE}/{cast.ada.id}/note", {"note": "mentor for my students"})
    take_back(ada, cast.grace, "name", tell=True)
    theirs = grace.get(f"{PEOPLE}/{cast.ada.id}").text
    assert "Ada Lovelace took back what they gave you. The name stays with what you wrote." in text(theirs)
    assert [word in theirs for word in ("mentor for my students", "Analyst", "Analytical", "ada@people.example")] == [
        True, False, False, False]
    assert "Ada Lovelace" in grace.get(f"{PEOPLE}.csv").text


def test_what_was_taken_back_is_given_again(ada: Client, grace: Client, cast: Cast) -> None:
    take_back(ada, cast.grace, "name")
    answer = ada.submit(f"{PEOPLE}/{cast.grace.id}/given", {"act": "give", "field": ["name", "email"]})
    assert "Your name and e-mail." in text(ada.get(answer.location).text)
    assert ("ada@people.example" in grace.get(f"{PEOPLE}/{cast.ada.id}").text,
            "linkedin.com/in/ada" in grace.get(f"{PEOPLE}/{cast.ada.id}").text) == (True, False)


def test_scanning_them_again_gives_what_the_card_gives_now(ada: Client, grace: Client, cast: Cast) -> None:
    take_back(ada, cast.grace, "email", "linkedin")
    scan(grace, cast.token(cast.ada))
    assert "ada@people.example" not in grace.get(f"{PEOPLE}/{cast.ada.id}").text
    scan(ada, cast.token(cast.grace))
    assert "ada@people.example" in grace.get(f"{PEOPLE}/{cast.ada.id}").text
    assert page_of(ada, cast.grace).count("You gave Grace Hopper your name, e-mail and LinkedIn") == 2


def test_nobody_elses_receipts_are_to_be_seen(ada: Client, cast: Cast) -> None:
    answers = [ada.get(f"{PEOPLE}/{n}/given") for n in (cast.bob.id, cast.mallory.id, 999999)]
    answers += [ada.submit(f"{PEOPLE}/{n}/given", {"act": act, "field": "email"})
                for n in (cast.bob.id, cast.mallory.id, 999999) for act in ("take", "give")]
    assert {(a.status_code, a.text) for a in answers} == {(404, answers[0].text)}


def test_nothing_ticked_changes_nothing(ada: Client, cast: Cast) -> None:
    assert "Nothing was ticked, so nothing changed." in take_back(ada, cast.grace)


def test_slip_is_undone_in_the_list_and_both_are_told_how_it_stands(ada: Client, grace: Client, cast: Cast) -> None:
    undo = f'action="{PEOPLE}/{cast.grace.id}/undo"'
    assert undo in ada.get(PEOPLE).text
    with clock.stopped(clock.now() + timedelta(minutes=11)):
        assert undo not in ada.get(PEOPLE).text
    grace.submit(f"{PEOPLE}/{cast.ada.id}/note", {"note": "compilers"})
    assert ada.submit(f"{PEOPLE}/{cast.grace.id}/undo").location == PEOPLE
    assert ("Taken back. You do not have each other's card any more. If they wrote something about you, your name "
            "stays with it.") in text(ada.get(PEOPLE).text)
    assert "The meeting was taken back. The name stays with what you wrote." in page_of(grace, cast.ada)
    assert "ada@people.example" not in grace.get(f"{PEOPLE}/{cast.ada.id}").text


def test_queued_scan_with_an_undone_id_is_repeated_and_brings_nothing_back(client: Client, cast: Cast) -> None:
    same = str(uuid.uuid4())
    client.become(cast.ada)
    assert scan(client, cast.token(cast.grace), same)["result"] == "recorded"
    client.submit(f"{PEOPLE}/{cast.grace.id}/undo")
    again = scan(client, cast.token(cast.grace), same)
    assert (again["result"], "person" in again, client.get(f"{PEOPLE}/{cast.grace.id}").status_code) == (
        "repeated", False, 404)


def test_undo_of_a_second_meeting_takes_back_what_it_gave(ada: Client, grace: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.ada.id).values(
            shared=["email", "linkedin", "phone"]))
    with clock.stopped(clock.now() + timedelta(hours=30)):
        scan(ada, cast.token(cast.grace))
        assert "+44 20 7946 0958" in grace.get(f"{PEOPLE}/{cast.ada.id}").text
        ada.submit(f"{PEOPLE}/{cast.grace.id}/undo")
        assert "You met before, so what you gave each other then stays." in text(ada.get(PEOPLE).text)
        theirs = grace.get(f"{PEOPLE}/{cast.ada.id}").text
    assert ("+44 20 7946 0958" in theirs, "ada@people.example" in theirs) == (False, True)
    assert "The swap was taken back" in page_of(ada, cast.grace)


def test_words_written_while_the_swap_is_undone_are_refused_with_a_sentence(ada: Client, cast: Cast) -> None:
    ada.submit(f"{PEOPLE}/{cast.grace.id}/undo")
    with pytest.raises(Refusal) as caught, db.transaction():
        swapping.write(cast.mixer.id, cast.grace.id, cast.ada.id, notes.checked("too late"))
    assert caught.value.reason == "undone"


def test_somebody_without_a_card_gives_the_badge_and_one_line_to_say(client: Client, cast: Cast, app: Flask) -> None:
    line = "Say: “Open the mail ‘Your badge’, or go to the desk.”"
    answer = scan(client.become(cast.ada), cast.token(cast.bob))
    assert (line in str(answer["sentence"]), answer["person"]["got"]) == (  # type: ignore[index]
        True, ["name", "organization"])
    assert [line in text(client.get(path).text) or line in html.unescape(client.get(path).text) for path in (
        f"{PEOPLE}/{cast.bob.id}", f"{PEOPLE}/{cast.bob.id}/swapped", f"/B/{cast.token(cast.bob)}")] == [True] * 3


def test_first_save_leads_to_who_waits_and_the_time_of_the_meeting_stays(
        client: Client, cast: Cast, app: Flask) -> None:
    scan(client.become(cast.ada), cast.token(cast.bob))
    bob = app.test_client().become(cast.bob)  # type: ignore[attr-defined]
    with clock.stopped(clock.now() + timedelta(hours=15)):
        saved = bob.submit("/e/mixer/card", {"share_email": "y"})
        assert bob.get(saved.location).location == "/e/mixer/waiting?first=1"
        assert "bob@people.example" not in client.get(f"{PEOPLE}/{cast.bob.id}").text
        bob.submit("/e/mixer/waiting", {"answer": "yes", "person_id": str(cast.ada.id)})
        assert bob.get("/e/mixer/card/saved").location == "/e/mixer/card"
        mine = page_of(client, cast.bob)
    assert ("Thursday 15 October, 19:30 Bob Kahn gave you name Thursday 15 October, 19:30 You gave Bob Kahn your name, "
            "e-mail and LinkedIn Friday 16 October, 10:30 Bob Kahn gave you e-mail as well") in mine
    with db.reading():
        assert db.session.scalars(select(Encounter.first_at)).one() == clock.now()
        assert db.session.scalars(select(Grant.asked_since).where(Grant.giver_id == cast.bob.id)).all() == [None]


def test_paused_before_the_card_was_chosen_is_paused(client: Client, cast: Cast, app: Flask) -> None:
    bob = app.test_client().become(cast.bob)  # type: ignore[attr-defined]
    bob.submit("/e/mixer/badge/policy", {"swap_policy": "paused"})
    assert scan(client.become(cast.ada), cast.token(cast.bob))["reason"] == "paused"
