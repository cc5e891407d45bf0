"""Who is shown to whom: five each, ten at most, two at least."""

from __future__ import annotations

import random
from collections import Counter

from eventnet.suggestions import assigning


def exposure(shown: dict[int, list[tuple[float, int]]]) -> Counter[int]:
    return Counter(candidate for pairs in shown.values() for _, candidate in pairs)


def test_everybody_wants_the_same_person_and_ten_get_them() -> None:
    wishes = {person: [(1 - person / 100, 99)] for person in range(30)}
    shown = assigning.assign(wishes)
    assert exposure(shown) == {99: 10}
    assert [person for person, pairs in shown.items() if pairs] == list(range(10)), "the best matches are kept"


def test_rejected_people_go_on_to_their_next_wish() -> None:
    wishes = {person: [(1 - person / 100, 99), (0.1, 98)] for person in range(12)}
    shown = assigning.assign(wishes, each=1)
    assert [shown[person] for person in (10, 11)] == [[(0.1, 98)], [(0.1, 98)]]


def test_assignment_is_stable() -> None:
    rng = random.Random(3)
    people = range(60)
    wishes = {p: sorted(((rng.random(), q) for q in people if q != p), reverse=True) for p in people}
    shown = assigning.assign(wishes)
    most = exposure(shown)
    assert max(most.values()) <= assigning.MOST_EXPOSURE
    assert all(len(pairs) <= assigning.SHOWN_EACH for pairs in shown.values())
    worst = {q: min(s for pairs in shown.values() for s, c in pairs if c == q) for q in most}
    for person, pairs in wishes.items():
        held = {candidate for _, candidate in shown[person]}
        floor = min((score for score, _ in shown[person]), default=0.0) if len(held) == assigning.SHOWN_EACH else -1.0
        for score, candidate in pairs:
            if candidate not in held and score > floor:
                assert most[candidate] == assigning.MOST_EXPOSURE
                assert worst[candidate] >= score, "a pair that would both rather have each other"


def test_floor_lifts_the_unseen_without_hiding_others() -> None:
    shown = {person: [(0.9 - i / 10, 100 + i) for i in range(5)] for person in range(10)}
    admirers = {200: [(0.0, person) for person in range(10)]}
    assigning.lift(shown, admirers)
    seen = exposure(shown)
    assert seen[200] == 2
    assert min(seen.values()) == 2
    assert all(len(pairs) == 5 for pairs in shown.values())


def test_floor_leaves_out_whom_nobody_may_see() -> None:
    shown: dict[int, list[tuple[float, int]]] = {1: []}
    assigning.lift(shown, {7: []})
    assert shown == {1: []}


def test_whoever_met_nobody_is_shown_three_the_least_shown_first() -> None:
    shown = {0: [(0.9, 10)], 1: [(0.9, 10)], 2: [(0.9, 11)]}
    assigning.fill(shown, [5, 10], [10, 11, 12, 13])
    assert shown[5] == [(0.0, 12), (0.0, 13), (0.0, 11)]
    assert 10 not in [candidate for _, candidate in shown[10]], "nobody is shown themselves"
    assert len(shown[10]) == 3


def test_newcomers_do_not_make_anybody_shown_too_often() -> None:
    shown: dict[int, list[tuple[float, int]]] = {}
    assigning.fill(shown, range(100), [200, 201])
    assert exposure(shown) == {200: 10, 201: 10}
