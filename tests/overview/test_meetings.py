"""Who met whom for organizers: numbers, and names as far as the policy and each attendee's own yes go."""

from __future__ import annotations

import csv
import io

import pytest

from eventnet import clock, db
from eventnet.audit import log
from eventnet.cards import names
from eventnet.encounters.models import Encounter
from eventnet.events.models import Event
from tests.clients import Client
from tests.factories import Cast, make_attendee

PAGE = "/admin/e/mixer/meetings"


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    """Ada met Grace and Bob. Ada, Grace and Zoë, who met nobody, agreed under "pairs"; Bob and Sam, alone, did not."""
    with db.transaction():
        event = db.session.get_one(Event, cast.mixer.id)
        event.names_policy = "pairs"
        zoe = make_attendee(event, "Zoë Ahn", shared=[])
        make_attendee(event, "Silent Sam", shared=[])
        for other in (cast.grace, cast.bob):
            low, high = sorted((cast.ada.id, other.id))
            db.session.add(Encounter(event_id=event.id, low_id=low, high_id=high, first_at=clock.now(),
                                     last_at=clock.now(), times=1))
        for who in (cast.ada, cast.grace, zoe):
            names.agree(event.id, who.id, "pairs")
    return client.become_organizer(cast.olga.id)


def policy(cast: Cast, value: str) -> None:
    with db.transaction():
        db.session.get_one(Event, cast.mixer.id).names_policy = value


@pytest.mark.parametrize(("value", "shown"), [("pairs", True), ("alone", True), ("numbers", False)])
def test_who_met_nobody_is_named_as_far_as_they_agreed(olga: Client, cast: Cast, value: str, shown: bool) -> None:
    policy(cast, value)
    page = olga.get(PAGE).get_data(as_text=True)
    assert ("Zoë Ahn" in page) == shown
    assert "Silent Sam" not in page
    assert names.said(value) in page


@pytest.mark.parametrize(("value", "who", "words"), [
    ("pairs", "ada", "Grace Hopper"), ("pairs", "bob", "They did not agree that organizers see by name whom they met."),
    ("alone", "ada", "Organizers of this event see who met nobody, not who met whom."),
    ("numbers", "ada", "Organizers of this event see numbers only, not who met whom."),
])
def test_page_of_one_attendee_shows_only_pairs_of_two_yes(
    olga: Client, cast: Cast, value: str, who: str, words: str,
) -> None:
    policy(cast, value)
    page = olga.get(f"{PAGE}/{getattr(cast, who).id}").get_data(as_text=True)
    assert words in page
    if who == "ada":
        assert "Bob" not in page
        assert ("Grace" in page) == (value == "pairs")


@pytest.mark.parametrize("value", ["pairs", "alone", "numbers"])
def test_link_to_whom_they_met_stands_only_where_it_leads_somewhere(olga: Client, cast: Cast, value: str) -> None:
    policy(cast, value)
    page = olga.get(f"/admin/e/mixer/attendees/{cast.ada.id}").get_data(as_text=True)
    assert (f"{PAGE}/{cast.ada.id}" in page) == (value == "pairs")


def test_file_of_pairs_holds_two_yes_alone_and_is_written_down(olga: Client, cast: Cast) -> None:
    answer = olga.submit(f"{PAGE}/export", {"what": "names"})
    rows = list(csv.reader(io.StringIO(answer.get_data().decode("utf-8-sig"))))
    assert [(row[0], row[2]) for row in rows[1:]] == [("Ada Lovelace", "Grace Hopper")]
    assert answer.headers["Content-Disposition"] == 'attachment; filename="mixer-who-met-whom.csv"'
    with db.reading():
        newest = log.recent(cast.mixer.id, 1)[0]
    assert (newest.act, newest.actor, newest.about) == (
        "encounters.exported", f"organizer:{cast.olga.id}", {"names": True})


@pytest.mark.parametrize("value", ["alone", "numbers"])
def test_file_of_pairs_is_refused_under_a_narrower_policy(olga: Client, cast: Cast, value: str) -> None:
    policy(cast, value)
    answer = olga.submit(f"{PAGE}/export", {"what": "names"})
    assert (answer.status_code, "so only numbers leave" in answer.get_data(as_text=True)) == (409, True)
    numbers = olga.submit(f"{PAGE}/export", {"what": "numbers"}).get_data().decode("utf-8-sig")
    assert numbers.splitlines()[0] == "measure,kind,number"
    assert "Ada" not in numbers


@pytest.mark.parametrize("path", ["/admin/e/mixer/", "/admin/e/mixer/numbers", "/admin/e/mixer/summaries"])
@pytest.mark.parametrize("value", ["pairs", "alone", "numbers"])
def test_pages_of_numbers_name_no_attendee(olga: Client, cast: Cast, path: str, value: str) -> None:
    policy(cast, value)
    page = olga.get(path).get_data(as_text=True)
    assert [name for name in ("Ada", "Lovelace", "Grace", "Bob", "Zoë", "Silent") if name in page] == []


@pytest.mark.parametrize("path", ["/admin/e/mixer/attendees", "/admin/e/mixer/desk?q=a", "/admin/e/mixer/badges",
                                  "/admin/e/mixer/attendees/1", "/admin/e/mixer/log"])
def test_pages_of_people_do_not_tell_who_met(olga: Client, cast: Cast, path: str) -> None:
    """They read the same, to the byte, as if nobody had met anybody."""
    before = olga.get(path).get_data(as_text=True)
    with db.transaction():
        db.session.query(Encounter).delete()
    assert olga.get(path).get_data(as_text=True) == before


def test_settings_choose_what_organizers_see(olga: Client, cast: Cast) -> None:
    policy(cast, "numbers")
    page = olga.get("/admin/e/mixer/settings").get_data(as_text=True)
    assert "Who met nobody, by name" in page
    assert "Who met whom, by name" in page
