"""The card: every tick is a consent with its words and time, and taking it back hides the field at once."""

from __future__ import annotations

from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees import roster
from eventnet.attendees.models import Attendee
from eventnet.cards import choosing, fields
from eventnet.cards.choosing import Choice
from eventnet.cards.models import Consent
from eventnet.errors import NotFound
from eventnet.events.models import Event
from tests.factories import Cast, make_attendee


def choose(cast: Cast, attendee: Attendee, **values: object) -> None:
    with db.transaction():
        choosing.choose(attendee.event_id, attendee.id, Choice(**values))  # type: ignore[arg-type]


def consents(attendee: Attendee) -> list[tuple[str, str, str, bool]]:
    """(field, wording, language, living) in the order they were given."""
    with db.reading():
        return [(c.field, c.wording, c.language, c.withdrawn_at is None) for c in db.session.scalars(
            select(Consent).where(Consent.attendee_id == attendee.id).order_by(Consent.id))]


def shared(attendee: Attendee) -> tuple[str, ...]:
    with db.reading():
        return fields.shared_now(choosing.card_of(attendee.id))


def test_nothing_beyond_the_badge_is_shared_before_a_tick(app: Flask, cast: Cast) -> None:
    assert shared(cast.bob) == ("name", "title", "organization")
    choose(cast, cast.bob)
    assert shared(cast.bob) == ("name", "title", "organization")
    assert consents(cast.bob) == []


def test_each_tick_is_a_consent_in_todays_words(app: Flask, cast: Cast) -> None:
    choose(cast, cast.bob, shared=("phone", "email"), suggest_me=True)
    assert shared(cast.bob) == ("name", "title", "organization", "email", "phone")
    assert consents(cast.bob) == [
        ("email", "2026-11", "en", True), ("phone", "2026-11", "en", True), ("suggest_me", "2026-11", "en", True)]


def test_saving_the_same_again_keeps_the_consents(app: Flask, cast: Cast) -> None:
    for _twice in range(2):
        choose(cast, cast.bob, shared=("email",), suggest_me=True)
    assert [row[0] for row in consents(cast.bob)] == ["email", "suggest_me"]
    with db.reading():
        card = choosing.card_of(cast.bob.id)
        assert card is not None
        assert (card.agreed_at, card.suggest_me_at) == (clock.now(), clock.now())


def test_taking_a_tick_back_ends_the_consent_and_a_new_one_is_a_new_row(app: Flask, cast: Cast) -> None:
    choose(cast, cast.bob, shared=("email", "phone"))
    with clock.stopped(clock.now() + timedelta(hours=1)):
        choose(cast, cast.bob, shared=("email",))
    assert consents(cast.bob) == [("email", "2026-11", "en", True), ("phone", "2026-11", "en", False)]
    choose(cast, cast.bob, shared=("email", "phone"))
    assert consents(cast.bob)[-1] == ("phone", "2026-11", "en", True)


def test_new_words_are_agreed_to_anew(app: Flask, cast: Cast, monkeypatch: pytest.MonkeyPatch) -> None:
    choose(cast, cast.bob, shared=("email",))
    monkeypatch.setattr(choosing, "WORDING", "2027-03")
    choose(cast, cast.bob, shared=("email",))
    assert consents(cast.bob) == [("email", "2026-11", "en", False), ("email", "2027-03", "en", True)]


def test_a_grant_gives_what_is_still_ticked(app: Flask, cast: Cast) -> None:
    granted = ("name", "title", "organization", "email", "phone")
    choose(cast, cast.bob, shared=("email", "phone", "website"))
    with db.reading():
        card = choosing.card_of(cast.bob.id)
        assert fields.granted(card, granted) == granted
    choose(cast, cast.bob, shared=("phone", "website"))
    with db.reading():
        card, bob = choosing.card_of(cast.bob.id), db.session.get_one(Attendee, cast.bob.id)
        assert fields.granted(card, granted) == ("name", "title", "organization", "phone")
        assert fields.visible(bob, fields.granted(card, granted)) == {
            "name": "Bob Kahn", "organization": "ARPA", "phone": "+1 202 555 0100"}
        assert fields.granted(None, granted) == fields.BADGE_FIELDS


@pytest.mark.parametrize(("category", "event_policy", "expected"), [
    ("attendee", "at_once", "at_once"), ("speaker", "at_once", "ask"), ("staff", "at_once", "ask"),
    ("sponsor", "at_once", "at_once"), ("speaker", "paused", "paused"), ("attendee", "ask", "ask")])
def test_speakers_and_staff_are_asked_first(
        app: Flask, cast: Cast, category: str, event_policy: str, expected: str) -> None:
    with db.transaction():
        event = db.session.get_one(Event, cast.mixer.id)
        event.swap_policy = event_policy
        person = make_attendee(event, "Somebody New", category=category)
        assert choosing.starting_policy(event, person) == expected
        choosing.set_policy(event.id, person.id, expected)
    with db.reading():
        card = choosing.card_of(person.id)
        assert card is not None
        assert (card.swap_policy, card.agreed_at, fields.shared_now(card)) == (expected, None, fields.BADGE_FIELDS)


def test_own_details_win_over_the_desk(app: Flask, cast: Cast) -> None:
    with db.transaction():
        choosing.choose(cast.mixer.id, cast.bob.id, Choice(shared=("phone",)), {"phone": "+1 202 555 0199"})
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"phone": "+1 202 555 0000"}, by="desk")
    with db.reading():
        assert db.session.get_one(Attendee, cast.bob.id).phone == "+1 202 555 0199"


def test_a_card_of_another_event_cannot_be_written(app: Flask, cast: Cast) -> None:
    with db.transaction(), pytest.raises(NotFound):
        choosing.choose(cast.mixer.id, cast.mallory.id, Choice(shared=()))
    assert shared(cast.mallory) == ("name", "title", "organization", "email", "phone")
