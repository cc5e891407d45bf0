"""Who gets a summary: each class of attendee with its reason."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest

from eventnet import clock, db
from eventnet.events.models import Event
from eventnet.summaries import eligibility
from tests.factories import make_attendee, make_event
from tests.summaries.evenings import meet, scan_waiting


@pytest.fixture
def mixer(database: db.Database, evening: datetime) -> Event:
    with db.transaction():
        return make_event()


def test_each_class_of_attendee_has_its_answer(mixer: Event) -> None:
    with db.transaction():
        home = mixer.starts_at - timedelta(days=2)
        people = {
            "checked in": make_attendee(mixer, "Ann A", checked_in_at=clock.now()),
            "activated on site": make_attendee(mixer, "Ben B", shared=[]),
            "activated at home": make_attendee(mixer, "Cid C", shared=[]),
            "activated after": make_attendee(mixer, "Dee D", shared=[]),
            "met": make_attendee(mixer, "Eva E"),
            "scanned, waiting": make_attendee(mixer, "Fay F"),
            "no-show": make_attendee(mixer, "Gus G"),
            "no address": make_attendee(mixer, "Hal H", email="", checked_in_at=clock.now()),
            "address on card": make_attendee(
                mixer, "Ida I", email="", shared=[], card={"summary_email": "i@x.example"}),
            "left": make_attendee(mixer, "Jon J", checked_in_at=clock.now(), not_taking_part_at=clock.now()),
            "removed": make_attendee(mixer, "Kim K", checked_in_at=clock.now(), removed_at=clock.now()),
        }
        people["activated at home"].activated_at = home
        people["activated after"].activated_at = mixer.ends_at + timedelta(hours=1)
        meet(people["met"], people["checked in"])
        scan_waiting(people["checked in"], people["scanned, waiting"])
    with db.reading():
        found = {standing.attendee_id: standing.skipped for standing in eligibility.standings(mixer)}
    assert {name: found.get(person.id, "not on the list") for name, person in people.items()} == {
        "checked in": "", "activated on site": "", "activated at home": "not_here", "activated after": "not_here",
        "met": "", "scanned, waiting": "", "no-show": "not_here", "no address": "no_address", "address on card": "",
        "left": "not_taking_part", "removed": "not on the list",
    }


def test_every_skip_has_its_sentence() -> None:
    assert len({eligibility.sentence(reason) for reason in eligibility.SKIPS}) == len(eligibility.SKIPS)


def test_address_chosen_on_the_card_comes_first() -> None:
    assert eligibility.address("mine@x.example", "work@x.example") == "mine@x.example"
    assert eligibility.address(" ", "work@x.example ") == "work@x.example"
    assert eligibility.address(None, "") == ""
