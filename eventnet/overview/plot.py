"""Bars of a plot: counts in, the path of an SVG out."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

WIDTH, HEIGHT, TOP, BOTTOM, LEFT = 720.0, 200.0, 12.0, 24.0, 36.0
NICE = (1, 2, 2.5, 5)


@dataclass(frozen=True)
class Plot:
    """Geometry in a view box of WIDTH by HEIGHT. `soft` draws the bars whose number is withheld."""

    bars: str
    soft: str
    grid: Sequence[tuple[float, int]]
    labels: Sequence[tuple[float, int]]
    width: float = WIDTH
    height: float = HEIGHT
    left: float = LEFT


def draw(counts: Sequence[int | None], withheld: Sequence[bool], withheld_height: int, most_labels: int = 7) -> Plot:
    """One bar a count. Withheld ones all get `withheld_height`, so that they tell nothing apart.

    `grid` gives (y, number) of the lines, `labels` (x, index) of the bars to be named below the axis.
    """
    top = scale_top(max([10, *(count for count in counts if count)]))
    room, base = HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM
    slot = (WIDTH - LEFT) / max(1, len(counts))
    gap = min(3.0, slot * 0.25)

    def bar(at: int, height: float) -> str:
        tall = height / top * room
        return f"M{_n(LEFT + at * slot + gap / 2)} {_n(base)}v{_n(-tall)}h{_n(slot - gap)}v{_n(tall)}z"

    every = -(-len(counts) // most_labels) or 1
    every = next((step for step in (1, 2, 3, 6, 12, 18, 24, 36) if step >= every), every)
    return Plot(
        bars="".join(bar(at, count) for at, count in enumerate(counts) if count),
        soft="".join(bar(at, withheld_height) for at, is_withheld in enumerate(withheld) if is_withheld),
        grid=[(round(base - part * room / 2, 1), round(top * part / 2)) for part in (0, 1, 2)],
        labels=[(round(LEFT + at * slot, 1), at) for at in range(0, len(counts), every)],
    )


def scale_top(most: int) -> int:
    """An even, round number at or above `most`, for the top line."""
    power = 1
    while True:
        for nice in NICE:
            value = int(nice * power)
            if value >= most and value % 2 == 0:
                return value
        power *= 10


def _n(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")
