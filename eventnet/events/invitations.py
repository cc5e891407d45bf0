"""Invitations to the team: mailed, bound to an address, accepted once by whoever signs in with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta

from sqlalchemy import select, update

from eventnet import clock, db, links
from eventnet.accounts import budgets, organizers
from eventnet.accounts.models import Organizer
from eventnet.audit import log
from eventnet.errors import NotFound, Refusal
from eventnet.events import calendar, roles
from eventnet.events.models import ROLES, Event, TeamInvitation
from eventnet.outbox import planning
from eventnet.words import gettext as _

PURPOSE, KIND = "team-invitation", "team_invitation"
LASTS = timedelta(days=7)
JUST_NOW = timedelta(minutes=1)  # a second click is not a second mail
MOST_A_DAY, MOST_MAILS = 50, 10


@dataclass(frozen=True)
class Invited:
    """An invitation whose link works, the event it leads to, and who has that address, if anybody."""

    invitation: TeamInvitation
    event: Event
    organizer: Organizer | None

    @property
    def needs_password(self) -> bool:
        return self.organizer is None or self.organizer.password_hash is None


def waiting(event_id: int) -> Sequence[TeamInvitation]:
    """Invitations that were neither accepted nor taken back, also those whose time is over; the newest first."""
    return db.session.scalars(
        select(TeamInvitation).where(
            TeamInvitation.event_id == event_id, TeamInvitation.accepted_at.is_(None),
            TeamInvitation.revoked_at.is_(None))
        .order_by(TeamInvitation.invited_at.desc(), TeamInvitation.id.desc())).all()


def invite(event_id: int, email: str, role: str, by_organizer_id: int) -> TeamInvitation:
    """Invite an address to a role, or invite it again to what is said now; plans the mail.

    It is the same for an address that is an organizer's and one that is nobody's. Raises Refusal with `field`.
    """
    if role not in ROLES:
        raise Refusal(_("Choose one of the roles."), status=422, reason="invalid", field="role")
    address = organizers.checked_address(email)
    on_team = next((one for one in roles.team(event_id) if one.email == address), None)
    if on_team is not None:
        raise Refusal(_("%(name)s is on the team already. Change the role in the list.", name=on_team.shown),
                      reason="on_team", field="email")
    db.session.get(Event, event_id, with_for_update={"key_share": True})
    now = clock.now()
    open_one = next((one for one in waiting(event_id) if one.email == address and one.is_open(now)), None)
    if open_one is not None:
        if open_one.role == role and open_one.mailed_at > now - JUST_NOW:
            return open_one
        open_one.role, open_one.invited_by = role, by_organizer_id
        return _mail_again(open_one, by_organizer_id)
    if not budgets.spend(f"team-invitations:{event_id}", MOST_A_DAY, timedelta(days=1)):
        raise Refusal(_("That is %(most)s invitations today. Go on tomorrow.", most=MOST_A_DAY), status=429,
                      reason="too_many", field="email")
    made = TeamInvitation(event_id=event_id, email=address, role=role, invited_by=by_organizer_id, invited_at=now,
                          mailed_at=now, mails=1, ends_at=now + LASTS)
    db.session.add(made)
    db.session.flush()
    _plan(made)
    log.write("team.invited", f"organizer:{by_organizer_id}", event_id, invitation_id=made.id, role=role)
    db.session.flush()
    return made


def send_again(event_id: int, invitation_id: int, by_organizer_id: int) -> TeamInvitation:
    """Mail the same link once more, good for another seven days. Raises Refusal, or NotFound when it is not open."""
    return _mail_again(_waiting_one(event_id, invitation_id), by_organizer_id)


def revoke(event_id: int, invitation_id: int, by_organizer_id: int) -> TeamInvitation:
    """Take an invitation back: its link is dead. Raises NotFound when it was accepted or taken back before."""
    found = _waiting_one(event_id, invitation_id)
    found.revoked_at = clock.now()
    planning.cancel(KIND, unique_key=_mail_key(found), reason=_("The invitation was taken back."))
    log.write("team.invitation_revoked", f"organizer:{by_organizer_id}", event_id, invitation_id=found.id)
    db.session.flush()
    return found


def token(secret: bytes, invitation: TeamInvitation) -> str:
    """The link's token."""
    return links.signed_id(secret, PURPOSE, invitation.id, invitation.email)


def address(base_url: str, secret: bytes, invitation: TeamInvitation) -> str:
    """Where the link leads."""
    return f"{base_url}/admin/invitation/{token(secret, invitation)}"


