"""My address book at one event: whom I met, what they gave me, what I gave them, what I wrote down."""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, and_, case, func, or_, select
from sqlalchemy.orm import aliased

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.cards import fields
from eventnet.cards.models import Card
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Encounter, Grant
from eventnet.errors import NotFound

PAGE_SIZE = 50
_Mine = aliased(Grant, name="mine")
_Me = aliased(Attendee, name="me")
_MyCard = aliased(Card, name="my_card")


@dataclass(frozen=True, slots=True)
class PersonMet:
    """One person in my address book.

    `values` holds what I may see of their card now, by field ("name" always). `gave` and `got` name the fields
    that changed hands and have a value. `first_at` is empty when they took the meeting back and only the name
    stays with what I wrote. `is_asked`: they have no card yet, so I wait for more than the badge.
    """

    id: int
    name: str
    given_name: str
    family_name: str
    values: dict[str, str]
    gave: tuple[str, ...]
    got: tuple[str, ...]
    given_at: datetime
    is_asked: bool
    first_at: datetime | None
    last_at: datetime | None
    times: int
    i_scanned: bool
    they_scanned: bool
    note: str
    promise: str
    tags: tuple[str, ...]
    starred_at: datetime | None
    changed_at: datetime

    @property
    def title(self) -> str:
        return self.values.get("title", "")

    @property
    def organization(self) -> str:
        return self.values.get("organization", "")

    @property
    def detail(self) -> str:
        """Analyst, Analytical Engines: what stands below the name."""
        return ", ".join(part for part in (self.title, self.organization) if part)

    @property
    def has_words(self) -> bool:
        return bool(self.note or self.promise or self.tags or self.starred_at)


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an address book; `total` counts all that match."""

    people: list[PersonMet]
    total: int
    page: int
    pages: int


@dataclass(frozen=True, slots=True)
class Counts:
    """How many people are in my address book, scanned me, are starred, wait for what I promised."""

    people: int
    scanned_me: int
    starred: int
    promised: int


def people(event_id: int, owner_id: int, *, query: str = "", starred: bool = False, promised: bool = False,
           page: int = 1) -> Page:
    """Whom this attendee met, the latest first, 50 a page, in two queries.

    `query` is looked for in names, titles, organizations and my own words, in any script.
    """
    chosen = _of_owner(event_id, owner_id)
    if starred:
        chosen = chosen.where(Contact.starred_at.is_not(None))
    if promised:
        chosen = chosen.where(Contact.promise != "")
    return _page(chosen, query, page)


def scanned_me(event_id: int, owner_id: int, *, page: int = 1) -> Page:
    """Of these people those who scanned this attendee's badge, the latest first."""
    return _page(_of_owner(event_id, owner_id).where(_they_scanned(owner_id)), "", page)


def everyone(event_id: int, owner_id: int) -> list[PersonMet]:
    """The whole address book in one query, the latest first: for exports and summaries."""
    return [_person_met(row, owner_id) for row in db.session.execute(_latest_first(_of_owner(event_id, owner_id)))]


def find_person(event_id: int, owner_id: int, person_id: int) -> PersonMet | None:
    """One person of the address book, in one query."""
    row = db.session.execute(_of_owner(event_id, owner_id).where(Grant.giver_id == person_id)).first()
    return _person_met(row, owner_id) if row is not None else None


def person(event_id: int, owner_id: int, person_id: int) -> PersonMet:
    """One person of the address book; raises NotFound, the same for somebody not met and nobody at all."""
    found = find_person(event_id, owner_id, person_id)
    if found is None:
        raise NotFound
    return found


def counts(event_id: int, owner_id: int) -> Counts:
    """The numbers above the list, in one query."""
    row = db.session.execute(
        _joined(select(
            func.count(), func.coalesce(func.sum(case((_they_scanned(owner_id), 1), else_=0)), 0),
            func.count(Contact.starred_at), func.coalesce(func.sum(case((Contact.promise != "", 1), else_=0)), 0),
        ), event_id, owner_id)).one()
    return Counts(*(int(number) for number in row))


def _of_owner(event_id: int, owner_id: int) -> Select[Any]:
    chosen: Any = select(Grant, Attendee, Card, Encounter, Contact, _Mine, _Me, _MyCard)
    return _joined(chosen, event_id, owner_id)


