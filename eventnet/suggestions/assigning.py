"""Decides who is suggested to whom: five each, nobody shown too often, nobody who asked to be shown left out."""

from __future__ import annotations

import heapq
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from types import MappingProxyType

SHOWN_EACH = 5
MOST_EXPOSURE = 10
LEAST_EXPOSURE = 2
FOR_NEWCOMERS = 3
NOBODY: Mapping[int, Collection[int]] = MappingProxyType({})

Wishes = Mapping[int, Sequence[tuple[float, int]]]


def assign(wishes: Wishes, *, each: int = SHOWN_EACH, most: int = MOST_EXPOSURE) -> dict[int, list[tuple[float, int]]]:
    """Deferred acceptance (Gale and Shapley): everybody proposes down their list until `each` are held;
    whoever is proposed to more than `most` times keeps the best.

    `wishes`: for each person the (score, candidate) pairs, best first. Returns the same shape, best first.
    """
    next_wish = dict.fromkeys(wishes, 0)
    held: dict[int, list[tuple[float, int]]] = defaultdict(list)  # candidate -> heap of (score, person)
    count: dict[int, int] = defaultdict(int)
    waiting = sorted(wishes, reverse=True)
    while waiting:
        person = waiting[-1]
        if count[person] >= each or next_wish[person] >= len(wishes[person]):
            waiting.pop()
            continue
        score, candidate = wishes[person][next_wish[person]]
        next_wish[person] += 1
        heap = held[candidate]
        if len(heap) < most:
            heapq.heappush(heap, (score, person))
            count[person] += 1
        elif (score, person) > heap[0]:
            _, rejected = heapq.heapreplace(heap, (score, person))
            count[person] += 1
            count[rejected] -= 1
            waiting.append(rejected)
    shown: dict[int, list[tuple[float, int]]] = {person: [] for person in wishes}
    for candidate, heap in held.items():
        for score, person in heap:
            shown[person].append((score, candidate))
    for pairs in shown.values():
        pairs.sort(key=lambda pair: (-pair[0], pair[1]))
    return shown


def lift(shown: dict[int, list[tuple[float, int]]], admirers: Mapping[int, Sequence[tuple[float, int]]], *,
         each: int = SHOWN_EACH, least: int = LEAST_EXPOSURE) -> None:
    """The floor: everybody in `admirers` is shown at least `least` times, where there is anybody to show them to.

    `admirers`: for each candidate the (score, person) pairs they may be shown to, best first. A full list gives
    up its last one who can spare it. Changes `shown`.
    """
    exposure: dict[int, int] = defaultdict(int)
    for pairs in shown.values():
        for _, candidate in pairs:
            exposure[candidate] += 1
    lifted: dict[int, int] = defaultdict(int)
    for candidate in sorted(admirers, key=lambda c: (exposure[c], len(admirers[c]), c)):
        # People with room, or with the fewest newcomers taken so far, come first; then the better match.
        order = sorted(admirers[candidate], key=lambda pair: (
            len(shown.get(pair[1], ())) >= each, lifted[pair[1]], -pair[0], pair[1]))
        for score, person in order:
            if exposure[candidate] >= least:
                break
            pairs = shown.setdefault(person, [])
            if any(candidate == other for _, other in pairs):
                continue
            if len(pairs) >= each:
                spare = [i for i, (_, other) in enumerate(pairs) if exposure[other] > least]
                if not spare:
                    continue
                _, gone = pairs.pop(spare[-1])
                exposure[gone] -= 1
            pairs.append((score, candidate))
            exposure[candidate] += 1
            lifted[person] += 1
            pairs.sort(key=lambda pair: (-pair[0], pair[1]))


def fill(shown: dict[int, list[tuple[float, int]]], newcomers: Sequence[int], candidates: Sequence[int], *,
         wanted: int = FOR_NEWCOMERS, most: int = MOST_EXPOSURE,
         apart: Mapping[int, Collection[int]] = NOBODY) -> None:
    """Whoever met nobody is shown at least `wanted` people, those first who are shown least, and nobody of whom they
    are kept `apart`. Changes `shown`."""
    exposure = dict.fromkeys(candidates, 0)
    for pairs in shown.values():
        for _, candidate in pairs:
            exposure[candidate] += 1
    seldom = [(count, candidate) for candidate, count in exposure.items()]
    heapq.heapify(seldom)
    for person in newcomers:
        pairs = shown.setdefault(person, [])
        has = {person, *(candidate for _, candidate in pairs), *apart.get(person, ())}
        aside = []
        while len(pairs) < wanted and seldom and seldom[0][0] < most:
            count, candidate = heapq.heappop(seldom)
            if candidate in has:
                aside.append((count, candidate))
                continue
            pairs.append((0.0, candidate))
            aside.append((count + 1, candidate))
        for one in aside:
            heapq.heappush(seldom, one)
