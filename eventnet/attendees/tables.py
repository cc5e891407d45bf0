"""An uploaded file as rows of text: encoding, separator, quotes; refuses what is no table with a sentence."""

from __future__ import annotations

import codecs
import csv
import io
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass

from charset_normalizer import from_bytes

from eventnet.errors import Refusal
from eventnet.words import gettext as _

MAX_BYTES = 16 * 2**20
MAX_ROWS = 100_000
MAX_COLUMNS = 500
MAX_CELL = 20_000
SEPARATORS = (",", ";", "\t", "|")
_HINT = re.compile(r'"?sep=(.)"?\s*', re.IGNORECASE)
_CODE_PAGES = ["cp1250", "cp1251", "cp1252", "cp1253", "cp1254", "cp1255", "cp1256", "koi8_r", "shift_jis", "euc_jp",
               "gb18030", "big5", "euc_kr"]


@dataclass(frozen=True)
class Row:
    """One row as a spreadsheet counts it, the first being 1."""

    number: int
    cells: list[str]


@dataclass(frozen=True)
class Sheet:
    """All rows that hold anything, and how they were read."""

    rows: Sequence[Row]
    encoding: str
    separator: str


def read(data: bytes) -> Sheet:
    """The table in `data`. Raises Refusal: 413 too large, 415 another kind of file, 422 empty or unreadable."""
    if len(data) > MAX_BYTES:
        raise _refusal(_("That file is larger than 16 MB. Leave out columns you do not need, or split it."), 413)
    if not data.strip(b"\x00\xef\xbb\xbf\xff\xfe \t\r\n,;|\"'"):
        raise _refusal(_("That file is empty. Export the attendee list again and choose that file."), 422)
    _refuse_other_kinds(data)
    text, encoding = _decoded(data)
    if "\x00" in text:
        raise _refusal(_("That is not a text file. Export the attendee list as CSV and choose that file."), 415)
    text, separator = _without_hint(text)
    if separator is None:
        separator = _guess_separator(text)
    rows = _rows(text, separator)
    if not rows:
        raise _refusal(_("That file is empty. Export the attendee list again and choose that file."), 422)
    return Sheet(rows, encoding, separator)


def _refusal(sentence: str, status: int) -> Refusal:
    return Refusal(sentence, status=status, reason="file", field="file")


def _refuse_other_kinds(data: bytes) -> None:
    start = data[:512].lstrip(b"\xef\xbb\xbf \t\r\n")
    workbook = _("That is an Excel workbook. In Excel choose “Save as”, then “CSV UTF-8”, and upload that file.")
    kinds: list[tuple[tuple[bytes, ...], str]] = [
        ((b"\xd0\xcf\x11\xe0",), workbook),
        ((b"%PDF",), _("That is a PDF. Export the attendee list as CSV and upload that file.")),
        ((b"\x89PNG", b"\xff\xd8\xff", b"GIF8", b"BM\x00", b"RIFF", b"II*\x00", b"MM\x00*"),
         _("That is a picture. Export the attendee list as CSV and upload that file.")),
        ((b"\x1f\x8b", b"Rar!", b"7z\xbc\xaf", b"BZh", b"\xfd7zXZ"),
         _("That is a compressed archive. Unpack it and upload the CSV file inside.")),
        ((b"BEGIN:VCARD", b"BEGIN:VCALENDAR"),
         _("That is an address or calendar file. Export the attendee list as CSV and upload that file.")),
        ((b"{\\rtf", b"\x7fELF", b"MZ\x90"),
         _("That is not a table. Export the attendee list as CSV and upload that file.")),
    ]
    if data.startswith((b"PK\x03\x04", b"PK\x05\x06")):
        is_workbook = b"xl/" in data[:4096] or b"[Content_Types].xml" in data[:4096] or b"spreadsheet" in data[:4096]
        raise _refusal(workbook if is_workbook else kinds[3][1], 415)
    for beginnings, sentence in kinds:
        if start.startswith(beginnings):
            raise _refusal(sentence, 415)
    if re.match(rb"<(!doctype|html|\?xml|table)", start, re.IGNORECASE):
        raise _refusal(_("That is a web page, not a table. You may have to sign in where you exported it; "
                         "choose CSV there and upload that file."), 415)
    if re.match(rb'(\{\s*"|\[\s*[{\[])', start):
        raise _refusal(_("That is JSON. Export the attendee list as CSV and upload that file."), 415)


