"""The organizer's pages: list, search, edit, remove with undo, import from upload to outcome, export."""

from __future__ import annotations

import html
import io
import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import timedelta
from html.parser import HTMLParser
from pathlib import Path

import pytest
from sqlalchemy import func, select, update

from eventnet import clock, db
from eventnet.accounts.models import Organizer
from eventnet.attendees import drafts, folding, roster
from eventnet.attendees.models import Attendee, ImportDraft
from eventnet.events.models import EventRole
from tests.clients import Client
from tests.factories import Cast, make_organizer

LIST = "/admin/e/mixer/attendees"


@pytest.fixture
def olga(client: Client, cast: Cast) -> Client:
    return client.become_organizer(cast.olga.id)


def names(page: str) -> list[str]:
    """The names in the table of a page, as a reader sees them."""
    return [html.unescape(name) for name in re.findall(r'<th scope="row"[^>]*>(?:<a [^>]*>)?(.*?)</', page)]


def upload(client: Client, data: bytes, name: str = "list.csv", **fields: str):  # type: ignore[no-untyped-def]
    return client.submit(f"{LIST}/import", {"file": (io.BytesIO(data), name), "source": "auto", **fields},
                         content_type="multipart/form-data")


def test_list_shows_this_events_people_by_family_name(olga: Client) -> None:
    assert names(olga.get(LIST).text) == ["Grace Hopper", "Bob Kahn", "Ada Lovelace"]


def test_list_searches_and_says_how_many(olga: Client) -> None:
    page = olga.get(f"{LIST}?q=navy").text
    assert names(page) == ["Grace Hopper"]
    assert "One person matches “navy”." in page
    nobody = olga.get(f"{LIST}?q=<b>zz").text
    assert names(nobody) == []
    assert "Nobody matches “&lt;b&gt;zz”" in nobody


def test_list_of_an_empty_event_leads_to_the_import(client: Client, cast: Cast) -> None:
    with db.transaction():
        roster.remove(cast.elsewhere.id, cast.mallory.id)
    page = client.become_organizer(cast.oscar.id).get("/admin/e/elsewhere/attendees").text
    assert "Nobody is on the list yet" in page
    assert 'href="/admin/e/elsewhere/attendees/import"' in page


