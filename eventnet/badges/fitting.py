"""Finds the largest size and the line breaks at which plain European text fits a box, without setting it."""

from __future__ import annotations

import itertools
import math
import re
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from PIL import ImageFont

LINE_HEIGHT = 1.2
"""Height of a line, in ems of its type size."""

# Letters whose advance does not depend on their neighbours but for kerning: Latin, Greek and Cyrillic, ready composed.
_PLAIN = re.compile("[ -~\u00a1-\u00ac\u00ae-\u024f\u0386-\u03ff\u0400-\u0482\u048a-\u052f\u1e00-\u1eff\u2010-\u2027]*")
# Kerning is not measured; it rarely widens a line, and never by so much.
_ALLOWANCE = 1.015
_MOST_PIECES = 12
_UNITS = 1000
_WORDS = re.compile(r"\S+ ?")
_PARTS = re.compile(r"\S+?\w-(?=\w)|\S+ ?")


@dataclass(frozen=True, slots=True)
class Fit:
    """Text that fits: its lines, their type size in points, and the room they take, in points."""

    lines: tuple[str, ...]
    size: float
    width: float
    height: float


class Ruler:
    """Measures plain text in one font file by adding up advances; safe to share between threads."""

    def __init__(self, path: Path) -> None:
        self._font = ImageFont.truetype(path, _UNITS, layout_engine=ImageFont.Layout.BASIC)
        self._advances: dict[str, float] = {}
        self._cached_fit = lru_cache(maxsize=4096)(self._fit)

    def width(self, text: str) -> float:
        """Returns the width of `text` in ems."""
        total, advances = 0.0, self._advances
        for character in text:
            if character not in advances:
                advances[character] = self._font.getlength(character) / _UNITS
            total += advances[character]
        return total

    def fit(self, text: str, room: float, limit: float, ceiling: float, floor: float) -> Fit | None:
        """Returns `text` in the largest size from `floor` to `ceiling` at which it fits into `room` by `limit` points.

        Lines break at spaces; after hyphens only if that makes the text a good deal larger. None if the text is not
        plain European text, or does not fit even at the floor: then it takes an engine that shapes and measures.
        """
        return self._cached_fit(text, room, limit, ceiling, floor)

    def _fit(self, text: str, room: float, limit: float, ceiling: float, floor: float) -> Fit | None:
        if not text or not _PLAIN.fullmatch(text):
            return None
        best = self._largest(_WORDS.findall(text), room, limit, ceiling)
        if "-" in text and (best is None or best.size < 0.5 * ceiling):
            divided = self._largest(_PARTS.findall(text), room, limit, ceiling)
            if divided and (best is None or divided.size > 1.25 * best.size):
                best = divided
        return best if best and best.size >= floor else None

    def _largest(self, pieces: list[str], room: float, limit: float, ceiling: float) -> Fit | None:
        count = len(pieces)
        if count > _MOST_PIECES:
            return None
        widths = {
            (start, end): self.width("".join(pieces[start:end]).rstrip()) * _ALLOWANCE
            for start in range(count)
            for end in range(start + 1, count + 1)
        }
        best: Fit | None = None
        # The widest line of the best division is one of these.
        for widest in sorted(set(widths.values())):
            breaks = _breaks(widths, count, widest)
            if not breaks:
                continue
            lines = len(breaks) - 1
            size = math.floor(10 * min(ceiling, room / widest, limit / (lines * LINE_HEIGHT))) / 10
            if size > 0 and (best is None or size > best.size):
                texts = tuple("".join(pieces[a:b]).rstrip() for a, b in itertools.pairwise(breaks))
                best = Fit(lines=texts, size=size, width=widest * size, height=lines * LINE_HEIGHT * size)
        return best


def _breaks(widths: dict[tuple[int, int], float], count: int, widest: float) -> list[int]:
    """Where lines start and end if each takes as many pieces as `widest` allows; empty if one piece is wider."""
    breaks = [0]
    while breaks[-1] < count:
        end = next((end for end in range(count, breaks[-1], -1) if widths[breaks[-1], end] <= widest), 0)
        if not end:
            return []
        breaks.append(end)
    return breaks
