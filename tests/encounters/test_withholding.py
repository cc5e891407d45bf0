"""Nothing below five can be read from a table, or computed from it and its total."""

from __future__ import annotations

from itertools import product

import pytest

from eventnet.encounters.withholding import LEAST, is_hidden_well, withheld


@pytest.mark.parametrize(("cells", "hidden"), [
    ([], set()), ([0, 0], set()), ([5, 9, 0], set()),
    ([3, 9, 7], {0, 2}),  # one alone would be the total less the rest
    ([3, 9, 0, 7, 4], {0, 4}),
    ([1, 2, 30, 8], {0, 1, 3}),  # two of three together say too much of each
    ([3], {0}), ([0, 2, 0], {1}),
])
def test_small_cells_take_the_smallest_others_with_them(cells: list[int], hidden: set[int]) -> None:
    assert withheld(cells) == hidden


def test_total_is_told_only_when_enough_is_hidden() -> None:
    assert is_hidden_well([9, 9], set())
    assert not is_hidden_well([3, 0], {0})
    assert not is_hidden_well([1, 2], {0, 1})
    assert is_hidden_well([3, 7], {0, 1})


def test_no_table_gives_a_small_number_away() -> None:
    """Every table of four cells of 0 to 7: with its total told, no hidden cell is alone, nor are they below five."""
    for cells in product(range(8), repeat=4):
        hidden = withheld(cells)
        assert all(place in hidden for place, count in enumerate(cells) if 0 < count < LEAST)
        if is_hidden_well(cells, hidden) and hidden:
            assert len(hidden) > 1
            assert sum(cells) - sum(count for place, count in enumerate(cells) if place not in hidden) >= LEAST


def test_withholding_negative_control() -> None:
    """Without the second cell the first one is the total less the rest."""
    cells = [3, 9, 7]
    only_small = {place for place, count in enumerate(cells) if 0 < count < LEAST}
    assert sum(cells) - sum(count for place, count in enumerate(cells) if place not in only_small) == 3
    assert not is_hidden_well(cells, only_small)
