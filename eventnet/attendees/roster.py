"""The list of attendees of an event: add, change, find, remove and check in."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, and_, func, or_, select, update

from eventnet import clock, db
from eventnet.attendees import folding
from eventnet.attendees.models import CATEGORIES, Attendee, SignedInBrowser
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

NAMES = ("registered_name", "badge_name", "given_name", "family_name")
FIELDS = (*NAMES, "category", "title", "organization", "email", "phone", "linkedin", "website", "school", "programme",
          "class_year", "language")
ON_THE_BADGE = ("badge_name", "title", "organization", "category")
# Whose word wins over whose.
RANKS = {"import": 0, "desk": 1, "attendee": 2}
PAGE_SIZE = 50


@dataclass(frozen=True)
class Page:
    """One page of a list: its rows, how many there are in all, and where it is (numbers from 1)."""

    rows: Sequence[Attendee]
    total: int
    number: int
    size: int

    @property
    def pages(self) -> int:
        return max(1, -(-self.total // self.size))


@dataclass
class Change:
    """What a change did: fields that are different now, and fields that were kept, each with who set it."""

    attendee: Attendee
    changed: list[str] = field(default_factory=list)
    kept: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class CheckIn:
    """A check-in: `at` is the first one's time; `is_new` says whether this was it."""

    attendee: Attendee
    at: datetime
    is_new: bool


def cleaned(values: Mapping[str, str]) -> dict[str, str]:
    """Values as they are kept; names with 80 graphemes, the rest with 200. Raises Refusal for an unknown category."""
    clean = {name: folding.clean_name(value) if name in NAMES else folding.clean(value)
             for name, value in values.items() if name in FIELDS}
    if clean.get("category", "attendee") not in CATEGORIES:
        raise Refusal(_("%(category)s is no category. Choose attendee, speaker, sponsor or staff.",
                        category=clean["category"]), status=422, reason="category", field="category")
    return clean


def completed(values: Mapping[str, str]) -> dict[str, str]:
    """Cleaned values of a whole person plus what is computed from them: other names, keys for search and order."""
    row = {name: values.get(name, "") for name in FIELDS}
    row["category"] = row["category"] or "attendee"
    parts = folding.full_name(row["given_name"], row["family_name"])
    row["registered_name"] = row["registered_name"] or row["badge_name"] or folding.clean_name(parts)
    row["badge_name"] = row["badge_name"] or row["registered_name"]
    if not parts:
        row["given_name"], row["family_name"] = folding.split_name(row["registered_name"])
    row["email_key"] = folding.email_key(row["email"])
    row["sort_key"] = folding.sort_key(row["family_name"], row["given_name"])
    row["search_text"] = folding.search_text(
        row["registered_name"], row["badge_name"], row["email"], row["organization"])
    return row


def add(event_id: int, *, by: str = "desk", who: str = "", external_key: str | None = None, taking_part: bool = True,
        **values: str) -> Attendee:
    """Put a person on the list. `by` is "desk", "attendee" or "import"; raises Refusal (422) without a name."""
    given = cleaned(values)
    row = completed(given)
    if not folding.has_letters(row["registered_name"]):
        raise Refusal(_("A name is needed. Enter what should stand on the badge."), status=422, reason="name",
                      field="registered_name")
    now = clock.now()
    attendee = Attendee(
        event_id=event_id, external_key=external_key, made_at=now, changed_at=now,
        edits=edits_by(by, who, now, [name for name, value in given.items() if value]),
        not_taking_part_at=None if taking_part else now, **row)
    db.session.add(attendee)
    db.session.flush()
    _note("attendee.added", who, attendee)
    return attendee


def walk_in(event_id: int, values: Mapping[str, Any], who: str) -> Attendee:
    """Somebody who came without being on the list: added by the desk and checked in at once."""
    attendee = add(event_id, by="desk", who=who, **values)
    check_in(event_id, attendee.id, who)
    return attendee


def _note(act: str, who: str, attendee: Attendee, **about: Any) -> None:
    """One line in the audit log, when somebody is to answer for it (`who`: "organizer:3")."""
    if who:
        log.write(act, who, attendee.event_id, attendee=attendee.id, **about)


