"""An address book as CSV that spreadsheet programs open with the right letters and without running anything."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Sequence

BOM = "\ufeff"
_STARTS_A_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")


def spreadsheet(heading: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    """The rows as CSV (RFC 4180) with a byte order mark, which Excel needs to read UTF-8."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows([safe(cell) for cell in row] for row in rows)
    return BOM + out.getvalue()


def safe(cell: str) -> str:
    """A cell that is text everywhere: what would begin a formula gets an apostrophe in front (OWASP)."""
    text = cell.replace("\x00", "")
    if text.lstrip(" \u00a0").startswith(_STARTS_A_FORMULA) and not _is_phone(text):
        return "'" + text
    return text


def _is_phone(text: str) -> bool:
    """+49 221 5555: digits and spaces compute nothing, and an apostrophe would spoil the number for a phone."""
    return text.startswith("+") and text[1:].replace(" ", "").isdigit() and text.isascii()
