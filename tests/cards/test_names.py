"""Organizers see names only of attendees who agreed under that policy, or a wider one, that is still in force."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards import names
from eventnet.cards.models import NamesAnswer
from eventnet.errors import Refusal
from eventnet.events import calendar
from eventnet.events.models import Event
from tests.clients import Client
from tests.conftest import EVENING
from tests.factories import Cast

MINUTE = timedelta(minutes=1)


def policy(cast: Cast, value: str, after: int = 0) -> None:
    with clock.stopped(EVENING + after * MINUTE), db.transaction():
        calendar.change_event(cast.mixer.id, {"names_policy": value}, f"organizer:{cast.olga.id}")


def agree(cast: Cast, who: Attendee, shown: str, after: int = 0) -> None:
    with clock.stopped(EVENING + after * MINUTE), db.transaction():
        names.agree(cast.mixer.id, who.id, shown)


def named(cast: Cast, level: str) -> list[str]:
    with db.reading():
        event = db.session.get_one(Event, cast.mixer.id)
        return list(db.session.scalars(
            select(Attendee.given_name).where(Attendee.event_id == event.id,
                                              names.may_be_named(event, level, Attendee.id)).order_by(Attendee.id)))


def question(cast: Cast, who: Attendee) -> str | None:
    with db.reading():
        return names.open_question(db.session.get_one(Event, cast.mixer.id), who.id)


def test_policy_is_numbers_unless_chosen(cast: Cast) -> None:
    agree(cast, cast.ada, "numbers")
    assert cast.mixer.names_policy == "numbers"
    assert (named(cast, "alone"), named(cast, "pairs")) == ([], [])
    assert question(cast, cast.ada) is None


def test_agreement_counts_for_its_policy_and_narrower_ones(cast: Cast) -> None:
    policy(cast, "pairs")
    agree(cast, cast.ada, "pairs", 1)
    assert (named(cast, "alone"), named(cast, "pairs")) == (["Ada"], ["Ada"])
    policy(cast, "alone", 2)
    assert (named(cast, "alone"), named(cast, "pairs")) == (["Ada"], [])


def test_widening_shows_nobody_until_they_answer(cast: Cast) -> None:
    policy(cast, "alone")
    agree(cast, cast.ada, "alone", 1)
    policy(cast, "pairs", 2)
    assert (named(cast, "alone"), named(cast, "pairs")) == (["Ada"], [])
    assert question(cast, cast.ada) == "pairs"
    with clock.stopped(EVENING + 3 * MINUTE), db.transaction():
        assert names.say(cast.mixer.id, cast.ada.id, "pairs", is_yes=True) == "pairs"
    assert named(cast, "pairs") == ["Ada"]
    assert question(cast, cast.ada) is None


def test_no_keeps_what_was_agreed_to_before(cast: Cast) -> None:
    policy(cast, "alone")
    agree(cast, cast.ada, "alone", 1)
    policy(cast, "pairs", 2)
    with clock.stopped(EVENING + 3 * MINUTE), db.transaction():
        assert names.say(cast.mixer.id, cast.ada.id, "pairs", is_yes=False) == "alone"
    assert (named(cast, "alone"), named(cast, "pairs")) == (["Ada"], [])
    assert question(cast, cast.ada) is None, "asked once"


def test_yes_can_be_taken_back(cast: Cast) -> None:
    policy(cast, "pairs")
    agree(cast, cast.ada, "pairs", 1)
    with clock.stopped(EVENING + 2 * MINUTE), db.transaction():
        assert names.say(cast.mixer.id, cast.ada.id, "pairs", is_yes=False) == "numbers"
    assert (named(cast, "alone"), named(cast, "pairs")) == ([], [])


def test_narrowing_and_widening_again_asks_again(cast: Cast) -> None:
    policy(cast, "pairs")
    agree(cast, cast.ada, "pairs", 1)
    policy(cast, "numbers", 2)
    assert (named(cast, "alone"), named(cast, "pairs")) == ([], [])
    policy(cast, "pairs", 3)
    assert (named(cast, "alone"), named(cast, "pairs")) == ([], [])
    assert question(cast, cast.ada) == "pairs"


def test_saving_settings_unchanged_asks_nobody(cast: Cast) -> None:
    policy(cast, "pairs")
    agree(cast, cast.ada, "pairs", 1)
    policy(cast, "pairs", 2)
    assert named(cast, "pairs") == ["Ada"]
    assert question(cast, cast.ada) is None


def test_card_read_under_a_narrower_policy_does_not_agree_to_the_wider(cast: Cast) -> None:
    policy(cast, "pairs")
    agree(cast, cast.ada, "numbers", 1)
    assert (named(cast, "alone"), named(cast, "pairs")) == ([], [])
    assert question(cast, cast.ada) == "pairs"


def test_card_read_under_a_wider_policy_agrees_to_the_narrower(cast: Cast) -> None:
    policy(cast, "alone")
    agree(cast, cast.ada, "pairs", 1)
    assert (named(cast, "alone"), named(cast, "pairs")) == (["Ada"], [])
    assert question(cast, cast.ada) is None


def test_who_has_not_agreed_to_a_card_is_not_asked_but_told_on_it(cast: Cast) -> None:
    policy(cast, "pairs")
    assert question(cast, cast.bob) is None


def test_answer_to_a_question_that_changed_is_refused(cast: Cast) -> None:
    policy(cast, "alone")
    with pytest.raises(Refusal, match="The organizers changed what they ask"), db.transaction():
        names.say(cast.mixer.id, cast.ada.id, "pairs", is_yes=True)
    assert named(cast, "alone") == []


def test_sensitive_event_shows_numbers_whatever_was_agreed(cast: Cast) -> None:
    policy(cast, "pairs")
    agree(cast, cast.ada, "pairs", 1)
    with db.transaction():
        calendar.change_event(cast.mixer.id, {"sensitive_since": clock.now()}, "command line")
    assert (named(cast, "alone"), named(cast, "pairs")) == ([], [])


def test_answers_keep_words_language_and_history(cast: Cast) -> None:
    policy(cast, "pairs")
    agree(cast, cast.ada, "pairs", 1)
    with clock.stopped(EVENING + 2 * MINUTE), db.transaction():
        names.say(cast.mixer.id, cast.ada.id, "pairs", is_yes=False)
    with db.reading():
        rows = db.session.scalars(select(NamesAnswer).order_by(NamesAnswer.id)).all()
    assert [(one.asked, one.agreed, one.language, one.answered_at, one.ended_at) for one in rows] == [
        ("pairs", "pairs", "en", EVENING + MINUTE, EVENING + 2 * MINUTE),
        ("pairs", "numbers", "en", EVENING + 2 * MINUTE, None)]
    assert all(one.wording for one in rows)


@pytest.mark.parametrize(("value", "sentence"), [
    ("numbers", "The organizers see how many people met, never who met whom."),
    ("alone", "The organizers see by name who met nobody, so that they can help. They do not see who met whom."),
    ("pairs", "The organizers see by name whom you met and when. They do not see your notes."),
])
def test_card_screen_says_the_policy_before_they_agree(
    app: Flask, client: Client, cast: Cast, value: str, sentence: str,
) -> None:
    policy(cast, value)
    client.become(cast.bob)
    page = client.get("/e/mixer/card").get_data(as_text=True)
    assert f'id="names-said">{sentence}</p>' in page
    # Right below the ticks, where nobody saves the card without passing it.
    assert page.index('name="share_website"') < page.index('id="names-said"') < page.index('id="seen"')
    client.submit("/e/mixer/card", {"names_policy": value, "swap_policy": "at_once", "summary_detail": "full"})
    assert named(cast, "pairs") == (["Bob"] if value == "pairs" else [])
    assert named(cast, "alone") == ([] if value == "numbers" else ["Bob"])


def test_later_save_of_the_card_agrees_to_nothing_new(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    policy(cast, "pairs")
    client.submit("/e/mixer/card", {"names_policy": "pairs", "swap_policy": "at_once", "summary_detail": "full"})
    assert named(cast, "pairs") == []


@pytest.mark.parametrize("back", ["card", "people"])
@pytest.mark.parametrize("answer", ["yes", "no"])
def test_question_stands_on_card_and_people_until_answered(client: Client, cast: Cast, back: str, answer: str) -> None:
    client.become(cast.ada)
    policy(cast, "pairs")
    words = "May the organizers see by name whom you met and when?"
    for path in ("/e/mixer/card", "/e/mixer/people"):
        assert words in client.get(path).get_data(as_text=True)
    said = client.submit("/e/mixer/names", {"shown": "pairs", "answer": answer, "back": back})
    assert said.headers["Location"] == f"/e/mixer/{back}"
    for path in ("/e/mixer/card", "/e/mixer/people"):
        assert words not in client.get(path).get_data(as_text=True)
    assert named(cast, "pairs") == (["Ada"] if answer == "yes" else [])


def test_answer_is_each_ones_own(client: Client, cast: Cast) -> None:
    policy(cast, "pairs")
    assert client.submit("/e/mixer/names", {"shown": "pairs", "answer": "yes"}).status_code == 401
    client.become(cast.mallory)
    assert client.submit("/e/mixer/names", {"shown": "pairs", "answer": "yes"}).status_code == 401
    assert named(cast, "pairs") == []


def test_change_of_the_policy_is_in_the_log(client: Client, cast: Cast) -> None:
    policy(cast, "pairs")
    client.become_organizer(cast.olga.id)
    assert "Olga changed names policy of the event." in client.get("/admin/e/mixer/log").get_data(as_text=True)


def test_time_negative_control(cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    """Were the time of widening not looked at, an old yes would count again after a no in between."""
    policy(cast, "pairs")
    agree(cast, cast.ada, "pairs", 1)
    policy(cast, "numbers", 2)
    policy(cast, "pairs", 3)
    assert named(cast, "pairs") == []
    monkeypatch.setattr(Event, "names_since", lambda _self, _level: EVENING - MINUTE)
    assert named(cast, "pairs") == ["Ada"]
