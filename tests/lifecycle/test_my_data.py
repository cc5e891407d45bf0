"""All that is held about me: every table, every column explained, others only as far as they gave me their card."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
import sqlalchemy as sa
import vobject

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.audit.models import AuditEntry
from eventnet.contacts.models import Contact
from eventnet.events.models import Event
from eventnet.lifecycle import my_data, subjects
from eventnet.outbox.models import Mail
from tests.clients import Client
from tests.factories import Cast
from tests.lifecycle.canaries import fill


@pytest.fixture
def mine(database: db.Database, evening: Any) -> tuple[dict[str, Any], Attendee, Event]:
    """What the first of four people at a full event gets; there is a row in every table."""
    with db.transaction():
        event, crowd, _browsers = fill("Xantippe", people=4)
    with db.reading():
        me, event = db.session.get_one(Attendee, crowd[0].id), db.session.get_one(Event, event.id)
        return my_data.collect(event, me), me, event


def unpacked(content: bytes) -> dict[str, bytes]:
    with zipfile.ZipFile(io.BytesIO(content)) as packed:
        assert packed.testzip() is None
        return {name: packed.read(name) for name in packed.namelist()}


def test_every_table_with_a_row_of_mine_is_in_it(mine: tuple[dict[str, Any], Attendee, Event]) -> None:
    data, me, event = mine
    for name, held in subjects.HELD.items():
        table = subjects.table(name)
        with db.reading():
            count = db.session.scalar(sa.select(sa.func.count()).select_from(table).where(
                *subjects.rows_of(table, event.id, me.id, held.mine)))
        assert (name, len(data["tables"].get(name, {"rows": []})["rows"])) == (name, count)
    assert {name for name in subjects.HELD if name not in data["tables"]} == set()


def test_every_column_is_there_or_left_out_with_a_reason(mine: tuple[dict[str, Any], Attendee, Event]) -> None:
    data = mine[0]
    for name, part in data["tables"].items():
        held = subjects.HELD[name]
        shown = {column.removesuffix("_id") if column in held.people and column != "id" else column
                 for column in (one.name for one in subjects.table(name).columns)
                 if column not in ("id", "event_id", *held.without)}
        assert (name, set(part["rows"][0]) - {"edited_fields"}) == (name, shown)
        assert [column for column in held.without if column not in subjects.LEFT_OUT] == []
        assert part["meaning"]
    used = {column for part in data["tables"].values() for row in part["rows"] for column in row}
    assert data["columns"].keys() == used
    assert all(data["columns"].values())


def test_others_are_named_only_from_the_address_book(mine: tuple[dict[str, Any], Attendee, Event]) -> None:
    data, me, event = mine
    with db.reading():
        names = {row.id: row.badge_name for row in db.session.scalars(
            sa.select(Attendee).where(Attendee.event_id == event.id))}
    said = {row["person"] for row in data["tables"]["contacts"]["rows"]}
    assert said <= {*names.values(), "somebody"} - {names[me.id]}
    assert {row["owner"] for row in data["tables"]["contacts"]["rows"]} == {"you"}


def test_stranger_is_somebody(cast: Cast) -> None:
    """Bob scanned Ada and she has not said yes: she may know that, and not who."""
    from eventnet.encounters.models import Scan

    with db.transaction():
        db.session.add(Scan(event_id=cast.mixer.id, client_id="1", scanner_id=cast.bob.id, scanned_id=cast.ada.id,
                            way="page", offered=[], received_at=clock.now(), met_at=clock.now()))
        db.session.add(Contact(event_id=cast.mixer.id, owner_id=cast.bob.id, person_id=cast.ada.id,
                               note="Bob's private words", tags=[], changed_at=clock.now()))
    with db.reading():
        data = my_data.collect(db.session.get_one(Event, cast.mixer.id), db.session.get_one(Attendee, cast.ada.id))
    [row] = data["tables"]["scans"]["rows"]
    assert (row["scanner"], row["scanned"]) == ("somebody", "you")
    text = json.dumps(data)
    assert [word in text for word in ("Bob Kahn", "private words", "Ada Lovelace")] == [False, False, True]


def test_secrets_are_not_handed_out(mine: tuple[dict[str, Any], Attendee, Event]) -> None:
    data = mine[0]
    columns = {column for part in data["tables"].values() for row in part["rows"] for column in row}
    assert {column for column in columns if "hash" in column or column in ("proof", "content")} == set()


def test_download_is_a_zip_with_data_cards_and_table(cast: Cast, client: Client) -> None:
    with db.transaction():
        for kind in ("summary", "activation"):
            now = clock.now()
            db.session.add(Mail(
                id=kind, kind=kind, unique_key="1", event_id=cast.mixer.id, attendee_id=cast.ada.id, state="sent",
                to_address="ada@people.example", planned_at=now, run_after=now, settled_at=now, content=b"Subject: hi",
                digest="d", message_id="m"))
    client.become(cast.ada)
    client.send("/api/v1/encounters", {"sent_at": clock.now().isoformat(), "scans": [
        {"id": "00000000-0000-4000-8000-000000000001", "badge": cast.token(cast.grace),
         "scanned_at": clock.now().isoformat(), "elapsed_ms": 0, "note": "likes trains"}]})
    answer = client.submit("/e/mixer/my-data")
    assert (answer.mimetype, answer.headers["Content-Disposition"]) == (
        "application/zip", 'attachment; filename="my-data-mixer-2026-10-15.zip"')
    assert "no-store" in answer.headers["Cache-Control"]
    files = unpacked(answer.data)
    assert sorted(files) == ["README.txt", "mails/1-summary.eml", "my-card.vcf", "my-data.json", "people.csv",
                             "people.vcf"]
    assert vobject.readOne(files["my-card.vcf"].decode()).fn.value == "Ada Lovelace"
    people = list(vobject.readComponents(files["people.vcf"].decode()))
    assert [(card.fn.value, "likes trains" in card.note.value) for card in people] == [("Grace Hopper", True)]
    data = json.loads(files["my-data.json"])
    assert (data["schema"], data["event"]["kept_until"]) == ("eventnet.my-data/1", "2027-11-15")
    assert data["tables"]["attendees"]["rows"][0]["phone"] == "+44 20 7946 0958"
    assert b"Alumni Office, Cologne" in files["README.txt"]
    with db.reading():
        [entry] = db.session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "attendee.data_exported"))
        assert entry.actor == f"attendee:{cast.ada.id}"


def test_page_shows_what_the_list_says_and_how_much_of_what(cast: Cast, client: Client) -> None:
    page = client.become(cast.ada).get("/e/mixer/my-data").text
    assert [text in page for text in ("+44 20 7946 0958", "Analytical Engines",
                                      "On 15 November 2027 all of it is deleted",
                                      "browsers that are you, since when and how", "Grace")] == [
        True, True, True, True, False]


def test_opening_the_page_downloads_nothing(cast: Cast, client: Client) -> None:
    client.become(cast.ada).get("/e/mixer/my-data")
    with db.reading():
        assert db.session.scalars(sa.select(AuditEntry).where(AuditEntry.act == "attendee.data_exported")).all() == []
