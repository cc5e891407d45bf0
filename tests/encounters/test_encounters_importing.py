"""Rows "t i j" become encounters once, whatever is wrong with some of them; only numbers leave again."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from xml.etree import ElementTree

import pytest
from click.testing import CliRunner, Result
from flask import Flask
from sqlalchemy import func, select, update

from eventnet import config, db
from eventnet.attendees.models import Attendee
from eventnet.encounters.commands import group
from eventnet.encounters.models import Encounter, Grant, Scan
from tests.factories import Cast, make_attendee, make_event

Run = Callable[..., Result]
LINES = """# seconds since midnight, who, whom
64800 k-ada k-grace
64860\tGRACE@people.example k-ada
65000,k-ada,bob@people.example

65000 k-ada nobody@people.example
65000 k-ada mallory@people.example
65000 k-ada k-ada
soon k-ada k-grace
65000 k-ada
99999999 k-ada k-grace
"""


@pytest.fixture
def keyed(cast: Cast, app: Flask) -> Cast:
    with db.transaction():
        for attendee in (cast.ada, cast.grace):
            key = f"k-{attendee.given_name.lower()}"
            db.session.execute(update(Attendee).where(Attendee.id == attendee.id).values(external_key=key))
    return cast


@pytest.fixture
def run(settings: config.Settings) -> Run:
    def act(*arguments: str) -> Result:
        found = CliRunner().invoke(group, list(arguments), obj=settings)
        db.connect(settings.database_url)
        return found

    return act


def test_import_records_rows_and_refuses_others_with_their_line(keyed: Cast, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text(LINES)
    done = json.loads(run("import", str(file), "--event", "mixer", "--json").stdout)
    assert (done["recorded"], done["repeated"], done["refused"], [line["line"] for line in done["lines"]]) == (
        3, 0, 6, [6, 7, 8, 9, 10, 11])
    at = datetime(2026, 10, 15, 16, 0, tzinfo=UTC)
    with db.reading():
        met = {(e.low_id, e.high_id): (e.first_at, e.last_at, e.times, e.low_scanned, e.high_scanned)
               for e in db.session.scalars(select(Encounter))}
    assert met == {
        (keyed.ada.id, keyed.grace.id): (at, at + timedelta(seconds=60), 2, True, True),
        (keyed.ada.id, keyed.bob.id): (at + timedelta(seconds=200), at + timedelta(seconds=200), 1, True, False)}


def test_import_twice_is_as_good_as_once(keyed: Cast, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.gz"
    file.write_bytes(gzip.compress(LINES.encode()))
    first, second = (run("import", str(file), "--event", "mixer").output for _ in range(2))
    assert "3 scans recorded, 0 known before, 6 lines refused." in first
    assert "0 scans recorded, 3 known before, 6 lines refused." in second
    assert "line 6: Nobody here has the key or address nobody@people.example." in first
    with db.reading():
        assert db.session.scalar(select(func.sum(Encounter.times))) == 3


def test_import_gives_only_what_both_ticked(keyed: Cast, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("64800 k-ada bob@people.example\n")
    run("import", str(file), "--event", "mixer")
    with db.reading():
        given = {g.giver_id: (g.fields[3:], g.asked_since is not None) for g in db.session.scalars(select(Grant))}
    assert given == {keyed.ada.id: (["email", "linkedin"], False), keyed.bob.id: ([], True)}


def test_import_of_a_damaged_file_says_where_and_keeps_whole_batches(keyed: Cast, run: Run, tmp_path: Path) -> None:
    file = tmp_path / "rows.gz"
    file.write_bytes(gzip.compress(LINES.encode() * 50)[:-30])
    found = run("import", str(file), "--event", "mixer")
    assert (found.exit_code, "cut or damaged" in found.output) == (1, True)


def test_import_into_an_unknown_event_is_refused(run: Run, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "rows.txt"
    file.write_text("1 a b\n")
    found = run("import", str(file), "--event", "nowhere")
    assert (found.exit_code, found.output) == (1, "There is no event called nowhere.\n")


def test_export_by_name_is_refused_and_small_cells_are_withheld(run: Run, cast: Cast, tmp_path: Path) -> None:
    with db.transaction():
        sponsors = [make_attendee(cast.mixer, f"Sponsor {n}", category="sponsor") for n in range(6)]
        guests = [make_attendee(cast.mixer, f"Guest {n}") for n in range(5)]
        at = cast.mixer.starts_at
        for low, high in [*((s, g) for s in sponsors[:5] for g in guests[:1]), *zip(sponsors, guests, strict=False),
                          (cast.ada, cast.grace)]:
            low_id, high_id = sorted((low.id, high.id))
            if db.session.query(Encounter).filter_by(low_id=low_id, high_id=high_id).first() is None:
                db.session.add(Encounter(event_id=cast.mixer.id, low_id=low_id, high_id=high_id, first_at=at,
                                         last_at=at, low_scanned=True))
    out = tmp_path / "out.csv"
    refused = run("export", "--event", "mixer", "--format", "csv", "--out", str(out))
    assert (refused.exit_code, "add --aggregate" in refused.output, out.exists()) == (1, True, False)
    run("export", "--event", "mixer", "--format", "csv", "--out", str(out), "--aggregate")
    assert out.read_text().splitlines() == [
        "measure,kind,number", "people,attendee,8", "people,sponsor,6", "pairs who met,attendee and attendee,",
        "pairs who met,attendee and sponsor,", "first meetings,2026-10-15T18:00+02:00,10"], "10 less 9 would be 1"
    run("export", "--event", "mixer", "--format", "graphml", "--out", str(out), "--aggregate")
    edges = ElementTree.parse(out).getroot().iter("{http://graphml.graphdrawing.org/xmlns}edge")
    assert [(e.get("source"), e.get("target"), e[0].text) for e in edges] == []


@pytest.mark.data
def test_two_days_of_a_real_conference_are_replayed(app: Flask, run: Run, outside_data: Path, tmp_path: Path) -> None:
    with gzip.open(outside_data / "contacts-sfhh09" / "SFHH_tij.dat.gz", "rt") as packed:
        rows = [tuple(map(int, line.split())) for line in packed][::100]
    starts = datetime(2009, 6, 4, 6, 0, tzinfo=UTC)
    with db.transaction():
        event = make_event("sfhh", zone="Europe/Paris", starts_at=starts, ends_at=datetime(2009, 6, 5, 20, tzinfo=UTC))
        for number in sorted({n for row in rows for n in row[1:]}):
            make_attendee(event, f"Person {number}", shared=["email"] if number % 2 else None, external_key=str(number),
                          email=f"p{number}@sfhh.example")
    file = tmp_path / "thin.txt"
    file.write_text("".join(f"{t} {i} {j}\n" for t, i, j in rows))
    done = [json.loads(run("import", str(file), "--event", "sfhh", "--json").stdout) for _ in range(2)]
    pairs = {tuple(sorted(row[1:])) for row in rows}
    assert [(one["recorded"], one["repeated"], one["refused"]) for one in done] == [
        (len(rows), 0, 0), (0, len(rows), 0)]
    with db.reading():
        assert db.session.query(Encounter).count() == len(pairs)
        assert db.session.query(Grant).count() == 2 * len(pairs)
        assert db.session.scalar(select(func.sum(Encounter.times))) == db.session.query(Scan).count() == len(rows)
        first = db.session.scalar(select(func.min(Scan.met_at, type_=Scan.met_at.type)))
        assert first == datetime(2009, 6, 3, 22, 0, tzinfo=UTC) + timedelta(seconds=min(row[0] for row in rows))
