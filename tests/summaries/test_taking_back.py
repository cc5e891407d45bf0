"""What is taken back while mails are written and wait does not leave with them."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from eventnet import clock, config, db
from eventnet.attendees.models import Attendee
from eventnet.badges.codes import BadgeReference
from eventnet.badges.models import Badge
from eventnet.cards import choosing
from eventnet.contacts import swapping
from eventnet.encounters import recording
from eventnet.encounters.recording import Claim
from eventnet.events.models import Event
from eventnet.outbox import composing as bites
from eventnet.outbox.models import Mail
from eventnet.summaries import campaigns, composing
from tests.factories import make_attendee, make_event

AT = datetime(2026, 10, 15, 17, 40, tzinfo=UTC)


@pytest.fixture
def pair(database: db.Database, settings: config.Settings) -> Iterator[tuple[Event, Attendee, Attendee]]:
    """Ada and Grace met; their summaries are written and wait for the mail server."""
    with clock.stopped(datetime(2026, 10, 15, 20, 5, tzinfo=UTC)):
        with db.transaction():
            event = make_event()
            ada = make_attendee(event, "Ada Lovelace", shared=["email"])
            grace = make_attendee(event, "Grace Hopper", shared=["email"])
            badge = db.session.query(Badge).filter_by(attendee_id=grace.id).one()
        with clock.stopped(AT), db.transaction():
            recording.record_scan(Claim(str(uuid.uuid4()), BadgeReference("token", badge.token)), attendee_id=ada.id,
                                  way="bearer")
        with db.reading():
            picks = campaigns.picks_for(event.id)
        with db.transaction():
            campaigns.start(event.id, picks, "command line")
        bites.compose_due(composing.composers(settings), settings)
        yield event, ada, grace


def mail_to(attendee: Attendee) -> Mail:
    with db.reading():
        return db.session.query(Mail).filter_by(attendee_id=attendee.id, kind="summary").one()


def shares(event: Event, attendee: Attendee, *fields: str) -> None:
    with db.transaction():
        choosing.choose(event.id, attendee.id, choosing.Choice(
            shared=fields, suggest_me=False, swap_policy="at_once", looking_for="", offering="", interests="",
            summary_email="", summary_detail="full"))


def test_field_taken_back_is_not_in_the_mail_that_waits(
    pair: tuple[Event, Attendee, Attendee], settings: config.Settings
) -> None:
    event, ada, grace = pair
    before = mail_to(grace).content
    assert before is not None
    assert b"ada@people.example" in before
    shares(event, ada)
    assert (mail_to(grace).state, mail_to(grace).content) == ("planned", None)
    bites.compose_due(composing.composers(settings), settings)
    after = mail_to(grace).content
    assert after is not None
    assert b"ada@people.example" not in after
    assert b"Ada Lovelace" in after


def test_card_saved_again_leaves_the_mail_as_it_is(pair: tuple[Event, Attendee, Attendee]) -> None:
    event, ada, grace = pair
    digest = mail_to(grace).digest
    shares(event, ada, "email", "phone")
    assert (mail_to(grace).state, mail_to(grace).digest) == ("ready", digest)


def test_mail_that_was_tried_stays_what_it_was(pair: tuple[Event, Attendee, Attendee]) -> None:
    """All attempts of one mail are the same message: the first of them may have arrived."""
    event, ada, grace = pair
    with db.transaction():
        db.session.query(Mail).update({"attempts": 1})
    digest = mail_to(grace).digest
    shares(event, ada)
    assert (mail_to(grace).state, mail_to(grace).digest) == ("ready", digest)


def test_swap_taken_back_is_in_neither_mail(pair: tuple[Event, Attendee, Attendee]) -> None:
    event, ada, grace = pair
    with clock.stopped(AT + timedelta(hours=3)), db.transaction():
        swapping.undo(event.id, ada.id, grace.id)
    assert [mail_to(who).state for who in (ada, grace)] == ["planned", "planned"]
