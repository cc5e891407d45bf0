"""Who keeps whom away: the rows, the folded keys of wishes in advance, and the one look-up a scan takes along."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import ColumnElement, bindparam, delete, exists, literal, or_, select, update

from eventnet import clock, db
from eventnet.attendees import folding
from eventnet.attendees.models import Attendee
from eventnet.badges.models import Badge
from eventnet.db import BigId
from eventnet.encounters.models import BlindBlock, Block, Scan

KEYS = 5
"""A badge name and a registered name in two spellings each, and an address."""
OVERLAP = timedelta(minutes=5)
_blocks, _wishes, _badges = (t.__table__.c for t in (Block, BlindBlock, Badge))
_event: Any = bindparam("event", type_=BigId)


def name_keys(name: str) -> tuple[str, ...]:
    """A name as it is compared: folded, in two spellings (ä as a and as ae), whatever the order of its words."""
    lines = folding.search_text(name).split("\n")
    return tuple(dict.fromkeys(f"name:{words}" for line in lines if (words := _in_order(line))))


def email_key(email: str) -> str:
    return f"email:{folding.email_key(email)}"


def code_key(code: str) -> str:
    """`code` is normal already, see badges.codes."""
    return f"code:{code}"


def keys_of(badge_name: str, registered_name: str, email: str) -> tuple[str, ...]:
    """All keys of one person that wishes in advance may name, always as many as KEYS."""
    names = [*name_keys(badge_name)]
    if registered_name != badge_name:
        names += name_keys(registered_name)
    found = [*dict.fromkeys(names), *([email_key(email)] if email else [])]
    return tuple([*found, *[""] * KEYS][:KEYS])


def keeps_away(blocker: Any, blocked: Any, keys: Sequence[Any]) -> ColumnElement[bool]:
    """Whether one keeps the other away, by name or by a wish in advance: for a constant statement.

    Two look-ups in unique indexes; only who wished anything in advance costs more.
    """
    return or_(
        exists(select(_blocks.id).where(
            _blocks.event_id == _event, _blocks.blocker_id == blocker, _blocks.blocked_id == blocked)),
        exists(select(_wishes.id).where(
            _wishes.event_id == _event, _wishes.blocker_id == blocker,
            or_(_wishes.key.in_(keys), _wishes.other_key.in_(keys),
                exists(select(_badges.id).where(
                    _badges.event_id == _event, _badges.attendee_id == blocked,
                    literal("code:").concat(_badges.code) == _wishes.key))))))


def is_kept_away(event_id: int, blocker_id: int, blocked_id: int, keys: Sequence[str]) -> bool:
    """As keeps_away, asked by itself. `keys`: those of the blocked."""
    asked = keeps_away(literal(blocker_id), literal(blocked_id), [literal(key) for key in keys])
    return bool(db.connection().scalar(select(asked), {"event": event_id}))


def find(event_id: int, blocker_id: int, blocked_id: int) -> Block | None:
    """The block of one by the other."""
    found: Block | None = db.session.scalar(select(Block).where(
        Block.event_id == event_id, Block.blocker_id == blocker_id, Block.blocked_id == blocked_id))
    return found


def between(event_id: int, one_id: int, other_id: int) -> dict[int, dict[str, Any] | None]:
    """Who of two keeps the other away, each with what the other goes on seeing."""
    rows = db.connection().execute(_BETWEEN, {"event": event_id, "one": one_id, "other": other_id})
    return {row[0]: row[1] for row in rows}


def apart_from(event_id: int, attendee_id: int) -> set[int]:
    """Everybody this attendee keeps away, or is kept away by."""
    return {other for pair in pairs(event_id, [attendee_id]) for other in pair} - {attendee_id}


def pairs(event_id: int, attendee_ids: Collection[int] | None = None) -> set[tuple[int, int]]:
    """Pairs (lower id first) of whom one keeps the other away, at the whole event or around these attendees."""
    chosen = select(Block.blocker_id, Block.blocked_id).where(Block.event_id == event_id)
    if attendee_ids is not None:
        ids = sorted(attendee_ids)
        chosen = chosen.where(or_(Block.blocker_id.in_(ids), Block.blocked_id.in_(ids)))
    return {(min(row), max(row)) for row in map(tuple, db.session.execute(chosen))}


def put(event_id: int, blocker_id: int, blocked_id: int, *, takes_back: bool, seen: dict[str, Any] | None,
        is_named: bool) -> None:
    """Write a block, or change one; scans between the two that wait are seen by neither's other from now on."""
    now = clock.now()
    values = {"takes_back": takes_back, "seen": seen}
    db.session.execute(
        db.insert(Block).values(event_id=event_id, blocker_id=blocker_id, blocked_id=blocked_id, made_at=now,
                                named_at=now if is_named else None, **values)
        .on_conflict_do_update(index_elements=["event_id", "blocker_id", "blocked_id"],
                               set_={**values, **({"named_at": now} if is_named else {})}))
    db.session.execute(update(Scan).where(*_waiting(event_id, blocker_id, blocked_id)).values(blocked_at=now))


