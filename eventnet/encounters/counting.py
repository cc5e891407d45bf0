"""Meetings in numbers that tell nothing about one person: no cell below five."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass, field
from datetime import datetime
from xml.sax.saxutils import quoteattr

from sqlalchemy import func, or_, select

from eventnet import clock, db
from eventnet.attendees.models import CATEGORIES, Attendee
from eventnet.encounters import naming, timeline
from eventnet.encounters.models import Encounter
from eventnet.encounters.withholding import LEAST, is_hidden_well, withheld
from eventnet.events.models import Event


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How many people of each kind took part, how many pairs of each two kinds met, and when; None is withheld.

    `pairs` is empty and `is_withheld` where even to say which kinds met would be too much.
    """

    people: dict[str, int | None]
    pairs: dict[tuple[str, str], int | None]
    times: list[tuple[datetime, int | None]]
    is_withheld: bool = False


def aggregate(event: Event) -> Aggregate:
    """People, pairs by category, and first meetings over the event in the very bins that the overview shows.

    A cell of pairs is withheld too when fewer than five people of either side stand behind it, and one more when it
    could be computed from the rest: the overview tells the total. With nothing else to hide it among, no kind is
    named. Other bins than the overview's would give its withheld ones away. Pairs that organizers see by name are no
    secret and not reckoned with.
    """
    known = set(db.session.scalars(select(Attendee.id).where(
        Attendee.event_id == event.id, naming.is_shown(event, Attendee)))) if event.names_policy == "pairs" else set()
    people = dict.fromkeys(CATEGORIES, 0)
    for category, number in db.session.execute(
            select(Attendee.category, func.count()).where(Attendee.event_id == event.id, Attendee.removed_at.is_(None))
            .group_by(Attendee.category)):
        people[category] = number
    category_of = {row.id: row.category for row in db.session.execute(
        select(Attendee.id, Attendee.category).where(Attendee.event_id == event.id, or_(
            Attendee.id.in_(select(Encounter.low_id).where(Encounter.event_id == event.id)),
            Attendee.id.in_(select(Encounter.high_id).where(Encounter.event_id == event.id)))))}
    pairs: dict[tuple[str, str], _Cell] = {}
    for low, high in db.session.execute(
            select(Encounter.low_id, Encounter.high_id).where(Encounter.event_id == event.id)):
        one, other = sorted((low, high), key=lambda person: CATEGORIES.index(category_of[person]))
        is_known = low in known and high in known
        kinds = (category_of[one], category_of[other])
        pairs.setdefault(kinds, _Cell(kinds[0] == kinds[1])).count(one, other, is_known=is_known)
    shown = _shown(pairs)
    return Aggregate(
        {category: number if number >= LEAST else None for category, number in people.items() if number},
        shown or {}, [(bin_.start.astimezone(event.tz), bin_.count) for bin_ in timeline.of(event, clock.now()).bins
                      if bin_.count != 0 and not bin_.is_ahead], is_withheld=shown is None)


def as_csv(found: Aggregate) -> str:
    """The numbers as rows: what, of which kind, how many; an empty number is withheld."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["measure", "kind", "number"])
    for category, number in found.people.items():
        writer.writerow(["people", category, _cell(number)])
    for (one, other), number in found.pairs.items():
        writer.writerow(["pairs who met", f"{one} and {other}", _cell(number)])
    if found.is_withheld:
        writer.writerow(["pairs who met", "of which kinds is withheld", ""])
    for at, number in found.times:
        writer.writerow(["first meetings", at.isoformat(timespec="minutes"), _cell(number)])
    return out.getvalue()


def as_graphml(found: Aggregate) -> str:
    """Kinds of people as nodes, meetings between them as edges with their number (GraphML 1.0)."""
    lines = [
        '<?xml version="1.0" encoding="UTF-8"?>', '<graphml xmlns="http://graphml.graphdrawing.org/xmlns">',
        '<key id="people" for="node" attr.name="people" attr.type="int"/>',
        '<key id="pairs" for="edge" attr.name="pairs" attr.type="int"/>', '<graph edgedefault="undirected">',
    ]
    for category, number in found.people.items():
        data = "" if number is None else f'<data key="people">{number}</data>'
        lines.append(f"<node id={quoteattr(category)}>{data}</node>")
    for (one, other), number in found.pairs.items():
        if number is not None:
            lines.append(f"<edge source={quoteattr(one)} target={quoteattr(other)}>"
                         f'<data key="pairs">{number}</data></edge>')
    return "\n".join([*lines, "</graph>", "</graphml>", ""])


@dataclass(slots=True)
class _Cell:
    """Pairs of one kind: how many, how many of them are a secret, and whose. Mixed: both sides are of one kind."""

    is_mixed: bool
    number: int = 0
    secret: int = 0
    ones: set[int] = field(default_factory=set)
    others: set[int] = field(default_factory=set)

    def count(self, one: int, other: int, *, is_known: bool) -> None:
        self.number += 1
        if not is_known:
            self.secret += 1
            self.ones.add(one)
            self.others.add(other)

    @property
    def is_small(self) -> bool:
        people = len(self.ones | self.others) if self.is_mixed else min(len(self.ones), len(self.others))
        return self.secret > 0 and min(self.secret, people) < LEAST


def _shown(cells: dict[tuple[str, str], _Cell]) -> dict[tuple[str, str], int | None] | None:
    """The cells as they may be told; None when what is withheld could be computed from the total."""
    ordered = sorted(cells.items())
    secret = [cell.secret for _kinds, cell in ordered]
    hidden = withheld(secret, [place for place, (_kinds, cell) in enumerate(ordered) if cell.is_small])
    if not is_hidden_well(secret, hidden):
        return None
    return {kinds: None if place in hidden else cell.number for place, (kinds, cell) in enumerate(ordered)}


def _cell(number: int | None) -> str:
    return "" if number is None else str(number)
