"""Leaving: no more mail, not taking part at all, and both taken back."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select, update

from eventnet import clock, db, links
from eventnet.attendees import activation, roster
from eventnet.attendees.models import ApiToken, Attendee
from eventnet.audit import log
from eventnet.config import Settings
from eventnet.errors import Refusal
from eventnet.outbox import suppressing
from eventnet.outbox.models import Mail
from eventnet.words import gettext as _

PURPOSE = "participation"
UNDO_LASTS = timedelta(days=30)


def participation_token(secret: bytes, attendee: Attendee) -> str:
    """The token in every mail's "no more mail" link. It can only make things quieter, or undo that."""
    return links.signed_id(secret, PURPOSE, attendee.id, attendee.event_id)


def unsubscribe_url(settings: Settings, attendee: Attendee) -> str:
    """For the List-Unsubscribe header and "I do not want to take part"."""
    return f"{settings.base_url}/U/{participation_token(settings.secret_key, attendee)}"


def find_by_token(secret: bytes, token: str) -> Attendee | None:
    """Whose link this is; also of somebody who does not take part, since it is their way back."""
    number = links.number_in(token)
    attendee = db.session.get(Attendee, number) if number is not None else None
    if attendee is None or attendee.removed_at is not None:
        return None
    return attendee if links.is_signed(secret, token, PURPOSE, attendee.id, attendee.event_id) else None


def gets_mail(attendee: Attendee) -> bool:
    """Whether mail of this event still goes to them."""
    addresses = _addresses(attendee)
    return bool(addresses) and not any(
        suppressing.is_suppressed(attendee.event_id, address) for address in addresses)


def stop_mail(event_id: int, attendee_id: int) -> None:
    """No more mail of this event, to any address it was sent to for them; again is fine."""
    attendee = roster.get(event_id, attendee_id)
    new = [suppressing.suppress_address(event_id, address, "unsubscribed") for address in _addresses(attendee)]
    if any(new):
        log.write("attendee.mail_stopped", f"attendee:{attendee_id}", event_id)


def start_mail(event_id: int, attendee_id: int) -> None:
    """Take "no more mail" back; an address that bounced stays quiet only if the relay says so again."""
    attendee = roster.get(event_id, attendee_id)
    gone = [suppressing.lift(event_id, address) for address in _addresses(attendee)]
    if any(gone):
        log.write("attendee.mail_started", f"attendee:{attendee_id}", event_id)


def leave(event_id: int, attendee_id: int) -> None:
    """Not taking part: signed out everywhere, programs too, no mail; the badge answers as an unknown one."""
    attendee = roster.get(event_id, attendee_id)
    was_taking_part = attendee.not_taking_part_at is None
    roster.set_taking_part(event_id, attendee_id, False)
    activation.revoke_all(event_id, attendee_id)
    db.session.execute(
        update(ApiToken).where(ApiToken.event_id == event_id, ApiToken.attendee_id == attendee_id,
                               ApiToken.revoked_at.is_(None)).values(revoked_at=clock.now()))
    db.session.execute(
        update(Mail).where(Mail.event_id == event_id, Mail.attendee_id == attendee_id,
                           Mail.state.in_(("planned", "ready")))
        .values(state="cancelled", content=None, reply="not taking part", settled_at=clock.now()))
    if was_taking_part:
        log.write("attendee.not_taking_part", f"attendee:{attendee_id}", event_id)


def may_come_back(attendee: Attendee) -> bool:
    """For 30 days the same link undoes "not taking part"; after that the organizer does."""
    left_at = attendee.not_taking_part_at
    return left_at is not None and clock.now() < left_at + UNDO_LASTS


def come_back(event_id: int, attendee_id: int) -> None:
    """Undo `leave`: the activation link works again, browsers have to sign in anew. Raises Refusal after 30 days."""
    attendee = roster.get(event_id, attendee_id)
    if attendee.not_taking_part_at is None:
        return
    if not may_come_back(attendee):
        raise Refusal(_("That was more than 30 days ago. Write to the organizer if you want to take part again."),
                      reason="too_late")
    roster.set_taking_part(event_id, attendee_id, True)
    log.write("attendee.taking_part_again", f"attendee:{attendee_id}", event_id)


def _addresses(attendee: Attendee) -> list[str]:
    """The registered address, and those that mail for them really went to (a summary can have its own)."""
    sent_to = db.session.scalars(
        select(Mail.to_address).where(Mail.event_id == attendee.event_id, Mail.attendee_id == attendee.id,
                                      Mail.to_address.is_not(None)).distinct())
    return sorted({suppressing.folded(address) for address in (attendee.email, *sent_to) if address})
