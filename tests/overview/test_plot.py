"""The plot: bars to scale, withheld ones all alike."""

from __future__ import annotations

import pytest

from eventnet.overview.plot import draw, marks, scale_top


def test_bars_are_drawn_to_scale() -> None:
    drawn = draw([10, 0, 5], [False, False, False], 2)
    assert (drawn.bars, drawn.soft, drawn.top) == (
        "M1.5 160v-160h237v160zM481.5 160v-80h237v80z", "", 10)


def test_withheld_bars_tell_nothing_apart() -> None:
    drawn = draw([None, None, 50], [True, True, False], 2)
    one, two = drawn.soft.split("M")[1:]
    assert one.split("v")[1:] == two.split("v")[1:]
    assert drawn.bars.count("M") == 1


def test_plot_of_nothing_is_empty() -> None:
    drawn = draw([], [], 2)
    assert (drawn.bars, drawn.soft, marks(0)) == ("", "", [])


@pytest.mark.parametrize(("most", "top"), [
    (0, 2), (1, 2), (2, 2), (3, 4), (10, 10), (11, 20), (21, 30), (51, 60), (101, 200), (201, 300), (9999, 10000),
])
def test_scale_ends_at_a_round_even_number(most: int, top: int) -> None:
    assert scale_top(most) == top


@pytest.mark.parametrize(("count", "found"), [
    (24, [0, 6, 12, 18, 24]), (25, [0, 5, 10, 15, 20, 25]), (9, [0, 3, 6, 9]), (7, [0, 7]), (1, [0, 1]), (0, []),
])
def test_axis_is_named_evenly_from_first_to_last(count: int, found: list[int]) -> None:
    assert marks(count) == found
