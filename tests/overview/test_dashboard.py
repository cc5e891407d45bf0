"""The dashboard and the start page: what they say, to whom, and in how many statements."""

from __future__ import annotations

from datetime import timedelta

import pytest

from eventnet import clock, db
from eventnet.accounts.models import Browser
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.audit import log
from eventnet.encounters.models import Encounter
from eventnet.events.models import EventRole
from eventnet.outbox import planning
from tests.clients import Client
from tests.factories import Cast, make_attendee, make_organizer


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    return client.become_organizer(cast.olga.id)


def test_dashboard_shows_the_numbers_and_what_was_done(olga: Client, cast: Cast) -> None:
    with db.transaction():
        guests = [make_attendee(cast.mixer, f"Guest {i}", email=f"g{i}@people.example", checked_in_at=clock.now())
                  for i in range(12)]
        for one, other in zip(guests[:6:2], guests[1:6:2], strict=True):
            db.session.add(Encounter(event_id=cast.mixer.id, low_id=one.id, high_id=other.id, first_at=clock.now(),
                                     last_at=clock.now(), times=1))
        log.write("attendees.imported", f"organizer:{cast.olga.id}", cast.mixer.id, new=12, changed=0)
        for guest in guests[:5]:
            planning.plan("summary", f"attendee:{guest.id}", event_id=cast.mixer.id, attendee_id=guest.id)
    page = " ".join(olga.get("/admin/e/mixer/").get_data(as_text=True).split())
    for text in (
        '<dd class="value">12 <span class="of">of 15</span></dd>', '<dd class="value">42 %</dd>',
        "Olga imported attendees: 12 new, 0 changed.", "As of 19:30", "1 to 4", "New meetings per 10 minutes",
        "On their way", "Thursday 15 October, 18:00",
    ):
        assert text in page
    assert "Guest" not in page, "numbers, never names"


def test_dashboard_without_attendees_says_what_to_do_next(client: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.get_one(Attendee, cast.mallory.id).removed_at = clock.now()
    page = client.become_organizer(cast.oscar.id).get("/admin/e/elsewhere/").get_data(as_text=True)
    assert "What to do next" in page
    assert 'href="/admin/e/elsewhere/attendees"' in page
    assert "data-refresh" not in page


def test_fragment_is_the_part_that_changes(olga: Client, cast: Cast) -> None:
    whole = olga.get("/admin/e/mixer/").get_data(as_text=True)
    part = olga.get("/admin/e/mixer/numbers").get_data(as_text=True)
    assert part.strip() in whole
    assert "<html" not in part
    assert 'data-refresh="/admin/e/mixer/numbers"' in whole


def test_viewer_sees_the_dashboard_and_a_stranger_does_not(client: Client, cast: Cast) -> None:
    with db.transaction():
        nora = make_organizer("nora@organizers.example", name="Nora")
    client.become_organizer(nora.id)
    assert client.get("/admin/e/mixer/numbers").status_code == 404
    with db.transaction():
        db.session.add(EventRole(event_id=cast.mixer.id, organizer_id=nora.id, role="viewer", given_at=clock.now()))
    assert "As of 19:30" in client.get("/admin/e/mixer/numbers").get_data(as_text=True)


@pytest.mark.parametrize(("days_before", "expected"), [(0, [9, 10]), (7, [11, 12])])
def test_dashboard_takes_at_most_twelve_statements_whatever_its_size(  # type: ignore[no-untyped-def]
    client: Client, cast: Cast, statements, days_before: int, expected: list[int],
) -> None:
    with clock.stopped(clock.now() - timedelta(days=days_before)):
        olga = client.become_organizer(cast.olga.id)
        assert statements_of_the_dashboard(olga, cast, statements) == expected, "one more for the names in the news"


def statements_of_the_dashboard(olga: Client, cast: Cast, statements) -> list[int]:  # type: ignore[no-untyped-def]
    counted = []
    for more in (0, 30):
        with db.transaction():
            for number in range(more):
                make_attendee(cast.mixer, f"Guest {number}", email=f"g{number}@people.example")
                log.write("attendee.added", f"organizer:{(cast.olga, cast.oscar)[number % 2].id}", cast.mixer.id)
        with statements() as said:
            olga.get("/admin/e/mixer/")
        counted.append(len(said))
    return counted


def test_start_page_tells_a_stranger_nothing(client: Client, cast: Cast) -> None:
    page = client.get("/").get_data(as_text=True)
    assert "Keep the people you meet" in page
    assert "Spring mixer" not in page
    assert 'href="/admin/sign-in"' in page


def test_start_page_lists_this_browsers_events(client: Client, cast: Cast, statements) -> None:  # type: ignore[no-untyped-def]
    client.become(cast.ada).become(cast.mallory)
    with statements() as said:
        page = client.get("/").get_data(as_text=True)
    for text in ("Spring mixer", "Another event", "Ada Lovelace", "Mallory Gray"):
        assert text in page
    assert 'href="/e/mixer/badge"' in page
    assert len(said) == 2


def test_start_page_forgets_what_was_revoked(client: Client, cast: Cast) -> None:
    client.become(cast.ada)
    with db.transaction():
        for row in db.session.query(SignedInBrowser):
            row.revoked_at = clock.now()
        assert db.session.query(Browser).count() == 1
    assert "Spring mixer" not in client.get("/").get_data(as_text=True)
