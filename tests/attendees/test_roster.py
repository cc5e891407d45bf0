"""The list: add, find, change, remove, check in; nobody else's rows, ever."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from eventnet import clock, db
from eventnet.attendees import roster
from eventnet.attendees.models import Attendee, SignedInBrowser
from eventnet.audit.models import AuditEntry
from eventnet.errors import NotFound, Refusal
from tests.clients import Client
from tests.factories import Cast


def add(cast: Cast, name: str, **values: Any) -> int:
    with db.transaction():
        return roster.add(cast.mixer.id, by="desk", registered_name=name, **values).id


def found(cast: Cast, query: str) -> list[str]:
    with db.reading():
        return [person.registered_name for person in roster.page(cast.mixer.id, query).rows]


def test_add_computes_names_keys_and_order(cast: Cast) -> None:
    number = add(cast, "  Søren \t van Ærø ", email="S@People.example", organization="Ørsted")
    with db.reading():
        person = roster.get(cast.mixer.id, number)
    assert (person.registered_name, person.badge_name, person.given_name, person.family_name, person.email,
            person.email_key, person.sort_key, person.category) == (
        "Søren van Ærø", "Søren van Ærø", "Søren", "van Ærø", "S@People.example", "s@people.example",
        "van aero  soren", "attendee")
    assert {name: mark["by"] for name, mark in person.edits.items()} == {
        "registered_name": "desk", "email": "desk", "organization": "desk"}


@pytest.mark.parametrize("name", ["", "  ", "\u202e\u200b", "\x00"])
def test_add_without_a_name_is_refused(cast: Cast, name: str) -> None:
    with pytest.raises(Refusal) as refused, db.transaction():
        roster.add(cast.mixer.id, by="desk", registered_name=name)
    assert (refused.value.status, refused.value.field, refused.value.sentence) == (
        422, "registered_name", "A name is needed. Enter what should stand on the badge.")


def test_add_refuses_an_unknown_category(cast: Cast) -> None:
    with pytest.raises(Refusal) as refused, db.transaction():
        roster.add(cast.mixer.id, by="desk", registered_name="Ada", category="king")
    assert refused.value.sentence == "king is no category. Choose attendee, speaker, sponsor or staff."


@pytest.mark.parametrize("verb", [
    lambda event, number: roster.get(event, number), lambda event, number: roster.change(event, number, {}, "desk"),
    lambda event, number: roster.remove(event, number), lambda event, number: roster.restore(event, number),
    lambda event, number: roster.check_in(event, number), lambda event, number: roster.undo_check_in(event, number),
    lambda event, number: roster.set_taking_part(event, number, False),
], ids=["get", "change", "remove", "restore", "check_in", "undo_check_in", "set_taking_part"])
def test_foreign_and_absent_attendees_are_not_found(cast: Cast, verb) -> None:  # type: ignore[no-untyped-def]
    for number in (cast.mallory.id, 999_999):
        with pytest.raises(NotFound) as refused, db.transaction():
            verb(cast.mixer.id, number)
        assert refused.value.sentence == ""
    with db.reading():
        mallory = roster.get(cast.elsewhere.id, cast.mallory.id)
        assert (mallory.checked_in_at, mallory.removed_at, mallory.not_taking_part_at) == (None, None, None)


@pytest.mark.parametrize(("first", "second", "wins"), [
    ("attendee", "desk", False), ("attendee", "import", False), ("desk", "import", False), ("desk", "attendee", True),
    ("import", "desk", True), ("import", "attendee", True), ("desk", "desk", True), ("attendee", "attendee", True),
])
def test_change_honours_whose_word_counts(cast: Cast, first: str, second: str, wins: bool) -> None:
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"title": "First"}, first)
    with db.transaction():
        done = roster.change(cast.mixer.id, cast.bob.id, {"title": "Second", "school": "MIT"}, second)
    assert (done.changed, done.kept) == ((["title", "school"], {}) if wins else (["school"], {"title": first}))
    with db.reading():
        person = roster.get(cast.mixer.id, cast.bob.id)
        assert (person.title, person.school) == ("Second" if wins else "First", "MIT")


def test_change_of_the_name_moves_badge_order_and_search(cast: Cast) -> None:
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"registered_name": "Robert Zahn"}, "desk", "organizer:1")
    with db.reading():
        person = roster.get(cast.mixer.id, cast.bob.id)
        assert (person.badge_name, person.family_name, person.sort_key) == ("Robert Zahn", "Zahn", "zahn  robert")
        entry = db.session.scalars(select(AuditEntry).where(AuditEntry.act == "attendee.changed")).one()
        assert (entry.actor, entry.about) == ("organizer:1", {"attendee": cast.bob.id, "fields": ["registered_name"]})
    assert (found(cast, "zahn"), found(cast, "kahn")) == (["Robert Zahn"], [])


def test_change_of_the_name_keeps_a_badge_name_of_its_own(cast: Cast) -> None:
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"badge_name": "Bob"}, "attendee")
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"registered_name": "Robert Kahn"}, "desk")
    with db.reading():
        person = roster.get(cast.mixer.id, cast.bob.id)
        assert (person.registered_name, person.badge_name) == ("Robert Kahn", "Bob")


def test_change_of_the_address_ends_the_old_activation_link(cast: Cast) -> None:
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"email": "BOB@people.example"}, "desk")
    with db.reading():
        assert roster.get(cast.mixer.id, cast.bob.id).generation == 1
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"email": "robert@people.example"}, "desk")
    with db.reading():
        person = roster.get(cast.mixer.id, cast.bob.id)
        assert (person.generation, person.email_key) == (2, "robert@people.example")


def test_change_to_no_name_is_refused_and_changes_nothing(cast: Cast) -> None:
    with pytest.raises(Refusal), db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"registered_name": "", "badge_name": "", "title": "Boss"}, "desk")
    with db.reading():
        assert roster.get(cast.mixer.id, cast.bob.id).title == ""


def test_remove_signs_out_and_restore_signs_the_same_browsers_in_again(cast: Cast, client: Client) -> None:
    client.become(cast.ada)
    with db.transaction():
        earlier = db.session.scalars(select(SignedInBrowser)).one()
        db.session.add(SignedInBrowser(event_id=earlier.event_id, attendee_id=earlier.attendee_id,
                                       browser_id=earlier.browser_id, way="desk", since=clock.now(),
                                       revoked_at=clock.now() - timedelta(hours=1)))

    def open_ones() -> int:
        with db.reading():
            return db.session.scalar(select(func.count()).where(SignedInBrowser.revoked_at.is_(None))) or 0

    with db.transaction():
        roster.remove(cast.mixer.id, cast.ada.id)
    assert (open_ones(), found(cast, "ada")) == (0, [])
    with pytest.raises(NotFound), db.reading():
        roster.get(cast.mixer.id, cast.ada.id)
    with db.transaction():
        roster.restore(cast.mixer.id, cast.ada.id)
    assert (open_ones(), found(cast, "ada")) == (1, ["Ada Lovelace"])


@pytest.mark.parametrize(("query", "names"), [
    ("lovelace", ["Ada Lovelace"]), ("LOVE ada", ["Ada Lovelace"]), ("grace@people.example", ["Grace Hopper"]),
    ("navy", ["Grace Hopper"]), ("soeren", ["Søren Ærø"]), ("aero", ["Søren Ærø"]), ("小明", ["王 小明"]), ("%", []),
    ("_", []), ("/", []), ("ada hopper", []), ("  ", ["Ærø", "Hopper", "Kahn", "Lovelace", "王"]), ("mallory", []),
])
def test_page_finds_by_every_word_in_name_address_and_organization(
        cast: Cast, query: str, names: list[str]) -> None:
    with db.transaction():
        roster.add(cast.mixer.id, by="desk", registered_name="Søren Ærø")
        roster.add(cast.mixer.id, by="desk", registered_name="王 小明")
        for person in (cast.ada, cast.grace, cast.bob):
            roster.change(cast.mixer.id, person.id, {"school": "x"}, "desk")
    result = found(cast, query)
    assert (result if query.strip() else [name.split()[0 if "王" in name else -1] for name in result]) == names


def test_page_takes_people_found_another_way(cast: Cast) -> None:
    with db.reading():
        page = roster.page(cast.mixer.id, "hopper", also_ids=[cast.bob.id, cast.mallory.id])
    assert [person.registered_name for person in page.rows] == ["Grace Hopper", "Bob Kahn"]


def test_pages_are_in_one_order_and_complete(cast: Cast) -> None:
    with db.transaction():
        for number in range(23):
            roster.add(cast.mixer.id, by="desk", registered_name=f"Same Name{number % 3}")
    with db.reading():
        pages = [roster.page(cast.mixer.id, "", number, 10) for number in (1, 2, 3, 99)]
    assert [(page.number, len(page.rows), page.total, page.pages) for page in pages] == [
        (1, 10, 26, 3), (2, 10, 26, 3), (3, 6, 26, 3), (3, 6, 26, 3)]
    keys = [(person.sort_key, person.id) for page in pages[:3] for person in page.rows]
    assert keys == sorted(keys)
    assert len(set(keys)) == 26


def test_check_in_twice_says_when_the_first_was(cast: Cast) -> None:
    with db.transaction():
        first = roster.check_in(cast.mixer.id, cast.ada.id, "organizer:1")
    with clock.stopped(clock.now() + timedelta(minutes=7)), db.transaction():
        second = roster.check_in(cast.mixer.id, cast.ada.id, "organizer:1")
    assert (first.is_new, second.is_new, second.at) == (True, False, first.at)
    with db.reading():
        entries = db.session.scalar(select(func.count()).where(AuditEntry.act == "attendee.checked_in"))
    assert entries == 1


def test_undo_check_in_lets_them_come_again(cast: Cast) -> None:
    with db.transaction():
        roster.check_in(cast.mixer.id, cast.ada.id)
    for _again in range(2):
        with db.transaction():
            assert roster.undo_check_in(cast.mixer.id, cast.ada.id).checked_in_at is None
    with db.transaction():
        assert roster.check_in(cast.mixer.id, cast.ada.id).is_new is True


def test_counts_are_of_one_event(cast: Cast) -> None:
    with db.transaction():
        roster.check_in(cast.mixer.id, cast.bob.id)
        roster.set_taking_part(cast.mixer.id, cast.grace.id, False)
    with db.reading():
        assert roster.counts(cast.mixer.id) == {"all": 3, "checked_in": 1, "activated": 2, "not_taking_part": 1}


def test_two_rows_with_one_ticket_number_cannot_be(cast: Cast) -> None:
    with db.transaction():
        roster.add(cast.mixer.id, by="import", registered_name="Ana", external_key="luma:1")
        roster.add(cast.elsewhere.id, by="import", registered_name="Ana", external_key="luma:1")
    with pytest.raises(IntegrityError), db.transaction():
        roster.add(cast.mixer.id, by="import", registered_name="Bo", external_key="luma:1")
    with db.reading():
        assert db.session.scalar(select(func.count()).where(Attendee.external_key == "luma:1")) == 2
