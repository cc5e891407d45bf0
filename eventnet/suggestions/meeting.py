"""Finds whom an attendee should still meet, and whom they may have talked to without a scan."""

from __future__ import annotations

import numpy as np
from scipy import sparse

from eventnet.suggestions import assigning, matching, reasons, scoring
from eventnet.suggestions.following import Standpoint
from eventnet.suggestions.picks import Pick
from eventnet.suggestions.reasons import Evidence, Reason

# What I look for counts in full; what I can do for them is a reason to meet, too, of half the weight.
FIT, SESSION, GRAPH, INTEREST = 0.50, 0.20, 0.20, 0.10
GIVING = 0.5
KEPT_EACH = 40
KEPT_NEAR = 100
TALKED = 3
LARGE = 5000


def walk_steps(size: int) -> int:
    """How far the walk goes: to the end where that is cheap, three steps in a large event."""
    return 12 if size <= LARGE else 3


class Meeting:
    """The candidates of one event: everybody who ticked "suggest me", as matrices with one row a person."""

    def __init__(self, here: Standpoint) -> None:
        self.here = here
        facts = here.facts
        self.people = list(facts.people)
        profiles = [facts.profile(person) for person in self.people]
        self.ticked = np.array([profile.ticked for profile in profiles], dtype=bool)
        self.works = np.array([matching.mentions_work(profile.looking_for) for profile in profiles], dtype=bool)
        corpus = matching.Corpus([f"{p.looking_for}\n{p.offering}\n{p.interests}" for p in profiles])
        self.seek = corpus.rows([p.looking_for for p in profiles])
        self.offer = corpus.rows([p.offering for p in profiles])
        self.interest = corpus.rows([p.interests for p in profiles])
        self.items = _items(here)
        self.talked: dict[int, tuple[int, ...]] = {}
        # For each person: the candidates that were kept, and their offers, looks, interests and paths.
        self.weighed: dict[int, tuple[np.ndarray, np.ndarray]] = {}
        self.graph = self._graph()

    def _graph(self) -> sparse.csr_array:
        """The graph's part for everybody, the nearest 100 each; settles on the way who may have talked."""
        here, n = self.here, len(self.people)
        shape = (n, n)
        if here.graph_is_hidden:
            return sparse.csr_array(shape, dtype=np.float64)
        row: list[np.ndarray] = []
        column: list[np.ndarray] = []
        value: list[np.ndarray] = []
        for rows in scoring.blocks(n):
            walk = here.near.walk(rows, walk_steps(n))
            rounds, allocation = here.near.same_rounds(rows), here.near.allocation(rows)
            paths = here.near.common(rows)
            for i, me in enumerate(rows.tolist()):
                if here.near.degree[me] == 0:
                    continue
                others = walk[i].copy()
                others[[me, *(other for other, _ in here.met_by.get(me, [])), *here.apart.get(me, ())]] = 0.0
                known = np.flatnonzero(others)
                line = np.asarray(rounds[[i]].toarray()).ravel()[known]
                score = scoring.nearness(others[known], line)
                best = np.argsort(-score, kind="stable")[:KEPT_NEAR]
                row.append(np.full(len(best), me))
                column.append(known[best])
                value.append(score[best])
                self._remember_talks(me, known, others[known], line, allocation, paths, i)
        if not row:
            return sparse.csr_array(shape, dtype=np.float64)
        return sparse.csr_array((np.concatenate(value), (np.concatenate(row), np.concatenate(column))), shape=shape)

    def _remember_talks(self, me: int, known: np.ndarray, walk: scoring.Floats, rounds: scoring.Floats,
                        allocation: sparse.csr_array, paths: sparse.csr_array, i: int) -> None:
        """At most three who ticked, through three people or more: fewer would point at the one in between."""
        if len(self.here.met_by.get(me, [])) < reasons.LEAST_CONTACTS or not len(known):
            return
        shared = np.asarray(allocation[[i]].toarray()).ravel()[known]
        score = scoring.talk_likelihood(walk, rounds, shared)
        enough = np.asarray(paths[[i]].toarray()).ravel()[known] >= reasons.LEAST_PATHS
        score = np.where(enough & self.ticked[known] & (rounds > 0), score, 0.0)
        best = [int(known[j]) for j in np.argsort(-score, kind="stable")[:TALKED] if score[j] > 0]
        self.talked[me] = tuple(self.people[other] for other in best)

    def suggestions(self) -> dict[int, tuple[Pick, ...]]:
        """For each attendee at most five, each with a reason that may be said."""
        wishes: dict[int, list[tuple[float, int]]] = {}
        graph_back = self.graph.T.tocsr()
        candidates = np.flatnonzero(self.ticked)
        if not len(candidates):
            return {}
        for rows in scoring.blocks(len(self.people)):
            offers = _dense(self.seek[rows] @ self.offer.T)
            looks = _dense(self.offer[rows] @ self.seek.T)
            session = np.minimum(_dense(self.items[rows] @ self.items.T), 1.0)
            interest = _dense(self.interest[rows] @ self.interest.T)
            paths = _dense(self.here.near.common(rows))
            met = _dense(self.here.near.met[rows]) > 0
            near, near_back = _dense(self.graph[rows]), _dense(graph_back[rows])
            rest = SESSION * session + INTEREST * interest
            there = FIT * np.maximum(offers, GIVING * looks) + rest + GRAPH * near
            back = FIT * np.maximum(looks, GIVING * offers) + rest + GRAPH * near_back
            # Nearness lives on paths; where there is just one it must not be what the suggestion rests on.
            degree = self.here.near.degree[rows][:, None]
            reason = ((offers >= reasons.LEAST_FIT) | ((looks >= reasons.LEAST_FIT) & ~self.works[None, :])
                      | (session > 0) | (interest >= reasons.LEAST_FIT))
            if not self.here.graph_is_hidden:
                reason |= (paths >= reasons.LEAST_PATHS) & (degree >= reasons.LEAST_CONTACTS)
            score = np.where(reason & self.ticked[None, :] & ~met, scoring.both_ways(there, back), 0.0)
            score[np.arange(len(rows)), rows] = 0.0
            for i, me in enumerate(rows.tolist()):
                line = score[i]
                line[list(self.here.apart.get(me, ()))] = 0.0
                best = np.argsort(-line, kind="stable")[:KEPT_EACH]
                best = best[line[best] > 0]
                wishes[me] = list(zip(line[best].tolist(), best.tolist(), strict=True))
                self.weighed[me] = (best, np.stack([each[i, best] for each in (offers, looks, interest, paths)]))
        shown = assigning.assign(wishes)
        assigning.lift(shown, self._admirers(shown, wishes))
        newcomers = [me for me in range(len(self.people)) if me not in self.here.met_by]
        assigning.fill(shown, newcomers, candidates.tolist(), apart=self.here.apart)
        return {self.people[me]: tuple(
            Pick(self.people[other], score, self._reasons(me, other)) for score, other in pairs)
            for me, pairs in shown.items()}

    def _admirers(self, shown: dict[int, list[tuple[float, int]]],
                  wishes: dict[int, list[tuple[float, int]]]) -> dict[int, list[tuple[float, int]]]:
        """Who was shown too seldom, and to whom they may be shown: those who fit first, then anybody near in
        the list, so that the unknown are spread over many."""
        exposure = np.zeros(len(self.people), dtype=int)
        for pairs in shown.values():
            for _, other in pairs:
                exposure[other] += 1
        lonely = set(np.flatnonzero(self.ticked & (exposure < assigning.LEAST_EXPOSURE)).tolist())
        found: dict[int, list[tuple[float, int]]] = {other: [] for other in lonely}
        if not lonely:
            return {}
        for me, pairs in wishes.items():
            for score, other in pairs:
                if other in lonely:
                    found[other].append((score, me))
        n = len(self.people)
        for other, pairs in found.items():
            fitting = {me for _, me in pairs}
            met = {me for me, _ in self.here.met_by.get(other, [])} | self.here.apart.get(other, set())
            around = (int(i) for i in (other + 1 + np.arange(n - 1) * _stride(n)) % n)
            pairs.sort(key=lambda pair: (-pair[0], pair[1]))
            room = KEPT_EACH
            for me in around:
                if me != other and me not in met and me not in fitting:
                    pairs.append((0.0, me))
                    fitting.add(me)
                    room -= 1
                    if not room:
                        break
        return found

    def _reasons(self, me: int, other: int) -> tuple[Reason, ...]:
        kept, weights = self.weighed[me]
        place = np.flatnonzero(kept == other)
        if not len(place):
            return (Reason(reasons.OPEN),)
        offers, looks, interests, paths = weights[:, place[0]].tolist()
        facts, mine, theirs = self.here.facts, self.people[me], self.people[other]
        passed = reasons.passing(Evidence(
            they_ticked=True, offers=offers, looks=looks, interests=interests, paths=int(paths),
            items=tuple(facts.items.get(mine, frozenset()) & facts.items.get(theirs, frozenset())),
            contacts=len(self.here.met_by.get(me, [])), graph_hidden=self.here.graph_is_hidden,
            their_search=facts.profile(theirs).looking_for))
        return passed or (Reason(reasons.OPEN),)


def _stride(n: int) -> int:
    """A step that visits every number below n once, jumping over neighbours of the attendee list."""
    step = max(1, int(n * 0.618))
    while np.gcd(step, n) != 1:
        step += 1
    return step


def _dense(matrix: sparse.csr_array) -> scoring.Floats:
    return np.asarray(matrix.toarray(), dtype=np.float64)


def _items(here: Standpoint) -> sparse.csr_array:
    numbered: dict[int, int] = {}
    row, column = [], []
    for person, items in here.facts.items.items():
        for item in items:
            if person in here.number:
                row.append(here.number[person])
                column.append(numbered.setdefault(item, len(numbered)))
    return sparse.csr_array((np.ones(len(row)), (row, column)), shape=(len(here.facts.people), max(1, len(numbered))))
