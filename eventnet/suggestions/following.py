"""Orders the people an attendee met: whom to follow up with first."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from eventnet.suggestions import matching, reasons, scoring
from eventnet.suggestions.facts import Facts, Profile
from eventnet.suggestions.picks import Pick

SMALL, SATURATED = 60, 0.5


class Standpoint:
    """The facts of an event with its graph, numbered and made once."""

    def __init__(self, facts: Facts) -> None:
        self.facts = facts
        self.number = {person: i for i, person in enumerate(facts.people)}
        self.graph = scoring.Graph.of(len(facts.people), [
            (self.number[a], self.number[b], first, last) for a, b, first, last in facts.meetings])
        self.near = scoring.Nearness(self.graph)
        low, high = self.graph.low, self.graph.high
        self.met_by: dict[int, list[tuple[int, float]]] = {}
        for i, (a, b) in enumerate(zip(low.tolist(), high.tolist(), strict=True)):
            self.met_by.setdefault(a, []).append((b, float(self.graph.last[i])))
            self.met_by.setdefault(b, []).append((a, float(self.graph.last[i])))

        self.apart: dict[int, set[int]] = {}
        for one, other in facts.apart:
            if one in self.number and other in self.number:
                self.apart.setdefault(self.number[one], set()).add(self.number[other])
                self.apart.setdefault(self.number[other], set()).add(self.number[one])

    @property
    def graph_is_hidden(self) -> bool:
        """In a small or saturated event the graph says nothing that chance would not, or says too much."""
        everybody = self.facts.everybody
        possible = everybody * (everybody - 1) / 2
        return everybody < SMALL or self.facts.all_meetings > SATURATED * possible


def fit(mine: Profile, theirs: Profile) -> tuple[float, float, float]:
    """How their offer fits my search, my offer theirs, and both interests; nothing unless they ticked."""
    if not theirs.ticked:
        return 0.0, 0.0, 0.0
    looks = 0.0 if matching.mentions_work(theirs.looking_for) else matching.likeness(mine.offering, theirs.looking_for)
    return (matching.likeness(mine.looking_for, theirs.offering), looks,
            matching.likeness(mine.interests, theirs.interests))


def follow_ups(here: Standpoint, people: list[int]) -> Iterator[tuple[int, tuple[Pick, ...]]]:
    """For each of these attendees (ids): everybody they met, promises first, then by score, then by id."""
    numbers = [here.number[person] for person in people if person in here.number]
    for start in range(0, len(numbers), scoring.BLOCK):
        rows = np.array(numbers[start:start + scoring.BLOCK])
        rounds, activity = here.near.same_rounds(rows), here.near.co_activity(rows)
        allocation, paths = here.near.allocation(rows), here.near.common(rows)
        for i, me in enumerate(rows.tolist()):
            met = here.met_by.get(me, [])
            if not met:
                yield here.facts.people[me], ()
                continue
            others = np.array([other for other, _ in met])
            at = np.array([when for _, when in met])
            lines = [np.asarray(matrix[[i]].toarray()).ravel()[others]
                     for matrix in (rounds, activity, allocation, paths)]
            yield here.facts.people[me], _ordered(here, me, others, at - at.min() + 1, *lines)


def _ordered(here: Standpoint, me: int, others: np.ndarray, recency: scoring.Floats, rounds: scoring.Floats,
             activity: scoring.Floats, allocation: scoring.Floats, paths: scoring.Floats) -> tuple[Pick, ...]:
    facts, my_id = here.facts, here.facts.people[me]
    ids = [facts.people[other] for other in others.tolist()]
    promised = np.array([(my_id, person) in facts.promised for person in ids], dtype=float)
    starred = np.array([(my_id, person) in facts.starred for person in ids], dtype=float)
    mine = facts.profile(my_id)
    fits = [fit(mine, facts.profile(person)) for person in ids]
    scores = scoring.follow_up(
        promised=promised, starred=starred, rounds=rounds, activity=activity, allocation=allocation, recency=recency,
        fit=np.array([max(offers, looks) for offers, looks, _ in fits]))
    picks = []
    for i, person in enumerate(ids):
        theirs = facts.profile(person)
        picks.append(Pick(person, float(scores[i]), reasons.passing(reasons.Evidence(
            they_ticked=theirs.ticked, promised=bool(promised[i]), starred=bool(starred[i]), offers=fits[i][0],
            looks=fits[i][1], interests=fits[i][2],
            items=tuple(facts.items.get(my_id, frozenset()) & facts.items.get(person, frozenset())),
            paths=int(paths[i]), contacts=len(ids), graph_hidden=here.graph_is_hidden,
            their_search=theirs.looking_for))))
    kept = dict(zip(ids, promised.tolist(), strict=True))
    return tuple(sorted(picks, key=lambda pick: (-kept[pick.attendee_id], -pick.score, pick.attendee_id)))