def _joined(chosen: Select[Any], event_id: int, owner_id: int) -> Select[Any]:
    return (
        chosen.select_from(Grant)
        .join(Attendee, and_(Attendee.event_id == Grant.event_id, Attendee.id == Grant.giver_id))
        .outerjoin(Card, Card.attendee_id == Attendee.id)
        .outerjoin(Encounter, and_(
            Encounter.event_id == Grant.event_id,
            Encounter.low_id == case((Grant.giver_id < owner_id, Grant.giver_id), else_=owner_id),
            Encounter.high_id == case((Grant.giver_id < owner_id, owner_id), else_=Grant.giver_id)))
        .outerjoin(Contact, and_(Contact.event_id == Grant.event_id, Contact.owner_id == owner_id,
                                 Contact.person_id == Grant.giver_id))
        .outerjoin(_Mine, and_(_Mine.event_id == Grant.event_id, _Mine.giver_id == owner_id,
                               _Mine.receiver_id == Grant.giver_id, _Mine.withdrawn_at.is_(None)))
        .join(_Me, and_(_Me.event_id == Grant.event_id, _Me.id == Grant.receiver_id))
        .outerjoin(_MyCard, _MyCard.attendee_id == Grant.receiver_id)
        .where(Grant.event_id == event_id, Grant.receiver_id == owner_id, Grant.withdrawn_at.is_(None))
    )


def _they_scanned(owner_id: int) -> Any:
    return or_(and_(Grant.giver_id < owner_id, Encounter.low_scanned),
               and_(Grant.giver_id > owner_id, Encounter.high_scanned))


def _latest_first(chosen: Select[Any]) -> Select[Any]:
    return chosen.order_by(func.coalesce(Encounter.last_at, Grant.given_at).desc(), Grant.giver_id)


def _page(chosen: Select[Any], query: str, page: int) -> Page:
    if query.strip():
        # The engines fold case differently, and e-mail addresses that were not given must not be found:
        # one person's list is short enough to be searched here.
        rows = [row for row in db.session.execute(_latest_first(chosen)) if _matches(row, _folded(query).split())]
        page, pages = _within(page, len(rows))
        shown: Sequence[Any] = rows[(page - 1) * PAGE_SIZE:page * PAGE_SIZE]
        total = len(rows)
    else:
        total = db.session.scalar(select(func.count()).select_from(chosen.with_only_columns(Grant.id).subquery())) or 0
        page, pages = _within(page, total)
        shown = db.session.execute(
            _latest_first(chosen).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE)).all() if total else []
    return Page([_person_met(row, row[0].receiver_id) for row in shown], total, page, pages)


def _within(page: int, total: int) -> tuple[int, int]:
    pages = max(1, math.ceil(total / PAGE_SIZE))
    return min(max(1, page), pages), pages


def _matches(row: Any, words: list[str]) -> bool:
    attendee, contact = row[1], row[4]
    mine = (contact.note, contact.promise, *contact.tags) if contact is not None else ()
    text = _folded(" ".join((attendee.badge_name, attendee.title, attendee.organization, *mine)))
    return all(word in text for word in words)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _person_met(row: Any, owner_id: int) -> PersonMet:
    grant, attendee, card, encounter, contact, mine, me, my_card = row
    values = _seen(attendee, card, grant)
    their_low = attendee.id < owner_id
    return PersonMet(
        id=attendee.id, name=attendee.badge_name, given_name=attendee.given_name, family_name=attendee.family_name,
        values=values,
        gave=tuple(_seen(me, my_card, mine)) if mine else (), got=tuple(values), given_at=grant.given_at,
        is_asked=grant.asked_since is not None and grant.answered_at is None,
        first_at=encounter.first_at if encounter else None, last_at=encounter.last_at if encounter else None,
        times=encounter.times if encounter else 0,
        i_scanned=bool(encounter and (encounter.high_scanned if their_low else encounter.low_scanned)),
        they_scanned=bool(encounter and (encounter.low_scanned if their_low else encounter.high_scanned)),
        note=contact.note if contact else "", promise=contact.promise if contact else "",
        tags=tuple(contact.tags) if contact else (), starred_at=contact.starred_at if contact else None,
        changed_at=max(attendee.changed_at, grant.given_at,
                       card.changed_at if card else grant.given_at, contact.changed_at if contact else grant.given_at),
    )


def _seen(giver: Attendee, card: Card | None, grant: Grant) -> dict[str, str]:
    """What the receiver of a grant sees now: granted, still shared, and not empty."""
    if not giver.takes_part:
        return fields.visible(giver, ("name",))
    return fields.visible(giver, (field for field in fields.granted(card, grant.fields) if field in grant.fields))
