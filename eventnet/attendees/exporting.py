"""The attendee list as CSV that spreadsheets open without running anything, and that an import reads back unchanged."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence
from typing import Any

COLUMNS: tuple[tuple[str, str], ...] = (
    ("External key", "external_key"), ("Registered name", "registered_name"), ("Badge name", "badge_name"),
    ("Given name", "given_name"), ("Family name", "family_name"), ("Category", "category"), ("Job title", "title"),
    ("Organization", "organization"), ("E-mail", "email"), ("Phone", "phone"), ("LinkedIn", "linkedin"),
    ("Website", "website"), ("School", "school"), ("Programme", "programme"), ("Class year", "class_year"),
    ("Language", "language"), ("Takes part", "takes_part"), ("Checked in at", "checked_in_at"),
)
BOM = "\ufeff"
# What a spreadsheet takes for a formula at the start of a cell, also behind spaces and quotes (CWE-1236).
_TRIGGERS = frozenset("=+-@\t\r\n\x00＝＋－＠")
_SKIPPED = " \"'\u00a0\u3000"


def _looks_like_formula(cell: str) -> bool:
    return cell.lstrip(_SKIPPED)[:1] in _TRIGGERS


def safe(cell: str) -> str:
    """A cell that no spreadsheet runs: an apostrophe stands before what looks like a formula."""
    return f"'{cell}" if _looks_like_formula(cell) else cell


def unsafe(cell: str) -> str:
    """The cell as it was before `safe`; every other cell as it is."""
    return cell[1:] if cell[:1] == "'" and _looks_like_formula(cell[1:]) else cell


def rows(event_id: int, attendees: Iterable[Any]) -> Iterable[list[str]]:
    """Cells of each attendee; whoever came without a key gets one that this installation finds again."""
    for attendee in attendees:
        yield [_cell(event_id, attendee, name) for _heading, name in COLUMNS]


def _cell(event_id: int, attendee: Any, name: str) -> str:
    if name == "external_key":
        return attendee.external_key or f"eventnet:{event_id}-{attendee.id}"
    if name == "takes_part":
        return "yes" if attendee.not_taking_part_at is None else "no"
    if name == "checked_in_at":
        return attendee.checked_in_at.isoformat(timespec="seconds") if attendee.checked_in_at else ""
    return str(getattr(attendee, name))


def encode(headings: Sequence[str], cells: Iterable[Sequence[str]]) -> bytes:
    """CSV as RFC 4180 with a byte order mark, so that Excel reads UTF-8, and no cell that is a formula."""
    out = io.StringIO()
    out.write(BOM)
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(headings)
    writer.writerows([safe(cell) for cell in row] for row in cells)
    return out.getvalue().encode("utf-8")


def attendee_list(event_id: int, attendees: Iterable[Any]) -> bytes:
    """The whole list as a file."""
    return encode([heading for heading, _name in COLUMNS], rows(event_id, attendees))
