"""Files as rows: every encoding and separator a spreadsheet writes, and a sentence for what is no table."""

from __future__ import annotations

import pytest

from eventnet.attendees import tables
from eventnet.errors import Refusal

PLAIN = "Name,E-mail\nJürgen Groß,jg@people.example\n"


def cells(data: bytes) -> list[list[str]]:
    return [row.cells for row in tables.read(data).rows]


@pytest.mark.parametrize(("encoding", "name"), [
    ("utf-8", "utf-8"), ("utf-8-sig", "utf-8"), ("utf-16", "utf-16-le"), ("utf-16-le", "utf-16-le"),
    ("utf-16-be", "utf-16-be"), ("cp1252", "cp1252"),
])
def test_read_knows_the_encoding(encoding: str, name: str) -> None:
    sheet = tables.read(PLAIN.encode(encoding))
    assert sheet.encoding == name
    assert sheet.rows[1].cells == ["Jürgen Groß", "jg@people.example"]


@pytest.mark.parametrize(("text", "encoding"), [
    ("Imię,Miasto\nŁukasz Żółć,Łódź\nPaweł,Gdańsk", "cp1250"), ("Имя,Город\nИван Петров,Москва\nАнна,Тверь", "cp1251"),
    ("名前,会社\n山田太郎,株式会社\n鈴木花子,東京", "shift_jis"), ("姓名,公司\n王小明,北京大学\n李华,清华", "gb18030"),
])
def test_read_knows_old_code_pages(text: str, encoding: str) -> None:
    assert cells(text.encode(encoding)) == [line.split(",") for line in text.split("\n")]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_read_knows_separator_and_line_ends(separator: str, end: str) -> None:
    text = end.join([f"Name{separator}Company", f"Ada{separator}\"A{separator}B\"", f"Grace{separator}Navy"])
    assert cells(text.encode()) == [["Name", "Company"], ["Ada", f"A{separator}B"], ["Grace", "Navy"]]


def test_read_follows_excels_hint_and_does_not_count_it() -> None:
    sheet = tables.read(b"sep=;\r\nName;Motto\r\nAda;a,b,c\r\n")
    assert [(row.number, row.cells) for row in sheet.rows] == [(1, ["Name", "Motto"]), (2, ["Ada", "a,b,c"])]


def test_read_counts_rows_as_a_spreadsheet_does() -> None:
    sheet = tables.read(b'Name,Address\nIda,"Storgatan 1\n114 55 Stockholm"\n,\n\nJalle,Kungsgatan\n')
    assert [row.number for row in sheet.rows] == [1, 2, 5]


def test_read_keeps_quotation_marks_inside_names() -> None:
    assert cells(b'Name,Email\n"Grace ""Amazing"" Hopper",g@x.example\nWilliam "Bill" Gates,w@x.example\n')[1:] == [
        ['Grace "Amazing" Hopper', "g@x.example"], ['William "Bill" Gates', "w@x.example"]]


@pytest.mark.parametrize(("data", "status", "sentence"), [
    (b"", 422, "That file is empty. Export the attendee list again and choose that file."),
    (b"\xef\xbb\xbf \r\n ,,\n", 422, "That file is empty. Export the attendee list again and choose that file."),
    (b"PK\x03\x04\x14\x00[Content_Types].xml", 415,
     "That is an Excel workbook. In Excel choose “Save as”, then “CSV UTF-8”, and upload that file."),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1xxxx", 415,
     "That is an Excel workbook. In Excel choose “Save as”, then “CSV UTF-8”, and upload that file."),
    (b"PK\x03\x04list.csv", 415, "That is a compressed archive. Unpack it and upload the CSV file inside."),
    (b"%PDF-1.7 ...", 415, "That is a PDF. Export the attendee list as CSV and upload that file."),
    (b"\x89PNG\r\n\x1a\n....", 415, "That is a picture. Export the attendee list as CSV and upload that file."),
    (b"\xff\xd8\xff\xe0JFIF", 415, "That is a picture. Export the attendee list as CSV and upload that file."),
    (b"\r\n<!DOCTYPE html><html>", 415,
     "That is a web page, not a table. You may have to sign in where you exported it; choose CSV there and upload "
     "that file."),
    (b'[{"name": "Ada"}]', 415, "That is JSON. Export the attendee list as CSV and upload that file."),
    (b"BEGIN:VCARD\r\nVERSION:3.0", 415,
     "That is an address or calendar file. Export the attendee list as CSV and upload that file."),
    (b"Name,E\x00mail\nAda,x\n", 415, "That is not a text file. Export the attendee list as CSV and choose that file."),
    (b'Name,Email\n"Ada,a@x.example\nGrace,g@x.example\n', 422,
     "A quotation mark in that file is opened and never closed, so its rows run into each other. "
     "Export it again as CSV UTF-8."),
    (b"Name" + b"," * 500 + b"\nAda\n", 413,
     "Row 1 has more than 500 columns. Leave out what you do not need."),
    (b"Name\n" + b"Ada\n" * 100_001, 413, "That file has more than 100,000 rows. Split it and import the parts."),
    (b"Name\n" + b"x" * 16 * 2**20, 413,
     "That file is larger than 16 MB. Leave out columns you do not need, or split it."),
    (b"Name\n" + b"x" * 30_000 + b"\n", 422,
     "Row 2 has a cell of more than 20,000 characters; a quotation mark may be missing there. "
     "Correct it and try again."),
    (b"\xff\xfeN\x00\x00\xd8", 422, "That file is damaged at byte 2. Export it again as CSV UTF-8."),
], ids=lambda value: None if isinstance(value, int) else str(value)[:30])
def test_read_refuses_what_is_no_table(data: bytes, status: int, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        tables.read(data)
    assert (refused.value.status, refused.value.sentence) == (status, sentence)