def test_list_takes_the_same_few_queries_for_one_and_for_many(
    olga: Client, cast: Cast, statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    with db.transaction():
        roster.remove(cast.mixer.id, cast.ada.id)
        roster.remove(cast.mixer.id, cast.bob.id)
    with statements() as one:
        olga.get(LIST)
    with db.transaction():
        for number in range(120):
            roster.add(cast.mixer.id, by="import", registered_name=f"Person {number}",
                       email=f"p{number}@people.example")
    for address in (LIST, f"{LIST}?page=3", f"{LIST}?q=person", f"{LIST}?q=person&page=2"):
        with statements() as many:
            olga.get(address)
        assert (address, len([s for s in many if "BEGIN" not in s])) == (
            address, len([s for s in one if "BEGIN" not in s]))
    assert len(one) <= 8


def test_list_stands_any_page_number(olga: Client) -> None:
    for number in ("0", "-1", "99999999999999999999", "x", "٣", ""):
        assert names(olga.get(LIST, query_string={"page": number}).text) == ["Grace Hopper", "Bob Kahn", "Ada Lovelace"]


def test_foreign_and_absent_attendees_look_the_same(olga: Client, cast: Cast) -> None:
    foreign = olga.get(f"{LIST}/{cast.mallory.id}")
    absent = olga.get(f"{LIST}/999999")
    assert (foreign.status_code, foreign.text) == (404, absent.text)
    changed = olga.submit(f"{LIST}/{cast.mallory.id}", {"registered_name": "Mine", "badge_name": "Mine"})
    removed = olga.submit(f"{LIST}/{cast.mallory.id}/removal")
    assert (changed.status_code, removed.status_code) == (404, 404)
    with db.reading():
        mallory = roster.get(cast.elsewhere.id, cast.mallory.id)
        assert (mallory.registered_name, mallory.removed_at) == ("Mallory Gray", None)


def test_the_desk_reads_the_list_and_may_not_write_it(client: Client, cast: Cast) -> None:
    with db.transaction():
        desk: Organizer = make_organizer("desk@organizers.example")
        db.session.add(EventRole(event_id=cast.mixer.id, organizer_id=desk.id, role="desk", given_at=clock.now()))
    client.become_organizer(desk.id)
    assert names(client.get(LIST).text) == ["Grace Hopper", "Bob Kahn", "Ada Lovelace"]
    for path in ("/new", f"/{cast.ada.id}", f"/{cast.ada.id}/removal", "/export", "/import"):
        answer = client.submit(LIST + path, {"registered_name": "X", "badge_name": "X"})
        assert (path, answer.status_code) == (path, 403)
        assert "Your role at this event does not include that. Ask an owner of the event." in answer.text


def test_add_edit_and_see_who_edited(olga: Client, cast: Cast) -> None:
    answer = olga.submit(f"{LIST}/new", {"registered_name": "Søren Ærø", "email": "s@people.example",
                                         "category": "speaker", "takes_part": "y"})
    assert answer.status_code == 303
    with db.reading():
        person = db.session.scalars(select(Attendee).where(Attendee.registered_name == "Søren Ærø")).one()
    assert (person.badge_name, person.category, person.takes_part) == ("Søren Ærø", "speaker", True)
    assert answer.headers["Location"] == f"{LIST}/{person.id}"
    olga.submit(f"{LIST}/{person.id}", {
        "registered_name": "Søren Ærø", "badge_name": "Søren", "category": "staff", "linkedin": "soren-aero"})
    with db.reading():
        person = roster.get(cast.mixer.id, person.id)
        assert (person.badge_name, person.category, person.linkedin, person.email, person.takes_part) == (
            "Søren", "staff", "https://www.linkedin.com/in/soren-aero", "", True)
    assert "by the desk." in olga.get(f"{LIST}/{person.id}").text


def test_edit_with_wrong_values_keeps_what_was_typed(olga: Client, cast: Cast) -> None:
    answer = olga.submit(f"{LIST}/{cast.bob.id}", {
        "registered_name": " ", "badge_name": "Bobby <3", "email": "bob@@arpa", "website": "javascript:alert(1)",
        "category": "attendee"})
    assert answer.status_code == 422
    for sentence in ("Enter the name that should stand on the badge.", "Bobby &lt;3",
                     "That is no e-mail address. Correct it, or leave it empty.",
                     "That is no web address. Write it as example.org."):
        assert sentence in answer.text
    with db.reading():
        assert roster.get(cast.mixer.id, cast.bob.id).badge_name == "Bob Kahn"


def test_edit_says_what_the_attendee_set_themselves(olga: Client, cast: Cast) -> None:
    with db.transaction():
        roster.change(cast.mixer.id, cast.bob.id, {"title": "Founder"}, "attendee")
    answer = olga.submit(f"{LIST}/{cast.bob.id}", {
        "registered_name": "Bob Kahn", "badge_name": "Bob Kahn", "given_name": "Bob", "family_name": "Kahn",
        "title": "Boss", "organization": "ARPA", "email": "bob@people.example", "phone": "+1 202 555 0100",
        "category": "attendee", "takes_part": "y"}, follow_redirects=True)
    assert ("Bob Kahn set title themselves, so that stayed as it was. Only they can change it, on their card."
            in answer.text)
    assert "saved" not in answer.text


def test_remove_offers_undo_on_the_page_that_follows(olga: Client, cast: Cast) -> None:
    page = olga.submit(f"{LIST}/{cast.bob.id}/removal", follow_redirects=True)
    assert names(page.text) == ["Grace Hopper", "Ada Lovelace"]
    assert "Bob Kahn is off the list, and signed out everywhere." in page.text
    assert f'action="{LIST}/{cast.bob.id}/return"' in page.text
    back = olga.submit(f"{LIST}/{cast.bob.id}/return", follow_redirects=True)
    assert names(back.text) == ["Grace Hopper", "Bob Kahn", "Ada Lovelace"]
    assert "Bob Kahn is back on the list." in back.text


CSV = ("Order #,First Name,Last Name,Email,Attendee #,Attendee Status\n"
       "1,Ana,Reyes,ana@people.example,901,Attending\n2,Sam,Cruz,sam@people.example,902,Refunded\n"
       "3,,,x@people.example,903,Attending\n")


def test_import_from_upload_over_preview_to_outcome(olga: Client, cast: Cast) -> None:
    answer = upload(olga, CSV.encode(), "guests.csv")
    assert answer.status_code == 303
    draft = answer.headers["Location"]
    preview = olga.get(draft).text
    assert "recognised as an export of Eventbrite." in preview
    assert "Import 1 person" in preview
    assert names(preview) == ["Ana Reyes", "Sam Cruz", "no name"]
    assert names(olga.get(f"{draft}?show=skipped").text) == ["Sam Cruz"]
    assert "status is “Refunded”" in preview
    assert len(names(olga.get(LIST).text)) == 3
    done = olga.submit(draft, follow_redirects=True)
    assert "<h1>Imported</h1>" in done.text
    assert names(olga.get(LIST).text) == ["Grace Hopper", "Bob Kahn", "Ada Lovelace", "Ana Reyes"]
    again = olga.submit(draft, follow_redirects=True)
    assert "<h1>Imported</h1>" in again.text
    assert len(names(olga.get(LIST).text)) == 4
    assert "Nothing to do" in olga.get(upload(olga, CSV.encode()).headers["Location"]).text


def test_an_imported_draft_keeps_names_and_outcomes_only(olga: Client, cast: Cast) -> None:
    draft = upload(olga, CSV.encode()).headers["Location"]
    with db.reading():
        kept = json.dumps(db.session.scalars(select(ImportDraft)).one().rows)
        assert "ana@people.example" in kept
    olga.submit(draft)
    with db.reading():
        assert "people.example" not in json.dumps(db.session.scalars(select(ImportDraft)).one().rows)


def test_drafts_belong_to_one_event_and_end_after_a_day(olga: Client, cast: Cast) -> None:
    draft = upload(olga, CSV.encode()).headers["Location"]
    olga.become_organizer(cast.oscar.id)
    assert olga.get(draft.replace("mixer", "elsewhere")).status_code == 404
    olga.become_organizer(cast.olga.id)
    with clock.stopped(clock.now() + timedelta(hours=24)):
        gone = olga.get(draft)
        assert gone.status_code == 404
        assert "This upload is gone: uploads are kept for a day. Upload the file again." in gone.text
        with db.transaction():
            assert drafts.purge_drafts() == 1
    with db.reading():
        assert db.session.scalar(select(func.count()).select_from(ImportDraft)) == 0


@pytest.mark.parametrize(("data", "status", "sentence"), [
    (b"", 422, "That file is empty. Export the attendee list again and choose that file."),
    (b"PK\x03\x04xl/workbook", 415,
     "That is an Excel workbook. In Excel choose “Save as”, then “CSV UTF-8”, and upload that file."),
    (b"Ada,ada@people.example\n", 422, "The first row has to say what the columns are"),
    (b"Name,Email\n", 422, "That file has headings and no people below them."),
])
def test_upload_of_something_else_says_what_to_do(olga: Client, data: bytes, status: int, sentence: str) -> None:
    answer = upload(olga, data)
    assert answer.status_code == status
    assert sentence in html.unescape(answer.text)
    with db.reading():
        assert db.session.scalar(select(func.count()).select_from(ImportDraft)) == 0


def test_upload_without_a_file_says_so(olga: Client) -> None:
    answer = olga.submit(f"{LIST}/import", {"source": "auto"})
    assert answer.status_code == 422
    assert "Choose the file with the attendee list first." in answer.text


def test_export_is_a_download_of_this_events_people_and_is_noted(olga: Client, cast: Cast) -> None:
    answer = olga.submit(f"{LIST}/export")
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "text/csv", 'attachment; filename="mixer-attendees.csv"')
    lines = answer.data.decode("utf-8-sig").splitlines()
    assert [line.split(",")[1] for line in lines] == ["Registered name", "Grace Hopper", "Bob Kahn", "Ada Lovelace"]
    assert olga.get(f"{LIST}/export").status_code in (404, 405)


