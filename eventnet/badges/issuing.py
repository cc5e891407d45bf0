"""Issues badges: one living badge an attendee, a new code when an old one must die, and who a code belongs to."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import ColumnElement, select, update

from eventnet import clock, db
from eventnet.attendees.models import Attendee
from eventnet.audit import log
from eventnet.badges import codes
from eventnet.badges.codes import BadgeReference
from eventnet.badges.models import Badge
from eventnet.errors import NotFound, Refusal
from eventnet.words import gettext as _

CHUNK = 500


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the list with the living badge. Whoever does not take part has one too, but it is not shown."""

    attendee: Attendee
    token: str
    code: str

    @property
    def attendee_id(self) -> int:
        return self.attendee.id

    @property
    def name(self) -> str:
        return self.attendee.badge_name

    @property
    def email(self) -> str:
        return self.attendee.email

    @property
    def takes_part(self) -> bool:
        return self.attendee.takes_part


def badge_of(event_id: int, attendee_id: int) -> Badge | None:
    """The living badge of an attendee; None before one was issued."""
    found: Badge | None = db.session.scalar(select(Badge).where(*_living(event_id, Badge.attendee_id == attendee_id)))
    return found


def issue(event_id: int, attendee_id: int) -> Badge:
    """The living badge of an attendee, made now if there was none. Raises NotFound for nobody of this event."""
    ensure(event_id, [attendee_id])
    found = badge_of(event_id, attendee_id)
    if found is None:
        raise NotFound
    return found


def ensure(event_id: int, attendee_ids: Collection[int]) -> int:
    """Give each of these attendees of the event a badge who has none; returns how many were made."""
    ids, made = sorted(set(attendee_ids)), 0
    for start in range(0, len(ids), CHUNK):
        made += _fill(event_id, Attendee.id.in_(ids[start:start + CHUNK]))
    return made


def issue_missing(event_id: int) -> int:
    """Give everybody on the list a badge who has none; returns how many were made."""
    return _fill(event_id)


def rotate(event_id: int, attendee_id: int, actor: str | None = None) -> Badge:
    """A new token and code; the old ones answer as unknown from now on. `actor` defaults to the attendee.

    Raises NotFound for nobody of this event.
    """
    _locked(event_id, attendee_id)
    _retire(event_id, attendee_id)
    log.write("badge.rotated", actor or f"attendee:{attendee_id}", event_id, attendee=attendee_id)
    return issue(event_id, attendee_id)


def make_blanks(event_id: int, count: int) -> Sequence[Badge]:
    """New badges that are nobody's yet, for people who come without being on the list."""
    made: list[Badge] = []
    while len(made) < count:
        rows = [{"event_id": event_id, "attendee_id": None, "token": codes.new_token(), "code": codes.new_code(),
                 "made_at": clock.now()} for _each in range(min(CHUNK, count - len(made)))]
        made += db.session.scalars(db.insert(Badge).values(rows).on_conflict_do_nothing().returning(Badge)).all()
    return made


def bind(event_id: int, attendee_id: int, reference: BadgeReference | None, actor: str) -> Badge:
    """Make a blank badge the living one of an attendee; an older badge of theirs stops working.

    Whoever wrote the name on it wrote today's, so from now on it counts as printed.

    Again with the same badge changes nothing. Raises NotFound for nobody of this event, and Refusal for somebody
    who does not take part, and for a badge that is unknown here (422), somebody's already or retired (409).
    """
    wearer = _locked(event_id, attendee_id)
    if not wearer.takes_part:
        raise Refusal(_("%(name)s does not take part: print them a badge without QR code instead.",
                        name=wearer.badge_name), reason="not_taking_part", field="code")
    blank = find(event_id, reference) if reference else None
    if blank is None:
        raise Refusal(_("No badge of this event has that code. Read it again: two groups of four, under the QR code."),
                      status=422, reason="unknown_badge", field="code")
    if blank.attendee_id == attendee_id and blank.retired_at is None:
        return blank
    _retire(event_id, attendee_id)
    bound = db.session.scalar(
        update(Badge).where(*_living(event_id, Badge.id == blank.id, Badge.attendee_id.is_(None)))
        .values(attendee_id=attendee_id, printed_at=clock.now()).returning(Badge.id)
        .execution_options(synchronize_session=False))
    if bound is None:
        raise Refusal(_("That badge belongs to somebody already. Take another blank one."), reason="not_blank",
                      field="code")
    db.session.refresh(blank)
    log.write("badge.bound", actor, event_id, attendee=attendee_id)
    return blank


def listed(event_id: int) -> list[Listed]:
    """Everybody on the list who has a badge, with its token and code, in name order."""
    rows = db.session.execute(
        select(Attendee, Badge.token, Badge.code)
        .join(Badge, (Badge.event_id == Attendee.event_id) & (Badge.attendee_id == Attendee.id)
              & Badge.retired_at.is_(None))
        .where(Attendee.event_id == event_id, Attendee.removed_at.is_(None))
        .order_by(Attendee.sort_key, Attendee.id))
    return [Listed(*row) for row in rows]


def find(event_id: int, reference: BadgeReference) -> Badge | None:
    """The badge of this event that a token or code refers to, retired ones too; None for an unknown one."""
    which = Badge.token == reference.value if reference.kind == "token" else Badge.code == reference.value
    found: Badge | None = db.session.scalar(select(Badge).where(Badge.event_id == event_id, which))
    return found


def find_by_token(token: str) -> Badge | None:
    """The badge with that token, of whatever event, retired ones too; None for a text that is no token or unknown."""
    canonical = codes.normalize_token(token)
    if canonical is None:
        return None
    found: Badge | None = db.session.scalar(select(Badge).where(Badge.token == canonical))
    return found


def _locked(event_id: int, attendee_id: int) -> Attendee:
    """The attendee's row is the lock: two taps at once make two badges one after the other, never two living ones."""
    known: Attendee | None = db.session.scalar(
        select(Attendee).where(Attendee.event_id == event_id, Attendee.id == attendee_id,
                               Attendee.removed_at.is_(None)).with_for_update())
    if known is None:
        raise NotFound
    return known


def _retire(event_id: int, attendee_id: int) -> None:
    db.session.execute(
        update(Badge).where(*_living(event_id, Badge.attendee_id == attendee_id)).values(retired_at=clock.now())
        .execution_options(synchronize_session=False))


def _living(event_id: int, *which: ColumnElement[bool]) -> tuple[ColumnElement[bool], ...]:
    return (Badge.event_id == event_id, Badge.retired_at.is_(None), *which)


def _fill(event_id: int, *which: ColumnElement[bool]) -> int:
    """A code that is taken, or a badge that somebody else issued meanwhile, is left out and looked at again."""
    made = 0
    for _attempt in range(10):
        without = db.session.scalars(
            select(Attendee.id).where(
                Attendee.event_id == event_id, Attendee.removed_at.is_(None), *which,
                Attendee.id.not_in(select(Badge.attendee_id).where(*_living(event_id, Badge.attendee_id.is_not(None)))))
            .order_by(Attendee.id)).all()
        if not without:
            break
        for start in range(0, len(without), CHUNK):
            rows: list[dict[str, Any]] = [
                {"event_id": event_id, "attendee_id": attendee_id, "token": codes.new_token(),
                 "code": codes.new_code(), "made_at": clock.now()} for attendee_id in without[start:start + CHUNK]]
            made += len(db.session.scalars(
                db.insert(Badge).values(rows).on_conflict_do_nothing().returning(Badge.id)).all())
    return made