def get(secret: bytes, text: str) -> Invited:
    """The open invitation that a token proves; raises NotFound, the same for foreign, used, old and taken back."""
    number = links.number_in(text)
    found = db.session.get(TeamInvitation, number) if number is not None else None
    if found is None or not links.is_signed(secret, text, PURPOSE, found.id, found.email) or (
            not found.is_open(clock.now())):
        raise _gone()
    event = db.session.get_one(Event, found.event_id)
    calendar.check_is_kept(event)
    organizer = organizers.find(found.email)
    if (organizer is not None and organizer.disabled_at is not None) or _is_by_somebody_disabled(found.invited_by):
        raise _gone()
    return Invited(found, event, organizer)


def accept(invitation_id: int, organizer_id: int) -> bool:
    """The organizer with that address joins; False when they were on the team already, whose role stays.

    Raises NotFound when somebody was faster, the time is over, or the address is another one.
    """
    organizer = db.session.get_one(Organizer, organizer_id)
    now = clock.now()
    taken = db.session.execute(
        update(TeamInvitation)
        .where(TeamInvitation.id == invitation_id, TeamInvitation.email == organizer.email,
               TeamInvitation.accepted_at.is_(None), TeamInvitation.revoked_at.is_(None), TeamInvitation.ends_at > now)
        .values(accepted_at=now, accepted_by=organizer_id)
        .returning(TeamInvitation.event_id, TeamInvitation.role, TeamInvitation.invited_by)).one_or_none()
    if taken is None or organizer.disabled_at is not None or _is_by_somebody_disabled(taken.invited_by):
        raise _gone()
    return roles.join(taken.event_id, organizer_id, taken.role)


def accept_newly(invitation_id: int, name: str, password_hash: str) -> int:
    """As accept for an address that has no password yet: makes the organizer, who chose name and password.

    Returns the organizer's number. Raises NotFound as accept does, and when the address has a password by now.
    """
    found = db.session.get(TeamInvitation, invitation_id)
    if found is None:
        raise _gone()
    organizer = organizers.find(found.email)
    if organizer is None:
        organizer = organizers.add(found.email, name=name, password_hash=password_hash, by="visitor")
    elif organizer.password_hash is None and organizer.disabled_at is None:
        organizers.set_password(organizer.id, password_hash, f"organizer:{organizer.id}")
        if name:
            organizers.rename(organizer.id, name)
    else:
        raise _gone()
    accept(invitation_id, organizer.id)
    return organizer.id


def _mail_again(invitation: TeamInvitation, by_organizer_id: int) -> TeamInvitation:
    if invitation.mails >= MOST_MAILS:
        raise Refusal(_("That was mailed %(most)s times. Take it back, and ask them for another address.",
                        most=MOST_MAILS), status=429, reason="too_many", field="email")
    planning.cancel(KIND, unique_key=_mail_key(invitation), reason=_("It was sent anew."))
    invitation.mails += 1
    invitation.mailed_at = clock.now()
    invitation.ends_at = clock.now() + LASTS
    db.session.flush()
    _plan(invitation)
    log.write("team.invited_again", f"organizer:{by_organizer_id}", invitation.event_id, invitation_id=invitation.id)
    db.session.flush()
    return invitation


def _plan(invitation: TeamInvitation) -> None:
    planning.plan(KIND, _mail_key(invitation), event_id=invitation.event_id, subject_id=invitation.id, urgency=2)


def _mail_key(invitation: TeamInvitation) -> str:
    return f"invitation:{invitation.id}:{invitation.mails}"


def _waiting_one(event_id: int, invitation_id: int) -> TeamInvitation:
    found = db.session.scalar(
        select(TeamInvitation).where(
            TeamInvitation.event_id == event_id, TeamInvitation.id == invitation_id,
            TeamInvitation.accepted_at.is_(None), TeamInvitation.revoked_at.is_(None)).with_for_update())
    if found is None:
        raise NotFound(_("That invitation was accepted or taken back in the meantime."), reason="invitation_over")
    made: TeamInvitation = found
    return made


def _is_by_somebody_disabled(organizer_id: int) -> bool:
    return db.session.get_one(Organizer, organizer_id).disabled_at is not None


def _gone() -> NotFound:
    return NotFound(_("This invitation was used already, is too old, or was taken back. Sign in if you accepted it; "
                      "otherwise ask who invited you to send it again."), reason="invitation_over")
