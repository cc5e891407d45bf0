"""The plot: bars to scale, withheld ones all alike."""

from __future__ import annotations

import pytest

from eventnet.overview.plot import BOTTOM, HEIGHT, LEFT, TOP, WIDTH, draw, scale_top


def test_bars_are_drawn_to_scale() -> None:
    drawn = draw([10, 0, 5], [False, False, False], 2)
    slot, room, base = (WIDTH - LEFT) / 3, HEIGHT - TOP - BOTTOM, HEIGHT - BOTTOM
    assert drawn.bars == (
        f"M{LEFT + 1.5} {base:.0f}v-{room:.0f}h{slot - 3:.0f}v{room:.0f}z"
        f"M{LEFT + 2 * slot + 1.5} {base:.0f}v-{room / 2:.0f}h{slot - 3:.0f}v{room / 2:.0f}z")
    assert drawn.soft == ""
    assert [number for _y, number in drawn.grid] == [0, 5, 10]


def test_withheld_bars_tell_nothing_apart() -> None:
    drawn = draw([None, None, 50], [True, True, False], 2)
    one, two = drawn.soft.split("M")[1:]
    assert one.split("v")[1:] == two.split("v")[1:]
    assert drawn.bars.count("M") == 1


def test_plot_of_nothing_is_empty() -> None:
    drawn = draw([], [], 2)
    assert (drawn.bars, drawn.soft, drawn.labels) == ("", "", [])


@pytest.mark.parametrize(("most", "top"), [
    (0, 2), (1, 2), (2, 2), (3, 10), (10, 10), (11, 20), (21, 50), (51, 100), (101, 200), (201, 250), (9999, 10000),
])
def test_scale_ends_at_a_round_number(most: int, top: int) -> None:
    assert scale_top(most) == top


def test_labels_are_few_and_evenly_apart() -> None:
    assert [at for _x, at in draw([1] * 24, [False] * 24, 2).labels] == [0, 6, 12, 18]
    assert len(draw([1] * 150, [False] * 150, 2).labels) <= 7
