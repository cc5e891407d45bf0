"""My address book at one event: whom I met, what they gave me, what I gave them, what I wrote down."""

from __future__ import annotations

import json
import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

from sqlalchemy import ColumnElement, Select, Text, and_, bindparam, case, exists, func, or_, select, type_coerce
from sqlalchemy.orm import aliased

from eventnet import db
from eventnet.attendees.models import Attendee
from eventnet.cards import fields, receipts
from eventnet.cards.models import Block, Card, Grant
from eventnet.cards.receipts import Entry
from eventnet.contacts.models import Contact
from eventnet.encounters.models import Encounter
from eventnet.errors import NotFound

PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class PersonMet:
    """One person in my address book.

    `values` holds what I may see of their card now, by field ("name" always). `gave` and `got` name the fields
    that changed hands and have a value; `gave` is told only where one person is looked up. `first_at` is empty when
    they took the meeting back and only the name stays with what I wrote. `is_asked`: they have no card yet, so I wait
    for more than the badge. `card_changed_at` is of what they wrote, `changed_at` also of the swap and of my words.
    `journal` is of their grant to me, as text, see receipts. `has_left`: they took everything back, the name as well,
    and stand here only with what I wrote. `is_frozen`: they keep me away, so I see what I saw then, and nothing newer.
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
    card_changed_at: datetime
    changed_at: datetime
    journal: str = "[]"
    has_left: bool = False
    is_frozen: bool = False

    @property
    def received(self) -> list[Entry]:
        """What they gave me and took back when, as far as I may read it."""
        entries = receipts.read(self.journal) or [Entry("gave", self.given_at, self.got)]
        return receipts.for_receiver(entries, self.got)

    @property
    def taken_back(self) -> Entry | None:
        """What they took back last and told me."""
        return receipts.told_lately(receipts.read(self.journal)) if '"told"' in self.journal else None

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


def people(event_id: int, owner_id: int, *, query: str = "", kind: str = "", page: int = 1,
           counted: Counts | None = None) -> Page:
    """Whom this attendee met, the latest first, 50 a page, in two queries; in one with the numbers of `counted`.

    `query` is looked for in names, titles, organizations and my own words, in any script. `kind` is "starred",
    "promised" or all of them.
    """
    chosen = _BOOKS.where(_KINDS[kind]) if kind in _KINDS else _BOOKS
    total = getattr(counted, kind if kind in _KINDS else "people") if counted is not None else None
    return _page(chosen, event_id, owner_id, query, page, total)


def scanned_me(event_id: int, owner_id: int, *, page: int = 1) -> Page:
    """Of these people those who scanned this attendee's badge, the latest first."""
    return _page(_BOOKS.where(_they_scanned), event_id, owner_id, "", page)


def everyone(event_id: int, owner_id: int) -> list[PersonMet]:
    """The whole address book in one query, the latest first, without `gave`: for exports."""
    return books(event_id, [owner_id])[owner_id]


def books(event_id: int, owner_ids: Sequence[int]) -> dict[int, list[PersonMet]]:
    """The whole address books of these attendees by owner, each the latest first, without `gave`; one query."""
    found: dict[int, list[PersonMet]] = {owner_id: [] for owner_id in owner_ids}
    for row in db.session.execute(_LATEST_FIRST, {"event": event_id, "owners": list(owner_ids)}):
        found[row.owner_id].append(_person_met(row))
    return found


def holders(event_id: int, person_id: int) -> dict[int, PersonMet]:
    """This person as everybody sees them who has them in their address book, by owner; a statement per 500."""
    owners = sorted(db.session.scalars(select(Grant.receiver_id).where(
        Grant.event_id == event_id, Grant.giver_id == person_id)))
    statement = _BOOKS.where(Grant.giver_id == person_id)
    return {row.owner_id: _person_met(row) for start in range(0, len(owners), 500)
            for row in db.session.execute(statement, {"event": event_id, "owners": owners[start:start + 500]})}


def find_person(event_id: int, owner_id: int, person_id: int) -> PersonMet | None:
    """One person of the address book, with what I gave them, in two queries."""
    row = db.session.execute(_BOOKS.where(Grant.giver_id == person_id), _of(event_id, owner_id)).first()
    if row is None:
        return None
    mine = db.session.execute(_GIVEN, _of(event_id, person_id) | {"giver": owner_id}).first()
    return _person_met(row, tuple(_seen(mine)) if mine is not None else ())


