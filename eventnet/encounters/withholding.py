"""Which numbers of a table are withheld so that none below five can be read from it, or computed from its total."""

from __future__ import annotations

from collections.abc import Collection, Sequence

LEAST = 5
"""A smaller cell could be pinned on somebody (PRODUCT: 5 everywhere)."""


def withheld(cells: Sequence[int], also: Collection[int] = ()) -> set[int]:
    """The places of `cells` that must not be shown when their total may be known.

    Those of 1 to 4 people, and those in `also`. One alone would be the total less the rest, and two of 1 and 2 would
    say together what neither may: so the smallest others that are not empty go with them, until at least two cells of
    at least five together are hidden (complementary suppression).
    """
    hidden = {place for place, count in enumerate(cells) if 0 < count < LEAST} | set(also)
    rest = sorted((count, place) for place, count in enumerate(cells) if count and place not in hidden)
    for _count, place in rest:
        if not hidden or is_hidden_well(cells, hidden):
            break
        hidden.add(place)
    return hidden


def is_hidden_well(cells: Sequence[int], hidden: Collection[int]) -> bool:
    """Whether the total of all cells may be told: what is hidden is nothing, or at least five in two cells or more."""
    return not hidden or (len(hidden) > 1 and sum(cells[place] for place in hidden) >= LEAST)
