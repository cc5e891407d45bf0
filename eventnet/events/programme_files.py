"""Reads a programme from CSV or iCalendar: bytes in, rows with times or with a sentence out."""

from __future__ import annotations

import csv
import io
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from charset_normalizer import from_bytes
from icalendar import Calendar, Component

from eventnet.events import times
from eventnet.events.cells import read_span
from eventnet.words import gettext as _

MOST_BYTES, MOST_ROWS = 2 * 2**20, 2000
LONGEST_CELL = 100_000
LONGEST_TITLE, LONGEST_ROOM, LONGEST_ITEM = 300, 200, timedelta(days=7)
HEADINGS = {
    "title": ("title", "session", "session title", "talk", "name", "summary", "subject", "titel", "proposal title"),
    "room": ("room", "location", "place", "hall", "stage", "raum", "ort"),
    "start": ("start", "starts", "start time", "start date", "begin", "begins", "from", "starts at", "dtstart",
              "beginn"),
    "end": ("end", "ends", "end time", "end date", "until", "to", "ends at", "dtend", "ende"),
    "date": ("date", "day", "datum", "tag"),
    "key": ("key", "id", "code", "uid", "session id", "external key"),
}


class UnreadableFile(ValueError):
    """Nothing in the file could be read; the message is a sentence."""


@dataclass(frozen=True)
class Row:
    """One programme item of the file. `row` is its line (CSV, the heading is 1) or its number (iCalendar).

    With a `problem` (a sentence) the other fields say only what could be read.
    """

    row: int
    key: str
    title: str
    room: str = ""
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    problem: str = ""


def parse(name: str, data: bytes, zone: str) -> list[Row]:
    """The rows of a .csv or .ics file; raises UnreadableFile with a sentence when there is nothing to read.

    Local times are those of `zone`. A row without a key of its own is known by its title (and, of several
    with one title, by their order), so that a later upload changes its time instead of adding it again.
    """
    if len(data) > MOST_BYTES:
        raise UnreadableFile(_("That file is larger than 2 MB. A programme should fit: remove pictures and notes."))
    if not data.strip():
        raise UnreadableFile(_("That file is empty. Choose the programme as .csv or .ics."))
    if b"BEGIN:VCALENDAR" in data[:2000].upper():
        rows = list(_calendar_rows(data, zone))
    elif b"\x00" in data[:4000] and not data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise UnreadableFile(_("%(name)s is neither CSV nor iCalendar. Save the programme as .csv or .ics.", name=name))
    else:
        rows = list(_csv_rows(data, zone))
    if not rows:
        raise UnreadableFile(_("There is no programme item in that file. Check that you chose the right one."))
    if len(rows) > MOST_ROWS:
        raise UnreadableFile(_("That file has more than 2,000 items. Split it in two."))
    return _with_unique_keys(rows)


def _csv_rows(data: bytes, zone: str) -> Iterator[Row]:
    text = _text(data)
    try:
        lines = list(csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text)))
        # The reader's own limit is one for the whole process, and the attendee import widens it.
        if any(len(cell) > LONGEST_CELL for line in lines for cell in line):
            raise csv.Error("a cell is too long")
    except csv.Error as error:
        raise UnreadableFile(_("A cell of that file is far too long, or a quotation mark is missing. Save it as CSV "
                               "UTF-8 and try again.")) from error
    first = next((i for i, line in enumerate(lines) if any(cell.strip() for cell in line)), 0)
    columns = _columns(lines[first])
    missing = [heading for heading in ("title", "start", "end") if heading not in columns]
    if missing:
        raise UnreadableFile(_(
            "The first row must name the columns; %(missing)s is missing. Write: title, room, start, end.",
            missing=missing[0]))
    for number, line in enumerate(lines[first + 1:], start=first + 2):
        cells = {heading: _plain(line[at]) if at < len(line) else "" for heading, at in columns.items()}
        if any(cells.values()):
            yield _csv_row(number, cells, zone)


def _csv_row(number: int, cells: dict[str, str], zone: str) -> Row:
    title, room, key = cells["title"], cells.get("room", ""), cells.get("key", "")
    try:
        starts_at, ends_at = read_span(cells["start"], cells["end"], cells.get("date", ""), zone)
    except ValueError as error:
        return Row(number, key, title, room, problem=str(error))
    return _checked(Row(number, key, title, room, starts_at, ends_at))


