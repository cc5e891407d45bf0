"""Who waits for an answer: swaps that need my yes, and the rest of my card asked for before I had one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, ScalarSelect, exists, func, or_, select

from eventnet import db
from eventnet.cards.fields import BADGE_FIELDS, granted
from eventnet.cards.models import Block, Grant
from eventnet.encounters import finding
from eventnet.encounters.models import Encounter, Scan

MOST_SHOWN = 500


@dataclass(frozen=True, slots=True)
class Waiting:
    """A person who waits for me. `kind` swap: they scanned me; card: they have my badge and asked for the rest."""

    person_id: int
    name: str
    title: str
    organization: str
    since: datetime
    met_at: datetime
    kind: Literal["swap", "card"]
    offers: tuple[str, ...]


def count_waiting(event_id: int, attendee_id: int) -> int:
    """How many people wait for this attendee's answer."""
    return db.session.scalar(select(number_waiting(event_id, attendee_id))) or 0


def number_waiting(event_id: int, attendee_id: int) -> ScalarSelect[int]:
    """SQL: as count_waiting, to be asked for together with something else."""
    scans = select(Scan.scanner_id.label("person_id")).where(*waiting_scans(event_id, attendee_id))
    grants = select(Grant.receiver_id.label("person_id")).where(*waiting_grants(event_id, attendee_id))
    return select(func.count()).select_from(scans.union(grants).subquery()).scalar_subquery()


def waiting(event_id: int, attendee_id: int) -> list[Waiting]:
    """Who waits for this attendee's answer, the first to ask first, at most 500; in three queries."""
    scans = db.session.execute(
        select(Scan.scanner_id, Scan.offered, Scan.received_at, Scan.met_at)
        .where(*waiting_scans(event_id, attendee_id)).order_by(Scan.received_at, Scan.id).limit(MOST_SHOWN)).all()
    grants = db.session.execute(
        select(Grant.receiver_id, Grant.asked_since, Encounter.first_at)
        .outerjoin(Encounter, (Encounter.event_id == Grant.event_id) & or_(
            (Encounter.low_id == Grant.receiver_id) & (Encounter.high_id == Grant.giver_id),
            (Encounter.high_id == Grant.receiver_id) & (Encounter.low_id == Grant.giver_id)))
        .where(*waiting_grants(event_id, attendee_id)).order_by(Grant.asked_since, Grant.id).limit(MOST_SHOWN)).all()
    people = finding.people([row[0] for row in scans] + [row[0] for row in grants])
    found: dict[int, Waiting] = {}
    asking: list[tuple[Literal["swap", "card"], Any]] = [("swap", row) for row in scans]
    asking += [("card", (row[0], BADGE_FIELDS, row[1], row[2] or row[1])) for row in grants]
    for kind, (person_id, offered, since, met_at) in asking:
        person = people.get(person_id)
        if person is not None and person_id not in found:
            found[person_id] = Waiting(
                person_id, person.badge_name, person.title, person.organization, since, met_at, kind,
                granted(person, list(offered)))
    return sorted(found.values(), key=lambda one: one.since)


def who_waits(event_id: int, attendee_id: int) -> set[int]:
    """Everybody who waits for this attendee's answer, by id."""
    return set(db.session.scalars(
        select(Scan.scanner_id).where(*waiting_scans(event_id, attendee_id))
        .union(select(Grant.receiver_id).where(*waiting_grants(event_id, attendee_id)))))


def waiting_scans(event_id: int, attendee_id: int) -> tuple[ColumnElement[bool], ...]:
    """Scans that wait for this attendee's yes; a block between the two hides them."""
    return (Scan.event_id == event_id, Scan.scanned_id == attendee_id, Scan.settled_at.is_(None),
            Scan.undone_at.is_(None), Scan.declined_at.is_(None), Scan.blocked_at.is_(None))


def waiting_grants(event_id: int, attendee_id: int) -> tuple[ColumnElement[bool], ...]:
    """Grants of the badge alone whose receivers wait for the rest; a block between the two hides them."""
    return (Grant.event_id == event_id, Grant.giver_id == attendee_id, Grant.asked_since.is_not(None),
            Grant.answered_at.is_(None), Grant.withdrawn_at.is_(None), ~exists().where(
                Block.event_id == event_id,
                or_((Block.blocker_id == attendee_id) & (Block.blocked_id == Grant.receiver_id),
                    (Block.blocked_id == attendee_id) & (Block.blocker_id == Grant.receiver_id))))
