"""An attendee's people: lists, one person, notes, undo, answers to who waits, and the way out as files."""

from __future__ import annotations

import csv
import io
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
import vobject
from flask import Flask
from sqlalchemy import event, select, update

from eventnet import clock, db
from eventnet.badges.models import Badge
from eventnet.cards.models import Card
from eventnet.contacts import address_book, notes
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Grant
from tests.clients import Client
from tests.factories import Cast, make_attendee


def swap(client: Client, *tokens: str) -> None:
    answer = client.send("/api/v1/encounters", {"scans": [{"id": str(uuid.uuid4()), "badge": t} for t in tokens]})
    assert {a["result"] for a in answer.json["answers"]} == {"recorded"}


@pytest.fixture
def ada(client: Client, cast: Cast) -> Client:
    client.become(cast.ada)
    swap(client, cast.token(cast.grace))
    return client


@contextmanager
def counted() -> Iterator[list[str]]:
    seen: list[str] = []

    def note(_connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        seen.append(statement)

    event.listen(db.database().reader, "before_cursor_execute", note)
    yield seen
    event.remove(db.database().reader, "before_cursor_execute", note)


def test_list_pages_take_the_same_queries_with_one_and_three_rows(ada: Client, cast: Cast) -> None:
    counts = {}
    for round_number in (1, 2):
        for path in ("/people", "/people?q=a", "/people/scanned-me", "/waiting", "/people.csv"):
            with counted() as seen:
                assert ada.get(f"/e/mixer{path}").status_code == 200
            counts.setdefault(path, []).append(len(seen))
        if round_number == 1:
            with db.transaction():
                more = [make_attendee(cast.mixer, name, shared=["email"]) for name in ("Zoë Ålund", "Нина Иванова")]
            tokens = {b.attendee_id: b.token for b in _badges()}
            swap(ada, *(tokens[person.id] for person in more))
    assert all(few == many for few, many in counts.values()), counts
    # Browser, event and attendee of every page, three; the begin on SQLite, one; the rest is the page's own.
    assert max(many for _few, many in counts.values()) <= 8, counts


def _badges() -> list[Any]:
    with db.reading():
        return list(db.session.scalars(select(Badge)))


def test_people_page_leads_to_the_summary_once_the_event_is_over(ada: Client, cast: Cast) -> None:
    shown = []
    for moment in (cast.mixer.ends_at - timedelta(seconds=1), cast.mixer.ends_at):
        with clock.stopped(moment):
            shown.append('href="/e/mixer/summary"' in ada.get("/e/mixer/people").text)
    assert shown == [False, True]


def test_search_finds_names_in_any_case_and_my_words_but_no_hidden_address(ada: Client, cast: Cast) -> None:
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(shared=[]))
        notes.write(cast.mixer.id, cast.ada.id, cast.grace.id, notes.checked("über Überlandleitungen"))
    with db.reading():
        found = {q: [p.name for p in address_book.people(cast.mixer.id, cast.ada.id, query=q).people]
                 for q in ("HOPPER navy", "uberland", "grace@people", "people.example", "%", "nobody")}
    assert found == {"HOPPER navy": ["Grace Hopper"], "uberland": ["Grace Hopper"], "grace@people": [],
                     "people.example": [], "%": [], "nobody": []}


def test_withdrawn_field_disappears_at_once_everywhere(ada: Client, cast: Cast) -> None:
    paths = [f"/e/mixer/people/{cast.grace.id}", f"/e/mixer/people/{cast.grace.id}/card.vcf", "/e/mixer/people.csv"]
    assert [("grace@people.example" in ada.get(p).text) for p in paths] == [True] * 3
    with db.transaction():
        db.session.execute(update(Card).where(Card.attendee_id == cast.grace.id).values(shared=["phone"]))
    assert [("grace@people.example" in ada.get(p).text) for p in paths] == [False] * 3


