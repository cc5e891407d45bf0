"""Describes the papers that badges are printed on, as data."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Layout:
    """A page and the badges on it. Lengths are millimetres from the top left corner, type sizes points.

    `page` is width and height; `columns` times `rows` badges of size `badge` lie at `origin` plus multiples of `pitch`,
    filled row by row. On a badge nothing is printed within `margin` of its edges nor in the uppermost `safe_top`, where
    the lanyard is. `arrangement` says where the QR code of `qr_side` (without its quiet zone) goes: beside the name or
    below it. Names are set as large as they fit between `name_sizes` (floor, largest). `cut_marks` shows where to cut.
    """

    name: str
    description: str
    page: tuple[float, float]
    columns: int
    rows: int
    origin: tuple[float, float]
    pitch: tuple[float, float]
    badge: tuple[float, float]
    margin: float
    safe_top: float
    arrangement: Literal["beside", "below"]
    qr_side: float
    name_sizes: tuple[float, float]
    cut_marks: bool

    @property
    def per_page(self) -> int:
        """How many badges a page holds."""
        return self.columns * self.rows

    def pages(self, badges: int) -> int:
        """How many pages so many badges take."""
        return -(-badges // self.per_page)

    def corner(self, place: int) -> tuple[float, float]:
        """Returns the top left corner, in millimetres, of the badge at `place` (from 0) of a page."""
        row, column = divmod(place, self.columns)
        return self.origin[0] + column * self.pitch[0], self.origin[1] + row * self.pitch[1]


LAYOUTS = {
    layout.name: layout
    for layout in (
        Layout(
            name="a4-sheet",
            description="Eight A7 badges (105 × 74 mm) on a sheet of A4, to be cut; they fit the usual A7 holders",
            page=(210, 297),
            columns=2,
            rows=4,
            origin=(0, 0.5),
            pitch=(105, 74),
            badge=(105, 74),
            # Most printers leave about 4.2 mm of the paper's edge white, and the badges reach it.
            margin=6,
            safe_top=6,
            arrangement="beside",
            qr_side=35,
            name_sizes=(9, 30),
            cut_marks=True,
        ),
        Layout(
            name="single",
            description="One A6 badge (105 × 148 mm, upright) a page, for a lanyard",
            page=(105, 148),
            columns=1,
            rows=1,
            origin=(0, 0),
            pitch=(105, 148),
            badge=(105, 148),
            margin=6,
            # A slot punched for the lanyard's clip ends about 12 mm below the edge.
            safe_top=15,
            arrangement="below",
            qr_side=44,
            name_sizes=(11, 46),
            cut_marks=False,
        ),
    )
}
"""Every layout by its name."""


def get_layout(name: str) -> Layout:
    """Returns the layout called `name`; raises ValueError with the names there are."""
    try:
        return LAYOUTS[name]
    except KeyError:
        raise ValueError(f"There is no badge layout “{name}”. Choose one of: {', '.join(LAYOUTS)}.") from None