def edits_by(by: str, who: str, now: datetime, names: Sequence[str]) -> dict[str, Any]:
    """The memory of who set these fields. What an import set needs none: everybody's word wins over it."""
    if by == "import":
        return {}
    mark = {"by": by, "at": now.isoformat(timespec="seconds"), **({"who": who} if who else {})}
    return {name: dict(mark) for name in names}


def get(event_id: int, attendee_id: int, *, removed: bool = False) -> Attendee:
    """The attendee of this event; raises NotFound for anybody else's, and for removed ones unless asked for."""
    found: Attendee | None = db.session.scalar(
        select(Attendee).where(Attendee.event_id == event_id, Attendee.id == attendee_id))
    if found is None or (found.removed_at is not None and not removed):
        raise NotFound
    return found


def change(event_id: int, attendee_id: int, values: Mapping[str, str], by: str, who: str = "") -> Change:
    """Set fields of one person, as far as nobody with more say set them before.

    A field the attendee set stays against the desk and an import, one the desk set stays against an import;
    such fields are in `kept`. Raises NotFound, and Refusal (422) when no name would be left.
    """
    attendee = get(event_id, attendee_id)
    result = decide(attendee, cleaned(values), by)
    if not result.changed:
        return result
    wanted = cleaned({name: values[name] for name in result.changed})
    now = clock.now()
    for name, value in new_row(attendee, wanted, values.keys()).items():
        setattr(attendee, name, value)
    attendee.edits = {**attendee.edits, **edits_by(by, who, now, result.changed)}
    attendee.changed_at = now
    db.session.flush()
    _note("attendee.changed", who, attendee, fields=result.changed)
    return result


def decide(attendee: Attendee, values: Mapping[str, str], by: str) -> Change:
    """Which of these cleaned values would change something, and which may not; changes nothing."""
    result = Change(attendee)
    for name, value in values.items():
        if getattr(attendee, name) == value:
            continue
        setter = attendee.edits.get(name, {}).get("by", "import")
        if RANKS[setter] > RANKS[by]:
            result.kept[name] = setter
        else:
            result.changed.append(name)
    return result


def new_row(attendee: Attendee, changes: Mapping[str, str], given: Collection[str] = ()) -> dict[str, Any]:
    """All columns of a person after these cleaned changes; raises Refusal (422) when no name would be left.

    The names that were only ever derived from the registered name follow it, unless they are among `given`,
    the fields that somebody filled in or left as they were on purpose.
    """
    before = {name: getattr(attendee, name) for name in FIELDS}
    after = {**before, **changes}
    if "registered_name" in changes and "badge_name" not in (*given, *changes, *attendee.edits) and (
            before["badge_name"] == before["registered_name"]):
        after["badge_name"] = ""
    parts = (before["given_name"], before["family_name"])
    if "registered_name" in changes and not {"given_name", "family_name"} & {*changes, *attendee.edits} and (
            parts == folding.split_name(before["registered_name"])):
        after["given_name"] = after["family_name"] = ""
    row: dict[str, Any] = completed(after)
    if not folding.has_letters(row["registered_name"]) or not folding.has_letters(row["badge_name"]):
        raise Refusal(_("A name is needed. Enter what should stand on the badge."), status=422, reason="name",
                      field="registered_name")
    if attendee.email_key and row["email_key"] != attendee.email_key:
        # The activation link went to the old address, which may be a stranger's: it opens nothing any more.
        row["generation"] = attendee.generation + 1
    if any(row[name] != before[name] for name in ON_THE_BADGE):
        row["badge_text_at"] = clock.now()
    return row


def remove(event_id: int, attendee_id: int, who: str = "") -> Attendee:
    """Take a person off the list and sign all their browsers out; repeated, it changes nothing. See `restore`."""
    attendee = get(event_id, attendee_id, removed=True)
    if attendee.removed_at is None:
        attendee.removed_at = attendee.changed_at = clock.now()
        db.session.execute(
            update(SignedInBrowser)
            .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == attendee_id,
                   SignedInBrowser.revoked_at.is_(None))
            .values(revoked_at=attendee.removed_at))
        db.session.flush()
        _note("attendee.removed", who, attendee)
    return attendee