def _decoded(data: bytes) -> tuple[str, str]:
    marks = ((codecs.BOM_UTF8, "utf-8"), (codecs.BOM_UTF16_LE, "utf-16-le"), (codecs.BOM_UTF16_BE, "utf-16-be"))
    for mark, name in marks:
        if data.startswith(mark):
            return _strictly(data[len(mark):], name), name
    sample = data[:4096]
    for parity, name in ((1, "utf-16-le"), (0, "utf-16-be")):
        if len(sample) > 3 and sample[parity::2].count(0) > len(sample) // 4 and not sample[1 - parity::2].count(0):
            return _strictly(data, name), name
    try:
        return data.decode("utf-8"), "utf-8"
    except UnicodeDecodeError:
        return _from_code_page(data)


def _strictly(data: bytes, name: str) -> str:
    try:
        return data.decode(name)
    except UnicodeDecodeError as error:
        sentence = _("That file is damaged at byte %(place)s. Export it again as CSV UTF-8.", place=error.start)
        raise _refusal(sentence, 422) from error


def _from_code_page(data: bytes) -> tuple[str, str]:
    """Text from before Unicode. Lone accents among plain letters are Latin; runs of high bytes another alphabet."""
    high = re.findall(rb"[\x80-\xff]+", data)
    in_runs = sum(len(run) for run in high if len(run) > 1)
    if in_runs * 2 < sum(map(len, high)):
        readings = {name: data.decode(name, "replace") for name in ("cp1252", "cp1250", "latin-1")}
        best = min(readings, key=lambda name: _oddities(readings[name]))
        return readings[best], best
    found = from_bytes(data, cp_isolation=_CODE_PAGES).best()
    if found is None:
        raise _refusal(_("The letters in that file cannot be read. Export it again as CSV UTF-8."), 422)
    return str(found), found.encoding


def _oddities(text: str) -> int:
    """How many signs stand inside words where only letters do: Łódź read in the wrong alphabet has some."""
    odd = re.findall(r"(?<=[^\W\d_])[^\w\s\x20-\x7e’‘´]|[^\w\s\x20-\x7e’‘´](?=[^\W\d_])|[¹²³ºª\ufffd]", text)
    return len(odd) + sum(unicodedata.category(char) == "Cc" for char in text if char not in "\r\n\t")


def _without_hint(text: str) -> tuple[str, str | None]:
    """Excel's first line "sep=;" names the separator and is no row."""
    first, end, rest = text.partition("\n")
    if hint := _HINT.fullmatch(first):
        return (rest if end else ""), hint.group(1)
    return text, None


def _guess_separator(text: str) -> str:
    sample = text[:20_000]

    def score(separator: str) -> float:
        # The last row of the sample may be cut.
        try:
            rows = [row for row in csv.reader(io.StringIO(sample, newline=""), delimiter=separator) if any(row)][:50]
        except csv.Error:
            return 0
        rows = rows[:-1] if len(sample) < len(text) and len(rows) > 1 else rows
        if not rows:
            return 0
        widths = [len(row) for row in rows]
        usual = max(set(widths), key=widths.count)
        return 0 if usual == 1 else usual * widths.count(usual) / len(rows)

    scores = {separator: score(separator) for separator in SEPARATORS}
    best = max(SEPARATORS, key=lambda separator: scores[separator])
    return best if scores[best] else _of_first_line(text)


def _of_first_line(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip()), "")
    return max(SEPARATORS, key=first.count)


def _rows(text: str, separator: str) -> list[Row]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_CELL * 10))
    try:
        return _parsed(text, separator, strict=True)
    except csv.Error as error:
        if "unexpected end" in str(error) or "field larger" in str(error):
            raise _refusal(_("A quotation mark in that file is opened and never closed, so its rows run into each "
                             "other. Export it again as CSV UTF-8."), 422) from error
    return _parsed(text, separator, strict=False)


def _parsed(text: str, separator: str, *, strict: bool) -> list[Row]:
    rows: list[Row] = []
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=separator, strict=strict)
    for number, cells in enumerate(reader, 1):
        if not any(cell.strip() for cell in cells):
            continue
        if len(cells) > MAX_COLUMNS:
            raise _refusal(_("Row %(row)s has more than 500 columns. Leave out what you do not need.", row=number), 413)
        if any(len(cell) > MAX_CELL for cell in cells):
            raise _refusal(_("Row %(row)s has a cell of more than 20,000 characters; a quotation mark may be missing "
                             "there. Correct it and try again.", row=number), 422)
        rows.append(Row(number, cells))
        if len(rows) > MAX_ROWS + 1:
            raise _refusal(_("That file has more than 100,000 rows. Split it and import the parts."), 413)
    return rows
