"""Rankings on a real conference: SFHH, 403 people, thinned to what people would scan."""

from __future__ import annotations

import gzip
import math
import random
from collections import Counter
from pathlib import Path

import numpy as np
import pytest

from eventnet.suggestions import ranking
from eventnet.suggestions.facts import Facts, Profile
from eventnet.suggestions.picks import Picks

DAY = 86_400
Pair = tuple[int, int]


@pytest.fixture(scope="module")
def contacts(outside_data: Path) -> dict[Pair, tuple[int, int, int]]:
    """First day: pair -> (first second, last second, seconds together)."""
    found: dict[Pair, tuple[int, int, int]] = {}
    with gzip.open(outside_data / "contacts-sfhh09" / "SFHH_tij.dat.gz", "rt") as file:
        for line in file:
            t, i, j = map(int, line.split())
            if t < DAY:
                pair = (min(i, j), max(i, j))
                first, _, together = found.get(pair, (t, t, 0))
                found[pair] = (first, t, together + 20)
    return found


@pytest.fixture(scope="module")
def people(contacts: dict[Pair, tuple[int, int, int]]) -> list[int]:
    return sorted({person for pair in contacts for person in pair})


def thinned(contacts: dict[Pair, tuple[int, int, int]], share: float, seed: int) -> dict[Pair, tuple[int, int, int]]:
    """Keep a share of the contacts: the longer the likelier, and some people scan more than others."""
    rng = random.Random(seed)
    eager = {person: math.exp(rng.gauss(0, 1)) for pair in contacts for person in pair}
    weight = {pair: together * eager[pair[0]] * eager[pair[1]] for pair, (_, _, together) in contacts.items()}
    low, high = 1e-12, 1.0
    for _ in range(60):
        factor = math.sqrt(low * high)
        kept = sum(factor * w / (1 + factor * w) for w in weight.values())
        low, high = (factor, high) if kept < share * len(weight) else (low, factor)
    return {pair: contacts[pair] for pair, w in weight.items() if rng.random() < factor * w / (1 + factor * w)}


@pytest.fixture(scope="module")
def found(contacts: dict[Pair, tuple[int, int, int]], people: list[int]) -> tuple[set[Pair], dict[int, Picks]]:
    scans = thinned(contacts, 0.2, seed=11)
    facts = Facts(people=people, profiles={person: Profile(ticked=True) for person in people},
                  meetings=[(a, b, float(first), float(last)) for (a, b), (first, last, _) in scans.items()],
                  everybody=len(people), all_meetings=len(scans))
    return set(scans), ranking.rank(facts)


def test_everybody_who_ticked_is_shown_and_nobody_more_than_ten_times(
        found: tuple[set[Pair], dict[int, Picks]], people: list[int]) -> None:
    exposure = Counter(pick.attendee_id for picks in found[1].values() for pick in picks.should_meet)
    assert (min(exposure[person] for person in people) >= 2, max(exposure.values()) <= 10) == (True, True)


def test_every_suggestion_has_a_reason_and_nobody_met(found: tuple[set[Pair], dict[int, Picks]]) -> None:
    scans, picks = found
    for person, one in picks.items():
        for pick in one.should_meet:
            assert pick.reasons
            assert (min(person, pick.attendee_id), max(person, pick.attendee_id)) not in scans


def test_did_you_talk_finds_unscanned_talks_far_better_than_chance(
        found: tuple[set[Pair], dict[int, Picks]], contacts: dict[Pair, tuple[int, int, int]],
        people: list[int]) -> None:
    scans, picks = found
    asked = [(min(p, q), max(p, q)) for p, one in picks.items() for q in one.did_you_talk]
    hits = np.mean([pair in contacts and contacts[pair][2] >= 300 for pair in asked])
    long = sum(1 for pair, (_, _, together) in contacts.items() if together >= 300 and pair not in scans)
    chance = long / (len(people) * (len(people) - 1) / 2 - len(scans))
    assert len(asked) > 100
    assert hits > 8 * chance


def test_follow_up_order_finds_long_talks_better_than_chance(
        found: tuple[set[Pair], dict[int, Picks]], contacts: dict[Pair, tuple[int, int, int]]) -> None:
    """The order knows no durations; people it puts into the upper half talked longer."""
    upper, lower = [], []
    for person, one in found[1].items():
        lengths = [math.log(contacts[min(person, p.attendee_id), max(person, p.attendee_id)][2]) for p in one.follow_up]
        half = len(lengths) // 2
        if half:
            upper.append(np.mean(lengths[:half]))
            lower.append(np.mean(lengths[-half:]))
    assert np.mean(upper) > np.mean(lower)
