"""Looks up what the summaries of many readers of one event need, in a fixed number of statements."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence, Set
from dataclasses import dataclass
from typing import Any

from sqlalchemy import bindparam, exists, func, or_, select

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.cards.models import Attendance, Card
from eventnet.contacts import address_book
from eventnet.contacts.address_book import PersonMet
from eventnet.encounters import blocking
from eventnet.encounters.models import Block, Grant, Scan
from eventnet.events.models import ProgrammeItem
from eventnet.suggestions import ranking
from eventnet.suggestions.picks import Picks
from eventnet.summaries.models import Summary

CHUNK = 500


@dataclass(frozen=True)
class Gathered:
    """By attendee: the readers' rows and cards, their picks, whom they met (best first), and how many people wait
    for their yes. `facts` are rows about others, for sentences, and `items` the programme items where both a reader
    and somebody else said they were, each by whom they are about. `apart`: who keeps whom away, as pairs of ids."""

    readers: Mapping[int, tuple[Attendee, Card | None]]
    picks: Mapping[int, Picks]
    met: Mapping[int, list[PersonMet]]
    facts: Mapping[int, Any]
    items: Mapping[int, list[Any]]
    waiting: Mapping[int, int]
    apart: Set[tuple[int, int]] = frozenset()


def gather(event_id: int, reader_ids: Collection[int], *, depth: int | None = None) -> Gathered:
    """Everything for these readers, as of now. Seven statements (and those for picks that no campaign has settled).

    `depth`: of how many of the people each reader met, from the best on, more is asked than what they gave.
    """
    ids = sorted(reader_ids)
    readers = {row[0].id: (row[0], row[1]) for row in db.session.execute(_READERS, {"event": event_id, "ids": ids})}
    settled = {row.attendee_id: Picks.from_json(row.picks)
               for row in db.session.execute(_PICKS, {"event": event_id, "ids": ids})}
    picks = {one: settled.get(one) or ranking.for_attendee(event_id, one) for one in readers}
    met = address_book.books(event_id, list(readers))
    for one, people in met.items():
        _best_first(people, picks[one])
    others = {person.id for people in met.values() for person in people[:depth]}
    others |= {pick.attendee_id for picked in picks.values() for pick in picked.should_meet}
    facts = {row.id: row for row in _in_chunks(_FACTS, sorted(others), event=event_id)}
    items = defaultdict(list)
    for row in _in_chunks(_ITEMS, sorted(others | set(readers)), event=event_id, readers=ids):
        items[row.attendee_id].append(row)
    waiting = {row.me: row.people for row in db.session.execute(_WAITING, {"event": event_id, "ids": ids})}
    return Gathered(readers, picks, met, facts, items, waiting, blocking.pairs(event_id, ids))


def _best_first(people: list[PersonMet], picks: Picks) -> None:
    place_of = {pick.attendee_id: number for number, pick in enumerate(picks.follow_up)}
    # Who keeps the reader away stays in the list as they were seen, but nobody is sent to them.
    people.sort(key=lambda person: (person.is_frozen, place_of.get(person.id, len(place_of))))


def _in_chunks(statement: Any, ids: Sequence[int], **values: Any) -> list[Any]:
    """The rows about these ids, so many a statement as every database takes."""
    return [row for start in range(0, max(len(ids), 1), CHUNK)
            for row in db.session.execute(statement, {**values, "ids": ids[start:start + CHUNK]})]


# Made once: building a statement costs more than running it.
_event: Any = bindparam("event")
_ids: Any = bindparam("ids", expanding=True)
_readers: Any = bindparam("readers", expanding=True)
_READERS = (
    select(Attendee, Card)
    .outerjoin(Card, (Card.event_id == Attendee.event_id) & (Card.attendee_id == Attendee.id))
    .where(Attendee.event_id == _event, Attendee.id.in_(_ids)))
_PICKS = select(Summary.attendee_id, Summary.picks).where(Summary.event_id == _event, Summary.attendee_id.in_(_ids))
_FACTS = (
    select(Attendee.id, Attendee.badge_name, Attendee.title, Attendee.organization,
           (Attendee.not_taking_part_at.is_(None) & Attendee.removed_at.is_(None)).label("takes_part"),
           Card.suggest_me_at.is_not(None).label("ticked"), func.coalesce(Card.looking_for, "").label("looking_for"),
           func.coalesce(Card.offering, "").label("offering"), func.coalesce(Card.interests, "").label("interests"))
    .outerjoin(Card, (Card.event_id == Attendee.event_id) & (Card.attendee_id == Attendee.id))
    .where(Attendee.event_id == _event, Attendee.id.in_(_ids)))
_ITEMS = (
    select(Attendance.attendee_id, ProgrammeItem.id, ProgrammeItem.title, ProgrammeItem.starts_at,
           ProgrammeItem.ends_at)
    .join(ProgrammeItem, (ProgrammeItem.event_id == Attendance.event_id) & (ProgrammeItem.id == Attendance.item_id))
    .where(Attendance.event_id == _event, Attendance.attendee_id.in_(_ids), Attendance.item_id.in_(
        select(Attendance.item_id).where(Attendance.event_id == _event, Attendance.attendee_id.in_(_readers))))
    .order_by(ProgrammeItem.starts_at, ProgrammeItem.id))
# People who wait for a reader's yes: their card was never chosen, or they are asked each time.
_asked = (
    select(Grant.giver_id.label("me"), Grant.receiver_id.label("other"))
    .where(Grant.event_id == _event, Grant.giver_id.in_(_ids), Grant.withdrawn_at.is_(None),
           Grant.asked_since.is_not(None), Grant.answered_at.is_(None), ~exists().where(
               Block.event_id == Grant.event_id,
               or_((Block.blocker_id == Grant.giver_id) & (Block.blocked_id == Grant.receiver_id),
                   (Block.blocker_id == Grant.receiver_id) & (Block.blocked_id == Grant.giver_id))))
    .union(select(Scan.scanned_id, Scan.scanner_id).where(
        Scan.event_id == _event, Scan.scanned_id.in_(_ids), Scan.settled_at.is_(None), Scan.undone_at.is_(None),
        Scan.declined_at.is_(None), Scan.blocked_at.is_(None))).subquery())
_WAITING = select(_asked.c.me, func.count().label("people")).group_by(_asked.c.me)
