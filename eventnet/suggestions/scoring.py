"""Scores pairs of people from who met whom and when: friends of friends, same rounds, nearness without popularity.

The formulas and their weights come from measurements on scan-like data of real conferences (SocioPatterns):
with a tenth to a third of all contacts scanned, rooted PageRank, third persons met in the same quarter of an
hour and resource allocation together find unscanned talks (AUC 0.83), and popularity is left out on purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import sparse

SLOT = 15 * 60
RESTART = 0.15
FAN_OUT = 300
BLOCK = 256
Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Graph:
    """Who met whom, people numbered 0 to `size` − 1.

    `low`, `high`: the two people of each encounter; `first`, `last`: its times in seconds. `weight` is what
    one encounter counts in the walk: 1, or the logarithm of how long they talked where that is known.
    """

    size: int
    low: NDArray[np.int64]
    high: NDArray[np.int64]
    first: Floats
    last: Floats
    weight: Floats | None = None

    @classmethod
    def of(cls, size: int, rows: Sequence[tuple[int, int, float, float]]) -> Graph:
        """From rows (one person, the other, first second, last second)."""
        table = np.array(rows, dtype=np.float64).reshape(-1, 4)
        return cls(size, table[:, 0].astype(np.int64), table[:, 1].astype(np.int64), table[:, 2], table[:, 3])


class Nearness:
    """The matrices of one graph, made once, from which every score is read row by row."""

    def __init__(self, graph: Graph) -> None:
        n = graph.size
        a, b = np.concatenate([graph.low, graph.high]), np.concatenate([graph.high, graph.low])
        self.met = _ones(a, b, (n, n))
        degree = np.asarray(self.met.sum(axis=1)).ravel()
        with np.errstate(divide="ignore"):
            shares = np.where(degree > 0, 1 / np.maximum(degree, 1), 0.0)
            # Somebody everybody scanned (a stand at the door) brings nobody closer to anybody.
            bridges = np.where(degree <= FAN_OUT, shares, 0.0)
        self.degree = degree
        self._paths = (sparse.diags_array((bridges > 0).astype(float)) @ self.met).tocsr()
        self._allocated = (sparse.diags_array(bridges) @ self.met).tocsr()
        if graph.weight is None:
            self._step = (sparse.diags_array(shares) @ self.met).tocsr()
        else:
            walk = sparse.csr_array((np.tile(graph.weight, 2), (a, b)), shape=(n, n))
            out = np.asarray(walk.sum(axis=1)).ravel()
            self._step = (sparse.diags_array(np.where(out > 0, 1 / np.maximum(out, 1e-12), 0.0)) @ walk).tocsr()
        self._rounds(graph, a, b)

    def _rounds(self, graph: Graph, a: NDArray[np.int64], b: NDArray[np.int64]) -> None:
        n = graph.size
        begin = np.min(graph.first) // SLOT * SLOT if len(graph.first) else 0.0
        times = [np.tile(graph.first, 2), np.tile(graph.last, 2)]
        slots = ((np.concatenate(times) - begin) // SLOT).astype(np.int64)
        who, whom = np.tile(a, 2), np.tile(b, 2)
        wide = int(slots.max(initial=0)) + 3
        cells = whom * wide + slots + 1
        used, column = np.unique(np.concatenate([cells - 1, cells, cells + 1]), return_inverse=True)
        shape = (n, len(used))
        exact = column[len(cells):2 * len(cells)]
        self._third = _ones(who, exact, shape)
        self._third_near = _ones(np.tile(who, 3), column, shape).T.tocsr()
        self._active = _ones(who, slots, (n, wide))
        self._active_by_slot = self._active.T.tocsr()

    def common(self, rows: NDArray[np.int64]) -> sparse.csr_array:
        """How many third persons both met: shape (rows, size). Hubs do not count."""
        return self.met[rows] @ self._paths

    def allocation(self, rows: NDArray[np.int64]) -> sparse.csr_array:
        """Resource allocation: each third person shares one unit among all they met (Zhou, Lü, Zhang 2009)."""
        return self.met[rows] @ self._allocated

    def same_rounds(self, rows: NDArray[np.int64]) -> sparse.csr_array:
        """Third persons whom both met in the same or a neighbouring quarter of an hour."""
        return self._third[rows] @ self._third_near

    def co_activity(self, rows: NDArray[np.int64]) -> sparse.csr_array:
        """Quarters of an hour in which both met anybody."""
        return self._active[rows] @ self._active_by_slot

    def walk(self, rows: NDArray[np.int64], steps: int) -> Floats:
        """Rooted PageRank from each row, restart 0.15, cut after `steps`: dense (rows, size)."""
        turned = self._step.T.tocsr()
        here = np.zeros((self._step.shape[0], len(rows)))
        here[rows, np.arange(len(rows))] = 1.0
        total = RESTART * here
        for _ in range(steps):
            here = (1 - RESTART) * (turned @ here)
            total += RESTART * here
        return total.T


def blocks(size: int) -> Iterator[NDArray[np.int64]]:
    """All rows in pieces that fit into memory whatever the size of the event."""
    for start in range(0, size, BLOCK):
        yield np.arange(start, min(size, start + BLOCK))


def percentile(values: Floats) -> Floats:
    """Rank of each value among its own, 0 to 1; ties share their mean rank; nothing (0) stays 0."""
    ranked = np.zeros(len(values))
    some = values > 0
    if some.any():
        chosen = values[some]
        _, inverse, counts = np.unique(chosen, return_inverse=True, return_counts=True)
        upper = np.cumsum(counts)
        ranked[some] = ((upper - (counts - 1) / 2) / len(chosen))[inverse]
    return ranked


def talk_likelihood(walk: Floats, rounds: Floats, allocation: Floats) -> Floats:
    """"Did you also talk to …?": 0.63 P(walk) + 0.31 P(same rounds) + 0.06 P(allocation), each 0 to 1."""
    return 0.63 * percentile(walk) + 0.31 * percentile(rounds) + 0.06 * percentile(allocation)


def nearness(walk: Floats, rounds: Floats) -> Floats:
    """The graph's part in "you should meet": 0.8 P(walk) + 0.2 P(same rounds). No popularity."""
    return 0.8 * percentile(walk) + 0.2 * percentile(rounds)


def follow_up(*, promised: Floats, starred: Floats, rounds: Floats, activity: Floats, allocation: Floats,
              recency: Floats, fit: Floats) -> Floats:
    """Whom to write to first, among the people one attendee met; every input is one row of equal length.

    3 promise + 2 star + P(same rounds) + P(co-activity) + 0.5 P(allocation) + 0.5 P(recency) + 1.5 fit.
    The other's popularity has no part in it: it predicts nothing (AUC 0.5).
    """
    told = percentile(rounds) + percentile(activity) + 0.5 * percentile(allocation) + 0.5 * percentile(recency)
    scored: Floats = 3 * promised + 2 * starred + told + 1.5 * fit
    return scored


def both_ways(there: Floats, back: Floats) -> Floats:
    """Harmonic mean: a suggestion is as good as its worse direction allows."""
    total = there + back
    return np.where(total > 0, 2 * there * back / np.maximum(total, 1e-12), 0.0)


def _ones(row: NDArray[np.int64], column: NDArray[np.int64], shape: tuple[int, int]) -> sparse.csr_array:
    """A matrix of ones at these places, a place named twice counting once."""
    made = sparse.csr_array((np.ones(len(row)), (row, column)), shape=shape)
    made.data[:] = 1.0
    return made
