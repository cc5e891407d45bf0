"""Events: created with an owner, changed field by field, and a sentence for every value that cannot be."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from eventnet import db
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events import calendar, slugs
from eventnet.events.access import standing_at
from eventnet.events.models import Event
from tests.factories import Cast

STARTS, ENDS = datetime(2026, 11, 5, 17, tzinfo=UTC), datetime(2026, 11, 5, 21, tzinfo=UTC)
GOOD: dict[str, Any] = {
    "slug": "autumn-mixer", "name": " Autumn  mixer ", "zone": "Asia/Kolkata", "starts_at": STARTS, "ends_at": ENDS,
}


def create(**values: Any) -> Event:
    with db.transaction():
        return calendar.create_event(**{**GOOD, **values})


def test_event_begins_with_sensible_values(cast: Cast) -> None:
    event = create(organizer_id=cast.olga.id)
    assert (event.name, event.region, event.language, event.swap_policy, event.retention_months) == (
        "Autumn mixer", "IN", "en", "at_once", 13)
    assert (event.swaps_open_at, event.swaps_close_at) == (STARTS - timedelta(hours=24), ENDS + timedelta(hours=72))
    with db.reading():
        assert standing_at(event, cast.olga.id, None).role == "owner"
        assert standing_at(event, cast.oscar.id, None).role is None
        assert [entry.act for entry in log.recent(event.id)] == ["event.created"]


@pytest.mark.parametrize(("values", "field", "sentence"), [
    ({"slug": "mixer"}, "slug", "There is already an event called mixer. Choose another short name."),
    ({"slug": "new"}, "slug", "The short name new is used by the program itself. Choose another."),
    ({"slug": "a"}, "slug", "The short name is part of addresses: 2 to 40 of a to z, 0 to 9 and dashes, such as"
                            " spring-mixer-2026."),
    ({"slug": "Mixer"}, "slug", None), ({"slug": "mixer!"}, "slug", None), ({"slug": "-mixer"}, "slug", None),
    ({"slug": "mixer-"}, "slug", None), ({"slug": "m" * 41}, "slug", None), ({"slug": "köln"}, "slug", None),
    ({"slug": "mixer\n"}, None, None),
    ({"name": "  "}, "name", "Give the event a name of at most 120 characters."),
    ({"name": "x" * 121}, "name", None),
    ({"zone": "Europe/Colonia"}, "zone", "'Europe/Colonia' is not a time zone. Write for example Europe/Berlin."),
    ({"zone": "../../etc/passwd"}, "zone", None), ({"zone": ""}, "zone", None),
    ({"ends_at": STARTS}, "ends_at", "The event ends before it starts. Check both times."),
    ({"ends_at": STARTS + timedelta(days=32)}, "ends_at",
     "An event lasts at most 31 days. Check the dates, or make two events."),
    ({"swaps_open_at": ENDS + timedelta(hours=1)}, "swaps_open_at",
     "Swapping opens only after the event is over. Let it open earlier."),
    ({"swaps_close_at": STARTS - timedelta(hours=30)}, "swaps_close_at",
     "Swapping closes before it opens. Check both times."),
    ({"swaps_close_at": STARTS - timedelta(hours=1)}, "swaps_close_at",
     "Swapping closes before the event begins. Let it close later."),
    ({"swaps_open_at": STARTS - timedelta(days=31)}, "swaps_open_at", None),
    ({"swaps_close_at": ENDS + timedelta(days=31)}, "swaps_close_at", None),
    ({"retention_months": 0}, "retention_months", "Choose 1 to 24 months."),
    ({"retention_months": 25}, "retention_months", "Choose 1 to 24 months."),
    ({"swap_policy": "always"}, "swap_policy", "Choose what attendees begin with."),
    ({"language": "tlh"}, "language", "That language is not available yet."),
    ({"region": "ZZ"}, "region", "'ZZ' is not a country. Use two letters, such as DE."),
    ({"controller_email": "nowhere"}, "controller_email",
     "nowhere is not an e-mail address. Check it for a typing mistake."),
    ({"venue": "x" * 201}, "venue", None), ({"controller": "x" * 501}, "controller", None),
])
def test_value_that_cannot_be_gets_a_sentence(
    cast: Cast, values: dict[str, Any], field: str | None, sentence: str | None,
) -> None:
    if field is None:
        with pytest.raises(Refusal):
            create(**values)
        return
    with pytest.raises(Refusal) as refused:
        create(**values)
    assert refused.value.field == field
    assert refused.value.status in (409, 422)
    assert sentence is None or refused.value.sentence == sentence
    with db.reading():
        assert db.session.query(Event).count() == 2, "nothing half done"


def test_change_sets_only_what_was_given_and_names_it_in_the_log(cast: Cast) -> None:
    with db.transaction():
        event = calendar.change_event(cast.mixer.id, {"name": "Autumn mixer", "venue": "Old Town Hall"}, "organizer:1")
    assert (event.name, event.zone, event.swaps_open_at) == ("Autumn mixer", "Europe/Berlin", cast.mixer.swaps_open_at)
    with db.transaction():
        calendar.change_event(cast.mixer.id, {"name": "Autumn mixer"}, "organizer:1")
    with db.reading():
        assert [(entry.act, entry.about) for entry in log.recent(cast.mixer.id)] == [
            ("event.changed", {"fields": ["name"]})]


def test_change_keeps_the_short_name_that_was_printed(cast: Cast) -> None:
    with pytest.raises(Refusal) as refused, db.transaction():
        calendar.change_event(cast.mixer.id, {"slug": "other"}, "organizer:1")
    assert refused.value.field == "slug"


def test_change_of_a_missing_event_is_not_found(cast: Cast) -> None:
    with pytest.raises(NotFound), db.transaction():
        calendar.change_event(999, {"name": "x"}, "organizer:1")


def test_events_are_found_by_short_name_and_organizer(cast: Cast) -> None:
    create(organizer_id=cast.olga.id)
    with db.reading():
        assert [(event.slug, role) for event, role in calendar.events_of(cast.olga.id)] == [
            ("autumn-mixer", "owner"), ("mixer", "owner")]
        assert calendar.get_event("mixer").id == cast.mixer.id
        assert calendar.find_event("Mixer") is None
        with pytest.raises(NotFound) as refused:
            calendar.get_event("nothing")
    assert refused.value.sentence == "There is no event called nothing."


def test_no_mail_leaves_before_somebody_answers_for_the_data(cast: Cast) -> None:
    calendar.check_may_mail(cast.mixer)
    with pytest.raises(Refusal) as refused:
        calendar.check_may_mail(create())
    assert (refused.value.reason, refused.value.field) == ("entries_missing", "controller")


@pytest.mark.parametrize(("name", "slug"), [
    ("Spring mixer", "spring-mixer-2026"), ("Alumni-Treffen Köln", "alumni-treffen-koeln-2026"),
    ("PyCon 2026", "pycon-2026"), ("Soirée d’été & more", "soiree-dete-and-more-2026"), ("同窓会", "event-2026"),
    ("Встреча", "event-2026"), ("!!!", "event-2026"), ("x" * 80, "x" * 35 + "-2026"), ("Łódź", "lodz-2026"),
    ("a" * 34 + " b", "a" * 34 + "-2026"),
])
def test_short_name_is_proposed_from_the_name(name: str, slug: str) -> None:
    assert slugs.propose(name, 2026, lambda text: calendar.SLUG.fullmatch(text) is not None) == slug


def test_proposed_short_name_avoids_those_that_are_taken() -> None:
    taken = {"spring-mixer-2026", "spring-mixer-2026-2", "x" * 35 + "-2026"}
    assert slugs.propose("Spring mixer", 2026, lambda text: text not in taken) == "spring-mixer-2026-3"
    assert slugs.propose("x" * 80, 2026, lambda text: text not in taken) == "x" * 35 + "-20-2"
