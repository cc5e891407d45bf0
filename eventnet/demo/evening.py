"""The script of the demo's evening: who arrives when, who scans whom, who writes down what."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from eventnet.demo import people
from eventnet.demo.people import Person

LENGTH = 4 * 3600
"""Seconds from the opening of the doors to the end."""

TALKS = (
    ("Welcome, and who is here", "Great Hall", 1500, 2700),
    ("Storage: what the grid needs by 2035", "Great Hall", 3000, 5100),
    ("From thesis to company in one year", "Garden Room", 3000, 5100),
    ("Open data for small cities", "Garden Room", 5700, 7500),
    ("Speed mentoring", "Library", 5700, 7500),
    ("Music, and the last round", "Courtyard", 9000, 14000),
)


@dataclass
class Meeting:
    """At `second`, `scanner` scans `scanned` (places in the list of people)."""

    second: int
    scanner: int
    scanned: int
    note: str = ""
    promise: str = ""
    tags: list[str] = field(default_factory=list)
    star: bool = False
    by_code: bool = False


@dataclass
class Evening:
    """Everything that will happen, in order of time within each list."""

    arrivals: list[tuple[int, int]]
    meetings: list[Meeting]
    attended: dict[int, list[int]]


def write(guests: list[Person], seed: int) -> Evening:
    """The evening of these people: several hundred scans, most of them among people who stand together."""
    dice = random.Random(seed + 1)  # noqa: S311
    here = [n for n, person in enumerate(guests) if person.comes]
    arrivals = sorted((int(min(dice.expovariate(1 / 1500), LENGTH - 1800)), n) for n in here)
    at = {n: second for second, n in arrivals}
    active = [n for n in here if guests[n].activates]
    circles = {n: dice.randrange(9) for n in here}
    # Who scans nobody stands aside and is scanned by nobody: they get another mail than the rest.
    about = [n for n in here if guests[n].outgoing]
    met: set[tuple[int, int]] = set()
    meetings = []
    for n in active:
        for _ in range(guests[n].outgoing):
            near = [m for m in about if m != n and circles[m] == circles[n]]
            other = dice.choice(near if near and dice.random() < 0.65 else [m for m in about if m != n])
            start = max(at[n], at[other]) + 120
            if (n, other) in met or start >= LENGTH - 60:
                continue
            met.add((n, other))
            meetings.append(_meeting(dice, int(dice.triangular(start, LENGTH - 30, start + 1800)), n, other))
            if (other, n) not in met and other in active and dice.random() < 0.12:
                met.add((other, n))  # both point their phones at each other
                meetings.append(_meeting(dice, meetings[-1].second + dice.randrange(2, 9), other, n))
    _first_guest_keeps_promises(guests, meetings)
    meetings.sort(key=lambda meeting: meeting.second)
    attended = {n: sorted({dice.randrange(len(TALKS)) for _ in range(dice.randrange(3))}) for n in active}
    return Evening(arrivals, meetings, attended)


def _meeting(dice: random.Random, second: int, scanner: int, scanned: int) -> Meeting:
    return Meeting(
        second, scanner, scanned,
        note=dice.choice(people.NOTES) if dice.random() < 0.35 else "",
        promise=dice.choice(people.PROMISES) if dice.random() < 0.18 else "",
        tags=[dice.choice(people.TAGS)] if dice.random() < 0.3 else [],
        star=dice.random() < 0.22, by_code=dice.random() < 0.06,
    )


def _first_guest_keeps_promises(guests: list[Person], meetings: list[Meeting]) -> None:
    """The guest whose phone the demo shows has a rich evening: a promise, a star and a note at least."""
    own = [meeting for meeting in meetings if meeting.scanner == 0]
    for meeting, (note, promise) in zip(own, (
        ("Storage tariffs, and the pilot in Aarhus", "send the storage report"), ("Knows the grid operator well", ""),
    ), strict=False):
        meeting.note, meeting.promise, meeting.star = note, promise, True