def person(event_id: int, owner_id: int, person_id: int) -> PersonMet:
    """One person of the address book; raises NotFound, the same for somebody not met and nobody at all."""
    found = find_person(event_id, owner_id, person_id)
    if found is None:
        raise NotFound
    return found


def counts(event_id: int, owner_id: int) -> Counts:
    """The numbers above the list, in one query."""
    row = db.session.execute(_COUNTS, _of(event_id, owner_id)).one()
    return Counts(*(int(number) for number in row))


def _of(event_id: int, owner_id: int) -> dict[str, Any]:
    return {"event": event_id, "owners": [owner_id]}


def _page(chosen: Select[Any], event_id: int, owner_id: int, query: str, page: int, total: int | None = None) -> Page:
    of_owner = _of(event_id, owner_id)
    if query.strip():
        # The engines fold case differently, and e-mail addresses that were not given must not be found:
        # one person's list is short enough to be searched here.
        found = [person for row in db.session.execute(_latest_first(chosen), of_owner)
                 if _matches(person := _person_met(row), _folded(query).split())]
        page, pages = _within(page, len(found))
        return Page(found[(page - 1) * PAGE_SIZE:page * PAGE_SIZE], len(found), page, pages)
    if total is None:
        counted = select(func.count()).select_from(chosen.with_only_columns(Grant.id).subquery())
        total = db.session.scalar(counted, of_owner) or 0
    page, pages = _within(page, total)
    shown = db.session.execute(
        _latest_first(chosen).limit(PAGE_SIZE).offset((page - 1) * PAGE_SIZE), of_owner).all() if total else []
    return Page([_person_met(row) for row in shown], total, page, pages)


def _within(page: int, total: int) -> tuple[int, int]:
    pages = max(1, math.ceil(total / PAGE_SIZE))
    return min(max(1, page), pages), pages


def _matches(person: PersonMet, words: list[str]) -> bool:
    text = _folded(" ".join((person.name, person.title, person.organization, person.note, person.promise,
                             *person.tags)))
    return all(word in text for word in words)


