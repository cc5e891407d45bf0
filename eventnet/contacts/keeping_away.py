"""Keeps people away: one I know, or one I only name, silently or with my card taken back; and lifts it again."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Literal

from sqlalchemy import delete, exists, func, or_, select, update

from eventnet import clock, db
from eventnet.attendees import addresses, folding
from eventnet.attendees.models import Attendee
from eventnet.badges import codes
from eventnet.badges.codes import BadgeReference
from eventnet.cards import granting
from eventnet.cards.fields import FIELDS
from eventnet.contacts import address_book
from eventnet.contacts.address_book import PersonMet
from eventnet.encounters import blocking, finding, settling
from eventnet.encounters.models import BlindBlock, Block, Grant, Scan
from eventnet.errors import NotFound, Refusal
from eventnet.outbox import planning
from eventnet.words import gettext as _

Kind = Literal["name", "email", "code"]
MOST_WISHES = 50


@dataclass(frozen=True, slots=True)
class KeptAway:
    """Somebody I blocked, knowing who they are."""

    person_id: int
    name: str
    detail: str
    takes_back: bool
    since: datetime


def block(event_id: int, owner_id: int, person_id: int, *, takes_back: bool, is_named: bool = True) -> None:
    """Keep this person away. Silently: they keep what they saw, frozen. `takes_back`: they lose my card as well.

    Again is fine; a card that was taken back stays so. Raises NotFound for somebody who is not of this event.
    """
    # The blocked person's row is what their scans lock: each comes as a whole before the block or after it.
    people = finding.people([owner_id, person_id], locked=True)
    if owner_id == person_id or any(people[one].event_id != event_id for one in people) or len(people) < 2:
        raise NotFound
    settling.lock_pair(owner_id, person_id)
    before = blocking.find(event_id, owner_id, person_id)
    if takes_back:
        granting.take_back(event_id, owner_id, person_id, FIELDS, told=False, name_too=True)
    seen = address_book.find_person(event_id, person_id, owner_id)
    blocking.put(event_id, owner_id, person_id, seen=_frozen(seen) if seen is not None else None,
                 takes_back=takes_back or (before is not None and before.takes_back), is_named=is_named)
    planning.recompose(event_id, [owner_id, person_id])


def lift(event_id: int, owner_id: int, person_id: int) -> str:
    """Let somebody in again; returns their name. Scans that waited wait in the open. Raises NotFound.

    A card that was taken back stays so until the next swap. Where a wish in advance means them, too, they stay out.
    """
    settling.lock_pair(owner_id, person_id)
    found = blocking.find(event_id, owner_id, person_id)
    if found is None or found.named_at is None:
        raise NotFound
    blocking.remove(event_id, owner_id, person_id)
    _put_matches(event_id, _wishes(event_id, owner_id), is_first=True)
    planning.recompose(event_id, [owner_id, person_id])
    return db.session.scalars(select(Attendee.badge_name).where(
        Attendee.event_id == event_id, Attendee.id == person_id)).one()


def wish(event_id: int, owner_id: int, kind: Kind, typed: str, *, takes_back: bool) -> None:
    """Keep away whoever has this name, address or badge code, here already or coming later, all of them.

    Whether there is anybody is not told, by no answer. Raises Refusal (422) with `field` for what cannot be one.
    """
    keys = _keys(kind, typed)
    # One after the other, so that the limit holds.
    finding.people([owner_id], locked=True)
    count = db.session.scalar(select(func.count()).select_from(BlindBlock).where(
        BlindBlock.event_id == event_id, BlindBlock.blocker_id == owner_id)) or 0
    if count >= MOST_WISHES:
        raise Refusal(_("You named %(most)s people already. Lift one of them first.", most=MOST_WISHES),
                      status=422, reason="too_many", field="typed")
    now = clock.now()
    made = db.session.scalars(
        db.insert(BlindBlock).values(
            event_id=event_id, blocker_id=owner_id, kind=kind, typed=folding.clean(typed), key=keys[0],
            other_key=keys[-1], takes_back=takes_back, made_at=now, checked_at=now)
        .on_conflict_do_update(index_elements=["event_id", "blocker_id", "key"], set_={"takes_back": takes_back})
        .returning(BlindBlock)).one()
    _put_matches(event_id, [made], is_first=True)


def lift_wish(event_id: int, owner_id: int, wish_id: int) -> str:
    """Take a wish back, and with it all blocks it made; returns what was typed. Raises NotFound."""
    typed = db.session.scalars(
        delete(BlindBlock).where(BlindBlock.event_id == event_id, BlindBlock.blocker_id == owner_id,
                                 BlindBlock.id == wish_id).returning(BlindBlock.typed)).one_or_none()
    if typed is None:
        raise NotFound
    unnamed = db.session.scalars(select(Block.blocked_id).where(
        Block.event_id == event_id, Block.blocker_id == owner_id, Block.named_at.is_(None))
        .order_by(Block.blocked_id)).all()
    settling.lock_pairs((owner_id, person_id) for person_id in unnamed)
    for person_id in unnamed:
        blocking.remove(event_id, owner_id, person_id)
    _put_matches(event_id, _wishes(event_id, owner_id), is_first=True)
    planning.recompose(event_id, [owner_id, *unnamed])
    return typed


def named(event_id: int, owner_id: int) -> list[KeptAway]:
    """Whom this attendee blocked by name, the latest first; nobody whom only a wish in advance found."""
    rows = db.session.execute(
        select(Attendee.id, Attendee.badge_name, Attendee.title, Attendee.organization, Block.takes_back,
               Block.named_at)
        .join(Attendee, (Attendee.event_id == Block.event_id) & (Attendee.id == Block.blocked_id))
        .where(Block.event_id == event_id, Block.blocker_id == owner_id, Block.named_at.is_not(None))
        .order_by(Block.named_at.desc(), Block.id.desc()))
    return [KeptAway(row.id, row.badge_name, ", ".join(filter(None, (row.title, row.organization))), row.takes_back,
                     row.named_at) for row in rows]


def wishes(event_id: int, owner_id: int) -> list[BlindBlock]:
    """What this attendee named in advance, the latest first."""
    return sorted(_wishes(event_id, owner_id), key=lambda one: one.id, reverse=True)


def known_person(event_id: int, owner_id: int, person_id: int) -> Attendee:
    """Somebody of whom this attendee knows: by a scan of either, a grant, or a block. Raises NotFound for others."""
    def of(table: Any, one: str, other: str) -> Any:
        mine, theirs = getattr(table, one), getattr(table, other)
        return exists().where(table.event_id == event_id, or_(
            (mine == owner_id) & (theirs == Attendee.id), (mine == Attendee.id) & (theirs == owner_id)))

    found: Attendee | None = db.session.scalar(select(Attendee).where(
        Attendee.event_id == event_id, Attendee.id == person_id, Attendee.id != owner_id, or_(
            of(Scan, "scanner_id", "scanned_id"), of(Grant, "giver_id", "receiver_id"),
            exists().where(Block.event_id == event_id, Block.blocker_id == owner_id, Block.named_at.is_not(None),
                           Block.blocked_id == Attendee.id))))
    if found is None:
        raise NotFound
    return found


def person_of_badge(event_id: int, slug: str, owner_id: int, badge: str) -> Attendee:
    """Whose living badge this token or code is, for somebody who has it before them. Raises NotFound, also for one's
    own."""
    token, code = codes.normalize_token(badge), codes.normalize_code(badge)
    if token is not None:
        wanted: tuple[BadgeReference, str | None] = (BadgeReference("token", token), None)
    elif code is not None:
        wanted = (BadgeReference("code", code), slug)
    else:
        raise NotFound
    found = finding.badges([wanted]).get(wanted)
    person = found.person if found is not None and found.is_living and found.event_id == event_id else None
    if person is None or person.id == owner_id:
        raise NotFound
    return db.session.get_one(Attendee, person.id)


def match_wishes() -> int:
    """Block everybody whom a wish in advance means and who came, or changed their name, since; for the timetable."""
    by_event: dict[int, list[BlindBlock]] = {}
    for one in db.session.scalars(select(BlindBlock).order_by(BlindBlock.event_id, BlindBlock.id)):
        by_event.setdefault(one.event_id, []).append(one)
    return sum(_put_matches(event_id, found) for event_id, found in by_event.items())


def _put_matches(event_id: int, wished: Iterable[BlindBlock], *, is_first: bool = False) -> int:
    wished = list(wished)
    now = clock.now()
    if is_first:
        found = {pair for one in wished for pair in blocking.first_matches(one)}
    else:
        found = blocking.new_matches(event_id, wished)
    takes_back = {one.blocker_id for one in wished if one.takes_back}
    count = 0
    for owner_id, person_id in sorted(found):
        if blocking.find(event_id, owner_id, person_id) is None and finding.people([person_id]):
            block(event_id, owner_id, person_id, takes_back=owner_id in takes_back, is_named=False)
            count += 1
    if wished:
        db.session.execute(update(BlindBlock).where(BlindBlock.id.in_([one.id for one in wished]))
                           .values(checked_at=now))
    return count


def _wishes(event_id: int, owner_id: int) -> list[BlindBlock]:
    return list(db.session.scalars(select(BlindBlock).where(
        BlindBlock.event_id == event_id, BlindBlock.blocker_id == owner_id)))


def _keys(kind: Kind, typed: str) -> tuple[str, ...]:
    if kind == "email":
        address = addresses.email_address(typed)
        if address is None:
            raise Refusal(_("This is not an e-mail address. Check it for a typing mistake."), status=422,
                          reason="invalid", field="typed")
        return (blocking.email_key(address),)
    if kind == "code":
        code = codes.normalize_code(typed)
        if code is None:
            raise Refusal(_("This is not a badge code. Check its eight letters and digits."), status=422,
                          reason="invalid", field="typed")
        return (blocking.code_key(code),)
    keys = blocking.name_keys(folding.clean_name(typed))
    if not keys or not folding.has_letters(typed):
        raise Refusal(_("Type the name as it stands on a badge."), status=422, reason="invalid", field="typed")
    return keys


def _frozen(seen: PersonMet) -> dict[str, Any]:
    """What stays visible of a card: see address_book."""
    return {"values": seen.values, "given_name": seen.given_name, "family_name": seen.family_name,
            "journal": seen.journal, "card_changed_at": seen.card_changed_at.isoformat(),
            "changed_at": seen.changed_at.isoformat()}