def _calendar_rows(data: bytes, zone: str) -> Iterator[Row]:
    try:
        calendar = Calendar.from_ical(data)
    except (ValueError, KeyError, IndexError) as error:
        why = str(error)[:120]
        raise UnreadableFile(_("That calendar file is damaged: %(why)s. Export it again.", why=why)) from error
    for number, item in enumerate(calendar.walk("VEVENT"), start=1):
        yield _calendar_row(number, item, zone)


def _calendar_row(number: int, item: Component, zone: str) -> Row:
    title, room = _plain(item.get("SUMMARY")), _plain(item.get("LOCATION"))
    key = _plain(item.get("UID"))
    try:
        if item.get("RECURRENCE-ID") is not None:
            key = f"{key}/{_decoded(item, 'RECURRENCE-ID')}"
        starts_at = _moment(_decoded(item, "DTSTART"), zone, _("It has no start time."))
        if item.get("DTEND") is None and item.get("DURATION") is not None:
            ends_at = starts_at + _decoded(item, "DURATION")
        else:
            ends_at = _moment(_decoded(item, "DTEND"), zone, _("It has no end time."))
    except (ValueError, TypeError, OverflowError) as error:
        return Row(number, key, title, room, problem=str(error))
    if item.get("RRULE") is not None:
        return Row(number, key, title, room, problem=_("It repeats by a rule. List each time as an item of its own."))
    return _checked(Row(number, key, title, room, starts_at, ends_at))


def _decoded(item: Component, name: str) -> Any:
    value = item.get(name)
    return getattr(value, "dt", None)


def _moment(value: object, zone: str, missing: str) -> datetime:
    if value is None:
        raise ValueError(missing)
    if not isinstance(value, datetime):
        raise ValueError(_("It lasts whole days; an item of the programme needs a start and an end time."))
    return times.resolve(value, zone).at


def _checked(row: Row) -> Row:
    assert row.starts_at is not None
    assert row.ends_at is not None
    problem = ""
    if not row.title:
        problem = _("It has no title.")
    elif len(row.title) > LONGEST_TITLE:
        problem = _("Its title is longer than 300 characters.")
    elif len(row.room) > LONGEST_ROOM:
        problem = _("Its room is longer than 200 characters.")
    elif len(row.key) > LONGEST_TITLE:
        problem = _("Its key is longer than 300 characters.")
    elif row.ends_at <= row.starts_at:
        problem = _("It ends before it starts.")
    elif row.ends_at - row.starts_at > LONGEST_ITEM:
        problem = _("It lasts more than 7 days.")
    return Row(row.row, row.key, row.title, row.room, row.starts_at, row.ends_at, problem)


def _with_unique_keys(rows: list[Row]) -> list[Row]:
    seen: dict[str, int] = {}
    named = []
    for row in rows:
        key, problem = row.key, row.problem
        if not key:
            base = "title:" + unicodedata.normalize("NFKC", row.title).casefold()
            turn = seen[base] = seen.get(base, 0) + 1
            key = base if turn == 1 else f"{base}#{turn}"
        elif key in seen:
            problem = problem or _("Its key %(key)s is already used by row %(row)s.", key=key, row=seen[key])
        else:
            seen[key] = row.row
        named.append(Row(row.row, key, row.title, row.room, row.starts_at, row.ends_at, problem))
    return named


def _text(data: bytes) -> str:
    for encoding in ("utf-8-sig", "utf-16") if data.startswith((b"\xff\xfe", b"\xfe\xff")) else ("utf-8-sig",):
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    best = from_bytes(data).best()
    if best is None:
        raise UnreadableFile(_("We cannot tell how that file is written. Save it as CSV UTF-8 and try again."))
    return str(best)


def _delimiter(text: str) -> str:
    line = next((line for line in text.splitlines() if line.strip()), "")
    return max((";", "\t", ","), key=line.count)


def _columns(headings: list[str]) -> dict[str, int]:
    found: dict[str, int] = {}
    for at, heading in enumerate(headings):
        name = " ".join(heading.strip().casefold().replace("_", " ").split())
        for meaning, names in HEADINGS.items():
            if name in names and meaning not in found:
                found[meaning] = at
    return found


def _plain(value: object) -> str:
    """A cell or property as one line, without control characters, which no database or page wants."""
    text = " ".join(str(value).split()) if value is not None else ""
    return "".join(c for c in text if unicodedata.category(c) not in ("Cc", "Cs"))
