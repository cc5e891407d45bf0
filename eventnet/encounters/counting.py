"""Meetings in numbers that tell nothing about one person: no cell below five."""

from __future__ import annotations

import csv
import io
from dataclasses import dataclass
from datetime import datetime
from xml.sax.saxutils import quoteattr

from sqlalchemy import func, or_, select

from eventnet import db
from eventnet.attendees.models import CATEGORIES, Attendee
from eventnet.encounters.models import Encounter
from eventnet.events.models import Event

LEAST = 5
"""A smaller cell could be pinned on somebody (PRODUCT: 5 everywhere)."""


@dataclass(frozen=True, slots=True)
class Aggregate:
    """How many people of each kind took part, and how many pairs of each two kinds met; None is withheld."""

    people: dict[str, int | None]
    pairs: dict[tuple[str, str], int | None]
    hours: list[tuple[datetime, int | None]]


def aggregate(event: Event) -> Aggregate:
    """People, pairs by category and first meetings by hour of the event. A cell counts people or pairs behind it.

    A cell of pairs is withheld too when fewer than five people of either side stand behind it.
    """
    people = dict.fromkeys(CATEGORIES, 0)
    for category, number in db.session.execute(
            select(Attendee.category, func.count()).where(Attendee.event_id == event.id, Attendee.removed_at.is_(None))
            .group_by(Attendee.category)):
        people[category] = number
    category_of = {row.id: row.category for row in db.session.execute(
        select(Attendee.id, Attendee.category).where(Attendee.event_id == event.id, or_(
            Attendee.id.in_(select(Encounter.low_id).where(Encounter.event_id == event.id)),
            Attendee.id.in_(select(Encounter.high_id).where(Encounter.event_id == event.id)))))}
    pairs: dict[tuple[str, str], int] = {}
    behind: dict[tuple[str, str], tuple[set[int], set[int]]] = {}
    hours: dict[datetime, int] = {}
    in_hour: dict[datetime, set[int]] = {}
    for low, high, first_at in db.session.execute(
            select(Encounter.low_id, Encounter.high_id, Encounter.first_at).where(Encounter.event_id == event.id)):
        one, other = sorted((low, high), key=lambda person: CATEGORIES.index(category_of[person]))
        cell = (category_of[one], category_of[other])
        pairs[cell] = pairs.get(cell, 0) + 1
        sides = behind.setdefault(cell, (set(), set()))
        sides[0].add(one)
        sides[1].add(other)
        hour = first_at.astimezone(event.tz).replace(minute=0, second=0, microsecond=0)
        hours[hour] = hours.get(hour, 0) + 1
        in_hour.setdefault(hour, set()).update((low, high))
    return Aggregate(
        {category: _shown(number, number) for category, number in people.items() if number},
        {cell: _shown(number, _least_behind(cell, behind[cell])) for cell, number in sorted(pairs.items())},
        [(hour, _shown(number, len(in_hour[hour]))) for hour, number in sorted(hours.items())],
    )


def as_csv(found: Aggregate) -> str:
    """The numbers as rows: what, of which kind, how many; an empty number is withheld."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(["measure", "kind", "number"])
    for category, number in found.people.items():
        writer.writerow(["people", category, _cell(number)])
    for (one, other), number in found.pairs.items():
        writer.writerow(["pairs who met", f"{one} and {other}", _cell(number)])
    for hour, number in found.hours:
        writer.writerow(["first meetings", hour.isoformat(timespec="minutes"), _cell(number)])
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


def _least_behind(cell: tuple[str, str], sides: tuple[set[int], set[int]]) -> int:
    if cell[0] == cell[1]:
        return len(sides[0] | sides[1])
    return min(len(sides[0]), len(sides[1]))


def _shown(number: int, people_behind: int) -> int | None:
    return number if number >= LEAST and people_behind >= LEAST else None


def _cell(number: int | None) -> str:
    return "" if number is None else str(number)
