"""What of my card reached whom: taken back, given again, or given later; each step stands in the grant's journal."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select, update

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.cards import fields as card_fields
from eventnet.cards import receipts
from eventnet.cards.fields import BADGE_FIELDS, CHOSEN_FIELDS, FIELDS
from eventnet.cards.models import Block, Card, Consent, Grant
from eventnet.cards.receipts import Entry
from eventnet.outbox import planning

NAME_ONLY = ["name"]
PAGE_SIZE = 50


@dataclass(frozen=True, slots=True)
class Given:
    """What one person has of me. `fields` are those they can still see, `may_give` those I share and they lack."""

    person_id: int
    name: str
    title: str
    organization: str
    fields: tuple[str, ...]
    may_give: tuple[str, ...]
    entries: tuple[Entry, ...]
    is_withdrawn: bool
    is_asked: bool

    @property
    def chosen(self) -> tuple[str, ...]:
        """Beyond the badge."""
        return tuple(name for name in self.fields if name in CHOSEN_FIELDS)


def given_to(event_id: int, giver_id: int, receiver_id: int) -> Given | None:
    """What one person has of me; None where I gave nothing, or they are not there any more."""
    found = _givens(event_id, giver_id, Grant.receiver_id == receiver_id)
    return found[0] if found else None


def givens(event_id: int, giver_id: int, page: int) -> tuple[list[Given], int]:
    """Who has something of me, 50 a page by name, and how many they are; what was undone is nobody's."""
    return (_givens(event_id, giver_id, Grant.withdrawn_at.is_(None), offset=(page - 1) * PAGE_SIZE, limit=PAGE_SIZE),
            count(event_id, giver_id))


def count(event_id: int, giver_id: int) -> int:
    """How many people have something of me."""
    return db.session.scalar(select(func.count()).select_from(Grant).where(
        *_of(event_id, giver_id), Grant.withdrawn_at.is_(None))) or 0


def settled(event_id: int, giver_id: int) -> list[Given]:
    """All people who have something of me, by name, but whom I keep away and who wait for an answer, or had a no."""
    return _givens(event_id, giver_id, Grant.withdrawn_at.is_(None), Grant.asked_since.is_(None), _NOT_KEPT_AWAY)


def take_back(event_id: int, giver_id: int, receiver_id: int, fields: Collection[str], *, told: bool,
              name_too: bool = False) -> tuple[str, ...]:
    """Take fields beyond the badge back from one person; returns which they had.

    `name_too`: everything; then I am gone from their list, but for the name where they wrote something about me.
    `told`: they read on my page what was taken back.
    """
    taken = _change(event_id, giver_id, _taking(fields, told=told, name_too=name_too), Grant.receiver_id == receiver_id)
    return taken.get(receiver_id, ())


def take_back_from_everybody(event_id: int, giver_id: int, fields: Collection[str] = CHOSEN_FIELDS, *, told: bool,
                             name_too: bool = False) -> int:
    """As take_back, from all people I gave something; returns from how many."""
    if not fields and not name_too:
        return 0
    return len(_change(event_id, giver_id, _taking(fields, told=told, name_too=name_too, everybody=True)))


def give(event_id: int, giver_id: int, receiver_ids: Collection[int], fields: Collection[str]) -> int:
    """Give people who have my badge more of what I share now; returns how many got something new.

    Only what is ticked on my card can be given, and only to whom I met: no grant, or one that waits for my answer,
    stays as it is. Whom I took everything from gets what the badge shows as well.
    """
    card = db.session.get(Card, giver_id)
    shared = card_fields.shared_now(card)
    wanted = [name for name in fields if name in shared]
    now = clock.now()

    def add(grant: Any) -> _Changed | None:
        if grant.asked_since is not None or not wanted:
            return None
        stands = [] if grant.withdrawn_at is not None else grant.fields
        if stands == NAME_ONLY:
            return None
        added = set(wanted) | (set() if stands else set(BADGE_FIELDS))
        new = tuple(name for name in FIELDS if name in added and name not in stands)
        return _Changed([name for name in FIELDS if name in stands or name in new], new,
                        receipts.written("added", now, new), {"withdrawn_at": None}) if new else None

    return len(_change(event_id, giver_id, add, Grant.receiver_id.in_(sorted(receiver_ids)), _NOT_KEPT_AWAY))


def give_asked(event_id: int, giver_id: int, receiver_id: int) -> bool:
    """Answer yes to somebody who has my badge and asked for the rest; False when they did not wait any more."""
    return bool(give_all_asked(event_id, giver_id, [receiver_id]))


def give_all_asked(event_id: int, giver_id: int, receiver_ids: Collection[int]) -> int:
    """As give_asked for many; returns how many of them waited."""
    now = clock.now()
    gives = list(card_fields.shared_now(db.session.get(Card, giver_id)))

    def answer(grant: Any) -> _Changed | None:
        if grant.asked_since is None or grant.answered_at is not None:
            return None
        new = tuple(name for name in gives if name not in grant.fields)
        line = receipts.written("added", now, new) if new else None
        return _Changed(gives, new, line, {"given_at": now, "asked_since": None, "answered_at": now})

    return len(_change(event_id, giver_id, answer, Grant.receiver_id.in_(sorted(receiver_ids)),
                       Grant.withdrawn_at.is_(None)))


