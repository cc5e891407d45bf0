"""Scores of pairs, on graphs small enough to count by hand."""

from __future__ import annotations

import numpy as np
import pytest

from eventnet.suggestions import scoring
from eventnet.suggestions.scoring import Graph, Nearness

HOUR = 3600.0
# 0 and 1 both met 2 and 3; they met 2 within minutes of each other, 3 two hours apart. 4 met nobody.
GRAPH = Graph.of(5, [(0, 2, 0, 0), (1, 2, 600, 600), (0, 3, 60, 60), (1, 3, 2 * HOUR, 2 * HOUR)])
EVERYBODY = np.arange(5)


def test_common_counts_third_persons() -> None:
    assert Nearness(GRAPH).common(EVERYBODY).toarray()[0].tolist() == [2, 2, 0, 0, 0]


def test_allocation_shares_each_third_person() -> None:
    assert Nearness(GRAPH).allocation(EVERYBODY).toarray()[0, 1] == pytest.approx(1 / 2 + 1 / 2)


def test_same_rounds_counts_only_neighbouring_quarters() -> None:
    assert Nearness(GRAPH).same_rounds(EVERYBODY).toarray()[0, 1] == 1


def test_co_activity_counts_shared_quarters() -> None:
    active = Nearness(GRAPH).co_activity(EVERYBODY).toarray()
    assert (active[0, 1], active[0, 3], active[0, 4]) == (1, 1, 0)


def test_walk_is_a_distribution_that_stays_near() -> None:
    walk = Nearness(GRAPH).walk(EVERYBODY, steps=40)
    assert walk[0].sum() == pytest.approx(1, abs=0.01)
    assert walk[0, 2] > walk[0, 1] > walk[0, 4] == 0


def test_somebody_everybody_scanned_connects_nobody() -> None:
    crowd = scoring.FAN_OUT + 2
    rows = [(0, i, 0.0, 0.0) for i in range(1, crowd)]
    assert Nearness(Graph.of(crowd, rows)).common(np.array([1])).toarray().sum() == 0
    few = [(0, i, 0.0, 0.0) for i in range(1, 20)]
    assert Nearness(Graph.of(crowd, few)).common(np.array([1])).toarray()[0, 2] == 1


def test_percentile_shares_ties_and_keeps_nothing_nothing() -> None:
    assert scoring.percentile(np.array([0, 5, 5, 9, 0.0])).tolist() == [0, 0.5, 0.5, 1, 0]


def test_both_ways_is_the_harmonic_mean() -> None:
    assert scoring.both_ways(np.array([1, 1, 0.0]), np.array([1, 0, 0.0])).tolist() == [1, 0, 0]


def test_empty_graph_has_no_scores() -> None:
    near = Nearness(Graph.of(3, []))
    everybody = np.arange(3)
    assert near.common(everybody).sum() == near.same_rounds(everybody).sum() == near.co_activity(everybody).sum() == 0