class Markup(HTMLParser):
    """Which elements and attributes a page really has."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.found: set[str] = set()
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found |= {tag, *(f"{tag} {name}" for name, _value in attrs)}


def test_naughty_names_stay_text(olga: Client, cast: Cast, outside_data: Path) -> None:
    """All of BLNS as names: kept or refused with a sentence, and on the page only as text."""
    naughty = json.loads((outside_data / "names-blns" / "blns.json").read_text("utf-8"))
    readable = [text for text in naughty if folding.has_letters(folding.clean_name(text))]
    assert len(readable) > 480
    with db.transaction():
        for number in range(60):
            roster.add(cast.mixer.id, by="desk", registered_name=f"Plain {number}", badge_name="Other",
                       email="p@x.example")
    plain = Markup(olga.get(f"{LIST}?page=1").text).found | Markup(olga.get(f"{LIST}?page=2").text).found
    shown, kept = set[str](), set[str]()
    for part in (readable[:250], readable[250:]):
        with db.transaction():
            # Above 500 people an owner needs a second factor.
            db.session.execute(update(Attendee).where(Attendee.badge_name != "Ada Lovelace").values(
                removed_at=clock.now()))
            kept |= {roster.add(cast.mixer.id, by="desk", registered_name=text, organization=text).registered_name
                     for text in part}
        for number in range(1, 8):
            page = olga.get(f"{LIST}?page={number}").text
            assert Markup(page).found <= plain
            shown |= set(names(page))
    assert shown - {"Ada Lovelace"} == kept
