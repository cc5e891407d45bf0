"""What one event knows that suggestions may use, read in six statements whatever its size."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from sqlalchemy import func, or_, select

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Attendance, Card
from eventnet.contacts.models import Contact
from eventnet.encounters import blocking
from eventnet.encounters.models import Encounter

Meeting = tuple[int, int, float, float]


@dataclass(frozen=True)
class Profile:
    """What one attendee wrote on their card. `ticked`: they agreed to be suggested to people here."""

    ticked: bool = False
    looking_for: str = ""
    offering: str = ""
    interests: str = ""


@dataclass(frozen=True)
class Facts:
    """`people`: attendees who take part, in order. `meetings`: (one, the other, first, last second), both of
    them in `people`. `promised` and `starred`: (owner, person). `items`: what an attendee said they were at. `apart`:
    (lower id, higher id) of whom one keeps the other away.
    `everybody` and `all_meetings` count the whole event, also where the rest is only what is around one."""

    people: Sequence[int]
    profiles: Mapping[int, Profile]
    meetings: Sequence[Meeting]
    promised: Collection[tuple[int, int]] = frozenset()
    starred: Collection[tuple[int, int]] = frozenset()
    items: Mapping[int, frozenset[int]] = field(default_factory=dict)
    everybody: int = 0
    all_meetings: int = 0
    apart: Collection[tuple[int, int]] = frozenset()

    def profile(self, attendee_id: int) -> Profile:
        return self.profiles.get(attendee_id) or Profile()


def of_event(event_id: int) -> Facts:
    """Everything about everybody of an event."""
    return _facts(event_id, None)


def around(event_id: int, attendee_id: int) -> Facts:
    """What bears on one attendee's own contacts: themselves, the people they met, whom those met."""
    met = {other for pair in db.session.execute(select(Encounter.low_id, Encounter.high_id).where(
        Encounter.event_id == event_id,
        or_(Encounter.low_id == attendee_id, Encounter.high_id == attendee_id))) for other in pair}
    return _facts(event_id, frozenset(met | {attendee_id}))


def _facts(event_id: int, near: frozenset[int] | None) -> Facts:
    meetings = select(Encounter.low_id, Encounter.high_id, Encounter.first_at, Encounter.last_at).where(
        Encounter.event_id == event_id)
    if near is not None:
        meetings = meetings.where(or_(Encounter.low_id.in_(near), Encounter.high_id.in_(near)))
    rows = db.session.execute(meetings.order_by(Encounter.low_id, Encounter.high_id)).all()
    wanted = None if near is None else near | {i for row in rows for i in row[:2]}
    taking_part = select(Attendee.id).where(
        Attendee.event_id == event_id, Attendee.not_taking_part_at.is_(None), Attendee.removed_at.is_(None))
    people = list(db.session.scalars(_among(taking_part, Attendee.id, wanted).order_by(Attendee.id)))
    known = set(people)
    cards = select(Card.attendee_id, Card.suggest_me_at, Card.looking_for, Card.offering, Card.interests).where(
        Card.event_id == event_id, Card.agreed_at.is_not(None))
    profiles = {
        row.attendee_id: Profile(row.suggest_me_at is not None, row.looking_for, row.offering, row.interests)
        for row in db.session.execute(_among(cards, Card.attendee_id, near)) if row.attendee_id in known
    }
    written = db.session.execute(_among(
        select(Contact.owner_id, Contact.person_id, Contact.promise, Contact.starred_at).where(
            Contact.event_id == event_id), Contact.owner_id, near)).all()
    items: dict[int, set[int]] = defaultdict(set)
    for person, item in db.session.execute(_among(
            select(Attendance.attendee_id, Attendance.item_id).where(Attendance.event_id == event_id),
            Attendance.attendee_id, near)):
        items[person].add(item)
    kept = [(low, high, first.timestamp(), last.timestamp()) for low, high, first, last in rows
            if low in known and high in known]
    everybody, all_meetings = (len(people), len(kept)) if near is None else _counts(event_id)
    return Facts(
        people=people, profiles=profiles, meetings=kept, everybody=everybody, all_meetings=all_meetings,
        promised={(row.owner_id, row.person_id) for row in written if row.promise.strip()},
        starred={(row.owner_id, row.person_id) for row in written if row.starred_at is not None},
        items={person: frozenset(found) for person, found in items.items()},
        apart=blocking.pairs(event_id, near),
    )


def _among(statement: Any, column: Any, ids: frozenset[int] | set[int] | None) -> Any:
    return statement if ids is None else statement.where(column.in_(ids))


def _counts(event_id: int) -> tuple[int, int]:
    """How many take part, and how many pairs met."""
    people = select(func.count()).select_from(Attendee).where(
        Attendee.event_id == event_id, Attendee.not_taking_part_at.is_(None), Attendee.removed_at.is_(None))
    pairs = select(func.count()).select_from(Encounter).where(Encounter.event_id == event_id)
    row = db.session.execute(select(people.scalar_subquery(), pairs.scalar_subquery())).one()
    return int(row[0]), int(row[1])