def remove(event_id: int, blocker_id: int, blocked_id: int) -> None:
    """Delete a block with what it kept; scans that waited wait in the open, unless the other side blocks as well."""
    db.session.execute(delete(Block).where(
        Block.event_id == event_id, Block.blocker_id == blocker_id, Block.blocked_id == blocked_id))
    if find(event_id, blocked_id, blocker_id) is None:
        db.session.execute(update(Scan).where(*_waiting(event_id, blocker_id, blocked_id)).values(blocked_at=None))


def new_matches(event_id: int, wishes: Iterable[BlindBlock]) -> set[tuple[int, int]]:
    """(blocker, blocked) that these wishes mean and that are no blocks yet, of people who came or changed lately.

    Addresses and codes are looked up whenever; names only among people who changed since the wish was looked at.
    """
    by_key: dict[str, set[int]] = {}
    codes: dict[str, set[int]] = {}
    since: datetime | None = None
    for wish in wishes:
        if wish.kind == "code":
            codes.setdefault(wish.key.removeprefix("code:"), set()).add(wish.blocker_id)
            continue
        for key in {wish.key, wish.other_key}:
            by_key.setdefault(key, set()).add(wish.blocker_id)
        since = min(since or wish.checked_at, wish.checked_at)
    found: set[tuple[int, int]] = set()
    if by_key and since is not None:
        for row in db.session.execute(select(
                Attendee.id, Attendee.badge_name, Attendee.registered_name, Attendee.email).where(
                Attendee.event_id == event_id, Attendee.changed_at >= since - OVERLAP)):
            for key in keys_of(row.badge_name, row.registered_name, row.email):
                found.update((blocker, row.id) for blocker in by_key.get(key, ()))
    if codes:
        for code, attendee_id in db.session.execute(select(Badge.code, Badge.attendee_id).where(
                Badge.event_id == event_id, Badge.code.in_(codes), Badge.attendee_id.is_not(None))):
            found.update((blocker, int(attendee_id or 0)) for blocker in codes[code])
    known = {(row[0], row[1]) for row in db.session.execute(select(Block.blocker_id, Block.blocked_id).where(
        Block.event_id == event_id, Block.blocker_id.in_({blocker for blocker, _ in found})))}
    return {pair for pair in found if pair[0] != pair[1]} - known


def first_matches(wish: BlindBlock) -> set[tuple[int, int]]:
    """(blocker, blocked) that a new wish means among everybody on the list; by words in the database, then exactly."""
    if wish.kind == "code":
        return new_matches(wish.event_id, [wish])
    chosen = select(Attendee.id, Attendee.badge_name, Attendee.registered_name, Attendee.email).where(
        Attendee.event_id == wish.event_id, Attendee.id != wish.blocker_id)
    if wish.kind == "email":
        chosen = chosen.where(Attendee.email_key == wish.key.removeprefix("email:"))
    else:
        chosen = chosen.where(or_(*(_has_words(key) for key in {wish.key, wish.other_key})))
    meant = {wish.key, wish.other_key}
    return {(wish.blocker_id, row.id) for row in db.session.execute(chosen)
            if meant & set(keys_of(row.badge_name, row.registered_name, row.email))}


def _has_words(key: str) -> ColumnElement[bool]:
    condition: ColumnElement[bool] = literal(True)
    for word in key.removeprefix("name:").split():
        condition &= Attendee.search_text.contains(word, autoescape=True)
    return condition


def _in_order(line: str) -> str:
    letters = "".join(char if char.isalnum() or not char.isascii() else " " for char in line)
    return " ".join(sorted(letters.split()))


def _waiting(event_id: int, one_id: int, other_id: int) -> tuple[ColumnElement[bool], ...]:
    return (Scan.event_id == event_id, Scan.settled_at.is_(None), Scan.undone_at.is_(None), or_(
        (Scan.scanner_id == one_id) & (Scan.scanned_id == other_id),
        (Scan.scanner_id == other_id) & (Scan.scanned_id == one_id)))


_BETWEEN = select(_blocks.blocker_id, _blocks.seen).where(
    _blocks.event_id == _event,
    or_((_blocks.blocker_id == bindparam("one")) & (_blocks.blocked_id == bindparam("other")),
        (_blocks.blocker_id == bindparam("other")) & (_blocks.blocked_id == bindparam("one"))))