def test_person_not_met_and_foreign_person_are_the_same_nothing(ada: Client, cast: Cast) -> None:
    answers = [ada.get(f"/e/mixer/people/{n}{path}") for n in (cast.bob.id, cast.mallory.id, 999999)
               for path in ("", "/card.vcf", "/swapped")]
    answers += [ada.submit(f"/e/mixer/people/{n}/{act}") for n in (cast.bob.id, cast.mallory.id, 999999)
                for act in ("note", "star", "undo")]
    assert {(a.status_code, a.text) for a in answers} == {(404, answers[0].text)}


def test_note_is_kept_and_a_too_long_one_comes_back_with_everything_typed(ada: Client, cast: Cast) -> None:
    path = f"/e/mixer/people/{cast.grace.id}"
    good = ada.submit(f"{path}/note", {"note": "COBOL\r\n<b>nano</b>\x07", "promise": "send  the paper",
                                       "tags": "#Navy, navy , compilers", "starred": "y"})
    assert (good.status_code, good.location) == (303, path)
    with db.reading():
        row = db.session.scalars(select(Contact)).one()
        assert (row.note, row.promise, row.tags, row.starred_at) == (
            "COBOL\n<b>nano</b>", "send the paper", ["Navy", "compilers"], clock.now())
    assert "&lt;b&gt;nano&lt;/b&gt;" in ada.get(path).text
    bad = ada.submit(f"{path}/note", {"note": "x" * 4001, "promise": "kept in the form"})
    assert (bad.status_code, "x" * 4001 in bad.text, "kept in the form" in bad.text,
            "this one has 4001" in bad.text) == (422, True, True, True)
    with db.reading():
        assert db.session.scalars(select(Contact.note)).one() == "COBOL\n<b>nano</b>"


def test_notes_are_private(ada: Client, cast: Cast, app: Flask) -> None:
    ada.submit(f"/e/mixer/people/{cast.grace.id}/note", {"note": "a secret of mine"})
    grace = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    pages = [grace.get(f"/e/mixer{p}").text for p in (
        "/people", f"/people/{cast.ada.id}", "/people/scanned-me", "/people.csv?notes=1", "/people.vcf?notes=1")]
    assert ["a secret of mine" in page for page in pages] == [False] * 5


def test_scanner_sheet_gets_fragments(ada: Client, cast: Cast) -> None:
    path, fragment = f"/e/mixer/people/{cast.grace.id}", {"X-Fragment": "1"}
    sheet = ada.get(f"{path}/swapped").text
    assert ("<html" in sheet, "Grace Hopper got your name" in sheet, f'action="{path}/note"' in sheet) == (
        False, True, True)
    noted = ada.post(f"{path}/note", data={"csrf_token": ada.csrf(), "note": "x"}, headers=fragment,
                     follow_redirects=True)
    undone = ada.post(f"{path}/undo", data={"csrf_token": ada.csrf()}, headers=fragment)
    assert ("<html" in noted.text, "What you wrote about them" in noted.text) == (False, True)
    assert (undone.status_code, undone.text.startswith("<p")) == (200, True)


def test_undo_leaves_my_name_with_their_words_and_takes_mine(ada: Client, cast: Cast, app: Flask) -> None:
    grace = app.test_client().become(cast.grace)  # type: ignore[attr-defined]
    grace.submit(f"/e/mixer/people/{cast.ada.id}/note", {"note": "mentor for my students"})
    ada.submit(f"/e/mixer/people/{cast.grace.id}/note", {"note": "typed by mistake"})
    gone = ada.submit(f"/e/mixer/people/{cast.grace.id}/undo")
    assert (gone.status_code, gone.location) == (303, "/e/mixer/people")
    assert ada.get(f"/e/mixer/people/{cast.grace.id}").status_code == 404
    theirs = grace.get(f"/e/mixer/people/{cast.ada.id}").text
    assert ("mentor for my students" in theirs, "ada@people.example" in theirs, "Analyst" in theirs) == (
        True, False, False)


