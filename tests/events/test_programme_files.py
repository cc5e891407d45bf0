"""Programme files: what CSV and iCalendar say, and what is wrong with a row."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from eventnet.events.programme_files import MOST_BYTES, Row, UnreadableFile, parse

KEYNOTE = Row(
    2, "k1", "Opening", "Hall A", datetime(2026, 10, 15, 16, tzinfo=UTC), datetime(2026, 10, 15, 17, tzinfo=UTC))


@pytest.mark.parametrize("text", [
    "id,title,room,start,end\nk1,Opening,Hall A,2026-10-15 18:00,2026-10-15 19:00\n",
    "\ufeffID;Session title;Location;Start time;End time\nk1;Opening;Hall A;15.10.2026 18:00;15.10.2026 19:00\n",
    "code\ttitle\troom\tdate\tstart\tend\nk1\tOpening\tHall A\t2026-10-15\t6:00 PM\t7:00 pm\n",
    "uid,title,room,start,end\nk1, Opening ,Hall A,2026-10-15T16:00:00Z,2026-10-15T17:00:00+00:00\n",
    "id,title,room,start,end\r\nk1,Opening,Hall A,10/15/2026 18:00,19:00\r\n",
])
def test_csv_is_read_as_spreadsheets_write_it(text: str) -> None:
    assert parse("programme.csv", text.encode(), "Europe/Berlin") == [KEYNOTE]


def test_csv_end_after_midnight_is_the_next_day() -> None:
    [row] = parse("p.csv", b"title,date,start,end\nParty,2026-10-15,22:00,01:30\n", "Europe/Berlin")
    assert (row.starts_at, row.ends_at) == (
        datetime(2026, 10, 15, 20, tzinfo=UTC), datetime(2026, 10, 15, 23, 30, tzinfo=UTC))


def test_csv_rows_without_key_are_known_by_title_and_turn() -> None:
    rows = parse("p.csv", (
        b"title,start,end\nCoffee,2026-10-15 10:00,2026-10-15 10:30\nTalk,2026-10-15 11:00,2026-10-15 12:00\n"
        b"COFFEE,2026-10-15 15:00,2026-10-15 15:30\n"), "UTC")
    assert [row.key for row in rows] == ["title:coffee", "title:talk", "title:coffee#2"]


def test_csv_says_which_row_and_why() -> None:
    text = (
        "id,title,start,end\n"
        "a,,2026-10-15 10:00,2026-10-15 11:00\n"
        "\n"
        "b,Backwards,2026-10-15 12:00,2026-10-15 11:00\n"
        "c,When,soon,2026-10-15 11:00\n"
        "d,Which,10/12/2026 10:00,10/12/2026 11:00\n"
        "e,Skipped,2026-03-29 02:30,2026-03-29 04:00\n"
        "f,No end,2026-10-15 10:00,\n"
        "f,Twice,2026-10-15 10:00,2026-10-15 11:00\n")
    rows = parse("p.csv", text.encode(), "Europe/Berlin")
    assert [(row.row, row.problem) for row in rows] == [
        (2, "It has no title."),
        (4, "It ends before it starts."),
        (5, "'soon' is not a time. Write it as 2026-10-15 18:00."),
        (6, "'10/12/2026' may be day/month or month/day. Write it as 2026-10-15."),
        (7, "02:30 does not exist on 2026-03-29 in Europe/Berlin: the clocks go forward then. Write 03:30."),
        (8, "It has no end time."),
        (9, "Its key f is already used by row 8."),
    ]


CALENDAR = """BEGIN:VCALENDAR
VERSION:2.0
PRODID:-//pretalx//EN
BEGIN:VEVENT
UID:k1
SUMMARY:Opening
LOCATION:Hall A
DTSTART:20261015T160000Z
DTEND:20261015T170000Z
END:VEVENT
BEGIN:VEVENT
UID:k2
SUMMARY:Panel\\, with questions
DTSTART;TZID=Europe/Berlin:20261015T190000
DURATION:PT45M
END:VEVENT
BEGIN:VEVENT
UID:k3
SUMMARY:All day
DTSTART;VALUE=DATE:20261015
END:VEVENT
END:VCALENDAR
"""


def test_calendar_is_read() -> None:
    rows = parse("programme.ics", CALENDAR.replace("\n", "\r\n").encode(), "Europe/Berlin")
    assert rows == [
        Row(1, "k1", "Opening", "Hall A", KEYNOTE.starts_at, KEYNOTE.ends_at),
        Row(2, "k2", "Panel, with questions", "", datetime(2026, 10, 15, 17, tzinfo=UTC),
            datetime(2026, 10, 15, 17, 45, tzinfo=UTC)),
        Row(3, "k3", "All day", problem="It lasts whole days; an item of the programme needs a start and an end time."),
    ]


@pytest.mark.parametrize(("data", "sentence"), [
    (b"", "That file is empty. Choose the programme as .csv or .ics."),
    (b" \n\n", "That file is empty. Choose the programme as .csv or .ics."),
    (b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR", "p.csv is neither CSV nor iCalendar. Save the programme as .csv or .ics."),
    (b"PK\x03\x04\x14\x00\x06\x00", "p.csv is neither CSV nor iCalendar. Save the programme as .csv or .ics."),
    (b"title,room\nA,B\n",
     "The first row must name the columns; start is missing. Write: title, room, start, end."),
    (b"title,start,end\n", "There is no programme item in that file. Check that you chose the right one."),
    (b"BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n",
     "There is no programme item in that file. Check that you chose the right one."),
    (b"title,start,end\n" + b"x" * 200_000 + b",2026-10-15 10:00,2026-10-15 11:00\n",
     "A cell of that file is far too long, or a quotation mark is missing. Save it as CSV UTF-8 and try again."),
    (b"x" * (MOST_BYTES + 1), "That file is larger than 2 MB. A programme should fit: remove pictures and notes."),
    (b"title,start,end\n" + b"A,2026-10-15 10:00,2026-10-15 11:00\n" * 2001,
     "That file has more than 2,000 items. Split it in two."),
])
def test_unreadable_file_is_told_why(data: bytes, sentence: str) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse("p.csv", data, "Europe/Berlin")
    assert str(refused.value) == sentence


@pytest.mark.parametrize("data", [
    b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nSUMMARY:x\r\n", b"BEGIN:VCALENDAR\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n",
    b"BEGIN:VCALENDAR\r\nno colon here\r\nEND:VCALENDAR\r\n",
])
def test_damaged_calendar_is_refused_with_a_sentence(data: bytes) -> None:
    with pytest.raises(UnreadableFile) as refused:
        parse("p.ics", data, "Europe/Berlin")
    assert str(refused.value).endswith(("Export it again.", "Check that you chose the right one."))


def test_item_with_a_damaged_recurrence_is_a_problem_of_its_row() -> None:
    [row] = parse("p.ics", b"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nRECURRENCE-ID:x\r\nSUMMARY:Talk\r\n"
                  b"DTSTART:20261015T170000Z\r\nDTEND:20261015T180000Z\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "UTC")
    assert (row.title, bool(row.problem)) == ("Talk", True)


def test_old_mac_line_ends_and_control_characters_are_read() -> None:
    [row] = parse("p.csv", b"title,start,end\rTal\x07k,2026-10-15 17:00,2026-10-15 18:00\r", "UTC")
    assert (row.title, row.problem) == ("Talk", "")
    times = b",2026-10-15 17:00,2026-10-15 18:00\n"
    late = b"title,start,end\n" + (b"A" + times) * 200 + b"B\x00C" + times
    assert parse("p.csv", late, "UTC")[-1].title == "BC"
