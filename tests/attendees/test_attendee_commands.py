"""eventnet attendees import and export, as a program calls them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from sqlalchemy import func, select

from eventnet import config, db
from eventnet.attendees.commands import group
from eventnet.attendees.models import Attendee
from tests.factories import Cast

CSV = "Name,Email,Status\nAna Reyes,ana@people.example,Attending\nSam Cruz,sam@people.example,Refunded\n,x@y.example,\n"


@pytest.fixture
def call(settings: config.Settings, cast: Cast) -> Any:
    def run(*arguments: str) -> Result:
        result = CliRunner().invoke(group, [*map(str, arguments)], obj=settings)
        db.connect(settings.database_url)
        return result

    return run


def rows_in(cast: Cast) -> int:
    with db.reading():
        return db.session.scalar(select(func.count()).where(Attendee.event_id == cast.mixer.id)) or 0


def test_import_says_each_row_as_json(call: Any, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(CSV, "utf-8")
    result = call("import", file, "--event", "mixer", "--json")
    assert (result.exit_code, json.loads(result.stdout)) == (0, {
        "new": 1, "changed": 0, "same": 0, "skipped": 1, "refused": 1, "rows": [
            {"row": 2, "outcome": "new", "reason": ""},
            {"row": 3, "outcome": "skipped", "reason": "status is “Refunded”"},
            {"row": 4, "outcome": "refused", "reason": "Row 4, Name: there is no name. Fill it in and import again."}]})
    assert rows_in(cast) == 4
    again = json.loads(call("import", file, "--event", "mixer", "--json").stdout)
    assert (again["new"], again["same"], rows_in(cast)) == (0, 1, 4)


def test_import_in_sentences_and_dry(call: Any, cast: Cast, tmp_path: Path) -> None:
    file = tmp_path / "list.csv"
    file.write_text(CSV, "utf-8")
    result = call("import", file, "--event", "mixer", "--dry-run")
    assert (result.exit_code, result.stdout) == (0, (
        "Would import list.csv (a list of its own kind): 1 new, 0 changed, 0 as before, 1 skipped, 1 refused.\n"
        "  row 3: skipped, status is “Refunded”\n"
        "  row 4: refused, Row 4, Name: there is no name. Fill it in and import again.\n"))
    assert rows_in(cast) == 3


@pytest.mark.parametrize(("data", "event", "sentence"), [
    (b"", "mixer", "That file is empty. Export the attendee list again and choose that file."),
    (b"%PDF-1.4", "mixer", "That is a PDF. Export the attendee list as CSV and upload that file."),
    (b"Name,Email\n", "mixer", "That file has headings and no people below them. Export the list again with its rows."),
    (CSV.encode(), "nowhere", "There is no event called nowhere."),
])
def test_import_refuses_with_a_sentence_and_exit_code_1(
        call: Any, cast: Cast, tmp_path: Path, data: bytes, event: str, sentence: str) -> None:
    file = tmp_path / "list.csv"
    file.write_bytes(data)
    plain = call("import", file, "--event", event)
    assert (plain.exit_code, plain.stdout, plain.stderr) == (1, "", sentence + "\n")
    machine = call("import", file, "--event", event, "--json")
    assert (machine.exit_code, json.loads(machine.stdout)["error"]) == (1, sentence)
    assert rows_in(cast) == 3


def test_import_used_wrongly_is_exit_code_2(call: Any, tmp_path: Path) -> None:
    assert call("import", tmp_path / "absent.csv", "--event", "mixer").exit_code == 2
    assert call("import", tmp_path, "--source", "nonsense").exit_code == 2


def test_export_is_read_back_unchanged(call: Any, cast: Cast, tmp_path: Path) -> None:
    out = tmp_path / "out.csv"
    result = call("export", "--event", "mixer", "--out", out)
    assert (result.exit_code, result.stderr) == (0, f"3 attendees are in {out}.\n")
    back = json.loads(call("import", out, "--event", "mixer", "--json").stdout)
    assert (back["new"], back["changed"], back["same"]) == (0, 0, 3)


def test_export_to_a_place_that_cannot_be_written_is_refused(call: Any, cast: Cast, tmp_path: Path) -> None:
    out = tmp_path / "absent" / "out.csv"
    result = call("export", "--event", "mixer", "--out", out)
    assert (result.exit_code, result.stdout, result.stderr) == (
        1, "", f"{out} cannot be written: No such file or directory.\n")


def test_every_known_export_imports_from_the_command_line(call: Any, cast: Cast, outside_data: Path) -> None:
    folder = outside_data / "attendee-exports-dev"
    with (folder / "EXPECTED.tsv").open(encoding="utf-8") as lines:
        expected = {line.split("\t")[0]: line.split("\t")[2] for line in list(lines)[1:]}
    for name, people in expected.items():
        result = call("import", folder / name, "--event", "mixer", "--dry-run", "--json")
        told = json.loads(result.stdout)
        assert (name, result.exit_code, len(told["rows"])) == (name, 0 if people != "0" else 1, int(people or 3))
