"""The exported list: runs nothing in a spreadsheet, and an import reads it back unchanged."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from eventnet import db
from eventnet.attendees import exporting, folding, importing, mapping, roster, tables
from tests.factories import Cast

NASTY = ["=1+1", "+49 221 5555", "-2+3", "@SUM(A1)", "＝1", " =1", "\"=1", "'=1", "''=1", "'", "' =x", "\t=1",
         "\u00a0=cmd|x",
         "plain", "", "=", "'plain", "O'Brien", "-", "=HYPERLINK(\"https://evil.example\";\"click\")"]
KEPT = ("registered_name", "badge_name", "given_name", "family_name", "category", "title", "organization",
        "email", "phone",
        "linkedin", "website", "school", "programme", "class_year", "language", "external_key")


@pytest.mark.parametrize("cell", NASTY)
def test_no_cell_is_a_formula_and_each_comes_back(cell: str) -> None:
    kept = exporting.safe(cell)
    assert kept.lstrip(" \t\r\n\"\u00a0\u3000")[:1] not in {*"=+-@\t\r\n\x00＝＋－＠"}
    assert exporting.unsafe(kept) == cell


@settings(max_examples=200, deadline=None)
@given(st.text(alphabet="='\" +-@\tab\u00a0＝", max_size=8))
def test_safe_cells_always_come_back(cell: str) -> None:
    assert exporting.unsafe(exporting.safe(cell)) == cell


def test_foreign_cells_are_not_touched_by_reading() -> None:
    assert [exporting.unsafe(cell) for cell in ("'abc", "O'Neil", "", "'")] == ["'abc", "O'Neil", "", "'"]


@dataclass
class Row:
    """What the encoder needs of an attendee."""

    id: int
    registered_name: str
    organization: str
    phone: str
    external_key: str | None = None
    badge_name: str = "B"
    given_name: str = ""
    family_name: str = ""
    category: str = "attendee"
    title: str = ""
    email: str = ""
    linkedin: str = ""
    website: str = ""
    school: str = ""
    programme: str = ""
    class_year: str = ""
    language: str = ""
    not_taking_part_at: datetime | None = None
    checked_in_at: datetime | None = None


LINE = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=30).map(folding.clean)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(LINE.filter(folding.has_letters), LINE, LINE), min_size=1, max_size=4))
def test_export_then_parse_is_the_identity(people: list[tuple[str, str, str]]) -> None:
    rows = [Row(number, name, organization, phone) for number, (name, organization, phone) in enumerate(people, 1)]
    file = exporting.attendee_list(7, rows)
    assert file.startswith(b"\xef\xbb\xbf")
    parsed = mapping.parse(tables.read(file))
    assert parsed.source.name == "eventnet"
    assert [(p.values["registered_name"], p.values["organization"], p.values["phone"],
             p.key) for p in parsed.people] == [
        (row.registered_name, row.organization, row.phone, f"eventnet:7-{row.id}") for row in rows]


def test_export_holds_every_cell_as_text() -> None:
    file = exporting.attendee_list(7, [Row(1, "=cmd|'/C calc'!A0", "+Plus", "+49 1")])
    cells = next(iter(csv.DictReader(io.StringIO(file.decode("utf-8-sig")))))
    assert (cells["Registered name"], cells["Organization"], cells["Phone"], cells["External key"]) == (
        "'=cmd|'/C calc'!A0", "'+Plus", "'+49 1", "eventnet:7-1")


def exported(event_id: int) -> tuple[bytes, list[list[str]]]:
    with db.reading():
        people = roster.everybody(event_id)
        return exporting.attendee_list(event_id, people), [
            [str(getattr(person, name)) for name in KEPT] + [str(person.takes_part)] for person in people]


def fill(event_id: int) -> None:
    with db.transaction():
        roster.add(event_id, by="import", external_key="luma:1", registered_name="王 小明", badge_name="Ming",
                   phone="+49 1",
                   linkedin="https://www.linkedin.com/in/ming", website="https://ming.example", school="北京大学",
                   programme="CS", class_year="2012", language="zh", category="speaker", title="Dr")
        roster.add(event_id, by="desk", registered_name="Guest", organization="=SUM(A1:A9)")
        roster.add(event_id, by="desk", registered_name="Guest", organization="=SUM(A1:A9)", taking_part=False)
        roster.add(event_id, by="desk", registered_name="'Quoted' O'Brien", email="ob@people.example")
        roster.add(event_id, by="attendee", registered_name="Given Only", given_name="Only", family_name="")


def test_an_export_imported_again_changes_nothing(cast: Cast) -> None:
    fill(cast.mixer.id)
    file, before = exported(cast.mixer.id)
    with db.reading():
        plan = importing.preview(cast.mixer.id, mapping.parse(tables.read(file)).people)
    assert (plan.counts["same"], len(before)) == (8, 8)
    with db.transaction():
        importing.commit(cast.mixer.id, plan, "command line")
    after = exported(cast.mixer.id)[1]
    assert [row[:15] + row[16:] for row in after] == [row[:15] + row[16:] for row in before]


def test_an_export_imported_into_another_event_is_the_same_list(cast: Cast) -> None:
    fill(cast.mixer.id)
    file, before = exported(cast.mixer.id)
    with db.transaction():
        roster.remove(cast.elsewhere.id, cast.mallory.id)
    with db.reading():
        plan = importing.preview(cast.elsewhere.id, mapping.parse(tables.read(file)).people)
    with db.transaction():
        importing.commit(cast.elsewhere.id, plan, "command line")
    after = exported(cast.elsewhere.id)[1]
    assert [row[:15] + row[16:] for row in after] == [row[:15] + row[16:] for row in before]
