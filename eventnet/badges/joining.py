"""Joins PDF files that the typesetting engine wrote into one, and draws beneath their pages, without parsing them."""

from __future__ import annotations

import re
import zlib
from collections.abc import Sequence
from itertools import pairwise

_END = re.compile(rb"trailer\s*<<([^<>]*)>>\s*startxref\s*(\d+)\s*%%EOF\s*\Z")
_TABLE = re.compile(rb"xref\r?\n0 (\d+)\r?\n")
_ENTRY = re.compile(rb"(\d{10}) 00000 n..", re.DOTALL)
_REFERENCE = re.compile(rb"(?<![\d.])(\d+) 0 R\b")
_PAGE_TREE = re.compile(rb"<</Type/Pages/Count (\d+)")
_PAGE_CONTENT = re.compile(rb"/Contents (\d+ 0 R)")
_KIDS = re.compile(rb"/Kids\[([^\]]*)\]")
_STREAM = b"\nstream\n"
_TAIL = 2048


def joined(parts: Sequence[tuple[bytes, Sequence[bytes]]]) -> bytes:
    """Returns one PDF with the pages of all `parts` in order and the title and language of the first.

    A part is a PDF and, for each of its pages, content that is painted before the page's own (PDF operators in points
    from the bottom left corner, without resources; empty for none).

    Objects are copied, only their numbers change, and the page trees are hung under a new root (ISO 32000-1, 7.5 and
    7.7.3): parsing and rebuilding every object with a general library takes many times as long, and for badges printed
    one a page as much memory as setting them. Raises ValueError for a part that is not built as the engine builds it:
    one plain cross-reference table, no object streams, no generations, one flat page tree.
    """
    parsed = [_parse(part) for part, _ in parts]
    for (objects, _, _, tree), (_, contents) in zip(parsed, parts, strict=True):
        _draw_beneath(objects, tree, contents)
    root = sum(len(objects) for objects, *_ in parsed) + 1
    bodies: list[bytes] = []
    kids, pages = [], 0
    for objects, catalog, info, tree in parsed:
        shift = len(bodies)
        for number, body in enumerate(objects, 1):
            if shift and number in (catalog, info):
                bodies.append(b"null\nendobj\n")
                continue
            dictionary, stream, rest = body.partition(_STREAM)
            if shift:
                dictionary = _renumbered(dictionary, shift)
            if number == tree:
                start = _PAGE_TREE.match(dictionary)
                if start is None:
                    raise ValueError("The page tree of a part is not where it is expected.")
                pages += int(start[1])
                dictionary = start[0] + b"/Parent %d 0 R" % root + dictionary[start.end() :]
                kids.append(b"%d 0 R" % (number + shift))
            if number == catalog:
                dictionary = dictionary.replace(b"/Pages %d 0 R" % tree, b"/Pages %d 0 R" % root)
            bodies.append(dictionary + stream + rest)
    bodies.append(b"<</Type/Pages/Count %d/Kids[%b]>>\nendobj\n" % (pages, b" ".join(kids)))
    return _written(bodies, *parsed[0][1:3])


def _draw_beneath(objects: list[bytes], tree: int, contents: Sequence[bytes]) -> None:
    kids = _KIDS.search(objects[tree - 1])
    pages = [int(number) for number in _REFERENCE.findall(kids[1])] if kids else []
    if len(pages) != len(contents):
        raise ValueError(f"A part has {len(pages)} pages and content for {len(contents)}.")
    for page, content in zip(pages, contents, strict=True):
        if not content:
            continue
        packed = zlib.compress(b"q\n" + content + b"Q", 6)
        head = b"<</Length %d/Filter/FlateDecode>>" % len(packed)
        objects.append(head + _STREAM + packed + b"\nendstream\nendobj\n")
        own = _PAGE_CONTENT.search(objects[page - 1])
        if own is None or not objects[page - 1].startswith(b"<</Type/Page/"):
            raise ValueError("A page of a part is not where its page tree says.")
        both = b"/Contents[%d 0 R %b]" % (len(objects), own[1])
        objects[page - 1] = objects[page - 1][: own.start()] + both + objects[page - 1][own.end() :]


def _renumbered(dictionary: bytes, shift: int) -> bytes:
    return _REFERENCE.sub(lambda found: b"%d 0 R" % (int(found[1]) + shift), dictionary)


def _parse(part: bytes) -> tuple[list[bytes], int, int, int]:
    """The objects of a part from number 1 on, and the numbers of its catalog, its information and its page tree."""
    end = _END.search(part, max(0, len(part) - _TAIL))
    table = _TABLE.match(part, int(end[2])) if end else None
    if end is None or table is None:
        raise ValueError("A part has no plain cross-reference table at its end.")
    starts = [int(entry[1]) for entry in _ENTRY.finditer(part, table.end(), end.start())]
    if len(starts) != int(table[1]) - 1 or starts != sorted(starts):
        raise ValueError("The cross-reference table of a part has gaps.")
    objects = []
    for number, (start, stop) in enumerate(pairwise([*starts, int(end[2])]), 1):
        head = b"%d 0 obj\n" % number
        if not part.startswith(head, start):
            raise ValueError(f"Object {number} of a part is not where its table says.")
        objects.append(part[start + len(head) : stop])
    catalog, info = _number(rb"/Root (\d+) 0 R", end[1]), _number(rb"/Info (\d+) 0 R", end[1])
    return objects, catalog, info, _number(rb"/Pages (\d+) 0 R", objects[catalog - 1])


def _number(pattern: bytes, where: bytes) -> int:
    found = re.search(pattern, where)
    if found is None:
        raise ValueError("A part lacks its catalog, its information or its pages.")
    return int(found[1])


def _written(bodies: Sequence[bytes], catalog: int, info: int) -> bytes:
    # The four octets above 127 tell transfer programs that this is not text (ISO 32000-1, 7.5.2).
    out = [b"%PDF-1.7\n%\x80\x80\x80\x80\n\n"]
    offsets, length = [], len(out[0])
    for number, body in enumerate(bodies, 1):
        head = b"%d 0 obj\n" % number
        offsets.append(length)
        length += len(head) + len(body)
        out += (head, body)
    size = len(bodies) + 1
    out.append(b"xref\n0 %d\n0000000000 65535 f\r\n" % size)
    out += [b"%010d 00000 n\r\n" % offset for offset in offsets]
    out.append(b"trailer\n<</Size %d/Root %d 0 R/Info %d 0 R>>\nstartxref\n%d\n%%%%EOF" % (size, catalog, info, length))
    return b"".join(out)