def _folded(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def _person_met(row: Any, gave: tuple[str, ...] = ()) -> PersonMet:
    (owner_id, given_at, is_asked, first_at, last_at, times, low_scanned, high_scanned, note, promise, tags, starred_at,
     contact_changed_at, changed_at, card_changed_at, given_name, family_name, journal, grant_changed_at, has_left,
     frozen, person_id, *shown) = row
    values = _seen(shown)
    card_changed_at = max(changed_at, card_changed_at or changed_at)
    changed_at = max(card_changed_at, given_at, grant_changed_at or given_at)
    if frozen is not None:
        then = json.loads(frozen)
        # What they take off their card now goes, too; what they write or tick now does not come.
        values = {field: then["values"][field] for field in fields.FIELDS
                  if field in then["values"] and (field in values or field == "name")}
        given_name, family_name, journal = then["given_name"], then["family_name"], then["journal"]
        card_changed_at, changed_at = (datetime.fromisoformat(then[name]) for name in ("card_changed_at", "changed_at"))
    i_scanned, they_scanned = (high_scanned, low_scanned) if person_id < owner_id else (low_scanned, high_scanned)
    return PersonMet(
        person_id, values.get("name", ""), given_name, family_name, values, gave, tuple(values), given_at, is_asked,
        first_at, last_at, times or 0, bool(i_scanned), bool(they_scanned), note or "", promise or "",
        tuple(tags or ()), starred_at, card_changed_at, max(changed_at, contact_changed_at or changed_at), journal,
        has_left, frozen is not None)


def _seen(shown: Sequence[Any]) -> dict[str, str]:
    """What the receiver of a grant sees of its giver now: granted, still shared, and not empty. `shown` as _SHOWN."""
    ticks, has_agreed, granted, takes_part, *values = shown
    seen = _seen_fields(ticks, has_agreed, granted) if takes_part else frozenset(("name",))
    return {field: value for field, value in zip(fields.FIELDS, values, strict=True) if value and field in seen}


@lru_cache(maxsize=4096)
def _seen_fields(ticks: str | None, has_agreed: bool, granted: str) -> frozenset[str]:
    living = fields.with_badge(json.loads(ticks)) if ticks is not None and has_agreed else fields.BADGE_FIELDS
    return frozenset(fields.still_given(living, json.loads(granted)))


# Made once: building a statement costs more than running it. Columns and not rows of classes, since an address
# book is read for every mail.
_event: Any = bindparam("event")
_owners: Any = bindparam("owners", expanding=True)
_giver: Any = bindparam("giver")
_owner_id = Grant.receiver_id
_their_low = Grant.giver_id < _owner_id
_they_scanned = or_(and_(_their_low, Encounter.low_scanned), and_(~_their_low, Encounter.high_scanned))
_mine = aliased(Block)
_i_wrote = or_(Contact.note != "", Contact.promise != "", type_coerce(Contact.tags, Text) != "[]",
               Contact.starred_at.is_not(None))
_SHOWN: tuple[Any, ...] = (
    type_coerce(Card.shared, Text).label("ticks"), Card.agreed_at.is_not(None).label("has_agreed"),
    type_coerce(Grant.fields, Text).label("granted"),
    (Attendee.not_taking_part_at.is_(None) & Attendee.removed_at.is_(None)).label("takes_part"),
    *(Attendee.badge_name if field == "name" else getattr(Attendee, field) for field in fields.FIELDS))


def _joined(chosen: Select[Any]) -> Select[Any]:
    """Everybody in these address books: who gave their card, whom one met, what one wrote about them."""
    return (
        chosen.select_from(Grant)
        .join(Attendee, and_(Attendee.event_id == Grant.event_id, Attendee.id == Grant.giver_id))
        .outerjoin(Card, Card.attendee_id == Attendee.id)
        .outerjoin(Encounter, and_(
            Encounter.event_id == Grant.event_id,
            Encounter.low_id == case((_their_low, Grant.giver_id), else_=_owner_id),
            Encounter.high_id == case((_their_low, _owner_id), else_=Grant.giver_id)))
        .outerjoin(Contact, and_(Contact.event_id == Grant.event_id, Contact.owner_id == _owner_id,
                                 Contact.person_id == Grant.giver_id))
        # Whom I keep away is not in my list; who keeps me away, only as I saw them then.
        .outerjoin(Block, and_(Block.event_id == Grant.event_id, Block.blocker_id == Grant.giver_id,
                               Block.blocked_id == _owner_id))
        .where(or_(Block.id.is_(None), Block.seen.is_not(None)), ~exists().where(
            _mine.event_id == Grant.event_id, _mine.blocker_id == _owner_id, _mine.blocked_id == Grant.giver_id))
        # Who took everything back stays as a name where I wrote something about them.
        .where(Grant.event_id == _event, _owner_id.in_(_owners), or_(Grant.withdrawn_at.is_(None), _i_wrote))
    )


def _latest_first(chosen: Select[Any]) -> Select[Any]:
    return chosen.order_by(func.coalesce(Encounter.last_at, Grant.given_at).desc(), Grant.giver_id)


_chosen: Any = select(
    _owner_id.label("owner_id"), Grant.given_at,
    (Grant.asked_since.is_not(None) & Grant.answered_at.is_(None)).label("is_asked"),
    Encounter.first_at, Encounter.last_at, Encounter.times, Encounter.low_scanned, Encounter.high_scanned,
    Contact.note, Contact.promise, Contact.tags, Contact.starred_at, Contact.changed_at.label("contact_changed_at"),
    Attendee.changed_at, Card.changed_at.label("card_changed_at"), Attendee.given_name, Attendee.family_name,
    type_coerce(Grant.history, Text).label("journal"), Grant.changed_at.label("grant_changed_at"),
    Grant.withdrawn_at.is_not(None).label("has_left"), type_coerce(Block.seen, Text).label("frozen"),
    Attendee.id, *_SHOWN)
_BOOKS = _joined(_chosen)
_KINDS: dict[str, ColumnElement[bool]] = {"starred": Contact.starred_at.is_not(None), "promised": Contact.promise != ""}
_LATEST_FIRST = _latest_first(_BOOKS)
_GIVEN = (
    select(*_SHOWN).select_from(Grant)
    .join(Attendee, and_(Attendee.event_id == Grant.event_id, Attendee.id == Grant.giver_id))
    .outerjoin(Card, Card.attendee_id == Attendee.id)
    .where(Grant.event_id == _event, Grant.giver_id == _giver, Grant.receiver_id.in_(_owners),
           Grant.withdrawn_at.is_(None)))
_COUNTS = _joined(select(
    func.count(), func.coalesce(func.sum(case((_they_scanned, 1), else_=0)), 0),
    func.count(Contact.starred_at), func.coalesce(func.sum(case((Contact.promise != "", 1), else_=0)), 0)))
