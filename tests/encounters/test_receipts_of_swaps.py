"""Every swap is a line in the journal of its grants, and what was offered is given only if it is offered still."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import select, update

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards import choosing, granting, receipts
from eventnet.cards.choosing import Choice
from eventnet.cards.models import Card, Grant
from eventnet.encounters import triage
from eventnet.encounters.recording import Answer
from eventnet.encounters.times import Said
from tests.factories import Cast

Scanning = Callable[..., Answer]
BADGE = ["name", "title", "organization"]


def journal(giver: Attendee, receiver: Attendee) -> list[dict[str, Any]]:
    with db.reading():
        found = db.session.scalars(select(Grant).where(
            Grant.giver_id == giver.id, Grant.receiver_id == receiver.id)).one()
        # Whatever happened, the journal tells what the row says.
        assert receipts.replayed(receipts.read(found.history)) == found.fields
        return list(found.history)


def test_swap_is_one_line_with_fields_words_and_times(scan: Scanning, cast: Cast, evening: datetime) -> None:
    scan(cast.ada, cast.grace, said=Said(elapsed=timedelta(minutes=40)))
    at, met_at = evening.isoformat(), (evening - timedelta(minutes=40)).isoformat()
    assert journal(cast.ada, cast.grace) == [{
        "act": "gave", "at": at, "met_at": met_at, "fields": [*BADGE, "email", "linkedin"], "wording": "2026-11"}]
    assert journal(cast.grace, cast.ada) == [{
        "act": "gave", "at": at, "met_at": met_at, "fields": [*BADGE, "email"], "wording": "2026-11"}]


def test_scan_again_adds_a_line_only_when_something_changed(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    scan(cast.ada, cast.grace)
    scan(cast.grace, cast.ada)
    assert [len(journal(*pair)) for pair in ((cast.ada, cast.grace), (cast.grace, cast.ada))] == [1, 1]
    with db.transaction():
        choosing.choose(cast.mixer.id, cast.ada.id, Choice(shared=("email", "linkedin", "phone")))
    scan(cast.grace, cast.ada)
    assert len(journal(cast.ada, cast.grace)) == 1
    scan(cast.ada, cast.grace)
    assert [line["fields"][3:] for line in journal(cast.ada, cast.grace)] == [
        ["email", "linkedin"], ["email", "phone", "linkedin"]]


def test_whoever_took_everything_back_and_is_scanned_again_gives_the_badge(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    with db.transaction():
        granting.take_back(cast.mixer.id, cast.ada.id, cast.grace.id, [], told=False, name_too=True)
    scan(cast.grace, cast.ada)
    assert [(line["act"], line["fields"]) for line in journal(cast.ada, cast.grace)] == [
        ("gave", [*BADGE, "email", "linkedin"]), ("took_back", [*BADGE, "email", "linkedin"]), ("gave", BADGE)]


def test_journal_of_a_grant_from_before_begins_with_its_next_line(scan: Scanning, cast: Cast) -> None:
    scan(cast.ada, cast.grace)
    with db.transaction():
        db.session.execute(update(Grant).values(history=[]))
        choosing.choose(cast.mixer.id, cast.ada.id, Choice(shared=("email",)))
    assert [line["act"] for line in journal(cast.ada, cast.grace)] == ["gave", "took_back"]


def test_yes_later_stands_with_the_time_of_the_meeting(scan: Scanning, cast: Cast, evening: datetime) -> None:
    scan(cast.ada, cast.bob)
    with clock.stopped(evening + timedelta(hours=15)):
        with db.transaction():
            choosing.choose(cast.mixer.id, cast.bob.id, Choice(shared=("email",)))
        with db.transaction():
            triage.answer(cast.mixer.id, cast.bob.id, [cast.ada.id], "yes")
    assert [(line["act"], line["at"], line["fields"]) for line in journal(cast.bob, cast.ada)] == [
        ("gave", evening.isoformat(), BADGE),
        ("added", (evening + timedelta(hours=15)).isoformat(), ["email"])]


def test_offer_that_was_unticked_is_not_given_by_a_later_yes(scan: Scanning, cast: Cast, evening: datetime) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(swap_policy="ask"))
        choosing.choose(cast.mixer.id, cast.ada.id, Choice(shared=("email", "linkedin")))
    scan(cast.ada, cast.grace)
    for minutes, shared in ((1, ("linkedin",)), (2, ("linkedin", "email"))):
        with clock.stopped(evening + timedelta(minutes=minutes)), db.transaction():
            choosing.choose(cast.mixer.id, cast.ada.id, Choice(shared=shared))
    with clock.stopped(evening + timedelta(minutes=3)), db.transaction():
        triage.answer(cast.mixer.id, cast.grace.id, [cast.ada.id], "yes")
    assert journal(cast.ada, cast.grace)[0]["fields"] == [*BADGE, "linkedin"]
