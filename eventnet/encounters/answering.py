"""Answers people who wait: swaps that need my yes, and the rest of my card asked for before I had one."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import ColumnElement, func, or_, select, update

from eventnet import clock, db
from eventnet.cards.fields import BADGE_FIELDS, granted
from eventnet.encounters import finding, settling
from eventnet.encounters.models import Encounter, Grant, Scan
from eventnet.encounters.settling import Giving
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

MOST_SHOWN = 200


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
    scans = select(Scan.scanner_id.label("person_id")).where(*_waiting_scans(event_id, attendee_id))
    grants = select(Grant.receiver_id.label("person_id")).where(*_waiting_grants(event_id, attendee_id))
    found: int = db.session.scalar(select(func.count()).select_from(scans.union(grants).subquery())) or 0
    return found


def waiting(event_id: int, attendee_id: int) -> list[Waiting]:
    """Who waits for this attendee's answer, the first to ask first, at most 200; in three queries."""
    scans = db.session.execute(
        select(Scan.scanner_id, Scan.offered, Scan.received_at, Scan.met_at)
        .where(*_waiting_scans(event_id, attendee_id)).order_by(Scan.received_at, Scan.id).limit(MOST_SHOWN)).all()
    grants = db.session.execute(
        select(Grant.receiver_id, Grant.asked_since, Encounter.first_at)
        .outerjoin(Encounter, (Encounter.event_id == Grant.event_id) & or_(
            (Encounter.low_id == Grant.receiver_id) & (Encounter.high_id == Grant.giver_id),
            (Encounter.high_id == Grant.receiver_id) & (Encounter.low_id == Grant.giver_id)))
        .where(*_waiting_grants(event_id, attendee_id)).order_by(Grant.asked_since, Grant.id).limit(MOST_SHOWN)).all()
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


def answer(event_id: int, giver_id: int, person_id: int, yes: bool) -> bool:
    """Say yes or no to one person who waits; returns False when nobody waited any more.

    Yes settles the swap with its original time, and gives what my card shares now. No is not told: to them it
    looks like waiting. Raises Refusal `no_card` for a yes before I chose what I share.
    """
    now = clock.now()
    settling.lock_pair(giver_id, person_id)
    people = finding.people([giver_id, person_id])
    me, person = people.get(giver_id), people.get(person_id)
    if me is None or person is None or me.event_id != event_id or person.event_id != event_id:
        raise NotFound
    if not yes:
        return _decline(event_id, giver_id, person_id, now)
    if me.agreed_at is None:
        raise Refusal(_("First choose on your card what you share, then answer."), reason="no_card")
    waited = settling.settle_waiting(event_id, person_id, giver_id, now)
    if waited:
        settling.settle(
            event_id, settling.meeting_of([at for at, _offered in waited], scanner_is_low=person_id < giver_id),
            (Giving(person_id, giver_id, waited[-1][1], acted=True), Giving(giver_id, person_id, me.gives, acted=True)),
            now)
        return True
    return bool(db.session.scalars(
        update(Grant).where(*_waiting_grants(event_id, giver_id), Grant.receiver_id == person_id)
        .values(fields=me.gives, given_at=now, asked_since=None, answered_at=now).returning(Grant.id)).all())


def answer_all(event_id: int, giver_id: int, yes: bool) -> int:
    """The same answer to everybody who waits; returns how many."""
    return sum(answer(event_id, giver_id, person_id, yes)
               for person_id in sorted(one.person_id for one in waiting(event_id, giver_id)))


def _decline(event_id: int, giver_id: int, person_id: int, now: datetime) -> bool:
    scans = db.session.scalars(
        update(Scan).where(*_waiting_scans(event_id, giver_id), Scan.scanner_id == person_id)
        .values(declined_at=now).returning(Scan.id)).all()
    grants = db.session.scalars(
        update(Grant).where(*_waiting_grants(event_id, giver_id), Grant.receiver_id == person_id)
        .values(answered_at=now).returning(Grant.id)).all()
    return bool(scans or grants)


def _waiting_scans(event_id: int, attendee_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Scan.event_id == event_id, Scan.scanned_id == attendee_id, Scan.settled_at.is_(None),
            Scan.undone_at.is_(None), Scan.declined_at.is_(None))


def _waiting_grants(event_id: int, attendee_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Grant.event_id == event_id, Grant.giver_id == attendee_id, Grant.asked_since.is_not(None),
            Grant.answered_at.is_(None), Grant.withdrawn_at.is_(None))