def undo(event_id: int, giver_id: int, receiver_id: int, since: datetime) -> None:
    """Put a grant back to what it was before the swaps from `since` on; what was taken back meanwhile stays so."""
    now = clock.now()

    def revert(grant: Any) -> _Changed | None:
        entries = receipts.begun(grant.history, grant.fields, grant.given_at, grant.wording)
        left = receipts.replayed(entries, since)
        gone = [name for name in grant.fields if name not in left]
        if not left or not gone:
            return None
        return _Changed([name for name in grant.fields if name in left], tuple(gone),
                        receipts.written("undone", now, gone, told=True))

    _change(event_id, giver_id, revert, Grant.receiver_id == receiver_id)


def keep_name(event_id: int, giver_id: int, receiver_id: int) -> None:
    """The swap is undone and only the name stays, with what they wrote."""
    now = clock.now()

    def strip(grant: Any) -> _Changed:
        gone = [name for name in grant.fields if name not in NAME_ONLY]
        return _Changed(NAME_ONLY, tuple(gone), receipts.written("undone", now, gone, told=True),
                        {"asked_since": None, "answered_at": now})

    _change(event_id, giver_id, strip, Grant.receiver_id == receiver_id)


def still_offered(event_id: int, giver_id: int, offered: Sequence[str], since: datetime) -> list[str]:
    """Of what was offered by a scan that waited, what was not taken off the card after it."""
    gone = set(db.session.scalars(select(Consent.field).where(
        Consent.event_id == event_id, Consent.attendee_id == giver_id, Consent.withdrawn_at >= since)))
    return [name for name in offered if name not in gone]


@dataclass(frozen=True, slots=True)
class _Changed:
    """What becomes of one grant: its fields, those that are new or gone, a line of its journal, other columns."""

    fields: list[str]
    difference: tuple[str, ...]
    line: dict[str, Any] | None
    values: dict[str, Any] = field(default_factory=dict)


def _taking(fields: Collection[str], *, told: bool, name_too: bool,
            everybody: bool = False) -> Callable[[Any], _Changed | None]:
    now = clock.now()
    wanted = set(FIELDS) if name_too else set(fields) & set(CHOSEN_FIELDS)

    def take(grant: Any) -> _Changed | None:
        gone = tuple(name for name in grant.fields if name in wanted)
        if not gone or grant.withdrawn_at is not None or (grant.fields == NAME_ONLY and not name_too):
            return None
        line = receipts.written("took_back", now, gone, told=told, everybody=everybody)
        if name_too:
            return _Changed(NAME_ONLY, gone, line, {"withdrawn_at": now, "asked_since": None, "answered_at": now})
        return _Changed([name for name in grant.fields if name not in wanted], gone, line)

    return take


def _change(event_id: int, giver_id: int, change: Callable[[Any], _Changed | None],
            *which: ColumnElement[bool]) -> dict[int, tuple[str, ...]]:
    """Change these grants of mine, in the order of receivers; returns the difference by receiver.

    Mails that are written and wait are written anew, since they would tell what stood before.
    """
    now = clock.now()
    rows = db.session.execute(
        select(Grant.id, Grant.receiver_id, Grant.fields, Grant.history, Grant.given_at, Grant.wording,
               Grant.asked_since, Grant.answered_at, Grant.withdrawn_at)
        .where(*_of(event_id, giver_id), *which).order_by(Grant.receiver_id).with_for_update()).all()
    updates: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    differences: dict[int, tuple[str, ...]] = {}
    for row in rows:
        changed = change(row)
        if changed is None:
            continue
        history = row.history or [receipts.written("gave", row.given_at, row.fields, wording=row.wording)]
        values = {"id": row.id, "fields": changed.fields, "history": [*history, *filter(None, [changed.line])],
                  "changed_at": now, **changed.values}
        updates.setdefault(tuple(sorted(values)), []).append(values)
        differences[row.receiver_id] = changed.difference
    for same in updates.values():
        db.session.execute(update(Grant), same)
    if differences:
        planning.recompose(event_id, differences.keys())
    return differences


def _givens(event_id: int, giver_id: int, *which: ColumnElement[bool], offset: int = 0,
            limit: int | None = None) -> list[Given]:
    card = db.session.get(Card, giver_id)
    shared = card_fields.shared_now(card)
    rows = db.session.execute(
        select(Grant.receiver_id, Attendee.badge_name, Attendee.title, Attendee.organization, Grant.fields,
               Grant.history, Grant.given_at, Grant.wording, Grant.withdrawn_at, Grant.asked_since)
        .join(Attendee, (Attendee.event_id == Grant.event_id) & (Attendee.id == Grant.receiver_id))
        .where(*_of(event_id, giver_id), Attendee.removed_at.is_(None), *which)
        .order_by(Attendee.sort_key, Attendee.id).offset(offset).limit(limit)).all()
    return [Given(
        row.receiver_id, row.badge_name, row.title, row.organization,
        () if row.withdrawn_at else card_fields.still_given(shared, row.fields),
        tuple(name for name in shared if name not in row.fields or row.withdrawn_at is not None),
        tuple(receipts.begun(row.history, row.fields, row.given_at, row.wording)), row.withdrawn_at is not None,
        row.asked_since is not None) for row in rows]


def _of(event_id: int, giver_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Grant.event_id == event_id, Grant.giver_id == giver_id)


_NOT_KEPT_AWAY = ~exists(select(Block.id).where(
    Block.event_id == Grant.event_id, Block.blocker_id == Grant.giver_id, Block.blocked_id == Grant.receiver_id))
