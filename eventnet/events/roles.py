"""Roles: who organizes an event as what; change, remove, leave, and lift a lost second factor."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Select, exists, func, select, update

from eventnet import clock, db
from eventnet.accounts import browsers, factors
from eventnet.accounts.models import Organizer, SecondFactor
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events.models import ROLES, Event, EventRole, TeamInvitation
from eventnet.words import gettext as _


@dataclass(frozen=True)
class Member:
    """One person on the team of an event."""

    organizer_id: int
    name: str
    email: str
    role: str
    given_at: datetime
    signed_in_at: datetime | None
    has_factor: bool
    is_disabled: bool

    @property
    def shown(self) -> str:
        return self.name or self.email


def word(role: str) -> str:
    """What people call a role."""
    return {"owner": _("owner"), "manager": _("manager"), "desk": _("desk"), "viewer": _("viewer")}[role]


def team(event_id: int) -> Sequence[Member]:
    """Everybody with a role at the event: owners first, then by name."""
    has_factor = exists().where(SecondFactor.organizer_id == Organizer.id, SecondFactor.sealed.is_not(None))
    rows = db.session.execute(
        select(EventRole, Organizer, has_factor.label("has_factor"))
        .join(Organizer, Organizer.id == EventRole.organizer_id).where(EventRole.event_id == event_id)).all()
    last = browsers.last_sign_ins([organizer.id for _role, organizer, _has in rows]) if rows else {}
    members = [Member(who.id, who.name, who.email, role.role, role.given_at, last.get(who.id), bool(has),
                      who.disabled_at is not None) for role, who, has in rows]
    return sorted(members, key=lambda one: (-ROLES.index(one.role), one.shown.casefold(), one.organizer_id))


def owners(event_id: int, *, but: int = 0) -> int:
    """How many owners the event has (`but` one) who can sign in; two are enough, one is a risk."""
    return db.session.scalar(owner_number(event_id, but=but)) or 0


def owner_number(event_id: int, *, but: int = 0) -> Select[Any]:
    """SQL: owners, for one statement with other numbers."""
    return (
        select(func.count()).select_from(EventRole).join(Organizer, Organizer.id == EventRole.organizer_id)
        .where(EventRole.event_id == event_id, EventRole.role == "owner", EventRole.organizer_id != but,
               Organizer.disabled_at.is_(None)))


def change(event_id: int, organizer_id: int, role: str, by: str) -> Member:
    """Give somebody on the team another role; it holds from their next request on. Returns who they are now.

    Raises Refusal for the last owner and for a role that does not exist, NotFound for somebody not on the team.
    """
    if role not in ROLES:
        raise Refusal(_("Choose one of the roles."), status=422, reason="invalid", field="role")
    held = _held(event_id, organizer_id)
    old = held.role
    if old != role:
        if old == "owner":
            _check_not_last(event_id, organizer_id)
            _end_invitations_by(event_id, organizer_id)
        held.role, held.given_at = role, clock.now()
        log.write("team.role_changed", by, event_id, organizer_id=organizer_id, old=old, role=role)
        db.session.flush()
    return _member(event_id, organizer_id)


def remove(event_id: int, organizer_id: int, by: str) -> Member:
    """Take somebody off the team, at once; returns who they were. Raises Refusal for the last owner, NotFound."""
    member = _end(event_id, organizer_id)
    log.write("team.removed", by, event_id, organizer_id=organizer_id, role=member.role)
    db.session.flush()
    return member


def leave(event_id: int, organizer_id: int) -> None:
    """Go oneself. Raises Refusal for the last owner."""
    _end(event_id, organizer_id)
    log.write("team.left", f"organizer:{organizer_id}", event_id, organizer_id=organizer_id)
    db.session.flush()


def join(event_id: int, organizer_id: int, role: str) -> bool:
    """Put somebody on the team; False when they are on it already, in whatever role, which stays."""
    added = db.session.scalar(
        db.insert(EventRole)
        .values(event_id=event_id, organizer_id=organizer_id, role=role, given_at=clock.now())
        .on_conflict_do_nothing(index_elements=["event_id", "organizer_id"]).returning(EventRole.id))
    if added is not None:
        log.write("team.joined", f"organizer:{organizer_id}", event_id, organizer_id=organizer_id, role=role)
        db.session.flush()
    return added is not None


def lift_factor(event_id: int, organizer_id: int, by_organizer_id: int) -> Member:
    """An owner takes the lost second factor off somebody on the team, who is mailed. Returns who that is.

    Nobody gets hold of other events that way: unless both own this event, the other person may own none that the
    one who lifts does not own as well. Raises Refusal then, for oneself, and when there is no second factor.
    """
    held = _held(event_id, organizer_id)
    if organizer_id == by_organizer_id:
        raise Refusal(_("Your own second factor is in your account: there you turn it off or move it."), reason="self")
    if held.role != "owner" and _owned(organizer_id) - _owned(by_organizer_id):
        raise Refusal(_("They own another event that you do not. An owner of that event can lift it, or whoever runs "
                        "this server."), status=403, reason="owns_more")
    member = _member(event_id, organizer_id)
    if not factors.lift(organizer_id, f"organizer:{by_organizer_id}", event_id):
        raise Refusal(_("%(name)s has no second factor.", name=member.shown), reason="no_factor")
    return member


def _owned(organizer_id: int) -> set[int]:
    return set(db.session.scalars(select(EventRole.event_id).join(Event, Event.id == EventRole.event_id).where(
        EventRole.organizer_id == organizer_id, EventRole.role == "owner", Event.forgotten_at.is_(None))))


def _end(event_id: int, organizer_id: int) -> Member:
    held, member = _held(event_id, organizer_id), _member(event_id, organizer_id)
    if held.role == "owner":
        _check_not_last(event_id, organizer_id)
        _end_invitations_by(event_id, organizer_id)
    db.session.delete(held)
    db.session.flush()
    return member


def _end_invitations_by(event_id: int, organizer_id: int) -> None:
    """Who is no longer an owner has no invitations out any more."""
    db.session.execute(
        update(TeamInvitation)
        .where(TeamInvitation.event_id == event_id, TeamInvitation.invited_by == organizer_id,
               TeamInvitation.accepted_at.is_(None), TeamInvitation.revoked_at.is_(None))
        .values(revoked_at=clock.now()))


def _held(event_id: int, organizer_id: int) -> EventRole:
    """The role, with the event locked: two owners who remove each other at the same moment must not both succeed."""
    db.session.get(Event, event_id, with_for_update={"key_share": True})
    held = db.session.scalar(select(EventRole).where(
        EventRole.event_id == event_id, EventRole.organizer_id == organizer_id))
    if held is None:
        raise NotFound
    found: EventRole = held
    return found


def _member(event_id: int, organizer_id: int) -> Member:
    return next(one for one in team(event_id) if one.organizer_id == organizer_id)


def _check_not_last(event_id: int, organizer_id: int) -> None:
    if owners(event_id, but=organizer_id) < 1:
        raise Refusal(_("An event needs an owner, and this is the only one. Make somebody else owner first."),
                      reason="last_owner")
