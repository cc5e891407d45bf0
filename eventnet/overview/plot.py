"""Bars of a plot: counts in, the path of an SVG out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT = 720, 160
NICE = (1, 2, 3, 4, 5, 6, 8)
PARTS = (4, 5, 3, 6, 2)


@dataclass(frozen=True)
class Plot:
    """Geometry in a view box of WIDTH by HEIGHT, which the page stretches to its own width.

    `soft` draws the bars whose number is withheld. `top` is the number of the upper line, half of it that of
    the middle one.
    """

    bars: str
    soft: str
    top: int
    width: int = WIDTH
    height: int = HEIGHT


def draw(counts: Sequence[int | None], withheld: Sequence[bool], withheld_height: int) -> Plot:
    """One bar a count. Withheld ones all get `withheld_height`, so that they tell nothing apart."""
    top = scale_top(max([10, *(count for count in counts if count)]))
    slot = WIDTH / max(1, len(counts))
    gap = min(3.0, slot * 0.25)

    def bar(at: int, height: float) -> str:
        tall = height / top * HEIGHT
        return f"M{_n(at * slot + gap / 2)} {HEIGHT}v{_n(-tall)}h{_n(slot - gap)}v{_n(tall)}z"

    return Plot(
        bars="".join(bar(at, count) for at, count in enumerate(counts) if count),
        soft="".join(bar(at, withheld_height) for at, is_withheld in enumerate(withheld) if is_withheld), top=top)


def scale_top(most: int) -> int:
    """An even, round number at or above `most`."""
    power = 1
    while True:
        for nice in NICE:
            if nice * power >= most and nice * power % 2 == 0:
                return nice * power
        power *= 10


def marks(count: int) -> list[int]:
    """Which edges of `count` bars to name below the axis: the first, the last and evenly between, as bars allow."""
    parts = next((parts for parts in PARTS if count % parts == 0), 1)
    return [count // parts * part for part in range(parts + 1)] if count else []


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
