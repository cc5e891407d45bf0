"""CSV that a spreadsheet opens without running anything."""

from __future__ import annotations

import csv
import io

import pytest

from eventnet.contacts.spreadsheets import safe, spreadsheet


@pytest.mark.parametrize(("cell", "expected"), [
    ("=1+1", "'=1+1"), ("+cmd|' /C calc'!A0", "'+cmd|' /C calc'!A0"), ("-2", "'-2"), ("@SUM(A1)", "'@SUM(A1)"),
    ("\t=1", "'\t=1"), ("\r=1", "'\r=1"), (" =1", "' =1"), ("＝1", "'＝1"), ("+49 221 5555", "+49 221 5555"),
    ("Ada", "Ada"), ("", ""), ("a=b", "a=b"),
])
def test_cell_is_text(cell: str, expected: str) -> None:
    assert safe(cell) == expected


def test_spreadsheet_reads_back_with_line_ends_and_quotes() -> None:
    row = ["سميرة, \"the\" grid", "two\nlines"]
    text = spreadsheet(["Name", "Note"], [row])
    assert text.startswith("\ufeff")
    assert list(csv.reader(io.StringIO(text[1:], newline=""))) == [["Name", "Note"], row]
