"""What of a card reached whom: taken back from one or all, given again, and asked about once when ticked later."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from flask import Flask
from sqlalchemy import select

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards import choosing, granting, late_ticks, receipts
from eventnet.cards.choosing import Choice
from eventnet.cards.models import Block, Card, Consent, Grant
from eventnet.outbox.models import Mail
from tests.factories import Cast, make_attendee

BADGE = ["name", "title", "organization"]


@pytest.fixture
def met(app: Flask, cast: Cast) -> Iterator[Cast]:
    """Ada gave Grace and Bob name, e-mail and LinkedIn; the clock then stands an hour later."""
    with db.transaction():
        for receiver in (cast.grace, cast.bob):
            give(cast.ada, receiver)
    with clock.stopped(clock.now() + timedelta(hours=1)):
        yield cast


def give(giver: Attendee, receiver: Attendee, fields: tuple[str, ...] = ("email", "linkedin"),
         asked_since: datetime | None = None) -> None:
    db.session.add(Grant(
        event_id=giver.event_id, giver_id=giver.id, receiver_id=receiver.id, fields=[*BADGE, *fields],
        wording="2026-11", given_at=clock.now(), asked_since=asked_since))


def has(giver: Attendee, receiver: Attendee) -> list[str]:
    """What stands in the grant beyond the badge."""
    with db.reading():
        found = db.session.scalars(select(Grant.fields).where(
            Grant.giver_id == giver.id, Grant.receiver_id == receiver.id)).one()
    return [field for field in found if field not in BADGE]


def story(giver: Attendee, receiver: Attendee) -> list[tuple[str, tuple[str, ...], bool]]:
    with db.reading():
        found = granting.given_to(giver.event_id, giver.id, receiver.id)
    assert found is not None
    return [(one.act, tuple(f for f in one.fields if f not in BADGE), one.told) for one in found.entries]


def tick(who: Attendee, *shared: str, tells: bool = False) -> None:
    with db.transaction():
        choosing.choose(who.event_id, who.id, Choice(shared=shared, tells=tells))


def asked(who: Attendee) -> tuple[tuple[str, ...], list[str]] | None:
    with db.reading():
        found = late_ticks.find_question(who.event_id, who.id)
    return (found.fields, [one.name for one in found.people]) if found else None


def answer(who: Attendee, *people: Attendee, everybody: bool = False) -> int:
    with db.transaction():
        return late_ticks.answer(who.event_id, who.id, None if everybody else [one.id for one in people])


def test_field_taken_back_from_one_person_stays_with_the_other(met: Cast) -> None:
    with db.transaction():
        taken = granting.take_back(met.mixer.id, met.ada.id, met.grace.id, ["email", "phone"], told=True)
    assert (taken, has(met.ada, met.grace), has(met.ada, met.bob)) == (("email",), ["linkedin"], ["email", "linkedin"])
    assert story(met.ada, met.grace) == [
        ("gave", ("email", "linkedin"), False), ("took_back", ("email",), True)]


def test_taking_back_twice_is_one_line(met: Cast) -> None:
    for _twice in range(2):
        with db.transaction():
            granting.take_back(met.mixer.id, met.ada.id, met.grace.id, ["email"], told=False)
    assert len(story(met.ada, met.grace)) == 2


def test_badge_stays_unless_the_name_is_taken_too(met: Cast) -> None:
    with db.transaction():
        granting.take_back(met.mixer.id, met.ada.id, met.grace.id, ["email", "linkedin", "name", "title"], told=False)
    with db.reading():
        found = granting.given_to(met.mixer.id, met.ada.id, met.grace.id)
        assert found is not None
        assert (found.fields, found.is_withdrawn) == (tuple(BADGE), False)
    with db.transaction():
        granting.take_back(met.mixer.id, met.ada.id, met.grace.id, [], told=False, name_too=True)
    with db.reading():
        found = granting.given_to(met.mixer.id, met.ada.id, met.grace.id)
        assert found is not None
        assert (found.fields, found.is_withdrawn) == ((), True)


def test_what_was_taken_back_can_be_given_again(met: Cast) -> None:
    with db.transaction():
        granting.take_back(met.mixer.id, met.ada.id, met.grace.id, [], told=False, name_too=True)
    with db.transaction():
        assert granting.give(met.mixer.id, met.ada.id, [met.grace.id], ["email"]) == 1
    with db.reading():
        found = granting.given_to(met.mixer.id, met.ada.id, met.grace.id)
        assert found is not None
        assert (found.fields, found.is_withdrawn) == ((*BADGE, "email"), False)
        assert receipts.replayed(found.entries) == [*BADGE, "email"]


def test_only_what_is_ticked_is_given_and_only_to_people_met(met: Cast) -> None:
    with db.transaction():
        assert granting.give(met.mixer.id, met.ada.id, [met.grace.id, met.mallory.id], ["phone", "email"]) == 0
    assert has(met.ada, met.grace) == ["email", "linkedin"]


def test_unticking_takes_from_everybody_and_ticking_again_gives_nobody(met: Cast) -> None:
    tick(met.ada, "linkedin", tells=True)
    assert [has(met.ada, one) for one in (met.grace, met.bob)] == [["linkedin"], ["linkedin"]]
    assert story(met.ada, met.bob)[-1] == ("took_back", ("email",), True)
    tick(met.ada, "linkedin", "email")
    assert [has(met.ada, one) for one in (met.grace, met.bob)] == [["linkedin"], ["linkedin"]]
    assert asked(met.ada) == (("email",), ["Grace Hopper", "Bob Kahn"])


def test_field_left_in_a_grant_by_a_swap_in_the_same_moment_is_gone_when_it_is_ticked_again(met: Cast) -> None:
    tick(met.ada, "linkedin")
    with db.transaction():
        db.session.scalars(select(Grant).where(Grant.receiver_id == met.bob.id)).one().fields = [*BADGE, "email"]
    tick(met.ada, "linkedin", "email")
    assert has(met.ada, met.bob) == []


def test_later_tick_reaches_people_met_before_only_by_the_answer(met: Cast) -> None:
    tick(met.ada, "email", "linkedin", "phone")
    assert (asked(met.ada), has(met.ada, met.grace)) == (
        (("phone",), ["Grace Hopper", "Bob Kahn"]), ["email", "linkedin"])
    assert answer(met.ada, everybody=True) == 2
    assert [has(met.ada, one) for one in (met.grace, met.bob)] == [["email", "phone", "linkedin"]] * 2
    assert (asked(met.ada), story(met.ada, met.grace)[-1]) == (None, ("added", ("phone",), False))


def test_later_tick_is_given_person_by_person(met: Cast) -> None:
    tick(met.ada, "email", "linkedin", "phone")
    assert answer(met.ada, met.bob, met.mallory) == 1
    assert (has(met.ada, met.grace), has(met.ada, met.bob)) == (
        ["email", "linkedin"], ["email", "phone", "linkedin"])
    assert asked(met.ada) is None


def test_no_is_asked_once_and_an_old_page_gives_nothing_afterwards(met: Cast) -> None:
    tick(met.ada, "email", "linkedin", "phone")
    assert (answer(met.ada), asked(met.ada), answer(met.ada, everybody=True)) == (0, None, 0)
    tick(met.ada, "email", "linkedin", "phone")
    assert (asked(met.ada), has(met.ada, met.grace)) == (None, ["email", "linkedin"])


def test_question_leaves_out_whom_i_took_it_back_from_and_whom_i_keep_away(met: Cast) -> None:
    with db.transaction():
        granting.take_back(met.mixer.id, met.ada.id, met.grace.id, ["email"], told=False)
        person = make_attendee(met.mixer, "Zoë Blocked", shared=[])
        give(met.ada, person, ())
        db.session.add(Block(event_id=met.mixer.id, blocker_id=met.ada.id, blocked_id=person.id, takes_back=False,
                             made_at=clock.now()))
    tick(met.ada)
    tick(met.ada, "email")
    assert asked(met.ada) == (("email",), ["Bob Kahn"])
    assert (answer(met.ada, everybody=True), has(met.ada, met.grace), has(met.ada, person)) == (1, [], [])
    with db.transaction():
        assert granting.give(met.mixer.id, met.ada.id, [person.id], ["email"]) == 0


def test_question_leaves_who_waits_for_my_yes_to_the_waiting_page(app: Flask, cast: Cast) -> None:
    with db.transaction():
        give(cast.bob, cast.ada, (), asked_since=clock.now())
        give(cast.bob, cast.grace, ())
    tick(cast.bob, "email")
    assert asked(cast.bob) == (("email",), ["Grace Hopper"])
    assert (answer(cast.bob, everybody=True), has(cast.bob, cast.ada)) == (1, [])
    with db.transaction():
        assert granting.give(cast.mixer.id, cast.bob.id, [cast.ada.id], ["email"]) == 0


def test_everything_is_taken_back_from_everybody(met: Cast) -> None:
    with db.transaction():
        assert choosing.take_everything_back(met.mixer.id, met.ada.id, told=False) == 2
    assert [has(met.ada, one) for one in (met.grace, met.bob)] == [[], []]
    with db.reading():
        card = choosing.card_of(met.ada.id)
        assert card is not None
        assert (card.shared, card.suggest_me_at, card.agreed_at is not None) == ([], None, True)
        assert db.session.scalars(select(Consent).where(
            Consent.attendee_id == met.ada.id, Consent.withdrawn_at.is_(None))).all() == []


def test_mail_that_waits_is_written_anew_when_something_is_taken_back(met: Cast) -> None:
    with db.transaction():
        for number, attendee in enumerate((met.grace, met.bob)):
            db.session.add(Mail(
                id=f"{number:032}", kind="summary", unique_key=f"attendee:{attendee.id}", event_id=met.mixer.id,
                attendee_id=attendee.id, state="ready", urgency=5, planned_at=clock.now(), run_after=clock.now(),
                attempts=0, compose_tries=0, content=b"x", digest="d", message_id="m", to_address="a@b.example",
                dated_at=clock.now()))
    with db.transaction():
        granting.take_back(met.mixer.id, met.ada.id, met.grace.id, ["email"], told=False)
    with db.reading():
        assert db.session.scalars(select(Mail.state).order_by(Mail.id)).all() == ["planned", "ready"]


def test_one_answer_for_three_hundred_people_takes_few_statements(met: Cast, statements) -> None:  # type: ignore[no-untyped-def]
    with db.transaction():
        for number in range(300):
            give(met.ada, make_attendee(met.mixer, f"Person {number:03}"))
    tick(met.ada, "email", "linkedin", "phone")
    with statements() as said:
        assert answer(met.ada, everybody=True) == 302
    assert len(said) <= 8
    with db.reading():
        card = db.session.get_one(Card, met.ada.id)
        assert (card.undecided, {f for g in db.session.scalars(select(Grant)) for f in g.fields}) == (
            [], {*BADGE, "email", "phone", "linkedin"})