def test_redirect_after_a_note_stays_on_this_host(ada: Client, cast: Cast) -> None:
    path = f"/e/mixer/people/{cast.grace.id}"
    answers = [ada.submit(f"{path}/note", {"next": where}).location for where in (
        f"/B/{cast.token(cast.grace)}", "//evil.example", "https://evil.example/")]
    assert answers == [f"/B/{cast.token(cast.grace)}", path, path]


def test_waiting_people_are_answered_from_their_page(client: Client, cast: Cast, app: Flask) -> None:
    swap(client.become(cast.ada), cast.token(cast.bob))
    bob = app.test_client().become(cast.bob)  # type: ignore[attr-defined]
    assert "One person waits for you" in bob.get("/e/mixer/waiting").text
    first = bob.submit("/e/mixer/waiting", {"person_id": cast.ada.id, "answer": "yes"})
    assert first.location == "/e/mixer/card"
    with db.transaction():
        db.session.add(Card(attendee_id=cast.bob.id, event_id=cast.mixer.id, shared=["phone"], wording="2026-11",
                            agreed_at=clock.now(), changed_at=clock.now()))
    assert bob.submit("/e/mixer/waiting", {"answer": "yes-all"}).location == "/e/mixer/waiting"
    assert "Nobody waits for you" in bob.get("/e/mixer/waiting").text
    with db.reading():
        assert db.session.scalars(select(Grant.fields).where(Grant.giver_id == cast.bob.id)).one()[-1] == "phone"


def test_all_cards_are_one_file_that_vobject_reads_back(ada: Client, cast: Cast) -> None:
    swap(ada, cast.token(cast.bob))
    ada.submit(f"/e/mixer/people/{cast.grace.id}/note", {"note": "private; words"})
    answer = ada.get("/e/mixer/people.vcf")
    cards = {card.fn.value: card for card in vobject.readComponents(answer.data.decode())}
    assert (answer.headers["Content-Type"], answer.headers["Content-Disposition"]) == (
        "text/vcard; charset=utf-8",
        "attachment; filename=\"spring-mixer.vcf\"; filename*=UTF-8''Spring%20mixer.vcf")
    assert set(cards) == {"Grace Hopper", "Bob Kahn"}
    assert cards["Grace Hopper"].note.value == "Met at Spring mixer on 15 October 2026, 19:30."
    assert "private; words" in ada.get("/e/mixer/people.vcf?notes=1").text.replace("\\", "")
    assert not hasattr(cards["Bob Kahn"], "tel")


def test_csv_has_one_row_a_person_and_notes_only_if_ticked(ada: Client, cast: Cast) -> None:
    ada.submit(f"/e/mixer/people/{cast.grace.id}/note", {"note": "=cmd()", "promise": "send CV"})
    plain, full = (ada.get(f"/e/mixer/people.csv{q}").data for q in ("", "?notes=1"))
    assert plain.startswith(b"\xef\xbb\xbf")
    rows = [list(csv.reader(io.StringIO(data.decode("utf-8-sig")))) for data in (plain, full)]
    assert rows[0][1] == ["Grace Hopper", "Rear Admiral", "Navy", "grace@people.example", "", "", "",
                          "2026-10-15 19:30", "2026-10-15 19:30", "1"]
    assert rows[1][1][10:] == ["'=cmd()", "send CV", "", ""]


def test_answer_to_a_number_that_is_nobodys_gives_nothing_to_anybody(
        client: Client, cast: Cast, app: Flask) -> None:
    swap(client.become(cast.ada), cast.token(cast.bob))
    with db.transaction():
        db.session.add(Card(attendee_id=cast.bob.id, event_id=cast.mixer.id, shared=["phone"], wording="2026-11",
                            agreed_at=clock.now(), changed_at=clock.now()))
    bob = app.test_client().become(cast.bob)  # type: ignore[attr-defined]
    for person_id in ("", "x", "-1", str(2**63), "1 2"):
        assert bob.submit("/e/mixer/waiting", {"person_id": person_id, "answer": "yes"}).status_code == 404
    assert "One person waits for you" in bob.get("/e/mixer/waiting").text