def restore(event_id: int, attendee_id: int, who: str = "") -> Attendee:
    """Undo `remove`: the person is back, and the browsers that were signed out by it are signed in again."""
    attendee = get(event_id, attendee_id, removed=True)
    if attendee.removed_at is not None:
        db.session.execute(
            update(SignedInBrowser)
            .where(SignedInBrowser.event_id == event_id, SignedInBrowser.attendee_id == attendee_id,
                   SignedInBrowser.revoked_at == attendee.removed_at)
            .values(revoked_at=None))
        attendee.removed_at = None
        attendee.changed_at = clock.now()
        db.session.flush()
        _note("attendee.restored", who, attendee)
    return attendee


def page(event_id: int, query: str = "", number: int = 1, size: int = PAGE_SIZE,
         also_ids: Sequence[int] = ()) -> Page:
    """One page of the list in name order; a number beyond the end gives the last page.

    Every word of `query` must occur in name, e-mail or organization. `also_ids` are people found another way
    (by badge code); they are part of the result.
    """
    matches = _matching(event_id, query, also_ids)
    total = db.session.scalar(select(func.count()).select_from(Attendee).where(*matches)) or 0
    number = max(1, min(number, -(-total // size)))
    # The order is read from the index alone; only the rows of this page are fetched.
    ids = (select(Attendee.id).where(*matches).order_by(Attendee.sort_key, Attendee.id)
           .limit(size).offset((number - 1) * size).subquery())
    rows = db.session.scalars(
        select(Attendee).join(ids, ids.c.id == Attendee.id).order_by(Attendee.sort_key, Attendee.id)).all()
    return Page(rows, total, number, size)


def _matching(event_id: int, query: str, also_ids: Sequence[int]) -> list[ColumnElement[bool]]:
    conditions = [Attendee.event_id == event_id, Attendee.removed_at.is_(None)]
    words = [Attendee.search_text.contains(word, autoescape=True) for word in folding.words_of(query)]
    if words and also_ids:
        return [*conditions, or_(Attendee.id.in_(also_ids), and_(*words))]
    return [*conditions, *words]


def everybody(event_id: int) -> Sequence[Attendee]:
    """All attendees of an event in name order."""
    return db.session.scalars(
        select(Attendee).where(Attendee.event_id == event_id, Attendee.removed_at.is_(None))
        .order_by(Attendee.sort_key, Attendee.id)).all()


def counts(event_id: int) -> dict[str, int]:
    """How many are on the list, checked in, activated, and not taking part."""
    row = db.session.execute(
        select(func.count(), func.count(Attendee.checked_in_at), func.count(Attendee.activated_at),
               func.count(Attendee.not_taking_part_at))
        .where(Attendee.event_id == event_id, Attendee.removed_at.is_(None))).one()
    return dict(zip(("all", "checked_in", "activated", "not_taking_part"), row, strict=True))


def check_in(event_id: int, attendee_id: int, who: str = "") -> CheckIn:
    """Note that the person came. A second time changes nothing and says when the first was."""
    now = clock.now()
    is_new = db.session.scalar(
        update(Attendee)
        .where(Attendee.event_id == event_id, Attendee.id == attendee_id, Attendee.removed_at.is_(None),
               Attendee.checked_in_at.is_(None))
        .values(checked_in_at=now).returning(Attendee.id).execution_options(synchronize_session=False)) is not None
    attendee = get(event_id, attendee_id)
    if is_new:
        db.session.refresh(attendee)
        _note("attendee.checked_in", who, attendee)
    assert attendee.checked_in_at is not None
    return CheckIn(attendee, attendee.checked_in_at, is_new)


def undo_check_in(event_id: int, attendee_id: int, who: str = "") -> Attendee:
    """The person did not come after all; repeated, it changes nothing."""
    attendee = get(event_id, attendee_id)
    if attendee.checked_in_at is not None:
        attendee.checked_in_at = None
        db.session.flush()
        _note("attendee.check_in_undone", who, attendee)
    return attendee


def set_taking_part(event_id: int, attendee_id: int, takes_part: bool, by: str = "desk", who: str = "") -> Attendee:
    """Whether the person takes part: those who do not have a badge without QR, no mail, and are never suggested.

    Only the fact and who set it; what follows from it is in participation.
    """
    attendee = get(event_id, attendee_id)
    if takes_part != (attendee.not_taking_part_at is None):
        now = clock.now()
        attendee.not_taking_part_at = None if takes_part else now
        attendee.edits = {**attendee.edits, **edits_by(by, who, now, ["takes_part"])}
        attendee.changed_at = attendee.badge_text_at = now
        db.session.flush()
    return attendee
